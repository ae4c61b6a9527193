/* Converts doubles to and from the types of tensors on the device. */
#include "kernels/cuda/memory/stored.h"

#include <math.h>
#include <string.h>

size_t gd_stored_bytes(gd_cuda_type type)
{
    return type == GD_CUDA_F32 ? sizeof(float) : sizeof(uint16_t);
}

const char *gd_stored_name(gd_cuda_type type)
{
    static const char *const names[] = {
        [GD_CUDA_F32] = "fp32", [GD_CUDA_BF16] = "bf16", [GD_CUDA_F16] = "fp16"};
    return names[type];
}

/* Rounds a double once, to a 16-bit float with `mantissa` fraction bits and exponents from `lowest` to
 * `highest`.
 */
static uint16_t pack(double value, int mantissa, int lowest, int highest)
{
    uint64_t from;
    memcpy(&from, &value, sizeof from);
    const uint16_t sign = from >> 63 ? 0x8000 : 0;
    const uint64_t infinite = (uint64_t)(highest - lowest + 2) << mantissa;
    if (isnan(value))
        return sign | (uint16_t)(infinite | 1U << (mantissa - 1));
    const int exponent = (int)(from >> 52 & 0x7ff) - 1023;
    const int drop = 52 - mantissa + (exponent < lowest ? lowest - exponent : 0);
    const uint64_t whole = (from & (((uint64_t)1 << 52) - 1)) | (uint64_t)1 << 52;
    if (drop > 53)
        return sign; /* below half of the least */
    const uint64_t rest = whole & (((uint64_t)1 << drop) - 1), half = (uint64_t)1 << (drop - 1);
    uint64_t units = whole >> drop;
    units += rest > half || (rest == half && units & 1);
    /* A carry moves into the exponent. */
    const uint64_t bits = ((uint64_t)(exponent < lowest ? 0 : exponent - lowest) << mantissa) + units;
    return sign | (uint16_t)(bits < infinite ? bits : infinite);
}

static double unpack(uint16_t bits, int mantissa, int lowest, int highest)
{
    const int exponent = (bits & 0x7fff) >> mantissa;
    const double part = ldexp(bits & ((1 << mantissa) - 1), -mantissa);
    double value;
    if (exponent == highest - lowest + 2)
        value = part > 0 ? NAN : INFINITY;
    else
        value = exponent > 0 ? ldexp(1 + part, exponent - 1 + lowest) : ldexp(part, lowest);
    return bits & 0x8000 ? -value : value;
}

void gd_stored_set(gd_cuda_type type, void *values, size_t i, double value)
{
    if (type == GD_CUDA_F32) {
        ((float *)values)[i] = (float)value;
        return;
    }
    const uint16_t half = type == GD_CUDA_BF16 ? pack(value, 7, -126, 127) : pack(value, 10, -14, 15);
    memcpy((uint16_t *)values + i, &half, sizeof half);
}

double gd_stored_get(gd_cuda_type type, const void *values, size_t i)
{
    uint16_t half;
    if (type == GD_CUDA_F32)
        return ((const float *)values)[i];
    memcpy(&half, (const uint16_t *)values + i, sizeof half);
    return type == GD_CUDA_BF16 ? unpack(half, 7, -126, 127) : unpack(half, 10, -14, 15);
}
