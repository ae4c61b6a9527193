#include "options/values.h"

#include "base/size.h"
#include "options/enum_names.h"
#include "options/value_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Far beyond what can be rendered, and safe to multiply. */
enum { EXPONENT_MAX = 1000, THREADS_MAX = 65536, RANKS_MAX = 1000000 };
static const double step_size_max = 1000;

static gd_status read_model(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    if (gd_architecture_find(values[0], &o->architecture))
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s %s: there is no such network; give inceptionV3 or inceptionResNet",
                   flag, values[0]);
}

static gd_status read_octaves(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    int32_t first = 0, end = 0;
    o->octaves_auto = strcmp(values[0], "auto") == 0;
    if (o->octaves_auto)
        return GD_OK;
    gd_status status = gd_value_whole32(flag, values[0], -EXPONENT_MAX, EXPONENT_MAX, &first, error);
    if (status == GD_OK)
        status = gd_value_whole32(flag, values[1], -EXPONENT_MAX, EXPONENT_MAX, &end, error);
    if (status != GD_OK)
        return status;
    if (end <= first)
        return gd_fail(error, GD_USAGE,
                       "%s %d %d: there is no octave from A up to B-1; give B above A, such as %s %d %d",
                       flag, first, end, flag, first, first + 1);
    o->octave_first = first;
    o->octave_end = end;
    return GD_OK;
}

static gd_status read_octave_scale(const char *flag, const char *const *values, gd_options *o,
                                   gd_error *error)
{
    if (!gd_number_parse(values[0], &o->octave_scale))
        return gd_fail(error, GD_USAGE, "%s %s: not a finite number; give one above 1, such as 1.2", flag,
                       values[0]);
    if (o->octave_scale <= 1 || o->octave_scale > 100)
        return gd_fail(error, GD_USAGE,
                       "%s %s: octaves must grow; give a number above 1 and at most 100, such as 1.2", flag,
                       values[0]);
    return GD_OK;
}

static gd_status read_steps(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_value_whole32(flag, values[0], 0, GD_STEPS_MAX, &o->steps, error);
}

static gd_status read_step_size(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    gd_status status = gd_schedule_parse(values[0], flag, &o->step_size, error);
    if (status != GD_OK)
        return status;
    double a = o->step_size.start, b = o->step_size.end;
    if (a < 0 || b < 0 || (a == 0 && b == 0) || a > step_size_max || b > step_size_max)
        return gd_fail(
            error, GD_USAGE,
            "%s %s: a step must be above 0 and at most %g; good values are 0.001 to 0.1 (-os 0 takes no "
            "step at all)",
            flag, values[0], step_size_max);
    return GD_OK;
}

static gd_status read_seed(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    char *end;
    errno = 0;
    unsigned long long seed = strtoull(values[0], &end, 10);
    if (!*values[0] || values[0][strspn(values[0], "0123456789")] || *end || errno == ERANGE)
        return gd_fail(error, GD_USAGE, "%s %s: not a whole number from 0 to %" PRIu64 "; give one", flag,
                       values[0], UINT64_MAX);
    o->seed = seed;
    return GD_OK;
}

static bool is_side(double value)
{
    return value >= 1 && value <= GD_SIDE_MAX && value == (double)(int64_t)value;
}

static gd_status read_tile(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    o->tile_auto = strcmp(values[0], "auto") == 0;
    o->tile = (gd_schedule){0};
    if (o->tile_auto)
        return GD_OK;
    gd_status status = gd_schedule_parse(values[0], flag, &o->tile, error);
    if (status != GD_OK)
        return status;
    if (!is_side(o->tile.start) || !is_side(o->tile.end))
        return gd_fail(
            error, GD_USAGE,
            "%s %s: a tile is a whole number of pixels from 1 to %d; give one such as 512, auto, or leave %s "
            "out",
            flag, values[0], GD_SIDE_MAX, flag);
    return GD_OK;
}

static gd_status read_halo(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    o->halo_kind = GD_HALO_AUTO;
    o->halo = 0;
    if (strcmp(values[0], "auto") == 0)
        return GD_OK;
    o->halo_kind = GD_HALO_EXACT;
    if (strcmp(values[0], "exact") == 0)
        return GD_OK;
    o->halo_kind = GD_HALO_PIXELS;
    if (gd_value_whole(flag, values[0], 0, GD_SIDE_MAX, &o->halo, NULL) == GD_OK)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s %s: give auto, exact or a whole number of pixels from 0 to %d", flag,
                   values[0], GD_SIDE_MAX);
}

static gd_status read_compat(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    if (strcmp(values[0], "tensorflow") != 0)
        return gd_fail(error, GD_USAGE, "%s %s: there is one program to repeat; give tensorflow", flag,
                       values[0]);
    o->compat_tensorflow = true;
    return GD_OK;
}

static gd_status read_backend(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    if (!gd_backend_kind_find(values[0], &o->backend))
        return gd_fail(error, GD_USAGE, "%s %s: there is no such backend; give auto, cuda, cpu or reference",
                       flag, values[0]);
    return GD_OK;
}

static gd_status read_precision(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    gd_precision precision;
    if (!gd_precision_find(values[0], &precision) || precision == GD_PRECISION_FP64)
        return gd_fail(
            error, GD_USAGE,
            "%s %s: there is no such precision; give auto, bf16, fp16, tf32 or fp32 (--backend reference "
            "computes in double)",
            flag, values[0]);
    o->precision = precision;
    return GD_OK;
}

static gd_status read_threads(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_value_whole32(flag, values[0], 1, THREADS_MAX, &o->threads, error);
}

