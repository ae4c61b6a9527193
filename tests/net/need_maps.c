/* Marks needed units in maps of bytes, and counts them. */
#include "net/need_maps.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

/* A byte for each unit. */
typedef struct map {
    int32_t rows, cols;
    unsigned char *units; /* owned */
} map;

typedef struct maps {
    const gd_net *net;
    bool *needed; /* owned; [node_count] */
    map *back;    /* owned; [node_count] */
    map *forth;   /* owned; [node_count] */
} maps;

static map make_map(const gd_net *net, int32_t node, int32_t rows, int32_t cols)
{
    map m = {gd_net_extent(net, node, rows, true), gd_net_extent(net, node, cols, false), NULL};
    m.units = calloc((size_t)m.rows * (size_t)m.cols, 1);
    assert_non_null(m.units);
    return m;
}

static int64_t count_map(const map *m)
{
    int64_t count = 0;
    for (int64_t i = 0; i < (int64_t)m->rows * m->cols; i++)
        count += m->units[i];
    return count;
}

/* Calls are for every unit of the reader and every unit of `read` that it reads: with `down` a marked reader
 * marks what it reads, else what is marked marks its readers. True when a mark is new. */
static bool mark_field(const gd_node *node, map *reader, map *read, int32_t y, int32_t x, bool down)
{
    const int32_t kernel_rows = node->kernel_rows > 0 ? node->kernel_rows : 1;
    const int32_t kernel_cols = node->kernel_cols > 0 ? node->kernel_cols : 1;
    const int32_t top = y * node->stride - (node->same ? kernel_rows / 2 - node->late : 0);
    const int32_t left = x * node->stride - (node->same ? kernel_cols / 2 - node->late : 0);
    unsigned char *unit = &reader->units[(size_t)y * (size_t)reader->cols + (size_t)x];
    bool changed = false;
    for (int32_t r = top; r < top + kernel_rows; r++)
        for (int32_t c = left; c < left + kernel_cols; c++) {
            if (r < 0 || r >= read->rows || c < 0 || c >= read->cols)
                continue;
            unsigned char *other = &read->units[(size_t)r * (size_t)read->cols + (size_t)c];
            unsigned char *from = down ? unit : other, *to = down ? other : unit;
            changed = changed || (*from && !*to);
            *to = *to || *from;
        }
    return changed;
}

static bool mark(const gd_node *node, map *reader, map *read, bool down)
{
    bool changed = false;
    for (int32_t y = 0; y < reader->rows; y++)
        for (int32_t x = 0; x < reader->cols; x++)
            changed = mark_field(node, reader, read, y, x, down) || changed;
    return changed;
}

/* to |= from, of equal extents. */
static bool join(map *to, const map *from)
{
    bool changed = false;
    for (int64_t i = 0; i < (int64_t)to->rows * to->cols; i++) {
        changed = changed || (from->units[i] && !to->units[i]);
        to->units[i] = to->units[i] || from->units[i];
    }
    return changed;
}

/* A tensor is a rectangle: the smallest that holds all marks. At least one unit. */
static void fill(map *m)
{
    int32_t top = m->rows, left = m->cols, bottom = -1, right = -1;
    for (int32_t y = 0; y < m->rows; y++)
        for (int32_t x = 0; x < m->cols; x++)
            if (m->units[(size_t)y * (size_t)m->cols + (size_t)x]) {
                top = y < top ? y : top;
                left = x < left ? x : left;
                bottom = y > bottom ? y : bottom;
                right = x > right ? x : right;
            }
    for (int32_t y = top; y <= bottom; y++)
        for (int32_t x = left; x <= right; x++)
            m->units[(size_t)y * (size_t)m->cols + (size_t)x] = 1;
}

/* Concats and their parts have one map between them. */
static bool share(maps *m, map *all, int32_t concat)
{
    bool changed = false;
    const gd_node *node = &m->net->nodes[concat];
    for (int32_t i = 0; i < node->input_count; i++)
        changed = join(&all[concat], &all[node->inputs[i]]) || changed;
    fill(&all[concat]);
    for (int32_t i = 0; i < node->input_count; i++)
        changed = join(&all[node->inputs[i]], &all[concat]) || changed;
    return changed;
}

static bool visit_back(maps *m)
{
    bool changed = false;
    for (int32_t n = 0; n < m->net->node_count; n++) {
        const gd_node *node = &m->net->nodes[n];
        for (int32_t i = 0; m->needed[n] && i < node->input_count; i++)
            changed = mark(node, &m->back[n], &m->back[node->inputs[i]], false) || changed;
        if (m->needed[n] && node->kind == GD_NODE_CONCAT)
            changed = share(m, m->back, n) || changed;
    }
    return changed;
}

/* Values that nobody reads: one unit, where the gradient begins. */
static bool mark_first(map *forth, const map *back)
{
    int64_t i = 0;
    while (!back->units[i])
        i++;
    forth->units[i] = 1;
    return true;
}

