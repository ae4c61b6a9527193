/* Files for what does not fit into memory: without a name, so that a process that dies leaves nothing, and
 * allocated in full when they are made, so that a disk is full before the work and not amid it. */
#ifndef GD_BASE_NAMELESS_H
#define GD_BASE_NAMELESS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file of `bytes` in `folder`; the caller closes *fd. GD_USAGE, with the bytes needed and those that are
 * free, when the disk has no room for it; `remedy` follows "make room, name another folder with --scratch,
 * or ". Not collective. */
gd_status gd_nameless_create(const char *folder, uint64_t bytes, const char *remedy, int *fd,
                             gd_error *error) GD_CHECKED;

/* Writes (`out`) or reads `bytes` at `at`, all of them. GD_IO, with `folder` in the sentence: the disk
 * failed.
 */
gd_status gd_nameless_move(int fd, const char *folder, bool out, uint64_t at, void *data, size_t bytes,
                           gd_error *error) GD_CHECKED;

#endif
