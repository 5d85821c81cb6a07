/* SPDX-License-Identifier: Apache-2.0
 *
 * What a pipeline sends, and to whom it gives what comes back, where libpq refuses or PostgreSQL says what it seldom does:
 * the functions here take the place of libpq's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "store/pipeline.h"

enum { RESULTS_MAX = 64 };

/* What was sent since the last look: "s0(c,a) s0x2(c,a,b) P:s0x2 |", where | is a sync. */
static char sent[1024];
static int refuse_from = -1;  /* how many more statements are taken, or -1 */
static PGresult *results[RESULTS_MAX]; /* what comes back; a result of NULL ends a statement's */
static int result_count, result_next;
static const char *sqlstate;

static void
note(const char *text)
{
    strncat(sent, text, sizeof sent - strlen(sent) - 1);
}

int
PQenterPipelineMode(PGconn *conn)
{
    (void)conn;
    return 1;
}

ConnStatusType
PQstatus(const PGconn *conn)
{
    (void)conn;
    return CONNECTION_OK;
}

int
PQsendPrepare(PGconn *conn, const char *name, const char *sql, int count, const Oid *types)
{
    (void)conn;
    (void)count;
    (void)types;
    note("P:");
    note(name);
    note("=");
    note(sql);
    note(" ");
    return 1;
}

int
PQsendQueryPrepared(PGconn *conn, const char *name, int count, const char *const *values, const int *lengths,
                    const int *formats, int format)
{
    (void)conn;
    (void)lengths;
    (void)formats;
    (void)format;
    if (refuse_from == 0)
        return 0;
    if (refuse_from > 0)
        refuse_from--;
    note(name);
    for (int i = 0; i < count; i++) {
        note(i == 0 ? "(" : ",");
        note(values[i] != NULL ? values[i] : "-");
    }
    note(") ");
    return 1;
}

int
PQpipelineSync(PGconn *conn)
{
    (void)conn;
    note("| ");
    return 1;
}

int
PQisBusy(PGconn *conn)
{
    (void)conn;
    return result_next == result_count;
}

PGresult *
PQgetResult(PGconn *conn)
{
    (void)conn;
    return results[result_next++];
}

char *
PQresultErrorField(const PGresult *result, int field)
{
    return PQresultStatus(result) == PGRES_FATAL_ERROR && field == PG_DIAG_SQLSTATE ? (char *)sqlstate : NULL;
}

static void
comes(PGresult *result)
{
    assert_true(result_count < RESULTS_MAX);
    results[result_count++] = result;
}

static void
comes_status(ExecStatusType status)
{
    comes(PQmakeEmptyPGresult(NULL, status));
    if (status != PGRES_PIPELINE_SYNC)
        comes(NULL);
}

/* A row with so many columns: the letters from first on. */
static void
comes_row(char first, int columns)
{
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc about[8] = {{.name = (char *)"f"}};

    for (int i = 1; i < columns; i++)
        about[i] = about[0];
    assert_true(PQsetResultAttrs(result, columns, about));
    for (int i = 0; i < columns; i++) {
        char letter = (char)(first + i);

        assert_true(PQsetvalue(result, 0, i, &letter, 1));
    }
    comes(result);
    comes(NULL);
}

/* A row for each letter, with null for a dash. */
static void
comes_rows(const char *letters)
{
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc about = {.name = (char *)"h"};

    assert_true(PQsetResultAttrs(result, 1, &about));
    for (int i = 0; letters[i] != '\0'; i++) {
        const bool null = letters[i] == '-';
        char letter = letters[i];

        assert_true(PQsetvalue(result, i, 0, null ? NULL : &letter, null ? -1 : 1));
    }
    comes(result);
    comes(NULL);
}

static const struct statement statements[] = {
    {.sql = "select api.f(p_caller => $1::uuid, p_ref => $2::text)", .arguments = 2, .joins = true},
    {.sql = "select api.g(p_caller => $1::uuid, p_ref => $2::text)", .arguments = 2},
    {.sql = "select api.h(p_caller => $1::uuid, p_ref => $2::text)", .arguments = 2, .joins = true,
     .each = "select * from api.h_each(p_caller => $1::uuid, p_ref => @2::text[])"},
};

