#include "net/weights_strings.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool read_fixed(hid_t attribute, hid_t stored, gd_strings *strings)
{
    if (H5Tget_size(stored) >= GD_STRING_MAX)
        return false;
    const hid_t type = H5Tcopy(H5T_C_S1);
    bool ok =
        type >= 0 && H5Tset_size(type, GD_STRING_MAX) >= 0 && H5Tset_cset(type, H5Tget_cset(stored)) >= 0;
    ok = ok && H5Aread(attribute, type, strings->items) >= 0;
    if (type >= 0)
        H5Tclose(type);
    return ok;
}

static bool read_variable(hid_t attribute, hid_t stored, hid_t space, gd_strings *strings)
{
    char **pointers = calloc(strings->count, sizeof *pointers);
    const hid_t type = H5Tcopy(H5T_C_S1);
    bool ok = pointers && type >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0 &&
              H5Tset_cset(type, H5Tget_cset(stored)) >= 0 && H5Aread(attribute, type, pointers) >= 0;
    for (size_t i = 0; ok && i < strings->count; i++) {
        ok = pointers[i] && strlen(pointers[i]) < GD_STRING_MAX;
        if (ok)
            memcpy(strings->items[i], pointers[i], strlen(pointers[i]) + 1);
    }
    if (pointers && type >= 0)
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, pointers);
    if (type >= 0)
        H5Tclose(type);
    free(pointers);
    return ok;
}

static bool read_all(hid_t attribute, hid_t type, hid_t space, gd_strings *strings)
{
    if (type < 0 || space < 0 || H5Tget_class(type) != H5T_STRING)
        return false;
    const hssize_t count = H5Sget_simple_extent_npoints(space);
    if (count < 0 || count > GD_STRINGS_MAX)
        return false;
    if (count == 0)
        return true;
    strings->count = (size_t)count;
    strings->items = calloc(strings->count, sizeof *strings->items);
    if (!strings->items)
        return false;
    return H5Tis_variable_str(type) > 0 ? read_variable(attribute, type, space, strings)
                                        : read_fixed(attribute, type, strings);
}

bool gd_strings_read(hid_t object, const char *name, gd_strings *strings)
{
    *strings = (gd_strings){0};
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return false;
    const hid_t type = H5Aget_type(attribute);
    const hid_t space = H5Aget_space(attribute);
    const bool ok = read_all(attribute, type, space, strings);
    if (!ok)
        gd_strings_free(strings);
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    H5Aclose(attribute);
    return ok;
}

void gd_strings_free(gd_strings *strings)
{
    free(strings->items);
    *strings = (gd_strings){0};
}
