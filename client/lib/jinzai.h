/* SPDX-License-Identifier: Apache-2.0
 *
 * libjinzai: talking to jinzaid, the workforce database of the fusion partnership, from C. It needs
 * jansson and OpenSSL.
 *
 *     struct jinzai_error error;
 *     struct jinzai *conn = jinzai_open("unix:/run/jinzai/jinzai.sock", 5000, &error);
 *     json_t *result = NULL;
 *     if (conn == NULL || jinzai_call(conn, "server.info", NULL, 5000, &result, &error) != 0)
 *         fprintf(stderr, "%s\n", error.message);
 *
 * Threads: the library has no globals. One connection is used by one thread at a time; different
 * threads use different connections, or lock around each call.
 *
 * TLS: with "tls:host:port" the daemon's certificate must be for the host and lead to a root in the file that the variable
 * JINZAI_CA names, else in the system's store. JINZAI_CERTIFICATE and JINZAI_KEY name a certificate to show, as PEM.
 *
 * Times are milliseconds. Every call has a deadline: a timeout of 0 or less means
 * JINZAI_TIMEOUT_MS.
 *
 * Lost connections: until the deadline, what was not answered is sent again over a new connection.
 * That is safe for reads, and for writes because each carries an idempotency key: the daemon does
 * it once and gives the first answer again. An answer "unavailable" is retried in the same way,
 * with growing pauses.
 *
 * Numbers: a real in parameters given as json_t is sent with 15 significant digits, so that 0.8 is
 * sent as 0.8 and not as 0.80000000000000004. Parameters given as text are sent as they are.
 *
 * The library never ends the program, writes nothing to standard output or error, and leaves
 * SIGPIPE alone.
 */
#ifndef JINZAI_H
#define JINZAI_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    JINZAI_TIMEOUT_MS = 30000, /* the deadline where a caller names none */
    JINZAI_ANSWER_BYTES =
        64 * 1024 * 1024, /* the longest answer taken, unless jinzai_set_answer_bytes says else */
    JINZAI_OUTSTANDING_MAX = 16384, /* requests sent and not yet received, a connection */
};

/* Positive: the library found it. Negative: the daemon said it. */
enum jinzai_code {
    JINZAI_OK = 0,
    JINZAI_NO_MEMORY = 1,
    JINZAI_BAD_ADDRESS =
        2, /* neither unix:/path, tcp:host:port nor tls:host:port, or a host that has no address */
    JINZAI_CANNOT_CONNECT = 3, /* nobody answers there, or not within the deadline */
    JINZAI_LOST = 4,       /* the connection broke and the request could not be sent again safely */
    JINZAI_DEADLINE = 5,   /* no answer in time; a write may still happen, once */
    JINZAI_TOO_LARGE = 6,  /* the answer is longer than the limit */
    JINZAI_BAD_ANSWER = 7, /* what came is not JSON-RPC 2.0 */
    JINZAI_BAD_CALL = 8,   /* parameters that are no JSON object or array, an unknown ticket */
    JINZAI_BUSY = 9,       /* JINZAI_OUTSTANDING_MAX requests are waiting to be received */

    JINZAI_PARSE_ERROR = -32700,
    JINZAI_INVALID_REQUEST = -32600,
    JINZAI_METHOD_NOT_FOUND = -32601,
    JINZAI_INVALID_PARAMS = -32602,
    JINZAI_INTERNAL_ERROR = -32603,
    JINZAI_NOT_FOUND = -32001,
    JINZAI_CONFLICT = -32002,
    JINZAI_DENIED = -32003,
    JINZAI_UNAUTHENTICATED = -32004,
    JINZAI_LIMIT_EXCEEDED = -32005,
    JINZAI_UNAVAILABLE = -32006,
    JINZAI_TIMEOUT = -32007,
    JINZAI_STALE_VERSION = -32008,
    JINZAI_CONSENT_REQUIRED = -32009,
    JINZAI_INVALID_TRANSITION = -32010,
    JINZAI_DIVERGED = -32011,
};

/* What went wrong, as a plain value: nothing in it is to be freed. All texts are UTF-8 and end in
 * NUL; one that is not known is empty, one that is longer than its field is cut after a whole
 * character. */
