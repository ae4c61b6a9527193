/* Splits and compares command lines in text form. */
#ifndef GD_OPTIONS_ARGV_SPLIT_H
#define GD_OPTIONS_ARGV_SPLIT_H

#include "base/status.h"
#include "options/options.h"

#include <stdbool.h>

typedef struct gd_argv_words {
    char **items; /* owned; [count + 1], the last NULL; one allocation together with the words */
    int count;
    const char *remark; /* borrowed from the text; the rest after a # that starts a word; "": none */
    bool open;          /* the text ends within quotes */
} gd_argv_words;

/* Splits at blanks, up to a word that starts with #. Text in single quotes and a character after a backslash
 * are literal; in $'...', \xFF is a byte. */
gd_status gd_argv_words_split(const char *text, gd_argv_words *words, gd_error *error) GD_CHECKED;
void gd_argv_words_free(gd_argv_words *words);

/* Makes a command line of words[0], more[1 ...], words[1 ...]. The caller frees *result. */
gd_status gd_argv_words_insert(const gd_argv_words *words, const gd_argv_words *more, gd_argv_words *result,
                               gd_error *error) GD_CHECKED;

/* Receives a flag as spelled, and its values as text: "on" for a switch, or "not given". */
typedef void (*gd_argv_words_visit)(void *context, const char *flag, const char *first, const char *second);

/* Visits the flags in which two command lines of gd_options_text differ: first those only in `b`, then those
 * only in `a`, then those with different values, because a flag may change others (--compat, --print). A flag
 * that is missing in one and has its default (`preset`) in the other is visited only if there is no other
 * difference. */
void gd_argv_words_differences(const gd_argv_words *a, const gd_argv_words *b, const gd_argv_words *preset,
                               gd_argv_words_visit visit, void *context);

#endif
