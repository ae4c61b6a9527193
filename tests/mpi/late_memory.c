/* A device's memory on the host: copies run late, and a breach of the rules of base/memory.h ends the
 * process. */
#include "late_memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLLS = 3 /* questions for a mark before anything runs */ };

/* Copies, a clear (from == NULL), or a move between staging and the rest. */
typedef struct work {
    gd_rect_copy *copies; /* owned */
    int64_t count;
    uint64_t before; /* the mark that waits for it */
    struct work *next;
} work;

typedef struct block {
    char *values; /* owned */
    size_t bytes;
    bool staging;
    struct block *next;
} block;

typedef struct late_memory {
    gd_memory base;
    work *first;   /* owned; the queue */
    block *blocks; /* owned */
    uint64_t marks, passed;
    int polls;
    bool hangs;
} late_memory;

static late_memory *late(gd_memory *memory)
{
    return (late_memory *)memory;
}

static _Noreturn void broken(const char *rule)
{
    fprintf(stderr, "late memory: %s\n", rule);
    abort();
}

static const block *find(const late_memory *memory, const void *values, size_t bytes)
{
    const char *at = values;
    for (const block *b = memory->blocks; b; b = b->next)
        if (at >= b->values && at + bytes <= b->values + b->bytes)
            return b;
    return NULL;
}

static size_t span(int64_t rows, int64_t stride, int64_t floats)
{
    return (size_t)((rows - 1) * stride + floats) * sizeof(float);
}

static void check_side(const late_memory *memory, const float *values, size_t bytes, bool staging)
{
    const block *b = find(memory, values, bytes);
    if (!b)
        broken("a copy outside of its memory");
    if (b->staging != staging)
        broken(staging ? "memory of the device where staging memory is wanted"
                       : "staging memory where memory of the device is wanted");
}

/* Takes over the list. */
static gd_status queue_work(late_memory *memory, gd_rect_copy *copies, int64_t count)
{
    work *added = malloc(sizeof *added), **last = &memory->first;
    if (!added || !copies)
        broken("no memory");
    *added = (work){copies, count, memory->marks + 1, NULL};
    while (*last)
        last = &(*last)->next;
    *last = added;
    return GD_OK;
}

static gd_status queue_bytes(late_memory *memory, void *to, const void *from, size_t bytes)
{
    gd_rect_copy *copy = calloc(1, sizeof *copy);
    if (bytes % sizeof(float))
        broken("a number of bytes that is no number of floats");
    if (copy)
        *copy = (gd_rect_copy){.to = to, .from = from, .rows = 1, .floats = (int64_t)(bytes / sizeof(float))};
    return queue_work(memory, copy, 1);
}

static void run_copy(const late_memory *memory, const gd_rect_copy *c)
{
    if (!find(memory, c->to, span(c->rows, c->to_stride, c->floats)) ||
        (c->from && !find(memory, c->from, span(c->rows, c->from_stride, c->floats))))
        broken("memory was released before what is queued had used it");
    for (int64_t y = 0; y < c->rows; y++) {
        float *to = c->to + y * c->to_stride;
        if (c->from)
            memcpy(to, c->from + y * c->from_stride, (size_t)c->floats * sizeof *to);
        else
            memset(to, 0, (size_t)c->floats * sizeof *to);
    }
}

static void run_until(late_memory *memory, uint64_t mark)
{
    while (memory->first && memory->first->before <= mark) {
        work *done = memory->first;
        for (int64_t i = 0; i < done->count; i++)
            run_copy(memory, &done->copies[i]);
        memory->first = done->next;
        free(done->copies);
        free(done);
    }
    memory->passed = mark;
}

static gd_status add_block(late_memory *memory, size_t bytes, bool staging, void **values)
{
    block *added = malloc(sizeof *added);
    const size_t floats = bytes / sizeof(float) + 1;
    float *fresh = malloc(floats * sizeof *fresh);
    if (!added || !fresh || bytes == 0)
        broken("no memory, or none asked for");
    for (size_t i = 0; i < floats; i++)
        fresh[i] = NAN;
    *added = (block){(char *)fresh, bytes, staging, memory->blocks};
    memory->blocks = added;
    *values = fresh;
    return GD_OK;
}

