/* gd_memory of a device: copies of rectangles, the way to and from the host, order, events, and what is set
 * aside. */
#include "check.h"
#include "kernels/backend.h"
#include "kernels/cuda/memory/memory.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 37, COLS = 53, COUNT = ROWS * COLS };

typedef struct rig {
    gd_device *device;
    gd_memory *memory;
    float *x, *y;    /* [ROWS, COLS], of the device */
    float *in, *out; /* likewise, staging */
} rig;

static void *allocate(gd_memory *memory, gd_purpose purpose, size_t bytes)
{
    gd_error error = {{0}};
    void *values = NULL;
    check_ok(memory->class->allocate(memory, purpose, bytes, &values, &error), error);
    assert_int_equal((uintptr_t)values % 256, 0);
    return values;
}

static void *stage(gd_memory *memory, size_t bytes)
{
    gd_error error = {{0}};
    void *values = NULL;
    check_ok(memory->class->allocate_staging(memory, bytes, &values, &error), error);
    return values;
}

static void settle(gd_memory *memory)
{
    gd_error error = {{0}};
    check_ok(gd_memory_synchronize(memory, &error), error);
}

static int setup(void **state)
{
    gd_error error = {{0}};
    rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    check_ok(gd_backend_cuda.open(&(gd_device_options){0}, &r->device, &error), error);
    r->memory = gd_backend_cuda.memory(r->device);
    assert_int_equal(r->memory->class->kind, GD_MEMORY_DEVICE);
    r->x = allocate(r->memory, GD_FOR_PLANES, COUNT * sizeof(float));
    r->y = allocate(r->memory, GD_FOR_WINDOWS, COUNT * sizeof(float));
    r->in = stage(r->memory, COUNT * sizeof(float));
    r->out = stage(r->memory, COUNT * sizeof(float));
    for (int i = 0; i < COUNT; i++)
        r->in[i] = (float)i;
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    rig *r = *state;
    gd_memory_release(r->memory, GD_FOR_PLANES, &r->x);
    gd_memory_release(r->memory, GD_FOR_WINDOWS, &r->y);
    r->memory->class->release_staging(r->memory, r->in);
    r->memory->class->release_staging(r->memory, r->out);
    gd_backend_cuda.close(r->device);
    free(r);
    return 0;
}

static void bring(const rig *r, float *values, const float *staging, int64_t count)
{
    gd_error error = {{0}};
    check_ok(r->memory->class->upload(r->memory, values, staging, (size_t)count * sizeof *values, &error),
             error);
}

static void fetch(const rig *r, float *staging, const float *values, int64_t count)
{
    gd_error error = {{0}};
    check_ok(r->memory->class->download(r->memory, staging, values, (size_t)count * sizeof *values, &error),
             error);
}

static void copy(const rig *r, const gd_rect_copy *copies, int64_t count)
{
    gd_error error = {{0}};
    check_ok(r->memory->class->copy(r->memory, copies, count, &error), error);
}

static void clear(const rig *r, float *values, int64_t count)
{
    gd_error error = {{0}};
    check_ok(r->memory->class->clear(r->memory, values, (size_t)count * sizeof *values, &error), error);
}

/* Nothing waits in between: order alone makes the result right. */
static void test_order(void **state)
{
    const rig *r = *state;
    const gd_rect_copy all = {r->y, r->x, COLS, COLS, ROWS, COLS};
    bring(r, r->x, r->in, COUNT);
    copy(r, &all, 1);              /* sees what was brought */
    fetch(r, r->out, r->y, COUNT); /* sees what was copied */
    clear(r, r->y, COUNT);         /* and must not overtake the fetch */
    clear(r, r->x, COUNT);
    settle(r->memory);
    assert_memory_equal(r->out, r->in, COUNT * sizeof(float));
    fetch(r, r->out, r->y, COUNT);
    bring(r, r->y, r->in, COUNT); /* nor must this */
    settle(r->memory);
    for (int i = 0; i < COUNT; i++)
        assert_true(r->out[i] == 0);
}

