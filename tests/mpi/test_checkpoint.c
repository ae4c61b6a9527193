/* Checkpoints are read again by any number of ranks, and one wrong byte is found wherever it is. */
#include "base/target_resolve.h"
#include "check.h"

#include "mpi/agree.h"
#include "mpi/checkpoint/checkpoint_load.h"
#include "mpi/checkpoint/checkpoint_own.h"
#include "mpi/checkpoint/checkpoint_sum.h"
#include "mpi/checkpoint/checkpoint_table.h"
#include "saved.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static saved s;

static bool is_root(void)
{
    return gd_comm_rank(s.comm) == 0;
}

static void compare_record(const gd_checkpoint *c)
{
    const gd_checkpoint wanted = saved_record();
    assert_memory_equal(&c->place, &wanted.place, sizeof wanted.place);
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        assert_string_equal(c->texts[i], wanted.texts[i]);
    assert_int_equal(c->roll_count, 2);
    assert_memory_equal(c->rolls, wanted.rolls, 4 * sizeof(int64_t));
    assert_int_equal(c->icc_bytes, wanted.icc_bytes);
    assert_memory_equal(c->icc, wanted.icc, (size_t)wanted.icc_bytes);
}

static int64_t length_of(const char *name)
{
    struct stat about;
    return stat(name, &about) == 0 ? about.st_size : -1;
}

static char *content(int64_t *bytes)
{
    *bytes = length_of(s.path);
    char *all = malloc((size_t)*bytes);
    const int fd = open(s.path, O_RDONLY);
    assert_true(all && fd >= 0 && read(fd, all, (size_t)*bytes) == *bytes);
    close(fd);
    return all;
}

static void remove_checkpoint(void)
{
    gd_error error;
    gd_target target;
    check_ok(gd_target_resolve(s.path, GD_TARGET_PLAIN, &target, &error), error);
    gd_checkpoint_remove(&target);
    gd_target_release(&target);
}

/* Files in this folder whose names have the checkpoint's in them, but for itself. */
static int left_beside(void)
{
    int count = 0;
    DIR *folder = opendir(".");
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder));)
        count += strstr(entry->d_name, s.path) && strcmp(entry->d_name, s.path) != 0;
    closedir(folder);
    return count;
}

/* But for the first block, which has the save's identity, the file is the same whoever writes it, and all
 * read it. */
static void any_ranks(void **state)
{
    (void)state;
    char *first = NULL;
    int64_t bytes = 0;
    gd_error error;
    for (int32_t writers = 1; writers <= gd_comm_size(s.comm); writers++) {
        check_ok(saved_write(&s, writers, s.path, &error), error);
        for (int32_t readers = 1; readers <= gd_comm_size(s.comm); readers++) {
            gd_checkpoint *c = NULL;
            if (is_root()) {
                check_ok(gd_checkpoint_open(s.path, NULL, &c, &error), error);
                compare_record(c);
            }
            check_ok(saved_read(&s, readers, c, &error), error);
            gd_checkpoint_free(c);
        }
        if (!is_root())
            continue;
        int64_t now = 0;
        char *all = content(&now);
        if (first) {
            assert_int_equal(now, bytes);
            assert_memory_not_equal(all, first, GD_CHECKPOINT_BLOCK);
            assert_memory_equal(all + GD_CHECKPOINT_BLOCK, first + GD_CHECKPOINT_BLOCK,
                                (size_t)bytes - GD_CHECKPOINT_BLOCK);
        }
        free(first);
        first = all;
        bytes = now;
    }
    free(first);
}

