/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rpc/suggest.h"
#include "rpc/syntax.h"

enum { TEXT_MAX = 4000, REFERENCE_MAX = 100, CURSOR_MAX = 2000 };

/* What a check needs to know besides the value. */
struct check {
    const struct param *param;
    const struct path *path;
    const struct limits *limits;
    struct fault *fault;
    double min, max;
};

struct type_row {
    enum param_type type;
    double min, max; /* the type's own bounds */
    bool (*fits)(const struct check *check, const json_t *value);
    const char *expected; /* NULL: describe says it with the row's bounds */
};

static const struct type_row *type_of(enum param_type type);

void
check_bounds(const struct param *param, const struct limits *limits, double *min, double *max)
{
    const struct type_row *row = type_of(param->type);

    *min = param->min;
    *max = param->max;
    if (*min == 0 && *max == 0)
        *min = row->min;
    if (*max < *min || (param->min == 0 && param->max == 0))
        *max = row->max;
    if (param->type == PARAM_LABEL && *min < 1)
        *min = 1; /* an empty text is a language that is not there */
    if (param->type == PARAM_LIMIT)
        *max = limits->page_size;
}

static void
write_path(const struct path *path, char *buffer, size_t size)
{
    char index[32];

    if (path == NULL)
        return;
    write_path(path->above, buffer, size);
    if (path->name == NULL) {
        snprintf(index, sizeof index, "[%zu]", path->index);
        fault_append(buffer, size, index);
        return;
    }
    if (path->above != NULL)
        fault_append(buffer, size, ".");
    fault_append(buffer, size, path->name);
}

/* Copies the first of the choices into one. Returns where the rest begins, or NULL where there is
 * none left. */
static const char *
next_choice(const char *choices, char one[FAULT_QUOTE_SIZE])
{
    size_t length = strcspn(choices, "|");

    if (*choices == '\0')
        return NULL;
    snprintf(one, FAULT_QUOTE_SIZE, "%.*s", (int)length, choices);
    return choices[length] == '|' ? choices + length + 1 : choices + length;
}

static void
describe_choices(const struct param *param, char *buffer, size_t size)
{
    char one[FAULT_QUOTE_SIZE];
    const char *separator = "one of ";

    for (const char *c = next_choice(param->choices, one); c != NULL; c = next_choice(c, one)) {
        fault_append(buffer, size, separator);
        fault_append(buffer, size, one);
        separator = ", ";
    }
}

static void
describe_object(const struct param *param, char *buffer, size_t size)
{
    const char *separator = "an object of ";

    for (const struct param *field = param->fields; field->type != PARAM_END; field++) {
        fault_append(buffer, size, separator);
        fault_append(buffer, size, field->name);
        separator = ", ";
    }
}

static void
describe_number(const struct param *param, double min, double max, char *buffer, size_t size)
{
    char text[128];

    snprintf(text, sizeof text, "a %s from %.16g to %.16g",
             param->type == PARAM_NUMBER ? "number" : "whole number", min, max);
    fault_append(buffer, size, text);
    if (param->unit != NULL) {
        fault_append(buffer, size, " ");
        fault_append(buffer, size, param->unit);
    }
}

static void
describe(const struct param *param, const struct limits *limits, char *buffer, size_t size)
{
    const struct type_row *row = type_of(param->type);
    double min, max;
    char text[160];

    check_bounds(param, limits, &min, &max);
    switch (param->type) {
    case PARAM_CHOICE:
        describe_choices(param, buffer, size);
        return;
    case PARAM_OBJECT:
        describe_object(param, buffer, size);
        return;
    case PARAM_INTEGER:
    case PARAM_NUMBER:
    case PARAM_LIMIT:
        describe_number(param, min, max, buffer, size);
        return;
    case PARAM_LABEL:
        snprintf(text, sizeof text,
                 "{\"en\": …, \"ja\": …} with at least one of them, each a text of %.0f to %.0f "
                 "characters",
                 min, max);
        break;
    case PARAM_TEXT:
        snprintf(text, sizeof text, "a text of %.0f to %.0f characters", min, max);
        break;
    default:
        snprintf(text, sizeof text, "%s", row->expected);
        break;
    }
    fault_append(buffer, size, text);
}

static void
describe_all(const struct param *param, const struct limits *limits, char *buffer, size_t size)
{
    buffer[0] = '\0';
    if (param->flags & PARAM_LIST) {
        char text[80];

        snprintf(text, sizeof text, "an array of up to %d items, each ", limits->list_items);
        fault_append(buffer, size, text);
    }
    describe(param, limits, buffer, size);
}

