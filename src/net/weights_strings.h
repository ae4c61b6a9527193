/* String attributes of HDF5 objects; private to this folder. */
#ifndef GD_NET_WEIGHTS_STRINGS_H
#define GD_NET_WEIGHTS_STRINGS_H

#include <stdbool.h>
#include <stddef.h>

#include <hdf5.h>

/* Longest string, with its end, and most of them in a list. */
enum { GD_STRING_MAX = 256, GD_STRINGS_MAX = 4096 };

typedef struct gd_strings {
    char (*items)[GD_STRING_MAX]; /* owned */
    size_t count;
} gd_strings;

/* Reads an attribute of one or more strings, of fixed or variable length. False when it is missing, of
 * another type, longer than the limits, or damaged; then nothing is owned. */
bool gd_strings_read(hid_t object, const char *attribute, gd_strings *strings);
void gd_strings_free(gd_strings *strings);

#endif
