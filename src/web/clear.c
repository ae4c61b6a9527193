/* Removes tiles by their names, which are numbers. */
#include "web/clear.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH = 7 }; /* NAME / octave / level / row, in two / column, in two */

static bool is_number(const char *name, const char *end)
{
    const size_t digits = strspn(name, "0123456789");
    return digits > 0 && strcmp(name + digits, end) == 0;
}

static bool clear(int parent, const char *name, int depth)
{
    const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    bool done = entries != NULL || errno == ENOENT;
    if (!entries && fd >= 0)
        close(fd);
    for (struct dirent *entry; entries && done && (entry = readdir(entries));) {
        if (is_number(entry->d_name, ".jpg"))
            done = unlinkat(fd, entry->d_name, 0) == 0;
        else if (depth > 1 && is_number(entry->d_name, ""))
            done = clear(fd, entry->d_name, depth - 1);
    }
    if (entries)
        closedir(entries);
    if (done && entries)
        done = unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOTEMPTY || errno == EEXIST;
    return done;
}

bool gd_web_clear(int folder, const char *name)
{
    return clear(folder, name, DEPTH);
}
