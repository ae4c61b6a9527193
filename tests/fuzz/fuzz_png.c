/* Fuzz target: a PNG, whose checksums are corrected so that the bytes behind them are read. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MAGIC = 8, CRC = 4 };

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Makes every chunk's checksum right, so that what was changed is looked at. */
static void correct(uint8_t *data, size_t bytes)
{
    for (size_t at = MAGIC; at + 12 <= bytes;) {
        size_t length = get32(data + at);
        if (length > bytes - at - 12)
            return;
        uint32_t crc = (uint32_t)crc32(0, data + at + 4, (uInt)length + 4);
        for (int i = 0; i < CRC; i++)
            data[at + 8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 12 + length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < MAGIC || memcmp(data, "\x89PNG\r\n\x1A\n", MAGIC) != 0)
        return -1; /* not for this target, nor for its corpus */
    uint8_t *copy = fuzz_copy(data, bytes);
    correct(copy, bytes);
    fuzz_read(copy, bytes);
    free(copy);
    return 0;
}
