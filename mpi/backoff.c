/* Backoff of polling loops: first no pause, then short sleeps. */
#include "mpi/backoff.h"

#include <time.h>

enum { SPINS = 20, NAP_SHORT = 50000, NAP_LONG = 200000, NAPS_SHORT = 20 };

void gd_backoff_pause(gd_backoff *backoff)
{
    if (backoff->rounds < SPINS + NAPS_SHORT)
        backoff->rounds++;
    if (backoff->rounds <= SPINS)
        return;
    struct timespec nap = {0, backoff->rounds < SPINS + NAPS_SHORT ? NAP_SHORT : NAP_LONG};
    nanosleep(&nap, NULL); /* a signal only shortens the sleep */
}
