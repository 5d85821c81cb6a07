/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_staffing [PEOPLE POSITIONS ROLES SKILLS [FILE]]: times staffing_solve on made-up people and positions, and with FILE
 * writes the network of the plain question there, one edge a line (from, to, capacity), for peers to solve.
 *
 * People have a field of ten neighbouring skills, of which they hold two to five at levels 1 to 5, mostly low; roles ask for two or three
 * skills of a field at levels 2 to 4.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "model/staffing.h"

enum { HELD_MAX = 5, ASKED_MAX = 3, FIELD = 10 };

static uint64_t state = 20240409;

static int
below(int bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)((state >> 11) % (uint64_t)bound);
}

static void *
room(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);

    if (memory == NULL) {
        fputs("bench_staffing: no memory\n", stderr);
        exit(1);
    }
    return memory;
}

static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
invent(struct staffing_input *in)
{
    int64_t *held_first = room((size_t)in->people + 1, sizeof(*held_first)),
            *asked_first = room((size_t)in->roles + 1, sizeof(*asked_first)),
            *position_fte = room((size_t)in->positions, sizeof(*position_fte));
    int *held_skill = room((size_t)in->people * HELD_MAX, sizeof(int)),
        *held_level = room((size_t)in->people * HELD_MAX, sizeof(int)),
        *fte = room((size_t)in->people, sizeof(int)),
        *asked_skill = room((size_t)in->roles * ASKED_MAX, sizeof(int)),
        *asked_level = room((size_t)in->roles * ASKED_MAX, sizeof(int)),
        *role = room((size_t)in->positions, sizeof(int));
    int64_t held = 0, asked = 0;

    for (int p = 0; p < in->people; p++) {
        int field = below(in->skills / FIELD) * FIELD, first = below(FIELD), count = 2 + below(HELD_MAX - 1);

        for (int i = 0; i < count; i++) {
            int high = below(5), low = below(5);

            held_skill[held] = field + (first + i) % FIELD;
            held_level[held++] = 1 + (high < low ? high : low);
        }
        held_first[p + 1] = held;
        fte[p] = STAFFING_FTE;
    }
    for (int r = 0; r < in->roles; r++) {
        int field = below(in->skills / FIELD) * FIELD, first = below(FIELD), count = 2 + below(2);

        for (int i = 0; i < count; i++) {
            asked_skill[asked] = field + (first + i) % FIELD;
            asked_level[asked++] = 2 + below(3);
        }
        asked_first[r + 1] = asked;
    }
    for (int p = 0; p < in->positions; p++) {
        role[p] = below(in->roles);
        position_fte[p] = STAFFING_FTE;
    }
    in->held_first = held_first;
    in->held_skill = held_skill;
    in->held_level = held_level;
    in->person_fte = fte;
    in->asked_first = asked_first;
    in->asked_skill = asked_skill;
    in->asked_level = asked_level;
    in->position_role = role;
    in->position_fte = position_fte;
}

static void
time_one(const struct staffing_input *in, const char *what)
{
    struct staffing_result out;
    char reason[MODEL_REASON_BYTES];
    double begun = seconds();

    if (staffing_solve(in, NULL, &out, reason) != MODEL_OK) {
        fprintf(stderr, "bench_staffing: %s\n", reason);
        exit(1);
    }
    printf("%-28s %8.3f s   %d classes, %d targets, filled %lld of %lld", what, seconds() - begun, out.classes,
           out.targets, (long long)out.filled / STAFFING_FTE, (long long)out.asked / STAFFING_FTE);
    if (in->training_steps > 0)
        printf(", with %lld trainings %lld", (long long)out.trainings, (long long)out.trained_filled / STAFFING_FTE);
    putchar('\n');
    staffing_free(&out);
}

/* The network as a peer would build it from the tables: a node a person, a node a position's role. */
static int
write_network(const struct staffing_input *in, const char *path)
{
    FILE *file = fopen(path, "w");
    int *level = room((size_t)in->skills, sizeof(int)), *asked = room((size_t)in->roles, sizeof(int));

    if (file == NULL) {
        perror(path);
        return 1;
    }
    fprintf(file, "%d 0 0\n", 2 + in->people + in->roles);
    for (int p = 0; p < in->positions; p++)
        asked[in->position_role[p]]++;
    for (int r = 0; r < in->roles; r++)
        if (asked[r] > 0)
            fprintf(file, "%d 1 %d\n", 2 + in->people + r, asked[r]);
    for (int p = 0; p < in->people; p++) {
        fprintf(file, "0 %d 1\n", 2 + p);
        for (int64_t h = in->held_first[p]; h < in->held_first[p + 1]; h++)
            level[in->held_skill[h]] = in->held_level[h];
        for (int r = 0; r < in->roles; r++) {
            int64_t a = in->asked_first[r];

            while (a < in->asked_first[r + 1] && level[in->asked_skill[a]] >= in->asked_level[a])
                a++;
            if (a == in->asked_first[r + 1] && asked[r] > 0)
                fprintf(file, "%d %d 1\n", 2 + p, 2 + in->people + r);
        }
        for (int64_t h = in->held_first[p]; h < in->held_first[p + 1]; h++)
            level[in->held_skill[h]] = 0;
    }
    free(level);
    free(asked);
    return fclose(file) == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
    struct staffing_input in = {.people = argc > 4 ? atoi(argv[1]) : 100000,
                                .positions = argc > 4 ? atoi(argv[2]) : 10000,
                                .roles = argc > 4 ? atoi(argv[3]) : 500,
                                .skills = argc > 4 ? atoi(argv[4]) : 500};

    if (in.skills < FIELD || in.people < 0 || in.positions < 1 || in.roles < 1) {
        fputs("usage: bench_staffing [PEOPLE POSITIONS ROLES SKILLS [FILE]]\n", stderr);
        return 2;
    }
    invent(&in);
    printf("%d people, %d positions, %d roles, %d skills\n", in.people, in.positions, in.roles, in.skills);
    time_one(&in, "maximum and cut");
    in.training_steps = 3;
    time_one(&in, "and trainings, 3 steps each");
    in.training_steps = 0;
    in.waivers = 10;
    time_one(&in, "and 10 skills left out");
    return argc > 5 ? write_network(&in, argv[5]) : 0;
}
