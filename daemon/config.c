/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <ini.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "config_key.h"
#include "log.h"
#include "model/perturbation.h"

enum {
    LINE_BYTES = 8192, /* of the file; inih alone would split a longer line than 200 silently */
    KEYS_MAX = 96,
    WHERE_BYTES = 512,
    FLAG_ACTION = 1000, /* getopt's value for the first action; that of a key is 1 and the key's number */
    FLAG_CONFIG = 2000,
};

/* What goes on while a configuration is put together. */
struct loader {
    struct config *conf;
    char **error;
    int status;               /* the exit status of the first error, or 0 */
    int source;               /* which of defaults, file, environment and flags is being read */
    int set_by[KEYS_MAX];     /* the last source that set the key: a later source's list replaces an earlier one's */
    FILE *file;
    int line, error_line;
};

static void loader_fail(struct loader *loader, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
loader_fail(struct loader *loader, int status, const char *format, ...)
{
    va_list arguments;

    if (loader->status != 0)
        return;
    va_start(arguments, format);
    if (vasprintf(loader->error, format, arguments) < 0)
        *loader->error = NULL;
    va_end(arguments);
    loader->status = status;
    loader->error_line = loader->line;
}

static void
loader_set(struct loader *loader, int number, const char *value, const char *where, int status)
{
    const struct config_key *key = &config_keys[number];

    if (loader->status != 0)
        return;
    assert(number < KEYS_MAX);
    if (loader->set_by[number] != loader->source)
        config_key_clear(key, loader->conf);
    loader->set_by[number] = loader->source;
    if (config_key_set(key, loader->conf, value, where, loader->error) != 0) {
        loader->status = status;
        loader->error_line = loader->line;
    }
}

static void
load_defaults(struct loader *loader)
{
    for (int i = 0; config_keys[i].name != NULL; i++)
        if (config_keys[i].fallback != NULL)
            loader_set(loader, i, config_keys[i].fallback, "default", EX_SOFTWARE);
}

/* The file --------------------------------------------------------------------------------------------------------- */

static char *
line_read(char *line, int size, void *context)
{
    struct loader *loader = context;
    char *got = fgets(line, size, loader->file);

    if (got == NULL)
        return NULL;
    loader->line++;
    if (strchr(line, '\n') == NULL && !feof(loader->file))
        loader_fail(loader, EX_CONFIG, "%s:%d: the line is longer than %d bytes", loader->conf->path, loader->line,
                    size - 2);
    return got;
}

/* Cuts off a comment: a semicolon after a space or a tab, as inih itself would. */
static void
comment_cut(char *value)
{
    for (char *at = value; *at != '\0'; at++)
        if (*at == ';' && (at == value || at[-1] == ' ' || at[-1] == '\t')) {
            while (at > value && (at[-1] == ' ' || at[-1] == '\t'))
                at--;
            *at = '\0';
            return;
        }
}

/* Takes the quotes and a comment off a value in place. inih cannot quote, and so its own cutting of comments is off.
 * Returns 0, or -1 where a quote is not closed or something follows it. */
static int
value_unquote(char *value)
{
    char *from = value + 1, *to = value;

    if (*value != '"') {
        comment_cut(value);
        return 0;
    }
    for (; *from != '"'; from++) {
        if (*from == '\\' && from[1] != '\0')
            from++;
        if (*from == '\0')
            return -1;
        *to++ = *from;
    }
    from += 1 + strspn(from + 1, " \t");
    *to = '\0';
    return *from == '\0' || *from == ';' ? 0 : -1;
}

static bool
section_exists(const char *section)
{
    for (const struct config_key *key = config_keys; key->name != NULL; key++)
        if (strcmp(key->section, section) == 0)
            return true;
    return false;
}

static int
on_pair(void *context, const char *section, const char *name, const char *value)
{
    struct loader *loader = context;
    char where[WHERE_BYTES], *copy;

    if (loader->status != 0)
        return 0;
    snprintf(where, sizeof(where), "%s:%d", loader->conf->path, loader->line);
    for (int i = 0; config_keys[i].name != NULL; i++)
        if (strcmp(config_keys[i].section, section) == 0 && strcmp(config_keys[i].name, name) == 0) {
            copy = strdup(value);
            if (copy == NULL)
                loader_fail(loader, EX_OSERR, "out of memory");
            else if (value_unquote(copy) != 0)
                loader_fail(loader, EX_CONFIG, "%s: the quoted value of %s does not end as it should", where, name);
            else
                loader_set(loader, i, copy, where, EX_CONFIG);
            free(copy);
            return loader->status == 0;
        }
    if (*section == '\0')
        loader_fail(loader, EX_CONFIG, "%s: %s stands before the first section", where, name);
    else if (!section_exists(section))
        loader_fail(loader, EX_CONFIG, "%s: there is no section [%s]", where, section);
    else
        loader_fail(loader, EX_CONFIG, "%s: there is no key \"%s\" in section [%s]", where, name, section);
    return 0;
}

static void
load_file(struct loader *loader)
{
    const char *path = loader->conf->path;
    int fault;

    if (path == NULL || loader->status != 0)
        return;
    loader->file = fopen(path, "re");
    if (loader->file == NULL) {
        loader_fail(loader, errno == ENOENT ? EX_CONFIG : EX_NOINPUT, "%s: cannot be read: %s", path, strerror(errno));
        return;
    }
    ini_use_stack = false;
    ini_initial_alloc = LINE_BYTES;
    ini_allow_inline_comments = false;
    ini_allow_multiline = false;
    fault = ini_parse_stream(line_read, loader, on_pair, loader);
    if (fault < 0)
        loader_fail(loader, EX_OSERR, "out of memory");
    if (fault > 0 && (loader->status == 0 || fault < loader->error_line)) {
        free(*loader->error);
        loader->status = 0;
        loader_fail(loader, EX_CONFIG, "%s:%d: neither a [section], a \"key = value\" nor a comment", path, fault);
    }
    if (ferror(loader->file))
        loader_fail(loader, EX_IOERR, "%s: cannot be read: %s", path, strerror(errno));
    fclose(loader->file);
}

/* The environment -------------------------------------------------------------------------------------------------- */

static void
load_variable(struct loader *loader, int number, const char *variable, const char *value)
{
    bool list = config_keys[number].count_max > 0;
    char *copy = strdup(value), *rest = copy, *item;

    if (copy == NULL)
        loader_fail(loader, EX_OSERR, "out of memory");
    else if (!list)
        loader_set(loader, number, value, variable, EX_CONFIG);
    else
        while ((item = strsep(&rest, " \t")) != NULL)
            if (*item != '\0')
                loader_set(loader, number, item, variable, EX_CONFIG);
    free(copy);
}

static int
variable_find(const char *pair, size_t name_size)
{
    char name[CONFIG_VARIABLE_BYTES];

    for (int i = 0; config_keys[i].name != NULL; i++) {
        config_key_variable(&config_keys[i], name);
        if (strlen(name) == name_size && strncmp(pair, name, name_size) == 0)
            return i;
    }
    return -1;
}

static void
load_environment(struct loader *loader)
{
    for (char **pair = environ; *pair != NULL; pair++) {
        size_t size = strcspn(*pair, "=");
        char name[CONFIG_VARIABLE_BYTES];
        int number;

        if (strncmp(*pair, "JINZAID_", 8) != 0 || strncmp(*pair, "JINZAID_CONFIG=", 15) == 0)
            continue;
        number = variable_find(*pair, size);
        if (number < 0) {
            loader_fail(loader, EX_CONFIG, "%.*s: there is no such variable", (int)size, *pair);
            continue;
        }
        config_key_variable(&config_keys[number], name);
        load_variable(loader, number, name, *pair + size + 1);
    }
}

/* The flags -------------------------------------------------------------------------------------------------------- */

static void
options_fill(struct option *options)
{
    *options++ = (struct option){.name = "config", .has_arg = required_argument, .val = FLAG_CONFIG};
    for (int i = 0; config_actions[i].flag != NULL; i++)
        *options++ = (struct option){.name = config_actions[i].flag + 2, .val = FLAG_ACTION + i};
    for (int i = 0; config_keys[i].name != NULL; i++)
        if (config_keys[i].flag != NULL)
            *options++ = (struct option){.name = config_keys[i].flag + 2, .has_arg = required_argument, .val = 1 + i};
    *options = (struct option){.name = NULL};
}

/* Calls take for each flag. Returns 0, or EX_USAGE with the loader's error set. */
static int
flags_each(struct loader *loader, int argc, char **argv, void (*take)(struct loader *, int flag, void *), void *context)
{
    struct option options[KEYS_MAX];
    int flag;

    options_fill(options);
    opterr = 0;
    optind = 0; /* glibc begins anew: the flags are read several times */
    while ((flag = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
        if (flag == ':')
            loader_fail(loader, EX_USAGE, "%s: needs a value; see jinzaid --help", argv[optind - 1]);
        else if (flag == '?')
            loader_fail(loader, EX_USAGE, "%s: there is no such flag, or it takes no value; see jinzaid --help",
                        argv[optind - 1]);
        else
            take(loader, flag, context);
    }
    if (optind < argc)
        loader_fail(loader, EX_USAGE, "%s: is not a flag; see jinzaid --help", argv[optind]);
    return loader->status;
}

static void
take_first(struct loader *loader, int flag, void *context)
{
    enum config_action *action = context;

    if (flag == FLAG_CONFIG) {
        free(loader->conf->path);
        loader->conf->path = strdup(optarg);
    } else if (flag >= FLAG_ACTION) {
        *action = config_actions[flag - FLAG_ACTION].action;
    }
}

static void
take_key(struct loader *loader, int flag, void *context)
{
    (void)context;
    if (flag < FLAG_ACTION)
        loader_set(loader, flag - 1, optarg, config_keys[flag - 1].flag, EX_USAGE);
}

/* What follows from the rest --------------------------------------------------------------------------------------- */

static void
trust_default(struct loader *loader)
{
    struct config *conf = loader->conf;
    struct passwd *self = getpwuid(geteuid());
    const char *own = conf->user != NULL ? conf->user : self != NULL ? self->pw_name : NULL;

    if (conf->trusted_user_count > 0 || loader->status != 0)
        return;
    conf->trusted_user[conf->trusted_user_count++] = strdup("root");
    if (own != NULL && strcmp(own, "root") != 0)
        conf->trusted_user[conf->trusted_user_count++] = strdup(own);
}

static void
check_figures(struct loader *loader)
{
    const struct figures_config *figures = &loader->conf->figures;
    struct perturbation_rule rule = {figures->threshold, figures->deviation, figures->variance};
    struct perturbation *table = malloc(sizeof(*table));
    char reason[PERTURBATION_REASON_BYTES];

    if (table == NULL)
        loader_fail(loader, EX_OSERR, "out of memory");
    else if (loader->status == 0 && perturbation_build(table, &rule, reason) != 0)
        loader_fail(loader, EX_CONFIG, "threshold, deviation and variance in [figures] cannot be had together: %s", reason);
    if (figures->fte_noise_max_percent < figures->fte_noise_min_percent)
        loader_fail(loader, EX_CONFIG, "fte_noise_max_percent (%d) must not be below fte_noise_min_percent (%d)",
                    figures->fte_noise_max_percent, figures->fte_noise_min_percent);
    if (figures->fte_threshold_heads <= figures->threshold && figures->threshold > 0)
        loader_fail(loader, EX_CONFIG, "fte_threshold_heads (%d) must be above threshold (%d): no such count is published",
                    figures->fte_threshold_heads, figures->threshold);
    free(table);
}

int
config_load(struct config *conf, int argc, char **argv, enum config_action *action, char **error)
{
    struct loader loader = {.conf = conf, .error = error};
    const char *path = getenv("JINZAID_CONFIG");

    *conf = (struct config){.path = path != NULL && *path != '\0' ? strdup(path) : NULL};
    *action = CONFIG_RUN;
    *error = NULL;
    memset(loader.set_by, -1, sizeof(loader.set_by));
    load_defaults(&loader);
    if (flags_each(&loader, argc, argv, take_first, action) != 0)
        return loader.status;
    if (*action == CONFIG_HELP || *action == CONFIG_VERSION)
        return 0; /* a wrong file must not hide the help that explains it */
    loader.source++;
    load_file(&loader);
    loader.line = 0;
    loader.source++;
    load_environment(&loader);
    loader.source++;
    flags_each(&loader, argc, argv, take_key, NULL);
    if (conf->backoff_max_ms < conf->backoff_ms)
        loader_fail(&loader, EX_CONFIG, "backoff_max_ms (%d) must not be below backoff_ms (%d)", conf->backoff_max_ms,
                    conf->backoff_ms);
    check_figures(&loader);
    trust_default(&loader);
    return loader.status;
}

int
config_reload(struct config *conf, int argc, char **argv, char **error)
{
    enum config_action action;
    struct config fresh;
    int rc = config_load(&fresh, argc, argv, &action, error) == 0 ? 0 : -1;

    for (const struct config_key *key = config_keys; rc == 0 && key->name != NULL; key++) {
        if (config_key_same(key, conf, &fresh))
            continue;
        if (key->reloads)
            config_key_copy(key, conf, &fresh);
        log_write(LOG_NOTICE, "configuration changed%s key=%s", key->reloads ? "" : ", which waits for a restart",
                  key->name);
    }
    config_free(&fresh);
    return rc;
}

void
config_free(struct config *conf)
{
    for (const struct config_key *key = config_keys; key->name != NULL; key++)
        config_key_free(key, conf);
    free(conf->path);
    conf->path = NULL;
}
