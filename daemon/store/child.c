/* SPDX-License-Identifier: Apache-2.0 */
#include "store/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_BYTES = 4096, EXIT_NO_PROGRAM = 127 };

static void
child_become(char *const *argv, int output)
{
    int null = open("/dev/null", O_RDWR);
    sigset_t none;

    setsid();
    /* The daemon's may be one that its user cannot read, which PostgreSQL's programs complain of. */
    if (chdir("/") != 0)
        _exit(EXIT_NO_PROGRAM);
    signal(SIGPIPE, SIG_DFL); /* the one that the daemon ignores: that alone outlives exec */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(null, STDIN_FILENO);
    dup2(output >= 0 ? output : null, STDOUT_FILENO);
    if (output >= 0)
        dup2(output, STDERR_FILENO);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("NOTIFY_SOCKET"); /* PostgreSQL built with systemd would speak for the service */
    unsetenv("WATCHDOG_USEC");
    execv(argv[0], argv);
    _exit(EXIT_NO_PROGRAM);
}

pid_t
child_start(char *const *argv, int output)
{
    pid_t pid = fork();

    if (pid == 0)
        child_become(argv, output);
    return pid;
}

/* Reads to the end and keeps the last OUTPUT_BYTES - 1 of it. */
static void
tail_read(int fd, char *tail)
{
    char part[1024];
    size_t size = 0;
    ssize_t got;

    while ((got = read(fd, part, sizeof(part))) > 0 || (got < 0 && errno == EINTR)) {
        if (got <= 0)
            continue;
        if (size + (size_t)got >= OUTPUT_BYTES) {
            size_t drop = size + (size_t)got - (OUTPUT_BYTES - 1);

            memmove(tail, tail + drop, size - drop);
            size -= drop;
        }
        memcpy(tail + size, part, (size_t)got);
        size += (size_t)got;
    }
    tail[size] = '\0';
}

int
child_run(char *const *argv, char **output)
{
    int pipes[2], status = -1;
    pid_t pid;

    *output = calloc(1, OUTPUT_BYTES);
    if (*output == NULL || pipe2(pipes, O_CLOEXEC) != 0)
        return -1;
    pid = child_start(argv, pipes[1]);
    close(pipes[1]);
    if (pid > 0)
        tail_read(pipes[0], *output);
    close(pipes[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
