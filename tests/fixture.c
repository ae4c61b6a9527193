/* Reads the fixtures of tests/fixtures: gradients that Keras computed in float64. */
#include "fixture.h"

#include "check.h"

#include "tools/hash_weights.h"
#include "tools/v1_traits.h"

#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>

enum { NAME = 64 };

char **fixture_list(fixture_choice choice)
{
    const size_t step = choice == FIXTURE_FEW ? 3 : 1;
    glob_t found;
    if (glob(GD_FIXTURES "/gradient_*.h5", 0, NULL, &found) != 0)
        fail_msg("there are no fixtures under %s", GD_FIXTURES);
    char **paths = calloc(found.gl_pathc + 1, sizeof *paths);
    for (size_t i = 0; i * step < found.gl_pathc; i++)
        paths[i] = strdup(found.gl_pathv[i * step]);
    globfree(&found);
    return paths;
}

void fixture_free_list(char **paths)
{
    for (char **path = paths; *path; path++)
        free(*path);
    free(paths);
}

/* Reads up to `most` values of an attribute, each of `type`; returns how many there are. */
static int read_attribute(hid_t file, const char *name, hid_t type, void *values, int most)
{
    const hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    const hid_t space = H5Aget_space(attribute);
    const int count = (int)H5Sget_simple_extent_npoints(space);
    assert_in_range(count, 1, most);
    assert_true(H5Aread(attribute, type, values) >= 0);
    H5Sclose(space);
    H5Aclose(attribute);
    return count;
}

static void *read_pixels(hid_t file, const char *name, hid_t type, size_t size, int32_t *rows, int32_t *cols)
{
    hsize_t dims[3];
    const hid_t data = H5Dopen2(file, name, H5P_DEFAULT);
    const hid_t space = H5Dget_space(data);
    assert_int_equal(H5Sget_simple_extent_ndims(space), 3);
    H5Sget_simple_extent_dims(space, dims, NULL);
    assert_int_equal(dims[2], 3);
    void *pixels = malloc(dims[0] * dims[1] * 3 * size);
    assert_non_null(pixels);
    assert_true(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pixels) >= 0);
    H5Sclose(space);
    H5Dclose(data);
    *rows = (int32_t)dims[0];
    *cols = (int32_t)dims[1];
    return pixels;
}

static void read_objective(hid_t file, hid_t string, fixture *f)
{
    char layers[GD_TERMS_MAX][NAME];
    double factors[GD_TERMS_MAX];
    f->objective.count = read_attribute(file, "layers", string, layers, GD_TERMS_MAX);
    assert_int_equal(read_attribute(file, "factors", H5T_NATIVE_DOUBLE, factors, GD_TERMS_MAX),
                     f->objective.count);
    for (int32_t t = 0; t < f->objective.count; t++) {
        const int32_t layer = gd_net_find_layer(f->net, layers[t]);
        assert_true(layer >= 0);
        f->objective.terms[t] = (gd_term){f->net->layers[layer].node, factors[t]};
    }
}

static void read_weights(hid_t file, hid_t string, fixture *f)
{
    char kind[NAME];
    gd_error error;
    read_attribute(file, "weights", string, kind, 1);
    bool *needed = calloc((size_t)f->net->node_count, sizeof *needed);
    gd_objective_needs(f->net, &f->objective, needed);
    if (strcmp(kind, "hash") == 0)
        f->weights = hash_weights_create(f->net, needed);
    else
        check_ok(gd_weights_load(GD_SOURCE_DIR "/weights/inception_v3_mixed5.h5", f->net, needed, NULL,
                                 &f->weights, &error),
                 error);
    assert_non_null(f->weights);
    free(needed);
}

/* "inception5h": Inception V1 as TensorFlow's file has it, with 204 of 508 channels where Caffe's has 208. */
static gd_net *create_net(const char *network)
{
    static const char *const names[] = {[GD_INCEPTION_V3] = "inceptionV3",
                                        [GD_INCEPTION_RESNET_V2] = "inceptionResNet",
                                        [GD_INCEPTION_V1] = "inceptionV1"};
    for (int a = 0; a < 3; a++)
        if (strcmp(network, names[a]) == 0)
            return gd_net_create((gd_architecture)a);
    const gd_net_traits traits = v1_traits_5h();
    assert_string_equal(network, "inception5h");
    return gd_net_create_as(GD_INCEPTION_V1, &traits);
}

void fixture_load(const char *path, fixture *f)
{
    *f = (fixture){0};
    char network[NAME];
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0)
        fail_msg("cannot open the fixture %s", path);
    const hid_t string = H5Tcopy(H5T_C_S1);
    H5Tset_size(string, NAME);
    read_attribute(file, "network", string, network, 1);
    f->net = create_net(network);
    assert_non_null(f->net);
    read_objective(file, string, f);
    read_weights(file, string, f);
    int32_t rows, cols;
    f->window = read_pixels(file, "window", H5T_NATIVE_FLOAT, sizeof(float), &f->rows, &f->cols);
    f->gradient = read_pixels(file, "gradient", H5T_NATIVE_DOUBLE, sizeof(double), &rows, &cols);
    assert_true(rows == f->rows && cols == f->cols);
    H5Tclose(string);
    H5Fclose(file);
}

void fixture_free(fixture *f)
{
    free(f->window);
    free(f->gradient);
    gd_weights_free(f->weights);
    gd_net_free(f->net);
    *f = (fixture){0};
}

double relative_l2(const double *a, const double *b, int64_t count)
{
    double difference = 0, size = 0;
    for (int64_t i = 0; i < count; i++) {
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return sqrt(difference / size);
}
