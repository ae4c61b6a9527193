/* endless MODE: ranks that exchange pixels for ever, until one of them ends all. Each prints "rank R pid P"
 * first. run    nobody ends by itself abort  rank 1 fails after some exchanges, while the others wait for it
 *   late   rank 1 stops taking part; the others' deadline is a second
 */
#include "mpi/comm.h"
#include "mpi/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gd_status exchange_for_ever(gd_comm *comm, const char *mode, gd_error *error)
{
    gd_layout *layout;
    gd_plane *plane;
    gd_status status = gd_layout_create(1024, 1024, gd_comm_size(comm), &layout, error);
    if (status == GD_OK)
        status = gd_plane_create(gd_memory_host(), layout, gd_comm_rank(comm), &plane, error);
    if (status != GD_OK)
        return status;
    memset(plane->values, 0, (size_t)plane->value_count * sizeof(float));
    float *pixels = malloc((size_t)1024 * 1024 * 12);
    if (!pixels)
        return gd_fail(error, GD_MEMORY, "no memory for the window");
    gd_window windows[64];
    for (int32_t r = 0; r < gd_comm_size(comm); r++)
        windows[r] = (gd_window){{5, 5, 1024, 1024}, r, pixels, 3 * 1024};
    for (int turn = 0; status == GD_OK; turn++) {
        if (turn == 10 && gd_comm_rank(comm) == 1 && strcmp(mode, "abort") == 0)
            return gd_fail(error, GD_USAGE, "the pool is empty");
        if (turn == 10 && gd_comm_rank(comm) == 1 && strcmp(mode, "late") == 0)
            sleep(60);
        gd_exchange *exchange = NULL;
        status = gd_gather_begin(comm, plane, windows, (size_t)gd_comm_size(comm), &exchange, error);
        if (status == GD_OK)
            status = gd_exchange_end(&exchange, error);
    }
    return status;
}

int main(int argc, char **argv)
{
    gd_error error;
    gd_comm *comm;
    if (argc != 2 || gd_comm_start(&argc, &argv, &comm, &error) != GD_OK)
        return 1;
    printf("rank %d pid %ld\n", gd_comm_rank(comm), (long)getpid());
    fflush(stdout);
    if (strcmp(argv[1], "late") == 0)
        gd_comm_set_deadline(comm, 1);
    gd_comm_abort(comm, exchange_for_ever(comm, argv[1], &error), &error);
}
