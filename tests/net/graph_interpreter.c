/* The reference for lowering: a network's nodes evaluated one by one in float64, forward and back. */
#include "net/graph_interpreter.h"
#include "net/objective.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A node's activations, or their gradient: [channels, rows, cols]. */
typedef struct plane {
    int32_t channels, rows, cols;
    double *values; /* owned */
} plane;

typedef struct graph_run {
    const gd_net *net;
    const gd_weights *weights;
    bool *needed;
    plane *values;    /* [node_count] */
    plane *gradients; /* [node_count] */
    int32_t rows, cols;
} graph_run;

static int64_t plane_count(const plane *p)
{
    return (int64_t)p->channels * p->rows * p->cols;
}

static double *plane_row(const plane *p, int32_t channel, int32_t row)
{
    return p->values + ((int64_t)channel * p->rows + row) * p->cols;
}

/* Where the kernel's first tap lies for unit 0. */
static int32_t padding(const gd_node *node, int32_t kernel)
{
    return node->same ? (kernel - 1) / 2 - node->late : 0;
}

static double batch_norm_scale(const gd_node *node, const gd_conv_weights *w, int32_t channel)
{
    return node->batch_norm ? 1 / sqrt((double)w->variance[channel] + 1e-3) : 1;
}

/* Adds weight * (in shifted by one tap) to out, or, on the way back, to the gradient of `in`. */
static void conv_tap(const gd_node *node, const plane *in, int32_t c, const plane *out, int32_t o, int32_t kr,
                     int32_t kc, double weight, bool back)
{
    const int32_t dy = kr - padding(node, node->kernel_rows), dx = kc - padding(node, node->kernel_cols);
    const int32_t s = node->stride;
    int32_t first = 0, last = out->cols;
    while (first < last && first * s + dx < 0)
        first++;
    while (last > first && (last - 1) * s + dx >= in->cols)
        last--;
    for (int32_t y = 0; y < out->rows; y++) {
        if (y * s + dy < 0 || y * s + dy >= in->rows)
            continue;
        double *from = plane_row(in, c, y * s + dy), *to = plane_row(out, o, y);
        for (int32_t x = first; x < last; x++) {
            if (back)
                from[x * s + dx] += weight * to[x];
            else
                to[x] += weight * from[x * s + dx];
        }
    }
}

static double kernel_value(const gd_node *node, const gd_conv_weights *w, int32_t in_channels, int32_t kr,
                           int32_t kc, int32_t c, int32_t o)
{
    return w->kernel[(((int64_t)kr * node->kernel_cols + kc) * in_channels + c) * node->channels + o];
}

static void conv_pair(const gd_node *node, const gd_conv_weights *w, const plane *in, int32_t c,
                      const plane *out, int32_t o, bool back)
{
    for (int32_t kr = 0; kr < node->kernel_rows; kr++) {
        for (int32_t kc = 0; kc < node->kernel_cols; kc++)
            conv_tap(node, in, c, out, o, kr, kc, kernel_value(node, w, in->channels, kr, kc, c, o), back);
    }
}

static void relu(plane *p)
{
    for (int64_t i = 0; i < plane_count(p); i++)
        p->values[i] = p->values[i] > 0 ? p->values[i] : 0;
}

static void conv_forward(const gd_node *node, const gd_conv_weights *w, const plane *in, plane *out)
{
#pragma omp parallel for schedule(dynamic, 4)
    for (int32_t o = 0; o < out->channels; o++) {
        for (int32_t c = 0; c < in->channels; c++)
            conv_pair(node, w, in, c, out, o, false);
        const double scale = batch_norm_scale(node, w, o);
        const double mean = node->batch_norm ? w->mean[o] : 0;
        for (int64_t i = 0; i < (int64_t)out->rows * out->cols; i++) {
            double *value = plane_row(out, o, 0) + i;
            *value = (*value - mean) * scale + w->bias[o];
        }
    }
}

