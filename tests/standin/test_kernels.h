/* Launchers of the kernels of the stand-in's own tests. */
#ifndef GD_STANDIN_TEST_KERNELS_H
#define GD_STANDIN_TEST_KERNELS_H

#include <cuda_runtime_api.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

cudaError_t test_add(float *to, const float *from, float value, int count, cudaStream_t stream);
cudaError_t test_sum(double *sums, const float *values, int blocks, bool barriers, cudaStream_t stream);
cudaError_t test_same_place(int *place, bool atomic, cudaStream_t stream);
cudaError_t test_neighbours(uint8_t *bytes, int blocks, cudaStream_t stream);
cudaError_t test_partial_barrier(int *place, cudaStream_t stream);
cudaError_t test_partial_shuffle(double *place, cudaStream_t stream);
cudaError_t test_vectors(float *to, const float *from, cudaStream_t stream);
cudaError_t test_unwritten_shared(double *to, cudaStream_t stream);
cudaError_t test_grid(unsigned y, unsigned threads, float *to, cudaStream_t stream);

#ifdef __cplusplus
}
#endif

#endif
