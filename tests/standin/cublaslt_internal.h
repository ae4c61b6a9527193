/* The stand-in's cuBLASLt: the real one answers nothing without a device, so that all of its functions that
 * the product calls are here, under the names that the linker gives to wrapped ones (--wrap). */
#ifndef GD_STANDIN_CUBLASLT_INTERNAL_H
#define GD_STANDIN_CUBLASLT_INTERNAL_H

#include "standin/convolve.h"
#include "standin/internal.h"

#include <cublasLt.h>

/* What cublasLtMatmulDesc_t points to. */
typedef struct gd_lt_product {
    uint64_t magic;
    cublasComputeType_t sums;
    cudaDataType_t scale;
    int32_t turn_a, turn_b; /* cublasOperation_t */
    uint32_t epilogue;
    const void *bias;
    void *mask;
    int64_t mask_pitch, mask_line; /* bits */
} gd_lt_product;

/* What cublasLtMatrixLayout_t points to: columns of `rows` values. */
typedef struct gd_lt_matrix {
    uint64_t magic;
    cudaDataType_t type;
    uint64_t rows, cols;
    int64_t pitch;
    int32_t order, count;
    int64_t line; /* values from one of `count` matrices to the next */
} gd_lt_matrix;

/* What cublasLtMatmulPreference_t points to. */
typedef struct gd_lt_preference {
    uint64_t magic, workspace, flags;
    uint32_t reduction, alignment[4]; /* of A, B, C, D */
} gd_lt_preference;

/* NULL, with a sentence, for what is none or has been destroyed. */
const gd_lt_product *gd_lt_product_of(const char *who, cublasLtMatmulDesc_t product);
const gd_lt_matrix *gd_lt_matrix_of(const char *who, cublasLtMatrixLayout_t matrix);
const gd_lt_preference *gd_lt_preference_of(const char *who, cublasLtMatmulPreference_t preference);

/* A product of which everything fits: D[m, n] = epilogue(sum over k of A[m, k] B[k, n] (+ C)), `count` times.
 */
typedef struct gd_lt_problem {
    const gd_lt_product *product;
    const gd_lt_matrix *a, *b, *d;
    gd_value_type type;
    int64_t m, n, k;
    int32_t count;
    bool bias, relu, writes_mask, applies_mask;
} gd_lt_problem;

/* false, with a sentence, for what the stand-in takes for a misuse: matrices that do not fit each other,
 * overlap themselves or are not aligned, epilogues without what they need, unusual types and orders. */
bool gd_lt_problem_of(const char *who, cublasLtMatmulDesc_t product, cublasLtMatrixLayout_t a,
                      cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                      gd_lt_problem *problem);

/* The device of a living handle, or -1 with a sentence. */
int gd_lt_device_of(const char *who, cublasLtHandle_t handle);

/* Bytes to which the algorithm wants all addresses aligned, and of workspace; false if it is none of the
 * stand-in's, or not for this device and problem (`status` then says which). */
bool gd_lt_algorithm_of(const cublasLtMatmulAlgo_t *algorithm, const gd_lt_problem *problem,
                        int64_t *alignment, int64_t *workspace, cublasStatus_t *status);

enum { GD_LT_MASK_BITS = 128, GD_LT_ALIGNMENT = 16 };

cublasStatus_t __wrap_cublasLtCreate(cublasLtHandle_t *handle);
cublasStatus_t __wrap_cublasLtDestroy(cublasLtHandle_t handle);
size_t __wrap_cublasLtGetVersion(void);
cublasStatus_t __wrap_cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *made, cublasComputeType_t sums,
                                               cudaDataType_t scale);
cublasStatus_t __wrap_cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t product);
cublasStatus_t __wrap_cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t product,
                                                     cublasLtMatmulDescAttributes_t name, const void *value,
                                                     size_t bytes);
cublasStatus_t __wrap_cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *made, cudaDataType_t type,
                                                 uint64_t rows, uint64_t cols, int64_t pitch);
cublasStatus_t __wrap_cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t matrix);
cublasStatus_t __wrap_cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t matrix,
                                                       cublasLtMatrixLayoutAttribute_t name,
                                                       const void *value, size_t bytes);
cublasStatus_t __wrap_cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *made);
cublasStatus_t __wrap_cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference);
cublasStatus_t __wrap_cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                           cublasLtMatmulPreferenceAttributes_t name,
                                                           const void *value, size_t bytes);
cublasStatus_t __wrap_cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t product,
                                                     cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                                     cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                                     cublasLtMatmulPreference_t preference, int asked,
                                                     cublasLtMatmulHeuristicResult_t *results, int *count);
cublasStatus_t __wrap_cublasLtMatmulAlgoCheck(cublasLtHandle_t handle, cublasLtMatmulDesc_t product,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              const cublasLtMatmulAlgo_t *algorithm,
                                              cublasLtMatmulHeuristicResult_t *result);
cublasStatus_t __wrap_cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t *algorithm,
                                                           cublasLtMatmulAlgoConfigAttributes_t name,
                                                           void *value, size_t bytes, size_t *written);
cublasStatus_t __wrap_cublasLtMatmulAlgoCapGetAttribute(const cublasLtMatmulAlgo_t *algorithm,
                                                        cublasLtMatmulAlgoCapAttributes_t name, void *value,
                                                        size_t bytes, size_t *written);
cublasStatus_t __wrap_cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t product, const void *alpha,
                                     const void *a, cublasLtMatrixLayout_t a_layout, const void *b,
                                     cublasLtMatrixLayout_t b_layout, const void *beta, const void *c,
                                     cublasLtMatrixLayout_t c_layout, void *d,
                                     cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t *algorithm,
                                     void *workspace, size_t bytes, cudaStream_t stream);

#endif
