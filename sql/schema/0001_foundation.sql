-- SPDX-License-Identifier: Apache-2.0
--
-- What every other table stands on: schemas, identifiers, errors, principals, idempotency keys and events.
--
-- core    the record: tables, and the functions that guard them
-- derive  what follows from the record (timelines, locations, supply) and the triggers that keep it; nobody else writes it
-- api     the functions that the daemon calls (sql/api)
--
-- A constraint's comment is the sentence a caller gets when it refuses: "parameter: what was expected".

create extension if not exists btree_gist;
create extension if not exists pgcrypto;
create extension if not exists pg_trgm;

create schema core;
create schema derive;
comment on schema core is 'The record: every noun of the partnership, with the rules that guard it';
comment on schema derive is 'What follows from the record: timelines, locations, supply; written by triggers alone';

grant usage on schema jinzai_meta to jinzai_api;
grant select on jinzai_meta.migration to jinzai_api;
grant usage on schema core to jinzai_api, jinzai_derive;
grant usage on schema derive to jinzai_api, jinzai_derive;
grant create on schema derive to jinzai_derive;
alter default privileges revoke execute on functions from public;
alter default privileges for role jinzai_api revoke execute on functions from public;
alter default privileges in schema core grant execute on functions to jinzai_api, jinzai_derive;
alter default privileges in schema derive grant execute on functions to jinzai_api, jinzai_derive;
alter default privileges in schema core grant select, insert, update, delete on tables to jinzai_api;
alter default privileges in schema core grant select on tables to jinzai_derive;
alter default privileges in schema core grant usage on sequences to jinzai_api, jinzai_derive;
alter default privileges in schema derive grant select, insert, update, delete on tables to jinzai_derive;
alter default privileges in schema derive grant select on tables to jinzai_api;
alter default privileges in schema derive grant usage on sequences to jinzai_derive;

-- Identifiers ------------------------------------------------------------------------------------

create function core.uuid7() returns uuid
language sql volatile parallel safe as $$
    select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
        from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
$$;
comment on function core.uuid7() is
    'A UUID of version 7 (RFC 9562): 48 bits of milliseconds, then random bits, so that neighbours in time are neighbours in the index';

-- Small functions are written so that the planner puts their text into the statement that calls them: not strict, and not
-- stricter about volatility than what they call. Called as functions they would be planned anew in each transaction.

create function core.uuid7_day(p_id uuid) returns date
language sql immutable parallel safe as $$
    select case when substr(p_id::text, 15, 1) = '7' then
        (to_timestamp(('x' || translate(left(p_id::text, 13), '-', ''))::bit(48)::bigint / 1000.0)
            at time zone 'UTC')::date end
$$;
comment on function core.uuid7_day(uuid) is 'The UTC day on which a version 7 UUID was made; null for another version';

create function core.is_uuid(p_text text) returns boolean
language sql immutable parallel safe as $$
    select length(p_text) = 36
        and p_text ~ '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$'
$$;
comment on function core.is_uuid(text) is 'Whether the text is written as a UUID';

