# SPDX-License-Identifier: Apache-2.0
"""A person who was registered twice: merging keeps both histories, or refuses and names what overlaps."""

import itertools
import threading
import uuid

import pytest

from conftest import RpcError
from test_supply import compare

NUMBER = itertools.count(1)
SKILL, OTHER_SKILL = "FS-MAG-01", "FS-TRI-01"


@pytest.fixture(scope="module", autouse=True)
def record(server):
    for code, country in (("alpha", "JP"), ("beta", "JP"), ("gamma", "US"), ("school", "JP")):
        server.call("organization.create", code=code, name={"en": code}, kind="university", country=country)
    server.call("qualification.create", code="q-licence", name={"en": "Licence"}, kind="licence", country="JP")
    server.call("program.create", code="course", name={"en": "Course"}, provider="school", teaches=[{"skill": OTHER_SKILL, "level": 3}])


@pytest.fixture(scope="module")
def wires(server, record):
    made = {}
    for name, role, organization in (("alpha", "coordinator", "alpha"), ("beta", "coordinator", "beta"), ("gamma", "coordinator", "gamma"),
                                     ("school", "coordinator", "school"), ("member", "member", "alpha"), ("secretariat", "secretariat", None),
                                     ("auditor", "auditor", None)):
        where = {"organization": organization} if organization else {}
        principal = server.call("principal.create", {"name": f"merge {name}", "kind": "person", "role": role, "country": "JP", **where})["id"]
        made[name] = server.connect()
        made[name].call("access.sign_in", {"token": server.call("token.create", principal=principal)["token"]})
    yield made
    for wire in made.values():
        wire.close()


def person(call, organization=None, starts="2020-01-01", ends=None, fte=1, **more):
    code = call("person.create", {"career_stage": "mid", **more})["code"]
    if organization:
        call("affiliation.create", {"person": code, "organization": organization, "starts": starts, "fte": fte,
                                    **({"ends": ends} if ends else {})})
    return code


def session(server, starts="2025-05-12", ends="2025-05-16", **more):
    return server.call("session.create", {"program": "course", "starts": starts, "ends": ends, "status": "open", **more})["code"]


def enroll(server, ref, who, *steps):
    code = server.call("enrollment.create", session=ref, person=who)["code"]
    for step in steps:
        server.call(f"enrollment.{step}", {"ref": code, **({"completed_on": "2025-05-16"} if step == "complete" else {})})
    return code


def exchange(server, who, starts="2025-03-01", ends="2025-03-31", active=True, home="alpha", host="gamma", **more):
    code = server.call("exchange.create", {"code": f"EX-merge-{next(NUMBER)}", "kind": "visit", "person": who, "home": home, "host": host,
                                           "starts": starts, "ends": ends, "days_proposed": 20, **more})["code"]
    if active:
        server.call("exchange.submit", ref=code)
        for side in ("home", "host"):
            server.call("exchange.decide", ref=code, approval=side, decision="granted", decided_on="2025-02-01")
        server.call("exchange.approve", ref=code, days_approved=20)
    return code


def merge(server, stays, goes, **more):
    return server.call("person.merge", {"ref": stays, "duplicate": goes, "reason": "The same person", **more})


def refused_merge(server, stays, goes, *named, **more):
    """The merge is refused as a conflict that names these, and changes nothing."""
    def census():  # but for what the background clears away after erasures
        return {table: rest for table, rest in server.census().items() if table != "core.scrub_due"}
    before = census()
    error = server.refused("person.merge", {"ref": stays, "duplicate": goes, "reason": "The same person", **more})
    assert error.name == "conflict", error
    assert error.data["parameter"] == "duplicate" and error.data["expected"]
    for name in named:
        assert str(name) in error.message, error.message
    assert census() == before
    return error


def refused(wire, method, **params):
    with pytest.raises(RpcError) as caught:
        wire.call(method, params)
    return caught.value


def dates(server, who):
    return [(a["organization"]["code"], a["starts"], a["ends"], float(a["fte"])) for a in server.call("person.get", ref=who)["affiliations"]]


# Both histories ----------------------------------------------------------------------------------------------


