/* The input's length and CRC by a thread: those of one pass, a file that is gone, and an end that comes
 * early. */
#include "check.h"

#include "job/compare/input_sum.h"
#include "mpi/checkpoint/checkpoint_sum.h"
#include "mpi/comm.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static gd_comm *comm;
static const char path[] = "test_input_sum.bin";

static bool is_root(void)
{
    return gd_comm_rank(comm) == 0;
}

/* 3 MiB and a bit, so that chunks do not divide it. */
static void put_file(void)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < (3 << 20) + 5; i++)
        fputc(i * 7 % 251, file);
    assert_int_equal(fclose(file), 0);
}

static void as_one_pass(void **state)
{
    (void)state;
    gd_input_sum *sum = NULL;
    gd_error error;
    int64_t bytes = -1, crc = -1, all_bytes = 0, all_crc = 0;
    if (is_root()) {
        put_file();
        check_ok(gd_input_sum_begin(path, &sum, &error), error);
    }
    check_ok(gd_input_sum_end(comm, sum, &bytes, &crc, &error), error);
    check_ok(gd_checkpoint_sum(comm, path, &all_bytes, &all_crc, &error), error);
    if (is_root()) {
        assert_int_equal(bytes, (3 << 20) + 5);
        assert_true(bytes == all_bytes && crc == all_crc && crc != 0);
        unlink(path);
    } else {
        assert_true(bytes == 0 && crc == 0);
    }
    gd_input_sum_free(sum);
}

static void a_file_that_is_gone(void **state)
{
    (void)state;
    gd_input_sum *sum = NULL;
    gd_error error = {""};
    int64_t bytes, crc;
    if (is_root())
        check_ok(gd_input_sum_begin("/nonexistent/in.tif", &sum, &error), error);
    assert_int_equal(gd_input_sum_end(comm, sum, &bytes, &crc, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "/nonexistent/in.tif"));
    gd_input_sum_free(sum);
}

/* A thread that reads without an end gives up. */
static void an_early_end(void **state)
{
    (void)state;
    gd_input_sum *sum = NULL;
    gd_error error;
    if (!is_root())
        return;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), (off_t)1 << 40), 0); /* sparse */
    fclose(file);
    check_ok(gd_input_sum_begin(path, &sum, &error), error);
    gd_input_sum_free(sum);
    gd_input_sum_free(NULL);
    unlink(path);
}

int main(int argc, char **argv)
{
    gd_error error;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_one_pass),
        cmocka_unit_test(a_file_that_is_gone),
        cmocka_unit_test(an_early_end),
    };
    if (gd_comm_start(&argc, &argv, &comm, &error) != GD_OK)
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gd_comm_finish(comm);
    return failed;
}
