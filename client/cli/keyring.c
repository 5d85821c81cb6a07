/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum {
    PATH_SIZE = 4096,
    LINE_SIZE = 2048, /* an address, a space and a token */
    DIRECTORY_MODE = 0700,
    FILE_MODE = 0600,
};

static enum exit_code
refuse_file(const struct session *session, const char *path)
{
    return failure_say(EXIT_INPUT, language_pick(session->language, "%s: %s", "%s: %s"), path, strerror(errno));
}

static enum exit_code
find_path(const struct session *session, char path[PATH_SIZE])
{
    const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME");
    int size;

    if (config != NULL && *config == '/')
        size = snprintf(path, PATH_SIZE, "%s/jinzai/keyring", config);
    else if (home != NULL && *home == '/')
        size = snprintf(path, PATH_SIZE, "%s/.config/jinzai/keyring", home);
    else
        return failure_say(EXIT_INPUT, "%s",
                           language_pick(session->language, "neither XDG_CONFIG_HOME nor HOME says where the keyring is",
                                         "XDG_CONFIG_HOME も HOME も設定されていない"));
    if (size < PATH_SIZE - 16)
        return EXIT_OK;
    errno = ENAMETOOLONG;
    return refuse_file(session, "keyring");
}

/* Opens a file of secrets. *file is NULL where there is none; one that others can read is refused, since whoever could
 * read it may have done so. */
static enum exit_code
open_secret(const struct session *session, const char *path, FILE **file)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat status;

    *file = NULL;
    if (fd < 0 && errno == ENOENT)
        return EXIT_OK;
    if (fd < 0 || fstat(fd, &status) != 0)
        return refuse_file(session, path);
    if (S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        close(fd);
        return failure_say(EXIT_INPUT,
                           language_pick(session->language,
                                         "%s: others may read it; revoke its tokens, or chmod 600 it if nobody has",
                                         "%s: 他人が読める。トークンを失効させるか、誰も読んでいなければ chmod 600 すること"),
                           path);
    }
    *file = fdopen(fd, "r");
    if (*file != NULL)
        return EXIT_OK;
    close(fd);
    return refuse_file(session, path);
}

/* Takes the token out of a line "ADDRESS TOKEN" for that address, or returns NULL. */
static char *
line_token(char *line, const char *address)
{
    size_t size = strlen(address);

    line[strcspn(line, "\r\n")] = '\0';
    return strncmp(line, address, size) == 0 && line[size] == ' ' ? line + size + 1 : NULL;
}

static enum exit_code
keep_token(const struct session *session, char token[KEYRING_TOKEN_SIZE], const char *found)
{
    if (snprintf(token, KEYRING_TOKEN_SIZE, "%s", found) < KEYRING_TOKEN_SIZE)
        return EXIT_OK;
    return failure_say(EXIT_DATA, "%s", language_pick(session->language, "that is too long for a token", "トークンが長すぎる"));
}

/* The first line of a file. */
static enum exit_code
read_file(const struct session *session, const char *path, char token[KEYRING_TOKEN_SIZE])
{
    char line[LINE_SIZE] = "";
    enum exit_code code;
    FILE *file;

    code = open_secret(session, path, &file);
    if (code == EXIT_OK && file == NULL) {
        errno = ENOENT;
        return refuse_file(session, path);
    }
    if (code != EXIT_OK)
        return code;
    if (fgets(line, sizeof line, file) != NULL)
        line[strcspn(line, "\r\n")] = '\0';
    fclose(file);
    code = keep_token(session, token, line);
    explicit_bzero(line, sizeof line);
    return code;
}

static enum exit_code
read_keyring(const struct session *session, char token[KEYRING_TOKEN_SIZE])
{
    char path[PATH_SIZE], line[LINE_SIZE];
    enum exit_code code;
    FILE *file;

    if (getenv("HOME") == NULL && getenv("XDG_CONFIG_HOME") == NULL)
        return EXIT_OK; /* a program without a home has no keyring */
    code = find_path(session, path);
    if (code == EXIT_OK)
        code = open_secret(session, path, &file);
    if (code != EXIT_OK || file == NULL)
        return code;
    while (code == EXIT_OK && *token == '\0' && fgets(line, sizeof line, file) != NULL) {
        const char *found = line_token(line, session->address);

        if (found != NULL)
            code = keep_token(session, token, found);
    }
    fclose(file);
    explicit_bzero(line, sizeof line);
    return code;
}

enum exit_code
keyring_token(const struct session *session, char token[KEYRING_TOKEN_SIZE])
{
    const char *variable = getenv("JINZAI_TOKEN");

    *token = '\0';
    if (session->token_file != NULL)
        return read_file(session, session->token_file, token);
    if (variable != NULL && *variable != '\0')
        return keep_token(session, token, variable);
    return read_keyring(session, token);
}

/* Writing ---------------------------------------------------------------------------------------- */

