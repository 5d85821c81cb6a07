/* SPDX-License-Identifier: Apache-2.0 */
#include "export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "progress.h"

enum { PATH_SIZE = 4096 };

struct export {
    struct session *session;
    const char *directory, *stream;
    json_t *files; /* as the manifest has them */
    struct progress progress;
    long long rows; /* read so far */
};

void
export_help(FILE *stream, enum language language)
{
    fputs(language_pick(language,
        "Usage: jinzai export DIR [--csv]\n\n"
        "Writes the whole record, as it is at one moment, into the new directory DIR: one file of JSON Lines a table, or\n"
        "with --csv one of CSV (RFC 4180) where every value is a single one; and manifest.json with the version of the\n"
        "schema, and the rows and the SHA-256 of each file. The same record gives the same bytes. In CSV nothing between\n"
        "two commas is an empty value, and \"\" a text without letters.\n\n"
        "What goes along: all records with their identifiers, versions, times and histories; people, with the keys from\n"
        "which the noise of published figures is drawn; consents, disclosures, and who read what; principals; frozen\n"
        "releases of figures; the numbers that codes go on from.\n"
        "What does not: tokens (a copy of the record lets nobody in), idempotency keys, and the secrets of the database;\n"
        "what is derived from the record, which the import derives again; and the event log, whose chain of hashes\n"
        "proves what happened in one database: an import is recorded in the log of the other, row by row. A backup\n"
        "(jinzai backup) has the log and everything else.\n\n"
        "Only administrators export. For each person the record notes that it was read. The files hold personal data:\n"
        "they are made for your eyes alone, and where they go from there is for you to answer.\n",
        "使い方: jinzai export DIR [--csv]\n\n"
        "ある一時点の全記録を、新しいディレクトリ DIR に書き出す。表ごとに JSON Lines のファイル 1 つ、--csv では\n"
        "値がすべて単一の表を CSV (RFC 4180) にする。manifest.json にはスキーマの版と、各ファイルの行数および\n"
        "SHA-256 を記す。同じ記録からは同じバイト列ができる。CSV ではカンマの間に何もなければ空値、\"\" は空文字列。\n\n"
        "含むもの: すべての記録とその識別子・版・日時・履歴、人物（公表値の雑音の元になる鍵を含む）、同意・提供・\n"
        "閲覧の記録、主体、公表済みの確定値、コードの続き番号。\n"
        "含まないもの: トークン（記録の写しでは誰も入れない）、冪等キー、データベースの秘密。記録から導かれるもの\n"
        "（取り込みが再び導く）。イベントログ（ハッシュの鎖は 1 つのデータベースで起きたことの証明であり、取り込みは\n"
        "相手のログに 1 行ずつ記録される）。ログを含むすべてはバックアップ (jinzai backup) が持つ。\n\n"
        "書き出せるのは管理者だけで、各人の記録が読まれたことが残る。ファイルには個人データが含まれる。\n"), stream);
}

/* One call of a stream. It is never sent again by itself: a stream goes with its connection. */
static enum exit_code
call(struct export *export, const char *method, json_t *params, json_t **result)
{
    struct session *session = export->session;
    struct jinzai_error error;
    int64_t ticket = jinzai_send(session->conn, method, params, JINZAI_ONCE, EXPORT_TIMEOUT_MS, &error);
    int rc = ticket > 0 ? jinzai_receive(session->conn, ticket, result, &error) : -1;

    json_decref(params);
    if (rc == 0)
        return EXIT_OK;
    progress_clear(&export->progress);
    return failure_report(session->language, &error);
}

static enum exit_code
fail(struct export *export, const char *path)
{
    int why = errno;

    progress_clear(&export->progress);
    return failure_say(EXIT_OUTPUT, language_pick(export->session->language, "cannot write %s: %s", "%s に書けない: %s"), path,
                       strerror(why));
}

/* A new file for its owner alone. */
static FILE *
create(char path[PATH_SIZE], const char *directory, const char *name)
{
    int fd;
    FILE *file;

    snprintf(path, PATH_SIZE, "%s/%s", directory, name);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL && fd >= 0)
        close(fd);
    return file;
}

static int
finish(FILE *file)
{
    int rc = fflush(file) != 0 || fsync(fileno(file)) != 0 ? -1 : 0, why = errno;

    if (fclose(file) != 0 && rc == 0)
        return -1;
    errno = why;
    return rc;
}

static void
write_header(FILE *file, struct digest *digest, const json_t *columns)
{
    size_t index;
    const json_t *column;

    json_array_foreach(columns, index, column) {
        const char *text = json_string_value(column), *comma = index > 0 ? "," : "";

        fprintf(file, "%s%s", comma, text);
        digest_add(digest, comma, strlen(comma));
        digest_add(digest, text, strlen(text));
    }
    fputc('\n', file);
    digest_add(digest, "\n", 1);
}

