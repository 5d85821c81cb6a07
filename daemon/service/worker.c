/* SPDX-License-Identifier: Apache-2.0 */
#include "service/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include <event2/event.h>

enum { MS = 1000 };

/* Why a job was told to stop. */
enum reason { RUNNING, CANCELLED, LATE };

struct worker_job {
    struct worker_task task;
    struct worker_pool *pool;
    atomic_bool told; /* to stop; what `stop` looks at */
    struct stop stop;
    /* Only the loop touches these. */
    struct event *timer; /* or NULL */
    enum reason reason;  /* that it was told to stop for */
    TAILQ_ENTRY(worker_job) member;
    /* Under the pool's lock. */
    TAILQ_ENTRY(worker_job) link; /* in `open` or `ended` */
    bool open;                    /* threads may still enter */
    int entered;                  /* threads that ever did */
    int inside;                   /* threads in run */
    bool failed;
};

TAILQ_HEAD(job_list, worker_job);

struct worker_pool {
    struct event_base *base;
    struct event *event;
    int wakeup; /* eventfd: something has ended */
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_t thread[WORKER_THREADS_MAX];
    int threads, waiting_max;
    /* Under the lock. */
    struct job_list open, ended;
    int waiting;  /* of open, that no thread entered */
    bool closing; /* threads shall end */
    /* Only the loop touches these. */
    struct job_list jobs; /* all that have not ended */
    int unfinished;
    bool draining;
    void (*drained)(void *data);
    void *drained_data;
};

static void
wake(struct worker_pool *pool)
{
    /* Fails only where the counter is full: then the loop is about to wake anyhow. */
    (void)!eventfd_write(pool->wakeup, 1);
}

/* Under the lock: nobody may enter any more. */
static void
job_close(struct worker_job *job)
{
    if (!job->open)
        return;
    job->open = false;
    TAILQ_REMOVE(&job->pool->open, job, link);
    if (job->entered == 0)
        job->pool->waiting--;
}

/* Under the lock: hands a job back to the loop, once closed and empty. */
static void
job_end(struct worker_job *job)
{
    TAILQ_INSERT_TAIL(&job->pool->ended, job, link);
    wake(job->pool);
}

/* Under the lock: what a free thread does next. */
static struct worker_job *
next_job(struct worker_pool *pool)
{
    struct worker_job *job;

    TAILQ_FOREACH(job, &pool->open, link)
    if (job->entered == 0)
        return job;
    return TAILQ_FIRST(&pool->open);
}

/* Under the lock, which it lets go while the task runs. */
static void
job_enter(struct worker_job *job)
{
    struct worker_pool *pool = job->pool;
    int rc;

    if (job->entered++ == 0)
        pool->waiting--;
    job->inside++;
    if (job->entered == job->task.threads) {
        job->open = false;
        TAILQ_REMOVE(&pool->open, job, link);
    }
    pthread_mutex_unlock(&pool->lock);
    rc = stop_asked(&job->stop) ? MODEL_STOPPED : job->task.run(job->task.data, &job->stop);
    pthread_mutex_lock(&pool->lock);
    /* One who found nothing left to do says so for all. */
    job_close(job);
    job->failed |= rc != 0;
    if (--job->inside == 0)
        job_end(job);
}

