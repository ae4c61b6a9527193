/* Captures a tape from the stream as a CUDA graph and launches it as a whole, so that small windows are not
 * limited by launch overhead.
 *
 * 1. A program has at most one graph, valid for program->graph_arena; another arena replaces it.
 * 2. A capture is always ended, also after a failure, because the stream could not be used otherwise.
 * 3. A program is run once without a graph, because first use loads modules, which a capture does not allow.
 */
#include "kernels/cuda/graph.h"

#include "kernels/cuda/operations.h"

/* Captures all operations except the first and the last; ends the capture also after a failure. */
static gd_status capture(gd_program *program, void *arena, cudaGraph_t *graph, gd_error *error)
{
    const cudaStream_t stream = program->device->compute;
    gd_error late;
    *graph = NULL;
    /* Other threads may allocate during the capture, so only calls of this thread are restricted. */
    gd_status status = gd_cuda_check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal),
                                     "cudaStreamBeginCapture", error);
    if (status != GD_OK)
        return status;
    status = gd_cuda_queue(program, arena, 1, program->tape->op_count - 1, NULL, NULL, error);
    const gd_status ended = gd_cuda_check(cudaStreamEndCapture(stream, graph), "cudaStreamEndCapture",
                                          status == GD_OK ? error : &late);
    return status == GD_OK ? ended : status;
}

static gd_status make_graph(gd_program *program, void *arena, gd_error *error)
{
    cudaGraph_t graph;
    gd_status status = capture(program, arena, &graph, error);
    if (status == GD_OK)
        status =
            gd_cuda_check(cudaGraphInstantiate(&program->graph, graph, 0), "cudaGraphInstantiate", error);
    if (graph)
        (void)cudaGraphDestroy(graph);
    if (status == GD_OK)
        program->graph_arena = arena;
    else
        program->graph = NULL;
    return status;
}

gd_status gd_cuda_replay(gd_program *program, void *arena, gd_error *error)
{
    gd_status status = GD_OK;
    if (program->graph && program->graph_arena != arena) {
        status = gd_cuda_check(cudaGraphExecDestroy(program->graph), "cudaGraphExecDestroy", error);
        program->graph = NULL;
    }
    if (status == GD_OK && !program->graph)
        status = make_graph(program, arena, error);
    return status == GD_OK ? gd_cuda_check(cudaGraphLaunch(program->graph, program->device->compute),
                                           "cudaGraphLaunch", error)
                           : status;
}
