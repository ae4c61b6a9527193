/* No file that a render writes may stand in the place of another. */
#ifndef GD_JOB_FILE_CLASHES_H
#define GD_JOB_FILE_CLASHES_H

#include "base/status.h"
#include "job/prepare.h"

/* GD_USAGE, with both flags, when a file that the settled decision's render, or its proof, writes is another
 * one that it writes or reads, by whatever name; but a checkpoint may be the one that is gone on from. Rank 0
 * only. */
gd_status gd_collide_check(const gd_decision *decision, gd_error *error) GD_CHECKED;

#endif
