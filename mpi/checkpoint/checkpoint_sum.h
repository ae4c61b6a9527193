/* Length and checksum of the input file, which identify it in a checkpoint. */
#ifndef GD_MPI_CHECKPOINT_SUM_H
#define GD_MPI_CHECKPOINT_SUM_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdatomic.h>
#include <stdint.h>

/* Length and CRC-32 (zlib's) of a whole file. Rank 0 reads it and has the result. All ranks agree after every
 * 64 MiB, so that no wait exceeds the deadline. GD_USAGE, with the path, if it cannot be read. Collective;
 * all ranks agree on the status. */
gd_status gd_checkpoint_sum(gd_comm *comm, const char *path, int64_t *bytes, int64_t *crc,
                            gd_error *error) GD_CHECKED;

/* The same in one process. GD_STOPPED, without a message, soon after *stop is true. Not collective. */
gd_status gd_checkpoint_sum_alone(const char *path, const atomic_bool *stop, int64_t *bytes, int64_t *crc,
                                  gd_error *error) GD_CHECKED;

#endif
