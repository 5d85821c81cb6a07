-- SPDX-License-Identifier: Apache-2.0
--
-- Borders, and the rights of the people whom records are about.
--
-- A person's data is at home in the country of the home organization (the affiliation with the most FTE on the day), or
-- else of the organization that keeps the record. Shown to a principal of another country it crosses a border, and does so
-- only under a legal basis or a consent that names the purpose and that country, and after a row of core.disclosure that
-- is durable before the answer. Personal are what person.get shows beside the code, and the numbers and results of
-- certifications and enrollments; without a basis the answer is the pseudonymous form, which has none of it.
--
-- derive.people_gate decides it, for every read of people one by one, and writes what the law asks to be kept:
--
--   APPI 28            consent of the person to a third party in a foreign country, or a basis; what was told before it
--   APPI 29, Rules 20  of a disclosure: the recipient, the person, the items, the consent (here also time and purpose)
--   APPI 30, Rules 24  of a receipt: from whom and how it came, the person, the items; the same row, read from there
--   Rules 21, 25       kept for three years
--   GDPR 5(2), 30      accountability and records of processing;  Privacy Act (5 U.S.C. 552a)(c): accounting of disclosures
--
-- Sources: Act on the Protection of Personal Information (Act No. 57 of 2003) and its Enforcement Rules; the guidelines of
-- the Personal Information Protection Commission on confirmation and records (ppc.go.jp/personalinfo/legal/guidelines_thirdparty).
--
-- The person is named in all of this by the random log reference alone, whose mapping goes with the record.

-- Legal bases and consents -------------------------------------------------------------------------

create function core.is_purpose(p_purpose text) returns boolean
language sql immutable parallel safe as $$
    select p_purpose in ('administration', 'training', 'exchange', 'planning', 'research', 'legal_duty', 'audit', 'subject_request')
$$;
comment on function core.is_purpose(text) is 'Whether it is one of the purposes for which people''s data is used';

create table core.legal_basis (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint legal_basis_code_key unique,
    kind text not null constraint legal_basis_kind
        check (kind in ('agreement', 'contract', 'law', 'adequacy', 'equivalent_measures', 'public_interest')),
    law text not null constraint legal_basis_law check (law in ('appi', 'gdpr', 'privacy_act', 'other')),
    provision text not null,
    purpose text not null constraint legal_basis_purpose check (core.is_purpose(purpose)),
    scope text not null constraint legal_basis_scope check (scope in ('country', 'organization', 'person')),
    from_country text constraint legal_basis_from_country check (from_country ~ '^[A-Z]{2}$'),
    organization_id uuid constraint legal_basis_organization references core.organization,
    person_id uuid constraint legal_basis_person references core.person,
    recipient_country text not null constraint legal_basis_recipient_country check (recipient_country ~ '^[A-Z]{2}$'),
    recipient_id uuid constraint legal_basis_recipient references core.organization,
    valid daterange not null constraint legal_basis_valid check (not isempty(valid) and not lower_inf(valid)),
    agreement_id uuid constraint legal_basis_agreement references core.agreement,
    document text,
    note text,
    source text,
    unverified boolean not null default false,
    synthetic boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint legal_basis_covers check (case scope when 'country' then from_country is not null and num_nonnulls(organization_id, person_id) = 0
        when 'organization' then organization_id is not null and num_nonnulls(from_country, person_id) = 0
        else num_nonnulls(from_country, organization_id) = 0 end)
);
create index legal_basis_recipient_purpose on core.legal_basis (recipient_country, purpose);
create index legal_basis_person on core.legal_basis (person_id) where person_id is not null;
alter table core.legal_basis alter column document set statistics 0, alter column note set statistics 0;
comment on table core.legal_basis is 'What allows people''s data to cross a border: from whom, to which country, for which purpose, under which law';
comment on column core.legal_basis.kind is 'What kind of basis it is';
comment on column core.legal_basis.law is 'Under which law: APPI, GDPR, Privacy Act or another';
comment on column core.legal_basis.provision is 'Which provision of it, as "APPI 28(1)" or "GDPR 46(2)(a)"';
comment on column core.legal_basis.purpose is 'The purpose that it allows';
comment on column core.legal_basis.scope is 'Whose data: of a country''s people, an organization''s, or one person''s';
comment on column core.legal_basis.from_country is 'The country whose people it covers';
comment on column core.legal_basis.organization_id is 'The organization whose people it covers';
comment on column core.legal_basis.person_id is 'The person whom it covers; emptied when the person is erased';
comment on column core.legal_basis.recipient_country is 'The country to which the data may go';
comment on column core.legal_basis.recipient_id is 'The only organization there that may have it; empty for any';
comment on column core.legal_basis.valid is 'Days on which it is valid';
comment on column core.legal_basis.agreement_id is 'The agreement that it rests on';
comment on column core.legal_basis.document is 'Where the document is kept';
comment on constraint legal_basis_code_key on core.legal_basis is 'code: must not be taken by another legal basis';
comment on constraint legal_basis_from_country on core.legal_basis is 'from_country: must be a two-letter ISO 3166 code, as JP or US';
comment on constraint legal_basis_recipient_country on core.legal_basis is 'recipient_country: must be a two-letter ISO 3166 code, as JP or US';
comment on constraint legal_basis_covers on core.legal_basis is 'from_country: must be given, or an organization, or a person, and only one of them';

