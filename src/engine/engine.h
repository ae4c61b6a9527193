/* What computes gradients: a backend with the network's weights in it, and workers that run its tapes. */
#ifndef GD_ENGINE_ENGINE_H
#define GD_ENGINE_ENGINE_H

#include "base/status.h"
#include "canvas/plane.h"
#include "kernels/backend.h"
#include "net/net.h"

typedef struct gd_engine {
    const gd_backend *backend;
    gd_device *device;         /* owned */
    gd_device_options options; /* that it was opened with */
    const gd_net *net;         /* borrowed */
    gd_objective objective;
    int32_t reach, stride; /* of the objective, pixels */
    char checksum[17];     /* of the weights in use */
    gd_store store;
} gd_engine;

/* Opens the backend and loads what the objective needs from the Keras file at `weights`; an objective without
 * terms needs none, and can only resample. Without `weights` (NULL) it can be planned for, and not run. Not
 * collective: every rank has an engine of its own. The caller
 * frees it after its workers. */
gd_status gd_engine_create(const gd_backend *backend, const gd_device_options *options, const gd_net *net,
                           const gd_objective *objective, const char *weights, gd_engine **engine,
                           gd_error *error) GD_CHECKED;
void gd_engine_free(gd_engine *engine);

/* Where all pixels of this rank live. */
gd_memory *gd_engine_memory(const gd_engine *engine);

/* Where this rank's planes live: in memory, unless a scratch was given. */
const gd_store *gd_engine_store(const gd_engine *engine);

/* Planes are made in the scratch from now on; the engine takes it over. For backends in host memory, before
 * the first plane is made. */
void gd_engine_use_scratch(gd_engine *engine, gd_block_cache *scratch);

/* Waits for what the device computes, so that the memory's queue may read it. */
gd_status gd_engine_finish(const gd_engine *engine, gd_error *error) GD_CHECKED;

#endif
