# SPDX-License-Identifier: Apache-2.0
"""Training programs, their sessions, and people in them from application to result."""

import datetime
import itertools
import threading
import uuid

import pytest

NUMBER = itertools.count(1)
TAUGHT, REQUIRED = "FS-TRI-01", "FS-TRI-02"


@pytest.fixture(scope="module")
def provider(server):
    server.call("organization.create", code="tritium-lab", name={"en": "Tritium laboratory", "ja": "トリチウム研究所"},
                kind="national_laboratory", country="JP")
    return "tritium-lab"


def program(server, provider, **more):
    code = f"course-{next(NUMBER)}"
    server.call("program.create", {"code": code, "name": {"en": "Tritium course", "ja": "トリチウム講座"},
                                   "provider": provider, "teaches": [{"skill": TAUGHT, "level": 2}], **more})
    return code


def session(server, provider, capacity=None, **more):
    return server.call("session.create", {"program": program(server, provider, **more), "starts": "2025-05-12",
                                          "ends": "2025-05-16", "capacity": capacity, "status": "open"})["code"]


def person(server):
    return server.call("person.create", career_stage="early")["code"]


def application(server, session_code, person_code=None):
    return server.call("enrollment.create", session=session_code, person=person_code or person(server))["code"]


def take(server, ref, *steps):
    for step in steps:
        given = {"completed_on": "2025-05-16"} if step == "complete" else {}
        server.call(f"enrollment.{step}", {"ref": ref, **given})


def levels(server, person_code):
    return dict(server.sql("""
        select s.code::text, t.level_verified from derive.timeline t
        join core.skill s on s.id = t.skill_id join core.person p on p.id = t.person_id
        where p.code = %s and t.days @> current_date""", person_code))


# Programs --------------------------------------------------------------------------------------------------


def test_a_program_answers_what_was_recorded(server, provider):
    code = program(server, provider, hours=40, cost=12000.5, currency="JPY", languages=["ja", "en"], mode="hybrid",
                   audience={"ja": "技術者"}, pillars=["workforce"], requires=[{"skill": REQUIRED, "level": 1}])
    got = server.call("program.get", ref=code)
    assert got["name"] == {"en": "Tritium course", "ja": "トリチウム講座"}
    assert got["audience"] == {"ja": "技術者"}
    assert got["provider"]["code"] == provider and got["country"] == "JP"
    assert (got["hours"], got["cost"], got["currency"], got["mode"]) == (40, 12000.5, "JPY", "hybrid")
    assert [(taught["skill"]["code"], taught["level"]) for taught in got["teaches"]] == [(TAUGHT, 2)]
    assert [(needed["skill"]["code"], needed["level"]) for needed in got["requires"]] == [(REQUIRED, 1)]
    assert got["status"] == "running" and got["version"] == 1


def test_text_that_is_missing_in_the_language_asked_for_falls_back_visibly(server, provider):
    code = program(server, provider, audience={"ja": "技術者"})
    assert server.call("program.get", ref=code, lang="en")["audience"] == "技術者 [ja]"


def test_a_cost_without_a_currency_is_refused(server, provider):
    error = server.refused("program.create", code="no-currency", name={"en": "Course"}, provider=provider, cost=10)
    assert error.name == "invalid_params" and error.data["parameter"] == "currency"
    assert error.data["expected"]


def test_languages_and_currencies_are_codes(server, provider):
    for given in ({"languages": ["EN"]}, {"currency": "yen"}):
        error = server.refused("program.create", {"code": "no-codes", "name": {"en": "Course"}, "provider": provider, **given})
        assert error.name == "invalid_params" and error.data["parameter"] == next(iter(given))


def test_a_skill_that_does_not_exist_is_named_by_its_path_and_nothing_is_recorded(server, provider):
    error = server.refused("program.create", code="half-done", name={"en": "Course"}, provider=provider,
                           teaches=[{"skill": TAUGHT, "level": 1}, {"skill": "FS-NONE", "level": 1}])
    assert error.name == "not_found" and error.data["parameter"] == "teaches[1].skill"
    assert server.refused("program.get", ref="half-done").name == "not_found"


def test_a_category_cannot_be_taught(server, provider):
    error = server.refused("program.create", code="whole-category", name={"en": "Course"}, provider=provider,
                           teaches=[{"skill": "FS-TRI", "level": 1}])
    assert error.name == "invalid_params" and error.data["parameter"] == "teaches[0].skill"


