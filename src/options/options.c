/* The parser is our own, driven by the table of flags.c: argp and getopt_long_only know neither flags with
 * two values (-or -4 2, where the second may begin with a dash) nor with one or two (-ml); both take a
 * following flag for a missing value, accept any unambiguous beginning of a name, so that a new flag breaks
 * old commands, keep their state in globals and word their errors themselves. popt has one value a flag as
 * well. */
#include "options/options.h"

#include "options/enum_names.h"
#include "options/flags.h"
#include "options/layers.h"
#include "options/values.h"

#include <stdio.h>
#include <string.h>

/* A walk over argv. */
typedef struct walk {
    char *const *arguments;
    int count, at;
    bool *given; /* [GD_FLAG_COUNT] */
    gd_options *options;
} walk;

void gd_options_default(gd_options *options)
{
    *options = (gd_options){
        .action = GD_ACTION_RENDER,
        .input = "random_noise",
        .max_dim = 1024,
        .bits = 8,
        .compression = GD_COMPRESSION_DEFLATE,
        .bigtiff = GD_BIGTIFF_AUTO,
        .pyramid = true,
        .preview_pixels = 1024,
        .step_size = {0.01, 0.01, GD_CURVE_LINEAR},
        .octave_scale = 1.2,
        .octave_first = -4,
        .octave_end = 2,
        .steps = 20,
        .architecture = GD_INCEPTION_V3,
        .layer_first = -1,
        .layer_end = -1,
        .halo_kind = GD_HALO_AUTO,
        .seed = 1,
        .backend = GD_BACKEND_AUTO,
        .transport = GD_TRANSPORT_AUTO,
        .precision = GD_PRECISION_AUTO,
        .final_resize = true,
        .every = GD_EVERY_SECONDS,
        .every_count = 600,
    };
}

bool gd_options_noise(const gd_options *options)
{
    return strcmp(options->input, "random_noise") == 0;
}

double gd_options_dpi(const gd_options *options)
{
    const double print = 300.0;
    return options->dpi == 0 && options->print_width > 0 ? print : options->dpi;
}

bool gd_options_need_network(const gd_options *options)
{
    return options->steps > 0 || options->action == GD_ACTION_DUMP_TAPE;
}

bool gd_action_plans(gd_action action)
{
    return action == GD_ACTION_DUMP_TAPE || action == GD_ACTION_DRY_RUN;
}

const char *gd_options_anew(const gd_options *options)
{
    return *options->resume ? "start anew, with --restart instead of --resume" : "start anew with --restart";
}

/* The next argument, unless there is none or it is a flag's name. Others that begin with a dash may be meant:
 * numbers below 0, names of files. */
static const char *next_value(walk *w)
{
    if (w->at >= w->count || gd_flag_find(w->arguments[w->at]) >= 0)
        return NULL;
    return w->arguments[w->at++];
}

static gd_status missing(gd_flag_id id, const char *flag, gd_error *error)
{
    return gd_fail(error, GD_USAGE, "%s: %s missing; write %s %s", flag,
                   gd_flags[id].values == 2 ? "one of its two values is" : "its value is", flag,
                   gd_flags[id].argument);
}

/* True for "5", "-5", "5.0": what can only be meant as one of two numbers. */
static bool looks_like_number(const char *text)
{
    double number;
    return gd_number_parse(text, &number);
}

/* -ml takes names, or two numbers, and what is wrong with them is judged when the network is known. */
static void read_layers(walk *w, const char *attached)
{
    char text[GD_PATH_MAX] = "";
    const char *first = attached;
    if (!first && w->at < w->count &&
        (w->arguments[w->at][0] != '-' || looks_like_number(w->arguments[w->at])))
        first = next_value(w);
    const char *second = NULL;
    if (first && looks_like_number(first))
        second = next_value(w);
    if (first)
        snprintf(text, sizeof text, "%s%s%s", first, second ? " " : "", second ? second : "");
    gd_layers_read(text, w->options);
}

/* -or auto stands for both numbers. */
static gd_status check_auto(const walk *w, const char *name, gd_error *error)
{
    if (w->at >= w->count || !looks_like_number(w->arguments[w->at]))
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "%s auto %s: auto stands for both numbers; write %s auto, or two such as %s -4 2", name,
                   w->arguments[w->at], name, name);
}

static gd_status read_flag(walk *w, gd_flag_id id, const char *argument, gd_error *error)
{
    const gd_flag *flag = &gd_flags[id];
    const char *equals = strchr(argument, '=');
    char name[GD_FLAG_NAME_MAX];
    const char *values[2] = {NULL, NULL};
    snprintf(name, sizeof name, "%.*s", (int)strcspn(argument, "="), argument);
    w->given[id] = true;
    if (equals && flag->values == 0)
        return gd_fail(error, GD_USAGE, "%s: %s takes no value; write %s alone", argument, name, name);
    if (id == GD_FLAG_LAYERS) {
        read_layers(w, equals ? equals + 1 : NULL);
        return GD_OK;
    }
    for (int i = 0; i < flag->values; i++) {
        if (i > 0 && id == GD_FLAG_OCTAVES && strcmp(values[0], "auto") == 0) {
            const gd_status status = check_auto(w, name, error);
            if (status != GD_OK)
                return status;
            break;
        }
        values[i] = i == 0 && equals ? equals + 1 : next_value(w);
        if (!values[i])
            return missing(id, name, error);
    }
    return gd_value_read(id, name, values, w->options, error);
}

