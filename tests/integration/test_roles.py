# SPDX-License-Identifier: Apache-2.0
"""Who may call what: every method as every role, against a table that has to be changed here with every method."""

import subprocess
import uuid

import psycopg2
import pytest

from conftest import BUILD, RpcError

ROLES = ("stranger", "member", "coordinator", "analyst", "auditor", "secretariat", "admin")
EVERYONE = "stranger member coordinator analyst auditor secretariat admin"
SIGNED_IN = "member coordinator analyst auditor secretariat admin"
PEOPLE = "member coordinator auditor secretariat admin"
RECORDING = "coordinator secretariat admin"
OFFICE = "secretariat admin"
AUDIT = "auditor secretariat admin"
ADMIN = "admin"

# A method that is not here has not been decided on, and fails the first test.
TABLE = {
    EVERYONE: "rpc.discover server.info access.sign_in access.sign_out",
    SIGNED_IN: """
        access.whoami pillar.list level.list agreement.get agreement.list committee.get committee.list scheme.get scheme.list
        organization.get organization.list facility.get facility.list framework.get framework.list
        skill.get skill.list skill.mappings role.get role.list qualification.get qualification.list
        program.get program.list session.get session.list demand.get demand.list assumption.get assumption.list
        pathway.find pathway.neighbors
        gap.staffing gap.fragile gap.get gap.list gap.matrix gap.project gap.review gap.trend
        program.outcome plan.get plan.list
        release.get release.list exchange.balance retention.list event.list event.subscribe event.unsubscribe skill.search skill.tree organization.search program.search report.briefing report.untranslated""",
    "coordinator analyst secretariat admin": "opportunity.rank plan.optimize",
    PEOPLE: """
        person.get person.list person.search affiliation.get affiliation.list holding.get holding.list certification.get certification.list
        qualification.expiring
        enrollment.get enrollment.list exchange.get exchange.list exchange.history exchange.due
        consent.get consent.list legal_basis.get legal_basis.list""",
    RECORDING: """
        facility.create facility.update person.create person.update person.merge affiliation.create affiliation.update affiliation.end
        affiliation.move holding.create holding.update holding.reverse certification.create certification.update certification.renew
        program.create program.update session.create session.update session.cancel
        enrollment.create enrollment.update enrollment.admit enrollment.start enrollment.complete enrollment.withdraw enrollment.fail
        enrollment.correct exchange.create exchange.update exchange.submit exchange.decide exchange.decline exchange.activate
        exchange.complete exchange.cancel exchange.correct exchange.hand_in exchange.change_notice
        demand.create demand.update
        plan.adopt gap.create gap.record gap.record_projection gap.update gap.add_action gap.update_action gap.remove_action
        consent.give consent.withdraw legal_basis.create legal_basis.update legal_basis.end subject.export subject.correct subject.restrict subject.erase""",
    OFFICE: """
        organization.create organization.update framework.create framework.update skill.create skill.update skill.map skill.unmap
        role.create role.update qualification.create qualification.update exchange.approve exchange.decide_change release.create
        assumption.create assumption.update assumption.delete retention.set retention.sweep""",
    AUDIT: "audit.head audit.verify audit.list server.status server.methods",
    "coordinator auditor secretariat admin": "subject.access_log",
    ADMIN: """
        principal.create principal.get principal.update principal.disable principal.enable principal.list
        token.create token.list token.revoke
        bulk.export bulk.read bulk.import bulk.write bulk.load bulk.commit bulk.close""",
}
DECIDED = {method: set(roles.split()) for roles, methods in TABLE.items() for method in methods.split()}

# What only sees people in figures, or nobody, is never shown a person one by one.
PERSONAL_LISTS = ("person.list", "affiliation.list", "holding.list", "certification.list", "qualification.expiring", "enrollment.list")


@pytest.fixture(scope="module")
def methods(server):
    return {method["name"]: method for method in server.call("rpc.discover")["methods"]}


