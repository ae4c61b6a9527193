/* Grows arrays by doubling, up to a maximum. */
#include "base/grow.h"

#include "base/minmax.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 16 }; /* items that are allocated at once */

gd_status gd_grow(void *array, int64_t *capacity, int64_t needed, const gd_array_kind *kind, gd_error *error)
{
    if (needed <= *capacity)
        return GD_OK;
    const int64_t most = gd_min_i64(kind->most, PTRDIFF_MAX / (int64_t)kind->item);
    if (needed > most)
        return gd_fail(error, GD_MEMORY, "%s: %" PRId64 " items are more than the maximum of %" PRId64,
                       kind->what, needed, most);
    const int64_t doubled = gd_max_i64(FIRST, *capacity > most / 2 ? most : 2 * *capacity);
    const int64_t wanted = gd_min_i64(most, gd_max_i64(needed, doubled));
    void *old; /* copied, since a pointer to items is not accessed as a void pointer */
    memcpy(&old, array, sizeof old);
    void *items = realloc(old, (size_t)wanted * kind->item);
    if (!items)
        return gd_no_memory(error, "%s", kind->what);
    memcpy(array, &items, sizeof items);
    *capacity = wanted;
    return GD_OK;
}
