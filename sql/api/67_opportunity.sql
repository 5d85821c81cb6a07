-- SPDX-License-Identifier: Apache-2.0
--
-- What opportunity.rank computes from: who is short of what and who has it to spare, by organization and as the caller may
-- see it (derive.publish), seats, facilities, agreements, and what is assumed of exchanges. The arithmetic is in
-- daemon/model/opportunity.h.

create function api.assumed(p_kind text, p_country text, p_scenario text) returns numeric
language sql stable as $$
    select a.mode from api.assumptions_of(null, p_country, p_scenario) a where a.kind = p_kind limit 1
$$;
comment on function api.assumed(text, text, text) is 'The most likely value of an assumption in a country, for all skills';

create function api.usd(p_amount numeric, p_currency text, p_scenario text) returns numeric
language sql stable as $$
    select case when p_currency = 'USD' then p_amount else p_amount / (
        select a.mode from core.assumption a
        where a.kind = 'currency_rate' and a.currency = p_currency and a.scenario in (p_scenario, 'baseline')
        order by a.scenario = 'baseline' limit 1) end
$$;
comment on function api.usd(numeric, text, text) is 'An amount in US dollars at the rate that is assumed; null where none is';

create function api.agreement_countries(a core.agreement) returns text[]
language sql stable as $$
    -- A party is a country, or an organization by its code or an abbreviation.
    select array(
        select distinct coalesce(o.country, case when p.party ~ '^[A-Z]{2}$' then p.party end)
        from unnest(a.parties) as p (party)
        left join core.organization o on p.party !~ '^[A-Z]{2}$' and (o.code = lower(p.party) or exists (
            select from core.organization_name n
            where n.organization_id = o.id and n.kind = 'abbreviation' and n.name = p.party))
        where coalesce(o.country, case when p.party ~ '^[A-Z]{2}$' then p.party end) is not null)
$$;
comment on function api.agreement_countries(core.agreement) is 'The countries that the parties of an agreement are or belong to';

create function api.approval_days(p_kind text, p_month date) returns integer
language sql stable as $$
    -- Exchanges recorded on the day of their approval, as after an import, say nothing of how long it took.
    select case when count(*) >= 5 then percentile_disc(0.5) within group (order by x.days) end
    from (
        select min(s.at)::date - e.created_at::date as days
        from core.exchange e join core.exchange_step s on s.exchange_id = e.id
        where s.field = 'status' and s.became = 'approved' and (p_kind is null or e.kind = p_kind)
            and s.at > p_month - interval '5 years' and s.at < p_month + interval '1 month'
        group by e.id
        having min(s.at)::date > e.created_at::date) x
$$;
comment on function api.approval_days(text, date) is
    'Median days from record to approval of the exchanges of five years, where the caller may see five of them or more; else null';

create function api.opportunity_instruments(p_month date, p_scenario text, p_only text[]) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('code', i.code, 'kind', i.code, 'months', api.assumed(i.code || '_months', null, p_scenario),
        'gain', case i.code when 'seat' then round(api.assumed('completion_rate', null, p_scenario) * api.assumed('retention_rate', null, p_scenario), 6)
            else api.assumed(i.code || '_gain', null, p_scenario) end,
        'fixed', case i.code when 'seat' then api.assumed('seat_cost', null, p_scenario) else 0 end,
        'travel', api.assumed('travel_cost', null, p_scenario),
        'per_month', case i.code when 'seat' then 0 else api.assumed(i.code || '_cost', null, p_scenario) end,
        'per_mentor', api.assumed('mentored', null, p_scenario),
        'needs_facility', i.code = 'facility',
        'approval_days', coalesce(l.days, api.assumed('approval_time', null, p_scenario)),
        'approval_learnt', l.days is not null) order by i.place), '[]')
    from unnest(array['visit', 'secondment', 'seat', 'facility']) with ordinality as i (code, place)
    cross join lateral (select api.approval_days(case when i.code in ('visit', 'secondment') then i.code end, p_month) as days) l
    where p_only is null or cardinality(p_only) = 0 or i.code = any (p_only)
$$;
comment on function api.opportunity_instruments(date, text, text[]) is
    'What a visit, a secondment, a seat in a program and access to a facility take and bring, as assumed, and the usual time of approvals, as learnt where it can be';

create function api.opportunity_cells(p_month date, p_scenario text, p_assumptions text, p_associations boolean, p_subjects uuid[],
    p_level smallint, p_release text)
