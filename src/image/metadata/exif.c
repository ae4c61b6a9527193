/* Reads orientation, resolution and colour space from EXIF data with libexif. */
#include "image/metadata/exif.h"

#include <string.h>

#ifdef GD_HAVE_EXIF
#include <libexif/exif-data.h>
#endif

#ifdef GD_HAVE_EXIF
/* Entry `tag` of a directory; NULL if it is missing or has another format or number of components. */
static const ExifEntry *entry_of(ExifData *data, ExifIfd ifd, ExifTag tag, ExifFormat format, unsigned count)
{
    const ExifEntry *entry = exif_content_get_entry(data->ifd[ifd], tag);
    bool good = entry && entry->format == format && entry->components >= count && entry->data &&
                entry->size >= count * exif_format_get_size(format);
    return good ? entry : NULL;
}

static int32_t short_of(ExifData *data, ExifIfd ifd, ExifTag tag, int32_t otherwise)
{
    const ExifEntry *entry = entry_of(data, ifd, tag, EXIF_FORMAT_SHORT, 1);
    return entry ? exif_get_short(entry->data, exif_data_get_byte_order(data)) : otherwise;
}

/* False, with zeros, if there are fewer. */
static bool rationals_of(ExifData *data, ExifIfd ifd, ExifTag tag, unsigned count, double *values)
{
    const ExifEntry *entry = entry_of(data, ifd, tag, EXIF_FORMAT_RATIONAL, count);
    for (unsigned i = 0; i < count; i++) {
        const ExifRational r =
            entry ? exif_get_rational(entry->data + i * sizeof r, exif_data_get_byte_order(data))
                  : (ExifRational){0, 0};
        values[i] = r.denominator ? (double)r.numerator / (double)r.denominator : 0.0;
    }
    return entry != NULL;
}

static gd_colour_claims colours_of(ExifData *data)
{
    enum { INDEX = 3 };
    gd_colour_claims c = {0};
    double white[2], places[6];
    char name[INDEX + 1] = "";
    const ExifEntry *index =
        entry_of(data, EXIF_IFD_INTEROPERABILITY, EXIF_TAG_INTEROPERABILITY_INDEX, EXIF_FORMAT_ASCII, INDEX);
    if (index)
        memcpy(name, index->data, INDEX);
    gd_colour_note_exif(&c, short_of(data, EXIF_IFD_EXIF, EXIF_TAG_COLOR_SPACE, 0), name);
    (void)rationals_of(data, EXIF_IFD_EXIF, EXIF_TAG_GAMMA, 1, &c.power);
    c.placed = rationals_of(data, EXIF_IFD_0, EXIF_TAG_WHITE_POINT, 2, white) &&
               rationals_of(data, EXIF_IFD_0, EXIF_TAG_PRIMARY_CHROMATICITIES, 6, places);
    if (!c.placed)
        return c;
    c.white = (gd_icc_xy){white[0], white[1]};
    c.red = (gd_icc_xy){places[0], places[1]};
    c.green = (gd_icc_xy){places[2], places[3]};
    c.blue = (gd_icc_xy){places[4], places[5]};
    return c;
}

bool gd_exif_parse(const uint8_t *exif, size_t bytes, gd_exif *result)
{
    enum { CENTIMETRES = 3 };
    *result = (gd_exif){.orientation = 1};
    ExifData *data = bytes <= UINT32_MAX ? exif_data_new_from_data(exif, (unsigned)bytes) : NULL;
    if (!data)
        return true;
    int32_t orientation = short_of(data, EXIF_IFD_0, EXIF_TAG_ORIENTATION, 1);
    if (orientation >= 1 && orientation <= 8)
        result->orientation = orientation;
    double per_inch = short_of(data, EXIF_IFD_0, EXIF_TAG_RESOLUTION_UNIT, 2) == CENTIMETRES ? 2.54 : 1.0;
    (void)rationals_of(data, EXIF_IFD_0, EXIF_TAG_X_RESOLUTION, 1, &result->dpi_x);
    (void)rationals_of(data, EXIF_IFD_0, EXIF_TAG_Y_RESOLUTION, 1, &result->dpi_y);
    result->dpi_x *= per_inch;
    result->dpi_y *= per_inch;
    result->colours = colours_of(data);
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
