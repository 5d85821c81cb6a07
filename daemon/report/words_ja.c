/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MONTHS_A_YEAR = 12 };

static const struct term places[] = {
    {"JP", "日本"}, {"US", "米国"}, {"FR", "フランス"}, {"DE", "ドイツ"}, {"GB", "英国"}, {"CN", "中国"}, {"KR", "韓国"}, {"IN", "インド"},
    {"RU", "ロシア"}, {"IT", "イタリア"}, {"ES", "スペイン"}, {"CA", "カナダ"}, {"BE", "ベルギー"}, {"international", "国際機関"},
    {"all", "全機関"}, {NULL, NULL},
};

static const struct term dues[] = {
    {"plan", "計画書"}, {"change", "変更の決定"}, {"approvals", "承認"}, {"start", "開始の登録"}, {"completion", "終了の登録"},
    {"end", "制度上の終了期限"}, {"report", "最終報告書"}, {NULL, NULL},
};

static const struct term statuses[] = {
    {"open", "未着手"}, {"being_closed", "対応中"}, {"closed", "解消"}, {"accepted", "容認"}, {NULL, NULL},
};

static const struct term kinds[] = {
    {"quit_rate", "離職率"}, {"retirement_rate", "引退率"}, {"expiry_rate", "技能の失効率"}, {"move_rate", "上位レベルへの移行率"},
    {"replacement_share", "離職者の補充割合"}, {"completion_rate", "修了率"}, {"return_rate", "交流からの復帰率"}, {"fill_rate", "欠員の充足率"},
    {"retention_rate", "定着率"}, {"session_lag", "研修が効果を持つまでの期間"}, {"entry_age", "採用時の年齢"}, {"demand_growth", "需要の伸び率"},
    {"demand", "需要そのもの(申告の下限から上限)"},
    {"visit_months", "訪問の期間"}, {"secondment_months", "出向の期間"}, {"seat_months", "研修席の期間"}, {"facility_months", "施設利用の期間"},
    {"visit_gain", "訪問で得られる技能"}, {"secondment_gain", "出向で得られる技能"}, {"facility_gain", "施設利用で得られる技能"},
    {"visit_cost", "訪問の費用"}, {"secondment_cost", "出向の費用"}, {"seat_cost", "研修席の費用"}, {"facility_cost", "施設利用の費用"},
    {"travel_cost", "渡航費"}, {"mentored", "指導者一人が受け入れる人数"}, {"mentor_share", "指導できる人の割合"},
    {"approval_time", "承認に要する期間"}, {"facility_places", "施設の受入枠"}, {"language_ease", "共通言語での働きやすさ"},
    {"currency_rate", "為替レート"}, {NULL, NULL},
};

static const struct term instruments[] = {
    {"visit", "訪問"}, {"secondment", "出向"}, {"seat", "研修席"}, {"facility", "施設利用"}, {NULL, NULL},
};

static const struct term bands[] = {
    {"below a third", "3分の1未満"}, {"a third to two thirds", "3分の1以上3分の2未満"}, {"two thirds or more", "3分の2以上"}, {NULL, NULL},
};

static const struct term units[] = {
    {"USD per month", "USD/月"}, {"USD per person", "USD/人"}, {"FTE per person", "FTE/人"}, {"persons per FTE", "人/FTE"},
    {"persons", "人"}, {"months", "か月"}, {"days", "日"}, {"years", "年"}, {"units of the currency per USD", "(1 USDあたり)"}, {NULL, NULL},
};

/* Pieces ---------------------------------------------------------------------------------------- */

static void
fte(struct text *text, double value)
{
    words_fte(text, value);
    text_put(text, " FTE");
}

static void
day(struct text *text, const char *iso)
{
    int y = 0, m = 0, d = 0;
    int parts = sscanf(iso, "%d-%d-%d", &y, &m, &d);

    if (parts < 2)
        text_put(text, iso);
    else if (parts == 2)
        text_print(text, "%d年%d月", y, m);
    else
        text_print(text, "%d年%d月%d日", y, m, d);
}

static void
number(struct text *text, long long value, const char *unit)
{
    text_number(text, (double)value, 0);
    text_put(text, unit);
}

/* Sentences ------------------------------------------------------------------------------------- */

