/* The walk by itself: a visitor writes down what happens, in order. */
#include "check.h"
#include "dream/walk.h"
#include "net/net.h"
#include "net/objective.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { RANKS = 2 };

static gd_net *net;
static gd_engine *engine;

/* Events, a word or two each, with commas between; what fails does so when it would be the event of number
 * fail_at. */
typedef struct record {
    char text[4096];
    size_t length;
    int events, fail_at;
} record;

__attribute__((format(printf, 3, 4))) static gd_status note(record *r, gd_error *error, const char *format,
                                                            ...)
{
    va_list list;
    va_start(list, format);
    const int length = vsnprintf(r->text + r->length, sizeof r->text - r->length, format, list);
    va_end(list);
    assert_true(length > 0 && (size_t)length < sizeof r->text - r->length);
    r->length += (size_t)length;
    return ++r->events == r->fail_at ? gd_fail(error, GD_IO, "event %d", r->events) : GD_OK;
}

static const char *const roles[GD_ROLE_COUNT] = {"canvas", "other",   "input",  "smooth",   "mask",
                                                 "half",   "quarter", "eighth", "sixteenth"};

static gd_status create(void *context, gd_canvas_role role, const gd_octave *size, gd_error *error)
{
    return note(context, error, "create %s %dx%d/%d, ", roles[role], (int)size->cols, (int)size->rows,
                size->ranks);
}

static void drop(void *context, gd_canvas_role role)
{
    assert_int_equal(note(context, NULL, "drop %s, ", roles[role]), GD_OK);
}

static void move(void *context, gd_canvas_role to, gd_canvas_role from)
{
    assert_int_equal(note(context, NULL, "%s is %s, ", roles[to], roles[from]), GD_OK);
}

static gd_status fill(void *context, gd_canvas_role role, gd_origin origin, gd_error *error)
{
    static const char *const origins[] = {"file", "noise", "checkpoint", "mask"};
    return note(context, error, "%s from %s, ", roles[role], origins[origin]);
}

static gd_status resample(void *context, gd_canvas_role to, gd_canvas_role from, gd_error *error)
{
    return note(context, error, "resample %s to %s, ", roles[from], roles[to]);
}

static gd_status clear(void *context, gd_canvas_role role, gd_error *error)
{
    return note(context, error, "clear %s, ", roles[role]);
}

static gd_status add(void *context, gd_canvas_role to, gd_canvas_role from, float factor, gd_error *error)
{
    return note(context, error, "%s + %g %s, ", roles[to], factor, roles[from]);
}

static gd_status write(void *context, gd_written what, gd_error *error)
{
    return note(context, error, "write %s", what == GD_WRITTEN_INPUT ? "input, " : "result");
}

static gd_status input(void *context, gd_canvas_role role, const gd_octave *size, gd_error *error)
{
    return note(context, error, "input as %s %dx%d, ", roles[role], (int)size->cols, (int)size->rows);
}

static gd_status begin_steps(void *context, gd_error *error)
{
    return note(context, error, "begin, ");
}

static void end_steps(void *context)
{
    assert_int_equal(note(context, NULL, "end, "), GD_OK);
}

static gd_status enter(void *context, const gd_octave *octave, gd_error *error)
{
    return note(context, error, "enter %d, ", octave->octave);
}

static gd_status reach(void *context, const gd_octave *octave, gd_error *error)
{
    return note(context, error, "reach %d, ", octave->octave);
}

static gd_status leave(void *context, const gd_octave *octave, gd_error *error)
{
    return note(context, error, "leave %d, ", octave->octave);
}

static gd_status step(void *context, const gd_octave *octave, int32_t index, const gd_step_parameters *s,
                      int64_t count, gd_error *error)
{
    assert_true(index + count <= octave->steps_end);
    return note(context, error, count > 1 ? "step %d x %d of %d px, " : "step %d, ", index, (int)count,
                (int)s->tile);
}

static gd_status steps_done(void *context, gd_error *error)
{
    return note(context, error, "done, ");
}

static const gd_visitor all = {.create = create,
                               .drop = drop,
                               .move = move,
                               .fill = fill,
                               .resample = resample,
                               .clear = clear,
                               .add = add,
                               .write = write,
                               .begin_steps = begin_steps,
                               .end_steps = end_steps,
                               .enter = enter,
                               .reach = reach,
                               .leave = leave,
                               .step = step,
                               .steps_done = steps_done};

