/* Logs are written, read by others, and replayed; damaged ones are refused. */
#include "base/target_resolve.h"
#include "check.h"

#include "options/flag_values.h"
#include "records/replay.h"
#include "records/run_log.h"

#include <cjson/cJSON.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char path[] = "/tmp/test_runlog_XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

/* Of a render that takes the rolls of that log. */
static const gd_replay_steps steps_of_log = {
    .octave_first = -1, .octave_end = 1, .steps = 3, .rows = 100, .cols = 150};

static gd_options options_of_log(void)
{
    gd_options o;
    gd_options_default(&o);
    strcpy(o.input, "a \"quoted\" photo.jpg");
    o.octave_first = -1;
    o.octave_end = 1;
    o.steps = 3;
    o.seed = UINT64_MAX;
    o.tile = (gd_schedule){512, 64, GD_CURVE_EXP};
    o.layer_first = 3;
    o.layer_end = 4;
    o.chosen.layer_count = 1;
    o.chosen.layers[0] = (gd_layer_choice){.name = "mixed3", .weight = 1};
    return o;
}

static void write_step(gd_run_log *log, int32_t octave, int32_t step)
{
    const gd_run_log_line line = {.octave = octave,
                                  .step = step,
                                  .dy = 10 * octave - step,
                                  .dx = step,
                                  .timed = true,
                                  .rows = 100,
                                  .cols = 150,
                                  .seconds = 0.25,
                                  .computing = 0.125,
                                  .updating = 0.0625,
                                  .deviation = 1.5e-7};
    gd_error error;
    check_ok(gd_run_log_step(log, &line, &error), error);
}

static void write_log(const gd_options *o)
{
    static const char *const versions[] = {"oneDNN", "2.6.3"};
    static const char *const reasons[] = {"tile", "-ts auto: the largest", "backend", "there is a GPU"};
    const gd_run_log_facts facts = {.rows = 100,
                                    .cols = 150,
                                    .numerics = "cpu fp32, team 8",
                                    .weights_file = "w.h5",
                                    .weights_checksum = "0123456789abcdef",
                                    .versions = versions,
                                    .version_count = 1,
                                    .reasons = reasons,
                                    .reason_count = 2,
                                    .ranks = 2};
    gd_run_log *log;
    gd_error error;
    gd_target target;
    check_ok(gd_target_resolve(path, GD_TARGET_FOLLOW, &target, &error), error);
    check_ok(gd_run_log_open(&target, o, &facts, &log, &error), error);
    gd_target_release(&target);
    for (int32_t octave = o->octave_first; octave < o->octave_end; octave++)
        for (int32_t step = 0; step < o->steps; step++)
            write_step(log, octave, step);
    check_ok(gd_run_log_close(&log, &error), error);
    assert_null(log);
}

static const char *text_at(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
    if (!text)
        fail_msg("the log lacks %s", key);
    return text;
}

static void first_line(void **state)
{
    (void)state;
    static const char *const keys[] = {"img",         "img_out",
                                       "img_max_dim", "save_input",
                                       "ts",          "ss",
                                       "osc",         "or",
                                       "os",          "m",
                                       "ml",          "size",
                                       "enlarge",     "halo",
                                       "compat",      "seed",
                                       "backend",     "weights",
                                       "precision",   "no-final-resize",
                                       "log",         "replay",
                                       "quiet",       "layers",
                                       "threads",     "rows",
                                       "cols",        "weights_checksum",
                                       "ranks",       "versions",
                                       "preview",     "preview-every",
                                       "checkpoint",  "checkpoint-every",
                                       "keep-detail", "resume",
                                       "restart",     "trust",
                                       "overwrite",   "print",
                                       "dpi",         "bits",
                                       "compression", "pyramid",
                                       "bigtiff",     "memory",
                                       "scratch"};
    gd_options o = options_of_log();
    char line[8192];
    write_log(&o);
    FILE *file = fopen(path, "r");
    assert_true(file && fgets(line, sizeof line, file));
    fclose(file);
    cJSON *header = cJSON_Parse(line);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!cJSON_GetObjectItem(header, keys[i]))
            fail_msg("the first line lacks %s", keys[i]);
    assert_string_equal(text_at(header, "img"), o.input);
    assert_string_equal(text_at(header, "ts"), "512:64:exp");
    assert_string_equal(text_at(header, "numerics"), "cpu fp32, team 8");
    assert_string_equal(text_at(cJSON_GetObjectItem(header, "versions"), "oneDNN"), "2.6.3");
    assert_int_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(header, "or"), 0)->valueint, -1);
    assert_int_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(header, "ml"), 1)->valueint, 4);
    assert_non_null(strstr(line, "\"seed\":18446744073709551615"));
    const cJSON *why = cJSON_GetObjectItem(header, "why");
    assert_int_equal(cJSON_GetArraySize(why), 2);
    assert_string_equal(text_at(why, "backend"), "there is a GPU");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(header, "choices")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(header, "demoted")));
    cJSON_Delete(header);
}

