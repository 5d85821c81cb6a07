-- SPDX-License-Identifier: Apache-2.0
--
-- Who calls, and how a statement knows it: principals, tokens, and the caller's context.
--
-- core.enter names the caller for the length of a transaction, in one setting; row-level security and the functions of
-- this file read it. A function that forgets to call it sees no personal data at all.

alter table core.principal
    add column organization_id uuid constraint principal_organization references core.organization,
    add column country text constraint principal_country check (country ~ '^[A-Z]{2}$'),
    add column disabled_at timestamptz,
    add column note text;
alter table core.principal drop constraint principal_kind;
alter table core.principal add constraint principal_kind
    check (kind in ('local_user', 'local_group', 'person', 'program', 'certificate'));
comment on column core.principal.kind is
    'local_user and local_group are known by the operating system, certificate by its subject alternative name, person and program by tokens';
comment on column core.principal.organization_id is 'The organization that it acts for; a coordinator and a member must have one';
comment on column core.principal.country is 'The country to which data shown to it goes, ISO 3166-1 alpha-2; empty: that of its organization';
comment on column core.principal.disabled_at is 'From then on it may do nothing';
comment on column core.principal.note is 'Note';
comment on constraint principal_name_key on core.principal is 'name: must not be taken by another principal';
alter table core.principal add constraint principal_has_organization
    check (organization_id is not null or role not in ('coordinator', 'member'));
comment on constraint principal_has_organization on core.principal is 'organization: must be given for a coordinator or member';

alter table core.principal add constraint principal_name_form check (case kind
    when 'local_user' then name ~ '^unix:.' when 'local_group' then name ~ '^group:.'
    when 'certificate' then name ~ '^(email|uri|dns):.' else name !~ '^(unix|group|email|uri|dns):' end);
comment on constraint principal_country on core.principal is 'country: must be two capital letters, as JP';
comment on constraint principal_name_form on core.principal is
    'name: must begin with unix: for a local_user, group: for a local_group, email:, uri: or dns: for a certificate, and with none of these for a person or program';

-- Daemons keep who a connection is for as long as it lasts, and so they must hear when that ends.
alter table core.principal add column changed_at timestamptz;
create index principal_changed on core.principal (changed_at);
comment on column core.principal.changed_at is 'When what it may do, or for whom, was changed last; sign-ins from before are over';

create function core.access_changed() returns trigger
language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if to_jsonb(new) - '{version,updated_at,note,name,changed_at,last_used_on}'::text[]
            is not distinct from to_jsonb(old) - '{version,updated_at,note,name,changed_at,last_used_on}'::text[] then
            return new;
        end if;
        if tg_table_name = 'principal' then
            new.changed_at := now();
        end if;
    end if;
    perform pg_notify('jinzai_access', '');
    return case when tg_op = 'DELETE' then old else new end;
end
$$;
comment on function core.access_changed() is
    'Before a principal or token changes in what it may do: notes the time and wakes the daemons, which then ask what has changed';
create trigger access_changed before update on core.principal for each row execute function core.access_changed();

create table core.token (
    id uuid primary key default core.uuid7(),
    principal_id uuid not null constraint token_principal references core.principal,
    digest bytea not null constraint token_digest_key unique constraint token_digest check (octet_length(digest) = 32),
    scopes text[] not null default '{read,write}' constraint token_scopes check (scopes <@ array['read', 'write']),
    expires_at timestamptz not null,
    last_used_on date,
    revoked_at timestamptz,
    note text,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index token_principal on core.token (principal_id);
create trigger touch before update on core.token for each row execute function core.touch();
create index token_revoked on core.token (revoked_at) where revoked_at is not null;
create trigger access_changed before update on core.token for each row execute function core.access_changed();
comment on table core.token is 'Bearer tokens: 256 random bits, of which only the SHA-256 is kept';
comment on constraint token_scopes on core.token is 'scopes: must be read, write or both';
comment on constraint token_digest on core.token is 'digest: must be a SHA-256';
comment on constraint token_digest_key on core.token is 'token: must not be one that exists already';
comment on column core.token.principal_id is 'Whose token it is';
comment on column core.token.digest is 'SHA-256 of the token';
comment on column core.token.scopes is 'read, write: what the token may be used for, within what its principal may do';
comment on column core.token.expires_at is 'From then on it is worth nothing';
comment on column core.token.last_used_on is 'Day on which somebody signed in with it last';
comment on column core.token.revoked_at is 'When it was revoked';
comment on column core.token.note is 'What it is for';
comment on column core.token.id is 'UUID of the token, which is no secret';
comment on column core.token.version is 'Counts changes';
comment on column core.token.created_at is 'When it was made';
comment on column core.token.updated_at is 'When it was changed last';

create function core.enter(p_caller uuid) returns void
language plpgsql as $$
declare
    v_context text;
begin
    select concat_ws('|', p.id, p.role, coalesce(p.organization_id::text, '-'), coalesce(p.country, o.country, '-'))
        into v_context
    from core.principal p left join core.organization o on o.id = p.organization_id
    where p.id = p_caller and p.disabled_at is null;
    if v_context is null then
        perform core.fail('unauthenticated', 'the caller is not known');
    end if;
    perform set_config('jinzai.caller', v_context, true);
end
$$;
comment on function core.enter(uuid) is
    'Names the caller for the rest of the transaction, as principal|role|organization|country; ends the call where it is unknown or disabled';

create function core.caller_id() returns uuid
language sql stable parallel safe as $$
    select nullif(split_part(current_setting('jinzai.caller', true), '|', 1), '')::uuid
$$;
comment on function core.caller_id() is 'The calling principal; null where nobody has entered';

create function core.caller_role() returns text
language sql stable parallel safe as $$
    select nullif(split_part(current_setting('jinzai.caller', true), '|', 2), '')
$$;
comment on function core.caller_role() is 'The role of the calling principal; null where nobody has entered';

create function core.caller_organization() returns uuid
language sql stable parallel safe as $$
    select nullif(nullif(split_part(current_setting('jinzai.caller', true), '|', 3), ''), '-')::uuid
$$;
comment on function core.caller_organization() is 'The organization that the caller acts for; null for none';

create function core.caller_country() returns text
language sql stable parallel safe as $$
    select nullif(nullif(split_part(current_setting('jinzai.caller', true), '|', 4), ''), '-')
$$;
comment on function core.caller_country() is 'The country to which what the caller is shown goes; null where it is not known';
