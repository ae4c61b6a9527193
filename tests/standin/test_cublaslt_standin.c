/* The stand-in's cuBLASLt: every misuse with its sentence, what a mask's write leaves undefined, and
 * statuses. The results are judged by tests/kernels/cuda/test_product_cuda.c. */
#include "check.h"
#include "standin/standin.h"

#include <cublasLt.h>
#include <cuda_runtime_api.h>
#include <stdlib.h>
#include <string.h>

#define check_cuda(call) assert_int_equal((call), cudaSuccess)
#define check_lt(call) assert_int_equal((call), CUBLAS_STATUS_SUCCESS)

/* D [48 of 64, 20] = relu(A' [48, 32] B [32, 20] + bias), and its mask. */
enum { M = 48, N = 20, K = 32, PITCH = 64, MASK_PITCH = 128, BYTES = 1 << 14 };

typedef struct bench {
    cublasLtHandle_t handle;
    cudaStream_t stream;
    char *a, *b, *d, *bias, *mask; /* device */
} bench;

static int open_bench(void **state)
{
    bench *r = calloc(1, sizeof *r);
    char **const memory[] = {&r->a, &r->b, &r->d, &r->bias, &r->mask};
    assert_non_null(r);
    check_cuda(cudaStreamCreateWithFlags(&r->stream, cudaStreamNonBlocking));
    check_lt(cublasLtCreate(&r->handle));
    for (int i = 0; i < 5; i++) {
        check_cuda(cudaMalloc((void **)memory[i], BYTES));
        check_cuda(cudaMemsetAsync(*memory[i], 0, BYTES, r->stream));
    }
    check_cuda(cudaStreamSynchronize(r->stream));
    *state = r;
    return 0;
}

static int close_bench(void **state)
{
    bench *r = *state;
    char *const memory[] = {r->a, r->b, r->d, r->bias, r->mask};
    check_cuda(cudaStreamSynchronize(r->stream));
    for (int i = 0; i < 5; i++)
        check_cuda(cudaFree(memory[i]));
    check_lt(cublasLtDestroy(r->handle));
    check_cuda(cudaStreamDestroy(r->stream));
    free(r);
    return 0;
}

/* All that a call of cublasLtMatmul takes; a case changes one thing. */
typedef struct call {
    cublasLtMatmulDesc_t product;
    cublasLtMatrixLayout_t a, b, c, d;
    cublasLtMatmulPreference_t preference;
    cublasLtMatmulAlgo_t algorithm;
    const void *at_a, *at_b, *at_c;
    void *at_d, *workspace;
    float alpha, beta;
    size_t bytes;
} call;

static void set32(call *c, cublasLtMatmulDescAttributes_t name, uint32_t value)
{
    check_lt(cublasLtMatmulDescSetAttribute(c->product, name, &value, sizeof value));
}

static void set64(call *c, cublasLtMatmulDescAttributes_t name, int64_t value)
{
    check_lt(cublasLtMatmulDescSetAttribute(c->product, name, &value, sizeof value));
}

static void point(call *c, cublasLtMatmulDescAttributes_t name, const void *at)
{
    check_lt(cublasLtMatmulDescSetAttribute(c->product, name, &at, sizeof at));
}

static cublasLtMatrixLayout_t layout(cudaDataType_t type, uint64_t rows, uint64_t cols, int64_t pitch)
{
    cublasLtMatrixLayout_t made;
    check_lt(cublasLtMatrixLayoutCreate(&made, type, rows, cols, pitch));
    return made;
}

static void replace(cublasLtMatrixLayout_t *old, cublasLtMatrixLayout_t made)
{
    check_lt(cublasLtMatrixLayoutDestroy(*old));
    *old = made;
}

static void set_layout(cublasLtMatrixLayout_t matrix, int32_t count, int64_t line)
{
    check_lt(
        cublasLtMatrixLayoutSetAttribute(matrix, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count));
    check_lt(cublasLtMatrixLayoutSetAttribute(matrix, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &line,
                                              sizeof line));
}

