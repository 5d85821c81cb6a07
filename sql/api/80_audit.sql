-- SPDX-License-Identifier: Apache-2.0
--
-- The log: its head, its proof, and what it says. sql/schema/0007_seal.sql tells how it is made and what is hashed.

create function api.audit_begin(p_caller uuid) returns void
language plpgsql as $$
begin
    if core.read_begin(p_caller) not in ('admin', 'secretariat', 'auditor') then
        perform core.fail('denied', format('the role %s does not read the log', core.caller_role()));
    end if;
end
$$;
comment on function api.audit_begin(uuid) is 'Begins a call on the log: names the caller, and ends the call of whoever has no business there';

create function api.audit_head_json(b derive.event_batch) returns json
language sql stable as $$
    select json_build_object('batch', b.batch, 'position', b.last_position, 'hash', encode(b.hash, 'hex'),
        'sealed_at', b.sealed_at)
$$;
comment on function api.audit_head_json(derive.event_batch) is 'A batch as a head of the log';

create function api.audit_head(p_caller uuid) returns json
language plpgsql stable security definer as $$
declare
    v_head derive.event_batch;
    v_unsealed bigint;
begin
    perform api.audit_begin(p_caller);
    v_head := derive.log_head();
    select count(*) into v_unsealed from (select from derive.event_inbox limit 100000) x;
    return json_build_object(
        'line', format('jinzai log 1: batch %s, position %s, sha256 %s, sealed %s', v_head.batch, v_head.last_position,
            encode(v_head.hash, 'hex'), coalesce(derive.time_text(v_head.sealed_at), 'never')),
        'batch', v_head.batch, 'position', v_head.last_position, 'hash', encode(v_head.hash, 'hex'),
        'sealed_at', v_head.sealed_at, 'unsealed', v_unsealed);
end
$$;
comment on function api.audit_head(uuid) is 'audit.head';

-- A mark is good where it follows the one before, names a batch that was past its period, and stands in the log itself, be
-- it not sealed yet, or retired by a later mark.
create function api.audit_mark_fault(p_mark derive.event_retired, p_before derive.event_retired) returns text
language plpgsql stable as $$
declare
    v_batch derive.event_batch;
begin
    if p_mark.number <> coalesce(p_before.number, 0) + 1 or p_mark.first_position <> coalesce(p_before.last_position, 0) + 1
        or p_mark.previous_hash <> coalesce(p_before.hash, decode(repeat('00', 32), 'hex')) then
        return 'what is recorded of retired events does not continue the mark before it';
    end if;
    if p_mark.hash is distinct from derive.retired_hash(p_mark) then
        return 'what is recorded of retired events does not agree with its hash';
    end if;
    select * into v_batch from derive.event_batch b where b.batch = p_mark.last_batch;
    if v_batch.last_position is distinct from p_mark.last_position or v_batch.sealed_at >= p_mark.before
        or p_mark.before > p_mark.at - make_interval(months => p_mark.months) then
        return 'events were retired that were not past their period';
    end if;
    if not exists (select from derive.event_log e where e.noun = 'event_log' and e.record_id = derive.retired_record(p_mark.hash))
        and not exists (select from derive.event_inbox i where i.noun = 'event_log' and i.record_id = derive.retired_record(p_mark.hash))
        and not exists (select from derive.event_batch b
            where b.last_position <= derive.retired_position() and b.sealed_at >= p_mark.at) then
        return 'the log does not know of the mark by which events were retired';
    end if;
    return null;
end
$$;
comment on function api.audit_mark_fault(derive.event_retired, derive.event_retired) is
    'What is wrong with a mark of retired events, given the one before; null where nothing is';

create function api.audit_retired_fault() returns text
language plpgsql stable as $$
declare
    v_before derive.event_retired;
    v_mark derive.event_retired;
    v_reason text;
begin
    for v_mark in select * from derive.event_retired m order by m.number loop
        v_reason := api.audit_mark_fault(v_mark, v_before);
        exit when v_reason is not null;
        v_before := v_mark;
    end loop;
    return v_reason;
end
$$;
comment on function api.audit_retired_fault() is 'What is wrong with the marks of retired events; null where nothing is';

create function api.audit_batch_fault(p_batch derive.event_batch, p_position bigint, p_hash bytea, p_retired bigint) returns text
language plpgsql stable as $$
declare
    v_events bigint;
    v_hash bytea;
