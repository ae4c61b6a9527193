/* Makes a view of one page of a TIFF: its directory with only the tags that reading it needs. */
#include "image/tiff/tiff_page_view.h"

#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

enum {
    WORDS_MAX = 1 << 20,  /* bytes of a tag that is neither a profile nor a table of tiles */
    TABLES_MAX = 10 << 20 /* tiles or strips of a page: 160 MiB in libtiff's memory */
};

/* The tags that libtiff needs to read a page; all others are left out. */
static const uint16_t needed[] = {TIFFTAG_IMAGEWIDTH,
                                  TIFFTAG_IMAGELENGTH,
                                  TIFFTAG_BITSPERSAMPLE,
                                  TIFFTAG_COMPRESSION,
                                  TIFFTAG_PHOTOMETRIC,
                                  TIFFTAG_FILLORDER,
                                  TIFFTAG_STRIPOFFSETS,
                                  TIFFTAG_ORIENTATION,
                                  TIFFTAG_SAMPLESPERPIXEL,
                                  TIFFTAG_ROWSPERSTRIP,
                                  TIFFTAG_STRIPBYTECOUNTS,
                                  TIFFTAG_XRESOLUTION,
                                  TIFFTAG_YRESOLUTION,
                                  TIFFTAG_PLANARCONFIG,
                                  TIFFTAG_GROUP3OPTIONS,
                                  TIFFTAG_GROUP4OPTIONS,
                                  TIFFTAG_RESOLUTIONUNIT,
                                  TIFFTAG_TRANSFERFUNCTION,
                                  TIFFTAG_PREDICTOR,
                                  TIFFTAG_WHITEPOINT,
                                  TIFFTAG_PRIMARYCHROMATICITIES,
                                  TIFFTAG_COLORMAP,
                                  TIFFTAG_TILEWIDTH,
                                  TIFFTAG_TILELENGTH,
                                  TIFFTAG_TILEOFFSETS,
                                  TIFFTAG_TILEBYTECOUNTS,
                                  TIFFTAG_INKSET,
                                  TIFFTAG_EXTRASAMPLES,
                                  TIFFTAG_MATTEING,
                                  TIFFTAG_DATATYPE,
                                  TIFFTAG_IMAGEDEPTH,
                                  TIFFTAG_TILEDEPTH,
                                  TIFFTAG_SAMPLEFORMAT,
                                  TIFFTAG_JPEGTABLES,
                                  TIFFTAG_YCBCRCOEFFICIENTS,
                                  TIFFTAG_YCBCRSUBSAMPLING,
                                  TIFFTAG_YCBCRPOSITIONING,
                                  TIFFTAG_REFERENCEBLACKWHITE,
                                  TIFFTAG_ICCPROFILE,
                                  TIFFTAG_LERC_PARAMETERS};

static bool is_needed(uint16_t tag)
{
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (needed[i] == tag)
            return true;
    return false;
}

static bool is_table(uint16_t tag)
{
    return tag == TIFFTAG_STRIPOFFSETS || tag == TIFFTAG_STRIPBYTECOUNTS || tag == TIFFTAG_TILEOFFSETS ||
           tag == TIFFTAG_TILEBYTECOUNTS;
}

/* Decides whether the view has the entry, and takes its bytes from the allowance. */
static gd_status take_entry(gd_decoder *decoder, const gd_tiff_entry *e, bool *taken, gd_error *error)
{
    *taken = is_needed(e->tag);
    if (!*taken)
        return GD_OK;
    if (is_table(e->tag) && e->count > TABLES_MAX)
        return gd_fail(error, GD_USAGE, "%s: has %llu tiles or strips; at most %d can be read", decoder->path,
                       (unsigned long long)e->count, TABLES_MAX);
    const uint64_t kept =
        is_table(e->tag) ? e->count * sizeof(uint64_t) : 0; /* by libtiff, in addition to the raw values */
    if (e->bytes <= GD_ICC_BYTES_MAX + kept && !gd_allowance_take(decoder->allowance, e->bytes + kept))
        return gd_allowance_refuse(decoder->allowance, decoder->path, error);
    if (e->tag == TIFFTAG_ICCPROFILE && e->bytes > GD_ICC_BYTES_MAX) {
        *taken = false;
        return gd_decoder_keep_icc(decoder, NULL, e->bytes, error);
    }
    *taken = is_table(e->tag) || e->tag == TIFFTAG_ICCPROFILE || e->bytes <= WORDS_MAX;
    return GD_OK;
}

gd_status gd_tiff_page_view_make(gd_decoder *decoder, const gd_tiff_file *file, const gd_tiff_directory *d,
                                 const uint8_t head[16], gd_tiff_page_view *view, gd_error *error)
{
    const size_t head_bytes = 2 * file->offset_bytes;
    const size_t most = file->count_bytes + (size_t)d->count * file->entry_bytes + file->offset_bytes;
    uint64_t kept = 0;
    view->head = (gd_tiff_patch){.bytes = head_bytes, .data = malloc(head_bytes)};
    view->directory = (gd_tiff_patch){.at = d->at, .data = calloc(most, 1)};
    if (!view->head.data || !view->directory.data)
        return gd_no_memory(error, "reading %s", decoder->path);
    memcpy(view->head.data, head, head_bytes);
    gd_tiff_put_number(file, view->head.data + file->offset_bytes, file->offset_bytes, d->at);
    for (uint64_t i = 0; i < d->count; i++) {
        const gd_tiff_entry e = gd_tiff_entry_of(file, d, i);
        bool taken = false;
        const gd_status status = take_entry(decoder, &e, &taken, error);
        if (status != GD_OK)
            return status;
        if (taken)
            memcpy(view->directory.data + file->count_bytes + kept++ * file->entry_bytes, e.raw,
                   file->entry_bytes);
    }
    gd_tiff_put_number(file, view->directory.data, file->count_bytes, kept);
    view->directory.bytes = file->count_bytes + (size_t)kept * file->entry_bytes + file->offset_bytes;
    return GD_OK;
}

void gd_tiff_page_view_free(gd_tiff_page_view *view)
{
    free(view->head.data);
    free(view->directory.data);
    *view = (gd_tiff_page_view){0};
}
