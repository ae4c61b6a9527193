/* Reads the flags and words of a command. */
#include "cli/arguments.h"

#include <string.h>

static const gd_argument_flag *find(const gd_argument_flag *flags, const char *text, const char **value)
{
    for (; flags->name; flags++) {
        const size_t length = strlen(flags->name);
        if (strncmp(text, flags->name, length) != 0 || (text[length] && text[length] != '='))
            continue;
        *value = text[length] ? text + length + 1 : NULL;
        return flags;
    }
    return NULL;
}

/* Reads the flag at argv[*at], and its value. */
static gd_status read_flag(int argc, char *const *argv, int *at, const gd_argument_flag *flags,
                           const char *usage, gd_error *error)
{
    const char *value = NULL, *text = argv[*at];
    const gd_argument_flag *flag = find(flags, text, &value);
    if (!flag)
        return gd_fail(error, GD_USAGE, "%s: there is no such flag; %s", text, usage);
    if (!flag->value) {
        *flag->on = true;
        return value ? gd_fail(error, GD_USAGE, "%s takes no value; %s", flag->name, usage) : GD_OK;
    }
    if (!value && *at + 1 < argc)
        value = argv[++*at];
    if (!value || !*value)
        return gd_fail(error, GD_USAGE, "%s needs a value; %s", flag->name, usage);
    *flag->value = value;
    return GD_OK;
}

gd_status gd_arguments_read(int argc, char *const *argv, const gd_argument_flag *flags, const char *usage,
                            const char **words, int least, int most, gd_error *error)
{
    int count = 0;
    for (int i = 0; i < most; i++)
        words[i] = NULL;
    gd_status status = GD_OK;
    for (int at = 0; status == GD_OK && at < argc; at++) {
        if (argv[at][0] == '-')
            status = read_flag(argc, argv, &at, flags, usage, error);
        else if (count < most)
            words[count++] = argv[at];
        else
            status = gd_fail(error, GD_USAGE, "%s is one name too many; %s", argv[at], usage);
    }
    if (status != GD_OK)
        return status;
    return count >= least ? GD_OK : gd_fail(error, GD_USAGE, "a name is missing; %s", usage);
}