returns table (organization_id uuid, subject_id uuid, gap numeric, surplus numeric, demand_known boolean, seats bigint, places bigint)
language sql stable as $$
    with there as materialized (
        select c.group_key::uuid as organization_id, c.subject_id, c.demand - c.fte as gap,
            -- To spare is what is above demand, and of those who are needed themselves the share that can be mentors.
            greatest(c.fte - c.demand, c.fte * (select api.assumed('mentor_share', null, p_assumptions))) as surplus,
            c.demand is not null as demand_known
        from api.gap_cells(p_month, p_scenario, 'organization', false, p_associations, p_subjects, p_level, p_release) c
    ), seat as (
        select x.provider_id as organization_id, x.subject_id, sum(x.seats)::bigint as seats
        from (
            select p.provider_id, p.id, s.subject_id, coalesce((
                select sum(coalesce(n.capacity, p.capacity)) from core.session n
                where n.program_id = p.id and n.status in ('planned', 'open') and lower(n.held) >= p_month
                    and lower(n.held) < p_month + interval '1 year'), p.capacity) as seats
            from core.program p
            join core.program_skill k on k.program_id = p.id and k.relation = 'teaches' and k.level >= p_level
            join derive.skill_subject s on s.skill_id = k.skill_id and s.subject_id = any (p_subjects)
            where p.status in ('running', 'planned')
            group by p.id, s.subject_id) x
        where x.seats > 0
        group by 1, 2
    ), place as (
        select f.operator_id as organization_id, s.subject_id,
            round(count(distinct f.id) * (select api.assumed('facility_places', null, p_assumptions)))::bigint as places
        from core.facility f
        join core.facility_skill k on k.facility_id = f.id
        join derive.skill_subject s on s.skill_id = k.skill_id and s.subject_id = any (p_subjects)
        where f.operator_id is not null and f.status in ('operating', 'unknown')
        group by 1, 2
    )
    select y.organization_id, y.subject_id, t.gap, t.surplus, coalesce(t.demand_known, false), coalesce(e.seats, 0), coalesce(f.places, 0)
    from (select t.organization_id, t.subject_id from there t union select e.organization_id, e.subject_id from seat e
          union select f.organization_id, f.subject_id from place f) y
    left join there t using (organization_id, subject_id)
    left join seat e using (organization_id, subject_id)
    left join place f using (organization_id, subject_id)
    where t.gap > 0 or t.surplus > 0 or e.seats > 0 or f.places > 0
$$;
comment on function api.opportunity_cells(date, text, text, boolean, uuid[], smallint, text) is
    'By organization and skill: FTE short and to spare as the caller may see them, seats of programs in the year, guests of its facilities';

create function api.opportunity_ties(p_countries text[], p_month date, p_lang text) returns jsonb
language sql stable as $$
    select coalesce(jsonb_object_agg(a.country || '/' || b.country, jsonb_build_object(
        'agreements', g.agreements, 'known', g.known,
        'committees', (
            select coalesce(jsonb_agg(api.committee_brief(c.id, p_lang)::jsonb order by c.code), '[]')
            from core.committee c where c.agreement_id = any (g.ids)))), '{}')
    from unnest(p_countries) as a (country) join unnest(p_countries) as b (country) on a.country <> b.country
    cross join lateral (
        select jsonb_agg(api.agreement_brief(x.id, p_lang)::jsonb || jsonb_build_object('in_force', case when x.known then true end)
            order by x.known desc, x.code) as agreements, bool_or(x.known) as known, array_agg(x.id) as ids
        from (select m.id, m.code, m.in_force is not null as known
              from core.agreement m
              where api.agreement_countries(m) @> array[a.country, b.country] and (m.in_force @> p_month
                  -- Many agreements are recorded without their dates, among them projects that ended long ago.
                  or m.in_force is null and (m.signed is not null or exists (select from core.committee c where c.agreement_id = m.id)))) x) g
    where g.ids is not null
$$;
comment on function api.opportunity_ties(text[], date, text) is
    'For each pair of countries the agreements of both that are in force in a month, those without known dates that were signed or have a committee, and the committees';

