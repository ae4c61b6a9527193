/* Reads the input into several small parts of a large canvas at once. */
#ifndef GD_TRANSFER_SOURCE_PARTS_H
#define GD_TRANSFER_SOURCE_PARTS_H

#include "base/file.h"
#include "base/rect.h"
#include "base/status.h"
#include "canvas/canvas.h"
#include "image/resample.h"
#include "mpi/comm.h"
#include "transfer/source.h"

/* The input. All pointers are borrowed. */
typedef struct gd_source_input {
    const char *path;              /* the picture's; NULL: noise */
    const char *folder;            /* see gd_reader_open */
    const gd_file_identity *first; /* expected identity of the file, as in gd_source_file */
    uint64_t seed;                 /* of noise */
    gd_extent base; /* size of the picture or the noise, before it is resampled to the canvas */
    bool direct;    /* resample the file directly to the canvas and clip it instead */
    gd_resample_kind resample;
} gd_source_input;

/* Fills `count` parts of one canvas with the same pixels as a whole canvas filled by gd_source_file or
 * gd_source_noise and resampled. Rank 0 reads the input once, row by row, and holds a few rows and all parts;
 * gd_source_file holds a band of rows. *report (or NULL) is filled on rank 0. Collective. */
gd_status gd_source_parts(gd_comm *comm, const gd_source_input *input, gd_canvas *const *canvases,
                          int32_t count, gd_source_report *report, gd_error *error) GD_CHECKED;

#endif
