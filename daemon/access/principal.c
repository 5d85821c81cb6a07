/* SPDX-License-Identifier: Apache-2.0 */
#include "access/principal.h"

#include <errno.h>
#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "log.h"

enum {
    PASSWD_SIZE_FIRST = 1024,
    PASSWD_SIZE_MAX = 1 << 20,
    GROUPS_MAX = 65536, /* of one process, as the kernel has it */
    NETWORK_BYTES = 8,  /* of an IPv6 address */
    /* What the kernel says of a peer that our user namespace does not know: it could be anybody. */
    OVERFLOW_UID = 65534,
};

struct trusted {
    uid_t uid;
    char id[PRINCIPAL_ID_SIZE];
};

/* A user or group of this machine that the configuration names. */
struct known {
    bool group;
    unsigned number; /* its uid or gid */
    enum role role;
    char id[PRINCIPAL_ID_SIZE];
};

struct principals {
    size_t known_count;
    struct known *known;
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
principals_new(char *const *users, int count, const json_t *ids)
{
    struct principals *principals;

    principals = calloc(1, sizeof *principals + (size_t)count * sizeof *principals->trusted);
    if (principals == NULL)
        return NULL;
    for (int i = 0; i < count; i++) {
        struct trusted *trusted = &principals->trusted[principals->count];
        const char *id = json_string_value(json_object_get(ids, users[i]));

        if (id == NULL || strlen(id) != PRINCIPAL_ID_SIZE - 1) {
            log_write(LOG_WARNING, "a trusted user has no principal in the database user=%s",
                      users[i]);
        } else if (!find_uid(users[i], &trusted->uid)) {
            log_write(LOG_WARNING, "a trusted user does not exist on this machine user=%s",
                      users[i]);
        } else {
            memcpy(trusted->id, id, PRINCIPAL_ID_SIZE);
            principals->count++;
        }
    }
    return principals;
}

/* Looks a group up, as find_uid does a user. */
static bool
find_gid(const char *name, gid_t *gid)
{
    struct group entry, *found = NULL;
    size_t size = PASSWD_SIZE_FIRST;
    char *buffer = NULL;
    int error = ERANGE;

    for (; error == ERANGE && size <= PASSWD_SIZE_MAX; size *= 2) {
        char *larger = realloc(buffer, size);

        if (larger == NULL)
            break;
        buffer = larger;
        error = getgrnam_r(name, &entry, buffer, size, &found);
    }
    if (error == 0 && found != NULL)
        *gid = entry.gr_gid;
    free(buffer);
    return error == 0 && found != NULL;
}

static void
peer_name(const struct peer *peer, char name[PEER_NAME_SIZE + sizeof "group:"])
{
    snprintf(name, PEER_NAME_SIZE + sizeof "group:", "%s:%s", peer->group ? "group" : "unix", peer->name);
}

char *
principals_describe_peers(char *const *lines, int count)
{
    json_t *list = json_array();
    char *text;

    for (int i = 0; i < count; i++) {
        char name[PEER_NAME_SIZE + sizeof "group:"];
        struct peer peer;

        if (peer_parse(&peer, lines[i]) != NULL)
            continue;
        peer_name(&peer, name);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s*, s:s*}", "name", name, "kind",
                            peer.group ? "local_group" : "local_user", "role", role_name(peer.role), "organization",
                            peer.organization[0] != '\0' ? peer.organization : NULL, "country",
                            peer.country[0] != '\0' ? peer.country : NULL));
    }
    text = json_array_size(list) == (size_t)count ? json_dumps(list, JSON_COMPACT) : NULL;
    json_decref(list);
    return text;
}

int
principals_add_peers(struct principals *principals, char *const *lines, int count, const json_t *ids)
{
    principals->known = calloc((size_t)count + 1, sizeof *principals->known);
    if (principals->known == NULL)
        return -1;
    for (int i = 0; i < count; i++) {
        struct known *known = &principals->known[principals->known_count];
        char name[PEER_NAME_SIZE + sizeof "group:"];
        struct peer peer;
        const char *id;

        if (peer_parse(&peer, lines[i]) != NULL)
            continue;
        peer_name(&peer, name);
        id = json_string_value(json_object_get(ids, name));
        if (id == NULL || strlen(id) != PRINCIPAL_ID_SIZE - 1) {
            log_write(LOG_WARNING, "a peer's organization is not recorded, and so it is a stranger peer=%s organization=%s",
                      name, peer.organization);
        } else if (peer.group ? !find_gid(peer.name, &known->number) : !find_uid(peer.name, &known->number)) {
            log_write(LOG_WARNING, "a peer does not exist on this machine peer=%s", name);
        } else {
            known->group = peer.group;
            known->role = peer.role;
            memcpy(known->id, id, PRINCIPAL_ID_SIZE);
            principals->known_count++;
        }
    }
    return 0;
}

