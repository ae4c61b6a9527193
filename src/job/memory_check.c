/* Compares the memory need of a rank with its budget: uses memory, else a scratch file, else refuses and
 * names what would fit. */
#include "job/memory_check.h"

#include "base/minmax.h"
#include "base/size.h"
#include "canvas/block_cache.h"
#include "files/preview_names.h"
#include "files/scratch_folder.h"
#include "host/limits.h"
#include "job/disks.h"
#include "mpi/agree.h"
#include "plan/plan_search.h"
#include "transfer/bands.h"
#include "transfer/sink.h"
#include "transfer/web_sink.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double gib = 1024.0 * 1024.0 * 1024.0;

/* Whether planes are in host memory. The device may be one that is only described. */
static bool on_host(const gd_engine *engine)
{
    gd_device_facts facts;
    engine->backend->facts(engine->device, &facts);
    return facts.total_bytes == 0;
}

/* Rows of the mask, and the decoder's buffers. */
static uint64_t mask_bytes(const gd_decision *d)
{
    if (!gd_options_masked(&d->options))
        return 0;
    const gd_extent last = gd_settings_octave(&d->options, &d->settings, d->settings.octave_end - 1);
    return d->mask.held + gd_mask_reader_bytes(&d->mask, gd_max_i64(last.cols, d->settings.base_cols));
}

/* Source rows per output row at output width, one file row, and the decoder's buffers. */
uint64_t gd_memory_check_rows(gd_extent from, gd_extent to)
{
    const double radius = 3.0 * fmax(1.0, (double)from.rows / (double)to.rows);
    const uint64_t taps = (uint64_t)ceil(2.0 * radius) + 1;
    return (taps * (uint64_t)to.cols + (uint64_t)from.cols) * 3 * sizeof(float);
}

uint64_t gd_memory_check_reader(const gd_decision *d, int64_t rows, int64_t cols)
{
    if (d->input_rows == 0)
        return 0;
    return gd_memory_check_rows((gd_extent){d->input_rows, d->input_cols}, (gd_extent){rows, cols}) +
           d->input_held;
}

/* The input and the mask are read one after the other. */
static uint64_t reader_bytes(const gd_decision *d)
{
    return gd_max_u64(gd_memory_check_reader(d, d->settings.base_rows, d->settings.base_cols), mask_bytes(d));
}

/* The preview's pixels, and one band of the canvas. */
static uint64_t preview_bytes(const gd_decision *d)
{
    int64_t rows = 0, cols = 0;
    if (!d->options.preview[0])
        return 0;
    gd_preview_size(d->options.preview_pixels, d->settings.base_rows, d->settings.base_cols, &rows, &cols);
    return (uint64_t)(rows * cols) * 3 * sizeof(float) +
           gd_bands_bytes(GD_MEMORY_HOST, d->settings.base_cols);
}

/* Memory allocated after the start that is not in the plan: code on first use, stacks, lists, library caches.
 */
static const uint64_t later_bytes = 10 << 20;

/* Copies of the colour profile: the encoder's and its library's. */
static const uint64_t profile_copies = 2;

/* The larger need of a rank. */
static gd_sink_need larger(gd_sink_need a, gd_sink_need b)
{
    return (gd_sink_need){.windows = gd_max_u64(a.windows, b.windows), .host = gd_max_u64(a.host, b.host)};
}

/* The tiles of the largest canvas that is shown while the render runs. */
static uint64_t live_bytes(const gd_decision *d, int32_t ranks)
{
    const gd_settings *s = &d->settings;
    uint64_t most = 0;
    for (int32_t octave = s->octave_first; *d->options.web && octave < s->octave_end - 1; octave++) {
        const gd_extent size = gd_settings_octave(&d->options, s, octave);
        for (int32_t rank = 0; rank < ranks; rank++)
            most =
                gd_max_u64(most, gd_web_sink_bytes(GD_MEMORY_HOST, size.rows, size.cols, ranks, rank).host);
    }
    return most;
}

gd_outside gd_memory_check_outside(const gd_decision *decision, int32_t ranks, uint64_t resident)
{
    const gd_writer_options writer = gd_disks_output(decision);
    gd_outside outside = {.base = resident + later_bytes + decision->guide_bytes,
                          .reader = reader_bytes(decision),
                          .preview = preview_bytes(decision),
                          .live = live_bytes(decision, ranks),
                          .sample = decision->sample_bytes};
    for (int32_t rank = 0; rank < ranks; rank++) {
        gd_sink_need need = {0};
        if (*decision->files.output)
            need = gd_sink_bytes(GD_MEMORY_HOST, &writer, ranks, rank);
        if (*decision->options.web)
            need = larger(need, gd_web_sink_bytes(GD_MEMORY_HOST, writer.rows, writer.cols, ranks, rank));
        outside.writer = gd_max_u64(outside.writer, need.host);
        outside.writer_windows = gd_max_u64(outside.writer_windows, need.windows);
    }
    outside.writer += profile_copies * decision->profile_bytes;
    return outside;
}