begin
    if p_batch.batch is null then
        return 'the batch is missing';
    end if;
    if p_batch.hash is distinct from derive.batch_hash(p_batch.batch, p_batch.first_position, p_batch.last_position,
        p_batch.sealed_at, p_batch.previous_hash, p_batch.events_hash) then
        return 'what is recorded of the batch does not agree with its hash';
    end if;
    if p_batch.previous_hash <> p_hash then
        return 'the batch does not continue the one before it';
    end if;
    if p_batch.first_position <> p_position + 1 or p_batch.last_position < p_batch.first_position then
        return 'the positions of the batch do not follow those of the batch before it';
    end if;
    if p_batch.last_position <= p_retired then
        return case when exists (select from derive.event_log e
            where e.position between p_batch.first_position and p_batch.last_position)
            then 'events that were retired are there' end;
    end if;
    select count(*), sha256(coalesce(string_agg(derive.event_hash(e), ''::bytea order by e.position), ''))
        into v_events, v_hash
    from derive.event_log e where e.position between p_batch.first_position and p_batch.last_position;
    if v_events < p_batch.last_position - p_batch.first_position + 1 then
        return format('%s of its events are missing', p_batch.last_position - p_batch.first_position + 1 - v_events);
    end if;
    if v_hash <> p_batch.events_hash then
        return 'an event was changed, or events have changed places';
    end if;
    return null;
end
$$;
comment on function api.audit_batch_fault(derive.event_batch, bigint, bytea, bigint) is
    'What is wrong with a batch, given the last position and the hash of the one before and up to where events were retired; null where nothing is';

create function api.audit_verify(p_caller uuid, p_from_batch bigint, p_to_batch bigint, p_head_batch bigint,
    p_head_hash text, p_events bigint) returns json
language plpgsql stable security definer as $$
declare
    v_most bigint := coalesce(p_events, 1000000);
    v_number bigint := coalesce(p_from_batch, 1);
    v_head derive.event_batch;
    v_batch derive.event_batch;
    v_position bigint := 0;
    v_hash bytea := decode(repeat('00', 32), 'hex');
    v_to bigint;
    v_batches bigint := 0;
    v_events bigint := 0;
    v_reason text;
    v_bad bigint;
    v_continues boolean;
    v_retired bigint := derive.retired_position();
    v_gone bigint := 0;
begin
    perform api.audit_begin(p_caller);
    v_head := derive.log_head();
    v_to := coalesce(p_to_batch, v_head.batch);
    if (p_head_batch is null) <> (p_head_hash is null) then
        perform core.fail('invalid_params', 'a head is the number and the hash of a batch',
            case when p_head_hash is null then 'head_hash' else 'head_batch' end, 'both of them, or neither');
    end if;
    if p_head_hash !~ '^[0-9a-fA-F]{64}$' then
        perform core.fail('invalid_params', 'this is no SHA-256', 'head_hash', '64 hexadecimal digits');
    end if;
    if p_from_batch > v_head.batch then
        perform core.fail('invalid_params', format('the last batch is %s', v_head.batch), 'from_batch',
            'a batch that there is');
    end if;
    if p_to_batch > v_head.batch or p_to_batch < v_number then
        perform core.fail('invalid_params', format('the last batch is %s', v_head.batch), 'to_batch',
            'a batch that there is, and not before from_batch');
    end if;
    -- What the first batch must continue.
    if v_number > 1 then
        select * into v_batch from derive.event_batch b where b.batch = v_number - 1;
        v_position := v_batch.last_position;
        v_hash := v_batch.hash;
        if not found then
            v_bad := v_number - 1;
            v_reason := 'the batch is missing';
        end if;
    elsif exists (select from derive.event_log e where e.position < 1) then
        v_bad := 1;
        v_reason := 'there are events before its first position';
    end if;
    if v_reason is null then
        v_reason := api.audit_retired_fault();
        v_bad := case when v_reason is not null then 1 end;
    end if;
    -- Batch by batch, so that memory is bounded by the largest one's hashes.
    while v_reason is null and v_number <= v_to and v_events < v_most loop
        select * into v_batch from derive.event_batch b where b.batch = v_number;
        v_reason := api.audit_batch_fault(v_batch, v_position, v_hash, v_retired);
        if v_reason is null then
            v_batches := v_batches + 1;
            if v_batch.last_position <= v_retired then
                v_gone := v_gone + v_batch.last_position - v_position;
            else
                v_events := v_events + v_batch.last_position - v_position;
            end if;
            v_position := v_batch.last_position;
            v_hash := v_batch.hash;
            v_number := v_number + 1;
        else
            v_bad := v_number;
        end if;
    end loop;
    if v_reason is null and v_number > v_head.batch
        and exists (select from derive.event_log e where e.position > v_head.last_position) then
        v_bad := v_number;
        v_reason := 'there are events of a batch that is missing';
    end if;
    if p_head_batch is not null then
        v_continues := decode(p_head_hash, 'hex') = case p_head_batch when 0 then decode(repeat('00', 32), 'hex')
            else (select b.hash from derive.event_batch b where b.batch = p_head_batch) end;
        v_continues := coalesce(v_continues, false);
        if not v_continues and (v_bad is null or v_bad > p_head_batch) then
            v_bad := p_head_batch;
            v_reason := case when p_head_batch > v_head.batch
                then 'the log ends before the head that it should continue'
                else 'the batch has another hash than the head that it should continue: it, or one before it, was made anew' end;
        end if;
    end if;
    return json_build_object('intact', v_reason is null, 'batches', v_batches, 'events', v_events, 'retired', v_gone,
        'next_batch', case when v_reason is null and v_number <= v_to then v_number end,
        'continues', v_continues,
        'first_bad', case when v_reason is not null then json_build_object('batch', v_bad, 'reason', v_reason) end,
        'head', api.audit_head_json(v_head));
