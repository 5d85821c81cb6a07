-- SPDX-License-Identifier: Apache-2.0
--
-- The steps of an exchange, in the order in which it takes them.

create function api.exchange_submit(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_was core.exchange;
    v_row core.exchange;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_was := api.exchange_lock(p_ref, p_if_version, 'submit');
    update core.exchange e set status = 'under_review' where e.id = v_was.id returning * into v_row;
    perform api.exchange_trace(p_caller, v_was, v_row, null);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_submit is 'exchange.submit';

create function api.exchange_decide(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_approval text, p_decision text, p_decided_on date, p_reference text,
    p_note text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.exchange;
    v_decision text;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.exchange_lock(p_ref, p_if_version, 'decide');
    -- Each side gives its own approval; export control and visa are recorded by the side that heard of them.
    if p_approval = 'home' then
        perform api.own_check('approval', v_row.home_id);
    elsif p_approval = 'host' then
        perform api.own_check('approval', v_row.host_id);
    end if;
    perform api.past_check(p_decided_on, 'decided_on');
    select a.decision into v_decision from core.exchange_approval a where a.exchange_id = v_row.id and a.kind = p_approval;
    insert into core.exchange_approval (exchange_id, kind, decision, decided_on, reference, note, principal_id)
    values (v_row.id, p_approval, p_decision, coalesce(p_decided_on, current_date), p_reference, p_note, p_caller)
    on conflict (exchange_id, kind) do update set
        decision = excluded.decision, decided_on = excluded.decided_on, reference = excluded.reference,
        note = excluded.note, principal_id = excluded.principal_id, recorded_at = excluded.recorded_at;
    insert into core.exchange_step (exchange_id, field, was, became, reason, principal_id)
    values (v_row.id, 'approval_' || p_approval, v_decision, p_decision, p_note, p_caller);
    -- The approval stands in a table of its own; it is a change of the exchange.
    update core.exchange e set updated_at = now() where e.id = v_row.id returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_decide is 'exchange.decide';

create function api.exchange_approvals_check(e core.exchange, p_needed text[]) returns void
language plpgsql stable as $$
declare
    v_refused text;
    v_pending text[] := array(select p.kind from unnest(api.exchange_pending(e)) as p (kind) where p.kind = any (p_needed));
begin
    select string_agg(a.kind, ', ' order by a.kind) into v_refused
    from core.exchange_approval a
    where a.exchange_id = e.id and a.kind = any (e.requires) and a.decision = 'refused';
    if v_refused is not null then
        perform core.fail('invalid_transition', format('the exchange requires an approval that was refused: %s', v_refused),
            'ref', 'an exchange of which no required approval was refused');
    end if;
    if v_pending <> '{}' then
        perform core.fail('invalid_transition',
            format('the exchange lacks approvals that it requires: %s', array_to_string(v_pending, ', ')), 'ref',
            'an exchange whose required approvals are granted, as exchange.decide records them');
    end if;
end
$$;
comment on function api.exchange_approvals_check(core.exchange, text[]) is
    'Ends the call where a required approval was refused, or one of those needed is not granted';

create function api.exchange_approve(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_days_approved bigint, p_reason text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_was core.exchange;
    v_row core.exchange;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    v_was := api.exchange_lock(p_ref, p_if_version, 'approve');
    perform api.exchange_approvals_check(v_was, array['home', 'host']);
    update core.exchange e set
        status = 'approved',
        days_approved = coalesce(p_days_approved, e.days_proposed)
    where e.id = v_was.id
    returning * into v_row;
    perform api.exchange_trace(p_caller, v_was, v_row, p_reason);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_approve is 'exchange.approve';

create function api.exchange_decline(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_reason text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_was core.exchange;
    v_row core.exchange;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_was := api.exchange_lock(p_ref, p_if_version, 'decline');
    update core.exchange e set status = 'declined', reason = p_reason where e.id = v_was.id returning * into v_row;
    perform api.exchange_trace(p_caller, v_was, v_row, p_reason);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_decline is 'exchange.decline';

create function api.exchange_cancel(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_reason text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_was core.exchange;
    v_row core.exchange;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    -- One that has begun is completed with the days it really took.
    v_was := api.exchange_lock(p_ref, p_if_version, 'cancel');
    update core.exchange e set status = 'cancelled', reason = p_reason where e.id = v_was.id returning * into v_row;
    perform api.exchange_trace(p_caller, v_was, v_row, p_reason);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_cancel is 'exchange.cancel';

create function api.exchange_activate(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_started_on date) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_was core.exchange;
    v_row core.exchange;
    v_started date;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_was := api.exchange_lock(p_ref, p_if_version, 'activate');
    perform api.exchange_approvals_check(v_was, v_was.requires);
    v_started := coalesce(p_started_on, lower(v_was.planned));
    perform api.past_check(v_started, 'started_on');
    if v_started >= upper(v_was.planned) then
        perform core.fail('invalid_params', 'the exchange was to be over by then', 'started_on',
            'a day not after the last one planned');
    end if;
    update core.exchange e set
        status = 'active',
        -- It is expected to end as planned, until it does.
        actual = daterange(v_started, upper(e.planned))
    where e.id = v_was.id
    returning * into v_row;
    perform api.exchange_trace(p_caller, v_was, v_row, null);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_activate is 'exchange.activate';

create function api.exchange_took(p_started date, p_ended date) returns daterange
language plpgsql stable as $$
begin
    perform api.past_check(p_started, 'started_on');
    perform api.past_check(p_ended, 'ended_on');
    if p_ended < p_started then
        perform core.fail('invalid_params', 'the end is before the start', 'ended_on', 'a day not before the first');
    end if;
    return daterange(p_started, p_ended, '[]');
end
$$;
comment on function api.exchange_took(date, date) is 'The days that a completed exchange took, both the first and the last included';

create function api.exchange_grant(p_caller uuid, e core.exchange, p_gains jsonb, p_reason text) returns void
language plpgsql as $$
begin
    if coalesce(p_gains, '[]') = '[]' then
        return;
    end if;
    if e.person_id is null then
        perform core.fail('invalid_params', 'a workshop grants no skills', 'gains', 'absent');
    end if;
    insert into core.exchange_objective as o (exchange_id, skill_id, gained_level)
    select e.id, g.skill_id, g.level from api.skill_levels_check(p_gains, 'gains', false) g
    on conflict (exchange_id, skill_id) do update set gained_level = excluded.gained_level;
    insert into core.holding (person_id, skill_id, level, valid, evidence, assessor_id, exchange_id, synthetic)
    select e.person_id, o.skill_id, o.gained_level, daterange(core.last_day(e.actual), null), 'exchange', e.host_id, e.id, e.synthetic
    from core.exchange_objective o
    where o.exchange_id = e.id and o.gained_level is not null;
    insert into core.exchange_step (exchange_id, field, was, became, reason, principal_id)
    select e.id, 'gained', null, s.code || ' ' || o.gained_level, p_reason, p_caller
    from core.exchange_objective o join core.skill s on s.id = o.skill_id
    where o.exchange_id = e.id and o.gained_level is not null
    order by s.code;
end
$$;
comment on function api.exchange_grant(uuid, core.exchange, jsonb, text) is
    'Notes what was gained and grants it as holdings from the last day on, assessed by the host';

create function api.exchange_reverse(p_caller uuid, e core.exchange, p_reason text) returns void
language plpgsql as $$
begin
    insert into core.exchange_step (exchange_id, field, was, became, reason, principal_id)
    select e.id, 'gained', s.code || ' ' || h.level, null, p_reason, p_caller
    from core.holding h join core.skill s on s.id = h.skill_id
    where h.exchange_id = e.id and h.reversed_on is null
    order by s.code;
    update core.holding h set reversed_on = current_date, reversed_reason = p_reason
    where h.exchange_id = e.id and h.reversed_on is null;
    update core.exchange_objective o set gained_level = null, reversed_level = o.gained_level
    where o.exchange_id = e.id and o.gained_level is not null;
end
$$;
comment on function api.exchange_reverse(uuid, core.exchange, text) is
    'Reverses all that an exchange granted, with the reason, and keeps what it was';

create function api.exchange_complete(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_ended_on date, p_started_on date, p_days_actual bigint, p_returned boolean,
    p_outcome text, p_publications text[], p_gains jsonb) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_was core.exchange;
    v_row core.exchange;
    v_took daterange;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_was := api.exchange_lock(p_ref, p_if_version, 'complete');
    v_took := api.exchange_took(coalesce(p_started_on, lower(v_was.actual)), p_ended_on);
    update core.exchange e set
        status = 'completed',
        actual = v_took,
        days_actual = coalesce(p_days_actual, upper(v_took) - lower(v_took)),
        returned = p_returned,
        outcome = p_outcome
    where e.id = v_was.id
    returning * into v_row;
    perform api.exchange_publish(v_row, p_publications);
    perform api.exchange_grant(p_caller, v_row, p_gains, null);
    perform api.exchange_trace(p_caller, v_was, v_row, null);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_complete is 'exchange.complete';

create function api.exchange_correct(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_reason text, p_took_place boolean, p_started_on date, p_ended_on date,
    p_days_actual bigint, p_returned boolean, p_gains jsonb) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_was core.exchange;
    v_row core.exchange;
    v_took daterange;
    v_changed text;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_was := api.exchange_lock(p_ref, p_if_version, 'correct');
    perform api.exchange_reverse(p_caller, v_was, p_reason);
    if coalesce(p_took_place, true) then
        v_took := api.exchange_took(coalesce(p_started_on, lower(v_was.actual)),
            coalesce(p_ended_on, core.last_day(v_was.actual)));
        update core.exchange e set
            actual = v_took,
            days_actual = coalesce(p_days_actual,
                case when num_nonnulls(p_started_on, p_ended_on) > 0 then upper(v_took) - lower(v_took) else e.days_actual end),
            returned = coalesce(p_returned, e.returned),
            corrected_reason = p_reason
        where e.id = v_was.id
        returning * into v_row;
        perform api.exchange_grant(p_caller, v_row, p_gains, p_reason);
    else
        v_changed := case when p_started_on is not null then 'started_on' when p_ended_on is not null then 'ended_on'
            when p_days_actual is not null then 'days_actual' when p_returned is not null then 'returned' when p_gains is not null then 'gains' end;
        if v_changed is not null then
            perform core.fail('invalid_params', 'what did not take place has no days and no gains', v_changed, 'absent');
        end if;
        update core.exchange e set
            status = 'cancelled',
            days_actual = null,
            returned = null,
            reason = p_reason,
            corrected_reason = p_reason
        where e.id = v_was.id
        returning * into v_row;
    end if;
    perform api.exchange_trace(p_caller, v_was, v_row, p_reason);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_correct is 'exchange.correct';
