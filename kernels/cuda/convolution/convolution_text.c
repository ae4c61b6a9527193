/* Writes shapes and choices as text, and parses choices. */
#include "kernels/cuda/convolution/convolution_text.h"

#include "kernels/cuda/memory/stored.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *type_name(const gd_conv_shape *shape)
{
    return shape->type == GD_CUDA_F32 && shape->tf32 ? "tf32" : gd_stored_name(shape->type);
}

enum { NOTE_MAX = 32 };

/* Rows of so many pixels, where they are not those of the part; "" else. */
static void write_line(int32_t line, int32_t cols, char text[NOTE_MAX])
{
    text[0] = '\0';
    if (line != cols)
        snprintf(text, NOTE_MAX, "(%" PRId32 ")", line);
}

/* The padding behind the last unit, where it is not that before the first one; "" else. */
static void write_post(const gd_conv_shape *s, char text[NOTE_MAX])
{
    text[0] = '\0';
    if (s->post_rows != s->pad_rows || s->post_cols != s->pad_cols)
        snprintf(text, NOTE_MAX, "-%" PRId32 ",%" PRId32, s->post_rows, s->post_cols);
}

/* What a graph for engines that are compiled at run time has beside; "" of others. */
static void write_compiled(const gd_conv_shape *s, char text[2 * NOTE_MAX])
{
    static const char *const words[] = {
        [GD_CONV_NO_MASK] = "", [GD_CONV_WRITES_MASK] = " writes", [GD_CONV_APPLIES_MASK] = " applies"};
    char mask[NOTE_MAX] = "";
    if (s->mask != GD_CONV_NO_MASK)
        snprintf(mask, NOTE_MAX, " (%" PRId32 ")/%" PRId32 ":%" PRId32, s->mask_line, s->mask_pitch,
                 s->mask_alignment);
    text[0] = '\0';
    if (s->compiled)
        snprintf(text, (size_t)2 * NOTE_MAX, " compiled%s%s", words[s->mask], mask);
}

bool gd_conv_shape_text(const gd_conv_shape *s, char *text, size_t bytes)
{
    char post[NOTE_MAX], in_line[NOTE_MAX], out_line[NOTE_MAX], compiled[2 * NOTE_MAX];
    write_compiled(s, compiled);
    write_post(s, post);
    write_line(s->in_line, s->in_cols, in_line);
    write_line(s->out_line, s->out_cols, out_line);
    const int length =
        snprintf(text, bytes,
                 "%s %s %" PRId32 "x%" PRId32 "/%" PRId32 " p%" PRId32 ",%" PRId32 "%s %" PRId32 "@%" PRId32
                 "x%" PRId32 "%s/%" PRId32 " -> %" PRId32 "@%" PRId32 "x%" PRId32 "%s/%" PRId32 "%s%s%s%s",
                 s->backward ? "back" : "forward", type_name(s), s->kernel_rows, s->kernel_cols, s->stride,
                 s->pad_rows, s->pad_cols, post, s->in, s->in_rows, s->in_cols, in_line, s->in_pitch, s->out,
                 s->out_rows, s->out_cols, out_line, s->out_pitch, s->sum ? " sum" : "",
                 s->bias ? " bias" : "", s->relu ? " relu" : "", compiled);
    return length > 0 && (size_t)length < bytes;
}

/* Advances *at by the length that snprintf returned; false if the text did not fit. */
static bool step_over(size_t bytes, size_t *at, int length)
{
    if (length < 0 || (size_t)length >= bytes - *at)
        return false;
    *at += (size_t)length;
    return true;
}

bool gd_conv_choice_text(const gd_conv_choice *choice, char *text, size_t bytes)
{
    size_t at = 0;
    bool fits = step_over(bytes, &at,
                          snprintf(text, bytes, "engine %" PRId64 " knobs%s", choice->engine,
                                   choice->knob_count ? "" : " none"));
    for (int32_t k = 0; fits && k < choice->knob_count; k++)
        fits = step_over(bytes, &at,
                         snprintf(text + at, bytes - at, "%c%" PRId64 "=%" PRId64, k ? ',' : ' ',
                                  choice->knobs[k], choice->values[k]));
    return fits && step_over(bytes, &at,
                             snprintf(text + at, bytes - at, " workspace %" PRId64 " tc %d",
                                      choice->workspace, choice->tensor_cores));
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

/* Reads a number of at most 18 digits. */
static bool take_number(const char **text, int64_t *value)
{
    const bool negative = take(text, "-");
    int32_t digits = 0;
    *value = 0;
    for (; **text >= '0' && **text <= '9' && digits < 18; digits++, (*text)++)
        *value = *value * 10 + (**text - '0');
    if (negative)
        *value = -*value;
    return digits > 0;
}

static bool take_knobs(const char **text, gd_conv_choice *choice)
{
    if (take(text, "none"))
        return true;
    do {
        const int32_t k = choice->knob_count;
        if (k == GD_KNOBS_MAX || !take_number(text, &choice->knobs[k]) || !take(text, "=") ||
            !take_number(text, &choice->values[k]))
            return false;
        choice->knob_count++;
    } while (take(text, ","));
    return true;
}

bool gd_conv_choice_parse(const char *text, gd_conv_choice *choice)
{
    int64_t tensor_cores = 0;
    *choice = (gd_conv_choice){0};
    const bool read = take(&text, "engine ") && take_number(&text, &choice->engine) &&
                      take(&text, " knobs ") && take_knobs(&text, choice) && take(&text, " workspace ") &&
                      take_number(&text, &choice->workspace) && choice->workspace >= 0 &&
                      take(&text, " tc ") && take_number(&text, &tensor_cores) &&
                      (tensor_cores == 0 || tensor_cores == 1) && *text == '\0';
    choice->tensor_cores = tensor_cores == 1;
    return read;
}
