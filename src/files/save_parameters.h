/* --save-parameters: a file of flags that @FILE reads. */
#ifndef GD_FILES_SAVE_PARAMETERS_H
#define GD_FILES_SAVE_PARAMETERS_H

#include "base/status.h"
#include "files/confirm.h"
#include "options/options.h"

/* Writes the options into the file that they name; nothing happens where they name none. The file is there
 * whole, or as it was. GD_USAGE when another program wrote what stands there, unless --overwrite was given or
 * a user confirms. Rank 0 only. */
gd_status gd_save_parameters(const gd_options *options, const gd_confirm *confirm,
                             gd_error *error) GD_CHECKED;

#endif
