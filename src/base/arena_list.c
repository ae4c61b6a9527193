/* First-fit allocation of offsets within one large buffer, as a sorted list of used ranges. */
#include "base/arena_list.h"

#include <stdlib.h>

/* Used ranges, sorted by offset; the gaps between them are free. */
typedef struct place {
    size_t at, end;
    struct place *next; /* owned */
} place;

struct gd_arena_list {
    size_t bytes;
    place *first; /* owned */
};

gd_arena_list *gd_arena_list_create(size_t bytes)
{
    gd_arena_list *list = calloc(1, sizeof *list);
    if (list)
        list->bytes = bytes;
    return list;
}

void gd_arena_list_free(gd_arena_list *list)
{
    while (list && list->first) {
        place *next = list->first->next;
        free(list->first);
        list->first = next;
    }
    free(list);
}

/* Every range ends at a multiple of the alignment, so every gap begins at one. */
static size_t round_up(size_t bytes)
{
    return (bytes + GD_ARENA_ALIGNMENT - 1) / GD_ARENA_ALIGNMENT * GD_ARENA_ALIGNMENT;
}

/* The end of the gap before `next`. */
static size_t gap_end(const gd_arena_list *list, const place *next)
{
    return next ? next->at : list->bytes;
}

static bool fits(size_t from, size_t end, size_t bytes)
{
    return from <= end && end - from >= bytes;
}

bool gd_arena_list_take(gd_arena_list *list, size_t bytes, size_t *at)
{
    size_t from = 0;
    place **link = &list->first;
    while (*link && !fits(from, gap_end(list, *link), bytes)) {
        from = (*link)->end;
        link = &(*link)->next;
    }
    if (!fits(from, gap_end(list, *link), bytes))
        return false;
    place *taken = malloc(sizeof *taken);
    if (!taken)
        return false;
    *taken = (place){from, from + round_up(bytes), *link};
    *link = taken;
    *at = from;
    return true;
}

bool gd_arena_list_give(gd_arena_list *list, size_t at)
{
    place **link = &list->first;
    while (*link && (*link)->at != at)
        link = &(*link)->next;
    place *given = *link;
    if (!given)
        return false;
    *link = given->next;
    free(given);
    return true;
}

size_t gd_arena_list_largest(const gd_arena_list *list)
{
    size_t from = 0, largest = 0;
    for (const place *next = list->first;; next = next->next) {
        const size_t end = gap_end(list, next);
        if (end > from && end - from > largest)
            largest = end - from;
        if (!next)
            return largest;
        from = next->end;
    }
}

size_t gd_arena_list_count(const gd_arena_list *list)
{
    size_t count = 0;
    for (const place *next = list->first; next; next = next->next)
        count++;
    return count;
}