@pytest.fixture(scope="module")
def world(server):
    """Two organizations with a person, a program and a demand each, an exchange and an enrollment between them."""
    call = server.call
    made = {}
    for own in ("ours", "theirs", "others"):
        call("organization.create", code=own, name={"en": own}, kind="university", country="JP")
        call("person.create", code=f"P-{own}", name=f"Name of {own}", career_stage="mid")
        made[f"affiliation {own}"] = call("affiliation.create", person=f"P-{own}", organization=own, starts="2020-01-01")["id"]
        made[f"holding {own}"] = call("holding.create", person=f"P-{own}", skill="FS-MAG-01", level=3, starts="2020-01-01",
                                      evidence="assessment")["id"]
        call("program.create", code=f"PR-{own}", name={"en": own}, provider=own,
             teaches=[{"skill": "FS-MAG-01", "level": 4}])
        call("session.create", code=f"SE-{own}", program=f"PR-{own}", starts="2026-01-10", ends="2026-01-20", capacity=5)
        made[f"demand {own}"] = call("demand.create", organization=own, skill="FS-MAG-01", level=2, fte=5, year=2030, source="test")["id"]
        call("gap.create", code=f"GAP-{own}", organization=own, skill="FS-MAG-01", level=2, year=2030, size_fte=2, severity="low")
        call("facility.create", code=f"fa-{own}", name={"en": own}, operator=own)
    for principal, role, organization in (
            ("member", "member", "ours"), ("coordinator", "coordinator", "ours"), ("analyst", "analyst", "ours"),
            ("auditor", "auditor", None), ("secretariat", "secretariat", None), ("admin", "admin", None),
            ("coordinator theirs", "coordinator", "theirs"), ("member others", "member", "others")):
        made[principal] = str(server.sql(
            "insert into core.principal (name, kind, role, organization_id, country) "
            "select %s, 'person', %s, (select id from core.organization where code = %s), 'JP' returning id",
            principal, role, organization)[0][0])
    return made


@pytest.fixture(scope="module")
def signed_in(server, world, methods):
    """Connections, one a principal, each signed in with a token of its own."""
    open_wires = {}

    def sign_in(principal):
        if principal not in open_wires:
            wire = server.connect()
            token = server.call("token.create", principal=world[principal])["token"]
            wire.call("access.sign_in", {"token": token})
            open_wires[principal] = wire
        return open_wires[principal]

    yield sign_in
    for wire in open_wires.values():
        wire.close()


def example(method):
    return {param["name"]: param["value"] for given in method.get("examples", []) for param in given["params"]}


def outcome(wire, method, params):
    """The name of the error that the call gets, or None."""
    try:
        wire.call(method, params)
        return None
    except RpcError as error:
        return error.name


def test_every_method_is_decided_on_and_is_open_to_whom_the_table_says(methods):
    said = {name: set(method["x-roles"]) for name, method in methods.items()}
    assert {name: sorted(roles) for name, roles in said.items()} == {
        name: sorted(DECIDED.get(name, {"nobody has decided"})) for name in methods}


def test_the_reference_page_has_the_same_table(methods):
    page = subprocess.run([BUILD / "jinzai", "reference"], capture_output=True, text=True, check=True).stdout
    rows = [line for line in page.splitlines() if line.startswith("| `") and line.count("|") == len(ROLES) + 2 and "✓" in line]
    shown = {}
    for line in rows:
        name, *marks = [cell.strip() for cell in line.strip("|").split("|")]
        shown[name.strip("`")] = {role for role, mark in zip(ROLES, marks) if mark == "✓"}
    assert shown == {name: set(method["x-roles"]) for name, method in methods.items()}


@pytest.mark.parametrize("role", ROLES[1:])
def test_each_role_is_let_in_exactly_where_the_table_says(server, world, methods, signed_in, role):
    wire = signed_in(role)
    before = server.census()
    for name, method in methods.items():
        if name.startswith("access.sign"):
            continue
        allowed = role in DECIDED[name]
        if allowed and method["x-writes"]:
            # Enough to be let in, and to get no further.
            got = outcome(wire, name, {"there is no such parameter": 1})
            assert got == "invalid_params", (name, got)
        elif allowed:
            assert outcome(wire, name, example(method)) != "unauthenticated", name
        else:
            assert outcome(wire, name, example(method)) == "denied", name
    after = server.census()
    assert {table for table in before if before[table] != after[table]} <= {"core.token", "core.disclosure", "core.access_read"}


