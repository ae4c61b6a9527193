/* Reads the look from the command line in a picture's text field. */
#include "options/look.h"

#include "options/argv_split.h"
#include "options/flag_find.h"
#include "options/options_parse.h"

#include <stdio.h>
#include <string.h>

gd_status gd_look_take(const gd_look *look, int count, char *const *words, gd_error *error)
{
    gd_error why;
    const int id = gd_flag_find(words[1]);
    if (id < 0)
        return gd_fail(error, GD_USAGE,
                       "--like %.300s: it has '%.100s', which is not a flag of this version; use the "
                       "gigadream that wrote it, or give the flags instead of --like",
                       look->path, words[1]);
    if (!(gd_flags[id].traits & GD_FLAG_LOOK))
        return GD_OK;
    if (gd_options_parse_flags(count, words, look->options, look->given, &why) != GD_OK)
        return gd_fail(error, GD_USAGE, "--like %.300s: it cannot be used: %.600s", look->path, why.message);
    return GD_OK;
}

gd_status gd_look_take_weights(const gd_look *look, const char *checksum, gd_error *error)
{
    enum { DIGITS = 16 };
    if (!*checksum)
        return GD_OK;
    if (strlen(checksum) != DIGITS || checksum[strspn(checksum, "0123456789abcdef")])
        return gd_fail(error, GD_USAGE,
                       "--like %.300s: '%.40s' is not a checksum of weights; choose them with --weights, or "
                       "name another file",
                       look->path, checksum);
    snprintf(look->options->weights, sizeof look->options->weights, "checksum:%s", checksum);
    return GD_OK;
}

static gd_status take_words(const gd_look *look, const gd_argv_words *words, gd_error *error)
{
    gd_status status = GD_OK;
    for (int at = 1; at < words->count && status == GD_OK;) {
        const int next = gd_options_next(words->count, words->items, at);
        status = gd_look_take(look, next - at + 1, words->items + at - 1, error);
        at = next;
    }
    return status;
}

gd_status gd_look_read_text(const gd_look *look, const char *text, gd_error *error)
{
    static const char mark[] = "; weights ";
    gd_argv_words words;
    gd_status status = gd_argv_words_split(text, &words, error);
    if (status != GD_OK)
        return status;
    const char *last = strstr(words.remark, mark);
    if (words.open)
        status = gd_fail(error, GD_USAGE, "--like %s: its text ends within quotes; name another picture",
                         look->path);
    else
        status = take_words(look, &words, error);
    if (status == GD_OK && last)
        status = gd_look_take_weights(look, last + sizeof mark - 1, error);
    gd_argv_words_free(&words);
    return status;
}
