-- SPDX-License-Identifier: Apache-2.0
--
-- Who may come in: principals and their tokens for administrators, signing in for everyone, and what daemons ask to know
-- whose sign-in is over.

create function api.access_admin(p_caller uuid) returns void
language plpgsql as $$
begin
    perform core.enter(p_caller);
    if core.caller_role() is distinct from 'admin' then
        perform core.fail('denied', 'only an administrator may do this');
    end if;
end
$$;
comment on function api.access_admin(uuid) is 'Names the caller, and ends the call unless it is an administrator';

create function api.principal_ref(p_ref text, p_path text) returns uuid
language plpgsql stable as $$
declare
    v_id uuid;
begin
    select p.id into v_id from core.principal p
    where case when core.is_uuid(p_ref) then p.id = p_ref::uuid else p.name = p_ref end;
    if v_id is null then
        perform core.fail('not_found', 'there is no such principal', p_path, 'the UUID or the name of a principal');
    end if;
    return v_id;
end
$$;
comment on function api.principal_ref(text, text) is 'The principal that a UUID or a name means; ends the call where there is none';

create function api.principal_json(p core.principal, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', p.id, 'name', p.name, 'kind', p.kind, 'role', p.role,
        'organization', case when p.organization_id is not null then (
            select json_build_object('id', o.id, 'code', o.code, 'name', core.label(o.name_en, o.name_ja, p_lang))
            from core.organization o where o.id = p.organization_id) end,
        'country', coalesce(p.country, (select o.country from core.organization o where o.id = p.organization_id)),
        'disabled', p.disabled_at is not null, 'disabled_at', p.disabled_at,
        'tokens', (select count(*) from core.token t
            where t.principal_id = p.id and t.revoked_at is null and t.expires_at > now()),
        'note', p.note, 'version', p.version, 'created_at', p.created_at, 'updated_at', p.updated_at)
$$;
comment on function api.principal_json(core.principal, text) is 'A principal as it is answered';

create function api.principal_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_name text, p_kind text, p_role text, p_organization text, p_country text, p_note text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.principal;
begin
    perform api.access_admin(p_caller);
    if v_receipt is not null then
        return v_receipt;
    end if;
    insert into core.principal (name, kind, role, organization_id, country, note)
    values (p_name, p_kind, p_role,
        case when p_organization is not null then api.organization_ref(p_organization, 'organization') end,
        p_country, p_note)
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.principal_create(uuid, uuid, bytea, text, text, text, text, text, text) is 'principal.create';

create function api.principal_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
begin
    perform api.access_admin(p_caller);
    return (select api.principal_json(p, p_lang) from core.principal p where p.id = api.principal_ref(p_ref, 'ref'));
end
$$;
comment on function api.principal_get(uuid, text, text) is 'principal.get';

create function api.principal_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_name text, p_role text, p_organization text, p_country text, p_note text,
    p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.principal;
begin
    perform api.access_admin(p_caller);
    if v_receipt is not null then
        return v_receipt;
    end if;
    select * into v_row from core.principal p where p.id = api.principal_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    update core.principal p set
        name = coalesce(p_name, p.name),
        role = coalesce(p_role, p.role),
        organization_id = core.patch(
            case when p_organization is not null then api.organization_ref(p_organization, 'organization') end,
            p.organization_id, 'organization' = any (p_clear)),
        country = core.patch(p_country, p.country, 'country' = any (p_clear)),
        note = core.patch(p_note, p.note, 'note' = any (p_clear))
    where p.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.principal_update(uuid, uuid, bytea, text, bigint, text, text, text, text, text, text[]) is
    'principal.update';

create function api.principal_able(p_caller uuid, p_once_key uuid, p_once_digest bytea, p_ref text, p_if_version bigint,
    p_disabled boolean) returns json
language plpgsql as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.principal;
begin
    perform api.access_admin(p_caller);
    if v_receipt is not null then
        return v_receipt;
    end if;
    select * into v_row from core.principal p where p.id = api.principal_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    if v_row.id = p_caller then
        perform core.fail('conflict', 'administrators cannot disable themselves', 'ref', 'another principal');
    end if;
    update core.principal p set disabled_at = case when p_disabled then coalesce(p.disabled_at, now()) end
    where p.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.principal_able(uuid, uuid, bytea, text, bigint, boolean) is 'Disables a principal or enables it again';

create function api.principal_disable(p_caller uuid, p_once_key uuid, p_once_digest bytea, p_ref text, p_if_version bigint)
returns json
language plpgsql security definer as $$
begin
    return api.principal_able(p_caller, p_once_key, p_once_digest, p_ref, p_if_version, true);
end
$$;
comment on function api.principal_disable(uuid, uuid, bytea, text, bigint) is 'principal.disable';

create function api.principal_enable(p_caller uuid, p_once_key uuid, p_once_digest bytea, p_ref text, p_if_version bigint)
returns json
language plpgsql security definer as $$
begin
    return api.principal_able(p_caller, p_once_key, p_once_digest, p_ref, p_if_version, false);
