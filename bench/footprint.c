/* Measures tapes and programs by making several of them. */
#include "footprint.h"

#include "net/lower/lower.h"

#include <malloc.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { MADE = 9 }; /* as an octave has shapes */

typedef struct state {
    double heap, resident, seconds;
} state;

static double resident_bytes(void)
{
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%ld %ld", &pages, &resident) != 2)
        resident = 0;
    if (file)
        fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static state now(void)
{
    const struct mallinfo2 heap = mallinfo2();
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (state){(double)(heap.uordblks + heap.hblkhd), resident_bytes(),
                   (double)t.tv_sec + 1e-9 * (double)t.tv_nsec};
}

/* At the beginning, in the middle and at the end of each axis, as windows at the edges of a canvas have it.
 */
static gd_rect focus_of(const gd_tape *tape, int index)
{
    gd_rect focus = tape->focus;
    focus.y = (tape->rows - focus.rows) * (index / 3) / 2;
    focus.x = (tape->cols - focus.cols) * (index % 3) / 2;
    return focus;
}

static void print(const char *what, const state *from, const state *to)
{
    printf("# a %s: %.1f KiB of heap, %.1f KiB resident, %.2f ms\n", what,
           (to->heap - from->heap) / MADE / 1024, (to->resident - from->resident) / MADE / 1024,
           1e3 * (to->seconds - from->seconds) / MADE);
}

gd_status print_footprint(const gd_backend *backend, gd_device *device, const gd_tape *tape,
                          const gd_net *net, const gd_objective *objective, bool no_shrink, gd_error *error)
{
    gd_tape *tapes[MADE] = {0};
    gd_program *programs[MADE] = {0};
    gd_status status = GD_OK;
    const state begun = now();
    for (int i = 0; i < MADE && status == GD_OK; i++) {
        const gd_lower_options options = {
            .dense = backend->dense, .focus = focus_of(tape, i), .no_shrink = no_shrink};
        status = gd_tape_lower(net, objective, tape->rows, tape->cols, &options, &tapes[i], error);
    }
    const state lowered = now();
    for (int i = 0; i < MADE && status == GD_OK; i++)
        status = backend->compile(device, tapes[i], &programs[i], error);
    const state compiled = now();
    if (status == GD_OK) {
        print("tape", &begun, &lowered);
        print("program", &lowered, &compiled);
    }
    for (int i = 0; i < MADE; i++) {
        backend->free(programs[i]);
        gd_tape_free(tapes[i]);
    }
    return status;
}
