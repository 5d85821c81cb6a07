-- SPDX-License-Identifier: Apache-2.0
--
-- What plan.optimize computes from, and the plans that were adopted. Gaps come from the projection of the same question
-- (api.gap_project), so from figures as the caller may see them; further sessions and exchanges are what can be run; costs
-- and effects of exchanges are assumed. All money is in US dollars inside. The arithmetic is in daemon/model/plan.h.

create function api.assumed_for(p_kind text, p_subject uuid, p_country text, p_level smallint, p_scenario text) returns numeric
language sql stable as $$
    select a.mode from api.assumptions_of(p_subject, p_country, p_scenario) a
    where a.kind = p_kind and a.age is null and (a.level is null or a.level = p_level)
    order by a.level nulls last limit 1
$$;
comment on function api.assumed_for(text, uuid, text, smallint, text) is
    'The most likely value of an assumption for a skill or category at a level in a country';

create function api.plan_cells(p_projection json)
returns table (code text, subject_id uuid, subject_code text, country text, fte numeric)
language sql stable as $$
    select s ->> 'code', (s -> 'about' -> 'subject' ->> 'id')::uuid, s -> 'about' -> 'subject' ->> 'code',
        s -> 'about' ->> 'group', (s ->> 'fte')::numeric
    from json_array_elements(p_projection -> 'input' -> 'series') as s
$$;
comment on function api.plan_cells(json) is 'The series of a projection as the cells of a plan';

create function api.plan_sessions(p_projection json, p_level smallint, p_assumptions text)
returns table (program_id uuid, code text, country text, people integer, cost numeric, cost_assumed boolean, gains jsonb)
language sql stable as $$
    with taught as materialized (
        -- Once a program and subject, at the highest level that it leads to within it, as a projection counts sessions.
        select p.id as program_id, c.code as cell, c.fte, c.subject_id, c.country
        from core.program p
        join core.organization o on o.id = p.provider_id
        join core.program_skill k on k.program_id = p.id and k.relation = 'teaches' and k.level >= p_level
        join derive.skill_subject s on s.skill_id = k.skill_id
        join api.plan_cells(p_projection) c on c.subject_id = s.subject_id and c.country = coalesce(o.country, 'international')
        where p.status in ('running', 'planned')
        group by p.id, c.code, c.fte, c.subject_id, c.country
    )
    select p.id, p.code::text, max(t.country), p.capacity,
        round(coalesce(api.usd(n.cost, p.currency, p_assumptions), api.usd(p.cost * p.capacity, p.currency, p_assumptions),
            case when p.cost is null then p.capacity * api.assumed('seat_cost', max(t.country), p_assumptions) end), 2),
        n.cost is null and p.cost is null,
        jsonb_agg(jsonb_build_object('cell', t.cell,
            'amount', round(p.capacity * t.fte * api.assumed_for('completion_rate', t.subject_id, t.country, p_level, p_assumptions)
                * api.assumed_for('retention_rate', t.subject_id, t.country, p_level, p_assumptions), 6),
            -- A session in the middle of the year counts at the first year's end after its lag.
            'lag', greatest(ceil(0.5 + api.assumed_for('session_lag', t.subject_id, t.country, p_level, p_assumptions)) - 1, 0))
            order by t.cell)
    from taught t
    join core.program p on p.id = t.program_id
    left join lateral (
        select s.cost from core.session s where s.program_id = p.id and s.cost is not null and s.status <> 'cancelled'
        order by lower(s.held) desc, s.id limit 1) n on true
    group by p.id, n.cost
$$;
comment on function api.plan_sessions(json, smallint, text) is
    'Further sessions that programs could run: seats, cost in US dollars (of the last session, or the fee of all seats, or assumed), and the FTE that each adds to which cell, and after how many years';

create function api.plan_exchanges(p_projection json, p_month date, p_level smallint, p_assumptions text, p_release text)
returns table (code text, kind text, cell text, home_country text, host_country text, mentors text, mentor_limit numeric,
    mentor_use numeric, months numeric, cost numeric, gain numeric, lag integer)