def test_everything_of_both_records_is_in_the_one_that_stays(server):
    call = server.call
    stays = person(call, "alpha", ends="2022-12-31")
    goes = person(call, "beta", starts="2023-01-01", name="Goes", birth_cohort=1985, researcher_id="0000-0002-1825-0097")
    for who, level in ((stays, 2), (goes, 4)):
        call("holding.create", person=who, skill=SKILL, level=level, starts="2021-01-01", evidence="assessment")
        call("consent.give", person=who, purpose="exchange", recipient_country="US", notice_version=who, notice_lang="ja")
        call("subject.correct", ref=who, reason="Asked", career_stage="senior")
    call("legal_basis.create", code=f"LB-{goes}", kind="contract", law="appi", provision="APPI 28(1)", purpose="planning", person=goes,
         recipient_country="US", starts="2020-01-01")
    call("subject.restrict", ref=goes, reason="Contested")
    call("subject.restrict", ref=goes, reason="Settled", lift=True)
    licence = call("certification.create", person=goes, qualification="q-licence", number="N-1", starts="2020-01-01", ends="2024-12-31")["id"]
    renewed = call("certification.renew", ref=licence)["id"]
    done = enroll(server, session(server), goes, "admit", "start", "complete")
    went = exchange(server, goes, home="beta")
    received = exchange(server, person(call, "alpha"), active=False, counterpart=goes)
    workshop = call("exchange.create", code=f"WS-{goes}", kind="workshop", home="alpha", host="gamma", starts="2027-03-01", ends="2027-03-05",
                    participants=[{"person": goes, "days": 3}])["code"]
    call("person.get", ref=goes, purpose="administration")
    before = call("person.get", ref=stays)
    keys = server.sql("select code::text, record_key, log_reference from core.person where code in (%s, %s) order by 1", stays, goes)

    receipt = merge(server, stays, goes)
    assert (receipt["code"], receipt["id"]) == (stays, before["id"]) and receipt["version"] > before["version"]
    got = call("person.get", ref=stays)
    assert got["merged"] == [goes]
    assert (got["name"], got["birth_cohort"], got["researcher_id"]) == ("Goes", 1985, "0000-0002-1825-0097")
    assert dates(server, stays) == [("beta", "2023-01-01", None, 1.0), ("alpha", "2020-01-01", "2022-12-31", 1.0)]
    assert {s["skill"]["code"]: s["level"] for s in got["skills"]} == {SKILL: 4, OTHER_SKILL: 3}
    assert sorted(h["level"] for h in got["holdings"] if h["skill"]["code"] == SKILL) == [2, 4]
    assert {c["id"] for c in got["certifications"]} == {licence, renewed}
    assert call("enrollment.get", ref=done)["person"]["code"] == stays and call("enrollment.get", ref=done)["status"] == "completed"
    assert call("exchange.get", ref=went)["person"]["code"] == stays
    assert call("exchange.get", ref=received)["counterpart"]["code"] == stays
    assert [p["person"]["code"] for p in call("exchange.get", ref=workshop)["participants"]] == [stays]
    exported = call("subject.export", ref=stays)
    assert {row["code"] for row in exported["person"]} == {stays, goes}
    assert {row["notice_version"] for row in exported["records"]["consent"]} == {stays, goes}
    assert len(exported["records"]["correction"]) == 2 and len(exported["records"]["restriction"]) == 1
    assert [row["code"] for row in exported["records"]["legal_basis"]] == [f"LB-{goes}"]
    assert {entry["method"] for entry in exported["accesses"]} >= {"person.get"}
    assert server.sql("select count(*) from core.access_read a join core.person p on a.people @> array[p.log_reference] "
                      "where p.code = %s and a.method = 'person.get'", goes)[0][0] >= 1
    # Nothing refers to the record that went, and both keep their key and their reference.
    for table, column in server.sql("""
            select c.conrelid::regclass::text, a.attname from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
            where c.contype = 'f' and c.confrelid = 'core.person'::regclass and c.connamespace = 'core'::regnamespace"""):
        assert server.sql(f"select count(*) from {table} where {column} = (select id from core.person where code = %s)", goes) == [(0,)], table
    assert server.sql("select code::text, record_key, log_reference from core.person where code in (%s, %s) order by 1", stays, goes) == keys
    server.fold()
    assert compare(server) > 0


