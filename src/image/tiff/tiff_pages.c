/* Chooses the page of a TIFF that is the picture, from its directories. */
#include "image/tiff/tiff_pages.h"

#include <stdio.h>
#include <string.h>
#include <tiffio.h>

enum {
    PAGES_MAX = 64,                 /* pages that are examined */
    BELOW_MAX = GD_TIFF_VALUES_MAX, /* pages below one that are examined */
    CFA = 32803,
    LINEAR_RAW = 34892, /* DNG's own kinds of colour */
    SUB_IFDS = 330,
    EXIF_IFD = 34665,
    INTEROP_IFD = 40965,
    COLOR_SPACE = 40961,
    DNG_VERSION = 50706
};

/* Purpose of a page. */
typedef enum page_use { USE_PICTURE, USE_OTHER, USE_REDUCED, USE_MASK, USE_RAW } page_use;

static page_use use_of(const gd_tiff_file *file, const gd_tiff_directory *d)
{
    const uint64_t none = UINT64_MAX, colours = gd_tiff_value_of(file, d, TIFFTAG_PHOTOMETRIC, none);
    const uint64_t kind = gd_tiff_value_of(file, d, TIFFTAG_SUBFILETYPE, 0),
                   old = gd_tiff_value_of(file, d, TIFFTAG_OSUBFILETYPE, 0);
    if ((kind & FILETYPE_MASK) || colours == PHOTOMETRIC_MASK)
        return USE_MASK;
    if ((kind & FILETYPE_REDUCEDIMAGE) || old == OFILETYPE_REDUCEDIMAGE)
        return USE_REDUCED;
    if (colours == CFA || colours == LINEAR_RAW)
        return USE_RAW;
    return colours <= PHOTOMETRIC_PALETTE || colours == PHOTOMETRIC_SEPARATED || colours == PHOTOMETRIC_YCBCR
               ? USE_PICTURE
               : USE_OTHER;
}

/* A page that can be the picture. */
typedef struct candidate {
    uint64_t at, rows, cols;
    int number; /* in the file, from 1 on */
    bool colour;
} candidate;

static candidate candidate_of(const gd_tiff_file *file, const gd_tiff_directory *d, int number)
{
    const uint64_t colours = gd_tiff_value_of(file, d, TIFFTAG_PHOTOMETRIC, 0);
    return (candidate){.at = d->at,
                       .rows = gd_tiff_value_of(file, d, TIFFTAG_IMAGELENGTH, 0),
                       .cols = gd_tiff_value_of(file, d, TIFFTAG_IMAGEWIDTH, 0),
                       .number = number,
                       .colour = colours != PHOTOMETRIC_MINISWHITE && colours != PHOTOMETRIC_MINISBLACK};
}

static bool is_smaller(const candidate *a, const candidate *b)
{
    return a->rows < b->rows && a->cols < b->cols;
}

/* Prefers colour to grey, and earlier pages to later ones. A page that is smaller in both directions is a
 * thumbnail, which not all programs mark as such. */
static bool is_better(const candidate *later, const candidate *best)
{
    if (best->at == 0 || is_smaller(later, best))
        return best->at == 0;
    return is_smaller(best, later) ? later->colour || !best->colour : later->colour && !best->colour;
}

/* Result of the search. */
typedef struct search {
    gd_tiff_file file;
    bool raw;
    int count;        /* number of pages, at most PAGES_MAX */
    int pages;        /* pages of full size, without masks */
    candidate best;   /* best page that can be read; at 0: none */
    uint64_t other;   /* first page of full size that cannot be read */
    uint64_t reduced; /* first reduced copy */
    uint64_t below;   /* first sub-page of full size */
} search;

static void look_below(search *s, const gd_tiff_directory *page)
{
    uint64_t at[BELOW_MAX];
    const int count = gd_tiff_values_of(&s->file, page, SUB_IFDS, at, BELOW_MAX);
    for (int i = 0; i < count; i++) {
        gd_tiff_directory d;
        if (!gd_tiff_directory_read(&s->file, at[i], &d))
            continue;
        const page_use use = use_of(&s->file, &d);
        s->raw = s->raw || use == USE_RAW;
        if (use == USE_PICTURE && s->below == 0)
            s->below = at[i];
        gd_tiff_directory_free(&d);
    }
}

