-- SPDX-License-Identifier: Apache-2.0
--
-- skill.get is asked for more than anything else, so its answers are kept as they are sent (derive.skill_answer).

create function api.skill_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_code text, p_framework text, p_parent text, p_kind text, p_name_en text, p_name_ja text,
    p_definition_en text, p_definition_ja text, p_pillars text[],
    p_note text, p_source text, p_unverified boolean, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.skill;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    insert into core.skill (code, framework_id, parent_id, kind, name_en, name_ja, definition_en, definition_ja, pillars,
        note, source, unverified, synthetic)
    values (p_code, api.framework_ref(p_framework, 'framework'), api.skill_ref(p_parent, 'parent'), coalesce(p_kind, 'skill'),
        p_name_en, p_name_ja, p_definition_en, p_definition_ja, coalesce(p_pillars, '{}'),
        p_note, p_source, coalesce(p_unverified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.skill_create(uuid, uuid, bytea, text, text, text, text, text, text, text, text, text[],
    text, text, boolean, boolean) is 'skill.create';

create function api.skill_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_answer json;
begin
    select a.answer into v_answer from derive.skill_answer a where a.ref = p_ref and a.lang = coalesce(p_lang, '');
    if v_answer is null then
        select a.answer into v_answer
        from derive.skill_answer a
        where a.ref = api.skill_ref(p_ref, 'ref')::text and a.lang = coalesce(p_lang, ''); -- a UUID in capitals
    end if;
    return v_answer;
end
$$;
comment on function api.skill_get(uuid, text, text) is 'skill.get';

-- One by one: of a join PostgreSQL might make a plan that reads the whole table, and keep it.
create function api.skill_get_each(p_caller uuid, p_ref text[], p_lang text[]) returns setof json
language plpgsql stable security definer as $$
begin
    return query
    select (select a.answer from derive.skill_answer a where a.ref = c.ref and a.lang = coalesce(c.lang, ''))
    from unnest(p_ref, p_lang) with ordinality c (ref, lang, number)
    order by c.number;
end
$$;
comment on function api.skill_get_each(uuid, text[], text[]) is
    'What skill.get answers to each of several calls, in their order; null where api.skill_get looks further, or says why there is nothing';

create function api.skill_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_parent text, p_name_en text, p_name_ja text,
    p_definition_en text, p_definition_ja text, p_pillars text[], p_retired date,
    p_note text, p_source text, p_unverified boolean, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_parent uuid;
    v_row core.skill;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    select * into v_row from core.skill s where s.id = api.skill_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    v_parent := api.skill_ref(p_parent, 'parent');
    update core.skill s set
        parent_id = core.patch(v_parent, s.parent_id, 'parent' = any (p_clear)),
        name_en = coalesce(p_name_en, s.name_en),
        name_ja = coalesce(p_name_ja, s.name_ja),
        definition_en = core.patch(p_definition_en, s.definition_en, 'definition' = any (p_clear)),
        definition_ja = core.patch(p_definition_ja, s.definition_ja, 'definition' = any (p_clear)),
        pillars = coalesce(p_pillars, s.pillars),
        retired = core.patch(p_retired, s.retired, 'retired' = any (p_clear)),
        note = core.patch(p_note, s.note, 'note' = any (p_clear)),
        source = core.patch(p_source, s.source, 'source' = any (p_clear)),
        unverified = coalesce(p_unverified, s.unverified)
    where s.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.skill_update(uuid, uuid, bytea, text, bigint, text, text, text, text, text, text[], date,
    text, text, boolean, text[]) is 'skill.update';

create function api.skill_list(p_caller uuid, p_framework text, p_category text, p_parent text, p_kind text, p_pillar text,
    p_retired boolean, p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_framework uuid := api.framework_ref(p_framework, 'framework');
    v_category uuid := api.skill_ref(p_category, 'category');
    v_parent uuid := api.skill_ref(p_parent, 'parent');
begin
    if exists (select from core.skill s where s.id = v_category and s.kind = 'skill') then
        perform core.fail('invalid_params', 'a skill has nothing below it as a category has', 'category',
            'a category, not a skill');
    end if;
    return (
        select core.page(array_agg(json_build_object('id', o.id, 'code', o.code,
            'name', core.label(o.name_en, o.name_ja, p_lang),
            'definition', core.label(o.definition_en, o.definition_ja, p_lang), 'kind', o.kind,
            'framework', json_build_object('id', f.id, 'code', f.code, 'name', core.label(f.name_en, f.name_ja, p_lang)),
            'parent', case when p.id is not null then json_build_object('id', p.id, 'code', p.code,
                'name', core.label(p.name_en, p.name_ja, p_lang)) end,
            'pillars', o.pillars, 'retired', o.retired, 'note', o.note, 'source', o.source, 'unverified', o.unverified,
            'synthetic', o.synthetic, 'version', o.version, 'created_at', o.created_at, 'updated_at', o.updated_at)
            order by o.code), v_limit, max(o.code))
        from (select x.* from core.skill x
              where (v_after is null or x.code > v_after)
                  and (v_framework is null or x.framework_id = v_framework)
                  and (v_category is null or x.id <> v_category and x.id in (
                      select s.skill_id from derive.skill_subject s where s.subject_id = v_category))
                  and (v_parent is null or x.parent_id = v_parent)
                  and (p_kind is null or x.kind = p_kind)
                  and (p_pillar is null or p_pillar = any (x.pillars))
                  and (p_retired is null or p_retired = coalesce(x.retired <= current_date, false))
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.code limit v_limit) o
        join core.framework f on f.id = o.framework_id
        left join core.skill p on p.id = o.parent_id);
end
$$;
comment on function api.skill_list(uuid, text, text, text, text, text, boolean, boolean, bigint, text, text) is 'skill.list';

-- The tree -----------------------------------------------------------------------------------------

create function api.skill_tree(p_caller uuid, p_framework text, p_category text, p_depth bigint, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_most constant bigint := 5000;
    v_framework uuid;
    v_category uuid;
    v_count bigint;
    v_items json;
begin
    if num_nonnulls(p_framework, p_category) <> 1 then
        perform core.fail('invalid_params', 'a tree is one of a framework or of a category', 'framework',
            'a framework, or else a category');
    end if;
    v_framework := api.framework_ref(p_framework, 'framework');
    v_category := api.skill_ref(p_category, 'category');
    with recursive tree (id, depth, path) as (
        select s.id, 0, array[s.code::text] from core.skill s
        where s.framework_id = v_framework and s.parent_id is null
        union all
        select s.id, 0, array[s.code::text] from core.skill s where s.id = v_category
        union all
        select s.id, t.depth + 1, t.path || s.code::text from tree t join core.skill s on s.parent_id = t.id
        where t.depth + 1 < coalesce(p_depth, 100)
    ), bounded as (
        select * from tree limit v_most + 1
    )
    select count(*), coalesce(json_agg(json_build_object(
        'tree', repeat('    ', b.depth) || s.code || '  ' || (core.label(s.name_en, s.name_ja, coalesce(p_lang, 'en')) #>> '{}'),
        'depth', b.depth, 'id', s.id, 'code', s.code, 'name', core.label(s.name_en, s.name_ja, p_lang), 'kind', s.kind,
        'parent_id', s.parent_id, 'children', (select count(*) from core.skill c where c.parent_id = s.id),
        'pillars', s.pillars, 'retired', s.retired, 'unverified', s.unverified, 'synthetic', s.synthetic, 'version', s.version)
        order by b.path), '[]') into v_count, v_items
    from bounded b cross join lateral (select x.* from core.skill x where x.id = b.id offset 0) s;
    if v_count > v_most then
        perform core.fail('limit_exceeded', format('the tree has more than %s records', v_most), case when p_framework is null
            then 'category' else 'framework' end, 'a smaller depth, or a category further down');
    end if;
    return json_build_object('items', v_items);
end
$$;
comment on function api.skill_tree(uuid, text, text, bigint, text) is 'skill.tree';

-- Mappings between frameworks ---------------------------------------------------------------------

create function api.skill_reaches(p_from uuid, p_to uuid, p_but uuid) returns text
language sql stable as $$
    with recursive upward (id, broader) as (
        select p_from, false
        union
        select x.id, u.broader or x.broader
        from upward u cross join lateral (
            select m.to_id, m.match = 'broad' from core.skill_mapping m
            where m.from_id = u.id and m.match in ('exact', 'broad') and m.id is distinct from p_but
            union all
            select m.from_id, m.match = 'narrow' from core.skill_mapping m
            where m.to_id = u.id and m.match in ('exact', 'narrow') and m.id is distinct from p_but) as x (id, broader)
    )
    select case when bool_or(u.broader) then 'broader' when count(*) > 0 then 'exact' end from upward u where u.id = p_to
$$;
comment on function api.skill_reaches(uuid, uuid, uuid) is
    'What the mappings but one say of the second skill, over any number of steps: exact: the same as the first; broader; null: neither';

create function api.skill_map_check(p_from uuid, p_to uuid, p_match text, p_but uuid) returns void
language plpgsql stable as $$
declare
    v_up text := api.skill_reaches(p_from, p_to, p_but);
    v_down text := api.skill_reaches(p_to, p_from, p_but);
    v_code text;
begin
    if p_match <> 'exact' and (v_up = 'exact' or v_down = 'exact') then
        perform core.fail('conflict', 'by other mappings the two are the same skill', 'match', 'exact');
    elsif p_match in ('exact', 'broad') and v_down = 'broader' then
        perform core.fail('conflict', 'by other mappings the first skill is broader than the second: this would close a circle', 'match', 'narrow');
    elsif p_match in ('exact', 'narrow') and v_up = 'broader' then
        perform core.fail('conflict', 'by other mappings the first skill is narrower than the second: this would close a circle', 'match', 'broad');
    end if;
    if p_match = 'exact' then
        -- What is the same as the one becomes the same as the other: of each framework it may be one skill.
        with recursive same (id) as (
            select x.id from (values (p_from), (p_to)) as x (id)
            union
            select case when m.from_id = s.id then m.to_id else m.from_id end
            from same s join core.skill_mapping m on s.id in (m.from_id, m.to_id)
            where m.match = 'exact' and m.id is distinct from p_but
        )
        select min(k.code) into v_code
        from (select s.id from same s) s join core.skill k on k.id = s.id
        where exists (select from same o join core.skill l on l.id = o.id where l.framework_id = k.framework_id and l.id <> k.id)
            and k.id not in (p_from, p_to);
        if v_code is not null then
            perform core.fail('conflict', format('two skills of one framework would be the same: %s already is exactly one of these', v_code),
                'to', 'a skill that matches no other of the framework exactly');
        end if;
    end if;
end
$$;
comment on function api.skill_map_check(uuid, uuid, text, uuid) is
    'Ends the call with conflict where a mapping would contradict the others, however many steps away: a circle, or two skills of one framework that would be the same';

create function api.skill_map(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_from text, p_to text, p_match text, p_source text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_from uuid;
    v_to uuid;
    v_row core.skill_mapping;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    v_from := api.skill_ref(p_from, 'from');
    v_to := api.skill_ref(p_to, 'to');
    if exists (select from core.skill f join core.skill t on t.framework_id = f.framework_id
               where f.id = v_from and t.id = v_to) then
        perform core.fail('invalid_params', 'both are of the same framework', 'to', 'a skill of another framework');
    end if;
    -- One at a time, for two that are made at once could close a circle that neither sees.
    perform pg_advisory_xact_lock(hashtextextended('jinzai skill mapping', 0));
    if exists (select from core.skill_mapping m where m.from_id = v_to and m.to_id = v_from) then
        perform core.fail('conflict', 'the mapping is recorded the other way round', 'to',
            'a skill that is not mapped to this one already');
    end if;
    perform api.skill_map_check(v_from, v_to, p_match, (select m.id from core.skill_mapping m where m.from_id = v_from and m.to_id = v_to));
    insert into core.skill_mapping as m (from_id, to_id, match, source)
    values (v_from, v_to, p_match, p_source)
    on conflict on constraint skill_mapping_key do update
        set match = excluded.match, source = coalesce(excluded.source, m.source)
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.skill_map(uuid, uuid, bytea, text, text, text, text) is 'skill.map';

create function api.skill_unmap(p_caller uuid, p_once_key uuid, p_once_digest bytea, p_from text, p_to text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_from uuid;
    v_to uuid;
    v_row core.skill_mapping;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    v_from := api.skill_ref(p_from, 'from');
    v_to := api.skill_ref(p_to, 'to');
    delete from core.skill_mapping m where m.from_id = v_from and m.to_id = v_to returning * into v_row;
    if v_row.id is null then
        perform core.fail('not_found', 'there is no such mapping', 'to', 'a skill that the other is mapped to');
    end if;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.skill_unmap(uuid, uuid, bytea, text, text) is 'skill.unmap';

create function api.skill_mappings(p_caller uuid, p_skill text, p_framework text, p_to_framework text, p_match text,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after uuid := api.uuid_cursor(p_cursor);
    v_framework uuid := api.framework_ref(p_framework, 'framework');
    v_to_framework uuid := api.framework_ref(p_to_framework, 'to_framework');
    v_skill uuid := api.skill_ref(p_skill, 'skill');
begin
    return (
        select core.page(array_agg(json_build_object('id', o.id, 'from', api.skill_brief(o.from_id, p_lang),
            'to', api.skill_brief(o.to_id, p_lang), 'match', o.match, 'source', o.source, 'version', o.version)
            order by o.id), v_limit, (array_agg(o.id order by o.id desc))[1]::text)
        from (select m.* from core.skill_mapping m
              join core.skill f on f.id = m.from_id
              join core.skill t on t.id = m.to_id
              where (v_after is null or m.id > v_after)
                  and (v_skill is null or v_skill in (m.from_id, m.to_id))
                  and (v_framework is null or f.framework_id = v_framework)
                  and (v_to_framework is null or t.framework_id = v_to_framework)
                  and (p_match is null or m.match = p_match)
              order by m.id limit v_limit) o);
end
$$;
comment on function api.skill_mappings(uuid, text, text, text, text, bigint, text, text) is 'skill.mappings';
