-- SPDX-License-Identifier: Apache-2.0
--
-- What the daemon asks for itself: once at its start, and in the background.

create function api.daemon_start(p_trusted_users text[]) returns json
language plpgsql security definer as $$
declare
    v_principals json;
begin
    insert into core.principal (name, kind, role)
    select 'unix:' || u.name, 'local_user', 'admin' from unnest(p_trusted_users) as u (name)
    order by u.name
    on conflict on constraint principal_name_key do nothing;
    select json_object_agg(u.name, p.id) into v_principals
    from (select distinct x.name from unnest(p_trusted_users) as x (name)) u
    join core.principal p on p.name = 'unix:' || u.name;
    return json_build_object(
        'once_secret', (select s.value from core.setting s where s.name = 'once_secret'),
        'constraints', (
            select json_object_agg(x.name, x.sentence)
            from (select c.conname as name, obj_description(c.oid, 'pg_constraint') as sentence
                  from pg_constraint c where c.connamespace = 'core'::regnamespace
                  union all
                  select i.relname, obj_description(i.oid, 'pg_class')
                  from pg_class i where i.relnamespace = 'core'::regnamespace and i.relkind = 'i') x
            where x.sentence is not null),
        'principals', coalesce(v_principals, '{}'::json),
        'schema_version', (select max(m.number) from jinzai_meta.migration m));
end
$$;
comment on function api.daemon_start(text[]) is
    'What a daemon needs at its start: the key of idempotency digests, the sentences of constraints, the principals of the operating-system users it trusts, the version of the schema';

-- The background pass is three statements, each a transaction of its own, so that none holds the locks of another: they
-- answer how much they have done and how much they saw left.

create function api.seal(p_limit bigint) returns json
language plpgsql security definer as $$
declare
    v_sealed bigint := derive.seal(p_limit);
begin
    return json_build_object('done', v_sealed,
        'left', (select count(*) from (select from derive.event_inbox limit p_limit) x));
end
$$;
comment on function api.seal(bigint) is
    'The background pass: seals committed events as the next batch of the log; returns how many, and how many are left (counted up to the limit)';

create function api.fold(p_limit bigint) returns json
language plpgsql security definer as $$
declare
    v_folded bigint := derive.fold(p_limit);
begin
    return json_build_object('done', v_folded,
        'left', (select count(*) from (select from derive.supply_change limit p_limit) x));
end
$$;
comment on function api.fold(bigint) is
    'The background pass: folds appended changes of supply; returns how many, and how many are left (counted up to the limit)';

create function api.show(p_limit bigint) returns json
language plpgsql security definer as $$
begin
    return (select json_build_object('done', m.made, 'left', m.remaining) from derive.person_card_make(p_limit) m);
end
$$;
comment on function api.show(bigint) is
    'The background pass: makes ready what is shown of people whose record changed; returns of how many, and how many are left (counted up to the limit)';

create function api.tend() returns json
language plpgsql security definer as $$
begin
    perform core.once_tend();
    perform derive.release_make_due();
    return json_build_object('done', 0, 'left', 0);
end
$$;
comment on function api.tend() is
    'The background pass: what goes by the clock, which is the partitions of idempotency keys and the monthly release of figures';