end
$$;
comment on function api.audit_verify(uuid, bigint, bigint, bigint, text, bigint) is 'audit.verify';

create function api.audit_principal(p_ref text) returns uuid
language plpgsql stable as $$
declare
    v_id uuid;
begin
    if p_ref is null then
        return null;
    end if;
    -- One that was removed is still in the log by its UUID.
    if core.is_uuid(p_ref) then
        return p_ref::uuid;
    end if;
    select p.id into v_id from core.principal p where p.name = p_ref;
    if not found then
        perform core.fail('not_found', 'there is no such principal', 'principal', 'the UUID or the name of a principal');
    end if;
    return v_id;
end
$$;
comment on function api.audit_principal(text) is 'The principal of that UUID or name';

create function api.audit_list(p_caller uuid, p_noun text, p_record text, p_principal text, p_organization text,
    p_action text, p_from date, p_to date, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_position bigint := 0;
    v_from timestamptz := p_from::timestamp at time zone 'UTC';
    v_before timestamptz := (p_to + 1)::timestamp at time zone 'UTC';
    v_principal uuid;
    v_organization uuid;
    v_record uuid;
    v_code text;
begin
    perform api.audit_begin(p_caller);
    if v_after !~ '^[0-9]{1,18}$' then
        perform core.fail('invalid_params', 'the cursor is not one that a page of this list ended with', 'cursor',
            'what "next" held on the page before');
    end if;
    if p_to < p_from then
        perform core.fail('invalid_params', 'the end is before the start', 'to', 'a date not before from');
    end if;
    v_principal := api.audit_principal(p_principal);
    v_organization := api.organization_ref(p_organization, 'organization');
    -- A person is in the log by a reference that is theirs alone.
    select p.log_reference into v_record from core.person p
    where p.id = case when core.is_uuid(p_record) then p_record::uuid end or p.code = p_record;
    if v_record is null and core.is_uuid(p_record) then
        v_record := p_record::uuid;
    elsif v_record is null then
        v_code := p_record;
    end if;
    -- An event is sealed after it was written, so that none from that day on stands before a batch sealed that day.
    if v_from is not null then
        v_position := coalesce((select b.first_position from derive.event_batch b
            where b.sealed_at >= v_from order by b.sealed_at limit 1), 9223372036854775807) - 1;
    end if;
    v_position := greatest(v_position, v_after::bigint);
    return (
        select core.page(array_agg(json_build_object('position', o.position, 'at', o.at,
                'principal', case when o.principal_id is not null then
                    json_build_object('id', o.principal_id, 'name', o.principal_name) end,
                'noun', o.noun, 'code', o.record_code, 'record', o.record_id, 'action', o.action, 'fields', o.fields,
                'organizations', (select coalesce(json_agg(api.organization_brief(x.id, p_lang) order by x.place), '[]'::json)
                    from unnest(o.organization_ids) with ordinality as x (id, place)),
                'batch', o.batch) order by o.position),
            v_limit, max(o.position)::text)
        from (select e.*, p.name as principal_name
              from derive.event_log e left join core.principal p on p.id = e.principal_id
              where e.position > v_position
                  and (p_noun is null or e.noun = p_noun)
                  and (v_record is null or e.record_id = v_record)
                  and (v_code is null or e.record_code = v_code)
                  and (v_principal is null or e.principal_id = v_principal)
                  and (v_organization is null or e.organization_ids @> array[v_organization])
                  and (p_action is null or e.action = p_action)
                  and (v_from is null or e.at >= v_from)
                  and (v_before is null or e.at < v_before)
              order by e.position limit v_limit) o);
end
$$;
comment on function api.audit_list(uuid, text, text, text, text, text, date, date, bigint, text, text) is 'audit.list';
