-- SPDX-License-Identifier: Apache-2.0
--
-- Legal bases and consents under which people's data crosses a border. The giving side records them: a recipient could
-- otherwise allow itself what it likes.

create function api.giving_check(p_path text, p_country text) returns void
language plpgsql stable as $$
begin
    if core.caller_country() is not null and core.caller_country() is distinct from p_country then
        perform core.fail('denied', 'what allows data to leave a country is recorded in that country', p_path,
            'people of your own country');
    end if;
end
$$;
comment on function api.giving_check(text, text) is
    'Ends the call with denied, naming the parameter, where the caller sits in another country than the one whose data would leave';

create function api.legal_basis_ref(p_ref text, p_path text) returns uuid
language plpgsql stable as $$
declare
    v_id uuid;
begin
    if core.is_uuid(p_ref) then
        select b.id into v_id from core.legal_basis b where b.id = p_ref::uuid;
    else
        select b.id into v_id from core.legal_basis b where b.code = p_ref;
    end if;
    if v_id is null then
        perform core.fail('not_found', 'there is no such legal basis', p_path, 'the UUID or the code of a record of this kind');
    end if;
    return v_id;
end
$$;
comment on function api.legal_basis_ref(text, text) is
    'The id of the legal basis with this UUID or code; not_found, naming the parameter, where there is none';

create function api.legal_basis_json(b core.legal_basis, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', b.id, 'code', b.code, 'kind', b.kind, 'law', b.law, 'provision', b.provision,
        'purpose', b.purpose, 'scope', b.scope, 'from_country', b.from_country,
        'organization', api.organization_brief(b.organization_id, p_lang), 'person', api.person_brief(b.person_id, p_lang),
        'recipient_country', b.recipient_country, 'recipient', api.organization_brief(b.recipient_id, p_lang),
        'starts', lower(b.valid), 'ends', core.last_day(b.valid), 'agreement', api.agreement_brief(b.agreement_id, p_lang),
        'document', b.document, 'note', b.note, 'source', b.source, 'unverified', b.unverified, 'synthetic', b.synthetic,
        'version', b.version, 'created_at', b.created_at, 'updated_at', b.updated_at)
$$;
comment on function api.legal_basis_json(core.legal_basis, text) is 'A legal basis as it is answered';

create function api.legal_basis_check(b core.legal_basis, p_path text) returns void
language plpgsql stable as $$
begin
    case b.scope
        when 'country' then
            perform api.office_check();
            perform api.giving_check(coalesce(p_path, 'from_country'), b.from_country);
        when 'organization' then
            perform api.own_check(coalesce(p_path, 'organization'), b.organization_id);
            perform api.giving_check(coalesce(p_path, 'organization'), o.country) from core.organization o where o.id = b.organization_id;
        else
            perform api.kept_check(coalesce(p_path, 'person'), b.person_id);
            perform api.giving_check(coalesce(p_path, 'person'), h.country) from derive.people_home(array[b.person_id]) h;
    end case;
end
$$;
comment on function api.legal_basis_check(core.legal_basis, text) is
    'Ends the call with denied where the caller may not write a basis that covers these people';

create function api.legal_basis_lock(p_ref text, p_if_version bigint) returns core.legal_basis
language plpgsql as $$
declare
    v_id uuid := api.legal_basis_ref(p_ref, 'ref');
    v_row core.legal_basis;
begin
    select * into v_row from core.legal_basis b where b.id = v_id;
    perform api.legal_basis_check(v_row, 'ref');
    select * into v_row from core.legal_basis b where b.id = v_id for no key update;
    perform core.check_version(p_if_version, v_row.version);
    return v_row;
end
$$;
comment on function api.legal_basis_lock(text, bigint) is
    'The legal basis, locked for a change; denied, not_found or stale_version where it cannot be changed';

