/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the files it is given as one C source file to standard output, for the build to carry sql/ inside jinzaid:
 *
 *     embed sql/roles.sql sql/schema/0001_foundation.sql … > embedded.c
 *
 * Bytes and not string literals, because a compiler may refuse a literal of more than 4095 characters.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_A_LINE = 24 };

static int
path_compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The path from sql/ on: the database keeps it, so it must not depend on where the build runs. */
static const char *
path_inside(const char *path)
{
    const char *inside = strstr(path, "sql/");

    return inside != NULL ? inside : path;
}

static int
write_bytes(const char *path, int number)
{
    FILE *file = fopen(path, "rb");
    int byte, column = 0;

    if (file == NULL) {
        perror(path);
        return -1;
    }
    printf("static const unsigned char file_%d[] = {", number);
    while ((byte = getc(file)) != EOF) {
        if (byte == 0) {
            fprintf(stderr, "%s: holds a NUL byte\n", path);
            fclose(file);
            return -1;
        }
        printf(column++ % BYTES_A_LINE == 0 ? "\n    %d," : "%d,", byte);
    }
    printf("\n    0};\n");
    if (ferror(file)) {
        perror(path);
        fclose(file);
        return -1;
    }
    fclose(file);
    return 0;
}

int
main(int argc, char **argv)
{
    qsort(argv + 1, (size_t)(argc - 1), sizeof(*argv), path_compare);
    printf("/* Written by sql/embed.c from the files it names. */\n#include \"store/embedded.h\"\n\n");
    for (int i = 1; i < argc; i++)
        if (write_bytes(argv[i], i) != 0)
            return EXIT_FAILURE;
    printf("\nconst struct embedded_file embedded_files[] = {\n");
    for (int i = 1; i < argc; i++)
        printf("    {\"%s\", (const char *)file_%d, sizeof(file_%d) - 1},\n", path_inside(argv[i]), i, i);
    printf("    {NULL, NULL, 0},\n};\n");
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
