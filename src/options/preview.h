/* The value of --preview. */
#ifndef GD_OPTIONS_PREVIEW_H
#define GD_OPTIONS_PREVIEW_H

#include "base/status.h"
#include "options/options.h"
#include "options/value.h"

/* Reads "FILE[,PIXELS]". FILE is a .jpg or .png, and may have one %d or %0Nd for the number of the preview.
 */
gd_value_reader gd_read_preview;
gd_value_printer gd_print_preview; /* "FILE,PIXELS" */

#endif