/* `out` is the gradient behind the batch norm; scaled here to that of the convolution. */
static void conv_backward(const gd_node *node, const gd_conv_weights *w, const plane *in, plane *out)
{
    for (int32_t o = 0; o < out->channels; o++) {
        const double scale = batch_norm_scale(node, w, o);
        for (int64_t i = 0; i < (int64_t)out->rows * out->cols; i++)
            plane_row(out, o, 0)[i] *= scale;
    }
#pragma omp parallel for schedule(dynamic, 4)
    for (int32_t c = 0; c < in->channels; c++) {
        for (int32_t o = 0; o < out->channels; o++)
            conv_pair(node, w, in, c, out, o, true);
    }
}

/* The part of unit u's window along one axis that lies inside the input: [*first, *last). */
static void pool_range(const gd_node *node, int32_t u, int32_t extent, int32_t *first, int32_t *last)
{
    const int32_t at = u * node->stride - padding(node, 3);
    *first = at < 0 ? 0 : at;
    *last = at + 3 > extent ? extent : at + 3;
}

typedef struct pool_window {
    int32_t y0, y1, x0, x1;
} pool_window;

static pool_window find_pool_window(const gd_node *node, const plane *in, int32_t y, int32_t x)
{
    pool_window w;
    pool_range(node, y, in->rows, &w.y0, &w.y1);
    pool_range(node, x, in->cols, &w.x0, &w.x1);
    return w;
}

/* The window's first maximum, in row-major order. */
static double *find_maximum(const plane *in, int32_t c, pool_window w)
{
    double *best = plane_row(in, c, w.y0) + w.x0;
    for (int32_t y = w.y0; y < w.y1; y++) {
        for (int32_t x = w.x0; x < w.x1; x++) {
            double *value = plane_row(in, c, y) + x;
            best = *value > *best ? value : best;
        }
    }
    return best;
}

/* Sum over the window; on the way back every value gets `add`. */
static double visit_window(const plane *in, int32_t c, pool_window w, double add)
{
    double sum = 0;
    for (int32_t y = w.y0; y < w.y1; y++) {
        for (int32_t x = w.x0; x < w.x1; x++) {
            sum += plane_row(in, c, y)[x];
            plane_row(in, c, y)[x] += add;
        }
    }
    return sum;
}

static void pool_forward(const gd_node *node, const plane *in, plane *out)
{
    for (int64_t i = 0; i < plane_count(out); i++) {
        const int32_t c = (int32_t)(i / out->cols / out->rows);
        const pool_window w =
            find_pool_window(node, in, (int32_t)(i / out->cols % out->rows), (int32_t)(i % out->cols));
        const int32_t inside = (w.y1 - w.y0) * (w.x1 - w.x0);
        out->values[i] =
            node->kind == GD_NODE_MAX_POOL ? *find_maximum(in, c, w) : visit_window(in, c, w, 0) / inside;
    }
}

static void pool_backward(const gd_node *node, const plane *in, const plane *in_gradient,
                          const plane *out_gradient)
{
    for (int64_t i = 0; i < plane_count(out_gradient); i++) {
        const int32_t c = (int32_t)(i / out_gradient->cols / out_gradient->rows);
        const pool_window w =
            find_pool_window(node, in, (int32_t)(i / out_gradient->cols % out_gradient->rows),
                             (int32_t)(i % out_gradient->cols));
        const int32_t inside = (w.y1 - w.y0) * (w.x1 - w.x0);
        if (node->kind == GD_NODE_MAX_POOL)
            in_gradient->values[find_maximum(in, c, w) - in->values] += out_gradient->values[i];
        else
            visit_window(in_gradient, c, w, out_gradient->values[i] / inside);
    }
}

/* What channel c of a pixel is divided by, before the power. */
static double lrn_divisor(const gd_lrn *lrn, const plane *in, int32_t c, int64_t pixel)
{
    double sum = lrn->bias;
    for (int32_t i = c - lrn->size / 2; i <= c + lrn->size / 2; i++)
        if (i >= 0 && i < in->channels)
            sum += lrn->scale * plane_row(in, i, 0)[pixel] * plane_row(in, i, 0)[pixel];
    return sum;
}

