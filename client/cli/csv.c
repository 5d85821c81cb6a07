/* SPDX-License-Identifier: Apache-2.0 */
#include "csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum state { FIELD_BEGIN, FIELD_PLAIN, FIELD_QUOTED, FIELD_QUOTE, FIELD_CR };

struct field {
    size_t at, size;
    bool present; /* not empty, or quoted */
};

struct csv {
    enum state state;
    enum csv_error error;
    char *text;
    size_t size, room;
    struct field *fields;
    size_t count, fields_room;
    size_t begin;            /* of the field under way, in text */
    bool quoted, complete, touched;
    long line, record_line;
    size_t at;               /* bytes seen, up to the mark's three */
    uint32_t character, least; /* the UTF-8 sequence under way */
    int pending;
};

struct csv *
csv_new(void)
{
    struct csv *csv = calloc(1, sizeof *csv);

    if (csv != NULL)
        csv->line = csv->record_line = 1;
    return csv;
}

void
csv_free(struct csv *csv)
{
    if (csv == NULL)
        return;
    free(csv->text);
    free(csv->fields);
    free(csv);
}

size_t
csv_count(const struct csv *csv)
{
    return csv->count;
}

const char *
csv_field(const struct csv *csv, size_t number, size_t *size)
{
    const struct field *field = &csv->fields[number];

    *size = field->size;
    return field->present ? csv->text + field->at : NULL;
}

long
csv_line(const struct csv *csv)
{
    return csv->error == CSV_FINE || csv->error == CSV_QUOTE_OPEN ? csv->record_line : csv->line;
}

enum csv_error
csv_error(const struct csv *csv)
{
    return csv->error;
}

static int
refuse(struct csv *csv, enum csv_error error)
{
    csv->error = error;
    return -1;
}

static int
add_byte(struct csv *csv, char c)
{
    char *larger;

    if (csv->size + 1 >= csv->room) {
        csv->room = csv->room == 0 ? 4096 : csv->room * 2;
        larger = realloc(csv->text, csv->room);
        if (larger == NULL)
            return refuse(csv, CSV_NO_MEMORY);
        csv->text = larger;
    }
    if (csv->size >= CSV_RECORD_MAX)
        return refuse(csv, CSV_TOO_LONG);
    csv->text[csv->size++] = c;
    csv->text[csv->size] = '\0';
    return 0;
}

static int
end_field(struct csv *csv)
{
    struct field *larger;

    if (csv->count == csv->fields_room) {
        csv->fields_room = csv->fields_room == 0 ? 32 : csv->fields_room * 2;
        larger = realloc(csv->fields, csv->fields_room * sizeof *larger);
        if (larger == NULL)
            return refuse(csv, CSV_NO_MEMORY);
        csv->fields = larger;
    }
    /* A text without letters is one nevertheless. */
    if (csv->text == NULL && add_byte(csv, '\0') != 0)
        return -1;
    if (csv->count == 0 && csv->begin == 0 && csv->size == 1 && csv->text[0] == '\0')
        csv->size = 0;
    csv->fields[csv->count++] =
        (struct field){csv->begin, csv->size - csv->begin, csv->quoted || csv->size > csv->begin};
    csv->begin = csv->size;
    csv->quoted = false;
    csv->state = FIELD_BEGIN;
    return 0;
}

static int
end_record(struct csv *csv)
{
    if (end_field(csv) != 0)
        return -1;
    csv->complete = true;
    return 0;
}

