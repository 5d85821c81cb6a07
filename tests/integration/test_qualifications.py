# SPDX-License-Identifier: Apache-2.0
"""Qualifications of either country with their counterparts, held by people, expiring and renewed."""

import datetime
import itertools
import uuid

import pytest

from conftest import RpcError

NUMBER = itertools.count(1)
TODAY = datetime.date.today()


def day(days):
    return (TODAY + datetime.timedelta(days=days)).isoformat()


@pytest.fixture(scope="module", autouse=True)
def record(server):
    for code, country in (("jp-lab", "JP"), ("us-lab", "US")):
        server.call("organization.create", code=code, name={"en": code}, kind="national_laboratory", country=country)
    server.call("qualification.create", code="us-health-physicist", name={"en": "Certified health physicist"}, kind="certificate",
                country="US", valid_months=48)
    server.call("qualification.create", code="jp-radiation", name={"ja": "第一種放射線取扱主任者"}, kind="licence", country="JP",
                counterparts=[{"qualification": "us-health-physicist", "extent": "partial", "note": "No mutual recognition"}])


@pytest.fixture(scope="module")
def wires(server, record):
    made = {}
    for name, role, organization, country in (("jp", "coordinator", "jp-lab", "JP"), ("us", "coordinator", "us-lab", "US"), ("member", "member", "jp-lab", "JP"),
                                              ("secretariat", "secretariat", None, "JP"), ("abroad", "secretariat", None, "US"),
                                              ("analyst", "analyst", None, None)):
        given = {key: value for key, value in (("organization", organization), ("country", country)) if value}
        principal = server.call("principal.create", {"name": f"qualification {name}", "kind": "person", "role": role, **given})["id"]
        made[name] = server.connect()
        made[name].call("access.sign_in", {"token": server.call("token.create", principal=principal)["token"]})
    yield made
    for wire in made.values():
        wire.close()


def person(server, organization="jp-lab"):
    code = server.call("person.create", career_stage="mid")["code"]
    server.call("affiliation.create", person=code, organization=organization, starts="2020-01-01")
    return code


def hold(server, who, qualification="us-health-physicist", **more):
    return server.call("certification.create", {"person": who, "qualification": qualification, "number": f"N-{next(NUMBER)}",
                                                "starts": "2023-04-01", **more})["id"]


def expiring(call, **more):
    return [item["id"] for item in call("qualification.expiring", more)["items"]]


def refused(wire, method, **params):
    with pytest.raises(RpcError) as caught:
        wire.call(method, params)
    return caught.value


def test_a_qualification_names_its_counterparts_both_ways(server):
    got = server.call("qualification.get", ref="jp-radiation")
    assert [(c["qualification"]["code"], c["country"], c["extent"], c["note"]) for c in got["counterparts"]] == [
        ("us-health-physicist", "US", "partial", "No mutual recognition")]
    got = server.call("qualification.get", ref="us-health-physicist")
    assert [c["qualification"]["code"] for c in got["counterpart_of"]] == ["jp-radiation"]


def test_a_qualification_is_held_for_as_long_as_it_is_valid(server):
    got = server.call("certification.get", ref=hold(server, person(server)))
    assert (got["starts"], got["ends"], got["renews"], got["renewed_by"]) == ("2023-04-01", "2027-03-31", None, None)
    assert server.call("certification.get", ref=hold(server, person(server), "jp-radiation"))["ends"] is None


def test_a_renewal_follows_the_old_one_and_keeps_it(server):
    old = hold(server, person(server), number="A")
    new = server.call("certification.renew", ref=old, number="B")["id"]
    got = server.call("certification.get", ref=new)
    assert (got["number"], got["starts"], got["ends"], got["renews"]) == ("B", "2027-04-01", "2031-03-31", old)
    got = server.call("certification.get", ref=old)
    assert (got["number"], got["starts"], got["ends"], got["renewed_by"]) == ("A", "2023-04-01", "2027-03-31", new)


def test_an_early_renewal_ends_the_old_one_the_day_before_and_a_late_one_leaves_a_gap(server):
    old = hold(server, person(server))
    new = server.call("certification.renew", ref=old, starts="2026-10-01", ends="2030-09-30")["id"]
    assert server.call("certification.get", ref=old)["ends"] == "2026-09-30"
    assert server.call("certification.get", ref=new)["ends"] == "2030-09-30"
    old = hold(server, person(server))
    server.call("certification.renew", ref=old, starts="2028-01-01")
    assert server.call("certification.get", ref=old)["ends"] == "2027-03-31"


