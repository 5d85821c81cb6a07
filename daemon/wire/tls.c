/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/tls.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "log.h"
#include "rpc/value.h"

enum {
    NAMES_MAX = 32, /* of one certificate that are looked at */
    NAME_MAX_BYTES = 256,
    CHAIN_DEPTH = 5,
    TICKET_S = 3600, /* how long a session may be resumed without looking at all of a certificate's chain again */
};

static const unsigned char service[] = "jinzaid";

struct tls {
    SSL_CTX *context;
};

static int fail(char **error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int
fail(char **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(error, format, arguments) < 0)
        *error = NULL;
    va_end(arguments);
    return -1;
}

/* The reason of OpenSSL's last error. */
static const char *
reason(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *text = code != 0 ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    return text != NULL ? text : "unknown reason";
}

/* A key that others can read is no secret. */
static int
check_key(const char *path, char **error)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return fail(error, "key: %s cannot be read: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return fail(error, "key: %s is not a file", path);
    if ((status.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0)
        return fail(error, "key: others may read or write %s: take that from them (chmod 640 or 600)", path);
    return 0;
}

/* Whether a client certificate is good is decided here alone; what it may do, by its names. */
static int
trust_clients(SSL_CTX *context, const char *path, char **error)
{
    STACK_OF(X509_NAME) * names;

    if (SSL_CTX_load_verify_file(context, path) != 1)
        return fail(error, "client_ca: %s cannot be used: %s", path, reason());
    names = SSL_load_client_CA_file(path);
    if (names == NULL)
        return fail(error, "client_ca: %s cannot be used: %s", path, reason());
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify_depth(context, CHAIN_DEPTH);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    return 0;
}

/* Who resumes a session is not asked for the certificate again. One that has expired since sends its owner through the
 * whole handshake, which refuses it; who it is for is looked up at each connection anyway. */
static SSL_TICKET_RETURN
on_ticket(SSL *ssl, SSL_SESSION *session, const unsigned char *name, size_t size, SSL_TICKET_STATUS status, void *context)
{
    X509 *certificate = session != NULL ? SSL_SESSION_get0_peer(session) : NULL;

    (void)ssl;
    (void)name;
    (void)size;
    (void)context;
    if ((status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW) ||
        (certificate != NULL && X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0))
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    return SSL_TICKET_RETURN_USE_RENEW;
}

/* The ticket holds the session, sealed with a key that is drawn with the context: after a reload, which may trust others,
 * nobody resumes what was before. The daemon keeps nothing. */
static int
offer_tickets(SSL_CTX *context, char **error)
{
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(context, TICKET_S);
    if (SSL_CTX_set_num_tickets(context, 1) != 1 ||
        SSL_CTX_set_session_id_context(context, service, sizeof service - 1) != 1 ||
        SSL_CTX_set_session_ticket_cb(context, NULL, on_ticket, NULL) != 1)
        return fail(error, "TLS sessions cannot be resumed: %s", reason());
    return 0;
}

static int
fill(SSL_CTX *context, const struct config *conf, char **error)
{
    if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1)
        return fail(error, "TLS 1.3 cannot be had: %s", reason());
    if (offer_tickets(context, error) != 0)
        return -1;
    /* What an idle connection holds: without it two buffers of 16 KiB each. */
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (conf->certificate == NULL || conf->key == NULL)
        return fail(error, "a tls: address needs certificate and key in [tls]");
    if (SSL_CTX_use_certificate_chain_file(context, conf->certificate) != 1)
        return fail(error, "certificate: %s cannot be used: %s", conf->certificate, reason());
    if (check_key(conf->key, error) != 0)
        return -1;
    if (SSL_CTX_use_PrivateKey_file(context, conf->key, SSL_FILETYPE_PEM) != 1)
        return fail(error, "key: %s cannot be used: %s", conf->key, reason());
    if (SSL_CTX_check_private_key(context) != 1)
        return fail(error, "key: %s is not the key of %s", conf->key, conf->certificate);
    return conf->client_ca != NULL ? trust_clients(context, conf->client_ca, error) : 0;
}

static SSL_CTX *
context_new(const struct config *conf, char **error)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    *error = NULL;
    if (context == NULL) {
        fail(error, "TLS cannot be set up: %s", reason());
        return NULL;
    }
    if (fill(context, conf, error) == 0)
        return context;
    SSL_CTX_free(context);
    return NULL;
}

struct tls *
tls_open(const struct config *conf, char **error)
{
    struct tls *tls = calloc(1, sizeof *tls);

    *error = NULL;
    if (tls == NULL)
        return NULL;
    tls->context = context_new(conf, error);
    if (tls->context != NULL)
        return tls;
    free(tls);
    return NULL;
}

int
tls_reload(struct tls *tls, const struct config *conf, char **error)
{
    SSL_CTX *context = context_new(conf, error);

    if (context == NULL)
        return -1;
    SSL_CTX_free(tls->context); /* each open connection holds it too */
    tls->context = context;
    return 0;
}

SSL *
tls_accept(struct tls *tls)
{
    SSL *ssl = SSL_new(tls->context);

    if (ssl == NULL)
        ERR_clear_error();
    return ssl;
}

/* Adds one alternative name. A name with a NUL in it is somebody's trick. */
static void
add_name(char **names, size_t *count, const GENERAL_NAME *name)
{
    static const struct {
        int type;
        const char *prefix;
    } kinds[] = {{GEN_EMAIL, "email"}, {GEN_URI, "uri"}, {GEN_DNS, "dns"}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const unsigned char *text;
        int length;

        if (name->type != kinds[i].type)
            continue;
        text = ASN1_STRING_get0_data(name->d.ia5);
        length = ASN1_STRING_length(name->d.ia5);
        if (length > 0 && length <= NAME_MAX_BYTES && memchr(text, '\0', (size_t)length) == NULL &&
            asprintf(&names[*count], "%s:%.*s", kinds[i].prefix, length, (const char *)text) > 0)
            ++*count;
    }
}

char *
tls_names(const SSL *ssl)
{
    X509 *certificate = SSL_get1_peer_certificate(ssl);
    GENERAL_NAMES *found = NULL;
    char *names[NAMES_MAX], *array = NULL;
    size_t count = 0;

    if (certificate == NULL || SSL_get_verify_result(ssl) != X509_V_OK)
        goto out;
    found = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(found) && count < NAMES_MAX; i++)
        add_name(names, &count, sk_GENERAL_NAME_value(found, i));
    if (count > 0)
        array = value_array((const char *const *)names, count);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
out:
    GENERAL_NAMES_free(found);
    X509_free(certificate);
    return array;
}

void
tls_free(struct tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}
