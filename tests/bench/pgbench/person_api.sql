\set key random(:first, :last)
select api.person_get(p_caller => :caller, p_ref => :key, p_as_of => null, p_purpose => null, p_form => null, p_lang => null)::text;
