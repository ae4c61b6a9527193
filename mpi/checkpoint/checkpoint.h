/* Checkpoints: a render's canvas and everything that its rest follows from, in one HDF5 file.
 *
 * Its first 2048 bytes (HDF5's user block) are text that names the format, the save, all numbers and where
 * each piece lies, and two CRCs (zlib's): of this block, and of all between it and the canvas. The canvas has
 * one for each of its blocks. So one wrong byte anywhere is found. The canvas is one dataset, block after
 * block along the partition's curve, each dense [rows, cols, 3] float32, so that any number of ranks can read
 * it.
 *
 * The file is read by that text, whose numbers are bounded, and never by HDF5; others read it with HDF5. Each
 * save has an identity, 128 random bits: all ranks read the very save that rank 0 has opened. */
#ifndef GD_MPI_CHECKPOINT_CHECKPOINT_H
#define GD_MPI_CHECKPOINT_CHECKPOINT_H

#include "base/status.h"
#include "base/target.h"
#include "canvas/plane.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "mpi/comm.h"

/* Fills this rank's part of the plane, whose partition has the checkpoint's rows and cols, from the file that
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

#endif
