/* The disk space that a folder of tiles takes. */
#ifndef GD_WEB_SPACE_H
#define GD_WEB_SPACE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct gd_web_space {
    int64_t tiles;
    double bytes;
} gd_web_space;

/* Of all tiles of a picture, if it were noise, which JPEG cannot make smaller: a real one takes a fraction. A
 * tile is counted in whole blocks of 4 KiB, and with its share of folders. */
gd_web_space gd_web_space_of(int64_t rows, int64_t cols, int32_t quality);

/* Of the page, and of the one that tells how the picture was made. */
enum { GD_WEB_SPACE_PAGE = 1 << 20 };

/* Whether the folder has a picture's tiles, which take their space already. */
bool gd_web_space_taken(const char *folder);

/* GD_USAGE if the disk of `folder` has less than `bytes`, unless gd_web_space_taken. */
gd_status gd_web_space_check(const char *folder, double bytes, gd_error *error) GD_CHECKED;

#endif
