-- SPDX-License-Identifier: Apache-2.0
--
-- The exchange as it is run: the scheme's calendar, the papers handed in, notices of change, key persons, assignments to
-- ITER, workshops whose participants are known by their number alone, and the figures that exchange.balance publishes.

-- Schemes ------------------------------------------------------------------------------------------

alter table core.scheme
    add column change_days_before smallint constraint scheme_change check (change_days_before between 0 and 366),
    add column plan_source text,
    add column change_source text,
    add column report_source text,
    add column end_source text;
comment on column core.scheme.change_days_before is 'A notice of change is to be decided so many days before the changed start';
comment on column core.scheme.plan_source is 'Where the rule on the plan stands';
comment on column core.scheme.change_source is 'Where the rule on changes stands';
comment on column core.scheme.report_source is 'Where the rule on the report stands';
comment on column core.scheme.end_source is 'Where the rule on the end stands';

create table core.scheme_category (
    scheme_id uuid not null constraint scheme_category_scheme references core.scheme on delete cascade,
    code text not null,
    place smallint not null,
    name_en text not null,
    name_ja text not null,
    source text,
    primary key (scheme_id, code)
);
comment on table core.scheme_category is 'What the categories of a scheme are called';
comment on column core.scheme_category.scheme_id is 'The scheme';
comment on column core.scheme_category.code is 'Code of the category, one of the scheme''s';
comment on column core.scheme_category.place is 'Its place among them';
comment on column core.scheme_category.name_en is 'Name in English';
comment on column core.scheme_category.name_ja is 'Name in Japanese';
comment on column core.scheme_category.source is 'Where the name comes from';
revoke insert, update, delete on core.scheme_category from jinzai_api;

-- Exchanges ----------------------------------------------------------------------------------------

alter table core.exchange
    add column key_person_id uuid constraint exchange_key_person references core.person,
    add column erased_verified boolean not null default false,
    drop constraint exchange_proposed_fits;
-- What was proposed stays what was proposed, also where a later change makes the plan shorter.
alter table core.exchange add constraint exchange_proposed_fits
    check (days_proposed <= upper(planned) - lower(planned) or status not in ('proposed', 'under_review')) not valid;
create index exchange_key_person on core.exchange (key_person_id) where key_person_id is not null;
create index exchange_scheme on core.exchange (scheme_id, status) where scheme_id is not null;
comment on column core.exchange.key_person_id is 'The key person of the field, who is consulted on plan and changes';
comment on column core.exchange.erased_verified is 'Of an erased person: whether the record was verified, so that it goes on counting in releases';
comment on constraint exchange_proposed_fits on core.exchange is
    'days_proposed: must not be more than the days planned from the first to the last';

alter table core.exchange_objective
    add column reversed_level smallint constraint exchange_objective_reversed references core.level,
    drop constraint exchange_objective_either;
alter table core.exchange_objective add constraint exchange_objective_either
    check (num_nonnulls(level, gained_level, reversed_level) > 0) not valid;
comment on column core.exchange_objective.reversed_level is 'Level that was recorded as reached, before a correction took it back';

alter table core.exchange_step drop constraint exchange_step_field;
alter table core.exchange_step add constraint exchange_step_field check (field in (
    'status', 'days_proposed', 'days_approved', 'days_actual', 'approval_home', 'approval_host', 'approval_export_control',
    'approval_visa', 'starts', 'ends', 'plan', 'report', 'change', 'gained', 'returned')) not valid;

-- What a scheme asks for: plans and reports handed in, and notices of change, which are decided.
alter table core.exchange_notice
    add column recorded_at timestamptz not null default now(),
    add column due_on date,
    add column changes text,
    add column planned daterange constraint exchange_notice_planned check (not isempty(planned) and not lower_inf(planned)),
    add column days integer constraint exchange_notice_days check (days between 1 and 3660),
    add column decision text constraint exchange_notice_decision check (decision in ('accepted', 'refused')),
    add column decided_on date,
    add column decision_note text,
    add column decided_by uuid,
    alter column changes set statistics 0,
    alter column decision_note set statistics 0;
