/* Checkpoints: a render's canvas and everything that its rest follows from, in one HDF5 file.
 *
 * Its first 2048 bytes (HDF5's user block) are text that names the format, the save, all numbers and where
 * each piece lies, and two CRCs (zlib's): of this block, and of all between it and the canvas. The canvas has
 * one for each of its blocks. So one wrong byte anywhere is found. The canvas is one dataset, block after
 * block along the layout's curve, each dense [rows, cols, 3] float32, so that any number of ranks can read
 * it.
 *
 * The file is read by that text, whose numbers are bounded, and never by HDF5; others read it with HDF5. Each
 * save has an identity, 128 random bits: all ranks read the very save that rank 0 has opened. */
#ifndef GD_MPI_CHECKPOINT_H
#define GD_MPI_CHECKPOINT_H

#include "base/status.h"
#include "base/target.h"
#include "canvas/plane.h"
#include "mpi/comm.h"

#include <stdatomic.h>
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
    /* Of the input's file (gd_checkpoint_sum); 0 for noise. */
    int64_t input_bytes, input_crc;
} gd_checkpoint_place;

typedef struct gd_checkpoint_opened gd_checkpoint_opened; /* the file, and what its first block says */

typedef struct gd_checkpoint {
    gd_checkpoint_place place;
    char *texts[GD_CHECKPOINT_TEXTS]; /* owned */
    int64_t *rolls;                   /* owned; [roll_count, 2]: dy, dx of a replay; NULL: none */
    int64_t roll_count;
    uint8_t *icc; /* owned; [icc_bytes] the input's colour profile; NULL: none */
    int64_t icc_bytes;
    gd_checkpoint_opened *opened; /* owned; set by gd_checkpoint_open, else NULL */
    uint32_t owner;               /* the user whose file it is; set by gd_checkpoint_open */
} gd_checkpoint;

/* Reads all but the canvas, and checks all but the canvas. Sizes are bounded before anything is allocated: at
 * most 4 MiB of texts, 64 MiB of a profile, 256 MiB of rolls, and never more than the file has. GD_USAGE with
 * a sentence for a file that is not a checkpoint, of another format, cut short or damaged. The file stays
 * open until gd_checkpoint_free. Not collective; the caller frees it. */
gd_status gd_checkpoint_open(const char *path, gd_checkpoint **checkpoint, gd_error *error) GD_CHECKED;
void gd_checkpoint_free(gd_checkpoint *checkpoint); /* NULL is fine */

/* Fills this rank's part of the plane, whose layout has the checkpoint's rows and cols, from the file that
 * `checkpoint` was opened from; it counts on rank 0 alone. The other ranks open `path` themselves, again and
 * again while they see another save there (folders of NFS lag behind), up to the deadline, 90 s at most; then
 * GD_USAGE, naming it. Each block is checked; a damaged one, or one with a value that is no finite number, is
 * refused with GD_USAGE. Collective, and agreed on. */
gd_status gd_checkpoint_read(gd_comm *comm, const char *path, const gd_checkpoint *checkpoint,
                             const gd_plane *plane, gd_error *error) GD_CHECKED;

/* Writes a checkpoint under `target`'s temporary name, and gives it its name when all of it is on disk;
 * whatever happens, the name is a whole checkpoint or was not touched. `target` (resolved, no link) and
 * `checkpoint` count on rank 0 alone, which makes the file; all ranks must see it. `path` is what sentences
 * name. Collective, and agreed on (but for GD_COMM). */
gd_status gd_checkpoint_write(gd_comm *comm, const char *path, gd_target *target,
                              const gd_checkpoint *checkpoint, const gd_plane *plane,
                              gd_error *error) GD_CHECKED;

/* Length and CRC-32 (zlib's) of all of a file. Rank 0 reads it, and has the result; the others are told every
 * so often, so that no wait outlasts its deadline. GD_USAGE, naming it, when it cannot be read. Collective,
 * and agreed on. */
gd_status gd_checkpoint_sum(gd_comm *comm, const char *path, int64_t *bytes, int64_t *crc,
                            gd_error *error) GD_CHECKED;

/* The same of one process. GD_STOPPED, without a sentence, soon after *stop is true. Not collective. */
gd_status gd_checkpoint_sum_alone(const char *path, const atomic_bool *stop, int64_t *bytes, int64_t *crc,
                                  gd_error *error) GD_CHECKED;

/* GD_USAGE, naming it, when what stands under a checkpoint's name is no checkpoint of this program: it would
 * be replaced, or removed. Not collective. */
gd_status gd_checkpoint_spare(const gd_target *target, gd_error *error) GD_CHECKED;

/* Removes it where it is a checkpoint of this program, and still this render's. Not collective. */
void gd_checkpoint_remove(const gd_target *target);

#endif
