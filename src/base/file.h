/* Files that a user named, opened to be read: each once, so that what is checked is what is read. */
#ifndef GD_BASE_FILE_H
#define GD_BASE_FILE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

/* Opens `path` for reading. Only a file in the strict sense will do: GD_USAGE for a folder, a device, a pipe
 * or a socket, none of which is waited for, and for what cannot be opened. `remedy` ends the sentence, such
 * as "name a JPEG, PNG or TIFF". The caller closes *fd (-1 on failure). Not collective. */
gd_status gd_file_open_input(const char *path, const char *remedy, int *fd, gd_error *error) GD_CHECKED;

/* The same as a stream, which the caller closes; *file is NULL on failure. */
gd_status gd_file_open_stream(const char *path, const char *remedy, FILE **file, gd_error *error) GD_CHECKED;

/* A stream of its own over the file of `fd`, or NULL with errno set. */
FILE *gd_file_stream(int fd, const char *mode);

/* What a file is, for people: "a folder", "a device", "a pipe", "a socket", "a link" or "a file". */
const char *gd_file_kind_name(mode_t mode);

/* Which file a descriptor belongs to, and whether that has been written since. Plain data; of one host. */
typedef struct gd_file_identity {
    uint64_t device, inode;
    int64_t bytes;
    int64_t written_s, written_ns; /* mtime */
    int64_t changed_s, changed_ns; /* ctime */
} gd_file_identity;

/* GD_IO, naming `path`, when the system does not tell. Not collective. */
gd_status gd_file_identify(int fd, const char *path, gd_file_identity *identity, gd_error *error) GD_CHECKED;

bool gd_file_same(const gd_file_identity *a, const gd_file_identity *b);

#endif
