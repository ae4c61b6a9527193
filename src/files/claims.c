/* Locks the names of a render's files at the start, checks the existing files, and asks before a file of
 * another program is replaced. */
#include "files/claims.h"

#include "base/target_resolve.h"
#include "files/existing_files.h"
#include "mpi/checkpoint/checkpoint_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Context of the check of each file before the start. All borrowed. */
typedef struct look {
    gd_claims *claims;
    const gd_options *options;
    const gd_file_names *names;
    const gd_confirm *confirm;
    int role;
} look;

void gd_claims_init(gd_claims *claims)
{
    *claims = (gd_claims){0};
    for (int i = 0; i < GD_CLAIM_COUNT; i++)
        claims->targets[i] = GD_TARGET_NONE;
}

void gd_claims_release_in_signal(const gd_claims *claims)
{
    if (claims->lease)
        gd_lease_release_in_signal(claims->lease);
}

void gd_claims_release(gd_claims *claims)
{
    for (int i = 0; i < GD_CLAIM_COUNT; i++)
        gd_target_release(&claims->targets[i]);
    gd_lease_free(claims->lease);
    claims->lease = NULL;
    free(claims->numbered);
    claims->numbered = NULL;
    claims->numbered_count = 0;
}

gd_target *gd_claims_target(gd_claims *claims, int role)
{
    return claims->lease ? &claims->targets[role] : NULL;
}

static void say_waiting(void *context, const char *sentence)
{
    (void)context;
    fprintf(stderr, "gigadream: %s\n", sentence);
}

static gd_status make_lease(gd_claims *c, const gd_options *o, gd_error *error)
{
    gd_lease_terms terms;
    gd_lease_terms_default(&terms);
    const char *job = getenv("SLURM_JOB_ID"), *restarts = getenv("SLURM_RESTART_COUNT");
    if (job)
        snprintf(terms.job, sizeof terms.job, "%.60s", job);
    terms.restarted = restarts && atoi(restarts) > 0;
    terms.waiting = o->quiet ? NULL : say_waiting;
    return gd_lease_create(&terms, &c->lease, error);
}

static gd_status claim(gd_claims *c, int role, const char *path, gd_target_links links, gd_error *error)
{
    static const char *const flags[GD_CLAIM_COUNT] = {
        [GD_CLAIM_LOG] = "--log ", [GD_CLAIM_PREVIEW] = "--preview "};
    gd_target *target = &c->targets[role];
    gd_error why;
    gd_status status = gd_target_resolve(path, links, target, &why);
    if (status == GD_OK)
        status = gd_target_check(target, &why);
    if (status == GD_OK)
        status = gd_lease_take(c->lease, target, &why);
    return status == GD_OK ? GD_OK
                           : gd_fail(error, status, "%s%s", flags[role] ? flags[role] : "", why.message);
}

/* A checkpoint that is only read may be in a read-only folder. */
static gd_status claim_saved(gd_claims *c, const char *saved, gd_error *error)
{
    gd_target *target = &c->targets[GD_CLAIM_RESUME];
    gd_status status = gd_target_resolve(saved, GD_TARGET_FOLLOW, target, error);
    if (status != GD_OK || gd_target_check(target, NULL) != GD_OK)
        return status;
    return gd_lease_take(c->lease, target, error);
}

gd_status gd_claims_begin(gd_claims *claims, const gd_options *o, const gd_file_names *names,
                          const char *saved, gd_error *error)
{
    if (o->action != GD_ACTION_RENDER || o->proof)
        return GD_OK;
    const gd_target_links links = *o->checkpoint || *o->resume ? GD_TARGET_FOLLOW : GD_TARGET_PLAIN;
    gd_status status = make_lease(claims, o, error);
    if (status == GD_OK)
        status = claim(claims, GD_CLAIM_CHECKPOINT, names->checkpoint, links, error);
    if (status == GD_OK && strcmp(saved, names->checkpoint) != 0)
        status = claim_saved(claims, saved, error);
    return status;
}

