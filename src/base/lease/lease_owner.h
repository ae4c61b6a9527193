/* What a lock says of its owner, and whether that lives. */
#ifndef GD_BASE_LEASE_OWNER_H
#define GD_BASE_LEASE_OWNER_H

#include <stdbool.h>

enum { GD_LEASE_TOKEN = 32, GD_LEASE_MARK = 8, GD_LEASE_TEXT = 1024 };

typedef struct gd_lease_owner {
    char token[GD_LEASE_TOKEN + 1]; /* random; its first letters mark temporary names */
    char host[65], place[128], job[64];
    long pid;
    unsigned long long start;
    long long began; /* seconds of its host's time of day; for people alone */
} gd_lease_owner;

/* The lock's text, some lines; false: it does not fit. */
bool gd_lease_owner_text(const gd_lease_owner *owner, char text[GD_LEASE_TEXT]);

/* False when the text is no lock's, or not all of it is there. */
bool gd_lease_owner_parse(const char *text, gd_lease_owner *owner);

typedef enum gd_lease_life {
    GD_LEASE_ALIVE,
    GD_LEASE_GONE,
    GD_LEASE_ELSEWHERE /* time stamps decide */
} gd_lease_life;

gd_lease_life gd_lease_owner_life(const gd_lease_owner *owner, const char *place);

/* When a process of this host was started, in the kernel's ticks, and its state, as proc(5) has them; false:
 * the system does not tell. */
bool gd_lease_process(long pid, unsigned long long *start, char *state);

#endif
