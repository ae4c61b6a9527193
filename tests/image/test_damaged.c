/* Tests damaged pictures: cut short or with changed bytes, they are read or refused with a sentence. */
#include "drain.h"
#include "make.h"
#include "picture_check.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <tiffio.h>

static gd_error error;

/* One small file of each kind. Returns how many bytes at its end may be missing without loss of pixels, or -1
 * when there is no such kind. */
static int make(int kind, const char **path)
{
    const jpeg_kind jpegs[] = {{.rows = 24, .cols = 24, .channels = 3, .exif_orientation = 1, .flat = -1},
                               {.rows = 24, .cols = 24, .channels = 3, .progressive = true, .flat = -1},
                               {.rows = 24, .cols = 24, .channels = 1, .exif_orientation = 6, .flat = -1}};
    const png_kind pngs[] = {{12, 12, 8, PNG_COLOR_TYPE_RGB, false, 0},
                             {12, 12, 16, PNG_COLOR_TYPE_RGB_ALPHA, true, 3},
                             {12, 12, 4, PNG_COLOR_TYPE_PALETTE, false, 0}};
    const tiff_kind tiffs[] = {
        {.samples = 3, .photometric = PHOTOMETRIC_RGB, .rows_per_strip = 5},
        {.samples = 3, .photometric = PHOTOMETRIC_RGB, .tile = 16, .compression = COMPRESSION_ADOBE_DEFLATE},
        {.samples = 4, .photometric = PHOTOMETRIC_RGB, .separate = true, .compression = COMPRESSION_LZW},
        {.samples = 1,
         .photometric = PHOTOMETRIC_PALETTE,
         .big = true,
         .orientation = 5,
         .big_endian = true}};
    if (kind < 3) {
        make_jpeg(*path = "a.jpg", &jpegs[kind]);
        return 2; /* its end marker */
    }
    if (kind < 6) {
        make_png(*path = "a.png", &pngs[kind - 3]);
        return 12 + 8; /* IEND, and the checksums before */
    }
    if (kind >= 10)
        return -1;
    tiff_kind tiff = tiffs[kind - 6];
    tiff.rows = tiff.cols = 12;
    tiff.bits = 8;
    make_tiff(*path = "a.tif", &tiff);
    return 2048; /* its directory comes last; what it points to may be no pixels */
}

static void every_cut_ends_in_a_sentence(void **state)
{
    (void)state;
    const char *path;
    for (int kind = 0, tail; (tail = make(kind, &path)) >= 0; kind++) {
        size_t bytes;
        uint8_t *data = load(path, &bytes);
        check_ok(drain(path, &error), error);
        for (size_t cut = 0; cut < bytes; cut++) {
            save("cut", data, cut);
            error.message[0] = '\0';
            gd_status status = drain("cut", &error);
            if (status == GD_OK && cut + (size_t)tail < bytes)
                fail_msg("kind %d cut at %zu of %zu bytes is read", kind, cut, bytes);
            if (status != GD_OK)
                assert_true(status == GD_USAGE && strstr(error.message, "cut: ") == error.message);
        }
        free(data);
    }
}

static void the_sentence_says_where(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s/tests/images/rocket.jpg", GD_SOURCE_DIR);
    size_t bytes;
    uint8_t *data = load(path, &bytes);
    save("half.jpg", data, bytes / 2);
    free(data);
    assert_int_equal(drain("half.jpg", &error), GD_USAGE);
    int row = 0, rows = 0;
    assert_int_equal(
        sscanf(error.message, "half.jpg: ends after row %d of %d; the file is damaged", &row, &rows), 2);
    assert_true(rows == 427 && row > 100 && row < 300);
}

static void changed_bytes_never_crash(void **state)
{
    (void)state;
    static const uint8_t changes[] = {0xFF, 0x01, 0x80};
    const char *path;
    int refused = 0;
    for (int kind = 0; make(kind, &path) >= 0; kind++) {
        size_t bytes;
        uint8_t *data = load(path, &bytes);
        for (size_t i = 0; i < bytes; i++) {
            data[i] ^= changes[i % 3];
            save("changed", data, bytes);
            gd_status status = drain("changed", &error);
            assert_true(status == GD_OK || status == GD_USAGE || status == GD_MEMORY);
            refused += status != GD_OK;
            data[i] ^= changes[i % 3];
        }
        free(data);
    }
    assert_true(refused > 300);
}

