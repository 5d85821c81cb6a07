-- SPDX-License-Identifier: Apache-2.0
--
-- People, where they work, what they can do; programs, sessions, enrollments; exchanges; demand; gaps.
-- Spans of days are stored half open, as PostgreSQL has them; callers give and get the last day instead.

create function core.days(p_starts date, p_ends date) returns daterange
language plpgsql immutable as $$
begin
    if p_ends < p_starts then
        perform core.fail('invalid_params', 'the end is before the start', 'ends', 'a date not before starts');
    end if;
    return daterange(p_starts, p_ends, '[]');
end
$$;
comment on function core.days(date, date) is
    'The days from the first to the last, both included; without a last day, for good. An error where the last is before the first';

create function core.last_day(p_days daterange) returns date
language sql immutable parallel safe as $$
    select case when not upper_inf(p_days) and upper(p_days) <> 'infinity' then upper(p_days) - 1 end
$$;
comment on function core.last_day(daterange) is 'The last day of a span; null where it has no end';

create function core.numbered(p_prefix text, p_number bigint, p_width integer) returns text
language sql immutable strict parallel safe as $$
    select p_prefix || lpad(p_number::text, greatest(p_width, length(p_number::text)), '0')
$$;
comment on function core.numbered(text, bigint, integer) is
    'A numbered code: the number with zeros in front up to the width, and never cut short';

create sequence core.person_number;
create sequence core.enrollment_number;
create sequence core.exchange_number;
create sequence core.session_number;
create sequence core.gap_number;

-- People -----------------------------------------------------------------------------------------

