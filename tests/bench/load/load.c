/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks a server the same question over many connections and counts the right answers, for JSON-RPC and for HTTP alike:
 *
 *     load --connect unix:PATH --connections 32 --range key=100001:100500 \
 *         --request '{"jsonrpc":"2.0","id":%{id},"method":"skill.get","params":{"ref":"%{key}"}}' \
 *         --holds '"code" : "%{key}"'
 *     load --connect tcp:127.0.0.1:8000 --range key=100001:100500 --get /skill/%{key} --holds '"code":"%{key}"'
 *
 * Prints one line of JSON: {"right", "answered", "wrong", "lost", "seconds", "cpu"}. An answer is right where its body holds what
 * --holds says; a status or an id alone is nothing.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "client.h"

enum { REQUEST_ROOM = 65536 };

enum choice {
    CONNECT = 1,
    CONNECTIONS,
    PIPELINE,
    SECONDS,
    WARM_UP,
    RANGE,
    REQUEST,
    GET,
    POST,
    HOLDS,
    COUNT,
    LOG,
    SAMPLING_RATE,
};

static const struct option options[] = {
    {"connect", required_argument, NULL, CONNECT},
    {"connections", required_argument, NULL, CONNECTIONS},
    {"pipeline", required_argument, NULL, PIPELINE},
    {"seconds", required_argument, NULL, SECONDS},
    {"warm-up", required_argument, NULL, WARM_UP},
    {"range", required_argument, NULL, RANGE},
    {"request", required_argument, NULL, REQUEST},
    {"get", required_argument, NULL, GET},
    {"post", required_argument, NULL, POST},
    {"holds", required_argument, NULL, HOLDS},
    {"count", required_argument, NULL, COUNT},
    {"log", required_argument, NULL, LOG},
    {"sampling-rate", required_argument, NULL, SAMPLING_RATE},
    {NULL, 0, NULL, 0},
};

/* Texts that can be taken apart only when all ranges are known. */
struct texts {
    const char *request, *path;
    const char *checks[CHECKS_MAX];
    size_t times[CHECKS_MAX];
    size_t checks_count;
};

static int
usage(void)
{
    fputs("load: --connect and --request, --get or --post are needed; tests/bench/load/load.c shows how\n", stderr);
    return -1;
}

/* "N:TEXT" is so many times, and just TEXT at least once. */
static int
check_add(struct texts *texts, char *text, int counted)
{
    char *rest = text;

    if (texts->checks_count == CHECKS_MAX)
        return -1;
    texts->times[texts->checks_count] = counted ? strtoul(text, &rest, 10) : 0;
    if (counted && *rest++ != ':')
        return -1;
    texts->checks[texts->checks_count++] = rest;
    return 0;
}

static int
options_read(struct load *load, struct texts *texts, int argc, char **argv)
{
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) > 0) {
        int rc = 0;

        switch (option) {
        case CONNECT:
            if (load->address_count == ADDRESSES_MAX)
                return usage();
            load->addresses[load->address_count++] = optarg;
            break;
        case CONNECTIONS: load->connections = atoi(optarg); break;
        case PIPELINE: load->pipeline = atoi(optarg); break;
        case SECONDS: load->seconds = atof(optarg); break;
        case WARM_UP: load->warm_up_s = atof(optarg); break;
        case RANGE: rc = ranges_add(&load->ranges, optarg); break;
        case REQUEST: texts->request = optarg; break;
        case POST: /* fall through */
        case GET: texts->path = optarg; load->http = true; break;
        case HOLDS: rc = check_add(texts, optarg, 0); break;
        case COUNT: rc = check_add(texts, optarg, 1); break;
        case LOG: rc = (load->log = fopen(optarg, "w")) == NULL; break;
        case SAMPLING_RATE: load->sampling_rate = atof(optarg); break;
        default: return -1;
        }
        if (rc != 0) {
            fprintf(stderr, "load: cannot take %s\n", optarg);
            return -1;
        }
    }
    if (load->address_count == 0 || (texts->request == NULL && texts->path == NULL) || load->connections < 1 ||
        load->pipeline < 1 || load->pipeline > PIPELINE_MAX || (load->http && load->pipeline > 1))
        return usage();
    return 0;
}

/* The whole of a request. The numbers of a range have to be of one length where it is posted, for its length is fixed. */
static int
request_compose(const struct load *load, const struct texts *texts, char *text, size_t size)
{
    const char *body = texts->request != NULL ? texts->request : "";
    int length;

    if (!load->http) {
        length = snprintf(text, size, "%s\n", body);
    } else if (texts->request == NULL) {
        length = snprintf(text, size, "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n", texts->path);
    } else {
        struct template *template = template_new(body, &load->ranges);
        struct draw draw;
        char *filled = template != NULL ? malloc(template_room(template)) : NULL;

        if (filled == NULL)
            return -1;
        ranges_draw(&load->ranges, &draw);
        length = snprintf(text, size,
                          "POST %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
                          "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                          texts->path, template_write(template, &draw, filled, template_room(template)), body);
        free(filled);
        template_free(template);
    }
    return length > 0 && (size_t)length < size ? 0 : -1;
}

static int
texts_compile(struct load *load, const struct texts *texts)
{
    static char text[REQUEST_ROOM];

    if (request_compose(load, texts, text, sizeof text) != 0)
        return -1;
    load->request = template_new(text, &load->ranges);
    if (load->request == NULL)
        return -1;
    for (size_t i = 0; i < texts->checks_count; i++) {
        struct check *check = &load->checks.rows[load->checks.count++];

        check->times = texts->times[i];
        check->text = template_new(texts->checks[i], &load->ranges);
        if (check->text == NULL)
            return -1;
    }
    return 0;
}

int
main(int argc, char **argv)
{
    struct load load = {.connections = 32, .pipeline = 1, .seconds = 1, .sampling_rate = 1};
    struct texts texts = {0};
    struct tally tally = {0};
    struct rlimit files;
    int rc = EXIT_FAILURE;

    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (options_read(&load, &texts, argc, argv) == 0 && texts_compile(&load, &texts) == 0 &&
        load_run(&load, &tally) == 0) {
        printf("{\"right\": %llu, \"answered\": %llu, \"wrong\": %llu, \"lost\": %llu, \"seconds\": %.6f, \"cpu\": %.3f}\n",
               (unsigned long long)tally.right, (unsigned long long)tally.answered, (unsigned long long)tally.wrong, (unsigned long long)tally.lost,
               tally.seconds, tally.cpu_s);
        rc = EXIT_SUCCESS;
    }
    if (load.log != NULL)
        fclose(load.log);
    template_free(load.request);
    for (size_t i = 0; i < load.checks.count; i++)
        template_free(load.checks.rows[i].text);
    return rc;
}
