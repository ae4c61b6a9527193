/* Options as a command line, which gives the same options again. */
#include "check.h"
#include "command_line.h"

#include "options/options_format.h"

#include <stdio.h>
#include <string.h>

/* The text of a picture gives, parsed again, the same parameters. */
static void text_round_trip(void **state)
{
    (void)state;
    gd_options o =
        good("-img it's.jpg -img_max_dim 300 --enlarge -ts 64:512:exp -ss 0.1:0.012345678901234567 -osc "
             "1.23456789012345678 -or -6 -2 -os 3 -ml mixed3=0.1,mixed5=-2 --halo 7 --seed "
             "12345678901234567890 --precision fp32 --no-final-resize --weights bundled");
    char text[8192];
    assert_int_equal(gd_options_text(&o, "a note", text, sizeof text), GD_OK);
    assert_non_null(strstr(text, "'it'\\''s.jpg'"));
    assert_non_null(strstr(text, " # a note"));
    char *quoted = strstr(text, "'it'\\''s.jpg'"), line[8192];
    *strstr(text, " # ") = '\0';
    snprintf(line, sizeof line, "%.*sit's.jpg%s", (int)(quoted - text) - 10, text + 10, quoted + 13);
    gd_options again = good(line);
    assert_memory_equal(&again, &o, sizeof o);
    assert_int_equal(gd_options_text(&o, NULL, text, 50), GD_USAGE);
    o = good("--print 70.5x33.25cm --dpi 123.4 --bits 16 --compression zstd --bigtiff always --pyramid off");
    assert_int_equal(gd_options_text(&o, NULL, text, sizeof text), GD_OK);
    again = good(text + strlen("gigadream "));
    assert_memory_equal(&again, &o, sizeof o);
}

static void command_holds_what_was_given(void **state)
{
    (void)state;
    gd_options o = good("-img a.jpg -img_out b.tif -save_input -ts 512 -ml 3 5 --size 4x4 -img random_noise");
    char text[512];
    assert_int_equal(gd_options_command(&o, text, sizeof text), GD_OK);
    assert_string_equal(text, "gigadream --size 4x4 -img_out b.tif -save_input -ml 3 5 -ts 512");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_round_trip),
        cmocka_unit_test(command_holds_what_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
