/* Resumes a saved render: compares the command with that of the checkpoint, and decides which options apply.
 */
#include "job/resume.h"

#include "job/compare/resume_differ.h"
#include "mpi/agree.h"
#include "mpi/checkpoint/checkpoint_load.h"
#include "mpi/checkpoint/checkpoint_sum.h"
#include "options/argv_split.h"
#include "options/options_parse.h"
#include "options/path.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The options of a checkpoint and those of this command. */
typedef struct meeting {
    const char *path;   /* borrowed */
    gd_options base;    /* as given */
    gd_options settled; /* as resolved */
    gd_options now;     /* of this command; with --resume, on top of `base` */
} meeting;

/* Permissions come only from the command line, never from a file. */
static void forget_permissions(gd_options *o)
{
    gd_flags_reset(o, GD_FLAG_PERMISSION);
}

static gd_status parse(const meeting *m, const char *text, gd_options *options, gd_error *error)
{
    gd_argv_words words;
    gd_status status = gd_argv_words_split(text, &words, error);
    if (status != GD_OK)
        return status;
    gd_error why;
    if (gd_options_parse(words.count, words.items, options, &why) != GD_OK)
        status = gd_fail(error, GD_USAGE, "the checkpoint %s has a command that is refused here: %.600s",
                         m->path, why.message);
    gd_argv_words_free(&words);
    forget_permissions(options);
    return status;
}

/* Copies the options that may change in a resumed render: its length, the format of the picture, and the path
 * of the weights, which the numerics record identifies. A precision that --compat implies may be given or
 * not. */
static void make_alike(const gd_options *from, gd_options *o)
{
    o->steps = from->steps;
    o->octave_end = from->octave_end;
    gd_flags_copy(from, GD_FLAG_LATE, o);
    if (o->print_width <= 0)
        o->dpi = from->dpi;
    if (o->precision == GD_PRECISION_AUTO && from->precision == gd_options_rules(o)->precision)
        o->precision = from->precision;
}

/* Whether a path, relative to the current folder, is the file with the path `real`. */
static bool means(const char *given, const char *real)
{
    char path[GD_PATH_MAX];
    (void)gd_path_real(given, path);
    return strcmp(path, real) == 0;
}

/* Compares the commands. A checkpoint has absolute paths in its command, so that it can be resumed from any
 * folder, and the user's spelling in its settings, so that the same command also matches after the folder was
 * moved. */
static gd_status refuse_difference(const meeting *m, gd_error *error)
{
    gd_options alike = m->now;
    make_alike(&m->base, &alike);
    if (strcmp(alike.input, m->settled.input) == 0 || means(alike.input, m->base.input))
        strcpy(alike.input, m->base.input);
    if (strcmp(alike.guide, m->settled.guide) == 0 || means(alike.guide, m->base.guide))
        strcpy(alike.guide, m->base.guide);
    gd_status status = gd_resume_differ(m->path, &m->base, &alike, error);
    if (status == GD_OK || (m->now.steps >= m->base.steps && m->now.octave_end >= m->base.octave_end))
        return status;
    alike.steps = m->now.steps; /* also list a reduced length as a difference */
    alike.octave_end = m->now.octave_end;
    return gd_resume_differ(m->path, &m->base, &alike, error);
}

static bool changes(const gd_schedule *schedule)
{
    return schedule->start != schedule->end;
}

