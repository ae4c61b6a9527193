/* A tape for backends whose tensors lie in blocks of channels: every slice that an operation names begins and
 * ends with a block. Where slices of a tensor do not by themselves, channels of padding are put between them;
 * where they do, the tape stays as it is. */
#ifndef GD_NET_CHANNEL_BLOCKS_H
#define GD_NET_CHANNEL_BLOCKS_H

#include "net/tape.h"

typedef struct gd_channel_blocks {
    gd_tape *tape;   /* owned; operations, tensors and filters as given, channels counted with the padding */
    int32_t **place; /* owned; [tensor_count][channels + 1] where the channels of the tape that was given lie;
                        last the number of them with padding */
    gd_slice *inputs, *outputs; /* owned; [filter_count] of that tape: slices whose places a filter's input
                                   and output channels share, in every operation that uses it */
} gd_channel_blocks;

/* block: channels of one. A picture's three channels stay three. The tape given is not needed any more
 * afterwards. */
gd_status gd_channel_blocks_create(const gd_tape *tape, int32_t block, gd_channel_blocks *blocks,
                                   gd_error *error) GD_CHECKED;

/* Where a channel of a slice, as the tape that was given has it, lies behind the slice's first. */
int32_t gd_channel_place(const gd_channel_blocks *blocks, gd_slice slice, int32_t channel);

void gd_channel_blocks_free(gd_channel_blocks *blocks);

#endif
