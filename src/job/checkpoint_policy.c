/* Decides when a checkpoint is due, prepares its commands, and creates the last message of a stopped render.
 */
#include "job/checkpoint_policy.h"

#include "options/flag_values.h"
#include "options/options_format.h"
#include "options/path.h"

/* Unsaved work that is saved before the picture is written: writing takes long, and the job may end
 * meanwhile. */
static const double worth_saving = 60; /* seconds */

bool gd_checkpoint_due(const gd_options *o, const gd_checkpoint_moment *now)
{
    if (now->step == o->steps)
        return o->steps > 0 && now->kept < now->all && now->waited >= worth_saving;
    switch (o->every) {
    case GD_EVERY_OCTAVE:
        return now->step + 1 == o->steps;
    case GD_EVERY_STEPS:
        return (now->before + 1) % o->every_count == 0;
    default:
        return now->waited >= (double)o->every_count;
    }
}

gd_status gd_checkpoint_commands(const gd_options *options, const gd_settings *settings, char *given,
                                 char *settled, gd_error *error)
{
    gd_options command = *options, complete;
    gd_flags_reset(&command, GD_FLAG_ONCE);
    gd_paths_make_real(&command);
    gd_settings_complete(options, settings, &complete);
    gd_status status = gd_options_command(&command, given, GD_CHECKPOINT_TEXT_MAX);
    if (status == GD_OK)
        status = gd_options_text(&complete, NULL, settled, GD_CHECKPOINT_TEXT_MAX);
    return status == GD_OK
               ? GD_OK
               : gd_fail(error, GD_USAGE, "the parameters are too long for a checkpoint; shorten the paths");
}

gd_status gd_checkpoint_stopped(const gd_checkpoint_state *s, gd_error *error)
{
    const long long done = s->done, all = s->all, kept = s->kept;
    if (done == 0 && kept < 0)
        return gd_fail(error, GD_STOPPED,
                       "stopped before the first step, with nothing to save; the same command starts again");
    if (kept >= 0 && !s->there)
        return gd_fail(
            error, GD_IO,
            "stopped after %lld of %lld steps, which are lost: %s, which held the first %lld, is gone%s%s",
            done, all, s->checkpoint, kept, s->why ? ", and " : "", s->why ? s->why : "");
    if (!s->why)
        return gd_fail(error, GD_STOPPED,
                       "stopped after %lld of %lld steps, which are saved; resume with the same command, or "
                       "with --resume %s",
                       done, all, s->checkpoint);
    if (kept < 0)
        return gd_fail(error, GD_IO, "stopped after %lld of %lld steps, which are lost, since %s", done, all,
                       s->why);
    return gd_fail(
        error, GD_STOPPED,
        "stopped after %lld of %lld steps, of which %lld are lost: %s holds the first %lld, and %s", done,
        all, done - kept, s->checkpoint, kept, s->why);
}
