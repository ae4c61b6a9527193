/* Reads JPEGs with libjpeg-turbo. Its errors longjmp to the function that called it, so data that must
 * survive the jump is on the heap. */
#include "base/round.h"
#include "image/cmyk.h"
#include "image/decoder.h"
#include "image/jpeg/jpeg_markers.h"
#include "image/metadata/exif.h"

#include <jerror.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    EXIF_MARKER = JPEG_APP0 + 1,
    ICC_MARKER = JPEG_APP0 + 2,
    BITS = 8,                    /* of a sample; the only depth that is read */
    SCANS_MAX = 500,             /* more would be an attack on computing time */
    PIXELS_PER_BYTE_MAX = 8 * 64 /* a block of 8 x 8 pixels takes at least one bit */
};

typedef struct jpeg_reader {
    gd_decoder base;
    FILE *file; /* owned */
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    gd_jpeg_markers markers; /* owned */
    bool started;
    bool damaged;                /* a warning about lost pixels was given; it is in `cause` */
    bool ended;                  /* the file ended before the picture's end marker */
    char cause[JMSG_LENGTH_MAX]; /* libjpeg's error message */
    gd_cmyk *cmyk;               /* owned; NULL: not CMYK */
    uint8_t *samples;            /* owned; [cols, 4], CMYK only */
} jpeg_reader;

static void error_exit(j_common_ptr info)
{
    jpeg_reader *jpeg = info->client_data;
    if (!jpeg->damaged)
        info->err->format_message(info, jpeg->cause);
    longjmp(jpeg->jump, 1);
}

static void emit_message(j_common_ptr info, int level)
{
    jpeg_reader *jpeg = info->client_data;
    if (level >= 0 || jpeg->damaged)
        return;
    switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
        jpeg->ended = true;
        break;
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
        jpeg->damaged = true;
        info->err->format_message(info, jpeg->cause);
        break;
    default:
        break;
    }
}

static void output_message(j_common_ptr info)
{
    (void)info;
}

static void progress_monitor(j_common_ptr info)
{
    jpeg_reader *jpeg = info->client_data;
    if (jpeg->info.input_scan_number <= SCANS_MAX)
        return;
    snprintf(jpeg->cause, sizeof jpeg->cause, "more than %d scans", SCANS_MAX);
    longjmp(jpeg->jump, 1);
}

/* Whether a file without an end marker may lack pixels. Within a scan, the Huffman decoder runs out of bits
 * (JWRN_HIT_MARKER). A progressive picture lacks whole scans if some bits of its coefficients were never
 * sent. */
static bool may_lack_pixels(const jpeg_reader *jpeg)
{
    const struct jpeg_decompress_struct *info = &jpeg->info;
    if (!jpeg->ended)
        return false;
    if (info->arith_code || (!info->progressive_mode && jpeg_has_multiple_scans((j_decompress_ptr)info)))
        return true;
    for (int i = 0; info->progressive_mode && i < info->num_components * DCTSIZE2; i++)
        if (info->coef_bits[i / DCTSIZE2][i % DCTSIZE2] != 0)
            return true;
    return false;
}

/* Reads the whole file of a picture with several scans. */
static gd_status start_pixels(jpeg_reader *jpeg, gd_error *error)
{
    if (setjmp(jpeg->jump))
        return gd_decoder_damaged(&jpeg->base, jpeg->cause, error);
    if (!jpeg_start_decompress(&jpeg->info) || jpeg->damaged || may_lack_pixels(jpeg))
        return gd_decoder_damaged(&jpeg->base, jpeg->damaged ? jpeg->cause : "it has no end", error);
    jpeg->started = true;
    return GD_OK;
}

