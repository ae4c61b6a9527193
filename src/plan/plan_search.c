/* Finds the largest tile by planning with different sizes, and reserves the memory of a plan. */
#include "plan/plan_search.h"

#include "base/minmax.h"
#include "base/round.h"
#include "dream/octave.h"
#include "mpi/agree.h"
#include "plan/fit.h"
#include "plan/plan.h"
#include "plan/plan_tape.h"
#include "tiling/tile_assignment.h"

#include <stdbool.h>
#include <stdio.h>

/* A search for the largest tile for which `fits` is true. */
typedef struct search {
    const gd_engine *engine;
    const gd_render_parameters *p;
    int32_t ranks;
    uint64_t bytes;
    bool scratch; /* for the planes */
    bool cores;   /* no convolution may be computed without tensor cores */
    int64_t stride;
    gd_status (*fits)(const struct search *search, int64_t tile, bool *fits, gd_error *error);
} search;

static const int64_t smallest_tile = 256;

static int64_t longest_side(const gd_render_parameters *p)
{
    int64_t longest = 0;
    for (int32_t o = p->octave_first; o < p->octave_end; o++) {
        const gd_extent extent = gd_octave_extent(p, o);
        longest = gd_max_i64(longest, gd_max_i64(extent.rows, extent.cols));
    }
    return longest;
}

/* Bisection; assumes that smaller tiles than one that fits also fit. */
static gd_status bisect(const search *s, int64_t *tile, gd_error *error)
{
    const int64_t first = gd_round_up(smallest_tile, s->stride) / s->stride;
    int64_t low = first - 1, high = gd_round_up(longest_side(s->p), s->stride) / s->stride;
    high = gd_max_i64(high, first);
    while (low < high) {
        const int64_t middle = low + (high - low + 1) / 2;
        bool fits = false;
        const gd_status status = s->fits(s, middle * s->stride, &fits, error);
        if (status != GD_OK)
            return status;
        low = fits ? middle : low;
        high = fits ? high : middle - 1;
    }
    *tile = low < first ? 0 : low * s->stride;
    return GD_OK;
}

static gd_render_parameters with_tile(const gd_render_parameters *p, int64_t tile)
{
    gd_render_parameters changed = *p;
    changed.tile = (gd_schedule){.start = (double)tile, .end = (double)tile};
    return changed;
}

static gd_status plan_fits(const search *s, int64_t tile, bool *fits, gd_error *error)
{
    const gd_render_parameters p = with_tile(s->p, tile);
    gd_plan *plan = NULL;
    *fits = false;
    const gd_status status = gd_plan_create(s->engine, &p, s->ranks, &plan, error);
    if (status == GD_OK) {
        const gd_fit fit = gd_fit_need(&plan->need, s->bytes);
        *fits = fit.fits && (s->scratch || !fit.scratch);
    }
    gd_plan_free(plan);
    return status == GD_USAGE ? GD_OK : status; /* a window beyond what tensors may hold */
}

gd_status gd_plan_largest_tile(const gd_engine *engine, const gd_render_parameters *parameters, int32_t ranks,
                               uint64_t bytes, bool scratch, int64_t *tile, gd_error *error)
{
    const search s = {engine, parameters, ranks, bytes, scratch, false, engine->stride, plan_fits};
    return bisect(&s, tile, error);
}

/* Widens *widest to the largest window, and in it the largest focus, of an axis of an octave. */
static gd_status widen(const search *s, int64_t extent, int64_t tile, int64_t halo, gd_cut *widest,
                       gd_error *error)
{
    const gd_step_parameters step = {.tile = tile, .halo = halo, .cuts = s->p->rules->cuts};
    gd_cuts cuts;
    const gd_status status = gd_step_cut(s->engine, extent, &step, &cuts, error);
    if (status != GD_OK)
        return status;
    for (int32_t i = 0; i < cuts.count; i++) {
        const gd_cut *c = &cuts.cuts[i];
        if (c->window_extent > widest->window_extent ||
            (c->window_extent == widest->window_extent && c->focus_extent > widest->focus_extent))
            *widest = *c;
    }
    gd_cuts_free(&cuts);
    return GD_OK;
}

