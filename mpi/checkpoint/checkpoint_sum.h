/* Length and checksum of the input file, by which a checkpoint recognizes it. */
#ifndef GD_MPI_CHECKPOINT_SUM_H
#define GD_MPI_CHECKPOINT_SUM_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdatomic.h>
#include <stdint.h>

/* Length and CRC-32 (zlib's) of all of a file. Rank 0 reads it, and has the result; the others are told every
 * so often, so that no wait outlasts its deadline. GD_USAGE, naming it, when it cannot be read. Collective,
 * and agreed on. */
gd_status gd_checkpoint_sum(gd_comm *comm, const char *path, int64_t *bytes, int64_t *crc,
                            gd_error *error) GD_CHECKED;

/* The same of one process. GD_STOPPED, without a sentence, soon after *stop is true. Not collective. */
gd_status gd_checkpoint_sum_alone(const char *path, const atomic_bool *stop, int64_t *bytes, int64_t *crc,
                                  gd_error *error) GD_CHECKED;

#endif
