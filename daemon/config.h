/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration: built-in defaults, then the file, then JINZAID_… variables, then flags; the later wins.
 * Each key of the file has a variable (upper case, JINZAID_ before it) and, where people start daemons by hand, a flag.
 */
#ifndef JINZAI_CONFIG_H
#define JINZAI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "rpc/method.h"

enum {
    CONFIG_LISTEN_MAX = 16,
    CONFIG_TRUSTED_MAX = 64,
    CONFIG_PEERS_MAX = 256,
};

/* What has to be said for plain TCP to be served beyond this machine. */
#define CONFIG_PLAINTEXT "I know that tokens can be read on the way"

/* Every bound of the daemon, by name (section [limits] of the file). */
struct limits {
    size_t request_bytes;      /* one JSON text, default 1 MiB */
    int request_depth;         /* nesting, default 32, at most 64 */
    int requests_in_flight;    /* a connection, default 64; past it reading pauses */
    int connections;           /* default 10000; past it a newcomer is told so and closed */
    int batch_items;           /* default 100 */
    size_t output_bytes;       /* waiting for a slow reader, default 4 MiB; past it reading pauses */
    int output_stall_ms;       /* a reader that takes nothing for this long is cut off, default 30000 */
    int queue_requests;        /* waiting for the database, a lane, default 4096; past it: unavailable */
    size_t queue_bytes;        /* the same in bytes of parameters, default 32 MiB */
    int page_size;             /* rows a page, default 1000 */
    int list_items;            /* items of a list parameter, default 1000 */
    int requests_per_second;   /* a caller, default 20000; 0: no limit */
    size_t bytes_per_second;   /* a caller's texts and answers, default 64 MiB; 0: no limit */
    int connections_reserved;  /* of all connections: for this machine's administrators, default 16 */
    int stranger_idle_ms;      /* a stranger that asks nothing for this long is cut off, default 60000 */
    int sign_in_delay_max_ms;  /* how late a failed sign-in is answered at most, default 5000 */
    int sign_ins_waiting;      /* sign-ins under way and failed ones that wait for their answer, default 1000 */
    int subscriptions;            /* to events, of all connections, default 10000 */
    int subscriptions_connection; /* the same of one connection, default 16 */
    size_t subscription_bytes;    /* events waiting for a slow subscriber, default 1 MiB; past it they wait in the database */
    int subscription_stall_ms;    /* a subscriber that makes no room for this long is cut off, default 20000 */
    int handshake_ms;          /* a TLS handshake may take this long, default 10000 */
    size_t kept_bytes;         /* answers kept for who asks the same again, default 64 MiB; 0: none */
    int bulk_streams;          /* imports and exports at once, default 2 */
    int bulk_hold_ms;          /* how long one may hold its snapshot or transaction, default 3600000 */
    int bulk_idle_ms;          /* one that nothing is asked of for this long is ended, default 60000 */
    int drain_ms;              /* how long SIGTERM waits for what is in flight, default 10000 */
};

/* One lane of backends for each cost class (section [pool]). */
struct lane_config {
    int backends;   /* connections to the database */
    int timeout_ms; /* statement_timeout */
};

/* How figures on people are perturbed before they leave (section [figures]); model/perturbation.h says what it means. */
struct figures_config {
    int threshold; /* counts from 1 to this are never published, default 3 */
    int deviation; /* the most that a published count is off, default 6 */
    int variance;  /* of that noise, default 5 */
    int fte_threshold_heads; /* FTE of fewer heads is hidden, default 5 */
    int fte_noise_min_percent, fte_noise_max_percent; /* how far the factor of FTE is from 1, default 2 to 10 */
};

struct config {
    char *path;            /* the file it was read from, or NULL */
    char *state_directory; /* default /var/lib/jinzai */
    char *database;        /* libpq connection string; NULL: the private cluster */
    char *migration_database; /* the same for the owner's connection; NULL: as database */
    char *bulk_database; /* the same with the login for import and export; NULL: as migration_database */
    char *user;            /* to become after start as root, or NULL */
    char *listen[CONFIG_LISTEN_MAX]; /* unix:PATH, tcp:HOST:PORT or tls:HOST:PORT; default unix:/run/jinzai/jinzai.sock */
    int listen_count;
    char *trusted_user[CONFIG_TRUSTED_MAX]; /* operating-system users served as administrators */
    char *peer[CONFIG_PEERS_MAX]; /* who users and groups of this machine are: "user:alice coordinator nifs" */
    int peer_count;
    char *plaintext_beyond_loopback; /* NULL, or CONFIG_PLAINTEXT: TCP without TLS on other addresses than loopback */
    char *certificate, *key, *client_ca; /* PEM files for tls: addresses; client_ca NULL: no client certificates */
    int trusted_user_count;                 /* default: root and the daemon's own user */
    char *postgres_bin; /* where initdb and postgres are, for the private cluster; default found */
    int log_level;      /* a syslog priority, default LOG_INFO */
    struct limits limits;
    struct figures_config figures;
    struct lane_config lane[COST_CLASSES]; /* fast 4, 2 s; write 4, 10 s; slow 2, 60 s; stream 1, 600 s */
    int model_threads;     /* that compute, default as many as there are processors */
    int model_waiting;     /* computations that may wait for a thread, default 32 */
    int model_timeout_ms;  /* of one of them, default 120000 */
    int pipeline_depth;    /* requests in flight a backend, default 16; twice as many that are looked up together */
    int spread;            /* backends of a lane that are used before the others, default as many as there are processors */
    int backoff_ms;        /* first pause before a reconnect, default 100 */
    int backoff_max_ms;    /* longest pause, default 5000 */
    int fold_interval_ms;  /* the longest pause between two folds of supply changes, default 5000 */
};

enum config_action { CONFIG_RUN, CONFIG_CHECK, CONFIG_MIGRATE, CONFIG_BACKUP, CONFIG_RESTORE, CONFIG_HELP, CONFIG_VERSION };

/* Fills conf from the defaults, the file, the environment and the flags of argv. *action says what the flags ask for.
 * Returns 0, or an exit status (EX_USAGE for a flag, EX_CONFIG) with *error set to one sentence that names the file and
 * line, variable or flag; the caller frees it. config_free is needed either way. */
int config_load(struct config *conf, int argc, char **argv, enum config_action *action, char **error);

/* Checks what only the machine can tell: that users and directories exist and that it is clear who is to run what.
 * Returns 0, or an exit status with *error as above. */
int config_check(const struct config *conf, char **error);

/* Loads the configuration again and takes over in conf what can change while the daemon runs; the log says what else
 * has changed and waits for a restart. Returns 0, or -1 with *error as above and conf as it was. */
int config_reload(struct config *conf, int argc, char **argv, char **error);

/* Writes the configuration as a file that would give it to standard output, passwords hidden. */
void config_print(const struct config *conf);

/* Writes the help text of --help to standard output. */
void config_help(void);

void config_free(struct config *conf);

#endif