static bool may_replace(const look *l, const char *path)
{
    char question[GD_PATH_MAX + 64];
    if (l->options->overwrite)
        return true;
    snprintf(question, sizeof question, "\n%.4000s was not written by gigadream. Replace it? [y/N]: ", path);
    return l->confirm->ask && l->confirm->ask(l->confirm->context, question);
}

/* Recognizes our logs or pictures, by role. */
static gd_target_judge *judge_of(int role)
{
    return role == GD_CLAIM_LOG ? gd_existing_files_log : gd_existing_files_picture;
}

static gd_status look_at(void *context, const gd_target *target, gd_error *error)
{
    const look *l = context;
    bool there = false, ours = true;
    const gd_status status = gd_existing_files_inspect(target, judge_of(l->role), &there, &ours, error);
    if (status != GD_OK)
        return status;
    if (!ours && !may_replace(l, target->path))
        return gd_fail(
            error, GD_USAGE,
            "%s was not written by gigadream, and would be lost; give another name, or allow it with "
            "--overwrite",
            target->path);
    if (*l->options->resume && !l->options->quiet)
        fprintf(stderr, "gigadream: will %s %s\n", there ? "replace" : "write", target->real);
    return GD_OK;
}

static gd_status claim_and_look(gd_claims *c, look *l, int role, const char *path, gd_target_links links,
                                gd_error *error)
{
    if (!*path)
        return GD_OK;
    const gd_status status = claim(c, role, path, links, error);
    l->role = role;
    if (status == GD_OK && !l->options->overwrite)
        gd_target_guard(&c->targets[role], gd_target_snapshot(&c->targets[role]), judge_of(role));
    return status == GD_OK ? look_at(l, &c->targets[role], error) : status;
}

static gd_status look_at_numbered(void *context, const gd_target *target, gd_error *error)
{
    look *l = context;
    gd_claims *c = l->claims;
    gd_target_seen *more = realloc(c->numbered, (c->numbered_count + 1) * sizeof *more);
    if (!more)
        return gd_no_memory(error, "the name of %s", target->path);
    c->numbered = more;
    more[c->numbered_count++] = gd_target_snapshot(target);
    return look_at(l, target, error);
}

static bool was_there(const gd_claims *c, const gd_target_seen *now)
{
    for (size_t i = 0; i < c->numbered_count; i++)
        if (gd_target_same(&c->numbered[i], now))
            return true;
    return false;
}

gd_status gd_claims_borrow(gd_claims *claims, int role, const char *path, bool overwrite, gd_target *numbered,
                           gd_error *error)
{
    const gd_target *pattern = &claims->targets[role];
    gd_status status = gd_lease_holds(claims->lease, pattern, error);
    if (status == GD_OK)
        status = gd_target_sibling(pattern, path, numbered, error);
    numbered->brief = role == GD_CLAIM_PREVIEW;
    if (status == GD_OK)
        status = gd_lease_borrow(claims->lease, numbered, error);
    if (status != GD_OK || overwrite)
        return status;
    const gd_target_seen now = gd_target_snapshot(numbered);
    gd_target_guard(numbered, was_there(claims, &now) ? now : (gd_target_seen){0}, NULL);
    return gd_target_unchanged(numbered, error);
}

void gd_claims_return(gd_target *numbered)
{
    gd_lease_return(numbered);
    gd_target_release(numbered);
}

static gd_status claim_one_preview(gd_claims *c, look *l, gd_error *error)
{
    const gd_status status =
        claim_and_look(c, l, GD_CLAIM_PREVIEW, l->options->preview, GD_TARGET_FOLLOW, error);
    c->targets[GD_CLAIM_PREVIEW].brief = true;
    return status;
}

/* All files of a pattern share one lock, named after the part before the number. */
static gd_status claim_pattern(gd_claims *c, look *l, const char *pattern, int64_t first, int64_t last,
                               gd_error *error)
{
    gd_target *target = &c->targets[l->role];
    gd_status status = gd_target_resolve(pattern, GD_TARGET_PLAIN, target, error);
    if (status != GD_OK)
        return status;
    *strrchr(target->owned, '%') = '\0';
    status = gd_target_check(target, error);
    if (status == GD_OK)
        status = gd_lease_take(c->lease, target, error);
    if (status == GD_OK && *l->options->resume && !l->options->quiet)
        fprintf(stderr, "gigadream: will write %s, with numbers\n", target->real);
    return status == GD_OK ? gd_existing_files_numbered(target, first, last, look_at_numbered, l, error)
                           : status;
}

