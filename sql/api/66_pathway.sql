-- SPDX-License-Identifier: Apache-2.0
--
-- What pathway.find and pathway.neighbors compute from: what somebody brings, what a role requires, what carries over between
-- skill frameworks, and the programs that teach the rest. The arithmetic is in daemon/model/pathway.h.
--
-- How much of a level carries over by a mapping (strength) is a judgement that the caller may replace: all of it where the
-- skills are the same; more from a broader skill to one of its parts than from a part to the whole.

create function api.mapping_strength(p_match text, p_strengths jsonb) returns numeric
language sql immutable as $$
    select coalesce((p_strengths ->> p_match)::numeric, case p_match when 'exact' then 1 when 'narrow' then 0.75 when 'broad' then 0.5 end)
$$;
comment on function api.mapping_strength(text, jsonb) is
    'How much of a level carries over to a skill that is the same (exact), narrower or broader; as the caller says, or 1, 0.75, 0.5';

create function api.mappings_to(p_skills uuid[], p_strengths jsonb)
returns table (from_id uuid, to_id uuid, match text, strength numeric)
language sql stable as $$
    select m.from_id, m.to_id, m.match, api.mapping_strength(m.match, p_strengths)
    from core.skill_mapping m where m.to_id = any (p_skills)
    union all
    -- Seen from the other end, broader is narrower.
    select m.to_id, m.from_id, o.match, api.mapping_strength(o.match, p_strengths)
    from core.skill_mapping m
    cross join lateral (select case m.match when 'broad' then 'narrow' when 'narrow' then 'broad' else m.match end as match) o
    where m.from_id = any (p_skills)
$$;
comment on function api.mappings_to(uuid[], jsonb) is 'The mappings by which other skills carry over to these, in whichever direction they are recorded';

create function api.pathway_role(p_ref text) returns uuid
language plpgsql stable as $$
declare
    v_id uuid := api.role_ref(p_ref, 'role');
begin
    if not exists (select from core.role_skill k where k.role_id = v_id) then
        perform core.fail('invalid_params', 'the role requires no skill, so that nothing leads to it', 'role', 'a role that requires skills');
    end if;
    return v_id;
end
$$;
comment on function api.pathway_role(text) is 'The role that a pathway leads to, which has to require something';

create function api.strengths_said(p_strengths jsonb) returns json
language sql immutable as $$
    select json_build_object('exact', api.mapping_strength('exact', p_strengths), 'narrow', api.mapping_strength('narrow', p_strengths),
        'broad', api.mapping_strength('broad', p_strengths))
$$;
comment on function api.strengths_said(jsonb) is 'The strengths of mappings in force, as answers repeat them';

create function api.pathway_brought(p_person uuid, p_from uuid, p_held jsonb, p_self_declared boolean)
returns table (skill_id uuid, level smallint)
language sql stable as $$
    select b.skill_id, max(b.level)
    from (
        select k.skill_id, k.level from core.role_skill k where k.role_id = p_from
        union all
        select t.skill_id, case when p_self_declared then t.level else t.level_verified end
        from derive.timeline t where t.person_id = p_person and t.days @> current_date
        union all
        select c.skill_id, c.level from api.skill_levels_check(p_held, 'held', false) c) b
    where b.level is not null
    group by b.skill_id
$$;
comment on function api.pathway_brought(uuid, uuid, jsonb, boolean) is
    'What somebody brings, in whatever framework: a person''s levels today, those of an occupation, and what the caller adds';

create function api.pathway_find(p_caller uuid, p_role text, p_from_role text, p_person text, p_held jsonb, p_self_declared boolean,
    p_starts date, p_latest date, p_order text, p_routes bigint, p_strengths jsonb, p_currency text, p_rates jsonb,
    p_unpriced numeric, p_undated boolean, p_hours_a_week bigint, p_purpose text, p_lang text) returns json
language plpgsql security definer as $$
declare
    v_caller text := core.read_begin(p_caller);
    v_role uuid := api.pathway_role(p_role);
    v_from uuid := api.role_ref(p_from_role, 'from_role');
    v_person uuid := api.person_ref(p_person, 'person');
    v_starts date := coalesce(p_starts, current_date);
    v_latest date := coalesce(p_latest, (v_starts + interval '3 years')::date);
    v_hours integer := coalesce(p_hours_a_week, 40);
    v_currency text := p_currency;
    v_unpriced numeric := p_unpriced;
    v_programs uuid[];
    v_left_out bigint;
    v_skills uuid[];
    v_input json;
    v_about json;
