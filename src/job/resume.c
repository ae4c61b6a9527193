#include "job/resume.h"

#include "job/resume_differ.h"
#include "mpi/agree.h"
#include "mpi/checkpoint/checkpoint_load.h"
#include "mpi/checkpoint/checkpoint_sum.h"
#include "options/argv_split.h"
#include "options/options_format.h"
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
    gd_options base;    /* as they were given */
    gd_options settled; /* and what became of them */
    gd_options now;     /* of this command, over `base` with --resume */
} meeting;

/* NAME.EXT.checkpoint.h5 for an output NAME.EXT: pictures that differ in EXT alone are two. */
static void default_path(const char *output, char path[GD_PATH_MAX])
{
    static const char ending[] = ".checkpoint.h5";
    char full[GD_PATH_MAX];
    gd_file_kind kind;
    if (gd_file_kind_of(output, &kind, full, sizeof full, NULL) != GD_OK) /* which is told later */
        snprintf(full, sizeof full, "%s", output);
    snprintf(path, GD_PATH_MAX, "%.*s%s", (int)(GD_PATH_MAX - sizeof ending), full, ending);
}

/* Since other ranks may stand elsewhere. */
static gd_status make_absolute(const char *given, char path[GD_PATH_MAX], gd_error *error)
{
    if (gd_path_real(given, path))
        return GD_OK;
    return gd_fail(error, GD_USAGE, "the checkpoint's name is longer than %d characters; use --checkpoint",
                   GD_PATH_MAX - 1);
}

static gd_status check_folder(const char *path, gd_error *error)
{
    char folder[GD_PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[1] = '\0';
    if (access(slash ? folder : ".", W_OK) == 0)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "--checkpoint %s: its folder cannot be written to (%s); give another",
                   path, strerror(errno));
}

/* What may be replaced, trusted or left unsaid is for this command to say, not for a file. */
static void forget_permissions(gd_options *o)
{
    o->overwrite = o->trust = o->restart = o->quiet = false;
}

static gd_status parse(const meeting *m, const char *text, gd_options *options, gd_error *error)
{
    gd_argv_words words;
    gd_status status = gd_argv_words_split(text, &words, error);
    if (status != GD_OK)
        return status;
    gd_error why;
    if (gd_options_parse(words.count, words.items, options, &why) != GD_OK)
        status = gd_fail(error, GD_USAGE, "the checkpoint %s holds a command that is refused here: %.600s",
                         m->path, why.message);
    gd_argv_words_free(&words);
    forget_permissions(options);
    return status;
}

/* What may change on the way: how far it goes, and the form of the file that is written. Where weights lie
 * may change, too; the numerics know which they are. */
static void make_alike(const gd_options *from, gd_options *o)
{
    o->steps = from->steps;
    o->octave_end = from->octave_end;
    o->bits = from->bits;
    o->compression = from->compression;
    o->bigtiff = from->bigtiff;
    o->pyramid = from->pyramid;
    if (o->print_width <= 0)
        o->dpi = from->dpi;
    strcpy(o->weights, from->weights);
}

/* Whether a name means, from here, the file with that real name. */
static bool means(const char *given, const char *real)
{
    char path[GD_PATH_MAX];
    (void)gd_path_real(given, path);
    return strcmp(path, real) == 0;
}

/* A checkpoint has real names as what was given, so that it can be gone on from anywhere, and the spelling in
 * what was settled: the same command matches in a folder that has moved, too. */
static gd_status refuse_difference(const meeting *m, gd_error *error)
{
    gd_options alike = m->now;
    make_alike(&m->base, &alike);
    if (strcmp(alike.input, m->settled.input) == 0 || means(alike.input, m->base.input))
        strcpy(alike.input, m->base.input);
    gd_status status = gd_resume_differ(m->path, &m->base, &alike, error);
    if (status == GD_OK || (m->now.steps >= m->base.steps && m->now.octave_end >= m->base.octave_end))
        return status;
    alike.steps = m->now.steps; /* what must not shrink is one more of them */
    alike.octave_end = m->now.octave_end;
    return gd_resume_differ(m->path, &m->base, &alike, error);
}

static bool changes(const gd_schedule *schedule)
{
    return schedule->start != schedule->end;
}