/* Follows UTF-8 (RFC 3629), which the structure of CSV does not depend on. */
static int
check_utf8(struct csv *csv, unsigned char c)
{
    if (c == 0)
        return refuse(csv, CSV_NUL);
    if (csv->pending > 0) {
        if ((c & 0xc0) != 0x80)
            return refuse(csv, CSV_NOT_UTF8);
        csv->character = csv->character << 6 | (c & 0x3f);
        if (--csv->pending == 0 && (csv->character < csv->least || csv->character > 0x10ffff ||
                                    (csv->character >= 0xd800 && csv->character <= 0xdfff)))
            return refuse(csv, CSV_NOT_UTF8);
    } else if (c >= 0x80) {
        csv->pending = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        csv->least = c >= 0xf0 ? 0x10000 : c >= 0xe0 ? 0x800 : 0x80;
        csv->character = c & (c >= 0xf0 ? 0x07 : c >= 0xe0 ? 0x0f : 0x1f);
        if (c < 0xc2 || c > 0xf4)
            return refuse(csv, CSV_NOT_UTF8);
    }
    return 0;
}

/* A comma or a line end, where a field may end. Returns 1 for one, 0 for another byte, -1 when out of memory. */
static int
separator(struct csv *csv, char c)
{
    if (c == ',')
        return end_field(csv) != 0 ? -1 : 1;
    if (c == '\n') {
        csv->line++;
        return end_record(csv) != 0 ? -1 : 1;
    }
    if (c == '\r') {
        csv->state = FIELD_CR;
        return 1;
    }
    return 0;
}

static int
take(struct csv *csv, char c)
{
    int ended;

    switch (csv->state) {
    case FIELD_CR:
        return c == '\n' ? (separator(csv, c) < 0 ? -1 : 0) : refuse(csv, CSV_LONE_CR);
    case FIELD_QUOTED:
        if (c == '\n')
            csv->line++;
        if (c != '"')
            return add_byte(csv, c);
        csv->state = FIELD_QUOTE;
        return 0;
    case FIELD_QUOTE:
        if (c == '"') {
            csv->state = FIELD_QUOTED;
            return add_byte(csv, c);
        }
        ended = separator(csv, c);
        return ended == 0 ? refuse(csv, CSV_AFTER_QUOTE) : ended < 0 ? -1 : 0;
    default:
        ended = separator(csv, c);
        if (ended != 0)
            return ended < 0 ? -1 : 0;
        if (c == '"') {
            if (csv->state == FIELD_PLAIN)
                return refuse(csv, CSV_QUOTE_INSIDE);
            csv->quoted = true;
            csv->state = FIELD_QUOTED;
            return 0;
        }
        csv->state = FIELD_PLAIN;
        return add_byte(csv, c);
    }
}

static void
begin_record(struct csv *csv)
{
    csv->complete = csv->touched = false;
    csv->size = csv->begin = csv->count = 0;
    csv->record_line = csv->line;
}

/* The byte order mark is no part of the first field. */
static void
drop_mark(struct csv *csv)
{
    if (csv->at == 3 && csv->size == 3 && memcmp(csv->text, "\xef\xbb\xbf", 3) == 0) {
        csv->size = 0;
        csv->state = FIELD_BEGIN;
        csv->touched = false;
    }
}

enum csv_status
csv_feed(struct csv *csv, const char *bytes, size_t size, size_t *used)
{
    *used = 0;
    if (csv->error != CSV_FINE)
        return CSV_BAD;
    if (csv->complete)
        begin_record(csv);
    while (*used < size) {
        char c = bytes[(*used)++];

        csv->touched = true;
        if (check_utf8(csv, (unsigned char)c) != 0 || take(csv, c) != 0)
            return CSV_BAD;
        if (csv->at < 3) {
            csv->at++;
            drop_mark(csv);
        }
        if (csv->complete)
            return CSV_RECORD;
    }
    return CSV_MORE;
}

enum csv_status
csv_finish(struct csv *csv)
{
    if (csv->error != CSV_FINE)
        return CSV_BAD;
    if (csv->complete)
        begin_record(csv);
    if (!csv->touched)
        return CSV_END;
    if (csv->pending > 0)
        refuse(csv, CSV_NOT_UTF8);
    else if (csv->state == FIELD_QUOTED)
        refuse(csv, CSV_QUOTE_OPEN);
    else if (csv->state == FIELD_CR)
        refuse(csv, CSV_LONE_CR);
    else if (end_record(csv) == 0)
        return CSV_RECORD;
    return CSV_BAD;
}
