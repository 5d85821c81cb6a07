-- SPDX-License-Identifier: Apache-2.0
--
-- Reading the log as a stream, and letting its oldest events go.
--
-- A subscriber's cursor is the position of the last event it knows and the hash of the batch that this event is in. A log
-- that was restored from an older backup, or failed over to a server that lacked its last batches, has another batch there
-- or none: then the answer is "diverged", and never a silent repeat or gap.
--
-- Events past their period are retired from the beginning of the log, whole batches at a time. The rows of event_batch
-- stay, so that the chain of hashes goes on proving itself from the first batch. A mark in event_retired says what went,
-- by which rule and when. Marks are chained to one another by their hashes, and each leaves an event of its own in the
-- log (noun event_log), whose record is the beginning of the mark's hash, so that the chain of the log covers them too.
--
--   mark     "jinzai retired 1", number, first_position, last_position, last_batch, its hash, months, before, at, previous_hash
--
-- are the fields, written as 0007 writes them, whose SHA-256 is the mark's hash. What guards them are triggers: a mark can
-- only name batches that are older than the period of core.retention, and an event can only be deleted that a mark names.
-- So neither the daemon's roles nor a mistake of the owner's can take a younger event out of the log.

create or replace function core.fail(p_kind text, p_message text, p_parameter text default null, p_expected text default null)
returns void
language plpgsql immutable as $$
begin
    raise exception using
        errcode = case p_kind
            when 'invalid_params' then 'JZ000' when 'not_found' then 'JZ001' when 'conflict' then 'JZ002'
            when 'denied' then 'JZ003' when 'unauthenticated' then 'JZ004' when 'limit_exceeded' then 'JZ005'
            when 'unavailable' then 'JZ006' when 'timeout' then 'JZ007' when 'stale_version' then 'JZ008'
            when 'consent_required' then 'JZ009' when 'invalid_transition' then 'JZ010' when 'diverged' then 'JZ011' end,
        message = p_message,
        detail = json_strip_nulls(json_build_object('parameter', p_parameter, 'expected', p_expected));
end
$$;

create unique index event_batch_last_position on derive.event_batch (last_position);
comment on index derive.event_batch_last_position is 'position: must not be that of another batch';

-- Marks --------------------------------------------------------------------------------------------

create table derive.event_retired (
    number bigint primary key,
    first_position bigint not null,
    last_position bigint not null constraint event_retired_positions check (last_position >= first_position),
    last_batch bigint not null,
    months integer not null constraint event_retired_months check (months >= 12),
    before timestamptz not null,
    at timestamptz not null,
    previous_hash bytea not null,
    hash bytea not null constraint event_retired_hash check (octet_length(hash) = 32)
);
comment on table derive.event_retired is 'What was retired from the beginning of the log, by which rule and when; each mark is chained to the one before';
comment on column derive.event_retired.number is 'Number of the mark, from 1';
comment on column derive.event_retired.first_position is 'Position of the first event that it retired';
comment on column derive.event_retired.last_position is 'Position of the last event that it retired';
comment on column derive.event_retired.last_batch is 'The batch that this one ends';
comment on column derive.event_retired.months is 'How long events were kept then';
comment on column derive.event_retired.before is 'Batches sealed before this time were past that period';
comment on column derive.event_retired.at is 'When it was done';
comment on column derive.event_retired.previous_hash is 'Hash of the mark before; zeros before the first';
comment on column derive.event_retired.hash is 'SHA-256 over the mark''s fields, previous_hash among them';
comment on constraint event_retired_positions on derive.event_retired is 'last_position: must not be before first_position';
comment on constraint event_retired_months on derive.event_retired is 'months: must be at least 12';
comment on constraint event_retired_hash on derive.event_retired is 'hash: must be a SHA-256';
revoke insert, update, delete, truncate on derive.event_retired from jinzai_derive;

create function derive.retired_hash(m derive.event_retired) returns bytea
language sql stable as $$
    select sha256(convert_to(derive.netstring('jinzai retired 1') || derive.netstring(m.number::text)
        || derive.netstring(m.first_position::text) || derive.netstring(m.last_position::text)
        || derive.netstring(m.last_batch::text)
        || derive.netstring((select encode(b.hash, 'hex') from derive.event_batch b where b.batch = m.last_batch))
        || derive.netstring(m.months::text) || derive.netstring(derive.time_text(m.before))
        || derive.netstring(derive.time_text(m.at)) || derive.netstring(encode(m.previous_hash, 'hex')), 'UTF8'))
$$;
comment on function derive.retired_hash(derive.event_retired) is 'SHA-256 of a mark''s fields, which is its hash';

create function derive.retired_record(p_hash bytea) returns uuid
language sql immutable parallel safe as $$
    select encode(substr(p_hash, 1, 16), 'hex')::uuid