create table core.consent (
    id uuid primary key default core.uuid7(),
    person_id uuid constraint consent_person references core.person,
    log_reference uuid not null,
    purpose text not null constraint consent_purpose check (core.is_purpose(purpose)),
    recipient_country text not null constraint consent_recipient_country check (recipient_country ~ '^[A-Z]{2}$'),
    recipient_id uuid constraint consent_recipient references core.organization,
    notice_version text not null,
    notice_lang text not null constraint consent_notice_lang check (notice_lang in ('en', 'ja')),
    notice_source text,
    means text not null default 'written' constraint consent_means check (means in ('written', 'electronic', 'oral')),
    given_on date not null,
    ends_on date,
    withdrawn_on date,
    note text,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint consent_order check (ends_on >= given_on and withdrawn_on >= given_on)
);
create index consent_person on core.consent (person_id, recipient_country) where person_id is not null;
alter table core.consent alter column note set statistics 0, alter column notice_source set statistics 0;
comment on table core.consent is 'Consents of people to their data going to another country for a purpose (APPI 28; GDPR 6(1)(a), 49(1)(a)); a withdrawn one stays, as proof of what was allowed until then';
comment on column core.consent.person_id is 'Who consents; emptied when the person is erased';
comment on column core.consent.log_reference is 'The random reference by which disclosures name the person';
comment on column core.consent.purpose is 'For which purpose';
comment on column core.consent.recipient_country is 'To which country';
comment on column core.consent.recipient_id is 'To which organization there only; empty for any';
comment on column core.consent.notice_version is 'Version of the notice that the person was given: the country, its system of protection, the recipient''s measures';
comment on column core.consent.notice_lang is 'Language of the notice';
comment on column core.consent.notice_source is 'Where the notice''s text is kept';
comment on column core.consent.means is 'How consent was given';
comment on column core.consent.given_on is 'Day on which it was given';
comment on column core.consent.ends_on is 'Last day on which it holds; empty: until withdrawn';
comment on column core.consent.withdrawn_on is 'Day on which it was withdrawn, which takes effect at once';
comment on constraint consent_order on core.consent is 'given_on: must not be after the consent''s end or withdrawal';
comment on constraint consent_recipient_country on core.consent is 'recipient_country: must be a two-letter ISO 3166 code, as JP or US';

-- What was read and what was disclosed -------------------------------------------------------------

create table core.access_read (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    principal_id uuid not null,
    method text not null,
    purpose text,
    form text not null constraint access_read_form check (form in ('personal', 'pseudonymous')),
    people uuid[] not null
);
create index access_read_people on core.access_read using gin (people) with (gin_pending_list_limit = 512);
create index access_read_at on core.access_read using brin (at) with (autosummarize = on);
comment on table core.access_read is 'Who read which people''s records, when and for what; one row a call';
comment on column core.access_read.at is 'When';
comment on column core.access_read.principal_id is 'Who';
comment on column core.access_read.method is 'By which method';
comment on column core.access_read.purpose is 'For which purpose; empty where none was named';
comment on column core.access_read.form is 'What was shown: the record, or the code alone';
comment on column core.access_read.people is 'The log references of the people';

create table core.disclosure (
    id uuid primary key default core.uuid7(),
    at timestamptz not null default clock_timestamp(),
    person uuid not null,
    from_country text,
    provider_id uuid,
    to_country text not null,
    recipient_id uuid,
    recipient_name text not null,
    principal_id uuid not null,
    purpose text not null,
    legal_basis_id uuid,
    consent_id uuid,
    categories text[] not null,
    method text not null,
    constraint disclosure_under check (num_nonnulls(legal_basis_id, consent_id) = 1)
);
create index disclosure_person on core.disclosure (person);
create index disclosure_at on core.disclosure using brin (at) with (autosummarize = on);
comment on table core.disclosure is 'Transfers of people''s data across a border, with what APPI 29 and 30 ask to be kept; written in the transaction that reads, so durable before its answer';
comment on column core.disclosure.at is 'When';
comment on column core.disclosure.person is 'The log reference of the person';
comment on column core.disclosure.from_country is 'From which country; empty where it is not known';
comment on column core.disclosure.provider_id is 'The organization whose person it is: who provided the data';
comment on column core.disclosure.to_country is 'To which country';
comment on column core.disclosure.recipient_id is 'The organization that received it';
comment on column core.disclosure.recipient_name is 'How the recipient was called then';
comment on column core.disclosure.principal_id is 'The principal that read it';
comment on column core.disclosure.purpose is 'For which purpose';
comment on column core.disclosure.legal_basis_id is 'Under which legal basis';
comment on column core.disclosure.consent_id is 'Or under which consent';
comment on column core.disclosure.categories is 'Which items of the data';
comment on column core.disclosure.method is 'How it was read';

-- Restriction, correction, erasure, retention -------------------------------------------------------

create table core.restriction (
    id uuid primary key default core.uuid7(),
    person_id uuid not null constraint restriction_person references core.person,
    since timestamptz not null default now(),
    lifted_at timestamptz,
    reason text not null,
    principal_id uuid not null
);
create unique index restriction_once on core.restriction (person_id) where lifted_at is null;
alter table core.restriction alter column reason set statistics 0;
comment on table core.restriction is 'People whose records are not processed further for now (GDPR 18, APPI 35): they are shown only to administrators and to who keeps them, nothing more is recorded on them, and figures go on counting them as they stand';
comment on column core.restriction.person_id is 'Whose record';
comment on column core.restriction.since is 'From when';
comment on column core.restriction.lifted_at is 'When it was lifted';
comment on column core.restriction.reason is 'Why';
comment on column core.restriction.principal_id is 'Who recorded it';
comment on index core.restriction_once is 'ref: must not be restricted already';

create table core.correction (
    id uuid primary key default core.uuid7(),
    person_id uuid not null constraint correction_person references core.person,
    at timestamptz not null default now(),
    outcome text not null constraint correction_outcome check (outcome in ('corrected', 'refused')),
    fields text[] not null,
    reason text not null,
    principal_id uuid not null
);
create index correction_person on core.correction (person_id);
alter table core.correction alter column reason set statistics 0;
comment on table core.correction is 'Requests of people to have their record corrected (APPI 34, GDPR 16), and what came of them';
comment on column core.correction.person_id is 'Whose record';
comment on column core.correction.at is 'When it was decided';
comment on column core.correction.outcome is 'What came of it';
comment on column core.correction.fields is 'Which fields, never their values';
comment on column core.correction.reason is 'The request, and why it was or was not met';
comment on column core.correction.principal_id is 'Who recorded it';

create table core.erasure (
    log_reference uuid primary key,
    at timestamptz not null default now(),
    cause text not null constraint erasure_cause check (cause in ('request', 'consent_withdrawn', 'unlawful', 'retention')),
    principal_id uuid not null
);
comment on table core.erasure is 'People who were erased, by the random reference that nothing maps to a person any more';
comment on column core.erasure.log_reference is 'The reference by which the log and the records of disclosures go on naming the person';
comment on column core.erasure.at is 'When';
comment on column core.erasure.cause is 'Why';
comment on column core.erasure.principal_id is 'Who did it';

