/* SPDX-License-Identifier: Apache-2.0
 *
 * A method is one row of one table. Dispatch, checking, rpc.discover, the command line, its help and completion, and
 * the reference page all read that row; nothing about a method is written anywhere else but in its SQL function.
 *
 * The row "program.get" calls the SQL function api.program_get in named notation: p_caller (the principal, uuid) first,
 * then one argument for each parameter, called p_ and the parameter's name:
 *
 *   PARAM_TEXT, PARAM_REFERENCE, PARAM_CHOICE, PARAM_CURSOR, PARAM_LANG   text
 *   PARAM_LABEL                                 two texts, p_<name>_en and p_<name>_ja
 *   PARAM_INTEGER, PARAM_LIMIT                  bigint
 *   PARAM_NUMBER                                numeric
 *   PARAM_BOOLEAN                               boolean
 *   PARAM_DATE, PARAM_MONTH                     date (a month is its first day)
 *   PARAM_UUID                                  uuid
 *   PARAM_OBJECT, and lists of it               jsonb
 *   lists (PARAM_LIST) of text, references and choices: text[]; of integers: bigint[]
 *   PARAM_SECRET                                bytea, the SHA-256 of the text, which itself goes no further
 *   PARAM_ONCE                                  p_once_key uuid and p_once_digest bytea
 *
 * A parameter that is absent, or null, is passed as SQL null. A method with a PARAM_CLEARABLE parameter also gets
 * p_clear text[]: the names of such parameters that the caller gave as null, which means "make it empty".
 */
#ifndef JINZAI_RPC_METHOD_H
#define JINZAI_RPC_METHOD_H

#include <stdbool.h>
#include <stddef.h>

enum param_type {
    PARAM_END = 0,   /* the row that ends a table */
    PARAM_TEXT,      /* a string of min to max characters (not bytes) */
    PARAM_LABEL,     /* {"en": …, "ja": …}, at least one of them, each of min to max characters */
    PARAM_INTEGER,   /* a whole number from min to max */
    PARAM_NUMBER,    /* a number from min to max */
    PARAM_BOOLEAN,
    PARAM_DATE,      /* "2026-04-01" */
    PARAM_MONTH,     /* "2026-04" */
    PARAM_UUID,
    PARAM_REFERENCE, /* the UUID or the code of a record */
    PARAM_CHOICE,    /* one of choices, which are separated by | */
    PARAM_OBJECT,    /* fields says what is in it */
    PARAM_LANG,      /* "en" or "ja" */
    PARAM_LIMIT,     /* how many rows a page holds, from 1 to the limit page_size */
    PARAM_CURSOR,    /* where the last page ended: what "next" held */
    PARAM_ONCE,      /* the idempotency key, a UUID */
    PARAM_SECRET,    /* a text that only its digest leaves the daemon of */
};

enum param_flag {
    PARAM_REQUIRED = 1 << 0,
    PARAM_LIST = 1 << 1,      /* an array of 0 to max_items such values */
    PARAM_CLEARABLE = 1 << 2, /* null empties the field */
    PARAM_PERSONAL = 1 << 3,  /* personal data: never in a log or an error */
};

struct param {
    const char *name;
    enum param_type type;
    unsigned flags;
    double min, max;            /* both 0: the type's own bounds */
    const char *choices;        /* PARAM_CHOICE: "a|b|c" */
    const struct param *fields; /* PARAM_OBJECT: a table as this one */
    const char *unit;           /* "months", "FTE", or NULL */
    const char *help;           /* one English sentence without its full stop */
};

enum cost_class { COST_FAST, COST_WRITE, COST_SLOW, COST_STREAM, COST_CLASSES };

enum method_kind {
    METHOD_SQL,      /* answered by its function in schema api */
    METHOD_DISCOVER, /* rpc.discover: answered by the daemon from these tables */
    METHOD_INFO,     /* server.info: answered by the daemon */
    METHOD_SIGN_IN,  /* access.sign_in: as METHOD_SQL, and the answer says who the caller is from then on */
    METHOD_SIGN_OUT, /* access.sign_out: answered by the daemon */
    METHOD_BULK,     /* bulk.…: answered by its function in schema bulk, on a connection held for the stream */
    METHOD_SUBSCRIBE,   /* event.subscribe: as METHOD_SQL, and from its answer on events are sent */
    METHOD_UNSUBSCRIBE, /* event.unsubscribe: answered by the daemon */
    METHOD_MODEL,       /* as METHOD_SQL, and what it answers goes through a computation, which gives the answer */
    METHOD_STATUS,      /* server.status: what the database and the daemon say of themselves */
    METHOD_STATISTICS,  /* server.methods: answered by the daemon */
};

