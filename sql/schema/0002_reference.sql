-- SPDX-License-Identifier: Apache-2.0
--
-- Pillars, levels, agreements, committees, schemes, organizations, facilities, frameworks, skills, roles, qualifications.

create table core.pillar (
    id uuid not null default core.uuid7() constraint pillar_id_key unique,
    code core.code primary key,
    place smallint not null,
    name_en text not null,
    name_ja text not null,
    summary_en text not null,
    summary_ja text not null,
    source text not null
);
comment on table core.pillar is 'The six pillars of the partnership; records name those that they serve';
comment on column core.pillar.place is 'Its place in the announcement';
comment on column core.pillar.summary_en is 'What it is about, in English';
comment on column core.pillar.summary_ja is 'What it is about, in Japanese';

create function core.are_pillars(p_codes text[]) returns boolean
language sql immutable parallel safe as $$
    select p_codes <@ array['science', 'facilities', 'regulation', 'supply-chain', 'engagement', 'workforce']
$$;
comment on function core.are_pillars(text[]) is 'Whether all codes are of the six pillars, which are fixed by the announcement of 2024';

create table core.level (
    level smallint primary key constraint level_range check (level between 1 and 5),
    name_en text not null,
    name_ja text not null,
    definition_en text not null,
    definition_ja text not null,
    onet_low numeric(3, 2) not null,
    onet_high numeric(3, 2) not null,
    source text not null,
    constraint level_onet check (0 <= onet_low and onet_low < onet_high and onet_high <= 7)
);
comment on table core.level is 'The five levels of a skill, with the part of the O*NET level scale (0 to 7) that each covers';
comment on column core.level.level is '1 awareness, 2 supervised, 3 independent, 4 lead, 5 authority';
comment on column core.level.definition_en is 'What a person at this level does, in English';
comment on column core.level.definition_ja is 'What a person at this level does, in Japanese';
comment on column core.level.onet_low is 'Lowest O*NET level that it covers';
comment on column core.level.onet_high is 'O*NET level below which it ends';

create table core.agreement (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint agreement_code_key unique,
    name_en text,
    name_ja text,
    abbreviation text,
    parties text[] not null default '{}',
    signed date,
    in_force daterange,
    parent_id uuid constraint agreement_parent references core.agreement,
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint agreement_name check (num_nonnulls(name_en, name_ja) > 0)
);
create index agreement_parent on core.agreement (parent_id);
comment on table core.agreement is 'Agreements and arrangements under which the partnership works';
comment on column core.agreement.abbreviation is 'What people call it; never a key';
comment on column core.agreement.parties is 'Who concluded it, as ISO 3166 country codes or names';
comment on column core.agreement.signed is 'Day of signature';
comment on column core.agreement.in_force is 'Days on which it is in force';
comment on column core.agreement.parent_id is 'The agreement that it stands under';
comment on constraint agreement_name on core.agreement is 'name: must have at least one language';
comment on constraint agreement_code_key on core.agreement is 'code: must not be taken by another agreement';

create table core.committee (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint committee_code_key unique,
    name_en text,
    name_ja text,
    abbreviation text,
    parent_id uuid constraint committee_parent references core.committee,
    agreement_id uuid constraint committee_agreement references core.agreement,
    established date,
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint committee_name check (num_nonnulls(name_en, name_ja) > 0)
);
create index committee_parent on core.committee (parent_id);
create index committee_agreement on core.committee (agreement_id);
comment on table core.committee is 'Committees and joint institutes of the partnership';
comment on column core.committee.abbreviation is 'What people call it; never a key, for CCFE, FPPC and JIFT all have namesakes';
comment on column core.committee.parent_id is 'The committee that it reports to';
comment on column core.committee.agreement_id is 'The agreement that it works under';
comment on column core.committee.established is 'When it was set up; the first of January where only the year is known';
comment on constraint committee_name on core.committee is 'name: must have at least one language';
comment on constraint committee_code_key on core.committee is 'code: must not be taken by another committee';

