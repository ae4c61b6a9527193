/* Walks the directories of a TIFF without libtiff, and chooses the page that is the picture. */
#include "image/tiff/tiff_pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

enum {
    ENTRIES_MAX = 4096,    /* as libtiff has it */
    PAGES_MAX = 64,        /* looked at */
    BELOW_MAX = 16,        /* pages below one that are looked at */
    WORDS_MAX = 1 << 20,   /* bytes of a tag that is neither a profile nor a table of tiles */
    TABLES_MAX = 10 << 20, /* tiles or strips of a page: 160 MiB in libtiff's memory */
    CFA = 32803,
    LINEAR_RAW = 34892, /* DNG's own kinds of colour */
    SUB_IFDS = 330,
    EXIF_IFD = 34665,
    INTEROP_IFD = 40965,
    COLOR_SPACE = 40961,
    DNG_VERSION = 50706
};

/* Byte order and sizes of this file. */
typedef struct layout {
    int fd;
    bool big_endian, big;
    size_t entry_bytes, count_bytes, offset_bytes;
} layout;

typedef struct directory {
    uint64_t at;
    uint64_t count;
    uint8_t *entries; /* owned; [count, entry_bytes] */
    uint64_t next;    /* directory; 0: none */
} directory;

static uint64_t number_at(const layout *l, const uint8_t *data, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | data[l->big_endian ? i : bytes - 1 - i];
    return value;
}

static void put_number(const layout *l, uint8_t *data, size_t bytes, uint64_t value)
{
    for (size_t i = 0; i < bytes; i++)
        data[l->big_endian ? bytes - 1 - i : i] = (uint8_t)(value >> (8 * i));
}

static bool read_at(const layout *l, uint64_t at, void *to, size_t bytes)
{
    return at <= INT64_MAX - bytes && pread(l->fd, to, bytes, (off_t)at) == (ssize_t)bytes;
}

/* The head's bytes, of which *first names the first directory. */
static bool read_head(int fd, layout *l, uint8_t head[16], uint64_t *first)
{
    enum { CLASSIC = 42, BIG = 43 };
    *l = (layout){.fd = fd};
    if (!read_at(l, 0, head, 8))
        return false;
    l->big_endian = head[0] == 'M';
    const uint64_t version = number_at(l, head + 2, 2);
    l->big = version == BIG;
    l->entry_bytes = l->big ? 20 : 12;
    l->count_bytes = l->big ? 8 : 2;
    l->offset_bytes = l->big ? 8 : 4;
    if ((l->big && !read_at(l, 8, head + 8, 8)) || (!l->big && version != CLASSIC))
        return false;
    *first = number_at(l, head + l->offset_bytes, l->offset_bytes);
    return true;
}

static void free_directory(directory *d)
{
    free(d->entries);
    *d = (directory){0};
}

static bool read_directory(const layout *l, uint64_t at, directory *d)
{
    uint8_t word[8];
    *d = (directory){.at = at};
    if (at == 0 || !read_at(l, at, word, l->count_bytes))
        return false;
    d->count = number_at(l, word, l->count_bytes);
    if (d->count == 0 || d->count > ENTRIES_MAX)
        return false;
    const size_t bytes = (size_t)d->count * l->entry_bytes;
    d->entries = malloc(bytes);
    if (!d->entries || !read_at(l, at + l->count_bytes, d->entries, bytes)) {
        free_directory(d);
        return false;
    }
    if (read_at(l, at + l->count_bytes + bytes, word, l->offset_bytes))
        d->next = number_at(l, word, l->offset_bytes);
    return true;
}

/* One entry of a directory. */
typedef struct entry {
    const uint8_t *raw;
    uint16_t tag, type;
    uint64_t count, bytes; /* of its values */
} entry;

static entry entry_of(const layout *l, const directory *d, uint64_t i)
{
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
    const uint8_t *raw = d->entries + i * l->entry_bytes;
    entry e = {.raw = raw, .tag = (uint16_t)number_at(l, raw, 2), .type = (uint16_t)number_at(l, raw + 2, 2)};
    const uint64_t size = e.type < sizeof sizes ? sizes[e.type] : 0;
    e.count = number_at(l, raw + 4, l->offset_bytes);
    e.bytes = size == 0 || e.count > UINT64_MAX / 8 ? UINT64_MAX : e.count * size;
    return e;
}

