/* SPDX-License-Identifier: Apache-2.0 */
#include "store/private_cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "log.h"
#include "service/systemd.h"
#include "store/child.h"
#include "store/conninfo.h"
#include "store/postgres_bin.h"
#include "store/postmaster.h"

enum {
    FULL_BYTES = 1 << 20,       /* less than this free is a full disk: PostgreSQL needs more to start */
    SPARE_CONNECTIONS = 20,     /* for migrations, the listener, an administrator's psql and a second daemon's start */
    INITDB_EXTEND_MS = 300000,
};

#define DATABASE "jinzai"

struct private_cluster {
    const struct config *conf;
    const struct embedded_file *files;
    char **error;
    char *data, *making, *socket;
    char *owner, *daemon, *bulk, *superuser; /* connection strings */
    int lock;
    struct postmaster *postmaster;
};

static int fail(struct private_cluster *cluster, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int
fail(struct private_cluster *cluster, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(cluster->error, format, arguments) < 0)
        *cluster->error = NULL;
    va_end(arguments);
    return -1;
}

bool
private_cluster_disk_full(const char *path)
{
    struct statvfs status;

    return statvfs(path, &status) == 0 && (unsigned long long)status.f_bavail * status.f_frsize < FULL_BYTES;
}

/* What failed and why; a full disk is said as such, whatever it made fail. */
static int
fail_at(struct private_cluster *cluster, const char *path, const char *reason)
{
    if (private_cluster_disk_full(cluster->conf->state_directory))
        return fail(cluster, "the disk that holds %s is full", cluster->conf->state_directory);
    return fail(cluster, "%s: %s", path, reason);
}

/* Paths and the lock ----------------------------------------------------------------------------------------------- */

static int
name_paths(struct private_cluster *cluster)
{
    const char *state = cluster->conf->state_directory;
    static const char conninfo[] = "host='%s' port=" PRIVATE_CLUSTER_PORT " dbname=" DATABASE " user=%s";
    size_t room = sizeof(((struct sockaddr_un *)NULL)->sun_path) - sizeof("/socket/.s.PGSQL." PRIVATE_CLUSTER_PORT);

    /* Its path stands between quotes in connection strings and in PostgreSQL's files. */
    if (strpbrk(state, "'\\\n,") != NULL)
        return fail(cluster, "state_directory: %s has a quote, a comma, a backslash or a line end in it", state);
    if (strlen(state) > room)
        return fail(cluster, "state_directory: %s is longer than the %zu bytes that leave room for the name of a unix "
                    "socket in it", state, room);
    if (asprintf(&cluster->data, "%s/cluster", state) < 0 || asprintf(&cluster->making, "%s/cluster.new.%d", state, (int)getpid()) < 0 ||
        asprintf(&cluster->socket, "%s/socket", state) < 0 ||
        asprintf(&cluster->owner, conninfo, cluster->socket, "jinzai_owner") < 0 ||
        asprintf(&cluster->daemon, conninfo, cluster->socket, "jinzai_daemon") < 0 ||
        asprintf(&cluster->bulk, conninfo, cluster->socket, "jinzai_bulk") < 0 ||
        asprintf(&cluster->superuser, conninfo, cluster->socket, "postgres") < 0)
        return fail(cluster, "out of memory");
    return 0;
}

static int
take_lock(struct private_cluster *cluster)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/lock", cluster->conf->state_directory);
    cluster->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (cluster->lock < 0)
        return fail_at(cluster, path, strerror(errno));
    if (flock(cluster->lock, LOCK_EX | LOCK_NB) != 0)
        return fail(cluster, "another jinzaid uses the state directory %s", cluster->conf->state_directory);
    return 0;
}

/* Making it -------------------------------------------------------------------------------------------------------- */

static void
remove_tree(const char *path)
{
    char *argv[] = {"/bin/rm", "-rf", "--", (char *)(uintptr_t)path, NULL};
    char *output;

    child_run(argv, &output);
    free(output);
}

/* What daemons left that were killed while they made a cluster. An initdb of theirs may still run, so each daemon makes
 * its own under a name of its own, and what cannot be removed yet is left to the next start. */
static void
remove_leftovers(const struct private_cluster *cluster)
{
    char pattern[PATH_MAX];
    glob_t found = {0};

    snprintf(pattern, sizeof(pattern), "%s/cluster.new.*", cluster->conf->state_directory);
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            remove_tree(found.gl_pathv[i]);
    globfree(&found);
}

