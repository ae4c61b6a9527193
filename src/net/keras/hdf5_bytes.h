/* HDF5 files as a run of bytes, in an open file or in memory; private to this folder. */
#ifndef GD_NET_HDF5_BYTES_H
#define GD_NET_HDF5_BYTES_H

#include <stdbool.h>
#include <stdint.h>

#include <hdf5.h>

typedef struct gd_hdf5_bytes {
    int fd;      /* borrowed */
    uint64_t at; /* where they begin in its file */
    uint64_t size;
    const uint8_t *memory; /* borrowed; [size]; NULL: they are in the file */
} gd_hdf5_bytes;

/* Opens them for reading, by a driver of our own (HDF5's "Virtual File Layer"): nothing is opened by a name,
 * and a file within an archive is read where it lies. -1: HDF5 cannot. The caller closes it with H5Fclose,
 * and keeps descriptor and memory until then. */
hid_t gd_hdf5_open(const gd_hdf5_bytes *bytes);

/* Whether HDF5's signature is where one begins: at 0, 512, 1024, 2048 ... */
bool gd_hdf5_signed(const gd_hdf5_bytes *bytes);

#endif
