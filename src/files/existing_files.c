/* Recognizes files that this program wrote and may therefore replace. */
#include "files/existing_files.h"

#include "base/target_resolve.h"
#include "files/preview_names.h"
#include "image/mark.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first line of a log (records/run_log.h) starts with "img" and has the program's version. */
static bool log_is_ours(int fd)
{
    enum { FIRST = 1 << 16 }; /* enough of a first line */
    static const char begin[] = "{\"img\":", version[] = "\"versions\":{\"gigadream\":";
    char *text = calloc(FIRST + 1, 1);
    const bool ours = text && pread(fd, text, FIRST, 0) > 0 && strncmp(text, begin, sizeof begin - 1) == 0 &&
                      strstr(text, version);
    free(text);
    return ours;
}

/* Empty files may always be replaced. */
static bool is_empty(int fd)
{
    struct stat about;
    return fstat(fd, &about) == 0 && about.st_size == 0;
}

bool gd_existing_files_log(int fd)
{
    return is_empty(fd) || log_is_ours(fd);
}

bool gd_existing_files_parameters(int fd)
{
    static const char begin[] = "# gigadream ";
    char text[sizeof begin] = "";
    return is_empty(fd) || (pread(fd, text, sizeof begin - 1, 0) > 0 && strcmp(text, begin) == 0);
}

bool gd_existing_files_picture(int fd)
{
    return is_empty(fd) || gd_picture_is_ours(fd);
}

gd_status gd_existing_files_inspect(const gd_target *target, gd_target_judge *judge, bool *there, bool *ours,
                                    gd_error *error)
{
    int fd = -1;
    const gd_status status = gd_target_open(target, "give another name, or move it away", &fd, error);
    *there = fd >= 0;
    *ours = true;
    if (status != GD_OK || fd < 0)
        return status;
    *ours = judge(fd);
    close(fd);
    return GD_OK;
}

/* Whether a file in the pattern's folder has the name of one of its numbers. */
static bool is_numbered(const gd_target *pattern, int64_t first, int64_t last, const char *name)
{
    char *path = NULL;
    const int folder = (int)(strlen(pattern->real) - strlen(pattern->name));
    if (asprintf(&path, "%.*s%s", folder, pattern->real, name) < 0)
        return true; /* out of memory: check the file rather than miss it */
    const bool meets = gd_preview_matches(pattern->real, first, last, path);
    free(path);
    return meets;
}

gd_status gd_existing_files_numbered(const gd_target *pattern, int64_t first, int64_t last,
                                     gd_existing_files_visit *visit, void *context, gd_error *error)
{
    const int fd = openat(pattern->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    gd_status status = GD_OK;
    if (!folder && fd >= 0)
        close(fd);
    if (!folder)
        return gd_fail(error, GD_USAGE, "%s: cannot list its folder: %s; name another", pattern->path,
                       strerror(errno));
    for (struct dirent *one = readdir(folder); one && status == GD_OK; one = readdir(folder)) {
        if (!is_numbered(pattern, first, last, one->d_name))
            continue;
        gd_target file;
        status = gd_target_sibling(pattern, one->d_name, &file, error);
        if (status == GD_OK)
            status = visit(context, &file, error);
        gd_target_release(&file);
    }
    closedir(folder);
    return status;
}
