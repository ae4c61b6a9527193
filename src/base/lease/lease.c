/* A lease: the names that this process owns, renewed by a thread.
 *
 * States of a name: free; owned (its lock file holds our token, and the thread renews its time stamp every
 * `renew` seconds); lost (another owner replaced the lock); returned.
 * Invariants:
 *   1. Only gd_lease_acquire makes a name ours, and it has exactly one winner among all hosts.
 *   2. The thread touches time stamps only, through a descriptor of our own lock file: when the lock is
 *      lost, that file has no name any more and the touch changes nothing of the new owner's.
 *   3. Loss is detected by reading the lock again (gd_lease_holds), before every create, rename and
 *      unlink; after that nothing is written under the name.
 *   4. `names[0 .. count)` and `over` are shared with the thread and change under `mutex` only. */
#include "base/lease/lease.h"

#include "base/clock.h"
#include "base/lease/lease_lock.h"
#include "base/lease/lease_take.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NAMES_MAX = 16 };

/* An owned name. */
typedef struct holding {
    int folder; /* owned */
    int lock;   /* owned; the lock file, for renewal; -1: could not be opened */
    char name[GD_TARGET_NAME];
    char file[GD_TARGET_NAME]; /* the lock's name */
} holding;

struct gd_lease {
    gd_lease_terms terms;
    gd_lease_owner owner;
    char mark[GD_LEASE_MARK + 1];
    gd_lease_memory memory;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards the fields below */
    pthread_cond_t wake;
    bool over;
    atomic_int count; /* signal handlers read it without the mutex */
    holding names[NAMES_MAX];
};

/* Sets the time stamp to the file server's clock. Failures are ignored: a lost lock is detected before the
 * next rename. */
static void renew_all(const gd_lease *lease)
{
    for (int i = 0; i < lease->count; i++)
        if (lease->names[i].lock >= 0)
            (void)futimens(lease->names[i].lock, NULL);
}

static void *renew(void *context)
{
    gd_lease *lease = context;
    pthread_mutex_lock(&lease->mutex);
    while (!lease->over) {
        const struct timespec next = gd_clock_after(lease->terms.renew);
        while (!lease->over && pthread_cond_timedwait(&lease->wake, &lease->mutex, &next) != ETIMEDOUT) {
        }
        if (!lease->over)
            renew_all(lease);
    }
    pthread_mutex_unlock(&lease->mutex);
    return NULL;
}

/* Starts the thread with all signals blocked, so that other threads handle them. */
static int start_thread(gd_lease *lease)
{
    sigset_t all, before;
    sigfillset(&all);
    int failed = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (failed)
        return failed;
    failed = pthread_create(&lease->thread, NULL, renew, lease);
    const int restored = pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed ? failed : restored;
}

static bool fill_owner(gd_lease *lease)
{
    const gd_lease_terms *t = &lease->terms;
    gd_lease_owner *o = &lease->owner;
    *o = (gd_lease_owner){.pid = t->pid, .start = t->start, .began = (long long)time(NULL)};
    memcpy(o->host, t->host, sizeof o->host);
    memcpy(o->place, t->place, sizeof o->place);
    memcpy(o->job, t->job, sizeof o->job);
    const bool made = gd_target_random(o->token, GD_LEASE_TOKEN);
    memcpy(lease->mark, o->token, GD_LEASE_MARK);
    return made;
}

gd_status gd_lease_create(const gd_lease_terms *terms, gd_lease **lease, gd_error *error)
{
    gd_lease *l = calloc(1, sizeof *l);
    *lease = NULL;
    if (!l)
        return gd_no_memory(error, "locks");
    l->terms = *terms;
    if (!fill_owner(l)) {
        free(l);
        return gd_fail(error, GD_IO, "the system gives no random numbers for locks: %s", strerror(errno));
    }
    pthread_mutex_init(&l->mutex, NULL);
    gd_clock_condition(&l->wake);
    const int failed = start_thread(l);
    if (failed) {
        free(l);
        return gd_fail(error, GD_MEMORY, "no thread can be started that renews locks: %s", strerror(failed));
    }
    *lease = l;
    return GD_OK;
}

static bool is_held(const gd_lease *lease, const gd_target *target)
{
    gd_lease_owner now;
    struct stat about;
    char lock[GD_TARGET_NAME];
    gd_lease_lock_name(target->owned, lock);
    return gd_lock_read(target->folder, lock, &now, &about) == GD_LOCK_FOUND &&
           strcmp(now.token, lease->owner.token) == 0;
}

