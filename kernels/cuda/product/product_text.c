/* Writes products and their algorithms as text, and parses algorithms. */
#include "kernels/cuda/product/product_text.h"

#include "kernels/cuda/memory/stored.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOTE_MAX = 48 };

/* " WORD /PITCH" or " WORD (LINE)/PITCH". */
static void write_place(const char *word, int32_t line, int32_t pitch, char text[NOTE_MAX])
{
    if (line > 0)
        snprintf(text, NOTE_MAX, " %s (%" PRId32 ")/%" PRId32, word, line, pitch);
    else
        snprintf(text, NOTE_MAX, " %s /%" PRId32, word, pitch);
}

bool gd_product_shape_text(const gd_product_shape *s, char *text, size_t bytes)
{
    char source[NOTE_MAX], result[NOTE_MAX], mask[NOTE_MAX] = "";
    write_place("from", s->source_line, s->source_pitch, source);
    write_place("to", s->result_line, s->result_pitch, result);
    if (s->mask != GD_PRODUCT_NO_MASK)
        write_place(s->mask == GD_PRODUCT_WRITES_MASK ? "writes" : "applies", s->mask_line, s->mask_pitch,
                    mask);
    const int length =
        snprintf(text, bytes,
                 "product %s %" PRId32 "x%" PRId32 "/%" PRId32 "%s at %" PRId32 "x%" PRId32 "%s%s%s%s%s%s",
                 gd_stored_name(s->type), s->rows, s->depth, s->weight_pitch,
                 s->transposed ? " transposed" : "", s->lines, s->cols, source, result, s->sum ? " sum" : "",
                 s->bias ? " bias" : "", s->relu ? " relu" : "", mask);
    return length > 0 && (size_t)length < bytes;
}

/* The named numbers of a choice, in the order of its text. */
typedef struct field {
    const char *name;
    size_t at;
} field;

#define FIELD(name)                                                                                          \
    {                                                                                                        \
#name, offsetof(gd_product_choice, name)                                                             \
    }
static const field fields[] = {FIELD(algorithm), FIELD(tile),    FIELD(splits),
                               FIELD(reduction), FIELD(swizzle), FIELD(option),
                               FIELD(stages),    FIELD(inner),   FIELD(cluster)};
enum { FIELDS = sizeof fields / sizeof *fields };

static int32_t *value_of(gd_product_choice *choice, const field *f)
{
    return (int32_t *)(void *)((char *)choice + f->at);
}

bool gd_product_choice_text(const gd_product_choice *choice, char *text, size_t bytes)
{
    gd_product_choice copy = *choice;
    size_t at = 0;
    FILE *out = fmemopen(text, bytes, "w");
    if (!out)
        return false;
    for (int f = 0; f < FIELDS; f++)
        fprintf(out, "%s %" PRId32 " ", fields[f].name, *value_of(&copy, &fields[f]));
    fprintf(out, "workspace %" PRId64 " tc %d cuBLASLt %" PRId64 " as ", copy.workspace, copy.tensor_cores,
            copy.version);
    for (int w = 0; w < GD_PRODUCT_WORDS; w++)
        fprintf(out, "%016" PRIx64, copy.words[w]);
    const bool written = fflush(out) == 0;
    at = (size_t)ftell(out);
    return fclose(out) == 0 && written && at < bytes;
}

/* Advances *text past `word`, if it begins with it. */
static bool take(const char **text, const char *word)
{
    const size_t length = strlen(word);
    if (strncmp(*text, word, length) != 0)
        return false;
    *text += length;
    return true;
}

/* Reads " NAME NUMBER" with a number of at most 18 digits, the first without its space. */
static bool take_number(const char **text, const char *name, int64_t *value)
{
    int32_t digits = 0;
    *value = 0;
    if (!take(text, name) || !take(text, " "))
        return false;
    for (; **text >= '0' && **text <= '9' && digits < 18; digits++, (*text)++)
        *value = *value * 10 + (**text - '0');
    return digits > 0 && take(text, " ");
}

static bool take_words(const char *text, gd_product_choice *choice)
{
    if (strspn(text, "0123456789abcdef") != (size_t)16 * GD_PRODUCT_WORDS ||
        text[(size_t)16 * GD_PRODUCT_WORDS] != '\0')
        return false;
    for (int w = 0; w < GD_PRODUCT_WORDS; w++) {
        char digits[17];
        memcpy(digits, text + (size_t)16 * (size_t)w, 16);
        digits[16] = '\0';
        choice->words[w] = strtoull(digits, NULL, 16);
    }
    return true;
}

bool gd_product_choice_parse(const char *text, gd_product_choice *choice)
{
    int64_t value = 0, tensor_cores = 0;
    *choice = (gd_product_choice){0};
    for (int f = 0; f < FIELDS; f++) {
        if (!take_number(&text, fields[f].name, &value) || value > INT32_MAX)
            return false;
        *value_of(choice, &fields[f]) = (int32_t)value;
    }
    if (!take_number(&text, "workspace", &choice->workspace) || !take_number(&text, "tc", &tensor_cores) ||
        tensor_cores > 1 || !take_number(&text, "cuBLASLt", &choice->version) || !take(&text, "as "))
        return false;
    choice->tensor_cores = tensor_cores == 1;
    return take_words(text, choice);
}
