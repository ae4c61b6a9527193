/* Scatters bands of rows that rank 0 reads, and gathers bands that it writes. */
#include "transfer/bands.h"

#include "mpi/agree.h"
#include "mpi/exchange/exchange.h"
#include "transfer/staging.h"

/* Only rank 0 has memory for bands. */
typedef struct pass {
    gd_comm *comm;
    const gd_canvas *canvas;
    bool root;
    gd_staging staging; /* [GD_BLOCK, cols, 3] */
} pass;

static int64_t band_values(int64_t cols)
{
    return cols * GD_BLOCK * 3;
}

size_t gd_bands_bytes(gd_memory_kind kind, int64_t cols)
{
    return gd_staging_bytes(kind, band_values(cols));
}

static gd_status begin(pass *p, gd_comm *comm, const gd_canvas *canvas, bool samples, gd_error *error)
{
    gd_status status = GD_OK;
    *p = (pass){.comm = comm, .canvas = canvas, .root = gd_comm_rank(comm) == 0};
    if (p->root)
        status = gd_staging_create(canvas->pixels->memory, band_values(canvas->partition->cols), samples,
                                   &p->staging, error);
    return gd_comm_agree(comm, status, error);
}

static gd_window band_at(const pass *p, int64_t y)
{
    const int64_t rows = p->canvas->partition->rows, cols = p->canvas->partition->cols;
    const int64_t height = rows - y < GD_BLOCK ? rows - y : GD_BLOCK;
    return (gd_window){
        .rect = {y, 0, height, cols}, .rank = 0, .pixels = p->staging.values, .stride = cols * 3};
}

gd_status gd_bands_in(gd_comm *comm, gd_canvas *canvas, gd_band_read read, void *context, gd_error *error)
{
    pass p;
    gd_status status = begin(&p, comm, canvas, false, error);
    for (int64_t y = 0; status == GD_OK && y < canvas->partition->rows; y += GD_BLOCK) {
        const gd_window band = band_at(&p, y);
        gd_exchange *exchange = NULL;
        if (p.root)
            status = read(context, band.rect.rows, p.staging.host, error);
        if (p.root && status == GD_OK)
            status = gd_staging_upload(&p.staging, gd_rect_area(band.rect) * 3, error);
        if (status == GD_OK)
            status = gd_comm_stopped(comm, error);
        status = gd_comm_agree(comm, status, error);
        if (status == GD_OK)
            status = gd_scatter_begin(comm, canvas->pixels, &band, 1, &exchange, error);
        if (status == GD_OK)
            status = gd_exchange_end(&exchange, error);
    }
    gd_staging_free(&p.staging);
    return status;
}

gd_status gd_bands_out(gd_comm *comm, const gd_engine *engine, const gd_canvas *canvas, int32_t bits,
                       gd_band_write write, void *context, gd_error *error)
{
    pass p;
    gd_status status = begin(&p, comm, canvas, engine->backend->samples != NULL, error);
    for (int64_t y = 0; status == GD_OK && y < canvas->partition->rows; y += GD_BLOCK) {
        const gd_window band = band_at(&p, y);
        gd_exchange *exchange = NULL;
        status = gd_gather_begin(comm, canvas->pixels, &band, 1, &exchange, error);
        if (status == GD_OK)
            status = gd_exchange_end(&exchange, error);
        if (p.root && status == GD_OK)
            status = gd_staging_download(&p.staging, engine, gd_rect_area(band.rect) * 3, bits, error);
        if (p.root && status == GD_OK)
            status = write(context, band.rect.rows, p.staging.samples ? NULL : p.staging.host,
                           p.staging.samples ? p.staging.host : NULL, error);
        if (status == GD_OK)
            status = gd_comm_stopped(comm, error);
        status = gd_comm_agree(comm, status, error);
    }
    gd_staging_free(&p.staging);
    return status;
}
