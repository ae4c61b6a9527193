#include "image/mark.h"
#include "image/writer.h"
#include "make.h"
#include "picture_check.h"

#include <dirent.h>
#include <fcntl.h>
#include <lcms2.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tiffio.h>
#include <unistd.h>

static gd_error error;

static const char *const NAMES[] = {
    [GD_FILE_TIFF] = "a.tif", [GD_FILE_JPEG] = "a.jpg", [GD_FILE_PNG] = "a.png"};

/* What is tried of all: each kind, and the pyramid. */
static const gd_writer_options ALL[] = {{.kind = GD_FILE_TIFF, .bits = 8},
                                        {.kind = GD_FILE_JPEG, .bits = 8},
                                        {.kind = GD_FILE_PNG, .bits = 8},
                                        {.kind = GD_FILE_TIFF, .bits = 8, .pyramid = true}};
enum { ALL_COUNT = sizeof ALL / sizeof *ALL };

/* A value that lies on the levels of `bits`. */
static float level(int64_t i, int bits)
{
    unsigned value = stored((int)(i / 1000), (int)(i % 1000), 0, bits);
    return bits == 8 ? value / 127.5f - 1.0f : value / 32767.5f - 1.0f;
}

static float *levels(int64_t rows, int64_t cols, int bits)
{
    float *rgb = malloc((size_t)(rows * cols) * 3 * sizeof *rgb);
    assert_non_null(rgb);
    for (int64_t i = 0; i < rows * cols * 3; i++)
        rgb[i] = level(i, bits);
    return rgb;
}

/* Writes `rgb` in bands of `band` rows; leaves at the first failure. */
static gd_status write_picture(const char *path, const gd_writer_options *options, const float *rgb,
                               int64_t band)
{
    gd_writer *writer;
    gd_status status = gd_writer_open(path, options, &writer, &error);
    if (status != GD_OK)
        return status;
    for (int64_t y = 0; y < options->rows; y += band) {
        int64_t count = band < options->rows - y ? band : options->rows - y;
        status = gd_writer_rows(writer, count, rgb + y * options->cols * 3, &error);
        if (status != GD_OK) {
            gd_writer_abandon(writer);
            return status;
        }
    }
    return gd_writer_finish(writer, &error);
}

static void no_part_is_left(void)
{
    DIR *folder = opendir(".");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        assert_null(strstr(entry->d_name, ".part"));
    closedir(folder);
}

static void round_trips_are_exact(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {255, 257}, {256, 256}, {300, 600}, {7, 1000}, {513, 3}};
    for (int k = 0; k < 6 * 4; k++) {
        gd_writer_options options = {.kind = k % 2 ? GD_FILE_TIFF : GD_FILE_PNG,
                                     .rows = sizes[k / 4][0],
                                     .cols = sizes[k / 4][1],
                                     .bits = k / 2 % 2 ? 16 : 8};
        float *rgb = levels(options.rows, options.cols, options.bits);
        check_ok(write_picture(NAMES[options.kind], &options, rgb, 100), error);
        picture p = picture_read(NAMES[options.kind]);
        assert_true(p.rows == options.rows && p.cols == options.cols);
        for (int64_t i = 0; i < p.rows * p.cols * 3; i++)
            assert_true(p.rgb[i] == rgb[i]);
        picture_free(&p);
        free(rgb);
    }
}

static void jpeg_stays_near(void **state)
{
    (void)state;
    gd_writer_options options = {.kind = GD_FILE_JPEG, .rows = 60, .cols = 90, .bits = 8};
    float rgb[60 * 90 * 3];
    for (int i = 0; i < 60 * 90 * 3; i++)
        rgb[i] = (float)sin(i / 3 % 90 * 0.1 + i / 270 * 0.05 + i % 3);
    check_ok(write_picture("a.jpg", &options, rgb, 60), error);
    picture p = picture_read("a.jpg");
    for (int i = 0; i < 60 * 90 * 3; i++)
        assert_true(fabsf(p.rgb[i] - rgb[i]) < 0.06f);
    picture_free(&p);
}

