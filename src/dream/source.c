#include "dream/source.h"

#include "base/random.h"
#include "dream/bands.h"
#include "image/picture.h"

static float clip(double v)
{
    return (float)(v < -1 ? -1 : v > 1 ? 1 : v);
}

void gd_source_noise(uint64_t seed, gd_stage *stage)
{
    const double deviation = 0.25;
    const gd_layout *layout = stage->layout;
    const int32_t rank = stage->canvas->rank;
    for (int64_t i = layout->run_start[rank]; i < layout->run_start[rank + 1]; i++) {
        const gd_rect r = gd_layout_block(layout, layout->order[i]);
        float *pixel = gd_plane_block(stage->canvas, layout->order[i]);
        for (int64_t y = r.y; y < r.y + r.rows; y++) {
            for (int64_t x = r.x; x < r.x + r.cols; x++, pixel += 3) {
                double normal[3];
                gd_random_normal3(seed, y, x, normal);
                for (int c = 0; c < 3; c++)
                    pixel[c] = clip(deviation * normal[c]);
            }
        }
    }
}

static gd_status read_band(void *context, int64_t count, float *rgb, gd_error *error)
{
    return gd_reader_rows(context, count, rgb, error);
}

gd_status gd_source_file(gd_comm *comm, const char *path, gd_stage *stage, gd_error *error)
{
    gd_reader *reader = NULL;
    gd_status status = GD_OK;
    if (gd_comm_rank(comm) == 0)
        status = gd_reader_open_resized(path, stage->layout->rows, stage->layout->cols, &reader, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = gd_bands_pass(comm, stage, GD_BANDS_IN, read_band, reader, error);
    gd_reader_close(reader);
    return status;
}
