/* Executes the render's walk on parts of its canvases: a visitor that applies each operation to every part.
 */
#include "proof/proof.h"

#include "dream/execute.h"
#include "dream/shape.h"
#include "dream/step.h"
#include "image/stencil.h"
#include "mpi/agree.h"
#include "mpi/subgroup.h"
#include "transfer/canvas_resample.h"
#include "transfer/source_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)GD_PROOF_CROPS == (int)GD_EXECUTE_PARTS, "the crops of a proof go side by side");

enum { NO_OCTAVE = INT32_MIN };

/* The context of the visitor. */
typedef struct dream {
    gd_execution x; /* must be first: context of the gd_execute_* functions */
    const gd_proof *proof;
    gd_stepper *stepper;             /* owned; during the steps */
    gd_rect *at[GD_PROOF_CROPS];     /* owned; [octaves + 1] position of each part; NULL: whole canvases */
    const gd_canvas *whole;          /* borrowed; the canvas that parts start from */
    int32_t octave;                  /* of the current canvas, or NO_OCTAVE */
    gd_canvas *kept[GD_PROOF_CROPS]; /* owned; input of kept_octave, so that it is read once; or NULL */
    int32_t kept_octave;
} dream;

static void drop_kept(dream *d)
{
    for (int32_t i = 0; i < GD_PROOF_CROPS; i++) {
        gd_canvas_free(d->kept[i]);
        d->kept[i] = NULL;
    }
    d->kept_octave = NO_OCTAVE;
}

/* The extent of the full canvas and a part's rectangle in it. The overview is computed at its display size.
 */
static gd_rect place(const dream *d, int32_t part, const gd_octave *size, gd_extent *full)
{
    const gd_proof_geometry *geometry = d->proof->geometry;
    *full = (gd_extent){size->rows, size->cols};
    if (d->at[part])
        return d->at[part][size->octave - d->proof->parameters->octave_first];
    if (geometry->shared == 0)
        *full = (gd_extent){geometry->whole_rows, geometry->whole_cols};
    return (gd_rect){0, 0, full->rows, full->cols};
}

/* Each part is shaped by itself, on the ranks that hold it. */
static gd_status create_level(dream *d, gd_canvas_role role, int32_t part, gd_error *error)
{
    const gd_partition *of = d->x.canvases[GD_ROLE_CANVAS][part]->partition;
    const gd_extent level = {gd_stencil_halved(of->rows, gd_role_halvings(role)),
                             gd_stencil_halved(of->cols, gd_role_halvings(role))};
    return gd_execute_create_part(&d->x, role, part, level, (gd_rect){0, 0, level.rows, level.cols},
                                  of->ranks, error);
}

static gd_status create(void *context, gd_canvas_role role, const gd_octave *size, gd_error *error)
{
    dream *d = context;
    const gd_render_parameters *p = d->proof->parameters;
    gd_status status = GD_OK;
    for (int32_t i = 0; status == GD_OK && i < d->x.parts; i++) {
        if (gd_role_halvings(role) > 0) {
            status = create_level(d, role, i, error);
            continue;
        }
        gd_extent full;
        const gd_rect at = place(d, i, size, &full);
        int32_t ranks = gd_comm_size(d->proof->comm);
        if (size->octave != p->octave_end)
            status =
                gd_octave_ranks(p, d->proof->engine, size->octave, at.rows, at.cols, ranks, &ranks, error);
        if (status == GD_OK)
            status = gd_execute_create_part(&d->x, role, i, full, at, ranks, error);
    }
    return status;
}

/* Each part starts from the whole canvas of the last shared octave. */
static gd_status fill(void *context, gd_canvas_role role, gd_origin origin, gd_error *error)
{
    dream *d = context;
    gd_status status = GD_OK;
    if (origin == GD_ORIGIN_MASK)
        return gd_execute_read_mask(&d->x, error);
    for (int32_t i = 0; status == GD_OK && i < d->x.parts; i++)
        status = gd_canvas_resample(d->proof->comm, d->proof->engine, d->proof->parameters->rules->resample,
                                    d->whole, d->x.canvases[role][i], error);
    return status;
}

