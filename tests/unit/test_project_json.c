/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "model/project_json.h"

static const char good[] =
    "{\"start_year\":2026,\"years\":3,\"draws\":500,\"seed\":7,\"shape\":\"pert\",\"demand_"
    "between\":\"linear\","
    "\"parameters\":[{\"code\":\"quit.JP\",\"low\":0.1,\"mode\":0.2,\"high\":0.5,\"about\":{"
    "\"source\":\"人材\"}},"
    "{\"code\":\"sure\",\"low\":0.5,\"mode\":0.5,\"high\":0.5},{\"code\":\"lag\",\"low\":0,"
    "\"mode\":1,\"high\":2}],"
    "\"regimes\":[{\"code\":\"JP\",\"quit\":[\"quit.JP\",\"quit.JP\",null,null,null],\"retire\":[{"
    "\"age\":60,\"parameter\":\"sure\"}]}],"
    "\"series\":[{\"code\":\"A/JP\",\"about\":{\"level\":[1]},\"regime\":\"JP\",\"fte\":0.5,"
    "\"stock\":[[1990,1,200],[null,2,4]],\"arrivals\":[{\"kind\":\"completion\",\"at\":0.5,"
    "\"level\":3,\"heads\":10,"
    "\"probability\":\"sure\",\"lag\":\"lag\"}],\"demand\":[[2026,1,10,10,10],[2029,1,100,100,130]]"
    "},"
    "{\"code\":\"B/JP\",\"regime\":\"JP\",\"supply_known\":false}]}";

struct text {
    char *bytes;
    size_t length;
    int left; /* pieces that are still taken */
};

static int
collect(const char *bytes, size_t length, void *data)
{
    struct text *text = data;

    if (text->left-- == 0)
        return -1;
    text->bytes = realloc(text->bytes, text->length + length + 1);
    assert_non_null(text->bytes);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
    return 0;
}

/* Reads, projects and writes. The caller frees the text. */
static struct text
answer(const char *input, const struct project_wish *wish)
{
    struct project_refusal refusal;
    struct project_json *json = project_json_read(input, strlen(input), &refusal);
    struct project *project;
    struct text text = {.left = -1};

    assert_non_null(json);
    project = project_open(project_json_input(json), NULL, &refusal);
    assert_non_null(project);
    assert_int_equal(project_work(project, NULL), MODEL_OK);
    project_finish(project);
    assert_int_equal(project_json_write(json, project, wish, collect, &text), 0);
    text.left = 0;
    assert_int_equal(project_json_write(json, project, wish, collect, &text), -1);
    project_close(project);
    project_json_free(json);
    return text;
}

static void
a_text_is_read_to_the_last_member(void **state)
{
    struct project_refusal refusal;
    struct project_json *json = project_json_read(good, strlen(good), &refusal);
    const struct project_input *input;

    (void)state;
    assert_non_null(json);
    input = project_json_input(json);
    assert_int_equal(input->start_year, 2026);
    assert_int_equal(input->horizon, 3);
    assert_int_equal(input->shape, PROJECT_PERT);
    assert_int_equal(input->seed, 7);
    assert_int_equal(input->parameters, 3);
    assert_true(input->parameter[0].range.high == 0.5 && input->parameter[0].factor == 1);
    assert_int_equal(input->regime[0].quit[1], 0);
    assert_int_equal(input->regime[0].quit[2], PROJECT_NONE);
    assert_int_equal(input->regime[0].move[0], PROJECT_NONE);
    assert_int_equal(input->regime[0].band[0].parameter, 1);
    assert_int_equal(input->regime[0].expiry_drop, 5);
    assert_int_equal(input->series[0].stock[1].cohort, 0);
    assert_int_equal(input->series[0].stock[1].heads, 4);
    assert_int_equal(input->series[0].arrival[0].lag, 2);
    assert_true(input->series[0].supply_known && !input->series[1].supply_known);
    /* Between stated years along a line, and only there. */
    assert_true(fabs(input->series[0].demand[5].mode - 40) < 1e-9);
    assert_true(fabs(input->series[0].demand[10].high - 90) < 1e-9);
    assert_true(isnan(input->series[0].demand[1].mode));
    assert_true(isnan(input->series[1].demand[0].mode));
    project_json_free(json);
}

static void
the_answer_is_json_and_the_same_each_time(void **state)
{
    struct project_wish wish = {0, 2};
    struct text first = answer(good, &wish), second = answer(good, &wish);
    json_t *root = json_loads(first.bytes, JSON_REJECT_DUPLICATES, NULL), *item;

    (void)state;
    assert_string_equal(first.bytes, second.bytes);
    assert_non_null(root);
    assert_int_equal(json_array_size(json_object_get(root, "items")), 2 * 5 * 4);
    item = json_array_get(json_object_get(root, "items"), 0);
    assert_string_equal(json_string_value(json_object_get(item, "code")), "A/JP");
    assert_string_equal(json_string_value(json_object_get(item, "state")), "known");
    assert_int_equal(json_integer_value(json_object_get(item, "year")), 2026);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(item, "gap"), "p90")), -92);
    assert_true(json_is_null(json_object_get(item, "growth")));
    item = json_array_get(json_object_get(root, "items"), 39);
    assert_string_equal(json_string_value(json_object_get(item, "state")), "no_supply_no_demand");
    assert_true(json_is_null(json_object_get(item, "gap")));
    assert_true(json_is_null(json_object_get(item, "supply")));
    assert_true(json_is_null(json_object_get(item, "replacement")));
    item = json_array_get(json_object_get(root, "influence"), 0);
    assert_true(json_is_string(json_object_get(item, "code")));
    assert_int_equal(json_array_size(json_object_get(root, "sensitivity")), 2);
    json_decref(root);
    free(first.bytes);
    free(second.bytes);
}

