#include "options/options_format.h"

#include "base/size.h"
#include "options/enum_names.h"
#include "options/flags.h"
#include "options/utf8.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Text that grows up to a bound. */
typedef struct line {
    char *text;
    size_t used, bytes;
    bool full;
} line;

static void GD_PRINTF(2, 3) put(line *l, const char *format, ...)
{
    if (l->full)
        return;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(l->text + l->used, l->bytes - l->used, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= l->bytes - l->used)
        l->full = true;
    else
        l->used += (size_t)length;
}

/* As bash, zsh and ksh take any bytes, $'\xFF', so that what is written stays one line of UTF-8. */
static void put_bytes(line *l, const char *text)
{
    put(l, "$'");
    while (*text) {
        const size_t length = gd_utf8_length(text);
        const unsigned char byte = (unsigned char)*text;
        if (length == 0 || byte < 0x20 || byte == 0x7F)
            put(l, "\\x%02x", byte);
        else
            put(l, "%s%.*s", byte == '\'' || byte == '\\' ? "\\" : "", (int)length, text);
        text += length ? length : 1;
    }
    put(l, "'");
}

/* Between single quotes where the shell would not take it as it is. */
static void put_quoted(line *l, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,/:%@";
    if (*text && !text[strspn(text, plain)]) {
        put(l, "%s", text);
        return;
    }
    if (!gd_utf8_plain(text)) {
        put_bytes(l, text);
        return;
    }
    put(l, "'");
    for (; *text; text++) {
        if (*text == '\'')
            put(l, "'\\''");
        else
            put(l, "%c", *text);
    }
    put(l, "'");
}

static void put_flag(line *l, gd_flag_id id)
{
    const gd_flag *flag = &gd_flags[id];
    put(l, flag->short_name ? " -%s" : " --%s", flag->short_name ? flag->short_name : flag->long_name);
}

/* The shortest decimal number that reads back as the same double; without an exponent where 6 digits do. */
static void number_text(double value, char text[32])
{
    for (int digits = 6; digits <= 17; digits++) {
        double back;
        snprintf(text, 32, "%.*g", digits, value);
        if (gd_number_parse(text, &back) && back == value)
            return;
    }
}

void gd_schedule_text(const gd_schedule *schedule, char text[96])
{
    char start[32], end[32];
    number_text(schedule->start, start);
    number_text(schedule->end, end);
    if (schedule->start == schedule->end)
        snprintf(text, 96, "%s", start);
    else
        snprintf(text, 96, "%s:%s:%s", start, end, gd_curve_name(schedule->curve));
}

void gd_print_text(const gd_options *options, char text[64])
{
    char width[32], height[32];
    number_text(options->print_width, width);
    number_text(options->print_height, height);
    if (options->print_width > 0)
        snprintf(text, 64, "%.24sx%.24scm", width, height);
    else
        text[0] = '\0';
}

bool gd_layers_text(const gd_options *options, char *text, size_t bytes)
{
    line l = {text, 0, bytes, bytes == 0};
    put(&l, "%s", "");
    if (options->layer_first >= 0) {
        put(&l, "%d %d", options->layer_first, options->layer_end);
        return !l.full;
    }
    for (int32_t i = 0; i < options->layer_count; i++) {
        char weight[32];
        number_text(options->layers[i].weight, weight);
        put(&l, "%s%s", i ? "," : "", options->layers[i].name);
        if (options->layers[i].weight != 1)
            put(&l, "=%s", weight);
    }
    return !l.full;
}

static void put_path(line *l, gd_flag_id id, const char *path, const char *preset, bool all)
{
    if (!*path || (!all && strcmp(path, preset) == 0))
        return;
    put_flag(l, id);
    put(l, " ");
    put_quoted(l, path);
}

static void put_whole(line *l, gd_flag_id id, int64_t value, int64_t preset, bool all)
{
    if (!all && value == preset)
        return;
    put_flag(l, id);
    put(l, " %" PRId64, value);
}

static void put_switch(line *l, gd_flag_id id, bool on)
{
    if (on)
        put_flag(l, id);
}

static void put_schedule(line *l, gd_flag_id id, const gd_schedule *s, const gd_schedule *preset, bool all)
{
    char text[96];
    if (s->start == 0 || (!all && s->start == preset->start && s->end == preset->end))
        return;
    gd_schedule_text(s, text);
    put_flag(l, id);
    put(l, " %s", text);
}