static gd_status claim_previews(gd_claims *c, look *l, gd_error *error)
{
    const gd_options *o = l->options;
    const char *slash = strrchr(o->preview, '/');
    l->role = GD_CLAIM_PREVIEW;
    if (!strchr(slash ? slash : o->preview, '%'))
        return claim_one_preview(c, l, error);
    return claim_pattern(c, l, o->preview, 1, l->names->preview_last, error);
}

static gd_status claim_output(gd_claims *c, look *l, gd_error *error)
{
    const gd_file_names *names = l->names;
    l->role = GD_CLAIM_OUTPUT;
    if (*names->frames)
        return claim_pattern(c, l, names->frames, names->frame_first,
                             names->frame_first + l->options->frames - 1, error);
    return claim_and_look(c, l, GD_CLAIM_OUTPUT, names->output, GD_TARGET_FOLLOW, error);
}

static gd_status claim_proof(gd_claims *c, look *l, gd_error *error)
{
    gd_status status = make_lease(c, l->options, error);
    for (int i = 0; status == GD_OK && i < GD_PROOF_FILES; i++) {
        char path[GD_PATH_MAX];
        status = gd_file_names_proof(l->names->output, i, path, error);
        if (status == GD_OK)
            status = claim_and_look(c, l, GD_CLAIM_PROOF + i, path, GD_TARGET_PLAIN, error);
    }
    return status;
}

static void list_checkpoint(const gd_claims *c, const gd_options *o)
{
    struct stat about;
    const gd_target *target = &c->targets[GD_CLAIM_CHECKPOINT];
    if (*o->resume && !o->quiet)
        fprintf(stderr, "gigadream: will %s %s, and remove it at the end\n",
                gd_target_stat(target, &about) ? "replace" : "write", target->real);
}

/* Lists what a resumed render would write, so that a checkpoint from another user can be inspected first. */
static void list_planned(const gd_options *o, const gd_file_names *names)
{
    const char *const paths[] = {names->checkpoint, *names->frames ? names->frames : names->output,
                                 names->input_copy, o->log, o->preview};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (*paths[i])
            printf("would write %s\n", paths[i]);
}

gd_status gd_claims_take(gd_claims *claims, const gd_options *o, const gd_file_names *names,
                         const gd_confirm *confirm, gd_error *error)
{
    look l = {.claims = claims, .options = o, .names = names, .confirm = confirm};
    if (o->action == GD_ACTION_DRY_RUN && *o->resume)
        list_planned(o, names);
    if (o->action != GD_ACTION_RENDER)
        return GD_OK;
    if (o->proof)
        return claim_proof(claims, &l, error);
    gd_status status = gd_checkpoint_check_replace(&claims->targets[GD_CLAIM_CHECKPOINT], error);
    if (status == GD_OK)
        list_checkpoint(claims, o);
    if (status == GD_OK)
        status = claim_output(claims, &l, error);
    if (status == GD_OK)
        status = claim_and_look(claims, &l, GD_CLAIM_INPUT_COPY, names->input_copy, GD_TARGET_PLAIN, error);
    if (status == GD_OK)
        status = claim_and_look(claims, &l, GD_CLAIM_LOG, o->log, GD_TARGET_FOLLOW, error);
    return status == GD_OK && *o->preview ? claim_previews(claims, &l, error) : status;
}

gd_status gd_claims_take_picture(gd_claims *claims, const gd_options *o, const char *path,
                                 const gd_confirm *confirm, gd_error *error)
{
    look l = {.claims = claims, .options = o, .confirm = confirm};
    const gd_status status = make_lease(claims, o, error);
    return status == GD_OK ? claim_and_look(claims, &l, GD_CLAIM_OUTPUT, path, GD_TARGET_FOLLOW, error)
                           : status;
}
