/* The list of convolutions that are not on tensor cores, or want more than 1 MiB of workspace
 * (plan_exceptions.txt), and a judge who goes by it. */
#ifndef GD_TESTS_KERNELS_CUDA_PLAN_EXCEPTIONS_H
#define GD_TESTS_KERNELS_CUDA_PLAN_EXCEPTIONS_H

#include "kernels/cuda/convolution/convolution.h"

#include <stdbool.h>

/* A line of the list. */
typedef struct plan_exception {
    char what[8], device[16], precision[8], direction[8], engine[8];
    long long bound; /* "off": the smallest side of a window in pixels; "space": MiB at most */
    bool used;
} plan_exception;

enum { PLAN_EXCEPTIONS_MAX = 64 };

typedef struct plan_exceptions {
    plan_exception lines[PLAN_EXCEPTIONS_MAX];
    int32_t count;
} plan_exceptions;

/* Where a convolution is planned. */
typedef struct plan_place {
    const char *device, *precision;
    int32_t side; /* the longer one of the window */
} plan_place;

/* Fails the test if the list cannot be read or has a line that is none. */
void plan_exceptions_read(plan_exceptions *list);

/* Bytes of the operands that cuDNN copies, because they are slices of wider tensors or parts of longer rows.
 */
int64_t plan_copied_bytes(const gd_conv_shape *shape);

/* Whether the choice is on tensor cores within 1 MiB of workspace, or the list excuses it; marks the lines
 * that it needs. Prints what is not excused. */
bool plan_is_excused(plan_exceptions *list, const plan_place *place, const gd_conv_shape *shape,
                     const gd_conv_choice *choice);

/* Prints the lines that excused nothing; returns their number. */
int32_t plan_exceptions_unused(const plan_exceptions *list);

#endif
