/* Finds two files of a render that are the same: by name, by link, or by device and inode. */
#include "files/file_clashes.h"

#include "base/target.h"
#include "base/target_resolve.h"
#include "files/preview_names.h"
#include "options/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Files that are read, then files that are written. Of two that clash, the later one needs another name. */
typedef enum file_role {
    INPUT,
    MASK,
    REPLAY,
    RESUME,
    LIKE,
    GUIDE,
    WEIGHTS,
    OUTPUT,
    INPUT_COPY,
    CHECKPOINT,
    LOG,
    PARAMETERS,
    PROOF,
    WEB,
    PREVIEW
} file_role;

static const struct {
    const char *flag;   /* the flag that names the file */
    const char *naming; /* the flag that can rename it */
} roles[] = {[INPUT] = {"-img", "-img"},
             [MASK] = {"--mask", "--mask"},
             [REPLAY] = {"--replay", "--replay"},
             [RESUME] = {"--resume", "--resume"},
             [LIKE] = {"--like", "--like"},
             [GUIDE] = {"--guide", "--guide"},
             [WEIGHTS] = {"--weights", "--weights"},
             [OUTPUT] = {"-img_out", "-img_out"},
             [INPUT_COPY] = {"-save_input", "-img_out"},
             [CHECKPOINT] = {"--checkpoint", "--checkpoint"},
             [LOG] = {"--log", "--log"},
             [PARAMETERS] = {"--save-parameters", "--save-parameters"},
             [PROOF] = {"--proof", "-img_out"},
             [WEB] = {"--web", "--web"},
             [PREVIEW] = {"--preview", "--preview"}};

typedef struct file {
    file_role role;
    char path[GD_PATH_MAX]; /* as the user gave it */
    char real[GD_PATH_MAX];
    bool exists;
    struct stat about;   /* if it exists */
    bool numbered;       /* `real` has a number placeholder */
    int64_t first, last; /* the numbers */
} file;

enum { FILES_MAX = PREVIEW + GD_PROOF_FILES };

typedef struct files {
    const gd_options *options;  /* borrowed */
    const gd_file_names *names; /* borrowed */
    int count;
    file all[FILES_MAX];
} files;

/* Resolves all links of a path, also for a file that does not exist yet. */
static void find_real(const char *path, char real[GD_PATH_MAX])
{
    gd_target target;
    if (gd_target_resolve(path, GD_TARGET_FOLLOW, &target, NULL) == GD_OK &&
        strlen(target.real) < GD_PATH_MAX)
        strcpy(real, target.real);
    else
        (void)gd_path_real(path, real); /* longer names cannot be opened anyway */
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

/* Of a pattern, only the part before the number is resolved. */
static void add_numbered(files *f, file_role role, const char *pattern, int64_t first, int64_t last)
{
    char head[GD_PATH_MAX], real[GD_PATH_MAX];
    const char *percent = strrchr(pattern, '%');
    add(f, role, pattern);
    if (!percent)
        return;
    const size_t before = (size_t)(percent - pattern);
    file *new = &f->all[f->count - 1];
    new->numbered = true;
    new->first = first;
    new->last = last;
    snprintf(head, sizeof head, "%.*s", (int)before, pattern);
    if (!gd_path_real(head, real) || strlen(real) + strlen(pattern + before) >= sizeof new->real)
        strcpy(real, head);
    strcpy(new->real, real);
    strcat(new->real, pattern + before);
}

static gd_status add_all(files *f, gd_error *error)
{
    const gd_options *o = f->options;
    const gd_file_names *d = f->names;
    if (gd_options_inputs(o))
        add_numbered(f, INPUT, o->input, d->frame_first, d->frame_first + o->frames - 1);
    else if (!gd_options_noise(o))
        add(f, INPUT, o->input);
    if (gd_options_masked(o))
        add(f, MASK, o->mask);
    add(f, REPLAY, o->replay);
    add(f, RESUME, d->resume);
    add(f, LIKE, o->like);
    add(f, GUIDE, o->guide);
    add(f, WEIGHTS, d->weights);
    if (*d->frames)
        add_numbered(f, OUTPUT, d->frames, d->frame_first, d->frame_first + o->frames - 1);
    else
        add(f, OUTPUT, d->output);
    add(f, INPUT_COPY, d->input_copy);
    add(f, CHECKPOINT, d->checkpoint);
    add(f, LOG, o->log);
    add(f, PARAMETERS, o->save_parameters);
    add(f, WEB, d->web);
    gd_status status = GD_OK;
    for (int i = 0; o->proof && status == GD_OK && i < GD_PROOF_FILES; i++) {
        char path[GD_PATH_MAX];
        status = gd_file_names_proof(d->output, i, path, error);
        if (status == GD_OK)
            add(f, PROOF, path);
    }
    if (*o->preview)
        add_numbered(f, PREVIEW, o->preview, 1, d->preview_last);
    return status;
}

static bool same(const file *a, const file *b)
{
    if (a->exists && b->exists)
        return a->about.st_dev == b->about.st_dev && a->about.st_ino == b->about.st_ino;
    return strcmp(a->real, b->real) == 0;
}

/* Two patterns that differ only in their placeholders may give the same names. */
static bool patterns_meet(const char *a, const char *b)
{
    const char *at = strrchr(a, '%'), *other = strrchr(b, '%');
    return at - a == other - b && strncmp(a, b, (size_t)(at - a)) == 0 &&
           strcmp(strchr(at, 'd'), strchr(other, 'd')) == 0;
}

static bool meet(const file *a, const file *b)
{
    if (a->numbered && b->numbered)
        return patterns_meet(a->real, b->real);
    if (b->numbered)
        return gd_preview_matches(b->real, b->first, b->last, a->real);
    if (a->numbered)
        return gd_preview_matches(a->real, a->first, a->last, b->real);
    return same(a, b);
}

static bool may_meet(const file *a, const file *b)
{
    return b->role < OUTPUT || (a->role == RESUME && b->role == CHECKPOINT);
}

static gd_status refuse(const files *f, const file *a, const file *b, gd_error *error)
{
    const bool again = a->role == INPUT && f->names->input_again;
    const char *how = a->role >= OUTPUT ? "writes" : again ? "reads, again for --keep-detail" : "reads";
    return gd_fail(error, GD_USAGE, "%s would overwrite %s, which %s %s; give %s another name",
                   roles[b->role].flag, a->path, roles[a->role].flag, how, roles[b->role].naming);
}

gd_status gd_file_clashes_check(const gd_options *options, const gd_file_names *names, gd_error *error)
{
    files *f = calloc(1, sizeof *f);
    if (!f)
        return gd_no_memory(error, "the names of files");
    f->options = options;
    f->names = names;
    gd_status status = add_all(f, error);
    for (int i = 0; status == GD_OK && i < f->count; i++) {
        for (int j = 0; status == GD_OK && j < f->count; j++) {
            const file *a = &f->all[i], *b = &f->all[j];
            if (a->role < b->role && !may_meet(a, b) && meet(a, b))
                status = refuse(f, a, b, error);
        }
    }
    free(f);
    return status;
}