static void values_are_rounded_and_clipped(void **state)
{
    (void)state;
    static const struct {
        float value;
        int level;
    } cases[] = {
        {-1.0f, 0},     {1.0f, 255},     {-7.0f, 0},     {1e30f, 255},          {0.0f, 128},
        {NAN, 0},       {INFINITY, 255}, {-INFINITY, 0}, {-1.0f + 0.00390f, 0}, {-1.0f + 0.00395f, 1},
        {0.9960f, 254}, {0.9962f, 255}};
    enum { COUNT = sizeof cases / sizeof *cases };
    float rgb[COUNT * 3];
    for (int i = 0; i < COUNT * 3; i++)
        rgb[i] = cases[i / 3].value;
    gd_writer_options options = {.kind = GD_FILE_PNG, .rows = 1, .cols = COUNT, .bits = 8};
    check_ok(write_picture("a.png", &options, rgb, 1), error);
    picture p = picture_read("a.png");
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(lrintf((p.rgb[3 * i] + 1.0f) * 127.5f), cases[i].level);
    picture_free(&p);
}

static void profile_and_density_are_carried(void **state)
{
    (void)state;
    uint8_t icc[8192];
    cmsUInt32Number bytes;
    cmsHPROFILE srgb = cmsCreate_sRGBProfile();
    assert_true(cmsSaveProfileToMem(srgb, NULL, &bytes) && bytes <= sizeof icc);
    assert_true(cmsSaveProfileToMem(srgb, icc, &bytes));
    cmsCloseProfile(srgb);
    gd_profile profile = {.icc = icc, .icc_bytes = bytes, .dpi_x = 300.0, .dpi_y = 150.0};
    float rgb[3 * 3 * 3] = {0};
    for (int kind = 0; kind < 3; kind++) {
        gd_writer_options options = {.kind = (gd_file_kind)kind,
                                     .rows = 3,
                                     .cols = 3,
                                     .bits = 8,
                                     .profile = &profile,
                                     .text = "seed 1"};
        check_ok(write_picture(NAMES[kind], &options, rgb, 3), error);
        picture p = picture_read(NAMES[kind]);
        assert_int_equal(p.icc_bytes, bytes);
        assert_true(fabs(p.dpi_x - 300.0) < 0.02 && fabs(p.dpi_y - 150.0) < 0.02);
        picture_free(&p);
        size_t size;
        uint8_t *data = load(NAMES[kind], &size);
        assert_non_null(memmem(data, size, "seed 1", 6));
        free(data);
    }
}

static void bytes_do_not_depend_on_the_bands(void **state)
{
    (void)state;
    float *rgb = levels(300, 300, 16);
    for (int k = 0; k < ALL_COUNT; k++) {
        uint8_t *data[2];
        size_t bytes[2];
        for (int run = 0; run < 2; run++) {
            gd_writer_options options = ALL[k];
            options.rows = options.cols = 300;
            options.text = "the same";
            check_ok(write_picture(NAMES[options.kind], &options, rgb, run ? 7 : 300), error);
            data[run] = load(NAMES[options.kind], &bytes[run]);
        }
        assert_int_equal(bytes[0], bytes[1]);
        assert_memory_equal(data[0], data[1], bytes[0]);
        free(data[0]);
        free(data[1]);
    }
    free(rgb);
}

static void check_is_old(const char *path)
{
    size_t bytes;
    uint8_t *data = load(path, &bytes);
    assert_true(bytes == 3 && memcmp(data, "old", 3) == 0);
    free(data);
}

/* The bytes of a file that is written from floats, or from the same values as samples. */
static uint8_t *written(const gd_writer_options *options, const float *rgb, const void *samples,
                        size_t *bytes)
{
    gd_writer *writer;
    check_ok(gd_writer_open(NAMES[options->kind], options, &writer, &error), error);
    if (samples)
        check_ok(gd_writer_samples(writer, options->rows, samples, &error), error);
    else
        check_ok(gd_writer_rows(writer, options->rows, rgb, &error), error);
    check_ok(gd_writer_finish(writer, &error), error);
    return load(NAMES[options->kind], bytes);
}

