/* Reads PNGs with libpng. Its errors longjmp to the function that called it, so data that must survive the
 * jump is on the heap. */
#include "image/decoder.h"
#include "image/metadata/exif.h"

#include <malloc.h>
#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Deflate expands one byte to at most 1032 (zlib's technical details). */
enum { BYTES_PER_BYTE_MAX = 1032, BLOCK_BYTES_MAX = 256 << 20 };

typedef struct png_reader {
    gd_decoder base;
    FILE *file;            /* owned */
    png_structp png;       /* owned */
    png_infop info;        /* owned */
    char cause[128];       /* libpng's error message */
    char icc_trouble[128]; /* its warning about the profile */
    uint8_t *exif;         /* owned; begins with "Exif\0\0"; NULL: none */
    size_t exif_bytes;
    uint8_t *picture; /* owned; [rows, cols, 3] samples, interlaced pictures only */
    size_t row_bytes;
} png_reader;

static void on_error(png_structp png, png_const_charp message)
{
    png_reader *reader = png_get_error_ptr(png);
    snprintf(reader->cause, sizeof reader->cause, "%s", message);
    png_longjmp(png, 1);
}

/* Keeps only libpng's warning about the profile. It quotes the profile's name, which may contain any bytes.
 */
static void on_warning(png_structp png, png_const_charp message)
{
    png_reader *reader = png_get_error_ptr(png);
    char *trouble = reader->icc_trouble;
    if (strncmp(message, "iCCP: ", 6) != 0 || *trouble)
        return;
    snprintf(trouble, sizeof reader->icc_trouble, "%s", message + 6);
    for (; *trouble; trouble++)
        if (*trouble < ' ' || *trouble > '~')
            *trouble = '?';
}

/* libpng trusts the length that a chunk states, and only warns beyond its own limit. */
static png_voidp allocate(png_structp png, png_alloc_size_t bytes)
{
    const png_reader *reader = png_get_mem_ptr(png);
    if (bytes > BLOCK_BYTES_MAX || !gd_allowance_take(reader->base.allowance, bytes))
        return NULL;
    void *block = malloc(bytes);
    (void)gd_allowance_take(reader->base.allowance, block ? malloc_usable_size(block) - bytes : 0);
    return block;
}

static void release(png_structp png, png_voidp block)
{
    const png_reader *reader = png_get_mem_ptr(png);
    gd_allowance_give(reader->base.allowance, block ? malloc_usable_size(block) : 0);
    free(block);
}

/* Reads all rows of an interlaced picture, in seven passes. */
static gd_status read_interlaced(png_reader *reader, gd_error *error)
{
    reader->picture = calloc((size_t)reader->base.rows, reader->row_bytes);
    if (!reader->picture)
        return gd_no_memory(error, "%s: %lld x %lld pixels; save it without interlacing", reader->base.path,
                            (long long)reader->base.cols, (long long)reader->base.rows);
    if (setjmp(png_jmpbuf(reader->png)))
        return gd_decoder_damaged(&reader->base, reader->cause, error);
    int passes = png_set_interlace_handling(reader->png);
    for (int pass = 0; pass < passes; pass++) {
        for (int64_t y = 0; y < reader->base.rows; y++)
            png_read_row(reader->png, reader->picture + (size_t)y * reader->row_bytes, NULL);
    }
    return GD_OK;
}

static gd_status read_next(png_reader *reader, void *row, gd_error *error)
{
    if (setjmp(png_jmpbuf(reader->png)))
        return gd_decoder_damaged(&reader->base, reader->cause, error);
    png_read_row(reader->png, row, NULL);
    return GD_OK;
}

static gd_status png_row(gd_decoder *decoder, void *row, gd_error *error)
{
    png_reader *reader = (png_reader *)decoder;
    if (png_get_interlace_type(reader->png, reader->info) == PNG_INTERLACE_NONE)
        return read_next(reader, row, error);
    gd_status status = reader->picture ? GD_OK : read_interlaced(reader, error);
    if (status == GD_OK)
        memcpy(row, reader->picture + (size_t)decoder->next * reader->row_bytes, reader->row_bytes);
    return status;
}

static void png_close(gd_decoder *decoder)
{
    png_reader *reader = (png_reader *)decoder;
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    free(reader->picture);
    free(reader->exif);
    fclose(reader->file);
    free(reader);
}

static const gd_decoder_class PNG_CLASS = {.row = png_row, .close = png_close};

