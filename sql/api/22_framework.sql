-- SPDX-License-Identifier: Apache-2.0

create function api.framework_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_code text, p_name_en text, p_name_ja text, p_publisher text, p_edition text,
    p_note text, p_source text, p_unverified boolean, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.framework;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    insert into core.framework (code, name_en, name_ja, publisher, edition, note, source, unverified, synthetic)
    values (p_code, p_name_en, p_name_ja, p_publisher, p_edition, p_note, p_source,
        coalesce(p_unverified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.framework_create(uuid, uuid, bytea, text, text, text, text, text, text, text, boolean, boolean) is
    'framework.create';

create function api.framework_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_id uuid := api.framework_ref(p_ref, 'ref');
begin
    return (
        select json_build_object('id', f.id, 'code', f.code, 'name', core.label(f.name_en, f.name_ja, p_lang),
            'publisher', f.publisher, 'edition', f.edition, 'categories', n.categories, 'skills', n.skills,
            'note', f.note, 'source', f.source, 'unverified', f.unverified, 'synthetic', f.synthetic,
            'version', f.version, 'created_at', f.created_at, 'updated_at', f.updated_at)
        from core.framework f
        cross join (select count(*) filter (where s.kind = 'category') as categories,
                        count(*) filter (where s.kind = 'skill') as skills
                    from core.skill s where s.framework_id = v_id) n
        where f.id = v_id);
end
$$;
comment on function api.framework_get(uuid, text, text) is 'framework.get';

create function api.framework_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_name_en text, p_name_ja text, p_publisher text, p_edition text,
    p_note text, p_source text, p_unverified boolean, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.framework;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    select * into v_row from core.framework f where f.id = api.framework_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    update core.framework f set
        name_en = coalesce(p_name_en, f.name_en),
        name_ja = coalesce(p_name_ja, f.name_ja),
        publisher = core.patch(p_publisher, f.publisher, 'publisher' = any (p_clear)),
        edition = core.patch(p_edition, f.edition, 'edition' = any (p_clear)),
        note = core.patch(p_note, f.note, 'note' = any (p_clear)),
        source = core.patch(p_source, f.source, 'source' = any (p_clear)),
        unverified = coalesce(p_unverified, f.unverified)
    where f.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.framework_update(uuid, uuid, bytea, text, bigint, text, text, text, text, text, text, boolean, text[])
    is 'framework.update';

create function api.framework_list(p_caller uuid, p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
begin
    return (
        select core.page(array_agg(json_build_object('id', o.id, 'code', o.code,
            'name', core.label(o.name_en, o.name_ja, p_lang), 'publisher', o.publisher, 'edition', o.edition,
            'note', o.note, 'source', o.source, 'unverified', o.unverified, 'synthetic', o.synthetic,
            'version', o.version, 'created_at', o.created_at, 'updated_at', o.updated_at) order by o.code),
            v_limit, max(o.code))
        from (select x.* from core.framework x
              where (v_after is null or x.code > v_after)
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.code limit v_limit) o);
end
$$;
comment on function api.framework_list(uuid, boolean, bigint, text, text) is 'framework.list';
