/* Adds up the tiles of all levels, each as large as one of noise. */
#include "web/space.h"

#include "base/disk.h"
#include "base/round.h"
#include "base/size.h"
#include "image/jpeg/jpeg_tile.h"
#include "web/tiles.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SIDE = 256, SAMPLES = SIDE * SIDE * 3, BLOCK = 4096, ENTRY = 32 };

/* Bytes of a tile of noise. Without memory for it, twice its samples: more than JPEG of any quality. */
static size_t noise_bytes(int32_t quality)
{
    uint8_t *rgb = malloc(SAMPLES), *jpeg = NULL;
    size_t bytes = 0;
    uint32_t random = 1; /* Marsaglia 2003 */
    for (int i = 0; rgb && i < SAMPLES; i++) {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        rgb[i] = (uint8_t)(random >> 24);
    }
    if (!rgb || !gd_jpeg_tile(rgb, SIDE, SIDE, quality, &jpeg, &bytes))
        bytes = 2 * (size_t)SAMPLES;
    free(jpeg);
    free(rgb);
    return bytes;
}

gd_web_space gd_web_space_of(int64_t rows, int64_t cols, int32_t quality)
{
    const int64_t tile = gd_round_up((int64_t)noise_bytes(quality), BLOCK) + ENTRY;
    gd_web_space space = {0};
    for (int32_t left = gd_web_level_count(rows, cols); left > 0; left--) {
        const int64_t down = gd_round_up(rows, SIDE) / SIDE, across = gd_round_up(cols, SIDE) / SIDE;
        space.tiles += down * across;
        space.bytes += (double)(down * across) * (double)tile + (double)down * BLOCK;
        rows = (rows + 1) / 2;
        cols = (cols + 1) / 2;
    }
    return space;
}

bool gd_web_space_taken(const char *folder)
{
    char path[GD_DISK_PATH];
    return snprintf(path, sizeof path, "%s/dream", folder) < (int)sizeof path && access(path, F_OK) == 0;
}

gd_status gd_web_space_check(const char *folder, double bytes, gd_error *error)
{
    gd_disk disk;
    char needed[GD_AMOUNT_BYTES], left[GD_AMOUNT_BYTES];
    if (gd_web_space_taken(folder) || !gd_disk_find(folder, &disk) || bytes <= disk.free_bytes)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "%s: its tiles may need %s, and the disk has %s of free space; make room, name a folder on "
        "another disk, or lower --web-quality",
        folder, gd_amount_text(bytes, needed), gd_amount_text(disk.free_bytes, left));
}
