/* Compares a plan with the memory budget of a rank. */
#ifndef GD_PLAN_FIT_H
#define GD_PLAN_FIT_H

#include "plan/plan_result.h"

#include <stdbool.h>
#include <stdint.h>

/* Placement of the planes of a rank. */
typedef struct gd_fit {
    bool fits;    /* false: not even with a scratch file; all below then is for the smallest cache, or without
                     a file where that takes less */
    bool scratch; /* the planes are in a scratch file */
    int64_t slots,
        cached; /* slots of the file and of its cache, see gd_block_cache_create; 0 without a file */
    uint64_t memory_bytes;  /* peak of the rank, cache included */
    uint64_t scratch_bytes; /* size of the file; 0 without a file */
} gd_fit;

/* For a backend in host memory with `budget` bytes: planes are in memory if everything fits, else in a
 * scratch file whose cache gets the remaining memory. */
gd_fit gd_fit_need(const gd_need *need, uint64_t budget);

#endif