static void put_picture(line *l, const gd_options *o, const gd_options *d, bool all)
{
    put_path(l, GD_FLAG_INPUT, o->input, d->input, all);
    if (o->print_width > 0) {
        char paper[64];
        gd_print_text(o, paper);
        put_flag(l, GD_FLAG_PRINT);
        put(l, " %s", paper);
    } else if (o->noise_rows) {
        put_flag(l, GD_FLAG_SIZE);
        put(l, " %" PRId64 "x%" PRId64, o->noise_cols, o->noise_rows);
    } else {
        put_whole(l, GD_FLAG_MAX_DIM, o->max_dim, d->max_dim, all);
    }
    put_switch(l, GD_FLAG_ENLARGE, o->enlarge);
    put_switch(l, GD_FLAG_NO_FINAL_RESIZE, !o->final_resize);
    if (o->dpi > 0) {
        char dpi[32];
        number_text(o->dpi, dpi);
        put_flag(l, GD_FLAG_DPI);
        put(l, " %s", dpi);
    }
    put_whole(l, GD_FLAG_BITS, o->bits, d->bits, all);
    put_path(l, GD_FLAG_COMPRESSION, gd_compression_name(o->compression), gd_compression_name(d->compression),
             false);
    put_path(l, GD_FLAG_BIGTIFF, gd_bigtiff_name(o->bigtiff), gd_bigtiff_name(d->bigtiff), false);
    put_path(l, GD_FLAG_PYRAMID, o->pyramid ? "on" : "off", "on", false);
}

static void put_preview(line *l, const gd_options *o)
{
    if (!o->preview[0])
        return;
    put_flag(l, GD_FLAG_PREVIEW);
    put(l, " ");
    put_quoted(l, o->preview);
    put(l, ",%d", o->preview_pixels);
    put_whole(l, GD_FLAG_PREVIEW_EVERY, o->preview_every, 0, false);
}

static void put_dream(line *l, const gd_options *o, const gd_options *d, bool all)
{
    char layers[4096], scale[32];
    if (all || o->architecture != d->architecture) {
        put_flag(l, GD_FLAG_MODEL);
        put(l, " %s", gd_architecture_name(o->architecture));
    }
    l->full |= !gd_layers_text(o, layers, sizeof layers);
    if (layers[0]) {
        put_flag(l, GD_FLAG_LAYERS);
        put(l, " %s", layers);
    }
    if (o->octaves_auto) {
        put_flag(l, GD_FLAG_OCTAVES);
        put(l, " auto");
    } else if (all || o->octave_first != d->octave_first || o->octave_end != d->octave_end) {
        put_flag(l, GD_FLAG_OCTAVES);
        put(l, " %d %d", o->octave_first, o->octave_end);
    }
    if (all || o->octave_scale != d->octave_scale) {
        number_text(o->octave_scale, scale);
        put_flag(l, GD_FLAG_OCTAVE_SCALE);
        put(l, " %s", scale);
    }
    put_whole(l, GD_FLAG_STEPS, o->steps, d->steps, all);
    put_schedule(l, GD_FLAG_STEP_SIZE, &o->step_size, &d->step_size, all);
    put_switch(l, GD_FLAG_KEEP_DETAIL, o->keep_detail);
    if (all || o->seed != d->seed) {
        put_flag(l, GD_FLAG_SEED);
        put(l, " %" PRIu64, o->seed);
    }
}

void gd_every_text(const gd_options *options, char text[32])
{
    const int64_t count = options->every_count;
    if (options->every == GD_EVERY_OCTAVE)
        snprintf(text, 32, "octave");
    else if (options->every == GD_EVERY_STEPS)
        snprintf(text, 32, "%" PRId64 "steps", count);
    else if (count % 60 == 0)
        snprintf(text, 32, "%" PRId64 "min", count / 60);
    else
        snprintf(text, 32, "%" PRId64 "s", count);
}

static void put_checkpoint(line *l, const gd_options *o, const gd_options *d)
{
    char every[32];
    put_path(l, GD_FLAG_CHECKPOINT, o->checkpoint, d->checkpoint, false);
    if (o->every != d->every || o->every_count != d->every_count) {
        gd_every_text(o, every);
        put_flag(l, GD_FLAG_CHECKPOINT_EVERY);
        put(l, " %s", every);
    }
    put_path(l, GD_FLAG_RESUME, o->resume, d->resume, false);
    put_switch(l, GD_FLAG_RESTART, o->restart);
    put_switch(l, GD_FLAG_TRUST, o->trust);
}

