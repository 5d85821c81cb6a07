/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever the bytes and however they are cut, csv reads the same, and its fields lie within what was read.
 */
#include <assert.h>
#include <stdint.h>

/* The command is no library, so the target takes in what it is about. */
#include "cli/csv.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
    uint64_t hash;
    size_t records;
    long line;
    enum csv_error error;
};

static void
mix(struct sum *sum, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++)
        sum->hash = (sum->hash ^ at[i]) * 1099511628211u;
}

static struct sum
run(const char *text, size_t size, size_t piece)
{
    struct csv *csv = csv_new();
    struct sum sum = {.hash = 14695981039346656037u};
    enum csv_status status = CSV_MORE;
    size_t at = 0, used, length, total;

    assert(csv != NULL);
    while (status != CSV_BAD && status != CSV_END) {
        size_t part = size - at < piece ? size - at : piece;

        status = at < size ? csv_feed(csv, text + at, part, &used) : csv_finish(csv);
        if (at < size) {
            assert(used <= part && (used > 0 || status == CSV_BAD) && (status != CSV_MORE || used == part));
            at += used;
        }
        if (status != CSV_RECORD)
            continue;
        total = 0;
        assert(csv_count(csv) > 0 && csv_line(csv) > 0);
        for (size_t i = 0; i < csv_count(csv); i++) {
            const char *field = csv_field(csv, i, &length);

            assert(field != NULL || length == 0);
            total += length;
            mix(&sum, field != NULL ? "f" : "n", 1);
            mix(&sum, field, length);
        }
        assert(total <= size);
        sum.records++;
        mix(&sum, "r", 1);
    }
    sum.line = csv_line(csv);
    sum.error = csv_error(csv);
    csv_free(csv);
    return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sum whole, cut;

    if (size < 1)
        return 0;
    whole = run((const char *)data + 1, size - 1, size);
    cut = run((const char *)data + 1, size - 1, data[0] % 7 + 1u);
    assert(whole.hash == cut.hash && whole.records == cut.records && whole.error == cut.error && whole.line == cut.line);
    return 0;
}