/* Whether all convolutions of a window are computed on tensor cores, also where a roll has it inside the
 * picture, with a halo on all sides: they read and write parts of their tensors then. */
static gd_status keeps_cores(const search *s, int64_t halo, const gd_window_shape *window, bool *keeps,
                             gd_error *error)
{
    gd_demotion demotion;
    gd_window_shape inside = *window;
    inside.focus = (gd_rect){halo, halo, gd_max_i64(s->stride, window->rows - 2 * halo),
                             gd_max_i64(s->stride, window->cols - 2 * halo)};
    if (window->rows < 2 * halo + s->stride || window->cols < 2 * halo + s->stride)
        inside.focus = window->focus;
    gd_status status = gd_plan_demotion(s->engine, window, &demotion, error);
    *keeps = demotion.demoted == 0;
    if (status == GD_OK && *keeps)
        status = gd_plan_demotion(s->engine, &inside, &demotion, error);
    *keeps = *keeps && demotion.demoted == 0;
    return status;
}

/* The largest halo, window and focus of all octaves. */
static gd_status find_widest(const search *s, int64_t tile, gd_cut *rows, gd_cut *cols, int64_t *halo,
                             gd_error *error)
{
    const gd_render_parameters *p = s->p;
    gd_status status = GD_OK;
    *halo = 0;
    for (int32_t o = p->octave_first; o < p->octave_end && status == GD_OK; o++) {
        const gd_extent extent = gd_octave_extent(p, o);
        int64_t own = 0;
        status = gd_octave_halo(p, s->engine, o, tile, &own, error);
        if (status == GD_OK)
            status = widen(s, extent.rows, tile, own, rows, error);
        if (status == GD_OK)
            status = widen(s, extent.cols, tile, own, cols, error);
        *halo = gd_max_i64(*halo, own);
    }
    return status;
}

static gd_status window_fits(const search *s, int64_t tile, bool *fits, gd_error *error)
{
    enum { COPIES = 4 }; /* the current and the next window, and their gradients */
    gd_cut rows = {0}, cols = {0};
    int64_t halo = 0;
    gd_status status = find_widest(s, tile, &rows, &cols, &halo, error);
    size_t arena = 0;
    *fits = false;
    if (status != GD_OK)
        return status;
    const gd_window_shape window = {(int32_t)rows.window_extent,
                                    (int32_t)cols.window_extent,
                                    {rows.focus, cols.focus, rows.focus_extent, cols.focus_extent}};
    status = gd_plan_arena(s->engine, &window, &arena, error);
    if (status == GD_USAGE) /* a window beyond what tensors may hold */
        return GD_OK;
    const uint64_t windows = COPIES * (uint64_t)window.rows * (uint64_t)window.cols * 3 * sizeof(float);
    *fits = status == GD_OK && arena + windows <= s->bytes;
    return status == GD_OK && *fits && s->cores ? keeps_cores(s, halo, &window, fits, error) : status;
}

gd_status gd_plan_auto_tile(const gd_engine *engine, const gd_render_parameters *parameters, int64_t *tile,
                            gd_error *error)
{
    const int64_t host_tile = 2048;
    gd_device_facts facts;
    uint64_t taken = 0;
    *tile = gd_round_up(host_tile, engine->stride);
    engine->backend->facts(engine->device, &facts);
    if (facts.total_bytes == 0 || engine->objective.count == 0)
        return GD_OK;
    gd_status status = gd_plan_filters(engine, &taken, error);
    if (status != GD_OK)
        return status;
    const uint64_t share = facts.total_bytes / 5 * 3;
    taken += facts.assumed_bytes;
    search s = {engine, parameters,     1,          share > taken ? share - taken : 0, false,
                true,   engine->stride, window_fits};
    status = bisect(&s, tile, error);
    s.cores = false; /* where even the smallest window is computed without them */
    if (status == GD_OK && *tile == 0)
        status = bisect(&s, tile, error);
    if (status == GD_OK && *tile == 0)
        status = gd_fail(error, GD_USAGE,
                         "%s has %.1f GiB of memory, too little for a tile of %d pixels; use another device "
                         "or --backend cpu",
                         facts.name, (double)facts.total_bytes / (1 << 30), (int)smallest_tile);
    return status;
}