/* The last of what is offered; no workspace. */
static cublasStatus_t ask(const bench *r, call *c)
{
    cublasLtMatmulHeuristicResult_t results[8];
    int count = 0;
    const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(r->handle, c->product, c->a, c->b, c->c,
                                                                 c->d, c->preference, 8, results, &count);
    if (status == CUBLAS_STATUS_SUCCESS)
        c->algorithm = results[count - 1].algo;
    return status;
}

static call make_call(const bench *r)
{
    call c = {.at_a = r->a, .at_b = r->b, .at_c = r->d, .at_d = r->d, .alpha = 1};
    const uint32_t alignment = 16;
    check_lt(cublasLtMatmulDescCreate(&c.product, CUBLAS_COMPUTE_32F, CUDA_R_32F));
    check_lt(cublasLtMatmulPreferenceCreate(&c.preference));
    check_lt(cublasLtMatmulPreferenceSetAttribute(c.preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES,
                                                  &alignment, sizeof alignment));
    set32(&c, CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
    set32(&c, CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_RELU_AUX_BIAS);
    set64(&c, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, MASK_PITCH);
    point(&c, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, r->mask);
    point(&c, CUBLASLT_MATMUL_DESC_BIAS_POINTER, r->bias);
    c.a = layout(CUDA_R_16BF, K, M, K);
    c.b = layout(CUDA_R_16BF, K, N, K);
    c.c = layout(CUDA_R_16BF, M, N, PITCH);
    c.d = layout(CUDA_R_16BF, M, N, PITCH);
    check_lt(ask(r, &c));
    return c;
}

static void free_call(call *c)
{
    cublasLtMatrixLayout_t layouts[] = {c->a, c->b, c->c, c->d};
    for (int i = 0; i < 4; i++)
        check_lt(cublasLtMatrixLayoutDestroy(layouts[i]));
    check_lt(cublasLtMatmulDescDestroy(c->product));
    check_lt(cublasLtMatmulPreferenceDestroy(c->preference));
}

static cublasStatus_t multiply(const bench *r, const call *c)
{
    return cublasLtMatmul(r->handle, c->product, &c->alpha, c->at_a, c->a, c->at_b, c->b, &c->beta, c->at_c,
                          c->c, c->at_d, c->d, &c->algorithm, c->workspace, c->bytes, r->stream);
}

/* The call is refused with the sentence. */
static void refused(const bench *r, call *c, const char *sentence)
{
    gd_standin_expect(sentence);
    assert_int_not_equal(multiply(r, c), CUBLAS_STATUS_SUCCESS);
    if (!gd_standin_said()[0])
        fail_msg("nothing was said of \"%s\"", sentence);
    gd_standin_expect(NULL);
    free_call(c);
}

static void test_addresses(void **state)
{
    const bench *r = *state;
    char here[64];
    call c = make_call(r);
    c.at_b = here;
    refused(r, &c, "B is at");
    c = make_call(r);
    c.at_a = r->a + 8;
    refused(r, &c, "not aligned to the 16 bytes that the algorithm was chosen for");
    c = make_call(r);
    c.at_c = r->d + 16;
    refused(r, &c, "C is not D");
    c = make_call(r);
    point(&c, CUBLASLT_MATMUL_DESC_BIAS_POINTER, here);
    c.at_d = r->d;
    refused(r, &c, "the bias is at");
    c = make_call(r);
    point(&c, CUBLASLT_MATMUL_DESC_BIAS_POINTER, NULL);
    refused(r, &c, "the bias is at");
    c = make_call(r);
    point(&c, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, r->mask + 8);
    refused(r, &c, "the mask is at");
    c = make_call(r);
    c.at_b = r->d;
    refused(r, &c, "what it writes overlaps what it reads");
    c = make_call(r);
    point(&c, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, r->b);
    refused(r, &c, "what it writes overlaps what it reads");
}

static void test_matrices(void **state)
{
    const bench *r = *state;
    const int32_t rows = CUBLASLT_ORDER_ROW;
    call c = make_call(r);
    replace(&c.b, layout(CUDA_R_16BF, K, N, K - 8));
    refused(r, &c, "B has a leading dimension of 24 for columns of 32");
    c = make_call(r);
    replace(&c.b, layout(CUDA_R_16BF, K, N, K + 4));
    refused(r, &c, "columns of B do not all begin at multiples of 16 bytes");
    c = make_call(r);
    replace(&c.b, layout(CUDA_R_16F, K, N, K));
    refused(r, &c, "B has another type than D");
    c = make_call(r);
    replace(&c.b, layout(CUDA_R_16BF, K + 8, N, K + 8));
    refused(r, &c, "[48, 32] times [40, 20] is not [48, 20]");
    c = make_call(r);
    set32(&c, CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_N);
    refused(r, &c, "[32, 48] times [32, 20] is not [48, 20]");
    c = make_call(r);
    set32(&c, CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_T);
    refused(r, &c, "operations 1 and 1");
    c = make_call(r);
    replace(&c.c, layout(CUDA_R_16BF, M, N, M));
    refused(r, &c, "C is described otherwise than D");
    c = make_call(r);
    check_lt(cublasLtMatrixLayoutSetAttribute(c.a, CUBLASLT_MATRIX_LAYOUT_ORDER, &rows, sizeof rows));
    refused(r, &c, "A has order 1");
    c = make_call(r);
    replace(&c.d, layout(CUDA_R_64F, M, N, PITCH));
    refused(r, &c, "a type of values, sums or scales");
    c = make_call(r);
    set_layout(c.b, 2, N * K);
    refused(r, &c, "2 matrices B for 1 products");
}

static void in_two(call *c, int64_t b_line, int64_t d_line, int64_t mask_line)
{
    set_layout(c->a, 2, 0);
    set_layout(c->b, 2, b_line);
    set_layout(c->c, 2, d_line);
    set_layout(c->d, 2, d_line);
    set64(c, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE, mask_line);
}

static void test_lines(void **state)
{
    const bench *r = *state;
    call c = make_call(r);
    in_two(&c, N * K, N * PITCH, N * MASK_PITCH);
    check_lt(multiply(r, &c));
    free_call(&c);
    c = make_call(r);
    in_two(&c, N * K, N * PITCH - PITCH, N * MASK_PITCH);
    refused(r, &c, "matrices D overlap each other");
    c = make_call(r);
    in_two(&c, 0, N * PITCH, N * MASK_PITCH);
    refused(r, &c, "matrices B overlap each other");
    c = make_call(r);
    in_two(&c, N * K, N * PITCH, (N - 1) * MASK_PITCH);
    refused(r, &c, "masks overlap each other");
    c = make_call(r);
    in_two(&c, N * K, N * PITCH, N * MASK_PITCH + 64);
    refused(r, &c, "masks overlap each other, or are not aligned");
}

static void test_epilogues(void **state)
{
    const bench *r = *state;
    call c = make_call(r);
    set64(&c, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, 64);
    refused(r, &c, "a leading dimension of 64 bits for masks of 48 rows");
    c = make_call(r);
    set64(&c, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, 0);
    refused(r, &c, "a leading dimension of 0 bits");
    c = make_call(r);
    set32(&c, CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_GELU);
    refused(r, &c, "does not know epilogue 32");
    c = make_call(r);
    set32(&c, CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_DRELU_BGRAD);
    refused(r, &c, "does not know epilogue 152");
    c = make_call(r);
    c.beta = 0.5F;
    refused(r, &c, "does not know alpha 1 and beta 0.5");
}

static void test_algorithms(void **state)
{
    const bench *r = *state;
    cublasLtMatmulHeuristicResult_t result;
    const uint64_t workspace = 1 << 20;
    call c = make_call(r);
    c.algorithm.data[2] ^= 1;
    assert_int_equal(multiply(r, &c), CUBLAS_STATUS_INVALID_VALUE);
    assert_int_equal(cublasLtMatmulAlgoCheck(r->handle, c.product, c.a, c.b, c.c, c.d, &c.algorithm, &result),
                     CUBLAS_STATUS_INVALID_VALUE);
    gd_standin_expect("no algorithm, so that each call may choose another");
    assert_int_equal(cublasLtMatmul(r->handle, c.product, &c.alpha, r->a, c.a, r->b, c.b, &c.beta, r->d, c.c,
                                    r->d, c.d, NULL, NULL, 0, r->stream),
                     CUBLAS_STATUS_INVALID_VALUE);
    assert_true(gd_standin_said()[0]);
    gd_standin_expect(NULL);
    free_call(&c);
    c = make_call(r);
    check_lt(cublasLtMatmulPreferenceSetAttribute(c.preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                                  &workspace, sizeof workspace));
    int count = 0;
    check_lt(cublasLtMatmulAlgoGetHeuristic(r->handle, c.product, c.a, c.b, c.c, c.d, c.preference, 1,
                                            &result, &count));
    assert_int_equal(result.workspaceSize, workspace); /* it sums in parts */
    c.algorithm = result.algo;
    refused(r, &c, "the algorithm wants 1048576 bytes of workspace and gets 0");
}

static void test_descriptors(void **state)
{
    const bench *r = *state;
    const int64_t value = 0;
    call c = make_call(r);
    assert_int_equal(
        cublasLtMatmulDescSetAttribute(c.product, CUBLASLT_MATMUL_DESC_TRANSA, &value, sizeof value),
        CUBLAS_STATUS_INVALID_VALUE);
    gd_standin_expect("does not know attribute");
    assert_int_equal(
        cublasLtMatmulDescSetAttribute(c.product, CUBLASLT_MATMUL_DESC_FAST_ACCUM, &value, sizeof value),
        CUBLAS_STATUS_INVALID_VALUE);
    assert_true(gd_standin_said()[0]);
    gd_standin_expect("is not a living descriptor of its kind");
    assert_int_equal(cublasLtMatrixLayoutSetAttribute((cublasLtMatrixLayout_t)(void *)c.product,
                                                      CUBLASLT_MATRIX_LAYOUT_LD, &value, sizeof value),
                     CUBLAS_STATUS_INVALID_VALUE);
    assert_true(gd_standin_said()[0]);
    gd_standin_expect("is not a living handle");
    assert_int_equal(cublasLtMatmul(NULL, c.product, &c.alpha, r->a, c.a, r->b, c.b, &c.beta, r->d, c.c, r->d,
                                    c.d, &c.algorithm, NULL, 0, r->stream),
                     CUBLAS_STATUS_INVALID_VALUE);
    assert_true(gd_standin_said()[0]);
    gd_standin_expect(NULL);
    free_call(&c);
}

/* Of 128 bits of each column cuBLASLt writes 48, and leaves the others as it likes. */
static void test_undefined(void **state)
{
    const bench *r = *state;
    unsigned char *host = NULL;
    call c = make_call(r);
    check_cuda(cudaHostAlloc((void **)&host, MASK_PITCH / 8, cudaHostAllocDefault));
    check_lt(multiply(r, &c));
    check_cuda(cudaMemcpyAsync(host, r->mask, MASK_PITCH / 8, cudaMemcpyDeviceToHost, r->stream));
    check_cuda(cudaStreamSynchronize(r->stream));
    for (int i = 0; i < MASK_PITCH / 8; i++)
        assert_int_equal(host[i], i < M / 8 ? 0 : 0xa5);
    check_cuda(cudaFreeHost(host));
    free_call(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_addresses, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_matrices, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_lines, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_epilogues, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_algorithms, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_descriptors, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_undefined, open_bench, close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
