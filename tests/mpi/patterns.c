/* Gathers and scatters compared with the value that each pixel must have, over any memory and
 * transport. */
#include "patterns.h"

#include "base/random.h"
#include "check.h"
#include "mpi/comm_state.h"
#include "mpi/exchange/exchange.h"
#include "mpi/subgroup.h"
#include "pixels.h"

#include <stdlib.h>
#include <string.h>

enum { WINDOWS_MAX = 40 };

static patterns *the(void **state)
{
    return *state;
}

/* The same on every rank. */
static int64_t draw(patterns *f, int64_t bound)
{
    return gd_random_below(77, GD_RANDOM_ROLL, bound, f->draws++, 0, 0);
}

/* Windows of all ranks. */
typedef struct list {
    gd_window windows[WINDOWS_MAX];
    int count;
} list;

static const list nothing = {.count = 0};

static bool owned_by(const gd_partition *partition, int64_t y, int64_t x, int32_t rank)
{
    return gd_partition_owner(partition, y / GD_BLOCK * partition->block_cols + x / GD_BLOCK) == rank;
}

/* Marks the pixels of the canvas that windows of `rank` cover. Returns how many of `holder`'s are new. */
static uint64_t mark_covered(const gd_partition *partition, const list *windows, int32_t rank, int32_t holder,
                             unsigned char *seen)
{
    uint64_t found = 0;
    for (int i = 0; i < windows->count; i++) {
        const gd_rect r = windows->windows[i].rect;
        for (int64_t p = 0; p < gd_rect_area(r) && windows->windows[i].rank == rank; p++) {
            int64_t y = (r.y + p / r.cols) % partition->rows, x = (r.x + p % r.cols) % partition->cols;
            unsigned char *mark = &seen[y * partition->cols + x];
            found += !*mark && owned_by(partition, y, x, holder);
            *mark = 1;
        }
    }
    return found;
}

static unsigned char *new_marks(const gd_partition *partition)
{
    unsigned char *seen = calloc((size_t)(partition->rows * partition->cols), 1);
    assert_non_null(seen);
    return seen;
}

/* Bytes that this rank must send in a gather: for each other rank, the pixels of this rank that its windows
 * cover and those that it kept do not, once. Pixel by pixel. */
static uint64_t bytes_to_send(const patterns *f, const gd_partition *partition, const list *windows,
                              const list *kept)
{
    const int32_t me = gd_comm_rank(f->comm);
    uint64_t pixels = 0;
    for (int32_t rank = 0; rank < gd_comm_size(f->comm); rank++) {
        unsigned char *seen = new_marks(partition);
        mark_covered(partition, kept, rank, me, seen);
        pixels += rank != me ? mark_covered(partition, windows, rank, me, seen) : 0;
        free(seen);
    }
    return 12 * pixels;
}

static void make_plane_of(patterns *f, int64_t rows, int64_t cols, int32_t ranks, gd_partition **partition,
                          gd_plane **plane)
{
    check_ok(gd_partition_create(rows, cols, ranks, partition, &f->error), f->error);
    check_ok(gd_plane_create(&f->store, *partition, gd_comm_rank(f->comm), plane, &f->error), f->error);
}

static void make_plane(patterns *f, int64_t rows, int64_t cols, gd_partition **partition, gd_plane **plane)
{
    make_plane_of(f, rows, cols, gd_comm_size(f->comm), partition, plane);
}

static gd_rect draw_rect(patterns *f, const gd_partition *partition)
{
    int64_t rows = 1 + draw(f, partition->rows), cols = 1 + draw(f, partition->cols);
    return (gd_rect){draw(f, partition->rows), draw(f, partition->cols), rows, cols};
}

static void gather(patterns *f, const gd_plane *plane, const gd_window *windows, int count)
{
    gd_exchange *exchange;
    check_ok(gd_gather_begin(f->comm, plane, windows, (size_t)count, &exchange, &f->error), f->error);
    check_ok(gd_exchange_end(&exchange, &f->error), f->error);
    assert_null(exchange);
}

