/* Reading of plain data from HDF5 files; private to this folder.
 *
 * Plain data is in the file itself and reached by hard links only. It is contiguous, compact, or in chunks no
 * larger than needed, with known filters (deflate, shuffle, Fletcher's checksum), and neither external nor
 * virtual. Type and extent are checked before a buffer is allocated or filled. */
#ifndef GD_NET_WEIGHTS_PLAIN_H
#define GD_NET_WEIGHTS_PLAIN_H

#include "net/keras/weights_strings.h"

#include <stdbool.h>

#include <hdf5.h>

/* Opens the group or dataset at a path of at most GD_STRING_MAX - 1 characters; -1: none that is reached by
 * hard links. The caller closes it with H5Oclose. */
hid_t gd_plain_open(hid_t from, const char *path, H5I_type_t kind);

/* Whether a hard link is at the path, and so something that gd_plain_open fails for when it is damaged. */
bool gd_plain_is_linked(hid_t from, const char *path);

/* Reason why a dataset cannot be read; GD_PLAIN_OK: it can. */
typedef enum gd_plain {
    GD_PLAIN_OK,
    GD_PLAIN_SHAPE,   /* other dimensions */
    GD_PLAIN_TYPE,    /* not floats of 2, 4 or 8 bytes */
    GD_PLAIN_STORAGE, /* not plain */
    GD_PLAIN_DAMAGED  /* reading fails */
} gd_plain;

/* Checks a dataset of floats against dims[rank]. *found_rank and found[H5S_MAX_RANK] receive its own
 * dimensions (rank -1: unknown). */
gd_plain gd_plain_check(hid_t data, int rank, const hsize_t *dims, int *found_rank, hsize_t *found);

/* Reads a checked dataset to out[product of dims]. */
gd_plain gd_plain_read(hid_t data, float *out);

/* Reads an attribute of two numbers; false: there is none. */
bool gd_plain_pair(hid_t object, const char *attribute, double pair[2]);

#endif
