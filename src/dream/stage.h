/* The fields of one octave. */
#ifndef GD_DREAM_STAGE_H
#define GD_DREAM_STAGE_H

#include "base/status.h"
#include "canvas/plane.h"
#include "engine/engine.h"
#include "image/resample.h"
#include "mpi/comm.h"
#include "mpi/exchange.h"

typedef struct gd_stage {
    gd_partition *partition; /* owned */
    gd_plane *canvas;        /* owned */
} gd_stage;

/* The first `ranks` ranks hold it, the others have no pixels of it. Not collective. The pixels are not set.
 */
gd_status gd_stage_create(const gd_comm *comm, const gd_store *store, int64_t rows, int64_t cols,
                          int32_t ranks, gd_stage **stage, gd_error *error) GD_CHECKED;
void gd_stage_free(gd_stage *stage);

/* Replaces *stage by one of rows x cols pixels on the first `ranks` ranks, resampled from it; one of the same
 * size is copied as it is. Collective. */
gd_status gd_stage_resample(gd_comm *comm, const gd_engine *engine, gd_resample_kind kind, int64_t rows,
                            int64_t cols, int32_t ranks, gd_stage **stage, gd_error *error) GD_CHECKED;

#endif