alter table core.exchange_notice add constraint exchange_notice_decided
    check ((decision is null) = (decided_on is null)) not valid;
create index exchange_notice_undecided on core.exchange_notice (exchange_id) where kind = 'change' and decision is null;
comment on column core.exchange_notice.filed_on is 'Day on which it was handed in';
comment on column core.exchange_notice.recorded_at is 'When it was recorded';
comment on column core.exchange_notice.due_on is 'Day by which a change is to be decided; of a plan or report the day by which it was due';
comment on column core.exchange_notice.changes is 'What changes, in words';
comment on column core.exchange_notice.planned is 'The days that are asked for instead of those planned';
comment on column core.exchange_notice.days is 'The number of days that is asked for instead of those approved';
comment on column core.exchange_notice.decision is 'How a change was decided; empty: not yet';
comment on column core.exchange_notice.decided_on is 'Day of the decision';
comment on column core.exchange_notice.decision_note is 'Note of who decided';
comment on column core.exchange_notice.decided_by is 'Who recorded the decision';
comment on constraint exchange_notice_decided on core.exchange_notice is 'decided_on: must be given with a decision';
comment on constraint exchange_notice_planned on core.exchange_notice is 'starts: must be given';

alter table core.exchange_funding drop constraint exchange_funding_part;
alter table core.exchange_funding add constraint exchange_funding_part check (part in
    ('travel', 'stay', 'salary', 'insurance', 'facility', 'venue', 'training', 'other')) not valid;
alter table core.exchange_funding add constraint exchange_funding_amount_currency
    check (amount is null or currency is not null) not valid;
comment on constraint exchange_funding_amount_currency on core.exchange_funding is 'costs: must have a currency with each amount';

alter table core.exchange_publication add constraint exchange_publication_link
    check (link ~ '^https://[^[:space:]/]+\.[^[:space:]]+$') not valid;
comment on constraint exchange_publication_link on core.exchange_publication is
    'publications: must be https addresses or DOIs, as 10.1088/1741-4326/ab1cdf';

create table core.exchange_attendance (
    exchange_id uuid not null constraint exchange_attendance_exchange references core.exchange on delete cascade,
    organization_id uuid not null constraint exchange_attendance_organization references core.organization,
    people integer not null constraint exchange_attendance_people check (people between 1 and 10000),
    days integer constraint exchange_attendance_days check (days between 1 and 366),
    primary key (exchange_id, organization_id)
);
create index exchange_attendance_organization on core.exchange_attendance (organization_id);
comment on table core.exchange_attendance is 'Participants of a workshop who are known by their number alone; they move no supply';
comment on column core.exchange_attendance.exchange_id is 'The workshop';
comment on column core.exchange_attendance.organization_id is 'From which organization';
comment on column core.exchange_attendance.people is 'How many people';
comment on column core.exchange_attendance.days is 'How many days each of them; all days of the workshop if empty';
comment on constraint exchange_attendance_pkey on core.exchange_attendance is
    'participants: must not count the same organization twice';

create table core.exchange_assignment (
    exchange_id uuid primary key constraint exchange_assignment_exchange references core.exchange on delete cascade,
    type text not null constraint exchange_assignment_type check (type in
        ('staff', 'secondment', 'project_associate', 'fellow', 'visiting_researcher', 'intern')),
    agency_id uuid constraint exchange_assignment_agency references core.organization,
    department text,
    position text,
    reference text,
    contract_ends date
);
alter table core.exchange_assignment alter column type set statistics 0, alter column department set statistics 0,
    alter column position set statistics 0, alter column reference set statistics 0;
comment on table core.exchange_assignment is 'What an assignment to ITER has beside an exchange';
comment on column core.exchange_assignment.exchange_id is 'The exchange, of kind iter_assignment';
comment on column core.exchange_assignment.type is 'In which form the person is there';
comment on column core.exchange_assignment.agency_id is 'The domestic agency or employer that assigns the person';
comment on column core.exchange_assignment.department is 'Department at the ITER Organization';
comment on column core.exchange_assignment.position is 'The post';
comment on column core.exchange_assignment.reference is 'Number of the post or agreement';
comment on column core.exchange_assignment.contract_ends is 'Last day of the contract, which may outlast the exchange';