/* -os and the end of -or may be increased, unless something depends on the total number of steps. */
static gd_status check_growth(const meeting *m, gd_error *error)
{
    const gd_options *b = &m->base, *n = &m->now;
    const char *flag = n->steps != b->steps ? "-os" : "-or";
    if (n->steps == b->steps && n->octave_end == b->octave_end)
        return GD_OK;
    if (n->steps < b->steps || n->octave_end < b->octave_end)
        return gd_fail(error, GD_USAGE,
                       "%s: the checkpoint %.300s has -or %d %d -os %d, which may be increased but not "
                       "reduced; leave it unchanged, or %s",
                       flag, m->path, b->octave_first, b->octave_end, b->steps, gd_options_restart_hint(n));
    if (n->frames > 0 || changes(&n->tile) || changes(&n->step_size) || changes(&n->smooth) || *n->replay)
        return gd_fail(error, GD_USAGE,
                       "%s cannot be increased here, because %s depends on the total number of steps; leave "
                       "it at -or %d %d -os %d, or %s",
                       flag,
                       n->frames > 0            ? "--frames"
                       : *n->replay             ? "--replay"
                       : changes(&n->tile)      ? "-ts"
                       : changes(&n->step_size) ? "-ss"
                                                : "--smooth",
                       b->octave_first, b->octave_end, b->steps, gd_options_restart_hint(n));
    return GD_OK;
}

static gd_status check_input_copy(const meeting *m, gd_error *error)
{
    if (!m->now.save_input || m->base.save_input)
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "-save_input: the input is copied at the start, and the render of the checkpoint %.300s "
                   "is past that; leave it out, or %s",
                   m->path, gd_options_restart_hint(&m->now));
}

/* A sequence stays one, and does not end before the checkpoint's frame. */
static gd_status check_frames(const meeting *m, const gd_checkpoint_place *place, gd_error *error)
{
    const gd_options *b = &m->base, *n = &m->now;
    const long long least = place->frame + 1;
    if ((n->frames > 0) == (b->frames > 0) && (n->frames == 0 || n->frames >= least))
        return GD_OK;
    if (b->frames == 0)
        return gd_fail(error, GD_USAGE,
                       "--frames %d: the checkpoint %.300s is of a single picture; leave it out, or %s",
                       n->frames, m->path, gd_options_restart_hint(n));
    return gd_fail(error, GD_USAGE,
                   "the checkpoint %.300s is in frame %lld of a sequence; give --frames %lld or more, or %s",
                   m->path, least, least, gd_options_restart_hint(n));
}

/* Copies the settings of the checkpoint. */
static void take_settings(const meeting *m, gd_settings_facts *facts)
{
    facts->continued = true;
    facts->tile = m->settled.tile;
    facts->backend = m->settled.backend;
    facts->precision = m->settled.precision;
    facts->chosen = m->settled.chosen;
}

/* Keeps the original spelling of paths in the picture's text, if they are the same files from the current
 * folder. */
static void take_spelling(const gd_options *settled, gd_options *now)
{
    if (means(settled->input, now->input))
        strcpy(now->input, settled->input);
    if (means(settled->guide, now->guide))
        strcpy(now->guide, settled->guide);
    if (means(settled->weights, now->weights))
        strcpy(now->weights, settled->weights);
    if (means(settled->mask, now->mask))
        strcpy(now->mask, settled->mask);
}

/* Copies layers from the checkpoint, so that the prompt does not appear again. */
static void take_layers(const gd_options *from, gd_options *to)
{
    if (to->chosen.layer_count > 0 || to->layer_first >= 0 || to->layers_wrong[0])
        return;
    to->chosen = from->chosen;
    to->layer_first = from->layer_first;
    to->layer_end = from->layer_end;
}

static gd_status check_version(const char *path, const gd_checkpoint *c, const gd_options *o, gd_error *error)
{
    const char *version = c->texts[GD_CHECKPOINT_PROGRAM];
    if (strcmp(version, GD_VERSION) == 0)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "the checkpoint %.300s was written by gigadream %.30s, and this is %s; resume it with that "
        "version, or %s",
        path, version, GD_VERSION, gd_options_restart_hint(o));
}

static gd_status meet(meeting *m, int argc, char *const *argv, const gd_checkpoint *c, gd_error *error)
{
    gd_status status = parse(m, c->texts[GD_CHECKPOINT_COMMAND], &m->base, error);
    if (status == GD_OK)
        status = parse(m, c->texts[GD_CHECKPOINT_SETTLED], &m->settled, error);
    if (status == GD_OK && *m->now.resume) {
        m->now = m->base;
        status = gd_options_parse_over(argc, argv, &m->now, error);
    }
    take_layers(&m->base, &m->now);
    if (status == GD_OK)
        status = refuse_difference(m, error);
    if (status == GD_OK)
        status = check_growth(m, error);
    if (status == GD_OK)
        status = check_frames(m, &c->place, error);
    return status == GD_OK ? check_input_copy(m, error) : status;
}