create table core.scrub_due (
    table_name text primary key,
    since timestamptz not null default now(),
    transaction xid8 not null default pg_current_xact_id()
);
comment on table core.scrub_due is 'Tables that still hold dead rows of erased people';
comment on column core.scrub_due.table_name is 'Which table';
comment on column core.scrub_due.since is 'When somebody was erased from it last';
comment on column core.scrub_due.transaction is 'The transaction that did so';
insert into core.setting (name, value) values ('scrub_rewrite_bytes', '67108864');

create table core.retention (
    id uuid not null default core.uuid7() constraint retention_id_key unique,
    noun text primary key constraint retention_noun check (noun in ('person', 'enrollment', 'consent', 'access_read', 'disclosure')),
    months integer not null constraint retention_months check (months between 1 and 1200),
    counted_from text not null,
    source text,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint retention_least check (months >= case noun when 'disclosure' then 36 when 'consent' then 36 when 'access_read' then 12 else 1 end)
);
comment on table core.retention is 'How long records of a kind are kept; without a row, for good';
comment on column core.retention.noun is 'Which kind of record';
comment on column core.retention.months is 'Months';
comment on column core.retention.counted_from is 'From which event they count';
comment on constraint retention_least on core.retention is
    'months: must be at least 36 for disclosures and consents (APPI Enforcement Rules 21 and 25), and 12 for records of reading';
insert into core.retention (noun, months, counted_from, source) values
    ('disclosure', 36, 'the disclosure', 'APPI Enforcement Rules 21 and 25: three years'),
    ('consent', 36, 'its withdrawal, its end or the person''s erasure', 'APPI Enforcement Rules 21: kept with the disclosures that rest on it'),
    ('access_read', 24, 'the reading', null);

create table derive.supply_residue (
    organization_id uuid not null,
    subject_id uuid not null,
    evidence text not null,
    level smallint not null,
    birth_cohort smallint not null,
    month date not null,
    heads bigint not null,
    fte numeric(14, 3) not null,
    keys bigint not null,
    primary key (organization_id, subject_id, evidence, level, birth_cohort, month)
);
comment on table derive.supply_residue is
    'What people who were erased contributed to supply up to the month of their erasure, all of them added up; with the record it is what a recount finds';
comment on column derive.supply_residue.organization_id is 'Counted there';
comment on column derive.supply_residue.subject_id is 'Skill, category or pillar, as it stood at the erasure';
comment on column derive.supply_residue.evidence is 'verified, or what self-declared holdings add';
comment on column derive.supply_residue.level is 'Exactly this level';
comment on column derive.supply_residue.birth_cohort is 'First year of the cohort; 0 where it is not known';
comment on column derive.supply_residue.month is 'From this month on';
comment on column derive.supply_residue.heads is 'Net heads that come in the month';
comment on column derive.supply_residue.fte is 'Net FTE that comes in the month';
comment on column derive.supply_residue.keys is 'Net sum of record keys, which keeps the noise of published figures as it was';

-- Exchanges and enrollments outlive the people who were on them, as figures.
alter table core.enrollment alter column person_id drop not null,
    add column erased boolean not null default false,
    add constraint enrollment_has_person check (erased = (person_id is null)),
    alter column result set statistics 0, alter column certificate_number set statistics 0,
    alter column prerequisites_waived set statistics 0, alter column corrected_reason set statistics 0;
comment on column core.enrollment.erased is 'Whether the person was erased';
alter table core.exchange
    add column erased boolean not null default false,
    add column participants_erased integer not null default 0,
    add column participant_days_erased integer not null default 0,
    drop constraint exchange_has_person,
    alter column title_en set statistics 0, alter column title_ja set statistics 0, alter column note set statistics 0,
    alter column outcome set statistics 0, alter column reason set statistics 0, alter column corrected_reason set statistics 0,
    alter column source set statistics 0;
alter table core.exchange add constraint exchange_has_person check (person_id is not null or kind = 'workshop' or erased);
comment on constraint exchange_has_person on core.exchange is 'person: must be given unless the exchange is a workshop';
comment on column core.exchange.erased is 'Whether the person was erased';
comment on column core.exchange.participants_erased is 'How many participants of the workshop were erased';
comment on column core.exchange.participant_days_erased is 'How many days these took part, together';
alter table core.person alter column code set statistics 0;
alter table core.holding alter column note set statistics 0, alter column reversed_reason set statistics 0;
alter table core.exchange_approval alter column reference set statistics 0, alter column note set statistics 0;
alter table core.exchange_step alter column reason set statistics 0;
alter table core.exchange_notice alter column note set statistics 0;
alter table core.exchange_publication alter column link set statistics 0;

create trigger touch before update on core.legal_basis for each row execute function core.touch();
create trigger touch before update on core.consent for each row execute function core.touch();
create trigger touch before update on core.retention for each row execute function core.touch();
create trigger event after insert or update or delete on core.legal_basis for each row
    execute function derive.event_write('legal_basis', 'organization_id', 'recipient_id');
create trigger event after insert or update or delete on core.consent for each row
    execute function derive.event_write('consent', 'recipient_id');

-- Who is where, and who may see what ----------------------------------------------------------------

create function derive.people_home(p_people uuid[])
returns table (person_id uuid, log_reference uuid, organization_id uuid, country text, restricted boolean)
language sql stable rows 1 as $$
    select p.id, p.log_reference, coalesce(h.id, k.id), case when h.id is not null then h.country else k.country end,
        exists (select from core.restriction r where r.person_id = p.id and r.lifted_at is null)
    from core.person p
    left join lateral (
        select o.id, o.country from core.affiliation a join core.organization o on o.id = a.organization_id
        where a.person_id = p.id and a.valid @> current_date
        order by a.fte desc, lower(a.valid), a.id limit 1) h on true
    left join core.organization k on k.id = p.keeper_id
    where p.id = any (p_people)
$$;
comment on function derive.people_home(uuid[]) is
    'Where people''s data is at home today: the organization where they have the most FTE, else the one that keeps the record, and its country; and whether their processing is restricted';

create function derive.people_gate(p_people uuid[], p_form text, p_purpose text, p_method text) returns uuid[]
language plpgsql security definer as $$
declare
    v_country text := core.caller_country();
    v_organization uuid := core.caller_organization();
    v_local boolean := false;
    v_shown uuid[];
    v_abroad uuid[];
    v_shown_log uuid[];
    v_all_log uuid[];
    v_disclosed uuid[];
    v_restricted uuid[];
