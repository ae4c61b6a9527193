/* Fuzz target: a TIFF. */
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 4 || (memcmp(data, "II", 2) != 0 && memcmp(data, "MM", 2) != 0))
        return -1; /* not for this target, nor for its corpus */
    fuzz_read(data, bytes);
    return 0;
}