/* -os and the end of -or may grow, unless something depends on their number. */
static gd_status check_growth(const meeting *m, gd_error *error)
{
    const gd_options *b = &m->base, *n = &m->now;
    const char *flag = n->steps != b->steps ? "-os" : "-or";
    if (n->steps == b->steps && n->octave_end == b->octave_end)
        return GD_OK;
    if (n->steps < b->steps || n->octave_end < b->octave_end)
        return gd_fail(
            error, GD_USAGE,
            "%s: the checkpoint %.300s is of -or %d %d -os %d, which may grow but not shrink; leave it "
            "as it was, or %s",
            flag, m->path, b->octave_first, b->octave_end, b->steps, gd_options_anew(n));
    if (changes(&n->tile) || changes(&n->step_size) || *n->replay)
        return gd_fail(
            error, GD_USAGE,
            "%s cannot grow here, since %s follows the number of all steps; leave it at -or %d %d -os "
            "%d, or %s",
            flag,
            *n->replay          ? "--replay"
            : changes(&n->tile) ? "-ts"
                                : "-ss",
            b->octave_first, b->octave_end, b->steps, gd_options_anew(n));
    return GD_OK;
}

static gd_status check_input_copy(const meeting *m, gd_error *error)
{
    if (!m->now.save_input || m->base.save_input)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "-save_input: the input is copied at the start, and the render of the checkpoint %.300s is "
        "beyond that; leave it out, or %s",
        m->path, gd_options_anew(&m->now));
}

/* What "auto" has become stays so, and layers that were asked for are not asked for again. Files that the
 * picture's text names are spelled as at the start wherever that means the same from here. */
static void take_settled(meeting *m)
{
    gd_options *n = &m->now;
    const gd_options *s = &m->settled;
    n->backend = s->backend;
    n->precision = s->precision;
    n->tile = s->tile;
    n->tile_auto = false;
    if (means(s->input, n->input))
        strcpy(n->input, s->input);
    if (means(s->weights, n->weights))
        strcpy(n->weights, s->weights);
}

static void take_layers(const gd_options *from, gd_options *to)
{
    if (to->layer_count > 0 || to->layer_first >= 0 || to->layers_wrong[0])
        return;
    memcpy(to->layers, from->layers, sizeof to->layers);
    to->layer_count = from->layer_count;
    to->layer_first = from->layer_first;
    to->layer_end = from->layer_end;
}

static gd_status meet(int argc, char *const *argv, meeting *m, const gd_checkpoint *c, gd_decision *d,
                      gd_error *error)
{
    gd_options *options = &d->options;
    if (strcmp(c->texts[GD_CHECKPOINT_PROGRAM], GD_VERSION) != 0)
        return gd_fail(
            error, GD_USAGE,
            "the checkpoint %.300s was written by gigadream %.30s, and this is %s; go on with that "
            "version, or %s",
            m->path, c->texts[GD_CHECKPOINT_PROGRAM], GD_VERSION, gd_options_anew(options));
    gd_status status = parse(m, c->texts[GD_CHECKPOINT_COMMAND], &m->base, error);
    if (status == GD_OK)
        status = parse(m, c->texts[GD_CHECKPOINT_SETTLED], &m->settled, error);
    if (status != GD_OK)
        return status;
    m->now = *options;
    if (*options->resume) {
        m->now = m->base;
        status = gd_options_parse_over(argc, argv, &m->now, error);
    }
    take_layers(&m->base, &m->now);
    if (status == GD_OK)
        status = refuse_difference(m, error);
    if (status == GD_OK)
        status = check_growth(m, error);
    if (status == GD_OK)
        status = check_input_copy(m, error);
    if (status != GD_OK)
        return status;
    d->given = m->now;
    take_settled(m);
    *options = m->now;
    return GD_OK;
}

static gd_status take_profile(const gd_checkpoint *c, gd_profile *profile, gd_error *error)
{
    *profile = (gd_profile){.dpi_x = c->place.dpi_x, .dpi_y = c->place.dpi_y};
    if (!c->icc)
        return GD_OK;
    profile->icc = malloc((size_t)c->icc_bytes);
    if (!profile->icc)
        return gd_fail(error, GD_MEMORY, "out of memory for a colour profile");
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
    /* A server of files may have another number for us. */
    if (gd_lease_user(&claims->targets[GD_CLAIM_CHECKPOINT], &ours) && c->owner == ours)
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "the checkpoint %.300s belongs to another user (number %u), who may have named files of "
                   "yours in it; look with --dry-run at what it would write, and add --trust",
                   path, (unsigned)c->owner);
}

