/* SPDX-License-Identifier: Apache-2.0 */
#include "access/peer.h"

#include <ctype.h>
#include <string.h>

#include "access/principal.h"

static const char separators[] = " \t,";

/* Copies the next word. Returns its length, 0 where there is none, or size where it does not fit. */
static size_t
next_word(const char **text, char *word, size_t size)
{
    size_t length;

    *text += strspn(*text, separators);
    length = strcspn(*text, separators);
    if (length >= size)
        return size;
    memcpy(word, *text, length);
    word[length] = '\0';
    *text += length;
    return length;
}

static bool
is_country(const char *word)
{
    return strlen(word) == 2 && isupper((unsigned char)word[0]) && isupper((unsigned char)word[1]);
}

static const char *
read_place(struct peer *peer, const char *word)
{
    if (is_country(word) && peer->country[0] == '\0')
        strcpy(peer->country, word);
    else if (!is_country(word) && peer->organization[0] == '\0')
        strcpy(peer->organization, word);
    else
        return "it names two organizations or two countries";
    return NULL;
}

const char *
peer_parse(struct peer *peer, const char *text)
{
    char word[PEER_ORGANIZATION_SIZE + sizeof "group:"];
    const char *fault = NULL;
    size_t length;

    memset(peer, 0, sizeof *peer);
    next_word(&text, word, sizeof word);
    peer->group = strncmp(word, "group:", 6) == 0;
    if (!peer->group && strncmp(word, "user:", 5) != 0)
        return "it must begin with user:NAME or group:NAME";
    length = strlen(strchr(word, ':') + 1);
    if (length == 0 || length >= sizeof peer->name)
        return "its user or group must have a name of 1 to 63 bytes";
    memcpy(peer->name, strchr(word, ':') + 1, length + 1);
    next_word(&text, word, sizeof word);
    peer->role = role_of_name(word);
    if (peer->role == 0 || peer->role == ROLE_STRANGER)
        return "its second word must be admin, secretariat, coordinator, member, analyst or auditor";
    while (fault == NULL && (length = next_word(&text, word, PEER_ORGANIZATION_SIZE)) > 0)
        fault = length < PEER_ORGANIZATION_SIZE ? read_place(peer, word) : "the code of its organization is too long";
    if (fault == NULL && (peer->role & (ROLE_COORDINATOR | ROLE_MEMBER)) != 0 && peer->organization[0] == '\0')
        return "a coordinator or member needs the code of an organization";
    return fault;
}
