/* Lists the differences between a command and that of a checkpoint. */
#ifndef GD_JOB_COMPARE_RESUME_DIFFER_H
#define GD_JOB_COMPARE_RESUME_DIFFER_H

#include "base/status.h"
#include "options/options.h"

/* GD_USAGE if parameters that affect the pixels differ. The message names each of them with its value in the
 * checkpoint `path` and its current value. */
gd_status gd_resume_differ(const char *path, const gd_options *was, const gd_options *is,
                           gd_error *error) GD_CHECKED;

#endif