language sql stable as $$
    with cell as materialized (
        select c.* from api.plan_cells(p_projection) c where c.country <> 'international'
    ), there as materialized (
        select p.subject_id, p.group_key, p.fte from derive.publish(p_month, 'country', false, p_release) p
        where p.level = p_level and p.fte > 0
    ), kind as materialized (
        select k.kind, c.country, api.assumed(k.kind || '_months', c.country, p_assumptions) as months,
            api.assumed(k.kind || '_cost', c.country, p_assumptions) as per_month,
            api.assumed('travel_cost', c.country, p_assumptions) as travel, api.assumed(k.kind || '_gain', c.country, p_assumptions) as gain
        from unnest(array['visit', 'secondment']) as k (kind) cross join (select distinct x.country from cell x) c
    ), host as materialized (
        select t.subject_id, t.group_key as country, round(t.fte * api.assumed('mentor_share', t.group_key, p_assumptions), 6) as mentors,
            api.assumed('mentored', t.group_key, p_assumptions) as mentored
        from there t where t.group_key <> 'international'
    )
    select k.kind || ' ' || h.country || ' ' || c.code, k.kind, c.code, c.country, h.country, 'mentors ' || c.subject_code || '/' || h.country,
        h.mentors, round(k.months / 12 / h.mentored, 6), k.months, round(k.travel + k.months * k.per_month, 2),
        round(k.gain * api.assumed_for('return_rate', c.subject_id, c.country, p_level, p_assumptions), 6),
        greatest(ceil(k.months / 12) - 1, 0)::integer
    from cell c
    join host h on h.subject_id = c.subject_id and h.country <> c.country and h.mentored > 0
    join kind k on k.country = c.country
$$;
comment on function api.plan_exchanges(json, date, smallint, text, text) is
    'Exchanges that could be run, one person at a time: from which country to which, what it costs in US dollars, the FTE of mentors that it takes and the FTE of skill that it brings home';

create function api.plan_budgets(p_budgets jsonb, p_first integer, p_years integer, p_scenario text)
returns table (country text, year integer, amount numeric)
language plpgsql stable as $$
declare
    v_place integer;
    v_item jsonb;
begin
    for v_place, v_item in select (x.place - 1)::integer, x.item from jsonb_array_elements(p_budgets) with ordinality as x (item, place) loop
        country := v_item ->> 'country';
        year := (v_item ->> 'year')::integer;
        amount := api.usd((v_item ->> 'amount')::numeric, coalesce(v_item ->> 'currency', 'USD'), p_scenario);
        if country !~ '^[A-Z]{2}$' then
            perform core.fail('invalid_params', 'a budget is of a country', format('budgets[%s].country', v_place),
                'a two-letter ISO 3166 code, as JP or US');
        elsif year < p_first or year >= p_first + p_years then
            perform core.fail('invalid_params', 'the budget is of a year that is not planned', format('budgets[%s].year', v_place),
                format('a year from %s to %s', p_first, p_first + p_years - 1));
        elsif amount is null then
            perform core.fail('not_found', 'no rate of this currency is assumed', format('budgets[%s].currency', v_place),
                'USD, or a currency with a currency_rate, as assumption.list shows');
        end if;
        return next;
    end loop;
end
$$;
comment on function api.plan_budgets(jsonb, integer, integer, text) is 'Budgets in US dollars; ends the call where one makes no sense';

create function api.plan_wishes(p_items jsonb, p_path text, p_value text, p_projection json)
returns table (cell text, value numeric)
language plpgsql stable as $$
declare
    v_place integer;
    v_item jsonb;
    v_skill uuid;
    v_cells text[];
begin
    for v_place, v_item in select (x.place - 1)::integer, x.item from jsonb_array_elements(p_items) with ordinality as x (item, place) loop
        v_skill := api.skill_ref(v_item ->> 'skill', format('%s[%s].skill', p_path, v_place));
        v_cells := array(select c.code from api.plan_cells(p_projection) c
            where c.subject_id = v_skill and (v_item ->> 'country' is null or c.country = v_item ->> 'country'));
        if cardinality(v_cells) = 0 then
            perform core.fail('invalid_params', 'this is no part of what is planned for', format('%s[%s].skill', p_path, v_place),
                'a skill or category, and a country, of the plan');
        end if;
        return query select x, (v_item ->> p_value)::numeric from unnest(v_cells) x;
    end loop;