static void *
thread_main(void *data)
{
    struct worker_pool *pool = data;
    struct worker_job *job;

    pthread_mutex_lock(&pool->lock);
    while (!pool->closing) {
        job = next_job(pool);
        if (job != NULL)
            job_enter(job);
        else
            pthread_cond_wait(&pool->work, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static enum worker_outcome
outcome_of(const struct worker_job *job)
{
    if (job->reason == CANCELLED)
        return WORKER_CANCELLED;
    if (!job->failed && job->entered > 0)
        return WORKER_DONE;
    return job->reason == LATE ? WORKER_LATE : WORKER_FAILED;
}

static void
job_finish(struct worker_job *job)
{
    struct worker_pool *pool = job->pool;
    struct worker_task task = job->task;
    enum worker_outcome outcome = outcome_of(job);

    TAILQ_REMOVE(&pool->jobs, job, member);
    pool->unfinished--;
    if (job->timer != NULL)
        event_free(job->timer);
    free(job);
    task.done(task.data, outcome);
}

/* Those that have ended by now: one whose done submits the next may not hold up the loop. */
static void
finish_ended(struct worker_pool *pool)
{
    struct job_list ended = TAILQ_HEAD_INITIALIZER(ended);
    struct worker_job *job;

    pthread_mutex_lock(&pool->lock);
    TAILQ_CONCAT(&ended, &pool->ended, link);
    pthread_mutex_unlock(&pool->lock);
    while ((job = TAILQ_FIRST(&ended)) != NULL) {
        TAILQ_REMOVE(&ended, job, link);
        job_finish(job);
    }
}

static void
on_wakeup(evutil_socket_t fd, short what, void *data)
{
    struct worker_pool *pool = data;
    uint64_t count;

    (void)what;
    if (read(fd, &count, sizeof(count)) < 0)
        return; /* woken for nothing */
    finish_ended(pool);
    if (pool->draining && pool->unfinished == 0 && pool->drained != NULL) {
        void (*drained)(void *) = pool->drained;

        pool->drained = NULL;
        drained(pool->drained_data);
    }
}

/* Tells a job to stop, for the first reason that comes. One that nobody has begun ends at once. */
static void
job_stop(struct worker_job *job, enum reason why)
{
    struct worker_pool *pool = job->pool;

    if (job->reason != RUNNING)
        return;
    job->reason = why;
    atomic_store(&job->told, true);
    pthread_mutex_lock(&pool->lock);
    if (job->entered == 0 && job->open) {
        job_close(job);
        job_end(job);
    } else {
        job_close(job); /* no more helpers */
    }
    pthread_mutex_unlock(&pool->lock);
}

static void
on_timeout(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    job_stop(data, LATE);
}

static int
start_threads(struct worker_pool *pool, int threads)
{
    sigset_t all, before;

    /* Signals are the loop's. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool->threads < threads &&
           pthread_create(&pool->thread[pool->threads], NULL, thread_main, pool) == 0)
        pool->threads++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pool->threads == threads ? 0 : -1;
}

struct worker_pool *
worker_pool_new(struct event_base *base, int threads, int waiting_max)
{
    struct worker_pool *pool = calloc(1, sizeof(*pool));

    if (pool == NULL)
        return NULL;
    pool->base = base;
    pool->waiting_max = waiting_max;
    TAILQ_INIT(&pool->open);
    TAILQ_INIT(&pool->ended);
    TAILQ_INIT(&pool->jobs);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pool->wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (pool->wakeup < 0)
        goto failed;
    pool->event = event_new(base, pool->wakeup, EV_READ | EV_PERSIST, on_wakeup, pool);
    if (pool->event == NULL || event_add(pool->event, NULL) != 0)
        goto failed;
    if (threads < 1 || threads > WORKER_THREADS_MAX || start_threads(pool, threads) != 0)
        goto failed;
    return pool;
failed:
    worker_pool_free(pool);
    return NULL;
}

struct worker_job *
worker_submit(struct worker_pool *pool, const struct worker_task *task)
{
    struct worker_job *job;
    struct timeval timeout = {task->timeout_ms / MS, task->timeout_ms % MS * MS};

    if (pool->draining || task->threads < 1 || worker_pool_waiting(pool) >= pool->waiting_max)
        return NULL;
    job = calloc(1, sizeof(*job));
    if (job == NULL)
        return NULL;
    job->task = *task;
    job->pool = pool;
    job->open = true;
    atomic_init(&job->told, false);
    job->stop.cancel = &job->told;
    if (task->timeout_ms > 0) {
        job->timer = evtimer_new(pool->base, on_timeout, job);
        if (job->timer == NULL || evtimer_add(job->timer, &timeout) != 0)
            goto failed;
    }
    TAILQ_INSERT_TAIL(&pool->jobs, job, member);
    pool->unfinished++;
    pthread_mutex_lock(&pool->lock);
    TAILQ_INSERT_TAIL(&pool->open, job, link);
    pool->waiting++;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    return job;
failed:
    if (job->timer != NULL)
        event_free(job->timer);
    free(job);
    return NULL;
}

void
worker_cancel(struct worker_job *job)
{
    job_stop(job, CANCELLED);
    job->reason = CANCELLED; /* also one whose time ran out a moment ago */
}

int
worker_pool_waiting(const struct worker_pool *pool)
{
    struct worker_pool *locked = (struct worker_pool *)pool;
    int waiting;

    pthread_mutex_lock(&locked->lock);
    waiting = pool->waiting;
    pthread_mutex_unlock(&locked->lock);
    return waiting;
}

int
worker_pool_unfinished(const struct worker_pool *pool)
{
    return pool->unfinished;
}

void
worker_pool_drain(struct worker_pool *pool, void (*drained)(void *data), void *data)
{
    pool->draining = true;
    pool->drained = drained;
    pool->drained_data = data;
    wake(pool); /* it may be idle already */
}

void
worker_pool_cancel(struct worker_pool *pool)
{
    struct worker_job *job;

    TAILQ_FOREACH(job, &pool->jobs, member)
    worker_cancel(job);
}

void
worker_pool_free(struct worker_pool *pool)
{
    if (pool == NULL)
        return;
    pool->draining = true;
    worker_pool_cancel(pool);
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->threads; i++)
        pthread_join(pool->thread[i], NULL);
    finish_ended(pool);
    if (pool->event != NULL)
        event_free(pool->event);
    if (pool->wakeup >= 0)
        close(pool->wakeup);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
