/* Canvases without dreams: ranks, an engine, and a canvas's pixels in one place. */
#include "pixels.h"

#include "check.h"
#include "transfer/bands.h"

#include <stdlib.h>
#include <string.h>

bool gd_pixels_start(gd_comm **comm, gd_net **net, gd_engine **engine)
{
    gd_error error;
    const gd_objective nothing = {.count = 0};
    const gd_device_options options = {.precision = GD_PRECISION_FP32};
    *net = gd_net_create(GD_INCEPTION_V3);
    return *net && gd_comm_start(NULL, NULL, comm, &error) == GD_OK &&
           gd_engine_create(&gd_backend_cpu, &options, *net, &nothing, NULL, engine, &error) == GD_OK;
}

void gd_pixels_stop(gd_comm *comm, gd_net *net, gd_engine *engine)
{
    gd_engine_free(engine);
    gd_net_free(net);
    gd_comm_finish(comm);
}

/* What comes in bands, on rank 0. */
typedef struct kept {
    float *next;
    int64_t cols;
} kept;

static gd_status keep(void *context, int64_t count, const float *rgb, const void *samples, gd_error *error)
{
    kept *k = context;
    (void)samples;
    (void)error;
    memcpy(k->next, rgb, (size_t)(count * k->cols * 3) * sizeof *rgb);
    k->next += count * k->cols * 3;
    return GD_OK;
}

float *gd_pixels_of(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas)
{
    gd_error error;
    const gd_partition *partition = canvas->partition;
    float *pixels = malloc((size_t)(partition->rows * partition->cols * 3) * sizeof *pixels);
    kept k = {pixels, partition->cols};
    assert_non_null(pixels);
    check_ok(gd_bands_out(comm, engine, canvas, 8, keep, &k, &error), error);
    return pixels;
}
