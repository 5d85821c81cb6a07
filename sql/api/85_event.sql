-- SPDX-License-Identifier: Apache-2.0
--
-- The log as a stream: who may see which of its events, and pages of them from a position on.
--
-- Everybody who has signed in sees what happens to records that everybody may read. Of the others, administrators, the
-- secretariat and auditors see all; coordinators and members see those that concern their own organization, and those of
-- records that row-level security shows them; analysts none. Events name fields and never values, and of people the
-- random reference, as in audit.list.
--
-- What counts is what the caller may see when the event is read, which for a subscriber is just after it was sealed.
--
-- A cursor is a position, a colon, and the beginning of the hash of the batch that the position is in: "512:9f86d081884c7d65".

create function api.event_nouns() returns text[]
language sql stable as $$
    select array_agg(distinct split_part(encode(t.tgargs, 'escape'), '\000', 1)) || 'event_log'::text
    from pg_catalog.pg_trigger t where t.tgfoid = 'derive.event_write()'::regprocedure
$$;
comment on function api.event_nouns() is 'The kinds of records that leave events';

create function api.event_noun(p_noun text) returns text
language plpgsql stable as $$
declare
    v_noun text := case p_noun when 'certification' then 'person_qualification' else p_noun end;
    v_nouns text[];
begin
    if v_noun is not null then
        v_nouns := api.event_nouns();
        if not v_noun = any (v_nouns) then
            perform core.fail('invalid_params', format('there are no events of the noun "%s"', left(p_noun, 63)), 'noun',
                'one of ' || (select string_agg(n, ', ' order by n) from unnest(v_nouns) n));
        end if;
    end if;
    return v_noun;
end
$$;
comment on function api.event_noun(text) is 'The noun as the log writes it; ends the call where no record is called that';

create function api.event_view() returns text
language sql stable as $$
    select case when core.caller_sees_all() then 'all'
        when core.caller_sees() is not null then core.caller_sees()::text else 'open' end
$$;
comment on function api.event_view() is 'Whose eyes the caller has: callers with the same see the same events';

create function api.event_cursor(p_position bigint) returns text
language sql stable as $$
    select p_position || ':' || coalesce((select left(encode(b.hash, 'hex'), 16) from derive.event_batch b
        where b.last_position >= p_position and p_position > 0 order by b.last_position limit 1), repeat('0', 16))
$$;
comment on function api.event_cursor(bigint) is 'The cursor of a position of the log';

create function api.event_check(p_position bigint, p_hash text, p_path text) returns void
language plpgsql stable as $$
declare
    v_retired bigint := derive.retired_position();
    v_head bigint := (derive.log_head()).last_position;
begin
    if p_hash is not null and (p_position > v_head or split_part(api.event_cursor(p_position), ':', 2) <> left(p_hash, 16)) then
        perform core.fail('diverged', format('the log is not the one that this cursor is of: it lost batches up to position %s or before, '
            'as after a restore or a failover', p_position), p_path,
            'a position that is right for both, or 0 to read all of the log again');
    end if;
    if p_position > v_head then
        perform core.fail('invalid_params', format('the log ends at position %s', v_head), p_path, 'a position that there is');
    end if;
    if p_position < v_retired then
        perform core.fail('not_found', format('events up to position %s were retired after their period', v_retired), p_path,
            format('%s or a later position; the oldest event is %s', v_retired, v_retired + 1));
    end if;
end
$$;
comment on function api.event_check(bigint, text, text) is
    'Ends the call where what follows this position cannot be read without a gap: it is beyond the log''s end, retired, or of another log';

create function api.event_since(p_since text, p_path text, p_absent text) returns bigint
language plpgsql stable as $$
declare
    v_since text := coalesce(p_since, p_absent);
    v_position bigint;
