/* Input of the first canvas: noise or a picture file. */
#ifndef GD_TRANSFER_SOURCE_H
#define GD_TRANSFER_SOURCE_H

#include "base/file.h"
#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/limits.h"
#include "mpi/comm.h"

/* Gaussian noise about mid-grey, standard deviation a quarter of the way from grey to white, clipped. Every
 * rank fills its own blocks; a pixel depends only on the seed and its position. Not collective. */
gd_status gd_source_noise(const gd_engine *engine, uint64_t seed, gd_canvas *canvas,
                          gd_error *error) GD_CHECKED;

/* The same for a rectangle of the canvas, on the host: rgb is [rows, cols, 3]. */
void gd_source_noise_at(uint64_t seed, gd_rect at, float *rgb);

/* Filled on rank 0. */
typedef struct gd_source_report {
    double seconds;                 /* of reading and resizing the picture */
    char warning[GD_WARNING_BYTES]; /* gd_reader_late_warning */
} gd_source_report;

/* Reads the picture at `path` on rank 0, resizes it to the canvas row by row, and scatters it in bands.
 * `folder`: see gd_reader_open. `first` (or NULL; on rank 0): the identity that the file must have when it is
 * opened and when it has been read; GD_USAGE if not. *report (or NULL) is filled on rank 0. Collective. */
gd_status gd_source_file(gd_comm *comm, const char *path, const char *folder, const gd_file_identity *first,
                         gd_canvas *canvas, gd_source_report *report, gd_error *error) GD_CHECKED;

#endif
