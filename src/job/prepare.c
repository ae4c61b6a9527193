#include "job/prepare.h"

#include "base/minmax.h"
#include "base/round.h"
#include "image/reader.h"
#include "image/writer.h"
#include "job/scratch_folder.h"
#include "mpi/comm.h"
#include "mpi/deadline.h"
#include "net/reach.h"

#include <math.h>
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

static int64_t scaled(int64_t side, double scale)
{
    return (int64_t)fmax(1, round((double)side * scale));
}

static void say_print(const gd_options *o, const gd_decision *d)
{
    const double cm = gd_options_dpi(o) / 2.54;
    remark(o, "the print is %lldx%lld pixels: %.1f x %.1f cm at %g dpi", (long long)d->base_cols,
           (long long)d->base_rows, (double)d->base_cols / cm, (double)d->base_rows / cm, gd_options_dpi(o));
}

/* As large as fits on the paper, which is turned as the picture is. */
static void fit_paper(const gd_options *o, int64_t rows, int64_t cols, gd_decision *d)
{
    const double cm = gd_options_dpi(o) / 2.54;
    const bool turned = rows != cols && (rows > cols) != (o->print_height > o->print_width);
    const double width = cm * (turned ? o->print_height : o->print_width);
    const double height = cm * (turned ? o->print_width : o->print_height);
    const double scale = fmin(width / (double)cols, height / (double)rows);
    d->base_rows = scaled(rows, scale);
    d->base_cols = scaled(cols, scale);
    say_print(o, d);
}

/* -img_max_dim bounds the longest side; the aspect is kept, and no side falls below one pixel. */
static void fit(const gd_options *o, int64_t rows, int64_t cols, gd_decision *d)
{
    const int64_t longest = rows > cols ? rows : cols;
    if (o->print_width > 0) {
        fit_paper(o, rows, cols, d);
        return;
    }
    d->base_rows = rows;
    d->base_cols = cols;
    if (longest < o->max_dim && !o->enlarge) {
        remark(o, "%s is %lldx%lld, smaller than -img_max_dim %lld, and stays so; --enlarge makes it larger",
               o->input, (long long)cols, (long long)rows, (long long)o->max_dim);
        return;
    }
    const double scale = (double)o->max_dim / (double)longest;
    d->base_rows = scaled(rows, scale);
    d->base_cols = scaled(cols, scale);
}

static gd_status copy_profile(const gd_profile *from, gd_profile *to, gd_error *error)
{
    *to = *from;
    to->icc = NULL;
    if (!from->icc)
        return GD_OK;
    to->icc = malloc(from->icc_bytes);
    if (!to->icc)
        return gd_fail(error, GD_MEMORY, "out of memory for a colour profile of %zu bytes", from->icc_bytes);
    memcpy(to->icc, from->icc, from->icc_bytes);
    return GD_OK;
}

/* Noise fills the paper. */
static void measure_noise(gd_decision *d)
{
    const gd_options *o = &d->options;
    const double cm = gd_options_dpi(o) / 2.54;
    d->base_rows = o->noise_rows ? o->noise_rows : o->max_dim;
    d->base_cols = o->noise_cols ? o->noise_cols : o->max_dim;
    if (o->print_width <= 0)
        return;
    d->base_rows = scaled(1, cm * o->print_height);
    d->base_cols = scaled(1, cm * o->print_width);
    say_print(o, d);
}

/* As the render will. That --scratch cannot be used is told when it is known what needs one. */
static gd_status open_input(gd_decision *d, gd_reader **reader, gd_error *error)
{
    bool in_memory = false;
    gd_error ignored;
    if (gd_scratch_folder(&d->options, d->input_folder, &in_memory, &ignored) != GD_OK || in_memory)
        d->input_folder[0] = '\0';
    const gd_status status = gd_reader_open(d->options.input, d->input_folder, reader, error);
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
    if (*d->resume) /* the checkpoint has the size and the profile */
        return GD_OK;
    if (gd_options_noise(o)) {
        measure_noise(d);
        return GD_OK;
    }
    gd_reader *reader = NULL;
    gd_status status = open_input(d, &reader, error);
    if (status != GD_OK)
        return status;
    const gd_picture_info *info = gd_reader_info(reader);
    if (info->warning)
        gd_prepare_warn(o, info->warning);
    fit(o, info->rows, info->cols, d);
    status = copy_profile(&info->profile, profile, error);
    gd_reader_close(reader);
    return status;
}

