/* What the gradients of windows take, remembered by shape: all steps of an octave have the same few. */
#ifndef GD_ENGINE_WINDOW_WORK_H
#define GD_ENGINE_WINDOW_WORK_H

#include "base/rect.h"

#include <stdbool.h>
#include <stdint.h>

/* A window's extents, and the part of it whose gradient is computed: what a tape depends on. */
typedef struct gd_window_shape {
    int32_t rows, cols;
    gd_rect focus; /* in the window */
} gd_window_shape;

/* A window whose gradient is computed everywhere. */
gd_window_shape gd_window_shape_whole(int32_t rows, int32_t cols);
bool gd_window_shape_same(const gd_window_shape *a, const gd_window_shape *b);

typedef struct gd_window_work {
    double macs;  /* multiply-adds of all operations, forward and back */
    double units; /* gd_tape_most_units */
} gd_window_work;

/* The last shapes that were noted. Not thread-safe. */
typedef struct gd_work_memory gd_work_memory;

gd_work_memory *gd_work_memory_create(void);      /* NULL: no memory; the caller frees it */
void gd_work_memory_free(gd_work_memory *memory); /* NULL is fine */

/* False if the shape was not noted, or long ago. */
bool gd_work_memory_recall(const gd_work_memory *memory, const gd_window_shape *shape, gd_window_work *work);
void gd_work_memory_note(gd_work_memory *memory, const gd_window_shape *shape, const gd_window_work *work);

#endif
