/* Ranks the channels that -ml asks for by words, "strong8": by their means over a copy of the first canvas.
 */
#ifndef GD_JOB_RANK_CHANNELS_H
#define GD_JOB_RANK_CHANNELS_H

#include "base/status.h"
#include "job/decision.h"
#include "mpi/comm.h"

/* Unless there is nothing to rank, or a checkpoint has the numbers: rank 0 ranks them, and all ranks get the
 * numbers (settings.chosen) and the objective of these. Of noise, the copy is the upper left part. Call it
 * before the engine is opened. Collective; all ranks return the same status. */
gd_status gd_rank_channels(gd_comm *comm, gd_decision *decision, gd_error *error) GD_CHECKED;

/* *bytes: the memory that this takes on rank 0; 0: there is nothing to rank. Not collective. */
gd_status gd_rank_channels_bytes(const gd_decision *decision, uint64_t *bytes, gd_error *error) GD_CHECKED;

#endif