gd_budget gd_memory_check_budget(const gd_options *options, int32_t ranks)
{
    gd_budget budget = options->memory > 0 ? gd_budget_given(options->memory) : gd_budget_find("", ranks);
    gd_budget_bound(&budget, gd_limits_memory());
    return budget;
}

gd_allowance gd_memory_check_allowance(const gd_options *options, int32_t ranks)
{
    const gd_budget budget = gd_memory_check_budget(options, ranks);
    const uint64_t now = gd_resident_read().now;
    return (gd_allowance){.left = budget.bytes > now ? budget.bytes - now : 0,
                          .limit = budget.source == GD_BUDGET_ADDRESS ? "ulimit -v" : NULL};
}

gd_status gd_memory_check_find(const gd_engine *engine, const gd_options *options, const gd_need *need,
                               const gd_budget *budget, gd_memory_check *memory, gd_error *error)
{
    *memory = (gd_memory_check){.budget = *budget};
    if (!on_host(engine)) {
        if (options->scratch[0])
            return gd_fail(error, GD_USAGE,
                           "--scratch %.300s: planes are in GPU memory, which a disk cannot extend; leave it "
                           "out, and use more ranks or nodes",
                           options->scratch);
        return GD_OK;
    }
    memory->fit = gd_fit_need(need, budget->bytes);
    return gd_scratch_folder(options, memory->folder, &memory->folder_in_memory, error);
}

enum { REMEDY_BYTES = GD_PATH_MAX + 256 };

static void add_way(const char *way, char text[REMEDY_BYTES])
{
    const size_t length = strlen(text);
    snprintf(text + length, REMEDY_BYTES - length, "%s%s", length ? ", or " : "", way);
}

static const char *larger_budget(const gd_memory_check *memory)
{
    return memory->budget.source == GD_BUDGET_ADDRESS ? "a larger ulimit -v" : "a larger --memory";
}

/* The remedies, after "use ". With --memory, which is per rank, fewer ranks do not help. */
static void write_remedy(const gd_memory_check *memory, bool disk, int64_t tile, char text[REMEDY_BYTES])
{
    char smaller[48], folder[400];
    text[0] = '\0';
    snprintf(smaller, sizeof smaller, "-ts %lld", (long long)tile);
    snprintf(folder, sizeof folder, "--scratch DIR with a folder on a disk (%.300s is in memory)",
             memory->folder);
    if (tile > 0)
        add_way(smaller, text);
    if (disk && memory->budget.source != GD_BUDGET_GIVEN && memory->budget.ranks > 1)
        add_way("fewer ranks on each host", text);
    if (!disk)
        add_way("more ranks on other hosts", text);
    if (!disk)
        add_way(memory->folder[0] ? folder : "--scratch DIR", text);
    add_way(larger_budget(memory), text);
}

static gd_status refuse_memory(const gd_engine *engine, const gd_render_parameters *p, int32_t ranks,
                               const gd_need *need, const gd_memory_check *memory, gd_error *error)
{
    const bool disk = memory->folder[0] && !memory->folder_in_memory;
    const bool scratch = disk && memory->fit.scratch;
    const double needed = scratch ? (double)memory->fit.memory_bytes : (double)need->total_bytes;
    int64_t tile = 0;
    gd_error ignored;
    char remedy[REMEDY_BYTES], why[160], amount[GD_AMOUNT_BYTES], read[GD_AMOUNT_BYTES];
    if (p->resumed || /* -ts must not change */
        gd_plan_largest_tile(engine, p, ranks, memory->budget.bytes, disk, &tile, &ignored) != GD_OK)
        tile = 0;
    gd_budget_text(&memory->budget, why);
    gd_amount_text(needed, amount);
    gd_amount_text((double)p->outside.reader, read);
    if (2 * (double)p->outside.reader > needed)
        return gd_fail(
            error, GD_USAGE,
            "a rank needs %s of memory, %s of it to read the input, more than it may take "
            "(%s); save the input so that it can be read row by row (a JPEG that is not progressive, "
            "a PNG that is not interlaced, a TIFF of small strips), or use %s",
            amount, read, why, larger_budget(memory));
    write_remedy(memory, disk, tile, remedy);
    return gd_fail(error, GD_USAGE, "a rank needs %s of memory%s, more than it may take (%s); use %.600s",
                   amount, scratch ? " even with its planes in a scratch file" : "", why, remedy);
}

