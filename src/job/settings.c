/* Resolves the options to settings, with the reason for each automatic value. */
#include "job/settings.h"

#include "base/minmax.h"
#include "base/round.h"
#include "job/picture_size.h"
#include "net/reach.h"
#include "options/layers.h"
#include "options/layers/ranks.h"
#include "tiling/compat_rules.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Context of one call of gd_settings_resolve. */
typedef struct resolving {
    const gd_options *o;
    const gd_settings_facts *f;
    gd_settings *s;
} resolving;

static void because(const resolving *r, gd_setting setting, const char *format, ...) GD_PRINTF(3, 4);

static void because(const resolving *r, gd_setting setting, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->s->why[setting], sizeof r->s->why[setting], format, args);
    va_end(args);
}

static const char of_checkpoint[] = "as in the checkpoint";

static void settle_size(const resolving *r)
{
    gd_settings *s = r->s;
    if (s->base_rows > 0 || r->f->device)
        return;
    if (r->f->continued) {
        s->base_rows = r->f->base_rows;
        s->base_cols = r->f->base_cols;
        because(r, GD_SETTING_SIZE, "%s", of_checkpoint);
        return;
    }
    gd_picture_size size;
    gd_picture_size_find(r->o, r->f->input_rows, r->f->input_cols, &size);
    s->base_rows = size.rows;
    s->base_cols = size.cols;
    because(r, GD_SETTING_SIZE, "%s", size.why);
    s->remark[GD_SETTING_SIZE] = size.why[0] != '\0';
}

gd_extent gd_settings_octave(const gd_options *options, const gd_settings *settings, int32_t octave)
{
    const gd_extent base = {settings->base_rows, settings->base_cols};
    return gd_rules_extent(gd_options_rules(options), base, options->octave_scale, octave);
}

static int64_t shorter_side(const resolving *r, int32_t octave)
{
    const gd_extent extent = gd_settings_octave(r->o, r->s, octave);
    return gd_min_i64(extent.rows, extent.cols);
}

static double longer_side(const gd_settings *s)
{
    return (double)gd_max_i64(s->base_rows, s->base_cols);
}

/* -or auto: the first octave is the one whose longer side is nearest to the size of the network's training
 * pictures. If its shorter side is too small for the network, the next large enough octave is first. The
 * first is at most 0; the last is 0. */
static void settle_octaves(const resolving *r)
{
    const double networks_side = 600;
    gd_settings *s = r->s;
    if (s->octave_end > s->octave_first)
        return;
    if (!r->o->octaves_auto) {
        s->octave_first = r->o->octave_first;
        s->octave_end = r->o->octave_end;
        return;
    }
    const double nearest = round(log(networks_side / longer_side(s)) / log(r->o->octave_scale));
    s->octave_first = (int32_t)fmin(0, nearest);
    s->octave_end = 1;
    because(r, GD_SETTING_OCTAVES, "the first is the one nearest to %g pixels, the size of %s's own pictures",
            networks_side, r->f->net->title);
    while (s->octave_first < 0 && shorter_side(r, s->octave_first) < r->f->net->smallest_input) {
        s->octave_first++;
        because(r, GD_SETTING_OCTAVES, "the first is the smallest with the %d pixels that %s needs",
                r->f->net->smallest_input, r->f->net->title);
    }
}

/* Remedy for a picture that is too small, after "use ". */
static const char *larger_picture(const gd_options *o)
{
    if (o->print_width > 0)
        return "larger paper, or a larger --dpi";
    return gd_options_noise(o) ? "a larger --size"
                               : "a larger picture, or --enlarge with a larger -img_max_dim";
}

