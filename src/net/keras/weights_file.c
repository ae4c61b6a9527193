/* Opens a Keras weights file and reads named arrays from it, with checks of shape and values. */
#include "net/keras/weights_file.h"

#include "net/keras/archive.h"
#include "net/keras/hdf5_bytes.h"
#include "net/keras/weights_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Theano rotates kernels by 180 degrees; its files have the same shapes. */
static bool written_by_theano(hid_t file)
{
    gd_strings backend;
    if (!gd_plain_strings(file, "backend", &backend))
        return false;
    const bool theano = backend.count > 0 && strcmp(backend.items[0], "theano") == 0;
    gd_strings_free(&backend);
    return theano;
}

static gd_status read_index(gd_weights_file *file, gd_error *error)
{
    gd_status status = gd_weights_index_fill(file->id, file->path, &file->index, error);
    if (status != GD_OK)
        return status;
    file->first_conv = gd_weights_index_first(&file->index, "conv2d");
    file->first_norm = gd_weights_index_first(&file->index, "batch_normalization");
    if (file->first_conv < 0 || file->first_norm < 0)
        return gd_fail(
            error, GD_USAGE,
            "the weights file %s lists no layers called conv2d and batch_normalization, so it belongs "
            "to neither Inception V3 nor Inception-ResNet v2.",
            file->path);
    if (written_by_theano(file->id))
        return gd_fail(
            error, GD_USAGE,
            "the weights file %s was written by Keras on Theano, which stores kernels turned; use the "
            "TensorFlow file (its name ends in tf_kernels_notop.h5).",
            file->path);
    return GD_OK;
}

static gd_status refuse(const gd_weights_file *file, const gd_hdf5_bytes *bytes, gd_error *error)
{
    if (gd_hdf5_signed(bytes))
        return gd_fail(error, GD_USAGE,
                       "the weights file %s is damaged or cut short (HDF5 cannot open it); fetch it again.",
                       file->path);
    return gd_fail(
        error, GD_USAGE,
        "the weights file %s is not an HDF5 file; the program reads Keras' .h5 and .keras files and, "
        "for Inception V3, .safetensors, as weights/README.md says.",
        file->path);
}

/* An archive without a file of weights. */
static gd_status refuse_archive(const gd_archive *archive, gd_error *error)
{
    gd_archive_file pickle;
    bool found = false;
    const gd_status status = gd_archive_find(archive, "data.pkl", &pickle, &found, error);
    if (status != GD_OK)
        return status;
    return gd_fail(
        error, GD_USAGE,
        found ? "the weights file %s is PyTorch's own kind, whose reading would run what it says; convert it "
                "where you trust it, with python3 -c \"import torch; from safetensors.torch import "
                "save_file; save_file(torch.load('FILE'), 'converted.safetensors')\"."
              : "the weights file %s is a zip archive without a model.weights.h5, so it is not what "
                "Keras 3 saves as .keras.",
        archive->path);
}

/* Finds where the archive has its HDF5 file, and unpacks it if it is deflated. */
static gd_status find_within(gd_weights_file *file, const gd_archive *archive, gd_hdf5_bytes *bytes,
                             gd_error *error)
{
    gd_archive_file found;
    bool there = false;
    gd_status status = gd_archive_find(archive, "model.weights.h5", &found, &there, error);
    if (status == GD_OK && !there)
        status = refuse_archive(archive, error);
    if (status != GD_OK)
        return status;
    bytes->at = found.at;
    bytes->size = found.size;
    if (found.deflated) {
        status = gd_archive_unpack(archive, &found, &file->unpacked, error);
        bytes->memory = file->unpacked;
    }
    return status;
}

/* Finds the bytes of the HDF5 file: the file itself, or one in it. */
static gd_status find_bytes(gd_weights_file *file, int fd, gd_hdf5_bytes *bytes, gd_error *error)
{
    struct stat about;
    gd_archive archive;
    *bytes = (gd_hdf5_bytes){.fd = fd, .size = fstat(fd, &about) == 0 ? (uint64_t)about.st_size : 0};
    if (!gd_archive_begins(fd))
        return GD_OK;
    gd_status status = gd_archive_open(fd, file->path, &archive, error);
    if (status == GD_OK)
        status = find_within(file, &archive, bytes, error);
    gd_archive_close(&archive);
    return status;
}

gd_status gd_weights_file_open(int fd, const char *path, gd_weights_file *file, gd_error *error)
{
    gd_hdf5_bytes bytes;
    *file = (gd_weights_file){.path = path, .id = -1};
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* HDF5's error reports are for programmers */
    const gd_status status = find_bytes(file, fd, &bytes, error);
    if (status != GD_OK)
        return status;
    file->id = gd_hdf5_open(&bytes);
    return file->id < 0 ? refuse(file, &bytes, error) : read_index(file, error);
}

