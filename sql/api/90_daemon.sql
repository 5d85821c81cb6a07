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
            from (select c.conname as name, d.description as sentence
                  from pg_description d join pg_constraint c on c.oid = d.objoid
                  where d.classoid = 'pg_constraint'::regclass and c.connamespace = 'core'::regnamespace
                  union all
                  select i.relname, d.description
                  from pg_description d join pg_class i on i.oid = d.objoid
                  where d.classoid = 'pg_class'::regclass and d.objsubid = 0 and i.relnamespace = 'core'::regnamespace
                      and i.relkind = 'i') x),
        'principals', coalesce(v_principals, '{}'::json),
        'schema_version', (select max(m.number) from jinzai_meta.migration m));
end
$$;
comment on function api.daemon_start(text[]) is
    'What a daemon needs at its start: the key of idempotency digests, the sentences of constraints, the principals of the operating-system users it trusts, the version of the schema';

create function api.daemon_reads() returns json
language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(distinct p.proname), '[]'::json) from pg_proc p
        where p.pronamespace = 'api'::regnamespace and p.provolatile <> 'v' and not exists (
            select from pg_proc o where o.pronamespace = p.pronamespace and o.proname = p.proname and o.provolatile = 'v'));
end
$$;
comment on function api.daemon_reads() is
    'The functions of schema api that change nothing: within one that is declared stable PostgreSQL refuses a change';

-- The background pass is several statements, each a transaction of its own, so that none holds the locks of another: they
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
    -- Few, so that looking through those after a stamp stays short; many, so that stamps do not end for tidiness' sake.
    c_kept_changes constant bigint := 8000;
    v_folded bigint := derive.fold(p_limit);
begin
    perform derive.figure_change_tidy(c_kept_changes);
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