begin
    if v_country is null and v_organization is null then
        -- A user of the machine on which the data is kept: what they read stays there.
        v_local := exists (select from core.principal c where c.id = core.caller_id() and c.kind in ('local_user', 'local_group'));
    end if;
    select array_agg(h.person_id) filter (where v_local or h.country = v_country
            or h.country is null and v_country is null and h.organization_id = v_organization),
        array_agg(h.log_reference) filter (where v_local or h.country = v_country
            or h.country is null and v_country is null and h.organization_id = v_organization),
        array_agg(h.log_reference),
        array_agg(h.person_id) filter (where h.restricted)
        into v_shown, v_shown_log, v_all_log, v_restricted
    from derive.people_home(p_people) h;
    if v_restricted is not null and p_method not like 'subject.%' and exists (select from unnest(v_restricted) as r (id) where not core.caller_sees_restricted(r.id)) then
        perform core.fail('denied', 'processing of this record is restricted', 'ref', 'a person whose record is not restricted');
    end if;
    if p_form = 'pseudonymous' then
        v_shown := null;
        v_shown_log := null;
    elsif coalesce(cardinality(v_shown), 0) < cardinality(p_people) then
        v_abroad := array(select unnest(p_people) except select unnest(v_shown));
        if p_purpose is not null and v_country is not null then
            with allowed as (
                select h.person_id, h.log_reference, h.organization_id, h.country, b.id as legal_basis_id,
                    case when b.id is null then c.id end as consent_id
                from derive.people_home(v_abroad) h
                left join lateral (
                    select x.id from core.legal_basis x
                    where x.recipient_country = v_country and x.purpose = p_purpose and x.valid @> current_date
                        and (x.recipient_id is null or x.recipient_id = v_organization)
                        and case x.scope when 'country' then x.from_country = h.country
                            when 'organization' then x.organization_id = h.organization_id
                            else x.person_id = h.person_id end
                    order by x.code limit 1) b on true
                left join lateral (
                    select x.id from core.consent x
                    where x.person_id = h.person_id and x.recipient_country = v_country and x.purpose = p_purpose
                        and x.withdrawn_on is null and x.given_on <= current_date and coalesce(x.ends_on, 'infinity') >= current_date
                        and (x.recipient_id is null or x.recipient_id = v_organization)
                    order by x.given_on desc, x.id limit 1) c on true
                where num_nonnulls(b.id, c.id) > 0
            ), written as (
                insert into core.disclosure (person, from_country, provider_id, to_country, recipient_id, recipient_name,
                    principal_id, purpose, legal_basis_id, consent_id, categories, method)
                select a.log_reference, a.country, a.organization_id, v_country, v_organization,
                    (select coalesce(o.name_en, o.name_ja, r.name) from core.principal r
                     left join core.organization o on o.id = r.organization_id where r.id = core.caller_id()),
                    core.caller_id(), p_purpose, a.legal_basis_id, a.consent_id,
                    case split_part(p_method, '.', 1) when 'certification' then array['certification']
                        when 'subject' then array['everything']
                        else case p_method when 'person.list' then array['name', 'career_stage', 'birth_cohort', 'affiliation']
                            else array['name', 'career_stage', 'birth_cohort', 'researcher_id', 'affiliation', 'holding', 'certification'] end end,
                    p_method
                from allowed a
            )
            select array_agg(a.person_id), array_agg(a.log_reference) into v_disclosed, v_abroad from allowed a;
            v_shown := v_shown || v_disclosed;
            if v_disclosed is not null then
                v_shown_log := v_shown_log || v_abroad;
            end if;
        end if;
        if p_form = 'personal' and coalesce(cardinality(v_shown), 0) < cardinality(p_people) then
            perform core.fail('consent_required', case
                when p_purpose is null then 'personal data crosses a border only for a purpose that is named'
                when v_country is null then 'personal data crosses a border only to a country that is known, and the caller''s is not'
                else format('no legal basis and no consent allows personal data to go to %s for this purpose', v_country) end,
                case when p_purpose is null then 'purpose' else 'form' end,
                case when p_purpose is null then 'why the data is needed'
                    else 'pseudonymous, or a purpose that a legal basis or the person''s consent allows' end);
        end if;
    end if;
    -- A disclosure must be on disk before its answer. Other reads are within a second, and do not wait for it.
    if v_disclosed is null then
        perform set_config('synchronous_commit', 'off', true);
    end if;
    if v_shown_log is not null then
        insert into core.access_read (principal_id, method, purpose, form, people)
        values (core.caller_id(), p_method, p_purpose, 'personal', v_shown_log);
    end if;
    if coalesce(cardinality(v_shown_log), 0) < coalesce(cardinality(v_all_log), 0) then
        insert into core.access_read (principal_id, method, purpose, form, people)
        select core.caller_id(), p_method, p_purpose, 'pseudonymous', array_agg(x.r)
        from (select unnest(v_all_log) as r except select unnest(v_shown_log)) x;
    end if;
    return coalesce(v_shown, '{}');
end
$$;
comment on function derive.people_gate(uuid[], text, text, text) is
    'Of these people, those whose personal form the caller may have for the purpose; writes who read whom, and each disclosure across a border. With form personal the call ends with consent_required unless it is all of them';

create function core.caller_sees_restricted(p_person uuid) returns boolean
language sql stable as $$
    select core.caller_role() in ('admin', 'auditor') or coalesce(exists (
        select from derive.belonging b
        where b.organization_id = core.caller_records() and b.person_id = p_person and b.kept_until > current_date), false)
$$;
comment on function core.caller_sees_restricted(uuid) is
    'Whether the caller sees the person also while processing is restricted: administrators, auditors and who keeps the record';

create function derive.check_restricted() returns trigger
language plpgsql security definer as $$
begin
    if exists (select from core.restriction r join after n on n.person_id = r.person_id where r.lifted_at is null) then
        perform core.fail('conflict', 'processing of the person''s record is restricted', 'person',
            'a person whose record is not restricted');
    end if;
    return null;
end
$$;
comment on function derive.check_restricted() is 'After records on people came: refuses those on people whose processing is restricted';

