# SPDX-License-Identifier: Apache-2.0
"""Exchanges of personnel, from proposal to outcome and its correction."""

import datetime
import itertools
import threading

import pytest

NUMBER = itertools.count(1)
SKILL, OTHER = "FS-MCF-03", "FS-MCF-02"
PLAN = {"starts": "2025-05-01", "ends": "2025-05-30"}
HOME, HOST = "home-lab", "host-lab"


@pytest.fixture(scope="module", autouse=True)
def sides(server):
    server.call("organization.create", code=HOME, name={"en": "Home laboratory"}, kind="university", country="JP")
    server.call("organization.create", code=HOST, name={"en": "Host laboratory"}, kind="national_laboratory", country="US")


def person(server):
    code = server.call("person.create", career_stage="postdoc")["code"]
    server.call("affiliation.create", person=code, organization=HOME, starts="2024-01-01")
    return code


def proposal(server, who=None, **more):
    return server.call("exchange.create", {"kind": "visit", "person": who or person(server), "home": HOME, "host": HOST,
                                           **PLAN, **more})["code"]


def step(server, ref, *names):
    given = {"approve_home": ("decide", {"approval": "home", "decision": "granted"}),
             "approve_host": ("decide", {"approval": "host", "decision": "granted"}),
             "decline": ("decline", {"reason": "No machine time"}), "cancel": ("cancel", {"reason": "Changed jobs"}),
             "complete": ("complete", {"ended_on": "2025-05-30"}), "correct": ("correct", {"reason": "Wrong"}),
             "decide": ("decide", {"approval": "visa", "decision": "granted"})}
    for name in names:
        verb, params = given.get(name, (name, {}))
        server.call(f"exchange.{verb}", {"ref": ref, **params})


TO_REVIEW = ("submit",)
TO_APPROVED = ("submit", "approve_home", "approve_host", "approve")
TO_ACTIVE = TO_APPROVED + ("activate",)
TO_COMPLETED = TO_ACTIVE + ("complete",)


def get(server, ref):
    return server.call("exchange.get", ref=ref)


def history(server, ref, field):
    return [(s["was"], s["became"], s["reason"]) for s in server.call("exchange.history", ref=ref)["items"] if s["field"] == field]


def levels(server, who):
    return dict(server.sql("""
        select s.code::text, t.level_verified from derive.timeline t
        join core.skill s on s.id = t.skill_id join core.person p on p.id = t.person_id
        where p.code = %s and t.days @> current_date""", who))


def placed(server, who, month):
    return dict(server.sql("""
        select o.code::text, l.fte::float from derive.location l
        join core.organization o on o.id = l.organization_id join core.person p on p.id = l.person_id
        where p.code = %s and l.months @> %s::date and l.fte <> 0""", who, month))


# The way through ---------------------------------------------------------------------------------------------


def test_an_exchange_goes_from_proposed_to_completed_and_every_step_is_in_its_history(server):
    who = person(server)
    ref = proposal(server, who, title={"en": "Stellarators", "ja": "ステラレータ"},
                   objectives=[{"skill": SKILL, "level": 3}], committee="ccfe", pillars=["science"], days_proposed=25)
    assert get(server, ref)["status"] == "proposed" and get(server, ref)["pending"] == ["home", "host"]
    step(server, ref, "submit", "approve_home", "approve_host")
    server.call("exchange.approve", ref=ref, days_approved=20, reason="Machine time")
    server.call("exchange.activate", ref=ref, started_on="2025-05-03")
    server.call("exchange.complete", ref=ref, ended_on="2025-05-28", days_actual=18, returned=True, outcome="A new coil shape",
                publications=["https://doi.org/10.1000/1", "https://doi.org/10.1000/1"],
                gains=[{"skill": SKILL, "level": 3}, {"skill": OTHER, "level": 1}])
    got = get(server, ref)
    assert got["status"] == "completed" and got["pending"] == [] and got["actions"] == ["correct"]
    assert (got["days_proposed"], got["days_approved"], got["days_actual"]) == (25, 20, 18)
    assert (got["starts"], got["ends"]) == ("2025-05-03", "2025-05-28")
    assert got["planned"] == PLAN
    assert got["publications"] == ["https://doi.org/10.1000/1"] and got["returned"] is True
    aims = {o["skill"]["code"]: (o["level"], o["gained_level"]) for o in got["objectives"]}
    assert aims == {SKILL: (3, 3), OTHER: (None, 1)}
    assert [was for was, _, _ in history(server, ref, "status")] == [None, "proposed", "under_review", "approved", "active"]
    assert history(server, ref, "days_approved") == [(None, "20", "Machine time")]
    assert history(server, ref, "days_actual") == [(None, "18", None)]
    assert history(server, ref, "approval_home") == [(None, "granted", None)]
    assert levels(server, who) == {SKILL: 3, OTHER: 1}


