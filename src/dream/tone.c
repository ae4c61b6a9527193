/* Measures and changes the channels of a plane, one after the other, by the backend's entries for gradients.
 */
#include "dream/tone.h"

#include "dream/moments.h"
#include "mpi/agree.h"
#include "mpi/subgroup.h"
#include "transfer/staging.h"

#include <stdlib.h>

/* A channel of a block; the moments of a backend are of whole pixels, so that up to two zeros follow. */
enum { CHANNELS = 3, FLOATS = GD_BLOCK * GD_BLOCK + CHANNELS };

typedef struct toning {
    const gd_engine *engine;
    const gd_plane *plane;
    gd_staging staging; /* owned; a channel, or ones */
    double *sums;       /* owned; [channels][blocks, 2] */
    int64_t blocks;     /* of the plane */
    double factors[CHANNELS], summands[CHANNELS];
} toning;

size_t gd_tone_bytes(gd_memory_kind kind)
{
    return gd_staging_bytes(kind, FLOATS);
}

/* Adds up one channel of a block, values [pixels, 3]. */
static gd_status add_channel(toning *t, const float *values, int64_t pixels, int c, double sums[2],
                             gd_error *error)
{
    gd_memory *memory = t->plane->memory;
    float *channel = t->staging.values;
    const gd_rect_copy copy = {.to = channel,
                               .to_stride = 1,
                               .from = values + c,
                               .from_stride = CHANNELS,
                               .rows = pixels,
                               .floats = 1};
    gd_status status = memory->class->clear(memory, channel + pixels, CHANNELS * sizeof *channel, error);
    if (status == GD_OK)
        status = memory->class->copy(memory, &copy, 1, error);
    if (status == GD_OK)
        status = gd_memory_synchronize(memory, error);
    if (status == GD_OK)
        status = t->engine->backend->moments(t->engine->device, channel, 1, (pixels + 2) / CHANNELS, 0, sums,
                                             error);
    return status == GD_OK ? gd_engine_finish(t->engine, error) : status;
}

static gd_status measure_block(toning *t, float *values, int64_t pixels, int64_t place, gd_error *error)
{
    gd_status status = GD_OK;
    for (int c = 0; status == GD_OK && c < CHANNELS; c++)
        status = add_channel(t, values, pixels, c, t->sums + 2 * (c * t->blocks + place), error);
    return status;
}

static gd_status change_block(toning *t, float *values, int64_t pixels, int64_t place, gd_error *error)
{
    gd_status status = GD_OK;
    (void)place;
    for (int c = 0; status == GD_OK && c < CHANNELS; c++)
        status = t->engine->backend->mix(t->engine->device, values + c, CHANNELS, t->staging.values, 1,
                                         pixels, 1, (float)t->factors[c], (float)t->summands[c], error);
    return status == GD_OK ? gd_engine_finish(t->engine, error) : status;
}

static gd_status visit(toning *t, gd_access access,
                       gd_status (*work)(toning *t, float *values, int64_t pixels, int64_t place,
                                         gd_error *error),
                       gd_error *error)
{
    const gd_partition *partition = t->plane->partition;
    int64_t first, end;
    gd_partition_run(partition, t->plane->rank, &first, &end);
    gd_status status = GD_OK;
    for (int64_t i = first; status == GD_OK && i < end; i++) {
        const int64_t block = partition->order[i];
        float *values = NULL;
        status = gd_plane_pin(t->plane, block, access, &values, error);
        if (status != GD_OK)
            return status;
        status = work(t, values, gd_rect_area(gd_partition_block(partition, block)), i, error);
        gd_plane_unpin(t->plane, block);
    }
    return status;
}

static gd_status begin(toning *t, const gd_engine *engine, const gd_plane *plane, gd_error *error)
{
    const gd_partition *partition = plane->partition;
    *t = (toning){.engine = engine, .plane = plane, .blocks = partition->block_rows * partition->block_cols};
    return gd_staging_create(plane->memory, FLOATS, false, &t->staging, error);
}

static gd_status measure(toning *t, gd_comm *comm, gd_tone *tone, gd_error *error)
{
    const gd_partition *partition = t->plane->partition;
    t->sums = calloc((size_t)t->blocks * CHANNELS, 2 * sizeof *t->sums);
    gd_status status = t->sums ? visit(t, GD_ACCESS_READ, measure_block, error)
                               : gd_no_memory(error, "the moments of %lld blocks", (long long)t->blocks);
    status = gd_comm_agree(comm, status, error);
    for (int c = 0; status == GD_OK && c < CHANNELS && gd_comm_rank(comm) < partition->ranks; c++) {
        const double count = (double)partition->rows * (double)partition->cols;
        double total[2];
        status = gd_moments_join(comm, partition->ranks, partition->run_start, t->sums + 2 * c * t->blocks,
                                 total, error);
        if (status == GD_OK)
            tone->mean[c] = total[0] / count;
        if (status == GD_OK)
            tone->deviation[c] = gd_moments_deviation(total, count);
    }
    return gd_comm_agree(comm, status, error);
}

gd_status gd_tone_measure(gd_comm *comm, const gd_engine *engine, const gd_plane *plane, gd_tone *tone,
                          gd_error *error)
{
    toning t;
    *tone = (gd_tone){.known = true};
    gd_status status = gd_comm_prepare_subgroup(comm, plane->partition->ranks, error);
    if (status != GD_OK)
        return status;
    status = gd_comm_agree(comm, begin(&t, engine, plane, error), error);
    if (status == GD_OK)
        status = measure(&t, comm, tone, error);
    gd_staging_free(&t.staging);
    free(t.sums);
    return status;
}

static gd_status change(toning *t, gd_error *error)
{
    float *ones = t->staging.host;
    for (int i = 0; i < FLOATS; i++)
        ones[i] = 1;
    gd_status status = gd_staging_upload(&t->staging, FLOATS, error);
    if (status == GD_OK)
        status = gd_memory_synchronize(t->plane->memory, error);
    return status == GD_OK ? visit(t, GD_ACCESS_CHANGE, change_block, error) : status;
}

gd_status gd_tone_keep(gd_comm *comm, const gd_engine *engine, gd_plane *plane, const gd_tone *tone,
                       gd_error *error)
{
    toning t;
    gd_tone own;
    gd_status status = gd_tone_measure(comm, engine, plane, &own, error);
    if (status != GD_OK)
        return status;
    status = begin(&t, engine, plane, error);
    for (int c = 0; c < CHANNELS; c++) {
        t.factors[c] = own.deviation[c] > 0 ? tone->deviation[c] / own.deviation[c] : 1;
        t.summands[c] = tone->mean[c] - t.factors[c] * own.mean[c];
    }
    if (status == GD_OK)
        status = change(&t, error);
    gd_staging_free(&t.staging);
    return gd_comm_agree(comm, status, error);
}
