/* Finds the memory budget of a rank from control groups, Slurm and available memory. */
#include "host/budget.h"

#include "base/size.h"

#include <inttypes.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4096, LINE_BYTES = 4400 };

/* Limits from this value on mean "no limit": cgroup v1 reports nearly 2^63 then. */
static const uint64_t no_limit = UINT64_C(1) << 60;

/* Reads a file with one number, such as memory.max; UINT64_MAX for "max" or without a number. */
static uint64_t read_limit(const char *path)
{
    char text[64] = "";
    uint64_t bytes = 0;
    FILE *file = fopen(path, "r");
    const bool read = file && fgets(text, sizeof text, file);
    if (file)
        fclose(file);
    if (!read || sscanf(text, "%" SCNu64, &bytes) != 1 || bytes == 0 || bytes >= no_limit)
        return UINT64_MAX;
    return bytes;
}

/* The smallest limit of a control group and its parents up to `mount`. The mount is included: in a container
 * it is the container's own group. */
static uint64_t smallest_limit(const char *root, const char *mount, const char *group, const char *name)
{
    char path[PATH_BYTES], at[PATH_BYTES];
    uint64_t least = UINT64_MAX;
    snprintf(at, sizeof at, "%s", group);
    for (;;) {
        const int length = snprintf(path, sizeof path, "%s%s%s/%s", root, mount, at, name);
        const uint64_t limit = length > 0 && length < PATH_BYTES ? read_limit(path) : UINT64_MAX;
        least = limit < least ? limit : least;
        char *slash = strrchr(at, '/');
        if (!slash)
            return least;
        *slash = '\0';
    }
}

/* Whether a list such as "a,b,c" contains the word. */
static bool has_word(const char *list, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* The limit for one line of /proc/self/cgroup, "number:controllers:path". In v2, the number is 0 and there
 * are no controllers. */
static uint64_t limit_of_line(const char *root, char *line)
{
    static const char *const unified[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
    uint64_t least = UINT64_MAX;
    if (!group)
        return least;
    *group++ = '\0';
    controllers++;
    if (has_word(controllers, "memory"))
        return smallest_limit(root, "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
    for (size_t i = 0; !*controllers && i < sizeof unified / sizeof *unified; i++) {
        const uint64_t limit = smallest_limit(root, unified[i], group, "memory.max");
        least = limit < least ? limit : least;
    }
    return least;
}

static FILE *open_under(const char *root, const char *path)
{
    char full[PATH_BYTES];
    const int length = snprintf(full, sizeof full, "%s%s", root, path);
    return length > 0 && length < PATH_BYTES ? fopen(full, "r") : NULL;
}

static uint64_t cgroup_limit(const char *root)
{
    char line[LINE_BYTES];
    uint64_t least = UINT64_MAX;
    FILE *file = open_under(root, "/proc/self/cgroup");
    while (file && fgets(line, sizeof line, file)) {
        const uint64_t limit = limit_of_line(root, line);
        least = limit < least ? limit : least;
    }
    if (file)
        fclose(file);
    return least;
}

/* A field of a /proc file in bytes (the file has kB); 0 if it is missing. */
static uint64_t read_field(FILE *file, const char *field)
{
    char line[256];
    uint64_t kib = 0;
    const size_t length = strlen(field);
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, field, length) == 0 && line[length] == ':')
            (void)sscanf(line + length + 1, "%" SCNu64, &kib);
    return kib * 1024;
}

static uint64_t available(const char *root)
{
    FILE *file = open_under(root, "/proc/meminfo");
    const uint64_t bytes = read_field(file, "MemAvailable");
    if (file)
        fclose(file);
    return bytes > 0 ? bytes : UINT64_MAX;
}

/* An environment variable as a whole number above 0, else 0. */
static uint64_t read_variable(const char *name)
{
    const char *text = getenv(name);
    char *end = NULL;
    const unsigned long long value = text && *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    return end && *end == '\0' ? value : 0;
}

static void take_less(gd_budget *budget, uint64_t bytes, gd_budget_source source)
{
    if (bytes >= budget->whole)
        return;
    budget->whole = bytes;
    budget->source = source;
}

gd_budget gd_budget_find(const char *root, int32_t ranks)
{
    const uint64_t mib = 1 << 20;
    gd_budget budget = {.bytes = UINT64_MAX, .whole = UINT64_MAX, .ranks = ranks};
    const uint64_t node = read_variable("SLURM_MEM_PER_NODE"), cpu = read_variable("SLURM_MEM_PER_CPU"),
                   cpus = read_variable("SLURM_CPUS_ON_NODE");
    take_less(&budget, cgroup_limit(root), GD_BUDGET_CGROUP);
    if (node > 0)
        take_less(&budget, node * mib, GD_BUDGET_SLURM_NODE);
    if (cpu > 0 && cpus > 0)
        take_less(&budget, cpu * cpus * mib, GD_BUDGET_SLURM_CPU);
    take_less(&budget, available(root), GD_BUDGET_AVAILABLE);
    if (budget.source != GD_BUDGET_UNKNOWN)
        budget.bytes = budget.whole / 10 * 9 / (uint64_t)ranks;
    return budget;
}

gd_budget gd_budget_given(uint64_t bytes)
{
    return (gd_budget){.bytes = bytes, .whole = bytes, .ranks = 1, .source = GD_BUDGET_GIVEN};
}

void gd_budget_bound(gd_budget *budget, uint64_t bytes)
{
    if (bytes < budget->bytes)
        *budget =
            (gd_budget){.bytes = bytes, .whole = bytes, .ranks = budget->ranks, .source = GD_BUDGET_ADDRESS};
}

void gd_budget_text(const gd_budget *budget, char text[160])
{
    static const char *const names[] = {
        [GD_BUDGET_CGROUP] = "the control group's limit",
        [GD_BUDGET_SLURM_NODE] = "SLURM_MEM_PER_NODE",
        [GD_BUDGET_SLURM_CPU] = "SLURM_MEM_PER_CPU times SLURM_CPUS_ON_NODE",
        [GD_BUDGET_AVAILABLE] = "available memory",
    };
    char share[GD_AMOUNT_BYTES], whole[GD_AMOUNT_BYTES];
    gd_amount_text((double)budget->bytes, share);
    gd_amount_text((double)budget->whole, whole);
    if (budget->source == GD_BUDGET_UNKNOWN)
        snprintf(text, 160, "unknown, so unlimited");
    else if (budget->source == GD_BUDGET_GIVEN)
        snprintf(text, 160, "%s a rank, as given", share);
    else if (budget->source == GD_BUDGET_ADDRESS)
        snprintf(text, 160, "%s a rank, which ulimit -v leaves besides code and stacks", share);
    else
        snprintf(text, 160, "%s a rank: %s of %s, less a tenth, for %d rank%s", share, whole,
                 names[budget->source], budget->ranks, budget->ranks == 1 ? "" : "s");
}

void gd_resident_tighten(void)
{
#ifdef __GLIBC__
    enum { LARGE = 1 << 20 };
    (void)mallopt(M_MMAP_THRESHOLD, LARGE);
    (void)mallopt(M_TRIM_THRESHOLD, LARGE);
#endif
}

void gd_resident_trim(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

gd_resident gd_resident_read(void)
{
    gd_resident resident = {0};
    FILE *file = fopen("/proc/self/status", "r");
    if (!file)
        return resident;
    resident.most = read_field(file, "VmHWM");
    rewind(file);
    resident.now = read_field(file, "VmRSS");
    fclose(file);
    return resident;
}
