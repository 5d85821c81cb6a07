/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "access/bucket.h"
#include "access/gate.h"
#include "access/peer.h"
#include "access/recent.h"

enum { RATE = 10, MANY = 1000, ATTEMPTS = 16 };

static void
a_bucket_allows_a_seconds_worth_and_then_its_rate(void **state)
{
    struct bucket bucket = {0, 0};

    (void)state;
    for (int i = 0; i < RATE; i++) {
        assert_int_equal(bucket_wait_ms(&bucket, RATE, 1000), 0);
        bucket_charge(&bucket, 1, RATE, 1000);
    }
    assert_in_range(bucket_wait_ms(&bucket, RATE, 1000), 1, 101);
    assert_int_equal(bucket_wait_ms(&bucket, RATE, 1101), 0);
    bucket_charge(&bucket, 2, RATE, 1101);
    assert_true(bucket_wait_ms(&bucket, RATE, 1102) > 0);
    assert_int_equal(bucket_wait_ms(&bucket, RATE, 100000), 0);
}

static void
a_bucket_goes_into_debt_and_comes_out_of_it(void **state)
{
    struct bucket bucket = {0, 0};

    (void)state;
    bucket_charge(&bucket, 5 * RATE, RATE, 0);
    assert_in_range(bucket_wait_ms(&bucket, RATE, 0), 4000, 4001);
    assert_true(bucket_wait_ms(&bucket, RATE, 3990) > 0);
    assert_int_equal(bucket_wait_ms(&bucket, RATE, 4001), 0);
    bucket_charge(&bucket, INT64_C(1) << 40, 0, 4001);
    assert_int_equal(bucket_wait_ms(&bucket, 0, 4001), 0); /* no rate, no limit */
}

static void
a_table_keeps_what_it_holds_and_stays_as_large_as_it_is(void **state)
{
    struct recent *recent = recent_new(64, sizeof(int));
    char key[RECENT_KEY_SIZE];
    int kept = 0;

    (void)state;
    assert_non_null(recent);
    assert_null(recent_find(recent, "a"));
    *(int *)recent_get(recent, "a", 1) = 7;
    assert_int_equal(*(int *)recent_get(recent, "a", 2), 7);
    assert_int_equal(*(int *)recent_find(recent, "a"), 7);
    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(*(int *)recent_get(recent, key, 10 + i), 0);
        *(int *)recent_get(recent, key, 10 + i) = i + 1;
    }
    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof key, "k%d", i);
        if (recent_find(recent, key) == NULL)
            continue;
        assert_int_equal(*(int *)recent_find(recent, key), i + 1);
        kept++;
    }
    assert_in_range(kept, 32, 64);
    assert_null(recent_find(recent, "a")); /* whoever was away longest has made room */
    recent_free(recent);
}

static void
failures_are_answered_later_and_later_up_to_a_bound(void **state)
{
    (void)state;
    assert_int_equal(gate_delay_ms(1, 5000), 250);
    assert_int_equal(gate_delay_ms(2, 5000), 500);
    assert_int_equal(gate_delay_ms(5, 5000), 4000);
    assert_int_equal(gate_delay_ms(6, 5000), 5000);
    assert_int_equal(gate_delay_ms(4000000000U, 5000), 5000);
    assert_int_equal(gate_delay_ms(1, 0), 0);
}

static int answered;

static void
count_answer(void *context)
{
    (void)context;
    answered++;
}

static void
attempts_of_one_address_are_bounded_and_those_of_another_are_not_held_up(void **state)
{
    const struct limits limits = {.sign_ins_waiting = ATTEMPTS + 1, .sign_in_delay_max_ms = 600000};
    struct event_base *base = event_base_new();
    struct gate *gate = gate_new(base, &limits);
    struct fault fault;

    (void)state;
    answered = 0;
    for (int i = 0; i < ATTEMPTS; i++) {
        assert_int_equal(gate_try(gate, "192.0.2.1", &fault), 0);
        assert_int_equal(gate_refuse(gate, "192.0.2.1", "token", count_answer, NULL), 0);
    }
    assert_int_equal(gate_try(gate, "192.0.2.1", &fault), -1);
    assert_int_equal(fault.code, ERROR_LIMIT_EXCEEDED);
    assert_int_equal(gate_try(gate, "192.0.2.2", &fault), 0);
    assert_int_equal(gate_try(gate, "192.0.2.3", &fault), -1); /* the limit on all of them */
    gate_pass(gate, "192.0.2.2");
    assert_int_equal(gate_try(gate, "192.0.2.3", &fault), 0);
    assert_int_equal(answered, 0);
    gate_free(gate);
    assert_int_equal(answered, ATTEMPTS); /* nobody is forgotten */
    event_base_free(base);
}

