/* Markers of a JPEG that are kept while it is read: the first EXIF data, and the pieces of an ICC profile.
 * All others are skipped and take no memory. */
#ifndef GD_IMAGE_JPEG_JPEG_MARKERS_H
#define GD_IMAGE_JPEG_JPEG_MARKERS_H

#include "base/allowance.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

typedef struct gd_jpeg_markers {
    gd_allowance *allowance; /* borrowed; see gd_decoder */
    uint8_t *exif;           /* owned; begins with "Exif\0\0"; NULL: none */
    size_t exif_bytes;
    struct {
        uint8_t *data; /* owned */
        size_t bytes;
    } icc[256];    /* pieces, indexed by their numbers from 1 */
    int icc_count; /* number of pieces as stated; 0: no profile */
} gd_jpeg_markers;

/* Read a marker of APP1 or APP2 (see libjpeg's jpeg_set_marker_processor), beginning with its length. */
boolean gd_jpeg_markers_exif(gd_jpeg_markers *markers, j_decompress_ptr info);
boolean gd_jpeg_markers_icc(gd_jpeg_markers *markers, j_decompress_ptr info);

/* Joins the pieces of the profile; the caller frees it. NULL: no profile, a missing piece, or out of memory;
 * *trouble is the reason, or NULL without a profile. */
uint8_t *gd_jpeg_markers_profile(const gd_jpeg_markers *markers, size_t *bytes, const char **trouble);

void gd_jpeg_markers_free(gd_jpeg_markers *markers);

#endif