static void flip(int fd, int64_t at, int bit)
{
    char byte;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte = (char)(byte ^ 1 << bit);
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

/* Every byte but the canvas's is checked when the file is opened. */
static void flipped_outside(void **state)
{
    (void)state;
    gd_error error;
    check_ok(saved_write(&s, 1, s.path, &error), error);
    if (!is_root())
        return;
    gd_checkpoint *c;
    check_ok(gd_checkpoint_open(s.path, NULL, &c, &error), error);
    const int64_t canvas = saved_canvas(c)->at, end = length_of(s.path);
    const int64_t behind = canvas + SAVED_ROWS * SAVED_COLS * 3 * (int64_t)sizeof(float);
    gd_checkpoint_free(c);
    assert_true(canvas > 0 && behind <= end);
    const int fd = open(s.path, O_RDWR);
    for (int64_t at = 0; at < end; at = at + 1 == canvas ? behind : at + 1) {
        flip(fd, at, (int)(at % 8));
        if (gd_checkpoint_open(s.path, NULL, &c, &error) != GD_USAGE)
            fail_msg("byte %lld may be wrong", (long long)at);
        flip(fd, at, (int)(at % 8));
    }
    check_ok(gd_checkpoint_open(s.path, NULL, &c, &error), error);
    gd_checkpoint_free(c);
    close(fd);
}

/* The canvas's bytes are checked when they are read, by whichever rank reads them. */
static void flipped_inside(void **state)
{
    (void)state;
    enum { SAMPLES = 40 };
    gd_error error;
    gd_checkpoint *c = NULL;
    check_ok(saved_write(&s, gd_comm_size(s.comm), s.path, &error), error);
    if (is_root())
        check_ok(gd_checkpoint_open(s.path, NULL, &c, &error), error);
    const int64_t bytes = SAVED_ROWS * SAVED_COLS * 3 * (int64_t)sizeof(float);
    const int fd = open(s.path, O_RDWR);
    for (int64_t i = 0; i <= SAMPLES; i++) {
        const int64_t at = i == SAMPLES ? bytes - 1 : i * (bytes / SAMPLES) + i * 37;
        if (is_root())
            flip(fd, saved_canvas(c)->at + at, (int)(i % 8));
        check_ok(gd_comm_agree(s.comm, GD_OK, &error), error);
        assert_int_equal(saved_read(&s, gd_comm_size(s.comm), c, &error), GD_USAGE);
        assert_non_null(strstr(error.message, "damaged in its canvas"));
        gd_comm_clear_failure(s.comm);
        if (is_root())
            flip(fd, saved_canvas(c)->at + at, (int)(i % 8));
        check_ok(gd_comm_agree(s.comm, GD_OK, &error), error);
    }
    check_ok(saved_read(&s, 1, c, &error), error);
    close(fd);
    gd_checkpoint_free(c);
}

static void expect_unusable(const char *words)
{
    gd_checkpoint *c;
    gd_error error;
    assert_int_equal(gd_checkpoint_open(s.path, NULL, &c, &error), GD_USAGE);
    if (!strstr(error.message, words))
        fail_msg("'%s' does not say: %s", error.message, words);
}

static void cut_short(void **state)
{
    (void)state;
    gd_error error;
    check_ok(saved_write(&s, 1, s.path, &error), error);
    if (!is_root())
        return;
    const int64_t bytes = length_of(s.path);
    assert_int_equal(truncate(s.path, bytes + 1), 0);
    expect_unusable("longer than it says");
    const int64_t lengths[] = {bytes - 1, bytes / 2, 8192, 2048, 2047, 31, 28, 1, 0};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_int_equal(truncate(s.path, lengths[i]), 0);
        expect_unusable(lengths[i] > 28 ? "cut short" : "not a checkpoint of this program");
    }
    assert_int_equal(unlink(s.path), 0);
    expect_unusable("No such file");
}

/* What cannot be written leaves the one before as it was, nothing beside it, and a sentence on all ranks. */
static void unwritten(void **state)
{
    (void)state;
    gd_error error;
    struct rlimit limit, before;
    check_ok(saved_write(&s, 1, s.path, &error), error);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 1000000;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    const gd_status status = saved_write(&s, gd_comm_size(s.comm), s.path, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, GD_IO);
    assert_non_null(strstr(error.message, "make room"));
    gd_comm_clear_failure(s.comm);
    if (is_root())
        assert_int_equal(left_beside(), 0);
    gd_checkpoint *c = NULL;
    if (is_root())
        check_ok(gd_checkpoint_open(s.path, NULL, &c, &error), error);
    check_ok(saved_read(&s, 1, c, &error), error);
    gd_checkpoint_free(c);
}

