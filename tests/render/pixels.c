/* Canvases without dreams: ranks, an engine, and a canvas's pixels in one place. */
#include "pixels.h"
#include "net/objective.h"

#include "check.h"
#include "transfer/bands.h"

#include <stdlib.h>
#include <string.h>

int gd_pixels_start(void **state)
{
    gd_error error;
    const gd_objective nothing = {.count = 0};
    const gd_device_options options = {.precision = GD_PRECISION_FP32};
    gd_pixels *p = calloc(1, sizeof *p);
    *state = p;
    if (!p)
        return 1;
    p->net = gd_net_create(GD_INCEPTION_V3);
    return p->net && gd_comm_start(NULL, NULL, &p->comm, &error) == GD_OK &&
                   gd_engine_create(&gd_backend_cpu, &options, p->net, &nothing, NULL, &p->engine, &error) ==
                       GD_OK
               ? 0
               : 1;
}

int gd_pixels_stop(void **state)
{
    gd_pixels *p = *state;
    gd_engine_free(p->engine);
    gd_net_free(p->net);
    gd_comm_finish(p->comm);
    free(p);
    return 0;
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
