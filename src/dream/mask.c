/* Passes over the blocks of two planes and a mask, with the backend's entries for masks. */
#include "dream/mask.h"

#include "mpi/subgroup.h"

#include <math.h>
#include <stdlib.h>

/* Number of blocks that are read ahead from the scratch file. */
enum { AHEAD = 8, PLANES = 3 };

/* What is done to blocks. */
typedef struct pass {
    const gd_engine *engine;
    const gd_plane *planes[PLANES]; /* the first may change; the last is the mask */
    gd_access access;               /* to the first */
    double step;
    double *sums; /* [blocks of this rank, 2] */
    /* `values`: of a block of each plane; `index`: of the block among those of this rank. */
    gd_status (*apply)(const struct pass *p, float *const values[PLANES], int64_t pixels, int64_t index,
                       gd_error *error);
} pass;

static gd_status add_up(const pass *p, float *const values[PLANES], int64_t pixels, int64_t index,
                        gd_error *error)
{
    return p->engine->backend->mask_moments(p->engine->device, values[0], values[2], pixels,
                                            p->sums + 2 * index, error);
}

static gd_status change(const pass *p, float *const values[PLANES], int64_t pixels, int64_t index,
                        gd_error *error)
{
    (void)index;
    return p->engine->backend->mask_update(p->engine->device, values[0], values[1], values[2], pixels,
                                           p->step, error);
}

static gd_status keep(const pass *p, float *const values[PLANES], int64_t pixels, int64_t index,
                      gd_error *error)
{
    (void)index;
    return p->engine->backend->mask_keep(p->engine->device, values[0], values[1], values[2], pixels, error);
}

static gd_status blacken(const pass *p, float *const values[PLANES], int64_t pixels, int64_t index,
                         gd_error *error)
{
    (void)index;
    return p->engine->backend->mask_keep(p->engine->device, values[0], NULL, values[2], pixels, error);
}

static gd_status apply_to_block(const pass *p, int64_t block, int64_t index, gd_error *error)
{
    float *values[PLANES] = {NULL};
    int pinned = 0;
    gd_status status = GD_OK;
    while (pinned < PLANES && status == GD_OK) {
        status = gd_plane_pin(p->planes[pinned], block, pinned == 0 ? p->access : GD_ACCESS_READ,
                              &values[pinned], error);
        pinned += status == GD_OK;
    }
    if (status == GD_OK)
        status = p->apply(p, values, gd_rect_area(gd_partition_block(p->planes[0]->partition, block)), index,
                          error);
    for (int i = 0; i < pinned; i++)
        gd_plane_unpin(p->planes[i], block);
    return status;
}

static gd_status run(const pass *p, gd_error *error)
{
    const gd_partition *partition = p->planes[0]->partition;
    int64_t first, end;
    gd_partition_run(partition, p->planes[0]->rank, &first, &end);
    gd_status status = GD_OK;
    for (int64_t i = first; status == GD_OK && i < end; i++) {
        for (int k = 0; k < PLANES && i + AHEAD < end; k++)
            gd_plane_ahead(p->planes[k], partition->order[i + AHEAD]);
        status = apply_to_block(p, partition->order[i], i - first, error);
    }
    return status == GD_OK && first < end ? gd_engine_finish(p->engine, error) : status;
}

/* Adds up all blocks in the order of the curve; counts: [partition->ranks], floats of each rank's sums. */
static gd_status join(gd_comm *comm, const gd_partition *partition, const double *own, int32_t *counts,
                      double *all, double total[2], gd_error *error)
{
    for (int32_t r = 0; r < partition->ranks; r++) {
        int64_t first, end;
        gd_partition_run(partition, r, &first, &end);
        counts[r] = (int32_t)(2 * (end - first));
    }
    const gd_status status = gd_comm_gather_subgroup(comm, partition->ranks, own, counts, all, error);
    total[0] = total[1] = 0;
    for (int64_t i = 0; status == GD_OK && i < partition->block_rows * partition->block_cols; i++) {
        total[0] += all[2 * i];
        total[1] += all[2 * i + 1];
    }
    if (status == GD_OK && !isfinite(total[1]))
        return gd_fail(error, GD_BACKEND,
                       "the gradient is not finite (sum of squares %g); the weights may be damaged",
                       total[1]);
    return status;
}

gd_status gd_mask_deviation(gd_comm *comm, const gd_engine *engine, const gd_plane *gradient,
                            const gd_plane *mask, double sum, double *deviation, gd_error *error)
{
    const gd_partition *partition = gradient->partition;
    const size_t blocks = (size_t)(partition->block_rows * partition->block_cols);
    *deviation = 0;
    if (gd_comm_rank(comm) >= partition->ranks)
        return GD_OK;
    double *own = calloc(2 * blocks, sizeof *own), *all = calloc(2 * blocks, sizeof *all), total[2];
    int32_t *counts = calloc((size_t)partition->ranks, sizeof *counts);
    gd_status status =
        own && all && counts ? GD_OK : gd_no_memory(error, "the moments of %zu blocks", blocks);
    if (status == GD_OK)
        status = run(&(pass){.engine = engine,
                             .planes = {gradient, gradient, mask},
                             .access = GD_ACCESS_READ,
                             .sums = own,
                             .apply = add_up},
                     error);
    if (status == GD_OK)
        status = join(comm, partition, own, counts, all, total, error);
    if (status == GD_OK && sum > 0) {
        const double n = 3 * sum, mean = total[0] / n, variance = total[1] / n - mean * mean;
        *deviation = sqrt(variance > 0 ? variance : 0);
    }
    free(own);
    free(all);
    free(counts);
    return status;
}

gd_status gd_mask_update(const gd_engine *engine, gd_plane *canvas, const gd_plane *gradient,
                         const gd_plane *mask, double divisor, double step_size, gd_error *error)
{
    return run(&(pass){.engine = engine,
                       .planes = {canvas, gradient, mask},
                       .access = GD_ACCESS_CHANGE,
                       .step = step_size / divisor,
                       .apply = change},
               error);
}

gd_status gd_mask_clear(const gd_engine *engine, gd_plane *gradient, const gd_plane *mask, gd_error *error)
{
    return run(&(pass){.engine = engine,
                       .planes = {gradient, gradient, mask},
                       .access = GD_ACCESS_CHANGE,
                       .apply = blacken},
               error);
}

gd_status gd_mask_keep(const gd_engine *engine, gd_plane *canvas, const gd_plane *input, const gd_plane *mask,
                       gd_error *error)
{
    return run(
        &(pass){.engine = engine, .planes = {canvas, input, mask}, .access = GD_ACCESS_CHANGE, .apply = keep},
        error);
}