end
$$;
comment on function api.principal_enable(uuid, uuid, bytea, text, bigint) is 'principal.enable';

create function api.principal_list(p_caller uuid, p_kind text, p_role text, p_organization text, p_disabled boolean,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_organization uuid := case when p_organization is not null then api.organization_ref(p_organization, 'organization') end;
begin
    perform api.access_admin(p_caller);
    return (
        select core.page(array_agg(api.principal_json(p, p_lang) order by p.name), v_limit, max(p.name))
        from (select x.* from core.principal x
              where (v_after is null or x.name > v_after)
                  and (p_kind is null or x.kind = p_kind)
                  and (p_role is null or x.role = p_role)
                  and (v_organization is null or x.organization_id = v_organization)
                  and (p_disabled is null or (x.disabled_at is not null) = p_disabled)
              order by x.name limit v_limit) p);
end
$$;
comment on function api.principal_list(uuid, text, text, text, boolean, bigint, text, text) is 'principal.list';

-- Tokens -----------------------------------------------------------------------------------------

create function api.token_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_principal text, p_scopes text[], p_days bigint, p_note text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_principal core.principal;
    v_token text;
    v_row core.token;
begin
    perform api.access_admin(p_caller);
    if v_receipt is not null then
        return v_receipt; -- the token itself is kept nowhere, and so a repeated call cannot show it again
    end if;
    select * into v_principal from core.principal p where p.id = api.principal_ref(p_principal, 'principal') for share;
    if v_principal.kind not in ('person', 'program') then
        perform core.fail('conflict', format('a principal of kind %s signs in without a token', v_principal.kind),
            'principal', 'a principal of kind person or program');
    end if;
    if v_principal.disabled_at is not null then
        perform core.fail('conflict', 'the principal is disabled', 'principal', 'a principal that is enabled');
    end if;
    v_token := 'jz_' || translate(encode(public.gen_random_bytes(32), 'base64'), E'+/=\n', '-_');
    insert into core.token (principal_id, digest, scopes, expires_at, note)
    values (v_principal.id, sha256(convert_to(v_token, 'UTF8')), coalesce(p_scopes, '{read,write}'),
        now() + make_interval(days => coalesce(p_days, 90)::integer), p_note)
    returning * into v_row;
    perform core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
    return json_build_object('id', v_row.id, 'code', null, 'version', v_row.version, 'token', v_token,
        'principal', json_build_object('id', v_principal.id, 'name', v_principal.name),
        'scopes', v_row.scopes, 'expires_at', v_row.expires_at);
end
$$;
comment on function api.token_create(uuid, uuid, bytea, text, text[], bigint, text) is 'token.create';

create function api.token_list(p_caller uuid, p_principal text, p_valid boolean, p_limit bigint, p_cursor text, p_lang text)
returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after uuid := api.uuid_cursor(p_cursor);
    v_principal uuid := case when p_principal is not null then api.principal_ref(p_principal, 'principal') end;
begin
    perform api.access_admin(p_caller);
    return (
        select core.page(array_agg(json_build_object('id', t.id,
                'principal', json_build_object('id', t.principal_id, 'name', t.name), 'scopes', t.scopes,
                'valid', t.valid, 'expires_at', t.expires_at, 'last_used_on', t.last_used_on,
                'revoked_at', t.revoked_at, 'note', t.note, 'version', t.version, 'created_at', t.created_at) order by t.id),
            v_limit, max(t.id::text))
        from (select x.*, p.name, x.revoked_at is null and x.expires_at > now() and p.disabled_at is null as valid
              from core.token x join core.principal p on p.id = x.principal_id
              where (v_after is null or x.id > v_after)
                  and (v_principal is null or x.principal_id = v_principal)
                  and (p_valid is null
                      or (x.revoked_at is null and x.expires_at > now() and p.disabled_at is null) = p_valid)
              order by x.id limit v_limit) t);
end
$$;
comment on function api.token_list(uuid, text, boolean, bigint, text, text) is 'token.list';

create function api.token_revoke(p_caller uuid, p_once_key uuid, p_once_digest bytea, p_id uuid) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.token;
begin
    perform api.access_admin(p_caller);
    if v_receipt is not null then
        return v_receipt;
    end if;
    update core.token t set revoked_at = coalesce(t.revoked_at, now()) where t.id = p_id returning * into v_row;
    if v_row.id is null then
        perform core.fail('not_found', 'there is no such token', 'id', 'the UUID of a token, as token.list shows it');
    end if;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, null, v_row.version);
end
$$;
comment on function api.token_revoke(uuid, uuid, bytea, uuid) is 'token.revoke';

-- Signing in -------------------------------------------------------------------------------------

