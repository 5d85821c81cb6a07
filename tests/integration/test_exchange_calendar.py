# SPDX-License-Identifier: Apache-2.0
"""Exchanges as they are run: what a scheme asks for and by when, changes, workshops, assignments, outcome, and the balance."""

import datetime
import itertools
import json
import subprocess

import psycopg2
import pytest

from conftest import RpcError, Server, as_user, wait_for

NUMBER = itertools.count(1)
SKILL, OTHER = "FS-MCF-03", "FS-MCF-02"
HOME, HOST, THIRD = "home-lab", "host-lab", "third-lab"
TODAY = datetime.date.today()


def day(offset):
    return str(TODAY + datetime.timedelta(days=offset))


@pytest.fixture(scope="module", autouse=True)
def sides(server):
    server.call("organization.create", code=HOME, name={"en": "Home laboratory"}, kind="university", country="JP")
    server.call("organization.create", code=HOST, name={"en": "Host laboratory"}, kind="national_laboratory", country="US")
    server.call("organization.create", code=THIRD, name={"en": "Third laboratory"}, kind="company", country="JP")
    server.call("organization.create", code="iter-org", name={"en": "ITER"}, kind="international")


@pytest.fixture(scope="module")
def as_(server):
    """Connections of a principal of each role, as a function of role and organization."""
    wires = {}

    def sign_in(role, organization=None):
        if (role, organization) not in wires:
            where = {"organization": organization} if organization else {}
            principal = server.call("principal.create", {"name": f"{role} {organization}", "kind": "person", "role": role, **where})["id"]
            wire = server.connect()
            wire.call("access.sign_in", {"token": server.call("token.create", principal=principal)["token"]})
            wires[role, organization] = wire
        wire = wires[role, organization]
        return lambda method, **params: wire.call(method, params)

    yield sign_in
    for wire in wires.values():
        wire.close()


def refused(call, method, **params):
    with pytest.raises(RpcError) as caught:
        call(method, **params)
    return caught.value


def person(server, organization=HOME, **more):
    code = server.call("person.create", {"career_stage": "postdoc", **more})["code"]
    server.call("affiliation.create", person=code, organization=organization, starts="2015-01-01")
    return code


def proposal(server, starts, ends, who=None, **more):
    code = f"CAL-{next(NUMBER):04}"
    given = {"code": code, "kind": "visit", "home": HOME, "host": HOST, "starts": starts, "ends": ends, **more}
    if given["kind"] != "workshop":
        given["person"] = who or person(server)
    return server.call("exchange.create", given)["code"]


def approved(server, starts, ends, who=None, days=None, **more):
    ref = proposal(server, starts, ends, who, **more)
    server.call("exchange.submit", ref=ref)
    for side in ("home", "host"):
        server.call("exchange.decide", ref=ref, approval=side, decision="granted", decided_on="2015-01-01")
    server.call("exchange.approve", {"ref": ref, **({"days_approved": days} if days else {})})
    return ref


def active(server, starts, ends, who=None, days=None, **more):
    ref = approved(server, starts, ends, who, days, **more)
    server.call("exchange.activate", ref=ref)
    return ref


def completed(server, starts, ends, who=None, done=None, **more):
    ref = active(server, starts, ends, who, **more)
    server.call("exchange.complete", {"ref": ref, "ended_on": ends, **(done or {})})
    return ref


def get(server, ref):
    return server.call("exchange.get", ref=ref)


def history(server, ref, field):
    return [(s["was"], s["became"], s["reason"]) for s in server.call("exchange.history", ref=ref)["items"] if s["field"] == field]


SCHEME = {"scheme": "jp-us-fusion", "category": "personal-exchange"}


# The scheme's calendar ----------------------------------------------------------------------------------------


def test_the_scheme_has_its_calendar_and_categories_with_their_sources(server):
    scheme = server.call("scheme.get", ref="jp-us-fusion")
    assert (scheme["plan_months_before"], scheme["report_days_after"], scheme["ends_by_month"], scheme["change_days_before"]) == (2, 20, 2, 0)
    assert [c["code"] for c in scheme["category_names"]] == scheme["categories"] == [
        "personal-exchange", "joint-planning", "joint-institute", "joint-research-project"]
    assert scheme["category_names"][0]["name"] == {"en": "Personal exchange", "ja": "一般交流計画"}
    assert set(scheme["rule_sources"]) == {"plan", "change", "report", "end"}
    assert all("nifs.ac.jp" in source for source in scheme["rule_sources"].values())


def test_direction_and_category_are_told_and_an_exchange_outside_any_scheme_has_none(server):
    inside = proposal(server, "2031-05-01", "2031-05-30", **SCHEME)
    outside = proposal(server, "2031-05-01", "2031-05-30", home=HOST, host=HOME)
    iter_ = proposal(server, "2031-05-01", "2031-05-30", host="iter-org")
    got = get(server, inside)
    assert got["direction"] == "JP→US" and got["category_name"] == {"en": "Personal exchange", "ja": "一般交流計画"}
    got = get(server, outside)
    assert got["direction"] == "US→JP" and got["scheme"] is None and got["category"] is None and got["category_name"] is None
    assert get(server, iter_)["direction"] == "JP→international"

    def listed(**filters):
        return {item["code"] for item in server.call("exchange.list", {"limit": 1000, **filters})["items"]}
    assert inside in listed(in_scheme=True) and outside not in listed(in_scheme=True)
    assert outside in listed(in_scheme=False) and inside not in listed(in_scheme=False)
    assert inside in listed(category="personal-exchange") and inside not in listed(category="joint-planning")


