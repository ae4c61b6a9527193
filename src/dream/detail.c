#include "dream/detail.h"

#include "dream/update.h"
#include "mpi/agree.h"
#include "transfer/canvas_resample.h"
#include "transfer/source.h"

gd_status gd_detail_input(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *p, int64_t rows,
                          int64_t cols, int32_t ranks, gd_canvas **canvas, gd_error *error)
{
    const bool noise = p->detail == GD_DETAIL_NOISE;
    gd_status status =
        gd_canvas_create(gd_engine_store(engine), noise ? p->base_rows : rows, noise ? p->base_cols : cols,
                         noise ? gd_comm_size(comm) : ranks, gd_comm_rank(comm), canvas, error);
    if (status == GD_OK && noise)
        status = gd_source_noise(engine, p->seed, *canvas, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK && noise)
        return gd_canvas_resample(comm, engine, p->rules->resample, rows, cols, ranks, canvas, error);
    return status == GD_OK
               ? gd_source_file(comm, p->input, p->input_folder, p->input_file, *canvas, NULL, error)
               : status;
}

/* Replaces *canvas by half of it: the dream without its input is then within [-1, 1], and is not clipped.
 * With factors that are powers of two the sums alone are rounded, on every device. */
static gd_status halve(const gd_comm *comm, const gd_engine *engine, gd_canvas **canvas, gd_error *error)
{
    const gd_partition *partition = (*canvas)->partition;
    gd_canvas *half = NULL;
    gd_status status = gd_canvas_create((*canvas)->pixels->store, partition->rows, partition->cols,
                                        partition->ranks, gd_comm_rank(comm), &half, error);
    if (status == GD_OK)
        status = gd_plane_clear(half->pixels, error);
    if (status == GD_OK)
        status = gd_update(engine, half->pixels, (*canvas)->pixels, 0.5F, error);
    if (status != GD_OK) {
        gd_canvas_free(half);
        return status;
    }
    gd_canvas_free(*canvas);
    *canvas = half;
    return GD_OK;
}

static gd_status subtract_input(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *p,
                                gd_canvas *half, gd_error *error)
{
    const gd_partition *partition = half->partition;
    gd_canvas *input = NULL;
    gd_status status =
        gd_detail_input(comm, engine, p, partition->rows, partition->cols, partition->ranks, &input, error);
    if (status == GD_OK)
        status = gd_update(engine, half->pixels, input->pixels, -0.5F, error);
    gd_canvas_free(input);
    return status;
}

static gd_status add_to_input(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *p,
                              gd_canvas **half, gd_error *error)
{
    const gd_partition *partition = (*half)->partition;
    gd_canvas *input = NULL;
    gd_status status =
        gd_detail_input(comm, engine, p, partition->rows, partition->cols, partition->ranks, &input, error);
    if (status == GD_OK)
        status = gd_update(engine, input->pixels, (*half)->pixels, 2, error);
    gd_canvas_free(*half);
    *half = input;
    return status;
}

gd_status gd_detail_enlarge(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *parameters,
                            int64_t rows, int64_t cols, int32_t ranks, gd_canvas **canvas, gd_error *error)
{
    gd_status status = halve(comm, engine, canvas, error);
    if (status == GD_OK)
        status = subtract_input(comm, engine, parameters, *canvas, error);
    if (status == GD_OK)
        status =
            gd_canvas_resample(comm, engine, parameters->rules->resample, rows, cols, ranks, canvas, error);
    if (status == GD_OK)
        status = add_to_input(comm, engine, parameters, canvas, error);
    return status;
}
