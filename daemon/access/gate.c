/* SPDX-License-Identifier: Apache-2.0 */
#include "access/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "access/bucket.h"
#include "access/recent.h"
#include "log.h"

enum {
    ADDRESSES = 8192,          /* that failed of late */
    CALLERS = 4096,            /* whose requests are counted; strangers have as many places of their own */
    FORGET_MS = 15 * 60000,    /* after so long without a failure an address begins anew */
    DELAY_FIRST_MS = 250,
    WAITING_AN_ADDRESS = 16,   /* attempts of one address that are under way or wait for their answer */
    STALE_MS = 6000,           /* without news for so long, no token is trusted */
};

struct attempts {
    int64_t failed_ms;
    unsigned failures;
    int under_way;
};

struct usage {
    struct bucket requests, bytes;
};

struct late {
    TAILQ_ENTRY(late) link;
    struct gate *gate;
    struct event *timer;
    char address[RECENT_KEY_SIZE];
    void (*call)(void *context);
    void *context;
};

TAILQ_HEAD(late_list, late);

struct gate {
    struct event_base *base;
    const struct limits *limits;
    struct recent *addresses, *callers, *strangers;
    struct late_list late;
    int under_way;
    int64_t heard_ms;
    unsigned changes;
};

int64_t
gate_now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

struct gate *
gate_new(struct event_base *base, const struct limits *limits)
{
    struct gate *gate = calloc(1, sizeof *gate);

    if (gate == NULL)
        return NULL;
    gate->base = base;
    gate->limits = limits;
    TAILQ_INIT(&gate->late);
    gate->heard_ms = gate_now_ms();
    gate->addresses = recent_new(ADDRESSES, sizeof(struct attempts));
    gate->callers = recent_new(CALLERS, sizeof(struct usage));
    gate->strangers = recent_new(CALLERS, sizeof(struct usage));
    if (gate->addresses != NULL && gate->callers != NULL && gate->strangers != NULL)
        return gate;
    gate_free(gate);
    return NULL;
}

/* How much is asked a second --------------------------------------------------------------------------------------- */

/* NULL for the machine's own administrators, who could stop the daemon altogether. */
static struct usage *
usage_of(struct gate *gate, const struct principal *who, const char *address, int64_t now_ms)
{
    if (who->trusted || (gate->limits->requests_per_second == 0 && gate->limits->bytes_per_second == 0))
        return NULL;
    return who->id[0] != '\0' ? recent_get(gate->callers, who->id, now_ms)
                              : recent_get(gate->strangers, address, now_ms);
}

void
gate_charge_bytes(struct gate *gate, const struct principal *who, const char *address, size_t bytes)
{
    int64_t now_ms = gate_now_ms();
    struct usage *usage = usage_of(gate, who, address, now_ms);

    if (usage != NULL)
        bucket_charge(&usage->bytes, (int64_t)bytes, (int64_t)gate->limits->bytes_per_second, now_ms);
}

int
gate_charge_request(struct gate *gate, const struct principal *who, const char *address, struct fault *fault)
{
    int64_t now_ms = gate_now_ms(), wait_ms, bytes_ms;
    struct usage *usage = usage_of(gate, who, address, now_ms);

    if (usage == NULL)
        return 0;
    wait_ms = bucket_wait_ms(&usage->requests, gate->limits->requests_per_second, now_ms);
    bytes_ms = bucket_wait_ms(&usage->bytes, (int64_t)gate->limits->bytes_per_second, now_ms);
    if (wait_ms == 0 && bytes_ms == 0) {
        bucket_charge(&usage->requests, 1, gate->limits->requests_per_second, now_ms);
        return 0;
    }
    if (wait_ms > 0)
        fault_set(fault, ERROR_LIMIT_EXCEEDED, "A caller may make %d requests a second; try again in %lld ms",
                  gate->limits->requests_per_second, (long long)wait_ms);
    else
        fault_set(fault, ERROR_LIMIT_EXCEEDED, "A caller may send and get %zu bytes a second; try again in %lld ms",
                  gate->limits->bytes_per_second, (long long)bytes_ms);
    fault_expect(fault, "a pause of %lld ms", (long long)(wait_ms > bytes_ms ? wait_ms : bytes_ms));
    return -1;
}