enum { STATEMENTS = sizeof statements / sizeof *statements };

static char told[256]; /* "a=A b=! ": who asked and what was answered; ! is a failure */

static void
on_finished(struct request *request, void *context)
{
    char text[8];
    bool good = PQresultStatus(request->result) == PGRES_TUPLES_OK;

    (void)context;
    if (request->kind == REQUEST_PREPARE) {
        PQclear(request->result);
        free(request);
        return;
    }
    snprintf(text, sizeof text, "%s=%c ", request->values[1], good ? PQgetvalue(request->result, request->row, request->column)[0] : '!');
    strncat(told, text, sizeof told - strlen(told) - 1);
    if (request->calls == 1)
        PQclear(request->result);
    free(request);
}

static struct pipeline *
begin_unprepared(void)
{
    struct pipeline *pipeline = pipeline_new(statements, STATEMENTS, on_finished, NULL);

    assert_non_null(pipeline);
    assert_int_equal(pipeline_begin(pipeline, NULL), 0);
    sent[0] = told[0] = '\0';
    result_count = result_next = 0;
    refuse_from = -1;
    sqlstate = NULL;
    return pipeline;
}

static struct pipeline *
begin(void)
{
    struct pipeline *pipeline = begin_unprepared();

    for (size_t number = 0; number < STATEMENTS; number++) {
        assert_int_equal(pipeline_prepare(pipeline, number), 0);
        comes_status(PGRES_COMMAND_OK);
    }
    pipeline_sync(pipeline);
    comes_status(PGRES_PIPELINE_SYNC);
    pipeline_read(pipeline);
    sent[0] = '\0';
    return pipeline;
}

static void
end(struct pipeline *pipeline)
{
    assert_int_equal(pipeline_count(pipeline), 0);
    pipeline_free(pipeline);
}

static void
ask(struct pipeline *pipeline, size_t number, const char *refs, bool shares)
{
    for (; *refs != '\0'; refs++) {
        const char ref[] = {*refs, '\0'}, *values[] = {"c", ref};
        struct request *request = request_new(number, values, 2, NULL, NULL);

        assert_non_null(request);
        request->shares = shares;
        pipeline_add(pipeline, request);
    }
    pipeline_turn(pipeline);
}

static void
was_sent(const char *expected)
{
    assert_string_equal(sent, expected);
    sent[0] = '\0';
}

static void
was_told(struct pipeline *pipeline, const char *expected)
{
    pipeline_read(pipeline);
    assert_string_equal(told, expected);
    told[0] = '\0';
}

/* Has the statement of two calls prepared. */
static void
prepare_pair(struct pipeline *pipeline, ExecStatusType status)
{
    ask(pipeline, 0, "ab", true);
    was_sent("s0(c,a) s0(c,b) | P:s0x2=select api.f(p_caller => $1::uuid, p_ref => $2::text), "
             "api.f(p_caller => $1::uuid, p_ref => $3::text) | ");
    comes_row('A', 1);
    comes_row('B', 1);
    comes_status(PGRES_PIPELINE_SYNC);
    comes_status(status);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "a=A b=B ");
}

static void
a_statement_is_prepared_before_its_first_call_and_by_itself(void **state)
{
    struct pipeline *pipeline = begin_unprepared();

    (void)state;
    ask(pipeline, 1, "ab", true);
    was_sent("P:s1=select api.g(p_caller => $1::uuid, p_ref => $2::text) | s1(c,a) s1(c,b) | ");
    comes_status(PGRES_COMMAND_OK);
    comes_status(PGRES_PIPELINE_SYNC);
    comes_row('A', 1);
    comes_row('B', 1);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "a=A b=B ");
    ask(pipeline, 1, "c", false);
    was_sent("s1(c,c) | ");
    comes_row('C', 1);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "c=C ");
    end(pipeline);
}

