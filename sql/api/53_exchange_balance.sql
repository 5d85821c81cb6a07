-- SPDX-License-Identifier: Apache-2.0
--
-- exchange.balance: who went where, in people and person-months, by year. Counts people, each once a cell, and so comes
-- from derive.publish_exchanges alone.
--
-- A person-month is 365.25 / 12 days at 1 FTE. Of an exchange that is completed its actual days count, of one under way
-- those approved, spread evenly over its days from the first to the last; what falls into the year is the year's. Who
-- takes part in a workshop at home has gone nowhere. Years: of the calendar, of Japan from April, of the United States
-- from October of the year before.

create function api.year_of(p_day date, p_year_kind text) returns integer
language sql immutable as $$
    select extract(year from p_day)::integer + case
        when p_year_kind = 'jp_fiscal' and extract(month from p_day) < 4 then -1
        when p_year_kind = 'us_fiscal' and extract(month from p_day) > 9 then 1 else 0 end
$$;
comment on function api.year_of(date, text) is 'The calendar or fiscal year that holds the day';

create function api.exchange_balance(p_caller uuid, p_year bigint, p_years bigint, p_year_kind text, p_by text,
    p_home_country text, p_host_country text, p_organization text, p_pillar text, p_category text, p_release text,
    p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_month date := date_trunc('month', now() at time zone 'UTC');
    v_kind text := coalesce(p_year_kind, 'jp_fiscal');
    v_by text := coalesce(p_by, 'direction');
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_last integer;
    v_see derive.publication := derive.publication(v_month, p_release);
    v_items json;
    v_missing text;
begin
    v_missing := case when v_organization is not null and v_by not in ('direction', 'organization') then 'organization'
        when p_pillar is not null and v_by not in ('direction', 'pillar') then 'pillar'
        when p_category is not null and v_by not in ('direction', 'category') then 'category' end;
    if v_missing is not null or num_nonnulls(v_organization::text, p_pillar, p_category) > 1 then
        perform core.fail('invalid_params', 'people are counted by one thing at a time',
            coalesce(v_missing, case when p_pillar is not null then 'pillar' else 'category' end), format('absent with by: %s', v_by));
    end if;
    v_by := case when v_organization is not null then 'organization' when p_pillar is not null then 'pillar'
        when p_category is not null then 'category' else v_by end;
    v_last := coalesce(p_year::integer, api.year_of(current_date, v_kind));

    select json_agg(json_build_object('year', c.year, 'group', case when v_by = 'organization' then o.code::text else c.group_key end,
            'group_name', case v_by
                when 'organization' then core.label(o.name_en, o.name_ja, p_lang)
                when 'pillar' then core.label(p.name_en, p.name_ja, p_lang)
                when 'category' then coalesce(
                    (select core.label(k.name_en, k.name_ja, p_lang) from core.scheme_category k
                     where k.code = c.group_key order by k.scheme_id limit 1),
                    case c.group_key when 'outside' then core.label('Outside any scheme', '制度外', p_lang)
                        when 'iter' then core.label('Assignments to ITER', 'ITERへの派遣', p_lang) end) end,
            'from', c.from_country, 'to', c.to_country, 'people', c.heads, 'person_months', c.months,
            'hidden', c.months is null, 'live', c.live)
            order by c.year, coalesce(o.code::text, c.group_key), c.from_country, c.to_country)
        into v_items
    from (select y.year, x.*
          from generate_series(v_last - coalesce(p_years, 1)::integer + 1, v_last) as y (year)
          cross join lateral derive.publish_exchanges(v_kind, y.year, v_by, p_release) x) c
    left join core.organization o on o.id = case when v_by = 'organization' then c.group_key::uuid end
    left join core.pillar p on p.code = case when v_by = 'pillar' then c.group_key end
    where (p_home_country is null or c.from_country = p_home_country)
        and (p_host_country is null or c.to_country = p_host_country)
        and (v_organization is null or o.id = v_organization)
        and (p_pillar is null or c.group_key = p_pillar)
        and (p_category is null or c.group_key = p_category);

    return json_build_object('items', coalesce(v_items, '[]'::json), 'year_kind', v_kind, 'by', v_by,
        'first_year', v_last - coalesce(p_years, 1) + 1, 'last_year', v_last,
        'starts', core.year_start(v_last - coalesce(p_years, 1)::integer + 1, v_kind),
        'ends', core.year_start(v_last + 1, v_kind) - 1,
        'perturbed', not v_see.live, 'at_most', v_see.at_most, 'never_up_to', v_see.never_up_to, 'release', v_see.release_code,
        'release_month', to_char(v_see.release_month, 'YYYY-MM'),
        'live', case when v_see.live then 'all' when v_see.own_id is not null then 'own organization' else 'none' end,
        'notes', (select coalesce(json_agg(n.note), '[]'::json) from (
            select case
                when v_see.release_id is null and p_lang = 'ja' then '公表値がまだないため、人材交流は示されません。'
                when v_see.release_id is null then 'No release has been cut, so exchanges are not shown.'
                when p_lang = 'ja' then format('人数は個人を守るため最大%s人までずらしてあり、個々に処理したため合計と一致しないことがあります。人月も丸め、ずらし、少人数では示しません。', v_see.at_most)
                else format('To expose nobody, counts of people are changed by up to %s, each by itself, so that they need not add up to their totals; person-months are changed with them, rounded, and hidden for few people.', v_see.at_most) end as note
            where not v_see.live
            union all
            select case p_lang
                when 'ja' then 'この数値には、試用のために作られた合成データが含まれています。'
                else 'These figures include synthetic data, made up for trying the program out.' end
            where derive.people_synthetic()) n));
end
$$;
comment on function api.exchange_balance is 'exchange.balance';
