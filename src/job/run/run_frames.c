/* Names, writes and saves the frames of a sequence. */
#include "job/run/run_frames.h"

#include "base/clock.h"
#include "files/input_frames.h"
#include "files/preview_names.h"
#include "image/reader.h"
#include "job/run/run_records.h"
#include "job/run/run_save.h"
#include "mpi/agree.h"

/* Rank 0 only. All pictures of a video have one size, which a resumed render learns from the current one. */
static gd_status find_size(gd_run_state *r, const char *path, gd_extent *size, gd_error *error)
{
    gd_decision *d = &r->decision;
    gd_reader *reader = NULL;
    gd_status status = gd_reader_open(path, d->input_folder, &d->allowance, &reader, error);
    if (status != GD_OK)
        return status;
    const gd_picture_info info = *gd_reader_info(reader);
    gd_reader_close(reader);
    *size = (gd_extent){info.rows, info.cols};
    if (d->input_rows == 0 || (info.rows == d->input_rows && info.cols == d->input_cols))
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "%.300s is %lld x %lld pixels, and the first frame is %lld x %lld; bring all frames to one size",
        path, (long long)info.cols, (long long)info.rows, (long long)d->input_cols, (long long)d->input_rows);
}

/* Names the input of a frame of a video. */
static gd_status name_input(gd_run_state *r, gd_render_parameters *frame, gd_error *error)
{
    const gd_decision *d = &r->decision;
    if (!frame->frame.inputs)
        return GD_OK;
    gd_input_frames_path(&d->options, d->files.frame_first, frame->frame.index, r->frame_input);
    frame->input = r->frame_input;
    frame->input_file = NULL;
    return gd_run_is_root(r) ? find_size(r, r->frame_input, &frame->frame.picture, error) : GD_OK;
}

/* Names the flow of a frame of a video: rank 0 knows whether there is one. Collective. */
static gd_status name_flow(gd_run_state *r, gd_render_parameters *frame, gd_error *error)
{
    const gd_decision *d = &r->decision;
    int32_t there = 0;
    frame->frame.flow = NULL;
    if (!gd_options_flow(&d->options) || !frame->frame.follows)
        return GD_OK;
    if (gd_flow_frame_path(&d->options, d->files.frame_first, frame->frame.index, r->frame_flow))
        there = gd_run_is_root(r);
    const gd_status status = gd_comm_agree_request(r->comm, GD_OK, &there, error);
    frame->frame.flow = there ? r->frame_flow : NULL;
    return status;
}

gd_status gd_run_begin_frame(void *context, gd_render_parameters *frame, gd_error *error)
{
    gd_run_state *r = context;
    const bool opened = frame->frame.follows && !frame->frame.saved; /* the records, by the frame before */
    r->parameters = frame;
    r->frame_started = gd_clock();
    gd_checkpointer_begin_frame(r->checkpointer, frame->frame.index);
    gd_status status = name_flow(r, frame, error);
    if (status == GD_OK)
        status = name_input(r, frame, error);
    if (status == GD_OK && opened && gd_run_is_root(r)) {
        gd_progress_frame(&r->progress, frame->frame.index, frame->frame.count);
        status = gd_run_write_text(r, error);
    }
    return gd_comm_agree(r->comm, status, error);
}

void gd_run_note_tone(void *context, const gd_tone *tone)
{
    const gd_run_state *r = context;
    gd_checkpointer_tone(r->checkpointer, tone);
}

gd_status gd_run_write_frame(gd_run_state *r, const gd_canvas *canvas, gd_error *error)
{
    char path[GD_PREVIEW_NAME_BYTES];
    gd_target numbered = GD_TARGET_NONE;
    gd_status status = GD_OK;
    gd_preview_path(r->decision.files.frames, r->decision.files.frame_first + r->parameters->frame.index,
                    path);
    if (gd_run_is_root(r))
        status = gd_claims_borrow(r->claims, GD_CLAIM_OUTPUT, path, r->decision.options.overwrite, &numbered,
                                  error);
    status = gd_comm_agree(r->comm, status, error);
    if (status == GD_OK)
        status = gd_run_save(r, canvas, &numbered, path, error);
    gd_claims_return(&numbered);
    if (status == GD_OK)
        gd_run_say_written(r, canvas, path, gd_clock() - r->frame_started);
    return status;
}

gd_status gd_run_save_frame(gd_run_state *r, const gd_canvas *canvas, gd_error *error)
{
    const gd_render_parameters *p = r->parameters;
    int32_t request = atomic_load(p->hooks.stop) ? GD_REQUEST_STOP : GD_REQUEST_SAVE;
    if (gd_render_last(p) || p->steps == 0)
        return GD_OK;
    const gd_status status = gd_comm_agree_request(r->comm, GD_OK, &request, error);
    return status == GD_OK ? gd_checkpointer_save(r->checkpointer, canvas, p->octave_end, 0,
                                                  (gd_step_request)request, error)
                           : status;
}
