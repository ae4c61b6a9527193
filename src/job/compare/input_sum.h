/* The input's length and CRC, for the checkpoints of a new render. A thread computes them while the input is
 * read, because a separate pass would take up to a tenth longer (measured: 7 % for an uncompressed TIFF). */
#ifndef GD_JOB_COMPARE_INPUT_SUM_H
#define GD_JOB_COMPARE_INPUT_SUM_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdint.h>

typedef struct gd_input_sum gd_input_sum;

/* Starts the thread. `path` is borrowed until the end. Not collective: rank 0 only. The caller frees *sum. */
gd_status gd_input_sum_begin(const char *path, gd_input_sum **sum, gd_error *error) GD_CHECKED;

/* Waits for the thread of rank 0; `sum` is NULL on other ranks. Ranks communicate every second, so that no
 * wait exceeds its deadline. Only rank 0 gets the result. GD_USAGE, naming the file, if it cannot be read.
 * Collective; all ranks return the same status. */
gd_status gd_input_sum_end(gd_comm *comm, gd_input_sum *sum, int64_t *bytes, int64_t *crc,
                           gd_error *error) GD_CHECKED;

/* Frees it, after stopping a running thread. NULL is allowed. */
void gd_input_sum_free(gd_input_sum *sum);

#endif
