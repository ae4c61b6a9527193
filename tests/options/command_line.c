/* Parses command lines in tests. */
#include "command_line.h"

#include "check.h"
#include "options/options_parse.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 64 };

gd_status parse(const char *line, gd_options *options, gd_error *error)
{
    char copy[2048], *rest, *words[WORDS_MAX] = {"gigadream"};
    static char nothing[] = "";
    int count = 1;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *w = strtok_r(copy, " ", &rest); w && count < WORDS_MAX; w = strtok_r(NULL, " ", &rest))
        words[count++] = strcmp(w, "''") == 0 ? nothing : w;
    error->message[0] = '\0';
    return gd_options_parse(count, words, options, error);
}

gd_options good(const char *line)
{
    gd_options options;
    gd_error error;
    if (parse(line, &options, &error) != GD_OK)
        fail_msg("[%s]: %s", line, error.message);
    return options;
}