static uint32_t get32(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static void take_code(gd_colour_claims *c, const uint8_t *data)
{
    c->coded = true;
    c->primaries = data[0];
    c->transfer = data[1];
    c->matrix = data[2];
    c->full_range = data[3];
}

/* Samples are light to the power of gAMA. Zero and infinity are invalid. */
static void take_gamma(gd_colour_claims *c, const uint8_t *data)
{
    const uint32_t gamma = get32(data);
    c->power = gamma ? 100000.0 / gamma : HUGE_VAL;
}

static gd_icc_xy get_xy(const uint8_t *data)
{
    return (gd_icc_xy){1e-5 * get32(data), 1e-5 * get32(data + 4)};
}

static void take_places(gd_colour_claims *c, const uint8_t *data)
{
    c->placed = true;
    c->white = get_xy(data);
    c->red = get_xy(data + 8);
    c->green = get_xy(data + 16);
    c->blue = get_xy(data + 24);
}

static int take_exif(png_reader *reader, const png_unknown_chunk *chunk)
{
    enum { MOST = 0xFFFF, HEAD = 6 }; /* the maximum in a JPEG */
    if (reader->exif || chunk->size == 0 || chunk->size > MOST)
        return 1;
    reader->exif = malloc(HEAD + chunk->size);
    if (!reader->exif)
        return -1;
    memcpy(reader->exif, "Exif\0\0", HEAD);
    memcpy(reader->exif + HEAD, chunk->data, chunk->size);
    reader->exif_bytes = HEAD + chunk->size;
    return 1;
}

/* Receives each chunk that libpng is told to keep unprocessed. Chunks about colour are read here, because
 * libpng's checks of them depend on its version. */
static int on_chunk(png_structp png, png_unknown_chunkp chunk)
{
    png_reader *reader = png_get_user_chunk_ptr(png);
    gd_colour_claims *c = &reader->base.colours;
    const char *name = (const char *)chunk->name;
    if (strcmp(name, "cICP") == 0 && chunk->size == 4)
        take_code(c, chunk->data);
    else if (strcmp(name, "sRGB") == 0)
        c->srgb = true;
    else if (strcmp(name, "gAMA") == 0 && chunk->size == 4)
        take_gamma(c, chunk->data);
    else if (strcmp(name, "cHRM") == 0 && chunk->size == 32)
        take_places(c, chunk->data);
    else if (strcmp(name, "eXIf") == 0)
        return take_exif(reader, chunk);
    return 1;
}

/* Text is not decompressed; a chunk is limited to the size of a profile, and is freed after it was examined.
 */
static void bound_chunks(png_reader *reader)
{
    static const png_byte left_alone[] =
        "cICP\0sRGB\0gAMA\0cHRM\0eXIf\0tEXt\0zTXt\0iTXt\0hIST\0sPLT\0tIME\0oFFs\0"
        "pCAL\0sCAL\0bKGD";
    enum { NAME = 5, KEPT = 16 };
    png_set_chunk_malloc_max(reader->png, GD_ICC_BYTES_MAX);
    png_set_chunk_cache_max(reader->png, KEPT);
    png_set_read_user_chunk_fn(reader->png, reader, on_chunk);
    png_set_keep_unknown_chunks(reader->png, PNG_HANDLE_CHUNK_ALWAYS, left_alone, sizeof left_alone / NAME);
}

static gd_status start_library(png_reader *reader, gd_error *error)
{
    reader->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, reader, on_error, on_warning, reader,
                                           allocate, release);
    if (reader->png)
        reader->info = png_create_info_struct(reader->png);
    if (!reader->info)
        return gd_fail(error, GD_BACKEND, "%s: libpng does not start: %s", reader->base.path, reader->cause);
    png_set_user_limits(reader->png, GD_PICTURE_SIDE_MAX, GD_PICTURE_SIDE_MAX);
    bound_chunks(reader);
    return GD_OK;
}

/* Asks libpng for RGB of 8 or 16 bits in native byte order. */
static void choose_samples(png_reader *reader)
{
    png_structp png = reader->png;
    int colours = png_get_color_type(png, reader->info);
    if ((colours & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, reader->info, PNG_INFO_tRNS))
        gd_decoder_warn(&reader->base, "its transparency was ignored");
    reader->base.colours.grey = !(colours & PNG_COLOR_MASK_COLOR);
    reader->base.bits = png_get_bit_depth(png, reader->info) == 16 ? 16 : 8;
    png_set_expand(png);
    png_set_strip_alpha(png);
    if (!(colours & PNG_COLOR_MASK_COLOR))
        png_set_gray_to_rgb(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (reader->base.bits == 16)
        png_set_swap(png);
#endif
}

static gd_status read_header(png_reader *reader, gd_error *error)
{
    if (setjmp(png_jmpbuf(reader->png)))
        return gd_fail(error, GD_USAGE, "%s: its header cannot be read; the file is damaged (%s)",
                       reader->base.path, reader->cause);
    png_init_io(reader->png, reader->file);
    png_read_info(reader->png, reader->info);
    reader->base.rows = png_get_image_height(reader->png, reader->info);
    reader->base.cols = png_get_image_width(reader->png, reader->info);
    gd_status status = gd_decoder_check_size(reader->base.path, reader->base.rows, reader->base.cols, error);
    if (status == GD_OK)
        choose_samples(reader);
    return status;
}

/* An interlaced picture is held in memory as a whole, so its size must be in proportion to the file size. */
static gd_status check_plausible(const png_reader *reader, gd_error *error)
{
    struct stat file;
    if (png_get_interlace_type(reader->png, reader->info) == PNG_INTERLACE_NONE ||
        fstat(fileno(reader->file), &file) != 0)
        return GD_OK;
    int64_t stored = (int64_t)png_get_rowbytes(reader->png, reader->info) * reader->base.rows;
    if (stored / BYTES_PER_BYTE_MAX <= file.st_size)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s: its %lld bytes cannot hold %lld x %lld pixels; the file is damaged",
                   reader->base.path, (long long)file.st_size, (long long)reader->base.cols,
                   (long long)reader->base.rows);
}

