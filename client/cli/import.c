/* SPDX-License-Identifier: Apache-2.0 */
#include "import.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "export.h"
#include "import_source.h"
#include "output.h"
#include "progress.h"

enum {
    PATH_SIZE = 4096,
    CHUNK_BYTES = 256 << 10, /* of lines in one call; quoted in JSON they stay below the daemon's request_bytes */
    SENT_MAX = 2,            /* calls under way: one is carried out while the next is made */
    REJECTS_SHOWN = 1000,    /* after so many bad rows of a file an import that is to fail anyway looks no further */
    REJECTS_KEPT = 100000,
};

struct piece {
    char *path, *name; /* the file, and the table without a suffix */
    bool csv;
    long long bytes;
};

struct import {
    struct session *session;
    bool dry_run, keep_going, changed;
    const char *rejects; /* where rejected rows go */
    char *rejects_default;
    struct piece *pieces;
    size_t count;
    bool whole; /* a manifest names all of the files */
    json_int_t schema_version;
    const char *stream; /* of begun */
    json_t *begun;      /* what the stream under way was answered */
    struct progress progress;
    long long bytes;           /* of the files that are done */
    char *chunk;
    size_t chunk_size, chunk_room;
    int64_t sent[SENT_MAX];
    int flying;
    long *bad; /* lines of the file under way */
    size_t bad_count, bad_room;
    json_t *tally;
    long long rejected;
};

void
import_help(FILE *stream, enum language language)
{
    fputs(language_pick(language,
        "Usage: jinzai import DIR|FILE… [--dry-run] [--keep-going] [--rejects DIR] [--changed]\n\n"
        "Takes in what jinzai export wrote, or files in the same form: TABLE.jsonl or TABLE.csv. Rows that leave out\n"
        "identifier, version or times get them; an identifier then follows from the row, so that it does not come twice.\n\n"
        "A whole export, with its manifest, goes into a new database: what that came with, which is reference data\n"
        "and the principals of the same names, makes room for the imported, so that all keeps its identifiers. In a\n"
        "database that is in use, rows are added: one that is there already with the same values is counted as that, one\n"
        "with other values is a bad row. Nothing is ever changed.\n\n"
        "All or nothing: with a single bad row nothing is kept, and each bad row is named with file, line, parameter and\n"
        "what was expected. Killed in the middle, be it this command, the daemon or the database, it leaves nothing.\n"
        "Supply follows from the same triggers as for any other change, and each row is an event in the log.\n\n"
        "  --dry-run      do all of it and keep nothing\n"
        "  --keep-going   keep the good rows, file by file, and write the bad ones to files of their own; killed in the middle,\n"
        "                 the files before it are kept: running it again goes on, and adds none twice\n"
        "  --rejects DIR  where those files go; DIR.rejects if absent\n"
        "  --changed      take files that differ from what the manifest says of them\n\n"
        "CSV is RFC 4180 in UTF-8. A byte order mark, CRLF, and a missing last line end do no harm; another encoding,\n"
        "a record with more or fewer fields than the head line, and quotes out of place are named by line.\n",
        "使い方: jinzai import DIR|ファイル… [--dry-run] [--keep-going] [--rejects DIR] [--changed]\n\n"
        "jinzai export の出力、または同じ形の 表.jsonl・表.csv を取り込む。識別子・版・日時のない行には与える。\n"
        "識別子は行から決まるので、2 度取り込んでも重ならない。\n\n"
        "マニフェストのある完全な書き出しは新しいデータベースに入る。初めからある参照データと同名の主体は、識別子を\n"
        "保つため取り込むものに場所を譲る。使用中のデータベースには行を追加する。同じ値で既にある行は既存と数え、\n"
        "値が異なれば不正な行とする。何も変更しない。\n\n"
        "全部か無か: 不正な行が 1 つでもあれば何も残さず、ファイル・行・パラメータ・期待した値を示す。途中で命令・\n"
        "デーモン・データベースが止まっても何も残らない。供給は通常の変更と同じトリガから導かれ、各行がログの\n"
        "イベントになる。\n\n"
        "  --dry-run      すべて行い、何も残さない\n"
        "  --keep-going   正しい行をファイルごとに残し、不正な行を別のファイルに書く。途中で止まっても、済んだファイルは残る。\n"
        "                 再実行すると続きから進み、重複しない\n"
        "  --rejects DIR  そのファイルの置き場。省略時は DIR.rejects\n"
        "  --changed      マニフェストと異なるファイルも受け入れる\n\n"
        "CSV は UTF-8 の RFC 4180。BOM・CRLF・最後の改行の欠落は害がない。他の文字コード、見出し行と欄の数が違う\n"
        "レコード、場違いな引用符は行番号で示す。\n"), stream);
}

