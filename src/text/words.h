/* Values that are written as words: lists that end with an entry without text. */
#ifndef GD_TEXT_WORDS_H
#define GD_TEXT_WORDS_H

#include <stdbool.h>

typedef enum gd_word_use {
    GD_WORD_PLAIN,
    GD_WORD_DERIVED, /* printed and never read: what "auto" has become */
    GD_WORD_UNSAID   /* read and printed as nothing: it turns an option off */
} gd_word_use;

typedef struct gd_word {
    const char *text;
    int value;
    gd_word_use use;
} gd_word;

/* The text of a value, also of one that is derived or unsaid; "" where the list has none. */
const char *gd_word_text(const gd_word *words, int value);

/* The entry with that text, or NULL. */
const gd_word *gd_word_find(const gd_word *words, const char *text);

#endif
