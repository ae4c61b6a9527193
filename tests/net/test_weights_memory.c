/* The process that reads a weights file, and the arrays, never take more than what the memory budget leaves,
 * whatever the file holds. */
#include "check.h"
#include "net/objective.h"

#include "base/apart/apart.h"
#include "net/weights.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hdf5.h>

#define BUNDLED GD_SOURCE_DIR "/weights/inception_v3_mixed5.h5"

static char path[64];

/* A copy of the bundled file. */
static void copy_bundled(void)
{
    static char bytes[1 << 16];
    size_t count;
    FILE *from = fopen(BUNDLED, "rb"), *to = fopen(path, "wb");
    assert_true(from && to);
    while ((count = fread(bytes, 1, sizeof bytes, from)) > 0)
        assert_int_equal(fwrite(bytes, 1, count, to), count);
    fclose(from);
    assert_int_equal(fclose(to), 0);
}

/* Adds attributes of 60 kB, all of which HDF5 has in memory at once: in each copy of the group's header. */
static void fill_group(hid_t group, int count)
{
    static unsigned char bytes[60000];
    const hsize_t extent = sizeof bytes;
    const hid_t space = H5Screate_simple(1, &extent, NULL);
    for (int i = 0; i < count; i++) {
        char name[16];
        memset(bytes, i, sizeof bytes);
        snprintf(name, sizeof name, "a%d", i);
        const hid_t attribute = H5Acreate2(group, name, H5T_NATIVE_UCHAR, space, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(H5Awrite(attribute, H5T_NATIVE_UCHAR, bytes) >= 0);
        H5Aclose(attribute);
    }
    H5Sclose(space);
}

static void add_attributes(hid_t file)
{
    fill_group(file, 400);
}

/* The file opens, and this group does not. */
static void add_to_group(hid_t file)
{
    const hid_t group = H5Gopen2(file, "conv2d_1", H5P_DEFAULT);
    assert_true(group >= 0);
    fill_group(group, 400);
    H5Gclose(group);
}

/* A list of 900 layers that are not there. */
static void add_names(hid_t file)
{
    const hsize_t extent = 900;
    char(*names)[64] = calloc(extent, sizeof *names);
    const hid_t space = H5Screate_simple(1, &extent, NULL), type = H5Tcopy(H5T_C_S1);
    for (hsize_t i = 0; i < extent; i++)
        snprintf(names[i], sizeof names[i], "layer_%d", (int)i);
    H5Tset_size(type, sizeof *names);
    H5Adelete(file, "layer_names");
    const hid_t attribute = H5Acreate2(file, "layer_names", type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, type, names) >= 0);
    H5Aclose(attribute);
    H5Tclose(type);
    H5Sclose(space);
    free(names);
}

/* The files, and the least MiB with which each is loaded here; 0: never. */
static const struct {
    void (*change)(hid_t file);
    unsigned enough;
} files[] = {{NULL, 24}, {add_attributes, 128}, {add_to_group, 128}, {add_names, 0}};

/* Exits with 0 when it is there. */
static _Noreturn void make_file(uint64_t number)
{
    copy_bundled();
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    if (files[number].change && file >= 0)
        files[number].change(file);
    _exit(file >= 0 && H5Fclose(file) >= 0 ? 0 : 1);
}

/* Loads the file with so many bytes, in a process of its own, whose children are those of this call alone.
 * Exits with 1 when they took more; 4 when its arrays are said to be missing or others; 2 when it was not
 * loaded; else 0. */
static _Noreturn void load_within(uint64_t bytes)
{
    gd_error error = {""};
    gd_weights *weights = NULL;
    struct rusage children;
    const gd_allowance allowance = {.left = bytes};
    gd_apart_stop();
    gd_apart_start();
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    bool *needed = net ? calloc((size_t)net->node_count, sizeof *needed) : NULL;
    if (!needed)
        _exit(3);
    const gd_objective objective = {.terms = {{.node = net->layers[1].node, .weight = 1}}, .count = 1};
    gd_objective_needs(net, &objective, needed);
    const gd_status status = gd_weights_load(path, net, needed, &allowance, &weights, &error);
    gd_apart_stop();
    if (getrusage(RUSAGE_CHILDREN, &children) != 0)
        _exit(3);
    const uint64_t taken = (uint64_t)children.ru_maxrss * 1024 + (status == GD_OK ? weights->bytes : 0);
    printf("%6.1f MiB allowed, %6.1f taken: %s\n", (double)bytes / (1 << 20), (double)taken / (1 << 20),
           status == GD_OK ? "loaded" : error.message);
    fflush(stdout);
    const bool denied = status != GD_OK &&
                        (strstr(error.message, "has no conv2d") || strstr(error.message, "another network"));
    _exit(taken > bytes ? 1 : denied ? 4 : status == GD_OK ? 0 : 2);
}

/* In the test's own process nothing would be known of the children of one call, and HDF5's memory would
 * remain. */
static int in_a_process(void (*work)(uint64_t), uint64_t argument)
{
    int how = 0;
    fflush(stdout);
    const pid_t process = fork();
    if (process == 0)
        work(argument);
    assert_int_equal(waitpid(process, &how, 0), process);
    assert_true(WIFEXITED(how));
    return WEXITSTATUS(how);
}

static void never_more_than_is_left(void **state)
{
    (void)state;
    static const unsigned mib[] = {16, 20, 24, 28, 32, 45, 64, 90, 128, 256};
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        assert_int_equal(in_a_process(make_file, f), 0);
        for (size_t i = 0; i < sizeof mib / sizeof *mib; i++) {
            const int how = in_a_process(load_within, (uint64_t)mib[i] << 20);
            assert_true(how == 0 || how == 2);
            assert_true(how == 0 || files[f].enough == 0 || mib[i] < files[f].enough);
        }
    }
    unlink(path);
}

int main(void)
{
    gd_apart_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(never_more_than_is_left)};
    snprintf(path, sizeof path, "weights-memory-%d.h5", (int)getpid());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
