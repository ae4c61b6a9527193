/* Ranks, an engine with the bundled weights, and a canvas with a photograph; for tests of whole steps.
 * */
#include "render/scene.h"
#include "base/apart/apart.h"
#include "net/objective.h"

#include "transfer/source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int gd_scene_start(void **state)
{
    gd_error error;
    gd_comm *comm = NULL;
    gd_apart_start();
    if (gd_comm_start(NULL, NULL, &comm, &error) != GD_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    *state = comm;
    return 0;
}

int gd_scene_stop(void **state)
{
    gd_comm_finish(*state);
    return 0;
}

gd_objective gd_scene_objective(const char *const *layers, int count)
{
    gd_objective objective = {.count = count};
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    assert_non_null(net);
    for (int i = 0; i < count; i++) {
        const int32_t index = gd_net_find_layer(net, layers[i]);
        assert_in_range(index, 0, net->layer_count - 1);
        objective.terms[i] = (gd_term){.node = net->layers[index].node, .weight = 1.0};
    }
    gd_net_free(net);
    return objective;
}

gd_scene gd_scene_open(gd_comm *comm, const gd_objective *objective, gd_precision precision)
{
    gd_error error;
    gd_scene s = {.comm = comm, .net = gd_net_create(GD_INCEPTION_V3)};
    assert_non_null(s.net);
    const gd_device_options options = {.precision = precision};
    check_ok(gd_engine_create(&gd_backend_cpu, &options, s.net, objective,
                              GD_SOURCE_DIR "/weights/inception_v3_mixed5.h5", &s.engine, &error),
             error);
    check_ok(gd_stepper_create(comm, s.engine, 1, &s.stepper, &error), error);
    return s;
}

static void drop_canvas(gd_scene *scene)
{
    gd_plane_free(scene->gradient);
    gd_canvas_free(scene->canvas);
    scene->gradient = NULL;
    scene->canvas = NULL;
}

void gd_scene_close(gd_scene *scene)
{
    drop_canvas(scene);
    gd_stepper_free(scene->stepper);
    gd_engine_free(scene->engine);
    gd_net_free(scene->net);
}

static void new_canvas(gd_scene *scene, int64_t rows, int64_t cols)
{
    gd_error error;
    drop_canvas(scene);
    check_ok(gd_canvas_create(gd_engine_store(scene->engine), rows, cols, gd_comm_size(scene->comm),
                              gd_comm_rank(scene->comm), &scene->canvas, &error),
             error);
    check_ok(gd_plane_create(scene->canvas->pixels->store, scene->canvas->partition,
                             gd_comm_rank(scene->comm), &scene->gradient, &error),
             error);
}

void gd_scene_photograph(gd_scene *scene, const char *name, int64_t rows, int64_t cols)
{
    gd_error error;
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/images/%s", GD_SOURCE_DIR, name);
    new_canvas(scene, rows, cols);
    check_ok(gd_source_file(scene->comm, path, NULL, NULL, scene->canvas, NULL, &error), error);
}

void gd_scene_paint_canvas(gd_canvas *canvas, gd_scene_pixel pixel, void *context)
{
    const gd_partition *partition = canvas->partition;
    const int32_t rank = canvas->pixels->rank;
    for (int64_t i = partition->run_start[rank]; i < partition->run_start[rank + 1]; i++) {
        const gd_rect r = gd_partition_block(partition, partition->order[i]);
        float *rgb = canvas->pixels->blocks[i - partition->run_start[rank]];
        for (int64_t y = r.y; y < r.y + r.rows; y++)
            for (int64_t x = r.x; x < r.x + r.cols; x++, rgb += 3)
                pixel(context, y, x, rgb);
    }
}

void gd_scene_paint(gd_scene *scene, int64_t rows, int64_t cols, gd_scene_pixel pixel, void *context)
{
    new_canvas(scene, rows, cols);
    gd_scene_paint_canvas(scene->canvas, pixel, context);
}

double gd_scene_gradient(gd_scene *scene, int64_t tile, int64_t halo, int64_t dy, int64_t dx)
{
    gd_error error;
    double deviation = 0;
    const gd_step_parameters p = {.tile = tile, .halo = halo, .dy = dy, .dx = dx};
    check_ok(gd_step_gradient(scene->stepper, scene->canvas, &p, scene->gradient, &deviation, &error), error);
    return deviation;
}

float *gd_scene_copy(const gd_scene *scene, const gd_plane *plane)
{
    const gd_partition *partition = scene->canvas->partition;
    float *all = malloc((size_t)(partition->rows * partition->cols * 3) * sizeof *all);
    assert_non_null(all);
    assert_int_equal(partition->ranks, 1);
    for (int64_t i = 0; i < partition->run_start[1]; i++) {
        const gd_rect r = gd_partition_block(partition, partition->order[i]);
        const float *block = plane->blocks[i];
        for (int64_t y = 0; y < r.rows; y++)
            memcpy(all + ((r.y + y) * partition->cols + r.x) * 3, block + y * r.cols * 3,
                   (size_t)r.cols * 3 * sizeof *all);
    }
    return all;
}

double gd_relative_error(const float *a, const float *b, int64_t count)
{
    double difference = 0, size = 0;
    for (int64_t i = 0; i < count; i++) {
        difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        size += (double)b[i] * b[i];
    }
    return sqrt(difference / size);
}
