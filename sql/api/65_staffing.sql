-- SPDX-License-Identifier: Apache-2.0
--
-- What gap.staffing and gap.fragile compute from: one JSON text of figures as the caller may see them, demand and programs.
-- The arithmetic is in daemon/model/staffing.h and fragile.h.

-- Staffing ----------------------------------------------------------------------------------------

create type api.position as (
    place integer,
    organization_id uuid,
    role_id uuid,
    group_key text,
    group_name text,
    fte numeric
);
comment on type api.position is 'A position to be filled: of a role, in a group or (null) open to all, with so many FTE';

create function api.staffing_given(p_positions jsonb, p_by text) returns setof api.position
language plpgsql stable as $$
declare
    v_item jsonb;
    v_row api.position;
    v_path text;
begin
    for v_item in select * from jsonb_array_elements(coalesce(p_positions, '[]'::jsonb)) loop
        v_row.place := coalesce(v_row.place, -1) + 1;
        v_path := format('positions[%s].', v_row.place);
        v_row.role_id := api.role_ref(v_item ->> 'role', v_path || 'role');
        v_row.fte := coalesce((v_item ->> 'fte')::numeric, 1);
        v_row.group_name := v_item ->> 'group';
        v_row.group_key := v_row.group_name;
        if not exists (select from core.role_skill k where k.role_id = v_row.role_id) then
            perform core.fail('invalid_params', 'the role requires no skill, so that nobody can be said to reach it', v_path || 'role',
                'a role that requires skills');
        end if;
        if p_by = 'organization' and v_row.group_name is not null then
            v_row.group_key := api.organization_ref(v_row.group_name, v_path || 'group');
            select o.code into v_row.group_name from core.organization o where o.id = v_row.group_key::uuid;
        elsif v_row.group_name is not null and not (p_by <> 'all' and exists (
                select from core.organization o where derive.staffing_group(p_by, o) = v_row.group_name)) then
            perform core.fail('invalid_params', 'there is no such group', v_path || 'group', case p_by
                when 'country' then 'the country of an organization on record, as JP'
                when 'kind' then 'a kind of organization, as university'
                else 'no group, where all are counted together' end);
        end if;
        return next v_row;
    end loop;
end
$$;
comment on function api.staffing_given(jsonb, text) is 'The positions that a caller gives, checked';

create function api.staffing_stated(p_month date, p_scenario text, p_associations boolean, p_estimate text, p_by text)
returns setof api.position
language sql stable as $$
    select row_number() over (order by o.code, r.code)::integer - 1, o.id, r.id, derive.staffing_group(p_by, o),
        case p_by when 'organization' then o.code::text else derive.staffing_group(p_by, o) end,
        case p_estimate when 'low' then d.fte_low when 'high' then d.fte_high else d.fte end
    from core.demand d
    join core.organization o on o.id = d.organization_id
    join core.role r on r.id = d.role_id
    where d.scenario = p_scenario and d.as_of <= p_month and d.as_of > p_month - interval '1 year'
        and (p_associations or not d.members_included)
$$;
comment on function api.staffing_stated(date, text, boolean, text, text) is 'The positions of the demand by role that holds in a month in a scenario';

create function api.staffing_notes(p_published json, p_live boolean, p_left jsonb, p_empty boolean, p_lang text) returns json
language sql stable as $$
    select coalesce(json_agg(n.note), '[]'::json) from (
        select json_array_elements_text(p_published -> 'notes') as note
        union all
        select case p_lang
            when 'ja' then 'この月に有効な職務別の需要は登録されていません。'
            else 'No demand by role holds in this month, so nothing is known of positions.' end
        where p_empty
        union all
        select case p_lang
            when 'ja' then '公表値には、どの職務の要件もすべて満たす人の組だけが含まれます。要件に届かない人は含まれないため、研修の効果は示されません。少人数の組は充足に数えません。'
            else 'Releases hold people who reach roles in full. Who falls short is left out, so what trainings would bring is not shown, and sets of few people, whose FTE is hidden, fill nothing.' end
        where not p_live
        union all
        select case p_lang
            when 'ja' then '公表後に変更された、または公表値にない職務の充足は分かりません。'
            else 'How far positions of roles that are not in the release as they are today can be filled is not known.' end
        where p_left @> '[{"why": "not_released"}]'
        union all
        select case p_lang
            when 'ja' then 'この数値には、試用のために作られた合成データが含まれています。'
            else 'These figures include synthetic data, made up for trying the program out.' end
        where derive.people_synthetic() or exists (select from core.demand d where d.role_id is not null and d.synthetic)) n