static gd_status read_memory(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    if (gd_size_parse(values[0], &o->memory))
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "%s %s: give a size with a unit of 1024, such as 2GiB, 1.5G or 2500M (K, M, G or T)", flag,
                   values[0]);
}

static gd_status read_scratch(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_value_path(flag, values[0], o->scratch, error);
}

static gd_status read_transport(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    if (!gd_transport_kind_find(values[0], &o->transport))
        return gd_fail(error, GD_USAGE, "%s %s: there is no such transport; give auto, mpi or nccl", flag,
                       values[0]);
    return GD_OK;
}

static gd_status read_device(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_value_path(flag, values[0], o->device, error);
}

static gd_status read_ranks(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_value_whole32(flag, values[0], 1, RANKS_MAX, &o->ranks, error);
}

static gd_status read_weights(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_value_path(flag, values[0], o->weights, error);
}

static gd_status read_log(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_value_path(flag, values[0], o->log, error);
}

static gd_status read_replay(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_value_path(flag, values[0], o->replay, error);
}

static gd_status read_checkpoint(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_value_path(flag, values[0], o->checkpoint, error);
}

static gd_status read_resume(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    return gd_value_path(flag, values[0], o->resume, error);
}

static gd_status read_every(const char *flag, const char *const *values, gd_options *o, gd_error *error)
{
    static const struct {
        const char *unit;
        gd_every every;
        int64_t factor;
    } units[] = {{"s", GD_EVERY_SECONDS, 1},
                 {"min", GD_EVERY_SECONDS, 60},
                 {"h", GD_EVERY_SECONDS, 3600},
                 {"steps", GD_EVERY_STEPS, 1}};
    const char *text = values[0];
    const size_t digits = strspn(text, "0123456789");
    const int64_t number = digits > 0 && digits < 10 ? strtoll(text, NULL, 10) : 0;
    if (strcmp(text, "octave") == 0) {
        o->every = GD_EVERY_OCTAVE;
        o->every_count = 1;
        return GD_OK;
    }
    for (size_t i = 0; number > 0 && i < sizeof units / sizeof *units; i++) {
        if (strcmp(text + digits, units[i].unit) != 0)
            continue;
        o->every = units[i].every;
        o->every_count = number * units[i].factor;
        return GD_OK;
    }
    return gd_fail(error, GD_USAGE,
                   "%s %s: give a time such as 10min, 90s or 2h, steps such as 100steps, or octave", flag,
                   text);
}

static void set_switch(gd_flag_id id, gd_options *o)
{
    switch (id) {
    case GD_FLAG_ENLARGE:
        o->enlarge = true;
        break;
    case GD_FLAG_SAVE_INPUT:
        o->save_input = true;
        break;
    case GD_FLAG_NO_FINAL_RESIZE:
        o->final_resize = false;
        break;
    case GD_FLAG_KEEP_DETAIL:
        o->keep_detail = true;
        break;
    case GD_FLAG_QUIET:
        o->quiet = true;
        break;
    case GD_FLAG_AUTOTUNE:
        o->autotune = true;
        break;
    case GD_FLAG_SHARE_GPU:
        o->share_gpu = true;
        break;
    case GD_FLAG_RESTART:
        o->restart = true;
        break;
    case GD_FLAG_TRUST:
        o->trust = true;
        break;
    case GD_FLAG_OVERWRITE:
        o->overwrite = true;
        break;
    case GD_FLAG_PROOF:
        o->proof = true;
        break;
    case GD_FLAG_DRY_RUN:
        o->action = GD_ACTION_DRY_RUN;
        break;
    case GD_FLAG_DEVICE_INFO:
        o->action = GD_ACTION_DEVICE_INFO;
        break;
    case GD_FLAG_DUMP_TAPE:
        o->action = GD_ACTION_DUMP_TAPE;
        break;
    case GD_FLAG_HELP:
        o->action = GD_ACTION_HELP;
        break;
    case GD_FLAG_VERSION:
        o->action = GD_ACTION_VERSION;
        break;
    default:
        break;
    }
}

static gd_value_reader *const readers[GD_FLAG_COUNT] = {
    [GD_FLAG_MODEL] = read_model,
    [GD_FLAG_OCTAVES] = read_octaves,
    [GD_FLAG_OCTAVE_SCALE] = read_octave_scale,
    [GD_FLAG_STEPS] = read_steps,
    [GD_FLAG_STEP_SIZE] = read_step_size,
    [GD_FLAG_SEED] = read_seed,
    [GD_FLAG_TILE] = read_tile,
    [GD_FLAG_HALO] = read_halo,
    [GD_FLAG_COMPAT] = read_compat,
    [GD_FLAG_BACKEND] = read_backend,
    [GD_FLAG_PRECISION] = read_precision,
    [GD_FLAG_THREADS] = read_threads,
    [GD_FLAG_MEMORY] = read_memory,
    [GD_FLAG_SCRATCH] = read_scratch,
    [GD_FLAG_TRANSPORT] = read_transport,
    [GD_FLAG_DEVICE] = read_device,
    [GD_FLAG_RANKS] = read_ranks,
    [GD_FLAG_WEIGHTS] = read_weights,
    [GD_FLAG_LOG] = read_log,
    [GD_FLAG_REPLAY] = read_replay,
    [GD_FLAG_CHECKPOINT] = read_checkpoint,
    [GD_FLAG_CHECKPOINT_EVERY] = read_every,
    [GD_FLAG_RESUME] = read_resume,
};

gd_status gd_value_read(gd_flag_id id, const char *flag, const char *const *values, gd_options *options,
                        gd_error *error)
{
    gd_value_reader *const read = gd_picture_values[id] ? gd_picture_values[id] : readers[id];
    if (read)
        return read(flag, values, options, error);
    set_switch(id, options);
    return GD_OK;
}
