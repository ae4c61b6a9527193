/* Lays guides out for a device: once by rows, to be read as seeds, and once in panels, to be multiplied. */
#include "kernels/cpu/matches.h"

#include "base/round.h"

#include <stdlib.h>

static size_t row_floats(const gd_op *op)
{
    return (size_t)op->match->units * (size_t)op->src.channels;
}

static size_t panel_floats(const gd_op *op)
{
    return (size_t)gd_round_up(op->match->units, GD_MATCH_PANEL) * (size_t)op->src.channels;
}

size_t gd_cpu_matches_bytes(const gd_tape *tape)
{
    size_t floats = 0;
    for (int32_t o = 0; o < tape->op_count; o++)
        if (tape->ops[o].match)
            floats += row_floats(&tape->ops[o]) + panel_floats(&tape->ops[o]);
    return floats * sizeof(float);
}

/* Channels of padding stay 0. */
static gd_status load(gd_cpu_match *made, const gd_op *given, const gd_op *op,
                      const gd_channel_blocks *blocks, gd_error *error)
{
    const gd_match *of = op->match;
    float *panels = calloc(panel_floats(op) + row_floats(op), sizeof *panels);
    *made = (gd_cpu_match){.of = of, .channels = op->src.channels, .panels = panels};
    if (!panels)
        return gd_no_memory(error, "the guide of %d units", of->units);
    float *rows = panels + panel_floats(op);
    made->rows = rows;
    for (int32_t c = 0; c < of->channels; c++) {
        const int32_t at = gd_channel_place(blocks, given->src, c);
        for (int32_t j = 0; j < of->units; j++) {
            const float value = of->values[(size_t)j * (size_t)of->channels + (size_t)c];
            const ptrdiff_t panel = (ptrdiff_t)(j / GD_MATCH_PANEL) * made->channels;
            rows[(ptrdiff_t)j * made->channels + at] = value;
            panels[(panel + at) * GD_MATCH_PANEL + j % GD_MATCH_PANEL] = value;
        }
    }
    return GD_OK;
}

gd_status gd_cpu_matches_load(gd_device *device, const gd_tape *tape, const gd_channel_blocks *blocks,
                              gd_error *error)
{
    gd_cpu_matches_free(device);
    device->matches = calloc((size_t)tape->op_count + 1, sizeof *device->matches);
    gd_status status = device->matches ? GD_OK : gd_no_memory(error, "the guide");
    for (int32_t o = 0; o < tape->op_count && status == GD_OK; o++)
        if (tape->ops[o].match)
            status = load(&device->matches[device->match_count++], &tape->ops[o], &blocks->tape->ops[o],
                          blocks, error);
    return status;
}

void gd_cpu_matches_free(gd_device *device)
{
    for (int32_t i = 0; i < device->match_count; i++)
        free(device->matches[i].panels);
    free(device->matches);
    device->matches = NULL;
    device->match_count = 0;
}

gd_status gd_cpu_match_prepare(gd_program *program, int32_t o, gd_error *error)
{
    const gd_device *device = program->device;
    const gd_op *op = &program->tape->ops[o];
    program->scratch_bytes[o] = GD_TEAM * gd_match_scratch_floats(op->src.channels) * sizeof(float);
    for (int32_t i = 0; i < device->match_count; i++)
        if (device->matches[i].of == op->match && device->matches[i].channels == op->src.channels)
            program->ops[o].match = &device->matches[i];
    if (program->loaded && !program->ops[o].match)
        return gd_fail(error, GD_INTERNAL, "the guide of operation %d was not loaded", o);
    return GD_OK;
}
