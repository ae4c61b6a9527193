#include "proof/proof.h"

#include "dream/octave.h"
#include "dream/step.h"
#include "mpi/agree.h"
#include "mpi/subgroup.h"
#include "proof/proof_input.h"
#include "proof/proof_part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Parts on their way from octave to octave. */
typedef struct walk {
    const gd_proof *proof;
    gd_stepper *stepper; /* owned */
    int32_t count;
    gd_proof_part parts[GD_PROOF_CROPS]; /* their stages are owned, but for `lent`; all of one octave */
    const gd_canvas *lent;               /* borrowed */
} walk;

static gd_status begin(walk *w, const gd_proof *proof, int32_t count, gd_error *error)
{
    *w = (walk){.proof = proof, .count = count};
    return gd_stepper_create(proof->comm, proof->engine, proof->parameters->threads, &w->stepper, error);
}

static void drop_parts(walk *w)
{
    for (int32_t i = 0; i < w->count; i++) {
        gd_proof_part *p = &w->parts[i];
        if (p->canvas != w->lent)
            gd_canvas_free(p->canvas);
        gd_canvas_free(p->input);
        p->canvas = p->input = NULL;
    }
}

static void end(walk *w)
{
    drop_parts(w);
    gd_stepper_free(w->stepper);
}

/* What the input is in the parts; `canvas`: as their canvas. */
static gd_status read_input(const walk *w, gd_proof_part *parts, const int32_t *ranks, bool canvas,
                            gd_error *error)
{
    gd_rect at[GD_PROOF_CROPS];
    gd_canvas *stages[GD_PROOF_CROPS] = {NULL};
    for (int32_t i = 0; i < w->count; i++)
        at[i] = parts[i].at;
    const gd_status status =
        gd_proof_input(w->proof, parts[0].rows, parts[0].cols, at, w->count, ranks, stages, error);
    for (int32_t i = 0; i < w->count; i++)
        *(canvas ? &parts[i].canvas : &parts[i].input) = stages[i];
    return status;
}

static gd_status create_canvases(const walk *w, gd_proof_part *parts, const int32_t *ranks, gd_error *error)
{
    const gd_proof *proof = w->proof;
    gd_status status = GD_OK;
    for (int32_t i = 0; status == GD_OK && i < w->count; i++)
        status = gd_canvas_create(gd_engine_store(proof->engine), parts[i].at.rows, parts[i].at.cols,
                                  ranks[i], gd_comm_rank(proof->comm), &parts[i].canvas, error);
    return gd_comm_agree(proof->comm, status, error);
}

/* From the octave before. */
static gd_status enter(walk *w, gd_proof_part *to, const int32_t *ranks, gd_error *error)
{
    const bool larger = to[0].rows > w->parts[0].rows || to[0].cols > w->parts[0].cols;
    gd_status status = GD_OK;
    if (larger && w->proof->parameters->detail != GD_DETAIL_NONE) {
        if (!w->parts[0].input)
            status = read_input(w, w->parts, ranks, false, error);
        if (status == GD_OK)
            status = read_input(w, to, ranks, false, error);
    }
    if (status == GD_OK)
        status = create_canvases(w, to, ranks, error);
    for (int32_t i = 0; status == GD_OK && i < w->count; i++)
        status = gd_proof_resample(w->proof, &w->parts[i], &to[i], error);
    return status;
}

/* The parts `at` of an octave's canvas, from those of the octave before, or, when there is none, from the
 * input. */
static gd_status go_to(walk *w, const gd_proof_level *level, const gd_rect *at, gd_error *error)
{
    const gd_proof *proof = w->proof;
    const gd_proof_level *final = &proof->way->levels[proof->way->octaves];
    const bool first = !w->parts[0].canvas;
    gd_proof_part to[GD_PROOF_CROPS] = {{.canvas = NULL}};
    int32_t ranks[GD_PROOF_CROPS];
    gd_status status = GD_OK;
    for (int32_t i = 0; status == GD_OK && i < w->count; i++) {
        to[i] = (gd_proof_part){.at = at[i], .rows = level->rows, .cols = level->cols};
        ranks[i] = gd_comm_size(proof->comm);
        if (level != final)
            status = gd_render_ranks_of(proof->parameters, proof->engine, level->octave, at[i].rows,
                                        at[i].cols, ranks[i], &ranks[i], error);
    }
    if (status == GD_OK)
        status = first ? read_input(w, to, ranks, true, error) : enter(w, to, ranks, error);
    drop_parts(w);
    memcpy(w->parts, to, sizeof to);
    return status;
}

/* One deviation for all parts: that of the poster, as far as three of its places can tell. By its own a quiet
 * place would be dreamt on more strongly than in the poster. */