/* PNG's checksum (ISO 3309). */
static uint32_t crc_of(const uint8_t *data, size_t bytes)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < 8 * bytes; i++) {
        crc ^= i % 8 ? 0 : data[i / 8];
        crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

static void put32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void hostile_png(uint32_t cols, uint32_t rows, bool interlaced)
{
    enum { WIDTH_AT = 16, HEIGHT_AT = 20, TYPE_AT = 12, CRC_AT = 29 };
    make_png("a.png", &(png_kind){12, 12, 8, PNG_COLOR_TYPE_RGB, interlaced, 0});
    size_t bytes;
    uint8_t *data = load("a.png", &bytes);
    put32(data + WIDTH_AT, cols);
    put32(data + HEIGHT_AT, rows);
    put32(data + CRC_AT, crc_of(data + TYPE_AT, CRC_AT - TYPE_AT));
    save("a.png", data, bytes);
    free(data);
    assert_int_equal(drain("a.png", &error), GD_USAGE);
}

/* A chunk of metadata that says that it is 1.5 GB long. */
static void hostile_chunk(void)
{
    enum { AT = 33 }; /* after the header's chunk */
    make_png("a.png", &(png_kind){12, 12, 8, PNG_COLOR_TYPE_RGB, false, 3});
    size_t bytes;
    uint8_t *data = load("a.png", &bytes);
    assert_memory_equal(data + AT + 4, "eXIf", 4);
    put32(data + AT, 1500000000);
    save("a.png", data, bytes);
    free(data);
    assert_int_equal(drain("a.png", &error), GD_USAGE);
}

static void hostile_jpeg(bool progressive, int orientation)
{
    make_jpeg("a.jpg", &(jpeg_kind){.rows = 24,
                                    .cols = 24,
                                    .channels = 3,
                                    .progressive = progressive,
                                    .exif_orientation = orientation,
                                    .flat = -1});
    size_t bytes;
    uint8_t *data = load("a.jpg", &bytes);
    uint8_t frame[] = {0xFF, progressive ? 0xC2 : 0xC0, 0, 17, 8};
    uint8_t *at = memmem(data, bytes, frame, sizeof frame);
    assert_non_null(at);
    memcpy(at + 5, (uint8_t[]){0xFF, 0xDC, 0xFF, 0xDC}, 4); /* 65,500 a side */
    save("a.jpg", data, bytes);
    free(data);
    assert_int_equal(drain("a.jpg", &error), GD_USAGE);
}

/* Sets a tag of type LONG or SHORT in a little-endian TIFF's first directory. */
static void set_tag(uint8_t *data, uint16_t tag, uint32_t value)
{
    uint32_t directory;
    uint16_t count;
    memcpy(&directory, data + 4, 4);
    memcpy(&count, data + directory, 2);
    for (uint16_t i = 0; i < count; i++) {
        uint8_t *entry = data + directory + 2 + 12 * i;
        if (memcmp(entry, &tag, 2) != 0)
            continue;
        memcpy(entry + 2, &(uint16_t){TIFF_LONG}, 2);
        memcpy(entry + 8, &value, 4);
        return;
    }
    fail_msg("no tag %u", tag);
}

static void hostile_tiff(int tile, uint16_t tag, uint32_t value, uint16_t other, uint32_t other_value)
{
    make_tiff("a.tif", &(tiff_kind){.rows = 12,
                                    .cols = 12,
                                    .bits = 8,
                                    .samples = 3,
                                    .photometric = PHOTOMETRIC_RGB,
                                    .tile = tile,
                                    .compression = COMPRESSION_LZW});
    size_t bytes;
    uint8_t *data = load("a.tif", &bytes);
    set_tag(data, tag, value);
    set_tag(data, other, other_value);
    save("a.tif", data, bytes);
    free(data);
    assert_int_equal(drain("a.tif", &error), GD_USAGE);
}

static void hostile_sizes_are_refused_in_little_memory(void **state)
{
    (void)state;
    enum { KIB_MAX = 1024 * 1024 };
    hostile_png(0x7FFFFFFF, 0x7FFFFFFF, false);
    hostile_png(9000000, 9000000, false);
    hostile_png(9000000, 9000000, true);
    hostile_png(60000, 60000, true);
    hostile_chunk();
    for (int orientation = 1; orientation <= 6; orientation += 5) {
        hostile_jpeg(false, orientation);
        hostile_jpeg(true, orientation);
    }
    hostile_tiff(0, TIFFTAG_IMAGEWIDTH, 0xFFFFFFFF, TIFFTAG_IMAGELENGTH, 0xFFFFFFFF);
    hostile_tiff(0, TIFFTAG_IMAGEWIDTH, 9000000, TIFFTAG_IMAGELENGTH, 9000000);
    hostile_tiff(0, TIFFTAG_IMAGEWIDTH, 9000000, TIFFTAG_ROWSPERSTRIP, 0xFFFFFFFF);
    hostile_tiff(0, TIFFTAG_SAMPLESPERPIXEL, 65535, TIFFTAG_IMAGEWIDTH, 9000000);
    hostile_tiff(16, TIFFTAG_TILEWIDTH, 0x7FFFFFF0, TIFFTAG_TILELENGTH, 0x7FFFFFF0);
    hostile_tiff(16, TIFFTAG_TILEWIDTH, 16384, TIFFTAG_TILELENGTH, 16384);
    hostile_tiff(16, TIFFTAG_IMAGEWIDTH, 0, TIFFTAG_IMAGELENGTH, 0);
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    assert_true(usage.ru_maxrss < KIB_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_ends_in_a_sentence),
        cmocka_unit_test(the_sentence_says_where),
        cmocka_unit_test(changed_bytes_never_crash),
        cmocka_unit_test(hostile_sizes_are_refused_in_little_memory),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
