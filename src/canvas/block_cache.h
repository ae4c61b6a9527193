/* Block cache: holds the blocks of planes that do not fit into memory. A fixed number of blocks is in memory,
 * all of them have a place in a scratch file.
 *
 * The file has a slot for each block. It is allocated in full when it is created and has no name, so that a
 * crash leaves nothing behind. It is read and written in whole blocks. mmap is not used, since its resident
 * pages cannot be bounded. The system's page cache, which does not count as the process's memory, reads ahead
 * and writes behind. Not thread-safe. */
#ifndef GD_CANVAS_BLOCK_CACHE_H
#define GD_CANVAS_BLOCK_CACHE_H

#include "base/status.h"
#include "canvas/partition.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a slot, in the file and in the cache: a whole block, [GD_BLOCK, GD_BLOCK, 3] float32. */
#define GD_SLOT_BYTES ((size_t)GD_BLOCK * GD_BLOCK * 3 * sizeof(float))

/* The smallest cache, in blocks: more than are pinned at once. */
enum { GD_BLOCK_CACHE_LEAST = 32 };

typedef struct gd_block_cache gd_block_cache;

/* How a pinned block is accessed. */
typedef enum gd_access {
    GD_ACCESS_READ,
    GD_ACCESS_CHANGE, /* to write some of its values */
    GD_ACCESS_REPLACE /* to write all of them, without reading any */
} gd_access;

/* Whether files in the folder are in memory (tmpfs, ramfs). GD_USAGE if the folder does not exist or is not
 * writable. */
gd_status gd_block_cache_in_memory(const char *folder, bool *in_memory, gd_error *error) GD_CHECKED;

/* Creates a file of `slots` slots in `folder` and a cache of `cached` blocks (at least GD_BLOCK_CACHE_LEAST).
 * GD_USAGE, with the bytes needed and the bytes free, if the disk is too small. Not collective; the caller
 * frees it. */
gd_status gd_block_cache_create(const char *folder, int64_t slots, int64_t cached, gd_block_cache **cache,
                                gd_error *error) GD_CHECKED;
void gd_block_cache_free(gd_block_cache *cache); /* NULL is fine */

/* Allocates `count` adjacent slots, first fit; they count as never written. GD_INTERNAL if the planned file
 * is too small. */
gd_status gd_block_cache_take(gd_block_cache *cache, int64_t count, int64_t *first,
                              gd_error *error) GD_CHECKED;
void gd_block_cache_give(gd_block_cache *cache, int64_t first,
                         int64_t count); /* frees them; none may be pinned */

/* Discards the values of the slots, so that they need not be written to disk. */
void gd_block_cache_forget(gd_block_cache *cache, int64_t first, int64_t count);

/* Loads a slot and keeps it in memory until it is unpinned. *values: its GD_SLOT_BYTES, borrowed; undefined
 * if it was never written. GD_IO if the disk fails. */
gd_status gd_block_cache_pin(gd_block_cache *cache, int64_t slot, gd_access access, float **values,
                             gd_error *error) GD_CHECKED;
void gd_block_cache_unpin(gd_block_cache *cache, int64_t slot);

/* Hint: the slot will be read soon. */
void gd_block_cache_ahead(gd_block_cache *cache, int64_t slot);

/* Bytes read from and written to the file since its creation. */
uint64_t gd_block_cache_moved(const gd_block_cache *cache);

#endif