/* Octaves of 200x100 and 400x200 pixels, of which the first is one tile, for one rank. */
static gd_render_parameters parameters(int32_t steps)
{
    return (gd_render_parameters){.rules = gd_compat_rules_of(GD_COMPAT_NONE),
                                  .base_rows = 200,
                                  .base_cols = 400,
                                  .octave_scale = 2,
                                  .octave_first = -1,
                                  .octave_end = 1,
                                  .steps = steps,
                                  .tile = {256, 256, GD_CURVE_LINEAR},
                                  .step_size = {0.01, 0.01, GD_CURVE_LINEAR},
                                  .halo_kind = GD_HALO_PIXELS,
                                  .halo = 64,
                                  .input = "a.jpg",
                                  .threads = 1};
}

static record walked(gd_render_parameters p, const gd_visitor *visitor)
{
    gd_error error;
    record r = {.events = 0};
    const gd_walk walk = {engine, &p, RANKS, visitor, &r};
    check_ok(gd_walk_render(&walk, &error), error);
    return r;
}

static void the_canvas_grows(void **state)
{
    (void)state;
    gd_render_parameters p = parameters(2);
    assert_string_equal(walked(p, &all).text,
                        "create canvas 400x200/2, canvas from file, begin, "
                        "enter -1, create other 200x100/1, resample canvas to other, canvas is other, "
                        "reach -1, create other 200x100/1, step 0, step 1, drop other, leave -1, "
                        "enter 0, create other 400x200/2, resample canvas to other, canvas is other, "
                        "reach 0, create other 400x200/2, step 0, step 1, drop other, leave 0, "
                        "done, end, write result");
    p.input = NULL;
    p.output_first = true;
    const record r = walked(p, &all);
    const char *const begin = "create canvas 400x200/2, canvas from noise, write input, begin, enter -1, ";
    assert_memory_equal(r.text, begin, strlen(begin));
}

static void without_steps_there_is_no_gradient(void **state)
{
    (void)state;
    gd_render_parameters p = parameters(0);
    p.octave_end = 2;
    p.final_resize = true;
    assert_string_equal(walked(p, &all).text,
                        "create canvas 400x200/2, canvas from file, begin, "
                        "enter -1, create other 200x100/2, resample canvas to other, canvas is other, "
                        "reach -1, leave -1, "
                        "enter 0, create other 400x200/2, resample canvas to other, canvas is other, "
                        "reach 0, leave 0, "
                        "enter 1, create other 800x400/2, resample canvas to other, canvas is other, "
                        "reach 1, leave 1, done, "
                        "enter 2, create other 400x200/2, resample canvas to other, canvas is other, "
                        "reach 2, end, write result");
}

static void a_render_goes_on_where_it_was(void **state)
{
    (void)state;
    gd_render_parameters p = parameters(3);
    p.resumed = true;
    p.resume_octave = -1;
    p.resume_step = 2;
    assert_string_equal(walked(p, &all).text,
                        "create canvas 200x100/1, canvas from checkpoint, begin, "
                        "enter -1, reach -1, create other 200x100/1, step 2, drop other, leave -1, "
                        "enter 0, create other 400x200/2, resample canvas to other, canvas is other, "
                        "reach 0, create other 400x200/2, step 0, step 1, step 2, drop other, leave 0, "
                        "done, end, write result");
}

static void the_detail_of_a_file_is_kept(void **state)
{
    (void)state;
    gd_render_parameters p = parameters(1);
    p.detail = GD_DETAIL_FILE;
    const char *const rest =
        "reach -1, create other 200x100/1, step 0, drop other, leave -1, "
        "enter 0, create other 200x100/1, clear other, other + 0.5 canvas, canvas is other, "
        "create input 200x100/1, input from file, canvas + -0.5 input, drop input, "
        "create other 400x200/2, resample canvas to other, canvas is other, "
        "create input 400x200/2, input from file, input + 2 canvas, canvas is input, "
        "reach 0, create other 400x200/2, step 0, drop other, leave 0, done, end, write result";
    const char *const begin = "create canvas 200x100/2, canvas from file, begin, enter -1, "
                              "create other 200x100/1, resample canvas to other, canvas is other, ";
    record r = walked(p, &all);
    assert_memory_equal(r.text, begin, strlen(begin));
    assert_string_equal(r.text + strlen(begin), rest);
    /* The copy of the input has the base size. */
    p.output_first = true;
    const char *const again = "create canvas 400x200/2, canvas from file, write input, begin, enter -1, "
                              "drop canvas, create input 200x100/1, input from file, canvas is input, ";
    r = walked(p, &all);
    assert_memory_equal(r.text, again, strlen(again));
    assert_string_equal(r.text + strlen(again), rest);
}

