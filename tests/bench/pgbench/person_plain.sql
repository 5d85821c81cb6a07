\set key random(:first, :last)
select p.id, p.code, p.name, p.career_stage, p.birth_cohort, p.researcher_id, p.verified, p.synthetic, p.version,
    p.created_at, p.updated_at,
    o.id as organization_id, o.code as organization_code, o.name_en as organization_name_en, o.name_ja as organization_name_ja,
    a.id as affiliation_id, a.fte, lower(a.valid) as affiliation_starts,
    h.id as holding_id, h.level, h.evidence, h.confidence, lower(h.valid) as starts, upper(h.valid) as ends,
    s.id as skill_id, s.code as skill_code, s.name_en as skill_name_en, s.name_ja as skill_name_ja
from core.person p
left join core.affiliation a on a.person_id = p.id and a.valid @> current_date
left join core.organization o on o.id = a.organization_id
left join core.holding h on h.person_id = p.id and h.reversed_on is null
left join core.skill s on s.id = h.skill_id
where p.code = :key::text;
