/* A sorted record of which engine or algorithm computes which shape, written and parsed as text. */
#include "kernels/cuda/convolution/choices.h"

#include "base/grow.h"
#include "kernels/cuda/convolution/convolution_text.h"
#include "kernels/cuda/product/product_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char separator[] = ": ";

/* Index of the shape, or where it would be inserted. */
static int32_t place_of(const gd_choices *choices, const char *shape, bool *found)
{
    int32_t low = 0, high = choices->count;
    *found = false;
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        const int order = strcmp(choices->entries[middle].shape, shape);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static gd_status no_memory(gd_error *error)
{
    return gd_no_memory(error, "the record of convolution engines");
}

static gd_status grow(gd_choices *choices, gd_error *error)
{
    const gd_array_kind kind = {sizeof *choices->entries, GD_CHOICES_MAX,
                                "the record of convolution engines"};
    return gd_grow(&choices->entries, &choices->capacity, choices->count + 1, &kind, error);
}

/* `entry` without its shape. */
static gd_status insert(gd_choices *choices, int32_t at, const char *shape, const gd_choice_entry *entry,
                        gd_error *error)
{
    const gd_status status = grow(choices, error);
    char *copy = status == GD_OK ? strdup(shape) : NULL;
    if (status != GD_OK)
        return status;
    if (!copy)
        return no_memory(error);
    memmove(&choices->entries[at + 1], &choices->entries[at],
            (size_t)(choices->count - at) * sizeof *choices->entries);
    choices->entries[at] = *entry;
    choices->entries[at].shape = copy;
    choices->count++;
    return GD_OK;
}

static gd_status add(gd_choices *choices, const char *shape, gd_choice_entry entry, gd_error *error)
{
    bool found;
    const int32_t at = place_of(choices, shape, &found);
    if (!found)
        return insert(choices, at, shape, &entry, error);
    entry.shape = choices->entries[at].shape;
    choices->entries[at] = entry;
    return GD_OK;
}

static gd_status too_long(gd_error *error)
{
    return gd_fail(error, GD_INTERNAL, "the shape of a convolution does not fit %d bytes",
                   (int)GD_CONV_TEXT_MAX);
}

gd_status gd_choices_add(gd_choices *choices, const gd_conv_shape *shape, const gd_conv_choice *choice,
                         gd_error *error)
{
    char text[GD_CONV_TEXT_MAX];
    return gd_conv_shape_text(shape, text, sizeof text)
               ? add(choices, text, (gd_choice_entry){.choice = *choice}, error)
               : too_long(error);
}

gd_status gd_choices_add_product(gd_choices *choices, const gd_product_shape *shape,
                                 const gd_product_choice *choice, gd_error *error)
{
    char text[GD_CONV_TEXT_MAX];
    return gd_product_shape_text(shape, text, sizeof text)
               ? add(choices, text, (gd_choice_entry){.is_product = true, .product = *choice}, error)
               : too_long(error);
}

const gd_conv_choice *gd_choices_find(const gd_choices *choices, const gd_conv_shape *shape)
{
    char text[GD_CONV_TEXT_MAX];
    bool found = false;
    int32_t at = 0;
    if (gd_conv_shape_text(shape, text, sizeof text))
        at = place_of(choices, text, &found);
    return found && !choices->entries[at].is_product ? &choices->entries[at].choice : NULL;
}

const gd_product_choice *gd_choices_find_product(const gd_choices *choices, const gd_product_shape *shape)
{
    char text[GD_CONV_TEXT_MAX];
    bool found = false;
    int32_t at = 0;
    if (gd_product_shape_text(shape, text, sizeof text))
        at = place_of(choices, text, &found);
    return found && choices->entries[at].is_product ? &choices->entries[at].product : NULL;
}

void gd_choices_free(gd_choices *choices)
{
    for (int32_t e = 0; e < choices->count; e++)
        free(choices->entries[e].shape);
    free(choices->entries);
    *choices = (gd_choices){0};
}

/* Size of any line, without its line end. */
enum { LINE_MAX_BYTES = 2 * GD_CONV_TEXT_MAX + 8 };
_Static_assert((int)GD_PRODUCT_TEXT_MAX <= (int)GD_CONV_TEXT_MAX, "texts of products fit the same room");

static bool line_of(const gd_choice_entry *entry, char line[LINE_MAX_BYTES])
{
    char choice[GD_CONV_TEXT_MAX];
    const bool fits = entry->is_product ? gd_product_choice_text(&entry->product, choice, sizeof choice)
                                        : gd_conv_choice_text(&entry->choice, choice, sizeof choice);
    return fits && snprintf(line, LINE_MAX_BYTES, "%s%s%s", entry->shape, separator, choice) < LINE_MAX_BYTES;
}

gd_status gd_choices_text(const gd_choices *choices, char **text, gd_error *error)
{
    size_t bytes = 0;
    gd_status status = GD_OK;
    FILE *out = open_memstream(text, &bytes);
    if (!out)
        return no_memory(error);
    for (int32_t e = 0; e < choices->count && status == GD_OK; e++) {
        char line[LINE_MAX_BYTES];
        if (!line_of(&choices->entries[e], line))
            status = gd_fail(error, GD_INTERNAL, "the choice of %s does not fit a line",
                             choices->entries[e].shape);
        else if (fprintf(out, "%s\n", line) < 0)
            status = no_memory(error);
    }
    if (fclose(out) != 0 && status == GD_OK)
        status = no_memory(error);
    if (status != GD_OK) {
        free(*text);
        *text = NULL;
    }
    return status;
}

static bool parse_choice(const char *text, gd_choice_entry *entry)
{
    *entry = (gd_choice_entry){0};
    if (gd_conv_choice_parse(text, &entry->choice))
        return true;
    entry->is_product = gd_product_choice_parse(text, &entry->product);
    return entry->is_product;
}

/* Modifies `line`. */
static gd_status parse_line(char *line, int32_t number, gd_choices *choices, gd_error *error)
{
    char *cut = strstr(line, separator);
    gd_choice_entry entry;
    bool found;
    if (!cut || cut == line || cut - line >= GD_CONV_TEXT_MAX ||
        !parse_choice(cut + sizeof separator - 1, &entry))
        return gd_fail(error, GD_USAGE,
                       "line %" PRId32
                       " of the record of convolution engines is damaged (%.60s): start afresh",
                       number, line);
    *cut = '\0';
    const int32_t at = place_of(choices, line, &found);
    if (found)
        return gd_fail(error, GD_USAGE,
                       "line %" PRId32 " of the record of convolution engines repeats %s: start afresh",
                       number, line);
    return insert(choices, at, line, &entry, error);
}

gd_status gd_choices_parse(const char *text, gd_choices *choices, gd_error *error)
{
    gd_status status = GD_OK;
    int32_t number = 1;
    for (const char *at = text; *at && status == GD_OK; number++) {
        char line[LINE_MAX_BYTES];
        const size_t length = strcspn(at, "\n");
        const size_t kept = length < sizeof line - 1 ? length : sizeof line - 1;
        memcpy(line, at, kept);
        line[kept] = '\0';
        if (length != kept || at[length] == '\0')
            status =
                gd_fail(error, GD_USAGE,
                        "line %" PRId32 " of the record of convolution engines is %s (%.60s): start afresh",
                        number, length != kept ? "too long" : "cut off", line);
        else
            status = parse_line(line, number, choices, error);
        at += length + (at[length] != '\0');
    }
    if (status != GD_OK)
        gd_choices_free(choices);
    return status;
}

static uint64_t mix(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

void gd_choices_checksum(const gd_choices *choices, char checksum[GD_CHOICES_CHECKSUM])
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int32_t e = 0; e < choices->count; e++) {
        char line[LINE_MAX_BYTES];
        if (line_of(&choices->entries[e], line))
            hash = mix(mix(hash, line), "\n");
    }
    snprintf(checksum, GD_CHOICES_CHECKSUM, "%016" PRIx64, hash);
}
