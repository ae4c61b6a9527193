/* Shapes and choices as text. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_TEXT_H
#define GD_KERNELS_CUDA_CONVOLUTION_CONVOLUTION_TEXT_H

#include "kernels/cuda/convolution/convolution.h"

#include <stddef.h>

/* One line of text without leading or trailing spaces, for logs, checkpoints and the cache. A choice is
 * "engine 33 knobs 2=4,12=1 workspace 1024 tc 1", a shape is "back bf16 3x3/2 p0,0 32@255x255/32 ->
 * 64@127x127/64", for engines that are compiled at run time with " compiled applies (255)/128:16" behind it:
 * pixels of a line, bits of a pixel and alignment of the mask. Equal texts mean equal shapes. Any text fits
 * GD_CONV_TEXT_MAX bytes. Writing returns false if it does not fit `bytes`; parsing returns false if the text
 * is not a choice. */
enum { GD_CONV_TEXT_MAX = 512 };

bool gd_conv_shape_text(const gd_conv_shape *shape, char *text, size_t bytes);
bool gd_conv_choice_text(const gd_conv_choice *choice, char *text, size_t bytes);
bool gd_conv_choice_parse(const char *text, gd_conv_choice *choice);

#endif