static void
the_machines_administrators_are_not_counted_and_others_are(void **state)
{
    const struct limits limits = {.requests_per_second = 2, .bytes_per_second = 1000};
    struct event_base *base = event_base_new();
    struct gate *gate = gate_new(base, &limits);
    struct principal trusted = {.role = ROLE_ADMIN, .id = "a", .trusted = true}, stranger = {.role = ROLE_STRANGER};
    struct fault fault;

    (void)state;
    for (int i = 0; i < MANY; i++)
        assert_int_equal(gate_charge_request(gate, &trusted, "uid:0", &fault), 0);
    assert_int_equal(gate_charge_request(gate, &stranger, "192.0.2.1", &fault), 0);
    assert_int_equal(gate_charge_request(gate, &stranger, "192.0.2.1", &fault), 0);
    assert_int_equal(gate_charge_request(gate, &stranger, "192.0.2.1", &fault), -1);
    assert_non_null(strstr(fault.message, "2 requests a second"));
    gate_charge_bytes(gate, &stranger, "192.0.2.2", 5000);
    assert_int_equal(gate_charge_request(gate, &stranger, "192.0.2.2", &fault), -1);
    assert_non_null(strstr(fault.message, "1000 bytes a second"));
    gate_free(gate);
    event_base_free(base);
}

static void
a_sign_in_is_trusted_only_while_there_is_news(void **state)
{
    const struct limits limits = {.sign_ins_waiting = 1};
    struct event_base *base = event_base_new();
    struct gate *gate = gate_new(base, &limits);
    int64_t now_ms = gate_now_ms();

    (void)state;
    assert_true(gate_is_fresh(gate, now_ms));
    assert_false(gate_is_fresh(gate, now_ms + 60000));
    gate_heard(gate, now_ms + 59000);
    assert_true(gate_is_fresh(gate, now_ms + 60000));
    gate_free(gate);
    event_base_free(base);
}

static void
a_peer_has_a_role_and_perhaps_an_organization_and_a_country(void **state)
{
    struct peer peer;

    (void)state;
    assert_null(peer_parse(&peer, "user:alice coordinator nifs"));
    assert_false(peer.group);
    assert_string_equal(peer.name, "alice");
    assert_int_equal(peer.role, ROLE_COORDINATOR);
    assert_string_equal(peer.organization, "nifs");
    assert_string_equal(peer.country, "");
    assert_null(peer_parse(&peer, " group:ccfe,secretariat,,JP "));
    assert_true(peer.group);
    assert_string_equal(peer.country, "JP");
    assert_null(peer_parse(&peer, "user:bob member US pppl"));
    assert_string_equal(peer.organization, "pppl");
    assert_string_equal(peer.country, "US");
}

static void
a_peer_that_makes_no_sense_is_refused_with_its_reason(void **state)
{
    static const char *const lines[] = {
        "", "alice admin", "user:", "user:alice", "user:alice king", "user:alice stranger", "user:alice member",
        "user:alice coordinator JP", "user:alice admin a b", "user:alice admin JP US"};
    char line[512];
    struct peer peer;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_non_null(peer_parse(&peer, lines[i]));
    memset(line, 'x', sizeof line);
    memcpy(line, "user:", 5);
    line[sizeof line - 1] = '\0';
    assert_non_null(peer_parse(&peer, line));
    memcpy(line, "user:a admin ", 13);
    assert_non_null(peer_parse(&peer, line));
}

static void
an_address_is_that_of_a_site(void **state)
{
    char address[PRINCIPAL_ADDRESS_SIZE], expected[32];
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    principal_address(pair[0], address);
    snprintf(expected, sizeof expected, "uid:%u", (unsigned)getuid());
    assert_string_equal(address, expected);
    close(pair[0]);
    close(pair[1]);
    principal_address(-1, address);
    assert_string_equal(address, "unknown");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_allows_a_seconds_worth_and_then_its_rate),
        cmocka_unit_test(a_bucket_goes_into_debt_and_comes_out_of_it),
        cmocka_unit_test(a_table_keeps_what_it_holds_and_stays_as_large_as_it_is),
        cmocka_unit_test(failures_are_answered_later_and_later_up_to_a_bound),
        cmocka_unit_test(attempts_of_one_address_are_bounded_and_those_of_another_are_not_held_up),
        cmocka_unit_test(the_machines_administrators_are_not_counted_and_others_are),
        cmocka_unit_test(a_sign_in_is_trusted_only_while_there_is_news),
        cmocka_unit_test(a_peer_has_a_role_and_perhaps_an_organization_and_a_country),
        cmocka_unit_test(a_peer_that_makes_no_sense_is_refused_with_its_reason),
        cmocka_unit_test(an_address_is_that_of_a_site),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