/* The groups of a peer beside its first, which the caller frees; none where the kernel does not tell. */
static gid_t *
peer_groups(int fd, size_t *count)
{
    socklen_t size = 0;
    gid_t *groups = NULL;

    *count = 0;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0 || errno != ERANGE ||
        size > GROUPS_MAX * sizeof *groups)
        return NULL;
    groups = malloc(size);
    if (groups != NULL && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0)
        *count = size / sizeof *groups;
    return groups;
}

static bool
in_group(const struct ucred *peer, const gid_t *groups, size_t count, gid_t gid)
{
    if (peer->gid == gid)
        return true;
    for (size_t i = 0; i < count; i++)
        if (groups[i] == gid)
            return true;
    return false;
}

/* A user that is named goes before its groups, and an earlier line before a later one. */
static const struct known *
find_known(const struct principals *principals, int fd, const struct ucred *peer)
{
    const struct known *found = NULL;
    size_t count = 0;
    gid_t *groups = NULL;

    for (size_t i = 0; i < principals->known_count; i++)
        if (!principals->known[i].group && principals->known[i].number == peer->uid)
            return &principals->known[i];
    if (principals->known_count > 0)
        groups = peer_groups(fd, &count);
    for (size_t i = 0; found == NULL && i < principals->known_count; i++)
        if (principals->known[i].group && in_group(peer, groups, count, principals->known[i].number))
            found = &principals->known[i];
    free(groups);
    return found;
}

/* Whether fd is a unix socket whose peer the kernel can tell. */
static bool
find_peer(int fd, struct ucred *peer)
{
    struct sockaddr_storage address;
    socklen_t address_size = sizeof address, size = sizeof *peer;

    return getsockname(fd, (struct sockaddr *)&address, &address_size) == 0 && address.ss_family == AF_UNIX &&
           getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &size) == 0;
}

struct principal
principal_of_peer(const struct principals *principals, int fd)
{
    struct principal who = {.role = ROLE_STRANGER};
    const struct known *known;
    struct ucred peer;

    if (!find_peer(fd, &peer) || peer.uid == OVERFLOW_UID)
        return who;
    for (size_t i = 0; i < principals->count; i++) {
        if (principals->trusted[i].uid != peer.uid)
            continue;
        who.role = ROLE_ADMIN;
        who.trusted = true;
        memcpy(who.id, principals->trusted[i].id, PRINCIPAL_ID_SIZE);
        return who;
    }
    known = find_known(principals, fd, &peer);
    if (known != NULL) {
        who.role = known->role;
        memcpy(who.id, known->id, PRINCIPAL_ID_SIZE);
    }
    return who;
}

void
principal_address(int fd, char address[PRINCIPAL_ADDRESS_SIZE])
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    struct ucred peer;

    memset(&name, 0, sizeof name);
    snprintf(address, PRINCIPAL_ADDRESS_SIZE, "unknown");
    if (find_peer(fd, &peer)) {
        snprintf(address, PRINCIPAL_ADDRESS_SIZE, "uid:%u", (unsigned)peer.uid);
    } else if (getpeername(fd, (struct sockaddr *)&name, &size) != 0) {
        return;
    } else if (name.ss_family == AF_INET) {
        inet_ntop(AF_INET, &((struct sockaddr_in *)&name)->sin_addr, address, PRINCIPAL_ADDRESS_SIZE);
    } else if (name.ss_family == AF_INET6) {
        struct in6_addr *host = &((struct sockaddr_in6 *)&name)->sin6_addr;

        memset(host->s6_addr + NETWORK_BYTES, 0, sizeof host->s6_addr - NETWORK_BYTES);
        inet_ntop(AF_INET6, host, address, PRINCIPAL_ADDRESS_SIZE - sizeof "/64");
        strcat(address, "/64");
    }
}

static const struct {
    enum role role;
    const char *name;
} names[] = {
    {ROLE_STRANGER, "stranger"}, {ROLE_MEMBER, "member"},   {ROLE_COORDINATOR, "coordinator"},
    {ROLE_ANALYST, "analyst"},   {ROLE_AUDITOR, "auditor"}, {ROLE_SECRETARIAT, "secretariat"},
    {ROLE_ADMIN, "admin"},
};

const char *
role_name(enum role role)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].role == role)
            return names[i].name;
    return "stranger";
}

enum role
role_of_name(const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].role;
    return 0;
}

void
principals_free(struct principals *principals)
{
    if (principals == NULL)
        return;
    free(principals->known);
    free(principals);
}
