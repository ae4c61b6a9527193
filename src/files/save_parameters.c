/* Writes the options of this command into a parameter file, with the checks for all output files. */
#include "files/save_parameters.h"

#include "base/target.h"
#include "base/target_resolve.h"
#include "files/existing_files.h"
#include "options/options_format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 17 };

/* Checks whether an existing file may be replaced, and guards it against changes. */
static gd_status look(gd_target *target, const gd_options *o, const gd_confirm *confirm, gd_error *error)
{
    bool there = false, ours = true;
    char question[GD_PATH_MAX + 64];
    if (o->overwrite)
        return GD_OK;
    const gd_status status =
        gd_existing_files_inspect(target, gd_existing_files_parameters, &there, &ours, error);
    if (status != GD_OK)
        return status;
    snprintf(question, sizeof question,
             "\n%.4000s was not written by gigadream. Replace it? [y/N]: ", target->path);
    if (!ours && !(confirm->ask && confirm->ask(confirm->context, question)))
        return gd_fail(
            error, GD_USAGE,
            "--save-parameters %s: it was not written by gigadream, and would be lost; give another "
            "name, or allow it with --overwrite",
            target->path);
    gd_target_guard(target, gd_target_snapshot(target), gd_existing_files_parameters);
    return GD_OK;
}

static gd_status write_all(gd_target *target, const char *text, gd_error *error)
{
    const size_t bytes = strlen(text);
    gd_status status = gd_target_create(target, false, error);
    if (status != GD_OK)
        return status;
    if (write(target->fd, text, bytes) != (ssize_t)bytes)
        return gd_fail(error, GD_IO,
                       "%s: cannot write the parameters (%s); free disk space, or give another name",
                       target->path, strerror(errno));
    return gd_target_commit(target, error);
}

gd_status gd_save_parameters(const gd_options *options, const gd_confirm *confirm, gd_error *error)
{
    gd_target target = GD_TARGET_NONE;
    if (!*options->save_parameters)
        return GD_OK;
    char *text = malloc(TEXT_MAX);
    if (!text)
        return gd_no_memory(error, "the parameters");
    gd_status status = GD_OK;
    if (gd_options_parameters(options, text, TEXT_MAX) != GD_OK)
        status = gd_fail(error, GD_USAGE,
                         "--save-parameters %.300s: the parameters are too long; shorten the paths",
                         options->save_parameters);
    if (status == GD_OK)
        status = gd_target_resolve(options->save_parameters, GD_TARGET_FOLLOW, &target, error);
    if (status == GD_OK)
        status = gd_target_check(&target, error);
    if (status == GD_OK)
        status = look(&target, options, confirm, error);
    if (status == GD_OK)
        status = write_all(&target, text, error);
    gd_target_release(&target);
    free(text);
    return status;
}
