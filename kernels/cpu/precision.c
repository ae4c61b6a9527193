/* Chooses precision, arithmetic and elementwise table by kind of processor. */
#include "kernels/cpu/precision.h"

/* float32 for any processor in blocks of 8, AVX-512 in blocks of 16; bf16 wants AVX-512, or tiles, in
 * blocks of 32. */
gd_status gd_cpu_choose(gd_device *device, gd_precision wanted, gd_error *error)
{
    const gd_processor *processor = gd_processor_of(device->kind);
    const bool bf16 = (wanted == GD_PRECISION_AUTO ? processor->precision : wanted) == GD_PRECISION_BF16;
    if (wanted == GD_PRECISION_FP64)
        return gd_fail(error, GD_USAGE, "the cpu backend has no fp64; use --backend reference");
    if (wanted == GD_PRECISION_FP16 || wanted == GD_PRECISION_TF32)
        return gd_fail(
            error, GD_USAGE,
            "the cpu backend has fp32 and bf16 alone; give --precision one of these, or use a GPU");
    if (!bf16)
        device->tile_conv = NULL;
    if (bf16 && !device->isa.avx512 && !device->tile_conv)
        return gd_fail(error, GD_USAGE,
                       "--precision bf16 needs AVX-512, but computing is as on \"%s\" here (%s); use "
                       "--precision fp32",
                       processor->name, device->isa.name);
    device->widens = bf16 && !processor->native && !device->tile_conv;
    device->precision = bf16 ? GD_PRECISION_BF16 : GD_PRECISION_FP32;
    if (device->tile_conv)
        device->elementwise =
            device->isa.bf16 ? &gd_elementwise_bf16_tiles : &gd_elementwise_bf16_tiles_plain;
    else if (bf16)
        device->elementwise = &gd_elementwise_bf16_avx512;
    else
        device->elementwise = device->isa.avx512 ? &gd_elementwise_f32_avx512 : &gd_elementwise_f32;
    return GD_OK;
}
