/* Where the first canvas comes from. */
#ifndef GD_TRANSFER_SOURCE_H
#define GD_TRANSFER_SOURCE_H

#include "base/file.h"
#include "base/status.h"
#include "canvas/canvas.h"
#include "engine/engine.h"
#include "image/limits.h"
#include "mpi/comm.h"

/* Gaussian noise about mid-grey, standard deviation a quarter of the way from grey to white, clipped. Every
 * rank makes its own blocks; a pixel depends on the seed and its place alone. Not collective. */
gd_status gd_source_noise(const gd_engine *engine, uint64_t seed, gd_canvas *canvas,
                          gd_error *error) GD_CHECKED;

/* The same over a rectangle of the canvas, on the host: rgb is [rows, cols, 3]. */
void gd_source_noise_at(uint64_t seed, gd_rect at, float *rgb);

/* What rank 0 can tell of a reading. */
typedef struct gd_source_report {
    double seconds;                 /* in which the picture was read and resized */
    char warning[GD_WARNING_BYTES]; /* as gd_reader_late_warning has it */
} gd_source_report;

/* Reads the picture at `path` on rank 0, resized to the canvas on the way, and deals it out in bands.
 * `folder` as in gd_reader_open. `first` (or NULL; counts on rank 0): the file that it must still be when it
 * is opened, and when all of it was read; GD_USAGE for another. *report (or NULL) is filled on rank 0.
 * Collective. */
gd_status gd_source_file(gd_comm *comm, const char *path, const char *folder, const gd_file_identity *first,
                         gd_canvas *canvas, gd_source_report *report, gd_error *error) GD_CHECKED;

#endif
