/* SPDX-License-Identifier: Apache-2.0 */
#include "access/bucket.h"

enum { THOUSANDTHS = 1000 };

/* rate a second is rate thousandths a millisecond. */
static void
settle(struct bucket *bucket, int64_t rate, int64_t now_ms)
{
    int64_t passed_ms = now_ms - bucket->at_ms;

    bucket->at_ms = now_ms;
    if (passed_ms <= 0)
        return;
    bucket->used = passed_ms >= bucket->used / rate + 1 ? 0 : bucket->used - passed_ms * rate;
}

void
bucket_charge(struct bucket *bucket, int64_t amount, int64_t rate, int64_t now_ms)
{
    if (rate <= 0)
        return;
    settle(bucket, rate, now_ms);
    bucket->used += amount * THOUSANDTHS;
}

int64_t
bucket_wait_ms(struct bucket *bucket, int64_t rate, int64_t now_ms)
{
    int64_t over;

    if (rate <= 0)
        return 0;
    settle(bucket, rate, now_ms);
    over = bucket->used - rate * THOUSANDTHS;
    return over < 0 ? 0 : over / rate + 1;
}