-- Who sees and writes them -------------------------------------------------------------------------

create or replace function derive.belong(p_persons uuid[]) returns void
language plpgsql as $$
declare
    v_person uuid;
begin
    -- One by one, so that the plan is kept: for an array it would be made anew at each call.
    foreach v_person in array p_persons loop
        with due as materialized (
            select x.organization_id, x.person_id, max(x.kept_until) as kept_until
            from (
                select p.keeper_id as organization_id, p.id as person_id, 'infinity'::date as kept_until
                from core.person p where p.id = v_person and p.keeper_id is not null
                union all
                select a.organization_id, a.person_id, coalesce(upper(a.valid), 'infinity')
                from core.affiliation a where a.person_id = v_person
                union all
                select s.id, e.person_id, null
                from core.exchange e cross join lateral (values (e.home_id), (e.host_id)) as s (id)
                where e.person_id = v_person and e.status not in ('declined', 'cancelled')
                union all
                select s.id, e.counterpart_person_id, null
                from core.exchange e cross join lateral (values (e.home_id), (e.host_id)) as s (id)
                where e.counterpart_person_id = v_person and e.status not in ('declined', 'cancelled')
                union all
                select s.id, e.key_person_id, null
                from core.exchange e cross join lateral (values (e.home_id), (e.host_id)) as s (id)
                where e.key_person_id = v_person and e.status not in ('declined', 'cancelled')
                union all
                select s.id, p.person_id, null
                from core.exchange_participant p join core.exchange e on e.id = p.exchange_id
                cross join lateral (values (e.home_id), (e.host_id), (p.organization_id)) as s (id)
                where p.person_id = v_person and e.status not in ('declined', 'cancelled') and s.id is not null
                union all
                select g.provider_id, n.person_id, null
                from core.enrollment n join core.session s on s.id = n.session_id join core.program g on g.id = s.program_id
                where n.person_id = v_person and n.status <> 'withdrawn') x
            group by x.organization_id, x.person_id
        ), gone as (
            delete from derive.belonging b
            where b.person_id = v_person and not exists (
                select from due d where d.organization_id = b.organization_id and d.person_id = b.person_id)
        )
        insert into derive.belonging as b (organization_id, person_id, kept_until)
        select d.organization_id, d.person_id, d.kept_until from due d
        on conflict (organization_id, person_id) do update set kept_until = excluded.kept_until
            where b.kept_until is distinct from excluded.kept_until;
    end loop;
end
$$;

create or replace function derive.follow_belonging() returns trigger
language plpgsql security definer as $$
declare
    v_persons uuid[];
begin
    if tg_table_name = 'person' then
        if tg_op = 'INSERT' then
            select array_agg(n.id) into v_persons from after n where n.keeper_id is not null;
        else
            select array_agg(n.id) into v_persons from after n join before o on o.id = n.id
            where n.keeper_id is distinct from o.keeper_id;
        end if;
    elsif tg_table_name = 'exchange' then
        if tg_op = 'INSERT' then
            select array_agg(distinct x.id) into v_persons
            from after n cross join lateral (values (n.person_id), (n.counterpart_person_id), (n.key_person_id)) as x (id)
            where x.id is not null;
        elsif tg_op = 'DELETE' then
            select array_agg(distinct x.id) into v_persons
            from before o cross join lateral (values (o.person_id), (o.counterpart_person_id), (o.key_person_id)) as x (id)
            where x.id is not null;
        else
            -- Most steps of an exchange change neither its people nor its sides.
            select array_agg(distinct x.id) into v_persons
            from after n join before o on o.id = n.id
            cross join lateral (
                values (n.person_id), (n.counterpart_person_id), (n.key_person_id),
                    (o.person_id), (o.counterpart_person_id), (o.key_person_id)
                union all
                select p.person_id from core.exchange_participant p where p.exchange_id = n.id) as x (id)
            where x.id is not null
                and (n.person_id, n.counterpart_person_id, n.key_person_id, n.home_id, n.host_id, n.status in ('declined', 'cancelled'))
                    is distinct from
                    (o.person_id, o.counterpart_person_id, o.key_person_id, o.home_id, o.host_id, o.status in ('declined', 'cancelled'));
        end if;
    elsif tg_table_name = 'enrollment' and tg_op = 'UPDATE' then
        select array_agg(distinct n.person_id) into v_persons from after n join before o on o.id = n.id
        where (n.status = 'withdrawn') <> (o.status = 'withdrawn');
    elsif tg_op = 'INSERT' then
        select array_agg(distinct n.person_id) into v_persons from after n;
    elsif tg_op = 'DELETE' then
        select array_agg(distinct o.person_id) into v_persons from before o;
    else
        select array_agg(distinct x.person_id) into v_persons
        from (select n.person_id from after n union select o.person_id from before o) x;
    end if;
    if v_persons is not null then
        perform derive.lock_people(v_persons);
        perform derive.belong(v_persons);
    end if;
    return null;
