-- SPDX-License-Identifier: Apache-2.0
--
-- applied ──admit──> admitted ──start──> attending ──complete──> completed
--    └─────> waiting ──^                           └──fail─────> failed
-- Any of the first three ──withdraw──> withdrawn; completed ──correct──> failed or withdrawn.
--
-- Who is admitted to a full session may wait instead; derive.promote admits who waits, in order, as seats come free.
-- Who changes both a session and its enrollments locks the session first.

create function api.enrollment_actions(p_status text) returns text[]
language sql immutable parallel safe as $$
    select case p_status
        when 'applied' then array['admit', 'withdraw']
        when 'waiting' then array['admit', 'withdraw']
        when 'admitted' then array['start', 'withdraw']
        when 'attending' then array['complete', 'fail', 'withdraw']
        when 'completed' then array['correct']
        else '{}'::text[] end
$$;
comment on function api.enrollment_actions(text) is 'What can be done with an enrollment in this status';

create function api.enrollment_next_code() returns text
language plpgsql as $$
declare
    v_code text;
begin
    loop
        v_code := core.numbered('EN-', nextval('core.enrollment_number'), 6);
        exit when not derive.code_taken('enrollment', v_code);
    end loop;
    return v_code;
end
$$;
comment on function api.enrollment_next_code() is 'The next numbered code that no enrollment has';

create function api.enrollment_check(p_path text, p_session uuid, p_person uuid) returns void
language plpgsql stable as $$
begin
    if exists (select from core.session s join core.program p on p.id = s.program_id
               where s.id = p_session and p.provider_id = core.caller_records()) then
        return;
    end if;
    perform api.kept_check(p_path, p_person);
end
$$;
comment on function api.enrollment_check(text, uuid, uuid) is
    'Ends the call with denied where a coordinator''s organization neither gives the program nor, where a person is given, keeps that record';

create function api.enrollment_lock(p_ref text, p_if_version bigint, p_action text) returns core.enrollment
language plpgsql as $$
declare
    v_id uuid;
    v_row core.enrollment;
begin
    v_id := api.enrollment_ref(p_ref, 'ref');
    perform api.enrollment_check('ref', e.session_id, case when p_action = 'withdraw' then e.person_id end)
    from core.enrollment e where e.id = v_id;
    if p_action in ('withdraw', 'correct') then
        -- A seat may come free, and goes to the next who waits.
        perform from core.session s where s.id = (select e.session_id from core.enrollment e where e.id = v_id) for no key update;
    end if;
    select * into v_row from core.enrollment e where e.id = v_id for no key update;
    perform core.check_version(p_if_version, v_row.version);
    perform api.transition_check('enrollment', v_row.status, p_action, api.enrollment_actions(v_row.status));
    return v_row;
end
$$;
comment on function api.enrollment_lock(text, bigint, text) is
    'The enrollment, locked, after its version and status were found to allow the action';

create function api.enrollment_missing(e core.enrollment)
returns table (skill_id uuid, level smallint)
language sql stable as $$
    select k.skill_id, k.level
    from core.session s
    join core.program_skill k on k.program_id = s.program_id and k.relation = 'requires'
    where s.id = e.session_id and not exists (
        select from derive.timeline t
        where t.person_id = e.person_id and t.skill_id = k.skill_id and t.days @> lower(s.held) and t.level_verified >= k.level)
$$;
comment on function api.enrollment_missing(core.enrollment) is
    'What the program requires and the person will not hold on the session''s first day, by evidence other than their own word';

create function api.waiting_place(p_session uuid, p_number bigint) returns bigint
language sql stable as $$
    select case when p_number is not null and exists (
            select from core.session s join core.program p on p.id = s.program_id
            where s.id = p_session and api.session_counts(p.provider_id)) then (
        select count(*) from core.enrollment e
        where e.session_id = p_session and e.status = 'waiting' and e.waiting_number <= p_number) end
$$;
comment on function api.waiting_place(uuid, bigint) is
    'Place on a session''s waiting list, from 1, for who may be told how many people are in the session; null for who does not wait';