create function derive.subject_check(p_person uuid) returns void
language plpgsql stable security definer as $$
begin
    if not (core.caller_records_all() or exists (
        select from derive.belonging b
        where b.organization_id = core.caller_records() and b.person_id = p_person and b.kept_until > current_date)) then
        perform core.fail('denied', 'the rights of a person are served by who keeps the record, the secretariat and administrators',
            'ref', 'a person who is with your organization, or whose record it keeps');
    end if;
end
$$;
comment on function derive.subject_check(uuid) is
    'Ends the call with denied unless the caller keeps the person''s record or records for all';

-- What there is on a person -------------------------------------------------------------------------

create function derive.rows_on(p_table regclass, p_column name, p_where text, p_ids uuid[]) returns json
language plpgsql stable as $$
declare
    v_named text;
    v_rows json;
begin
    -- What a row refers to by its UUID is named by its code as well.
    select coalesce(string_agg(format(' || jsonb_build_object(%L, (select r.code from %s r where r.id = t.%I))',
            regexp_replace(a.attname, '_id$', ''), c.confrelid::regclass, a.attname), ''), '') into v_named
    from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.conrelid = p_table and c.contype = 'f' and cardinality(c.conkey) = 1 and a.attname like '%\_id'
        and exists (select from pg_attribute k where k.attrelid = c.confrelid and k.attname = 'code')
        and exists (select from pg_attribute k where k.attrelid = c.confrelid and k.attname = 'id');
    -- The record key draws the noise of published figures, which knowing it would undo. As a counterpart one is in the record of
    -- another, whose words stay theirs.
    execute format('select coalesce(json_agg(%s order by t::text), ''[]'') from %s t where t.%I %s',
        case when p_column = 'counterpart_person_id'
            then format('jsonb_build_object(''id'', t.id, ''code'', t.code, ''kind'', t.kind, ''status'', t.status, ''held'', t.held)')
            else format('(to_jsonb(t) - ''record_key'')%s', v_named) end, p_table, p_column, p_where)
        into v_rows using p_ids;
    return v_rows;
end
$$;
comment on function derive.rows_on(regclass, name, text, uuid[]) is 'The rows of a table whose column the condition holds for, as JSON, with the codes of what they refer to';

create function derive.subject_record(p_person uuid) returns json
language plpgsql stable security definer as $$
declare
    v_people uuid[];
    v_logs uuid[];
    v_table record;
    v_rows json;
    v_record jsonb := '{}';
begin
    perform derive.subject_check(p_person);
    select array_agg(p.id), array_agg(p.log_reference) into v_people, v_logs
    from core.person p where p.id = p_person or p.merged_into_id = p_person;
    -- Found by the foreign keys, so that no table that comes later is left out.
    for v_table in
        select c.conrelid::regclass as name, t.relname || case a.attname when 'person_id' then '' else '_as_' || replace(replace(a.attname, '_person_id', ''), '_id', '') end as title,
            a.attname, '= any ($1)' as condition, 1 as place
        from pg_constraint c join pg_class t on t.oid = c.conrelid
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and c.confrelid = 'core.person'::regclass and cardinality(c.conkey) = 1 and c.conrelid <> c.confrelid
        union all
        select c.conrelid::regclass, t.relname, a.attname,
            'in (select e.id from core.exchange e where e.person_id = any ($1))', 2
        from pg_constraint c join pg_class t on t.oid = c.conrelid
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and c.confrelid = 'core.exchange'::regclass and a.attname = 'exchange_id'
            and t.relname like 'exchange\_%' and t.relname <> 'exchange_participant'
        union all
        select x.t::regclass, 'derived_' || x.n, 'person_id', '= any ($1)', 3
        from (values ('derive.timeline', 'timeline'), ('derive.location', 'location')) as x (t, n)
        order by 5, 2
    loop
        v_rows := derive.rows_on(v_table.name, v_table.attname, v_table.condition, v_people);
        v_record := v_record || jsonb_build_object(v_table.title, v_rows);
    end loop;
    return json_build_object(
        'person', derive.rows_on('core.person', 'id', '= any ($1)', v_people),
        'records', v_record,
        'changes', (
            select coalesce(json_agg(json_build_object('at', x.at, 'action', x.action, 'fields', x.fields, 'by', r.name) order by x.at), '[]')
            from (select l.at, l.action, l.fields, l.principal_id from derive.event_log l where l.record_id = any (v_logs)
                  union all
                  select i.at, i.action, i.fields, i.principal_id from derive.event_inbox i where i.record_id = any (v_logs)) x
            left join core.principal r on r.id = x.principal_id));
end
$$;
comment on function derive.subject_record(uuid) is 'Everything on a person from every table that refers to people, and the changes that the log knows of';

create function derive.subject_accesses(p_person uuid, p_before timestamptz, p_limit bigint) returns json
language plpgsql stable security definer as $$
declare
    v_logs uuid[];
begin
    if not coalesce(core.caller_role() = 'auditor', false) then
        perform derive.subject_check(p_person);
    end if;
    v_logs := array(select p.log_reference from core.person p where p.id = p_person or p.merged_into_id = p_person);
    return (
        select coalesce(json_agg(json_build_object('at', x.at, 'kind', x.kind, 'by', r.name, 'organization', o.code,
            'country', coalesce(x.country, r.country, o.country), 'purpose', x.purpose, 'method', x.method, 'form', x.form,
            'legal_basis', b.code, 'consent', x.consent_id, 'categories', x.categories) order by x.at desc), '[]')
        from (
            (select a.at, 'read' as kind, a.principal_id, a.purpose, a.method, a.form, null::text as country,
                null::uuid as legal_basis_id, null::uuid as consent_id, null::text[] as categories
             from core.access_read a where a.people && v_logs and (p_before is null or a.at < p_before)
             order by a.at desc limit p_limit)
            union all
            (select d.at, 'disclosure', d.principal_id, d.purpose, d.method, 'personal', d.to_country, d.legal_basis_id, d.consent_id, d.categories
             from core.disclosure d where d.person = any (v_logs) and (p_before is null or d.at < p_before)
             order by d.at desc limit p_limit)
            order by at desc limit p_limit) x
        left join core.principal r on r.id = x.principal_id
        left join core.organization o on o.id = r.organization_id
        left join core.legal_basis b on b.id = x.legal_basis_id);
