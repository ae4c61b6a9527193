/* One product in the processor's own tiles. */
#ifndef GD_TESTS_KERNELS_TILE_PRODUCT_H
#define GD_TESTS_KERNELS_TILE_PRODUCT_H

#include "kernels/cpu/tiles/emulation.h"

/* sums[16][16] += a[16][16 pairs] * b[16 pairs][16]; for gd_tiles_find's leave alone. */
void tile_product(const gd_tile_config *config, float *sums, const uint16_t *a, const uint16_t *b);

#endif
