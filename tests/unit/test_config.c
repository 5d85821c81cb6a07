/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "config.h"

enum { FLAGS_MAX = 8 };

static char path[64];

/* Writes the file that the tests read. */
static void
write_conf(const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int
load(struct config *conf, char **error, char *first, char *second)
{
    char *argv[FLAGS_MAX] = {"jinzaid", "--config", path, first, second, NULL};
    enum config_action action;

    return config_load(conf, first == NULL ? 3 : second == NULL ? 4 : 5, argv, &action, error);
}

/* Loads what is wrong, and expects that sentence after the file's name. */
static void
refuse(const char *text, const char *sentence)
{
    struct config conf;
    char *error, *expected;

    write_conf(text);
    assert_int_equal(load(&conf, &error, NULL, NULL), EX_CONFIG);
    assert_true(asprintf(&expected, "%s%s", path, sentence) > 0);
    assert_string_equal(error, expected);
    free(expected);
    free(error);
    config_free(&conf);
}

static void
defaults_are_those_of_the_manual(void **state)
{
    struct config conf;
    char *error;

    (void)state;
    write_conf("");
    assert_int_equal(load(&conf, &error, NULL, NULL), 0);
    assert_string_equal(conf.state_directory, "/var/lib/jinzai");
    assert_null(conf.database);
    assert_int_equal(conf.listen_count, 1);
    assert_string_equal(conf.listen[0], "unix:/run/jinzai/jinzai.sock");
    assert_string_equal(conf.trusted_user[0], "root");
    assert_int_equal(conf.limits.request_bytes, 1 << 20);
    assert_int_equal(conf.limits.connections, 10000);
    assert_int_equal(conf.lane[COST_WRITE].timeout_ms, 10000);
    assert_int_equal(conf.log_level, LOG_INFO);
    config_free(&conf);
}

static void
a_flag_goes_before_a_variable_and_a_variable_before_the_file(void **state)
{
    struct config conf;
    char *error;

    (void)state;
    write_conf("[daemon]\nstate_directory = /file\nlog_level = debug\n[limits]\nqueue_requests = 7\n");
    setenv("JINZAID_STATE_DIRECTORY", "/variable", 1);
    setenv("JINZAID_LOG_LEVEL", "error", 1);
    assert_int_equal(load(&conf, &error, "--state-directory=/flag", NULL), 0);
    unsetenv("JINZAID_STATE_DIRECTORY");
    unsetenv("JINZAID_LOG_LEVEL");
    assert_string_equal(conf.state_directory, "/flag");
    assert_int_equal(conf.log_level, LOG_ERR);
    assert_int_equal(conf.limits.queue_requests, 7);
    config_free(&conf);
}

static void
a_list_replaces_that_of_an_earlier_source(void **state)
{
    struct config conf;
    char *error;

    (void)state;
    write_conf("[daemon]\nlisten = unix:/a\nlisten = unix:/b\n");
    assert_int_equal(load(&conf, &error, NULL, NULL), 0);
    assert_int_equal(conf.listen_count, 2);
    config_free(&conf);
    setenv("JINZAID_LISTEN", "unix:/c  tcp:[::1]:0 unix:/d", 1);
    assert_int_equal(load(&conf, &error, NULL, NULL), 0);
    assert_int_equal(conf.listen_count, 3);
    assert_string_equal(conf.listen[1], "tcp:[::1]:0");
    config_free(&conf);
    assert_int_equal(load(&conf, &error, "--listen", "unix:/e"), 0);
    assert_int_equal(conf.listen_count, 1);
    config_free(&conf);
    unsetenv("JINZAID_LISTEN");
}

static void
quotes_keep_a_semicolon_that_would_begin_a_comment(void **state)
{
    struct config conf;
    char *error;

    (void)state;
    write_conf("[daemon]\ndatabase = \"host=a password='x ;\\\"y'\" ; a comment\nuser = jinzai ; another\n"
               "state_directory = /a;b\n");
    assert_int_equal(load(&conf, &error, NULL, NULL), 0);
    assert_string_equal(conf.database, "host=a password='x ;\"y'");
    assert_string_equal(conf.user, "jinzai");
    assert_string_equal(conf.state_directory, "/a;b");
    config_free(&conf);
}

static void
sizes_take_a_letter(void **state)
{
    struct config conf;
    char *error;

    (void)state;
    write_conf("[limits]\nrequest_bytes = 64K\noutput_bytes = 2m\nqueue_bytes = 1G\n");
    assert_int_equal(load(&conf, &error, NULL, NULL), 0);
    assert_int_equal(conf.limits.request_bytes, 64 << 10);
    assert_int_equal(conf.limits.output_bytes, 2 << 20);
    assert_int_equal(conf.limits.queue_bytes, 1 << 30);
    config_free(&conf);
}

static void
a_wrong_line_is_named(void **state)
{
    (void)state;
    refuse("[limits]\n\nqueue_requests = many\n",
           ":3: queue_requests must be a whole number from 1 to 1000000, not \"many\"");
    refuse("[limits]\nqueue_requests = 0\n", ":2: queue_requests must be a whole number from 1 to 1000000, not \"0\"");
    refuse("[limits]\nqueue_requests = 99999999999999999999\n",
           ":2: queue_requests must be a whole number from 1 to 1000000, not \"99999999999999999999\"");
    refuse("[limits]\nrequest_bytes = 1Mi\n",
           ":2: request_bytes must be a whole number from 1024 to 67108864, not \"1Mi\"");
    refuse("[limits]\nqueue = 1\n", ":2: there is no key \"queue\" in section [limits]");
    refuse("[limit]\nqueue = 1\n", ":2: there is no section [limit]");
    refuse("user = a\n", ":1: user stands before the first section");
    refuse("[daemon]\nuser\nuser = \"a\n", ":2: neither a [section], a \"key = value\" nor a comment");
    refuse("[daemon]\nuser = \"a\n", ":2: the quoted value of user does not end as it should");
    refuse("[daemon]\nuser =\n", ":2: user has no value");
    refuse("[daemon]\nlisten = udp:a:1\n", ":2: listen cannot be \"udp:a:1\": it must be unix:PATH, tcp:HOST:PORT or tls:HOST:PORT");
    refuse("[daemon]\nlisten = tcp:a:70000\n",
           ":2: listen cannot be \"tcp:a:70000\": its port must be a number from 0 to 65535");
    refuse("[daemon]\nlisten = tcp::1\n", ":2: listen cannot be \"tcp::1\": its host is missing");
    refuse("[daemon]\nlisten = unix:a\n", ":2: listen cannot be \"unix:a\": its path must be absolute");
    refuse("[daemon]\ndatabase = nonsense\n", ":2: database is not a connection string: missing \"=\" after "
                                              "\"nonsense\" in connection info string");
    refuse("[daemon]\nlog_level = loud\n",
           ":2: log_level must be error, warning, notice, info or debug, not \"loud\"");
}

static void
a_line_too_long_is_refused_and_not_split(void **state)
{
    char text[10000] = "[daemon]\nuser = ";
    size_t size = strlen(text);

    (void)state;
    memset(text + size, 'x', sizeof(text) - size - 2);
    text[sizeof(text) - 2] = '\n';
    text[sizeof(text) - 1] = '\0';
    refuse(text, ":2: the line is longer than 8190 bytes");
}

/* Loads with one wrong flag, and expects that sentence. */
static void
refuse_flag(char *first, char *second, const char *sentence)
{
    struct config conf;
    char *error;

    write_conf("");
    assert_int_equal(load(&conf, &error, first, second), EX_USAGE);
    assert_string_equal(error, sentence);
    free(error);
    config_free(&conf);
}

static void
a_wrong_flag_is_named(void **state)
{
    (void)state;
    refuse_flag("--bogus", NULL, "--bogus: there is no such flag, or it takes no value; see jinzaid --help");
    refuse_flag("--user", NULL, "--user: needs a value; see jinzaid --help");
    refuse_flag("serve", NULL, "serve: is not a flag; see jinzaid --help");
    refuse_flag("--log-level", "x", "--log-level: log_level must be error, warning, notice, info or debug, not \"x\"");
}

static void
a_variable_that_does_not_exist_is_refused(void **state)
{
    struct config conf;
    char *error;

    (void)state;
    write_conf("");
    setenv("JINZAID_USR", "x", 1);
    assert_int_equal(load(&conf, &error, NULL, NULL), EX_CONFIG);
    unsetenv("JINZAID_USR");
    assert_string_equal(error, "JINZAID_USR: there is no such variable");
    free(error);
    config_free(&conf);
}

static void
a_reload_takes_over_limits_and_nothing_that_is_in_use(void **state)
{
    char *argv[] = {"jinzaid", "--config", path, NULL};
    enum config_action action;
    struct config conf;
    char *error, *directory;

    (void)state;
    write_conf("[limits]\ndrain_ms = 1\n");
    assert_int_equal(config_load(&conf, 3, argv, &action, &error), 0);
    directory = conf.state_directory;
    write_conf("[limits]\ndrain_ms = 2\n[daemon]\nstate_directory = /other\n");
    assert_int_equal(config_reload(&conf, 3, argv, &error), 0);
    assert_int_equal(conf.limits.drain_ms, 2);
    assert_ptr_equal(conf.state_directory, directory);
    write_conf("[limits]\ndrain_ms = x\n");
    assert_int_equal(config_reload(&conf, 3, argv, &error), -1);
    assert_int_equal(conf.limits.drain_ms, 2);
    free(error);
    config_free(&conf);
}

static void
a_user_who_does_not_exist_is_refused(void **state)
{
    struct config conf;
    char *error;

    (void)state;
    write_conf("[daemon]\ntrusted_user = nobody-has-this-name\ndatabase = host=a\n");
    assert_int_equal(load(&conf, &error, NULL, NULL), 0);
    assert_int_equal(config_check(&conf, &error), EX_NOUSER);
    assert_string_equal(error, "trusted_user: there is no user \"nobody-has-this-name\"");
    free(error);
    config_free(&conf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_manual),
        cmocka_unit_test(a_flag_goes_before_a_variable_and_a_variable_before_the_file),
        cmocka_unit_test(a_list_replaces_that_of_an_earlier_source),
        cmocka_unit_test(quotes_keep_a_semicolon_that_would_begin_a_comment),
        cmocka_unit_test(sizes_take_a_letter),
        cmocka_unit_test(a_wrong_line_is_named),
        cmocka_unit_test(a_line_too_long_is_refused_and_not_split),
        cmocka_unit_test(a_wrong_flag_is_named),
        cmocka_unit_test(a_variable_that_does_not_exist_is_refused),
        cmocka_unit_test(a_reload_takes_over_limits_and_nothing_that_is_in_use),
        cmocka_unit_test(a_user_who_does_not_exist_is_refused),
    };
    int failed;

    snprintf(path, sizeof(path), "/tmp/jinzai-test-config-%d", (int)getpid());
    failed = cmocka_run_group_tests_name("config", tests, NULL, NULL);
    unlink(path);
    return failed;
}