static gd_status unknown(const char *argument, gd_error *error)
{
    char nearest[GD_FLAG_NAME_MAX];
    if (argument[0] != '-' || !argument[strspn(argument, "-")])
        return gd_fail(error, GD_USAGE,
                       "'%s' belongs to no flag; write -img %s for the input, or leave it out", argument,
                       *argument && argument[0] != '-' ? argument : "PATH");
    gd_flag_nearest(argument, nearest);
    return gd_fail(error, GD_USAGE, "%s: there is no such flag; the nearest is %s (--help lists all)",
                   argument, nearest);
}

/* Flags that contradict each other. */
static gd_status check_pictures(const gd_options *o, const bool *given, gd_error *error)
{
    if (given[GD_FLAG_SIZE] && !gd_options_noise(o))
        return gd_fail(error, GD_USAGE,
                       "--size and -img %s: --size is for random_noise; use -img_max_dim for a picture",
                       o->input);
    if (given[GD_FLAG_SIZE] && given[GD_FLAG_MAX_DIM])
        return gd_fail(error, GD_USAGE,
                       "--size and -img_max_dim: both say how large the noise is; give one of them");
    if (given[GD_FLAG_ENLARGE] && gd_options_noise(o))
        return gd_fail(
            error, GD_USAGE,
            "--enlarge: random_noise is made in its final size; leave --enlarge out, or give -img");
    return GD_OK;
}

static gd_status check_print(const bool *given, gd_error *error)
{
    if (!given[GD_FLAG_PRINT])
        return GD_OK;
    if (given[GD_FLAG_MAX_DIM] || given[GD_FLAG_SIZE])
        return gd_fail(error, GD_USAGE, "--print and %s: both say how large the picture is; give one of them",
                       given[GD_FLAG_SIZE] ? "--size" : "-img_max_dim");
    if (given[GD_FLAG_NO_FINAL_RESIZE])
        return gd_fail(error, GD_USAGE,
                       "--print and --no-final-resize: the last octave's size is not that of the paper; give "
                       "one of them");
    return GD_OK;
}

/* What the output's format cannot have. A name that has no format is judged later. */
static gd_status check_file(const gd_options *o, const bool *given, gd_error *error)
{
    static const gd_flag_id of_tiff[] = {GD_FLAG_COMPRESSION, GD_FLAG_PYRAMID, GD_FLAG_BIGTIFF};
    char full[GD_PATH_MAX];
    gd_file_kind kind;
    if (gd_file_kind_of(o->output, &kind, full, sizeof full, NULL) != GD_OK)
        return GD_OK;
    for (size_t i = 0; kind != GD_FILE_TIFF && i < sizeof of_tiff / sizeof *of_tiff; i++)
        if (given[of_tiff[i]])
            return gd_fail(error, GD_USAGE,
                           "--%s and -img_out %s: it is for TIFF; name a .tif, or leave it out",
                           gd_flags[of_tiff[i]].long_name, o->output);
    if (kind == GD_FILE_JPEG && o->bits != 8)
        return gd_fail(error, GD_USAGE,
                       "--bits %d and -img_out %s: a JPEG holds 8 bits a channel; name a .tif or .png, or "
                       "leave --bits out",
                       o->bits, o->output);
    if (o->preview_every > 0 && !*o->preview)
        return gd_fail(error, GD_USAGE,
                       "--preview-every %d: there is no preview; add --preview FILE, or leave it out",
                       o->preview_every);
    if (o->compression == GD_COMPRESSION_JPEG && o->bits != 8)
        return gd_fail(error, GD_USAGE,
                       "--compression jpeg and --bits %d: JPEG holds 8 bits a channel; use deflate, or leave "
                       "--bits out",
                       o->bits);
    return GD_OK;
}

