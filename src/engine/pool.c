/* Worker threads and their queue of jobs, under one lock. */
#include "engine/pool.h"

#include "base/clock.h"
#include "base/minmax.h"
#include "engine/worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

typedef struct member {
    gd_pool *pool;     /* borrowed */
    gd_worker *worker; /* owned */
    pthread_t thread;
} member;

struct gd_pool {
    const gd_engine *engine; /* borrowed */
    const atomic_bool *stop; /* borrowed; NULL: jobs are never abandoned */
    member *members;         /* owned; [member_count] */
    int32_t member_count;
    pthread_mutex_t lock; /* guards all fields below */
    pthread_cond_t work, idle;
    gd_job *jobs; /* borrowed; [job_count] */
    int32_t job_count, next, done;
    double started, busy; /* start of the running jobs; seconds of earlier ones (gd_pool_busy) */
    bool closing;
    gd_status status;
    gd_error error;
};

static bool is_stopped(const gd_pool *pool)
{
    return pool->stop && atomic_load(pool->stop);
}

/* Clears the gradient of an abandoned job, since it is still exchanged. */
static gd_status leave_out(const gd_engine *engine, const gd_job *job, gd_error *error)
{
    gd_memory *memory = gd_engine_memory(engine);
    return memory->class->clear(memory, job->gradient,
                                (size_t)gd_rect_area(job->shape.focus) * 3 * sizeof(float), error);
}

/* Only a gradient in host memory can be abandoned halfway: on a device, all of it is queued at once. */
static gd_status compute(gd_worker *worker, const gd_pool *pool, gd_job *job, gd_error *error)
{
    const gd_engine *engine = pool->engine;
    const bool host = gd_engine_memory(engine)->class->kind == GD_MEMORY_HOST;
    job->sums[0] = job->sums[1] = 0;
    job->event = 0;
    if (is_stopped(pool))
        return leave_out(engine, job, error);
    gd_status status =
        gd_worker_gradient(worker, &job->shape, job->window, job->gradient, host ? pool->stop : NULL, error);
    if (status != GD_OK || (host && is_stopped(pool)))
        return status;
    const gd_rect focus = job->shape.focus;
    const int64_t stride = focus.cols * 3;
    const float *core = job->gradient + (job->core.y - focus.y) * stride + (job->core.x - focus.x) * 3;
    status = engine->backend->moments(engine->device, core, job->core.rows, job->core.cols, stride, job->sums,
                                      error);
    return status == GD_OK ? gd_engine_record_event(engine, &job->event, error) : status;
}

static void *serve(void *argument)
{
    member *me = argument;
    gd_pool *pool = me->pool;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->closing && pool->next == pool->job_count)
            pthread_cond_wait(&pool->work, &pool->lock);
        if (pool->closing)
            break;
        gd_job *job = &pool->jobs[pool->next++];
        const bool wanted = pool->status == GD_OK; /* after a failure the other jobs are skipped */
        pthread_mutex_unlock(&pool->lock);
        gd_error error;
        gd_status status = wanted ? compute(me->worker, pool, job, &error) : GD_OK;
        pthread_mutex_lock(&pool->lock);
        if (status != GD_OK && pool->status == GD_OK) {
            pool->status = status;
            pool->error = error;
        }
        if (++pool->done == pool->job_count) {
            pool->busy += gd_clock() - pool->started;
            pthread_cond_broadcast(&pool->idle);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static gd_status add_member(gd_pool *pool, gd_error *error)
{
    member *m = &pool->members[pool->member_count];
    m->pool = pool;
    gd_status status = gd_worker_create(pool->engine, &m->worker, error);
    if (status != GD_OK)
        return status;
    if (pthread_create(&m->thread, NULL, serve, m) != 0) {
        gd_worker_free(m->worker);
        return gd_fail(error, GD_MEMORY,
                       "a compute thread could not be started; raise the limit on processes");
    }
    pool->member_count++;
    return GD_OK;
}

gd_status gd_pool_create(const gd_engine *engine, int32_t threads, gd_pool **pool, gd_error *error)
{
    *pool = NULL;
    gd_pool *made = calloc(1, sizeof *made);
    if (made)
        made->members = calloc((size_t)threads, sizeof *made->members);
    if (!made || !made->members) {
        free(made);
        return gd_no_memory(error, "%d compute threads", threads);
    }
    made->engine = engine;
    pthread_mutex_init(&made->lock, NULL);
    gd_clock_condition(&made->work);
    gd_clock_condition(&made->idle);
    gd_status status = GD_OK;
    while (status == GD_OK && made->member_count < threads)
        status = add_member(made, error);
    if (status != GD_OK) {
        gd_pool_free(made);
        return status;
    }
    *pool = made;
    return GD_OK;
}

void gd_pool_free(gd_pool *pool)
{
    gd_error late;
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (int32_t i = 0; i < pool->member_count; i++)
        pthread_join(pool->members[i].thread, NULL);
    (void)!gd_engine_finish(pool->engine, &late); /* what is queued uses workers and jobs */
    for (int32_t i = 0; i < pool->member_count; i++)
        gd_worker_free(pool->members[i].worker);
    pthread_cond_destroy(&pool->idle);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool->members);
    free(pool);
}

void gd_pool_watch(gd_pool *pool, const atomic_bool *stop)
{
    pthread_mutex_lock(&pool->lock);
    pool->stop = stop;
    pthread_mutex_unlock(&pool->lock);
}

void gd_pool_start(gd_pool *pool, gd_job *jobs, int32_t count)
{
    pthread_mutex_lock(&pool->lock);
    pool->jobs = jobs;
    pool->job_count = count;
    pool->next = pool->done = 0;
    pool->started = gd_clock();
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

bool gd_pool_wait(gd_pool *pool, int64_t microseconds)
{
    const struct timespec until = gd_clock_after(1e-6 * (double)gd_max_i64(microseconds, 0));
    int late = 0;
    pthread_mutex_lock(&pool->lock);
    while (pool->done < pool->job_count && late == 0) {
        if (microseconds < 0)
            pthread_cond_wait(&pool->idle, &pool->lock);
        else
            late = pthread_cond_timedwait(&pool->idle, &pool->lock, &until);
    }
    const bool done = pool->done == pool->job_count;
    pthread_mutex_unlock(&pool->lock);
    return done;
}

double gd_pool_busy(gd_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    const double busy = pool->busy;
    pool->busy = 0;
    pthread_mutex_unlock(&pool->lock);
    return busy;
}

gd_status gd_pool_result(gd_pool *pool, gd_error *error)
{
    if (pool->status != GD_OK && error)
        *error = pool->error;
    return pool->status;
}