def test_what_is_gained_rests_on_the_exchange_and_is_assessed_by_the_host(server):
    ref = proposal(server)
    step(server, ref, *TO_ACTIVE)
    server.call("exchange.complete", ref=ref, ended_on="2025-05-30", gains=[{"skill": SKILL, "level": 2}])
    assert server.sql("""
        select h.evidence, o.code::text, lower(h.valid)::text from core.holding h
        join core.exchange e on e.id = h.exchange_id join core.organization o on o.id = h.assessor_id
        where e.code = %s""", ref) == [("exchange", HOST, "2025-05-30")]


def test_a_person_counts_at_the_host_from_approval_on_and_not_when_it_is_cancelled(server):
    who = person(server)
    ref = proposal(server, who, starts="2025-06-01", ends="2025-08-31", fte=0.6)
    step(server, ref, *TO_REVIEW)
    assert placed(server, who, "2025-07-01") == {HOME: 1.0}
    step(server, ref, "approve_home", "approve_host", "approve")
    assert placed(server, who, "2025-07-01") == {HOME: 0.4, HOST: 0.6}
    step(server, ref, "cancel")
    assert placed(server, who, "2025-07-01") == {HOME: 1.0}


@pytest.mark.parametrize("before, verb", [
    ((), "approve"), ((), "activate"), ((), "complete"), ((), "decide"), ((), "correct"), (TO_REVIEW, "submit"),
    (TO_REVIEW, "activate"), (TO_APPROVED, "approve"), (TO_APPROVED, "decline"), (TO_APPROVED, "complete"),
    (TO_ACTIVE, "cancel"), (TO_ACTIVE, "decide"), (TO_ACTIVE, "activate"), (TO_COMPLETED, "complete"),
    (TO_COMPLETED, "cancel"), (("decline",), "submit"), (("cancel",), "submit"),
])
def test_a_step_out_of_order_is_refused_and_changes_nothing(server, before, verb):
    ref = proposal(server)
    step(server, ref, *before)
    was = get(server, ref)
    with pytest.raises(Exception) as caught:
        step(server, ref, verb)
    error = caught.value
    assert error.name == "invalid_transition" and was["status"].replace("_", " ") in error.message
    for possible in was["actions"]:
        assert possible in error.data["expected"]
    assert get(server, ref) == was


# Approvals ---------------------------------------------------------------------------------------------------


def test_approval_needs_home_and_host_and_names_what_is_missing(server):
    ref = proposal(server)
    step(server, ref, "submit", "approve_host")
    error = server.refused("exchange.approve", ref=ref)
    assert error.name == "invalid_transition" and "home" in error.message and "host" not in error.message


