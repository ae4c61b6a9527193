/* Command lines as text, word by word. */
#ifndef GD_OPTIONS_ARGV_SPLIT_H
#define GD_OPTIONS_ARGV_SPLIT_H

#include "base/status.h"
#include "options/options.h"

#include <stdbool.h>

typedef struct gd_argv_words {
    char **items; /* owned; [count + 1], the last NULL; in one piece with what they point to */
    int count;
    const char *remark; /* borrowed from the text; what follows a word that begins with #; "": none */
    bool open;          /* the text ends within quotes */
} gd_argv_words;

/* Splits at blanks, up to a word that begins with #. What stands between single quotes, or behind a
 * backslash, is taken as it is; between $' and ' \xFF is a byte. */
gd_status gd_argv_words_split(const char *text, gd_argv_words *words, gd_error *error) GD_CHECKED;
void gd_argv_words_free(gd_argv_words *words);

/* A flag as it is spelled, and its values as text: "on" for a switch, "not given". */
typedef void (*gd_argv_words_visit)(void *context, const char *flag, const char *first, const char *second);

/* Visits the flags in which two command lines of gd_options_text differ. Those that only `b` has go before
 * those that only `a` has, and these before those with other values, since a flag that is given may change
 * others (--compat, --print). One that is missing on one side, and as in `preset`, the defaults, on the
 * other, counts only when there is nothing else. */
void gd_argv_words_differences(const gd_argv_words *a, const gd_argv_words *b, const gd_argv_words *preset,
                               gd_argv_words_visit visit, void *context);

#endif
