# SPDX-License-Identifier: Apache-2.0
"""Who may do what, from the socket down to the tables; and that the rows, the functions and the constraints agree."""

import json
import os
import re
import subprocess

import psycopg2
import psycopg2.errors
import pytest

from conftest import USER, Server, Wire
from test_figures import reached

OPEN = {"rpc.discover", "server.info", "access.sign_out"}  # the daemon answers these by itself
BY_DAEMON = OPEN | {"event.unsubscribe", "server.methods"}
SIGN_IN = "access.sign_in"  # open to strangers too, and notes the day in a token

# A peer that says what it is told on a unix socket, for another user to run.
PEER = ("import socket, sys\n"
        "s = socket.socket(socket.AF_UNIX)\n"
        "s.connect(sys.argv[1])\n"
        "s.sendall(sys.stdin.buffer.read())\n"
        "s.shutdown(socket.SHUT_WR)\n"
        "while (part := s.recv(65536)):\n"
        "    sys.stdout.buffer.write(part)\n")


@pytest.fixture(scope="module")
def server(cluster):
    server = Server(cluster, listen=["tcp:127.0.0.1:0"])
    yield server
    server.close()


@pytest.fixture(scope="module")
def methods(server):
    return {method["name"]: method for method in server.call("rpc.discover")["methods"]}


def every_call(methods):
    """One call of each method, with the parameters of its example."""
    calls = []
    for name, method in methods.items():
        params = {param["name"]: param["value"] for example in method.get("examples", []) for param in example["params"]}
        calls.append(json.dumps({"jsonrpc": "2.0", "method": name, "params": params, "id": name}))
    return "\n".join(calls)


def check_stranger(answers, methods):
    assert {answer["id"] for answer in answers} == set(methods)
    for answer in answers:
        if answer["id"] in OPEN:
            assert "result" in answer
        else:
            assert answer["error"]["code"] == -32004 and answer["error"]["data"]["name"] == "unauthenticated", answer
    info = next(answer for answer in answers if answer["id"] == "server.info")
    assert info["result"]["caller"] == {"role": "stranger"}


def test_a_stranger_over_tcp_gets_nothing_but_discovery_and_info(server, methods):
    before = server.census()
    with server.connect(server.tcp()) as wire:
        wire.send(every_call(methods))
        wire.half_close()
        check_stranger([json.loads(line) for line in wire.rest()], methods)
    assert server.census() == before


def test_root_over_tcp_is_a_stranger_too(server):
    with Wire(server.tcp()) as wire:
        assert wire.call("server.info")["caller"] == {"role": "stranger"}
    assert server.call("server.info")["caller"]["role"] == "admin"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_an_untrusted_user_of_the_machine_is_a_stranger(server, methods):
    before = server.census()
    done = subprocess.run(["runuser", "-u", "nobody", "--", "/usr/bin/python3", "-c", PEER, server.address.removeprefix("unix:")],
                          input=every_call(methods).encode(), capture_output=True, check=True, cwd="/")
    check_stranger([json.loads(line) for line in done.stdout.splitlines()], methods)
    assert server.census() == before


def test_a_stranger_in_a_batch_and_in_a_notification_gets_no_further(server):
    before = server.census()
    create = {"jsonrpc": "2.0", "method": "organization.create",
              "params": {"code": "stranger", "name": {"en": "x"}, "kind": "international"}}
    with server.connect(server.tcp()) as wire:
        wire.send(json.dumps([create, {**create, "id": 1}]) + json.dumps(create))
        wire.half_close()
        (answer,), = [json.loads(line) for line in wire.rest()]
    assert answer["id"] == 1 and answer["error"]["data"]["name"] == "unauthenticated"
    assert server.census() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_the_trusted_users_are_those_that_the_configuration_names(own_server):
    server = own_server("--trusted-user", "root", "--trusted-user", "nobody")
    ask = json.dumps({"jsonrpc": "2.0", "method": "server.info", "id": 1}).encode()
    roles = {}
    for user in ("nobody", USER, "daemon"):
        done = subprocess.run(["runuser", "-u", user, "--", "/usr/bin/python3", "-c", PEER, server.address.removeprefix("unix:")],
                              input=ask, capture_output=True, check=True, cwd="/")
        roles[user] = json.loads(done.stdout)["result"]["caller"]["role"]
    # The daemon's own user is trusted unless others are named. nobody's number is also what the kernel shows for a user of
    # another namespace, and so it is nobody's to trust.
    assert roles == {"nobody": "stranger", USER: "stranger", "daemon": "stranger"}
    server.stop()
    server.flags = ["--trusted-user", "root", "--trusted-user", "daemon"]
    server.start()
    done = subprocess.run(["runuser", "-u", "daemon", "--", "/usr/bin/python3", "-c", PEER, server.address.removeprefix("unix:")],
                          input=ask, capture_output=True, check=True, cwd="/")
    assert json.loads(done.stdout)["result"]["caller"]["role"] == "admin"


