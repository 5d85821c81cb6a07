/* SPDX-License-Identifier: Apache-2.0
 *
 * How the command fails: one line on standard error, and an exit code that scripts can tell apart.
 */
#ifndef JINZAI_CLI_FAILURE_H
#define JINZAI_CLI_FAILURE_H

#include <stdio.h>

#include "lib/jinzai.h"
#include "language.h"

/* The numbers from 64 are those of sysexits.h. */
enum exit_code {
    EXIT_OK = 0,
    EXIT_REFUSED = 1,      /* the daemon refused for a reason without a code of its own */
    EXIT_INVALID = 2,      /* a parameter is missing, unknown or wrong */
    EXIT_NOT_FOUND = 3,    /* no such record */
    EXIT_CONFLICT = 4,     /* conflict, stale version or a transition that is not allowed */
    EXIT_DENIED = 5,       /* denied, not signed in or consent required */
    EXIT_USAGE_ERROR = 64, /* the command line cannot be understood */
    EXIT_DATA = 65,        /* a file's content cannot be understood */
    EXIT_INPUT = 66,       /* a file cannot be read */
    EXIT_UNAVAILABLE = 69, /* no connection, or the daemon cannot answer at the moment */
    EXIT_INTERNAL = 70,    /* an internal error of the daemon or an answer that makes no sense */
    EXIT_OUTPUT = 74,      /* the output cannot be written */
    EXIT_LATE = 75,        /* no answer within the deadline */
};

struct exit_row {
    enum exit_code code;
    const char *en, *ja;
};
extern const struct exit_row exit_table[]; /* for --help, ended by a row without text */

/* The exit code for a failed call. */
enum exit_code failure_code(const struct jinzai_error *error);

/* Writes "jinzai: " and the sentence to standard error, control characters made harmless. Returns
 * code. */
enum exit_code
failure_say(enum exit_code code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes one line on a failed call, with the parameter's name. Returns its exit code. */
enum exit_code failure_report(enum language language, const struct jinzai_error *error);

/* Writes what failure_report would, without "jinzai: " and the line's end, into text of size bytes.
 */
void
failure_describe(char *text, size_t size, enum language language, const struct jinzai_error *error);

#endif