create function api.access_json(p core.principal) returns jsonb
language sql stable as $$
    select jsonb_build_object('principal', jsonb_build_object('id', p.id, 'name', p.name, 'kind', p.kind), 'role', p.role,
        'organization', case when p.organization_id is not null then (
            select jsonb_build_object('id', o.id, 'code', o.code,
                'name', jsonb_strip_nulls(jsonb_build_object('en', o.name_en, 'ja', o.name_ja)))
            from core.organization o where o.id = p.organization_id) end,
        'country', coalesce(p.country, (select o.country from core.organization o where o.id = p.organization_id)))
$$;
comment on function api.access_json(core.principal) is 'Who a caller is, as signing in answers it';

create function api.access_sign_in(p_caller uuid, p_token bytea) returns json
language plpgsql security definer as $$
declare
    v_token core.token;
    v_principal core.principal;
begin
    -- One question with one answer: whatever is wrong, the caller learns and waits for the same.
    select t.* into v_token from core.token t join core.principal p on p.id = t.principal_id
    where t.digest = p_token and t.revoked_at is null and t.expires_at > now() and p.disabled_at is null;
    if v_token.id is null then
        perform core.fail('unauthenticated', 'the token does not let anyone in');
    end if;
    select * into v_principal from core.principal p where p.id = v_token.principal_id;
    update core.token t set last_used_on = current_date
    where t.id = v_token.id and t.last_used_on is distinct from current_date;
    return api.access_json(v_principal) || jsonb_build_object('token', v_token.id, 'scopes', v_token.scopes,
        'expires_at', v_token.expires_at,
        'expires_in', floor(extract(epoch from v_token.expires_at - now()))::bigint);
end
$$;
comment on function api.access_sign_in(uuid, bytea) is 'access.sign_in';

create function api.access_whoami(p_caller uuid) returns json
language plpgsql stable security definer as $$
begin
    perform core.enter(p_caller);
    return (select api.access_json(p) from core.principal p where p.id = p_caller);
end
$$;
comment on function api.access_whoami(uuid) is 'access.whoami';

create function api.access_certificate(p_names text[]) returns json
language plpgsql stable security definer as $$
declare
    v_principal core.principal;
    v_found bigint;
begin
    -- A certificate that names two principals is nobody's: which of them would it be?
    select count(*) into v_found from core.principal p
    where p.kind = 'certificate' and p.name = any (p_names) and p.disabled_at is null;
    if v_found <> 1 then
        perform core.fail('unauthenticated', 'the certificate does not let anyone in');
    end if;
    select * into v_principal from core.principal p
    where p.kind = 'certificate' and p.name = any (p_names) and p.disabled_at is null;
    return api.access_json(v_principal);
end
$$;
comment on function api.access_certificate(text[]) is
    'Signs in by a verified client certificate: the principal that one of its alternative names is';

create function api.access_ended(p_since timestamptz) returns json
language sql stable security definer as $$
    select json_build_object('now', now(), 'ended', (
        select coalesce(json_object_agg(x.id || '@' || extract(epoch from x.at), x.id), '{}'::json)
        from (select p.id, p.changed_at as at from core.principal p where p.changed_at > p_since - interval '1 minute'
              union all
              select t.id, t.revoked_at from core.token t where t.revoked_at > p_since - interval '1 minute') x))
$$;
comment on function api.access_ended(timestamptz) is
    'The principals and tokens whose sign-ins have ended since, and for a minute before, since a transaction''s time is that of its beginning; each once for every change';

-- What daemons know of the operating system's users and groups ------------------------------------

create function api.daemon_peers(p_peers jsonb) returns json
language plpgsql security definer as $$
declare
    v_peer record;
    v_organization uuid;
    v_id uuid;
    v_ids jsonb := '{}';
begin
    for v_peer in
        select x.name, x.kind, x.role, x.organization, x.country
        from jsonb_to_recordset(p_peers) as x (name text, kind text, role text, organization text, country text)
        order by x.name
    loop
        select o.id into v_organization from core.organization o where o.code = v_peer.organization;
        -- An organization that is not recorded yet must not keep the daemon from starting, else it never could be.
        continue when v_peer.organization is not null and v_organization is null;
        insert into core.principal as p (name, kind, role, organization_id, country)
        values (v_peer.name, v_peer.kind, v_peer.role, v_organization, v_peer.country)
        on conflict on constraint principal_name_key do update
            set kind = excluded.kind, role = excluded.role, organization_id = excluded.organization_id,
                country = excluded.country
            where (p.kind, p.role, p.organization_id, p.country)
                is distinct from (excluded.kind, excluded.role, excluded.organization_id, excluded.country);
        select p.id into v_id from core.principal p where p.name = v_peer.name;
        v_ids := v_ids || jsonb_build_object(v_peer.name, v_id);
    end loop;
    return v_ids;
end
$$;
comment on function api.daemon_peers(jsonb) is
    'Makes and brings up to date the principals of the users and groups that a daemon''s configuration names; returns name and id of each whose organization is known';
