/* Names of files are bytes; what is written into pictures and logs is UTF-8. */
#ifndef GD_TEXT_UTF8_H
#define GD_TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character of UTF-8 (RFC 3629) that `text` begins with; 0: it is none, or the text's end. */
size_t gd_utf8_length(const char *text);

/* Whether all of it is UTF-8 without control characters. */
bool gd_utf8_plain(const char *text);

#endif
