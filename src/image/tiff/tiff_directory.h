/* Directories of a TIFF (TIFF 6.0, section 2; BigTIFF by its design document), read without libtiff. Nothing
 * of a file is trusted: offsets and counts are checked, and functions return false for what cannot be read.
 */
#ifndef GD_IMAGE_TIFF_TIFF_DIRECTORY_H
#define GD_IMAGE_TIFF_TIFF_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An open file, with its byte order and the sizes of its fields. */
typedef struct gd_tiff_file {
    int fd; /* borrowed; read with pread */
    bool big_endian, big;
    size_t entry_bytes, count_bytes, offset_bytes;
} gd_tiff_file;

typedef struct gd_tiff_directory {
    uint64_t at; /* offset in the file */
    uint64_t count;
    uint8_t *entries; /* owned; [count, entry_bytes] */
    uint64_t next;    /* offset of the next directory; 0: none */
} gd_tiff_directory;

/* An entry of a directory. */
typedef struct gd_tiff_entry {
    const uint8_t *raw; /* borrowed from the directory */
    uint16_t tag, type;
    uint64_t count, bytes; /* of its values; bytes is UINT64_MAX for an unknown type */
} gd_tiff_entry;

enum { GD_TIFF_VALUES_MAX = 16 /* values that gd_tiff_values_of reads at most */ };

/* Reads `bytes` at an offset. */
bool gd_tiff_read_at(const gd_tiff_file *file, uint64_t at, void *to, size_t bytes);

/* Writes a number in the file's byte order. */
void gd_tiff_put_number(const gd_tiff_file *file, uint8_t *data, size_t bytes, uint64_t value);

/* Reads the header: fills *file, head[16] and *first, the offset of the first directory. */
bool gd_tiff_head_read(int fd, gd_tiff_file *file, uint8_t head[16], uint64_t *first);

/* Reads the directory at an offset; the caller frees it. False if there is none; then nothing is owned. */
bool gd_tiff_directory_read(const gd_tiff_file *file, uint64_t at, gd_tiff_directory *d);
void gd_tiff_directory_free(gd_tiff_directory *d);

/* Entry i, 0 <= i < d->count. */
gd_tiff_entry gd_tiff_entry_of(const gd_tiff_file *file, const gd_tiff_directory *d, uint64_t i);

/* Reads the integers of a tag into values[most], most <= GD_TIFF_VALUES_MAX. Returns their number; 0: none.
 */
int gd_tiff_values_of(const gd_tiff_file *file, const gd_tiff_directory *d, uint16_t tag, uint64_t *values,
                      int most);

/* The first integer of a tag, or `otherwise`. */
uint64_t gd_tiff_value_of(const gd_tiff_file *file, const gd_tiff_directory *d, uint16_t tag,
                          uint64_t otherwise);

#endif
