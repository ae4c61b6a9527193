/* The cuda backend: opens devices, present or described, and defines its function table. */
#include "kernels/cuda/access.h"
#include "kernels/cuda/canvas.h"
#include "kernels/cuda/decide.h"
#include "kernels/cuda/demoted.h"
#include "kernels/cuda/describe.h"
#include "kernels/cuda/device/check.h"
#include "kernels/cuda/device/discover.h"
#include "kernels/cuda/device/properties.h"
#include "kernels/cuda/filters.h"
#include "kernels/cuda/info.h"
#include "kernels/cuda/products.h"
#include "kernels/cuda/program.h"
#include "kernels/cuda/results.h"
#include "kernels/cuda/run.h"
#include "net/dump.h"

#include <stdlib.h>
#include <string.h>

/* Device memory used by libraries: the context with all kernels, cuDNN's handle and modules, and NCCL's
 * channels. Assumed, not measured: users report about 0.5 GiB for a context with cuDNN and as much for NCCL.
 * A share of the device's memory is left free in addition. */
static const uint64_t assumed_bytes = (uint64_t)3 << 29;

/* Added to what is in use once the filters are loaded: modules that are loaded by their first use, and NCCL's
 * channels. Assumed too. */
static const uint64_t later_bytes = (uint64_t)1 << 29;

static gd_status choose_type(gd_device *device, gd_precision wanted, gd_error *error)
{
    if (wanted == GD_PRECISION_FP64)
        return gd_fail(error, GD_USAGE, "the cuda backend has no fp64; use --backend reference");
    device->precision = wanted == GD_PRECISION_AUTO ? GD_PRECISION_BF16 : wanted;
    device->tf32 = device->precision == GD_PRECISION_TF32;
    device->type = GD_CUDA_F32;
    if (device->precision == GD_PRECISION_BF16)
        device->type = GD_CUDA_BF16;
    if (device->precision == GD_PRECISION_FP16)
        device->type = GD_CUDA_F16;
    return GD_OK;
}

static gd_status open_events(gd_device *device, gd_error *error)
{
    const unsigned flags = cudaEventDisableTiming;
    cudaError_t made = cudaEventCreateWithFlags(&device->read, flags);
    if (made == cudaSuccess)
        made = cudaEventCreateWithFlags(&device->drained, flags);
    for (int i = 0; i < GD_CUDA_WINDOWS && made == cudaSuccess; i++)
        made = cudaEventCreateWithFlags(&device->events[i], flags);
    return gd_cuda_check(made, "cudaEventCreateWithFlags", error);
}

/* Allocates the memory for results. `results` is the last one: once it is set, the device is complete. */
static gd_status open_results(gd_device *device, gd_error *error)
{
    gd_cuda_results *results = NULL;
    gd_status status = gd_cuda_check(cudaMalloc((void **)&device->partial, gd_moments_scratch_bytes()),
                                     "cudaMalloc for moments", error);
    device->wanted = calloc(GD_CUDA_SUMS, sizeof *device->wanted);
    if (status == GD_OK && !device->wanted)
        status = gd_no_memory(error, "moments");
    if (status == GD_OK)
        status = gd_cuda_pin((void **)&device->found, sizeof *device->found, "results", error);
    if (status == GD_OK)
        status = open_events(device, error);
    if (status == GD_OK)
        status =
            gd_cuda_check(cudaMalloc((void **)&results, sizeof *results), "cudaMalloc for results", error);
    device->results = results;
    if (status == GD_OK)
        status = gd_cuda_check(cudaMemsetAsync(results, 0, sizeof *results, device->compute),
                               "cudaMemsetAsync", error);
    return status;
}

static gd_status open_present(gd_device *device, int32_t place, gd_error *error)
{
    gd_cuda_found found;
    gd_status status = gd_cuda_find(place, &found, error);
    if (status != GD_OK)
        return status;
    device->ordinal = found.ordinal;
    device->total_bytes = found.total_bytes;
    snprintf(device->name, sizeof device->name, "%s", found.name);
    snprintf(device->identity, sizeof device->identity, "%s", found.bus);
    status = gd_cuda_check(cudaSetDevice(found.ordinal), "cudaSetDevice", error);
    if (status == GD_OK)
        status = gd_cuda_check(cudaStreamCreateWithFlags(&device->compute, cudaStreamNonBlocking),
                               "cudaStreamCreateWithFlags", error);
    if (status == GD_OK)
        status = gd_cudnn_open(NULL, device->compute, &device->cudnn, error);
    if (status == GD_OK && gd_cuda_has_products(device))
        status = gd_products_open(&device->products, error);
    if (status == GD_OK)
        status = gd_cuda_memory_open(found.ordinal, &device->patience, &device->memory, error);
    if (status == GD_OK)
        status = gd_feed_open(GD_CUDA_AXIS_BYTES, device->compute, &device->patience, &device->axes, error);
    return status == GD_OK ? open_results(device, error) : status;
}

static gd_status open_described(gd_device *device, const char *described, gd_error *error)
{
    gd_properties properties;
    gd_status status = gd_properties_read(described, &properties, error);
    if (status != GD_OK)
        return status;
    device->ordinal = -1;
    device->total_bytes = properties.total_bytes;
    device->slow_tflops = properties.slow_tflops;
    device->fast_tflops = properties.fast_tflops;
    snprintf(device->name, sizeof device->name, "%s", properties.name);
    status = gd_cudnn_open(properties.json, NULL, &device->cudnn, error);
    gd_properties_free(&properties);
    return status;
}

