/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS 1.3 over a link's socket, without blocking and without SIGPIPE.
 */
#ifndef JINZAI_LIB_TLS_H
#define JINZAI_LIB_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "jinzai.h"

struct jinzai_tls;

/* What is the same for every connection to that host: whom to trust (the file in JINZAI_CA, else the system's), and the
 * certificate to show (JINZAI_CERTIFICATE and JINZAI_KEY, where set). Returns NULL with *error filled. */
struct jinzai_tls *jinzai_tls_open(const char *host, struct jinzai_error *error);

/* Begins a handshake on a connected socket. Returns 0, or -1 when out of memory. */
int jinzai_tls_begin(struct jinzai_tls *tls, int fd);

/* Goes on with it. Returns 1 when it is done, 0 when the socket has to be waited for, -1 when it failed. */
int jinzai_tls_shake(struct jinzai_tls *tls);

/* Whether it waits to write, not to read. */
bool jinzai_tls_wants_write(const struct jinzai_tls *tls);

/* As recv and send on a socket that does not block: errno is EAGAIN where the socket has to be waited for. */
long jinzai_tls_read(struct jinzai_tls *tls, char *bytes, size_t size);
long jinzai_tls_write(struct jinzai_tls *tls, const char *bytes, size_t size);

/* Why the last handshake failed, as words; NULL where an errno says it. */
const char *jinzai_tls_reason(const struct jinzai_tls *tls);

/* Ends the connection; the socket stays the caller's. */
void jinzai_tls_end(struct jinzai_tls *tls);

/* NULL is allowed. */
void jinzai_tls_close(struct jinzai_tls *tls);

#endif
