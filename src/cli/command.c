/* The table of commands. */
#include "cli/command.h"

#include "cli/command_log.h"
#include "cli/command_web.h"

#include <stddef.h>
#include <string.h>

gd_command *gd_command_find(int argc, char *const *argv)
{
    static const struct {
        const char *name;
        gd_command *run;
    } commands[] = {{"log", gd_command_log}, {"web", gd_command_web}};
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run;
    return NULL;
}