begin
    if v_latest < v_starts then
        perform core.fail('invalid_params', 'the latest day is before the first', 'latest', 'a day not before starts');
    end if;
    if v_person is not null then
        -- What a person holds is theirs alone to show; without a ground to show it there is nothing to begin from.
        perform derive.people_gate(array[v_person], 'personal', p_purpose, 'pathway.find');
    end if;
    with recursive wanted (skill_id) as (
        select k.skill_id from core.role_skill k where k.role_id = v_role
        union
        select n.skill_id
        from wanted w
        join core.program_skill t on t.skill_id = w.skill_id and t.relation = 'teaches'
        join core.program p on p.id = t.program_id and p.status in ('planned', 'running')
        join core.program_skill n on n.program_id = p.id and n.relation = 'requires'
    )
    select array_agg(distinct p.id) into v_programs
    from wanted w
    join core.program_skill t on t.skill_id = w.skill_id and t.relation = 'teaches'
    join core.program p on p.id = t.program_id and p.status in ('planned', 'running');
    v_programs := coalesce(v_programs, '{}');
    v_skills := array(
        select k.skill_id from core.role_skill k where k.role_id = v_role
        union
        select k.skill_id from core.program_skill k where k.program_id = any (v_programs));
    -- The currency that most of the programs are priced in, and the dearest for what has no price, so that not to say one
    -- does not make a program look cheap.
    if v_currency is null then
        select p.currency into v_currency from core.program p
        where p.id = any (v_programs) and p.cost is not null group by p.currency order by count(*) desc, p.currency limit 1;
    end if;
    if v_unpriced is null then
        select max(p.cost * case when p.currency = v_currency then 1 else r.rate end) into v_unpriced
        from core.program p
        left join lateral (select (x ->> 'rate')::numeric as rate from jsonb_array_elements(p_rates) x
            where x ->> 'currency' = p.currency limit 1) r on true
        where p.id = any (v_programs);
    end if;

    with brought as materialized (
        select b.skill_id, b.level, s.code
        from api.pathway_brought(v_person, v_from, p_held, coalesce(p_self_declared, false)) b join core.skill s on s.id = b.skill_id
    ), mapping as materialized (
        select m.*, f.code as from_code, t.code as to_code
        from api.mappings_to(v_skills, p_strengths) m
        join brought f on f.skill_id = m.from_id
        join core.skill t on t.id = m.to_id
    ), course as materialized (
        select p.id, p.code, p.provider_id, p.hours, p.cost, p.currency,
            p.cost * case when p.currency = v_currency then 1 else r.rate end as price,
            case when coalesce(p_undated, true) then greatest(ceil(p.hours * 7.0 / v_hours), 1)::integer end as takes
        from core.program p
        left join lateral (select (x ->> 'rate')::numeric as rate from jsonb_array_elements(p_rates) x
            where x ->> 'currency' = p.currency limit 1) r on true
        where p.id = any (v_programs)
    ), dated as materialized (
        select s.program_id, s.id, s.code, lower(s.held) as starts, upper(s.held) - 1 as ends,
            row_number() over (partition by s.program_id order by lower(s.held), s.code) as place
        from core.session s
        where s.program_id = any (v_programs) and s.status in ('planned', 'open') and not upper_inf(s.held) and lower(s.held) >= v_starts
    ), known as materialized (
        select s.id, s.code, s.name_en, s.name_ja from core.skill s
        where s.id = any (v_skills) or s.id in (select b.skill_id from brought b)
    )
    select json_build_object(
            'skills', (select json_agg(s.code order by s.code) from known s where s.id = any (v_skills)),
            'sources', (select coalesce(json_agg(b.code order by b.code), '[]'::json) from brought b),
            'role', (select json_agg(json_build_object('skill', s.code, 'level', k.level) order by s.code)
                from core.role_skill k join core.skill s on s.id = k.skill_id where k.role_id = v_role),
            'mappings', (select coalesce(json_agg(json_build_object('from', m.from_code, 'to', m.to_code, 'strength', m.strength)
                order by m.from_code, m.to_code, m.strength), '[]'::json) from mapping m),
            'own', (select coalesce(json_agg(json_build_object('skill', b.code, 'level', b.level) order by b.code), '[]'::json)
                from brought b where b.skill_id = any (v_skills)),
            'held', (select coalesce(json_agg(json_build_object('source', b.code, 'level', b.level) order by b.code), '[]'::json) from brought b),
            'programs', (select coalesce(json_agg(json_build_object('code', p.code, 'cost', coalesce(p.price, v_unpriced, 0),
                    'days', case when not exists (select from dated x where x.program_id = p.id) then p.takes end,
                    'needs', (select coalesce(json_agg(json_build_object('skill', s.code, 'level', k.level) order by s.code), '[]'::json)
                        from core.program_skill k join core.skill s on s.id = k.skill_id where k.program_id = p.id and k.relation = 'requires'),
                    'teaches', (select coalesce(json_agg(json_build_object('skill', s.code, 'level', k.level) order by s.code), '[]'::json)
                        from core.program_skill k join core.skill s on s.id = k.skill_id where k.program_id = p.id and k.relation = 'teaches'),
                    'sessions', (select coalesce(json_agg(json_build_array(x.starts - date '1970-01-01', x.ends - date '1970-01-01') order by x.place), '[]'::json)
                        from dated x where x.program_id = p.id)) order by p.code), '[]'::json)
                from course p
                -- What has neither a date ahead nor hours cannot be put into a sequence.
                where p.takes is not null or exists (select from dated x where x.program_id = p.id)),
            'from_day', v_starts - date '1970-01-01', 'latest_day', v_latest - date '1970-01-01',
            'order', coalesce(p_order, 'cheapest'), 'routes', coalesce(p_routes, 3)),
        json_build_object(
            'skills', (select json_object_agg(s.code, json_build_object('id', s.id, 'code', s.code,
                'name', core.label(s.name_en, s.name_ja, p_lang))) from known s),
            'matches', (select coalesce(json_object_agg(m.from_code || '/' || m.to_code, m.match), '{}'::json)
                from (select distinct on (x.from_code, x.to_code) x.* from mapping x order by x.from_code, x.to_code, x.strength desc) m),
            'programs', (select coalesce(json_object_agg(p.code, json_build_object('program', api.program_brief(p.id, p_lang),
                    'provider', api.organization_brief(p.provider_id, p_lang), 'hours', p.hours,
                    'cost', trim_scale(p.cost), 'currency', p.currency, 'priced', p.price is not null,
                    'sessions', (select coalesce(json_agg(json_build_object('id', x.id, 'code', x.code) order by x.place), '[]'::json)
                        from dated x where x.program_id = p.id))), '{}'::json)
                from course p)),
        (select count(*) from course p where p.takes is null and not exists (select from dated x where x.program_id = p.id))
        into v_input, v_about, v_left_out;

    return json_build_object('input', v_input, 'about', v_about,
        'said', json_build_object('role', api.role_brief(v_role, p_lang), 'from_role', api.role_brief(v_from, p_lang),
            'person', api.person_brief(v_person, p_lang), 'starts', v_starts, 'latest', v_latest, 'order', coalesce(p_order, 'cheapest'),
            'strengths', api.strengths_said(p_strengths), 'currency', v_currency, 'unpriced_as', trim_scale(v_unpriced),
            'hours_a_week', v_hours,
            'left_out', json_build_object('programs_without_dates_or_hours', v_left_out),
            'notes', (select coalesce(json_agg(n.note), '[]'::json) from (
                select case p_lang
                    when 'ja' then '他の体系の技能は、対応付けの強さに水準を乗じて切り捨てた水準まで引き継がれます。この強さは判断であり、変更できます。'
                    else 'Skills of other frameworks carry over at their level times the strength of the mapping, rounded down; the strengths are judgements and can be given.' end as note
                union all
                select case p_lang
                    when 'ja' then '費用の分からない課程があります。順位付けには unpriced_as を用い、経路の費用には含めていません。'
                    else 'The cost of some programs is not known in this currency: they are ranked as if they cost unpriced_as, and are not in the cost of a route.' end
                where exists (select from json_each(v_about -> 'programs') p where p.value ->> 'priced' = 'false')
                union all
                select case p_lang
                    when 'ja' then format('日程も時間数も登録されていない課程が%s件あり、経路に含まれません。', v_left_out)
                    else format('%s programs on record have neither a date ahead nor hours, and are in no route.', v_left_out) end
                where v_left_out > 0
                union all
                select case p_lang
                    when 'ja' then '経路には、試用のために作られた合成データの課程が含まれることがあります。'
                    else 'Routes may hold synthetic programs, made up for trying the program out.' end
                where exists (select from core.program p where p.id = any (v_programs) and p.synthetic)) n)));
