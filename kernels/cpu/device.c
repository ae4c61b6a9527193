/* The cpu backend: opens devices, describes them, and fills the table of backend.h. */
#include "kernels/cpu/access.h"
#include "kernels/cpu/canvas.h"
#include "kernels/cpu/filters.h"
#include "kernels/cpu/matches.h"
#include "kernels/cpu/precision.h"
#include "kernels/cpu/program.h"
#include "kernels/cpu/run.h"
#include "kernels/host.h"
#include "net/dump.h"

#include <stdio.h>
#include <stdlib.h>

static void close_device(gd_device *device)
{
    if (!device)
        return;
    gd_cpu_filters_free(device->filters, device->filter_count);
    gd_cpu_matches_free(device);
    gd_dnnl_free(device->dnnl);
    pthread_mutex_destroy(&device->lock);
    free(device);
}

/* A better processor computes as the kind that was agreed on, and no further instruction set makes a
 * difference between two of a kind. Where the library was used before, with less
 * than this processor has, the kind is one that it can serve. */
static void take_kind(gd_device *device, const gd_cpu_identity *here, gd_cpu_kind agreed)
{
    device->kind = agreed ? agreed : gd_cpu_kind_of(here);
    const gd_cpu_isa most = gd_processor_of(device->kind)->isa;
    if (most <= here->isa)
        gd_dnnl_lower_isa(most);
    device->isa = gd_dnnl_get_isa();
    if (!device->isa.bf16)
        device->kind = gd_cpu_kind_common(device->kind, device->isa.avx512 ? GD_CPU_AVX512 : GD_CPU_AVX2);
    /* A processor may have tiles where another rank's has none. */
    device->tile_conv = device->kind == GD_CPU_AMX ? here->tile_conv : NULL;
}

static void write_text(gd_device *device)
{
    char version[32], *text = device->text;
    const char *kind = gd_cpu_kind_name(device->kind);
    const char *precision = device->precision == GD_PRECISION_BF16 ? "bf16" : "fp32";
    if (device->tile_conv) {
        snprintf(text, sizeof device->text, "cpu %s on %s, convolutions in %stiles, team %d, kernels %d",
                 precision, kind, device->tile_conv == gd_tile_conv_emulated ? "emulated " : "", GD_TEAM,
                 GD_CPU_KERNELS_VERSION);
        return;
    }
    gd_dnnl_version(version, sizeof version);
    snprintf(text, sizeof device->text, "cpu %s%s on %s, oneDNN %s, %s, team %d, kernels %d", precision,
             device->widens ? " with fp32 arithmetic" : "", kind, version, device->isa.name, GD_TEAM,
             GD_CPU_KERNELS_VERSION);
}

static gd_status open_on(const gd_cpu_identity *here, const gd_device_options *options, gd_device **device,
                         gd_error *error)
{
    gd_device *made = calloc(1, sizeof *made);
    if (!made)
        return gd_no_memory(error, "the cpu backend");
    pthread_mutex_init(&made->lock, NULL);
    take_kind(made, here, options->kind);
    if (options->emulated_tiles)
        made->tile_conv = gd_tile_conv_emulated;
    gd_status status = gd_cpu_choose(made, options->precision, error);
    if (status == GD_OK)
        status = gd_cores_choose(options->cores, options->place, &made->cores, error);
    if (status == GD_OK && !made->tile_conv)
        status = gd_dnnl_create(&made->dnnl, error);
    if (status != GD_OK) {
        close_device(made);
        return status;
    }
    write_text(made);
    *device = made;
    return GD_OK;
}

static gd_status open_device(const gd_device_options *options, gd_device **device, gd_error *error)
{
    const gd_cpu_identity here = gd_cpu_identify();
    return open_on(&here, options, device, error);
}

static const char *describe(const gd_device *device)
{
    return device->text;
}

static gd_precision precision(const gd_device *device)
{
    return device->precision;
}

static const char *advice(const gd_device *device)
{
    return gd_processor_of(device->kind)->advice;
}

static size_t arena_bytes(const gd_program *program)
{
    return program->plan.bytes;
}

static size_t workspace_bytes(const gd_program *program)
{
    return gd_tape_most_scratch(program->tape, program->scratch_bytes);
}

static void dump(const gd_program *program, const gd_net *net, FILE *out)
{
    gd_tape_dump(program->given, net, program->tensor_bytes, program->scratch_bytes, &program->plan, out);
}

/* Its row of the table, and why there are no tiles. */
static void tell(const gd_device *device, const gd_cpu_identity *here, FILE *out)
{
    const gd_processor *processor = gd_processor_of(device->kind);
    fprintf(out, "%s\n  --precision auto is %s here; gradients in bf16 beside fp32:", device->text,
            processor->precision == GD_PRECISION_BF16 ? "bf16" : "fp32");
    for (int i = 0; processor->ratio[0] > 0 && i < GD_PROCESSOR_LAYERS; i++)
        fprintf(out, " %.2f of the time at %s,", processor->ratio[i], gd_processor_layers[i]);
    fprintf(out, " %s\n  tiles of bf16 (AMX) are %s%s\n", processor->measured,
            here->no_tiles ? "not used: " : "used by bf16", here->no_tiles ? here->no_tiles : "");
    if (processor->advice)
        fprintf(out, "  %s\n", processor->advice);
}

static void info(FILE *out)
{
    gd_error error;
    gd_device *device = NULL;
    const gd_cpu_identity here = gd_cpu_identify();
    if (open_on(&here, &(gd_device_options){0}, &device, &error) == GD_OK)
        tell(device, &here, out);
    else
        fprintf(out, "cpu: not available: %s\n", error.message);
    close_device(device);
}

/* One for each full team that the cores can feed. */
static int32_t side_by_side(const gd_device *device, int32_t cores)
{
    (void)device;
    return cores / GD_TEAM > 1 ? cores / GD_TEAM : 1;
}

const gd_backend gd_backend_cpu = {
    .name = "cpu",
    .available = gd_host_available,
    .info = info,
    .kind = gd_cpu_kind_here,
    .common_kind = gd_cpu_kind_common,
    .kind_name = gd_cpu_kind_name,
    .kind_words = gd_cpu_kind_words,
    .kind_limit = gd_cpu_kind_limit,
    .open = open_device,
    .close = close_device,
    .describe = describe,
    .precision = precision,
    .advice = advice,
    .facts = gd_host_facts,
    .side_by_side = side_by_side,
    .memory = gd_host_memory,
    .filter_bytes = gd_cpu_filter_bytes,
    .load = gd_cpu_load,
    .compile = gd_cpu_compile,
    .free = gd_cpu_program_free,
    .arena_bytes = arena_bytes,
    .workspace_bytes = workspace_bytes,
    .dump = dump,
    .run = gd_cpu_run,
    .get = gd_cpu_get,
    .set = gd_cpu_set,
    .moments = gd_cpu_moments,
    .update = gd_cpu_update,
    .blend = gd_host_blend,
    .mix = gd_host_mix,
    .mask_moments = gd_host_mask_moments,
    .mask_update = gd_host_mask_update,
    .mask_keep = gd_host_mask_keep,
    .roughness = gd_cpu_roughness,
    .resample = gd_cpu_resample,
    .warp = gd_host_warp,
    .finish = gd_host_finish,
};
