/* Fuzz target: a WebP picture. */
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 12 || memcmp(data + 8, "WEBP", 4) != 0)
        return -1; /* not for this target, nor for its corpus */
    fuzz_read(data, bytes);
    return 0;
}
