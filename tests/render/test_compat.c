/* --compat tensorflow against the published algorithm run in TensorFlow (tensorflow_dream.py wrote the
 * fixture). */
#include "dream/render.h"
#include "net/objective.h"
#include "render/scene.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIXTURE GD_FIXTURES "/compat_mixed3_mixed4.h5"

enum { OCTAVES = 2, STEPS = 3 };

typedef struct octave {
    int64_t rows, cols;
    int32_t exponent;
    int32_t rolls[STEPS][2];
    float *canvas, *gradient; /* owned; [STEPS, rows, cols, 3] */
    double scale[STEPS];      /* of the gradients */
} octave;

typedef struct fixture {
    double ts, ss, osc;
    int64_t rows, cols;
    float *input, *final; /* owned; [rows, cols, 3] */
    octave octaves[OCTAVES];
} fixture;

static void read_attribute(hid_t object, const char *name, hid_t type, void *value)
{
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    assert_true(attribute >= 0 && H5Aread(attribute, type, value) >= 0);
    H5Aclose(attribute);
}

/* The whole of a dataset as floats; `dims` gets its extents. The caller frees it. */
static float *read_floats(hid_t file, const char *name, hsize_t dims[4])
{
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    assert_true(set >= 0);
    hid_t space = H5Dget_space(set);
    const hssize_t count = H5Sget_simple_extent_npoints(space);
    H5Sget_simple_extent_dims(space, dims, NULL);
    float *values = malloc((size_t)count * sizeof *values);
    assert_non_null(values);
    assert_true(H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(set);
    return values;
}

static void read_rolls(hid_t file, const char *name, int32_t rolls[STEPS][2])
{
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    assert_true(set >= 0 && H5Dread(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, rolls) >= 0);
    H5Dclose(set);
}

static void read_octave(hid_t file, int index, octave *o)
{
    char name[64];
    hsize_t dims[4];
    snprintf(name, sizeof name, "octave_%d", index);
    hid_t group = H5Gopen2(file, name, H5P_DEFAULT);
    read_attribute(group, "exponent", H5T_NATIVE_INT32, &o->exponent);
    o->canvas = read_floats(group, "canvas", dims);
    assert_int_equal(dims[0], STEPS);
    o->rows = (int64_t)dims[1];
    o->cols = (int64_t)dims[2];
    o->gradient = read_floats(group, "gradient", dims);
    read_rolls(group, "rolls", o->rolls);
    hid_t set = H5Dopen2(group, "gradient", H5P_DEFAULT);
    read_attribute(set, "scale", H5T_NATIVE_DOUBLE, o->scale);
    H5Dclose(set);
    H5Gclose(group);
}

static fixture read_fixture(void)
{
    fixture f;
    hsize_t dims[4];
    hid_t file = H5Fopen(FIXTURE, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    read_attribute(file, "ts", H5T_NATIVE_DOUBLE, &f.ts);
    read_attribute(file, "ss", H5T_NATIVE_DOUBLE, &f.ss);
    read_attribute(file, "osc", H5T_NATIVE_DOUBLE, &f.osc);
    f.input = read_floats(file, "input", dims);
    f.rows = (int64_t)dims[0];
    f.cols = (int64_t)dims[1];
    f.final = read_floats(file, "final", dims);
    for (int i = 0; i < OCTAVES; i++)
        read_octave(file, i, &f.octaves[i]);
    H5Fclose(file);
    return f;
}

static void free_fixture(fixture *f)
{
    for (int i = 0; i < OCTAVES; i++) {
        free(f->octaves[i].canvas);
        free(f->octaves[i].gradient);
    }
    free(f->input);
    free(f->final);
}

typedef struct picture {
    const float *pixels;
    int64_t cols;
} picture;

static void pixel_of(void *context, int64_t y, int64_t x, float rgb[3])
{
    const picture *p = context;
    memcpy(rgb, p->pixels + (y * p->cols + x) * 3, 3 * sizeof *rgb);
}

/* The objective of the fixture: means over the tile's own units. */
static gd_scene open_scene(gd_comm *comm)
{
    gd_objective both = gd_scene_objective((const char *[]){"mixed3", "mixed4"}, 2);
    both.own_units = true;
    return gd_scene_open(comm, &both, GD_PRECISION_FP32);
}

static void every_step_has_tensorflows_gradient(void **state)
{
    fixture f = read_fixture();
    gd_scene s = open_scene(*state);
    gd_error error;
    for (int i = 0; i < OCTAVES; i++) {
        octave *o = &f.octaves[i];
        const int64_t count = o->rows * o->cols * 3;
        for (int step = 0; step < STEPS; step++) {
            double deviation = 0;
            gd_scene_paint(&s, o->rows, o->cols, pixel_of, &(picture){o->canvas + step * count, o->cols});
            const gd_step_parameters p = {.tile = (int64_t)f.ts,
                                          .dy = (o->rolls[step][0] + 10 * o->rows) % o->rows,
                                          .dx = (o->rolls[step][1] + 10 * o->cols) % o->cols,
                                          .cuts = GD_CUTS_CORNERS};
            check_ok(gd_step_gradient(s.stepper, s.canvas, &p, s.gradient, &deviation, &error), error);
            float *ours = gd_scene_copy(&s, s.gradient);
            for (int64_t k = 0; k < count; k++)
                o->gradient[step * count + k] *= (float)o->scale[step];
            const double e = gd_relative_error(ours, o->gradient + step * count, count);
            print_message("octave %d, step %d: relative error %.2e\n", o->exponent, step, e);
            assert_true(e < 1e-2);
            free(ours);
        }
    }
    gd_scene_close(&s);
    free_fixture(&f);
}

static gd_status fixture_roll(void *context, int32_t exponent, int32_t step, int64_t *dy, int64_t *dx,
                              gd_error *error)
{
    const fixture *f = context;
    for (int i = 0; i < OCTAVES; i++) {
        if (f->octaves[i].exponent != exponent)
            continue;
        *dy = f->octaves[i].rolls[step][0];
        *dx = f->octaves[i].rolls[step][1];
        return GD_OK;
    }
    return gd_fail(error, GD_INTERNAL, "no octave %d in the fixture", exponent);
}

static gd_status fixture_input(void *context, gd_canvas *canvas, gd_origin origin, gd_error *error)
{
    const fixture *f = context;
    (void)origin;
    (void)error;
    gd_scene_paint_canvas(canvas, pixel_of, &(picture){f->input, f->cols});
    return GD_OK;
}

static void the_picture_is_tensorflows(void **state)
{
    fixture f = read_fixture();
    gd_scene s = open_scene(*state);
    gd_error error;
    const gd_render_parameters p = {.base_rows = f.rows,
                                    .base_cols = f.cols,
                                    .octave_scale = f.osc,
                                    .octave_first = f.octaves[0].exponent,
                                    .octave_end = f.octaves[OCTAVES - 1].exponent + 1,
                                    .steps = STEPS,
                                    .tile = {f.ts, f.ts, GD_CURVE_LINEAR},
                                    .step_size = {f.ss, f.ss, GD_CURVE_LINEAR},
                                    .rules = gd_compat_rules_of(GD_COMPAT_TENSORFLOW),
                                    .final_resize = true,
                                    .threads = 1,
                                    .hooks = {.context = &f, .first = fixture_input, .roll = fixture_roll}};
    check_ok(gd_render(s.comm, s.engine, &p, &s.canvas, &error), error);
    float *ours = gd_scene_copy(&s, s.canvas->pixels);
    double squares = 0;
    const int64_t count = f.rows * f.cols * 3;
    for (int64_t i = 0; i < count; i++)
        squares += pow((double)ours[i] - f.final[i], 2);
    const double psnr = 10 * log10(4 / (squares / (double)count)); /* the range is 2 */
    print_message("final picture: %.1f dB PSNR\n", psnr);
    assert_true(psnr >= 58);
    free(ours);
    gd_scene_close(&s);
    free_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_has_tensorflows_gradient),
        cmocka_unit_test(the_picture_is_tensorflows),
    };
    return cmocka_run_group_tests(tests, gd_scene_start, gd_scene_stop);
}
