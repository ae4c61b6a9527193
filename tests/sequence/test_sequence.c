/* The parameters of frames, one after the other. */
#include "check.h"
#include "sequence/sequence.h"

static void frames_follow(void **state)
{
    (void)state;
    gd_render_parameters p = {.seed = 7,
                              .resumed = true,
                              .output_first = true,
                              .frame = {.index = 2, .count = 5, .seed_each = true}};
    assert_false(gd_render_last(&p));
    p = gd_sequence_next(&p);
    assert_true(p.frame.index == 3 && p.frame.follows && !p.frame.saved);
    assert_true(p.seed == 8 && !p.resumed && !p.output_first);
    p.frame.saved = true;
    p.frame.seed_each = false;
    p = gd_sequence_next(&p);
    assert_true(p.frame.index == 4 && p.seed == 8 && !p.frame.saved);
    assert_true(gd_render_last(&p));
}

static void a_picture_is_one_frame(void **state)
{
    (void)state;
    const gd_render_parameters p = {.seed = 7};
    assert_true(gd_render_last(&p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(frames_follow),
                                       cmocka_unit_test(a_picture_is_one_frame)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
