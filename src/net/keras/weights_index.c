/* Finds the weight arrays in the layouts that Keras has used, and looks them up by layer and name. */
#include "net/keras/weights_index.h"

#include "base/grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ENTRIES_MAX = 1 << 16,
    OWN_MAX = 8,   /* maximum arrays of a layer; a group with more belongs to a model */
    DEPTH_MAX = 8, /* of nested models */
    CHILDREN_MAX = 8192
};

/* State of the search. */
typedef struct search {
    hid_t file;
    gd_weights_index *index;
    bool failed;                        /* out of memory, or the file has more arrays than any model */
    bool unnamed;                       /* some layers have no names */
    char unreadable[GD_LAYER_NAME_MAX]; /* a layer that is there and cannot be opened; "": none */
} search;

static void add(search *s, const char *layer, const char *weight, const char *path, int32_t model)
{
    gd_weights_index *index = s->index;
    if (strlen(layer) >= GD_LAYER_NAME_MAX || strlen(weight) >= GD_WEIGHT_NAME_MAX ||
        strlen(path) >= GD_STRING_MAX)
        return; /* not a name of the supported networks */
    const gd_array_kind kind = {sizeof *index->entries, ENTRIES_MAX, "the arrays of a weights file"};
    if (gd_grow(&index->entries, &index->capacity, index->count + 1, &kind, NULL) != GD_OK) {
        s->failed = true;
        return;
    }
    gd_weights_entry *entry = &index->entries[index->count++];
    snprintf(entry->layer, sizeof entry->layer, "%s", layer);
    snprintf(entry->weight, sizeof entry->weight, "%s", weight);
    snprintf(entry->path, sizeof entry->path, "%s", path);
    entry->model = model;
}

/* Splits "conv2d_1/kernel:0" to the last part, without the colon and what follows, and the part before it
 * ("": none). */
static void split_name(const char *name, char before[GD_STRING_MAX], char last[GD_STRING_MAX])
{
    const char *slash = strrchr(name, '/');
    const char *from = slash;
    before[0] = '\0';
    while (from && from > name && from[-1] != '/')
        from--;
    if (slash)
        snprintf(before, GD_STRING_MAX, "%.*s", (int)(slash - from), from);
    snprintf(last, GD_STRING_MAX, "%s", slash ? slash + 1 : name);
    last[strcspn(last, ":")] = '\0';
}

/* Adds the arrays that a layer's group lists: of the layer or, for a model, of all its layers. */
static void list_layer(search *s, const char *folder, const char *layer)
{
    char path[GD_STRING_MAX], before[GD_STRING_MAX], last[GD_STRING_MAX];
    gd_strings names;
    const int length = snprintf(path, sizeof path, "%s%s", folder, layer);
    const hid_t group = length < (int)sizeof path ? gd_plain_open(s->file, path, H5I_GROUP) : -1;
    if (group < 0) {
        if (length < (int)sizeof path && gd_plain_is_linked(s->file, path))
            snprintf(s->unreadable, sizeof s->unreadable, "%.63s", layer);
        return;
    }
    const bool listed = gd_plain_strings(group, "weight_names", &names);
    H5Oclose(group);
    if (!listed)
        return;
    const bool is_model = names.count > OWN_MAX;
    const int32_t model = is_model ? ++s->index->models : 0;
    for (size_t i = 0; i < names.count; i++) {
        split_name(names.items[i], before, last);
        if (snprintf(path, sizeof path, "%s%s/%s", folder, layer, names.items[i]) < (int)sizeof path)
            add(s, is_model ? before : layer, last, path, model);
    }
    gd_strings_free(&names);
}

/* Adds the layers of a group ("" or "model_weights/") with layer_names; false: it has none. */
static bool list_folder(search *s, const char *folder)
{
    gd_strings names;
    const hid_t group = *folder ? gd_plain_open(s->file, folder, H5I_GROUP) : s->file;
    if (group < 0)
        return false;
    const bool listed = gd_plain_strings(group, "layer_names", &names);
    if (group != s->file)
        H5Oclose(group);
    for (size_t i = 0; listed && i < names.count; i++)
        list_layer(s, folder, names.items[i]);
    if (listed)
        gd_strings_free(&names);
    return listed;
}

/* Adds the numbered arrays of a layer of a ".weights.h5" file. */
static void list_numbered(search *s, const char *kind, const char *layer, const char *vars, int count,
                          int32_t model)
{
    static const char *const conv[] = {"kernel", "bias"};
    static const char *const norm[] = {"gamma", "beta", "moving_mean", "moving_variance"};
    char path[GD_STRING_MAX];
    const bool is_conv = strncmp(kind, "conv2d", 6) == 0 && count <= 2;
    const bool is_norm = strncmp(kind, "batch_normalization", 19) == 0 && (count == 3 || count == 4);
    for (int i = 0; (is_conv || is_norm) && i < count; i++)
        if (snprintf(path, sizeof path, "%s/%d", vars, i) < (int)sizeof path)
            add(s, layer, is_conv ? conv[i] : norm[i + 4 - count], path, model);
}

