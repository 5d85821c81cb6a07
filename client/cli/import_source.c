/* SPDX-License-Identifier: Apache-2.0 */
#include "import_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"

enum { PIECE = 1 << 16 };

struct buffer {
    char *bytes;
    size_t size, room;
};

struct source {
    FILE *file;
    enum language language;
    const json_t *columns;
    long long bytes;
    long line;
    char *text; /* getline's */
    size_t room;
    struct csv *csv; /* NULL: lines of JSON */
    json_t *names;   /* the head line of CSV */
    char piece[PIECE];
    size_t at, filled;
    bool ended;
    struct buffer json, raw, head;
};

static int
append(struct buffer *buffer, const char *bytes, size_t size)
{
    char *larger;
    size_t room = buffer->room == 0 ? 4096 : buffer->room;

    while (buffer->size + size + 1 > room)
        room *= 2;
    if (room != buffer->room) {
        larger = realloc(buffer->bytes, room);
        if (larger == NULL)
            return -1;
        buffer->bytes = larger;
        buffer->room = room;
    }
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    buffer->bytes[buffer->size] = '\0';
    return 0;
}

static bool
has_column(const json_t *columns, const char *name)
{
    size_t index;
    const json_t *column;

    json_array_foreach(columns, index, column)
        if (strcmp(json_string_value(column), name) == 0)
            return true;
    return false;
}

static void
bad(struct source_row *row, const char *reason)
{
    row->text = NULL;
    snprintf(row->reason, sizeof row->reason, "%s", reason);
}

/* JSON Lines --------------------------------------------------------------------------------------------------------- */

static void
check_object(const struct source *source, struct source_row *row)
{
    json_error_t where;
    json_t *object = json_loadb(row->text, row->size, JSON_REJECT_DUPLICATES, &where);
    char reason[SOURCE_REASON_SIZE];
    const char *name;
    json_t *value;

    if (object == NULL && json_error_code(&where) == json_error_invalid_utf8) {
        bad(row, language_pick(source->language, "the line is not UTF-8", "行が UTF-8 ではない"));
    } else if (object == NULL) {
        snprintf(reason, sizeof reason, language_pick(source->language, "the line is no JSON: column %d: %s", "行が JSON ではない: %d 桁: %s"),
                 where.column, where.text);
        bad(row, reason);
    } else if (!json_is_object(object)) {
        bad(row, language_pick(source->language, "the line is no JSON object", "行が JSON のオブジェクトではない"));
    } else {
        json_object_foreach(object, name, value)
            if (!has_column(source->columns, name)) {
                snprintf(reason, sizeof reason, language_pick(source->language, "%.60s: no such column", "%.60s: という列はない"), name);
                bad(row, reason);
                break;
            }
    }
    json_decref(object);
}

static int
next_line(struct source *source, struct source_row *row)
{
    ssize_t size;

    do {
        size = getline(&source->text, &source->room, source->file);
        if (size < 0)
            return ferror(source->file) ? -1 : 0;
        source->bytes += size;
        source->line++;
        *row = (struct source_row){.line = source->line, .text = source->text, .size = (size_t)size, .raw = source->text,
                                   .raw_size = (size_t)size};
        if (source->line == 1 && size >= 3 && memcmp(row->text, "\xef\xbb\xbf", 3) == 0) {
            row->text += 3;
            row->size -= 3;
        }
        while (row->size > 0 && strchr(" \t\r\n", row->text[row->size - 1]) != NULL && row->text[row->size - 1] != '\0')
            row->size--;
    } while (row->size == 0);
    if (memchr(row->text, '\0', row->size) != NULL)
        bad(row, language_pick(source->language, "the line holds a NUL", "行に NUL がある"));
    else if (row->size > SOURCE_ROW_MAX)
        bad(row, language_pick(source->language, "the row is longer than 384 KiB", "行が 384 KiB より長い"));
    else
        check_object(source, row);
    return 1;
}

/* CSV ---------------------------------------------------------------------------------------------------------------- */

static const char *
csv_reason(enum csv_error error, enum language language)
{
    switch (error) {
    case CSV_NOT_UTF8:
        return language_pick(language, "the text is not UTF-8", "UTF-8 ではない");
    case CSV_NUL:
        return language_pick(language, "the text holds a NUL", "NUL がある");
    case CSV_QUOTE_INSIDE:
        return language_pick(language, "there is a quote within a field that does not begin with one", "引用符で始まらない欄の中に引用符がある");
    case CSV_AFTER_QUOTE:
        return language_pick(language, "after a closing quote must come a comma or the line's end", "閉じる引用符の後はカンマか行末でなければならない");
    case CSV_QUOTE_OPEN:
        return language_pick(language, "the quote that is opened here is never closed", "ここで開いた引用符が閉じない");
    case CSV_LONE_CR:
        return language_pick(language, "there is a CR without its LF", "LF のない CR がある");
    case CSV_TOO_LONG:
        return language_pick(language, "the record is longer than 4 MiB", "レコードが 4 MiB より長い");
    default:
        return language_pick(language, "out of memory", "メモリ不足");
    }
}

/* The next record; its bytes are in raw. Returns 1, 0 at the end, or -1. */
static int
next_record(struct source *source, enum csv_status *status)
{
    size_t used;

    source->raw.size = 0;
    for (;;) {
        if (source->at == source->filled && !source->ended) {
            source->filled = fread(source->piece, 1, sizeof source->piece, source->file);
            source->at = 0;
            source->ended = source->filled == 0;
            if (ferror(source->file))
                return -1;
        }
        if (source->ended) {
            *status = csv_finish(source->csv);
            return *status == CSV_END ? 0 : 1;
        }
        *status = csv_feed(source->csv, source->piece + source->at, source->filled - source->at, &used);
        if (append(&source->raw, source->piece + source->at, used) != 0)
            return -1;
        source->at += used;
        source->bytes += (long long)used;
        if (*status != CSV_MORE)
            return 1;
    }
}

