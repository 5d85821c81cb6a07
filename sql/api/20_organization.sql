-- SPDX-License-Identifier: Apache-2.0

create function api.organization_json(o core.organization, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', o.id, 'code', o.code, 'name', core.label(o.name_en, o.name_ja, p_lang),
        'kind', o.kind, 'country', o.country, 'website', o.website,
        'other_names', (select coalesce(json_agg(json_build_object('name', n.name, 'kind', n.kind, 'lang', n.lang,
                'from', lower(n.used), 'to', core.last_day(n.used)) order by n.place), '[]'::json)
            from core.organization_name n where n.organization_id = o.id),
        'note', o.note, 'source', o.source, 'unverified', o.unverified, 'synthetic', o.synthetic,
        'version', o.version, 'created_at', o.created_at, 'updated_at', o.updated_at)
$$;
comment on function api.organization_json(core.organization, text) is 'An organization as it is answered';

create function api.organization_names_write(p_id uuid, p_names jsonb) returns void
language plpgsql as $$
declare
    v_place bigint;
begin
    if p_names is null then
        return;
    end if;
    select min(n.place) into v_place
    from jsonb_array_elements(p_names) with ordinality as n (item, place)
    where (n.item ->> 'to')::date < (n.item ->> 'from')::date;
    if v_place is not null then
        perform core.fail('invalid_params', 'the end is before the start', format('other_names[%s].to', v_place - 1),
            'a date not before the start');
    end if;
    delete from core.organization_name n where n.organization_id = p_id;
    insert into core.organization_name (organization_id, place, kind, name, lang, used)
    select p_id, n.place, n.item ->> 'kind', n.item ->> 'name', n.item ->> 'lang',
        core.days((n.item ->> 'from')::date, (n.item ->> 'to')::date)
    from jsonb_array_elements(p_names) with ordinality as n (item, place);
end
$$;
comment on function api.organization_names_write(uuid, jsonb) is 'Replaces the former names and abbreviations, if any are given';

create function api.organization_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_code text, p_name_en text, p_name_ja text, p_kind text, p_country text, p_other_names jsonb, p_website text,
    p_note text, p_source text, p_unverified boolean, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.organization;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    insert into core.organization (code, name_en, name_ja, kind, country, website, note, source, unverified, synthetic)
    values (p_code, p_name_en, p_name_ja, p_kind, p_country, p_website, p_note, p_source,
        coalesce(p_unverified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    perform api.organization_names_write(v_row.id, p_other_names);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.organization_create(uuid, uuid, bytea, text, text, text, text, text, jsonb, text, text, text, boolean, boolean) is
    'organization.create';

create function api.organization_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_id uuid := api.organization_ref(p_ref, 'ref');
begin
    return (select api.organization_json(o, p_lang) from core.organization o where o.id = v_id);
end
$$;
comment on function api.organization_get(uuid, text, text) is 'organization.get';

create function api.organization_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_name_en text, p_name_ja text, p_kind text, p_country text, p_other_names jsonb,
    p_website text, p_note text, p_source text, p_unverified boolean, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.organization;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    select * into v_row from core.organization o where o.id = api.organization_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    update core.organization o set
        name_en = coalesce(p_name_en, o.name_en),
        name_ja = coalesce(p_name_ja, o.name_ja),
        kind = coalesce(p_kind, o.kind),
        country = core.patch(p_country, o.country, 'country' = any (p_clear)),
        website = core.patch(p_website, o.website, 'website' = any (p_clear)),
        note = core.patch(p_note, o.note, 'note' = any (p_clear)),
        source = core.patch(p_source, o.source, 'source' = any (p_clear)),
        unverified = coalesce(p_unverified, o.unverified),
        updated_at = case when p_other_names is null then o.updated_at else now() end -- a list of its own is a change too
    where o.id = v_row.id
    returning * into v_row;
    perform api.organization_names_write(v_row.id, p_other_names);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.organization_update(uuid, uuid, bytea, text, bigint, text, text, text, text, jsonb, text, text, text, boolean, text[]) is
    'organization.update';

create function api.organization_list(p_caller uuid, p_kind text, p_country text, p_synthetic boolean,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
begin
    return (
        select core.page(array_agg(api.organization_json(o, p_lang) order by o.code), v_limit, max(o.code))
        from (select x.* from core.organization x
              where (v_after is null or x.code > v_after)
                  and (p_kind is null or x.kind = p_kind)
                  and (p_country is null or x.country = p_country)
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.code limit v_limit) o);
end
$$;
comment on function api.organization_list(uuid, text, text, boolean, bigint, text, text) is 'organization.list';
