/* The tile registers of a thread and the instructions on them (Intel AMX) in plain C, for processors without
 * them: the same bits, and mistakes that the hardware does not tell. Intel SDM 2, "LDTILECFG" and following,
 * and "TDPBF16PS". */
#ifndef GD_KERNELS_CPU_TILES_EMULATION_H
#define GD_KERNELS_CPU_TILES_EMULATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GD_TILES = 8,      /* registers */
    GD_TILE_ROWS = 16, /* most rows of one */
    GD_TILE_ROW = 64,  /* most bytes of a row */
    GD_TILE_RANGES_MAX = 8
};

/* What LDTILECFG reads: 64 bytes. */
typedef struct gd_tile_config {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} gd_tile_config;

/* Memory that tiles may be loaded from and stored to. */
typedef struct gd_tile_range {
    const void *begin;
    size_t bytes;
} gd_tile_range;

/* Registers of one thread, all zero to begin with. */
typedef struct gd_tile_file {
    _Alignas(64) unsigned char tiles[GD_TILES][GD_TILE_ROWS][GD_TILE_ROW];
    gd_tile_config config;
    bool configured, written[GD_TILES];
    gd_tile_range ranges[GD_TILE_RANGES_MAX];
    int range_count;
    const char *fault; /* the first mistake, as a sentence; NULL: none. Nothing is done after one */
} gd_tile_file;

/* Adds memory that tiles may be loaded from and stored to. */
void gd_tile_allow(gd_tile_file *file, const void *begin, size_t bytes);

/* LDTILECFG, TILERELEASE, TILEZERO, TILELOADD, TILESTORED, TDPBF16PS; stride: bytes from row to row. */
void gd_tile_configure(gd_tile_file *file, const gd_tile_config *config);
void gd_tile_release(gd_tile_file *file);
void gd_tile_zero(gd_tile_file *file, int tile);
void gd_tile_load(gd_tile_file *file, int tile, const void *from, ptrdiff_t stride);
void gd_tile_store(gd_tile_file *file, int tile, void *to, ptrdiff_t stride);
/* sums[rows][columns] += a[rows][pairs] * b[pairs][columns], of pairs of bf16. */
void gd_tile_multiply(gd_tile_file *file, int sums, int a, int b);

#endif