gd_status gd_resume_options(int argc, char *const *argv, const char *path, const gd_checkpoint *checkpoint,
                            gd_options *options, gd_settings_facts *facts, gd_error *error)
{
    gd_status status = check_version(path, checkpoint, options, error);
    if (status != GD_OK)
        return status;
    meeting *m = calloc(1, sizeof *m);
    if (!m)
        return gd_no_memory(error, "the checkpoint %s", path);
    m->path = path;
    m->now = *options;
    status = meet(m, argc, argv, checkpoint, error);
    if (status == GD_OK) {
        take_settings(m, facts);
        take_spelling(&m->settled, &m->now);
        facts->base_rows = checkpoint->place.base_rows;
        facts->base_cols = checkpoint->place.base_cols;
        *options = m->now;
    }
    free(m);
    return status;
}

static gd_status take_profile(const gd_checkpoint *c, gd_profile *profile, gd_error *error)
{
    *profile = (gd_profile){.dpi_x = c->place.dpi_x, .dpi_y = c->place.dpi_y};
    if (!c->icc)
        return GD_OK;
    profile->icc = malloc((size_t)c->icc_bytes);
    if (!profile->icc)
        return gd_no_memory(error, "a colour profile");
    memcpy(profile->icc, c->icc, (size_t)c->icc_bytes);
    profile->icc_bytes = (size_t)c->icc_bytes;
    return GD_OK;
}

/* A checkpoint says which files are read and written, and by which command. */
static gd_status check_owner(const gd_checkpoint *c, const char *path, const gd_claims *claims,
                             gd_error *error)
{
    uint32_t ours = 0;
    if (c->owner == geteuid())
        return GD_OK;
    /* A file server may map us to another user ID. */
    if (gd_lease_user(&claims->targets[GD_CLAIM_CHECKPOINT], &ours) && c->owner == ours)
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "the checkpoint %.300s belongs to another user (number %u), who may have named your files "
                   "in it; check with --dry-run which files it would write, and add --trust",
                   path, (unsigned)c->owner);
}

static void say_place(const char *path, bool frames, const gd_checkpoint_place *place)
{
    fprintf(stderr, "gigadream: resuming from %s, at step %" PRId64 " of octave %" PRId64, path,
            place->step + 1, place->octave);
    if (frames)
        fprintf(stderr, " of frame %" PRId64, place->frame);
    fputc('\n', stderr);
}

/* Opens a checkpoint. *other: it is valid, but from another command. */
static gd_status open_saved(const gd_resume_command *command, const char *path, gd_decision *d,
                            gd_settings_facts *facts, gd_resumed *resumed, const gd_claims *claims,
                            bool *other, gd_error *error)
{
    gd_checkpoint *c = NULL;
    gd_status status = gd_checkpoint_open(path, &d->allowance, &c, error);
    if (status == GD_OK && !d->options.trust && !gd_action_plans(d->options.action))
        status = check_owner(c, path, claims, error);
    if (status == GD_OK) {
        status = gd_resume_options(command->argc, command->argv, path, c, &d->options, facts, error);
        *other = status == GD_USAGE;
    }
    if (status == GD_OK)
        status = take_profile(c, &resumed->profile, error);
    if (status != GD_OK) {
        gd_checkpoint_free(c);
        return status;
    }
    snprintf(d->files.resume, sizeof d->files.resume, "%s", path);
    d->place = c->place;
    resumed->checkpoint = c;
    if (!d->options.quiet && !gd_action_plans(d->options.action))
        say_place(path, d->options.frames > 0, &c->place);
    return GD_OK;
}

