/* EXIF orientation: a decoder whose rows are those of another one, turned.
 *
 * Mirrored rows are turned one by one. All else needs the last of the stored rows first, or of all of them a
 * column: the picture waits, in tiles, a row of tiles (a band) after the other. A small one waits in memory,
 * a large one in a file without a name, of which one row or column of tiles is in memory: a row of tiles as
 * they are written; then the row or the column of tiles that has the rows to be given. */
#include "image/upright.h"

#include "base/nameless.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIDE = 256 }; /* of a tile, in pixels; tiles at the right and bottom edges are smaller */

typedef struct upright_decoder {
    gd_decoder base;
    gd_decoder *stored; /* owned */
    const char *folder; /* borrowed; NULL: buffered in memory */
    int fd;             /* owned; -1: none */
    bool waits;         /* all rows are read */
    uint8_t **bands;    /* owned, each; [bands] rows of tiles, NULL until read; only if buffered in memory */
    uint8_t *buffer;    /* owned; only if buffered in a file */
    const uint8_t **tile; /* owned; [tiles across or down] tiles of the current row or column in the buffer */
    int64_t given;        /* number of that row or column; -1: none */
    size_t pixel_bytes;
} upright_decoder;

/* The orientations of EXIF (CIPA DC-008, tag 0x0112): the visual sides of stored row 0 and column 0. */
static bool swaps_axes(int32_t orientation)
{
    return orientation >= 5;
}

static bool from_the_last_row(int32_t orientation)
{
    return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
}

static bool from_the_last_column(int32_t orientation)
{
    return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
}

static bool has_to_wait(int32_t orientation)
{
    return swaps_axes(orientation) || from_the_last_row(orientation);
}

static int64_t tiles_of(int64_t pixels)
{
    return (pixels + SIDE - 1) / SIDE;
}

/* Extent of tile `number` along an axis. */
static int64_t extent(int64_t pixels, int64_t number)
{
    const int64_t left = pixels - number * SIDE;
    return left < SIDE ? left : SIDE;
}

static size_t picture_bytes(const gd_decoder *stored, size_t pixel_bytes)
{
    return (size_t)stored->rows * (size_t)stored->cols * pixel_bytes;
}

/* Maximum memory for a picture that is buffered in a file: a row or a column of tiles. */
static size_t buffer_bytes(const gd_decoder *stored, size_t pixel_bytes)
{
    const int64_t row = stored->cols * extent(stored->rows, 0),
                  column = stored->rows * extent(stored->cols, 0);
    const bool columns = swaps_axes(stored->orientation) && column > row;
    return (size_t)(columns ? column : row) * pixel_bytes;
}

static gd_status no_memory(const gd_decoder *stored, gd_error *error)
{
    return gd_no_memory(error, "%s: turning a picture of %lld x %lld pixels upright", stored->path,
                        (long long)stored->cols, (long long)stored->rows);
}

/* Byte offset in the file of tile `across` of band `band`. */
static uint64_t place_of(const upright_decoder *u, int64_t band, int64_t across)
{
    const gd_decoder *stored = u->stored;
    return (uint64_t)(band * SIDE * stored->cols + extent(stored->rows, band) * across * SIDE) *
           u->pixel_bytes;
}

/* Copies row `y` of a band of `rows` rows to its tiles. */
static void place_line(const upright_decoder *u, int64_t rows, int64_t y, const uint8_t *line, uint8_t *band)
{
    for (int64_t x = 0; x < u->stored->cols; x += SIDE) {
        const int64_t cols = extent(u->stored->cols, x / SIDE);
        memcpy(band + (size_t)(rows * x + y * cols) * u->pixel_bytes, line + (size_t)x * u->pixel_bytes,
               (size_t)cols * u->pixel_bytes);
    }
}

/* Reads the next rows, and writes them to the file as a band. */
static gd_status write_band(upright_decoder *u, int64_t number, uint8_t *line, gd_error *error)
{
    gd_decoder *stored = u->stored;
    const int64_t rows = extent(stored->rows, number);
    gd_status status = GD_OK;
    for (int64_t y = 0; y < rows && status == GD_OK; y++, stored->next++) {
        status = stored->class->row(stored, line, error);
        if (status == GD_OK)
            place_line(u, rows, y, line, u->buffer);
    }
    if (status != GD_OK)
        return status;
    return gd_nameless_move(u->fd, u->folder, true, place_of(u, number, 0), u->buffer,
                            (size_t)(rows * stored->cols) * u->pixel_bytes, error);
}

