/* Checkpoints: the canvas of a render and all state needed to continue, in one HDF5 file.
 *
 * The first 2048 bytes (HDF5's user block) are text: the format, the identity of the save, all numbers, the
 * place of each piece, and two CRCs (zlib's), of this block and of everything between it and the canvas. Each
 * block of the canvas has a CRC of its own. So a single wrong byte anywhere is detected. The canvas is one
 * dataset of blocks along the partition's curve, each [rows, cols, 3] float32, so that any number of ranks
 * can read it.
 *
 * This program reads the file by that text, whose numbers are bounded, and never with HDF5; other programs
 * can use HDF5. Each save has an identity of 128 random bits, so that all ranks read the save that rank 0
 * opened. */
#ifndef GD_MPI_CHECKPOINT_CHECKPOINT_H
#define GD_MPI_CHECKPOINT_CHECKPOINT_H

#include "base/status.h"
#include "base/target.h"
#include "canvas/plane.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "mpi/comm.h"

/* Reads this rank's part of the plane from the file of `checkpoint` (used on rank 0 only). The plane's
 * partition must have the checkpoint's rows and cols. The other ranks open `path` themselves. While they see
 * another save there (NFS caches folders), they try again until the deadline, at most 90 s; then GD_USAGE
 * with the path. Each block is checked: GD_USAGE if one is damaged or holds a value that is not finite.
 * Collective; all ranks agree on the status. */
gd_status gd_checkpoint_read(gd_comm *comm, const char *path, const gd_checkpoint *checkpoint,
                             const gd_plane *plane, gd_error *error) GD_CHECKED;

/* Writes a checkpoint under `target`'s temporary name, and renames it when all of it is on disk. After any
 * failure the name is a complete checkpoint or was not touched. `target` (resolved, not a link) and
 * `checkpoint` are used on rank 0 only, which creates the file; all ranks must be able to open it. `path` is
 * the name in messages. Collective; all ranks agree on the status, except GD_COMM. */
gd_status gd_checkpoint_write(gd_comm *comm, const char *path, gd_target *target,
                              const gd_checkpoint *checkpoint, const gd_plane *plane,
                              gd_error *error) GD_CHECKED;

#endif