create function api.enrollment_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_session text, p_person text, p_code text, p_applied_on date, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_session core.session;
    v_person uuid;
    v_row core.enrollment;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    -- Shared with other applications; a cancellation waits, and is then seen.
    select * into v_session from core.session s where s.id = api.session_ref(p_session, 'session') for share;
    if v_session.status = 'cancelled' then
        perform core.fail('invalid_transition', 'the session is cancelled', 'session', 'a session that is held');
    end if;
    perform api.past_check(p_applied_on, 'applied_on');
    v_person := api.person_ref(p_person, 'person');
    perform api.enrollment_check('person', v_session.id, v_person);
    if p_applied_on >= upper(v_session.held) then
        perform core.fail('invalid_params', 'the session was over by then', 'applied_on', 'a day not after the session''s last');
    end if;
    insert into core.enrollment (code, session_id, person_id, applied_on, synthetic)
    values (coalesce(p_code, api.enrollment_next_code()), v_session.id, v_person,
        coalesce(p_applied_on, least(current_date, upper(v_session.held) - 1)), coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.enrollment_create is 'enrollment.create';

create function api.enrollment_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_id uuid := api.enrollment_ref(p_ref, 'ref');
    v_personal boolean;
begin
    v_personal := coalesce((
        select derive.people_gate(array[e.person_id], null, null, 'enrollment.get') <> '{}'
        from core.enrollment e where e.id = v_id and e.person_id is not null), false);
    return (
        select json_build_object('id', e.id, 'code', e.code, 'person', api.person_brief(e.person_id, p_lang),
            'session', api.session_brief(s.id), 'program', api.program_brief(s.program_id, p_lang),
            'status', e.status, 'actions', api.enrollment_actions(e.status),
            'missing', case when e.status in ('applied', 'waiting') then (
                select coalesce(json_agg(json_build_object('skill', api.skill_brief(m.skill_id, p_lang), 'level', m.level)), '[]'::json)
                from api.enrollment_missing(e) m) end,
            'applied_on', e.applied_on, 'completed_on', e.completed_on, 'attendance', trim_scale(e.attendance),
            'result', case when v_personal then e.result end,
            'certificate_number', case when v_personal then e.certificate_number end, 'pseudonymous', not v_personal,
            'waiting_place', api.waiting_place(e.session_id, e.waiting_number), 'admitted_at', e.admitted_at,
            'prerequisites_waived', e.prerequisites_waived,
            'waived_by', (select json_build_object('id', r.id, 'name', r.name) from core.principal r where r.id = e.waived_by_id),
            'waived_at', e.waived_at, 'corrected_reason', e.corrected_reason,
            'granted', (
                select coalesce(json_agg(json_build_object('id', h.id, 'skill', api.skill_brief(h.skill_id, p_lang),
                    'level', h.level, 'starts', lower(h.valid), 'reversed_on', h.reversed_on,
                    'reversed_reason', h.reversed_reason) order by h.id), '[]'::json)
                from core.holding h where h.enrollment_id = e.id),
            'synthetic', e.synthetic, 'version', e.version, 'created_at', e.created_at, 'updated_at', e.updated_at)
        from core.enrollment e join core.session s on s.id = e.session_id
        where e.id = v_id);
end
$$;
comment on function api.enrollment_get is 'enrollment.get';

create function api.enrollment_list(p_caller uuid, p_session text, p_program text, p_provider text, p_person text,
    p_status text, p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer set plan_cache_mode = force_custom_plan as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_session uuid := api.session_ref(p_session, 'session');
    v_program uuid := api.program_ref(p_program, 'program');
    v_provider uuid := api.organization_ref(p_provider, 'provider');
    v_person uuid := api.person_ref(p_person, 'person');
begin
    return (
        select core.page(array_agg(json_build_object('id', e.id, 'code', e.code, 'person', api.person_brief(e.person_id, p_lang),
                'program', api.program_brief(e.program_id, p_lang), 'session', api.session_brief(e.session_id),
                'status', e.status, 'waiting_place', api.waiting_place(e.session_id, e.waiting_number), 'applied_on', e.applied_on,
                'completed_on', case when e.status = 'completed' then e.completed_on end,
                'synthetic', e.synthetic, 'version', e.version) order by e.code), v_limit, max(e.code))
        from (select x.*, s.program_id
              from core.enrollment x
              join core.session s on s.id = x.session_id
              join core.program p on p.id = s.program_id
              where (v_after is null or x.code > v_after)
                  and (v_session is null or x.session_id = v_session)
                  and (v_program is null or s.program_id = v_program)
                  and (v_provider is null or p.provider_id = v_provider)
                  and (v_person is null or x.person_id = v_person)
                  and (p_status is null or x.status = p_status)
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.code limit v_limit) e);
end
$$;
comment on function api.enrollment_list is 'enrollment.list';

create function api.enrollment_admit(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_or_wait boolean, p_prerequisites_waived text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_id uuid;
    v_session core.session;
    v_seats record;
    v_row core.enrollment;
    v_missing bigint;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_id := api.enrollment_ref(p_ref, 'ref');
    -- Seats are counted under the session's lock, so that two admissions cannot both take the last one.
    select * into v_session from core.session s
    where s.id = (select e.session_id from core.enrollment e where e.id = v_id) for no key update;
    v_row := api.enrollment_lock(p_ref, p_if_version, 'admit');
    if v_session.status = 'cancelled' then
        perform core.fail('invalid_transition', 'the session is cancelled', 'ref', 'an enrollment in a session that is held');
    end if;
    select * into v_seats from api.session_seats(v_session.id);
    if v_seats.taken >= v_seats.capacity and v_row.status = 'waiting' then
        perform core.fail('conflict', format('session %s is full, and the person is on its waiting list', v_session.code),
            'ref', 'an enrollment in a session that has a seat left');
    elsif v_seats.taken >= v_seats.capacity and not coalesce(p_or_wait, false) then
        perform core.fail('conflict', format('session %s is full: all %s seats are taken', v_session.code, v_seats.capacity),
            'ref', 'an enrollment in a session that has a seat left, or or_wait to take a place on its waiting list');
    end if;
    select count(*) into v_missing from api.enrollment_missing(v_row) m;
    if v_missing > 0 and num_nonnulls(p_prerequisites_waived, v_row.prerequisites_waived) = 0 then
        perform core.fail('conflict', 'the person does not hold all skills that the program requires, as enrollment.get shows',
            'prerequisites_waived', 'a reason to admit the person without them');
    end if;
    update core.enrollment e set
        status = case when v_seats.taken >= v_seats.capacity then 'waiting' else 'admitted' end,
        prerequisites_waived = case when v_missing > 0 then coalesce(p_prerequisites_waived, e.prerequisites_waived) end,
        waived_by_id = case when v_missing > 0 then case when p_prerequisites_waived is null then e.waived_by_id else p_caller end end,
        waived_at = case when v_missing > 0 then case when p_prerequisites_waived is null then e.waived_at else now() end end
    where e.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.enrollment_admit is 'enrollment.admit';

create function api.enrollment_start(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.enrollment;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.enrollment_lock(p_ref, p_if_version, 'start');
    update core.enrollment e set status = 'attending' where e.id = v_row.id returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.enrollment_start is 'enrollment.start';

create function api.enrollment_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_attendance numeric, p_result text, p_certificate_number text, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_id uuid;
    v_row core.enrollment;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_id := api.enrollment_ref(p_ref, 'ref');
    perform api.enrollment_check('ref', e.session_id, null) from core.enrollment e where e.id = v_id;
    select * into v_row from core.enrollment e where e.id = v_id for no key update;
    perform core.check_version(p_if_version, v_row.version);
    update core.enrollment e set
        attendance = core.patch(p_attendance, e.attendance, 'attendance' = any (p_clear)),
        result = core.patch(p_result, e.result, 'result' = any (p_clear)),
        certificate_number = core.patch(p_certificate_number, e.certificate_number, 'certificate_number' = any (p_clear))
    where e.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.enrollment_update is 'enrollment.update';

create function api.enrollment_complete(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_completed_on date, p_result text, p_certificate_number text,
    p_attendance numeric) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.enrollment;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.enrollment_lock(p_ref, p_if_version, 'complete');
    perform api.past_check(p_completed_on, 'completed_on');
    if exists (select from core.session s where s.id = v_row.session_id and p_completed_on < lower(s.held)) then
        perform core.fail('invalid_params', 'the session had not begun by then', 'completed_on',
            'a day not before the session''s first');
    end if;
    update core.enrollment e set
        status = 'completed',
        completed_on = p_completed_on,
        result = coalesce(p_result, e.result),
        certificate_number = coalesce(p_certificate_number, e.certificate_number),
        attendance = coalesce(p_attendance, e.attendance)
    where e.id = v_row.id
    returning * into v_row;
    insert into core.holding (person_id, skill_id, level, valid, evidence, assessor_id, enrollment_id, synthetic)
    select v_row.person_id, k.skill_id, k.level, daterange(p_completed_on, null), 'training', p.provider_id, v_row.id, v_row.synthetic
    from core.session s
    join core.program p on p.id = s.program_id
    join core.program_skill k on k.program_id = p.id and k.relation = 'teaches'
    where s.id = v_row.session_id;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.enrollment_complete is 'enrollment.complete';

create function api.enrollment_withdraw(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.enrollment;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.enrollment_lock(p_ref, p_if_version, 'withdraw');
    update core.enrollment e set status = 'withdrawn' where e.id = v_row.id returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.enrollment_withdraw is 'enrollment.withdraw';

create function api.enrollment_fail(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_result text, p_attendance numeric) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.enrollment;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.enrollment_lock(p_ref, p_if_version, 'fail');
    update core.enrollment e set
        status = 'failed',
        result = coalesce(p_result, e.result),
        attendance = coalesce(p_attendance, e.attendance)
    where e.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.enrollment_fail is 'enrollment.fail';

create function api.enrollment_correct(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_reason text, p_status text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.enrollment;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.enrollment_lock(p_ref, p_if_version, 'correct');
    update core.holding h set reversed_on = current_date, reversed_reason = p_reason
    where h.enrollment_id = v_row.id and h.reversed_on is null;
    update core.enrollment e set
        status = coalesce(p_status, 'failed'),
        corrected_reason = p_reason
    where e.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.enrollment_correct is 'enrollment.correct';
