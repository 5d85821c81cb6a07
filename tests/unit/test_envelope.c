/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/envelope.h"

enum { MAX_ITEMS = 3 };

static void
open_text(struct envelope *envelope, const char *text)
{
    assert_int_equal(envelope_open(envelope, text, strlen(text), MAX_ITEMS), 0);
}

static void
expect_id(const char *sent)
{
    struct envelope envelope;
    char text[256];

    snprintf(text, sizeof text,
             "{\"params\":{\"id\":7},\"id\": %s ,\"jsonrpc\":\"2.0\",\"method\":\"m\"}", sent);
    open_text(&envelope, text);
    assert_int_equal(envelope.count, 1);
    assert_int_equal(envelope.messages[0].fault.code, 0);
    assert_int_equal(envelope.messages[0].id_size, strlen(sent));
    assert_memory_equal(envelope.messages[0].id, sent, strlen(sent));
    envelope_close(&envelope);
}

static void
ids_come_back_exactly_as_they_were_sent(void **state)
{
    (void)state;
    expect_id("1");
    expect_id("1.0");
    expect_id("1e3");
    expect_id("-0");
    expect_id("12345678901234567890");
    expect_id("\"\\u0041\"");
    expect_id("\"a, b: \\\"}\"");
    expect_id("\"\"");
    expect_id("null");
}

static void
an_id_is_found_under_an_escaped_name(void **state)
{
    static const char text[] = "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"\\u0069d\":9}";
    struct envelope envelope;

    (void)state;
    open_text(&envelope, text);
    assert_int_equal(envelope.messages[0].id_size, 1);
    assert_memory_equal(envelope.messages[0].id, "9", 1);
    envelope_close(&envelope);
}

/* The text has one message or none, and this fault. */
static void
expect_fault(const char *text, int code, const char *part, const char *id)
{
    struct envelope envelope;
    const struct fault *fault;

    open_text(&envelope, text);
    if (envelope.fault.code != 0) {
        fault = &envelope.fault;
        assert_int_equal(envelope.count, 0);
        assert_null(id);
    } else {
        assert_int_equal(envelope.count, 1);
        fault = &envelope.messages[0].fault;
        if (id != NULL) {
            assert_int_equal(envelope.messages[0].id_size, strlen(id));
            assert_memory_equal(envelope.messages[0].id, id, strlen(id));
        }
    }
    assert_int_equal(fault->code, code);
    assert_non_null(strstr(fault->message, part));
    assert_true(fault->expected[0] != '\0');
    envelope_close(&envelope);
}

static void
text_that_is_no_json_says_what_is_wrong(void **state)
{
    (void)state;
    expect_fault("", ERROR_PARSE, "ends too early", NULL);
    expect_fault("{\"a\":1,}", ERROR_PARSE, "no valid JSON", NULL);
    expect_fault("{\"a\":1}{}", ERROR_PARSE, "no valid JSON", NULL);
    expect_fault("{\"a\":1,\"a\":2}", ERROR_PARSE, "two members of the same name", NULL);
    expect_fault("{\"a\":1,\"\\u0061\":2}", ERROR_PARSE, "two members of the same name", NULL);
    expect_fault("{\"a\":\"\\u0000\"}", ERROR_PARSE, "NUL", NULL);
    expect_fault("{\"\\u0000\":1}", ERROR_PARSE, "NUL", NULL);
    expect_fault("{\"a\":\"\xff\"}", ERROR_PARSE, "UTF-8", NULL);
    expect_fault("{\"a\":\"\xc0\x80\"}", ERROR_PARSE, "UTF-8", NULL);
    expect_fault("{\"a\":1e999}", ERROR_PARSE, "number is too large", NULL);
}

static void
a_request_must_be_what_the_specification_says(void **state)
{
    (void)state;
    expect_fault("1", ERROR_INVALID_REQUEST, "object", "null");
    expect_fault("\"a\"", ERROR_INVALID_REQUEST, "object", "null");
    expect_fault("{\"jsonrpc\":\"2.0\",\"method\":1,\"params\":\"bar\"}", ERROR_INVALID_REQUEST,
                 "method", "null");
    expect_fault("{\"jsonrpc\":\"2.0\",\"method\":1,\"id\":4}", ERROR_INVALID_REQUEST, "method",
                 "4");
    expect_fault("{\"method\":\"m\",\"id\":4}", ERROR_INVALID_REQUEST, "jsonrpc", "4");
    expect_fault("{\"jsonrpc\":2.0,\"method\":\"m\",\"id\":4}", ERROR_INVALID_REQUEST, "jsonrpc",
                 "4");
    expect_fault("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":{}}", ERROR_INVALID_REQUEST, "id",
                 "null");
    expect_fault("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":true}", ERROR_INVALID_REQUEST, "id",
                 "null");
    expect_fault("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":7,\"id\":\"x\"}",
                 ERROR_INVALID_REQUEST, "params", "\"x\"");
    expect_fault("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":null,\"id\":1}",
                 ERROR_INVALID_REQUEST, "params", "1");
}