static void samples_give_the_file_of_their_floats(void **state)
{
    (void)state;
    for (int k = 0; k < 5; k++) {
        gd_writer_options options = {
            .kind = (gd_file_kind)(k % 3), .rows = 37, .cols = 53, .bits = k < 3 ? 8 : 16};
        if (options.bits == 16)
            options.kind = k == 3 ? GD_FILE_TIFF : GD_FILE_PNG;
        float *rgb = levels(options.rows, options.cols, options.bits);
        uint16_t words[37 * 53 * 3];
        uint8_t *octets = (uint8_t *)words;
        for (int64_t i = 0; i < options.rows * options.cols * 3; i++) {
            if (options.bits == 16)
                words[i] = (uint16_t)lround(((double)rgb[i] + 1) * 32767.5);
            else
                octets[i] = (uint8_t)lround(((double)rgb[i] + 1) * 127.5);
        }
        size_t a_bytes, b_bytes;
        uint8_t *a = written(&options, rgb, NULL, &a_bytes), *b = written(&options, NULL, words, &b_bytes);
        assert_int_equal(a_bytes, b_bytes);
        assert_memory_equal(a, b, a_bytes);
        free(a);
        free(b);
        free(rgb);
    }
}

static void the_old_file_stays_until_the_new_one_is_whole(void **state)
{
    (void)state;
    static const float rgb[40 * 400 * 3];
    for (int k = 0; k < ALL_COUNT; k++) {
        gd_writer_options options = ALL[k];
        const gd_file_kind kind = options.kind;
        options.rows = 40;
        options.cols = 400;
        gd_writer *writer;
        save(NAMES[kind], "old", 3);
        check_ok(gd_writer_open(NAMES[kind], &options, &writer, &error), error);
        check_ok(gd_writer_rows(writer, 20, rgb, &error), error);
        check_is_old(NAMES[kind]);
        gd_writer_abandon(writer);
        check_is_old(NAMES[kind]);
        no_part_is_left();
        check_ok(gd_writer_open(NAMES[kind], &options, &writer, &error), error);
        check_ok(gd_writer_rows(writer, 20, rgb, &error), error);
        assert_int_equal(gd_writer_finish(writer, &error), GD_INTERNAL); /* half is missing */
        check_is_old(NAMES[kind]);
        no_part_is_left();
        check_ok(write_picture(NAMES[kind], &options, rgb, 40), error);
        picture p = picture_read(NAMES[kind]);
        picture_free(&p);
        no_part_is_left();
    }
}

/* A process that dies while it writes leaves no file, not even a hidden one. */
static void nothing_is_left_of_a_process_that_dies(void **state)
{
    (void)state;
    for (int k = 0; k < ALL_COUNT; k++) {
        gd_writer_options options = ALL[k];
        options.rows = options.cols = 300;
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            gd_writer *writer;
            float *rgb = levels(300, 300, 8);
            if (gd_writer_open(NAMES[options.kind], &options, &writer, &error) == GD_OK)
                (void)!gd_writer_rows(writer, 200, rgb, &error);
            raise(SIGKILL);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        no_part_is_left();
    }
}

static bool written_by_us(const gd_writer_options *options, const char *text)
{
    const float rgb[3] = {0};
    gd_writer_options one = *options;
    one.rows = one.cols = 1;
    one.text = text;
    check_ok(write_picture(NAMES[one.kind], &one, rgb, 1), error);
    const int fd = open(NAMES[one.kind], O_RDONLY);
    const bool ours = gd_picture_is_ours(fd);
    close(fd);
    return ours;
}

