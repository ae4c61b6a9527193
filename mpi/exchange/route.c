/* Computes which rectangles travel between this rank and others, without communication: all ranks know the
 * windows and the partition, so sender and receiver derive the same messages.
 *
 * Steps:
 *   1. Each window is split at the edges of the torus and of the blocks. Its intersection with one block is
 *      a want (near: the window is this rank's; far: the block is). If both are, it is a local copy.
 *   2. Wants are sorted by peer, place of the block along the curve, and order of creation: sort keys
 *      that both sides compute alike. Wants of one peer and block are a group.
 *   3. A group's new wants become disjoint fragments. Pixels that kept windows cover are removed (and copied
 *      locally).
 *   4. Fragments are appended to the message of their peer, in this order.
 * Invariants:
 *   1. Sender and receiver list the same fragments in the same order, so a message needs no header.
 *   2. Fragments of a group are disjoint, and their union is the new wants minus the kept windows: each
 *      value is sent at most once to each rank.
 *   3. Messages ascend by peer, since wants do; there is at most one message for each peer and direction.
 *   4. Kept wants come before new ones within a group, since kept windows are visited first. */
#include "mpi/exchange/route.h"

#include "base/grow.h"
#include "base/minmax.h"
#include "mpi/exchange/fragments.h"

#include <inttypes.h>
#include <stdlib.h>

enum { CHANNELS = 3 };

/* The intersection of one window with one block: pixels that the window receives from it, or sends to it. */
typedef struct want {
    int32_t peer;   /* the other rank */
    int64_t place;  /* the block's position along the curve */
    int64_t turn;   /* order of creation, the same on both sides; kept windows come first */
    bool kept;      /* of a kept window, which holds these pixels already */
    gd_rect rect;   /* on the canvas */
    float *pixels;  /* borrowed; rect's first pixel in the window; NULL if the window is another rank's */
    int64_t stride; /* of the window */
} want;

typedef struct want_list {
    want *wants; /* owned */
    int64_t count, capacity;
} want_list;

/* Grows a list to hold one more item of `size` bytes. */
static gd_status grow(void *list, int64_t count, int64_t *capacity, size_t size, gd_error *error)
{
    const gd_array_kind kind = {size, INT64_MAX, "the rectangles of an exchange"};
    return gd_grow(list, capacity, count + 1, &kind, error);
}

static gd_status add_want(want_list *list, want entry, gd_error *error)
{
    gd_status status = grow(&list->wants, list->count, &list->capacity, sizeof entry, error);
    if (status == GD_OK)
        list->wants[list->count++] = entry;
    return status;
}

/* The start of `rect` (within the block) in this rank's plane. */
static gd_spot in_block(const gd_plane *plane, int64_t block, gd_rect rect)
{
    const gd_rect whole = gd_partition_block(plane->partition, block);
    const int64_t stride = whole.cols * CHANNELS;
    return (gd_spot){
        .block = block, .at = (rect.y - whole.y) * stride + (rect.x - whole.x) * CHANNELS, .stride = stride};
}

/* The start of `rect` (within the want) in this rank's window. */
static gd_spot in_window(const want *entry, gd_rect rect)
{
    return (gd_spot){.values = entry->pixels + (rect.y - entry->rect.y) * entry->stride +
                               (rect.x - entry->rect.x) * CHANNELS,
                     .stride = entry->stride};
}

static gd_status add_local(gd_route *route, gd_spot from, gd_spot to, gd_rect rect, gd_error *error)
{
    gd_status status =
        grow(&route->locals, route->local_count, &route->local_capacity, sizeof *route->locals, error);
    if (status == GD_OK)
        route->locals[route->local_count++] =
            (gd_move){.from = from, .to = to, .rows = rect.rows, .floats = rect.cols * CHANNELS};
    return status;
}

/* The inputs of a search, and the wants found so far. */
typedef struct finder {
    const gd_plane *plane;
    gd_direction direction;
    gd_rect mine;   /* bounding box of this rank's blocks */
    want_list near; /* windows of this rank, blocks of others */
    want_list far;  /* windows of others, blocks of this rank */
} finder;

