/* The choice of layers: parses -ml, checks it against the network and the weights, and prints the list. */
#include "options/layers.h"

#include "net/reach.h"
#include "text/schedule.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 4096 }; /* more than 64 names with weights need */
static const char blanks[] = " \t\r\n";

static void clear(gd_options *o)
{
    o->layer_count = 0;
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

static bool read_name(gd_options *o, char *item)
{
    gd_layer_choice choice = {.weight = 1};
    char *equals = strchr(item, '=');
    if (equals) {
        *equals = '\0';
        if (!gd_number_parse(equals + 1, &choice.weight) || fabs(choice.weight) < least_weight ||
            fabs(choice.weight) > largest_weight) {
            refuse(o, "the weight '%.80s' of %.80s is not a number of %g to %g, or below 0 of -%g to -%g",
                   equals + 1, item, least_weight, largest_weight, least_weight, largest_weight);
            return false;
        }
    }
    if (!*item || strlen(item) >= sizeof choice.name) {
        refuse(o, "'%.80s' is not the name of a layer", item);
        return false;
    }
    strcpy(choice.name, item);
    for (int32_t i = 0; i < o->layer_count; i++) {
        if (strcmp(o->layers[i].name, item) == 0) {
            refuse(o, "%s is named twice", choice.name);
            return false;
        }
    }
    if (o->layer_count == GD_TERMS_MAX) {
        refuse(o, "more than %d layers are named", GD_TERMS_MAX);
        return false;
    }
    o->layers[o->layer_count++] = choice;
    return true;
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
        if (!read_name(options, w))
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

bool gd_print_layers(const gd_options *o, char *text, size_t bytes)
{
    size_t used = 0;
    if (o->layer_first >= 0)
        return gd_value_print(text, bytes, "%d %d", o->layer_first, o->layer_end);
    if (!gd_value_print(text, bytes, "%s", ""))
        return false;
    for (int32_t i = 0; i < o->layer_count; i++) {
        char weight[GD_NUMBER_TEXT];
        const bool plain = o->layers[i].weight == 1;
        gd_number_text(o->layers[i].weight, weight);
        if (!gd_value_print(text + used, bytes - used, "%s%s%s%s", i ? "," : "", o->layers[i].name,
                            plain ? "" : "=", plain ? "" : weight))
            return false;
        used += strlen(text + used);
    }
    return true;
}

static bool resolve_pair(gd_options *o, const gd_net *net)
{
    if (o->layer_end > net->listed_count) {
        refuse(o, "%d %d goes beyond the list", o->layer_first, o->layer_end);
        return false;
    }
    o->layer_count = o->layer_end - o->layer_first;
    for (int32_t i = 0; i < o->layer_count; i++) {
        snprintf(o->layers[i].name, sizeof o->layers[i].name, "%s", net->layers[o->layer_first + i].name);
        o->layers[i].weight = 1;
    }
    return true;
}

bool gd_layers_resolve(gd_options *options, const gd_net *net)
{
    if (options->layers_wrong[0])
        return false;
    if (options->layer_first >= 0)
        return resolve_pair(options, net);
    for (int32_t i = 0; i < options->layer_count; i++) {
        char name[GD_NODE_NAME_MAX];
        strcpy(name, options->layers[i].name);
        if (gd_net_find_layer(net, name) < 0) {
            refuse(options, "%s has no layer '%s' in its list", net->title, name);
            return false;
        }
    }
    return options->layer_count > 0;
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
    for (int32_t i = 0; there->needed && end > 0 && i < options->layer_count; i++) {
        char name[GD_NODE_NAME_MAX];
        strcpy(name, options->layers[i].name);
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

gd_status gd_options_objective(const gd_options *options, const gd_net *net, gd_objective *objective,
                               gd_error *error)
{
    gd_objective terms = {.own_units = gd_options_rules(options)->own_units};
    for (int32_t i = 0; i < options->layer_count; i++) {
        int32_t layer = gd_net_find_layer(net, options->layers[i].name);
        if (layer < 0)
            return gd_fail(error, GD_USAGE,
                           "-ml %s: %s has no such layer; gigadream lists them when -ml is left "
                           "out",
                           options->layers[i].name, net->title);
        terms.terms[terms.count++] = (gd_term){net->layers[layer].node, options->layers[i].weight};
    }
    *objective = terms;
    return GD_OK;
}
