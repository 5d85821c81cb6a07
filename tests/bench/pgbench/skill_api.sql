\set key random(100001, 100500)
select api.skill_get(p_caller => :caller, p_ref => :key, p_lang => null)::text;
