/* Writes the mask of a ReLU whose results are there. */
#include "kernels/cuda/write_mask.h"

#include "kernels/cuda/device/check.h"

gd_status gd_cuda_write_mask(gd_cuda_type type, gd_cuda_slice results, gd_cuda_mask mask, int32_t *overflow,
                             cudaStream_t stream, gd_error *error)
{
    gd_cuda_seam seam = {.src = results, .dst = results, .mask = mask};
    seam.dst.values = NULL;
    return gd_cuda_check(gd_launch_seams(type, &seam, 1, overflow, stream), "a ReLU's mask", error);
}
