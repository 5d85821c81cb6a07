/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of the configuration: one table that the file, the environment, the flags, --help and --check-config read.
 */
#ifndef JINZAI_CONFIG_KEY_H
#define JINZAI_CONFIG_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

enum config_kind {
    CONFIG_TEXT,     /* char * */
    CONFIG_PATH,     /* char *, made absolute */
    CONFIG_CONNINFO, /* char *, a libpq connection string */
    CONFIG_ADDRESS,  /* a list: unix:PATH, tcp:HOST:PORT or tls:HOST:PORT */
    CONFIG_NAMES,    /* a list of names */
    CONFIG_PEERS,    /* a list of lines as access/peer.h reads them */
    CONFIG_CONSENT,  /* char *, CONFIG_PLAINTEXT or nothing */
    CONFIG_PRIORITY, /* int, a syslog priority by its name */
    CONFIG_INTEGER,  /* int */
    CONFIG_SIZE,     /* size_t, in bytes, or with K, M or G after it */
};

struct config_key {
    const char *section, *name; /* in the file; the variable is JINZAID_ and the name in upper case */
    const char *flag;           /* "--user", or NULL */
    const char *operand;        /* what --help calls the value */
    const char *help;           /* one English sentence without its full stop */
    const char *fallback;       /* the default as text, or NULL for none */
    const char *fallback_words; /* how --help says a default that is not a text */
    long long min, max;
    enum config_kind kind;
    size_t offset;       /* in struct config; of a list: of its first item */
    size_t count_offset; /* of a list: of its count */
    int count_max;
    bool reloads; /* takes effect at SIGHUP */
};

/* Ended by a row without a name. */
extern const struct config_key config_keys[];

/* The flags that ask for something else than to serve. Ended by a row without a flag. */
struct config_action_flag {
    const char *flag, *help;
    enum config_action action;
};
extern const struct config_action_flag config_actions[];

/* The longest name of a variable, its end included. */
enum { CONFIG_VARIABLE_BYTES = 48 };

/* Writes the name of the key's environment variable. */
void config_key_variable(const struct config_key *key, char name[static CONFIG_VARIABLE_BYTES]);

/* Sets the key's value, or adds it to the key's list. where begins the sentence of an error ("jinzaid.conf:3").
 * Returns 0, or -1 with *error set; the caller frees it. */
int config_key_set(const struct config_key *key, struct config *conf, const char *value, const char *where,
                   char **error);

/* Empties a list; does nothing to another key. */
void config_key_clear(const struct config_key *key, struct config *conf);

/* Frees what the key holds. */
void config_key_free(const struct config_key *key, struct config *conf);

/* Whether both hold the same. */
bool config_key_same(const struct config_key *key, const struct config *left, const struct config *right);

/* Takes over the value of a number or a list. */
void config_key_copy(const struct config_key *key, struct config *to, const struct config *from);

/* Writes "name = value" for each value to standard output. */
void config_key_print(const struct config_key *key, const struct config *conf);

#endif