static void put_memory(line *l, const gd_options *o)
{
    if (o->memory > 0) {
        char size[32];
        gd_size_text(o->memory, size);
        put_flag(l, GD_FLAG_MEMORY);
        put(l, " %s", size);
    }
    put_path(l, GD_FLAG_SCRATCH, o->scratch, "", false);
}

static void put_machine(line *l, const gd_options *o, const gd_options *d, bool all)
{
    char halo[32];
    put_schedule(l, GD_FLAG_TILE, &o->tile, &d->tile, all);
    if (o->tile_auto && o->tile.start == 0) {
        put_flag(l, GD_FLAG_TILE);
        put(l, " auto");
    }
    gd_halo_text(o, halo);
    if (all || o->halo_kind != d->halo_kind) {
        put_flag(l, GD_FLAG_HALO);
        put(l, " %s", halo);
    }
    if (o->compat_tensorflow) {
        put_flag(l, GD_FLAG_COMPAT);
        put(l, " tensorflow");
    }
    put_path(l, GD_FLAG_BACKEND, gd_backend_kind_name(o->backend), gd_backend_kind_name(d->backend), all);
    /* The reference backend takes no --precision: it has one alone. */
    if (o->precision != GD_PRECISION_FP64 && (all || o->precision != d->precision)) {
        put_flag(l, GD_FLAG_PRECISION);
        put(l, " %s", gd_precision_name(o->precision));
    }
    put_switch(l, GD_FLAG_AUTOTUNE, o->autotune);
    put_path(l, GD_FLAG_WEIGHTS, o->weights, d->weights, all);
    put_path(l, GD_FLAG_REPLAY, o->replay, d->replay, all);
}

gd_status gd_options_command(const gd_options *options, char *text, size_t bytes)
{
    gd_options d;
    gd_options_default(&d);
    gd_options_name_output(options, d.output);
    line l = {text, 0, bytes, bytes == 0};
    put(&l, "gigadream");
    put_picture(&l, options, &d, false);
    put_path(&l, GD_FLAG_OUTPUT, options->output, d.output, false);
    put_switch(&l, GD_FLAG_OVERWRITE, options->overwrite);
    put_switch(&l, GD_FLAG_SAVE_INPUT, options->save_input);
    put_dream(&l, options, &d, false);
    put_machine(&l, options, &d, false);
    put_whole(&l, GD_FLAG_THREADS, options->threads, d.threads, false);
    put_memory(&l, options);
    put_path(&l, GD_FLAG_TRANSPORT, gd_transport_kind_name(options->transport),
             gd_transport_kind_name(d.transport), false);
    put_switch(&l, GD_FLAG_SHARE_GPU, options->share_gpu);
    put_preview(&l, options);
    put_path(&l, GD_FLAG_LOG, options->log, d.log, false);
    put_switch(&l, GD_FLAG_QUIET, options->quiet);
    put_checkpoint(&l, options, &d);
    put_switch(&l, GD_FLAG_PROOF, options->proof);
    put_switch(&l, GD_FLAG_DRY_RUN, options->action == GD_ACTION_DRY_RUN);
    put_whole(&l, GD_FLAG_RANKS, options->ranks, d.ranks, false);
    put_path(&l, GD_FLAG_DEVICE, options->device, d.device, false);
    put_switch(&l, GD_FLAG_DEVICE_INFO, options->action == GD_ACTION_DEVICE_INFO);
    put_switch(&l, GD_FLAG_DUMP_TAPE, options->action == GD_ACTION_DUMP_TAPE);
    return l.full ? GD_USAGE : GD_OK;
}

gd_status gd_options_text(const gd_options *options, const char *note, char *text, size_t bytes)
{
    gd_options d;
    gd_options_default(&d);
    line l = {text, 0, bytes, bytes == 0};
    put(&l, "gigadream");
    put_picture(&l, options, &d, true);
    put_dream(&l, options, &d, true);
    put_machine(&l, options, &d, true);
    if (note)
        put(&l, " # %s", note);
    return l.full ? GD_USAGE : GD_OK;
}
