-- SPDX-License-Identifier: Apache-2.0

create function api.role_requires_write(p_id uuid, p_requires jsonb) returns void
language plpgsql as $$
begin
    if p_requires is null then
        return;
    end if;
    delete from core.role_skill s where s.role_id = p_id;
    insert into core.role_skill (role_id, skill_id, level)
    select p_id, c.skill_id, c.level from api.skill_levels_check(p_requires, 'requires', false) c;
end
$$;
comment on function api.role_requires_write(uuid, jsonb) is 'Replaces what the role requires, if it is given';

create function api.role_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_code text, p_name_en text, p_name_ja text, p_summary_en text, p_summary_ja text, p_requires jsonb, p_pillars text[],
    p_note text, p_source text, p_unverified boolean, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.role;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    insert into core.role (code, name_en, name_ja, summary_en, summary_ja, pillars, note, source, unverified, synthetic)
    values (p_code, p_name_en, p_name_ja, p_summary_en, p_summary_ja, coalesce(p_pillars, '{}'), p_note, p_source,
        coalesce(p_unverified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    perform api.role_requires_write(v_row.id, p_requires);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.role_create(uuid, uuid, bytea, text, text, text, text, text, jsonb, text[], text, text, boolean, boolean)
    is 'role.create';

create function api.role_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_id uuid := api.role_ref(p_ref, 'ref');
begin
    return (
        select json_build_object('id', r.id, 'code', r.code, 'name', core.label(r.name_en, r.name_ja, p_lang),
            'summary', core.label(r.summary_en, r.summary_ja, p_lang),
            'requires', (select coalesce(json_agg(json_build_object('skill', json_build_object('id', s.id, 'code', s.code,
                    'name', core.label(s.name_en, s.name_ja, p_lang)), 'level', n.level) order by s.code), '[]'::json)
                from core.role_skill n join core.skill s on s.id = n.skill_id where n.role_id = r.id),
            'pillars', r.pillars, 'note', r.note, 'source', r.source, 'unverified', r.unverified, 'synthetic', r.synthetic,
            'version', r.version, 'created_at', r.created_at, 'updated_at', r.updated_at)
        from core.role r where r.id = v_id);
end
$$;
comment on function api.role_get(uuid, text, text) is 'role.get';

create function api.role_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_name_en text, p_name_ja text, p_summary_en text, p_summary_ja text,
    p_requires jsonb, p_pillars text[], p_note text, p_source text, p_unverified boolean, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.role;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    select * into v_row from core.role r where r.id = api.role_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    update core.role r set
        name_en = coalesce(p_name_en, r.name_en),
        name_ja = coalesce(p_name_ja, r.name_ja),
        summary_en = core.patch(p_summary_en, r.summary_en, 'summary' = any (p_clear)),
        summary_ja = core.patch(p_summary_ja, r.summary_ja, 'summary' = any (p_clear)),
        pillars = coalesce(p_pillars, r.pillars),
        note = core.patch(p_note, r.note, 'note' = any (p_clear)),
        source = core.patch(p_source, r.source, 'source' = any (p_clear)),
        unverified = coalesce(p_unverified, r.unverified),
        -- A list in a table of its own is a change of the record too.
        updated_at = case when p_requires is null then r.updated_at else now() end
    where r.id = v_row.id
    returning * into v_row;
    perform api.role_requires_write(v_row.id, p_requires);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.role_update(uuid, uuid, bytea, text, bigint, text, text, text, text, jsonb, text[],
    text, text, boolean, text[]) is 'role.update';

create function api.role_list(p_caller uuid, p_skill text, p_pillar text, p_synthetic boolean,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_skill uuid := api.skill_ref(p_skill, 'skill');
begin
    return (
        select core.page(array_agg(json_build_object('id', o.id, 'code', o.code,
            'name', core.label(o.name_en, o.name_ja, p_lang), 'summary', core.label(o.summary_en, o.summary_ja, p_lang),
            'skills', (select count(*) from core.role_skill n where n.role_id = o.id),
            'pillars', o.pillars, 'note', o.note, 'source', o.source, 'unverified', o.unverified, 'synthetic', o.synthetic,
            'version', o.version, 'created_at', o.created_at, 'updated_at', o.updated_at) order by o.code),
            v_limit, max(o.code))
        from (select x.* from core.role x
              where (v_after is null or x.code > v_after)
                  and (v_skill is null or x.id in (
                      select n.role_id from core.role_skill n
                      join derive.skill_subject s on s.skill_id = n.skill_id where s.subject_id = v_skill))
                  and (p_pillar is null or p_pillar = any (x.pillars))
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.code limit v_limit) o);
end
$$;
comment on function api.role_list(uuid, text, text, boolean, bigint, text, text) is 'role.list';
