/* Which files are checkpoints of this program: no other may be removed. */
#include "mpi/checkpoint_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

char *gd_checkpoint_part(const char *path)
{
    char *part = NULL;
    return asprintf(&part, "%s.part", path) < 0 ? NULL : part;
}

/* True when there is no file, too. What cannot be read is not known to be one. */
static bool is_ours(const char *path, bool unfinished)
{
    struct stat about;
    if (lstat(path, &about) != 0)
        return true;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    const bool ours =
        fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && gd_checkpoint_begins(fd, unfinished);
    close(fd);
    return ours;
}

static gd_status refuse(const char *path, gd_error *error)
{
    return gd_fail(
        error, GD_USAGE,
        "%s is no checkpoint of this program, and would be lost; give --checkpoint another name, or "
        "move that away",
        path);
}

gd_status gd_checkpoint_spare(const char *path, gd_error *error)
{
    char *part = gd_checkpoint_part(path);
    gd_status status = part ? GD_OK : gd_fail(error, GD_MEMORY, "out of memory for the checkpoint %s", path);
    if (status == GD_OK && !is_ours(path, false))
        status = refuse(path, error);
    if (status == GD_OK && !is_ours(part, true))
        status = refuse(part, error);
    free(part);
    return status;
}

void gd_checkpoint_remove_part(const char *path)
{
    char *part = gd_checkpoint_part(path);
    if (part && is_ours(part, true))
        (void)unlink(part);
    free(part);
}

void gd_checkpoint_remove(const char *path)
{
    if (is_ours(path, false))
        (void)unlink(path);
    gd_checkpoint_remove_part(path);
}
