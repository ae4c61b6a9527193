/* A rank's memory budget, from made-up hosts; and sizes as --memory takes them. */
#include "base/size.h"
#include "check.h"

#include "host/budget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "budget.XXXXXX";
static const uint64_t mib = 1 << 20;

/* Writes a file below the made-up root, with the folders above it. */
static void put(const char *path, const char *text)
{
    char full[1024];
    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(full, 0700);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int clear(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", root);
    if (system(command) != 0 || mkdir(root, 0700) != 0)
        return 1;
    unsetenv("SLURM_MEM_PER_NODE");
    unsetenv("SLURM_MEM_PER_CPU");
    unsetenv("SLURM_CPUS_ON_NODE");
    return 0;
}

static void check_budget(int32_t ranks, uint64_t whole, gd_budget_source source)
{
    const gd_budget b = gd_budget_find(root, ranks);
    assert_int_equal(b.source, source);
    assert_int_equal(b.whole, whole);
    assert_int_equal(b.ranks, ranks);
    assert_int_equal(b.bytes, whole / 10 * 9 / (uint64_t)ranks);
}

static void nothing_is_known(void **state)
{
    (void)state;
    char text[160];
    const gd_budget b = gd_budget_find(root, 2);
    assert_int_equal(b.source, GD_BUDGET_UNKNOWN);
    assert_int_equal(b.bytes, UINT64_MAX);
    gd_budget_text(&b, text);
    assert_non_null(strstr(text, "unknown"));
}

static void available(void **state)
{
    (void)state;
    put("/proc/meminfo",
        "MemTotal:  8000000 kB\nMemFree: 10 kB\nMemAvailable:    2097152 kB\nBuffers: 1 kB\n");
    check_budget(1, 2048 * mib, GD_BUDGET_AVAILABLE);
    check_budget(4, 2048 * mib, GD_BUDGET_AVAILABLE);
}

static void unified_groups(void **state)
{
    (void)state;
    put("/proc/meminfo", "MemAvailable: 8388608 kB\n");
    put("/proc/self/cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup/a/b/memory.max", "max\n");
    check_budget(1, 8192 * mib, GD_BUDGET_AVAILABLE);
    put("/sys/fs/cgroup/a/memory.max", "4294967296\n"); /* a parent's */
    check_budget(2, 4096 * mib, GD_BUDGET_CGROUP);
    put("/sys/fs/cgroup/a/b/memory.max", "1073741824\n");
    check_budget(2, 1024 * mib, GD_BUDGET_CGROUP);
    put("/sys/fs/cgroup/a/b/memory.max", "2147483648\n");
    put("/sys/fs/cgroup/memory.max", "1048576000\n"); /* a container's own */
    check_budget(3, 1000 * mib, GD_BUDGET_CGROUP);
}

static void first_groups(void **state)
{
    (void)state;
    put("/proc/meminfo", "MemAvailable: 8388608 kB\n");
    put("/proc/self/cgroup", "9:name=systemd:/x\n4:cpu,memory:/slurm/job\n5:memory2:/y\n0::/\n");
    put("/sys/fs/cgroup/memory/slurm/job/memory.limit_in_bytes", "9223372036854771712\n");
    put("/sys/fs/cgroup/memory/y/memory.limit_in_bytes", "1048576\n"); /* of no group of ours */
    check_budget(1, 8192 * mib, GD_BUDGET_AVAILABLE);
    put("/sys/fs/cgroup/memory/slurm/memory.limit_in_bytes", "3145728000\n");
    check_budget(1, 3000 * mib, GD_BUDGET_CGROUP);
    put("/sys/fs/cgroup/unified/memory.max", "2097152000\n");
    check_budget(1, 2000 * mib, GD_BUDGET_CGROUP);
}

static void slurm(void **state)
{
    (void)state;
    put("/proc/meminfo", "MemAvailable: 8388608 kB\n");
    setenv("SLURM_MEM_PER_NODE", "6000", 1);
    check_budget(2, 6000 * mib, GD_BUDGET_SLURM_NODE);
    setenv("SLURM_MEM_PER_NODE", "0", 1); /* all of it */
    check_budget(2, 8192 * mib, GD_BUDGET_AVAILABLE);
    unsetenv("SLURM_MEM_PER_NODE");
    setenv("SLURM_MEM_PER_CPU", "500", 1); /* of an unknown number */
    check_budget(2, 8192 * mib, GD_BUDGET_AVAILABLE);
    setenv("SLURM_CPUS_ON_NODE", "4", 1);
    check_budget(2, 2000 * mib, GD_BUDGET_SLURM_CPU);
    char text[160];
    const gd_budget b = gd_budget_find(root, 2);
    gd_budget_text(&b, text);
    assert_string_equal(text,
                        "0.88 GiB a rank: 1.95 GiB of SLURM_MEM_PER_CPU times SLURM_CPUS_ON_NODE, less a "
                        "tenth, for 2 ranks");
    put("/proc/meminfo", "MemAvailable: 1024000 kB\n");
    check_budget(2, 1000 * mib, GD_BUDGET_AVAILABLE);
}

static void this_host(void **state)
{
    (void)state;
    const gd_budget b = gd_budget_find("", 1);
    assert_true(b.source != GD_BUDGET_UNKNOWN && b.bytes > 0 && b.bytes < UINT64_MAX);
    const size_t bytes = 64 * mib;
    const gd_resident before = gd_resident_read();
    char *held = malloc(bytes);
    assert_non_null(held);
    memset(held, 1, bytes);
    const gd_resident after = gd_resident_read();
    assert_true(before.now > 0 && before.most >= before.now);
    assert_in_range(after.now - before.now, bytes / 10 * 9, 2 * bytes);
    free(held);
    assert_true(gd_resident_read().most + mib >= after.now); /* the kernel counts pages in batches */
}

static void address_space(void **state)
{
    (void)state;
    char text[160];
    gd_budget b = gd_budget_given(2048 * mib);
    gd_budget_bound(&b, UINT64_MAX);
    gd_budget_bound(&b, 2048 * mib);
    assert_int_equal(b.source, GD_BUDGET_GIVEN);
    gd_budget_bound(&b, 512 * mib);
    assert_int_equal(b.bytes, 512 * mib);
    gd_budget_text(&b, text);
    assert_string_equal(text, "0.50 GiB a rank, which ulimit -v leaves besides code and stacks");
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
        const char *shortest;
    } good[] = {
        {"2GiB", UINT64_C(2) << 30, "2GiB"},    {"2500M", UINT64_C(2500) << 20, "2500MiB"},
        {"1.5G", UINT64_C(3) << 29, "1536MiB"}, {"1k", 1024, "1KiB"},
        {"2tb", UINT64_C(2) << 40, "2TiB"},     {"1.001M", 1025 << 10, "1025KiB"},
        {"3000KiB", 3000 << 10, "3000KiB"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint64_t bytes = 0, again = 0;
        char text[32];
        if (!gd_size_parse(good[i].text, &bytes))
            fail_msg("%s is refused", good[i].text);
        gd_size_text(bytes, text);
        assert_true(gd_size_parse(text, &again) && again == bytes);
        assert_int_equal(bytes, good[i].bytes);
        assert_string_equal(text, good[i].shortest);
    }
    static const char *const bad[] = {"",   "2",    "G",     "-1G", "2 G",    "2GG",          "1e3M", "nanG",
                                      "0G", "0.5K", "2GiBs", "2P",  "1.2.3G", "99999999999T", "2Gi"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t bytes = 0;
        if (gd_size_parse(bad[i], &bytes))
            fail_msg("%s is taken as %llu", bad[i], (unsigned long long)bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_known, clear),
        cmocka_unit_test_setup(available, clear),
        cmocka_unit_test_setup(unified_groups, clear),
        cmocka_unit_test_setup(first_groups, clear),
        cmocka_unit_test_setup(slurm, clear),
        cmocka_unit_test_setup(this_host, clear),
        cmocka_unit_test(address_space),
        cmocka_unit_test(sizes),
    };
    if (!mkdtemp(root))
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", root);
    return system(command) == 0 ? failed : 1;
}
