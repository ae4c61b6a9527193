/* Searches for weights files, and chooses the first that contains the objective's layers. */
#include "files/weights_path.h"

#include "files/data_folders.h"
#include "net/objective.h"
#include "net/weights.h"
#include "options/layers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const bundled_names[] = {
    [GD_INCEPTION_V3] = "inception_v3_mixed5.h5", [GD_INCEPTION_RESNET_V2] = NULL, [GD_INCEPTION_V1] = NULL};
/* In the order in which they are taken. */
enum { OFFICIAL_MAX = 3 };
static const char *const official_names[][OFFICIAL_MAX] = {
    [GD_INCEPTION_V3] = {"inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"},
    [GD_INCEPTION_RESNET_V2] = {"inception_resnet_v2_weights_tf_dim_ordering_tf_kernels_notop.h5"},
    [GD_INCEPTION_V1] = {"bvlc_googlenet.caffemodel", "googlenet_places365.caffemodel",
                         "tensorflow_inception_graph.pb"}};

/* Stores a problem without its full stop, because the message continues after it. */
static void keep_problem(gd_weights_file *file, const char *sentence)
{
    snprintf(file->problem, sizeof file->problem, "%s", sentence);
    const size_t length = strlen(file->problem);
    if (length > 0 && file->problem[length - 1] == '.')
        file->problem[length - 1] = '\0';
}

/* Finds out of which network the file is, and which of its convolutions it has. */
static gd_status examine(const gd_weights_search *s, const gd_net *net, gd_weights_file *file, bool *held,
                         gd_error *error)
{
    gd_status status = gd_weights_traits(file->path, net, s->allowance, &file->traits, error);
    if (status != GD_OK)
        return status;
    gd_net *own = gd_net_create_as(net->architecture, &file->traits);
    if (!own)
        return gd_no_memory(error, "the network's table");
    status = gd_weights_probe(file->path, own, s->allowance, held, error);
    gd_net_free(own);
    return status;
}

/* Examines the file at `path` and adds it to the list. A problem is stored, not reported. */
static gd_status add_file(gd_weights_search *s, const gd_net *net, const char *path, gd_error *error)
{
    gd_weights_file *file = &s->files[s->file_count];
    gd_error problem = {""};
    bool *held = calloc((size_t)net->node_count, sizeof *held);
    bool *needed = calloc((size_t)net->node_count, sizeof *needed);
    file->layers = calloc((size_t)net->layer_count, sizeof *file->layers);
    if (!held || !needed || !file->layers) {
        free(held);
        free(needed);
        return gd_no_memory(error, "the list of layers of %s", path);
    }
    s->file_count++;
    snprintf(file->path, sizeof file->path, "%s", path);
    if (examine(s, net, file, held, &problem) != GD_OK)
        keep_problem(file, problem.message);
    for (int32_t i = 0; i < net->layer_count && !file->problem[0]; i++) {
        const gd_objective objective = {.terms = {{.node = net->layers[i].node, .weight = 1}}, .count = 1};
        memset(needed, 0, (size_t)net->node_count * sizeof *needed);
        gd_objective_needs(net, &objective, needed);
        file->layers[i] = true;
        for (int32_t node = 0; node < net->node_count; node++)
            file->layers[i] &= held[node] || !needed[node];
        s->layers[i] |= file->layers[i];
    }
    free(held);
    free(needed);
    return GD_OK;
}

/* Adds a file that the user named: it must exist and be usable. */
static gd_status add_named(gd_weights_search *s, const gd_net *net, const char *who, const char *path,
                           gd_error *error)
{
    if (access(path, R_OK) != 0)
        return gd_fail(error, GD_USAGE, "%s %s: cannot be read (%s); give a file of weights", who, path,
                       strerror(errno));
    gd_status status = add_file(s, net, path, error);
    if (status == GD_OK && s->files[s->file_count - 1].problem[0])
        return gd_fail(error, GD_USAGE, "%.900s (given by %s)", s->files[s->file_count - 1].problem, who);
    return status;
}