/* The line `number` of the log, from 1. */
static void read_line(int number, char line[8192])
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (int i = 0; i < number; i++)
        assert_non_null(fgets(line, 8192, file));
    fclose(file);
}

static void lines_of_steps(void **state)
{
    (void)state;
    gd_options o = options_of_log();
    char line[8192];
    write_log(&o);
    read_line(4, line);
    assert_string_equal(line, "{\"octave\":-1,\"step\":2,\"dy\":-12,\"dx\":2,\"seconds\":0.250000,"
                              "\"computing\":0.125000,\"updating\":0.062500,\"deviation\":1.5e-07,"
                              "\"rows\":100,\"cols\":150}\n");
}

/* Of steps before a render was resumed no time is known; the last line has the time by phase. */
static void resumed_and_ended(void **state)
{
    (void)state;
    gd_options o = options_of_log();
    const gd_run_log_facts facts = {.numerics = "n", .weights_checksum = ""};
    const gd_phases phases = {.seconds = {[GD_PHASE_READ] = 1.5, [GD_PHASE_COMPUTE] = 20}};
    const gd_rank_record rank = {.cores = 4,
                                 .first_core = 4,
                                 .host_cores = 8,
                                 .computing = 2.5,
                                 .updating = 0.5,
                                 .exchanging = 1,
                                 .peak_bytes = 1 << 20};
    const gd_run_log_end end = {.phases = &phases, .scratch_bytes = 4096, .ranks = &rank, .rank_count = 1};
    const gd_run_log_line before = {.octave = 0, .step = 1, .dy = -3, .dx = 4};
    gd_run_log *log;
    gd_error error;
    gd_target target;
    char line[8192];
    check_ok(gd_target_resolve(path, GD_TARGET_FOLLOW, &target, &error), error);
    check_ok(gd_run_log_open(&target, &o, &facts, &log, &error), error);
    gd_target_release(&target);
    check_ok(gd_run_log_step(log, &before, &error), error);
    check_ok(gd_run_log_finish(log, &end, &error), error);
    check_ok(gd_run_log_close(&log, &error), error);
    read_line(2, line);
    assert_string_equal(line,
                        "{\"octave\":0,\"step\":1,\"dy\":-3,\"dx\":4,\"seconds\":null,\"computing\":null,"
                        "\"updating\":null,\"deviation\":null,\"rows\":null,\"cols\":null}\n");
    read_line(3, line);
    assert_string_equal(
        line,
        "{\"phases\":{\"read\":1.5,\"scatter\":0,\"compute\":20,\"exchange\":0,"
        "\"update\":0,\"between\":0,\"write\":0,\"web\":0},\"scratch_bytes\":4096,\"ranks\":[{\"host\":0,"
        "\"cores\":4,\"first_core\":4,\"host_cores\":8,\"computing\":2.5,\"updating\":0.5,"
        "\"exchanging\":1,\"peak_bytes\":1048576}]}\n");
}

/* Bytes of a name that are no UTF-8 do not make the line unreadable. */
static void names_that_are_no_text(void **state)
{
    (void)state;
    gd_options o = options_of_log();
    char line[8192];
    strcpy(o.input, "a\xff.jpg");
    write_log(&o);
    read_line(1, line);
    assert_non_null(strstr(line, "\"img\":\"a\\\\xff.jpg\""));
}