def test_a_code_is_taken_once(server, provider):
    code = program(server, provider)
    error = server.refused("program.create", code=code, name={"en": "Another"}, provider=provider)
    assert error.name == "conflict" and error.data["parameter"] == "code"


def test_changing_only_the_skills_of_a_program_makes_a_new_version(server, provider):
    code = program(server, provider)
    assert server.call("program.update", ref=code, teaches=[{"skill": TAUGHT, "level": 3}])["version"] == 2
    error = server.refused("program.update", ref=code, if_version=1, hours=8)
    assert error.name == "stale_version"
    got = server.call("program.get", ref=code)
    assert got["teaches"][0]["level"] == 3 and got["hours"] is None


def test_null_empties_a_field_and_absence_keeps_it(server, provider):
    code = program(server, provider, hours=40, capacity=12)
    server.call("program.update", {"ref": code, "hours": None})
    got = server.call("program.get", ref=code)
    assert got["hours"] is None and got["capacity"] == 12


def test_programs_are_found_by_a_category_of_what_they_teach(server, provider):
    code = program(server, provider, languages=["ja"])
    found = server.call("program.list", skill="FS-TRI", country="JP", language="ja", limit=1000)["items"]
    assert code in [item["code"] for item in found]
    assert code not in [item["code"] for item in server.call("program.list", skill="FS-MAG", limit=1000)["items"]]
    assert all(item["skills_taught"] == 1 for item in found)


