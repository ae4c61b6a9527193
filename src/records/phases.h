/* Where the time of a render went, as rank 0 saw it. */
#ifndef GD_RECORDS_PHASES_H
#define GD_RECORDS_PHASES_H

#include <stdio.h>

typedef enum gd_phase {
    GD_PHASE_READ,     /* rank 0 reads the file, and resizes it */
    GD_PHASE_SCATTER,  /* its pixels go to the ranks; noise is made */
    GD_PHASE_COMPUTE,  /* gradients of windows are under way */
    GD_PHASE_EXCHANGE, /* steps, while no window is: pixels move, others are waited for */
    GD_PHASE_UPDATE,   /* of the canvas */
    GD_PHASE_BETWEEN,  /* steps: the canvas changes its size, previews, checkpoints */
    GD_PHASE_WRITE,    /* pixels come, are compressed and written */
    GD_PHASE_COUNT
} gd_phase;

typedef struct gd_phases {
    double seconds[GD_PHASE_COUNT];
} gd_phases;

const char *gd_phase_name(gd_phase phase); /* "read", ... */

/* "read 1.2 s (3 %), scatter 0.3 s (1 %), ...": those that took a share at all. */
void gd_phases_print(const gd_phases *phases, FILE *out);

#endif
