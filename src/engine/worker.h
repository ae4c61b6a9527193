/* What a thread computes gradients with: programs for the window shapes in use, and memory for their tensors.
 */
#ifndef GD_ENGINE_WORKER_H
#define GD_ENGINE_WORKER_H

#include "base/status.h"
#include "engine/engine.h"

#include <stdatomic.h>
#include <stdint.h>

typedef struct gd_worker gd_worker;

gd_status gd_worker_create(const gd_engine *engine, gd_worker **worker, gd_error *error) GD_CHECKED;
void gd_worker_free(gd_worker *worker);

/* The objective's gradient over a window: window and gradient are dense [rows, cols, 3]. The shape's program
 * is compiled at the first use of the shape and kept while it is among the last few in use. When *stop (or
 * NULL) becomes true meanwhile (for gradients in host memory), it may return early, with GD_OK and no
 * gradient. */
gd_status gd_worker_gradient(gd_worker *worker, int32_t rows, int32_t cols, const float *window,
                             float *gradient, const atomic_bool *stop, gd_error *error) GD_CHECKED;

#endif
