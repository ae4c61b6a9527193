/* Writes a canvas as tiles: all ranks make them, each of its run of columns, and rank 0 appends those of a
 * TIFF. Tiles for the web stay on their rank, which writes them; of these, bundles only have rows.
 *
 * The canvas goes band by band, a row of tiles each. On every rank a band is
 *
 *     gathered    the pixels of the rank's columns come into `staging`
 *     made        samples, tiles and the smaller pages are made of them, into the bundle `filling`
 *     offered     the bundle waits for rank 0, which reads those of all ranks in order and writes their tiles
 *     closed      rank 0 has taken the bundle
 *
 * While a band is offered, the next one is gathered and made.
 *
 *  1. At most one round of offers is open, so that a rank is at most one band ahead of the file.
 *  2. A bundle that is offered does not change until it is closed: ranks fill the other one meanwhile.
 *     Rank 0 needs only one, since it has read its own when it begins the next band.
 *  3. Tiles are appended band after band, rank after rank: the file does not depend on the number of
 *     ranks.
 *  4. A rank that fails takes part in all exchanges until the band is closed, where all ranks agree on
 *     the failure. After GD_COMM there can be no agreement: it is returned at once.
 *  5. Buffers are freed only after a success or a failure that all agreed on: else messages may still
 *     arrive in them. */
#include "transfer/columns.h"

#include "base/minmax.h"
#include "image/tiff/tiff_columns.h"
#include "image/writer.h"
#include "mpi/agree.h"
#include "mpi/exchange/exchange.h"
#include "mpi/pull.h"
#include "transfer/append.h"
#include "transfer/bundle.h"
#include "transfer/staging.h"

#include <stdlib.h>

/* One bundle is filled while the previous one is sent. */
enum { BUNDLES = 2 };

typedef struct columns {
    gd_comm *comm;
    const gd_engine *engine;
    const gd_canvas *canvas;
    const gd_column_cut *cut;
    const gd_columns_sink *sink;
    int32_t bits;
    gd_tiff_columns_run run; /* of this rank */
    gd_window *windows;      /* owned; [cut->parts], those of one band */
    gd_exchange *gather;     /* in progress */
    gd_staging staging;      /* [band, run.cols, 3] */
    uint8_t *samples;        /* owned; [run.cols, 3] a row of floats turned into samples */
    gd_tiff_columns *tiff;   /* owned; NULL on a rank without columns */
    gd_bundle bundles[BUNDLES];
    gd_bundle *filling; /* one of them */
    int64_t row;        /* the next row of the page after the tiled ones */
    gd_pull *pull;      /* owned */
    gd_append append;   /* rank 0's */
} columns;

static gd_status keep(columns *c, const gd_bundle_heading *heading, const void *data, gd_error *error)
{
    gd_status status = gd_bundle_add(c->filling, heading, data, error);
    return status == GD_OK ? gd_pull_progress(c->pull, error) : status;
}

static gd_status keep_tile(void *context, int32_t page, int64_t number, const void *data, size_t bytes,
                           gd_error *error)
{
    const gd_bundle_heading heading = {.page = page, .number = number, .bytes = (int64_t)bytes};
    return keep(context, &heading, data, error);
}

static gd_status keep_row(void *context, const void *samples, gd_error *error)
{
    columns *c = context;
    const gd_bundle_heading heading = {
        .page = GD_BUNDLE_ROW, .number = c->row++, .bytes = c->run.rest_cols * 3 * (c->bits / 8)};
    return keep(c, &heading, samples, error);
}

static gd_status use_samples(void *context, int32_t page, int64_t number, const void *samples,
                             gd_error *error)
{
    columns *c = context;
    const gd_status status = c->sink->samples(c->sink->context, page, number, samples, error);
    return status == GD_OK ? gd_pull_progress(c->pull, error) : status;
}

static int64_t band_values(const gd_column_cut *cut, int64_t cols)
{
    return cut->band * cols * 3;
}

