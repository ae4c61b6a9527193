/* A plan held against the memory that a rank may take. */
#ifndef GD_PLAN_FIT_H
#define GD_PLAN_FIT_H

#include "plan/plan_result.h"

#include <stdbool.h>
#include <stdint.h>

/* Where the planes of a rank go. */
typedef struct gd_fit {
    bool fits;    /* false: not even with a scratch file, and all below is as with the smallest one */
    bool scratch; /* the planes lie in a file */
    int64_t slots, cached;  /* of the file and of its cache, see gd_block_cache_create; 0 without one */
    uint64_t memory_bytes;  /* that the rank takes at most, its cache included */
    uint64_t scratch_bytes; /* of the file; 0 without one */
} gd_fit;

/* For a backend in host memory, within `budget` bytes: planes in memory where all fits, else in a
 * block cache that takes what is left. */
gd_fit gd_fit_need(const gd_need *need, uint64_t budget);

#endif