def test_the_old_code_and_identifier_stand_for_the_record_that_stays(server, wires):
    stays, goes = person(server.call, "alpha", ends="2022-12-31"), person(server.call, "beta", starts="2023-01-01")
    old = server.call("person.get", ref=goes)["id"]
    merge(server, stays, goes)
    for ref in (goes, old):
        got = server.call("person.get", ref=ref)
        assert got["code"] == stays and got["merged"] == [goes]
        assert wires["alpha"].call("person.get", {"ref": ref})["code"] == stays
        assert wires["beta"].call("person.get", {"ref": ref})["code"] == stays
        assert refused(wires["gamma"], "person.get", ref=ref).name == "not_found"
    server.call("holding.create", person=goes, skill=SKILL, level=1, starts="2024-01-01", evidence="badge")
    assert [item["person"]["code"] for item in server.call("holding.list", person=goes)["items"]] == [stays]
    assert goes not in [item["code"] for item in server.call("person.list", limit=1000)["items"]]


def test_a_record_that_others_were_merged_into_goes_on_with_them(server):
    first, second, third = (person(server.call) for _ in range(3))
    merge(server, second, first)
    merge(server, third, second)
    assert server.call("person.get", ref=first)["code"] == third
    assert server.call("person.get", ref=third)["merged"] == sorted([first, second])
    assert {row["code"] for row in server.call("subject.export", ref=first)["person"]} == {first, second, third}


def test_whoever_kept_the_record_that_went_goes_on_keeping_the_one_that_stays(server, wires):
    stays, goes = person(wires["alpha"].call), person(wires["beta"].call)
    wires["secretariat"].call("person.merge", {"ref": stays, "duplicate": goes, "reason": "The same person"})
    for name in ("alpha", "beta"):
        assert wires[name].call("person.get", {"ref": goes})["code"] == stays
        wires[name].call("person.update", {"ref": stays, "career_stage": "senior"})


def test_a_sweep_of_old_records_does_not_take_the_one_that_stays(server):
    stays, goes = person(server.call, "alpha"), person(server.call)
    merge(server, stays, goes)
    server.sql("alter table core.person disable trigger touch")
    server.sql("update core.person set updated_at = '2001-01-01' where code in (%s, %s)", stays, goes)
    server.sql("alter table core.person enable trigger touch")
    server.call("retention.set", noun="person", months=120)
    try:
        server.call("retention.sweep", dry_run=False)
        assert server.call("person.get", ref=goes)["code"] == stays
    finally:
        server.sql("delete from core.retention where noun = 'person'")


def test_the_log_says_that_they_were_merged_and_no_value(server):
    stays, goes = person(server.call, name="Secret Name"), person(server.call)
    references = dict(server.sql("select code::text, log_reference::text from core.person where code in (%s, %s)", stays, goes))
    merge(server, stays, goes)
    events = server.sql("select record_id::text, fields from derive.event where noun = 'person' and action = 'updated' "
                        "and record_id::text = any (%s)", list(references.values()))
    assert {"merged_into_id", "merged_reason"} <= set(dict(events)[references[goes]])
    assert references[stays] in dict(events) and "Secret" not in str(events)


def test_a_verified_record_stays_verified_only_with_another_that_is(server):
    for first, second in itertools.product((True, False), repeat=2):
        stays, goes = person(server.call), person(server.call)
        for who, verified in ((stays, first), (goes, second)):
            server.call("person.update", ref=who, verified=verified)
        merge(server, stays, goes)
        assert server.call("person.get", ref=stays)["verified"] is (first and second)


