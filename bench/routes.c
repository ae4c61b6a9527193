/* routes [RANKS TILE HALO]...: what the steps of a picture of 40,000 x 25,000 pixels send between so many
 * ranks, by the partition's, the tile assignment's and the routes' own arithmetic, without pixels and without
 * ranks; mixed5 of Inception V3, averaged over the rolls of 20 steps of seed 1. One line each:
 *
 * - gathered, home: MB a rank and step, pixels that come for its windows, and gradients that leave it
 * - bound: MB, the union of a rank's windows beyond what it holds, which any way to share it out must fetch
 * - ratio: gathered / bound; more than 1 where a window shares pixels with one of an earlier wave than the
 *   last
 * - both: (gathered + home) / bound
 * - imbalance: pixels of the windows of the rank that has most / their mean over ranks
 * - build, most: ms of processor time in which a rank works out all its messages of a step, the median and
 *   the most of the ranks tried */
#include "canvas/partition.h"
#include "mpi/exchange/route.h"
#include "plan/traffic.h"
#include "tiling/tile_assignment.h"

#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROWS = 25000, COLS = 40000, STEPS = 20, TRIED = 16, FLOATS = GD_BLOCK * GD_BLOCK * 3 };

typedef struct routes {
    gd_engine engine; /* of which only net and stride are set: nothing is computed */
    int32_t ranks;
    gd_step_parameters step;
    gd_partition *partition;       /* owned */
    gd_traffic traffic;            /* owned */
    gd_window *windows[2], *cores; /* owned; of a wave and the one before, each with room for a whole step */
    float *pixel;                  /* owned; stands for every block and window */
    uint64_t gathered, home, bound;
    double imbalance;
    double builds[STEPS * TRIED];
    int32_t build_count;
} routes;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Seconds of one rank's messages of one exchange. */
static gd_status build(const routes *r, const gd_plane *plane, gd_window *windows, size_t count,
                       const gd_window *kept, size_t kept_count, gd_direction direction, double *took,
                       gd_error *error)
{
    gd_route route;
    for (size_t i = 0; i < count; i++) {
        windows[i].pixels = r->pixel;
        windows[i].stride = windows[i].rect.cols * 3;
    }
    const double start = seconds();
    const gd_status status =
        gd_route_create(plane, windows, count, kept, kept_count, direction, &route, error);
    *took += seconds() - start;
    if (status == GD_OK)
        gd_route_free(&route);
    return status;
}

static gd_status build_rank(routes *r, const gd_tile_assignment *assignment, int32_t rank, int32_t tiles,
                            gd_error *error)
{
    const int64_t blocks = r->partition->run_start[rank + 1] - r->partition->run_start[rank];
    gd_plane plane = {.partition = r->partition, .rank = rank};
    plane.blocks = malloc((size_t)(blocks + 1) * sizeof *plane.blocks);
    if (!plane.blocks)
        return gd_fail(error, GD_MEMORY, "out of memory for %lld blocks", (long long)blocks);
    for (int64_t i = 0; i < blocks; i++)
        plane.blocks[i] = r->pixel;
    gd_status status = GD_OK;
    double took = 0;
    size_t kept = 0;
    for (int64_t wave = 0; wave * tiles < assignment->longest && status == GD_OK; wave++) {
        gd_window *windows = r->windows[wave % 2], *before = r->windows[(wave + 1) % 2];
        const size_t count = gd_tile_assignment_list(assignment, &r->step, wave, tiles, windows, r->cores);
        status = build(r, &plane, windows, count, before, kept, GD_GATHER, &took, error);
        if (status == GD_OK)
            status = build(r, &plane, r->cores, count, NULL, 0, GD_SCATTER, &took, error);
        kept = count;
    }
    free(plane.blocks);
    r->builds[r->build_count++] = took;
    return status;
}

static void add_imbalance(routes *r, const gd_tile_assignment *assignment)
{
    double all = 0, most = 0;
    for (int32_t rank = 0; rank < assignment->ranks; rank++) {
        double pixels = 0;
        for (int64_t i = assignment->first[rank]; i < assignment->first[rank + 1]; i++)
            pixels += (double)gd_rect_area(assignment->tiles[i].window);
        all += pixels;
        most = pixels > most ? pixels : most;
    }
    r->imbalance += most * assignment->ranks / all / STEPS;
}

/* Room for the windows of a whole step. */
static gd_status hold_windows(routes *r, const gd_tile_assignment *assignment, gd_error *error)
{
    gd_window **lists[] = {&r->windows[0], &r->windows[1], &r->cores};
    for (int i = 0; i < 3; i++) {
        gd_window *larger = realloc(*lists[i], (size_t)assignment->tile_count * sizeof *larger);
        if (!larger)
            return gd_fail(error, GD_MEMORY, "out of memory for %lld windows",
                           (long long)assignment->tile_count);
        *lists[i] = larger;
    }
    return GD_OK;
}