static void
title(struct text *text, const struct basis *basis)
{
    if (*basis->committee != '\0') {
        text_put(text, basis->committee);
        if (*basis->abbreviation != '\0')
            text_print(text, "(%s)", basis->abbreviation);
        text_put(text, " ");
    }
    text_put(text, "フュージョンエネルギー人材の現状と見通し ");
    day(text, basis->day);
}

static void
basis_is(struct text *text, const struct basis *basis)
{
    text_put(text, "数値は");
    day(text, basis->month);
    text_print(text, "1日現在のもので、レベル%d以上の技能を常勤換算(FTE)で数えています。", basis->level);
    text_put(text, "不足は需要から供給を差し引いた値です。需要が申告されていない分野の不足は示しません。不足がないという意味ではありません。");
    text_print(text, "推計は%d年先までを対象とし", basis->years);
    if (basis->draws > 0) {
        text_put(text, "、起こりうる将来を");
        number(text, basis->draws, "通り");
        text_put(text, "計算しています。");
    } else {
        text_put(text, "ています。");
    }
    if (strcmp(basis->scenario, "baseline") != 0)
        text_print(text, "需要はシナリオ「%s」によります。", basis->scenario);
    if (*basis->organization != '\0')
        text_print(text, "対象は%sに限ります。", basis->organization);
    else if (*basis->country != '\0')
        text_print(text, "対象は%sに限ります。", basis->country);
    if (*basis->pillar != '\0')
        text_print(text, "六つの柱のうち「%s」を取り上げます。", basis->pillar);
}

static void
published(struct text *text, const struct basis *basis)
{
    if (basis->live) {
        text_put(text, "人数とFTEは管理者が見る現在の正確な値です。小さな値からは個人が特定されるおそれがあるため、公表はできません。");
        return;
    }
    if (*basis->release == '\0') {
        text_put(text, "この月以前の公表値がないため、供給と不足は示しません。");
    } else {
        text_print(text, "人数とFTEは公表値%s(", basis->release);
        day(text, basis->release_month);
        text_print(text, ")によります。確認済みの記録だけを数え、個人を守るため人数を最大%d人までずらしています。"
                   "このため合計は一致しないことがあり、小さな値は示しません。", basis->at_most);
    }
    if (basis->some_live)
        text_put(text, "閲覧者の所属機関の値は正確な値です。");
}

static void
marks(struct text *text, unsigned which, int at_most)
{
    const char *between = "";

    if ((which & MARK_SYNTHETIC) != 0) {
        text_put(text, "試用のために作られた合成データを含む");
        between = "・";
    }
    if ((which & MARK_PERTURBED) != 0) {
        text_print(text, "%s人数は個人を守るため最大%d人までずらした値", between, at_most);
        between = "・";
    }
    if ((which & MARK_UNVERIFIED) != 0)
        text_print(text, "%s未確認のデータを一部に含む", between);
}

static void
demanded(struct text *text, const struct gap_fact *fact)
{
    if (isnan(fact->demand) && isnan(fact->supply))
        return;
    text_print(text, "%sでは", fact->place);
    if (isnan(fact->demand)) {
        text_put(text, "需要が申告されておらず、供給は");
        fte(text, fact->supply);
        text_put(text, "です。");
    } else if (isnan(fact->supply)) {
        text_put(text, "需要は");
        fte(text, fact->demand);
        text_put(text, "ですが、供給は示せません。");
    } else if (fact->gap > 0.05) {
        text_put(text, "需要");
        fte(text, fact->demand);
        text_put(text, "に対して供給は");
        fte(text, fact->supply);
        text_put(text, "で、充足率は");
        text_number(text, 100 * fact->coverage, 0);
        text_put(text, "%、不足は");
        fte(text, fact->gap);
        text_put(text, "です。");
    } else {
        text_put(text, "供給");
        fte(text, fact->supply);
        text_put(text, "が申告された需要");
        fte(text, fact->demand);
        text_put(text, "を満たしています。");
    }
}

static void
largest_now(struct text *text, const struct gap_fact *fact)
{
    text_print(text, "現在最も不足しているのは%sの%sで、", fact->place, fact->name);
    if (!isnan(fact->demand)) {
        text_put(text, "需要");
        fte(text, fact->demand);
        text_put(text, "のうち");
    }
    fte(text, fact->gap);
    text_put(text, "が不足しています。");
}

