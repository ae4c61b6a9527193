/* Temporary files for data that does not fit into memory. They have no name, so that a process that dies
 * leaves nothing behind. They are allocated in full when created, so that a full disk is found before the
 * work starts. */
#ifndef GD_BASE_NAMELESS_H
#define GD_BASE_NAMELESS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Creates a file of `bytes` in `folder`; the caller closes *fd. GD_USAGE, with the bytes needed and the bytes
 * free, if the disk has too little space; `remedy` follows "make room, name another folder with --scratch, or
 * ". Not collective. */
gd_status gd_nameless_create(const char *folder, uint64_t bytes, const char *remedy, int *fd,
                             gd_error *error) GD_CHECKED;

/* Writes (`out`) or reads all `bytes` at offset `at`. GD_IO, with `folder` in the message, if the disk fails.
 */
gd_status gd_nameless_move(int fd, const char *folder, bool out, uint64_t at, void *data, size_t bytes,
                           gd_error *error) GD_CHECKED;

#endif
