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
