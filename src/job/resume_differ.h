/* Differences between a command and that of a checkpoint. */
#ifndef GD_JOB_RESUME_DIFFER_H
#define GD_JOB_RESUME_DIFFER_H

#include "base/status.h"
#include "options/options.h"

/* GD_USAGE, with a sentence that names every parameter that differs, its value in the checkpoint `path` and
 * its value now, when some of those differ that have a say in the pixels. */
gd_status gd_resume_differ(const char *path, const gd_options *was, const gd_options *is,
                           gd_error *error) GD_CHECKED;

#endif
