/* Identity of the owner of a lease, and its time limits. */
#ifndef GD_BASE_LEASE_TERMS_H
#define GD_BASE_LEASE_TERMS_H

#include <stdbool.h>

/* Identity of an owner, and its time limits. */
typedef struct gd_lease_terms {
    char host[65];
    char place[128]; /* scope of process numbers: this boot of the kernel and the pid namespace; "": unknown,
                        so that time stamps decide */
    long pid;
    unsigned long long start; /* start time of the process in clock ticks since boot; 0: unknown */
    char job[64];             /* of the batch system; "": none */
    bool restarted;  /* the batch system restarted the job, after it ended or lost an earlier owner */
    double renew;    /* seconds between two renewals */
    double gone;     /* seconds without a renewal after which an owner on another host may be dead */
    double patience; /* seconds to wait for an owner of the same job, or when restarted, before refusing */
    void (*waiting)(
        void *context,
        const char *sentence); /* (optional) called before waiting, with the reason and the time */
    void *context;             /* of `waiting` */
} gd_lease_terms;

/* This process, without a job; renew 5 s, gone 60 s, patience 90 s. */
void gd_lease_terms_default(gd_lease_terms *terms);

#endif