static enum exit_code
fail_at(struct import *import, enum exit_code code, const char *path, const char *reason)
{
    progress_clear(&import->progress);
    return failure_say(code, "%s: %s", path, reason);
}

/* Files ---------------------------------------------------------------------------------------------------------------- */

static int
add_piece(struct import *import, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path, *dot = strrchr(base, '.');
    struct piece *larger = realloc(import->pieces, (import->count + 1) * sizeof *larger), *piece;
    struct stat status;

    if (larger == NULL || stat(path, &status) != 0)
        return -1;
    import->pieces = larger;
    piece = &larger[import->count];
    *piece = (struct piece){.path = strdup(path), .name = strndup(base, dot != NULL ? (size_t)(dot - base) : strlen(base)),
                            .csv = dot != NULL && strcmp(dot, ".csv") == 0, .bytes = status.st_size};
    import->count++;
    return piece->path != NULL && piece->name != NULL ? 0 : -1;
}

static bool
has_suffix(const char *name, const char *suffix)
{
    size_t size = strlen(name), tail = strlen(suffix);

    return size > tail && strcmp(name + size - tail, suffix) == 0;
}

/* Compares the directory's files with its manifest. */
static enum exit_code
check_manifest(struct import *import, const char *directory, const json_t *manifest)
{
    enum language language = import->session->language;
    size_t index;
    const json_t *row;

    if (strcmp(json_string_value(json_object_get(manifest, "format")) != NULL ? json_string_value(json_object_get(manifest, "format")) : "",
               EXPORT_FORMAT) != 0)
        return fail_at(import, EXIT_DATA, directory, language_pick(language, "its manifest is not one of " EXPORT_FORMAT, "マニフェストが " EXPORT_FORMAT " のものではない"));
    import->whole = true;
    import->schema_version = json_integer_value(json_object_get(manifest, "schema_version"));
    json_array_foreach(json_object_get(manifest, "files"), index, row) {
        const char *name = json_string_value(json_object_get(row, "name")), *sum = json_string_value(json_object_get(row, "sha256"));
        char path[PATH_SIZE], hex[DIGEST_HEX_SIZE];
        long long bytes;

        if (name == NULL || sum == NULL || strchr(name, '/') != NULL)
            return fail_at(import, EXIT_DATA, directory, language_pick(language, "its manifest cannot be understood", "マニフェストが読めない"));
        snprintf(path, sizeof path, "%s/%s", directory, name);
        if (digest_file(path, hex, &bytes) != 0)
            return fail_at(import, EXIT_INPUT, path, strerror(errno));
        if (strcmp(hex, sum) != 0 && !import->changed)
            return fail_at(import, EXIT_DATA, path, language_pick(language, "is not what the manifest says; with --changed it is taken as it is",
                                                                  "マニフェストと異なる。--changed を付ければそのまま受け入れる"));
    }
    return EXIT_OK;
}

static enum exit_code
add_directory(struct import *import, const char *directory)
{
    struct dirent **entries = NULL;
    int count = scandir(directory, &entries, NULL, alphasort);
    enum exit_code code = EXIT_OK;
    char path[PATH_SIZE];
    json_t *manifest;

    if (count < 0)
        return fail_at(import, EXIT_INPUT, directory, strerror(errno));
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
        if (code == EXIT_OK && (has_suffix(entries[i]->d_name, ".jsonl") || has_suffix(entries[i]->d_name, ".csv")) && add_piece(import, path) != 0)
            code = fail_at(import, EXIT_INPUT, path, strerror(errno));
        free(entries[i]);
    }
    free(entries);
    snprintf(path, sizeof path, "%s/" EXPORT_MANIFEST, directory);
    if (code != EXIT_OK || access(path, F_OK) != 0)
        return code;
    manifest = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    code = check_manifest(import, directory, manifest);
    json_decref(manifest);
    return code;
}

