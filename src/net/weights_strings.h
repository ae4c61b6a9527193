/* Attributes of strings in an HDF5 file; private to this folder. */
#ifndef GD_NET_WEIGHTS_STRINGS_H
#define GD_NET_WEIGHTS_STRINGS_H

#include <stdbool.h>
#include <stddef.h>

#include <hdf5.h>

/* Longest string, with its end, and most of them in a list. */
enum { GD_STRING_MAX = 256, GD_STRINGS_MAX = 8192 };

typedef struct gd_strings {
    char (*items)[GD_STRING_MAX]; /* owned */
    size_t count;
} gd_strings;

/* Reads an attribute of strings of fixed or variable length; where it is missing, the parts "ATTRIBUTE0",
 * "ATTRIBUTE1", ... that Keras makes of a long one. False when there is none, or it is of another type,
 * longer than the limits, or damaged; then nothing is owned. */
bool gd_plain_strings(hid_t object, const char *attribute, gd_strings *strings);
void gd_strings_free(gd_strings *strings);

#endif
