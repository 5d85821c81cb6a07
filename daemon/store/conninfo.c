/* SPDX-License-Identifier: Apache-2.0 */
#include "store/conninfo.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

/* What a connection gets unless its string says otherwise: a peer that vanished without a word is found within a
 * minute instead of the system's two hours. */
static const struct {
    const char *keyword, *value;
} defaults[] = {
    {"keepalives_idle", "20"},
    {"keepalives_interval", "10"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "30000"},
};

static void
write_pair(FILE *out, const char *keyword, const char *value)
{
    fprintf(out, "%s%s='", ftell(out) > 0 ? " " : "", keyword);
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\')
            putc('\\', out);
        putc(*value, out);
    }
    putc('\'', out);
}

static const char *
value_of(const PQconninfoOption *pairs, const char *keyword)
{
    for (; pairs->keyword != NULL; pairs++)
        if (strcmp(pairs->keyword, keyword) == 0)
            return pairs->val;
    return NULL;
}

static bool
is_ours(const char *keyword)
{
    return strcmp(keyword, "options") == 0 || strcmp(keyword, "application_name") == 0 ||
           strcmp(keyword, "client_encoding") == 0;
}

char *
conninfo_extend(const char *conninfo, const char *application_name, const char *options)
{
    PQconninfoOption *pairs = PQconninfoParse(conninfo, NULL);
    const char *own_options;
    char *text = NULL, *joined = NULL;
    size_t size = 0;
    FILE *out = NULL;

    if (pairs == NULL)
        goto out;
    own_options = value_of(pairs, "options");
    if (asprintf(&joined, "%s %s", own_options != NULL ? own_options : "", options) < 0) {
        joined = NULL;
        goto out;
    }
    out = open_memstream(&text, &size);
    if (out == NULL)
        goto out;
    for (const PQconninfoOption *pair = pairs; pair->keyword != NULL; pair++)
        if (pair->val != NULL && !is_ours(pair->keyword))
            write_pair(out, pair->keyword, pair->val);
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
        if (value_of(pairs, defaults[i].keyword) == NULL)
            write_pair(out, defaults[i].keyword, defaults[i].value);
    write_pair(out, "application_name", application_name);
    write_pair(out, "client_encoding", "UTF8");
    write_pair(out, "options", joined);
out:
    if (out != NULL && fclose(out) != 0) {
        free(text);
        text = NULL;
    }
    free(joined);
    PQconninfoFree(pairs);
    return text;
}

int
conninfo_check(const char *conninfo, char **error)
{
    char *message = NULL;
    PQconninfoOption *pairs = PQconninfoParse(conninfo, &message);

    if (pairs == NULL) {
        *error = conninfo_reason(message != NULL ? message : "out of memory");
        PQfreemem(message);
        return -1;
    }
    PQconninfoFree(pairs);
    return 0;
}

char *
conninfo_mask(const char *conninfo)
{
    PQconninfoOption *pairs = PQconninfoParse(conninfo, NULL);
    char *text = NULL;
    size_t size = 0;
    FILE *out = pairs != NULL ? open_memstream(&text, &size) : NULL;

    if (out != NULL) {
        for (const PQconninfoOption *pair = pairs; pair->keyword != NULL; pair++)
            if (pair->val != NULL)
                write_pair(out, pair->keyword, *pair->dispchar == '*' ? "********" : pair->val);
        fclose(out);
    }
    PQconninfoFree(pairs);
    return text;
}

char *
conninfo_reason(const char *message)
{
    size_t size;

    if (message == NULL || *message == '\0')
        message = "no reason was given";
    size = strcspn(message, "\n");
    while (size > 0 && (message[size - 1] == '.' || message[size - 1] == ' '))
        size--;
    return strndup(message, size);
}