static void the_detail_of_noise_is_made_at_the_base_size(void **state)
{
    (void)state;
    gd_render_parameters p = parameters(0);
    p.detail = GD_DETAIL_NOISE;
    p.input = NULL;
    assert_string_equal(walked(p, &all).text,
                        "create canvas 400x200/2, canvas from noise, begin, "
                        "enter -1, create other 200x100/2, resample canvas to other, canvas is other, "
                        "reach -1, leave -1, "
                        "enter 0, create other 200x100/2, clear other, other + 0.5 canvas, canvas is other, "
                        "create input 400x200/2, input from noise, "
                        "create other 200x100/2, resample input to other, input is other, "
                        "canvas + -0.5 input, drop input, "
                        "create other 400x200/2, resample canvas to other, canvas is other, "
                        "create input 400x200/2, input from noise, input + 2 canvas, canvas is input, "
                        "reach 0, leave 0, done, end, write result");
}

/* For a visitor that makes the input at any size by itself. */
static void the_first_octave_s_input_can_be_the_first_canvas(void **state)
{
    (void)state;
    gd_error error;
    gd_render_parameters p = parameters(0);
    gd_visitor visitor = all;
    record r = {.events = 0};
    const gd_walk walk = {engine, &p, RANKS, &visitor, &r};
    visitor.input = input;
    check_ok(gd_walk_until(&walk, 0, &error), error);
    assert_string_equal(r.text, "input as canvas 200x100, begin, enter -1, reach -1, leave -1, end, ");
}

static void some_steps_stand_for_many(void **state)
{
    (void)state;
    gd_render_parameters p = parameters(100);
    gd_visitor visitor = {.step = step};
    p.octave_end = 0;
    visitor.most_steps = 4;
    assert_string_equal(walked(p, &visitor).text, "step 0 x 25 of 256 px, step 25 x 25 of 256 px, "
                                                  "step 50 x 25 of 256 px, step 75 x 25 of 256 px, ");
    visitor.most_steps = 1;
    p.tile.end = 288; /* multiples of 16 */
    assert_string_equal(walked(p, &visitor).text,
                        "step 0 x 2 of 256 px, step 2 x 50 of 272 px, step 52 x 48 of 288 px, ");
    p.steps = 2;
    assert_string_equal(walked(p, &visitor).text, "step 0, step 1, ");
}

/* Nothing follows what fails, whatever it is. */
static void a_failure_ends_the_walk(void **state)
{
    (void)state;
    gd_render_parameters p = parameters(1);
    p.detail = GD_DETAIL_FILE;
    p.final_resize = true;
    p.octave_end = 2;
    const int events = walked(p, &all).events;
    int failed = 0;
    for (int i = 1; i <= events; i++) {
        gd_error error;
        record r = {.fail_at = i};
        gd_visitor visitor = all;
        visitor.drop = NULL; /* they cannot fail */
        visitor.move = NULL;
        visitor.end_steps = NULL;
        const gd_walk walk = {engine, &p, RANKS, &visitor, &r};
        if (gd_walk_render(&walk, &error) == GD_OK)
            continue;
        assert_int_equal(r.events, i);
        failed++;
    }
    assert_true(failed > 30);
}

static int start(void **state)
{
    (void)state;
    gd_error error;
    const gd_device_options options = {.precision = GD_PRECISION_FP32};
    net = gd_net_create(GD_INCEPTION_V3);
    if (!net)
        return 1;
    const gd_objective objective = {
        .terms = {{.node = net->layers[gd_net_find_layer(net, "mixed3")].node, .weight = 1.0}}, .count = 1};
    return gd_engine_create(&gd_backend_cpu, &options, net, &objective, NULL, &engine, &error) == GD_OK ? 0
                                                                                                        : 1;
}

static int stop(void **state)
{
    (void)state;
    gd_engine_free(engine);
    gd_net_free(net);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_canvas_grows),
        cmocka_unit_test(without_steps_there_is_no_gradient),
        cmocka_unit_test(a_render_goes_on_where_it_was),
        cmocka_unit_test(the_detail_of_a_file_is_kept),
        cmocka_unit_test(the_detail_of_noise_is_made_at_the_base_size),
        cmocka_unit_test(the_first_octave_s_input_can_be_the_first_canvas),
        cmocka_unit_test(some_steps_stand_for_many),
        cmocka_unit_test(a_failure_ends_the_walk),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
