/* Acquires and releases the lock of one name.
 *
 * States of an attempt:
 *   1. drafted    a new lock file exists under a name that no other process knows
 *   2. linked     link(2) gave it the lock's name: acquired
 *   3. contested  the name exists: its owner is alive (wait or refuse), dead (4), or on another host
 *                 (watched, then 4)
 *   4. guarded    link(2) gave the guard's name to the draft: only this process may replace the lock
 *   5. replaced   the lock still was the dead owner's, and rename(2) replaced it: acquired
 * Invariants:
 *   1. link(2) succeeds for exactly one process, so at most one owner enters states 2 and 4.
 *   2. The lock is replaced or removed only by the holder of the guard, after reading the lock again.
 *   3. Age is the difference of two time stamps of the same file server; local clocks are never compared
 *      with it. */
#include "base/lease/lease_take.h"

#include "base/clock.h"
#include "base/lease/lease_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* An attempt to acquire a lock. */
typedef struct contest {
    const gd_lease_terms *terms; /* borrowed, as are the next three */
    const gd_lease_owner *owner;
    gd_lease_memory *memory;
    const gd_target *target;
    char lock[GD_TARGET_NAME], guard[GD_TARGET_NAME];
    gd_lease_owner rival; /* the owner in the lock */
    double age;           /* seconds since its last renewal, by the file server's clock */
    bool won;
} contest;

void gd_lease_lock_name(const char *name, char lock[GD_TARGET_NAME])
{
    gd_target_derive(name, "lock", lock);
}

static void rest(double seconds)
{
    const struct timespec time = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
    (void)nanosleep(&time, NULL); /* an interrupted sleep only checks earlier */
}

