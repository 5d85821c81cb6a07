-- SPDX-License-Identifier: Apache-2.0
--
-- Shorter ways from a holding to the supply that follows from it. What is derived stays what it was.

create or replace function derive.retime(p_person uuid, p_skills uuid[]) returns void
language plpgsql as $$
declare
    v_several uuid[];
begin
    delete from derive.timeline t where t.person_id = p_person and t.skill_id = any (p_skills);
    -- A holding that is the only one of its skill is its own timeline; most are.
    with evidence as materialized (
        select h.skill_id, h.valid, h.level, h.evidence
        from core.holding h
        where h.person_id = p_person and h.skill_id = any (p_skills) and h.reversed_on is null
    ), several as materialized (
        select e.skill_id from evidence e group by e.skill_id having count(*) > 1
    ), single as (
        insert into derive.timeline (person_id, skill_id, starts, days, level_verified, level)
        select p_person, e.skill_id, lower(e.valid), e.valid, case when e.evidence <> 'self_declared' then e.level end, e.level
        from evidence e where e.skill_id not in (select s.skill_id from several s)
    )
    select array_agg(s.skill_id) into v_several from several s;
    if v_several is null then
        return;
    end if;
    insert into derive.timeline (person_id, skill_id, starts, days, level_verified, level)
    with evidence as materialized (
        select h.skill_id, h.valid, h.level, case when h.evidence <> 'self_declared' then h.level end as level_verified
        from core.holding h
        where h.person_id = p_person and h.skill_id = any (v_several) and h.reversed_on is null
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

create function derive.append_difference(p_person uuid, p_skills uuid[], p_before derive.timeline[]) returns void
language plpgsql as $$
declare
    v_subjects uuid[] := array(select distinct s.subject_id from derive.skill_subject s where s.skill_id = any (p_skills));
begin
    insert into derive.supply_change (month, subject_id, level, evidence, organization_id, birth_cohort, heads, fte, keys)
    with held as materialized (
        -- What stood (-1), what stands (1), and what stood and stands (0) beside it in the same subjects.
        select case when t.skill_id = any (p_skills) then 1 else 0 end as side, t.skill_id, core.months(t.days) as months,
            t.level_verified, t.level
        from derive.timeline t where t.person_id = p_person
        union all
        select -1, b.skill_id, core.months(b.days), b.level_verified, b.level from unnest(p_before) b
    ), reached as (
        select s.subject_id, l.level,
            coalesce(range_agg(h.months) filter (where h.side <= 0 and l.level <= h.level_verified), '{}') as verified_before,
            coalesce(range_agg(h.months) filter (where h.side >= 0 and l.level <= h.level_verified), '{}') as verified_after,
            coalesce(range_agg(h.months) filter (where h.side <= 0), '{}') as any_before,
            coalesce(range_agg(h.months) filter (where h.side >= 0), '{}') as any_after
        from held h
        join derive.skill_subject s on s.skill_id = h.skill_id and s.subject_id = any (v_subjects)
        join (values (1), (2), (3), (4), (5)) as l (level) on l.level <= h.level
        group by s.subject_id, l.level
    ), moved as (
        -- Who comes to a level or above, comes to exactly that level and goes from the one below; the sum is what counts.
        select r.subject_id, r.level - x.below as level, m.evidence, case x.below when 0 then m.turn else -m.turn end as turn, m.spans
        from reached r
        cross join lateral (values
            ('verified', 1, r.verified_after - r.verified_before), ('verified', -1, r.verified_before - r.verified_after),
            -- What self-declared holdings add: all that counts by them, less what counts anyway.
            ('declared', 1, r.any_after - r.any_before), ('declared', -1, r.any_before - r.any_after),
            ('declared', -1, r.verified_after - r.verified_before), ('declared', 1, r.verified_before - r.verified_after))
            as m (evidence, turn, spans)
        cross join (values (0), (1)) as x (below)
        where m.spans <> '{}' and x.below < r.level and (m.evidence = 'verified'
            or (r.any_before, r.any_after) is distinct from (r.verified_before, r.verified_after))
    )
    select e.month, m.subject_id, m.level, v.evidence, w.organization_id, w.birth_cohort,
        sum(e.turn * w.heads), sum(e.turn * w.fte), sum(e.turn * w.heads * w.record_key)
    from moved m
    join derive.location w on w.person_id = p_person
    cross join lateral unnest(m.spans * datemultirange(w.months)) as s (months)
    cross join lateral (values (lower(s.months), m.turn), (upper(s.months), -m.turn)) as e (month, turn)
    -- assured repeats what is verified of people whose record is verified.
    cross join lateral (values (m.evidence), (case when m.evidence = 'verified' and w.verified then 'assured' end)) as v (evidence)
    where e.month is not null and v.evidence is not null
    group by e.month, m.subject_id, m.level, v.evidence, w.organization_id, w.birth_cohort
    having sum(e.turn * w.heads) <> 0 or sum(e.turn * w.fte) <> 0 or sum(e.turn * w.heads * w.record_key) <> 0;
end
$$;
comment on function derive.append_difference(uuid, uuid[], derive.timeline[]) is
    'Appends what a change of a person''s timelines in these skills moves: the timelines as they stand against those before. What derive.movements says of both, less what both have in common';

create or replace function derive.follow_timelines(p_persons uuid[], p_skills uuid[]) returns void
language plpgsql as $$
declare
    v_person uuid;
    v_before derive.timeline[];
begin
    foreach v_person in array p_persons loop
        v_before := array(select t from derive.timeline t where t.person_id = v_person and t.skill_id = any (p_skills));
        perform derive.retime(v_person, p_skills);
        perform derive.append_difference(v_person, p_skills, v_before);
    end loop;
end
$$;

-- The inbox is emptied as fast as it fills, so it is mostly rows that are gone, and what was last seen of it says little: an
-- import is one transaction, other writers have one for each event. Taken by the former, a search for one transaction read
-- the whole table for each event that was sealed.
alter table derive.event_inbox alter column transaction set (n_distinct = -1);
alter function derive.seal(bigint) set enable_seqscan = off;