/* Reads one file of the stream piece by piece; what is not read waits in the database. */
static enum exit_code
read_rows(struct export *export, const char *name, bool csv, FILE *file, struct digest *digest, json_int_t *rows)
{
    enum exit_code code = EXIT_OK;
    bool done = false;

    while (!done && code == EXIT_OK) {
        json_t *result = NULL, *text;

        code = call(export, "bulk.read", json_pack("{s:s,s:s,s:s}", "stream", export->stream, "file", name, "form", csv ? "csv" : "jsonl"),
                    &result);
        text = json_object_get(result, "text");
        if (code == EXIT_OK && !json_is_string(text))
            code = EXIT_INTERNAL;
        if (code == EXIT_OK) {
            fwrite(json_string_value(text), 1, json_string_length(text), file);
            digest_add(digest, json_string_value(text), json_string_length(text));
            *rows += json_integer_value(json_object_get(result, "rows"));
            done = json_is_true(json_object_get(result, "done"));
            progress_step(&export->progress, export->rows + *rows, name);
        }
        json_decref(result);
    }
    return code;
}

static enum exit_code
export_file(struct export *export, const json_t *described)
{
    const char *name = json_string_value(json_object_get(described, "name"));
    bool csv = export->session->form == FORM_CSV && json_is_true(json_object_get(described, "flat"));
    char path[PATH_SIZE], base[128], hex[DIGEST_HEX_SIZE];
    struct digest *digest = digest_new();
    enum exit_code code;
    json_int_t rows = 0;
    FILE *file;

    snprintf(base, sizeof base, "%s.%s", name, csv ? "csv" : "jsonl");
    file = create(path, export->directory, base);
    if (file == NULL || digest == NULL) {
        digest_finish(digest, hex);
        return fail(export, path);
    }
    if (csv)
        write_header(file, digest, json_object_get(described, "columns"));
    code = read_rows(export, name, csv, file, digest, &rows);
    digest_finish(digest, hex);
    if (finish(file) != 0 && code == EXIT_OK)
        code = fail(export, path);
    export->rows += rows;
    json_array_append_new(export->files, json_pack("{s:s,s:I,s:s}", "name", base, "rows", rows, "sha256", hex));
    return code;
}

/* Written last: a directory without it is no finished export. */
static enum exit_code
write_manifest(struct export *export, const json_t *schema_version)
{
    json_t *manifest = json_pack("{s:s,s:O,s:O}", "format", EXPORT_FORMAT, "schema_version", schema_version, "files", export->files);
    char path[PATH_SIZE];
    FILE *file = create(path, export->directory, EXPORT_MANIFEST);
    enum exit_code code = EXIT_OK;

    if (file == NULL) {
        code = fail(export, path);
    } else {
        json_dumpf(manifest, file, JSON_INDENT(2));
        fputc('\n', file);
        if (finish(file) != 0)
            code = fail(export, path);
    }
    json_decref(manifest);
    return code;
}

/* What an export that failed has made goes again, so that nobody takes it for one. */
static void
remove_files(const struct export *export)
{
    size_t index;
    const json_t *row;
    char path[PATH_SIZE];

    json_array_foreach(export->files, index, row) {
        snprintf(path, sizeof path, "%s/%s", export->directory, json_string_value(json_object_get(row, "name")));
        unlink(path);
    }
    rmdir(export->directory);
}

static enum exit_code
export_all(struct export *export, const json_t *begun)
{
    const json_t *files = json_object_get(begun, "files"), *row;
    enum exit_code code = EXIT_OK;
    long long total = 0;
    size_t index;

    export->stream = json_string_value(json_object_get(begun, "stream"));
    json_array_foreach(files, index, row)
        total += json_integer_value(json_object_get(row, "rows"));
    progress_begin(&export->progress, total);
    json_array_foreach(files, index, row) {
        code = export_file(export, row);
        if (code != EXIT_OK)
            return code;
    }
    code = write_manifest(export, json_object_get(begun, "schema_version"));
    if (code == EXIT_OK)
        code = call(export, "bulk.close", json_pack("{s:s}", "stream", export->stream), NULL);
    progress_clear(&export->progress);
    return code;
}

enum exit_code
export_run(struct session *session, int argc, char **argv)
{
    struct export export = {.session = session};
    enum exit_code code;
    json_t *begun = NULL;

    if (argc != 1 || strncmp(argv[0], "--", 2) == 0)
        return failure_say(EXIT_USAGE_ERROR, "%s", language_pick(session->language, "usage: jinzai export DIR [--csv]", "使い方: jinzai export DIR [--csv]"));
    export.directory = argv[0];
    code = session_connect(session);
    if (code != EXIT_OK)
        return code;
    code = call(&export, "bulk.export", NULL, &begun);
    if (code != EXIT_OK)
        return code;
    export.files = json_array();
    if (mkdir(export.directory, 0700) != 0) {
        code = fail(&export, export.directory);
    } else {
        code = export_all(&export, begun);
        if (code != EXIT_OK)
            remove_files(&export);
        else
            printf(language_pick(session->language, "%lld rows in %zu files\n", "%lld 行、%zu ファイル\n"), export.rows, json_array_size(export.files));
    }
    json_decref(export.files);
    json_decref(begun);
    return code;
}
