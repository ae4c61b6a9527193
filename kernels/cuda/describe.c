/* Describes a device in one line: precision, name, versions, and the checksum of its choices of engines. */
#include "kernels/cuda/describe.h"

#include "kernels/cuda/products.h"

#include <stdio.h>

static const char *precision_name(gd_precision precision)
{
    switch (precision) {
    case GD_PRECISION_BF16:
        return "bf16";
    case GD_PRECISION_FP16:
        return "fp16";
    case GD_PRECISION_TF32:
        return "tf32";
    default:
        return "fp32";
    }
}

void gd_cuda_write_text(gd_device *device)
{
    char version[16], products[32], checksum[GD_CHOICES_CHECKSUM] = "";
    gd_cudnn_version(version, sizeof version);
    gd_products_version(products, sizeof products);
    const bool multiplies = gd_cuda_has_products(device);
    if (device->settled)
        gd_choices_checksum(&device->choices, checksum);
    snprintf(device->text, sizeof device->text, "cuda %s, %s, cuDNN %s%s%s, CUDA %d.%d%s%s",
             precision_name(device->precision), device->name, version, multiplies ? ", cuBLASLt " : "",
             multiplies ? products : "", CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10,
             checksum[0] ? ", engines " : "", checksum);
}
