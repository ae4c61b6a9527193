/* --preview: its value, when a preview is due, and what it is called. */
#ifndef GD_OPTIONS_PREVIEW_H
#define GD_OPTIONS_PREVIEW_H

#include "options/options.h"

#include <stdbool.h>

/* Reads "FILE[,PIXELS]"; FILE is a .jpg or .png, and may hold one %d or %0Nd for the number of the preview.
 */
gd_status gd_preview_read(const char *flag, const char *text, gd_options *options,
                          gd_error *error) GD_CHECKED;

/* The number, from 1, of the preview that is due after a step: the last of an octave, or every N-th of the
 * render. 0: none is due. It depends on the step alone, so that it goes on in a render that is resumed. */
int64_t gd_preview_number(const gd_options *options, int32_t octave, int32_t step);

void gd_preview_path(const gd_options *options, int64_t number, char path[GD_PATH_MAX]);

/* Whether `name` is that of one of the render's previews, whose pattern is spelled `pattern` here: the
 * option's behind another folder. */
bool gd_preview_meets(const gd_options *options, const char *pattern, const char *name);

/* The size of all previews: that of the picture, at most so many pixels on its longest side. */
void gd_preview_size(const gd_options *options, int64_t base_rows, int64_t base_cols, int64_t *rows,
                     int64_t *cols);

#endif
