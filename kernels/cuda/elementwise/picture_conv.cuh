/* The convolution of the picture, 3x3 with stride 2 and at most 32 filters, forward and back: what both have
 * in common. */
#ifndef GD_KERNELS_CUDA_PICTURE_CONV_CUH
#define GD_KERNELS_CUDA_PICTURE_CONV_CUH

#include "kernels/cuda/elementwise/mask.cuh"
#include "kernels/cuda/elementwise/pixels.cuh"
#include "kernels/cuda/elementwise/value.cuh"

enum {
    GD_CONV_SIDE = 3,
    GD_CONV_PLACES = GD_CONV_SIDE * GD_CONV_SIDE,
    GD_CONV_TAPS = GD_CONV_PLACES * 3, /* (row * 3 + column) * 3 + colour */
    GD_CONV_FILTERS = 32,
    GD_CONV_GROUPS = GD_CONV_FILTERS / 8,
};

/* The three colours of place `place` of the kernel, of a filter; 0 of filters that there are not. */
template <typename T>
static __device__ __forceinline__ gd_eight gd_conv_weights(const gd_cuda_picture_conv &conv, int filter,
                                                           int place)
{
    if (filter >= conv.filters)
        return gd_all(0);
    return gd_load<T>((const T *)conv.kernel + (filter * GD_CONV_PLACES + place) * 8);
}

#endif
