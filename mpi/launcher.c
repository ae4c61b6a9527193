/* Reads the launcher's number of ranks from the environment. */
#include "mpi/launcher.h"

#include <stddef.h>
#include <stdlib.h>

static const struct {
    const char *ranks, *rank;
} launchers[] = {{"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
                 {"MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"},
                 {"PMI_SIZE", "PMI_RANK"},
                 {"FLUX_JOB_SIZE", "FLUX_TASK_RANK"},
                 {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID"},
                 {"MPI_LOCALNRANKS", "MPI_LOCALRANKID"}};

/* The value of an environment variable, or `otherwise` if it is not a nonnegative integer. */
static int32_t read_variable(const char *name, int32_t otherwise)
{
    const char *text = getenv(name);
    char *end = NULL;
    const long value = text && *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : -1;
    return end && *end == '\0' && value <= INT32_MAX ? (int32_t)value : otherwise;
}

gd_launcher gd_launcher_find(void)
{
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
        const int32_t ranks = read_variable(launchers[i].ranks, 0);
        if (ranks > 0)
            return (gd_launcher){launchers[i].ranks, ranks, read_variable(launchers[i].rank, 0)};
    }
    return (gd_launcher){NULL, 1, 0};
}
