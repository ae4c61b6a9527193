/* Values as tensors store them, to float and back: float32, bfloat16, float16; nearest even. */
#ifndef GD_STANDIN_VALUES_H
#define GD_STANDIN_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef enum gd_value_type { GD_VALUE_F32, GD_VALUE_BF16, GD_VALUE_F16 } gd_value_type;

static inline size_t gd_value_bytes(gd_value_type type)
{
    return type == GD_VALUE_F32 ? 4 : 2;
}

static inline float gd_float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t gd_bits_of_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* To ten bits of mantissa, as tensor cores take float32 (TF32). */
static inline float gd_tf32_round(float value)
{
    uint32_t bits = gd_bits_of_float(value);
    if ((bits & 0x7f800000u) == 0x7f800000u)
        return value;
    return gd_float_of_bits((bits + 0xfffu + ((bits >> 13) & 1u)) & ~0x1fffu);
}

static inline float gd_float_of_half(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16, rest = (uint32_t)(half & 0x7fffu) << 13;
    uint32_t bits = gd_bits_of_float(gd_float_of_bits(rest) * 0x1p112f);
    if ((half & 0x7c00u) == 0x7c00u)
        bits = 0x7f800000u | rest;
    return gd_float_of_bits(bits | sign);
}

static inline uint16_t gd_half_of_float(float value)
{
    uint32_t bits = gd_bits_of_float(value), sign = (bits >> 16) & 0x8000u;
    bits &= 0x7fffffffu;
    if (bits > 0x7f800000u)
        return (uint16_t)(sign | 0x7e00u);
    if (bits >= 0x477ff000u) /* 65520 and beyond */
        return (uint16_t)(sign | 0x7c00u);
    if (bits < 0x38800000u) { /* subnormal: the adder of float32 rounds at the right place */
        float shifted = gd_float_of_bits(bits) + 0.5f;
        return (uint16_t)(sign | (gd_bits_of_float(shifted) - 0x3f000000u));
    }
    bits += 0xfffu + ((bits >> 13) & 1u);
    return (uint16_t)(sign | ((bits - 0x38000000u) >> 13));
}

static inline uint16_t gd_bfloat_of_float(float value)
{
    uint32_t bits = gd_bits_of_float(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return (uint16_t)((bits >> 16) | 0x40u);
    return (uint16_t)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

static inline float gd_value_load(gd_value_type type, const void *values, int64_t at)
{
    if (type == GD_VALUE_F32)
        return ((const float *)values)[at];
    uint16_t half = ((const uint16_t *)values)[at];
    return type == GD_VALUE_BF16 ? gd_float_of_bits((uint32_t)half << 16) : gd_float_of_half(half);
}

static inline void gd_value_store(gd_value_type type, void *values, int64_t at, float value)
{
    if (type == GD_VALUE_F32)
        ((float *)values)[at] = value;
    else
        ((uint16_t *)values)[at] =
            type == GD_VALUE_BF16 ? gd_bfloat_of_float(value) : gd_half_of_float(value);
}

#endif
