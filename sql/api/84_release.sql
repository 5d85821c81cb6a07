-- SPDX-License-Identifier: Apache-2.0
--
-- Releases: frozen figures on people. Cutting and publishing stand in sql/schema, beside what they guard.

create function api.daemon_figures(p_rule jsonb) returns json
language plpgsql security definer as $$
begin
    return derive.figure_rule_set(p_rule);
end
$$;
comment on function api.daemon_figures(jsonb) is
    'Takes over from a daemon''s configuration how figures on people are perturbed; says which version of the rule it is, and whether it replaced another';

create function api.release_id(p_ref text, p_path text) returns uuid
language plpgsql stable as $$
declare
    v_id uuid;
begin
    if core.is_uuid(p_ref) then
        select r.id into v_id from core.release r where r.id = p_ref::uuid;
    else
        select r.id into v_id from core.release r where r.code = p_ref;
    end if;
    if v_id is null then
        perform core.fail('not_found', 'there is no such release', p_path, 'the UUID or the code of a release');
    end if;
    return v_id;
end
$$;
comment on function api.release_id(text, text) is 'The id of a release by its UUID or code; ends the call where there is none';

create function api.release_json(r core.release) returns json
language sql stable as $$
    select json_build_object('id', r.id, 'code', r.code, 'month', to_char(r.month, 'YYYY-MM'), 'cells', r.cells,
        'rule', r.rule, 'at_most', f.deviation, 'never_up_to', f.threshold, 'variance', f.variance,
        'fte_threshold_heads', f.fte_threshold_heads, 'fte_noise_min_percent', f.fte_noise_min_percent,
        'fte_noise_max_percent', f.fte_noise_max_percent,
        'made_by', (select p.name from core.principal p where p.id = r.made_by and core.caller_records_all()),
        'monthly', r.made_by is null, 'note', r.note, 'version', r.version, 'created_at', r.created_at, 'updated_at', r.updated_at)
    from core.figure_rule f where f.version = r.rule
$$;
comment on function api.release_json(core.release) is 'A release as it is answered; who cut it is for the secretariat to see';

create function api.release_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_month date, p_code text, p_note text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_month date := date_trunc('month', coalesce(p_month, (now() at time zone 'UTC')::date));
    v_row core.release;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.past_check(v_month, 'month');
    v_row := derive.release_make(v_month, p_code, p_note);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.release_create(uuid, uuid, bytea, date, text, text) is 'release.create';

create function api.release_get(p_caller uuid, p_ref text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_id uuid := api.release_id(p_ref, 'ref');
begin
    return (select api.release_json(r) from core.release r where r.id = v_id);
end
$$;
comment on function api.release_get(uuid, text) is 'release.get';

create function api.release_list(p_caller uuid, p_month date, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_before uuid := api.uuid_cursor(p_cursor);
begin
    -- The latest first: identifiers go with the time.
    return (
        select core.page(array_agg(api.release_json(o) order by o.id desc), v_limit, min(o.id::text))
        from (select x.* from core.release x
              where (v_before is null or x.id < v_before) and (p_month is null or x.month = p_month)
              order by x.id desc limit v_limit) r
        join core.release o on o.id = r.id);
end
$$;
comment on function api.release_list(uuid, date, bigint, text, text) is 'release.list';
