/* No straight line where tiles meet. */
#include "base/random.h"
#include "dream/update.h"
#include "net/objective.h"
#include "render/scene.h"
#include "tiling/halo.h"

#include <math.h>
#include <stdlib.h>

enum { SIDE = 480, TILE = 160, STEPS = 12, NEAR = 24 };

static gd_scene open_scene(gd_comm *comm, const char *layer)
{
    const gd_objective objective = gd_scene_objective(&layer, 1);
    return gd_scene_open(comm, &objective, GD_PRECISION_FP32);
}

/* Lines nearer than NEAR pixels to a border, so that both means are of the same parts of the picture. */
typedef enum place { ELSEWHERE, NEARBY, BORDER } place;

static place place_of(int64_t rolled)
{
    const int64_t past = (rolled + TILE / 2) % TILE - TILE / 2;
    if (rolled < TILE / 2 || rolled >= SIDE - TILE / 2)
        return ELSEWHERE; /* the rolled canvas's own edge is no border between tiles */
    if (past == 0)
        return BORDER;
    return past > -NEAR && past < NEAR ? NEARBY : ELSEWHERE;
}

/* Of what the dream added: mean jump over the rows and columns at which cores of the last step met, over the
 * mean jump beside them. */
static double jump_ratio(const float *added, int64_t dy, int64_t dx)
{
    double sums[3] = {0}, counts[3] = {0};
    for (int64_t i = 1; i < SIDE; i++) {
        for (int64_t j = 1; j < SIDE; j++) {
            const place row = place_of((i + dy) % SIDE), col = place_of((j + dx) % SIDE);
            for (int c = 0; c < 3; c++) {
                const float *here = added + (i * SIDE + j) * 3 + c;
                sums[row] += fabsf(here[0] - here[-SIDE * 3]);
                sums[col] += fabsf(here[0] - here[-3]);
                counts[row]++;
                counts[col]++;
            }
        }
    }
    return (sums[BORDER] / counts[BORDER]) / (sums[NEARBY] / counts[NEARBY]);
}

static double dream(gd_scene *s, int64_t halo, bool roll)
{
    int64_t dy = 0, dx = 0;
    gd_error error = {""};
    gd_scene_photograph(s, "chelsea.png", SIDE, SIDE);
    float *before = gd_scene_copy(s, s->canvas->pixels);
    for (uint32_t step = 0; step < STEPS; step++) {
        if (roll) {
            dy = gd_random_below(1, GD_RANDOM_ROLL, SIDE, 0, 0, step);
            dx = gd_random_below(1, GD_RANDOM_ROLL, SIDE, 0, 1, step);
        }
        const double deviation = gd_scene_gradient(s, TILE, halo, dy, dx);
        const float factor = (float)(0.02 / (deviation + 1e-8));
        check_ok(gd_update(s->engine, s->canvas->pixels, s->gradient, factor, &error), error);
    }
    float *after = gd_scene_copy(s, s->canvas->pixels);
    for (int64_t i = 0; i < (int64_t)SIDE * SIDE * 3; i++)
        after[i] -= before[i];
    const double ratio = jump_ratio(after, dy, dx);
    free(before);
    free(after);
    return ratio;
}

static void tiles_leave_no_seam(void **state)
{
    gd_scene s = open_scene(*state, "mixed5");
    const int64_t halo = gd_halo(GD_HALO_AUTO, 0, s.engine->reach, s.engine->stride, TILE, false);
    const double ratio = dream(&s, halo, true);
    print_message("halo %lld: mean jump at borders %.3f of that elsewhere\n", (long long)halo, ratio);
    assert_true(ratio > 0.95 && ratio <= 1.05);
    gd_scene_close(&s);
}

/* The control: without halo and roll there is a seam, and the measure sees it: the zero padding weakens
 * gradients at the border, always the same one. */
static void no_halo_and_no_roll_leave_one(void **state)
{
    gd_scene s = open_scene(*state, "mixed5");
    const double ratio = dream(&s, 0, false);
    print_message("no halo, no roll: mean jump at borders %.3f of that elsewhere\n", ratio);
    assert_true(ratio < 0.8 || ratio > 1.25);
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
