-- SPDX-License-Identifier: Apache-2.0
--
-- gap.matrix: gap at a level = demand at that level or above - supply at that level or above, in FTE.
--
-- Demand holds in its year, as of the year's first day. Where nobody has stated any, demand and gap are null: nothing
-- is known, which is not the same as nothing is needed. A role is needed once, at the highest level that it requires
-- within a category or pillar; for a single skill it needs that skill at its level.
--
-- Demand is what organizations state, and exact. Supply counts people: it comes from derive.publish alone.

create function api.gap_demand(p_month date, p_scenario text, p_associations boolean)
returns table (organization_id uuid, subject_id uuid, level smallint, fte_low numeric, fte numeric, fte_high numeric)
language sql stable as $$
    with stated as not materialized (
        select d.* from core.demand d
        where d.scenario = p_scenario and d.as_of <= p_month and d.as_of > p_month - interval '1 year'
            and (p_associations or not d.members_included)
    )
    select d.organization_id, s.subject_id, d.level, d.fte_low, d.fte, d.fte_high
    from stated d join derive.skill_subject s on s.skill_id = d.skill_id
    union all
    select d.organization_id, r.subject_id, r.level, d.fte_low, d.fte, d.fte_high
    from stated d
    join (select k.role_id, s.subject_id, max(k.level) as level
          from core.role_skill k join derive.skill_subject s on s.skill_id = k.skill_id
          group by k.role_id, s.subject_id) r on r.role_id = d.role_id
$$;
comment on function api.gap_demand(date, text, boolean) is
    'Demand that holds in a month in a scenario, by organization and by skill, category and pillar, exactly at each level; with or without associations'' totals that include their members'' own';

create function api.gap_cells(p_month date, p_scenario text, p_by text, p_declared boolean, p_associations boolean,
    p_subjects uuid[], p_level smallint, p_release text)
returns table (subject_id uuid, group_key text, level smallint,
    demand_low numeric, demand numeric, demand_high numeric, headcount bigint, fte numeric, hidden boolean, live boolean)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
    -- So many subjects are looked up one by one; for more it is faster to read all there is.
    c_few constant integer := 32;
    v_see derive.publication := derive.publication(p_month, p_release);
begin
    return query
    with needed as (
        -- First by skill: there are far fewer of them than of what each counts towards at each level.
        select d.subject_id, d.level, case p_by when 'country' then coalesce(o.country, 'international') when 'kind' then o.kind
                when 'organization' then o.id::text else 'all' end as group_key,
            sum(d.fte_low) as fte_low, sum(d.fte) as fte, sum(d.fte_high) as fte_high
        from api.gap_demand(p_month, p_scenario, p_associations) d
        join core.organization o on o.id = d.organization_id
        where d.subject_id = any (p_subjects)
        group by 1, 2, 3
    ), stated as (
        select d.subject_id, d.group_key, l.level, sum(d.fte_low) as fte_low, sum(d.fte) as fte, sum(d.fte_high) as fte_high
        from needed d
        join (values (1::smallint), (2::smallint), (3::smallint), (4::smallint), (5::smallint)) as l (level) on l.level <= d.level
        where p_level is null or l.level = p_level
        group by 1, 2, 3
    ), there as (
        select s.* from derive.publish(p_month, p_by, p_declared, p_release,
            case when cardinality(p_subjects) <= c_few then p_subjects end) s
        where s.subject_id = any (p_subjects) and (p_level is null or s.level = p_level)
    ), both_sides as (
        select coalesce(t.subject_id, h.subject_id) as subject_id, coalesce(t.group_key, h.group_key) as group_key,
            coalesce(t.level, h.level) as level, t.fte_low, t.fte as demand, t.fte_high, h.heads, h.fte,
            h.subject_id is not null as counted, coalesce(h.live, v_see.live)
                or p_by = 'organization' and coalesce(t.group_key, h.group_key) = v_see.own_id::text as live
        from stated t
        full join there h on h.subject_id = t.subject_id and h.group_key = t.group_key and h.level = t.level
    )
    -- Where a release says nothing it says zero; where there is no release nothing is known.
    select b.subject_id, b.group_key, b.level, b.fte_low, b.demand, b.fte_high,
        case when b.counted then b.heads when k.known then 0 end,
        case when b.counted then b.fte when k.known then 0 end, b.counted and b.fte is null, coalesce(b.live, false)
    from both_sides b
    cross join lateral (
        select b.live or v_see.release_id is not null and not p_declared as known) k;
