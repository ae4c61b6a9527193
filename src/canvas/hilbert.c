/* Walks the curve from the coarsest quadrant to the finest. */
#include "canvas/hilbert.h"

uint64_t gd_hilbert(uint32_t order, uint32_t y, uint32_t x)
{
    uint64_t distance = 0;
    for (uint32_t bit = order; bit-- > 0;) {
        uint32_t right = (x >> bit) & 1, down = (y >> bit) & 1;
        distance = (distance << 2) | ((3 * right) ^ down);
        if (down)
            continue;
        if (right) {
            x = ~x;
            y = ~y;
        }
        uint32_t swap = x;
        x = y;
        y = swap;
    }
    return distance;
}
