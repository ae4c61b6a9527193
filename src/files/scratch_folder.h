/* The folder for data that does not fit into memory. */
#ifndef GD_FILES_SCRATCH_FOLDER_H
#define GD_FILES_SCRATCH_FOLDER_H

#include "base/status.h"
#include "options/options.h"

#include <stdbool.h>

/* --scratch, else the first of $SLURM_TMPDIR, $TMPDIR, /tmp and /var/tmp whose files are not in memory, else
 * one whose files are (*in_memory), else "". GD_USAGE if --scratch cannot be used. Not collective; hosts may
 * differ. */
gd_status gd_scratch_folder(const gd_options *options, char folder[GD_PATH_MAX], bool *in_memory,
                            gd_error *error) GD_CHECKED;

#endif
