/* Reads algorithms of cuBLASLt into choices, which ranks exchange. */
#include "kernels/cuda/product/product_algorithm.h"

#include <string.h>

_Static_assert(sizeof(cublasLtMatmulAlgo_t) == GD_PRODUCT_WORDS * sizeof(uint64_t),
               "an algorithm is kept in as many words as cuBLASLt's");

/* Attributes are of 2 or 4 bytes. */
static cublasStatus_t read_number(const cublasLtMatmulAlgo_t *algorithm,
                                  cublasLtMatmulAlgoConfigAttributes_t name, size_t bytes, int32_t *value)
{
    uint16_t small = 0;
    size_t written = 0;
    if (bytes == sizeof *value)
        return cublasLtMatmulAlgoConfigGetAttribute(algorithm, name, value, bytes, &written);
    const cublasStatus_t status =
        cublasLtMatmulAlgoConfigGetAttribute(algorithm, name, &small, bytes, &written);
    *value = small;
    return status;
}

static cublasStatus_t read_flags(const cublasLtMatmulAlgo_t *algorithm, bool *tensor_cores)
{
    uint64_t flags = 0;
    size_t written = 0;
    const cublasStatus_t status = cublasLtMatmulAlgoCapGetAttribute(
        algorithm, CUBLASLT_ALGO_CAP_NUMERICAL_IMPL_FLAGS, &flags, sizeof flags, &written);
    *tensor_cores = flags & CUBLASLT_NUMERICAL_IMPL_FLAGS_TENSOR_OP_MASK;
    return status;
}

cublasStatus_t gd_product_read(const cublasLtMatmulAlgo_t *algorithm, gd_product_choice *choice)
{
    *choice = (gd_product_choice){.version = (int64_t)cublasLtGetVersion()};
    memcpy(choice->words, algorithm, sizeof choice->words);
    const struct {
        cublasLtMatmulAlgoConfigAttributes_t name;
        size_t bytes;
        int32_t *value;
    } numbers[] = {
        {CUBLASLT_ALGO_CONFIG_ID, 4, &choice->algorithm},
        {CUBLASLT_ALGO_CONFIG_TILE_ID, 4, &choice->tile},
        {CUBLASLT_ALGO_CONFIG_SPLITK_NUM, 4, &choice->splits},
        {CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME, 4, &choice->reduction},
        {CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING, 4, &choice->swizzle},
        {CUBLASLT_ALGO_CONFIG_CUSTOM_OPTION, 4, &choice->option},
        {CUBLASLT_ALGO_CONFIG_STAGES_ID, 4, &choice->stages},
        {CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID, 2, &choice->inner},
        {CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID, 2, &choice->cluster},
    };
    cublasStatus_t status = read_flags(algorithm, &choice->tensor_cores);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && status == CUBLAS_STATUS_SUCCESS; i++)
        status = read_number(algorithm, numbers[i].name, numbers[i].bytes, numbers[i].value);
    return status;
}

bool gd_product_in_one_run(const gd_product_choice *choice)
{
    return choice->splits <= 1 && choice->reduction == CUBLASLT_REDUCTION_SCHEME_NONE;
}
