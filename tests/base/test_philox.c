/* Tests Philox against its published values, and that the library's function and ours draw the same words. */
#include "base/philox.h"
#include "check.h"

/* Random123's own: counter, key, words (tests/kat_vectors, philox4x32 of 10 rounds). */
static const uint32_t published[3][10] = {
    {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
    {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e,
     0xa20bc7c6, 0x6d5451fd},
    {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb,
     0x5001e420, 0x24126ea1},
};

static void words_are_the_published_ones(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        const uint32_t *p = published[i];
        const gd_philox_words words =
            gd_philox_rounds((gd_philox_words){{p[0], p[1], p[2], p[3]}}, p[4], p[5]);
        assert_memory_equal(words.at, p + 6, sizeof words.at);
    }
}

static void both_draw_the_same(void **state)
{
    (void)state;
    const uint64_t seeds[] = {0, 7, 0x123456789abcdefULL};
    for (uint32_t i = 0; i < 300; i++) {
        const uint64_t seed = seeds[i % 3];
        const gd_philox_words words = gd_philox_draw(seed, GD_RANDOM_ROLL, i * 77, ~i, i << 20);
        const gd_philox_words counter = {{i * 77, ~i, i << 20, (uint32_t)GD_RANDOM_ROLL << 24}};
        const gd_philox_words ours = gd_philox_rounds(counter, (uint32_t)seed, (uint32_t)(seed >> 32));
        assert_memory_equal(words.at, ours.at, sizeof words.at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_the_published_ones),
        cmocka_unit_test(both_draw_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
