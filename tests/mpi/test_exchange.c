/* Gathers and scatters compared with the value that each pixel must have, under any number of ranks. */
#include "base/random.h"
#include "check.h"
#include "mpi/comm.h"
#include "mpi/exchange.h"
#include "mpi/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOWS_MAX = 40, GUARD = 5 };

typedef struct fixture {
    gd_comm *comm;
    gd_error error;
    int32_t draws;
} fixture;

static fixture *the(void **state)
{
    return *state;
}

/* The same on every rank. */
static int64_t draw(fixture *f, int64_t bound)
{
    return gd_random_below(77, GD_RANDOM_ROLL, bound, f->draws++, 0, 0);
}

/* A pixel's value, exact in float: turn tells one filling of a plane from another. */
static float value_at(const gd_layout *layout, int64_t y, int64_t x, int channel, int turn)
{
    y %= layout->rows;
    x %= layout->cols;
    return (float)((y * layout->cols + x) * 3 + channel + turn * 1000003);
}

static void fill_plane(gd_plane *plane, int turn)
{
    const gd_layout *layout = plane->layout;
    for (int64_t i = layout->run_start[plane->rank]; i < layout->run_start[plane->rank + 1]; i++) {
        gd_rect r = gd_layout_block(layout, layout->order[i]);
        float *pixels = gd_plane_block(plane, layout->order[i]);
        for (int64_t p = 0; p < 3 * gd_rect_area(r); p++)
            pixels[p] = value_at(layout, r.y + p / 3 / r.cols, r.x + p / 3 % r.cols, (int)(p % 3), turn);
    }
}

static void poison(gd_plane *plane)
{
    for (int64_t i = 0; i < plane->value_count; i++)
        plane->values[i] = NAN;
}

static void assert_plane(const gd_plane *plane, int turn)
{
    const gd_layout *layout = plane->layout;
    for (int64_t i = layout->run_start[plane->rank]; i < layout->run_start[plane->rank + 1]; i++) {
        gd_rect r = gd_layout_block(layout, layout->order[i]);
        const float *pixels = gd_plane_block(plane, layout->order[i]);
        for (int64_t p = 0; p < 3 * gd_rect_area(r); p++)
            if (pixels[p] != value_at(layout, r.y + p / 3 / r.cols, r.x + p / 3 % r.cols, (int)(p % 3), turn))
                fail_msg("pixel %ld of block %ld is %g", (long)(p / 3), (long)layout->order[i], pixels[p]);
    }
}

/* A window whose rows have some guarded floats after them. */
static gd_window make_window(const fixture *f, gd_rect rect, int32_t rank)
{
    gd_window window = {.rect = rect, .rank = rank};
    if (rank != gd_comm_rank(f->comm))
        return window;
    window.stride = rect.cols * 3 + GUARD;
    size_t count = (size_t)(rect.rows * window.stride);
    window.pixels = malloc(count * sizeof *window.pixels);
    assert_non_null(window.pixels);
    for (size_t i = 0; i < count; i++)
        window.pixels[i] = NAN;
    return window;
}

static void free_windows(gd_window *windows, int count)
{
    for (int i = 0; i < count; i++)
        free(windows[i].pixels);
}

static void fill_window(const gd_layout *layout, const gd_window *w, int turn)
{
    for (int64_t y = 0; w->pixels && y < w->rect.rows; y++)
        for (int64_t k = 0; k < w->rect.cols * 3; k++)
            w->pixels[y * w->stride + k] =
                value_at(layout, w->rect.y + y, w->rect.x + k / 3, (int)(k % 3), turn);
}

static void assert_window(const gd_layout *layout, const gd_window *w, int turn)
{
    for (int64_t y = 0; w->pixels && y < w->rect.rows; y++) {
        for (int64_t k = 0; k < w->stride; k++) {
            float actual = w->pixels[y * w->stride + k];
            if (k >= w->rect.cols * 3
                    ? !isnan(actual)
                    : actual != value_at(layout, w->rect.y + y, w->rect.x + k / 3, (int)(k % 3), turn))
                fail_msg("window at (%ld, %ld): value %ld of row %ld is %g", (long)w->rect.y, (long)w->rect.x,
                         (long)k, (long)y, actual);
        }
    }
}

/* Bytes that this rank must send in a gather: for each other rank, the pixels of this rank that its windows
 * cover, once. Pixel by pixel. */
static uint64_t bytes_to_send(const fixture *f, const gd_layout *layout, const gd_window *windows, int count)
{
    size_t pixels = (size_t)(layout->rows * layout->cols);
    unsigned char *seen = malloc(pixels);
    assert_non_null(seen);
    uint64_t bytes = 0;
    for (int32_t rank = 0; rank < gd_comm_size(f->comm); rank++) {
        memset(seen, 0, pixels);
        for (int i = 0; i < count && rank != gd_comm_rank(f->comm); i++) {
            gd_rect r = windows[i].rect;
            for (int64_t p = 0; p < gd_rect_area(r) && windows[i].rank == rank; p++) {
                int64_t y = (r.y + p / r.cols) % layout->rows, x = (r.x + p % r.cols) % layout->cols;
                int64_t block = y / GD_BLOCK * layout->block_cols + x / GD_BLOCK;
                unsigned char *mark = &seen[y * layout->cols + x];
                if (!*mark && gd_layout_owner(layout, block) == gd_comm_rank(f->comm))
                    bytes += 12;
                *mark = 1;
            }
        }
    }
    free(seen);
    return bytes;
}

