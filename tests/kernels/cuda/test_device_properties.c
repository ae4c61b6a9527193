/* GPUs that are described: by name, and by a file. */
#include "check.h"
#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/convolution/cudnn_handle.h"
#include "kernels/cuda/device/kinds.h"
#include "kernels/cuda/device/properties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/gigadream-device-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    const int file = mkstemp(path);
    return file < 0 || close(file) != 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_file(const void *text, size_t bytes)
{
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, bytes, out), bytes);
    assert_int_equal(fclose(out), 0);
}

static void known_devices_have_their_facts(void **state)
{
    (void)state;
    static const struct {
        const char *device, *name;
        int32_t major, minor, processors;
        uint64_t gibibytes;
    } facts[] = {{"a100", "A100", 8, 0, 108, 79},
                 {"rtx4090", "RTX 4090", 8, 9, 128, 23},
                 {"h100", "H100", 9, 0, 132, 79},
                 {"h200", "H200", 9, 0, 132, 140},
                 {"b200", "B200", 10, 0, 148, 178}};
    for (size_t f = 0; f < sizeof facts / sizeof *facts; f++) {
        gd_properties p;
        gd_cudnn *cudnn;
        gd_error error;
        check_ok(gd_properties_read(facts[f].device, &p, &error), error);
        assert_non_null(strstr(p.name, facts[f].name));
        assert_int_equal(p.major, facts[f].major);
        assert_int_equal(p.minor, facts[f].minor);
        assert_int_equal(p.processors, facts[f].processors);
        assert_int_equal(p.total_bytes >> 30, facts[f].gibibytes);
        assert_in_range(p.clock_khz, 1000000, 3000000);
        assert_in_range(p.memory_khz, 1000000, 20000000);
        check_ok(gd_cudnn_open(p.json, NULL, &cudnn, &error), error);
        gd_cudnn_close(cudnn);
        gd_properties_free(&p);
        assert_null(p.json);
    }
}

/* Peak figures are looked up by the name that a device reports. */
static void names_of_devices_find_their_kind(void **state)
{
    (void)state;
    for (int k = 0; k < GD_GPU_KINDS; k++) {
        const gd_gpu_kind *kind = &gd_gpu_kinds[k];
        assert_ptr_equal(gd_gpu_kind_named(kind->name), kind);
        assert_ptr_equal(gd_gpu_kind_named(kind->option), kind);
        assert_ptr_equal(gd_gpu_kind_named(kind->title), kind);
        assert_ptr_equal(gd_gpu_kind_find(kind->option), kind);
    }
    assert_null(gd_gpu_kind_named("NVIDIA GH200 480GB"));
    assert_null(gd_gpu_kind_named("NVIDIA RTX 6000 Ada Generation"));
    assert_null(gd_gpu_kind_named("4090"));
    assert_null(gd_gpu_kind_named(""));
    assert_null(gd_gpu_kind_find("H100"));
}

/* The text of a known device is a file that is understood the same way. */
static void a_file_describes_a_device(void **state)
{
    (void)state;
    gd_properties known, read;
    gd_error error;
    check_ok(gd_properties_read("h100", &known, &error), error);
    write_file(known.json, strlen(known.json));
    check_ok(gd_properties_read(path, &read, &error), error);
    assert_string_equal(read.json, known.json);
    assert_string_equal(read.name, known.name);
    assert_int_equal(read.total_bytes, known.total_bytes);
    assert_int_equal(read.clock_khz, known.clock_khz);
    gd_properties_free(&read);
    gd_properties_free(&known);
}

static void expect_refusal(const char *text, const char *words)
{
    gd_properties p;
    gd_error error;
    write_file(text, strlen(text));
    assert_int_equal(gd_properties_read(path, &p, &error), GD_USAGE);
    assert_null(p.json);
    assert_non_null(strstr(error.message, path));
    if (!strstr(error.message, words))
        fail_msg("%s: \"%s\" has no \"%s\"", text, error.message, words);
}

static void files_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    expect_refusal("", "JSON");
    expect_refusal("h100", "JSON");
    expect_refusal("[1]", "JSON");
    expect_refusal("{} {}", "JSON");
    expect_refusal("{}", "deviceName");
    expect_refusal("{\"deviceName\": 3}", "deviceName");
    expect_refusal("{\"deviceName\": \"\"}", "deviceName");
    expect_refusal("{\"deviceName\": \"x\"}", "totalGlobalMem");
    expect_refusal("{\"deviceName\": \"x\", \"totalGlobalMem\": -1}", "totalGlobalMem");
    expect_refusal("{\"deviceName\": \"x\", \"totalGlobalMem\": 1e300}", "totalGlobalMem");
    expect_refusal("{\"deviceName\": \"x\", \"totalGlobalMem\": 1e9}", "deviceVer");
    expect_refusal("{\"deviceName\": \"x\", \"totalGlobalMem\": 1e9, \"deviceVer\": 9}", "deviceVer");
    expect_refusal("{\"deviceName\": \"x\", \"totalGlobalMem\": 1e9, \"deviceVer\": 900}",
                   "multiProcessorCount");
}

static void files_that_are_no_text_are_refused(void **state)
{
    (void)state;
    enum { BYTES = 70000 };
    char *blanks = malloc(BYTES + 1);
    assert_non_null(blanks);
    memset(blanks, ' ', BYTES);
    blanks[BYTES] = '\0';
    expect_refusal(blanks, "65536 bytes");
    gd_properties p;
    gd_error error;
    write_file("{\0}", 3);
    assert_int_equal(gd_properties_read(path, &p, &error), GD_USAGE);
    free(blanks);
}

/* On a device 9.8 does; plans without one ask for 9.11. */
static void old_versions_of_cudnn_are_refused(void **state)
{
    (void)state;
    gd_error error;
    check_ok(gd_cudnn_judge_version(90800, false, &error), error);
    check_ok(gd_cudnn_judge_version(91100, true, &error), error);
    assert_int_equal(gd_cudnn_judge_version(90799, false, &error), GD_BACKEND);
    assert_non_null(strstr(error.message, "cuDNN 9.7.99 is too old: install 9.8 or newer"));
    assert_int_equal(gd_cudnn_judge_version(91002, true, &error), GD_BACKEND);
    assert_non_null(strstr(error.message, "cuDNN 9.10.2 makes no plans for a device that is not here"));
    assert_non_null(strstr(error.message, "9.11 or newer"));
}

static void unknown_devices_are_refused(void **state)
{
    (void)state;
    gd_properties p;
    gd_error error;
    assert_int_equal(gd_properties_read("h1000", &p, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "h1000"));
    assert_non_null(strstr(error.message, "rtx4090"));
    assert_int_equal(gd_properties_read("/", &p, &error), GD_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_devices_have_their_facts),
        cmocka_unit_test(names_of_devices_find_their_kind),
        cmocka_unit_test(a_file_describes_a_device),
        cmocka_unit_test(files_that_make_no_sense_are_refused),
        cmocka_unit_test(files_that_are_no_text_are_refused),
        cmocka_unit_test(unknown_devices_are_refused),
        cmocka_unit_test(old_versions_of_cudnn_are_refused),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