static void lrn_forward(const gd_lrn *lrn, const plane *in, plane *out)
{
    const int64_t pixels = (int64_t)in->rows * in->cols;
    for (int64_t i = 0; i < plane_count(in); i++)
        out->values[i] = in->values[i] *
                         pow(lrn_divisor(lrn, in, (int32_t)(i / pixels), i % pixels), -0.25 * lrn->quarters);
}

/* By the derivative of each output by each of the inputs that it depends on. */
static void lrn_backward(const gd_lrn *lrn, const plane *in, const plane *in_gradient,
                         const plane *out_gradient)
{
    const int64_t pixels = (int64_t)in->rows * in->cols;
    const double power = -0.25 * lrn->quarters;
    for (int64_t i = 0; i < plane_count(in); i++) {
        const int32_t c = (int32_t)(i / pixels);
        const double divisor = lrn_divisor(lrn, in, c, i % pixels);
        for (int32_t j = c - lrn->size / 2; j <= c + lrn->size / 2; j++) {
            if (j < 0 || j >= in->channels)
                continue;
            const int64_t at = j * pixels + i % pixels;
            const double derivative =
                (j == c ? pow(divisor, power) : 0) +
                in->values[i] * power * pow(divisor, power - 1) * lrn->scale * 2 * in->values[at];
            in_gradient->values[at] += derivative * out_gradient->values[i];
        }
    }
}

static void add_scaled(double *to, const double *from, double scale, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        to[i] += scale * from[i];
}

static void evaluate_node(graph_run *run, int32_t n)
{
    const gd_node *node = &run->net->nodes[n];
    plane *out = &run->values[n];
    const plane *in = &run->values[node->inputs[0]];
    int64_t at = 0;
    switch (node->kind) {
    case GD_NODE_INPUT:
        return;
    case GD_NODE_CONV:
        conv_forward(node, &run->weights->convs[n], in, out);
        break;
    case GD_NODE_MAX_POOL:
    case GD_NODE_AVG_POOL:
        pool_forward(node, in, out);
        break;
    case GD_NODE_LRN:
        lrn_forward(&node->lrn, in, out);
        break;
    case GD_NODE_CONCAT:
        for (int32_t i = 0; i < node->input_count; i++) {
            const plane *part = &run->values[node->inputs[i]];
            memcpy(out->values + at, part->values, (size_t)plane_count(part) * sizeof(double));
            at += plane_count(part);
        }
        break;
    case GD_NODE_RESIDUAL:
        add_scaled(out->values, in->values, 1, plane_count(out));
        add_scaled(out->values, run->values[node->inputs[1]].values, node->scale, plane_count(out));
        break;
    }
    if (node->relu)
        relu(out);
}

/* Hands the node's gradient, complete by now, on to its inputs. */
static void return_node(graph_run *run, int32_t n)
{
    const gd_node *node = &run->net->nodes[n];
    plane *out = &run->gradients[n];
    const plane *in = &run->gradients[node->inputs[0]];
    int64_t at = 0;
    for (int64_t i = 0; node->relu && i < plane_count(out); i++)
        out->values[i] = run->values[n].values[i] > 0 ? out->values[i] : 0;
    switch (node->kind) {
    case GD_NODE_INPUT:
        break;
    case GD_NODE_CONV:
        conv_backward(node, &run->weights->convs[n], in, out);
        break;
    case GD_NODE_MAX_POOL:
    case GD_NODE_AVG_POOL:
        pool_backward(node, &run->values[node->inputs[0]], in, out);
        break;
    case GD_NODE_LRN:
        lrn_backward(&node->lrn, &run->values[node->inputs[0]], in, out);
        break;
    case GD_NODE_CONCAT:
        for (int32_t i = 0; i < node->input_count; i++) {
            const plane *part = &run->gradients[node->inputs[i]];
            add_scaled(part->values, out->values + at, 1, plane_count(part));
            at += plane_count(part);
        }
        break;
    case GD_NODE_RESIDUAL:
        add_scaled(in->values, out->values, 1, plane_count(out));
        add_scaled(run->gradients[node->inputs[1]].values, out->values, node->scale, plane_count(out));
        break;
    }
}