end
$$;
comment on function api.gap_cells(date, text, text, boolean, boolean, uuid[], smallint, text) is
    'Demand, and supply as the caller may see it, at each level or above, for each of the subjects and each group that has either';

create function api.gap_published(p_month date, p_release text, p_lang text) returns json
language plpgsql stable as $$
declare
    v_see derive.publication := derive.publication(p_month, p_release);
begin
    return json_build_object(
        'perturbed', not v_see.live, 'at_most', v_see.at_most, 'release', v_see.release_code,
        'release_month', to_char(v_see.release_month, 'YYYY-MM'), 'never_up_to', v_see.never_up_to,
        'live', case when v_see.live then 'all' when v_see.own_id is not null then 'own organization' else 'none' end,
        'notes', case
            when v_see.live then '[]'::json
            when v_see.release_id is null then json_build_array(case p_lang
                when 'ja' then 'この月以前の公表値がないため、供給は示されません。'
                else 'No release of this month or before has been cut, so supply is not shown.' end)
            else json_build_array(case p_lang
                when 'ja' then format('人数は個人を守るため最大%s人までずらしてあり、個々に処理したため合計と一致しないことがあります。FTEも丸め、ずらし、少人数では示しません。', v_see.at_most)
                else format('To expose nobody, counts of people are changed by up to %s, each by itself, so that they need not add up to their totals; FTE is changed with them, rounded, and hidden for few people.', v_see.at_most) end) end);
end
$$;
comment on function api.gap_published(date, text, text) is 'What an answer says of how its figures on people were published';

create function api.gap_matrix_subjects(p_of text, p_skill uuid, p_category uuid, p_pillar text) returns uuid[]
language sql stable as $$
    select case
        when p_skill is not null then array[p_skill]
        when p_of = 'pillar' then array(select p.id from core.pillar p where p_pillar is null or p.code = p_pillar)
        else array(
            select s.id from core.skill s
            where s.kind = p_of
                and (p_pillar is null or p_pillar = any (s.pillars))
                and (p_category is null or exists (
                    select from derive.skill_subject x where x.skill_id = s.id and x.subject_id = p_category))) end
$$;
comment on function api.gap_matrix_subjects(text, uuid, uuid, text) is 'The skills, categories or pillars that a matrix is about';

-- Written as text: a function that builds JSON looks at the type of each of its arguments again for each cell. What many cells
-- share, the text and the place of their subject and of their group, is made ready once, so that cells are sorted by numbers:
-- comparing codes by the database's collation takes twice as long. A place is one among all that may ever have a cell, so that
-- what is computed later finds its own among what is there.
create function api.gap_matrix_cells(p_month date, p_scenario text, p_by text, p_level bigint, p_subjects uuid[], p_changed uuid[],
    p_country text, p_organization uuid, p_evidence text, p_associations boolean, p_release text, p_order text, p_top bigint,
    p_lang text)
