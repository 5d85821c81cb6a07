/* SPDX-License-Identifier: Apache-2.0 */
#include "backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, EXIT_NO_PROGRAM = 127 };

#define STATE_DIRECTORY "/var/lib/jinzai"

void
backup_help(FILE *stream, enum language language)
{
    fputs(language_pick(language,
        "Usage: jinzai backup FILE [FLAG OF jinzaid …]\n\n"
        "Writes everything that the database holds into the new file FILE: the record with its log, tokens (as SHA-256)\n"
        "and figures, from one snapshot, while the daemon serves. It is then read back, and the rows of every table are\n"
        "counted. The file is pg_dump's custom format: jinzai restore, or pg_restore, puts it into a new cluster of\n"
        "the same or a later PostgreSQL.\n\n"
        "To be run on the database's machine as the user who runs jinzaid, or as root. Flags go on to jinzaid --backup:\n"
        "--config FILE, --state-directory DIR, --database CONNINFO, --migration-database CONNINFO, --user NAME.\n",
        "使い方: jinzai backup FILE [jinzaid の指定 …]\n\n"
        "データベースのすべてを、新しいファイル FILE に書く。ログを含む記録、トークン（SHA-256）、公表値を、ある一時点で、\n"
        "デーモンの稼働中に書き、読み返して各表の行数を確かめる。形式は pg_dump のカスタム形式で、jinzai restore または\n"
        "pg_restore により、同じか新しい PostgreSQL の新しいクラスタに入る。\n\n"
        "データベースのある計算機で、jinzaid の利用者または root として実行する。指定は jinzaid --backup に渡る。\n"), stream);
}

void
restore_help(FILE *stream, enum language language)
{
    fputs(language_pick(language,
        "Usage: jinzai restore FILE [FLAG OF jinzaid …]\n\n"
        "Puts what jinzai backup wrote into a new database: a private cluster in a new state directory, which is made, or\n"
        "an empty database made ready with sql/roles.sql, with a superuser's --migration-database. All or nothing. The\n"
        "schema is then brought up to date. The daemon must not be running on it.\n",
        "使い方: jinzai restore FILE [jinzaid の指定 …]\n\n"
        "jinzai backup の書いたものを新しいデータベースに入れる。新しい状態ディレクトリの専用クラスタ（作られる）か、\n"
        "sql/roles.sql で用意した空のデータベース（--migration-database にスーパーユーザ）。全部か無か。その後スキーマを\n"
        "最新にする。デーモンはそこで動いていてはならない。\n"), stream);
}

/* jinzaid as installed beside this command, else from PATH. */
static void
find_daemon(char path[PATH_SIZE])
{
    char self[PATH_SIZE];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);

    if (size > 0) {
        self[size] = '\0';
        snprintf(path, PATH_SIZE, "%.*s/jinzaid", PATH_SIZE - 16, dirname(self));
        if (access(path, X_OK) == 0)
            return;
    }
    strcpy(path, "jinzaid");
}

static const char *
flag_value(int argc, char **argv, const char *flag)
{
    size_t size = strlen(flag);

    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], flag) == 0)
            return i + 1 < argc ? argv[i + 1] : "";
        if (strncmp(argv[i], flag, size) == 0 && argv[i][size] == '=')
            return argv[i] + size + 1;
    }
    return NULL;
}

/* Whose the private cluster is: as root, jinzaid becomes that user. NULL where it is not clear. */
static const char *
cluster_user(int argc, char **argv)
{
    const char *state = flag_value(argc, argv, "--state-directory");
    struct stat status;
    const struct passwd *user;

    if (geteuid() != 0 || flag_value(argc, argv, "--user") != NULL || flag_value(argc, argv, "--database") != NULL)
        return NULL;
    if (stat(state != NULL ? state : STATE_DIRECTORY, &status) != 0 || status.st_uid == 0)
        return NULL;
    user = getpwuid(status.st_uid);
    return user != NULL ? user->pw_name : NULL;
}

/* Runs jinzaid with a descriptor as its standard input or output. Returns its exit status. */
static int
run_daemon(const char *action, int fd, int as, int argc, char **argv)
{
    char path[PATH_SIZE];
    const char *user = cluster_user(argc, argv);
    char **words = calloc((size_t)argc + 8, sizeof *words);
    int count = 0, status = -1;
    pid_t pid;

    find_daemon(path);
    if (words == NULL)
        return -1;
    words[count++] = path;
    words[count++] = (char *)(uintptr_t)action;
    if (user != NULL) {
        words[count++] = "--user";
        words[count++] = (char *)(uintptr_t)user;
    }
    for (int i = 0; i < argc; i++)
        words[count++] = argv[i];
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        dup2(fd, as);
        execvp(path, words);
        fprintf(stderr, "jinzai: %s: %s\n", path, strerror(errno));
        _exit(EXIT_NO_PROGRAM);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    free(words);
    return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

enum exit_code
backup_run(struct session *session, int argc, char **argv)
{
    char partial[PATH_SIZE];
    enum exit_code code = EXIT_OK;
    int fd, status;

    if (argc < 1 || strncmp(argv[0], "--", 2) == 0)
        return failure_say(EXIT_USAGE_ERROR, "%s", language_pick(session->language, "usage: jinzai backup FILE [FLAG OF jinzaid …]", "使い方: jinzai backup FILE [jinzaid の指定 …]"));
    if (access(argv[0], F_OK) == 0)
        return failure_say(EXIT_OUTPUT, language_pick(session->language, "%s is there already", "%s は既にある"), argv[0]);
    snprintf(partial, sizeof partial, "%s.partial", argv[0]);
    unlink(partial);
    fd = open(partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return failure_say(EXIT_OUTPUT, "%s: %s", partial, strerror(errno));
    status = run_daemon("--backup", fd, STDOUT_FILENO, argc - 1, argv + 1);
    if (status != 0)
        code = status > 0 ? (enum exit_code)status : EXIT_INTERNAL;
    else if (fsync(fd) != 0 || rename(partial, argv[0]) != 0)
        code = failure_say(EXIT_OUTPUT, "%s: %s", argv[0], strerror(errno));
    close(fd);
    if (code != EXIT_OK)
        unlink(partial);
    return code;
}

enum exit_code
restore_run(struct session *session, int argc, char **argv)
{
    int fd, status;

    if (argc < 1 || strncmp(argv[0], "--", 2) == 0)
        return failure_say(EXIT_USAGE_ERROR, "%s", language_pick(session->language, "usage: jinzai restore FILE [FLAG OF jinzaid …]", "使い方: jinzai restore FILE [jinzaid の指定 …]"));
    fd = open(argv[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return failure_say(EXIT_INPUT, "%s: %s", argv[0], strerror(errno));
    status = run_daemon("--restore", fd, STDIN_FILENO, argc - 1, argv + 1);
    close(fd);
    return status == 0 ? EXIT_OK : status > 0 ? (enum exit_code)status : EXIT_INTERNAL;
}
