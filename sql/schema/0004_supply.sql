-- SPDX-License-Identifier: Apache-2.0
--
-- Supply: who has which skill, counted where. All of it follows from the record and is written by triggers alone.
--
--   holding ──> timeline ─┐
--                         ├──> supply_change ──fold──> supply_balance, supply_rollup, supply_opening
--   affiliation,          │
--   exchange  ──> location┘
--
-- A month's figure is what holds on its first day. A person counts in a skill at the highest level that is valid, and in
-- a category or pillar once, at the highest level within it. headcount is counted at the home organization: the one of
-- the person's affiliations with the most FTE, the earlier and then the lower id first. fte is counted where the person
-- is: an exchange moves its FTE from its home to its host, but no more than the person has at home.
--
-- Writers lock the person, compare what the person contributed with what the person contributes, and append the
-- difference. Only the fold updates shared rows, one fold at a time, so writers never wait for one another.

create table derive.skill_subject (
    skill_id uuid not null references core.skill on delete cascade,
    subject_id uuid not null,
    kind text not null constraint skill_subject_kind check (kind in ('skill', 'category', 'pillar')),
    primary key (skill_id, subject_id)
);
create index skill_subject_of on derive.skill_subject (subject_id, skill_id);
comment on table derive.skill_subject is 'What a skill counts towards: itself, the categories above it, the pillars it serves';
comment on column derive.skill_subject.skill_id is 'The skill';
comment on column derive.skill_subject.subject_id is 'The skill itself, a category or a pillar';
comment on column derive.skill_subject.kind is 'Which of these';

create table derive.timeline (
    person_id uuid not null,
    skill_id uuid not null,
    starts date not null,
    days daterange not null,
    level_verified smallint,
    level smallint not null,
    primary key (person_id, skill_id, starts)
);
comment on table derive.timeline is 'For each person and skill the highest valid level, span by span; spans do not overlap';
comment on column derive.timeline.person_id is 'Who';
comment on column derive.timeline.skill_id is 'Which skill';
comment on column derive.timeline.starts is 'First day of the span';
comment on column derive.timeline.days is 'The span';
comment on column derive.timeline.level_verified is 'Highest level by evidence other than the person''s own word; null for none';
comment on column derive.timeline.level is 'Highest level by any evidence';

create table derive.location (
    person_id uuid not null,
    organization_id uuid not null,
    starts date not null,
    months daterange not null,
    heads smallint not null,
    fte numeric(4, 3) not null,
    birth_cohort smallint not null,
    record_key bigint not null,
    primary key (person_id, organization_id, starts)
);
comment on table derive.location is 'Where each person counts, span by span';
comment on column derive.location.person_id is 'Who';
comment on column derive.location.organization_id is 'Where';
comment on column derive.location.starts is 'First month of the span';
comment on column derive.location.months is 'The span, in first days of months';
comment on column derive.location.heads is '1 at the home organization, else 0';
comment on column derive.location.fte is 'FTE that the person gives there';
comment on column derive.location.birth_cohort is 'The person''s birth cohort; 0 where it is not known';
comment on column derive.location.record_key is 'The person''s record key';

create type derive.movement as (
    month date,
    subject_id uuid,
    level smallint,
    evidence text,
    organization_id uuid,
    birth_cohort smallint,
    heads bigint,
    fte numeric,
    keys bigint
);
comment on type derive.movement is 'What comes (or, negative, goes) in a month: heads, FTE, and the sum of record keys of the heads';

create table derive.supply_change (
    id bigint generated always as identity (cache 1) primary key,
    month date not null,
    subject_id uuid not null,
    level smallint not null,
    evidence text not null constraint supply_change_evidence check (evidence in ('verified', 'declared')),
    organization_id uuid not null,
    birth_cohort smallint not null,
    heads bigint not null,
    fte numeric(14, 3) not null,
    keys bigint not null
);
comment on table derive.supply_change is 'Changes of supply that are appended by writers and not folded yet';
comment on column derive.supply_change.id is 'Order of appending';
comment on column derive.supply_change.month is 'From this month on';
comment on column derive.supply_change.subject_id is 'Skill, category or pillar';
comment on column derive.supply_change.level is 'Exactly this level';
comment on column derive.supply_change.evidence is
    'verified; or declared: what self-declared holdings add to it (or take from it, at the lower level)';
comment on column derive.supply_change.organization_id is 'Counted there';
comment on column derive.supply_change.birth_cohort is 'First year of the cohort; 0 where it is not known';
comment on column derive.supply_change.heads is 'People who come, or go where negative';
comment on column derive.supply_change.fte is 'FTE that comes or goes';
comment on column derive.supply_change.keys is 'Sum of the record keys of the people who come, less those who go';

