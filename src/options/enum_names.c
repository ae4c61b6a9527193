#include "options/enum_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const architectures[] = {
    [GD_INCEPTION_V3] = "inceptionV3", [GD_INCEPTION_RESNET_V2] = "inceptionResNet"};
static const char *const precisions[] = {
    [GD_PRECISION_AUTO] = "auto", [GD_PRECISION_FP32] = "fp32", [GD_PRECISION_BF16] = "bf16",
    [GD_PRECISION_FP16] = "fp16", [GD_PRECISION_TF32] = "tf32", [GD_PRECISION_FP64] = "fp64"};
static const char *const transports[] = {
    [GD_TRANSPORT_AUTO] = "auto", [GD_TRANSPORT_MPI] = "mpi", [GD_TRANSPORT_NCCL] = "nccl"};
static const char *const backends[] = {[GD_BACKEND_AUTO] = "auto",
                                       [GD_BACKEND_CUDA] = "cuda",
                                       [GD_BACKEND_CPU] = "cpu",
                                       [GD_BACKEND_REFERENCE] = "reference"};

/* Index of `word` in words[count], or -1. */
static int find(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return (int)i;
    return -1;
}

const char *gd_architecture_name(gd_architecture architecture)
{
    return architectures[architecture];
}

bool gd_architecture_find(const char *name, gd_architecture *architecture)
{
    int i = find(architectures, sizeof architectures / sizeof *architectures, name);
    if (i >= 0)
        *architecture = (gd_architecture)i;
    return i >= 0;
}

const char *gd_precision_name(gd_precision precision)
{
    return precisions[precision];
}

bool gd_precision_find(const char *name, gd_precision *precision)
{
    int i = find(precisions, sizeof precisions / sizeof *precisions, name);
    if (i >= 0)
        *precision = (gd_precision)i;
    return i >= 0;
}

const char *gd_backend_kind_name(gd_backend_kind kind)
{
    return backends[kind];
}

bool gd_backend_kind_find(const char *name, gd_backend_kind *kind)
{
    int i = find(backends, sizeof backends / sizeof *backends, name);
    if (i >= 0)
        *kind = (gd_backend_kind)i;
    return i >= 0;
}

const char *gd_transport_kind_name(gd_transport_kind kind)
{
    return transports[kind];
}

bool gd_transport_kind_find(const char *name, gd_transport_kind *kind)
{
    int i = find(transports, sizeof transports / sizeof *transports, name);
    if (i >= 0)
        *kind = (gd_transport_kind)i;
    return i >= 0;
}

void gd_halo_text(const gd_options *options, char text[32])
{
    if (options->halo_kind == GD_HALO_PIXELS)
        snprintf(text, 32, "%" PRId64, options->halo);
    else
        snprintf(text, 32, "%s", options->halo_kind == GD_HALO_EXACT ? "exact" : "auto");
}
