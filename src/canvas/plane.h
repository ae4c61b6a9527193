/* Planes: arrays of the size of a canvas (its pixels, their gradient), stored by blocks in memory or in a
 * scratch file. */
#ifndef GD_CANVAS_PLANE_H
#define GD_CANVAS_PLANE_H

#include "base/memory.h"
#include "base/status.h"
#include "canvas/block_cache.h"
#include "canvas/partition.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a rank keeps its planes. */
typedef struct gd_store {
    gd_memory *memory;     /* borrowed */
    gd_block_cache *cache; /* owned by the engine; NULL: planes are in memory; else memory is the host's */
} gd_store;

/* float32 RGB of the canvas's size. A rank holds its blocks, in the order of the curve, each dense
 * [rows, cols, 3]. */
typedef struct gd_plane {
    const gd_partition *partition; /* borrowed */
    const gd_store *store;         /* borrowed */
    gd_memory *memory;             /* borrowed; the store's */
    int32_t rank;                  /* holds nothing when it is not among partition->ranks */
    int64_t value_count;           /* floats of this rank's blocks */
    float *values;                 /* owned; [value_count]; NULL in a block cache */
    float **blocks;                /* owned; [blocks of this rank] into values; NULL in a block cache */
    int64_t first_slot;            /* owned; in a block cache, one slot for each block; else -1 */
} gd_plane;

/* The store must outlive the plane; the caller frees it. No value is set. Not collective. */
gd_status gd_plane_create(const gd_store *store, const gd_partition *partition, int32_t rank,
                          gd_plane **plane, gd_error *error) GD_CHECKED;
void gd_plane_free(gd_plane *plane); /* NULL is fine */

/* False: its blocks are in a scratch file. */
bool gd_plane_in_memory(const gd_plane *plane);

/* *values: a block of this rank, dense [rows, cols, 3], borrowed until it is unpinned. In a block cache few
 * blocks may be pinned at once, see GD_BLOCK_CACHE_LEAST. What a device computes on it must be finished
 * before it is unpinned. */
gd_status gd_plane_pin(const gd_plane *plane, int64_t block, gd_access access, float **values,
                       gd_error *error) GD_CHECKED;
void gd_plane_unpin(const gd_plane *plane, int64_t block);

/* Hint: this block of the rank will be pinned soon. */
void gd_plane_ahead(const gd_plane *plane, int64_t block);

/* Discards all values; they will be written before they are read. */
void gd_plane_forget(gd_plane *plane);

/* Fills this rank's blocks with zeros, and waits for it: the next reader may be in another queue. */
gd_status gd_plane_clear(gd_plane *plane, gd_error *error) GD_CHECKED;

#endif
