-- SPDX-License-Identifier: Apache-2.0
--
-- People who were registered twice. A record that was merged goes on answering with where it went: its UUID and code stand
-- for the record that it went into, in every method that takes a person.

create function api.person_ref(p_ref text, p_path text) returns uuid
language plpgsql stable as $$
declare
    v_id uuid;
    v_into uuid;
begin
    if p_ref is null then
        return null;
    end if;
    if core.is_uuid(p_ref) then
        select t.id, t.merged_into_id into v_id, v_into from core.person t where t.id = p_ref::uuid;
    else
        select t.id, t.merged_into_id into v_id, v_into from core.person t where t.code = p_ref;
    end if;
    if v_id is null or v_into is not null then
        -- Who sees the record that it went into need not see the one that went.
        v_into := coalesce(v_into, derive.merged_into(p_ref));
        select t.id into v_id from core.person t where t.id = v_into;
    end if;
    if v_id is null then
        perform core.fail('not_found', 'there is no such person', p_path, 'the UUID or the code of a record of this kind');
    end if;
    return v_id;
end
$$;
comment on function api.person_ref(text, text) is
    'The id of the person with this UUID or code, or of the record that this one was merged into; not_found, naming the parameter, where there is none';

create function api.person_merge(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_duplicate text, p_if_version bigint, p_reason text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.person;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_row := derive.merge_people(api.person_ref(p_ref, 'ref'), api.person_ref(p_duplicate, 'duplicate'), p_if_version, p_reason);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.person_merge(uuid, uuid, bytea, text, text, bigint, text) is 'person.merge';
