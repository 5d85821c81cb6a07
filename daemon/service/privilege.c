/* SPDX-License-Identifier: Apache-2.0 */
#include "service/privilege.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

enum {
    KEY_HEAP_BYTES = 64 << 10, /* far below RLIMIT_MEMLOCK */
    KEY_HEAP_LEAST = 32,
};

static int fail(char **error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int
fail(char **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(error, format, arguments) < 0)
        *error = NULL;
    va_end(arguments);
    return -1;
}

/* Under a sanitizer the leak check has to look into the process. */
static void
hide(void)
{
#ifndef __SANITIZE_ADDRESS__
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

void
privilege_keep_secrets(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    hide();
    /* OpenSSL puts private numbers there; without it, for want of the right to lock memory, they are kept as others are. */
    CRYPTO_secure_malloc_init(KEY_HEAP_BYTES, KEY_HEAP_LEAST);
}

void
privilege_raise_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool
is_empty_and_roots(const char *path)
{
    struct stat status;
    DIR *directory;
    int entries = 0;

    if (stat(path, &status) != 0 || status.st_uid != 0)
        return false;
    directory = opendir(path);
    if (directory == NULL)
        return false;
    while (entries <= 2 && readdir(directory) != NULL)
        entries++;
    closedir(directory);
    return entries <= 2; /* . and .. */
}

int
privilege_make_state_directory(const struct config *conf, char **error)
{
    const char *path = conf->state_directory;
    const struct passwd *user = conf->user != NULL && geteuid() == 0 ? getpwnam(conf->user) : NULL;

    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return fail(error, "state_directory: %s cannot be made: %s", path, strerror(errno));
    if (user != NULL && is_empty_and_roots(path) && chown(path, user->pw_uid, user->pw_gid) != 0)
        return fail(error, "state_directory: %s cannot be given to %s: %s", path, conf->user, strerror(errno));
    return 0;
}

int
privilege_drop(const struct config *conf, char **error)
{
    const struct passwd *user = conf->user != NULL && geteuid() == 0 ? getpwnam(conf->user) : NULL;

    if (user == NULL || user->pw_uid == 0)
        return 0;
    if (initgroups(conf->user, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)
        return fail(error, "user: cannot become %s: %s", conf->user, strerror(errno));
    hide(); /* the kernel has forgotten it */
    return 0;
}