def test_a_category_is_one_of_a_scheme_and_goes_with_it(server):
    error = server.refused("exchange.create", kind="visit", person=person(server), home=HOME, host=HOST, starts="2031-05-01",
                           ends="2031-05-30", category="personal-exchange")
    assert (error.name, error.data["parameter"]) == ("invalid_params", "category")
    ref = proposal(server, "2031-05-01", "2031-05-30", **SCHEME)
    server.call("exchange.update", {"ref": ref, "scheme": None})
    assert get(server, ref)["category"] is None


def deadlines(server, ref):
    return {d["due"]: d["due_on"] for d in get(server, ref)["deadlines"]}


def test_the_plan_is_due_two_months_before_and_the_report_twenty_days_after(server):
    ref = active(server, "2025-05-31", "2025-06-30", **SCHEME)
    assert deadlines(server, ref) == {"plan": "2025-03-31", "completion": "2025-06-30", "report": "2025-07-20"}
    server.call("exchange.complete", ref=ref, ended_on="2025-06-25", days_actual=20)
    assert deadlines(server, ref) == {"report": "2025-07-15"}
    server.call("exchange.hand_in", ref=ref, document="report", handed_in_on="2025-07-20")
    got = get(server, ref)
    assert got["deadlines"] == []
    notice, = got["notices"]
    assert (notice["document"], notice["filed_on"], notice["due_on"], notice["decision"]) == ("report", "2025-07-20", "2025-07-15", None)
    assert notice["by"] and history(server, ref, "report") == [(None, "2025-07-20", None)]


@pytest.mark.parametrize("starts, ends, limit", [
    ("2031-04-01", "2032-02-29", None), ("2031-04-01", "2032-03-01", "2032-02-29"), ("2031-03-15", "2031-04-10", "2031-02-28"),
    ("2031-01-10", "2031-02-28", None), ("2031-01-10", "2031-03-01", "2031-02-28")])
def test_an_exchange_ends_by_the_end_of_february_of_its_fiscal_year(server, starts, ends, limit):
    assert deadlines(server, proposal(server, starts, ends, **SCHEME)).get("end") == limit


def test_outside_a_scheme_nothing_is_due_but_its_own_steps(server):
    ref = proposal(server, "2031-05-01", "2032-05-30")
    assert deadlines(server, ref) == {}
    ref = approved(server, "2031-05-01", "2031-05-30", requires=["home", "host", "visa"])
    assert deadlines(server, ref) == {"approvals": "2031-05-01"}
    server.call("exchange.decide", ref=ref, approval="visa", decision="granted")
    assert deadlines(server, ref) == {"start": "2031-05-01"}


def due(call, **params):
    return {(item["code"], item["due"]): item for item in call("exchange.due", {"limit": 1000, **params})["items"]}


def test_what_is_late_or_near_is_listed_the_oldest_first(server):
    late = completed(server, day(-60), day(-41), **SCHEME, committee="ccfe")
    near = proposal(server, day(75), day(90), **SCHEME)
    far = proposal(server, day(300), day(310), **SCHEME)
    found = due(server.call)
    assert found[late, "report"]["state"] == "late" and found[late, "report"]["days_left"] == -21
    assert "nifs.ac.jp" in found[late, "report"]["source"]
    assert found[near, "plan"]["state"] == "near" and 10 <= found[near, "plan"]["days_left"] <= 17
    assert (far, "plan") not in found and (far, "plan") in due(server.call, within=300)
    assert (near, "plan") not in due(server.call, within=5)
    assert due(server.call, as_of=day(30))[near, "plan"]["state"] == "late"
    assert (late, "report") not in due(server.call, as_of=day(-60), within=30)
    days = [item["due_on"] for item in server.call("exchange.due", limit=1000)["items"]]
    assert days == sorted(days)


def test_due_is_filtered_and_paged_without_gaps_or_repeats(server):
    mine = [proposal(server, day(70 + n % 3), day(90), **SCHEME, committee="jift", home=THIRD) for n in range(7)]
    whole = server.call("exchange.due", limit=1000)["items"]
    pages, cursor = [], None
    while True:
        page = server.call("exchange.due", {"limit": 3, **({"cursor": cursor} if cursor else {})})
        pages += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == whole and len(whole) >= 7
    for filters in ({"committee": "jift"}, {"organization": THIRD}):
        assert {code for code, _ in due(server.call, **filters)} == set(mine), filters
    assert set(mine) <= {code for code, _ in due(server.call, scheme="jp-us-fusion", due="plan", state="near", synthetic=False)}
    assert due(server.call, state="late", committee="jift") == {} == due(server.call, due="report", committee="jift")


@pytest.mark.parametrize("given, name, parameter", [
    ({"organization": "nowhere"}, "not_found", "organization"), ({"committee": "nowhere"}, "not_found", "committee"),
    ({"scheme": "nowhere"}, "not_found", "scheme"), ({"within": -1}, "invalid_params", "within"),
    ({"as_of": "2026-02-30"}, "invalid_params", "as_of"), ({"state": "soon"}, "invalid_params", "state"),
    ({"due": "lunch"}, "invalid_params", "due"), ({"cursor": "?"}, "invalid_params", "cursor")])
def test_a_question_after_what_is_due_that_cannot_be_names_the_parameter(server, given, name, parameter):
    error = server.refused("exchange.due", given)
    assert (error.name, error.data["parameter"]) == (name, parameter)


def test_an_organization_sees_what_is_due_of_its_own_exchanges_alone(server, as_):
    ours = proposal(server, day(65), day(90), **SCHEME, home=THIRD)
    theirs = proposal(server, day(65), day(90), **SCHEME)
    for role in ("coordinator", "member"):
        found = {code for code, _ in due(lambda method, params: as_(role, THIRD)(method, **params), within=400)}
        assert ours in found and theirs not in found
    assert refused(as_("analyst"), "exchange.due").name == "denied"


# Handing in ---------------------------------------------------------------------------------------------------