static void read_density(png_reader *reader)
{
    const double inch = 0.0254; /* metres */
    png_uint_32 x = 0, y = 0;
    int unit = PNG_RESOLUTION_UNKNOWN;
    if (!png_get_pHYs(reader->png, reader->info, &x, &y, &unit) || unit != PNG_RESOLUTION_METER)
        return;
    reader->base.profile.dpi_x = x * inch;
    reader->base.profile.dpi_y = y * inch;
}

/* EXIF's claims on colour are used only if the PNG makes none. */
static void read_exif(png_reader *reader)
{
    gd_exif exif = {.orientation = 1};
    gd_decoder *decoder = &reader->base;
    const gd_colour_claims *c = &decoder->colours;
    if (!reader->exif)
        return;
    if (!gd_exif_parse(reader->exif, reader->exif_bytes, &exif))
        gd_decoder_warn(decoder, "its EXIF data is ignored, since this build has no libexif");
    decoder->orientation = exif.orientation;
    if (!c->coded && !c->srgb && c->power == 0 && !c->placed) {
        exif.colours.grey = c->grey;
        decoder->colours = exif.colours;
    }
    free(reader->exif);
    reader->exif = NULL;
}

static gd_status read_icc(png_reader *reader, gd_error *error)
{
    png_charp name = NULL;
    int compression = 0;
    png_bytep icc = NULL;
    png_uint_32 bytes = 0;
    gd_decoder *decoder = &reader->base;
    if (png_get_iCCP(reader->png, reader->info, &name, &compression, &icc, &bytes)) {
        const gd_status status = gd_decoder_keep_icc(decoder, icc, bytes, error);
        png_free_data(reader->png, reader->info, PNG_FREE_ICCP, 0);
        return status;
    }
    snprintf(decoder->colours.icc_trouble, sizeof decoder->colours.icc_trouble, "%s", reader->icc_trouble);
    return GD_OK;
}

/* Memory for libpng's rows, of four channels, and for a whole interlaced picture. */
static uint64_t held_bytes(const png_reader *reader)
{
    enum { ROWS = 3 };
    const bool whole = png_get_interlace_type(reader->png, reader->info) != PNG_INTERLACE_NONE;
    const uint64_t row = (uint64_t)reader->base.cols * 4 * (uint64_t)(reader->base.bits / 8);
    return ROWS * row + (whole ? (uint64_t)reader->base.rows * reader->row_bytes : 0);
}

static gd_status start_pixels(png_reader *reader, gd_error *error)
{
    if (setjmp(png_jmpbuf(reader->png)))
        return gd_decoder_damaged(&reader->base, reader->cause, error);
    if (png_get_interlace_type(reader->png, reader->info) == PNG_INTERLACE_NONE)
        png_start_read_image(reader->png);
    reader->row_bytes = (size_t)reader->base.cols * 3 * (size_t)(reader->base.bits / 8);
    reader->base.held = held_bytes(reader);
    return GD_OK;
}

gd_status gd_png_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                      gd_error *error)
{
    png_reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        fclose(file);
        return gd_no_memory(error, "reading %s", path);
    }
    reader->base =
        (gd_decoder){.class = &PNG_CLASS, .path = path, .allowance = allowance, .bits = 8, .orientation = 1};
    reader->file = file;
    gd_status status = start_library(reader, error);
    if (status == GD_OK)
        status = read_header(reader, error);
    if (status == GD_OK)
        status = check_plausible(reader, error);
    if (status == GD_OK) {
        read_exif(reader);
        status = read_icc(reader, error);
    }
    if (status == GD_OK) {
        read_density(reader);
        status = start_pixels(reader, error);
    }
    if (status != GD_OK) {
        gd_decoder_close(&reader->base);
        return status;
    }
    *decoder = &reader->base;
    return GD_OK;
}
