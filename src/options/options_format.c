/* Prints options as a command line, in the order of the table. */
#include "options/options_format.h"

#include "options/flag_values.h"
#include "text/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text in a buffer of fixed size. */
typedef struct line {
    char *text;
    size_t used, bytes;
    bool full;
    bool lines; /* one flag a line, with comments */
} line;

static void GD_PRINTF(2, 3) put(line *l, const char *format, ...)
{
    if (l->full)
        return;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(l->text + l->used, l->bytes - l->used, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= l->bytes - l->used)
        l->full = true;
    else
        l->used += (size_t)length;
}

/* Prints bytes as $'\xFF', the syntax of bash, zsh and ksh, so that the result is one line of UTF-8. */
static void put_bytes(line *l, const char *text)
{
    put(l, "$'");
    while (*text) {
        const size_t length = gd_utf8_length(text);
        const unsigned char byte = (unsigned char)*text;
        if (length == 0 || byte < 0x20 || byte == 0x7F)
            put(l, "\\x%02x", byte);
        else
            put(l, "%s%.*s", byte == '\'' || byte == '\\' ? "\\" : "", (int)length, text);
        text += length ? length : 1;
    }
    put(l, "'");
}

/* Prints a word, in single quotes if the shell needs them. */
static void put_quoted(line *l, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,/:%@";
    if (*text && !text[strspn(text, plain)]) {
        put(l, "%s", text);
        return;
    }
    if (!gd_utf8_plain(text)) {
        put_bytes(l, text);
        return;
    }
    put(l, "'");
    for (; *text; text++) {
        if (*text == '\'')
            put(l, "'\\''");
        else
            put(l, "%c", *text);
    }
    put(l, "'");
}

/* Values with two words are never names, and need no quotes. */
static void put_values(line *l, const gd_flag *flag, const char *values)
{
    if (gd_flag_values(flag) == 1)
        put_quoted(l, values);
    else
        put(l, "%s", values);
}

/* Prints a flag with its values, unless they equal those of `preset` and `always` is false. */
static void put_flag(line *l, const gd_flag *flag, const gd_options *options, const gd_options *preset,
                     bool always)
{
    char values[GD_OPTION_TEXT], usual[GD_OPTION_TEXT], name[GD_FLAG_NAME_MAX];
    l->full |= !gd_flag_text(flag, options, values, sizeof values);
    l->full |= !gd_flag_text(flag, preset, usual, sizeof usual);
    if (l->full || !*values || (!always && strcmp(values, usual) == 0))
        return;
    gd_flag_name(flag, name);
    if (l->lines)
        put(l, "\n# %s\n%s", flag->meaning, name);
    else
        put(l, " %s", name);
    if (gd_flag_values(flag) == 0)
        return;
    put(l, " ");
    put_values(l, flag, values);
}

gd_status gd_options_command(const gd_options *options, char *text, size_t bytes)
{
    gd_options preset;
    gd_options_default(&preset);
    line l = {.text = text, .bytes = bytes, .full = bytes == 0};
    put(&l, "gigadream");
    for (int i = 0; i < GD_FLAG_COUNT; i++)
        if (!(gd_flags[i].traits & GD_FLAG_UNSPELLED))
            put_flag(&l, &gd_flags[i], options, &preset, false);
    return l.full ? GD_USAGE : GD_OK;
}

gd_status gd_options_parameters(const gd_options *options, char *text, size_t bytes)
{
    gd_options preset;
    gd_options_default(&preset);
    if (options->output_choice != GD_OUTPUT_NAMED)
        strcpy(preset.output, options->output);
    line l = {.text = text, .bytes = bytes, .full = bytes == 0, .lines = true};
    put(&l, "# gigadream %s: one flag a line, read by gigadream @FILE. # starts a comment.\n", GD_VERSION);
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        const unsigned traits = gd_flags[i].traits;
        if (!(traits & (GD_FLAG_ONCE | GD_FLAG_PERMISSION)))
            put_flag(&l, &gd_flags[i], options, &preset,
                     (traits & GD_FLAG_PIXELS) && !(traits & GD_FLAG_BRIEF));
    }
    put(&l, "\n");
    return l.full ? GD_USAGE : GD_OK;
}

gd_status gd_options_text(const gd_options *options, const char *note, char *text, size_t bytes)
{
    gd_options preset;
    gd_options_default(&preset);
    line l = {.text = text, .bytes = bytes, .full = bytes == 0};
    put(&l, "gigadream");
    for (int i = 0; i < GD_FLAG_COUNT; i++)
        if (gd_flags[i].traits & GD_FLAG_PIXELS)
            put_flag(&l, &gd_flags[i], options, &preset, !(gd_flags[i].traits & GD_FLAG_BRIEF));
    if (note)
        put(&l, " # %s", note);
    return l.full ? GD_USAGE : GD_OK;
}