def call_as(server, world, function, caller, **given):
    """Calls a function of schema api (or bulk) as the daemon's role for it does, with null for what is not given."""
    schema, user = ("bulk", "jinzai_bulk") if function.startswith("bulk_") else ("api", "jinzai_daemon")
    function = function.removeprefix("bulk_")
    names = server.sql("select proargnames[1:pronargs], proargtypes::regtype[]::text[] from pg_proc "
                       "where pronamespace = %s::regnamespace and proname = %s", schema, function)[0]
    words = [f"{name} => %s::{kind}" for name, kind in zip(*names)]
    values = [caller if name == "p_caller" else given.get(name) for name in names[0]]
    return server.sql(f"select {schema}.{function}({', '.join(words)})", *values, user=user)[0][0]


@pytest.mark.parametrize("role", ROLES[1:])
def test_what_a_role_may_not_write_the_database_refuses_too(server, world, methods, role):
    """The daemon is the first to refuse; this goes past it."""
    tried = 0
    before = server.census()
    for name, method in methods.items():
        if method["x-writes"] and role not in DECIDED[name]:
            with pytest.raises(psycopg2.Error) as caught:
                call_as(server, world, name.replace(".", "_"), world[role])
            assert caught.value.pgcode in ("JZ003",), (name, str(caught.value))
            tried += 1
    assert tried > 10 or role in ("admin", "secretariat")
    assert server.census() == before


def test_a_stranger_and_a_disabled_principal_are_refused_by_the_database_too(server, world, methods):
    gone = str(server.sql("insert into core.principal (name, kind, role, disabled_at) values (%s, 'person', 'admin', now()) "
                          "returning id", "gone " + uuid.uuid4().hex)[0][0])
    for caller in (gone, str(uuid.uuid4()), None):
        for name, method in methods.items():
            if method["x-writes"] or name in PERSONAL_LISTS:
                with pytest.raises(psycopg2.Error) as caught:
                    call_as(server, world, name.replace(".", "_"), caller)
                assert caught.value.pgcode == "JZ004", (name, str(caught.value))


def codes(page):
    return {item["code"] for item in page["items"]}


def test_members_and_coordinators_see_their_own_people_and_the_offices_all(signed_in, world):
    for principal, seen in (("member", {"P-ours"}), ("coordinator", {"P-ours"}), ("coordinator theirs", {"P-theirs"}),
                            ("auditor", {"P-ours", "P-theirs", "P-others"}), ("secretariat", {"P-ours", "P-theirs", "P-others"})):
        wire = signed_in(principal)
        assert codes(wire.call("person.list")) == seen, principal
        assert {item["person"]["code"] for item in wire.call("holding.list")["items"]} == seen, principal
        assert {item["person"]["code"] for item in wire.call("affiliation.list")["items"]} == seen, principal
        hidden = {"P-ours", "P-theirs", "P-others"} - seen
        for person in hidden:
            assert outcome(wire, "person.get", {"ref": person}) == "not_found"
            assert outcome(wire, "holding.list", {"person": person}) == "not_found"
            assert outcome(wire, "holding.get", {"ref": world["holding " + person[2:]]}) == "not_found"


def test_an_analyst_sees_no_person_past_the_daemon_either(server, world):
    for name in PERSONAL_LISTS:
        assert call_as(server, world, name.replace(".", "_"), world["analyst"])["items"] == [], name


