/* Checks the resource limits of this process, at which libraries would crash. */
#include "host/limits.h"

#include "host/budget.h"

#include <ctype.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Measured: 64 KiB suffice for threads, 256 KiB for the main thread. */
static const uint64_t least_stack = 512 << 10;
/* Memory mapped by MPI, HDF5 and oneDNN before the first pixel, without stacks (measured: 70 MiB). */
static const uint64_t start_bytes = UINT64_C(160) << 20;
/* Code that oneDNN compiles and libraries load later. */
static const uint64_t code_bytes = UINT64_C(128) << 20;

/* Parses a size in OpenMP's syntax: in KiB, or with a unit. 0 if invalid. */
static uint64_t read_stack_size(const char *text)
{
    char *end = NULL;
    const unsigned long long number = strtoull(text, &end, 10);
    while (isspace((unsigned char)*end))
        end++;
    const char *units = "BKMG", *unit = *end ? strchr(units, toupper((unsigned char)*end)) : units + 1;
    return unit && number < UINT64_C(1) << 30 ? (uint64_t)number << (10 * (unit - units)) : 0;
}

/* Stack of an OpenMP thread: the first of the variables with a size, as in libgomp, else `otherwise`. */
static uint64_t openmp_stack(uint64_t otherwise, const char **variable)
{
    static const char *const names[] = {"OMP_STACKSIZE", "GOMP_STACKSIZE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = getenv(names[i]);
        const uint64_t bytes = text ? read_stack_size(text) : 0;
        if (bytes > 0) {
            *variable = names[i];
            return bytes;
        }
    }
    *variable = NULL;
    return otherwise;
}

/* Default stack of a thread: ulimit -s, unless that is unlimited. */
static uint64_t default_stack(void)
{
    pthread_attr_t attributes;
    size_t bytes = 8 << 20;
    if (pthread_getattr_default_np(&attributes) != 0)
        return bytes;
    (void)pthread_attr_getstacksize(&attributes, &bytes);
    pthread_attr_destroy(&attributes);
    return bytes;
}

bool gd_limits_stack_fits(void)
{
    const rlim_t least = 64 << 10; /* measured: 32 KiB are too little; gd_limits_check checks larger ones */
    struct rlimit limit;
    char line[80];
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= least)
        return true;
    const int length =
        snprintf(line, sizeof line, "gigadream: ulimit -s %u is too small; use ulimit -s 8192\n",
                 (unsigned)(limit.rlim_cur >> 10));
    const ssize_t written = write(STDERR_FILENO, line, (size_t)length); /* stdio needs 8 KiB of stack */
    (void)written;
    return false;
}

static gd_status check_stacks(gd_error *error)
{
    const char *variable = NULL;
    const uint64_t own = default_stack(), team = openmp_stack(own, &variable);
    if (variable && team < least_stack)
        return gd_fail(error, GD_USAGE,
                       "%s=%.40s is too small for the threads that compute; unset it, or give 512K or more",
                       variable, getenv(variable));
    if (own < least_stack)
        return gd_fail(error, GD_USAGE, "ulimit -s %llu is too small; use ulimit -s 8192",
                       (unsigned long long)(own >> 10));
    return GD_OK;
}

/* ulimit -v; false if unlimited. */
static bool address_limit(uint64_t *bytes)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return false;
    *bytes = limit.rlim_cur;
    return true;
}

static uint64_t mapped_bytes(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%llu", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Stacks of all threads that may be started: one a core or two OpenMP teams, whichever is more, and others.
 */
static uint64_t stack_bytes(void)
{
    enum { TEAMS = 2 * 8, OTHERS = 4 };
    const char *variable;
    const uint64_t own = default_stack(), team = openmp_stack(own, &variable);
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return (uint64_t)(cores > TEAMS ? cores : TEAMS) * (team > own ? team : own) + OTHERS * own;
}

gd_status gd_limits_check(gd_error *error)
{
    uint64_t limit = 0;
    const gd_status status = check_stacks(error);
    if (status != GD_OK || !address_limit(&limit))
        return status;
#ifdef __GLIBC__
    (void)mallopt(M_ARENA_MAX, 1); /* else each thread reserves 64 MiB of address space */
#endif
    const uint64_t needed = mapped_bytes() + start_bytes + stack_bytes();
    if (limit >= needed)
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "ulimit -v leaves %llu MiB of address space, but libraries and stacks need %llu before "
                   "the first pixel; use ulimit -v unlimited, and --memory to limit memory",
                   (unsigned long long)(limit >> 20), (unsigned long long)(needed >> 20));
}

uint64_t gd_limits_memory(void)
{
    uint64_t limit = 0;
    if (!address_limit(&limit))
        return UINT64_MAX;
    const uint64_t taken = mapped_bytes() + code_bytes + stack_bytes();
    const uint64_t left = limit > taken ? limit - taken : 0;
    return gd_resident_read().now + left / 10 * 9;
}