static enum exit_code
add_path(struct import *import, const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return fail_at(import, EXIT_INPUT, path, strerror(errno));
    if (import->rejects_default == NULL) {
        size_t size = strlen(path);

        while (size > 1 && path[size - 1] == '/')
            size--;
        if (asprintf(&import->rejects_default, "%.*s.rejects", (int)size, path) < 0)
            import->rejects_default = NULL;
    }
    if (S_ISDIR(status.st_mode))
        return add_directory(import, path);
    return add_piece(import, path) == 0 ? EXIT_OK : fail_at(import, EXIT_INPUT, path, strerror(errno));
}

static enum exit_code
read_words(struct import *import, int argc, char **argv)
{
    enum exit_code code = EXIT_OK;

    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--dry-run") == 0)
            import->dry_run = true;
        else if (strcmp(argv[i], "--keep-going") == 0)
            import->keep_going = true;
        else if (strcmp(argv[i], "--changed") == 0)
            import->changed = true;
        else if (strcmp(argv[i], "--rejects") == 0 && i + 1 < argc)
            import->rejects = argv[++i];
        else if (strncmp(argv[i], "--", 2) == 0)
            return failure_say(EXIT_USAGE_ERROR, language_pick(import->session->language, "unknown option %s; see jinzai import --help",
                                                               "%s という指定はない。jinzai import --help を参照"), argv[i]);
    }
    for (int i = 0; i < argc && code == EXIT_OK; i++) {
        if (strcmp(argv[i], "--rejects") == 0)
            i++;
        else if (strncmp(argv[i], "--", 2) != 0)
            code = add_path(import, argv[i]);
    }
    if (code == EXIT_OK && import->count == 0)
        return failure_say(EXIT_USAGE_ERROR, "%s", language_pick(import->session->language, "nothing to import; see jinzai import --help",
                                                                 "取り込むファイルがない。jinzai import --help を参照"));
    if (import->rejects == NULL)
        import->rejects = import->rejects_default;
    return code;
}

/* Calls ---------------------------------------------------------------------------------------------------------------- */

static enum exit_code
report(struct import *import, const struct jinzai_error *error)
{
    progress_clear(&import->progress);
    return failure_report(import->session->language, error);
}

static enum exit_code
take_one(struct import *import)
{
    struct jinzai_error error;
    int rc = jinzai_receive(import->session->conn, import->sent[0], NULL, &error);

    import->flying--;
    memmove(import->sent, import->sent + 1, (size_t)import->flying * sizeof *import->sent);
    return rc == 0 ? EXIT_OK : report(import, &error);
}

static enum exit_code
take_all(struct import *import)
{
    enum exit_code code = EXIT_OK, one;

    while (import->flying > 0) {
        one = take_one(import);
        if (code == EXIT_OK)
            code = one;
        if (one != EXIT_OK)
            break; /* the stream has ended, and what follows says so */
    }
    return code;
}

/* A stream goes with its connection, so that no call of one is sent again by itself. */
static enum exit_code
call(struct import *import, const char *method, json_t *params, json_t **result)
{
    struct jinzai_error error;
    enum exit_code code = take_all(import);
    int64_t ticket = code == EXIT_OK ? jinzai_send(import->session->conn, method, params, JINZAI_ONCE, EXPORT_TIMEOUT_MS, &error) : 0;
    int rc = ticket > 0 ? jinzai_receive(import->session->conn, ticket, result, &error) : -1;

    json_decref(params);
    if (code != EXIT_OK || rc == 0)
        return code;
    return report(import, &error);
}

static enum exit_code
send_chunk(struct import *import)
{
    struct jinzai_error error;
    enum exit_code code = EXIT_OK;
    json_t *params;
    int64_t ticket;

    if (import->chunk_size == 0)
        return EXIT_OK;
    if (import->flying == SENT_MAX)
        code = take_one(import);
    if (code != EXIT_OK)
        return code;
    params = json_pack("{s:s,s:s%}", "stream", import->stream, "text", import->chunk, import->chunk_size);
    import->chunk_size = 0;
    ticket = jinzai_send(import->session->conn, "bulk.write", params, JINZAI_ONCE, EXPORT_TIMEOUT_MS, &error);
    json_decref(params);
    if (ticket <= 0)
        return report(import, &error);
    import->sent[import->flying++] = ticket;
    return EXIT_OK;
}