create table derive.supply_balance (
    subject_id uuid not null,
    organization_id uuid not null,
    evidence text not null,
    level smallint not null,
    birth_cohort smallint not null,
    month date not null,
    heads bigint not null,
    fte numeric(14, 3) not null,
    keys bigint not null,
    primary key (organization_id, subject_id, evidence, level, birth_cohort, month)
);
comment on table derive.supply_balance is 'Folded movements by month, for each organization and birth cohort; their sum to a month is the balance';
comment on column derive.supply_balance.subject_id is 'Skill, category or pillar';
comment on column derive.supply_balance.organization_id is 'Counted there';
comment on column derive.supply_balance.evidence is 'verified, or what self-declared holdings add';
comment on column derive.supply_balance.level is 'Exactly this level';
comment on column derive.supply_balance.birth_cohort is 'First year of the cohort; 0 where it is not known';
comment on column derive.supply_balance.month is 'From this month on';
comment on column derive.supply_balance.heads is 'Net heads that come in the month';
comment on column derive.supply_balance.fte is 'Net FTE that comes in the month';
comment on column derive.supply_balance.keys is 'Net sum of record keys that come in the month';

create table derive.supply_rollup (
    grouping text not null constraint supply_rollup_grouping check (grouping in ('country', 'kind')),
    group_key text not null,
    month date not null,
    subject_id uuid not null,
    evidence text not null,
    level smallint not null,
    heads bigint not null,
    fte numeric(14, 3) not null,
    keys bigint not null,
    primary key (grouping, month, group_key, subject_id, evidence, level)
);
comment on table derive.supply_rollup is 'Folded movements by month, for each country and for each kind of organization';
comment on column derive.supply_rollup.grouping is 'country or kind';
comment on column derive.supply_rollup.group_key is 'Which country (or international) or kind';
comment on column derive.supply_rollup.month is 'From this month on';
comment on column derive.supply_rollup.subject_id is 'Skill, category or pillar';
comment on column derive.supply_rollup.evidence is 'verified, or what self-declared holdings add';
comment on column derive.supply_rollup.level is 'Exactly this level';
comment on column derive.supply_rollup.heads is 'Net heads that come in the month';
comment on column derive.supply_rollup.fte is 'Net FTE that comes in the month';
comment on column derive.supply_rollup.keys is 'Net sum of record keys that come in the month';

create table derive.supply_opening (
    grouping text not null,
    group_key text not null,
    year smallint not null,
    subject_id uuid not null,
    evidence text not null,
    level smallint not null,
    heads bigint not null,
    fte numeric(14, 3) not null,
    keys bigint not null,
    primary key (grouping, year, group_key, subject_id, evidence, level)
);
comment on table derive.supply_opening is
    'Opening balance of each year: all rollup movements of months before it, so that a reading adds at most a year of them';
comment on column derive.supply_opening.grouping is 'country or kind';
comment on column derive.supply_opening.group_key is 'Which country (or international) or kind';
comment on column derive.supply_opening.year is 'The calendar year that it opens';
comment on column derive.supply_opening.subject_id is 'Skill, category or pillar';
comment on column derive.supply_opening.evidence is 'verified, or what self-declared holdings add';
comment on column derive.supply_opening.level is 'Exactly this level';
comment on column derive.supply_opening.heads is 'Heads';
comment on column derive.supply_opening.fte is 'FTE';
comment on column derive.supply_opening.keys is 'Sum of record keys';

create table derive.supply_years (
    only_row boolean primary key default true constraint supply_years_only_row check (only_row),
    first_year smallint not null,
    last_year smallint not null
);
comment on table derive.supply_years is 'The years that have opening balances: from the first to the year after the present one';
comment on column derive.supply_years.only_row is 'There is one row';
comment on column derive.supply_years.first_year is 'First year with opening balances; before it movements are summed from the beginning';
comment on column derive.supply_years.last_year is 'Last year with opening balances; after it movements are added to that one';
insert into derive.supply_years (first_year, last_year) values (2000, extract(year from now()) + 1);

-- From the record to the derived tables -----------------------------------------------------------

create function derive.subjects(p_skills uuid[])
returns table (skill_id uuid, subject_id uuid, kind text)
language sql stable as $$
    with recursive above (skill_id, node_id) as (
        select s.id, s.id from core.skill s where s.id = any (p_skills)
        union
        select a.skill_id, s.parent_id from above a join core.skill s on s.id = a.node_id
        where s.parent_id is not null
    )
    select a.skill_id, n.id, n.kind from above a join core.skill n on n.id = a.node_id
    where n.kind = 'category' or n.id = a.skill_id
    union
    select s.id, p.id, 'pillar' from core.skill s join core.pillar p on p.code = any (s.pillars)
    where s.id = any (p_skills)
$$;
comment on function derive.subjects(uuid[]) is 'What each skill counts towards, from the tree and the pillars as they stand';

