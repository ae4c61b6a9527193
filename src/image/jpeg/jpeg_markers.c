/* Collects EXIF, ICC profile and comments from the markers of a JPEG. */
#include "image/jpeg/jpeg_markers.h"

#include <jerror.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH = 2, ICC_HEAD = 14 }; /* "ICC_PROFILE\0", the piece's number, how many there are */

static uint8_t next_byte(j_decompress_ptr info)
{
    struct jpeg_source_mgr *source = info->src;
    if (source->bytes_in_buffer == 0 && !source->fill_input_buffer(info))
        ERREXIT(info, JERR_CANT_SUSPEND);
    source->bytes_in_buffer--;
    return *source->next_input_byte++;
}

static void read_bytes(j_decompress_ptr info, uint8_t *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = next_byte(info);
}

/* Bytes that follow the length. */
static size_t read_length(j_decompress_ptr info)
{
    const size_t high = next_byte(info), length = high << 8 | next_byte(info);
    if (length < LENGTH)
        ERREXIT(info, JERR_BAD_LENGTH);
    return length - LENGTH;
}

static void skip(j_decompress_ptr info, size_t count)
{
    if (count > 0)
        info->src->skip_input_data(info, (long)count);
}

/* Reads a marker that begins with `head`. */
static uint8_t *keep(gd_jpeg_markers *markers, j_decompress_ptr info, const uint8_t *head, size_t head_bytes,
                     size_t rest)
{
    const size_t bytes = head_bytes + rest + 1;
    uint8_t *data = gd_allowance_take(markers->allowance, bytes) ? malloc(bytes) : NULL;
    if (!data)
        ERREXIT1(info, JERR_OUT_OF_MEMORY, 0);
    memcpy(data, head, head_bytes);
    read_bytes(info, data + head_bytes, rest);
    return data;
}

boolean gd_jpeg_markers_exif(gd_jpeg_markers *markers, j_decompress_ptr info)
{
    enum { HEAD = 6 };
    uint8_t head[HEAD];
    const size_t length = read_length(info);
    if (markers->exif || length < HEAD) {
        skip(info, length);
        return TRUE;
    }
    read_bytes(info, head, HEAD);
    if (memcmp(head, "Exif\0\0", HEAD) != 0) {
        skip(info, length - HEAD);
        return TRUE;
    }
    markers->exif = keep(markers, info, head, HEAD, length - HEAD);
    markers->exif_bytes = length;
    return TRUE;
}

boolean gd_jpeg_markers_icc(gd_jpeg_markers *markers, j_decompress_ptr info)
{
    uint8_t head[ICC_HEAD];
    const size_t length = read_length(info);
    if (length < ICC_HEAD) {
        skip(info, length);
        return TRUE;
    }
    read_bytes(info, head, ICC_HEAD);
    const int number = head[12], count = head[13];
    if (memcmp(head, "ICC_PROFILE", 12) != 0 || number == 0 || markers->icc[number].data) {
        skip(info, length - ICC_HEAD);
        return TRUE;
    }
    if (markers->icc_count == 0)
        markers->icc_count = count ? count : 255;
    markers->icc[number].data = keep(markers, info, head, 0, length - ICC_HEAD);
    markers->icc[number].bytes = length - ICC_HEAD;
    return TRUE;
}

uint8_t *gd_jpeg_markers_profile(const gd_jpeg_markers *markers, size_t *bytes, const char **trouble)
{
    const int count = markers->icc_count;
    *bytes = 0;
    *trouble = NULL;
    for (int i = 1; i <= count; i++) {
        *bytes += markers->icc[i].bytes;
        if (!markers->icc[i].data)
            *trouble = "a piece of it is missing";
    }
    if (count == 0 || *trouble)
        return NULL;
    uint8_t *icc = gd_allowance_take(markers->allowance, *bytes + 1) ? malloc(*bytes + 1) : NULL, *at = icc;
    for (int i = 1; icc && i <= count; i++) {
        memcpy(at, markers->icc[i].data, markers->icc[i].bytes);
        at += markers->icc[i].bytes;
    }
    if (!icc)
        *trouble = "there is no memory for it";
    return icc;
}

void gd_jpeg_markers_free(gd_jpeg_markers *markers)
{
    free(markers->exif);
    for (size_t i = 0; i < sizeof markers->icc / sizeof *markers->icc; i++)
        free(markers->icc[i].data);
    *markers = (gd_jpeg_markers){0};
}