static double seconds_between(struct timespec from, struct timespec to)
{
    return (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
}

static gd_status no_lock(const contest *c, gd_error *error)
{
    return gd_fail(error, GD_USAGE, "%s: its lock %s cannot be made: %s; name another folder",
                   c->target->path, c->lock, strerror(errno));
}

static gd_status strange(const contest *c, const char *name, gd_error *error)
{
    return gd_fail(error, GD_USAGE,
                   "%s: %s beside it is no lock that can be read; when no gigadream writes there, remove it",
                   c->target->path, name);
}

static void age_text(double seconds, char text[32])
{
    if (seconds < 120)
        snprintf(text, 32, "%.0f s", seconds > 0 ? seconds : 0);
    else if (seconds < 7200)
        snprintf(text, 32, "%.0f min", seconds / 60);
    else
        snprintf(text, 32, "%.1f h", seconds / 3600);
}

static void describe(const contest *c, gd_error *sentence)
{
    char began[32], seen[32];
    const gd_lease_owner *r = &c->rival;
    /* The hosts' clocks may differ; an owner began no later than its last renewal. */
    age_text(fmax((double)((long long)time(NULL) - r->began), c->age), began);
    age_text(c->age, seen);
    (void)gd_fail(
        sentence, GD_USAGE,
        "%.400s is being written by another gigadream: process %ld on %s, begun %s ago and last heard of %s "
        "ago",
        c->target->path, r->pid, r->host, began, seen);
}

static void say(const contest *c, const char *what, double seconds)
{
    gd_error owner, sentence;
    if (!c->terms->waiting)
        return;
    describe(c, &owner);
    (void)gd_fail(&sentence, GD_OK, "%.800s; %s, for %.0f s at most", owner.message, what, seconds);
    c->terms->waiting(c->terms->context, sentence.message);
}

/* Waits if that may help and time is left; refuses otherwise. */
static gd_status wait_or_refuse(contest *c, gd_error *error)
{
    const gd_lease_terms *t = c->terms;
    const bool patient = t->restarted || (t->job[0] && strcmp(t->job, c->rival.job) == 0);
    gd_error sentence;
    describe(c, &sentence);
    if (!patient || (c->memory->until > 0 && gd_clock() > c->memory->until))
        return gd_fail(error, GD_USAGE, "%s; wait until it has ended, end it, or give another name",
                       sentence.message);
    if (c->memory->until <= 0) {
        c->memory->until = gd_clock() + t->patience;
        say(c, "waiting for that one to end", t->patience);
    }
    rest(t->renew / 5);
    return GD_OK;
}

static bool same_rival(const gd_lease_owner *a, const gd_lease_owner *b)
{
    return strcmp(a->token, b->token) == 0;
}

/* Decides on an owner on another host that has not renewed for long: dead if its lock does not change while
 * it is watched. */
static bool stands_still(const contest *c, const struct stat *seen)
{
    const int renewals = 3;
    gd_lease_owner now;
    struct stat about;
    if (strcmp(c->memory->gone, c->rival.token) == 0)
        return true;
    say(c, "watching whether that one still lives", renewals * c->terms->renew);
    rest(renewals * c->terms->renew);
    if (gd_lock_read(c->target->folder, c->lock, &now, &about) != GD_LOCK_FOUND ||
        !same_rival(&now, &c->rival) || seconds_between(seen->st_mtim, about.st_mtim) != 0)
        return false;
    memcpy(c->memory->gone, c->rival.token, sizeof c->memory->gone);
    return true;
}

static bool is_rivals(const contest *c)
{
    gd_lease_owner now;
    struct stat about;
    return gd_lock_read(c->target->folder, c->lock, &now, &about) == GD_LOCK_FOUND &&
           same_rival(&now, &c->rival);
}

/* Removes the temporary file of a dead owner. */
static void clear_part(const contest *c)
{
    char suffix[GD_LEASE_MARK + sizeof ".part"], part[GD_TARGET_NAME];
    struct stat about;
    snprintf(suffix, sizeof suffix, "%.*s.part", GD_LEASE_MARK, c->rival.token);
    gd_target_derive(c->target->name, suffix, part);
    if (fstatat(c->target->folder, part, &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(about.st_mode))
        (void)unlinkat(c->target->folder, part,
                       0); /* fails if it belongs to another user, which does no harm */
}

/* Replaces the lock if it is still the dead owner's. Called with the guard, which only one process has. */
static gd_status replace_rival(contest *c, const gd_lock_draft *draft, gd_error *error)
{
    if (!is_rivals(c))
        return GD_OK;
    c->won = gd_lock_replace(draft, c->lock);
    if (!c->won)
        return gd_fail(
            error, GD_USAGE,
            "%s: the lock %s of process %ld on %s, which is gone, cannot be replaced: %s; remove it, "
            "or give another name",
            c->target->path, c->lock, c->rival.pid, c->rival.host, strerror(errno));
    clear_part(c);
    return GD_OK;
}

/* A process that dies while it takes a lock over leaves its guard; others wait for `gone` seconds. */
static void say_guarded(const contest *c)
{
    gd_error sentence;
    if (!c->terms->waiting)
        return;
    (void)gd_fail(
        &sentence, GD_OK,
        "%.400s: another gigadream is taking it over, or has died while it did (%.200s); waiting for "
        "%.0f s at most",
        c->target->path, c->guard, c->terms->gone);
    c->terms->waiting(c->terms->context, sentence.message);
}

static gd_status take_over(contest *c, gd_lock_draft *draft, gd_error *error)
{
    const double usual = 2; /* seconds; the user is told about longer waits */
    const double start = gd_clock(), until = start + c->terms->gone;
    bool reported = false;
    while (!gd_lock_link(c->target->folder, draft->name, c->owner, c->guard)) {
        if (errno != EEXIST)
            return no_lock(c, error);
        if (gd_clock() > until)
            return gd_fail(error, GD_USAGE,
                           "%s: another gigadream is taking it over, or has died while it did; when none "
                           "runs any more, remove %s",
                           c->target->path, c->guard);
        if (!reported && gd_clock() - start > usual) {
            say_guarded(c);
            reported = true;
        }
        rest(c->terms->renew / 50);
        if (!is_rivals(c))
            return GD_OK; /* another process was faster: check again */
    }
    const gd_status status = replace_rival(c, draft, error);
    (void)unlinkat(c->target->folder, c->guard, 0);
    return status;
}

/* Acts on the lock's owner, c->rival. */
static gd_status face(contest *c, gd_lock_draft *draft, const struct stat *about, gd_error *error)
{
    const gd_lease_life life = gd_lease_owner_life(&c->rival, c->terms->place);
    c->age = seconds_between(about->st_mtim, draft->about.st_mtim);
    if (life == GD_LEASE_GONE ||
        (life == GD_LEASE_ELSEWHERE && c->age >= c->terms->gone && stands_still(c, about)))
        return take_over(c, draft, error);
    return wait_or_refuse(c, error);
}

static gd_status try_once(contest *c, gd_lock_draft *draft, gd_error *error)
{
    struct stat about;
    if (!gd_lock_draft_make(c->target->folder, c->target->owned, c->owner, draft))
        return no_lock(c, error);
    c->won = gd_lock_link(c->target->folder, draft->name, c->owner, c->lock);
    if (c->won)
        return GD_OK;
    if (errno != EEXIST)
        return no_lock(c, error);
    switch (gd_lock_read(c->target->folder, c->lock, &c->rival, &about)) {
    case GD_LOCK_NONE:
        return GD_OK; /* released in the meantime */
    case GD_LOCK_STRANGE:
        return strange(c, c->lock, error);
    default:
        return face(c, draft, &about, error);
    }
}

gd_status gd_lease_acquire(const gd_lease_terms *terms, const gd_lease_owner *owner, gd_lease_memory *memory,
                           const gd_target *target, gd_error *error)
{
    contest c = {.terms = terms, .owner = owner, .memory = memory, .target = target};
    gd_status status = GD_OK;
    gd_lease_lock_name(target->owned, c.lock);
    gd_target_derive(target->owned, "takeover", c.guard);
    while (status == GD_OK && !c.won) {
        gd_lock_draft draft;
        status = try_once(&c, &draft, error);
        gd_lock_draft_end(&draft);
    }
    return status;
}

void gd_lease_release_name(const gd_lease_owner *owner, int folder, const char *name)
{
    char lock[GD_TARGET_NAME], guard[GD_TARGET_NAME];
    gd_lease_owner now;
    struct stat about;
    gd_lease_lock_name(name, lock);
    gd_target_derive(name, "takeover", guard);
    if (gd_lock_read(folder, lock, &now, &about) != GD_LOCK_FOUND || !same_rival(&now, owner) ||
        !gd_lock_link(folder, lock, owner, guard)) /* a link, because the disk may be full */
        return;
    /* Taking the lock over also needs the guard, so its owner cannot change from here on. */
    if (gd_lock_read(folder, lock, &now, &about) == GD_LOCK_FOUND && same_rival(&now, owner))
        (void)unlinkat(folder, lock, 0);
    (void)unlinkat(folder, guard, 0);
}
