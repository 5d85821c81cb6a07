-- SPDX-License-Identifier: Apache-2.0
--
-- Figures that were computed before are mended where they have changed: each transaction leaves with its number whose figures
-- it changed, and figures can be computed for a few skills, categories and pillars alone.

alter table derive.figure_change drop constraint figure_change_pkey;
alter table derive.figure_change add column about_id uuid;
alter table derive.figure_change add constraint figure_change_once unique nulls not distinct (number, live, about_id);
comment on column derive.figure_change.about_id is
    'Whose figures it may have changed: a skill, category or pillar with another supply, or a skill or role with another demand; null: any';

create function derive.mark_some(p_about uuid[], p_live boolean) returns void
language plpgsql as $$
declare
    -- More are marked as any: to look through many takes as long as to compute them anew.
    c_each constant integer := 64;
begin
    insert into derive.figure_change (live, about_id)
    select p_live, a.id
    from unnest(case when cardinality(p_about) > c_each then array[null::uuid] else p_about end) as a (id)
    on conflict (number, live, about_id) do nothing;
end
$$;
comment on function derive.mark_some(uuid[], boolean) is 'Marks the transaction as one that changed figures of these, each named once';

create or replace function derive.mark_figures() returns trigger
language plpgsql security definer as $$
begin
    perform derive.mark_some(array[null::uuid], false);
    return null;
end
$$;

create function derive.mark_supply() returns trigger
language plpgsql security definer as $$
begin
    perform derive.mark_some(array(select distinct a.subject_id from after a), true);
    return null;
end
$$;
comment on function derive.mark_supply() is 'After changes of supply were appended: marks the transaction as one that changed figures of whom they are about';

-- What a skill or a role counts towards is looked up by who reads the mark: another transaction may change that before this one
-- ends, and then marks any.
create function derive.mark_demand() returns trigger
language plpgsql security definer as $$
begin
    if tg_op <> 'DELETE' then
        perform derive.mark_some(array(select distinct coalesce(a.skill_id, a.role_id) from after a), false);
    end if;
    if tg_op <> 'INSERT' then
        perform derive.mark_some(array(select distinct coalesce(b.skill_id, b.role_id) from before b), false);
    end if;
    return null;
end
$$;
comment on function derive.mark_demand() is 'After demand changed: marks the transaction as one that changed figures of whom it is about';

drop trigger mark_figures on derive.supply_change;
create trigger mark_supply after insert on derive.supply_change
    referencing new table as after for each statement execute function derive.mark_supply();
drop trigger mark_figures on core.demand;
create trigger mark_figures after truncate on core.demand for each statement execute function derive.mark_figures();
create trigger mark_demand_insert after insert on core.demand
    referencing new table as after for each statement execute function derive.mark_demand();
create trigger mark_demand_update after update on core.demand
    referencing old table as before new table as after for each statement execute function derive.mark_demand();
create trigger mark_demand_delete after delete on core.demand
    referencing old table as before for each statement execute function derive.mark_demand();

drop function derive.figures_hold(text, text, boolean);
create function derive.figures_changed(p_stamp text, p_for text, p_live boolean) returns uuid[]
language plpgsql stable as $$
declare
    v_seen constant pg_snapshot := split_part(p_stamp, ' ', 1);
    v_changed uuid[];
begin
    -- Numbers of transactions mean something on the server that gave them alone.
    if derive.figures_stamp(p_for) is distinct from concat_ws(' ', pg_current_snapshot(), substr(p_stamp, strpos(p_stamp, ' ') + 1)) then
        return null;
    end if;
    v_changed := array(
        select distinct c.about_id
        from derive.figure_change c
        where c.number >= pg_snapshot_xmin(v_seen) and not pg_visible_in_snapshot(c.number, v_seen) and (p_live or not c.live));
    if array_position(v_changed, null) is not null then
        return null;
    end if;
    return array(
        select unnest(v_changed)
        union
        select s.subject_id from derive.skill_subject s
        where s.skill_id = any (v_changed || array(select k.skill_id from core.role_skill k where k.role_id = any (v_changed))));
end
$$;
comment on function derive.figures_changed(text, text, boolean) is
    'Whose figures may no longer be as they are in what has this stamp, for the same text: skills, categories and pillars, and roles with another demand; null: any. Live: they count people as they are on record, and not as released';

alter function derive.mark_some(uuid[], boolean) owner to jinzai_derive;
alter function derive.mark_supply() owner to jinzai_derive;
alter function derive.mark_demand() owner to jinzai_derive;
revoke execute on function derive.mark_some(uuid[], boolean) from public, jinzai_api;

-- Supply of a few -----------------------------------------------------------------------------------------
--
-- Each index begins with what everybody has in common, and ends with the subject. With all of that named, months, groups and
-- organizations one by one, what a few subjects have is found in so many look-ups, however much the others have.

create function derive.supply_opened(p_month date) returns date
language sql stable as $$
    select make_date(least(extract(year from p_month)::integer, y.last_year), 1, 1)
    from derive.supply_years y
    where extract(year from p_month) >= y.first_year
