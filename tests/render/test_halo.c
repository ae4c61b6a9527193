/* Tiles against the whole picture: with an exact halo the gradient is the same, whatever the tile size. */
#include "net/objective.h"
#include "render/scene.h"
#include "tiling/halo.h"

#include <math.h>
#include <stdlib.h>

enum {
    ROWS = 149,
    COLS = 1637
}; /* no multiples of the stride; wide enough for windows with room on both sides */

static gd_scene open_scene(gd_comm *comm, const char *layer)
{
    const gd_objective objective = gd_scene_objective(&layer, 1);
    return gd_scene_open(comm, &objective, GD_PRECISION_FP32);
}

static void same_as_whole(gd_scene *s, const int64_t *tiles, int count, double bound)
{
    const int64_t halo = gd_halo(GD_HALO_EXACT, 0, s->engine->reach, s->engine->stride, 0, true);
    const int64_t values = (int64_t)ROWS * COLS * 3;
    gd_scene_gradient(s, 4096, halo, 0, 0);
    float *whole = gd_scene_copy(s, s->gradient);
    for (int i = 0; i < count; i++) {
        gd_scene_gradient(s, tiles[i], halo, 0, 0);
        float *tiled = gd_scene_copy(s, s->gradient);
        const double error = gd_relative_error(tiled, whole, values);
        print_message("ts %lld, halo %lld: relative error %.2e\n", (long long)tiles[i], (long long)halo,
                      error);
        assert_true(error < bound);
        free(tiled);
    }
    free(whole);
}

static void exact_halo_gives_the_whole_pictures_gradient_at_mixed5(void **state)
{
    gd_scene s = open_scene(*state, "mixed5");
    gd_scene_photograph(&s, "hubble_deep_field.jpg", ROWS, COLS);
    same_as_whole(&s, (int64_t[]){256, 176}, 2, 5e-3);
    gd_scene_close(&s);
}

/* The control of the test above: it would notice a halo that is too small. */
static void halo_of_64_does_not(void **state)
{
    gd_scene s = open_scene(*state, "mixed5");
    gd_scene_photograph(&s, "hubble_deep_field.jpg", ROWS, COLS);
    gd_scene_gradient(&s, 4096, 0, 0, 0);
    float *whole = gd_scene_copy(&s, s.gradient);
    gd_scene_gradient(&s, 256, 64, 0, 0);
    float *tiled = gd_scene_copy(&s, s.gradient);
    assert_true(gd_relative_error(tiled, whole, (int64_t)ROWS * COLS * 3) > 5e-3);
    free(whole);
    free(tiled);
    gd_scene_close(&s);
}

typedef struct photograph {
    const float *pixels; /* [side, side, 3] */
    int64_t side;
} photograph;

static void mirrored(void *context, int64_t y, int64_t x, float rgb[3])
{
    const photograph *p = context;
    int64_t at[2] = {y % (2 * p->side), x % (2 * p->side)};
    for (int i = 0; i < 2; i++)
        at[i] = at[i] < p->side ? at[i] : 2 * p->side - 1 - at[i];
    for (int c = 0; c < 3; c++)
        rgb[c] = p->pixels[(at[0] * p->side + at[1]) * 3 + c];
}

static void deviation_does_not_depend_on_the_canvas(void **state)
{
    enum { SIDE = 512 };
    gd_scene s = open_scene(*state, "mixed3");
    gd_scene_photograph(&s, "coffee.png", SIDE, SIDE);
    photograph p = {gd_scene_copy(&s, s.canvas->pixels), SIDE};
    const double small = gd_scene_gradient(&s, 2048, 64, 0, 0);
    gd_scene_paint(&s, 4096, 4096, mirrored, &p);
    const double large = gd_scene_gradient(&s, 2048, 64, 0, 0);
    print_message("standard deviation %.4e at 512, %.4e at 4096\n", small, large);
    assert_true(fabs(large / small - 1) < 0.1);
    free((void *)p.pixels);
    gd_scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_halo_gives_the_whole_pictures_gradient_at_mixed5),
        cmocka_unit_test(halo_of_64_does_not),
        cmocka_unit_test(deviation_does_not_depend_on_the_canvas),
    };
    return cmocka_run_group_tests(tests, gd_scene_start, gd_scene_stop);
}
