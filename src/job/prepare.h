/* Completes a decision: opens the input, gathers the facts for the settings, and names the files. */
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

/* Completes and checks a decision whose options, objective, files.checkpoint, files.resume and files.weights
 * are set. *facts has the facts from a resumed checkpoint, if any, and receives the others. *profile receives
 * the input's color profile; the caller frees it. Remarks for the user go to stderr. Rank 0 only. */
gd_status gd_prepare(const gd_net *net, gd_decision *decision, gd_settings_facts *facts, gd_profile *profile,
                     gd_error *error) GD_CHECKED;

/* Prints a warning about the input file on stderr, unless --quiet. The function adds the file's name. Rank 0
 * only. */
void gd_prepare_warn(const gd_options *options, const char *warning);

/* The options for writing the decision's files, without size, profile and text. */
gd_writer_options gd_prepare_writer(const gd_decision *decision);

/* The interval of previews. */
gd_preview_interval gd_prepare_preview_interval(const gd_decision *decision);

/* Prints a line on stderr for each kind of idle hardware: cores of this host that its `node_size` ranks may
 * not use (they may use `cores`), and ranks without a tile, since the largest octave has so many. Rank 0
 * only. */
void gd_prepare_idle_lines(const gd_decision *decision, int32_t ranks, int32_t node_size, int32_t cores,
                           int64_t tiles);

#endif
