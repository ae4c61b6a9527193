/* Checks for options that contradict each other. Readers check single values. */
#include "options/option_checks.h"

#include "image/kind.h"
#include "options/enum_names.h"

#include <string.h>

/* Contradictions about the picture's size. */
static gd_status check_pictures(const gd_options *o, const bool *given, gd_error *error)
{
    if (given[GD_FLAG_SIZE] && !gd_options_noise(o))
        return gd_fail(error, GD_USAGE,
                       "--size and -img %s: --size is for random_noise; use -img_max_dim for a picture",
                       o->input);
    if (given[GD_FLAG_SIZE] && given[GD_FLAG_MAX_DIM])
        return gd_fail(error, GD_USAGE,
                       "--size and -img_max_dim: both set the size of the noise; give one of them");
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
        return gd_fail(error, GD_USAGE, "--print and %s: both set the size of the picture; give one of them",
                       given[GD_FLAG_SIZE] ? "--size" : "-img_max_dim");
    if (given[GD_FLAG_NO_FINAL_RESIZE])
        return gd_fail(error, GD_USAGE,
                       "--print and --no-final-resize: the last octave's size is not that of the paper; give "
                       "one of them");
    return GD_OK;
}

/* The long name of a given flag that only a TIFF takes, or NULL. */
static const char *given_for_tiff(const bool *given)
{
    static const gd_flag_id of_tiff[] = {GD_FLAG_COMPRESSION, GD_FLAG_PYRAMID, GD_FLAG_BIGTIFF};
    for (size_t i = 0; i < sizeof of_tiff / sizeof *of_tiff; i++)
        if (given[of_tiff[i]])
            return gd_flags[of_tiff[i]].long_name;
    return NULL;
}

gd_output_choice gd_options_output_choice(const gd_options *o, const bool *given)
{
    const bool tiff = o->bits != 8 || given_for_tiff(given) || gd_options_rules(o)->output;
    return tiff ? GD_OUTPUT_TIFF : GD_OUTPUT_BY_SIZE;
}

/* Checks options against the output's format. An unknown format is reported later. */
static gd_status check_file(const gd_options *o, const bool *given, gd_error *error)
{
    const char *for_tiff = given_for_tiff(given);
    char full[GD_PATH_MAX];
    gd_file_kind kind = GD_FILE_TIFF;
    if (gd_options_tiles_only(o) && (!*o->web || o->proof || o->save_input))
        return gd_fail(error, GD_USAGE, "-img_out none%s: there would be no picture; %s",
                       o->proof        ? " and --proof"
                       : o->save_input ? " and -save_input"
                                       : "",
                       *o->web ? "name a file" : "name a file, or add --web DIR for tiles alone");
    if (*o->output && !gd_options_tiles_only(o) &&
        gd_file_kind_of(o->output, &kind, full, sizeof full, NULL) != GD_OK)
        return GD_OK;
    if (kind != GD_FILE_TIFF && for_tiff)
        return gd_fail(error, GD_USAGE, "--%s and -img_out %s: it is for TIFF; name a .tif, or leave it out",
                       for_tiff, o->output);
    if (kind == GD_FILE_JPEG && o->bits != 8)
        return gd_fail(error, GD_USAGE,
                       "--bits %d and -img_out %s: a JPEG holds 8 bits a channel; name a .tif or .png, or "
                       "leave --bits out",
                       o->bits, o->output);
    if (o->preview_every > 0 && !*o->preview)
        return gd_fail(error, GD_USAGE,
                       "--preview-every %d: there is no preview; add --preview FILE, or leave it out",
                       o->preview_every);
    if (!*o->web && (given[GD_FLAG_WEB_QUALITY] || o->web_private))
        return gd_fail(error, GD_USAGE, "--web-%s: there are no tiles; add --web DIR, or leave it out",
                       o->web_private ? "private" : "quality");
    if (o->compression == GD_COMPRESSION_JPEG && o->bits != 8)
        return gd_fail(error, GD_USAGE,
                       "--compression jpeg and --bits %d: JPEG holds 8 bits a channel; use deflate, or leave "
                       "--bits out",
                       o->bits);
    return GD_OK;
}