static gd_status create_run(columns *c, const char *path, const gd_writer_options *options, gd_error *error)
{
    const gd_tiff_columns_place place = {.pages = c->cut->pages, .first = c->run.first, .cols = c->run.cols};
    const gd_tiff_columns_hooks hooks = {
        .context = c, .tile = keep_tile, .samples = c->sink->samples ? use_samples : NULL, .row = keep_row};
    gd_status status = gd_staging_create(c->canvas->pixels->memory, band_values(c->cut, c->run.cols),
                                         c->engine->backend->samples != NULL, &c->staging, error);
    if (status == GD_OK)
        status = gd_tiff_columns_create(path, options, &place, &hooks, &c->tiff, error);
    c->samples = malloc((size_t)c->run.cols * 3 * (size_t)(c->bits / 8));
    if (status == GD_OK && !c->samples)
        status = gd_no_memory(error, "a row of %lld pixels of %s", (long long)c->run.cols, path);
    return status;
}

static gd_status create(columns *c, const char *path, const gd_writer_options *options, gd_error *error)
{
    c->filling = c->bundles;
    c->windows = calloc((size_t)c->cut->parts, sizeof *c->windows);
    gd_status status =
        c->windows ? GD_OK : gd_no_memory(error, "the windows of %d ranks, for %s", c->cut->parts, path);
    if (status == GD_OK)
        status = gd_pull_create(c->comm, &c->pull, error);
    if (status == GD_OK && c->run.cols > 0)
        status = create_run(c, path, options, error);
    if (status == GD_OK && gd_comm_rank(c->comm) == 0)
        status = gd_append_create(c->cut, c->bits, c->sink, c->pull, &c->append, error);
    return status;
}

static void release(columns *c)
{
    gd_staging_free(&c->staging);
    gd_tiff_columns_free(c->tiff);
    gd_append_free(&c->append);
    gd_pull_free(c->pull);
    for (int i = 0; i < BUNDLES; i++)
        gd_bundle_free(&c->bundles[i]);
    free(c->samples);
    free(c->windows);
}

static int64_t height_at(const gd_column_cut *cut, int64_t y)
{
    return gd_min_i64(cut->rows - y, cut->band);
}

size_t gd_columns_list(const gd_column_cut *cut, int64_t y, gd_window *windows)
{
    size_t count = 0;
    for (int32_t rank = 0; rank < cut->parts; rank++) {
        const gd_tiff_columns_run run = gd_column_cut_part(cut, rank);
        if (run.cols > 0)
            windows[count++] = (gd_window){
                .rect = {y, run.first, height_at(cut, y), run.cols}, .rank = rank, .stride = run.cols * 3};
    }
    return count;
}

static gd_status begin_gather(columns *c, int64_t y, gd_error *error)
{
    const size_t count = gd_columns_list(c->cut, y, c->windows);
    for (size_t i = 0; i < count; i++)
        c->windows[i].pixels = c->staging.values;
    return gd_gather_begin(c->comm, c->canvas->pixels, c->windows, count, &c->gather, error);
}

/* Makes the tiles of the gathered band at row y, and the bundle. */
static gd_status make(columns *c, int64_t y, gd_error *error)
{
    const int64_t values = c->run.cols * 3, height = height_at(c->cut, y);
    gd_status status = GD_OK;
    c->filling->bytes = 0;
    if (!c->tiff)
        return GD_OK;
    status = gd_staging_download(&c->staging, c->engine, height * values, c->bits, error);
    uint8_t *ready = c->staging.samples ? c->staging.host : NULL;
    const float *floats = c->staging.host;
    for (int64_t i = 0; i < height && status == GD_OK; i++) {
        uint8_t *row = ready ? ready + i * values * (c->bits / 8) : c->samples;
        if (!ready)
            gd_picture_samples(floats + i * values, values, c->bits, row);
        if (c->sink->convert)
            c->sink->convert(c->sink->context, row, c->run.cols);
        status = gd_tiff_columns_row(c->tiff, row, error);
    }
    return status;
}

/* Offers the filled bundle; rank 0 writes those of all ranks. *mine: a failure of this rank, agreed on after
 * the next band. */
static gd_status hand_on(columns *c, gd_status *mine, gd_error *error)
{
    const bool root = gd_comm_rank(c->comm) == 0;
    const gd_status status = gd_pull_offer(c->pull, c->filling->data, c->filling->bytes, error);
    if (status == GD_OK && root)
        *mine = gd_append_band(&c->append, error);
    if (!root) /* rank 0 has already read its own */
        c->filling = c->filling == c->bundles ? c->bundles + 1 : c->bundles;
    return *mine == GD_COMM ? *mine : status;
}

