/* Tests reading of weights in Keras' layout, and refusal of damaged files. */
#include "check.h"
#include "net/objective.h"

#include "base/apart/apart.h"
#include "net/weights.h"
#include "tools/keras_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUNDLED GD_SOURCE_DIR "/weights/inception_v3_mixed5.h5"

typedef struct setting {
    gd_net *net;
    bool *needed; /* to mixed0 */
    gd_weights *hashed;
    char path[64];
} setting;

static bool *needs_of(const gd_net *net, const char *layer)
{
    bool *needed = calloc((size_t)net->node_count, sizeof *needed);
    const gd_objective objective = {
        .terms = {{.node = net->layers[gd_net_find_layer(net, layer)].node, .weight = 1}}, .count = 1};
    gd_objective_needs(net, &objective, needed);
    return needed;
}

static int set_up(void **state)
{
    setting *s = calloc(1, sizeof *s);
    s->net = gd_net_create(GD_INCEPTION_V3);
    s->needed = needs_of(s->net, "mixed0");
    s->hashed = hash_weights_create(s->net, s->needed);
    snprintf(s->path, sizeof s->path, "weights-%d.h5", (int)getpid());
    *state = s;
    return s->hashed ? 0 : -1;
}

static int tear_down(void **state)
{
    setting *s = *state;
    unlink(s->path);
    gd_weights_free(s->hashed);
    free(s->needed);
    gd_net_free(s->net);
    free(s);
    return 0;
}

/* The node of the convolution with that number. */
static int32_t numbered(const gd_net *net, int32_t index)
{
    int32_t n = 0;
    while (net->nodes[n].kind != GD_NODE_CONV || net->nodes[n].conv_index != index)
        n++;
    return n;
}

static void check_equal(const gd_net *net, const gd_weights *a, const gd_weights *b)
{
    for (int32_t n = 0; n < net->node_count; n++) {
        assert_int_equal(a->convs[n].kernel != NULL, b->convs[n].kernel != NULL);
        if (!a->convs[n].kernel)
            continue;
        const size_t out = (size_t)net->nodes[n].channels * sizeof(float);
        assert_memory_equal(a->convs[n].kernel, b->convs[n].kernel,
                            (size_t)gd_conv_kernel_count(net, n) * sizeof(float));
        assert_memory_equal(a->convs[n].bias, b->convs[n].bias, out);
        if (net->nodes[n].batch_norm) {
            assert_memory_equal(a->convs[n].mean, b->convs[n].mean, out);
            assert_memory_equal(a->convs[n].variance, b->convs[n].variance, out);
        }
    }
    assert_string_equal(a->checksum, b->checksum);
}

static void write_file(const setting *s, keras_file_options options)
{
    assert_true(keras_file_write(s->path, s->net, s->hashed, &options));
}

/* Loads the setting's file, which must be refused with a sentence that names it and `word`. */
static void check_refused(const setting *s, const char *word)
{
    gd_error error = {""};
    gd_weights *weights = NULL;
    assert_int_equal(gd_weights_load(s->path, s->net, s->needed, NULL, &weights, &error), GD_USAGE);
    assert_null(weights);
    if (!strstr(error.message, s->path) || !strstr(error.message, word))
        fail_msg("the sentence does not name %s and \"%s\": %s", s->path, word, error.message);
}

static void bundled_loads_to_mixed5(void **state)
{
    setting *s = *state;
    gd_error error;
    gd_weights *weights;
    bool *needed = needs_of(s->net, "mixed5"), *held = calloc((size_t)s->net->node_count, sizeof *held);
    check_ok(gd_weights_probe(BUNDLED, s->net, NULL, held, &error), error);
    for (int32_t n = 0; n < s->net->node_count; n++)
        assert_int_equal(held[n], needed[n] || s->net->nodes[n].kind != GD_NODE_CONV);
    check_ok(gd_weights_load(BUNDLED, s->net, needed, NULL, &weights, &error), error);
    assert_string_equal(weights->path, BUNDLED);
    assert_int_equal(strlen(weights->checksum), 16);
    assert_null(weights->convs[numbered(s->net, 50)].kernel);
    gd_weights_free(weights);

    free(needed);
    needed = needs_of(s->net, "mixed6");
    assert_int_equal(gd_weights_load(BUNDLED, s->net, needed, NULL, &weights, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "weights/fetch.sh"));
    free(held);
    free(needed);
}