/* Fills the fault: where, and what was expected there. Returns false, for the caller to return. */
static bool
unfit(const struct check *check, const struct path *path, const char *expected)
{
    char where[FAULT_PARAMETER_SIZE] = "";
    char what[FAULT_EXPECTED_SIZE];

    write_path(path, where, sizeof where);
    snprintf(what, sizeof what, "%s", expected);
    fault_set(check->fault, ERROR_INVALID_PARAMS, "\"%s\" must be %s", where, what);
    snprintf(check->fault->parameter, sizeof check->fault->parameter, "%s", where);
    fault_expect(check->fault, "%s", what);
    return false;
}

static bool
unfit_here(const struct check *check)
{
    char expected[FAULT_EXPECTED_SIZE] = "";

    describe(check->param, check->limits, expected, sizeof expected);
    return unfit(check, check->path, expected);
}

static bool
within(const struct check *check, double figure)
{
    return figure >= check->min && figure <= check->max;
}

static bool
fits_text(const struct check *check, const json_t *value)
{
    return json_is_string(value) &&
           within(check, (double)syntax_characters(json_string_value(value)));
}

static bool
fits_number(const struct check *check, const json_t *value)
{
    return json_is_number(value) && isfinite(json_number_value(value)) &&
           within(check, json_number_value(value));
}

static bool
fits_integer(const struct check *check, const json_t *value)
{
    double number = json_number_value(value);

    return fits_number(check, value) && number == trunc(number) && fabs(number) <= CHECK_WHOLE_MAX;
}

static bool
fits_boolean(const struct check *check, const json_t *value)
{
    (void)check;
    return json_is_boolean(value);
}

static bool
fits_month(const struct check *check, const json_t *value)
{
    (void)check;
    return json_is_string(value) && syntax_month(json_string_value(value));
}

static bool
fits_date(const struct check *check, const json_t *value)
{
    (void)check;
    return json_is_string(value) && syntax_date(json_string_value(value));
}

static bool
fits_uuid(const struct check *check, const json_t *value)
{
    (void)check;
    return json_is_string(value) && syntax_uuid(json_string_value(value));
}

static bool
fits_lang(const struct check *check, const json_t *value)
{
    const char *text = json_string_value(value);

    (void)check;
    return text != NULL && (strcmp(text, "en") == 0 || strcmp(text, "ja") == 0);
}

static bool
fits_choice(const struct check *check, const json_t *value)
{
    const char *text = json_string_value(value);
    char one[FAULT_QUOTE_SIZE], close[FAULT_QUOTE_SIZE] = "";
    struct suggest suggest;

    if (text == NULL)
        return false;
    suggest_begin(&suggest, text);
    for (const char *c = next_choice(check->param->choices, one); c != NULL;
         c = next_choice(c, one)) {
        if (strcmp(one, text) == 0)
            return true;
        suggest.best = NULL;
        suggest_offer(&suggest, one);
        if (suggest.best != NULL)
            memcpy(close, one, sizeof close);
    }
    unfit_here(check);
    if (close[0] != '\0') {
        fault_append(check->fault->message, sizeof check->fault->message, "; did you mean \"");
        fault_append(check->fault->message, sizeof check->fault->message, close);
        fault_append(check->fault->message, sizeof check->fault->message, "\"?");
    }
    return false;
}

static bool
fits_label(const struct check *check, const json_t *value)
{
    static const char *const languages[] = {"en", "ja"};
    size_t known = 0, present = 0;

    if (!json_is_object(value))
        return false;
    for (size_t i = 0; i < 2; i++) {
        const json_t *text = json_object_get(value, languages[i]);
        struct path path = {check->path, languages[i], 0};

        known += text != NULL;
        if (text == NULL || json_is_null(text))
            continue;
        if (!fits_text(check, text)) {
            char expected[80];

            snprintf(expected, sizeof expected, "a text of %.0f to %.0f characters", check->min,
                     check->max);
            return unfit(check, &path, expected);
        }
        present++;
    }
    return present > 0 && known == json_object_size(value);
}

static bool
fits_object(const struct check *check, const json_t *value)
{
    const char *name;
    json_t *member;

    if (!json_is_object(value))
        return false;
    json_object_foreach((json_t *)value, name, member)
    {
        const struct param *field = check->param->fields;
        struct path path = {check->path, name, 0};

        while (field->type != PARAM_END && strcmp(field->name, name) != 0)
            field++;
        if (field->type == PARAM_END) {
            check_unknown(check->param->fields, &path, check->fault);
            return false;
        }
        if (!json_is_null(member) &&
            !check_value(field, member, &path, check->limits, check->fault))
            return false;
    }
    for (const struct param *field = check->param->fields; field->type != PARAM_END; field++) {
        const json_t *given = json_object_get(value, field->name);
        struct path path = {check->path, field->name, 0};

        if (field->flags & PARAM_REQUIRED && (given == NULL || json_is_null(given))) {
            check_missing(field, &path, check->limits, check->fault);
            return false;
        }
    }
    return true;
}

