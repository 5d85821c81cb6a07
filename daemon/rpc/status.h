/* SPDX-License-Identifier: Apache-2.0
 *
 * What the daemon says of itself: server.status and server.methods. All of it is at hand, so that nothing waits for it.
 */
#ifndef JINZAI_RPC_STATUS_H
#define JINZAI_RPC_STATUS_H

#include "rpc/call.h"

/* Answers server.status with what the database said of itself. reply is NULL where it could not even be asked, and then,
 * as where it did not answer, the rest is answered all the same. */
void status_arrived(const struct item *item, struct reply *reply);

/* Answers server.methods. */
void status_methods(const struct item *item);

#endif