end
$$;
comment on function derive.subject_accesses(uuid, timestamptz, bigint) is
    'Who read a person''s record and to whom abroad it was disclosed, the latest first';

-- Erasing ------------------------------------------------------------------------------------------

create function derive.leave_residue(p_person uuid) returns void
language plpgsql as $$
declare
    v_last date := date_trunc('month', current_date)::date;
    v_subjects uuid[] := array(select distinct s.subject_id
        from derive.timeline t join derive.skill_subject s on s.skill_id = t.skill_id where t.person_id = p_person);
    v_residue derive.movement[];
begin
    -- The months up to this one stay as they are; what would still be there then goes in the next.
    select array_agg(x::derive.movement) into v_residue
    from (
        select m.month, m.subject_id, m.level, m.evidence, m.organization_id, m.birth_cohort, m.heads, m.fte, m.keys
        from derive.movements(p_person, v_subjects) m where m.month <= v_last
        union all
        select (v_last + interval '1 month')::date, m.subject_id, m.level, m.evidence, m.organization_id, m.birth_cohort,
            -sum(m.heads)::bigint, -sum(m.fte), -sum(m.keys)::bigint
        from derive.movements(p_person, v_subjects) m where m.month <= v_last
        group by m.subject_id, m.level, m.evidence, m.organization_id, m.birth_cohort
        having sum(m.heads) <> 0 or sum(m.fte) <> 0 or sum(m.keys) <> 0) x;
    insert into derive.supply_change (month, subject_id, level, evidence, organization_id, birth_cohort, heads, fte, keys)
    select x.month, x.subject_id, x.level, x.evidence, x.organization_id, x.birth_cohort, x.heads, x.fte, x.keys
    from unnest(v_residue) x;
    insert into derive.supply_residue as r (organization_id, subject_id, evidence, level, birth_cohort, month, heads, fte, keys)
    select x.organization_id, x.subject_id, x.evidence, x.level, x.birth_cohort, x.month, sum(x.heads), sum(x.fte), sum(x.keys)
    from unnest(v_residue) x
    group by x.organization_id, x.subject_id, x.evidence, x.level, x.birth_cohort, x.month
    -- In one order, so that two erasures that add to the same rows cannot wait for each other.
    order by x.organization_id, x.subject_id, x.evidence, x.level, x.birth_cohort, x.month
    on conflict (organization_id, subject_id, evidence, level, birth_cohort, month) do update
        set heads = r.heads + excluded.heads, fte = r.fte + excluded.fte, keys = r.keys + excluded.keys;
end
$$;
comment on function derive.leave_residue(uuid) is
    'Adds to the residue what the person contributed up to this month, so that the figures stay when the record goes';

create function derive.erase_person(p_person uuid, p_cause text) returns uuid
language plpgsql security definer as $$
declare
    v_people uuid[];
    v_reference uuid;
    v_exchanges uuid[];
    v_person uuid;
begin
    perform derive.subject_check(p_person);
    -- The same person may stand in several records that were merged.
    with recursive one (id) as (
        select p_person
        union
        select case when p.id = o.id then p.merged_into_id else p.id end
        from one o join core.person p on p.merged_into_id = o.id or p.id = o.id and p.merged_into_id is not null
    )
    select array_agg(o.id) into v_people from one o;
    perform from core.person p where p.id = any (v_people) order by p.id for update;
    select p.log_reference into v_reference from core.person p where p.id = p_person;
    if v_reference is null then
        return null;
    end if;
    foreach v_person in array v_people loop
        perform derive.leave_residue(v_person);
    end loop;

    delete from core.holding h where h.person_id = any (v_people);

    v_exchanges := array(select e.id from core.exchange e where e.person_id = any (v_people));
    insert into core.exchange_step (exchange_id, field, was, became, principal_id)
    select e.id, 'status', e.status, case when e.status = 'active' then 'completed' else 'cancelled' end, core.caller_id()
    from core.exchange e where e.id = any (v_exchanges) and e.status in ('proposed', 'under_review', 'approved', 'active');
    update core.exchange e set
        person_id = null,
        erased = true,
        -- An exchange under way ends today; one that has not begun will not.
        actual = case when e.status = 'active' then daterange(least(lower(e.held), current_date),
            greatest(least(upper(e.held), current_date + 1), least(lower(e.held), current_date) + 1)) else e.actual end,
        days_actual = case when e.status = 'active' then null else e.days_actual end,
        status = case e.status when 'proposed' then 'cancelled' when 'under_review' then 'cancelled' when 'approved' then 'cancelled'
            when 'active' then 'completed' else e.status end,
        title_en = null, title_ja = null, note = null, outcome = null, reason = null, corrected_reason = null, source = null
    where e.id = any (v_exchanges);
    update core.exchange e set counterpart_person_id = null where e.counterpart_person_id = any (v_people);
    update core.exchange_approval a set reference = null, note = null where a.exchange_id = any (v_exchanges);
    update core.exchange_step s set reason = null where s.exchange_id = any (v_exchanges) and s.reason is not null;
    update core.exchange_notice n set note = null where n.exchange_id = any (v_exchanges) and n.note is not null;
    delete from core.exchange_publication p where p.exchange_id = any (v_exchanges);
    update core.exchange e set
        participants_erased = e.participants_erased + x.people,
        participant_days_erased = e.participant_days_erased + x.days
    from (select p.exchange_id, count(*) as people, coalesce(sum(p.days), 0) as days
          from core.exchange_participant p where p.person_id = any (v_people) group by p.exchange_id) x
    where e.id = x.exchange_id;
    delete from core.exchange_participant p where p.person_id = any (v_people);

    update core.enrollment e set
        person_id = null,
        erased = true,
        status = case when e.status in ('completed', 'failed') then e.status else 'withdrawn' end,
        result = null, certificate_number = null, prerequisites_waived = null,
        corrected_reason = case when e.corrected_reason is not null then 'erased' end
    where e.person_id = any (v_people);

    delete from core.affiliation a where a.person_id = any (v_people);
    delete from core.person_qualification q where q.person_id = any (v_people);
    delete from core.restriction r where r.person_id = any (v_people);
    delete from core.correction c where c.person_id = any (v_people);
    update core.consent c set person_id = null, note = null, notice_source = null,
        withdrawn_on = coalesce(c.withdrawn_on, greatest(current_date, c.given_on))
    where c.person_id = any (v_people);
    update core.legal_basis b set person_id = null, document = null, note = null,
        valid = case when b.valid @> current_date and lower(b.valid) < current_date
            then daterange(lower(b.valid), current_date) else b.valid end
    where b.person_id = any (v_people);
    -- Receipts name the record; and who tries the call again must not make the person anew.
    update core.once o set record_id = '00000000-0000-0000-0000-000000000000', record_code = null, digest = gen_random_bytes(32)
    where o.record_id = any (v_people);

    insert into core.erasure (log_reference, cause, principal_id)
    select p.log_reference, p_cause, core.caller_id() from core.person p where p.id = any (v_people);
    delete from derive.belonging b where b.person_id = any (v_people);
    delete from derive.timeline t where t.person_id = any (v_people);
    delete from derive.location l where l.person_id = any (v_people);
    update core.person p set merged_into_id = null where p.id = any (v_people) and p.merged_into_id is not null;
    delete from core.person p where p.id = any (v_people);

    insert into core.scrub_due as d (table_name)
    select t.name from (
        values ('core.person'), ('core.person_qualification'), ('core.holding'), ('core.enrollment'), ('core.exchange'),
            ('core.exchange_approval'), ('core.exchange_step'), ('core.exchange_notice'), ('core.exchange_publication'),
            ('core.consent'), ('core.legal_basis'), ('core.restriction'), ('core.correction')
        union all
        select i.inhrelid::regclass::text from pg_inherits i where i.inhparent = 'core.once'::regclass) as t (name)
    order by t.name
    on conflict (table_name) do update set since = excluded.since, transaction = excluded.transaction;
    return v_reference;