static void
a_wish_for_one_level_gets_one(void **state)
{
    struct project_wish wish = {2, 0};
    struct text text = answer(good, &wish);
    json_t *root = json_loads(text.bytes, 0, NULL);

    (void)state;
    assert_int_equal(json_array_size(json_object_get(root, "items")), 2 * 4);
    assert_int_equal(json_array_size(json_object_get(root, "sensitivity")), 0);
    json_decref(root);
    free(text.bytes);
}

/* good with the first `from` changed to `to`. */
static void
refused(const char *from, const char *to, const char *name, const char *path)
{
    const char *place = strstr(good, from);
    struct project_refusal refusal;
    struct project_json *json;
    char text[2 * sizeof(good)];

    assert_non_null(place);
    snprintf(text, sizeof(text), "%.*s%s%s", (int)(place - good), good, to, place + strlen(from));
    json = project_json_read(text, strlen(text), &refusal);
    if (json != NULL)
        fail_msg("%s was taken", to);
    assert_string_equal(refusal.name, name);
    assert_string_equal(refusal.path, path);
    assert_true(refusal.expected[0] != '\0');
}

static void
what_is_wrong_is_refused_by_its_path(void **state)
{
    (void)state;
    refused("{", "", "malformed", "");
    refused("{", "[1],{", "malformed", "");
    refused("\"seed\":7", "\"seed\":-7", "malformed", "seed");
    refused("\"seed\":7,", "", "malformed", "seed");
    refused("\"years\":3", "\"years\":0", "out_of_range", "years");
    refused("\"years\":3", "\"years\":500", "out_of_range", "years");
    refused("\"years\":3", "\"years\":2.5", "malformed", "years");
    refused("\"years\":3", "\"years\":3,\"colour\":1", "unknown", "colour");
    refused("\"draws\":500", "\"draws\":99999999999", "malformed", "draws");
    refused("\"pert\"", "\"normal\"", "unknown", "shape");
    refused("\"linear\"", "\"cubic\"", "unknown", "demand_between");
    refused("\"parameters\":[", "\"parameters\":7,\"regimes\":[", "malformed", "");
    refused("\"low\":0.1,", "", "malformed", "parameters[0].low");
    refused("\"low\":0.1", "\"low\":\"0.1\"", "malformed", "parameters[0].low");
    refused("\"sure\",\"low\"", "\"quit.JP\",\"low\"", "not_unique", "parameters[1].code");
    refused("\"quit\":[\"quit.JP\"", "\"quit\":[\"quit.US\"", "unknown", "regimes[0].quit");
    refused("\"quit.JP\",null,null,null]", "null]", "malformed", "regimes[0].quit");
    refused("\"age\":60,", "\"aged\":60,", "unknown", "regimes[0].retire[0].aged");
    refused("\"regime\":\"JP\",\"fte\"", "\"regime\":\"FR\",\"fte\"", "unknown",
            "series[0].regime");
    refused("\"fte\":0.5", "\"fte\":[]", "malformed", "series[0].fte");
    refused("[1990,1,200]", "[1990,1]", "malformed", "series[0].stock[0]");
    refused("[1990,1,200]", "[1990,1,2.5]", "malformed", "series[0].stock[0]");
    refused("\"kind\":\"completion\"", "\"kind\":\"arrival\"", "unknown",
            "series[0].arrivals[0].kind");
    refused("\"at\":0.5,", "", "malformed", "series[0].arrivals[0].at");
    refused("\"lag\":\"lag\"", "\"lag\":\"sessions\"", "unknown", "series[0].arrivals[0].lag");
    refused("[2029,1,100,100,130]", "[2030,1,100,100,130]", "out_of_range", "series[0].demand[1]");
    refused("[2029,1,100,100,130]", "[2029,6,100,100,130]", "out_of_range", "series[0].demand[1]");
    refused("[2029,1,100,100,130]", "[2026,1,100,100,130]", "not_unique", "series[0].demand[1]");
    refused("\"B/JP\"", "\"A/JP\"", "not_unique", "series[1].code");
    refused("\"supply_known\":false", "\"supply_known\":0", "malformed", "series[1].supply_known");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_read_to_the_last_member),
        cmocka_unit_test(the_answer_is_json_and_the_same_each_time),
        cmocka_unit_test(a_wish_for_one_level_gets_one),
        cmocka_unit_test(what_is_wrong_is_refused_by_its_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
