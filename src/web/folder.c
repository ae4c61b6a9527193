/* Folders of tiles. A file in it says that the folder is ours, and while it is incomplete, of which picture.
 */
#include "web/folder.h"

#include "web/clear.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char mark_name[] = "gigadream-web.txt", part_start[] = "gigadream-web.part";
enum { PART_NAME = 48 };
static const char mark[] = "A picture in tiles by gigadream: open index.html.\n",
                  unfinished[] = "Unfinished: ";

/* What a folder is before anything is written to it. */
typedef enum state { EMPTY, FOREIGN, COMPLETE, INTERRUPTED } state;

/* Each writer has its own name for files that are not complete. */
static const char *part_of(const gd_web_folder *folder, char name[PART_NAME])
{
    snprintf(name, PART_NAME, folder->writer > 0 ? "%s%" PRId32 : "%s", part_start, folder->writer);
    return name;
}

static bool is_part(const char *name)
{
    return strncmp(name, part_start, sizeof part_start - 1) == 0;
}

static gd_status write_failed(const gd_web_folder *folder, const char *name, gd_error *error)
{
    const int cause = errno;
    char part[PART_NAME];
    (void)unlinkat(folder->fd, part_of(folder, part), 0);
    return gd_fail(
        error, GD_IO,
        "%s/%s: cannot be written: %s; make room or allow it, and give the same command again: it goes "
        "on with what is there",
        folder->path, name, strerror(cause));
}

/* Makes the folders of `name` that are missing. */
static bool make_folders(const gd_web_folder *folder, const char *name)
{
    char path[GD_WEB_NAME];
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(path, sizeof path, "%.*s", (int)(slash - name), name);
        if (mkdirat(folder->fd, path, 0777) != 0 && errno != EEXIST)
            return false;
    }
    return true;
}

static bool write_all(int fd, const char *data, size_t bytes)
{
    while (bytes > 0) {
        const ssize_t written = write(fd, data, bytes);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            data += written;
            bytes -= (size_t)written;
        }
    }
    return true;
}

static bool move_part(const gd_web_folder *folder, const char *name)
{
    char part[PART_NAME];
    part_of(folder, part);
    if (renameat(folder->fd, part, folder->fd, name) == 0)
        return true;
    return errno == ENOENT && make_folders(folder, name) && renameat(folder->fd, part, folder->fd, name) == 0;
}