static enum exit_code
add_row(struct import *import, const struct source_row *row)
{
    char number[32];
    size_t head = (size_t)snprintf(number, sizeof number, "%ld\t", row->line), needed = head + row->size + 1;
    enum exit_code code = EXIT_OK;

    if (import->chunk_size + needed > CHUNK_BYTES)
        code = send_chunk(import);
    if (code == EXIT_OK && import->chunk_size + needed > import->chunk_room) {
        size_t room = needed > CHUNK_BYTES ? needed : CHUNK_BYTES;
        char *larger = realloc(import->chunk, room);

        if (larger == NULL)
            return failure_say(EXIT_INTERNAL, "%s", language_pick(import->session->language, "out of memory", "メモリ不足"));
        import->chunk = larger;
        import->chunk_room = room;
    }
    if (code != EXIT_OK)
        return code;
    memcpy(import->chunk + import->chunk_size, number, head);
    memcpy(import->chunk + import->chunk_size + head, row->text, row->size);
    import->chunk[import->chunk_size + needed - 1] = '\n';
    import->chunk_size += needed;
    return EXIT_OK;
}

/* Bad rows ------------------------------------------------------------------------------------------------------------- */

static void
reject(struct import *import, const struct piece *piece, long line, const char *reason)
{
    progress_clear(&import->progress);
    fprintf(stderr, "%s:%ld: %s\n", piece->path, line, reason);
    import->rejected++;
    if (import->bad_count == import->bad_room) {
        size_t room = import->bad_room == 0 ? 256 : import->bad_room * 2;
        long *larger = realloc(import->bad, room * sizeof *larger);

        if (larger == NULL)
            return;
        import->bad = larger;
        import->bad_room = room;
    }
    import->bad[import->bad_count++] = line;
}

static void
reject_answered(struct import *import, const struct piece *piece, const json_t *row)
{
    const char *parameter = json_string_value(json_object_get(row, "parameter")), *expected = json_string_value(json_object_get(row, "expected")),
               *said = json_string_value(json_object_get(row, "reason"));
    char reason[1024];

    snprintf(reason, sizeof reason, "%s%s%s%s%s", parameter != NULL ? parameter : "", parameter != NULL ? ": " : "", said != NULL ? said : "",
             expected != NULL ? language_pick(import->session->language, "; expected: ", "。期待: ") : "", expected != NULL ? expected : "");
    reject(import, piece, (long)json_integer_value(json_object_get(row, "line")), reason);
}

static int
by_number(const void *a, const void *b)
{
    long x = *(const long *)a, y = *(const long *)b;

    return (x > y) - (x < y);
}

/* Copies the bad rows of a file, as they stand in it, to one that can be mended and imported. */
static enum exit_code
write_rejects(struct import *import, const struct piece *piece, const json_t *columns)
{
    char path[PATH_SIZE], *error = NULL;
    struct source *source = source_open(piece->path, piece->csv, columns, import->session->language, &error);
    struct source_row row;
    size_t at = 0, head_size;
    const char *head;
    FILE *file = NULL;
    int fd;

    free(error);
    if (source == NULL || import->bad_count == 0) {
        source_close(source);
        return EXIT_OK;
    }
    qsort(import->bad, import->bad_count, sizeof *import->bad, by_number);
    snprintf(path, sizeof path, "%s/%s.%s", import->rejects, piece->name, piece->csv ? "csv" : "jsonl");
    if (mkdir(import->rejects, 0700) == 0 || errno == EEXIST) {
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        file = fd >= 0 ? fdopen(fd, "w") : NULL;
    }
    if (file == NULL) {
        source_close(source);
        return fail_at(import, EXIT_OUTPUT, path, strerror(errno));
    }
    head = source_head(source, &head_size);
    if (head_size > 0)
        fwrite(head, 1, head_size, file);
    while (at < import->bad_count && source_next(source, &row) == 1) {
        while (at < import->bad_count && import->bad[at] < row.line)
            at++;
        if (at < import->bad_count && import->bad[at] == row.line)
            fwrite(row.raw, 1, row.raw_size, file);
        if (row.fatal)
            break;
    }
    source_close(source);
    return fclose(file) == 0 ? EXIT_OK : fail_at(import, EXIT_OUTPUT, path, strerror(errno));
}

