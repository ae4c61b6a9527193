/* File formats and TIFF options for output, and their names on the command line. */
#ifndef GD_IMAGE_KIND_H
#define GD_IMAGE_KIND_H

#include "base/status.h"
#include "text/words.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum gd_file_kind { GD_FILE_TIFF, GD_FILE_JPEG, GD_FILE_PNG } gd_file_kind;

/* By extension (.tif .tiff .jpg .jpeg .png, any case). A name without one gets .tif added; another is
 * refused. `full` receives the completed name. */
gd_status gd_file_kind_of(const char *name, gd_file_kind *kind, char *full, size_t full_bytes,
                          gd_error *error) GD_CHECKED;

/* Of the tiles of a TIFF. JPEG is of 8 bits, quality 95, YCbCr without subsampling; all others lose nothing,
 * and but for NONE store differences between neighbours. */
typedef enum gd_compression {
    GD_COMPRESSION_DEFLATE,
    GD_COMPRESSION_LZW,
    GD_COMPRESSION_ZSTD,
    GD_COMPRESSION_JPEG,
    GD_COMPRESSION_NONE
} gd_compression;

/* AUTO: a classic TIFF where 4 GB suffice in the worst case. */
typedef enum gd_bigtiff { GD_BIGTIFF_AUTO, GD_BIGTIFF_ALWAYS, GD_BIGTIFF_NEVER } gd_bigtiff;

/* The enumerators as the command line names them. */
extern const gd_word gd_compression_words[];
extern const gd_word gd_bigtiff_words[];

#endif
