#include "proof/proof_part.h"

#include "mpi/agree.h"
#include "mpi/exchange.h"

#include <stdlib.h>

/* Each rank makes a slab of the target's rows, from what it gathers of the source. */
typedef struct change {
    const gd_proof *proof;
    gd_memory *memory;
    const gd_proof_part *from, *to;
    gd_resampler *rows, *cols;  /* owned */
    gd_window *sources, *slabs; /* owned; of all ranks, on the parts; [count] */
    size_t count;
    gd_window *source, *slab;    /* this rank's; NULL: it has none */
    float *pixels, *half, *made; /* owned */
} change;

static gd_status hold(change *c, gd_rect rect, float **values, gd_error *error)
{
    void *made = NULL;
    const gd_status status = c->memory->class->allocate(
        c->memory, GD_FOR_WINDOWS, (size_t)gd_rect_area(rect) * 3 * sizeof(float), &made, error);
    *values = made;
    return status;
}

/* On the part that it lies in. */
static gd_rect within(gd_rect rect, gd_rect part)
{
    rect.y -= part.y;
    rect.x -= part.x;
    return rect;
}

/* What a rectangle of the canvas after is resampled from. */
static gd_rect support(const change *c, gd_rect target)
{
    int64_t top, bottom, left, right;
    gd_resampler_support(c->rows, target.y, target.rows, &top, &bottom);
    gd_resampler_support(c->cols, target.x, target.cols, &left, &right);
    return (gd_rect){top, left, bottom - top, right - left};
}

static gd_status list(change *c, gd_error *error)
{
    const gd_rect to = c->to->at, from = c->from->at;
    const int32_t ranks = gd_comm_size(c->proof->comm), me = gd_comm_rank(c->proof->comm);
    c->sources = calloc((size_t)ranks, sizeof *c->sources);
    c->slabs = calloc((size_t)ranks, sizeof *c->slabs);
    if (!c->sources || !c->slabs)
        return gd_no_memory(error, "resampling a part of the canvas");
    for (int32_t r = 0; r < ranks; r++) {
        const int64_t top = to.rows * r / ranks, bottom = to.rows * (r + 1) / ranks;
        const gd_rect slab = {to.y + top, to.x, bottom - top, to.cols};
        if (slab.rows == 0)
            continue;
        const gd_rect source = support(c, slab), both = gd_rect_intersect(source, from);
        if (gd_rect_area(both) != gd_rect_area(source))
            return gd_fail(error, GD_INTERNAL, "a part of the canvas does not hold what the next one needs");
        c->sources[c->count] = (gd_window){within(source, from), r, NULL, source.cols * 3};
        c->slabs[c->count] = (gd_window){within(slab, to), r, NULL, slab.cols * 3};
        if (r == me) {
            c->source = &c->sources[c->count];
            c->slab = &c->slabs[c->count];
        }
        c->count++;
    }
    return GD_OK;
}

static gd_status gather(const change *c, const gd_canvas *canvas, const gd_window *windows, gd_error *error)
{
    gd_exchange *exchange = NULL;
    gd_status status = gd_gather_begin(c->proof->comm, canvas->pixels, windows, c->count, &exchange, error);
    return status == GD_OK ? gd_exchange_end(&exchange, error) : status;
}

static gd_status add(const change *c, float *to, const float *from, gd_rect rect, float factor,
                     gd_error *error)
{
    const gd_engine *engine = c->proof->engine;
    return engine->backend->update(engine->device, to, from, gd_rect_area(rect) * 3, factor, error);
}

/* Half of the source's canvas less half of its input: within [-1, 1], so that nothing is clipped. */
static gd_status halve(change *c, gd_error *error)
{
    gd_status status = gather(c, c->from->canvas, c->sources, error);
    if (status == GD_OK && c->source)
        status = add(c, c->half, c->pixels, c->source->rect, 0.5F, error);
    if (status == GD_OK)
        status = gd_engine_finish(c->proof->engine, error);
    if (status == GD_OK)
        status = gather(c, c->from->input, c->sources, error);
    if (status == GD_OK && c->source)
        status = add(c, c->half, c->pixels, c->source->rect, -0.5F, error);
    return status;
}

