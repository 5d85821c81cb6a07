/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "access/principal.h"

static const char id[] = "22222222-2222-4222-8222-222222222222";

/* Who we are to ourselves when name is trusted. */
static struct principal
known_as(const char *name, const char *listed)
{
    char *const names[] = {(char *)"no-such-user-here", (char *)name};
    json_t *ids = json_pack("{s:s, s:s}", "no-such-user-here", id, listed, id);
    struct principals *principals = principals_new(names, 2, ids);
    struct principal who;
    int pair[2];

    assert_non_null(principals);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    who = principal_of_peer(principals, pair[0]);
    close(pair[0]);
    close(pair[1]);
    principals_free(principals);
    json_decref(ids);
    return who;
}

static void
a_trusted_user_is_an_administrator(void **state)
{
    char uid[32];

    (void)state;
    snprintf(uid, sizeof uid, "%u", (unsigned)getuid());
    assert_int_equal(known_as(uid, uid).role, ROLE_ADMIN);
    assert_string_equal(known_as(uid, uid).id, id);
    if (getuid() == 0)
        assert_int_equal(known_as("root", "root").role, ROLE_ADMIN);
}

static void
whoever_is_not_trusted_is_a_stranger(void **state)
{
    char other[32], uid[32];

    (void)state;
    snprintf(other, sizeof other, "%u", (unsigned)getuid() + 1);
    snprintf(uid, sizeof uid, "%u", (unsigned)getuid());
    assert_int_equal(known_as(other, other).role, ROLE_STRANGER);
    assert_string_equal(known_as(other, other).id, "");
    /* Without a principal in the database there is nobody to act as. */
    assert_int_equal(known_as(uid, "somebody-else").role, ROLE_STRANGER);
}

static void
a_socket_that_is_no_unix_socket_is_a_strangers(void **state)
{
    char *const names[] = {(char *)"root"};
    json_t *ids = json_pack("{s:s}", "root", id);
    struct principals *principals = principals_new(names, 1, ids);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    assert_int_equal(principal_of_peer(principals, fd).role, ROLE_STRANGER);
    assert_int_equal(principal_of_peer(principals, -1).role, ROLE_STRANGER);
    close(fd);
    principals_free(principals);
    json_decref(ids);
}

static void
roles_have_names(void **state)
{
    (void)state;
    assert_string_equal(role_name(ROLE_ADMIN), "admin");
    assert_string_equal(role_name(ROLE_STRANGER), "stranger");
    assert_string_equal(role_name((enum role)0), "stranger");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trusted_user_is_an_administrator),
        cmocka_unit_test(whoever_is_not_trusted_is_a_stranger),
        cmocka_unit_test(a_socket_that_is_no_unix_socket_is_a_strangers),
        cmocka_unit_test(roles_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
