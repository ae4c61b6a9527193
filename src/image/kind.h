/* File formats and TIFF options for output, and their names on the command line. */
#ifndef GD_IMAGE_KIND_H
#define GD_IMAGE_KIND_H

#include "base/status.h"
#include "text/enum_name.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum gd_file_kind { GD_FILE_TIFF, GD_FILE_JPEG, GD_FILE_PNG } gd_file_kind;

/* Finds the format by extension (.tif .tiff .jpg .jpeg .png, any case). .tif is appended to a name without
 * extension; `full` receives the complete name. GD_USAGE for another extension. */
gd_status gd_file_kind_of(const char *name, gd_file_kind *kind, char *full, size_t full_bytes,
                          gd_error *error) GD_CHECKED;

/* Compression of a TIFF's tiles. JPEG has 8 bits, quality 95, YCbCr without subsampling. The others are
 * lossless; all except NONE store differences between neighbours (the horizontal predictor). */
typedef enum gd_compression {
    GD_COMPRESSION_DEFLATE,
    GD_COMPRESSION_LZW,
    GD_COMPRESSION_ZSTD,
    GD_COMPRESSION_JPEG,
    GD_COMPRESSION_NONE
} gd_compression;

/* AUTO: a classic TIFF if it cannot exceed 4 GB, else a BigTIFF. */
typedef enum gd_bigtiff { GD_BIGTIFF_AUTO, GD_BIGTIFF_ALWAYS, GD_BIGTIFF_NEVER } gd_bigtiff;

/* Names of the enumerators on the command line. */
extern const gd_enum_name gd_compression_names[];
extern const gd_enum_name gd_bigtiff_names[];

#endif