$$;
comment on function derive.supply_opened(date) is
    'The first day of the year whose opening balance holds what there was before, for supply as of a month; null before the first such year';

create function derive.supply_groups(p_grouping text) returns text[]
language sql stable as $$
    select array_agg(distinct case p_grouping when 'country' then coalesce(o.country, 'international') when 'kind' then o.kind
        else o.id::text end)
    from core.organization o
$$;
comment on function derive.supply_groups(text) is 'All countries (and international), kinds of organizations or organizations';

drop function derive.supply_classes(date, text, text[], uuid);
create function derive.supply_classes(p_month date, p_grouping text, p_classes text[], p_organization uuid, p_subjects uuid[] default null)
returns table (group_key text, subject_id uuid, level smallint, heads bigint, fte numeric, keys bigint)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
    v_from constant date := derive.supply_opened(p_month);
    v_year constant smallint := extract(year from v_from);
    v_months constant date[] := array(select m::date from generate_series(v_from, p_month, interval '1 month') m);
    v_groups constant text[] := derive.supply_groups(p_grouping);
    v_organizations constant uuid[] := case p_grouping when 'organization' then v_groups::uuid[] end;
begin
    if p_organization is not null then
        return query
        select p_organization::text, x.subject_id, x.level, sum(x.heads)::bigint, sum(x.fte), sum(x.keys)::bigint
        from (
            select b.subject_id, b.level, b.heads, b.fte, b.keys
            from derive.supply_balance b
            where b.organization_id = p_organization and b.month <= p_month and b.evidence = any (p_classes)
                and (p_subjects is null or b.subject_id = any (p_subjects))
            union all
            select c.subject_id, c.level, c.heads, c.fte, c.keys
            from derive.supply_change c
            where c.organization_id = p_organization and c.month <= p_month and c.evidence = any (p_classes)
                and (p_subjects is null or c.subject_id = any (p_subjects))) x
        group by x.subject_id, x.level
        having sum(x.heads) <> 0 or sum(x.fte) <> 0;
        return;
    end if;
    return query
    select x.group_key, x.subject_id, x.level, sum(x.heads)::bigint, sum(x.fte), sum(x.keys)::bigint
    from (
        select o.group_key, o.subject_id, o.level, o.heads, o.fte, o.keys
        from derive.supply_opening o
        where o.grouping = p_grouping and o.year = v_year and o.evidence = any (p_classes)
            and (p_subjects is null or o.group_key = any (v_groups) and o.subject_id = any (p_subjects))
        union all
        select r.group_key, r.subject_id, r.level, r.heads, r.fte, r.keys
        from derive.supply_rollup r
        where r.grouping = p_grouping and r.month <= p_month and r.evidence = any (p_classes) and r.month >= coalesce(v_from, '-infinity')
            and (p_subjects is null or r.group_key = any (v_groups) and r.subject_id = any (p_subjects))
            and (p_subjects is null or v_from is null or r.month = any (v_months))
        union all
        select b.organization_id::text, b.subject_id, b.level, b.heads, b.fte, b.keys
        from derive.supply_balance b
        where p_grouping = 'organization' and b.month <= p_month and b.evidence = any (p_classes)
            and (p_subjects is null or b.organization_id = any (v_organizations) and b.subject_id = any (p_subjects))
        union all
        select case p_grouping when 'country' then coalesce(g.country, 'international')
                when 'kind' then g.kind else g.id::text end,
            c.subject_id, c.level, c.heads, c.fte, c.keys
        from derive.supply_change c join core.organization g on g.id = c.organization_id
        where c.month <= p_month and c.evidence = any (p_classes) and (p_subjects is null or c.subject_id = any (p_subjects))
    ) x
    group by x.group_key, x.subject_id, x.level
    having sum(x.heads) <> 0 or sum(x.fte) <> 0;
end
$$;
comment on function derive.supply_classes(date, text, text[], uuid, uuid[]) is
    'Supply of these classes of evidence as of a month by country, kind or organization (or of one organization), exactly at each level, of these subjects or (null) all: opening balance, the year''s movements, and what is not folded yet';

drop function derive.supply_reached(date, text, text[], uuid);
create function derive.supply_reached(p_month date, p_grouping text, p_classes text[], p_organization uuid, p_subjects uuid[] default null)
returns table (group_key text, subject_id uuid, level smallint, heads bigint, fte numeric, keys bigint)
language plpgsql stable as $$
begin
    return query
    select case p_grouping when 'all' then 'all' else s.group_key end, s.subject_id, l.level::smallint,
        sum(s.heads)::bigint, sum(s.fte), sum(s.keys)::bigint
    from derive.supply_classes(p_month, case p_grouping when 'all' then 'country' else p_grouping end,
        p_classes, p_organization, p_subjects) s
    join generate_series(1, 5) as l (level) on l.level <= s.level
    group by 1, 2, 3;
end
$$;
comment on function derive.supply_reached(date, text, text[], uuid, uuid[]) is 'The same at each level or above, and for all together';

