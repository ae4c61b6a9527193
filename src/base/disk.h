/* The disk of a file or a folder, which need not be there yet. */
#ifndef GD_BASE_DISK_H
#define GD_BASE_DISK_H

#include <stdbool.h>
#include <sys/types.h>

enum { GD_DISK_PATH = 4096 };

typedef struct gd_disk {
    dev_t device;
    double free_bytes;         /* for this user */
    char folder[GD_DISK_PATH]; /* that was asked: the path, or the folder of it */
} gd_disk;

/* False: the folder is not there. */
bool gd_disk_find(const char *path, gd_disk *disk);

#endif
