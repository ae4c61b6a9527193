/* A fuzzed input as a file in memory, its random changes, and the check of the sentence that a refusal
 * gives. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_file(const uint8_t *data, size_t bytes, void (*read_it)(const char *path))
{
    char path[64];
    const int fd = memfd_create("fuzz", 0);
    if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    read_it(path);
    close(fd);
}

uint8_t *fuzz_copy(const uint8_t *data, size_t bytes)
{
    uint8_t *copy = malloc(bytes);
    if (!copy)
        abort();
    return memcpy(copy, data, bytes);
}

void fuzz_check(gd_status status, const gd_error *error)
{
    if ((status != GD_OK) != (error->message[0] != '\0'))
        abort(); /* a failure without a sentence, or a sentence without a failure */
}

size_t fuzz_scribble(uint8_t *data, size_t bytes, unsigned seed)
{
    uint32_t random = seed;
    for (int i = 0; i <= (int)(seed % 8) && bytes > 0; i++) {
        random = random * 1664525 + 1013904223; /* Numerical Recipes' generator */
        const size_t at = (size_t)(random >> 8) % bytes;
        random = random * 1664525 + 1013904223;
        data[at] = random >> 31 ? (uint8_t)(random >> 16) : data[at] ^ (uint8_t)(1U << (random >> 28 & 7));
    }
    return bytes;
}
