/* Reads a whole picture, for tests to look at. */
#ifndef GD_TESTS_IMAGE_PICTURE_CHECK_H
#define GD_TESTS_IMAGE_PICTURE_CHECK_H

#include "check.h"

typedef struct picture {
    int64_t rows, cols;
    float *rgb; /* owned; [rows, cols, 3] */
    double dpi_x, dpi_y;
    size_t icc_bytes;
    char warning[512]; /* empty: none */
} picture;

/* The status of the first call that failed; the picture then holds nothing. */
gd_status picture_try(const char *path, picture *p, gd_error *error);

/* Fails the test when it cannot be read. */
picture picture_read(const char *path);

void picture_free(picture *p);

/* Makes an empty folder and changes into it; removes it with all that is in it. For cmocka's group. */
int folder_enter(void **state);
int folder_leave(void **state);

#endif
