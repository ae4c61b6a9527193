/* Stream of byte blocks from all ranks to rank 0, in rank order.
 *
 * In each round every rank offers a block, which may be empty, and rank 0 reads the blocks in rank order.
 * Blocks are sent in pieces, a few at a time, so rank 0 needs little memory for blocks of any size. An offer
 * does not wait: the other ranks can work while rank 0 reads. */
#ifndef GD_MPI_PULL_H
#define GD_MPI_PULL_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes of a piece, and the most pieces that rank 0 requests at a time. */
enum { GD_PULL_PIECE = 1 << 20, GD_PULL_PIECES = 4 };

typedef struct gd_pull gd_pull;

/* Not collective, but every rank needs a gd_pull. Free it only while no round is open, and not after GD_COMM:
 * messages may still arrive in its memory. */
gd_status gd_pull_create(gd_comm *comm, gd_pull **pull, gd_error *error) GD_CHECKED;
void gd_pull_free(gd_pull *pull); /* NULL is fine */

/* Opens a round and offers this rank's block, which must not change until the round is closed. Returns
 * without waiting. Every rank must call it, in the same order of rounds. */
gd_status gd_pull_offer(gd_pull *pull, const void *block, size_t bytes, gd_error *error) GD_CHECKED;

/* Makes progress on the offered block; a rank that computes meanwhile calls it from time to time. Not
 * collective. */
gd_status gd_pull_progress(gd_pull *pull, gd_error *error) GD_CHECKED;

/* Rank 0 only: moves on to the block of `rank`, which must not be lower than the current one in this round.
 * *bytes: its unread length. The unread rest of earlier blocks is dropped. Fails after a deadline without
 * progress; the message names the rank that was waited for. */
gd_status gd_pull_turn(gd_pull *pull, int32_t rank, size_t *bytes, gd_error *error) GD_CHECKED;

/* Rank 0 only: reads the next `bytes` of that block. GD_INTERNAL if it has fewer. Fails as gd_pull_turn. */
gd_status gd_pull_read(gd_pull *pull, void *to, size_t bytes, gd_error *error) GD_CHECKED;

/* Closes the round: rank 0 drops the unread rest; the other ranks wait until their blocks are sent. Does
 * nothing if no round is open. Every rank must call it. Fails as gd_pull_turn. */
gd_status gd_pull_close(gd_pull *pull, gd_error *error) GD_CHECKED;

#endif