static void
a_message_without_id_wants_no_answer(void **state)
{
    struct envelope envelope;

    (void)state;
    open_text(&envelope, "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":[{\"id\":1}]}");
    assert_int_equal(envelope.count, 1);
    assert_null(envelope.messages[0].id);
    assert_string_equal(envelope.messages[0].method, "m");
    assert_true(json_is_array(envelope.messages[0].params));
    assert_int_equal(envelope.messages[0].fault.code, 0);
    envelope_close(&envelope);
}

static void
a_batch_is_taken_apart(void **state)
{
    struct envelope envelope;

    (void)state;
    open_text(&envelope, " [ {\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":\"1,]\"} , 1 ,"
                         "{\"jsonrpc\":\"2.0\",\"method\":\"b\"} ] ");
    assert_true(envelope.batch);
    assert_int_equal(envelope.fault.code, 0);
    assert_int_equal(envelope.count, 3);
    assert_string_equal(envelope.messages[0].method, "a");
    assert_int_equal(envelope.messages[1].fault.code, ERROR_INVALID_REQUEST);
    assert_string_equal(envelope.messages[2].method, "b");
    assert_null(envelope.messages[2].id);
    envelope_close(&envelope);
}

static void
a_batch_that_is_no_json_has_one_fault(void **state)
{
    (void)state;
    expect_fault("[]", ERROR_INVALID_REQUEST, "must hold", NULL);
    expect_fault(" [ \n] ", ERROR_INVALID_REQUEST, "must hold", NULL);
    expect_fault("[", ERROR_PARSE, "", NULL);
    expect_fault("[1", ERROR_PARSE, "", NULL);
    expect_fault("[1,", ERROR_PARSE, "", NULL);
    expect_fault("[1,]", ERROR_PARSE, "", NULL);
    expect_fault("[,1]", ERROR_PARSE, "", NULL);
    expect_fault("[1 2]", ERROR_PARSE, "", NULL);
    expect_fault("[1}", ERROR_PARSE, "", NULL);
    expect_fault("[1:2]", ERROR_PARSE, "", NULL);
    expect_fault("[1]]", ERROR_PARSE, "", NULL);
    expect_fault("[] 1", ERROR_PARSE, "", NULL);
    expect_fault("[{\"a\":[}]}]", ERROR_PARSE, "", NULL);
}

static void
a_batch_past_the_limit_is_refused_whole(void **state)
{
    (void)state;
    expect_fault("[1,2,3,4]", ERROR_LIMIT_EXCEEDED, "3 requests", NULL);
}

static void
a_fault_in_a_batch_leaves_its_neighbours_alone(void **state)
{
    struct envelope envelope;

    (void)state;
    open_text(&envelope, "[{\"a\":1,\"a\":2},{\"jsonrpc\":\"2.0\",\"method\":\"b\",\"id\":2}]");
    assert_int_equal(envelope.count, 2);
    assert_int_equal(envelope.messages[0].fault.code, ERROR_PARSE);
    assert_int_equal(envelope.messages[1].fault.code, 0);
    envelope_close(&envelope);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_come_back_exactly_as_they_were_sent),
        cmocka_unit_test(an_id_is_found_under_an_escaped_name),
        cmocka_unit_test(text_that_is_no_json_says_what_is_wrong),
        cmocka_unit_test(a_request_must_be_what_the_specification_says),
        cmocka_unit_test(a_message_without_id_wants_no_answer),
        cmocka_unit_test(a_batch_is_taken_apart),
        cmocka_unit_test(a_batch_that_is_no_json_has_one_fault),
        cmocka_unit_test(a_batch_past_the_limit_is_refused_whole),
        cmocka_unit_test(a_fault_in_a_batch_leaves_its_neighbours_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