static void look_at_page(search *s, const gd_tiff_directory *d, int number)
{
    const page_use use = use_of(&s->file, d);
    s->raw = s->raw || use == USE_RAW || gd_tiff_value_of(&s->file, d, DNG_VERSION, 0) != 0;
    s->pages += use == USE_PICTURE || use == USE_OTHER;
    const candidate page = candidate_of(&s->file, d, number);
    if (use == USE_PICTURE && is_better(&page, &s->best))
        s->best = page;
    if (use == USE_OTHER && s->other == 0)
        s->other = d->at;
    if (use == USE_REDUCED && s->reduced == 0)
        s->reduced = d->at;
    look_below(s, d);
}

/* Canon's raw files have a mark behind the header. */
static bool canon_raw(const gd_tiff_file *file)
{
    char word[2];
    return gd_tiff_read_at(file, 8, word, 2) && memcmp(word, "CR", 2) == 0;
}

static gd_status look_at_pages(search *s, uint64_t first, const gd_decoder *decoder, gd_error *error)
{
    uint64_t at = first;
    s->raw = !s->file.big && canon_raw(&s->file);
    for (int number = 1; number <= PAGES_MAX && at != 0; number++) {
        gd_tiff_directory d;
        if (!gd_tiff_directory_read(&s->file, at, &d)) {
            at = 0;
        } else {
            look_at_page(s, &d, number);
            s->count = number;
            at = d.next;
            gd_tiff_directory_free(&d);
        }
    }
    if (s->raw)
        return gd_fail(
            error, GD_USAGE,
            "%s is a camera's raw file, which holds what the sensor saw and no picture yet; develop "
            "it first: darktable-cli IN OUT.tif, or dcraw -T IN",
            decoder->path);
    return GD_OK;
}

static uint64_t choose(search *s, uint64_t first)
{
    const uint64_t order[] = {s->best.at, s->below, s->other, s->reduced, first};
    int i = 0;
    while (order[i] == 0 && i < 4)
        i++;
    return order[i];
}

/* Reads EXIF's claims on colour; cameras that write TIFF follow the same standard as for JPEG. */
static void read_exif(const gd_tiff_file *file, const gd_tiff_directory *page, gd_colour_claims *c)
{
    enum { INDEX_TAG = 1, INDEX = 3 };
    gd_tiff_directory exif, interop;
    uint64_t index[INDEX] = {0};
    if (!gd_tiff_directory_read(file, gd_tiff_value_of(file, page, EXIF_IFD, 0), &exif))
        return;
    if (gd_tiff_directory_read(file, gd_tiff_value_of(file, &exif, INTEROP_IFD, 0), &interop)) {
        (void)gd_tiff_values_of(file, &interop, INDEX_TAG, index, INDEX);
        gd_tiff_directory_free(&interop);
    }
    const char name[INDEX + 1] = {(char)index[0], (char)index[1], (char)index[2], '\0'};
    gd_colour_note_exif(c, (int32_t)(uint16_t)gd_tiff_value_of(file, &exif, COLOR_SPACE, 0), name);
    gd_tiff_directory_free(&exif);
}

/* `read`: the page that is read. It has no number if it is not the best one. */
static void warn_of_pages(gd_decoder *decoder, const search *s, const gd_tiff_directory *read)
{
    const candidate page = candidate_of(&s->file, read, s->best.number);
    char number[32] = "one";
    if (s->pages <= 1)
        return;
    if (page.number > 0)
        snprintf(number, sizeof number, "page %d", page.number);
    gd_decoder_warn(decoder, "it has %d%s pages, of which %s, %llu x %llu, was read", s->count,
                    s->count == PAGES_MAX ? " or more" : "", number, (unsigned long long)page.cols,
                    (unsigned long long)page.rows);
}

gd_status gd_tiff_find_page(int fd, gd_decoder *decoder, gd_tiff_page_view *view, gd_error *error)
{
    search s = {0};
    uint8_t head[16];
    uint64_t first = 0;
    gd_tiff_directory d;
    *view = (gd_tiff_page_view){0};
    if (!gd_tiff_head_read(fd, &s.file, head, &first))
        return gd_fail(error, GD_USAGE, "%s: its header cannot be read; the file is damaged", decoder->path);
    gd_status status = look_at_pages(&s, first, decoder, error);
    if (status != GD_OK)
        return status;
    if (!gd_tiff_directory_read(&s.file, choose(&s, first), &d))
        return gd_fail(error, GD_USAGE, "%s: its directory cannot be read; the file is damaged",
                       decoder->path);
    warn_of_pages(decoder, &s, &d);
    read_exif(&s.file, &d, &decoder->colours);
    status = gd_tiff_page_view_make(decoder, &s.file, &d, head, view, error);
    gd_tiff_directory_free(&d);
    return status;
}
