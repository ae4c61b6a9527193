/* The tile instructions that convolution.c uses: the processor's (AMX), or with GD_TILES_EMULATED plain C.
 * Registers are named by literal numbers. */
#ifndef GD_KERNELS_CPU_TILES_REGISTERS_H
#define GD_KERNELS_CPU_TILES_REGISTERS_H

#include "kernels/cpu/tiles/emulation.h"

#if GD_TILES_EMULATED

typedef gd_tile_file tile_file;

#define TILE_ALLOW(file, begin, bytes) gd_tile_allow(file, begin, bytes)
#define TILE_CONFIGURE(file, config) gd_tile_configure(file, config)
#define TILE_RELEASE(file) gd_tile_release(file)
#define TILE_ZERO(file, tile) gd_tile_zero(file, tile)
#define TILE_LOAD(file, tile, from, stride) gd_tile_load(file, tile, from, stride)
#define TILE_STORE(file, tile, to, stride) gd_tile_store(file, tile, to, stride)
#define TILE_MULTIPLY(file, sums, a, b) gd_tile_multiply(file, sums, a, b)
#define TILE_FENCE() ((void)0)

#else

#include <immintrin.h>

/* The processor tells no mistakes. */
typedef struct tile_file {
    const char *fault; /* NULL */
} tile_file;

#define TILE_ALLOW(file, begin, bytes) ((void)(file), (void)(begin), (void)(bytes))
#define TILE_CONFIGURE(file, config) _tile_loadconfig(config)
#define TILE_RELEASE(file) _tile_release()
#define TILE_ZERO(file, tile) _tile_zero(tile)
#define TILE_LOAD(file, tile, from, stride) _tile_loadd(tile, from, stride)
#define TILE_STORE(file, tile, to, stride) _tile_stored(tile, to, stride)
#define TILE_MULTIPLY(file, sums, a, b) _tile_dpbf16ps(sums, a, b)
/* Between stores and the tile instructions that read them: GCC 12 does not know what memory these read. */
#define TILE_FENCE() __asm__ volatile("" ::: "memory")

#endif

#endif