gd_status gd_web_folder_write(const gd_web_folder *folder, const char *name, const void *data, size_t bytes,
                              gd_error *error)
{
    char part[PART_NAME];
    const int fd = openat(folder->fd, part_of(folder, part),
                          O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return write_failed(folder, name, error);
    bool done = write_all(fd, data, bytes);
    const int cause = errno;
    done = close(fd) == 0 && done;
    if (!done && cause)
        errno = cause;
    return done && move_part(folder, name) ? GD_OK : write_failed(folder, name, error);
}

bool gd_web_folder_has(const gd_web_folder *folder, const char *name)
{
    enum { END = 2 };
    unsigned char end[END];
    struct stat about;
    const int fd = openat(folder->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    const bool whole = fstat(fd, &about) == 0 && about.st_size > END &&
                       pread(fd, end, END, about.st_size - END) == END && end[0] == 0xFF && end[1] == 0xD9;
    close(fd);
    return whole;
}

static gd_status write_mark(const gd_web_folder *folder, const char *key, gd_error *error)
{
    char text[sizeof mark + sizeof unfinished + GD_WEB_KEY + 1];
    const int length = key ? snprintf(text, sizeof text, "%s%s%s\n", mark, unfinished, key)
                           : snprintf(text, sizeof text, "%s", mark);
    return gd_web_folder_write(folder, mark_name, text, (size_t)length, error);
}

static bool is_empty(const gd_web_folder *folder)
{
    const int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    bool empty = entries != NULL;
    if (!entries && fd >= 0)
        close(fd);
    for (struct dirent *entry; empty && (entry = readdir(entries));)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || is_part(entry->d_name);
    if (entries)
        closedir(entries);
    return empty;
}

/* The state of the folder, and the key of an interrupted one. */
static state find_state(const gd_web_folder *folder, char key[GD_WEB_KEY])
{
    char text[sizeof mark + sizeof unfinished + GD_WEB_KEY + 1] = "";
    const int fd = openat(folder->fd, mark_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT && is_empty(folder) ? EMPTY : FOREIGN;
    const ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    if (length < (ssize_t)sizeof mark - 1 || strncmp(text, mark, sizeof mark - 1) != 0)
        return FOREIGN;
    const char *next = text + sizeof mark - 1;
    if (strncmp(next, unfinished, sizeof unfinished - 1) != 0)
        return COMPLETE;
    next += sizeof unfinished - 1;
    snprintf(key, GD_WEB_KEY, "%.*s", (int)strcspn(next, "\n"), next);
    return INTERRUPTED;
}

static gd_status open_folder(gd_web_folder *folder, gd_error *error)
{
    const char *path = folder->path;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return gd_fail(error, GD_USAGE,
                       "%s: the folder cannot be made: %s; name a folder in one that is there", path,
                       strerror(errno));
    folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd < 0)
        return gd_fail(error, GD_USAGE, "%s: cannot be opened as a folder: %s; name another", path,
                       strerror(errno));
    /* Network file systems may not lock folders. */
    if (flock(folder->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return gd_fail(error, GD_USAGE,
                       "%s: another gigadream is writing to it; wait, or name another folder", path);
    return GD_OK;
}

static gd_status start_over(const gd_web_folder *folder, const char *key, bool overwrite, gd_error *error)
{
    static const char *const trees[] = {"dream", "input", "live"};
    if (!overwrite)
        return gd_fail(error, GD_USAGE,
                       "%s: has the tiles of a picture already; name another folder, or add --overwrite",
                       folder->path);
    gd_status status = write_mark(folder, key, error);
    if (status == GD_OK)
        (void)unlinkat(folder->fd, GD_WEB_MADE, 0); /* not shown unless it is written again */
    for (size_t i = 0; status == GD_OK && i < sizeof trees / sizeof *trees; i++)
        if (!gd_web_clear(folder->fd, trees[i]))
            status = gd_fail(error, GD_IO,
                             "%s/%s: its tiles cannot be removed: %s; remove the folder, or name another",
                             folder->path, trees[i], strerror(errno));
    return status;
}

gd_status gd_web_folder_open(const char *path, const char *key, bool overwrite, gd_web_folder *folder,
                             gd_error *error)
{
    char old[GD_WEB_KEY] = "";
    *folder = (gd_web_folder){.path = path, .fd = -1};
    gd_status status = open_folder(folder, error);
    if (status != GD_OK)
        return status;
    switch (find_state(folder, old)) {
    case EMPTY:
        return write_mark(folder, key, error);
    case FOREIGN:
        return gd_fail(
            error, GD_USAGE,
            "%s: has files that gigadream did not write, so nothing is written there; name an empty "
            "or a new folder",
            path);
    case INTERRUPTED:
        folder->goes_on = strcmp(old, key) == 0;
        if (folder->goes_on)
            return GD_OK;
        break;
    case COMPLETE:
        break;
    }
    return start_over(folder, key, overwrite, error);
}

gd_status gd_web_folder_join(const char *path, const char *key, bool goes_on, int32_t writer,
                             gd_web_folder *folder, gd_error *error)
{
    char seen[GD_WEB_KEY] = "";
    *folder = (gd_web_folder){.path = path, .fd = -1, .goes_on = goes_on, .writer = writer};
    folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd >= 0 && find_state(folder, seen) == INTERRUPTED && strcmp(seen, key) == 0)
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "%s: is not the folder that rank 0 opened, and every rank writes its tiles there; name "
                   "a folder on a file system that all hosts share",
                   path);
}

gd_status gd_web_folder_flush(const gd_web_folder *folder, gd_error *error)
{
    return syncfs(folder->fd) == 0 ? GD_OK : write_failed(folder, mark_name, error);
}

/* Parts of files, of writers that were killed. */
static void remove_parts(const gd_web_folder *folder)
{
    const int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    if (!entries && fd >= 0)
        close(fd);
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        if (is_part(entry->d_name))
            (void)unlinkat(folder->fd, entry->d_name, 0);
    if (entries)
        closedir(entries);
}

gd_status gd_web_folder_finish(const gd_web_folder *folder, gd_error *error)
{
    remove_parts(folder);
    return write_mark(folder, NULL, error);
}

void gd_web_folder_close(gd_web_folder *folder)
{
    if (folder->fd >= 0)
        close(folder->fd);
    folder->fd = -1;
}