def test_frozen_releases_stay_as_they_are(server, wires):
    for _ in range(8):
        who = person(server.call, "alpha")
        server.call("person.update", ref=who, verified=True)
        server.call("holding.create", person=who, skill=SKILL, level=3, starts="2020-01-01", evidence="assessment")
    goes = person(server.call, "beta", ends="2020-12-31", starts="2019-01-01")
    server.call("person.update", ref=goes, verified=True)
    server.call("holding.create", person=goes, skill=SKILL, level=3, starts="2019-01-01", evidence="assessment")
    stays = person(server.call, "alpha", starts="2021-01-01")
    server.call("person.update", ref=stays, verified=True)
    wires["secretariat"].call("release.create", {"month": "2025-06", "code": "R-merge"})
    before = server.sql("select * from derive.release_cell order by 1, 2, 3, 4, 5")
    assert before
    merge(server, stays, goes)
    assert server.sql("select * from derive.release_cell order by 1, 2, 3, 4, 5") == before
    server.fold()
    assert compare(server) > 0


# What overlaps -----------------------------------------------------------------------------------------------


def test_the_same_affiliation_registered_twice_becomes_one(server):
    stays = person(server.call, "alpha", starts="2020-01-01", ends="2021-12-31")
    goes = person(server.call, "alpha", starts="2021-06-01", ends="2023-12-31")
    server.call("affiliation.create", person=stays, organization="alpha", starts="2023-03-01", ends="2024-12-31")
    merge(server, stays, goes)
    assert dates(server, stays) == [("alpha", "2020-01-01", "2024-12-31", 1.0)]


def test_affiliations_that_cannot_be_true_together_are_refused_and_named(server):
    stays, goes = person(server.call, "alpha", fte=0.5), person(server.call, "alpha", fte=0.3)
    ids = [server.call("person.get", ref=who)["affiliations"][0]["id"] for who in (stays, goes)]
    refused_merge(server, stays, goes, *ids)
    stays, goes = person(server.call, "alpha", fte=0.6), person(server.call, "beta", starts="2022-04-01", fte=0.6)
    ids = [server.call("person.get", ref=who)["affiliations"][0]["id"] for who in (stays, goes)]
    refused_merge(server, stays, goes, "2022-04-01", *ids)
    server.call("affiliation.end", ref=ids[0], ends="2022-03-31")
    merge(server, stays, goes)
    stays, goes = person(server.call, "alpha", fte=0.6), person(server.call, "beta", fte=0.4)
    merge(server, stays, goes)
    assert len(dates(server, stays)) == 2


def test_a_certification_registered_twice_becomes_one_and_two_numbers_are_refused(server):
    def held(number, starts="2020-01-01", ends="2024-12-31"):
        who = person(server.call)
        ref = server.call("certification.create", {"person": who, "qualification": "q-licence", "starts": starts, "ends": ends,
                                                   **({"number": number} if number else {})})["id"]
        return who, ref
    (stays, first), (goes, second) = held(None), held("N-7", "2021-01-01", "2025-12-31")
    renewal = server.call("certification.renew", ref=second, ends="2030-12-31")["id"]
    merge(server, stays, goes)
    got = server.call("certification.get", ref=first)
    assert (got["number"], got["starts"], got["ends"], got["renewed_by"]) == ("N-7", "2020-01-01", "2025-12-31", renewal)
    assert server.refused("certification.get", ref=second).name == "not_found"
    (stays, first), (goes, second) = held("N-8"), held("N-9")
    refused_merge(server, stays, goes, first, second)


@pytest.mark.parametrize("first, second, kept", [
    ((), (), 0), ((), ("admit",), 1), (("admit", "start"), ("admit",), 0), (("admit", "start", "complete"), ("admit", "start"), 0),
    (("admit",), ("admit", "start", "fail"), 1), (("admit", "start", "complete"), ("withdraw",), 0),
])
def test_of_two_enrollments_in_one_session_the_further_one_stays(server, first, second, kept):
    stays, goes, ref = person(server.call), person(server.call), session(server)
    enrollments = [enroll(server, ref, stays, *first), enroll(server, ref, goes, *second)]
    was = server.call("enrollment.get", ref=enrollments[kept])["status"]
    merge(server, stays, goes)
    got = [server.call("enrollment.get", ref=e) for e in enrollments]
    assert got[kept]["status"] == was and got[1 - kept]["status"] == "withdrawn"
    assert {e["person"]["code"] for e in got} == {stays}


