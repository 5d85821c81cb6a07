-- SPDX-License-Identifier: Apache-2.0
--
-- Who sees and who writes which people: the second lock, below the functions of schema api.
--
-- Row-level security is forced on every table with personal data. The functions of schema api run as jinzai_api, which
-- is not exempt from it, and see by the caller that core.enter has named:
--
--   admin, secretariat      all people, to read and to write
--   auditor                 all people, to read
--   coordinator, member     the people of their own organization (derive.belonging); coordinators write those it keeps
--   analyst, nobody         no people
--
-- Policies ask (select core.caller_…()), which is computed once a statement, and look derive.belonging up by its primary
-- key. They go one way, so that none can come back to itself: a holding asks for its exchange, an exchange for its
-- people's belonging, and belonging for the caller alone. The triggers that derive run as jinzai_derive, which sees all
-- of it; so does jinzai_owner, which is a member, so that migrations find every row.

-- The caller ---------------------------------------------------------------------------------------

create function core.caller_sees_all() returns boolean
language sql stable parallel safe as $$
    select coalesce(core.caller_role() in ('admin', 'secretariat', 'auditor'), false)
$$;
comment on function core.caller_sees_all() is 'Whether the caller may see all people';

create function core.caller_sees() returns uuid
language sql stable parallel safe as $$
    select case when core.caller_role() in ('coordinator', 'member') then core.caller_organization() end
$$;
comment on function core.caller_sees() is 'The organization whose people the caller may see; null for none';

create function core.caller_records_all() returns boolean
language sql stable parallel safe as $$
    select coalesce(core.caller_role() in ('admin', 'secretariat'), false)
$$;
comment on function core.caller_records_all() is 'Whether the caller may write all records';

create function core.caller_records() returns uuid
language sql stable parallel safe as $$
    select case when core.caller_role() = 'coordinator' then core.caller_organization() end
$$;
comment on function core.caller_records() is 'The organization for which the caller may write records; null for none';

create function core.read_begin(p_caller uuid) returns text
language plpgsql as $$
begin
    perform core.enter(p_caller);
    return core.caller_role();
end
$$;
comment on function core.read_begin(uuid) is
    'Begins a reading call that may touch people: names the caller to row-level security and returns the caller''s role';

create or replace function core.write_begin(p_caller uuid, p_once_key uuid, p_once_digest bytea) returns json
language plpgsql as $$
declare
    v_day date;
    v_once core.once;
begin
    perform core.enter(p_caller);
    if core.caller_role() not in ('admin', 'secretariat', 'coordinator') then
        perform core.fail('denied', format('the role %s writes nothing', core.caller_role()));
    end if;
    if p_once_key is null then
        return null;
    end if;
    -- Two calls with one key at once: the second waits here for the first, then finds its receipt.
    perform pg_advisory_xact_lock(hashtextextended(p_caller::text || p_once_key::text, 0));
    v_day := core.uuid7_day(p_once_key);
    if v_day < (now() at time zone 'UTC')::date - 7 or v_day > (now() at time zone 'UTC')::date + 1 then
        perform core.fail('invalid_params', 'the idempotency key is older than 7 days or made in the future',
            'idempotency_key', 'a UUID of version 7 made for this call');
    end if;
    if v_day is null then
        select * into v_once from core.once o where o.principal_id = p_caller and o.key = p_once_key;
    else
        select * into v_once from core.once o
        where o.principal_id = p_caller and o.key = p_once_key and o.day = v_day;
    end if;
    if not found then
        return null;
    end if;
    if v_once.digest <> p_once_digest then
        perform core.fail('conflict', 'this idempotency key was used for a call with other parameters',
            'idempotency_key', 'a key of its own for each call');
    end if;
    return json_build_object('id', v_once.record_id, 'code', v_once.record_code, 'version', v_once.record_version);
end
$$;

create or replace function derive.event_write() returns trigger
language plpgsql security definer as $$
declare
    v_new jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    v_old jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    v_row jsonb := coalesce(v_new, v_old);
    v_fields text[] := '{}';
begin
    if tg_op = 'UPDATE' then
        select coalesce(array_agg(n.key order by n.key), '{}') into v_fields
        from jsonb_each(v_new) n
        where n.value is distinct from v_old -> n.key and n.key not in ('version', 'updated_at');
        -- A new version without a changed field: what belongs to the record (skills, approvals, participants) changed.
        if v_fields = '{}' and v_new -> 'version' = v_old -> 'version' then
            return null;
        end if;
    end if;
    insert into derive.event_inbox (principal_id, noun, record_id, record_code, action, fields, organization_ids)
    values (core.caller_id(),
        tg_argv[0],
        coalesce(v_row ->> 'log_reference', v_row ->> 'id')::uuid,
        case when v_row ? 'log_reference' then null else v_row ->> 'code' end,
        case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'updated' else 'deleted' end,
        v_fields,
        (select coalesce(array_agg(distinct (v_row ->> k.key)::uuid), '{}')
         from unnest(tg_argv[1:]) as k (key) where v_row ->> k.key is not null));
    return null;
end
$$;

