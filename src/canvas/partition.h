/* Partition of a canvas: its blocks are assigned to ranks along a Hilbert curve, by arithmetic alone. */
#ifndef GD_CANVAS_PARTITION_H
#define GD_CANVAS_PARTITION_H

#include "base/rect.h"
#include "base/status.h"

#include <stdint.h>

/* Rows and columns of a block; blocks at the lower and right edges may be smaller. */
enum { GD_BLOCK_ORDER = 8, GD_BLOCK = 1 << GD_BLOCK_ORDER };

typedef struct gd_partition {
    int64_t rows, cols;             /* of the canvas, pixels */
    int64_t block_rows, block_cols; /* of the canvas, blocks */
    int32_t ranks;
    int64_t *order; /* owned; [block_rows * block_cols] blocks (row-major index) along the curve */
    int64_t *place; /* owned; inverse of order */
    int32_t *owner; /* owned; [block_rows * block_cols] the rank of each block */
    int64_t
        *run_start; /* owned; [ranks + 1] rank r holds order[run_start[r]] .. order[run_start[r + 1] - 1] */
} gd_partition;

/* Creates a partition. Runs have equal area to within one block; a rank may get no block. Each axis: 1 to
 * 2^30 pixels. The caller frees it. */
gd_status gd_partition_create(int64_t rows, int64_t cols, int32_t ranks, gd_partition **partition,
                              gd_error *error) GD_CHECKED;
void gd_partition_free(gd_partition *partition);

/* The rank holds order[*first] .. order[*end - 1]; nothing if rank >= partition->ranks. */
void gd_partition_run(const gd_partition *partition, int32_t rank, int64_t *first, int64_t *end);

/* The rank that holds a block. */
int32_t gd_partition_owner(const gd_partition *partition, int64_t block);
gd_rect gd_partition_block(const gd_partition *partition, int64_t block); /* its pixels */

/* Order of the smallest Hilbert curve over blocks that covers a canvas. */
uint32_t gd_partition_order(int64_t rows, int64_t cols);

/* The rank of a piece with this cost, where the pieces before it cost `before` of `total`. All ranks get
 * equal cost to within one piece. */
int32_t gd_partition_share(int64_t before, int64_t cost, int64_t total, int32_t ranks);

#endif
