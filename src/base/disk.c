/* Asks the file system of the nearest folder. */
#include "base/disk.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* The folder of a path, without slashes at its end. */
static void cut_name(char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        path[--length] = '\0';
    char *slash = strrchr(path, '/');
    if (slash)
        slash[slash == path] = '\0';
    else
        strcpy(path, ".");
}

bool gd_disk_find(const char *path, gd_disk *disk)
{
    struct stat about;
    struct statvfs space;
    if (!*path)
        return false;
    snprintf(disk->folder, sizeof disk->folder, "%s", path);
    if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode))
        cut_name(disk->folder);
    if (stat(disk->folder, &about) != 0 || statvfs(disk->folder, &space) != 0)
        return false;
    disk->device = about.st_dev;
    disk->free_bytes = (double)space.f_bavail * (double)space.f_frsize;
    return true;
}