end
$$;
comment on function api.pathway_find is 'pathway.find';

create function api.pathway_neighbors(p_caller uuid, p_role text, p_framework text, p_strengths jsonb, p_synthetic boolean,
    p_top bigint, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role uuid := api.pathway_role(p_role);
    v_framework uuid := api.framework_ref(p_framework, 'framework');
    v_skills uuid[] := array(select k.skill_id from core.role_skill k where k.role_id = v_role);
    v_input json;
    v_about json;
begin
    with mapping as materialized (
        select m.from_id, m.to_id, m.match, m.strength from api.mappings_to(v_skills, p_strengths) m
        union all
        select s.id, s.id, 'same', 1 from unnest(v_skills) as s (id)
    ), occupation as materialized (
        select r.id, r.code from core.role r
        where r.id <> v_role and exists (
                select from core.role_skill k join core.skill s on s.id = k.skill_id
                where k.role_id = r.id and (v_framework is null or s.framework_id = v_framework))
            and (p_synthetic is null or r.synthetic = p_synthetic)
    ), brought as materialized (
        select o.code as occupation, s.code, k.skill_id, k.level
        from occupation o
        join core.role_skill k on k.role_id = o.id
        join core.skill s on s.id = k.skill_id
        where k.skill_id in (select m.from_id from mapping m)
    )
    select json_build_object(
            'skills', (select json_agg(s.code order by s.code) from core.skill s where s.id = any (v_skills)),
            'sources', (select coalesce(json_agg(distinct b.code order by b.code), '[]'::json) from brought b),
            'role', (select json_agg(json_build_object('skill', s.code, 'level', k.level) order by s.code)
                from core.role_skill k join core.skill s on s.id = k.skill_id where k.role_id = v_role),
            'mappings', (select coalesce(json_agg(json_build_object('from', f.code, 'to', t.code, 'strength', m.strength)
                    order by f.code, t.code, m.strength), '[]'::json)
                from mapping m join core.skill f on f.id = m.from_id join core.skill t on t.id = m.to_id
                where m.from_id in (select b.skill_id from brought b)),
            'occupations', (select coalesce(json_agg(json_build_object('code', o.code, 'profile', (
                    select coalesce(json_agg(json_build_array(b.code, b.level) order by b.code), '[]'::json)
                    from brought b where b.occupation = o.code)) order by o.code), '[]'::json)
                from occupation o),
            'list', coalesce(p_top, 20)),
        json_build_object('occupations', (
            select coalesce(json_object_agg(o.code, json_build_object('occupation', api.role_brief(o.id, p_lang),
                'frameworks', (select json_agg(distinct f.code) from core.role_skill k join core.skill s on s.id = k.skill_id
                    join core.framework f on f.id = s.framework_id where k.role_id = o.id),
                'carries', (select count(*) from brought b where b.occupation = o.code))), '{}'::json)
            from occupation o))
        into v_input, v_about;
    return json_build_object('input', v_input, 'about', v_about,
        'said', json_build_object('role', api.role_brief(v_role, p_lang), 'asked', cardinality(v_skills),
            'strengths', api.strengths_said(p_strengths), 'notes', json_build_array(case p_lang
                when 'ja' then '対応付けのない技能は引き継がれません。対応付けの強さは判断であり、変更できます。'
                else 'What is not mapped to a skill of the role carries nothing over; the strengths of mappings are judgements and can be given.' end)));
end
$$;
comment on function api.pathway_neighbors is 'pathway.neighbors';
