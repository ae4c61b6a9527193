/* State of NCCL for a communicator, shared by transport_nccl.c and the files nccl_*.c; private to them. */
#ifndef GD_MPI_NCCL_STATE_H
#define GD_MPI_NCCL_STATE_H

#include "base/memory.h"

#include <cuda_runtime_api.h>
#include <nccl.h>
#include <stdint.h>

enum {
    GD_NCCL_GPU_NAME = 32,
    GD_NCCL_GATHER_DOUBLES =
        1 << 17 /* size of the buffers of a gathering; a longer one takes several rounds */
};

/* A communicator of the first `ranks` ranks. */
typedef struct gd_nccl_split {
    int32_t ranks;
    ncclComm_t comm; /* owned; NULL on the other ranks */
} gd_nccl_split;

/* Buffers of gatherings (nccl_gather.c). */
typedef struct gd_nccl_buffers {
    double *device;       /* owned; [GD_NCCL_GATHER_DOUBLES] this rank's values, then those of all ranks */
    double *staging;      /* owned; [GD_NCCL_GATHER_DOUBLES] the same in pinned host memory */
    cudaEvent_t gathered; /* owned */
} gd_nccl_buffers;

struct gd_nccl {
    gd_memory *memory;     /* borrowed; used by exchanges and gatherings */
    ncclComm_t all;        /* owned */
    gd_nccl_split *splits; /* owned; [split_count] */
    int32_t split_count;
    char gpu[GD_NCCL_GPU_NAME]; /* PCI bus address */
    gd_nccl_buffers gathering;
};

#endif