enum role {
    ROLE_STRANGER = 1 << 0, /* who has not signed in */
    ROLE_MEMBER = 1 << 1,
    ROLE_COORDINATOR = 1 << 2,
    ROLE_ANALYST = 1 << 3,
    ROLE_AUDITOR = 1 << 4,
    ROLE_SECRETARIAT = 1 << 5,
    ROLE_ADMIN = 1 << 6,
};

enum result_shape {
    RESULT_OBJECT,  /* one object */
    RESULT_PAGE,    /* {"items": [object …], "next": cursor or null} */
    RESULT_LIST,    /* {"items": [object …], …}: all of them */
    RESULT_RECEIPT, /* {"id": …, "code": …, "version": …}: what a write answers */
};

/* The computation of a METHOD_MODEL row; rpc/computation has the table of what they are. */
enum computation_name { COMPUTE_PROJECT, COMPUTE_OPPORTUNITY, COMPUTE_PLAN, COMPUTE_BRIEFING, COMPUTE_STAFFING,
                        COMPUTE_FRAGILE, COMPUTE_PATHWAY, COMPUTE_NEIGHBORS, COMPUTATIONS };

/* How the command draws a list's figures beside its table. */
enum plot { PLOT_NONE, PLOT_HEAT, PLOT_FAN };

/* What a result object holds, where a person would look first. path is dotted: "host.name". */
struct column {
    const char *path;   /* NULL ends a table */
    const char *type;   /* JSON type: "string", "integer", "number", "boolean", "array", "object" */
    const char *en, *ja; /* the heading of a table in either language */
    const char *help;   /* one English sentence without its full stop, unit included */
};

struct method {
    const char *name;    /* "program.get"; NULL ends a table */
    const char *summary; /* one English sentence without its full stop */
    const char *summary_ja;
    const struct param *params;
    enum result_shape shape;
    const struct column *columns; /* NULL for a receipt */
    enum method_kind kind;
    enum computation_name compute; /* of a METHOD_MODEL row */
    enum cost_class cost;
    unsigned roles; /* the union of those who may call it */
    bool writes;
    bool keeps;  /* its answers stay in the daemon, and the database says each time whether they still hold: rpc/kept.h */
    /* The database answers several calls in one look-up: api.NAME_each takes an array in the place of each parameter, of which
     * none is a list, and returns a row for each call, null where api.NAME has to say why not. */
    bool each;
    bool logs_reads; /* it reads people, and all that it writes is that it did: its transaction may be shared */
    bool figures_on_people; /* its answer counts people, so it passes the publishing function */
    const char *example;    /* parameters as a JSON object, or NULL for none */
    const char *line;       /* path of a text that is all a person wants to see of the result, or NULL */
    enum plot plot;
};

/* Whether the method has a function in schema api. */
static inline bool
method_asks_database(const struct method *method)
{
    return method->kind == METHOD_SQL || method->kind == METHOD_SIGN_IN || method->kind == METHOD_SUBSCRIBE ||
           method->kind == METHOD_MODEL ||
           method->kind == METHOD_STATUS;
}

/* Rows that many tables share. */
#define PARAM_ROW_REF(noun)                                                                        \
    {.name = "ref", .type = PARAM_REFERENCE, .flags = PARAM_REQUIRED,                               \
     .help = "The UUID or the code of the " noun}
#define PARAM_ROW_LANG                                                                             \
    {.name = "lang", .type = PARAM_LANG,                                                           \
     .help = "Answer text in this language, marked where only the other exists; both if absent"}
#define PARAM_ROWS_PAGE                                                                            \
    {.name = "limit", .type = PARAM_LIMIT, .help = "How many rows a page holds; 100 if absent"},   \
    {.name = "cursor", .type = PARAM_CURSOR, .help = "What \"next\" held on the page before"},     \
    PARAM_ROW_LANG
#define PARAM_ROW_IF_VERSION                                                                       \
    {.name = "if_version", .type = PARAM_INTEGER, .min = 1, .max = 2147483647,                     \
     .help = "Change nothing unless the record still has this version"}
#define PARAM_ROW_ONCE                                                                             \
    {.name = "idempotency_key", .type = PARAM_ONCE,                                                \
     .help = "A UUID (version 7 is best): the same key gets the first answer again"}
#define PARAM_ROW_END {.name = NULL, .type = PARAM_END}

/* Who may do what, by the usual sets. */
#define ROLES_SIGNED_IN                                                                            \
    (ROLE_MEMBER | ROLE_COORDINATOR | ROLE_ANALYST | ROLE_AUDITOR | ROLE_SECRETARIAT | ROLE_ADMIN)
#define ROLES_EVERYONE (ROLE_STRANGER | ROLES_SIGNED_IN)
#define ROLES_RECORDING (ROLE_COORDINATOR | ROLE_SECRETARIAT | ROLE_ADMIN)
#define ROLES_REFERENCE (ROLE_SECRETARIAT | ROLE_ADMIN)

#endif
