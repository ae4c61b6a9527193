/* Asks cuBLASLt's heuristics for algorithms, and leaves out those whose sums depend on more than the shape.
 */
#include "kernels/cuda/product/product_search.h"

#include "kernels/cuda/product/product_algorithm.h"
#include "kernels/cuda/product/product_descriptor.h"
#include "kernels/cuda/product/product_state.h"
#include "kernels/cuda/product/product_text.h"

enum { ASKED = 16 };

static cublasStatus_t prefer(cublasLtMatmulPreference_t preference)
{
    const uint64_t workspace = GD_PRODUCT_WORKSPACE, sums = ~CUBLASLT_NUMERICAL_IMPL_FLAGS_ACCUMULATOR_16F;
    const uint32_t reduction = CUBLASLT_REDUCTION_SCHEME_NONE, alignment = GD_PRODUCT_ALIGNMENT;
    const struct {
        cublasLtMatmulPreferenceAttributes_t name;
        const void *value;
        size_t bytes;
    } wanted[] = {
        {CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace, sizeof workspace},
        {CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &reduction, sizeof reduction},
        {CUBLASLT_MATMUL_PREF_IMPL_MASK, &sums, sizeof sums},
        {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, &alignment, sizeof alignment},
        {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, &alignment, sizeof alignment},
        {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, &alignment, sizeof alignment},
        {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, &alignment, sizeof alignment},
    };
    cublasStatus_t status = CUBLAS_STATUS_SUCCESS;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && status == CUBLAS_STATUS_SUCCESS; i++)
        status = cublasLtMatmulPreferenceSetAttribute(preference, wanted[i].name, wanted[i].value,
                                                      wanted[i].bytes);
    return status;
}

static cublasStatus_t ask(const gd_products *products, const gd_product_descriptors *made,
                          cublasLtMatmulHeuristicResult_t *results, int *count)
{
    cublasLtMatmulPreference_t preference = NULL;
    cublasStatus_t status = cublasLtMatmulPreferenceCreate(&preference);
    if (status == CUBLAS_STATUS_SUCCESS)
        status = prefer(preference);
    if (status == CUBLAS_STATUS_SUCCESS)
        status =
            cublasLtMatmulAlgoGetHeuristic(products->handle, made->product, made->weights, made->source,
                                           made->result, made->result, preference, ASKED, results, count);
    if (preference)
        (void)cublasLtMatmulPreferenceDestroy(preference);
    return status;
}

static bool is_usable(const cublasLtMatmulHeuristicResult_t *result, gd_product_choice *choice)
{
    if (result->state != CUBLAS_STATUS_SUCCESS || result->workspaceSize > GD_PRODUCT_WORKSPACE ||
        gd_product_read(&result->algo, choice) != CUBLAS_STATUS_SUCCESS || !gd_product_in_one_run(choice))
        return false;
    choice->workspace = (int64_t)result->workspaceSize;
    return true;
}

/* Those on tensor cores first. */
static int32_t keep(const cublasLtMatmulHeuristicResult_t *results, int found, gd_product_choice *choices,
                    int32_t capacity)
{
    int32_t count = 0;
    for (int turn = 0; turn < 2; turn++) {
        for (int r = 0; r < found && count < capacity; r++) {
            gd_product_choice choice;
            if (is_usable(&results[r], &choice) && choice.tensor_cores == (turn == 0))
                choices[count++] = choice;
        }
    }
    return count;
}

gd_status gd_product_candidates(const gd_products *products, const gd_product_shape *shape,
                                gd_product_choice *choices, int32_t capacity, int32_t *count, gd_error *error)
{
    char text[GD_PRODUCT_TEXT_MAX];
    cublasLtMatmulHeuristicResult_t results[ASKED];
    gd_product_descriptors made;
    int found = 0;
    *count = 0;
    gd_product_descriptors_make(shape, &made);
    cublasStatus_t status = made.status;
    if (status == CUBLAS_STATUS_SUCCESS)
        status = ask(products, &made, results, &found);
    gd_product_descriptors_free(&made);
    if (status == CUBLAS_STATUS_SUCCESS)
        *count = keep(results, found, choices, capacity);
    if (status == CUBLAS_STATUS_SUCCESS || status == CUBLAS_STATUS_NOT_SUPPORTED)
        return GD_OK;
    gd_product_shape_text(shape, text, sizeof text);
    return gd_fail(error, GD_BACKEND,
                   "cuBLASLt cannot be asked for the %s (status %d): report it with the log, and build with "
                   "-DGD_CUBLASLT=OFF",
                   text, (int)status);
}