/* One file ------------------------------------------------------------------------------------------------------------- */

static enum exit_code
send_file(struct import *import, const struct piece *piece, struct source *source)
{
    size_t limit = import->keep_going ? REJECTS_KEPT : REJECTS_SHOWN;
    enum exit_code code = EXIT_OK;
    struct source_row row;
    int rc = 0;

    while (code == EXIT_OK && import->bad_count < limit && (rc = source_next(source, &row)) == 1) {
        if (row.text != NULL)
            code = add_row(import, &row);
        else
            reject(import, piece, row.line, row.reason);
        progress_step(&import->progress, import->bytes + source_bytes(source), piece->name);
        if (row.fatal)
            break;
    }
    if (rc < 0)
        return fail_at(import, EXIT_INPUT, piece->path, strerror(errno));
    return code == EXIT_OK ? send_chunk(import) : code;
}

static enum exit_code
load_file(struct import *import, const struct piece *piece, const json_t *described)
{
    size_t limit = import->keep_going ? REJECTS_KEPT : REJECTS_SHOWN;
    json_t *columns = json_object_get(described, "columns"), *result = NULL;
    char *error = NULL;
    struct source *source = source_open(piece->path, piece->csv, columns, import->session->language, &error);
    enum exit_code code;
    const json_t *row;
    size_t index;

    import->bad_count = 0;
    if (source == NULL) {
        progress_clear(&import->progress);
        code = failure_say(EXIT_DATA, "%s", error != NULL ? error : "out of memory");
        free(error);
        return code;
    }
    code = send_file(import, piece, source);
    source_close(source);
    import->bytes += piece->bytes;
    progress_say(&import->progress, piece->name);
    if (code == EXIT_OK)
        code = call(import, "bulk.load", json_pack("{s:s,s:s,s:I}", "stream", import->stream, "file", piece->name, "rejects", (json_int_t)limit), &result);
    if (code != EXIT_OK)
        return code;
    json_array_foreach(json_object_get(result, "rejected"), index, row)
        reject_answered(import, piece, row);
    if (json_is_true(json_object_get(result, "unchecked")) || import->bad_count >= limit) {
        progress_clear(&import->progress);
        fprintf(stderr, language_pick(import->session->language, "%s: and more; rows after these were not looked at\n", "%s: ほかにもある。以降の行は見ていない\n"), piece->path);
        if (import->keep_going)
            code = failure_say(EXIT_DATA, "%s", language_pick(import->session->language, "too many bad rows to go on; nothing of this file was kept", "不正な行が多すぎるので中止した。このファイルからは何も残していない"));
    }
    json_array_append_new(import->tally, json_pack("{s:s,s:O,s:O,s:I}", "table", piece->name, "rows", json_object_get(result, "rows"), "present",
                                                   json_object_get(result, "present"), "rejected", (json_int_t)import->bad_count));
    json_decref(result);
    if (code == EXIT_OK && import->keep_going && !import->dry_run)
        code = write_rejects(import, piece, columns);
    return code;
}

static const struct piece *
find_piece(const struct import *import, const char *name)
{
    for (size_t i = 0; i < import->count; i++)
        if (strcmp(import->pieces[i].name, name) == 0)
            return &import->pieces[i];
    return NULL;
}

/* Each file must be of a table, and of one table only one. */
static enum exit_code
check_names(struct import *import, const json_t *files)
{
    for (size_t i = 0; i < import->count; i++) {
        const struct piece *piece = &import->pieces[i];
        bool known = false;
        size_t index;
        const json_t *row;

        json_array_foreach(files, index, row)
            known = known || strcmp(json_string_value(json_object_get(row, "name")), piece->name) == 0;
        if (!known)
            return fail_at(import, EXIT_DATA, piece->path, language_pick(import->session->language, "there is no table of this name", "この名前の表はない"));
        if (find_piece(import, piece->name) != piece)
            return fail_at(import, EXIT_DATA, piece->path, language_pick(import->session->language, "another file is for the same table", "同じ表のファイルがほかにもある"));
    }
    return EXIT_OK;
}