static const struct type_row types[] = {
    {PARAM_TEXT, 1, TEXT_MAX, fits_text, NULL},
    {PARAM_LABEL, 1, TEXT_MAX, fits_label, NULL},
    {PARAM_INTEGER, -CHECK_WHOLE_MAX, CHECK_WHOLE_MAX, fits_integer, NULL},
    {PARAM_NUMBER, -CHECK_WHOLE_MAX, CHECK_WHOLE_MAX, fits_number, NULL},
    {PARAM_BOOLEAN, 0, 0, fits_boolean, "true or false"},
    {PARAM_DATE, 0, 0, fits_date, "a date of the calendar as 2026-04-01, from 1900 to 2200"},
    {PARAM_MONTH, 0, 0, fits_month, "a month as 2026-04, from 1900 to 2200"},
    {PARAM_UUID, 0, 0, fits_uuid, "a UUID as 0190a5c4-7e1b-7c3d-8a2f-5b6c7d8e9f01"},
    {PARAM_REFERENCE, 1, REFERENCE_MAX, fits_text, "the UUID or the code of a record, as a text"},
    {PARAM_CHOICE, 0, 0, fits_choice, NULL},
    {PARAM_OBJECT, 0, 0, fits_object, NULL},
    {PARAM_LANG, 0, 0, fits_lang, "\"en\" or \"ja\""},
    {PARAM_LIMIT, 1, 0, fits_integer, NULL},
    {PARAM_CURSOR, 1, CURSOR_MAX, fits_text, "the cursor that \"next\" held on the page before"},
    {PARAM_SECRET, 0, CHECK_WHOLE_MAX, fits_text, "the secret as a text"},
    {PARAM_ONCE, 0, 0, fits_uuid, "a UUID as 0190a5c4-7e1b-7c3d-8a2f-5b6c7d8e9f01"},
};

static const struct type_row *
type_of(enum param_type type)
{
    size_t i = 0;

    while (types[i].type != type)
        i++;
    return &types[i];
}

static bool
check_one(struct check *check, const json_t *value)
{
    check->fault->code = 0;
    if (type_of(check->param->type)->fits(check, value))
        return true;
    /* What is nested deeper has said more exactly what is wrong. */
    return check->fault->code != 0 ? false : unfit_here(check);
}

bool
check_value(const struct param *param, const json_t *value, const struct path *path,
            const struct limits *limits, struct fault *fault)
{
    struct check check = {param, path, limits, fault, 0, 0};

    check_bounds(param, limits, &check.min, &check.max);
    if (!(param->flags & PARAM_LIST))
        return check_one(&check, value);
    if (!json_is_array(value) || json_array_size(value) > (size_t)limits->list_items) {
        char expected[FAULT_EXPECTED_SIZE];

        describe_all(param, limits, expected, sizeof expected);
        return unfit(&check, path, expected);
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct path item = {path, NULL, i};

        check.path = &item;
        if (!check_one(&check, json_array_get(value, i)))
            return false;
    }
    return true;
}

void
check_missing(const struct param *param, const struct path *path, const struct limits *limits,
              struct fault *fault)
{
    char where[FAULT_PARAMETER_SIZE] = "";
    char expected[FAULT_EXPECTED_SIZE];

    describe_all(param, limits, expected, sizeof expected);
    write_path(path, where, sizeof where);
    fault_set(fault, ERROR_INVALID_PARAMS, "\"%s\" is required: %s", where, expected);
    snprintf(fault->parameter, sizeof fault->parameter, "%s", where);
    fault_expect(fault, "%s", expected);
}

void
check_unknown(const struct param *table, const struct path *path, struct fault *fault)
{
    char where[FAULT_PARAMETER_SIZE] = "", quote[FAULT_QUOTE_SIZE];
    char names[FAULT_EXPECTED_SIZE] = "";
    struct path known = {path->above, path->name, 0};
    struct suggest suggest;

    suggest_begin(&suggest, path->name);
    for (const struct param *param = table; param != NULL && param->type != PARAM_END; param++) {
        suggest_offer(&suggest, param->name);
        fault_append(names, sizeof names, names[0] == '\0' ? "" : ", ");
        fault_append(names, sizeof names, param->name);
    }
    known.name = fault_quote(quote, path->name);
    write_path(&known, where, sizeof where);
    if (suggest.best != NULL)
        fault_set(fault, ERROR_INVALID_PARAMS, "There is no parameter \"%s\"; did you mean \"%s\"?",
                  where, suggest.best);
    else
        fault_set(fault, ERROR_INVALID_PARAMS, "There is no parameter \"%s\"", where);
    snprintf(fault->parameter, sizeof fault->parameter, "%s", where);
    if (names[0] == '\0')
        fault_expect(fault, "no parameters");
    else
        fault_expect(fault, "one of %s", names);
}
