/* Times a copy in memory, and counts what operations move. */
#include "memory_rate.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BYTES = 64 << 20, TRIES = 3 };

static double thread_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double least_seconds(char *to, const char *from)
{
    double best = 0;
    for (int i = 0; i < TRIES; i++) {
        const double start = thread_seconds();
        memcpy(to, from, BYTES);
        __asm__ volatile("" : : "r"(to) : "memory"); /* `to` is read, for all that the compiler knows */
        const double taken = thread_seconds() - start;
        if (i == 0 || taken < best)
            best = taken;
    }
    return best;
}

double copy_seconds(void)
{
    char *from = malloc(BYTES), *to = malloc(BYTES);
    double seconds = 0;
    if (from && to) {
        memset(from, 1, BYTES); /* pages that are there */
        memset(to, 2, BYTES);
        seconds = least_seconds(to, from);
    }
    free(from);
    free(to);
    return seconds;
}

double copy_bytes(void)
{
    return 2.0 * BYTES;
}

static double units_of(const gd_tape *tape, gd_slice slice, int32_t channels)
{
    const gd_tensor *tensor = &tape->tensors[slice.tensor];
    return (double)channels * tensor->rows * tensor->cols;
}

double op_bytes(const gd_tape *tape, const gd_op *op, double unit)
{
    if (op->kind == GD_OP_INPUT || op->kind == GD_OP_OUTPUT || gd_is_convolution(op))
        return 0;
    const bool mask_alone = op->kind == GD_OP_MASK;
    const double dst = units_of(tape, op->dst, mask_alone ? op->mask.channels : op->dst.channels);
    double src = op->src.channels > 0 ? units_of(tape, op->src, op->src.channels) : 0;
    if (op->kind == GD_OP_COPY || op->kind == GD_OP_LRN || op->kind == GD_OP_LRN_BACK)
        src = dst; /* of a larger tensor no more is read */
    double bytes = unit * (src + dst * (op->accumulate || mask_alone ? 2 : 1));
    if (op->kind == GD_OP_LRN_BACK)
        bytes += unit * dst;
    if (op->winner.channels > 0)
        bytes += op->kind == GD_OP_MAX_POOL ? dst : src;
    if (op->mask.channels > 0)
        bytes += units_of(tape, op->dst, op->mask.channels) / 8;
    return bytes;
}
