-- SPDX-License-Identifier: Apache-2.0

create function api.facility_skills_write(p_id uuid, p_skills text[]) returns void
language plpgsql as $$
declare
    v_seen uuid[] := '{}';
    v_skill uuid;
begin
    if p_skills is null then
        return;
    end if;
    for v_place in 1 .. cardinality(p_skills) loop
        v_skill := api.skill_ref(p_skills[v_place], format('skills[%s]', v_place - 1));
        if v_skill = any (v_seen) then
            perform core.fail('invalid_params', 'the same skill stands twice in the list',
                format('skills[%s]', v_place - 1), 'each skill once');
        end if;
        v_seen := v_seen || v_skill;
    end loop;
    delete from core.facility_skill s where s.facility_id = p_id and s.skill_id <> all (v_seen);
    insert into core.facility_skill (facility_id, skill_id)
    select p_id, s.id from unnest(v_seen) as s (id)
    on conflict do nothing;
end
$$;
comment on function api.facility_skills_write(uuid, text[]) is 'Replaces what can be learnt at the facility, if it is given';

create function api.facility_json(f core.facility, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', f.id, 'code', f.code, 'name', core.label(f.name_en, f.name_ja, p_lang),
        'operator', api.organization_brief(f.operator_id, p_lang), 'country', f.country, 'kind', f.kind, 'status', f.status,
        'summary', core.label(f.summary_en, f.summary_ja, p_lang),
        'access', core.label(f.access_en, f.access_ja, p_lang),
        'skills', (select coalesce(json_agg(json_build_object('id', s.id, 'code', s.code,
                'name', core.label(s.name_en, s.name_ja, p_lang)) order by s.code), '[]'::json)
            from core.facility_skill t join core.skill s on s.id = t.skill_id where t.facility_id = f.id),
        'pillars', f.pillars, 'note', f.note, 'source', f.source, 'unverified', f.unverified, 'synthetic', f.synthetic,
        'version', f.version, 'created_at', f.created_at, 'updated_at', f.updated_at)
$$;
comment on function api.facility_json(core.facility, text) is 'A facility as it is answered';

create function api.facility_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_code text, p_name_en text, p_name_ja text, p_operator text, p_country text, p_kind text, p_status text,
    p_summary_en text, p_summary_ja text, p_access_en text, p_access_ja text, p_skills text[], p_pillars text[],
    p_note text, p_source text, p_unverified boolean, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.facility;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.own_check('operator', api.organization_ref(p_operator, 'operator'));
    insert into core.facility (code, name_en, name_ja, operator_id, country, kind, status, summary_en, summary_ja,
        access_en, access_ja, pillars, note, source, unverified, synthetic)
    values (p_code, p_name_en, p_name_ja, api.organization_ref(p_operator, 'operator'), p_country, p_kind,
        coalesce(p_status, 'unknown'), p_summary_en, p_summary_ja, p_access_en, p_access_ja, coalesce(p_pillars, '{}'),
        p_note, p_source, coalesce(p_unverified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    perform api.facility_skills_write(v_row.id, p_skills);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.facility_create(uuid, uuid, bytea, text, text, text, text, text, text, text, text, text, text, text,
    text[], text[], text, text, boolean, boolean) is 'facility.create';

create function api.facility_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_id uuid := api.facility_ref(p_ref, 'ref');
begin
    return (select api.facility_json(f, p_lang) from core.facility f where f.id = v_id);
end
$$;
comment on function api.facility_get(uuid, text, text) is 'facility.get';

create function api.facility_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_name_en text, p_name_ja text, p_operator text, p_country text, p_kind text,
    p_status text, p_summary_en text, p_summary_ja text, p_access_en text, p_access_ja text, p_skills text[],
    p_pillars text[], p_note text, p_source text, p_unverified boolean, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_operator uuid;
    v_row core.facility;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    select * into v_row from core.facility f where f.id = api.facility_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    perform api.own_check('ref', v_row.operator_id);
    v_operator := api.organization_ref(p_operator, 'operator');
    update core.facility f set
        name_en = coalesce(p_name_en, f.name_en),
        name_ja = coalesce(p_name_ja, f.name_ja),
        operator_id = core.patch(v_operator, f.operator_id, 'operator' = any (p_clear)),
        country = core.patch(p_country, f.country, 'country' = any (p_clear)),
        kind = core.patch(p_kind, f.kind, 'kind' = any (p_clear)),
        status = coalesce(p_status, f.status),
        summary_en = core.patch(p_summary_en, f.summary_en, 'summary' = any (p_clear)),
        summary_ja = core.patch(p_summary_ja, f.summary_ja, 'summary' = any (p_clear)),
        access_en = core.patch(p_access_en, f.access_en, 'access' = any (p_clear)),
        access_ja = core.patch(p_access_ja, f.access_ja, 'access' = any (p_clear)),
        pillars = coalesce(p_pillars, f.pillars),
        note = core.patch(p_note, f.note, 'note' = any (p_clear)),
        source = core.patch(p_source, f.source, 'source' = any (p_clear)),
        unverified = coalesce(p_unverified, f.unverified),
        -- A list in a table of its own is a change of the record too.
        updated_at = case when p_skills is null then f.updated_at else now() end
    where f.id = v_row.id
    returning * into v_row;
    perform api.facility_skills_write(v_row.id, p_skills);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.facility_update(uuid, uuid, bytea, text, bigint, text, text, text, text, text, text, text, text, text,
    text, text[], text[], text, text, boolean, text[]) is 'facility.update';

create function api.facility_list(p_caller uuid, p_operator text, p_country text, p_status text, p_skill text,
    p_pillar text, p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_operator uuid := api.organization_ref(p_operator, 'operator');
    v_skill uuid := api.skill_ref(p_skill, 'skill');
begin
    return (
        select core.page(array_agg(api.facility_json(o, p_lang) order by o.code), v_limit, max(o.code))
        from (select x.* from core.facility x
              where (v_after is null or x.code > v_after)
                  and (v_operator is null or x.operator_id = v_operator)
                  and (p_country is null or x.country = p_country)
                  and (p_status is null or x.status = p_status)
                  and (v_skill is null or x.id in (
                      select t.facility_id from core.facility_skill t
                      join derive.skill_subject s on s.skill_id = t.skill_id where s.subject_id = v_skill))
                  and (p_pillar is null or p_pillar = any (x.pillars))
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.code limit v_limit) o);
end
$$;
comment on function api.facility_list(uuid, text, text, text, text, text, boolean, bigint, text, text) is 'facility.list';
