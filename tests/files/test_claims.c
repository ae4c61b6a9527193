/* Owning the names of a render's files: what is locked, what may be replaced, and who is asked. */
#include "check.h"

#include "files/claims.h"
#include "options/flag_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/gd_claims_XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return !mkdtemp(folder) || chdir(folder) != 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return chdir("/") != 0 || rmdir(folder) != 0;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_true(file && fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static bool exists(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0;
}

/* An answer, and the last question. */
typedef struct person {
    bool yes;
    int asked;
    char question[512];
} person;

static bool answer(void *context, const char *question)
{
    person *p = context;
    p->asked++;
    snprintf(p->question, sizeof p->question, "%s", question);
    return p->yes;
}

typedef struct render {
    gd_options o;
    gd_file_names n;
    gd_claims claims;
    gd_error error;
} render;

/* Noise to out.tif, with a log. */
static render *new_render(void)
{
    render *r = calloc(1, sizeof *r);
    assert_non_null(r);
    gd_options_default(&r->o);
    r->o.quiet = true;
    strcpy(r->o.log, "log");
    strcpy(r->n.output, "out.tif");
    strcpy(r->n.checkpoint, "out.tif.checkpoint.h5");
    gd_claims_init(&r->claims);
    return r;
}

static gd_status take(render *r, const gd_confirm *confirm)
{
    const gd_status status = gd_claims_begin(&r->claims, &r->o, &r->n, r->n.checkpoint, &r->error);
    return status == GD_OK ? gd_claims_take(&r->claims, &r->o, &r->n, confirm, &r->error) : status;
}

static void end(render *r)
{
    gd_claims_release(&r->claims);
    free(r);
}

static const gd_confirm nobody = {NULL, NULL};

static void each_name_has_a_lock(void **state)
{
    (void)state;
    static const char *const locks[] = {".out.tif.gigadream-lock", ".out.tif.checkpoint.h5.gigadream-lock",
                                        ".log.gigadream-lock"};
    render *r = new_render();
    check_ok(take(r, &nobody), r->error);
    for (size_t i = 0; i < 3; i++)
        assert_true(exists(locks[i]));
    assert_non_null(gd_claims_target(&r->claims, GD_CLAIM_OUTPUT));
    end(r);
    for (size_t i = 0; i < 3; i++)
        assert_false(exists(locks[i]));
}

static void before_a_signal_ends_it(void **state)
{
    (void)state;
    render *r = new_render();
    gd_claims_release_in_signal(&r->claims); /* nothing is owned yet */
    check_ok(take(r, &nobody), r->error);
    gd_claims_release_in_signal(&r->claims);
    assert_false(exists(".out.tif.gigadream-lock") || exists(".log.gigadream-lock"));
    end(r);
}

static void one_owner(void **state)
{
    (void)state;
    render *first = new_render(), *second = new_render();
    check_ok(take(first, &nobody), first->error);
    strcpy(second->n.output, "other.tif");
    strcpy(second->n.checkpoint, "other.h5");
    assert_int_equal(take(second, &nobody), GD_USAGE); /* the log */
    assert_non_null(
        strstr(second->error.message, "--log log is being written by another gigadream: process "));
    end(second);
    end(first);
}

static void files_of_others(void **state)
{
    (void)state;
    person p = {.yes = false};
    const gd_confirm confirm = {answer, &p};
    put("out.tif", "another program's");
    render *r = new_render();
    assert_int_equal(take(r, &nobody), GD_USAGE);
    assert_string_equal(r->error.message,
                        "out.tif was not written by gigadream, and would be lost; give another "
                        "name, or allow it with --overwrite");
    end(r);
    r = new_render();
    assert_int_equal(take(r, &confirm), GD_USAGE);
    assert_string_equal(p.question, "\nout.tif was not written by gigadream. Replace it? [y/N]: ");
    end(r);
    p.yes = true;
    r = new_render();
    check_ok(take(r, &confirm), r->error);
    assert_int_equal(p.asked, 2);
    end(r);
    r = new_render();
    r->o.overwrite = true;
    check_ok(take(r, &confirm), r->error);
    assert_int_equal(p.asked, 2); /* not asked */
    end(r);
    unlink("out.tif");
}

/* An empty file, and a log of ours, may be replaced. */
static void files_of_ours(void **state)
{
    (void)state;
    person p = {.yes = false};
    const gd_confirm confirm = {answer, &p};
    put("out.tif", "");
    put("log", "{\"img\":\"a\",\"versions\":{\"gigadream\":\"1\"}}\n");
    render *r = new_render();
    check_ok(take(r, &confirm), r->error);
    end(r);
    put("log", "{\"img\":\"a\"}\n");
    r = new_render();
    assert_int_equal(take(r, &confirm), GD_USAGE);
    assert_int_equal(p.asked, 1);
    end(r);
    unlink("log");
    unlink("out.tif");
}

/* The checkpoint is no picture: what is none of ours is never replaced, whatever was allowed. */
static void a_checkpoint_that_is_none(void **state)
{
    (void)state;
    put("out.tif.checkpoint.h5", "notes");
    render *r = new_render();
    r->o.overwrite = true;
    assert_int_equal(take(r, &nobody), GD_USAGE);
    assert_non_null(strstr(r->error.message, "out.tif.checkpoint.h5"));
    end(r);
    unlink("out.tif.checkpoint.h5");
}

/* All previews of a pattern have one lock, and each file that stands there is looked at. */
static void previews(void **state)
{
    (void)state;
    person p = {.yes = false};
    const gd_confirm confirm = {answer, &p};
    put("p_3.jpg", "another program's");
    render *r = new_render();
    strcpy(r->o.preview, "p_%d.jpg");
    r->n.preview_last = 2; /* the third is none of them */
    check_ok(take(r, &confirm), r->error);
    assert_true(exists(".p_.gigadream-lock"));
    end(r);
    r = new_render();
    strcpy(r->o.preview, "p_%d.jpg");
    r->n.preview_last = 3;
    assert_int_equal(take(r, &confirm), GD_USAGE);
    assert_int_equal(p.asked, 1);
    assert_non_null(strstr(r->error.message, "p_3.jpg was not written by gigadream"));
    end(r);
    unlink("p_3.jpg");
}

static void plans_and_proofs(void **state)
{
    (void)state;
    render *r = new_render();
    r->o.action = GD_ACTION_DRY_RUN;
    check_ok(take(r, &nobody), r->error);
    assert_null(gd_claims_target(&r->claims, GD_CLAIM_OUTPUT));
    end(r);
    r = new_render();
    r->o.proof = true;
    check_ok(take(r, &nobody), r->error);
    assert_true(exists(".out.proof-whole.jpg.gigadream-lock") && exists(".out.proof-3.jpg.gigadream-lock"));
    assert_false(exists(".out.tif.gigadream-lock") || exists(".out.tif.checkpoint.h5.gigadream-lock"));
    end(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_has_a_lock),
        cmocka_unit_test(before_a_signal_ends_it),
        cmocka_unit_test(one_owner),
        cmocka_unit_test(files_of_others),
        cmocka_unit_test(files_of_ours),
        cmocka_unit_test(a_checkpoint_that_is_none),
        cmocka_unit_test(previews),
        cmocka_unit_test(plans_and_proofs),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