create function derive.retime(p_person uuid, p_skills uuid[]) returns void
language plpgsql as $$
begin
    delete from derive.timeline t where t.person_id = p_person and t.skill_id = any (p_skills);
    insert into derive.timeline (person_id, skill_id, starts, days, level_verified, level)
    with evidence as materialized (
        select h.skill_id, h.valid, h.level, case when h.evidence <> 'self_declared' then h.level end as level_verified
        from core.holding h
        where h.person_id = p_person and h.skill_id = any (p_skills) and h.reversed_on is null
    ), edge as (
        select e.skill_id, lower(e.valid) as day from evidence e
        union
        select e.skill_id, upper(e.valid) from evidence e where not upper_inf(e.valid)
    ), piece as (
        select g.skill_id, daterange(g.day, lead(g.day) over (partition by g.skill_id order by g.day)) as days
        from edge g
    ), valued as (
        select p.skill_id, p.days, max(e.level_verified) as level_verified, max(e.level) as level
        from piece p join evidence e on e.skill_id = p.skill_id and e.valid @> lower(p.days)
        group by p.skill_id, p.days
    ), merged as (
        select v.skill_id, v.level_verified, v.level, range_agg(v.days) as spans
        from valued v group by v.skill_id, v.level_verified, v.level
    )
    select p_person, m.skill_id, lower(s.days), s.days, m.level_verified, m.level
    from merged m, unnest(m.spans) as s (days);
end
$$;
comment on function derive.retime(uuid, uuid[]) is 'Writes the timelines of a person in these skills anew from the holdings';

create function derive.locate(p_person uuid) returns void
language plpgsql as $$
begin
    delete from derive.location l where l.person_id = p_person;
    insert into derive.location (person_id, organization_id, starts, months, heads, fte, birth_cohort, record_key)
    with post as materialized (
        select core.months(a.valid) as months, a.organization_id, a.fte, lower(a.valid) as since, a.id
        from core.affiliation a where a.person_id = p_person
    ), away as materialized (
        select core.months(e.held) as months, e.home_id, e.host_id, e.fte
        from core.exchange e
        where e.person_id = p_person and e.status in ('approved', 'active', 'completed')
    ), span as (
        select p.months from post p where not isempty(p.months)
        union all
        select a.months from away a where not isempty(a.months)
    ), edge as (
        select lower(s.months) as month from span s
        union
        select upper(s.months) from span s where not upper_inf(s.months)
    ), piece as (
        select daterange(e.month, lead(e.month) over (order by e.month)) as months from edge e
    ), home as (
        select p.months, o.organization_id, o.fte,
            row_number() over (partition by p.months order by o.fte desc, o.since, o.id) as place
        from piece p join post o on o.months @> lower(p.months)
    ), moved as (
        select h.months, a.home_id, a.host_id,
            trunc(a.fte * least(1, h.fte / sum(a.fte) over (partition by h.months, a.home_id)), 3) as fte
        from home h
        join away a on a.months @> lower(h.months) and a.home_id = h.organization_id
    ), placed as (
        select h.months, h.organization_id, (h.place = 1)::integer as heads, h.fte from home h
        union all
        select m.months, m.home_id, 0, -m.fte from moved m
        union all
        select m.months, m.host_id, 0, m.fte from moved m
    ), summed as (
        select p.organization_id, p.months, sum(p.heads) as heads, sum(p.fte) as fte
        from placed p group by p.organization_id, p.months
        having sum(p.heads) <> 0 or sum(p.fte) <> 0
    ), merged as (
        select s.organization_id, s.heads, s.fte, range_agg(s.months) as spans
        from summed s group by s.organization_id, s.heads, s.fte
    )
    select p_person, m.organization_id, lower(s.months), s.months, m.heads, m.fte,
        coalesce(p.birth_cohort, 0), p.record_key
    from merged m
    join core.person p on p.id = p_person, unnest(m.spans) as s (months);
end
$$;
comment on function derive.locate(uuid) is
    'Writes anew where a person counts, from the affiliations, approved exchanges, cohort and key';

