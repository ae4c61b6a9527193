/* --save-parameters: writes a parameter file, which @FILE reads. */
#ifndef GD_FILES_SAVE_PARAMETERS_H
#define GD_FILES_SAVE_PARAMETERS_H

#include "base/status.h"
#include "files/confirm.h"
#include "options/options.h"

/* Writes the options into the file of --save-parameters, if given. The file is replaced atomically. GD_USAGE
 * if another program wrote the existing file, unless --overwrite was given or the user confirms. Rank 0 only.
 */
gd_status gd_save_parameters(const gd_options *options, const gd_confirm *confirm,
                             gd_error *error) GD_CHECKED;

#endif
