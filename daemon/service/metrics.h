/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures on methods since the daemon's start: how often each was called, with what errors, how long answers took and how
 * many bytes they had. Nothing of who called or with what. Times are kept as counts in fixed buckets, each a fifth wider
 * than the one before, so that memory is fixed and a percentile is at most a fifth too high. Recording is a few additions.
 */
#ifndef JINZAI_SERVICE_METRICS_H
#define JINZAI_SERVICE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct metrics;

/* For methods numbered from 0. NULL when out of memory. */
struct metrics *metrics_new(size_t methods);

/* Microseconds of a clock that never jumps. */
int64_t metrics_now_us(void);

/* A call of a method has been answered after so long: with an error's code, or 0 and that many bytes of result. */
void metrics_record(struct metrics *metrics, size_t method, int64_t duration_us, int code, size_t bytes);

/* How many calls of the method were answered. */
uint64_t metrics_calls(const struct metrics *metrics, size_t method);

/* The time within which that share of the answers (0 to 1) came, in microseconds; 0 where there were none. */
int64_t metrics_percentile_us(const struct metrics *metrics, size_t method, double share);

/* {"calls", "errors": {name: count}, "error_count", "p50_ms", "p99_ms", "bytes"}; NULL when out of memory. */
json_t *metrics_json(const struct metrics *metrics, size_t method);

void metrics_free(struct metrics *metrics);

#endif
