/* Completes a decision: opens the input, gathers the facts for its settings, and names its files. */
#ifndef GD_JOB_PREPARE_H
#define GD_JOB_PREPARE_H

#include "base/file.h"
#include "base/status.h"
#include "files/preview_names.h"
#include "image/writer_options.h"
#include "job/decision.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "net/net.h"

#include <stdint.h>

/* Completes and checks a decision of which options, objective, files.checkpoint, files.resume and
 * files.weights are set. *facts comes with what a checkpoint says, if one is continued, and is filled with
 * the rest. *profile receives what the input carries over to the output; the caller frees it. Remarks for the
 * user go to stderr. Rank 0 only. */
gd_status gd_prepare(const gd_net *net, gd_decision *decision, gd_settings_facts *facts, gd_profile *profile,
                     gd_error *error) GD_CHECKED;

/* A line on stderr about the input's file, unless --quiet. `warning` does not name it. Rank 0 only. */
void gd_prepare_warn(const gd_options *options, const char *warning);

/* How the decision's files are written, but for size, profile and text. */
gd_writer_options gd_prepare_writer(const gd_decision *decision);

/* When previews are due. */
gd_preview_rhythm gd_prepare_rhythm(const gd_decision *decision);

/* One line on stderr for each kind of hardware that the render would leave idle: cores of this host that none
 * of its `node_size` ranks may use (`cores` they may), and ranks without a tile. Rank 0 only. */
void gd_prepare_idle_lines(const gd_decision *decision, int32_t ranks, int32_t node_size, int32_t cores,
                           int64_t tiles);

#endif
