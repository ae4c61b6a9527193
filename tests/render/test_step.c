/* One step: rolls, and windows computed side by side. */
#include "net/objective.h"
#include "render/scene.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 201, COLS = 263, TILE = 96, HALO = 32 };

static gd_scene open_scene(gd_comm *comm)
{
    const gd_objective objective = gd_scene_objective((const char *[]){"mixed1"}, 1);
    return gd_scene_open(comm, &objective, GD_PRECISION_FP32);
}

typedef struct rolled {
    const float *canvas; /* [ROWS, COLS, 3] */
    int64_t dy, dx;
} rolled;

/* rolled[y, x] = canvas[(y - dy) mod rows, (x - dx) mod cols] */
static const float *rolled_at(const rolled *r, const float *values, int64_t y, int64_t x)
{
    return values + (((y - r->dy + ROWS) % ROWS) * COLS + (x - r->dx + COLS) % COLS) * 3;
}

static void rolled_pixel(void *context, int64_t y, int64_t x, float rgb[3])
{
    const rolled *r = context;
    memcpy(rgb, rolled_at(r, r->canvas, y, x), 3 * sizeof *rgb);
}

static void a_roll_is_a_shift_of_the_canvas(void **state)
{
    gd_scene s = open_scene(*state);
    gd_scene_photograph(&s, "chelsea.png", ROWS, COLS);
    rolled r = {gd_scene_copy(&s, s.canvas->pixels), 70, 201};
    gd_scene_gradient(&s, TILE, HALO, r.dy, r.dx);
    float *by_roll = gd_scene_copy(&s, s.gradient);
    gd_scene_paint(&s, ROWS, COLS, rolled_pixel, &r);
    gd_scene_gradient(&s, TILE, HALO, 0, 0);
    float *shifted = gd_scene_copy(&s, s.gradient);
    for (int64_t y = 0; y < ROWS; y++)
        for (int64_t x = 0; x < COLS; x++)
            assert_memory_equal(shifted + (y * COLS + x) * 3, rolled_at(&r, by_roll, y, x),
                                3 * sizeof *shifted);
    free((void *)r.canvas);
    free(by_roll);
    free(shifted);
    gd_scene_close(&s);
}

static void windows_side_by_side_give_the_same_bits(void **state)
{
    gd_error error;
    gd_scene s = open_scene(*state);
    gd_scene_photograph(&s, "chelsea.png", ROWS, COLS);
    const double deviation = gd_scene_gradient(&s, TILE, HALO, 5, 7);
    float *alone = gd_scene_copy(&s, s.gradient);
    gd_stepper_free(s.stepper);
    check_ok(gd_stepper_create(s.comm, s.engine, 3, &s.stepper, &error), error);
    assert_true(gd_scene_gradient(&s, TILE, HALO, 5, 7) == deviation);
    float *side_by_side = gd_scene_copy(&s, s.gradient);
    assert_memory_equal(alone, side_by_side, (size_t)ROWS * COLS * 3 * sizeof *alone);
    free(alone);
    free(side_by_side);
    gd_scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_roll_is_a_shift_of_the_canvas),
        cmocka_unit_test(windows_side_by_side_give_the_same_bits),
    };
    return cmocka_run_group_tests(tests, gd_scene_start, gd_scene_stop);
}