static void make_plane(fixture *f, int64_t rows, int64_t cols, gd_layout **layout, gd_plane **plane)
{
    check_ok(gd_layout_create(rows, cols, gd_comm_size(f->comm), layout, &f->error), f->error);
    check_ok(gd_plane_create(gd_memory_host(), *layout, gd_comm_rank(f->comm), plane, &f->error), f->error);
}

static gd_rect draw_rect(fixture *f, const gd_layout *layout)
{
    int64_t rows = 1 + draw(f, layout->rows), cols = 1 + draw(f, layout->cols);
    return (gd_rect){draw(f, layout->rows), draw(f, layout->cols), rows, cols};
}

static void random_windows_arrive(void **state)
{
    fixture *f = the(state);
    for (int round = 0; round < 12; round++) {
        gd_layout *layout;
        gd_plane *plane;
        make_plane(f, 1 + draw(f, 900), 1 + draw(f, 900), &layout, &plane);
        fill_plane(plane, round);
        gd_window windows[WINDOWS_MAX];
        int count = (int)draw(f, 12);
        for (int i = 0; i < count; i++) /* only some ranks want any */
            windows[i] =
                make_window(f, draw_rect(f, layout), (int32_t)draw(f, 1 + draw(f, gd_comm_size(f->comm))));
        uint64_t before = gd_comm_bytes_sent(f->comm);
        gd_exchange *exchange;
        check_ok(gd_gather_begin(f->comm, plane, windows, (size_t)count, &exchange, &f->error), f->error);
        check_ok(gd_exchange_end(&exchange, &f->error), f->error);
        assert_null(exchange);
        assert_int_equal(gd_comm_bytes_sent(f->comm) - before, bytes_to_send(f, layout, windows, count));
        for (int i = 0; i < count; i++)
            assert_window(layout, &windows[i], round);
        free_windows(windows, count);
        gd_plane_free(plane);
        gd_layout_free(layout);
    }
}

/* Disjoint windows that cover the torus, cut at random lines and shifted by a roll. */
static int cover_torus(fixture *f, const gd_layout *layout, gd_window *windows)
{
    int64_t dy = draw(f, layout->rows), dx = draw(f, layout->cols);
    int64_t ys[] = {0, draw(f, layout->rows), layout->rows}, xs[] = {0, draw(f, layout->cols), layout->cols};
    int count = 0;
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) {
            gd_rect r = {(ys[i] + dy) % layout->rows, (xs[j] + dx) % layout->cols, ys[i + 1] - ys[i],
                         xs[j + 1] - xs[j]};
            if (!gd_rect_empty(r))
                windows[count++] = make_window(f, r, (int32_t)draw(f, gd_comm_size(f->comm)));
        }
    }
    return count;
}

static void scattered_windows_fill_the_plane(void **state)
{
    fixture *f = the(state);
    for (int round = 0; round < 12; round++) {
        gd_layout *layout;
        gd_plane *plane;
        make_plane(f, 1 + draw(f, 900), 1 + draw(f, 900), &layout, &plane);
        poison(plane);
        gd_window windows[WINDOWS_MAX];
        int count = cover_torus(f, layout, windows);
        for (int i = 0; i < count; i++)
            fill_window(layout, &windows[i], round);
        gd_exchange *exchange;
        check_ok(gd_scatter_begin(f->comm, plane, windows, (size_t)count, &exchange, &f->error), f->error);
        check_ok(gd_exchange_end(&exchange, &f->error), f->error);
        assert_plane(plane, round);
        free_windows(windows, count);
        gd_plane_free(plane);
        gd_layout_free(layout);
    }
}

static void a_small_scatter_leaves_the_rest(void **state)
{
    fixture *f = the(state);
    gd_layout *layout;
    gd_plane *plane;
    make_plane(f, 600, 700, &layout, &plane);
    fill_plane(plane, 1);
    int32_t last = gd_comm_size(f->comm) - 1;
    gd_window inside = make_window(f, (gd_rect){250, 250, 20, 270}, last);
    fill_window(layout, &inside, 2);
    gd_window around = make_window(f, (gd_rect){249, 249, 22, 272}, 0);
    gd_exchange *exchange;
    check_ok(gd_scatter_begin(f->comm, plane, &inside, 1, &exchange, &f->error), f->error);
    check_ok(gd_exchange_end(&exchange, &f->error), f->error);
    check_ok(gd_gather_begin(f->comm, plane, &around, 1, &exchange, &f->error), f->error);
    check_ok(gd_exchange_end(&exchange, &f->error), f->error);
    for (int64_t y = 0; around.pixels && y < 22; y++) {
        for (int64_t x = 0; x < 272; x++) {
            bool changed = y > 0 && y < 21 && x > 0 && x < 271;
            float expected = value_at(layout, 249 + y, 249 + x, 2, changed ? 2 : 1);
            assert_true(around.pixels[y * around.stride + 3 * x + 2] == expected);
        }
    }
    free_windows(&inside, 1);
    free_windows(&around, 1);
    gd_plane_free(plane);
    gd_layout_free(layout);
}