static gd_status check_octaves(const resolving *r, gd_error *error)
{
    const gd_settings *s = r->s;
    const gd_net *net = r->f->net;
    const int64_t side = shorter_side(r, s->octave_first);
    const double side_max = longer_side(s) * pow(r->o->octave_scale, s->octave_end - 1);
    if (side_max > 0x1p31)
        return gd_fail(error, GD_USAGE,
                       "octave %d would be %.3g pixels wide, more than 2^31; lower the end of -or %d %d",
                       s->octave_end - 1, side_max, s->octave_first, s->octave_end);
    if (side >= net->smallest_input || r->o->steps == 0)
        return GD_OK;
    int32_t octave = s->octave_first;
    while (octave < s->octave_end && shorter_side(r, octave) < net->smallest_input)
        octave++;
    if (octave == s->octave_end)
        return gd_fail(error, GD_USAGE,
                       "the picture is %lld pixels on its shorter side at octave %d, but %s needs %d; use %s",
                       (long long)shorter_side(r, octave - 1), octave - 1, net->title, net->smallest_input,
                       larger_picture(r->o));
    return gd_fail(error, GD_USAGE,
                   "octave %d would be %lld pixels on its shorter side, but %s needs %d; use -or %d %d",
                   s->octave_first, (long long)side, net->title, net->smallest_input, octave, s->octave_end);
}

static gd_schedule constant(double value)
{
    return (gd_schedule){value, value, GD_CURVE_LINEAR};
}

static gd_status check_tile(const resolving *r, gd_error *error)
{
    const gd_net *net = r->f->net;
    const double least = fmin(r->s->tile.start, r->s->tile.end);
    if (least >= net->smallest_input)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "-ts %.0f is below the %d pixels that %s needs; use -ts %d or more",
                   least, net->smallest_input, net->title, net->smallest_input);
}

/* Tiles are multiples of the objective's stride. */
static void round_tile(const resolving *r)
{
    gd_schedule *tile = &r->s->tile;
    const gd_schedule given = *tile;
    const int32_t stride = gd_objective_stride(r->f->net, r->f->objective);
    tile->start = (double)gd_round_up((int64_t)given.start, stride);
    tile->end = (double)gd_round_up((int64_t)given.end, stride);
    const bool first = tile->start != given.start;
    if (!first && tile->end == given.end)
        return;
    because(r, GD_SETTING_TILE,
            "-ts %.0f is rounded to %.0f: tiles are multiples of the network's stride, %d",
            first ? given.start : given.end, first ? tile->start : tile->end, stride);
    r->s->remark[GD_SETTING_TILE] = true;
}

/* The default is from the rules of --compat. */
static gd_status settle_tile(const resolving *r, gd_error *error)
{
    const gd_compat_rules *rules = gd_options_rules(r->o);
    gd_schedule *tile = &r->s->tile;
    if (tile->start > 0)
        return GD_OK;
    if (r->f->continued) {
        *tile = r->f->tile;
        because(r, GD_SETTING_TILE, "%s", of_checkpoint);
    } else if (r->o->tile_auto) {
        if (r->f->device)
            *tile = constant((double)r->f->device_tile);
        because(r, GD_SETTING_TILE, "-ts auto: the largest that fits the device's memory well");
        return GD_OK;
    } else {
        *tile = r->o->tile.start > 0 ? r->o->tile : constant(rules->tile);
    }
    if (!rules->tile_rounded)
        return check_tile(r, error);
    round_tile(r);
    return GD_OK;
}

bool gd_settings_ask_for_gpu(const gd_options *options, const gd_settings_facts *facts)
{
    return !facts->continued && options->backend == GD_BACKEND_AUTO && !*options->device;
}

static void settle_backend(const resolving *r)
{
    gd_settings *s = r->s;
    if (s->backend != GD_BACKEND_AUTO)
        return;
    s->backend = r->o->backend;
    if (r->f->continued) {
        s->backend = r->f->backend;
        because(r, GD_SETTING_BACKEND, "%s", of_checkpoint);
    } else if (gd_settings_ask_for_gpu(r->o, r->f)) {
        s->backend = r->f->gpu ? GD_BACKEND_CUDA : GD_BACKEND_CPU;
        because(r, GD_SETTING_BACKEND, "%s",
                r->f->gpu      ? "there is a GPU"
                : r->f->no_gpu ? r->f->no_gpu
                               : "the program is built without GPU support");
        s->remark[GD_SETTING_BACKEND] = !r->f->gpu && r->f->no_gpu;
    } else if (s->backend == GD_BACKEND_AUTO) {
        s->backend = GD_BACKEND_CUDA;
        because(r, GD_SETTING_BACKEND, "--device names a GPU");
    }
}

