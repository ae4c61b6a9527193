/* The file that all ranks compress and rank 0 appends, against the one that a single writer makes of the same
 * rows: the same bytes, on any number of ranks. And what goes wrong on one rank. */
#include "check.h"
#include "image/writer.h"
#include "mpi/agree.h"
#include "mpi/late_memory.h"
#include "net/objective.h"
#include "transfer/bands.h"
#include "transfer/sink.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static gd_comm *comm;
static gd_net *net;
static gd_engine *engine;
static gd_memory *memory; /* the canvas's */
static gd_backend backend;
static gd_error error;

static gd_memory *chosen_memory(const gd_device *device)
{
    (void)device;
    return memory;
}

/* Smooth, with some noise, and at times beyond white and black. */
static float value_at(int64_t i)
{
    const uint32_t noise = (uint32_t)i * 2654435761u;
    return (float)(i % 3001) / 1450 - 1.02f + (float)(noise >> 24) / 2000;
}

/* The picture as it comes in bands. */
static gd_status read_rows(void *context, int64_t count, float *rgb, gd_error *unused)
{
    int64_t *at = context; /* the next value, and the values of a row */
    (void)unused;
    for (int64_t i = 0; i < count * at[1]; i++)
        rgb[i] = value_at(at[0]++);
    return GD_OK;
}

/* From now on canvases live there. */
static void use_memory(gd_memory *chosen)
{
    memory = chosen;
    engine->store.memory = chosen;
}

static gd_canvas *stage_of(int64_t rows, int64_t cols)
{
    gd_canvas *canvas = NULL;
    int64_t at[2] = {0, cols * 3};
    check_ok(gd_canvas_create(gd_engine_store(engine), rows, cols, gd_comm_size(comm), gd_comm_rank(comm),
                              &canvas, &error),
             error);
    check_ok(gd_bands_in(comm, canvas, read_rows, at, &error), error);
    return canvas;
}

static uint8_t *load(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    struct stat about;
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &about), 0);
    *bytes = (size_t)about.st_size;
    uint8_t *data = malloc(*bytes + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *bytes, file), *bytes);
    fclose(file);
    return data;
}

static void write_alone(const gd_writer_options *options)
{
    gd_writer *writer = NULL;
    int64_t at[2] = {0, options->cols * 3};
    float *rgb = malloc((size_t)(options->rows * options->cols * 3) * sizeof *rgb);
    assert_non_null(rgb);
    check_ok(read_rows(at, options->rows, rgb, &error), error);
    check_ok(gd_writer_open("alone", options, &writer, &error), error);
    check_ok(gd_writer_rows(writer, options->rows, rgb, &error), error);
    check_ok(gd_writer_finish(writer, &error), error);
    free(rgb);
}

static void compare_files(const gd_writer_options *options)
{
    size_t alone_bytes = 0, shared_bytes = 0;
    write_alone(options);
    uint8_t *alone = load("alone", &alone_bytes), *shared = load("shared", &shared_bytes);
    if (alone_bytes != shared_bytes || memcmp(alone, shared, alone_bytes) != 0)
        fail_msg("%lld x %lld, %s, %d bits, %s pyramid: another file from %d ranks", (long long)options->cols,
                 (long long)options->rows, gd_enum_text(gd_compression_names, (int)options->compression),
                 options->bits, options->pyramid ? "a" : "no", gd_comm_size(comm));
    free(alone);
    free(shared);
    assert_int_equal(unlink("alone"), 0);
    assert_int_equal(unlink("shared"), 0);
}

static void check_same(const gd_writer_options *options)
{
    gd_canvas *canvas = stage_of(options->rows, options->cols);
    const gd_status status = gd_sink_file(comm, engine, canvas, "shared", options, &error);
    if (status != GD_OK && strstr(error.message, "has no zstd"))
        print_message("left out: %s\n", error.message);
    else
        check_ok(status, error);
    if (status == GD_OK && gd_comm_rank(comm) == 0)
        compare_files(options);
    check_ok(gd_comm_agree(comm, GD_OK, &error), error);
    gd_canvas_free(canvas);
}

static const gd_profile PROFILE = {
    .icc = (uint8_t *)"no real profile", .icc_bytes = 15, .dpi_x = 300, .dpi_y = 150};

static gd_writer_options options_of(int64_t rows, int64_t cols)
{
    return (gd_writer_options){.kind = GD_FILE_TIFF,
                               .rows = rows,
                               .cols = cols,
                               .bits = 8,
                               .pyramid = true,
                               .profile = gd_comm_rank(comm) == 0 ? &PROFILE : NULL,
                               .text = gd_comm_rank(comm) == 0 ? "seed 1" : NULL};
}

