/* A command beside a checkpoint of another one. */
#ifndef GD_JOB_RESUME_DIFFER_H
#define GD_JOB_RESUME_DIFFER_H

#include "base/status.h"
#include "options/options.h"

#include <stdbool.h>
#include <stdio.h>

/* GD_USAGE, with a sentence that names every parameter that differs, its value in the checkpoint `path` and
 * its value now, when some of those differ that have a say in the pixels. */
gd_status gd_resume_differ(const char *path, const gd_options *was, const gd_options *is,
                           gd_error *error) GD_CHECKED;

/* Shows why a checkpoint cannot be gone on from, and asks whether to start anew: true for a yes. */
bool gd_resume_ask(const char *sentence, FILE *in, FILE *out);

#endif
