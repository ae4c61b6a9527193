/* An engine whose device and memory are pretended, for plans on any number of ranks. */
#ifndef GD_TESTS_PLAN_PLAN_SCENE_H
#define GD_TESTS_PLAN_PLAN_SCENE_H

#include "dream/parameters.h"
#include "engine/engine.h"
#include "mpi/comm.h"
#include "net/net.h"
#include "plan/counting.h"

#include <stdbool.h>
#include <stdint.h>

/* Backends' callbacks find it here. */
extern struct plan_scene {
    gd_comm *comm;
    gd_net *net;              /* Inception V3 */
    counting_memory counted;  /* a test opens it before an engine, and closes it behind */
    uint64_t pretended_bytes; /* of a device's own memory; 0: none */
    int32_t kept_side;        /* windows with a longer side are computed without tensor cores; 0: none are */
} plan_scene;

/* Set up and torn down once for all tests. */
int plan_scene_open(void **state);
int plan_scene_close(void **state);

/* An engine of the scene; the caller frees it. */
gd_engine *plan_scene_engine(const char *layer, bool weights);

/* Of a render with four octaves of two steps. */
gd_render_parameters plan_scene_parameters(int64_t rows, int64_t cols, int64_t tile);

#endif
