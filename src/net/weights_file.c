#include "net/weights_file.h"

#include "net/weights_strings.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number of a layer in its family: 0 for "conv2d", 7 for "conv2d_7", -1 for what is not of the family. */
static int32_t number_in_family(const char *name, const char *family)
{
    const size_t length = strlen(family);
    if (strncmp(name, family, length) != 0)
        return -1;
    if (name[length] == '\0')
        return 0;
    const char *digits = name + length + 1;
    const size_t count = strspn(digits, "0123456789");
    if (name[length] != '_' || count == 0 || count > 8 || digits[count] != '\0')
        return -1;
    return (int32_t)strtol(digits, NULL, 10);
}

static int32_t smallest_number(const gd_strings *names, const char *family)
{
    int32_t smallest = -1;
    for (size_t i = 0; i < names->count; i++) {
        const int32_t number = number_in_family(names->items[i], family);
        if (number >= 0 && (smallest < 0 || number < smallest))
            smallest = number;
    }
    return smallest;
}

/* Theano turned kernels by half a turn; its files have the same shapes. */
static bool written_by_theano(hid_t file)
{
    gd_strings backend;
    if (H5Aexists(file, "backend") <= 0 || !gd_strings_read(file, "backend", &backend))
        return false;
    const bool theano = backend.count > 0 && strcmp(backend.items[0], "theano") == 0;
    gd_strings_free(&backend);
    return theano;
}

static gd_status read_families(gd_weights_file *file, gd_error *error)
{
    gd_strings names;
    if (!gd_strings_read(file->id, "layer_names", &names))
        return gd_fail(
            error, GD_USAGE,
            "The weights file %s has no readable list of layers (attribute layer_names): it is not in the "
            "layout of Keras' \"notop\" files, which weights/README.md describes.",
            file->path);
    file->first_conv = smallest_number(&names, "conv2d");
    file->first_norm = smallest_number(&names, "batch_normalization");
    gd_strings_free(&names);
    if (file->first_conv < 0 || file->first_norm < 0)
        return gd_fail(
            error, GD_USAGE,
            "The weights file %s lists no layers called conv2d and batch_normalization, so it belongs "
            "to neither Inception V3 nor Inception-ResNet v2.",
            file->path);
    if (written_by_theano(file->id))
        return gd_fail(
            error, GD_USAGE,
            "The weights file %s was written by Keras on Theano, which stores kernels turned; use the "
            "TensorFlow file (its name ends in tf_kernels_notop.h5).",
            file->path);
    return GD_OK;
}

/* Without locks: many ranks read one file, and some cluster file systems have none. */
static hid_t open_unlocked(const char *path)
{
    const hid_t access_list = H5Pcreate(H5P_FILE_ACCESS);
    if (access_list < 0)
        return -1;
    const hid_t file =
        H5Pset_file_locking(access_list, false, true) < 0 ? -1 : H5Fopen(path, H5F_ACC_RDONLY, access_list);
    H5Pclose(access_list);
    return file;
}

gd_status gd_weights_file_open(const char *path, gd_weights_file *file, gd_error *error)
{
    *file = (gd_weights_file){.path = path, .id = -1};
    if (access(path, R_OK) != 0)
        return gd_fail(error, GD_USAGE, "The weights file %s cannot be read: %s.", path, strerror(errno));
    H5Eget_auto2(H5E_DEFAULT, &file->report, &file->report_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    gd_status status;
    if (H5Fis_hdf5(path) <= 0)
        status = gd_fail(
            error, GD_USAGE,
            "The weights file %s is not an HDF5 file; the program reads Keras \"notop\" .h5 files.", path);
    else if ((file->id = open_unlocked(path)) < 0)
        status = gd_fail(error, GD_USAGE,
                         "The weights file %s is damaged or cut short (HDF5 cannot open it); fetch it again.",
                         path);
    else
        status = read_families(file, error);
    if (status != GD_OK)
        gd_weights_file_close(file);
    return status;
}

void gd_weights_file_close(gd_weights_file *file)
{
    if (file->id >= 0)
        H5Fclose(file->id);
    file->id = -1;
    H5Eset_auto2(H5E_DEFAULT, file->report, file->report_data);
}

bool gd_weights_file_has(const gd_weights_file *file, const char *layer)
{
    return H5Lexists(file->id, layer, H5P_DEFAULT) > 0;
}

/* "conv2d_1/kernel:0" names the weight "kernel". */
static bool names_weight(const char *path, const char *weight)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const size_t length = strlen(weight);
    return strncmp(base, weight, length) == 0 && (base[length] == '\0' || base[length] == ':');
}

/* Fills `path` with where the weight lies in its layer's group. */
static bool find_weight(hid_t group, const char *weight, char path[GD_STRING_MAX])
{
    gd_strings names;
    if (!gd_strings_read(group, "weight_names", &names))
        return false;
    size_t i = 0;
    while (i < names.count && !names_weight(names.items[i], weight))
        i++;
    const bool found = i < names.count;
    if (found)
        memcpy(path, names.items[i], GD_STRING_MAX);
    gd_strings_free(&names);
    return found;
}