/* Called after the last row: the picture is complete, but its end marker may be missing. */
static void look_at_end(jpeg_reader *jpeg)
{
    if (setjmp(jpeg->jump))
        return;                                /* data behind the rows is not part of the picture */
    if (!jpeg_has_multiple_scans(&jpeg->info)) /* else it has been read up to its end */
        (void)jpeg_finish_decompress(&jpeg->info);
    if (jpeg->ended)
        gd_decoder_warn(&jpeg->base,
                        "it ends without a JPEG's end marker; all rows are there, but the file may be cut");
}

static gd_status jpeg_row(gd_decoder *decoder, void *row, gd_error *error)
{
    jpeg_reader *jpeg = (jpeg_reader *)decoder;
    const gd_status status = jpeg->started ? GD_OK : start_pixels(jpeg, error);
    if (status != GD_OK)
        return status;
    if (setjmp(jpeg->jump))
        return gd_decoder_damaged(decoder, jpeg->cause, error);
    JSAMPROW line = jpeg->cmyk ? jpeg->samples : row;
    if (jpeg_read_scanlines(&jpeg->info, &line, 1) != 1 || jpeg->damaged || may_lack_pixels(jpeg))
        return gd_decoder_damaged(decoder, jpeg->damaged ? jpeg->cause : "it has no end", error);
    if (decoder->next + 1 == decoder->rows)
        look_at_end(jpeg);
    if (jpeg->cmyk)
        gd_cmyk_row(jpeg->cmyk, line, row, decoder->cols);
    return GD_OK;
}

static void jpeg_close(gd_decoder *decoder)
{
    jpeg_reader *jpeg = (jpeg_reader *)decoder;
    jpeg_destroy_decompress(&jpeg->info);
    gd_jpeg_markers_free(&jpeg->markers);
    gd_cmyk_free(jpeg->cmyk);
    free(jpeg->samples);
    fclose(jpeg->file);
    free(jpeg);
}

static const gd_decoder_class JPEG_CLASS = {.row = jpeg_row, .close = jpeg_close};

static gd_status start_library(jpeg_reader *jpeg, gd_error *error)
{
    jpeg->info.err = jpeg_std_error(&jpeg->errors);
    jpeg->info.client_data = jpeg;
    jpeg->errors.error_exit = error_exit;
    jpeg->errors.emit_message = emit_message;
    jpeg->errors.output_message = output_message;
    if (setjmp(jpeg->jump))
        return gd_fail(error, GD_BACKEND, "%s: libjpeg does not start: %s", jpeg->base.path, jpeg->cause);
    jpeg_create_decompress(&jpeg->info);
    jpeg->progress.progress_monitor = progress_monitor;
    jpeg->info.progress = &jpeg->progress;
    return GD_OK;
}

static boolean process_exif(j_decompress_ptr info)
{
    jpeg_reader *jpeg = info->client_data;
    return gd_jpeg_markers_exif(&jpeg->markers, info);
}

static boolean process_icc(j_decompress_ptr info)
{
    jpeg_reader *jpeg = info->client_data;
    return gd_jpeg_markers_icc(&jpeg->markers, info);
}

/* Refuses a kind of JPEG that this build's libjpeg cannot read. */
static gd_status refuse_kind(const jpeg_reader *jpeg, const char *kind, gd_error *error)
{
    return gd_fail(error, GD_USAGE,
                   "%s: is a JPEG of %s, which this build's libjpeg cannot read; convert it with that of "
                   "libjpeg-turbo 3: djpeg -pnm IN.jpg | pnmtopng > OUT.png",
                   jpeg->base.path, kind);
}

