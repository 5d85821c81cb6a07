-- SPDX-License-Identifier: Apache-2.0
--
-- Recorded gaps: declared by somebody, or computed as gap.matrix computes them and frozen with what they were computed
-- from. The supply of a computed gap is what its maker may see, by derive.publish; computed from live figures its size
-- stays with the organization that it counts. open ──> being_closed ──> closed or accepted; open ──> accepted; back to open with a reason.

create function api.gap_next_code() returns text
language plpgsql as $$
declare
    v_code text;
begin
    loop
        v_code := core.numbered('GAP-' || extract(year from now()) || '-', nextval('core.gap_number'), 4);
        exit when not exists (select from core.gap g where g.code = v_code);
    end loop;
    return v_code;
end
$$;
comment on function api.gap_next_code() is 'The next numbered code that no gap has';

create function api.gap_statuses(p_status text) returns text[]
language sql immutable parallel safe as $$
    select case p_status
        when 'open' then array['being_closed', 'accepted']
        when 'being_closed' then array['closed', 'accepted', 'open']
        else array['open'] end
$$;
comment on function api.gap_statuses(text) is 'The statuses that may follow this one';

create function api.gap_shown(g core.gap) returns boolean
language sql stable as $$
    -- Computed from live figures, without a release, its size counts people as they are.
    select g.basis <> 'computed' or g.parameters ->> 'release' is not null
        or v.live or coalesce(g.organization_id = v.own_id, false)
    from derive.publication(current_date, null) v
$$;
comment on function api.gap_shown(core.gap) is
    'Whether the caller may see a gap''s size: one computed from live figures shows it to its own organization and administrators alone';

create function api.gap_json(g core.gap, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', g.id, 'code', g.code, 'skill', api.skill_brief(g.skill_id, p_lang), 'level', g.level,
        'country', g.country, 'organization', api.organization_brief(g.organization_id, p_lang), 'year', g.year,
        'size_fte', case when x.shown then trim_scale(g.size_fte) end, 'severity', case when x.shown then g.severity end,
        'hidden', not x.shown,
        'status', g.status, 'status_reason', g.status_reason, 'statuses', api.gap_statuses(g.status),
        'basis', g.basis, 'parameters', case when x.shown then g.parameters else g.parameters - array['supply', 'coverage'] end,
        'owner', api.organization_brief(g.owner_id, p_lang),
        'actions', x.actions, 'expected_fte', trim_scale(x.expected), 'actual_fte', trim_scale(x.actual),
        'uncovered_fte', case when x.shown then trim_scale(greatest(g.size_fte - x.expected, 0)) end,
        'remaining_fte', case when x.shown then trim_scale(greatest(g.size_fte - x.actual, 0)) end,
        'note', g.note, 'source', g.source, 'unverified', g.unverified, 'synthetic', g.synthetic,
        'version', g.version, 'created_at', g.created_at, 'updated_at', g.updated_at)
    from (
        select coalesce(json_agg(json_build_object('id', a.id, 'program', api.program_brief(a.program_id, p_lang),
                'exchange', api.exchange_brief(a.exchange_id, p_lang), 'plan', (
                    select json_build_object('id', p.id, 'code', p.code, 'kind', i.kind, 'home_country', i.home_country,
                        'host_country', i.host_country, 'year', i.year, 'times', i.times)
                    from core.plan_item i join core.plan p on p.id = i.plan_id where i.id = a.plan_item_id), 'contribution_fte', trim_scale(a.contribution_fte),
                'expected_on', a.expected_on, 'actual_fte', trim_scale(a.actual_fte), 'note', a.note,
                'version', a.version) order by a.expected_on, a.id), '[]'::json) as actions,
            api.gap_shown(g) as shown, coalesce(sum(a.contribution_fte), 0) as expected, coalesce(sum(a.actual_fte), 0) as actual
        from core.gap_action a where a.gap_id = g.id) x
$$;
comment on function api.gap_json(core.gap, text) is 'A gap as it is answered, with its actions and what remains';

