# SPDX-License-Identifier: Apache-2.0
"""Opportunities: who could close whose gap by what, ranked, checked against a slow calculation of the same."""

import json
import math

import pytest

from conftest import RpcError

MONTH, LEVEL = "2026-01", 3
SKILLS = ("FS-TRI-01", "FS-TRI-02")
WEIGHTS = {"per_month": 1, "per_cost": 0.5, "closed": 0.5, "feasibility": 0.75, "complementarity": 0.25}
# organization: country, people with FTE by skill, demand by skill (None: not stated)
WORLD = {
    "op-jp": ("JP", {"FS-TRI-01": 2, "FS-TRI-02": 9}, {"FS-TRI-01": 6, "FS-TRI-02": 3}),
    "op-jp2": ("JP", {"FS-TRI-01": 7, "FS-TRI-02": 0}, {"FS-TRI-01": 3, "FS-TRI-02": None}),
    "op-us": ("US", {"FS-TRI-01": 12, "FS-TRI-02": 1}, {"FS-TRI-01": 4, "FS-TRI-02": 5}),
    "op-us2": ("US", {"FS-TRI-01": 5, "FS-TRI-02": 0}, {"FS-TRI-01": None, "FS-TRI-02": 2}),
}
SEATS = {("op-us", "FS-TRI-01"): 3}
PLACES = {("op-us", "FS-TRI-01"): 2}


def people(server, organization, skill, heads):
    """So many people more at level 3."""
    return [row[0] for row in server.sql("""
        with p as (insert into core.person (code, career_stage, verified)
            select 'op-' || left(gen_random_uuid()::text, 20), 'mid', true from generate_series(1, %s) returning id),
        a as (insert into core.affiliation (person_id, organization_id, fte, valid)
            select p.id, o.id, 1, '[2020-01-01,)' from p, core.organization o where o.code = %s returning id)
        insert into core.holding (person_id, skill_id, level, valid, evidence)
        select p.id, s.id, 3, '[2020-01-01,)', 'assessment' from p, core.skill s
        where s.code = %s and (select count(*) from a) > 0 returning person_id""", heads, organization, skill)]


@pytest.fixture(scope="module")
def world(server):
    call = server.call
    for code, (country, held, demand) in WORLD.items():
        call("organization.create", code=code, name={"en": code}, kind="national_laboratory", country=country)
        for skill in SKILLS:
            people(server, code, skill, held[skill])
            if demand[skill] is not None:
                call("demand.create", organization=code, skill=skill, level=LEVEL, fte=demand[skill], year=2026, source="Plan")
    call("program.create", code="OP-course", name={"en": "Course"}, provider="op-us", capacity=3, teaches=[{"skill": "FS-TRI-01", "level": 3}])
    call("program.create", code="OP-low", name={"en": "Low"}, provider="op-us", capacity=9, teaches=[{"skill": "FS-TRI-01", "level": 2}])
    call("facility.create", code="OP-lab", name={"en": "Lab"}, operator="op-us", country="US", status="operating", skills=["FS-TRI-01"])
    server.fold()
    wires = {}
    for name, role, organization in (("analyst", "analyst", None), ("secretariat", "secretariat", None), ("auditor", "auditor", None),
                                     ("member", "member", "op-jp"), ("coordinator", "coordinator", "op-jp")):
        principal = call("principal.create", {"name": f"op {name}", "kind": "person", "role": role,
                                              **({"organization": organization} if organization else {})})["id"]
        wires[name] = server.connect()
        wires[name].call("access.sign_in", {"token": call("token.create", principal=principal)["token"]})
    yield server, wires
    for wire in wires.values():
        wire.close()


def rank(server, **more):
    return server.call("opportunity.rank", {"as_of": MONTH, "level": LEVEL, "category": "FS-TRI", "top": 1000, **more})