$$;
comment on function derive.retired_record(bytea) is 'By what the log names a mark: the beginning of its hash';

create function derive.retired_position() returns bigint
language sql stable as $$
    select coalesce((select m.last_position from derive.event_retired m order by m.number desc limit 1), 0)
$$;
comment on function derive.retired_position() is 'The position up to which events were retired; 0 where none were';

create function derive.retired_check() returns trigger
language plpgsql as $$
declare
    v_last derive.event_retired;
begin
    select * into v_last from derive.event_retired m where m.number < new.number order by m.number desc limit 1;
    if new.number <> coalesce(v_last.number, 0) + 1 or new.first_position <> coalesce(v_last.last_position, 0) + 1
        or new.previous_hash <> coalesce(v_last.hash, decode(repeat('00', 32), 'hex'))
        or new.hash is distinct from derive.retired_hash(new)
        or new.at > now() + interval '1 minute' or new.before > new.at - make_interval(months => new.months)
        or new.months < (select r.months from core.retention r where r.noun = 'event')
        or not exists (select from core.retention r where r.noun = 'event')
        or not exists (select from derive.event_batch b
            where b.batch = new.last_batch and b.last_position = new.last_position and b.sealed_at < new.before) then
        raise exception using errcode = 'insufficient_privilege',
            message = 'only whole batches that are older than the period of retention are retired, from the beginning of the log';
    end if;
    return new;
end
$$;
comment on function derive.retired_check() is
    'Before a mark is written: refuses one that does not follow the one before or that names what is not past its period';
create trigger past_period before insert on derive.event_retired for each row execute function derive.retired_check();
create trigger append_only before update or delete or truncate on derive.event_retired
    for each statement execute function derive.log_refuse();
alter table derive.event_retired enable always trigger past_period;
alter table derive.event_retired enable always trigger append_only;

-- Deleting from the log is refused but for what a mark names.
create function derive.retired_only() returns trigger
language plpgsql as $$
declare
    v_position bigint := derive.retired_position();
begin
    if not exists (select from gone) or exists (select from gone g where g.position > v_position) then
        raise exception using errcode = 'insufficient_privilege', message = 'the log is only ever appended to';
    end if;
    return null;
end
$$;
comment on function derive.retired_only() is 'After events were deleted: refuses it unless a mark says that all of them were retired';
drop trigger append_only on derive.event_log;
create trigger append_only before update or truncate on derive.event_log
    for each statement execute function derive.log_refuse();
create trigger retired_only after delete on derive.event_log referencing old table as gone
    for each statement execute function derive.retired_only();
alter table derive.event_log enable always trigger append_only;
alter table derive.event_log enable always trigger retired_only;

-- The rule, and what carries it out ----------------------------------------------------------------

alter table core.retention drop constraint retention_noun;
alter table core.retention add constraint retention_noun
    check (noun in ('person', 'enrollment', 'consent', 'access_read', 'disclosure', 'event'));
alter table core.retention drop constraint retention_least;
alter table core.retention add constraint retention_least check (months >= case noun when 'disclosure' then 36
    when 'consent' then 36 when 'access_read' then 12 when 'event' then 12 else 1 end);
comment on constraint retention_noun on core.retention is 'noun: must be a kind of record that has a period';
comment on constraint retention_least on core.retention is
    'months: must be at least 36 for disclosures and consents (APPI Enforcement Rules 21 and 25), and 12 for records of reading and events';

-- Takes no day and no position: what goes is decided by the rule alone, and all that a caller chooses is whether and how many.
create function derive.event_retire(p_dry_run boolean, p_batches bigint) returns json
language plpgsql security definer as $$
declare
    v_mark derive.event_retired;
    v_months integer;
    v_before timestamptz;
    v_last derive.event_batch;
    v_from bigint := derive.retired_position();
    v_count bigint := 0;