static gd_status run_step(routes *r, gd_tile_assignment *assignment, gd_error *error)
{
    gd_traffic *t = &r->traffic;
    const int32_t tiles = gd_tile_assignment_wave_tiles(assignment, 1);
    gd_status status = hold_windows(r, assignment, error);
    const uint64_t before = t->sent;
    if (status == GD_OK)
        status = gd_traffic_add_gathers(t, r->partition, assignment, &r->step, tiles, error);
    const uint64_t gathered = t->sent;
    if (status == GD_OK)
        status = gd_traffic_add_scatters(t, r->partition, assignment, &r->step, tiles, error);
    const uint64_t home = t->sent;
    if (status == GD_OK)
        status = gd_traffic_add_gathers(t, r->partition, assignment, &r->step, (int32_t)assignment->longest,
                                        error);
    r->gathered += gathered - before;
    r->home += home - gathered;
    r->bound += t->sent - home;
    for (int32_t i = 0; i < TRIED && i < r->ranks && status == GD_OK; i++)
        status = build_rank(r, assignment, (int32_t)((int64_t)r->ranks * i / TRIED), tiles, error);
    add_imbalance(r, assignment);
    return status;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(routes *r, int64_t tiles)
{
    const double unit = 1e-6 / ((double)STEPS * r->ranks), bound = (double)r->bound;
    const double gathered = (double)r->gathered, home = (double)r->home;
    qsort(r->builds, (size_t)r->build_count, sizeof *r->builds, ascending);
    printf("%5d %5lld %5lld %6lld %12.2f %8.2f %8.2f %6.3f %6.3f %10.3f %8.2f %8.2f\n", r->ranks,
           (long long)r->step.tile, (long long)r->step.halo, (long long)tiles, gathered * unit, home * unit,
           bound * unit, gathered / bound, (gathered + home) / bound, r->imbalance,
           1e3 * r->builds[r->build_count / 2], 1e3 * r->builds[r->build_count - 1]);
}

static gd_status run(const gd_net *net, char **words, gd_error *error)
{
    routes r = {.engine = {.net = net, .stride = 16},
                .ranks = atoi(words[0]),
                .step = {.tile = atoll(words[1]), .halo = atoll(words[2])}};
    int64_t tiles = 0;
    gd_status status = gd_partition_create(ROWS, COLS, r.ranks, &r.partition, error);
    if (status == GD_OK)
        status = gd_traffic_create(r.ranks, &r.traffic, error);
    if (status == GD_OK && !(r.pixel = calloc(FLOATS, sizeof *r.pixel)))
        status = gd_fail(error, GD_MEMORY, "out of memory for a block");
    for (int32_t s = 0; s < STEPS && status == GD_OK; s++) {
        gd_tile_assignment assignment = {0};
        r.step.dy = gd_random_below(1, GD_RANDOM_ROLL, ROWS, 0, 0, (uint32_t)s);
        r.step.dx = gd_random_below(1, GD_RANDOM_ROLL, COLS, 0, 1, (uint32_t)s);
        status = gd_tile_assignment_create(&r.engine, ROWS, COLS, r.ranks, &r.step, &assignment, error);
        if (status == GD_OK)
            status = run_step(&r, &assignment, error);
        tiles = assignment.tile_count > tiles ? assignment.tile_count : tiles;
        gd_tile_assignment_free(&assignment);
    }
    if (status == GD_OK)
        print(&r, tiles);
    free(r.windows[0]);
    free(r.windows[1]);
    free(r.cores);
    free(r.pixel);
    gd_traffic_free(&r.traffic);
    gd_partition_free(r.partition);
    return status;
}

int main(int argc, char **argv)
{
    gd_error error = {""};
    if (argc < 4 || argc % 3 != 1) {
        fprintf(stderr, "usage: routes RANKS TILE HALO ...\n");
        return 2;
    }
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    gd_status status = net ? GD_OK : gd_fail(&error, GD_MEMORY, "out of memory");
    printf("ranks  tile  halo  tiles  gathered MB  home MB bound MB  ratio   both  imbalance build ms  most "
           "ms\n");
    for (int i = 1; i < argc && status == GD_OK; i += 3)
        status = run(net, argv + i, &error);
    if (status != GD_OK)
        fprintf(stderr, "routes: %s\n", error.message);
    gd_net_free(net);
    return gd_exit_code(status);
}
