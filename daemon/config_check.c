/* SPDX-License-Identifier: Apache-2.0
 *
 * What people see of the configuration (--help, --check-config), and the checks that need the machine.
 */
#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "config.h"
#include "config_key.h"

const struct config_action_flag config_actions[] = {
    {"--check-config", "Check the configuration, print it and exit", CONFIG_CHECK},
    {"--migrate", "Bring the database's schema up to date, say what was done and exit", CONFIG_MIGRATE},
    {"--backup", "Write a backup of the database to standard output and exit; see jinzai backup --help", CONFIG_BACKUP},
    {"--restore", "Restore one from standard input into a new database and exit", CONFIG_RESTORE},
    {"--help", "Print this help and exit", CONFIG_HELP},
    {"--version", "Print the version and exit", CONFIG_VERSION},
    {NULL, NULL, CONFIG_RUN},
};

static const struct {
    int status;
    const char *meaning;
} statuses[] = {
    {EX_OK, "it was stopped, or did what it was asked"},
    {EX_USAGE, "a flag is wrong, or it was started as root without --user"},
    {EX_NOINPUT, "the configuration file may not be read"},
    {EX_NOUSER, "a user that the configuration names does not exist"},
    {EX_UNAVAILABLE, "the database cannot be reached, or is not one that this version can use"},
    {EX_SOFTWARE, "jinzaid itself is at fault"},
    {EX_OSERR, "the system refused something, such as memory"},
    {EX_CANTCREAT, "the state directory or a socket cannot be made, or is in use"},
    {EX_NOPERM, "it would need to be root"},
    {EX_CONFIG, "the configuration is wrong"},
};

static void
key_help(const struct config_key *key)
{
    char variable[CONFIG_VARIABLE_BYTES];

    config_key_variable(key, variable);
    if (key->flag != NULL)
        printf("  %-20s %-28s %s %s\n", key->name, variable, key->flag, key->operand);
    else
        printf("  %-20s %s\n", key->name, variable);
    printf("      %s", key->help);
    if (key->fallback != NULL || key->fallback_words != NULL)
        printf(" (%s)", key->fallback != NULL ? key->fallback : key->fallback_words);
    printf("\n");
}

void
config_help(void)
{
    const char *section = "";

    printf("jinzaid serves the workforce database of a fusion-energy partnership.\n\n"
           "usage: jinzaid [--config FILE] [FLAG VALUE]...\n\n");
    printf("  %-22s %s\n", "--config FILE", "Read this configuration file (or the one in JINZAID_CONFIG)");
    for (const struct config_action_flag *action = config_actions; action->flag != NULL; action++)
        printf("  %-22s %s\n", action->flag, action->help);
    printf("\nA flag goes before a variable, a variable before the file. Each key with its variable, its flag and, in\n"
           "parentheses, its default:\n");
    for (const struct config_key *key = config_keys; key->name != NULL; key++) {
        if (strcmp(section, key->section) != 0)
            printf("\n[%s]\n", key->section);
        section = key->section;
        key_help(key);
    }
    printf("\nIn a variable the values of a key that may be repeated are separated by spaces.\n"
           "SIGTERM and SIGINT end what is in flight and stop; SIGHUP reads the configuration again.\n\nExit status:\n");
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        printf("  %3d  %s\n", statuses[i].status, statuses[i].meaning);
}

void
config_print(const struct config *conf)
{
    const char *section = "";

    if (conf->path != NULL)
        printf("; from %s, the environment and the flags\n", conf->path);
    for (const struct config_key *key = config_keys; key->name != NULL; key++) {
        if (strcmp(section, key->section) != 0)
            printf("%s[%s]\n", *section != '\0' ? "\n" : "", key->section);
        section = key->section;
        config_key_print(key, conf);
    }
}

static int fail(int status, char **error, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int
fail(int status, char **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(error, format, arguments) < 0)
        *error = NULL;
    va_end(arguments);
    return status;
}

/* Who will run: root only where it need not keep a cluster, since PostgreSQL refuses to run as root. */
static int
check_user(const struct config *conf, char **error)
{
    const struct passwd *user = conf->user != NULL ? getpwnam(conf->user) : NULL;
    uid_t self = geteuid();

    if (conf->user != NULL && user == NULL)
        return fail(EX_NOUSER, error, "user: there is no user \"%s\"", conf->user);
    if (user != NULL && self != 0 && user->pw_uid != self)
        return fail(EX_NOPERM, error, "user: only root can become \"%s\"", conf->user);
    if (conf->database == NULL && (user != NULL ? user->pw_uid : self) == 0)
        return fail(EX_USAGE, error,
                    "the private PostgreSQL cluster cannot run as root: give --user NAME, or --database CONNINFO");
    return 0;
}

static int
check_trusted_users(const struct config *conf, char **error)
{
    for (int i = 0; i < conf->trusted_user_count; i++)
        if (getpwnam(conf->trusted_user[i]) == NULL)
            return fail(EX_NOUSER, error, "trusted_user: there is no user \"%s\"", conf->trusted_user[i]);
    return 0;
}

static int
check_directory(const char *key, const char *path, char **error)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return fail(EX_CANTCREAT, error, "%s: %s: %s", key, path, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return fail(EX_CANTCREAT, error, "%s: %s is not a directory", key, path);
    return 0;
}

/* The state directory is made where it is missing, and so its parent has to be there. */
static int
check_state_directory(const struct config *conf, char **error)
{
    char *parent, *slash;
    int status;

    if (conf->database != NULL)
        return 0;
    if (access(conf->state_directory, F_OK) == 0)
        return check_directory("state_directory", conf->state_directory, error);
    parent = strdup(conf->state_directory);
    if (parent == NULL)
        return fail(EX_OSERR, error, "out of memory");
    for (slash = parent + strlen(parent); slash > parent && slash[-1] == '/';)
        *--slash = '\0';
    slash = strrchr(parent, '/');
    slash[slash == parent] = '\0';
    status = check_directory("state_directory", parent, error);
    free(parent);
    return status;
}

static int
check_postgres_bin(const struct config *conf, char **error)
{
    char *program = NULL;
    int status = 0;

    if (conf->database != NULL || conf->postgres_bin == NULL)
        return 0;
    if (asprintf(&program, "%s/initdb", conf->postgres_bin) < 0)
        return fail(EX_OSERR, error, "out of memory");
    if (access(program, X_OK) != 0)
        status = fail(EX_CONFIG, error, "postgres_bin: there is no program %s", program);
    free(program);
    return status;
}

int
config_check(const struct config *conf, char **error)
{
    static int (*const checks[])(const struct config *, char **) = {check_user, check_trusted_users,
                                                                   check_state_directory, check_postgres_bin};
    int status = 0;

    for (size_t i = 0; status == 0 && i < sizeof(checks) / sizeof(checks[0]); i++)
        status = checks[i](conf, error);
    return status;
}
