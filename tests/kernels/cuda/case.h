/* Arrays that a kernel's test keeps twice: on the device, and on the host to compare with. Nothing here knows
 * which device it is. */
#ifndef GD_TESTS_KERNELS_CUDA_CASE_H
#define GD_TESTS_KERNELS_CUDA_CASE_H

#include "check.h"
#include "kernels/cuda/elementwise/launch.h"

/* Fails the test with CUDA's own words. */
#define check_cuda(call)                                                                                     \
    do {                                                                                                     \
        const cudaError_t check_cuda_error = (call);                                                         \
        if (check_cuda_error != cudaSuccess)                                                                 \
            fail_msg("%s: %s", #call, cudaGetErrorString(check_cuda_error));                                 \
    } while (0)

enum { CASE_TYPES = 3 };

/* The stream of a test program; setup and teardown of a cmocka group, which keeps it in *state. */
int case_open(void **state);
int case_close(void **state);

/* Copies to and from the device, which are done on return. */
void case_write(cudaStream_t stream, void *device, const void *host, size_t bytes);
void case_fetch(cudaStream_t stream, void *host, const void *device, size_t bytes);

/* Memory of the device, with a copy of `bytes` of `host` (NULL: never written). case_drop frees it. */
void *case_bring(cudaStream_t stream, const void *host, size_t bytes);
void case_drop(void *device);

/* Memory of the host; the test fails when there is none. */
void *case_memory(size_t bytes);

/* Repeatable numbers: the same for the same state. */
typedef uint64_t case_random;
uint32_t case_draw(case_random *random);
float case_number(case_random *random); /* in (-1, 1), of few bits, so that ties come */

/* Values as they are stored. case_rounded: what comes back of a value. */
size_t case_bytes(gd_cuda_type type);
float case_get(gd_cuda_type type, const void *values, int64_t i);
void case_put(gd_cuda_type type, void *values, int64_t i, float value);
float case_rounded(gd_cuda_type type, float value);

/* The relative error of rounding. */
double case_epsilon(gd_cuda_type type);

/* A tensor of which the slice of `channels` channels from `offset` on is used. */
typedef struct case_tensor {
    gd_cuda_type type;
    int32_t rows, cols, channels, offset, pitch;
    void *host;   /* owned; [rows, cols, pitch] */
    void *device; /* owned */
} case_tensor;

/* Random numbers on both sides. */
case_tensor case_tensor_make(cudaStream_t stream, gd_cuda_type type, int32_t rows, int32_t cols,
                             int32_t channels, int32_t offset, int32_t pitch, case_random *random);
void case_tensor_free(case_tensor *tensor);
gd_cuda_slice case_tensor_slice(const case_tensor *tensor);
float *
case_tensor_floats(const case_tensor *tensor); /* [rows, cols, channels] of the host's slice; free it */

/* Makes the device's slice NaN: what reads it without being told to is found out. */
void case_tensor_spoil(cudaStream_t stream, const case_tensor *tensor);

/* Fails unless the device's slice is within `tolerance` of wanted [rows, cols, channels], absolutely where
 * that is below 1, relatively above (0: bit by bit, but for the sign of zero), and the rest of it is what it
 * was. The host's slice is then the device's. */
void case_tensor_check(cudaStream_t stream, case_tensor *tensor, const float *wanted, double tolerance);

/* Masks of a slice of `channels` from word `offset` on; pitch in words. */
typedef struct case_mask {
    int32_t rows, cols, channels, offset, pitch;
    uint16_t *host;   /* owned; [rows, cols, pitch] */
    uint16_t *device; /* owned */
} case_mask;

case_mask case_mask_make(cudaStream_t stream, int32_t rows, int32_t cols, int32_t channels, int32_t offset,
                         int32_t pitch, case_random *random);
void case_mask_free(case_mask *mask);
gd_cuda_mask case_mask_of(const case_mask *mask);
bool case_mask_bit(const case_mask *mask, int64_t pixel, int32_t channel); /* of the host's */

/* Fails unless bit c of a pixel of the device's mask is values[pixel, c] > 0, the rest being what it was. */
void case_mask_check(cudaStream_t stream, case_mask *mask, const float *values);

#endif
