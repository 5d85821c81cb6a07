/* SPDX-License-Identifier: Apache-2.0
 *
 * Subscriptions without a database: what is read, for whom, and what is sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_pool.h"
#include "rpc/dispatch.h"
#include "rpc/subscription.h"

enum { PAGE = 2, HEAD = 3, BYTES = 4096, STALL_MS = 100 };

static const struct param no_params[] = {PARAM_ROW_END};
static const struct param number_params[] = {
    {.name = "subscription", .type = PARAM_INTEGER, .flags = PARAM_REQUIRED, .min = 1, .max = 1000, .help = "Which"},
    PARAM_ROW_END,
};
static const struct column columns[] = {{NULL, NULL, NULL, NULL, NULL}};
static const struct method rows[] = {
    {.name = "event.subscribe", .summary = "Subscribe", .summary_ja = "購読", .params = no_params, .columns = columns,
     .kind = METHOD_SUBSCRIBE, .roles = ROLES_SIGNED_IN},
    {.name = "event.unsubscribe", .summary = "End", .summary_ja = "終了", .params = number_params, .columns = columns,
     .kind = METHOD_UNSUBSCRIBE, .roles = ROLES_SIGNED_IN},
    {.name = "access.sign_out", .summary = "Leave", .summary_ja = "退出", .params = no_params, .columns = columns,
     .kind = METHOD_SIGN_OUT, .roles = ROLES_EVERYONE},
    {.name = NULL},
};
static const struct method *const tables[] = {rows, NULL};
static struct limits limits = {.request_bytes = 65536, .request_depth = 16, .batch_items = 10, .page_size = 100, .list_items = 10,
                               .subscriptions = 4, .subscriptions_connection = 2, .subscription_bytes = BYTES,
                               .subscription_stall_ms = STALL_MS};

static struct event_base *base;
static struct subscriptions *all;
static struct dispatch *dispatch;
static struct asker askers[3];

static void
on_answered(struct asker *asker)
{
    (void)asker;
}

static int
set_up(void **state)
{
    json_t *start = json_loads("{\"once_secret\":\"0000000000000000000000000000000000000000000000000000000000000000\","
                               "\"constraints\":{},\"schema_version\":1}", 0, NULL);
    struct subscriptions_setup events = {.limits = &limits, .start = start, .page = PAGE, .head = HEAD};
    struct dispatch_setup setup = {.limits = &limits, .tables = tables, .start = start, .version = "1"};
    char *error = NULL;

    (void)state;
    fake_count = 0;
    fake_full = false;
    events.base = base = event_base_new();
    setup.subscriptions = all = subscriptions_new(&events);
    dispatch = dispatch_new(&setup, &error);
    json_decref(start);
    for (int i = 0; i < 3; i++) {
        struct principal who = {.role = ROLE_ADMIN};

        strcpy(who.id, "01111111-1111-4111-8111-111111111111");
        who.id[0] = (char)('0' + i);
        asker_init(&askers[i], who, evbuffer_new(), on_answered);
    }
    return dispatch == NULL || all == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        dispatch_leave(&askers[i]);
    while (fake_count > 0)
        fake_answer(0, "0");
    for (int i = 0; i < 3; i++)
        evbuffer_free(askers[i].output);
    dispatch_free(dispatch);
    subscriptions_free(all);
    event_base_free(base);
    return 0;
}

static void
ask(int i, const char *text)
{
    dispatch_text(dispatch, &askers[i], text, strlen(text));
}

/* Takes the next line out of an asker's output; it stays until the next call. */
static const char *
line(int i)
{
    static char *text;

    free(text);
    text = evbuffer_readln(askers[i].output, NULL, EVBUFFER_EOL_LF);
    return text != NULL ? text : "";
}