end
$$;

create or replace function derive.rows_on(p_table regclass, p_column name, p_where text, p_ids uuid[]) returns json
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
    -- The record key draws the noise of published figures, which knowing it would undo. As a counterpart or key person one is
    -- in the record of another, whose words stay theirs.
    execute format('select coalesce(json_agg(%s order by t::text), ''[]'') from %s t where t.%I %s',
        case when p_column in ('counterpart_person_id', 'key_person_id')
            then format('jsonb_build_object(''id'', t.id, ''code'', t.code, ''kind'', t.kind, ''status'', t.status, ''held'', t.held)')
            else format('(to_jsonb(t) - ''record_key'')%s', v_named) end, p_table, p_column, p_where)
        into v_rows using p_ids;
    return v_rows;
end
$$;

alter policy api_read on core.exchange using ((select core.caller_sees_all())
    or (select core.caller_sees()) in (home_id, host_id)
    or exists (select from derive.belonging b where b.person_id = exchange.person_id offset 0)
    or num_nonnulls(person_id, counterpart_person_id, key_person_id) = 0 and (select core.caller_id()) is not null);

do $$
declare
    v_row record;
    v_exchange constant text := 'exists (select from core.exchange e where e.id = exchange_id and {org} in (e.home_id, e.host_id))';
begin
    for v_row in
        select * from (values
            ('exchange_attendance', 'organization_id = {org} or ' || v_exchange),
            ('exchange_assignment', 'exists (select from core.exchange e where e.id = exchange_id and e.person_id is not null)')) as t (name, read)
    loop
        execute format('alter table core.%I enable row level security', v_row.name);
        execute format('alter table core.%I force row level security', v_row.name);
        execute format('create policy derive_all on core.%I to jinzai_derive using (true) with check (true)', v_row.name);
        execute format('create policy api_read on core.%I for select to jinzai_api using ((select core.caller_sees_all()) or %s)',
            v_row.name, replace(v_row.read, '{org}', '(select core.caller_sees())'));
        execute format('create policy api_insert on core.%I for insert to jinzai_api with check ((select core.caller_records_all()) or %s)',
            v_row.name, replace(v_exchange, '{org}', '(select core.caller_records())'));
        execute format('create policy api_update on core.%I for update to jinzai_api using ((select core.caller_records_all()) or %s)',
            v_row.name, replace(v_exchange, '{org}', '(select core.caller_records())'));
        execute format('create policy api_delete on core.%I for delete to jinzai_api using ((select core.caller_records_all()) or %s)',
            v_row.name, replace(v_exchange, '{org}', '(select core.caller_records())'));
    end loop;
end
$$;

-- Erasing: the exchange stays as figures, and what stands beside it loses its words too.

create function derive.exchange_erase() returns trigger
language plpgsql security definer as $$
begin
    new.erased_verified := coalesce((select p.verified from core.person p where p.id = old.person_id), false);
    update core.exchange_assignment a set department = null, position = null, reference = null, contract_ends = null
    where a.exchange_id = new.id;
    update core.exchange_notice n set changes = null, decision_note = null
    where n.exchange_id = new.id and num_nonnulls(n.changes, n.decision_note) > 0;
    insert into core.scrub_due as d (table_name) values ('core.exchange_assignment')
    on conflict (table_name) do update set since = excluded.since, transaction = excluded.transaction;
    return new;
