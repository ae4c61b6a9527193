/* Compresses tiles to JPEGs in memory with libjpeg-turbo. */
#include "image/jpeg/jpeg_tile.h"

#include <stdio.h>

#include <jpeglib.h>

#include <setjmp.h>
#include <stdlib.h>

typedef struct tile_errors {
    struct jpeg_error_mgr base;
    jmp_buf jump;
} tile_errors;

/* The only failure is of memory. */
static void give_up(j_common_ptr info)
{
    longjmp(((tile_errors *)info->err)->jump, 1);
}

static void compress(struct jpeg_compress_struct *info, const uint8_t *rgb, int32_t quality)
{
    info->input_components = 3;
    info->in_color_space = JCS_RGB;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, quality, TRUE);
    for (int c = 0; c < 3; c++)
        info->comp_info[c].h_samp_factor = info->comp_info[c].v_samp_factor = 1;
    jpeg_start_compress(info, TRUE);
    while (info->next_scanline < info->image_height) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)rgb + (size_t)info->next_scanline * info->image_width * 3;
        jpeg_write_scanlines(info, &row, 1);
    }
    jpeg_finish_compress(info);
}

bool gd_jpeg_tile(const uint8_t *rgb, int32_t rows, int32_t cols, int32_t quality, uint8_t **jpeg,
                  size_t *bytes)
{
    struct jpeg_compress_struct info = {0};
    tile_errors errors;
    unsigned char *data = NULL;
    unsigned long size = 0;
    info.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = give_up;
    *jpeg = NULL;
    if (setjmp(errors.jump)) {
        jpeg_destroy_compress(&info);
        return false;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &data, &size);
    info.image_width = (JDIMENSION)cols;
    info.image_height = (JDIMENSION)rows;
    compress(&info, rgb, quality);
    jpeg_destroy_compress(&info);
    *jpeg = data;
    *bytes = size;
    return true;
}
