/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MONTHS_A_YEAR = 12, WORDED_MAX = 10 };

static const struct term places[] = {
    {"JP", "Japan"}, {"US", "United States"}, {"FR", "France"}, {"DE", "Germany"}, {"GB", "United Kingdom"}, {"CN", "China"},
    {"KR", "South Korea"}, {"IN", "India"}, {"RU", "Russia"}, {"IT", "Italy"}, {"ES", "Spain"}, {"CA", "Canada"}, {"BE", "Belgium"},
    {"international", "International organizations"}, {"all", "All organizations"}, {NULL, NULL},
};

static const struct term dues[] = {
    {"plan", "plan"}, {"change", "decision on a change"}, {"approvals", "approval"}, {"start", "start to be recorded"},
    {"completion", "completion to be recorded"}, {"end", "end required by the scheme"}, {"report", "final report"}, {NULL, NULL},
};

static const struct term statuses[] = {
    {"open", "open"}, {"being_closed", "being closed"}, {"closed", "closed"}, {"accepted", "accepted"}, {NULL, NULL},
};

static const struct term kinds[] = {
    {"quit_rate", "rate of quits"}, {"retirement_rate", "rate of retirement"}, {"expiry_rate", "rate at which levels expire"},
    {"move_rate", "rate of rising to the next level"}, {"replacement_share", "share of leavers who are replaced"},
    {"completion_rate", "share of the enrolled who complete"}, {"return_rate", "share of the exchanged who return"},
    {"fill_rate", "share of vacancies that are filled"}, {"retention_rate", "share of arrivals who stay"},
    {"session_lag", "time until training counts"}, {"entry_age", "age at entry"}, {"demand_growth", "growth of demand"},
    {"demand", "demand, between its low and its high statement"},
    {"visit_months", "length of a visit"}, {"secondment_months", "length of a secondment"}, {"seat_months", "length of a program seat"},
    {"facility_months", "length of a facility stay"}, {"visit_gain", "skill gained by a visit"},
    {"secondment_gain", "skill gained by a secondment"}, {"facility_gain", "skill gained at a facility"},
    {"visit_cost", "cost of a visit"}, {"secondment_cost", "cost of a secondment"}, {"seat_cost", "cost of a program seat"},
    {"facility_cost", "cost of a facility stay"}, {"travel_cost", "cost of travel"}, {"mentored", "people one mentor takes"},
    {"mentor_share", "share of people who can mentor"}, {"approval_time", "time that approvals take"},
    {"facility_places", "places at a facility"}, {"language_ease", "ease of working in a common language"},
    {"currency_rate", "rate of exchange"}, {NULL, NULL},
};

static const struct term instruments[] = {
    {"visit", "visit"}, {"secondment", "secondment"}, {"seat", "program seat"}, {"facility", "facility access"}, {NULL, NULL},
};

static const struct term bands[] = {
    {"below a third", "below a third"}, {"a third to two thirds", "a third to two thirds"}, {"two thirds or more", "two thirds or more"},
    {NULL, NULL},
};

static const struct term units[] = {
    {"USD per month", "USD a month"}, {"USD per person", "USD a person"}, {"FTE per person", "FTE a person"},
    {"persons per FTE", "people per FTE"}, {"persons", "people"}, {"months", "months"}, {"days", "days"}, {"years", "years"},
    {"units of the currency per USD", "per USD"}, {NULL, NULL},
};

/* Pieces ---------------------------------------------------------------------------------------- */

static const char *
plural(double count, const char *one, const char *many)
{
    return fabs(count - 1) < 1e-9 ? one : many;
}

/* Small whole numbers as words, as a sentence has them. */
static void
count(struct text *text, double value)
{
    static const char *const worded[] = {"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"};

    if (value >= 0 && value <= WORDED_MAX && fabs(value - round(value)) < 1e-9)
        text_put(text, worded[(int)round(value)]);
    else
        text_number(text, value, 0);
}

