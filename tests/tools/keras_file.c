/* Writes weights in Keras' HDF5 layout, whole or damaged. */
#include "tools/keras_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>

enum { NAME = 64, LAYERS_MAX = 1024 };

static bool write_strings(hid_t object, const char *name, size_t count, char (*items)[NAME], bool variable)
{
    const char **pointers = malloc((count + 1) * sizeof *pointers);
    const hsize_t dims = count;
    const hid_t type = H5Tcopy(H5T_C_S1);
    const hid_t space = H5Screate_simple(1, &dims, NULL);
    H5Tset_size(type, variable ? H5T_VARIABLE : NAME);
    const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = pointers && attribute >= 0;
    for (size_t i = 0; ok && i < count; i++)
        pointers[i] = items[i];
    ok = ok && H5Awrite(attribute, type, variable ? (const void *)pointers : (const void *)items) >= 0;
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    free(pointers);
    return ok;
}

typedef struct array {
    const char *name;
    const float *values;
    int rank;
    hsize_t dims[4];
} array;

/* /LAYER/LAYER/NAME:0, with the list of names on /LAYER. */
static bool write_layer(hid_t file, const char *layer, int count, const array *arrays, bool variable)
{
    char names[4][NAME], inner[NAME];
    const hid_t group = H5Gcreate2(file, layer, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    snprintf(inner, sizeof inner, "%.30s", layer);
    const hid_t sub = H5Gcreate2(group, inner, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = group >= 0 && sub >= 0;
    for (int i = 0; ok && i < count; i++) {
        snprintf(names[i], NAME, "%.30s/%.20s:0", inner, arrays[i].name);
        const hid_t space = H5Screate_simple(arrays[i].rank, arrays[i].dims, NULL);
        const hid_t data =
            H5Dcreate2(group, names[i], H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        ok = data >= 0 &&
             H5Dwrite(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, arrays[i].values) >= 0;
        H5Dclose(data);
        H5Sclose(space);
    }
    ok = ok && write_strings(group, "weight_names", (size_t)count, names, variable);
    H5Gclose(sub);
    H5Gclose(group);
    return ok;
}

static void layer_name(char name[NAME], const char *family, int32_t number)
{
    if (number == 0)
        snprintf(name, NAME, "%s", family);
    else
        snprintf(name, NAME, "%s_%d", family, (int)number);
}

static void name_conv(const gd_node *node, int32_t first, char conv[NAME], char norm[NAME])
{
    if (node->conv_index >= 0) {
        layer_name(conv, "conv2d", first + node->conv_index);
        layer_name(norm, "batch_normalization", first + node->conv_index);
    } else {
        snprintf(conv, NAME, "%s", node->name);
        snprintf(norm, NAME, "%s_bn", node->name);
    }
}

static bool write_conv(hid_t file, const gd_net *net, int32_t n, const gd_conv_weights *conv,
                       const keras_file_options *options, const char *conv_name, const char *norm_name)
{
    const gd_node *node = &net->nodes[n];
    const hsize_t out = (hsize_t)node->channels;
    const array kernel[] = {
        {"kernel",
         conv->kernel,
         4,
         {(hsize_t)node->kernel_rows, (hsize_t)node->kernel_cols,
          (hsize_t)net->nodes[node->inputs[0]].channels, n == options->narrow_node ? out - 1 : out}},
        {"bias", conv->bias, 1, {out}}};
    const array norm[] = {{"beta", conv->bias, 1, {out}},
                          {"moving_mean", conv->mean, 1, {out}},
                          {"moving_variance", conv->variance, 1, {out}}};
    return write_layer(file, conv_name, node->batch_norm ? 1 : 2, kernel, options->variable_strings) &&
           (!node->batch_norm || write_layer(file, norm_name, 3, norm, options->variable_strings));
}

static bool write_range(hid_t file, const keras_file_options *options)
{
    const bool given = options->range[0] != 0 || options->range[1] != 0;
    const double range[2] = {given ? options->range[0] : -1, given ? options->range[1] : 1};
    const hsize_t dims = 2;
    const hid_t space = H5Screate_simple(1, &dims, NULL);
    const hid_t attribute = H5Acreate2(file, "input_range", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool ok = attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_DOUBLE, range) >= 0;
    H5Aclose(attribute);
    H5Sclose(space);
    return ok;
}

bool keras_file_write(const char *path, const gd_net *net, const gd_weights *weights,
                      const keras_file_options *options)
{
    char(*names)[NAME] = calloc(LAYERS_MAX, sizeof *names);
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = names && file >= 0;
    size_t count = 0;
    for (int32_t n = 0; ok && n < net->node_count; n++) {
        if (!weights->convs[n].kernel || (n > 0 && n == options->without_node))
            continue;
        char *conv_name = names[count++], *norm_name = names[count];
        name_conv(&net->nodes[n], options->first_number, conv_name, norm_name);
        count += net->nodes[n].batch_norm;
        ok = write_conv(file, net, n, &weights->convs[n], options, conv_name, norm_name);
    }
    ok = ok && write_strings(file, "layer_names", count, names, options->variable_strings) &&
         (!options->state_range || write_range(file, options));
    ok = (file < 0 || H5Fclose(file) >= 0) && ok;
    free(names);
    return ok;
}
