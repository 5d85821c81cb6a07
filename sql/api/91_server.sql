-- SPDX-License-Identifier: Apache-2.0
--
-- What the database says of itself in server.status. No personal data, and nothing that takes long to count.

create function api.server_status(p_caller uuid) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_head derive.event_batch := derive.log_head();
begin
    if v_role not in ('admin', 'secretariat', 'auditor') then
        perform core.fail('denied', format('the role %s does not see the state of the server', v_role));
    end if;
    return json_build_object('reachable', true, 'version', current_setting('server_version'), 'standby', pg_is_in_recovery(),
        'schema_version', (select max(m.number) from jinzai_meta.migration m),
        'head', json_build_object('batch', v_head.batch, 'position', v_head.last_position, 'sealed_at', v_head.sealed_at),
        'retired_position', derive.retired_position(),
        'unsealed', (select count(*) from (select from derive.event_inbox limit 100000) x),
        'seal_lag_ms', coalesce((select greatest(extract(epoch from clock_timestamp() - i.at) * 1000, 0)::bigint
            from derive.event_inbox i order by i.id limit 1), 0),
        'unfolded', (select count(*) from (select from derive.supply_change limit 100000) x));
end
$$;
comment on function api.server_status(uuid) is 'server.status';
