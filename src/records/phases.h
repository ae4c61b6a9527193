/* Time of a render by phase, measured on rank 0. */
#ifndef GD_RECORDS_PHASES_H
#define GD_RECORDS_PHASES_H

#include <stdio.h>

typedef enum gd_phase {
    GD_PHASE_READ,     /* rank 0 reads and resizes the file */
    GD_PHASE_SCATTER,  /* pixels are sent to the ranks; noise is generated */
    GD_PHASE_COMPUTE,  /* gradients of windows are computed */
    GD_PHASE_EXCHANGE, /* steps, while no window is computed: communication, waiting for other ranks */
    GD_PHASE_UPDATE,   /* canvas updates */
    GD_PHASE_BETWEEN,  /* between steps: resampling, previews, tiles of a canvas, checkpoints */
    GD_PHASE_WRITE,    /* pixels are collected, compressed and written */
    GD_PHASE_WEB,      /* the same for the tiles of --web */
    GD_PHASE_COUNT
} gd_phase;

typedef struct gd_phases {
    double seconds[GD_PHASE_COUNT];
} gd_phases;

const char *gd_phase_name(gd_phase phase); /* "read", ... */

/* Prints "read 1.2 s (3 %), scatter 0.3 s (1 %), ...": the phases of at least half a percent. */
void gd_phases_print(const gd_phases *phases, FILE *out);

#endif
