/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "store/conninfo.h"
#include "store/connector.h"
#include "store/migrate.h"
#include "store/postgres_bin.h"
#include "store/request.h"

static char *
extended_value(const char *conninfo, const char *keyword)
{
    char *text = conninfo_extend(conninfo, "test's", "-c jit=off"), *value = NULL;
    PQconninfoOption *pairs;

    assert_non_null(text);
    pairs = PQconninfoParse(text, NULL);
    assert_non_null(pairs);
    for (PQconninfoOption *pair = pairs; pair->keyword != NULL; pair++)
        if (strcmp(pair->keyword, keyword) == 0 && pair->val != NULL)
            value = strdup(pair->val);
    PQconninfoFree(pairs);
    free(text);
    return value;
}

static void
has_value(const char *conninfo, const char *keyword, const char *expected)
{
    char *value = extended_value(conninfo, keyword);

    assert_non_null(value);
    assert_string_equal(value, expected);
    free(value);
}

static void
an_extended_connection_string_keeps_what_it_had(void **state)
{
    (void)state;
    has_value("host=a password=x", "application_name", "test's");
    has_value("host=a password='it\\'s \\\\'", "password", "it's \\");
    has_value("host=a options='-c work_mem=1MB'", "options", "-c work_mem=1MB -c jit=off");
    has_value("postgresql://u@h1:1,h2:2/d?target_session_attrs=read-write", "host", "h1,h2");
    has_value("postgresql://u@h1:1,h2:2/d?target_session_attrs=read-write", "port", "1,2");
    has_value("host=a keepalives_idle=7", "keepalives_idle", "7");
    has_value("host=a client_encoding=LATIN1", "client_encoding", "UTF8");
}

static void
a_password_is_hidden_from_people(void **state)
{
    char *text = conninfo_mask("postgresql://u:secret@h/d");

    (void)state;
    assert_null(strstr(text, "secret"));
    assert_non_null(strstr(text, "host='h'"));
    free(text);
}

static void
a_reason_is_one_line_without_its_full_stop(void **state)
{
    char *reason = conninfo_reason("could not connect.\n\tIs the server running?\n");

    (void)state;
    assert_string_equal(reason, "could not connect");
    free(reason);
    reason = conninfo_reason(NULL);
    assert_string_equal(reason, "no reason was given");
    free(reason);
}

static void
pauses_double_up_to_the_longest_and_lose_up_to_half(void **state)
{
    (void)state;
    assert_int_equal(connector_pause_ms(0, 100, 5000, 77), 0);
    assert_int_equal(connector_pause_ms(1, 100, 5000, 0), 100);
    assert_int_equal(connector_pause_ms(2, 100, 5000, 0), 200);
    assert_int_equal(connector_pause_ms(6, 100, 5000, 0), 3200);
    assert_int_equal(connector_pause_ms(7, 100, 5000, 0), 5000);
    assert_int_equal(connector_pause_ms(1000000, 100, 5000, 0), 5000);
    assert_int_equal(connector_pause_ms(7, 100, 5000, 2500), 2500);
    for (unsigned random = 0; random < 10000; random++) {
        int pause = connector_pause_ms(3, 100, 5000, random * 2654435761U);

        assert_in_range(pause, 200, 400);
    }
}

static void
an_error_is_found_in_the_line_of_its_character(void **state)
{
    (void)state;
    assert_int_equal(migrate_line("select 1;\nselect x;\n", 1), 1);
    assert_int_equal(migrate_line("select 1;\nselect x;\n", 18), 2);
    assert_int_equal(migrate_line("-- 人材\nx", 7), 2);
    assert_int_equal(migrate_line("-- 人材\nx", 6), 1);
    assert_int_equal(migrate_line("a\nb", 1000), 2);
}

static void
a_migration_says_who_may_work_with_it(void **state)
{
    (void)state;
    assert_int_equal(migrate_number("sql/schema/0012_x.sql"), 12);
    assert_int_equal(migrate_number("sql/api/12_x.sql"), 0);
    assert_int_equal(migrate_compatible_from("create table a ();", 12), 12);
    assert_int_equal(migrate_compatible_from("-- compatible-from: 7\ncreate table a ();", 12), 7);
    assert_int_equal(migrate_compatible_from("-- a\n-- compatible-from: 0011\n", 12), 11);
    assert_int_equal(migrate_compatible_from("-- no -- compatible-from: 1\n", 12), 12);
}

static void
the_version_of_postgresql_is_its_major_one(void **state)
{
    (void)state;
    assert_int_equal(postgres_bin_version("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), 15);
    assert_int_equal(postgres_bin_version("postgres (PostgreSQL) 18beta1"), 18);
    assert_int_equal(postgres_bin_version("something else"), 0);
}

struct told {
    int count;
    enum reply_status status;
    struct request_queue *queue;
};

static void
note_answer(struct reply *reply, void *context)
{
    struct told *told = context;

    told->count++;
    told->status = reply->status;
    if (told->queue != NULL)
        assert_int_equal(told->queue->count, 0);
}

static void
a_request_keeps_copies_and_tells_null_from_empty(void **state)
{
    char text[] = "abc";
    const char *values[] = {text, NULL, ""};
    struct told told = {0};
    struct request *request = request_new(3, values, 3, note_answer, &told);
    struct reply reply = {.status = REPLY_OK};

    (void)state;
    text[0] = 'x';
    assert_string_equal(request->values[0], "abc");
    assert_null(request->values[1]);
    assert_string_equal(request->values[2], "");
    request_answer(request, &reply);
    assert_int_equal(told.count, 1);
}

static void
a_queue_is_first_in_first_out_and_counts_its_bytes(void **state)
{
    struct request_queue queue;
    struct told told = {.queue = &queue};
    size_t bytes = 0;

    (void)state;
    request_queue_init(&queue);
    assert_null(request_queue_pop(&queue));
    for (size_t number = 0; number < 3; number++) {
        struct request *request = request_new(number, NULL, 0, note_answer, &told);

        bytes += request->size_bytes;
        request_queue_push(&queue, request);
    }
    assert_int_equal(queue.size_bytes, bytes);
    for (size_t number = 0; number < 2; number++) {
        struct request *request = request_queue_pop(&queue);

        assert_int_equal(request->number, number);
        free(request);
    }
    request_queue_answer(&queue, REPLY_LOST);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.status, REPLY_LOST);
    assert_int_equal(queue.size_bytes, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_extended_connection_string_keeps_what_it_had),
        cmocka_unit_test(a_password_is_hidden_from_people),
        cmocka_unit_test(a_reason_is_one_line_without_its_full_stop),
        cmocka_unit_test(pauses_double_up_to_the_longest_and_lose_up_to_half),
        cmocka_unit_test(an_error_is_found_in_the_line_of_its_character),
        cmocka_unit_test(a_migration_says_who_may_work_with_it),
        cmocka_unit_test(the_version_of_postgresql_is_its_major_one),
        cmocka_unit_test(a_request_keeps_copies_and_tells_null_from_empty),
        cmocka_unit_test(a_queue_is_first_in_first_out_and_counts_its_bytes),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