/* By the text field, in whatever way a format holds it. */
static void our_own_pictures_are_told(void **state)
{
    (void)state;
    static const gd_writer_options big = {.kind = GD_FILE_TIFF, .bits = 16, .bigtiff = GD_BIGTIFF_ALWAYS};
    for (int k = 0; k <= ALL_COUNT; k++) {
        const gd_writer_options *options = k < ALL_COUNT ? &ALL[k] : &big;
        assert_true(written_by_us(options, "gigadream -img photo.jpg"));
        assert_true(written_by_us(options, "gigadream -img B\xC3\xA4r.jpg"));
        assert_false(written_by_us(options, "another gigadream -img photo.jpg"));
        assert_false(written_by_us(options, NULL));
    }
    static const uint8_t endless[] = {0xFF, 0xD8, 0xFF, 0xE1, 0, 0, 0xFF, 0xFE};
    save("a.jpg", endless, sizeof endless);
    const int fd = open("a.jpg", O_RDONLY);
    assert_false(gd_picture_is_ours(fd));
    close(fd);
}

static void a_link_stays_a_link(void **state)
{
    (void)state;
    float rgb[3] = {0};
    gd_writer_options options = {.kind = GD_FILE_PNG, .rows = 1, .cols = 1, .bits = 8};
    save("file.png", "old", 3);
    assert_int_equal(symlink("file.png", "link.png"), 0);
    check_ok(write_picture("link.png", &options, rgb, 1), error);
    struct stat about;
    assert_true(lstat("link.png", &about) == 0 && S_ISLNK(about.st_mode));
    picture p = picture_read("file.png");
    picture_free(&p);
}

/* Noise, which does not shrink (Marsaglia 2003). Owned by the caller. */
static float *noise(int64_t rows, int64_t cols)
{
    float *rgb = malloc((size_t)(rows * cols) * 3 * sizeof *rgb);
    uint32_t random = 1;
    assert_non_null(rgb);
    for (int64_t i = 0; i < rows * cols * 3; i++) {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        rgb[i] = (float)(random >> 8) * 0x1p-23f - 1.0f;
    }
    return rgb;
}

/* A limit on the size of files stands for a full disk. */
static void a_full_disk_is_a_sentence(void **state)
{
    (void)state;
    float *rgb = noise(400, 400);
    struct rlimit before, small;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (int k = 0; k < ALL_COUNT * 4; k++) {
        static const rlim_t limits[] = {0, 100, 5000, 60000};
        gd_writer_options options = ALL[k % ALL_COUNT];
        const gd_file_kind kind = options.kind;
        options.rows = options.cols = 400;
        save(NAMES[kind], "old", 3);
        small = (struct rlimit){.rlim_cur = limits[k / ALL_COUNT], .rlim_max = before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        error.message[0] = '\0';
        gd_status status = write_picture(NAMES[kind], &options, rgb, 400);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        if (status != GD_IO)
            fail_msg("limit %d, kind %d: status %d", (int)limits[k / ALL_COUNT], (int)kind, (int)status);
        if (!strstr(error.message, NAMES[kind]) || !strstr(error.message, "make room"))
            fail_msg("\"%s\" does not say what to do", error.message);
        check_is_old(NAMES[kind]);
        no_part_is_left();
    }
    free(rgb);
}

/* What the picture takes, and its next smaller page, which is there twice for a while. */
static double taken(const gd_writer_options *options, const float *rgb)
{
    size_t bytes, half_bytes = 0;
    check_ok(write_picture(NAMES[options->kind], options, rgb, options->rows), error);
    free(load(NAMES[options->kind], &bytes));
    if (options->pyramid && (options->rows > 256 || options->cols > 256)) {
        gd_writer_options half = *options;
        half.rows = (options->rows + 1) / 2;
        half.cols = (options->cols + 1) / 2;
        half.pyramid = false;
        check_ok(write_picture("half.tif", &half, rgb, half.rows), error);
        free(load("half.tif", &half_bytes));
    }
    return (double)(bytes + half_bytes);
}

/* Each page of a pyramid has the profile, and each is reserved for. */
static void profiles_are_reserved_for(void **state)
{
    (void)state;
    enum { SIDE = 520, BYTES = 300000 };
    uint8_t *icc = calloc(BYTES, 1);
    const gd_profile profile = {.icc = icc, .icc_bytes = BYTES};
    float *rgb = noise(SIDE, SIDE);
    gd_writer_options options = {
        .kind = GD_FILE_TIFF, .rows = SIDE, .cols = SIDE, .bits = 8, .pyramid = true};
    const double reserved = gd_writer_disk_bytes(&options);
    size_t bytes;
    options.profile = &profile;
    check_ok(write_picture(NAMES[GD_FILE_TIFF], &options, rgb, SIDE), error);
    free(load(NAMES[GD_FILE_TIFF], &bytes));
    assert_true((double)bytes > 3.0 * BYTES && gd_writer_disk_bytes(&options) == reserved + 3.0 * BYTES);
    assert_true((double)bytes <= gd_writer_disk_bytes(&options));
    free(icc);
    free(rgb);
}

/* Noise never takes more than is reserved for it, and not much less where tiles are full, but as a JPEG. */
static void what_noise_takes_is_reserved(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {3, 700}, {200, 150}, {257, 300}, {500, 300}, {768, 1024}};
    for (int k = 0; k < 6 * 2 * 2 * 7; k++) {
        const int kind = k / 24;
        const gd_writer_options options = {.kind = kind < 5    ? GD_FILE_TIFF
                                                   : kind == 5 ? GD_FILE_PNG
                                                               : GD_FILE_JPEG,
                                           .rows = sizes[k % 6][0],
                                           .cols = sizes[k % 6][1],
                                           .bits = k / 6 % 2 ? 16 : 8,
                                           .compression = (gd_compression)(kind < 5 ? kind : 0),
                                           .pyramid = kind < 5 && k / 12 % 2};
        const bool jpeg = kind == (int)GD_COMPRESSION_JPEG || options.kind == GD_FILE_JPEG;
        if (gd_writer_check(NAMES[options.kind], &options, &error) != GD_OK)
            continue; /* 16 bits in a JPEG, or no zstd here */
        float *rgb = noise(options.rows, options.cols);
        const double bytes = taken(&options, rgb), most = gd_writer_disk_bytes(&options);
        if (bytes > most || (options.rows > 500 && most > (jpeg ? 3.0 : 1.6) * bytes))
            fail_msg("%lld x %lld of %d bits, kind %d%s: %.0f bytes, and %.0f reserved",
                     (long long)options.cols, (long long)options.rows, options.bits, kind,
                     options.pyramid ? " with a pyramid" : "", bytes, most);
        free(rgb);
    }
}

