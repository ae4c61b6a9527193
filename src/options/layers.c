/* The choice of layers: parses -ml, checks it against the network and the weights, and prints the list. */
#include "options/layers.h"

#include "net/objective.h"
#include "net/reach.h"
#include "options/enum_names.h"
#include "options/layers/ranks.h"
#include "text/schedule.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4096 }; /* more than 64 names with weights need */
static const char blanks[] = " \t\r\n";

static void clear(gd_options *o)
{
    o->chosen.layer_count = o->chosen.channel_run_count = 0;
    o->layer_first = o->layer_end = -1;
    o->layers_wrong[0] = '\0';
}

static void GD_PRINTF(2, 3) refuse(gd_options *o, const char *format, ...)
{
    clear(o);
    va_list args;
    va_start(args, format);
    vsnprintf(o->layers_wrong, sizeof o->layers_wrong, format, args);
    va_end(args);
}

static bool is_whole(const char *text, long *value)
{
    double number;
    if (text[strspn(text, "+-0123456789")] || !gd_number_parse(text, &number) || number < -1e6 ||
        number > 1e6)
        return false;
    *value = (long)number;
    return true;
}

/* Error for numbers that are not a pair; suggests the pair if the intention is clear. */
static void refuse_numbers(gd_options *o, const char *text)
{
    int a, b, length = 0;
    if (sscanf(text, "%d-%d%n", &a, &b, &length) == 2 && !text[length] && a >= 0 && b >= a && b < INT_MAX)
        refuse(o, "'%.80s' is not two numbers A B; %d %d takes layers %d to %d", text, a, b + 1, a, b);
    else if (sscanf(text, "%d%n", &a, &length) == 1 && !text[length] && a >= 0 && a < INT_MAX)
        refuse(o, "'%.80s' is not two numbers A B; %d %d takes layer %d alone", text, a, a + 1, a);
    else
        refuse(o, "'%.80s' is not two numbers A B, which take layers A .. B-1", text);
}

static void read_pair(gd_options *o, const char *text, const char *a, const char *b)
{
    long first, end;
    if (!b || !is_whole(a, &first) || !is_whole(b, &end)) {
        refuse_numbers(o, text);
    } else if (first < 0 || end <= first) {
        refuse(o, "%ld %ld contains no layer: A B means layers A .. B-1", first, end);
    } else {
        o->layer_first = (int32_t)first;
        o->layer_end = (int32_t)end;
    }
}

/* Limits of a weight: outside, floats overflow in some layers, or a step has no effect. */
static const double least_weight = 1e-6, largest_weight = 1e6;

/* The number behind '=' in `item`, which it cuts there; 1 without. `what`: of whom, for the refusal. */
static bool take_weight(gd_options *o, char *item, const char *what, double *weight)
{
    char *equals = strchr(item, '=');
    *weight = 1;
    if (!equals)
        return true;
    *equals = '\0';
    if (gd_number_parse(equals + 1, weight) && fabs(*weight) >= least_weight &&
        fabs(*weight) <= largest_weight)
        return true;
    refuse(o, "the weight '%.80s' of %.80s is not a number of %g to %g, or below 0 of -%g to -%g", equals + 1,
           what, least_weight, largest_weight, least_weight, largest_weight);
    return false;
}

/* "119" or "0-63". */
static bool read_numbers(const char *item, gd_channel_run *run)
{
    int first, last, length = 0;
    if (sscanf(item, "%d%n", &first, &length) == 1 && !item[length])
        last = first;
    else if (sscanf(item, "%d-%d%n", &first, &last, &length) != 2 || item[length])
        return false;
    if (first < 0 || last < first || last == INT_MAX)
        return false;
    run->first = first;
    run->count = last - first + 1;
    return true;
}

