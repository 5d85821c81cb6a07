/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_pool.h"
#include "rows.h"
#include "rpc/dispatch.h"
#include "rpc/error.h"

static struct dispatch *dispatch;
static struct asker asker;
static int answered, wrote;

static void
on_wrote(void *context)
{
    (void)context;
    wrote++;
}

static void
on_answered(struct asker *who)
{
    assert_ptr_equal(who, &asker);
    answered++;
}

static int
set_up(void **state)
{
    const struct principal admin = {.role = ROLE_ADMIN,
                                    .id = "11111111-1111-4111-8111-111111111111"};
    json_t *start = json_loads(row_start, 0, NULL);
    const struct dispatch_setup setup = {.limits = &row_limits, .tables = row_tables, .start = start,
                                         .version = "1.2.3", .wrote = on_wrote};
    char *error = NULL;

    (void)state;
    dispatch = dispatch_new(&setup, &error);
    json_decref(start);
    asker_init(&asker, admin, evbuffer_new(), on_answered);
    answered = wrote = 0;
    fake_count = 0;
    fake_full = false;
    return dispatch == NULL || asker.output == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    dispatch_leave(&asker);
    while (fake_count > 0)
        fake_answer(0, "0");
    evbuffer_free(asker.output);
    dispatch_free(dispatch);
    return 0;
}

static void
ask(const char *text)
{
    dispatch_text(dispatch, &asker, text, strlen(text));
}

/* Takes all output out; trace ids, which are drawn, become T. The text stays until the next call.
 */
static const char *
output(void)
{
    static char text[1 << 16];
    int size = evbuffer_remove(asker.output, text, sizeof text - 1);
    char *trace = text;

    text[size > 0 ? size : 0] = '\0';
    while ((trace = strstr(trace, "\"trace\":\"")) != NULL) {
        trace += strlen("\"trace\":\"");
        assert_int_equal(strspn(trace, "0123456789abcdef"), 16);
        memmove(trace + 1, trace + 16, strlen(trace + 16) + 1);
        *trace = 'T';
    }
    return text;
}

static void
expect_begin(const char *text, const char *begin)
{
    if (strncmp(text, begin, strlen(begin)) != 0)
        fail_msg("%s does not begin with %s", text, begin);
}

