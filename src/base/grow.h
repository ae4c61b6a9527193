/* Arrays that grow while they are filled, each with a stated maximum. */
#ifndef GD_BASE_GROW_H
#define GD_BASE_GROW_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* Size, limit and name of the items of an array. */
typedef struct gd_array_kind {
    size_t item;      /* bytes of an item */
    int64_t most;     /* maximum number of items */
    const char *what; /* for messages: "the messages of an exchange" */
} gd_array_kind;

/* Grows an array to hold `needed` items. `array` is the address of the array's pointer (NULL: empty), which
 * the caller frees with free(). *capacity is the number of items that it can hold; when it grows it at least
 * doubles, up to the maximum. Items are kept; new ones are not initialised. GD_MEMORY if there is no memory
 * or `needed` exceeds the maximum; the array is then unchanged. Not collective. */
gd_status gd_grow(void *array, int64_t *capacity, int64_t needed, const gd_array_kind *kind,
                  gd_error *error) GD_CHECKED;

#endif