/* Asks whether to start again, if the checkpoint is from another command. */
static bool starts_anew(const gd_confirm *confirm, const gd_options *o, const gd_error *why)
{
    char question[sizeof why->message + 128];
    if (!confirm->ask || *o->resume || gd_action_plans(o->action))
        return false;
    snprintf(question, sizeof question,
             "gigadream: %s.\nStart again? That checkpoint is replaced when the new render is saved. [y/N]: ",
             why->message);
    return confirm->ask(confirm->context, question);
}

gd_status gd_resume_find(const gd_resume_command *command, gd_decision *d, gd_settings_facts *facts,
                         gd_resumed *resumed, gd_claims *claims, gd_error *error)
{
    gd_options *o = &d->options;
    bool other = false;
    char saved[GD_PATH_MAX];
    gd_status status = gd_file_names_checkpoint(o, d->files.checkpoint, error);
    if (status == GD_OK && *o->resume)
        status = gd_file_names_absolute(o->resume, saved, error);
    else
        strcpy(saved, d->files.checkpoint);
    if (status == GD_OK)
        status = gd_claims_begin(claims, o, &d->files, saved, error);
    if (status != GD_OK || o->restart || (!*o->resume && access(saved, F_OK) != 0))
        return status;
    status = open_saved(command, saved, d, facts, resumed, claims, &other, error);
    if (!other || !starts_anew(&command->confirm, o, error))
        return status;
    o->restart = true;
    return GD_OK;
}

/* Length of the field of a numerics record at `at`, up to the next comma or semicolon. */
static int field_length(const char *at)
{
    return (int)strcspn(at, ",;");
}

gd_status gd_resume_check(const gd_checkpoint *checkpoint, const gd_decision *d, const char *numerics,
                          gd_error *error)
{
    const char *was = checkpoint->texts[GD_CHECKPOINT_NUMERICS], *is = numerics;
    if (strcmp(was, is) == 0)
        return GD_OK;
    while (*was && *is && field_length(was) == field_length(is) &&
           strncmp(was, is, (size_t)field_length(was)) == 0 && was[field_length(was)] &&
           is[field_length(is)]) {
        const int length = field_length(was) + 1;
        was += length + (was[length] == ' ');
        is += length + (is[length] == ' ');
    }
    return gd_fail(
        error, GD_USAGE,
        "the checkpoint %.300s was computed with \"%.*s\", and here it would continue with \"%.*s\"; resume "
        "it where that is the same, or %s",
        d->files.resume, field_length(was), was, field_length(is), is, gd_options_restart_hint(&d->options));
}

gd_status gd_resume_input(gd_comm *comm, const gd_decision *d, gd_error *error)
{
    const gd_checkpoint_place *place = &d->place;
    int64_t bytes = 0, crc = 0;
    const bool again = d->files.input_again;
    if (!*d->files.resume || gd_options_noise(&d->options) || gd_options_inputs(&d->options) ||
        (*d->options.resume && !again))
        return GD_OK;
    gd_status status = gd_checkpoint_sum(comm, d->options.input, &bytes, &crc, error);
    if (status == GD_USAGE && !again)
        return GD_OK; /* missing, but not needed */
    if (status != GD_OK)
        return status;
    if (gd_comm_rank(comm) == 0 && (bytes != place->input_bytes || crc != place->input_crc)) {
        status =
            gd_fail(error, GD_USAGE,
                    "%.300s is not the input that the checkpoint %.300s started from (%" PRId64
                    " bytes with CRC-32 %08" PRIx64 ", and then %" PRId64 " with %08" PRIx64
                    ")%s; put the old one back, or %s",
                    d->options.input, d->files.resume, bytes, (uint64_t)crc, place->input_bytes,
                    (uint64_t)place->input_crc,
                    again ? ", and --keep-detail, --mask, --keep-colors and --strength read it again" : "",
                    gd_options_restart_hint(&d->options));
    }
    return gd_comm_agree(comm, status, error);
}
