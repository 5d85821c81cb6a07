/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing in and out, by token and by certificate (dispatch_certificate), and whether that still holds.
 */
#ifndef JINZAI_RPC_SIGN_IN_H
#define JINZAI_RPC_SIGN_IN_H

#include "rpc/call.h"

/* Begins access.sign_in, and erases its secret from the parameters as they were given. */
void sign_in_begin(struct item *item, const struct entry *entry, struct params *params, const json_t *given);

/* Answers access.sign_out: the caller is again who the socket says. */
void sign_in_leave(struct item *item);

/* Whether the caller's sign-in is good for the method. One that has ended makes a stranger of the caller. Returns 0, or -1
 * with the fault filled in. */
int sign_in_check(const struct dispatch *dispatch, struct asker *asker, const struct method *method, struct fault *fault);

#endif
