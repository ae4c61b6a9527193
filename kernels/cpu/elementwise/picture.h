/* The way back of the first convolution to the picture: elementwise.h's picture_back. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_PICTURE_H
#define GD_KERNELS_CPU_ELEMENTWISE_PICTURE_H

#include "kernels/cpu/elementwise/pass.h"

void gd_picture_back_f32(const gd_picture_pass *pass);
void gd_picture_back_f32_avx512(const gd_picture_pass *pass);
void gd_picture_back_bf16_avx512(const gd_picture_pass *pass);

#endif