static gd_status check_numerics(const gd_options *o, gd_error *error)
{
    const char *precision = gd_enum_text(gd_precision_names, (int)o->precision);
    const bool gpu_only = o->precision == GD_PRECISION_FP16 || o->precision == GD_PRECISION_TF32;
    const bool on_host = o->backend == GD_BACKEND_CPU || o->backend == GD_BACKEND_REFERENCE;
    if (o->precision != GD_PRECISION_AUTO && o->backend == GD_BACKEND_REFERENCE)
        return gd_fail(error, GD_USAGE,
                       "--precision %s and --backend reference: that backend computes only in double; leave "
                       "--precision out",
                       precision);
    if (gpu_only && o->backend == GD_BACKEND_CPU)
        return gd_fail(error, GD_USAGE,
                       "--precision %s and --backend cpu: oneDNN has fp32 and bf16; give one of these",
                       precision);
    if (*o->device && o->action != GD_ACTION_DRY_RUN && o->action != GD_ACTION_DUMP_TAPE)
        return gd_fail(error, GD_USAGE,
                       "--device %s: a described device can only be planned for; add --dry-run", o->device);
    if (o->ranks > 0 && o->action != GD_ACTION_DRY_RUN)
        return gd_fail(error, GD_USAGE,
                       "--ranks %d: ranks are started by mpirun -n %d; to plan for them, add --dry-run",
                       o->ranks, o->ranks);
    if (*o->device && on_host)
        return gd_fail(error, GD_USAGE, "--device %s and --backend %s: it names a GPU; leave one of them out",
                       o->device, gd_enum_text(gd_backend_names, (int)o->backend));
    return GD_OK;
}

/* Options that --compat excludes. */
static gd_status check_compat(const gd_options *o, gd_error *error)
{
    const gd_compat_rules *rules = gd_options_rules(o);
    if (rules->precision != GD_PRECISION_AUTO && o->precision != GD_PRECISION_AUTO &&
        o->precision != rules->precision)
        return gd_fail(error, GD_USAGE,
                       "--precision %s and --compat: %s computes in %s; leave one of them out, or give "
                       "--precision auto",
                       gd_enum_text(gd_precision_names, (int)o->precision), rules->program,
                       gd_enum_text(gd_precision_names, (int)rules->precision));
    if (o->tile_auto && !rules->tile_auto)
        return gd_fail(error, GD_USAGE,
                       "-ts auto and --compat: there the tile size changes the picture; give it as a number");
    if (o->keep_detail && !rules->keep_detail)
        return gd_fail(error, GD_USAGE,
                       "--keep-detail and --compat: %s adds no detail back; leave one of them out, or "
                       "give --keep-detail=off",
                       rules->program);
    const char *shaping = gd_options_smooth(o)                     ? "smooth 0"
                          : o->tv > 0                              ? "tv 0"
                          : o->normalize != GD_NORMALIZE_DEVIATION ? "normalize deviation"
                                                                   : NULL;
    if (shaping && !rules->shaping)
        return gd_fail(error, GD_USAGE,
                       "--%.*s and --compat: %s takes gradients as they are; leave one of them out, or give "
                       "--%s",
                       (int)strcspn(shaping, " "), shaping, rules->program, shaping);
    if (gd_options_masked(o) && !rules->mask)
        return gd_fail(error, GD_USAGE,
                       "--mask and --compat: %s has no masks; leave one of them out, or give --mask none",
                       rules->program);
    if (!rules->halo && (o->halo_kind == GD_HALO_EXACT || o->halo > 0))
        return gd_fail(error, GD_USAGE,
                       "--halo and --compat: %s has no halo; leave one of them out, or give "
                       "--halo auto",
                       rules->program);
    return GD_OK;
}

static gd_status check_guide(const gd_options *o, gd_error *error)
{
    if (!*o->guide || o->objective == GD_MEASURE_MEAN)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "--objective %s and --guide %.300s: a guide has its own objective; leave one of them out, or "
        "name it for single layers, as mixed4@l2",
        gd_enum_text(gd_measure_names, (int)o->objective), o->guide);
}