OTHERS = [
    ("person.update", {"ref": "P-theirs", "career_stage": "senior"}, "not_found", "ref"),
    ("affiliation.create", {"person": "P-ours", "organization": "theirs", "starts": "2026-01-01"}, "denied", "organization"),
    ("holding.create", {"person": "P-theirs", "skill": "FS-MAG-01", "level": 1, "starts": "2026-01-01", "evidence": "badge"},
     "not_found", "person"),
    ("program.create", {"code": "x", "name": {"en": "x"}, "provider": "theirs"}, "denied", "provider"),
    ("program.update", {"ref": "PR-theirs", "hours": 3}, "denied", "ref"),
    ("session.create", {"program": "PR-theirs", "starts": "2026-01-01", "ends": "2026-01-02"}, "denied", "program"),
    ("session.update", {"ref": "SE-theirs", "capacity": 9}, "denied", "ref"),
    ("session.cancel", {"ref": "SE-theirs", "reason": "x"}, "denied", "ref"),
    ("facility.create", {"code": "x", "name": {"en": "x"}, "operator": "theirs"}, "denied", "operator"),
    ("facility.create", {"code": "x", "name": {"en": "x"}}, "denied", "operator"),
    ("facility.update", {"ref": "fa-theirs", "status": "closed"}, "denied", "ref"),
    ("exchange.create", {"kind": "visit", "person": "P-ours", "home": "theirs", "host": "others", "starts": "2027-01-01",
                         "ends": "2027-01-02"}, "denied", "home"),
    ("demand.create", {"organization": "theirs", "skill": "FS-MAG-01", "level": 2, "fte": 1, "year": 2031, "source": "x"},
     "denied", "organization"),
    ("gap.create", {"organization": "theirs", "skill": "FS-MAG-01", "level": 2, "year": 2031, "size_fte": 1, "severity": "low"},
     "denied", "organization"),
    ("gap.create", {"country": "JP", "skill": "FS-MAG-01", "level": 2, "year": 2031, "size_fte": 1, "severity": "low"},
     "denied", "organization"),
    ("gap.update", {"ref": "GAP-theirs", "severity": "high"}, "denied", "ref"),
    ("gap.add_action", {"gap": "GAP-theirs", "program": "PR-ours", "contribution_fte": 1}, "denied", "gap"),
]


@pytest.mark.parametrize("method, params, name, parameter", OTHERS)
def test_a_coordinator_writes_nothing_of_another_organization(server, world, signed_in, method, params, name, parameter):
    before = server.census()
    with pytest.raises(RpcError) as caught:
        signed_in("coordinator").call(method, params)
    assert (caught.value.name, caught.value.data["parameter"]) == (name, parameter)
    assert server.census() == before


def test_a_coordinator_records_a_person_and_keeps_the_record(signed_in, world):
    ours, theirs = signed_in("coordinator"), signed_in("coordinator theirs")
    made = ours.call("person.create", {"career_stage": "student", "name": "Kept"})
    assert ours.call("person.get", {"ref": made["id"]})["name"] == "Kept"
    ours.call("person.update", {"ref": made["id"], "career_stage": "postdoc"})
    ours.call("affiliation.create", {"person": made["id"], "organization": "ours", "starts": "2026-01-01"})
    held = ours.call("holding.create", {"person": made["id"], "skill": "FS-MAG-01", "level": 2, "starts": "2026-02-01",
                                        "evidence": "assessment"})
    ours.call("holding.update", {"ref": held["id"], "level": 3})
    ours.call("holding.reverse", {"ref": held["id"], "reason": "mistaken"})
    assert outcome(theirs, "person.get", {"ref": made["id"]}) == "not_found"
    moved = ours.call("affiliation.list", {"person": made["id"]})["items"][0]["id"]
    ours.call("affiliation.move", {"ref": moved, "organization": "theirs", "starts": "2026-06-01"})
    assert theirs.call("person.get", {"ref": made["id"]})["code"] == made["code"]
    assert codes(signed_in("member").call("person.list")) >= {made["code"]}  # with ours before


def test_an_exchange_shows_the_person_to_the_host_and_each_side_gives_its_own_approval(signed_in, world):
    ours, theirs, office = signed_in("coordinator"), signed_in("coordinator theirs"), signed_in("secretariat")
    assert outcome(theirs, "person.get", {"ref": "P-ours"}) == "not_found"
    made = ours.call("exchange.create", {"kind": "visit", "person": "P-ours", "home": "ours", "host": "theirs",
                                         "starts": "2026-02-01", "ends": "2026-02-20",
                                         "objectives": [{"skill": "FS-MAG-01", "level": 4}]})
    ref = {"ref": made["code"]}
    assert theirs.call("person.get", {"ref": "P-ours"})["code"] == "P-ours"
    assert outcome(theirs, "person.update", {"ref": "P-ours", "career_stage": "senior"}) == "denied"
    assert outcome(signed_in("member others"), "exchange.get", ref) == "not_found"
    ours.call("exchange.submit", ref)
    assert outcome(ours, "exchange.decide", {**ref, "approval": "host", "decision": "granted"}) == "denied"
    assert outcome(theirs, "exchange.decide", {**ref, "approval": "home", "decision": "granted"}) == "denied"
    ours.call("exchange.decide", {**ref, "approval": "home", "decision": "granted"})
    theirs.call("exchange.decide", {**ref, "approval": "host", "decision": "granted"})
    assert outcome(ours, "exchange.approve", ref) == "denied"
    office.call("exchange.approve", ref)
    ours.call("exchange.activate", ref)
    theirs.call("exchange.complete", {**ref, "ended_on": "2026-02-20", "gains": [{"skill": "FS-MAG-01", "level": 4}]})
    granted, = ours.call("exchange.get", ref)["granted"]
    theirs.call("exchange.correct", {**ref, "reason": "one level less", "gains": [{"skill": "FS-MAG-01", "level": 3}]})
    assert [item["reversed_on"] is None for item in ours.call("exchange.get", ref)["granted"]] == [False, True]
    assert granted["level"] == 4