static void any_shape_is_the_same_file(void **state)
{
    (void)state;
    static const int64_t shapes[][2] = {{700, 1301}, {1, 1},     {100, 3000}, {2000, 100}, {256, 512},
                                        {257, 513},  {40, 5700}, {300, 300},  {17, 1025}};
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        gd_writer_options options = options_of(shapes[k][0], shapes[k][1]);
        check_same(&options);
        options.pyramid = k % 2;
        options.compression = GD_COMPRESSION_NONE; /* all tiles are of one size then */
        check_same(&options);
    }
}

static void any_compression_is_the_same_file(void **state)
{
    (void)state;
    for (int scheme = GD_COMPRESSION_DEFLATE; scheme <= GD_COMPRESSION_NONE; scheme++) {
        for (int bits = 8; bits <= (scheme == GD_COMPRESSION_JPEG ? 8 : 16); bits += 8) {
            gd_writer_options options = options_of(421, 1211);
            options.compression = (gd_compression)scheme;
            options.bits = bits;
            options.bigtiff = bits == 8 ? GD_BIGTIFF_ALWAYS : GD_BIGTIFF_AUTO;
            check_same(&options);
        }
    }
}

static void other_formats_are_the_same_files(void **state)
{
    (void)state;
    for (int kind = GD_FILE_JPEG; kind <= GD_FILE_PNG; kind++) {
        gd_writer_options options = options_of(300, 700);
        options.kind = (gd_file_kind)kind;
        options.pyramid = false;
        options.profile = NULL;
        check_same(&options);
    }
}

/* As a GPU's: staging, copies that run late, and the device's own samples or none. */
static void check_device(gd_memory *late)
{
    use_memory(late);
    gd_writer_options options = options_of(600, 1500);
    check_same(&options);
    options.bits = 16;
    check_same(&options);
    use_memory(gd_memory_host());
}

static void a_device_gives_the_same_file(void **state)
{
    (void)state;
    gd_memory *late = late_memory_open();
    check_device(late);
    late_memory_close(late);
}

/* Fails on the last rank. */
static gd_status failing_samples(gd_device *device, const float *values, int64_t count, int32_t bits,
                                 void *samples, gd_error *failure)
{
    (void)device;
    (void)values;
    (void)count;
    (void)bits;
    (void)samples;
    if (gd_comm_rank(comm) < gd_comm_size(comm) - 1)
        return GD_OK;
    return gd_fail(failure, GD_BACKEND, "a planted failure");
}

/* All ranks have the status and the words, and no file is left. */
static void check_failure(gd_status status, gd_status wanted, const char *words)
{
    assert_int_equal(status, wanted);
    if (!strstr(error.message, words))
        fail_msg("\"%s\" does not hold \"%s\"", error.message, words);
    assert_true(gd_comm_agreed(comm));
    gd_comm_clear_failure(comm);
    check_ok(gd_comm_agree(comm, GD_OK, &error), error);
    if (gd_comm_rank(comm) == 0) {
        DIR *folder = opendir(".");
        assert_non_null(folder);
        for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
            if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
                fail_msg("%s is left", entry->d_name);
        closedir(folder);
    }
    check_ok(gd_comm_agree(comm, GD_OK, &error), error);
}

static void a_device_that_fails_on_one_rank_fails_all(void **state)
{
    (void)state;
    gd_memory *late = late_memory_open();
    use_memory(late);
    gd_canvas *canvas = stage_of(900, 2000);
    const gd_writer_options options = options_of(900, 2000);
    backend.samples = failing_samples;
    const gd_status status = gd_sink_file(comm, engine, canvas, "shared", &options, &error);
    backend.samples = NULL;
    check_failure(status, GD_BACKEND, "a planted failure");
    gd_canvas_free(canvas);
    use_memory(gd_memory_host());
    late_memory_close(late);
}

/* No windows on the last rank. */
static gd_status no_windows(gd_memory *from, gd_purpose purpose, size_t bytes, void **values,
                            gd_error *failure)
{
    if (purpose == GD_FOR_WINDOWS && gd_comm_rank(comm) == gd_comm_size(comm) - 1)
        return gd_fail(failure, GD_MEMORY, "%zu bytes for %s cannot be allocated", bytes,
                       gd_purpose_name(purpose));
    return gd_memory_host()->class->allocate(from, purpose, bytes, values, failure);
}