/* The same at the head of a sentence. */
static void
Count(struct text *text, double value)
{
    size_t at = text->size;

    count(text, value);
    if (!text->failed && text->at[at] >= 'a' && text->at[at] <= 'z')
        text->at[at] = (char)(text->at[at] - 'a' + 'A');
}

static void
fte(struct text *text, double value)
{
    words_fte(text, value);
    text_put(text, " FTE");
}

static const char *
article(const char *place)
{
    return strcmp(place, "United States") == 0 || strcmp(place, "United Kingdom") == 0 ? "the " : "";
}

/* " in Japan", " at the National Institute …". */
static void
in_place(struct text *text, const char *place)
{
    if (strcmp(place, "All organizations") == 0)
        text_put(text, " over all organizations");
    else if (strcmp(place, "International organizations") == 0)
        text_put(text, " in international organizations");
    else {
        bool country = false;

        for (const struct term *term = places; term->code != NULL; term++)
            country = country || strcmp(term->text, place) == 0;
        text_print(text, " %s %s%s", country || strlen(place) == 2 ? "in" : "at", article(place), place);
    }
}

static void
day(struct text *text, const char *iso)
{
    static const char *const names[] = {"January", "February", "March", "April", "May", "June", "July", "August", "September",
                                        "October", "November", "December"};
    int y = 0, m = 0, d = 0;
    int parts = sscanf(iso, "%d-%d-%d", &y, &m, &d);

    if (parts < 2 || m < 1 || m > MONTHS_A_YEAR)
        text_put(text, iso);
    else if (parts == 2)
        text_print(text, "%s %d", names[m - 1], y);
    else
        text_print(text, "%d %s %d", d, names[m - 1], y);
}

/* "about nine of ten futures show a gap". */
static void
chance(struct text *text, double probability)
{
    int tenths = words_tenths(probability);

    if (probability >= 0.995)
        text_put(text, "practically all futures show a gap");
    else if (probability <= 0.005)
        text_put(text, "practically none of the futures shows a gap");
    else if (tenths == 10)
        text_put(text, "more than nine of ten futures show a gap");
    else if (tenths == 0)
        text_put(text, "fewer than one of ten futures shows a gap");
    else {
        text_put(text, "about ");
        count(text, tenths);
        text_put(text, tenths == 1 ? " of ten futures shows a gap" : " of ten futures show a gap");
    }
}

/* Sentences ------------------------------------------------------------------------------------- */

static void
title(struct text *text, const struct basis *basis)
{
    text_put(text, "Fusion workforce briefing");
    if (*basis->committee != '\0') {
        text_print(text, " for the %s", basis->committee);
        if (*basis->abbreviation != '\0')
            text_print(text, " (%s)", basis->abbreviation);
    }
    text_put(text, ", ");
    day(text, basis->day);
}

static void
basis_is(struct text *text, const struct basis *basis)
{
    text_put(text, "Figures are as of the first day of ");
    day(text, basis->month);
    text_print(text, " and count skills held at level %d or above, in full-time equivalents (FTE). ", basis->level);
    text_put(text, "A gap is demand less supply; where nobody has stated demand there is no gap to give, which is not the same as none. ");
    text_print(text, "Projections look %d %s ahead", basis->years, plural(basis->years, "year", "years"));
    if (basis->draws > 0) {
        text_put(text, " and draw ");
        text_number(text, (double)basis->draws, 0);
        text_put(text, " possible futures");
    }
    text_put(text, ".");
    if (strcmp(basis->scenario, "baseline") != 0)
        text_print(text, " Demand is that of the scenario %s.", basis->scenario);
    if (*basis->organization != '\0')
        text_print(text, " The document is about %s alone.", basis->organization);
    else if (*basis->country != '\0')
        text_print(text, " The document is about %s%s alone.", article(basis->country), basis->country);
    if (*basis->pillar != '\0')
        text_print(text, " Of the six pillars it covers one: %s.", basis->pillar);
}

