/* Samples: their size, an engine for their features, and the memory that these take. */
#include "job/sample/sample.h"

#include "base/minmax.h"
#include "base/size.h"
#include "image/reader.h"
#include "job/memory_check.h"
#include "net/lower/lower.h"

#include <math.h>
#include <stdlib.h>

gd_extent gd_sample_extent(gd_extent picture, int32_t smallest_input)
{
    const double longest = (double)gd_max_i64(picture.rows, picture.cols);
    const double shortest = (double)gd_min_i64(picture.rows, picture.cols);
    const double scale = fmin(1, fmax(GD_SAMPLE_SIDE / longest, smallest_input / shortest));
    return (gd_extent){gd_max_i64(1, llround((double)picture.rows * scale)),
                       gd_max_i64(1, llround((double)picture.cols * scale))};
}

int32_t gd_sample_node(const gd_net *net, const gd_layer_choice *layer)
{
    return net->layers[gd_net_find_layer(net, layer->name)].node;
}

gd_status gd_sample_read(const char *path, const char *folder, const gd_file_identity *file, gd_extent sample,
                         float **pixels, gd_error *error)
{
    gd_reader *reader = NULL;
    *pixels = malloc((size_t)(sample.rows * sample.cols) * 3 * sizeof **pixels);
    if (!*pixels)
        return gd_no_memory(error, "a small copy of %.300s", path);
    gd_status status = gd_reader_open_resized(path, folder, sample.rows, sample.cols, &reader, error);
    if (status == GD_OK && file)
        status = gd_reader_check(reader, file, error);
    if (status == GD_OK)
        status = gd_reader_rows(reader, sample.rows, *pixels, error);
    gd_reader_close(reader);
    return status;
}

gd_status gd_sample_engine(const gd_decision *d, const gd_objective *objective, bool loaded, gd_net **net,
                           gd_engine **engine, gd_error *error)
{
    const bool reference = d->settings.backend == GD_BACKEND_REFERENCE;
    const gd_device_options options = {.precision = reference ? GD_PRECISION_AUTO : GD_PRECISION_FP32,
                                       .kind = d->processor.kind,
                                       .cores = d->options.threads,
                                       .loading = &d->allowance};
    *engine = NULL;
    *net = gd_net_create_as(d->options.architecture, &d->traits);
    if (!*net)
        return gd_no_memory(error, "the network's table");
    return gd_engine_create(reference ? &gd_backend_reference : &gd_backend_cpu, &options, *net, objective,
                            loaded ? d->files.weights : NULL, engine, error);
}

static uint64_t pixel_bytes(gd_extent sample)
{
    return (uint64_t)(sample.rows * sample.cols) * 3 * sizeof(float);
}

gd_status gd_sample_bytes(const gd_engine *engine, gd_extent sample, uint64_t reader, uint64_t *bytes,
                          gd_error *error)
{
    gd_tape *tape = NULL;
    size_t features = 0;
    const gd_window_shape whole = gd_window_shape_whole((int32_t)sample.rows, (int32_t)sample.cols);
    gd_status status = gd_features_bytes(engine, whole.rows, whole.cols, &features, error);
    if (status == GD_OK)
        status = gd_engine_lower(engine, &whole, &tape, error);
    if (status == GD_OK)
        *bytes = pixel_bytes(sample) +
                 gd_max_u64(reader, features + engine->backend->filter_bytes(engine->device, tape));
    gd_tape_free(tape);
    return status;
}

gd_status gd_sample_features(const gd_decision *d, const gd_engine *engine, const float *pixels,
                             gd_extent sample, const char *what, gd_features **features, gd_error *error)
{
    const int32_t rows = (int32_t)sample.rows, cols = (int32_t)sample.cols;
    const gd_allowance allowance = gd_memory_check_allowance(&d->options, 1);
    char amount[GD_AMOUNT_BYTES], left[GD_AMOUNT_BYTES];
    size_t bytes = 0;
    const gd_status status = gd_features_bytes(engine, rows, cols, &bytes, error);
    if (status != GD_OK)
        return status;
    gd_amount_text((double)bytes, amount);
    gd_amount_text((double)allowance.left, left);
    if (bytes > allowance.left)
        return gd_fail(
            error, GD_USAGE,
            "%s: a copy of %d x %d pixels needs %s of memory on rank 0, and %s are left; use a larger "
            "--memory",
            what, cols, rows, amount, left);
    return gd_features_create(engine, pixels, rows, cols, features, error);
}

gd_status gd_sample_means(const gd_features *features, double **means, gd_error *error)
{
    const int64_t units = (int64_t)features->rows * features->cols;
    *means = malloc((size_t)features->channels * sizeof **means);
    if (!*means)
        return gd_no_memory(error, "the means of channels");
    for (int32_t c = 0; c < features->channels; c++) {
        double sum = 0;
        for (int64_t i = 0; i < units; i++)
            sum += features->values[c * units + i];
        (*means)[c] = sum / (double)units;
    }
    return GD_OK;
}