static void remove_block(late_memory *memory, void *values, bool staging)
{
    block **link = &memory->blocks;
    while (*link && (*link)->values != values)
        link = &(*link)->next;
    block *gone = *link;
    if (!gone || gone->staging != staging)
        broken("released what was not allocated");
    *link = gone->next;
    free(gone->values);
    free(gone);
}

static gd_status allocate(gd_memory *memory, gd_purpose purpose, size_t bytes, void **values, gd_error *error)
{
    (void)purpose;
    (void)error;
    return add_block(late(memory), bytes, false, values);
}

static void release(gd_memory *memory, gd_purpose purpose, void *values)
{
    (void)purpose;
    remove_block(late(memory), values, false);
}

static gd_status allocate_staging(gd_memory *memory, size_t bytes, void **values, gd_error *error)
{
    (void)error;
    return add_block(late(memory), bytes, true, values);
}

static void release_staging(gd_memory *memory, void *values)
{
    remove_block(late(memory), values, true);
}

static gd_status copy(gd_memory *memory, const gd_rect_copy *copies, int64_t count, gd_error *error)
{
    (void)error;
    gd_rect_copy *list = malloc((size_t)(count + 1) * sizeof *list);
    for (int64_t i = 0; i < count && list; i++) {
        const gd_rect_copy *c = &copies[i];
        check_side(late(memory), c->to, span(c->rows, c->to_stride, c->floats), false);
        check_side(late(memory), c->from, span(c->rows, c->from_stride, c->floats), false);
        list[i] = *c;
    }
    return queue_work(late(memory), list, count);
}

static gd_status clear(gd_memory *memory, void *values, size_t bytes, gd_error *error)
{
    (void)error;
    check_side(late(memory), values, bytes, false);
    return queue_bytes(late(memory), values, NULL, bytes);
}

static gd_status fetch(gd_memory *memory, void *staging, const void *values, size_t bytes, gd_error *error)
{
    (void)error;
    check_side(late(memory), staging, bytes, true);
    check_side(late(memory), values, bytes, false);
    return queue_bytes(late(memory), staging, values, bytes);
}

static gd_status bring(gd_memory *memory, void *values, const void *staging, size_t bytes, gd_error *error)
{
    (void)error;
    check_side(late(memory), staging, bytes, true);
    check_side(late(memory), values, bytes, false);
    return queue_bytes(late(memory), values, staging, bytes);
}

static gd_status mark(gd_memory *memory, uint64_t *made, gd_error *error)
{
    (void)error;
    *made = ++late(memory)->marks;
    return GD_OK;
}

static gd_status passed(gd_memory *memory, uint64_t asked, bool *passed_now, gd_error *error)
{
    (void)error;
    late_memory *own = late(memory);
    if (asked == 0 || asked > own->marks)
        broken("asked for a mark that was never made");
    if (asked > own->passed && !own->hangs && ++own->polls % POLLS == 0)
        run_until(own, asked);
    *passed_now = asked <= own->passed;
    return GD_OK;
}

static void *queue(gd_memory *memory)
{
    (void)memory;
    return NULL;
}

gd_memory *late_memory_open(void)
{
    static const gd_memory_class class = {
        .kind = GD_MEMORY_DEVICE,
        .allocate = allocate,
        .release = release,
        .allocate_staging = allocate_staging,
        .release_staging = release_staging,
        .copy = copy,
        .clear = clear,
        .download = fetch,
        .upload = bring,
        .record_event = mark,
        .query_event = passed,
        .queue = queue,
    };
    late_memory *memory = calloc(1, sizeof *memory);
    if (!memory)
        broken("no memory");
    memory->base = (gd_memory){.class = &class, .patience = 60};
    return &memory->base;
}

void late_memory_hang(gd_memory *memory, bool hangs)
{
    late(memory)->hangs = hangs;
}

void late_memory_close(gd_memory *memory)
{
    if (late(memory)->first)
        broken("closed with work that is queued");
    if (late(memory)->blocks)
        broken("closed before all was released");
    free(memory);
}