static void
published(struct text *text, const struct basis *basis)
{
    if (basis->live) {
        text_put(text, "Figures on people are exact and current, as administrators see them. They may identify people where they "
                       "are small, and are not for publication.");
        return;
    }
    if (*basis->release == '\0') {
        text_put(text, "No release of figures on people has been cut for this month or before, so supply, and with it every gap, is missing");
    } else {
        text_print(text, "Figures on people are those of release %s, of ", basis->release);
        day(text, basis->release_month);
        text_print(text, ": verified records, with counts changed by up to %d so that they expose nobody. "
                   "Figures therefore need not add up, and are left out where they are small", basis->at_most);
    }
    text_put(text, basis->some_live ? "; those of the reader's own organization are exact." : ".");
}

static void
marks(struct text *text, unsigned which, int at_most)
{
    const char *between = "";

    if ((which & MARK_SYNTHETIC) != 0) {
        text_put(text, "Contains synthetic data, made up for trying the program out");
        between = " · ";
    }
    if ((which & MARK_PERTURBED) != 0) {
        text_print(text, "%sCounts of people changed by up to %d to protect them", between, at_most);
        between = " · ";
    }
    if ((which & MARK_UNVERIFIED) != 0)
        text_print(text, "%sRests in part on unverified data", between);
}

static void
demanded(struct text *text, const struct gap_fact *fact)
{
    size_t at = text->size;

    if (isnan(fact->demand) && isnan(fact->supply))
        return;
    in_place(text, fact->place);
    if (!text->failed) { /* " in Japan" begins the sentence */
        memmove(text->at + at, text->at + at + 1, text->size - at);
        text->size--;
        text->at[at] = (char)(text->at[at] - 'a' + 'A');
    }
    if (isnan(fact->demand)) {
        text_put(text, " nobody has stated demand; supply is ");
        fte(text, fact->supply);
        text_put(text, ".");
    } else if (isnan(fact->supply)) {
        text_put(text, " demand is ");
        fte(text, fact->demand);
        text_put(text, "; what supply there is may not be shown.");
    } else if (fact->gap > 0.05) {
        text_put(text, " supply covers ");
        text_number(text, 100 * fact->coverage, 0);
        text_put(text, "% of demand: ");
        fte(text, fact->supply);
        text_put(text, " against ");
        fte(text, fact->demand);
        text_put(text, ", a gap of ");
        fte(text, fact->gap);
        text_put(text, ".");
    } else {
        text_put(text, " supply of ");
        fte(text, fact->supply);
        text_put(text, " meets the stated demand of ");
        fte(text, fact->demand);
        text_put(text, ".");
    }
}

static void
largest_now(struct text *text, const struct gap_fact *fact)
{
    text_print(text, "The largest gap today is in %s", fact->name);
    in_place(text, fact->place);
    text_put(text, ": ");
    fte(text, fact->gap);
    if (!isnan(fact->demand)) {
        text_put(text, " of a demand of ");
        fte(text, fact->demand);
    }
    text_put(text, ".");
}

static void
largest_in(struct text *text, const struct gap_fact *fact)
{
    text_print(text, "Among its fields the largest gap is that in %s", fact->name);
    in_place(text, fact->place);
    text_put(text, ", ");
    fte(text, fact->gap);
    text_put(text, ".");
}

static void
future(struct text *text, const struct gap_fact *fact)
{
    text_put(text, fact->name);
    in_place(text, fact->place);
    text_print(text, ": by %d the middle of the futures drawn is ", fact->last_year);
    if (fact->p50 > 0.05) {
        text_put(text, "a gap of ");
        fte(text, fact->p50);
    } else {
        text_put(text, "no gap");
    }
    text_put(text, "; eight of ten futures lie between ");
    words_fte(text, fact->p10);
    text_put(text, " and ");
    fte(text, fact->p90);
    text_put(text, ", and ");
    chance(text, fact->chance);
    text_put(text, ".");
}

