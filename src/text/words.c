/* Maps enumeration values to words and back. */
#include "text/words.h"

#include <stddef.h>
#include <string.h>

const char *gd_word_text(const gd_word *words, int value)
{
    for (; words->text; words++)
        if (words->value == value)
            return words->text;
    return "";
}

const gd_word *gd_word_find(const gd_word *words, const char *text)
{
    for (; words->text; words++)
        if (strcmp(words->text, text) == 0)
            return words;
    return NULL;
}
