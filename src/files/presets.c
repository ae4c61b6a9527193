/* Finds a preset by its name in the user's file and in the installed one. */
#include "files/presets.h"

#include "base/file.h"
#include "files/data_folders.h"
#include "options/flag_find.h"
#include "options/options_parse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, NAMES_MAX = 600 };

typedef struct search {
    const char *name;
    char path[GD_PATH_MAX]; /* the file that is read */
    int line;               /* its line, from 1 */
    gd_argv_words found;    /* owned; the preset's name and flags; no items: not found yet */
    char names[NAMES_MAX];  /* of all presets, separated by commas */
} search;

/* Adds a name to the list; one that does not fit is left out. */
static void note_name(search *s, const char *name)
{
    const size_t used = strlen(s->names);
    if (used + strlen(name) + 3 < sizeof s->names)
        snprintf(s->names + used, sizeof s->names - used, "%s%s", used ? ", " : "", name);
}

static gd_status refuse_line(const search *s, const char *why, gd_error *error)
{
    return gd_fail(error, GD_USAGE, "%.200s, line %d, preset %.60s: %.600s", s->path, s->line, s->name, why);
}

/* Whether the flags are known, of the look, and have valid values. */
static gd_status check_flags(const search *s, const gd_argv_words *words, gd_error *error)
{
    gd_error why;
    bool given[GD_FLAG_COUNT] = {false};
    gd_options *scratch = malloc(sizeof *scratch);
    if (!scratch)
        return gd_no_memory(error, "the flags of a preset");
    gd_options_default(scratch);
    gd_status status = gd_options_parse_flags(words->count, words->items, scratch, given, &why);
    free(scratch);
    if (status != GD_OK)
        return refuse_line(s, why.message, error);
    if (words->open)
        return refuse_line(s, "a quotation mark is not closed; close it on its line", error);
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        char name[GD_FLAG_NAME_MAX], text[128];
        if (!given[i] || gd_flags[i].traits & GD_FLAG_LOOK)
            continue;
        gd_flag_name(&gd_flags[i], name);
        snprintf(text, sizeof text, "%s is no part of a look; give it on the command line", name);
        return refuse_line(s, text, error);
    }
    return GD_OK;
}

static gd_status take_line(search *s, const char *line, gd_error *error)
{
    gd_argv_words words;
    gd_status status = gd_argv_words_split(line, &words, error);
    if (status != GD_OK)
        return status;
    if (words.count > 0)
        note_name(s, words.items[0]);
    if (words.count > 0 && !s->found.items && strcmp(words.items[0], s->name) == 0) {
        status = check_flags(s, &words, error);
        s->found = words;
    } else {
        gd_argv_words_free(&words);
    }
    return status;
}

static gd_status take_lines(search *s, char *text, gd_error *error)
{
    gd_status status = GD_OK;
    s->line = 1;
    for (char *line = text; line && status == GD_OK; s->line++) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        status = take_line(s, line, error);
        line = end ? end + 1 : NULL;
    }
    return status;
}

/* Searches a folder's file, if it has one. */
static gd_status search_folder(search *s, const char *folder, gd_error *error)
{
    static const char remedy[] = "correct or remove this file of presets";
    int fd = -1;
    if (!gd_data_folders_join(s->path, folder, "presets") || access(s->path, F_OK) != 0)
        return GD_OK;
    char *text = malloc(FILE_MAX);
    gd_status status = text ? gd_file_open_input(s->path, remedy, &fd, error)
                            : gd_no_memory(error, "the presets of %s", s->path);
    if (status == GD_OK)
        status = gd_file_read_text(fd, s->path, remedy, FILE_MAX, text, error);
    if (status == GD_OK)
        status = take_lines(s, text, error);
    if (fd >= 0)
        close(fd);
    free(text);
    return status;
}

static gd_status find(search *s, gd_error *error)
{
    gd_data_folders folders = {.count = 0};
    gd_status status = GD_OK;
    gd_data_folders_add_home(&folders, "XDG_CONFIG_HOME", ".config");
    gd_data_folders_add_usual(&folders);
    for (int32_t i = 0; i < folders.count && status == GD_OK && !s->found.items; i++)
        status = search_folder(s, folders.paths[i], error);
    if (status != GD_OK || s->found.items)
        return status;
    return gd_fail(error, GD_USAGE, "--preset %.100s: there is no such preset; %s%s", s->name,
                   s->names[0] ? "there are "
                               : "there is no file of presets; install gigadream with its share/gigadream",
                   s->names);
}

gd_status gd_presets_expand(gd_argv_words *words, gd_error *error)
{
    gd_argv_words whole;
    const char *name = gd_options_last_value(words->count, words->items, GD_FLAG_PRESET);
    search *s = name ? calloc(1, sizeof *s) : NULL;
    if (!name)
        return GD_OK;
    if (!s)
        return gd_no_memory(error, "the presets");
    s->name = name;
    gd_status status = find(s, error);
    if (status == GD_OK)
        status = gd_argv_words_insert(words, &s->found, &whole, error);
    gd_argv_words_free(&s->found);
    free(s);
    if (status != GD_OK)
        return status;
    gd_argv_words_free(words);
    *words = whole;
    return GD_OK;
}
