/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>
#include <libpq-fe.h>

#include "log.h"
#include "store/conninfo.h"
#include "store/postgres_bin.h"

enum { SENTENCE_BYTES = 512, TAIL_BYTES = 2048, EXIT_NO_PROGRAM = 127, VERSION_UNIT = 10000 };

/* Everything of jinzai; what extensions keep in public is none of it. */
#define SCHEMAS "('core', 'derive', 'jinzai_meta')"

/* Row-level security holds for the owner too. It must see every row by a policy that asks nothing, or the dump would hold
 * fewer without a word. */
static const char hidden_sql[] =
    "select min(c.oid::regclass::text) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname in " SCHEMAS " and c.relkind in ('r', 'p') and c.relforcerowsecurity and (not exists ("
    "select from pg_policy p where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('*', 'r') "
    "and pg_get_expr(p.polqual, p.polrelid) = 'true' "
    "and exists (select from unnest(p.polroles) as r (oid) where r.oid = 0 or pg_has_role('jinzai_owner', r.oid, 'usage'))) "
    "or exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive))";

static const char tables_sql[] =
    "select n.nspname || '.' || c.relname, c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname in " SCHEMAS " and c.relkind = 'r' order by 1";

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

/* Programs ----------------------------------------------------------------------------------------------------------- */

/* Starts a program with these descriptors as its standard input, output and error. Returns its process id, or -1. */
static pid_t
start(char *const *argv, int input, int output, int errors)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0 || chdir("/") != 0)
        _exit(EXIT_NO_PROGRAM);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    setenv("LC_ALL", "C.UTF-8", 1);
    execv(argv[0], argv);
    _exit(EXIT_NO_PROGRAM);
}

static int
wait_for(pid_t pid)
{
    int status = -1;

    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What a program that failed wrote about it: its first error. */
static int
fail_as_told(char **error, const char *program, FILE *errors)
{
    char line[TAIL_BYTES] = "";

    rewind(errors);
    while (fgets(line, sizeof(line), errors) != NULL && strcasestr(line, "error") == NULL)
        ;
    line[strcspn(line, "\n")] = '\0';
    return fail(error, "%s failed: %s", program, *line != '\0' ? line : "it gave no reason");
}

/* Runs a program to its end. Returns 0, or -1 with *error set. */
static int
run(char *const *argv, int input, int output, char **error)
{
    FILE *errors = tmpfile();
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), rc = -1;

    if (errors == NULL || null < 0)
        fail(error, "%s cannot be started: %s", argv[0], strerror(errno));
    else if (wait_for(start(argv, input >= 0 ? input : null, output >= 0 ? output : null, fileno(errors))) == 0)
        rc = 0;
    else
        fail_as_told(error, argv[0], errors);
    if (errors != NULL)
        fclose(errors);
    if (null >= 0)
        close(null);
    return rc;
}

static int
find_program(const struct config *conf, int server, const char *name, char program[POSTGRES_DIRECTORY_BYTES + 32], char **error)
{
    struct postgres_bin bin;

    /* One of the server's own version where there is one; pg_dump of a later one will do. */
    if (postgres_bin_find(conf->postgres_bin, server, &bin) != 0 && postgres_bin_find(conf->postgres_bin, 0, &bin) != 0)
        return fail(error, "no PostgreSQL of version %d or later is installed: give --postgres-bin DIR", server);
    snprintf(program, POSTGRES_DIRECTORY_BYTES + 32, "%s/%s", bin.directory, name);
    return 0;
}

/* Asking the database ------------------------------------------------------------------------------------------------ */

static PGconn *
connect_to(const char *conninfo, const char *options, char **error)
{
    char *full = conninfo_extend(conninfo, "jinzaid backup", options), *reason;
    PGconn *conn = full != NULL ? PQconnectdb(full) : NULL;

    free(full);
    if (PQstatus(conn) == CONNECTION_OK)
        return conn;
    reason = conninfo_reason(PQerrorMessage(conn));
    fail(error, "the database cannot be reached: %s", reason != NULL ? reason : "out of memory");
    free(reason);
    PQfinish(conn);
    return NULL;
}

static PGresult *
ask(PGconn *conn, const char *sql, char **error)
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    char *reason;

    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return result;
    reason = conninfo_reason(PQerrorMessage(conn));
    fail(error, "the database cannot be read: %s", reason != NULL ? reason : "out of memory");
    free(reason);
    PQclear(result);
    return NULL;
}

/* Begins a snapshot that sees every row. Returns its name, to be freed, and fills counts (table → rows); NULL with *error
 * set. */
