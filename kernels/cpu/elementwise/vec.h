/* A vector of GD_BLOCK floats, and the few things that are done with one, for files that are compiled once
 * for each instruction set and precision:
 *
 *   GD_BLOCK  channels in a block, 8, 16 or 32
 *   GD_BF16   1 when tensors hold bfloat16, 0 for float32
 *   GD_PLAIN  1 for plain C, else AVX-512: 16 wants F, BW, DQ and VL, 32 also BF16
 *
 * Plain code and AVX-512 give the same bits. In blocks of 32 bfloat16 is rounded as AVX512_BF16 does it:
 * denormals are flushed to zero. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_VEC_H
#define GD_KERNELS_CPU_ELEMENTWISE_VEC_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* For functions whose callers' constants unroll them. */
#define INLINE static inline __attribute__((always_inline))

#if GD_BLOCK == 32 && !GD_PLAIN
#include "kernels/cpu/elementwise/vec_pair.h"
#else

#if !GD_PLAIN
#include <immintrin.h>
#endif

/* One bit a lane. */
#if GD_BLOCK == 32
typedef uint32_t gd_bits;
#elif GD_BLOCK == 16
typedef uint16_t gd_bits;
#else
typedef uint8_t gd_bits;
#endif

#if GD_BF16
typedef uint16_t gd_unit;
#else
typedef float gd_unit;
#endif

typedef float gd_vec __attribute__((vector_size(4 * GD_BLOCK)));
typedef uint8_t gd_bytes __attribute__((vector_size(GD_BLOCK)));

static inline gd_vec vec_all(float value)
{
#if !GD_PLAIN
    return (gd_vec)_mm512_set1_ps(value);
#else
    gd_vec v;
    for (int i = 0; i < GD_BLOCK; i++)
        v[i] = value;
    return v;
#endif
}

static inline gd_bytes bytes_load(const uint8_t *at)
{
    gd_bytes v;
    memcpy(&v, at, sizeof v);
    return v;
}

static inline gd_bytes bytes_all(uint8_t value)
{
    gd_bytes v;
    memset(&v, value, sizeof v);
    return v;
}

static inline void bytes_store(uint8_t *at, gd_bytes v)
{
    memcpy(at, &v, sizeof v);
}

static inline gd_vec vec_load_floats(const float *at)
{
    gd_vec v;
    memcpy(&v, at, sizeof v);
    return v;
}

static inline gd_vec vec_add(gd_vec a, gd_vec b)
{
    return a + b;
}

static inline gd_vec vec_scale(gd_vec v, float by)
{
    return v * by;
}

static inline gd_vec vec_multiply(gd_vec a, gd_vec b)
{
    return a * b;
}

static inline gd_vec vec_divide(gd_vec a, gd_vec b)
{
    return a / b;
}

static inline void vec_store_floats(float *at, gd_vec v)
{
    memcpy(at, &v, sizeof v);
}

#endif

#if GD_BF16
/* Upper half of a float, rounded to nearest even. */
static inline gd_unit unit_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
#if GD_BLOCK == 32
    if ((bits & 0x7fffffffU) > 0x7f800000U) /* not a number */
        return (gd_unit)(bits >> 16 | 0x40U);
    if ((bits & 0x7f800000U) == 0)
        return (gd_unit)(bits >> 16 & 0x8000U);
#endif
    return (gd_unit)((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}

static inline float unit_float(gd_unit unit)
{
    uint32_t bits = (uint32_t)unit << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
#else
static inline gd_unit unit_of(float value)
{
    return value;
}

static inline float unit_float(gd_unit unit)
{
    return unit;
}
#endif

#if GD_BLOCK == 16 && !GD_PLAIN

static inline gd_vec vec_load(const gd_unit *at)
{
#if GD_BF16
    __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)at));
    return (gd_vec)_mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
#else
    return (gd_vec)_mm512_loadu_ps(at);
#endif
}

/* Lanes above zero. */
static inline gd_bits vec_positive(gd_vec v)
{
    return (gd_bits)_mm512_cmp_ps_mask((__m512)v, _mm512_setzero_ps(), _CMP_GT_OQ);
}

#if GD_BF16
/* Its upper halves are the rounded units. */
static inline __m512i vec_rounded(gd_vec v)
{
    const __m512i bits = _mm512_castps_si512((__m512)v);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    return _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
}
#endif

/* Rounds; returns the lanes that are above zero then. */
static inline gd_bits vec_store(gd_unit *at, gd_vec v)
{
#if GD_BF16
    const __m512i bits = vec_rounded(v);
    _mm256_storeu_si256((__m256i *)at, _mm512_cvtepi32_epi16(_mm512_srli_epi32(bits, 16)));
    const __m512i kept = _mm512_and_si512(bits, _mm512_set1_epi32((int)0xffff0000));
    return vec_positive((gd_vec)_mm512_castsi512_ps(kept));
#else
    _mm512_storeu_ps(at, (__m512)v);
    return vec_positive(v);
#endif
}