create table core.scheme (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint scheme_code_key unique,
    name_en text,
    name_ja text,
    categories text[] not null default '{}',
    plan_months_before smallint constraint scheme_plan check (plan_months_before between 0 and 24),
    report_days_after smallint constraint scheme_report check (report_days_after between 0 and 366),
    ends_by_month smallint constraint scheme_ends_month check (ends_by_month between 1 and 12),
    year_kind text not null default 'calendar' constraint scheme_year_kind
        check (year_kind in ('calendar', 'jp_fiscal', 'us_fiscal')),
    committee_id uuid constraint scheme_committee references core.committee,
    agreement_id uuid constraint scheme_agreement references core.agreement,
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint scheme_name check (num_nonnulls(name_en, name_ja) > 0)
);
comment on table core.scheme is 'Exchange schemes: their categories and the calendar that their exchanges follow, as data';
comment on column core.scheme.categories is 'Codes of its categories';
comment on column core.scheme.plan_months_before is 'The implementation plan is due so many months before the start';
comment on column core.scheme.report_days_after is 'The report is due so many days after the return';
comment on column core.scheme.ends_by_month is 'Exchanges end by the last day of this month of the scheme''s year';
comment on column core.scheme.year_kind is 'Which year it follows';
comment on column core.scheme.committee_id is 'The committee that runs it';
comment on column core.scheme.agreement_id is 'The agreement that it stands under';
comment on constraint scheme_name on core.scheme is 'name: must have at least one language';
comment on constraint scheme_code_key on core.scheme is 'code: must not be taken by another scheme';

-- Organizations and facilities -------------------------------------------------------------------

create table core.organization (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint organization_code_key unique,
    name_en text,
    name_ja text,
    kind text not null constraint organization_kind check (kind in
        ('university', 'national_laboratory', 'company', 'agency', 'industry_association', 'international')),
    country text constraint organization_country check (country ~ '^[A-Z]{2}$'),
    website text,
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint organization_name check (num_nonnulls(name_en, name_ja) > 0),
    constraint organization_has_country check (country is not null or kind = 'international')
);
create index organization_by_country on core.organization (country, kind);
comment on table core.organization is 'Universities, laboratories, companies, agencies, associations and international bodies';
comment on column core.organization.kind is 'What kind of organization it is';
comment on column core.organization.country is 'ISO 3166-1 alpha-2 code; may be empty for an international one';
comment on column core.organization.website is 'Its web address';
comment on constraint organization_code_key on core.organization is 'code: must not be taken by another organization';
comment on constraint organization_name on core.organization is 'name: must have at least one language';
comment on constraint organization_country on core.organization is 'country: must be a two-letter ISO 3166 code, as JP or US';
comment on constraint organization_has_country on core.organization is 'country: must be given unless the organization is international';

create table core.organization_name (
    organization_id uuid not null constraint organization_name_of references core.organization on delete cascade,
    place smallint not null,
    kind text not null constraint organization_name_kind check (kind in ('former', 'abbreviation', 'alias')),
    name text not null,
    lang text constraint organization_name_lang check (lang in ('en', 'ja')),
    used daterange not null default '(,)',
    primary key (organization_id, place)
);
create index organization_name_by_name on core.organization_name (lower(name));
comment on table core.organization_name is 'Former names and abbreviations of organizations, dated; never keys, for several share one';
comment on column core.organization_name.organization_id is 'Whose name it is';
comment on column core.organization_name.place is 'Order in the list, from 1';
comment on column core.organization_name.kind is 'former, abbreviation or alias';
comment on column core.organization_name.name is 'The name';
comment on column core.organization_name.lang is 'Its language, if it has one';
comment on column core.organization_name.used is 'Days on which it was used';

create table core.facility (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint facility_code_key unique,
    name_en text,
    name_ja text,
    operator_id uuid constraint facility_operator references core.organization,
    country text constraint facility_country check (country ~ '^[A-Z]{2}$'),
    kind text,
    status text not null default 'unknown' constraint facility_status
        check (status in ('planned', 'under_construction', 'operating', 'paused', 'closed', 'unknown')),
    summary_en text,
    summary_ja text,
    access_en text,
    access_ja text,
    pillars text[] not null default '{}' constraint facility_pillars check (core.are_pillars(pillars)),
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint facility_name check (num_nonnulls(name_en, name_ja) > 0)
);
create index facility_operator on core.facility (operator_id);
create index facility_country on core.facility (country);
comment on table core.facility is 'Machines, test stands and laboratories: who operates them, what can be learnt there, who gets in';
comment on column core.facility.operator_id is 'The organization that operates it';
comment on column core.facility.country is 'Where it stands, ISO 3166-1 alpha-2';
comment on column core.facility.kind is 'What it is: tokamak, stellarator, laser, test stand …';
comment on column core.facility.status is 'Whether it runs';
comment on column core.facility.summary_en is 'What it does, in English';
comment on column core.facility.summary_ja is 'What it does, in Japanese';
comment on column core.facility.access_en is 'How others get access, in English';
comment on column core.facility.access_ja is 'How others get access, in Japanese';
comment on constraint facility_code_key on core.facility is 'code: must not be taken by another facility';
comment on constraint facility_name on core.facility is 'name: must have at least one language';
comment on constraint facility_country on core.facility is 'country: must be a two-letter ISO 3166 code, as JP or US';
comment on constraint facility_pillars on core.facility is 'pillars: must be codes that pillar.list answers';