/* Of all pictures a JPEG comes nearest to its samples where black and white ones have most energy. */
static void the_liveliest_jpeg_fits(void **state)
{
    (void)state;
    enum { ROWS = 256, COLS = 512 };
    float *rgb = noise(ROWS, COLS);
    for (int i = 0; i < ROWS * COLS * 3; i++)
        rgb[i] = rgb[i] < 0 ? -1.0f : 1.0f;
    for (int tiff = 0; tiff < 2; tiff++) {
        const gd_writer_options options = {.kind = tiff ? GD_FILE_TIFF : GD_FILE_JPEG,
                                           .rows = ROWS,
                                           .cols = COLS,
                                           .bits = 8,
                                           .compression = GD_COMPRESSION_JPEG};
        assert_true(taken(&options, rgb) < gd_writer_disk_bytes(&options));
    }
    free(rgb);
}

/* The first descriptor of a file without a name in this folder: the picture's, as those of levels come later.
 */
static int first_nameless(void)
{
    struct stat here, file;
    assert_int_equal(stat(".", &here), 0);
    for (int fd = 3; fd < 1024; fd++)
        if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_nlink == 0 &&
            file.st_dev == here.st_dev)
            return fd;
    fail_msg("no file is open that has no name");
    return -1;
}

static void large_tiffs_are_big(void **state)
{
    (void)state;
    static const struct {
        int64_t side;
        char version;
        gd_writer_options options;
    } cases[] = {{1000, 42, {.bits = 8}},
                 {36000, 42, {.bits = 8}},
                 {38000, 43, {.bits = 8}},
                 {36000, 43, {.bits = 8, .pyramid = true}},
                 {32000, 42, {.bits = 8, .pyramid = true}},
                 {27000, 43, {.bits = 16}},
                 {36000, 43, {.bits = 8, .compression = GD_COMPRESSION_LZW}},
                 {30000, 42, {.bits = 8, .compression = GD_COMPRESSION_LZW}},
                 {1000, 43, {.bits = 8, .bigtiff = GD_BIGTIFF_ALWAYS}},
                 {36000, 42, {.bits = 8, .bigtiff = GD_BIGTIFF_NEVER, .compression = GD_COMPRESSION_LZW}}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        gd_writer_options options = cases[k].options;
        options.kind = GD_FILE_TIFF;
        options.rows = options.cols = cases[k].side;
        gd_writer *writer;
        char part[64];
        check_ok(gd_writer_open("big.tif", &options, &writer, &error), error);
        snprintf(part, sizeof part, "/proc/self/fd/%d", first_nameless());
        size_t bytes;
        uint8_t *data = load(part, &bytes);
        assert_true(bytes >= 4 && data[0] == 'I');
        if (data[2] != cases[k].version)
            fail_msg("case %zu has version %d", k, data[2]);
        free(data);
        gd_writer_abandon(writer);
    }
}