static void scatter(patterns *f, gd_plane *plane, const gd_window *windows, int count)
{
    gd_exchange *exchange;
    check_ok(gd_scatter_begin(f->comm, plane, windows, (size_t)count, &exchange, &f->error), f->error);
    check_ok(gd_exchange_end(&exchange, &f->error), f->error);
    assert_null(exchange);
}

/* Only some ranks want any. */
static void draw_windows(patterns *f, const gd_partition *partition, list *drawn)
{
    drawn->count = (int)draw(f, 12);
    for (int i = 0; i < drawn->count; i++)
        drawn->windows[i] = make_window(f->comm, f->store.memory, draw_rect(f, partition),
                                        (int32_t)draw(f, 1 + draw(f, gd_comm_size(f->comm))));
}

static void random_windows_arrive(void **state)
{
    patterns *f = the(state);
    for (int round = 0; round < f->rounds; round++) {
        gd_partition *partition;
        gd_plane *plane;
        make_plane(f, 1 + draw(f, f->extent), 1 + draw(f, f->extent), &partition, &plane);
        fill_plane(plane, round);
        list drawn;
        draw_windows(f, partition, &drawn);
        uint64_t before = gd_comm_bytes_sent(f->comm);
        gather(f, plane, drawn.windows, drawn.count);
        assert_int_equal(gd_comm_bytes_sent(f->comm) - before, bytes_to_send(f, partition, &drawn, &nothing));
        for (int i = 0; i < drawn.count; i++)
            assert_window(f->store.memory, partition, &drawn.windows[i], round);
        free_windows(f->store.memory, drawn.windows, drawn.count);
        gd_plane_free(plane);
        gd_partition_free(partition);
    }
}

/* The plane holds values of turn 1, kept windows those of turn 2: what a window shows tells where each of its
 * pixels came from. */
static void assert_sources(const patterns *f, const gd_partition *partition, const gd_window *window,
                           const list *kept)
{
    const int32_t me = gd_comm_rank(f->comm);
    unsigned char *seen = new_marks(partition);
    float *pixels = take_window(f->store.memory, window);
    mark_covered(partition, kept, me, me, seen);
    for (int64_t p = 0; pixels && p < gd_rect_area(window->rect); p++) {
        const int64_t row = p / window->rect.cols, col = p % window->rect.cols;
        const int64_t y = (window->rect.y + row) % partition->rows,
                      x = (window->rect.x + col) % partition->cols;
        const bool taken = seen[y * partition->cols + x] && !owned_by(partition, y, x, me);
        for (int c = 0; c < 3; c++)
            assert_true(pixels[row * window->stride + 3 * col + c] ==
                        value_at(partition, y, x, c, taken ? 2 : 1));
    }
    free(pixels);
    free(seen);
}

static void kept_windows_give_what_they_cover(void **state)
{
    patterns *f = the(state);
    for (int round = 0; round < f->rounds; round++) {
        gd_partition *partition;
        gd_plane *plane;
        gd_exchange *exchange;
        list kept, drawn;
        make_plane(f, 1 + draw(f, f->extent), 1 + draw(f, f->extent), &partition, &plane);
        fill_plane(plane, 1);
        draw_windows(f, partition, &kept);
        draw_windows(f, partition, &drawn);
        for (int i = 0; i < kept.count; i++)
            fill_window(f->store.memory, partition, &kept.windows[i], 2);
        uint64_t before = gd_comm_bytes_sent(f->comm);
        check_ok(gd_gather_next(f->comm, plane, drawn.windows, (size_t)drawn.count, kept.windows,
                                (size_t)kept.count, &exchange, &f->error),
                 f->error);
        check_ok(gd_exchange_end(&exchange, &f->error), f->error);
        assert_int_equal(gd_comm_bytes_sent(f->comm) - before, bytes_to_send(f, partition, &drawn, &kept));
        for (int i = 0; i < drawn.count; i++)
            assert_sources(f, partition, &drawn.windows[i], &kept);
        for (int i = 0; i < kept.count; i++)
            assert_window(f->store.memory, partition, &kept.windows[i], 2);
        free_windows(f->store.memory, drawn.windows, drawn.count);
        free_windows(f->store.memory, kept.windows, kept.count);
        gd_plane_free(plane);
        gd_partition_free(partition);
    }
}

