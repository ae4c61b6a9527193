/* The input's length and CRC, for the checkpoints of a new render: worked out by a thread while the input is
 * read, since one pass after the other would take up to a tenth longer (measured: 7 % for a TIFF without
 * compression). */
#ifndef GD_JOB_INPUT_SUM_H
#define GD_JOB_INPUT_SUM_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdint.h>

typedef struct gd_input_sum gd_input_sum;

/* Starts the thread. `path` is borrowed until the end. Not collective: for rank 0, which frees it. */
gd_status gd_input_sum_begin(const char *path, gd_input_sum **sum, gd_error *error) GD_CHECKED;

/* Waits for the thread of rank 0, which has the result; `sum` is NULL on the others, which are told every
 * second, so that no wait outlasts its deadline. GD_USAGE, naming the file, when it cannot be read.
 * Collective, and agreed on. */
gd_status gd_input_sum_end(gd_comm *comm, gd_input_sum *sum, int64_t *bytes, int64_t *crc,
                           gd_error *error) GD_CHECKED;

/* Also before its end: then the thread is told to give up. NULL is fine. */
void gd_input_sum_free(gd_input_sum *sum);

#endif
