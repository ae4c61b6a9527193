/* flag_rows: prints the table of flags, a row a line, for test_tables.py: short name, long name, argument,
 * number of values, what completes it (f: files, d: folders), words that complete it, group, meaning and
 * default, with tabs between. */
#include "options/flags.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The parts of an argument that can be typed as they stand: not A, N or FILE, and nothing with brackets. */
static void print_words(const gd_flag *flag)
{
    char argument[GD_FLAG_ARGUMENT_MAX], *rest;
    if (flag->offers) {
        fputs(flag->offers, stdout);
        return;
    }
    for (const gd_enum_name *word = flag->kind == GD_VALUE_PATH ? flag->names : NULL; word && word->text;
         word++)
        printf("%s ", word->text);
    gd_flag_argument(flag, argument);
    for (char *part = strtok_r(argument, "| ", &rest); part && flag->kind != GD_VALUE_PATH;
         part = strtok_r(NULL, "| ", &rest))
        if ((islower((unsigned char)*part) || isdigit((unsigned char)*part)) && !strpbrk(part, "[]."))
            printf("%s ", part);
}

static const char *files_of(const gd_flag *flag)
{
    if (flag->argument && strcmp(flag->argument, "DIR") == 0)
        return "d";
    return flag->kind == GD_VALUE_PATH || (flag->argument && strncmp(flag->argument, "FILE", 4) == 0) ? "f"
                                                                                                      : "";
}

int main(void)
{
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        const gd_flag *flag = &gd_flags[i];
        char argument[GD_FLAG_ARGUMENT_MAX];
        const char *preset = flag->preset_for_people ? flag->preset_for_people : flag->preset;
        gd_flag_argument(flag, argument);
        printf("%s\t%s\t%s\t%d\t%s\t", flag->short_name ? flag->short_name : "", flag->long_name, argument,
               gd_flag_values(flag), files_of(flag));
        print_words(flag);
        printf("\t%s\t%s\t%s\n", gd_flag_groups[flag->group], flag->meaning,
               flag->kind == GD_VALUE_SWITCH ? "off"
               : preset                      ? preset
                                             : "");
    }
    return 0;
}