begin
    if not coalesce(core.caller_records_all(), false) then
        perform core.fail('denied', 'only the secretariat and administrators retire events');
    end if;
    select r.months into v_months from core.retention r where r.noun = 'event';
    if not found then
        return null;
    end if;
    v_before := date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - make_interval(months => v_months);
    if not p_dry_run then
        perform pg_advisory_xact_lock(hashtextextended('jinzai retire', 0));
        v_from := derive.retired_position();
    end if;
    -- Of a clock that was once set back only what stands before the first younger batch counts.
    select b.batch, b.last_position into v_last.batch, v_last.last_position
    from (select x.*, bool_and(x.sealed_at < v_before) over (order by x.last_position) as past
          from (select y.batch, y.last_position, y.sealed_at from derive.event_batch y
                where y.last_position > v_from order by y.last_position limit greatest(p_batches, 1)) x) b
    where b.past
    order by b.last_position desc limit 1;
    v_count := coalesce(v_last.last_position - v_from, 0);
    if not p_dry_run and v_count > 0 then
        select * into v_mark from derive.event_retired m order by m.number desc limit 1;
        v_mark.number := coalesce(v_mark.number, 0) + 1;
        v_mark.previous_hash := coalesce(v_mark.hash, decode(repeat('00', 32), 'hex'));
        v_mark.first_position := v_from + 1;
        v_mark.last_position := v_last.last_position;
        v_mark.last_batch := v_last.batch;
        v_mark.months := v_months;
        v_mark.before := v_before;
        v_mark.at := now();
        v_mark.hash := derive.retired_hash(v_mark);
        insert into derive.event_retired select v_mark.*;
        delete from derive.event_log e where e.position <= v_mark.last_position;
        insert into derive.event_inbox (principal_id, noun, record_id, record_code, action)
        values (core.caller_id(), 'event_log', derive.retired_record(v_mark.hash),
            format('%s-%s', v_mark.first_position, v_mark.last_position), 'deleted');
    end if;
    return json_build_object('noun', 'event', 'months', v_months, 'before', (v_before at time zone 'UTC')::date,
        'records', v_count, 'done', not p_dry_run);
end
$$;
comment on function derive.event_retire(boolean, bigint) is
    'Retires up to so many whole batches of events that are past their period, and leaves a mark; says how many events they hold, and in a dry run only that; null where events have no period';
revoke execute on function derive.event_retire(boolean, bigint) from jinzai_derive, public;

-- Events are retired by the function above, which the owner alone can delete by; the sweep leaves them to it.
create or replace function derive.retention_sweep(p_dry_run boolean, p_limit bigint) returns json
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
    for v_rule in select * from core.retention r where r.noun <> 'event' order by r.noun loop
        v_before := (current_date - make_interval(months => v_rule.months))::date;
        v_ids := null;
        if v_rule.noun = 'person' then
            -- Who has left every organization, and is on no exchange and in no session.
            v_ids := array(
                select p.id from core.person p
                where p.updated_at < v_before and p.merged_into_id is null
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

-- Sealing ----------------------------------------------------------------------------------------

-- The same as before, but whether a transaction has events behind the window is asked once a transaction: asked once an
-- event, a transaction of n events is compared with itself n times.
create or replace function derive.seal(p_limit bigint) returns bigint
language plpgsql security definer set plan_cache_mode = force_custom_plan as $$
declare
    v_head derive.event_batch;
    v_window bigint := greatest(p_limit, 1);
    v_sealed_at timestamptz := clock_timestamp();
    v_last bigint;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('jinzai seal', 0)) then
        return 0;
    end if;
    v_head := derive.log_head();
    loop
        -- One statement, since its snapshot is what the proof of 0007 stands on. Of the first so many events those are
        -- taken whose transactions end among them: the transactions with the lowest last ids there are.
        with earliest as materialized (
            select x.transaction, max(x.id) as last_id
            from (select i.id, i.transaction from derive.event_inbox i order by i.id limit v_window) x
            group by x.transaction
        ), whole as materialized (
            select e.transaction, e.last_id
            from earliest e
            where (select count(*) from (
                select from derive.event_inbox later where later.transaction = e.transaction and later.id > e.last_id limit 1) x) = 0
        ), taken as (
            delete from derive.event_inbox i using whole w
            where i.transaction = w.transaction and i.id <= w.last_id
            returning i.*, w.last_id
        ), logged as (
            insert into derive.event_log as l (position, batch, inbox_id, at, principal_id, noun, record_id, record_code,
                action, fields, organization_ids)
            select v_head.last_position + row_number() over (order by t.last_id, t.id), v_head.batch + 1, t.id, t.at,
                t.principal_id, t.noun, t.record_id, t.record_code, t.action, t.fields, t.organization_ids
            from taken t
            returning l.position, derive.event_hash(l) as hash
        ), summed as (
            select count(*) as events, sha256(string_agg(l.hash, ''::bytea order by l.position)) as events_hash from logged l
        )
        insert into derive.event_batch (batch, first_position, last_position, sealed_at, previous_hash, events_hash, hash)
        select v_head.batch + 1, v_head.last_position + 1, v_head.last_position + s.events, v_sealed_at, v_head.hash,
            s.events_hash, derive.batch_hash(v_head.batch + 1, v_head.last_position + 1, v_head.last_position + s.events,
                v_sealed_at, v_head.hash, s.events_hash)
        from summed s where s.events > 0
        returning last_position into v_last;
        exit when v_last is not null
            or (select count(*) <= v_window from (select from derive.event_inbox limit v_window + 1) x);
        -- All of them belong to transactions that go on: one transaction is never cut, however large it is.
        v_window := v_window * 2;
    end loop;
    if v_last is null then
        return 0;
    end if;
    perform pg_notify('jinzai_event', v_last::text);
    return v_last - v_head.last_position;
end
$$;
