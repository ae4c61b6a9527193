/* A block of units as whole numbers without sign, for AVX-512: they have the order of their values where none
 * is negative, and take half a conversion's work where they are bfloat16. For files that are compiled as
 * vec.h asks, with GD_PLAIN 0. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_VEC_UNITS_H
#define GD_KERNELS_CPU_ELEMENTWISE_VEC_UNITS_H

#include "kernels/cpu/elementwise/vec.h"

#include <stdbool.h>

#if !GD_BF16
typedef __m512i gd_units;
#define UNITS(name) _mm512_##name##_epu32
#define UNITS_MASK(name) _mm512_##name##_epu32_mask
#define UNITS_INFINITE _mm512_set1_epi32(0x7f800000)
#elif GD_BLOCK == 16
typedef __m256i gd_units;
#define UNITS(name) _mm256_##name##_epu16
#define UNITS_MASK(name) _mm256_##name##_epu16_mask
#define UNITS_INFINITE _mm256_set1_epi16(0x7f80)
#else
typedef __m512i gd_units;
#define UNITS(name) _mm512_##name##_epu16
#define UNITS_MASK(name) _mm512_##name##_epu16_mask
#define UNITS_INFINITE _mm512_set1_epi16(0x7f80)
#endif

static inline gd_units units_max(gd_units a, gd_units b)
{
    return UNITS(max)(a, b);
}

static inline gd_bits units_equal(gd_units a, gd_units b)
{
    return UNITS_MASK(cmpeq)(a, b);
}

/* No lane is negative or no number. */
static inline bool units_ordered(gd_units v)
{
    return UNITS_MASK(cmpgt)(v, UNITS_INFINITE) == 0;
}

static inline gd_units units_load(const gd_unit *at)
{
    gd_units v;
    memcpy(&v, at, sizeof v);
    return v;
}

static inline void units_store(gd_unit *at, gd_units v)
{
    memcpy(at, &v, sizeof v);
}

/* `value` in the lanes whose bit is set. */
static inline gd_bytes bytes_put(gd_bytes bytes, gd_bits bits, int value)
{
    const __m128i all = _mm_set1_epi8((char)value);
#if GD_BLOCK == 32
    bytes.low = _mm_mask_mov_epi8(bytes.low, (__mmask16)bits, all);
    bytes.high = _mm_mask_mov_epi8(bytes.high, (__mmask16)(bits >> 16), all);
    return bytes;
#else
    return (gd_bytes)_mm_mask_mov_epi8((__m128i)bytes, bits, all);
#endif
}

#endif
