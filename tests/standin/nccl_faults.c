/* Faults that environment variables ask of the stand-in's NCCL. */
#include "standin/nccl_internal.h"

#include <stdlib.h>
#include <string.h>

/* What the variable says for this rank, or NULL. */
static const char *for_this_rank(const char *variable)
{
    const char *text = getenv(variable);
    char *end;
    if (!text || strtol(text, &end, 10) != gd_nccl_world_rank() || *end != ':')
        return NULL;
    return end + 1;
}

gd_nccl_fault gd_nccl_group_fault(void)
{
    uint64_t number = gd_standin_count("NCCL group");
    const char *fails = for_this_rank("GD_STANDIN_NCCL_FAIL"), *hangs = for_this_rank("GD_STANDIN_NCCL_HANG");
    if (fails && strtoull(fails, NULL, 10) == number)
        return GD_NCCL_FAILS;
    return hangs && strtoull(hangs, NULL, 10) == number ? GD_NCCL_HANGS : GD_NCCL_NO_FAULT;
}

gd_nccl_fault gd_nccl_init_fault(void)
{
    const char *how = for_this_rank("GD_STANDIN_NCCL_INIT");
    if (!how)
        return GD_NCCL_NO_FAULT;
    return strcmp(how, "absent") == 0 ? GD_NCCL_HANGS : GD_NCCL_FAILS;
}
