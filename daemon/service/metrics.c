/* SPDX-License-Identifier: Apache-2.0 */
#include "service/metrics.h"

#include <stdlib.h>
#include <time.h>

#include "rpc/error.h"

enum {
    BUCKETS = 112,     /* from 10 microseconds to two hours */
    FIRST_US = 10,
    ERRORS_MAX = 32,
    US_PER_SECOND = 1000000,
    NS_PER_US = 1000,
};

/* Each bucket is a fifth wider than the one before. */
static const double growth = 1.2;

struct figures {
    uint64_t calls, bytes;
    uint64_t errors[ERRORS_MAX]; /* by their place in error_table */
    uint32_t buckets[BUCKETS];
};

struct metrics {
    size_t count;
    int64_t ends_us[BUCKETS]; /* the longest time of each bucket */
    struct figures figures[];
};

int64_t
metrics_now_us(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * US_PER_SECOND + time.tv_nsec / NS_PER_US;
}

struct metrics *
metrics_new(size_t methods)
{
    struct metrics *metrics = calloc(1, sizeof *metrics + methods * sizeof *metrics->figures);
    double end_us = FIRST_US;

    if (metrics == NULL)
        return NULL;
    metrics->count = methods;
    for (int i = 0; i < BUCKETS; i++, end_us *= growth)
        metrics->ends_us[i] = (int64_t)end_us;
    return metrics;
}

static size_t
error_place(int code)
{
    size_t place = 0;

    while (error_table[place].name != NULL && error_table[place].code != code)
        place++;
    return place < ERRORS_MAX ? place : ERRORS_MAX - 1;
}

static int
bucket_of(const struct metrics *metrics, int64_t duration_us)
{
    int low = 0, high = BUCKETS - 1;

    while (low < high) {
        int middle = (low + high) / 2;

        if (duration_us <= metrics->ends_us[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void
metrics_record(struct metrics *metrics, size_t method, int64_t duration_us, int code, size_t bytes)
{
    struct figures *figures;

    if (method >= metrics->count)
        return;
    figures = &metrics->figures[method];
    figures->calls++;
    figures->bytes += bytes;
    if (code != 0)
        figures->errors[error_place(code)]++;
    figures->buckets[bucket_of(metrics, duration_us)]++;
}

uint64_t
metrics_calls(const struct metrics *metrics, size_t method)
{
    return method < metrics->count ? metrics->figures[method].calls : 0;
}

int64_t
metrics_percentile_us(const struct metrics *metrics, size_t method, double share)
{
    const struct figures *figures = &metrics->figures[method];
    uint64_t seen = 0, wanted = (uint64_t)(share * (double)figures->calls);

    if (figures->calls == 0)
        return 0;
    if ((double)wanted < share * (double)figures->calls || wanted == 0)
        wanted++;
    for (int i = 0; i < BUCKETS; i++) {
        seen += figures->buckets[i];
        if (seen >= wanted)
            return metrics->ends_us[i];
    }
    return metrics->ends_us[BUCKETS - 1];
}

json_t *
metrics_json(const struct metrics *metrics, size_t method)
{
    const struct figures *figures = &metrics->figures[method];
    json_t *errors = json_object();
    uint64_t count = 0;

    for (size_t i = 0; i < ERRORS_MAX && error_table[i].name != NULL; i++) {
        count += figures->errors[i];
        if (figures->errors[i] > 0)
            json_object_set_new(errors, error_table[i].name, json_integer((json_int_t)figures->errors[i]));
    }
    return json_pack("{s:I, s:I, s:o, s:f, s:f, s:I}", "calls", (json_int_t)figures->calls, "error_count", (json_int_t)count,
                     "errors", errors, "p50_ms", (double)metrics_percentile_us(metrics, method, 0.5) / 1000, "p99_ms",
                     (double)metrics_percentile_us(metrics, method, 0.99) / 1000, "bytes", (json_int_t)figures->bytes);
}

void
metrics_free(struct metrics *metrics)
{
    free(metrics);
}