static gd_status add_from_folders(gd_weights_search *s, const gd_net *net, const gd_data_folders *f,
                                  const char *name, gd_error *error)
{
    char path[GD_PATH_MAX];
    for (int32_t i = 0; name && i < f->count; i++) {
        if (!gd_data_folders_join(path, f->paths[i], name) || access(path, R_OK) != 0)
            continue;
        gd_status status = add_file(s, net, path, error);
        if (status != GD_OK)
            return status;
    }
    return GD_OK;
}

static gd_status add_official(gd_weights_search *s, const gd_net *net, const gd_data_folders *f,
                              const char *const names[OFFICIAL_MAX], gd_error *error)
{
    gd_status status = GD_OK;
    for (int i = 0; i < OFFICIAL_MAX && status == GD_OK; i++)
        status = add_from_folders(s, net, f, names[i], error);
    return status;
}

/* Finds the download script: the installed one, else that of the source tree. */
static void find_fetch(gd_weights_search *s, const gd_data_folders *f)
{
    for (int32_t i = 0; i < f->count; i++)
        if (gd_data_folders_join(s->fetch, f->paths[i], "fetch.sh") && access(s->fetch, X_OK) == 0)
            return;
    snprintf(s->fetch, sizeof s->fetch, "weights/fetch.sh");
}

static gd_status search_all(const gd_options *o, const gd_net *net, gd_weights_search *s, gd_error *error)
{
    const char *wanted = o->weights, *named = getenv("GIGADREAM_WEIGHTS");
    const bool bundled = strcmp(wanted, "bundled") == 0, official = strcmp(wanted, "official") == 0;
    gd_data_folders f = {.count = 0};
    if (named && !*named)
        named = NULL;
    if (named && gd_is_folder(named))
        gd_data_folders_add(&f, named, NULL);
    gd_data_folders_add_usual(&f);
    find_fetch(s, &f);
    if (*wanted && !bundled && !official && !gd_weights_checksum(wanted))
        return add_named(s, net, "--weights", wanted, error);
    gd_status status = GD_OK;
    if ((!*wanted || gd_weights_checksum(wanted)) && named && !gd_is_folder(named))
        status = add_named(s, net, "$GIGADREAM_WEIGHTS", named, error);
    const int32_t before = s->file_count;
    if (status == GD_OK && !official)
        status = add_from_folders(s, net, &f, bundled_names[o->architecture], error);
    for (int32_t i = before; i < s->file_count; i++)
        s->bundled |= !s->files[i].problem[0];
    if (status == GD_OK && !bundled)
        status = add_official(s, net, &f, official_names[o->architecture], error);
    return status;
}

gd_status gd_weights_find(const gd_options *options, const gd_net *net, const gd_allowance *allowance,
                          gd_weights_search **search, gd_error *error)
{
    gd_weights_search *s = calloc(1, sizeof *s);
    if (s) {
        s->allowance = allowance;
        s->files = calloc(GD_WEIGHTS_FILES_MAX, sizeof *s->files);
        s->layers = calloc((size_t)net->layer_count, sizeof *s->layers);
    }
    gd_status status = s && s->files && s->layers ? search_all(options, net, s, error)
                                                  : gd_no_memory(error, "the search for weights");
    if (status != GD_OK) {
        gd_weights_search_free(s);
        s = NULL;
    }
    *search = s;
    return status;
}

void gd_weights_search_free(gd_weights_search *search)
{
    if (!search)
        return;
    for (int32_t i = 0; search->files && i < GD_WEIGHTS_FILES_MAX; i++)
        free(search->files[i].layers);
    free(search->files);
    free(search->layers);
    free(search);
}

static bool holds(const gd_weights_file *file, const gd_net *net, const gd_objective *objective,
                  int32_t *lacking)
{
    for (int32_t t = 0; t < objective->count; t++) {
        for (int32_t i = 0; i < net->layer_count; i++) {
            if (net->layers[i].node == gd_term_layer(&objective->terms[t]) && !file->layers[i]) {
                *lacking = i;
                return false;
            }
        }
    }
    return true;
}

