-- SPDX-License-Identifier: Apache-2.0
--
-- The log that proves itself. Writers leave their events in derive.event_inbox; derive.seal moves those that are committed
-- into derive.event_log, as the next batch, whose hash covers its events and the hash of the batch before.
--
-- The order, the same for everybody since nobody reads an event before it is sealed: transactions by the id of their last
-- event, the events of one transaction together and by their ids. No effect stands before its cause:
--
--   Say transaction B follows from A: it waited for a lock of A's or read what A committed, and then wrote. An event takes
--   its id after the change it tells of, from a sequence without a cache, and triggers of foreign keys ("RI_…") fire
--   before the trigger "event"; so B's event got its id after A had committed, hence after A's last. Within a batch A
--   therefore comes first. Over batches too: A was no longer in progress before B could see it, and B was so before
--   anybody could see B. So a snapshot that holds B holds A, and since a batch is the start of that order among all that
--   one snapshot holds, A is in B's batch before it, or in an earlier one.
--
--   A transaction that commits later, with lower ids than what is sealed already, is nothing's cause there, or it would
--   have been seen. It comes with a later batch. Ids only order; no gap between them is waited for, none means a loss.
--
-- What is hashed is text in UTF-8, made of fields. A field is a netstring, "<bytes>:<text>,"; an empty (null) one is "-".
--
--   event    position, batch, inbox_id, at, principal_id, noun, record_id, record_code, action, fields, organization_ids
--   batch    "jinzai log 1", batch, first_position, last_position, sealed_at, previous_hash, events_hash
--
-- Numbers are decimal, UUIDs and hashes lower-case hexadecimal, times UTC as 2026-04-01T09:30:00.123456Z, lists JSON
-- arrays of strings without spaces. An event's hash is the SHA-256 of its fields; events_hash is the SHA-256 over the
-- events' hashes (32 bytes each) in the order of their positions; a batch's hash is the SHA-256 of its fields, and
-- previous_hash 32 zero bytes in the first. So the rows of event_batch prove one another without the events: events
-- can go one day, and what is left of the chain still shows that nothing else did.
--
-- What this does not show: events that somebody with the owner's rights takes out of the inbox before they are sealed,
-- and a log that such a person made anew from some batch on. Against the second, heads are kept elsewhere (audit.head)
-- and compared (audit.verify).

alter table derive.event_batch
    add column events_hash bytea not null constraint event_batch_events_hash check (octet_length(events_hash) = 32),
    add constraint event_batch_positions check (first_position between 1 and last_position);
comment on column derive.event_batch.events_hash is 'SHA-256 over the hashes of its events';
comment on column derive.event_batch.hash is 'SHA-256 over the batch''s fields, previous_hash and events_hash among them';
create index event_batch_sealed_at on derive.event_batch (sealed_at);

-- A batch and its events are written by one statement, and the chain proves more than a foreign key would.
alter table derive.event_log drop constraint event_log_batch_fkey;
create index event_log_principal on derive.event_log (principal_id, position);
create index event_log_code on derive.event_log (record_code, position) where record_code is not null;
create index event_log_at on derive.event_log using brin (at);
create index event_inbox_transaction on derive.event_inbox (transaction, id);

create view derive.event as
    select l.inbox_id, l.at, l.principal_id, l.noun, l.record_id, l.record_code, l.action, l.fields, l.organization_ids
    from derive.event_log l
    union all
    select i.id, i.at, i.principal_id, i.noun, i.record_id, i.record_code, i.action, i.fields, i.organization_ids
    from derive.event_inbox i;
comment on view derive.event is 'All committed events, sealed or not; each once, since a statement sees it in one place';
comment on column derive.event.inbox_id is 'Its number in the inbox';
comment on column derive.event.at is 'When it was written';
comment on column derive.event.principal_id is 'Who did it';
comment on column derive.event.noun is 'What kind of record changed';
comment on column derive.event.record_id is 'Which record; of a person the random reference that erasure forgets';
comment on column derive.event.record_code is 'Its code; null for people';
comment on column derive.event.action is 'What happened to it';
comment on column derive.event.fields is 'The fields that changed, never their values';
comment on column derive.event.organization_ids is 'The organizations that it concerns';
revoke insert, update, delete on derive.event from jinzai_derive;

-- Append-only ------------------------------------------------------------------------------------

revoke update, delete, truncate on derive.event_log, derive.event_batch from jinzai_derive;

