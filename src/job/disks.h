/* Disk space: what a render writes, and whether the disks have space for it. */
#ifndef GD_JOB_DISKS_H
#define GD_JOB_DISKS_H

#include "base/status.h"
#include "image/writer_options.h"
#include "job/decision.h"
#include "plan/fit.h"

#include <stdbool.h>
#include <stdint.h>

/* How the picture is written, with its size. */
gd_writer_options gd_disks_output(const gd_decision *decision);

/* Most bytes that the picture takes at a time; see gd_writer_disk_bytes. */
double gd_disks_picture(const gd_decision *decision);

/* Bytes of two checkpoints of the largest canvas, but for one that is there already: the one before stays
 * until the next is whole. 0 without steps. */
double gd_disks_checkpoint(const gd_decision *decision);

/* GD_USAGE when the disks of this host have too little space for the scratch of all its `ranks` in `folder`
 * and, with `root`, for an input that waits to be turned, for the picture and for checkpoints that were asked
 * for; a line on stderr when only checkpoints that were not asked for do not fit. What lies on one disk
 * counts together. Not collective. */
gd_status gd_disks_check(const gd_decision *decision, const gd_fit *fit, const char *folder, int32_t ranks,
                         bool root, gd_error *error) GD_CHECKED;

#endif