/* The whole numbers of a tag, at most `most` of them; how many. They lie in the entry where they fit. */
static int values_of(const layout *l, const directory *d, uint16_t tag, uint64_t *values, int most)
{
    uint8_t data[BELOW_MAX * 8];
    for (uint64_t i = 0; i < d->count; i++) {
        const entry e = entry_of(l, d, i);
        const uint64_t size = e.count ? e.bytes / e.count : 0;
        if (e.tag != tag || size == 0 || size > 8 || e.bytes == UINT64_MAX)
            continue;
        const int count = e.count < (uint64_t)most ? (int)e.count : most;
        const uint8_t *place = e.raw + 4 + l->offset_bytes;
        if (e.bytes > l->offset_bytes) {
            if (!read_at(l, number_at(l, place, l->offset_bytes), data, (size_t)count * size))
                return 0;
            place = data;
        }
        for (int k = 0; k < count; k++)
            values[k] = number_at(l, place + (size_t)k * size, (size_t)size);
        return count;
    }
    return 0;
}

static uint64_t value_of(const layout *l, const directory *d, uint16_t tag, uint64_t otherwise)
{
    uint64_t value = otherwise;
    return values_of(l, d, tag, &value, 1) == 1 ? value : otherwise;
}

/* Purpose of a page. */
typedef enum page_use { USE_PICTURE, USE_OTHER, USE_REDUCED, USE_MASK, USE_RAW } page_use;