returns table (part bigint, rank double precision, place bigint, words text)
language plpgsql stable as $$
begin
    return query
    with c as materialized (
        select x.*, x.demand - x.fte as gap
        from api.gap_cells(p_month, p_scenario, p_by, p_evidence = 'all', p_associations, coalesce(p_changed, p_subjects),
            p_level::smallint, p_release) x
        where cardinality(coalesce(p_changed, p_subjects)) > 0 -- of no subject nothing is asked, so nothing is refused
    ), s as materialized (
        select x.id, rank() over (order by x.code) as place,
            '{"subject" : ' || json_build_object('id', x.id, 'code', x.code,
                'name', core.label(x.name_en, x.name_ja, p_lang)) as words
        from (select k.id, k.code::text, k.name_en, k.name_ja from core.skill k
              union all
              select p.id, p.code::text, p.name_en, p.name_ja from core.pillar p) x
        where x.id = any (p_subjects)
    ), g as materialized (
        select d.group_key, rank() over (order by n.name) as place,
            concat(', "group" : ', to_json(n.name), ', "level" : ') as words
        from derive.published_groups(p_month, p_by, p_release) d (group_key)
        left join core.organization o on o.id = case when p_by = 'organization' then d.group_key::uuid end
        cross join lateral (select coalesce(o.code::text, d.group_key) as name) n
        where (p_country is null or coalesce(o.country, d.group_key) = p_country)
            and (p_organization is null or o.id = p_organization)
    )
    select s.place, null::double precision, null::bigint, null::text
    from s where s.id = any (p_changed)
    union all
    select f.*
    from (
        select s.place, case p_order when 'gap' then c.gap end::double precision, (s.place << 40) + (g.place << 3) + c.level,
            concat(s.words, g.words, c.level, ', "demand_low" : ', coalesce(c.demand_low::text, 'null'),
                ', "demand" : ', coalesce(c.demand::text, 'null'), ', "demand_high" : ', coalesce(c.demand_high::text, 'null'),
                ', "headcount" : ', coalesce(c.headcount::text, 'null'), ', "fte" : ', coalesce(c.fte::text, 'null'),
                case when c.hidden then ', "hidden" : true, "gap" : ' else ', "hidden" : false, "gap" : ' end,
                coalesce(c.gap::text, 'null'), ', "coverage" : ', coalesce(round(c.fte / nullif(c.demand, 0), 3)::text, 'null'), '}')
        from c
        join s on s.id = c.subject_id
        join g on g.group_key = c.group_key
        order by 2 desc nulls last, 3
        limit p_top) f;
end
$$;
comment on function api.gap_matrix_cells(date, text, text, bigint, uuid[], uuid[], text, uuid, text, boolean, text, text, bigint, text) is
    'The cells of a matrix in their order, largest rank first, with none last, and then by place; or, after a row without words for each, those of the subjects that have changed. All cells of a subject are one part';

create function api.gap_matrix_frame(p_month date, p_scenario text, p_of text, p_by text, p_evidence text, p_associations boolean,
    p_release text, p_lang text) returns text
language plpgsql stable as $$
declare
    v_published json := api.gap_published(p_month, p_release, p_lang);
    v_figures json;
    v_synthetic boolean;
begin
    select json_build_object('statements', count(*), 'oldest', min(d.source_date), 'newest', max(d.source_date),
            'undated', count(*) filter (where d.source_date is null),
            'low_confidence', count(*) filter (where d.confidence = 'low'),
            'unverified', count(*) filter (where d.unverified), 'synthetic', count(*) filter (where d.synthetic),
            'left_out', count(*) filter (where d.members_included and not p_associations))
        into v_figures
    from core.demand d
    where d.scenario = p_scenario and d.as_of <= p_month and d.as_of > p_month - interval '1 year';
    v_synthetic := (v_figures ->> 'synthetic')::bigint > 0 or derive.people_synthetic();
    -- As text, since what is made json of text is read once more.
    return '], ' || substr(json_build_object(
        'as_of', to_char(p_month, 'YYYY-MM'), 'scenario', p_scenario, 'of', p_of, 'by', p_by, 'evidence', p_evidence,
        'demand', v_figures,
        'supply', json_build_object('source', 'holdings, affiliations and exchanges on record',
            'age', case when (v_published ->> 'perturbed')::boolean then 'release' else 'current' end),
        'perturbed', v_published -> 'perturbed', 'at_most', v_published -> 'at_most', 'release', v_published -> 'release',
        'release_month', v_published -> 'release_month', 'live', v_published -> 'live',
        'notes', (select coalesce(json_agg(n.note), '[]'::json) from (
            select json_array_elements_text(v_published -> 'notes') as note
            union all
            select case p_lang
                when 'ja' then 'この数値には、試用のために作られた合成データが含まれています。'
                else 'These figures include synthetic data, made up for trying the program out.' end
            where v_synthetic) n))::text, 2);
end
$$;
comment on function api.gap_matrix_frame(date, text, text, text, text, boolean, text, text) is
    'What a matrix says after its cells: of which month and scenario it is, what its demand rests on, and how its figures were published';

