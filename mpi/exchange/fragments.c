/* A list of disjoint rectangles, from which rectangles are subtracted. */
#include "mpi/exchange/fragments.h"

#include "base/grow.h"

#include <stdlib.h>

gd_status gd_fragments_add(gd_fragments *list, gd_rect rect, int64_t owner, gd_error *error)
{
    static const gd_array_kind kind = {sizeof(gd_fragment), INT64_MAX, "the rectangles of an exchange"};
    gd_status status = gd_grow(&list->items, &list->capacity, list->count + 1, &kind, error);
    if (status == GD_OK)
        list->items[list->count++] = (gd_fragment){rect, owner};
    return status;
}

gd_status gd_fragments_subtract(gd_fragments *list, int64_t first, gd_rect rect, gd_error *error)
{
    int64_t end = list->count;
    for (int64_t f = first; f < end; f++) {
        const gd_fragment old = list->items[f];
        if (gd_rect_empty(gd_rect_intersect(old.rect, rect)))
            continue;
        gd_rect parts[4];
        int count = gd_rect_subtract(old.rect, rect, parts);
        list->items[f].rect = count ? parts[0] : (gd_rect){0};
        for (int i = 1; i < count; i++) {
            gd_status status = gd_fragments_add(list, parts[i], old.owner, error);
            if (status != GD_OK)
                return status;
        }
    }
    int64_t kept = first;
    for (int64_t f = first; f < list->count; f++)
        if (!gd_rect_empty(list->items[f].rect))
            list->items[kept++] = list->items[f];
    list->count = kept;
    return GD_OK;
}

void gd_fragments_free(gd_fragments *list)
{
    free(list->items);
    *list = (gd_fragments){0};
}
