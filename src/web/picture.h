/* A folder of tiles of a picture that is in a file. */
#ifndef GD_WEB_PICTURE_H
#define GD_WEB_PICTURE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct gd_web_request {
    const char *picture; /* JPEG, PNG or TIFF */
    const char *input;   /* another, resampled to the picture's size, for comparison; NULL: none */
    const char *folder;  /* where the page goes */
    const char *page;    /* folder with the page's files; NULL: none was found */
    const char *made;    /* HTML that tells how the picture was made; NULL: none */
    int32_t quality;     /* of the tiles, 1 to 100 */
    bool overwrite;      /* a folder that has another picture is cleared */
    uint64_t memory;     /* maximum bytes */
} gd_web_request;

typedef struct gd_web_result {
    int64_t rows, cols, tiles;
    int32_t levels;
    char warning[1024]; /* sentences about the pictures; "": none */
} gd_web_result;

/* Reads the pictures as streams of rows, and writes the folder. GD_USAGE for files, folders and memory that
 * do not fit; GD_IO if writing fails, after which the same request goes on. Not collective. */
gd_status gd_web_make(const gd_web_request *request, gd_web_result *result, gd_error *error) GD_CHECKED;

#endif