/* Explains why libjpeg refused the header. */
static gd_status header_failed(const jpeg_reader *jpeg, gd_error *error)
{
    enum { LOSSLESS = 0xC3, LOSSLESS_ARITHMETIC = 0xCB };
    char bits[32];
    const int parameter = jpeg->errors.msg_parm.i[0];
    switch (jpeg->errors.msg_code) {
    case JERR_BAD_PRECISION:
        snprintf(bits, sizeof bits, "%d bits a sample", parameter);
        return refuse_kind(jpeg, bits, error);
    case JERR_SOF_UNSUPPORTED:
        return refuse_kind(jpeg,
                           parameter == LOSSLESS || parameter == LOSSLESS_ARITHMETIC
                               ? "the lossless kind"
                               : "the hierarchical kind",
                           error);
    case JERR_ARITH_NOTIMPL:
        return refuse_kind(jpeg, "the arithmetic kind", error);
    default:
        return gd_fail(error, GD_USAGE, "%s: its header cannot be read; the file is damaged (%s)",
                       jpeg->base.path, jpeg->cause);
    }
}

static gd_status read_header(jpeg_reader *jpeg, gd_error *error)
{
    char bits[32];
    if (setjmp(jpeg->jump))
        return header_failed(jpeg, error);
    jpeg_stdio_src(&jpeg->info, jpeg->file);
    jpeg_set_marker_processor(&jpeg->info, EXIF_MARKER, process_exif);
    jpeg_set_marker_processor(&jpeg->info, ICC_MARKER, process_icc);
    jpeg_read_header(&jpeg->info, TRUE);
    if (jpeg->info.data_precision != BITS) {
        snprintf(bits, sizeof bits, "%d bits a sample", jpeg->info.data_precision);
        return refuse_kind(jpeg, bits, error);
    }
    jpeg->base.rows = jpeg->info.image_height;
    jpeg->base.cols = jpeg->info.image_width;
    return gd_decoder_check_size(jpeg->base.path, jpeg->base.rows, jpeg->base.cols, error);
}

/* A progressive picture is held in memory as a whole, so its size must be in proportion to the file size. */
static gd_status check_plausible(const jpeg_reader *jpeg, gd_error *error)
{
    struct stat file;
    if (!jpeg_has_multiple_scans((j_decompress_ptr)&jpeg->info) || fstat(fileno(jpeg->file), &file) != 0)
        return GD_OK;
    if (jpeg->base.rows * jpeg->base.cols / PIXELS_PER_BYTE_MAX <= file.st_size)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s: its %lld bytes cannot hold %lld x %lld pixels; the file is damaged",
                   jpeg->base.path, (long long)file.st_size, (long long)jpeg->base.cols,
                   (long long)jpeg->base.rows);
}

/* Reads the resolution from the JFIF header, else from EXIF. */
static void read_density(jpeg_reader *jpeg, const gd_exif *exif)
{
    enum { PER_INCH = 1, PER_CENTIMETRE = 2 };
    const struct jpeg_decompress_struct *info = &jpeg->info;
    gd_profile *profile = &jpeg->base.profile;
    double scale = info->density_unit == PER_INCH ? 1.0 : info->density_unit == PER_CENTIMETRE ? 2.54 : 0.0;
    if (info->saw_JFIF_marker && scale > 0.0) {
        profile->dpi_x = scale * info->X_density;
        profile->dpi_y = scale * info->Y_density;
    } else {
        profile->dpi_x = exif->dpi_x;
        profile->dpi_y = exif->dpi_y;
    }
}

static void read_exif(jpeg_reader *jpeg)
{
    const gd_jpeg_markers *markers = &jpeg->markers;
    gd_exif exif = {.orientation = 1};
    if (markers->exif && !gd_exif_parse(markers->exif, markers->exif_bytes, &exif))
        gd_decoder_warn(&jpeg->base, "its EXIF data is ignored, since this build has no libexif");
    jpeg->base.orientation = exif.orientation;
    jpeg->base.colours = exif.colours;
    read_density(jpeg, &exif);
}

static void read_icc(jpeg_reader *jpeg)
{
    const char *trouble = NULL;
    gd_profile *profile = &jpeg->base.profile;
    profile->icc = gd_jpeg_markers_profile(&jpeg->markers, &profile->icc_bytes, &trouble);
    if (trouble)
        snprintf(jpeg->base.colours.icc_trouble, sizeof jpeg->base.colours.icc_trouble, "%s", trouble);
}