/* Disjoint windows that cover the torus, cut at random lines and shifted by a roll. */
static int cover_torus(patterns *f, const gd_partition *partition, gd_window *windows)
{
    int64_t dy = draw(f, partition->rows), dx = draw(f, partition->cols);
    int64_t ys[] = {0, draw(f, partition->rows), partition->rows},
            xs[] = {0, draw(f, partition->cols), partition->cols};
    int count = 0;
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) {
            gd_rect r = {(ys[i] + dy) % partition->rows, (xs[j] + dx) % partition->cols, ys[i + 1] - ys[i],
                         xs[j + 1] - xs[j]};
            if (!gd_rect_empty(r))
                windows[count++] =
                    make_window(f->comm, f->store.memory, r, (int32_t)draw(f, gd_comm_size(f->comm)));
        }
    }
    return count;
}

static void scattered_windows_fill_the_plane(void **state)
{
    patterns *f = the(state);
    for (int round = 0; round < f->rounds; round++) {
        gd_partition *partition;
        gd_plane *plane;
        make_plane(f, 1 + draw(f, f->extent), 1 + draw(f, f->extent), &partition, &plane);
        poison_plane(plane);
        gd_window windows[WINDOWS_MAX];
        int count = cover_torus(f, partition, windows);
        for (int i = 0; i < count; i++)
            fill_window(f->store.memory, partition, &windows[i], round);
        scatter(f, plane, windows, count);
        assert_plane(plane, round);
        free_windows(f->store.memory, windows, count);
        gd_plane_free(plane);
        gd_partition_free(partition);
    }
}

static void a_small_scatter_leaves_the_rest(void **state)
{
    patterns *f = the(state);
    gd_partition *partition;
    gd_plane *plane;
    make_plane(f, 300, 560, &partition, &plane);
    fill_plane(plane, 1);
    int32_t last = gd_comm_size(f->comm) - 1;
    gd_window inside = make_window(f->comm, f->store.memory, (gd_rect){250, 250, 20, 270}, last);
    fill_window(f->store.memory, partition, &inside, 2);
    gd_window around = make_window(f->comm, f->store.memory, (gd_rect){249, 249, 22, 272}, 0);
    scatter(f, plane, &inside, 1);
    gather(f, plane, &around, 1);
    float *pixels = take_window(f->store.memory, &around);
    for (int64_t y = 0; pixels && y < 22; y++) {
        for (int64_t x = 0; x < 272; x++) {
            bool changed = y > 0 && y < 21 && x > 0 && x < 271;
            float expected = value_at(partition, 249 + y, 249 + x, 2, changed ? 2 : 1);
            assert_true(pixels[y * around.stride + 3 * x + 2] == expected);
        }
    }
    free(pixels);
    free_windows(f->store.memory, &inside, 1);
    free_windows(f->store.memory, &around, 1);
    gd_plane_free(plane);
    gd_partition_free(partition);
}