create function derive.movements(p_person uuid, p_subjects uuid[]) returns setof derive.movement
language plpgsql stable as $$
begin
    return query
    with held as (
        select s.subject_id, core.months(t.days) as months, t.level_verified, t.level,
            bool_or(t.level_verified is distinct from t.level) over (partition by s.subject_id) as twice
        from derive.timeline t
        join derive.skill_subject s on s.skill_id = t.skill_id
        where t.person_id = p_person and s.subject_id = any (p_subjects)
    ), counted as (
        select h.subject_id, 'verified' as evidence, 1 as sign, h.months, h.level_verified as level from held h
        union all
        -- Where self-declared holdings say more somewhere in the subject: all that counts by them, less what counts anyway.
        select h.subject_id, 'declared', 1, h.months, h.level from held h where h.twice
        union all
        select h.subject_id, 'declared', -1, h.months, h.level_verified from held h where h.twice
    ), reached as (
        select c.subject_id, c.evidence, c.sign, l.level, range_agg(c.months) as spans
        from counted c
        join generate_series(1, 5) as l (level) on l.level <= c.level
        where not isempty(c.months)
        group by c.subject_id, c.evidence, c.sign, l.level
    ), exactly as (
        select r.subject_id, r.evidence, r.sign, r.level, r.spans - coalesce(lead(r.spans) over (
            partition by r.subject_id, r.evidence, r.sign order by r.level), '{}') as spans
        from reached r
    ), span as (
        select x.subject_id, x.evidence, x.sign, x.level, s.months,
            w.organization_id, w.birth_cohort, w.heads, w.fte, w.record_key
        from exactly x
        join derive.location w on w.person_id = p_person,
            unnest(x.spans * datemultirange(w.months)) as s (months)
        where not isempty(x.spans)
    ), moved as (
        select lower(s.months) as month, s.sign as turn, s.* from span s
        union all
        select upper(s.months), -s.sign, s.* from span s where not upper_inf(s.months)
    )
    select m.month, m.subject_id, m.level::smallint, m.evidence, m.organization_id, m.birth_cohort,
        sum(m.turn * m.heads)::bigint, sum(m.turn * m.fte), sum(m.turn * m.heads * m.record_key)::bigint
    from moved m
    group by m.month, m.subject_id, m.level, m.evidence, m.organization_id, m.birth_cohort
    having sum(m.turn * m.heads) <> 0 or sum(m.turn * m.fte) <> 0 or sum(m.turn * m.heads * m.record_key) <> 0;
end
$$;
comment on function derive.movements(uuid, uuid[]) is
    'All that a person contributes to these subjects, as movements by month, from the timelines and locations as they stand';

-- Following the record ----------------------------------------------------------------------------

create function derive.append_changes(p_person uuid, p_subjects uuid[], p_before derive.movement[]) returns void
language plpgsql as $$
begin
    insert into derive.supply_change (month, subject_id, level, evidence, organization_id, birth_cohort, heads, fte, keys)
    select x.month, x.subject_id, x.level, x.evidence, x.organization_id, x.birth_cohort,
        sum(x.sign * x.heads), sum(x.sign * x.fte), sum(x.sign * x.keys)
    from (select -1 as sign, b.* from unnest(p_before) b
          union all
          select 1, a.* from derive.movements(p_person, p_subjects) a) x
    group by x.month, x.subject_id, x.level, x.evidence, x.organization_id, x.birth_cohort
    having sum(x.sign * x.heads) <> 0 or sum(x.sign * x.fte) <> 0 or sum(x.sign * x.keys) <> 0;
end
$$;
comment on function derive.append_changes(uuid, uuid[], derive.movement[]) is
    'Appends the difference between what a person contributed before and what the person contributes';

-- One person at a time, each in a few statements whose plans are kept: joins over many people at once would be planned
-- for few, and take quadratic time for the many of a bulk load.

create function derive.follow_timelines(p_persons uuid[], p_skills uuid[]) returns void
language plpgsql as $$
declare
    v_person uuid;
    v_subjects uuid[] := array(select distinct s.subject_id from derive.skill_subject s where s.skill_id = any (p_skills));
    v_before derive.movement[];
begin
    foreach v_person in array p_persons loop
        v_before := array(select m from derive.movements(v_person, v_subjects) m);
        perform derive.retime(v_person, p_skills);
        perform derive.append_changes(v_person, v_subjects, v_before);
    end loop;
end
$$;
comment on function derive.follow_timelines(uuid[], uuid[]) is 'Brings people''s timelines in these skills up to date, and supply with them';

create function derive.follow_locations(p_persons uuid[]) returns void
language plpgsql as $$
declare
    v_person uuid;
    v_subjects uuid[];
    v_before derive.movement[];
begin
    foreach v_person in array p_persons loop
        v_subjects := array(select distinct s.subject_id
            from derive.timeline t join derive.skill_subject s on s.skill_id = t.skill_id where t.person_id = v_person);
        v_before := array(select m from derive.movements(v_person, v_subjects) m);
        perform derive.locate(v_person);
        perform derive.append_changes(v_person, v_subjects, v_before);
    end loop;
end
$$;
comment on function derive.follow_locations(uuid[]) is 'Brings up to date where people count, and supply with it';

create function derive.follow_tree(p_persons uuid[], p_skills uuid[]) returns void
language plpgsql as $$
declare
    v_person uuid;
    v_subjects uuid[] := array(
        select s.subject_id from derive.skill_subject s where s.skill_id = any (p_skills)
        union select s.subject_id from derive.subjects(p_skills) s);
    v_before derive.movement[];
