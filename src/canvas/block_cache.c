/* The block cache: blocks in use are in memory, all others in the scratch file.
 *
 * States of a slot that a plane has taken:
 *
 *     unwritten  not in the cache, not known  nothing was written; it reads as anything
 *     in file    not in the cache, known      the file has its values
 *     clean      in the cache, not dirty      as one of the two above, and a copy is in a frame
 *     dirty      in the cache, dirty          only the frame has its values
 *
 * gd_block_cache_pin makes a slot clean, or dirty if it is pinned for a change. Eviction drops a clean slot,
 * and writes a dirty one, which is then in the file. gd_block_cache_forget makes it unwritten. Invariants
 * between calls:
 *
 *  1. frame_of[slot] is f exactly when frames[f].slot is slot.
 *  2. All frames are in one list, from `oldest` to `newest` by their last pin; empty ones are at its old
 *     end.
 *  3. An empty frame has no pins and is not dirty.
 *  4. A pinned frame is not evicted, so its values stay where they are.
 *  5. A dirty frame is written before it is reused, unless its slot was forgotten. When that fails it
 *     stays dirty: nothing is lost. */
#include "canvas/block_cache.h"

#include "base/arena_list.h"
#include "base/nameless.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { NONE = -1 };

/* A block in the cache, in a doubly linked list of all frames. */
typedef struct frame {
    int64_t slot; /* NONE: empty */
    int32_t pins;
    bool dirty;
    int64_t older, newer; /* NONE: there is none */
} frame;

struct gd_block_cache {
    char *folder; /* owned; for messages */
    int fd;       /* owned */
    int64_t slots, cached;
    gd_arena_list *places; /* owned; allocation of slots, in bytes of the file */
    float *values;         /* owned; [cached, GD_BLOCK, GD_BLOCK, 3] */
    frame *frames;         /* owned; [cached] */
    int64_t *frame_of;     /* owned; [slots]; NONE: not in the cache */
    bool *known; /* owned; [slots] the file holds values of the slot, maybe outdated if it is dirty */
    int64_t oldest, newest; /* frames */
    uint64_t moved;
};

gd_status gd_block_cache_in_memory(const char *folder, bool *in_memory, gd_error *error)
{
    struct stat about;
    struct statfs disk;
    if (stat(folder, &about) != 0 || !S_ISDIR(about.st_mode))
        return gd_fail(error, GD_USAGE,
                       "%s: there is no such folder for --scratch; create it, or name another", folder);
    if (access(folder, W_OK | X_OK) != 0 || statfs(folder, &disk) != 0)
        return gd_fail(error, GD_USAGE, "%s: --scratch cannot write there: %s; name another folder", folder,
                       strerror(errno));
    *in_memory = disk.f_type == TMPFS_MAGIC || disk.f_type == RAMFS_MAGIC;
    return GD_OK;
}

static gd_status no_memory(const char *folder, gd_error *error)
{
    return gd_no_memory(error, "the cache of the scratch file in %s; use a smaller --memory", folder);
}

/* Creates the file first, so that no lists are allocated for a size that does not fit on the disk. */
static gd_status make(gd_block_cache *s, const char *folder, gd_error *error)
{
    enum { PAGE = 4096 };
    s->folder = strdup(folder);
    gd_status status = s->folder ? gd_nameless_create(folder, (uint64_t)s->slots * GD_SLOT_BYTES,
                                                      "use more ranks", &s->fd, error)
                                 : no_memory(folder, error);
    if (status != GD_OK)
        return status;
    s->places = gd_arena_list_create((size_t)s->slots * GD_SLOT_BYTES);
    s->values = aligned_alloc(PAGE, (size_t)s->cached * GD_SLOT_BYTES);
    s->frames = calloc((size_t)s->cached, sizeof *s->frames);
    s->frame_of = malloc((size_t)s->slots * sizeof *s->frame_of);
    s->known = calloc((size_t)s->slots, sizeof *s->known);
    if (!s->places || !s->values || !s->frames || !s->frame_of || !s->known)
        return no_memory(folder, error);
    for (int64_t i = 0; i < s->cached; i++)
        s->frames[i] =
            (frame){.slot = NONE, .older = i > 0 ? i - 1 : NONE, .newer = i + 1 < s->cached ? i + 1 : NONE};
    s->oldest = 0;
    s->newest = s->cached - 1;
    for (int64_t i = 0; i < s->slots; i++)
        s->frame_of[i] = NONE;
    return GD_OK;
}

gd_status gd_block_cache_create(const char *folder, int64_t slots, int64_t cached, gd_block_cache **cache,
                                gd_error *error)
{
    *cache = NULL;
    gd_block_cache *made = calloc(1, sizeof *made);
    if (!made)
        return no_memory(folder, error);
    *made = (gd_block_cache){.fd = -1, .slots = slots, .cached = cached};
    const gd_status status = make(made, folder, error);
    if (status != GD_OK) {
        gd_block_cache_free(made);
        return status;
    }
    *cache = made;
    return GD_OK;
}

void gd_block_cache_free(gd_block_cache *cache)
{
    if (!cache)
        return;
    if (cache->fd >= 0)
        close(cache->fd);
    gd_arena_list_free(cache->places);
    free(cache->values);
    free(cache->frames);
    free(cache->frame_of);
    free(cache->known);
    free(cache->folder);
    free(cache);
}