-- Skills -----------------------------------------------------------------------------------------

create table core.framework (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint framework_code_key unique,
    name_en text,
    name_ja text,
    publisher text,
    edition text,
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint framework_name check (num_nonnulls(name_en, name_ja) > 0)
);
comment on table core.framework is 'Skill frameworks: the fusion one, and others that skills are mapped to';
comment on column core.framework.publisher is 'Who publishes it';
comment on column core.framework.edition is 'Which edition';
comment on constraint framework_code_key on core.framework is 'code: must not be taken by another framework';
comment on constraint framework_name on core.framework is 'name: must have at least one language';

create table core.skill (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint skill_code_key unique,
    framework_id uuid not null constraint skill_framework references core.framework,
    parent_id uuid,
    kind text not null default 'skill' constraint skill_kind check (kind in ('category', 'skill')),
    name_en text,
    name_ja text,
    definition_en text,
    definition_ja text,
    pillars text[] not null default '{}' constraint skill_pillars check (core.are_pillars(pillars)),
    retired date,
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint skill_id_framework_key unique (id, framework_id),
    constraint skill_parent foreign key (parent_id, framework_id) references core.skill (id, framework_id),
    constraint skill_name check (num_nonnulls(name_en, name_ja) > 0),
    constraint skill_not_own_parent check (parent_id <> id)
);
create index skill_tree on core.skill (framework_id, parent_id);
create index skill_parent on core.skill (parent_id);
comment on table core.skill is 'Skills and the categories they stand in: a tree in each framework';
comment on column core.skill.framework_id is 'The framework that it belongs to';
comment on column core.skill.parent_id is 'What it stands under, in the same framework';
comment on column core.skill.kind is 'A category groups skills and is held by nobody';
comment on column core.skill.definition_en is 'One sentence on what it is, in English';
comment on column core.skill.definition_ja is 'One sentence on what it is, in Japanese';
comment on column core.skill.retired is 'From this day on it is not to be used any more';
comment on constraint skill_code_key on core.skill is 'code: must not be taken by another skill';
comment on constraint skill_name on core.skill is 'name: must have at least one language';
comment on constraint skill_parent on core.skill is 'parent: must be of the same framework';
comment on constraint skill_not_own_parent on core.skill is 'parent: must not be the skill itself';
comment on constraint skill_pillars on core.skill is 'pillars: must be codes that pillar.list answers';

create table core.skill_mapping (
    id uuid primary key default core.uuid7(),
    from_id uuid not null constraint skill_mapping_from references core.skill on delete cascade,
    to_id uuid not null constraint skill_mapping_to references core.skill on delete cascade,
    match text not null constraint skill_mapping_match check (match in ('exact', 'broad', 'narrow')),
    source text,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint skill_mapping_key unique (from_id, to_id),
    constraint skill_mapping_other check (from_id <> to_id)
);
create index skill_mapping_to on core.skill_mapping (to_id);
comment on table core.skill_mapping is 'Which skill of one framework matches which of another (as SKOS: exact, broad, narrow)';
comment on column core.skill_mapping.from_id is 'The skill that is mapped';
comment on column core.skill_mapping.to_id is 'The skill that it is mapped to';
comment on column core.skill_mapping.match is 'exact: the same; broad: the other is broader; narrow: the other is narrower';
comment on constraint skill_mapping_key on core.skill_mapping is 'to: must not be mapped from this skill already';
comment on constraint skill_mapping_other on core.skill_mapping is 'to: must be another skill';

create table core.facility_skill (
    facility_id uuid not null constraint facility_skill_facility references core.facility on delete cascade,
    skill_id uuid not null constraint facility_skill_skill references core.skill,
    primary key (facility_id, skill_id)
);
create index facility_skill_skill on core.facility_skill (skill_id);
comment on table core.facility_skill is 'What can be learnt at a facility';
comment on column core.facility_skill.facility_id is 'The facility';
comment on column core.facility_skill.skill_id is 'A skill that can be learnt there';

