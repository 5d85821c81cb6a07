/* SPDX-License-Identifier: Apache-2.0
 *
 * What one run of the command knows: the options that hold for every noun and verb, and the
 * connection once there is one.
 */
#ifndef JINZAI_CLI_SESSION_H
#define JINZAI_CLI_SESSION_H

#include <stdbool.h>

#include "failure.h"
#include "lib/jinzai.h"
#include "language.h"

#define SESSION_ADDRESS "unix:/run/jinzai/jinzai.sock"

enum form { FORM_TABLE, FORM_JSON, FORM_CSV };

struct session {
    enum language language;
    bool language_given; /* --lang was said, so that it holds for --json too */
    enum form form;
    bool all, help;
    int timeout_ms;
    const char *address;
    const char *token_file; /* NULL: JINZAI_TOKEN, then the keyring */
    struct jinzai *conn; /* NULL before session_connect */
    bool in_shell;
};

/* Defaults and the environment. */
void session_init(struct session *session);

/* Looks at argv[*at]. Returns 1 when it is an option of every command, which is then taken, with
 * *at on its last word; 0 when it is not; -1 when it is one that is wrong, with the reason said. */
int session_option(struct session *session, int argc, char **argv, int *at);

/* One option that holds everywhere. */
struct session_row {
    const char *name, *argument; /* argument NULL: a flag */
    const char *en, *ja;
};
extern const struct session_row session_table[]; /* ended by a row without a name */

/* Connects where that has not happened, and does not sign in. Returns as session_connect. */
enum exit_code session_open(struct session *session);

/* Connects where that has not happened, and signs in where there is a token. Returns EXIT_OK, or the exit code with the reason said. */
enum exit_code session_connect(struct session *session);

void session_close(struct session *session);

#endif
