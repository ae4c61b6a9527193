/* Command lines as text, word by word. */
#ifndef GD_CLI_WORDS_H
#define GD_CLI_WORDS_H

#include "base/status.h"
#include "cli/options.h"

#include <stdbool.h>

typedef struct gd_words {
    char **items; /* owned; [count + 1], the last NULL; in one piece with what they point to */
    int count;
} gd_words;

/* Splits at spaces; what stands between single quotes, or behind a backslash, is taken as it is. */
gd_status gd_words_split(const char *text, gd_words *words, gd_error *error) GD_CHECKED;
void gd_words_free(gd_words *words);

/* A flag as it is spelled, and its values as text: "on" for a switch, "not given". */
typedef void (*gd_words_visit)(void *context, const char *flag, const char *first, const char *second);

/* Visits the flags in which two command lines of gd_options_text differ. Those that only `b` has go before
 * those that only `a` has, and these before those with other values, since a flag that is given may change
 * others (--compat, --print). One that is missing on one side, and as in `preset`, the defaults, on the
 * other, counts only when there is nothing else. */
void gd_words_differences(const gd_words *a, const gd_words *b, const gd_words *preset, gd_words_visit visit,
                          void *context);

#endif
