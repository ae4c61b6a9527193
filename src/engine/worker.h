/* Worker of one thread: computes gradients with a program for each window shape, and memory for its tensors.
 */
#ifndef GD_ENGINE_WORKER_H
#define GD_ENGINE_WORKER_H

#include "base/status.h"
#include "engine/engine.h"

#include <stdatomic.h>
#include <stdint.h>

typedef struct gd_worker gd_worker;

/* Creates a worker without programs. The engine is borrowed. The caller frees the worker. */
gd_status gd_worker_create(const gd_engine *engine, gd_worker **worker, gd_error *error) GD_CHECKED;
void gd_worker_free(gd_worker *worker);

/* Computes the objective's gradient over a window, dense [rows, cols, 3]; it is that of the focus, dense
 * [focus.rows, focus.cols, 3]. The program of a shape is compiled at its first use and kept while the shape
 * is one of the last few used. If *stop (`stop` may be NULL) becomes true (for gradients in host memory), it
 * may return early, with GD_OK and no gradient. */
gd_status gd_worker_gradient(gd_worker *worker, const gd_window_shape *shape, const float *window,
                             float *gradient, const atomic_bool *stop, gd_error *error) GD_CHECKED;

#endif