gd_status gd_block_cache_take(gd_block_cache *s, int64_t count, int64_t *first, gd_error *error)
{
    size_t at = 0;
    if (!gd_arena_list_take(s->places, (size_t)count * GD_SLOT_BYTES, &at))
        return gd_fail(error, GD_INTERNAL, "the scratch file of %lld blocks has no space for %lld more",
                       (long long)s->slots, (long long)count);
    *first = (int64_t)(at / GD_SLOT_BYTES);
    return GD_OK;
}

void gd_block_cache_give(gd_block_cache *s, int64_t first, int64_t count)
{
    gd_block_cache_forget(s, first, count);
    (void)gd_arena_list_give(s->places, (size_t)first * GD_SLOT_BYTES);
}

static void unlink_frame(gd_block_cache *s, const frame *f)
{
    *(f->older == NONE ? &s->oldest : &s->frames[f->older].newer) = f->newer;
    *(f->newer == NONE ? &s->newest : &s->frames[f->newer].older) = f->older;
}

static void make_newest(gd_block_cache *s, frame *f)
{
    const int64_t own = f - s->frames;
    unlink_frame(s, f);
    f->older = s->newest;
    f->newer = NONE;
    *(s->newest == NONE ? &s->oldest : &s->frames[s->newest].newer) = own;
    s->newest = own;
}

static void make_oldest(gd_block_cache *s, frame *f)
{
    const int64_t own = f - s->frames;
    unlink_frame(s, f);
    f->older = NONE;
    f->newer = s->oldest;
    *(s->oldest == NONE ? &s->newest : &s->frames[s->oldest].older) = own;
    s->oldest = own;
}

static void empty(gd_block_cache *s, frame *f)
{
    if (f->slot != NONE)
        s->frame_of[f->slot] = NONE;
    f->slot = NONE;
    f->pins = 0;
    f->dirty = false;
    make_oldest(s, f);
}

void gd_block_cache_forget(gd_block_cache *s, int64_t first, int64_t count)
{
    for (int64_t slot = first; slot < first + count; slot++) {
        s->known[slot] = false;
        if (s->frame_of[slot] != NONE)
            empty(s, &s->frames[s->frame_of[slot]]);
    }
}

static float *values_of(const gd_block_cache *s, const frame *f)
{
    return s->values + (size_t)(f - s->frames) * (GD_SLOT_BYTES / sizeof(float));
}

/* Reads or writes a whole slot. */
static gd_status pass(gd_block_cache *s, const frame *f, bool out, gd_error *error)
{
    s->moved += GD_SLOT_BYTES;
    return gd_nameless_move(s->fd, s->folder, out, (uint64_t)f->slot * GD_SLOT_BYTES, values_of(s, f),
                            GD_SLOT_BYTES, error);
}

/* Evicts the least recently used frame that is not pinned. */
static gd_status evict(gd_block_cache *s, frame **found, gd_error *error)
{
    int64_t at = s->oldest;
    while (at != NONE && s->frames[at].pins > 0)
        at = s->frames[at].newer;
    if (at == NONE)
        return gd_fail(error, GD_INTERNAL, "all %lld blocks of the scratch file's cache are in use",
                       (long long)s->cached);
    frame *oldest = &s->frames[at];
    *found = oldest;
    if (oldest->dirty) {
        gd_status status = pass(s, oldest, true, error);
        if (status != GD_OK)
            return status;
        s->known[oldest->slot] = true;
    }
    empty(s, oldest);
    return GD_OK;
}

/* Fills a frame with NaN in debug builds, since values that were never written must not be read. */
static void poison(float *values)
{
#ifdef GD_POISON
    for (size_t i = 0; i < GD_SLOT_BYTES / sizeof *values; i++)
        values[i] = NAN;
#else
    (void)values;
#endif
}

static gd_status load(gd_block_cache *s, int64_t slot, bool read, frame **found, gd_error *error)
{
    gd_status status = evict(s, found, error);
    if (status != GD_OK)
        return status;
    frame *f = *found;
    f->slot = slot;
    if (read && s->known[slot])
        status = pass(s, f, false, error);
    else
        poison(values_of(s, f));
    if (status != GD_OK)
        f->slot = NONE;
    else
        s->frame_of[slot] = f - s->frames;
    return status;
}

gd_status gd_block_cache_pin(gd_block_cache *s, int64_t slot, gd_access access, float **values,
                             gd_error *error)
{
    frame *f = NULL;
    if (s->frame_of[slot] != NONE) {
        f = &s->frames[s->frame_of[slot]];
    } else {
        const gd_status status = load(s, slot, access != GD_ACCESS_REPLACE, &f, error);
        if (status != GD_OK)
            return status;
    }
    f->pins++;
    f->dirty = f->dirty || access != GD_ACCESS_READ;
    make_newest(s, f);
    *values = values_of(s, f);
    return GD_OK;
}

void gd_block_cache_unpin(gd_block_cache *s, int64_t slot)
{
    s->frames[s->frame_of[slot]].pins--;
}

void gd_block_cache_ahead(gd_block_cache *s, int64_t slot)
{
    if (s->frame_of[slot] == NONE && s->known[slot])
        (void)posix_fadvise(s->fd, (off_t)slot * (off_t)GD_SLOT_BYTES, (off_t)GD_SLOT_BYTES,
                            POSIX_FADV_WILLNEED);
}

uint64_t gd_block_cache_moved(const gd_block_cache *s)
{
    return s->moved;
}
