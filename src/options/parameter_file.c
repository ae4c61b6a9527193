/* Replaces @FILE on a command line by the flags in that file, recursively. */
#include "options/parameter_file.h"

#include "base/file.h"
#include "options/flag_find.h"
#include "options/options_parse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Total bytes of all words, terminating zeros included. */
enum { WORDS_MAX = 4 * GD_PARAMETER_FILE_MAX };

/* The words so far, and the files that are being read. */
typedef struct expansion {
    char *bytes; /* owned; [WORDS_MAX] */
    size_t used;
    int count;
    struct stat files[GD_PARAMETER_DEPTH];
    int depth;
} expansion;

static gd_status add_word(expansion *e, const char *word, gd_error *error)
{
    const size_t bytes = strlen(word) + 1;
    if (bytes > WORDS_MAX - e->used)
        return gd_fail(error, GD_USAGE, "the flags are longer than %d bytes; give fewer", WORDS_MAX);
    memcpy(e->bytes + e->used, word, bytes);
    e->used += bytes;
    e->count++;
    return GD_OK;
}

static bool is_open(const expansion *e, const struct stat *about)
{
    for (int i = 0; i < e->depth; i++)
        if (e->files[i].st_dev == about->st_dev && e->files[i].st_ino == about->st_ino)
            return true;
    return false;
}

static gd_status read_text(int fd, const char *path, char *text, gd_error *error)
{
    char name[GD_PATH_MAX + 1];
    snprintf(name, sizeof name, "@%s", path);
    return gd_file_read_text(fd, name, "name a file of flags, one a line", GD_PARAMETER_FILE_MAX, text,
                             error);
}

/* Reads a file, unless it is already being read (a cycle). */
static gd_status read_file(expansion *e, const char *path, char *text, gd_error *error)
{
    if (e->depth == GD_PARAMETER_DEPTH)
        return gd_fail(error, GD_USAGE, "@%s: files are nested more than %d deep; name it in an outer file",
                       path, GD_PARAMETER_DEPTH);
    const int fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe without a writer is not waited for */
    struct stat about;
    if (fd < 0 || fstat(fd, &about) != 0 || fcntl(fd, F_SETFL, 0) != 0) {
        const gd_status status =
            gd_fail(error, GD_USAGE, "@%s: cannot be opened (%s); name a file of flags, one a line", path,
                    strerror(errno));
        if (fd >= 0)
            close(fd);
        return status;
    }
    gd_status status = GD_OK;
    if (is_open(e, &about))
        status = gd_fail(error, GD_USAGE,
                         "@%s: it includes itself, perhaps through others; leave one of them out", path);
    else
        status = read_text(fd, path, text, error);
    close(fd);
    if (status == GD_OK && S_ISFIFO(about.st_mode) && !*text)
        status = gd_fail(error, GD_USAGE, "@%s: nothing comes from this pipe; name a file of flags", path);
    if (status == GD_OK)
        e->files[e->depth++] = about;
    return status;
}

/* Checks that a line has one flag with its values; words[0] is in the place of the program's name. */
static gd_status check_flag(int count, char *const *words, gd_error *error)
{
    gd_options *scratch = malloc(sizeof *scratch);
    bool given[GD_FLAG_COUNT] = {false};
    if (!scratch)
        return gd_no_memory(error, "the flags of a file");
    gd_options_default(scratch);
    const int next = gd_options_next(count, words, 1);
    gd_status status = gd_options_parse_flags(next, words, scratch, given, error);
    if (status == GD_OK && next < count)
        status = gd_fail(error, GD_USAGE,
                         "'%.200s' is one word too many; write a flag a line, and single quotes "
                         "around a value with blanks",
                         words[next]);
    free(scratch);
    return status;
}

static gd_status take_line(expansion *e, const char *line, gd_error *error);