drop function derive.supply_shown(date, text, text[]);
create function derive.supply_shown(p_month date, p_grouping text, p_classes text[], p_subjects uuid[] default null)
returns table (group_key text, subject_id uuid, level smallint, heads bigint, fte numeric)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
    v_from constant date := derive.supply_opened(p_month);
    v_year constant smallint := extract(year from v_from);
    v_months constant date[] := array(select m::date from generate_series(v_from, p_month, interval '1 month') m);
    v_groups constant text[] := derive.supply_groups(p_grouping);
begin
    -- Who is at a level or above is summed from the highest level down, across one row for all levels: a window over one
    -- row for each would sort them all. A level between two that nobody has exactly has the figures of the one above it.
    return query
    with x as (
        select o.group_key, o.subject_id, o.level, o.heads, o.fte
        from derive.supply_opening o
        where o.grouping = p_grouping and o.year = v_year and o.evidence = any (p_classes)
            and (p_subjects is null or o.group_key = any (v_groups) and o.subject_id = any (p_subjects))
        union all
        select r.group_key, r.subject_id, r.level, r.heads, r.fte
        from derive.supply_rollup r
        where r.grouping = p_grouping and r.month <= p_month and r.evidence = any (p_classes) and r.month >= coalesce(v_from, '-infinity')
            and (p_subjects is null or r.group_key = any (v_groups) and r.subject_id = any (p_subjects))
            and (p_subjects is null or v_from is null or r.month = any (v_months))
        union all
        select case p_grouping when 'country' then coalesce(g.country, 'international') else g.kind end,
            c.subject_id, c.level, c.heads, c.fte
        from derive.supply_change c join core.organization g on g.id = c.organization_id
        where c.month <= p_month and c.evidence = any (p_classes) and (p_subjects is null or c.subject_id = any (p_subjects))
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
comment on function derive.supply_shown(date, text, text[], uuid[]) is
    'Supply as of a month by country or kind at each level or above, of these subjects or (null) all, for publishing; derive.supply_reached says the same with record keys';

drop function derive.publish(date, text, boolean, text);
create function derive.publish(p_month date, p_grouping text, p_declared boolean, p_release text,
    p_subjects uuid[] default null)
returns table (group_key text, subject_id uuid, level smallint, heads bigint, fte numeric, live boolean)
language plpgsql stable security definer as $$
declare
    v_see derive.publication := derive.publication(p_month, p_release);
    v_classes text[] := case when p_declared then array['verified', 'declared'] else array['verified'] end;
begin
    if v_see.live then
        if p_grouping in ('country', 'kind') then
            return query
            select r.group_key, r.subject_id, r.level, r.heads, r.fte, true
            from derive.supply_shown(p_month, p_grouping, v_classes, p_subjects) r;
            return;
        end if;
        return query
        select r.group_key, r.subject_id, r.level, r.heads, r.fte, true
        from derive.supply_reached(p_month, p_grouping, v_classes, null, p_subjects) r;
        return;
    end if;
    if p_declared and (v_see.own_id is null or p_grouping <> 'organization') then
        perform core.fail('denied', 'releases count verified evidence; self-declared holdings are counted for the own organization',
            'evidence', 'verified, or by the own organization');
    end if;
    if v_see.own_id is not null and p_grouping = 'organization' then
        return query
        select r.group_key, r.subject_id, r.level, r.heads, r.fte, true
        from derive.supply_reached(p_month, p_grouping, v_classes, v_see.own_id, p_subjects) r;
    end if;
    if not p_declared then
        return query
        select c.group_key, c.subject_id, c.level, c.heads, c.fte, false
        from derive.release_cell c
        where c.release_id = v_see.release_id and c.grouping = p_grouping and (p_subjects is null or c.subject_id = any (p_subjects))
            and (p_grouping <> 'organization' or c.group_key is distinct from v_see.own_id::text);
    end if;
end
$$;
comment on function derive.publish(date, text, boolean, text, uuid[]) is
    'The publishing function, the one way by which figures on people leave: supply at each level or above, of these subjects or (null) all, as the caller may see it; FTE null where it is hidden';
alter function derive.publish(date, text, boolean, text, uuid[]) owner to jinzai_derive;
revoke execute on function derive.supply_classes(date, text, text[], uuid, uuid[]), derive.supply_reached(date, text, text[], uuid, uuid[]),
    derive.supply_shown(date, text, text[], uuid[]), derive.supply_opened(date), derive.supply_groups(text) from jinzai_api;

create function derive.published_groups(p_month date, p_grouping text, p_release text) returns setof text
language plpgsql stable security definer as $$
declare
    v_see derive.publication := derive.publication(p_month, p_release);
begin
    if p_grouping = 'all' then
        return next 'all';
        return;
    end if;
    return query
    select unnest(derive.supply_groups(p_grouping))
    union
    -- A release also has those that were there when it was cut.
    select c.group_key from derive.release_cell c
    where not v_see.live and c.release_id = v_see.release_id and c.grouping = p_grouping;
end
$$;
comment on function derive.published_groups(date, text, text) is
    'All groups that derive.publish may have figures of, whether it has any or not';
alter function derive.published_groups(date, text, text) owner to jinzai_derive;
