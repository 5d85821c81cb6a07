-- SPDX-License-Identifier: Apache-2.0
--
-- What gap.matrix counts, by a plain GROUP BY: supply of each skill by country at each level or above, on one day. It
-- takes for granted that nobody holds a skill twice, as is so in this population; jinzai does not.
select s.code, x.country, x.level, x.heads, x.fte
from (
    select h.skill_id, o.country, h.level,
        sum(count(*)) over above as heads, sum(sum(a.fte)) over above as fte
    from core.holding h
    join core.affiliation a on a.person_id = h.person_id and a.valid @> %(day)s::date
    join core.organization o on o.id = a.organization_id
    where h.valid @> %(day)s::date and h.reversed_on is null and h.evidence <> 'self_declared'
    group by h.skill_id, o.country, h.level
    window above as (partition by h.skill_id, o.country order by h.level desc)) x
join core.skill s on s.id = x.skill_id
