/* Adds up the messages of exchanges, rank by rank, from the rectangles that each rank does not own. */
#include "plan/traffic.h"

#include "base/grow.h"
#include "base/minmax.h"
#include "base/round.h"

#include <stdlib.h>
#include <string.h>

enum { PIXEL_BYTES = 3 * sizeof(float), MESSAGE_ALIGNMENT = 256 };

typedef struct gd_traffic_want {
    gd_rect rect;
    int64_t before; /* the want of the same block before this one, or -1 */
    int64_t block;
} want;

gd_status gd_traffic_create(int32_t ranks, gd_traffic *t, gd_error *error)
{
    *t = (gd_traffic){.ranks = ranks};
    t->bytes = calloc((size_t)ranks, sizeof *t->bytes);
    t->pair = calloc((size_t)ranks, sizeof *t->pair);
    t->peers = calloc((size_t)ranks, sizeof *t->peers);
    if (t->bytes && t->pair && t->peers)
        return GD_OK;
    gd_traffic_free(t);
    return gd_no_memory(error, "the plan of %d ranks", ranks);
}

void gd_traffic_free(gd_traffic *t)
{
    free(t->bytes);
    free(t->pair);
    free(t->peers);
    free(t->wants);
    free(t->last);
    *t = (gd_traffic){0};
}

static gd_status hold_blocks(gd_traffic *t, const gd_partition *partition, gd_error *error)
{
    const int64_t count = partition->block_rows * partition->block_cols;
    if (count <= t->block_capacity)
        return GD_OK;
    free(t->last);
    t->last = malloc((size_t)count * sizeof *t->last);
    t->block_capacity = t->last ? count : 0;
    if (!t->last)
        return gd_no_memory(error, "the plan of %lld blocks", (long long)count);
    memset(t->last, -1, (size_t)count * sizeof *t->last);
    return GD_OK;
}

/* Area of `rect` outside the list of wants that starts at `index`. */
static int64_t uncovered(const want *wants, int64_t index, gd_rect rect)
{
    for (; index >= 0; index = wants[index].before) {
        gd_rect parts[4];
        if (gd_rect_empty(gd_rect_intersect(wants[index].rect, rect)))
            continue;
        int64_t area = 0;
        const int count = gd_rect_subtract(rect, wants[index].rect, parts);
        for (int i = 0; i < count; i++)
            area += uncovered(wants, wants[index].before, parts[i]);
        return area;
    }
    return gd_rect_area(rect);
}

/* Adds a want; *area receives its area outside earlier wants of the block. */
static gd_status note(gd_traffic *t, int64_t block, gd_rect rect, int64_t *area, gd_error *error)
{
    static const gd_array_kind kind = {sizeof(want), INT64_C(1) << 40, "the plan of an exchange"};
    const gd_status status = gd_grow(&t->wants, &t->want_capacity, t->want_count + 1, &kind, error);
    if (status != GD_OK)
        return status;
    *area = uncovered(t->wants, t->last[block], rect);
    t->wants[t->want_count] = (want){rect, t->last[block], block};
    t->last[block] = t->want_count++;
    return GD_OK;
}

static void add_pair(gd_traffic *t, int32_t peer, int64_t area, int32_t *peer_count)
{
    if (area > 0 && t->pair[peer] == 0)
        t->peers[(*peer_count)++] = peer;
    t->pair[peer] += (uint64_t)area * PIXEL_BYTES;
}

/* Consecutive windows of a list. */
typedef struct stretch {
    const gd_window *windows; /* borrowed */
    size_t count;
} stretch;

/* Removes and returns the windows of one rank from the start of a list. */
static stretch cut_rank(stretch *list)
{
    stretch cut = {list->windows, 0};
    while (cut.count < list->count && cut.windows[cut.count].rank == cut.windows[0].rank)
        cut.count++;
    list->windows += cut.count;
    list->count -= cut.count;
    return cut;
}

typedef enum sharing {
    ALONE,  /* no other window covers pixels of these */
    SHARED, /* pixels that an earlier window covers are not sent again */
    KEPT    /* already held: not sent, but covers pixels */
} sharing;

/* The pixels of a part's axis that are in the blocks at `index`; the part ends within the canvas. */
static void clip_to_block(int64_t first, int64_t count, int64_t index, int64_t *begin, int64_t *extent)
{
    *begin = gd_max_i64(first, index * GD_BLOCK);
    *extent = gd_min_i64(first + count, (index + 1) * GD_BLOCK) - *begin;
}

static gd_status add_part(gd_traffic *t, const gd_partition *partition, int32_t rank, gd_rect part,
                          sharing how, int32_t *peer_count, gd_error *error)
{
    for (int64_t y = part.y / GD_BLOCK; y * GD_BLOCK < part.y + part.rows; y++) {
        gd_rect rect;
        clip_to_block(part.y, part.rows, y, &rect.y, &rect.rows);
        for (int64_t x = part.x / GD_BLOCK; x * GD_BLOCK < part.x + part.cols; x++) {
            const int64_t block = y * partition->block_cols + x;
            const int32_t holder = partition->owner[block];
            if (holder == rank)
                continue;
            clip_to_block(part.x, part.cols, x, &rect.x, &rect.cols);
            int64_t area = gd_rect_area(rect);
            gd_status status = how == ALONE ? GD_OK : note(t, block, rect, &area, error);
            if (status != GD_OK)
                return status;
            if (how != KEPT)
                add_pair(t, holder, area, peer_count);
        }
    }
    return GD_OK;
}