static int
append_string(struct buffer *out, const char *text, size_t size)
{
    char escape[8];
    size_t begun = 0;

    if (append(out, "\"", 1) != 0)
        return -1;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        if (c < 0x20)
            snprintf(escape, sizeof escape, "\\u%04x", c);
        else
            snprintf(escape, sizeof escape, "\\%c", c);
        if (append(out, text + begun, i - begun) != 0 || append(out, escape, strlen(escape)) != 0)
            return -1;
        begun = i + 1;
    }
    return append(out, text + begun, size - begun) != 0 || append(out, "\"", 1) != 0 ? -1 : 0;
}

/* The record as an object of texts. Returns 0, or -1 when out of memory. */
static int
write_object(struct source *source)
{
    size_t index, size;
    const json_t *name;
    int rc;

    source->json.size = 0;
    rc = append(&source->json, "{", 1);
    json_array_foreach(source->names, index, name) {
        const char *field = csv_field(source->csv, index, &size);

        if (rc == 0 && index > 0)
            rc = append(&source->json, ",", 1);
        if (rc == 0)
            rc = append_string(&source->json, json_string_value(name), json_string_length(name));
        if (rc == 0)
            rc = append(&source->json, ":", 1);
        if (rc == 0)
            rc = field != NULL ? append_string(&source->json, field, size) : append(&source->json, "null", 4);
    }
    return rc == 0 ? append(&source->json, "}", 1) : rc;
}

static int
next_csv(struct source *source, struct source_row *row)
{
    enum csv_status status;
    int rc = next_record(source, &status);

    *row = (struct source_row){.line = csv_line(source->csv), .raw = source->raw.bytes, .raw_size = source->raw.size};
    if (rc <= 0)
        return rc;
    if (status == CSV_BAD) {
        bad(row, csv_reason(csv_error(source->csv), source->language));
        row->fatal = true;
        return 1;
    }
    if (csv_count(source->csv) != json_array_size(source->names)) {
        snprintf(row->reason, sizeof row->reason,
                 language_pick(source->language, "the record has %zu fields, and the head line %zu", "欄が %zu 個あり、見出し行は %zu 個"),
                 csv_count(source->csv), json_array_size(source->names));
        return 1;
    }
    if (write_object(source) != 0)
        return -1;
    if (source->json.size > SOURCE_ROW_MAX) {
        bad(row, language_pick(source->language, "the row is longer than 384 KiB", "行が 384 KiB より長い"));
        return 1;
    }
    row->text = source->json.bytes;
    row->size = source->json.size;
    return 1;
}

/* Reads the head line. Returns 0, or -1 with *error set. */
static int
read_head(struct source *source, const char *path, char **error)
{
    enum csv_status status = CSV_END;
    int rc = next_record(source, &status);
    const char *reason = NULL;

    if (rc < 0)
        reason = strerror(errno);
    else if (rc == 0)
        reason = language_pick(source->language, "there is no head line", "見出し行がない");
    else if (status == CSV_BAD)
        reason = csv_reason(csv_error(source->csv), source->language);
    for (size_t i = 0; reason == NULL && i < csv_count(source->csv); i++) {
        size_t size;
        const char *field = csv_field(source->csv, i, &size);
        json_t *name = json_stringn(field != NULL ? field : "", size);

        if (name == NULL || !has_column(source->columns, json_string_value(name)) || has_column(source->names, json_string_value(name))) {
            if (asprintf(error, language_pick(source->language, "%s:1: field %zu, \"%.60s\", is no column of the table, or stands there twice",
                                              "%s:1: %zu 番目の欄 \"%.60s\" は表の列ではないか、重複している"),
                         path, i + 1, json_string_value(name)) < 0)
                *error = NULL;
            json_decref(name);
            return -1;
        }
        json_array_append_new(source->names, name);
    }
    if (reason == NULL)
        return append(&source->head, source->raw.bytes, source->raw.size);
    if (asprintf(error, "%s:%ld: %s", path, csv_line(source->csv), reason) < 0)
        *error = NULL;
    return -1;
}

struct source *
source_open(const char *path, bool csv, const json_t *columns, enum language language, char **error)
{
    struct source *source = calloc(1, sizeof *source);

    *error = NULL;
    if (source == NULL)
        return NULL;
    source->columns = columns;
    source->language = language;
    source->file = fopen(path, "re");
    if (source->file == NULL) {
        if (asprintf(error, "%s: %s", path, strerror(errno)) < 0)
            *error = NULL;
        goto fail;
    }
    if (csv) {
        source->csv = csv_new();
        source->names = json_array();
        if (source->csv == NULL || source->names == NULL || read_head(source, path, error) != 0)
            goto fail;
    }
    return source;
fail:
    source_close(source);
    return NULL;
}

int
source_next(struct source *source, struct source_row *row)
{
    return source->csv != NULL ? next_csv(source, row) : next_line(source, row);
}

const char *
source_head(const struct source *source, size_t *size)
{
    *size = source->head.size;
    return source->head.bytes;
}

long long
source_bytes(const struct source *source)
{
    return source->bytes;
}

void
source_close(struct source *source)
{
    if (source == NULL)
        return;
    if (source->file != NULL)
        fclose(source->file);
    csv_free(source->csv);
    json_decref(source->names);
    free(source->text);
    free(source->json.bytes);
    free(source->raw.bytes);
    free(source->head.bytes);
    free(source);
}
