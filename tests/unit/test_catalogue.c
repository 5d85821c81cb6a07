/* SPDX-License-Identifier: Apache-2.0
 *
 * The real catalogue keeps to what method.h says of its rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "methods/catalogue.h"
#include "rpc/directory.h"
#include "rpc/params.h"

static const struct limits limits = {.page_size = 1000, .list_items = 1000};

static int wrong;

#define EXPECT(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error(__VA_ARGS__);                                                              \
            print_error(" fails %s\n", #condition);                                                \
            wrong++;                                                                               \
        }                                                                                          \
    } while (0)

static bool
is_sentence(const char *text)
{
    return text != NULL && text[0] != '\0' && text[strlen(text) - 1] != '.';
}

static bool
is_name(const char *text)
{
    return text[0] >= 'a' && text[0] <= 'z' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

static void
check_param(const char *where, const struct param *table, const struct param *param)
{
    for (const struct param *other = table; other != param; other++)
        EXPECT(strcmp(other->name, param->name) != 0, "%s %s", where, param->name);
    EXPECT(is_name(param->name), "%s %s", where, param->name);
    EXPECT(is_sentence(param->help), "%s %s", where, param->name);
    EXPECT(param->min <= param->max, "%s %s", where, param->name);
    EXPECT((param->type == PARAM_CHOICE) == (param->choices != NULL), "%s %s", where, param->name);
    EXPECT((param->type == PARAM_OBJECT) == (param->fields != NULL), "%s %s", where, param->name);
    EXPECT(!(param->flags & PARAM_REQUIRED && param->flags & PARAM_CLEARABLE), "%s %s", where,
           param->name);
    for (const struct param *field = param->fields; field != NULL && field->type != PARAM_END;
         field++)
        check_param(param->name, param->fields, field);
}

static void
parameters_are_described_in_full(void **state)
{
    const struct method *method;

    (void)state;
    wrong = 0;
    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        EXPECT(is_sentence(method->summary), "%s", method->name);
        EXPECT(is_sentence(method->summary_ja), "%s", method->name);
        EXPECT(method->roles != 0, "%s", method->name);
        EXPECT(strchr(method->name, '.') != NULL, "%s", method->name);
        EXPECT(method->writes == (method->cost == COST_WRITE), "%s", method->name);
        for (const struct param *param = method->params; param != NULL && param->type != PARAM_END;
             param++)
            check_param(method->name, method->params, param);
    }
    assert_int_equal(wrong, 0);
}

static bool
is_type(const char *type)
{
    static const char *const types[] = {"string",  "integer", "number",
                                        "boolean", "array",   "object"};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], type) == 0)
            return true;
    return false;
}

static void
columns_have_headings_in_both_languages(void **state)
{
    const struct method *method;

    (void)state;
    wrong = 0;
    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        EXPECT((method->shape == RESULT_RECEIPT) == (method->columns == NULL), "%s", method->name);
        for (const struct column *column = method->columns; column != NULL && column->path != NULL;
             column++) {
            EXPECT(is_type(column->type), "%s %s", method->name, column->path);
            EXPECT(is_sentence(column->en), "%s %s", method->name, column->path);
            EXPECT(is_sentence(column->ja), "%s %s", method->name, column->path);
            EXPECT(is_sentence(column->help), "%s %s", method->name, column->path);
        }
    }
    assert_int_equal(wrong, 0);
}

static void
every_example_passes_its_own_check(void **state)
{
    static const unsigned char secret[32];
    const struct params_rules rules = {&limits, secret, sizeof secret};
    const struct method *method;

    (void)state;
    wrong = 0;
    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        const char *text = method->example != NULL ? method->example : "{}";
        json_t *example = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
        struct params params = {NULL, 0};
        struct fault fault;
        int rc = params_read(&params, &rules, method, example, &fault);

        EXPECT(json_is_object(example), "%s", method->name);
        EXPECT(rc == 0, "%s: %s", method->name, fault.message);
        params_free(&params);
        json_decref(example);
    }
    assert_int_equal(wrong, 0);
}

static void
a_method_is_found_by_name_and_by_number(void **state)
{
    struct directory directory;
    const struct method *method;
    size_t number;

    (void)state;
    assert_int_equal(directory_open(&directory, catalogue_tables), 0);
    assert_int_equal(directory.count, catalogue_size());
    for (size_t i = 0; (method = catalogue_at(i)) != NULL; i++) {
        assert_ptr_equal(catalogue_find(method->name, &number), method);
        assert_int_equal(number, i);
        assert_ptr_equal(directory_find(&directory, method->name)->method, method);
    }
    assert_null(catalogue_find("no.such", NULL));
    assert_null(catalogue_at(catalogue_size()));
    directory_close(&directory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_described_in_full),
        cmocka_unit_test(columns_have_headings_in_both_languages),
        cmocka_unit_test(every_example_passes_its_own_check),
        cmocka_unit_test(a_method_is_found_by_name_and_by_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