begin
    -- All at once: the tree is one, so nobody's supply may be followed half in the old one.
    foreach v_person in array p_persons loop
        v_before := v_before || array(
            select row(m.month, m.subject_id, m.level, m.evidence, m.organization_id, m.birth_cohort,
                -m.heads, -m.fte, -m.keys)::derive.movement
            from derive.movements(v_person, v_subjects) m);
    end loop;
    delete from derive.skill_subject s where s.skill_id = any (p_skills);
    insert into derive.skill_subject (skill_id, subject_id, kind) select * from derive.subjects(p_skills);
    foreach v_person in array p_persons loop
        v_before := v_before || array(select m from derive.movements(v_person, v_subjects) m);
    end loop;
    insert into derive.supply_change (month, subject_id, level, evidence, organization_id, birth_cohort, heads, fte, keys)
    select x.month, x.subject_id, x.level, x.evidence, x.organization_id, x.birth_cohort, sum(x.heads), sum(x.fte), sum(x.keys)
    from unnest(v_before) x
    group by x.month, x.subject_id, x.level, x.evidence, x.organization_id, x.birth_cohort
    having sum(x.heads) <> 0 or sum(x.fte) <> 0 or sum(x.keys) <> 0;
end
$$;
comment on function derive.follow_tree(uuid[], uuid[]) is
    'Brings up to date what skills count towards, and the supply of the people who hold them';

create function derive.lock_people(p_persons uuid[]) returns void
language plpgsql as $$
begin
    -- In one order, so that two writers of several people cannot wait for each other.
    perform from core.person p where p.id = any (p_persons) order by p.id for no key update;
end
$$;
comment on function derive.lock_people(uuid[]) is
    'Locks people, so that what is derived from one person is derived by one writer at a time';

create function derive.check_fte(p_persons uuid[]) returns void
language plpgsql as $$
begin
    if exists (
        select from core.affiliation a
        where a.person_id = any (p_persons) and 1 < (
            select sum(b.fte) from core.affiliation b
            where b.person_id = a.person_id and b.valid @> lower(a.valid))) then
        perform core.fail('conflict', 'the person''s affiliations would together be above 1.0 FTE', 'fte',
            'no more than what the other affiliations leave of 1.0');
    end if;
    if exists (
        select from core.exchange e
        where e.person_id = any (p_persons) and e.status in ('approved', 'active', 'completed') and 1 < (
            select sum(f.fte) from core.exchange f
            where f.person_id = e.person_id and f.status in ('approved', 'active', 'completed')
                and f.held @> lower(e.held))) then
        perform core.fail('conflict', 'the person''s exchanges would together be above 1.0 FTE', 'fte',
            'no more than what the other approved exchanges leave of 1.0');
    end if;
end
$$;
comment on function derive.check_fte(uuid[]) is
    'Ends the call where people''s affiliations, or their approved exchanges, together exceed 1.0 FTE on some day';

create function derive.follow_holding() returns trigger
language plpgsql security definer as $$
declare
    v_persons uuid[];
    v_skills uuid[];
begin
    if tg_op = 'INSERT' then
        select array_agg(distinct n.person_id), array_agg(distinct n.skill_id) into v_persons, v_skills from after n;
    elsif tg_op = 'DELETE' then
        select array_agg(distinct o.person_id), array_agg(distinct o.skill_id) into v_persons, v_skills from before o;
    else
        select array_agg(distinct x.person_id), array_agg(distinct x.skill_id) into v_persons, v_skills
        from (select n.person_id, n.skill_id from after n union select o.person_id, o.skill_id from before o) x;
    end if;
    if v_persons is not null then
        perform derive.lock_people(v_persons);
        perform derive.follow_timelines(v_persons, v_skills);
    end if;
    return null;
end
$$;
comment on function derive.follow_holding() is 'After holdings changed: follows with the timelines of their people';

create function derive.follow_place() returns trigger
language plpgsql security definer as $$
declare
    v_persons uuid[];
begin
    if tg_op = 'INSERT' then
        select array_agg(distinct n.person_id) into v_persons from after n where n.person_id is not null;
    elsif tg_op = 'DELETE' then
        select array_agg(distinct o.person_id) into v_persons from before o where o.person_id is not null;
    else
        select array_agg(distinct x.person_id) into v_persons
        from (select n.person_id from after n union select o.person_id from before o) x where x.person_id is not null;
    end if;
    if v_persons is not null then
        perform derive.lock_people(v_persons);
        perform derive.follow_locations(v_persons);
        perform derive.check_fte(v_persons);
    end if;
    return null;
end
$$;
comment on function derive.follow_place() is
    'After affiliations changed, or exchanges came or went: follows with where their people count';

