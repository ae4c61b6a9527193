/* Whether a picture is one that this program wrote, told by its text field. Nothing is allocated, and a
 * damaged file is read no further than it has bytes. */
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

/* So many bytes as a number. */
static uint64_t number(const uint8_t *bytes, int count, bool little)
{
    uint64_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[little ? count - 1 - i : i];
    return value;
}

static bool marked_at(int fd, uint64_t at)
{
    char text[MARK];
    return get(fd, at, text, MARK) && memcmp(text, mark, MARK) == 0;
}

/* A comment (COM) before the scan. */
static bool jpeg_is_ours(int fd)
{
    uint64_t at = 2;
    uint8_t head[4];
    for (int i = 0; i < PIECES_MAX && get(fd, at, head, 4) && head[0] == 0xFF && head[1] != 0xDA; i++) {
        if (head[1] == 0xFE && marked_at(fd, at + 4))
            return true;
        at += 2 + number(head + 2, 2, false);
    }
    return false;
}

/* A description (tEXt or iTXt) before the samples. */
static bool png_is_ours(int fd)
{
    static const char key[] = "Description"; /* with its end */
    enum { ITXT_MORE = 4 };                  /* not compressed, method 0, no language, no translated key */
    uint64_t at = 8;
    uint8_t head[8];
    char said[sizeof key];
    for (int i = 0; i < PIECES_MAX && get(fd, at, head, 8) && memcmp(head + 4, "IDAT", 4) != 0; i++) {
        const bool plain = memcmp(head + 4, "tEXt", 4) == 0, utf8 = memcmp(head + 4, "iTXt", 4) == 0;
        if ((plain || utf8) && get(fd, at + 8, said, sizeof said) && memcmp(said, key, sizeof key) == 0 &&
            marked_at(fd, at + 8 + sizeof key + (utf8 ? ITXT_MORE : 0)))
            return true;
        at += 12 + number(head, 4, false);
    }
    return false;
}

/* The description (tag 270) in the first directory of a classic or big TIFF. */
static bool tiff_is_ours(int fd)
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
        if (number(entry, 2, little) == DESCRIPTION)
            return marked_at(fd, number(entry + 4 + word, word, little));
        at += (uint64_t)entry_bytes;
    }
    return false;
}

bool gd_picture_is_ours(int fd)
{
    uint8_t head[4];
    if (!get(fd, 0, head, sizeof head))
        return false;
    if (head[0] == 0xFF && head[1] == 0xD8)
        return jpeg_is_ours(fd);
    if (memcmp(head, "\x89PNG", 4) == 0)
        return png_is_ours(fd);
    return (memcmp(head, "II", 2) == 0 || memcmp(head, "MM", 2) == 0) && tiff_is_ours(fd);
}
