-- SPDX-License-Identifier: Apache-2.0
--
-- Schema api holds the functions that the daemon calls, and nothing else; it is made anew, whole, whenever any of it
-- changes. They belong to jinzai_api, which may read and write the record, and run with its rights; the daemon's own
-- role may only execute them. Names are qualified throughout instead of pinning search_path in each function, which
-- costs at every call; no role that can log in may create anything that an unqualified operator could be mistaken for.
--
-- Every function that a method calls takes the calling principal first. Those that write begin with core.write_begin,
-- which returns the first receipt where the idempotency key was answered before, and end with core.write_end.
--
-- References: from the UUID or the code that a caller gives to the record's id. One function a noun, all alike:
-- api.organization_ref(text, path) answers null for null and ends the call with not_found for what does not exist.
-- api.person_ref is in 33_merge.sql, since a person's record may have gone into another.
-- And the other way: api.organization_brief(id, lang) is how one record stands inside another.

do $$
declare
    v_noun text;
begin
    foreach v_noun in array array['organization', 'facility', 'agreement', 'committee', 'scheme', 'framework', 'skill',
        'role', 'qualification', 'program', 'session', 'enrollment', 'exchange', 'gap'] loop
        execute format($f$
            create function api.%1$s_ref(p_ref text, p_path text) returns uuid
            language plpgsql stable as $body$
            declare
                v_id uuid;
            begin
                if p_ref is null then
                    return null;
                end if;
                if core.is_uuid(p_ref) then
                    select t.id into v_id from core.%1$I t where t.id = p_ref::uuid;
                else
                    select t.id into v_id from core.%1$I t where t.code = p_ref;
                end if;
                if v_id is null then
                    perform core.fail('not_found', 'there is no such %1$s', p_path, 'the UUID or the code of a record of this kind');
                end if;
                return v_id;
            end
            $body$;
            comment on function api.%1$s_ref(text, text) is
                'The id of the %1$s with this UUID or code; not_found, naming the parameter, where there is none';
            $f$, v_noun);
    end loop;
    foreach v_noun in array array['organization', 'facility', 'agreement', 'committee', 'scheme', 'framework', 'skill',
        'role', 'qualification', 'program'] loop
        execute format($f$
            create function api.%1$s_brief(p_id uuid, p_lang text) returns json
            language sql stable as $body$
                select json_build_object('id', t.id, 'code', t.code, 'name', core.label(t.name_en, t.name_ja, p_lang))
                from core.%1$I t where t.id = p_id
            $body$;
            comment on function api.%1$s_brief(uuid, text) is 'How the %1$s stands inside another record: id, code, name';
            $f$, v_noun);
    end loop;
end
$$;

create function api.person_brief(p_id uuid, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', t.id, 'code', t.code) from core.person t where t.id = p_id
$$;
comment on function api.person_brief(uuid, text) is 'How a person stands inside another record: id and pseudonym, never the name';

create function api.skill_levels_check(p_items jsonb, p_path text, p_categories boolean)
returns table (place bigint, skill_id uuid, level smallint)
language plpgsql stable as $$
declare
    v_item jsonb;
    v_seen uuid[] := '{}';
begin
    place := 0;
    for v_item in select * from jsonb_array_elements(coalesce(p_items, '[]'::jsonb)) loop
        skill_id := api.skill_ref(v_item ->> 'skill', format('%s[%s].skill', p_path, place));
        if not p_categories then
            perform api.skill_check_leaf(skill_id, format('%s[%s].skill', p_path, place));
        end if;
        if skill_id = any (v_seen) then
            perform core.fail('invalid_params', 'the same skill stands twice in the list',
                format('%s[%s].skill', p_path, place), 'each skill once');
        end if;
        v_seen := v_seen || skill_id;
        level := (v_item ->> 'level')::smallint;
        place := place + 1;
        return next;
    end loop;
end
$$;
comment on function api.skill_levels_check(jsonb, text, boolean) is
    'The skills and levels of a list parameter [{"skill", "level"}], each skill once and no category unless allowed';

create function api.skill_check_leaf(p_id uuid, p_path text) returns void
language plpgsql stable as $$
begin
    if exists (select from core.skill s where s.id = p_id and s.kind = 'category') then
        perform core.fail('invalid_params', 'a category is not a skill that a person can have', p_path, 'a skill, not a category');
    end if;
end
$$;
comment on function api.skill_check_leaf(uuid, text) is 'Ends the call where the skill is a category';