static char *
take_snapshot(PGconn *conn, json_t *counts, char **error)
{
    PGresult *result = ask(conn, "begin isolation level repeatable read read only", error), *tables = NULL;
    char *name = NULL, sql[SENTENCE_BYTES];
    bool fine = result != NULL;

    PQclear(result);
    result = fine ? ask(conn, hidden_sql, error) : NULL;
    fine = result != NULL;
    if (fine && !PQgetisnull(result, 0, 0)) {
        fail(error, "the owner of the schema does not see all rows of %s, and so a backup would not have them", PQgetvalue(result, 0, 0));
        fine = false;
    }
    PQclear(result);
    tables = fine ? ask(conn, tables_sql, error) : NULL;
    fine = tables != NULL;
    if (fine && PQntuples(tables) == 0) {
        fail(error, "the database holds nothing of jinzai");
        fine = false;
    }
    for (int i = 0; fine && i < PQntuples(tables); i++) {
        snprintf(sql, sizeof(sql), "select count(*) from %s", PQgetvalue(tables, i, 1));
        result = ask(conn, sql, error);
        fine = result != NULL && json_object_set_new(counts, PQgetvalue(tables, i, 0), json_integer(atoll(PQgetvalue(result, 0, 0)))) == 0;
        PQclear(result);
    }
    PQclear(tables);
    result = fine ? ask(conn, "select pg_export_snapshot()", error) : NULL;
    if (result != NULL)
        name = strdup(PQgetvalue(result, 0, 0));
    PQclear(result);
    return name;
}

/* Reading a dump back ------------------------------------------------------------------------------------------------ */

/* Takes what pg_restore writes, and counts the rows of each COPY. */
static void
count_rows(FILE *script, json_t *found)
{
    char *line = NULL, *space;
    size_t room = 0;
    json_int_t rows = -1; /* of the table under way; -1 between tables */
    char table[SENTENCE_BYTES] = "";

    while (getline(&line, &room, script) > 0) {
        if (rows >= 0 && strcmp(line, "\\.\n") == 0) {
            json_object_set_new(found, table, json_integer(rows));
            rows = -1;
        } else if (rows >= 0) {
            rows++;
        } else if (strncmp(line, "COPY ", 5) == 0 && strstr(line, " FROM stdin;\n") != NULL) {
            space = strchr(line + 5, ' ');
            snprintf(table, sizeof(table), "%.*s", (int)(space - line - 5), line + 5);
            rows = 0;
        }
    }
    free(line);
}

static int
read_back(const char *program, int file, const json_t *counts, char **error)
{
    char *argv[] = {(char *)(uintptr_t)program, "--data-only", "--file=-", NULL};
    json_t *found = json_object(), *value;
    int pipes[2], null = open("/dev/null", O_RDWR | O_CLOEXEC), status = -1, rc = 0;
    const char *table;
    pid_t pid;
    FILE *script;

    if (null < 0 || lseek(file, 0, SEEK_SET) != 0 || pipe2(pipes, O_CLOEXEC) != 0)
        return fail(error, "the backup cannot be read back: %s", strerror(errno));
    pid = start(argv, file, pipes[1], null);
    close(pipes[1]);
    script = fdopen(pipes[0], "r");
    if (script != NULL) {
        count_rows(script, found);
        fclose(script);
    }
    status = wait_for(pid);
    if (status != 0)
        rc = fail(error, "the backup cannot be read back");
    json_object_foreach((json_t *)(uintptr_t)counts, table, value)
        if (rc == 0 && json_integer_value(json_object_get(found, table)) != json_integer_value(value))
            rc = fail(error, "the backup has %lld rows of %s, and the database %lld", (long long)json_integer_value(json_object_get(found, table)),
                      table, (long long)json_integer_value(value));
    close(null);
    json_decref(found);
    return rc;
}

static long long
total(const json_t *counts)
{
    long long sum = 0;
    const char *table;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)counts, table, value)
        sum += json_integer_value(value);
    return sum;
}

/* The whole ---------------------------------------------------------------------------------------------------------- */

static int
dump(const struct config *conf, const char *owner, PGconn *conn, const char *snapshot, const json_t *counts, char **error)
{
    char program[POSTGRES_DIRECTORY_BYTES + 32], restore[POSTGRES_DIRECTORY_BYTES + 32], *database = NULL, *name = NULL;
    int server = PQserverVersion(conn) / VERSION_UNIT, rc = -1;

    if (asprintf(&database, "--dbname=%s", owner) < 0 || asprintf(&name, "--snapshot=%s", snapshot) < 0)
        return fail(error, "out of memory");
    if (find_program(conf, server, "pg_dump", program, error) == 0 && find_program(conf, server, "pg_restore", restore, error) == 0) {
        char *argv[] = {program, "--format=custom", "--enable-row-security", "--role=jinzai_owner", "--no-password", name, database, NULL};

        rc = run(argv, -1, STDOUT_FILENO, error);
        if (rc == 0)
            rc = read_back(restore, STDOUT_FILENO, counts, error);
    }
    free(database);
    free(name);
    return rc;
}