static void
largest_in(struct text *text, const struct gap_fact *fact)
{
    text_print(text, "この柱の分野では%sの%sの不足が最も大きく、", fact->place, fact->name);
    fte(text, fact->gap);
    text_put(text, "です。");
}

static void
chance(struct text *text, double probability)
{
    int tenths = words_tenths(probability);

    if (probability >= 0.995)
        text_put(text, "計算した将来のほぼすべて");
    else if (probability <= 0.005)
        text_put(text, "計算した将来のごくわずか");
    else if (tenths == 10)
        text_put(text, "十通りの将来のうち九通り以上");
    else if (tenths == 0)
        text_put(text, "十通りの将来のうち一通り未満");
    else {
        static const char *const counted[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};

        text_print(text, "十通りの将来のうちおよそ%s通り", counted[tenths]);
    }
}

static void
future(struct text *text, const struct gap_fact *fact)
{
    text_print(text, "%sの%s: %d年の中央の見通しは", fact->place, fact->name, fact->last_year);
    if (fact->p50 > 0.05) {
        text_put(text, "不足");
        fte(text, fact->p50);
    } else {
        text_put(text, "不足なし");
    }
    text_put(text, "です。十通りの将来のうち八通りは");
    words_fte(text, fact->p10);
    text_put(text, "から");
    fte(text, fact->p90);
    text_put(text, "の間にあり、");
    chance(text, fact->chance);
    text_put(text, "で不足が生じます。");
}

static void
growing(struct text *text, const struct gap_fact *fact)
{
    text_print(text, "不足が最も速く広がるのは%sの%sです。中央の見通しでは年に", fact->place, fact->name);
    fte(text, fact->per_year);
    text_print(text, "ずつ、%d年の", fact->first_year);
    words_fte(text, fact->first);
    text_print(text, "から%d年の", fact->last_year);
    fte(text, fact->p50);
    text_put(text, "まで広がります。");
}

static void
programs(struct text *text, long long count)
{
    if (count == 0)
        text_put(text, "この柱のために実施中の研修プログラムは記録されていません。");
    else {
        text_put(text, "この柱のために実施中の研修プログラムは");
        number(text, count, "件です。");
    }
}

static void
influence(struct text *text, const char *const what[], const double correlation[], int count)
{
    text_put(text, "推計した不足を最も左右するのは、");
    for (int i = 0; i < count; i++) {
        text_print(text, "%s%s(%s", i > 0 ? "、" : "", what[i], i == 0 ? "順位相関" : "");
        text_number(text, correlation[i], 2);
        text_put(text, ")");
    }
    text_put(text, "です。相関が正であれば、値が高いほど不足は大きくなります。これらの根拠を確かめることが、見通しの幅を狭める近道です。");
}

static void
people(struct text *text, long long from, long long below)
{
    if (from < 0)
        text_put(text, "不明");
    else if (below < 0)
        text_print(text, "%lld人以上", from);
    else if (below == from + 1)
        text_print(text, "%lld人", from);
    else
        text_print(text, "%lld~%lld人", from, below - 1);
}

static void
fragile(struct text *text, const struct fragile_fact *fact)
{
    text_print(text, "最も脆弱な技能は%sです。", fact->skill);
    if (fact->from == 0 && fact->below == 1) {
        text_put(text, "保有者は一人も記録されていません。");
    } else if (fact->from >= 0) {
        text_put(text, "保有者は");
        people(text, fact->from, fact->below);
        text_put(text, "です。");
    }
}