static void any_numbering_is_read(void **state)
{
    setting *s = *state;
    const keras_file_options options[] = {{.first_number = 0, .state_range = true},
                                          {.first_number = 1, .state_range = true, .variable_strings = true},
                                          {.first_number = 95}};
    for (int i = 0; i < 3; i++) {
        gd_error error;
        gd_weights *weights;
        write_file(s, options[i]);
        check_ok(gd_weights_load(s->path, s->net, s->needed, NULL, &weights, &error), error);
        check_equal(s->net, weights, s->hashed);
        gd_weights_free(weights);
    }
}

static void resnet_reads_named_layers(void **state)
{
    const setting *s = *state;
    gd_net *net = gd_net_create(GD_INCEPTION_RESNET_V2);
    bool *needed = needs_of(net, "block35_3_mixed"), *held = calloc((size_t)net->node_count, sizeof *held);
    gd_weights *hashed = hash_weights_create(net, needed), *weights;
    gd_error error;
    assert_true(keras_file_write(s->path, net, hashed, &(keras_file_options){.first_number = 1}));
    check_ok(gd_weights_load(s->path, net, needed, NULL, &weights, &error), error);
    check_equal(net, weights, hashed);
    check_ok(gd_weights_probe(s->path, net, NULL, held, &error), error);
    for (int32_t n = 0; n < net->node_count; n++)
        assert_int_equal(held[n], needed[n] || net->nodes[n].kind != GD_NODE_CONV);
    gd_weights_free(weights);
    gd_weights_free(hashed);

    /* Inception V3's file has mixed0 with other channels than mixed_5b. */
    assert_int_equal(gd_weights_load(BUNDLED, net, needed, NULL, &weights, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "another network"));
    assert_int_equal(gd_weights_probe(BUNDLED, net, NULL, held, &error), GD_USAGE);
    free(held);
    free(needed);
    gd_net_free(net);
}

static void wrong_shape_is_refused(void **state)
{
    setting *s = *state;
    write_file(s, (keras_file_options){.first_number = 1, .narrow_node = numbered(s->net, 4)});
    check_refused(s, "conv2d_5/kernel of shape [3, 3, 80, 191] where the network wants [3, 3, 80, 192]");
}

static void missing_layer_is_refused(void **state)
{
    setting *s = *state;
    write_file(s, (keras_file_options){.first_number = 1, .without_node = numbered(s->net, 4)});
    check_refused(s, "no conv2d_5/kernel");
    gd_error error;
    bool *held = calloc((size_t)s->net->node_count, sizeof *held);
    check_ok(gd_weights_probe(s->path, s->net, NULL, held, &error), error);
    assert_false(held[numbered(s->net, 4)]);
    assert_true(held[numbered(s->net, 5)]);
    free(held);
}

static void values_must_be_numbers(void **state)
{
    setting *s = *state;
    gd_conv_weights *conv = &s->hashed->convs[numbered(s->net, 2)];
    const float mean = conv->mean[7], variance = conv->variance[3];
    conv->mean[7] = NAN;
    write_file(s, (keras_file_options){.first_number = 1});
    check_refused(s, "value 7 of batch_normalization_3/moving_mean");
    conv->mean[7] = 3e38F;
    write_file(s, (keras_file_options){.first_number = 1});
    check_refused(s, "value 7 of batch_normalization_3/moving_mean is 3e+38");
    conv->mean[7] = mean;
    conv->variance[3] = -1;
    write_file(s, (keras_file_options){.first_number = 1});
    check_refused(s, "negative variance");
    conv->variance[3] = variance;
}

static void damaged_files_are_refused(void **state)
{
    setting *s = *state;
    unlink(s->path);
    check_refused(s, "No such file");
    FILE *file = fopen(s->path, "wb");
    for (int i = 0; i < 5000; i++)
        fputc(i * 7 % 251, file);
    fclose(file);
    check_refused(s, "not an HDF5 file");
    struct stat info;
    for (int part = 0; part < 8; part++) {
        write_file(s, (keras_file_options){.first_number = 1});
        assert_int_equal(stat(s->path, &info), 0);
        assert_int_equal(truncate(s->path, info.st_size * part / 8), 0);
        check_refused(s, part == 0 ? "not an HDF5 file" : "cut short");
    }
}

