/* Reads, creates, links and replaces lock files. */
#include "base/lease/lease_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

gd_lock_state gd_lock_read(int folder, const char *lock, gd_lease_owner *owner, struct stat *about)
{
    char text[GD_LEASE_TEXT];
    memset(owner, 0, sizeof *owner);
    const int fd = openat(folder, lock, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT ? GD_LOCK_NONE : GD_LOCK_STRANGE;
    ssize_t bytes = -1;
    if (fstat(fd, about) == 0 && S_ISREG(about->st_mode))
        bytes = read(fd, text, sizeof text - 1);
    close(fd);
    text[bytes > 0 ? bytes : 0] = '\0';
    return gd_lease_owner_parse(text, owner) ? GD_LOCK_FOUND : GD_LOCK_STRANGE;
}

/* Creates a file with the owner's text and closes it, so that the server has the data; false with errno set.
 */
static bool create(int folder, const char *name, const gd_lease_owner *owner)
{
    char text[GD_LEASE_TEXT];
    errno = ENAMETOOLONG;
    if (!gd_lease_owner_text(owner, text))
        return false;
    const int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    errno = ENOSPC; /* for a short write */
    const bool written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    const int cause = errno;
    if (close(fd) == 0 && written)
        return true;
    const int later = errno;
    (void)unlinkat(folder, name, 0);
    errno = written ? later : cause;
    return false;
}

bool gd_lock_draft_make(int folder, const char *of, const gd_lease_owner *owner, gd_lock_draft *draft)
{
    enum { LETTERS = 8 };
    char letters[LETTERS + 1], suffix[LETTERS + sizeof ".new"];
    *draft = (gd_lock_draft){.folder = folder};
    errno = EIO;
    if (!gd_target_random(letters, LETTERS))
        return false;
    snprintf(suffix, sizeof suffix, "%s.new", letters);
    gd_target_derive(of, suffix, draft->name);
    draft->made = create(folder, draft->name, owner);
    return draft->made && fstatat(folder, draft->name, &draft->about, AT_SYMLINK_NOFOLLOW) == 0;
}

void gd_lock_draft_end(gd_lock_draft *draft)
{
    if (draft->made)
        (void)unlinkat(draft->folder, draft->name, 0);
    draft->made = false;
}

static bool knows_no_links(int cause)
{
    return cause == EPERM || cause == EOPNOTSUPP || cause == ENOSYS || cause == EMLINK;
}

bool gd_lock_link(int folder, const char *from, const gd_lease_owner *owner, const char *name)
{
    struct stat about;
    if (linkat(folder, from, folder, name, 0) == 0)
        return true;
    const int cause = errno;
    /* A lost reply can make the client send the request twice, so EEXIST may be our own link. */
    if (fstatat(folder, from, &about, AT_SYMLINK_NOFOLLOW) == 0 && about.st_nlink == 2)
        return true;
    errno = cause;
    if (!knows_no_links(cause))
        return false;
    return create(folder, name, owner);
}

bool gd_lock_replace(const gd_lock_draft *draft, const char *lock)
{
    return renameat(draft->folder, draft->name, draft->folder, lock) == 0;
}