-- Whose people are whose ---------------------------------------------------------------------------

alter table core.person add column keeper_id uuid constraint person_keeper references core.organization;
comment on column core.person.keeper_id is
    'The organization that keeps the record: that of the coordinator who made it; empty where the secretariat did';
create index exchange_counterpart on core.exchange (counterpart_person_id) where counterpart_person_id is not null;

create table derive.belonging (
    organization_id uuid not null,
    person_id uuid not null constraint belonging_person references core.person on delete cascade,
    kept_until date,
    primary key (organization_id, person_id)
);
create index belonging_by_person on derive.belonging (person_id);
comment on table derive.belonging is
    'Whose people are whose: who is or was with an organization, is kept by it, on exchange to or from it, or enrolled in its programs';
comment on column derive.belonging.organization_id is 'The organization, which may see the person';
comment on column derive.belonging.person_id is 'The person';
comment on column derive.belonging.kept_until is
    'Up to this day, not included, the organization also keeps the person''s record, and its coordinators write it; empty: never';

create function derive.belong(p_persons uuid[]) returns void
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
comment on function derive.belong(uuid[]) is 'Writes anew to whom these people belong';

create function derive.follow_belonging() returns trigger
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
            from after n cross join lateral (values (n.person_id), (n.counterpart_person_id)) as x (id)
            where x.id is not null;
        elsif tg_op = 'DELETE' then
            select array_agg(distinct x.id) into v_persons
            from before o cross join lateral (values (o.person_id), (o.counterpart_person_id)) as x (id)
            where x.id is not null;
        else
            -- Most steps of an exchange change neither its people nor its sides.
            select array_agg(distinct x.id) into v_persons
            from after n join before o on o.id = n.id
            cross join lateral (
                values (n.person_id), (n.counterpart_person_id), (o.person_id), (o.counterpart_person_id)
                union all
                select p.person_id from core.exchange_participant p where p.exchange_id = n.id) as x (id)
            where x.id is not null
                and (n.person_id, n.counterpart_person_id, n.home_id, n.host_id, n.status in ('declined', 'cancelled'))
                    is distinct from
                    (o.person_id, o.counterpart_person_id, o.home_id, o.host_id, o.status in ('declined', 'cancelled'));
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
comment on function derive.follow_belonging() is 'After people, affiliations, exchanges or enrollments changed: follows with whose people they are';

create function derive.follow_provider() returns trigger
language plpgsql security definer as $$
declare
    v_persons uuid[] := array(
        select distinct n.person_id from core.enrollment n join core.session s on s.id = n.session_id
        where s.program_id = new.id);
begin
    perform derive.lock_people(v_persons);
    perform derive.belong(v_persons);
    return null;
end
$$;
comment on function derive.follow_provider() is 'After a program got another provider: its participants belong to that one';

-- What has to be known whoever asks: nothing of a person comes out of these but a yes or a no.

create function derive.code_taken(p_noun text, p_code text) returns boolean
language plpgsql stable security definer as $$
begin
    if p_noun = 'person' then
        return exists (select from core.person t where t.code = p_code);
    elsif p_noun = 'enrollment' then
        return exists (select from core.enrollment t where t.code = p_code);
    end if;
    return exists (select from core.exchange t where t.code = p_code);
end
$$;
comment on function derive.code_taken(text, text) is
    'Whether a person, enrollment or exchange has the code, seen by the caller or not: the next free one has to be free of all';

create function derive.people_synthetic() returns boolean
language sql stable security definer as $$
    select exists (select from core.person p where p.synthetic)
$$;
comment on function derive.people_synthetic() is 'Whether figures on people include people who were made up for trying the program out';
create index person_synthetic on core.person (synthetic) where synthetic;

do $$
declare
    v_function text;
begin
    foreach v_function in array array['follow_belonging()', 'follow_provider()', 'code_taken(text, text)', 'people_synthetic()'] loop
        execute format('alter function derive.%s owner to jinzai_derive', v_function);
    end loop;
end
$$;

do $$
declare
    v_table text;
begin
    foreach v_table in array array['person', 'affiliation', 'enrollment', 'exchange', 'exchange_participant'] loop
        execute format('create trigger belonging_insert after insert on core.%I referencing new table as after '
            'for each statement execute function derive.follow_belonging()', v_table);
        execute format('create trigger belonging_update after update on core.%I '
            'referencing old table as before new table as after '
            'for each statement execute function derive.follow_belonging()', v_table);
        if v_table <> 'person' then
            execute format('create trigger belonging_delete after delete on core.%I referencing old table as before '
                'for each statement execute function derive.follow_belonging()', v_table);
        end if;
    end loop;
end
$$;
create trigger belonging_update after update on core.program for each row
    when (old.provider_id is distinct from new.provider_id) execute function derive.follow_provider();

select derive.belong(array(select p.id from core.person p));

-- The policies -------------------------------------------------------------------------------------

-- Of belonging the caller reads what concerns their own organization, so that the other policies need not say it again.
alter table derive.belonging enable row level security;
alter table derive.belonging force row level security;
create policy derive_all on derive.belonging to jinzai_derive using (true) with check (true);
create policy api_read on derive.belonging for select to jinzai_api using (organization_id = (select core.caller_sees()));

