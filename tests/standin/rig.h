/* What tests of the stand-in's runtime share: a child for each program, and what most programs need. */
#ifndef GD_STANDIN_RIG_H
#define GD_STANDIN_RIG_H

#include "standin/internal.h"

#include <cuda_runtime_api.h>
#include <stdbool.h>
#include <stddef.h>

enum { COUNT = 1024, BYTES = COUNT * (int)sizeof(float) };

/* What most cases need. */
typedef struct rig {
    cudaStream_t a, b;
    cudaEvent_t event, other;
    float *x, *y; /* [COUNT], device */
    double *sums; /* [4], device */
    float *host;  /* [COUNT], pinned */
} rig;

/* End the process with a sentence unless all is well. */
void rig_must(cudaError_t error);
void rig_need(bool holds, const char *what);
#define NEED(condition) rig_need(condition, #condition)

rig rig_make(void); /* host[i] is i; nothing else is written */
void rig_free(rig r);
void rig_fill(rig r); /* x is host, and the host has waited for it */

/* A graph of two streams: y = x + 1 on a, its sums on b, x + 1 on a; without `join` the capture must fail. */
cudaGraph_t rig_capture(rig r, bool join);

/* Runs `body` in a child, in which queued work runs in an order of GD_STANDIN_ORDER; gives its exit code, and
 * what it wrote to stderr. */
int rig_run(void (*body)(void), const char *order, char *text, size_t size);

/* Of work that the stand-in queues itself: done at each third call (state is an int), and never ready. */
gd_standin_step rig_third_time(void *state);
bool rig_never(void);

#endif
