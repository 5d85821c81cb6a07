/* SPDX-License-Identifier: Apache-2.0
 *
 * A bar on standard error, for a terminal alone.
 */
#ifndef JINZAI_CLI_PROGRESS_H
#define JINZAI_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;
    long long total, done; /* of whatever is counted */
    int64_t drawn_ms;
};

/* Begins a bar; on anything but a terminal it shows nothing. */
void progress_begin(struct progress *progress, long long total);

/* So much is done; label says what is being done. Draws at most ten times a second. */
void progress_step(struct progress *progress, long long done, const char *label);

/* The same at once, for what takes long without steps. */
void progress_say(struct progress *progress, const char *label);

/* Takes the bar off the line, so that something else can be written there. */
void progress_clear(const struct progress *progress);

#endif