/* Waits until the device is idle; false if it is not. Errors are dropped, since the device is being closed.
 */
static bool is_idle(gd_device *device)
{
    gd_error late;
    if (device->ordinal < 0 || cudaSetDevice(device->ordinal) != cudaSuccess || !device->results)
        return true;
    gd_cuda_forget_moments(device); /* whoever wanted them may be gone */
    (void)!gd_cuda_finish(device, &late);
    return gd_cuda_query(device->read) != cudaErrorNotReady && gd_cuda_memory_idle(device->memory);
}

static void free_device_memory(gd_device *device)
{
    (void)cudaFree(device->filters);
    (void)cudaFree(device->results);
    (void)cudaFree(device->partial);
    (void)cudaFreeHost(device->found);
    if (device->read)
        (void)cudaEventDestroy(device->read);
    if (device->drained)
        (void)cudaEventDestroy(device->drained);
    for (int i = 0; i < GD_CUDA_WINDOWS && device->events[i]; i++)
        (void)cudaEventDestroy(device->events[i]);
    if (device->compute)
        (void)cudaStreamDestroy(device->compute);
}

/* Frees nothing of a device that hangs, because that would block forever; the process's end frees it. */
static void close_device(gd_device *device)
{
    if (!device || !is_idle(device))
        return;
    gd_feed_close(device->axes);
    gd_cudnn_close(device->cudnn);
    gd_products_close(device->products);
    gd_cuda_memory_close(device->memory);
    if (device->ordinal >= 0)
        free_device_memory(device);
    gd_choices_free(&device->choices);
    gd_choices_free(&device->timed);
    free(device->record);
    free(device->wanted);
    free(device->filter_at);
    pthread_mutex_destroy(&device->lock);
    pthread_mutex_destroy(&device->reading);
    free(device);
}

static gd_status open_device(const gd_device_options *options, gd_device **device, gd_error *error)
{
    gd_device *made = calloc(1, sizeof *made);
    *device = NULL;
    if (!made)
        return gd_no_memory(error, "the cuda backend");
    pthread_mutex_init(&made->lock, NULL);
    pthread_mutex_init(&made->reading, NULL);
    made->ordinal = -1;
    made->patience = options->patience > 0 ? options->patience : GD_CUDA_PATIENCE;
    made->graphs = true;
    gd_status status = choose_type(made, options->precision, error);
    if (status == GD_OK && options->described)
        status = open_described(made, options->described, error);
    else if (status == GD_OK)
        status = open_present(made, options->place, error);
    if (status != GD_OK) {
        close_device(made);
        return status;
    }
    gd_cuda_write_text(made);
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

static void facts(const gd_device *device, gd_device_facts *f)
{
    const bool half = device->precision == GD_PRECISION_BF16 || device->precision == GD_PRECISION_FP16;
    *f = (gd_device_facts){.total_bytes = device->total_bytes,
                           .fixed_bytes =
                               device->loaded_bytes ? device->loaded_bytes + later_bytes : assumed_bytes,
                           .assumed_bytes = assumed_bytes,
                           .slow_tflops = half ? device->slow_tflops : 0,
                           .fast_tflops = half ? device->fast_tflops : 0};
    memcpy(f->name, device->name, sizeof f->name);
    memcpy(f->identity, device->identity, sizeof f->identity);
}

/* One window fills the device. */
static int32_t side_by_side(const gd_device *device, int32_t cores)
{
    (void)device;
    (void)cores;
    return 1;
}

static gd_memory *memory(const gd_device *device)
{
    return device->memory ? &device->memory->base : gd_memory_host();
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
    gd_tape_dump(program->tape, net, program->tensor_bytes, program->scratch_bytes, &program->plan, out);
}

const gd_backend gd_backend_cuda = {
    .name = "cuda",
    .dense = true,
    .available = gd_cuda_available,
    .info = gd_cuda_info,
    .open = open_device,
    .close = close_device,
    .describe = describe,
    .precision = precision,
    .facts = facts,
    .side_by_side = side_by_side,
    .memory = memory,
    .decide = gd_cuda_decide,
    .decided = gd_cuda_decided,
    .adopt = gd_cuda_adopt,
    .demotion = gd_cuda_demotion,
    .filter_bytes = gd_cuda_filter_bytes,
    .load = gd_cuda_load,
    .compile = gd_cuda_compile,
    .free = gd_cuda_program_free,
    .arena_bytes = arena_bytes,
    .workspace_bytes = workspace_bytes,
    .dump = dump,
    .run = gd_cuda_run,
    .get = gd_cuda_get,
    .set = gd_cuda_set,
    .moments = gd_cuda_moments,
    .update = gd_cuda_update,
    .blend = gd_cuda_blend,
    .mix = gd_cuda_mix,
    .mask_moments = gd_cuda_mask_moments,
    .mask_update = gd_cuda_mask_update,
    .mask_keep = gd_cuda_mask_keep,
    .roughness = gd_cuda_roughness,
    .resample = gd_cuda_resample,
    .warp = gd_cuda_warp,
    .noise = gd_cuda_noise,
    .samples = gd_cuda_samples,
    .record_event = gd_cuda_record_event,
    .wait_event = gd_cuda_wait_event,
    .finish = gd_cuda_finish,
};