def test_a_renewal_that_cannot_be_is_refused(server, wires):
    old = hold(server, person(server))
    version = server.call("certification.get", ref=old)["version"]
    assert server.refused("certification.renew", ref=old, if_version=version + 1).name == "stale_version"
    error = server.refused("certification.renew", ref=old, starts="2023-04-01")
    assert error.name == "invalid_params" and error.data["parameter"] == "starts"
    error = server.refused("certification.renew", ref=old, starts="2027-04-01", ends="2027-03-31")
    assert error.name == "invalid_params" and error.data["parameter"] == "ends"
    assert server.refused("certification.renew", ref=str(uuid.uuid4())).name == "not_found"
    error = server.refused("certification.renew", ref=hold(server, person(server), "jp-radiation"))
    assert error.name == "invalid_params" and error.data["parameter"] == "starts"
    assert refused(wires["us"], "certification.renew", ref=old).name == "not_found"  # not theirs, so not there
    given = {"ref": old, "idempotency_key": str(uuid.uuid4())}
    assert server.call("certification.renew", given) == server.call("certification.renew", given)
    error = server.refused("certification.renew", ref=old)
    assert error.name == "conflict" and "renewed_by" in error.data["expected"]


def test_what_expires_soon_is_listed_soonest_first_unless_it_was_renewed(server):
    who, other = person(server), person(server)
    late = hold(server, who, ends=day(80))
    soon = hold(server, other, ends=day(5))
    renewed = hold(server, person(server), ends=day(10))
    server.call("certification.renew", ref=renewed)
    again = hold(server, person(server), ends=day(10))
    server.call("certification.create", person=server.call("certification.get", ref=again)["person"]["code"],
                qualification="us-health-physicist", starts=day(11))  # renewed without saying so
    today = hold(server, person(server), ends=day(0))
    lapsed = hold(server, person(server), ends=day(-3))
    far, ever = hold(server, person(server), ends=day(91)), hold(server, person(server), "jp-radiation")
    found = expiring(server.call)
    assert [item for item in found if item in (late, soon, renewed, again, today, lapsed, far, ever)] == [today, soon, late]
    assert late not in expiring(server.call, days=79) and late in expiring(server.call, days=80)
    assert lapsed in expiring(server.call, days=3, lapsed=True) and lapsed not in expiring(server.call, days=2, lapsed=True)
    items = {item["id"]: item for item in server.call("qualification.expiring", lapsed=True)["items"]}
    assert [(items[ref]["days_left"], items[ref]["lapsed"]) for ref in (today, soon, lapsed)] == [(0, False), (5, False), (-3, True)]
    assert expiring(server.call, person=who) == [late]
    assert expiring(server.call, person=who, qualification="jp-radiation") == []


def test_pages_of_what_expires_hold_each_certification_once(server):
    for _ in range(3):
        hold(server, person(server), ends=day(7))
    whole = expiring(server.call, lapsed=True, limit=1000)
    paged, cursor = [], None
    while True:
        page = server.call("qualification.expiring", {"lapsed": True, "limit": 2, "cursor": cursor})
        paged += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert paged == whole and len(set(whole)) == len(whole)
    error = server.refused("qualification.expiring", cursor="eA")
    assert error.name == "invalid_params" and error.data["parameter"] == "cursor"


def test_each_is_warned_of_their_own_people_alone(server, wires):
    ours, theirs = hold(server, person(server), ends=day(20)), hold(server, person(server, "us-lab"), ends=day(20))

    def seen(name, **more):
        return [ref for ref in expiring(wires[name].call, **more) if ref in (ours, theirs)]
    assert seen("jp") == seen("member") == [ours] and seen("us") == [theirs]
    assert seen("secretariat") == sorted([ours, theirs])
    assert seen("secretariat", organization="us-lab") == [theirs]
    assert seen("jp", organization="us-lab") == []
    assert refused(wires["analyst"], "qualification.expiring").name == "denied"
    assert refused(wires["jp"], "qualification.expiring", days=0).name == "invalid_params"
    assert refused(wires["jp"], "qualification.expiring", organization="none").data["parameter"] == "organization"


def test_abroad_numbers_are_shown_only_under_a_basis_and_then_disclosed(server, wires):
    who = person(server)
    ref = hold(server, who, number="SECRET", ends=day(30))
    item, = wires["abroad"].call("qualification.expiring", {"person": who})["items"]
    assert item["id"] == ref and item["number"] is None and item["pseudonymous"] is True
    assert refused(wires["abroad"], "qualification.expiring", person=who, form="personal", purpose="exchange").name == "consent_required"
    server.call("consent.give", person=who, purpose="exchange", recipient_country="US", notice_version="1", notice_lang="ja")
    item, = wires["abroad"].call("qualification.expiring", {"person": who, "purpose": "exchange"})["items"]
    assert item["number"] == "SECRET" and item["pseudonymous"] is False
    told = server.call("subject.access_log", ref=who)["items"]
    assert [entry["categories"] for entry in told if entry["kind"] == "disclosure"] == [["certification"]]


def test_an_erased_person_leaves_no_certification(server):
    who = person(server)
    old = hold(server, who, ends=day(10))
    new = server.call("certification.renew", ref=old)["id"]
    exported = {row["id"]: row["renews_id"] for row in server.call("subject.export", ref=who)["records"]["person_qualification"]}
    assert exported == {old: None, new: old}
    server.call("subject.erase", ref=who, confirm=who)
    assert server.sql("select count(*) from core.person_qualification where id in (%s, %s)", old, new) == [(0,)]
