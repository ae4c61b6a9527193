/* Dresses the cpu backend up as another device. */
#include "plan/plan_scene.h"

#include "check.h"
#include "net/objective.h"

struct plan_scene plan_scene;

static gd_memory *counted_memory(const gd_device *device)
{
    (void)device;
    return &plan_scene.counted.memory;
}

static void pretended_facts(const gd_device *device, gd_device_facts *facts)
{
    gd_backend_cpu.facts(device, facts);
    facts->total_bytes = plan_scene.pretended_bytes;
    facts->fixed_bytes = facts->assumed_bytes = plan_scene.pretended_bytes / 100;
}

static gd_status demote(gd_device *device, const gd_tape *tape, gd_demotion *demotion, gd_error *error)
{
    const int32_t kept = plan_scene.kept_side;
    const bool large = kept > 0 && (tape->rows > kept || tape->cols > kept);
    (void)device;
    (void)error;
    *demotion = (gd_demotion){.demoted = large, .convolutions = 2, .demoted_flop = large, .flop = 4};
    return GD_OK;
}

gd_engine *plan_scene_engine(const char *layer, bool weights)
{
    static gd_backend backend;
    const gd_net *net = plan_scene.net;
    gd_error error;
    gd_engine *engine = NULL;
    const gd_device_options options = {.precision = GD_PRECISION_FP32};
    const gd_objective objective = {
        .terms = {{.node = net->layers[gd_net_find_layer(net, layer)].node, .weight = 1.0}}, .count = 1};
    backend = gd_backend_cpu;
    backend.memory = counted_memory;
    backend.facts = pretended_facts;
    backend.demotion = demote;
    check_ok(gd_engine_create(&backend, &options, net, &objective,
                              weights ? GD_SOURCE_DIR "/weights/inception_v3_mixed5.h5" : NULL, &engine,
                              &error),
             error);
    return engine;
}

gd_render_parameters plan_scene_parameters(int64_t rows, int64_t cols, int64_t tile)
{
    return (gd_render_parameters){.base_rows = rows,
                                  .base_cols = cols,
                                  .octave_scale = 1.4,
                                  .octave_first = -2,
                                  .octave_end = 2,
                                  .steps = 2,
                                  .tile = {(double)tile, (double)tile, GD_CURVE_LINEAR},
                                  .step_size = {0.02, 0.02, GD_CURVE_LINEAR},
                                  .halo_kind = GD_HALO_AUTO,
                                  .rules = gd_compat_rules_of(GD_COMPAT_NONE),
                                  .seed = 5,
                                  .final_resize = true,
                                  .threads = 1};
}

int plan_scene_open(void **state)
{
    (void)state;
    gd_error error;
    plan_scene.net = gd_net_create(GD_INCEPTION_V3);
    return plan_scene.net && gd_comm_start(NULL, NULL, &plan_scene.comm, &error) == GD_OK ? 0 : 1;
}

int plan_scene_close(void **state)
{
    (void)state;
    gd_net_free(plan_scene.net);
    gd_comm_finish(plan_scene.comm);
    return 0;
}
