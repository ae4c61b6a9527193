/* Chooses the folder of the scratch file: preferably the first on a disk. */
#include "files/scratch_folder.h"

#include "canvas/block_cache.h"

#include <stdlib.h>
#include <string.h>

static void find_folder(char folder[GD_PATH_MAX], bool *in_memory)
{
    const char *const candidates[] = {getenv("SLURM_TMPDIR"), getenv("TMPDIR"), "/tmp", "/var/tmp"};
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        const char *candidate = candidates[i];
        bool memory = false;
        gd_error ignored;
        if (!candidate || !*candidate || strlen(candidate) >= GD_PATH_MAX ||
            gd_block_cache_in_memory(candidate, &memory, &ignored) != GD_OK || (memory && folder[0]))
            continue;
        strcpy(folder, candidate);
        *in_memory = memory;
        if (!memory)
            return;
    }
}

gd_status gd_scratch_folder(const gd_options *options, char folder[GD_PATH_MAX], bool *in_memory,
                            gd_error *error)
{
    *in_memory = false;
    strcpy(folder, options->scratch);
    if (folder[0])
        return gd_block_cache_in_memory(folder, in_memory, error);
    find_folder(folder, in_memory);
    return GD_OK;
}