static bool make_plane(plane *p, const gd_net *net, int32_t n, int32_t rows, int32_t cols)
{
    p->channels = net->nodes[n].channels;
    p->rows = gd_net_extent(net, n, rows, true);
    p->cols = gd_net_extent(net, n, cols, false);
    p->values = calloc((size_t)plane_count(p), sizeof *p->values);
    return p->values != NULL;
}

static bool make_run(graph_run *run, const gd_objective *objective, int32_t rows, int32_t cols)
{
    const size_t count = (size_t)run->net->node_count;
    run->needed = calloc(count, sizeof *run->needed);
    run->values = calloc(count, sizeof *run->values);
    run->gradients = calloc(count, sizeof *run->gradients);
    if (!run->needed || !run->values || !run->gradients)
        return false;
    gd_objective_needs(run->net, objective, run->needed);
    for (int32_t n = 0; n < run->net->node_count; n++) {
        if (run->needed[n] && (!make_plane(&run->values[n], run->net, n, rows, cols) ||
                               !make_plane(&run->gradients[n], run->net, n, rows, cols)))
            return false;
    }
    return true;
}

static void free_run(graph_run *run)
{
    for (int32_t n = 0; n < run->net->node_count; n++) {
        if (run->values)
            free(run->values[n].values);
        if (run->gradients)
            free(run->gradients[n].values);
    }
    free(run->needed);
    free(run->values);
    free(run->gradients);
}

/* Adds a term of one channel to its node's gradient; returns the channel's part of the objective. */
static double seed_channel(graph_run *run, const gd_term *term, int32_t channel, double each)
{
    const plane *activations = &run->values[term->node];
    const int64_t area = plane_count(activations) / activations->channels;
    double value = 0;
    for (int64_t i = channel * area; i < (channel + 1) * area; i++) {
        const double a = activations->values[i];
        value += each * (term->measure == GD_MEASURE_L2 ? a * a / 2 : a);
        run->gradients[term->node].values[i] += each * (term->measure == GD_MEASURE_L2 ? a : 1);
    }
    return value;
}

static double share(const gd_objective *objective, const gd_term *term, int32_t channel)
{
    return term->guide > 0 ? objective->guide[term->guide - 1 + channel] : 1;
}

/* The sum over all channels of a guide's unit and unit i of the node. */
static double dot(const gd_match *match, int32_t j, const plane *node, int64_t i)
{
    const int64_t area = plane_count(node) / node->channels;
    double sum = 0;
    for (int32_t c = 0; c < node->channels; c++)
        sum += (double)match->values[(int64_t)j * match->channels + c] * node->values[c * area + i];
    return sum;
}

/* Seeds unit i of a node with the guide's unit that is most like it; factors: [channels]. */
static double seed_match(graph_run *run, const gd_match *match, int32_t node, int64_t i,
                         const double *factors)
{
    const plane *values = &run->values[node];
    const int64_t area = plane_count(values) / values->channels;
    double value = 0;
    int32_t best = 0;
    for (int32_t j = 1; j < match->units; j++)
        if (dot(match, j, values, i) > dot(match, best, values, i))
            best = j;
    for (int32_t c = 0; c < values->channels; c++) {
        const double y = match->values[(int64_t)best * match->channels + c];
        value += factors[c] * y * values->values[c * area + i];
        run->gradients[node].values[c * area + i] += factors[c] * y;
    }
    return value;
}

/* The term of a guide that is matched: `each` times the weights of chosen channels, or of all. */
static double seed_matches(graph_run *run, const gd_objective *objective, const gd_term *term, double each)
{
    const plane *values = &run->values[term->node];
    double value = 0, *factors = calloc((size_t)values->channels, sizeof *factors);
    for (int32_t c = 0; c < values->channels && factors; c++)
        factors[c] = term->run_count > 0 ? 0 : each;
    for (int32_t r = 0; r < term->run_count && factors; r++) {
        const gd_channel_run *chosen = &objective->runs[term->run + r];
        for (int32_t c = chosen->first; c < chosen->first + chosen->count; c++)
            factors[c] = each * chosen->weight;
    }
    for (int64_t i = 0; i < plane_count(values) / values->channels && factors; i++)
        value += seed_match(run, &objective->matches[term->guide - 1], term->node, i, factors);
    free(factors);
    return value;
}

