/* Handles and descriptors of the stand-in's cuBLASLt. */
#include "standin/cublaslt_internal.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t product_alive = 0x6764706c74647363u, matrix_alive = 0x6764706c746c6179u,
                      preference_alive = 0x6764706c74707266u, handle_alive = 0x6764706c7468646cu;
static const char kind[] = "cuBLASLt descriptor", handle_kind[] = "cuBLASLt handle";

typedef struct handle {
    uint64_t magic;
    int device;
} handle;

int gd_lt_device_of(const char *who, cublasLtHandle_t given)
{
    const handle *found = (const handle *)(const void *)given;
    if (found && found->magic == handle_alive)
        return found->device;
    gd_standin_fail("%s: %p is not a living handle", who, (void *)given);
    return -1;
}

cublasStatus_t __wrap_cublasLtCreate(cublasLtHandle_t *given)
{
    int device;
    if (gd_standin_injected("cublasLtCreate") || cudaGetDevice(&device) != cudaSuccess)
        return CUBLAS_STATUS_NOT_INITIALIZED;
    handle *made = malloc(sizeof *made);
    if (!made)
        return CUBLAS_STATUS_ALLOC_FAILED;
    *made = (handle){handle_alive, device};
    gd_standin_made(handle_kind, made);
    *given = (cublasLtHandle_t)(void *)made;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t __wrap_cublasLtDestroy(cublasLtHandle_t given)
{
    gd_standin_gone(handle_kind, (void *)given);
    if (gd_lt_device_of("cublasLtDestroy", given) < 0)
        return CUBLAS_STATUS_INVALID_VALUE;
    ((handle *)(void *)given)->magic = 0;
    free((void *)given);
    return CUBLAS_STATUS_SUCCESS;
}

size_t __wrap_cublasLtGetVersion(void)
{
    return CUBLAS_VER_MAJOR * 10000 + CUBLAS_VER_MINOR * 100 + CUBLAS_VER_PATCH;
}

/* Every descriptor begins with its magic. */
static bool alive(const char *who, const void *descriptor, uint64_t magic)
{
    if (descriptor && memcmp(descriptor, &magic, sizeof magic) == 0)
        return true;
    gd_standin_fail("%s: %p is not a living descriptor of its kind", who, descriptor);
    return false;
}

/* NULL: there is no memory, or the call was told to fail. */
static void *make(const char *who, const void *initial, size_t bytes)
{
    void *made = gd_standin_injected(who) ? NULL : malloc(bytes);
    if (!made)
        return NULL;
    memcpy(made, initial, bytes);
    gd_standin_made(kind, made);
    return made;
}

static cublasStatus_t destroy(const char *who, void *descriptor, uint64_t magic)
{
    gd_standin_gone(kind, descriptor);
    if (!alive(who, descriptor, magic))
        return CUBLAS_STATUS_INVALID_VALUE;
    memset(descriptor, 0, sizeof magic);
    free(descriptor);
    return CUBLAS_STATUS_SUCCESS;
}

const gd_lt_product *gd_lt_product_of(const char *who, cublasLtMatmulDesc_t product)
{
    return alive(who, product, product_alive) ? (const gd_lt_product *)(const void *)product : NULL;
}

const gd_lt_matrix *gd_lt_matrix_of(const char *who, cublasLtMatrixLayout_t matrix)
{
    return alive(who, matrix, matrix_alive) ? (const gd_lt_matrix *)(const void *)matrix : NULL;
}

const gd_lt_preference *gd_lt_preference_of(const char *who, cublasLtMatmulPreference_t preference)
{
    return alive(who, preference, preference_alive) ? (const gd_lt_preference *)(const void *)preference
                                                    : NULL;
}

/* The attributes that can be set: where each lies in its descriptor. */
typedef struct attribute {
    int name;
    size_t at, bytes;
} attribute;

#define IN(type, name, member)                                                                               \
    {                                                                                                        \
        name, offsetof(type, member), sizeof(((type *)0)->member)                                            \
    }

static cublasStatus_t set(const char *who, void *descriptor, const attribute *known, size_t count, int name,
                          const void *value, size_t bytes)
{
    for (size_t i = 0; i < count; i++) {
        if (known[i].name != name)
            continue;
        if (!value || bytes != known[i].bytes)
            return CUBLAS_STATUS_INVALID_VALUE;
        memcpy((char *)descriptor + known[i].at, value, bytes);
        return CUBLAS_STATUS_SUCCESS;
    }
    gd_standin_fail("%s: the stand-in does not know attribute %d", who, name);
    return CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t __wrap_cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *made, cublasComputeType_t sums,
                                               cudaDataType_t scale)
{
    const gd_lt_product initial = {.magic = product_alive,
                                   .sums = sums,
                                   .scale = scale,
                                   .turn_a = CUBLAS_OP_N,
                                   .turn_b = CUBLAS_OP_N,
                                   .epilogue = CUBLASLT_EPILOGUE_DEFAULT};
    *made = make("cublasLtMatmulDescCreate", &initial, sizeof initial);
    return *made ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_ALLOC_FAILED;
}

cublasStatus_t __wrap_cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t product)
{
    return destroy("cublasLtMatmulDescDestroy", product, product_alive);
}

