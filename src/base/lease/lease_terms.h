/* Who the owner of a lease is, and how long it waits for other owners. */
#ifndef GD_BASE_LEASE_TERMS_H
#define GD_BASE_LEASE_TERMS_H

#include <stdbool.h>

/* Who an owner is, and how long others wait. */
typedef struct gd_lease_terms {
    char host[65];
    char place[128]; /* of the process numbers: this start of this system's kernel, and their name space; "":
                        unknown, so that time stamps decide */
    long pid;
    unsigned long long start; /* of the process, in the kernel's ticks; 0: unknown */
    char job[64];             /* of the batch system; "": none */
    bool restarted;           /* by the batch system, which has ended or lost an owner before */
    double renew;             /* seconds between two renewals */
    double gone;              /* seconds without one, after which an owner elsewhere may be gone */
    double patience; /* seconds to wait for an owner of the same job, or when restarted, before refusing */
    void (*waiting)(void *context,
                    const char *sentence); /* (optional) told before waiting, why and how long */
    void *context;                         /* of `waiting` */
} gd_lease_terms;

/* This process, of no job; 5 s, 60 s, and 90 s of patience. */
void gd_lease_terms_default(gd_lease_terms *terms);

#endif