/* Ends a band: waits until the previous bundles are read, and agrees on failures. A rank's first error
 * message is kept if other failures follow. */
static gd_status close_band(columns *c, gd_status mine, gd_error *error)
{
    gd_error later;
    if (mine == GD_COMM)
        return mine;
    const gd_status closed = gd_pull_close(c->pull, mine == GD_OK ? error : &later);
    return closed == GD_OK ? gd_comm_agree(c->comm, mine, error) : closed;
}

/* Ranks are at most one band ahead of rank 0's file. */
static gd_status run_bands(columns *c, gd_error *error)
{
    const int64_t rows = c->cut->rows, band = c->cut->band;
    gd_status mine = GD_OK, status = begin_gather(c, 0, error);
    for (int64_t y = 0; y < rows && status == GD_OK; y += band) {
        gd_error later;
        status = gd_exchange_end(&c->gather, mine == GD_OK ? error : &later);
        if (status != GD_OK)
            return status;
        if (mine == GD_OK)
            mine = make(c, y, error);
        if (mine == GD_OK)
            mine = gd_comm_stopped(c->comm, error);
        status = close_band(c, mine, error);
        if (status == GD_OK && y + band < rows)
            status = begin_gather(c, y + band, error);
        if (status == GD_OK)
            status = hand_on(c, &mine, error);
    }
    return status == GD_OK ? close_band(c, mine, error) : status;
}

size_t gd_columns_window_bytes(gd_memory_kind kind, const gd_column_cut *cut, int32_t rank)
{
    return gd_staging_bytes(kind, band_values(cut, gd_column_cut_part(cut, rank).cols));
}

/* Bytes of a bundle: of tiles, unless they stay on their rank, or of rows with their headings. */
static size_t bundle_bytes(const gd_writer_options *options, const gd_column_cut *cut,
                           const gd_tiff_columns_run *run, bool stay, size_t tiles)
{
    const size_t row = (size_t)run->rest_cols * 3 * (size_t)(options->bits / 8) + sizeof(gd_bundle_heading);
    return stay ? (size_t)gd_append_rows(cut) * row : tiles;
}

size_t gd_columns_host_bytes(gd_memory_kind kind, const gd_writer_options *options, const gd_column_cut *cut,
                             bool stay, int32_t rank)
{
    const gd_tiff_columns_run run = gd_column_cut_part(cut, rank);
    const gd_tiff_columns_place place = {.pages = cut->pages, .first = run.first, .cols = run.cols};
    const gd_tiff_columns_place rest = {
        .first_page = cut->pages, .pages = cut->rest_pages, .cols = cut->rest_cols};
    const size_t tiles = run.cols > 0 ? gd_tiff_columns_bytes(options, &place) : 0;
    const size_t bundle = bundle_bytes(options, cut, &run, stay, tiles);
    size_t bytes = (size_t)run.cols * 3 * (size_t)(options->bits / 8);
    if (kind == GD_MEMORY_DEVICE)
        bytes += (size_t)band_values(cut, run.cols) * sizeof(float); /* staging */
    if (rank > 0)
        return bytes + tiles + BUNDLES * bundle;
    bytes += tiles + bundle + gd_append_bytes(cut, options->bits) + (size_t)GD_PULL_PIECE * GD_PULL_PIECES;
    return bytes + (cut->rest_pages > 0 ? gd_tiff_columns_bytes(options, &rest) : 0);
}

gd_status gd_columns_out(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, const char *path,
                         const gd_writer_options *options, const gd_column_cut *cut,
                         const gd_columns_sink *sink, gd_error *error)
{
    columns c = {.comm = comm,
                 .engine = engine,
                 .canvas = canvas,
                 .cut = cut,
                 .sink = sink,
                 .bits = options->bits,
                 .run = gd_column_cut_part(cut, gd_comm_rank(comm))};
    gd_status status = gd_comm_agree(comm, create(&c, path, options, error), error);
    if (status == GD_OK)
        status = run_bands(&c, error);
    if (status == GD_OK || gd_comm_agreed(comm))
        release(&c); /* not after a failure without agreement: messages may still arrive in its memory */
    return status;
}