def test_a_plan_that_is_handed_in_is_due_no_more_and_a_later_one_is_kept_beside_it(server):
    ref = proposal(server, "2031-06-01", "2031-06-30", **SCHEME)
    assert deadlines(server, ref)["plan"] == "2031-04-01"
    was = get(server, ref)["version"]
    server.call("exchange.hand_in", ref=ref, document="plan", handed_in_on="2026-03-01", note="B1")
    server.call("exchange.hand_in", ref=ref, document="plan", handed_in_on="2026-03-20")
    got = get(server, ref)
    assert got["version"] == was + 2 and "plan" not in deadlines(server, ref)
    assert [(n["filed_on"], n["due_on"], n["note"]) for n in got["notices"]] == [
        ("2026-03-01", "2031-04-01", "B1"), ("2026-03-20", "2031-04-01", None)]
    assert history(server, ref, "plan") == [(None, "2026-03-01", "B1"), ("2026-03-01", "2026-03-20", None)]


def test_what_cannot_be_handed_in_is_refused(server):
    planned, done = proposal(server, "2031-06-01", "2031-06-30"), completed(server, "2025-06-01", "2025-06-30")
    for ref, given, name, parameter in (
            (planned, {"document": "report"}, "invalid_transition", "document"),
            (done, {"document": "plan"}, "invalid_transition", "document"),
            (done, {"document": "report", "handed_in_on": "2025-06-29"}, "invalid_params", "handed_in_on"),
            (planned, {"document": "plan", "handed_in_on": day(30)}, "invalid_params", "handed_in_on"),
            (planned, {"document": "poem"}, "invalid_params", "document"), (planned, {}, "invalid_params", "document"),
            ("nothing", {"document": "plan"}, "not_found", "ref"),
            (planned, {"document": "plan", "if_version": 99}, "stale_version", None)):
        error = server.refused("exchange.hand_in", {"ref": ref, **given})
        assert (error.name, error.data.get("parameter") if parameter else None) == (name, parameter), given
        if ref != "nothing":
            assert get(server, ref)["notices"] == []


def test_a_coordinator_hands_in_for_the_own_organization_alone(server, as_):
    ref = proposal(server, "2031-06-01", "2031-06-30", home=THIRD)
    as_("coordinator", THIRD)("exchange.hand_in", ref=ref, document="plan")
    theirs = proposal(server, "2031-06-01", "2031-06-30")
    assert refused(as_("coordinator", THIRD), "exchange.hand_in", ref=theirs, document="plan").name in ("denied", "not_found")
    assert refused(as_("member", THIRD), "exchange.hand_in", ref=ref, document="plan").name == "denied"


def test_the_same_key_hands_in_once(server):
    ref, key = proposal(server, "2031-06-01", "2031-06-30"), "0a54a4c8-6d5f-4b1e-9d0a-5d0a4b8f0c11"
    first = server.call("exchange.hand_in", ref=ref, document="plan", idempotency_key=key)
    assert server.call("exchange.hand_in", ref=ref, document="plan", idempotency_key=key) == first
    assert len(get(server, ref)["notices"]) == 1


# Changes ------------------------------------------------------------------------------------------------------


def test_a_change_that_is_accepted_changes_the_plan_and_its_history_tells_who_when_and_what(server):
    who = person(server)
    ref = approved(server, "2031-06-01", "2031-06-30", who, days=25, **SCHEME)
    server.call("exchange.change_notice", ref=ref, changes="Machine time was moved", filed_on="2026-02-01", starts="2031-06-11",
                ends="2031-06-25", days=12)
    got = get(server, ref)
    assert got["starts"] == "2031-06-01" and got["notices"][0]["decision"] == "pending"
    assert got["notices"][0]["due_on"] == "2031-06-01" and deadlines(server, ref)["change"] == "2031-06-01"
    server.call("exchange.decide_change", ref=ref, decision="accepted", decided_on="2026-02-10", note="Agreed")
    got = get(server, ref)
    assert got["planned"] == {"starts": "2031-06-11", "ends": "2031-06-25"} and (got["starts"], got["ends"]) == ("2031-06-11", "2031-06-25")
    assert (got["days_proposed"], got["days_approved"]) == (30, 12)
    notice = got["notices"][0]
    assert (notice["decision"], notice["decided_on"], notice["decision_note"]) == ("accepted", "2026-02-10", "Agreed") and notice["decided_by"]
    assert "change" not in deadlines(server, ref)
    assert history(server, ref, "days_approved") == [(None, "25", None), ("25", "12", "Agreed")]
    assert history(server, ref, "starts") == [("2031-06-01", "2031-06-11", "Agreed")]
    assert history(server, ref, "ends") == [("2031-06-30", "2031-06-25", "Agreed")]
    assert history(server, ref, "change") == [(None, "filed", "Machine time was moved"), ("filed", "accepted", "Agreed")]
    for step in server.call("exchange.history", ref=ref)["items"]:
        assert step["at"] and step["by"]


def test_a_shorter_plan_leaves_no_more_days_than_it_has(server):
    ref = approved(server, "2031-06-01", "2031-06-30")
    server.call("exchange.change_notice", ref=ref, changes="Shorter", ends="2031-06-10")
    server.call("exchange.decide_change", ref=ref, decision="accepted")
    got = get(server, ref)
    assert (got["days_proposed"], got["days_approved"], got["ends"]) == (30, 10, "2031-06-10")


def test_a_change_under_way_moves_the_end_and_where_the_person_counts(server):
    who = person(server)
    ref = active(server, "2025-06-01", "2025-08-31", who)
    server.call("exchange.change_notice", ref=ref, changes="Earlier return", ends="2025-06-20")

    def host_fte():
        return server.sql("select coalesce(sum(l.fte), 0)::float from derive.location l join core.organization o on o.id = l.organization_id "
                          "join core.person p on p.id = l.person_id where p.code = %s and o.code = %s and l.months @> '2025-08-01'::date",
                          who, HOST)[0][0]
    assert host_fte() == 1
    server.call("exchange.decide_change", ref=ref, decision="accepted")
    assert (get(server, ref)["starts"], get(server, ref)["ends"]) == ("2025-06-01", "2025-06-20") and host_fte() == 0


