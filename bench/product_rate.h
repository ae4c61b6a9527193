/* The rate at which this machine multiplies matrices, to see a convolution's beside it. */
#ifndef GD_BENCH_PRODUCT_RATE_H
#define GD_BENCH_PRODUCT_RATE_H

#include <stdbool.h>

/* Processor seconds of the library's product of two matrices of 2048 x 2048, the least of several: in bf16
 * with results in float32, or all in float32. All threads of the process take part. 0: it has none. */
double product_seconds(bool bf16);

/* Floating-point operations in it. */
double product_flop(void);

#endif
