/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/address.h"
#include "lib/error.h"
#include "lib/key.h"
#include "lib/request.h"

static void
an_address_is_a_path_or_a_host_and_a_port(void **state)
{
    static const struct {
        const char *text, *path, *host, *port;
    } rows[] = {
        {"unix:/run/jinzai/jinzai.sock", "/run/jinzai/jinzai.sock", "", ""},
        {"unix:relative", "relative", "", ""},
        {"tcp:localhost:7411", "", "localhost", "7411"},
        {"tcp:[::1]:7411", "", "::1", "7411"},
        {"tcp:192.0.2.1:http", "", "192.0.2.1", "http"},
    };
    struct jinzai_address address;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(jinzai_address_parse(&address, rows[i].text, NULL), 0);
        assert_string_equal(address.path, rows[i].path);
        assert_string_equal(address.host, rows[i].host);
        assert_string_equal(address.port, rows[i].port);
    }
}

static void
a_wrong_address_is_named(void **state)
{
    static const char *const rows[] = {"",         "unix:",     "tcp:",    "tcp:host",
                                       "tcp::80",  "tcp:host:", "/tmp",    "tcp:::1:80",
                                       "tcp:[]:1", "tcp:[a:1",  "http://x"};
    struct jinzai_address address;
    struct jinzai_error error;
    char path[200] = "unix:/";

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(jinzai_address_parse(&address, rows[i], &error), -1);
        assert_int_equal(error.code, JINZAI_BAD_ADDRESS);
        assert_non_null(strstr(error.message, rows[i]));
    }
    memset(path + 6, 'x', 120);
    assert_int_equal(jinzai_address_parse(&address, path, &error), -1);
    assert_int_equal(jinzai_address_parse(&address, NULL, &error), -1);
}

static void
a_key_is_a_uuid_of_version_7_that_begins_with_the_time(void **state)
{
    /* The example of RFC 9562, appendix A.6. */
    static const unsigned char random[10] = {0x7C, 0xC3, 0x98, 0xC4, 0xDC,
                                             0x0C, 0x0C, 0x07, 0x39, 0x8F};
    char key[JINZAI_KEY_SIZE], other[JINZAI_KEY_SIZE];

    (void)state;
    jinzai_key_format(key, 0x017F22E279B0, random);
    assert_string_equal(key, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    assert_int_equal(jinzai_key_make(key), 0);
    assert_int_equal(jinzai_key_make(other), 0);
    assert_string_not_equal(key, other);
    assert_int_equal(key[14], '7');
    assert_non_null(strchr("89ab", key[19]));
}

static json_t *
composed(const char *params, bool keyed, unsigned flags, bool *again)
{
    struct jinzai_request *request = jinzai_request_make(7, "a.\"b", params, keyed, flags, NULL);
    json_t *root;

    assert_non_null(request);
    assert_int_equal(request->text[request->size - 1], '\n');
    assert_int_equal(strlen(request->text), request->size);
    *again = request->again;
    root = json_loads(request->text, 0, NULL);
    assert_non_null(root);
    jinzai_request_free(request);
    return root;
}

static void
a_request_is_sent_as_its_parameters_are_written(void **state)
{
    bool again;
    json_t *root = composed("{\"fte\": 0.80}", false, 0, &again);
    struct jinzai_request *request =
        jinzai_request_make(1, "a.b", "{\"fte\": 0.80}", false, 0, NULL);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(root, "method")), "a.\"b");
    assert_int_equal(json_integer_value(json_object_get(root, "id")), 7);
    assert_true(again);
    json_decref(root);
    assert_non_null(strstr(request->text, "{\"fte\": 0.80}"));
    jinzai_request_free(request);
    root = composed(NULL, false, 0, &again);
    assert_null(json_object_get(root, "params"));
    json_decref(root);
}

static void
a_write_gets_a_key_unless_it_has_one(void **state)
{
    static const char *const rows[] = {NULL, "{}", " { } ", "{\"a\": 1}", "{\"a\": \"{\"}"};
    bool again;
    json_t *root, *params;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        root = composed(rows[i], false, JINZAI_WRITE, &again);
        params = json_object_get(root, "params");
        assert_int_equal(strlen(json_string_value(json_object_get(params, "idempotency_key"))), 36);
        assert_true(again);
        json_decref(root);
    }
    root = composed("{\"idempotency_key\": \"mine\"}", true, JINZAI_WRITE, &again);
    params = json_object_get(root, "params");
    assert_string_equal(json_string_value(json_object_get(params, "idempotency_key")), "mine");
    assert_true(again);
    json_decref(root);
}

