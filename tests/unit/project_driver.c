/* SPDX-License-Identifier: Apache-2.0
 *
 * project_driver [THREADS [LEVEL [TOP]]] < INPUT: the projection of a JSON text, for tests and benches written in other
 * languages. Says on standard error how many seconds the projection itself took. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "model/project_json.h"

enum { THREADS_MAX = 64, CHUNK = 1 << 16 };

static char *
read_all(FILE *file, size_t *length)
{
    char *text = NULL;
    size_t size = 0, got;

    *length = 0;
    do {
        if (size - *length < CHUNK) {
            size = 2 * size + CHUNK;
            text = realloc(text, size);
            if (text == NULL)
                return NULL;
        }
        got = fread(text + *length, 1, CHUNK, file);
        *length += got;
    } while (got > 0);
    return text;
}

static void *
work(void *project)
{
    return project_work(project, NULL) == 0 ? NULL : project;
}

static int
put(const char *text, size_t length, void *data)
{
    (void)data;
    return fwrite(text, 1, length, stdout) == length ? 0 : -1;
}

static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int
run(const struct project_json *json, int threads, const struct project_wish *wish)
{
    struct project_refusal refusal;
    double start = seconds();
    struct project *project = project_open(project_json_input(json), NULL, &refusal);
    pthread_t thread[THREADS_MAX];
    int rc = 0;

    if (project == NULL) {
        fprintf(stderr, "%s %s: %s\n", refusal.name, refusal.path, refusal.expected);
        return 2;
    }
    for (int i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, work, project) != 0)
            abort();
    for (int i = 0; i < threads; i++) {
        void *failed;

        pthread_join(thread[i], &failed);
        rc |= failed != NULL;
    }
    project_finish(project);
    fprintf(stderr, "%.3f\n", seconds() - start);
    if (rc == 0)
        rc = project_json_write(json, project, wish, put, NULL) == 0 ? 0 : 1;
    project_close(project);
    return rc;
}

int
main(int argc, char **argv)
{
    int threads = argc > 1 ? atoi(argv[1]) : 1, rc = 2;
    struct project_wish wish = {argc > 2 ? atoi(argv[2]) : 0, argc > 3 ? atoi(argv[3]) : 3};
    struct project_refusal refusal;
    struct project_json *json;
    size_t length;
    char *text = read_all(stdin, &length);

    if (text == NULL || threads < 1 || threads > THREADS_MAX)
        return 1;
    json = project_json_read(text, length, &refusal);
    if (json != NULL)
        rc = run(json, threads, &wish);
    else
        fprintf(stderr, "%s %s: %s\n", refusal.name, refusal.path, refusal.expected);
    project_json_free(json);
    free(text);
    return rc;
}
