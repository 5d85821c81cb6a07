/* SPDX-License-Identifier: Apache-2.0 */
#include "digest.h"

#include <errno.h>
#include <stdio.h>

#include <openssl/evp.h>

enum { PIECE = 1 << 16 };

struct digest *
digest_new(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(context);
        context = NULL;
    }
    return (struct digest *)context;
}

void
digest_add(struct digest *digest, const void *bytes, size_t size)
{
    if (digest != NULL)
        EVP_DigestUpdate((EVP_MD_CTX *)digest, bytes, size);
}

void
digest_finish(struct digest *digest, char hex[DIGEST_HEX_SIZE])
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    *hex = '\0';
    if (digest != NULL && EVP_DigestFinal_ex((EVP_MD_CTX *)digest, sum, &size) == 1)
        for (unsigned i = 0; i < size && 2 * i + 2 < DIGEST_HEX_SIZE; i++)
            snprintf(hex + (size_t)2 * i, 3, "%02x", sum[i]);
    EVP_MD_CTX_free((EVP_MD_CTX *)digest);
}

int
digest_file(const char *path, char hex[DIGEST_HEX_SIZE], long long *bytes)
{
    FILE *file = fopen(path, "re");
    struct digest *digest = digest_new();
    char piece[PIECE];
    size_t size;
    int rc = -1, kept;

    *bytes = 0;
    if (file != NULL && digest != NULL) {
        while ((size = fread(piece, 1, sizeof piece, file)) > 0) {
            digest_add(digest, piece, size);
            *bytes += (long long)size;
        }
        rc = ferror(file) ? -1 : 0;
    }
    kept = errno;
    digest_finish(digest, hex);
    if (file != NULL)
        fclose(file);
    errno = kept;
    return rc;
}
