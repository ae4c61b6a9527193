/* The algorithms that the stand-in's cuBLASLt offers: invented, but each has what a real one has. One splits
 * the sums, one needs no tensor cores; those of clusters run from compute capability 9.0 on alone. */
#include "standin/cublaslt_internal.h"

#include <string.h>

/* How the eight words of an algorithm are used here. */
typedef struct algorithm {
    uint64_t magic, flags;
    int32_t id, tile, splits, reduction, swizzle, option, stages, inner, cluster, alignment;
    uint32_t workspace, check; /* the sum of all other bytes: words that were changed are no algorithm */
} algorithm;

_Static_assert(sizeof(algorithm) == sizeof(cublasLtMatmulAlgo_t), "fills the words");

static const uint64_t ours = 0x6764706c74616c67u;
static const uint64_t on_tensor_cores =
    CUBLASLT_NUMERICAL_IMPL_FLAGS_HMMA | CUBLASLT_NUMERICAL_IMPL_FLAGS_ACCUMULATOR_32F;
static const uint64_t on_others =
    CUBLASLT_NUMERICAL_IMPL_FLAGS_FMA | CUBLASLT_NUMERICAL_IMPL_FLAGS_ACCUMULATOR_32F;
static const uint64_t in_half =
    CUBLASLT_NUMERICAL_IMPL_FLAGS_HMMA | CUBLASLT_NUMERICAL_IMPL_FLAGS_ACCUMULATOR_16F;

static uint32_t check_of(const algorithm *a)
{
    const unsigned char *bytes = (const unsigned char *)a;
    uint32_t sum = 1;
    for (size_t i = 0; i < offsetof(algorithm, check); i++)
        sum = sum * 31 + bytes[i];
    return sum;
}

static bool read_algorithm(const cublasLtMatmulAlgo_t *given, algorithm *a)
{
    memcpy(a, given, sizeof *a);
    return a->magic == ours && a->check == check_of(a);
}

static int capability(void)
{
    int device = 0, major = 0;
    if (cudaGetDevice(&device) != cudaSuccess ||
        cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) != cudaSuccess)
        return 0;
    return major;
}

/* Best first, as heuristics would say. */
static int list(const gd_lt_problem *p, algorithm found[5])
{
    const bool clusters = capability() >= 9;
    const int32_t tile = p->m <= 64 ? CUBLASLT_MATMUL_TILE_64x128 : CUBLASLT_MATMUL_TILE_128x128;
    const int32_t id = clusters ? 66 : 21,
                  stages = clusters ? CUBLASLT_MATMUL_STAGES_64xAUTO : CUBLASLT_MATMUL_STAGES_64x3,
                  cluster = clusters ? CUBLASLT_CLUSTER_SHAPE_2x1x1 : CUBLASLT_CLUSTER_SHAPE_AUTO;
    algorithm plain = {.magic = ours,
                       .flags = on_tensor_cores,
                       .id = id,
                       .tile = tile,
                       .splits = 1,
                       .stages = stages,
                       .cluster = cluster};
    int count = 0;
    found[count] = plain;
    found[count].splits = 3;
    found[count].reduction = CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
    found[count++].workspace = 1 << 20;
    found[count] = plain;
    found[count++].flags = in_half;
    found[count] = plain;
    found[count].flags = on_others;
    found[count].cluster = 0;
    found[count++].id = 0;
    found[count++] = plain;
    found[count] = plain;
    found[count].swizzle = 1;
    found[count++].tile = CUBLASLT_MATMUL_TILE_128x256;
    return count;
}

static bool wanted(const algorithm *a, const gd_lt_preference *preference, gd_value_type type)
{
    const uint64_t sums = a->flags & CUBLASLT_NUMERICAL_IMPL_FLAGS_ACCUMULATOR_TYPE_MASK;
    return a->workspace <= preference->workspace && (sums & preference->flags) == sums &&
           (a->reduction & ~(int32_t)preference->reduction) == 0 &&
           (a->flags != in_half || type == GD_VALUE_F16);
}

/* An algorithm may need whatever alignment it was promised. */
static int32_t promised(const gd_lt_preference *preference)
{
    uint32_t least = preference->alignment[0];
    for (int i = 1; i < 4; i++)
        if (preference->alignment[i] < least)
            least = preference->alignment[i];
    return (int32_t)least;
}

cublasStatus_t __wrap_cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t product,
                                                     cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                                     cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                                     cublasLtMatmulPreference_t preference, int asked,
                                                     cublasLtMatmulHeuristicResult_t *results, int *count)
{
    static const char who[] = "cublasLtMatmulAlgoGetHeuristic";
    const gd_lt_preference *limits = gd_lt_preference_of(who, preference);
    gd_lt_problem problem;
    algorithm found[5];
    *count = 0;
    if (gd_standin_injected(who))
        return CUBLAS_STATUS_NOT_SUPPORTED;
    if (asked < 1 || !limits || gd_lt_device_of(who, handle) < 0 ||
        !gd_lt_problem_of(who, product, a, b, c, d, &problem))
        return CUBLAS_STATUS_INVALID_VALUE;
    const int known = list(&problem, found);
    for (int i = 0; i < known && *count < asked; i++) {
        if (!wanted(&found[i], limits, problem.type))
            continue;
        found[i].alignment = promised(limits);
        found[i].check = check_of(&found[i]);
        cublasLtMatmulHeuristicResult_t *result = &results[(*count)++];
        memset(result, 0, sizeof *result);
        memcpy(&result->algo, &found[i], sizeof found[i]);
        result->workspaceSize = found[i].workspace;
        result->state = CUBLAS_STATUS_SUCCESS;
    }
    return *count > 0 ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
}