static void
balance(struct text *text, const struct balance_fact *fact)
{
    text_print(text, "%d年度%sに%sから%sへ派遣された人は", fact->year, fact->current ? "(年度途中)" : "", fact->from, fact->to);
    number(text, (long long)fact->there, "人");
    if (!isnan(fact->months_there)) {
        text_put(text, "(");
        text_number(text, fact->months_there, 1);
        text_put(text, "人月)");
    }
    text_put(text, "、逆方向は");
    number(text, (long long)fact->back, "人");
    if (!isnan(fact->months_back)) {
        text_put(text, "(");
        text_number(text, fact->months_back, 1);
        text_put(text, "人月)");
    }
    text_put(text, "です。");
    if (fact->at_most > 0 && fabs(fact->there - fact->back) <= 2.0 * fact->at_most) {
        text_print(text, "人数はそれぞれ最大%d人までずらしてあるため、どちらの方向が多いかは言えません。", fact->at_most);
        return;
    }
    if (!isnan(fact->months_there) && !isnan(fact->months_back) && fact->months_there > 0 && fact->months_back > 0) {
        double more = fmax(fact->months_there, fact->months_back), less = fmin(fact->months_there, fact->months_back);

        if (more / less < 1.1)
            text_put(text, "人月で見ると両方向の差は一割以内で、均衡しています。");
        else {
            text_print(text, "人月で見ると、%sは受け入れの", fact->months_there > fact->months_back ? fact->from : fact->to);
            text_number(text, more / less, 1);
            text_put(text, "倍を派遣しています。");
        }
    }
}

static void
outcomes(struct text *text, const struct outcome_fact *fact)
{
    text_put(text, "実施中の研修プログラムは");
    number(text, fact->programs, "件です。");
    if (fact->told == 0)
        text_put(text, "修了の記録または公表値があるものはありません。");
    else {
        text_put(text, "このうち修了の記録があるものは");
        number(text, fact->told, "件です。");
    }
}

static void
due_all(struct text *text, long long late, long long near, int within)
{
    if (late == 0)
        text_put(text, "期限を過ぎたものはありません。");
    else {
        text_put(text, "期限を過ぎたものが");
        number(text, late, "件あります。");
    }
    if (near == 0)
        text_print(text, "%d日以内に期限を迎えるものはありません。", within);
    else {
        text_print(text, "%d日以内に期限を迎えるものは", within);
        number(text, near, "件です。");
    }
}

static void
due(struct text *text, const struct due_fact *fact)
{
    if (fact->late > 0) {
        text_put(text, "期限超過");
        number(text, fact->late, "件(最も古い期限は");
        day(text, fact->oldest);
        text_put(text, ")。");
    }
    if (fact->near > 0) {
        text_put(text, "今後");
        number(text, fact->near, "件(次の期限は");
        day(text, fact->next);
        text_put(text, ")。");
    }
}

static void
opportunity(struct text *text, const struct opportunity_fact *fact)
{
    text_print(text, "第一位は、%sの人材を%sが%sで受け入れる%sの機会です。", fact->receiver, fact->giver, fact->instrument, fact->skill);
    number(text, fact->participants, "人の参加により");
    fte(text, fact->closed);
    text_put(text, "の不足を解消でき、");
    text_number(text, fact->months, 1);
    text_put(text, "人月");
    if (!isnan(fact->cost)) {
        text_put(text, "と、前提による費用");
        text_number(text, fact->cost, 0);
        text_print(text, " %s", fact->currency);
    }
    text_put(text, "を要します。");
}

static void
recorded(struct text *text, const struct recorded_fact *fact)
{
    text_put(text, "登録された不足は");
    number(text, fact->gaps, "件で、そのうち未着手または対応中は");
    number(text, fact->open, "件です。");
    if (fact->expected > 0) {
        text_put(text, "対策はこの日までに");
        fte(text, fact->expected);
        text_put(text, "の効果を見込んでいましたが、確認された実績は");
        fte(text, fact->actual);
        text_put(text, "です。");
    } else {
        text_put(text, "この日までに効果を見込んだ対策はありません。");
    }
    if (fact->late_gaps > 0) {
        text_put(text, "対策が見込みより遅れている不足は");
        number(text, fact->late_gaps, "件です。");
    }
}

static void
months(struct text *text, int count)
{
    if (count < MONTHS_A_YEAR)
        text_print(text, "%dか月", count);
    else
        text_print(text, "%d年", count / MONTHS_A_YEAR);
}

