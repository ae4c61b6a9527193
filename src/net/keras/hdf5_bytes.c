/* A driver for HDF5 that reads a run of bytes. */
#include "net/keras/hdf5_bytes.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

/* An open file, as HDF5 has it. */
typedef struct open_bytes {
    H5FD_t base; /* HDF5's own; first */
    gd_hdf5_bytes bytes;
    haddr_t end; /* of what HDF5 addresses */
} open_bytes;

static bool read_bytes(const gd_hdf5_bytes *bytes, uint64_t from, size_t count, void *out)
{
    if (from > bytes->size || count > bytes->size - from)
        return false;
    if (bytes->memory) {
        memcpy(out, bytes->memory + from, count);
        return true;
    }
    return gd_file_read_at(bytes->fd, out, (int64_t)count, (int64_t)(bytes->at + from));
}

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t how, haddr_t most)
{
    const gd_hdf5_bytes *bytes = H5Pget_driver_info(how);
    open_bytes *file = bytes && !(flags & H5F_ACC_RDWR) ? calloc(1, sizeof *file) : NULL;
    (void)name;
    (void)most;
    if (file)
        file->bytes = *bytes;
    return (H5FD_t *)file;
}

static herr_t driver_close(H5FD_t *file)
{
    free(file);
    return 0;
}

static haddr_t driver_get_end(const H5FD_t *file, H5FD_mem_t type)
{
    (void)type;
    return ((const open_bytes *)file)->end;
}

static herr_t driver_set_end(H5FD_t *file, H5FD_mem_t type, haddr_t end)
{
    (void)type;
    ((open_bytes *)file)->end = end;
    return 0;
}

static haddr_t driver_size(const H5FD_t *file, H5FD_mem_t type)
{
    (void)type;
    return ((const open_bytes *)file)->bytes.size;
}

static herr_t driver_read(H5FD_t *file, H5FD_mem_t type, hid_t how, haddr_t from, size_t count, void *out)
{
    (void)type;
    (void)how;
    return read_bytes(&((open_bytes *)file)->bytes, from, count, out) ? 0 : -1;
}

static herr_t driver_write(H5FD_t *file, H5FD_mem_t type, hid_t how, haddr_t at, size_t count,
                           const void *from)
{
    (void)file;
    (void)type;
    (void)how;
    (void)at;
    (void)count;
    (void)from;
    return -1;
}

static const H5FD_class_t driver = {
#ifdef H5FD_CLASS_VERSION
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)512, /* the first that HDF5 leaves for use within a program */
#endif
    .name = "gigadream bytes",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_WEAK,
    .fapl_size = sizeof(gd_hdf5_bytes),
    .open = driver_open,
    .close = driver_close,
    .get_eoa = driver_get_end,
    .set_eoa = driver_set_end,
    .get_eof = driver_size,
    .read = driver_read,
    .write = driver_write,
};

hid_t gd_hdf5_open(const gd_hdf5_bytes *bytes)
{
    const hid_t id = H5FDregister(&driver);
    const hid_t how = id < 0 ? -1 : H5Pcreate(H5P_FILE_ACCESS);
    hid_t file = -1;
    if (how >= 0 && H5Pset_driver(how, id, bytes) >= 0)
        file = H5Fopen("weights", H5F_ACC_RDONLY, how);
    if (how >= 0)
        H5Pclose(how);
    if (id >= 0)
        H5FDunregister(id); /* what is open keeps it */
    return file;
}

bool gd_hdf5_signed(const gd_hdf5_bytes *bytes)
{
    char head[8];
    for (uint64_t at = 0; at < bytes->size; at = at ? 2 * at : 512)
        if (read_bytes(bytes, at, sizeof head, head) && memcmp(head, "\x89HDF\r\n\x1a\n", sizeof head) == 0)
            return true;
    return false;
}
