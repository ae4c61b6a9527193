/* Makes a proof (--proof) and describes its four files. */
#include "job/run_proof.h"

#include "base/clock.h"
#include "files/file_names.h"
#include "job/prepare.h"
#include "mpi/agree.h"
#include "proof/proof.h"
#include "proof/proof_places.h"
#include "records/progress.h"
#include "transfer/sink.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct making {
    gd_comm *comm;
    const gd_engine *engine;
    const gd_decision *decision;
    gd_target *targets; /* on rank 0 */
    const gd_profile *profile;
    const char *text;
    gd_progress progress;
    bool warned;
} making;

static bool is_root(const making *m)
{
    return gd_comm_rank(m->comm) == 0;
}

static void note_step(void *context, int32_t octave, int32_t step, int64_t rows, int64_t cols, int32_t parts)
{
    making *m = context;
    if (!is_root(m))
        return;
    gd_progress_octave(&m->progress, octave, rows, cols, 1e-6 * (double)(rows * cols * parts));
    gd_progress_step(&m->progress, step, gd_clock());
}

static void warn(void *context, const char *warning)
{
    making *m = context;
    if (!m->warned)
        gd_prepare_warn(&m->decision->options, warning);
    m->warned = true;
}

/* `true_size`: at the final picture's scale, so that its resolution (dpi) applies. */
static gd_status write(const making *m, int index, bool true_size, gd_canvas *canvas, gd_error *error)
{
    char path[GD_PATH_MAX];
    gd_profile profile = *m->profile;
    gd_writer_options options = {.kind = GD_FILE_JPEG,
                                 .bits = 8,
                                 .profile = &profile,
                                 .text = m->text,
                                 .target = m->targets ? &m->targets[index] : NULL};
    if (!true_size)
        profile.dpi_x = profile.dpi_y = 0;
    const gd_status status = gd_file_names_proof(m->decision->files.output, index, path, error);
    return status == GD_OK ? gd_sink_file(m->comm, m->engine, canvas, path, &options, error) : status;
}

static void say_whole(const making *m, const gd_proof_geometry *geometry)
{
    char path[GD_PATH_MAX];
    const gd_proof_level *last = &geometry->levels[geometry->octaves], *first = &geometry->levels[0];
    if (!is_root(m) || m->decision->options.quiet ||
        gd_file_names_proof(m->decision->files.output, 0, path, NULL) != GD_OK)
        return;
    if (geometry->shared > 0) {
        fprintf(
            stderr, "gigadream: %s is the whole picture as it is after octave %d, %" PRId64 "x%" PRId64 "\n",
            path, geometry->levels[geometry->shared - 1].octave, geometry->whole_cols, geometry->whole_rows);
        return;
    }
    fprintf(stderr,
            "gigadream: %s is the whole picture, rendered at %" PRId64 "x%" PRId64
            " pixels: patterns look larger in it than in the picture, whose first octave has %" PRId64
            "x%" PRId64 " and the last %" PRId64 "x%" PRId64 "\n",
            path, geometry->whole_cols, geometry->whole_rows, first->cols, first->rows, last->cols,
            last->rows);
}

static void say_crop(const making *m, int crop, gd_rect at)
{
    static const char *const places[GD_PROOF_CROPS] = {"highest-contrast", "median-contrast",
                                                       "lowest-contrast"};
    char path[GD_PATH_MAX];
    if (!is_root(m) || m->decision->options.quiet ||
        gd_file_names_proof(m->decision->files.output, crop + 1, path, NULL) != GD_OK)
        return;
    fprintf(stderr,
            "gigadream: %s is %" PRId64 "x%" PRId64 " pixels of the picture in true size, from x %" PRId64
            ", y %" PRId64 " on (its %s part)\n",
            path, at.cols, at.rows, at.x, at.y, places[crop]);
}

void gd_run_proof_share_text(double share, char text[GD_PROOF_SHARE_BYTES])
{
    const double most = 1.0 / 3;
    snprintf(text, GD_PROOF_SHARE_BYTES,
             share >= 0.1 ? "%.0f %% of the picture's work%s" : "%.2g %% of the picture's work%s",
             100 * share, share > most ? ", since so small a picture has no smaller parts to show" : "");
}

/* Printed before the start, so that the user can cancel. */
static void say_share(const making *m, const gd_render_parameters *p, const gd_proof_geometry *geometry)
{
    char text[GD_PROOF_SHARE_BYTES];
    if (!is_root(m) || m->decision->options.quiet || p->steps == 0)
        return;
    gd_run_proof_share_text(gd_proof_share(geometry), text);
    fprintf(stderr, "gigadream: this proof takes %s\n", text);
}

static void begin_progress(making *m, const gd_render_parameters *p, const gd_proof_geometry *geometry)
{
    const gd_options *o = &m->decision->options;
    if (is_root(m))
        gd_progress_begin(&m->progress, gd_progress_mode_of(o->quiet, stderr), stderr, p->octave_first,
                          p->octave_end, p->steps, gd_proof_work(p, geometry), gd_clock());
}

static void end_progress(making *m, bool made)
{
    if (!is_root(m))
        return;
    gd_progress_end(&m->progress);
    if (made && !m->decision->options.quiet)
        gd_progress_took(&m->progress, "the proof", gd_clock());
}

static gd_status make_crops(const making *m, const gd_proof *proof, gd_canvas *whole, gd_error *error)
{
    gd_rect crops[GD_PROOF_CROPS];
    gd_canvas *canvases[GD_PROOF_CROPS] = {NULL};
    gd_status status = gd_proof_places(proof, whole, crops, error);
    if (status == GD_OK)
        status = gd_proof_crops(proof, whole, crops, canvases, error);
    for (int i = 0; status == GD_OK && i < GD_PROOF_CROPS; i++) {
        status = write(m, i + 1, true, canvases[i], error);
        if (status == GD_OK)
            say_crop(m, i, crops[i]);
    }
    for (int i = 0; i < GD_PROOF_CROPS; i++)
        gd_canvas_free(canvases[i]);
    return status;
}

static gd_status make(const making *m, const gd_proof *proof, gd_error *error)
{
    gd_canvas *whole = NULL;
    gd_status status = gd_proof_whole(proof, &whole, error);
    if (status == GD_OK)
        status = write(m, 0, false, whole, error);
    if (status == GD_OK) {
        say_whole(m, proof->geometry);
        status = make_crops(m, proof, whole, error);
    }
    gd_canvas_free(whole);
    return status;
}

gd_status gd_run_proof(gd_comm *comm, const gd_engine *engine, const gd_decision *decision,
                       gd_target *targets, const gd_render_parameters *parameters, const gd_profile *profile,
                       const char *text, gd_error *error)
{
    const gd_options *o = &decision->options;
    making m = {.comm = comm,
                .engine = engine,
                .decision = decision,
                .targets = targets,
                .profile = profile,
                .text = text};
    gd_proof_geometry geometry = {0};
    const gd_proof proof = {.comm = comm,
                            .engine = engine,
                            .parameters = parameters,
                            .input = gd_options_noise(o) ? NULL : decision->files.input,
                            .geometry = &geometry,
                            .context = &m,
                            .step_done = note_step,
                            .warned = warn};
    gd_status status = gd_proof_geometry_create(engine, parameters, &geometry, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK) {
        say_share(&m, parameters, &geometry);
        begin_progress(&m, parameters, &geometry);
        status = make(&m, &proof, error);
        end_progress(&m, status == GD_OK);
    }
    gd_proof_geometry_free(&geometry);
    return status;
}