static void no_memory_on_one_rank_fails_all(void **state)
{
    (void)state;
    gd_canvas *canvas = stage_of(300, 4000);
    const gd_writer_options options = options_of(300, 4000);
    gd_memory_class class = *gd_memory_host()->class;
    gd_memory poor = {.class = &class};
    class.allocate = no_windows;
    canvas->pixels->memory = &poor;
    const gd_status status = gd_sink_file(comm, engine, canvas, "shared", &options, &error);
    canvas->pixels->memory = gd_memory_host();
    check_failure(status, GD_MEMORY, "for windows cannot be allocated");
    gd_canvas_free(canvas);
}

/* A limit on the size of rank 0's files stands for a full disk; met at once, in the middle, and at the end.
 */
static void a_full_disk_fails_all(void **state)
{
    (void)state;
    gd_canvas *canvas = stage_of(1500, 1500);
    struct rlimit before, small;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    static const rlim_t limits[] = {100, 200000, 1500000, 6753000};
    for (size_t k = 0; k < sizeof limits / sizeof *limits; k++) {
        gd_writer_options options = options_of(1500, 1500);
        options.compression = GD_COMPRESSION_NONE;
        small = (struct rlimit){.rlim_cur = limits[k], .rlim_max = before.rlim_max};
        if (gd_comm_rank(comm) == 0)
            assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        const gd_status status = gd_sink_file(comm, engine, canvas, "shared", &options, &error);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        check_failure(status, GD_IO, "shared: cannot be written beyond row");
    }
    gd_canvas_free(canvas);
}

/* What the plan counts is what is taken. */
static size_t most_windows, windows_now;

static gd_status count_windows(gd_memory *from, gd_purpose purpose, size_t bytes, void **values,
                               gd_error *failure)
{
    if (purpose == GD_FOR_WINDOWS)
        most_windows = windows_now += bytes;
    return gd_memory_host()->class->allocate(from, purpose, bytes, values, failure);
}

static void the_memory_is_what_was_promised(void **state)
{
    (void)state;
    gd_memory_class class = *gd_memory_host()->class;
    gd_memory counted = {.class = &class};
    class.allocate = count_windows;
    for (int kind = GD_FILE_TIFF; kind <= GD_FILE_JPEG; kind++) {
        gd_writer_options options = options_of(600, 2000);
        options.kind = (gd_file_kind)kind;
        gd_canvas *canvas = stage_of(600, 2000);
        most_windows = windows_now = 0;
        canvas->pixels->memory = &counted;
        check_ok(gd_sink_file(comm, engine, canvas, "shared", &options, &error), error);
        canvas->pixels->memory = gd_memory_host();
        const gd_sink_need need =
            gd_sink_bytes(GD_MEMORY_HOST, &options, gd_comm_size(comm), gd_comm_rank(comm));
        assert_int_equal(most_windows, need.windows);
        gd_canvas_free(canvas);
    }
    if (gd_comm_rank(comm) == 0)
        assert_int_equal(unlink("shared"), 0);
}

static int start(void **state)
{
    (void)state;
    char folder[64];
    const gd_device_options options = {.precision = GD_PRECISION_FP32};
    const gd_objective none = {.count = 0};
    if (gd_comm_start(NULL, NULL, &comm, &error) != GD_OK)
        return 1;
    gd_comm_set_deadline(comm, 30); /* one that fails leaves the others in the middle of something */
    memory = gd_memory_host();
    backend = gd_backend_cpu;
    backend.memory = chosen_memory;
    net = gd_net_create(GD_INCEPTION_V3);
    snprintf(folder, sizeof folder, "sink.XXXXXX");
    if (gd_comm_rank(comm) == 0 && !mkdtemp(folder))
        return 1;
    if (gd_comm_broadcast(comm, folder, sizeof folder, &error) != GD_OK || chdir(folder) != 0)
        return 1;
    return gd_engine_create(&backend, &options, net, &none, NULL, &engine, &error) == GD_OK ? 0 : 1;
}

static int stop(void **state)
{
    (void)state;
    char *folder = getcwd(NULL, 0);
    gd_engine_free(engine);
    gd_net_free(net);
    const int left = chdir("..");
    if (gd_comm_rank(comm) == 0 && left == 0 && folder)
        rmdir(folder);
    free(folder);
    gd_comm_finish(comm);
    return left;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_shape_is_the_same_file),
        cmocka_unit_test(any_compression_is_the_same_file),
        cmocka_unit_test(other_formats_are_the_same_files),
        cmocka_unit_test(a_device_gives_the_same_file),
        cmocka_unit_test(a_device_that_fails_on_one_rank_fails_all),
        cmocka_unit_test(no_memory_on_one_rank_fails_all),
        cmocka_unit_test(a_full_disk_fails_all),
        cmocka_unit_test(the_memory_is_what_was_promised),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
