/* SPDX-License-Identifier: Apache-2.0
 *
 * jinzaid. A request takes this way: wire/listener accepts a connection, wire/connection reads bytes, wire/frame finds
 * where a JSON text ends, rpc/dispatch takes its messages and finds their methods, rpc/params checks them, store/pool
 * sends each as one statement, and the answer goes back up the same stairs.
 *
 * Start-up may block and may end the program with a sentence; once the event loop runs, neither happens.
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <event2/event.h>
#include <jansson.h>

#include "access/gate.h"
#include "access/principal.h"
#include "access/revocation.h"
#include "config.h"
#include "config_key.h"
#include "log.h"
#include "methods/catalogue.h"
#include "rpc/dispatch.h"
#include "rpc/statement.h"
#include "rpc/subscription.h"
#include "rpc/stream.h"
#include "rpc/computation.h"
#include "service/privilege.h"
#include "service/systemd.h"
#include "store/backup.h"
#include "store/bulk.h"
#include "store/embedded.h"
#include "store/migrate.h"
#include "store/notify.h"
#include "store/pool.h"
#include "store/private_cluster.h"
#include "store/start.h"
#include "version.h"
#include "wire/connection.h"
#include "wire/listener.h"
#include "wire/tls.h"

enum {
    READY_MS = 10000, /* how long readiness waits for the lanes at most */
    LARGE_BYTES = 256 << 10, /* memory that goes back to the system as soon as it is free */
    STATUS_MS = 2000, /* how often the line in systemctl status is looked at */
    SIGNALS = 3,
    HANDED_MAX = 16, /* sockets from systemd */
    LISTENERS_MAX = HANDED_MAX + CONFIG_LISTEN_MAX,
};

struct daemon {
    struct config conf;
    int argc;
    char **argv;
    char *error;

    struct event_base *base;
    struct event *signals[SIGNALS], *status, *watchdog, *deadline, *ready;
    char status_line[128];
    bool stopping, serving;
    int64_t since_ms;

    struct listener *listeners[LISTENERS_MAX];
    int listener_count;
    struct private_cluster *cluster;
    const char *owner, *login; /* connection strings: of the schema's owner, and of the daemon */
    const char *bulk_login;    /* of import and export */
    json_t *start;
    struct statements statements;
    struct pool *pool;
    struct notify *notify;
    struct subscriptions *subscriptions;
    struct dispatch *dispatch;
    struct bulk *bulk;
    struct streams *streams;
    struct worker_pool *workers;
    struct computations *computations;
    size_t start_statement; /* the number of the one that knows trusted users */
    struct principals *principals;
    struct gate *gate;
    struct revocation *revocation;
    size_t peers_statement; /* the number of the one that brings peers up to date */
    size_t reads_statement; /* the number of the one that names the functions that only read */
    bool reads_known;
    struct tls *tls;        /* NULL where no address speaks it */
    struct connections *connections;
};

static int
out_of_memory(struct daemon *daemon)
{
    free(daemon->error);
    daemon->error = strdup("out of memory");
    return EX_OSERR;
}