static void put_file(const char *name, const char *start, size_t bytes, int64_t length)
{
    const int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0666);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, start, bytes), bytes);
    assert_int_equal(ftruncate(fd, length), 0);
    close(fd);
}

/* A file under the checkpoint's name that is none of ours is neither replaced nor removed. */
static void foreign(void **state)
{
    (void)state;
    static const struct {
        const char *start;
        size_t bytes;
        int64_t length;
        bool ours;
    } files[] = {{"gigadream checkpoint, format 2\n", 31, 5000, true},
                 {"gigadream checkpoint, unfinished\n", 33, 40, true},
                 {"gigadream checkpoint, format", 28, 28, false},
                 {"", 0, 0, false},
                 {"", 0, 5000, false},
                 {"gigadream check", 15, 5000, false},
                 {"\xff\xd8", 2, 5000, false}};
    gd_error error;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (is_root())
            put_file(s.path, files[i].start, files[i].bytes, files[i].length);
        assert_int_equal(saved_write(&s, 1, s.path, &error), files[i].ours ? GD_OK : GD_USAGE);
        if (files[i].ours)
            continue;
        gd_comm_clear_failure(s.comm);
        assert_non_null(strstr(error.message, "is not a checkpoint of this program"));
        if (is_root()) {
            remove_checkpoint();
            assert_int_equal(length_of(s.path), files[i].length);
            assert_int_equal(unlink(s.path), 0);
        }
    }
    check_ok(saved_write(&s, 1, s.path, &error), error);
    if (is_root()) {
        remove_checkpoint();
        assert_true(length_of(s.path) == -1 && left_beside() == 0);
    }
}

/* A file that is read in more than one turn: zeros, and the digits that CRCs are checked with. */
static void sums(void **state)
{
    (void)state;
    const int64_t zeros = 64 << 20;
    int64_t bytes = 0, crc = 0;
    gd_error error;
    if (is_root()) {
        const int fd = open(s.path, O_RDWR | O_CREAT | O_TRUNC, 0666);
        assert_true(fd >= 0 && pwrite(fd, "123456789", 9, zeros) == 9);
        close(fd);
    }
    check_ok(gd_checkpoint_sum(s.comm, s.path, &bytes, &crc, &error), error);
    if (is_root()) {
        assert_int_equal(bytes, zeros + 9);
        assert_int_equal(crc, 0xd3e54c74);
        assert_int_equal(truncate(s.path, 0), 0);
    }
    check_ok(gd_checkpoint_sum(s.comm, s.path, &bytes, &crc, &error), error);
    assert_true(bytes == 0 && crc == 0);
    assert_int_equal(gd_checkpoint_sum(s.comm, "no_such_folder/x.png", &bytes, &crc, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "no_such_folder/x.png: cannot be read: No such file"));
    gd_comm_clear_failure(s.comm);
    if (is_root())
        assert_int_equal(unlink(s.path), 0);
}

int main(int argc, char **argv)
{
    gd_error error;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_ranks), cmocka_unit_test(flipped_outside), cmocka_unit_test(flipped_inside),
        cmocka_unit_test(cut_short), cmocka_unit_test(unwritten),       cmocka_unit_test(foreign),
        cmocka_unit_test(sums),
    };
    if (!saved_start(&s, &argc, &argv, "test_checkpoint"))
        return 1;
    int failed = cmocka_run_group_tests_name("in memory", tests, NULL, NULL);
    gd_status status = gd_block_cache_create(".", 2 * 12, GD_BLOCK_CACHE_LEAST, &s.store.cache, &error);
    if (gd_comm_agree(s.comm, status, &error) != GD_OK)
        return 1;
    failed += cmocka_run_group_tests_name("in a scratch file", tests, NULL, NULL);
    gd_block_cache_free(s.store.cache);
    if (is_root())
        (void)unlink(s.path);
    gd_comm_finish(s.comm);
    return failed;
}
