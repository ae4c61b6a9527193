/* Reads the header, the directories and their entries of a TIFF without libtiff. */
#include "image/tiff/tiff_directory.h"

#include <stdlib.h>
#include <unistd.h>

enum { ENTRIES_MAX = 4096 /* of a directory; libtiff's limit */ };

static uint64_t number_at(const gd_tiff_file *file, const uint8_t *data, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | data[file->big_endian ? i : bytes - 1 - i];
    return value;
}

void gd_tiff_put_number(const gd_tiff_file *file, uint8_t *data, size_t bytes, uint64_t value)
{
    for (size_t i = 0; i < bytes; i++)
        data[file->big_endian ? bytes - 1 - i : i] = (uint8_t)(value >> (8 * i));
}

bool gd_tiff_read_at(const gd_tiff_file *file, uint64_t at, void *to, size_t bytes)
{
    return at <= INT64_MAX - bytes && pread(file->fd, to, bytes, (off_t)at) == (ssize_t)bytes;
}

bool gd_tiff_head_read(int fd, gd_tiff_file *file, uint8_t head[16], uint64_t *first)
{
    enum { CLASSIC = 42, BIG = 43 };
    *file = (gd_tiff_file){.fd = fd};
    if (!gd_tiff_read_at(file, 0, head, 8))
        return false;
    file->big_endian = head[0] == 'M';
    const uint64_t version = number_at(file, head + 2, 2);
    file->big = version == BIG;
    file->entry_bytes = file->big ? 20 : 12;
    file->count_bytes = file->big ? 8 : 2;
    file->offset_bytes = file->big ? 8 : 4;
    if ((file->big && !gd_tiff_read_at(file, 8, head + 8, 8)) || (!file->big && version != CLASSIC))
        return false;
    *first = number_at(file, head + file->offset_bytes, file->offset_bytes);
    return true;
}

void gd_tiff_directory_free(gd_tiff_directory *d)
{
    free(d->entries);
    *d = (gd_tiff_directory){0};
}

bool gd_tiff_directory_read(const gd_tiff_file *file, uint64_t at, gd_tiff_directory *d)
{
    uint8_t word[8];
    *d = (gd_tiff_directory){.at = at};
    if (at == 0 || !gd_tiff_read_at(file, at, word, file->count_bytes))
        return false;
    d->count = number_at(file, word, file->count_bytes);
    if (d->count == 0 || d->count > ENTRIES_MAX)
        return false;
    const size_t bytes = (size_t)d->count * file->entry_bytes;
    d->entries = malloc(bytes);
    if (!d->entries || !gd_tiff_read_at(file, at + file->count_bytes, d->entries, bytes)) {
        gd_tiff_directory_free(d);
        return false;
    }
    if (gd_tiff_read_at(file, at + file->count_bytes + bytes, word, file->offset_bytes))
        d->next = number_at(file, word, file->offset_bytes);
    return true;
}

gd_tiff_entry gd_tiff_entry_of(const gd_tiff_file *file, const gd_tiff_directory *d, uint64_t i)
{
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
    const uint8_t *raw = d->entries + i * file->entry_bytes;
    gd_tiff_entry e = {
        .raw = raw, .tag = (uint16_t)number_at(file, raw, 2), .type = (uint16_t)number_at(file, raw + 2, 2)};
    const uint64_t size = e.type < sizeof sizes ? sizes[e.type] : 0;
    e.count = number_at(file, raw + 4, file->offset_bytes);
    e.bytes = size == 0 || e.count > UINT64_MAX / 8 ? UINT64_MAX : e.count * size;
    return e;
}

int gd_tiff_values_of(const gd_tiff_file *file, const gd_tiff_directory *d, uint16_t tag, uint64_t *values,
                      int most)
{
    uint8_t data[GD_TIFF_VALUES_MAX * 8];
    for (uint64_t i = 0; i < d->count; i++) {
        const gd_tiff_entry e = gd_tiff_entry_of(file, d, i);
        const uint64_t size = e.count ? e.bytes / e.count : 0;
        if (e.tag != tag || size == 0 || size > 8 || e.bytes == UINT64_MAX)
            continue;
        const int count = e.count < (uint64_t)most ? (int)e.count : most;
        const uint8_t *place = e.raw + 4 + file->offset_bytes;
        if (e.bytes > file->offset_bytes) {
            if (!gd_tiff_read_at(file, number_at(file, place, file->offset_bytes), data,
                                 (size_t)count * size))
                return 0;
            place = data;
        }
        for (int k = 0; k < count; k++)
            values[k] = number_at(file, place + (size_t)k * size, (size_t)size);
        return count;
    }
    return 0;
}

uint64_t gd_tiff_value_of(const gd_tiff_file *file, const gd_tiff_directory *d, uint16_t tag,
                          uint64_t otherwise)
{
    uint64_t value = otherwise;
    return gd_tiff_values_of(file, d, tag, &value, 1) == 1 ? value : otherwise;
}
