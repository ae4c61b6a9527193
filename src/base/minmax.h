/* The smaller and the larger of two integers. For floating-point values fmin and fmax of math.h serve. */
#ifndef GD_BASE_MINMAX_H
#define GD_BASE_MINMAX_H

#include <stdint.h>

static inline int32_t gd_min_i32(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static inline int32_t gd_max_i32(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static inline int64_t gd_min_i64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t gd_max_i64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Also for size_t, which has the same width. */
static inline uint64_t gd_min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t gd_max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

#endif