static void
assumptions(struct text *text, const struct assumptions_fact *fact)
{
    text_put(text, "推計は登録された前提");
    number(text, fact->all, "件に基づいています。");
    if (fact->unverified > 0) {
        text_put(text, fact->unverified == fact->all ? "その" : "このうち");
        if (fact->unverified == fact->all)
            text_put(text, "すべてが未確認で、判断によるもの、または判断で補ったものです。");
        else
            number(text, fact->unverified, "件は未確認で、判断によるもの、または判断で補ったものです。");
    }
    if (fact->stale == 0)
        text_put(text, "更新期限を過ぎたものはありません。");
    else {
        number(text, fact->stale, "件は更新期限を過ぎており、見直しが必要です。");
    }
    text_put(text, "最も古い出典は");
    day(text, fact->oldest);
    text_put(text, "のもので、");
    if (fact->oldest_months == 0)
        text_put(text, "この文書の日付まで一か月に満ちません。");
    else {
        text_put(text, "この文書の日付まで");
        months(text, fact->oldest_months);
        text_put(text, "が経過しています。");
    }
}

static void
holds_for(struct text *text, const char *place, const char *skill, long long level, long long age)
{
    text_put(text, *place != '\0' ? place : "すべての国");
    if (*skill != '\0')
        text_print(text, "、%s", skill);
    if (level >= 0)
        text_print(text, "、レベル%lld", level);
    if (age >= 0)
        text_print(text, "、%lld歳から", age);
}

static void
unsaid(struct text *text, const char *what, long long of, long long all)
{
    if (strcmp(what, "demand") == 0)
        text_print(text, "分野と国・機関の組%lld件のうち%lld件の不足。今年の需要が申告されていません。", all, of);
    else if (strcmp(what, "hidden") == 0)
        text_print(text, "分野と国・機関の組%lld件のうち%lld件の供給。公表された人数が少なく、FTEを示しません。", all, of);
    else if (strcmp(what, "supply") == 0)
        text_print(text, "分野と国・機関の組%lld件のうち%lld件の供給。公表値がありません。", all, of);
    else if (strcmp(what, "future") == 0)
        text_print(text, "推計%lld件のうち%lld件の後半の年。需要の申告が対象期間の途中で終わり、その先へは延長していません。", all, of);
    else if (strcmp(what, "undated") == 0)
        text_print(text, "需要の申告%lld件のうち%lld件の古さ。出典の日付が記録されていません。", all, of);
    else if (strcmp(what, "left_out") == 0)
        text_print(text, "会員企業の需要を含む団体の合計%lld件。重複を避けるため数えていません。", of);
}

static void
no_assumption(struct text *text, const char *reason)
{
    text_print(text, "不足を推計できませんでした。理由: %s。", reason);
}

