/* Says what a command stands for that names no more than a picture. */
#include "cli/bare.h"

#include "options/options_format.h"

void gd_bare_tell(const gd_options *o, FILE *out)
{
    char command[4096];
    if (o->bare && !o->quiet && gd_options_command(o, command, sizeof command) == GD_OK)
        fprintf(out, "This stands for: %s\n", command);
}