/* Chooses libjpeg's output: RGB, or CMYK for the conversion by profile. */
static gd_status choose_colours(jpeg_reader *jpeg, gd_error *error)
{
    struct jpeg_decompress_struct *info = &jpeg->info;
    jpeg->base.colours.grey = info->jpeg_color_space == JCS_GRAYSCALE;
    switch (info->jpeg_color_space) {
    case JCS_GRAYSCALE:
    case JCS_RGB:
    case JCS_YCbCr:
        info->out_color_space = JCS_RGB;
        return GD_OK;
    case JCS_CMYK:
    case JCS_YCCK:
        break;
    default:
        return gd_fail(error, GD_USAGE, "%s: has %d colour channels of an unknown kind; convert it to RGB",
                       jpeg->base.path, info->num_components);
    }
    info->out_color_space = JCS_CMYK;
    /* Adobe's programs store inverted CMYK, and mark their files. */
    gd_status status = gd_cmyk_create(&jpeg->base, info->saw_Adobe_marker, &jpeg->cmyk, error);
    if (status != GD_OK)
        return status;
    jpeg->samples = malloc((size_t)jpeg->base.cols * 4);
    return jpeg->samples ? GD_OK : gd_no_memory(error, "a row of %s", jpeg->base.path);
}

/* The coefficients of all components of a picture in several scans, 2 bytes each, up to whole MCUs (libjpeg's
 * own temporary files, which max_memory_to_use would ask for, are left out of libjpeg-turbo as Linux has it);
 * and the rows that libjpeg works on. */
static uint64_t held_bytes(jpeg_reader *jpeg)
{
    enum { ROWS_OF_BLOCKS = 2, BLOCK = 8 };
    struct jpeg_decompress_struct *info = &jpeg->info;
    const bool whole = jpeg_has_multiple_scans(info);
    uint64_t bytes = (uint64_t)jpeg->base.cols * (jpeg->cmyk ? 4 : 3) * (uint64_t)info->max_v_samp_factor;
    for (int c = 0; c < info->num_components; c++) {
        const jpeg_component_info *part = &info->comp_info[c];
        const uint64_t across = (uint64_t)gd_round_up(part->width_in_blocks, part->h_samp_factor),
                       down = (uint64_t)gd_round_up(part->height_in_blocks, part->v_samp_factor);
        bytes += across * BLOCK * BLOCK * ROWS_OF_BLOCKS * (uint64_t)part->v_samp_factor;
        bytes += whole ? across * down * BLOCK * BLOCK * sizeof(JCOEF) : 0;
    }
    return bytes;
}

gd_status gd_jpeg_open(const char *path, FILE *file, gd_allowance *allowance, gd_decoder **decoder,
                       gd_error *error)
{
    jpeg_reader *jpeg = calloc(1, sizeof *jpeg);
    if (!jpeg) {
        fclose(file);
        return gd_no_memory(error, "reading %s", path);
    }
    jpeg->base =
        (gd_decoder){.class = &JPEG_CLASS, .path = path, .allowance = allowance, .bits = 8, .orientation = 1};
    jpeg->file = file;
    jpeg->markers.allowance = allowance;
    gd_status status = start_library(jpeg, error);
    if (status == GD_OK)
        status = read_header(jpeg, error);
    if (status == GD_OK)
        status = check_plausible(jpeg, error);
    if (status == GD_OK) {
        read_exif(jpeg);
        read_icc(jpeg);
        gd_jpeg_markers_free(&jpeg->markers);
        status = choose_colours(jpeg, error);
    }
    if (status != GD_OK) {
        gd_decoder_close(&jpeg->base);
        return status;
    }
    jpeg->base.held = held_bytes(jpeg);
    *decoder = &jpeg->base;
    return GD_OK;
}