static int64_t count_links(hid_t group)
{
    H5G_info_t info;
    return H5Gget_info(group, &info) < 0 || info.nlinks > CHILDREN_MAX ? 0 : (int64_t)info.nlinks;
}

/* Adds a layer of a ".weights.h5" file, in the group at `path`. `kind` is its class and number: "conv2d_3" is
 * the fourth one. */
static void list_vars(search *s, const char *path, const char *kind, int32_t model)
{
    char vars[GD_STRING_MAX];
    gd_strings name;
    const int length = snprintf(vars, sizeof vars, "%s/vars", path);
    const hid_t group = length < (int)sizeof vars ? gd_plain_open(s->file, vars, H5I_GROUP) : -1;
    if (group < 0)
        return;
    const int64_t count = count_links(group);
    const bool named = gd_plain_strings(group, "name", &name);
    H5Oclose(group);
    s->unnamed |= !named && count > 0;
    if (named && name.count == 1 && count > 0 && count < OWN_MAX)
        list_numbered(s, kind, name.items[0], vars, (int)count, model);
    if (named)
        gd_strings_free(&name);
}

/* Adds a group "layers": layers, and models with their own group "layers". */
static void list_layers(search *s, const char *path, int depth)
{
    const hid_t group = depth < DEPTH_MAX ? gd_plain_open(s->file, path, H5I_GROUP) : -1;
    if (group < 0)
        return;
    const int64_t count = count_links(group);
    const int32_t model = ++s->index->models;
    for (int64_t i = 0; i < count && !s->failed; i++) {
        char kind[GD_LAYER_NAME_MAX], below[GD_STRING_MAX], inner[GD_STRING_MAX + sizeof "/layers"];
        const ssize_t length = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_NATIVE, (hsize_t)i, kind,
                                                  sizeof kind, H5P_DEFAULT);
        if (length <= 0 || length >= (ssize_t)sizeof kind ||
            snprintf(below, sizeof below, "%s/%s", path, kind) >= (int)sizeof below)
            continue;
        list_vars(s, below, kind, model);
        snprintf(inner, sizeof inner, "%s/layers", below);
        list_layers(s, inner, depth + 1);
    }
    H5Oclose(group);
}

/* Chooses the model with the most kernels. */
static void choose(gd_weights_index *index)
{
    int32_t most = -1;
    for (int32_t m = 0; m <= index->models; m++) {
        int32_t kernels = 0;
        for (int32_t i = 0; i < index->count; i++)
            kernels += index->entries[i].model == m && strcmp(index->entries[i].weight, "kernel") == 0;
        if (kernels > most) {
            most = kernels;
            index->chosen = m;
        }
    }
}

gd_status gd_weights_index_fill(hid_t file, const char *path, gd_weights_index *index, gd_error *error)
{
    *index = (gd_weights_index){0};
    search s = {.file = file, .index = index};
    const bool listed = list_folder(&s, "") || list_folder(&s, "model_weights/");
    if (!listed)
        list_layers(&s, "layers", 0);
    choose(index);
    if (s.failed)
        return gd_fail(error, GD_USAGE, "the weights file %s lists more arrays than any network has.", path);
    if (s.unreadable[0])
        return gd_fail(error, GD_USAGE,
                       "the weights file %s is damaged or cut short: its group %s cannot be opened; fetch it "
                       "again.",
                       path, s.unreadable);
    if (!listed && index->count == 0 && s.unnamed)
        return gd_fail(
            error, GD_USAGE,
            "the weights file %s is of a Keras 3 that does not note the layers' names; convert it where "
            "it was made, with python3 -c \"import keras; m = "
            "keras.applications.InceptionV3(weights=None, include_top=False); "
            "m.load_weights('FILE'); m.save('converted.h5')\".",
            path);
    if (!listed && index->count == 0)
        return gd_fail(error, GD_USAGE,
                       "the weights file %s has no readable list of layers (attribute layer_names): it is in "
                       "none of the "
                       "layouts of Keras' files that weights/README.md describes.",
                       path);
    return GD_OK;
}

void gd_weights_index_free(gd_weights_index *index)
{
    free(index->entries);
    *index = (gd_weights_index){0};
}

const gd_weights_entry *gd_weights_index_find(const gd_weights_index *index, const char *layer,
                                              const char *weight)
{
    for (int32_t i = 0; i < index->count; i++) {
        const gd_weights_entry *entry = &index->entries[i];
        if (entry->model == index->chosen && strcmp(entry->layer, layer) == 0 &&
            (!weight || strcmp(entry->weight, weight) == 0))
            return entry;
    }
    return NULL;
}

/* Number of a layer in its family: 0 for "conv2d", 7 for "conv2d_7"; -1: not in the family. */
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

int32_t gd_weights_index_first(const gd_weights_index *index, const char *family)
{
    int32_t smallest = -1;
    for (int32_t i = 0; i < index->count; i++) {
        const int32_t number = number_in_family(index->entries[i].layer, family);
        if (index->entries[i].model == index->chosen && number >= 0 && (smallest < 0 || number < smallest))
            smallest = number;
    }
    return smallest;
}