static gd_status nothing_found(const gd_weights_search *s, const gd_options *o, const gd_net *net,
                               gd_error *error)
{
    if (strcmp(o->weights, "bundled") == 0 && !bundled_names[o->architecture])
        return gd_fail(
            error, GD_USAGE,
            "--weights bundled: none are bundled for %s; run %s to download the official ones, and leave "
            "--weights out",
            net->title, s->fetch);
    if (access("/proc/self/exe", F_OK) != 0)
        return gd_fail(error, GD_USAGE,
                       "no weights of %s were found, because the program's folder is unknown without /proc; "
                       "mount it, or name a file with --weights",
                       net->title);
    return gd_fail(error, GD_USAGE,
                   "no weights of %s were found (%s); run %s to download them, or name a file with --weights",
                   net->title,
                   strcmp(o->weights, "bundled") == 0 ? bundled_names[o->architecture]
                                                      : official_names[o->architecture][0],
                   s->fetch);
}

/* Whether the values that the objective needs from a file have this checksum. */
static gd_status has_checksum(const gd_weights_file *file, const gd_net *net, const gd_objective *objective,
                              const char *checksum, const gd_allowance *allowance, bool *has, gd_error *error)
{
    gd_weights *weights = NULL;
    bool *needed = calloc((size_t)net->node_count, sizeof *needed);
    if (!needed)
        return gd_no_memory(error, "the checksum of %s", file->path);
    gd_net *own = gd_net_create_as(net->architecture, &file->traits);
    gd_objective_needs(net, objective, needed);
    const gd_status status = own ? gd_weights_load(file->path, own, needed, allowance, &weights, error)
                                 : gd_no_memory(error, "the network's table");
    *has = status == GD_OK && strcmp(weights->checksum, checksum) == 0;
    gd_weights_free(weights);
    gd_net_free(own);
    free(needed);
    return status;
}

/* Chooses the first file whose weights have the checksum from --like. */
static gd_status choose_by_checksum(const gd_weights_search *search, const gd_options *options,
                                    const gd_net *net, const gd_objective *objective,
                                    const gd_weights_file **chosen, gd_error *error)
{
    const char *checksum = gd_weights_checksum(options->weights);
    int32_t lacking;
    bool has = false;
    gd_status status = GD_OK;
    for (int32_t i = 0; i < search->file_count && status == GD_OK && !has; i++) {
        const gd_weights_file *file = &search->files[i];
        if (file->problem[0] || !holds(file, net, objective, &lacking))
            continue;
        status = has_checksum(file, net, objective, checksum, search->allowance, &has, error);
        if (has)
            *chosen = file;
    }
    if (status != GD_OK || has)
        return status;
    return gd_fail(error, GD_USAGE,
                   "%s%.300s%sthe weights with the checksum %.32s were not found (%.300s downloads the "
                   "official ones); name their file with --weights, or use others with --weights bundled",
                   *options->like ? "--like " : "--weights ",
                   *options->like ? options->like : options->weights, ": ", checksum, search->fetch);
}

gd_status gd_weights_choose(const gd_weights_search *search, const gd_options *options, const gd_net *net,
                            const gd_objective *objective, const gd_weights_file **chosen, gd_error *error)
{
    if (gd_weights_checksum(options->weights))
        return choose_by_checksum(search, options, net, objective, chosen, error);
    const gd_weights_file *best = NULL;
    int32_t lacking = 0, best_lacking = 0;
    for (int32_t i = 0; i < search->file_count; i++) {
        const gd_weights_file *file = &search->files[i];
        if (holds(file, net, objective, &lacking)) {
            *chosen = file;
            return GD_OK;
        }
        if (!best || (best->problem[0] && !file->problem[0])) {
            best = file;
            best_lacking = lacking;
        }
    }
    if (!best)
        return nothing_found(search, options, net, error);
    if (best->problem[0])
        return gd_fail(error, GD_USAGE, "%.700s; %s downloads the official ones", best->problem,
                       search->fetch);
    char other[64] = "";
    const int32_t end = gd_layers_available_count(net, best->layers);
    if (end > 0)
        snprintf(other, sizeof other, ", or choose below it: in -ml A B, B is at most %d", end);
    return gd_fail(error, GD_USAGE,
                   "%s: the available weights (%.300s) do not contain this layer; run %.300s to download the "
                   "official ones%s",
                   net->layers[best_lacking].name, best->path, search->fetch, other);
}
