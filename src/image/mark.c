/* Finds the text field of a picture that this program wrote, without allocating memory. */
#include "image/mark.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

static const char mark[] = "gigadream "; /* each text field begins with it */
enum { MARK = sizeof mark - 1, PIECES_MAX = 1 << 16 };

static bool get(int fd, uint64_t at, void *bytes, size_t count)
{
    return at < INT64_MAX && pread(fd, bytes, count, (off_t)at) == (ssize_t)count;
}

/* Reads a number of `bytes` bytes. */
static uint64_t number(const uint8_t *bytes, int count, bool little)
{
    uint64_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[little ? count - 1 - i : i];
    return value;
}

/* Location of a text field. */
typedef struct span {
    uint64_t at, bytes;
} span;

/* Whether a text of this program begins there. */
static bool marked(int fd, span text)
{
    char begin[MARK];
    return text.bytes >= MARK && get(fd, text.at, begin, MARK) && memcmp(begin, mark, MARK) == 0;
}

/* JPEG: a comment (COM) before the scan. */
static bool find_in_jpeg(int fd, span *text)
{
    uint64_t at = 2;
    uint8_t head[4];
    for (int i = 0; i < PIECES_MAX && get(fd, at, head, 4) && head[0] == 0xFF && head[1] != 0xDA; i++) {
        const uint64_t bytes = number(head + 2, 2, false);
        *text = (span){at + 4, bytes > 2 ? bytes - 2 : 0};
        if (head[1] == 0xFE && marked(fd, *text))
            return true;
        at += 2 + bytes;
    }
    return false;
}

/* PNG: a description (tEXt or iTXt) before the samples. */
static bool find_in_png(int fd, span *text)
{
    static const char key[] = "Description"; /* with its end */
    enum { ITXT_MORE = 4 };                  /* not compressed, method 0, no language, no translated key */
    uint64_t at = 8;
    uint8_t head[8];
    char said[sizeof key];
    for (int i = 0; i < PIECES_MAX && get(fd, at, head, 8) && memcmp(head + 4, "IDAT", 4) != 0; i++) {
        const bool plain = memcmp(head + 4, "tEXt", 4) == 0, utf8 = memcmp(head + 4, "iTXt", 4) == 0;
        const uint64_t bytes = number(head, 4, false), before = sizeof key + (utf8 ? ITXT_MORE : 0);
        *text = (span){at + 8 + before, bytes > before ? bytes - before : 0};
        if ((plain || utf8) && get(fd, at + 8, said, sizeof said) && memcmp(said, key, sizeof key) == 0 &&
            marked(fd, *text))
            return true;
        at += 12 + bytes;
    }
    return false;
}

/* TIFF: the description (tag 270) in the first directory. */
static bool find_in_tiff(int fd, span *text)
{
    enum { DESCRIPTION = 270 };
    uint8_t head[16], count[8], entry[20];
    if (!get(fd, 0, head, sizeof head))
        return false;
    const bool little = head[0] == 'I', big = number(head + 2, 2, little) == 43;
    const int word = big ? 8 : 4, entry_bytes = big ? 20 : 12, count_bytes = big ? 8 : 2;
    uint64_t at = number(head + (big ? 8 : 4), word, little);
    if (!get(fd, at, count, (size_t)count_bytes))
        return false;
    const uint64_t entries = number(count, count_bytes, little);
    at += (uint64_t)count_bytes;
    for (uint64_t i = 0; i < entries && i < PIECES_MAX && get(fd, at, entry, (size_t)entry_bytes); i++) {
        if (number(entry, 2, little) == DESCRIPTION) {
            *text = (span){number(entry + 4 + word, word, little), number(entry + 4, word, little)};
            return marked(fd, *text);
        }
        at += (uint64_t)entry_bytes;
    }
    return false;
}

static bool find(int fd, span *text)
{
    uint8_t head[4];
    if (!get(fd, 0, head, sizeof head))
        return false;
    if (head[0] == 0xFF && head[1] == 0xD8)
        return find_in_jpeg(fd, text);
    if (memcmp(head, "\x89PNG", 4) == 0)
        return find_in_png(fd, text);
    return (memcmp(head, "II", 2) == 0 || memcmp(head, "MM", 2) == 0) && find_in_tiff(fd, text);
}

bool gd_picture_is_ours(int fd)
{
    span text;
    return find(fd, &text);
}

bool gd_picture_text(int fd, char *text, size_t bytes)
{
    span found;
    if (!find(fd, &found) || found.bytes >= bytes || !get(fd, found.at, text, (size_t)found.bytes))
        return false;
    text[found.bytes] = '\0';
    return true;
}
