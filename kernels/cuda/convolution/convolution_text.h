/* Shapes and choices as text. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_TEXT_H
#define GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_TEXT_H

#include "kernels/cuda/convolution/convolution.h"

#include <stddef.h>

/* One line of text each, without spaces at its ends, for logs, checkpoints and caches: "engine 33 knobs
 * 2=4,12=1 workspace 1024 tc 1", and for a shape "back bf16 3x3/2 p0,0 32@255x255/32 -> 64@127x127/64". Two
 * shapes with the same text are the same. GD_CONV_TEXT_MAX bytes hold any of them. false: the text is not one
 * of ours, or does not fit. */
enum { GD_CONV_TEXT_MAX = 512 };

bool gd_conv_shape_text(const gd_conv_shape *shape, char *text, size_t bytes);
bool gd_conv_choice_text(const gd_conv_choice *choice, char *text, size_t bytes);
bool gd_conv_choice_parse(const char *text, gd_conv_choice *choice);

#endif