/* Adds "119", "0-63", "119=2" or "strong8" to the channels of the last layer. */
static bool read_channels(gd_options *o, char *item)
{
    gd_layer_choice *layer = &o->chosen.layers[o->chosen.layer_count - 1];
    gd_channel_run run;
    char given[80];
    snprintf(given, sizeof given, "%.79s", item);
    if (!take_weight(o, item, "a channel", &run.weight))
        return false;
    if (!read_numbers(item, &run) && !gd_ranks_read(item, &run)) {
        refuse(o, "'%s' is not a channel of %s, such as 119, 0-63, 119=2, strong8 or weak8", given,
               layer->name);
        return false;
    }
    if (o->chosen.channel_run_count == GD_CHANNEL_RUNS_MAX) {
        refuse(o, "more than %d channels or ranges of them are named", GD_CHANNEL_RUNS_MAX);
        return false;
    }
    o->chosen.channel_runs[o->chosen.channel_run_count++] = run;
    layer->run_count++;
    return true;
}

/* Cuts "@mean" or "@l2" off. */
static bool take_measure(gd_options *o, char *item, gd_layer_measure *measure)
{
    char *at = strchr(item, '@');
    *measure = GD_LAYER_AS_OBJECTIVE;
    if (!at)
        return true;
    *at = '\0';
    const gd_enum_name *word = gd_enum_find(gd_measure_names, at + 1);
    if (!word) {
        refuse(o, "'%.80s' is nothing that %.80s can be measured by: take %.80s@mean or %.80s@l2", at + 1,
               item, item, item);
        return false;
    }
    *measure = word->value == GD_MEASURE_L2 ? GD_LAYER_L2 : GD_LAYER_MEAN;
    return true;
}

/* Adds "NAME[@MEASURE][=WEIGHT]" or "NAME[@MEASURE]:CHANNEL[=WEIGHT]". */
static bool read_name(gd_options *o, char *item)
{
    gd_layer_choice choice = {.run = o->chosen.channel_run_count};
    char *channels = strchr(item, ':');
    if (channels)
        *channels++ = '\0';
    if (!take_weight(o, item, item, &choice.weight) || !take_measure(o, item, &choice.measure))
        return false;
    if (!*item || strlen(item) >= sizeof choice.name) {
        refuse(o, "'%.80s' is not the name of a layer", item);
        return false;
    }
    strcpy(choice.name, item);
    for (int32_t i = 0; i < o->chosen.layer_count; i++) {
        if (strcmp(o->chosen.layers[i].name, item) == 0) {
            refuse(o, "%s is named twice", choice.name);
            return false;
        }
    }
    if (o->chosen.layer_count == GD_LAYERS_MAX) {
        refuse(o, "more than %d layers are named", GD_LAYERS_MAX);
        return false;
    }
    o->chosen.layers[o->chosen.layer_count++] = choice;
    return !channels || read_channels(o, channels);
}

/* Channels go on with those of the layer before them; no layer's name begins so. */
static bool read_item(gd_options *o, char *item)
{
    const bool channels =
        (strchr("0123456789", item[0]) || gd_ranks_begin(item)) && o->chosen.layer_count > 0;
    if (channels && o->chosen.layers[o->chosen.layer_count - 1].run_count == 0) {
        refuse(o, "'%.80s' is not the name of a layer; channels come as %s:%.80s", item,
               o->chosen.layers[o->chosen.layer_count - 1].name, item);
        return false;
    }
    return channels ? read_channels(o, item) : read_name(o, item);
}

void gd_layers_read(const char *text, gd_options *options)
{
    char copy[TEXT_MAX], plain[TEXT_MAX] = "", *rest, *items[3];
    clear(options);
    if (strlen(text) >= sizeof copy) {
        refuse(options, "its value is longer than %d characters", TEXT_MAX);
        return;
    }
    int words = 0;
    strcpy(copy, text);
    for (char *w = strtok_r(copy, blanks, &rest); w; w = strtok_r(NULL, blanks, &rest)) {
        strcat(strcat(plain, words > 0 ? " " : ""), w);
        if (words < 3)
            items[words] = w;
        words++;
    }
    if (words == 0)
        return;
    if (strchr("+-0123456789", plain[0])) { /* no layer name starts with these */
        read_pair(options, plain, items[0], words == 2 ? items[1] : NULL);
        return;
    }
    strcpy(copy, text); /* blanks may also separate names, as typed at a prompt */
    for (char *w = strtok_r(copy, ", \t\r\n", &rest); w; w = strtok_r(NULL, ", \t\r\n", &rest))
        if (!read_item(options, w))
            return;
}