static void
subscribe(int i, const char *view)
{
    char answer[256];

    ask(i, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"event.subscribe\"}");
    snprintf(answer, sizeof answer, "{\"view\":\"%s\",\"noun\":null,\"organization\":null,\"position\":5,\"cursor\":\"5:00000000000000aa\"}",
             view);
    fake_answer(fake_count - 1, answer);
    assert_non_null(strstr(line(i), "\"cursor\":\"5:00000000000000aa\""));
}

static void
answer_page(size_t at, int after, int position, int head, int size)
{
    char *page = NULL;

    if (position > after && size > 0)
        assert_true(asprintf(&page, "{\"after\":%d,\"position\":%d,\"cursor\":\"%d:00000000000000bb\",\"head\":%d,\"count\":1,"
                                    "\"events\":[\"%0*d\"]}", after, position, position, head, size, 7) > 0);
    else
        assert_true(asprintf(&page, "{\"after\":%d,\"position\":%d,\"cursor\":\"%d:00000000000000aa\",\"head\":%d,\"count\":0,"
                                    "\"events\":[]}", after, position, position, head) > 0);
    fake_answer(at, page);
    free(page);
}

static void
those_who_see_the_same_are_read_for_once_and_others_apart(void **state)
{
    (void)state;
    subscribe(0, "all");
    subscribe(1, "all");
    subscribe(2, "open");
    assert_int_equal(fake_count, 3); /* each begins alone */
    while (fake_count > 0)
        answer_page(0, 5, 5, 5, 0);
    subscriptions_sealed(6, all);
    assert_int_equal(fake_count, 2);
    assert_int_equal(fake_requests[0].number, PAGE);
    while (fake_count > 0)
        answer_page(0, 5, 6, 6, 1);
    for (int i = 0; i < 3; i++)
        assert_non_null(strstr(line(i), "\"method\":\"event.notify\""));
    assert_int_equal(fake_count, 0);
    subscriptions_sealed(6, all); /* no news */
    assert_int_equal(fake_count, 0);
}

static void
news_that_comes_while_a_page_is_under_way_is_read_after_it(void **state)
{
    (void)state;
    subscribe(0, "all");
    subscriptions_sealed(6, all);
    assert_int_equal(fake_count, 1);
    answer_page(0, 5, 5, 5, 0);
    assert_int_equal(fake_count, 1);
    answer_page(0, 5, 6, 9, 1); /* and a page that does not reach the end is followed by the next */
    assert_int_equal(fake_count, 1);
    answer_page(0, 6, 9, 9, 1);
    assert_int_equal(fake_count, 0);
    assert_non_null(strstr(line(0), "\"position\":6"));
    assert_non_null(strstr(line(0), "\"position\":9"));
}

static void
a_page_that_does_not_continue_the_last_is_not_sent(void **state)
{
    (void)state;
    subscribe(0, "all");
    answer_page(0, 4, 6, 6, 1);
    assert_string_equal(line(0), "");
    subscriptions_sealed(6, all);
    assert_int_equal(fake_count, 1);
    fake_answer(0, "{\"nonsense\":1}");
    assert_string_equal(line(0), "");
}

static void
a_full_output_is_set_apart_goes_on_with_room_and_is_cut_off_without(void **state)
{
    const struct timeval stall = {0, 2 * STALL_MS * 1000};

    (void)state;
    subscribe(0, "all");
    subscribe(1, "all");
    while (fake_count > 0)
        answer_page(0, 5, 5, 5, 0);
    subscriptions_sealed(6, all);
    answer_page(0, 5, 6, 6, BYTES);
    assert_non_null(strstr(line(1), "\"position\":6")); /* reader 0 takes nothing */
    subscriptions_sealed(7, all);
    answer_page(0, 6, 7, 7, 1);
    assert_non_null(strstr(line(1), "\"position\":7"));
    subscriptions_sealed(7, all);
    assert_int_equal(fake_count, 0); /* nothing is read for who has no room */
    assert_non_null(strstr(line(0), "\"position\":6"));
    subscriptions_drained(&askers[0]);
    assert_int_equal(fake_count, 1);
    answer_page(0, 6, 7, 7, BYTES);
    subscriptions_sealed(8, all);
    while (fake_count > 0)
        answer_page(0, 7, 8, 8, 1);
    event_base_loopexit(base, &stall);
    event_base_dispatch(base);
    line(0);
    assert_non_null(strstr(line(0), "\"event.ended\""));
    assert_int_equal(askers[0].subscribed, 0);
    assert_int_equal(askers[1].subscribed, 1);
    assert_non_null(strstr(line(1), "\"position\":8"));
}

