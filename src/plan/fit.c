/* Decides whether a plan fits a memory budget, with its planes in memory or in a scratch file. */
#include "plan/fit.h"

#include "base/minmax.h"
#include "canvas/block_cache.h"

/* Bookkeeping bytes of a scratch file for each of its slots. */
enum { LIST_BYTES = 64 };

gd_fit gd_fit_need(const gd_need *need, uint64_t budget)
{
    gd_fit fit = {.fits = true, .memory_bytes = need->total_bytes};
    if (need->total_bytes <= budget)
        return fit;
    const uint64_t lists = (uint64_t)need->plane_slots * LIST_BYTES, beside = need->beside_bytes + lists;
    const uint64_t left = budget > beside ? (budget - beside) / GD_SLOT_BYTES : 0;
    fit.fits = left >= GD_BLOCK_CACHE_LEAST;
    if (!fit.fits && beside + GD_BLOCK_CACHE_LEAST * GD_SLOT_BYTES >= need->total_bytes)
        return fit;
    fit.scratch = true;
    fit.slots = need->plane_slots;
    fit.cached = gd_max_i64(GD_BLOCK_CACHE_LEAST, (int64_t)gd_min_u64(left, (uint64_t)fit.slots));
    fit.memory_bytes = beside + (uint64_t)fit.cached * GD_SLOT_BYTES;
    fit.scratch_bytes = (uint64_t)fit.slots * GD_SLOT_BYTES;
    return fit;
}
