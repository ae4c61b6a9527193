/* The owner of a lock, as text, and whether its process is alive. */
#ifndef GD_BASE_LEASE_OWNER_H
#define GD_BASE_LEASE_OWNER_H

#include <stdbool.h>

enum { GD_LEASE_TOKEN = 32, GD_LEASE_MARK = 8, GD_LEASE_TEXT = 1024 };

typedef struct gd_lease_owner {
    char token[GD_LEASE_TOKEN + 1]; /* random; its first letters are in temporary names */
    char host[65], place[128], job[64];
    long pid;
    unsigned long long start;
    long long began; /* seconds since 1970 by its host's clock; for messages only */
} gd_lease_owner;

/* Writes the text of a lock, some lines; false: it does not fit. */
bool gd_lease_owner_text(const gd_lease_owner *owner, char text[GD_LEASE_TEXT]);

/* Parses it; false if the text is not that of a lock, or is incomplete. */
bool gd_lease_owner_parse(const char *text, gd_lease_owner *owner);

typedef enum gd_lease_life {
    GD_LEASE_ALIVE,
    GD_LEASE_GONE,
    GD_LEASE_ELSEWHERE /* on another host: time stamps decide */
} gd_lease_life;

/* Whether the owner is alive; `place` identifies this host (gd_lease_terms). */
gd_lease_life gd_lease_owner_life(const gd_lease_owner *owner, const char *place);

/* Start time of a process on this host, in clock ticks since boot, and its state, as in proc(5); false:
 * unknown. */
bool gd_lease_process(long pid, unsigned long long *start, char *state);

#endif
