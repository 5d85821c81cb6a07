-- SPDX-License-Identifier: Apache-2.0
--
-- The roles of jinzai. jinzaid runs this for its private cluster. For a database elsewhere an administrator runs
-- it once as a superuser, or as a role that may create roles, and then makes the database:
--
--     psql -f sql/roles.sql postgres
--     createdb --owner jinzai_owner --encoding UTF8 --template template0 jinzai
--     psql -c "alter role jinzai_owner password '…'" -c "alter role jinzai_daemon password '…'" postgres
--
-- and gives jinzaid both logins: database (jinzai_daemon) and migration_database (jinzai_owner). Running it again
-- changes nothing.

do $$
declare
    v_role record;
begin
    for v_role in
        select * from (values ('jinzai_owner', 'login'), ('jinzai_api', 'nologin'), ('jinzai_derive', 'nologin'),
            ('jinzai_daemon', 'login'),
            ('jinzai_bulk', 'login')) as wanted (name, login)
        where not exists (select from pg_catalog.pg_roles where rolname = wanted.name)
    loop
        execute format('create role %I %s nosuperuser nocreatedb nocreaterole noreplication nobypassrls',
            v_role.name, v_role.login);
    end loop;
end
$$;

-- The owner makes objects for these two, and may act as the daemon where one login has to do for both.
grant jinzai_api, jinzai_derive, jinzai_daemon, jinzai_bulk to jinzai_owner;

comment on role jinzai_owner is 'Owns the schemas and tables of jinzai, and runs its migrations';
comment on role jinzai_api is 'Owns the functions of schema api, which run with its rights';
comment on role jinzai_derive is 'Owns the triggers that derive figures from the record, which run with its rights';
comment on role jinzai_daemon is 'The login of jinzaid: may execute the functions of schema api and nothing else';
comment on role jinzai_bulk is 'The login of bulk import and export: may execute the functions of schema bulk, read and add rows';
