/* SPDX-License-Identifier: Apache-2.0
 *
 * English or Japanese, and a locale in which 人材 is two wide characters and not six escaped bytes.
 */
#ifndef JINZAI_CLI_LANGUAGE_H
#define JINZAI_CLI_LANGUAGE_H

enum language { LANGUAGE_EN, LANGUAGE_JA };

/* Selects a UTF-8 character type: the environment's where it is one, else C.UTF-8. Numbers keep the
 * C locale's point. */
void language_select_utf8(void);

/* The language that LC_ALL, LC_MESSAGES or LANG asks for, in that order; English for any but
 * Japanese. */
enum language language_of_environment(void);

/* Reads "en" or "ja". Returns 0, or -1. */
int language_parse(enum language *language, const char *text);

/* "en" or "ja", as the protocol writes them. */
const char *language_code(enum language language);

/* One of two texts. Both may be printf formats with the same arguments. */
const char *language_pick(enum language language, const char *en, const char *ja)
    __attribute__((format_arg(2), format_arg(3)));

#endif
