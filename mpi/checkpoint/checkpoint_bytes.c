/* Complete writes of file ranges, and their checksum. */
#include "mpi/checkpoint/checkpoint_bytes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

bool gd_checkpoint_put(int fd, const void *values, int64_t bytes, int64_t at)
{
    for (const char *from = values; bytes > 0;) {
        const ssize_t put = pwrite(fd, from, (size_t)bytes, at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        from += put;
        at += put;
        bytes -= put;
    }
    return true;
}

gd_status gd_checkpoint_write_failed(const char *path, gd_error *error)
{
    const char *remedy = errno == ENOSPC || errno == EDQUOT || errno == EFBIG
                             ? "make room, or give --checkpoint a file on another disk"
                             : "give --checkpoint another file";
    return gd_fail(error, GD_IO, "the checkpoint %s cannot be written (%s); %s", path, strerror(errno),
                   remedy);
}

uint32_t gd_checkpoint_crc(const void *values, int64_t bytes)
{
    return (uint32_t)crc32_z(0, values, (size_t)bytes);
}