static void
what_the_database_refuses_ends_those_whom_it_concerns(void **state)
{
    struct reply denied = {.status = REPLY_FAILED, .sqlstate = "JZ003", .message = "another view"},
                 diverged = {.status = REPLY_FAILED, .sqlstate = "JZ011", .message = "lost batches"}, lost = {.status = REPLY_LOST};

    (void)state;
    subscribe(0, "all");
    subscribe(1, "all");
    while (fake_count > 0)
        answer_page(0, 5, 5, 5, 0);
    subscriptions_sealed(6, all);
    assert_int_equal(fake_count, 1);
    fake_reply(0, &denied); /* concerns only the one as whom it was read */
    assert_int_equal(askers[0].subscribed + askers[1].subscribed, 1);
    assert_int_equal(fake_count, 1);
    fake_reply(0, &lost);
    assert_int_equal(askers[0].subscribed + askers[1].subscribed, 1);
    assert_int_equal(fake_count, 0);
    subscriptions_sealed(-1, all);
    assert_int_equal(fake_count, 1);
    fake_reply(0, &diverged);
    assert_int_equal(askers[0].subscribed + askers[1].subscribed, 0);
}

static void
signing_out_and_going_away_end_a_subscription_at_once(void **state)
{
    (void)state;
    subscribe(0, "all");
    subscribe(1, "all");
    ask(0, "{\"jsonrpc\":\"2.0\",\"method\":\"access.sign_out\"}");
    assert_non_null(strstr(line(0), "\"name\":\"unauthenticated\""));
    dispatch_leave(&askers[1]);
    assert_int_equal(askers[0].subscribed + askers[1].subscribed, 0);
    while (fake_count > 0) /* pages that were under way are nobody's */
        answer_page(0, 5, 6, 6, 1);
    assert_string_equal(line(0), "");
    assert_string_equal(line(1), "");
}

static void
who_signed_out_before_the_answer_came_has_not_subscribed(void **state)
{
    (void)state;
    ask(0, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"event.subscribe\"}");
    askers[0].who = (struct principal){.role = ROLE_STRANGER};
    fake_answer(0, "{\"view\":\"all\",\"position\":5,\"cursor\":\"5:00000000000000aa\"}");
    assert_non_null(strstr(line(0), "\"name\":\"unavailable\""));
    assert_int_equal(askers[0].subscribed + askers[0].subscribing, 0);
}

static void
limits_count_what_is_on_its_way_too(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        ask(0, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"event.subscribe\"}");
    assert_int_equal(fake_count, 2);
    assert_non_null(strstr(line(0), "\"name\":\"limit_exceeded\""));
    fake_full = true;
    ask(1, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"event.subscribe\"}");
    assert_non_null(strstr(line(1), "\"name\":\"unavailable\""));
    assert_int_equal(askers[1].subscribing, 0);
    ask(1, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"event.unsubscribe\",\"params\":[9]}");
    assert_non_null(strstr(line(1), "\"name\":\"not_found\""));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(those_who_see_the_same_are_read_for_once_and_others_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(news_that_comes_while_a_page_is_under_way_is_read_after_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_page_that_does_not_continue_the_last_is_not_sent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_output_is_set_apart_goes_on_with_room_and_is_cut_off_without, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_database_refuses_ends_those_whom_it_concerns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(signing_out_and_going_away_end_a_subscription_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_signed_out_before_the_answer_came_has_not_subscribed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_count_what_is_on_its_way_too, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