begin
    if v_since = 'now' then
        return (derive.log_head()).last_position;
    end if;
    if v_since !~ '^[0-9]{1,18}(:[0-9a-f]{16,64})?$' then
        perform core.fail('invalid_params', 'this is no position in the log', p_path,
            'now, a position as 0 or 512, or a cursor as 512:9f86d081884c7d65');
    end if;
    v_position := split_part(v_since, ':', 1)::bigint;
    perform api.event_check(v_position, nullif(split_part(v_since, ':', 2), ''), p_path);
    return v_position;
end
$$;
comment on function api.event_since(text, text, text) is 'The position that a caller wants to read on from';

create function api.event_rows(p_after bigint, p_until bigint, p_noun text, p_organization uuid, p_record uuid, p_code text, p_limit bigint)
returns setof derive.event_log
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
    v_all boolean := core.caller_sees_all();
    v_own uuid := core.caller_sees();
    c_open constant text[] := array['agreement', 'committee', 'scheme', 'organization', 'facility', 'framework', 'skill', 'skill_mapping',
        'role', 'qualification', 'program', 'session', 'demand', 'gap', 'gap_action', 'plan', 'release'];
begin
    return query
        select e.* from derive.event_log e
        where e.position > p_after and e.position <= p_until
            and (p_noun is null or e.noun = p_noun)
            and (p_organization is null or e.organization_ids @> array[p_organization])
            and (p_record is null or e.record_id = p_record)
            and (p_code is null or e.record_code = p_code)
            and (v_all or e.noun = any (c_open)
                or v_own is not null and (e.organization_ids @> array[v_own] or case e.noun
                    when 'person' then exists (select from core.person t where t.log_reference = e.record_id)
                    when 'affiliation' then exists (select from core.affiliation t where t.id = e.record_id)
                    when 'holding' then exists (select from core.holding t where t.id = e.record_id)
                    when 'enrollment' then exists (select from core.enrollment t where t.id = e.record_id)
                    when 'exchange' then exists (select from core.exchange t where t.id = e.record_id)
                    when 'person_qualification' then exists (select from core.person_qualification t where t.id = e.record_id)
                    when 'consent' then exists (select from core.consent t where t.id = e.record_id)
                    when 'legal_basis' then exists (select from core.legal_basis t where t.id = e.record_id)
                    else false end))
        order by e.position limit p_limit;
end
$$;
comment on function api.event_rows(bigint, bigint, text, uuid, uuid, text, bigint) is
    'The events between two positions that the caller may see and asks for, in their order';

-- All of a page by one plan: a function called for each event would be planned for each.
create function api.event_items(p_after bigint, p_until bigint, p_noun text, p_organization uuid, p_record uuid, p_code text, p_limit bigint)
returns table (place bigint, item json)
language plpgsql stable as $$
declare
    v_all boolean := core.caller_sees_all();
begin
    return query
        select e.position, json_build_object('position', e.position,
            'cursor', e.position || ':' || left(encode(b.hash, 'hex'), 16), 'at', e.at, 'noun', e.noun,
            'action', e.action, 'record', e.record_id, 'code', e.record_code, 'fields', e.fields,
            'organizations', (select coalesce(json_agg(json_build_object('id', x.id, 'code', o.code) order by x.nth), '[]'::json)
                from unnest(e.organization_ids) with ordinality as x (id, nth) left join core.organization o on o.id = x.id),
            'principal', case when v_all and e.principal_id is not null then
                json_build_object('id', e.principal_id, 'name', (select p.name from core.principal p where p.id = e.principal_id)) end)
        from api.event_rows(p_after, p_until, p_noun, p_organization, p_record, p_code, p_limit) e
        join derive.event_batch b on b.batch = e.batch
        order by e.position;
end
$$;
comment on function api.event_items(bigint, bigint, text, uuid, uuid, text, bigint) is
    'The same events as they are shown; who did it only to those who may read the log';