static gd_status read_input(dream *d, gd_canvas_role role, gd_error *error)
{
    const gd_proof *proof = d->proof;
    const gd_render_parameters *p = proof->parameters;
    const gd_source_input input = {.path = proof->input,
                                   .folder = p->input_folder,
                                   .first = p->input_file,
                                   .seed = p->seed,
                                   .base = {p->base_rows, p->base_cols},
                                   .direct = gd_render_input(p) == GD_DETAIL_FILE,
                                   .resample = p->rules->resample};
    gd_source_report report = {0};
    const gd_status status =
        gd_source_parts(proof->comm, &input, d->x.canvases[role], d->x.parts, &report, error);
    if (report.warning[0] && proof->warned)
        proof->warned(proof->context, report.warning);
    return status;
}

/* Copies the input, because the original becomes a canvas. */
static gd_status keep(dream *d, gd_canvas_role role, int32_t octave, gd_error *error)
{
    gd_status status = GD_OK;
    drop_kept(d);
    for (int32_t i = 0; status == GD_OK && i < d->x.parts; i++) {
        const gd_canvas *input = d->x.canvases[role][i];
        status = gd_canvas_create_part(input->pixels->store, input->full, input->at, input->partition->ranks,
                                       input->pixels->rank, &d->kept[i], error);
        status = gd_comm_agree(d->proof->comm, status, error);
        if (status == GD_OK)
            status = gd_canvas_resample(d->proof->comm, d->proof->engine,
                                        d->proof->parameters->rules->resample, input, d->kept[i], error);
    }
    d->kept_octave = octave;
    return status;
}

static gd_status input(void *context, gd_canvas_role role, const gd_octave *size, gd_error *error)
{
    dream *d = context;
    const bool again = d->proof->parameters->detail != GD_DETAIL_NONE && size->octave != d->octave;
    if (size->octave == d->kept_octave) {
        memcpy(d->x.canvases[role], d->kept, sizeof d->kept);
        memset(d->kept, 0, sizeof d->kept);
        d->kept_octave = NO_OCTAVE;
        return GD_OK;
    }
    gd_status status = create(d, role, size, error);
    if (status == GD_OK)
        status = read_input(d, role, error);
    return status == GD_OK && again ? keep(d, role, size->octave, error) : status;
}

static gd_status begin_steps(void *context, gd_error *error)
{
    dream *d = context;
    return gd_stepper_create(d->proof->comm, d->proof->engine, d->proof->parameters->threads, &d->stepper,
                             error);
}

static gd_status reach(void *context, const gd_octave *octave, gd_error *error)
{
    dream *d = context;
    d->octave = octave->octave;
    return gd_comm_prepare_subgroup(d->proof->comm, d->x.canvases[GD_ROLE_CANVAS][0]->partition->ranks,
                                    error);
}

static gd_status part_gradient(dream *d, int32_t part, const gd_step_parameters *of_all, double *deviation,
                               gd_error *error)
{
    const gd_canvas *canvas = d->x.canvases[GD_ROLE_CANVAS][part];
    gd_step_parameters s = *of_all;
    s.mask.full = canvas->full;
    s.mask.at = canvas->at;
    return gd_step_gradient(d->stepper, canvas, &s, d->x.canvases[GD_ROLE_OTHER][part]->pixels, deviation,
                            error);
}

/* All parts share one deviation, an estimate of the poster's from three places. With its own deviation, a
 * part with little contrast would be changed more than in the poster. */
static gd_status step(void *context, const gd_octave *octave, int32_t index, const gd_step_parameters *of_all,
                      int64_t count, gd_error *error)
{
    dream *d = context;
    const gd_proof *proof = d->proof;
    const gd_rect at = d->x.canvases[GD_ROLE_CANVAS][0]->at;
    gd_step_parameters s = *of_all;
    double deviations[GD_EXECUTE_PARTS];
    gd_shaped shaped;
    gd_status status = GD_OK;
    (void)count; /* each step is visited */
    s.dy %= at.rows;
    s.dx %= at.cols;
    for (int32_t i = 0; status == GD_OK && i < d->x.parts; i++) {
        status = part_gradient(d, i, &s, &deviations[i], error);
        if (status == GD_OK) /* so that no rank waits for more than one part */
            status = gd_comm_agree(proof->comm, GD_OK, error);
    }
    if (status == GD_OK)
        status = gd_shape_gradients(&d->x, &s, gd_shape_together(deviations, d->x.parts), &shaped, error);
    for (int32_t i = 0; status == GD_OK && i < d->x.parts; i++)
        status = gd_shape_update(&d->x, i, &shaped, s.step_size, error);
    if (status == GD_OK && proof->step_done)
        proof->step_done(proof->context, octave->octave, index, at.rows, at.cols, d->x.parts);
    return status;
}

