/* A tape made ready on a backend, with memory of its device for the arena, windows and gradients. The same
 * for host and device memory. */
#ifndef GD_TESTS_KERNELS_SIDE_H
#define GD_TESTS_KERNELS_SIDE_H

#include "check.h"
#include "kernels/backend.h"
#include "net/fold.h"

typedef struct side {
    const gd_backend *backend;
    const gd_tape *tape; /* borrowed */
    gd_device *device;   /* borrowed; open, with its weights */
    gd_memory *memory;   /* borrowed; the device's */
    gd_program *program;
    void *arena; /* memory of the device */
    bool arena_owned;
    float *window, *gradient; /* likewise; [rows, cols, 3], and of the focus */
} side;

/* Opens a device and loads the weights. All here fail the test (cmocka) when something goes wrong. */
gd_device *side_open(const gd_backend *backend, const gd_device_options *options, const gd_tape *tape,
                     const gd_filter_values *filters);

/* arena NULL: one of its own, never written. */
void side_create(side *s, const gd_backend *backend, gd_device *device, const gd_tape *tape, void *arena);
void side_free(side *s); /* not the device */

/* Every byte of the arena 0xff: NaN, and written. */
void side_spoil(const side *s);

/* Copies between host and device, done on return. */
void side_bring(gd_memory *memory, void *values, const void *host, size_t bytes);
void side_fetch(gd_memory *memory, void *host, const void *values, size_t bytes);

/* Bytes of a window. */
size_t side_picture_bytes(const gd_tape *tape);

/* Runs operations [first, last) on a window of the host; if they are the last ones, the gradient comes to the
 * host. */
void side_run(const side *s, int32_t first, int32_t last, const float *window, float *gradient);

/* A whole run; the caller frees the gradient. */
float *side_gradient(const side *s, const float *window);

/* A tensor as doubles, [channels, rows, cols]; the caller frees it. */
double *side_get(const side *s, int32_t tensor);

#endif
