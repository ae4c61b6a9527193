/* Blocks of bytes that rank 0 takes from all ranks, one rank after the other, as a stream.
 *
 * In each round every rank offers a block, perhaps an empty one, and rank 0 reads them in the order of ranks.
 * They travel in pieces, of which a few are under way at a time, so that rank 0 needs little memory however
 * large the blocks are. An offer does not wait: while rank 0 reads, the others may do something else. */
#ifndef GD_MPI_PULL_H
#define GD_MPI_PULL_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes of a piece, and how many are under way to rank 0 at most. */
enum { GD_PULL_PIECE = 1 << 20, GD_PULL_PIECES = 4 };

typedef struct gd_pull gd_pull;

/* Not collective, but every rank needs one. Freed when no round is open: after GD_COMM it must not be, since
 * messages may still arrive in its memory. */
gd_status gd_pull_create(gd_comm *comm, gd_pull **pull, gd_error *error) GD_CHECKED;
void gd_pull_free(gd_pull *pull); /* NULL is fine */

/* Opens a round: offers this rank's block, which must stay as it is until the round is closed. Every rank
 * must call it, in the same order of rounds; returns without waiting. */
gd_status gd_pull_offer(gd_pull *pull, const void *block, size_t bytes, gd_error *error) GD_CHECKED;

/* Drives progress of what was offered; to be called now and then by a rank that computes meanwhile. Not
 * collective. */
gd_status gd_pull_progress(gd_pull *pull, gd_error *error) GD_CHECKED;

/* Rank 0 only: goes to the block of `rank`, which must be a later one than before in this round; *bytes is
 * its length. What was left of blocks before it is dropped. Fails after a deadline without progress, naming
 * the rank waited for. */
gd_status gd_pull_turn(gd_pull *pull, int32_t rank, size_t *bytes, gd_error *error) GD_CHECKED;

/* Rank 0 only: the next `bytes` of that block. GD_INTERNAL when it has fewer. Fails as gd_pull_turn. */
gd_status gd_pull_read(gd_pull *pull, void *to, size_t bytes, gd_error *error) GD_CHECKED;

/* Closes the round: rank 0 drops what it has not read, the others wait until it has taken all of their
 * blocks. Without a round it does nothing. Every rank must call it. Fails as gd_pull_turn. */
gd_status gd_pull_close(gd_pull *pull, gd_error *error) GD_CHECKED;

#endif