static double seed_term(graph_run *run, const gd_objective *objective, const gd_term *term)
{
    const int32_t channels = run->values[term->node].channels, layer = term->layer ? term->layer : term->node;
    double value = 0, units = run->net->nodes[layer].channels;
    units *= gd_net_extent(run->net, layer, objective->own_units ? run->rows : 512, true);
    units *= gd_net_extent(run->net, layer, objective->own_units ? run->cols : 512, false);
    if (term->measure == GD_MEASURE_MATCH)
        return seed_matches(run, objective, term, term->weight / units);
    for (int32_t c = 0; c < channels && term->run_count == 0; c++)
        value += seed_channel(run, term, c, term->weight * share(objective, term, c) / units);
    for (int32_t r = 0; r < term->run_count; r++) {
        const gd_channel_run *chosen = &objective->runs[term->run + r];
        for (int32_t c = chosen->first; c < chosen->first + chosen->count; c++)
            value +=
                seed_channel(run, term, c, term->weight * chosen->weight * share(objective, term, c) / units);
    }
    return value;
}

/* Seeds each term's node with d objective / d activation; returns the objective. */
static double seed(graph_run *run, const gd_objective *objective)
{
    double value = 0;
    for (int32_t t = 0; t < objective->count; t++)
        value += seed_term(run, objective, &objective->terms[t]);
    return value;
}

/* The way forward; free_run frees it, also after a failure. */
static gd_status evaluate(graph_run *run, const gd_objective *objective, const float *window, gd_error *error)
{
    const int64_t area = (int64_t)run->rows * run->cols;
    if (!make_run(run, objective, run->rows, run->cols))
        return gd_fail(error, GD_MEMORY, "There is no memory for every activation of %s at %dx%d.",
                       run->net->title, (int)run->rows, (int)run->cols);
    for (int64_t i = 0; i < 3 * area; i++)
        run->values[0].values[i % 3 * area + i / 3] = window[i] + run->net->shift[i % 3];
    for (int32_t n = 0; n < run->net->node_count; n++) {
        if (run->needed[n])
            evaluate_node(run, n);
    }
    return GD_OK;
}

gd_status graph_values(const gd_net *net, const gd_weights *weights, const gd_objective *objective,
                       int32_t rows, int32_t cols, const float *window, double *values, gd_error *error)
{
    graph_run run = {.net = net, .weights = weights, .rows = rows, .cols = cols};
    const gd_status status = evaluate(&run, objective, window, error);
    if (status == GD_OK) {
        const plane *node = &run.values[objective->terms[0].node];
        memcpy(values, node->values, (size_t)plane_count(node) * sizeof *values);
    }
    free_run(&run);
    return status;
}

gd_status graph_gradient(const gd_net *net, const gd_weights *weights, const gd_objective *objective,
                         int32_t rows, int32_t cols, const float *window, double *gradient, double *value,
                         gd_error *error)
{
    graph_run run = {.net = net, .weights = weights, .rows = rows, .cols = cols};
    const int64_t area = (int64_t)rows * cols;
    const gd_status status = evaluate(&run, objective, window, error);
    if (status != GD_OK) {
        free_run(&run);
        return status;
    }
    const double objective_value = seed(&run, objective);
    if (value)
        *value = objective_value;
    for (int32_t n = net->node_count - 1; n >= 0; n--) {
        if (run.needed[n])
            return_node(&run, n);
    }
    for (int64_t i = 0; i < 3 * area; i++)
        gradient[i] = run.gradients[0].values[i % 3 * area + i / 3];
    free_run(&run);
    return GD_OK;
}