def test_activation_needs_every_approval_that_the_exchange_requires(server):
    ref = proposal(server, requires=["home", "host", "export_control", "visa"])
    step(server, ref, *TO_APPROVED)
    error = server.refused("exchange.activate", ref=ref)
    assert error.name == "invalid_transition" and "export_control, visa" in error.message
    for approval in ("export_control", "visa"):
        server.call("exchange.decide", ref=ref, approval=approval, decision="granted", reference="No. 7")
    step(server, ref, "activate")
    assert {a["decision"] for a in get(server, ref)["approvals"]} == {"granted"}


def test_a_refused_approval_blocks_until_it_is_decided_anew_and_both_decisions_stay_in_the_history(server):
    ref = proposal(server)
    step(server, ref, "submit", "approve_home", "approve_host")
    server.call("exchange.decide", ref=ref, approval="host", decision="refused", note="Maintenance")
    error = server.refused("exchange.approve", ref=ref)
    assert error.name == "invalid_transition" and "refused: host" in error.message
    step(server, ref, "approve_host", "approve")
    assert history(server, ref, "approval_host") == [(None, "granted", None), ("granted", "refused", "Maintenance"),
                                                     ("refused", "granted", None)]


def test_a_refusal_of_what_is_not_required_blocks_nothing(server):
    ref = proposal(server)
    step(server, ref, "submit", "approve_home", "approve_host")
    server.call("exchange.decide", ref=ref, approval="visa", decision="refused")
    step(server, ref, "approve", "activate")


def test_a_decision_makes_a_new_version(server):
    ref = proposal(server)
    step(server, ref, "submit")
    was = get(server, ref)["version"]
    step(server, ref, "approve_home")
    assert get(server, ref)["version"] == was + 1
    assert server.refused("exchange.approve", ref=ref, if_version=was).name == "stale_version"


# Days --------------------------------------------------------------------------------------------------------


def test_days_are_proposed_for_the_whole_plan_unless_fewer_are_asked_for(server):
    ref = proposal(server)
    assert get(server, ref)["days_proposed"] == 30
    server.call("exchange.update", ref=ref, ends="2025-05-10")
    assert get(server, ref)["days_proposed"] == 10
    error = server.refused("exchange.update", ref=ref, days_proposed=11)
    assert error.name == "invalid_params" and error.data["parameter"] == "days_proposed"
    assert history(server, ref, "days_proposed") == [(None, "30", None), ("30", "10", None)]


def test_actual_days_never_pass_the_days_approved(server):
    ref = proposal(server)
    step(server, ref, "submit", "approve_home", "approve_host")
    server.call("exchange.approve", ref=ref, days_approved=20)
    step(server, ref, "activate")
    for days in ({"days_actual": 21}, {}):  # absent: all 30 days
        error = server.refused("exchange.complete", {"ref": ref, "ended_on": "2025-05-30", **days})
        assert error.name == "invalid_params" and error.data["parameter"] == "days_actual"
    server.call("exchange.complete", ref=ref, ended_on="2025-05-30", days_actual=20)


@pytest.mark.parametrize("given, parameter", [
    ({"ended_on": "2025-04-30"}, "ended_on"), ({"ended_on": "2199-01-01"}, "ended_on"),
    ({"ended_on": "2025-05-30", "gains": [{"skill": "FS-MCF", "level": 1}]}, "gains[0].skill"),
    ({"ended_on": "2025-05-30", "gains": [{"skill": SKILL, "level": 1}, {"skill": SKILL, "level": 2}]}, "gains[1].skill"),
])
def test_a_completion_that_cannot_be_is_refused_whole(server, given, parameter):
    ref = proposal(server)
    step(server, ref, *TO_ACTIVE)
    was = get(server, ref)
    error = server.refused("exchange.complete", {"ref": ref, **given})
    assert error.name == "invalid_params" and error.data["parameter"] == parameter
    assert get(server, ref) == was


def test_an_exchange_does_not_begin_in_the_future(server):
    start = datetime.date.today() + datetime.timedelta(days=30)
    ref = proposal(server, starts=str(start), ends=str(start + datetime.timedelta(days=9)))
    step(server, ref, *TO_APPROVED)
    assert server.refused("exchange.activate", ref=ref).data["parameter"] == "started_on"


