/* Planes that do not fit into memory: a file for all blocks of a rank, and a cache of fixed size for those in
 * use.
 *
 * The file has a slot for each block, is allocated in full when it is made, and has no name, so that nothing
 * is left behind by a crash. It is read and written by whole blocks, without mmap, whose pages cannot be
 * bounded. The system's own cache reads ahead and writes behind; it is not memory of the process. One thread
 * alone may use a scratch. */
#ifndef GD_CANVAS_BLOCK_CACHE_H
#define GD_CANVAS_BLOCK_CACHE_H

#include "base/status.h"
#include "canvas/partition.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a slot, in the file and in the cache: a whole block, [GD_BLOCK, GD_BLOCK, 3] float32. */
#define GD_SLOT_BYTES ((size_t)GD_BLOCK * GD_BLOCK * 3 * sizeof(float))

/* The least cache: what is pinned at once, and some to work with. */
enum { GD_BLOCK_CACHE_LEAST = 32 };

typedef struct gd_block_cache gd_block_cache;

/* What the holder of a pinned block does with it. */
typedef enum gd_access {
    GD_ACCESS_READ,
    GD_ACCESS_CHANGE, /* some of its values */
    GD_ACCESS_REPLACE /* all of them, whatever they were */
} gd_access;

/* True when files in the folder are in memory (tmpfs, ramfs). GD_USAGE: there is no such folder, or it cannot
 * be written to. */
gd_status gd_block_cache_in_memory(const char *folder, bool *in_memory, gd_error *error) GD_CHECKED;

/* A file of so many slots in `folder`, and a cache of at least GD_BLOCK_CACHE_LEAST. GD_USAGE, with the bytes
 * needed and those that are free, when the disk has no room for it. Not collective. */
gd_status gd_block_cache_create(const char *folder, int64_t slots, int64_t cached, gd_block_cache **scratch,
                                gd_error *error) GD_CHECKED;
void gd_block_cache_free(gd_block_cache *scratch); /* NULL is fine */

/* Sets `count` slots side by side aside, first fit; what they hold counts as never written. GD_INTERNAL: the
 * file was planned too small. */
gd_status gd_block_cache_take(gd_block_cache *scratch, int64_t count, int64_t *first,
                              gd_error *error) GD_CHECKED;
void gd_block_cache_give(gd_block_cache *scratch, int64_t first,
                         int64_t count); /* back; none may be pinned */

/* What the slots hold is needed no more, and is not written to disk. */
void gd_block_cache_forget(gd_block_cache *scratch, int64_t first, int64_t count);

/* *values: the slot's GD_SLOT_BYTES in memory, until it is unpinned. One that was never written holds
 * anything. GD_IO: the disk failed. */
gd_status gd_block_cache_pin(gd_block_cache *scratch, int64_t slot, gd_access access, float **values,
                             gd_error *error) GD_CHECKED;
void gd_block_cache_unpin(gd_block_cache *scratch, int64_t slot);

/* The slot will be read soon. */
void gd_block_cache_ahead(gd_block_cache *scratch, int64_t slot);

/* Bytes read from the file and written to it since it was made. */
uint64_t gd_block_cache_moved(const gd_block_cache *scratch);

#endif
