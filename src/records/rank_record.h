/* What each rank did in a render, for the log. */
#ifndef GD_RECORDS_RANK_RECORD_H
#define GD_RECORDS_RANK_RECORD_H

#include "base/status.h"
#include "mpi/comm.h"
#include "records/phases.h"

#include <stdint.h>

typedef struct gd_rank_record {
    int32_t host;              /* number of its host, from 0, in the order of ranks */
    int32_t cores, first_core; /* that the rank may use */
    int32_t host_cores;        /* that its host has */
    double computing;          /* seconds of all steps in which it computed gradients */
    double updating;           /* in which it computed the update */
    double exchanging;         /* the rest: it sent, received, or waited for others */
    uint64_t peak_bytes;       /* most resident memory; 0: unknown */
} gd_rank_record;

/* Gathers the records of all ranks on all ranks, by each rank's own phases. The caller frees *records,
 * [gd_comm_size]. Collective. */
gd_status gd_rank_records_gather(gd_comm *comm, const gd_phases *phases, gd_rank_record **records,
                                 gd_error *error) GD_CHECKED;

#endif