/* This rank's slab of the target. */
static gd_status resample(const change *c, const float *source, gd_error *error)
{
    const gd_engine *engine = c->proof->engine;
    gd_rect from = c->source->rect, to = c->slab->rect;
    from.y += c->from->at.y;
    from.x += c->from->at.x;
    to.y += c->to->at.y;
    to.x += c->to->at.x;
    return engine->backend->resample(engine->device, c->rows, c->cols, source, from, c->made, to, to.cols * 3,
                                     error);
}

/* The target's input and twice what was halved. */
static gd_status add_to_input(change *c, gd_error *error)
{
    if (c->slab)
        gd_memory_release(c->memory, GD_FOR_WINDOWS, &c->pixels);
    gd_status status = c->slab ? hold(c, c->slab->rect, &c->pixels, error) : GD_OK;
    status = gd_comm_agree(c->proof->comm, status, error);
    if (status != GD_OK)
        return status;
    if (c->slab)
        c->slab->pixels = c->pixels;
    status = gather(c, c->to->input, c->slabs, error);
    if (status == GD_OK && c->slab)
        status = add(c, c->pixels, c->made, c->slab->rect, 2, error);
    return status == GD_OK ? gd_engine_finish(c->proof->engine, error) : status;
}

static gd_status run(change *c, gd_error *error)
{
    const bool detail = c->to->input != NULL;
    gd_status status = detail ? halve(c, error) : gather(c, c->from->canvas, c->sources, error);
    if (status == GD_OK && c->slab)
        status = resample(c, detail ? c->half : c->pixels, error);
    if (status == GD_OK)
        status = gd_engine_finish(c->proof->engine, error);
    if (status == GD_OK && c->slab)
        c->slab->pixels = c->made;
    if (status == GD_OK && detail)
        status = add_to_input(c, error);
    gd_exchange *exchange = NULL;
    if (status == GD_OK)
        status =
            gd_scatter_begin(c->proof->comm, c->to->canvas->pixels, c->slabs, c->count, &exchange, error);
    return status == GD_OK ? gd_exchange_end(&exchange, error) : status;
}

static gd_status prepare(change *c, gd_error *error)
{
    const gd_resample_kind kind = c->proof->parameters->rules->resample;
    gd_status status = gd_resampler_create(kind, c->from->rows, c->to->rows, &c->rows, error);
    if (status == GD_OK)
        status = gd_resampler_create(kind, c->from->cols, c->to->cols, &c->cols, error);
    if (status == GD_OK)
        status = list(c, error);
    if (status != GD_OK || !c->slab)
        return status;
    status = hold(c, c->source->rect, &c->pixels, error);
    if (status == GD_OK)
        status = hold(c, c->slab->rect, &c->made, error);
    if (status == GD_OK && c->to->input)
        status = hold(c, c->source->rect, &c->half, error);
    if (status == GD_OK && c->to->input)
        status = c->memory->class->clear(c->memory, c->half,
                                         (size_t)gd_rect_area(c->source->rect) * 3 * sizeof *c->half, error);
    if (status == GD_OK && c->to->input)
        status = gd_memory_synchronize(c->memory, error);
    c->source->pixels = c->pixels;
    return status;
}

gd_status gd_proof_resample(const gd_proof *proof, const gd_proof_part *from, const gd_proof_part *to,
                            gd_error *error)
{
    change c = {.proof = proof, .memory = gd_engine_memory(proof->engine), .from = from, .to = to};
    gd_status status = gd_comm_agree(proof->comm, prepare(&c, error), error);
    if (status == GD_OK)
        status = run(&c, error);
    gd_memory_release(c.memory, GD_FOR_WINDOWS, &c.pixels);
    gd_memory_release(c.memory, GD_FOR_WINDOWS, &c.half);
    gd_memory_release(c.memory, GD_FOR_WINDOWS, &c.made);
    gd_resampler_free(c.rows);
    gd_resampler_free(c.cols);
    free(c.sources);
    free(c.slabs);
    return status;
}
