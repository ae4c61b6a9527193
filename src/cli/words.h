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

/* A flag in which two command lines of gd_options_text differ, as one of them spells it; "": none. One that
 * only `b` has goes before one that only `a` has, and that before one with other values, since a flag that is
 * given may change others (--compat, --print); what is as in `preset`, the defaults, goes last. `first` and
 * `second` receive its values there ("on" for a switch, "not given"). All three are [GD_PATH_MAX]. */
void gd_words_difference(const gd_words *a, const gd_words *b, const gd_words *preset, char *flag,
                         char *first, char *second);

#endif
