/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with a request, as a value: filled where it is found, made into a JSON-RPC error
 * where it is answered.
 */
#ifndef JINZAI_RPC_FAULT_H
#define JINZAI_RPC_FAULT_H

#include <stddef.h>

#include "rpc/error.h"

enum {
    FAULT_MESSAGE_SIZE = 320,
    FAULT_PARAMETER_SIZE = 160,
    FAULT_EXPECTED_SIZE = 640,
    FAULT_QUOTE_SIZE = 72,
};

/* A plain value. Texts are UTF-8 and are cut between characters where they do not fit. */
struct fault {
    int code;                             /* 0: nothing is wrong */
    char message[FAULT_MESSAGE_SIZE];     /* one sentence without its full stop */
    char parameter[FAULT_PARAMETER_SIZE]; /* "objectives[2].skill", or "" */
    char expected[FAULT_EXPECTED_SIZE];   /* "a whole number from 1 to 5", or "" */
};

/* Says that nothing is wrong. Done for each request, so without the machinery of printf. */
void fault_clear(struct fault *fault);

/* Sets code and message and empties the rest. */
void fault_set(struct fault *fault, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets what was expected. */
void
fault_expect(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends text to a buffer of that size, cut between characters. */
void fault_append(char *buffer, size_t size, const char *text);

/* What a caller sent, safe to be shown: cut to what fits into quote, with control characters
 * replaced. */
const char *fault_quote(char quote[FAULT_QUOTE_SIZE], const char *text);

#endif
