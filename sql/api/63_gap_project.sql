-- SPDX-License-Identifier: Apache-2.0
--
-- What gap.project computes from: one JSON text of figures as the caller may see them (derive.publish and its other half),
-- demand, sessions that are planned and assumptions. The arithmetic is in daemon/model/project.h.

create function api.assumptions_of(p_subject uuid, p_country text, p_scenario text)
returns setof core.assumption
language sql stable as $$
    -- Of each kind, level and age the most specific: the skill before its nearest category before all, the country before
    -- all, the scenario before the baseline.
    with recursive above (id, parent_id, distance) as (
        select s.id, s.parent_id, 0 from core.skill s where s.id = p_subject
        union all
        select s.id, s.parent_id, a.distance + 1 from above a join core.skill s on s.id = a.parent_id
    )
    select distinct on (x.kind, x.level, x.age) (x.row).*
    from (
        select a.kind, a.level, a.age, a as row, coalesce(v.distance, 1000) as distance,
            a.country is null as anywhere, a.scenario <> p_scenario as baseline
        from core.assumption a left join above v on v.id = a.skill_id
        where (a.skill_id is null or v.id is not null) and (a.country is null or a.country = p_country)
            and a.scenario in (p_scenario, 'baseline')) x
    order by x.kind, x.level, x.age, x.distance, x.anywhere, x.baseline
$$;
comment on function api.assumptions_of(uuid, text, text) is 'The assumptions that hold for a skill or category in a country in a scenario';

create function api.assumption_about(a core.assumption) returns jsonb
language sql stable as $$
    select jsonb_build_object('kind', a.kind, 'country', a.country, 'level', a.level, 'age', a.age, 'scenario', a.scenario,
        'unit', core.assumption_unit(a.kind), 'low', trim_scale(a.low), 'mode', trim_scale(a.mode), 'high', trim_scale(a.high),
        'source', a.source, 'source_date', a.source_date,
        'stale', a.source_date + make_interval(months => a.stale_after_months) < current_date,
        'unverified', a.unverified, 'synthetic', a.synthetic)
$$;
comment on function api.assumption_about(core.assumption) is 'What an answer says of an assumption that it rests on';

create function api.regime(p_subject uuid, p_country text, p_scenario text) returns jsonb
language sql stable as $$
    -- Bands of retirement are of the country where it has any, and else of all: ages of both would not fit together.
    with held as materialized (
        select * from api.assumptions_of(p_subject, p_country, p_scenario)
    ), leveled as (
        select k.kind, l.level, (
            select h.code from held h where h.kind = k.kind and (h.level = l.level or h.level is null)
            order by h.level nulls last limit 1) as code
        from unnest(array['quit_rate', 'expiry_rate', 'move_rate']) as k (kind) cross join generate_series(1, 5) as l (level)
        where k.kind <> 'move_rate' or l.level < 5
    ), one as (
        select h.kind, h.code, h.mode from held h where h.level is null and h.age is null
    ), band as (
        select h.age, h.code from held h
        where h.kind = 'retirement_rate' and h.age is not null
            and (h.country is not null or not exists (
                select from held o where o.kind = 'retirement_rate' and o.age is not null and o.country is not null))
    )
    select jsonb_build_object(
        'quit', (select jsonb_agg(v.code order by v.level) from leveled v where v.kind = 'quit_rate'),
        'expire', (select jsonb_agg(v.code order by v.level) from leveled v where v.kind = 'expiry_rate'),
        'move', (select jsonb_agg(v.code order by v.level) from leveled v where v.kind = 'move_rate'),
        'expiry_drop', 1,
        'retire', coalesce((select jsonb_agg(jsonb_build_object('age', b.age, 'parameter', b.code) order by b.age) from band b), '[]'),
        'retire_unknown', (select o.code from one o where o.kind = 'retirement_rate'),
        'replace', (select o.code from one o where o.kind = 'replacement_share'),
        'entry_age', coalesce((select o.mode::integer from one o where o.kind = 'entry_age'), 28),
        'arriving', (select jsonb_object_agg(o.kind, o.code) from one o
            where o.kind in ('completion_rate', 'retention_rate', 'session_lag', 'return_rate')))
$$;
comment on function api.regime(uuid, text, text) is 'The rates by which a projection moves the people with a skill in a country, as codes of assumptions; arriving is for the series'' arrivals';

