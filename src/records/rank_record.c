/* Gathers what each rank did: its time, its cores and its memory. */
#include "records/rank_record.h"

#include "host/budget.h"
#include "mpi/agree.h"

#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { VALUES = 8 };

/* A host's name as a whole number that a double holds exactly: two hosts of a job share one with a chance of
 * 2^-52. (FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv) */
static double number_of(const char *host)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *host; host++)
        hash = (hash ^ (unsigned char)*host) * UINT64_C(1099511628211);
    return (double)(hash >> 12);
}

static void describe_cores(double *cores, double *first)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    *cores = *first = 0;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return;
    *cores = CPU_COUNT(&set);
    while (*first < CPU_SETSIZE - 1 && !CPU_ISSET((int)*first, &set))
        ++*first;
}

/* Numbers the hosts in the order in which they appear. */
static void number_hosts(gd_rank_record *records, const double *values, int32_t count)
{
    int32_t hosts = 0;
    for (int32_t i = 0; i < count; i++) {
        int32_t same = 0;
        while (values[VALUES * same] != values[VALUES * i])
            same++;
        records[i].host = same < i ? records[same].host : hosts++;
    }
}

static void unpack(gd_rank_record *records, const double *values, int32_t count)
{
    for (int32_t i = 0; i < count; i++, values += VALUES)
        records[i] = (gd_rank_record){.cores = (int32_t)values[1],
                                      .first_core = (int32_t)values[2],
                                      .host_cores = (int32_t)values[3],
                                      .computing = values[4],
                                      .updating = values[5],
                                      .exchanging = values[6],
                                      .peak_bytes = (uint64_t)values[7]};
}

gd_status gd_rank_records_gather(gd_comm *comm, const gd_phases *phases, gd_rank_record **records,
                                 gd_error *error)
{
    const int32_t count = gd_comm_size(comm);
    double mine[VALUES] = {number_of(gd_comm_host(comm)),
                           0,
                           0,
                           (double)sysconf(_SC_NPROCESSORS_ONLN),
                           phases->seconds[GD_PHASE_COMPUTE],
                           phases->seconds[GD_PHASE_UPDATE],
                           phases->seconds[GD_PHASE_EXCHANGE],
                           (double)gd_resident_read().most};
    describe_cores(&mine[1], &mine[2]);
    int32_t *counts = malloc((size_t)count * sizeof *counts);
    double *values = malloc((size_t)count * VALUES * sizeof *values);
    *records = calloc((size_t)count, sizeof **records);
    gd_status status =
        counts && values && *records ? GD_OK : gd_no_memory(error, "the records of %d ranks", count);
    status = gd_comm_agree(comm, status, error);
    for (int32_t i = 0; status == GD_OK && i < count; i++)
        counts[i] = VALUES;
    if (status == GD_OK)
        status = gd_comm_gather_all(comm, mine, counts, values, error);
    if (status == GD_OK) {
        unpack(*records, values, count);
        number_hosts(*records, values, count);
    }
    free(counts);
    free(values);
    return status;
}