int
backup_write(const struct config *conf, const char *owner, void (*say)(const char *sentence), char **error)
{
    struct stat status;
    json_t *counts = json_object();
    char *snapshot = NULL, sentence[SENTENCE_BYTES];
    PGconn *conn = NULL;
    int rc = -1;

    *error = NULL;
    if (fstat(STDOUT_FILENO, &status) != 0 || !S_ISREG(status.st_mode) || (fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE) != O_RDWR) {
        fail(error, "standard output must be a file that is open for reading and writing: use jinzai backup FILE");
        goto out;
    }
    conn = connect_to(owner, "-c role=jinzai_owner -c statement_timeout=0", error);
    if (conn == NULL)
        goto out;
    snapshot = take_snapshot(conn, counts, error);
    if (snapshot == NULL)
        goto out;
    rc = dump(conf, owner, conn, snapshot, counts, error);
    if (rc == 0) {
        snprintf(sentence, sizeof(sentence), "%lld rows of %zu tables", total(counts), json_object_size(counts));
        say(sentence);
    }
out:
    free(snapshot);
    PQfinish(conn);
    json_decref(counts);
    return rc;
}

/* Sends the backup through psql as one transaction. Section by section: within one, what roles may do comes last, and the
 * tables' owners need that before constraints and indexes are made. */
static int
restore(char *const *restore_argv, char *const *psql_argv, char **section, char **error)
{
    static const char *const sections[] = {"--section=pre-data", "--section=data", "--section=post-data"};
    FILE *errors = tmpfile();
    int pipes[2] = {-1, -1}, null = open("/dev/null", O_RDWR | O_CLOEXEC), rc = 0;
    pid_t psql = -1;

    if (errors == NULL || null < 0 || pipe2(pipes, O_CLOEXEC) != 0)
        rc = fail(error, "the backup cannot be restored: %s", strerror(errno));
    if (rc == 0) {
        psql = start(psql_argv, pipes[0], null, fileno(errors));
        close(pipes[0]);
    }
    for (size_t i = 0; rc == 0 && i < sizeof(sections) / sizeof(*sections); i++) {
        *section = (char *)(uintptr_t)sections[i];
        if (lseek(STDIN_FILENO, 0, SEEK_SET) != 0)
            rc = fail(error, "the backup must be a file");
        else
            rc = run(restore_argv, STDIN_FILENO, pipes[1], error);
    }
    /* At the end of its input psql would commit what has come. */
    if (rc != 0 && psql > 0 && waitpid(psql, NULL, WNOHANG) == 0)
        kill(psql, SIGKILL);
    if (pipes[1] >= 0)
        close(pipes[1]);
    if (rc == 0 && wait_for(psql) != 0)
        rc = fail_as_told(error, psql_argv[0], errors);
    else if (rc != 0 && psql > 0) {
        wait_for(psql);
        fseek(errors, 0, SEEK_END);
        if (ftell(errors) > 0) {
            /* pg_restore only failed because psql had. */
            free(*error);
            fail_as_told(error, psql_argv[0], errors);
        }
    }
    if (errors != NULL)
        fclose(errors);
    if (null >= 0)
        close(null);
    return rc;
}

int
backup_read(const struct config *conf, const char *superuser, char **error)
{
    PGconn *conn;
    PGresult *result;
    char program[POSTGRES_DIRECTORY_BYTES + 32], psql[POSTGRES_DIRECTORY_BYTES + 32], *database = NULL;
    int server, rc = -1;
    bool empty;

    *error = NULL;
    conn = connect_to(superuser, "-c statement_timeout=0", error);
    result = conn != NULL ? ask(conn, "select count(*) from pg_namespace where nspname in " SCHEMAS, error) : NULL;
    if (result == NULL)
        goto out;
    empty = strcmp(PQgetvalue(result, 0, 0), "0") == 0;
    PQclear(result);
    server = PQserverVersion(conn) / VERSION_UNIT;
    if (!empty)
        fail(error, "the database holds a record already: a backup is restored into a new one");
    else if (asprintf(&database, "--dbname=%s", superuser) < 0)
        fail(error, "out of memory");
    else if (find_program(conf, server, "pg_restore", program, error) == 0 && find_program(conf, server, "psql", psql, error) == 0) {
        char *restore_argv[] = {program, NULL, "--exit-on-error", "--file=-", NULL};
        char *psql_argv[] = {psql, "-Xq", "--set=ON_ERROR_STOP=1", "--single-transaction", "--no-password", database, "--file=-", NULL};

        rc = restore(restore_argv, psql_argv, &restore_argv[1], error);
        /* What has to be cleared of the dead rows of erased people is in the files of the old cluster. */
        if (rc == 0) {
            result = ask(conn, "delete from core.scrub_due", error);
            rc = result != NULL ? 0 : -1;
            PQclear(result);
        }
    }
out:
    free(database);
    PQfinish(conn);
    return rc;
}