create function api.legal_basis_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_code text, p_kind text, p_law text, p_provision text, p_purpose text, p_from_country text, p_organization text,
    p_person text, p_recipient_country text, p_recipient text, p_starts date, p_ends date, p_agreement text,
    p_document text, p_note text, p_source text, p_unverified boolean, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.legal_basis;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row.from_country := p_from_country;
    v_row.organization_id := api.organization_ref(p_organization, 'organization');
    v_row.person_id := api.person_ref(p_person, 'person');
    v_row.scope := case when v_row.person_id is not null then 'person' when v_row.organization_id is not null then 'organization'
        else 'country' end;
    perform api.legal_basis_check(v_row, null);
    insert into core.legal_basis (code, kind, law, provision, purpose, scope, from_country, organization_id, person_id,
        recipient_country, recipient_id, valid, agreement_id, document, note, source, unverified, synthetic)
    values (p_code, p_kind, p_law, p_provision, p_purpose, v_row.scope, v_row.from_country, v_row.organization_id, v_row.person_id,
        p_recipient_country, api.organization_ref(p_recipient, 'recipient'), core.days(p_starts, p_ends),
        api.agreement_ref(p_agreement, 'agreement'), p_document, p_note, p_source, coalesce(p_unverified, false),
        coalesce(p_synthetic, false))
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.legal_basis_create is 'legal_basis.create';

create function api.legal_basis_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_id uuid := api.legal_basis_ref(p_ref, 'ref');
begin
    return (select api.legal_basis_json(b, p_lang) from core.legal_basis b where b.id = v_id);
end
$$;
comment on function api.legal_basis_get is 'legal_basis.get';

create function api.legal_basis_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_provision text, p_agreement text, p_document text, p_note text, p_source text,
    p_unverified boolean, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.legal_basis;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.legal_basis_lock(p_ref, p_if_version);
    update core.legal_basis b set
        provision = coalesce(p_provision, b.provision),
        agreement_id = core.patch(api.agreement_ref(p_agreement, 'agreement'), b.agreement_id, 'agreement' = any (p_clear)),
        document = core.patch(p_document, b.document, 'document' = any (p_clear)),
        note = core.patch(p_note, b.note, 'note' = any (p_clear)),
        source = core.patch(p_source, b.source, 'source' = any (p_clear)),
        unverified = coalesce(p_unverified, b.unverified)
    where b.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.legal_basis_update is 'legal_basis.update';

create function api.legal_basis_end(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_ends date) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.legal_basis;
    v_ends date := coalesce(p_ends, current_date - 1);
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := api.legal_basis_lock(p_ref, p_if_version);
    if v_ends < lower(v_row.valid) and p_ends is null then
        -- It began today, or has not begun: what ends it at once leaves its first day behind it.
        update core.legal_basis b set valid = daterange(current_date - 2, current_date - 1, '[]')
        where b.id = v_row.id
        returning * into v_row;
    else
        update core.legal_basis b set valid = core.days(lower(b.valid), v_ends)
        where b.id = v_row.id
        returning * into v_row;
    end if;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.legal_basis_end is 'legal_basis.end';