gd_status gd_read_layers(const char *flag, const char *const *values, gd_options *options, gd_error *error)
{
    char text[TEXT_MAX + 1];
    (void)flag;
    (void)error;
    snprintf(text, sizeof text, "%s%s%s", values[0] ? values[0] : "", values[0] && values[1] ? " " : "",
             values[0] && values[1] ? values[1] : "");
    gd_layers_read(text, options);
    return GD_OK;
}

/* What is printed, as far as it fits. */
typedef struct printing {
    char *text;
    size_t bytes;
    bool fits;
} printing;

static void GD_PRINTF(2, 3) put(printing *p, const char *format, ...)
{
    char piece[GD_NODE_NAME_MAX + GD_NUMBER_TEXT];
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(piece, sizeof piece, format, args);
    va_end(args);
    p->fits = p->fits && length >= 0 && (size_t)length < sizeof piece &&
              gd_value_print(p->text, p->bytes, "%s", piece);
    if (!p->fits)
        return;
    p->text += length;
    p->bytes -= (size_t)length;
}

static void put_weight(printing *p, double weight)
{
    char text[GD_NUMBER_TEXT];
    gd_number_text(weight, text);
    if (weight != 1)
        put(p, "=%s", text);
}

static void put_layer(printing *p, const gd_options *o, const gd_layer_choice *layer)
{
    put(p, "%s", layer->name);
    if (layer->measure != GD_LAYER_AS_OBJECTIVE)
        put(p, "@%s", layer->measure == GD_LAYER_L2 ? "l2" : "mean");
    put_weight(p, layer->weight);
    for (int32_t r = 0; r < layer->run_count; r++) {
        const gd_channel_run *run = &o->chosen.channel_runs[layer->run + r];
        put(p, "%s", r == 0 ? ":" : ",");
        if (run->first < 0)
            put(p, "%s%d", gd_ranks_word(run), run->count);
        else
            put(p, "%d", run->first);
        if (run->first >= 0 && run->count > 1)
            put(p, "-%d", run->first + run->count - 1);
        put_weight(p, run->weight);
    }
}

bool gd_print_layers(const gd_options *o, char *text, size_t bytes)
{
    printing p = {text, bytes, true};
    if (o->layer_first >= 0)
        return gd_value_print(text, bytes, "%d %d", o->layer_first, o->layer_end);
    put(&p, "%s", "");
    for (int32_t i = 0; i < o->chosen.layer_count; i++) {
        put(&p, "%s", i > 0 ? "," : "");
        put_layer(&p, o, &o->chosen.layers[i]);
    }
    return p.fits;
}

static bool resolve_pair(gd_options *o, const gd_net *net)
{
    if (o->layer_end > net->listed_count) {
        refuse(o, "%d %d goes beyond the list", o->layer_first, o->layer_end);
        return false;
    }
    o->chosen.layer_count = o->layer_end - o->layer_first;
    for (int32_t i = 0; i < o->chosen.layer_count; i++) {
        o->chosen.layers[i] = (gd_layer_choice){.weight = 1};
        snprintf(o->chosen.layers[i].name, sizeof o->chosen.layers[i].name, "%s",
                 net->layers[o->layer_first + i].name);
    }
    return true;
}

