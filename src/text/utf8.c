/* Checks for valid UTF-8 (RFC 3629). */
#include "text/utf8.h"

#include <stdint.h>

/* First byte of a character by its length: mask, value under the mask, and the smallest code point. */
static const struct {
    uint8_t mask, mark;
    uint32_t least;
} kinds[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};

size_t gd_utf8_length(const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t more = 0;
    while (more < 4 && (*at & kinds[more].mask) != kinds[more].mark)
        more++;
    if (more == 4 || *at == 0)
        return 0;
    uint32_t value = *at & (uint8_t)~kinds[more].mask;
    for (size_t i = 1; i <= more; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3F);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    return value < kinds[more].least || value > 0x10FFFF || surrogate ? 0 : more + 1;
}

bool gd_utf8_plain(const char *text)
{
    while (*text) {
        const size_t length = gd_utf8_length(text);
        if (length == 0 || (uint8_t)*text < 0x20 || *text == 0x7F)
            return false;
        text += length;
    }
    return true;
}