create function api.gap_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_skill text, p_level bigint, p_year bigint, p_size_fte numeric, p_severity text, p_country text, p_organization text,
    p_code text, p_owner text, p_note text, p_source text, p_unverified boolean, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.gap;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.own_check('organization', api.organization_ref(p_organization, 'organization'));
    insert into core.gap (code, skill_id, level, country, organization_id, year, size_fte, severity, owner_id,
        note, source, unverified, synthetic)
    values (coalesce(p_code, api.gap_next_code()), api.skill_ref(p_skill, 'skill'), p_level, p_country,
        api.organization_ref(p_organization, 'organization'), p_year, p_size_fte, p_severity,
        api.organization_ref(p_owner, 'owner'), p_note, p_source, coalesce(p_unverified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.gap_create is 'gap.create';

create function api.gap_record(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_skill text, p_level bigint, p_as_of date, p_country text, p_organization text, p_scenario text, p_evidence text,
    p_associations boolean, p_release text, p_severity text, p_code text, p_owner text, p_note text, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_skill uuid;
    v_organization uuid;
    v_scenario text := coalesce(p_scenario, 'baseline');
    v_evidence text := coalesce(p_evidence, 'verified');
    v_see derive.publication;
    v_cell record;
    v_row core.gap;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_skill := api.skill_ref(p_skill, 'skill');
    v_organization := api.organization_ref(p_organization, 'organization');
    perform api.own_check('organization', v_organization);
    if p_country is not null and v_organization is not null then
        perform core.fail('invalid_params', 'a gap is in a country or at an organization', 'organization', 'absent with a country');
    end if;
    v_see := derive.publication(p_as_of, p_release);
    select c.demand_low, c.demand, c.demand_high, c.fte, c.hidden, c.live into v_cell
    from api.gap_cells(p_as_of, v_scenario,
        case when v_organization is not null then 'organization' when p_country is not null then 'country' else 'all' end,
        v_evidence = 'all', coalesce(p_associations, false), array[v_skill], p_level::smallint, p_release) c
    where c.group_key = coalesce(v_organization::text, p_country, 'all');
    -- No stated demand is not a demand of nothing.
    if v_cell.demand is null then
        perform core.fail('not_found', 'no demand is recorded for this skill, level, group and scenario in that month, so its gap cannot be said',
            'skill', 'a skill or category with demand, as demand.list shows');
    end if;
    if v_cell.hidden then
        perform core.fail('conflict', 'so few people are published here that their FTE is hidden, so the gap cannot be said',
            'skill', 'a group, skill or category with more people');
    elsif v_cell.fte is null then
        perform core.fail('not_found', 'no figures on people are released for that month or before, so the gap cannot be said',
            'as_of', 'a month that has a release, as release.list shows');
    end if;
    if v_cell.fte >= v_cell.demand then
        perform core.fail('conflict', 'the supply meets the demand, so there is no gap to record', 'skill',
            'a skill or category with more demand than supply');
    end if;
    insert into core.gap (code, skill_id, level, country, organization_id, year, size_fte, basis, parameters, severity, owner_id,
        note, synthetic)
    values (coalesce(p_code, api.gap_next_code()), v_skill, p_level, p_country, v_organization, extract(year from p_as_of),
        v_cell.demand - v_cell.fte, 'computed',
        jsonb_build_object('as_of', p_as_of, 'scenario', v_scenario, 'evidence', v_evidence,
            'associations', coalesce(p_associations, false),
            'demand_low', trim_scale(v_cell.demand_low), 'demand', trim_scale(v_cell.demand),
            'demand_high', trim_scale(v_cell.demand_high), 'supply', trim_scale(v_cell.fte),
            'coverage', round(v_cell.fte / v_cell.demand, 3), 'release', case when not v_cell.live then v_see.release_code end,
            'at_most', case when not v_cell.live then v_see.at_most end, 'computed_at', now()),
        coalesce(p_severity, case
            when v_cell.fte < 0.50 * v_cell.demand then 'critical'
            when v_cell.fte < 0.75 * v_cell.demand then 'high'
            when v_cell.fte < 0.90 * v_cell.demand then 'medium'
            else 'low' end),
        api.organization_ref(p_owner, 'owner'), p_note, coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.gap_record is 'gap.record';

create function api.gap_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_id uuid := api.gap_ref(p_ref, 'ref');
begin
    return (select api.gap_json(g, p_lang) from core.gap g where g.id = v_id);
end
$$;
comment on function api.gap_get is 'gap.get';

create function api.gap_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_status text, p_reason text, p_size_fte numeric, p_severity text, p_owner text,
    p_note text, p_source text, p_unverified boolean, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.gap;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    select * into v_row from core.gap g where g.id = api.gap_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    perform api.own_check('ref', v_row.organization_id, v_row.owner_id);
    if p_status <> v_row.status then
        perform api.transition_check('gap', v_row.status, p_status, api.gap_statuses(v_row.status));
        if p_status = 'open' and p_reason is null then
            perform core.fail('invalid_params', 'a gap is opened again for a reason', 'reason', 'why it is opened again');
        end if;
    elsif p_reason is not null then
        perform core.fail('invalid_params', 'a reason belongs to a change of status', 'reason', 'absent, or with another status');
    end if;
    if p_size_fte is not null and v_row.basis = 'computed' then
        perform core.fail('conflict', 'a computed gap keeps the size that was computed', 'size_fte', 'absent; gap.record computes anew');
    end if;
    update core.gap g set
        status = coalesce(p_status, g.status),
        status_reason = case when p_status <> g.status then p_reason else g.status_reason end,
        size_fte = coalesce(p_size_fte, g.size_fte),
        severity = coalesce(p_severity, g.severity),
        owner_id = core.patch(api.organization_ref(p_owner, 'owner'), g.owner_id, 'owner' = any (p_clear)),
        note = core.patch(p_note, g.note, 'note' = any (p_clear)),
        source = core.patch(p_source, g.source, 'source' = any (p_clear)),
        unverified = coalesce(p_unverified, g.unverified)
    where g.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.gap_update is 'gap.update';

create function api.gap_list(p_caller uuid, p_skill text, p_country text, p_organization text, p_owner text, p_pillar text,
    p_year bigint, p_status text, p_severity text, p_basis text, p_synthetic boolean,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_skill uuid := api.skill_ref(p_skill, 'skill');
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_owner uuid := api.organization_ref(p_owner, 'owner');
begin
    return (
        select core.page(array_agg(json_build_object('id', g.id, 'code', g.code, 'skill', api.skill_brief(g.skill_id, p_lang),
                'level', g.level, 'country', g.country, 'organization', api.organization_brief(g.organization_id, p_lang),
                'year', g.year, 'size_fte', case when g.shown then trim_scale(g.size_fte) end,
                'severity', case when g.shown then g.severity end, 'hidden', not g.shown, 'status', g.status, 'basis', g.basis,
                'owner', api.organization_brief(g.owner_id, p_lang),
                'unverified', g.unverified, 'synthetic', g.synthetic, 'version', g.version) order by g.code), v_limit, max(g.code))
        from (select x.*, api.gap_shown(x) as shown
              from core.gap x join core.skill s on s.id = x.skill_id
              where (v_after is null or x.code > v_after)
                  and (v_skill is null or exists (
                      select from derive.skill_subject k where k.skill_id = x.skill_id and k.subject_id = v_skill))
                  and (p_country is null or x.country = p_country)
                  and (v_organization is null or x.organization_id = v_organization)
                  and (v_owner is null or x.owner_id = v_owner)
                  and (p_pillar is null or p_pillar = any (s.pillars))
                  and (p_year is null or x.year = p_year)
                  and (p_status is null or x.status = p_status)
                  and (p_severity is null or x.severity = p_severity and api.gap_shown(x))
                  and (p_basis is null or x.basis = p_basis)
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.code limit v_limit) g);
end
$$;
comment on function api.gap_list is 'gap.list';

create function api.gap_add_action(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_gap text, p_contribution_fte numeric, p_program text, p_exchange text, p_expected_on date, p_note text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_gap core.gap;
    v_row core.gap_action;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    select * into v_gap from core.gap g where g.id = api.gap_ref(p_gap, 'gap') for no key update;
    perform api.own_check('gap', v_gap.organization_id, v_gap.owner_id);
    if v_gap.status not in ('open', 'being_closed') then
        perform core.fail('invalid_transition', format('the gap is %s', v_gap.status), 'gap', 'a gap that is open or being closed');
    end if;
    insert into core.gap_action (gap_id, program_id, exchange_id, contribution_fte, expected_on, note)
    values (v_gap.id, api.program_ref(p_program, 'program'), api.exchange_ref(p_exchange, 'exchange'), p_contribution_fte,
        p_expected_on, p_note)
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.gap_add_action is 'gap.add_action';

create function api.gap_action_lock(p_action uuid, p_if_version bigint) returns core.gap_action
language plpgsql as $$
declare
    v_row core.gap_action;
begin
    select * into v_row from core.gap_action a where a.id = p_action for update;
    if not found then
        perform core.fail('not_found', 'there is no such action', 'action', 'the UUID of an action, as gap.get answers it');
    end if;
    perform api.own_check('action', g.organization_id, g.owner_id) from core.gap g where g.id = v_row.gap_id;
    perform core.check_version(p_if_version, v_row.version);
    return v_row;
end
$$;
comment on function api.gap_action_lock(uuid, bigint) is 'The action, locked, after its version was checked';

create function api.gap_update_action(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_action uuid, p_if_version bigint, p_contribution_fte numeric, p_expected_on date, p_actual_fte numeric, p_note text,
    p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.gap_action;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.gap_action_lock(p_action, p_if_version);
    update core.gap_action a set
        contribution_fte = coalesce(p_contribution_fte, a.contribution_fte),
        expected_on = core.patch(p_expected_on, a.expected_on, 'expected_on' = any (p_clear)),
        actual_fte = core.patch(p_actual_fte, a.actual_fte, 'actual_fte' = any (p_clear)),
        note = core.patch(p_note, a.note, 'note' = any (p_clear))
    where a.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.gap_update_action is 'gap.update_action';

create function api.gap_remove_action(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_action uuid, p_if_version bigint) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.gap_action;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.gap_action_lock(p_action, p_if_version);
    delete from core.gap_action a where a.id = v_row.id;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.gap_remove_action is 'gap.remove_action';
