/* Splits a printed command line into words, and compares two command lines flag by flag. */
#include "options/argv_split.h"

#include "options/flag_find.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t";

/* Copies a $'...' string. A backslash precedes a literal character, or x and two hexadecimal digits of a
 * byte. Otherwise like copy_word. */
static char *copy_bytes(const char **text, char *to)
{
    const char *at = *text;
    for (; *at && *at != '\''; at++) {
        const char digits[3] = {at[1] == 'x' ? at[2] : '\0', at[1] == 'x' && at[2] ? at[3] : '\0', '\0'};
        if (*at == '\\' && isxdigit((unsigned char)digits[0]) && isxdigit((unsigned char)digits[1])) {
            *to++ = (char)strtol(digits, NULL, 16);
            at += 3;
            continue;
        }
        if (*at == '\\' && at[1])
            at++;
        *to++ = *at;
    }
    *text = *at ? at + 1 : at;
    return to;
}

/* Copies the word at *text to `to` without its quotes. Returns the end of the copy and advances *text. */
static char *copy_word(const char **text, char *to, bool *open)
{
    bool quoted = false;
    const char *at = *text;
    for (; *at && (quoted || !strchr(blanks, *at)); at++) {
        if (!quoted && strncmp(at, "$'", 2) == 0) {
            at += 2;
            to = copy_bytes(&at, to);
            *open |= at[-1] != '\'';
            at--;
            continue;
        }
        if (*at == '\'') {
            quoted = !quoted;
            continue;
        }
        if (*at == '\\' && !quoted && at[1])
            at++;
        *to++ = *at;
    }
    *open |= quoted;
    *to++ = '\0';
    *text = at;
    return to;
}

gd_status gd_argv_words_split(const char *text, gd_argv_words *words, gd_error *error)
{
    const size_t length = strlen(text), most = length / 2 + 2;
    *words = (gd_argv_words){0};
    char **items = malloc(most * sizeof *items + length + most + 1);
    if (!items)
        return gd_no_memory(error, "a command line");
    char *to = (char *)(items + most);
    for (;;) {
        text += strspn(text, blanks);
        if (!*text || *text == '#')
            break;
        items[words->count++] = to;
        to = copy_word(&text, to, &words->open);
    }
    items[words->count] = NULL;
    words->items = items;
    words->remark = *text ? text + 1 : text;
    return GD_OK;
}

void gd_argv_words_free(gd_argv_words *words)
{
    free(words->items);
    *words = (gd_argv_words){0};
}

/* Copies words from `from` on to the end of *result, whose characters go to `to`. Returns their end. */
static char *append(const gd_argv_words *words, int from, int end, gd_argv_words *result, char *to)
{
    for (int i = from; i < end; i++) {
        result->items[result->count++] = to;
        to = stpcpy(to, words->items[i]) + 1;
    }
    return to;
}

static size_t bytes_of(const gd_argv_words *words)
{
    size_t bytes = sizeof *words->items;
    for (int i = 0; i < words->count; i++)
        bytes += sizeof *words->items + strlen(words->items[i]) + 1;
    return bytes;
}

gd_status gd_argv_words_insert(const gd_argv_words *words, const gd_argv_words *more, gd_argv_words *result,
                               gd_error *error)
{
    *result = (gd_argv_words){.items = malloc(bytes_of(words) + bytes_of(more)), .remark = ""};
    if (!result->items)
        return gd_no_memory(error, "a command line");
    char *to = (char *)(result->items + words->count + more->count);
    to = append(words, 0, 1, result, to);
    to = append(more, 1, more->count, result, to);
    (void)append(words, 1, words->count, result, to);
    result->items[result->count] = NULL;
    return GD_OK;
}

static int next_flag(const gd_argv_words *words, int at)
{
    while (at < words->count && gd_flag_find(words->items[at]) < 0)
        at++;
    return at;
}

/* Index of a flag; words->count if it is not given. */
static int find(const gd_argv_words *words, int flag)
{
    int at = next_flag(words, 1);
    while (at < words->count && gd_flag_find(words->items[at]) != flag)
        at = next_flag(words, at + 1);
    return at;
}

/* The values of the flag at `at`, separated by spaces. */
static void values_at(const gd_argv_words *words, int at, char *text)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = at + 1; i < next_flag(words, at + 1) && used < GD_PATH_MAX; i++)
        used += (size_t)snprintf(text + used, GD_PATH_MAX - used, "%s%s", used ? " " : "", words->items[i]);
    if (at + 1 == next_flag(words, at + 1))
        snprintf(text, GD_PATH_MAX, "on");
}

/* A flag's values as text, or "not given". */
static void values_of(const gd_argv_words *words, int flag, char *text)
{
    const int at = find(words, flag);
    snprintf(text, GD_PATH_MAX, "not given");
    if (at < words->count)
        values_at(words, at, text);
}

/* The callback and its context. */
typedef struct visitor {
    gd_argv_words_visit visit;
    void *context;
} visitor;

/* Visits the flags of `a` that `b` lacks, except those with the value in `preset`. `turned`: `b` is the first
 * command. */
static int lacks(const gd_argv_words *a, const gd_argv_words *b, const gd_argv_words *preset, bool turned,
                 const visitor *v)
{
    char mine[GD_PATH_MAX], other[GD_PATH_MAX];
    int count = 0;
    for (int at = next_flag(a, 1); at < a->count; at = next_flag(a, at + 1)) {
        const int id = gd_flag_find(a->items[at]);
        values_at(a, at, mine);
        values_of(preset, id, other);
        if (find(b, id) < b->count || strcmp(mine, other) == 0)
            continue;
        values_of(b, id, other);
        v->visit(v->context, a->items[at], turned ? other : mine, turned ? mine : other);
        count++;
    }
    return count;
}

/* Visits the flags that both have with different values. */
static int differs(const gd_argv_words *a, const gd_argv_words *b, const visitor *v)
{
    char first[GD_PATH_MAX], second[GD_PATH_MAX];
    int count = 0;
    for (int at = next_flag(a, 1); at < a->count; at = next_flag(a, at + 1)) {
        const int id = gd_flag_find(a->items[at]);
        values_at(a, at, first);
        values_of(b, id, second);
        if (find(b, id) == b->count || strcmp(first, second) == 0)
            continue;
        v->visit(v->context, a->items[at], first, second);
        count++;
    }
    return count;
}

void gd_argv_words_differences(const gd_argv_words *a, const gd_argv_words *b, const gd_argv_words *preset,
                               gd_argv_words_visit visit, void *context)
{
    const gd_argv_words none = {0};
    const visitor v = {visit, context};
    int count = lacks(b, a, preset, true, &v);
    count += lacks(a, b, preset, false, &v);
    count += differs(a, b, &v);
    if (count > 0)
        return;
    (void)lacks(a, b, &none, false, &v);
    (void)lacks(b, a, &none, true, &v);
}
