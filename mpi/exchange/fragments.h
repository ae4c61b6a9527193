/* A list of disjoint rectangles, from which rectangles are subtracted. Private to this folder. */
#ifndef GD_MPI_EXCHANGE_FRAGMENTS_H
#define GD_MPI_EXCHANGE_FRAGMENTS_H

#include "base/rect.h"
#include "base/status.h"

/* A rectangle that belongs to one of the caller's items. */
typedef struct gd_fragment {
    gd_rect rect;  /* not empty */
    int64_t owner; /* the caller's index */
} gd_fragment;

/* All zero: an empty list. */
typedef struct gd_fragments {
    gd_fragment *items; /* owned; [count] */
    int64_t count, capacity;
} gd_fragments;

/* Appends a rectangle, which must not overlap those in the list. */
gd_status gd_fragments_add(gd_fragments *list, gd_rect rect, int64_t owner, gd_error *error) GD_CHECKED;

/* Subtracts `rect` from the fragments with index `first` and higher: each that overlaps it is replaced by up
 * to four disjoint parts with the same owner, or removed. The order depends on the arguments only. */
gd_status gd_fragments_subtract(gd_fragments *list, int64_t first, gd_rect rect, gd_error *error) GD_CHECKED;

void gd_fragments_free(gd_fragments *list);

#endif
