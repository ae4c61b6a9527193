/* Compiled for AMX, and run only where gd_tiles_find finds it. */
#include "kernels/tile_product.h"

#include <immintrin.h>

void tile_product(const gd_tile_config *config, float *sums, const uint16_t *a, const uint16_t *b)
{
    _tile_loadconfig(config);
    _tile_loadd(0, sums, GD_TILE_ROW);
    _tile_loadd(4, a, GD_TILE_ROW);
    _tile_loadd(6, b, GD_TILE_ROW);
    _tile_dpbf16ps(0, 4, 6);
    _tile_stored(0, sums, GD_TILE_ROW);
    _tile_release();
    __asm__ volatile("" ::: "memory"); /* GCC 12 does not know that memory was written */
}
