/* Maps enumerators to names and back. */
#include "text/enum_name.h"

#include <stddef.h>
#include <string.h>

const char *gd_enum_text(const gd_enum_name *names, int value)
{
    for (; names->text; names++)
        if (names->value == value)
            return names->text;
    return "";
}

const gd_enum_name *gd_enum_find(const gd_enum_name *names, const char *text)
{
    for (; names->text; names++)
        if (strcmp(names->text, text) == 0)
            return names;
    return NULL;
}
