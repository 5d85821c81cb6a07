\set person random(:first, :last)
\set skill random(100001, 100500)
\set level random(1, 5)
insert into bench_upsert as u (person_id, skill_id, level, valid, evidence)
select p.id, s.id, :level, '[2026-01-01,)', 'assessment' from core.person p, core.skill s where p.code = :person and s.code = :skill
on conflict (person_id, skill_id) do update set level = excluded.level, valid = excluded.valid, evidence = excluded.evidence, updated_at = now();
