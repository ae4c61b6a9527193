/* Loads and probes the weights of a network from a file, which is read in a process of its own. */
#include "net/weights.h"

#include "base/apart/apart.h"
#include "base/file.h"
#include "base/minmax.h"
#include "base/size.h"
#include "net/weights_keras.h"
#include "net/weights_reader.h"
#include "net/weights_torch.h"
#include "net/weights_v1.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Limits on reading a file: the official ones take 1 s and some MiB. */
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

/* The convolution of node `n`. */
static gd_conv_layer conv_at(const gd_net *net, int32_t n)
{
    const gd_node *node = &net->nodes[n];
    bool first = true;
    for (int32_t i = 0; i < n && first; i++)
        first = net->nodes[i].kind != GD_NODE_CONV;
    return (gd_conv_layer){.node = *node, .in = net->nodes[node->inputs[0]].channels, .first = first};
}

/* Sets the arrays of all needed convolutions to their places in `values` (NULL: none yet). Returns how many
 * values they take. */
static size_t place_all(const gd_net *net, const bool *needed, float *values, gd_conv_weights *convs)
{
    size_t at = 0;
    for (int32_t n = 0; n < net->node_count; n++) {
        if (!needed[n] || net->nodes[n].kind != GD_NODE_CONV)
            continue;
        const gd_conv_layer conv = conv_at(net, n);
        at += gd_conv_weights_place(&conv, values ? values + at : NULL, &convs[n]);
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
        w->bytes = place_all(net, needed, NULL, w->convs) * sizeof *w->values;
        w->values = calloc(1, w->bytes + 1);
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
    free(weights->values);
    free(weights->convs);
    free(weights);
}

static const uint64_t hash_start = UINT64_C(0xcbf29ce484222325);

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

/* Of what a file says about its network. */
static uint64_t hash_version(const gd_net *net)
{
    uint64_t hash = hash_start;
    for (int32_t n = 0; n < net->node_count; n++) {
        const gd_node *node = &net->nodes[n];
        const float facts[] = {node->late, (float)node->lrn.size, (float)node->lrn.quarters,
                               (float)node->lrn.scale, (float)node->lrn.bias};
        hash = hash_values(hash, facts, sizeof facts / sizeof *facts);
    }
    const float shift[] = {(float)net->shift[0], (float)net->shift[1], (float)net->shift[2]};
    return hash_values(hash, shift, 3);
}

void gd_weights_seal(const gd_net *net, gd_weights *weights)
{
    uint64_t hash = net->versions ? hash_version(net) : hash_start;
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

/* A file that is read, and what for. */
typedef struct reading {
    const char *path;
    const gd_net *net;
    const bool *needed;            /* [net->node_count]; NULL: all convolutions */
    const gd_allowance *allowance; /* borrowed; NULL: no bound but memory_max */
    uint64_t taken;                /* bytes of the allowance for the answer */
    void *answer;
    size_t answer_bytes;
} reading;

static bool wants(const reading *r, int32_t n)
{
    return r->net->nodes[n].kind == GD_NODE_CONV && (!r->needed || r->needed[n]);
}

/* The caller frees the request; NULL: out of memory. */
static gd_weights_request *make_request(const reading *r, size_t *bytes)
{
    int32_t count = 0;
    for (int32_t n = 0; n < r->net->node_count; n++)
        count += wants(r, n);
    *bytes = sizeof(gd_weights_request) + (size_t)count * sizeof(gd_conv_layer);
    gd_weights_request *request = calloc(1, *bytes);
    if (!request)
        return NULL;
    snprintf(request->path, sizeof request->path, "%s", r->path);
    request->versions = r->net->versions;
    for (int32_t n = 0; n < r->net->node_count; n++)
        if (wants(r, n))
            request->convs[request->count++] = conv_at(r->net, n);
    return request;
}

/* A library that gets no memory calls the file damaged: the message says how much it was given. */
static gd_status add_budget(const reading *r, uint64_t memory, gd_status status, gd_error *error)
{
    const gd_error why = *error;
    char amount[GD_AMOUNT_BYTES];
    return gd_fail(error, status, "%.900s (the memory budget leaves %s for reading it; see %s)", why.message,
                   gd_amount_text((double)memory, amount),
                   r->allowance->limit ? r->allowance->limit : "--memory");
}

/* Has the open file read in a process of its own. */
static gd_status read_within(const reading *r, int fd, uint64_t memory, gd_apart_work *work, gd_error *error)
{
    char what[GD_WEIGHTS_PATH_MAX + sizeof "the weights file "];
    snprintf(what, sizeof what, "the weights file %s", r->path);
    if (memory < memory_min) {
        const gd_allowance wanted = {.left = memory, .refused = memory_min, .limit = r->allowance->limit};
        return gd_allowance_refuse(&wanted, what, error);
    }
    gd_apart apart = {.what = what,
                      .fd = fd,
                      .memory = memory,
                      .seconds = seconds_max,
                      .answer = r->answer,
                      .answer_bytes = r->answer_bytes};
    gd_weights_request *request = make_request(r, &apart.request_bytes);
    if (!request)
        return gd_no_memory(error, "the list of layers of %s", r->path);
    apart.request = request;
    const gd_status status = gd_apart_run(&apart, work, error);
    free(request);
    return status;
}

/* Opens the file, once, and reads it. */
static gd_status read_apart(const reading *r, gd_apart_work *work, gd_error *error)
{
    int fd = -1;
    gd_status status = gd_file_open_input(r->path, "give a file of weights", &fd, error);
    if (status != GD_OK)
        return status;
    uint64_t left = memory_max;
    if (r->allowance)
        left = r->allowance->left > r->taken ? gd_min_u64(r->allowance->left - r->taken, memory_max) : 0;
    status = read_within(r, fd, left, work, error);
    if (status != GD_OK && left >= memory_min && left < memory_max)
        status = add_budget(r, left, status, error);
    close(fd);
    return status;
}

/* The first bytes tell the formats apart. */
static const gd_weights_format *format_of(const gd_weights_request *request, int fd)
{
    if (request->versions)
        return &gd_weights_v1;
    return gd_torch_begins(fd) ? &gd_weights_torch : &gd_weights_keras;
}

/* gd_apart_work on a gd_weights_request: answers the values of all its convolutions, in order. */
static gd_status read_all(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    return gd_weights_read_as(format_of(request, fd), request, fd, answer, error);
}

/* The same; answers bool[count], whether the file has it. */
static gd_status probe_all(const void *request, int fd, gd_apart_answer *answer, gd_error *error)
{
    return gd_weights_probe_as(format_of(request, fd), request, fd, answer, error);
}

gd_status gd_weights_traits(const char *path, const gd_net *net, const gd_allowance *allowance,
                            gd_net_traits *traits, gd_error *error)
{
    *traits = (gd_net_traits){0};
    const reading r = {
        .path = path, .net = net, .allowance = allowance, .answer = traits, .answer_bytes = sizeof *traits};
    return net->versions ? read_apart(&r, gd_v1_traits, error) : GD_OK;
}

gd_status gd_weights_load(const char *path, const gd_net *net, const bool *needed,
                          const gd_allowance *allowance, gd_weights **weights, gd_error *error)
{
    gd_weights *w = NULL;
    *weights = NULL;
    gd_status status = gd_weights_allocate(net, needed, &w, error);
    if (status == GD_OK) {
        const reading r = {.path = path,
                           .net = net,
                           .needed = needed,
                           .allowance = allowance,
                           .taken = w->bytes,
                           .answer = w->values,
                           .answer_bytes = w->bytes};
        status = read_apart(&r, read_all, error);
    }
    if (status != GD_OK) {
        gd_weights_free(w);
        return status;
    }
    snprintf(w->path, sizeof w->path, "%s", path);
    gd_weights_seal(net, w);
    *weights = w;
    return GD_OK;
}

gd_status gd_weights_probe(const char *path, const gd_net *net, const gd_allowance *allowance, bool *held,
                           gd_error *error)
{
    int32_t convs = 0;
    for (int32_t n = 0; n < net->node_count; n++)
        convs += net->nodes[n].kind == GD_NODE_CONV;
    bool *answer = calloc((size_t)convs + 1, sizeof *answer);
    if (!answer)
        return gd_no_memory(error, "the list of layers of %s", path);
    const reading r = {.path = path,
                       .net = net,
                       .allowance = allowance,
                       .answer = answer,
                       .answer_bytes = (size_t)convs * sizeof *answer};
    const gd_status status = read_apart(&r, probe_all, error);
    convs = 0;
    for (int32_t n = 0; n < net->node_count; n++)
        held[n] = net->nodes[n].kind == GD_NODE_CONV ? answer[convs++] : true;
    free(answer);
    return status;
}
