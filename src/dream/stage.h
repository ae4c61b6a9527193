/* The fields of one octave. */
#ifndef GD_DREAM_STAGE_H
#define GD_DREAM_STAGE_H

#include "base/status.h"
#include "dream/engine.h"
#include "dream/layout.h"
#include "mpi/comm.h"

typedef struct gd_stage {
    gd_layout *layout; /* owned */
    gd_plane *canvas;  /* owned */
} gd_stage;

/* Not collective. The pixels are not set. */
gd_status gd_stage_create(const gd_comm *comm, gd_memory *memory, int64_t rows, int64_t cols,
                          gd_stage **stage, gd_error *error) GD_CHECKED;
void gd_stage_free(gd_stage *stage);

/* Replaces *stage by one of rows x cols pixels, resampled from it. Collective. */
gd_status gd_stage_resample(gd_comm *comm, const gd_engine *engine, gd_resample_kind kind, int64_t rows,
                            int64_t cols, gd_stage **stage, gd_error *error) GD_CHECKED;

#endif
