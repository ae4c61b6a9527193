/* Host memory that counts: what is allocated for each purpose, and the most that it came to. What was set
 * aside is handed out first fit, as in device memory, and no more than that. */
#ifndef GD_TESTS_PLAN_COUNTING_H
#define GD_TESTS_PLAN_COUNTING_H

#include "base/memory.h"

#include <pthread.h>

enum { COUNTING_PLACES_MAX = 256 };

typedef struct counting_place {
    gd_purpose purpose;
    char *values;
    size_t bytes; /* rounded up to 256 */
} counting_place;

typedef struct counting_memory {
    gd_memory memory;
    pthread_mutex_t lock; /* of all that follows */
    counting_place places[COUNTING_PLACES_MAX];
    int place_count;
    char *region[GD_PURPOSE_COUNT]; /* owned; NULL: nothing was set aside */
    size_t region_bytes[GD_PURPOSE_COUNT];
    size_t now[GD_PURPOSE_COUNT], most[GD_PURPOSE_COUNT]; /* bytes */
    size_t refused_above; /* what may be set aside in one piece; 0: anything */
} counting_memory;

void counting_open(counting_memory *memory);
/* Fails the test when something was not released. */
void counting_close(counting_memory *memory);

#endif