static gd_status check_numerics(const gd_options *o, gd_error *error)
{
    const char *precision = gd_precision_name(o->precision);
    const bool gpu_only = o->precision == GD_PRECISION_FP16 || o->precision == GD_PRECISION_TF32;
    const bool on_host = o->backend == GD_BACKEND_CPU || o->backend == GD_BACKEND_REFERENCE;
    if (o->precision != GD_PRECISION_AUTO && o->backend == GD_BACKEND_REFERENCE)
        return gd_fail(error, GD_USAGE,
                       "--precision %s and --backend reference: that backend computes in double alone; leave "
                       "--precision out",
                       precision);
    if (gpu_only && o->backend == GD_BACKEND_CPU)
        return gd_fail(error, GD_USAGE,
                       "--precision %s and --backend cpu: oneDNN has fp32 and bf16; give one of these",
                       precision);
    if (o->compat_tensorflow && o->precision != GD_PRECISION_AUTO && o->precision != GD_PRECISION_FP32)
        return gd_fail(
            error, GD_USAGE,
            "--precision %s and --compat: the TensorFlow program computes in fp32; leave one of them out",
            precision);
    if (*o->device && o->action != GD_ACTION_DRY_RUN && o->action != GD_ACTION_DUMP_TAPE)
        return gd_fail(error, GD_USAGE,
                       "--device %s: a device that is only described can be planned for; add --dry-run",
                       o->device);
    if (o->ranks > 0 && o->action != GD_ACTION_DRY_RUN)
        return gd_fail(error, GD_USAGE,
                       "--ranks %d: ranks are started by mpirun -n %d; to plan for them, add --dry-run",
                       o->ranks, o->ranks);
    if (*o->device && on_host)
        return gd_fail(error, GD_USAGE, "--device %s and --backend %s: it names a GPU; leave one of them out",
                       o->device, gd_backend_kind_name(o->backend));
    if (o->tile_auto && o->compat_tensorflow)
        return gd_fail(error, GD_USAGE,
                       "-ts auto and --compat: there the tile size changes the picture; give it as a number");
    if (o->keep_detail && o->compat_tensorflow)
        return gd_fail(error, GD_USAGE,
                       "--keep-detail and --compat: the TensorFlow program adds no detail back; leave one of "
                       "them out");
    if (o->compat_tensorflow && (o->halo_kind == GD_HALO_EXACT || o->halo > 0))
        return gd_fail(error, GD_USAGE,
                       "--halo and --compat: the TensorFlow program has no halo; leave one of them out");
    return GD_OK;
}

/* What --resume excludes. */
static gd_status check_resume(const gd_options *o, gd_error *error)
{
    if (*o->resume && o->restart)
        return gd_fail(error, GD_USAGE, "--resume %s and --restart: give one of them", o->resume);
    if (*o->resume && o->proof)
        return gd_fail(
            error, GD_USAGE,
            "--resume %s and --proof: a proof begins with the first octave, and goes on from nothing; give "
            "one of them, with the flags that the render was started with",
            o->resume);
    return GD_OK;
}

const gd_compat_rules *gd_options_rules(const gd_options *options)
{
    return gd_compat_rules_of(options->compat_tensorflow ? GD_COMPAT_TENSORFLOW : GD_COMPAT_NONE);
}

void gd_options_name_output(const gd_options *o, char output[GD_PATH_MAX])
{
    enum { KEPT = 200 }; /* a name has 255 bytes at most, and others are made of it */
    if (o->compat_tensorflow || gd_options_noise(o)) {
        strcpy(output, o->compat_tensorflow ? "output" : "noise_dream.tif");
        return;
    }
    const char *slash = strrchr(o->input, '/'), *name = slash ? slash + 1 : o->input;
    const char *dot = strrchr(name, '.');
    int length = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
    if (length > KEPT)
        for (length = KEPT; length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80; length--) {
        }
    snprintf(output, GD_PATH_MAX, "%.*s_dream.tif", length, name);
}

static gd_status parse(int argc, char *const *argv, gd_options *options, bool *given, gd_error *error)
{
    walk w = {.arguments = argv, .count = argc, .at = 1, .given = given, .options = options};
    while (w.at < argc) {
        const char *argument = argv[w.at++];
        int id = gd_flag_find(argument);
        if (id < 0)
            return unknown(argument, error);
        gd_status status = read_flag(&w, (gd_flag_id)id, argument, error);
        if (status != GD_OK)
            return status;
        if (options->action != GD_ACTION_RENDER && !gd_action_plans(options->action))
            return GD_OK;
    }
    if (!*options->output)
        gd_options_name_output(options, options->output);
    gd_status status = check_pictures(options, w.given, error);
    if (status == GD_OK)
        status = check_print(w.given, error);
    if (status == GD_OK)
        status = check_file(options, w.given, error);
    if (status == GD_OK)
        status = check_numerics(options, error);
    if (status == GD_OK)
        status = check_resume(options, error);
    return status;
}

gd_status gd_options_parse(int argc, char *const *argv, gd_options *options, gd_error *error)
{
    static const int32_t steps_tensorflow = 80; /* of that program */
    bool given[GD_FLAG_COUNT] = {false};
    gd_options_default(options);
    const gd_status status = parse(argc, argv, options, given, error);
    if (status == GD_OK && options->compat_tensorflow && !given[GD_FLAG_STEPS])
        options->steps = steps_tensorflow;
    return status;
}

gd_status gd_options_parse_over(int argc, char *const *argv, gd_options *options, gd_error *error)
{
    bool given[GD_FLAG_COUNT] = {false};
    return parse(argc, argv, options, given, error);
}
