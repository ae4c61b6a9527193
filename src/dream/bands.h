/* Bands of rows: how a picture passes between rank 0, which holds the file, and the ranks that hold the
 * canvas. */
#ifndef GD_DREAM_BANDS_H
#define GD_DREAM_BANDS_H

#include "base/status.h"
#include "dream/stage.h"
#include "mpi/comm.h"

typedef enum gd_band_direction { GD_BANDS_IN, GD_BANDS_OUT } gd_band_direction;

/* Reads or writes `count` rows, [count, cols, 3], the next ones from the top. Called on rank 0 only. */
typedef gd_status (*gd_band_visit)(void *context, int64_t count, float *rgb, gd_error *error);

/* IN: `visit` fills each band, which is scattered into the canvas. OUT: each band is gathered and handed to
 * `visit`. When a visit fails, all ranks get its status and sentence. Collective. */
gd_status gd_bands_pass(gd_comm *comm, gd_stage *stage, gd_band_direction direction, gd_band_visit visit,
                        void *context, gd_error *error) GD_CHECKED;

#endif
