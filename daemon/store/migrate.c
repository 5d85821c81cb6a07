/* SPDX-License-Identifier: Apache-2.0 */
#include "store/migrate.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>
#include <openssl/evp.h>

#include "log.h"
#include "store/conninfo.h"
#include "version.h"

enum {
    SERVER_VERSION_LEAST = 150000, /* PostgreSQL 15 */
    DIGEST_BYTES = 32,
    HEX_BYTES = 2 * DIGEST_BYTES + 1,
    SENTENCE_BYTES = 512,
};

#define SCHEMA_FILES "sql/schema/"

/* Any number that no other program on the database uses for an advisory lock of its own: "jinzai" in ASCII. */
#define LOCK_KEY "117001057624425"

static const char meta_sql[] =
    "create schema if not exists jinzai_meta;"
    "comment on schema jinzai_meta is 'What jinzaid has applied to this database; read and written by it alone';"
    "create table if not exists jinzai_meta.migration ("
    "    number integer primary key, name text not null unique, sha256 text not null,"
    "    compatible_from integer not null, applied_by text not null,"
    "    applied_at timestamptz not null default now());"
    "comment on table jinzai_meta.migration is 'The numbered files of sql/schema that were applied';"
    "comment on column jinzai_meta.migration.number is 'Its number, in the order of application';"
    "comment on column jinzai_meta.migration.name is 'Its path in the source';"
    "comment on column jinzai_meta.migration.sha256 is 'Of its text when it was applied; it may not change after';"
    "comment on column jinzai_meta.migration.compatible_from is"
    "    'The number of the last migration that a daemon has to know to work with the schema after this one';"
    "comment on column jinzai_meta.migration.applied_by is 'The version of jinzai that applied it';"
    "comment on column jinzai_meta.migration.applied_at is 'When';"
    "create table if not exists jinzai_meta.whole ("
    "    name text primary key, sha256 text not null, applied_by text not null,"
    "    applied_at timestamptz not null default now());"
    "comment on table jinzai_meta.whole is 'The parts that are applied whole: sql/api and sql/reference';"
    "comment on column jinzai_meta.whole.name is 'Its path in the source';"
    "comment on column jinzai_meta.whole.sha256 is 'Of all its files';"
    "comment on column jinzai_meta.whole.applied_by is 'The version of jinzai that applied it';"
    "comment on column jinzai_meta.whole.applied_at is 'When';";

/* The functions belong to a role that owns nothing else, and only the daemon's role may call them. */
static const char api_before[] = "drop schema if exists api cascade;"
                                 "create schema api authorization jinzai_api;"
                                 "comment on schema api is 'The functions that the daemon calls';"
                                 "set local role jinzai_api";
static const char api_after[] = "set local role jinzai_api;"
                                "revoke all on all routines in schema api from public;"
                                "grant usage on schema api to jinzai_daemon;"
                                "grant execute on all routines in schema api to jinzai_daemon";

/* The parts that are applied whole, in the order of application. */
static const struct part {
    const char *path, *before, *after;
} parts[] = {
    {"sql/api/", api_before, api_after},
    {"sql/reference/", NULL, NULL},
};

struct migration {
    PGconn *conn;
    const struct embedded_file *files;
    void (*say)(const char *sentence);
    char **error;
    bool newer; /* the database holds migrations that this program does not know, and allows it */
};

static int fail(struct migration *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int
fail(struct migration *run, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(run->error, format, arguments) < 0)
        *run->error = NULL;
    va_end(arguments);
    return -1;
}

