/* Blends a finished picture with the input that it was made of, as a stream of rows. */
#ifndef GD_JOB_BLEND_BLEND_FILES_H
#define GD_JOB_BLEND_BLEND_FILES_H

#include "base/status.h"
#include "files/claims.h"
#include "options/options.h"

/* Writes options->output: options->input plus options->strength times the difference of the picture `dream`
 * to it, or, with options->keep_colors, times that difference's luma. The input is resized to the dream's
 * size while it is read, as at a render's end. options->bits 0: those of the dream's samples; a JPEG has 8.
 *
 * Colour profile and resolution are the dream's, also the command in its text field, with the strength that
 * the result has. Memory is that of a few rows of each file. The names are locked as those of a render, in
 * `claims`. GD_USAGE for files that cannot be read or would be lost. Not collective. */
gd_status gd_blend_files(const gd_options *options, const char *dream, gd_claims *claims,
                         const gd_confirm *confirm, gd_error *error) GD_CHECKED;

#endif
