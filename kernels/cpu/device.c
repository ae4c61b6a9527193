/* The cpu backend: opens devices, describes them, and fills the table of backend.h. */
#include "kernels/cpu/access.h"
#include "kernels/cpu/canvas.h"
#include "kernels/cpu/filters.h"
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
    gd_dnnl_free(device->dnnl);
    pthread_mutex_destroy(&device->lock);
    free(device);
}

static void write_text(gd_device *device)
{
    char version[32];
    const char *precision = device->precision == GD_PRECISION_BF16 ? "bf16" : "fp32";
    if (device->tile_conv) {
        snprintf(device->text, sizeof device->text, "cpu %s, tiles (%s), team %d", precision,
                 device->tile_conv == gd_tile_conv_emulated ? "emulated" : "AMX", GD_TEAM);
        return;
    }
    gd_dnnl_version(version, sizeof version);
    snprintf(device->text, sizeof device->text, "cpu %s%s, oneDNN %s, %s, team %d", precision,
             device->widens ? " with fp32 arithmetic" : "", version, device->isa.name, GD_TEAM);
}

static gd_status open_device(const gd_device_options *options, gd_device **device, gd_error *error)
{
    const char *missing = NULL;
    gd_device *made = calloc(1, sizeof *made);
    if (!made)
        return gd_no_memory(error, "the cpu backend");
    pthread_mutex_init(&made->lock, NULL);
    made->isa = gd_dnnl_get_isa();
    made->tile_conv = options->emulated_tiles ? gd_tile_conv_emulated : gd_tiles_find(&missing);
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

static const char *describe(const gd_device *device)
{
    return device->text;
}

static gd_precision precision(const gd_device *device)
{
    return device->precision;
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

static void info(FILE *out)
{
    gd_error error;
    gd_device *device = NULL;
    const char *missing;
    (void)gd_tiles_find(&missing);
    if (open_device(&(gd_device_options){0}, &device, &error) == GD_OK)
        fprintf(out, "%s\n", device->text);
    else
        fprintf(out, "cpu: not available: %s\n", error.message);
    if (missing)
        fprintf(out, "cpu: matrix tiles (AMX) are not used: %s\n", missing);
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
    .open = open_device,
    .close = close_device,
    .describe = describe,
    .precision = precision,
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
    .resample = gd_cpu_resample,
    .finish = gd_host_finish,
};