create function api.project_notes(p_published json, p_input json, p_lang text) returns json
language sql stable as $$
    select coalesce(json_agg(n.note), '[]'::json) from (
        select json_array_elements_text(p_published -> 'notes') as note
        union all
        select case p_lang
            when 'ja' then format('前提%s件のうち%s件は調査に基づかない判断であり、%s件は更新期限を過ぎています。', x.every, x.judged, x.stale)
            else format('Of %s assumptions %s are judgements that no survey bears out, and %s are stale.', x.every, x.judged, x.stale) end
        from (select count(*) as every, count(*) filter (where p -> 'about' ->> 'unverified' = 'true') as judged,
                count(*) filter (where p -> 'about' ->> 'stale' = 'true') as stale
              from json_array_elements(p_input -> 'parameters') p) x
        where x.judged + x.stale > 0
        union all
        select case p_lang
            when 'ja' then 'この数値には、試用のために作られた合成データが含まれています。'
            else 'These figures include synthetic data, made up for trying the program out.' end
        where derive.people_synthetic() or exists (select from core.demand d where d.synthetic)) n
$$;
comment on function api.project_notes(json, json, text) is 'What a reader of a projection has to know: perturbation, judgements and stale assumptions, synthetic data';

create function api.gap_subjects(p_of text, p_skill text, p_category text, p_pillar text) returns uuid[]
language plpgsql stable as $$
declare
    v_skill uuid := api.skill_ref(p_skill, 'skill');
    v_category uuid := api.skill_ref(p_category, 'category');
begin
    if v_skill is not null then
        return array[v_skill];
    end if;
    return array(
        select s.id from core.skill s
        where s.kind = p_of
            and (p_pillar is null or p_pillar = any (s.pillars))
            and (v_category is null or exists (
                select from derive.skill_subject x where x.skill_id = s.id and x.subject_id = v_category)));
end
$$;
comment on function api.gap_subjects(text, text, text, text) is 'The skills or categories that a question about gaps is about';

create function api.project_series(p_month date, p_years integer, p_scenario text, p_assumptions text, p_by text,
    p_associations boolean, p_subjects uuid[], p_country text, p_organization uuid, p_release text, p_lang text)
returns table (code text, about jsonb, regime jsonb, series jsonb)
language plpgsql stable as $$
declare
    v_see derive.publication := derive.publication(p_month, p_release);
