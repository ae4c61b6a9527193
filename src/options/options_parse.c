/* Parses the command line with the table of flags.c. Why not argp or getopt_long_only: they support neither
 * flags with two values (-or -4 2, where the second may start with a dash) nor with one or two (-ml). Both
 * treat a following flag as a missing value, accept any unambiguous prefix of a name, so that a new flag
 * breaks old commands, keep global state and word their own errors. popt, too, supports one value a flag. */
#include "options/options_parse.h"

#include "options/flag_find.h"
#include "options/option_checks.h"

#include <stdio.h>
#include <string.h>

/* Position in argv. */
typedef struct walk {
    char *const *arguments;
    int count, at;
} walk;

/* The next argument, or NULL at the end or before a flag. Other arguments that start with a dash are values:
 * negative numbers, file names. */
static const char *next_value(walk *w)
{
    if (w->at >= w->count || gd_flag_find(w->arguments[w->at]) >= 0)
        return NULL;
    return w->arguments[w->at++];
}

static gd_status missing(const gd_flag *flag, const char *name, gd_error *error)
{
    char argument[GD_FLAG_ARGUMENT_MAX];
    gd_flag_argument(flag, argument);
    return gd_fail(error, GD_USAGE, "%s: %s missing; write %s %s", name,
                   gd_flag_values(flag) == 2 ? "one of its two values is" : "its value is", name, argument);
}

/* True for "5", "-5", "5.0": text that can only be one of two numbers. */
static bool looks_like_number(const char *text)
{
    double number;
    return gd_number_parse(text, &number);
}

/* Takes the values of -ml: names, or two numbers. They are checked later, when the network is known. */
static void take_layers(walk *w, const char *values[2])
{
    if (!values[0] && w->at < w->count &&
        (w->arguments[w->at][0] != '-' || looks_like_number(w->arguments[w->at])))
        values[0] = next_value(w);
    if (values[0] && looks_like_number(values[0]))
        values[1] = next_value(w);
}

/* -or auto replaces both numbers. */
static gd_status check_auto(const walk *w, const char *name, gd_error *error)
{
    if (w->at >= w->count || !looks_like_number(w->arguments[w->at]))
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "%s auto %s: auto stands for both numbers; write %s auto, or two such as %s -4 2", name,
                   w->arguments[w->at], name, name);
}

/* Takes the values after a flag; values[0] may already be set, from after an equals sign. */
static gd_status take_values(walk *w, gd_flag_id id, const char *name, const char *values[2], gd_error *error)
{
    for (int i = 0; i < gd_flag_values(&gd_flags[id]); i++) {
        if (i > 0 && id == GD_FLAG_OCTAVES && strcmp(values[0], "auto") == 0)
            return check_auto(w, name, error);
        if (!values[i])
            values[i] = next_value(w);
        if (!values[i] && id == GD_FLAG_SHEET)
            values[i] = "layers";
        if (!values[i])
            return missing(&gd_flags[id], name, error);
    }
    return GD_OK;
}

static gd_status read_flag(walk *w, gd_flag_id id, const char *argument, gd_options *options, gd_error *error)
{
    const char *equals = strchr(argument, '=');
    const char *values[2] = {equals ? equals + 1 : NULL, NULL};
    char name[GD_FLAG_NAME_MAX];
    gd_status status = GD_OK;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(argument, "="), argument);
    if (equals && gd_flags[id].kind == GD_VALUE_ACTION)
        return gd_fail(error, GD_USAGE, "%s: %s takes no value; write %s alone", argument, name, name);
    if (id == GD_FLAG_LAYERS)
        take_layers(w, values);
    else
        status = take_values(w, id, name, values, error);
    return status == GD_OK ? gd_flag_read(&gd_flags[id], name, values, options, error) : status;
}

int gd_options_next(int argc, char *const *argv, int at)
{
    const int id = gd_flag_find(argv[at]);
    const char *equals = strchr(argv[at], '=');
    const char *values[2] = {equals ? equals + 1 : NULL, NULL};
    walk w = {.arguments = argv, .count = argc, .at = at + 1};
    gd_status status = GD_OK;
    if (id == GD_FLAG_LAYERS)
        take_layers(&w, values);
    else if (id >= 0)
        status = take_values(&w, (gd_flag_id)id, "", values, NULL);
    (void)status; /* the parser reports missing values */
    return w.at;
}

