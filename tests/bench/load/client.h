/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections that ask and count right answers: each has so many requests in flight, and asks again when one is answered.
 */
#ifndef LOAD_CLIENT_H
#define LOAD_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "answer.h"
#include "template.h"

enum { ADDRESSES_MAX = 8, PIPELINE_MAX = 256 };

struct load {
    const char *addresses[ADDRESSES_MAX]; /* unix:PATH or tcp:HOST:PORT, taken in turn */
    size_t address_count;
    int connections;
    int pipeline;     /* requests in flight on each; 1 for HTTP */
    double warm_up_s; /* asked before counting */
    double seconds;   /* counted */
    bool http;
    struct ranges ranges;
    struct template *request; /* a line of JSON-RPC, or a whole HTTP request */
    struct checks checks;
    FILE *log;            /* one line an answer, as pgbench's --log, or NULL */
    double sampling_rate; /* what part of the answers is logged */
};

struct tally {
    uint64_t right;  /* that came while it was counted */
    uint64_t answered; /* right ones in all, before and after too */
    uint64_t wrong;  /* answers that do not hold what was asked */
    uint64_t lost;   /* requests whose connection ended */
    double seconds;  /* over which right were counted */
    double cpu_s;    /* of this program over the same time */
};

/* Opens the connections, asks, and counts. The first wrong answer is shown on standard error. Returns 0, or -1 with a
 * sentence on standard error where a connection could not be opened. */
int load_run(const struct load *load, struct tally *tally);

#endif