create function derive.follow_exchange() returns trigger
language plpgsql security definer as $$
declare
    v_persons uuid[];
begin
    -- Most steps of an exchange move nobody: a proposal is submitted, an approval recorded.
    with counted as (
        select n.id, n.person_id, n.home_id, n.host_id, n.held, n.fte from after n
        where n.status in ('approved', 'active', 'completed')
    ), was as (
        select o.id, o.person_id, o.home_id, o.host_id, o.held, o.fte from before o
        where o.status in ('approved', 'active', 'completed')
    )
    select array_agg(distinct x.person_id) into v_persons
    from ((select * from counted except select * from was) union all (select * from was except select * from counted)) x
    where x.person_id is not null;
    if v_persons is not null then
        perform derive.lock_people(v_persons);
        perform derive.follow_locations(v_persons);
        perform derive.check_fte(v_persons);
    end if;
    return null;
end
$$;
comment on function derive.follow_exchange() is
    'After exchanges changed: follows with where their people count, if what counts of the exchanges did change';

create function derive.follow_person() returns trigger
language plpgsql security definer as $$
declare
    v_persons uuid[];
begin
    select array_agg(n.id) into v_persons
    from after n join before o on o.id = n.id
    where (n.birth_cohort, n.record_key) is distinct from (o.birth_cohort, o.record_key);
    if v_persons is not null then
        perform derive.lock_people(v_persons);
        perform derive.follow_locations(v_persons);
    end if;
    return null;
end
$$;
comment on function derive.follow_person() is 'After people changed: follows where their cohort or key did';

create function derive.follow_skill() returns trigger
language plpgsql security definer as $$
declare
    v_skills uuid[];
    v_persons uuid[];
begin
    -- Moves in the tree one at a time: two at once could close a circle that neither sees.
    perform pg_advisory_xact_lock(hashtextextended('jinzai skill tree', 0));
    if tg_op = 'INSERT' then
        select array_agg(n.id) into v_skills from after n;
    else
        with recursive below (id, path) as (
            select n.id, array[n.id] from after n join before o on o.id = n.id
            where (n.parent_id, n.kind, n.pillars) is distinct from (o.parent_id, o.kind, o.pillars)
            union all
            select s.id, b.path || s.id from core.skill s join below b on s.parent_id = b.id
            where s.id <> all (b.path)
        )
        select array_agg(distinct b.id) into v_skills from below b;
        if exists (
            with recursive above (start_id, node_id) as (
                select n.id, n.parent_id from after n where n.parent_id is not null
                union
                select a.start_id, s.parent_id from above a join core.skill s on s.id = a.node_id
                where s.parent_id is not null
            ) select from above a where a.start_id = a.node_id) then
            perform core.fail('invalid_params', 'the skill would stand below itself', 'parent',
                'a skill or category that does not stand below this one');
        end if;
    end if;
    if v_skills is null then
        return null;
    end if;
    -- Writers of holdings hold a key share lock on their skill: wait for them, and let later ones wait for us.
    perform from core.skill s where s.id = any (v_skills) order by s.id for update;
    v_persons := array(select distinct h.person_id from core.holding h where h.skill_id = any (v_skills));
    perform derive.lock_people(v_persons);
    perform derive.follow_tree(v_persons, v_skills);
    return null;
end
$$;
comment on function derive.follow_skill() is
    'After skills changed: refuses circles, and follows with what the skills below them count towards';

create function derive.follow_organization() returns trigger
language plpgsql security definer as $$
begin
    -- The fold and this move rollups between groups; never both at once.
    perform pg_advisory_xact_lock(hashtextextended('jinzai fold', 0));
    perform derive.roll(array(
        select row(b.month, b.subject_id, b.level, b.evidence, b.organization_id, b.birth_cohort,
            b.heads, b.fte, b.keys)::derive.movement
        from derive.supply_balance b where b.organization_id = new.id), g.grouping, g.group_key, g.sign)
    from (values ('country', coalesce(old.country, 'international'), -1), ('country', coalesce(new.country, 'international'), 1),
        ('kind', old.kind, -1), ('kind', new.kind, 1)) as g (grouping, group_key, sign);
    return null;
end
$$;
comment on function derive.follow_organization() is
    'After an organization changed country or kind: moves its folded supply from the one group to the other';

-- Folding -----------------------------------------------------------------------------------------