static gd_status add_windows(gd_traffic *t, const gd_partition *partition, stretch of_rank, sharing how,
                             int32_t *peer_count, gd_error *error)
{
    gd_status status = GD_OK;
    for (size_t i = 0; i < of_rank.count && status == GD_OK; i++) {
        const gd_window *window = &of_rank.windows[i];
        gd_rect parts[4], at[4];
        const int count = gd_rect_unwrap(window->rect, partition->rows, partition->cols, parts, at);
        for (int p = 0; p < count && status == GD_OK; p++)
            status = add_part(t, partition, window->rank, parts[p], how, peer_count, error);
    }
    return status;
}

/* Adds the messages for the windows of one rank. */
static gd_status add_rank(gd_traffic *t, const gd_partition *partition, stretch wanted, stretch kept,
                          bool overlapping, gd_error *error)
{
    const int32_t rank = wanted.windows[0].rank;
    const sharing how = overlapping && wanted.count + kept.count > 1 ? SHARED : ALONE;
    int32_t peer_count = 0;
    t->want_count = 0;
    gd_status status = add_windows(t, partition, kept, KEPT, &peer_count, error);
    if (status == GD_OK)
        status = add_windows(t, partition, wanted, how, &peer_count, error);
    for (int32_t i = 0; i < peer_count; i++) {
        const int32_t peer = t->peers[i];
        const uint64_t bytes = (uint64_t)gd_round_up((int64_t)t->pair[peer], MESSAGE_ALIGNMENT);
        t->bytes[rank] += bytes;
        t->bytes[peer] += bytes;
        t->sent += t->pair[peer];
        t->pair[peer] = 0;
    }
    for (int64_t i = 0; i < t->want_count; i++)
        t->last[t->wants[i].block] = -1;
    return status;
}

/* Adds one exchange. `kept` as in gd_gather_next, with ranks in the same order as in `wanted`. */
static gd_status add_exchange(gd_traffic *t, const gd_partition *partition, stretch wanted, stretch kept,
                              bool overlapping, gd_error *error)
{
    gd_status status = hold_blocks(t, partition, error);
    memset(t->bytes, 0, (size_t)t->ranks * sizeof *t->bytes);
    while (wanted.count > 0 && status == GD_OK) {
        stretch had = {0};
        while (kept.count > 0 && kept.windows[0].rank < wanted.windows[0].rank)
            cut_rank(&kept);
        if (kept.count > 0 && kept.windows[0].rank == wanted.windows[0].rank)
            had = cut_rank(&kept);
        status = add_rank(t, partition, cut_rank(&wanted), had, overlapping, error);
    }
    for (int32_t r = 0; r < t->ranks; r++)
        t->most = gd_max_u64(t->bytes[r], t->most);
    return status;
}

gd_status gd_traffic_add(gd_traffic *t, const gd_partition *partition, const gd_window *windows, size_t count,
                         bool overlapping, gd_error *error)
{
    return add_exchange(t, partition, (stretch){windows, count}, (stretch){0}, overlapping, error);
}

/* Adds the scatters of a step if `home` is true, else its gathers. */
static gd_status add_waves(gd_traffic *t, const gd_partition *partition, const gd_tile_assignment *assignment,
                           const gd_step_parameters *p, int32_t wave_tiles, bool home, gd_error *error)
{
    const size_t capacity = (size_t)wave_tiles * (size_t)assignment->ranks;
    gd_window *lists = calloc(3 * capacity + 1, sizeof *lists); /* windows of two waves and cores of one */
    stretch kept = {0};
    gd_status status = GD_OK;
    if (!lists)
        return gd_no_memory(error, "the plan of %zu windows", capacity);
    for (int64_t wave = 0; wave * wave_tiles < assignment->longest && status == GD_OK; wave++) {
        gd_window *windows = lists + (size_t)(wave % 2) * capacity, *cores = lists + 2 * capacity;
        const size_t count = gd_tile_assignment_list(assignment, p, wave, wave_tiles, windows, cores);
        const stretch gathered = {windows, count}, sent = {cores, count};
        status = home ? add_exchange(t, partition, sent, (stretch){0}, false, error)
                      : add_exchange(t, partition, gathered, kept, true, error);
        kept = gathered;
    }
    free(lists);
    return status;
}

gd_status gd_traffic_add_gathers(gd_traffic *t, const gd_partition *partition,
                                 const gd_tile_assignment *assignment, const gd_step_parameters *p,
                                 int32_t wave_tiles, gd_error *error)
{
    return add_waves(t, partition, assignment, p, wave_tiles, false, error);
}

gd_status gd_traffic_add_scatters(gd_traffic *t, const gd_partition *partition,
                                  const gd_tile_assignment *assignment, const gd_step_parameters *p,
                                  int32_t wave_tiles, gd_error *error)
{
    return add_waves(t, partition, assignment, p, wave_tiles, true, error);
}