static int
make_data(struct private_cluster *cluster, const struct postgres_bin *bin)
{
    char program[PATH_MAX], *output = NULL;
    char *argv[] = {program, "-D", cluster->making, "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8",
                    "--auth=peer", "--data-checksums", "--no-instructions", NULL};
    int rc = 0;

    snprintf(program, sizeof(program), "%s/initdb", bin->directory);
    log_write(LOG_NOTICE, "making a private PostgreSQL cluster directory=%s version=%d", cluster->data, bin->version);
    systemd_status("making a private PostgreSQL cluster");
    systemd_extend(INITDB_EXTEND_MS);
    /* Made elsewhere and renamed when complete: what a kill in the middle left is not taken for a cluster. */
    remove_leftovers(cluster);
    if (child_run(argv, &output) != 0) {
        log_write(LOG_ERR, "initdb failed output=\"%s\"", output != NULL ? output : "");
        rc = fail_at(cluster, cluster->data, output != NULL && strstr(output, "No space left on device") != NULL
                                                 ? "the disk is full"
                                                 : "initdb could not make a PostgreSQL cluster here");
        remove_tree(cluster->making);
    } else if (rename(cluster->making, cluster->data) != 0) {
        rc = fail_at(cluster, cluster->data, strerror(errno));
    }
    free(output);
    return rc;
}

static int
write_file(struct private_cluster *cluster, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Replaces a file of the data directory in one step. */
static int
write_file(struct private_cluster *cluster, const char *name, const char *format, ...)
{
    char path[PATH_MAX], making[PATH_MAX];
    va_list arguments;
    FILE *file;
    bool fine;

    snprintf(path, sizeof(path), "%s/%s", cluster->data, name);
    snprintf(making, sizeof(making), "%s/%s.new", cluster->data, name);
    file = fopen(making, "we");
    if (file == NULL)
        return fail_at(cluster, making, strerror(errno));
    va_start(arguments, format);
    fine = vfprintf(file, format, arguments) >= 0;
    va_end(arguments);
    fine = fclose(file) == 0 && fine;
    if (!fine || rename(making, path) != 0)
        return fail_at(cluster, path, strerror(errno));
    return 0;
}

static int
connections_needed(const struct config *conf)
{
    int sum = SPARE_CONNECTIONS + conf->limits.bulk_streams;

    for (int cost = 0; cost < COST_CLASSES; cost++)
        sum += conf->lane[cost].backends;
    return sum;
}

static int
write_settings(struct private_cluster *cluster)
{
    return write_file(cluster, "postgresql.conf",
                      "# Written by jinzaid at each start. Settings of your own go into %s/postgresql.local.conf.\n"
                      "listen_addresses = ''\n"
                      "unix_socket_directories = '%s'\n"
                      "unix_socket_permissions = 0700\n"
                      "port = " PRIVATE_CLUSTER_PORT "\n"
                      "max_connections = %d\n"
                      "shared_buffers = 128MB\n"
                      "jit = off\n"
                      "timezone = 'UTC'\n"
                      "log_timezone = 'UTC'\n"
                      "datestyle = 'iso, ymd'\n"
                      "default_text_search_config = 'pg_catalog.simple'\n"
                      "logging_collector = off\n"
                      "log_destination = 'stderr'\n"
                      "log_line_prefix = 'postgres[%%p] '\n"
                      "log_checkpoints = off\n"
                      "# The daemon logs what goes wrong with a statement. PostgreSQL's own lines on it would hold\n"
                      "# what people entered.\n"
                      "log_min_messages = log\n"
                      "log_min_error_statement = panic\n"
                      "log_error_verbosity = terse\n"
                      "log_parameter_max_length = 0\n"
                      "log_parameter_max_length_on_error = 0\n"
                      "include = '%s/postgresql.local.conf'\n",
                      cluster->conf->state_directory, cluster->socket, connections_needed(cluster->conf),
                      cluster->conf->state_directory);
}

/* The file for an administrator's settings is there from the start, because PostgreSQL complains of each that is not. */
static int
make_local_settings(struct private_cluster *cluster)
{
    char path[PATH_MAX];
    FILE *file;

    snprintf(path, sizeof(path), "%s/postgresql.local.conf", cluster->conf->state_directory);
    if (access(path, F_OK) == 0)
        return 0;
    file = fopen(path, "we");
    if (file == NULL)
        return fail_at(cluster, path, strerror(errno));
    fprintf(file, "# Settings for the private PostgreSQL cluster of jinzaid, such as shared_buffers. They take effect when\n"
                  "# jinzaid is restarted.\n");
    return fclose(file) == 0 ? 0 : fail_at(cluster, path, strerror(errno));
}

/* Each role has a map of its own, so that it is written here who may be whom, and nobody else can be anybody. */
static int
write_access(struct private_cluster *cluster)
{
    const struct passwd *self = getpwuid(geteuid());

    if (self == NULL)
        return fail(cluster, "the user with number %d, who runs jinzaid, has no name", (int)geteuid());
    if (write_file(cluster, "pg_hba.conf",
                   "# Written by jinzaid at each start.\n"
                   "local all postgres peer map=superuser\n"
                   "local " DATABASE " jinzai_owner peer map=owner\n"
                   "local " DATABASE " jinzai_daemon peer map=daemon\n"
                   "local " DATABASE " jinzai_bulk peer map=bulk\n") != 0)
        return -1;
    return write_file(cluster, "pg_ident.conf",
                      "# Written by jinzaid at each start.\n"
                      "superuser \"%s\" postgres\n"
                      "owner \"%s\" jinzai_owner\n"
                      "daemon \"%s\" jinzai_daemon\n"
                      "bulk \"%s\" jinzai_bulk\n",
                      self->pw_name, self->pw_name, self->pw_name, self->pw_name);
}

static int
make_directories(struct private_cluster *cluster)
{
    if (mkdir(cluster->socket, 0700) != 0 && errno != EEXIST)
        return fail_at(cluster, cluster->socket, strerror(errno));
    if (make_local_settings(cluster) != 0 || write_settings(cluster) != 0)
        return -1;
    return write_access(cluster);
}

/* Which programs ---------------------------------------------------------------------------------------------------- */

/* The major version that made the cluster; 0 where there is none. */
static int
data_version(const struct private_cluster *cluster)
{
    char path[PATH_MAX];
    int version = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/PG_VERSION", cluster->data);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%d", &version) != 1)
        version = 0;
    fclose(file);
    return version;
}