static void rolls_of_a_checkpoint(void **state)
{
    (void)state;
    const int64_t rolls[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
    gd_replay *replay;
    gd_error error;
    int64_t dy, dx;
    check_ok(gd_replay_restore(&steps_of_log, rolls, 7, "start anew", &replay, &error), error);
    assert_int_equal(replay->count, 6);
    gd_replay_roll(replay, 0, 2, &dy, &dx);
    assert_true(dy == 11 && dx == 12);
    gd_replay_free(replay);
    assert_int_equal(gd_replay_restore(&steps_of_log, rolls, 5, "start anew", &replay, &error), GD_USAGE);
    assert_string_equal(error.message, "the checkpoint holds 5 rolls of 6; start anew");
}

static void replayed(void **state)
{
    (void)state;
    gd_options o = options_of_log();
    gd_replay *replay;
    gd_error error;
    write_log(&o);
    check_ok(gd_replay_open(path, &steps_of_log, &replay, &error), error);
    assert_int_equal(replay->count, 6);
    int64_t dy, dx;
    gd_replay_roll(replay, -1, 2, &dy, &dx);
    assert_true(dy == -12 && dx == 2);
    gd_replay_roll(replay, 0, 1, &dy, &dx);
    assert_true(dy == -1 && dx == 1);
    gd_replay_free(replay);
}

static void put(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_true(file && fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void refused_replays(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"", "line 1 is missing"},
        {"\n", "line 1 is not a JSON object"},
        {"nonsense\n", "line 1 is not a JSON object"},
        {"[1,2]\n", "line 1 is not a JSON object"},
        {"{\"or\":[0,1],\"os\":1}", "line 1 is cut off"},
        {"{\"os\":1}\n", "line 1 does not hold"},
        {"{\"or\":[0],\"os\":1}\n", "line 1 does not hold"},
        {"{\"or\":[0,1.5],\"os\":1}\n", "line 1 does not hold"},
        {"{\"or\":[0,2],\"os\":1}\n", "-or 0 2 -os 1"},
        {"{\"or\":[0,1],\"os\":3}\n", "-os 3"},
        {"{\"or\":[0,1],\"os\":2,\"rows\":5,\"cols\":9}\n", "9x5"},
        {"{\"or\":[0,1],\"os\":2}\n", "ends after 0 of 2"},
        {"{\"or\":[0,1],\"os\":2}\n{\"octave\":0,\"step\":0,\"dy\":1,\"dx\":2}\n", "ends after 1 of 2"},
        {"{\"or\":[0,1],\"os\":2}\n{\"octave\":0,\"step\":0,\"dy\":1}\n", "line 2 has no whole number"},
        {"{\"or\":[0,1],\"os\":2}\n{\"octave\":0,\"step\":0,\"dy\":1,\"dx\":1e300}\n",
         "line 2 has no whole number"},
        {"{\"or\":[0,1],\"os\":2}\n{\"octave\":0,\"step\":0,\"dy\":\"1\",\"dx\":1}\n",
         "line 2 has no whole number"},
        {"{\"or\":[0,1],\"os\":2}\n{\"octave\":0,\"step\":1,\"dy\":1,\"dx\":2}\n",
         "line 2 is not the next step"},
        {"{\"or\":[0,1],\"os\":2}\n{\"octave\":0,\"step\":0,\"dy\":1,\"dx\":2}x\n", "line 2 is not a JSON"},
        {"{\"or\":[0,1],\"os\":2}\n{\"octave\":0,\"step\":0,\"dy\":1,\"d", "line 2 is cut off"},
    };
    gd_replay_steps steps = steps_of_log;
    steps.octave_first = 0;
    steps.steps = 2;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gd_replay *replay;
        gd_error error = {""};
        put(texts[i][0]);
        assert_int_equal(gd_replay_open(path, &steps, &replay, &error), GD_USAGE);
        assert_null(replay);
        if (!strstr(error.message, texts[i][1]) || !strstr(error.message, path))
            fail_msg("%s: '%s' lacks '%s'", texts[i][0], error.message, texts[i][1]);
    }
}

static void files_that_cannot_be(void **state)
{
    (void)state;
    gd_options o = options_of_log();
    const gd_run_log_facts facts = {0};
    gd_run_log *log;
    gd_replay *replay;
    gd_error error;
    assert_int_equal(gd_replay_open("/nonexistent/log", &steps_of_log, &replay, &error), GD_USAGE);
    assert_int_equal(gd_replay_open("/", &steps_of_log, &replay, &error), GD_USAGE);
    /* A limit on the size of files stands for a full disk. */
    struct rlimit before, none;
    gd_target target;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    check_ok(gd_target_resolve("full.jsonl", GD_TARGET_FOLLOW, &target, &error), error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_int_equal(gd_run_log_open(&target, &o, &facts, &log, &error), GD_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_non_null(strstr(error.message, "File too large"));
    assert_int_equal(access("full.jsonl", F_OK), -1);
    gd_target_release(&target);
    check_ok(gd_run_log_step(NULL, &(gd_run_log_line){0}, &error), error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_line),
        cmocka_unit_test(lines_of_steps),
        cmocka_unit_test(resumed_and_ended),
        cmocka_unit_test(names_that_are_no_text),
        cmocka_unit_test(rolls_of_a_checkpoint),
        cmocka_unit_test(replayed),
        cmocka_unit_test(refused_replays),
        cmocka_unit_test(files_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