def test_a_seat_that_comes_free_by_merging_goes_to_the_next_who_waits(server):
    stays, goes, ref = person(server.call), person(server.call), session(server, capacity=2)
    enroll(server, ref, stays, "admit", "start")
    enroll(server, ref, goes, "admit")
    waits = enroll(server, ref, person(server.call))
    server.call("enrollment.admit", ref=waits, or_wait=True)
    merge(server, stays, goes)
    assert server.call("enrollment.get", ref=waits)["status"] == "admitted"


def test_two_results_in_one_session_are_refused_and_named(server):
    stays, goes, ref = person(server.call), person(server.call), session(server)
    codes = [enroll(server, ref, who, "admit", "start", step) for who, step in ((stays, "complete"), (goes, "fail"))]
    refused_merge(server, stays, goes, *codes)
    server.call("enrollment.correct", ref=codes[0], reason="Recorded twice", status="withdrawn")
    merge(server, stays, goes)


def test_exchanges_on_the_same_days_are_refused_and_named_and_proposals_may_compete(server):
    stays, goes = person(server.call, "alpha", ends="2025-12-31"), person(server.call)
    first, second = exchange(server, stays), exchange(server, goes, starts="2025-03-20", ends="2025-04-20")
    refused_merge(server, stays, goes, first, second)
    server.call("exchange.cancel", ref=second, reason="Registered twice")
    merge(server, stays, goes)
    stays, goes = person(server.call), person(server.call)
    codes = [exchange(server, who, in_person=False, fte=0.7) for who in (stays, goes)]
    refused_merge(server, stays, goes, "2025-03-01", *codes)
    stays, goes = person(server.call), person(server.call)
    codes = [exchange(server, who, active=False) for who in (stays, goes)]
    merge(server, stays, goes)
    assert {server.call("exchange.get", ref=code)["person"]["code"] for code in codes} == {stays}


def test_nobody_becomes_their_own_counterpart_and_once_in_a_workshop_is_enough(server):
    stays, goes = person(server.call), person(server.call)
    code = exchange(server, stays, active=False, counterpart=goes)
    refused_merge(server, stays, goes, code)
    stays, goes = person(server.call), person(server.call)
    code = server.call("exchange.create", code=f"WS-{stays}", kind="workshop", home="alpha", host="gamma", starts="2027-03-01", ends="2027-03-05",
                       participants=[{"person": stays, "days": 2}, {"person": goes, "days": 4}])["code"]
    merge(server, stays, goes)
    participant, = server.call("exchange.get", ref=code)["participants"]
    assert (participant["person"]["code"], participant["days"]) == (stays, 4)


def test_records_that_contradict_each_other_are_refused(server):
    call = server.call
    for given in ({"birth_cohort": (1980, 1985)}, {"researcher_id": ("0000-0002-9079-593X", "0000-0001-5109-3700")},
                  {"synthetic": (True, False)}):
        (name, values), = given.items()
        refused_merge(server, *(person(call, **{name: value}) for value in values))
    stays, goes = person(call), person(call)
    call("subject.restrict", ref=goes, reason="Contested")
    refused_merge(server, stays, goes, "restricted")


# Who may, and bad input --------------------------------------------------------------------------------------


def test_a_coordinator_merges_records_that_both_belong_to_the_own_organization(server, wires):
    def try_(wire, stays, goes):
        return wire.call("person.merge", {"ref": stays, "duplicate": goes, "reason": "The same person"})
    ours, also_ours = person(wires["alpha"].call), person(server.call, "alpha")
    assert try_(wires["alpha"], ours, also_ours)["code"] == ours
    theirs = person(wires["beta"].call)
    assert refused(wires["alpha"], "person.merge", ref=ours, duplicate=theirs, reason="x").name == "not_found"
    # A guest of both organizations: beta's, on exchange to alpha.
    guest = person(server.call, "beta", ends="2030-12-31", starts="2029-01-01")
    exchange(server, guest, active=False, home="beta", host="alpha")
    ours = person(wires["alpha"].call)
    assert try_(wires["alpha"], ours, guest)["code"] == ours
    # Participants of a program are the provider's to see, and not its to merge.
    first, second = person(server.call, "alpha"), person(server.call, "beta")
    ref = session(server)
    enroll(server, ref, first), enroll(server, ref, second)
    error = refused(wires["school"], "person.merge", ref=first, duplicate=second, reason="x")
    assert error.name == "denied" and error.data["parameter"] == "duplicate"
    for name in ("member", "auditor"):
        assert refused(wires[name], "person.merge", ref=first, duplicate=second, reason="x").name == "denied"