static void
growing(struct text *text, const struct gap_fact *fact)
{
    text_print(text, "The gap that grows fastest is %s", fact->name);
    in_place(text, fact->place);
    text_put(text, ", by ");
    fte(text, fact->per_year);
    text_print(text, " a year in the middle of the futures, from ");
    words_fte(text, fact->first);
    text_print(text, " in %d to ", fact->first_year);
    words_fte(text, fact->p50);
    text_print(text, " in %d.", fact->last_year);
}

static void
programs(struct text *text, long long number)
{
    if (number == 0)
        text_put(text, "No running program is recorded for it.");
    else {
        Count(text, (double)number);
        text_print(text, " running %s it.", plural((double)number, "program serves", "programs serve"));
    }
}

static void
influence(struct text *text, const char *const what[], const double correlation[], int number)
{
    text_put(text, "What moves the projected gaps most, in this order: ");
    for (int i = 0; i < number; i++) {
        text_put(text, i == 0 ? "" : i + 1 == number ? " and " : ", ");
        text_print(text, "%s (%s", what[i], i == 0 ? "rank correlation " : "");
        text_number(text, correlation[i], 2);
        text_put(text, ")");
    }
    text_put(text, ". A positive correlation means that a higher value goes with a larger gap. Better evidence on these would narrow the ranges most.");
}

static void
people(struct text *text, long long from, long long below)
{
    if (from < 0)
        text_put(text, "not known");
    else if (below < 0)
        text_print(text, "%lld or more", from);
    else if (below == from + 1)
        text_print(text, "%lld", from);
    else
        text_print(text, "%lld to %lld", from, below - 1);
}

static void
fragile(struct text *text, const struct fragile_fact *fact)
{
    text_print(text, "The most fragile skill is %s", fact->skill);
    if (fact->from == 0 && fact->below == 1) {
        text_put(text, ", which nobody is recorded to hold");
    } else if (fact->from >= 0) {
        text_put(text, ", with ");
        people(text, fact->from, fact->below);
        text_put(text, fact->from == 1 && fact->below == 2 ? " holder" : " holders");
    }
    text_put(text, ".");
}

static void
balance(struct text *text, const struct balance_fact *fact)
{
    text_print(text, "In Japan's fiscal year %d%s, ", fact->year, fact->current ? ", which is still running" : "");
    count(text, fact->there);
    text_print(text, " %s from %s%s to %s%s", plural(fact->there, "person was on exchange", "people were on exchange"),
               article(fact->from), fact->from, article(fact->to), fact->to);
    if (!isnan(fact->months_there)) {
        text_put(text, " (");
        text_number(text, fact->months_there, 1);
        text_print(text, " %s)", plural(fact->months_there, "person-month", "person-months"));
    }
    text_put(text, " and ");
    count(text, fact->back);
    text_put(text, " the other way");
    if (!isnan(fact->months_back)) {
        text_put(text, " (");
        text_number(text, fact->months_back, 1);
        text_put(text, ")");
    }
    text_put(text, ".");
    if (fact->at_most > 0 && fabs(fact->there - fact->back) <= 2.0 * fact->at_most) {
        text_print(text, " Each count may have been changed by up to %d, so it cannot be said which direction is the larger.", fact->at_most);
        return;
    }
    if (!isnan(fact->months_there) && !isnan(fact->months_back) && fact->months_there > 0 && fact->months_back > 0) {
        double more = fmax(fact->months_there, fact->months_back), less = fmin(fact->months_there, fact->months_back);

        if (more / less < 1.1)
            text_put(text, " In person-months the two directions are in balance, to within a tenth.");
        else {
            const char *most = fact->months_there > fact->months_back ? fact->from : fact->to;

            text_print(text, " %s%s sent ", *article(most) != '\0' ? "The " : "", most);
            text_number(text, more / less, 1);
            text_put(text, " times as many person-months as it received.");
        }
    }
}

static void
outcomes(struct text *text, const struct outcome_fact *fact)
{
    Count(text, fact->programs);
    text_print(text, " %s running", plural(fact->programs, "program is", "programs are"));
    if (fact->told == 0) {
        text_put(text, "; for none of them has a completion been recorded or published.");
        return;
    }
    text_put(text, fact->told == fact->programs ? ", each with completions on record." : "; ");
    if (fact->told != fact->programs) {
        count(text, fact->told);
        text_print(text, " of them %s completions on record.", plural(fact->told, "has", "have"));
    }
}