/* Bytes overwritten somewhere in the file give a sentence or other values, never a crash. */
static void scribbled_files_do_not_crash(void **state)
{
    setting *s = *state;
    write_file(s, (keras_file_options){.first_number = 1});
    struct stat info;
    assert_int_equal(stat(s->path, &info), 0);
    int refused = 0;
    for (int i = 0; i < 24; i++) {
        write_file(s, (keras_file_options){.first_number = 1});
        FILE *file = fopen(s->path, "r+b");
        assert_int_equal(fseek(file, (long)(info.st_size / 24 * i + 97 * i), SEEK_SET), 0);
        for (int k = 0; k < 64; k++)
            fputc(0xff, file);
        fclose(file);
        gd_error error = {""};
        gd_weights *weights = NULL;
        const gd_status status = gd_weights_load(s->path, s->net, s->needed, NULL, &weights, &error);
        assert_true(status == GD_OK || (status == GD_USAGE && error.message[0]));
        refused += status != GD_OK;
        gd_weights_free(weights);
    }
    assert_true(refused > 0);
}

/* Files on which HDF5 1.10.8 itself crashes. */
static void crashes_are_sentences(void **state)
{
    const setting *s = *state;
    bool *held = calloc((size_t)s->net->node_count, sizeof *held);
    for (int i = 1; i <= 2; i++) {
        char path[256];
        gd_error error = {""};
        snprintf(path, sizeof path, GD_FIXTURES "/weights_crash_%d.h5", i);
        assert_int_equal(gd_weights_probe(path, s->net, NULL, held, &error), GD_USAGE);
        assert_non_null(strstr(error.message, path));
    }
    free(held);
}

/* Turns the first convolution of the bundled weights into that of the same network fed [0, 1]. */
static void feed_zero_to_one(const gd_net *net, gd_weights *weights)
{
    const int32_t n = numbered(net, 0);
    const gd_conv_weights *conv = &weights->convs[n];
    for (int32_t o = 0; o < 32; o++) {
        double sum = 0;
        for (int32_t i = 0; i < 27; i++)
            sum += conv->kernel[i * 32 + o];
        conv->mean[o] = (float)((conv->mean[o] + sum) / 2);
        conv->variance[o] = (conv->variance[o] - 3e-3F) / 4;
    }
}

static void range_is_known_or_refused(void **state)
{
    setting *s = *state;
    gd_error error;
    gd_weights *bundled, *other, *loaded;
    check_ok(gd_weights_load(BUNDLED, s->net, s->needed, NULL, &bundled, &error), error);
    check_ok(gd_weights_load(BUNDLED, s->net, s->needed, NULL, &other, &error), error);
    feed_zero_to_one(s->net, other);
    keras_file_options options = {.first_number = 1};
    assert_true(keras_file_write(s->path, s->net, other, &options));
    check_refused(s, "input_range");

    options = (keras_file_options){.first_number = 1, .state_range = true, .range = {0, 1}};
    assert_true(keras_file_write(s->path, s->net, other, &options));
    check_ok(gd_weights_load(s->path, s->net, s->needed, NULL, &loaded, &error), error);
    const gd_conv_weights *a = &bundled->convs[numbered(s->net, 0)];
    const gd_conv_weights *b = &loaded->convs[numbered(s->net, 0)];
    for (int32_t o = 0; o < 32; o++) { /* half the kernel, half the mean, a quarter of variance + epsilon */
        for (int32_t i = 0; i < 27; i++)
            assert_float_equal(b->kernel[i * 32 + o], a->kernel[i * 32 + o] / 2, 1e-7F);
        assert_float_equal(b->mean[o], a->mean[o] / 2, 1e-6F);
        assert_float_equal(4 * (b->variance[o] + 1e-3F), a->variance[o] + 1e-3F, 1e-6F);
    }
    gd_weights_free(loaded);

    /* Caffe's range: means about zero, variances that [-1, 1] cannot give. */
    for (int32_t o = 0; o < 32; o++)
        bundled->convs[numbered(s->net, 0)].variance[o] *= 127.5F * 127.5F;
    options = (keras_file_options){.first_number = 1};
    assert_true(keras_file_write(s->path, s->net, bundled, &options));
    check_refused(s, "input_range");
    options = (keras_file_options){.first_number = 1, .state_range = true, .range = {3, -3}};
    assert_true(keras_file_write(s->path, s->net, bundled, &options));
    check_refused(s, "two growing numbers");
    gd_weights_free(other);
    gd_weights_free(bundled);
}

int main(void)
{
    gd_apart_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bundled_loads_to_mixed5, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_numbering_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(resnet_reads_named_layers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_shape_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_layer_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(values_must_be_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_files_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(scribbled_files_do_not_crash, set_up, tear_down),
        cmocka_unit_test_setup_teardown(crashes_are_sentences, set_up, tear_down),
        cmocka_unit_test_setup_teardown(range_is_known_or_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
