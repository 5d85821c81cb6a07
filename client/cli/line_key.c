/* SPDX-License-Identifier: Apache-2.0 */
#include "line_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

int
line_key_make(char key[LINE_KEY_SIZE], const char *path, long number, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    const char *slash = strrchr(path, '/');
    unsigned char digest[EVP_MAX_MD_SIZE];
    char *whole = NULL, *out = key;
    int size = asprintf(&whole, "%s\n%ld\n%s", slash != NULL ? slash + 1 : path, number, text),
        rc = -1;

    if (size < 0)
        return -1;
    if (EVP_Digest(whole, (size_t)size, digest, NULL, EVP_sha256(), NULL) != 1)
        goto out;
    digest[6] = (unsigned char)((digest[6] & 0x0F) | 0x80);
    digest[8] = (unsigned char)((digest[8] & 0x3F) | 0x80);
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[digest[i] >> 4];
        *out++ = digits[digest[i] & 0x0F];
    }
    *out = '\0';
    rc = 0;
out:
    free(whole);
    return rc;
}
