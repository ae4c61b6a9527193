/* Philox 4x32-10, for C and for device code: ten rounds of two products and a key that grows by the Weyl
 * sequences of the golden ratio and of the root of three (Salmon et al., Parallel random numbers: as easy as
 * 1, 2, 3, 2011). Where Random123 was found, its function is called instead; both give the same words. */
#ifndef GD_BASE_PHILOX_ROUNDS_H
#define GD_BASE_PHILOX_ROUNDS_H

#include <stdint.h>

#ifdef __CUDACC__
#define GD_PHILOX static __host__ __device__ inline
#else
#define GD_PHILOX static inline
#endif

typedef struct gd_philox_words {
    uint32_t at[4];
} gd_philox_words;

/* The words of a counter under the key (k0, k1). */
GD_PHILOX gd_philox_words gd_philox_rounds(gd_philox_words counter, uint32_t k0, uint32_t k1)
{
    for (int round = 0; round < 10; round++) {
        const uint64_t even = 0xD2511F53ULL * counter.at[0], odd = 0xCD9E8D57ULL * counter.at[2];
        const gd_philox_words next = {{(uint32_t)(odd >> 32) ^ counter.at[1] ^ k0, (uint32_t)odd,
                                       (uint32_t)(even >> 32) ^ counter.at[3] ^ k1, (uint32_t)even}};
        counter = next;
        k0 += 0x9E3779B9U;
        k1 += 0xBB67AE85U;
    }
    return counter;
}

#endif