/* The smallest rectangle that contains both. */
static gd_rect join(gd_rect a, gd_rect b)
{
    const int64_t y = gd_min_i64(a.y, b.y), x = gd_min_i64(a.x, b.x);
    const int64_t bottom = gd_max_i64(a.y + a.rows, b.y + b.rows);
    const int64_t right = gd_max_i64(a.x + a.cols, b.x + b.cols);
    return (gd_rect){y, x, bottom - y, right - x};
}

static gd_rect bounds_of_blocks(const gd_plane *plane)
{
    const gd_partition *partition = plane->partition;
    gd_rect all = {0};
    int64_t first, end;
    gd_partition_run(partition, plane->rank, &first, &end);
    for (int64_t i = first; i < end; i++) {
        gd_rect block = gd_partition_block(partition, partition->order[i]);
        all = gd_rect_empty(all) ? block : join(all, block);
    }
    return all;
}

/* Records the intersection of one window with one block. `part` is a part of the window that does not wrap
 * around, `offset` its position in the window. */
static gd_status visit_block(finder *search, const gd_window *window, bool kept, gd_rect part, gd_rect offset,
                             int64_t block, gd_route *route, gd_error *error)
{
    const gd_plane *plane = search->plane;
    int32_t holder = gd_partition_owner(plane->partition, block);
    bool near = window->rank == plane->rank;
    if (!near && holder != plane->rank)
        return GD_OK;
    gd_rect rect = gd_rect_intersect(gd_partition_block(plane->partition, block), part);
    want entry = {
        .place = plane->partition->place[block], .kept = kept, .rect = rect, .stride = window->stride};
    if (near)
        entry.pixels = window->pixels + (offset.y + rect.y - part.y) * window->stride +
                       (offset.x + rect.x - part.x) * CHANNELS;
    if (near && holder == plane->rank) {
        const gd_spot here = in_block(plane, block, rect), there = in_window(&entry, rect);
        if (kept)
            return GD_OK;
        return search->direction == GD_SCATTER ? add_local(route, there, here, rect, error)
                                               : add_local(route, here, there, rect, error);
    }
    entry.peer = near ? holder : window->rank;
    want_list *list = near ? &search->near : &search->far;
    entry.turn = list->count;
    return add_want(list, entry, error);
}

static gd_status visit_window(finder *search, const gd_window *window, bool kept, gd_route *route,
                              gd_error *error)
{
    const gd_partition *partition = search->plane->partition;
    gd_rect rect = window->rect, parts[4], at[4];
    if (rect.y < 0 || rect.y >= partition->rows || rect.x < 0 || rect.x >= partition->cols ||
        rect.rows > partition->rows || rect.cols > partition->cols)
        return gd_fail(error, GD_INTERNAL,
                       "no exchange of %" PRId64 "x%" PRId64 " pixels at (%" PRId64 ", %" PRId64
                       ") for rank %d",
                       rect.cols, rect.rows, rect.y, rect.x, window->rank);
    int count = gd_rect_unwrap(rect, partition->rows, partition->cols, parts, at);
    for (int i = 0; i < count; i++) {
        gd_rect seen =
            window->rank == search->plane->rank ? parts[i] : gd_rect_intersect(parts[i], search->mine);
        if (gd_rect_empty(seen))
            continue;
        for (int64_t y = seen.y / GD_BLOCK; y * GD_BLOCK < seen.y + seen.rows; y++) {
            for (int64_t x = seen.x / GD_BLOCK; x * GD_BLOCK < seen.x + seen.cols; x++) {
                int64_t block = y * partition->block_cols + x;
                gd_status status = visit_block(search, window, kept, parts[i], at[i], block, route, error);
                if (status != GD_OK)
                    return status;
            }
        }
    }
    return GD_OK;
}

static int by_message(const void *a, const void *b)
{
    const want *x = a, *y = b;
    if (x->peer != y->peer)
        return x->peer < y->peer ? -1 : 1;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return (x->turn > y->turn) - (x->turn < y->turn);
}

