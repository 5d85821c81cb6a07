-- SPDX-License-Identifier: Apache-2.0

create function api.session_next_code() returns text
language plpgsql as $$
declare
    v_code text;
begin
    loop
        v_code := core.numbered('SE-', nextval('core.session_number'), 5);
        exit when not exists (select from core.session s where s.code = v_code);
    end loop;
    return v_code;
end
$$;
comment on function api.session_next_code() is 'The next numbered code that no session has';

create function api.session_seats(p_id uuid, out capacity integer, out taken integer)
language sql stable as $$
    select coalesce(s.capacity, p.capacity),
        (select count(*) from core.enrollment e
         where e.session_id = s.id and e.status in ('admitted', 'attending', 'completed', 'failed'))::integer
    from core.session s join core.program p on p.id = s.program_id
    where s.id = p_id
$$;
comment on function api.session_seats(uuid) is
    'How many seats a session has (null: no limit) and how many are taken: by who was admitted and has not withdrawn';

create function api.session_seats_shown(p_id uuid, p_provider uuid, out capacity integer, out taken integer)
language sql stable as $$
    select t.capacity, case when api.session_counts(p_provider) then t.taken end from api.session_seats(p_id) t
$$;
comment on function api.session_seats_shown(uuid, uuid) is
    'The seats of a session for an answer: how many are taken stays empty for who may not be told';

create function api.session_brief(p_id uuid) returns json
language sql stable as $$
    select json_build_object('id', s.id, 'code', s.code, 'starts', lower(s.held), 'ends', core.last_day(s.held))
    from core.session s where s.id = p_id
$$;
comment on function api.session_brief(uuid) is 'How a session stands inside another record: id, code, first and last day';

create function api.session_actions(p_status text) returns text[]
language sql immutable parallel safe as $$
    select case p_status
        when 'planned' then array['open', 'running', 'ended', 'cancel']
        when 'open' then array['planned', 'running', 'ended', 'cancel']
        when 'running' then array['ended', 'cancel']
        when 'ended' then array['running']
        else '{}'::text[] end
$$;
comment on function api.session_actions(text) is
    'What can be done with a session in this status: the statuses that may follow, and whether it can be cancelled';

