/* Planes: fields of the canvas's size, in blocks, and where their blocks are kept. */
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
    gd_memory *memory; /* borrowed */
    gd_block_cache
        *scratch; /* owned by the engine; NULL: planes are in memory. With it memory is the host's */
} gd_store;

/* A named field of the canvas's size, float32 RGB. This rank's part of it, block after block in curve order,
 * each dense [rows, cols, 3]. */
typedef struct gd_plane {
    const gd_partition *partition; /* borrowed */
    const gd_store *store;         /* borrowed */
    gd_memory *memory;             /* borrowed; the store's */
    int32_t rank;                  /* holds nothing when it is not among partition->ranks */
    int64_t value_count;           /* floats of this rank's blocks */
    float *values;                 /* owned; [value_count]; NULL in a scratch */
    float **blocks;                /* owned; [blocks of this rank] into values; NULL in a scratch */
    int64_t first_slot;            /* owned; in a scratch, one for each block */
} gd_plane;

/* The store must outlive the plane. Not collective. */
gd_status gd_plane_create(const gd_store *store, const gd_partition *partition, int32_t rank,
                          gd_plane **plane, gd_error *error) GD_CHECKED;
void gd_plane_free(gd_plane *plane); /* NULL is fine */

/* False: its blocks are in a scratch. */
bool gd_plane_in_memory(const gd_plane *plane);

/* *values: this rank's block (must be its own), dense [rows, cols, 3], until it is unpinned. In a scratch few
 * blocks may be pinned at once, see GD_BLOCK_CACHE_LEAST. What a device computes on it must be finished
 * before it is unpinned. */
gd_status gd_plane_pin(const gd_plane *plane, int64_t block, gd_access access, float **values,
                       gd_error *error) GD_CHECKED;
void gd_plane_unpin(const gd_plane *plane, int64_t block);

/* The block (this rank's) will be pinned soon. */
void gd_plane_ahead(const gd_plane *plane, int64_t block);

/* Its values are needed no more; all will be written before they are read. */
void gd_plane_forget(gd_plane *plane);

/* Fills this rank's part with zeros, and waits for it, since what reads it next may be queued elsewhere. */
gd_status gd_plane_clear(gd_plane *plane, gd_error *error) GD_CHECKED;

#endif
