/* endless MODE [DEADLINE]: ranks that exchange pixels for ever, until one of them ends all; after each
 * exchange all but the last gather a value. Each prints "rank R pid P" first. run    nobody ends by itself
 *   abort  rank 1 fails after some exchanges, while the others wait for it
 *   late   rank 1 stops taking part
 * DEADLINE: seconds that a wait may last. With GD_ENDLESS=TRANSPORT in the environment, the pixels are in
 * GPUs.
 */
#include "kernels/backend.h"
#include "mpi/comm.h"
#include "mpi/exchange/exchange.h"
#include "mpi/subgroup.h"
#include "mpi/transport_select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIDE = 512, RANKS_MAX = 64 };

static gd_status gather(gd_comm *comm, int32_t ranks, gd_error *error)
{
    const double mine = gd_comm_rank(comm);
    double all[RANKS_MAX];
    int32_t counts[RANKS_MAX];
    for (int32_t r = 0; r < ranks; r++)
        counts[r] = 1;
    if (gd_comm_rank(comm) >= ranks)
        return GD_OK;
    return gd_comm_gather_subgroup(comm, ranks, &mine, counts, all, error);
}

static gd_status exchange_for_ever(gd_comm *comm, gd_memory *memory, const char *mode, gd_error *error)
{
    const gd_store store = {memory, NULL};
    gd_partition *partition;
    gd_plane *plane;
    void *pixels = NULL;
    gd_status status = gd_partition_create(SIDE, SIDE, gd_comm_size(comm), &partition, error);
    if (status == GD_OK)
        status = gd_plane_create(&store, partition, gd_comm_rank(comm), &plane, error);
    if (status == GD_OK)
        status =
            memory->class->clear(memory, plane->values, (size_t)plane->value_count * sizeof(float), error);
    if (status == GD_OK)
        status = memory->class->allocate(memory, GD_FOR_WINDOWS, (size_t)SIDE * SIDE * 12, &pixels, error);
    const int32_t gathering = gd_comm_size(comm) - 1;
    if (status == GD_OK)
        status = gd_comm_prepare_subgroup(comm, gathering, error);
    if (status != GD_OK)
        return status;
    gd_window windows[RANKS_MAX];
    for (int32_t r = 0; r < gd_comm_size(comm); r++)
        windows[r] = (gd_window){{5, 5, SIDE, SIDE}, r, pixels, 3 * SIDE};
    for (int turn = 0; status == GD_OK; turn++) {
        if (turn == 4 && gd_comm_rank(comm) == 1 && strcmp(mode, "abort") == 0)
            return gd_fail(error, GD_USAGE, "the pool is empty");
        if (turn == 4 && gd_comm_rank(comm) == 1 && strcmp(mode, "late") == 0)
            sleep(60);
        gd_exchange *exchange = NULL;
        status = gd_gather_begin(comm, plane, windows, (size_t)gd_comm_size(comm), &exchange, error);
        if (status == GD_OK)
            status = gd_exchange_end(&exchange, error);
        if (status == GD_OK)
            status = gather(comm, gathering, error);
    }
    return status;
}

static gd_status open_memory(gd_comm *comm, gd_memory **memory, gd_error *error)
{
    const char *transport = getenv("GD_ENDLESS");
    *memory = gd_memory_host();
    if (!transport)
        return GD_OK;
    gd_device *device; /* ends with the process */
    const gd_device_options options = {.precision = GD_PRECISION_FP32, .place = gd_comm_node_rank(comm)};
    gd_status status = gd_backend_cuda.open(&options, &device, error);
    if (status != GD_OK)
        return status;
    *memory = gd_backend_cuda.memory(device);
    return gd_comm_select_transport(comm, transport, *memory, false, error);
}

int main(int argc, char **argv)
{
    gd_error error;
    gd_comm *comm;
    gd_memory *memory;
    if (argc < 2 || gd_comm_start(&argc, &argv, &comm, &error) != GD_OK)
        return 1;
    printf("rank %d pid %ld\n", gd_comm_rank(comm), (long)getpid());
    fflush(stdout);
    if (argc > 2)
        gd_comm_set_deadline(comm, strtod(argv[2], NULL));
    gd_status status = open_memory(comm, &memory, &error);
    if (status == GD_OK)
        status = exchange_for_ever(comm, memory, argv[1], &error);
    gd_comm_abort(comm, status, &error);
}