def expected(server, across=True, within=False, weights=None, without=0.5, patience=365):
    """The same from the formulas of daemon/model/opportunity.h, one by one."""
    rows = {(row["kind"], row["country"]): row["mode"] for row in server.call("assumption.list", limit=1000)["items"] if row["age"] is None}

    def assumed(kind, country=None):
        return rows.get((kind, country), rows.get((kind, None)))
    weights = {**WEIGHTS, **(weights or {})}
    gap, spare = {}, {}
    for code, (_, held, demand) in WORLD.items():
        for skill in SKILLS:
            known = demand[skill] is not None
            gap[code, skill] = demand[skill] - held[skill] if known else None
            spare[code, skill] = max(held[skill] - demand[skill] if known else 0, held[skill] * assumed("mentor_share"))

    def met(having, lacking):
        lacks = {s: gap[lacking, s] for s in SKILLS if (gap[lacking, s] or 0) > 0}
        return sum(min(spare[having, s], lacks[s]) for s in lacks) / sum(lacks.values()) if lacks else 0
    found = []
    for receiver in sorted(WORLD):
        for giver in sorted(WORLD):
            border = WORLD[giver][0] != WORLD[receiver][0]
            if giver == receiver or not (across if border else within):
                continue
            for skill in SKILLS:
                if not (gap[receiver, skill] or 0) > 0:
                    continue
                for order, kind in enumerate(("visit", "secondment", "seat", "facility")):
                    gain = assumed("completion_rate") * assumed("retention_rate") if kind == "seat" else assumed(kind + "_gain")
                    capacity = {"seat": SEATS, "facility": PLACES}.get(kind, {}).get((giver, skill), 0) if kind in ("seat", "facility") \
                        else math.floor(spare[giver, skill] * assumed("mentored") + 1e-9)
                    heads = min(capacity, math.ceil(gap[receiver, skill] / gain - 1e-9))
                    if heads < 1:
                        continue
                    months = assumed(kind + "_months")
                    cost = heads * ((assumed("seat_cost") if kind == "seat" else months * assumed(kind + "_cost"))
                                    + (assumed("travel_cost") if border else 0))
                    closed = min(gap[receiver, skill], heads * gain)
                    feasible = (assumed("language_ease", WORLD[giver][0]) * max(0, 1 - assumed("approval_time") / patience)) if border else 1
                    found.append({"key": (receiver, giver, skill, order), "kind": kind, "heads": heads, "closed": closed,
                                  "per_month": closed / heads / months, "per_cost": closed / cost, "cost": cost,
                                  "feasibility": feasible, "complementarity": (met(giver, receiver) + met(receiver, giver)) / 2})
    for row in found:
        parts = {name: row[name] / max(other[name] for other in found) for name in ("per_month", "per_cost", "closed")}
        parts.update(feasibility=row["feasibility"], complementarity=row["complementarity"])
        row["score"] = sum(weights[name] * parts[name] for name in weights) / sum(weights.values())
    return sorted((row for row in found if row["feasibility"] > 0), key=lambda row: (-round(row["score"], 9), row["key"]))


@pytest.mark.parametrize("asked", [{}, {"within": True}, {"across": False, "within": True},
                                   {"weights": {"per_month": 0, "closed": 3, "complementarity": 2}}, {"patience": 200}])
def test_the_ranking_is_that_of_a_slow_calculation(world, asked):
    server, _ = world
    want = expected(server, **asked)
    got = rank(server, **{{"patience": "patience_days"}.get(name, name): value for name, value in asked.items()})["items"]
    assert len(got) == len(want) > 1
    for place, (one, other) in enumerate(zip(got, want)):
        assert one["rank"] == place + 1 and one["score"] == pytest.approx(other["score"], abs=2e-6)
        assert (one["receiver"]["code"], one["giver"]["code"], one["skill"]["code"], one["instrument"], one["participants"]) == (
            *other["key"][:3], other["kind"], other["heads"])
        for name in ("closed", "cost", "per_month", "per_cost", "feasibility", "complementarity"):
            assert one[name] == pytest.approx(other[name], abs=2e-6)


def test_an_item_says_what_it_serves_and_what_is_not_known_of_it(world):
    server, _ = world
    answer = rank(server, lang="en")
    assert answer["weights"] == WEIGHTS and (answer["currency"], answer["live"], answer["level"]) == ("USD", "all", 3)
    assert {"visit_months", "seat_cost", "mentor_share"} <= {row["kind"] for row in answer["assumed"]}
    across = next(item for item in answer["items"] if item["giver"]["code"] == "op-us" and item["instrument"] == "seat")
    assert across["receiver"]["name"] == "op-jp" and across["skill"]["code"] == "FS-TRI-01" and across["pillars"]
    assert {"sta", "iter"} <= {agreement["code"] for agreement in across["agreements"]}
    assert across["agreements"][0]["in_force"] is True
    assert set(across["not_known"]) == {"cost", "language", "approval_time", "free_seats"}
    guessed = next(item for item in answer["items"] if item["giver"]["code"] == "op-us2")
    assert "giver_demand" in guessed["not_known"]
    server.call("organization.create", code="doe", name={"en": "Energy"}, kind="agency", country="US")
    server.call("organization.create", code="mext", name={"en": "Science"}, kind="agency", country="JP")
    assert "ccfe" in {committee["code"] for committee in rank(server)["items"][0]["committees"]}


