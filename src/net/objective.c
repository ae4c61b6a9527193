/* What the terms of an objective ask of the network: channels, parts of concats, needed nodes. */
#include "net/objective.h"

#include "base/minmax.h"
#include "net/net.h"

#include <string.h>

void gd_objective_needs(const gd_net *net, const gd_objective *objective, bool *needed)
{
    memset(needed, 0, (size_t)net->node_count * sizeof *needed);
    for (int32_t t = 0; t < objective->count; t++)
        needed[objective->terms[t].node] = true;
    for (int32_t n = net->node_count - 1; n >= 0; n--) {
        for (int32_t i = 0; needed[n] && i < net->nodes[n].input_count; i++)
            needed[net->nodes[n].inputs[i]] = true;
    }
}

static double share_of(const gd_objective *objective, const gd_term *term, int32_t channel)
{
    const bool shared = term->guide > 0 && term->measure != GD_MEASURE_MATCH && objective->guide;
    return shared ? objective->guide[term->guide - 1 + channel] : 1;
}

static double weight_of(const gd_objective *objective, const gd_term *term, int32_t channel)
{
    if (term->run_count == 0)
        return 1;
    for (int32_t r = term->run; r < term->run + term->run_count; r++) {
        const gd_channel_run *run = &objective->runs[r];
        if (channel >= run->first && channel < run->first + run->count)
            return run->weight;
    }
    return 0;
}

double gd_term_units(const gd_net *net, const gd_objective *objective, const gd_term *term, int32_t rows,
                     int32_t cols)
{
    const int32_t layer = gd_term_layer(term);
    return (double)net->nodes[layer].channels *
           gd_net_extent(net, layer, objective->own_units ? rows : 512, true) *
           gd_net_extent(net, layer, objective->own_units ? cols : 512, false);
}

double gd_term_factor(const gd_objective *objective, const gd_term *term, int32_t channel, double units)
{
    return term->weight * weight_of(objective, term, channel) * share_of(objective, term, channel) / units;
}

/* The channels [first, first + channels) of a term's runs, as runs of a node that begins there. */
static bool take_runs(const gd_objective *from, const gd_term *term, int32_t first, int32_t channels,
                      gd_objective *to, gd_term *made)
{
    made->run = to->run_count;
    made->run_count = 0;
    for (int32_t r = term->run; r < term->run + term->run_count; r++) {
        const gd_channel_run *run = &from->runs[r];
        const int32_t begin = gd_max_i32(run->first - first, 0);
        const int32_t end = gd_min_i32(run->first + run->count - first, channels);
        if (begin >= end)
            continue;
        if (to->run_count == GD_CHANNEL_RUNS_MAX)
            return false;
        to->runs[to->run_count++] = (gd_channel_run){begin, end - begin, run->weight};
        made->run_count++;
    }
    return true;
}

static bool add_term(gd_objective *to, const gd_term *term)
{
    if (to->count == GD_TERMS_MAX)
        return false;
    to->terms[to->count++] = *term;
    return true;
}

/* Adds the part of `term` that is channels [first, ...) of its node, which are those of `node`. */
static bool narrow_part(const gd_net *net, const gd_objective *from, const gd_term *term, int32_t node,
                        int32_t first, gd_objective *to)
{
    const gd_node *part = &net->nodes[node];
    if (part->kind == GD_NODE_CONCAT) {
        bool good = true;
        for (int32_t i = 0; i < part->input_count && good; i++) {
            good = narrow_part(net, from, term, part->inputs[i], first, to);
            first += net->nodes[part->inputs[i]].channels;
        }
        return good;
    }
    gd_term made = *term;
    made.node = node;
    made.layer = gd_term_layer(term);
    made.guide = term->guide > 0 ? term->guide + first : 0;
    if (!take_runs(from, term, first, part->channels, to, &made))
        return false;
    return made.run_count == 0 || add_term(to, &made);
}

/* All channels of the node have one weight, which becomes the term's. */
static bool is_whole(const gd_net *net, const gd_objective *objective, gd_term *term)
{
    const gd_channel_run *runs = &objective->runs[term->run];
    int32_t end = 0;
    for (int32_t r = 0; r < term->run_count; r++) {
        if (runs[r].first != end || runs[r].weight != runs[0].weight)
            return false;
        end += runs[r].count;
    }
    if (term->run_count > 0 && end < net->nodes[term->node].channels)
        return false;
    term->weight *= term->run_count > 0 ? runs[0].weight : 1;
    term->run_count = 0;
    return true;
}

bool gd_objective_narrow(const gd_net *net, gd_objective *objective)
{
    const gd_objective given = *objective;
    bool good = true;
    objective->count = objective->run_count = 0;
    for (int32_t t = 0; t < given.count && good; t++) {
        gd_term term = given.terms[t], made = term;
        if (is_whole(net, &given, &term))
            good = add_term(objective, &term);
        else if (term.measure == GD_MEASURE_MATCH)
            good = take_runs(&given, &term, 0, net->nodes[term.node].channels, objective, &made) &&
                   add_term(objective, &made);
        else
            good = narrow_part(net, &given, &term, term.node, 0, objective);
    }
    return good;
}