static int
choose_programs(struct private_cluster *cluster, int made_by, struct postgres_bin *bin)
{
    int found = postgres_bin_find(cluster->conf->postgres_bin, made_by, bin);

    if (found != 0)
        return fail(cluster, "no PostgreSQL %d or later is installed for the private cluster: install it, or give "
                    "--postgres-bin DIR or --database CONNINFO", POSTGRES_VERSION_LEAST);
    if (made_by != 0 && bin->version != made_by)
        return fail(cluster, "%s was made by PostgreSQL %d, and %s has PostgreSQL %d: install postgresql-%d, take a "
                    "backup with it (jinzai backup), and restore that into a new state directory (jinzai restore)", cluster->data,
                    made_by, bin->directory, bin->version, made_by);
    return 0;
}

/* Inside it --------------------------------------------------------------------------------------------------------- */

static int
superuser_execute(struct private_cluster *cluster, PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    char *reason;

    PQclear(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return 0;
    reason = conninfo_reason(PQerrorMessage(conn));
    fail_at(cluster, "the private cluster cannot be set up", reason != NULL ? reason : "out of memory");
    free(reason);
    return -1;
}

static const char *
roles_sql(const struct private_cluster *cluster)
{
    for (const struct embedded_file *file = cluster->files; file->path != NULL; file++)
        if (strcmp(file->path, "sql/roles.sql") == 0)
            return file->text;
    return "";
}

static int
has_database(PGconn *conn)
{
    PGresult *result = PQexec(conn, "select from pg_database where datname = '" DATABASE "'");
    int count = PQntuples(result);

    PQclear(result);
    return count > 0;
}

static void
ignore_notice(void *context, const PGresult *notice)
{
    (void)context;
    (void)notice;
}

static int
make_database(struct private_cluster *cluster)
{
    const char *const keywords[] = {"host", "port", "dbname", "user", "options", NULL};
    const char *const values[] = {cluster->socket, PRIVATE_CLUSTER_PORT, "postgres", "postgres", "", NULL};
    PGconn *conn = PQconnectdbParams(keywords, values, 0);
    int rc = 0;

    PQsetNoticeReceiver(conn, ignore_notice, NULL);
    if (PQstatus(conn) != CONNECTION_OK)
        rc = superuser_execute(cluster, conn, "");
    if (rc == 0)
        rc = superuser_execute(cluster, conn, roles_sql(cluster));
    if (rc == 0 && !has_database(conn))
        rc = superuser_execute(cluster, conn, "create database " DATABASE
                                              " owner jinzai_owner encoding 'UTF8' template template0");
    if (rc == 0)
        rc = superuser_execute(cluster, conn, "revoke all on database " DATABASE " from public;"
                                              "grant connect on database " DATABASE " to jinzai_daemon;"
                                              "grant connect, temporary on database " DATABASE " to jinzai_bulk");
    PQfinish(conn);
    return rc;
}

/* The whole --------------------------------------------------------------------------------------------------------- */

static int
start(struct private_cluster *cluster)
{
    int made_by;
    struct postgres_bin bin;
    char program[PATH_MAX];

    if (geteuid() == 0)
        return fail(cluster, "the private PostgreSQL cluster cannot run as root");
    if (name_paths(cluster) != 0 || take_lock(cluster) != 0)
        return -1;
    made_by = data_version(cluster);
    if (made_by == 0 && access(cluster->data, F_OK) == 0)
        return fail(cluster, "%s exists and is not a PostgreSQL cluster", cluster->data);
    if (choose_programs(cluster, made_by, &bin) != 0)
        return -1;
    if (made_by == 0 && make_data(cluster, &bin) != 0)
        return -1;
    if (make_directories(cluster) != 0)
        return -1;
    snprintf(program, sizeof(program), "%s/postgres", bin.directory);
    cluster->postmaster = postmaster_new(program, cluster->data, cluster->socket);
    if (cluster->postmaster == NULL)
        return fail(cluster, "out of memory");
    if (postmaster_start(cluster->postmaster, cluster->error) != 0)
        return -1;
    return make_database(cluster);
}

struct private_cluster *
private_cluster_start(const struct config *conf, const struct embedded_file *files, char **error)
{
    struct private_cluster *cluster = calloc(1, sizeof(*cluster));

    *error = NULL;
    if (cluster == NULL)
        return NULL;
    cluster->conf = conf;
    cluster->files = files;
    cluster->error = error;
    cluster->lock = -1;
    if (start(cluster) != 0) {
        private_cluster_stop(cluster);
        return NULL;
    }
    return cluster;
}

/* Whether another jinzaid holds the lock. */
static bool
is_served(const struct config *conf)
{
    char path[PATH_MAX];
    int lock;
    bool served;

    snprintf(path, sizeof(path), "%s/lock", conf->state_directory);
    lock = open(path, O_RDWR | O_CLOEXEC);
    if (lock < 0)
        return false;
    served = flock(lock, LOCK_EX | LOCK_NB) != 0;
    close(lock);
    return served;
}

struct private_cluster *
private_cluster_join(const struct config *conf, const struct embedded_file *files, char **error)
{
    struct private_cluster *cluster = calloc(1, sizeof(*cluster));
    bool served = is_served(conf), fine;

    *error = NULL;
    if (cluster == NULL)
        return NULL;
    *cluster = (struct private_cluster){.conf = conf, .files = files, .error = error, .lock = -1};
    fine = name_paths(cluster) == 0;
    if (fine && data_version(cluster) == 0) {
        fail(cluster, "%s holds no PostgreSQL cluster", conf->state_directory);
        fine = false;
    }
    if (fine && served)
        return cluster;
    private_cluster_stop(cluster);
    return fine ? private_cluster_start(conf, files, error) : NULL;
}

const char *
private_cluster_owner(const struct private_cluster *cluster)
{
    return cluster->owner;
}

const char *
private_cluster_daemon(const struct private_cluster *cluster)
{
    return cluster->daemon;
}

const char *
private_cluster_bulk(const struct private_cluster *cluster)
{
    return cluster->bulk;
}

const char *
private_cluster_superuser(const struct private_cluster *cluster)
{
    return cluster->superuser;
}

int
private_cluster_watch(struct private_cluster *cluster, struct event_base *base)
{
    return postmaster_watch(cluster->postmaster, base, cluster->conf);
}

void
private_cluster_stop(struct private_cluster *cluster)
{
    if (cluster == NULL)
        return;
    if (cluster->postmaster != NULL)
        postmaster_stop(cluster->postmaster);
    postmaster_free(cluster->postmaster);
    if (cluster->lock >= 0)
        close(cluster->lock);
    free(cluster->data);
    free(cluster->making);
    free(cluster->socket);
    free(cluster->owner);
    free(cluster->daemon);
    free(cluster->bulk);
    free(cluster->superuser);
    free(cluster);
}
