-- SPDX-License-Identifier: Apache-2.0
--
-- The calendar of exchanges: plans and reports handed in, notices of change and what was decided on them, and what is
-- late or near. When what is due, the scheme says (core.scheme); api.exchange_deadlines works it out for one exchange.

create function api.exchange_hand_in(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_document text, p_handed_in_on date, p_note text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.exchange;
    v_on date := coalesce(p_handed_in_on, current_date);
    v_before date;
    v_due date;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.exchange_lock(p_ref, p_if_version, null);
    perform api.past_check(v_on, 'handed_in_on');
    if p_document = 'plan' and v_row.status in ('completed', 'declined', 'cancelled') then
        perform core.fail('invalid_transition', format('the exchange is %s, and its plan is past', v_row.status), 'document',
            'a plan of an exchange that is still to come or under way');
    elsif p_document = 'report' and v_row.status <> 'completed' then
        perform core.fail('invalid_transition', format('the exchange is %s, and is reported on once it is completed',
            replace(v_row.status, '_', ' ')), 'document', 'a report on a completed exchange');
    elsif p_document = 'report' and v_on < core.last_day(v_row.actual) then
        perform core.fail('invalid_params', 'the report would be from before the return', 'handed_in_on',
            format('a day not before %s', core.last_day(v_row.actual)));
    end if;
    select max(n.filed_on) into v_before from core.exchange_notice n where n.exchange_id = v_row.id and n.kind = p_document;
    select case p_document when 'plan' then (lower(v_row.planned) - make_interval(months => s.plan_months_before))::date
            else core.last_day(v_row.actual) + s.report_days_after end
        into v_due
    from core.scheme s where s.id = v_row.scheme_id;
    insert into core.exchange_notice (exchange_id, kind, filed_on, due_on, note, principal_id)
    values (v_row.id, p_document, v_on, v_due, p_note, p_caller);
    insert into core.exchange_step (exchange_id, field, was, became, reason, principal_id)
    values (v_row.id, p_document, v_before::text, v_on::text, p_note, p_caller);
    -- What was handed in stands in a table of its own; it is a change of the exchange.
    update core.exchange e set updated_at = now() where e.id = v_row.id returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_hand_in is 'exchange.hand_in';

-- Changes -----------------------------------------------------------------------------------------

create function api.exchange_change_notice(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_changes text, p_filed_on date, p_starts date, p_ends date, p_days bigint,
    p_due_on date, p_note text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.exchange;
    v_on date := coalesce(p_filed_on, current_date);
    v_planned daterange;
    v_due date;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.exchange_lock(p_ref, p_if_version, null);
    perform api.past_check(v_on, 'filed_on');
    if v_row.status not in ('approved', 'active') then
        perform core.fail('invalid_transition', format('the exchange is %s, where no notice of change is needed or possible',
            replace(v_row.status, '_', ' ')), 'ref', 'an exchange that is approved or active');
    end if;
    if p_starts is not null and v_row.status = 'active' then
        perform core.fail('invalid_params', 'the exchange has begun', 'starts', 'absent');
    end if;
    if p_days > v_row.days_approved then
        perform core.fail('invalid_params', 'a change never gives more days than were approved', 'days',
            format('at most %s', v_row.days_approved));
    end if;
    if num_nonnulls(p_starts, p_ends) > 0 then
        v_planned := core.days(coalesce(p_starts, lower(v_row.planned)), coalesce(p_ends, core.last_day(v_row.planned)));
        if upper(v_planned) - lower(v_planned) > 3660 then
            perform core.fail('invalid_params', 'the exchange would be too long', 'ends', 'at most 3660 days after the start');
        end if;
    end if;
    if p_days > upper(coalesce(v_planned, v_row.planned)) - lower(coalesce(v_planned, v_row.planned)) then
        perform core.fail('invalid_params', 'these are more days than there are from the first to the last', 'days',
            format('at most %s', upper(coalesce(v_planned, v_row.planned)) - lower(coalesce(v_planned, v_row.planned))));
    end if;
    -- By then it must be decided: before the earlier of the two starts; under way, before the new end.
    select case v_row.status when 'approved' then least(lower(v_row.planned), lower(v_planned))
            else least(core.last_day(v_row.held), core.last_day(v_planned)) end - s.change_days_before
        into v_due
    from core.scheme s where s.id = v_row.scheme_id;
    insert into core.exchange_notice (exchange_id, kind, filed_on, due_on, changes, planned, days, note, principal_id)
    values (v_row.id, 'change', v_on, coalesce(p_due_on, v_due), p_changes, v_planned, p_days, p_note, p_caller);
    insert into core.exchange_step (exchange_id, field, was, became, reason, principal_id)
    values (v_row.id, 'change', null, 'filed', p_changes, p_caller);
    update core.exchange e set updated_at = now() where e.id = v_row.id returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_change_notice is 'exchange.change_notice';

create function api.exchange_notice_undecided(p_exchange uuid, p_notice uuid) returns core.exchange_notice
language plpgsql stable as $$
declare
    v_notices uuid[] := array(
        select n.id from core.exchange_notice n
        where n.exchange_id = p_exchange and n.kind = 'change' and n.decision is null
        order by n.id);
    v_row core.exchange_notice;
begin
    if p_notice is not null and not exists (
        select from core.exchange_notice n where n.id = p_notice and n.exchange_id = p_exchange and n.kind = 'change') then
        perform core.fail('not_found', 'the exchange has no such notice of change', 'notice',
            'the id of a notice, as exchange.get shows');
    end if;
    if v_notices = '{}' or p_notice <> all (v_notices) then
        perform core.fail('invalid_transition', case when p_notice is null then 'the exchange has no notice of change to decide'
            else 'the notice is decided already' end, coalesce(case when p_notice is not null then 'notice' end, 'ref'),
            'a notice of change that is not decided');
    end if;
    if p_notice is null and cardinality(v_notices) > 1 then
        perform core.fail('invalid_params', 'several notices of change are not decided', 'notice',
            format('one of %s', array_to_string(v_notices, ', ')));
    end if;
    select * into v_row from core.exchange_notice n where n.id = coalesce(p_notice, v_notices[1]);
    return v_row;
end
$$;
comment on function api.exchange_notice_undecided(uuid, uuid) is
    'The notice of change of an exchange that is to be decided: this one, or the only one there is';

create function api.exchange_decide_change(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_notice uuid, p_decision text, p_decided_on date, p_note text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_was core.exchange;
    v_row core.exchange;
    v_notice core.exchange_notice;
    v_on date := coalesce(p_decided_on, current_date);
    v_planned daterange;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    v_was := api.exchange_lock(p_ref, p_if_version, null);
    perform api.past_check(v_on, 'decided_on');
    v_notice := api.exchange_notice_undecided(v_was.id, p_notice);
    if v_on < v_notice.filed_on then
        perform core.fail('invalid_params', 'the decision would be from before the notice', 'decided_on',
            format('a day not before %s', v_notice.filed_on));
    end if;
    if p_decision = 'accepted' and (v_was.status not in ('approved', 'active')
            or v_was.status = 'active' and lower(v_notice.planned) <> lower(v_was.planned)) then
        perform core.fail('invalid_transition', format('the exchange is %s, and its plan changes no more', v_was.status), 'decision',
            'refused');
    end if;
    update core.exchange_notice n set decision = p_decision, decided_on = v_on, decision_note = p_note, decided_by = p_caller
    where n.id = v_notice.id;
    insert into core.exchange_step (exchange_id, field, was, became, reason, principal_id)
    values (v_was.id, 'change', 'filed', p_decision, p_note, p_caller);
    v_planned := case when p_decision = 'accepted' then coalesce(v_notice.planned, v_was.planned) else v_was.planned end;
    update core.exchange e set
        planned = v_planned,
        actual = case when e.status = 'active' and v_planned <> e.planned
            then daterange(lower(e.actual), greatest(upper(v_planned), lower(e.actual) + 1)) else e.actual end,
        -- Never more than were approved, nor more than there are days.
        days_approved = case when p_decision = 'accepted' then least(e.days_approved, v_notice.days, upper(v_planned) - lower(v_planned))
            else e.days_approved end,
        updated_at = now()
    where e.id = v_was.id
    returning * into v_row;
    perform api.exchange_trace(p_caller, v_was, v_row, coalesce(p_note, v_notice.changes));
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_decide_change is 'exchange.decide_change';

-- Late and near -----------------------------------------------------------------------------------

create function api.exchange_due(p_caller uuid, p_as_of date, p_within bigint, p_state text, p_due text, p_organization text,
    p_committee text, p_scheme text, p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer set plan_cache_mode = force_custom_plan as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_as_of date := coalesce(p_as_of, current_date);
    v_until date := v_as_of + coalesce(p_within, 30)::integer;
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_committee uuid := api.committee_ref(p_committee, 'committee');
    v_scheme uuid := api.scheme_ref(p_scheme, 'scheme');
begin
    return (
        select core.page(array_agg(json_build_object('due', x.due, 'due_on', x.due_on, 'days_left', x.due_on - v_as_of,
                'state', case when x.due_on < v_as_of then 'late' else 'near' end, 'detail', x.detail,
                'id', x.id, 'code', x.code, 'kind', x.kind, 'title', core.label(x.title_en, x.title_ja, p_lang), 'status', x.status,
                'person', api.person_brief(x.person_id, p_lang), 'key_person', api.person_brief(x.key_person_id, p_lang),
                'home', api.organization_brief(x.home_id, p_lang), 'host', api.organization_brief(x.host_id, p_lang),
                'committee', api.committee_brief(x.committee_id, p_lang), 'scheme', api.scheme_brief(x.scheme_id, p_lang),
                'starts', lower(x.held), 'ends', core.last_day(x.held), 'source', x.rule_source, 'synthetic', x.synthetic)
                order by x.key collate "C"), v_limit, max(x.key collate "C"))
        from (select e.*, d.due, d.due_on, d.detail, d.source as rule_source, d.key
              from core.exchange e
              cross join lateral (
                  -- Two notices of change may be due on one day.
                  select y.*, to_char(y.due_on, 'YYYY-MM-DD') || ' ' || e.code || ' ' || y.due || ' '
                      || row_number() over (partition by y.due, y.due_on) as key
                  from api.exchange_deadlines(e) y) d
              where e.id in (
                      -- Of those completed only a report can be due.
                      select o.id from core.exchange o where o.status in ('proposed', 'under_review', 'approved', 'active')
                      union all
                      select c.id from core.exchange c
                      where c.status = 'completed' and c.scheme_id is not null and not c.erased and not exists (
                          select from core.exchange_notice n where n.exchange_id = c.id and n.kind = 'report'))
                  and (v_organization is null or v_organization in (e.home_id, e.host_id))
                  and (v_committee is null or e.committee_id = v_committee)
                  and (v_scheme is null or e.scheme_id = v_scheme)
                  and (p_synthetic is null or e.synthetic = p_synthetic)
                  and d.due_on <= v_until
                  and (p_due is null or d.due = p_due)
                  and (p_state is null or (d.due_on < v_as_of) = (p_state = 'late'))
                  and (v_after is null or d.key collate "C" > v_after)
              order by d.key collate "C" limit v_limit) x);
end
$$;
comment on function api.exchange_due is 'exchange.due';
