-- SPDX-License-Identifier: Apache-2.0

create function api.assumption_ref(p_ref text, p_path text) returns uuid
language plpgsql stable as $$
declare
    v_id uuid;
begin
    select a.id into v_id from core.assumption a
    where case when core.is_uuid(p_ref) then a.id = p_ref::uuid else a.code = p_ref end;
    if v_id is null then
        perform core.fail('not_found', 'there is no such assumption', p_path, 'the UUID or the code of an assumption');
    end if;
    return v_id;
end
$$;
comment on function api.assumption_ref(text, text) is 'The id of an assumption by its UUID or code; ends the call where there is none';

create function api.assumption_json(a core.assumption, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', a.id, 'code', a.code, 'kind', a.kind, 'scenario', a.scenario, 'country', a.country,
        'skill', api.skill_brief(a.skill_id, p_lang), 'level', a.level, 'age', a.age,
        'currency', a.currency, 'low', trim_scale(a.low), 'mode', trim_scale(a.mode), 'high', trim_scale(a.high), 'unit', core.assumption_unit(a.kind),
        'source', a.source, 'source_date', a.source_date, 'stale_after_months', a.stale_after_months,
        'stale', a.source_date + make_interval(months => a.stale_after_months) < current_date,
        'note', a.note, 'unverified', a.unverified, 'synthetic', a.synthetic,
        'version', a.version, 'created_at', a.created_at, 'updated_at', a.updated_at)
$$;
comment on function api.assumption_json(core.assumption, text) is 'An assumption as it is answered';

create function api.assumption_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_code text, p_kind text, p_mode numeric, p_source text, p_source_date date, p_low numeric, p_high numeric, p_scenario text,
    p_country text, p_skill text, p_level bigint, p_age bigint, p_currency text, p_stale_after_months bigint, p_note text, p_unverified boolean,
    p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.assumption;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    insert into core.assumption (code, kind, scenario, country, skill_id, level, age, currency, low, mode, high, source, source_date,
        stale_after_months, note, unverified, synthetic)
    values (p_code, p_kind, coalesce(p_scenario, 'baseline'), p_country, api.skill_ref(p_skill, 'skill'), p_level, p_age, p_currency,
        coalesce(p_low, p_mode), p_mode, coalesce(p_high, p_mode), p_source, p_source_date, coalesce(p_stale_after_months, 36),
        p_note, coalesce(p_unverified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.assumption_create is 'assumption.create';

create function api.assumption_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_id uuid := api.assumption_ref(p_ref, 'ref');
begin
    return (select api.assumption_json(a, p_lang) from core.assumption a where a.id = v_id);
end
$$;
comment on function api.assumption_get is 'assumption.get';

create function api.assumption_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_low numeric, p_mode numeric, p_high numeric, p_source text, p_source_date date,
    p_stale_after_months bigint, p_note text, p_unverified boolean, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.assumption;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    select * into v_row from core.assumption a where a.id = api.assumption_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    update core.assumption a set
        low = coalesce(p_low, a.low),
        mode = coalesce(p_mode, a.mode),
        high = coalesce(p_high, a.high),
        source = coalesce(p_source, a.source),
        source_date = coalesce(p_source_date, a.source_date),
        stale_after_months = coalesce(p_stale_after_months, a.stale_after_months),
        note = core.patch(p_note, a.note, 'note' = any (p_clear)),
        unverified = coalesce(p_unverified, a.unverified)
    where a.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.assumption_update is 'assumption.update';

create function api.assumption_delete(p_caller uuid, p_once_key uuid, p_once_digest bytea, p_ref text, p_if_version bigint) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.assumption;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    select * into v_row from core.assumption a where a.id = api.assumption_ref(p_ref, 'ref') for update;
    perform core.check_version(p_if_version, v_row.version);
    delete from core.assumption a where a.id = v_row.id;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.assumption_delete is 'assumption.delete';

create function api.assumption_list(p_caller uuid, p_kind text, p_scenario text, p_country text, p_skill text, p_stale boolean,
    p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_skill uuid := api.skill_ref(p_skill, 'skill');
begin
    return (
        select core.page(array_agg(api.assumption_json(o, p_lang) order by o.code), v_limit, max(o.code))
        from (select x.* from core.assumption x
              where (v_after is null or x.code > v_after)
                  and (p_kind is null or x.kind = p_kind)
                  and (p_scenario is null or x.scenario = p_scenario)
                  and (p_country is null or x.country = p_country)
                  and (v_skill is null or x.skill_id = v_skill)
                  and (p_stale is null
                      or p_stale = (x.source_date + make_interval(months => x.stale_after_months) < current_date))
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.code limit v_limit) o);
end
$$;
comment on function api.assumption_list is 'assumption.list';
