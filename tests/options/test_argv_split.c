/* Splitting a command line into its words, as a shell does with what gigadream writes, and comparing two. */
#include "check.h"

#include "options/argv_split.h"
#include "options/flag_values.h"
#include "options/options_format.h"
#include "options/options_parse.h"

#include <stdio.h>
#include <string.h>

/* Up to four words that a text must give. */
static void words_of(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int count;
        const char *words[4];
    } rows[] = {
        {"", 0, {NULL}},
        {"   ", 0, {NULL}},
        {"a", 1, {"a"}},
        {"  a   b ", 2, {"a", "b"}},
        {"''", 1, {""}},
        {"a '' b", 3, {"a", "", "b"}},
        {"'a b' c", 2, {"a b", "c"}},
        {"'it'\\''s'", 1, {"it's"}},
        {"a\\ b", 1, {"a b"}},
        {"'a\\b'", 1, {"a\\b"}},        /* nothing is special between quotes */
        {"x'y z'w", 1, {"xy zw"}},      /* quotes may begin within a word */
        {"$'a\\x41\\'b'", 1, {"aA'b"}}, /* bytes by number */
        {"$'\\xff' c", 2, {"\xff", "c"}},
        {"$'\\xzz'", 1, {"xzz"}},
        {"'never ends", 1, {"never ends"}},
        {"$'never ends", 1, {"never ends"}},
        {"a\\", 1, {"a\\"}},
        {"--flag=x y", 2, {"--flag=x", "y"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gd_argv_words words;
        gd_error error;
        check_ok(gd_argv_words_split(rows[i].text, &words, &error), error);
        if (words.count != rows[i].count)
            fail_msg("%s: %d words, not %d", rows[i].text, words.count, rows[i].count);
        for (int j = 0; j < words.count; j++)
            assert_string_equal(words.items[j], rows[i].words[j]);
        assert_null(words.items[words.count]);
        gd_argv_words_free(&words);
        assert_int_equal(words.count, 0);
    }
}

/* What is written is read back the same, whatever a file is called. */
static void there_and_back(void **state)
{
    (void)state;
    static const char *const names[] = {"a b.jpg", "it's.jpg", "\\.jpg", "\xff\xfe.jpg",  "tab\t.jpg",
                                        "$x.jpg",  "'",        "-img",   "\xc3\xa4 '.jpg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        gd_options o, back;
        gd_argv_words words;
        gd_error error;
        char text[GD_PATH_MAX];
        gd_options_default(&o);
        strcpy(o.log, names[i]);
        assert_int_equal(gd_options_command(&o, text, sizeof text), GD_OK);
        check_ok(gd_argv_words_split(text, &words, &error), error);
        assert_string_equal(words.items[words.count - 2], "--log");
        assert_string_equal(words.items[words.count - 1], names[i]);
        if (strcmp(names[i], "-img") != 0) { /* which is a flag, and no file can be given so */
            check_ok(gd_options_parse(words.count, words.items, &back, &error), error);
            assert_string_equal(back.log, names[i]);
        }
        gd_argv_words_free(&words);
    }
}

static void empty_words_are_words(void **state)
{
    (void)state;
    gd_argv_words words;
    gd_error error;
    check_ok(gd_argv_words_split("  gigadream -img 'it'\\''s one.jpg' -or -4 2 ''", &words, &error), error);
    assert_int_equal(words.count, 7);
    assert_string_equal(words.items[2], "it's one.jpg");
    assert_string_equal(words.items[4], "-4");
    assert_string_equal(words.items[6], "");
    assert_null(words.items[7]);
    gd_argv_words_free(&words);
}

typedef struct found {
    char text[512];
} found;

static void add(void *context, const char *flag, const char *first, const char *second)
{
    found *f = context;
    const size_t length = strlen(f->text);
    snprintf(f->text + length, sizeof f->text - length, "%s[%s|%s] ", flag, first, second);
}

static void differences(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"g -os 5 -ml 3 5", "g -os 5 -ml 3 5", ""},
        {"g -os 5", "g -os 6", "-os[5|6] "},
        {"g -ml 3 5", "g -ml 3 6", "-ml[3 5|3 6] "},
        {"g --keep-detail", "g", "--keep-detail[on|not given] "},
        {"g", "g --keep-detail -os 6", "--keep-detail[not given|on] -os[not given|6] "},
        {"g -os 20", "g", "-os[20|not given] "}, /* as by default: named only when there is nothing else */
        {"g -os 20 --seed 2", "g", "--seed[2|not given] "},
        {"g -os 3 -or -4 2", "g -or -4 2 -os 3", ""},
        {"g -os 3 -or -4 2 -ss 1", "g -os 3 -or -4 1 -ss 1", "-or[-4 2|-4 1] "},
        {"g -os 3 -or -4 2 -ss 1", "g -os 4 -or -4 2 -ss 2 --enlarge",
         "--enlarge[not given|on] -os[3|4] -ss[1|2] "},
        {"g --precision auto", "g --compat tensorflow --precision fp32",
         "--compat[not given|tensorflow] --precision[auto|fp32] "},
        {"g -img_max_dim 300", "g --print 9x9cm", "--print[not given|9x9cm] -img_max_dim[300|not given] "},
        {"g --print 9x9cm", "g -img_max_dim 1024", "--print[9x9cm|not given] "},
        {"g", "g -img_max_dim 1024", "-img_max_dim[not given|1024] "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gd_argv_words words[3];
        gd_error error;
        found f = {""};
        const char *const texts[] = {rows[i][0], rows[i][1],
                                     "g -os 20 --seed 1 -img_max_dim 1024 --precision auto"};
        for (int j = 0; j < 3; j++)
            check_ok(gd_argv_words_split(texts[j], &words[j], &error), error);
        gd_argv_words_differences(&words[0], &words[1], &words[2], add, &f);
        assert_string_equal(f.text, rows[i][2]);
        for (int j = 0; j < 3; j++)
            gd_argv_words_free(&words[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(differences),
        cmocka_unit_test(empty_words_are_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
