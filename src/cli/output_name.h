/* The name of an output that the command does not name. */
#ifndef GD_CLI_OUTPUT_NAME_H
#define GD_CLI_OUTPUT_NAME_H

#include "base/allowance.h"
#include "base/status.h"
#include "options/options.h"

/* The most pixels of a picture that is written as a JPEG unless it is named. */
enum { GD_OUTPUT_JPEG_PIXELS = 8000000 };

/* Sets options->output if it was not named: "none" with --web, else PICTURE_dream.jpg, or .tif for a picture
 * with more pixels than GD_OUTPUT_JPEG_PIXELS and for options that only a TIFF takes; the first of it,
 * PICTURE_dream_2 and so on that is not there yet, nor its copy of the input. Reads the header of the input,
 * whose faults are reported when it is opened again. Does nothing with --resume, since the checkpoint has the
 * name. `frame_first`: of gd_input_frames_find. GD_USAGE if all names are taken. Rank 0 only. */
gd_status gd_output_name_choose(gd_options *options, int64_t frame_first, gd_allowance *allowance,
                                gd_error *error) GD_CHECKED;

#endif