begin
    return query
    with reached as materialized (
        select p.group_key, p.subject_id, p.level, p.fte, p.live,
            -- Perturbed counts may rise with the level, which people cannot.
            min(p.heads) over (partition by p.group_key, p.subject_id order by p.level) as heads
        from derive.publish(p_month, p_by, false, p_release) p where p.subject_id = any (p_subjects)
    ), supply as (
        select r.group_key, r.subject_id, r.level, r.live,
            r.heads - coalesce(lead(r.heads) over w, 0) as heads,
            first_value(r.heads) over w as everybody, first_value(r.fte) over w as everybodys_fte
        from reached r window w as (partition by r.group_key, r.subject_id order by r.level)
    ), demand as materialized (
        select d.subject_id, case p_by when 'country' then coalesce(o.country, 'international') when 'kind' then o.kind
                when 'organization' then o.id::text else 'all' end as group_key,
            y.year, l.level, sum(d.fte_low) as low, sum(d.fte) as mode, sum(d.fte_high) as high
        from generate_series(0, p_years) as y (year)
        cross join lateral api.gap_demand((p_month + make_interval(years => y.year))::date, p_scenario, p_associations) d
        join core.organization o on o.id = d.organization_id
        join generate_series(1, 5) as l (level) on l.level <= d.level
        where d.subject_id = any (p_subjects)
        group by 1, 2, 3, 4
    ), planned as materialized (
        -- Once a session, at the highest level that it leads to within the subject.
        select s.id, x.subject_id, case p_by when 'country' then coalesce(o.country, 'international') when 'kind' then o.kind
                when 'organization' then o.id::text else 'all' end as group_key,
            round((upper(s.held) - 1 - p_month) / 365.25, 3) as at, max(k.level) as level, coalesce(s.capacity, p.capacity) as heads
        from core.session s
        join core.program p on p.id = s.program_id
        join core.organization o on o.id = p.provider_id
        join core.program_skill k on k.program_id = p.id and k.relation = 'teaches'
        join derive.skill_subject x on x.skill_id = k.skill_id and x.subject_id = any (p_subjects)
        where s.status in ('planned', 'open', 'running') and upper(s.held) > p_month and not upper_inf(s.held)
            and coalesce(s.capacity, p.capacity) is not null
        group by s.id, x.subject_id, o.id, p.capacity
    ), away as materialized (
        select a.* from derive.publish_away(p_month, p_by, p_release) a where a.subject_id = any (p_subjects)
    ), age as materialized (
        select a.group_key, a.subject_id, a.birth_cohort,
            sum(a.heads) over (partition by a.group_key, a.subject_id order by a.birth_cohort)
                / sum(a.heads) over (partition by a.group_key, a.subject_id) as up_to,
            sum(a.heads) over (partition by a.group_key, a.subject_id order by a.birth_cohort rows between unbounded preceding and 1 preceding)
                / sum(a.heads) over (partition by a.group_key, a.subject_id) as before
        from derive.publish_ages(p_month, p_by, p_release) a
    ), place as (
        select x.group_key, x.subject_id, s.code, s.parent_id, s.name_en, s.name_ja, o.id as organization_id,
            coalesce(o.code::text, x.group_key) as group_name,
            case p_by when 'country' then nullif(x.group_key, 'international') when 'organization' then o.country end as country
        from (select y.group_key, y.subject_id from supply y
              union select d.group_key, d.subject_id from demand d
              union select n.group_key, n.subject_id from planned n) x
        join core.skill s on s.id = x.subject_id
        left join core.organization o on o.id = case when p_by = 'organization' then x.group_key::uuid end
    ), shown as materialized (
        select p.*, api.regime(p.subject_id, p.country, p_assumptions) as rates,
            -- A skill's own ages where they are live, or else those of its category.
            case when (p.group_key, p.subject_id) in (select a.group_key, a.subject_id from age a)
                then p.subject_id else p.parent_id end as aged_as
        from place p
        where (p_country is null or p.country = p_country) and (p_organization is null or p.organization_id = p_organization)
    ), gone as (
        select w.group_key, w.subject_id, w.level, w.birth_cohort, sum(w.heads) as heads
        from away w group by 1, 2, 3, 4
    ), stock as (
        select c.group_key, c.subject_id, jsonb_agg(jsonb_build_array(c.birth_cohort, c.level, c.heads) order by c.level, c.birth_cohort)
            filter (where c.heads > 0) as stock,
            max(c.everybody) as everybody, max(c.everybodys_fte) as everybodys_fte, bool_or(c.live) as live
        from (
            select s.group_key, s.subject_id, s.level, s.everybody, s.everybodys_fte, s.live, coalesce(a.birth_cohort, 0) as birth_cohort,
                -- Shares of a whole, so that their rounded parts add up to it; less who is away.
                greatest(round(s.heads * coalesce(a.up_to, 1)) - round(s.heads * coalesce(a.before, 0)) - coalesce(g.heads, 0), 0)::integer as heads
            from supply s
            join shown h on h.group_key = s.group_key and h.subject_id = s.subject_id
            left join age a on a.group_key = h.group_key and a.subject_id = h.aged_as
            left join gone g on g.group_key = s.group_key and g.subject_id = s.subject_id and g.level = s.level
                and g.birth_cohort = coalesce(a.birth_cohort, 0)) c
        group by c.group_key, c.subject_id
    ), absent as (
        select g.group_key, g.subject_id, sum(g.heads) as heads from gone g group by 1, 2
    ), arrival as (
        select x.group_key, x.subject_id, jsonb_agg(x.arrival order by x.arrival) as arrivals
        from (
            select h.group_key, h.subject_id, jsonb_build_object('kind', 'completion', 'at', greatest(n.at, 0), 'level', n.level,
                'heads', n.heads, 'probability', h.rates -> 'arriving' -> 'completion_rate',
                'retention', h.rates -> 'arriving' -> 'retention_rate', 'lag', h.rates -> 'arriving' -> 'session_lag') as arrival
            from planned n join shown h on h.group_key = n.group_key and h.subject_id = n.subject_id
            union all
            select h.group_key, h.subject_id, jsonb_build_object('kind', 'return', 'at', round((w.ends - p_month) / 365.25, 3),
                'level', w.level, 'cohort', w.birth_cohort, 'heads', w.heads, 'probability', h.rates -> 'arriving' -> 'return_rate')
            from away w join shown h on h.group_key = w.group_key and h.subject_id = w.subject_id) x
        group by x.group_key, x.subject_id
    ), needed as (
        select d.group_key, d.subject_id, jsonb_agg(jsonb_build_array(extract(year from p_month)::integer + d.year, d.level,
            trim_scale(d.low), trim_scale(d.mode), trim_scale(d.high)) order by d.year, d.level) as demand
        from demand d group by 1, 2
    )
    select h.code || '/' || h.group_name,
        jsonb_build_object('subject', jsonb_build_object('id', h.subject_id, 'code', h.code,
            'name', core.label(h.name_en, h.name_ja, p_lang)), 'group', h.group_name),
        h.rates - 'arriving',
        jsonb_build_object(
            'supply_known', (v_see.live or coalesce(u.live, h.organization_id = v_see.own_id, false) or v_see.release_id is not null)
                and (u.everybody is null or u.everybodys_fte is not null),
            'fte', case when u.everybody > coalesce(b.heads, 0) then
                greatest(least(round(u.everybodys_fte / (u.everybody - coalesce(b.heads, 0)), 3), 1), 0.05) else 1 end,
            'stock', coalesce(u.stock, '[]'), 'arrivals', coalesce(r.arrivals, '[]'), 'demand', coalesce(d.demand, '[]'))
    from shown h
    left join stock u on u.group_key = h.group_key and u.subject_id = h.subject_id
    left join absent b on b.group_key = h.group_key and b.subject_id = h.subject_id
    left join arrival r on r.group_key = h.group_key and r.subject_id = h.subject_id
    left join needed d on d.group_key = h.group_key and d.subject_id = h.subject_id
    order by 1;