/* Before the device is open: the requested precision; afterwards: the device's actual precision. */
static void settle_precision(const resolving *r)
{
    const gd_compat_rules *rules = gd_options_rules(r->o);
    gd_settings *s = r->s;
    if (r->f->device) {
        if (s->precision == GD_PRECISION_AUTO)
            because(r, GD_SETTING_PRECISION, "%s",
                    s->backend == GD_BACKEND_REFERENCE ? "the only one of that backend"
                    : r->f->device_advice              ? r->f->device_advice
                                          : "the device's choice, which keeps the range of fp32");
        s->precision = r->f->device_precision;
        return;
    }
    s->precision = r->o->precision;
    if (r->f->continued) {
        s->precision = r->f->precision;
        because(r, GD_SETTING_PRECISION, "%s", of_checkpoint);
    } else if (s->precision == GD_PRECISION_AUTO && rules->precision != GD_PRECISION_AUTO &&
               s->backend != GD_BACKEND_REFERENCE) {
        s->precision = rules->precision;
        because(r, GD_SETTING_PRECISION, "--compat: %s computes in it", rules->program);
    }
}

static void settle_transport(const resolving *r)
{
    gd_settings *s = r->s;
    if (r->o->transport == GD_TRANSPORT_AUTO && r->f->device) {
        s->transport = r->f->device_transport;
        because(r, GD_SETTING_TRANSPORT,
                s->transport == GD_TRANSPORT_NCCL ? "each rank has a GPU of its own"
                                                  : "NCCL needs several ranks, each with a GPU of its own");
    } else {
        s->transport = r->o->transport;
    }
}

/* Those of the checkpoint are not ranked anew. */
static void settle_channels(const resolving *r)
{
    if (!r->f->continued || !gd_ranks_wanted(&r->o->chosen) || r->s->chosen.layer_count > 0)
        return;
    r->s->chosen = r->f->chosen;
    because(r, GD_SETTING_CHANNELS, "%s", of_checkpoint);
}

gd_status gd_settings_resolve(const gd_options *options, const gd_settings_facts *facts,
                              gd_settings *settings, gd_error *error)
{
    const resolving r = {options, facts, settings};
    settle_size(&r);
    settle_octaves(&r);
    gd_status status = facts->device ? GD_OK : check_octaves(&r, error);
    if (status == GD_OK)
        status = settle_tile(&r, error);
    if (status != GD_OK)
        return status;
    settle_backend(&r);
    settle_precision(&r);
    settle_transport(&r);
    settle_channels(&r);
    return GD_OK;
}

void gd_settings_complete(const gd_options *options, const gd_settings *settings, gd_options *complete)
{
    *complete = *options;
    complete->octaves_auto = complete->tile_auto = false;
    complete->octave_first = settings->octave_first;
    complete->octave_end = settings->octave_end;
    complete->tile = settings->tile;
    complete->backend = settings->backend;
    complete->precision = settings->precision;
    complete->transport = settings->transport;
    if (settings->chosen.layer_count > 0)
        complete->chosen = settings->chosen;
}

gd_status gd_settings_objective(const gd_options *options, const gd_settings *settings, const gd_net *net,
                                gd_objective *objective, gd_error *error)
{
    gd_options settled;
    gd_settings_complete(options, settings, &settled);
    return gd_options_objective(&settled, net, objective, error);
}

const char *gd_setting_name(gd_setting setting)
{
    static const char *const names[GD_SETTING_COUNT] = {"size",      "octaves",   "tile",    "backend",
                                                        "precision", "transport", "channels"};
    return names[setting];
}
