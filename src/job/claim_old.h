/* What stands under the names of files that will be written. */
#ifndef GD_JOB_CLAIM_OLD_H
#define GD_JOB_CLAIM_OLD_H

#include "job/claim.h"

/* Whether something stands under the target's name, and whether it is of no worth or was written by this
 * program for that role. GD_USAGE when it cannot be told. */
gd_status gd_old_look(const gd_target *target, int role, bool *there, bool *ours, gd_error *error) GD_CHECKED;

/* What tells that of a file that came there since the start. */
gd_target_judge *gd_old_judge(int role);

/* Calls `look` for each file that stands in the folder of previews whose pattern is options->preview. */
typedef gd_status gd_old_visit(void *context, const gd_target *file, gd_error *error);
gd_status gd_old_previews(const gd_options *options, const gd_target *pattern, gd_old_visit *visit,
                          void *context, gd_error *error) GD_CHECKED;

#endif