/* Completes the error message with the remedy for a memory of `bytes`. The device is opened again, because a
 * device with settled algorithms compiles no other windows. */
static gd_status refuse(const gd_engine *engine, const gd_render_parameters *p, int32_t ranks, uint64_t bytes,
                        const char *why, gd_error *error)
{
    int64_t tile = 0;
    gd_error ignored;
    gd_engine *other = NULL;
    gd_status status = gd_engine_create(engine->backend, &engine->options, engine->net, &engine->objective,
                                        NULL, &other, &ignored);
    if (status == GD_OK)
        status = gd_plan_largest_tile(other, p, ranks, bytes, false, &tile, &ignored);
    gd_engine_free(other);
    if (status != GD_OK)
        return gd_fail(error, GD_MEMORY, "%s; use a smaller -ts", why);
    if (tile > 0)
        return gd_fail(error, GD_MEMORY, "%s; -ts %lld is the largest that fits", why, (long long)tile);
    return gd_fail(error, GD_MEMORY,
                   "%s; no -ts fits: use more ranks, each with a device, or a smaller picture", why);
}

/* Reserves as much of a refused amount as possible, in eighths, and returns it. */
static uint64_t try_less(gd_memory *memory, gd_purpose purpose, uint64_t bytes)
{
    gd_error ignored;
    for (uint64_t part = 7; part > 0; part--)
        if (memory->class->reserve(memory, purpose, bytes / 8 * part, &ignored) == GD_OK)
            return bytes / 8 * part;
    return 0;
}

static gd_status reserve(const gd_engine *engine, const gd_render_parameters *p, const gd_plan *plan,
                         gd_error *error)
{
    /* Tensors last: -ts affects them most, and they are the most likely to be refused. */
    static const gd_purpose order[] = {GD_FOR_PLANES, GD_FOR_MESSAGES, GD_FOR_WINDOWS, GD_FOR_TENSORS};
    gd_memory *memory = gd_engine_memory(engine);
    uint64_t had = plan->filter_bytes + plan->device.fixed_bytes;
    char why[256];
    if (plan->device.total_bytes > 0 && plan->need.total_bytes > plan->device.total_bytes) {
        snprintf(why, sizeof why, "this render needs %.2f GiB of the memory of %s, which has %.2f GiB",
                 (double)plan->need.total_bytes / (1 << 30), plan->device.name,
                 (double)plan->device.total_bytes / (1 << 30));
        return refuse(engine, p, plan->ranks, plan->device.total_bytes, why, error);
    }
    for (int i = 0; i < GD_PURPOSE_COUNT; i++) {
        const uint64_t bytes = plan->bytes[order[i]];
        gd_error cause;
        if (bytes == 0)
            continue;
        if (memory->class->reserve(memory, order[i], bytes, &cause) != GD_OK) {
            had += try_less(memory, order[i], bytes);
            snprintf(why, sizeof why,
                     "%.2f GiB for %s could not be allocated on %s, which other programs also use",
                     (double)bytes / (1 << 30), gd_purpose_name(order[i]), plan->device.name);
            return refuse(engine, p, plan->ranks, had, why, error);
        }
        had += bytes;
    }
    return GD_OK;
}

gd_status gd_plan_reserve(gd_comm *comm, const gd_engine *engine, const gd_render_parameters *parameters,
                          gd_error *error)
{
    gd_plan *plan = NULL;
    if (!gd_engine_memory(engine)->class->reserve)
        return GD_OK;
    gd_status status = gd_plan_create(engine, parameters, gd_comm_size(comm), &plan, error);
    if (status == GD_OK)
        status = reserve(engine, parameters, plan, error);
    gd_plan_free(plan);
    return gd_comm_agree(comm, status, error);
}
