/* SPDX-License-Identifier: Apache-2.0
 *
 * What the made-up people live in: the categories of the fusion skills framework and the
 * organizations of the fact files. How many people an organization gets here is chosen so that the
 * sample is lively; it says nothing of its staff.
 */
#ifndef JINZAI_SAMPLE_WORLD_H
#define JINZAI_SAMPLE_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "random.h"

enum category_id {
    REG,
    DES,
    MCF,
    ICF,
    BLK,
    TRI,
    MAG,
    CRY,
    HCD,
    PWR,
    PHY,
    DIA,
    CTL,
    MAT,
    NEU,
    DIV,
    VAC,
    RMT,
    FAB,
    SAF,
    WST,
    PMS,
    PUB,
    CATEGORIES
};

enum country_id { JP, US, COUNTRIES };

enum { SKILLS_MAX = 10 };

enum category_flag {
    AGING = 1 << 0,          /* many of its people are near retirement */
    TECHNICIANS = 1 << 1,    /* technicians work in it */
    EXPORT_CONTROL = 1 << 2, /* knowledge of it may need a licence to cross a border */
};

struct category {
    const char *code; /* as FS-TRI */
    const char *en, *ja;
    const char *pillar;     /* the one that its exchanges and programs serve besides workforce */
    int skills;             /* how many skills stand in it */
    int need[COUNTRIES][2]; /* positions per thousand that are filled: in 2024 and in 2036 */
    unsigned flags;
};

enum kind_id { UNIVERSITY, LABORATORY, COMPANY, AGENCY };

enum { FOCUS_MAX = 6 };

struct organization {
    const char *code;
    enum country_id country;
    enum kind_id kind;
    int people;           /* weight */
    const char *facility; /* one that it operates, or NULL */
    int focus_count;
    enum category_id focus[FOCUS_MAX]; /* what most of its people do */
};

extern const struct category categories[CATEGORIES];
extern const struct organization organizations[];
extern const size_t organization_count;

/* Whether the category is among what most people of the organization do. */
bool organization_has_focus(const struct organization *organization, enum category_id category);

/* One of all organizations, each as likely as its weight. */
const struct organization *organization_draw(struct random *random);

enum { SKILL_CODE = 12 };

/* Writes the code of a skill, as FS-TRI-03, whose number counts from 0. Returns text. */
const char *skill_code(enum category_id category, int number, char text[SKILL_CODE]);

#endif