static void several_at_once_stay_apart(void **state)
{
    enum { DEPTH = 6 };
    fixture *f = the(state);
    gd_layout *layout;
    gd_plane *plane[DEPTH];
    make_plane(f, 777, 555, &layout, &plane[0]);
    gd_window windows[DEPTH][WINDOWS_MAX];
    gd_exchange *exchange[DEPTH];
    int count[DEPTH];
    for (int i = 0; i < DEPTH; i++) { /* gathers and scatters in turn, all begun before any ends */
        if (i > 0)
            check_ok(gd_plane_create(gd_memory_host(), layout, gd_comm_rank(f->comm), &plane[i], &f->error),
                     f->error);
        count[i] = cover_torus(f, layout, windows[i]);
        if (i % 2) {
            poison(plane[i]);
            for (int k = 0; k < count[i]; k++)
                fill_window(layout, &windows[i][k], i);
            check_ok(
                gd_scatter_begin(f->comm, plane[i], windows[i], (size_t)count[i], &exchange[i], &f->error),
                f->error);
        } else {
            fill_plane(plane[i], i);
            check_ok(
                gd_gather_begin(f->comm, plane[i], windows[i], (size_t)count[i], &exchange[i], &f->error),
                f->error);
        }
    }
    for (int k = 0; k < DEPTH; k++) { /* each rank ends them in another order */
        int i = (k * 5 + gd_comm_rank(f->comm)) % DEPTH;
        for (bool done = false; !done;)
            check_ok(gd_exchange_test(exchange[i], &done, &f->error), f->error);
        check_ok(gd_exchange_end(&exchange[i], &f->error), f->error);
        for (int w = 0; w < count[i]; w++)
            assert_window(layout, &windows[i][w], i);
        if (i % 2)
            assert_plane(plane[i], i);
        free_windows(windows[i], count[i]);
        gd_plane_free(plane[i]);
    }
    gd_layout_free(layout);
}

static void long_messages_travel_in_parts(void **state)
{
    fixture *f = the(state);
    const int32_t usual = f->comm->part_floats;
    for (int32_t part = 1000; part <= 1003; part++) {
        gd_layout *layout;
        gd_plane *plane;
        f->comm->part_floats = part;
        make_plane(f, 300, 500, &layout, &plane);
        fill_plane(plane, 3);
        gd_window windows[2] = {make_window(f, (gd_rect){100, 100, 300, 500}, 0),
                                make_window(f, (gd_rect){299, 0, 1, 500}, gd_comm_size(f->comm) - 1)};
        gd_exchange *exchange;
        check_ok(gd_gather_begin(f->comm, plane, windows, 2, &exchange, &f->error), f->error);
        check_ok(gd_exchange_end(&exchange, &f->error), f->error);
        for (int i = 0; i < 2; i++)
            assert_window(layout, &windows[i], 3);
        free_windows(windows, 2);
        gd_plane_free(plane);
        gd_layout_free(layout);
    }
    f->comm->part_floats = usual;
}

static void windows_off_the_canvas_are_refused(void **state)
{
    fixture *f = the(state);
    gd_layout *layout;
    gd_plane *plane;
    make_plane(f, 100, 100, &layout, &plane);
    gd_rect wrong[] = {{-1, 0, 5, 5}, {0, 100, 5, 5}, {0, 0, 101, 5}};
    for (int i = 0; i < 3; i++) {
        gd_window window = {.rect = wrong[i], .rank = 0};
        gd_exchange *exchange;
        assert_int_equal(gd_gather_begin(f->comm, plane, &window, 1, &exchange, &f->error), GD_INTERNAL);
        assert_null(exchange);
    }
    gd_plane_free(plane);
    gd_layout_free(layout);
}

static void ending_nothing_is_fine(void **state)
{
    gd_exchange *none = NULL;
    check_ok(gd_exchange_end(&none, &the(state)->error), the(state)->error);
}

int main(int argc, char **argv)
{
    fixture f = {0};
    if (gd_comm_start(&argc, &argv, &f.comm, &f.error) != GD_OK) {
        fprintf(stderr, "%s\n", f.error.message);
        return 1;
    }
    gd_comm_set_deadline(f.comm, 30); /* when a check fails on one rank, the others end soon */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(random_windows_arrive, &f),
        cmocka_unit_test_prestate(scattered_windows_fill_the_plane, &f),
        cmocka_unit_test_prestate(a_small_scatter_leaves_the_rest, &f),
        cmocka_unit_test_prestate(several_at_once_stay_apart, &f),
        cmocka_unit_test_prestate(long_messages_travel_in_parts, &f),
        cmocka_unit_test_prestate(windows_off_the_canvas_are_refused, &f),
        cmocka_unit_test_prestate(ending_nothing_is_fine, &f),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gd_comm_finish(f.comm);
    return failed;
}
