/* SPDX-License-Identifier: Apache-2.0
 *
 * The user's tokens, one an address, in ${XDG_CONFIG_HOME:-~/.config}/jinzai/keyring, which nobody else may read; and the
 * commands login and logout, which fill it.
 */
#ifndef JINZAI_CLI_KEYRING_H
#define JINZAI_CLI_KEYRING_H

#include "session.h"

enum { KEYRING_TOKEN_SIZE = 512 };

/* Finds the token to sign in with: in the file that --token-file names, in JINZAI_TOKEN, or in the keyring; "" where there
 * is none. Returns EXIT_OK, or the exit code with the reason said. */
enum exit_code keyring_token(const struct session *session, char token[KEYRING_TOKEN_SIZE]);

/* Asks for a token, tries it and keeps it. */
enum exit_code keyring_login(struct session *session, int argc, char **argv);

/* Forgets the token for the address. */
enum exit_code keyring_logout(struct session *session, int argc, char **argv);

#endif
