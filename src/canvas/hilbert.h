/* The Hilbert curve: an order of the cells of a square in which neighbours stay close. */
#ifndef GD_CANVAS_HILBERT_H
#define GD_CANVAS_HILBERT_H

#include <stdint.h>

/* Distance along the Hilbert curve (Hilbert 1891; Skilling 2004) of a point in a square of 2^order cells a
 * side. */
uint64_t gd_hilbert(uint32_t order, uint32_t y, uint32_t x);

#endif