def test_pages_of_programs_hold_each_program_once(server, provider):
    for _ in range(5):
        program(server, provider)
    whole = [item["code"] for item in server.call("program.list", provider=provider, limit=1000)["items"]]
    paged, cursor = [], None
    while True:
        page = server.call("program.list", {"provider": provider, "limit": 2, "cursor": cursor})
        paged += [item["code"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert paged == whole == sorted(whole)


def test_the_same_key_records_a_program_once(server, provider):
    given = {"code": "once", "name": {"en": "Once"}, "provider": provider, "idempotency_key": str(uuid.uuid4())}
    assert server.call("program.create", given) == server.call("program.create", given)
    assert server.refused("program.create", {**given, "hours": 3}).name == "conflict"


# Sessions --------------------------------------------------------------------------------------------------


def test_a_session_ends_on_its_last_day_and_not_before_its_first(server, provider):
    code = program(server, provider)
    ref = server.call("session.create", program=code, starts="2025-05-12", ends="2025-05-12")["code"]
    got = server.call("session.get", ref=ref)
    assert (got["starts"], got["ends"]) == ("2025-05-12", "2025-05-12")
    error = server.refused("session.create", program=code, starts="2025-05-12", ends="2025-05-11")
    assert error.name == "invalid_params" and error.data["parameter"] == "ends"


def test_a_session_without_seats_of_its_own_has_those_of_its_program(server, provider):
    code = program(server, provider, capacity=7)
    ref = server.call("session.create", program=code, starts="2025-05-12", ends="2025-05-16")["code"]
    got = server.call("session.get", ref=ref)
    assert (got["capacity"], got["taken"], got["left"]) == (7, 0, 7)


def test_sessions_are_found_by_the_days_on_which_they_are_held(server, provider):
    code = program(server, provider)
    ref = server.call("session.create", program=code, starts="2025-05-12", ends="2025-05-16")["code"]

    def found(**days):
        return [item["code"] for item in server.call("session.list", program=code, **days)["items"]]
    assert found(**{"from": "2025-05-16"}) == [ref] and found(to="2025-05-12") == [ref]
    assert found(**{"from": "2025-05-17"}) == [] and found(to="2025-05-11") == []


def test_a_status_that_may_not_follow_is_refused_with_those_that_may(server, provider):
    ref = session(server, provider)
    server.call("session.update", ref=ref, status="ended")
    error = server.refused("session.update", ref=ref, status="planned")
    assert error.name == "invalid_transition" and "running" in error.data["expected"]
    assert "ended" in error.message


def test_cancelling_a_session_withdraws_who_is_enrolled(server, provider):
    ref = session(server, provider)
    first, second = application(server, ref), application(server, ref)
    take(server, first, "admit")
    server.call("session.cancel", ref=ref, reason="The facility is closed")
    got = server.call("session.get", ref=ref)
    assert (got["status"], got["cancelled_reason"], got["taken"]) == ("cancelled", "The facility is closed", 0)
    assert {server.call("enrollment.get", ref=e)["status"] for e in (first, second)} == {"withdrawn"}
    error = server.refused("enrollment.create", session=ref, person=person(server))
    assert error.name == "invalid_transition" and error.data["parameter"] == "session"


def test_a_session_that_somebody_completed_cannot_be_cancelled(server, provider):
    ref = session(server, provider)
    done, waiting = application(server, ref), application(server, ref)
    take(server, done, "admit", "start", "complete")
    assert server.refused("session.cancel", ref=ref, reason="By mistake").name == "conflict"
    assert server.call("enrollment.get", ref=waiting)["status"] == "applied"


def test_a_session_cannot_have_fewer_seats_than_are_taken(server, provider):
    ref = session(server, provider, capacity=3)
    for _ in range(2):
        take(server, application(server, ref), "admit")
    error = server.refused("session.update", ref=ref, capacity=1)
    assert error.name == "conflict" and error.data["parameter"] == "capacity"
    server.call("session.update", ref=ref, capacity=2)


# Enrollments -----------------------------------------------------------------------------------------------


def test_completing_grants_what_the_program_teaches_from_the_day_of_completion(server, provider):
    who = person(server)
    ref = application(server, session(server, provider), who)
    take(server, ref, "admit", "start")
    server.call("enrollment.complete", ref=ref, completed_on="2025-05-16", attendance=0.95, certificate_number="T-17")
    got = server.call("enrollment.get", ref=ref)
    assert (got["status"], got["completed_on"], got["attendance"]) == ("completed", "2025-05-16", 0.95)
    assert [(g["skill"]["code"], g["level"], g["starts"]) for g in got["granted"]] == [(TAUGHT, 2, "2025-05-16")]
    assert levels(server, who) == {TAUGHT: 2}
    evidence = server.sql("""
        select h.evidence, o.code::text from core.holding h join core.enrollment e on e.id = h.enrollment_id
        join core.organization o on o.id = h.assessor_id where e.code = %s""", ref)
    assert evidence == [("training", provider)]


def test_a_completion_is_corrected_and_what_it_granted_is_reversed_not_deleted(server, provider):
    who = person(server)
    ref = application(server, session(server, provider), who)
    take(server, ref, "admit", "start", "complete")
    server.call("enrollment.correct", ref=ref, reason="Recorded for the wrong person")
    got = server.call("enrollment.get", ref=ref)
    assert (got["status"], got["corrected_reason"]) == ("failed", "Recorded for the wrong person")
    assert got["completed_on"] == "2025-05-16"
    granted, = got["granted"]
    assert granted["reversed_on"] and granted["reversed_reason"] == "Recorded for the wrong person"
    assert levels(server, who) == {}
    assert server.refused("enrollment.correct", ref=ref, reason="Again").name == "invalid_transition"


@pytest.mark.parametrize("before, step", [
    ((), "start"), ((), "complete"), ((), "fail"), (("admit",), "admit"), (("admit",), "complete"),
    (("admit", "start"), "admit"), (("admit", "start", "complete"), "withdraw"), (("admit", "start", "complete"), "fail"),
    (("withdraw",), "admit"), (("admit", "start", "fail"), "complete"),
])
def test_a_step_out_of_order_is_refused_and_changes_nothing(server, provider, before, step):
    ref = application(server, session(server, provider))
    take(server, ref, *before)
    was = server.call("enrollment.get", ref=ref)
    given = {"completed_on": "2025-05-16"} if step == "complete" else {}
    error = server.refused(f"enrollment.{step}", {"ref": ref, **given})
    assert error.name == "invalid_transition" and was["status"] in error.message
    for possible in was["actions"]:
        assert possible in error.data["expected"]
    assert server.call("enrollment.get", ref=ref) == was


def test_a_full_session_admits_nobody_and_says_which_is_full(server, provider):
    ref = session(server, provider, capacity=1)
    first, second = application(server, ref), application(server, ref)
    take(server, first, "admit")
    error = server.refused("enrollment.admit", ref=second)
    assert error.name == "conflict" and ref in error.message
    take(server, first, "withdraw")
    take(server, second, "admit")


def test_the_last_seat_is_given_once_however_many_ask_at_once(server, provider):
    ref = session(server, provider, capacity=3)
    waiting = [application(server, ref) for _ in range(12)]
    outcomes = []

    def admit(enrollment):
        try:
            server.call("enrollment.admit", ref=enrollment)
            outcomes.append("admitted")
        except Exception as error:  # whatever it is, it is compared below
            outcomes.append(getattr(error, "name", repr(error)))
    threads = [threading.Thread(target=admit, args=(enrollment,)) for enrollment in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["admitted"] * 3 + ["conflict"] * 9
    assert server.call("session.get", ref=ref)["taken"] == 3


def test_prerequisites_are_met_by_evidence_or_waived_with_a_reason(server, provider):
    ref = session(server, provider, requires=[{"skill": REQUIRED, "level": 2}])
    able, boasting, other = person(server), person(server), person(server)
    server.call("holding.create", person=able, skill=REQUIRED, level=3, starts="2024-01-01", evidence="assessment")
    server.call("holding.create", person=boasting, skill=REQUIRED, level=5, starts="2024-01-01", evidence="self_declared")
    server.call("enrollment.admit", ref=application(server, ref, able))
    for who in (boasting, other):
        enrollment = application(server, ref, who)
        missing = server.call("enrollment.get", ref=enrollment)["missing"]
        assert [(m["skill"]["code"], m["level"]) for m in missing] == [(REQUIRED, 2)]
        error = server.refused("enrollment.admit", ref=enrollment)
        assert error.name == "conflict" and error.data["parameter"] == "prerequisites_waived"
        server.call("enrollment.admit", ref=enrollment, prerequisites_waived="Long practice elsewhere")
        assert server.call("enrollment.get", ref=enrollment)["prerequisites_waived"] == "Long practice elsewhere"


def test_a_person_applies_once_but_again_after_withdrawing(server, provider):
    ref, who = session(server, provider), person(server)
    first = application(server, ref, who)
    error = server.refused("enrollment.create", session=ref, person=who)
    assert error.name == "conflict" and error.data["parameter"] == "person"
    take(server, first, "withdraw")
    assert application(server, ref, who) != first


def test_a_completion_is_neither_before_the_session_nor_in_the_future(server, provider):
    ref = application(server, session(server, provider))
    take(server, ref, "admit", "start")
    for day in ("2025-05-11", "2199-01-01"):
        error = server.refused("enrollment.complete", ref=ref, completed_on=day)
        assert error.name == "invalid_params" and error.data["parameter"] == "completed_on"


def test_enrollments_are_found_by_session_person_and_status(server, provider):
    ref, who = session(server, provider), person(server)
    mine, other = application(server, ref, who), application(server, ref)
    take(server, other, "admit")

    def found(**filters):
        return [item["code"] for item in server.call("enrollment.list", **filters)["items"]]
    assert found(session=ref) == [mine, other]
    assert found(person=who) == [mine]
    assert found(session=ref, status="admitted") == [other]
    assert found(session=ref, provider=provider) == [mine, other]


def test_what_was_noted_before_stays_at_completion_and_can_be_changed_after(server, provider):
    ref = application(server, session(server, provider))
    take(server, ref, "admit", "start")
    server.call("enrollment.update", ref=ref, attendance=0.8, result="good")
    server.call("enrollment.complete", ref=ref, completed_on="2025-05-16")
    shown = server.call("enrollment.get", ref=ref)
    assert (shown["attendance"], shown["result"], shown["status"]) == (0.8, "good", "completed")
    error = server.refused("enrollment.update", ref=ref, attendance=0.9, if_version=1)
    assert error.name == "stale_version"
    server.call("enrollment.update", ref=ref, result=None, certificate_number="C-7", if_version=shown["version"])
    shown = server.call("enrollment.get", ref=ref)
    assert (shown["attendance"], shown["result"], shown["certificate_number"]) == (0.8, None, "C-7")


# Waiting lists ---------------------------------------------------------------------------------------------


def status(server, ref):
    return server.call("enrollment.get", ref=ref)["status"]


def waiting(server, session_code):
    """Who waits for a seat in the session, in order."""
    items = server.call("enrollment.list", session=session_code, status="waiting", limit=1000)["items"]
    assert sorted(item["waiting_place"] for item in items) == list(range(1, len(items) + 1))
    return [item["code"] for item in sorted(items, key=lambda item: item["waiting_place"])]


def at_once(*calls):
    """Makes the calls at once, each on a thread of its own; what each came to, in the same order."""
    outcomes = [None] * len(calls)

    def make(place, call):
        try:
            outcomes[place] = call()
        except Exception as error:  # whatever it is, it is compared
            outcomes[place] = getattr(error, "name", repr(error))
    threads = [threading.Thread(target=make, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def full_session(server, provider, capacity, waiting_count, **more):
    ref = session(server, provider, capacity=capacity, **more)
    seated = [application(server, ref) for _ in range(capacity)]
    waits = [application(server, ref) for _ in range(waiting_count)]
    for enrollment in seated + waits:
        server.call("enrollment.admit", ref=enrollment, or_wait=True)
    return ref, seated, waits


def test_who_is_admitted_to_a_full_session_may_wait_and_is_admitted_in_order_as_seats_come_free(server, provider):
    ref, seated, waits = full_session(server, provider, 2, 3)
    assert waiting(server, ref) == waits
    got = server.call("session.get", ref=ref)
    assert (got["taken"], got["left"], got["waiting"], got["applied"], got["fill_rate"]) == (2, 0, 3, 0, 1)
    assert server.call("enrollment.get", ref=waits[2])["waiting_place"] == 3
    assert server.refused("enrollment.admit", ref=waits[0], or_wait=True).name == "conflict"
    take(server, seated[0], "withdraw")
    assert status(server, waits[0]) == "admitted" and waiting(server, ref) == waits[1:]
    assert server.call("enrollment.get", ref=waits[0])["waiting_place"] is None
    assert server.call("enrollment.get", ref=waits[0])["admitted_at"]
    take(server, waits[1], "withdraw")  # gives up a place, not a seat
    assert waiting(server, ref) == waits[2:]
    take(server, seated[1], "start", "withdraw")
    assert status(server, waits[2]) == "admitted" and waiting(server, ref) == []


def test_who_applied_is_not_promoted_before_the_provider_decides(server, provider):
    ref, seated, _ = full_session(server, provider, 1, 0)
    applied = application(server, ref)
    take(server, seated[0], "withdraw")
    assert status(server, applied) == "applied"


def test_more_seats_of_the_session_or_of_its_program_are_given_to_who_waits(server, provider):
    ref, _, waits = full_session(server, provider, 1, 4)
    server.call("session.update", ref=ref, capacity=3)
    assert waiting(server, ref) == waits[2:]
    code = program(server, provider, capacity=1)
    ref = server.call("session.create", program=code, starts="2025-05-12", ends="2025-05-16", status="open")["code"]
    enrollments = [application(server, ref) for _ in range(4)]
    for enrollment in enrollments:
        server.call("enrollment.admit", ref=enrollment, or_wait=True)
    server.call("program.update", ref=code, capacity=2)
    assert waiting(server, ref) == enrollments[2:]
    server.call("program.update", {"ref": code, "capacity": None})
    assert waiting(server, ref) == []


def test_an_ended_session_promotes_nobody_until_it_runs_again_and_a_cancelled_one_never(server, provider):
    ref, seated, waits = full_session(server, provider, 1, 1)
    server.call("session.update", ref=ref, status="ended")
    take(server, seated[0], "withdraw")
    assert status(server, waits[0]) == "waiting"
    server.call("session.update", ref=ref, status="running")
    assert status(server, waits[0]) == "admitted"
    ref, seated, waits = full_session(server, provider, 1, 1)
    server.call("session.cancel", ref=ref, reason="The facility is closed")
    assert {status(server, e) for e in seated + waits} == {"withdrawn"}


def test_a_completion_that_is_corrected_to_a_withdrawal_and_an_erased_person_give_their_seats_away(server, provider):
    ref, seated, waits = full_session(server, provider, 2, 2)
    take(server, seated[0], "start", "complete")
    server.call("enrollment.correct", ref=seated[0], reason="Was never there", status="withdrawn")
    assert status(server, waits[0]) == "admitted"
    who = server.call("enrollment.get", ref=seated[1])["person"]["code"]
    server.call("subject.erase", ref=who, confirm=who)
    assert status(server, waits[1]) == "admitted"


def test_who_waits_in_restriction_keeps_the_place_and_is_passed_over(server, provider):
    ref, seated, waits = full_session(server, provider, 1, 2)
    who = server.call("enrollment.get", ref=waits[0])["person"]["code"]
    server.call("subject.restrict", ref=who, reason="Contested")
    take(server, seated[0], "withdraw")
    assert status(server, waits[1]) == "admitted"
    server.call("subject.restrict", ref=who, reason="Settled", lift=True)
    take(server, waits[1], "withdraw")
    assert status(server, waits[0]) == "admitted"


def test_seats_and_places_are_given_once_and_in_order_however_many_come_and_go_at_once(server, provider):
    capacity, applicants = 5, 30
    ref = session(server, provider, capacity=capacity)
    enrollments = [application(server, ref) for _ in range(applicants)]
    outcomes = at_once(*[lambda e=e: server.call("enrollment.admit", ref=e, or_wait=True) for e in enrollments])
    assert all(isinstance(outcome, dict) for outcome in outcomes), outcomes
    queue = waiting(server, ref)
    seated = [e for e in enrollments if e not in queue]
    assert len(seated) == capacity and {status(server, e) for e in seated} == {"admitted"}
    gone = seated + queue[1:20:3]
    outcomes = at_once(*[lambda e=e: server.call("enrollment.withdraw", ref=e) for e in gone],
                       lambda: server.call("session.update", ref=ref, capacity=capacity + 2))
    assert all(isinstance(outcome, dict) for outcome in outcomes), outcomes
    staying = [e for e in queue if e not in gone]
    assert {status(server, e) for e in gone} == {"withdrawn"}
    assert [status(server, e) for e in staying] == ["admitted"] * (capacity + 2) + ["waiting"] * (len(staying) - capacity - 2)
    # Created, put on the list, promoted: each once.
    assert {server.call("enrollment.get", ref=e)["version"] for e in staying[:capacity + 2]} == {3}
    got = server.call("session.get", ref=ref)
    assert (got["taken"], got["left"]) == (capacity + 2, 0)


def test_prerequisites_are_asked_of_who_waits_and_the_waiver_says_who_and_why(server, provider):
    ref = session(server, provider, capacity=1, requires=[{"skill": REQUIRED, "level": 2}])
    first, second = application(server, ref), application(server, ref)
    server.call("enrollment.admit", ref=first, prerequisites_waived="Teaches it")
    error = server.refused("enrollment.admit", ref=second, or_wait=True)
    assert error.name == "conflict" and error.data["parameter"] == "prerequisites_waived"
    server.call("enrollment.admit", ref=second, or_wait=True, prerequisites_waived="Learns it before")
    take(server, first, "withdraw")
    got = server.call("enrollment.get", ref=second)
    assert (got["status"], got["prerequisites_waived"]) == ("admitted", "Learns it before")
    assert got["waived_by"]["name"].startswith("unix:") and got["waived_at"]
    met = application(server, session(server, provider))
    take(server, met, "admit")
    got = server.call("enrollment.get", ref=met)
    assert got["waived_by"] is got["waived_at"] is got["prerequisites_waived"] is None


# What programs cost and how full they are --------------------------------------------------------------------


def test_a_program_says_what_its_sessions_cost_and_how_full_they_were(server, provider):
    code = program(server, provider, currency="JPY")
    refs = [server.call("session.create", {"program": code, "starts": "2025-05-12", "ends": "2025-05-16", "status": "open",
                                           "cost": 300000, **seats})["code"] for seats in ({"capacity": 4}, {"capacity": 6}, {})]
    for ref, people in zip(refs, (3, 2, 1)):
        for _ in range(people):
            take(server, application(server, ref), "admit")
    gone = server.call("session.create", program=code, starts="2025-06-12", ends="2025-06-16", capacity=100, cost=1)["code"]
    server.call("session.cancel", ref=gone, reason="Nobody came")
    got = server.call("program.get", ref=code)
    assert (got["seats"], got["taken"], got["fill_rate"], got["waiting"]) == (10, 6, 0.5, 0)
    assert (got["sessions"], got["sessions_cost"], got["cost_per_person"], got["currency"]) == (4, 900000, 150000, "JPY")
    got = server.call("session.get", ref=refs[0])
    assert (got["fill_rate"], got["cost"], got["cost_per_person"]) == (0.75, 300000, 100000)
    got = server.call("session.get", ref=refs[2])
    assert (got["fill_rate"], got["left"], got["cost_per_person"]) == (None, None, 300000)
    got = server.call("program.get", ref=program(server, provider))
    assert got["sessions"] == 0 and got["seats"] is got["taken"] is got["fill_rate"] is got["cost_per_person"] is None


# What came of programs ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wires(server, provider):
    """Connections of the roles: the provider's coordinator, another's, and those who see figures."""
    server.call("organization.create", code="elsewhere", name={"en": "Elsewhere"}, kind="university", country="US")
    made = {}
    for name, role, organization in (("own", "coordinator", provider), ("other", "coordinator", "elsewhere"), ("member", "member", "elsewhere"),
                                     ("analyst", "analyst", None), ("secretariat", "secretariat", None), ("auditor", "auditor", None)):
        where = {"organization": organization} if organization else {}
        principal = server.call("principal.create", {"name": f"outcome {name}", "kind": "person", "role": role, "country": "JP", **where})["id"]
        made[name] = server.connect()
        made[name].call("access.sign_in", {"token": server.call("token.create", principal=principal)["token"]})
    yield made
    for wire in made.values():
        wire.close()


def course_with_results(server, provider, verified=True):
    """Twelve people: eight complete it, two fail, one withdraws, one attends. Of the eight, six have an affiliation at completion,
    four of them still a year after."""
    code = program(server, provider)
    ref = server.call("session.create", program=code, starts="2024-05-01", ends="2024-05-20", status="open")["code"]
    people = [server.call("person.create", career_stage="early")["code"] for _ in range(12)]
    for place, who in enumerate(people):
        if verified:
            server.call("person.update", ref=who, verified=True)
        if place < 6:
            ends = {} if place < 4 else {"ends": "2024-12-31"}
            server.call("affiliation.create", {"person": who, "organization": provider, "starts": "2024-01-01", **ends})
        if place < 2:
            server.call("holding.create", person=who, skill=TAUGHT, level=1, starts="2024-01-01", evidence="assessment")
        enrollment = application(server, ref, who)
        take(server, enrollment, "admit", "start")
        if place < 8:
            server.call("enrollment.complete", ref=enrollment, completed_on="2024-05-20")
        elif place < 10:
            take(server, enrollment, "fail")
        elif place == 10:
            take(server, enrollment, "withdraw")
    never = application(server, ref)
    take(server, never, "withdraw")  # without ever having had a seat
    return code, people


def counts(answer):
    return tuple(answer[name] for name in ("enrolled", "finished", "completed", "failed", "withdrawn", "due", "known", "stayed"))


def test_the_outcome_of_a_program_is_exact_for_its_provider_and_administrators(server, provider, wires):
    code, people = course_with_results(server, provider)
    for call in (server.call, wires["own"].call):
        got = call("program.outcome", {"ref": code, "as_of": "2025-06"})
        assert counts(got) == (12, 11, 8, 2, 1, 8, 6, 4)
        assert (got["completion_rate"], got["days_to_complete"], got["stay_rate"]) == (0.727, 20, 0.667)
        assert got["levels_gained"] == 1.75  # two of eight held level 1 of the 2 that is taught
        assert got["perturbed"] is False and got["release"] is None and got["notes"] == []
    early = server.call("program.outcome", ref=code, as_of="2024-06")
    assert (early["completed"], early["due"], early["known"], early["stayed"], early["stay_rate"]) == (8, 0, 0, None, None)
    server.call("subject.erase", ref=people[0], confirm=people[0])
    got = server.call("program.outcome", ref=code, as_of="2025-06")
    assert counts(got) == (12, 11, 8, 2, 1, 8, 5, 3)  # that an erased person completed it stays; where they went is not known


def test_what_is_not_known_of_a_program_is_null(server, provider):
    got = server.call("program.outcome", ref=program(server, provider))
    assert counts(got) == (0,) * 7 + (None,)
    assert got["completion_rate"] is got["days_to_complete"] is got["levels_gained"] is got["stay_rate"] is None
    error = server.refused("program.outcome", ref="no-such-program")
    assert error.name == "not_found" and error.data["parameter"] == "ref"
    assert server.refused("program.outcome", ref=program(server, provider), release="R-none").data["parameter"] == "release"


def test_others_read_the_outcome_as_a_release_froze_and_perturbed_it(server, provider, wires):
    code, people = course_with_results(server, provider)
    hidden, _ = course_with_results(server, provider, verified=False)
    outsiders = [wires[name] for name in ("other", "member", "analyst", "secretariat", "auditor")]
    for wire in outsiders:
        got = wire.call("program.outcome", {"ref": code, "as_of": "2023-01"})
        assert got["perturbed"] is True and counts(got) == (None,) * 8 and "No release" in got["notes"][0]
    release = wires["secretariat"].call("release.create", {"month": "2025-06"})["code"]
    first = outsiders[0].call("program.outcome", {"ref": code, "as_of": "2025-06"})
    exact = dict(zip(("enrolled", "finished", "completed", "failed", "withdrawn", "due", "known", "stayed"), (12, 11, 8, 2, 1, 8, 6, 4)))
    assert (first["perturbed"], first["release"], first["release_month"]) == (True, release, "2025-06")
    for name, true in exact.items():
        if name == "stayed" and first["known"] == 0:
            assert first["stayed"] is None
            continue
        assert abs(first[name] - true) <= first["at_most"] and first[name] not in (1, 2, 3), name
    assert first["completed"] == first["due"]  # the same people in a cell have the same noise
    if first["completed"] >= 10:
        assert first["days_to_complete"] != 20
    for wire in outsiders[1:]:
        assert wire.call("program.outcome", {"ref": code, "as_of": "2025-06"}) == first
    assert counts(outsiders[0].call("program.outcome", {"ref": hidden, "as_of": "2025-06"})) == (0,) * 7 + (None,)  # not verified
    # Frozen: what happens after shows in no answer, and names no one.
    take(server, server.sql("select e.code::text from core.enrollment e join core.person p on p.id = e.person_id where p.code = %s",
                            people[11])[0][0], "withdraw")
    server.call("subject.erase", ref=people[1], confirm=people[1])
    for wire in outsiders:
        assert wire.call("program.outcome", {"ref": code, "as_of": "2025-06"}) == first
    assert server.call("program.outcome", ref=code, release=release)["completed"] == first["completed"]


def test_figures_on_who_went_through_a_program_leave_by_one_function(server, wires, provider):
    assert server.sql("select has_any_column_privilege('jinzai_api', 'derive.release_outcome', 'select')") == [(False,)]
    callable_ = {name for name, in server.sql("""
        select n.nspname || '.' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('core', 'derive') and p.prorettype <> 'trigger'::regtype
            and has_function_privilege('jinzai_api', p.oid, 'execute') and p.prosrc ~ 'derive\\.(outcome|release_outcome)\\M'""")}
    assert callable_ == {"derive.publish_outcome"}
    ref = session(server, provider, capacity=3)
    take(server, application(server, ref), "admit")
    code = server.call("session.get", ref=ref)["program"]["code"]
    for name, told in (("own", 1), ("secretariat", 1), ("other", None), ("member", None), ("analyst", None)):
        assert wires[name].call("session.get", {"ref": ref})["taken"] == told, name
        assert wires[name].call("session.get", {"ref": ref})["fill_rate"] == (0.333 if told else None), name
        got = wires[name].call("program.get", {"ref": code})
        assert [got[field] for field in ("taken", "waiting", "fill_rate")] == ([1, 0, 0.333] if told else [None] * 3), name


# Corrections -------------------------------------------------------------------------------------------------


def test_a_correction_takes_its_skills_out_of_supply_and_leaves_those_of_other_evidence(server, provider):
    who, alone = person(server), f"alone-{next(NUMBER)}"
    server.call("organization.create", code=alone, name={"en": "Of one person"}, kind="company", country="JP")
    server.call("affiliation.create", person=who, organization=alone, starts="2024-01-01")
    server.call("holding.create", person=who, skill=TAUGHT, level=1, starts="2024-01-01", evidence="assessment")
    ref = application(server, session(server, provider), who)
    take(server, ref, "admit", "start", "complete")
    assert levels(server, who) == {TAUGHT: 2}
    server.call("enrollment.correct", ref=ref, reason="Recorded for the wrong person", status="withdrawn")
    assert levels(server, who) == {TAUGHT: 1}
    reversed_, = server.sql("select h.reversed_on = current_date, h.reversed_reason from core.holding h "
                            "join core.enrollment e on e.id = h.enrollment_id where e.code = %s", ref)
    assert reversed_ == (True, "Recorded for the wrong person")
    server.fold()
    month = datetime.date.today().replace(day=1)
    assert server.sql("""
        select c.level from derive.supply_classes(%s, 'organization', '{verified}', null) c
        join core.organization o on o.id::text = c.group_key join core.skill s on s.id = c.subject_id
        where o.code = %s and s.code = %s and c.level = 2""", month, alone, TAUGHT) == []


def test_a_correction_needs_a_reason_a_completion_and_the_provider(server, provider, wires):
    ref = application(server, session(server, provider))
    take(server, ref, "admit", "start")
    assert server.refused("enrollment.correct", ref=ref, reason="x").name == "invalid_transition"
    take(server, ref, "complete")
    assert server.refused("enrollment.correct", ref=ref).data["parameter"] == "reason"
    assert server.refused("enrollment.correct", ref=ref, reason="x", status="applied").data["parameter"] == "status"
    assert server.refused("enrollment.correct", ref=ref, reason="x", if_version=1).name == "stale_version"
    assert server.refused("enrollment.correct", ref="EN-none", reason="x").name == "not_found"
    with pytest.raises(Exception) as caught:
        wires["other"].call("enrollment.correct", {"ref": ref, "reason": "x"})
    assert caught.value.name == "not_found"  # not theirs, so not there
    wires["own"].call("enrollment.correct", {"ref": ref, "reason": "Recorded for the wrong person"})
    assert status(server, ref) == "failed"
