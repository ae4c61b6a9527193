/* Names of precisions on the command lines of benchmarks. */
#ifndef GD_BENCH_PRECISION_NAMED_H
#define GD_BENCH_PRECISION_NAMED_H

#include "kernels/backend.h"

/* "bf16", "fp16", "tf32" or "auto"; fp32 for any other name. */
gd_precision precision_named(const char *name);

#endif
