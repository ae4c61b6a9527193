#include "dream/bands.h"

#include "mpi/exchange.h"

/* No copy of a band takes as long as this. */
static const double copy_seconds = 300;

/* Rank 0's memory; the other ranks have none. In host memory the band is read and written where it lies. */
typedef struct pass {
    gd_comm *comm;
    gd_stage *stage;
    gd_memory *memory;
    bool root;
    float *band;   /* owned; [GD_BLOCK, cols, 3] */
    void *staging; /* owned, but for host memory, where it is the band; the same in the host's reach */
    void *samples; /* owned; [GD_BLOCK, cols, 3] of the file; NULL: floats leave the device */
} pass;

enum { SAMPLE_BYTES_MAX = 2 };

static size_t band_values(int64_t cols)
{
    return (size_t)cols * GD_BLOCK * 3;
}

size_t gd_bands_bytes(gd_memory_kind kind, int64_t cols)
{
    return band_values(cols) * (sizeof(float) + (kind == GD_MEMORY_DEVICE ? SAMPLE_BYTES_MAX : 0));
}

static gd_status allocate(pass *p, bool samples, gd_error *error)
{
    gd_memory *memory = p->memory;
    const size_t values = band_values(p->stage->layout->cols);
    void *band = NULL;
    gd_status status = memory->class->allocate(memory, GD_FOR_WINDOWS, values * sizeof(float), &band, error);
    p->band = band;
    if (memory->class->kind == GD_MEMORY_HOST) {
        p->staging = band;
        return status;
    }
    if (status == GD_OK)
        status = memory->class->allocate_staging(memory, values * sizeof(float), &p->staging, error);
    if (status == GD_OK && samples)
        status =
            memory->class->allocate(memory, GD_FOR_WINDOWS, values * SAMPLE_BYTES_MAX, &p->samples, error);
    return status;
}

static gd_status begin(pass *p, gd_comm *comm, gd_stage *stage, bool samples, gd_error *error)
{
    *p = (pass){
        .comm = comm, .stage = stage, .memory = stage->canvas->memory, .root = gd_comm_rank(comm) == 0};
    return gd_comm_agree(comm, p->root ? allocate(p, samples, error) : GD_OK, error);
}

static void end(pass *p)
{
    if (p->samples)
        p->memory->class->release(p->memory, GD_FOR_WINDOWS, p->samples);
    if (p->staging && p->staging != p->band)
        p->memory->class->release_staging(p->memory, p->staging);
    gd_memory_release(p->memory, GD_FOR_WINDOWS, &p->band);
}

static gd_window band_at(const pass *p, int64_t y)
{
    const int64_t rows = p->stage->layout->rows, cols = p->stage->layout->cols;
    const int64_t height = rows - y < GD_BLOCK ? rows - y : GD_BLOCK;
    return (gd_window){.rect = {y, 0, height, cols}, .rank = 0, .pixels = p->band, .stride = cols * 3};
}

/* The staging memory may be filled again once the scatter of the band before is done, which comes after this
 * copy. */
static gd_status bring(pass *p, const gd_window *band, gd_error *error)
{
    if (p->staging == p->band)
        return GD_OK;
    const size_t bytes = (size_t)gd_rect_area(band->rect) * 3 * sizeof *p->band;
    return p->memory->class->bring(p->memory, p->band, p->staging, bytes, error);
}

gd_status gd_bands_in(gd_comm *comm, gd_stage *stage, gd_band_read read, void *context, gd_error *error)
{
    pass p;
    gd_status status = begin(&p, comm, stage, false, error);
    for (int64_t y = 0; status == GD_OK && y < stage->layout->rows; y += GD_BLOCK) {
        const gd_window band = band_at(&p, y);
        gd_exchange *exchange = NULL;
        if (p.root)
            status = read(context, band.rect.rows, p.staging, error);
        if (p.root && status == GD_OK)
            status = bring(&p, &band, error);
        status = gd_comm_agree(comm, status, error);
        if (status == GD_OK)
            status = gd_scatter_begin(comm, stage->canvas, &band, 1, &exchange, error);
        if (status == GD_OK)
            status = gd_exchange_end(&exchange, error);
    }
    end(&p);
    return status;
}

/* The gathered band into the host's reach, as samples where the device makes them. */
static gd_status fetch(pass *p, const gd_engine *engine, const gd_window *band, int32_t bits, gd_error *error)
{
    const int64_t count = gd_rect_area(band->rect) * 3;
    const void *values = p->band;
    size_t bytes = (size_t)count * sizeof *p->band;
    gd_status status = GD_OK;
    if (p->staging == p->band)
        return GD_OK;
    if (p->samples) {
        values = p->samples;
        bytes = (size_t)count * (size_t)(bits / 8);
        status = engine->backend->samples(engine->device, p->band, count, bits, p->samples, error);
        if (status == GD_OK)
            status = gd_engine_finish(engine, error);
    }
    if (status == GD_OK)
        status = p->memory->class->fetch(p->memory, p->staging, values, bytes, error);
    return status == GD_OK ? gd_memory_settle(p->memory, copy_seconds, error) : status;
}

gd_status gd_bands_out(gd_comm *comm, const gd_engine *engine, gd_stage *stage, int32_t bits,
                       gd_band_write write, void *context, gd_error *error)
{
    pass p;
    gd_status status = begin(&p, comm, stage, engine->backend->samples != NULL, error);
    for (int64_t y = 0; status == GD_OK && y < stage->layout->rows; y += GD_BLOCK) {
        const gd_window band = band_at(&p, y);
        gd_exchange *exchange = NULL;
        status = gd_gather_begin(comm, stage->canvas, &band, 1, &exchange, error);
        if (status == GD_OK)
            status = gd_exchange_end(&exchange, error);
        if (p.root && status == GD_OK)
            status = fetch(&p, engine, &band, bits, error);
        if (p.root && status == GD_OK)
            status = write(context, band.rect.rows, p.samples ? NULL : p.staging,
                           p.samples ? p.staging : NULL, error);
        status = gd_comm_agree(comm, status, error);
    }
    end(&p);
    return status;
}
