/* The pictures that a sequence dreams on: files that are numbered from 0 or 1 on. */
#ifndef GD_FILES_INPUT_FRAMES_H
#define GD_FILES_INPUT_FRAMES_H

#include "base/status.h"
#include "options/options.h"

#include <stdbool.h>
#include <stdint.h>

/* *first: the number of the first one, 0 where it is there, else 1; 0 where the input is no pattern. Without
 * --frames, options->frames becomes the number of files. GD_USAGE if one is missing. */
gd_status gd_input_frames_find(gd_options *options, int64_t *first, gd_error *error) GD_CHECKED;

/* GD_USAGE if --flow names files, and none is there of a frame after the first. Call gd_input_frames_find
 * first. */
gd_status gd_flow_frames_check(const gd_options *options, int64_t first, gd_error *error) GD_CHECKED;

/* The flow of frame `index` into the one before; false: there is no such file. */
bool gd_flow_frame_path(const gd_options *options, int64_t first, int64_t index, char path[GD_PATH_MAX]);

/* The file of frame `index`; the input itself where it is no pattern. */
void gd_input_frames_path(const gd_options *options, int64_t first, int64_t index, char path[GD_PATH_MAX]);

#endif
