/* Files within zip archives (PKWARE's APPNOTE, "ZIP File Format Specification"): stored or deflated, without
 * encryption, below 4 GiB; private to this folder. Nothing in an archive is trusted. */
#ifndef GD_NET_KERAS_ARCHIVE_H
#define GD_NET_KERAS_ARCHIVE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* A file in an archive. */
typedef struct gd_archive_file {
    uint64_t at;     /* where its bytes begin in the archive */
    uint64_t packed; /* how many there are */
    uint64_t size;   /* how many it has itself; as many where it is stored */
    uint32_t sum;    /* CRC-32 of those */
    bool deflated;
} gd_archive_file;

/* The directory of an archive. */
typedef struct gd_archive {
    const char *path; /* borrowed; for messages */
    int fd;           /* borrowed */
    uint8_t *entries; /* owned; [bytes] */
    uint64_t bytes;
    uint64_t at; /* where the directory begins: files lie before it */
} gd_archive;

/* Whether the file of the descriptor begins as archives do. */
bool gd_archive_begins(int fd);

/* Reads the directory. GD_USAGE if it is damaged. The caller closes it, also after a failure. */
gd_status gd_archive_open(int fd, const char *path, gd_archive *archive, gd_error *error) GD_CHECKED;
void gd_archive_close(gd_archive *archive);

/* Finds the first file whose path ends in `name`, a whole name or names; *found: whether there is one.
 * GD_USAGE if it is damaged, or packed in another way. */
gd_status gd_archive_find(const gd_archive *archive, const char *name, gd_archive_file *file, bool *found,
                          gd_error *error) GD_CHECKED;

/* The bytes of a deflated file, which the caller frees. GD_USAGE if they are damaged. */
gd_status gd_archive_unpack(const gd_archive *archive, const gd_archive_file *file, uint8_t **bytes,
                            gd_error *error) GD_CHECKED;

#endif
