/* UTF-8 checks: file names are bytes, but text in pictures and logs is UTF-8. */
#ifndef GD_TEXT_UTF8_H
#define GD_TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Length in bytes of the UTF-8 character (RFC 3629) at the start of `text`; 0 if invalid, or at the end of
 * the text. */
size_t gd_utf8_length(const char *text);

/* Whether the text is valid UTF-8 without control characters. */
bool gd_utf8_plain(const char *text);

#endif
