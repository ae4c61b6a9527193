/* Opens HDF5 groups and datasets by hard links, and accepts only data that is stored plainly in the file
 * itself. */
#include "net/keras/weights_plain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool gd_plain_is_linked(hid_t from, const char *path)
{
    H5L_info_t link;
    return H5Lexists(from, path, H5P_DEFAULT) > 0 && H5Lget_info(from, path, &link, H5P_DEFAULT) >= 0 &&
           link.type == H5L_TYPE_HARD;
}

/* Follows one component of a path. */
static hid_t open_link(hid_t from, const char *name)
{
    return gd_plain_is_linked(from, name) ? H5Oopen(from, name, H5P_DEFAULT) : -1;
}

hid_t gd_plain_open(hid_t from, const char *path, H5I_type_t kind)
{
    char names[GD_STRING_MAX], *rest = NULL;
    hid_t at = -1;
    if (strlen(path) >= sizeof names)
        return -1;
    snprintf(names, sizeof names, "%s", path);
    for (char *name = strtok_r(names, "/", &rest); name; name = strtok_r(NULL, "/", &rest)) {
        const hid_t next = strcmp(name, ".") == 0 ? -1 : open_link(at < 0 ? from : at, name);
        if (at >= 0)
            H5Oclose(at);
        at = next;
        if (at < 0)
            return -1;
    }
    if (at >= 0 && H5Iget_type(at) != kind) {
        H5Oclose(at);
        return -1;
    }
    return at;
}

static bool has_extent(hid_t data, int rank, const hsize_t *dims, int *found_rank, hsize_t *found)
{
    const hid_t space = H5Dget_space(data);
    *found_rank = -1;
    if (space >= 0 && H5Sget_simple_extent_type(space) == H5S_SIMPLE &&
        H5Sget_simple_extent_ndims(space) <= H5S_MAX_RANK)
        *found_rank = H5Sget_simple_extent_dims(space, found, NULL);
    if (space >= 0)
        H5Sclose(space);
    return *found_rank == rank && memcmp(found, dims, (size_t)rank * sizeof *dims) == 0;
}

static bool has_floats(hid_t data)
{
    const hid_t type = H5Dget_type(data);
    const size_t size = type < 0 ? 0 : H5Tget_size(type);
    const bool floats = type >= 0 && H5Tget_class(type) == H5T_FLOAT && (size == 2 || size == 4 || size == 8);
    if (type >= 0)
        H5Tclose(type);
    return floats;
}

static bool filters_are_known(hid_t how)
{
    const int count = H5Pget_nfilters(how);
    for (int i = 0; i < count; i++) {
        unsigned flags, settings;
        size_t values = 0;
        const H5Z_filter_t filter =
            H5Pget_filter2(how, (unsigned)i, &flags, &values, NULL, 0, NULL, &settings);
        if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
            return false;
    }
    return count >= 0;
}

/* Chunks may exceed the data at its edges, but not by more than a chunk of the data's own size would. */
static bool chunks_are_small(hid_t how, int rank, const hsize_t *dims)
{
    hsize_t chunk[H5S_MAX_RANK];
    if (H5Pget_chunk(how, rank, chunk) != rank)
        return false;
    for (int i = 0; i < rank; i++)
        if (chunk[i] == 0 || chunk[i] > dims[i])
            return false;
    return true;
}

static bool is_plain(hid_t data, int rank, const hsize_t *dims)
{
    const hid_t how = H5Dget_create_plist(data);
    if (how < 0)
        return false;
    const H5D_layout_t layout = H5Pget_layout(how);
    bool plain = H5Pget_external_count(how) == 0;
    if (layout == H5D_CHUNKED)
        plain = plain && filters_are_known(how) && chunks_are_small(how, rank, dims);
    else
        plain = plain && (layout == H5D_CONTIGUOUS || layout == H5D_COMPACT);
    H5Pclose(how);
    return plain;
}

gd_plain gd_plain_check(hid_t data, int rank, const hsize_t *dims, int *found_rank, hsize_t *found)
{
    if (!has_extent(data, rank, dims, found_rank, found))
        return GD_PLAIN_SHAPE;
    if (!has_floats(data))
        return GD_PLAIN_TYPE;
    return is_plain(data, rank, dims) ? GD_PLAIN_OK : GD_PLAIN_STORAGE;
}

gd_plain gd_plain_read(hid_t data, float *out)
{
    return H5Dread(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0 ? GD_PLAIN_DAMAGED
                                                                                   : GD_PLAIN_OK;
}

static bool read_pair(hid_t attribute, double pair[2])
{
    const hid_t space = H5Aget_space(attribute);
    const hid_t type = H5Aget_type(attribute);
    const bool ok = space >= 0 && type >= 0 && H5Sget_simple_extent_npoints(space) == 2 &&
                    (H5Tget_class(type) == H5T_FLOAT || H5Tget_class(type) == H5T_INTEGER) &&
                    H5Aread(attribute, H5T_NATIVE_DOUBLE, pair) >= 0 && isfinite(pair[0]) &&
                    isfinite(pair[1]) && pair[0] < pair[1];
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    return ok;
}

bool gd_plain_pair(hid_t object, const char *name, double pair[2])
{
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    const bool ok = attribute >= 0 && read_pair(attribute, pair);
    if (attribute >= 0)
        H5Aclose(attribute);
    return ok;
}
