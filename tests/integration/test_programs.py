# SPDX-License-Identifier: Apache-2.0
"""Training programs, their sessions, and people in them from application to result."""

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