static enum exit_code
summarize(const struct import *import)
{
    static const struct column columns[] = {
        {"table", "string", "Table", "表", NULL},
        {"rows", "integer", "Loaded", "読み込み", NULL},
        {"present", "integer", "Already there", "既存", NULL},
        {"rejected", "integer", "Rejected", "拒否", NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    static const struct method table = {.name = "import", .shape = RESULT_LIST, .columns = columns};
    json_t *list = json_pack("{s:O}", "items", import->tally);
    struct output output;

    output_open(&output, import->session, &table, false);
    output_result(&output, list);
    json_decref(list);
    return output_close(&output);
}

static enum exit_code
finish(struct import *import)
{
    enum language language = import->session->language;
    bool keep = !import->dry_run && (import->rejected == 0 || import->keep_going);
    enum exit_code code = call(import, keep ? "bulk.commit" : "bulk.close", json_pack("{s:s}", "stream", import->stream), NULL);

    progress_clear(&import->progress);
    if (code == EXIT_OK)
        code = summarize(import);
    if (code != EXIT_OK)
        return code;
    fflush(stdout);
    if (import->rejected > 0)
        fprintf(stderr, language_pick(language, "%lld bad rows%s%s%s\n", "不正な行 %lld 件%s%s%s\n"), import->rejected,
                keep ? language_pick(language, ", written to ", "。書き出し先: ") : language_pick(language, "; nothing was kept", "。何も残していない"), keep ? import->rejects : "", "");
    else if (import->dry_run)
        fputs(language_pick(language, "all rows are good; nothing was kept, as --dry-run asks\n", "すべての行が正しい。--dry-run のため何も残していない\n"), stderr);
    return import->rejected > 0 ? EXIT_DATA : EXIT_OK;
}

static enum exit_code
begin_stream(struct import *import, bool whole)
{
    enum exit_code code;

    json_decref(import->begun);
    import->begun = NULL;
    code = call(import, "bulk.import", json_pack("{s:b}", "whole", whole ? 1 : 0), &import->begun);
    import->stream = json_string_value(json_object_get(import->begun, "stream"));
    return code;
}

/* With --keep-going a file that is done is kept, whatever happens to those after it. */
static enum exit_code
keep_file(struct import *import)
{
    enum exit_code code;

    if (!import->keep_going || import->dry_run)
        return EXIT_OK;
    code = call(import, "bulk.commit", json_pack("{s:s}", "stream", import->stream), NULL);
    return code == EXIT_OK ? begin_stream(import, false) : code;
}

static enum exit_code
check_schema(const struct import *import)
{
    json_int_t ours = json_integer_value(json_object_get(import->begun, "schema_version"));

    if (import->schema_version <= ours)
        return EXIT_OK;
    return failure_say(EXIT_DATA, language_pick(import->session->language, "the export is of schema %lld, and the daemon has only %lld: update the daemon first",
                                                "書き出しのスキーマは %lld で、デーモンは %lld。先にデーモンを更新する"),
                       (long long)import->schema_version, (long long)ours);
}

static enum exit_code
import_all(struct import *import)
{
    json_t *files = json_incref(json_object_get(import->begun, "files")), *row;
    enum exit_code code = check_names(import, files);
    long long total = 0;
    size_t index;

    if (code == EXIT_OK)
        code = check_schema(import);
    for (size_t i = 0; i < import->count; i++)
        total += import->pieces[i].bytes;
    progress_begin(&import->progress, total);
    json_array_foreach(files, index, row) {
        const struct piece *piece = find_piece(import, json_string_value(json_object_get(row, "name")));

        if (code == EXIT_OK && piece != NULL)
            code = load_file(import, piece, row);
        if (code == EXIT_OK && piece != NULL)
            code = keep_file(import);
    }
    json_decref(files);
    if (code == EXIT_OK)
        return finish(import);
    progress_clear(&import->progress);
    return code;
}

enum exit_code
import_run(struct session *session, int argc, char **argv)
{
    struct import import = {.session = session, .tally = json_array()};
    enum exit_code code = read_words(&import, argc, argv);

    if (code == EXIT_OK)
        code = session_connect(session);
    if (code == EXIT_OK)
        code = begin_stream(&import, import.whole);
    if (code == EXIT_OK)
        code = import_all(&import);
    json_decref(import.begun);
    json_decref(import.tally);
    for (size_t i = 0; i < import.count; i++) {
        free(import.pieces[i].path);
        free(import.pieces[i].name);
    }
    free(import.pieces);
    free(import.chunk);
    free(import.bad);
    free(import.rejects_default);
    return code;
}
