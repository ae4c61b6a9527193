/* Lists the GPUs of this machine, and judges the convolutions of the largest window on each kind of them. */
#include "kernels/cuda/info.h"

#include "kernels/backend.h"
#include "kernels/cuda/convolution/cudnn_handle.h"
#include "kernels/cuda/device/discover.h"
#include "kernels/cuda/product/product_handle.h"
#include "net/lower/lower.h"

#include <cuda_runtime_api.h>
#include <string.h>

gd_status gd_cuda_available(gd_error *error)
{
    gd_cuda_found found;
    const gd_status status = gd_cuda_find(0, &found, error);
    return status == GD_OK ? gd_cudnn_check_version(error) : status;
}

/* The largest square window: tensors of a larger one have 2^31 values or more. */
enum { LARGEST = 11584 };
static const char layer[] = "mixed5";

static gd_status lower_largest(const gd_net *net, gd_tape **tape, gd_error *error)
{
    gd_objective objective = {.count = 1};
    objective.terms[0] = (gd_term){.node = net->layers[gd_net_find_layer(net, layer)].node, .weight = 1};
    return gd_tape_lower(net, &objective, LARGEST, LARGEST,
                         &(gd_lower_options){.dense = gd_backend_cuda.dense}, tape, error);
}

static gd_status judge(int32_t place, const gd_net *net, gd_demotion *demotion, gd_error *error)
{
    const gd_backend *cuda = &gd_backend_cuda;
    gd_device *device = NULL;
    gd_tape *tape = NULL;
    gd_status status =
        cuda->open(&(gd_device_options){.precision = GD_PRECISION_BF16, .place = place}, &device, error);
    if (status == GD_OK)
        status = lower_largest(net, &tape, error);
    if (status == GD_OK)
        status = cuda->demotion(device, tape, demotion, error);
    gd_tape_free(tape);
    cuda->close(device);
    return status;
}

static void print_judgement(int32_t place, FILE *out)
{
    gd_error error;
    gd_demotion demotion;
    char text[GD_DEMOTION_WORDS];
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    const gd_status status = net ? judge(place, net, &demotion, &error) : gd_no_memory(&error, "a network");
    if (status != GD_OK)
        fprintf(out, "cuda: device %d: its convolutions could not be planned: %s\n", place, error.message);
    else if (gd_demotion_text(&demotion, LARGEST, LARGEST, text))
        fprintf(out, "cuda: device %d: %s, to %s in bf16: %s\n", place, net->title, layer, text);
    else
        fprintf(
            out,
            "cuda: device %d: %s, to %s in bf16: all %d convolutions of a window of %d x %d pixels run on "
            "tensor cores\n",
            place, net->title, layer, demotion.convolutions, LARGEST, LARGEST);
    gd_net_free(net);
}

/* Devices of the kind before them are not judged again. */
static void print_devices(FILE *out)
{
    gd_error error;
    int32_t count = 0;
    char before[sizeof((gd_cuda_found *)0)->name] = "";
    gd_status status = gd_cuda_count(&count, &error);
    for (int32_t i = 0; i < count && status == GD_OK; i++) {
        gd_cuda_found found;
        status = gd_cuda_look(i, &found, &error);
        if (status != GD_OK)
            return;
        fprintf(out, "cuda: device %d: %s, %.1f GiB, compute capability %d.%d, PCI %s\n", i, found.name,
                (double)found.total_bytes / (1 << 30), found.major, found.minor, found.bus);
        if (strcmp(found.name, before) != 0)
            print_judgement(i, out);
        memcpy(before, found.name, sizeof before);
    }
}

void gd_cuda_info(FILE *out)
{
    gd_error error;
    char version[16], products[32];
    int driver = 0, runtime = 0;
    (void)cudaDriverGetVersion(&driver); /* 0: none */
    (void)cudaRuntimeGetVersion(&runtime);
    gd_cudnn_version(version, sizeof version);
    char driver_text[48] = "no driver";
    if (driver > 0)
        snprintf(driver_text, sizeof driver_text, "driver for CUDA %d.%d", driver / 1000, driver % 1000 / 10);
    gd_products_version(products, sizeof products);
    fprintf(out, "cuda: %s, runtime %d.%d, cuDNN %s, cuBLASLt %s%s\n", driver_text, runtime / 1000,
            runtime % 1000 / 10, version, products,
            gd_products_built() ? "" : " (1x1 convolutions are cuDNN's)");
    print_devices(out);
    if (gd_cuda_available(&error) != GD_OK)
        fprintf(out, "cuda: not available: %s\n", error.message);
}
