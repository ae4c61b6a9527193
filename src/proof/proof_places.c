/* Chooses the three crops of a proof: the cells of the overview with the highest, median and lowest contrast.
 */
#include "proof/proof_places.h"

#include "mpi/agree.h"
#include "transfer/bands.h"

#include <math.h>
#include <stdlib.h>

enum { CELLS = GD_PROOF_CELLS * GD_PROOF_CELLS, BITS = 8 };

typedef struct cell {
    int32_t number;
    double sum, count; /* of differences between neighbours */
} cell;

/* State of the contrast measurement; rank 0 only. */
typedef struct survey {
    int64_t rows, cols, next; /* next: index of the next row */
    double *above, *row;      /* owned; [cols], brightness */
    cell cells[CELLS];
} survey;

/* From floats in [-1, 1], or from 8-bit samples if the device converts them. */
static double brightness(const float *rgb, const uint8_t *samples, int64_t i)
{
    static const double weights[3] = {0.299, 0.587, 0.114}; /* ITU-R BT.601 */
    double sum = 0;
    for (int c = 0; c < 3; c++)
        sum += weights[c] * (samples ? samples[3 * i + c] / 127.5 : (double)rgb[3 * i + c]);
    return sum;
}

static void add_row(survey *s)
{
    cell *cells = &s->cells[s->next * GD_PROOF_CELLS / s->rows * GD_PROOF_CELLS];
    for (int64_t x = 1; x < s->cols; x++) {
        cell *c = &cells[x * GD_PROOF_CELLS / s->cols];
        c->sum += fabs(s->row[x] - s->row[x - 1]);
        c->sum += s->next > 0 ? fabs(s->row[x] - s->above[x]) : 0;
        c->count += s->next > 0 ? 2 : 1;
    }
}

static gd_status take_band(void *context, int64_t count, const float *rgb, const void *samples,
                           gd_error *error)
{
    survey *s = context;
    (void)error;
    for (int64_t y = 0; y < count; y++, s->next++) {
        for (int64_t x = 0; x < s->cols; x++)
            s->row[x] = brightness(rgb, samples, y * s->cols + x);
        add_row(s);
        double *above = s->above;
        s->above = s->row;
        s->row = above;
    }
    return GD_OK;
}

static int by_contrast(const void *a, const void *b)
{
    const cell *x = a, *y = b;
    const double p = x->sum / fmax(1, x->count), q = y->sum / fmax(1, y->count);
    return p != q ? (p < q) - (p > q) : x->number - y->number;
}

static void choose(const gd_proof_geometry *geometry, survey *s, gd_rect crops[GD_PROOF_CROPS])
{
    static const int32_t places[GD_PROOF_CROPS] = {0, CELLS / 2, CELLS - 1};
    qsort(s->cells, CELLS, sizeof s->cells[0], by_contrast);
    for (int32_t i = 0; i < GD_PROOF_CROPS; i++)
        crops[i] = gd_proof_crop(geometry, s->cells[places[i]].number);
}

gd_status gd_proof_places(const gd_proof *proof, gd_canvas *whole, gd_rect crops[GD_PROOF_CROPS],
                          gd_error *error)
{
    const gd_partition *partition = whole->partition;
    survey s = {.rows = partition->rows,
                .cols = partition->cols,
                .above = calloc((size_t)partition->cols, sizeof(double)),
                .row = calloc((size_t)partition->cols, sizeof(double))};
    gd_status status = GD_OK;
    for (int32_t i = 0; i < CELLS; i++)
        s.cells[i].number = i;
    if (!s.above || !s.row)
        status = gd_no_memory(error, "the places of a proof");
    status = gd_comm_agree(proof->comm, status, error);
    if (status == GD_OK)
        status = gd_bands_out(proof->comm, proof->engine, whole, BITS, take_band, &s, error);
    choose(proof->geometry, &s, crops);
    free(s.above);
    free(s.row);
    return status == GD_OK ? gd_comm_broadcast(proof->comm, crops, GD_PROOF_CROPS * sizeof *crops, error)
                           : status;
}
