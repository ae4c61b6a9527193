/* Attributes of strings in an HDF5 file; private to this folder. */
#ifndef GD_NET_WEIGHTS_STRINGS_H
#define GD_NET_WEIGHTS_STRINGS_H

#include <stdbool.h>
#include <stddef.h>

#include <hdf5.h>

/* Maximum length of a string, with its terminator, and of a list. */
enum { GD_STRING_MAX = 256, GD_STRINGS_MAX = 8192 };

typedef struct gd_strings {
    char (*items)[GD_STRING_MAX]; /* owned */
    size_t count;
} gd_strings;

/* Reads an attribute of strings of fixed or variable length, or else the parts "ATTRIBUTE0", "ATTRIBUTE1",
 * ... to which Keras splits a long one. False, and nothing is owned, if there is none, or if it has another
 * type, exceeds the limits or is damaged. The caller frees the strings. */
bool gd_plain_strings(hid_t object, const char *attribute, gd_strings *strings);
void gd_strings_free(gd_strings *strings);

#endif
