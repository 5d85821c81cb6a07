/* SPDX-License-Identifier: Apache-2.0 */
#include "language.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

void
language_select_utf8(void)
{
    if (setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        return;
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        setlocale(LC_CTYPE, "C.utf8");
}

enum language
language_of_environment(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && *value != '\0')
            return strncmp(value, "ja", 2) == 0 ? LANGUAGE_JA : LANGUAGE_EN;
    }
    return LANGUAGE_EN;
}

int
language_parse(enum language *language, const char *text)
{
    if (strcmp(text, "en") == 0)
        *language = LANGUAGE_EN;
    else if (strcmp(text, "ja") == 0)
        *language = LANGUAGE_JA;
    else
        return -1;
    return 0;
}

const char *
language_code(enum language language)
{
    return language == LANGUAGE_JA ? "ja" : "en";
}

const char *
language_pick(enum language language, const char *en, const char *ja)
{
    return language == LANGUAGE_JA ? ja : en;
}
