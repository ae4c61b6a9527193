/* Recognizes checkpoints of this program: no other file is replaced or removed. */
#include "mpi/checkpoint/checkpoint_own.h"

#include "mpi/checkpoint/checkpoint_table.h"

#include <unistd.h>

/* Whether the file of that name is a checkpoint of this program, or there is none. False if it cannot be
 * read. */
static bool is_ours(const gd_target *target)
{
    struct stat about;
    gd_error why;
    int fd;
    if (!gd_target_stat(target, &about))
        return true;
    if (gd_target_open(target, "", &fd, &why) != GD_OK)
        return false;
    const bool ours = fd < 0 || gd_checkpoint_begins(fd);
    if (fd >= 0)
        close(fd);
    return ours;
}

gd_status gd_checkpoint_check_replace(const gd_target *target, gd_error *error)
{
    if (is_ours(target))
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "%s is not a checkpoint of this program, and would be lost; give --checkpoint another "
                   "name, or move the file away",
                   target->path);
}

void gd_checkpoint_remove(const gd_target *target)
{
    gd_error why;
    if (is_ours(target))
        (void)!gd_target_remove(target, &why); /* a file of another owner stays */
}
