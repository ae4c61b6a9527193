/* The bytes that strided tensors cover, as ranges of the stand-in's memory checks. */
#include "standin/ranges.h"

#include <stdlib.h>

static bool add(gd_ranges *ranges, gd_standin_range range)
{
    if (ranges->count == ranges->room) {
        size_t room = ranges->room ? 2 * ranges->room : 8;
        gd_standin_range *list = realloc(ranges->list, room * sizeof *list);
        if (!list)
            return false;
        ranges->list = list;
        ranges->room = room;
    }
    ranges->list[ranges->count++] = range;
    return true;
}

bool gd_ranges_add_bytes(gd_ranges *ranges, const void *start, size_t bytes)
{
    return add(ranges, (gd_standin_range){start, bytes, 1, bytes});
}

bool gd_ranges_add_rows(gd_ranges *ranges, const void *start, size_t bytes, size_t rows, size_t pitch)
{
    return add(ranges, (gd_standin_range){start, bytes, rows, pitch});
}

typedef struct axis {
    int64_t count, stride; /* bytes */
} axis;

/* The axes of a tensor that are longer than one value, those of small strides first; neighbours that are one
 * run become one axis. */
static int sorted_axes(const gd_strided *tensor, axis axes[4])
{
    int64_t bytes = (int64_t)gd_value_bytes(tensor->type);
    int count = 0;
    for (int i = 0; i < 4; i++) {
        axis a = {tensor->dim[i], tensor->stride[i] * bytes};
        int at = count;
        if (a.count == 1)
            continue;
        for (; at > 0 && axes[at - 1].stride > a.stride; at--)
            axes[at] = axes[at - 1];
        axes[at] = a;
        count++;
    }
    int kept = 0;
    for (int i = 1; i < count; i++) {
        if (axes[i].stride == axes[kept].stride * axes[kept].count)
            axes[kept].count *= axes[i].count;
        else
            axes[++kept] = axes[i];
    }
    return count ? kept + 1 : 0;
}

bool gd_ranges_add(gd_ranges *ranges, const gd_strided *tensor, const void *values)
{
    axis axes[4];
    int count = sorted_axes(tensor, axes), next = 0;
    gd_standin_range piece = {values, gd_value_bytes(tensor->type), 1, 0};
    if (next < count && axes[next].stride == (int64_t)piece.bytes)
        piece.bytes *= (size_t)axes[next++].count;
    piece.pitch = piece.bytes;
    if (next < count) {
        piece.rows = (size_t)axes[next].count;
        piece.pitch = (size_t)axes[next++].stride;
    }
    axis outer = next < count ? axes[next++] : (axis){1, 0};
    axis outermost = next < count ? axes[next++] : (axis){1, 0};
    axis last = next < count ? axes[next] : (axis){1, 0};
    for (int64_t k = 0; k < last.count; k++)
        for (int64_t j = 0; j < outermost.count; j++)
            for (int64_t i = 0; i < outer.count; i++) {
                gd_standin_range one = piece;
                one.start = (const char *)values + k * last.stride + j * outermost.stride + i * outer.stride;
                if (!add(ranges, one))
                    return false;
            }
    return true;
}

static uintptr_t end_of(const gd_standin_range *r)
{
    return (uintptr_t)r->start + (r->rows - 1) * r->pitch + r->bytes;
}

/* Does [start, start + bytes) meet a row of the range? */
static bool meets(uintptr_t start, size_t bytes, const gd_standin_range *r)
{
    uintptr_t first = (uintptr_t)r->start;
    if (start + bytes <= first || start >= end_of(r))
        return false;
    size_t row = start > first && r->pitch ? (start - first) / r->pitch : 0;
    for (; row < r->rows && first + row * r->pitch < start + bytes; row++)
        if (first + row * r->pitch + r->bytes > start)
            return true;
    return false;
}

static bool overlap(const gd_standin_range *a, const gd_standin_range *b)
{
    if (end_of(a) <= (uintptr_t)b->start || end_of(b) <= (uintptr_t)a->start)
        return false;
    for (size_t row = 0; row < a->rows; row++)
        if (meets((uintptr_t)a->start + row * a->pitch, a->bytes, b))
            return true;
    return false;
}

bool gd_ranges_overlap(const gd_ranges *one, const gd_ranges *other)
{
    for (size_t i = 0; i < one->count; i++)
        for (size_t j = 0; j < other->count; j++)
            if (overlap(&one->list[i], &other->list[j]))
                return true;
    return false;
}

bool gd_ranges_overlap_each_other(const gd_ranges *ranges)
{
    for (size_t i = 0; i < ranges->count; i++)
        for (size_t j = i + 1; j < ranges->count; j++)
            if (overlap(&ranges->list[i], &ranges->list[j]))
                return true;
    return false;
}
