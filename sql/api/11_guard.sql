-- SPDX-License-Identifier: Apache-2.0
--
-- Guards that several nouns share.

create function api.transition_check(p_noun text, p_status text, p_action text, p_possible text[]) returns void
language plpgsql immutable as $$
begin
    if p_action = any (p_possible) then
        return;
    end if;
    perform core.fail('invalid_transition',
        format('the %s is %s, where %s is not possible', p_noun, replace(p_status, '_', ' '), p_action), 'ref',
        case when cardinality(p_possible) = 0 then format('nothing: %s is final', replace(p_status, '_', ' '))
            else format('one of %s', array_to_string(p_possible, ', ')) end);
end
$$;
comment on function api.transition_check(text, text, text, text[]) is
    'Ends the call where the record''s status does not allow the action, saying what it allows';

create function api.past_check(p_day date, p_path text) returns void
language plpgsql stable as $$
begin
    -- The date line is at +14 hours: what is not a day yet there has begun nowhere.
    if p_day > ((now() at time zone 'UTC') + interval '14 hours')::date then
        perform core.fail('invalid_params', 'the day has not come yet', p_path, 'a day that is not in the future');
    end if;
end
$$;
comment on function api.past_check(date, text) is 'Ends the call where a day on which something happened is in the future';

create function api.uuid_cursor(p_cursor text) returns uuid
language plpgsql immutable as $$
declare
    v_key text := core.cursor_read(p_cursor);
begin
    if v_key is not null and not core.is_uuid(v_key) then
        perform core.fail('invalid_params', 'the cursor is not one that a page of this list ended with', 'cursor',
            'what "next" held on the page before');
    end if;
    return v_key::uuid;
end
$$;
comment on function api.uuid_cursor(text) is 'The key that the cursor of a list without codes holds';

-- What a coordinator may write: records of their own organization, and people whose record it keeps. Row-level security
-- holds people below these checks; they are there to say what is wrong, and for records that are not about people.

create function api.office_check() returns void
language plpgsql stable as $$
begin
    if not core.caller_records_all() then
        perform core.fail('denied', format('the role %s does not write records of this kind; the secretariat does',
            core.caller_role()));
    end if;
end
$$;
comment on function api.office_check() is 'Ends the call with denied unless the caller is of the secretariat or an administrator';

create function api.own_check(p_path text, variadic p_organizations uuid[]) returns void
language plpgsql stable as $$
begin
    if not (core.caller_records_all() or coalesce(core.caller_records() = any (p_organizations), false)) then
        perform core.fail('denied', 'coordinators write records of their own organization only', p_path,
            'your own organization, or a record of it');
    end if;
end
$$;
comment on function api.own_check(text, uuid[]) is
    'Ends the call with denied, naming the parameter, where a coordinator''s organization is none of these';

create function api.kept_check(p_path text, p_person uuid) returns void
language plpgsql stable as $$
begin
    if not (core.caller_records_all() or exists (
        select from derive.belonging b
        where b.organization_id = core.caller_records() and b.person_id = p_person and b.kept_until > current_date)) then
        perform core.fail('denied', 'coordinators write the records only of people who are with their own organization',
            p_path, 'a person who is with your organization, or whose record it keeps');
    end if;
end
$$;
comment on function api.kept_check(text, uuid) is
    'Ends the call with denied, naming the parameter, where a coordinator''s organization does not keep the person''s record';