create function derive.roll(p_movements derive.movement[], p_grouping text, p_group_key text, p_sign integer) returns void
language sql as $$
    insert into derive.supply_rollup as r (grouping, group_key, month, subject_id, evidence, level, heads, fte, keys)
    select p_grouping, p_group_key, m.month, m.subject_id, m.evidence, m.level,
        p_sign * sum(m.heads), p_sign * sum(m.fte), p_sign * sum(m.keys)
    from unnest(p_movements) m
    group by m.month, m.subject_id, m.evidence, m.level
    on conflict (grouping, month, group_key, subject_id, evidence, level) do update
        set heads = r.heads + excluded.heads, fte = r.fte + excluded.fte, keys = r.keys + excluded.keys;
    insert into derive.supply_opening as r (grouping, group_key, year, subject_id, evidence, level, heads, fte, keys)
    select p_grouping, p_group_key, y.year, m.subject_id, m.evidence, m.level,
        p_sign * sum(m.heads), p_sign * sum(m.fte), p_sign * sum(m.keys)
    from unnest(p_movements) m
    cross join derive.supply_years s
    cross join generate_series(greatest(extract(year from m.month)::integer + 1, s.first_year), s.last_year) as y (year)
    group by y.year, m.subject_id, m.evidence, m.level
    on conflict (grouping, year, group_key, subject_id, evidence, level) do update
        set heads = r.heads + excluded.heads, fte = r.fte + excluded.fte, keys = r.keys + excluded.keys;
$$;
comment on function derive.roll(derive.movement[], text, text, integer) is
    'Adds movements (or with sign -1 takes them away) in the rollups and opening balances of one group';

create function derive.open_years() returns void
language plpgsql as $$
declare
    v_last smallint;
begin
    select y.last_year into v_last from derive.supply_years y;
    while v_last < extract(year from now()) + 1 loop
        insert into derive.supply_opening (grouping, group_key, year, subject_id, evidence, level, heads, fte, keys)
        select x.grouping, x.group_key, v_last + 1, x.subject_id, x.evidence, x.level, sum(x.heads), sum(x.fte), sum(x.keys)
        from (select o.grouping, o.group_key, o.subject_id, o.evidence, o.level, o.heads, o.fte, o.keys
              from derive.supply_opening o where o.year = v_last
              union all
              select r.grouping, r.group_key, r.subject_id, r.evidence, r.level, r.heads, r.fte, r.keys
              from derive.supply_rollup r
              where r.month >= make_date(v_last, 1, 1) and r.month < make_date(v_last + 1, 1, 1)) x
        group by x.grouping, x.group_key, x.subject_id, x.evidence, x.level;
        v_last := v_last + 1;
        update derive.supply_years set last_year = v_last;
    end loop;
end
$$;
comment on function derive.open_years() is 'Makes the opening balances of years that have come near since the last fold';

create function derive.fold(p_limit bigint) returns bigint
language plpgsql security definer as $$
declare
    v_changes derive.supply_change[];
    v_group record;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('jinzai fold', 0)) then
        return 0;
    end if;
    perform derive.open_years();
    with taken as (
        delete from derive.supply_change c
        where c.id in (select x.id from derive.supply_change x order by x.id limit p_limit)
        returning c.*
    )
    select array_agg(t) into v_changes from taken t;
    if v_changes is null then
        return 0;
    end if;
    insert into derive.supply_balance as b
        (organization_id, subject_id, evidence, level, birth_cohort, month, heads, fte, keys)
    select c.organization_id, c.subject_id, c.evidence, c.level, c.birth_cohort, c.month,
        sum(c.heads), sum(c.fte), sum(c.keys)
    from unnest(v_changes) c
    group by c.organization_id, c.subject_id, c.evidence, c.level, c.birth_cohort, c.month
    on conflict (organization_id, subject_id, evidence, level, birth_cohort, month) do update
        set heads = b.heads + excluded.heads, fte = b.fte + excluded.fte, keys = b.keys + excluded.keys;
    for v_group in
        select g.grouping, g.group_key, array_agg(row(c.month, c.subject_id, c.level, c.evidence, c.organization_id,
            c.birth_cohort, c.heads, c.fte, c.keys)::derive.movement) as movements
        from unnest(v_changes) c
        join core.organization o on o.id = c.organization_id
        cross join lateral (values ('country', coalesce(o.country, 'international')), ('kind', o.kind))
            as g (grouping, group_key)
        group by g.grouping, g.group_key
    loop
        perform derive.roll(v_group.movements, v_group.grouping, v_group.group_key, 1);
    end loop;
    return cardinality(v_changes);
end
$$;
comment on function derive.fold(bigint) is
    'Folds so many appended changes into balances, rollups and opening balances; returns how many it folded; one fold at a time';

-- Reading -----------------------------------------------------------------------------------------

create function derive.supply(p_month date, p_grouping text, p_declared boolean)
returns table (group_key text, subject_id uuid, level smallint, heads bigint, fte numeric, keys bigint)
language plpgsql stable security definer as $$
declare
    v_years derive.supply_years;
    v_opening integer;