/* A copy into a part of what is being fetched waits; so does what others queue. */
/* What is exchanged goes before what is computed. */
static void test_priority(void **state)
{
    const rig *r = *state;
    int lowest = 0, highest = 0, priority = 0;
    assert_int_equal(cudaDeviceGetStreamPriorityRange(&lowest, &highest), cudaSuccess);
    assert_int_equal(cudaStreamGetPriority(r->memory->class->queue(r->memory), &priority), cudaSuccess);
    assert_int_equal(priority, highest);
    assert_true(highest < lowest);
}

static void test_fetch_is_not_overwritten(void **state)
{
    const rig *r = *state;
    const gd_rect_copy part = {r->x + COLS + 3, r->y, COLS, COLS, 4, 5};
    bring(r, r->x, r->in, COUNT);
    clear(r, r->y, COUNT);
    for (int turn = 0; turn < 2 * GD_CUDA_DOWNLOADS; turn++)
        fetch(r, r->out + turn, r->x + turn, 1);
    fetch(r, r->out, r->x, COUNT);
    copy(r, &part, 1);
    settle(r->memory);
    assert_memory_equal(r->out, r->in, COUNT * sizeof(float));
    fetch(r, r->out, r->x, COUNT);
    const cudaStream_t queue = r->memory->class->queue(r->memory);
    assert_int_equal(cudaMemsetAsync(r->x, 0, COUNT * sizeof(float), queue), cudaSuccess);
    settle(r->memory);
    for (int y = 0; y < ROWS; y++)
        for (int x = 0; x < COLS; x++) {
            const bool zero = y >= 1 && y < 5 && x >= 3 && x < 8;
            assert_true(r->out[y * COLS + x] == (zero ? 0 : (float)(y * COLS + x)));
        }
}

/* The first row that is written was not being fetched, the last one was; and one row alone, at its end. */
static void test_fetch_of_later_rows(void **state)
{
    const rig *r = *state;
    const gd_rect_copy rows = {r->x, r->y, 20 * COLS, COLS, 2, COLS}, row = {r->x, r->y, COLS, COLS, 1, COLS};
    for (int turn = 0; turn < 2; turn++) {
        const int from = turn ? COLS - 1 : 20 * COLS, count = turn ? 1 : COLS;
        bring(r, r->x, r->in, COUNT);
        clear(r, r->y, COUNT);
        settle(r->memory);
        fetch(r, r->out, r->x + from, count);
        copy(r, turn ? &row : &rows, 1);
        settle(r->memory);
        assert_memory_equal(r->out, r->in + from, (size_t)count * sizeof(float));
    }
}

/* More rectangles than one list holds, some of them empty. */
static void test_many(void **state)
{
    const rig *r = *state;
    enum { MANY = 3 * COUNT + 7 };
    gd_rect_copy *copies = calloc(MANY, sizeof *copies);
    assert_non_null(copies);
    int64_t count = 0;
    for (int i = 0; i < COUNT; i++) {
        copies[count++] = (gd_rect_copy){r->y + i, r->x + (COUNT - 1 - i), 1, 1, 1, 1};
        copies[count++] = (gd_rect_copy){r->y + i, r->x, 1, 1, 0, 1};
        copies[count++] = (gd_rect_copy){r->y + i, r->x, 1, 1, 1, 0};
    }
    bring(r, r->x, r->in, COUNT);
    copy(r, copies, count);
    copy(r, copies, 0);
    copy(r, copies + 1, 1);
    fetch(r, r->out, r->y, COUNT);
    settle(r->memory);
    for (int i = 0; i < COUNT; i++)
        assert_true(r->out[i] == (float)(COUNT - 1 - i));
    free(copies);
}

static bool passed(const rig *r, uint64_t event)
{
    gd_error error = {{0}};
    bool has = false;
    check_ok(r->memory->class->query_event(r->memory, event, &has, &error), error);
    return has;
}