static page_use use_of(const layout *l, const directory *d)
{
    const uint64_t none = UINT64_MAX, colours = value_of(l, d, TIFFTAG_PHOTOMETRIC, none);
    const uint64_t kind = value_of(l, d, TIFFTAG_SUBFILETYPE, 0),
                   old = value_of(l, d, TIFFTAG_OSUBFILETYPE, 0);
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

/* A page that may be the picture. */
typedef struct candidate {
    uint64_t at, rows, cols;
    int number; /* in the file, from 1 on */
    bool colour;
} candidate;

static candidate candidate_of(const layout *l, const directory *d, int number)
{
    const uint64_t colours = value_of(l, d, TIFFTAG_PHOTOMETRIC, 0);
    return (candidate){.at = d->at,
                       .rows = value_of(l, d, TIFFTAG_IMAGELENGTH, 0),
                       .cols = value_of(l, d, TIFFTAG_IMAGEWIDTH, 0),
                       .number = number,
                       .colour = colours != PHOTOMETRIC_MINISWHITE && colours != PHOTOMETRIC_MINISBLACK};
}

static bool is_smaller(const candidate *a, const candidate *b)
{
    return a->rows < b->rows && a->cols < b->cols;
}

/* Colour comes before grey, and the first before others; one that is smaller both ways is a thumbnail, which
 * not all programs say. */
static bool is_better(const candidate *later, const candidate *best)
{
    if (best->at == 0 || is_smaller(later, best))
        return best->at == 0;
    return is_smaller(best, later) ? later->colour || !best->colour : later->colour && !best->colour;
}

/* Result of the search. */
typedef struct search {
    layout l;
    bool raw;
    int count;        /* of all pages, up to PAGES_MAX */
    int pages;        /* those of full size that are no masks */
    candidate best;   /* of those that can be read; at 0: none */
    uint64_t other;   /* the first of full size that cannot */
    uint64_t reduced; /* the first that is a smaller copy */
    uint64_t below;   /* the first of full size below another page */
} search;

static void look_below(search *s, const directory *page)
{
    uint64_t at[BELOW_MAX];
    const int count = values_of(&s->l, page, SUB_IFDS, at, BELOW_MAX);
    for (int i = 0; i < count; i++) {
        directory d;
        if (!read_directory(&s->l, at[i], &d))
            continue;
        const page_use use = use_of(&s->l, &d);
        s->raw = s->raw || use == USE_RAW;
        if (use == USE_PICTURE && s->below == 0)
            s->below = at[i];
        free_directory(&d);
    }
}

static void look_at_page(search *s, const directory *d, int number)
{
    const page_use use = use_of(&s->l, d);
    s->raw = s->raw || use == USE_RAW || value_of(&s->l, d, DNG_VERSION, 0) != 0;
    s->pages += use == USE_PICTURE || use == USE_OTHER;
    const candidate page = candidate_of(&s->l, d, number);
    if (use == USE_PICTURE && is_better(&page, &s->best))
        s->best = page;
    if (use == USE_OTHER && s->other == 0)
        s->other = d->at;
    if (use == USE_REDUCED && s->reduced == 0)
        s->reduced = d->at;
    look_below(s, d);
}

/* Canon's raw files say so behind the head. */
static bool canon_raw(const layout *l)
{
    char word[2];
    return read_at(l, 8, word, 2) && memcmp(word, "CR", 2) == 0;
}

static gd_status look_at_pages(search *s, uint64_t first, const gd_decoder *decoder, gd_error *error)
{
    uint64_t at = first;
    s->raw = !s->l.big && canon_raw(&s->l);
    for (int number = 1; number <= PAGES_MAX && at != 0; number++) {
        directory d;
        if (!read_directory(&s->l, at, &d)) {
            at = 0;
        } else {
            look_at_page(s, &d, number);
            s->count = number;
            at = d.next;
            free_directory(&d);
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

/* The tags by which a page is read; all others are left out. */
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

/* Whether the view has the entry. */
static gd_status take_entry(gd_decoder *decoder, const entry *e, bool *taken, gd_error *error)
{
    *taken = is_needed(e->tag);
    if (!*taken)
        return GD_OK;
    if (is_table(e->tag) && e->count > TABLES_MAX)
        return gd_fail(error, GD_USAGE, "%s: has %llu tiles or strips; at most %d can be read", decoder->path,
                       (unsigned long long)e->count, TABLES_MAX);
    const uint64_t kept =
        is_table(e->tag) ? e->count * sizeof(uint64_t) : 0; /* by libtiff, beside the raw values */
    if (e->bytes <= GD_ICC_BYTES_MAX + kept && !gd_allowance_take(decoder->allowance, e->bytes + kept))
        return gd_allowance_refuse(decoder->allowance, decoder->path, error);
    if (e->tag == TIFFTAG_ICCPROFILE && e->bytes > GD_ICC_BYTES_MAX) {
        *taken = false;
        return gd_decoder_keep_icc(decoder, NULL, e->bytes, error);
    }
    *taken = is_table(e->tag) || e->tag == TIFFTAG_ICCPROFILE || e->bytes <= WORDS_MAX;
    return GD_OK;
}

static gd_status make_view(gd_decoder *decoder, const layout *l, const directory *d, const uint8_t head[16],
                           gd_tiff_page_view *view, gd_error *error)
{
    const size_t head_bytes = 2 * l->offset_bytes;
    const size_t most = l->count_bytes + (size_t)d->count * l->entry_bytes + l->offset_bytes;
    uint64_t kept = 0;
    view->head = (gd_tiff_patch){.bytes = head_bytes, .data = malloc(head_bytes)};
    view->directory = (gd_tiff_patch){.at = d->at, .data = calloc(most, 1)};
    if (!view->head.data || !view->directory.data)
        return gd_no_memory(error, "reading %s", decoder->path);
    memcpy(view->head.data, head, head_bytes);
    put_number(l, view->head.data + l->offset_bytes, l->offset_bytes, d->at);
    for (uint64_t i = 0; i < d->count; i++) {
        const entry e = entry_of(l, d, i);
        bool taken = false;
        const gd_status status = take_entry(decoder, &e, &taken, error);
        if (status != GD_OK)
            return status;
        if (taken)
            memcpy(view->directory.data + l->count_bytes + kept++ * l->entry_bytes, e.raw, l->entry_bytes);
    }
    put_number(l, view->directory.data, l->count_bytes, kept);
    view->directory.bytes = l->count_bytes + (size_t)kept * l->entry_bytes + l->offset_bytes;
    return GD_OK;
}

/* As in a JPEG; cameras that write TIFF keep to the same standard. */
static void read_exif(const layout *l, const directory *page, gd_colour_claims *c)
{
    enum { INDEX_TAG = 1, INDEX = 3 };
    directory exif, interop;
    uint64_t index[INDEX] = {0};
    if (!read_directory(l, value_of(l, page, EXIF_IFD, 0), &exif))
        return;
    if (read_directory(l, value_of(l, &exif, INTEROP_IFD, 0), &interop)) {
        (void)values_of(l, &interop, INDEX_TAG, index, INDEX);
        free_directory(&interop);
    }
    const char name[INDEX + 1] = {(char)index[0], (char)index[1], (char)index[2], '\0'};
    gd_colour_note_exif(c, (int32_t)(uint16_t)value_of(l, &exif, COLOR_SPACE, 0), name);
    free_directory(&exif);
}

/* `read`: the page that is read, which has no number where it is none that is best. */
static void warn_of_pages(gd_decoder *decoder, const search *s, const directory *read)
{
    const candidate page = candidate_of(&s->l, read, s->best.number);
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
    directory d;
    *view = (gd_tiff_page_view){0};
    if (!read_head(fd, &s.l, head, &first))
        return gd_fail(error, GD_USAGE, "%s: its header cannot be read; the file is damaged", decoder->path);
    gd_status status = look_at_pages(&s, first, decoder, error);
    if (status != GD_OK)
        return status;
    if (!read_directory(&s.l, choose(&s, first), &d))
        return gd_fail(error, GD_USAGE, "%s: its directory cannot be read; the file is damaged",
                       decoder->path);
    warn_of_pages(decoder, &s, &d);
    read_exif(&s.l, &d, &decoder->colours);
    status = make_view(decoder, &s.l, &d, head, view, error);
    free_directory(&d);
    return status;
}

void gd_tiff_page_view_free(gd_tiff_page_view *view)
{
    free(view->head.data);
    free(view->directory.data);
    *view = (gd_tiff_page_view){0};
}
