/* The functions of cuBLASLt that are used, which load the library when the first of them is called.
 *
 * Linked, it takes 0.2 GB of each process as soon as it starts (13.1), also of those that compute on the
 * processor or only answer --help. */
#include <cublasLt.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define TEXT(number) #number
#define NAME_OF(major) "libcublasLt.so." TEXT(major)

/* One place for each function, in the library's words. */
typedef struct entries {
    __typeof__(&cublasLtCreate) create;
    __typeof__(&cublasLtDestroy) destroy;
    __typeof__(&cublasLtGetVersion) get_version;
    __typeof__(&cublasLtMatmulDescCreate) desc_create;
    __typeof__(&cublasLtMatmulDescDestroy) desc_destroy;
    __typeof__(&cublasLtMatmulDescSetAttribute) desc_set;
    __typeof__(&cublasLtMatrixLayoutCreate) layout_create;
    __typeof__(&cublasLtMatrixLayoutDestroy) layout_destroy;
    __typeof__(&cublasLtMatrixLayoutSetAttribute) layout_set;
    __typeof__(&cublasLtMatmulPreferenceCreate) preference_create;
    __typeof__(&cublasLtMatmulPreferenceDestroy) preference_destroy;
    __typeof__(&cublasLtMatmulPreferenceSetAttribute) preference_set;
    __typeof__(&cublasLtMatmulAlgoGetHeuristic) get_heuristic;
    __typeof__(&cublasLtMatmulAlgoCheck) check;
    __typeof__(&cublasLtMatmulAlgoConfigGetAttribute) config_get;
    __typeof__(&cublasLtMatmulAlgoCapGetAttribute) cap_get;
    __typeof__(&cublasLtMatmul) matmul;
} entries;

/* State of the process, as a linked library would be; written once. */
static entries loaded;
static bool is_complete;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
    static const struct {
        const char *name;
        size_t at;
    } names[] = {{"cublasLtCreate", offsetof(entries, create)},
                 {"cublasLtDestroy", offsetof(entries, destroy)},
                 {"cublasLtGetVersion", offsetof(entries, get_version)},
                 {"cublasLtMatmulDescCreate", offsetof(entries, desc_create)},
                 {"cublasLtMatmulDescDestroy", offsetof(entries, desc_destroy)},
                 {"cublasLtMatmulDescSetAttribute", offsetof(entries, desc_set)},
                 {"cublasLtMatrixLayoutCreate", offsetof(entries, layout_create)},
                 {"cublasLtMatrixLayoutDestroy", offsetof(entries, layout_destroy)},
                 {"cublasLtMatrixLayoutSetAttribute", offsetof(entries, layout_set)},
                 {"cublasLtMatmulPreferenceCreate", offsetof(entries, preference_create)},
                 {"cublasLtMatmulPreferenceDestroy", offsetof(entries, preference_destroy)},
                 {"cublasLtMatmulPreferenceSetAttribute", offsetof(entries, preference_set)},
                 {"cublasLtMatmulAlgoGetHeuristic", offsetof(entries, get_heuristic)},
                 {"cublasLtMatmulAlgoCheck", offsetof(entries, check)},
                 {"cublasLtMatmulAlgoConfigGetAttribute", offsetof(entries, config_get)},
                 {"cublasLtMatmulAlgoCapGetAttribute", offsetof(entries, cap_get)},
                 {"cublasLtMatmul", offsetof(entries, matmul)}};
    void *library = dlopen(NAME_OF(CUBLAS_VER_MAJOR), RTLD_NOW | RTLD_LOCAL);
    bool complete = library != NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && complete; i++) {
        void *found = dlsym(library, names[i].name);
        memcpy((char *)&loaded + names[i].at, &found, sizeof found);
        complete = found != NULL;
    }
    is_complete = complete;
}

static bool is_loaded(void)
{
    return pthread_once(&once, load) == 0 && is_complete;
}

size_t cublasLtGetVersion(void)
{
    return is_loaded() ? loaded.get_version() : 0;
}

cublasStatus_t cublasLtCreate(cublasLtHandle_t *handle)
{
    return is_loaded() ? loaded.create(handle) : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle)
{
    return is_loaded() ? loaded.destroy(handle) : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *desc, cublasComputeType_t compute,
                                        cudaDataType_t scale)
{
    return is_loaded() ? loaded.desc_create(desc, compute, scale) : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t desc)
{
    return is_loaded() ? loaded.desc_destroy(desc) : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t desc,
                                              cublasLtMatmulDescAttributes_t attribute, const void *value,
                                              size_t bytes)
{
    return is_loaded() ? loaded.desc_set(desc, attribute, value, bytes) : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *layout, cudaDataType type, uint64_t rows,
                                          uint64_t cols, int64_t ld)
{
    return is_loaded() ? loaded.layout_create(layout, type, rows, cols, ld) : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout)
{
    return is_loaded() ? loaded.layout_destroy(layout) : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout,
                                                cublasLtMatrixLayoutAttribute_t attribute, const void *value,
                                                size_t bytes)
{
    return is_loaded() ? loaded.layout_set(layout, attribute, value, bytes) : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *preference)
{
    return is_loaded() ? loaded.preference_create(preference) : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference)
{
    return is_loaded() ? loaded.preference_destroy(preference) : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void *value, size_t bytes)
{
    return is_loaded() ? loaded.preference_set(preference, attribute, value, bytes)
                       : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t desc,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int asked,
                                              cublasLtMatmulHeuristicResult_t results[], int *given)
{
    return is_loaded() ? loaded.get_heuristic(handle, desc, a, b, c, d, preference, asked, results, given)
                       : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatmulAlgoCheck(cublasLtHandle_t handle, cublasLtMatmulDesc_t desc,
                                       cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                       cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                       const cublasLtMatmulAlgo_t *algorithm,
                                       cublasLtMatmulHeuristicResult_t *result)
{
    return is_loaded() ? loaded.check(handle, desc, a, b, c, d, algorithm, result)
                       : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t *algorithm,
                                                    cublasLtMatmulAlgoConfigAttributes_t attribute,
                                                    void *value, size_t bytes, size_t *written)
{
    return is_loaded() ? loaded.config_get(algorithm, attribute, value, bytes, written)
                       : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatmulAlgoCapGetAttribute(const cublasLtMatmulAlgo_t *algorithm,
                                                 cublasLtMatmulAlgoCapAttributes_t attribute, void *value,
                                                 size_t bytes, size_t *written)
{
    return is_loaded() ? loaded.cap_get(algorithm, attribute, value, bytes, written)
                       : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t desc, const void *alpha,
                              const void *a, cublasLtMatrixLayout_t a_layout, const void *b,
                              cublasLtMatrixLayout_t b_layout, const void *beta, const void *c,
                              cublasLtMatrixLayout_t c_layout, void *d, cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t *algorithm, void *workspace, size_t bytes,
                              cudaStream_t stream)
{
    return is_loaded() ? loaded.matmul(handle, desc, alpha, a, a_layout, b, b_layout, beta, c, c_layout, d,
                                       d_layout, algorithm, workspace, bytes, stream)
                       : CUBLAS_STATUS_NOT_INITIALIZED;
}