static bool visit_forth(maps *m)
{
    bool changed = false;
    for (int32_t n = m->net->node_count - 1; n >= 0; n--) {
        const gd_node *node = &m->net->nodes[n];
        if (!m->needed[n])
            continue;
        if (node->relu || node->kind == GD_NODE_MAX_POOL || node->kind == GD_NODE_LRN)
            changed = join(&m->forth[n], &m->back[n]) || changed;
        if (count_map(&m->forth[n]) == 0)
            changed = mark_first(&m->forth[n], &m->back[n]);
        if (node->kind == GD_NODE_CONCAT)
            changed = share(m, m->forth, n) || changed;
        fill(&m->forth[n]);
        for (int32_t i = 0; i < node->input_count; i++)
            changed = mark(node, &m->forth[n], &m->forth[node->inputs[i]], true) || changed;
    }
    return changed;
}

static int32_t only_reader(const maps *m, int32_t node)
{
    int32_t found = -1;
    for (int32_t n = 0; n < m->net->node_count; n++)
        for (int32_t i = 0; m->needed[n] && i < m->net->nodes[n].input_count; i++)
            if (m->net->nodes[n].inputs[i] == node)
                found = found == -1 ? n : -2;
    return found;
}

static bool is_term(const gd_objective *objective, int32_t node)
{
    for (int32_t t = 0; t < objective->count; t++)
        if (objective->terms[t].node == node)
            return true;
    return false;
}

/* The 1x1 convolution that comes before this average pool, or -1. */
static int32_t moved_before(const maps *m, const gd_objective *objective, int32_t pool)
{
    const int32_t reader = only_reader(m, pool);
    if (m->net->nodes[pool].kind != GD_NODE_AVG_POOL || is_term(objective, pool) || reader < 0)
        return -1;
    const gd_node *conv = &m->net->nodes[reader];
    return conv->kind == GD_NODE_CONV && conv->kernel_rows * conv->kernel_cols == 1 &&
                   conv->channels <= m->net->nodes[pool].channels
               ? reader
               : -1;
}

/* The convolution of a residual is its sum. */
static bool is_branch(const maps *m, int32_t node)
{
    const int32_t reader = only_reader(m, node);
    return reader >= 0 && m->net->nodes[reader].kind == GD_NODE_RESIDUAL &&
           m->net->nodes[reader].inputs[1] == node;
}

static bool is_part(const maps *m, int32_t node)
{
    for (int32_t n = 0; n < m->net->node_count; n++)
        for (int32_t i = 0; m->needed[n] && i < m->net->nodes[n].input_count; i++)
            if (m->net->nodes[n].kind == GD_NODE_CONCAT && m->net->nodes[n].inputs[i] == node)
                return true;
    return false;
}

/* Adds what is computed for a node. */
static void add_node(const maps *m, const gd_objective *objective, int32_t n, int64_t *forward, int64_t *back)
{
    const gd_node *node = &m->net->nodes[n];
    const int32_t moved = moved_before(m, objective, n);
    if (moved >= 0) { /* the convolution's own result, where the pool reads it */
        const int32_t from = node->inputs[0];
        const map own = {m->forth[from].rows, m->forth[from].cols,
                         calloc((size_t)m->forth[from].rows * (size_t)m->forth[from].cols, 1)};
        map read = own;
        assert_non_null(own.units);
        (void)mark(node, &m->forth[n], &read, true);
        *forward += count_map(&read) * m->net->nodes[moved].channels;
        *back += count_map(&m->back[from]) * m->net->nodes[moved].channels;
        free(own.units);
        return;
    }
    if (is_branch(m, n))
        return;
    if (node->kind != GD_NODE_CONCAT)
        *forward += count_map(&m->forth[n]) * node->channels;
    if (!is_part(m, n))
        *back += count_map(&m->back[n]) * node->channels;
}

void need_maps_count(const gd_net *net, const gd_objective *objective, int32_t rows, int32_t cols,
                     gd_rect focus, int64_t *forward, int64_t *back)
{
    const size_t count = (size_t)net->node_count;
    maps m = {net, calloc(count, sizeof *m.needed), calloc(count, sizeof *m.back),
              calloc(count, sizeof *m.forth)};
    assert_true(m.needed && m.back && m.forth);
    gd_objective_needs(net, objective, m.needed);
    for (int32_t n = 0; n < net->node_count; n++) {
        m.back[n] = make_map(net, n, rows, cols);
        m.forth[n] = make_map(net, n, rows, cols);
    }
    for (int64_t y = focus.y; y < focus.y + focus.rows; y++)
        memset(m.back[0].units + y * cols + focus.x, 1, (size_t)focus.cols);
    while (visit_back(&m))
        ;
    while (visit_forth(&m))
        ;
    *forward = *back = 0;
    for (int32_t n = 0; n < net->node_count; n++)
        if (m.needed[n])
            add_node(&m, objective, n, forward, back);
    for (int32_t n = 0; n < net->node_count; n++) {
        free(m.back[n].units);
        free(m.forth[n].units);
    }
    free(m.needed);
    free(m.back);
    free(m.forth);
}