static void
due_all(struct text *text, long long late, long long near, int within)
{
    if (late == 0)
        text_put(text, "Nothing is late");
    else {
        Count(text, (double)late);
        text_print(text, " %s late", plural((double)late, "item is", "items are"));
    }
    text_put(text, late == 0 ? "; " : " and ");
    if (near == 0)
        text_print(text, "nothing falls due within %d days.", within);
    else {
        count(text, (double)near);
        text_print(text, " %s due within %d days.", plural((double)near, "falls", "fall"), within);
    }
}

static void
due(struct text *text, const struct due_fact *fact)
{
    if (fact->late > 0) {
        count(text, (double)fact->late);
        text_put(text, " late, the oldest since ");
        day(text, fact->oldest);
    }
    if (fact->near > 0) {
        text_put(text, fact->late > 0 ? "; " : "");
        count(text, (double)fact->near);
        text_print(text, " to come, the next on ");
        day(text, fact->next);
    }
    text_put(text, ".");
}

static void
opportunity(struct text *text, const struct opportunity_fact *fact)
{
    text_print(text, "First in rank stand people of %s at %s, by %s, in %s: ", fact->receiver, fact->giver, fact->instrument, fact->skill);
    count(text, (double)fact->participants);
    text_print(text, " %s would close ", plural((double)fact->participants, "participant", "participants"));
    fte(text, fact->closed);
    text_put(text, " for ");
    text_number(text, fact->months, 1);
    text_print(text, " %s", plural(fact->months, "person-month", "person-months"));
    if (!isnan(fact->cost)) {
        text_put(text, " and an assumed cost of ");
        text_number(text, fact->cost, 0);
        text_print(text, " %s", fact->currency);
    }
    text_put(text, ".");
}

static void
recorded(struct text *text, const struct recorded_fact *fact)
{
    Count(text, (double)fact->gaps);
    text_print(text, " %s on record, of which ", plural((double)fact->gaps, "gap is", "gaps are"));
    count(text, (double)fact->open);
    text_print(text, " %s open or being closed. ", plural((double)fact->open, "is", "are"));
    if (fact->expected > 0) {
        text_put(text, "By this day their actions were expected to contribute ");
        fte(text, fact->expected);
        text_put(text, " and are known to have contributed ");
        fte(text, fact->actual);
        text_put(text, ". ");
    } else {
        text_put(text, "No action on them was expected to have contributed by this day. ");
    }
    if (fact->late_gaps > 0) {
        text_put(text, "Actions are behind on ");
        count(text, (double)fact->late_gaps);
        text_print(text, " of them.");
    }
}

static void
months(struct text *text, int number)
{
    if (number < MONTHS_A_YEAR)
        text_print(text, "%d %s", number, plural(number, "month", "months"));
    else
        text_print(text, "%d %s", number / MONTHS_A_YEAR, plural(number / MONTHS_A_YEAR, "year", "years"));
}

static void
assumptions(struct text *text, const struct assumptions_fact *fact)
{
    text_put(text, "The projections rest on ");
    count(text, (double)fact->all);
    text_print(text, " recorded %s", plural((double)fact->all, "assumption", "assumptions"));
    if (fact->unverified > 0) {
        text_put(text, ", ");
        if (fact->unverified == fact->all) {
            text_put(text, "all of which are unverified: judgements, or figures stretched by judgement");
        } else {
            text_put(text, "of which ");
            count(text, (double)fact->unverified);
            text_print(text, " %s unverified: judgements, or figures stretched by judgement", plural((double)fact->unverified, "is", "are"));
        }
    }
    text_put(text, ". ");
    if (fact->stale == 0)
        text_put(text, "None is past the age at which it should be renewed. ");
    else {
        Count(text, (double)fact->stale);
        text_print(text, " %s past the age at which they should be renewed. ", plural((double)fact->stale, "is", "are"));
    }
    text_put(text, "The oldest source is of ");
    day(text, fact->oldest);
    text_put(text, ", ");
    if (fact->oldest_months == 0)
        text_put(text, "less than a month before this document.");
    else {
        months(text, fact->oldest_months);
        text_put(text, " before this document.");
    }
}