static gd_status read_lines(upright_decoder *u, int64_t rows, uint8_t **lines, gd_error *error)
{
    gd_decoder *stored = u->stored;
    for (int64_t y = 0; y < rows; y++, stored->next++) {
        lines[y] = malloc((size_t)stored->cols * u->pixel_bytes);
        if (!lines[y])
            return no_memory(stored, error);
        const gd_status status = stored->class->row(stored, lines[y], error);
        if (status != GD_OK)
            return status;
    }
    return GD_OK;
}

/* Reads the next rows to a band in memory. Memory grows with the rows that the file really has, whatever its
 * header claims. */
static gd_status keep_band(upright_decoder *u, int64_t number, gd_error *error)
{
    uint8_t *lines[SIDE] = {NULL};
    const int64_t rows = extent(u->stored->rows, number);
    gd_status status = read_lines(u, rows, lines, error);
    uint8_t *band = status == GD_OK ? malloc((size_t)(rows * u->stored->cols) * u->pixel_bytes) : NULL;
    if (status == GD_OK && !band)
        status = no_memory(u->stored, error);
    for (int64_t y = 0; y < rows; y++) {
        if (band)
            place_line(u, rows, y, lines[y], band);
        free(lines[y]);
    }
    u->bands[number] = band;
    return status;
}

static gd_status allocate_buffers(upright_decoder *u, gd_error *error)
{
    const gd_decoder *stored = u->stored;
    const int64_t longer = stored->rows > stored->cols ? stored->rows : stored->cols;
    char remedy[512];
    u->tile = calloc((size_t)tiles_of(longer), sizeof *u->tile);
    if (u->folder)
        u->buffer = malloc(buffer_bytes(stored, u->pixel_bytes));
    else
        u->bands = calloc((size_t)tiles_of(stored->rows), sizeof *u->bands);
    if (!u->tile || (!u->buffer && !u->bands))
        return no_memory(stored, error);
    if (!u->folder)
        return GD_OK;
    snprintf(remedy, sizeof remedy, "turn %.400s upright before", stored->path);
    return gd_nameless_create(u->folder, picture_bytes(stored, u->pixel_bytes), remedy, &u->fd, error);
}

static gd_status wait_for_all(upright_decoder *u, gd_error *error)
{
    gd_status status = allocate_buffers(u, error);
    uint8_t *line = malloc((size_t)u->stored->cols * u->pixel_bytes);
    if (status == GD_OK && !line)
        status = no_memory(u->stored, error);
    for (int64_t i = 0; status == GD_OK && i < tiles_of(u->stored->rows); i++)
        status = u->folder ? write_band(u, i, line, error) : keep_band(u, i, error);
    free(line);
    u->waits = status == GD_OK;
    return status;
}

/* Loads column `number` of the tiles. */
static gd_status give_column(upright_decoder *u, int64_t number, gd_error *error)
{
    const gd_decoder *stored = u->stored;
    const int64_t cols = extent(stored->cols, number);
    for (int64_t i = 0; i < tiles_of(stored->rows); i++) {
        const int64_t rows = extent(stored->rows, i);
        if (!u->folder) {
            u->tile[i] = u->bands[i] + (size_t)(rows * number * SIDE) * u->pixel_bytes;
            continue;
        }
        uint8_t *tile = u->buffer + (size_t)(i * SIDE * cols) * u->pixel_bytes;
        const gd_status status = gd_nameless_move(u->fd, u->folder, false, place_of(u, i, number), tile,
                                                  (size_t)(rows * cols) * u->pixel_bytes, error);
        if (status != GD_OK)
            return status;
        u->tile[i] = tile;
    }
    return GD_OK;
}

/* Loads row `number` of the tiles. */
static gd_status give_band(upright_decoder *u, int64_t number, gd_error *error)
{
    const gd_decoder *stored = u->stored;
    const int64_t rows = extent(stored->rows, number);
    const uint8_t *band = u->folder ? u->buffer : u->bands[number];
    gd_status status = GD_OK;
    if (u->folder)
        status = gd_nameless_move(u->fd, u->folder, false, place_of(u, number, 0), u->buffer,
                                  (size_t)(rows * stored->cols) * u->pixel_bytes, error);
    for (int64_t i = 0; i < tiles_of(stored->cols); i++)
        u->tile[i] = band + (size_t)(rows * i * SIDE) * u->pixel_bytes;
    return status;
}

/* Copies the stored row or column `at`, [length] pixels, forwards or backwards. */
static void copy_line(const upright_decoder *u, int64_t at, int64_t length, bool backwards, uint8_t *row)
{
    const bool column = swaps_axes(u->stored->orientation);
    const int64_t within = at % SIDE;
    for (int64_t i = 0, x = 0; i < tiles_of(length); i++) {
        const int64_t count = extent(length, i), cols = column ? extent(u->stored->cols, at / SIDE) : count;
        const uint8_t *from = u->tile[i] + (size_t)(column ? within : within * cols) * u->pixel_bytes;
        const size_t stride = (size_t)(column ? cols : 1) * u->pixel_bytes;
        for (int64_t end = x + count; x < end; x++, from += stride)
            memcpy(row + (size_t)(backwards ? length - 1 - x : x) * u->pixel_bytes, from, u->pixel_bytes);
    }
}

