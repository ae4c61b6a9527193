/* Recognises file formats that are not read. */
#ifndef GD_IMAGE_FOREIGN_H
#define GD_IMAGE_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

/* A file format that is not read, and a command that converts it (NULL: none known). Static
 * strings. */
typedef struct gd_foreign {
    const char *what, *command;
} gd_foreign;

enum { GD_FOREIGN_HEAD = 16 }; /* bytes of a file that gd_foreign_find needs */

/* Recognises a format by a file's first bytes; NULL: unknown. */
const gd_foreign *gd_foreign_find(const uint8_t *head, size_t bytes);

#endif
