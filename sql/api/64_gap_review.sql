-- SPDX-License-Identifier: Apache-2.0
--
-- Gaps over time: what was expected of their actions and what came of it, how they grew and shrank, and projected ones
-- recorded with what they were projected from.

create function api.gap_review(p_caller uuid, p_as_of date, p_ref text, p_organization text, p_owner text, p_country text, p_pillar text,
    p_status text, p_late boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_as_of date := coalesce(p_as_of, current_date);
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_gap uuid := case when p_ref is not null then api.gap_ref(p_ref, 'ref') end;
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_owner uuid := api.organization_ref(p_owner, 'owner');
begin
    return (
        select core.page(array_agg(json_build_object('id', r.id, 'code', r.code, 'skill', api.skill_brief(r.skill_id, p_lang),
                'level', r.level, 'country', r.country, 'organization', api.organization_brief(r.organization_id, p_lang),
                'owner', api.organization_brief(r.owner_id, p_lang), 'year', r.year, 'status', r.status,
                'size_fte', case when r.shown then trim_scale(r.size_fte) end, 'hidden', not r.shown,
                'planned_fte', trim_scale(r.planned), 'expected_fte', trim_scale(r.expected), 'actual_fte', trim_scale(r.actual),
                'shortfall_fte', trim_scale(greatest(r.expected - r.actual, 0)),
                'remaining_fte', case when r.shown then trim_scale(greatest(r.size_fte - r.actual, 0)) end,
                'late', r.late, 'actions', r.actions) order by r.code), v_limit, max(r.code))
        from (
            select g.*, api.gap_shown(g) as shown, x.planned, x.expected, x.actual, x.late, x.actions
            from core.gap g
            join core.skill s on s.id = g.skill_id
            cross join lateral (
                select coalesce(sum(a.contribution_fte), 0) as planned,
                    coalesce(sum(a.contribution_fte) filter (where a.expected_on <= v_as_of), 0) as expected,
                    coalesce(sum(h.actual_fte), 0) as actual,
                    count(*) filter (where a.expected_on <= v_as_of and coalesce(h.actual_fte, 0) < a.contribution_fte) as late,
                    coalesce(json_agg(json_build_object('id', a.id, 'program', api.program_brief(a.program_id, p_lang),
                        'exchange', api.exchange_brief(a.exchange_id, p_lang), 'plan', (
                            select json_build_object('id', p.id, 'code', p.code, 'kind', i.kind, 'home_country', i.home_country,
                                'host_country', i.host_country, 'year', i.year, 'times', i.times)
                            from core.plan_item i join core.plan p on p.id = i.plan_id where i.id = a.plan_item_id), 'contribution_fte', trim_scale(a.contribution_fte),
                        'expected_on', a.expected_on, 'actual_fte', trim_scale(h.actual_fte),
                        'late', a.expected_on <= v_as_of and coalesce(h.actual_fte, 0) < a.contribution_fte,
                        'history', (
                            select coalesce(json_agg(json_build_object('on', p.recorded_at::date, 'actual_fte', trim_scale(p.actual_fte))
                                order by p.recorded_at, p.id), '[]'::json)
                            from core.gap_progress p where p.action_id = a.id and p.recorded_at < v_as_of + 1))
                        order by a.expected_on, a.id), '[]'::json) as actions
                from core.gap_action a
                left join lateral (
                    select p.actual_fte from core.gap_progress p where p.action_id = a.id and p.recorded_at < v_as_of + 1
                    order by p.recorded_at desc, p.id desc limit 1) h on true
                where a.gap_id = g.id) x
            where (v_after is null or g.code > v_after)
                and g.created_at < v_as_of + 1
                and (v_gap is null or g.id = v_gap)
                and (v_organization is null or g.organization_id = v_organization)
                and (v_owner is null or g.owner_id = v_owner)
                and (p_country is null or g.country = p_country)
                and (p_pillar is null or p_pillar = any (s.pillars))
                and (p_status is null or g.status = p_status)
                and (p_late is null or (x.late > 0) = p_late)
            order by g.code limit v_limit) r);
end
$$;
comment on function api.gap_review is 'gap.review';

create function api.gap_trend(p_caller uuid, p_skill text, p_level bigint, p_starts date, p_ends date, p_step_months bigint,
    p_by text, p_country text, p_organization text, p_scenario text, p_associations boolean, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_skill uuid := api.skill_ref(p_skill, 'skill');
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_by text := case when p_organization is not null then 'organization' else coalesce(p_by, 'country') end;
    v_ends date := coalesce(p_ends, date_trunc('month', current_date)::date);
    v_starts date := coalesce(p_starts, (coalesce(p_ends, date_trunc('month', current_date)) - interval '5 years')::date);
    v_step integer := coalesce(p_step_months, 6);
    v_scenario text := coalesce(p_scenario, 'baseline');
    v_published json := api.gap_published(v_ends, null, p_lang);
    v_items json;
begin
    if v_starts > v_ends then
        perform core.fail('invalid_params', 'a trend goes from an earlier month to a later one', 'starts', 'a month not after ends');
    end if;
    if (extract(year from age(v_ends, v_starts)) * 12 + extract(month from age(v_ends, v_starts))) / v_step > 240 then
        perform core.fail('invalid_params', 'so many months are too many for one answer', 'step_months', 'at most 240 months in all');
    end if;
    select json_agg(json_build_object('month', to_char(c.month, 'YYYY-MM'), 'group', c.group_name,
            'level', c.level, 'demand', c.demand, 'fte', c.fte, 'headcount', c.headcount, 'hidden', c.hidden,
            'gap', c.gap, 'coverage', round(c.fte / nullif(c.demand, 0), 3),
            'change', c.gap - c.gap_before, 'release', case when not c.live then c.release_code end) order by c.group_name, c.month)
        into v_items
    from (
        select m.month::date as month, x.*, x.demand - x.fte as gap, coalesce(o.code::text, x.group_key) as group_name,
            lag(x.demand - x.fte) over (partition by x.group_key order by m.month) as gap_before,
            (derive.publication(m.month::date, null)).release_code
        from generate_series(v_starts::timestamp, v_ends::timestamp, make_interval(months => v_step)) as m (month)
        cross join lateral api.gap_cells(m.month::date, v_scenario, v_by, false, coalesce(p_associations, false), array[v_skill],
            p_level::smallint, null) x
        left join core.organization o on o.id = case when v_by = 'organization' then x.group_key::uuid end
        where (p_country is null or coalesce(o.country, x.group_key) = p_country)
            and (v_organization is null or o.id = v_organization)) c;
    return json_build_object('items', coalesce(v_items, '[]'::json), 'skill', api.skill_brief(v_skill, p_lang), 'level', p_level,
        'by', v_by, 'scenario', v_scenario, 'step_months', v_step,
        'perturbed', v_published -> 'perturbed', 'at_most', v_published -> 'at_most', 'live', v_published -> 'live',
        'notes', v_published -> 'notes');
end
$$;
comment on function api.gap_trend is 'gap.trend';

create function api.gap_record_projection(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_skill text, p_level bigint, p_year bigint, p_projection jsonb, p_country text, p_organization text, p_severity text,
    p_code text, p_owner text, p_note text, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_skill uuid;
    v_organization uuid;
    v_country text;
    v_size numeric := (p_projection ->> 'p50')::numeric;
    v_release uuid;
    v_row core.gap;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_skill := api.skill_ref(p_skill, 'skill');
    v_organization := api.organization_ref(p_organization, 'organization');
    perform api.own_check('organization', v_organization);
    if (p_projection ->> 'p10')::numeric > v_size or v_size > (p_projection ->> 'p90')::numeric then
        perform core.fail('invalid_params', 'the quantiles of a projection rise', 'projection.p50', 'from p10 to p90');
    end if;
    if v_size <= 0 then
        perform core.fail('conflict', 'at least half of the draws have no gap, so there is none to record', 'projection.p50',
            'above 0 FTE');
    end if;
    if p_projection ->> 'release' is not null then
        v_release := api.release_id(p_projection ->> 'release', 'projection.release');
    elsif core.caller_role() <> 'admin' and (v_organization is null or v_organization is distinct from core.caller_sees()) then
        perform core.fail('invalid_params', 'what was projected from a release names it', 'projection.release',
            'the release that the answer of gap.project names');
    end if;
    v_country := coalesce(p_country, (select o.country from core.organization o where o.id = v_organization));
    insert into core.gap (code, skill_id, level, country, organization_id, year, size_fte, basis, parameters, severity, owner_id,
        note, synthetic)
    values (coalesce(p_code, api.gap_next_code()), v_skill, p_level, p_country, v_organization, p_year, v_size, 'computed',
        p_projection || jsonb_build_object('method', 'gap.project', 'recorded_at', now(),
            'release', (select r.code from core.release r where r.id = v_release),
            'assumed', (select coalesce(jsonb_agg(jsonb_build_object('code', a.code, 'version', a.version, 'low', trim_scale(a.low),
                    'mode', trim_scale(a.mode), 'high', trim_scale(a.high), 'source_date', a.source_date) order by a.code), '[]')
                from api.assumptions_of(v_skill, v_country, coalesce(p_projection ->> 'assumptions', p_projection ->> 'scenario', 'baseline')) a)),
        coalesce(p_severity, case
            when (p_projection ->> 'probability')::numeric >= 0.9 then 'high'
            when (p_projection ->> 'probability')::numeric >= 0.5 then 'medium' else 'low' end),
        api.organization_ref(p_owner, 'owner'), p_note, coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.gap_record_projection is 'gap.record_projection';
