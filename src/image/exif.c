#include "image/source.h"

#ifdef GD_HAVE_EXIF
#include <libexif/exif-data.h>
#endif

#ifdef GD_HAVE_EXIF
/* Entry `tag` of the main picture, or NULL unless it is of that format. */
static const ExifEntry *entry_of(ExifData *data, ExifTag tag, ExifFormat format)
{
    const ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], tag);
    bool good = entry && entry->format == format && entry->components >= 1 && entry->data &&
                entry->size >= exif_format_get_size(format);
    return good ? entry : NULL;
}

static int32_t short_of(ExifData *data, ExifTag tag, int32_t otherwise)
{
    const ExifEntry *entry = entry_of(data, tag, EXIF_FORMAT_SHORT);
    return entry ? exif_get_short(entry->data, exif_data_get_byte_order(data)) : otherwise;
}

static double rational_of(ExifData *data, ExifTag tag)
{
    const ExifEntry *entry = entry_of(data, tag, EXIF_FORMAT_RATIONAL);
    if (!entry)
        return 0.0;
    ExifRational r = exif_get_rational(entry->data, exif_data_get_byte_order(data));
    return r.denominator ? (double)r.numerator / (double)r.denominator : 0.0;
}

bool gd_exif_parse(const uint8_t *exif, size_t bytes, gd_exif *result)
{
    enum { CENTIMETRES = 3 };
    *result = (gd_exif){.orientation = 1};
    ExifData *data = bytes <= UINT32_MAX ? exif_data_new_from_data(exif, (unsigned)bytes) : NULL;
    if (!data)
        return true;
    int32_t orientation = short_of(data, EXIF_TAG_ORIENTATION, 1);
    if (orientation >= 1 && orientation <= 8)
        result->orientation = orientation;
    double per_inch = short_of(data, EXIF_TAG_RESOLUTION_UNIT, 2) == CENTIMETRES ? 2.54 : 1.0;
    result->dpi_x = per_inch * rational_of(data, EXIF_TAG_X_RESOLUTION);
    result->dpi_y = per_inch * rational_of(data, EXIF_TAG_Y_RESOLUTION);
    exif_data_unref(data);
    return true;
}
#else
bool gd_exif_parse(const uint8_t *exif, size_t bytes, gd_exif *result)
{
    (void)exif;
    (void)bytes;
    *result = (gd_exif){.orientation = 1};
    return false;
}
#endif