static int
make_directories(const char *path)
{
    char directory[PATH_SIZE];

    snprintf(directory, sizeof directory, "%s", path);
    for (char *slash = strchr(directory + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(directory, DIRECTORY_MODE) != 0 && errno != EEXIST)
            return -1;
        *slash = '/';
    }
    return 0;
}

/* Copies the lines of other addresses, and adds the token for this one unless it is NULL. */
static int
copy_lines(FILE *from, FILE *to, const char *address, const char *token)
{
    char line[LINE_SIZE];

    while (from != NULL && fgets(line, sizeof line, from) != NULL)
        if (line_token(line, address) == NULL && *line != '\0')
            fprintf(to, "%s\n", line);
    explicit_bzero(line, sizeof line);
    if (token != NULL)
        fprintf(to, "%s %s\n", address, token);
    return fflush(to) == 0 && ferror(to) == 0 && fsync(fileno(to)) == 0 ? 0 : -1;
}

/* Writes the keyring anew beside the old one and puts it in its place: it is whole at every moment. */
static enum exit_code
write_keyring(const struct session *session, const char *token)
{
    char path[PATH_SIZE], fresh[PATH_SIZE + 16];
    enum exit_code code = find_path(session, path);
    FILE *from = NULL, *to = NULL;
    int fd, failed;

    if (code == EXIT_OK)
        code = open_secret(session, path, &from);
    if (code != EXIT_OK)
        return code;
    if (make_directories(path) != 0) {
        code = refuse_file(session, path);
        goto out;
    }
    snprintf(fresh, sizeof fresh, "%s.XXXXXX", path);
    fd = mkstemp(fresh);
    to = fd >= 0 && fchmod(fd, FILE_MODE) == 0 ? fdopen(fd, "w") : NULL;
    if (to == NULL) {
        code = refuse_file(session, fresh);
        goto out;
    }
    failed = copy_lines(from, to, session->address, token);
    failed = fclose(to) != 0 || failed != 0 || rename(fresh, path) != 0;
    if (failed) {
        code = refuse_file(session, fresh);
        unlink(fresh);
    }
out:
    if (from != NULL)
        fclose(from);
    return code;
}

/* The commands ------------------------------------------------------------------------------------ */

/* Reads a line from standard input; a terminal does not show it. */
static enum exit_code
ask_token(const struct session *session, char token[KEYRING_TOKEN_SIZE])
{
    bool terminal = isatty(STDIN_FILENO) == 1;
    struct termios shown, hidden;
    char line[LINE_SIZE] = "";
    enum exit_code code;

    if (terminal && tcgetattr(STDIN_FILENO, &shown) == 0) {
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        fprintf(stderr, language_pick(session->language, "Token for %s: ", "%s のトークン: "), session->address);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    } else {
        terminal = false;
    }
    if (fgets(line, sizeof line, stdin) != NULL)
        line[strcspn(line, "\r\n")] = '\0';
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    code = *line == '\0' ? failure_say(EXIT_DATA, "%s", language_pick(session->language, "no token was given", "トークンがない"))
                         : keep_token(session, token, line);
    explicit_bzero(line, sizeof line);
    return code;
}

static enum exit_code
no_words(const struct session *session, int argc)
{
    if (argc == 0)
        return EXIT_OK;
    /* A token among the words would be in the process list and the shell's history. */
    return failure_say(EXIT_USAGE_ERROR, "%s",
                       language_pick(session->language,
                                     "no words are expected; the token is asked for, or read from standard input",
                                     "引数はない。トークンは端末か標準入力から読む"));
}

enum exit_code
keyring_login(struct session *session, int argc, char **argv)
{
    char token[KEYRING_TOKEN_SIZE] = "";
    struct jinzai_error error;
    json_t *who = NULL;
    enum exit_code code = no_words(session, argc);

    (void)argv;
    if (code == EXIT_OK)
        code = ask_token(session, token);
    if (code == EXIT_OK)
        code = session_open(session);
    if (code == EXIT_OK && jinzai_sign_in(session->conn, token, session->timeout_ms, &who, &error) != 0)
        code = failure_report(session->language, &error);
    if (code == EXIT_OK)
        code = write_keyring(session, token);
    if (code == EXIT_OK)
        printf(language_pick(session->language, "signed in as %s (%s) until %s\n", "%s (%s) としてサインインした。期限 %s\n"),
               json_string_value(json_object_get(json_object_get(who, "principal"), "name")),
               json_string_value(json_object_get(who, "role")), json_string_value(json_object_get(who, "expires_at")));
    explicit_bzero(token, sizeof token);
    json_decref(who);
    return code;
}

enum exit_code
keyring_logout(struct session *session, int argc, char **argv)
{
    enum exit_code code = no_words(session, argc);

    (void)argv;
    if (code == EXIT_OK)
        code = write_keyring(session, NULL);
    if (code == EXIT_OK)
        printf(language_pick(session->language, "the token for %s is forgotten here; token revoke ends it everywhere\n",
                             "%s のトークンをここから消した。失効は token revoke で行う\n"),
               session->address);
    return code;
}
