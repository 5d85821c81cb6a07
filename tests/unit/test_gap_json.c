/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "model/gap_json.h"

static char reason[MODEL_REASON_BYTES];

/* Asks, with quotes written as ', and gives the answer, which the caller gives back; NULL when refused. */
static json_t *
ask(gap_json *model, const char *question, int expected)
{
    char *text = strdup(question), *answer = NULL;
    json_t *document = NULL;
    int rc;

    assert_non_null(text);
    for (char *at = text; *at != '\0'; at++)
        if (*at == '\'')
            *at = '"';
    rc = model(text, strlen(text), NULL, &answer, reason);
    if (rc != expected)
        fail_msg("answers %d, not %d: %s", rc, expected, reason);
    assert_int_equal(rc == MODEL_OK, answer != NULL);
    if (answer != NULL) {
        document = json_loads(answer, 0, NULL);
        assert_non_null(document);
    }
    free(answer);
    free(text);
    return document;
}

static void
refuse(gap_json *model, const char *question, const char *why)
{
    assert_null(ask(model, question, MODEL_BAD));
    if (strstr(reason, why) == NULL)
        fail_msg("'%s' lacks '%s'", reason, why);
}

static double
figure(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);

    assert_true(json_is_number(value));
    return json_number_value(value);
}

static const char *
text_of(json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));

    assert_non_null(value);
    return value;
}

static json_t *
item(json_t *object, const char *name, size_t place)
{
    json_t *value = json_array_get(json_object_get(object, name), place);

    assert_non_null(value);
    return value;
}

static void
staffing_answers_in_codes(void **unused)
{
    json_t *answer = ask(staffing_json,
                         "{'skills': ['weld', 'tritium'], 'groups': ['JP', 'US'],"
                         " 'roles': [{'code': 'welder', 'skills': [{'skill': 'weld', 'level': 2}]},"
                         "           {'code': 'handler', 'skills': [{'skill': 'weld', 'level': 2},"
                         "                                          {'skill': 'tritium', 'level': 1}]}],"
                         " 'people': [{'skills': [['weld', 3]], 'heads': 2, 'group': 'JP'},"
                         "            {'skills': [['weld', 2], ['tritium', 1]], 'fte': 0.5}],"
                         " 'positions': [{'code': 'a', 'role': 'welder', 'group': 'JP'},"
                         "               {'code': 'b', 'role': 'handler'}]}",
                         MODEL_OK);

    (void)unused;
    assert_true(figure(answer, "asked") == 2);
    assert_true(figure(answer, "filled") == 1.5);
    assert_true(figure(item(answer, "positions", 1), "filled") == 0.5);
    assert_true(figure(json_object_get(answer, "trainings"), "first_lift") == 1);
    assert_string_equal(text_of(item(answer, "without", 0), "skill"), "tritium");
    assert_true(figure(item(answer, "without", 0), "fte") == 0.5);
    json_decref(answer);
    refuse(staffing_json, "[]", "must be a JSON object");
    refuse(staffing_json, "{'skills': ['a', 'a']}", "skills[1].code: must not be there twice");
    refuse(staffing_json, "{'skills': ['a'], 'roles': [{'code': 'r', 'skills': [{'skill': 'b', 'level': 1}]}]}",
           "roles[0].skills[0].skill: must be one of the codes");
    refuse(staffing_json, "{'skills': ['a'], 'roles': [{'code': 'r'}]}", "a role must ask for at least one skill");
    refuse(staffing_json, "{'skills': ['a'], 'people': [{'fte': 1.5}]}", "people[0].fte");
    refuse(staffing_json, "{'skills': ['a'], 'people': 7}", "people: must be an array");
}

static void
fragile_answers_in_codes_and_says_null_for_the_unknown(void **unused)
{
    json_t *answer = ask(fragile_json, "{'skills': [{'code': 'a'}, {'code': 'b', 'holders': 2, 'near_retirement': 1,"
                                       " 'programs': 0, 'organizations': [2]}]}", MODEL_OK);

    (void)unused;
    assert_string_equal(text_of(item(answer, "skills", 0), "skill"), "b");
    assert_true(json_is_true(json_object_get(item(answer, "skills", 0), "single_organization")));
    assert_true(json_is_null(json_object_get(item(answer, "skills", 1), "score")));
    json_decref(answer);
    refuse(fragile_json, "{'skills': [{'code': 'a', 'holders': 'many'}]}", "skills[0].holders: must be a whole number");
}

static void
opportunity_answers_in_codes(void **unused)
{
    static const char question[] =
        "{'organizations': [{'code': 'nifs', 'country': 'JP'}, {'code': 'pppl', 'country': 'US'}], 'skills': ['a'],"
        " 'instruments': [{'code': 'stay', 'kind': 'secondment', 'months': 6, 'gain': 0.5}],"
        " 'cells': [{'organization': 'nifs', 'skill': 'a', 'gap': 1},"
        "           {'organization': 'pppl', 'skill': 'a', 'surplus': 3}],"
        " 'pairs': [{'giver': 'pppl', 'receiver': 'nifs', 'language': 0.5, 'agreement': true}]}";
    json_t *answer = ask(opportunity_json, question, MODEL_OK), *first = item(answer, "opportunities", 0);

    (void)unused;
    assert_int_equal(json_array_size(json_object_get(answer, "opportunities")), 1);
    assert_string_equal(text_of(first, "giver"), "pppl");
    assert_true(figure(first, "participants") == 2);
    assert_true(figure(first, "feasibility") == 0.5);
    assert_true(json_is_null(json_object_get(first, "per_cost")));
    json_decref(answer);
    refuse(opportunity_json, "{'instruments': [{'code': 'x', 'kind': 'holiday'}]}", "instruments[0].kind");
}