static void check_refuses(const char *path, gd_file_kind kind, int64_t rows, int64_t cols, int bits,
                          const char *word)
{
    gd_writer_options options = {.kind = kind, .rows = rows, .cols = cols, .bits = bits};
    error.message[0] = '\0';
    assert_int_equal(gd_writer_check(path, &options, &error), GD_USAGE);
    if (!strstr(error.message, word) || !strstr(error.message, path))
        fail_msg("\"%s\" does not name %s and %s", error.message, path, word);
}

static void what_cannot_be_written_is_refused_before(void **state)
{
    (void)state;
    char name[400] = "";
    memset(name, 'n', 300);
    check_refuses("a.jpg", GD_FILE_JPEG, 10, 65501, 8, "65500");
    check_refuses("a.jpg", GD_FILE_JPEG, 65501, 10, 8, "65500");
    check_refuses("a.jpg", GD_FILE_JPEG, 10, 10, 16, "16 bits");
    check_refuses("a.png", GD_FILE_PNG, 10, 10, 32, "32 bits");
    check_refuses("a.png", GD_FILE_PNG, 0, 10, 8, "10 x 0");
    check_refuses("nowhere/a.png", GD_FILE_PNG, 10, 10, 8, "nowhere");
    check_refuses(".", GD_FILE_PNG, 10, 10, 8, "a folder");
    check_refuses("/dev/null", GD_FILE_PNG, 10, 10, 8, "a device");
    check_refuses("a.tif", GD_FILE_TIFF, 9000000, 9000000, 16, "room for");
    check_refuses("a.tif", GD_FILE_TIFF, 9000000, 9000000, 16,
                  "464712540"); /* MiB, tiles with what comes to them */
    check_refuses(name, GD_FILE_TIFF, 10, 10, 8, "255");
    gd_writer_options good = {.kind = GD_FILE_JPEG, .rows = 10, .cols = 65500, .bits = 8};
    check_ok(gd_writer_check("new.jpg", &good, &error), error);
    assert_int_equal(access("new.jpg", F_OK), -1); /* nothing is made */
}

static void check_refuses_tiff(gd_writer_options options, const char *word)
{
    gd_writer *writer;
    options.kind = GD_FILE_TIFF;
    options.rows = options.rows ? options.rows : 10;
    options.cols = 40000;
    error.message[0] = '\0';
    assert_int_equal(gd_writer_check("a.tif", &options, &error), GD_USAGE);
    if (!strstr(error.message, word))
        fail_msg("\"%s\" does not hold %s", error.message, word);
    assert_int_equal(gd_writer_open("a.tif", &options, &writer, &error), GD_USAGE);
}

