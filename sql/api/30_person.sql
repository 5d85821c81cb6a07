-- SPDX-License-Identifier: Apache-2.0
--
-- person.get is asked for often and shows much, so it is one flat query that writes text: a function that is called for
-- each row, however small, costs more than its index lookup, and one that builds JSON looks at the type of each of its
-- arguments again for each row.

create function api.person_code() returns text
language plpgsql volatile as $$
declare
    v_code text;
begin
    -- The next number may be taken already, by a caller who chose the code.
    loop
        v_code := 'P-' || lpad(nextval('core.person_number')::text, 6, '0');
        exit when not derive.code_taken('person', v_code);
    end loop;
    return v_code;
end
$$;
comment on function api.person_code() is 'The next free pseudonym';

create function api.person_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_code text, p_name text, p_career_stage text, p_birth_cohort bigint, p_researcher_id text, p_verified boolean,
    p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.person;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    insert into core.person (code, name, career_stage, birth_cohort, researcher_id, keeper_id, verified, synthetic)
    values (coalesce(p_code, api.person_code()), p_name, p_career_stage, p_birth_cohort, p_researcher_id,
        core.caller_records(), coalesce(p_verified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.person_create(uuid, uuid, bytea, text, text, text, bigint, text, boolean, boolean) is 'person.create';

-- A query that goes into the one that asks for it, so that many people are one execution and not one each.
create function api.person_text(p_person uuid, p_as_of date, p_lang text) returns table (answer text)
language sql stable as $$
    select concat('{"id" : "', p.id, '", "code" : ', to_json(p.code::text), ', "pseudonymous" : false, "name" : ', coalesce(to_json(p.name)::text, 'null'),
        ', "career_stage" : ', coalesce(to_json(p.career_stage)::text, 'null'), ', "birth_cohort" : ', coalesce(p.birth_cohort::text, 'null'),
        ', "researcher_id" : ', coalesce(to_json(p.researcher_id)::text, 'null'), ', "organization" : ', coalesce((
            select concat('{"id" : "', o.id, '", "code" : "', o.code, '", "name" : ', core.label_text(o.name_en, o.name_ja, p_lang), '}')
            from core.affiliation a join core.organization o on o.id = a.organization_id
            where a.person_id = p.id and a.valid @> p_as_of
            order by a.fte desc, lower(a.valid), a.id limit 1), 'null'),
        ', "affiliations" : [', (
            select string_agg(concat('{"id" : "', a.id, '", "organization" : {"id" : "', o.id, '", "code" : "', o.code,
                '", "name" : ', core.label_text(o.name_en, o.name_ja, p_lang), '}, "fte" : ', a.fte,
                ', "starts" : ', coalesce(to_json(lower(a.valid))::text, 'null'), ', "ends" : ', coalesce(to_json(core.last_day(a.valid))::text, 'null'),
                ', "version" : ', a.version, '}'), ', ' order by lower(a.valid) desc, a.id desc)
            from core.affiliation a join core.organization o on o.id = a.organization_id
            where a.person_id = p.id),
        '], "skills" : [', (
            select string_agg(concat('{"skill" : {"id" : "', s.id, '", "code" : "', s.code, '", "name" : ',
                core.label_text(s.name_en, s.name_ja, p_lang), '}, "level" : ', coalesce(t.level_verified::text, 'null'),
                ', "level_with_self_declared" : ', coalesce(t.level::text, 'null'), '}'), ', ' order by s.code)
            from derive.timeline t join core.skill s on s.id = t.skill_id
            where t.person_id = p.id and t.days @> p_as_of),
        '], "holdings" : [', (
            select string_agg(concat('{"id" : "', h.id, '", "skill" : {"id" : "', s.id, '", "code" : "', s.code, '", "name" : ',
                core.label_text(s.name_en, s.name_ja, p_lang), '}, "level" : ', h.level,
                ', "evidence" : "', h.evidence, '", "confidence" : "', h.confidence,
                '", "starts" : ', coalesce(to_json(lower(h.valid))::text, 'null'), ', "ends" : ', coalesce(to_json(core.last_day(h.valid))::text, 'null'),
                ', "version" : ', h.version, '}'), ', ' order by lower(h.valid) desc, s.code, h.id)
            from (select x.* from core.holding x where x.person_id = p.id and x.reversed_on is null
                  order by lower(x.valid) desc, x.id limit 200) h
            join core.skill s on s.id = h.skill_id),
        '], "certifications" : [', (
            select string_agg(concat('{"id" : "', c.id, '", "qualification" : {"id" : "', q.id, '", "code" : "', q.code,
                '", "name" : ', core.label_text(q.name_en, q.name_ja, p_lang), '}, "number" : ', coalesce(to_json(c.number)::text, 'null'),
                ', "starts" : ', coalesce(to_json(lower(c.valid))::text, 'null'), ', "ends" : ', coalesce(to_json(core.last_day(c.valid))::text, 'null'),
                ', "version" : ', c.version, '}'), ', ' order by lower(c.valid) desc, c.id desc)
            from core.person_qualification c join core.qualification q on q.id = c.qualification_id
            where c.person_id = p.id),
        '], "merged" : ', to_json(derive.merged_codes(p.id)), ', "verified" : ', case when p.verified then 'true' else 'false' end,
        ', "synthetic" : ', case when p.synthetic then 'true' else 'false' end, ', "version" : ', p.version,
        ', "created_at" : ', to_json(p.created_at), ', "updated_at" : ', to_json(p.updated_at), '}')
    from core.person p where p.id = p_person
$$;
comment on function api.person_text(uuid, date, text) is 'What person.get answers of a person, composed from the record as the caller sees it; no row where there is none';
-- The cards of people hold it (derive.person_card); with another text they are made anew.
grant usage on schema api to jinzai_derive;
grant execute on function api.person_text(uuid, date, text) to jinzai_derive;
select derive.person_card_form(md5(pg_get_functiondef('api.person_text(uuid, date, text)'::regprocedure)));

create function api.person_get(p_caller uuid, p_ref text, p_as_of date, p_purpose text, p_form text, p_lang text) returns text
language plpgsql security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_as_of date := coalesce(p_as_of, current_date);
    v_id uuid;
    v_card text;
begin
    -- Asked for most is a card: a person today, in both languages. One query to each index, which is what either plan is for.
    if p_lang is null and core.is_uuid(p_ref) then
        select c.person_id, c.answer into v_id, v_card
        from derive.person_card c
        where c.person_id = p_ref::uuid and c.made_on <= v_as_of and coalesce(c.ends_on > v_as_of, true);
    elsif p_lang is null then
        select c.person_id, c.answer into v_id, v_card
        from derive.person_card c
        where c.code = p_ref and c.made_on <= v_as_of and coalesce(c.ends_on > v_as_of, true);
    end if;
    if v_id is null then
        v_id := api.person_ref(p_ref, 'ref');
    end if;
    if derive.people_gate(array[v_id], p_form, p_purpose, 'person.get') = '{}' then
        return (
            select json_build_object('id', p.id, 'code', p.code, 'pseudonymous', true,
                'synthetic', p.synthetic, 'version', p.version)
            from core.person p where p.id = v_id)::text;
    end if;
    if v_card is null then
        select t.answer into v_card from api.person_text(v_id, v_as_of, p_lang) t;
    end if;
    return v_card;
end
$$;
comment on function api.person_get(uuid, text, date, text, text, text) is 'person.get';

create function api.person_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_name text, p_career_stage text, p_birth_cohort bigint, p_researcher_id text,
    p_verified boolean, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_id uuid;
    v_row core.person;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_id := api.person_ref(p_ref, 'ref');
    perform api.kept_check('ref', v_id);
    select * into v_row from core.person p where p.id = v_id for no key update;
    perform core.check_version(p_if_version, v_row.version);
    update core.person p set
        name = core.patch(p_name, p.name, 'name' = any (p_clear)),
        career_stage = coalesce(p_career_stage, p.career_stage),
        birth_cohort = core.patch(p_birth_cohort::smallint, p.birth_cohort, 'birth_cohort' = any (p_clear)),
        researcher_id = core.patch(p_researcher_id, p.researcher_id, 'researcher_id' = any (p_clear)),
        verified = coalesce(p_verified, p.verified)
    where p.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.person_update(uuid, uuid, bytea, text, bigint, text, text, bigint, text, boolean, text[]) is
    'person.update';

create function api.person_list(p_caller uuid, p_organization text, p_career_stage text, p_skill text, p_level bigint,
    p_self_declared boolean, p_as_of date, p_purpose text, p_form text, p_synthetic boolean, p_limit bigint, p_cursor text,
    p_lang text) returns json
language plpgsql security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_as_of date := coalesce(p_as_of, current_date);
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_skill uuid := api.skill_ref(p_skill, 'skill');
    v_ids uuid[];
    v_shown uuid[];
begin
    if v_skill is null and num_nonnulls(p_level, p_self_declared) > 0 then
        perform core.fail('invalid_params', 'a level is one of a skill', case when p_level is null then 'self_declared'
            else 'level' end, 'a skill with it');
    end if;
    -- One fixed text, but planned at each call for the filters that are given: a plan for all of them would read the
    -- whole table where it could start from the organization, the skill or, for who may see no others, the own people.
    execute $q$
        select array_agg(o.id)
        from (select x.id from core.person x
              where ($1 is null or x.code > $1)
                  and x.merged_into_id is null
                  and ($2 is null or x.id in (
                      select a.person_id from core.affiliation a where a.organization_id = $2 and a.valid @> $3))
                  and ($4 is null or x.id in (
                      select h.person_id from derive.skill_subject s join core.holding h on h.skill_id = s.skill_id
                      where s.subject_id = $4
                          and exists (select from derive.timeline t
                              where t.person_id = h.person_id and t.skill_id = h.skill_id and t.days @> $3
                                  and case when $6 then t.level else t.level_verified end >= $5)))
                  and ($7 is null or x.career_stage = $7)
                  and ($8 is null or x.synthetic = $8)
                  and (not exists (select from core.restriction r where r.person_id = x.id and r.lifted_at is null)
                      or core.caller_sees_restricted(x.id))
                  and ($10 is null or x.id = any (array(
                      select b.person_id from derive.belonging b where b.organization_id = $10)))
              order by x.code limit $9) o
    $q$ into v_ids using v_after, v_organization, v_as_of, v_skill, coalesce(p_level, 1), coalesce(p_self_declared, false),
        p_career_stage, p_synthetic, v_limit, core.caller_sees();
    if v_ids is not null then
        v_shown := derive.people_gate(v_ids, p_form, p_purpose, 'person.list');
    end if;
    return (
        select core.page(array_agg(case when p.id = any (v_shown) then json_build_object('id', p.id, 'code', p.code,
            'pseudonymous', false, 'name', p.name, 'career_stage', p.career_stage, 'birth_cohort', p.birth_cohort,
            'organization', (
                select json_build_object('id', o.id, 'code', o.code, 'name', core.label(o.name_en, o.name_ja, p_lang))
                from core.affiliation a join core.organization o on o.id = a.organization_id
                where a.person_id = p.id and a.valid @> v_as_of
                order by a.fte desc, lower(a.valid), a.id limit 1),
            'verified', p.verified, 'synthetic', p.synthetic, 'version', p.version,
            'created_at', p.created_at, 'updated_at', p.updated_at)
            else json_build_object('id', p.id, 'code', p.code, 'pseudonymous', true, 'synthetic', p.synthetic,
                'version', p.version) end order by p.code), v_limit, max(p.code))
        from core.person p where p.id = any (v_ids));
end
$$;
comment on function api.person_list is
    'person.list';