static void
plan_answers_in_codes_and_says_why_not(void **unused)
{
    static const char question[] =
        "{'years': 2, 'resources': [{'code': 'yen', 'kind': 'budget', 'limit': [10, 0], 'step': 5}],"
        " 'actions': [{'code': 'school', 'most': 3, 'uses': [{'resource': 'yen', 'amount': 5}],"
        "              'gains': [{'cell': 'tritium', 'amount': 2, 'lag': 1}]}],"
        " 'cells': [{'code': 'tritium', 'gap': [null, 7]}]}";
    json_t *answer = ask(plan_json, question, MODEL_OK);

    (void)unused;
    assert_true(figure(answer, "objective") == 3);
    assert_true(json_is_true(json_object_get(answer, "proven")));
    assert_string_equal(text_of(item(answer, "runs", 0), "action"), "school");
    assert_true(figure(item(answer, "runs", 0), "times") == 2);
    assert_true(figure(item(answer, "resources", 0), "one_more") == 2);
    assert_string_equal(text_of(item(answer, "cells", 0), "binds"), "unknown");
    assert_string_equal(text_of(item(answer, "cells", 1), "binds"), "resource");
    assert_string_equal(text_of(item(answer, "cells", 1), "resource"), "yen");
    json_decref(answer);
    assert_null(ask(plan_json,
                    "{'years': 1, 'resources': [{'code': 'yen', 'kind': 'budget', 'limit': 1}],"
                    " 'actions': [{'code': 'school', 'least': 1, 'uses': [{'resource': 'yen', 'amount': 5}]}],"
                    " 'cells': [{'code': 'tritium', 'gap': 7}]}",
                    MODEL_INFEASIBLE));
    assert_string_equal(reason, "infeasible because yen in year 0 allows 1 and what is committed takes 5");
    refuse(plan_json, "{'years': 500}", "years: must be 1 to 50");
    refuse(plan_json, "{'years': 1, 'resources': [{'code': 'yen', 'kind': 'budget', 'limit': -1}],"
                      " 'actions': ['a'], 'cells': ['c']}", "resources[0].limit[0]: must not be negative");
    refuse(plan_json, "{'years': 2, 'cells': [{'code': 'c', 'gap': [1]}]}", "cells[0].gap: must have one number");
}

static void
pathway_and_neighbors_answer_in_codes(void **unused)
{
    static const char question[] =
        "{'skills': ['a', 'b'], 'sources': ['x'], 'role': [{'skill': 'a', 'level': 3}, {'skill': 'b', 'level': 1}],"
        " 'mappings': [{'from': 'x', 'to': 'a', 'strength': 0.5}], 'held': [{'source': 'x', 'level': 4}],"
        " 'programs': [{'code': 'course', 'cost': 100, 'sessions': [[10, 20]],"
        "               'needs': [{'skill': 'a', 'level': 2}], 'teaches': [{'skill': 'a', 'level': 3}]},"
        "              {'code': 'talk', 'days': 1, 'teaches': [{'skill': 'b', 'level': 1}]}],"
        " 'from_day': 1, 'latest_day': 100}";
    json_t *answer = ask(pathway_json, question, MODEL_OK), *route = item(answer, "routes", 0);

    (void)unused;
    assert_string_equal(text_of(answer, "outcome"), "found");
    assert_true(figure(route, "cost") == 100);
    assert_true(figure(route, "end") == 20);
    assert_string_equal(text_of(item(route, "steps", 0), "program"), "talk");
    assert_string_equal(text_of(item(answer, "skills", 0), "source"), "x");
    json_decref(answer);
    refuse(pathway_json, "{'skills': ['a'], 'from_day': 1, 'latest_day': 2}", "a role must ask for at least one skill");
    refuse(pathway_json, "{'latest_day': 2}", "from_day: must be a whole number");

    answer = ask(neighbors_json,
                 "{'skills': ['a'], 'sources': ['x'], 'role': [{'skill': 'a', 'level': 2}],"
                 " 'mappings': [{'from': 'x', 'to': 'a', 'strength': 1}],"
                 " 'occupations': [{'code': 'clerk', 'profile': []}, {'code': 'welder', 'profile': [['x', 1]]}]}",
                 MODEL_OK);
    assert_string_equal(text_of(item(answer, "occupations", 0), "occupation"), "welder");
    assert_true(figure(item(answer, "occupations", 0), "coverage") == 0.5);
    json_decref(answer);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(staffing_answers_in_codes),
        cmocka_unit_test(fragile_answers_in_codes_and_says_null_for_the_unknown),
        cmocka_unit_test(opportunity_answers_in_codes),
        cmocka_unit_test(plan_answers_in_codes_and_says_why_not),
        cmocka_unit_test(pathway_and_neighbors_answer_in_codes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
