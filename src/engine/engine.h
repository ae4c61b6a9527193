/* Engine: a backend with the weights of a network loaded, for one objective. */
#ifndef GD_ENGINE_ENGINE_H
#define GD_ENGINE_ENGINE_H

#include "base/status.h"
#include "canvas/plane.h"
#include "engine/window_work.h"
#include "kernels/backend.h"
#include "net/net.h"
#include "net/objective.h"

typedef struct gd_engine {
    const gd_backend *backend; /* borrowed */
    gd_device *device;         /* owned */
    gd_device_options options; /* the options that it was opened with */
    const gd_net *net;         /* borrowed */
    gd_objective objective;
    int32_t reach, stride;        /* of the objective, pixels */
    gd_work_memory *weighed;      /* owned; windows that were weighed */
    gd_work_memory *weighed_cuts; /* owned; canvases cut into tiles (tiling/halo_cost.h) */
    char checksum[17];            /* of the loaded weights; "": none */
    gd_store store;
} gd_engine;

/* Opens the backend and loads the weights that the objective needs from the Keras file at `weights`. An
 * engine whose objective has no terms needs no weights and can only resample; one without `weights` (NULL) is
 * only for plans. Not collective: every rank has its own. The caller frees it, after its workers. */
gd_status gd_engine_create(const gd_backend *backend, const gd_device_options *options, const gd_net *net,
                           const gd_objective *objective, const char *weights, gd_engine **engine,
                           gd_error *error) GD_CHECKED;
void gd_engine_free(gd_engine *engine);

/* The tape of a window, as the backend takes it; the caller frees it. GD_USAGE if its tensors are too large.
 */
gd_status gd_engine_lower(const gd_engine *engine, const gd_window_shape *shape, gd_tape **tape,
                          gd_error *error) GD_CHECKED;

/* What the gradient of a window takes, by its tape. Lowers the shape unless it is remembered. GD_USAGE if its
 * tensors are too large. Not thread-safe: for the thread that owns the engine. */
gd_status gd_engine_weigh(const gd_engine *engine, const gd_window_shape *shape, gd_window_work *work,
                          gd_error *error) GD_CHECKED;

/* Multiply-adds of the gradient of a window, by the tape that is not dense: the same for all backends.
 * GD_USAGE and threads as above. */
gd_status gd_engine_plain_macs(const gd_engine *engine, const gd_window_shape *shape, double *macs,
                               gd_error *error) GD_CHECKED;

/* The memory that holds this rank's pixels. */
gd_memory *gd_engine_memory(const gd_engine *engine);

/* The storage of this rank's planes: that memory, or a block cache if one is set. */
const gd_store *gd_engine_store(const gd_engine *engine);

/* Stores planes in a block cache, which the engine owns from now on. For backends in host memory; call it
 * before the first plane is created. */
void gd_engine_use_block_cache(gd_engine *engine, gd_block_cache *cache);

/* Whether computations are queued: they may go on after the call that asked for them. */
bool gd_engine_queues(const gd_engine *engine);

/* *event passes when all computations queued so far are done; 0: they are. gd_engine_wait_event waits for it:
 * the memory's queue can then read their results, while later computations go on. */
gd_status gd_engine_record_event(const gd_engine *engine, uint64_t *event, gd_error *error) GD_CHECKED;
gd_status gd_engine_wait_event(const gd_engine *engine, uint64_t event, gd_error *error) GD_CHECKED;

/* Waits until the device has finished all computations, so that the memory's queue can read the results. */
gd_status gd_engine_finish(const gd_engine *engine, gd_error *error) GD_CHECKED;

#endif