static struct timeval
after_ms(uint64_t ms)
{
    return (struct timeval){.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

/* Stopping and reloading ------------------------------------------------------------------------------------------- */

static void
on_drained(void *context)
{
    struct daemon *daemon = context;

    event_base_loopexit(daemon->base, NULL);
}

static void
on_deadline(evutil_socket_t fd, short what, void *context)
{
    struct daemon *daemon = context;

    (void)fd;
    (void)what;
    log_write(LOG_WARNING, "drain deadline passed connections=%d", connections_count(daemon->connections));
    event_base_loopexit(daemon->base, NULL);
}

static void
on_stop(evutil_socket_t number, short what, void *context)
{
    struct daemon *daemon = context;
    struct timeval deadline = after_ms((uint64_t)daemon->conf.limits.drain_ms);

    (void)what;
    if (daemon->stopping) {
        event_base_loopexit(daemon->base, NULL); /* asked twice: without further waiting */
        return;
    }
    daemon->stopping = true;
    log_write(LOG_NOTICE, "stopping signal=%d connections=%d", (int)number, connections_count(daemon->connections));
    systemd_stopping();
    for (int i = 0; i < daemon->listener_count; i++)
        listener_stop(daemon->listeners[i]);
    event_add(daemon->deadline, &deadline);
    connections_drain(daemon->connections, on_drained, daemon);
}

/* Who users and groups of this machine are. Returns 0, or -1 when out of memory and all stays as it was. */
static int
know_peers(struct daemon *daemon, const json_t *ids)
{
    const struct config *conf = &daemon->conf;
    struct principals *principals = principals_new(conf->trusted_user, conf->trusted_user_count,
                                                   json_object_get(daemon->start, "principals"));

    if (principals == NULL || principals_add_peers(principals, conf->peer, conf->peer_count, ids) != 0) {
        principals_free(principals);
        return -1;
    }
    if (daemon->connections != NULL)
        connections_trust(daemon->connections, principals);
    principals_free(daemon->principals);
    daemon->principals = principals;
    return 0;
}

static void
on_peers(struct reply *reply, void *context)
{
    struct daemon *daemon = context;
    json_t *ids = reply->status == REPLY_OK && reply->text != NULL ? json_loads(reply->text, 0, NULL) : NULL;

    if (ids == NULL && daemon->stopping)
        return;
    if (ids == NULL || know_peers(daemon, ids) != 0)
        log_write(LOG_ERR, "peers stay as they were, since the database does not answer; reload again");
    json_decref(ids);
}

static void
reload_access(struct daemon *daemon)
{
    char *peers = principals_describe_peers(daemon->conf.peer, daemon->conf.peer_count), *error = NULL;
    const char *const values[] = {peers};

    if (daemon->pool != NULL &&
        (peers == NULL || pool_send(daemon->pool, daemon->peers_statement, values, on_peers, daemon) != 0))
        log_write(LOG_ERR, "peers stay as they were; reload again");
    free(peers);
    if (daemon->tls != NULL && tls_reload(daemon->tls, &daemon->conf, &error) != 0)
        log_write(LOG_ERR, "certificates stay as they were reason=\"%s\"", error != NULL ? error : "out of memory");
    else if (daemon->tls != NULL)
        log_write(LOG_NOTICE, "certificates read again");
    free(error);
}

static void
on_reload(evutil_socket_t number, short what, void *context)
{
    struct daemon *daemon = context;
    char *error = NULL;

    (void)number;
    (void)what;
    systemd_reloading();
    if (config_reload(&daemon->conf, daemon->argc, daemon->argv, &error) == 0) {
        log_open(daemon->conf.log_level);
        reload_access(daemon);
        if (daemon->dispatch != NULL)
            dispatch_reload(daemon->dispatch);
        log_write(LOG_NOTICE, "configuration read again");
    } else {
        log_write(LOG_ERR, "configuration stays as it was reason=\"%s\"", error != NULL ? error : "out of memory");
    }
    free(error);
    systemd_ready();
}

static void
on_watchdog(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    systemd_alive();
}

/* Whoever waits for this daemon is told once that it serves. */
static void
say_ready(struct daemon *daemon)
{
    if (daemon->serving || daemon->stopping)
        return;
    daemon->serving = true;
    evtimer_del(daemon->ready);
    systemd_ready();
    log_write(LOG_NOTICE, "serving version=%s", JINZAI_VERSION);
}

/* Which statements may share a transaction is learnt while serving: until then none does. */
static void
on_reads(struct reply *reply, void *context)
{
    struct daemon *daemon = context;
    json_t *names = reply->status == REPLY_OK && reply->text != NULL ? json_loads(reply->text, 0, NULL) : NULL;

    daemon->reads_known = names != NULL;
    statements_mark_reads(&daemon->statements, names);
    json_decref(names);
}

/* Until a lane has a connection its first request waits. */
static void
on_lanes(void *context)
{
    struct daemon *daemon = context;

    if (pool_is_ready(daemon->pool)) {
        say_ready(daemon);
        if (!daemon->reads_known && pool_send(daemon->pool, daemon->reads_statement, NULL, on_reads, daemon) != 0)
            log_write(LOG_WARNING, "the database has too much to do to say which functions only read, so none share a transaction");
    } else if (pool_state(daemon->pool, COST_SLOW).ready == 0) {
        dispatch_forget(daemon->dispatch); /* stamps mean nothing to a server that has come back from a crash */
    }
}

static void
on_ready_late(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    log_write(LOG_WARNING, "the database is slow to take all connections, and serving begins without some");
    say_ready(context);
}

static void
on_status(evutil_socket_t fd, short what, void *context)
{
    struct daemon *daemon = context;
    char line[sizeof(daemon->status_line)];
    int backends = 0, ready = 0, waiting = 0;

    (void)fd;
    (void)what;
    for (int cost = 0; cost < COST_CLASSES; cost++) {
        struct pool_state state = pool_state(daemon->pool, (enum cost_class)cost);

        backends += state.backends;
        ready += state.ready;
        waiting += state.in_flight + state.queued;
    }
    snprintf(line, sizeof(line), "%s: %d connections, %d requests at work, database connections %d of %d",
             daemon->stopping ? "stopping" : ready > 0 ? "serving" : "without a database",
             connections_count(daemon->connections), waiting, ready, backends);
    if (strcmp(line, daemon->status_line) != 0)
        systemd_status("%s", line);
    strcpy(daemon->status_line, line);
}

/* Starting, in this order ------------------------------------------------------------------------------------------ */

static int
open_loop(struct daemon *daemon)
{
    static const struct {
        int number;
        event_callback_fn callback;
    } handlers[SIGNALS] = {{SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGHUP, on_reload}};

    signal(SIGPIPE, SIG_IGN);
    /* Left to itself, the allocator learns from the first large answer to keep such memory, and then has it in pieces. */
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    privilege_keep_secrets();
    daemon->base = event_base_new();
    if (daemon->base == NULL)
        return out_of_memory(daemon);
    /* First of all, so that a signal during a long start is kept and then obeyed, and leaves no PostgreSQL behind. */
    for (int i = 0; i < SIGNALS; i++) {
        daemon->signals[i] = evsignal_new(daemon->base, handlers[i].number, handlers[i].callback, daemon);
        if (daemon->signals[i] == NULL || event_add(daemon->signals[i], NULL) != 0)
            return out_of_memory(daemon);
    }
    daemon->deadline = evtimer_new(daemon->base, on_deadline, daemon);
    daemon->ready = evtimer_new(daemon->base, on_ready_late, daemon);
    daemon->status = event_new(daemon->base, -1, EV_PERSIST, on_status, daemon);
    daemon->watchdog = event_new(daemon->base, -1, EV_PERSIST, on_watchdog, daemon);
    if (daemon->deadline == NULL || daemon->ready == NULL || daemon->status == NULL || daemon->watchdog == NULL)
        return out_of_memory(daemon);
    return EX_OK;
}

static int
keep_listener(struct daemon *daemon, struct listener *listener)
{
    if (listener == NULL)
        return EX_CANTCREAT;
    daemon->listeners[daemon->listener_count++] = listener;
    return EX_OK;
}

/* The sockets that systemd hands over, of which those named "tls" speak TLS, and those that the configuration names
 * besides. */
static int
bind_sockets(struct daemon *daemon)
{
    char **names = NULL;
    int first, handed = systemd_listen_fds(&first, &names), status = EX_OK;

    for (int i = 0; status == EX_OK && i < handed && i < HANDED_MAX; i++)
        status = keep_listener(daemon, listener_adopt(first + i, strcmp(names[i], "tls") == 0, &daemon->error));
    for (int i = 0; status == EX_OK && i < daemon->conf.listen_count; i++) {
        const char *address = daemon->conf.listen[i];

        if (strncmp(address, "unix:", 5) == 0 && systemd_listens_at(first, handed, address + 5))
            continue;
        status = keep_listener(daemon, listener_open(address, &daemon->error));
    }
    systemd_free_names(names);
    return status;
}

/* Whatever needs to be said before anybody is let in. The key is read while the daemon may still be root. */
static int
check_doors(struct daemon *daemon)
{
    char address[LISTENER_ADDRESS_SIZE];
    bool secure = false;

    for (int i = 0; i < daemon->listener_count; i++) {
        secure = secure || listener_is_secure(daemon->listeners[i]);
        if (daemon->conf.plaintext_beyond_loopback != NULL || !listener_is_exposed(daemon->listeners[i], address))
            continue;
        if (asprintf(&daemon->error,
                     "%s is reached from other machines, and on the way tokens can be read: use tls:, a loopback address, or "
                     "plaintext_beyond_loopback in [access]", address) < 0)
            daemon->error = NULL;
        return EX_CONFIG;
    }
    if (!secure)
        return EX_OK;
    daemon->tls = tls_open(&daemon->conf, &daemon->error);
    return daemon->tls != NULL ? EX_OK : daemon->error != NULL ? EX_CONFIG : out_of_memory(daemon);
}

static int
become_user(struct daemon *daemon)
{
    privilege_raise_files();
    if (daemon->conf.database == NULL && privilege_make_state_directory(&daemon->conf, &daemon->error) != 0)
        return EX_CANTCREAT;
    return privilege_drop(&daemon->conf, &daemon->error) == 0 ? EX_OK : EX_OSERR;
}

static int
reach_database(struct daemon *daemon)
{
    const struct config *conf = &daemon->conf;

    if (conf->database != NULL) {
        daemon->owner = conf->migration_database != NULL ? conf->migration_database : conf->database;
        daemon->login = conf->database;
        daemon->bulk_login = conf->bulk_database != NULL ? conf->bulk_database : daemon->owner;
        return EX_OK;
    }
    daemon->cluster = private_cluster_start(conf, embedded_files, &daemon->error);
    if (daemon->cluster == NULL)
        return EX_UNAVAILABLE;
    daemon->owner = private_cluster_owner(daemon->cluster);
    daemon->login = private_cluster_daemon(daemon->cluster);
    daemon->bulk_login = private_cluster_bulk(daemon->cluster);
    return EX_OK;
}

static void
say_in_log(const char *sentence)
{
    log_write(LOG_NOTICE, "%s", sentence);
    systemd_status("%s", sentence);
}

static int
migrate(struct daemon *daemon)
{
    return migrate_run(daemon->owner, embedded_files, say_in_log, &daemon->error) == 0 ? EX_OK : EX_UNAVAILABLE;
}

static int
ask_database(struct daemon *daemon)
{
    daemon->start = start_ask(daemon->login, &daemon->conf, &daemon->error);
    return daemon->start != NULL ? EX_OK : EX_UNAVAILABLE;
}

static void
on_ended(const char *id, void *context)
{
    struct daemon *daemon = context;
    int count = connections_sign_out(daemon->connections, id);

    gate_changed(daemon->gate);
    log_write(LOG_NOTICE, "sign-ins have ended id=%s connections=%d", id, count);
}

static void
on_heard(int64_t at_ms, void *context)
{
    struct daemon *daemon = context;

    gate_heard(daemon->gate, at_ms);
}

/* An import may have brought other principals: who is on a connection is looked up anew before anybody is answered. */
static void
on_imported_peers(struct reply *reply, void *context)
{
    struct daemon *daemon = context;

    on_peers(reply, daemon);
    if (daemon->bulk != NULL)
        bulk_settled(daemon->bulk);
}

static void
on_imported_principals(struct reply *reply, void *context)
{
    struct daemon *daemon = context;
    json_t *start = reply->status == REPLY_OK && reply->text != NULL ? json_loads(reply->text, 0, NULL) : NULL;
    char *peers = principals_describe_peers(daemon->conf.peer, daemon->conf.peer_count);
    const char *const values[] = {peers};

    if (daemon->bulk == NULL)
        goto out; /* the daemon ends, and nobody waits for it */
    if (start == NULL || peers == NULL ||
        json_object_set(daemon->start, "principals", json_object_get(start, "principals")) != 0 ||
        pool_send(daemon->pool, daemon->peers_statement, values, on_imported_peers, daemon) != 0) {
        log_write(LOG_ERR, "principals stay as they were before the import; restart the daemon");
        bulk_settled(daemon->bulk);
    }
out:
    free(peers);
    json_decref(start);
}

static void
on_imported(void *context)
{
    struct daemon *daemon = context;
    char *names = start_names(&daemon->conf);
    const char *const values[] = {names};

    if (names == NULL || pool_send(daemon->pool, daemon->start_statement, values, on_imported_principals, daemon) != 0) {
        log_write(LOG_ERR, "principals stay as they were before the import; restart the daemon");
        bulk_settled(daemon->bulk);
    }
    free(names);
}

static json_t *
describe_pool(const struct daemon *daemon)
{
    static const char *const names[COST_CLASSES] = {"fast", "write", "slow", "stream"};
    json_t *pool = json_object();

    for (int cost = 0; cost < COST_CLASSES; cost++) {
        struct pool_state state = pool_state(daemon->pool, (enum cost_class)cost);

        json_object_set_new(pool, names[cost],
                            json_pack("{s:i, s:i, s:i, s:i, s:i}", "backends", state.backends, "ready", state.ready, "in_flight",
                                      state.in_flight, "queued", state.queued, "timeout_ms", daemon->conf.lane[cost].timeout_ms));
    }
    return pool;
}

static json_t *
describe_limits(const struct daemon *daemon)
{
    json_t *limits = json_object();

    for (const struct config_key *key = config_keys; key->name != NULL; key++) {
        const char *at = (const char *)&daemon->conf + key->offset;

        if (strcmp(key->section, "limits") == 0)
            json_object_set_new(limits, key->name,
                                json_integer(key->kind == CONFIG_SIZE ? (json_int_t) * (const size_t *)at : *(const int *)at));
    }
    return limits;
}

static void
on_describe(json_t *status, void *context)
{
    const struct daemon *daemon = context;

    if (daemon->connections == NULL)
        return; /* the daemon ends, and nobody gets it */
    json_object_set_new(status, "uptime_s", json_integer((gate_now_ms() - daemon->since_ms) / 1000));
    json_object_set_new(status, "connections", json_integer(connections_count(daemon->connections)));
    json_object_set_new(status, "pool", describe_pool(daemon));
    json_object_set_new(status, "limits", describe_limits(daemon));
}

/* From the bottom up: each room is given what stands below it. */
static int
model_threads(const struct config *conf)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int threads = conf->model_threads > 0 ? conf->model_threads : processors > 0 ? (int)processors : 1;

    return threads < WORKER_THREADS_MAX ? threads : WORKER_THREADS_MAX;
}

static int
open_rooms(struct daemon *daemon)
{
    static const struct bulk_calls bulk_news = {.imported = on_imported};
    static const struct revocation_calls news = {.ended = on_ended, .heard = on_heard};
    struct dispatch_setup setup = {.limits = &daemon->conf.limits, .tables = catalogue_tables, .start = daemon->start,
                                   .version = JINZAI_VERSION, .describe = on_describe, .describe_context = daemon};
    struct subscriptions_setup events = {.base = daemon->base, .limits = &daemon->conf.limits, .start = daemon->start};

    if (daemon->cluster != NULL && private_cluster_watch(daemon->cluster, daemon->base) != 0)
        return out_of_memory(daemon);
    if (statements_compose(&daemon->statements, catalogue_tables) != 0 ||
        statements_add(&daemon->statements, "select api.access_certificate(p_names => $1::text[])", 1, COST_FAST,
                       &setup.certificate) != 0 ||
        statements_add(&daemon->statements, "select api.daemon_peers(p_peers => $1::jsonb)", 1, COST_WRITE,
                       &daemon->peers_statement) != 0 ||
        statements_add(&daemon->statements, "select api.daemon_start(p_trusted_users => $1::text[])", 1, COST_WRITE,
                       &daemon->start_statement) != 0 ||
        statements_add(&daemon->statements,
                       "select api.event_page(p_caller => $1::uuid, p_view => $2::text, p_noun => $3::text, "
                       "p_organization => $4::uuid, p_cursor => $5::text, p_limit => $6::bigint)", 6, COST_STREAM,
                       &events.page) != 0 ||
        statements_add(&daemon->statements, "select api.event_head()", 0, COST_FAST, &events.head) != 0 ||
        statements_add(&daemon->statements, "select api.daemon_reads()", 0, COST_SLOW, &daemon->reads_statement) != 0)
        return out_of_memory(daemon);
    setup.pool = daemon->pool = pool_open(daemon->base, &daemon->conf, daemon->login, daemon->statements.rows,
                                          daemon->statements.count);
    daemon->notify = notify_open(daemon->base, &daemon->conf, daemon->login);
    if (daemon->pool == NULL || daemon->notify == NULL)
        return out_of_memory(daemon);
    setup.gate = daemon->gate = gate_new(daemon->base, &daemon->conf.limits);
    if (daemon->gate == NULL)
        return out_of_memory(daemon);
    events.pool = daemon->pool;
    events.gate = daemon->gate;
    setup.subscriptions = daemon->subscriptions = subscriptions_new(&events);
    if (daemon->subscriptions == NULL)
        return out_of_memory(daemon);
    notify_watch(daemon->notify, subscriptions_sealed, daemon->subscriptions);
    setup.wrote = notify_wake;
    setup.wrote_context = daemon->notify;
    daemon->bulk = bulk_open(daemon->base, &daemon->conf, daemon->bulk_login, &bulk_news, daemon);
    setup.streams = daemon->streams = daemon->bulk != NULL ? streams_new(catalogue_tables, daemon->bulk) : NULL;
    if (daemon->streams == NULL)
        return out_of_memory(daemon);
    daemon->workers = worker_pool_new(daemon->base, model_threads(&daemon->conf), daemon->conf.model_waiting);
    setup.computations = daemon->computations =
        daemon->workers != NULL ? computations_new(daemon->workers, daemon->conf.model_timeout_ms) : NULL;
    if (daemon->computations == NULL)
        return out_of_memory(daemon);
    daemon->dispatch = dispatch_new(&setup, &daemon->error);
    if (daemon->dispatch == NULL)
        return EX_SOFTWARE;
    if (know_peers(daemon, json_object_get(daemon->start, "peers")) != 0)
        return out_of_memory(daemon);
    daemon->connections = connections_new(daemon->base, &daemon->conf.limits, daemon->dispatch, daemon->principals);
    if (daemon->connections == NULL)
        return out_of_memory(daemon);
    daemon->revocation = revocation_open(daemon->base, &daemon->conf, daemon->login, &news, daemon);
    return daemon->revocation != NULL ? EX_OK : out_of_memory(daemon);
}

static int
open_doors(struct daemon *daemon)
{
    struct timeval status_pause = after_ms(STATUS_MS), alive_pause = after_ms(systemd_watchdog_ms() / 2),
                   ready_pause = after_ms(READY_MS);

    for (int i = 0; i < daemon->listener_count; i++)
        if (listener_start(daemon->listeners[i], daemon->base, daemon->connections, daemon->tls) != 0)
            return out_of_memory(daemon);
    if (getenv("NOTIFY_SOCKET") != NULL)
        event_add(daemon->status, &status_pause);
    if (systemd_watchdog_ms() > 0)
        event_add(daemon->watchdog, &alive_pause);
    daemon->since_ms = gate_now_ms();
    evtimer_add(daemon->ready, &ready_pause);
    pool_watch(daemon->pool, on_lanes, daemon);
    return EX_OK;
}

/* Ending, in the opposite order ------------------------------------------------------------------------------------ */

static void
event_forget(struct event *event)
{
    if (event != NULL)
        event_free(event);
}

static void
daemon_close(struct daemon *daemon)
{
    for (int i = 0; i < daemon->listener_count; i++)
        listener_free(daemon->listeners[i]);
    revocation_close(daemon->revocation);
    if (daemon->connections != NULL)
        connections_free(daemon->connections);
    daemon->connections = NULL;
    bulk_close(daemon->bulk);
    daemon->bulk = NULL;
    streams_free(daemon->streams);
    worker_pool_free(daemon->workers); /* before the pool: what it was computing is answered to nobody */
    computations_free(daemon->computations);
    pool_close(daemon->pool);
    subscriptions_free(daemon->subscriptions);
    gate_free(daemon->gate);
    if (daemon->dispatch != NULL)
        dispatch_free(daemon->dispatch);
    tls_free(daemon->tls);
    if (daemon->principals != NULL)
        principals_free(daemon->principals);
    notify_close(daemon->notify);
    statements_free(&daemon->statements);
    json_decref(daemon->start);
    private_cluster_stop(daemon->cluster);
    event_forget(daemon->status);
    event_forget(daemon->watchdog);
    event_forget(daemon->deadline);
    event_forget(daemon->ready);
    for (int i = 0; i < SIGNALS; i++)
        event_forget(daemon->signals[i]);
    if (daemon->base != NULL)
        event_base_free(daemon->base);
}

/* What the flags ask for ------------------------------------------------------------------------------------------- */

static int
run_steps(struct daemon *daemon, int (*const *steps)(struct daemon *))
{
    int status = EX_OK;

    for (; status == EX_OK && *steps != NULL; steps++)
        status = (*steps)(daemon);
    return status;
}

static int
loop(struct daemon *daemon)
{
    return event_base_dispatch(daemon->base) == 0 ? EX_OK : EX_SOFTWARE;
}

static int
run(struct daemon *daemon)
{
    static int (*const steps[])(struct daemon *) = {open_loop, bind_sockets, check_doors, become_user, reach_database, migrate,
                                                    ask_database, open_rooms, open_doors, loop, NULL};
    int status = run_steps(daemon, steps);

    daemon_close(daemon);
    if (status == EX_OK)
        log_write(LOG_NOTICE, "stopped");
    return status;
}

static void
say_to_person(const char *sentence)
{
    printf("%s\n", sentence);
}

static int
migrate_alone(struct daemon *daemon)
{
    if (migrate_run(daemon->owner, embedded_files, say_to_person, &daemon->error) != 0)
        return EX_UNAVAILABLE;
    printf("the schema is up to date\n");
    return EX_OK;
}

static int
run_migration(struct daemon *daemon)
{
    static int (*const steps[])(struct daemon *) = {become_user, reach_database, migrate_alone, NULL};
    int status = run_steps(daemon, steps);

    daemon_close(daemon);
    return status;
}

/* Standard output is the backup. */
static void
say_on_error(const char *sentence)
{
    fprintf(stderr, "%s\n", sentence);
}

/* Where a daemon serves from the private cluster, it is reached beside that. */
static int
join_database(struct daemon *daemon)
{
    if (daemon->conf.database != NULL)
        return reach_database(daemon);
    daemon->cluster = private_cluster_join(&daemon->conf, embedded_files, &daemon->error);
    if (daemon->cluster == NULL)
        return EX_UNAVAILABLE;
    daemon->owner = private_cluster_owner(daemon->cluster);
    return EX_OK;
}

static int
write_backup(struct daemon *daemon)
{
    return backup_write(&daemon->conf, daemon->owner, say_on_error, &daemon->error) == 0 ? EX_OK : EX_UNAVAILABLE;
}

static int
run_backup(struct daemon *daemon)
{
    static int (*const steps[])(struct daemon *) = {become_user, join_database, write_backup, NULL};
    int status = run_steps(daemon, steps);

    daemon_close(daemon);
    return status;
}

static int
read_backup(struct daemon *daemon)
{
    const char *superuser = daemon->cluster != NULL ? private_cluster_superuser(daemon->cluster) : daemon->owner;

    return backup_read(&daemon->conf, superuser, &daemon->error) == 0 ? EX_OK : EX_UNAVAILABLE;
}

static int
run_restore(struct daemon *daemon)
{
    static int (*const steps[])(struct daemon *) = {become_user, reach_database, read_backup, migrate_alone, NULL};
    int status = run_steps(daemon, steps);

    daemon_close(daemon);
    return status;
}

static int
run_check(struct daemon *daemon)
{
    config_print(&daemon->conf);
    return EX_OK;
}

static int
run_help(struct daemon *daemon)
{
    (void)daemon;
    config_help();
    return EX_OK;
}

static int
run_version(struct daemon *daemon)
{
    (void)daemon;
    printf("jinzaid %s\n", JINZAI_VERSION);
    return EX_OK;
}

int
main(int argc, char **argv)
{
    static int (*const actions[])(struct daemon *) = {[CONFIG_RUN] = run, [CONFIG_CHECK] = run_check,
                                                      [CONFIG_MIGRATE] = run_migration, [CONFIG_BACKUP] = run_backup,
                                                      [CONFIG_RESTORE] = run_restore, [CONFIG_HELP] = run_help,
                                                      [CONFIG_VERSION] = run_version};
    struct daemon daemon = {.argc = argc, .argv = argv};
    enum config_action action = CONFIG_RUN;
    int status = config_load(&daemon.conf, argc, argv, &action, &daemon.error);

    if (status == EX_OK && action != CONFIG_HELP && action != CONFIG_VERSION) {
        log_open(daemon.conf.log_level);
        status = config_check(&daemon.conf, &daemon.error);
    }
    if (status == EX_OK)
        status = actions[action](&daemon);
    if (status != EX_OK)
        log_write(LOG_ERR, "%s", daemon.error != NULL ? daemon.error : "out of memory");
    free(daemon.error);
    config_free(&daemon.conf);
    return status;
}
