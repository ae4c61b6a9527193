/* No straight line where tiles meet. */
#include "base/random.h"
#include "dream/halo.h"
#include "render/scene.h"

#include <math.h>
#include <stdlib.h>

enum { SIDE = 592, TILE = 256, STEPS = 20 };

static gd_scene open_scene(gd_comm *comm, const char *layer)
{
    const gd_objective objective = gd_scene_objective(&layer, 1);
    return gd_scene_open(comm, &objective, GD_PRECISION_FP32);
}

/* Mean jump over the columns and rows at which cores of the last step met, over the mean jump elsewhere. */
static double jump_ratio(const gd_scene *s, int64_t dy, int64_t dx, const int64_t *borders, int border_count)
{
    float *x = gd_scene_copy(s, s->stage->canvas);
    double sums[2] = {0}, counts[2] = {0};
    for (int64_t i = 0; i < SIDE; i++) {
        for (int64_t j = 0; j < SIDE; j++) {
            bool border_row = false, border_col = false;
            for (int b = 0; b < border_count; b++) {
                border_row |= (i + dy) % SIDE == borders[b];
                border_col |= (j + dx) % SIDE == borders[b];
            }
            for (int c = 0; c < 3; c++) {
                const double here = x[(i * SIDE + j) * 3 + c];
                const int64_t up = i > 0 ? i - 1 : i, left = j > 0 ? j - 1 : j;
                sums[border_row] += fabs(here - x[(up * SIDE + j) * 3 + c]);
                sums[border_col] += fabs(here - x[(i * SIDE + left) * 3 + c]);
                counts[border_row] += i > 0;
                counts[border_col] += j > 0;
            }
        }
    }
    free(x);
    return (sums[1] / counts[1]) / (sums[0] / counts[0]);
}

static double dream(gd_scene *s, int64_t halo, bool roll)
{
    /* 592 px at 256 are three cores: 208 + 192 + 192, stride 16; the canvas's own edge is no border of theirs
     */
    const int64_t borders[] = {208, 400};
    int64_t dy = 0, dx = 0;
    gd_scene_photograph(s, "chelsea.png", SIDE, SIDE);
    for (uint32_t step = 0; step < STEPS; step++) {
        if (roll) {
            dy = gd_random_below(1, GD_RANDOM_ROLL, SIDE, 0, 0, step);
            dx = gd_random_below(1, GD_RANDOM_ROLL, SIDE, 0, 1, step);
        }
        const double deviation = gd_scene_gradient(s, TILE, halo, dy, dx);
        gd_step_update(s->stepper, s->stage, s->gradient, deviation, 0.02);
    }
    return jump_ratio(s, dy, dx, borders, 2);
}

static void tiles_leave_no_seam(void **state)
{
    gd_scene s = open_scene(*state, "mixed5");
    const int64_t halo = gd_halo(GD_HALO_AUTO, 0, s.engine->reach, s.engine->stride, TILE);
    const double ratio = dream(&s, halo, true);
    print_message("halo %lld: mean jump at borders %.3f of that elsewhere\n", (long long)halo, ratio);
    assert_true(ratio <= 1.05);
    gd_scene_close(&s);
}

/* The control: without halo and roll there is a seam, and the measure sees it. */
static void no_halo_and_no_roll_leave_one(void **state)
{
    gd_scene s = open_scene(*state, "mixed5");
    const double ratio = dream(&s, 0, false);
    print_message("no halo, no roll: mean jump at borders %.3f of that elsewhere\n", ratio);
    assert_true(ratio > 1.05);
    gd_scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_leave_no_seam),
        cmocka_unit_test(no_halo_and_no_roll_leave_one),
    };
    return cmocka_run_group_tests(tests, gd_scene_start, gd_scene_stop);
}
