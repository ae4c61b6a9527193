/* Reads the list of exceptions, and judges choices by it. */
#include "plan_exceptions.h"

#include "check.h"
#include "kernels/cuda/convolution/convolution_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FREE_BYTES = 1 << 20, PATH_BYTES = 4096 };

static bool is_blank(const char *text)
{
    return text[strspn(text, " \n")] == '\0' || *text == '#';
}

void plan_exceptions_read(plan_exceptions *list)
{
    char path[PATH_BYTES], text[512];
    snprintf(path, sizeof path, "%s/tests/kernels/cuda/plan_exceptions.txt", GD_SOURCE_DIR);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    *list = (plan_exceptions){0};
    while (fgets(text, sizeof text, in)) {
        if (is_blank(text))
            continue;
        assert_true(list->count < PLAN_EXCEPTIONS_MAX);
        plan_exception *e = &list->lines[list->count++];
        int reason = 0;
        if (sscanf(text, "%7s %15s %7s %7s %7s %lld %n", e->what, e->device, e->precision, e->direction,
                   e->engine, &e->bound, &reason) != 6 ||
            is_blank(text + reason))
            fail_msg("%s: not an exception with a reason: %s", path, text);
    }
    fclose(in);
}

static bool is_part(int32_t channels, int32_t pitch, int32_t cols, int32_t line)
{
    return channels != pitch || cols != line;
}

int64_t plan_copied_bytes(const gd_conv_shape *s)
{
    const int64_t value = s->type == GD_CUDA_F32 ? 4 : 2;
    int64_t bytes = 0;
    if (is_part(s->in, s->in_pitch, s->in_cols, s->in_line))
        bytes += value * s->in_rows * s->in_cols * s->in;
    if (is_part(s->out, s->out_pitch, s->out_cols, s->out_line))
        bytes += value * s->out_rows * s->out_cols * s->out;
    return bytes;
}

/* "all" is everything, "half" both types of 16 bits. */
static bool fits(const char *word, const char *value)
{
    const bool half = strcmp(value, "bf16") == 0 || strcmp(value, "fp16") == 0;
    return strcmp(word, "all") == 0 || strcmp(word, value) == 0 || (strcmp(word, "half") == 0 && half);
}

/* The first line of a kind that fits; NULL if there is none. */
static plan_exception *find(plan_exceptions *list, const char *what, const plan_place *place,
                            const gd_conv_shape *shape, const gd_conv_choice *choice, int64_t size)
{
    char engine[24];
    snprintf(engine, sizeof engine, "%" PRId64, choice->engine);
    for (int32_t i = 0; i < list->count; i++) {
        plan_exception *e = &list->lines[i];
        const bool bounded = strcmp(what, "space") == 0 ? size <= e->bound << 20 : size >= e->bound;
        if (strcmp(e->what, what) == 0 && fits(e->device, place->device) &&
            fits(e->precision, place->precision) &&
            fits(e->direction, shape->backward ? "back" : "forward") && fits(e->engine, engine) && bounded)
            return e;
    }
    return NULL;
}

static bool excuse(plan_exceptions *list, const char *what, const plan_place *place,
                   const gd_conv_shape *shape, const gd_conv_choice *choice, int64_t size)
{
    plan_exception *line = find(list, what, place, shape, choice, size);
    char text[GD_CONV_TEXT_MAX];
    if (line) {
        line->used = true;
        return true;
    }
    gd_conv_shape_text(shape, text, sizeof text);
    print_error("not excused: %s %s %s %s %" PRId64 " %" PRId64 " (window of %d): %s\n", what, place->device,
                place->precision, shape->backward ? "back" : "forward", choice->engine, size, place->side,
                text);
    return false;
}

bool plan_is_excused(plan_exceptions *list, const plan_place *place, const gd_conv_shape *shape,
                     const gd_conv_choice *choice)
{
    if (!gd_conv_wants_tensor_cores(shape))
        return true;
    if (!choice->tensor_cores)
        return excuse(list, "off", place, shape, choice, place->side);
    if (choice->workspace <= FREE_BYTES)
        return true;
    const int64_t copied = plan_copied_bytes(shape), rest = choice->workspace - copied;
    const bool copies = copied == 0 || excuse(list, "copies", place, shape, choice, choice->workspace);
    return copies && (rest <= FREE_BYTES || excuse(list, "space", place, shape, choice, rest));
}

int32_t plan_exceptions_unused(const plan_exceptions *list)
{
    int32_t unused = 0;
    for (int32_t i = 0; i < list->count; i++) {
        const plan_exception *e = &list->lines[i];
        if (!e->used)
            print_error("excuses nothing, delete it: %s %s %s %s %s %lld\n", e->what, e->device, e->precision,
                        e->direction, e->engine, e->bound);
        unused += !e->used;
    }
    return unused;
}
