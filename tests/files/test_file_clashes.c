/* Files that are the same file, by whatever name: spelled otherwise, linked, or of a pattern. */
#include "check.h"

#include "files/file_clashes.h"
#include "files/file_names.h"
#include "options/options_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/gd_clashes_XXXXXX";

static void touch(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    touch("in.jpg");
    touch("twin.jpg");
    return mkdir("sub", 0700) != 0 || symlink("in.jpg", "link.tif") != 0 || link("in.jpg", "hard.tif") != 0 ||
           symlink("sub", "sublink") != 0 || symlink("not_yet.tif", "dangling.tif") != 0;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"in.jpg",   "twin.jpg", "link.tif",
                                        "hard.tif", "sublink",  "dangling.tif"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(names[i]);
    rmdir("sub");
    return chdir("/") != 0 || rmdir(folder) != 0;
}

typedef struct render {
    gd_options o;
    gd_file_names n;
} render;

/* in.jpg to out.tif, with its checkpoint. */
static render *new_render(void)
{
    render *r = calloc(1, sizeof *r);
    assert_non_null(r);
    gd_options_default(&r->o);
    strcpy(r->o.input, "in.jpg");
    strcpy(r->n.output, "out.tif");
    strcpy(r->n.checkpoint, "out.tif.checkpoint.h5");
    strcpy(r->n.weights, "/weights.h5");
    return r;
}

static void passes(render *r)
{
    gd_error error;
    check_ok(gd_file_clashes_check(&r->o, &r->n, &error), error);
    free(r);
}

static void clashes(render *r, const char *sentence)
{
    gd_error error = {""};
    assert_int_equal(gd_file_clashes_check(&r->o, &r->n, &error), GD_USAGE);
    assert_string_equal(error.message, sentence);
    free(r);
}

static void different_files(void **state)
{
    (void)state;
    render *r = new_render();
    strcpy(r->o.log, "log.jsonl");
    strcpy(r->o.preview, "p_%d.jpg");
    strcpy(r->n.input_copy, "out_input.tif");
    r->n.preview_last = 6;
    passes(r);
    r = new_render();
    strcpy(r->n.output, "twin.jpg"); /* another file, with the same bytes */
    passes(r);
    r = new_render();
    strcpy(r->o.input, "random_noise");
    strcpy(r->n.output, "random_noise");
    passes(r);
}

static void spellings(void **state)
{
    (void)state;
    static const char *const names[] = {"in.jpg", "./in.jpg", "sub/../in.jpg", "sublink/../in.jpg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        render *r = new_render();
        strcpy(r->n.output, names[i]);
        clashes(r, "-img_out would overwrite in.jpg, which -img reads; give -img_out another name");
    }
    render *r = new_render();
    snprintf(r->n.output, sizeof r->n.output, "%s/in.jpg", folder);
    clashes(r, "-img_out would overwrite in.jpg, which -img reads; give -img_out another name");
    r = new_render();
    strcpy(r->o.log, "sub/new");
    strcpy(r->n.output, "sublink/new"); /* neither exists yet */
    clashes(r, "--log would overwrite sublink/new, which -img_out writes; give --log another name");
}

static void links(void **state)
{
    (void)state;
    render *r = new_render();
    strcpy(r->n.output, "link.tif");
    clashes(r, "-img_out would overwrite in.jpg, which -img reads; give -img_out another name");
    r = new_render();
    strcpy(r->n.output, "hard.tif");
    clashes(r, "-img_out would overwrite in.jpg, which -img reads; give -img_out another name");
    r = new_render();
    strcpy(r->n.output, "dangling.tif");
    strcpy(r->o.log, "not_yet.tif");
    clashes(r, "--log would overwrite dangling.tif, which -img_out writes; give --log another name");
}