static const gd_visitor visitor = {.create = create,
                                   .drop = gd_execute_drop,
                                   .move = gd_execute_move,
                                   .fill = fill,
                                   .resample = gd_execute_resample,
                                   .clear = gd_execute_clear,
                                   .add = gd_execute_add,
                                   .take_mask = gd_execute_take_mask,
                                   .keep_input = gd_execute_keep_input,
                                   .blend = gd_execute_blend,
                                   .input = input,
                                   .begin_steps = begin_steps,
                                   .reach = reach,
                                   .step = step};

static void begin(dream *d, const gd_proof *proof, int32_t count)
{
    *d = (dream){.x = {.comm = proof->comm, .engine = proof->engine, .p = proof->parameters, .parts = count},
                 .proof = proof,
                 .octave = NO_OCTAVE,
                 .kept_octave = NO_OCTAVE};
}

/* *canvases receives the parts that exist. */
static void end(dream *d, gd_canvas **canvases)
{
    gd_stepper_free(d->stepper);
    drop_kept(d);
    for (int32_t i = 0; i < d->x.parts; i++) {
        canvases[i] = d->x.canvases[GD_ROLE_CANVAS][i];
        d->x.canvases[GD_ROLE_CANVAS][i] = NULL;
        free(d->at[i]);
    }
    gd_execution_end(&d->x);
}

gd_status gd_proof_whole(const gd_proof *proof, gd_canvas **canvas, gd_error *error)
{
    dream d;
    const gd_walk walk = {proof->engine, proof->parameters, gd_comm_size(proof->comm), &visitor, &d};
    begin(&d, proof, 1);
    const gd_status status =
        gd_walk_until(&walk, gd_proof_whole_end(proof->parameters, proof->geometry), error);
    end(&d, canvas);
    return status;
}

static gd_status place_parts(dream *d, const gd_rect crops[GD_PROOF_CROPS], gd_error *error)
{
    const gd_proof_geometry *geometry = d->proof->geometry;
    for (int32_t i = 0; i < d->x.parts; i++) {
        d->at[i] = calloc((size_t)geometry->octaves + 1, sizeof *d->at[i]);
        if (!d->at[i])
            return gd_no_memory(error, "the parts of %d octaves", geometry->octaves);
        gd_proof_parts(geometry, crops[i], d->at[i]);
    }
    return GD_OK;
}

/* Cuts the crops from the last octave's larger parts, if the picture keeps that octave's size. */
static gd_status crop(const gd_walk *walk, gd_error *error)
{
    const gd_proof_geometry *geometry = ((const dream *)walk->context)->proof->geometry;
    const gd_proof_level *last = &geometry->levels[geometry->octaves];
    const gd_octave from = {.octave = walk->p->octave_end - 1, .rows = last->rows, .cols = last->cols};
    const gd_octave to = {.octave = walk->p->octave_end, .rows = last->rows, .cols = last->cols};
    return gd_walk_change(walk, &from, &to, error);
}

gd_status gd_proof_crops(const gd_proof *proof, const gd_canvas *whole, const gd_rect crops[GD_PROOF_CROPS],
                         gd_canvas *canvases[GD_PROOF_CROPS], gd_error *error)
{
    const gd_render_parameters p = gd_proof_crop_parameters(proof->parameters, proof->geometry);
    dream d;
    const gd_walk walk = {proof->engine, &p, gd_comm_size(proof->comm), &visitor, &d};
    begin(&d, proof, GD_PROOF_CROPS);
    d.whole = whole;
    gd_status status = gd_comm_agree(proof->comm, place_parts(&d, crops, error), error);
    if (status == GD_OK)
        status = gd_walk_render(&walk, error);
    if (status == GD_OK && !p.final_resize)
        status = crop(&walk, error);
    end(&d, canvases);
    return status;
}

double gd_proof_work(const gd_render_parameters *p, const gd_proof_geometry *geometry)
{
    return 1e-6 * gd_proof_pixels(geometry) * p->steps;
}
