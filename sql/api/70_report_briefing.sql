-- SPDX-License-Identifier: Apache-2.0
--
-- What report.briefing is written from: the answers of the methods that it draws together, as the caller may see them, in one
-- JSON text. The projection, the fragile skills and the opportunities are computed from theirs on a worker thread, and
-- daemon/report writes the document. Figures on people come through those methods alone.

create function api.briefing_due(p_day date, p_organization uuid, p_committee uuid, p_country text, p_top bigint, p_lang text)
returns json
language sql stable as $$
    -- By exchange and organization, never by person.
    with due as materialized (
        select e.code::text as code, e.home_id, e.host_id, e.synthetic, d.due, d.due_on, d.due_on < p_day as late
        from core.exchange e cross join lateral api.exchange_deadlines(e) d
        where e.id in (
                select o.id from core.exchange o where o.status in ('proposed', 'under_review', 'approved', 'active')
                union all
                select c.id from core.exchange c
                where c.status = 'completed' and c.scheme_id is not null and not c.erased and not exists (
                    select from core.exchange_notice n where n.exchange_id = c.id and n.kind = 'report'))
            and d.due_on <= p_day + 90
            and (p_organization is null or p_organization in (e.home_id, e.host_id))
            and (p_committee is null or e.committee_id = p_committee)
            and (p_country is null or exists (
                select from core.organization o where o.id in (e.home_id, e.host_id) and o.country = p_country))
    )
    select json_build_object(
        'kinds', (
            select coalesce(json_agg(json_build_object('due', k.due, 'late', k.late, 'near', k.near, 'oldest', k.oldest,
                'next', k.next) order by k.due), '[]'::json)
            from (select d.due, count(*) filter (where d.late) as late, count(*) filter (where not d.late) as near,
                    min(d.due_on) filter (where d.late) as oldest, min(d.due_on) filter (where not d.late) as next
                  from due d group by d.due) k),
        'items', (
            select coalesce(json_agg(json_build_object('code', x.code, 'due', x.due, 'due_on', x.due_on, 'late', x.late,
                'home', api.organization_brief(x.home_id, p_lang), 'host', api.organization_brief(x.host_id, p_lang))
                order by x.due_on, x.code, x.due), '[]'::json)
            from (select d.* from due d order by d.due_on, d.code, d.due limit p_top) x),
        'within_days', 90)
$$;
comment on function api.briefing_due(date, uuid, uuid, text, bigint, text) is
    'What exchanges that the caller sees owe by their schemes'' calendars, late and within 90 days: how many of each kind, and the most pressing';

create function api.briefing_outcomes(p_caller uuid, p_month date, p_pillar text, p_country text, p_organization uuid, p_lang text)
returns json
language sql stable as $$
    select coalesce(json_agg(json_build_object('outcome', api.program_outcome(p_caller, p.id::text, p_month, null, p_lang),
        'provider', api.organization_brief(p.provider_id, p_lang), 'pillars', p.pillars,
        'unverified', p.unverified, 'synthetic', p.synthetic) order by p.code), '[]'::json)
    from core.program p join core.organization o on o.id = p.provider_id
    where p.status = 'running' and (p_pillar is null or p_pillar = any (p.pillars))
        and (p_country is null or o.country = p_country) and (p_organization is null or o.id = p_organization)
$$;
comment on function api.briefing_outcomes(uuid, date, text, text, uuid, text) is
    'What came of each running program, as program.outcome says it';

create function api.briefing_assumptions(p_day date, p_scenario text) returns json
language sql stable as $$
    select coalesce(json_agg(json_build_object('code', a.code, 'kind', a.kind, 'country', a.country, 'level', a.level, 'age', a.age,
        'currency', a.currency, 'skill', (select s.code from core.skill s where s.id = a.skill_id),
        'unit', core.assumption_unit(a.kind), 'low', trim_scale(a.low), 'mode', trim_scale(a.mode), 'high', trim_scale(a.high),
        'source', a.source, 'source_date', a.source_date,
        'months', greatest(0, extract(year from age(p_day, a.source_date)) * 12 + extract(month from age(p_day, a.source_date))),
        'stale', a.source_date + make_interval(months => a.stale_after_months) < p_day,
        'unverified', a.unverified, 'synthetic', a.synthetic) order by a.code), '[]'::json)
    from core.assumption a where a.scenario in (p_scenario, 'baseline')
$$;
comment on function api.briefing_assumptions(date, text) is 'The assumptions of a scenario and of the baseline, with their age on a day';

create function api.report_briefing(p_caller uuid, p_lang text, p_format text, p_as_of date, p_years bigint, p_level bigint,
    p_scenario text, p_pillar text, p_country text, p_organization text, p_committee text, p_top bigint, p_seed bigint)
returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_lang text := coalesce(p_lang, 'en');
    v_day date := coalesce(p_as_of, current_date);
    v_month date := date_trunc('month', v_day);
    v_years bigint := coalesce(p_years, 10);
    v_level bigint := coalesce(p_level, 3);
    v_top bigint := coalesce(p_top, 5);
    v_scenario text := coalesce(p_scenario, 'baseline');
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_committee uuid := api.committee_ref(coalesce(p_committee, case when exists (
        select from core.committee c where c.code = 'ccfe') then 'ccfe' end), 'committee');
    v_by text := case when v_organization is not null then 'organization' else 'country' end;
    v_assumed text := (
        select a.scenario from core.assumption a where a.scenario in (v_scenario, 'baseline')
        order by a.scenario = 'baseline' limit 1);
    v_people boolean := v_role in ('member', 'coordinator', 'auditor', 'secretariat', 'admin');
    v_project json;