create domain core.code as text
    constraint code_form check (value ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' and not core.is_uuid(value));
comment on domain core.code is 'A short code that people quote: 1 to 63 letters, digits, dots, hyphens, underscores';
comment on constraint code_form on domain core.code is
    'code: must be 1 to 63 letters, digits, dots, hyphens or underscores, the first a letter or digit, and not a UUID';

-- Errors -----------------------------------------------------------------------------------------

create function core.fail(p_kind text, p_message text, p_parameter text default null, p_expected text default null)
returns void
language plpgsql immutable as $$
begin
    raise exception using
        errcode = case p_kind
            when 'invalid_params' then 'JZ000' when 'not_found' then 'JZ001' when 'conflict' then 'JZ002'
            when 'denied' then 'JZ003' when 'unauthenticated' then 'JZ004' when 'limit_exceeded' then 'JZ005'
            when 'unavailable' then 'JZ006' when 'timeout' then 'JZ007' when 'stale_version' then 'JZ008'
            when 'consent_required' then 'JZ009' when 'invalid_transition' then 'JZ010' end,
        message = p_message,
        detail = json_strip_nulls(json_build_object('parameter', p_parameter, 'expected', p_expected));
end
$$;
comment on function core.fail(text, text, text, text) is
    'Ends the call with an error of the family: its stable name, a sentence, the parameter''s path and what was expected';

-- Text in two languages --------------------------------------------------------------------------

create function core.label(p_en text, p_ja text, p_lang text) returns json
language sql stable parallel safe as $$
    select case
        when p_en is null and p_ja is null then null
        when p_lang is null then json_strip_nulls(json_build_object('en', p_en, 'ja', p_ja))
        when p_lang = 'ja' then to_json(coalesce(p_ja, p_en || ' [en]'))
        else to_json(coalesce(p_en, p_ja || ' [ja]')) end
$$;
comment on function core.label(text, text, text) is
    'Text for an answer: both languages if none is asked for, else the one asked for; marked where only the other exists';

create function core.patch(p_given anyelement, p_old anyelement, p_clear boolean) returns anyelement
language sql immutable parallel safe as $$
    select case when p_clear then null else coalesce(p_given, p_old) end
$$;
comment on function core.patch(anyelement, anyelement, boolean) is
    'The value after an update: empty where it was cleared, the given one where there is one, else the old one';

-- Dates ------------------------------------------------------------------------------------------

create function core.month_from(p_day date) returns date
language sql immutable parallel safe as $$
    select case when p_day in ('infinity', '-infinity') then p_day
        else (date_trunc('month', p_day::timestamp + interval '1 month - 1 day'))::date end
$$;
comment on function core.month_from(date) is
    'The first month whose first day is on or after the day: from then on a monthly figure sees what begins on that day';

create function core.months(p_days daterange) returns daterange
language sql immutable parallel safe as $$
    select case when p_days is not null then daterange(core.month_from(lower(p_days)), core.month_from(upper(p_days))) end
$$;
comment on function core.months(daterange) is
    'Those first-of-month days, as a range, that the days hold; empty when the days hold none';

create function core.year_start(p_year integer, p_kind text) returns date
language sql immutable strict parallel safe as $$
    select case p_kind when 'calendar' then make_date(p_year, 1, 1)
        when 'jp_fiscal' then make_date(p_year, 4, 1)
        when 'us_fiscal' then make_date(p_year - 1, 10, 1) end
$$;
comment on function core.year_start(integer, text) is
    'First day of a calendar year, a Japanese fiscal year (from April) or a United States fiscal year (from October of the year before)';

-- Lists ------------------------------------------------------------------------------------------

create function core.cursor_write(p_key text) returns text
language sql immutable strict parallel safe as $$
    select translate(encode(convert_to(p_key, 'UTF8'), 'base64'), E'+/=\n', '-_')
$$;
comment on function core.cursor_write(text) is 'The opaque cursor of the last key of a page';

create function core.cursor_read(p_cursor text) returns text
language plpgsql immutable as $$
begin
    if p_cursor is null then
        return null;
    end if;
    return convert_from(decode(rpad(translate(p_cursor, '-_', '+/'), (length(p_cursor) + 3) / 4 * 4, '='), 'base64'), 'UTF8');
exception when others then
    perform core.fail('invalid_params', 'the cursor is not one that a page ended with', 'cursor', 'what "next" held on the page before');
end
$$;
comment on function core.cursor_read(text) is 'The key that a cursor holds; an error for text that is no cursor';

create function core.page(p_items json[], p_limit bigint, p_last text) returns json
language sql stable parallel safe as $$
    select json_build_object('items', coalesce(array_to_json(p_items), '[]'::json),
        'next', case when cardinality(p_items) = p_limit then core.cursor_write(p_last) end)
$$;
comment on function core.page(json[], bigint, text) is
    'A page of a list: its items, and the cursor of its last key where the page is full';

-- Records ----------------------------------------------------------------------------------------

create function core.touch() returns trigger
language plpgsql as $$
begin
    if new is distinct from old then
        new.version := old.version + 1;
        new.updated_at := now();
    end if;
    return new;
end
$$;
comment on function core.touch() is 'Before an update: counts the version and notes the time, if anything differs';

create function core.check_version(p_if_version bigint, p_version integer) returns void
language plpgsql immutable as $$
begin
    if p_if_version <> p_version then
        perform core.fail('stale_version', format('the record has version %s', p_version), 'if_version',
            'the version that was read last');
    end if;
end
$$;
comment on function core.check_version(bigint, integer) is
    'Ends the call with stale_version where the caller expected another version than the record has';

-- Principals -------------------------------------------------------------------------------------

create table core.principal (
    id uuid primary key default core.uuid7(),
    name text not null constraint principal_name_key unique,
    kind text not null constraint principal_kind check (kind in ('local_user', 'token', 'certificate')),
    role text not null constraint principal_role
        check (role in ('admin', 'secretariat', 'coordinator', 'member', 'analyst', 'auditor')),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create trigger touch before update on core.principal for each row execute function core.touch();
comment on table core.principal is 'Who calls: an operating-system user, the holder of a token or of a certificate';
comment on column core.principal.name is 'How an administrator names it; for an operating-system user unix: and the user name';
comment on column core.principal.kind is 'How it signs in';
comment on column core.principal.role is 'What it may do';

create table core.setting (
    name text primary key,
    value text not null
);
comment on table core.setting is 'What all daemons of one database share and nobody configures';
comment on column core.setting.name is 'What it is';
comment on column core.setting.value is 'Its value';
insert into core.setting (name, value) values
    ('once_secret', encode(gen_random_bytes(32), 'hex'));

-- Idempotency ------------------------------------------------------------------------------------

create table core.once (
    day date not null,
    principal_id uuid not null,
    key uuid not null,
    digest bytea not null constraint once_digest check (octet_length(digest) = 32),
    record_id uuid not null,
    record_code text,
    record_version integer not null,
    primary key (principal_id, key, day)
) partition by range (day);
create table core.once_other partition of core.once default;
comment on table core.once is
    'Idempotency keys and the receipts they answer with, one partition a day, dropped whole when they are old; no personal data';
comment on column core.once.day is 'The UTC day of the key, where it is a UUID of version 7, else the day of the call';
comment on column core.once.principal_id is 'Whose key it is';
comment on column core.once.key is 'The key, a UUID';
comment on column core.once.digest is 'HMAC-SHA256 over method and parameters: the same key must mean the same call';
comment on column core.once.record_id is 'Receipt: the record that was written';
comment on column core.once.record_code is 'Receipt: its code, if it has one';
comment on column core.once.record_version is 'Receipt: its version after the write';

create function core.once_tend() returns void
language plpgsql security definer as $$
declare
    v_today date := (now() at time zone 'UTC')::date;
    v_day date;
    v_partition record;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('jinzai once', 0)) then
        return;
    end if;
    for v_day in select d::date from generate_series(v_today, v_today + 2, interval '1 day') d loop
        if to_regclass(format('core.once_%s', to_char(v_day, 'YYYYMMDD'))) is null
            and not exists (select from core.once_other o where o.day = v_day) then
            execute format('create table core.once_%s partition of core.once for values from (%L) to (%L)',
                to_char(v_day, 'YYYYMMDD'), v_day, v_day + 1);
        end if;
    end loop;
    for v_partition in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'core.once'::regclass and c.relname ~ '^once_\d{8}$'
            and right(c.relname, 8)::date < v_today - 7
    loop
        execute format('drop table core.%I', v_partition.relname);
    end loop;
    delete from core.once_other o where o.day < v_today - 7;
end
$$;
comment on function core.once_tend() is
    'Makes the partitions of idempotency keys for today and the next two days, and drops those older than 7 days';
select core.once_tend();

create function core.write_begin(p_caller uuid, p_once_key uuid, p_once_digest bytea) returns json
language plpgsql as $$
declare
    v_day date;
    v_once core.once;
begin
    perform set_config('jinzai.caller', p_caller::text, true);
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
comment on function core.write_begin(uuid, uuid, bytea) is
    'Begins a writing call: names the caller to the triggers and returns the receipt if this key was answered before, else null';

create function core.write_end(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_id uuid, p_code text, p_version integer) returns json
language plpgsql as $$
begin
    if p_once_key is not null then
        insert into core.once (day, principal_id, key, digest, record_id, record_code, record_version)
        values (coalesce(core.uuid7_day(p_once_key), (now() at time zone 'UTC')::date), p_caller, p_once_key,
            p_once_digest, p_id, p_code, p_version);
    end if;
    return json_build_object('id', p_id, 'code', p_code, 'version', p_version);
end
$$;
comment on function core.write_end(uuid, uuid, bytea, uuid, text, integer) is
    'Ends a writing call: keeps and returns its receipt';

-- Events -----------------------------------------------------------------------------------------

create sequence derive.event_number cache 1;
create table derive.event_inbox (
    id bigint primary key default nextval('derive.event_number'),
    transaction xid8 not null default pg_current_xact_id(),
    at timestamptz not null default clock_timestamp(),
    principal_id uuid,
    noun text not null,
    record_id uuid not null,
    record_code text,
    action text not null constraint event_inbox_action check (action in ('created', 'updated', 'deleted')),
    fields text[] not null default '{}',
    organization_ids uuid[] not null default '{}'
);
comment on table derive.event_inbox is
    'Changes as their transactions wrote them, each after the change and its row locks; the sealer moves them into the log';
comment on column derive.event_inbox.id is 'Order of writing; a transaction is ordered by its last';
comment on column derive.event_inbox.transaction is 'The transaction, whose events stay together';
comment on column derive.event_inbox.at is 'When it was written';
comment on column derive.event_inbox.principal_id is 'Who did it; null for the database''s own doing';
comment on column derive.event_inbox.noun is 'What kind of record changed';
comment on column derive.event_inbox.record_id is 'Which record; of a person the random reference that erasure forgets';
comment on column derive.event_inbox.record_code is 'Its code; null for people';
comment on column derive.event_inbox.action is 'What happened to it';
comment on column derive.event_inbox.fields is 'The fields that changed, never their values';
comment on column derive.event_inbox.organization_ids is 'The organizations that it concerns';

create table derive.event_batch (
    batch bigint primary key,
    first_position bigint not null,
    last_position bigint not null,
    sealed_at timestamptz not null default clock_timestamp(),
    previous_hash bytea not null,
    hash bytea not null constraint event_batch_hash check (octet_length(hash) = 32)
);
comment on table derive.event_batch is 'Sealed batches of the log; each hash covers its events and the hash before it';
comment on column derive.event_batch.batch is 'Number of the batch, from 1';
comment on column derive.event_batch.first_position is 'Position of its first event';
comment on column derive.event_batch.last_position is 'Position of its last event';
comment on column derive.event_batch.sealed_at is 'When it was sealed';
comment on column derive.event_batch.previous_hash is 'Hash of the batch before; zeros before the first';
comment on column derive.event_batch.hash is 'SHA-256 over previous_hash and the events of the batch';

create table derive.event_log (
    position bigint primary key,
    batch bigint not null references derive.event_batch,
    inbox_id bigint not null,
    at timestamptz not null,
    principal_id uuid,
    noun text not null,
    record_id uuid not null,
    record_code text,
    action text not null,
    fields text[] not null,
    organization_ids uuid[] not null
);
create index event_log_noun on derive.event_log (noun, position);
create index event_log_record on derive.event_log (record_id, position);
create index event_log_organization on derive.event_log using gin (organization_ids);
comment on table derive.event_log is 'The log: sealed events in the one order that all subscribers see; rows are never updated';
comment on column derive.event_log.position is 'Place in the order, from 1, without gaps';
comment on column derive.event_log.batch is 'The batch that it was sealed in';
comment on column derive.event_log.inbox_id is 'Its number in the inbox';
comment on column derive.event_log.at is 'When it was written';
comment on column derive.event_log.principal_id is 'Who did it';
comment on column derive.event_log.noun is 'What kind of record changed';
comment on column derive.event_log.record_id is 'Which record; of a person the random reference that erasure forgets';
comment on column derive.event_log.record_code is 'Its code; null for people';
comment on column derive.event_log.action is 'What happened to it';
comment on column derive.event_log.fields is 'The fields that changed, never their values';
comment on column derive.event_log.organization_ids is 'The organizations that it concerns';

create function derive.event_write() returns trigger
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
    values (nullif(current_setting('jinzai.caller', true), '')::uuid,
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
alter function derive.event_write() owner to jinzai_derive;
comment on function derive.event_write() is
    'After a change: writes its event. Arguments: the noun, then the columns that hold organizations';