/* Channels that the layer has, each once. */
static bool check_channels(gd_options *o, const gd_net *net, const gd_layer_choice *layer)
{
    const int32_t channels = net->nodes[net->layers[gd_net_find_layer(net, layer->name)].node].channels;
    const gd_channel_run *runs = &o->chosen.channel_runs[layer->run];
    char name[GD_NODE_NAME_MAX];
    strcpy(name, layer->name);
    for (int32_t r = 0; r < layer->run_count; r++) {
        if (runs[r].first < 0)
            continue;
        const int32_t last = runs[r].first + runs[r].count - 1;
        if (last >= channels) {
            refuse(o, "%s has no channel %d: it has %d, 0 to %d", name, last, channels, channels - 1);
            return false;
        }
        for (int32_t other = 0; other < r; other++) {
            if (runs[other].first < 0 || last < runs[other].first ||
                runs[other].first + runs[other].count <= runs[r].first)
                continue;
            refuse(o, "a channel of %s is named twice, in %d-%d and %d-%d", name, runs[other].first,
                   runs[other].first + runs[other].count - 1, runs[r].first, last);
            return false;
        }
    }
    char why[sizeof o->layers_wrong];
    if (gd_ranks_fit(&o->chosen, layer, channels, why, sizeof why))
        return true;
    refuse(o, "%s", why);
    return false;
}

bool gd_layers_resolve(gd_options *options, const gd_net *net)
{
    if (options->layers_wrong[0])
        return false;
    if (options->layer_first >= 0)
        return resolve_pair(options, net);
    for (int32_t i = 0; i < options->chosen.layer_count; i++) {
        char name[GD_NODE_NAME_MAX];
        strcpy(name, options->chosen.layers[i].name);
        if (gd_net_find_layer(net, name) < 0) {
            refuse(options, "%s has no layer '%s' in its list", net->title, name);
            return false;
        }
        if (!check_channels(options, net, &options->chosen.layers[i]))
            return false;
    }
    return options->chosen.layer_count > 0;
}

void gd_layers_proposal(const gd_net *net, int32_t *first, int32_t *end)
{
    /* A fifth into the list: eyes and swirls with Inception V3 (mixed3, mixed4), and the same depth with the
     * other network. */
    *first = net->listed_count / 5;
    *end = *first + 2;
}

int32_t gd_layers_available_count(const gd_net *net, const bool *held)
{
    int32_t count = 0;
    while (held && count < net->listed_count && held[count])
        count++;
    return count;
}

const char *gd_layers_weights(const gd_layers_available *there)
{
    return there->bundled ? "the bundled weights" : "the available weights";
}

bool gd_layers_all_available(gd_options *options, const gd_net *net, const gd_layers_available *there)
{
    const int32_t end = gd_layers_available_count(net, there->held);
    for (int32_t i = 0; there->needed && end > 0 && i < options->chosen.layer_count; i++) {
        char name[GD_NODE_NAME_MAX];
        strcpy(name, options->chosen.layers[i].name);
        const int32_t layer = gd_net_find_layer(net, name);
        if (layer < 0 || there->held[layer])
            continue;
        refuse(options, "%s is not in %s: B is at most %d with them (%.100s downloads the rest)", name,
               gd_layers_weights(there), end, there->fetch);
        return false;
    }
    return true;
}

/* Typical patterns of the layers of Inception V3 with the bundled weights. */
static const char *drawing(const gd_net *net, int32_t layer)
{
    static const char *const drawings[][2] = {
        {"mixed0", "fine lines"},   {"mixed1", "stripes, folds"}, {"mixed2", "scales, loops"},
        {"mixed3", "eyes, swirls"}, {"mixed4", "lights, spots"},  {"mixed5", "feathers, fur"},
    };
    for (size_t i = 0; i < sizeof drawings / sizeof *drawings; i++)
        if (strcmp(net->layers[layer].name, drawings[i][0]) == 0)
            return drawings[i][1];
    return "";
}

