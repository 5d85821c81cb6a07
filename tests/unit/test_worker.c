/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <event2/event.h>

#include "service/worker.h"

enum { DEADLINE_S = 30, MANY = 500 };

static struct event_base *base;
static struct worker_pool *pool;

/* A task and what became of it. */
struct work {
    atomic_int entered, open; /* open: those that wait may go on */
    atomic_int most, inside;
    int rc;
    int ends;
    enum worker_outcome outcome;
    pthread_t thread;
};

static void
on_deadline(evutil_socket_t fd, short what, void *data)
{
    (void)fd, (void)what, (void)data;
    fail_msg("nothing came back in time");
}

static void
start(int threads, int waiting_max)
{
    base = event_base_new();
    assert_non_null(base);
    pool = worker_pool_new(base, threads, waiting_max);
    assert_non_null(pool);
}

static void
finish(void)
{
    worker_pool_free(pool);
    pool = NULL;
    event_base_free(base);
}

/* Turns the loop until *ends is at least `count`. */
static void
turn_until(const int *ends, int count)
{
    struct event *deadline = evtimer_new(base, on_deadline, NULL);
    struct timeval time = {DEADLINE_S, 0};

    evtimer_add(deadline, &time);
    while (*ends < count)
        event_base_loop(base, EVLOOP_ONCE);
    event_free(deadline);
}

static void
done(void *data, enum worker_outcome outcome)
{
    struct work *work = data;

    assert_true(pthread_equal(work->thread, pthread_self()));
    work->ends++;
    work->outcome = outcome;
}

static int
quick(void *data, const struct stop *stop)
{
    struct work *work = data;

    (void)stop;
    atomic_fetch_add(&work->entered, 1);
    return work->rc;
}

/* Until it is let go, or told to stop. */
static int
patient(void *data, const struct stop *stop)
{
    struct work *work = data;
    int inside = atomic_fetch_add(&work->inside, 1) + 1, most = atomic_load(&work->most);

    while (inside > most && !atomic_compare_exchange_weak(&work->most, &most, inside))
        ;
    atomic_fetch_add(&work->entered, 1);
    while (!atomic_load(&work->open) && !stop_asked(stop))
        sched_yield();
    atomic_fetch_sub(&work->inside, 1);
    return stop_asked(stop) ? -1 : 0;
}

static struct worker_job *
submit(struct work *work, int (*run)(void *, const struct stop *), int threads, int timeout_ms)
{
    struct worker_task task = {run, done, work, threads, timeout_ms};

    work->thread = pthread_self();
    return worker_submit(pool, &task);
}

static void
wait_entered(struct work *work, int count)
{
    while (atomic_load(&work->entered) < count)
        sched_yield();
}

static void
a_result_comes_back_on_the_loop_once(void **state)
{
    struct work work = {0};

    (void)state;
    start(2, 10);
    assert_non_null(submit(&work, quick, 1, 0));
    assert_int_equal(worker_pool_unfinished(pool), 1);
    assert_int_equal(work.ends, 0);
    turn_until(&work.ends, 1);
    assert_int_equal(work.outcome, WORKER_DONE);
    assert_int_equal(worker_pool_unfinished(pool), 0);
    finish();
    assert_int_equal(work.ends, 1);
}

static void
a_failure_is_told(void **state)
{
    struct work work = {.rc = -1};

    (void)state;
    start(1, 10);
    assert_non_null(submit(&work, quick, 1, 0));
    turn_until(&work.ends, 1);
    assert_int_equal(work.outcome, WORKER_FAILED);
    finish();
}

static void
a_full_queue_takes_no_more(void **state)
{
    struct work busy = {0}, waiting = {0}, refused = {0};

    (void)state;
    start(1, 1);
    assert_non_null(submit(&busy, patient, 1, 0));
    wait_entered(&busy, 1);
    assert_non_null(submit(&waiting, quick, 1, 0));
    assert_int_equal(worker_pool_waiting(pool), 1);
    assert_null(submit(&refused, quick, 1, 0));
    atomic_store(&busy.open, 1);
    turn_until(&waiting.ends, 1);
    assert_int_equal(refused.ends, 0);
    assert_int_equal(refused.entered, 0);
    finish();
}

static void
the_loop_turns_while_a_task_runs(void **state)
{
    struct work busy = {0}, other = {0};

    (void)state;
    start(2, 10);
    assert_non_null(submit(&busy, patient, 1, 0));
    wait_entered(&busy, 1);
    assert_non_null(submit(&other, quick, 1, 0));
    turn_until(&other.ends, 1);
    assert_int_equal(busy.ends, 0);
    atomic_store(&busy.open, 1);
    turn_until(&busy.ends, 1);
    finish();
}

static void
a_running_task_is_cancelled_and_never_from_within(void **state)
{
    struct work work = {0};
    struct worker_job *job;

    (void)state;
    start(1, 10);
    job = submit(&work, patient, 1, 0);
    wait_entered(&work, 1);
    worker_cancel(job);
    worker_cancel(job);
    assert_int_equal(work.ends, 0);
    turn_until(&work.ends, 1);
    assert_int_equal(work.outcome, WORKER_CANCELLED);
    finish();
    assert_int_equal(work.ends, 1);
}

static void
a_waiting_task_is_cancelled_without_running(void **state)
{
    struct work busy = {0}, waiting = {0};

    (void)state;
    start(1, 10);
    submit(&busy, patient, 1, 0);
    wait_entered(&busy, 1);
    worker_cancel(submit(&waiting, quick, 1, 0));
    turn_until(&waiting.ends, 1);
    assert_int_equal(waiting.outcome, WORKER_CANCELLED);
    assert_int_equal(waiting.entered, 0);
    assert_int_equal(worker_pool_waiting(pool), 0);
    atomic_store(&busy.open, 1);
    turn_until(&busy.ends, 1);
    finish();
}

