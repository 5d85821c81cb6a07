/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the made-up part of the sample: people, what they can do, courses, exchanges, demand and
 * gaps, as files of JSON Lines that are loaded in the order of their names. The same seed writes
 * the same bytes on every machine.
 *
 *     generate SEED DIRECTORY [DAY]
 *
 * What is past, present and planned in the sample is so on DAY, as 2026-10-01, which is the day if
 * none is given.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "day.h"
#include "sample.h"

enum { PATH_TEXT = 4096 };

static int
path_write(const struct sample *sample, const char *name, char path[PATH_TEXT])
{
    int length = snprintf(path, PATH_TEXT, "%s/%s", sample->directory, name);

    if (length < 0 || length >= PATH_TEXT) {
        fprintf(stderr, "generate: the name of the directory is too long\n");
        return -1;
    }
    return 0;
}

int
sample_open(const struct sample *sample, const char *const *names, FILE **files, size_t count)
{
    char path[PATH_TEXT];
    size_t i;

    for (i = 0; i < count; i++) {
        files[i] = NULL;
        if (path_write(sample, names[i], path) == 0) {
            files[i] = fopen(path, "w");
            if (files[i] == NULL)
                fprintf(stderr, "generate: cannot write %s: %s\n", path, strerror(errno));
        }
        if (files[i] == NULL) {
            while (i > 0)
                fclose(files[--i]);
            return -1;
        }
    }
    return 0;
}

int
sample_close(const struct sample *sample, const char *const *names, FILE **files, size_t count)
{
    size_t i;
    int rc = 0;

    for (i = 0; i < count; i++) {
        bool failed = ferror(files[i]) != 0;

        if (fclose(files[i]) != 0 || failed) {
            fprintf(stderr, "generate: could not write all of %s/%s\n", sample->directory,
                    names[i]);
            rc = -1;
        }
    }
    return rc;
}

int
main(int argc, char **argv)
{
    struct sample *sample = NULL;
    char *end = NULL;
    int rc = EXIT_FAILURE;

    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: generate SEED DIRECTORY [DAY]\n");
        goto out;
    }
    sample = calloc(1, sizeof *sample);
    if (sample == NULL) {
        fprintf(stderr, "generate: out of memory\n");
        goto out;
    }
    errno = 0;
    sample->seed = strtoull(argv[1], &end, 10);
    if (errno != 0 || end == argv[1] || *end != '\0' || argv[1][0] == '-') {
        fprintf(stderr, "generate: the seed is a whole number, as 2024, not \"%s\"\n", argv[1]);
        goto out;
    }
    sample->directory = argv[2];
    sample->today = day_of(2026, 10, 1);
    if (argc == 4 && day_read(argv[3], &sample->today) != 0) {
        fprintf(stderr, "generate: the day is a date, as 2026-10-01, not \"%s\"\n", argv[3]);
        goto out;
    }
    sample->year = day_year(sample->today);
    random_seed(&sample->random, sample->seed);
    if (people_make(sample) != 0 || learning_make(sample) != 0 || exchanges_make(sample) != 0 ||
        workshops_make(sample) != 0 || needs_make(sample) != 0)
        goto out;
    rc = EXIT_SUCCESS;
out:
    free(sample);
    return rc;
}