static void
where_it_is_refused_its_call_fails_and_the_next_tries_again(void **state)
{
    struct pipeline *pipeline = begin_unprepared();

    (void)state;
    ask(pipeline, 1, "a", false);
    was_sent("P:s1=select api.g(p_caller => $1::uuid, p_ref => $2::text) | s1(c,a) | ");
    comes_status(PGRES_FATAL_ERROR);
    comes_status(PGRES_PIPELINE_SYNC);
    comes_status(PGRES_FATAL_ERROR);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "a=! ");
    ask(pipeline, 1, "b", false);
    was_sent("P:s1=select api.g(p_caller => $1::uuid, p_ref => $2::text) | s1(c,b) | ");
    comes_status(PGRES_COMMAND_OK);
    comes_status(PGRES_PIPELINE_SYNC);
    comes_row('B', 1);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "b=B ");
    end(pipeline);
}

static void
calls_of_one_function_go_as_one_statement_once_it_is_prepared(void **state)
{
    struct pipeline *pipeline = begin();

    (void)state;
    prepare_pair(pipeline, PGRES_COMMAND_OK);
    ask(pipeline, 0, "xy", true);
    was_sent("s0x2(c,x,y) | ");
    comes_row('X', 2);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "x=X y=Y ");
    ask(pipeline, 1, "xy", true); /* of which several do not join */
    was_sent("s1(c,x) s1(c,y) | ");
    comes_row('X', 1);
    comes_row('Y', 1);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "x=X y=Y ");
    end(pipeline);
}

/* Asks so many, upon which the statement that looks up twelve is prepared. */
static void
prepare_look_up(struct pipeline *pipeline)
{
    for (const char *ref = "ABCDEF"; *ref != '\0'; ref++)
        comes_row(*ref, 1);
    ask(pipeline, 2, "abcdef", true);
    was_sent("s2(c,a) s2(c,b) s2(c,c) s2(c,d) s2(c,e) s2(c,f) | P:s2x12=select * from api.h_each(p_caller => $1::uuid, "
             "p_ref => array[$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13]::text[]) | ");
    comes_status(PGRES_PIPELINE_SYNC);
    comes_status(PGRES_COMMAND_OK);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "a=A b=B c=C d=D e=E f=F ");
}

static void
calls_that_can_be_looked_up_at_once_are_and_each_gets_its_row(void **state)
{
    struct pipeline *pipeline = begin();

    (void)state;
    prepare_look_up(pipeline);
    ask(pipeline, 2, "abcdefghijkl", true);
    was_sent("s2x12(c,a,b,c,d,e,f,g,h,i,j,k,l) | ");
    comes_rows("ABCDEFGHIJKL");
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "a=A b=B c=C d=D e=E f=F g=G h=H i=I j=J k=K l=L ");
    ask(pipeline, 2, "uvwxyz", true); /* fewer than it holds */
    was_sent("s2x12(c,u,v,w,x,y,z,-,-,-,-,-,-) | ");
    comes_rows("UVWXYZ------");
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "u=U v=V w=W x=X y=Y z=Z ");
    end(pipeline);
}

static void
few_of_them_stand_side_by_side(void **state)
{
    struct pipeline *pipeline = begin();

    (void)state;
    ask(pipeline, 2, "ab", true);
    was_sent("s2(c,a) s2(c,b) | P:s2x2=select api.h(p_caller => $1::uuid, p_ref => $2::text), "
             "api.h(p_caller => $1::uuid, p_ref => $3::text) | ");
    comes_row('A', 1);
    comes_row('B', 1);
    comes_status(PGRES_PIPELINE_SYNC);
    comes_status(PGRES_COMMAND_OK);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "a=A b=B ");
    ask(pipeline, 2, "xy", true);
    was_sent("s2x2(c,x,y) | ");
    comes_row('X', 2);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "x=X y=Y ");
    end(pipeline);
}