static void
time_runs_out_for_a_task_that_runs_and_for_one_that_waits(void **state)
{
    struct work busy = {0}, waiting = {0};

    (void)state;
    start(1, 10);
    submit(&busy, patient, 1, 60);
    wait_entered(&busy, 1);
    submit(&waiting, quick, 1, 20);
    turn_until(&waiting.ends, 1);
    assert_int_equal(waiting.outcome, WORKER_LATE);
    assert_int_equal(waiting.entered, 0);
    turn_until(&busy.ends, 1);
    assert_int_equal(busy.outcome, WORKER_LATE);
    finish();
}

static void
several_threads_share_a_task_that_wants_them(void **state)
{
    struct work work = {0};

    (void)state;
    start(4, 10);
    submit(&work, patient, 3, 0);
    wait_entered(&work, 3);
    atomic_store(&work.open, 1);
    turn_until(&work.ends, 1);
    assert_int_equal(work.outcome, WORKER_DONE);
    assert_int_equal(work.most, 3);
    assert_int_equal(work.entered, 3);
    finish();
    assert_int_equal(work.ends, 1);
}

static void
a_task_that_nobody_began_goes_before_helping(void **state)
{
    struct work first = {0}, large = {0}, small = {0};

    (void)state;
    start(2, 10);
    submit(&first, patient, 1, 0);
    wait_entered(&first, 1);
    submit(&large, patient, 2, 0);
    wait_entered(&large, 1);
    submit(&small, quick, 1, 0);
    atomic_store(&first.open, 1);
    turn_until(&small.ends, 1);
    assert_int_equal(large.ends, 0);
    wait_entered(&large, 2);
    atomic_store(&large.open, 1);
    turn_until(&large.ends, 1);
    finish();
}

static void
drained(void *data)
{
    ++*(int *)data;
}

static void
draining_takes_no_more_and_tells_when_all_has_ended(void **state)
{
    struct work busy = {0}, waiting = {0}, refused = {0};
    int times = 0;

    (void)state;
    start(1, 10);
    submit(&busy, patient, 1, 0);
    submit(&waiting, quick, 1, 0);
    worker_pool_drain(pool, drained, &times);
    assert_null(submit(&refused, quick, 1, 0));
    event_base_loop(base, EVLOOP_NONBLOCK);
    assert_int_equal(times, 0);
    atomic_store(&busy.open, 1);
    turn_until(&times, 1);
    assert_int_equal(busy.ends, 1);
    assert_int_equal(waiting.ends, 1);
    assert_int_equal(waiting.outcome, WORKER_DONE);
    finish();
    assert_int_equal(times, 1);
}

static void
an_idle_pool_is_drained_at_the_next_turn(void **state)
{
    int times = 0;

    (void)state;
    start(1, 10);
    worker_pool_drain(pool, drained, &times);
    assert_int_equal(times, 0);
    turn_until(&times, 1);
    finish();
}

static void
freeing_cancels_what_runs_and_what_waits(void **state)
{
    struct work busy = {0}, waiting = {0};

    (void)state;
    start(1, 10);
    submit(&busy, patient, 1, 1000000);
    wait_entered(&busy, 1);
    submit(&waiting, quick, 1, 1000000);
    finish();
    assert_int_equal(busy.ends, 1);
    assert_int_equal(busy.outcome, WORKER_CANCELLED);
    assert_int_equal(waiting.ends, 1);
    assert_int_equal(waiting.outcome, WORKER_CANCELLED);
    assert_int_equal(waiting.entered, 0);
}

static void
many_tasks_all_end_once(void **state)
{
    static struct work work[MANY];
    int ends = 0;

    (void)state;
    start(7, MANY);
    for (int i = 0; i < MANY; i++) {
        struct worker_job *job =
            submit(&work[i], i % 3 == 0 ? patient : quick, 1 + i % 4, i % 5 == 0 ? 5 : 0);

        assert_non_null(job);
        atomic_store(&work[i].open, i % 2);
        if (i % 6 == 0)
            worker_cancel(job);
        else
            atomic_store(&work[i].open, 1);
    }
    for (int i = 0; i < MANY; i++)
        turn_until(&work[i].ends, 1);
    finish();
    for (int i = 0; i < MANY; i++)
        ends += work[i].ends;
    assert_int_equal(ends, MANY);
}

static void
a_pool_without_threads_is_refused(void **state)
{
    (void)state;
    base = event_base_new();
    assert_null(worker_pool_new(base, 0, 1));
    assert_null(worker_pool_new(base, WORKER_THREADS_MAX + 1, 1));
    event_base_free(base);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_comes_back_on_the_loop_once),
        cmocka_unit_test(a_failure_is_told),
        cmocka_unit_test(a_full_queue_takes_no_more),
        cmocka_unit_test(the_loop_turns_while_a_task_runs),
        cmocka_unit_test(a_running_task_is_cancelled_and_never_from_within),
        cmocka_unit_test(a_waiting_task_is_cancelled_without_running),
        cmocka_unit_test(time_runs_out_for_a_task_that_runs_and_for_one_that_waits),
        cmocka_unit_test(several_threads_share_a_task_that_wants_them),
        cmocka_unit_test(a_task_that_nobody_began_goes_before_helping),
        cmocka_unit_test(draining_takes_no_more_and_tells_when_all_has_ended),
        cmocka_unit_test(an_idle_pool_is_drained_at_the_next_turn),
        cmocka_unit_test(freeing_cancels_what_runs_and_what_waits),
        cmocka_unit_test(many_tasks_all_end_once),
        cmocka_unit_test(a_pool_without_threads_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