/* Adds the words of all lines. An error message names file and line. */
static gd_status take_lines(expansion *e, const char *path, char *text, gd_error *error)
{
    gd_status status = GD_OK;
    int number = 1;
    for (char *line = text; line && status == GD_OK; number++) {
        char *end = strchr(line, '\n');
        gd_error why = {""};
        if (end)
            *end = '\0';
        if (end > line && end[-1] == '\r')
            end[-1] = '\0';
        status = take_line(e, line, &why);
        if (status != GD_OK)
            status = gd_fail(error, status, "%.200s, line %d: %.700s", path, number, why.message);
        line = end ? end + 1 : NULL;
    }
    return status;
}

/* Length of the byte order mark, with which some editors begin UTF-8. */
static size_t mark_length(const char *text)
{
    static const char mark[] = "\xEF\xBB\xBF";
    return strncmp(text, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
}

static gd_status include(expansion *e, const char *path, gd_error *error)
{
    char *text = malloc(GD_PARAMETER_FILE_MAX);
    if (!text)
        return gd_no_memory(error, "the flags of %s", path);
    gd_status status = read_file(e, path, text, error);
    if (status == GD_OK) {
        status = take_lines(e, path, text + mark_length(text), error);
        e->depth--;
    }
    free(text);
    return status;
}

/* Adds the words of a line; the first is in the place of the program's name. */
static gd_status take_words(expansion *e, const gd_argv_words *words, gd_error *error)
{
    char **items = words->items + 1;
    if (words->count == 1)
        return GD_OK;
    if (items[0][0] == '@' && items[0][1] && words->count == 2)
        return include(e, items[0] + 1, error);
    gd_status status = check_flag(words->count, words->items, error);
    for (int i = 1; i < words->count && status == GD_OK; i++)
        status = add_word(e, words->items[i], error);
    return status;
}

static gd_status take_line(expansion *e, const char *line, gd_error *error)
{
    gd_argv_words words;
    char *whole = NULL;
    if (asprintf(&whole, "gigadream %s", line) < 0)
        return gd_no_memory(error, "a line of flags");
    gd_status status = gd_argv_words_split(whole, &words, error);
    if (status == GD_OK && words.open)
        status = gd_fail(error, GD_USAGE, "a quotation mark is not closed; close it on its line");
    if (status == GD_OK)
        status = take_words(e, &words, error);
    gd_argv_words_free(&words);
    free(whole);
    return status;
}

static gd_status expand(expansion *e, int argc, char *const *argv, gd_error *error)
{
    gd_status status = add_word(e, argc > 0 ? argv[0] : "gigadream", error);
    for (int at = 1; at < argc && status == GD_OK;) {
        const int next = gd_options_next(argc, argv, at);
        if (argv[at][0] == '@' && argv[at][1])
            status = include(e, argv[at] + 1, error);
        else
            for (int i = at; i < next && status == GD_OK; i++)
                status = add_word(e, argv[i], error);
        at = next;
    }
    return status;
}

/* Copies the words into one allocation, as gd_argv_words_free expects. */
static gd_status pack(const expansion *e, gd_argv_words *words, gd_error *error)
{
    const size_t pointers = (size_t)(e->count + 1) * sizeof *words->items;
    char **items = malloc(pointers + e->used);
    if (!items)
        return gd_no_memory(error, "the command line");
    char *at = memcpy((char *)items + pointers, e->bytes, e->used);
    for (int i = 0; i < e->count; i++, at += strlen(at) + 1)
        items[i] = at;
    items[e->count] = NULL;
    *words = (gd_argv_words){.items = items, .count = e->count, .remark = ""};
    return GD_OK;
}

gd_status gd_parameters_expand(int argc, char *const *argv, gd_argv_words *words, gd_error *error)
{
    expansion e = {.bytes = malloc(WORDS_MAX)};
    *words = (gd_argv_words){0};
    gd_status status = e.bytes ? expand(&e, argc, argv, error) : gd_no_memory(error, "the command line");
    if (status == GD_OK)
        status = pack(&e, words, error);
    free(e.bytes);
    return status;
}