def test_a_change_that_is_refused_changes_nothing_and_is_decided_once(server):
    ref = approved(server, "2031-06-01", "2031-06-30")
    server.call("exchange.change_notice", ref=ref, changes="Later", starts="2031-06-05")
    server.call("exchange.decide_change", ref=ref, decision="refused")
    got = get(server, ref)
    assert got["planned"] == {"starts": "2031-06-01", "ends": "2031-06-30"} and got["notices"][0]["decision"] == "refused"
    error = server.refused("exchange.decide_change", ref=ref, decision="accepted")
    assert (error.name, error.data["parameter"]) == ("invalid_transition", "ref")
    error = server.refused("exchange.decide_change", ref=ref, decision="accepted", notice=got["notices"][0]["id"])
    assert (error.name, error.data["parameter"]) == ("invalid_transition", "notice")


def test_of_two_notices_the_one_that_is_meant_is_named(server):
    ref = approved(server, "2031-06-01", "2031-06-30")
    for text in ("First", "Second"):
        server.call("exchange.change_notice", ref=ref, changes=text, due_on="2031-05-01")
    assert len([d for d in get(server, ref)["deadlines"] if d["due"] == "change"]) == 2
    page = server.call("exchange.due", as_of="2031-05-01", within=1, due="change", limit=1)
    rest = server.call("exchange.due", as_of="2031-05-01", within=1, due="change", cursor=page["next"])
    assert [i["code"] for i in page["items"] + rest["items"]] == [ref, ref]
    error = server.refused("exchange.decide_change", ref=ref, decision="accepted")
    assert (error.name, error.data["parameter"]) == ("invalid_params", "notice")
    second = [n["id"] for n in get(server, ref)["notices"] if n["changes"] == "Second"][0]
    server.call("exchange.decide_change", ref=ref, decision="refused", notice=second)
    assert [n["decision"] for n in sorted(get(server, ref)["notices"], key=lambda n: n["changes"])] == ["pending", "refused"]


def test_a_notice_or_decision_that_cannot_be_is_refused(server):
    ref, planned, running = (approved(server, "2031-06-01", "2031-06-30", days=20), proposal(server, "2031-06-01", "2031-06-30"),
                             active(server, "2025-06-01", "2025-06-30"))
    for where, given, name, parameter in (
            (planned, {"changes": "x"}, "invalid_transition", "ref"),
            (ref, {}, "invalid_params", "changes"), (ref, {"changes": ""}, "invalid_params", "changes"),
            (ref, {"changes": "x", "days": 21}, "invalid_params", "days"),
            (ref, {"changes": "x", "days": 15, "ends": "2031-06-10"}, "invalid_params", "days"),
            (ref, {"changes": "x", "ends": "2031-05-01"}, "invalid_params", "ends"),
            (ref, {"changes": "x", "ends": "2049-05-01"}, "invalid_params", "ends"),
            (ref, {"changes": "x", "filed_on": day(30)}, "invalid_params", "filed_on"),
            (running, {"changes": "x", "starts": "2025-06-05"}, "invalid_params", "starts")):
        error = server.refused("exchange.change_notice", {"ref": where, **given})
        assert (error.name, error.data["parameter"]) == (name, parameter), given
    server.call("exchange.change_notice", ref=ref, changes="x", filed_on="2026-03-01")
    for given, name, parameter in (({"decided_on": "2026-02-01"}, "invalid_params", "decided_on"),
                                   ({"decided_on": day(30)}, "invalid_params", "decided_on"),
                                   ({"decision": "maybe"}, "invalid_params", "decision"),
                                   ({"notice": "019a0000-0000-7000-8000-000000000000"}, "not_found", "notice"),
                                   ({"notice": "x"}, "invalid_params", "notice")):
        error = server.refused("exchange.decide_change", {"ref": ref, "decision": "accepted", **given})
        assert (error.name, error.data["parameter"]) == (name, parameter), given
    server.call("exchange.cancel", ref=ref, reason="Changed jobs")
    assert server.refused("exchange.decide_change", ref=ref, decision="accepted").name == "invalid_transition"
    server.call("exchange.decide_change", ref=ref, decision="refused")


def test_changes_are_decided_by_the_secretariat(server, as_):
    ref = approved(server, "2031-06-01", "2031-06-30", home=THIRD)
    as_("coordinator", THIRD)("exchange.change_notice", ref=ref, changes="Later")
    assert refused(as_("coordinator", THIRD), "exchange.decide_change", ref=ref, decision="accepted").name == "denied"
    as_("secretariat")("exchange.decide_change", ref=ref, decision="accepted")


# Key persons, assignments, costs ------------------------------------------------------------------------------


def test_key_person_and_counterpart_are_seen_by_both_sides(server, as_):
    who, key, other = person(server, THIRD), person(server, HOME), person(server, HOST)
    ref = proposal(server, "2031-06-01", "2031-06-30", who, home=THIRD, key_person=key, counterpart=other)
    got = as_("coordinator", THIRD)("exchange.get", ref=ref)
    assert got["key_person"]["code"] == key and got["counterpart"]["code"] == other
    assert server.call("subject.export", ref=key)["records"]["exchange_as_key"][0]["code"] == ref
    server.call("exchange.update", {"ref": ref, "key_person": None})
    assert get(server, ref)["key_person"] is None
    assert refused(as_("coordinator", THIRD), "person.get", ref=key).name == "not_found"
    assert server.refused("exchange.update", ref=ref, key_person="P-nobody").data["parameter"] == "key_person"


