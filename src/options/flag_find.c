/* Finds a flag by its name, and the nearest name for a misspelled one. */
#include "options/flag_find.h"

#include "base/minmax.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *skip_dashes(const char *argument)
{
    for (int i = 0; i < 2 && *argument == '-'; i++)
        argument++;
    return argument;
}

static bool is_named(const char *name, const char *text, size_t length)
{
    return name && strlen(name) == length && memcmp(name, text, length) == 0;
}

int gd_flag_find_bare(const char *name, size_t length)
{
    for (int i = 0; i < GD_FLAG_COUNT; i++)
        if (is_named(gd_flags[i].short_name, name, length) || is_named(gd_flags[i].long_name, name, length))
            return i;
    return -1;
}

int gd_flag_find(const char *argument)
{
    const char *text = skip_dashes(argument);
    return argument[0] == '-' ? gd_flag_find_bare(text, strcspn(text, "=")) : -1;
}

/* Edit distance from a[length] to b: insertions, deletions, substitutions and swaps of neighbours. Both are
 * shorter than GD_FLAG_NAME_MAX. */
static int distance(const char *a, size_t length, const char *b)
{
    int d[GD_FLAG_NAME_MAX][GD_FLAG_NAME_MAX];
    size_t columns = strlen(b);
    for (size_t i = 0; i <= length; i++) {
        for (size_t j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = (int)(i + j);
                continue;
            }
            d[i][j] = gd_min_i32(gd_min_i32(d[i - 1][j], d[i][j - 1]) + 1,
                                 d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = gd_min_i32(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[length][columns];
}

/* Distance of a name from the typed text; 0 for a prefix of the name. */
static int far_from(const char *name, const char *text, size_t length)
{
    if (length > 2 && strncmp(name, text, length) == 0)
        return 0;
    return distance(text, length, name);
}

void gd_flag_nearest(const char *argument, char name[GD_FLAG_NAME_MAX])
{
    const char *text = skip_dashes(argument);
    size_t length = strcspn(text, "=");
    if (length >= GD_FLAG_NAME_MAX)
        length = GD_FLAG_NAME_MAX - 1;
    int best = GD_FLAG_NAME_MAX + 1;
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        const char *names[2] = {gd_flags[i].short_name, gd_flags[i].long_name};
        for (int j = 0; j < 2; j++) {
            if (!names[j] || far_from(names[j], text, length) >= best)
                continue;
            best = far_from(names[j], text, length);
            snprintf(name, GD_FLAG_NAME_MAX, "%s%s", j == 0 ? "-" : "--", names[j]);
        }
    }
}