end
$$;
comment on function derive.exchange_erase() is
    'Before an exchange loses its person by erasure: empties assignment and notices of words, and keeps whether the record was verified';

create function derive.key_person_erase() returns trigger
language plpgsql security definer as $$
begin
    update core.exchange e set key_person_id = null
    where e.key_person_id in (select p.id from core.person p join after a on a.log_reference = p.log_reference);
    return null;
end
$$;
comment on function derive.key_person_erase() is 'As people are erased: takes them out of the exchanges of which they are the key person';

create function derive.key_person_merge() returns trigger
language plpgsql security definer as $$
begin
    update core.exchange e set key_person_id = new.merged_into_id where e.key_person_id = new.id;
    return null;
end
$$;
comment on function derive.key_person_merge() is 'After a record was merged into another: the key person of its exchanges is that other one';

grant update on core.exchange_assignment to jinzai_derive;
alter function derive.exchange_erase() owner to jinzai_derive;
alter function derive.key_person_erase() owner to jinzai_derive;
alter function derive.key_person_merge() owner to jinzai_derive;
create trigger erase before update on core.exchange for each row when (new.erased and not old.erased)
    execute function derive.exchange_erase();
create trigger key_person_erase after insert on core.erasure referencing new table as after
    for each statement execute function derive.key_person_erase();
create trigger key_person_merge after update on core.person for each row
    when (new.merged_into_id is not null and new.merged_into_id is distinct from old.merged_into_id)
    execute function derive.key_person_merge();

-- Counting who went where --------------------------------------------------------------------------
--
-- People and person-months of exchanges are figures on people, and leave as supply does: administrators see them live,
-- coordinators and members those of their own organization, everybody else as the last release froze them: counts through
-- the cell-key method over the travellers' record keys, person-months with magnitude noise and hidden for few people.
-- Of people who are known by their number alone, or were erased, the key comes from a hash of the exchange.

create function derive.exchange_travel(p_days daterange, p_assured boolean)
returns table (traveller uuid, record_key bigint, heads bigint, months numeric, from_country text, to_country text,
    pillars text[], category text, kind text, home_id uuid, host_id uuid)
language sql stable as $$
    with run as (
        select e.*, upper(e.held) - lower(e.held) as length,
            (upper(e.held * p_days) - lower(e.held * p_days))::numeric / (upper(e.held) - lower(e.held)) as part,
            coalesce(e.category, case when e.kind = 'iter_assignment' then 'iter' when e.scheme_id is null then 'outside' else 'none' end) as placed
        from core.exchange e
        where e.status in ('active', 'completed') and e.held && p_days and not upper_inf(e.held)
    ), went as (
        select coalesce(r.person_id, r.id) as traveller, p.record_key, 1::bigint as heads,
            r.part * least(coalesce(r.days_actual, r.days_approved, r.length), r.length) * r.fte as days,
            r.home_id, r.host_id, r.pillars, r.placed
        from run r left join core.person p on p.id = r.person_id
        where r.kind <> 'workshop' and (not p_assured or case when r.erased then r.erased_verified else p.verified end)
        union all
        select p.person_id, x.record_key, 1, r.part * least(coalesce(p.days, r.length), r.length),
            coalesce(p.organization_id, r.home_id), r.host_id, r.pillars, r.placed
        from run r
        join core.exchange_participant p on p.exchange_id = r.id
        join core.person x on x.id = p.person_id
        where r.kind = 'workshop' and (not p_assured or x.verified)
        union all
        select md5(r.id::text || a.organization_id::text)::uuid, null, a.people,
            r.part * a.people * least(coalesce(a.days, r.length), r.length), a.organization_id, r.host_id, r.pillars, r.placed
        from run r join core.exchange_attendance a on a.exchange_id = r.id
        where r.kind = 'workshop'
        union all
        select r.id, null, r.participants_erased, r.part * r.participant_days_erased, r.home_id, r.host_id, r.pillars, r.placed
        from run r where r.kind = 'workshop' and r.participants_erased > 0
    )
    -- A month is 365.25 / 12 days.
    select w.traveller, coalesce(w.record_key, hashtextextended(w.traveller::text, 0) & 4294967295), w.heads, w.days / 30.4375,
        coalesce(h.country, 'international'), coalesce(t.country, 'international'), w.pillars, w.placed, h.kind, h.id, t.id
    from went w
    join core.organization h on h.id = w.home_id
    join core.organization t on t.id = w.host_id
