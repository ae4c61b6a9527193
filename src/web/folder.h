/* The folder of a picture in tiles (--web): whose it is, and files that appear in it whole or not at all. */
#ifndef GD_WEB_FOLDER_H
#define GD_WEB_FOLDER_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GD_WEB_KEY = 256, GD_WEB_NAME = 128 };

/* The page that tells how the picture was made, if there is one. */
#define GD_WEB_MADE "made.html"

typedef struct gd_web_folder {
    const char *path; /* borrowed; for messages */
    int fd;           /* owned; open, and locked by whoever opened it first; -1: none */
    bool goes_on;     /* its tiles, as far as they are there, are those of the same picture */
    int32_t writer;   /* 0, or the number of another process that writes to it too */
} gd_web_folder;

/* Opens the folder, and makes it if there is none. It is used if it is empty, or if this program began it
 * with the same `key` (one line of less than GD_WEB_KEY bytes that names the picture and its settings) and
 * was interrupted. Another folder of ours is cleared if `overwrite`, else GD_USAGE; one that is not ours is
 * never touched: GD_USAGE. The caller closes it, also after a failure. */
gd_status gd_web_folder_open(const char *path, const char *key, bool overwrite, gd_web_folder *folder,
                             gd_error *error) GD_CHECKED;

/* Opens the folder that another process has opened with the same `key`, as its writer number `writer` from 1.
 * GD_USAGE if it is not there. The caller closes it, also after a failure. */
gd_status gd_web_folder_join(const char *path, const char *key, bool goes_on, int32_t writer,
                             gd_web_folder *folder, gd_error *error) GD_CHECKED;

/* Whether a complete JPEG `name` (with folders: "dream/3/2/1.jpg") is there. */
bool gd_web_folder_has(const gd_web_folder *folder, const char *name);

/* Writes a file under a temporary name and renames it to `name`; makes the folders in `name`. GD_IO names the
 * file and the cause. */
gd_status gd_web_folder_write(const gd_web_folder *folder, const char *name, const void *data, size_t bytes,
                              gd_error *error) GD_CHECKED;

/* Writes all of this host to disk. */
gd_status gd_web_folder_flush(const gd_web_folder *folder, gd_error *error) GD_CHECKED;

/* Removes what killed processes left, and marks the folder as complete, once all hosts have flushed it. No
 * other process may be writing to it. */
gd_status gd_web_folder_finish(const gd_web_folder *folder, gd_error *error) GD_CHECKED;
void gd_web_folder_close(gd_web_folder *folder);

#endif
