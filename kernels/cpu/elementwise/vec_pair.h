/* A vector of 32 floats as two of AVX-512, for tensors of bf16 in blocks of 32; wants AVX-512 F, BW, DQ, VL
 * and BF16. Included by vec.h, which says what each function does. */
#ifndef GD_KERNELS_CPU_ELEMENTWISE_VEC_PAIR_H
#define GD_KERNELS_CPU_ELEMENTWISE_VEC_PAIR_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

typedef uint16_t gd_unit;
typedef uint32_t gd_bits;

/* Not vectors of the compiler, which it would keep in memory. */
typedef struct gd_vec {
    __m512 low, high;
} gd_vec;

typedef struct gd_bytes {
    __m128i low, high;
} gd_bytes;

static inline gd_vec vec_all(float value)
{
    return (gd_vec){_mm512_set1_ps(value), _mm512_set1_ps(value)};
}

static inline gd_bytes bytes_load(const uint8_t *at)
{
    return (gd_bytes){_mm_loadu_si128((const __m128i *)at), _mm_loadu_si128((const __m128i *)(at + 16))};
}

static inline gd_bytes bytes_all(uint8_t value)
{
    return (gd_bytes){_mm_set1_epi8((char)value), _mm_set1_epi8((char)value)};
}

static inline void bytes_store(uint8_t *at, gd_bytes v)
{
    _mm_storeu_si128((__m128i *)at, v.low);
    _mm_storeu_si128((__m128i *)(at + 16), v.high);
}

static inline gd_vec vec_load_floats(const float *at)
{
    return (gd_vec){_mm512_loadu_ps(at), _mm512_loadu_ps(at + 16)};
}

static inline __m512 half_load(const gd_unit *at)
{
    const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)at));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}

static inline gd_vec vec_load(const gd_unit *at)
{
    return (gd_vec){half_load(at), half_load(at + 16)};
}

static inline gd_bits vec_positive(gd_vec v)
{
    const __m512 zero = _mm512_setzero_ps();
    return (gd_bits)_mm512_cmp_ps_mask(v.low, zero, _CMP_GT_OQ) |
           (gd_bits)_mm512_cmp_ps_mask(v.high, zero, _CMP_GT_OQ) << 16;
}

static inline gd_bits vec_store(gd_unit *at, gd_vec v)
{
    const __m512i units = (__m512i)_mm512_cvtne2ps_pbh(v.high, v.low);
    _mm512_storeu_si512(at, units);
    /* Up to infinity; what is no number is not above zero. */
    const gd_bits above = _mm512_cmpgt_epi16_mask(units, _mm512_setzero_si512());
    return _mm512_mask_cmple_epi16_mask(above, units, _mm512_set1_epi16(0x7f80));
}

static inline void vec_store_two(gd_unit *at, gd_vec first, gd_vec second)
{
    vec_store(at, first);
    vec_store(at + 32, second);
}

static inline gd_vec vec_add(gd_vec a, gd_vec b)
{
    return (gd_vec){_mm512_add_ps(a.low, b.low), _mm512_add_ps(a.high, b.high)};
}

static inline gd_vec vec_scale(gd_vec v, float by)
{
    const __m512 all = _mm512_set1_ps(by);
    return (gd_vec){_mm512_mul_ps(v.low, all), _mm512_mul_ps(v.high, all)};
}

static inline gd_vec vec_multiply(gd_vec a, gd_vec b)
{
    return (gd_vec){_mm512_mul_ps(a.low, b.low), _mm512_mul_ps(a.high, b.high)};
}

/* Rounded once. */
static inline gd_vec vec_fma(gd_vec a, gd_vec b, gd_vec c)
{
    return (gd_vec){_mm512_fmadd_ps(a.low, b.low, c.low), _mm512_fmadd_ps(a.high, b.high, c.high)};
}

static inline void vec_store_floats(float *at, gd_vec v)
{
    _mm512_storeu_ps(at, v.low);
    _mm512_storeu_ps(at + 16, v.high);
}

static inline gd_vec vec_divide(gd_vec a, gd_vec b)
{
    return (gd_vec){_mm512_div_ps(a.low, b.low), _mm512_div_ps(a.high, b.high)};
}

static inline gd_vec vec_root(gd_vec v)
{
    return (gd_vec){_mm512_sqrt_ps(v.low), _mm512_sqrt_ps(v.high)};
}

static inline gd_vec vec_max(gd_vec a, gd_vec b)
{
    return (gd_vec){_mm512_max_ps(a.low, b.low), _mm512_max_ps(a.high, b.high)};
}

static inline gd_vec vec_keep(gd_bits bits, gd_vec v)
{
    return (gd_vec){_mm512_maskz_mov_ps((__mmask16)bits, v.low),
                    _mm512_maskz_mov_ps((__mmask16)(bits >> 16), v.high)};
}

static inline __m512 half_add_at(__m512 sum, __m128i bytes, int place, __m512 v)
{
    return _mm512_mask_add_ps(sum, _mm_cmpeq_epi8_mask(bytes, _mm_set1_epi8((char)place)), sum, v);
}

static inline gd_vec vec_add_at(gd_vec sum, gd_bytes bytes, int place, gd_vec v)
{
    return (gd_vec){half_add_at(sum.low, bytes.low, place, v.low),
                    half_add_at(sum.high, bytes.high, place, v.high)};
}

static inline void half_raise(__m512 *best, __m128i *bytes, __m512 v, int place)
{
    const __mmask16 above = _mm512_cmp_ps_mask(v, *best, _CMP_GT_OQ);
    *best = _mm512_mask_mov_ps(*best, above, v);
    *bytes = _mm_mask_mov_epi8(*bytes, above, _mm_set1_epi8((char)place));
}

static inline void vec_raise(gd_vec *best, gd_bytes *bytes, gd_vec v, int place)
{
    half_raise(&best->low, &bytes->low, v.low, place);
    half_raise(&best->high, &bytes->high, v.high, place);
}

#endif