static void
what_is_not_found_or_has_no_row_is_asked_again_by_itself(void **state)
{
    static const struct {
        const char *rows, *told, *sent, *missing;
    } cases[] = {
        {"ABCDE-------", "a=A b=B c=C d=D e=E ", "s2(c,f) | ", "f"},
        {"-BCDEF------", "b=B c=C d=D e=E f=F ", "s2(c,a) | ", "a"},
        {"ABCD", "a=A b=B c=C d=D ", "s2(c,e) | s2(c,f) | ", "ef"},
        {"", "", "s2(c,a) | s2(c,b) | s2(c,c) | s2(c,d) | s2(c,e) | s2(c,f) | ", "abcdef"},
    };
    struct pipeline *pipeline = begin();

    (void)state;
    prepare_look_up(pipeline);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ask(pipeline, 2, "abcdef", true);
        was_sent("s2x12(c,a,b,c,d,e,f,-,-,-,-,-,-) | ");
        comes_rows(cases[i].rows);
        comes_status(PGRES_PIPELINE_SYNC);
        was_told(pipeline, cases[i].told);
        was_sent(cases[i].sent);
        assert_int_equal(pipeline_count(pipeline), strlen(cases[i].missing));
        for (const char *letter = cases[i].missing; *letter != '\0'; letter++) {
            comes_status(PGRES_FATAL_ERROR);
            comes_status(PGRES_PIPELINE_SYNC);
        }
        pipeline_read(pipeline);
        for (const char *letter = cases[i].missing; *letter != '\0'; letter++) {
            const char failed[] = {*letter, '=', '!', '\0'};

            assert_non_null(strstr(told, failed));
        }
        told[0] = '\0';
        result_count = result_next = 0;
    }
    end(pipeline);
}

/* Their transaction is committed: who was read in it is on record, and is not to be read once more. */
static void
others_of_the_group_are_not_asked_again_with_what_is_not_found(void **state)
{
    struct pipeline *pipeline = begin();

    (void)state;
    prepare_look_up(pipeline);
    /* While two groups are under way both statements gather. */
    ask(pipeline, 1, "x", false);
    ask(pipeline, 1, "y", false);
    ask(pipeline, 1, "z", true);
    ask(pipeline, 2, "abcdef", true);
    was_sent("s1(c,x) | s1(c,y) | ");
    for (const char *ref = "XY"; *ref != '\0'; ref++) {
        comes_row(*ref, 1);
        comes_status(PGRES_PIPELINE_SYNC);
    }
    was_told(pipeline, "x=X y=Y ");
    pipeline_turn(pipeline);
    was_sent("s1(c,z) s2x12(c,a,b,c,d,e,f,-,-,-,-,-,-) | ");
    comes_row('Z', 1);
    comes_rows("AB-DEF------");
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "z=Z a=A b=B d=D e=E f=F ");
    was_sent("s2(c,c) | ");
    comes_row('C', 1);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "c=C ");
    end(pipeline);
}

static void
a_statement_that_is_refused_is_not_asked_for_again(void **state)
{
    struct pipeline *pipeline = begin();

    (void)state;
    prepare_pair(pipeline, PGRES_FATAL_ERROR);
    ask(pipeline, 0, "xy", true);
    was_sent("s0(c,x) s0(c,y) | ");
    comes_row('X', 1);
    comes_row('Y', 1);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "x=X y=Y ");
    end(pipeline);
}

static void
after_a_timeout_each_goes_alone(void **state)
{
    struct pipeline *pipeline = begin();

    (void)state;
    prepare_pair(pipeline, PGRES_COMMAND_OK);
    ask(pipeline, 0, "xy", true);
    was_sent("s0x2(c,x,y) | ");
    sqlstate = "57014";
    comes_status(PGRES_FATAL_ERROR);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "");
    was_sent("s0(c,x) | s0(c,y) | ");
    comes_status(PGRES_FATAL_ERROR);
    comes_status(PGRES_PIPELINE_SYNC);
    comes_row('Y', 1);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "x=! y=Y ");
    ask(pipeline, 0, "pq", true);
    was_sent("s0(c,p) s0(c,q) | ");
    comes_row('P', 1);
    comes_row('Q', 1);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "p=P q=Q ");
    end(pipeline);
}

static void
after_another_error_they_go_together_again(void **state)
{
    struct pipeline *pipeline = begin();

    (void)state;
    prepare_pair(pipeline, PGRES_COMMAND_OK);
    ask(pipeline, 0, "xy", true);
    was_sent("s0x2(c,x,y) | ");
    sqlstate = "P0002";
    comes_status(PGRES_FATAL_ERROR);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "");
    was_sent("s0(c,x) | s0(c,y) | ");
    comes_row('X', 1);
    comes_status(PGRES_PIPELINE_SYNC);
    comes_status(PGRES_FATAL_ERROR);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "x=X y=! ");
    ask(pipeline, 0, "pq", true);
    was_sent("s0x2(c,p,q) | ");
    comes_row('P', 2);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "p=P q=Q ");
    end(pipeline);
}