const struct words words_ja = {
    .lang = "ja",
    .section = {"概要", "柱ごとの状況", "大きな不足", "速く広がる不足", "脆弱な技能", "人材交流の均衡", "研修プログラムの成果", "人材交流の期限",
                "優先すべき機会", "登録された不足と対策の実績", "前提とその古さ", "分からないこと"},
    .head = {"分野", "国・機関", "需要 FTE", "供給 FTE", "不足 FTE", "充足率", "P10", "P50", "P90", "不足が生じる将来", "年", "年あたりの増加 FTE",
             "需要の増加 FTE", "補充の必要 FTE", "派遣元", "派遣先", "人数", "人月", "プログラム", "実施機関", "受講", "修了", "修了率", "分野への定着",
             "期限の種類", "期限", "交流", "派遣元機関", "受入機関", "状況", "不足", "規模 FTE", "見込 FTE", "実績 FTE", "残り FTE", "前提", "適用範囲",
             "下限 – 最頻 – 上限", "出典", "出典の日付", "提供側", "受ける側", "手段", "解消 FTE", "人月", "費用 USD", "得点", "保有者", "引退間近の割合",
             "プログラム", "集中度"},
    .phrase = {
        [PHRASE_NOTHING] = "この月の需要は申告されておらず、示すことのできる供給もありません。不足については何も述べられません。",
        [PHRASE_CATEGORIES] = "柱や分野では、一人をその中で最も高いレベルで一度だけ数えます。そのため値は個々の技能の合計ではなく、足し合わせることもできません。",
        [PHRASE_NO_GAPS] = "需要と供給の両方が分かる分野がないため、不足は示せません。",
        [PHRASE_NO_SHORTAGE] = "需要と供給の両方が分かる分野では、供給が申告された需要を満たしています。",
        [PHRASE_NO_PROJECTION] = "前提が登録されていないため、推計はありません。",
        [PHRASE_NO_FUTURE] = "今後のどの年についても需要または供給が分からないため、不足は推計できません。",
        [PHRASE_NO_GROWTH] = "中央の見通しで広がる不足はありません。",
        [PHRASE_NO_FRAGILE] = "技能の保有者が一人も記録または公表されていないため、脆弱な技能は示せません。",
        [PHRASE_FRAGILE] = "保有者が少ない、引退間近の割合が高い、実施中のプログラムがない、保有者が一つの機関に偏る技能を、脆弱なものから順に示します。得点は0から1までです。",
        [PHRASE_NO_BALANCE] = "この期間の人材交流は、記録または公表されていません。",
        [PHRASE_BALANCE] = "人数は年度と方向ごとに一人を一度だけ数えます。人月は常勤で一か月にあたります。",
        [PHRASE_NO_OUTCOMES] = "実施中の研修プログラムは記録されていません。",
        [PHRASE_OUTCOMES] = "修了率は受講を終えた人に占める修了者の割合です。分野への定着は、その後の仕事が分かる人のうち分野に残った人の割合です。",
        [PHRASE_DUE_NOT_SHOWN] = "この文書の閲覧者には個々の人材交流を示さないため、期限は省いています。",
        [PHRASE_NOTHING_DUE] = "期限を過ぎたものも、90日以内に期限を迎えるものもありません。",
        [PHRASE_NO_OPPORTUNITIES] = "ある機関の不足に応えられる余力、研修席、施設を持つ機関がないため、順位を付けられる機会はありません。",
        [PHRASE_OPPORTUNITIES] = "どの機関がどの機関をどの手段で助けられるかを、時間と費用あたりに解消される不足、実現のしやすさ、双方の補い合いによって順位付けしたものです。期間、費用、効果は前提によります。",
        [PHRASE_NO_RECORDED] = "登録された不足はありません。",
        [PHRASE_NO_ASSUMPTIONS] = "登録された前提はありません。",
        [PHRASE_DRAWN] = "推計では需要を申告の下限から上限までの間で動かすため、初年の中央の値は、最も確からしい需要による上の不足とは必ずしも一致しません。",
        [PHRASE_HEAT] = "分野と国・機関ごとの不足 FTE",
        [PHRASE_FANS] = "不足の推計",
        [PHRASE_BALANCE_CHART] = "年度と方向ごとの人材交流 人月",
        [PHRASE_HEAT_CHART] = "色が濃いほど充足率が低いことを示します。– は不明、? は個人を守るため非公表です。",
        [PHRASE_SKILLS_TABLE] = "不足の大きい個々の技能",
        [PHRASE_PROJECTED_TABLE] = "現在の不足と推計の最終年の不足",
        [PHRASE_FAN_TABLE] = "年ごとの不足の推計: P50(P10からP90) FTE",
        [PHRASE_UNIT] = "FTE",
        [PHRASE_UNKNOWN] = "–",
        [PHRASE_HIDDEN] = "?",
        [PHRASE_LATE] = "期限超過",
        [PHRASE_NEAR] = "今後",
        [PHRASE_STALE] = "更新期限超過",
        [PHRASE_EVERYWHERE] = "両国全体",
        [PHRASE_UNSAID_DEMAND] = "今年の需要は一件も申告されていません。",
        [PHRASE_UNSAID_ALLOCATION] = "今いる人材ですべての職を同時に満たせるかどうか。数値は分野ごとの能力であり、同じ人が複数の分野で数えられています。",
    },
    .places = places, .dues = dues, .statuses = statuses, .kinds = kinds, .instruments = instruments, .bands = bands, .units = units,
    .title = title, .day = day, .basis = basis_is, .published = published, .marks = marks, .demanded = demanded,
    .largest_now = largest_now, .largest_in = largest_in, .future = future, .growing = growing, .programs = programs,
    .influence = influence, .fragile = fragile, .balance = balance, .outcomes = outcomes, .due = due, .due_all = due_all,
    .opportunity = opportunity, .recorded = recorded, .assumptions = assumptions, .months = months, .people = people,
    .holds_for = holds_for, .unsaid = unsaid, .no_assumption = no_assumption,
};
