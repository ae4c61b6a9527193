/* Host memory that counts what is allocated for each purpose, and the most at once. */
#include "plan/counting.h"

#include "base/round.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

static gd_status reserve(gd_memory *memory, gd_purpose purpose, size_t bytes, gd_error *error)
{
    counting_memory *m = (counting_memory *)memory;
    if (m->refused_above > 0 && bytes > m->refused_above)
        return gd_fail(error, GD_MEMORY, "refused");
    if (m->region[purpose])
        return gd_fail(error, GD_INTERNAL, "set aside twice");
    m->region[purpose] = malloc(bytes);
    m->region_bytes[purpose] = bytes;
    return m->region[purpose] ? GD_OK : gd_fail(error, GD_MEMORY, "out of memory");
}

/* The lowest place in the purpose's region that nothing overlaps, or NULL. */
static char *first_fit(const counting_memory *m, gd_purpose purpose, size_t bytes)
{
    size_t at = 0;
    for (int i = 0; i < m->place_count; i++) {
        const counting_place *p = &m->places[i];
        const size_t begin = p->purpose == purpose ? (size_t)(p->values - m->region[purpose]) : 0;
        if (p->purpose == purpose && begin < at + bytes && at < begin + p->bytes) {
            at = begin + p->bytes;
            i = -1;
        }
    }
    return at + bytes <= m->region_bytes[purpose] ? m->region[purpose] + at : NULL;
}

static gd_status take(counting_memory *m, gd_purpose purpose, size_t bytes, void **values, gd_error *error)
{
    const size_t rounded = (size_t)gd_round_up((int64_t)bytes, 256);
    *values = NULL;
    if (m->place_count == COUNTING_PLACES_MAX)
        return gd_fail(error, GD_INTERNAL, "too many places to count");
    if (!m->region[purpose]) {
        gd_status status = gd_memory_host()->class->allocate(gd_memory_host(), purpose, bytes, values, error);
        if (status != GD_OK)
            return status;
    } else if (!(*values = first_fit(m, purpose, rounded))) {
        return gd_fail(error, GD_MEMORY, "%zu bytes set aside for %s have no room for %zu",
                       m->region_bytes[purpose], gd_purpose_name(purpose), bytes);
    }
    m->places[m->place_count++] = (counting_place){purpose, *values, rounded};
    m->now[purpose] += rounded;
    m->most[purpose] = m->now[purpose] > m->most[purpose] ? m->now[purpose] : m->most[purpose];
    return GD_OK;
}

static gd_status allocate(gd_memory *memory, gd_purpose purpose, size_t bytes, void **values, gd_error *error)
{
    counting_memory *m = (counting_memory *)memory;
    pthread_mutex_lock(&m->lock);
    const gd_status status = take(m, purpose, bytes, values, error);
    pthread_mutex_unlock(&m->lock);
    return status;
}

static void release(gd_memory *memory, gd_purpose purpose, void *values)
{
    counting_memory *m = (counting_memory *)memory;
    int i = 0;
    pthread_mutex_lock(&m->lock);
    while (i < m->place_count && m->places[i].values != values)
        i++;
    if (i == m->place_count || m->places[i].purpose != purpose)
        abort(); /* not to be told by a sentence: it may be another thread than the test's */
    m->now[purpose] -= m->places[i].bytes;
    m->places[i] = m->places[--m->place_count];
    if (!m->region[purpose])
        free(values);
    pthread_mutex_unlock(&m->lock);
}

void counting_open(counting_memory *memory)
{
    static gd_memory_class class;
    class = *gd_memory_host()->class;
    class.reserve = reserve;
    class.allocate = allocate;
    class.release = release;
    *memory = (counting_memory){.memory = {&class}};
    pthread_mutex_init(&memory->lock, NULL);
}

void counting_close(counting_memory *memory)
{
    assert_int_equal(memory->place_count, 0);
    for (int i = 0; i < GD_PURPOSE_COUNT; i++)
        free(memory->region[i]);
    pthread_mutex_destroy(&memory->lock);
}
