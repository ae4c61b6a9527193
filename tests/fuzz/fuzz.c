#include "fuzz.h"

#include "image/drain.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_read(const uint8_t *data, size_t bytes)
{
    gd_error error = {""};
    char path[64];
    int fd = memfd_create("picture", 0);
    if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    gd_status status = drain(path, &error);
    if ((status != GD_OK) != (error.message[0] != '\0'))
        abort(); /* a failure without a sentence, or a sentence without a failure */
    close(fd);
}