end
$$;
comment on function api.plan_wishes(jsonb, text, text, json) is
    'Weights or ceilings that a caller gives, by cell; ends the call where one is for none';

create function api.plan_committed(p_items jsonb, p_first integer, p_years integer, p_known uuid[])
returns table (program_id uuid, year integer, times integer)
language plpgsql stable as $$
declare
    v_place integer;
    v_item jsonb;
begin
    for v_place, v_item in select (x.place - 1)::integer, x.item from jsonb_array_elements(p_items) with ordinality as x (item, place) loop
        program_id := api.program_ref(v_item ->> 'program', format('committed[%s].program', v_place));
        year := (v_item ->> 'year')::integer;
        times := (v_item ->> 'times')::integer;
        if not program_id = any (p_known) then
            perform core.fail('invalid_params', 'no further session of this program can be planned for',
                format('committed[%s].program', v_place), 'a running program with seats and a cost that teaches what is planned for, at its level');
        elsif year < p_first or year >= p_first + p_years then
            perform core.fail('invalid_params', 'the session is of a year that is not planned', format('committed[%s].year', v_place),
                format('a year from %s to %s', p_first, p_first + p_years - 1));
        end if;
        return next;
    end loop;
end
$$;
comment on function api.plan_committed(jsonb, integer, integer, uuid[]) is 'Sessions that are run in any case; ends the call where one cannot be';