/* The output is one error of that name and id, whose text has the part. */
static void
expect_error(const char *id, const char *name, const char *part)
{
    const char *text = output();
    char begin[256], data[128];

    snprintf(begin, sizeof begin, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32", id);
    snprintf(data, sizeof data, "\"name\":\"%s\",\"trace\":\"T\"", name);
    expect_begin(text, begin);
    if (strstr(text, data) == NULL || strstr(text, part) == NULL)
        fail_msg("%s lacks %s or %s", text, data, part);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void
expect_nothing(void)
{
    assert_int_equal(evbuffer_get_length(asker.output), 0);
}

#define GET(id) "{\"jsonrpc\":\"2.0\",\"method\":\"badge.get\",\"params\":[\"B\"],\"id\":" id "}"
#define RESULT(id, result) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":" result "}"

static void
an_answer_of_the_database_comes_back_with_its_id(void **state)
{
    (void)state;
    ask(GET("1e3"));
    assert_int_equal(fake_count, 1);
    assert_string_equal(fake_requests[0].caller, "11111111-1111-4111-8111-111111111111");
    assert_int_equal(fake_requests[0].number, 1);
    assert_int_equal(asker.in_flight, 1);
    expect_nothing();
    fake_answer(0, "{\"code\":\"B\"}");
    assert_string_equal(output(), RESULT("1e3", "{\"code\":\"B\"}") "\n");
    assert_int_equal(asker.in_flight, 0);
    assert_true(LIST_EMPTY(&asker.calls));
    ask(GET("2"));
    fake_answer(0, NULL);
    assert_string_equal(output(), RESULT("2", "null") "\n");
}

static void
answers_go_out_as_they_are_ready(void **state)
{
    (void)state;
    ask(GET("1"));
    ask(GET("2"));
    fake_answer(1, "\"b\"");
    assert_string_equal(output(), RESULT("2", "\"b\"") "\n");
    fake_answer(0, "\"a\"");
    assert_string_equal(output(), RESULT("1", "\"a\"") "\n");
}

static void
a_batch_is_answered_with_one_array(void **state)
{
    (void)state;
    ask("[" GET("1") ",1," GET(
        "2") ",{\"jsonrpc\":\"2.0\",\"method\":\"badge.get\",\"params\":[\"B\"]}]");
    assert_int_equal(fake_count, 3);
    fake_answer(1, "\"b\"");
    fake_answer(1, "\"c\"");
    expect_nothing();
    fake_answer(0, "\"a\"");
    {
        const char *text = output();

        expect_begin(text, "[{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600");
        assert_non_null(strstr(text, "}," RESULT("2", "\"b\"") "," RESULT("1", "\"a\"") "]\n"));
        assert_null(strstr(text, "\"c\""));
    }
}

static void
notifications_get_no_answer_and_no_error(void **state)
{
    (void)state;
    ask("{\"jsonrpc\":\"2.0\",\"method\":\"badge.get\",\"params\":[\"B\"]}");
    ask("{\"jsonrpc\":\"2.0\",\"method\":\"badge.gte\"}");
    ask("{\"jsonrpc\":\"2.0\",\"method\":\"badge.get\",\"params\":[]}");
    ask("{\"jsonrpc\":\"2.0\",\"method\":\"rpc.discover\"}");
    ask("{\"jsonrpc\":\"2.0\",\"method\":\"server.info\"}");
    ask("[{\"jsonrpc\":\"2.0\",\"method\":\"badge.get\",\"params\":[\"B\"]},"
        "{\"jsonrpc\":\"2.0\",\"method\":\"server.info\"}]");
    assert_int_equal(fake_count, 2);
    fake_answer(0, "1");
    fake_answer(0, "1");
    expect_nothing();
    assert_true(LIST_EMPTY(&asker.calls));
}

static void
what_is_no_request_is_answered_once(void **state)
{
    (void)state;
    ask("{\"a\":}");
    expect_error("null", "parse_error", "no valid JSON");
    ask("[]");
    expect_error("null", "invalid_request", "must hold a request");
    ask("[1,2,3,4,5,6]");
    expect_error("null", "limit_exceeded", "5 requests");
    dispatch_refuse(&asker, ERROR_PARSE, "No JSON", "JSON");
    expect_error("null", "parse_error", "\"expected\":\"JSON\"");
}

static void
a_wrong_call_is_told_what_was_expected(void **state)
{
    (void)state;
    ask("{\"jsonrpc\":\"2.0\",\"method\":\"badge.gte\",\"id\":1}");
    expect_error("1", "method_not_found", "did you mean \\\"badge.get\\\"?");
    ask("{\"jsonrpc\":\"2.0\",\"method\":\"badge.get\",\"params\":{\"ref\":5},\"id\":\"a\"}");
    expect_error("\"a\"", "invalid_params", "\"parameter\":\"ref\",\"expected\":\"the UUID or");
    ask("{\"jsonrpc\":\"2.0\",\"method\":\"server.info\",\"params\":{\"x\":5},\"id\":2}");
    expect_error("2", "invalid_params", "\"expected\":\"no parameters\"");
    assert_int_equal(fake_count, 0);
}

static void
a_stranger_gets_the_open_methods_alone(void **state)
{
    (void)state;
    asker.who = (struct principal){.role = ROLE_STRANGER};
    ask(GET("1"));
    expect_error("1", "unauthenticated", "badge.get is only for");
    ask("{\"jsonrpc\":\"2.0\",\"method\":\"server.info\",\"id\":1}");
    assert_string_equal(
        output(), RESULT("1", "{\"name\":\"jinzaid\",\"version\":\"1.2.3\",\"protocol\":\"JSON-RPC "
                              "2.0\",\"schema_version\":7,\"languages\":[\"en\",\"ja\"],"
                              "\"caller\":{\"role\":\"stranger\"}}") "\n");
    ask("{\"jsonrpc\":\"2.0\",\"method\":\"rpc.discover\",\"id\":1}");
    expect_begin(output(), "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"openrpc\":");
    asker.who.role = ROLE_MEMBER;
    ask("{\"jsonrpc\":\"2.0\",\"method\":\"badge.audit\",\"id\":1}");
    expect_error("1", "denied", "The role member may not call badge.audit");
}

static void
fail_with(const char *sqlstate, const char *message, const char *detail, const char *constraint)
{
    struct reply reply = {.status = REPLY_FAILED,
                          .sqlstate = sqlstate,
                          .message = message,
                          .detail = detail,
                          .constraint = constraint};

    ask(GET("1"));
    fake_reply(0, &reply);
}

static void
a_refusal_of_the_database_is_told_in_the_family(void **state)
{
    (void)state;
    fail_with("JZ001", "There is no badge B", "{\"parameter\":\"ref\",\"expected\":\"a badge\"}",
              NULL);
    expect_error("1", "not_found", "\"message\":\"There is no badge B\"");
    fail_with("JZ000", "No", "{\"parameter\":\"goals[1]\",\"more\":[1]}", NULL);
    expect_error("1", "invalid_params", "\"parameter\":\"goals[1]\",\"more\":[1]");
    fail_with("JZ008", "It has version 4", "no JSON", NULL);
    expect_error("1", "stale_version", "It has version 4");
    fail_with("23514", "violates check", NULL, "badge_dates");
    expect_error("1", "invalid_params",
                 "\"parameter\":\"ends\",\"expected\":\"must not be before starts\"");
    fail_with("23505", "duplicate key", "Key (code)=(X)", "badge_other");
    expect_error("1", "conflict", "It contradicts another record");
    fail_with("23P01", NULL, NULL, NULL);
    expect_error("1", "conflict", "");
    fail_with("23503", NULL, NULL, NULL);
    expect_error("1", "not_found", "");
    fail_with("57014", "canceling", NULL, NULL);
    expect_error("1", "timeout", "longer than it may");
    fail_with("40P01", "deadlock", NULL, NULL);
    expect_error("1", "unavailable", "try again");
    fail_with("57P01", "terminating", NULL, NULL);
    expect_error("1", "unavailable", "try again");
    fail_with("53100", "disk full", NULL, NULL);
    expect_error("1", "unavailable", "short of resources");
}

static void
nothing_of_sql_reaches_the_caller(void **state)
{
    (void)state;
    fail_with("42703", "column \"birth\" does not exist", "in select birth from person",
              "person_key");
    expect_error("1", "internal_error", "the daemon's log says more");
    fail_with("42703", "column \"birth\" does not exist", "in select birth from person",
              "person_key");
    assert_null(strstr(output(), "birth"));
}

static void
a_lost_or_full_database_is_unavailable(void **state)
{
    struct reply lost = {.status = REPLY_LOST}, unsent = {.status = REPLY_UNSENT};

    (void)state;
    ask(GET("1"));
    fake_reply(0, &lost);
    expect_error("1", "unavailable", "The database broke off; try again");
    ask("{\"jsonrpc\":\"2.0\",\"method\":\"badge.update\",\"params\":[\"B\"],\"id\":1}");
    fake_reply(0, &lost);
    expect_error("1", "unavailable", "the same idempotency_key");
    ask(GET("1"));
    fake_reply(0, &unsent);
    expect_error("1", "unavailable", "did not take the request");
    fake_full = true;
    ask(GET("1"));
    expect_error("1", "unavailable", "Too many requests");
    assert_int_equal(asker.in_flight, 0);
    assert_true(LIST_EMPTY(&asker.calls));
}

static void
what_was_asked_is_carried_out_when_the_asker_has_gone(void **state)
{
    (void)state;
    ask(GET("1"));
    ask("[" GET("1") "," GET("2") "]");
    fake_answer(1, "1");
    dispatch_leave(&asker);
    assert_int_equal(asker.in_flight, 0);
    answered = 0;
    fake_answer(0, "1");
    fake_answer(0, "1");
    assert_int_equal(answered, 0);
    expect_nothing();
}

static void
a_start_without_a_secret_is_refused(void **state)
{
    json_t *start = json_pack("{s:s}", "once_secret", "abc");
    const struct dispatch_setup setup = {
        .limits = &row_limits, .tables = row_tables, .start = start, .version = "1"};
    char *error = NULL;

    (void)state;
    assert_null(dispatch_new(&setup, &error));
    assert_non_null(strstr(error, "once_secret"));
    free(error);
    json_decref(start);
}

static void
a_write_that_was_carried_out_is_told_and_no_other_call(void **state)
{
    struct reply refused = {.status = REPLY_FAILED, .sqlstate = "23505"};

    (void)state;
#define CREATE(id)                                                                                 \
    "{\"jsonrpc\":\"2.0\",\"method\":\"badge.create\",\"params\":{\"name\":{\"en\":\"First\"}," \
    "\"kind\":\"visit\"},\"id\":" id "}"
    ask(GET("1"));
    fake_answer(0, "{}");
    ask(CREATE("2"));
    fake_reply(0, &refused);
    assert_int_equal(wrote, 0);
    ask(CREATE("3"));
    assert_int_equal(wrote, 0);
    fake_answer(0, "{}");
    assert_int_equal(wrote, 1);
    output();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_of_the_database_comes_back_with_its_id),
        TEST(answers_go_out_as_they_are_ready),
        TEST(a_batch_is_answered_with_one_array),
        TEST(notifications_get_no_answer_and_no_error),
        TEST(what_is_no_request_is_answered_once),
        TEST(a_wrong_call_is_told_what_was_expected),
        TEST(a_stranger_gets_the_open_methods_alone),
        TEST(a_refusal_of_the_database_is_told_in_the_family),
        TEST(nothing_of_sql_reaches_the_caller),
        TEST(a_lost_or_full_database_is_unavailable),
        TEST(what_was_asked_is_carried_out_when_the_asker_has_gone),
        TEST(a_start_without_a_secret_is_refused),
        TEST(a_write_that_was_carried_out_is_told_and_no_other_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
