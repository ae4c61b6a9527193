/* Completes commands that name no more than a picture, and says what they stand for. */
#include "cli/bare.h"

#include "options/options_format.h"

#include <string.h>
#include <unistd.h>

enum { NUMBERS = 10000 };

void gd_bare_output(gd_options *o)
{
    char usual[GD_PATH_MAX];
    gd_options_name_output(o, usual);
    const char *dot = strrchr(usual, '.');
    if (!o->bare || strcmp(usual, o->output) != 0 || !dot)
        return;
    for (int n = 2; n < NUMBERS && access(o->output, F_OK) == 0; n++)
        snprintf(o->output, sizeof o->output, "%.*s_%d%s", (int)(dot - usual), usual, n, dot);
}

void gd_bare_tell(const gd_options *o, FILE *out)
{
    char command[4096];
    if (o->bare && !o->quiet && gd_options_command(o, command, sizeof command) == GD_OK)
        fprintf(out, "This stands for: %s\n", command);
}