/* Two blocks, one after the other. */
static inline void vec_store_two(gd_unit *at, gd_vec first, gd_vec second)
{
#if GD_BF16
    static const uint16_t upper[32] = {1,  3,  5,  7,  9,  11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31,
                                       33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63};
    const __m512i units =
        _mm512_permutex2var_epi16(vec_rounded(first), _mm512_loadu_si512(upper), vec_rounded(second));
    _mm512_storeu_si512(at, units);
#else
    vec_store(at, first);
    vec_store(at + GD_BLOCK, second);
#endif
}

static inline gd_vec vec_root(gd_vec v)
{
    return (gd_vec)_mm512_sqrt_ps((__m512)v);
}

/* a * b + c, rounded once. */
static inline gd_vec vec_fma(gd_vec a, gd_vec b, gd_vec c)
{
    return (gd_vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}

static inline gd_vec vec_max(gd_vec a, gd_vec b)
{
    return (gd_vec)_mm512_max_ps((__m512)a, (__m512)b);
}

/* v where the bit is set, else 0. */
static inline gd_vec vec_keep(gd_bits bits, gd_vec v)
{
    return (gd_vec)_mm512_maskz_mov_ps(bits, (__m512)v);
}

/* sum + v in the lanes whose byte is `place`. */
static inline gd_vec vec_add_at(gd_vec sum, gd_bytes bytes, int place, gd_vec v)
{
    __mmask16 at = _mm_cmpeq_epi8_mask((__m128i)bytes, _mm_set1_epi8((char)place));
    return (gd_vec)_mm512_mask_add_ps((__m512)sum, at, (__m512)sum, (__m512)v);
}

/* Lanes of v above best replace it, and `place` their byte. */
static inline void vec_raise(gd_vec *best, gd_bytes *bytes, gd_vec v, int place)
{
    __mmask16 above = _mm512_cmp_ps_mask((__m512)v, (__m512)*best, _CMP_GT_OQ);
    *best = (gd_vec)_mm512_mask_mov_ps((__m512)*best, above, (__m512)v);
    *bytes = (gd_bytes)_mm_mask_mov_epi8((__m128i)*bytes, above, _mm_set1_epi8((char)place));
}

#elif GD_PLAIN

static inline gd_vec vec_load(const gd_unit *at)
{
    gd_vec v;
    for (int i = 0; i < GD_BLOCK; i++)
        v[i] = unit_float(at[i]);
    return v;
}

static inline gd_bits vec_positive(gd_vec v)
{
    uint32_t bits = 0;
    for (int i = 0; i < GD_BLOCK; i++)
        bits |= (uint32_t)(v[i] > 0) << i;
    return (gd_bits)bits;
}

static inline gd_bits vec_store(gd_unit *at, gd_vec v)
{
    for (int i = 0; i < GD_BLOCK; i++)
        at[i] = unit_of(v[i]);
    return vec_positive(vec_load(at));
}

static inline void vec_store_two(gd_unit *at, gd_vec first, gd_vec second)
{
    vec_store(at, first);
    vec_store(at + GD_BLOCK, second);
}

static inline gd_vec vec_root(gd_vec v)
{
    for (int i = 0; i < GD_BLOCK; i++)
        v[i] = sqrtf(v[i]);
    return v;
}

/* a * b + c; rounded twice where the processor has no other way, but once in blocks of 32, as AVX-512 does.
 */
static inline gd_vec vec_fma(gd_vec a, gd_vec b, gd_vec c)
{
#if GD_BLOCK == 32
    for (int i = 0; i < GD_BLOCK; i++)
        c[i] = fmaf(a[i], b[i], c[i]);
    return c;
#else
    return a * b + c;
#endif
}

static inline gd_vec vec_max(gd_vec a, gd_vec b)
{
    for (int i = 0; i < GD_BLOCK; i++)
        a[i] = a[i] > b[i] ? a[i] : b[i];
    return a;
}

static inline gd_vec vec_keep(gd_bits bits, gd_vec v)
{
    for (int i = 0; i < GD_BLOCK; i++)
        v[i] = bits >> i & 1 ? v[i] : 0;
    return v;
}

static inline gd_vec vec_add_at(gd_vec sum, gd_bytes bytes, int place, gd_vec v)
{
    for (int i = 0; i < GD_BLOCK; i++)
        sum[i] = bytes[i] == place ? sum[i] + v[i] : sum[i];
    return sum;
}

static inline void vec_raise(gd_vec *best, gd_bytes *bytes, gd_vec v, int place)
{
    for (int i = 0; i < GD_BLOCK; i++)
        if (v[i] > (*best)[i]) {
            (*best)[i] = v[i];
            (*bytes)[i] = (uint8_t)place;
        }
}

#endif

#endif
