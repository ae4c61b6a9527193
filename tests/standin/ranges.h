/* The bytes that strided tensors name, as the runtime's ranges. */
#ifndef GD_STANDIN_RANGES_H
#define GD_STANDIN_RANGES_H

#include "standin/convolve.h"
#include "standin/internal.h"

typedef struct gd_ranges {
    gd_standin_range *list; /* owned, by malloc */
    size_t count, room;
} gd_ranges;

/* false: no memory. */
bool gd_ranges_add(gd_ranges *ranges, const gd_strided *tensor, const void *values);
bool gd_ranges_add_bytes(gd_ranges *ranges, const void *start, size_t bytes);
/* `rows` pieces of `bytes` bytes, `pitch` bytes from start to start. */
bool gd_ranges_add_rows(gd_ranges *ranges, const void *start, size_t bytes, size_t rows, size_t pitch);

/* Does one byte belong to both; does one belong to two of the list? */
bool gd_ranges_overlap(const gd_ranges *one, const gd_ranges *other);
bool gd_ranges_overlap_each_other(const gd_ranges *ranges);

#endif
