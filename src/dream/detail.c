#include "dream/detail.h"

#include "dream/update.h"
#include "transfer/source.h"

gd_status gd_detail_input(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *p, int64_t rows,
                          int64_t cols, int32_t ranks, gd_stage **stage, gd_error *error)
{
    const bool noise = p->detail == GD_DETAIL_NOISE;
    gd_status status =
        gd_stage_create(comm, gd_engine_store(engine), noise ? p->base_rows : rows,
                        noise ? p->base_cols : cols, noise ? gd_comm_size(comm) : ranks, stage, error);
    if (status == GD_OK && noise)
        status = gd_source_noise(engine, p->seed, *stage, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK && noise)
        return gd_stage_resample(comm, engine, GD_RESAMPLE_LANCZOS3, rows, cols, ranks, stage, error);
    return status == GD_OK
               ? gd_source_file(comm, p->input, p->input_folder, p->input_file, *stage, NULL, error)
               : status;
}

/* Replaces *stage by half of it: the dream without its input is then within [-1, 1], and is not clipped. With
 * factors that are powers of two the sums alone are rounded, on every device. */
static gd_status halve(const gd_comm *comm, const gd_engine *engine, gd_stage **stage, gd_error *error)
{
    const gd_partition *partition = (*stage)->partition;
    gd_stage *half = NULL;
    gd_status status = gd_stage_create(comm, (*stage)->canvas->store, partition->rows, partition->cols,
                                       partition->ranks, &half, error);
    if (status == GD_OK)
        status = gd_plane_clear(half->canvas, error);
    if (status == GD_OK)
        status = gd_update(engine, half->canvas, (*stage)->canvas, 0.5F, error);
    if (status != GD_OK) {
        gd_stage_free(half);
        return status;
    }
    gd_stage_free(*stage);
    *stage = half;
    return GD_OK;
}

static gd_status subtract_input(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *p,
                                gd_stage *half, gd_error *error)
{
    const gd_partition *partition = half->partition;
    gd_stage *input = NULL;
    gd_status status =
        gd_detail_input(comm, engine, p, partition->rows, partition->cols, partition->ranks, &input, error);
    if (status == GD_OK)
        status = gd_update(engine, half->canvas, input->canvas, -0.5F, error);
    gd_stage_free(input);
    return status;
}

static gd_status add_to_input(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *p,
                              gd_stage **half, gd_error *error)
{
    const gd_partition *partition = (*half)->partition;
    gd_stage *input = NULL;
    gd_status status =
        gd_detail_input(comm, engine, p, partition->rows, partition->cols, partition->ranks, &input, error);
    if (status == GD_OK)
        status = gd_update(engine, input->canvas, (*half)->canvas, 2, error);
    gd_stage_free(*half);
    *half = input;
    return status;
}

gd_status gd_detail_enlarge(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *parameters,
                            int64_t rows, int64_t cols, int32_t ranks, gd_stage **stage, gd_error *error)
{
    gd_status status = halve(comm, engine, stage, error);
    if (status == GD_OK)
        status = subtract_input(comm, engine, parameters, *stage, error);
    if (status == GD_OK)
        status = gd_stage_resample(comm, engine, GD_RESAMPLE_LANCZOS3, rows, cols, ranks, stage, error);
    if (status == GD_OK)
        status = add_to_input(comm, engine, parameters, stage, error);
    return status;
}
