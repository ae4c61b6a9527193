/* Checkpoints: a render's canvas and everything that its rest follows from, in one HDF5 file.
 *
 * Its first 512 bytes (HDF5's user block) are text that names the format, where the canvas lies and what the
 * file's length is, and two CRCs (zlib's): of this block, and of all else but the canvas. The canvas has one
 * for each of its blocks. So one wrong byte anywhere is found. The canvas is one dataset, block after block
 * along the layout's curve, each dense [rows, cols, 3] float32, so that any number of ranks can read it. */
#ifndef GD_MPI_CHECKPOINT_H
#define GD_MPI_CHECKPOINT_H

#include "base/status.h"
#include "dream/plane.h"
#include "mpi/comm.h"

#include <stdint.h>

typedef enum gd_checkpoint_text {
    GD_CHECKPOINT_PROGRAM,  /* the program's version */
    GD_CHECKPOINT_COMMAND,  /* the command line that was given */
    GD_CHECKPOINT_SETTLED,  /* the same with what was left open settled */
    GD_CHECKPOINT_NUMERICS, /* the numerics record */
    GD_CHECKPOINT_CHOICES,  /* how each operation is computed; "": the backend has no choice */
    GD_CHECKPOINT_TEXTS
} gd_checkpoint_text;

typedef struct gd_checkpoint_place {
    int64_t octave;               /* exponent */
    int64_t step;                 /* that comes next in it, from 0; after the last one: their number */
    int64_t base_rows, base_cols; /* of the picture */
    int64_t rows, cols;           /* of the canvas at this octave */
    double dpi_x, dpi_y;          /* of the input */
    /* Of the input's file, where it is read again on the way (gd_checkpoint_sum); else 0. */
    int64_t input_bytes, input_crc;
} gd_checkpoint_place;

typedef struct gd_checkpoint {
    gd_checkpoint_place place;
    char *texts[GD_CHECKPOINT_TEXTS]; /* owned */
    int64_t *rolls;                   /* owned; [roll_count, 2]: dy, dx of a replay; NULL: none */
    int64_t roll_count;
    uint8_t *icc; /* owned; [icc_bytes] the input's colour profile; NULL: none */
    int64_t icc_bytes;
    int64_t canvas_at, crcs_at; /* set by gd_checkpoint_open: bytes from the file's start */
} gd_checkpoint;

/* Reads all but the canvas, and checks all but the canvas. GD_USAGE with a sentence for a file that is not a
 * checkpoint, of another format, cut short or damaged. Not collective; the caller frees it. */
gd_status gd_checkpoint_open(const char *path, gd_checkpoint **checkpoint, gd_error *error) GD_CHECKED;
void gd_checkpoint_free(gd_checkpoint *checkpoint); /* NULL is fine */

/* Fills this rank's part of the plane, whose layout has the checkpoint's rows and cols, from the file;
 * `checkpoint` (canvas_at, crcs_at, place) counts on rank 0 alone. Each block is checked; a damaged one is
 * refused with GD_USAGE. Collective, and agreed on. */
gd_status gd_checkpoint_read(gd_comm *comm, const char *path, const gd_checkpoint *checkpoint,
                             const gd_plane *plane, gd_error *error) GD_CHECKED;

/* Writes a checkpoint beside `path`, under the name that gd_checkpoint_part gives, and renames it when all of
 * it is on disk; whatever happens, `path` is a whole checkpoint or was not touched. `checkpoint` counts on
 * rank 0 alone, which creates the file; all ranks must see it under `path`. Collective, and agreed on (but
 * for GD_COMM). */
gd_status gd_checkpoint_write(gd_comm *comm, const char *path, const gd_checkpoint *checkpoint,
                              const gd_plane *plane, gd_error *error) GD_CHECKED;

/* Length and CRC-32 (zlib's) of all of a file. Rank 0 reads it, and has the result; the others are told every
 * so often, so that no wait outlasts its deadline. GD_USAGE, naming it, when it cannot be read. Collective,
 * and agreed on. */
gd_status gd_checkpoint_sum(gd_comm *comm, const char *path, int64_t *bytes, int64_t *crc,
                            gd_error *error) GD_CHECKED;

/* GD_USAGE, naming it, when what stands under a checkpoint's name, or its temporary one, is no checkpoint of
 * this program: it would be replaced, or removed. Not collective. */
gd_status gd_checkpoint_spare(const char *path, gd_error *error) GD_CHECKED;

/* Removes both, or the temporary one alone, where they are checkpoints of this program. Not collective. */
void gd_checkpoint_remove(const char *path);
void gd_checkpoint_remove_part(const char *path);

/* The temporary name of a checkpoint. Owned by the caller; NULL: out of memory. */
char *gd_checkpoint_part(const char *path);

#endif