void gd_weights_file_close(gd_weights_file *file)
{
    gd_weights_index_free(&file->index);
    if (file->id >= 0)
        H5Fclose(file->id);
    file->id = -1;
    free(file->unpacked); /* which the open file reads */
    file->unpacked = NULL;
}

bool gd_weights_file_has(const gd_weights_file *file, const char *layer)
{
    return gd_weights_index_find(&file->index, layer, NULL);
}

bool gd_weights_file_lists(const gd_weights_file *file, const char *layer, const char *weight)
{
    return gd_weights_index_find(&file->index, layer, weight);
}

/* An array that is being read. */
typedef struct array {
    const gd_weights_file *file;
    const char *layer, *weight;
    int rank;
    const hsize_t *dims;
} array;

static void print_shape(char *text, size_t size, int rank, const hsize_t *dims)
{
    size_t at = (size_t)snprintf(text, size, "[");
    for (int i = 0; i < rank && at < size; i++)
        at += (size_t)snprintf(text + at, size - at, "%s%llu", i ? ", " : "", (unsigned long long)dims[i]);
    if (at < size)
        snprintf(text + at, size - at, "]");
}

static gd_status wrong_shape(const array *a, int found_rank, const hsize_t *found, gd_error *error)
{
    char wanted_text[128], found_text[128];
    print_shape(wanted_text, sizeof wanted_text, a->rank, a->dims);
    print_shape(found_text, sizeof found_text, found_rank < 0 ? 0 : found_rank, found);
    return gd_fail(error, GD_USAGE,
                   "the weights file %s has %s/%s of shape %s where the network wants %s: it is the file of "
                   "another network; weights/fetch.sh gets the official files of both.",
                   a->file->path, a->layer, a->weight, found_text, wanted_text);
}

static gd_status tell(const array *a, gd_plain what, gd_error *error)
{
    switch (what) {
    case GD_PLAIN_TYPE:
        return gd_fail(error, GD_USAGE, "the weights file %s holds %s/%s as something else than floats.",
                       a->file->path, a->layer, a->weight);
    case GD_PLAIN_STORAGE:
        return gd_fail(
            error, GD_USAGE,
            "the weights file %s holds %s/%s in a way that is not read (in other files, virtual, in large "
            "chunks, or behind other filters than gzip, shuffle and Fletcher's checksum); copy it plainly "
            "with h5repack -l CONTI.",
            a->file->path, a->layer, a->weight);
    default:
        return gd_fail(error, GD_USAGE,
                       "the weights file %s is damaged or cut short: %s/%s cannot be read; fetch it again.",
                       a->file->path, a->layer, a->weight);
    }
}

static gd_status check_values(const array *a, const float *values, gd_error *error)
{
    char name[2 * GD_LAYER_NAME_MAX];
    int64_t count = 1;
    for (int i = 0; i < a->rank; i++)
        count *= (int64_t)a->dims[i];
    snprintf(name, sizeof name, "%s/%s", a->layer, a->weight);
    const gd_values what = {a->file->path, name, strcmp(a->weight, "moving_variance") == 0};
    return gd_weights_check(&what, values, count, error);
}

static gd_status read_array(const array *a, hid_t data, float *out, gd_error *error)
{
    hsize_t found[H5S_MAX_RANK] = {0};
    int found_rank = -1;
    gd_plain what = gd_plain_check(data, a->rank, a->dims, &found_rank, found);
    if (what == GD_PLAIN_SHAPE)
        return wrong_shape(a, found_rank, found, error);
    if (what == GD_PLAIN_OK && out)
        what = gd_plain_read(data, out);
    if (what != GD_PLAIN_OK)
        return tell(a, what, error);
    return out ? check_values(a, out, error) : GD_OK;
}

gd_status gd_weights_file_read(const gd_weights_file *file, const char *layer, const char *weight, int rank,
                               const hsize_t *dims, float *out, gd_error *error)
{
    const array a = {file, layer, weight, rank, dims};
    const gd_weights_entry *entry = gd_weights_index_find(&file->index, layer, weight);
    const hid_t data = entry ? gd_plain_open(file->id, entry->path, H5I_DATASET) : -1;
    if (data < 0)
        return gd_fail(
            error, GD_USAGE,
            "the weights file %s has no %s/%s, which the chosen layers need; weights/fetch.sh gets the "
            "complete official files.",
            file->path, layer, weight);
    const gd_status status = read_array(&a, data, out, error);
    H5Oclose(data);
    return status;
}

gd_status gd_weights_file_range(const gd_weights_file *file, bool *stated, double range[2], gd_error *error)
{
    *stated = H5Aexists(file->id, "input_range") > 0;
    if (!*stated || gd_plain_pair(file->id, "input_range", range))
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "the weights file %s states an input_range that is not two growing numbers, such as -1 "
                   "and 1.",
                   file->path);
}
