/* Planes and windows whose values say where each pixel belongs. */
#include "pixels.h"

#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static float *new_floats(size_t count)
{
    float *values = malloc((count + 1) * sizeof *values);
    assert_non_null(values);
    return values;
}

void put_floats(gd_memory *memory, float *to, const float *values, size_t count)
{
    gd_error error;
    void *staging = NULL;
    const size_t bytes = count * sizeof *values;
    if (count == 0)
        return;
    check_ok(memory->class->allocate_staging(memory, bytes, &staging, &error), error);
    memcpy(staging, values, bytes);
    check_ok(memory->class->upload(memory, to, staging, bytes, &error), error);
    check_ok(gd_memory_synchronize(memory, &error), error);
    memory->class->release_staging(memory, staging);
}

void take_floats(gd_memory *memory, float *values, const float *from, size_t count)
{
    gd_error error;
    void *staging = NULL;
    const size_t bytes = count * sizeof *values;
    if (count == 0)
        return;
    check_ok(memory->class->allocate_staging(memory, bytes, &staging, &error), error);
    check_ok(memory->class->download(memory, staging, from, bytes, &error), error);
    check_ok(gd_memory_synchronize(memory, &error), error);
    memcpy(values, staging, bytes);
    memory->class->release_staging(memory, staging);
}

float value_at(const gd_partition *partition, int64_t y, int64_t x, int channel, int turn)
{
    y %= partition->rows;
    x %= partition->cols;
    return (float)((y * partition->cols + x) * 3 + channel + turn * 1000003);
}

/* What this rank's part of the plane should hold, block after block. To be freed. */
static float *expected_plane(const gd_plane *plane, int turn)
{
    const gd_partition *partition = plane->partition;
    int64_t first, end;
    gd_partition_run(partition, plane->rank, &first, &end);
    float *values = new_floats((size_t)plane->value_count), *next = values;
    for (int64_t i = first; i < end; i++) {
        const gd_rect r = gd_partition_block(partition, partition->order[i]);
        for (int64_t p = 0; p < 3 * gd_rect_area(r); p++)
            *next++ = value_at(partition, r.y + p / 3 / r.cols, r.x + p / 3 % r.cols, (int)(p % 3), turn);
    }
    assert_int_equal(next - values, plane->value_count);
    return values;
}

/* This rank's values, one after the other, into its blocks or out of them. */
static void pass_plane(const gd_plane *plane, float *values, bool in)
{
    const gd_partition *partition = plane->partition;
    gd_error error;
    int64_t first, end;
    gd_partition_run(partition, plane->rank, &first, &end);
    for (int64_t i = first; i < end; i++) {
        const size_t count = 3 * (size_t)gd_rect_area(gd_partition_block(partition, partition->order[i]));
        float *block = NULL;
        check_ok(
            gd_plane_pin(plane, partition->order[i], in ? GD_ACCESS_REPLACE : GD_ACCESS_READ, &block, &error),
            error);
        if (in)
            put_floats(plane->memory, block, values, count);
        else
            take_floats(plane->memory, values, block, count);
        gd_plane_unpin(plane, partition->order[i]);
        values += count;
    }
}

void fill_plane(gd_plane *plane, int turn)
{
    float *values = expected_plane(plane, turn);
    pass_plane(plane, values, true);
    free(values);
}

static float *poison(size_t count)
{
    float *values = new_floats(count);
    for (size_t i = 0; i < count; i++)
        values[i] = NAN;
    return values;
}

void poison_plane(gd_plane *plane)
{
    float *values = poison((size_t)plane->value_count);
    pass_plane(plane, values, true);
    free(values);
}

void assert_plane(const gd_plane *plane, int turn)
{
    float *expected = expected_plane(plane, turn), *actual = new_floats((size_t)plane->value_count);
    pass_plane(plane, actual, false);
    for (int64_t i = 0; i < plane->value_count; i++)
        if (actual[i] != expected[i])
            fail_msg("value %ld of the plane of rank %d is %g, not %g", (long)i, plane->rank, actual[i],
                     expected[i]);
    free(expected);
    free(actual);
}

static size_t floats_of(const gd_window *window)
{
    return (size_t)(window->rect.rows * window->stride);
}

gd_window make_window(const gd_comm *comm, gd_memory *memory, gd_rect rect, int32_t rank)
{
    gd_error error;
    void *pixels = NULL;
    gd_window window = {.rect = rect, .rank = rank};
    if (rank != gd_comm_rank(comm))
        return window;
    window.stride = rect.cols * 3 + PIXELS_GUARD;
    check_ok(
        memory->class->allocate(memory, GD_FOR_WINDOWS, floats_of(&window) * sizeof(float), &pixels, &error),
        error);
    window.pixels = pixels;
    float *values = poison(floats_of(&window));
    put_floats(memory, window.pixels, values, floats_of(&window));
    free(values);
    return window;
}

void fill_window(gd_memory *memory, const gd_partition *partition, const gd_window *w, int turn)
{
    if (!w->pixels)
        return;
    float *values = poison(floats_of(w));
    for (int64_t y = 0; y < w->rect.rows; y++)
        for (int64_t k = 0; k < w->rect.cols * 3; k++)
            values[y * w->stride + k] =
                value_at(partition, w->rect.y + y, w->rect.x + k / 3, (int)(k % 3), turn);
    put_floats(memory, w->pixels, values, floats_of(w));
    free(values);
}

float *take_window(gd_memory *memory, const gd_window *w)
{
    if (!w->pixels)
        return NULL;
    float *values = new_floats(floats_of(w));
    take_floats(memory, values, w->pixels, floats_of(w));
    return values;
}

void assert_window(gd_memory *memory, const gd_partition *partition, const gd_window *w, int turn)
{
    float *values = take_window(memory, w);
    for (int64_t y = 0; values && y < w->rect.rows; y++) {
        for (int64_t k = 0; k < w->stride; k++) {
            const float actual = values[y * w->stride + k];
            if (k >= w->rect.cols * 3
                    ? !isnan(actual)
                    : actual != value_at(partition, w->rect.y + y, w->rect.x + k / 3, (int)(k % 3), turn))
                fail_msg("window at (%ld, %ld): value %ld of row %ld is %g", (long)w->rect.y, (long)w->rect.x,
                         (long)k, (long)y, actual);
        }
    }
    free(values);
}

void free_windows(gd_memory *memory, gd_window *windows, int count)
{
    for (int i = 0; i < count; i++)
        gd_memory_release(memory, GD_FOR_WINDOWS, &windows[i].pixels);
}
