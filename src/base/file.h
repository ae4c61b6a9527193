/* Input files named by the user. Each is opened only once, so that the checked file is the one that is read.
 */
#ifndef GD_BASE_FILE_H
#define GD_BASE_FILE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

/* Opens a regular file for reading. GD_USAGE if `path` is a folder, a device, a pipe or a socket (without
 * waiting for it), or cannot be opened. `remedy` ends the message, such as "name a JPEG, PNG or TIFF". The
 * caller closes *fd (-1 on failure). Not collective. */
gd_status gd_file_open_input(const char *path, const char *remedy, int *fd, gd_error *error) GD_CHECKED;

/* As gd_file_open_input, but opens a stream. The caller closes it; *file is NULL on failure. */
gd_status gd_file_open_stream(const char *path, const char *remedy, FILE **file, gd_error *error) GD_CHECKED;

/* Opens an independent stream on the file of `fd`; NULL with errno set on failure. */
FILE *gd_file_stream(int fd, const char *mode);

/* Reads all `bytes` at offset `at`. False with errno set (0: the file is too short). */
bool gd_file_read_at(int fd, void *values, int64_t bytes, int64_t at);

/* Reads text from an open file or pipe to its end into text[max], a zero behind it. GD_USAGE, with `name` and
 * `remedy`, if it cannot be read, has `max` bytes or more, or has zero bytes. Not collective. */
gd_status gd_file_read_text(int fd, const char *name, const char *remedy, size_t max, char *text,
                            gd_error *error) GD_CHECKED;

/* The type of a file for messages: "a folder", "a device", "a pipe", "a socket", "a link" or "a file". */
const char *gd_file_kind_name(mode_t mode);

/* Identity and modification times of an open file, to detect changes. Plain data; valid on one host. */
typedef struct gd_file_identity {
    uint64_t device, inode;
    int64_t bytes;
    int64_t written_s, written_ns; /* mtime */
    int64_t changed_s, changed_ns; /* ctime */
} gd_file_identity;

/* Fills *identity. GD_IO, with `path`, if the system call fails. Not collective. */
gd_status gd_file_identify(int fd, const char *path, gd_file_identity *identity, gd_error *error) GD_CHECKED;

/* Whether both are the same unchanged file. */
bool gd_file_same(const gd_file_identity *a, const gd_file_identity *b);

#endif