static void several_at_once_stay_apart(void **state)
{
    enum { DEPTH = 6 };
    patterns *f = the(state);
    gd_partition *partition;
    gd_plane *plane[DEPTH];
    make_plane(f, f->extent * 6 / 7, f->extent * 3 / 5, &partition, &plane[0]);
    gd_window windows[DEPTH][WINDOWS_MAX];
    gd_exchange *exchange[DEPTH];
    int count[DEPTH];
    for (int i = 0; i < DEPTH; i++) { /* gathers and scatters in turn, all begun before any ends */
        if (i > 0)
            check_ok(gd_plane_create(&f->store, partition, gd_comm_rank(f->comm), &plane[i], &f->error),
                     f->error);
        count[i] = cover_torus(f, partition, windows[i]);
        if (i % 2) {
            poison_plane(plane[i]);
            for (int k = 0; k < count[i]; k++)
                fill_window(f->store.memory, partition, &windows[i][k], i);
        } else {
            fill_plane(plane[i], i);
        }
    }
    for (int i = 0; i < DEPTH; i++) {
        const size_t windows_now = (size_t)count[i];
        if (i % 2)
            check_ok(gd_scatter_begin(f->comm, plane[i], windows[i], windows_now, &exchange[i], &f->error),
                     f->error);
        else
            check_ok(gd_gather_begin(f->comm, plane[i], windows[i], windows_now, &exchange[i], &f->error),
                     f->error);
    }
    for (int k = 0; k < DEPTH; k++) { /* each rank ends them in another order */
        int i = (k * 5 + gd_comm_rank(f->comm)) % DEPTH;
        for (bool done = false; !done;)
            check_ok(gd_exchange_test(exchange[i], &done, &f->error), f->error);
        check_ok(gd_exchange_end(&exchange[i], &f->error), f->error);
        for (int w = 0; w < count[i]; w++)
            assert_window(f->store.memory, partition, &windows[i][w], i);
        if (i % 2)
            assert_plane(plane[i], i);
        free_windows(f->store.memory, windows[i], count[i]);
        gd_plane_free(plane[i]);
    }
    gd_partition_free(partition);
}

static void long_messages_travel_in_parts(void **state)
{
    patterns *f = the(state);
    const int32_t usual = f->comm->part_floats;
    for (int32_t part = 1000; part <= 1003; part++) {
        gd_partition *partition;
        gd_plane *plane;
        f->comm->part_floats = part;
        make_plane(f, 80, 500, &partition, &plane);
        fill_plane(plane, 3);
        gd_window windows[2] = {
            make_window(f->comm, f->store.memory, (gd_rect){50, 100, 80, 500}, 0),
            make_window(f->comm, f->store.memory, (gd_rect){79, 0, 1, 500}, gd_comm_size(f->comm) - 1)};
        gather(f, plane, windows, 2);
        for (int i = 0; i < 2; i++)
            assert_window(f->store.memory, partition, &windows[i], 3);
        free_windows(f->store.memory, windows, 2);
        gd_plane_free(plane);
        gd_partition_free(partition);
    }
    f->comm->part_floats = usual;
}

/* As in octaves with fewer tiles than ranks: the others hold nothing, and may want pixels all the same. */
static void ranks_without_blocks_take_part(void **state)
{
    patterns *f = the(state);
    for (int32_t ranks = 1; ranks <= gd_comm_size(f->comm); ranks++) {
        gd_partition *partition;
        gd_plane *plane;
        make_plane_of(f, 290, 390, ranks, &partition, &plane);
        if (gd_comm_rank(f->comm) >= ranks)
            assert_int_equal(plane->value_count, 0);
        poison_plane(plane);
        gd_window windows[WINDOWS_MAX];
        int count = cover_torus(f, partition, windows);
        for (int i = 0; i < count; i++)
            fill_window(f->store.memory, partition, &windows[i], ranks);
        scatter(f, plane, windows, count);
        assert_plane(plane, ranks);
        gd_window all =
            make_window(f->comm, f->store.memory, (gd_rect){7, 9, 290, 390}, gd_comm_size(f->comm) - 1);
        gather(f, plane, &all, 1);
        assert_window(f->store.memory, partition, &all, ranks);
        free_windows(f->store.memory, &all, 1);
        free_windows(f->store.memory, windows, count);
        gd_plane_free(plane);
        gd_partition_free(partition);
    }
}

