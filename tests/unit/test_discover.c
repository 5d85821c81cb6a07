/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "rows.h"
#include "rpc/discover.h"

/* The value at a path of names and numbers, as "methods/2/params/0/name". */
static json_t *
at(json_t *value, const char *path)
{
    char step[64];

    while (value != NULL && *path != '\0') {
        size_t length = strcspn(path, "/");

        snprintf(step, sizeof step, "%.*s", (int)length, path);
        value = json_is_array(value) ? json_array_get(value, (size_t)atoi(step))
                                     : json_object_get(value, step);
        path += length + (path[length] == '/');
    }
    return value;
}

static void
expect(json_t *document, const char *path, const char *json)
{
    char *found = json_dumps(at(document, path), JSON_COMPACT | JSON_ENCODE_ANY);

    assert_non_null(found);
    assert_string_equal(found, json);
    free(found);
}

static void
the_document_describes_each_row(void **state)
{
    char *text = discover_compose(row_tables, &row_limits, "1.2.3");
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    (void)state;
    assert_non_null(document);
    expect(document, "openrpc", "\"1.2.6\"");
    expect(document, "info/version", "\"1.2.3\"");
    expect(document, "methods/2/name", "\"badge.create\"");
    expect(document, "methods/2/tags", "[{\"name\":\"badge\"}]");
    expect(document, "methods/2/paramStructure", "\"either\"");
    expect(document, "methods/2/x-cost", "\"write\"");
    expect(document, "methods/2/x-roles", "[\"admin\"]");
    expect(document, "methods/2/x-writes", "true");
    expect(document, "methods/2/result/schema", "{\"$ref\":\"#/components/schemas/receipt\"}");
    expect(document, "methods/2/examples/0/params/1", "{\"name\":\"kind\",\"value\":\"visit\"}");
    /* The required ones come first. */
    expect(document, "methods/2/params/0/name", "\"name\"");
    expect(document, "methods/2/params/0/required", "true");
    expect(document, "methods/2/params/1/schema",
           "{\"type\":\"string\",\"enum\":[\"visit\",\"secondment\",\"joint-research\"],"
           "\"description\":\"What kind it is\"}");
    expect(
        document, "methods/2/params/2/schema",
        "{\"type\":\"string\",\"minLength\":1,\"maxLength\":8,\"description\":\"A short code\"}");
    expect(document, "methods/2/params/3/schema/x-unit", "\"hours\"");
    expect(document, "methods/2/params/11/schema/maxItems", "3");
    expect(document, "methods/2/params/11/schema/items/required", "[\"skill\"]");
    expect(document, "methods/4/params/1/schema/anyOf/1", "{\"type\":\"null\"}");
    expect(document, "methods/5/params/1/schema/maximum", "1000");
    expect(document, "methods/3/result/schema/properties/host/properties/name/title", "\"host\"");
    expect(document, "methods/5/result/schema/properties/items/items/properties/hours/type",
           "[\"integer\",\"null\"]");
    expect(document, "components/errors/not_found/code", "-32001");
    json_decref(document);
    free(text);
}

static void
an_example_that_is_no_object_is_refused(void **state)
{
    static const struct method broken[] = {{.name = "a.b", .example = "[1"}, {.name = NULL}};
    const struct method *const tables[] = {broken, NULL};

    (void)state;
    assert_null(discover_compose(tables, &row_limits, "1"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_describes_each_row),
        cmocka_unit_test(an_example_that_is_no_object_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
