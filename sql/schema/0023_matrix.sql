-- SPDX-License-Identifier: Apache-2.0
--
-- Supply for a matrix with one grouping of the rollups: the levels of a skill in a group stand side by side.

create or replace function derive.supply_shown(p_month date, p_grouping text, p_classes text[])
returns table (group_key text, subject_id uuid, level smallint, heads bigint, fte numeric)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
    v_years derive.supply_years;
    v_opening integer;
begin
    select * into v_years from derive.supply_years;
    v_opening := least(extract(year from p_month)::integer, v_years.last_year);
    if v_opening < v_years.first_year then
        v_opening := null;
    end if;
    -- Who is at a level or above is summed from the highest level down, across one row for all levels: a window over one
    -- row for each would sort them all. A level between two that nobody has exactly has the figures of the one above it.
    return query
    with x as (
        select o.group_key, o.subject_id, o.level, o.heads, o.fte
        from derive.supply_opening o
        where o.grouping = p_grouping and o.year = v_opening and o.evidence = any (p_classes)
        union all
        select r.group_key, r.subject_id, r.level, r.heads, r.fte
        from derive.supply_rollup r
        where r.grouping = p_grouping and r.month <= p_month and r.evidence = any (p_classes)
            and r.month >= coalesce(make_date(v_opening, 1, 1), '-infinity')
        union all
        select case p_grouping when 'country' then coalesce(g.country, 'international') else g.kind end,
            c.subject_id, c.level, c.heads, c.fte
        from derive.supply_change c join core.organization g on g.id = c.organization_id
        where c.month <= p_month and c.evidence = any (p_classes)
    ), exact as (
        select x.group_key, x.subject_id,
            coalesce(sum(x.heads) filter (where x.level = 1), 0) as h1, coalesce(sum(x.fte) filter (where x.level = 1), 0) as f1,
            coalesce(sum(x.heads) filter (where x.level = 2), 0) as h2, coalesce(sum(x.fte) filter (where x.level = 2), 0) as f2,
            coalesce(sum(x.heads) filter (where x.level = 3), 0) as h3, coalesce(sum(x.fte) filter (where x.level = 3), 0) as f3,
            coalesce(sum(x.heads) filter (where x.level = 4), 0) as h4, coalesce(sum(x.fte) filter (where x.level = 4), 0) as f4,
            coalesce(sum(x.heads) filter (where x.level = 5), 0) as h5, coalesce(sum(x.fte) filter (where x.level = 5), 0) as f5
        from x group by x.group_key, x.subject_id
    )
    select e.group_key, e.subject_id, l.level,
        case l.level when 1 then e.h1 + e.h2 + e.h3 + e.h4 + e.h5 when 2 then e.h2 + e.h3 + e.h4 + e.h5
            when 3 then e.h3 + e.h4 + e.h5 when 4 then e.h4 + e.h5 else e.h5 end::bigint,
        case l.level when 1 then e.f1 + e.f2 + e.f3 + e.f4 + e.f5 when 2 then e.f2 + e.f3 + e.f4 + e.f5
            when 3 then e.f3 + e.f4 + e.f5 when 4 then e.f4 + e.f5 else e.f5 end
    from exact e
    join (values (1::smallint), (2::smallint), (3::smallint), (4::smallint), (5::smallint)) as l (level)
        on l.level <= case when e.h5 <> 0 or e.f5 <> 0 then 5 when e.h4 <> 0 or e.f4 <> 0 then 4
            when e.h3 <> 0 or e.f3 <> 0 then 3 when e.h2 <> 0 or e.f2 <> 0 then 2 when e.h1 <> 0 or e.f1 <> 0 then 1 else 0 end;
end
$$;
