/* SPDX-License-Identifier: Apache-2.0
 *
 * A token bucket: what a caller may use a second, with one second's worth in advance. Pure.
 */
#ifndef JINZAI_ACCESS_BUCKET_H
#define JINZAI_ACCESS_BUCKET_H

#include <stdint.h>

/* A plain value; all zeros is a caller who has used nothing. */
struct bucket {
    int64_t used;  /* what has been used and not been made good by time, in thousandths */
    int64_t at_ms; /* as of this time */
};

/* Takes amount, even into debt; a rate of 0 takes nothing. */
void bucket_charge(struct bucket *bucket, int64_t amount, int64_t rate, int64_t now_ms);

/* How many milliseconds from now on the caller has to wait for the next; 0 for none. */
int64_t bucket_wait_ms(struct bucket *bucket, int64_t rate, int64_t now_ms);

#endif