$$;
comment on function derive.exchange_travel(daterange, boolean) is
    'Who was on which exchange within these days, one row a traveller and exchange, with the person-months that fall into them; assured: verified records alone';

create function derive.exchange_cells(p_year_kind text, p_year integer, p_groupings text[], p_assured boolean, p_organization uuid)
returns table (group_kind text, group_key text, from_country text, to_country text, heads bigint, months numeric, keys bigint)
language sql stable as $$
    with t as materialized (
        select x.* from derive.exchange_travel(daterange(core.year_start(p_year, p_year_kind), core.year_start(p_year + 1, p_year_kind)),
            p_assured) x
        where x.from_country <> x.to_country
    ), placed as (
        select 'direction' as grouping, 'all' as group_key, t.from_country, t.to_country, t.traveller, t.heads, t.record_key, t.months
        from t where 'direction' = any (p_groupings)
        union all
        select 'pillar', x.code, t.from_country, t.to_country, t.traveller, t.heads, t.record_key, t.months
        from t, unnest(case when t.pillars = '{}' then array['none'] else t.pillars end) as x (code) where 'pillar' = any (p_groupings)
        union all
        select 'category', t.category, t.from_country, t.to_country, t.traveller, t.heads, t.record_key, t.months
        from t where 'category' = any (p_groupings)
        union all
        select 'kind', t.kind, t.from_country, t.to_country, t.traveller, t.heads, t.record_key, t.months
        from t where 'kind' = any (p_groupings)
        union all
        select 'organization', x.id::text, t.from_country, t.to_country, t.traveller, t.heads, t.record_key, t.months
        from t, unnest(array[t.home_id, t.host_id]) as x (id)
        where 'organization' = any (p_groupings) and (p_organization is null or x.id = p_organization)
    ), once as (
        select p.grouping, p.group_key, p.from_country, p.to_country, p.traveller, max(p.heads) as heads,
            max(p.record_key) as record_key, sum(p.months) as months
        from placed p group by p.grouping, p.group_key, p.from_country, p.to_country, p.traveller
    )
    select o.grouping, o.group_key, o.from_country, o.to_country, sum(o.heads)::bigint, sum(o.months),
        sum(o.record_key)::bigint & 4294967295
    from once o group by o.grouping, o.group_key, o.from_country, o.to_country
$$;
comment on function derive.exchange_cells(text, integer, text[], boolean, uuid) is
    'People, each once, and person-months that went from one country to another in a year, whole or by pillar, category, kind of the sending organization, or organization';

create table derive.release_exchange (
    release_id uuid not null references core.release,
    year_kind text not null,
    year smallint not null,
    grouping text not null,
    group_key text not null,
    from_country text not null,
    to_country text not null,
    heads bigint not null,
    months numeric(14, 1),
    primary key (release_id, year_kind, year, grouping, group_key, from_country, to_country)
);
comment on table derive.release_exchange is 'Published cells of exchanges. A cell that is published as zero has no row, whether it was zero or not';
comment on column derive.release_exchange.release_id is 'The release';
comment on column derive.release_exchange.year_kind is 'calendar, jp_fiscal or us_fiscal';
comment on column derive.release_exchange.year is 'The year';
comment on column derive.release_exchange.grouping is 'direction, pillar, category, kind or organization';
comment on column derive.release_exchange.group_key is 'Which of these';
comment on column derive.release_exchange.from_country is 'Country of the sending organization';
comment on column derive.release_exchange.to_country is 'Country of the receiving organization';
comment on column derive.release_exchange.heads is 'Published people';
comment on column derive.release_exchange.months is 'Published person-months; null where they are hidden';