def test_an_assignment_to_iter_has_its_details(server):
    ref = proposal(server, "2031-06-01", "2032-05-31", kind="iter_assignment", host="iter-org", agreement="iter",
                   assignment={"type": "project_associate", "agency": HOME, "department": "Tokamak assembly", "position": "Engineer",
                               "reference": "IPA-7", "contract_ends": "2033-05-31"})
    got = get(server, ref)["assignment"]
    assert (got["type"], got["agency"]["code"], got["department"], got["position"], got["reference"], got["contract_ends"]) == (
        "project_associate", HOME, "Tokamak assembly", "Engineer", "IPA-7", "2033-05-31")
    server.call("exchange.update", ref=ref, assignment={"type": "secondment"})
    assert get(server, ref)["assignment"]["type"] == "secondment" and get(server, ref)["assignment"]["position"] is None
    visit = proposal(server, "2031-06-01", "2031-06-30")
    for where, given, name, parameter in (
            (visit, {"type": "staff"}, "invalid_params", "assignment"), (ref, {}, "invalid_params", "assignment.type"),
            (ref, {"type": "king"}, "invalid_params", "assignment.type"),
            (ref, {"type": "staff", "agency": "nowhere"}, "not_found", "assignment.agency"),
            (ref, {"type": "staff", "contract_ends": "soon"}, "invalid_params", "assignment.contract_ends")):
        error = server.refused("exchange.update", ref=where, assignment=given)
        assert (error.name, error.data["parameter"]) == (name, parameter), given


def test_who_pays_which_part_is_recorded(server):
    costs = [{"part": "insurance", "payer": "home", "amount": 120.5, "currency": "USD"}, {"part": "salary", "payer": "home"},
             {"part": "travel", "payer": "scheme", "amount": 300000, "currency": "JPY"}]
    ref = proposal(server, "2031-06-01", "2031-06-30", costs=costs)
    assert get(server, ref)["costs"] == [{"amount": None, "currency": None, **cost} for cost in costs]
    for cost, parameter in (({"part": "travel", "payer": "home", "amount": 5}, "costs"),
                            ({"part": "travel", "payer": "home", "amount": -5, "currency": "JPY"}, "costs[0].amount"),
                            ({"part": "travel", "payer": "home", "amount": 5, "currency": "yen"}, "costs"),
                            ({"part": "lunch", "payer": "home"}, "costs[0].part"), ({"part": "travel", "payer": "me"}, "costs[0].payer")):
        error = server.refused("exchange.update", ref=ref, costs=[cost])
        assert (error.name, error.data["parameter"]) == ("invalid_params", parameter), cost


# Workshops ----------------------------------------------------------------------------------------------------


def test_participants_of_a_workshop_are_people_or_numbers_and_move_no_supply(server):
    guest = person(server)
    placed = "select organization_id, months, fte from derive.location where person_id = (select id from core.person where code = %s)"
    before = server.sql(placed, guest)
    ref = active(server, "2025-06-02", "2025-06-06", kind="workshop", participants=[
        {"person": guest, "organization": HOME, "days": 5}, {"organization": HOST, "people": 12}, {"organization": THIRD, "people": 3, "days": 2}])
    got = {(p["person"] or {}).get("code") or p["organization"]["code"]: (p["people"], p["days"]) for p in get(server, ref)["participants"]}
    assert got == {guest: (1, 5), HOST: (12, None), THIRD: (3, 2)}
    server.fold()
    assert server.sql(placed, guest) == before
    server.call("exchange.update", ref=ref, participants=[{"organization": HOST, "people": 10}])
    assert [p["people"] for p in get(server, ref)["participants"]] == [10]


@pytest.mark.parametrize("participants, name, parameter", [
    ([{"people": 5}], "invalid_params", "participants[0].organization"),
    ([{"organization": HOST}], "invalid_params", "participants[0].person"),
    ([{"organization": HOST, "people": 0}], "invalid_params", "participants[0].people"),
    ([{"organization": "nowhere", "people": 5}], "not_found", "participants[0].organization"),
    ([{"organization": HOST, "people": 5}] * 2, "conflict", "participants"),
    ([{"organization": HOST, "people": 5}, {"person": "P-nobody"}], "not_found", "participants[1].person"),
    ([{"person": "P-nobody", "people": 5}], "invalid_params", "participants[0].people"),
])
def test_participants_that_cannot_be_name_the_parameter(server, participants, name, parameter):
    error = server.refused("exchange.create", kind="workshop", home=HOME, host=HOST, starts="2031-06-02", ends="2031-06-06",
                           participants=participants)
    assert (error.name, error.data["parameter"]) == (name, parameter)


# Outcome and correction ---------------------------------------------------------------------------------------


def test_what_came_of_it_may_become_known_later(server):
    ref = completed(server, "2025-06-01", "2025-06-30", done={"publications": ["10.1088/1741-4326/ab1cdf"]})
    got = get(server, ref)
    assert got["returned"] is None and got["publications"] == ["https://doi.org/10.1088/1741-4326/ab1cdf"]
    server.call("exchange.update", ref=ref, returned=True, outcome="A code was ported",
                publications=["doi:10.1000/182", "https://example.org/report.pdf"])
    got = get(server, ref)
    assert (got["returned"], got["outcome"]) == (True, "A code was ported")
    assert got["publications"] == ["https://doi.org/10.1000/182", "https://example.org/report.pdf"]
    assert history(server, ref, "returned") == [(None, "true", None)]
    running = active(server, "2025-06-01", "2025-06-30")
    for given in ({"returned": True}, {"outcome": "x"}, {"publications": []}):
        error = server.refused("exchange.update", {"ref": running, **given})
        assert (error.name, error.data["parameter"]) == ("invalid_transition", next(iter(given)))