gd_extent gd_prepare_octave(const gd_decision *d, int32_t octave)
{
    return gd_rules_extent(gd_options_rules(&d->options), (gd_extent){d->base_rows, d->base_cols},
                           d->options.octave_scale, octave);
}

bool gd_prepare_reads_again(const gd_decision *d)
{
    const gd_options *o = &d->options;
    if (!o->keep_detail || gd_options_noise(o))
        return false;
    if (!*d->resume)
        return true;
    /* Detail is added back whenever the canvas grows: to the last octave, or at the very end. */
    const gd_extent last = gd_prepare_octave(d, o->octave_end - 1);
    return last.rows > d->place.rows || last.cols > d->place.cols ||
           (o->final_resize && (d->base_rows > last.rows || d->base_cols > last.cols));
}

/* Whether the file that will be needed can be read at all is known before the start. */
static gd_status reopen_input(gd_decision *d, gd_error *error)
{
    gd_reader *reader = NULL;
    if (!*d->resume || !gd_prepare_reads_again(d))
        return GD_OK;
    const gd_status status = open_input(d, &reader, error);
    gd_reader_close(reader);
    return status;
}

static int64_t shorter_side(const gd_decision *d, int32_t octave)
{
    const gd_extent extent = gd_prepare_octave(d, octave);
    return gd_min_i64(extent.rows, extent.cols);
}

/* -or auto: the exponent at which the longer side is nearest to the scale of the networks' own pictures, or
 * the first after it that is large enough for the network on the shorter side; at most 0, the last. */
static void settle_octaves(const gd_net *net, gd_decision *d)
{
    const double networks_side = 600;
    gd_options *o = &d->options;
    const double longest = (double)(d->base_rows > d->base_cols ? d->base_rows : d->base_cols);
    if (!o->octaves_auto)
        return;
    o->octaves_auto = false;
    o->octave_first = (int32_t)fmin(0, round(log(networks_side / longest) / log(o->octave_scale)));
    o->octave_end = 1;
    while (o->octave_first < 0 && shorter_side(d, o->octave_first) < net->smallest_input)
        o->octave_first++;
}

/* How it is had, behind "use ". */
static const char *larger_picture(const gd_options *o)
{
    if (o->print_width > 0)
        return "larger paper, or a larger --dpi";
    return gd_options_noise(o) ? "a larger --size"
                               : "a larger picture, or --enlarge with a larger -img_max_dim";
}

static gd_status check_octaves(const gd_net *net, const gd_decision *d, gd_error *error)
{
    const gd_options *o = &d->options;
    const int64_t side = shorter_side(d, o->octave_first);
    const double side_max = (double)(d->base_rows > d->base_cols ? d->base_rows : d->base_cols) *
                            pow(o->octave_scale, o->octave_end - 1);
    if (side_max > 0x1p31)
        return gd_fail(error, GD_USAGE,
                       "octave %d would be %.3g pixels wide, more than 2^31; lower the end of -or %d %d",
                       o->octave_end - 1, side_max, o->octave_first, o->octave_end);
    if (side >= net->smallest_input || o->steps == 0)
        return GD_OK;
    int32_t octave = o->octave_first;
    while (octave < o->octave_end && shorter_side(d, octave) < net->smallest_input)
        octave++;
    if (octave == o->octave_end)
        return gd_fail(error, GD_USAGE,
                       "the picture is %lld pixels on its shorter side at octave %d, and %s needs %d; use %s",
                       (long long)shorter_side(d, octave - 1), octave - 1, net->title, net->smallest_input,
                       larger_picture(o));
    return gd_fail(error, GD_USAGE,
                   "octave %d would be %lld pixels on its shorter side, and %s needs %d; use -or %d %d",
                   o->octave_first, (long long)side, net->title, net->smallest_input, octave, o->octave_end);
}

