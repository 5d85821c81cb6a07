/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS 1.3 and nothing older: the certificate that the daemon shows, and the roots of those that callers may show. Sessions
 * are not resumed: nothing is kept of a connection when it is over, and a resumed one would not show its certificate again.
 */
#ifndef JINZAI_WIRE_TLS_H
#define JINZAI_WIRE_TLS_H

#include <openssl/ssl.h>

#include "config.h"

struct tls;

/* Reads the files that the configuration names. Returns NULL with *error set to a sentence, which the caller frees. */
struct tls *tls_open(const struct config *conf, char **error);

/* Reads them again; connections that are open keep what they have. Returns 0, or -1 with *error as above and all as it
 * was. */
int tls_reload(struct tls *tls, const struct config *conf, char **error);

/* The daemon's side of a connection that is to be shaken hands on; NULL when out of memory. */
SSL *tls_accept(struct tls *tls);

/* The alternative names of the certificate that the other side has proved to have, as the text of a PostgreSQL array of
 * email:…, uri:… and dns:…, which the caller frees. NULL where it showed none, or one without names. */
char *tls_names(const SSL *ssl);

/* NULL is allowed. */
void tls_free(struct tls *tls);

#endif