begin
    select * into v_years from derive.supply_years;
    v_opening := least(extract(year from p_month)::integer, v_years.last_year);
    if v_opening < v_years.first_year then
        v_opening := null;
    end if;
    return query
    select x.group_key, x.subject_id, x.level, sum(x.heads)::bigint, sum(x.fte), sum(x.keys)::bigint
    from (
        select o.group_key, o.subject_id, o.level, o.evidence, o.heads, o.fte, o.keys
        from derive.supply_opening o
        where o.grouping = p_grouping and o.year = v_opening
        union all
        select r.group_key, r.subject_id, r.level, r.evidence, r.heads, r.fte, r.keys
        from derive.supply_rollup r
        where r.grouping = p_grouping and r.month <= p_month
            and r.month >= coalesce(make_date(v_opening, 1, 1), '-infinity')
        union all
        select b.organization_id::text, b.subject_id, b.level, b.evidence, b.heads, b.fte, b.keys
        from derive.supply_balance b
        where p_grouping = 'organization' and b.month <= p_month
        union all
        select case p_grouping when 'country' then coalesce(g.country, 'international')
                when 'kind' then g.kind else g.id::text end,
            c.subject_id, c.level, c.evidence, c.heads, c.fte, c.keys
        from derive.supply_change c join core.organization g on g.id = c.organization_id
        where c.month <= p_month
    ) x
    where p_declared or x.evidence = 'verified'
    group by x.group_key, x.subject_id, x.level
    having sum(x.heads) <> 0 or sum(x.fte) <> 0;
end
$$;
comment on function derive.supply(date, text, boolean) is
    'Supply as of a month by country, kind or organization, exactly at each level: opening balance, the year''s movements, and what is not folded yet';

do $$
declare
    v_function text;
begin
    foreach v_function in array array['derive.follow_holding()', 'derive.follow_place()', 'derive.follow_exchange()', 'derive.follow_person()',
        'derive.follow_skill()', 'derive.follow_organization()', 'derive.fold(bigint)',
        'derive.supply(date, text, boolean)'] loop
        execute format('alter function %s owner to jinzai_derive', v_function);
    end loop;
end
$$;
grant update (version) on core.person to jinzai_derive; -- what locking a row asks for
grant update (version) on core.skill to jinzai_derive;

create trigger follow_insert after insert on core.holding
    referencing new table as after for each statement execute function derive.follow_holding();
create trigger follow_update after update on core.holding
    referencing old table as before new table as after for each statement execute function derive.follow_holding();
create trigger follow_delete after delete on core.holding
    referencing old table as before for each statement execute function derive.follow_holding();
create trigger follow_insert after insert on core.affiliation
    referencing new table as after for each statement execute function derive.follow_place();
create trigger follow_update after update on core.affiliation
    referencing old table as before new table as after for each statement execute function derive.follow_place();
create trigger follow_delete after delete on core.affiliation
    referencing old table as before for each statement execute function derive.follow_place();
create trigger follow_insert after insert on core.exchange
    referencing new table as after for each statement execute function derive.follow_place();
create trigger follow_update after update on core.exchange
    referencing old table as before new table as after for each statement execute function derive.follow_exchange();
create trigger follow_delete after delete on core.exchange
    referencing old table as before for each statement execute function derive.follow_place();
create trigger follow_update after update on core.person
    referencing old table as before new table as after for each statement execute function derive.follow_person();
create trigger follow_insert after insert on core.skill
    referencing new table as after for each statement execute function derive.follow_skill();
create trigger follow_update after update on core.skill
    referencing old table as before new table as after for each statement execute function derive.follow_skill();
create trigger follow_update after update on core.organization for each row
    when ((old.country, old.kind) is distinct from (new.country, new.kind))
    execute function derive.follow_organization();

-- What many tables have in common is described once ----------------------------------------------

do $$
declare
    v_column record;
    v_text text;
begin
    for v_column in
        select c.oid, c.oid::regclass as table_name, a.attname, a.attnum
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace in ('core'::regnamespace, 'derive'::regnamespace) and c.relkind in ('r', 'p')
            and a.attnum > 0 and not a.attisdropped and col_description(c.oid, a.attnum) is null
    loop
        v_text := case v_column.attname
            when 'id' then 'Stable identifier'
            when 'code' then 'Short code that people quote'
            when 'name_en' then 'Name in English'
            when 'name_ja' then 'Name in Japanese'
            when 'pillars' then 'Codes of the pillars that it serves'
            when 'note' then 'Note'
            when 'source' then 'Where the record comes from'
            when 'unverified' then 'Whether it was only recalled and not found in a document'
            when 'synthetic' then 'Whether it was made up for trying the program out'
            when 'version' then 'Counts changes; updates can ask for it'
            when 'created_at' then 'When it was recorded'
            when 'updated_at' then 'When it was changed last' end;
        if v_text is not null then
            execute format('comment on column %s.%I is %L', v_column.table_name, v_column.attname, v_text);
        end if;
    end loop;
end
$$;
