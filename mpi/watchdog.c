/* A thread that ends the process if an MPI call does not return in time. */
#include "mpi/watchdog.h"

#include "base/clock.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

static void *watch(void *argument)
{
    gd_watchdog *dog = argument;
    const struct timespec end = gd_clock_after(dog->seconds);
    int late = 0;
    pthread_mutex_lock(&dog->lock);
    while (!dog->over && !late)
        late = pthread_cond_timedwait(&dog->ended, &dog->lock, &end);
    if (!dog->over) {
        const ssize_t written = write(STDERR_FILENO, dog->words, strlen(dog->words));
        (void)written; /* there is no other way to report it */
        _exit(1);
    }
    pthread_mutex_unlock(&dog->lock);
    return NULL;
}

void gd_watchdog_arm(gd_watchdog *dog, double seconds)
{
    enum { STACK = 64 << 10 }; /* small: a limit on address space may not allow the default of megabytes */
    pthread_attr_t small;
    dog->seconds = seconds;
    dog->over = false;
    pthread_mutex_init(&dog->lock, NULL);
    gd_clock_condition(&dog->ended);
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN + STACK);
    dog->armed = pthread_create(&dog->thread, &small, watch, dog) == 0;
    pthread_attr_destroy(&small);
}

void gd_watchdog_disarm(gd_watchdog *dog)
{
    pthread_mutex_lock(&dog->lock);
    dog->over = true;
    pthread_cond_signal(&dog->ended);
    pthread_mutex_unlock(&dog->lock);
    if (dog->armed)
        pthread_join(dog->thread, NULL);
    pthread_cond_destroy(&dog->ended);
    pthread_mutex_destroy(&dog->lock);
}
