/* The names of written files: an old file stays until the new one is whole, and nothing else is left,
 * whatever happens. */
#include "image/mark.h"
#include "image/writer.h"
#include "make.h"
#include "picture_check.h"
#include "picture_write.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static gd_error error;

static void no_part_is_left(void)
{
    DIR *folder = opendir(".");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        assert_null(strstr(entry->d_name, ".part"));
    closedir(folder);
}

static void check_is_old(const char *path)
{
    size_t bytes;
    uint8_t *data = load(path, &bytes);
    assert_true(bytes == 3 && memcmp(data, "old", 3) == 0);
    free(data);
}

static void the_old_file_stays_until_the_new_one_is_whole(void **state)
{
    (void)state;
    static const float rgb[40 * 400 * 3];
    for (int k = 0; k < WRITER_KIND_COUNT; k++) {
        gd_writer_options options = WRITER_KINDS[k];
        const gd_file_kind kind = options.kind;
        options.rows = 40;
        options.cols = 400;
        gd_writer *writer;
        save(PICTURE_NAMES[kind], "old", 3);
        check_ok(gd_writer_open(PICTURE_NAMES[kind], &options, &writer, &error), error);
        check_ok(gd_writer_rows(writer, 20, rgb, &error), error);
        check_is_old(PICTURE_NAMES[kind]);
        gd_writer_abandon(writer);
        check_is_old(PICTURE_NAMES[kind]);
        no_part_is_left();
        check_ok(gd_writer_open(PICTURE_NAMES[kind], &options, &writer, &error), error);
        check_ok(gd_writer_rows(writer, 20, rgb, &error), error);
        assert_int_equal(gd_writer_finish(writer, &error), GD_INTERNAL); /* half is missing */
        check_is_old(PICTURE_NAMES[kind]);
        no_part_is_left();
        check_ok(picture_write(PICTURE_NAMES[kind], &options, rgb, 40, &error), error);
        picture p = picture_read(PICTURE_NAMES[kind]);
        picture_free(&p);
        no_part_is_left();
    }
}

/* A process that dies while it writes leaves no file, not even a hidden one. */
static void nothing_is_left_of_a_process_that_dies(void **state)
{
    (void)state;
    for (int k = 0; k < WRITER_KIND_COUNT; k++) {
        gd_writer_options options = WRITER_KINDS[k];
        options.rows = options.cols = 300;
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            gd_writer *writer;
            float *rgb = levels(300, 300, 8);
            if (gd_writer_open(PICTURE_NAMES[options.kind], &options, &writer, &error) == GD_OK)
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
    check_ok(picture_write(PICTURE_NAMES[one.kind], &one, rgb, 1, &error), error);
    const int fd = open(PICTURE_NAMES[one.kind], O_RDONLY);
    const bool ours = gd_picture_is_ours(fd);
    close(fd);
    return ours;
}

/* By the text field, in whatever way a format holds it. */
static void our_own_pictures_are_told(void **state)
{
    (void)state;
    static const gd_writer_options big = {.kind = GD_FILE_TIFF, .bits = 16, .bigtiff = GD_BIGTIFF_ALWAYS};
    for (int k = 0; k <= WRITER_KIND_COUNT; k++) {
        const gd_writer_options *options = k < WRITER_KIND_COUNT ? &WRITER_KINDS[k] : &big;
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
    check_ok(picture_write("link.png", &options, rgb, 1, &error), error);
    struct stat about;
    assert_true(lstat("link.png", &about) == 0 && S_ISLNK(about.st_mode));
    picture p = picture_read("file.png");
    picture_free(&p);
}

/* A limit on the size of files stands for a full disk. */
static void a_full_disk_is_a_sentence(void **state)
{
    (void)state;
    float *rgb = noise(400, 400);
    struct rlimit before, small;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (int k = 0; k < WRITER_KIND_COUNT * 4; k++) {
        static const rlim_t limits[] = {0, 100, 5000, 60000};
        gd_writer_options options = WRITER_KINDS[k % WRITER_KIND_COUNT];
        const gd_file_kind kind = options.kind;
        options.rows = options.cols = 400;
        save(PICTURE_NAMES[kind], "old", 3);
        small = (struct rlimit){.rlim_cur = limits[k / WRITER_KIND_COUNT], .rlim_max = before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        error.message[0] = '\0';
        gd_status status = picture_write(PICTURE_NAMES[kind], &options, rgb, 400, &error);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        if (status != GD_IO)
            fail_msg("limit %d, kind %d: status %d", (int)limits[k / WRITER_KIND_COUNT], (int)kind,
                     (int)status);
        if (!strstr(error.message, PICTURE_NAMES[kind]) || !strstr(error.message, "make room"))
            fail_msg("\"%s\" does not say what to do", error.message);
        check_is_old(PICTURE_NAMES[kind]);
        no_part_is_left();
    }
    free(rgb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_old_file_stays_until_the_new_one_is_whole),
        cmocka_unit_test(nothing_is_left_of_a_process_that_dies),
        cmocka_unit_test(our_own_pictures_are_told),
        cmocka_unit_test(a_link_stays_a_link),
        cmocka_unit_test(a_full_disk_is_a_sentence),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