create function api.event_list(p_caller uuid, p_noun text, p_organization text, p_record text, p_since text,
    p_limit bigint, p_cursor text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_noun text := api.event_noun(p_noun);
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_key text := core.cursor_read(p_cursor);
    v_after bigint;
    v_head bigint;
    v_until bigint;
    v_record uuid;
    v_code text;
    v_items json[];
    v_last bigint;
begin
    v_head := (derive.log_head()).last_position;
    if v_key is not null and v_key !~ '^[0-9]{1,18}:[0-9a-f]{16}$' then
        perform core.fail('invalid_params', 'the cursor is not one that a page of this list ended with', 'cursor',
            'what "next" held on the page before');
    end if;
    v_after := case when v_key is not null then api.event_since(v_key, 'cursor', null)
        when p_since is null then derive.retired_position() else api.event_since(p_since, 'since', null) end;
    select p.log_reference into v_record from core.person p
    where p.id = case when core.is_uuid(p_record) then p_record::uuid end or p.code = p_record;
    if v_record is null and core.is_uuid(p_record) then
        v_record := p_record::uuid;
    elsif v_record is null then
        v_code := p_record;
    end if;
    -- What is found by an index is looked for in all of the log; else a page that finds little ends after so many positions.
    v_until := case when p_record is not null then v_head else least(v_head, v_after + 100000) end;
    select array_agg(e.item order by e.place), max(e.place) into v_items, v_last
    from api.event_items(v_after, v_until, v_noun, v_organization, v_record, v_code, v_limit) e;
    v_last := case when cardinality(v_items) = v_limit then v_last else v_until end;
    return json_build_object('items', coalesce(array_to_json(v_items), '[]'::json),
        'next', case when v_last < v_head then core.cursor_write(api.event_cursor(v_last)) end);
end
$$;
comment on function api.event_list(uuid, text, text, text, text, bigint, text) is 'event.list';

-- Subscriptions. The daemon keeps who subscribed to what, and reads for all of them that see and ask for the same at once.

create function api.event_subscribe(p_caller uuid, p_noun text, p_organization text, p_since text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_noun text := api.event_noun(p_noun);
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_position bigint := api.event_since(p_since, 'since', 'now');
begin
    return json_build_object('view', api.event_view(), 'noun', v_noun, 'organization', v_organization,
        'position', v_position, 'cursor', api.event_cursor(v_position));
end
$$;
comment on function api.event_subscribe(uuid, text, text, text) is 'event.subscribe';

-- The text has its members in this order and without spaces, since the daemon reads the first of them and lends the rest.
create function api.event_page(p_caller uuid, p_view text, p_noun text, p_organization uuid, p_cursor text, p_limit bigint) returns text
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_after bigint := split_part(p_cursor, ':', 1)::bigint;
    v_head bigint := (derive.log_head()).last_position;
    v_until bigint := least(v_head, v_after + 10000);
    v_events text;
    v_count bigint;
    v_last bigint;
begin
    if api.event_view() <> p_view then
        perform core.fail('denied', 'the caller may see other events than when it subscribed', 'since', 'a new subscription');
    end if;
    perform api.event_check(v_after, split_part(p_cursor, ':', 2), 'since');
    select string_agg(e.item::text, ',' order by e.place), count(*), max(e.place) into v_events, v_count, v_last
    from api.event_items(v_after, v_until, p_noun, p_organization, null, null, p_limit) e;
    v_last := case when v_count = p_limit then v_last else v_until end;
    return format('{"after":%s,"position":%s,"cursor":"%s","head":%s,"count":%s,"events":[%s]}', v_after, v_last,
        api.event_cursor(v_last), v_head, v_count, v_events);
end
$$;
comment on function api.event_page(uuid, text, text, uuid, text, bigint) is
    'The next page of a subscription: the events after the cursor that the caller may see and asked for, and the cursor up to which that is all';

create function api.event_head() returns bigint
language plpgsql stable security definer as $$
begin
    return (derive.log_head()).last_position;
end
$$;
comment on function api.event_head() is 'The last position of the log, for the daemon''s subscriptions';
