/* Reads HEIC and AVIF pictures with libheif, which decodes them as a whole and turns them upright. */
#include "image/decoder.h"

#include <libheif/heif.h>
#include <stdlib.h>
#include <string.h>

typedef struct heif_input {
    gd_decoder base;
    uint8_t *file; /* owned */
    size_t bytes;
    struct heif_context *context;     /* owned; of `file` */
    struct heif_image_handle *handle; /* owned; the primary picture */
    struct heif_image *image;         /* owned; NULL until the first row is read */
    int32_t bits;                     /* of a stored sample: 8 to 16 */
} heif_input;

/* A message of libheif, which may have several lines, as one. */
static void one_line(const char *message, char text[200])
{
    snprintf(text, 200, "%s", message);
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < ' ')
            *at = ' ';
    for (size_t length = strlen(text); length > 0 && text[length - 1] == ' '; length--)
        text[length - 1] = '\0';
}

/* GD_USAGE with libheif's own message. */
static gd_status refuse(const heif_input *reader, struct heif_error why, gd_error *error)
{
    const char *path = reader->base.path;
    char cause[200];
    one_line(why.message, cause);
    if (why.code == heif_error_Memory_allocation_error)
        return gd_no_memory(error, "%s", path);
    if (why.code == heif_error_Unsupported_filetype || why.code == heif_error_Unsupported_feature)
        return gd_fail(
            error, GD_USAGE,
            "%s: this libheif cannot read it (%s); install its plugin for HEVC or AV1 (Debian: "
            "libheif-plugin-libde265, libheif-plugin-dav1d), or convert it: heif-convert IN OUT.png",
            path, cause);
    return gd_fail(error, GD_USAGE, "%s: cannot be read (%s); the file is damaged", path, cause);
}

static gd_status decode(heif_input *reader, gd_error *error)
{
    const enum heif_chroma chroma =
        reader->base.bits == 8 ? heif_chroma_interleaved_RGB : heif_chroma_interleaved_RRGGBB_LE;
    struct heif_error why =
        heif_decode_image(reader->handle, &reader->image, heif_colorspace_RGB, chroma, NULL);
    if (why.code != heif_error_Ok)
        return refuse(reader, why, error);
    if (heif_image_get_width(reader->image, heif_channel_interleaved) < reader->base.cols ||
        heif_image_get_height(reader->image, heif_channel_interleaved) < reader->base.rows)
        return gd_decoder_damaged(&reader->base, "its picture is smaller than it says", error);
    reader->bits = heif_image_get_bits_per_pixel_range(reader->image, heif_channel_interleaved);
    if ((reader->base.bits == 8 && reader->bits != 8) || reader->bits < 8 || reader->bits > 16)
        return gd_decoder_damaged(&reader->base, "its samples are of another size than it says", error);
    return GD_OK;
}

/* Stretches little-endian samples of fewer bits to 16. */
static void widen(const uint8_t *from, int64_t count, int32_t bits, uint16_t *to)
{
    const uint32_t top = (1u << bits) - 1u;
    for (int64_t i = 0; i < count; i++) {
        const uint32_t sample = from[2 * i] | (uint32_t)from[2 * i + 1] << 8;
        to[i] = (uint16_t)(((sample < top ? sample : top) * 65535u + top / 2) / top);
    }
}

static gd_status heif_row(gd_decoder *decoder, void *row, gd_error *error)
{
    heif_input *reader = (heif_input *)decoder;
    int stride = 0;
    const gd_status status = reader->image ? GD_OK : decode(reader, error);
    if (status != GD_OK)
        return status;
    const uint8_t *plane = heif_image_get_plane_readonly(reader->image, heif_channel_interleaved, &stride);
    if (!plane)
        return gd_decoder_damaged(decoder, "it has no pixels", error);
    plane += (size_t)decoder->next * (size_t)stride;
    if (decoder->bits == 8)
        memcpy(row, plane, (size_t)decoder->cols * 3);
    else
        widen(plane, decoder->cols * 3, reader->bits, row);
    return GD_OK;
}

static void heif_close(gd_decoder *decoder)
{
    heif_input *reader = (heif_input *)decoder;
    if (reader->image)
        heif_image_release(reader->image);
    if (reader->handle)
        heif_image_handle_release(reader->handle);
    if (reader->context)
        heif_context_free(reader->context);
    free(reader->file);
    free(reader);
}

static const gd_decoder_class HEIF_CLASS = {.row = heif_row, .close = heif_close};

/* libheif and its codecs hold the decoded planes two or three times, and copies in several layouts while
 * they convert and turn them; 4 : 4 : 4 at most. */
static uint64_t library_bytes(const gd_decoder *decoder)
{
    enum { PLANES = 5, CHANNELS = 3, FIXED = 24 << 20 };
    return FIXED + (uint64_t)decoder->rows * (uint64_t)decoder->cols * PLANES * CHANNELS *
                       (uint64_t)(decoder->bits / 8);
}