-- What each table asks: read, write (of new and of old rows), and remove. {org} stands for the caller's organization, to
-- see or to record; {belongs} for a row of belonging of the person, {kept} for one that is kept today. With offset 0 the
-- planner looks that row up for each person; else it may read all people of the organization to show one of them.
do $$
declare
    v_row record;
    v_exchange constant text := 'exists (select from core.exchange e where e.id = exchange_id and {org} in (e.home_id, e.host_id))';
    v_session constant text := 'exists (select from core.session s join core.program g on g.id = s.program_id '
        'where s.id = session_id and g.provider_id = {org})';
    v_enrollment constant text := 'exists (select from core.enrollment n join core.session s on s.id = n.session_id '
        'join core.program g on g.id = s.program_id where n.id = enrollment_id and g.provider_id = {org})';
    v_read text;
    v_write text;
    v_remove text;
begin
    for v_row in
        select * from (values
            ('core', 'person', 'id', 'keeper_id = {org} or {belongs}', 'keeper_id = {org} or {kept}', 'false'),
            ('core', 'affiliation', 'person_id', 'organization_id = {org} or {belongs}', '{belongs}', 'false'),
            ('core', 'person_qualification', 'person_id', '{belongs}', '{kept}', 'false'),
            ('core', 'holding', 'person_id', '{belongs}',
                '{kept} or exchange_id is not null and ' || v_exchange || ' or enrollment_id is not null and ' || v_enrollment,
                'false'),
            ('core', 'enrollment', 'person_id', '{belongs} or ' || v_session, '{kept} or ' || v_session, 'false'),
            -- An exchange that names nobody is not personal.
            ('core', 'exchange', 'person_id', '{org} in (home_id, host_id) or {belongs} or num_nonnulls(person_id, '
                'counterpart_person_id) = 0 and (select core.caller_id()) is not null', '{org} in (home_id, host_id)', 'false'),
            ('core', 'exchange_participant', 'person_id', '{belongs} or ' || v_exchange, v_exchange, v_exchange),
            ('core', 'exchange_objective', null, 'exists (select from core.exchange e where e.id = exchange_id)', v_exchange, v_exchange),
            ('core', 'exchange_approval', null, 'exists (select from core.exchange e where e.id = exchange_id)', v_exchange, 'false'),
            ('core', 'exchange_step', null, 'exists (select from core.exchange e where e.id = exchange_id)', v_exchange, 'false'),
            ('core', 'exchange_notice', null, 'exists (select from core.exchange e where e.id = exchange_id)', v_exchange, 'false'),
            ('core', 'exchange_funding', null, 'exists (select from core.exchange e where e.id = exchange_id)', v_exchange, v_exchange),
            ('core', 'exchange_publication', null, 'exists (select from core.exchange e where e.id = exchange_id)', v_exchange, v_exchange),
            ('derive', 'timeline', 'person_id', '{belongs}', null, null),
            ('derive', 'location', 'person_id', '{belongs}', null, null))
            as t (schema_name, table_name, person, read, write, remove)
    loop
        execute format('alter table %I.%I enable row level security', v_row.schema_name, v_row.table_name);
        execute format('alter table %I.%I force row level security', v_row.schema_name, v_row.table_name);
        execute format('create policy derive_all on %I.%I to jinzai_derive using (true) with check (true)',
            v_row.schema_name, v_row.table_name);
        v_read := replace(replace('(select core.caller_sees_all()) or ' || v_row.read, '{belongs}',
            format('exists (select from derive.belonging b where b.person_id = %I.%I offset 0)',
                v_row.table_name, coalesce(v_row.person, 'id'))), '{org}', '(select core.caller_sees())');
        execute format('create policy api_read on %I.%I for select to jinzai_api using (%s)',
            v_row.schema_name, v_row.table_name, v_read);
        continue when v_row.write is null;
        v_write := replace(replace(replace('(select core.caller_records_all()) or ' || v_row.write, '{belongs}',
            format('exists (select from derive.belonging b where b.organization_id = {org} and b.person_id = %I.%I)',
                v_row.table_name, coalesce(v_row.person, 'id'))), '{kept}',
            format('exists (select from derive.belonging b where b.organization_id = {org} and b.person_id = %I.%I '
                'and b.kept_until > current_date)', v_row.table_name, coalesce(v_row.person, 'id'))), '{org}', '(select core.caller_records())');
        v_remove := replace('(select core.caller_records_all()) or ' || v_row.remove, '{org}', '(select core.caller_records())');
        execute format('create policy api_insert on %I.%I for insert to jinzai_api with check (%s)',
            v_row.schema_name, v_row.table_name, v_write);
        execute format('create policy api_update on %I.%I for update to jinzai_api using (%s) with check (%s)',
            v_row.schema_name, v_row.table_name, v_write, v_write);
        execute format('create policy api_delete on %I.%I for delete to jinzai_api using (%s)',
            v_row.schema_name, v_row.table_name, v_remove);
    end loop;
end
$$;
