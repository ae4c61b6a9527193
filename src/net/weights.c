/* Loads and probes the weights of a network from a Keras file, which HDF5 reads in a child process. */
#include "net/weights.h"

#include "base/apart.h"
#include "base/file.h"
#include "base/minmax.h"
#include "base/size.h"
#include "net/weights_file.h"
#include "net/weights_range.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Limits on reading a file, beside the arrays themselves: the official ones take 1 s and some MiB. */
static const double seconds_max = 60;
static const uint64_t memory_max = UINT64_C(1) << 29;
/* With less HDF5 ends in a crash: reading the bundled weights takes some MiB. */
static const uint64_t memory_min = UINT64_C(1) << 24;

int64_t gd_conv_kernel_count(const gd_net *net, int32_t node)
{
    const gd_node *conv = &net->nodes[node];
    return (int64_t)conv->kernel_rows * conv->kernel_cols * net->nodes[conv->inputs[0]].channels *
           conv->channels;
}

enum { ALIGNED = 16 }; /* values */

static float *take(float *values, size_t *at, size_t count)
{
    float *taken = values ? values + *at : NULL;
    *at += (count + ALIGNED - 1) / ALIGNED * ALIGNED;
    return taken;
}

/* Sets the arrays of all needed convolutions to their places in `values` (NULL: none yet). Returns how many
 * values they take. */
static size_t place_all(const gd_net *net, const bool *needed, float *values, gd_conv_weights *convs)
{
    size_t at = 0;
    for (int32_t n = 0; n < net->node_count; n++) {
        const gd_node *node = &net->nodes[n];
        if (!needed[n] || node->kind != GD_NODE_CONV)
            continue;
        const size_t out = (size_t)node->channels;
        convs[n].kernel = take(values, &at, (size_t)gd_conv_kernel_count(net, n));
        convs[n].bias = take(values, &at, out);
        if (!node->batch_norm)
            continue;
        convs[n].mean = take(values, &at, out);
        convs[n].variance = take(values, &at, out);
    }
    return at;
}

gd_status gd_weights_allocate(const gd_net *net, const bool *needed, gd_weights **weights, gd_error *error)
{
    *weights = NULL;
    gd_weights *w = calloc(1, sizeof *w);
    if (w) {
        w->convs = calloc((size_t)net->node_count, sizeof *w->convs);
        w->count = net->node_count;
    }
    if (w && w->convs) {
        w->bytes = (place_all(net, needed, NULL, w->convs) + 1) * sizeof(float);
        w->values = gd_apart_allocate(w->bytes);
    }
    if (!w || !w->values) {
        gd_weights_free(w);
        return gd_no_memory(error, "the weights of %s", net->title);
    }
    (void)place_all(net, needed, w->values, w->convs);
    *weights = w;
    return GD_OK;
}

void gd_weights_free(gd_weights *weights)
{
    if (!weights)
        return;
    gd_apart_free(weights->values, weights->bytes);
    free(weights->convs);
    free(weights);
}

/* FNV-1a (Fowler, Noll, Vo) over 32-bit words, with the high half fed back, since its product carries upwards
 * only. */
static uint64_t hash_values(uint64_t hash, const float *values, int64_t count)
{
    for (int64_t i = 0; values && i < count; i++) {
        uint32_t word;
        memcpy(&word, &values[i], sizeof word);
        hash = (hash ^ word) * UINT64_C(0x100000001b3);
        hash ^= hash >> 32;
    }
    return hash;
}

void gd_weights_seal(const gd_net *net, gd_weights *weights)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int32_t n = 0; n < net->node_count; n++) {
        const gd_conv_weights *conv = &weights->convs[n];
        if (!conv->kernel)
            continue;
        hash = hash_values(hash, conv->kernel, gd_conv_kernel_count(net, n));
        hash = hash_values(hash, conv->bias, net->nodes[n].channels);
        hash = hash_values(hash, conv->mean, net->nodes[n].channels);
        hash = hash_values(hash, conv->variance, net->nodes[n].channels);
    }
    snprintf(weights->checksum, sizeof weights->checksum, "%016llx", (unsigned long long)hash);
}

/* Keras writes "conv2d" for number 0 of the family, "conv2d_1" for number 1. */
static void numbered_name(char *name, const char *family, int32_t number)
{
    if (number == 0)
        snprintf(name, GD_LAYER_NAME_MAX, "%s", family);
    else
        snprintf(name, GD_LAYER_NAME_MAX, "%s_%d", family, (int)number);
}

