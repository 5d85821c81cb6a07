-- SPDX-License-Identifier: Apache-2.0

create function api.demand_check(p_id uuid) returns uuid
language plpgsql stable as $$
begin
    if not exists (select from core.demand d where d.id = p_id) then
        perform core.fail('not_found', 'there is no such demand', 'ref', 'the UUID of a demand');
    end if;
    return p_id;
end
$$;
comment on function api.demand_check(uuid) is 'The UUID, if it is that of a demand; else the call ends with not_found';

create function api.demand_json(d core.demand, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', d.id, 'organization', api.organization_brief(d.organization_id, p_lang),
        'country', (select o.country from core.organization o where o.id = d.organization_id),
        'members_included', d.members_included,
        'skill', api.skill_brief(d.skill_id, p_lang), 'level', d.level, 'role', api.role_brief(d.role_id, p_lang),
        'fte_low', trim_scale(d.fte_low), 'fte', trim_scale(d.fte), 'fte_high', trim_scale(d.fte_high),
        'year', d.year, 'year_kind', d.year_kind, 'as_of', d.as_of, 'scenario', d.scenario,
        'confidence', d.confidence, 'note', d.note, 'source', d.source, 'source_date', d.source_date,
        'unverified', d.unverified, 'synthetic', d.synthetic,
        'version', d.version, 'created_at', d.created_at, 'updated_at', d.updated_at)
$$;
comment on function api.demand_json(core.demand, text) is 'A demand as it is answered';

create function api.demand_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_organization text, p_fte numeric, p_year bigint, p_source text, p_skill text, p_level bigint, p_role text,
    p_fte_low numeric, p_fte_high numeric, p_year_kind text, p_scenario text, p_confidence text, p_members_included boolean,
    p_source_date date, p_note text, p_unverified boolean, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.demand;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.own_check('organization', api.organization_ref(p_organization, 'organization'));
    insert into core.demand (organization_id, skill_id, role_id, level, fte_low, fte, fte_high, year, year_kind, scenario,
        confidence, members_included, note, source, source_date, unverified, synthetic)
    values (api.organization_ref(p_organization, 'organization'), api.skill_ref(p_skill, 'skill'), api.role_ref(p_role, 'role'),
        p_level, coalesce(p_fte_low, p_fte), p_fte, coalesce(p_fte_high, p_fte), p_year, coalesce(p_year_kind, 'calendar'),
        coalesce(p_scenario, 'baseline'), coalesce(p_confidence, 'medium'), coalesce(p_members_included, false),
        p_note, p_source, p_source_date, coalesce(p_unverified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.demand_create is 'demand.create';

create function api.demand_get(p_caller uuid, p_ref uuid, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_id uuid := api.demand_check(p_ref);
begin
    return (select api.demand_json(d, p_lang) from core.demand d where d.id = v_id);
end
$$;
comment on function api.demand_get is 'demand.get';

create function api.demand_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref uuid, p_if_version bigint, p_fte numeric, p_fte_low numeric, p_fte_high numeric, p_level bigint, p_confidence text,
    p_members_included boolean, p_source text, p_source_date date, p_note text, p_unverified boolean,
    p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.demand;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    select * into v_row from core.demand d where d.id = api.demand_check(p_ref) for no key update;
    perform core.check_version(p_if_version, v_row.version);
    perform api.own_check('ref', v_row.organization_id);
    update core.demand d set
        fte = coalesce(p_fte, d.fte),
        fte_low = coalesce(p_fte_low, d.fte_low),
        fte_high = coalesce(p_fte_high, d.fte_high),
        level = coalesce(p_level, d.level),
        confidence = coalesce(p_confidence, d.confidence),
        members_included = coalesce(p_members_included, d.members_included),
        source = coalesce(p_source, d.source),
        source_date = core.patch(p_source_date, d.source_date, 'source_date' = any (p_clear)),
        note = core.patch(p_note, d.note, 'note' = any (p_clear)),
        unverified = coalesce(p_unverified, d.unverified)
    where d.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.demand_update is 'demand.update';

create function api.demand_list(p_caller uuid, p_organization text, p_country text, p_skill text, p_role text, p_year bigint,
    p_year_kind text, p_scenario text, p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer set plan_cache_mode = force_custom_plan as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after uuid := api.uuid_cursor(p_cursor);
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_role uuid := api.role_ref(p_role, 'role');
    v_skill uuid := api.skill_ref(p_skill, 'skill');
    v_skills uuid[];
begin
    if v_skill is not null then
        v_skills := array(select s.skill_id from derive.skill_subject s where s.subject_id = v_skill);
    end if;
    return (
        select core.page(array_agg(json_build_object('id', d.id, 'organization', api.organization_brief(d.organization_id, p_lang),
                'country', d.country, 'members_included', d.members_included,
                'skill', api.skill_brief(d.skill_id, p_lang), 'level', d.level, 'role', api.role_brief(d.role_id, p_lang),
                'fte_low', trim_scale(d.fte_low), 'fte', trim_scale(d.fte), 'fte_high', trim_scale(d.fte_high),
                'year', d.year, 'year_kind', d.year_kind, 'as_of', d.as_of, 'scenario', d.scenario,
                'confidence', d.confidence, 'source', d.source, 'source_date', d.source_date,
                'unverified', d.unverified, 'synthetic', d.synthetic, 'version', d.version) order by d.id), v_limit, max(d.id::text))
        from (select x.*, o.country
              from core.demand x join core.organization o on o.id = x.organization_id
              where (v_after is null or x.id > v_after)
                  and (v_organization is null or x.organization_id = v_organization)
                  and (p_country is null or o.country = p_country)
                  and (v_skills is null or x.skill_id = any (v_skills))
                  and (v_role is null or x.role_id = v_role)
                  and (p_year is null or x.year = p_year)
                  and (p_year_kind is null or x.year_kind = p_year_kind)
                  and (p_scenario is null or x.scenario = p_scenario)
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.id limit v_limit) d);
end
$$;
comment on function api.demand_list is 'demand.list';
