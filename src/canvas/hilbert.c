#include "canvas/partition.h"

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

uint32_t gd_partition_order(int64_t rows, int64_t cols)
{
    int64_t longest = rows > cols ? rows : cols;
    uint32_t order = 0;
    while ((int64_t)GD_BLOCK << order < longest)
        order++;
    return order;
}

int32_t gd_partition_share(int64_t before, int64_t cost, int64_t total, int32_t ranks)
{
    __int128 middle = (__int128)before * 2 + cost;
    return (int32_t)(middle * ranks / ((__int128)total * 2));
}