create function derive.log_refuse() returns trigger
language plpgsql as $$
begin
    raise exception using errcode = 'insufficient_privilege', message = 'the log is only ever appended to';
end
$$;
comment on function derive.log_refuse() is 'Refuses every change of the log but an insert, to its owner too';
create trigger append_only before update or delete or truncate on derive.event_log
    for each statement execute function derive.log_refuse();
create trigger append_only before update or delete or truncate on derive.event_batch
    for each statement execute function derive.log_refuse();
alter table derive.event_log enable always trigger append_only;
alter table derive.event_batch enable always trigger append_only;

-- Hashes -----------------------------------------------------------------------------------------

create function derive.netstring(p_text text) returns text
language sql immutable parallel safe as $$
    select coalesce(octet_length(p_text)::text || ':' || p_text || ',', '-')
$$;
comment on function derive.netstring(text) is 'A field of what is hashed: its length in bytes, a colon, the text and a comma; - for null';

create function derive.time_text(p_time timestamptz) returns text
language sql stable parallel safe as $$
    select to_char(p_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
comment on function derive.time_text(timestamptz) is 'A time as it is hashed, whatever the session''s settings: UTC with microseconds';

create function derive.event_hash(e derive.event_log) returns bytea
language sql stable parallel safe as $$
    select sha256(convert_to(
        derive.netstring(e.position::text) || derive.netstring(e.batch::text) || derive.netstring(e.inbox_id::text)
        || derive.netstring(derive.time_text(e.at)) || derive.netstring(e.principal_id::text)
        || derive.netstring(e.noun) || derive.netstring(e.record_id::text) || derive.netstring(e.record_code)
        || derive.netstring(e.action) || derive.netstring(array_to_json(e.fields)::text)
        || derive.netstring(array_to_json(e.organization_ids)::text), 'UTF8'))
$$;
comment on function derive.event_hash(derive.event_log) is 'SHA-256 of a sealed event''s fields';

create function derive.batch_hash(p_batch bigint, p_first_position bigint, p_last_position bigint,
    p_sealed_at timestamptz, p_previous_hash bytea, p_events_hash bytea) returns bytea
language sql stable parallel safe as $$
    select sha256(convert_to(derive.netstring('jinzai log 1') || derive.netstring(p_batch::text)
        || derive.netstring(p_first_position::text) || derive.netstring(p_last_position::text)
        || derive.netstring(derive.time_text(p_sealed_at)) || derive.netstring(encode(p_previous_hash, 'hex'))
        || derive.netstring(encode(p_events_hash, 'hex')), 'UTF8'))
$$;
comment on function derive.batch_hash(bigint, bigint, bigint, timestamptz, bytea, bytea) is
    'SHA-256 of a batch''s fields, which is its hash';

create function derive.log_head() returns derive.event_batch
language plpgsql stable as $$
declare
    v_head derive.event_batch;
begin
    select * into v_head from derive.event_batch b order by b.batch desc limit 1;
    if not found then
        v_head.batch := 0;
        v_head.last_position := 0;
        v_head.hash := decode(repeat('00', 32), 'hex');
    end if;
    return v_head;
end
$$;
comment on function derive.log_head() is 'The last batch; for an empty log batch 0, which ends at position 0 with a hash of zeros';

-- Sealing ----------------------------------------------------------------------------------------

create function derive.seal(p_limit bigint) returns bigint
language plpgsql security definer as $$
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
        -- One statement, since its snapshot is what the proof above stands on. Of the first so many events those are
        -- taken whose transactions end among them: the transactions with the lowest last ids there are.
        with earliest as materialized (
            select x.id, x.transaction, max(x.id) over (partition by x.transaction) as last_id
            from (select i.id, i.transaction from derive.event_inbox i order by i.id limit v_window) x
        ), taken as (
            delete from derive.event_inbox i using earliest e
            where i.id = e.id and not exists (
                select from derive.event_inbox later where later.transaction = e.transaction and later.id > e.last_id)
            returning i.*, e.last_id
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
alter function derive.seal(bigint) owner to jinzai_derive;
-- A plan made for an almost empty inbox would join a full one row by row.
alter function derive.seal(bigint) set plan_cache_mode = force_custom_plan;
comment on function derive.seal(bigint) is
    'Seals about so many committed events as the next batch and tells channel jinzai_event its last position; returns how many it sealed; one seal at a time';