@pytest.mark.parametrize("link", ["http://example.org/1", "ftp://example.org/1", "https://", "https://x y.org", "11.1000/1", "see the library",
                                  "javascript:alert(1)"])
def test_a_publication_is_named_by_https_or_doi(server, link):
    ref = active(server, "2025-06-01", "2025-06-30")
    error = server.refused("exchange.complete", ref=ref, ended_on="2025-06-30", publications=["10.1000/182", link])
    assert (error.name, error.data["parameter"]) == ("invalid_params", "publications[1]")
    assert get(server, ref)["status"] == "active"


def test_a_correction_reverses_what_was_granted_deletes_nothing_and_stands_in_the_history(server):
    ref = completed(server, "2025-06-01", "2025-06-30", objectives=[{"skill": SKILL, "level": 3}], done={
        "returned": True, "gains": [{"skill": SKILL, "level": 4}, {"skill": OTHER, "level": 1}]})
    kept = ("holding", "exchange_objective", "exchange_step")
    count = {t: server.sql(f"select count(*) from core.{t}")[0][0] for t in kept}
    server.call("exchange.correct", ref=ref, reason="Recorded too high", returned=False, gains=[{"skill": SKILL, "level": 2}])
    for table in kept:
        assert server.sql(f"select count(*) from core.{table}")[0][0] >= count[table], table
    got = get(server, ref)
    aims = {o["skill"]["code"]: (o["level"], o["gained_level"], o["reversed_level"]) for o in got["objectives"]}
    assert aims == {SKILL: (3, 2, 4), OTHER: (None, None, 1)}
    assert history(server, ref, "gained") == [
        (None, f"{OTHER} 1", None), (None, f"{SKILL} 4", None), (f"{OTHER} 1", None, "Recorded too high"),
        (f"{SKILL} 4", None, "Recorded too high"), (None, f"{SKILL} 2", "Recorded too high")]
    assert history(server, ref, "returned") == [(None, "true", None), ("true", "false", "Recorded too high")]
    error = server.refused("exchange.correct", ref=ref, reason="x", took_place=False, returned=True)
    assert (error.name, error.data["parameter"]) == ("invalid_params", "returned")


# Erasure and rights -------------------------------------------------------------------------------------------


def test_an_erasure_takes_key_person_assignment_and_the_words_of_changes_with_it(server):
    words = ["erased-position-4711", "erased-reference-4711", "erased-change-4711", "erased-decision-4711", "erased-department-4711"]
    who, key = person(server), person(server)
    ref = approved(server, "2031-06-01", "2031-06-30", who, kind="iter_assignment", host="iter-org", assignment={
        "type": "staff", "position": words[0], "reference": words[1], "department": words[4]})
    other = proposal(server, "2031-07-01", "2031-07-30", key_person=key)
    server.call("exchange.change_notice", ref=ref, changes=words[2])
    server.call("exchange.decide_change", ref=ref, decision="refused", note=words[3])

    def dumped():
        text = subprocess.run(as_user("/usr/lib/postgresql/15/bin/pg_dump", "-d", server.cluster.conninfo(server.database)),
                              capture_output=True, check=True).stdout.decode()
        return [word for word in words if word in text]
    assert dumped() == words
    export = server.call("subject.export", ref=who)["records"]
    assert export["exchange_assignment"][0]["position"] == words[0] and export["exchange_notice"][0]["changes"] == words[2]
    for code in (who, key):
        server.call("subject.erase", ref=code, confirm=code)
    assert dumped() == []
    assert get(server, other)["key_person"] is None and get(server, ref)["assignment"]["type"] == "staff"
    wait_for(lambda: server.sql("select count(*) from core.scrub_due") == [(0,)], "the clearing of dead rows")


def test_of_a_key_person_recorded_twice_the_record_that_stays_is_named(server):
    stays, goes = person(server), person(server)
    ref = proposal(server, "2031-06-01", "2031-06-30", key_person=goes)
    server.sql("update core.person set merged_into_id = (select id from core.person where code = %s) where code = %s", stays, goes)
    assert get(server, ref)["key_person"]["code"] == stays


# The balance --------------------------------------------------------------------------------------------------

MONTH = 365.25 / 12


@pytest.fixture(scope="module")
def balance(cluster):
    """A record of its own: exchanges of 2023 and 2024 between two countries, of verified people."""
    server = Server(cluster)
    for code, kind, country in (("jp-1", "university", "JP"), ("jp-2", "national_laboratory", "JP"), ("us-1", "university", "US"),
                                ("us-2", "company", "US")):
        server.call("organization.create", code=code, name={"en": code}, kind=kind, country=country)
    server.people = {}
    for code in ("jp-1", "jp-2", "us-1", "us-2"):
        server.people[code] = [person(server, code) for _ in range(6)]
        for who in server.people[code]:
            server.call("person.update", ref=who, verified=True)

    def goes(who, home, host, starts, ends, **more):
        return completed(server, starts, ends, who, home=home, host=host, **more)
    p = server.people
    # Over the turn of Japan's fiscal year: 11 days of 2022, 20 of 2023.
    goes(p["jp-1"][0], "jp-1", "us-1", "2023-03-21", "2023-04-20", pillars=["science", "workforce"], **SCHEME)
    # The same person again, at half time, and fewer days than approved.
    goes(p["jp-1"][0], "jp-1", "us-2", "2023-06-01", "2023-06-30", fte=0.5, done={"days_actual": 20}, pillars=["science"], **SCHEME)
    goes(p["jp-2"][0], "jp-2", "us-1", "2023-09-01", "2023-10-30", pillars=["regulation"])
    goes(p["us-1"][0], "us-1", "jp-1", "2023-07-01", "2023-07-31", scheme="jp-us-fusion", category="joint-planning")
    # A workshop in the United States, with one from Japan, four more who are a number, and some who stayed at home.
    completed(server, "2023-11-06", "2023-11-10", kind="workshop", home="jp-1", host="us-2", participants=[
        {"person": p["jp-1"][1], "days": 3}, {"organization": "jp-2", "people": 4}, {"organization": "us-1", "people": 50}])
    # Within a country, not begun, and never held.
    goes(p["jp-1"][2], "jp-1", "jp-2", "2023-06-01", "2023-06-30")
    approved(server, "2023-06-01", "2023-06-30", p["jp-1"][3], home="jp-1", host="us-1")
    server.call("exchange.cancel", ref=approved(server, "2023-06-01", "2023-06-30", p["jp-1"][4], home="jp-1", host="us-1"), reason="x")
    yield server
    server.close()


