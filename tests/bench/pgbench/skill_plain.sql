\set key random(100001, 100500)
select s.id, s.code, s.kind, s.name_en, s.name_ja, s.definition_en, s.definition_ja, s.pillars, s.retired, s.note, s.source,
    s.unverified, s.synthetic, s.version, s.created_at, s.updated_at,
    f.id as framework_id, f.code as framework_code, f.name_en as framework_name_en, f.name_ja as framework_name_ja,
    p.id as parent_id, p.code as parent_code, p.name_en as parent_name_en, p.name_ja as parent_name_ja
from core.skill s
join core.framework f on f.id = s.framework_id
left join core.skill p on p.id = s.parent_id
where s.code = :key::text;