struct jinzai_error {
    int code;            /* enum jinzai_code, or another number that the daemon sent */
    char name[32];       /* the stable name: "not_found", "cannot_connect" */
    char message[512];   /* one sentence for people */
    char parameter[128]; /* the path of the parameter concerned: "objectives[2].skill" */
    char expected[256];  /* what it should have been */
    char trace[40];      /* what to quote to the daemon's administrator */
};

enum jinzai_flag {
    JINZAI_WRITE = 1 << 0, /* the method writes, so it gets an idempotency key */
    JINZAI_ONCE = 1 << 1,  /* never sent again: for who does not know whether the method writes */
};

enum jinzai_event {
    JINZAI_READABLE = 1 << 0,
    JINZAI_WRITABLE = 1 << 1,
};

/* One connection, which reconnects by itself. */
struct jinzai;

/* In all functions below error may be NULL, and is filled only on failure. */

/* Connects to address, "unix:/path", "tcp:host:port" ("tcp:[::1]:7411" for IPv6) or "tls:host:port", within
 * timeout_ms. A host's name is resolved here, once, which may take longer than the timeout where
 * the name service does. Returns a connection that the caller closes with jinzai_close, or NULL
 * with JINZAI_BAD_ADDRESS, JINZAI_CANNOT_CONNECT or JINZAI_NO_MEMORY. */
struct jinzai *jinzai_open(const char *address, int timeout_ms, struct jinzai_error *error);

/* Signs the connection in with a token, and each one that is made anew later, before anything else is asked on it. The
 * token is erased from memory by jinzai_close. A token of NULL signs out. Returns and fills *result, which says who that
 * is, as jinzai_call does; on failure the connection goes on without a token. */
int jinzai_sign_in(struct jinzai *conn, const char *token, int timeout_ms, json_t **result, struct jinzai_error *error);

/* Closes the connection and frees it with all that was not received. What was sent may or may not
 * have happened. NULL is allowed. */
void jinzai_close(struct jinzai *conn);

/* Calls a method that reads, and waits for its answer. params is a JSON object (by name) or array
 * (by position), or NULL for none; it stays the caller's. On success returns 0, and *result is the
 * caller's to json_decref (result may be NULL where it is not wanted). On failure returns -1 and
 * *result is NULL. */
int jinzai_call(struct jinzai *conn, const char *method, const json_t *params, int timeout_ms,
                json_t **result, struct jinzai_error *error);

/* The same for a method that writes. An object of parameters without "idempotency_key" gets a
 * UUIDv7 as one, so that the write happens at most once however often the connection
 * breaks. Parameters by position cannot get one: they are never sent again, and JINZAI_LOST then
 * means that it may or may not have happened. */
int jinzai_write(struct jinzai *conn, const char *method, const json_t *params, int timeout_ms,
                 json_t **result, struct jinzai_error *error);

/* Sends a request without waiting. flags is a set of enum jinzai_flag, 0 for a method that reads;
 * timeout_ms counts from here. Returns a ticket above 0 for jinzai_receive, or -1. Any number of
 * requests up to JINZAI_OUTSTANDING_MAX may be under way. Bytes that the socket does not take at
 * once leave during the next jinzai_receive or jinzai_process. */
int64_t jinzai_send(struct jinzai *conn, const char *method, const json_t *params, unsigned flags,
                    int timeout_ms, struct jinzai_error *error);

/* The same with the parameters as JSON text, sent exactly as written; NULL for none. */
int64_t jinzai_send_text(struct jinzai *conn, const char *method, const char *params,
                         unsigned flags, int timeout_ms, struct jinzai_error *error);

/* Waits for the answer to one ticket, at the latest until its deadline. Tickets may be received in
 * any order, each once. Returns and fills *result as jinzai_call does. */
int
jinzai_receive(struct jinzai *conn, int64_t ticket, json_t **result, struct jinzai_error *error);

/* Takes whichever answer is there first, waiting for it up to wait_ms (0: not at all; below 0:
 * without end). Returns its ticket; *result is then the answer, or NULL with *error filled. Both
 * must be given. Returns 0 when none came in time, and -1 with JINZAI_LOST when nothing is
 * outstanding and the connection is gone, so that no notification can come either; the next request
 * connects again. */