cublasStatus_t __wrap_cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t product,
                                                     cublasLtMatmulDescAttributes_t name, const void *value,
                                                     size_t bytes)
{
    static const attribute known[] = {
        IN(gd_lt_product, CUBLASLT_MATMUL_DESC_TRANSA, turn_a),
        IN(gd_lt_product, CUBLASLT_MATMUL_DESC_TRANSB, turn_b),
        IN(gd_lt_product, CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue),
        IN(gd_lt_product, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias),
        IN(gd_lt_product, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, mask),
        IN(gd_lt_product, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, mask_pitch),
        IN(gd_lt_product, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE, mask_line),
    };
    static const char who[] = "cublasLtMatmulDescSetAttribute";
    return alive(who, product, product_alive)
               ? set(who, product, known, sizeof known / sizeof *known, (int)name, value, bytes)
               : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t __wrap_cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *made, cudaDataType_t type,
                                                 uint64_t rows, uint64_t cols, int64_t pitch)
{
    const gd_lt_matrix initial = {.magic = matrix_alive,
                                  .type = type,
                                  .rows = rows,
                                  .cols = cols,
                                  .pitch = pitch,
                                  .order = CUBLASLT_ORDER_COL,
                                  .count = 1};
    *made = make("cublasLtMatrixLayoutCreate", &initial, sizeof initial);
    return *made ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_ALLOC_FAILED;
}

cublasStatus_t __wrap_cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t matrix)
{
    return destroy("cublasLtMatrixLayoutDestroy", matrix, matrix_alive);
}

cublasStatus_t __wrap_cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t matrix,
                                                       cublasLtMatrixLayoutAttribute_t name,
                                                       const void *value, size_t bytes)
{
    static const attribute known[] = {
        IN(gd_lt_matrix, CUBLASLT_MATRIX_LAYOUT_ORDER, order),
        IN(gd_lt_matrix, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, count),
        IN(gd_lt_matrix, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, line),
    };
    static const char who[] = "cublasLtMatrixLayoutSetAttribute";
    return alive(who, matrix, matrix_alive)
               ? set(who, matrix, known, sizeof known / sizeof *known, (int)name, value, bytes)
               : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t __wrap_cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *made)
{
    const gd_lt_preference initial = {.magic = preference_alive,
                                      .flags = UINT64_MAX,
                                      .reduction = CUBLASLT_REDUCTION_SCHEME_MASK,
                                      .alignment = {256, 256, 256, 256}};
    *made = make("cublasLtMatmulPreferenceCreate", &initial, sizeof initial);
    return *made ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_ALLOC_FAILED;
}

cublasStatus_t __wrap_cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference)
{
    return destroy("cublasLtMatmulPreferenceDestroy", preference, preference_alive);
}

cublasStatus_t __wrap_cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                           cublasLtMatmulPreferenceAttributes_t name,
                                                           const void *value, size_t bytes)
{
    static const attribute known[] = {
        IN(gd_lt_preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, workspace),
        IN(gd_lt_preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, reduction),
        IN(gd_lt_preference, CUBLASLT_MATMUL_PREF_IMPL_MASK, flags),
        IN(gd_lt_preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignment[0]),
        IN(gd_lt_preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignment[1]),
        IN(gd_lt_preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignment[2]),
        IN(gd_lt_preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, alignment[3]),
    };
    static const char who[] = "cublasLtMatmulPreferenceSetAttribute";
    return alive(who, preference, preference_alive)
               ? set(who, preference, known, sizeof known / sizeof *known, (int)name, value, bytes)
               : CUBLAS_STATUS_INVALID_VALUE;
}
