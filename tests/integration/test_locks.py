# SPDX-License-Identifier: Apache-2.0
"""The two locks: what the daemon's role in the database can do at all, and what a function that forgets its check can see."""

import psycopg2
import psycopg2.errors
import pytest

DAEMON = "jinzai_daemon"
PERSONAL = ["core.person", "core.affiliation", "core.person_qualification", "core.holding", "core.enrollment", "core.exchange",
            "core.exchange_participant", "core.exchange_approval", "core.exchange_step", "core.exchange_notice",
            "core.exchange_objective", "core.exchange_funding", "core.exchange_publication", "core.exchange_attendance",
            "core.exchange_assignment", "derive.timeline", "derive.location",
            "derive.belonging"]


@pytest.fixture(scope="module")
def world(server):
    """Two organizations with a person each, who have all that a person can have; a member of the one, and an administrator."""
    call = server.call
    for own in ("ours", "theirs"):
        call("organization.create", code=own, name={"en": own}, kind="university", country="JP")
        call("person.create", code=f"P-{own}", name=f"Name of {own}", career_stage="mid")
        call("affiliation.create", person=f"P-{own}", organization=own, starts="2020-01-01")
        call("holding.create", person=f"P-{own}", skill="FS-MAG-01", level=3, starts="2020-01-01", evidence="assessment")
        call("program.create", code=f"PR-{own}", name={"en": own}, provider=own)
        call("session.create", code=f"SE-{own}", program=f"PR-{own}", starts="2026-01-10", ends="2026-01-20")
        call("enrollment.create", session=f"SE-{own}", person=f"P-{own}", applied_on="2026-01-05")
    call("organization.create", code="third", name={"en": "third"}, kind="university", country="US")
    call("exchange.create", code="EX-theirs", kind="visit", person="P-theirs", home="theirs", host="third",
         starts="2027-01-01", ends="2027-01-10", objectives=[{"skill": "FS-MAG-01", "level": 4}])
    made = {}
    for role, organization in (("member", "ours"), ("coordinator", "ours"), ("analyst", "ours"), ("admin", None)):
        made[role] = str(server.sql("insert into core.principal (name, kind, role, organization_id) values (%s, 'person', %s, "
                                    "(select id from core.organization where code = %s)) returning id", role, role, organization)[0][0])
    return made


# The first lock -----------------------------------------------------------------------------------------------------

