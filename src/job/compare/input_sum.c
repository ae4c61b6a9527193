/* Computes the input's CRC in a thread while the render reads the input. Resuming checks it. */
#include "job/compare/input_sum.h"

#include "mpi/agree.h"
#include "mpi/checkpoint/checkpoint_sum.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct gd_input_sum {
    const char *path; /* borrowed */
    pthread_t thread;
    atomic_bool stop;
    bool joined;
    gd_status status; /* this and all below belong to the thread until it is joined */
    int64_t bytes, crc;
    gd_error error;
};

static void *work(void *context)
{
    gd_input_sum *s = context;
    s->status = gd_checkpoint_sum_alone(s->path, &s->stop, &s->bytes, &s->crc, &s->error);
    return NULL;
}

gd_status gd_input_sum_begin(const char *path, gd_input_sum **sum, gd_error *error)
{
    gd_input_sum *s = calloc(1, sizeof *s);
    *sum = NULL;
    if (!s)
        return gd_no_memory(error, "the CRC of %s", path);
    s->path = path;
    const int failed = pthread_create(&s->thread, NULL, work, s);
    if (failed) {
        free(s);
        return gd_fail(error, GD_MEMORY, "cannot start a thread for the CRC of %s: %s", path,
                       strerror(failed));
    }
    *sum = s;
    return GD_OK;
}

/* Waits for at most a second. */
static bool has_ended(gd_input_sum *s)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    s->joined = s->joined || pthread_timedjoin_np(s->thread, NULL, &until) != ETIMEDOUT;
    return s->joined;
}

gd_status gd_input_sum_end(gd_comm *comm, gd_input_sum *sum, int64_t *bytes, int64_t *crc, gd_error *error)
{
    gd_status status = GD_OK;
    int32_t more = 0;
    do {
        more = sum && !has_ended(sum);
        if (sum && !more && sum->status != GD_OK) {
            status = sum->status;
            *error = sum->error;
        }
        status = gd_comm_agree_request(comm, status, &more, error);
    } while (status == GD_OK && more);
    *bytes = sum && status == GD_OK ? sum->bytes : 0;
    *crc = sum && status == GD_OK ? sum->crc : 0;
    return status;
}

void gd_input_sum_free(gd_input_sum *sum)
{
    if (!sum)
        return;
    atomic_store(&sum->stop, true);
    if (!sum->joined)
        (void)pthread_join(sum->thread, NULL);
    free(sum);
}