def test_a_merge_of_nothing_or_of_itself_is_refused(server):
    stays, goes = person(server.call), person(server.call)
    error = server.refused("person.merge", ref=stays, duplicate=stays, reason="x")
    assert error.name == "invalid_params" and error.data["parameter"] == "duplicate"
    error = server.refused("person.merge", ref=stays, duplicate="P-none", reason="x")
    assert error.name == "not_found" and error.data["parameter"] == "duplicate"
    assert server.refused("person.merge", ref=stays, duplicate=goes).data["parameter"] == "reason"
    assert server.refused("person.merge", ref=stays, duplicate=goes, reason="x", if_version=9).name == "stale_version"
    key = str(uuid.uuid4())
    assert merge(server, stays, goes, idempotency_key=key) == merge(server, stays, goes, idempotency_key=key)
    error = server.refused("person.merge", ref=stays, duplicate=goes, reason="x")
    assert error.name == "invalid_params" and "same record" in error.message


def test_many_merges_at_once_join_each_record_once_and_lose_nothing(server):
    """Pairs are merged both ways at once, while holdings go on being recorded on both."""
    pairs = [(person(server.call, "alpha", ends="2022-12-31"), person(server.call, "beta", starts="2023-01-01")) for _ in range(6)]
    outcomes, recorded = {pair: [] for pair in pairs}, []

    def join(pair, stays, goes):
        try:
            merge(server, stays, goes)
            outcomes[pair].append("merged")
        except RpcError as error:
            outcomes[pair].append(error.name)

    def hold(who, level):
        while True:
            try:
                recorded.append(server.call("holding.create", person=who, skill=SKILL, level=level, starts="2024-01-01", evidence="badge")["id"])
                return
            except RpcError as error:
                assert error.name == "unavailable", error  # two waited for each other; said so, and can be tried again
    threads = []
    for pair in pairs:
        threads += [threading.Thread(target=join, args=(pair, *order)) for order in (pair, pair[::-1])]
        threads += [threading.Thread(target=hold, args=(who, level)) for who in pair for level in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for pair in pairs:
        if "merged" not in outcomes[pair]:
            merge(server, *pair)
            outcomes[pair].append("merged")
        assert outcomes[pair].count("merged") == 1, outcomes
        assert set(outcomes[pair]) <= {"merged", "conflict", "invalid_params", "unavailable"}, outcomes
        codes = {server.call("person.get", ref=who)["code"] for who in pair}
        assert len(codes) == 1 and codes <= set(pair)
        items = server.call("holding.list", person=pair[0], limit=100)["items"]
        assert sorted(item["level"] for item in items) == [1, 1, 2, 2]
    assert len(recorded) == 4 * len(pairs)
    server.fold()
    assert compare(server) > 0


# At the end, since what an erased person leaves is in no plain recount.


def test_erasing_takes_all_of_it_and_leaves_the_figures(server):
    stays, goes = person(server.call, "alpha", ends="2022-12-31", name="Both Erased"), person(server.call, "beta", starts="2023-01-01")
    for who in (stays, goes):
        server.call("holding.create", person=who, skill=SKILL, level=3, starts="2020-01-01", evidence="assessment")
    merge(server, stays, goes, reason="A reason to forget")
    server.fold()
    figures = "select * from derive.supply_classes('2024-01-01', 'organization', '{verified}', null) order by 1, 2, 3"
    before = server.sql(figures)
    assert server.refused("subject.erase", ref=goes, confirm=goes).data["parameter"] == "confirm"
    server.call("subject.erase", ref=goes, confirm=stays)
    for who in (stays, goes):
        assert server.refused("person.get", ref=who).name == "not_found"
    assert server.sql("select count(*) from core.person where code in (%s, %s)", stays, goes) == [(0,)]
    server.fold()
    assert server.sql(figures) == before
