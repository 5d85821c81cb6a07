/* SPDX-License-Identifier: Apache-2.0 */

#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "error.h"

struct jinzai_tls {
    SSL_CTX *context;
    BIO_METHOD *method; /* a socket that gives no SIGPIPE */
    SSL *ssl;           /* NULL between connections */
    int fd;
    bool wants_write;
    char host[256];
    char reason[160]; /* "" where there is none */
};

/* The socket ------------------------------------------------------------------------------------ */

static bool
passes(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static int
bio_write(BIO *bio, const char *bytes, int size)
{
    const struct jinzai_tls *tls = BIO_get_data(bio);
    ssize_t sent = send(tls->fd, bytes, (size_t)size, MSG_NOSIGNAL);

    BIO_clear_retry_flags(bio);
    if (sent < 0 && passes())
        BIO_set_retry_write(bio);
    return (int)sent;
}

static int
bio_read(BIO *bio, char *bytes, int size)
{
    const struct jinzai_tls *tls = BIO_get_data(bio);
    ssize_t got = recv(tls->fd, bytes, (size_t)size, 0);

    BIO_clear_retry_flags(bio);
    if (got < 0 && passes())
        BIO_set_retry_read(bio);
    return (int)got;
}

static long
bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static int
bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

static int
method_make(struct jinzai_tls *tls)
{
    tls->method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "jinzai");
    return tls->method != NULL && BIO_meth_set_write(tls->method, bio_write) == 1 &&
                   BIO_meth_set_read(tls->method, bio_read) == 1 &&
                   BIO_meth_set_ctrl(tls->method, bio_control) == 1 && BIO_meth_set_create(tls->method, bio_create) == 1
               ? 0
               : -1;
}

/* What holds for every connection ---------------------------------------------------------------- */

static const char *
setting(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

static int
refuse(struct jinzai_error *error, const char *variable, const char *path)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

    jinzai_error_set(error, JINZAI_CANNOT_CONNECT, "%s: %s cannot be used: %s", variable, path,
                     reason != NULL ? reason : "unknown reason");
    ERR_clear_error();
    return -1;
}

static int
fill(struct jinzai_tls *tls, struct jinzai_error *error)
{
    const char *ca = setting("JINZAI_CA"), *certificate = setting("JINZAI_CERTIFICATE"), *key = setting("JINZAI_KEY");
    SSL_CTX *context = tls->context;

    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (ca != NULL ? SSL_CTX_load_verify_file(context, ca) != 1 : SSL_CTX_set_default_verify_paths(context) != 1)
        return refuse(error, "JINZAI_CA", ca != NULL ? ca : "the system's store");
    if (certificate == NULL)
        return 0;
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        return refuse(error, "JINZAI_CERTIFICATE", certificate);
    if (key == NULL)
        key = certificate;
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        return refuse(error, "JINZAI_KEY", key);
    return 0;
}

struct jinzai_tls *
jinzai_tls_open(const char *host, struct jinzai_error *error)
{
    struct jinzai_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL)
        goto no_memory;
    jinzai_error_copy(tls->host, sizeof tls->host, host);
    tls->context = SSL_CTX_new(TLS_client_method());
    if (tls->context == NULL || method_make(tls) != 0)
        goto no_memory;
    if (fill(tls, error) == 0)
        return tls;
    jinzai_tls_close(tls);
    return NULL;
no_memory:
    jinzai_error_set(error, JINZAI_NO_MEMORY, "out of memory");
    jinzai_tls_close(tls);
    return NULL;
}

/* One connection ---------------------------------------------------------------------------------- */

/* The certificate must be for the host as the caller named it, be that a name or an address. */
static int
expect_host(struct jinzai_tls *tls)
{
    unsigned char address[sizeof(struct in6_addr)];

    if (inet_pton(AF_INET, tls->host, address) == 1 || inet_pton(AF_INET6, tls->host, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls->ssl), tls->host) == 1 ? 0 : -1;
    SSL_set_hostflags(tls->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(tls->ssl, tls->host) == 1 && SSL_set_tlsext_host_name(tls->ssl, tls->host) == 1 ? 0 : -1;
}

int
jinzai_tls_begin(struct jinzai_tls *tls, int fd)
{
    BIO *bio;

    jinzai_tls_end(tls);
    tls->fd = fd;
    tls->reason[0] = '\0';
    tls->ssl = SSL_new(tls->context);
    bio = tls->ssl != NULL ? BIO_new(tls->method) : NULL;
    if (bio == NULL || expect_host(tls) != 0) {
        BIO_free(bio);
        jinzai_tls_end(tls);
        return -1;
    }
    BIO_set_data(bio, tls);
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_connect_state(tls->ssl);
    return 0;
}

static void
note_reason(struct jinzai_tls *tls)
{
    long verified = SSL_get_verify_result(tls->ssl);
    unsigned long code = ERR_peek_last_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

    if (verified != X509_V_OK)
        reason = X509_verify_cert_error_string(verified);
    jinzai_error_copy(tls->reason, sizeof tls->reason, reason != NULL ? reason : "");
}

/* Returns 0 with errno EAGAIN where the socket has to be waited for, else -1. */
static int
judge(struct jinzai_tls *tls, int rc)
{
    int saved = errno, fault = SSL_get_error(tls->ssl, rc);

    tls->wants_write = fault == SSL_ERROR_WANT_WRITE;
    if (fault == SSL_ERROR_WANT_READ || fault == SSL_ERROR_WANT_WRITE) {
        errno = EAGAIN;
        return 0;
    }
    note_reason(tls);
    ERR_clear_error();
    errno = fault == SSL_ERROR_SYSCALL && saved != 0 ? saved : ECONNABORTED;
    return -1;
}

int
jinzai_tls_shake(struct jinzai_tls *tls)
{
    int rc = SSL_do_handshake(tls->ssl);

    return rc == 1 ? 1 : judge(tls, rc);
}

bool
jinzai_tls_wants_write(const struct jinzai_tls *tls)
{
    return tls->wants_write;
}

long
jinzai_tls_read(struct jinzai_tls *tls, char *bytes, size_t size)
{
    size_t got = 0;
    int rc = SSL_read_ex(tls->ssl, bytes, size, &got);

    if (rc == 1)
        return (long)got;
    if (SSL_get_error(tls->ssl, rc) == SSL_ERROR_ZERO_RETURN)
        return 0;
    judge(tls, rc);
    return -1;
}

long
jinzai_tls_write(struct jinzai_tls *tls, const char *bytes, size_t size)
{
    size_t sent = 0;
    int rc = SSL_write_ex(tls->ssl, bytes, size, &sent);

    if (rc == 1)
        return (long)sent;
    judge(tls, rc);
    return -1;
}

const char *
jinzai_tls_reason(const struct jinzai_tls *tls)
{
    return tls->reason[0] != '\0' ? tls->reason : NULL;
}

void
jinzai_tls_end(struct jinzai_tls *tls)
{
    if (tls->ssl == NULL)
        return;
    if (SSL_is_init_finished(tls->ssl))
        SSL_shutdown(tls->ssl);
    ERR_clear_error();
    SSL_free(tls->ssl);
    tls->ssl = NULL;
}

void
jinzai_tls_close(struct jinzai_tls *tls)
{
    if (tls == NULL)
        return;
    jinzai_tls_end(tls);
    SSL_CTX_free(tls->context);
    BIO_meth_free(tls->method);
    free(tls);
}