int64_t
jinzai_receive_any(struct jinzai *conn, int wait_ms, json_t **result, struct jinzai_error *error);

/* Gives up a ticket: its answer is dropped when it comes. A write may still happen. Unknown tickets
 * are ignored. */
void jinzai_forget(struct jinzai *conn, int64_t ticket);

/* Called for each notification, during jinzai_receive, jinzai_receive_any, jinzai_call,
 * jinzai_write or jinzai_process. method and params (which may be NULL) are lent for the call. It
 * may send, but not receive, process or close. */
typedef void jinzai_notification(const char *method, const json_t *params, void *context);

/* Sets who is told of notifications; NULL for nobody, as at the start. */
void jinzai_set_notification(struct jinzai *conn, jinzai_notification *notification, void *context);

/* Events. A watch is a subscription that resumes by itself: over a lost connection, a restarted daemon or database, or after
 * it was cut off for reading too slowly, it subscribes again from its cursor, so that every event comes once and in order.
 *
 *     struct jinzai_watch *watch = jinzai_watch_open(conn, NULL, 5000, &error);
 *     json_t *events;
 *     while (watch != NULL && jinzai_watch_next(watch, -1, &events, &error) == 1) {
 *         json_array_foreach(events, index, event)
 *             printf("%s\n", json_string_value(json_object_get(event, "cursor")));
 *         json_decref(events);
 *     }
 *
 * Keep the cursor of the last event that was dealt with, and give it as "since" to go on from there one day. */
struct jinzai_watch;

/* Subscribes with the parameters of event.subscribe, an object or NULL: noun, organization, since. The connection is the
 * watch's alone until it is closed, its notifications too. Returns NULL with *error filled. */
struct jinzai_watch *jinzai_watch_open(struct jinzai *conn, const json_t *params, int timeout_ms, struct jinzai_error *error);

/* Waits up to wait_ms (0: not at all; below 0: without end) for events. Returns 1 with *events, a JSON array of them in their
 * order, which is the caller's to json_decref; 0 when none came in time; -1 with *error filled when the watch can never go
 * on, as JINZAI_DIVERGED where the log is not the same any more, JINZAI_NOT_FOUND where what should come next was retired,
 * JINZAI_UNAUTHENTICATED where the sign-in has ended. To reach a daemon that is away may take two seconds longer than
 * wait_ms. */
int jinzai_watch_next(struct jinzai_watch *watch, int wait_ms, json_t **events, struct jinzai_error *error);

/* From where to go on after the events that were taken; lent until the next call. */
const char *jinzai_watch_cursor(const struct jinzai_watch *watch);

/* Ends the subscription, and not the connection. NULL is allowed. */
void jinzai_watch_close(struct jinzai_watch *watch);

/* Sets the longest answer taken, in bytes. A longer one is read past, not kept, and its request
 * fails with JINZAI_TOO_LARGE; the connection and its other requests go on. */
void jinzai_set_answer_bytes(struct jinzai *conn, size_t bytes);

/* For other event loops: wait until the descriptor is ready for what jinzai_events names or
 * jinzai_wait_ms has passed, call jinzai_process, then take answers with jinzai_receive_any(conn,
 * 0, …). Ask all three anew after every call of the library, since reconnecting changes them.
 * jinzai_fd is -1 while there is no connection; the descriptor stays the library's. jinzai_events
 * is a set of enum jinzai_event. jinzai_wait_ms is -1 when no timer runs. */
int jinzai_fd(const struct jinzai *conn);
unsigned jinzai_events(const struct jinzai *conn);
int jinzai_wait_ms(const struct jinzai *conn);

/* Does all that can be done without waiting: connects, writes, reads, fails what is past its
 * deadline. Returns how many answers, failures included, can be received. */
int jinzai_process(struct jinzai *conn);

/* How many connections have been made so far, 1 after jinzai_open. Where it has grown, what
 * belonged to the old connection, such as a subscription, is gone. */
unsigned jinzai_connections(const struct jinzai *conn);

/* The stable name of a code, "error" for one that is not known. Never NULL. */
const char *jinzai_code_name(int code);

/* The version of the library, as "0.1.0". */
const char *jinzai_version(void);

#ifdef __cplusplus
}
#endif

#endif