static void
holds_for(struct text *text, const char *place, const char *skill, long long level, long long age)
{
    text_put(text, *place != '\0' ? place : "all countries");
    if (*skill != '\0')
        text_print(text, ", %s", skill);
    if (level >= 0)
        text_print(text, ", level %lld", level);
    if (age >= 0)
        text_print(text, ", from age %lld", age);
}

static void
unsaid(struct text *text, const char *what, long long of, long long all)
{
    if (strcmp(what, "demand") == 0) {
        text_put(text, "Gaps of ");
        count(text, (double)of);
        text_print(text, " of %lld fields and places: nobody has stated demand for the present year.", all);
    } else if (strcmp(what, "hidden") == 0) {
        text_put(text, "Supply of ");
        count(text, (double)of);
        text_print(text, " of %lld fields and places: so few people have been published there that FTE is left out.", all);
    } else if (strcmp(what, "supply") == 0) {
        text_put(text, "Supply of ");
        count(text, (double)of);
        text_print(text, " of %lld fields and places: no release gives it.", all);
    } else if (strcmp(what, "future") == 0) {
        text_put(text, "The last years of ");
        count(text, (double)of);
        text_print(text, " of %lld projections: demand is stated for fewer years than are asked about, and is not carried on beyond them.", all);
    } else if (strcmp(what, "undated") == 0) {
        text_put(text, "How old ");
        count(text, (double)of);
        text_print(text, " of %lld statements of demand %s: no date is recorded for their source.", all, plural((double)of, "is", "are"));
    } else if (strcmp(what, "left_out") == 0) {
        Count(text, (double)of);
        text_print(text, " %s of associations that include their members' demand %s left out, so that nothing is counted twice.",
                   plural((double)of, "total", "totals"), plural((double)of, "is", "are"));
    }
}

static void
no_assumption(struct text *text, const char *reason)
{
    text_print(text, "Gaps could not be projected: %s.", reason);
}