def test_every_method_says_who_may_call_it(methods):
    for name, method in methods.items():
        assert ("stranger" in method["x-roles"]) == (name in OPEN or name == SIGN_IN), name
        assert "admin" in method["x-roles"], name
        if method["x-writes"]:
            assert "auditor" not in method["x-roles"] and "analyst" not in method["x-roles"], name


# The daemon's role in the database ----------------------------------------------------------------------------------

FORBIDDEN = [
    "select * from core.organization",
    "select * from derive.event_inbox",
    "select * from derive.event_log",
    "select derive.seal(1)",
    "select * from jinzai_meta.migration",
    "select value from core.setting",
    "insert into core.setting (name, value) values ('x', 'y')",
    "update core.principal set role = 'admin'",
    "delete from core.organization",
    "truncate core.once",
    "select core.uuid7()",
    "select core.write_begin(null, null, null)",
    "select derive.fold(1)",
    "select nextval('derive.event_number')",
    "create table public.x (y integer)",
    "create table api.x (y integer)",
    "create function api.x() returns integer language sql as 'select 1'",
    "create function public.x() returns integer language sql as 'select 1'",
    "create schema x",
    "create extension hstore",
    "drop function api.fold(bigint)",
    "alter function api.fold(bigint) owner to jinzai_daemon",
    "alter table core.setting owner to jinzai_daemon",
    "grant jinzai_owner to jinzai_daemon",
    "set role jinzai_owner",
    "set role jinzai_api",
    "set role jinzai_derive",
    "set role postgres",
    "set session authorization postgres",
    "alter system set work_mem = '1GB'",
    "copy (select 1) to '/tmp/x'",
    "copy (select 1) to program 'id'",
    "select pg_read_file('/etc/passwd')",
    "select lo_import('/etc/passwd')",
    "select pg_reload_conf()",
    "select * from pg_authid",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_daemons_role_may_not(server, statement):
    with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.InvalidSchemaName)):
        server.sql(statement, user="jinzai_daemon")


def test_the_daemons_role_has_no_right_on_any_table_sequence_or_schema_of_ours(server):
    assert server.sql("""
        select c.oid::regclass, p.privilege from pg_class c join pg_namespace n on n.oid = c.relnamespace,
            unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p (privilege)
        where n.nspname in ('core', 'derive', 'api', 'jinzai_meta', 'public') and c.relkind in ('r', 'p', 'v', 'm', 'f')
            and has_table_privilege('jinzai_daemon', c.oid, p.privilege)""") == []
    assert server.sql("""
        select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('core', 'derive', 'api', 'jinzai_meta', 'public')
            and case c.relkind when 'S' then has_sequence_privilege('jinzai_daemon', c.oid, 'usage, select, update') end""") == []
    assert server.sql("""
        select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
            and (has_schema_privilege('jinzai_daemon', oid, 'create')
                or nspname not in ('api', 'public') and has_schema_privilege('jinzai_daemon', oid, 'usage'))""") == []


def test_the_daemons_role_may_execute_what_is_in_api_and_nothing_else_of_ours(server):
    rows = server.sql("""
        select n.nspname, p.oid::regprocedure::text, has_function_privilege('jinzai_daemon', p.oid, 'execute')
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('core', 'derive', 'api', 'jinzai_meta', 'public')
            and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')""")
    assert len(rows) > 100
    assert [row for row in rows if (row[0] == "api") != row[2]] == []


def test_the_roles_are_as_small_as_they_should_be(server):
    assert server.sql("""
        select rolname from pg_roles where rolname ~ '^jinzai_'
            and (rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls)""") == []
    assert server.sql("select rolname from pg_roles where rolname ~ '^jinzai_' and rolcanlogin order by 1") == [
        ("jinzai_bulk",), ("jinzai_daemon",), ("jinzai_owner",)]
    assert server.sql("""
        select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.roleid
        where m.member = 'jinzai_daemon'::regrole""") == []
    owners = server.sql("""
        select n.nspname, p.proowner::regrole::text, p.prosecdef, count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'api' group by 1, 2, 3""")
    assert {owner for _, owner, _, _ in owners} == {"jinzai_api"}


