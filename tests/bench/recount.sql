-- SPDX-License-Identifier: Apache-2.0
--
-- What the schema's own functions derive for a sample, against what was filled in bulk; answers every difference. It
-- writes, so it is rolled back.

create temporary table sample on commit drop as
    -- The smallest organization that has people, whole, for its balance; and some people from everywhere.
    select l.person_id, true as whole from derive.location l
    where l.organization_id = (
        select x.organization_id from derive.location x where exists (select from derive.timeline t where t.person_id = x.person_id)
        group by x.organization_id order by count(*), x.organization_id limit 1)
    union
    (select p.id, false from core.person p where abs(hashtext(p.id::text)) % greatest((select count(*) from core.person) / 200, 1) = 0
     limit 400);

-- All subjects of some people; of many, whose rollups take minutes to sum up again, one in ten.
create temporary table subject on commit drop as
    select x.subject_id as id from (select distinct subject_id from derive.skill_subject) x
    where (select count(*) from core.person) <= 5000 or abs(hashtext(x.subject_id::text)) % 10 = 0;
analyze subject;

create temporary table was_timeline on commit drop as
    select t.* from derive.timeline t where t.person_id in (select s.person_id from sample s);
create temporary table was_location on commit drop as
    select l.* from derive.location l where l.person_id in (select s.person_id from sample s);
create temporary table was_belonging on commit drop as
    select b.* from derive.belonging b where b.person_id in (select s.person_id from sample s);

do $$
declare
    v_person uuid;
begin
    foreach v_person in array array(select distinct s.person_id from sample s) loop
        perform derive.retime(v_person, array(select distinct h.skill_id from core.holding h where h.person_id = v_person));
        perform derive.locate(v_person);
    end loop;
    perform derive.belong(array(select distinct s.person_id from sample s));
end
$$;

create temporary table whole on commit drop as
    select m.organization_id, m.subject_id, m.evidence, m.level, m.birth_cohort, m.month,
        sum(m.heads) as heads, sum(m.fte) as fte, sum(m.keys) as keys
    from (select s.person_id, array(
              select distinct x.subject_id from derive.timeline t join derive.skill_subject x on x.skill_id = t.skill_id
              where t.person_id = s.person_id) as subjects
          from (select distinct person_id from sample where sample.whole) s) p
    cross join lateral derive.movements(p.person_id, p.subjects) m
    group by m.organization_id, m.subject_id, m.evidence, m.level, m.birth_cohort, m.month
    having sum(m.heads) <> 0 or sum(m.fte) <> 0 or sum(m.keys) <> 0;

with differences as (
    (select 'timeline' as what, t::text as row from (table was_timeline except select t.* from derive.timeline t
        where t.person_id in (select s.person_id from sample s)) t)
    union all
    (select 'timeline missing', t::text from (select t.* from derive.timeline t
        where t.person_id in (select s.person_id from sample s) except table was_timeline) t)
    union all
    (select 'location', l::text from (table was_location except select l.* from derive.location l
        where l.person_id in (select s.person_id from sample s)) l)
    union all
    (select 'location missing', l::text from (select l.* from derive.location l
        where l.person_id in (select s.person_id from sample s) except table was_location) l)
    union all
    (select 'belonging', b::text from (
        (table was_belonging except select b.* from derive.belonging b where b.person_id in (select s.person_id from sample s))
        union all
        (select b.* from derive.belonging b where b.person_id in (select s.person_id from sample s) except table was_belonging)) b)
    union all
    (select 'balance', b::text from (
        select b.organization_id, b.subject_id, b.evidence, b.level, b.birth_cohort, b.month, b.heads::numeric, b.fte, b.keys::numeric
        from derive.supply_balance b where b.organization_id = any (array(select w.organization_id from whole w))
        except table whole) b)
    union all
    (select 'balance missing', b::text from (
        table whole except
        select b.organization_id, b.subject_id, b.evidence, b.level, b.birth_cohort, b.month, b.heads, b.fte, b.keys
        from derive.supply_balance b where b.organization_id = any (array(select w.organization_id from whole w))) b)
    union all
    -- The rollups against the balances of everybody, in the subjects that are counted again.
    (select 'rollup', r::text from (
        select coalesce(r.grouping, b.grouping), coalesce(r.group_key, b.group_key), r.heads, b.heads, r.fte, b.fte, r.keys, b.keys
        from (select x.grouping, x.group_key, x.month, x.subject_id, x.evidence, x.level, x.heads, x.fte, x.keys
              from derive.supply_rollup x
              where x.subject_id in (select j.id from subject j) and (x.heads <> 0 or x.fte <> 0 or x.keys <> 0)) r
        full join (
            select g.grouping, g.group_key, x.month, x.subject_id, x.evidence, x.level, sum(x.heads) as heads, sum(x.fte) as fte,
                sum(x.keys) as keys
            from derive.supply_balance x join core.organization o on o.id = x.organization_id
            cross join lateral (values ('country', coalesce(o.country, 'international')), ('kind', o.kind)) g (grouping, group_key)
            where x.subject_id in (select j.id from subject j)
            group by 1, 2, 3, 4, 5, 6
            having sum(x.heads) <> 0 or sum(x.fte) <> 0 or sum(x.keys) <> 0) b
            on (b.grouping, b.group_key, b.month, b.subject_id, b.evidence, b.level)
                = (r.grouping, r.group_key, r.month, r.subject_id, r.evidence, r.level)
        where (r.heads, r.fte, r.keys) is distinct from (b.heads, b.fte, b.keys)) r)
    union all
    (select 'opening', o::text from (
        select coalesce(o.grouping, r.grouping), coalesce(o.group_key, r.group_key), coalesce(o.year, r.year), o.heads, r.heads
        from (select * from derive.supply_opening x where x.subject_id in (select j.id from subject j)) o
        full join (
            select y.year, x.grouping, x.group_key, x.subject_id, x.evidence, x.level, sum(x.heads) as heads, sum(x.fte) as fte,
                sum(x.keys) as keys
            from derive.supply_years s cross join lateral generate_series(s.first_year::integer, s.last_year::integer) as y (year)
            join derive.supply_rollup x on x.month < make_date(y.year, 1, 1) and x.subject_id in (select j.id from subject j)
            group by 1, 2, 3, 4, 5, 6) r
            on (o.grouping, o.group_key, o.year, o.subject_id, o.evidence, o.level)
                = (r.grouping, r.group_key, r.year, r.subject_id, r.evidence, r.level)
        where (o.heads, o.fte, o.keys) is distinct from (r.heads, r.fte, r.keys)) o)
)
select what, row from differences limit 20;
