-- SPDX-License-Identifier: Apache-2.0
--
-- What projections assume: rates and probabilities, each with the range that is thought possible, its source and its date.

create function core.assumption_unit(p_kind text) returns text
language sql immutable parallel safe as $$
    select case
        when p_kind in ('quit_rate', 'retirement_rate', 'expiry_rate', 'move_rate', 'demand_growth') then 'per year'
        when p_kind in ('session_lag', 'entry_age') then 'years'
        else 'probability' end
$$;
comment on function core.assumption_unit(text) is 'In what an assumption of this kind is measured';

create table core.assumption (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint assumption_code_key unique,
    kind text not null constraint assumption_kind check (kind in ('quit_rate', 'retirement_rate', 'expiry_rate', 'move_rate',
        'replacement_share', 'completion_rate', 'return_rate', 'fill_rate', 'retention_rate', 'session_lag', 'entry_age',
        'demand_growth')),
    scenario text not null default 'baseline' constraint assumption_scenario check (scenario ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    country text constraint assumption_country check (country ~ '^[A-Z]{2}$'),
    skill_id uuid constraint assumption_skill references core.skill,
    level smallint constraint assumption_level references core.level,
    age smallint constraint assumption_age check (age between 15 and 100),
    low numeric(9, 6) not null,
    mode numeric(9, 6) not null,
    high numeric(9, 6) not null,
    source text not null,
    source_date date not null,
    stale_after_months smallint not null default 36 constraint assumption_stale_after_months
        check (stale_after_months between 1 and 600),
    note text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint assumption_order check (low <= mode and mode <= high),
    constraint assumption_bounds check (case core.assumption_unit(kind)
        when 'years' then low >= case kind when 'entry_age' then 15 else 0 end
            and high <= case kind when 'entry_age' then 80 else 40 end
        else low >= case kind when 'demand_growth' then -0.5 else 0 end and high <= 1 end),
    constraint assumption_fixed check (kind not in ('entry_age', 'demand_growth') or low = high),
    constraint assumption_of_level check (level is null or kind in ('quit_rate', 'expiry_rate', 'move_rate') and
        (kind <> 'move_rate' or level < 5)),
    constraint assumption_of_age check (age is null or kind = 'retirement_rate'),
    constraint assumption_of_demand check (kind <> 'demand_growth' or num_nonnulls(country, skill_id) = 0),
    constraint assumption_once unique nulls not distinct (kind, scenario, country, skill_id, level, age)
);
create index assumption_by_skill on core.assumption (skill_id) where skill_id is not null;
create trigger touch before update on core.assumption for each row execute function core.touch();
create trigger event after insert or update or delete on core.assumption
    for each row execute function derive.event_write('assumption');
comment on table core.assumption is 'What projections assume: the most specific row that fits a skill, country, level and age holds';
comment on column core.assumption.id is 'Stable identifier';
comment on column core.assumption.code is 'Short code that people quote; it also names the random draws';
comment on column core.assumption.kind is 'quit_rate: leave the skill or field, in a year; retirement_rate: retire from an age on, in a year; expiry_rate: lose a level unused, in a year; move_rate: rise a level, in a year; replacement_share: of those who left, hired again; completion_rate, return_rate, fill_rate: of the enrolled, the exchanged, the vacancies; retention_rate: of those who arrive, stay; session_lag: from the end of a session until it counts; entry_age: of the newly hired; demand_growth: of demand, in a year';
comment on column core.assumption.scenario is 'The scenario that it belongs to; where a scenario has no row of a kind, the baseline''s holds';
comment on column core.assumption.country is 'Only in this country; empty: in all';
comment on column core.assumption.skill_id is 'Only for this skill, or the skills of this category; empty: for all';
comment on column core.assumption.level is 'Only for people at this level; empty: at all';
comment on column core.assumption.age is 'Of a retirement rate: from this age until the next row''s; empty: of people whose birth cohort is not known';
comment on column core.assumption.low is 'Lowest value thought possible, in the unit of the kind (core.assumption_unit)';
comment on column core.assumption.mode is 'Most likely value';
comment on column core.assumption.high is 'Highest value thought possible';
comment on column core.assumption.source is 'Where it comes from';
comment on column core.assumption.source_date is 'Date of the source';
comment on column core.assumption.stale_after_months is 'So long after the source''s date it is marked stale, months';
comment on column core.assumption.note is 'Note';
comment on column core.assumption.unverified is 'Whether it is a judgement, or was only recalled and not found in a document';
comment on column core.assumption.synthetic is 'Whether it was made up for trying the program out';
comment on column core.assumption.version is 'Counts changes; updates can ask for it';
comment on column core.assumption.created_at is 'When it was recorded';
comment on column core.assumption.updated_at is 'When it was changed last';
comment on constraint assumption_code_key on core.assumption is 'code: must not be taken by another assumption';
comment on constraint assumption_scenario on core.assumption is
    'scenario: must be lower case letters, digits, hyphens and underscores, at most 40';
comment on constraint assumption_country on core.assumption is 'country: must be a two-letter ISO 3166 code, as JP or US';
comment on constraint assumption_order on core.assumption is 'mode: must lie between low and high';
comment on constraint assumption_bounds on core.assumption is
    'low: must be from 0 to 1 with mode and high; a demand_growth from -0.5, a session_lag from 0 to 40 years, an entry_age from 15 to 80';
comment on constraint assumption_fixed on core.assumption is 'high: must equal low for an entry_age and a demand_growth, which are not drawn';
comment on constraint assumption_of_level on core.assumption is
    'level: must be absent but for a quit_rate, an expiry_rate and a move_rate, of which the last has none from level 5';
comment on constraint assumption_of_age on core.assumption is 'age: must be absent but for a retirement_rate';
comment on constraint assumption_of_demand on core.assumption is 'country: must be absent for a demand_growth, and so must skill';
comment on constraint assumption_once on core.assumption is
    'kind: must not have an assumption for the same scenario, country, skill, level and age already';
