/* Reads the command line of `gigadream blend`: two pictures, and those flags that a blend has. */
#include "cli/blend.h"

#include "cli/prompt.h"
#include "host/stop.h"
#include "job/blend/blend_files.h"
#include "options/flag_find.h"
#include "options/flag_values.h"
#include "options/option_checks.h"
#include "options/options_parse.h"
#include "options/parameter_file.h"

#include <stdlib.h>
#include <string.h>

static const char usage[] = "gigadream blend DREAM INPUT --strength X -img_out NAME";

static const gd_flag_id allowed[] = {GD_FLAG_STRENGTH,  GD_FLAG_KEEP_COLORS, GD_FLAG_OUTPUT,
                                     GD_FLAG_OVERWRITE, GD_FLAG_BITS,        GD_FLAG_COMPRESSION,
                                     GD_FLAG_BIGTIFF,   GD_FLAG_PYRAMID,     GD_FLAG_DPI,
                                     GD_FLAG_MEMORY,    GD_FLAG_SCRATCH,     GD_FLAG_QUIET};

/* What the words after `blend` say. */
typedef struct request {
    gd_options options;
    bool given[GD_FLAG_COUNT];
    const char *pictures[2]; /* borrowed; the dream, the input; NULL: not there */
} request;

bool gd_blend_asked(int argc, char *const *argv)
{
    return argc > 1 && strcmp(argv[1], "blend") == 0;
}

static gd_status take_picture(request *r, const char *word, gd_error *error)
{
    for (int i = 0; i < 2 && word[0] && word[0] != '-'; i++) {
        if (r->pictures[i])
            continue;
        r->pictures[i] = word;
        return GD_OK;
    }
    return gd_fail(error, GD_USAGE, "'%s' belongs to no flag of a blend; write %s", word, usage);
}

static bool allows(int id)
{
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if ((int)allowed[i] == id)
            return true;
    return false;
}

static gd_status take_flag(request *r, int count, char *const *words, gd_error *error)
{
    if (!allows(gd_flag_find(words[1])))
        return gd_fail(
            error, GD_USAGE,
            "%s: gigadream blend has no such flag, since it blends finished pictures; leave it out, "
            "or write %s",
            words[1], usage);
    return gd_options_parse_flags(count, words, &r->options, r->given, error);
}

static gd_status read_words(request *r, int count, char *const *words, gd_error *error)
{
    gd_status status = GD_OK;
    for (int at = 2, next; at < count && status == GD_OK; at = next) {
        const bool flag = gd_flag_find(words[at]) >= 0;
        next = flag ? gd_options_next(count, words, at) : at + 1;
        status =
            flag ? take_flag(r, next - at + 1, words + at - 1, error) : take_picture(r, words[at], error);
    }
    return status;
}

static gd_status check(request *r, gd_error *error)
{
    gd_options *o = &r->options;
    if (!r->pictures[1])
        return gd_fail(error, GD_USAGE, "%s: write %s",
                       r->pictures[0] ? "the picture that the dream was made of is missing"
                                      : "a blend needs two pictures",
                       usage);
    if (!r->given[GD_FLAG_OUTPUT])
        return gd_fail(error, GD_USAGE, "a blend needs the name of its picture; add -img_out NAME");
    if (!r->given[GD_FLAG_STRENGTH] && !o->keep_colors)
        return gd_fail(error, GD_USAGE,
                       "a blend needs the share of the dream; add --strength X, from 0, the input, to 1, the "
                       "dream, or --keep-colors");
    if (strlen(r->pictures[1]) >= sizeof o->input)
        return gd_fail(error, GD_USAGE, "the name of the second picture is too long; move the picture");
    strcpy(o->input, r->pictures[1]);
    const gd_status status = gd_options_check(o, r->given, error);
    if (!r->given[GD_FLAG_BITS])
        o->bits = 0;
    return status;
}

static gd_status carry_out(const request *r, gd_claims *claims, gd_error *error)
{
    gd_prompt prompt = {stdin, gd_prompt_terminal(1)};
    gd_confirm confirm = {0};
    if (prompt.out)
        confirm = (gd_confirm){gd_prompt_confirm, &prompt};
    gd_stop_release(); /* nothing is saved: the command is given again */
    return gd_blend_files(&r->options, r->pictures[0], claims, &confirm, error);
}

gd_status gd_blend_command(int argc, char *const *argv, gd_claims *claims, gd_error *error)
{
    gd_argv_words words = {0};
    request *r = calloc(1, sizeof *r);
    if (!r)
        return gd_no_memory(error, "the flags of a blend");
    gd_options_default(&r->options);
    gd_status status = gd_parameters_expand(argc, argv, &words, error);
    if (status == GD_OK)
        status = read_words(r, words.count, words.items, error);
    if (status == GD_OK)
        status = check(r, error);
    if (status == GD_OK)
        status = carry_out(r, claims, error);
    gd_argv_words_free(&words);
    free(r);
    return status;
}