gd_status gd_memory_check_refuse(const gd_engine *engine, const gd_render_parameters *parameters,
                                 int32_t ranks, const gd_need *need, const gd_memory_check *memory,
                                 gd_error *error)
{
    int64_t tile = 0;
    if (on_host(engine)) {
        const bool disk = memory->folder[0] && !memory->folder_in_memory;
        if (memory->fit.fits && (disk || !memory->fit.scratch))
            return GD_OK;
        return refuse_memory(engine, parameters, ranks, need, memory, error);
    }
    if (memory->budget.source != GD_BUDGET_GIVEN || need->total_bytes <= memory->budget.bytes)
        return GD_OK;
    gd_status status =
        gd_plan_largest_tile(engine, parameters, ranks, memory->budget.bytes, false, &tile, error);
    if (status != GD_OK)
        return status;
    if (tile == 0)
        return gd_fail(error, GD_USAGE,
                       "a rank needs %.2f GiB of its GPU's memory, more than --memory, and no -ts fits; use "
                       "more ranks, or a larger --memory",
                       (double)need->total_bytes / gib);
    return gd_fail(
        error, GD_USAGE,
        "a rank needs %.2f GiB of its GPU's memory, more than --memory; use -ts %lld, more ranks, or "
        "a larger --memory",
        (double)need->total_bytes / gib, (long long)tile);
}

/* Broadcasts the plan's need. Rank 0 computes it, because only rank 0 opens the input. */
static gd_status share_need(gd_comm *comm, const gd_engine *engine, const gd_decision *decision,
                            uint64_t resident, gd_render_parameters *p, gd_need *need, gd_error *error)
{
    gd_status status = GD_OK;
    if (gd_comm_rank(comm) == 0) {
        gd_plan *plan = NULL;
        p->outside = gd_memory_check_outside(decision, gd_comm_size(comm), resident);
        status = gd_plan_create(engine, p, gd_comm_size(comm), &plan, error);
        if (status == GD_OK)
            *need = plan->need;
        gd_plan_free(plan);
    }
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gd_comm_broadcast(comm, &p->outside, sizeof p->outside, error);
    return status == GD_OK ? gd_comm_broadcast(comm, need, sizeof *need, error) : status;
}

static gd_status use_block_cache(gd_engine *engine, const gd_memory_check *memory, bool say, gd_error *error)
{
    gd_block_cache *cache = NULL;
    const gd_status status =
        gd_block_cache_create(memory->folder, memory->fit.slots, memory->fit.cached, &cache, error);
    if (status != GD_OK)
        return status;
    gd_engine_use_block_cache(engine, cache);
    if (say)
        fprintf(stderr,
                "gigadream: a rank keeps its part of the picture in %s, %.2f GiB, with %.2f GiB of it in "
                "memory\n",
                memory->folder, (double)memory->fit.scratch_bytes / gib,
                (double)memory->fit.cached * (double)GD_SLOT_BYTES / gib);
    return GD_OK;
}

gd_status gd_memory_check_apply(gd_comm *comm, gd_engine *engine, const gd_decision *decision,
                                const gd_render_parameters *parameters, uint64_t resident, gd_error *error)
{
    gd_render_parameters p = *parameters;
    gd_need need = {0};
    gd_memory_check memory = {0};
    const gd_budget budget = gd_memory_check_budget(&decision->options, gd_comm_node_size(comm));
    gd_status status = GD_OK;
    gd_resident_trim();
    if (on_host(engine) || decision->options.memory > 0) /* otherwise gd_plan_reserve plans and refuses */
        status = share_need(comm, engine, decision, resident, &p, &need, error);
    if (status != GD_OK)
        return status;
    status = gd_memory_check_find(engine, &decision->options, &need, &budget, &memory, error);
    if (status == GD_OK)
        status = gd_memory_check_refuse(engine, &p, gd_comm_size(comm), &need, &memory, error);
    if (status == GD_OK && gd_comm_node_rank(comm) == 0)
        status = gd_disks_check(decision, &memory.fit, memory.folder, gd_comm_node_size(comm),
                                gd_comm_rank(comm) == 0, error);
    status = gd_comm_agree(comm, status, error);
    if (status != GD_OK)
        return status;
    if (memory.fit.scratch)
        status = use_block_cache(engine, &memory, gd_comm_rank(comm) == 0 && !decision->options.quiet, error);
    return gd_comm_agree(comm, status, error);
}