create function derive.cut_exchanges() returns trigger
language plpgsql security definer as $$
declare
    v_rule core.figure_rule;
    v_common bigint;
    v_first integer;
begin
    select * into v_rule from core.figure_rule r where r.version = new.rule;
    select max(p.heads) into v_common from derive.perturbation p where p.rule = new.rule;
    select greatest(extract(year from min(lower(e.held))), extract(year from new.month) - 4)::integer into v_first
    from core.exchange e where e.status in ('active', 'completed');
    if v_first is null then
        return null;
    end if;
    insert into derive.release_exchange (release_id, year_kind, year, grouping, group_key, from_country, to_country, heads, months)
    select new.id, c.year_kind, c.year, c.group_kind, c.group_key, c.from_country, c.to_country, c.heads + c.noise,
        case when c.heads + c.noise >= v_rule.fte_threshold_heads then
            round(2 * c.months * (c.heads + c.noise) / c.heads
                * derive.noise_factor(c.keys, v_rule.fte_noise_min_percent, v_rule.fte_noise_max_percent)) / 2 end
    from (
        select y.year_kind, y.year, x.*, (
            select p.noise from derive.perturbation p
            where p.rule = new.rule and p.heads = least(x.heads, v_common) and p.below > x.keys
            order by p.below limit 1) as noise
        from (select k.year_kind, n.year from unnest(array['calendar', 'jp_fiscal', 'us_fiscal']) as k (year_kind)
              cross join generate_series(v_first, extract(year from new.month)::integer + 1) as n (year)
              where core.year_start(n.year, k.year_kind) <= new.month) y
        cross join lateral derive.exchange_cells(y.year_kind, y.year,
            array['direction', 'pillar', 'category', 'kind', 'organization'], true, null) x
        where x.heads > 0) c
    where c.heads + c.noise > 0;
    return null;
end
$$;
comment on function derive.cut_exchanges() is
    'As a release is cut: counts the exchanges of each of the five years up to it, verified records alone, perturbs each cell, and freezes that';
-- An import brings the cells that were frozen.
create trigger cut_exchanges after insert on core.release for each row when (current_user <> 'jinzai_bulk') execute function derive.cut_exchanges();

create function derive.publish_exchanges(p_year_kind text, p_year integer, p_grouping text, p_release text)
returns table (group_key text, from_country text, to_country text, heads bigint, months numeric, live boolean)
language plpgsql stable security definer as $$
declare
    v_see derive.publication := derive.publication(date_trunc('month', now() at time zone 'UTC')::date, p_release);
begin
    if v_see.live then
        return query
        select c.group_key, c.from_country, c.to_country, c.heads, round(c.months, 2), true
        from derive.exchange_cells(p_year_kind, p_year, array[p_grouping], false, null) c;
        return;
    end if;
    if v_see.own_id is not null and p_grouping = 'organization' then
        return query
        select c.group_key, c.from_country, c.to_country, c.heads, round(c.months, 2), true
        from derive.exchange_cells(p_year_kind, p_year, array[p_grouping], false, v_see.own_id) c;
    end if;
    return query
    select c.group_key, c.from_country, c.to_country, c.heads, c.months, false
    from derive.release_exchange c
    where c.release_id = v_see.release_id and c.year_kind = p_year_kind and c.year = p_year and c.grouping = p_grouping
        and (p_grouping <> 'organization' or c.group_key is distinct from v_see.own_id::text);
end
$$;
comment on function derive.publish_exchanges(text, integer, text, text) is
    'The publishing function of exchanges, the one way by which figures on them leave: people and person-months each way as the caller may see them; months null where they are hidden';

alter function derive.cut_exchanges() owner to jinzai_derive;
alter function derive.publish_exchanges(text, integer, text, text) owner to jinzai_derive;
revoke execute on function derive.exchange_travel(daterange, boolean),
    derive.exchange_cells(text, integer, text[], boolean, uuid) from jinzai_api;
revoke select on derive.release_exchange from jinzai_api;
