/* A mask: a grey picture that says where the dream is, white, and where the input stays, black. */
#ifndef GD_IMAGE_MASK_MASK_H
#define GD_IMAGE_MASK_MASK_H

#include "base/allowance.h"
#include "base/file.h"
#include "base/rect.h"
#include "base/status.h"
#include "image/limits.h"

#include <stdbool.h>
#include <stdint.h>

/* Maximum number of cells of an axis. */
enum { GD_MASK_CELLS = 1024 };

/* Where a mask is not black, in cells of equal size, one for each pixel of the file if there are no more than
 * GD_MASK_CELLS; plain data that can be broadcast. A cell of several pixels is white if one of them is. */
typedef struct gd_mask_cells {
    int32_t rows, cols;
    uint64_t white[GD_MASK_CELLS][GD_MASK_CELLS / 64];
} gd_mask_cells;

/* What is known of a mask's file; plain data that can be broadcast. */
typedef struct gd_mask {
    int64_t rows, cols;
    double mean;   /* of all pixels, 0 to 1 */
    bool coloured; /* its luma is taken */
    uint32_t crc;  /* CRC-32 of its values: two masks with the same size and values have the same */
    uint64_t held; /* bytes of memory for reading it */
    gd_file_identity file;
    char warning[GD_WARNING_BYTES]; /* gd_picture_info.warning; "": none */
    gd_mask_cells cells;
} gd_mask;

/* Reads the whole file once. A pixel's value is its sample in [0, 1], or the luma (ITU-R BT.709-6) of three
 * that differ. `folder` and `allowance` as in gd_reader_open. GD_USAGE if it cannot be read, or if all of it
 * is black. */
gd_status gd_mask_read(const char *path, const char *folder, gd_allowance *allowance, gd_mask *mask,
                       gd_error *error) GD_CHECKED;

/* Whether the mask is black all over a rectangle of a canvas of size `full`, to which it is resampled by area
 * means: exactly so if its file has no more pixels than GD_MASK_CELLS on each axis, else it may say false
 * where it is. */
bool gd_mask_is_black(const gd_mask_cells *cells, gd_extent full, gd_rect rect);

/* A mask that is resampled while it is read: each pixel is the mean of the file's over its area (box filter,
 * weights above 0). */
typedef struct gd_mask_reader gd_mask_reader;

/* GD_USAGE if the file is not that of `mask` any more. */
gd_status gd_mask_reader_open(const char *path, const char *folder, const gd_mask *mask, gd_extent full,
                              gd_mask_reader **reader, gd_error *error) GD_CHECKED;

/* The next row: [full.cols] in [0, 1]. White stays 1, and black 0, to the bit. */
gd_status gd_mask_reader_row(gd_mask_reader *reader, float *row, gd_error *error) GD_CHECKED;
void gd_mask_reader_close(gd_mask_reader *reader); /* NULL is fine */

/* Bytes that a reader takes beside mask->held. */
uint64_t gd_mask_reader_bytes(const gd_mask *mask, int64_t cols);

#endif
