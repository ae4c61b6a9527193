/* Arrays that grow while they are filled, each with a stated maximum. */
#ifndef GD_BASE_GROW_H
#define GD_BASE_GROW_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* What an array holds. */
typedef struct gd_array_kind {
    size_t item;      /* bytes of an item */
    int64_t most;     /* items that it may ever hold */
    const char *what; /* for messages: "the messages of an exchange" */
} gd_array_kind;

/* Makes room for `needed` items. `array` is the address of the array's pointer (NULL: empty), which the
 * caller frees with free(); *capacity is the number of items that it can hold, and at least doubles, up to
 * the maximum. Items are kept; new ones are not set. GD_MEMORY: there is no memory, or `needed` is more than
 * the maximum; the array is as it was. Not collective. */
gd_status gd_grow(void *array, int64_t *capacity, int64_t needed, const gd_array_kind *kind,
                  gd_error *error) GD_CHECKED;

#endif
