/* SPDX-License-Identifier: Apache-2.0 */
#include "store/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "access/principal.h"
#include "log.h"
#include "model/perturbation.h"
#include "store/conninfo.h"

/* The names as the text of a PostgreSQL array: {"root","jinzai"}. NULL when out of memory. */
static char *
names_array(char *const *names, int count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    putc('{', out);
    for (int i = 0; i < count; i++) {
        fputs(i > 0 ? ",\"" : "\"", out);
        for (const char *letter = names[i]; *letter != '\0'; letter++) {
            if (*letter == '"' || *letter == '\\')
                putc('\\', out);
            putc(*letter, out);
        }
        putc('"', out);
    }
    putc('}', out);
    fclose(out);
    return text;
}

static void
fail(char **error, const char *what, const char *message)
{
    char *reason = conninfo_reason(message);

    if (asprintf(error, "%s: %s", what, reason != NULL ? reason : "out of memory") < 0)
        *error = NULL;
    free(reason);
}

static PGresult *
ask(PGconn *conn, const char *names, char **error)
{
    PGresult *result;

    if (PQstatus(conn) != CONNECTION_OK) {
        fail(error, "the database cannot be reached with the daemon's login", PQerrorMessage(conn));
        return NULL;
    }
    result = PQexecParams(conn, "select api.daemon_start($1::text[])", 1, NULL, &names, NULL, NULL, 0);
    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        return result;
    fail(error, "the database does not let the daemon start", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(result);
    return NULL;
}

/* Adds who the users and groups are that the configuration names. Returns 0, or -1 with *error set. */
static int
ask_peers(PGconn *conn, const struct config *conf, json_t *start, char **error)
{
    char *peers = principals_describe_peers(conf->peer, conf->peer_count);
    const char *const values[] = {peers};
    PGresult *result = NULL;
    int rc = -1;

    if (peers == NULL) {
        fail(error, "the daemon cannot start", "out of memory");
        goto out;
    }
    result = PQexecParams(conn, "select api.daemon_peers(p_peers => $1::jsonb)::text", 1, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) == PGRES_TUPLES_OK &&
        json_object_set_new(start, "peers", json_loads(PQgetvalue(result, 0, 0), 0, NULL)) == 0)
        rc = 0;
    else
        fail(error, "the users and groups in the configuration cannot be recorded",
             PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
out:
    PQclear(result);
    free(peers);
    return rc;
}

/* The rule by which figures on people are perturbed, with its table, as api.daemon_figures takes it. NULL when out of
 * memory; config_load has seen that the rule can be had. */
static char *
figures_text(const struct figures_config *figures)
{
    struct perturbation_rule rule = {figures->threshold, figures->deviation, figures->variance};
    struct perturbation *table = malloc(sizeof(*table));
    char reason[PERTURBATION_REASON_BYTES], *text = NULL;
    json_t *cells = json_array(), *object;
    uint64_t before;

    if (table == NULL || perturbation_build(table, &rule, reason) != 0)
        goto out;
    for (int count = 0; count < table->rows; count++) {
        before = 0;
        for (int i = 0; i <= 2 * rule.deviation; i++)
            if (table->row[count].below[i] > before) {
                before = table->row[count].below[i];
                json_array_append_new(cells, json_pack("[iIi]", count, (json_int_t)before, i - rule.deviation));
            }
    }
    object = json_pack("{sisisisisisisO}", "threshold", figures->threshold, "deviation", figures->deviation, "variance",
                       figures->variance, "fte_threshold_heads", figures->fte_threshold_heads, "fte_noise_min_percent",
                       figures->fte_noise_min_percent, "fte_noise_max_percent", figures->fte_noise_max_percent, "table",
                       cells);
    text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
out:
    json_decref(cells);
    free(table);
    return text;
}

/* Says how figures on people are perturbed. Returns 0, or -1 with *error set. */
static int
tell_figures(PGconn *conn, const struct config *conf, char **error)
{
    char *figures = figures_text(&conf->figures);
    const char *const values[] = {figures};
    PGresult *result = NULL;
    int rc = -1;

    if (figures == NULL) {
        fail(error, "the daemon cannot start", "out of memory");
        goto out;
    }
    result = PQexecParams(conn, "select api.daemon_figures(p_rule => $1::jsonb) ->> 'changed'", 1, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        fail(error, "how figures on people are perturbed cannot be recorded",
             PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
        goto out;
    }
    if (strcmp(PQgetvalue(result, 0, 0), "true") == 0)
        log_write(LOG_NOTICE, "figures on people have another rule than before, from the next release on");
    rc = 0;
out:
    PQclear(result);
    free(figures);
    return rc;
}

char *
start_names(const struct config *conf)
{
    return names_array(conf->trusted_user, conf->trusted_user_count);
}

json_t *
start_ask(const char *conninfo, const struct config *conf, char **error)
{
    /* No start waits for the disk: whatever is acknowledged later is written after what is recorded here, and so is only
     * there after a crash where this is. */
    char *full = conninfo_extend(conninfo, "jinzaid start", CONNINFO_SESSION " -c synchronous_commit=off");
    char *names = names_array(conf->trusted_user, conf->trusted_user_count);
    PGconn *conn = full != NULL ? PQconnectdb(full) : NULL;
    PGresult *result = NULL;
    json_t *start = NULL;

    *error = NULL;
    if (names == NULL || conn == NULL) {
        fail(error, "the daemon cannot start", "out of memory");
        goto out;
    }
    result = ask(conn, names, error);
    if (result == NULL)
        goto out;
    start = json_loads(PQgetvalue(result, 0, 0), 0, NULL);
    if (!json_is_object(json_object_get(start, "constraints")) ||
        !json_is_object(json_object_get(start, "principals")) ||
        json_string_length(json_object_get(start, "once_secret")) != 64) {
        json_decref(start);
        start = NULL;
        fail(error, "the daemon cannot start", "api.daemon_start answers something else than it should");
    } else if (ask_peers(conn, conf, start, error) != 0 || tell_figures(conn, conf, error) != 0) {
        json_decref(start);
        start = NULL;
    }
out:
    PQclear(result);
    PQfinish(conn);
    free(names);
    free(full);
    return start;
}