void gd_layers_print(const gd_net *net, const gd_layers_available *there, FILE *out)
{
    double unit = gd_net_cost(net, net->layers[0].node);
    fprintf(out,
            "Layers of %s\n"
            "(reach: pixels across that affect a unit; cost: of a step, relative to %s)\n\n",
            net->title, net->layers[0].name);
    fprintf(out, "  index  %-16s  reach  cost  in the weights%s\n", "name", there->bundled ? "  draws" : "");
    for (int32_t i = 0; i < net->listed_count; i++) {
        const char *held = there->held && there->held[i] ? "yes" : "no", *draws = drawing(net, i);
        fprintf(out, "  %5d  %-16s  %5d  %4.1f  %s", i, net->layers[i].name,
                gd_net_reach(net, net->layers[i].node), gd_net_cost(net, net->layers[i].node) / unit, held);
        if (there->bundled)
            fprintf(out, "%*s%s", 16 - (int)strlen(held), "", *draws ? draws : "-");
        fputc('\n', out);
    }
    if (there->bundled)
        fprintf(out,
                "\nThe bundled weights are the first half of a re-trained network, and draw these.\n"
                "%s downloads the originals.\n",
                there->fetch);
}

static int compare_runs(const void *a, const void *b)
{
    const int32_t first = ((const gd_channel_run *)a)->first, second = ((const gd_channel_run *)b)->first;
    return (first > second) - (first < second);
}

static gd_measure measure_of(const gd_options *o, const gd_layer_choice *layer)
{
    if (layer->measure == GD_LAYER_AS_OBJECTIVE)
        return o->objective;
    return layer->measure == GD_LAYER_L2 ? GD_MEASURE_L2 : GD_MEASURE_MEAN;
}

/* The guide's shares follow each other, layer by layer, and so do its matches. */
static void guide_term(const gd_options *o, const gd_net *net, const gd_layer_choice *layer, int32_t *next,
                       gd_term *term)
{
    const bool matched = o->guide_way == GD_GUIDE_MATCH;
    if (!*o->guide || layer->measure != GD_LAYER_AS_OBJECTIVE)
        return;
    term->measure = matched ? GD_MEASURE_MATCH : GD_MEASURE_L2;
    term->guide = 1 + *next;
    *next += matched ? 1 : net->nodes[term->node].channels;
}

gd_status gd_options_objective(const gd_options *options, const gd_net *net, gd_objective *objective,
                               gd_error *error)
{
    int32_t shares = 0;
    *objective = (gd_objective){.own_units = gd_options_rules(options)->own_units};
    for (int32_t i = 0; i < options->chosen.layer_count; i++) {
        const gd_layer_choice *chosen = &options->chosen.layers[i];
        const int32_t layer = gd_net_find_layer(net, chosen->name);
        const bool whole = gd_ranks_of(&options->chosen, chosen);
        if (layer < 0)
            return gd_fail(error, GD_USAGE,
                           "-ml %s: %s has no such layer; gigadream lists them when -ml is left "
                           "out",
                           chosen->name, net->title);
        objective->terms[objective->count++] = (gd_term){.node = net->layers[layer].node,
                                                         .weight = chosen->weight,
                                                         .measure = measure_of(options, chosen),
                                                         .layer = net->layers[layer].node,
                                                         .run = chosen->run,
                                                         .run_count = whole ? 0 : chosen->run_count};
        guide_term(options, net, chosen, &shares, &objective->terms[objective->count - 1]);
        memcpy(objective->runs + chosen->run, options->chosen.channel_runs + chosen->run,
               (size_t)chosen->run_count * sizeof *objective->runs);
        qsort(objective->runs + chosen->run, (size_t)chosen->run_count, sizeof *objective->runs,
              compare_runs);
    }
    if (*options->guide && shares == 0 && options->chosen.layer_count > 0)
        return gd_fail(error, GD_USAGE,
                       "--guide %.300s: every layer has its own @mean or @l2; leave one out, or the guide",
                       options->guide);
    if (!gd_objective_narrow(net, objective))
        return gd_fail(
            error, GD_USAGE,
            "-ml names too many channels: they are %d or more runs in the branches of %s; name fewer",
            GD_CHANNEL_RUNS_MAX, net->title);
    return GD_OK;
}