/* Copies the warnings of the inner decoder, some of which come from reading rows. */
static void take_warning(upright_decoder *u)
{
    memcpy(u->base.warning, u->stored->warning, sizeof u->base.warning);
}

static gd_status upright_row(gd_decoder *decoder, void *row, gd_error *error)
{
    upright_decoder *u = (upright_decoder *)decoder;
    const gd_decoder *stored = u->stored;
    const bool column = swaps_axes(stored->orientation), last_row = from_the_last_row(stored->orientation),
               last_column = from_the_last_column(stored->orientation);
    const bool from_end = column ? last_column : last_row;
    const int64_t at = from_end ? decoder->rows - 1 - decoder->next : decoder->next;
    gd_status status = u->waits ? GD_OK : wait_for_all(u, error);
    if (status == GD_OK && at / SIDE != u->given)
        status = column ? give_column(u, at / SIDE, error) : give_band(u, at / SIDE, error);
    if (status != GD_OK)
        return status;
    u->given = at / SIDE;
    take_warning(u);
    copy_line(u, at, decoder->cols, column ? last_row : last_column, row);
    return GD_OK;
}

static gd_status mirrored_row(gd_decoder *decoder, void *row, gd_error *error)
{
    upright_decoder *u = (upright_decoder *)decoder;
    const size_t bytes = u->pixel_bytes;
    const gd_status status = u->stored->class->row(u->stored, row, error);
    uint8_t *left = row, *right = left + (size_t)(decoder->cols - 1) * bytes;
    for (uint8_t pixel[8]; left < right; left += bytes, right -= bytes) {
        memcpy(pixel, left, bytes);
        memcpy(left, right, bytes);
        memcpy(right, pixel, bytes);
    }
    u->stored->next++;
    take_warning(u);
    return status;
}

static void upright_close(gd_decoder *decoder)
{
    upright_decoder *u = (upright_decoder *)decoder;
    for (int64_t i = 0; u->bands && i < tiles_of(u->stored->rows); i++)
        free(u->bands[i]);
    free(u->bands);
    free(u->buffer);
    free(u->tile);
    if (u->fd >= 0)
        close(u->fd);
    gd_decoder_close(u->stored);
    free(u);
}

static const gd_decoder_class UPRIGHT_CLASS = {.row = upright_row, .close = upright_close},
                              MIRRORED_CLASS = {.row = mirrored_row, .close = upright_close};

static void swap_axes(gd_decoder *decoder)
{
    const int64_t rows = decoder->rows;
    const double dpi_x = decoder->profile.dpi_x;
    decoder->rows = decoder->cols;
    decoder->cols = rows;
    decoder->profile.dpi_x = decoder->profile.dpi_y;
    decoder->profile.dpi_y = dpi_x;
}

/* Chooses memory or a file as the buffer, and counts its bytes. */
static void choose_place(upright_decoder *u, const char *folder, uint64_t most)
{
    const gd_decoder *stored = u->stored;
    const size_t all = picture_bytes(stored, u->pixel_bytes);
    u->folder = all > most ? folder : NULL;
    const size_t line = (size_t)stored->cols * u->pixel_bytes;
    u->base.held += line + (u->folder ? buffer_bytes(stored, u->pixel_bytes)
                                      : all + (size_t)extent(stored->rows, 0) * line);
    u->base.waiting = u->folder ? all : 0;
}

gd_status gd_decoder_upright(gd_decoder **decoder, const char *folder, uint64_t most, gd_error *error)
{
    gd_decoder *stored = *decoder;
    if (stored->orientation == 1)
        return GD_OK;
    *decoder = NULL;
    upright_decoder *u = malloc(sizeof *u);
    if (!u) {
        gd_no_memory(error, "turning %s upright", stored->path);
        gd_decoder_close(stored);
        return GD_MEMORY;
    }
    *u = (upright_decoder){.base = *stored, .stored = stored, .fd = -1, .given = -1};
    stored->profile = (gd_profile){0}; /* moved */
    u->base.class = has_to_wait(stored->orientation) ? &UPRIGHT_CLASS : &MIRRORED_CLASS;
    u->base.orientation = 1;
    u->pixel_bytes = (size_t)(3 * stored->bits / 8);
    if (has_to_wait(stored->orientation))
        choose_place(u, folder, most);
    if (swaps_axes(stored->orientation))
        swap_axes(&u->base);
    *decoder = &u->base;
    return GD_OK;
}