static void hold(gd_lease *lease, const gd_target *target)
{
    holding new = {.folder = fcntl(target->folder, F_DUPFD_CLOEXEC, 0)};
    gd_lease_lock_name(target->owned, new.file);
    memcpy(new.name, target->owned, sizeof new.name);
    new.lock = openat(target->folder, new.file, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    pthread_mutex_lock(&lease->mutex);
    lease->names[lease->count] = new;
    lease->count++;
    pthread_mutex_unlock(&lease->mutex);
}

static void lock_target(const gd_lease *lease, gd_target *target)
{
    target->lock = (gd_target_lock){lease, gd_lease_holds, lease->mark};
}

gd_status gd_lease_take(gd_lease *lease, gd_target *target, gd_error *error)
{
    if (!is_held(lease, target)) {
        if (lease->count == NAMES_MAX)
            return gd_fail(error, GD_INTERNAL, "%s: is one name more than a lease holds", target->path);
        const gd_status status =
            gd_lease_acquire(&lease->terms, &lease->owner, &lease->memory, target, error);
        if (status != GD_OK)
            return status;
        hold(lease, target);
    }
    lock_target(lease, target);
    return GD_OK;
}

gd_status gd_lease_borrow(gd_lease *lease, gd_target *target, gd_error *error)
{
    gd_lease_terms terms = lease->terms;
    terms.restarted = false;
    terms.job[0] = '\0';
    terms.waiting = NULL;
    lock_target(lease, target);
    memcpy(target->owned, target->name, sizeof target->owned);
    return gd_lease_acquire(&terms, &lease->owner, &lease->memory, target, error);
}

void gd_lease_return(const gd_target *target)
{
    if (target->lock.lease && target->name[0])
        gd_lease_release_name(&target->lock.lease->owner, target->folder, target->name);
}

gd_status gd_lease_holds(const gd_lease *lease, const gd_target *target, gd_error *error)
{
    gd_lease_owner now;
    struct stat about;
    char lock[GD_TARGET_NAME];
    gd_lease_lock_name(target->owned, lock);
    const gd_lock_state state = gd_lock_read(target->folder, lock, &now, &about);
    if (state == GD_LOCK_FOUND && strcmp(now.token, lease->owner.token) == 0)
        return GD_OK;
    if (state == GD_LOCK_FOUND)
        return gd_fail(error, GD_IO,
                       "%.400s belongs to another gigadream by now (process %ld on %s), which took this one "
                       "for dead; nothing more is written here",
                       target->path, now.pid, now.host);
    return gd_fail(error, GD_IO,
                   "%.400s: its lock %s was removed, so that another gigadream may have written it since; "
                   "nothing more is written here",
                   target->path, lock);
}

bool gd_lease_user(const gd_target *target, uint32_t *user)
{
    struct stat about;
    char lock[GD_TARGET_NAME];
    gd_lease_lock_name(target->owned, lock);
    if (!target->lock.lease || fstatat(target->folder, lock, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    *user = about.st_uid;
    return true;
}

void gd_lease_release_in_signal(const gd_lease *lease)
{
    for (int i = 0; i < lease->count; i++) {
        const holding *h = &lease->names[i];
        struct stat ours, there;
        if (h->lock >= 0 && fstat(h->lock, &ours) == 0 &&
            fstatat(h->folder, h->file, &there, AT_SYMLINK_NOFOLLOW) == 0 && ours.st_dev == there.st_dev &&
            ours.st_ino == there.st_ino)
            (void)unlinkat(h->folder, h->file, 0);
    }
}

void gd_lease_free(gd_lease *lease)
{
    if (!lease)
        return;
    pthread_mutex_lock(&lease->mutex);
    lease->over = true;
    pthread_cond_signal(&lease->wake);
    pthread_mutex_unlock(&lease->mutex);
    pthread_join(lease->thread, NULL);
    for (int i = 0; i < lease->count; i++) {
        holding *h = &lease->names[i];
        gd_lease_release_name(&lease->owner, h->folder, h->name);
        if (h->lock >= 0)
            close(h->lock);
        if (h->folder >= 0)
            close(h->folder);
    }
    pthread_cond_destroy(&lease->wake);
    pthread_mutex_destroy(&lease->mutex);
    free(lease);
}