static void each_role(void **state)
{
    (void)state;
    render *r = new_render();
    r->n.input_again = true;
    strcpy(r->n.output, "in.jpg");
    clashes(
        r,
        "-img_out would overwrite in.jpg, which -img reads, again for --keep-detail; give -img_out another "
        "name");
    r = new_render();
    strcpy(r->o.replay, "twin.jpg");
    strcpy(r->o.log, "twin.jpg");
    clashes(r, "--log would overwrite twin.jpg, which --replay reads; give --log another name");
    r = new_render();
    strcpy(r->n.weights, "twin.jpg");
    strcpy(r->n.checkpoint, "twin.jpg");
    clashes(r,
            "--checkpoint would overwrite twin.jpg, which --weights reads; give --checkpoint another name");
    r = new_render();
    strcpy(r->n.input_copy, "in.jpg");
    clashes(r, "-save_input would overwrite in.jpg, which -img reads; give -img_out another name");
    r = new_render();
    strcpy(r->o.preview, "out.tif");
    clashes(r, "--preview would overwrite out.tif, which -img_out writes; give --preview another name");
}

/* The checkpoint that is resumed is replaced by the next one. */
static void resumed(void **state)
{
    (void)state;
    render *r = new_render();
    strcpy(r->n.resume, r->n.checkpoint);
    passes(r);
    r = new_render();
    strcpy(r->n.resume, "twin.jpg");
    strcpy(r->n.output, "twin.jpg");
    clashes(r, "-img_out would overwrite twin.jpg, which --resume reads; give -img_out another name");
}

static void proofs(void **state)
{
    (void)state;
    render *r = new_render();
    r->o.proof = true;
    strcpy(r->o.input, "out.proof-2.jpg");
    clashes(r, "--proof would overwrite out.proof-2.jpg, which -img reads; give -img_out another name");
}

static void patterns(void **state)
{
    (void)state;
    render *r = new_render();
    strcpy(r->o.preview, "sublink/p_%02d.jpg");
    strcpy(r->o.input, "sub/p_03.jpg");
    r->n.preview_last = 2; /* there is no third one */
    passes(r);
    r = new_render();
    strcpy(r->o.preview, "sublink/p_%02d.jpg");
    strcpy(r->o.input, "sub/p_03.jpg");
    r->n.preview_last = 3;
    clashes(r, "--preview would overwrite sub/p_03.jpg, which -img reads; give --preview another name");
}

static void derived_names(void **state)
{
    (void)state;
    char path[GD_PATH_MAX], expected[GD_PATH_MAX];
    gd_options o;
    gd_error error;
    gd_options_default(&o);
    snprintf(expected, sizeof expected, "%s/a.jpg.checkpoint.h5", folder);
    strcpy(o.output, "a.jpg");
    check_ok(gd_file_names_checkpoint(&o, path, &error), error);
    assert_string_equal(path, expected);
    strcpy(o.resume, "sub/r.h5");
    check_ok(gd_file_names_checkpoint(&o, path, &error), error);
    snprintf(expected, sizeof expected, "%s/sub/r.h5", folder);
    assert_string_equal(path, expected);
    strcpy(o.checkpoint, "c.h5");
    check_ok(gd_file_names_checkpoint(&o, path, &error), error);
    snprintf(expected, sizeof expected, "%s/c.h5", folder);
    assert_string_equal(path, expected);
    strcpy(o.checkpoint, "nowhere/c.h5");
    assert_int_equal(gd_file_names_checkpoint(&o, path, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "its folder cannot be written to (No such file or directory)"));
    gd_file_names_input_copy("x/a.b.tif", path);
    assert_string_equal(path, "x/a.b_input.tif");
    check_ok(gd_file_names_proof("a.tif", 0, path, &error), error);
    assert_string_equal(path, "a.proof-whole.jpg");
    check_ok(gd_file_names_proof("a.tif", 3, path, &error), error);
    assert_string_equal(path, "a.proof-3.jpg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(different_files), cmocka_unit_test(spellings),     cmocka_unit_test(links),
        cmocka_unit_test(each_role),       cmocka_unit_test(resumed),       cmocka_unit_test(proofs),
        cmocka_unit_test(patterns),        cmocka_unit_test(derived_names),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
