/* SPDX-License-Identifier: Apache-2.0
 *
 * The version of jinzai: what --version prints, server.info answers and the database remembers of who changed it last.
 */
#ifndef JINZAI_VERSION_H
#define JINZAI_VERSION_H

#define JINZAI_VERSION "0.1.0"

#endif