static void say(struct migration *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
say(struct migration *run, const char *format, ...)
{
    char sentence[SENTENCE_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    run->say(sentence);
}

static bool
is_in(const struct embedded_file *file, const char *directory)
{
    return strncmp(file->path, directory, strlen(directory)) == 0;
}

int
migrate_number(const char *path)
{
    return strncmp(path, SCHEMA_FILES, sizeof(SCHEMA_FILES) - 1) == 0 ? atoi(path + sizeof(SCHEMA_FILES) - 1) : 0;
}

int
migrate_compatible_from(const char *text, int number)
{
    static const char mark[] = "\n-- compatible-from: ";
    const char *line = strstr(text, mark);

    if (line != NULL)
        return atoi(line + sizeof(mark) - 1);
    return strncmp(text, mark + 1, sizeof(mark) - 2) == 0 ? atoi(text + sizeof(mark) - 2) : number;
}

int
migrate_line(const char *text, int position)
{
    int line = 1;

    for (; *text != '\0' && position > 1; text++) {
        bool last_byte = ((unsigned char)text[1] & 0xc0) != 0x80;

        line += *text == '\n';
        position -= last_byte;
    }
    return line;
}

static void
hex_write(const unsigned char digest[static DIGEST_BYTES], char hex[static HEX_BYTES])
{
    for (int i = 0; i < DIGEST_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* The digest of the files under a path, names included, so that renaming one counts; before and after count too. */
static int
digest_files(struct migration *run, const char *path, const char *before, const char *after, char hex[static HEX_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char digest[DIGEST_BYTES];
    bool fine = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL);

    for (const struct embedded_file *file = run->files; fine && file->path != NULL; file++)
        if (is_in(file, path))
            fine = EVP_DigestUpdate(context, file->path, strlen(file->path) + 1) &&
                   EVP_DigestUpdate(context, file->text, file->size + 1);
    if (before != NULL)
        fine = fine && EVP_DigestUpdate(context, before, strlen(before));
    if (after != NULL)
        fine = fine && EVP_DigestUpdate(context, after, strlen(after));
    fine = fine && EVP_DigestFinal_ex(context, digest, NULL);
    EVP_MD_CTX_free(context);
    if (!fine)
        return fail(run, "out of memory");
    hex_write(digest, hex);
    return 0;
}

static int
digest_text(struct migration *run, const struct embedded_file *file, char hex[static HEX_BYTES])
{
    unsigned char digest[DIGEST_BYTES];

    if (!EVP_Digest(file->text, file->size, digest, NULL, EVP_sha256(), NULL))
        return fail(run, "out of memory");
    hex_write(digest, hex);
    return 0;
}

/* Runs SQL of ours. Returns its result, or NULL with the error set. */
static PGresult *
query(struct migration *run, const char *sql, int count, const char *const *values)
{
    PGresult *result = count > 0 ? PQexecParams(run->conn, sql, count, NULL, values, NULL, NULL, 0)
                                 : PQexec(run->conn, sql);
    ExecStatusType status = PQresultStatus(result);
    char *reason;

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return result;
    reason = conninfo_reason(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) != NULL
                                 ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)
                                 : PQerrorMessage(run->conn));
    fail(run, "the database refuses the migration: %s", reason != NULL ? reason : "out of memory");
    free(reason);
    PQclear(result);
    return NULL;
}

static int
execute(struct migration *run, const char *sql, int count, const char *const *values)
{
    PGresult *result = query(run, sql, count, values);

    PQclear(result);
    return result != NULL ? 0 : -1;
}

static const char *
field_or(const PGresult *result, int field, const char *otherwise)
{
    const char *value = PQresultErrorField(result, field);

    return value != NULL ? value : otherwise;
}

static int
file_fail(struct migration *run, const struct embedded_file *file, const PGresult *result)
{
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    char *reason = conninfo_reason(field_or(result, PG_DIAG_MESSAGE_PRIMARY, PQerrorMessage(run->conn)));
    char line[16] = "";

    if (position != NULL)
        snprintf(line, sizeof(line), ":%d", migrate_line(file->text, atoi(position)));
    log_write(LOG_ERR, "sql file failed file=%s%s sqlstate=%s reason=\"%s\" detail=\"%s\" context=\"%s\"", file->path,
              line, field_or(result, PG_DIAG_SQLSTATE, "?"), reason != NULL ? reason : "?",
              field_or(result, PG_DIAG_MESSAGE_DETAIL, ""), context != NULL ? context : "");
    fail(run, "%s%s: %s", file->path, line, reason != NULL ? reason : "out of memory");
    free(reason);
    return -1;
}

/* Runs one file inside the transaction that is open. */
static int
file_execute(struct migration *run, const struct embedded_file *file)
{
    PGresult *result = PQexec(run->conn, file->text);
    ExecStatusType status = PQresultStatus(result);
    int rc = 0;

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        rc = file_fail(run, file, result);
    else if (PQtransactionStatus(run->conn) != PQTRANS_INTRANS)
        rc = fail(run, "%s: ends the transaction that it runs in", file->path);
    PQclear(result);
    return rc;
}

static int
begin(struct migration *run)
{
    return execute(run, "begin", 0, NULL);
}

static int
finish(struct migration *run, int rc)
{
    if (rc == 0)
        return execute(run, "commit", 0, NULL);
    PQclear(PQexec(run->conn, "rollback"));
    return -1;
}

/* Migrations ------------------------------------------------------------------------------------------------------- */

static int
migration_apply(struct migration *run, const struct embedded_file *file, const char *sha256)
{
    char number[16], compatible_from[16];
    const char *values[] = {number, file->path, sha256, compatible_from, JINZAI_VERSION};
    int rc;

    snprintf(number, sizeof(number), "%d", migrate_number(file->path));
    snprintf(compatible_from, sizeof(compatible_from), "%d",
             migrate_compatible_from(file->text, migrate_number(file->path)));
    rc = begin(run);
    if (rc == 0)
        rc = file_execute(run, file);
    if (rc == 0)
        rc = execute(run,
                     "insert into jinzai_meta.migration (number, name, sha256, compatible_from, applied_by) "
                     "values ($1::integer, $2, $3, $4::integer, $5)",
                     5, values);
    rc = finish(run, rc);
    if (rc == 0)
        say(run, "applied %s", file->path);
    return rc;
}

static int
last_known(const struct migration *run)
{
    int last = 0;

    for (const struct embedded_file *file = run->files; file->path != NULL; file++)
        if (migrate_number(file->path) > last)
            last = migrate_number(file->path);
    return last;
}

/* A newer jinzai was here: whether it left the door open for this one. */
static int
newer_check(struct migration *run, const PGresult *applied)
{
    int known = last_known(run), needed = 0;

    for (int row = 0; row < PQntuples(applied); row++)
        if (atoi(PQgetvalue(applied, row, 0)) > known) {
            run->newer = true;
            if (atoi(PQgetvalue(applied, row, 3)) > needed)
                needed = atoi(PQgetvalue(applied, row, 3));
        }
    if (needed > known)
        return fail(run,
                    "the database was migrated by a newer jinzai (%s): it needs one that knows migration %d, and this "
                    "one (%s) knows them up to %d",
                    PQgetvalue(applied, PQntuples(applied) - 1, 4), needed, JINZAI_VERSION, known);
    if (run->newer)
        say(run, "the database was migrated by a newer jinzai, which left it open to this one");
    return 0;
}

/* The row of a migration among those applied, or -1. */
static int
applied_row(const PGresult *applied, int number)
{
    for (int row = 0; row < PQntuples(applied); row++)
        if (atoi(PQgetvalue(applied, row, 0)) == number)
            return row;
    return -1;
}

static int
migration_check_or_apply(struct migration *run, const struct embedded_file *file, const PGresult *applied)
{
    int number = migrate_number(file->path), row = applied_row(applied, number), rows = PQntuples(applied);
    char sha256[HEX_BYTES];

    if (digest_text(run, file, sha256) != 0)
        return -1;
    if (row >= 0 && strcmp(PQgetvalue(applied, row, 2), sha256) == 0)
        return 0;
    if (row >= 0)
        return fail(run, "%s was changed after it was applied to this database on %s; a change needs a migration of "
                    "its own", file->path, PQgetvalue(applied, row, 5));
    if (rows > 0 && atoi(PQgetvalue(applied, rows - 1, 0)) > number)
        return fail(run, "%s was never applied to this database, though a later migration was", file->path);
    return migration_apply(run, file, sha256);
}

static int
migrations_run(struct migration *run)
{
    PGresult *applied = query(run,
                              "select number, name, sha256, compatible_from, applied_by, applied_at::date "
                              "from jinzai_meta.migration order by number",
                              0, NULL);
    int rc = applied != NULL ? newer_check(run, applied) : -1;

    for (const struct embedded_file *file = run->files; rc == 0 && file->path != NULL; file++)
        if (is_in(file, SCHEMA_FILES))
            rc = migration_check_or_apply(run, file, applied);
    PQclear(applied);
    return rc;
}

/* Parts applied whole ---------------------------------------------------------------------------------------------- */

static int
part_apply(struct migration *run, const struct part *part, const char *sha256)
{
    const char *values[] = {part->path, sha256, JINZAI_VERSION};
    int rc = begin(run);

    if (rc == 0 && part->before != NULL)
        rc = execute(run, part->before, 0, NULL);
    for (const struct embedded_file *file = run->files; rc == 0 && file->path != NULL; file++)
        if (is_in(file, part->path))
            rc = file_execute(run, file);
    if (rc == 0 && part->after != NULL)
        rc = execute(run, part->after, 0, NULL);
    if (rc == 0)
        rc = execute(run, "set local role jinzai_owner", 0, NULL);
    if (rc == 0)
        rc = execute(run,
                     "insert into jinzai_meta.whole (name, sha256, applied_by) values ($1, $2, $3) on conflict (name) "
                     "do update set sha256 = excluded.sha256, applied_by = excluded.applied_by, applied_at = now()",
                     3, values);
    rc = finish(run, rc);
    if (rc == 0)
        say(run, "applied %s", part->path);
    return rc;
}

static int
part_run(struct migration *run, const struct part *part)
{
    char sha256[HEX_BYTES];
    const char *values[] = {part->path};
    PGresult *applied;
    bool same;

    if (digest_files(run, part->path, part->before, part->after, sha256) != 0)
        return -1;
    applied = query(run, "select sha256 from jinzai_meta.whole where name = $1", 1, values);
    if (applied == NULL)
        return -1;
    same = PQntuples(applied) == 1 && strcmp(PQgetvalue(applied, 0, 0), sha256) == 0;
    PQclear(applied);
    return same ? 0 : part_apply(run, part, sha256);
}

/* The whole -------------------------------------------------------------------------------------------------------- */

static void
on_notice(void *context, const PGresult *notice)
{
    (void)context;
    log_write(LOG_DEBUG, "database notice message=\"%s\"", field_or(notice, PG_DIAG_MESSAGE_PRIMARY, ""));
}

static int
connect_owner(struct migration *run, const char *conninfo)
{
    char *full = conninfo_extend(conninfo, "jinzaid migrate", "-c jit=off -c timezone=UTC -c datestyle=ISO");
    char *reason = NULL;
    int rc = 0;

    run->conn = full != NULL ? PQconnectdb(full) : NULL;
    free(full);
    if (run->conn == NULL)
        return fail(run, "out of memory");
    if (PQstatus(run->conn) != CONNECTION_OK) {
        reason = conninfo_reason(PQerrorMessage(run->conn));
        rc = fail(run, "the database cannot be reached: %s", reason != NULL ? reason : "out of memory");
        free(reason);
        return rc;
    }
    PQsetNoticeReceiver(run->conn, on_notice, NULL);
    if (PQserverVersion(run->conn) < SERVER_VERSION_LEAST)
        return fail(run, "jinzai needs PostgreSQL 15 or later, and the database is of PostgreSQL %s",
                    PQparameterStatus(run->conn, "server_version"));
    return 0;
}

/* What is made must belong to jinzai_owner, whoever logs in. */
static int
become_owner(struct migration *run)
{
    PGresult *result = query(run,
                             "select count(*) = 5, coalesce(bool_or(rolname = 'jinzai_owner' and "
                             "pg_has_role(oid, 'member')), false), current_user from pg_roles "
                             "where rolname in ('jinzai_owner', 'jinzai_api', 'jinzai_derive', 'jinzai_daemon', "
                             "'jinzai_bulk')",
                             0, NULL);
    int rc = 0;

    if (result == NULL)
        return -1;
    if (*PQgetvalue(result, 0, 0) != 't')
        rc = fail(run, "the database has not got jinzai's roles: an administrator makes them with sql/roles.sql");
    else if (*PQgetvalue(result, 0, 1) != 't')
        rc = fail(run, "the login %s may not become jinzai_owner, which migrating needs: see sql/roles.sql",
                  PQgetvalue(result, 0, 2));
    PQclear(result);
    return rc == 0 ? execute(run, "set role jinzai_owner", 0, NULL) : -1;
}

/* Session locks end with the session, and so a daemon that is killed while it migrates leaves none behind. */
static int
lock(struct migration *run)
{
    PGresult *result = query(run, "select pg_try_advisory_lock(" LOCK_KEY ")", 0, NULL);
    bool locked;

    if (result == NULL)
        return -1;
    locked = *PQgetvalue(result, 0, 0) == 't';
    PQclear(result);
    if (locked)
        return 0;
    say(run, "another jinzaid migrates this database: waiting for it");
    return execute(run, "select pg_advisory_lock(" LOCK_KEY ")", 0, NULL);
}

/* Looks first: comments are written anew each time, and a start would wait for the disk because of them. */
static int
make_meta(struct migration *run)
{
    PGresult *result = query(run, "select to_regclass('jinzai_meta.migration') is not null and "
                                  "to_regclass('jinzai_meta.whole') is not null", 0, NULL);
    bool there = result != NULL && *PQgetvalue(result, 0, 0) == 't';

    if (result == NULL)
        return -1;
    PQclear(result);
    return there ? 0 : execute(run, meta_sql, 0, NULL);
}

int
migrate_run(const char *conninfo, const struct embedded_file *files, void (*say_sentence)(const char *sentence),
            char **error)
{
    struct migration run = {.files = files, .say = say_sentence, .error = error};
    int rc;

    *error = NULL;
    rc = connect_owner(&run, conninfo);
    if (rc == 0)
        rc = become_owner(&run);
    if (rc == 0)
        rc = lock(&run);
    if (rc == 0)
        rc = make_meta(&run);
    if (rc == 0)
        rc = migrations_run(&run);
    /* What a newer jinzai applied is not taken back to what this one carries. */
    for (size_t i = 0; rc == 0 && !run.newer && i < sizeof(parts) / sizeof(parts[0]); i++)
        rc = part_run(&run, &parts[i]);
    PQfinish(run.conn);
    return rc;
}