static void tiffs_that_cannot_be_are_refused_before(void **state)
{
    (void)state;
    const gd_writer_options never = {.bits = 8, .bigtiff = GD_BIGTIFF_NEVER};
    gd_writer_options options = never;
    options.rows = 36000;
    check_refuses_tiff(options, "4.35 GB; use --bigtiff auto");
    options.rows = 30000;
    options.pyramid = true;
    check_refuses_tiff(options, "with their pyramid; use --bigtiff auto, or --pyramid off");
    check_refuses_tiff((gd_writer_options){.bits = 16, .compression = GD_COMPRESSION_JPEG}, "8 bits");
    if (!TIFFIsCODECConfigured(COMPRESSION_ZSTD))
        check_refuses_tiff((gd_writer_options){.bits = 8, .compression = GD_COMPRESSION_ZSTD}, "no zstd");
}

static void names_are_those_of_the_command_line(void **state)
{
    (void)state;
    static const char *const compressions[] = {"deflate", "lzw", "zstd", "jpeg", "none"};
    static const char *const bigtiffs[] = {"auto", "always", "never"};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(gd_word_find(gd_compression_words, compressions[i])->value, i);
        assert_string_equal(gd_word_text(gd_compression_words, i), compressions[i]);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(gd_word_find(gd_bigtiff_words, bigtiffs[i])->value, i);
        assert_string_equal(gd_word_text(gd_bigtiff_words, i), bigtiffs[i]);
    }
    assert_null(gd_word_find(gd_compression_words, "LZW"));
    assert_null(gd_word_find(gd_bigtiff_words, ""));
}

static void extensions_choose_the_kind(void **state)
{
    (void)state;
    static const struct {
        const char *name, *full; /* NULL: refused */
        gd_file_kind kind;
    } cases[] = {{"a.tif", "a.tif", GD_FILE_TIFF},
                 {"a.TIFF", "a.TIFF", GD_FILE_TIFF},
                 {"b/a.Jpg", "b/a.Jpg", GD_FILE_JPEG},
                 {"a.b.jpeg", "a.b.jpeg", GD_FILE_JPEG},
                 {"a.PNG", "a.PNG", GD_FILE_PNG},
                 {"a", "a.tif", GD_FILE_TIFF},
                 {"d.x/a", "d.x/a.tif", GD_FILE_TIFF},
                 {".a", ".a.tif", GD_FILE_TIFF},
                 {"a.gif", NULL, GD_FILE_TIFF},
                 {"a.", NULL, GD_FILE_TIFF},
                 {"", NULL, GD_FILE_TIFF},
                 {"d/", NULL, GD_FILE_TIFF},
                 {"..", NULL, GD_FILE_TIFF},
                 {"a-name-that-is-too-long", NULL, GD_FILE_TIFF}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char full[16];
        gd_file_kind kind;
        gd_status status = gd_file_kind_of(cases[i].name, &kind, full, sizeof full, &error);
        assert_int_equal(status, cases[i].full ? GD_OK : GD_USAGE);
        if (!cases[i].full)
            continue;
        assert_string_equal(full, cases[i].full);
        assert_int_equal(kind, cases[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips_are_exact),
        cmocka_unit_test(jpeg_stays_near),
        cmocka_unit_test(values_are_rounded_and_clipped),
        cmocka_unit_test(profile_and_density_are_carried),
        cmocka_unit_test(bytes_do_not_depend_on_the_bands),
        cmocka_unit_test(samples_give_the_file_of_their_floats),
        cmocka_unit_test(the_old_file_stays_until_the_new_one_is_whole),
        cmocka_unit_test(nothing_is_left_of_a_process_that_dies),
        cmocka_unit_test(our_own_pictures_are_told),
        cmocka_unit_test(a_link_stays_a_link),
        cmocka_unit_test(a_full_disk_is_a_sentence),
        cmocka_unit_test(what_noise_takes_is_reserved),
        cmocka_unit_test(profiles_are_reserved_for),
        cmocka_unit_test(the_liveliest_jpeg_fits),
        cmocka_unit_test(large_tiffs_are_big),
        cmocka_unit_test(what_cannot_be_written_is_refused_before),
        cmocka_unit_test(tiffs_that_cannot_be_are_refused_before),
        cmocka_unit_test(names_are_those_of_the_command_line),
        cmocka_unit_test(extensions_choose_the_kind),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