static void
while_two_groups_are_under_way_the_next_gathers_and_what_shares_with_nobody_does_not_wait(void **state)
{
    struct pipeline *pipeline = begin();

    (void)state;
    ask(pipeline, 1, "a", true);
    ask(pipeline, 1, "b", true);
    ask(pipeline, 1, "c", true);
    ask(pipeline, 1, "d", true);
    was_sent("s1(c,a) | s1(c,b) | ");
    comes_row('A', 1);
    comes_status(PGRES_PIPELINE_SYNC);
    was_told(pipeline, "a=A ");
    pipeline_turn(pipeline);
    was_sent("s1(c,c) s1(c,d) | ");
    ask(pipeline, 1, "e", true);
    ask(pipeline, 1, "f", false);
    was_sent("s1(c,e) | s1(c,f) | ");
    for (char letter = 'B'; letter <= 'F'; letter++) {
        comes_row(letter, 1);
        if (letter != 'C')
            comes_status(PGRES_PIPELINE_SYNC);
    }
    was_told(pipeline, "b=B c=C d=D e=E f=F ");
    end(pipeline);
}

static int
queue_free(struct request_queue *queue)
{
    struct request *request;
    int count = queue->count;

    while ((request = request_queue_pop(queue)) != NULL)
        free(request);
    return count;
}

static void
what_cannot_be_sent_is_given_back_as_unsent(void **state)
{
    struct pipeline *pipeline = begin();
    struct request_queue lost, unsent;

    (void)state;
    request_queue_init(&lost);
    request_queue_init(&unsent);
    refuse_from = 2;
    ask(pipeline, 1, "abcd", true);
    was_sent("s1(c,a) s1(c,b) ");
    assert_true(pipeline_is_broken(pipeline));
    ask(pipeline, 1, "e", false);
    was_sent("");
    pipeline_leave(pipeline, &lost, &unsent);
    assert_string_equal(unsent.head->values[1], "c");
    assert_int_equal(queue_free(&lost), 2);
    assert_int_equal(queue_free(&unsent), 3);
    end(pipeline);
}

static void
of_a_long_group_the_time_of_the_most_that_share_one_is_waited_for(void **state)
{
    struct pipeline *pipeline = begin();
    struct request_queue lost, unsent;

    (void)state;
    request_queue_init(&lost);
    request_queue_init(&unsent);
    for (int i = 0; i < 3 * PIPELINE_GROUP_MAX; i++)
        assert_int_equal(pipeline_prepare(pipeline, 0), 0);
    pipeline_sync(pipeline);
    assert_int_equal(pipeline_oldest(pipeline), PIPELINE_GROUP_MAX);
    pipeline_leave(pipeline, &lost, &unsent);
    assert_int_equal(queue_free(&lost), 3 * PIPELINE_GROUP_MAX);
    assert_int_equal(pipeline_oldest(pipeline), 0);
    end(pipeline);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_is_prepared_before_its_first_call_and_by_itself),
        cmocka_unit_test(where_it_is_refused_its_call_fails_and_the_next_tries_again),
        cmocka_unit_test(calls_of_one_function_go_as_one_statement_once_it_is_prepared),
        cmocka_unit_test(calls_that_can_be_looked_up_at_once_are_and_each_gets_its_row),
        cmocka_unit_test(few_of_them_stand_side_by_side),
        cmocka_unit_test(what_is_not_found_or_has_no_row_is_asked_again_by_itself),
        cmocka_unit_test(others_of_the_group_are_not_asked_again_with_what_is_not_found),
        cmocka_unit_test(a_statement_that_is_refused_is_not_asked_for_again),
        cmocka_unit_test(after_a_timeout_each_goes_alone),
        cmocka_unit_test(after_another_error_they_go_together_again),
        cmocka_unit_test(while_two_groups_are_under_way_the_next_gathers_and_what_shares_with_nobody_does_not_wait),
        cmocka_unit_test(what_cannot_be_sent_is_given_back_as_unsent),
        cmocka_unit_test(of_a_long_group_the_time_of_the_most_that_share_one_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
