/* The guide of --guide, on rank 0: the share of each channel in the means of a picture's features, or the
 * features of all its units, to be matched.
 *
 * crowsonkb/deep_dream, prepare_guide_weights; its norm over each tile is left out. google/deepdream,
 * dream.ipynb, objective_guide. */
#ifndef GD_JOB_GUIDE_H
#define GD_JOB_GUIDE_H

#include "base/status.h"
#include "job/decision.h"
#include "mpi/comm.h"

/* Where there is a guide: rank 0 measures it, or takes what a checkpoint says (`saved`, its text; NULL: no
 * checkpoint), and sends it to all ranks, in the decision's guide and its objective. GD_USAGE if the
 * picture cannot be read, is smaller than the network takes, or leaves a layer cold. Call it when ranked
 * channels are known and before the engine is opened; the caller frees the guide with gd_guide_free
 * (job/sample/guide_text.h). Collective; all ranks return the same status. */
gd_status gd_guide_take(gd_comm *comm, gd_decision *decision, const char *saved, gd_error *error) GD_CHECKED;

/* *bytes: the memory that measuring takes on rank 0; 0: there is nothing to measure. Sets what a plan needs
 * of a guide to be matched. GD_USAGE as gd_guide_take. Not collective. */
gd_status gd_guide_bytes(gd_decision *decision, const char *saved, uint64_t *bytes,
                         gd_error *error) GD_CHECKED;

#endif