end
$$;
comment on function derive.erase_person(uuid, text) is
    'Erases a person: takes all that is personal out of every table, leaves the past contribution to supply in the residue and exchanges and enrollments as figures; returns the random reference that stays in the log, null for no such person';

create function core.scrub() returns json
language plpgsql security definer as $$
declare
    v_due core.scrub_due;
    v_table regclass;
    v_index text;
    v_done integer := 0;
begin
    -- Deleted rows stay on their pages until vacuum has passed, and their bytes until the pages are written anew. A small
    -- table is rewritten whole, which locks it for a moment, one a call; a large one is left to autovacuum, which is told
    -- to come at once and to clear the indexes too.
    for v_due in
        select * from core.scrub_due d
        where not exists (select from pg_stat_activity a where a.backend_xmin is not null and a.pid <> pg_backend_pid()
                          and age(a.backend_xmin) >= age(d.transaction::xid))
        order by d.table_name for update skip locked
    loop
        v_table := to_regclass(v_due.table_name);
        if v_table is not null and pg_total_relation_size(v_table)
                > (select s.value::bigint from core.setting s where s.name = 'scrub_rewrite_bytes') then
            if coalesce(greatest(pg_stat_get_last_autovacuum_time(v_table), pg_stat_get_last_vacuum_time(v_table)) <= v_due.since, true) then
                if not exists (select from pg_class c where c.oid = v_table and 'vacuum_index_cleanup=on' = any (c.reloptions)) then
                    execute format('alter table %s set (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, '
                        'vacuum_index_cleanup = on)', v_table);
                end if;
                continue;
            end if;
            execute format('alter table %s reset (autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor, vacuum_index_cleanup)', v_table);
        elsif v_table is not null then
            perform set_config('lock_timeout', '500ms', true);
            select c.relname into v_index from pg_index i join pg_class c on c.oid = i.indexrelid
            where i.indrelid = v_table and i.indisprimary;
            execute format('cluster %s using %I', v_table, v_index);
            execute format('alter table %s set without cluster', v_table);
        end if;
        delete from core.scrub_due d where d.table_name = v_due.table_name;
        v_done := 1;
        exit;
    end loop;
    return json_build_object('done', v_done, 'left', (select count(*) from core.scrub_due));
end
$$;
comment on function core.scrub() is
    'Clears one table of the dead rows of erased people, once nobody''s snapshot can see them any more; returns whether it did, and how many tables are left';

-- Retention ----------------------------------------------------------------------------------------

create function derive.retention_sweep(p_dry_run boolean, p_limit bigint) returns json
language plpgsql security definer as $$
declare
    v_rule core.retention;
    v_before date;
    v_ids uuid[];
    v_id uuid;
    v_count bigint;
    v_items json[];
begin
    if not coalesce(core.caller_records_all(), false) then
        perform core.fail('denied', 'only the secretariat and administrators sweep what is past its period');
    end if;
    for v_rule in select * from core.retention r order by r.noun loop
        v_before := (current_date - make_interval(months => v_rule.months))::date;
        v_ids := null;
        if v_rule.noun = 'person' then
            -- Who has left every organization, and is on no exchange and in no session.
            v_ids := array(
                select p.id from core.person p
                where p.updated_at < v_before
                    and not exists (select from core.affiliation a where a.person_id = p.id and coalesce(upper(a.valid), 'infinity') > v_before)
                    and not exists (select from core.exchange e where e.person_id = p.id and (coalesce(upper(e.held), 'infinity') > v_before
                        or e.status in ('proposed', 'under_review', 'approved', 'active')))
                    and not exists (select from core.enrollment e join core.session s on s.id = e.session_id
                        where e.person_id = p.id and coalesce(upper(s.held), 'infinity') > v_before)
                    and not exists (select from core.restriction r where r.person_id = p.id and r.lifted_at is null)
                order by p.updated_at, p.id limit p_limit);
            v_count := cardinality(v_ids);
            if not p_dry_run then
                foreach v_id in array v_ids loop
                    perform derive.erase_person(v_id, 'retention');
                end loop;
            end if;
        elsif v_rule.noun = 'enrollment' then
            -- Applications that came to nothing.
            v_ids := array(
                select e.id from core.enrollment e
                where e.status in ('withdrawn', 'failed') and not exists (select from core.holding h where h.enrollment_id = e.id)
                    and e.updated_at < v_before
                order by e.updated_at, e.id limit p_limit);
            v_count := cardinality(v_ids);
            if not p_dry_run then
                delete from core.enrollment e where e.id = any (v_ids);
            end if;
        elsif v_rule.noun = 'consent' then
            v_ids := array(
                select c.id from core.consent c
                where coalesce(c.withdrawn_on, c.ends_on) < v_before
                order by c.withdrawn_on, c.id limit p_limit);
            v_count := cardinality(v_ids);
            if not p_dry_run then
                delete from core.consent c where c.id = any (v_ids);
            end if;
        elsif v_rule.noun = 'access_read' then
            select count(*) into v_count from (select from core.access_read a where a.at < v_before limit p_limit) x;
            if not p_dry_run then
                delete from core.access_read a where a.id in (select x.id from core.access_read x where x.at < v_before limit p_limit);
            end if;
        else
            v_ids := array(select d.id from core.disclosure d where d.at < v_before limit p_limit);
            v_count := cardinality(v_ids);
            if not p_dry_run then
                delete from core.disclosure d where d.id = any (v_ids);
            end if;
        end if;
        v_items := v_items || json_build_object('noun', v_rule.noun, 'months', v_rule.months, 'before', v_before,
            'records', v_count, 'codes', case v_rule.noun
                when 'person' then case when p_dry_run then (
                    select coalesce(json_agg(p.code order by p.code), '[]') from core.person p where p.id = any (v_ids)) end end,
            'done', not p_dry_run);
    end loop;
    return json_build_object('items', coalesce(array_to_json(v_items), '[]'), 'dry_run', p_dry_run);