const struct words words_en = {
    .lang = "en",
    .section = {"In brief", "Pillar by pillar", "The largest gaps", "The fastest-growing gaps", "Fragile skills", "Exchange balance",
                "Program outcomes", "Due dates of exchanges", "Priority opportunities", "Recorded gaps and what came of their actions",
                "Assumptions and their age", "What cannot be said"},
    .head = {"Field", "Where", "Demand, FTE", "Supply, FTE", "Gap, FTE", "Covered", "P10", "P50", "P90", "Futures with a gap", "Year",
             "Growth a year, FTE", "Demand added, FTE", "To replace, FTE", "From", "To", "People", "Person-months", "Program", "Provider",
             "Enrolled", "Completed", "Completion", "Still in the field", "Due", "Day", "Exchange", "Home", "Host", "State", "Gap",
             "Size, FTE", "Expected, FTE", "Actual, FTE", "Remaining, FTE", "Assumption", "Holds for", "Low – likely – high", "Source",
             "Dated", "Giver", "Receiver", "By", "Closes, FTE", "Person-months", "Cost, USD", "Score", "Holders", "Near retirement",
             "Programs", "Concentration"},
    .phrase = {
        [PHRASE_NOTHING] = "The record states no demand for this month and has no supply that may be shown. Nothing can be said about gaps.",
        [PHRASE_CATEGORIES] = "A pillar or field counts each person once, at the highest level held within it. Its figures are therefore not "
                              "the sum of those of the skills below it, and must not be added up.",
        [PHRASE_NO_GAPS] = "No gap can be given: for no field are both demand and supply known.",
        [PHRASE_NO_SHORTAGE] = "Wherever both are known, supply meets the stated demand.",
        [PHRASE_NO_PROJECTION] = "No assumptions are recorded, so nothing is projected.",
        [PHRASE_NO_FUTURE] = "No gap can be projected: demand or supply is not known for any later year.",
        [PHRASE_NO_GROWTH] = "No projected gap grows in the middle of the futures.",
        [PHRASE_NO_FRAGILE] = "No holder of any skill is recorded or published, so no skill can be called fragile.",
        [PHRASE_FRAGILE] = "Skills with few holders, a large share near retirement, no running program, or nearly all holders in one "
                           "organization, the most fragile first. The score lies between 0 and 1.",
        [PHRASE_NO_BALANCE] = "No exchange of these years is recorded or published.",
        [PHRASE_BALANCE] = "Each person counts once a year and direction; a person-month is a month at full time.",
        [PHRASE_NO_OUTCOMES] = "No running program is recorded.",
        [PHRASE_OUTCOMES] = "Completion is the share of those finished who completed; “still in the field” is the share of those whose "
                            "later work is known who stayed.",
        [PHRASE_DUE_NOT_SHOWN] = "Exchanges are not shown one by one to the reader for whom this document was made, so their due dates are left out.",
        [PHRASE_NOTHING_DUE] = "Nothing is late, and nothing falls due within 90 days.",
        [PHRASE_NO_OPPORTUNITIES] = "No opportunity can be ranked: no organization's gap meets another's surplus, seats or facility.",
        [PHRASE_OPPORTUNITIES] = "Who could help whom, by which instrument, ranked by the gap closed for people's time and for money, by whether "
                                 "it can be had, and by how well the two sides complement each other. Months, costs and effects are assumptions.",
        [PHRASE_NO_RECORDED] = "No gap has been recorded.",
        [PHRASE_NO_ASSUMPTIONS] = "No assumptions are recorded.",
        [PHRASE_DRAWN] = "A projection draws demand between its low and its high statement, so the middle of its first year need not "
                         "equal the gap above, which takes the most likely demand.",
        [PHRASE_HEAT] = "Gap by field and place, FTE",
        [PHRASE_FANS] = "Projected gap",
        [PHRASE_BALANCE_CHART] = "Person-months on exchange by fiscal year and direction",
        [PHRASE_HEAT_CHART] = "Darker cells cover less of their demand. – not known, ? not shown to protect people.",
        [PHRASE_SKILLS_TABLE] = "Single skills with the largest gaps",
        [PHRASE_PROJECTED_TABLE] = "Gaps today and at the end of the projection",
        [PHRASE_FAN_TABLE] = "Projected gaps by year: P50 (P10 to P90), FTE",
        [PHRASE_UNIT] = "FTE",
        [PHRASE_UNKNOWN] = "–",
        [PHRASE_HIDDEN] = "?",
        [PHRASE_LATE] = "late",
        [PHRASE_NEAR] = "to come",
        [PHRASE_STALE] = "stale",
        [PHRASE_EVERYWHERE] = "Partnership",
        [PHRASE_UNSAID_DEMAND] = "No demand is stated for the present year at all.",
        [PHRASE_UNSAID_ALLOCATION] = "Whether the people there are could fill all positions at once: the figures are capacity by field, and the "
                                     "same person may count in several.",
    },
    .places = places, .dues = dues, .statuses = statuses, .kinds = kinds, .instruments = instruments, .bands = bands, .units = units,
    .title = title, .day = day, .basis = basis_is, .published = published, .marks = marks, .demanded = demanded,
    .largest_now = largest_now, .largest_in = largest_in, .future = future, .growing = growing, .programs = programs,
    .influence = influence, .fragile = fragile, .balance = balance, .outcomes = outcomes, .due = due, .due_all = due_all,
    .opportunity = opportunity, .recorded = recorded, .assumptions = assumptions, .months = months, .people = people,
    .holds_for = holds_for, .unsaid = unsaid, .no_assumption = no_assumption,
};