static gd_status check_flow(const gd_options *o, gd_error *error)
{
    if (!gd_options_flow(o))
        return GD_OK;
    if (!gd_options_inputs(o))
        return gd_fail(error, GD_USAGE,
                       "--flow %.300s: it is for the frames of a video; give -img a pattern such as "
                       "in_%%05d.png, or leave it out",
                       o->flow);
    if (!gd_options_numbered(o->flow))
        return gd_fail(
            error, GD_USAGE,
            "--flow %.300s: each frame has a file of its own; give a pattern such as flow_%%05d.flo",
            o->flow);
    return GD_OK;
}

/* What only sequences have; the flag's name, or NULL. */
static const char *given_for_frames(const gd_options *o)
{
    if (o->zoom != 1)
        return "--zoom";
    if (o->rotate != 0)
        return "--rotate";
    if (o->shift_x != 0 || o->shift_y != 0)
        return "--shift";
    return o->seed_per_frame ? "--seed-per-frame" : NULL;
}

/* What a sequence cannot have: a frame begins with the one before, which is not held. */
static const char *excluded_by_frames(const gd_options *o)
{
    if (o->keep_detail)
        return "--keep-detail";
    if (o->keep_colors)
        return "--keep-colors";
    return o->strength < 1 ? "--strength" : NULL;
}

static gd_status check_sequence(const gd_options *o, const bool *given, gd_error *error)
{
    const gd_compat_rules *rules = gd_options_rules(o);
    const char *own = given_for_frames(o), *excluded = excluded_by_frames(o);
    const bool inputs = gd_options_inputs(o);
    if (given[GD_FLAG_BLEND] && !inputs)
        return gd_fail(
            error, GD_USAGE,
            "--blend %g: it is for the frames of a video; give -img a pattern such as in_%%05d.png, or "
            "leave it out",
            o->blend);
    if (o->frames == 0 && !inputs && own)
        return gd_fail(error, GD_USAGE, "%s is for the frames of a sequence; add --frames N, or leave it out",
                       own);
    if (o->frames == 0 && !inputs)
        return GD_OK;
    if (excluded && !inputs)
        return gd_fail(error, GD_USAGE,
                       "%s and --frames: frames begin with the one before, and the input is not held beside "
                       "them; leave one of them out",
                       excluded);
    if (*o->web)
        return gd_fail(
            error, GD_USAGE,
            "--web %.300s and --frames: the folder holds one picture; leave one of them out, and run "
            "gigadream web on a frame",
            o->web);
    if (!rules->frames)
        return gd_fail(error, GD_USAGE, "--frames and --compat: %s has no sequences; leave one of them out",
                       rules->program);
    if (o->seed_per_frame && *o->replay)
        return gd_fail(error, GD_USAGE,
                       "--replay %s and --seed-per-frame: a log's shifts are the same for each frame; leave "
                       "one of them out",
                       o->replay);
    return GD_OK;
}

/* Options that --resume excludes. */
static gd_status check_resume(const gd_options *o, gd_error *error)
{
    if (*o->resume && *o->like)
        return gd_fail(error, GD_USAGE,
                       "--resume %s and --like %s: a checkpoint holds all parameters; leave --like out",
                       o->resume, o->like);
    if (*o->resume && o->restart)
        return gd_fail(error, GD_USAGE, "--resume %s and --restart: give one of them", o->resume);
    if (*o->resume && o->proof)
        return gd_fail(
            error, GD_USAGE,
            "--resume %s and --proof: --proof always starts at the first octave and cannot resume; give one "
            "of them, with the flags that the render was started with",
            o->resume);
    return GD_OK;
}

gd_status gd_options_check(const gd_options *options, const bool *given, gd_error *error)
{
    gd_status status = check_pictures(options, given, error);
    if (status == GD_OK)
        status = check_print(given, error);
    if (status == GD_OK)
        status = check_file(options, given, error);
    if (status == GD_OK)
        status = check_numerics(options, error);
    if (status == GD_OK)
        status = check_compat(options, error);
    if (status == GD_OK)
        status = check_guide(options, error);
    if (status == GD_OK)
        status = check_flow(options, error);
    if (status == GD_OK)
        status = check_sequence(options, given, error);
    return status == GD_OK ? check_resume(options, error) : status;
}
