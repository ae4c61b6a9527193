/* A checkpoint whose checksums are right, and which is not what this program would have written, is refused;
 * and all ranks read the very save that rank 0 has opened. */
#include "base/clock.h"
#include "check.h"

#include "mpi/agree.h"
#include "mpi/checkpoint/checkpoint_bytes.h"
#include "mpi/checkpoint/checkpoint_load.h"
#include "mpi/checkpoint/checkpoint_table.h"
#include "saved.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static saved s;
static char second[80]; /* another save */

static bool is_root(void)
{
    return gd_comm_rank(s.comm) == 0;
}

/* Changes the first block of the file at s.path: the first `old` becomes `new`, and its own CRC right. */
static void change_block(const char *old, const char *new)
{
    char block[GD_CHECKPOINT_BLOCK + 1] = "", changed[GD_CHECKPOINT_BLOCK + 100] = "", own[9];
    const int fd = open(s.path, O_RDWR);
    assert_true(fd >= 0 && pread(fd, block, GD_CHECKPOINT_BLOCK, 0) == GD_CHECKPOINT_BLOCK);
    char *at = strstr(block, old);
    if (!at)
        fail_msg("there is no '%s' in %s", old, block);
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - block), block, new, at + strlen(old));
    snprintf(own, sizeof own, "%08x", gd_checkpoint_crc(changed, GD_CHECKPOINT_BLOCK - 8));
    memcpy(changed + GD_CHECKPOINT_BLOCK - 8, own, 8);
    assert_int_equal(pwrite(fd, changed, GD_CHECKPOINT_BLOCK, 0), GD_CHECKPOINT_BLOCK);
    close(fd);
}

/* Numbers that the format could hold and no checkpoint has; all else as it was, CRCs included. */
static void hostile_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *words;
    } cases[] = {
        {"frame: 3\n", "frame: -1\n", "frame out of range"},
        {"deviation_red: 0.5\n", "deviation_red: -1\n", "is not a number"},
        {"octave: -2\n", "octave: 4294967294\n", "octave beyond 1000"},
        {"octave: -2\n", "octave: -9223372036854775808\n", "octave beyond 1000"},
        {"octave: -2\n", "octave: -18446744073709551618\n", "octave beyond 1000"},
        {"octave: -2\n", "octave: \t-2\n", "contradicts itself"},
        {"octave: -2\n", "octave: -02\n", "contradicts itself"},
        {"octave: -2\n", "octave: -2x\n", "lacks a number"},
        {"octave: -2\n", "", "lacks a number"},
        {"step: 7\n", "step: -1\n", "step out of range"},
        {"step: 7\n", "step: 4294967303\n", "step out of range"},
        {"\nrows: 700\n", "\nrows: 9223372036854775807\n", "size out of range"},
        {"\nrows: 700\n", "\nrows: 0\n", "size out of range"},
        {"\nrows: 700\n", "\nrows: 1073741824\n", "contradicts itself"},
        {"\ncols: 900\n", "\ncols: 450\n", "contradicts itself"},
        {"base_cols: 1200\n", "base_cols: -1\n", "size out of range"},
        {"dpi_x: 300\n", "dpi_x: nan\n", "resolution that is not a number"},
        {"dpi_x: 300\n", "dpi_x: 1e999\n", "resolution that is not a number"},
        {"input_crc: 4275878552\n", "input_crc: 4294967296\n", "input size or checksum out of range"},
        {"command at byte: 8200, bytes: 16", "command at byte: 8200, bytes: 65537", "length is out of range"},
        {"command at byte: 8200, bytes: 16", "command at byte: 8200, bytes: 17",
         "contradicts|does not end where"},
        {"command at byte: 8200, bytes: 16", "command at byte: 8200, bytes: 0", "length is out of range"},
        {"command at byte: 8200, bytes: 16", "command at byte: 12288, bytes: 16", "contradicts itself"},
        {"command at byte: 8200, bytes: 16", "command at byte: -8, bytes: 16", "contradicts itself"},
        {", bytes: 32\nicc", ", bytes: 268435472\nicc", "more rolls than"},
        {", bytes: 32\nicc", ", bytes: 33\nicc", "more rolls than"},
        {", bytes: 5\ncrcs", ", bytes: 67108865\ncrcs", "profile of more than 64 MiB"},
        {", bytes: 5\ncrcs", ", bytes: -1\ncrcs", "profile of more than 64 MiB"},
        {", bytes: 48\ncanvas", ", bytes: 0\ncanvas", "contradicts itself"},
        {"bytes: 7560000\n", "bytes: 7560001\n", "contradicts itself"},
        {"identity: ", "identity: x", "lacks a number"},
        {"bytes of this file: ", "bytes of this file: -", "contradicts itself"},
        {"format 5\n", "format 6\n", "is of format 6, and this program reads format 5"},
        {"\nCRC-32 of this block", "\nA CRC-32 of this block", "contradicts itself"},
    };
    gd_error error;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gd_checkpoint *c;
        check_ok(saved_write(&s, 1, s.path, &error), error);
        if (!is_root())
            continue;
        change_block(cases[i].old, cases[i].new);
        if (gd_checkpoint_open(s.path, NULL, &c, &error) != GD_USAGE)
            fail_msg("accepted: %s", cases[i].new);
        const char *bar = strchr(cases[i].words, '|');
        if (!strstr(error.message, bar ? bar + 1 : cases[i].words) &&
            !(bar && strstr(error.message, "contradicts itself")))
            fail_msg("'%s' does not say: %s", error.message, cases[i].words);
    }
}

