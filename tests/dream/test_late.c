/* A whole render in memory whose copies run late, and which the host may not touch: the picture must be that
 * of one in host memory, bit for bit. */
#include "base/apart/apart.h"
#include "check.h"
#include "dream/render.h"
#include "mpi/late_memory.h"
#include "net/objective.h"
#include "transfer/bands.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 300, COLS = 420 };

/* Late, or the host's. */
static gd_memory *chosen;
static gd_memory_class late_class;
static gd_comm *comm;

static gd_memory *chosen_memory(const gd_device *device)
{
    (void)device;
    return chosen;
}

/* Tensors are made by threads, which late memory does not know of; nothing of them is ever queued. */
static gd_status allocate(gd_memory *memory, gd_purpose purpose, size_t bytes, void **values, gd_error *error)
{
    gd_memory *where = purpose == GD_FOR_TENSORS ? gd_memory_host() : memory;
    return purpose == GD_FOR_TENSORS ? where->class->allocate(where, purpose, bytes, values, error)
                                     : late_class.allocate(where, purpose, bytes, values, error);
}

static void release(gd_memory *memory, gd_purpose purpose, void *values)
{
    if (purpose == GD_FOR_TENSORS)
        gd_memory_host()->class->release(gd_memory_host(), purpose, values);
    else
        late_class.release(memory, purpose, values);
}

typedef struct picture {
    float *next; /* the rows that come next */
} picture;

static gd_status read_rows(void *context, int64_t count, float *rgb, gd_error *error)
{
    picture *p = context;
    (void)error;
    memcpy(rgb, p->next, (size_t)count * COLS * 3 * sizeof *rgb);
    p->next += count * COLS * 3;
    return GD_OK;
}

static gd_status write_rows(void *context, int64_t count, const float *rgb, const void *samples,
                            gd_error *error)
{
    picture *p = context;
    (void)error;
    assert_null(samples);
    memcpy(p->next, rgb, (size_t)count * COLS * 3 * sizeof *rgb);
    p->next += count * COLS * 3;
    return GD_OK;
}

static gd_render_parameters parameters(double tile, gd_compat compat)
{
    return (gd_render_parameters){.base_rows = ROWS,
                                  .base_cols = COLS,
                                  .octave_scale = 1.4,
                                  .octave_first = -1,
                                  .octave_end = 1,
                                  .steps = 2,
                                  .tile = {tile, tile, GD_CURVE_LINEAR},
                                  .step_size = {0.02, 0.02, GD_CURVE_LINEAR},
                                  .halo_kind = GD_HALO_AUTO,
                                  .rules = gd_compat_rules_of(compat),
                                  .seed = 7,
                                  .final_resize = true,
                                  .threads = 2};
}

static gd_status read_canvas(void *context, gd_canvas *canvas, gd_origin origin, gd_error *error)
{
    picture *in = context;
    assert_int_equal(origin, GD_ORIGIN_NOISE);
    return gd_bands_in(comm, canvas, read_rows, in, error);
}

/* From `from` to `to`, [ROWS, COLS, 3], through `memory`. */
static void render(gd_memory *memory, gd_render_parameters p, float *from, float *to)
{
    gd_error error;
    gd_backend backend = gd_backend_cpu;
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    gd_engine *engine = NULL;
    gd_canvas *canvas = NULL;
    picture in = {from}, out = {to};
    p.hooks.context = &in;
    p.hooks.first = read_canvas;
    const gd_device_options options = {.precision = GD_PRECISION_FP32};
    const gd_objective objective = {
        .terms = {{.node = net->layers[gd_net_find_layer(net, "mixed0")].node, .weight = 1.0}}, .count = 1};
    backend.memory = chosen_memory;
    chosen = memory;
    check_ok(gd_engine_create(&backend, &options, net, &objective,
                              GD_SOURCE_DIR "/weights/inception_v3_mixed5.h5", &engine, &error),
             error);
    check_ok(gd_render(comm, engine, &p, &canvas, &error), error);
    check_ok(gd_bands_out(comm, engine, canvas, 8, write_rows, &out, &error), error);
    gd_canvas_free(canvas);
    gd_engine_free(engine);
    gd_net_free(net);
}

static void check_late(double tile, gd_compat compat)
{
    const size_t count = (size_t)ROWS * COLS * 3;
    const gd_render_parameters p = parameters(tile, compat);
    float *from = calloc(count, sizeof *from), *prompt = calloc(count, sizeof *prompt);
    float *late = calloc(count, sizeof *late);
    assert_true(from && prompt && late);
    for (size_t i = 0; i < count; i++)
        from[i] = (float)((i * 37 + i / 91) % 201) / 100 - 1;
    render(gd_memory_host(), p, from, prompt);
    gd_memory *memory = late_memory_open();
    const gd_memory_class *plain = memory->class;
    gd_memory_class mixed = late_class = *plain;
    mixed.allocate = allocate;
    mixed.release = release;
    memory->class = &mixed;
    render(memory, p, from, late);
    memory->class = plain;
    late_memory_close(memory);
    if (gd_comm_rank(comm) == 0) {
        assert_memory_not_equal(from, prompt, count * sizeof *from);
        assert_memory_equal(prompt, late, count * sizeof *late);
    }
    free(from);
    free(prompt);
    free(late);
}

static void tiles_in_late_memory(void **state)
{
    (void)state;
    check_late(96, GD_COMPAT_NONE);
}

static void one_tile_in_late_memory(void **state)
{
    (void)state;
    check_late(512, GD_COMPAT_NONE);
}

static void tensorflow_in_late_memory(void **state)
{
    (void)state;
    check_late(96, GD_COMPAT_TENSORFLOW);
}

static int start(void **state)
{
    (void)state;
    gd_error error;
    return gd_comm_start(NULL, NULL, &comm, &error) == GD_OK ? 0 : 1;
}

static int stop(void **state)
{
    (void)state;
    gd_comm_finish(comm);
    return 0;
}

int main(void)
{
    gd_apart_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_in_late_memory),
        cmocka_unit_test(one_tile_in_late_memory),
        cmocka_unit_test(tensorflow_in_late_memory),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