bool gd_weights_file_lists(const gd_weights_file *file, const char *layer, const char *weight)
{
    char path[GD_STRING_MAX];
    const hid_t group = H5Gopen2(file->id, layer, H5P_DEFAULT);
    if (group < 0)
        return false;
    const bool found = find_weight(group, weight, path);
    H5Gclose(group);
    return found;
}

static hid_t open_weight(const gd_weights_file *file, const char *layer, const char *weight)
{
    char path[GD_STRING_MAX];
    const hid_t group = H5Gopen2(file->id, layer, H5P_DEFAULT);
    if (group < 0)
        return -1;
    const hid_t data = find_weight(group, weight, path) ? H5Dopen2(group, path, H5P_DEFAULT) : -1;
    H5Gclose(group);
    return data;
}

static void print_shape(char *text, size_t size, int rank, const hsize_t *dims)
{
    size_t at = (size_t)snprintf(text, size, "[");
    for (int i = 0; i < rank && at < size; i++)
        at += (size_t)snprintf(text + at, size - at, "%s%llu", i ? ", " : "", (unsigned long long)dims[i]);
    if (at < size)
        snprintf(text + at, size - at, "]");
}

static gd_status check_shape(const gd_weights_file *file, const char *layer, const char *weight, hid_t data,
                             int rank, const hsize_t *dims, gd_error *error)
{
    hsize_t found[H5S_MAX_RANK] = {0};
    const hid_t space = H5Dget_space(data);
    const int found_rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, found, NULL);
    if (space >= 0)
        H5Sclose(space);
    if (found_rank == rank && memcmp(found, dims, (size_t)rank * sizeof *dims) == 0)
        return GD_OK;
    char wanted_text[128], found_text[128];
    print_shape(wanted_text, sizeof wanted_text, rank, dims);
    print_shape(found_text, sizeof found_text, found_rank < 0 ? 0 : found_rank, found);
    return gd_fail(error, GD_USAGE,
                   "The weights file %s has %s/%s of shape %s where the network wants %s: it is the file of "
                   "another network; weights/fetch.sh gets the official files of both.",
                   file->path, layer, weight, found_text, wanted_text);
}

static gd_status read_values(const gd_weights_file *file, const char *layer, const char *weight, hid_t data,
                             int64_t count, float *out, gd_error *error)
{
    const hid_t type = H5Dget_type(data);
    const bool floats = type >= 0 && H5Tget_class(type) == H5T_FLOAT;
    if (type >= 0)
        H5Tclose(type);
    if (!floats)
        return gd_fail(error, GD_USAGE, "The weights file %s holds %s/%s as something else than floats.",
                       file->path, layer, weight);
    if (H5Dread(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0)
        return gd_fail(error, GD_USAGE,
                       "The weights file %s is damaged or cut short: %s/%s cannot be read; fetch it again.",
                       file->path, layer, weight);
    for (int64_t i = 0; i < count; i++) {
        if (!isfinite(out[i]))
            return gd_fail(error, GD_USAGE,
                           "The weights file %s is damaged: value %lld of %s/%s is not a finite number.",
                           file->path, (long long)i, layer, weight);
    }
    return GD_OK;
}

gd_status gd_weights_file_read(const gd_weights_file *file, const char *layer, const char *weight, int rank,
                               const hsize_t *dims, float *out, gd_error *error)
{
    const hid_t data = open_weight(file, layer, weight);
    if (data < 0)
        return gd_fail(
            error, GD_USAGE,
            "The weights file %s has no %s/%s, which the chosen layers need; weights/fetch.sh gets the "
            "complete official files.",
            file->path, layer, weight);
    int64_t count = 1;
    for (int i = 0; i < rank; i++)
        count *= (int64_t)dims[i];
    gd_status status = check_shape(file, layer, weight, data, rank, dims, error);
    if (status == GD_OK && out)
        status = read_values(file, layer, weight, data, count, out, error);
    H5Dclose(data);
    return status;
}

static bool read_pair(hid_t attribute, double pair[2])
{
    const hid_t space = H5Aget_space(attribute);
    const hid_t type = H5Aget_type(attribute);
    const bool ok = space >= 0 && type >= 0 && H5Sget_simple_extent_npoints(space) == 2 &&
                    (H5Tget_class(type) == H5T_FLOAT || H5Tget_class(type) == H5T_INTEGER) &&
                    H5Aread(attribute, H5T_NATIVE_DOUBLE, pair) >= 0 && isfinite(pair[0]) &&
                    isfinite(pair[1]) && pair[0] < pair[1];
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    return ok;
}

gd_status gd_weights_file_range(const gd_weights_file *file, bool *stated, double range[2], gd_error *error)
{
    *stated = H5Aexists(file->id, "input_range") > 0;
    if (!*stated)
        return GD_OK;
    const hid_t attribute = H5Aopen(file->id, "input_range", H5P_DEFAULT);
    const bool ok = attribute >= 0 && read_pair(attribute, range);
    if (attribute >= 0)
        H5Aclose(attribute);
    if (!ok)
        return gd_fail(
            error, GD_USAGE,
            "The weights file %s states an input_range that is not two growing numbers, such as -1 "
            "and 1.",
            file->path);
    return GD_OK;
}
