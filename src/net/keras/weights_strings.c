/* Reads attributes of strings, of fixed or variable length, from HDF5 files. */
#include "net/keras/weights_strings.h"

#include <stdio.h>
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

/* Grows a list by `count` strings. */
static bool extend(gd_strings *strings, hssize_t count)
{
    if (count < 0 || (size_t)count > GD_STRINGS_MAX - strings->count)
        return false;
    const size_t all = strings->count + (size_t)count;
    void *longer = realloc(strings->items, (all + 1) * sizeof *strings->items);
    if (!longer)
        return false;
    strings->items = longer;
    memset(strings->items[strings->count], 0, ((size_t)count + 1) * sizeof *strings->items);
    return true;
}

/* Adds all strings of an attribute to a list. */
static bool add_all(hid_t attribute, hid_t type, hid_t space, gd_strings *strings)
{
    if (type < 0 || space < 0 || H5Tget_class(type) != H5T_STRING)
        return false;
    const hssize_t count = H5Sget_simple_extent_npoints(space);
    if (!extend(strings, count))
        return false;
    gd_strings added = {strings->items + strings->count, (size_t)count};
    const bool ok =
        count == 0 || (H5Tis_variable_str(type) > 0 ? read_variable(attribute, type, space, &added)
                                                    : read_fixed(attribute, type, &added));
    strings->count += ok ? (size_t)count : 0;
    return ok;
}

static bool add_attribute(hid_t object, const char *name, gd_strings *strings)
{
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return false;
    const hid_t type = H5Aget_type(attribute);
    const hid_t space = H5Aget_space(attribute);
    const bool ok = add_all(attribute, type, space, strings);
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    H5Aclose(attribute);
    return ok;
}

/* Reads the parts of an attribute that is too long for one HDF5 attribute. */
static bool add_parts(hid_t object, const char *attribute, gd_strings *strings)
{
    int part = 0;
    for (bool more = true; more; part++) {
        char name[64];
        snprintf(name, sizeof name, "%.40s%d", attribute, part);
        more = H5Aexists(object, name) > 0;
        if (more && !add_attribute(object, name, strings))
            return false;
    }
    return part > 1;
}

bool gd_plain_strings(hid_t object, const char *attribute, gd_strings *strings)
{
    *strings = (gd_strings){0};
    const bool ok = H5Aexists(object, attribute) > 0 ? add_attribute(object, attribute, strings)
                                                     : add_parts(object, attribute, strings);
    if (!ok)
        gd_strings_free(strings);
    return ok;
}

void gd_strings_free(gd_strings *strings)
{
    free(strings->items);
    *strings = (gd_strings){0};
}