def cells(call, **params):
    return {(i["group"], i["from"], i["to"]): (i["people"], None if i["person_months"] is None else float(i["person_months"]))
            for i in call("exchange.balance", **params)["items"]}


def months(days):
    return round(days / MONTH, 2)


def close(got, expected):
    assert got.keys() == expected.keys()
    for key, (people, person_months) in expected.items():
        assert got[key][0] == people and abs(got[key][1] - person_months) < 0.011, (key, got[key], expected[key])


def call_of(server):
    return lambda method, **params: server.call(method, params)


def test_the_balance_counts_each_person_once_and_the_days_of_the_year(balance):
    call = call_of(balance)
    both = {("all", "JP", "US"): (7, months(20 + 10 + 60 + 3 + 20)), ("all", "US", "JP"): (1, months(31))}
    close(cells(call, year=2023), both)
    close(cells(call, year=2022), {("all", "JP", "US"): (1, months(11))})
    answer = call("exchange.balance", year=2023)
    assert (answer["starts"], answer["ends"], answer["year_kind"]) == ("2023-04-01", "2024-03-31", "jp_fiscal")


def test_the_balance_goes_by_the_fiscal_year_of_either_country_and_the_calendars(balance):
    call = call_of(balance)
    close(cells(call, year=2023, year_kind="us_fiscal"), {("all", "JP", "US"): (2, months(31 + 10 + 30)), ("all", "US", "JP"): (1, months(31))})
    close(cells(call, year=2024, year_kind="us_fiscal"), {("all", "JP", "US"): (6, months(30 + 3 + 20))})
    close(cells(call, year=2023, year_kind="calendar"), {("all", "JP", "US"): (7, months(31 + 10 + 60 + 3 + 20)), ("all", "US", "JP"): (1, months(31))})
    assert call("exchange.balance", year=2024, year_kind="us_fiscal")["starts"] == "2023-10-01"
    trend = call("exchange.balance", year=2024, years=3, home_country="JP")["items"]
    assert [(i["year"], i["people"]) for i in trend] == [(2022, 1), (2023, 7)]


def test_the_balance_is_divided_by_pillar_category_and_kind_of_organization(balance):
    call = call_of(balance)
    close(cells(call, year=2023, by="pillar"), {
        ("science", "JP", "US"): (1, months(30)), ("workforce", "JP", "US"): (1, months(20)), ("regulation", "JP", "US"): (1, months(60)),
        ("none", "JP", "US"): (5, months(23)), ("none", "US", "JP"): (1, months(31))})
    close(cells(call, year=2023, by="category"), {
        ("personal-exchange", "JP", "US"): (1, months(30)), ("outside", "JP", "US"): (6, months(60 + 23)),
        ("joint-planning", "US", "JP"): (1, months(31))})
    close(cells(call, year=2023, by="kind"), {
        ("university", "JP", "US"): (2, months(33)), ("national_laboratory", "JP", "US"): (5, months(80)), ("university", "US", "JP"): (1, months(31))})
    close(cells(call, year=2023, organization="us-1"), {
        ("us-1", "JP", "US"): (2, months(80)), ("us-1", "US", "JP"): (1, months(31))})
    close(cells(call, year=2023, pillar="regulation"), {("regulation", "JP", "US"): (1, months(60))})
    close(cells(call, year=2023, category="joint-planning", host_country="JP"), {("joint-planning", "US", "JP"): (1, months(31))})
    named = call("exchange.balance", year=2023, by="category", lang="ja")["items"]
    assert {i["group"]: i["group_name"] for i in named}["joint-planning"] == "共同計画"


@pytest.mark.parametrize("given, name, parameter", [
    ({"by": "pillar", "organization": "us-1"}, "invalid_params", "organization"), ({"by": "kind", "pillar": "science"}, "invalid_params", "pillar"),
    ({"by": "pillar", "category": "x"}, "invalid_params", "category"), ({"organization": "us-1", "pillar": "science"}, "invalid_params", "pillar"),
    ({"organization": "nowhere"}, "not_found", "organization"), ({"release": "nowhere"}, "not_found", "release"),
    ({"year": 1}, "invalid_params", "year"), ({"years": 0}, "invalid_params", "years"), ({"year_kind": "lunar"}, "invalid_params", "year_kind"),
    ({"by": "shoe"}, "invalid_params", "by"), ({"home_country": "Japan"}, "invalid_params", "home_country")])
def test_a_balance_that_cannot_be_names_the_parameter(balance, given, name, parameter):
    error = balance.refused("exchange.balance", given)
    assert (error.name, error.data["parameter"]) == (name, parameter)


def principal(server, role, organization=None):
    where = {"organization": organization} if organization else {}
    made = server.call("principal.create", {"name": f"balance {role} {organization}", "kind": "person", "role": role, **where})["id"]
    wire = server.connect()
    wire.call("access.sign_in", {"token": server.call("token.create", principal=made)["token"]})
    return lambda method, **params: wire.call(method, params)