# Each is tried alone, on a connection of its own; all of them have to fail.
FORBIDDEN = [
    # reading
    *[f"select * from {table}" for table in PERSONAL],
    "select row_to_json(p) from core.person p",
    "table core.principal",
    "select * from core.token",
    "select value from core.setting",
    "select * from derive.event_log",
    "copy core.person to stdout",
    "copy (select * from core.person) to program 'cat'",
    "select currval('core.person_number')",
    "select pg_read_file('postgresql.conf')",
    "select pg_read_binary_file('PG_VERSION')",
    "select pg_ls_dir('.')",
    "select lo_import('/etc/passwd')",
    "select query_to_xml('select * from core.person', true, true, '')",
    "select table_to_xml('core.person', true, true, '')",
    "select * from pg_statistic",
    "select * from pg_user_mapping",
    "select rolpassword from pg_authid",
    "explain analyze select * from core.person",
    "declare c cursor for select * from core.person",
    "prepare s as select * from core.person; execute s",
    "do $$ begin perform * from core.person; end $$",
    "set row_security = off; select * from core.person",
    "set jinzai.caller = '00000000-0000-7000-8000-000000000000|admin|-|-'; select * from core.person",
    # writing
    "insert into core.person (career_stage) values ('mid')",
    "update core.person set name = 'x'",
    "delete from core.person",
    "merge into core.person p using (select 1) x on true when matched then delete",
    "truncate core.person cascade",
    "begin; lock table core.person in access exclusive mode",
    "select * from core.person for update",
    "copy core.person (career_stage) from program 'echo mid'",
    "select setval('core.person_number', 1)",
    "insert into core.principal (name, kind, role) values ('x', 'person', 'admin')",
    "insert into derive.belonging select gen_random_uuid(), gen_random_uuid()",
    # functions of the other schemas
    "select core.enter(gen_random_uuid())",
    "select core.read_begin(gen_random_uuid())",
    "select derive.belong('{}')",
    "select derive.code_taken('person', 'P-ours')",
    "select derive.people_synthetic()",
    "select derive.locate(gen_random_uuid())",
    # escalating
    *[f"set role {role}" for role in ("jinzai_api", "jinzai_derive", "jinzai_owner", "postgres", "pg_read_all_data",
                                      "pg_write_all_data", "pg_execute_server_program", "pg_read_server_files")],
    "set session authorization jinzai_owner",
    "alter role jinzai_daemon superuser",
    "alter role jinzai_daemon bypassrls",
    "create role mine",
    "grant jinzai_owner to jinzai_daemon",
    "grant select on core.person to jinzai_daemon",
    "grant pg_read_all_data to jinzai_daemon",
    "alter default privileges for role jinzai_owner grant select on tables to public",
    "reassign owned by jinzai_owner to jinzai_daemon",
    "create schema mine",
    *[f"create table {schema}.mine (x integer)" for schema in ("core", "derive", "api", "jinzai_meta", "public", "pg_catalog")],
    *[f"create function {schema}.mine() returns integer language sql as 'select 1'" for schema in ("core", "derive", "api", "public")],
    "create operator public.= (leftarg = uuid, rightarg = uuid, function = uuid_eq)",
    "alter function api.person_get security invoker",
    "alter table core.person disable row level security",
    "alter table core.person no force row level security",
    "create policy mine on core.person using (true)",
    "drop policy api_read on core.person",
    "create trigger mine after insert on core.person for each row execute function derive.event_write()",
    "alter table core.person disable trigger all",
    "create rule mine as on select to core.person do instead select 1",
    "create view pg_temp.mine as select * from core.person; table pg_temp.mine",
    "create event trigger mine on ddl_command_start execute function derive.event_write()",
    "create extension postgres_fdw",
    "create extension dblink",
    "create language mine handler plpgsql_call_handler",
    "load '/tmp/x.so'",
    "create function pg_temp.mine() returns integer language c as '/tmp/x.so', 'mine'",
    "create function pg_temp.mine() returns integer language internal as 'pg_backend_pid'",
    "create publication mine for all tables",
    "create subscription mine connection '' publication mine",
    "create foreign data wrapper mine",
    "create tablespace mine location '/tmp'",
    "create database mine",
    "alter system set session_preload_libraries = 'x'",
    "set session_replication_role = replica",
    "set session_preload_libraries = 'x'",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres' and pid <> pg_backend_pid()",
    "select pg_reload_conf()",
    "select pg_create_logical_replication_slot('mine', 'test_decoding')",
    "begin; prepare transaction 'mine'",
    "alter database postgres set row_security = off",
    "comment on table core.person is 'x'",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_daemons_role_fails_to(server, world, statement):
    others = server.cluster.connect(server.database)  # somebody to terminate
    try:
        with pytest.raises(psycopg2.Error) as caught:
            connection = server.cluster.connect(server.database, DAEMON)
            try:
                with connection.cursor() as cursor:
                    if statement.startswith("copy core.person to stdout"):
                        cursor.copy_expert(statement, open("/dev/null", "wb"))
                    else:
                        cursor.execute(statement)
            finally:
                connection.close()
        # Refused for its rights, never for a mistake of the statement's own; and nobody may prepare transactions at all.
        assert caught.value.pgcode == ("55000" if "prepare transaction" in statement else "42501"), str(caught.value)
    finally:
        others.close()


def test_its_own_temporary_objects_do_not_get_into_functions_that_run_with_more_rights(server, world):
    """Tables, functions and operators of its own before all others in the search path: what runs is what is qualified."""
    connection = server.cluster.connect(server.database, DAEMON)
    with connection.cursor() as cursor:
        for table in ("person", "principal", "organization", "once", "holding", "affiliation"):
            cursor.execute(f"create temporary table {table} as select 'x'::text as id")
        cursor.execute("""
            create function pg_temp.lower(x daterange) returns date language plpgsql as $$
                begin raise exception 'reached'; end $$;
            create function pg_temp.split_part(a text, b text, c integer) returns text language plpgsql as $$
                begin raise exception 'reached'; end $$;
            create function pg_temp.uuid_same(a uuid, b uuid) returns boolean language plpgsql as $$
                begin raise exception 'reached'; end $$;
            create operator pg_temp.= (leftarg = uuid, rightarg = uuid, function = pg_temp.uuid_same)""")
        for path in ("pg_temp, pg_catalog, public, core, derive, api", "pg_temp, core", "core, pg_temp"):
            cursor.execute(f"set search_path = {path}")
            cursor.execute("select api.person_list(p_caller => %s::pg_catalog.uuid, " + ", ".join(
                f"{name} => null" for name, in arguments(server, "person_list")) + ")", (world["member"],))
            assert [item["code"] for item in cursor.fetchone()[0]["items"]] == ["P-ours"], path
    connection.close()


def arguments(server, function):
    return server.sql("select unnest(proargnames[2:pronargs]) from pg_proc "
                      "where pronamespace = 'api'::regnamespace and proname = %s", function)


def test_no_setting_of_its_own_stays_in_force_in_a_call(server, world):
    connection = server.cluster.connect(server.database, DAEMON)
    with connection.cursor() as cursor:
        cursor.execute("set jinzai.caller = '00000000-0000-7000-8000-000000000000|admin|-|-'")
        cursor.execute("select api.person_list(p_caller => %s::uuid, " + ", ".join(
            f"{name} => null" for name, in arguments(server, "person_list")) + ")", (world["member"],))
        assert [item["code"] for item in cursor.fetchone()[0]["items"]] == ["P-ours"]
        cursor.execute("set row_security = off")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("select api.person_list(p_caller => %s::uuid, " + ", ".join(
                f"{name} => null" for name, in arguments(server, "person_list")) + ")", (world["member"],))
    connection.close()


# The second lock ----------------------------------------------------------------------------------------------------


def test_row_level_security_is_forced_on_every_table_that_names_a_person(server):
    tables = server.sql("""
        select c.oid::regclass::text, c.relrowsecurity and c.relforcerowsecurity
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('core', 'derive') and c.relkind in ('r', 'p')
            and (c.relname = 'person' or exists (
                select from pg_attribute a where a.attrelid = c.oid and a.attname in ('person_id', 'exchange_id')
                    and not a.attisdropped and c.relname <> 'gap_action'))""")
    assert {table for table, _ in tables} >= set(PERSONAL) - {"core.exchange"}
    assert [table for table, forced in tables if not forced] == []
    assert server.sql("select relforcerowsecurity from pg_class where oid = 'core.exchange'::regclass") == [(True,)]


def test_nobody_who_owns_functions_is_exempt_and_only_the_triggers_see_all(server):
    assert server.sql("select rolname from pg_roles where rolname ~ '^jinzai_' and (rolsuper or rolbypassrls)") == []
    # jinzai_owner sees all as a member of jinzai_derive; what belongs to it and runs with its rights must not touch people.
    assert server.sql("select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.prosecdef "
                      "and n.nspname in ('core', 'derive') and proowner = 'jinzai_owner'::regrole "
                      "and prosrc ~ '(person|affiliation|holding|enrollment|exchange|timeline|location)'") == []
    assert server.sql("select distinct polroles::regrole[]::text from pg_policy where polname in ('derive_all')") == [("{jinzai_derive}",)]
    assert server.sql("select pg_has_role('jinzai_api', 'jinzai_derive', 'member'), "
                      "pg_has_role('jinzai_daemon', 'jinzai_api', 'member')") == [(False, False)]


@pytest.fixture(scope="module")
def forgetful(server, world):
    """Functions of schema api as their authors must not write them; each answers how many rows it sees in a table."""
    server.sql("""
        set role jinzai_api;
        create function api.forgets(p_table text) returns bigint language plpgsql stable security definer as $$
            declare v_n bigint;
            begin execute format('select count(*) from %s', p_table) into v_n; return v_n; end $$;
        create function api.enters(p_caller uuid, p_table text, p_where text) returns bigint
        language plpgsql volatile security definer as $$
            declare v_n bigint;
            begin
                perform core.enter(p_caller);
                execute format('select count(*) from %s t where %s', p_table, p_where) into v_n; return v_n;
            end $$;
        create function api.changes(p_caller uuid, p_statement text) returns bigint
        language plpgsql volatile security definer as $$
            declare v_n bigint;
            begin
                if p_caller is not null then perform core.enter(p_caller); end if;
                execute p_statement; get diagnostics v_n = row_count; return v_n;
            end $$;
        grant execute on function api.forgets(text), api.enters(uuid, text, text), api.changes(uuid, text) to jinzai_daemon""")
    yield server
    server.sql("drop function api.forgets(text), api.enters(uuid, text, text), api.changes(uuid, text)")


@pytest.mark.parametrize("table", PERSONAL)
def test_a_function_that_forgets_its_check_sees_nothing(forgetful, world, table):
    assert forgetful.sql("select api.forgets(%s)", table, user=DAEMON) == [(0,)]
    assert forgetful.sql("select api.enters(%s, %s, 'true')", world["analyst"], table, user=DAEMON) == [(0,)]


@pytest.mark.parametrize("role", ["member", "coordinator"])
def test_a_function_that_asks_too_much_sees_the_callers_own_people_alone(forgetful, world, role):
    person = str(forgetful.sql("select id from core.person where code = 'P-theirs'")[0][0])
    for table in PERSONAL:
        column = {"core.person": "id"}.get(table, "person_id")
        if table.startswith("core.exchange") and table not in ("core.exchange", "core.exchange_participant"):
            assert forgetful.sql("select api.enters(%s, %s, 'true')", world[role], table, user=DAEMON) == [(0,)], table
        else:
            assert forgetful.sql("select api.enters(%s, %s, %s)", world[role], table, f"t.{column} = '{person}'", user=DAEMON) == [(0,)], table
    for table in ("core.person", "core.affiliation", "core.holding", "core.enrollment", "derive.timeline", "derive.location"):
        assert forgetful.sql("select api.enters(%s, %s, 'true')", world[role], table, user=DAEMON) == [(1,)], table
        assert forgetful.sql("select api.enters(%s, %s, 'true')", world["admin"], table, user=DAEMON)[0][0] >= 2, table


CHANGES = [
    "update core.person set name = 'taken' where code = 'P-theirs'",
    "update core.person set keeper_id = core.caller_organization() where code = 'P-theirs'",
    "update core.affiliation set fte = 0.5 where organization_id = (select id from core.organization where code = 'theirs')",
    "update core.holding set level = 5 where person_id not in (select id from core.person)",
    "update core.enrollment set status = 'withdrawn' where session_id = (select id from core.session where code = 'SE-theirs')",
    "update core.exchange set status = 'cancelled'",
    "delete from core.person",
    "delete from core.holding",
    "delete from core.affiliation",
    "delete from core.exchange",
]
INSERTS = [
    "insert into core.affiliation (person_id, organization_id, fte, valid) "
    "select '{person}', id, 0.1, '[2026-01-01,)' from core.organization where code = 'ours'",
    "insert into core.holding (person_id, skill_id, level, valid, evidence) "
    "select '{person}', id, 5, '[2026-01-01,)', 'badge' from core.skill where code = 'FS-MAG-01'",
    "insert into core.exchange_step (exchange_id, field, was, became) values ('{exchange}', 'status', 'proposed', 'approved')",
    "insert into core.exchange_approval (exchange_id, kind, decision, decided_on) values ('{exchange}', 'home', 'granted', '2026-01-01')",
    "insert into core.person (career_stage, keeper_id) select 'mid', id from core.organization where code = 'theirs'",
]


@pytest.mark.parametrize("role", [None, "analyst", "member", "coordinator"])
def test_a_function_that_forgets_its_check_writes_nothing_of_others(forgetful, world, role):
    caller = world.get(role)
    ids = {"person": forgetful.sql("select id from core.person where code = 'P-theirs'")[0][0],
           "exchange": forgetful.sql("select id from core.exchange where code = 'EX-theirs'")[0][0]}
    before = forgetful.census()
    for statement in CHANGES:
        assert forgetful.sql("select api.changes(%s::uuid, %s)", caller, statement, user=DAEMON) == [(0,)], statement
    for statement in INSERTS:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege) as caught:
            forgetful.sql("select api.changes(%s::uuid, %s)", caller, statement.format(**ids), user=DAEMON)
        assert "row-level security" in str(caught.value)
    assert forgetful.census() == before


def test_migrations_by_the_owner_find_every_row_and_keys_are_checked(server, world):
    seen = server.sql("select count(*) from core.person", user="jinzai_owner")
    assert seen == server.sql("select count(*) from core.person") and seen[0][0] >= 2
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        server.sql("insert into core.affiliation (person_id, organization_id, valid) "
                   "select gen_random_uuid(), id, '[2026-01-01,)' from core.organization where code = 'ours'", user="jinzai_owner")
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        server.sql("delete from core.person where code = 'P-ours'", user="jinzai_owner")
