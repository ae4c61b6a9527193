/* Worker threads that compute gradients of windows while the calling thread exchanges pixels. With a backend
 * that queues its work, a job is done once it is queued. */
#ifndef GD_ENGINE_POOL_H
#define GD_ENGINE_POOL_H

#include "base/rect.h"
#include "base/status.h"
#include "engine/engine.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef struct gd_job {
    gd_window_shape shape;
    const float *window; /* borrowed; [shape.rows, shape.cols, 3] */
    float *gradient;     /* borrowed; [shape.focus.rows, shape.focus.cols, 3]; written */
    gd_rect core;        /* within the window, and within the focus */
    double *sums;   /* borrowed; [2]; sum, and sum of squares, of the gradient over the core; written by the
                       end of gd_engine_finish */
    uint64_t event; /* written: passes when the gradient is there (gd_engine_wait_event) */
} gd_job;

typedef struct gd_pool gd_pool;

/* Creates `threads` workers, each with its own tensors. The caller frees the pool. */
gd_status gd_pool_create(const gd_engine *engine, int32_t threads, gd_pool **pool,
                         gd_error *error) GD_CHECKED;
void gd_pool_free(gd_pool *pool); /* waits for running jobs; NULL is fine */

/* Sets the stop flag, which may change at any time. While *stop is true, jobs are abandoned: running ones end
 * early, and gradients and sums are undefined (sums that were not computed are 0). Call it before the first
 * start. */
void gd_pool_watch(gd_pool *pool, const atomic_bool *stop);

/* Starts jobs[count], borrowed until they are done. Earlier ones must be done. Returns at once. */
void gd_pool_start(gd_pool *pool, gd_job *jobs, int32_t count);

/* Waits at most `microseconds` (negative: without limit). True when all jobs are done. */
bool gd_pool_wait(gd_pool *pool, int64_t microseconds);

/* Seconds in which jobs were running (or being queued) since the last call. All jobs must be done. */
double gd_pool_busy(gd_pool *pool);

/* After gd_pool_wait returned true: the first failure, if any. */
gd_status gd_pool_result(gd_pool *pool, gd_error *error) GD_CHECKED;

#endif
