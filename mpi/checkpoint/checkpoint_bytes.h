/* Complete writes of file ranges, and checksums; private to this folder. */
#ifndef GD_MPI_CHECKPOINT_BYTES_H
#define GD_MPI_CHECKPOINT_BYTES_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* Writes all `bytes` at offset `at`. False with errno set. */
bool gd_checkpoint_put(int fd, const void *values, int64_t bytes, int64_t at);

/* CRC-32 (zlib's). */
uint32_t gd_checkpoint_crc(const void *values, int64_t bytes);

/* The error of a failed write, with the cause from errno. */
gd_status gd_checkpoint_write_failed(const char *path, gd_error *error);

#endif
