/* Default terms of a lease, and the identity of this process on this host. */
#include "base/lease/lease_terms.h"

#include "base/lease/lease_owner.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Identifies this boot of the kernel and the namespace of process numbers. */
static void find_place(char *place, size_t bytes)
{
    char boot[64] = "", space[64] = "";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (file && fscanf(file, "%63s", boot) != 1)
        boot[0] = '\0';
    if (file)
        fclose(file);
    const ssize_t length = readlink("/proc/self/ns/pid", space, sizeof space - 1);
    place[0] = '\0';
    if (boot[0] && length > 0)
        snprintf(place, bytes, "%s %.*s", boot, (int)length, space);
}

void gd_lease_terms_default(gd_lease_terms *terms)
{
    char state;
    *terms = (gd_lease_terms){.pid = (long)getpid(), .renew = 5, .gone = 60, .patience = 90};
    if (gethostname(terms->host, sizeof terms->host - 1) != 0 || !terms->host[0])
        strcpy(terms->host, "unknown");
    find_place(terms->place, sizeof terms->place);
    if (!gd_lease_process(terms->pid, &terms->start, &state))
        terms->place[0] = '\0';
}
