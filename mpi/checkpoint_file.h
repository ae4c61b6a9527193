/* The file of a checkpoint, as one process sees it: its HDF5 layout, and the first block that seals it. */
#ifndef GD_MPI_CHECKPOINT_FILE_H
#define GD_MPI_CHECKPOINT_FILE_H

#include "mpi/checkpoint.h"

#include <stddef.h>

/* Where things are, in bytes from the file's start. */
typedef struct gd_checkpoint_map {
    int64_t file_bytes;
    int64_t canvas_at, canvas_bytes;
    int64_t crcs_at; /* uint32 for each block; not part of the seal */
} gd_checkpoint_map;

/* Creates the file `part` with all of `checkpoint` and room for the canvas and its CRCs, all of it reserved
 * on disk. `path` is what sentences name. The caller removes what a failure leaves. */
gd_status gd_checkpoint_lay_out(const char *part, const char *path, const gd_checkpoint *checkpoint,
                                const gd_layout *layout, gd_checkpoint_map *map, gd_error *error) GD_CHECKED;

/* What lay_out has put in, from a file whose seal is whole. */
gd_status gd_checkpoint_load(const char *path, gd_checkpoint *checkpoint, gd_error *error) GD_CHECKED;

/* Writes the first block over a file that is complete otherwise. */
gd_status gd_checkpoint_seal(int fd, const char *path, const gd_checkpoint_map *map,
                             gd_error *error) GD_CHECKED;

/* Whether a file begins as a checkpoint does. `unfinished`: or as one that is being written does, by a
 * process that may have died: with no more than a part of that, or with nothing where HDF5 leaves room for
 * it. */
bool gd_checkpoint_begins(int fd, bool unfinished);

/* Checks the first block and all but the canvas; *map without crcs_at. */
gd_status gd_checkpoint_verify(int fd, const char *path, gd_checkpoint_map *map, gd_error *error) GD_CHECKED;

/* Reads or writes all of `bytes`; false with errno set (0: the file ends before). */
bool gd_checkpoint_get(int fd, void *values, int64_t bytes, int64_t at);
bool gd_checkpoint_put(int fd, const void *values, int64_t bytes, int64_t at);

/* Fills the sentence for a failed write, with errno's cause. */
gd_status gd_checkpoint_unwritten(const char *path, gd_error *error);

/* Fills the sentence for what cannot be used; `what` says why. */
gd_status gd_checkpoint_unusable(const char *path, const char *what, gd_error *error);

#endif