def test_outsiders_see_the_balance_of_a_release_and_their_own_organization_live(balance):
    analyst, ours = principal(balance, "analyst"), principal(balance, "coordinator", "jp-1")
    close(cells(ours, year=2023, organization="jp-1"), {("jp-1", "JP", "US"): (2, months(33)), ("jp-1", "US", "JP"): (1, months(31))})
    balance.call("release.create", code="R-first")
    frozen = analyst("exchange.balance", year=2023, years=2, by="organization")
    assert (frozen["release"], frozen["at_most"], frozen["perturbed"]) == ("R-first", 6, True) and "up to 6" in frozen["notes"][0]
    # No small count as it is, months in halves and hidden for few.
    for by in ("direction", "pillar", "category", "kind", "organization"):
        for kind in ("calendar", "jp_fiscal", "us_fiscal"):
            for item in analyst("exchange.balance", year=2024, years=3, by=by, year_kind=kind)["items"]:
                assert item["people"] > 3 and item["live"] is False
                assert item["person_months"] is None or float(item["person_months"]) * 2 % 1 == 0
    # One exchange more, of a verified person, changes nothing of what was released, and the own organization sees it at once.
    completed(balance, "2023-05-01", "2023-05-31", balance.people["jp-1"][5], home="jp-1", host="us-1")
    assert analyst("exchange.balance", year=2023, years=2, by="organization")["items"] == frozen["items"]
    assert cells(ours, year=2023, organization="jp-1")["jp-1", "JP", "US"][0] == 3
    assert [i for i in ours("exchange.balance", year=2023, by="organization")["items"] if i["live"] and i["group"] != "jp-1"] == []
    # The same people in the same cell have the same noise in another release.
    balance.call("release.create", code="R-second")
    balance.call("release.create", code="R-third")
    assert analyst("exchange.balance", year=2023, release="R-second")["items"] == analyst("exchange.balance", year=2023, release="R-third")["items"]


def test_released_counts_are_off_by_the_rules_noise_and_count_verified_people_alone(balance):
    balance.sql("""
        with made as (insert into core.person (code, career_stage, verified)
            select 'big-' || n, 'mid', n <= 40 from generate_series(1, 60) n returning id)
        insert into core.exchange (kind, person_id, home_id, host_id, planned, actual, days_approved, days_actual, status)
        select 'visit', m.id, (select id from core.organization where code = 'us-2'), (select id from core.organization where code = 'jp-2'),
            '[2022-06-01,2022-07-01)', '[2022-06-01,2022-07-01)', 30, 30, 'completed' from made m""")
    balance.call("release.create", code="R-big")
    true = balance.sql("select heads, keys from derive.exchange_cells('calendar', 2022, '{direction}', true, null)")
    assert true[0][0] == 40
    noise = balance.sql("""select p.noise from derive.perturbation p
        where p.rule = (select rule from core.release where code = 'R-big') and p.heads = least(40, (
            select max(q.heads) from derive.perturbation q where q.rule = p.rule)) and p.below > %s order by p.below limit 1""", true[0][1])[0][0]
    item, = principal(balance, "auditor")("exchange.balance", year=2022, year_kind="calendar")["items"]
    assert item["people"] == 40 + noise and item["hidden"] is False
    exact = 40 * 30 / MONTH
    assert 0.6 * exact < float(item["person_months"]) < 1.5 * exact
    live, = balance.call("exchange.balance", year=2022, year_kind="calendar")["items"]
    assert live["people"] == 60


def test_an_erased_person_stays_in_the_balance(balance):
    who = balance.people["us-2"][0]
    completed(balance, "2018-05-01", "2018-05-31", who, home="us-2", host="jp-1")
    before = cells(call_of(balance), year=2018)
    balance.call("subject.erase", ref=who, confirm=who)
    assert cells(call_of(balance), year=2018) == before == {("all", "US", "JP"): (1, months(31))}
    assert balance.sql("select heads from derive.exchange_cells('jp_fiscal', 2018, '{direction}', true, null)") == [(1,)]


def test_before_the_first_release_outsiders_are_told_nothing(server, as_):
    completed(server, "2024-05-01", "2024-05-31")
    answer = as_("analyst")("exchange.balance", year=2024)
    assert answer["items"] == [] and answer["perturbed"] is True and "exchanges are not shown" in answer["notes"][0]


def test_nothing_counts_exchanges_past_the_publishing_function(server):
    for table in ("derive.release_exchange",):
        assert server.sql("select has_any_column_privilege('jinzai_api', %s, 'select')", table) == [(False,)]
    for function in ("exchange_travel(daterange, boolean)", "exchange_cells(text, integer, text[], boolean, uuid)"):
        assert server.sql("select has_function_privilege('jinzai_api', %s, 'execute')", "derive." + function) == [(False,)]
    callers = server.sql("""
        select n.nspname || '.' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('core', 'derive', 'api') and p.prosrc ~ 'derive\\.(exchange_cells|exchange_travel|release_exchange)' order by 1""")
    assert [name for name, in callers] == ["derive.cut_exchanges", "derive.exchange_cells", "derive.publish_exchanges"]
    for statement in ("select * from derive.release_exchange", "select * from derive.exchange_cells('calendar', 2023, '{direction}', false, null)",
                      "select * from derive.publish_exchanges('calendar', 2023, 'direction', null)"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            server.sql(statement, user="jinzai_daemon")


def test_an_event_tells_of_what_was_handed_in_by_field_never_by_value(server):
    ref = proposal(server, "2031-06-01", "2031-06-30")
    server.call("exchange.hand_in", ref=ref, document="plan", note="a secret note")
    rows = server.sql("select i.action, i.fields::text from (select record_code, action, fields, id from derive.event_inbox union all "
                      "select record_code, action, fields, inbox_id from derive.event_log) i where i.record_code = %s order by i.id", ref)
    assert [action for action, _ in rows] == ["created", "updated"]
    assert "secret" not in json.dumps(rows)