static gd_status read_header(heif_input *reader, gd_error *error)
{
    gd_decoder *decoder = &reader->base;
    reader->context = heif_context_alloc();
    if (!reader->context)
        return gd_no_memory(error, "reading %s", decoder->path);
    heif_context_set_max_decoding_threads(reader->context, 0);
    struct heif_error why =
        heif_context_read_from_memory_without_copy(reader->context, reader->file, reader->bytes, NULL);
    if (why.code == heif_error_Ok)
        why = heif_context_get_primary_image_handle(reader->context, &reader->handle);
    if (why.code != heif_error_Ok)
        return refuse(reader, why, error);
    decoder->rows = heif_image_handle_get_height(reader->handle);
    decoder->cols = heif_image_handle_get_width(reader->handle);
    decoder->bits = heif_image_handle_get_luma_bits_per_pixel(reader->handle) > 8 ? 16 : 8;
    if (heif_image_handle_has_alpha_channel(reader->handle))
        gd_decoder_warn(decoder, "its transparency was ignored");
    decoder->held = reader->bytes + library_bytes(decoder);
    return gd_decoder_check_size(decoder->path, decoder->rows, decoder->cols, error);
}

/* The code of its colours (ITU-T H.273), which the conversion to RGB leaves as they are. */
static void read_code(heif_input *reader)
{
    gd_colour_claims *c = &reader->base.colours;
    struct heif_color_profile_nclx *code = NULL;
    if (heif_image_handle_get_nclx_color_profile(reader->handle, &code).code != heif_error_Ok || !code)
        return;
    if (code->color_primaries != heif_color_primaries_unspecified &&
        code->transfer_characteristics != heif_transfer_characteristic_unspecified) {
        c->coded = true;
        c->nclx = true;
        c->primaries = (uint8_t)code->color_primaries;
        c->transfer = (uint8_t)code->transfer_characteristics;
        c->full_range = 1;
    }
    heif_nclx_color_profile_free(code);
}

static gd_status read_colours(heif_input *reader, gd_error *error)
{
    const enum heif_color_profile_type type = heif_image_handle_get_color_profile_type(reader->handle);
    if (type == heif_color_profile_type_nclx)
        read_code(reader);
    if (type != heif_color_profile_type_rICC && type != heif_color_profile_type_prof)
        return GD_OK;
    const size_t bytes = heif_image_handle_get_raw_color_profile_size(reader->handle);
    uint8_t *icc = malloc(bytes ? bytes : 1);
    if (!icc)
        return gd_no_memory(error, "%s: its colour profile", reader->base.path);
    gd_status status = GD_OK;
    if (heif_image_handle_get_raw_color_profile(reader->handle, icc).code == heif_error_Ok)
        status = gd_decoder_keep_icc(&reader->base, icc, bytes, error);
    free(icc);
    return status;
}

/* Its EXIF data, behind the 4 bytes of an offset. The orientation in it only repeats the file's own, which
 * libheif has applied. */
static gd_status read_exif(heif_input *reader, gd_error *error)
{
    enum { OFFSET = 4 };
    heif_item_id id;
    if (heif_image_handle_get_list_of_metadata_block_IDs(reader->handle, "Exif", &id, 1) != 1)
        return GD_OK;
    const size_t bytes = heif_image_handle_get_metadata_size(reader->handle, id);
    uint8_t *exif = malloc(bytes ? bytes : 1);
    if (!exif)
        return gd_no_memory(error, "%s: its EXIF data", reader->base.path);
    const gd_colour_claims colours = reader->base.colours;
    gd_status status = GD_OK;
    if (bytes > OFFSET && heif_image_handle_get_metadata(reader->handle, id, exif).code == heif_error_Ok)
        status = gd_decoder_take_exif(&reader->base, exif + OFFSET, bytes - OFFSET, error);
    free(exif);
    reader->base.orientation = 1;
    if (colours.coded)
        reader->base.colours = colours;
    return status;
}

gd_status gd_heif_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error)
{
    heif_input *reader = calloc(1, sizeof *reader);
    if (!reader) {
        fclose(file);
        return gd_no_memory(error, "reading %s", path);
    }
    reader->base =
        (gd_decoder){.class = &HEIF_CLASS, .path = path, .allowance = allowance, .bits = 8, .orientation = 1};
    gd_status status = gd_decoder_read_file(&reader->base, file, &reader->file, &reader->bytes, error);
    if (status == GD_OK)
        status = read_header(reader, error);
    if (status == GD_OK)
        status = read_colours(reader, error);
    if (status == GD_OK)
        status = read_exif(reader, error);
    if (status != GD_OK) {
        gd_decoder_close(&reader->base);
        return status;
    }
    *decoder = &reader->base;
    return GD_OK;
}