def test_a_declined_exchange_shows_the_person_no_more(signed_in, world):
    ours, others = signed_in("coordinator"), signed_in("member others")
    made = ours.call("exchange.create", {"kind": "visit", "person": "P-ours", "home": "ours", "host": "others",
                                         "starts": "2027-02-01", "ends": "2027-02-20"})
    assert others.call("person.get", {"ref": "P-ours"})["code"] == "P-ours"
    ours.call("exchange.cancel", {"ref": made["code"], "reason": "no"})
    assert outcome(others, "person.get", {"ref": "P-ours"}) == "not_found"
    assert others.call("exchange.get", {"ref": made["code"]})["person"] is None


def test_an_enrollment_is_decided_by_the_provider_and_shows_the_person_to_it(signed_in, world):
    ours, theirs, others = signed_in("coordinator"), signed_in("coordinator theirs"), signed_in("member others")
    made = ours.call("enrollment.create", {"session": "SE-theirs", "person": "P-ours", "applied_on": "2026-01-05"})
    ref = {"ref": made["code"]}
    assert theirs.call("person.get", {"ref": "P-ours"})["code"] == "P-ours"
    assert outcome(ours, "enrollment.admit", ref) == "denied"
    theirs.call("enrollment.admit", ref)
    theirs.call("enrollment.start", ref)
    assert theirs.call("session.get", {"ref": "SE-theirs"})["taken"] == 1
    assert ours.call("session.get", {"ref": "SE-theirs"})["taken"] is None
    assert outcome(others, "enrollment.get", ref) == "not_found"
    theirs.call("enrollment.complete", {**ref, "completed_on": "2026-01-20"})
    assert [item["level"] for item in ours.call("enrollment.get", ref)["granted"]] == [4]
    theirs.call("enrollment.correct", {**ref, "reason": "not passed", "status": "withdrawn"})
    assert ours.call("enrollment.get", ref)["granted"][0]["reversed_reason"] == "not passed"


def test_numbered_codes_go_past_those_that_the_caller_cannot_see(server, signed_in, world):
    number = server.sql("select last_value from core.person_number")[0][0]
    taken = [f"P-{number + step:06d}" for step in (1, 2, 3)]
    for code in taken:
        server.call("person.create", code=code, career_stage="mid")
    assert signed_in("coordinator").call("person.create", {"career_stage": "mid"})["code"] not in taken


def test_whose_people_are_whose_is_what_the_record_says(server, world):
    """After all of the above: the derived table against a count of its own."""
    assert server.sql("""
        with due as (
            select keeper_id as o, id as p from core.person where keeper_id is not null
            union select organization_id, person_id from core.affiliation
            union select o, e.person_id from core.exchange e, unnest(array[home_id, host_id]) o
                where e.person_id is not null and e.status not in ('declined', 'cancelled')
            union select g.provider_id, n.person_id from core.enrollment n join core.session s on s.id = n.session_id
                join core.program g on g.id = s.program_id where n.status <> 'withdrawn')
        (select * from due except select organization_id, person_id from derive.belonging)
        union all (select organization_id, person_id from derive.belonging except select * from due)""") == []


def test_a_program_that_changes_hands_takes_its_participants_along(server, signed_in, world):
    assert "P-others" not in codes(signed_in("member").call("person.list"))
    server.call("enrollment.create", session="SE-others", person="P-others", applied_on="2026-01-05")
    server.call("program.update", ref="PR-others", provider="ours")
    assert "P-others" in codes(signed_in("member").call("person.list"))
