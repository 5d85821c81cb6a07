/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdio.h>

/* clang-format off */
const struct category categories[CATEGORIES] = {
    [REG] = {"FS-REG", "Regulation and codes", "規制・規格基準",
             "regulation", 8, {{1150, 2400}, {1050, 1900}}, 0},
    [DES] = {"FS-DES", "Reactor system design", "炉システム設計",
             "science", 7, {{1000, 1500}, {1100, 1700}}, 0},
    [MCF] = {"FS-MCF", "Tokamak and stellarator core", "トカマク・ステラレータ炉心",
             "science", 9, {{850, 950}, {880, 1000}}, 0},
    [ICF] = {"FS-ICF", "Inertial confinement and lasers", "慣性核融合・レーザー",
             "science", 8, {{1150, 1800}, {900, 1300}}, EXPORT_CONTROL},
    [BLK] = {"FS-BLK", "Blanket", "ブランケット",
             "science", 8, {{1000, 1600}, {1300, 2300}}, EXPORT_CONTROL},
    [TRI] = {"FS-TRI", "Tritium", "トリチウム",
             "facilities", 9, {{1250, 2400}, {1050, 1900}}, AGING | TECHNICIANS | EXPORT_CONTROL},
    [MAG] = {"FS-MAG", "Superconducting magnets", "超伝導マグネット",
             "supply-chain", 7, {{900, 1300}, {1100, 1700}}, TECHNICIANS | EXPORT_CONTROL},
    [CRY] = {"FS-CRY", "Cryogenics", "極低温技術",
             "facilities", 5, {{1000, 1400}, {1050, 1500}}, AGING | TECHNICIANS},
    [HCD] = {"FS-HCD", "Heating and current drive", "加熱・電流駆動",
             "science", 7, {{850, 1000}, {1000, 1300}}, TECHNICIANS},
    [PWR] = {"FS-PWR", "Power supplies", "電源",
             "facilities", 6, {{1000, 1400}, {1000, 1450}}, AGING | TECHNICIANS},
    [PHY] = {"FS-PHY", "Plasma physics and simulation", "プラズマ物理・シミュレーション",
             "science", 10, {{750, 800}, {720, 780}}, 0},
    [DIA] = {"FS-DIA", "Diagnostics", "計測",
             "science", 8, {{850, 950}, {850, 1000}}, 0},
    [CTL] = {"FS-CTL", "Control and instrumentation", "制御・計装",
             "facilities", 7, {{1000, 1400}, {1000, 1400}}, TECHNICIANS},
    [MAT] = {"FS-MAT", "Materials", "材料",
             "science", 8, {{900, 1250}, {950, 1400}}, 0},
    [NEU] = {"FS-NEU", "Neutronics", "中性子工学",
             "science", 6, {{1100, 1900}, {1000, 1600}}, AGING | EXPORT_CONTROL},
    [DIV] = {"FS-DIV", "Divertor", "ダイバータ",
             "science", 6, {{950, 1400}, {1000, 1500}}, 0},
    [VAC] = {"FS-VAC", "Vacuum", "真空",
             "facilities", 5, {{950, 1300}, {950, 1300}}, AGING | TECHNICIANS},
    [RMT] = {"FS-RMT", "Remote handling", "遠隔保守",
             "facilities", 6, {{1200, 2000}, {1350, 2300}}, TECHNICIANS},
    [FAB] = {"FS-FAB", "Fabrication and welding", "製作・溶接",
             "supply-chain", 8, {{1100, 1700}, {1300, 2100}}, AGING | TECHNICIANS},
    [SAF] = {"FS-SAF", "Safety and RAMI", "安全・RAMI",
             "regulation", 8, {{1050, 1600}, {1000, 1500}}, TECHNICIANS},
    [WST] = {"FS-WST", "Waste and decommissioning", "廃棄物・廃止措置",
             "regulation", 5, {{1100, 1800}, {1050, 1700}}, AGING},
    [PMS] = {"FS-PMS", "Project management and systems integration", "プロジェクト管理・システム統合",
             "supply-chain", 8, {{1150, 1800}, {1050, 1600}}, 0},
    [PUB] = {"FS-PUB", "Public engagement and risk communication", "社会連携・リスクコミュニケーション",
             "engagement", 6, {{1100, 1900}, {1050, 1800}}, 0},
};

