/* Steps of a canvas on so many GPUs, predicted from their tiles, exchanges and tapes. */
#ifndef GD_BENCH_GPU_PREDICT_H
#define GD_BENCH_GPU_PREDICT_H

#include "dream/parameters.h"
#include "engine/engine.h"
#include "gpu_cost.h"

enum { GPU_NODE = 8 /* GPUs that NVLink joins; more of them are joined by a port of InfiniBand each */ };

/* Means over the steps of the parameters, of one octave. */
typedef struct gpu_prediction {
    int32_t ranks;
    double tiles, tiles_most; /* of all ranks, and of the one that has most */
    double waves;             /* of windows that travel together */
    double flop;              /* of all ranks */
    double sent_bytes;        /* by a rank to others */
    double link;              /* bytes a second each way */
    double peak, fast, slow;  /* seconds of a step */
} gpu_prediction;

/* Fails with what the plan of such a render fails with. */
gd_status gpu_predict(const gd_engine *engine, const gd_render_parameters *parameters, int32_t ranks,
                      const gd_gpu_kind *kind, gpu_prediction *prediction, gd_error *error) GD_CHECKED;

#endif