end
$$;
comment on function derive.retention_sweep(boolean, bigint) is
    'For each period: how many records are past it, up to the limit; without dry run it removes these, and erases these people';

-- Rights -------------------------------------------------------------------------------------------

revoke all on core.access_read, core.disclosure, core.erasure, core.scrub_due from jinzai_api;
revoke delete on core.consent, core.legal_basis, core.restriction, core.correction from jinzai_api;
revoke update on core.correction from jinzai_api;
grant insert, delete on core.access_read, core.disclosure to jinzai_derive;
grant insert, update on core.erasure, core.scrub_due to jinzai_derive;
grant insert on core.exchange_step to jinzai_derive;
grant update, delete on core.person, core.holding, core.enrollment, core.exchange, core.exchange_approval, core.exchange_step,
    core.exchange_notice, core.exchange_publication, core.exchange_participant, core.affiliation, core.person_qualification,
    core.restriction, core.correction, core.consent, core.legal_basis, core.once to jinzai_derive;

do $$
declare
    v_row record;
    v_belongs constant text := 'exists (select from derive.belonging b where b.organization_id = (select core.caller_sees()) and b.person_id = %1$I.person_id)';
    v_kept constant text := 'exists (select from derive.belonging b where b.organization_id = (select core.caller_records()) '
        'and b.person_id = %1$I.person_id and b.kept_until > current_date)';
begin
    for v_row in
        select * from (values
            ('access_read', null, null),
            ('disclosure', null, null),
            ('erasure', null, null),
            ('consent', v_belongs, v_kept),
            -- Lists ask of everyone whether they are restricted; why, no method but those of the subject's rights shows.
            ('restriction', '(select core.caller_id()) is not null', v_kept),
            ('correction', v_kept, v_kept),
            ('legal_basis', 'person_id is null and (select core.caller_id()) is not null or ' || v_belongs,
                'organization_id = (select core.caller_records()) or ' || v_kept)) as t (name, read, write)
    loop
        execute format('alter table core.%I enable row level security', v_row.name);
        execute format('alter table core.%I force row level security', v_row.name);
        execute format('create policy derive_all on core.%I to jinzai_derive using (true) with check (true)', v_row.name);
        continue when v_row.read is null;
        execute format('create policy api_read on core.%1$I for select to jinzai_api using ((select core.caller_sees_all()) or ' || v_row.read || ')', v_row.name);
        execute format('create policy api_insert on core.%1$I for insert to jinzai_api with check ((select core.caller_records_all()) or ' || v_row.write || ')', v_row.name);
        execute format('create policy api_update on core.%1$I for update to jinzai_api using ((select core.caller_records_all()) or ' || v_row.write || ')', v_row.name);
    end loop;
    for v_row in
        select unnest(array['people_gate(uuid[], text, text, text)', 'check_restricted()',
            'subject_check(uuid)', 'subject_record(uuid)', 'subject_accesses(uuid, timestamptz, bigint)',
            'erase_person(uuid, text)', 'retention_sweep(boolean, bigint)']) as name
    loop
        execute format('alter function derive.%s owner to jinzai_derive', v_row.name);
    end loop;
    for v_row in select unnest(array['affiliation', 'holding', 'enrollment', 'exchange', 'person_qualification']) as name loop
        execute format('create trigger restricted after insert on core.%I referencing new table as after '
            'for each statement execute function derive.check_restricted()', v_row.name);
    end loop;
end
$$;

do $$
declare
    v_column record;
    v_text text;
begin
    for v_column in
        select c.oid::regclass as table_name, a.attname
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'core'::regnamespace and c.relname in ('legal_basis', 'consent', 'access_read', 'disclosure', 'restriction', 'correction', 'retention')
            and a.attnum > 0 and not a.attisdropped and col_description(c.oid, a.attnum) is null
    loop
        v_text := case v_column.attname
            when 'id' then 'Stable identifier'
            when 'code' then 'Short code that people quote'
            when 'note' then 'Note'
            when 'source' then 'Where the record comes from'
            when 'unverified' then 'Whether it was only recalled and not found in a document'
            when 'synthetic' then 'Whether it was made up for trying the program out'
            when 'version' then 'Counts changes; updates can ask for it'
            when 'created_at' then 'When it was recorded'
            when 'updated_at' then 'When it was changed last' end;
        execute format('comment on column %s.%I is %L', v_column.table_name, v_column.attname, v_text);
    end loop;
end
$$;

comment on constraint legal_basis_purpose on core.legal_basis is 'purpose: must be one of the purposes for which people''s data is used';
comment on constraint legal_basis_valid on core.legal_basis is 'starts: must be given';
comment on constraint consent_purpose on core.consent is 'purpose: must be one of the purposes for which people''s data is used';
comment on constraint enrollment_has_person on core.enrollment is 'person: must be given unless the person was erased';
comment on constraint retention_id_key on core.retention is 'noun: must have one period';