/* *other: it is a good checkpoint, of another command. */
static gd_status open_saved(int argc, char *const *argv, const char *path, gd_decision *d,
                            gd_profile *profile, gd_checkpoint **checkpoint, const gd_claims *claims,
                            bool *other, gd_error *error)
{
    gd_checkpoint *c = NULL;
    meeting *m = calloc(1, sizeof *m);
    gd_status status = m ? gd_checkpoint_open(path, &c, error)
                         : gd_fail(error, GD_MEMORY, "out of memory for the checkpoint %s", path);
    if (status == GD_OK && !d->options.trust && !gd_action_plans(d->options.action))
        status = check_owner(c, path, claims, error);
    if (status == GD_OK) {
        m->path = path;
        status = meet(argc, argv, m, c, d, error);
        *other = status == GD_USAGE;
    }
    free(m);
    if (status == GD_OK)
        status = take_profile(c, profile, error);
    if (status != GD_OK) {
        gd_checkpoint_free(c);
        return status;
    }
    snprintf(d->resume, sizeof d->resume, "%s", path);
    d->place = c->place;
    d->base_rows = c->place.base_rows;
    d->base_cols = c->place.base_cols;
    *checkpoint = c;
    if (!d->options.quiet && !gd_action_plans(d->options.action))
        fprintf(stderr, "gigadream: going on from %s, at step %" PRId64 " of octave %" PRId64 "\n", path,
                c->place.step + 1, c->place.octave);
    return GD_OK;
}

gd_status gd_resume_name(const gd_options *o, char path[GD_PATH_MAX], gd_error *error)
{
    char given[GD_PATH_MAX];
    if (*o->checkpoint)
        snprintf(given, sizeof given, "%s", o->checkpoint);
    else if (*o->resume)
        snprintf(given, sizeof given, "%s", o->resume);
    else
        default_path(o->output, given);
    const gd_status status = make_absolute(given, path, error);
    return status == GD_OK && *o->checkpoint ? check_folder(path, error) : status;
}

gd_status gd_resume_find(int argc, char *const *argv, FILE *terminal, gd_decision *d, gd_profile *profile,
                         gd_checkpoint **checkpoint, gd_claims *claims, gd_error *error)
{
    const gd_options *o = &d->options;
    bool other = false;
    char saved[GD_PATH_MAX];
    *checkpoint = NULL;
    d->given = *o;
    gd_status status = gd_resume_name(o, d->checkpoint, error);
    if (status == GD_OK)
        status = *o->resume ? make_absolute(o->resume, saved, error) : GD_OK;
    if (!*o->resume)
        strcpy(saved, d->checkpoint);
    if (status == GD_OK)
        status = gd_claims_begin(claims, d, saved, error);
    if (status != GD_OK || o->restart || (!*o->resume && access(saved, F_OK) != 0))
        return status;
    status = open_saved(argc, argv, saved, d, profile, checkpoint, claims, &other, error);
    if (!other || !terminal || *o->resume || gd_action_plans(o->action) ||
        !gd_resume_ask(error->message, stdin, terminal))
        return status;
    d->options.restart = d->given.restart = true;
    return GD_OK;
}

/* The field of a numerics record at `at`, up to the next comma or semicolon. */
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
        "the checkpoint %.300s was computed with \"%.*s\", and here it would go on with \"%.*s\"; go on "
        "where it is the same, or %s",
        d->resume, field_length(was), was, field_length(is), is, gd_options_anew(&d->options));
}

gd_status gd_resume_input(gd_comm *comm, gd_decision *d, gd_error *error)
{
    gd_checkpoint_place *place = &d->place;
    int64_t bytes = 0, crc = 0;
    const bool again = gd_prepare_reads_again(d);
    if (gd_options_noise(&d->options) || (*d->options.resume && !again))
        return GD_OK;
    gd_status status = gd_checkpoint_sum(comm, d->options.input, &bytes, &crc, error);
    if (status == GD_USAGE && *d->resume && !again)
        return GD_OK; /* it is gone, and not needed */
    if (status != GD_OK)
        return status;
    if (!*d->resume) {
        place->input_bytes = bytes;
        place->input_crc = crc;
    } else if (gd_comm_rank(comm) == 0 && (bytes != place->input_bytes || crc != place->input_crc)) {
        status = gd_fail(error, GD_USAGE,
                         "%.300s is not the input that the checkpoint %.300s was begun with (%" PRId64
                         " bytes with CRC-32 %08" PRIx64 ", and then %" PRId64 " with %08" PRIx64
                         ")%s; put the old one back, or %s",
                         d->options.input, d->resume, bytes, (uint64_t)crc, place->input_bytes,
                         (uint64_t)place->input_crc, again ? ", and --keep-detail reads it again" : "",
                         gd_options_anew(&d->options));
    }
    return gd_comm_agree(comm, status, error);
}