/* Names of a convolution's layers in the file. */
typedef struct layer_names {
    char conv[GD_LAYER_NAME_MAX], norm[GD_LAYER_NAME_MAX];
} layer_names;

static layer_names name_layers(const gd_weights_file *file, const gd_node *node)
{
    layer_names names;
    if (node->conv_index >= 0) {
        numbered_name(names.conv, "conv2d", file->first_conv + node->conv_index);
        numbered_name(names.norm, "batch_normalization", file->first_norm + node->conv_index);
    } else {
        snprintf(names.conv, sizeof names.conv, "%s", node->name);
        snprintf(names.norm, sizeof names.norm, "%s_bn", node->name);
    }
    return names;
}

/* Checks the shapes of a convolution's arrays, and reads those that `conv` holds. */
static gd_status read_conv(const gd_weights_file *file, const gd_net *net, int32_t n,
                           const gd_conv_weights *conv, gd_error *error)
{
    const gd_node *node = &net->nodes[n];
    const layer_names names = name_layers(file, node);
    const hsize_t in = (hsize_t)net->nodes[node->inputs[0]].channels, out = (hsize_t)node->channels;
    const hsize_t shape[4] = {(hsize_t)node->kernel_rows, (hsize_t)node->kernel_cols, in, out};
    gd_status status = gd_weights_file_read(file, names.conv, "kernel", 4, shape, conv->kernel, error);
    if (status != GD_OK || !node->batch_norm)
        return status != GD_OK ? status
                               : gd_weights_file_read(file, names.conv, "bias", 1, &out, conv->bias, error);
    if (gd_weights_file_lists(file, names.norm, "gamma"))
        return gd_fail(
            error, GD_USAGE,
            "the weights file %s has batch norm with a scale (%s/gamma), which the published networks "
            "are without.",
            file->path, names.norm);
    const struct {
        const char *name;
        float *values;
    } arrays[] = {{"beta", conv->bias}, {"moving_mean", conv->mean}, {"moving_variance", conv->variance}};
    for (int i = 0; i < 3 && status == GD_OK; i++)
        status = gd_weights_file_read(file, names.norm, arrays[i].name, 1, &out, arrays[i].values, error);
    return status;
}

static gd_status check_variance(const char *path, const gd_net *net, int32_t n, const gd_conv_weights *conv,
                                gd_error *error)
{
    for (int32_t o = 0; conv->variance && o < net->nodes[n].channels; o++) {
        if (conv->variance[o] < 0)
            return gd_fail(error, GD_USAGE,
                           "the weights file %s is damaged: it holds a negative variance (%g).", path,
                           (double)conv->variance[o]);
    }
    return GD_OK;
}

/* Fits the first convolution, where it is loaded, to pixels in [-1, 1]. */
static gd_status settle_range(const gd_weights_file *file, const gd_net *net, gd_weights *weights,
                              gd_error *error)
{
    int32_t n = 0;
    while (net->nodes[n].kind != GD_NODE_CONV)
        n++;
    const gd_node *node = &net->nodes[n];
    const gd_conv_weights *conv = &weights->convs[n];
    if (!conv->kernel)
        return GD_OK;
    const gd_first_conv first = {.kernel = conv->kernel,
                                 .mean = conv->mean,
                                 .variance = conv->variance,
                                 .taps = node->kernel_rows * node->kernel_cols,
                                 .out = node->channels};
    return gd_weights_settle_range(file, &first, error);
}

static gd_status load_from(const gd_weights_file *file, const gd_net *net, gd_weights *weights,
                           gd_error *error)
{
    for (int32_t n = 0; n < net->node_count; n++) {
        if (!weights->convs[n].kernel)
            continue;
        gd_status status = read_conv(file, net, n, &weights->convs[n], error);
        if (status == GD_OK)
            status = check_variance(file->path, net, n, &weights->convs[n], error);
        if (status != GD_OK)
            return status;
    }
    return settle_range(file, net, weights, error);
}

/* Input and output of the child process that reads. */
typedef struct reading {
    int fd;
    const char *path;
    const gd_net *net;
    gd_weights *weights;           /* whose values it shares */
    bool *held;                    /* shared; [net->node_count] */
    const gd_allowance *allowance; /* borrowed; NULL: no bound but memory_max */
} reading;

