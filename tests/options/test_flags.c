/* The table of flags against the man page, the guide and --help (test_tables.py: the completion). */
#include "check.h"

#include "options/flag_find.h"
#include "options/help.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 16);
    assert_true(file && text);
    size_t length = fread(text, 1, (1 << 16) - 1, file);
    fclose(file);
    assert_true(length > 0 && length < (1 << 16) - 1);
    return text;
}

static const char inside[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

/* Whether `word` stands in `text` between characters that no flag holds. */
static bool holds(const char *text, const char *word)
{
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        if ((at == text || !strchr(inside, at[-1])) && strspn(at + strlen(word), inside) == 0)
            return true;
    return false;
}

/* Each name of each flag, written with `one` and `two` before short and long ones, is in the text. */
static void check_names(const char *text, const char *where, const char *one, const char *two)
{
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        char word[GD_FLAG_NAME_MAX];
        snprintf(word, sizeof word, "%s%s", two, gd_flags[i].long_name);
        if (!holds(text, word))
            fail_msg("%s lacks %s", where, word);
        if (!gd_flags[i].short_name)
            continue;
        snprintf(word, sizeof word, "%s%s", one, gd_flags[i].short_name);
        if (!holds(text, word))
            fail_msg("%s lacks %s", where, word);
    }
}

static void man_page(void **state)
{
    (void)state;
    char *text = read_file(GD_SOURCE_DIR "/docs/gigadream.1");
    check_names(strstr(text, ".Sh DESCRIPTION"), "docs/gigadream.1", "It Fl ", "Fl -");
    free(text);
}

/* Its table, which need not have -h, and has no other flags. */
static void guide(void **state)
{
    (void)state;
    char *text = read_file(GD_SOURCE_DIR "/docs/guide.md");
    char *table = strstr(text, "\n## Flags\n"), *end = table ? strstr(table, "\n\nExit codes") : NULL;
    assert_non_null(end);
    strcpy(end, " -h");
    check_names(table, "docs/guide.md", "-", "--");
    for (const char *at = strstr(table, "`-"); at; at = strstr(at + 1, "`-")) {
        char word[GD_FLAG_NAME_MAX];
        snprintf(word, sizeof word, "%.*s", (int)strspn(at + 1, inside), at + 1);
        if (gd_flag_find(word) < 0)
            fail_msg("docs/guide.md has %s, which is no flag", word);
    }
    free(text);
}

static void help(void **state)
{
    (void)state;
    char text[16384] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    gd_help_print(out);
    fclose(out);
    check_names(text, "--help", "-", "--");
    for (int i = 0; i < GD_GROUP_COUNT; i++)
        assert_non_null(strstr(text, gd_flag_groups[i]));
    char *rest;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (strlen(line) > 80)
            fail_msg("--help has a line of %zu characters: %s", strlen(line), line);
}

static void names_are_unique(void **state)
{
    (void)state;
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        char word[GD_FLAG_NAME_MAX];
        snprintf(word, sizeof word, "--%s", gd_flags[i].long_name);
        assert_int_equal(gd_flag_find(word), i);
        if (!gd_flags[i].short_name)
            continue;
        snprintf(word, sizeof word, "-%s=1", gd_flags[i].short_name);
        assert_int_equal(gd_flag_find(word), i);
    }
    assert_int_equal(gd_flag_find("img"), -1);
    assert_int_equal(gd_flag_find("---img"), -1);
    assert_int_equal(gd_flag_find("-"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(man_page),
        cmocka_unit_test(guide),
        cmocka_unit_test(help),
        cmocka_unit_test(names_are_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