const struct organization organizations[] = {
    {"qst", JP, LABORATORY, 190, "jt-60sa", 6, {MCF, MAG, HCD, BLK, RMT, NEU}},
    {"nifs", JP, LABORATORY, 160, "lhd", 6, {MCF, PHY, DIA, MAG, CRY, HCD}},
    {"jaea", JP, LABORATORY, 30, NULL, 4, {MAT, NEU, SAF, WST}},
    {"kyoto-u", JP, UNIVERSITY, 70, "heliotron-j", 5, {MCF, BLK, MAT, PHY, DIV}},
    {"utokyo", JP, UNIVERSITY, 80, "tst-2", 5, {PHY, MCF, DES, SAF, DIA}},
    {"nagoya-u", JP, UNIVERSITY, 45, NULL, 4, {DIV, DIA, PHY, VAC}},
    {"osaka-u", JP, UNIVERSITY, 100, "gekko-lfex", 4, {ICF, DIA, PHY, NEU}},
    {"tohoku-u", JP, UNIVERSITY, 50, NULL, 3, {MAT, NEU, DIV}},
    {"kyushu-u", JP, UNIVERSITY, 60, "quest", 4, {MCF, DIV, TRI, PHY}},
    {"tsukuba-u", JP, UNIVERSITY, 45, "gamma10", 3, {DIV, HCD, DIA}},
    {"toyama-u", JP, UNIVERSITY, 25, "hrc-toyama", 2, {TRI, MAT}},
    {"hokkaido-u", JP, UNIVERSITY, 20, NULL, 3, {DIV, MAT, VAC}},
    {"isct", JP, UNIVERSITY, 30, NULL, 4, {BLK, DES, PWR, PHY}},
    {"sokendai", JP, UNIVERSITY, 35, NULL, 4, {PHY, MCF, MAG, MAT}},
    {"nihon-u", JP, UNIVERSITY, 10, "fat-cm", 2, {MCF, PWR}},
    {"kf", JP, COMPANY, 85, "unity-1", 6, {BLK, TRI, HCD, PMS, FAB, REG}},
    {"helical-fusion", JP, COMPANY, 30, NULL, 4, {MCF, MAG, BLK, DES}},
    {"ex-fusion", JP, COMPANY, 35, NULL, 3, {ICF, CTL, PMS}},
    {"linea", JP, COMPANY, 10, NULL, 2, {MCF, PWR}},
    {"mhi", JP, COMPANY, 80, NULL, 6, {FAB, VAC, DIV, MAG, SAF, PMS}},
    {"furukawa", JP, COMPANY, 25, NULL, 2, {MAG, FAB}},
    {"nra", JP, AGENCY, 8, NULL, 3, {REG, SAF, WST}},
    {"mext", JP, AGENCY, 5, NULL, 3, {PMS, PUB, REG}},
    {"j-fusion", JP, AGENCY, 5, NULL, 3, {PUB, REG, PMS}},
    {"pppl", US, LABORATORY, 150, "nstx-u", 6, {MCF, PHY, DIA, PWR, VAC, HCD}},
    {"ga", US, COMPANY, 130, "diii-d", 6, {MCF, DIA, CTL, MAG, HCD, ICF}},
    {"ornl", US, LABORATORY, 105, "hfir", 6, {MAT, DIV, NEU, BLK, RMT, PMS}},
    {"llnl", US, LABORATORY, 100, "nif", 4, {ICF, DIA, PHY, CTL}},
    {"inl", US, LABORATORY, 35, "star", 3, {TRI, SAF, WST}},
    {"lanl", US, LABORATORY, 40, NULL, 3, {TRI, ICF, MAT}},
    {"srnl", US, LABORATORY, 35, NULL, 3, {TRI, SAF, WST}},
    {"snl", US, LABORATORY, 45, "z", 3, {ICF, PWR, DIV}},
    {"mit-psfc", US, UNIVERSITY, 65, NULL, 5, {MCF, MAG, PHY, DES, MAT}},
    {"uw-madison", US, UNIVERSITY, 55, "wham", 4, {MCF, PHY, NEU, DES}},
    {"ucla", US, UNIVERSITY, 35, NULL, 3, {BLK, PHY, MAT}},
    {"ucsd", US, UNIVERSITY, 30, NULL, 3, {DIV, MAT, PHY}},
    {"ut-ifs", US, UNIVERSITY, 20, NULL, 2, {PHY, MCF}},
    {"gatech", US, UNIVERSITY, 20, NULL, 3, {DIV, BLK, NEU}},
    {"hampton-u", US, UNIVERSITY, 10, NULL, 2, {PHY, PUB}},
    {"rochester-lle", US, UNIVERSITY, 60, "omega", 3, {ICF, DIA, PHY}},
    {"cfs", US, COMPANY, 115, "sparc", 6, {MAG, FAB, MCF, PMS, CRY, REG}},
    {"tae", US, COMPANY, 50, "c-2w", 4, {MCF, HCD, PWR, CTL}},
    {"helion", US, COMPANY, 50, "polaris", 4, {PWR, FAB, MCF, CTL}},
    {"zap", US, COMPANY, 25, NULL, 3, {MCF, PWR, DIV}},
    {"type-one", US, COMPANY, 25, NULL, 4, {MCF, MAG, DES, FAB}},
    {"blf", US, COMPANY, 10, NULL, 2, {ICF, CTL}},
    {"nrc", US, AGENCY, 10, NULL, 3, {REG, SAF, WST}},
    {"doe", US, AGENCY, 8, NULL, 3, {PMS, PUB, REG}},
    {"fia", US, AGENCY, 5, NULL, 3, {PUB, REG, PMS}},
};
/* clang-format on */
const size_t organization_count = sizeof organizations / sizeof organizations[0];

bool
organization_has_focus(const struct organization *organization, enum category_id category)
{
    int i;

    for (i = 0; i < organization->focus_count; i++) {
        if (organization->focus[i] == category)
            return true;
    }
    return false;
}

const struct organization *
organization_draw(struct random *random)
{
    int sum = 0, drawn;
    size_t i;

    for (i = 0; i < organization_count; i++)
        sum += organizations[i].people;
    drawn = random_below(random, sum);
    for (i = 0; i + 1 < organization_count && drawn >= organizations[i].people; i++)
        drawn -= organizations[i].people;
    return &organizations[i];
}

const char *
skill_code(enum category_id category, int number, char text[SKILL_CODE])
{
    snprintf(text, SKILL_CODE, "%.6s-%02d", categories[category].code, (number + 1) % 100);
    return text;
}
