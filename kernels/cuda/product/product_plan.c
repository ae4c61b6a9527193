/* Makes plans of products from choices, and runs them. */
#include "kernels/cuda/product/product_plan.h"

#include "kernels/cuda/product/product_algorithm.h"
#include "kernels/cuda/product/product_descriptor.h"
#include "kernels/cuda/product/product_state.h"
#include "kernels/cuda/product/product_text.h"

#include <stdlib.h>
#include <string.h>

struct gd_product_plan {
    gd_product_shape shape;
    cublasLtMatmulAlgo_t algorithm;
    gd_product_descriptors made; /* owned */
};

static gd_status refused(const gd_product_shape *shape, const gd_product_choice *choice, const char *cause,
                         gd_error *error)
{
    char shape_text[GD_PRODUCT_TEXT_MAX], choice_text[GD_PRODUCT_TEXT_MAX], version[32];
    gd_product_shape_text(shape, shape_text, sizeof shape_text);
    if (!gd_product_choice_text(choice, choice_text, sizeof choice_text))
        choice_text[0] = '\0';
    gd_products_version(version, sizeof version);
    /* Without the words, in which nobody reads anything. */
    const char *end = strstr(choice_text, " as ");
    return gd_fail(
        error, GD_BACKEND,
        "cuBLASLt %s on this device cannot do the %s by %.*s (%s): run on the kind of device and the "
        "version of cuBLASLt that chose it, or start afresh",
        version, shape_text, end ? (int)(end - choice_text) : 0, choice_text, cause);
}

/* What this device says of the algorithm; NULL: it runs as it was chosen. */
static const char *objection(const gd_products *products, const gd_product_plan *plan,
                             const gd_product_choice *choice)
{
    gd_product_choice here;
    cublasLtMatmulHeuristicResult_t result;
    char text[GD_PRODUCT_TEXT_MAX], chosen[GD_PRODUCT_TEXT_MAX];
    if (choice->version != (int64_t)cublasLtGetVersion())
        return "another version chose it";
    if (gd_product_read(&plan->algorithm, &here) != CUBLAS_STATUS_SUCCESS)
        return "it is no algorithm";
    here.workspace = choice->workspace;
    if (!gd_product_choice_text(&here, text, sizeof text) ||
        !gd_product_choice_text(choice, chosen, sizeof chosen) || strcmp(text, chosen) != 0)
        return "it is another algorithm here";
    if (!gd_product_in_one_run(choice))
        return "it sums in parts";
    if (cublasLtMatmulAlgoCheck(products->handle, plan->made.product, plan->made.weights, plan->made.source,
                                plan->made.result, plan->made.result, &plan->algorithm,
                                &result) != CUBLAS_STATUS_SUCCESS)
        return "it is not for this product";
    if (choice->workspace > GD_PRODUCT_WORKSPACE || result.workspaceSize > (size_t)choice->workspace)
        return "it needs more workspace here";
    return NULL;
}

gd_status gd_product_plan_create(const gd_products *products, const gd_product_shape *shape,
                                 const gd_product_choice *choice, gd_product_plan **plan, gd_error *error)
{
    gd_product_plan *made = calloc(1, sizeof *made);
    *plan = NULL;
    if (!made)
        return gd_no_memory(error, "a product");
    made->shape = *shape;
    memcpy(&made->algorithm, choice->words, sizeof made->algorithm);
    gd_product_descriptors_make(shape, &made->made);
    const char *cause = made->made.status == CUBLAS_STATUS_SUCCESS ? objection(products, made, choice)
                                                                   : "it cannot be described";
    if (cause) {
        gd_product_plan_free(made);
        return refused(shape, choice, cause, error);
    }
    *plan = made;
    return GD_OK;
}

void gd_product_plan_free(gd_product_plan *plan)
{
    if (!plan)
        return;
    gd_product_descriptors_free(&plan->made);
    free(plan);
}

gd_status gd_product_plan_run(const gd_products *products, const gd_product_plan *plan, const void *weights,
                              const void *bias, const void *source, void *result, void *mask,
                              cudaStream_t stream, gd_error *error)
{
    const float one = 1, before = plan->shape.sum ? 1 : 0;
    const gd_product_descriptors *d = &plan->made;
    cublasStatus_t status = gd_product_descriptors_point(d, &plan->shape, bias, mask);
    if (status == CUBLAS_STATUS_SUCCESS)
        status =
            cublasLtMatmul(products->handle, d->product, &one, weights, d->weights, source, d->source,
                           &before, result, d->result, result, d->result, &plan->algorithm, NULL, 0, stream);
    if (status == CUBLAS_STATUS_SUCCESS)
        return GD_OK;
    char text[GD_PRODUCT_TEXT_MAX];
    gd_product_shape_text(&plan->shape, text, sizeof text);
    return gd_fail(
        error, GD_BACKEND,
        "cuBLASLt did not start the %s (status %d): run again with --backend cpu, or report it with the "
        "log",
        text, (int)status);
}
