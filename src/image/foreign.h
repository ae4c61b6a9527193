/* Recognises file formats that are not read. */
#ifndef GD_IMAGE_FOREIGN_H
#define GD_IMAGE_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

/* A file format other than JPEG, PNG or TIFF, recognised by its first bytes, and a command that converts it;
 * NULL: unknown. Neither is written to. */
typedef struct gd_foreign {
    const char *what, *command;
} gd_foreign;
enum { GD_FOREIGN_HEAD = 16 }; /* bytes that are enough */
const gd_foreign *gd_foreign_find(const uint8_t *head, size_t bytes);

#endif
