/* Markers of a JPEG that are kept while it is read: the first EXIF data, and the pieces of an ICC profile.
 * All else is skipped, so that nothing but these takes memory. */
#ifndef GD_IMAGE_JPEG_JPEG_MARKERS_H
#define GD_IMAGE_JPEG_JPEG_MARKERS_H

#include "base/allowance.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

typedef struct gd_jpeg_markers {
    gd_allowance *allowance; /* borrowed; see gd_decoder */
    uint8_t *exif;           /* owned; from "Exif\0\0" on; NULL: there is none */
    size_t exif_bytes;
    struct {
        uint8_t *data; /* owned */
        size_t bytes;
    } icc[256];    /* the pieces, by their numbers from 1 on */
    int icc_count; /* how many there should be; 0: there is none */
} gd_jpeg_markers;

/* Processors of APP1 and APP2 (libjpeg's jpeg_set_marker_processor): the marker's length comes next. */
boolean gd_jpeg_markers_exif(gd_jpeg_markers *markers, j_decompress_ptr info);
boolean gd_jpeg_markers_icc(gd_jpeg_markers *markers, j_decompress_ptr info);

/* The profile, the caller's own; NULL: there is none, a piece is missing, or there is no memory, as *trouble
 * says then. */
uint8_t *gd_jpeg_markers_profile(const gd_jpeg_markers *markers, size_t *bytes, const char **trouble);

void gd_jpeg_markers_free(gd_jpeg_markers *markers);

#endif
