/* SPDX-License-Identifier: Apache-2.0 */
#include "access/principal.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "log.h"

enum {
    PASSWD_SIZE_FIRST = 1024,
    PASSWD_SIZE_MAX = 1 << 20,
    /* What the kernel says of a peer that our user namespace does not know: it could be anybody. */
    OVERFLOW_UID = 65534,
};

struct trusted {
    uid_t uid;
    char id[PRINCIPAL_ID_SIZE];
};

struct principals {
    size_t count;
    struct trusted trusted[];
};

/* Looks a name up; all digits are the number itself, for users that no name service knows. */
static bool
find_uid(const char *name, uid_t *uid)
{
    struct passwd entry, *found = NULL;
    size_t size = PASSWD_SIZE_FIRST;
    char *buffer = NULL;
    int error = ERANGE;

    if (name[0] != '\0' && strspn(name, "0123456789") == strlen(name)) {
        *uid = (uid_t)strtoul(name, NULL, 10);
        return true;
    }
    for (; error == ERANGE && size <= PASSWD_SIZE_MAX; size *= 2) {
        char *larger = realloc(buffer, size);

        if (larger == NULL)
            break;
        buffer = larger;
        error = getpwnam_r(name, &entry, buffer, size, &found);
    }
    if (error == 0 && found != NULL)
        *uid = entry.pw_uid;
    free(buffer);
    return error == 0 && found != NULL;
}

struct principals *
principals_new(char *const *names, int count, const json_t *ids)
{
    struct principals *principals;

    principals = calloc(1, sizeof *principals + (size_t)count * sizeof *principals->trusted);
    if (principals == NULL)
        return NULL;
    for (int i = 0; i < count; i++) {
        struct trusted *trusted = &principals->trusted[principals->count];
        const char *id = json_string_value(json_object_get(ids, names[i]));

        if (id == NULL || strlen(id) != PRINCIPAL_ID_SIZE - 1) {
            log_write(LOG_WARNING, "a trusted user has no principal in the database user=%s",
                      names[i]);
        } else if (!find_uid(names[i], &trusted->uid)) {
            log_write(LOG_WARNING, "a trusted user does not exist on this machine user=%s",
                      names[i]);
        } else {
            memcpy(trusted->id, id, PRINCIPAL_ID_SIZE);
            principals->count++;
        }
    }
    return principals;
}

struct principal
principal_of_peer(const struct principals *principals, int fd)
{
    struct principal who = {ROLE_STRANGER, ""};
    struct sockaddr_storage address;
    socklen_t address_size = sizeof address;
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (getsockname(fd, (struct sockaddr *)&address, &address_size) != 0 ||
        address.ss_family != AF_UNIX)
        return who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid == OVERFLOW_UID)
        return who;
    for (size_t i = 0; i < principals->count; i++) {
        if (principals->trusted[i].uid != peer.uid)
            continue;
        who.role = ROLE_ADMIN;
        memcpy(who.id, principals->trusted[i].id, PRINCIPAL_ID_SIZE);
        break;
    }
    return who;
}

const char *
role_name(enum role role)
{
    static const struct {
        enum role role;
        const char *name;
    } names[] = {
        {ROLE_STRANGER, "stranger"}, {ROLE_MEMBER, "member"},   {ROLE_COORDINATOR, "coordinator"},
        {ROLE_ANALYST, "analyst"},   {ROLE_AUDITOR, "auditor"}, {ROLE_SECRETARIAT, "secretariat"},
        {ROLE_ADMIN, "admin"},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].role == role)
            return names[i].name;
    return "stranger";
}

void
principals_free(struct principals *principals)
{
    free(principals);
}