create function api.session_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_program text, p_starts date, p_ends date, p_code text, p_capacity bigint, p_location text, p_status text, p_cost numeric,
    p_note text, p_source text, p_unverified boolean, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_program uuid;
    v_row core.session;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_program := api.program_ref(p_program, 'program');
    perform api.own_check('program', p.provider_id) from core.program p where p.id = v_program;
    insert into core.session (code, program_id, held, capacity, location, status, cost, note, source, unverified, synthetic)
    values (coalesce(p_code, api.session_next_code()), v_program, core.days(p_starts, p_ends),
        p_capacity, p_location, coalesce(p_status, 'planned'), p_cost, p_note, p_source,
        coalesce(p_unverified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.session_create is 'session.create';

create function api.session_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_id uuid := api.session_ref(p_ref, 'ref');
begin
    return (
        select json_build_object('id', s.id, 'code', s.code, 'program', api.program_brief(p.id, p_lang),
            'provider', api.organization_brief(p.provider_id, p_lang),
            'starts', lower(s.held), 'ends', core.last_day(s.held), 'location', s.location, 'status', s.status,
            'capacity', t.capacity, 'taken', t.taken, 'left',
            case when num_nulls(t.capacity, t.taken) = 0 then greatest(t.capacity - t.taken, 0) end,
            'fill_rate', round(t.taken::numeric / t.capacity, 3),
            'applied', case when api.session_counts(p.provider_id) then (
                select count(*) from core.enrollment e where e.session_id = s.id and e.status = 'applied') end,
            'waiting', case when api.session_counts(p.provider_id) then (
                select count(*) from core.enrollment e where e.session_id = s.id and e.status = 'waiting') end,
            'cost', trim_scale(s.cost), 'currency', p.currency, 'cost_per_person', round(s.cost / nullif(t.taken, 0), 2), 'cancelled_reason', s.cancelled_reason,
            'note', s.note, 'source', s.source, 'unverified', s.unverified, 'synthetic', s.synthetic,
            'version', s.version, 'created_at', s.created_at, 'updated_at', s.updated_at)
        from core.session s
        join core.program p on p.id = s.program_id
        cross join lateral api.session_seats_shown(s.id, p.provider_id) t
        where s.id = v_id);
end
$$;
comment on function api.session_get is 'session.get';

create function api.session_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_starts date, p_ends date, p_capacity bigint, p_location text, p_status text,
    p_cost numeric, p_note text, p_source text, p_unverified boolean, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.session;
    v_seats record;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    select * into v_row from core.session s where s.id = api.session_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    perform api.own_check('ref', p.provider_id) from core.program p where p.id = v_row.program_id;
    if p_status <> v_row.status then
        perform api.transition_check('session', v_row.status, p_status, array_remove(api.session_actions(v_row.status), 'cancel'));
    end if;
    update core.session s set
        held = core.days(coalesce(p_starts, lower(s.held)), coalesce(p_ends, core.last_day(s.held))),
        capacity = core.patch(p_capacity::integer, s.capacity, 'capacity' = any (p_clear)),
        location = core.patch(p_location, s.location, 'location' = any (p_clear)),
        status = coalesce(p_status, s.status),
        cost = core.patch(p_cost, s.cost, 'cost' = any (p_clear)),
        note = core.patch(p_note, s.note, 'note' = any (p_clear)),
        source = core.patch(p_source, s.source, 'source' = any (p_clear)),
        unverified = coalesce(p_unverified, s.unverified)
    where s.id = v_row.id
    returning * into v_row;
    select * into v_seats from api.session_seats(v_row.id);
    if (p_capacity is not null or 'capacity' = any (p_clear)) and v_seats.taken > v_seats.capacity then
        perform core.fail('conflict', format('%s seats of the session are taken', v_seats.taken), 'capacity',
            'no fewer seats than are taken');
    end if;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.session_update is 'session.update';

create function api.session_cancel(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_reason text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.session;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    select * into v_row from core.session s where s.id = api.session_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    perform api.own_check('ref', p.provider_id) from core.program p where p.id = v_row.program_id;
    perform api.transition_check('session', v_row.status, 'cancel', api.session_actions(v_row.status));
    update core.enrollment e set status = 'withdrawn'
    where e.session_id = v_row.id and e.status in ('applied', 'waiting', 'admitted', 'attending');
    -- Looked at after the update, which waits for completions that are under way.
    if exists (select from core.enrollment e where e.session_id = v_row.id and e.status = 'completed') then
        perform core.fail('conflict', 'somebody has completed the session, so it was held', 'ref',
            'a session that nobody has completed');
    end if;
    update core.session s set status = 'cancelled', cancelled_reason = p_reason where s.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.session_cancel is 'session.cancel';

create function api.session_list(p_caller uuid, p_program text, p_provider text, p_from date, p_to date, p_status text,
    p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer set plan_cache_mode = force_custom_plan as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_program uuid := api.program_ref(p_program, 'program');
    v_provider uuid := api.organization_ref(p_provider, 'provider');
    v_days daterange := case when num_nonnulls(p_from, p_to) > 0 then core.days(p_from, p_to) end;
begin
    return (
        select core.page(array_agg(json_build_object('id', s.id, 'code', s.code, 'program', api.program_brief(s.program_id, p_lang),
                'starts', lower(s.held), 'ends', core.last_day(s.held), 'location', s.location, 'status', s.status,
                'capacity', t.capacity, 'taken', t.taken,
                'unverified', s.unverified, 'synthetic', s.synthetic, 'version', s.version) order by s.code), v_limit, max(s.code))
        from (select x.*, p.provider_id
              from core.session x join core.program p on p.id = x.program_id
              where (v_after is null or x.code > v_after)
                  and (v_program is null or x.program_id = v_program)
                  and (v_provider is null or p.provider_id = v_provider)
                  and (v_days is null or x.held && v_days)
                  and (p_status is null or x.status = p_status)
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.code limit v_limit) s
        cross join lateral api.session_seats_shown(s.id, s.provider_id) t);
end
$$;
comment on function api.session_list is 'session.list';
