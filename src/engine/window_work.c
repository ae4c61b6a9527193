/* Remembers what windows take; the oldest shape is forgotten. */
#include "engine/window_work.h"

#include "base/minmax.h"

#include <stdlib.h>

enum { REMEMBERED = 512 }; /* nine shapes an octave, for some dozens of octaves */

typedef struct weighed {
    gd_window_shape shape;
    gd_window_work work;
} weighed;

struct gd_work_memory {
    weighed known[REMEMBERED];
    int64_t count; /* of all that were noted */
};

gd_window_shape gd_window_shape_whole(int32_t rows, int32_t cols)
{
    return (gd_window_shape){rows, cols, {0, 0, rows, cols}};
}

bool gd_window_shape_same(const gd_window_shape *a, const gd_window_shape *b)
{
    return a->rows == b->rows && a->cols == b->cols && gd_rect_same(a->focus, b->focus);
}

gd_work_memory *gd_work_memory_create(void)
{
    return calloc(1, sizeof(gd_work_memory));
}

void gd_work_memory_free(gd_work_memory *memory)
{
    free(memory);
}

bool gd_work_memory_recall(const gd_work_memory *memory, const gd_window_shape *shape, gd_window_work *work)
{
    const int64_t oldest = gd_max_i64(0, memory->count - REMEMBERED);
    for (int64_t i = memory->count - 1; i >= oldest; i--) {
        const weighed *w = &memory->known[i % REMEMBERED];
        if (gd_window_shape_same(&w->shape, shape)) {
            *work = w->work;
            return true;
        }
    }
    return false;
}

void gd_work_memory_note(gd_work_memory *memory, const gd_window_shape *shape, const gd_window_work *work)
{
    memory->known[memory->count++ % REMEMBERED] = (weighed){*shape, *work};
}