create function api.plan_optimize(p_caller uuid, p_years bigint, p_budgets jsonb, p_as_of date, p_seed bigint, p_draws bigint,
    p_scenario text, p_assumptions text, p_of text, p_level bigint, p_skill text, p_category text, p_pillar text, p_country text,
    p_quantile text, p_weights jsonb, p_ceilings jsonb, p_committed jsonb, p_sessions_per_year bigint, p_exchange_places bigint,
    p_exchanges boolean, p_unit numeric, p_prices boolean, p_seconds numeric, p_associations boolean, p_release text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_month date := date_trunc('month', coalesce(p_as_of, date_trunc('year', current_date) + interval '1 year'));
    v_first integer := extract(year from v_month);
    v_years integer := p_years;
    v_level smallint := coalesce(p_level, 3);
    v_assumptions text := coalesce(p_assumptions, p_scenario, 'baseline');
    v_most integer := coalesce(p_sessions_per_year, 1);
    v_unit numeric := coalesce(p_unit, 50000);
    v_places integer := p_exchange_places;
    v_projection json := api.gap_project(p_caller, v_month, p_years, p_seed, coalesce(p_draws, 1000), p_scenario, p_assumptions, null, null,
        p_of, 'country', v_level, p_skill, p_category, p_pillar, p_country, null, p_associations, p_release, p_lang);
    v_said jsonb := v_projection -> 'said';
    v_answer json;
begin
    with cell as materialized (
        select c.* from api.plan_cells(v_projection) c
    ), year as materialized (
        select y.year from generate_series(v_first, v_first + v_years - 1) as y (year)
    ), budget as materialized (
        select b.country, b.year, sum(b.amount) as amount from api.plan_budgets(p_budgets, v_first, v_years, v_assumptions) b group by 1, 2
    ), offered as materialized (
        select s.* from api.plan_sessions(v_projection, v_level, v_assumptions) s
    ), session as materialized (
        select o.* from offered o where o.people is not null and o.cost is not null
    ), committed as materialized (
        select c.program_id, c.year, sum(c.times) as times
        from api.plan_committed(coalesce(p_committed, '[]'), v_first, v_years, array(select s.program_id from session s)) c group by 1, 2
    ), exchange as materialized (
        select e.* from api.plan_exchanges(v_projection, v_month, v_level, v_assumptions, p_release) e where coalesce(p_exchanges, true)
    ), country as materialized (
        select s.country from session s union select e.home_country from exchange e union select b.country from budget b
    ), weight as materialized (
        select w.cell, max(w.value) as value from api.plan_wishes(coalesce(p_weights, '[]'), 'weights', 'weight', v_projection) w group by 1
    ), ceiling as materialized (
        select w.cell, min(w.value) as value from api.plan_wishes(coalesce(p_ceilings, '[]'), 'ceilings', 'fte', v_projection) w group by 1
    ), resource as materialized (
        select 'budget ' || c.country as code, 'budget' as kind, c.country, null::uuid as subject_id, v_unit as step, (
            select json_agg(round(coalesce(b.amount, 0), 2) order by y.year)
            from year y left join budget b on b.country = c.country and b.year = y.year) as limits
        from country c
        union all
        select 'places ' || e.host_country, 'capacity', e.host_country, null, 1, to_json(v_places)
        from (select distinct x.host_country from exchange x) e where v_places is not null
        union all
        select e.mentors, 'mentors', e.host_country, c.subject_id, 1, to_json(e.mentor_limit)
        from (select distinct on (x.mentors) x.mentors, x.host_country, x.mentor_limit, x.cell from exchange x order by x.mentors, x.cell) e
        join cell c on c.code = e.cell
    ), action as materialized (
        select s.code, s.code as sort, (
                select json_agg(coalesce(c.times, 0) order by y.year)
                from year y left join committed c on c.program_id = s.program_id and c.year = y.year) as least, (
                select json_agg(greatest(v_most, coalesce(c.times, 0)) order by y.year)
                from year y left join committed c on c.program_id = s.program_id and c.year = y.year) as most,
            exists (select from committed c where c.program_id = s.program_id) as needed,
            json_build_array(json_build_object('resource', 'budget ' || s.country, 'amount', trim_scale(s.cost))) as uses, s.gains as gains,
            json_build_object('kind', 'session', 'program', api.program_brief(s.program_id, p_lang), 'country', s.country,
                'home_country', null, 'host_country', null, 'people', s.people, 'cost', trim_scale(s.cost), 'cost_assumed', s.cost_assumed) as about
        from session s
        union all
        select e.code, ' ' || e.code, '0'::json, to_json(coalesce(v_places, 100)), false,
            json_build_array(json_build_object('resource', 'budget ' || e.home_country, 'amount', trim_scale(e.cost)),
                json_build_object('resource', e.mentors, 'amount', trim_scale(e.mentor_use)),
                case when v_places is not null then json_build_object('resource', 'places ' || e.host_country, 'amount', 1) end),
            jsonb_build_array(jsonb_build_object('cell', e.cell, 'amount', trim_scale(e.gain), 'lag', e.lag)),
            json_build_object('kind', e.kind, 'program', null, 'country', e.home_country, 'home_country', e.home_country,
                'host_country', e.host_country, 'people', 1, 'months', trim_scale(e.months), 'cost', trim_scale(e.cost), 'cost_assumed', true)
        from exchange e
    )
    select json_build_object('projection', v_projection -> 'input', 'level', v_level, 'quantile', coalesce(p_quantile, 'p50'), 'first_year', v_first,
        'input', json_build_object('years', v_years, 'seconds', coalesce(p_seconds, 10), 'prices', coalesce(p_prices, true),
            'resources', (select coalesce(json_agg(json_build_object('code', r.code, 'kind', r.kind, 'limit', r.limits, 'step', r.step)
                order by r.code), '[]') from resource r),
            'actions', (select coalesce(json_agg(json_build_object('code', a.code, 'least', a.least, 'most', a.most, 'needed', a.needed,
                'uses', (select json_agg(u) from json_array_elements(a.uses) u where json_typeof(u) = 'object'), 'gains', a.gains)
                order by a.sort, a.code), '[]') from action a),
            'cells', (select coalesce(json_agg(json_build_object('code', c.code, 'weight', coalesce(w.value, 1), 'ceiling', l.value,
                'loss', round(1 - (1 - coalesce(api.assumed_for('quit_rate', c.subject_id, nullif(c.country, 'international'), v_level, v_assumptions), 0))
                    * (1 - coalesce(api.assumed_for('expiry_rate', c.subject_id, nullif(c.country, 'international'), v_level, v_assumptions), 0)), 6))
                order by c.code), '[]')
                from cell c left join weight w on w.cell = c.code left join ceiling l on l.cell = c.code)),
        'about', json_build_object(
            'actions', (select coalesce(json_object_agg(a.code, a.about order by a.code), '{}') from action a),
            'cells', (select coalesce(json_object_agg(c.code, json_build_object('subject', api.skill_brief(c.subject_id, p_lang), 'group', c.country)
                order by c.code), '{}') from cell c),
            'resources', (select coalesce(json_object_agg(r.code, json_build_object('kind', r.kind, 'country', r.country,
                'skill', api.skill_brief(r.subject_id, p_lang), 'unit', case r.kind when 'budget' then 'USD' when 'mentors' then 'FTE' else 'persons' end)
                order by r.code), '{}') from resource r)),
        'said', v_said - 'by' - 'between' || jsonb_build_object('notes', v_said -> 'notes' || jsonb_build_array(case p_lang
                when 'ja' then '目的関数は技能ごとの重み付きの不足の和であり、計画を比べるための尺度です。人数ではありません。交流の費用と効果は前提です。'
                else 'The objective adds weighted gaps of skills and years: a yardstick for plans, no headcount. Costs and effects of exchanges are assumed.' end),
            'years', v_years, 'first_year', v_first, 'level', v_level,
            'quantile', coalesce(p_quantile, 'p50'), 'seed', coalesce(p_seed, 1), 'draws', coalesce(p_draws, 1000), 'currency', 'USD',
            'unit', trim_scale(v_unit), 'seconds', coalesce(p_seconds, 10), 'sessions_per_year', v_most, 'exchange_places', v_places,
            'weights', coalesce(p_weights, '[]'), 'ceilings', coalesce(p_ceilings, '[]'), 'committed', coalesce(p_committed, '[]'),
            'left_out', (select coalesce(jsonb_agg(api.program_brief(o.program_id, p_lang)::jsonb || jsonb_build_object('because',
                case when o.people is null then 'no_capacity' else 'no_currency_rate' end) order by o.code), '[]')
                from offered o where o.people is null or o.cost is null)))
        into v_answer;
    return v_answer;
end
$$;
comment on function api.plan_optimize is 'plan.optimize';

-- Adopted plans -----------------------------------------------------------------------------------

create function api.plan_ref(p_ref text, p_path text) returns uuid
language plpgsql stable as $$
declare
    v_id uuid;
begin
    select p.id into v_id from core.plan p where case when core.is_uuid(p_ref) then p.id = p_ref::uuid else p.code = p_ref end;
    if v_id is null then
        perform core.fail('not_found', 'there is no such plan', p_path, 'the UUID or the code of an adopted plan');
    end if;
    return v_id;
end
$$;
comment on function api.plan_ref(text, text) is 'The id of an adopted plan by its UUID or code; ends the call where there is none';

create function api.plan_next_code() returns text
language plpgsql as $$
declare
    v_code text;
begin
    loop
        v_code := core.numbered('PLAN-' || extract(year from now()) || '-', nextval('core.plan_number'), 4);
        exit when not exists (select from core.plan p where p.code = v_code);
    end loop;
    return v_code;
end
$$;
comment on function api.plan_next_code() is 'The next numbered code that no plan has';

create function api.plan_shown(p core.plan) returns boolean
language sql stable as $$
    -- What was computed from live figures counts people as they are.
    select p.parameters ->> 'release' is not null or v.live from derive.publication(current_date, null) v
$$;
comment on function api.plan_shown(core.plan) is
    'Whether the caller may see what a plan''s projection came to: from live figures administrators alone';

create function api.plan_gap(p_item jsonb, p_place integer, p_parameters jsonb, p_synthetic boolean) returns core.gap
language plpgsql as $$
declare
    v_path text := format('items[%s].', p_place);
    v_gap core.gap;
    v_skill uuid;
begin
    if p_item ->> 'gap' is not null then
        select * into v_gap from core.gap g where g.id = api.gap_ref(p_item ->> 'gap', v_path || 'gap') for no key update;
    else
        if num_nonnulls(p_item ->> 'skill', p_item ->> 'country', p_item ->> 'size_fte') < 3 then
            perform core.fail('invalid_params', 'an action serves a gap', v_path || 'gap',
                'a recorded gap, or the skill, country and size_fte of one that is recorded with the plan');
        end if;
        v_skill := api.skill_ref(p_item ->> 'skill', v_path || 'skill');
        -- The gap that an item before this one has recorded, or one that is.
        select * into v_gap from core.gap g
        where g.skill_id = v_skill and g.level = (p_parameters ->> 'level')::smallint and g.country = p_item ->> 'country'
            and g.year = (p_item ->> 'year')::smallint and g.status in ('open', 'being_closed')
        order by g.id limit 1 for no key update;
        if not found then
            perform api.own_check(v_path || 'gap', null::uuid);
            if (p_item ->> 'size_fte')::numeric <= 0 then
                perform core.fail('conflict', 'there is no gap to record', v_path || 'size_fte', 'above 0 FTE');
            end if;
            insert into core.gap (code, skill_id, level, country, year, size_fte, basis, parameters, severity, synthetic)
            values (api.gap_next_code(), v_skill, (p_parameters ->> 'level')::smallint, p_item ->> 'country', (p_item ->> 'year')::smallint,
                (p_item ->> 'size_fte')::numeric, 'computed', p_parameters, 'medium', p_synthetic)
            returning * into v_gap;
        end if;
    end if;
    perform api.own_check(v_path || 'gap', v_gap.organization_id, v_gap.owner_id);
    if v_gap.status not in ('open', 'being_closed') then
        perform core.fail('invalid_transition', format('the gap is %s', v_gap.status), v_path || 'gap', 'a gap that is open or being closed');
    end if;
    return v_gap;
end
$$;
comment on function api.plan_gap(jsonb, integer, jsonb, boolean) is
    'The gap that an item of a plan serves, locked: the one named, or one for its skill, country and year, which is recorded where there is none';

create function api.plan_adopt(p_caller uuid, p_once_key uuid, p_once_digest bytea, p_items jsonb, p_parameters jsonb,
    p_code text, p_name_en text, p_name_ja text, p_note text, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_parameters jsonb;
    v_plan core.plan;
    v_gap core.gap;
    v_item core.plan_item;
    v_program uuid;
    v_exchange uuid;
    v_place integer;
    v_row jsonb;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    if jsonb_array_length(p_items) = 0 then
        perform core.fail('invalid_params', 'nothing of the plan is adopted', 'items', 'one item or more');
    end if;
    if p_parameters ->> 'release' is not null then
        perform api.release_id(p_parameters ->> 'release', 'parameters.release');
    elsif core.caller_role() <> 'admin' then
        perform core.fail('invalid_params', 'what was planned from a release names it', 'parameters.release',
            'the release that the answer of plan.optimize names');
    end if;
    v_parameters := p_parameters || jsonb_build_object('method', 'plan.optimize', 'adopted_at', now());
    insert into core.plan (code, name_en, name_ja, parameters, note, synthetic)
    values (coalesce(p_code, api.plan_next_code()), p_name_en, p_name_ja, v_parameters, p_note, coalesce(p_synthetic, false))
    returning * into v_plan;
    for v_place, v_row in select (x.place - 1)::integer, x.item from jsonb_array_elements(p_items) with ordinality as x (item, place) loop
        -- What the projection came to stays with the plan: a gap shows its parameters also where its size is hidden.
        v_gap := api.plan_gap(v_row, v_place, v_parameters - array['objective', 'before', 'bound'] || jsonb_build_object('plan', v_plan.code),
            coalesce(p_synthetic, false));
        v_program := api.program_ref(v_row ->> 'program', format('items[%s].program', v_place));
        v_exchange := api.exchange_ref(v_row ->> 'exchange', format('items[%s].exchange', v_place));
        -- One item a run, however many gaps it serves.
        select * into v_item from core.plan_item i
        where i.plan_id = v_plan.id and i.kind = v_row ->> 'kind' and i.year = (v_row ->> 'year')::smallint
            and i.program_id is not distinct from v_program and i.home_country is not distinct from v_row ->> 'home_country'
            and i.host_country is not distinct from v_row ->> 'host_country' and i.times = (v_row ->> 'times')::integer
            and not exists (select from core.gap_action a where a.plan_item_id = i.id and a.gap_id = v_gap.id);
        if not found then
            insert into core.plan_item (plan_id, place, kind, program_id, home_country, host_country, year, times, cost, currency)
            values (v_plan.id, v_place, v_row ->> 'kind', v_program, v_row ->> 'home_country', v_row ->> 'host_country',
                (v_row ->> 'year')::smallint, (v_row ->> 'times')::integer, (v_row ->> 'cost')::numeric,
                case when v_row ->> 'cost' is not null then coalesce(v_row ->> 'currency', 'USD') end)
            returning * into v_item;
        end if;
        insert into core.gap_action (gap_id, program_id, exchange_id, plan_item_id, contribution_fte, expected_on)
        values (v_gap.id, v_program, v_exchange, v_item.id, (v_row ->> 'contribution_fte')::numeric,
            coalesce((v_row ->> 'expected_on')::date, make_date((v_row ->> 'year')::integer, 12, 31)));
        update core.gap g set status = 'being_closed' where g.id = v_gap.id and g.status = 'open';
    end loop;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_plan.id, v_plan.code, v_plan.version);
end
$$;
comment on function api.plan_adopt is 'plan.adopt';

create function api.plan_parameters(p core.plan) returns jsonb
language sql stable as $$
    select case when api.plan_shown(p) then p.parameters else p.parameters - array['objective', 'before', 'bound'] end
$$;
comment on function api.plan_parameters(core.plan) is 'What a plan was optimized with and came to, as far as the caller may see it';

create function api.plan_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_id uuid := api.plan_ref(p_ref, 'ref');
begin
    return (
        select json_build_object('id', p.id, 'code', p.code, 'name', core.label(p.name_en, p.name_ja, p_lang),
            'parameters', api.plan_parameters(p), 'hidden', not api.plan_shown(p),
            'items', (
                select coalesce(json_agg(json_build_object('kind', i.kind, 'program', api.program_brief(i.program_id, p_lang),
                    'home_country', i.home_country, 'host_country', i.host_country, 'year', i.year, 'times', i.times,
                    'cost', trim_scale(i.cost), 'currency', i.currency,
                    'actions', (
                        select coalesce(json_agg(json_build_object('id', a.id, 'gap', json_build_object('id', g.id, 'code', g.code),
                            'skill', api.skill_brief(g.skill_id, p_lang), 'level', g.level, 'country', g.country, 'status', g.status,
                            'exchange', api.exchange_brief(a.exchange_id, p_lang), 'contribution_fte', trim_scale(a.contribution_fte),
                            'expected_on', a.expected_on, 'actual_fte', trim_scale(a.actual_fte), 'version', a.version) order by g.code), '[]'::json)
                        from core.gap_action a join core.gap g on g.id = a.gap_id where a.plan_item_id = i.id)) order by i.place), '[]'::json)
                from core.plan_item i where i.plan_id = p.id),
            'note', p.note, 'synthetic', p.synthetic, 'version', p.version, 'created_at', p.created_at, 'updated_at', p.updated_at)
        from core.plan p where p.id = v_id);
end
$$;
comment on function api.plan_get is 'plan.get';

create function api.plan_list(p_caller uuid, p_program text, p_gap text, p_year bigint, p_synthetic boolean, p_limit bigint, p_cursor text,
    p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_program uuid := api.program_ref(p_program, 'program');
    v_gap uuid := api.gap_ref(p_gap, 'gap');
begin
    return (
        select core.page(array_agg(json_build_object('id', p.id, 'code', p.code, 'name', core.label(p.name_en, p.name_ja, p_lang),
                'as_of', p.parameters ->> 'as_of', 'years', p.parameters -> 'years', 'release', p.parameters ->> 'release',
                'quantile', p.parameters ->> 'quantile', 'items', x.items, 'actions', x.actions, 'gaps', x.gaps, 'synthetic', p.synthetic, 'version', p.version, 'created_at', p.created_at)
            order by p.code), v_limit, max(p.code))
        from (
            select q.* from core.plan q
            where (v_after is null or q.code > v_after)
                and (p_synthetic is null or q.synthetic = p_synthetic)
                and (v_program is null or exists (select from core.plan_item i where i.plan_id = q.id and i.program_id = v_program))
                and (p_year is null or exists (select from core.plan_item i where i.plan_id = q.id and i.year = p_year))
                and (v_gap is null or exists (select from core.plan_item i join core.gap_action a on a.plan_item_id = i.id
                    where i.plan_id = q.id and a.gap_id = v_gap))
            order by q.code limit v_limit) p
        cross join lateral (
            select count(distinct i.id) as items, count(a.id) as actions, count(distinct a.gap_id) as gaps
            from core.plan_item i left join core.gap_action a on a.plan_item_id = i.id
            where i.plan_id = p.id) x);
end
$$;
comment on function api.plan_list is 'plan.list';