create function api.opportunity_rank(p_caller uuid, p_as_of date, p_scenario text, p_assumptions text, p_of text, p_level bigint,
    p_skill text, p_category text, p_pillar text, p_across boolean, p_within boolean, p_instruments text[], p_organization text,
    p_country text, p_weights jsonb, p_without_agreement numeric, p_patience_days bigint, p_associations boolean, p_top bigint,
    p_release text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_month date := date_trunc('month', coalesce(p_as_of, current_date));
    v_scenario text := coalesce(p_scenario, 'baseline');
    v_assumptions text := coalesce(p_assumptions, v_scenario);
    v_level smallint := coalesce(p_level, 3);
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_subjects uuid[] := api.gap_subjects(coalesce(p_of, 'skill'), p_skill, p_category, p_pillar);
    v_published json := api.gap_published(v_month, p_release, p_lang);
    v_instruments jsonb;
    v_answer json;
begin
    if not coalesce(p_across, true) and not coalesce(p_within, false) then
        perform core.fail('invalid_params', 'no pair of organizations is left to look at', 'within', 'true where across is false');
    end if;
    if num_nonnulls(p_weights -> 'per_month', p_weights -> 'per_cost', p_weights -> 'closed', p_weights -> 'feasibility',
            p_weights -> 'complementarity') = 5
        and not exists (select from jsonb_each_text(p_weights) w where w.value::numeric > 0) then
        perform core.fail('invalid_params', 'nothing weighs anything', 'weights', 'one weight above 0');
    end if;
    if not exists (select from core.assumption a where a.scenario = v_assumptions) then
        perform core.fail('not_found', 'there are no assumptions of this scenario', 'assumptions', 'a scenario of assumption.list');
    end if;
    v_instruments := api.opportunity_instruments(v_month, v_assumptions, p_instruments);
    with cell as materialized (
        select c.*, o.code as organization, coalesce(o.country, 'international') as country, s.code as skill
        from api.opportunity_cells(v_month, v_scenario, v_assumptions, coalesce(p_associations, false), v_subjects, v_level, p_release) c
        join core.organization o on o.id = c.organization_id
        join core.skill s on s.id = c.subject_id
    ), involved as materialized (
        select distinct c.organization_id as id, c.organization as code, c.country from cell c
    ), ease as materialized (
        select c.country, api.assumed('language_ease', nullif(c.country, 'international'), v_assumptions) as ease
        from (select distinct o.country from involved o) c
    ), tie as materialized (
        select api.opportunity_ties(array(select e.country from ease e where e.country <> 'international'), v_month, p_lang) as ties
    )
    select json_build_object(
        'input', json_build_object(
            'organizations', (select coalesce(json_agg(json_build_object('code', o.code, 'country', o.country) order by o.code), '[]') from involved o),
            'skills', (select coalesce(json_agg(s.skill order by s.skill), '[]') from (select distinct c.skill from cell c) s),
            'instruments', v_instruments,
            'cells', (
                select coalesce(json_agg(json_build_object('organization', c.organization, 'skill', c.skill, 'gap', trim_scale(c.gap),
                    'surplus', trim_scale(round(c.surplus, 6)), 'seats', c.seats, 'facility', c.places) order by c.organization, c.skill), '[]')
                from cell c),
            'pairs', (
                select coalesce(json_agg(json_build_object('giver', g.code, 'receiver', r.code, 'language', trim_scale(e.ease),
                    'agreement', t.ties ? (g.country || '/' || r.country)) order by g.code, r.code), '[]')
                from involved g join ease e on e.country = g.country join involved r on r.country <> g.country cross join tie t
                where coalesce(p_across, true)),
            'weights', coalesce(p_weights, '{}'), 'without_agreement', coalesce(p_without_agreement, 0.5),
            'patience_days', coalesce(p_patience_days, 365), 'across', coalesce(p_across, true), 'within', coalesce(p_within, false)),
        'top', coalesce(p_top, 20),
        'only', json_build_object('organization', (select o.code from core.organization o where o.id = v_organization), 'country', p_country),
        'about', json_build_object(
            'organizations', (select coalesce(json_object_agg(o.code, api.organization_brief(o.id, p_lang)::jsonb
                || jsonb_build_object('country', nullif(o.country, 'international')) order by o.code), '{}') from involved o),
            'skills', (
                select coalesce(json_object_agg(s.code, json_build_object('brief', api.skill_brief(s.id, p_lang), 'pillars', s.pillars) order by s.code), '{}')
                from core.skill s where s.id in (select c.subject_id from cell c)),
            'ties', (select t.ties from tie t),
            'guessed', (select coalesce(json_object_agg(c.organization || ' ' || c.skill, true), '{}') from cell c
                where not c.demand_known and c.surplus > 0)),
        'said', json_build_object('as_of', to_char(v_month, 'YYYY-MM'), 'scenario', v_scenario, 'assumptions', v_assumptions,
            'level', v_level, 'currency', 'USD', 'without_agreement', coalesce(p_without_agreement, 0.5),
            'patience_days', coalesce(p_patience_days, 365), 'instruments', v_instruments,
            'assumed', (
                select coalesce(json_agg(api.assumption_about(a) || jsonb_build_object('code', a.code) order by a.code), '[]')
                from api.assumptions_of(null, null, v_assumptions) a
                where a.kind ~ '^(visit|secondment|seat|facility)_|^(travel_cost|mentored|mentor_share|approval_time|completion_rate|retention_rate)$'),
            'perturbed', v_published -> 'perturbed', 'at_most', v_published -> 'at_most', 'release', v_published -> 'release',
            'release_month', v_published -> 'release_month', 'live', v_published -> 'live',
            'notes', api.opportunity_notes(v_published, p_lang)))
        into v_answer;
    return v_answer;
end
$$;
comment on function api.opportunity_rank is 'opportunity.rank';

create function api.opportunity_notes(p_published json, p_lang text) returns json
language sql stable as $$
    select json_agg(n.note) from (
        select json_array_elements_text(p_published -> 'notes') as note
        union all
        select case p_lang
            when 'ja' then '期間・費用・効果・言語は調査に基づかない前提です。各項目のnot_knownが、分かっていないことを示します。'
            else 'Months, costs, effects and language are assumptions that no survey bears out; not_known of each item says what is not known of it.' end
        union all
        select case p_lang
            when 'ja' then 'この数値には、試用のために作られた合成データが含まれています。'
            else 'These figures include synthetic data, made up for trying the program out.' end
        where derive.people_synthetic() or exists (select from core.demand d where d.synthetic)) n
$$;
comment on function api.opportunity_notes(json, text) is 'What a reader of ranked opportunities has to know';
