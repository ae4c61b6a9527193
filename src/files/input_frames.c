/* Counts the numbered pictures of a sequence, and finds those that are missing. */
#include "files/input_frames.h"

#include "files/preview_names.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { GAP = 100 }; /* a file so much further on is one of the sequence */

void gd_input_frames_path(const gd_options *o, int64_t first, int64_t index, char path[GD_PATH_MAX])
{
    if (gd_options_inputs(o))
        gd_preview_path(o->input, first + index, path);
    else
        snprintf(path, GD_PATH_MAX, "%s", o->input);
}

static bool is_there(const gd_options *o, int64_t number)
{
    struct stat about;
    char path[GD_PATH_MAX];
    gd_input_frames_path(o, 0, number, path);
    return stat(path, &about) == 0;
}

static gd_status missing(const gd_options *o, int64_t number, gd_error *error)
{
    char path[GD_PATH_MAX];
    gd_input_frames_path(o, 0, number, path);
    return gd_fail(
        error, GD_USAGE,
        "-img %.300s: the frame %.300s is missing; number the frames from 0 or 1 on without gaps, or "
        "give a smaller --frames",
        o->input, path);
}

gd_status gd_input_frames_find(gd_options *o, int64_t *first, gd_error *error)
{
    int64_t count = 0;
    *first = 0;
    if (!gd_options_inputs(o))
        return GD_OK;
    *first = !is_there(o, 0);
    while (count < (o->frames > 0 ? o->frames : GD_FRAMES_MAX) && is_there(o, *first + count))
        count++;
    if (count == 0 || count < o->frames)
        return missing(o, *first + count, error);
    for (int64_t next = count + 1; o->frames == 0 && next < count + GAP; next++)
        if (is_there(o, *first + next))
            return missing(o, *first + count, error);
    o->frames = (int32_t)count;
    return GD_OK;
}

bool gd_flow_frame_path(const gd_options *o, int64_t first, int64_t index, char path[GD_PATH_MAX])
{
    struct stat about;
    gd_preview_path(o->flow, first + index, path);
    return stat(path, &about) == 0 || errno != ENOENT; /* others are told of when it is opened */
}

gd_status gd_flow_frames_check(const gd_options *o, int64_t first, gd_error *error)
{
    char path[GD_PATH_MAX];
    for (int64_t i = 1; gd_options_flow(o) && i < o->frames; i++)
        if (gd_flow_frame_path(o, first, i, path))
            return GD_OK;
    if (!gd_options_flow(o) || o->frames < 2)
        return GD_OK;
    (void)gd_flow_frame_path(o, first, 1, path);
    return gd_fail(error, GD_USAGE,
                   "--flow %.300s: no frame has such a file; that of the second one would be %.300s", o->flow,
                   path);
}