end
$$;
comment on function api.project_series(date, integer, text, text, text, boolean, uuid[], text, uuid, text, text) is
    'The series of a projection: who is there by age and level, what comes, what is needed, and by which rates they move';

create function api.gap_project(p_caller uuid, p_as_of date, p_years bigint, p_seed bigint, p_draws bigint, p_scenario text,
    p_assumptions text, p_shape text, p_between text, p_of text, p_by text, p_level bigint, p_skill text, p_category text,
    p_pillar text, p_country text, p_organization text, p_associations boolean, p_release text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_month date := date_trunc('month', coalesce(p_as_of, current_date));
    v_scenario text := coalesce(p_scenario, 'baseline');
    v_assumptions text := coalesce(p_assumptions, v_scenario);
    v_by text := coalesce(p_by, 'country');
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_subjects uuid[] := api.gap_subjects(coalesce(p_of, 'category'), p_skill, p_category, p_pillar);
    v_published json := api.gap_published(v_month, p_release, p_lang);
    v_input json;
begin
    if v_organization is not null then
        v_by := 'organization';
    end if;
    if not exists (select from core.assumption a where a.scenario = v_assumptions) then
        perform core.fail('not_found', 'there are no assumptions of this scenario', 'assumptions', 'a scenario of assumption.list');
    end if;
    with series as materialized (
        select s.*, dense_rank() over (order by s.regime) as regime_number
        from api.project_series(v_month, p_years::integer, v_scenario, v_assumptions, v_by, coalesce(p_associations, false),
            v_subjects, p_country, v_organization, p_release, p_lang) s
    ), used as (
        -- Every text in a regime or an arrival that is an assumption's code.
        select distinct v.code
        from (
            select jsonb_path_query(s.regime, '$.*[*] ? (@.type() == "string")') #>> '{}' as code from series s
            union all
            select jsonb_path_query(s.regime, '$.retire[*].parameter') #>> '{}' from series s
            union all
            select jsonb_path_query(s.series, '$.arrivals[*].probability') #>> '{}' from series s
            union all
            select jsonb_path_query(s.series, '$.arrivals[*].retention') #>> '{}' from series s
            union all
            select jsonb_path_query(s.series, '$.arrivals[*].lag') #>> '{}' from series s) v
        where v.code is not null
    )
    select json_build_object('start_year', extract(year from v_month)::integer, 'years', p_years, 'draws', coalesce(p_draws, 2000),
        'seed', coalesce(p_seed, 1), 'shape', coalesce(p_shape, 'pert'), 'demand_between', coalesce(p_between, 'linear'),
        'demand_growth', coalesce((select a.mode from core.assumption a where a.kind = 'demand_growth' and a.scenario in (v_assumptions, 'baseline')
            order by a.scenario = 'baseline' limit 1), 0),
        'parameters', (
            select coalesce(json_agg(json_build_object('code', a.code, 'low', a.low, 'mode', a.mode, 'high', a.high,
                'about', api.assumption_about(a)) order by a.code), '[]'::json)
            from core.assumption a where a.code in (select u.code from used u)),
        'regimes', (
            select coalesce(json_agg(r.regime || jsonb_build_object('code', 'R' || r.regime_number) order by r.regime_number), '[]'::json)
            from (select distinct s.regime, s.regime_number from series s) r),
        'series', (
            select coalesce(json_agg(s.series || jsonb_build_object('code', s.code, 'about', s.about, 'regime', 'R' || s.regime_number)
                order by s.code), '[]'::json)
            from series s))
        into v_input;
    return json_build_object('input', v_input, 'level', coalesce(p_level, 3),
        'said', json_build_object('as_of', to_char(v_month, 'YYYY-MM'), 'scenario', v_scenario, 'assumptions', v_assumptions,
            'by', v_by, 'between', coalesce(p_between, 'linear'),
            'perturbed', v_published -> 'perturbed', 'at_most', v_published -> 'at_most', 'release', v_published -> 'release',
            'release_month', v_published -> 'release_month', 'live', v_published -> 'live',
            'notes', api.project_notes(v_published, v_input, p_lang)));
end
$$;
comment on function api.gap_project is 'gap.project';
