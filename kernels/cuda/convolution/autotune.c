/* Times the candidates of a convolution on the device, and keeps the fastest. */
#include "kernels/cuda/convolution/autotune.h"

#include "kernels/cuda/convolution/convolution_search.h"
#include "kernels/cuda/convolution/cudnn_state.h"

#include <math.h>
#include <stdlib.h>

enum { RUNS = 5, CANDIDATES = 16 };

/* Times whose ratio is below this are equal. */
static const double tie = 1.02;

typedef struct events {
    cudaEvent_t first, last; /* owned */
} events;

static gd_status failed(cudaError_t cause, gd_error *error)
{
    return gd_fail(error, GD_BACKEND, "a convolution cannot be timed on the GPU (%s): run without --autotune",
                   cudaGetErrorString(cause));
}

/* Times one run between two events. Another run precedes it, so that the GPU is busy while the host queues
 * the events and launch overhead is not measured. INFINITY if the engine does not start and the stream still
 * works. */
static gd_status time_once(cudaStream_t stream, gd_timed_run run, void *context, const events *e,
                           double *seconds, gd_error *error)
{
    float milliseconds = 0;
    cudaError_t cause = cudaSuccess;
    gd_status status = GD_OK;
    for (int turn = 0; turn < 2 && status == GD_OK && cause == cudaSuccess; turn++) {
        if (turn == 1)
            cause = cudaEventRecord(e->first, stream);
        status = run(context, error);
    }
    if (status != GD_OK) {
        *seconds = INFINITY;
        return cudaStreamSynchronize(stream) == cudaSuccess ? GD_OK : status;
    }
    if (cause == cudaSuccess)
        cause = cudaEventRecord(e->last, stream);
    if (cause == cudaSuccess)
        cause = cudaEventSynchronize(e->last);
    if (cause == cudaSuccess)
        cause = cudaEventElapsedTime(&milliseconds, e->first, e->last);
    *seconds = milliseconds * 1e-3;
    return cause == cudaSuccess ? GD_OK : failed(cause, error);
}

gd_status gd_time_runs(cudaStream_t stream, gd_timed_run run, void *context, double *seconds, gd_error *error)
{
    events e = {0};
    gd_status status = GD_OK;
    cudaError_t cause = cudaEventCreateWithFlags(&e.first, cudaEventDefault);
    if (cause == cudaSuccess)
        cause = cudaEventCreateWithFlags(&e.last, cudaEventDefault);
    if (cause != cudaSuccess)
        status = failed(cause, error);
    *seconds = 0;
    for (int32_t turn = -1; turn < RUNS && status == GD_OK && !isinf(*seconds); turn++) {
        double took = 0;
        status = time_once(stream, run, context, &e, &took, error);
        if (turn <= 0 || took < *seconds || isinf(took)) /* the first run is a warm-up */
            *seconds = took;
    }
    if (status != GD_OK)
        cudaStreamSynchronize(
            stream); /* nothing may use the buffers afterwards; the first failure is reported */
    if (e.last)
        cudaEventDestroy(e.last);
    if (e.first)
        cudaEventDestroy(e.first);
    return status;
}

bool gd_time_is_less(double seconds, double than)
{
    return seconds * tie < than;
}

typedef struct plan_run {
    gd_cudnn *cudnn;
    const gd_conv_plan *plan;
    const gd_conv_buffers *buffers;
} plan_run;

static gd_status run_plan(void *context, gd_error *error)
{
    const plan_run *r = context;
    return gd_conv_plan_run(r->cudnn, r->plan, r->buffers, error);
}

gd_status gd_conv_time(void *context, gd_cudnn *cudnn, const gd_conv_plan *plan,
                       const gd_conv_buffers *buffers, double *seconds, gd_error *error)
{
    (void)context;
    plan_run run = {cudnn, plan, buffers};
    return gd_time_runs(cudnn->stream, run_plan, &run, seconds, error);
}

/* Whether the choice still works on this device, within the budget. cuDNN's reason, if not, is ignored. */
static bool still_good(gd_cudnn *cudnn, const gd_conv_shape *shape, const gd_conv_choice *choice,
                       int64_t budget)
{
    gd_conv_plan *plan;
    gd_error why;
    const bool good =
        choice->workspace <= budget && gd_conv_plan_create(cudnn, shape, choice, &plan, &why) == GD_OK;
    if (good)
        gd_conv_plan_free(plan);
    return good;
}

static int32_t pick(const double *seconds, int32_t count)
{
    double best = seconds[0];
    for (int32_t c = 1; c < count; c++)
        best = seconds[c] < best ? seconds[c] : best;
    int32_t picked = 0;
    while (seconds[picked] > best * tie)
        picked++;
    return picked;
}

static gd_status time_all(gd_cudnn *cudnn, const gd_conv_shape *shape, const gd_conv_buffers *buffers,
                          gd_conv_timer timer, void *context, gd_conv_choice *choice, gd_error *error)
{
    gd_conv_choice candidates[CANDIDATES];
    double seconds[CANDIDATES];
    int32_t count = 0;
    gd_status status =
        gd_conv_candidates(cudnn, shape, buffers->workspace_bytes, candidates, CANDIDATES, &count, error);
    for (int32_t c = 0; c < count && status == GD_OK; c++) {
        gd_conv_plan *plan;
        status = gd_conv_plan_create(cudnn, shape, &candidates[c], &plan, error);
        if (status == GD_OK)
            status = timer(context, cudnn, plan, buffers, &seconds[c], error);
        gd_conv_plan_free(plan);
    }
    const int32_t picked = status == GD_OK ? pick(seconds, count) : 0;
    if (status == GD_OK && isinf(seconds[picked]))
        status = gd_fail(error, GD_BACKEND,
                         "cuDNN did not start the convolution by any of %d engines: run without --autotune",
                         count);
    if (status == GD_OK)
        *choice = candidates[picked];
    return status;
}

gd_status gd_autotune(gd_cudnn *cudnn, const gd_conv_shape *shape, const gd_conv_buffers *buffers,
                      gd_conv_timer timer, void *context, gd_choices *known, gd_conv_choice *choice,
                      gd_error *error)
{
    const gd_conv_choice *old = gd_choices_find(known, shape);
    if (old && still_good(cudnn, shape, old, buffers->workspace_bytes)) {
        *choice = *old;
        return GD_OK;
    }
    const gd_status status = time_all(cudnn, shape, buffers, timer, context, choice, error);
    return status == GD_OK ? gd_choices_add(known, shape, choice, error) : status;
}
