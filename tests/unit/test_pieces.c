/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/pieces.h"

/* One row that the database sends after the first; words NULL: nothing is left of the part. */
struct row {
    const char *part, *rank, *place, *words;
};

static const struct row whole[] = {
    {"1", "9.5", "10", "a"}, {"2", "9.5", "20", "b"}, {"1", "-3", "11", "c"}, {"1", NULL, "12", "d"}, {"2", NULL, "21", "e"},
    {.part = NULL},
};

static void
set(PGresult *result, int row, int column, const char *text)
{
    char copy[20];

    snprintf(copy, sizeof copy, "%s", text != NULL ? text : "");
    assert_true(PQsetvalue(result, row, column, copy, text != NULL ? (int)strlen(copy) : -1));
}

static struct pieces
read_rows(const char *is_whole, const char *rest, const struct row *rows, const struct pieces *before)
{
    static char name[] = "column";
    PGresAttDesc columns[PIECES_WORDS + 1];
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    struct pieces pieces;

    for (int i = 0; i <= PIECES_WORDS; i++)
        columns[i] = (PGresAttDesc){.name = name};
    assert_true(PQsetResultAttrs(result, PIECES_WORDS + 1, columns));
    set(result, 0, PIECES_STAMP, "stamp");
    set(result, 0, PIECES_WHOLE, is_whole);
    set(result, 0, PIECES_WORDS, rest);
    for (int i = 0; rows[i].part != NULL; i++) {
        set(result, i + 1, PIECES_PART, rows[i].part);
        set(result, i + 1, PIECES_RANK, rows[i].rank);
        set(result, i + 1, PIECES_PLACE, rows[i].place);
        set(result, i + 1, PIECES_WORDS, rows[i].words);
    }
    assert_int_equal(pieces_read(&pieces, result, before), 0);
    PQclear(result);
    return pieces;
}

/* What the whole becomes with these rows. */
static void
expect_mended(const char *rest, const struct row *rows, const char *expected)
{
    struct pieces before = read_rows("t", "]}", whole, NULL), after = read_rows("f", rest, rows, &before), again;

    assert_string_equal(before.text, "{\"items\" : [a, b, c, d, e]}");
    pieces_free(&before);
    assert_string_equal(after.text, expected);
    assert_int_equal(after.size, strlen(expected));
    again = read_rows("f", rest, (const struct row[]){{.part = NULL}}, &after);
    pieces_free(&after);
    assert_string_equal(again.text, expected);
    pieces_free(&again);
}

static void
the_whole_stands_in_the_order_in_which_it_comes(void **state)
{
    struct pieces pieces = read_rows("t", "], \"of\" : 1}", whole, NULL), none;

    (void)state;
    assert_string_equal(pieces.text, "{\"items\" : [a, b, c, d, e], \"of\" : 1}");
    assert_int_equal(pieces.count, 5);
    assert_memory_equal(pieces.rows[3].words, "d", 1);
    none = read_rows("t", "]}", (const struct row[]){{.part = NULL}}, &pieces);
    assert_string_equal(none.text, "{\"items\" : []}"); /* a whole has nothing from before */
    pieces_free(&none);
    pieces_free(&pieces);
}

static void
a_part_is_replaced_each_piece_where_it_belongs_by_now(void **state)
{
    (void)state;
    expect_mended("]}", (const struct row[]){{.part = "1"}, {"1", "10", "12", "D"}, {"1", "9.5", "11", "C"},
                                             {"1", NULL, "10", "A"}, {.part = NULL}}, "{\"items\" : [D, C, b, A, e]}");
    expect_mended("]}", (const struct row[]){{.part = "2"}, {"2", "9.5", "20", "B"}, {"2", "-3.5", "21", "E"}, {.part = NULL}},
                  "{\"items\" : [a, B, c, E, d]}");
}

static void
a_part_may_go_or_come_and_what_follows_the_pieces_is_said_anew(void **state)
{
    (void)state;
    expect_mended("], 2}", (const struct row[]){{.part = "2"}, {.part = NULL}}, "{\"items\" : [a, c, d], 2}");
    expect_mended("]}", (const struct row[]){{.part = "2"}, {.part = "1"}, {.part = NULL}}, "{\"items\" : []}");
    expect_mended("]}", (const struct row[]){{.part = "3"}, {"3", "0", "30", "new"}, {"3", NULL, "31", "last"}, {.part = NULL}},
                  "{\"items\" : [a, b, new, c, d, e, last]}");
    expect_mended("], 3}", (const struct row[]){{.part = NULL}}, "{\"items\" : [a, b, c, d, e], 3}");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_stands_in_the_order_in_which_it_comes),
        cmocka_unit_test(a_part_is_replaced_each_piece_where_it_belongs_by_now),
        cmocka_unit_test(a_part_may_go_or_come_and_what_follows_the_pieces_is_said_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