const char *gd_options_last_value(int argc, char *const *argv, gd_flag_id id)
{
    const char *value = NULL;
    for (int at = 1; at < argc; at = gd_options_next(argc, argv, at)) {
        const char *equals = strchr(argv[at], '=');
        if (gd_flag_find(argv[at]) == (int)id)
            value = equals ? equals + 1 : at + 1 < gd_options_next(argc, argv, at) ? argv[at + 1] : NULL;
    }
    return value;
}

static gd_status unknown(const char *argument, gd_error *error)
{
    char nearest[GD_FLAG_NAME_MAX];
    if (argument[0] != '-' || !argument[strspn(argument, "-")])
        return gd_fail(error, GD_USAGE,
                       "'%s' belongs to no flag; write -img %s for the input, or leave it out", argument,
                       *argument && argument[0] != '-' ? argument : "PATH");
    gd_flag_nearest(argument, nearest);
    return gd_fail(error, GD_USAGE, "%s: there is no such flag; the nearest is %s (--help lists all)",
                   argument, nearest);
}

/* Whether the argument names the input without -img: the first that belongs to no flag. */
static bool names_input(const gd_options *options, const char *argument)
{
    return !options->bare && argument[0] && argument[0] != '-';
}

static gd_status read_input(const char *argument, gd_options *options, gd_error *error)
{
    const char *values[2] = {argument, NULL};
    options->bare = true;
    return gd_flag_read(&gd_flags[GD_FLAG_INPUT], "-img", values, options, error);
}

/* True for --help and similar actions, which ignore further flags. */
static bool ends_reading(gd_action action)
{
    return action != GD_ACTION_RENDER && !gd_action_plans(action);
}

/* commands: the words are a command line, in which the input may stand without -img. */
static gd_status parse_words(int argc, char *const *argv, bool commands, gd_options *options, bool *given,
                             gd_error *error)
{
    walk w = {.arguments = argv, .count = argc, .at = 1};
    while (w.at < argc && !ends_reading(options->action)) {
        const char *argument = argv[w.at++];
        const int id = gd_flag_find(argument);
        const bool bare = id < 0 && commands && !given[GD_FLAG_INPUT] && names_input(options, argument);
        if (id < 0 && !bare)
            return unknown(argument, error);
        given[bare ? GD_FLAG_INPUT : id] = true;
        const gd_status status = bare ? read_input(argument, options, error)
                                      : read_flag(&w, (gd_flag_id)id, argument, options, error);
        if (status != GD_OK)
            return status;
    }
    return GD_OK;
}

gd_status gd_options_parse_flags(int argc, char *const *argv, gd_options *options, bool *given,
                                 gd_error *error)
{
    return parse_words(argc, argv, false, options, given, error);
}

static gd_status parse(int argc, char *const *argv, gd_options *options, bool *given, gd_error *error)
{
    gd_status status = parse_words(argc, argv, true, options, given, error);
    if (status != GD_OK || ends_reading(options->action))
        return status;
    if (!*options->output)
        options->output_choice = gd_options_output_choice(options, given);
    return gd_options_check(options, given, error);
}

gd_status gd_options_parse_given(int argc, char *const *argv, gd_options *options, bool *given,
                                 gd_error *error)
{
    const gd_status status = parse(argc, argv, options, given, error);
    if (status == GD_OK && options->compat != GD_COMPAT_NONE && !given[GD_FLAG_STEPS])
        options->steps = gd_options_rules(options)->steps;
    return status;
}

gd_status gd_options_parse(int argc, char *const *argv, gd_options *options, gd_error *error)
{
    bool given[GD_FLAG_COUNT] = {false};
    gd_options_default(options);
    return gd_options_parse_given(argc, argv, options, given, error);
}

gd_status gd_options_parse_over(int argc, char *const *argv, gd_options *options, gd_error *error)
{
    bool given[GD_FLAG_COUNT] = {false};
    return parse(argc, argv, options, given, error);
}

gd_action gd_options_asked(int argc, char *const *argv)
{
    for (int i = 1; i < argc; i++) {
        const int id = strchr(argv[i], '=') ? -1 : gd_flag_find(argv[i]);
        if (id == GD_FLAG_HELP || id == GD_FLAG_VERSION)
            return (gd_action)gd_flags[id].low;
    }
    return GD_ACTION_RENDER;
}
