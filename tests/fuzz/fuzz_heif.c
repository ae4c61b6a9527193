/* Fuzz target: a HEIC or AVIF picture. */
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 8 || memcmp(data + 4, "ftyp", 4) != 0)
        return -1; /* not for this target, nor for its corpus */
    fuzz_read(data, bytes);
    return 0;
}
