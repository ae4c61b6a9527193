/* Fuzz target: a JPEG. */
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 3 || memcmp(data, "\xFF\xD8\xFF", 3) != 0)
        return -1; /* not for this target, nor for its corpus */
    fuzz_read(data, bytes);
    return 0;
}
