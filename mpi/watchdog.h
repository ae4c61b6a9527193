/* Timeout for blocking calls that have none. */
#ifndef GD_MPI_WATCHDOG_H
#define GD_MPI_WATCHDOG_H

#include <pthread.h>
#include <stdbool.h>

enum { GD_WATCHDOG_WORDS = 640 };

typedef struct gd_watchdog {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    double seconds;
    bool armed, over;
    char words[GD_WATCHDOG_WORDS]; /* a line for stderr */
} gd_watchdog;

/* If gd_watchdog_disarm is not called within `seconds`, a thread prints dog->words (filled by the caller) and
 * ends the process with exit code 1; the launcher then ends the other ranks. If the thread cannot be started,
 * there is no timeout. Not collective. */
void gd_watchdog_arm(gd_watchdog *dog, double seconds);
void gd_watchdog_disarm(gd_watchdog *dog);

#endif
