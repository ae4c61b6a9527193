#include "job/file_clashes.h"

#include "base/target.h"
#include "job/proof.h"
#include "options/path.h"
#include "options/preview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What is read, and then what is written: of two, the later is the one that needs another name. */
typedef enum file_role {
    INPUT,
    REPLAY,
    RESUME,
    WEIGHTS,
    OUTPUT,
    INPUT_COPY,
    CHECKPOINT,
    LOG,
    PROOF,
    PREVIEW
} file_role;

static const struct {
    const char *flag;   /* that stands for the file */
    const char *naming; /* that can give it another name */
} roles[] = {[INPUT] = {"-img", "-img"},
             [REPLAY] = {"--replay", "--replay"},
             [RESUME] = {"--resume", "--resume"},
             [WEIGHTS] = {"--weights", "--weights"},
             [OUTPUT] = {"-img_out", "-img_out"},
             [INPUT_COPY] = {"-save_input", "-img_out"},
             [CHECKPOINT] = {"--checkpoint", "--checkpoint"},
             [LOG] = {"--log", "--log"},
             [PROOF] = {"--proof", "-img_out"},
             [PREVIEW] = {"--preview", "--preview"}};

typedef struct file {
    file_role role;
    char path[GD_PATH_MAX]; /* as people know it */
    char real[GD_PATH_MAX];
    bool exists;
    struct stat about; /* where it exists */
} file;

enum { FILES_MAX = PREVIEW + GD_PROOF_FILES };

typedef struct files {
    const gd_decision *decision; /* borrowed */
    int count;
    file all[FILES_MAX];
} files;

/* With all links followed, that of a file that is not there yet, too. */
static void find_real(const char *path, char real[GD_PATH_MAX])
{
    gd_target target;
    if (gd_target_resolve(path, GD_TARGET_FOLLOW, &target, NULL) == GD_OK &&
        strlen(target.real) < GD_PATH_MAX)
        strcpy(real, target.real);
    else
        (void)gd_path_real(path, real); /* a longer name cannot be opened either */
    gd_target_release(&target);
}

static void add(files *f, file_role role, const char *path)
{
    if (!*path)
        return;
    file *new = &f->all[f->count++];
    new->role = role;
    snprintf(new->path, sizeof new->path, "%s", path);
    find_real(path, new->real);
    new->exists = stat(path, &new->about) == 0;
}

/* Real is the folder before the one place for a number. */
static void add_preview(files *f, const char *pattern)
{
    char head[GD_PATH_MAX], real[GD_PATH_MAX];
    const size_t before = strcspn(pattern, "%");
    add(f, PREVIEW, pattern);
    if (!pattern[before])
        return;
    file *new = &f->all[f->count - 1];
    snprintf(head, sizeof head, "%.*s", (int)before, pattern);
    if (!gd_path_real(head, real) || strlen(real) + strlen(pattern + before) >= sizeof new->real)
        strcpy(real, head);
    strcpy(new->real, real);
    strcat(new->real, pattern + before);
}

static gd_status add_all(files *f, gd_error *error)
{
    const gd_decision *d = f->decision;
    const gd_options *o = &d->options;
    if (!gd_options_noise(o))
        add(f, INPUT, o->input);
    add(f, REPLAY, o->replay);
    add(f, RESUME, d->resume);
    add(f, WEIGHTS, d->weights);
    add(f, OUTPUT, d->output);
    add(f, INPUT_COPY, d->input_copy);
    add(f, CHECKPOINT, d->checkpoint);
    add(f, LOG, o->log);
    gd_status status = GD_OK;
    for (int i = 0; o->proof && status == GD_OK && i < GD_PROOF_FILES; i++) {
        char path[GD_PATH_MAX];
        status = gd_proof_path(d, i, path, error);
        if (status == GD_OK)
            add(f, PROOF, path);
    }
    if (*o->preview)
        add_preview(f, o->preview);
    return status;
}

static bool same(const file *a, const file *b)
{
    if (a->exists && b->exists)
        return a->about.st_dev == b->about.st_dev && a->about.st_ino == b->about.st_ino;
    return strcmp(a->real, b->real) == 0;
}

static bool meet(const files *f, const file *a, const file *b)
{
    const gd_options *o = &f->decision->options;
    if (b->role == PREVIEW && strchr(o->preview, '%'))
        return gd_preview_meets(o, b->real, a->real);
    return same(a, b);
}

static bool may_meet(const file *a, const file *b)
{
    return b->role < OUTPUT || (a->role == RESUME && b->role == CHECKPOINT);
}

static gd_status refuse(const files *f, const file *a, const file *b, gd_error *error)
{
    const bool again = a->role == INPUT && gd_prepare_reads_again(f->decision);
    const char *how = a->role >= OUTPUT ? "writes" : again ? "reads, again for --keep-detail" : "reads";
    return gd_fail(error, GD_USAGE, "%s would overwrite %s, which %s %s; give %s another name",
                   roles[b->role].flag, a->path, roles[a->role].flag, how, roles[b->role].naming);
}

gd_status gd_collide_check(const gd_decision *decision, gd_error *error)
{
    files *f = calloc(1, sizeof *f);
    if (!f)
        return gd_fail(error, GD_MEMORY, "out of memory for the names of files");
    f->decision = decision;
    gd_status status = add_all(f, error);
    for (int i = 0; status == GD_OK && i < f->count; i++) {
        for (int j = 0; status == GD_OK && j < f->count; j++) {
            const file *a = &f->all[i], *b = &f->all[j];
            if (a->role < b->role && !may_meet(a, b) && meet(f, a, b))
                status = refuse(f, a, b, error);
        }
    }
    free(f);
    return status;
}