/* Reads what the caller has the arrays for. */
static gd_status load_all(void *context, gd_error *error)
{
    const reading *r = context;
    gd_weights_file file;
    gd_status status = gd_weights_file_open(r->fd, r->path, &file, error);
    if (status != GD_OK)
        return status;
    status = load_from(&file, r->net, r->weights, error);
    gd_weights_file_close(&file);
    return status;
}

static gd_status probe_all(void *context, gd_error *error)
{
    const reading *r = context;
    const gd_net *net = r->net;
    gd_weights_file file;
    gd_status status = gd_weights_file_open(r->fd, r->path, &file, error);
    if (status != GD_OK)
        return status;
    for (int32_t n = 0; n < net->node_count && status == GD_OK; n++) {
        r->held[n] = true;
        if (net->nodes[n].kind != GD_NODE_CONV)
            continue;
        const layer_names names = name_layers(&file, &net->nodes[n]);
        r->held[n] = gd_weights_file_has(&file, names.conv) &&
                     (!net->nodes[n].batch_norm || gd_weights_file_has(&file, names.norm));
        if (r->held[n])
            status = read_conv(&file, net, n, &(gd_conv_weights){0}, error);
    }
    gd_weights_file_close(&file);
    return status;
}

/* A library that gets no memory calls the file damaged: the message says how much it was given. */
static gd_status add_budget(const gd_allowance *allowance, gd_status status, gd_error *error)
{
    const gd_error why = *error;
    char amount[GD_AMOUNT_BYTES];
    return gd_fail(error, status, "%.900s (the memory budget leaves %s for reading it; see %s)", why.message,
                   gd_amount_text((double)allowance->left, amount),
                   allowance->limit ? allowance->limit : "--memory");
}

/* Has HDF5 read the open file in a process of its own. */
static gd_status read_within(reading *r, uint64_t memory, gd_apart_work *work, gd_error *error)
{
    char what[GD_WEIGHTS_PATH_MAX + sizeof "the weights file "];
    snprintf(what, sizeof what, "the weights file %s", r->path);
    if (memory < memory_min) {
        const gd_allowance wanted = {.left = memory, .refused = memory_min, .limit = r->allowance->limit};
        return gd_allowance_refuse(&wanted, what, error);
    }
    const gd_apart apart = {.what = what, .fd = r->fd, .memory = memory, .seconds = seconds_max};
    return gd_apart_run(&apart, work, r, error);
}

/* Opens the file, once, and reads it. */
static gd_status read_apart(reading *r, gd_apart_work *work, gd_error *error)
{
    gd_status status = gd_file_open_input(r->path, "give a Keras file of weights", &r->fd, error);
    if (status != GD_OK)
        return status;
    const uint64_t left = r->allowance ? r->allowance->left : memory_max;
    status = read_within(r, gd_min_u64(left, memory_max), work, error);
    if (status != GD_OK && left >= memory_min && left < memory_max)
        status = add_budget(r->allowance, status, error);
    close(r->fd);
    return status;
}

gd_status gd_weights_load(const char *path, const gd_net *net, const bool *needed,
                          const gd_allowance *allowance, gd_weights **weights, gd_error *error)
{
    *weights = NULL;
    reading r = {.path = path, .net = net, .allowance = allowance};
    gd_status status = gd_weights_allocate(net, needed, &r.weights, error);
    if (status == GD_OK)
        status = read_apart(&r, load_all, error);
    if (status != GD_OK) {
        gd_weights_free(r.weights);
        return status;
    }
    snprintf(r.weights->path, sizeof r.weights->path, "%s", path);
    gd_weights_seal(net, r.weights);
    *weights = r.weights;
    return GD_OK;
}

gd_status gd_weights_probe(const char *path, const gd_net *net, const gd_allowance *allowance, bool *held,
                           gd_error *error)
{
    const size_t bytes = (size_t)net->node_count * sizeof *held;
    reading r = {.path = path, .net = net, .allowance = allowance, .held = gd_apart_allocate(bytes)};
    if (!r.held)
        return gd_no_memory(error, "the list of layers of %s", path);
    const gd_status status = read_apart(&r, probe_all, error);
    memcpy(held, r.held, bytes);
    gd_apart_free(r.held, bytes);
    return status;
}