/* Unset, -ts is what the rules say. */
static gd_status settle_tile(const gd_net *net, gd_decision *d, gd_error *error)
{
    gd_options *o = &d->options;
    const int32_t stride = gd_objective_stride(net, &d->objective);
    if (o->tile_auto)
        return GD_OK; /* settled when the device is open */
    const gd_compat_rules *rules = gd_options_rules(o);
    if (o->tile.start == 0)
        o->tile = (gd_schedule){rules->tile, rules->tile, GD_CURVE_LINEAR};
    if (!rules->tile_rounded) {
        const double least = fmin(o->tile.start, o->tile.end);
        if (least < net->smallest_input)
            return gd_fail(error, GD_USAGE,
                           "-ts %.0f is below the %d pixels that %s needs of a tile; use -ts %d or more",
                           least, net->smallest_input, net->title, net->smallest_input);
        return GD_OK;
    }
    const int64_t start = gd_round_up((int64_t)o->tile.start, stride),
                  end = gd_round_up((int64_t)o->tile.end, stride);
    if (start != (int64_t)o->tile.start || end != (int64_t)o->tile.end) {
        remark(o, "-ts %.0f is taken as %lld: tiles are multiples of the network's stride, %d",
               start != (int64_t)o->tile.start ? o->tile.start : o->tile.end,
               (long long)(start != (int64_t)o->tile.start ? start : end), stride);
    }
    o->tile.start = (double)start;
    o->tile.end = (double)end;
    return GD_OK;
}

static void name_input_copy(gd_decision *d)
{
    const char *dot = strrchr(d->output, '.');
    snprintf(d->input_copy, sizeof d->input_copy, "%.*s_input%s", (int)(dot - d->output), d->output, dot);
}

gd_writer_options gd_prepare_writer(const gd_decision *decision)
{
    const gd_options *o = &decision->options;
    return (gd_writer_options){.kind = decision->kind,
                               .bits = o->bits,
                               .compression = o->compression,
                               .bigtiff = o->bigtiff,
                               .pyramid = o->pyramid && decision->kind == GD_FILE_TIFF};
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

/* A device, pipe or socket has no extension, and is not meant as a name to be completed. */
static gd_status refuse_device(const char *output, gd_error *error)
{
    struct stat about;
    if (stat(output, &about) != 0 || S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s: is %s, and no picture is written there; name a file", output,
                   gd_file_kind_name(about.st_mode));
}

static gd_status settle_output(gd_decision *d, gd_error *error)
{
    const gd_options *o = &d->options;
    gd_extent size = {d->base_rows, d->base_cols};
    gd_status status = refuse_device(o->output, error);
    if (status == GD_OK)
        status = gd_file_kind_of(o->output, &d->kind, d->output, sizeof d->output, error);
    if (status != GD_OK)
        return status;
    if (!o->final_resize)
        size = gd_prepare_octave(d, o->octave_end - 1);
    status = check_output(d->output, d, size.rows, size.cols, error);
    if (status != GD_OK || !o->save_input || *d->resume)
        return status;
    name_input_copy(d);
    return check_output(d->input_copy, d, d->base_rows, d->base_cols, error);
}

gd_status gd_prepare(const gd_net *net, gd_decision *decision, gd_profile *profile, gd_error *error)
{
    gd_status status = gd_comm_deadline(&decision->deadline, error);
    if (status == GD_OK)
        status = measure_input(decision, profile, error);
    if (status == GD_OK && gd_options_dpi(&decision->options) > 0)
        profile->dpi_x = profile->dpi_y = gd_options_dpi(&decision->options);
    if (status == GD_OK)
        decision->profile_bytes = profile->icc_bytes;
    if (status == GD_OK)
        settle_octaves(net, decision);
    if (status == GD_OK)
        status = reopen_input(decision, error);
    if (status == GD_OK)
        status = check_octaves(net, decision, error);
    if (status == GD_OK)
        status = settle_tile(net, decision, error);
    if (status == GD_OK)
        status = settle_output(decision, error);
    return status;
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