static gd_status step_parts(walk *w, gd_plane *const *gradients, int32_t octave, int32_t step,
                            gd_error *error)
{
    const gd_proof *proof = w->proof;
    const gd_rect at = w->parts[0].at;
    gd_step_parameters s;
    double squares = 0, deviation = 0;
    gd_status status = gd_render_step(proof->parameters, proof->engine, octave, step, &s, error);
    s.dy %= at.rows;
    s.dx %= at.cols;
    for (int32_t i = 0; status == GD_OK && i < w->count; i++) {
        status = gd_step_gradient(w->stepper, w->parts[i].canvas, &s, gradients[i], &deviation, error);
        squares += deviation * deviation;
        if (status == GD_OK) /* so that no rank waits longer than for one part */
            status = gd_comm_agree(proof->comm, GD_OK, error);
    }
    deviation = sqrt(squares / w->count);
    for (int32_t i = 0; status == GD_OK && i < w->count; i++)
        status = gd_step_update(w->stepper, w->parts[i].canvas, gradients[i], deviation, s.step_size, error);
    if (status == GD_OK && proof->step_done)
        proof->step_done(proof->context, octave, step, at.rows, at.cols, w->count);
    return status;
}

static gd_status dream(walk *w, int32_t octave, gd_error *error)
{
    const gd_proof *proof = w->proof;
    gd_plane *gradients[GD_PROOF_CROPS] = {NULL};
    gd_status status = gd_comm_prepare_subgroup(proof->comm, w->parts[0].canvas->partition->ranks, error);
    for (int32_t i = 0; status == GD_OK && i < w->count; i++)
        status = gd_plane_create(gd_engine_store(proof->engine), w->parts[i].canvas->partition,
                                 gd_comm_rank(proof->comm), &gradients[i], error);
    for (int32_t step = 0; status == GD_OK && step < proof->parameters->steps; step++)
        status = step_parts(w, gradients, octave, step, error);
    for (int32_t i = 0; i < w->count; i++)
        gd_plane_free(gradients[i]);
    return status;
}

gd_status gd_proof_whole(const gd_proof *proof, gd_canvas **canvas, gd_error *error)
{
    const gd_proof_way *way = proof->way;
    const int32_t octaves = way->shared > 0 ? way->shared : 1;
    walk w;
    gd_status status = begin(&w, proof, 1, error);
    for (int32_t i = 0; status == GD_OK && i < octaves; i++) {
        gd_proof_level level = way->levels[i];
        if (way->shared == 0) {
            level.rows = way->whole_rows;
            level.cols = way->whole_cols;
        }
        status = go_to(&w, &level, &(gd_rect){0, 0, level.rows, level.cols}, error);
        if (status == GD_OK)
            status = dream(&w, level.octave, error);
    }
    *canvas = NULL;
    if (status == GD_OK) {
        *canvas = w.parts[0].canvas;
        w.parts[0].canvas = NULL;
    }
    end(&w);
    return status;
}

/* The last shared octave's canvas, for each part to go on from. */
static void lend(walk *w, gd_canvas *whole)
{
    const gd_proof_level *l = &w->proof->way->levels[w->proof->way->shared - 1];
    w->lent = whole;
    for (int32_t i = 0; i < w->count; i++)
        w->parts[i] = (gd_proof_part){
            .at = {0, 0, l->rows, l->cols}, .rows = l->rows, .cols = l->cols, .canvas = whole};
}

static gd_status walk_crops(walk *w, gd_rect *const *parts, gd_error *error)
{
    const gd_proof_way *way = w->proof->way;
    gd_status status = GD_OK;
    for (int32_t i = way->shared; status == GD_OK && i <= way->octaves; i++) {
        const gd_rect at[GD_PROOF_CROPS] = {parts[0][i], parts[1][i], parts[2][i]};
        status = go_to(w, &way->levels[i], at, error);
        if (status == GD_OK && i < way->octaves)
            status = dream(w, way->levels[i].octave, error);
    }
    return status;
}

gd_status gd_proof_crops(const gd_proof *proof, gd_canvas *whole, const gd_rect crops[GD_PROOF_CROPS],
                         gd_canvas *stages[GD_PROOF_CROPS], gd_error *error)
{
    const int32_t levels = proof->way->octaves + 1;
    walk w = {0};
    gd_rect *parts[GD_PROOF_CROPS];
    gd_rect *all = calloc((size_t)levels * GD_PROOF_CROPS, sizeof *all);
    gd_status status = all ? GD_OK : gd_no_memory(error, "the parts of %d octaves", levels);
    for (int32_t i = 0; i < GD_PROOF_CROPS; i++) {
        stages[i] = NULL;
        parts[i] = all ? all + i * levels : NULL;
        if (all)
            gd_proof_parts(proof->way, crops[i], parts[i]);
    }
    status = gd_comm_agree(proof->comm, status, error);
    if (status == GD_OK)
        status = begin(&w, proof, GD_PROOF_CROPS, error);
    if (status == GD_OK && proof->way->shared > 0)
        lend(&w, whole);
    if (status == GD_OK)
        status = walk_crops(&w, parts, error);
    for (int32_t i = 0; status == GD_OK && i < GD_PROOF_CROPS; i++) {
        stages[i] = w.parts[i].canvas;
        w.parts[i].canvas = NULL;
    }
    end(&w);
    free(all);
    return status;
}

double gd_proof_work(const gd_render_parameters *p, const gd_proof_way *way)
{
    return 1e-6 * gd_proof_pixels(way) * p->steps;
}
