/* Plain data of an HDF5 file, and nothing else that HDF5 may make of a name; private to this folder.
 *
 * Plain is what lies in this file, in the open: reached by hard links alone; contiguous, compact, or in
 * chunks no larger than the data needs, behind known filters (deflate, shuffle, Fletcher's checksum); not in
 * other files, not virtual. Type and extent are checked before a buffer is made or filled. */
#ifndef GD_NET_WEIGHTS_PLAIN_H
#define GD_NET_WEIGHTS_PLAIN_H

#include "net/weights_strings.h"

#include <stdbool.h>

#include <hdf5.h>

/* The file behind an open descriptor, read only and without locks; -1: HDF5 cannot open it. Where there is no
 * /proc it is opened by its path, if that still is the same file. The caller closes it with H5Fclose. */
hid_t gd_plain_file(int fd, const char *path);

/* The group or dataset at a path of at most GD_STRING_MAX - 1 characters, reached by hard links; -1: there is
 * none. The caller closes it with H5Oclose. */
hid_t gd_plain_open(hid_t from, const char *path, H5I_type_t kind);

/* Why a dataset's values cannot be read; GD_PLAIN_OK: they can. */
typedef enum gd_plain {
    GD_PLAIN_OK,
    GD_PLAIN_SHAPE,   /* it has other dimensions than wanted */
    GD_PLAIN_TYPE,    /* it holds something else than floats of 2, 4 or 8 bytes */
    GD_PLAIN_STORAGE, /* it is not plain */
    GD_PLAIN_DAMAGED  /* it cannot be read */
} gd_plain;

/* Checks a dataset of floats against dims[rank]. *found_rank and found[H5S_MAX_RANK] receive its own
 * dimensions (rank -1: unknown). */
gd_plain gd_plain_check(hid_t data, int rank, const hsize_t *dims, int *found_rank, hsize_t *found);

/* Reads one that was checked: out[product of dims]. */
gd_plain gd_plain_read(hid_t data, float *out);

/* Reads an attribute of two numbers. */
bool gd_plain_pair(hid_t object, const char *attribute, double pair[2]);

#endif