def test_answers_can_be_narrowed_without_changing_the_scores(world):
    server, _ = world
    every = rank(server)["items"]
    scores = {json.dumps([item["receiver"], item["giver"], item["skill"], item["instrument"]]): item["score"] for item in every}
    for asked, holds in (({"organization": "op-us"}, lambda i: "op-us" in (i["giver"]["code"], i["receiver"]["code"])),
                         ({"country": "JP"}, lambda i: i["receiver"]["country"] == "JP")):
        some = rank(server, **asked)["items"]
        assert 0 < len(some) < len(every) and all(map(holds, some))
        assert some == [item for item in every if holds(item)]
        assert all(scores[json.dumps([i["receiver"], i["giver"], i["skill"], i["instrument"]])] == i["score"] for i in some)
    assert rank(server, top=2)["items"] == every[:2]
    assert {item["instrument"] for item in rank(server, instruments=["visit"])["items"]} == {"visit"}
    assert rank(server, skill="FS-MAG-01", category=None)["items"] == []


def test_the_usual_time_of_approvals_is_learnt_from_recorded_exchanges(world):
    server, wires = world
    person = people(server, "op-jp", "FS-TRI-02", 1)[0]
    try:
        server.sql("""
            with e as (insert into core.exchange (kind, person_id, home_id, host_id, planned, in_person, created_at)
                select 'visit', %s, h.id, o.id, daterange('2026-01-05', '2026-01-20'), false, '2025-11-01'
                from core.organization h, core.organization o, generate_series(1, 5) where h.code = 'op-jp' and o.code = 'op-us' returning id)
            insert into core.exchange_step (exchange_id, field, became, at) select id, 'status', 'approved', '2025-12-11' from e""", person)
        answer = rank(server)
        learnt = {row["code"]: (row["approval_days"], row["approval_learnt"]) for row in answer["instruments"]}
        assert learnt["visit"] == (40, True) and learnt["secondment"] == (120, False)
        assert all(("approval_time" in item["not_known"]) == (item["instrument"] == "secondment") for item in answer["items"])
        outside = wires["analyst"].call("opportunity.rank", {"as_of": MONTH})
        assert not any(row["approval_learnt"] for row in outside["instruments"])
    finally:
        server.sql("delete from core.exchange where person_id = %s", person)
        server.sql("delete from core.holding where person_id = %s", person)
        server.fold()


@pytest.mark.parametrize("asked, name, parameter", [
    ({"level": 6}, "invalid_params", "level"),
    ({"top": 0}, "invalid_params", "top"),
    ({"weights": {"closed": -1}}, "invalid_params", "weights.closed"),
    ({"weights": {"surprise": 1}}, "invalid_params", "weights.surprise"),
    ({"weights": {"per_month": 0, "per_cost": 0, "closed": 0, "feasibility": 0, "complementarity": 0}}, "invalid_params", "weights"),
    ({"across": False}, "invalid_params", "within"),
    ({"patience_days": 0}, "invalid_params", "patience_days"),
    ({"instruments": ["letter"]}, "invalid_params", "instruments[0]"),
    ({"organization": "no-such"}, "not_found", "organization"),
    ({"skill": "no-such"}, "not_found", "skill"),
    ({"assumptions": "no-such"}, "not_found", "assumptions"),
    ({"release": "no-such"}, "not_found", "release"),
])
def test_nonsense_is_refused(world, asked, name, parameter):
    server, _ = world
    error = server.refused("opportunity.rank", {"as_of": MONTH, "category": "FS-TRI", **asked})
    assert (error.name, error.data["parameter"]) == (name, parameter)


def test_figures_are_those_that_the_caller_may_see(world):
    server, wires = world
    asked = {"as_of": MONTH, "category": "FS-TRI", "within": True, "top": 1000}
    before = wires["analyst"].call("opportunity.rank", asked)
    assert before["items"] == [] and before["release"] is None and before["perturbed"] is True
    release = wires["secretariat"].call("release.create", {"month": MONTH})["code"]
    answers = {who: wires[who].call("opportunity.rank", asked) for who in ("analyst", "secretariat", "coordinator")}
    assert answers["analyst"]["release"] == release and answers["analyst"]["items"] == answers["secretariat"]["items"] != []
    assert answers["coordinator"]["live"] == "own organization"
    own = next(i for i in answers["coordinator"]["items"] if i["receiver"]["code"] == "op-jp" and i["instrument"] == "seat")
    assert own["closed"] <= 4  # their own gap, live
    texts = {who: json.dumps(answer) for who, answer in answers.items()}
    more = people(server, "op-us", "FS-TRI-01", 1) + people(server, "op-us2", "FS-TRI-02", 1)
    server.fold()
    try:
        for who in texts:
            assert json.dumps(wires[who].call("opportunity.rank", asked)) == texts[who]
        assert server.call("opportunity.rank", asked, release=release)["items"] == answers["analyst"]["items"]
    finally:
        server.sql("delete from core.holding where person_id = any (%s::uuid[])", more)
    for who in ("auditor", "member"):
        with pytest.raises(RpcError) as caught:
            wires[who].call("opportunity.rank", asked)
        assert caught.value.name == "denied"
