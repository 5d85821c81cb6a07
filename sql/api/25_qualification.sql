-- SPDX-License-Identifier: Apache-2.0
--
-- Qualifications, and certifications: that a person holds one from a date to a date.

create function api.qualification_counterparts_write(p_id uuid, p_counterparts jsonb) returns void
language plpgsql as $$
declare
    v_seen uuid[] := '{}';
    v_other uuid;
    v_item jsonb;
    v_place integer := 0;
begin
    if p_counterparts is null then
        return;
    end if;
    delete from core.qualification_counterpart c where c.qualification_id = p_id;
    for v_item in select * from jsonb_array_elements(p_counterparts) loop
        v_other := api.qualification_ref(v_item ->> 'qualification', format('counterparts[%s].qualification', v_place));
        if v_other = any (v_seen) then
            perform core.fail('invalid_params', 'the same qualification stands twice in the list',
                format('counterparts[%s].qualification', v_place), 'each qualification once');
        end if;
        v_seen := v_seen || v_other;
        insert into core.qualification_counterpart (qualification_id, counterpart_id, extent, note, source)
        values (p_id, v_other, coalesce(v_item ->> 'extent', 'partial'), v_item ->> 'note', v_item ->> 'source');
        v_place := v_place + 1;
    end loop;
end
$$;
comment on function api.qualification_counterparts_write(uuid, jsonb) is
    'Replaces the counterparts of the qualification, if they are given';

create function api.qualification_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_code text, p_name_en text, p_name_ja text, p_kind text, p_country text, p_issuer text, p_valid_months bigint,
    p_counterparts jsonb, p_pillars text[], p_note text, p_source text, p_unverified boolean, p_synthetic boolean)
returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.qualification;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    insert into core.qualification (code, name_en, name_ja, kind, country, issuer, valid_months, pillars,
        note, source, unverified, synthetic)
    values (p_code, p_name_en, p_name_ja, p_kind, p_country, p_issuer, p_valid_months, coalesce(p_pillars, '{}'),
        p_note, p_source, coalesce(p_unverified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    perform api.qualification_counterparts_write(v_row.id, p_counterparts);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.qualification_create(uuid, uuid, bytea, text, text, text, text, text, text, bigint, jsonb, text[],
    text, text, boolean, boolean) is 'qualification.create';

create function api.qualification_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_id uuid := api.qualification_ref(p_ref, 'ref');
begin
    return (
        select json_build_object('id', q.id, 'code', q.code, 'name', core.label(q.name_en, q.name_ja, p_lang),
            'kind', q.kind, 'country', q.country, 'issuer', q.issuer, 'valid_months', q.valid_months,
            'counterparts', (select coalesce(json_agg(json_build_object('qualification',
                    api.qualification_brief(c.counterpart_id, p_lang), 'country', o.country, 'extent', c.extent,
                    'note', c.note, 'source', c.source) order by o.code), '[]'::json)
                from core.qualification_counterpart c join core.qualification o on o.id = c.counterpart_id
                where c.qualification_id = q.id),
            'counterpart_of', (select coalesce(json_agg(json_build_object('qualification',
                    api.qualification_brief(c.qualification_id, p_lang), 'country', o.country, 'extent', c.extent,
                    'note', c.note, 'source', c.source) order by o.code), '[]'::json)
                from core.qualification_counterpart c join core.qualification o on o.id = c.qualification_id
                where c.counterpart_id = q.id),
            'pillars', q.pillars, 'note', q.note, 'source', q.source, 'unverified', q.unverified, 'synthetic', q.synthetic,
            'version', q.version, 'created_at', q.created_at, 'updated_at', q.updated_at)
        from core.qualification q where q.id = v_id);
end
$$;
comment on function api.qualification_get(uuid, text, text) is 'qualification.get';

create function api.qualification_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_name_en text, p_name_ja text, p_kind text, p_country text, p_issuer text,
    p_valid_months bigint, p_counterparts jsonb, p_pillars text[], p_note text, p_source text, p_unverified boolean,
    p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.qualification;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    select * into v_row from core.qualification q where q.id = api.qualification_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    update core.qualification q set
        name_en = coalesce(p_name_en, q.name_en),
        name_ja = coalesce(p_name_ja, q.name_ja),
        kind = coalesce(p_kind, q.kind),
        country = core.patch(p_country, q.country, 'country' = any (p_clear)),
        issuer = core.patch(p_issuer, q.issuer, 'issuer' = any (p_clear)),
        valid_months = core.patch(p_valid_months::smallint, q.valid_months, 'valid_months' = any (p_clear)),
        pillars = coalesce(p_pillars, q.pillars),
        note = core.patch(p_note, q.note, 'note' = any (p_clear)),
        source = core.patch(p_source, q.source, 'source' = any (p_clear)),
        unverified = coalesce(p_unverified, q.unverified),
        -- A list in a table of its own is a change of the record too.
        updated_at = case when p_counterparts is null then q.updated_at else now() end
    where q.id = v_row.id
    returning * into v_row;
    perform api.qualification_counterparts_write(v_row.id, p_counterparts);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.qualification_update(uuid, uuid, bytea, text, bigint, text, text, text, text, text, bigint, jsonb,
    text[], text, text, boolean, text[]) is 'qualification.update';

create function api.qualification_list(p_caller uuid, p_country text, p_kind text, p_pillar text, p_synthetic boolean,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
begin
    return (
        select core.page(array_agg(json_build_object('id', o.id, 'code', o.code,
            'name', core.label(o.name_en, o.name_ja, p_lang), 'kind', o.kind, 'country', o.country, 'issuer', o.issuer,
            'valid_months', o.valid_months, 'pillars', o.pillars, 'note', o.note, 'source', o.source,
            'unverified', o.unverified, 'synthetic', o.synthetic, 'version', o.version, 'created_at', o.created_at,
            'updated_at', o.updated_at) order by o.code), v_limit, max(o.code))
        from (select x.* from core.qualification x
              where (v_after is null or x.code > v_after)
                  and (p_country is null or x.country = p_country)
                  and (p_kind is null or x.kind = p_kind)
                  and (p_pillar is null or p_pillar = any (x.pillars))
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.code limit v_limit) o);
end
$$;
comment on function api.qualification_list(uuid, text, text, text, boolean, bigint, text, text) is 'qualification.list';

-- Certifications ----------------------------------------------------------------------------------

create function api.certification_json(c core.person_qualification, p_personal boolean, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', c.id, 'person', api.person_brief(c.person_id, p_lang), 'pseudonymous', not p_personal,
        'qualification', api.qualification_brief(c.qualification_id, p_lang), 'number', case when p_personal then c.number end,
        'starts', lower(c.valid), 'ends', core.last_day(c.valid), 'renews', c.renews_id,
        'renewed_by', (select r.id from core.person_qualification r where r.renews_id = c.id order by r.id limit 1),
        'synthetic', c.synthetic,
        'version', c.version, 'created_at', c.created_at, 'updated_at', c.updated_at)
$$;
comment on function api.certification_json(core.person_qualification, boolean, text) is
    'A certification as it is answered; without its number where the person stays a pseudonym';

create function api.certification_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_person text, p_qualification text, p_number text, p_starts date, p_ends date, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_person uuid;
    v_qualification uuid;
    v_ends date := p_ends;
    v_row core.person_qualification;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_person := api.person_ref(p_person, 'person');
    perform api.kept_check('person', v_person);
    v_qualification := api.qualification_ref(p_qualification, 'qualification');
    if v_ends is null then
        select (p_starts + make_interval(months => q.valid_months) - interval '1 day')::date into v_ends
        from core.qualification q where q.id = v_qualification;
    end if;
    insert into core.person_qualification (person_id, qualification_id, number, valid, synthetic)
    values (v_person, v_qualification, p_number, core.days(p_starts, v_ends), coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.certification_create(uuid, uuid, bytea, text, text, text, date, date, boolean) is
    'certification.create';

create function api.certification_get(p_caller uuid, p_ref uuid, p_purpose text, p_form text, p_lang text) returns json
language plpgsql security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_row core.person_qualification;
begin
    select * into v_row from core.person_qualification c where c.id = p_ref;
    if v_row.id is null then
        perform api.record_missing('certification');
    end if;
    return api.certification_json(v_row,
        derive.people_gate(array[v_row.person_id], p_form, p_purpose, 'certification.get') <> '{}', p_lang);
end
$$;
comment on function api.certification_get(uuid, uuid, text, text, text) is 'certification.get';

create function api.certification_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref uuid, p_if_version bigint, p_number text, p_starts date, p_ends date, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.person_qualification;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.kept_check('ref', c.person_id) from core.person_qualification c where c.id = p_ref;
    select * into v_row from core.person_qualification c where c.id = p_ref for no key update;
    if v_row.id is null then
        perform api.record_missing('certification');
    end if;
    perform core.check_version(p_if_version, v_row.version);
    update core.person_qualification c set
        number = core.patch(p_number, c.number, 'number' = any (p_clear)),
        valid = api.days_patch(c.valid, p_starts, p_ends, 'ends' = any (p_clear))
    where c.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.certification_update(uuid, uuid, bytea, uuid, bigint, text, date, date, text[]) is
    'certification.update';

create function api.certification_renew(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref uuid, p_if_version bigint, p_number text, p_starts date, p_ends date) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_old core.person_qualification;
    v_row core.person_qualification;
    v_starts date;
    v_months integer;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.kept_check('ref', c.person_id) from core.person_qualification c where c.id = p_ref;
    select * into v_old from core.person_qualification c where c.id = p_ref for no key update;
    if v_old.id is null then
        perform api.record_missing('certification');
    end if;
    perform core.check_version(p_if_version, v_old.version);
    if exists (select from core.person_qualification c where c.renews_id = v_old.id) then
        perform core.fail('conflict', 'the certification was renewed already', 'ref', 'the latest certification, as renewed_by names it');
    end if;
    if p_starts is null and core.last_day(v_old.valid) is null then
        perform core.fail('invalid_params', 'the certification does not end, so the day of its renewal must be given', 'starts',
            'the first day of the renewed certification');
    end if;
    v_starts := coalesce(p_starts, core.last_day(v_old.valid) + 1);
    if v_starts <= lower(v_old.valid) then
        perform core.fail('invalid_params', 'the renewal would begin before what it renews', 'starts', 'a day after the first of the old one');
    end if;
    select q.valid_months into v_months from core.qualification q where q.id = v_old.qualification_id;
    -- Renewed early, the old one ends on the day before; renewed late, there is a gap, and it stays.
    if v_old.valid @> v_starts then
        update core.person_qualification c set valid = daterange(lower(c.valid), v_starts) where c.id = v_old.id;
    end if;
    insert into core.person_qualification (person_id, qualification_id, number, valid, renews_id, synthetic)
    values (v_old.person_id, v_old.qualification_id, coalesce(p_number, v_old.number),
        core.days(v_starts, coalesce(p_ends, (v_starts + make_interval(months => v_months) - interval '1 day')::date)), v_old.id, v_old.synthetic)
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.certification_renew(uuid, uuid, bytea, uuid, bigint, text, date, date) is 'certification.renew';

create function api.certification_list(p_caller uuid, p_person text, p_qualification text, p_as_of date,
    p_purpose text, p_form text, p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after uuid := api.uuid_cursor(p_cursor);
    v_person uuid := api.person_ref(p_person, 'person');
    v_qualification uuid := api.qualification_ref(p_qualification, 'qualification');
    v_ids uuid[];
    v_people uuid[];
    v_shown uuid[];
begin
    -- As in person.list, planned for the filters that are given.
    execute $q$
        select array_agg(o.id)
        from (select x.id from core.person_qualification x
              where ($1 is null or x.id > $1)
                  and ($2 is null or x.person_id = $2)
                  and ($3 is null or x.qualification_id = $3)
                  and ($4 is null or x.valid @> $4)
                  and ($5 is null or x.synthetic = $5)
                  and (not exists (select from core.restriction r where r.person_id = x.person_id and r.lifted_at is null)
                      or core.caller_sees_restricted(x.person_id))
                  and ($7 is null or x.person_id = any (array(
                      select b.person_id from derive.belonging b where b.organization_id = $7)))
              order by x.id limit $6) o
    $q$ into v_ids using v_after, v_person, v_qualification, p_as_of, p_synthetic, v_limit, core.caller_sees();
    v_people := array(select distinct c.person_id from core.person_qualification c where c.id = any (v_ids));
    if v_people <> '{}' then
        v_shown := derive.people_gate(v_people, p_form, p_purpose, 'certification.list');
    end if;
    return (
        select core.page(array_agg(api.certification_json(c, c.person_id = any (v_shown), p_lang) order by c.id), v_limit,
            v_ids[cardinality(v_ids)]::text)
        from core.person_qualification c where c.id = any (v_ids));
end
$$;
comment on function api.certification_list is 'certification.list';

create function api.expiring_cursor(p_cursor text, out ends date, out id uuid)
language plpgsql immutable as $$
declare
    v_key text := core.cursor_read(p_cursor);
begin
    if v_key is not null then
        if v_key !~ '^\d{4}-\d\d-\d\d/' or not core.is_uuid(substr(v_key, 12)) then
            perform core.fail('invalid_params', 'the cursor is not one that a page of this list ended with', 'cursor',
                'what "next" held on the page before');
        end if;
        ends := left(v_key, 10)::date;
        id := substr(v_key, 12)::uuid;
    end if;
end
$$;
comment on function api.expiring_cursor(text) is 'The last day and the UUID that the cursor of qualification.expiring holds';

create function api.qualification_expiring(p_caller uuid, p_days bigint, p_lapsed boolean, p_qualification text, p_organization text,
    p_person text, p_purpose text, p_form text, p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_days integer := coalesce(p_days, 90);
    v_after record;
    v_qualification uuid := api.qualification_ref(p_qualification, 'qualification');
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_person uuid := api.person_ref(p_person, 'person');
    v_ids uuid[];
    v_people uuid[];
    v_shown uuid[];
begin
    select * into v_after from api.expiring_cursor(p_cursor);
    -- As in person.list, planned for the filters that are given. Only what counts as the last of its kind: what was renewed,
    -- or is followed by another of the same qualification, does not expire.
    execute $q$
        select array_agg(o.id order by o.ends, o.id)
        from (select x.id, upper(x.valid) - 1 as ends from core.person_qualification x
              where upper(x.valid) - 1 <= current_date + $1
                  and upper(x.valid) - 1 >= current_date - case when $2 then $1 else 0 end
                  and ($3 is null or (upper(x.valid) - 1, x.id) > ($3, $4))
                  and ($5 is null or x.qualification_id = $5)
                  and ($6 is null or x.person_id in (
                      select a.person_id from core.affiliation a where a.organization_id = $6 and a.valid @> current_date))
                  and ($7 is null or x.person_id = $7)
                  and ($8 is null or x.synthetic = $8)
                  and not exists (select from core.person_qualification n
                      where n.person_id = x.person_id and n.qualification_id = x.qualification_id and lower(n.valid) > lower(x.valid))
                  and (not exists (select from core.restriction r where r.person_id = x.person_id and r.lifted_at is null)
                      or core.caller_sees_restricted(x.person_id))
                  and ($10 is null or x.person_id = any (array(
                      select b.person_id from derive.belonging b where b.organization_id = $10)))
              order by upper(x.valid) - 1, x.id limit $9) o
    $q$ into v_ids using v_days, coalesce(p_lapsed, false), v_after.ends, v_after.id, v_qualification, v_organization, v_person,
        p_synthetic, v_limit, core.caller_sees();
    v_people := array(select distinct c.person_id from core.person_qualification c where c.id = any (v_ids));
    if v_people <> '{}' then
        v_shown := derive.people_gate(v_people, p_form, p_purpose, 'qualification.expiring');
    end if;
    return (
        select core.page(array_agg(json_build_object('id', c.id, 'person', api.person_brief(c.person_id, p_lang),
                'pseudonymous', not c.person_id = any (v_shown),
                'qualification', api.qualification_brief(c.qualification_id, p_lang),
                'number', case when c.person_id = any (v_shown) then c.number end,
                'starts', lower(c.valid), 'ends', core.last_day(c.valid), 'days_left', core.last_day(c.valid) - current_date,
                'lapsed', core.last_day(c.valid) < current_date, 'synthetic', c.synthetic, 'version', c.version)
            order by core.last_day(c.valid), c.id), v_limit,
            max(to_char(core.last_day(c.valid), 'YYYY-MM-DD') || '/' || c.id))
        from core.person_qualification c where c.id = any (v_ids));
end
$$;
comment on function api.qualification_expiring(uuid, bigint, boolean, text, text, text, text, text, boolean, bigint, text, text) is
    'qualification.expiring';
