/* Which file of weights is taken, and what is said when none will do. The bundled file plays all parts. */
#include "check.h"

#include "base/apart/apart.h"
#include "files/weights_path.h"
#include "options/flag_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char bundled[] = GD_SOURCE_DIR "/weights/inception_v3_mixed5.h5";
static const char bundled_name[] = "inception_v3_mixed5.h5";
static const char official_name[] = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5";

static char home[64]; /* a folder of the test's own, as $XDG_DATA_HOME */
static gd_net *net;

static void path_in(char path[GD_PATH_MAX], const char *folder, const char *name)
{
    assert_true(snprintf(path, GD_PATH_MAX, "%s/%s/%s", home, folder, name) < GD_PATH_MAX);
}

static void put_link(const char *folder, const char *name)
{
    char path[GD_PATH_MAX];
    path_in(path, folder, name);
    assert_int_equal(symlink(bundled, path), 0);
}

static void put_text(const char *folder, const char *name)
{
    char path[GD_PATH_MAX];
    path_in(path, folder, name);
    FILE *file = fopen(path, "w");
    assert_true(file && fputs("not weights", file) >= 0);
    fclose(file);
}

static void clear(void)
{
    static const char *const folders[] = {"gigadream", "named"};
    static const char *const names[] = {bundled_name, official_name, "mine.h5", "fetch.sh"};
    char path[GD_PATH_MAX];
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 4; j++) {
            path_in(path, folders[i], names[j]);
            unlink(path);
        }
    }
}

static int set_up(void **state)
{
    (void)state;
    char path[GD_PATH_MAX];
    strcpy(home, "/tmp/test_weights_path_XXXXXX");
    if (!mkdtemp(home) || setenv("XDG_DATA_HOME", home, 1) != 0)
        return -1;
    path_in(path, "gigadream", "");
    if (mkdir(path, 0700) != 0)
        return -1;
    path_in(path, "named", "");
    net = gd_net_create(GD_INCEPTION_V3);
    return mkdir(path, 0700) == 0 && net ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char path[GD_PATH_MAX];
    clear();
    path_in(path, "gigadream", "");
    rmdir(path);
    path_in(path, "named", "");
    rmdir(path);
    gd_net_free(net);
    return rmdir(home);
}

/* Finds, then chooses for list entry `layer`. */
static gd_status choose(const char *wish, const char *named, int32_t layer, char path[GD_PATH_MAX],
                        gd_error *error)
{
    gd_options o;
    gd_weights_search *search;
    const gd_objective objective = {.terms = {{net->layers[layer].node, 1}}, .count = 1};
    gd_options_default(&o);
    strcpy(o.weights, wish);
    assert_int_equal(named ? setenv("GIGADREAM_WEIGHTS", named, 1) : unsetenv("GIGADREAM_WEIGHTS"), 0);
    path[0] = error->message[0] = '\0';
    gd_status status = gd_weights_find(&o, net, NULL, &search, error);
    if (status == GD_OK) {
        const gd_weights_file *chosen = NULL;
        status = gd_weights_choose(search, &o, net, &objective, &chosen, error);
        if (chosen)
            strcpy(path, chosen->path);
    }
    gd_weights_search_free(search);
    return status;
}

static void expect(const char *wish, const char *named, int32_t layer, const char *folder, const char *name)
{
    char path[GD_PATH_MAX], expected[GD_PATH_MAX];
    gd_error error;
    check_ok(choose(wish, named, layer, path, &error), error);
    path_in(expected, folder, name);
    assert_string_equal(path, folder ? expected : name);
}

static void order(void **state)
{
    (void)state;
    char folder[GD_PATH_MAX], mine[GD_PATH_MAX];
    clear();
    path_in(folder, "named", "");
    folder[strlen(folder) - 1] = '\0';
    path_in(mine, "named", "mine.h5");
    char path[GD_PATH_MAX];
    gd_error error;
    check_ok(choose("", NULL, 5, path, &error), error);
    assert_string_equal(path, bundled); /* the build tree's */
    put_link("gigadream", official_name);
    check_ok(choose("", NULL, 5, path, &error), error);
    assert_string_equal(path, bundled); /* also after a download */
    expect("official", NULL, 5, "gigadream", official_name);
    put_link("gigadream", bundled_name);
    expect("", NULL, 5, "gigadream", bundled_name);
    put_link("named", bundled_name);
    expect("", folder, 5, "named", bundled_name);
    expect("bundled", folder, 5, "named", bundled_name);
    put_link("named", "mine.h5");
    expect("", mine, 5, "named", "mine.h5");
    expect("bundled", mine, 5, "gigadream", bundled_name);
    expect(mine, folder, 5, "named", "mine.h5");
}

static void sentence(const char *wish, const char *named, int32_t layer, const char *a, const char *b)
{
    char path[GD_PATH_MAX];
    gd_error error;
    assert_int_equal(choose(wish, named, layer, path, &error), GD_USAGE);
    if (!strstr(error.message, a) || !strstr(error.message, b))
        fail_msg("'%s' lacks '%s' or '%s'", error.message, a, b);
}

static void sentences(void **state)
{
    (void)state;
    char text[GD_PATH_MAX];
    clear();
    path_in(text, "gigadream", official_name);
    sentence("", NULL, 6, "mixed6", "weights/fetch.sh");
    sentence("", NULL, 6, bundled, "in -ml A B, B is at most 6");
    sentence("official", NULL, 3, "Inception V3", "weights/fetch.sh");
    sentence("/nonexistent.h5", NULL, 3, "--weights /nonexistent.h5", "No such file");
    sentence("", "/nonexistent.h5", 3, "$GIGADREAM_WEIGHTS /nonexistent.h5", "No such file");
    put_text("gigadream", official_name);
    sentence(text, NULL, 3, "--weights", text);
    sentence("", text, 3, "$GIGADREAM_WEIGHTS", text);
    sentence("official", NULL, 3, text, "fetch.sh");
    char path[GD_PATH_MAX];
    gd_error error;
    check_ok(choose("", NULL, 3, path, &error), error); /* a broken download does not matter here */
    sentence("", NULL, 6, "mixed6", bundled);
}

static void other_network(void **state)
{
    (void)state;
    gd_options o;
    gd_weights_search *search;
    gd_error error;
    gd_net *resnet = gd_net_create(GD_INCEPTION_RESNET_V2);
    assert_non_null(resnet);
    const gd_objective objective = {.terms = {{resnet->layers[0].node, 1}}, .count = 1};
    clear();
    unsetenv("GIGADREAM_WEIGHTS");
    gd_options_default(&o);
    o.architecture = GD_INCEPTION_RESNET_V2;
    check_ok(gd_weights_find(&o, resnet, NULL, &search, &error), error);
    assert_int_equal(search->file_count, 0);
    const gd_weights_file *chosen;
    assert_int_equal(gd_weights_choose(search, &o, resnet, &objective, &chosen, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "inception_resnet_v2_weights"));
    strcpy(o.weights, "bundled");
    assert_int_equal(gd_weights_choose(search, &o, resnet, &objective, &chosen, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "none are bundled"));
    gd_weights_search_free(search);
    gd_net_free(resnet);
}

int main(void)
{
    gd_apart_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order),
        cmocka_unit_test(sentences),
        cmocka_unit_test(other_network),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