create table core.person (
    id uuid primary key default core.uuid7(),
    code core.code not null default core.numbered('P-', nextval('core.person_number'), 6)
        constraint person_code_key unique,
    name text,
    career_stage text not null constraint person_career_stage check (career_stage in
        ('student', 'postdoc', 'early', 'mid', 'senior', 'emeritus', 'technician')),
    birth_cohort smallint constraint person_birth_cohort
        check (birth_cohort between 1920 and 2030 and birth_cohort % 5 = 0),
    researcher_id text constraint person_researcher_id check (researcher_id ~ '^\d{4}-\d{4}-\d{4}-\d{3}[0-9X]$'),
    record_key bigint not null default ('x' || encode(gen_random_bytes(4), 'hex'))::bit(32)::bigint
        constraint person_record_key check (record_key between 0 and 4294967295),
    log_reference uuid not null default gen_random_uuid() constraint person_log_reference_key unique,
    merged_into_id uuid constraint person_merged_into references core.person,
    verified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index person_researcher_id_key on core.person (researcher_id) where researcher_id is not null;
create index person_merged_into on core.person (merged_into_id) where merged_into_id is not null;
-- Planner statistics would keep copies of names after an erasure.
alter table core.person alter column name set statistics 0;
alter table core.person alter column researcher_id set statistics 0;
comment on table core.person is 'People, with the least that serves: no birth date, no address';
comment on column core.person.code is 'Pseudonym by which people quote the record';
comment on column core.person.name is 'Name, where the person is known by name';
comment on column core.person.career_stage is 'Where in a career the person is';
comment on column core.person.birth_cohort is 'First year of the five-year cohort of birth, as 1985 for 1985 to 1989';
comment on column core.person.researcher_id is 'ORCID identifier';
comment on column core.person.record_key is 'Random key of 32 bits, from which the noise of published counts is drawn';
comment on column core.person.log_reference is 'Random reference by which the event log knows the person';
comment on column core.person.merged_into_id is 'The record that this one was merged into';
comment on column core.person.verified is 'Whether a coordinator has verified the record';
comment on constraint person_code_key on core.person is 'code: must not be taken by another person';
comment on constraint person_birth_cohort on core.person is 'birth_cohort: must be the first year of a five-year cohort, as 1985';
comment on constraint person_researcher_id on core.person is 'researcher_id: must be an ORCID identifier, as 0000-0002-1825-0097';
comment on index core.person_researcher_id_key is 'researcher_id: must not belong to another person';

create table core.affiliation (
    id uuid primary key default core.uuid7(),
    person_id uuid not null constraint affiliation_person references core.person,
    organization_id uuid not null constraint affiliation_organization references core.organization,
    fte numeric(4, 3) not null default 1 constraint affiliation_fte check (fte > 0 and fte <= 1),
    valid daterange not null constraint affiliation_valid check (not isempty(valid) and not lower_inf(valid)),
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint affiliation_once exclude using gist (person_id with =, organization_id with =, valid with &&)
);
create index affiliation_person on core.affiliation (person_id);
create index affiliation_organization on core.affiliation (organization_id);
comment on table core.affiliation is 'A person is with an organization from a date to a date, at so many FTE; together never above 1.0';
comment on column core.affiliation.person_id is 'Who';
comment on column core.affiliation.organization_id is 'Where';
comment on column core.affiliation.fte is 'Full-time equivalent, above 0 and up to 1';
comment on column core.affiliation.valid is 'Days on which it holds';
comment on constraint affiliation_once on core.affiliation is
    'starts: must not overlap another affiliation of the person with the same organization';
comment on constraint affiliation_fte on core.affiliation is 'fte: must be above 0 and at most 1';
comment on constraint affiliation_valid on core.affiliation is 'starts: must be given';

create table core.person_qualification (
    id uuid primary key default core.uuid7(),
    person_id uuid not null constraint person_qualification_person references core.person,
    qualification_id uuid not null constraint person_qualification_qualification references core.qualification,
    number text,
    valid daterange not null constraint person_qualification_valid check (not isempty(valid)),
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint person_qualification_once exclude using gist (person_id with =, qualification_id with =, valid with &&)
);
create index person_qualification_person on core.person_qualification (person_id);
create index person_qualification_qualification on core.person_qualification (qualification_id);
alter table core.person_qualification alter column number set statistics 0;
comment on table core.person_qualification is 'Qualifications that people hold';
comment on column core.person_qualification.person_id is 'Who';
comment on column core.person_qualification.qualification_id is 'Which qualification';
comment on column core.person_qualification.number is 'Number of the licence or certificate';
comment on column core.person_qualification.valid is 'Days on which it is valid';
comment on constraint person_qualification_once on core.person_qualification is
    'starts: must not overlap the same qualification of the person';

-- Programs ---------------------------------------------------------------------------------------

create table core.program (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint program_code_key unique,
    name_en text,
    name_ja text,
    summary_en text,
    summary_ja text,
    provider_id uuid not null constraint program_provider references core.organization,
    mode text not null default 'in_person' constraint program_mode check (mode in ('in_person', 'online', 'hybrid')),
    hours integer constraint program_hours check (hours between 1 and 20000),
    capacity integer constraint program_capacity check (capacity between 1 and 100000),
    languages text[] not null default '{}' constraint program_languages
        check (array_to_string(languages, ' ', '') ~ '^([a-z]{2}( [a-z]{2})*)?$'),
    cost numeric(14, 2) constraint program_cost check (cost >= 0),
    currency text constraint program_currency check (currency ~ '^[A-Z]{3}$'),
    audience_en text,
    audience_ja text,
    website text,
    pillars text[] not null default '{}' constraint program_pillars check (core.are_pillars(pillars)),
    status text not null default 'running' constraint program_status check (status in ('planned', 'running', 'ended', 'unknown')),
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint program_name check (num_nonnulls(name_en, name_ja) > 0),
    constraint program_cost_currency check (cost is null or currency is not null)
);
create index program_provider on core.program (provider_id);
comment on table core.program is 'Training programs: who gives them, what they teach and require';
comment on column core.program.summary_en is 'What it is, in English';
comment on column core.program.summary_ja is 'What it is, in Japanese';
comment on column core.program.provider_id is 'The organization that gives it';
comment on column core.program.mode is 'Where it takes place';
comment on column core.program.hours is 'Hours of instruction';
comment on column core.program.capacity is 'Seats of a session, unless the session says otherwise';
comment on column core.program.languages is 'Languages of instruction, ISO 639-1';
comment on column core.program.cost is 'Fee for a participant, in currency';
comment on column core.program.currency is 'ISO 4217 code of cost';
comment on column core.program.audience_en is 'Whom it is for, in English';
comment on column core.program.audience_ja is 'Whom it is for, in Japanese';
comment on column core.program.website is 'Its web address';
comment on column core.program.status is 'Whether it runs';
comment on constraint program_code_key on core.program is 'code: must not be taken by another program';
comment on constraint program_name on core.program is 'name: must have at least one language';
comment on constraint program_cost_currency on core.program is 'currency: must be given with a cost';
comment on constraint program_currency on core.program is 'currency: must be an ISO 4217 code, as JPY or USD';
comment on constraint program_languages on core.program is 'languages: must be ISO 639-1 codes, as ja or en';
comment on constraint program_pillars on core.program is 'pillars: must be codes that pillar.list answers';

create table core.program_skill (
    program_id uuid not null constraint program_skill_program references core.program on delete cascade,
    relation text not null constraint program_skill_relation check (relation in ('teaches', 'requires')),
    skill_id uuid not null constraint program_skill_skill references core.skill,
    level smallint not null constraint program_skill_level references core.level,
    primary key (program_id, relation, skill_id)
);
create index program_skill_skill on core.program_skill (skill_id, relation);
comment on table core.program_skill is 'Skills that a program teaches, and those that it requires';
comment on column core.program_skill.program_id is 'The program';
comment on column core.program_skill.relation is 'teaches: who completes it holds the skill; requires: who begins must hold it';
comment on column core.program_skill.skill_id is 'The skill';
comment on column core.program_skill.level is 'At which level';

create table core.session (
    id uuid primary key default core.uuid7(),
    code core.code not null default core.numbered('SE-', nextval('core.session_number'), 5)
        constraint session_code_key unique,
    program_id uuid not null constraint session_program references core.program,
    held daterange not null constraint session_held check (not isempty(held) and not lower_inf(held)),
    capacity integer constraint session_capacity check (capacity between 1 and 100000),
    location text,
    status text not null default 'planned' constraint session_status
        check (status in ('planned', 'open', 'running', 'ended', 'cancelled')),
    cost numeric(14, 2) constraint session_cost check (cost >= 0),
    cancelled_reason text,
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index session_program on core.session (program_id);
comment on table core.session is 'Dated offerings of programs';
comment on column core.session.program_id is 'The program';
comment on column core.session.held is 'Days on which it is held';
comment on column core.session.capacity is 'Its seats; the program''s where empty';
comment on column core.session.location is 'Where it is held';
comment on column core.session.status is 'How far it is';
comment on column core.session.cost is 'What the session costs in all, in the program''s currency';
comment on column core.session.cancelled_reason is 'Why it was cancelled';
comment on constraint session_code_key on core.session is 'code: must not be taken by another session';

create table core.enrollment (
    id uuid primary key default core.uuid7(),
    code core.code not null default core.numbered('EN-', nextval('core.enrollment_number'), 6)
        constraint enrollment_code_key unique,
    session_id uuid not null constraint enrollment_session references core.session,
    person_id uuid not null constraint enrollment_person references core.person,
    status text not null default 'applied' constraint enrollment_status check (status in
        ('applied', 'waiting', 'admitted', 'attending', 'completed', 'withdrawn', 'failed')),
    applied_on date not null default current_date,
    completed_on date,
    attendance numeric(4, 3) constraint enrollment_attendance check (attendance between 0 and 1),
    result text,
    certificate_number text,
    prerequisites_waived text,
    corrected_reason text,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint enrollment_completed check (case status when 'completed' then completed_on is not null
        else completed_on is null or corrected_reason is not null end)
);
create unique index enrollment_once on core.enrollment (session_id, person_id) where status <> 'withdrawn';
create index enrollment_session on core.enrollment (session_id);
create index enrollment_person on core.enrollment (person_id);
create index enrollment_waiting on core.enrollment (session_id, applied_on, id) where status = 'waiting';
comment on table core.enrollment is 'People in sessions, from application to result';
comment on column core.enrollment.session_id is 'The session';
comment on column core.enrollment.person_id is 'Who';
comment on column core.enrollment.status is 'How far it is';
comment on column core.enrollment.applied_on is 'Day of application';
comment on column core.enrollment.completed_on is 'Day of completion, from which on what was taught is held; kept where the completion was reversed';
comment on column core.enrollment.attendance is 'Part attended, 0 to 1';
comment on column core.enrollment.result is 'Result, in the provider''s words';
comment on column core.enrollment.certificate_number is 'Number of the certificate';
comment on column core.enrollment.prerequisites_waived is 'Why missing prerequisites were waived; empty where they were met';
comment on column core.enrollment.corrected_reason is 'Why a completion was reversed';
comment on constraint enrollment_code_key on core.enrollment is 'code: must not be taken by another enrollment';
comment on index core.enrollment_once is 'person: must not be enrolled in this session already';

-- Exchanges --------------------------------------------------------------------------------------

create table core.exchange (
    id uuid primary key default core.uuid7(),
    code core.code not null
        default core.numbered('EX-' || extract(year from now()) || '-', nextval('core.exchange_number'), 4)
        constraint exchange_code_key unique,
    kind text not null constraint exchange_kind check (kind in
        ('visit', 'secondment', 'joint_research', 'joint_planning', 'iter_assignment', 'workshop')),
    title_en text,
    title_ja text,
    person_id uuid constraint exchange_person references core.person,
    home_id uuid not null constraint exchange_home references core.organization,
    host_id uuid not null constraint exchange_host references core.organization,
    facility_id uuid constraint exchange_facility references core.facility,
    agreement_id uuid constraint exchange_agreement references core.agreement,
    committee_id uuid constraint exchange_committee references core.committee,
    scheme_id uuid constraint exchange_scheme references core.scheme,
    category text,
    counterpart_person_id uuid constraint exchange_counterpart references core.person,
    pillars text[] not null default '{}' constraint exchange_pillars check (core.are_pillars(pillars)),
    planned daterange not null constraint exchange_planned check (not isempty(planned) and not lower_inf(planned)),
    actual daterange constraint exchange_actual check (not isempty(actual) and not lower_inf(actual)),
    held daterange generated always as (coalesce(actual, planned)) stored,
    fte numeric(4, 3) not null default 1 constraint exchange_fte check (fte > 0 and fte <= 1),
    in_person boolean not null default true,
    days_proposed integer constraint exchange_days_proposed check (days_proposed between 1 and 3660),
    days_approved integer constraint exchange_days_approved check (days_approved between 1 and 3660),
    days_actual integer constraint exchange_days_actual check (days_actual between 0 and 3660),
    funding text not null default 'home' constraint exchange_funding_side
        check (funding in ('home', 'host', 'both', 'third')),
    requires text[] not null default '{home,host}' constraint exchange_requires
        check (requires <@ array['home', 'host', 'export_control', 'visa']),
    status text not null default 'proposed' constraint exchange_status check (status in
        ('proposed', 'under_review', 'approved', 'active', 'completed', 'declined', 'cancelled')),
    reason text,
    returned boolean,
    outcome text,
    corrected_reason text,
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint exchange_has_person check (person_id is not null or kind = 'workshop'),
    constraint exchange_two_sides check (home_id <> host_id),
    constraint exchange_days_within check (days_actual <= days_approved),
    constraint exchange_proposed_fits check (days_proposed <= upper(planned) - lower(planned)),
    constraint exchange_approved_fits check (days_approved <= upper(planned) - lower(planned)),
    constraint exchange_actual_fits check (days_actual <= upper(actual) - lower(actual)),
    constraint exchange_one_at_a_time exclude using gist (person_id with =, held with &&)
        where (in_person and person_id is not null and status in ('approved', 'active', 'completed'))
);
create index exchange_person on core.exchange (person_id);
create index exchange_home on core.exchange (home_id);
create index exchange_host on core.exchange (host_id);
create index exchange_by_status on core.exchange (status, code);
create index exchange_held on core.exchange using gist (held);
comment on table core.exchange is 'Exchanges of personnel between organizations, from proposal to outcome';
comment on column core.exchange.kind is 'What kind of exchange it is';
comment on column core.exchange.title_en is 'What it is about, in English';
comment on column core.exchange.title_ja is 'What it is about, in Japanese';
comment on column core.exchange.person_id is 'Who goes; empty for a workshop, which has participants';
comment on column core.exchange.home_id is 'The organization that sends';
comment on column core.exchange.host_id is 'The organization that receives';
comment on column core.exchange.facility_id is 'The facility where the work is done';
comment on column core.exchange.agreement_id is 'The agreement that it stands under';
comment on column core.exchange.committee_id is 'The committee that it belongs to';
comment on column core.exchange.scheme_id is 'The scheme whose calendar it follows; empty outside any';
comment on column core.exchange.category is 'Category of the scheme';
comment on column core.exchange.counterpart_person_id is 'The counterpart on the other side';
comment on column core.exchange.planned is 'Days planned';
comment on column core.exchange.actual is 'Days it really took';
comment on column core.exchange.held is 'The actual days, or while there are none the planned ones';
comment on column core.exchange.fte is 'FTE that the person gives to it';
comment on column core.exchange.in_person is 'Whether the person is present; if so, on one exchange at a time';
comment on column core.exchange.days_proposed is 'Days proposed';
comment on column core.exchange.days_approved is 'Days approved';
comment on column core.exchange.days_actual is 'Days really taken, never more than approved';
comment on column core.exchange.funding is 'Which side pays';
comment on column core.exchange.requires is 'Approvals that it needs before it can become active';
comment on column core.exchange.status is 'Where it stands';
comment on column core.exchange.reason is 'Why it was declined or cancelled';
comment on column core.exchange.returned is 'After completion: whether the person returned';
comment on column core.exchange.outcome is 'After completion: what came of it';
comment on column core.exchange.corrected_reason is 'Why a completion was reversed';
comment on constraint exchange_code_key on core.exchange is 'code: must not be taken by another exchange';
comment on constraint exchange_has_person on core.exchange is 'person: must be given unless the exchange is a workshop';
comment on constraint exchange_two_sides on core.exchange is 'host: must be another organization than home';
comment on constraint exchange_days_within on core.exchange is 'days_actual: must not be more than the days approved';
comment on constraint exchange_proposed_fits on core.exchange is
    'days_proposed: must not be more than the days planned from the first to the last';
comment on constraint exchange_approved_fits on core.exchange is
    'days_approved: must not be more than the days planned from the first to the last';
comment on constraint exchange_actual_fits on core.exchange is
    'days_actual: must not be more than the days from the first to the last';
comment on constraint exchange_days_proposed on core.exchange is 'ends: must be at most 3660 days after the start';
comment on constraint exchange_one_at_a_time on core.exchange is
    'starts: must not overlap another approved exchange on which the person is present';
comment on constraint exchange_pillars on core.exchange is 'pillars: must be codes that pillar.list answers';
comment on constraint exchange_requires on core.exchange is 'requires: must be home, host, export_control or visa';

create table core.exchange_objective (
    exchange_id uuid not null constraint exchange_objective_exchange references core.exchange on delete cascade,
    skill_id uuid not null constraint exchange_objective_skill references core.skill,
    level smallint constraint exchange_objective_level references core.level,
    gained_level smallint constraint exchange_objective_gained references core.level,
    primary key (exchange_id, skill_id),
    constraint exchange_objective_either check (num_nonnulls(level, gained_level) > 0)
);
create index exchange_objective_skill on core.exchange_objective (skill_id);
comment on table core.exchange_objective is 'Skills that an exchange aims at, and what was gained';
comment on column core.exchange_objective.exchange_id is 'The exchange';
comment on column core.exchange_objective.skill_id is 'The skill';
comment on column core.exchange_objective.level is 'Level aimed at; empty for a skill that was gained without being aimed at';
comment on column core.exchange_objective.gained_level is 'Level reached, after completion';

create table core.exchange_approval (
    exchange_id uuid not null constraint exchange_approval_exchange references core.exchange on delete cascade,
    kind text not null constraint exchange_approval_kind check (kind in ('home', 'host', 'export_control', 'visa')),
    decision text not null constraint exchange_approval_decision check (decision in ('granted', 'refused')),
    decided_on date not null,
    reference text,
    note text,
    principal_id uuid,
    recorded_at timestamptz not null default now(),
    primary key (exchange_id, kind)
);
comment on table core.exchange_approval is 'Approvals of an exchange, one by one; what is missing is pending';
comment on column core.exchange_approval.exchange_id is 'The exchange';
comment on column core.exchange_approval.kind is 'Whose approval: home, host, export control, visa';
comment on column core.exchange_approval.decision is 'granted or refused';
comment on column core.exchange_approval.decided_on is 'Day of the decision';
comment on column core.exchange_approval.reference is 'Reference of the deciding office';
comment on column core.exchange_approval.note is 'Note';
comment on column core.exchange_approval.principal_id is 'Who recorded it';
comment on column core.exchange_approval.recorded_at is 'When it was recorded';

create table core.exchange_step (
    id uuid primary key default core.uuid7(),
    exchange_id uuid not null constraint exchange_step_exchange references core.exchange on delete cascade,
    at timestamptz not null default clock_timestamp(),
    field text not null constraint exchange_step_field
        check (field in ('status', 'days_proposed', 'days_approved', 'days_actual',
            'approval_home', 'approval_host', 'approval_export_control', 'approval_visa')),
    was text,
    became text,
    reason text,
    principal_id uuid
);
create index exchange_step_exchange on core.exchange_step (exchange_id, at);
comment on table core.exchange_step is 'History of an exchange''s status, of its three figures of days and of its approvals';
comment on column core.exchange_step.exchange_id is 'The exchange';
comment on column core.exchange_step.at is 'When';
comment on column core.exchange_step.field is 'What changed';
comment on column core.exchange_step.was is 'What it was';
comment on column core.exchange_step.became is 'What it became';
comment on column core.exchange_step.reason is 'Why';
comment on column core.exchange_step.principal_id is 'Who did it';

create table core.exchange_notice (
    id uuid primary key default core.uuid7(),
    exchange_id uuid not null constraint exchange_notice_exchange references core.exchange on delete cascade,
    kind text not null constraint exchange_notice_kind check (kind in ('plan', 'change', 'report')),
    filed_on date not null,
    note text,
    principal_id uuid
);
create index exchange_notice_exchange on core.exchange_notice (exchange_id, kind);
comment on table core.exchange_notice is 'What a scheme asks for: plans, notices of change, final reports';
comment on column core.exchange_notice.exchange_id is 'The exchange';
comment on column core.exchange_notice.kind is 'plan, change or report';
comment on column core.exchange_notice.filed_on is 'Day on which it was filed';
comment on column core.exchange_notice.note is 'Note';
comment on column core.exchange_notice.principal_id is 'Who recorded it';

create table core.exchange_participant (
    exchange_id uuid not null constraint exchange_participant_exchange references core.exchange on delete cascade,
    person_id uuid not null constraint exchange_participant_person references core.person,
    organization_id uuid constraint exchange_participant_organization references core.organization,
    days integer constraint exchange_participant_days check (days between 1 and 366),
    primary key (exchange_id, person_id)
);
create index exchange_participant_person on core.exchange_participant (person_id);
comment on table core.exchange_participant is 'Participants of a workshop';
comment on column core.exchange_participant.exchange_id is 'The workshop';
comment on column core.exchange_participant.person_id is 'Who takes part';
comment on column core.exchange_participant.organization_id is 'For which organization';
comment on column core.exchange_participant.days is 'How many days';
comment on constraint exchange_participant_pkey on core.exchange_participant is 'participants: must not have the same person twice';

create table core.exchange_funding (
    exchange_id uuid not null constraint exchange_funding_exchange references core.exchange on delete cascade,
    part text not null constraint exchange_funding_part check (part in ('travel', 'stay', 'salary', 'facility', 'venue')),
    payer text not null constraint exchange_funding_payer check (payer in ('home', 'host', 'scheme', 'third')),
    amount numeric(14, 2) constraint exchange_funding_amount check (amount >= 0),
    currency text constraint exchange_funding_currency check (currency ~ '^[A-Z]{3}$'),
    primary key (exchange_id, part, payer)
);
comment on table core.exchange_funding is 'Who pays which part of an exchange';
comment on column core.exchange_funding.exchange_id is 'The exchange';
comment on column core.exchange_funding.part is 'Which part';
comment on column core.exchange_funding.payer is 'Who pays it';
comment on column core.exchange_funding.amount is 'How much, in currency';
comment on column core.exchange_funding.currency is 'ISO 4217 code';
comment on constraint exchange_funding_currency on core.exchange_funding is 'costs: must have ISO 4217 codes as currencies, as JPY or USD';
comment on constraint exchange_funding_pkey on core.exchange_funding is 'costs: must not have the same part by the same payer twice';

create table core.exchange_publication (
    exchange_id uuid not null constraint exchange_publication_exchange references core.exchange on delete cascade,
    link text not null,
    primary key (exchange_id, link)
);
comment on table core.exchange_publication is 'Publications that came of an exchange';
comment on column core.exchange_publication.exchange_id is 'The exchange';
comment on column core.exchange_publication.link is 'DOI or web address';

-- Holdings ---------------------------------------------------------------------------------------

create table core.holding (
    id uuid primary key default core.uuid7(),
    person_id uuid not null constraint holding_person references core.person,
    skill_id uuid not null constraint holding_skill references core.skill,
    level smallint not null constraint holding_level references core.level,
    valid daterange not null constraint holding_valid check (not isempty(valid) and not lower_inf(valid)),
    evidence text not null constraint holding_evidence check (evidence in
        ('training', 'exchange', 'badge', 'assessment', 'experience', 'self_declared')),
    confidence text not null default 'medium' constraint holding_confidence
        check (confidence in ('low', 'medium', 'high')),
    assessor_id uuid constraint holding_assessor references core.organization,
    enrollment_id uuid constraint holding_enrollment references core.enrollment,
    exchange_id uuid constraint holding_exchange references core.exchange,
    note text,
    reversed_on date,
    reversed_reason text,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint holding_reversed check ((reversed_on is null) = (reversed_reason is null))
);
create index holding_person on core.holding (person_id, skill_id);
create index holding_skill on core.holding (skill_id);
create index holding_enrollment on core.holding (enrollment_id) where enrollment_id is not null;
create index holding_exchange on core.holding (exchange_id) where exchange_id is not null;
comment on table core.holding is 'Evidence that a person has a skill at a level from a date to a date; all of it is kept';
comment on column core.holding.person_id is 'Who';
comment on column core.holding.skill_id is 'Which skill';
comment on column core.holding.level is 'At which level';
comment on column core.holding.valid is 'Days on which the evidence is valid';
comment on column core.holding.evidence is 'What it rests on; self-declared holdings count only where a caller asks';
comment on column core.holding.confidence is 'How sure the assessor is';
comment on column core.holding.assessor_id is 'The organization that assessed it';
comment on column core.holding.enrollment_id is 'The enrollment that granted it';
comment on column core.holding.exchange_id is 'The exchange that granted it';
comment on column core.holding.note is 'Note';
comment on column core.holding.reversed_on is 'Day on which it was reversed; a reversed holding never counts';
comment on column core.holding.reversed_reason is 'Why it was reversed';
comment on constraint holding_reversed on core.holding is 'reason: must be given to reverse a holding';
comment on constraint holding_level on core.holding is 'level: must be 1 to 5';

-- Demand and gaps --------------------------------------------------------------------------------

create table core.demand (
    id uuid primary key default core.uuid7(),
    organization_id uuid not null constraint demand_organization references core.organization,
    skill_id uuid constraint demand_skill references core.skill,
    role_id uuid constraint demand_role references core.role,
    level smallint constraint demand_level references core.level,
    fte_low numeric(12, 3) not null,
    fte numeric(12, 3) not null,
    fte_high numeric(12, 3) not null,
    year smallint not null constraint demand_year check (year between 1950 and 2150),
    year_kind text not null default 'calendar' constraint demand_year_kind
        check (year_kind in ('calendar', 'jp_fiscal', 'us_fiscal')),
    as_of date not null generated always as (core.year_start(year, year_kind)) stored,
    scenario text not null default 'baseline' constraint demand_scenario check (scenario ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    confidence text not null default 'medium' constraint demand_confidence
        check (confidence in ('low', 'medium', 'high')),
    members_included boolean not null default false,
    note text,
    source text not null,
    source_date date,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint demand_of check (num_nonnulls(skill_id, role_id) = 1),
    constraint demand_level_of_skill check ((skill_id is null) = (level is null)),
    constraint demand_order check (0 <= fte_low and fte_low <= fte and fte <= fte_high),
    constraint demand_once unique nulls not distinct
        (organization_id, skill_id, role_id, level, year, year_kind, scenario)
);
create index demand_as_of on core.demand (scenario, as_of);
create index demand_skill on core.demand (skill_id) where skill_id is not null;
create index demand_role on core.demand (role_id) where role_id is not null;
comment on table core.demand is 'An organization needs so many FTE of a skill at a level, or so many of a role, in a year';
comment on column core.demand.organization_id is 'Who needs them; an association speaks for its members where members_included says so';
comment on column core.demand.skill_id is 'The skill or category needed';
comment on column core.demand.role_id is 'The role needed, all of its skills at once';
comment on column core.demand.level is 'Lowest level that will do; a role has its own levels';
comment on column core.demand.fte_low is 'FTE, low';
comment on column core.demand.fte is 'FTE, most likely';
comment on column core.demand.fte_high is 'FTE, high';
comment on column core.demand.year is 'The year';
comment on column core.demand.year_kind is 'Which year: calendar, Japanese fiscal, United States fiscal';
comment on column core.demand.as_of is 'First day of the year, at which it holds';
comment on column core.demand.scenario is 'The scenario that it belongs to';
comment on column core.demand.confidence is 'How much the source is to be trusted';
comment on column core.demand.members_included is 'Whether an association''s figure holds its members'' own';
comment on column core.demand.source is 'Where the figure comes from';
comment on column core.demand.source_date is 'Date of the source';
comment on constraint demand_of on core.demand is 'skill: must be given, or a role, but not both';
comment on constraint demand_level_of_skill on core.demand is 'level: must be given for a skill, and not for a role';
comment on constraint demand_scenario on core.demand is
    'scenario: must be lower case letters, digits, hyphens and underscores, at most 40';
comment on constraint demand_order on core.demand is 'fte: must lie between fte_low and fte_high, none of them negative';
comment on constraint demand_once on core.demand is
    'year: must not have such a demand of the organization in the scenario already';

create table core.gap (
    id uuid primary key default core.uuid7(),
    code core.code not null
        default core.numbered('GAP-' || extract(year from now()) || '-', nextval('core.gap_number'), 4)
        constraint gap_code_key unique,
    skill_id uuid not null constraint gap_skill references core.skill,
    level smallint not null constraint gap_level references core.level,
    country text constraint gap_country check (country ~ '^[A-Z]{2}$'),
    organization_id uuid constraint gap_organization references core.organization,
    year smallint not null constraint gap_year check (year between 1950 and 2150),
    size_fte numeric(12, 3) not null constraint gap_size check (size_fte >= 0),
    basis text not null default 'declared' constraint gap_basis check (basis in ('declared', 'computed')),
    parameters jsonb,
    severity text not null constraint gap_severity check (severity in ('low', 'medium', 'high', 'critical')),
    owner_id uuid constraint gap_owner references core.organization,
    status text not null default 'open' constraint gap_status
        check (status in ('open', 'being_closed', 'closed', 'accepted')),
    status_reason text,
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint gap_group check (num_nonnulls(country, organization_id) <= 1)
);
create index gap_skill on core.gap (skill_id);
comment on table core.gap is 'Recorded gaps: who owns them and what is meant to close them';
comment on column core.gap.skill_id is 'The skill or category that is short';
comment on column core.gap.level is 'At this level or above';
comment on column core.gap.country is 'In this country; empty with organization empty: in the whole partnership';
comment on column core.gap.organization_id is 'In this organization';
comment on column core.gap.year is 'In this calendar year';
comment on column core.gap.size_fte is 'How many FTE are short';
comment on column core.gap.basis is 'declared by somebody, or computed with parameters';
comment on column core.gap.parameters is 'What a computed gap was computed from, frozen';
comment on column core.gap.severity is 'How much it hurts';
comment on column core.gap.owner_id is 'Who sees to it';
comment on column core.gap.status is 'Whether it is being closed';
comment on column core.gap.status_reason is 'Why the status changed last';
comment on constraint gap_code_key on core.gap is 'code: must not be taken by another gap';
comment on constraint gap_country on core.gap is 'country: must be a two-letter ISO 3166 code, as JP or US';
comment on constraint gap_group on core.gap is 'organization: must not be given together with a country';

create table core.gap_action (
    id uuid primary key default core.uuid7(),
    gap_id uuid not null constraint gap_action_gap references core.gap on delete cascade,
    program_id uuid constraint gap_action_program references core.program,
    exchange_id uuid constraint gap_action_exchange references core.exchange,
    contribution_fte numeric(12, 3) not null constraint gap_action_contribution check (contribution_fte > 0),
    expected_on date,
    actual_fte numeric(12, 3) constraint gap_action_actual check (actual_fte >= 0),
    note text,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint gap_action_of check (num_nonnulls(program_id, exchange_id) = 1),
    constraint gap_action_once unique nulls not distinct (gap_id, program_id, exchange_id)
);
create index gap_action_program on core.gap_action (program_id) where program_id is not null;
create index gap_action_exchange on core.gap_action (exchange_id) where exchange_id is not null;
comment on table core.gap_action is 'Programs and exchanges meant to close a gap, with what each is expected to contribute';
comment on column core.gap_action.gap_id is 'The gap';
comment on column core.gap_action.program_id is 'A program';
comment on column core.gap_action.exchange_id is 'Or an exchange';
comment on column core.gap_action.contribution_fte is 'FTE that it is expected to contribute';
comment on column core.gap_action.expected_on is 'By when';
comment on column core.gap_action.actual_fte is 'FTE that it has contributed';
comment on constraint gap_action_of on core.gap_action is 'program: must be given, or an exchange, but not both';
comment on constraint gap_action_once on core.gap_action is 'program: must not be an action on this gap already';

-- Versions and events ----------------------------------------------------------------------------

do $$
declare
    v_table text;
    v_organizations text;
begin
    for v_table, v_organizations in values
        ('person', ''), ('affiliation', ', ''organization_id'''), ('person_qualification', ''),
        ('program', ', ''provider_id'''), ('session', ''), ('enrollment', ''),
        ('exchange', ', ''home_id'', ''host_id'''), ('holding', ', ''assessor_id'''),
        ('demand', ', ''organization_id'''), ('gap', ', ''organization_id'', ''owner_id'''), ('gap_action', '') loop
        execute format('create trigger touch before update on core.%I for each row execute function core.touch()', v_table);
        execute format('create trigger event after insert or update or delete on core.%I for each row '
            'execute function derive.event_write(%L%s)', v_table, v_table, v_organizations);
    end loop;
end
$$;