bool gd_lt_algorithm_of(const cublasLtMatmulAlgo_t *given, const gd_lt_problem *problem, int64_t *alignment,
                        int64_t *workspace, cublasStatus_t *status)
{
    algorithm a;
    *status = CUBLAS_STATUS_INVALID_VALUE;
    if (!read_algorithm(given, &a))
        return false;
    *alignment = a.alignment;
    *workspace = a.workspace;
    *status = CUBLAS_STATUS_ARCH_MISMATCH;
    if ((a.id == 66) != (capability() >= 9) && a.id != 0)
        return false;
    /* Narrow tiles are for results of few rows. */
    *status = CUBLAS_STATUS_NOT_SUPPORTED;
    if (a.tile == CUBLASLT_MATMUL_TILE_64x128 && problem->m > 64)
        return false;
    *status = CUBLAS_STATUS_SUCCESS;
    return true;
}

cublasStatus_t __wrap_cublasLtMatmulAlgoCheck(cublasLtHandle_t handle, cublasLtMatmulDesc_t product,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              const cublasLtMatmulAlgo_t *given,
                                              cublasLtMatmulHeuristicResult_t *result)
{
    static const char who[] = "cublasLtMatmulAlgoCheck";
    gd_lt_problem problem;
    int64_t alignment = 0, workspace = 0;
    cublasStatus_t status = CUBLAS_STATUS_INVALID_VALUE;
    if (gd_standin_injected(who))
        return CUBLAS_STATUS_NOT_SUPPORTED;
    if (gd_lt_device_of(who, handle) < 0 || !gd_lt_problem_of(who, product, a, b, c, d, &problem) ||
        !gd_lt_algorithm_of(given, &problem, &alignment, &workspace, &status))
        return status;
    memset(result, 0, sizeof *result);
    result->workspaceSize = (size_t)workspace;
    result->state = CUBLAS_STATUS_SUCCESS;
    return CUBLAS_STATUS_SUCCESS;
}

static cublasStatus_t give(const void *from, size_t size, void *value, size_t bytes, size_t *written)
{
    if (!value || bytes != size)
        return CUBLAS_STATUS_INVALID_VALUE;
    memcpy(value, from, size);
    *written = size;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t __wrap_cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t *given,
                                                           cublasLtMatmulAlgoConfigAttributes_t name,
                                                           void *value, size_t bytes, size_t *written)
{
    algorithm a;
    if (!read_algorithm(given, &a))
        return CUBLAS_STATUS_INVALID_VALUE;
    const uint16_t inner = (uint16_t)a.inner, cluster = (uint16_t)a.cluster;
    switch (name) {
    case CUBLASLT_ALGO_CONFIG_ID:
        return give(&a.id, 4, value, bytes, written);
    case CUBLASLT_ALGO_CONFIG_TILE_ID:
        return give(&a.tile, 4, value, bytes, written);
    case CUBLASLT_ALGO_CONFIG_SPLITK_NUM:
        return give(&a.splits, 4, value, bytes, written);
    case CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME:
        return give(&a.reduction, 4, value, bytes, written);
    case CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING:
        return give(&a.swizzle, 4, value, bytes, written);
    case CUBLASLT_ALGO_CONFIG_CUSTOM_OPTION:
        return give(&a.option, 4, value, bytes, written);
    case CUBLASLT_ALGO_CONFIG_STAGES_ID:
        return give(&a.stages, 4, value, bytes, written);
    case CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID:
        return give(&inner, 2, value, bytes, written);
    case CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID:
        return give(&cluster, 2, value, bytes, written);
    }
    return CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t __wrap_cublasLtMatmulAlgoCapGetAttribute(const cublasLtMatmulAlgo_t *given,
                                                        cublasLtMatmulAlgoCapAttributes_t name, void *value,
                                                        size_t bytes, size_t *written)
{
    algorithm a;
    if (!read_algorithm(given, &a))
        return CUBLAS_STATUS_INVALID_VALUE;
    if (name == CUBLASLT_ALGO_CAP_NUMERICAL_IMPL_FLAGS)
        return give(&a.flags, sizeof a.flags, value, bytes, written);
    gd_standin_fail("cublasLtMatmulAlgoCapGetAttribute: the stand-in does not know attribute %d", (int)name);
    return CUBLAS_STATUS_INVALID_VALUE;
}