/* Signing in ------------------------------------------------------------------------------------------------------- */

int64_t
gate_delay_ms(unsigned failures, int64_t longest_ms)
{
    int64_t delay_ms = DELAY_FIRST_MS;

    while (failures-- > 1 && delay_ms < longest_ms)
        delay_ms *= 2;
    return delay_ms < longest_ms ? delay_ms : longest_ms;
}

int
gate_try(struct gate *gate, const char *address, struct fault *fault)
{
    struct attempts *attempts = recent_get(gate->addresses, address, gate_now_ms());

    if (gate->under_way >= gate->limits->sign_ins_waiting || attempts->under_way >= WAITING_AN_ADDRESS) {
        fault_set(fault, ERROR_LIMIT_EXCEEDED, "Too many sign-ins are under way; try again later");
        return -1;
    }
    attempts->under_way++;
    gate->under_way++;
    return 0;
}

void
gate_pass(struct gate *gate, const char *address)
{
    struct attempts *attempts = recent_find(gate->addresses, address);

    gate->under_way--;
    if (attempts != NULL && attempts->under_way > 0) /* else another address has taken its place */
        attempts->under_way--;
}

static void
late_end(struct late *late)
{
    TAILQ_REMOVE(&late->gate->late, late, link);
    gate_pass(late->gate, late->address);
    late->call(late->context);
    event_free(late->timer);
    free(late);
}

static void
on_due(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    late_end(context);
}

int
gate_refuse(struct gate *gate, const char *address, const char *what, void (*call)(void *context), void *context)
{
    int64_t now_ms = gate_now_ms(), delay_ms;
    struct attempts *attempts = recent_get(gate->addresses, address, now_ms);
    struct late *late = calloc(1, sizeof *late);
    struct timeval pause;

    if (attempts->failures == 0 || now_ms - attempts->failed_ms > FORGET_MS)
        attempts->failures = 0;
    attempts->failures++;
    attempts->failed_ms = now_ms;
    delay_ms = gate_delay_ms(attempts->failures, gate->limits->sign_in_delay_max_ms);
    log_write(LOG_WARNING, "a sign-in was refused address=%s by=%s failures=%u delay_ms=%lld", address, what,
              attempts->failures, (long long)delay_ms);
    if (late == NULL)
        goto fail;
    late->gate = gate;
    late->call = call;
    late->context = context;
    snprintf(late->address, sizeof late->address, "%s", address);
    late->timer = evtimer_new(gate->base, on_due, late);
    pause = (struct timeval){delay_ms / 1000, delay_ms % 1000 * 1000};
    if (late->timer == NULL || evtimer_add(late->timer, &pause) != 0)
        goto fail;
    TAILQ_INSERT_TAIL(&gate->late, late, link);
    return 0;
fail:
    if (late != NULL && late->timer != NULL)
        event_free(late->timer);
    free(late);
    gate_pass(gate, address);
    return -1;
}

void
gate_free(struct gate *gate)
{
    struct late *late;

    if (gate == NULL)
        return;
    while ((late = TAILQ_FIRST(&gate->late)) != NULL)
        late_end(late);
    recent_free(gate->addresses);
    recent_free(gate->callers);
    recent_free(gate->strangers);
    free(gate);
}

/* What is known of sign-ins that have ended ------------------------------------------------------------------------- */

void
gate_heard(struct gate *gate, int64_t at_ms)
{
    gate->heard_ms = at_ms;
}

bool
gate_is_fresh(const struct gate *gate, int64_t now_ms)
{
    return now_ms - gate->heard_ms <= STALE_MS;
}

void
gate_changed(struct gate *gate)
{
    gate->changes++;
}

unsigned
gate_changes(const struct gate *gate)
{
    return gate->changes;
}