# One person --------------------------------------------------------------------------------------------------


def test_proposals_compete_but_one_person_is_in_one_place(server):
    who = person(server)
    first, second = proposal(server, who), proposal(server, who, starts="2025-05-30", ends="2025-06-10")
    step(server, first, *TO_APPROVED)
    step(server, second, "submit", "approve_home", "approve_host")
    error = server.refused("exchange.approve", ref=second)
    assert error.name == "conflict" and error.data["parameter"] == "starts"
    server.call("exchange.update", ref=second, starts="2025-05-31")
    step(server, second, "approve")


def test_exchanges_at_a_distance_stay_together_within_one_fte(server):
    who = person(server)
    refs = [proposal(server, who, in_person=False, fte=fte) for fte in (0.6, 0.4, 0.1)]
    for ref in refs:
        step(server, ref, "submit", "approve_home", "approve_host")
    step(server, refs[0], "approve")
    step(server, refs[1], "approve")
    error = server.refused("exchange.approve", ref=refs[2])
    assert error.name == "conflict" and error.data["parameter"] == "fte"


def test_of_competing_exchanges_approved_at_once_one_is(server):
    who = person(server)
    refs = [proposal(server, who) for _ in range(6)]
    for ref in refs:
        step(server, ref, "submit", "approve_home", "approve_host")
    outcomes = []

    def approve(ref):
        try:
            server.call("exchange.approve", ref=ref)
            outcomes.append("approved")
        except Exception as error:  # whatever it is, it is compared below
            outcomes.append(getattr(error, "name", repr(error)))
    threads = [threading.Thread(target=approve, args=(ref,)) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("approved") == 1 and set(outcomes) <= {"approved", "conflict", "unavailable"}, outcomes


# Changing and correcting --------------------------------------------------------------------------------------


def test_the_plan_is_fixed_once_approved_but_not_what_surrounds_it(server):
    ref = proposal(server)
    step(server, ref, *TO_APPROVED)
    error = server.refused("exchange.update", ref=ref, ends="2025-05-20")
    assert error.name == "invalid_transition" and error.data["parameter"] == "ends"
    server.call("exchange.update", {"ref": ref, "title": {"en": "Coils"}, "committee": "ccfe"})
    assert get(server, ref)["title"] == {"en": "Coils"} and get(server, ref)["committee"]["code"] == "ccfe"
    server.call("exchange.update", {"ref": ref, "committee": None})
    assert get(server, ref)["committee"] is None


def test_a_completed_exchange_is_corrected_and_what_it_granted_is_reversed_not_deleted(server):
    who = person(server)
    ref = proposal(server, who, objectives=[{"skill": SKILL, "level": 3}])
    step(server, ref, *TO_ACTIVE)
    server.call("exchange.complete", ref=ref, ended_on="2025-05-30", gains=[{"skill": SKILL, "level": 4}, {"skill": OTHER, "level": 1}])
    server.call("exchange.correct", ref=ref, reason="Recorded too high", gains=[{"skill": SKILL, "level": 2}], days_actual=28)
    got = get(server, ref)
    assert (got["status"], got["days_actual"], got["corrected_reason"]) == ("completed", 28, "Recorded too high")
    assert {(g["skill"]["code"], g["level"], g["reversed_reason"]) for g in got["granted"]} == {
        (SKILL, 4, "Recorded too high"), (OTHER, 1, "Recorded too high"), (SKILL, 2, None)}
    assert levels(server, who) == {SKILL: 2}
    assert history(server, ref, "days_actual") == [(None, "30", None), ("30", "28", "Recorded too high")]


def test_an_exchange_that_never_took_place_gives_the_person_back(server):
    who = person(server)
    ref = proposal(server, who, starts="2025-06-01", ends="2025-08-31")
    step(server, ref, *TO_ACTIVE)
    server.call("exchange.complete", ref=ref, ended_on="2025-08-31", gains=[{"skill": SKILL, "level": 4}])
    assert placed(server, who, "2025-07-01") == {HOST: 1.0}
    server.call("exchange.correct", ref=ref, reason="Mistaken for another", took_place=False)
    assert get(server, ref)["status"] == "cancelled"
    assert placed(server, who, "2025-07-01") == {HOME: 1.0} and levels(server, who) == {}


# What is refused at once --------------------------------------------------------------------------------------


@pytest.mark.parametrize("change, name, parameter", [
    ({"host": HOME}, "invalid_params", "host"),
    ({"host": "nowhere"}, "not_found", "host"),
    ({"person": None}, "invalid_params", "person"),
    ({"ends": "2025-04-30"}, "invalid_params", "ends"),
    ({"objectives": [{"skill": "FS-NONE", "level": 1}]}, "not_found", "objectives[0].skill"),
    ({"scheme": "jp-us-fusion", "category": "holiday"}, "invalid_params", "category"),
    ({"participants": [{"person": "P-000001"}]}, "invalid_params", "participants"),
    ({"costs": [{"part": "stay", "payer": "host"}] * 2}, "conflict", "costs"),
])
def test_a_proposal_that_cannot_be_names_the_parameter(server, change, name, parameter):
    error = server.refused("exchange.create", {"kind": "visit", "person": person(server), "home": HOME, "host": HOST,
                                               **PLAN, **change})
    assert (error.name, error.data["parameter"]) == (name, parameter) and error.data["expected"]


def test_a_workshop_has_participants_and_grants_nothing(server):
    guests = [person(server), person(server)]
    ref = server.call("exchange.create", kind="workshop", home=HOME, host=HOST, **PLAN,
                      participants=[{"person": guest, "organization": HOME, "days": 3} for guest in guests],
                      costs=[{"part": "venue", "payer": "host", "amount": 500, "currency": "USD"}])["code"]
    got = get(server, ref)
    assert {p["person"]["code"] for p in got["participants"]} == set(guests)
    assert got["costs"] == [{"part": "venue", "payer": "host", "amount": 500, "currency": "USD"}]
    step(server, ref, *TO_ACTIVE)
    error = server.refused("exchange.complete", ref=ref, ended_on="2025-05-30", gains=[{"skill": SKILL, "level": 1}])
    assert error.name == "invalid_params" and error.data["parameter"] == "gains"
    assert ref in [item["code"] for item in server.call("exchange.list", person=guests[0])["items"]]


# Finding -----------------------------------------------------------------------------------------------------


def test_exchanges_are_found_by_what_a_person_would_ask(server):
    who = person(server)
    ref = proposal(server, who, committee="ccfe", pillars=["regulation"], objectives=[{"skill": "FS-REG-01", "level": 2}])

    def found(**filters):
        return ref in [item["code"] for item in server.call("exchange.list", {"limit": 1000, **filters})["items"]]
    for filters in ({"status": "proposed"}, {"kind": "visit"}, {"home": HOME}, {"host": HOST}, {"organization": HOST},
                    {"home_country": "JP", "host_country": "US"}, {"person": who}, {"committee": "ccfe"},
                    {"pillar": "regulation"}, {"skill": "FS-REG"}, {"synthetic": False}):
        assert found(**filters), filters
    for filters in ({"status": "active"}, {"home": HOST}, {"home_country": "US"}, {"committee": "jift"},
                    {"pillar": "engagement"}, {"skill": "FS-MAG"}, {"synthetic": True}, {"active_on": "2025-05-10"}):
        assert not found(**filters), filters
    step(server, ref, *TO_APPROVED)
    assert found(active_on="2025-05-10") and not found(active_on="2025-06-10")
