/* Fills the first canvas, from noise or from a picture that rank 0 reads. */
#include "transfer/source.h"

#include "base/clock.h"
#include "base/random.h"
#include "image/reader.h"
#include "mpi/agree.h"
#include "transfer/bands.h"

#include <stdio.h>

static float clip(double v)
{
    return (float)(v < -1 ? -1 : v > 1 ? 1 : v);
}

static const double deviation = 0.25;

void gd_source_noise_at(uint64_t seed, gd_rect at, float *rgb)
{
    for (int64_t y = at.y; y < at.y + at.rows; y++) {
        for (int64_t x = at.x; x < at.x + at.cols; x++, rgb += 3) {
            double normal[3];
            gd_random_normal3(seed, y, x, normal);
            for (int c = 0; c < 3; c++)
                rgb[c] = clip(deviation * normal[c]);
        }
    }
}

gd_status gd_source_noise(const gd_engine *engine, uint64_t seed, gd_canvas *canvas, gd_error *error)
{
    const gd_backend *backend = engine->backend;
    const gd_partition *partition = canvas->partition;
    int64_t first, end;
    gd_partition_run(partition, canvas->pixels->rank, &first, &end);
    gd_status status = GD_OK;
    for (int64_t i = first; status == GD_OK && i < end; i++) {
        const gd_rect at = gd_partition_block(partition, partition->order[i]);
        float *block = NULL;
        status = gd_plane_pin(canvas->pixels, partition->order[i], GD_ACCESS_REPLACE, &block, error);
        if (status != GD_OK)
            break;
        if (backend->noise)
            status = backend->noise(engine->device, seed, at, deviation, block, error);
        else
            gd_source_noise_at(seed, at, block);
        gd_plane_unpin(canvas->pixels, partition->order[i]);
    }
    return status == GD_OK ? gd_engine_finish(engine, error) : status;
}

typedef struct source {
    gd_reader *reader; /* owned */
    double reading;    /* seconds */
} source;

static gd_status read_band(void *context, int64_t count, float *rgb, gd_error *error)
{
    source *from = context;
    const double start = gd_clock();
    const gd_status status = gd_reader_rows(from->reader, count, rgb, error);
    from->reading += gd_clock() - start;
    return status;
}

/* Only rank 0 has a reader. */
static gd_status check_same(const source *from, const gd_file_identity *first, gd_error *error)
{
    return from->reader && first ? gd_reader_check(from->reader, first, error) : GD_OK;
}

gd_status gd_source_file(gd_comm *comm, const char *path, const char *folder, const gd_file_identity *first,
                         gd_canvas *canvas, gd_source_report *report, gd_error *error)
{
    source from = {0};
    gd_status status = GD_OK;
    if (gd_comm_rank(comm) == 0)
        status = gd_reader_open_resized(path, folder, canvas->partition->rows, canvas->partition->cols,
                                        &from.reader, error);
    if (status == GD_OK)
        status = check_same(&from, first, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gd_bands_in(comm, canvas, read_band, &from, error);
    if (status == GD_OK)
        status = gd_comm_agree(comm, check_same(&from, first, error), error);
    if (report && from.reader) {
        report->seconds = from.reading;
        snprintf(report->warning, sizeof report->warning, "%s", gd_reader_late_warning(from.reader));
    }
    gd_reader_close(from.reader);
    return status;
}
