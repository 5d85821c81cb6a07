-- SPDX-License-Identifier: Apache-2.0
--
-- Plans that were adopted, and what they and the ranking of opportunities assume of costs and effects.

-- What else is assumed ----------------------------------------------------------------------------

create or replace function core.assumption_unit(p_kind text) returns text
language sql immutable parallel safe as $$
    select case
        when p_kind in ('quit_rate', 'retirement_rate', 'expiry_rate', 'move_rate', 'demand_growth') then 'per year'
        when p_kind in ('session_lag', 'entry_age') then 'years'
        when p_kind in ('visit_months', 'secondment_months', 'seat_months', 'facility_months') then 'months'
        when p_kind in ('visit_cost', 'secondment_cost', 'facility_cost') then 'USD per month'
        when p_kind in ('travel_cost', 'seat_cost') then 'USD per person'
        when p_kind in ('visit_gain', 'secondment_gain', 'facility_gain') then 'FTE per person'
        when p_kind = 'mentored' then 'persons per FTE'
        when p_kind = 'facility_places' then 'persons'
        when p_kind = 'approval_time' then 'days'
        when p_kind = 'currency_rate' then 'units of the currency per USD'
        else 'probability' end
$$;

alter table core.assumption
    drop constraint assumption_kind,
    drop constraint assumption_bounds,
    drop constraint assumption_of_demand,
    drop constraint assumption_once,
    add column currency text constraint assumption_currency check (currency ~ '^[A-Z]{3}$'),
    alter column low type numeric(18, 6),
    alter column mode type numeric(18, 6),
    alter column high type numeric(18, 6);
alter table core.assumption
    add constraint assumption_kind check (kind in ('quit_rate', 'retirement_rate', 'expiry_rate', 'move_rate',
        'replacement_share', 'completion_rate', 'return_rate', 'fill_rate', 'retention_rate', 'session_lag', 'entry_age',
        'demand_growth', 'visit_months', 'secondment_months', 'seat_months', 'facility_months', 'visit_cost', 'secondment_cost',
        'facility_cost', 'travel_cost', 'seat_cost', 'visit_gain', 'secondment_gain', 'facility_gain', 'mentored',
        'mentor_share', 'facility_places', 'approval_time', 'language_ease', 'currency_rate')),
    add constraint assumption_bounds check (case core.assumption_unit(kind)
        when 'years' then low >= case kind when 'entry_age' then 15 else 0 end
            and high <= case kind when 'entry_age' then 80 else 40 end
        when 'months' then low >= 0.1 and high <= 60
        when 'FTE per person' then low >= 0.001 and high <= 1
        when 'persons per FTE' then high <= 100 and low >= 0
        when 'persons' then high <= 1000 and low >= 0
        when 'days' then high <= 3660 and low >= 0
        when 'USD per month' then high <= 1000000 and low >= 0
        when 'USD per person' then high <= 1000000 and low >= 0
        when 'units of the currency per USD' then low > 0 and high <= 1000000
        else low >= case kind when 'demand_growth' then -0.5 else 0 end and high <= 1 end),
    add constraint assumption_of_demand check (kind not in ('demand_growth', 'currency_rate') or num_nonnulls(country, skill_id) = 0),
    add constraint assumption_of_currency check ((kind = 'currency_rate') = (currency is not null)),
    add constraint assumption_once unique nulls not distinct (kind, scenario, country, skill_id, level, age, currency);
comment on column core.assumption.currency is 'Of a currency_rate: the currency, ISO 4217';
comment on column core.assumption.kind is 'quit_rate: leave the skill or field, in a year; retirement_rate: retire from an age on, in a year; expiry_rate: lose a level unused, in a year; move_rate: rise a level, in a year; replacement_share: of those who left, hired again; completion_rate, return_rate, fill_rate: of the enrolled, the exchanged, the vacancies; retention_rate: of those who arrive, stay; session_lag: from the end of a session until it counts; entry_age: of the newly hired; demand_growth: of demand, in a year; …_months: how long a visit, secondment, seat in a program or access to a facility takes; …_cost: what it costs, travel and seats a person, the rest a month; …_gain: FTE of a skill that one person brings home from it; mentored: persons that one FTE of mentors can have with them; mentor_share: of those who have a skill, can be mentors; facility_places: guests of a facility at a time; approval_time: from proposal to approval; language_ease: how far guests from abroad can work in the country; currency_rate: of a currency for one US dollar';
comment on constraint assumption_bounds on core.assumption is
    'low: must be from 0 to 1 with mode and high; a demand_growth from -0.5, a session_lag from 0 to 40 years, an entry_age from 15 to 80, months from 0.1 to 60, a gain from 0.001, days to 3660, money to 1000000, mentored to 100, facility_places to 1000, a currency_rate above 0';
comment on constraint assumption_of_demand on core.assumption is
    'country: must be absent for a demand_growth and a currency_rate, and so must skill';
comment on constraint assumption_currency on core.assumption is 'currency: must be an ISO 4217 code, as JPY or EUR';
comment on constraint assumption_of_currency on core.assumption is 'currency: must be given with a currency_rate, and with nothing else';
comment on constraint assumption_once on core.assumption is
    'kind: must not have an assumption for the same scenario, country, skill, level, age and currency already';