begin
    if v_assumed is not null then
        v_project := api.gap_project(p_caller => p_caller, p_as_of => v_month, p_years => v_years, p_seed => p_seed, p_draws => null,
            p_scenario => v_scenario, p_assumptions => v_assumed, p_shape => null, p_between => null, p_of => 'category',
            p_by => v_by, p_level => v_level, p_skill => null, p_category => null, p_pillar => p_pillar, p_country => p_country,
            p_organization => p_organization, p_associations => null, p_release => null, p_lang => v_lang);
    end if;
    return json_build_object(
        'asked', json_build_object('lang', v_lang, 'format', coalesce(p_format, 'markdown'), 'date', v_day,
            'month', to_char(v_month, 'YYYY-MM'), 'years', v_years, 'level', v_level, 'top', v_top, 'scenario', v_scenario,
            'seed', coalesce(p_seed, 1), 'pillar', p_pillar, 'country', p_country,
            'organization', api.organization_brief(v_organization, v_lang),
            'committee', api.committee_brief(v_committee, v_lang),
            'committee_abbreviation', (select c.abbreviation from core.committee c where c.id = v_committee)),
        'published', api.gap_published(v_month, null, v_lang),
        'synthetic', derive.people_synthetic() or exists (select from core.demand d where d.synthetic)
            or exists (select from core.program p where p.synthetic) or exists (select from core.assumption a where a.synthetic),
        'pillars', (
            select json_agg(json_build_object('code', p.code, 'name', core.label(p.name_en, p.name_ja, v_lang),
                'summary', core.label(p.summary_en, p.summary_ja, v_lang),
                'programs', (
                    select count(*) from core.program g join core.organization o on o.id = g.provider_id
                    where g.status = 'running' and p.code = any (g.pillars) and (p_country is null or o.country = p_country)
                        and (v_organization is null or o.id = v_organization)),
                'categories', (select coalesce(json_agg(s.code order by s.code), '[]'::json) from core.skill s
                    where s.kind = 'category' and p.code = any (s.pillars))) order by p.place)
            from core.pillar p where p_pillar is null or p.code = p_pillar),
        'pillar_matrix', api.gap_matrix_answer(p_caller => p_caller, p_as_of => v_month, p_scenario => v_scenario, p_of => 'pillar', p_by => v_by,
            p_level => v_level, p_skill => null, p_category => null, p_pillar => p_pillar, p_country => p_country,
            p_organization => p_organization, p_evidence => null, p_associations => null, p_release => null, p_order => 'code',
            p_top => null, p_lang => v_lang),
        'matrix', api.gap_matrix_answer(p_caller => p_caller, p_as_of => v_month, p_scenario => v_scenario, p_of => 'category', p_by => v_by,
            p_level => v_level, p_skill => null, p_category => null, p_pillar => p_pillar, p_country => p_country,
            p_organization => p_organization, p_evidence => null, p_associations => null, p_release => null, p_order => 'code',
            p_top => null, p_lang => v_lang),
        'skills', api.gap_matrix_answer(p_caller => p_caller, p_as_of => v_month, p_scenario => v_scenario, p_of => 'skill', p_by => v_by,
            p_level => v_level, p_skill => null, p_category => null, p_pillar => p_pillar, p_country => p_country,
            p_organization => p_organization, p_evidence => null, p_associations => null, p_release => null, p_order => 'gap',
            p_top => v_top * 2, p_lang => v_lang),
        'project', v_project,
        'opportunity', case when v_assumed is not null then api.opportunity_rank(p_caller => p_caller, p_as_of => v_month,
            p_scenario => v_scenario, p_assumptions => v_assumed, p_of => null, p_level => v_level, p_skill => null, p_category => null,
            p_pillar => p_pillar, p_across => null, p_within => null, p_instruments => null, p_organization => p_organization,
            p_country => p_country, p_weights => null, p_without_agreement => null, p_patience_days => null, p_associations => null,
            p_top => v_top, p_release => null, p_lang => v_lang) end,
        'fragile', api.gap_fragile(p_caller => p_caller, p_as_of => v_month, p_level => v_level, p_skill => null, p_category => null,
            p_pillar => p_pillar, p_country => p_country, p_organization => p_organization, p_few => null, p_near_age => null,
            p_weights => null, p_release => null, p_top => v_top * 2, p_lang => v_lang),
        'balance', api.exchange_balance(p_caller => p_caller, p_year => api.year_of(v_day, 'jp_fiscal'), p_years => 3,
            p_year_kind => 'jp_fiscal', p_by => null, p_home_country => null, p_host_country => null,
            p_organization => p_organization, p_pillar => case when v_organization is null then p_pillar end, p_category => null,
            p_release => null, p_lang => v_lang),
        'outcomes', api.briefing_outcomes(p_caller, v_month, p_pillar, p_country, v_organization, v_lang),
        'due', case when v_people then api.briefing_due(v_day, v_organization,
            case when p_committee is not null then v_committee end, p_country, v_top * 2, v_lang) end,
        'review', api.gap_review(p_caller => p_caller, p_as_of => v_day, p_ref => null, p_organization => p_organization, p_owner => null,
            p_country => p_country, p_pillar => p_pillar, p_status => null, p_late => null, p_limit => 1000, p_cursor => null,
            p_lang => v_lang),
        'assumptions', api.briefing_assumptions(v_day, v_scenario));
end
$$;
comment on function api.report_briefing is 'report.briefing';
