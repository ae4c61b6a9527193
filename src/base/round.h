/* Rounding of extents. */
#ifndef GD_BASE_ROUND_H
#define GD_BASE_ROUND_H

#include <stdint.h>

/* `value` rounded up to a multiple of `multiple` (value >= 0, multiple > 0). */
static inline int64_t gd_round_up(int64_t value, int64_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

#endif
