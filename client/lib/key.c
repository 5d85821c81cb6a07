/* SPDX-License-Identifier: Apache-2.0 */
#include "key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

void
jinzai_key_format(char key[JINZAI_KEY_SIZE], uint64_t time_ms, const unsigned char random[10])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char byte[16];
    char *out = key;

    for (int i = 0; i < 6; i++)
        byte[i] = (unsigned char)(time_ms >> (40 - 8 * i));
    memcpy(byte + 6, random, 10);
    byte[6] = (unsigned char)((byte[6] & 0x0F) | 0x70);
    byte[8] = (unsigned char)((byte[8] & 0x3F) | 0x80);
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[byte[i] >> 4];
        *out++ = digits[byte[i] & 0x0F];
    }
    *out = '\0';
}

int
jinzai_key_make(char key[JINZAI_KEY_SIZE])
{
    unsigned char random[10];
    struct timespec time;
    ssize_t size;

    do
        size = getrandom(random, sizeof random, 0);
    while (size == -1 && errno == EINTR);
    if (size != (ssize_t)sizeof random || clock_gettime(CLOCK_REALTIME, &time) != 0)
        return -1;
    jinzai_key_format(key, (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000, random);
    return 0;
}
