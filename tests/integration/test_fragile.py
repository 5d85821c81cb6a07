# SPDX-License-Identifier: Apache-2.0
"""Skills that hang by a thread, asked of a real daemon: the score from its parts, and bands for who may not see counts."""

import json

import pytest

MONTH, LEVEL = "2026-01", 3
OLD, YOUNG = 1955, 1990
ALONE, SPREAD, TAUGHT, NOBODY = "FS-TRI-01", "FS-TRI-02", "FS-TRI-03", "FS-TRI-04"


def people(server, organization, skill, heads, cohort):
    return [row[0] for row in server.sql("""
        with people as (insert into core.person (code, career_stage, verified, birth_cohort)
            select 'x-' || left(gen_random_uuid()::text, 23), 'mid', true, %s from generate_series(1, %s) returning id),
        placed as (insert into core.affiliation (person_id, organization_id, fte, valid)
            select p.id, o.id, 1, '[2020-01-01,)' from people p, core.organization o where o.code = %s returning id)
        insert into core.holding (person_id, skill_id, level, valid, evidence)
        select p.id, s.id, %s, '[2020-01-01,)', 'assessment' from people p, core.skill s
        where s.code = %s and (select count(*) from placed) > 0 returning person_id""", cohort, heads, organization, LEVEL, skill)]


@pytest.fixture(scope="module")
def world(server):
    for code, country in (("ours", "JP"), ("theirs", "JP"), ("abroad", "US")):
        server.call("organization.create", code=code, name={"en": code}, kind="university", country=country)
    people(server, "ours", ALONE, 6, OLD)
    people(server, "ours", ALONE, 2, YOUNG)
    for organization in ("ours", "theirs", "abroad"):
        people(server, organization, SPREAD, 20, YOUNG)
        people(server, organization, TAUGHT, 20, YOUNG)
    server.call("program.create", code="course", name={"en": "Course"}, provider="ours", teaches=[{"skill": TAUGHT, "level": 2}])
    server.call("program.create", code="ended", name={"en": "Ended"}, provider="ours", status="ended", teaches=[{"skill": ALONE, "level": 2}])
    server.call("demand.create", organization="theirs", skill=ALONE, level=LEVEL, fte=4, year=2026, source="Plan")
    server.fold()
    return server


@pytest.fixture(scope="module")
def wires(world):
    found = {}
    for name, kind, organization in (("analyst", "analyst", None), ("secretariat", "secretariat", None), ("ours", "coordinator", "ours")):
        principal = world.call("principal.create", {"name": name, "kind": "person", "role": kind,
                                                    **({"organization": organization} if organization else {})})["id"]
        found[name] = world.connect()
        found[name].call("access.sign_in", {"token": world.call("token.create", principal=principal)["token"]})
    found["secretariat"].call("release.create", {"month": MONTH})
    yield found
    for wire in found.values():
        wire.close()


ASKED = {"as_of": MONTH, "category": "FS-TRI", "lang": "en"}


def fragile(server, **more):
    return server.call("gap.fragile", {**ASKED, **more})


def by_skill(answer):
    return {item["subject"]["code"]: item for item in answer["items"]}


def test_the_score_is_the_weighted_mean_of_the_parts_that_are_shown(world, wires):
    answer = fragile(world)
    assert answer["weights"] == {"scarcity": 1, "retirement": 1, "program": 0.5, "concentration": 0.5}
    found = by_skill(answer)
    one = found[ALONE]
    assert (one["headcount"], one["near_retirement"], one["programs"], one["organizations"], one["single_organization"], one["demand"]) == \
        (8, 6, 0, 1, True, 4)
    assert (one["scarcity"], one["retirement"], one["program"], one["concentration"]) == (5 / 8, 6 / 8, 1, 1)
    assert one["score"] == pytest.approx((5 / 8 + 6 / 8 + 0.5 + 0.5) / 3, abs=1e-6)
    spread, taught = found[SPREAD], found[TAUGHT]
    assert (spread["program"], taught["program"], taught["programs"]) == (1, 0, 1)
    assert spread["concentration"] == pytest.approx(1 / 3, abs=1e-6) and spread["score"] > taught["score"]
    nobody = found[NOBODY]
    assert (nobody["headcount"], nobody["scarcity"], nobody["retirement"], nobody["concentration"], nobody["score"]) == (0, 1, None, None, 1)
    assert [item["score"] for item in answer["items"]] == sorted((item["score"] for item in answer["items"]), reverse=True)
    assert [item["rank"] for item in answer["items"]] == list(range(1, len(answer["items"]) + 1)) and not answer["banded"]


