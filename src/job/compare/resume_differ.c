/* Compares the command of a checkpoint with the current one, flag by flag. */
#include "job/compare/resume_differ.h"

#include "options/argv_split.h"
#include "options/flag_values.h"
#include "options/options_format.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 65536, LIST_MAX = 560 };

/* Text of the form: -ss was "0.01" and is "0.02", ... */
typedef struct list {
    char text[LIST_MAX];
    size_t length;
    int left_out; /* number of entries that do not fit */
} list;

static void add(void *context, const char *flag, const char *was, const char *is)
{
    list *l = context;
    char entry[LIST_MAX];
    const int length = snprintf(entry, sizeof entry, "%s%s was \"%.100s\" and is \"%.100s\"",
                                l->length ? ", " : "", flag, was, is);
    if (l->left_out > 0 || l->length + (size_t)length >= sizeof l->text) {
        l->left_out++;
        return;
    }
    memcpy(l->text + l->length, entry, (size_t)length + 1);
    l->length += (size_t)length;
}

static gd_status split(const gd_options *options, gd_argv_words *words, gd_error *error)
{
    char *text = malloc(TEXT_MAX);
    gd_status status = text ? GD_OK : gd_no_memory(error, "a command line");
    if (status == GD_OK && gd_options_text(options, NULL, text, TEXT_MAX) != GD_OK)
        status = gd_fail(error, GD_USAGE, "the parameters are too long; shorten the paths");
    if (status == GD_OK)
        status = gd_argv_words_split(text, words, error);
    free(text);
    return status;
}

gd_status gd_resume_differ(const char *path, const gd_options *was, const gd_options *is, gd_error *error)
{
    gd_options preset;
    const gd_options *all[3] = {was, is, &preset};
    gd_argv_words words[3] = {{0}, {0}, {0}};
    list found = {.length = 0};
    char more[32] = "";
    gd_status status = GD_OK;
    gd_options_default(&preset);
    for (int i = 0; status == GD_OK && i < 3; i++)
        status = split(all[i], &words[i], error);
    if (status == GD_OK)
        gd_argv_words_differences(&words[0], &words[1], &words[2], add, &found);
    for (int i = 0; i < 3; i++)
        gd_argv_words_free(&words[i]);
    if (status != GD_OK || !found.length)
        return status;
    if (found.left_out > 0)
        snprintf(more, sizeof more, ", and %d more", found.left_out);
    return gd_fail(error, GD_USAGE,
                   "the checkpoint %.300s has other parameters: %s%s; leave them as they were, or %s", path,
                   found.text, more, gd_options_restart_hint(is));
}
