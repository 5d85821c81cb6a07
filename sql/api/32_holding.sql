-- SPDX-License-Identifier: Apache-2.0
--
-- Holdings are never deleted: what turns out wrong is corrected, and what never was is reversed with its reason.

create function api.holding_lock(p_ref uuid, p_if_version bigint) returns core.holding
language plpgsql as $$
declare
    v_row core.holding;
begin
    perform api.kept_check('ref', h.person_id) from core.holding h where h.id = p_ref;
    select * into v_row from core.holding h where h.id = p_ref for no key update;
    if v_row.id is null then
        perform api.record_missing('holding');
    end if;
    perform core.check_version(p_if_version, v_row.version);
    if v_row.reversed_on is not null then
        perform core.fail('invalid_transition', 'the holding is reversed and stays as it is', 'ref', 'a holding that stands');
    end if;
    return v_row;
end
$$;
comment on function api.holding_lock(uuid, bigint) is
    'The holding, locked for a change; an error where it does not exist, has another version or is reversed';

create function api.holding_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_person text, p_skill text, p_level bigint, p_starts date, p_ends date, p_evidence text, p_confidence text,
    p_assessor text, p_note text, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_person uuid;
    v_skill uuid;
    v_id uuid;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_person := api.person_ref(p_person, 'person');
    perform api.kept_check('person', v_person);
    v_skill := api.skill_ref(p_skill, 'skill');
    perform api.skill_check_leaf(v_skill, 'skill');
    insert into core.holding (person_id, skill_id, level, valid, evidence, confidence, assessor_id, note, synthetic)
    values (v_person, v_skill, p_level, core.days(p_starts, p_ends), p_evidence, coalesce(p_confidence, 'medium'),
        api.organization_ref(p_assessor, 'assessor'), p_note, coalesce(p_synthetic, false))
    returning id into v_id;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_id, null, 1);
end
$$;
comment on function api.holding_create(uuid, uuid, bytea, text, text, bigint, date, date, text, text, text, text, boolean) is
    'holding.create';

create function api.holding_get(p_caller uuid, p_ref uuid, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_row core.holding;
begin
    select * into v_row from core.holding h where h.id = p_ref;
    if v_row.id is null then
        perform api.record_missing('holding');
    end if;
    return json_build_object('id', v_row.id, 'person', api.person_brief(v_row.person_id, p_lang),
        'skill', api.skill_brief(v_row.skill_id, p_lang), 'level', v_row.level,
        'starts', lower(v_row.valid), 'ends', core.last_day(v_row.valid), 'evidence', v_row.evidence,
        'confidence', v_row.confidence, 'assessor', api.organization_brief(v_row.assessor_id, p_lang),
        'enrollment', (select json_build_object('id', e.id, 'code', e.code)
            from core.enrollment e where e.id = v_row.enrollment_id),
        'exchange', (select json_build_object('id', e.id, 'code', e.code)
            from core.exchange e where e.id = v_row.exchange_id),
        'note', v_row.note, 'reversed_on', v_row.reversed_on, 'reversed_reason', v_row.reversed_reason,
        'synthetic', v_row.synthetic, 'version', v_row.version,
        'created_at', v_row.created_at, 'updated_at', v_row.updated_at);
end
$$;
comment on function api.holding_get(uuid, uuid, text) is 'holding.get';

create function api.holding_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref uuid, p_if_version bigint, p_level bigint, p_starts date, p_ends date, p_evidence text, p_confidence text,
    p_assessor text, p_note text, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_assessor uuid;
    v_row core.holding;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_assessor := api.organization_ref(p_assessor, 'assessor');
    v_row := api.holding_lock(p_ref, p_if_version);
    if p_evidence <> v_row.evidence and num_nonnulls(v_row.enrollment_id, v_row.exchange_id) > 0 then
        perform core.fail('conflict', 'an enrollment or exchange granted the holding and is its evidence', 'evidence',
            v_row.evidence);
    end if;
    update core.holding h set
        level = coalesce(p_level, h.level),
        valid = api.days_patch(h.valid, p_starts, p_ends, 'ends' = any (p_clear)),
        evidence = coalesce(p_evidence, h.evidence),
        confidence = coalesce(p_confidence, h.confidence),
        assessor_id = core.patch(v_assessor, h.assessor_id, 'assessor' = any (p_clear)),
        note = core.patch(p_note, h.note, 'note' = any (p_clear))
    where h.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.holding_update(uuid, uuid, bytea, uuid, bigint, bigint, date, date, text, text, text, text, text[]) is
    'holding.update';

create function api.holding_reverse(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref uuid, p_if_version bigint, p_reason text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.holding;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.holding_lock(p_ref, p_if_version);
    update core.holding h set reversed_on = current_date, reversed_reason = p_reason
    where h.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.holding_reverse(uuid, uuid, bytea, uuid, bigint, text) is 'holding.reverse';

create function api.holding_list(p_caller uuid, p_person text, p_skill text, p_level bigint, p_evidence text,
    p_assessor text, p_as_of date, p_reversed boolean, p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text)
returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after uuid := api.uuid_cursor(p_cursor);
    v_person uuid := api.person_ref(p_person, 'person');
    v_skill uuid := api.skill_ref(p_skill, 'skill');
    v_assessor uuid := api.organization_ref(p_assessor, 'assessor');
    v_ids uuid[];
begin
    -- As in person.list, planned for the filters that are given.
    execute $q$
        select array_agg(o.id)
        from (select x.id from core.holding x
              where ($1 is null or x.id > $1)
                  and ($2 is null or x.person_id = $2)
                  and ($3 is null or x.skill_id in (
                      select s.skill_id from derive.skill_subject s where s.subject_id = $3))
                  and ($4 is null or x.level >= $4)
                  and ($5 is null or x.evidence = $5)
                  and ($6 is null or x.assessor_id = $6)
                  and ($7 is null or x.valid @> $7)
                  and ($8 is null or (x.reversed_on is not null) = $8)
                  and ($9 is null or x.synthetic = $9)
                  and ($11 is null or x.person_id = any (array(
                      select b.person_id from derive.belonging b where b.organization_id = $11)))
              order by x.id limit $10) o
    $q$ into v_ids using v_after, v_person, v_skill, p_level, p_evidence, v_assessor, p_as_of, p_reversed, p_synthetic,
        v_limit, core.caller_sees();
    return (
        select core.page(array_agg(json_build_object('id', h.id,
            'person', json_build_object('id', p.id, 'code', p.code),
            'skill', json_build_object('id', s.id, 'code', s.code, 'name', core.label(s.name_en, s.name_ja, p_lang)),
            'level', h.level, 'starts', lower(h.valid), 'ends', core.last_day(h.valid), 'evidence', h.evidence,
            'confidence', h.confidence, 'assessor', case when o.id is not null then json_build_object('id', o.id,
                'code', o.code, 'name', core.label(o.name_en, o.name_ja, p_lang)) end,
            'reversed_on', h.reversed_on, 'reversed_reason', h.reversed_reason, 'synthetic', h.synthetic,
            'version', h.version, 'created_at', h.created_at, 'updated_at', h.updated_at) order by h.id), v_limit,
            v_ids[cardinality(v_ids)]::text)
        from core.holding h
        join core.person p on p.id = h.person_id
        join core.skill s on s.id = h.skill_id
        left join core.organization o on o.id = h.assessor_id
        where h.id = any (v_ids));
end
$$;
comment on function api.holding_list(uuid, text, text, bigint, text, text, date, boolean, boolean, bigint, text, text) is
    'holding.list';