/* Texts end at their end: what follows in memory is never printed. */
static void text_without_end(void **state)
{
    (void)state;
    gd_error error;
    gd_checkpoint *c;
    check_ok(saved_write(&s, 1, s.path, &error), error);
    if (!is_root())
        return;
    check_ok(gd_checkpoint_open(s.path, NULL, &c, &error), error);
    const gd_checkpoint_table table = c->opened->table;
    gd_checkpoint_free(c);
    const int64_t bytes = table.pieces[GD_PIECE_CANVAS].at - GD_CHECKPOINT_BLOCK;
    const int fd = open(s.path, O_RDWR);
    char *rest = malloc((size_t)bytes), old[9], new[9];
    for (int zero = 0; zero < 2; zero++) { /* an end too early, and none */
        check_ok(gd_checkpoint_open(s.path, NULL, &c, &error), error);
        gd_checkpoint_free(c);
        const gd_piece *program = &table.pieces[GD_CHECKPOINT_PROGRAM];
        const int64_t at = zero ? program->at + 1 : program->at + program->bytes - 1;
        assert_int_equal(pwrite(fd, zero ? "" : "x", 1, at), 1);
        assert_int_equal(pread(fd, rest, (size_t)bytes, GD_CHECKPOINT_BLOCK), bytes);
        snprintf(old, sizeof old, "%08x", table.rest);
        snprintf(new, sizeof new, "%08x", gd_checkpoint_crc(rest, bytes));
        change_block(old, new);
        assert_int_equal(gd_checkpoint_open(s.path, NULL, &c, &error), GD_USAGE);
        assert_non_null(strstr(error.message, "does not end where it says"));
        assert_int_equal(pwrite(fd, zero ? "." : "", 1, at), 1);
        change_block(new, old);
    }
    free(rest);
    close(fd);
}

/* Values that no picture has, with right CRCs. */
static void no_numbers(void **state)
{
    (void)state;
    static const float values[] = {NAN, INFINITY, -INFINITY};
    gd_error error;
    for (int i = 0; i < 3; i++) {
        gd_checkpoint *c = NULL;
        check_ok(saved_write(&s, gd_comm_size(s.comm), s.path, &error), error);
        if (is_root()) {
            enum { BYTES = GD_BLOCK * GD_BLOCK * 3 * sizeof(float) };
            check_ok(gd_checkpoint_open(s.path, NULL, &c, &error), error);
            gd_checkpoint_table table = c->opened->table;
            gd_checkpoint_free(c);
            const int64_t rest_bytes = table.pieces[GD_PIECE_CANVAS].at - GD_CHECKPOINT_BLOCK;
            char *block = malloc(BYTES), *rest = malloc((size_t)rest_bytes), old[9], new[9];
            const int fd = open(s.path, O_RDWR);
            memset(block, 0, BYTES);
            memcpy(block + (2 * GD_BLOCK + 3) * 12 + 4, &values[i], sizeof(float));
            const uint32_t crc = gd_checkpoint_crc(block, BYTES);
            assert_true(pwrite(fd, block, BYTES, table.pieces[GD_PIECE_CANVAS].at) == BYTES);
            assert_true(pwrite(fd, &crc, sizeof crc, table.pieces[GD_PIECE_CRCS].at) == sizeof crc);
            assert_true(pread(fd, rest, (size_t)rest_bytes, GD_CHECKPOINT_BLOCK) == rest_bytes);
            snprintf(old, sizeof old, "%08x", table.rest);
            snprintf(new, sizeof new, "%08x", gd_checkpoint_crc(rest, rest_bytes));
            change_block(old, new);
            close(fd);
            free(block);
            free(rest);
            check_ok(gd_checkpoint_open(s.path, NULL, &c, &error), error);
        }
        assert_int_equal(saved_read(&s, gd_comm_size(s.comm), c, &error), GD_USAGE);
        if (!strstr(error.message, "holds no finite number at row 2, column 3 of its canvas"))
            fail_msg("%s", error.message);
        gd_comm_clear_failure(s.comm);
        gd_checkpoint_free(c);
    }
}