/* Marks grow, pass in order, and there may be more of them than events. */
static void test_events(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    uint64_t events[3 * GD_CUDA_EVENTS];
    for (int i = 0; i < 3 * GD_CUDA_EVENTS; i++) {
        bring(r, r->x, r->in, COUNT);
        check_ok(r->memory->class->record_event(r->memory, &events[i], &error), error);
        assert_true(i == 0 || events[i] > events[i - 1]);
    }
    assert_true(passed(r, events[GD_CUDA_EVENTS])); /* whose events were used again */
    for (int i = 3 * GD_CUDA_EVENTS - 1, later = 0; i >= 0; i--) {
        const bool now = passed(r, events[i]);
        assert_true(now || !later); /* none passes before an earlier one */
        later = now;
    }
    settle(r->memory);
    for (int i = 0; i < 3 * GD_CUDA_EVENTS; i++)
        assert_true(passed(r, events[i]));
    assert_true(passed(r, 0));
    bool has = true;
    assert_int_equal(r->memory->class->query_event(r->memory, UINT64_MAX, &has, &error), GD_INTERNAL);
    assert_false(has);
}

/* What is set aside is handed out in pieces, and when it is used up the sentence says so. */
static void test_reserve(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    gd_memory *m = r->memory;
    void *pieces[4];
    const size_t whole = 1 << 20;
    check_ok(m->class->reserve(m, GD_FOR_TENSORS, whole, &error), error);
    assert_int_equal(m->class->reserve(m, GD_FOR_TENSORS, whole, &error), GD_INTERNAL);
    for (int i = 0; i < 4; i++)
        pieces[i] = allocate(m, GD_FOR_TENSORS, whole / 4);
    void *more = m;
    assert_int_equal(m->class->allocate(m, GD_FOR_TENSORS, 1, &more, &error), GD_MEMORY);
    assert_null(more);
    assert_non_null(strstr(error.message, "tensors"));
    assert_non_null(strstr(error.message, "-ts"));
    m->class->release(m, GD_FOR_TENSORS, pieces[1]);
    m->class->release(m, GD_FOR_TENSORS, pieces[2]);
    assert_ptr_equal(allocate(m, GD_FOR_TENSORS, whole / 2), pieces[1]);
    m->class->release(m, GD_FOR_TENSORS, pieces[0]);
    m->class->release(m, GD_FOR_TENSORS, pieces[1]);
    m->class->release(m, GD_FOR_TENSORS, pieces[3]);
    check_ok(m->class->reserve(m, GD_FOR_MESSAGES, 0, &error),
             error); /* nothing: from the device as before */
    void *alone = allocate(m, GD_FOR_MESSAGES, 100);
    m->class->release(m, GD_FOR_MESSAGES, alone);
}

/* No device has this much. */
static void test_exhausted(void **state)
{
    const rig *r = *state;
    gd_error error = {{0}};
    void *values = r->memory;
    const size_t much = (size_t)1 << 48;
    assert_int_equal(r->memory->class->allocate(r->memory, GD_FOR_PLANES, much, &values, &error), GD_MEMORY);
    assert_null(values);
    assert_non_null(strstr(error.message, "planes"));
    assert_non_null(strstr(error.message, "are free"));
    assert_non_null(strstr(error.message, "more GPUs"));
    assert_int_equal(r->memory->class->reserve(r->memory, GD_FOR_WINDOWS, much, &error), GD_MEMORY);
    assert_non_null(strstr(error.message, "windows"));
    bring(r, r->x, r->in, COUNT); /* and the device goes on */
    settle(r->memory);
}

static void test_staging(void **state)
{
    const rig *r = *state;
    gd_memory *m = r->memory;
    void *blocks[GD_CUDA_STAGING_KEPT + 4];
    void *first = stage(m, 5000), *second = stage(m, 9000);
    m->class->release_staging(m, second);
    m->class->release_staging(m, first);
    assert_ptr_equal(stage(m, 4000), first); /* the smallest that is large enough */
    assert_ptr_equal(stage(m, 4000), second);
    m->class->release_staging(m, first);
    m->class->release_staging(m, second);
    for (int i = 0; i < GD_CUDA_STAGING_KEPT + 4; i++)
        blocks[i] = stage(m, 100);
    for (int i = 0; i < GD_CUDA_STAGING_KEPT + 4; i++)
        m->class->release_staging(m, blocks[i]);
    m->class->release_staging(m, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_priority, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fetch_is_not_overwritten, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fetch_of_later_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many, setup, teardown),
        cmocka_unit_test_setup_teardown(test_events, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reserve, setup, teardown),
        cmocka_unit_test_setup_teardown(test_exhausted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_staging, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
