-- SPDX-License-Identifier: Apache-2.0
--
-- A new job ends one affiliation and begins another (affiliation.move); update is for what was recorded wrongly.

create function api.affiliation_json(a core.affiliation, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', a.id, 'person', api.person_brief(a.person_id, p_lang),
        'organization', api.organization_brief(a.organization_id, p_lang), 'fte', a.fte,
        'starts', lower(a.valid), 'ends', core.last_day(a.valid), 'synthetic', a.synthetic,
        'version', a.version, 'created_at', a.created_at, 'updated_at', a.updated_at)
$$;
comment on function api.affiliation_json(core.affiliation, text) is 'An affiliation as it is answered';

create function api.affiliation_lock(p_ref uuid, p_if_version bigint) returns core.affiliation
language plpgsql as $$
declare
    v_row core.affiliation;
begin
    select * into v_row from core.affiliation a where a.id = p_ref for no key update;
    if v_row.id is null then
        perform api.record_missing('affiliation');
    end if;
    perform api.own_check('ref', v_row.organization_id);
    perform core.check_version(p_if_version, v_row.version);
    return v_row;
end
$$;
comment on function api.affiliation_lock(uuid, bigint) is
    'The affiliation, locked for a change; not_found or stale_version where it cannot be changed';

create function api.affiliation_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_person text, p_organization text, p_fte numeric, p_starts date, p_ends date, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_person uuid;
    v_organization uuid;
    v_row core.affiliation;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_person := api.person_ref(p_person, 'person');
    v_organization := api.organization_ref(p_organization, 'organization');
    perform api.kept_check('person', v_person);
    perform api.own_check('organization', v_organization);
    insert into core.affiliation (person_id, organization_id, fte, valid, synthetic)
    values (v_person, v_organization, coalesce(p_fte, 1), core.days(p_starts, p_ends), coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.affiliation_create(uuid, uuid, bytea, text, text, numeric, date, date, boolean) is
    'affiliation.create';

create function api.affiliation_get(p_caller uuid, p_ref uuid, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_row core.affiliation;
begin
    select * into v_row from core.affiliation a where a.id = p_ref;
    if v_row.id is null then
        perform api.record_missing('affiliation');
    end if;
    return api.affiliation_json(v_row, p_lang);
end
$$;
comment on function api.affiliation_get(uuid, uuid, text) is 'affiliation.get';

create function api.affiliation_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref uuid, p_if_version bigint, p_fte numeric, p_starts date, p_ends date, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.affiliation;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.affiliation_lock(p_ref, p_if_version);
    update core.affiliation a set
        fte = coalesce(p_fte, a.fte),
        valid = api.days_patch(a.valid, p_starts, p_ends, 'ends' = any (p_clear))
    where a.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.affiliation_update(uuid, uuid, bytea, uuid, bigint, numeric, date, date, text[]) is
    'affiliation.update';

create function api.affiliation_end(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref uuid, p_if_version bigint, p_ends date) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.affiliation;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.affiliation_lock(p_ref, p_if_version);
    if not v_row.valid @> p_ends then
        perform core.fail('invalid_params', 'the affiliation does not hold on that day', 'ends',
            'a date from its first day to the last day that is recorded, if there is one');
    end if;
    update core.affiliation a set valid = core.days(lower(a.valid), p_ends)
    where a.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.affiliation_end(uuid, uuid, bytea, uuid, bigint, date) is 'affiliation.end';

create function api.affiliation_move(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref uuid, p_if_version bigint, p_organization text, p_starts date, p_ends date, p_fte numeric) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_organization uuid;
    v_row core.affiliation;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_organization := api.organization_ref(p_organization, 'organization');
    v_row := api.affiliation_lock(p_ref, p_if_version);
    if not v_row.valid @> (p_starts - 1) then
        perform core.fail('invalid_params', 'the affiliation does not hold on the day before', 'starts',
            'a date after its first day, and at the latest the day after its last');
    end if;
    update core.affiliation a set valid = core.days(lower(a.valid), p_starts - 1) where a.id = v_row.id;
    insert into core.affiliation (person_id, organization_id, fte, valid, synthetic)
    values (v_row.person_id, v_organization, coalesce(p_fte, v_row.fte), core.days(p_starts, p_ends), v_row.synthetic)
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.affiliation_move(uuid, uuid, bytea, uuid, bigint, text, date, date, numeric) is 'affiliation.move';

create function api.affiliation_list(p_caller uuid, p_person text, p_organization text, p_as_of date,
    p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after uuid := api.uuid_cursor(p_cursor);
    v_person uuid := api.person_ref(p_person, 'person');
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_ids uuid[];
begin
    -- As in person.list, planned for the filters that are given.
    execute $q$
        select array_agg(o.id)
        from (select x.id from core.affiliation x
              where ($1 is null or x.id > $1)
                  and ($2 is null or x.person_id = $2)
                  and ($3 is null or x.organization_id = $3)
                  and ($4 is null or x.valid @> $4)
                  and ($5 is null or x.synthetic = $5)
                  and ($7 is null or x.person_id = any (array(
                      select b.person_id from derive.belonging b where b.organization_id = $7)))
              order by x.id limit $6) o
    $q$ into v_ids using v_after, v_person, v_organization, p_as_of, p_synthetic, v_limit, core.caller_sees();
    return (
        select core.page(array_agg(json_build_object('id', a.id,
            'person', json_build_object('id', p.id, 'code', p.code),
            'organization', json_build_object('id', o.id, 'code', o.code, 'name', core.label(o.name_en, o.name_ja, p_lang)),
            'fte', a.fte, 'starts', lower(a.valid), 'ends', core.last_day(a.valid), 'synthetic', a.synthetic,
            'version', a.version, 'created_at', a.created_at, 'updated_at', a.updated_at) order by a.id), v_limit,
            v_ids[cardinality(v_ids)]::text)
        from core.affiliation a
        join core.person p on p.id = a.person_id
        join core.organization o on o.id = a.organization_id
        where a.id = any (v_ids));
end
$$;
comment on function api.affiliation_list(uuid, text, text, date, boolean, bigint, text, text) is 'affiliation.list';
