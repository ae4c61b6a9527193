/* Opens the input, gathers the facts for the settings, names the files, and prints remarks for the user. */
#include "job/prepare.h"

#include "files/input_frames.h"
#include "files/scratch_folder.h"
#include "image/reader.h"
#include "image/writer.h"
#include "mpi/comm.h"
#include "mpi/deadline.h"
#include "options/path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void remark(const gd_options *o, const char *format, ...) GD_PRINTF(2, 3);

static void remark(const gd_options *o, const char *format, ...)
{
    if (o->quiet)
        return;
    va_list args;
    va_start(args, format);
    fputs("gigadream: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

void gd_prepare_warn(const gd_options *options, const char *warning)
{
    remark(options, "warning: %s: %s", options->input, warning);
}

static gd_status copy_profile(const gd_profile *from, gd_profile *to, gd_error *error)
{
    *to = *from;
    to->icc = NULL;
    if (!from->icc)
        return GD_OK;
    to->icc = malloc(from->icc_bytes);
    if (!to->icc)
        return gd_no_memory(error, "a colour profile of %zu bytes", from->icc_bytes);
    memcpy(to->icc, from->icc, from->icc_bytes);
    return GD_OK;
}

/* An invalid --scratch is reported later, only if one is needed. */
static void find_folder(gd_decision *d)
{
    bool in_memory = false;
    gd_error ignored;
    if (gd_scratch_folder(&d->options, d->input_folder, &in_memory, &ignored) != GD_OK || in_memory)
        d->input_folder[0] = '\0';
}

/* Opens the input as the render will. */
static gd_status open_input(gd_decision *d, gd_reader **reader, gd_error *error)
{
    find_folder(d);
    const gd_status status = gd_reader_open(d->files.input, d->input_folder, &d->allowance, reader, error);
    if (status != GD_OK)
        return status;
    const gd_picture_info *info = gd_reader_info(*reader);
    d->input_rows = info->rows;
    d->input_cols = info->cols;
    d->input_held = info->held_bytes;
    d->input_waiting = info->waiting_bytes;
    d->input_file = info->file;
    return GD_OK;
}

static gd_status measure_input(gd_decision *d, gd_profile *profile, gd_error *error)
{
    const gd_options *o = &d->options;
    if (*d->files.resume || gd_options_noise(o)) /* a checkpoint has the size and the profile */
        return GD_OK;
    gd_reader *reader = NULL;
    gd_status status = open_input(d, &reader, error);
    if (status != GD_OK)
        return status;
    const gd_picture_info *info = gd_reader_info(reader);
    if (info->warning)
        gd_prepare_warn(o, info->warning);
    status = copy_profile(&info->profile, profile, error);
    gd_reader_close(reader);
    return status;
}

/* Reads the mask once, to learn where it is black, and tells what is done with it. */
static gd_status measure_mask(gd_decision *d, gd_error *error)
{
    const gd_options *o = &d->options;
    gd_mask *mask = &d->mask;
    if (!gd_options_masked(o))
        return GD_OK;
    find_folder(d);
    const gd_status status = gd_mask_read(o->mask, d->input_folder, &d->allowance, mask, error);
    if (status != GD_OK)
        return status;
    if (mask->warning[0])
        remark(o, "warning: %s: %s", o->mask, mask->warning);
    if (mask->coloured)
        remark(o, "warning: %s: has colours; the brightness of each is taken for grey", o->mask);
    return GD_OK;
}

/* Whether the rest of the render reads the input again, for --keep-detail, --mask, --keep-colors, --strength
 * or --web. */
static bool reads_again(const gd_decision *d)
{
    const gd_options *o = &d->options;
    const gd_settings *s = &d->settings;
    const bool always = gd_options_blend(o) || gd_options_masked(o) || *o->web;
    if ((!o->keep_detail && !always) || gd_options_noise(o))
        return false;
    if (!*d->files.resume || always)
        return true;
    /* Detail is added whenever the canvas grows: up to the last octave, or in the final resize. */
    const gd_extent last = gd_settings_octave(o, s, s->octave_end - 1);
    return last.rows > d->place.rows || last.cols > d->place.cols ||
           (o->final_resize && (s->base_rows > last.rows || s->base_cols > last.cols));
}

/* Opens an input that is needed later, so that a missing file is reported before the start. */
static gd_status reopen_input(gd_decision *d, gd_error *error)
{
    gd_reader *reader = NULL;
    if (!*d->files.resume || !d->files.input_again)
        return GD_OK;
    const gd_status status = open_input(d, &reader, error);
    gd_reader_close(reader);
    return status;
}

gd_writer_options gd_prepare_writer(const gd_decision *decision)
{
    const gd_options *o = &decision->options;
    return (gd_writer_options){.kind = decision->files.kind,
                               .bits = o->bits,
                               .compression = o->compression,
                               .bigtiff = o->bigtiff,
                               .pyramid = o->pyramid && decision->files.kind == GD_FILE_TIFF};
}

static gd_status check_output(const char *path, const gd_decision *d, int64_t rows, int64_t cols,
                              gd_error *error)
{
    gd_writer_options options = gd_prepare_writer(d);
    const gd_profile profile = {.icc_bytes = d->profile_bytes};
    options.rows = rows;
    options.cols = cols;
    options.profile = &profile;
    return gd_writer_check(path, &options, error);
}

/* Refuses a device, pipe or socket as output, instead of adding an extension to its name. */
static gd_status refuse_device(const char *output, gd_error *error)
{
    struct stat about;
    if (stat(output, &about) != 0 || S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s: is %s, and pictures can only be written to files; name a file",
                   output, gd_file_kind_name(about.st_mode));
}

/* Names the picture, if one is written, and checks that it can be. */
static gd_status name_picture(gd_decision *d, gd_extent size, gd_error *error)
{
    gd_file_names *f = &d->files;
    f->kind = GD_FILE_TIFF;
    if (gd_options_tiles_only(&d->options))
        return GD_OK;
    gd_status status = refuse_device(d->options.output, error);
    if (status == GD_OK)
        status = gd_file_kind_of(d->options.output, &f->kind, f->output, sizeof f->output, error);
    return status == GD_OK ? check_output(f->output, d, size.rows, size.cols, error) : status;
}

static gd_status name_files(gd_decision *d, gd_error *error)
{
    const gd_options *o = &d->options;
    const gd_settings *s = &d->settings;
    gd_file_names *f = &d->files;
    gd_extent size = {s->base_rows, s->base_cols};
    if (!o->final_resize)
        size = gd_settings_octave(o, s, s->octave_end - 1);
    if (*o->web && !gd_path_real(o->web, f->web))
        return gd_fail(error, GD_USAGE, "--web %.300s: its path has more than %d characters; name another",
                       o->web, GD_PATH_MAX - 1);
    const gd_preview_interval interval = gd_prepare_preview_interval(d);
    f->preview_last = gd_preview_last(&interval);
    f->preview_last *= o->frames > 0 ? o->frames : 1;
    gd_status status = name_picture(d, size, error);
    if (status == GD_OK && o->frames > 0 && !o->proof)
        status = gd_file_names_frames(f->output, f->frames, error);
    if (status != GD_OK || !o->save_input || *f->resume)
        return status;
    gd_file_names_input_copy(f->output, f->input_copy);
    return check_output(f->input_copy, d, s->base_rows, s->base_cols, error);
}

gd_preview_interval gd_prepare_preview_interval(const gd_decision *decision)
{
    return (gd_preview_interval){.octave_first = decision->settings.octave_first,
                                 .octave_end = decision->settings.octave_end,
                                 .steps = decision->options.steps,
                                 .every = decision->options.preview_every};
}

/* Gathers all facts except those of the device. `why` is a buffer for a message in the facts. */
static void gather_facts(const gd_net *net, const gd_decision *d, gd_settings_facts *facts, gd_error *why)
{
    facts->net = net;
    facts->objective = &d->objective;
    facts->input_rows = d->input_rows;
    facts->input_cols = d->input_cols;
    if (!gd_settings_ask_for_gpu(&d->options, facts))
        return;
    const gd_status there = gd_backend_cuda.available(why);
    facts->gpu = there == GD_OK;
    facts->no_gpu = facts->gpu || there == GD_USAGE ? NULL : why->message;
}

/* Prints remarks, except the one on the backend, which is printed when the render starts. */
static void say_remarks(const gd_decision *d)
{
    const gd_settings *s = &d->settings;
    for (int i = 0; i < GD_SETTING_COUNT; i++)
        if (s->remark[i] && i != GD_SETTING_BACKEND)
            remark(&d->options, "%s", s->why[i]);
}

static gd_status settle(const gd_net *net, gd_decision *d, gd_settings_facts *facts, gd_error *error)
{
    gd_error why;
    gather_facts(net, d, facts, &why);
    const gd_status status = gd_settings_resolve(&d->options, facts, &d->settings, error);
    say_remarks(d);
    d->files.input_again = status == GD_OK && reads_again(d);
    return status;
}

gd_status gd_prepare(const gd_net *net, gd_decision *decision, gd_settings_facts *facts, gd_profile *profile,
                     gd_error *error)
{
    gd_status status = gd_comm_deadline(&decision->deadline, error);
    if (status == GD_OK)
        status = gd_input_frames_find(&decision->options, &decision->files.frame_first, error);
    if (status == GD_OK && !gd_options_noise(&decision->options))
        gd_input_frames_path(&decision->options, decision->files.frame_first, 0, decision->files.input);
    if (status == GD_OK)
        status = measure_input(decision, profile, error);
    if (status == GD_OK)
        status = measure_mask(decision, error);
    if (status == GD_OK && gd_options_dpi(&decision->options) > 0)
        profile->dpi_x = profile->dpi_y = gd_options_dpi(&decision->options);
    if (status == GD_OK)
        decision->profile_bytes = profile->icc_bytes;
    if (status == GD_OK)
        status = settle(net, decision, facts, error);
    if (status == GD_OK)
        status = reopen_input(decision, error);
    return status == GD_OK ? name_files(decision, error) : status;
}

void gd_prepare_idle_lines(const gd_decision *decision, int32_t ranks, int32_t node_size, int32_t cores,
                           int64_t tiles)
{
    const gd_options *o = &decision->options;
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    if (o->threads == 0 && cores < online) {
        remark(
            o,
            "the %d rank%s of this host may use %d of its %ld cores, so that %ld stay idle; with mpirun use "
            "--bind-to none, with Slurm a larger --cpus-per-task",
            node_size, node_size == 1 ? "" : "s", cores, online, online - cores);
    }
    if (tiles < ranks && o->steps > 0) {
        remark(o,
               "the largest octave has %lld tile%s for %d ranks, so that %lld stay idle; use a "
               "smaller -ts",
               (long long)tiles, tiles == 1 ? "" : "s", ranks, (long long)(ranks - tiles));
    }
}