def test_weights_few_and_age_are_the_caller_s(world, wires):
    one = by_skill(fragile(world, weights={"scarcity": 0, "program": 0, "concentration": 0}))[ALONE]
    assert one["score"] == 0.75
    assert by_skill(fragile(world, few=4))[ALONE]["scarcity"] == 0.5
    assert by_skill(fragile(world, near_age=75))[ALONE]["retirement"] == 0
    assert by_skill(fragile(world, organization="theirs"))[ALONE]["headcount"] == 0
    assert by_skill(fragile(world, country="US"))[SPREAD]["headcount"] == 20
    assert len(fragile(world, top=2)["items"]) == 2


def test_an_outsider_is_shown_bands_and_a_score_from_their_middles(world, wires):
    answer = wires["analyst"].call("gap.fragile", ASKED)
    assert answer["banded"] and answer["perturbed"] and "in bands alone" in " ".join(answer["notes"])
    for item in answer["items"]:
        assert item["headcount"] is item["near_retirement"] is item["organizations"] is item["single_organization"] is None
        if item["holders"]["from"] == 0:
            assert item["holders"]["below"] == answer["at_most"] + 1
        assert item["retirement"] is None or round(item["retirement"] * 6) in (1, 3, 5)
        assert item["concentration"] is None or round(item["concentration"] * 6) in (1, 3, 5)
    assert by_skill(answer)[SPREAD]["holders"] == {"from": 50, "below": 100}
    assert wires["secretariat"].call("gap.fragile", ASKED)["items"] == answer["items"]


def test_the_own_organization_sees_its_own_counts(world, wires):
    own = wires["ours"].call("gap.fragile", {**ASKED, "organization": "ours"})
    assert not own["banded"] and by_skill(own)[ALONE]["headcount"] == 8
    assert own["items"] == fragile(world, organization="ours")["items"]
    assert wires["ours"].call("gap.fragile", {**ASKED, "organization": "theirs"})["banded"]


def test_one_person_more_changes_no_byte_of_what_an_outsider_reads(world, wires):
    asked = [{}, {"country": "JP"}, {"organization": "theirs"}, {"level": 1}]
    before = [json.dumps(wires["analyst"].call("gap.fragile", {**ASKED, **params})) for params in asked]
    more = people(world, "theirs", ALONE, 1, YOUNG)
    try:
        assert by_skill(fragile(world))[ALONE]["headcount"] == 9
        assert [json.dumps(wires["analyst"].call("gap.fragile", {**ASKED, **params})) for params in asked] == before
    finally:
        world.sql("delete from core.holding where person_id = any (%s::uuid[])", more)


def test_without_a_release_nothing_is_known_of_people(world, wires):
    answer = wires["analyst"].call("gap.fragile", {**ASKED, "as_of": "1990-01"})
    assert answer["release"] is None
    assert {(item["holders"], item["scarcity"], item["retirement"], item["concentration"]) and item["program"] for item in answer["items"]} <= {0, 1}
    assert all(item["holders"] is item["scarcity"] is None for item in answer["items"])


@pytest.mark.parametrize("params, name, parameter", [
    ({"weights": {"scarcity": 0, "retirement": 0, "program": 0, "concentration": 0}}, "invalid_params", "weights"),
    ({"weights": {"scarcity": -1}}, "invalid_params", "weights.scarcity"),
    ({"few": 0}, "invalid_params", "few"),
    ({"near_age": 5}, "invalid_params", "near_age"),
    ({"level": 6}, "invalid_params", "level"),
    ({"skill": "FS-TRI"}, "invalid_params", "skill"),
    ({"skill": "FS-NOT-99"}, "not_found", "skill"),
    ({"organization": "nobody"}, "not_found", "organization"),
    ({"release": "R-none"}, "not_found", "release"),
])
def test_what_makes_no_sense_is_refused_by_its_parameter(world, params, name, parameter):
    error = world.refused("gap.fragile", {"as_of": MONTH, **params})
    assert (error.name, error.data["parameter"]) == (name, parameter)
