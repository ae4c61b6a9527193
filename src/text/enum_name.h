/* Tables of the names of enumerators. An entry without text ends a table. */
#ifndef GD_TEXT_ENUM_NAME_H
#define GD_TEXT_ENUM_NAME_H

#include <stdbool.h>

typedef enum gd_enum_name_use {
    GD_NAME_PLAIN,
    GD_NAME_DERIVED, /* printed, never parsed: the value that "auto" resolved to */
    GD_NAME_OFF      /* parsed, printed as nothing: it turns an option off */
} gd_enum_name_use;

typedef struct gd_enum_name {
    const char *text;
    int value;
    gd_enum_name_use use;
} gd_enum_name;

/* The name of a value, GD_NAME_DERIVED and GD_NAME_OFF included; "" if the table has none. */
const char *gd_enum_text(const gd_enum_name *names, int value);

/* The entry with this text, or NULL. */
const gd_enum_name *gd_enum_find(const gd_enum_name *names, const char *text);

#endif
