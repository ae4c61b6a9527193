/* Runs compiled tapes: a whole window as a CUDA graph, except the first time; parts operation by operation.
 */
#include "kernels/cuda/run.h"

#include "kernels/cuda/device/range.h"
#include "kernels/cuda/device_lock.h"
#include "kernels/cuda/graph.h"
#include "kernels/cuda/operations.h"

void gd_cuda_use_graphs(gd_device *device, bool use)
{
    device->graphs = use;
}

/* The first operation reads the window and the last one writes the gradient, whose addresses change; the
 * others use the arena alone, and become a graph. The first time they run one by one, because cuDNN and the
 * driver load modules then, which a capture does not allow. */
static gd_status run_whole(gd_program *program, void *arena, const float *window, float *gradient,
                           gd_error *error)
{
    const int32_t last = program->tape->op_count - 1;
    const bool replayed = program->device->graphs && program->warm;
    program->warm = true;
    gd_status status = gd_cuda_queue(program, arena, 0, 1, window, NULL, error);
    if (status == GD_OK)
        status = replayed ? gd_cuda_replay(program, arena, error)
                          : gd_cuda_queue(program, arena, 1, last, NULL, NULL, error);
    return status == GD_OK ? gd_cuda_queue(program, arena, last, last + 1, NULL, gradient, error) : status;
}

static bool is_whole(const gd_tape *tape, int32_t first, int32_t last)
{
    return first == 0 && last == tape->op_count && last > 1 && tape->ops[0].kind == GD_OP_INPUT &&
           tape->ops[last - 1].kind == GD_OP_OUTPUT;
}

gd_status gd_cuda_run(gd_program *program, void *arena, int32_t first, int32_t last, const float *window,
                      float *gradient, gd_error *error)
{
    gd_status status = gd_cuda_begin(program->device, error);
    if (status == GD_OK && !program->loaded)
        status = gd_fail(error, GD_INTERNAL, "a program without weights cannot run");
    gd_range_begin("a window", program->tape->rows);
    if (status == GD_OK)
        status = is_whole(program->tape, first, last)
                     ? run_whole(program, arena, window, gradient, error)
                     : gd_cuda_queue(program, arena, first, last, window, gradient, error);
    gd_range_end();
    return gd_cuda_end(program->device, status);
}
