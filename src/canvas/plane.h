/* Planes: arrays of the size of a canvas (its pixels, their gradient), stored by blocks in memory or in a
 * block cache. */
#ifndef GD_CANVAS_PLANE_H
#define GD_CANVAS_PLANE_H

#include "base/memory.h"
#include "base/status.h"
#include "canvas/block_cache.h"
#include "canvas/partition.h"

#include <stdbool.h>
#include <stdint.h>

/* Storage of a rank's planes. */
typedef struct gd_store {
    gd_memory *memory;     /* borrowed */
    gd_block_cache *cache; /* owned by the engine; NULL: planes are in memory; else host memory */
} gd_store;

/* A float32 array of the canvas's size, RGB, or of one channel for a mask. A rank holds its blocks in curve
 * order, each dense [rows, cols, channels]. */
typedef struct gd_plane {
    const gd_partition *partition; /* borrowed */
    const gd_store *store;         /* borrowed */
    gd_memory *memory;             /* borrowed; the store's */
    int32_t rank;                  /* holds no block if it is not below partition->ranks */
    int32_t channels;              /* 3 or 1; only planes of 3 can be exchanged */
    int64_t value_count;           /* floats of this rank's blocks */
    float *values;                 /* owned; [value_count]; NULL with a block cache */
    float **blocks;     /* owned; [blocks of this rank] pointers into values; NULL with a block cache */
    int64_t first_slot; /* owned; first of its slots in the block cache, one for each block; -1 without one */
} gd_plane;

/* Creates a plane. The store must outlive it; the caller frees it. Values are not initialised. GD_MEMORY
 * without a block cache, GD_INTERNAL if the cache has too few slots. Not collective. */
gd_status gd_plane_create(const gd_store *store, const gd_partition *partition, int32_t rank,
                          gd_plane **plane, gd_error *error) GD_CHECKED;

/* The same for a plane of 3 channels, or of 1. In a block cache its blocks take the place of whole ones. */
gd_status gd_plane_create_channels(const gd_store *store, const gd_partition *partition, int32_t rank,
                                   int32_t channels, gd_plane **plane, gd_error *error) GD_CHECKED;
void gd_plane_free(gd_plane *plane); /* NULL is fine */

/* True: its blocks are in memory. False: in a block cache. */
bool gd_plane_in_memory(const gd_plane *plane);

/* Pins a block of this rank. *values: dense [rows, cols, 3], borrowed until it is unpinned. With a block
 * cache, only a few blocks may be pinned at once (GD_BLOCK_CACHE_LEAST), and GD_IO is possible. Work of a
 * device on the block must be finished before it is unpinned. */
gd_status gd_plane_pin(const gd_plane *plane, int64_t block, gd_access access, float **values,
                       gd_error *error) GD_CHECKED;
void gd_plane_unpin(const gd_plane *plane, int64_t block);

/* Hint: this block of this rank will be pinned soon. */
void gd_plane_ahead(const gd_plane *plane, int64_t block);

/* Discards all values; they will be written before they are read. */
void gd_plane_forget(gd_plane *plane);

/* Fills this rank's blocks with zeros and waits until that is done, since the next reader may use another
 * queue. */
gd_status gd_plane_clear(gd_plane *plane, gd_error *error) GD_CHECKED;

/* Fills a plane of one channel with the first channel of another on the same partition, and waits until that
 * is done. */
gd_status gd_plane_take_channel(gd_plane *to, const gd_plane *from, gd_error *error) GD_CHECKED;

#endif