-- Plans -------------------------------------------------------------------------------------------

create sequence core.plan_number;

create table core.plan (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint plan_code_key unique,
    name_en text,
    name_ja text,
    parameters jsonb not null,
    note text,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create trigger touch before update on core.plan for each row execute function core.touch();
create trigger event after insert or update or delete on core.plan for each row execute function derive.event_write('plan');
comment on table core.plan is 'Plans that were adopted: what plan.optimize was asked and answered, frozen, and the items that were taken from it';
comment on column core.plan.id is 'Stable identifier';
comment on column core.plan.code is 'Short code that people quote, as PLAN-2026-0001';
comment on column core.plan.name_en is 'What it is called, in English';
comment on column core.plan.name_ja is 'What it is called, in Japanese';
comment on column core.plan.parameters is 'What it was optimized with and what came of it, as it was given; never changed';
comment on column core.plan.note is 'Note';
comment on column core.plan.synthetic is 'Whether it was made up for trying the program out';
comment on column core.plan.version is 'Counts changes';
comment on column core.plan.created_at is 'When it was adopted';
comment on column core.plan.updated_at is 'When it was changed last';
comment on constraint plan_code_key on core.plan is 'code: must not be taken by another plan';

create table core.plan_item (
    id uuid primary key default core.uuid7(),
    plan_id uuid not null constraint plan_item_plan references core.plan on delete cascade,
    place smallint not null,
    kind text not null constraint plan_item_kind check (kind in ('session', 'visit', 'secondment')),
    program_id uuid constraint plan_item_program references core.program,
    home_country text constraint plan_item_home_country check (home_country ~ '^[A-Z]{2}$'),
    host_country text constraint plan_item_host_country check (host_country ~ '^[A-Z]{2}$'),
    year smallint not null constraint plan_item_year check (year between 1950 and 2150),
    times integer not null constraint plan_item_times check (times between 1 and 1000000),
    cost numeric(18, 2) constraint plan_item_cost check (cost >= 0),
    currency text constraint plan_item_currency check (currency ~ '^[A-Z]{3}$'),
    constraint plan_item_place unique (plan_id, place),
    constraint plan_item_of check (case kind when 'session' then program_id is not null and num_nonnulls(home_country, host_country) = 0
        else program_id is null and num_nonnulls(home_country, host_country) = 2 end),
    constraint plan_item_sides check (home_country <> host_country),
    constraint plan_item_cost_currency check (cost is null or currency is not null)
);
create index plan_item_program on core.plan_item (program_id) where program_id is not null;
comment on table core.plan_item is 'What an adopted plan has run in a year: sessions of a program, or exchanges of a kind';
comment on column core.plan_item.id is 'Stable identifier';
comment on column core.plan_item.plan_id is 'The plan';
comment on column core.plan_item.place is 'Its place in the plan, from 0';
comment on column core.plan_item.kind is 'A session of a program, or an exchange: a visit or a secondment';
comment on column core.plan_item.program_id is 'The program, of a session';
comment on column core.plan_item.home_country is 'The country that sends, of an exchange';
comment on column core.plan_item.host_country is 'The country that receives, of an exchange';
comment on column core.plan_item.year is 'The year in which it is to run';
comment on column core.plan_item.times is 'How many sessions, or people on exchange';
comment on column core.plan_item.cost is 'What all of them cost, in currency';
comment on column core.plan_item.currency is 'ISO 4217 code of cost';
comment on constraint plan_item_of on core.plan_item is
    'items: must have a program where they are sessions, and else a home_country and a host_country';
comment on constraint plan_item_sides on core.plan_item is 'items: must have a host_country other than the home_country';
comment on constraint plan_item_home_country on core.plan_item is 'items: must have two-letter ISO 3166 codes, as JP or US';
comment on constraint plan_item_host_country on core.plan_item is 'items: must have two-letter ISO 3166 codes, as JP or US';
comment on constraint plan_item_currency on core.plan_item is 'items: must have currencies of ISO 4217, as JPY or USD';
comment on constraint plan_item_cost on core.plan_item is 'items: must have costs of 0 or more';
comment on constraint plan_item_place on core.plan_item is 'items: must stand once in the plan';
comment on constraint plan_item_cost_currency on core.plan_item is 'items: must have a currency with a cost';

-- An action on a gap may be an item of a plan, also before anybody has proposed the exchange itself.
alter table core.gap_action
    drop constraint gap_action_of,
    drop constraint gap_action_once,
    add column plan_item_id uuid constraint gap_action_plan_item references core.plan_item;
alter table core.gap_action
    add constraint gap_action_of check (num_nonnulls(program_id, exchange_id) = 1
        or plan_item_id is not null and num_nonnulls(program_id, exchange_id) = 0),
    add constraint gap_action_once unique nulls not distinct (gap_id, program_id, exchange_id, plan_item_id);
create index gap_action_plan_item on core.gap_action (plan_item_id) where plan_item_id is not null;
comment on column core.gap_action.plan_item_id is 'The item of an adopted plan that it carries out; empty where it is of no plan';
comment on constraint gap_action_of on core.gap_action is 'program: must be given, or an exchange, but not both';
comment on constraint gap_action_once on core.gap_action is 'program: must not be an action on this gap already';
