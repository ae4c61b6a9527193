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

/* The first `ranks` ranks hold it, the others have no pixels of it. Not collective. The pixels are not set.
 */
gd_status gd_stage_create(const gd_comm *comm, gd_memory *memory, int64_t rows, int64_t cols, int32_t ranks,
                          gd_stage **stage, gd_error *error) GD_CHECKED;
void gd_stage_free(gd_stage *stage);

/* Replaces *stage by one of rows x cols pixels on the first `ranks` ranks, resampled from it; one of the same
 * size is copied as it is. Collective. */
gd_status gd_stage_resample(gd_comm *comm, const gd_engine *engine, gd_resample_kind kind, int64_t rows,
                            int64_t cols, int32_t ranks, gd_stage **stage, gd_error *error) GD_CHECKED;

/* Blocks of the new canvas that each rank resamples between two exchanges: bounds the memory of their
 * sources. */
enum { GD_STAGE_WAVE_BLOCKS = 16 };

/* Floats that the source of a block takes, up to the next one's. */
int64_t gd_stage_source_floats(gd_rect source);

#endif