static void
what_cannot_be_sent_again_safely_is_not(void **state)
{
    bool again;
    json_t *root = composed("[1]", false, JINZAI_WRITE, &again);

    (void)state;
    assert_false(again);
    json_decref(root);
    root = composed("{}", false, JINZAI_ONCE, &again);
    assert_false(again);
    json_decref(root);
}

static void
a_method_that_is_not_utf8_is_refused(void **state)
{
    struct jinzai_error error;

    (void)state;
    assert_null(jinzai_request_make(1, "\xFF", NULL, false, 0, &error));
    assert_int_equal(error.code, JINZAI_BAD_CALL);
}

static void
messages_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        enum jinzai_message_kind kind;
        int64_t ticket;
    } rows[] = {
        {"{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":null}", JINZAI_MESSAGE_RESULT, 5},
        {"{\"id\":5,\"error\":{\"code\":-32001,\"message\":\"m\"}}", JINZAI_MESSAGE_ERROR, 5},
        {"{\"id\":null,\"error\":{\"code\":-32700,\"message\":\"m\"}}", JINZAI_MESSAGE_ERROR, 0},
        {"{\"method\":\"event\",\"params\":{}}", JINZAI_MESSAGE_NOTIFICATION, 0},
        {"{\"id\":\"x\",\"result\":1}", JINZAI_MESSAGE_BROKEN, 0},
        {"{\"id\":5}", JINZAI_MESSAGE_BROKEN, 5},
        {"[]", JINZAI_MESSAGE_BROKEN, 0},
        {"{\"id\":5,", JINZAI_MESSAGE_BROKEN, 0},
    };
    struct jinzai_message message;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jinzai_message_read(&message, rows[i].text, strlen(rows[i].text));
        assert_int_equal(message.kind, rows[i].kind);
        assert_int_equal(message.ticket, rows[i].ticket);
        json_decref(message.root);
    }
}

static void
the_ticket_of_a_long_answer_is_found_at_its_beginning(void **state)
{
    static const char text[] = "{\"jsonrpc\": \"2.0\", \"id\": 42, \"result\": {";

    (void)state;
    assert_int_equal(jinzai_message_ticket(text, sizeof text - 1), 42);
    assert_int_equal(jinzai_message_ticket(text, 27), 0); /* the number may go on */
    assert_int_equal(jinzai_message_ticket("{\"result\": {", 12), 0);
}

static void
an_error_is_read_whatever_its_shape(void **state)
{
    json_t *whole = json_loads(
               "{\"code\": -32602, \"message\": \"ends: must not be before starts\", \"data\": "
               "{\"name\": \"invalid_params\", \"parameter\": \"ends\", \"expected\": \"e\", "
               "\"trace\": \"00\"}}",
               0, NULL),
           *odd = json_loads("{\"code\": \"x\", \"data\": 3}", 0, NULL);
    struct jinzai_error error;

    (void)state;
    jinzai_error_read(&error, whole);
    assert_int_equal(error.code, JINZAI_INVALID_PARAMS);
    assert_string_equal(error.name, "invalid_params");
    assert_string_equal(error.parameter, "ends");
    assert_string_equal(error.expected, "e");
    assert_string_equal(error.trace, "00");
    jinzai_error_read(&error, odd);
    assert_int_equal(error.code, JINZAI_BAD_ANSWER);
    assert_string_equal(error.parameter, "");
    jinzai_error_read(NULL, odd);
    json_decref(whole);
    json_decref(odd);
}

static void
a_text_is_cut_after_a_whole_character(void **state)
{
    char field[6];

    (void)state;
    jinzai_error_copy(field, sizeof field, "\xE4\xBA\xBA\xE6\x9D\x90");
    assert_string_equal(field, "\xE4\xBA\xBA");
    jinzai_error_copy(field, sizeof field, "abcdefg");
    assert_string_equal(field, "abcde");
    jinzai_error_copy(field, sizeof field, "");
    assert_string_equal(field, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_a_path_or_a_host_and_a_port),
        cmocka_unit_test(a_wrong_address_is_named),
        cmocka_unit_test(a_key_is_a_uuid_of_version_7_that_begins_with_the_time),
        cmocka_unit_test(a_request_is_sent_as_its_parameters_are_written),
        cmocka_unit_test(a_write_gets_a_key_unless_it_has_one),
        cmocka_unit_test(what_cannot_be_sent_again_safely_is_not),
        cmocka_unit_test(a_method_that_is_not_utf8_is_refused),
        cmocka_unit_test(messages_are_told_apart),
        cmocka_unit_test(the_ticket_of_a_long_answer_is_found_at_its_beginning),
        cmocka_unit_test(an_error_is_read_whatever_its_shape),
        cmocka_unit_test(a_text_is_cut_after_a_whole_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
