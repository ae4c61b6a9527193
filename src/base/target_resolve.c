/* Resolves a file name into an open folder and a name in it. */
#include "base/target_resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { LINKS_MAX = 40 }; /* the kernel's limit */

/* A name during resolution. */
typedef struct walk {
    const char *path; /* borrowed; as given */
    char *text;       /* owned; the name after the links followed so far */
    int folder;       /* owned; -1: not open */
} walk;

/* Length of the folder part, including the last slash. */
static size_t folder_length(const char *text)
{
    const char *slash = strrchr(text, '/');
    return slash ? (size_t)(slash - text) + 1 : 0;
}

/* Opens the folder of w->text. A folder without read permission is opened with O_PATH; it cannot be synced.
 */
static gd_status open_folder(walk *w, gd_error *error)
{
    const size_t length = folder_length(w->text);
    char *name = length ? strndup(w->text, length) : strdup(".");
    if (!name)
        return gd_no_memory(error, "the name %s", w->path);
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == EACCES)
        fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    gd_status status = GD_OK;
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        status = gd_fail(error, GD_USAGE, "%s: its folder %s does not exist; create it, or name another",
                         w->path, name);
    else if (fd < 0)
        status = gd_fail(error, GD_USAGE, "%s: its folder %s cannot be opened: %s; name another", w->path,
                         name, strerror(errno));
    free(name);
    if (w->folder >= 0)
        close(w->folder);
    w->folder = fd;
    return status;
}

/* Refuses another user's link in a world-writable folder: it may be a trap. The kernel does the same
 * (proc(5), protected_symlinks). */
static gd_status check_link(const walk *w, const struct stat *link, gd_error *error)
{
    struct stat folder;
    if (fstat(w->folder, &folder) == 0 &&
        (!(folder.st_mode & S_IWOTH) || link->st_uid == geteuid() || link->st_uid == folder.st_uid))
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "%s: is another user's link in a folder that all may write to, and is not followed; give "
                   "another name",
                   w->path);
}

/* /dev/stdout, /dev/fd/N and the like lead there. What such a link says is no name to write under: it may be
 * a pipe, and a file would be replaced beside what is being written to it. */
static bool is_in_proc(int folder)
{
    struct statfs about;
    return fstatfs(folder, &about) == 0 && about.f_type == PROC_SUPER_MAGIC;
}

/* Replaces w->text by the target of the link `name` in the open folder. */
static gd_status follow(walk *w, const char *name, gd_error *error)
{
    char said[PATH_MAX], *text = NULL;
    if (is_in_proc(w->folder))
        return gd_fail(error, GD_USAGE,
                       "%s: is what a process has open, and will not be replaced; name a file", w->path);
    const ssize_t length = readlinkat(w->folder, name, said, sizeof said - 1);
    if (length <= 0)
        return gd_fail(error, GD_USAGE, "%s: its link cannot be read: %s; give another name", w->path,
                       strerror(errno));
    said[length] = '\0';
    const int folder = said[0] == '/' ? 0 : (int)folder_length(w->text);
    if (asprintf(&text, "%.*s%s", folder, w->text, said) < 0)
        return gd_no_memory(error, "the name %s", w->path);
    free(w->text);
    w->text = text;
    return GD_OK;
}

static gd_status is_link(const char *path, gd_error *error)
{
    return gd_fail(error, GD_USAGE,
                   "%s: is a link, which is not followed under a name that was not given; move it away",
                   path);
}

/* Opens the next folder; *done: the name in it is not a link. */
static gd_status advance(walk *w, gd_target_links links, bool *done, gd_error *error)
{
    struct stat about;
    gd_status status = open_folder(w, error);
    if (status != GD_OK)
        return status;
    const char *name = w->text + folder_length(w->text);
    if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return gd_fail(error, GD_USAGE, "%s: is a folder, and will not be replaced; name a file", w->path);
    if (strlen(name) > NAME_MAX)
        return gd_fail(error, GD_USAGE, "%s: is no name for a file; names have 1 to %d bytes", w->path,
                       NAME_MAX);
    *done = fstatat(w->folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISLNK(about.st_mode);
    if (*done)
        return GD_OK;
    if (links == GD_TARGET_PLAIN)
        return is_link(w->path, error);
    status = check_link(w, &about, error);
    return status == GD_OK ? follow(w, name, error) : status;
}

/* Fills target->real, the absolute path, which other ranks open. */
static gd_status write_real(const walk *w, gd_target *target, gd_error *error)
{
    const size_t length = folder_length(w->text);
    char *folder = length ? strndup(w->text, length) : strdup(".");
    char *real = folder ? realpath(folder, NULL) : NULL;
    snprintf(target->name, sizeof target->name, "%s", w->text + length);
    memcpy(target->owned, target->name, sizeof target->owned);
    if (asprintf(&target->real, "%s/%s", !real || strcmp(real, "/") == 0 ? "" : real, target->name) < 0)
        target->real = NULL;
    free(folder);
    const bool known = real != NULL;
    free(real);
    if (known && target->real)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "%s: the whole name of its folder cannot be found: %s", w->path,
                   strerror(errno));
}

gd_status gd_target_resolve(const char *path, gd_target_links links, gd_target *target, gd_error *error)
{
    walk w = {.path = path, .text = strdup(path), .folder = -1};
    bool done = false;
    *target = GD_TARGET_NONE;
    target->path = strdup(path);
    gd_status status = w.text && target->path ? GD_OK : gd_no_memory(error, "the name %s", path);
    for (int i = 0; status == GD_OK && !done; i++) {
        if (i > LINKS_MAX)
            status = gd_fail(error, GD_USAGE, "%s: links to itself; give another name", path);
        else
            status = advance(&w, links, &done, error);
    }
    if (status == GD_OK)
        status = write_real(&w, target, error);
    target->folder = w.folder;
    free(w.text);
    return status;
}

gd_status gd_target_sibling(const gd_target *of, const char *path, gd_target *target, gd_error *error)
{
    const int folder = (int)(strlen(of->real) - strlen(of->name));
    const char *name = path + folder_length(path);
    struct stat about;
    *target = GD_TARGET_NONE;
    target->lock = of->lock;
    memcpy(target->owned, of->owned, sizeof target->owned);
    if (!*name || strlen(name) > NAME_MAX)
        return gd_fail(error, GD_USAGE, "%s: is no name for a file; names have 1 to %d bytes", path,
                       NAME_MAX);
    snprintf(target->name, sizeof target->name, "%s", name);
    target->path = strdup(path);
    if (asprintf(&target->real, "%.*s%s", folder, of->real, name) < 0)
        target->real = NULL;
    if (!target->path || !target->real)
        return gd_no_memory(error, "the name %s", path);
    target->folder = fcntl(of->folder, F_DUPFD_CLOEXEC, 0);
    if (target->folder < 0)
        return gd_fail(error, GD_IO, "%s: its folder cannot be opened: %s", path, strerror(errno));
    if (gd_target_stat(target, &about) && S_ISLNK(about.st_mode))
        return is_link(path, error);
    return GD_OK;
}
