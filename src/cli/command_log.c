/* Reads a log and draws it. */
#include "cli/command_log.h"

#include "base/file.h"
#include "base/target_resolve.h"
#include "cli/arguments.h"
#include "options/options.h"
#include "records/history_svg.h"
#include "records/history_words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char usage[] = "the command is gigadream log RUN.jsonl [-o OUT.svg] [--overwrite] [--quiet]";

/* RUN.jsonl becomes RUN.svg. */
static gd_status name_output(const char *log, char path[GD_PATH_MAX], gd_error *error)
{
    const char *slash = strrchr(log, '/'), *dot = strrchr(log, '.');
    const size_t length = dot && dot > (slash ? slash + 1 : log) ? (size_t)(dot - log) : strlen(log);
    if (snprintf(path, GD_PATH_MAX, "%.*s.svg", (int)length, log) < GD_PATH_MAX)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s: the name is too long; name the picture with -o", log);
}

/* What this command did not write is replaced with --overwrite alone. */
static gd_status check_old(const gd_target *target, bool overwrite, gd_error *error)
{
    int fd = -1;
    const gd_status status = gd_target_open(target, "name another file with -o", &fd, error);
    if (status != GD_OK || fd < 0)
        return status;
    const bool ours = gd_history_svg_is_ours(fd);
    close(fd);
    return ours || overwrite
               ? GD_OK
               : gd_fail(error, GD_USAGE,
                         "%s: is there and not a picture of gigadream log; name another file with -o, or "
                         "add --overwrite",
                         target->path);
}

static gd_status write_svg(gd_target *target, const gd_history *history, gd_error *error)
{
    gd_status status = gd_target_create(target, false, error);
    if (status != GD_OK)
        return status;
    FILE *file = gd_file_stream(target->fd, "w");
    if (file)
        gd_history_svg(history, file);
    const bool failed = !file || fflush(file) != 0 || ferror(file);
    const int cause = errno;
    if (file)
        fclose(file);
    if (failed)
        return gd_fail(error, GD_IO, "%s: cannot be written: %s; make room, or name another folder",
                       target->path, strerror(cause));
    return gd_target_commit(target, error);
}

static gd_status draw(const char *path, bool overwrite, const gd_history *history, gd_error *error)
{
    gd_target target = GD_TARGET_NONE;
    gd_status status = gd_target_resolve(path, GD_TARGET_FOLLOW, &target, error);
    if (status == GD_OK)
        status = gd_target_check(&target, error);
    if (status == GD_OK)
        status = check_old(&target, overwrite, error);
    if (status == GD_OK)
        status = write_svg(&target, history, error);
    gd_target_release(&target);
    return status;
}

static void say(const gd_history *history, const char *path)
{
    char lines[GD_HISTORY_LINES][GD_HISTORY_WORDS];
    gd_history_words(history, lines);
    for (int i = 0; i < GD_HISTORY_LINES; i++)
        if (lines[i][0])
            printf("%s\n", lines[i]);
    printf("wrote %s\n", path);
}

gd_status gd_command_log(int argc, char *const *argv, gd_error *error)
{
    const char *named = NULL, *log;
    bool overwrite = false, quiet = false;
    char path[GD_PATH_MAX] = "";
    gd_history history = {0};
    const gd_argument_flag flags[] = {{.name = "-o", .value = &named},
                                      {.name = "--overwrite", .on = &overwrite},
                                      {.name = "--quiet", .on = &quiet},
                                      {.name = NULL}};
    gd_status status = gd_arguments_read(argc, argv, flags, usage, &log, 1, 1, error);
    if (status == GD_OK && !named)
        status = name_output(log, path, error);
    if (status == GD_OK)
        status = gd_history_read(log, &history, error);
    if (status == GD_OK)
        status = draw(named ? named : path, overwrite, &history, error);
    if (status == GD_OK && !quiet)
        say(&history, named ? named : path);
    gd_history_free(&history);
    return status;
}
