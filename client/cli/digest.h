/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 of what goes by.
 */
#ifndef JINZAI_CLI_DIGEST_H
#define JINZAI_CLI_DIGEST_H

#include <stddef.h>

enum { DIGEST_HEX_SIZE = 65 };

struct digest;

/* NULL when out of memory. */
struct digest *digest_new(void);
void digest_add(struct digest *digest, const void *bytes, size_t size);

/* Writes the digest of all that was added as 64 hexadecimal digits, and frees it. NULL is allowed, and gives "". */
void digest_finish(struct digest *digest, char hex[DIGEST_HEX_SIZE]);

/* The digest of a file and its size in bytes. Returns 0, or -1 with errno set. */
int digest_file(const char *path, char hex[DIGEST_HEX_SIZE], long long *bytes);

#endif
