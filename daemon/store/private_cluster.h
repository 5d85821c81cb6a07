/* SPDX-License-Identifier: Apache-2.0
 *
 * The private PostgreSQL cluster, for whoever has set up no database: made on first start under the state directory,
 * reached through a unix socket there by peer authentication alone, and stopped when the daemon stops.
 *
 *   STATE/cluster/                 the data directory; its configuration is written anew at each start
 *   STATE/socket/                  where it listens, for the daemon's own user only
 *   STATE/postgresql.local.conf    an administrator's own settings
 *   STATE/lock                     held by the daemon, so that two never share a cluster
 */
#ifndef JINZAI_STORE_PRIVATE_CLUSTER_H
#define JINZAI_STORE_PRIVATE_CLUSTER_H

#include <stdbool.h>

#include <event2/event.h>

#include "config.h"
#include "store/embedded.h"

/* It has no TCP, and its socket is in a directory of its own, so any number does. */
#define PRIVATE_CLUSTER_PORT "5432"

struct private_cluster;

/* Makes the cluster where it is missing, starts it or adopts it, and makes the roles of sql/roles.sql and the database
 * in it. Blocks. Not as root. Returns NULL with *error set to a sentence, which the caller frees. */
struct private_cluster *private_cluster_start(const struct config *conf, const struct embedded_file *files,
                                              char **error);

/* The connection strings of the schema's owner, of the daemon, and of its imports and exports; they live as long as the cluster's struct. */
const char *private_cluster_owner(const struct private_cluster *cluster);
const char *private_cluster_daemon(const struct private_cluster *cluster);
const char *private_cluster_bulk(const struct private_cluster *cluster);

/* That of the superuser, for restoring a backup alone. */
const char *private_cluster_superuser(const struct private_cluster *cluster);

/* The same as private_cluster_start, but where another jinzaid runs the cluster it is only reached. Where there is none,
 * none is made. */
struct private_cluster *private_cluster_join(const struct config *conf, const struct embedded_file *files, char **error);

/* From now on the event loop starts the server again when it ends. Returns 0, or -1 when out of memory. */
int private_cluster_watch(struct private_cluster *cluster, struct event_base *base);

/* Stops the server and frees the struct, which may be NULL. Blocks; call it outside of the event loop. */
void private_cluster_stop(struct private_cluster *cluster);

/* Whether the file system that holds path is full. */
bool private_cluster_disk_full(const char *path);

#endif