$$;
comment on function api.staffing_notes(json, boolean, jsonb, boolean, text) is 'What a reader of a staffing has to know';

create function api.gap_staffing(p_caller uuid, p_as_of date, p_scenario text, p_by text, p_country text, p_organization text,
    p_role text, p_across boolean, p_positions jsonb, p_with_demand boolean, p_estimate text, p_associations boolean,
    p_training_steps bigint, p_release text, p_top bigint, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_month date := date_trunc('month', coalesce(p_as_of, current_date));
    v_scenario text := coalesce(p_scenario, 'baseline');
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_one uuid := api.role_ref(p_role, 'role');
    -- Released people of a kind, or all, are not known by country.
    v_by text := case when v_organization is not null then 'organization'
        when p_country is not null and p_by is distinct from 'organization' then 'country' else coalesce(p_by, 'country') end;
    v_across boolean := coalesce(p_across, false);
    v_see derive.publication := derive.publication(v_month, p_release);
    v_live boolean;
    v_positions api.position[];
    v_known uuid[];
    v_left jsonb;
    v_input json;
    v_about json;
    v_hidden bigint;
    v_published json := api.gap_published(v_month, p_release, p_lang);
begin
    v_live := v_see.live or coalesce(v_organization = v_see.own_id, false) and not v_across;
    select array_agg(x::api.position order by x.place) into v_positions
    from (
        select (row_number() over (order by p.given desc, p.place) - 1)::integer as place, p.organization_id, p.role_id, p.group_key,
            p.group_name, p.fte
        from (
            select true as given, g.* from api.staffing_given(p_positions, v_by) g
            union all
            select false, s.* from api.staffing_stated(v_month, v_scenario, coalesce(p_associations, false),
                coalesce(p_estimate, 'likely'), v_by) s
            where coalesce(p_with_demand, p_positions is null)
        ) p
        left join core.organization o on v_by = 'organization' and o.id = p.group_key::uuid
        where (v_one is null or p.role_id = v_one)
            and (v_organization is null or coalesce(p.group_key = v_organization::text, p.given))
            and (p_country is null or p.organization_id is null or p_country = (
                select c.country from core.organization c where c.id = p.organization_id))) x;
    v_known := derive.publish_roles(v_month, array(select distinct p.role_id from unnest(v_positions) p), p_release);
    -- What cannot be answered is said, and asked of nobody.
    select coalesce(jsonb_agg(jsonb_build_object('role', api.role_brief(p.role_id, p_lang), 'group', p.group_name, 'fte', p.fte,
            'organization', api.organization_brief(p.organization_id, p_lang), 'why', p.why) order by p.place), '[]')
        into v_left
    from (
        select x.*, case
            when not exists (select from core.role_skill k where k.role_id = x.role_id) then 'requires_nothing'
            when not (x.role_id = any (v_known) or coalesce(v_by = 'organization' and x.group_key = v_see.own_id::text, false) and not v_across)
                then 'not_released' end as why
        from unnest(v_positions) x) p
    where p.why is not null;
    v_positions := array(
        select x::api.position from unnest(v_positions) x
        where exists (select from core.role_skill k where k.role_id = x.role_id)
            and (x.role_id = any (v_known) or coalesce(v_by = 'organization' and x.group_key = v_see.own_id::text, false) and not v_across)
        order by x.place);

    with asked as materialized (
        select distinct p.role_id from unnest(v_positions) p
    ), required as materialized (
        select distinct s.id, s.code, s.name_en, s.name_ja
        from asked a join core.role_skill k on k.role_id = a.role_id join core.skill s on s.id = k.skill_id
    ), people as materialized (
        select coalesce(o.code::text, p.group_key) as group_name, p.levels, p.fte, p.heads
        from derive.publish_staffing(v_month, v_by, array(select a.role_id from asked a), p_release) p
        left join core.organization o on v_by = 'organization' and o.id = p.group_key::uuid
        where v_across or v_organization is null and (p_country is null or p_country = coalesce(o.country, p.group_key))
            or p.group_key = v_organization::text
    )
    select json_build_object(
            'skills', (select json_agg(s.code order by s.code) from required s),
            'groups', (select coalesce(json_agg(g.name order by g.name), '[]'::json) from (
                select p.group_name as name from people p
                union select p.group_name from unnest(v_positions) p where p.group_name is not null) g),
            'roles', (select json_agg(json_build_object('code', r.code, 'skills', (
                    select json_agg(json_build_object('skill', s.code, 'level', k.level) order by s.code)
                    from core.role_skill k join core.skill s on s.id = k.skill_id where k.role_id = r.id)) order by r.code)
                from asked a join core.role r on r.id = a.role_id),
            'people', (select coalesce(json_agg(json_build_object('skills', p.levels, 'fte', p.fte, 'heads', p.heads, 'group', p.group_name)
                order by p.group_name, p.levels, p.fte), '[]'::json) from people p where p.fte is not null),
            'positions', (select coalesce(json_agg(json_build_object('code', p.place::text, 'role', r.code, 'fte', p.fte,
                    'group', case when not v_across then p.group_name end) order by p.place), '[]'::json)
                from unnest(v_positions) p join core.role r on r.id = p.role_id),
            'training_steps', case when v_live then coalesce(p_training_steps, 3) else 0 end,
            'waivers', case when v_live then 10 else 0 end),
        json_build_object(
            'roles', (select json_object_agg(r.code, api.role_brief(r.id, p_lang)) from asked a join core.role r on r.id = a.role_id),
            'skills', (select json_object_agg(s.code, json_build_object('id', s.id, 'code', s.code,
                'name', core.label(s.name_en, s.name_ja, p_lang))) from required s),
            'positions', (select json_object_agg(p.place::text, json_build_object('role', api.role_brief(p.role_id, p_lang),
                    'organization', api.organization_brief(p.organization_id, p_lang), 'group', p.group_name, 'asked', trim_scale(p.fte)))
                from unnest(v_positions) p)),
        (select coalesce(sum(p.heads), 0)::bigint from people p where p.fte is null)
        into v_input, v_about, v_hidden;

    return json_build_object('input', v_input, 'about', v_about, 'live', v_live, 'top', coalesce(p_top, 20),
        'said', json_build_object('as_of', to_char(v_month, 'YYYY-MM'), 'scenario', v_scenario, 'by', v_by, 'across', v_across,
            'estimate', coalesce(p_estimate, 'likely'),
            'training_steps', case when v_live then coalesce(p_training_steps, 3) end,
            'left_out', json_build_object('positions', v_left, 'heads_with_hidden_fte', v_hidden,
                'near_misses', not v_live),
            'perturbed', not v_live, 'at_most', case when not v_live then v_published -> 'at_most' end,
            'release', case when not v_live then v_published -> 'release' end,
            'release_month', case when not v_live then v_published -> 'release_month' end, 'live', v_published -> 'live',
            'notes', api.staffing_notes(case when v_live then '{"notes": []}' else v_published end, v_live, v_left,
                cardinality(v_positions) = 0 and v_left = '[]', p_lang)));
end
$$;
comment on function api.gap_staffing is 'gap.staffing';

-- Fragile skills ----------------------------------------------------------------------------------

create function api.fragile_notes(p_published json, p_live boolean, p_near_age integer, p_lang text) returns json
language sql stable as $$
    select coalesce(json_agg(n.note), '[]'::json) from (
        select json_array_elements_text(p_published -> 'notes') as note
        union all
        select case p_lang
            when 'ja' then '所属組織の外には、人数は区間でのみ示し、評点も区間の中央から計算します。高年齢者の割合はその技能の属する分類のものです。少人数の機関は公表値では零となるため、集中度は実際より高く出ることがあります。'
            else 'Outside the own organization people are shown in bands alone, and scores are computed from the middle of the bands. The share of those who are near retirement is that of the skill''s category. Concentration may look higher than it is, since organizations with few holders are published as having none.' end
        where not p_live
        union all
        select case p_lang
            when 'ja' then format('生年の区分が分からない人を除き、%s歳以上になる人を退職が近い人と数えます。', p_near_age)
            else format('Near retirement is who has the age of %s or more, of those whose birth cohort is known, at whatever level they have the skill.', p_near_age) end
        union all
        select case p_lang
            when 'ja' then 'この数値には、試用のために作られた合成データが含まれています。'
            else 'These figures include synthetic data, made up for trying the program out.' end
        where derive.people_synthetic()) n
$$;
comment on function api.fragile_notes(json, boolean, integer, text) is 'What a reader of fragile skills has to know';

create function api.gap_fragile(p_caller uuid, p_as_of date, p_level bigint, p_skill text, p_category text, p_pillar text,
    p_country text, p_organization text, p_few bigint, p_near_age bigint, p_weights jsonb, p_release text, p_top bigint,
    p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_month date := date_trunc('month', coalesce(p_as_of, current_date));
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_by text := case when v_organization is not null then 'organization' when p_country is not null then 'country' else 'all' end;
    v_group text := coalesce(v_organization::text, p_country, 'all');
    v_level integer := coalesce(p_level, 3);
    v_near integer := coalesce(p_near_age, 60);
    v_subjects uuid[] := api.gap_subjects('skill', p_skill, p_category, p_pillar);
    v_see derive.publication := derive.publication(v_month, p_release);
    v_live boolean;
    v_known boolean;
    v_skills json;
    v_about json;
    v_published json := api.gap_published(v_month, p_release, p_lang);
begin
    if exists (select from core.skill s where s.id = any (v_subjects) and s.kind = 'category') then
        perform core.fail('invalid_params', 'a category is held by nobody', 'skill', 'a skill; for those of a category, category');
    end if;
    v_live := v_see.live or coalesce(v_organization = v_see.own_id, false);
    v_known := v_live or v_see.release_id is not null;
    with subject as materialized (
        select s.id, s.code, s.parent_id, s.name_en, s.name_ja from core.skill s
        where s.id = any (v_subjects) and s.retired is null
            -- Frameworks of other fields are there to be mapped from; that nobody here holds their skills means nothing.
            and (num_nonnulls(p_skill, p_category) > 0
                or s.framework_id = (select f.id from core.framework f where f.code = 'FS')
                or exists (select from core.demand d join core.skill x on x.id = d.skill_id where x.framework_id = s.framework_id))
    ), holder as materialized (
        select p.subject_id, p.heads from derive.publish(v_month, v_by, false, p_release) p
        where p.group_key = v_group and p.level = v_level and p.subject_id = any (v_subjects)
    ), age as materialized (
        -- The middle of a five-year cohort is two years after its first.
        select a.subject_id, coalesce(sum(a.heads) filter (where a.birth_cohort > 0
                and extract(year from v_month) - (a.birth_cohort + 2) >= v_near), 0)::numeric
            / nullif(sum(a.heads) filter (where a.birth_cohort > 0), 0) as share
        from derive.publish_ages(v_month, v_by, p_release) a
        where a.group_key = v_group
        group by a.subject_id
    ), place as materialized (
        select p.subject_id, p.group_key, p.heads from derive.publish(v_month, 'organization', false, p_release) p
        join core.organization o on o.id = p.group_key::uuid
        where p.level = v_level and p.subject_id = any (v_subjects)
            and (p_country is null or o.country = p_country) and (v_organization is null or o.id = v_organization)
    ), taught as materialized (
        select k.skill_id, count(distinct k.program_id) as programs
        from core.program_skill k join core.program p on p.id = k.program_id
        where k.relation = 'teaches' and k.skill_id = any (v_subjects)
            and (p.status = 'running' or exists (
                select from core.session s where s.program_id = p.id and s.status in ('planned', 'open', 'running')
                    and (upper_inf(s.held) or upper(s.held) > v_month)))
        group by k.skill_id
    ), demand as (
        select d.subject_id, sum(d.fte) as fte
        from api.gap_demand(v_month, 'baseline', false) d join core.organization o on o.id = d.organization_id
        where d.subject_id = any (v_subjects) and d.level >= v_level
            and (p_country is null or o.country = p_country) and (v_organization is null or o.id = v_organization)
        group by d.subject_id
    ), counted as materialized (
        select s.id, s.code, s.name_en, s.name_ja, d.fte as demand, case when v_known then coalesce(h.heads, 0) end as holders,
            case when v_live then a.share else c.share end as share,
            coalesce(t.programs, 0) as programs, o.heads as organizations, o.together
        from subject s
        left join holder h on h.subject_id = s.id
        left join age a on a.subject_id = s.id
        left join age c on c.subject_id = s.parent_id
        left join taught t on t.skill_id = s.id
        left join demand d on d.subject_id = s.id
        left join (select p.subject_id, array_agg(p.heads order by p.heads desc, p.group_key) as heads, sum(p.heads) as together
                   from place p where p.heads > 0 group by p.subject_id) o on o.subject_id = s.id
    )
    select json_agg(json_build_object('code', c.code, 'holders', c.holders, 'near_retirement', round(c.share * c.holders)::bigint,
            'programs', c.programs, 'organizations', (
                -- Published cells are changed each by itself, and organizations may together have more than there are.
                select json_agg(case when c.together > c.holders then floor(x.heads * c.holders / c.together)::bigint else x.heads end order by x.place)
                from unnest(c.organizations) with ordinality as x (heads, place))) order by c.code),
        json_object_agg(c.code, json_build_object('subject', json_build_object('id', c.id, 'code', c.code,
                'name', core.label(c.name_en, c.name_ja, p_lang)),
            'group', case v_by when 'organization' then (select o.code from core.organization o where o.id = v_organization) else v_group end,
            'level', v_level, 'demand', c.demand, 'programs', c.programs,
            'headcount', case when v_live then c.holders end,
            'near_retirement', case when v_live then round(c.share * c.holders)::bigint end,
            'organizations', case when v_live then coalesce(cardinality(c.organizations), 0) end))
        into v_skills, v_about
    from counted c;

    return json_build_object(
        'input', json_strip_nulls(json_build_object('few', p_few, 'banded', not v_live, 'weights', p_weights)) ::jsonb
            || jsonb_build_object('skills', coalesce(v_skills, '[]'::json)),
        'about', coalesce(v_about, '{}'::json), 'top', coalesce(p_top, 20),
        -- A count that is published as zero may be as many.
        'zero_below', case when not v_live and v_see.at_most is not null then v_see.at_most + 1 else 1 end,
        'said', json_build_object('as_of', to_char(v_month, 'YYYY-MM'), 'level', v_level, 'few', coalesce(p_few, 5),
            'near_age', v_near, 'banded', not v_live,
            'perturbed', not v_live, 'at_most', case when not v_live then v_published -> 'at_most' end,
            'release', case when not v_live then v_published -> 'release' end,
            'release_month', case when not v_live then v_published -> 'release_month' end, 'live', v_published -> 'live',
            'notes', api.fragile_notes(case when v_live then '{"notes": []}' else v_published end, v_live, v_near, p_lang)));
end
$$;
comment on function api.gap_fragile is 'gap.fragile';
