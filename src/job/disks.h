/* Disk space: the sizes of a render's files, and a check of the free space. */
#ifndef GD_JOB_DISKS_H
#define GD_JOB_DISKS_H

#include "base/status.h"
#include "image/writer_options.h"
#include "job/decision.h"
#include "plan/fit.h"
#include "web/space.h"

#include <stdbool.h>
#include <stdint.h>

/* The options of the picture's file, with its size. */
gd_writer_options gd_disks_output(const gd_decision *decision);

/* Peak disk space in bytes while the picture is written, see gd_writer_disk_bytes, or for all frames that are
 * not written yet. */
double gd_disks_pictures(const gd_decision *decision);

/* Tiles of the result, and of the input beside it; and the space of them, of the page, and of the views of
 * two octaves, which are removed at the end (gd_web_space_of). */
gd_web_space gd_disks_tiles(const gd_decision *decision);

/* Bytes of two checkpoints of the largest canvas, minus an existing one: the previous checkpoint is kept
 * until the next one is complete. 0 without steps. */
double gd_disks_checkpoint(const gd_decision *decision);

/* GD_USAGE if the disks of this host have too little space for the scratch files of its `ranks` ranks in
 * `folder` and, with `root`, for an input to rotate, the picture, its tiles unless they are there in part,
 * and checkpoints if requested explicitly. If only default checkpoints do not fit, prints a line on stderr.
 * Files on the same disk are summed. Not collective. */
gd_status gd_disks_check(const gd_decision *decision, const gd_fit *fit, const char *folder, int32_t ranks,
                         bool root, gd_error *error) GD_CHECKED;

#endif
