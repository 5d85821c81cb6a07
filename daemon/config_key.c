/* SPDX-License-Identifier: Apache-2.0 */
#include "config_key.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "access/peer.h"
#include "model/perturbation.h"
#include "store/conninfo.h"

#define FIELD(field) .offset = offsetof(struct config, field)
#define LIST(field, max)                                                                           \
    .offset = offsetof(struct config, field), .count_offset = offsetof(struct config, field##_count), .count_max = (max)

#define LIMIT(field, type, least, most, usual, words)                                              \
    {.section = "limits", .name = #field, .kind = (type), .min = (least), .max = (most), .fallback = (usual),              \
     .help = (words), .operand = (type) == CONFIG_SIZE ? "BYTES" : "NUMBER", FIELD(limits.field), .reloads = true}

#define FIGURE(field, least, most, usual, unit, words)                                             \
    {.section = "figures", .name = #field, .kind = CONFIG_INTEGER, .min = (least), .max = (most), .fallback = (usual),     \
     .help = (words), .operand = (unit), FIELD(figures.field)}

#define LANE(cost, lane_name, backends_usual, timeout_usual, what)                                 \
    {.section = "pool", .name = lane_name "_backends", .kind = CONFIG_INTEGER, .min = 1, .max = 256,                       \
     .fallback = (backends_usual), .operand = "NUMBER", .help = "Connections to the database for " what,                   \
     FIELD(lane[cost].backends)},                                                                  \
    {.section = "pool", .name = lane_name "_timeout_ms", .kind = CONFIG_INTEGER, .min = 10, .max = 86400000,               \
     .fallback = (timeout_usual), .operand = "MS", .help = "How long a statement of that lane may run",                    \
     FIELD(lane[cost].timeout_ms), .reloads = true}

const struct config_key config_keys[] = {
    {.section = "daemon", .name = "state_directory", .flag = "--state-directory", .operand = "DIR", .kind = CONFIG_PATH,
     .fallback = "/var/lib/jinzai", .help = "Where the daemon keeps its private PostgreSQL cluster",
     FIELD(state_directory)},
    {.section = "daemon", .name = "database", .flag = "--database", .operand = "CONNINFO", .kind = CONFIG_CONNINFO,
     .fallback_words = "a private cluster in the state directory",
     .help = "The PostgreSQL database to use, as libpq's connection string or URI", FIELD(database)},
    {.section = "daemon", .name = "migration_database", .flag = "--migration-database", .operand = "CONNINFO",
     .kind = CONFIG_CONNINFO, .fallback_words = "the same as database",
     .help = "The same database with the login that owns the schema, for migrations", FIELD(migration_database)},
    {.section = "daemon", .name = "bulk_database", .operand = "CONNINFO", .kind = CONFIG_CONNINFO,
     .fallback_words = "the same as migration_database",
     .help = "The same database with the login jinzai_bulk, for import and export", FIELD(bulk_database)},
    {.section = "daemon", .name = "listen", .flag = "--listen", .operand = "ADDRESS", .kind = CONFIG_ADDRESS,
     .fallback = "unix:/run/jinzai/jinzai.sock",
     .help = "Where to listen: unix:PATH, tcp:HOST:PORT or tls:HOST:PORT; may be repeated", LIST(listen, CONFIG_LISTEN_MAX)},
    {.section = "daemon", .name = "user", .flag = "--user", .operand = "NAME", .kind = CONFIG_TEXT,
     .fallback_words = "stay who started it", .help = "The user to become after starting as root", FIELD(user)},
    {.section = "daemon", .name = "trusted_user", .flag = "--trusted-user", .operand = "NAME", .kind = CONFIG_NAMES,
     .fallback_words = "root and the daemon's own user",
     .help = "A user of this machine who is served as an administrator over a unix socket; may be repeated",
     LIST(trusted_user, CONFIG_TRUSTED_MAX)},
    {.section = "daemon", .name = "postgres_bin", .flag = "--postgres-bin", .operand = "DIR", .kind = CONFIG_PATH,
     .fallback_words = "the installed one that fits the cluster, else the latest",
     .help = "Where initdb and postgres are, for the private cluster", FIELD(postgres_bin)},
    {.section = "daemon", .name = "log_level", .flag = "--log-level", .operand = "LEVEL", .kind = CONFIG_PRIORITY,
     .fallback = "info", .help = "The least important line to log: error, warning, notice, info or debug",
     FIELD(log_level), .reloads = true},
    {.section = "daemon", .name = "fold_interval_ms", .operand = "MS", .kind = CONFIG_INTEGER, .min = 10, .max = 3600000,
     .fallback = "5000", .help = "The longest pause between two folds of supply changes", FIELD(fold_interval_ms),
     .reloads = true},

    {.section = "access", .name = "peer", .operand = "PEER", .kind = CONFIG_PEERS, .fallback_words = "nobody",
     .help = "Who a user or group of this machine is on a unix socket: user:NAME or group:NAME, role, organization or "
             "country; may be repeated, in the variable as user:NAME,ROLE,WHERE with a space between two",
     LIST(peer, CONFIG_PEERS_MAX), .reloads = true},
    {.section = "access", .name = "plaintext_beyond_loopback", .operand = "WORDS", .kind = CONFIG_CONSENT,
     .fallback_words = "no", .help = "Serve tcp: addresses that other machines reach; the words are: " CONFIG_PLAINTEXT,
     FIELD(plaintext_beyond_loopback)},

    {.section = "tls", .name = "certificate", .operand = "FILE", .kind = CONFIG_PATH, .fallback_words = "none",
     .help = "The certificate for tls: addresses and those that lead to its root, as PEM; read again at SIGHUP",
     FIELD(certificate)},
    {.section = "tls", .name = "key", .operand = "FILE", .kind = CONFIG_PATH, .fallback_words = "none",
     .help = "Its private key, as PEM, which others may not read; read again at SIGHUP", FIELD(key)},
    {.section = "tls", .name = "client_ca", .operand = "FILE", .kind = CONFIG_PATH,
     .fallback_words = "no client certificates",
     .help = "The roots of client certificates that sign in, as PEM; read again at SIGHUP", FIELD(client_ca)},

    FIGURE(threshold, 0, PERTURBATION_THRESHOLD_MAX, "3", "PEOPLE",
           "Counts of people from 1 to this are never published as they are, nor any other count as one of them"),
    FIGURE(deviation, 0, PERTURBATION_DEVIATION_MAX, "6", "PEOPLE", "The most that a published count of people is off"),
    FIGURE(variance, 0, 1000, "5", "NUMBER",
           "The variance of that noise; which can be had depends on threshold and deviation"),
    FIGURE(fte_threshold_heads, 0, 1000, "5", "PEOPLE", "FTE is hidden where fewer people than this, but some, are published"),
    FIGURE(fte_noise_min_percent, 0, 50, "2", "PERCENT", "How far the noise factor of published FTE is from 1 at least"),
    FIGURE(fte_noise_max_percent, 0, 50, "10", "PERCENT", "The same at most"),

    LANE(COST_FAST, "fast", "4", "2000", "point reads"),
    LANE(COST_WRITE, "write", "4", "10000", "writes"),
    LANE(COST_SLOW, "slow", "2", "60000", "lists, matrices and reports"),
    LANE(COST_STREAM, "stream", "1", "600000", "long streams"),
    {.section = "model", .name = "threads", .kind = CONFIG_INTEGER, .min = 0, .max = 64, .fallback = "0", .operand = "NUMBER",
     .help = "Threads that compute projections and plans; 0: as many as there are processors", FIELD(model_threads)},
    {.section = "model", .name = "waiting", .kind = CONFIG_INTEGER, .min = 1, .max = 10000, .fallback = "32", .operand = "NUMBER",
     .help = "Computations that may wait for a thread", FIELD(model_waiting)},
    {.section = "model", .name = "timeout_ms", .kind = CONFIG_INTEGER, .min = 100, .max = 3600000, .fallback = "120000",
     .operand = "MS", .help = "How long one computation may take", FIELD(model_timeout_ms)},

    {.section = "pool", .name = "pipeline_depth", .kind = CONFIG_INTEGER, .min = 1, .max = 1024, .fallback = "16",
     .operand = "NUMBER", .help = "Requests in flight on one connection of the fast and write lanes, "
                                  "or from 2 on twice as many that are looked up together",
     FIELD(pipeline_depth)},
    {.section = "pool", .name = "spread", .kind = CONFIG_INTEGER, .min = 0, .max = 64, .fallback = "0", .operand = "NUMBER",
     .help = "Connections of a lane over which requests are spread before the others are used; 0: as many as there are processors here",
     FIELD(spread)},
    {.section = "pool", .name = "backoff_ms", .kind = CONFIG_INTEGER, .min = 1, .max = 60000, .fallback = "100",
     .operand = "MS", .help = "The first pause before connecting to the database again", FIELD(backoff_ms),
     .reloads = true},
    {.section = "pool", .name = "backoff_max_ms", .kind = CONFIG_INTEGER, .min = 1, .max = 600000, .fallback = "5000",
     .operand = "MS", .help = "The longest such pause", FIELD(backoff_max_ms), .reloads = true},

    LIMIT(request_bytes, CONFIG_SIZE, 1024, 64 << 20, "1M", "The size of one request or batch"),
    LIMIT(request_depth, CONFIG_INTEGER, 4, 64, "32", "How deep a request may be nested"),
    LIMIT(requests_in_flight, CONFIG_INTEGER, 1, 65536, "64",
          "Unanswered requests of one connection; past it reading from it pauses"),
    LIMIT(connections, CONFIG_INTEGER, 1, 1000000, "10000", "Connections; a newcomer past it is told so and closed"),
    LIMIT(batch_items, CONFIG_INTEGER, 1, 10000, "100", "Requests in one batch"),
    LIMIT(output_bytes, CONFIG_SIZE, 4096, 1 << 30, "4M",
          "Answers waiting for a slow reader; past it reading from it pauses"),
    LIMIT(output_stall_ms, CONFIG_INTEGER, 100, 3600000, "30000",
          "How long a reader may take nothing, in milliseconds, before it is cut off"),
    LIMIT(queue_requests, CONFIG_INTEGER, 1, 1000000, "4096",
          "Requests waiting for the database in one lane; past it they are answered \"unavailable\""),
    LIMIT(queue_bytes, CONFIG_SIZE, 1024, 1 << 30, "32M", "The same in bytes of parameters"),
    LIMIT(page_size, CONFIG_INTEGER, 1, 100000, "1000", "Rows in one page of a list"),
    LIMIT(list_items, CONFIG_INTEGER, 1, 100000, "1000", "Items in one list parameter"),
    LIMIT(requests_per_second, CONFIG_INTEGER, 0, 1000000000, "20000",
          "Requests of one caller a second; 0 for no limit. The administrators of this machine have none"),
    LIMIT(bytes_per_second, CONFIG_SIZE, 0, 1LL << 40, "64M",
          "Bytes that one caller sends and gets a second; 0 for no limit"),
    LIMIT(connections_reserved, CONFIG_INTEGER, 0, 1000000, "16",
          "How many of the connections only this machine's administrators may take"),
    LIMIT(stranger_idle_ms, CONFIG_INTEGER, 100, 86400000, "60000",
          "How long, in milliseconds, who has not signed in may ask nothing before it is cut off"),
    LIMIT(sign_in_delay_max_ms, CONFIG_INTEGER, 0, 600000, "5000",
          "How late, in milliseconds, a sign-in that failed is answered at most"),
    LIMIT(sign_ins_waiting, CONFIG_INTEGER, 1, 100000, "1000",
          "Sign-ins that are under way, or have failed and wait for their answer"),
    LIMIT(subscriptions, CONFIG_INTEGER, 0, 1000000, "10000", "Subscriptions to events, of all connections"),
    LIMIT(subscriptions_connection, CONFIG_INTEGER, 0, 10000, "16", "Subscriptions to events of one connection"),
    LIMIT(subscription_bytes, CONFIG_SIZE, 4096, 1 << 30, "1M",
          "Events waiting for a slow subscriber; past it they wait in the database"),
    LIMIT(subscription_stall_ms, CONFIG_INTEGER, 100, 3600000, "20000",
          "How long a subscriber may make no room for more, in milliseconds, before it is cut off"),
    LIMIT(handshake_ms, CONFIG_INTEGER, 100, 600000, "10000", "How long a TLS handshake may take, in milliseconds"),
    LIMIT(kept_bytes, CONFIG_SIZE, 0, 1LL << 40, "64M",
          "Large answers kept for who asks the same again; the database says each time whether they still hold. 0 keeps none"),
    LIMIT(bulk_streams, CONFIG_INTEGER, 0, 64, "2", "Imports and exports at once; each has a connection of its own"),
    LIMIT(bulk_hold_ms, CONFIG_INTEGER, 1000, 86400000, "3600000",
          "How long, in milliseconds, an export may hold its snapshot and an import its transaction"),
    LIMIT(bulk_idle_ms, CONFIG_INTEGER, 100, 3600000, "60000",
          "How long, in milliseconds, an import or export may ask nothing before it is ended"),
    LIMIT(drain_ms, CONFIG_INTEGER, 0, 600000, "10000",
          "How long SIGTERM waits, in milliseconds, for what is in flight"),
    {.name = NULL},
};

static const struct {
    const char *name;
    int priority;
} priorities[] = {
    {"error", LOG_ERR},   {"warning", LOG_WARNING}, {"notice", LOG_NOTICE},
    {"info", LOG_INFO},   {"debug", LOG_DEBUG},
};
enum { PRIORITIES = sizeof(priorities) / sizeof(priorities[0]) };

static const struct {
    char letter;
    long long factor;
} suffixes[] = {{'\0', 1}, {'K', 1 << 10}, {'M', 1 << 20}, {'G', 1 << 30}};

static void *
field(const struct config_key *key, const struct config *conf)
{
    return (char *)(uintptr_t)conf + key->offset;
}

static int *
list_count(const struct config_key *key, const struct config *conf)
{
    return (int *)(void *)((char *)(uintptr_t)conf + key->count_offset);
}

static bool
is_list(const struct config_key *key)
{
    return key->count_max > 0;
}

static bool
is_text(const struct config_key *key)
{
    return key->kind == CONFIG_TEXT || key->kind == CONFIG_PATH || key->kind == CONFIG_CONNINFO || key->kind == CONFIG_CONSENT;
}

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

void
config_key_variable(const struct config_key *key, char name[static CONFIG_VARIABLE_BYTES])
{
    int size = snprintf(name, CONFIG_VARIABLE_BYTES, "JINZAID_%s", key->name);

    assert(size < CONFIG_VARIABLE_BYTES);
    for (char *letter = name; *letter != '\0'; letter++)
        *letter = (char)toupper((unsigned char)*letter);
}

static int
text_replace(char **text, char *value, char **error)
{
    if (value == NULL)
        return fail(error, "out of memory");
    free(*text);
    *text = value;
    return 0;
}

static char *
path_absolute(const char *path)
{
    char *directory, *absolute = NULL;

    if (*path == '/')
        return strdup(path);
    directory = getcwd(NULL, 0);
    if (directory == NULL || asprintf(&absolute, "%s/%s", directory, path) < 0)
        absolute = NULL;
    free(directory);
    return absolute;
}

/* What is wrong with an address, or NULL. */
static const char *
address_fault(const char *address)
{
    const char *port;
    char *end;
    long number;

    if (strncmp(address, "unix:", 5) == 0) {
        if (strlen(address + 5) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
            return "its path is longer than the 107 bytes that a unix socket's may have";
        return address[5] == '/' ? NULL : "its path must be absolute";
    }
    port = strrchr(address, ':');
    if ((strncmp(address, "tcp:", 4) != 0 && strncmp(address, "tls:", 4) != 0) || port == address + 3)
        return "it must be unix:PATH, tcp:HOST:PORT or tls:HOST:PORT";
    number = strtol(port + 1, &end, 10);
    if (!isdigit((unsigned char)port[1]) || *end != '\0' || number > 65535)
        return "its port must be a number from 0 to 65535";
    return port == address + 4 ? "its host is missing" : NULL;
}

static int
conninfo_set(const struct config_key *key, char **text, const char *value, const char *where, char **error)
{
    char *reason = NULL;

    if (conninfo_check(value, &reason) != 0) {
        fail(error, "%s: %s is not a connection string: %s", where, key->name, reason != NULL ? reason : "");
        free(reason);
        return -1;
    }
    return text_replace(text, strdup(value), error);
}

static int
list_add(const struct config_key *key, struct config *conf, const char *value, const char *where, char **error)
{
    struct peer peer;
    const char *fault = key->kind == CONFIG_ADDRESS ? address_fault(value)
                        : key->kind == CONFIG_PEERS ? peer_parse(&peer, value)
                                                    : NULL;
    int *count = list_count(key, conf);
    char **items = field(key, conf);

    if (fault != NULL)
        return fail(error, "%s: %s cannot be \"%s\": %s", where, key->name, value, fault);
    if (*count == key->count_max)
        return fail(error, "%s: %s may be given %d times at most", where, key->name, key->count_max);
    items[*count] = strdup(value);
    if (items[*count] == NULL)
        return fail(error, "out of memory");
    ++*count;
    return 0;
}

static int
priority_set(const struct config_key *key, int *priority, const char *value, const char *where, char **error)
{
    for (int i = 0; i < PRIORITIES; i++)
        if (strcmp(value, priorities[i].name) == 0) {
            *priority = priorities[i].priority;
            return 0;
        }
    return fail(error, "%s: %s must be error, warning, notice, info or debug, not \"%s\"", where, key->name, value);
}

static int
number_read(const struct config_key *key, const char *value, long long *number)
{
    size_t known = key->kind == CONFIG_SIZE ? sizeof(suffixes) / sizeof(suffixes[0]) : 1;
    char *end;

    if (!isdigit((unsigned char)*value))
        return -1;
    errno = 0;
    *number = strtoll(value, &end, 10);
    if (errno != 0)
        return -1;
    for (size_t i = 0; i < known; i++)
        if (toupper((unsigned char)end[0]) == suffixes[i].letter && (end[0] == '\0' || end[1] == '\0')) {
            if (*number > key->max / suffixes[i].factor)
                return -1;
            *number *= suffixes[i].factor;
            return *number >= key->min ? 0 : -1;
        }
    return -1;
}

static int
number_set(const struct config_key *key, struct config *conf, const char *value, const char *where, char **error)
{
    long long number;

    if (number_read(key, value, &number) != 0)
        return fail(error, "%s: %s must be a whole number from %lld to %lld, not \"%s\"", where, key->name, key->min,
                    key->max, value);
    if (key->kind == CONFIG_SIZE)
        *(size_t *)field(key, conf) = (size_t)number;
    else
        *(int *)field(key, conf) = (int)number;
    return 0;
}

int
config_key_set(const struct config_key *key, struct config *conf, const char *value, const char *where, char **error)
{
    if (*value == '\0')
        return fail(error, "%s: %s has no value", where, key->name);
    switch (key->kind) {
    case CONFIG_TEXT:
        return text_replace(field(key, conf), strdup(value), error);
    case CONFIG_CONSENT:
        if (strcmp(value, CONFIG_PLAINTEXT) != 0)
            return fail(error, "%s: %s must be the words \"%s\"", where, key->name, CONFIG_PLAINTEXT);
        return text_replace(field(key, conf), strdup(value), error);
    case CONFIG_PATH:
        return text_replace(field(key, conf), path_absolute(value), error);
    case CONFIG_CONNINFO:
        return conninfo_set(key, field(key, conf), value, where, error);
    case CONFIG_ADDRESS:
    case CONFIG_NAMES:
    case CONFIG_PEERS:
        return list_add(key, conf, value, where, error);
    case CONFIG_PRIORITY:
        return priority_set(key, field(key, conf), value, where, error);
    case CONFIG_INTEGER:
    case CONFIG_SIZE:
        return number_set(key, conf, value, where, error);
    }
    return fail(error, "%s: %s is of no known kind", where, key->name);
}

void
config_key_clear(const struct config_key *key, struct config *conf)
{
    char **items = field(key, conf);

    if (!is_list(key))
        return;
    while (*list_count(key, conf) > 0)
        free(items[--*list_count(key, conf)]);
}

void
config_key_free(const struct config_key *key, struct config *conf)
{
    config_key_clear(key, conf);
    if (is_text(key)) {
        free(*(char **)field(key, conf));
        *(char **)field(key, conf) = NULL;
    }
}

static bool
text_same(const char *left, const char *right)
{
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

bool
config_key_same(const struct config_key *key, const struct config *left, const struct config *right)
{
    char **ours = field(key, left), **theirs = field(key, right);

    if (key->kind == CONFIG_SIZE)
        return *(size_t *)field(key, left) == *(size_t *)field(key, right);
    if (is_text(key))
        return text_same(*ours, *theirs);
    if (!is_list(key))
        return *(int *)field(key, left) == *(int *)field(key, right);
    if (*list_count(key, left) != *list_count(key, right))
        return false;
    for (int i = 0; i < *list_count(key, left); i++)
        if (!text_same(ours[i], theirs[i]))
            return false;
    return true;
}

/* An item for which there is no memory is left out. */
static void
list_copy(const struct config_key *key, struct config *to, const struct config *from)
{
    char **items = field(key, to), **theirs = field(key, from);

    config_key_clear(key, to);
    for (int i = 0; i < *list_count(key, from); i++) {
        items[*list_count(key, to)] = strdup(theirs[i]);
        if (items[*list_count(key, to)] != NULL)
            ++*list_count(key, to);
    }
}

void
config_key_copy(const struct config_key *key, struct config *to, const struct config *from)
{
    assert(!is_text(key)); /* whoever reads a text may hold its address */
    if (is_list(key)) {
        list_copy(key, to, from);
        return;
    }
    memcpy(field(key, to), field(key, from), key->kind == CONFIG_SIZE ? sizeof(size_t) : sizeof(int));
}

static void
value_print(const struct config_key *key, const char *value)
{
    printf("%s = \"", key->name);
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            putchar('\\');
        putchar(*value);
    }
    printf("\"\n");
}

static void
conninfo_print(const struct config_key *key, const char *conninfo)
{
    char *masked = conninfo_mask(conninfo);

    value_print(key, masked != NULL ? masked : "");
    free(masked);
}

void
config_key_print(const struct config_key *key, const struct config *conf)
{
    char **texts = field(key, conf);

    if (is_list(key))
        for (int i = 0; i < *list_count(key, conf); i++)
            value_print(key, texts[i]);
    else if (key->kind == CONFIG_CONNINFO && *texts != NULL)
        conninfo_print(key, *texts);
    else if (is_text(key) && *texts != NULL)
        value_print(key, *texts);
    else if (key->kind == CONFIG_SIZE)
        printf("%s = %zu\n", key->name, *(size_t *)field(key, conf));
    else if (key->kind == CONFIG_INTEGER)
        printf("%s = %d\n", key->name, *(int *)field(key, conf));
    else if (key->kind == CONFIG_PRIORITY)
        for (int i = 0; i < PRIORITIES; i++)
            if (priorities[i].priority == *(int *)field(key, conf))
                printf("%s = %s\n", key->name, priorities[i].name);
}