-- In pieces: first its stamp, with what stands after the cells, and then the cells. With the stamp of the answer that the daemon
-- has: that stamp alone, where the answer holds, or what has changed in it.
create function api.gap_matrix(p_caller uuid, p_as_of date, p_scenario text, p_of text, p_by text, p_level bigint,
    p_skill text, p_category text, p_pillar text, p_country text, p_organization text, p_evidence text,
    p_associations boolean, p_release text, p_order text, p_top bigint, p_lang text, p_stamp text)
returns table (stamp text, whole boolean, part bigint, rank double precision, place bigint, words text)
-- Planned for what is asked: the plan for any question, which PostgreSQL would keep from the sixth call on, takes a hundred
-- times as long for the large ones. The cells of a large matrix are passed on in memory.
language plpgsql stable security definer set plan_cache_mode = force_custom_plan set work_mem = '64MB' as $$
declare
    v_role text := core.read_begin(p_caller);
    v_month constant date := date_trunc('month', coalesce(p_as_of, current_date));
    v_scenario constant text := coalesce(p_scenario, 'baseline');
    v_of constant text := coalesce(p_of, 'category');
    v_organization constant uuid := api.organization_ref(p_organization, 'organization');
    v_by constant text := case when v_organization is not null then 'organization' else coalesce(p_by, 'country') end;
    v_evidence constant text := coalesce(p_evidence, 'verified');
    v_associations constant boolean := coalesce(p_associations, false);
    v_skill constant uuid := api.skill_ref(p_skill, 'skill');
    v_category constant uuid := api.skill_ref(p_category, 'category');
    v_see constant derive.publication := derive.publication(v_month, p_release);
    -- What an answer depends on besides the question and what figures are computed from.
    v_for constant text := concat_ws(' ', current_setting('jinzai.caller'), v_month, derive.people_synthetic());
    v_subjects uuid[];
    v_changed uuid[] := derive.figures_changed(p_stamp, v_for,
        v_see.live or v_see.own_id is not null and v_by = 'organization');
begin
    if v_changed = '{}' then
        stamp := p_stamp;
        return next;
        return;
    end if;
    v_subjects := api.gap_matrix_subjects(v_of, v_skill, v_category, p_pillar);
    -- Which are the first so many may change with any.
    v_changed := case when p_top is null and v_changed is not null then array(select unnest(v_changed) intersect select unnest(v_subjects)) end;
    stamp := derive.figures_stamp(v_for);
    whole := v_changed is null;
    words := api.gap_matrix_frame(v_month, v_scenario, v_of, v_by, v_evidence, v_associations, p_release, p_lang);
    return next;
    return query
    select null::text, null::boolean, c.*
    from api.gap_matrix_cells(v_month, v_scenario, v_by, p_level, v_subjects, v_changed, p_country, v_organization, v_evidence,
        v_associations, p_release, coalesce(p_order, 'gap'), p_top, p_lang) c;
end
$$;
comment on function api.gap_matrix(uuid, date, text, text, text, bigint, text, text, text, text, text, text, boolean, text, text, bigint, text, text) is
    'gap.matrix';

create function api.gap_matrix_answer(p_caller uuid, p_as_of date, p_scenario text, p_of text, p_by text, p_level bigint,
    p_skill text, p_category text, p_pillar text, p_country text, p_organization text, p_evidence text,
    p_associations boolean, p_release text, p_order text, p_top bigint, p_lang text) returns json
language sql stable as $$
    select concat('{"items" : [', string_agg(m.words, ', ' order by m.number) filter (where m.stamp is null),
        min(m.words) filter (where m.stamp is not null))::json
    from api.gap_matrix(p_caller, p_as_of, p_scenario, p_of, p_by, p_level, p_skill, p_category, p_pillar, p_country,
        p_organization, p_evidence, p_associations, p_release, p_order, p_top, p_lang, null)
        with ordinality m (stamp, whole, part, rank, place, words, number)
$$;
comment on function api.gap_matrix_answer(uuid, date, text, text, text, bigint, text, text, text, text, text, text, boolean, text, text, bigint, text) is
    'What gap.matrix answers, in one piece';