create function api.legal_basis_list(p_caller uuid, p_purpose text, p_from_country text, p_organization text, p_person text,
    p_recipient_country text, p_in_force_on date, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_person uuid := api.person_ref(p_person, 'person');
begin
    return (
        select core.page(array_agg(api.legal_basis_json(o, p_lang) order by o.code), v_limit, max(o.code))
        from (select x.* from core.legal_basis x
              where (v_after is null or x.code > v_after)
                  and (p_purpose is null or x.purpose = p_purpose)
                  and (p_from_country is null or x.from_country = p_from_country)
                  and (v_organization is null or x.organization_id = v_organization)
                  and (v_person is null or x.person_id = v_person)
                  and (p_recipient_country is null or x.recipient_country = p_recipient_country)
                  and (p_in_force_on is null or x.valid @> p_in_force_on)
              order by x.code limit v_limit) o);
end
$$;
comment on function api.legal_basis_list is 'legal_basis.list';

-- Consents ----------------------------------------------------------------------------------------

create function api.consent_json(c core.consent, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', c.id, 'person', api.person_brief(c.person_id, p_lang), 'purpose', c.purpose,
        'recipient_country', c.recipient_country, 'recipient', api.organization_brief(c.recipient_id, p_lang),
        'notice_version', c.notice_version, 'notice_lang', c.notice_lang, 'notice_source', c.notice_source, 'means', c.means,
        'given_on', c.given_on, 'ends_on', c.ends_on, 'withdrawn_on', c.withdrawn_on,
        'holds', c.withdrawn_on is null and c.given_on <= current_date and coalesce(c.ends_on, 'infinity') >= current_date,
        'note', c.note, 'version', c.version, 'created_at', c.created_at, 'updated_at', c.updated_at)
$$;
comment on function api.consent_json(core.consent, text) is 'A consent as it is answered';

create function api.consent_give(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_person text, p_purpose text, p_recipient_country text, p_recipient text, p_notice_version text, p_notice_lang text,
    p_notice_source text, p_means text, p_given_on date, p_ends_on date, p_note text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_person uuid;
    v_row core.consent;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_person := api.person_ref(p_person, 'person');
    perform api.kept_check('person', v_person);
    perform api.giving_check('person', h.country) from derive.people_home(array[v_person]) h;
    perform api.past_check(p_given_on, 'given_on');
    insert into core.consent (person_id, log_reference, purpose, recipient_country, recipient_id, notice_version, notice_lang,
        notice_source, means, given_on, ends_on, note)
    select p.id, p.log_reference, p_purpose, p_recipient_country, api.organization_ref(p_recipient, 'recipient'), p_notice_version,
        p_notice_lang, p_notice_source, coalesce(p_means, 'written'), coalesce(p_given_on, current_date), p_ends_on, p_note
    from core.person p where p.id = v_person
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.consent_give is 'consent.give';

create function api.consent_withdraw(p_caller uuid, p_once_key uuid, p_once_digest bytea, p_ref uuid, p_if_version bigint) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.consent;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    -- Anybody who may record it may take it back, wherever they sit: a withdrawal is never held up at a border.
    perform api.kept_check('ref', c.person_id) from core.consent c where c.id = p_ref;
    select * into v_row from core.consent c where c.id = p_ref for no key update;
    if v_row.id is null then
        perform api.record_missing('consent');
    end if;
    perform core.check_version(p_if_version, v_row.version);
    if v_row.withdrawn_on is not null then
        perform core.fail('invalid_transition', 'the consent is withdrawn already', 'ref', 'a consent that holds');
    end if;
    update core.consent c set withdrawn_on = greatest(current_date, c.given_on) where c.id = v_row.id returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.consent_withdraw is 'consent.withdraw';

create function api.consent_get(p_caller uuid, p_ref uuid, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_row core.consent;
begin
    select * into v_row from core.consent c where c.id = p_ref;
    if v_row.id is null then
        perform api.record_missing('consent');
    end if;
    return api.consent_json(v_row, p_lang);
end
$$;
comment on function api.consent_get is 'consent.get';

create function api.consent_list(p_caller uuid, p_person text, p_purpose text, p_recipient_country text, p_holds boolean,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer set plan_cache_mode = force_custom_plan as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after uuid := api.uuid_cursor(p_cursor);
    v_person uuid := api.person_ref(p_person, 'person');
begin
    return (
        select core.page(array_agg(api.consent_json(o, p_lang) order by o.id), v_limit, (array_agg(o.id order by o.id desc))[1]::text)
        from (select x.* from core.consent x
              where (v_after is null or x.id > v_after)
                  and (v_person is null or x.person_id = v_person)
                  and (p_purpose is null or x.purpose = p_purpose)
                  and (p_recipient_country is null or x.recipient_country = p_recipient_country)
                  and (p_holds is null or p_holds = (x.withdrawn_on is null and x.given_on <= current_date
                      and coalesce(x.ends_on, 'infinity') >= current_date))
              order by x.id limit v_limit) o);
end
$$;
comment on function api.consent_list is 'consent.list';