def test_no_function_that_runs_with_anothers_rights_names_anything_without_its_schema(server):
    """Such a name would be looked up along the caller's search_path."""
    for schema, name, body in server.sql("""
            select n.nspname, p.proname, p.prosrc from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where n.nspname in ('core', 'derive', 'api') and p.prosecdef and p.proconfig is null"""):
        tables = re.findall(r"\b(?:from|join|into|update)\s+(?:only\s+)?([a-z_]+)(?=\s|;)(?!\s*\()", re.sub(r"--.*", "", body))
        known = {row[0] for row in server.sql("select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                                              "where n.nspname in ('core', 'derive', 'jinzai_meta') and relkind in ('r', 'p')")}
        names = set(re.findall(r"\b([a-z_]+)\s+as\s+(?:(?:not\s+)?materialized\s*)?\(", body))  # of common table expressions
        assert not (set(tables) & known) - names, (schema, name)


# Rows, functions, comments and constraints ------------------------------------------------------------------------


def arguments(method):
    """The arguments that the row of a method says its function has, by the rules of daemon/rpc/method.h."""
    names = ["p_caller"]
    for param in method["params"]:
        schema = param["schema"]
        if "anyOf" in schema:
            if "p_clear" not in names:
                names.append("p_clear")
            schema = schema["anyOf"][0]
        name = "p_" + param["name"]
        if param["name"] == "idempotency_key":
            names += ["p_once_key", "p_once_digest"]
        elif schema.get("type") == "object" and set(schema["properties"]) == {"en", "ja"} and schema.get("minProperties") == 1:
            names += [name + "_en", name + "_ja"]
        else:
            names.append(name)
    return sorted(names + ["p_stamp"] * method["x-keeps"])


def test_every_row_has_its_function_with_exactly_its_arguments(server, methods):
    functions = {}
    for name, names, defaults, overloads in server.sql("""
            select p.proname, p.proargnames[1:p.pronargs], p.pronargdefaults, count(*) over (partition by p.proname)
            from pg_proc p where p.pronamespace = 'api'::regnamespace"""):
        functions[name] = (sorted(names or []), defaults, overloads)
    for name, method in methods.items():
        if name not in BY_DAEMON and not name.startswith("bulk."):
            assert functions[name.replace(".", "_")] == (arguments(method), 0, 1), name


def test_every_function_that_a_method_calls_is_for_one_method_and_says_so(server, methods):
    said = dict(server.sql(r"""
        select p.proname, obj_description(p.oid, 'pg_proc') from pg_proc p
        where p.pronamespace = 'api'::regnamespace and obj_description(p.oid, 'pg_proc') ~ '^[a-z_]+\.[a-z_]+$'"""))
    assert said == {name.replace(".", "_"): name for name in methods if name not in BY_DAEMON and not name.startswith("bulk.")}


def test_what_looks_several_calls_up_takes_an_array_in_the_place_of_each_argument_and_writes_nothing(server):
    rows = server.sql(r"""
        select e.proname, e.provolatile, e.proretset, e.proargnames = b.proargnames,
            array(select format_type(t, null) from unnest(b.proargtypes) with ordinality x (t, n) order by n),
            array(select format_type(t, null) from unnest(e.proargtypes) with ordinality x (t, n) order by n)
        from pg_proc e left join pg_proc b on b.pronamespace = e.pronamespace and b.proname || '_each' = e.proname
        where e.pronamespace = 'api'::regnamespace and e.proname ~ '_each$'""")
    assert "skill_get_each" in {row[0] for row in rows}
    for name, volatility, several, same_names, once, each in rows:
        assert (volatility, several, same_names) == ("s", True, True), name
        assert each == once[:1] + [f"{kind}[]" for kind in once[1:]] and not any("[]" in kind for kind in once), name
        assert not reached(server, f"api.{name}") & {"derive.people_gate", "derive.people_gate_many", "core.write_begin"}, name


# What shows personal data writes down that it did, in the same transaction.
READS_LOGGED = {"person.get", "person.list", "person.search", "certification.get", "certification.list", "enrollment.get", "subject.export", "qualification.expiring", "pathway.find"}


def test_what_reads_is_stable_and_what_writes_is_not(server, methods):
    volatility = dict(server.sql("select proname, provolatile from pg_proc where pronamespace = 'api'::regnamespace"))
    wrong = [name for name, method in methods.items() if name not in BY_DAEMON and not name.startswith("bulk.") and volatility[name.replace(".", "_")] !=
             ("v" if method["x-writes"] or name == SIGN_IN or name in READS_LOGGED else "s")]
    assert wrong == []


def test_what_may_share_a_transaction_with_other_reads_writes_nothing_but_that_people_were_read(server, methods):
    """Reads of one caller share one (store/backend.c): those that are stable, within which a volatile function would write, and
    those that log."""
    for name, method in methods.items():
        if name in BY_DAEMON or name.startswith("bulk.") or method["x-writes"] or name == SIGN_IN:
            continue
        came = reached(server, "api." + name.replace(".", "_"))
        assert not came & {"core.write_begin", "core.write_end"}, name
        assert name in READS_LOGGED or not came & {"derive.people_gate", "derive.people_gate_many"}, name


def test_every_write_takes_an_idempotency_key_and_every_update_a_version(methods):
    for name, method in methods.items():
        params = {param["name"] for param in method["params"]}
        # An import is one transaction, and nothing of it happens before its last call.
        assert ("idempotency_key" in params) == (method["x-writes"] and not name.startswith("bulk.")), name
        if name.endswith(".update"):
            assert "if_version" in params, name
        if name.endswith(".list") and name != "event.list":  # which has no text in two languages
            assert "lang" in params, name


def test_every_noun_can_be_created_read_changed_and_listed(methods):
    for noun in ("organization", "facility", "framework", "skill", "role", "qualification", "certification", "person", "affiliation",
                 "holding", "program", "session", "enrollment", "exchange", "demand", "gap"):
        for verb in ("create", "get", "update", "list"):
            assert f"{noun}.{verb}" in methods, f"{noun}.{verb}"


def test_every_schema_table_column_and_function_has_its_comment(server):
    silent = server.sql("""
        with ours as (select oid, nspname from pg_namespace where nspname in ('core', 'derive', 'api', 'jinzai_meta'))
        select 'schema ' || nspname from ours where obj_description(oid, 'pg_namespace') is null
        union all
        select 'table ' || c.oid::regclass from pg_class c join ours on ours.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition and obj_description(c.oid, 'pg_class') is null
        union all
        select 'column ' || c.oid::regclass || '.' || a.attname
        from pg_class c join ours on ours.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
        where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition and a.attnum > 0 and not a.attisdropped
            and col_description(c.oid, a.attnum) is null
        union all
        select 'function ' || p.oid::regprocedure from pg_proc p join ours on ours.oid = p.pronamespace
        where obj_description(p.oid, 'pg_proc') is null
        order by 1""")
    assert [row[0] for row in silent] == []


# Constraints that no caller can hit, with the reason; all others have their sentence.
BOUNDS, SPAN, STEP = "within the bounds of the row", "made of days that were checked", "kept by the function that takes the step"
GUARDED = {
    "person_log_reference_key": "drawn at random", "skill_id_framework_key": "holds the primary key",
    "program_cost": BOUNDS, "session_cost": BOUNDS, "exchange_funding_amount": BOUNDS, "exchange_fte": BOUNDS, "gap_size": BOUNDS,
    "gap_action_contribution": BOUNDS, "gap_action_actual": BOUNDS,
    "person_qualification_valid": SPAN, "session_held": SPAN, "exchange_planned": SPAN, "exchange_actual": SPAN, "holding_valid": SPAN,
    "enrollment_completed": STEP, "exchange_objective_either": STEP,
}


def test_every_constraint_that_a_caller_can_hit_has_its_sentence(server, methods):
    written = {name.split(".")[0] for name, method in methods.items() if method["x-writes"]}
    rows = server.sql("""
        select t.relname, c.conname, c.contype, pg_get_constraintdef(c.oid), obj_description(c.oid, 'pg_constraint')
        from pg_constraint c join pg_class t on t.oid = c.conrelid
        where c.connamespace = 'core'::regnamespace and not t.relispartition and c.contype in ('c', 'u', 'x')""")
    assert len(rows) > 50
    missing = []
    for table, name, kind, definition, sentence in rows:
        if sentence is not None:
            assert re.fullmatch(r"[a-z_]+: (must|may) .*[^.]", sentence), (name, sentence)
            continue
        # The daemon has checked what is a choice, and numbers against the bounds of the row.
        if re.search(r"= ANY \(ARRAY\[", definition) or re.fullmatch(r"CHECK \(\(\((\w+) >= .*\) AND \(\1 <= .*\)\)\)", definition):
            continue
        if any(table == noun or table.startswith(noun + "_") for noun in written) and name not in GUARDED:
            missing.append(f"{table}: {name} {definition}")
    assert missing == [], "\n".join(missing)