/* The name stands for another save when the others open it: rank 0 reads its own, and they refuse by name. */
static void replaced_meanwhile(void **state)
{
    (void)state;
    gd_error error;
    gd_checkpoint *c = NULL;
    check_ok(saved_write(&s, 1, s.path, &error), error);
    if (is_root())
        check_ok(gd_checkpoint_open(s.path, NULL, &c, &error), error);
    check_ok(saved_write(&s, 1, second, &error), error);
    if (is_root())
        assert_int_equal(rename(second, s.path), 0);
    check_ok(gd_comm_agree(s.comm, GD_OK, &error), error);
    check_ok(saved_read(&s, 1, c, &error), error);
    if (gd_comm_size(s.comm) > 1) {
        const double start = gd_clock();
        gd_comm_set_deadline(s.comm, 2);
        assert_int_equal(saved_read(&s, gd_comm_size(s.comm), c, &error), GD_USAGE);
        gd_comm_set_deadline(s.comm, 30);
        assert_true(gd_clock() - start > 1 && gd_clock() - start < 20);
        gd_comm_clear_failure(s.comm);
        if (!strstr(error.message, "rank 1 on ") || !strstr(error.message, "is another file here (save ") ||
            !strstr(error.message, s.path))
            fail_msg("%s", error.message);
    }
    gd_checkpoint_free(c);
}

static void *bring_back(void *unused)
{
    (void)unused;
    const struct timespec pause = {.tv_nsec = 700 * 1000 * 1000};
    (void)nanosleep(&pause, NULL);
    return rename(second, s.path) == 0 ? NULL : second;
}

/* A folder that lags behind, as NFS's do: the others wait until they see what rank 0 has opened. */
static void seen_later(void **state)
{
    (void)state;
    gd_error error;
    for (int gone = 0; gone < 2; gone++) {
        gd_checkpoint *c = NULL;
        pthread_t later;
        check_ok(saved_write(&s, 1, second, &error), error);
        if (!gone)
            check_ok(saved_write(&s, 1, s.path, &error), error);
        else if (is_root())
            assert_int_equal(unlink(s.path), 0);
        check_ok(gd_comm_agree(s.comm, GD_OK, &error), error);
        if (is_root()) {
            check_ok(gd_checkpoint_open(second, NULL, &c, &error), error);
            assert_int_equal(pthread_create(&later, NULL, bring_back, NULL), 0);
        }
        check_ok(saved_read(&s, gd_comm_size(s.comm), c, &error), error);
        void *failed = NULL;
        if (is_root())
            assert_int_equal(pthread_join(later, &failed), 0);
        assert_null(failed);
        gd_checkpoint_free(c);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_numbers), cmocka_unit_test(text_without_end),
        cmocka_unit_test(no_numbers),      cmocka_unit_test(replaced_meanwhile),
        cmocka_unit_test(seen_later),
    };
    if (!saved_start(&s, &argc, &argv, "test_checkpoint_trust"))
        return 1;
    snprintf(second, sizeof second, "%s.second", s.path);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (is_root()) {
        (void)unlink(s.path);
        (void)unlink(second);
    }
    gd_comm_finish(s.comm);
    return failed;
}