create table core.role (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint role_code_key unique,
    name_en text,
    name_ja text,
    summary_en text,
    summary_ja text,
    pillars text[] not null default '{}' constraint role_pillars check (core.are_pillars(pillars)),
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint role_name check (num_nonnulls(name_en, name_ja) > 0)
);
comment on table core.role is 'Role profiles: the skills and levels that one person in the role needs, all at once';
comment on column core.role.summary_en is 'What the role does, in English';
comment on column core.role.summary_ja is 'What the role does, in Japanese';
comment on constraint role_code_key on core.role is 'code: must not be taken by another role';
comment on constraint role_name on core.role is 'name: must have at least one language';
comment on constraint role_pillars on core.role is 'pillars: must be codes that pillar.list answers';

create table core.role_skill (
    role_id uuid not null constraint role_skill_role references core.role on delete cascade,
    skill_id uuid not null constraint role_skill_skill references core.skill,
    level smallint not null constraint role_skill_level references core.level,
    primary key (role_id, skill_id)
);
create index role_skill_skill on core.role_skill (skill_id);
comment on table core.role_skill is 'What a role requires';
comment on column core.role_skill.role_id is 'The role';
comment on column core.role_skill.skill_id is 'A skill that it requires';
comment on column core.role_skill.level is 'The lowest level that will do';

create table core.qualification (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint qualification_code_key unique,
    name_en text,
    name_ja text,
    kind text not null constraint qualification_kind check (kind in ('licence', 'certificate', 'degree', 'badge')),
    country text constraint qualification_country check (country ~ '^[A-Z]{2}$'),
    issuer text,
    valid_months smallint constraint qualification_valid_months check (valid_months between 1 and 600),
    pillars text[] not null default '{}' constraint qualification_pillars check (core.are_pillars(pillars)),
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint qualification_name check (num_nonnulls(name_en, name_ja) > 0)
);
comment on table core.qualification is 'Licences and certificates of a country';
comment on column core.qualification.kind is 'What kind of proof it is';
comment on column core.qualification.country is 'The country whose law or body gives it, ISO 3166-1 alpha-2';
comment on column core.qualification.issuer is 'Who gives it';
comment on column core.qualification.valid_months is 'How many months it is valid; empty where it does not expire';
comment on constraint qualification_code_key on core.qualification is 'code: must not be taken by another qualification';
comment on constraint qualification_name on core.qualification is 'name: must have at least one language';
comment on constraint qualification_country on core.qualification is 'country: must be a two-letter ISO 3166 code, as JP or US';
comment on constraint qualification_pillars on core.qualification is 'pillars: must be codes that pillar.list answers';

create table core.qualification_counterpart (
    qualification_id uuid not null constraint qualification_counterpart_of references core.qualification on delete cascade,
    counterpart_id uuid not null constraint qualification_counterpart_to references core.qualification on delete cascade,
    extent text not null default 'partial' constraint qualification_counterpart_extent check (extent in ('full', 'partial')),
    note text,
    source text,
    primary key (qualification_id, counterpart_id),
    constraint qualification_counterpart_other check (qualification_id <> counterpart_id)
);
create index qualification_counterpart_to on core.qualification_counterpart (counterpart_id);
comment on table core.qualification_counterpart is 'Which qualification elsewhere answers to one of a country';
comment on constraint qualification_counterpart_other on core.qualification_counterpart is
    'counterparts: must be other qualifications';
comment on column core.qualification_counterpart.qualification_id is 'The qualification';
comment on column core.qualification_counterpart.counterpart_id is 'Its counterpart in another country';
comment on column core.qualification_counterpart.extent is 'Whether the counterpart is recognized in full or in part';

do $$
declare
    t text;
begin
    foreach t in array array['agreement', 'committee', 'scheme', 'organization', 'facility', 'framework', 'skill',
        'skill_mapping', 'role', 'qualification'] loop
        execute format('create trigger touch before update on core.%I for each row execute function core.touch()', t);
        execute format('create trigger event after insert or update or delete on core.%I for each row '
            'execute function derive.event_write(%L%s)', t, t,
            case t when 'organization' then ', ''id''' when 'facility' then ', ''operator_id''' else '' end);
    end loop;
end
$$;