static void impossible_windows_are_refused(void **state)
{
    patterns *f = the(state);
    gd_partition *partition;
    gd_plane *plane;
    make_plane(f, 100, 100, &partition, &plane);
    const gd_window wrong[] = {{{-1, 0, 5, 5}, 0, NULL, 0},
                               {{0, 100, 5, 5}, 0, NULL, 0},
                               {{0, 0, 101, 5}, 0, NULL, 0},
                               {{0, 0, 5, 5}, -1, NULL, 0},
                               {{0, 0, 5, 5}, gd_comm_size(f->comm), NULL, 0}};
    for (int i = 0; i < 5; i++) {
        gd_exchange *exchange;
        assert_int_equal(gd_gather_begin(f->comm, plane, &wrong[i], 1, &exchange, &f->error), GD_INTERNAL);
        assert_null(exchange);
        assert_int_equal(gd_gather_next(f->comm, plane, &wrong[i], 0, &wrong[i], 1, &exchange, &f->error),
                         GD_INTERNAL);
        assert_null(exchange);
    }
    gd_plane_free(plane);
    gd_partition_free(partition);
}

static void ending_nothing_is_fine(void **state)
{
    gd_exchange *none = NULL;
    check_ok(gd_exchange_end(&none, &the(state)->error), the(state)->error);
}

/* Values of several turns of a gathering, at each number of first ranks; some ranks have none. */
static void the_first_ranks_gather(void **state)
{
    enum { MOST = 70000 };
    patterns *f = the(state);
    const int32_t rank = gd_comm_rank(f->comm), size = gd_comm_size(f->comm);
    double *mine = malloc(MOST * sizeof *mine), *all = malloc((size_t)size * MOST * sizeof *all);
    int32_t *counts = calloc((size_t)size, sizeof *counts);
    assert_true(mine && all && counts);
    for (int32_t i = 0; i < MOST; i++)
        mine[i] = rank * 1e6 + i + 0.25;
    for (int32_t turn = 0; turn < 2 * size; turn++) { /* each number twice */
        const int32_t ranks = 1 + turn % size;
        check_ok(gd_comm_prepare_subgroup(f->comm, ranks, &f->error), f->error);
        int64_t total = 0;
        for (int32_t r = 0; r < ranks; r++)
            total += counts[r] = r == turn / size ? 0 : turn < size ? r + 3 : MOST - 11 * r;
        if (rank >= ranks)
            continue;
        check_ok(gd_comm_gather_subgroup(f->comm, ranks, mine, counts, all, &f->error), f->error);
        int64_t at = 0;
        for (int32_t r = 0; r < ranks; r++)
            for (int32_t i = 0; i < counts[r]; i++)
                assert_true(all[at++] == r * 1e6 + i + 0.25);
        assert_int_equal(at, total);
    }
    free(mine);
    free(all);
    free(counts);
}

static void gathering_is_prepared_and_among_the_first(void **state)
{
    patterns *f = the(state);
    const int32_t size = gd_comm_size(f->comm), one[] = {1};
    const double mine = 1;
    double all = 0;
    assert_int_equal(gd_comm_prepare_subgroup(f->comm, 0, &f->error), GD_INTERNAL);
    assert_int_equal(gd_comm_prepare_subgroup(f->comm, size + 1, &f->error), GD_INTERNAL);
    if (gd_comm_rank(f->comm) > 0) {
        assert_int_equal(gd_comm_gather_subgroup(f->comm, 1, &mine, one, &all, &f->error), GD_INTERNAL);
        assert_non_null(strstr(f->error.message, "is not one of the first 1"));
    }
}

int run_patterns(patterns *f, const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(random_windows_arrive, f),
        cmocka_unit_test_prestate(kept_windows_give_what_they_cover, f),
        cmocka_unit_test_prestate(scattered_windows_fill_the_plane, f),
        cmocka_unit_test_prestate(a_small_scatter_leaves_the_rest, f),
        cmocka_unit_test_prestate(several_at_once_stay_apart, f),
        cmocka_unit_test_prestate(long_messages_travel_in_parts, f),
        cmocka_unit_test_prestate(ranks_without_blocks_take_part, f),
        cmocka_unit_test_prestate(impossible_windows_are_refused, f),
        cmocka_unit_test_prestate(ending_nothing_is_fine, f),
        cmocka_unit_test_prestate(gathering_is_prepared_and_among_the_first, f),
        cmocka_unit_test_prestate(the_first_ranks_gather, f),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
