/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rows.h"
#include "rpc/directory.h"
#include "rpc/statement.h"

static void
each_parameter_has_its_typed_argument(void **state)
{
    int arguments;
    char *sql = statement_text(&badge_methods[0], &arguments);

    (void)state;
    assert_string_equal(
        sql,
        "select api.badge_create(p_caller => $1::uuid, p_code => $2::text, p_name_en => $3::text, "
        "p_name_ja => $4::text, p_kind => $5::text, p_hours => $6::bigint, p_fte => $7::numeric, "
        "p_open => $8::boolean, p_starts => $9::date, p_month => $10::date, p_series => $11::uuid, "
        "p_pillars => $12::text[], p_years => $13::bigint[], p_goals => $14::jsonb, "
        "p_secret => $15::text, p_once_key => $16::uuid, p_once_digest => $17::bytea)");
    assert_int_equal(arguments, 17);
    free(sql);
}

static void
what_may_be_cleared_is_named_in_a_last_argument(void **state)
{
    int arguments;
    char *sql = statement_text(&badge_methods[2], &arguments);

    (void)state;
    assert_string_equal(
        sql,
        "select api.badge_update(p_caller => $1::uuid, p_ref => $2::text, p_name_en => $3::text, "
        "p_name_ja => $4::text, p_note => $5::text, p_if_version => $6::bigint, "
        "p_clear => $7::text[])");
    assert_int_equal(arguments, 7);
    free(sql);
}

static void
the_function_of_a_method_that_keeps_takes_a_stamp_and_answers_in_pieces(void **state)
{
    const struct method method = {.name = "badge.matrix", .keeps = true};
    int arguments;
    char *sql = statement_text(&method, &arguments);

    (void)state;
    assert_string_equal(sql, "select stamp, whole, part, rank, place, words from api.badge_matrix("
                             "p_caller => $1::uuid, p_stamp => $2::text)");
    assert_int_equal(arguments, 2);
    free(sql);
}

static void
several_calls_of_a_method_that_answers_each_are_arrays(void **state)
{
    static const struct param params[] = {{.name = "name", .type = PARAM_LABEL}, {.name = "hours", .type = PARAM_INTEGER}, PARAM_ROW_END};
    const struct method method = {.name = "badge.get", .params = params, .each = true};
    char *sql = statement_each(&method);

    (void)state;
    assert_string_equal(sql, "select * from api.badge_get_each(p_caller => $1::uuid, p_name_en => @2::text[], p_name_ja => @3::text[], "
                             "p_hours => @4::bigint[])");
    free(sql);
}

static void
statements_are_numbered_as_the_directory_says(void **state)
{
    struct statements statements;
    struct directory directory;
    const struct entry *entry;

    (void)state;
    assert_int_equal(statements_compose(&statements, row_tables), 0);
    assert_int_equal(directory_open(&directory, row_tables), 0);
    assert_int_equal(statements.count, 5);
    entry = directory_find(&directory, "badge.list");
    assert_non_null(strstr(statements.rows[entry->statement].sql, "api.badge_list("));
    assert_int_equal(statements.rows[entry->statement].lane, COST_FAST);
    entry = directory_find(&directory, "badge.create");
    assert_non_null(strstr(statements.rows[entry->statement].sql, "api.badge_create("));
    assert_int_equal(statements.rows[entry->statement].lane, COST_WRITE);
    assert_false(statements.rows[entry->statement].joins);
    assert_true(statements.rows[directory_find(&directory, "badge.get")->statement].joins);
    assert_false(statements.rows[directory_find(&directory, "badge.list")->statement].joins);
    assert_null(directory_find(&directory, "badge"));
    directory_close(&directory);
    statements_free(&statements);
}

static void
what_only_reads_is_known_by_the_whole_name_of_its_function(void **state)
{
    struct statements statements;
    struct directory directory;
    json_t *stable = json_pack("[s, s, s]", "badge_list", "badge_creat", "nothing");

    (void)state;
    assert_int_equal(statements_compose(&statements, row_tables), 0);
    assert_int_equal(directory_open(&directory, row_tables), 0);
    statements_mark_reads(&statements, stable);
    assert_true(statements.rows[directory_find(&directory, "badge.list")->statement].shares);
    assert_false(statements.rows[directory_find(&directory, "badge.create")->statement].shares);
    assert_false(statements.rows[directory_find(&directory, "badge.get")->statement].shares);
    statements_mark_reads(&statements, NULL);
    json_decref(stable);
    directory_close(&directory);
    statements_free(&statements);
}

static void
two_methods_of_one_name_are_refused(void **state)
{
    const struct method *const tables[] = {badge_methods, badge_methods, NULL};
    struct directory directory;

    (void)state;
    assert_int_equal(directory_open(&directory, tables), -1);
    directory_close(&directory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_parameter_has_its_typed_argument),
        cmocka_unit_test(what_may_be_cleared_is_named_in_a_last_argument),
        cmocka_unit_test(the_function_of_a_method_that_keeps_takes_a_stamp_and_answers_in_pieces),
        cmocka_unit_test(several_calls_of_a_method_that_answers_each_are_arrays),
        cmocka_unit_test(statements_are_numbered_as_the_directory_says),
        cmocka_unit_test(what_only_reads_is_known_by_the_whole_name_of_its_function),
        cmocka_unit_test(two_methods_of_one_name_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
