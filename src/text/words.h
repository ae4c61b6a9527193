/* Tables of words for enumeration values. An entry without text ends a table. */
#ifndef GD_TEXT_WORDS_H
#define GD_TEXT_WORDS_H

#include <stdbool.h>

typedef enum gd_word_use {
    GD_WORD_PLAIN,
    GD_WORD_DERIVED, /* printed, never parsed: the value that "auto" resolved to */
    GD_WORD_UNSAID   /* parsed, printed as nothing: it turns an option off */
} gd_word_use;

typedef struct gd_word {
    const char *text;
    int value;
    gd_word_use use;
} gd_word;

/* The word for a value, derived and unsaid ones included; "" if the table has none. */
const char *gd_word_text(const gd_word *words, int value);

/* The entry with this text, or NULL. */
const gd_word *gd_word_find(const gd_word *words, const char *text);

#endif