/* The wants of one rank and block: [first, fresh) of kept windows, [fresh, end) of new ones. */
typedef struct group {
    int64_t first, fresh, end;
} group;

/* The union of the new wants minus the kept ones, as disjoint fragments. */
static gd_status unite(const want_list *list, group g, gd_fragments *fragments, gd_error *error)
{
    fragments->count = 0;
    for (int64_t i = g.fresh; i < g.end; i++) {
        int64_t own = fragments->count;
        gd_status status = gd_fragments_add(fragments, list->wants[i].rect, i, error);
        for (int64_t j = g.first; j < i && status == GD_OK && own < fragments->count; j++)
            status = gd_fragments_subtract(fragments, own, list->wants[j].rect, error);
        if (status != GD_OK)
            return status;
    }
    return GD_OK;
}

static gd_status add_copy(gd_messages *side, gd_copy copy, gd_error *error)
{
    gd_status status = grow(&side->copies, side->copy_count, &side->copy_capacity, sizeof copy, error);
    if (status == GD_OK)
        side->copies[side->copy_count++] = copy;
    return status;
}

/* Adds the copies between windows and a fragment that starts `at` floats into its message. The owner's window
 * sends it; all windows that overlap it receive it. */
static gd_status copy_windows(const finder *search, const gd_fragment *piece, int64_t at, int64_t end,
                              gd_messages *side, gd_error *error)
{
    int64_t at_stride = piece->rect.cols * CHANNELS;
    if (search->direction == GD_SCATTER)
        end = piece->owner + 1;
    for (int64_t i = piece->owner; i < end; i++) {
        const want *entry = &search->near.wants[i];
        gd_rect rect = gd_rect_intersect(entry->rect, piece->rect);
        if (gd_rect_empty(rect))
            continue;
        gd_copy copy = {.spot = in_window(entry, rect),
                        .at = at + (rect.y - piece->rect.y) * at_stride + (rect.x - piece->rect.x) * CHANNELS,
                        .at_stride = at_stride,
                        .rows = rect.rows,
                        .floats = rect.cols * CHANNELS};
        gd_status status = add_copy(side, copy, error);
        if (status != GD_OK)
            return status;
    }
    return GD_OK;
}

/* Adds the copy between a fragment and this rank's block. */
static gd_status copy_block(const finder *search, const gd_fragment *piece, int64_t at, gd_messages *side,
                            gd_error *error)
{
    const gd_partition *partition = search->plane->partition;
    int64_t block = partition->order[search->far.wants[piece->owner].place];
    const gd_copy copy = {.spot = in_block(search->plane, block, piece->rect),
                          .at = at,
                          .at_stride = piece->rect.cols * CHANNELS,
                          .rows = piece->rect.rows,
                          .floats = piece->rect.cols * CHANNELS};
    return add_copy(side, copy, error);
}

/* Adds the local moves from this rank's kept windows to the new wants of a group. */
static gd_status move_kept(const want_list *list, group g, gd_fragments *fragments, gd_route *route,
                           gd_error *error)
{
    gd_status status = GD_OK;
    for (int64_t i = g.fresh; i < g.end; i++) {
        const want *entry = &list->wants[i];
        fragments->count = 0;
        status = gd_fragments_add(fragments, entry->rect, i, error);
        for (int64_t k = g.first; k < g.fresh && status == GD_OK; k++) {
            const want *kept = &list->wants[k];
            for (int64_t f = 0; f < fragments->count && status == GD_OK; f++) {
                const gd_rect rect = gd_rect_intersect(fragments->items[f].rect, kept->rect);
                if (!gd_rect_empty(rect))
                    status = add_local(route, in_window(kept, rect), in_window(entry, rect), rect, error);
            }
            if (status == GD_OK)
                status = gd_fragments_subtract(fragments, 0, kept->rect, error);
        }
        if (status != GD_OK)
            return status;
    }
    return status;
}

