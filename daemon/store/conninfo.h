/* SPDX-License-Identifier: Apache-2.0
 *
 * Connection strings: an administrator's own, in either of libpq's forms, with what the daemon needs added to it.
 */
#ifndef JINZAI_STORE_CONNINFO_H
#define JINZAI_STORE_CONNINFO_H

/* What each session of the daemon's own role has. Functions run as their owners, and at each change between two roles PostgreSQL
 * works the search path out again where it is asked about: with nothing in it, and every name qualified, that costs nothing. */
#define CONNINFO_SESSION "-c role=jinzai_daemon -c jit=off -c timezone=UTC -c datestyle=ISO -c search_path="

/* Returns conninfo in keyword form with application_name, UTF8, keepalives where conninfo names none, and options
 * (such as "-c jit=off") after its own; NULL when out of memory. The caller frees it. conninfo must be one that
 * conninfo_check accepts. */
char *conninfo_extend(const char *conninfo, const char *application_name, const char *options);

/* Returns 0, or -1 with *error set to libpq's reason why it cannot be understood; the caller frees it. */
int conninfo_check(const char *conninfo, char **error);

/* Returns conninfo in keyword form with its password hidden, for people to read; NULL when out of memory. The caller
 * frees it. */
char *conninfo_mask(const char *conninfo);

/* The first line of what libpq says went wrong, without the names of its own layers; a copy that the caller frees. */
char *conninfo_reason(const char *message);

#endif