/* The last message if it is for `peer` (peers ascend), else a new one. */
static gd_status last_message(gd_messages *side, int32_t peer, gd_message **message, gd_error *error)
{
    if (side->message_count == 0 || side->messages[side->message_count - 1].peer != peer) {
        gd_status status =
            grow(&side->messages, side->message_count, &side->message_capacity, sizeof(gd_message), error);
        if (status != GD_OK)
            return status;
        side->messages[side->message_count++] =
            (gd_message){.peer = peer, .first_copy = side->copy_count, .end_copy = side->copy_count};
    }
    *message = &side->messages[side->message_count - 1];
    return GD_OK;
}

/* Appends the fragments of a group, whose wants end before `end`, to its message. */
static gd_status add_fragments(const finder *search, const want_list *list, int64_t end,
                               const gd_fragments *fragments, gd_messages *side, gd_error *error)
{
    gd_message *message = NULL;
    gd_status status = last_message(side, list->wants[end - 1].peer, &message, error);
    if (status != GD_OK)
        return status;
    for (int64_t f = 0; f < fragments->count && status == GD_OK; f++) {
        const gd_fragment *piece = &fragments->items[f];
        if (list == &search->near)
            status = copy_windows(search, piece, message->floats, end, side, error);
        else
            status = copy_block(search, piece, message->floats, side, error);
        message->floats += gd_rect_area(piece->rect) * CHANNELS;
    }
    if (status == GD_OK)
        message->end_copy = side->copy_count;
    return status;
}

static gd_status add_group(const finder *search, const want_list *list, group g, gd_fragments *fragments,
                           gd_messages *side, gd_route *route, gd_error *error)
{
    gd_status status = GD_OK;
    if (g.fresh == g.end)
        return GD_OK;
    if (list == &search->near && g.first < g.fresh)
        status = move_kept(list, g, fragments, route, error);
    if (status == GD_OK)
        status = unite(list, g, fragments, error);
    if (status == GD_OK && fragments->count > 0)
        status = add_fragments(search, list, g.end, fragments, side, error);
    return status;
}

static gd_status make_messages(const finder *search, want_list *list, gd_messages *side, gd_route *route,
                               gd_error *error)
{
    gd_fragments fragments = {0};
    gd_status status = GD_OK;
    if (list->count)
        qsort(list->wants, (size_t)list->count, sizeof *list->wants, by_message);
    for (group g = {0}; g.first < list->count && status == GD_OK; g.first = g.end) {
        const want *lead = &list->wants[g.first];
        g.fresh = g.end = g.first;
        while (g.end < list->count && list->wants[g.end].peer == lead->peer &&
               list->wants[g.end].place == lead->place)
            g.fresh += list->wants[g.end++].kept;
        status = add_group(search, list, g, &fragments, side, route, error);
    }
    gd_fragments_free(&fragments);
    return status;
}

gd_status gd_route_create(const gd_plane *plane, const gd_window *windows, size_t count,
                          const gd_window *kept, size_t kept_count, gd_direction direction, gd_route *route,
                          gd_error *error)
{
    *route = (gd_route){0};
    finder search = {.plane = plane, .direction = direction, .mine = bounds_of_blocks(plane)};
    gd_messages *near = direction == GD_GATHER ? &route->in : &route->out;
    gd_messages *far = direction == GD_GATHER ? &route->out : &route->in;
    gd_status status = GD_OK;
    for (size_t i = 0; i < kept_count && status == GD_OK; i++)
        status = visit_window(&search, &kept[i], true, route, error);
    for (size_t i = 0; i < count && status == GD_OK; i++)
        status = visit_window(&search, &windows[i], false, route, error);
    if (status == GD_OK)
        status = make_messages(&search, &search.near, near, route, error);
    if (status == GD_OK)
        status = make_messages(&search, &search.far, far, route, error);
    free(search.near.wants);
    free(search.far.wants);
    if (status != GD_OK)
        gd_route_free(route);
    return status;
}

void gd_route_free(gd_route *route)
{
    free(route->out.messages);
    free(route->out.copies);
    free(route->in.messages);
    free(route->in.copies);
    free(route->locals);
    *route = (gd_route){0};
}
