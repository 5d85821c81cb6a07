# SPDX-License-Identifier: Apache-2.0
"""Ways into a role, asked of a real daemon: what carries over, the cheapest programs against brute force, and occupations of O*NET."""

import csv
import datetime
import itertools
import pathlib
import random

import pytest

ONET = pathlib.Path("/work/shared/data/onet/Skills.txt")
SKILLS = ("FS-FAB-01", "FS-FAB-03", "FS-FAB-07")
START = "2030-01-01"
WORLDS = 25


def day(number):
    return (datetime.date(2030, 1, 1) + datetime.timedelta(days=number)).isoformat()


def levels(of):
    return [{"skill": skill, "level": level} for skill, level in of.items()]


def role(server, code, requires):
    server.call("role.create", code=code, name={"en": code}, requires=levels(requires))


def program(server, code, teaches, requires=None, cost=None, sessions=(), **more):
    server.call("program.create", code=code, name={"en": code}, provider="school", teaches=levels(teaches), requires=levels(requires or {}),
                **({"cost": cost, "currency": "USD"} if cost is not None else {}), **more)
    for number, (first, last) in enumerate(sessions):
        server.call("session.create", code=f"{code}-{number}", program=code, starts=day(first), ends=day(last), status="open")


@pytest.fixture(scope="module")
def world(server):
    server.call("organization.create", code="school", name={"en": "School"}, kind="university", country="JP")
    server.call("organization.create", code="abroad", name={"en": "Abroad"}, kind="university", country="US")
    role(server, "welder", {"FS-FAB-01": 3, "FS-FAB-03": 2})
    server.call("role.create", code="empty", name={"en": "empty"})
    server.call("framework.create", code="OCC", name={"en": "Occupations"})
    for code in ("OCC-weld", "OCC-inspect", "OCC-other"):
        server.call("skill.create", code=code, framework="OCC", name={"en": code})
    server.call("skill.map", **{"from": "OCC-weld", "to": "FS-FAB-01", "match": "narrow"})
    # From the other end: the inspection of the occupation is broader than that of the role's skill, and so it carries as narrow.
    server.call("skill.map", **{"from": "FS-FAB-03", "to": "OCC-inspect", "match": "broad"})
    role(server, "shipwright", {"OCC-weld": 4, "OCC-inspect": 2, "OCC-other": 5})
    role(server, "clerk", {"OCC-other": 5})
    program(server, "weld-2", {"FS-FAB-01": 2}, cost=100, sessions=((10, 20), (40, 50)))
    program(server, "weld-3", {"FS-FAB-01": 3}, requires={"FS-FAB-01": 2}, cost=300, sessions=((15, 25), (60, 70)))
    program(server, "weld-all", {"FS-FAB-01": 3, "FS-FAB-03": 2}, cost=1000, sessions=((5, 30),))
    program(server, "inspect-2", {"FS-FAB-03": 2}, hours=80)
    server.call("program.create", code="old", name={"en": "old"}, provider="school", status="ended", teaches=levels({"FS-FAB-01": 5}),
                cost=1, currency="USD", hours=1)
    return server


def find(server, **more):
    return server.call("pathway.find", {"role": "welder", "starts": START, "lang": "en", **more})


def programs(answer):
    return [route["programs"] for route in answer["routes"]]


# Success -------------------------------------------------------------------------------------------------------------------


def test_the_cheapest_route_keeps_to_prerequisites_and_dates_and_alternatives_follow(world):
    answer = find(world, unpriced=150)
    assert answer["outcome"] == "found" and answer["coverage"] == 0 and answer["missing_levels"] == 5
    assert set(programs(answer)[0]) == {"weld-2", "weld-3", "inspect-2"} and programs(answer)[1] == ["weld-all"]
    first = answer["routes"][0]
    assert (first["cost"], first["unpriced"], first["ends"]) == (400, 1, day(70))
    weld = {step["program"]["code"]: step for step in first["steps"]}
    assert (weld["weld-3"]["session"]["code"], weld["weld-3"]["starts"]) == ("weld-3-1", day(60))
    assert weld["inspect-2"]["session"] is None and weld["inspect-2"]["cost"] is None
    assert all(a["ends"] < b["starts"] for a, b in zip(first["steps"], first["steps"][1:]))
    assert answer["currency"] == "USD" and answer["unpriced_as"] == 150 and "not known in this currency" in " ".join(answer["notes"])
    # What has no price counts as the dearest, unless the caller knows better.
    assert programs(find(world))[0] == ["weld-all"] and find(world)["unpriced_as"] == 1000
    assert programs(find(world, order="soonest"))[0] == ["weld-all"]


def test_what_an_occupation_brings_carries_over_by_the_strength_of_its_mappings(world):
    answer = find(world, from_role="shipwright", unpriced=0)
    found = {item["skill"]["code"]: item for item in answer["skills"]}
    assert (found["FS-FAB-01"]["carried"], found["FS-FAB-01"]["level"], found["FS-FAB-01"]["match"]) == (3, 3, "narrow")
    assert found["FS-FAB-01"]["source"]["code"] == "OCC-weld" and found["FS-FAB-01"]["missing"] == 0
    assert (found["FS-FAB-03"]["carried"], found["FS-FAB-03"]["level"], found["FS-FAB-03"]["match"]) == (1.5, 1, "narrow")
    assert programs(answer)[0] == ["inspect-2"] and answer["routes"][0]["cost"] is None
    assert answer["from_role"]["code"] == "shipwright" and answer["strengths"] == {"exact": 1, "narrow": 0.75, "broad": 0.5}
    assert find(world, from_role="shipwright", strengths={"narrow": 1})["outcome"] == "nothing_missing"
    weak = {item["skill"]["code"]: item["level"] for item in find(world, from_role="shipwright", strengths={"narrow": 0.25})["skills"]}
    assert weak == {"FS-FAB-01": 1, "FS-FAB-03": 0}


def test_what_is_held_already_is_not_taught_again(world):
    assert programs(find(world, held=levels({"FS-FAB-01": 2, "FS-FAB-03": 2})))[0] == ["weld-3"]
    done = find(world, held=levels({"FS-FAB-01": 3, "FS-FAB-03": 5}))
    assert (done["outcome"], done["coverage"], done["routes"]) == ("nothing_missing", 1, [])


def test_a_way_that_is_not_there_is_said_to_be_missing_and_why(world):
    role(world, "lone", {"FS-FAB-05": 4})
    untaught = world.call("pathway.find", role="lone", lang="en")
    assert (untaught["outcome"], untaught["untaught"]["code"], untaught["routes"]) == ("untaught", "FS-FAB-05", [])
    late = find(world, latest=day(6))
    assert late["outcome"] == "no_route" and late["routes"] == []
    undated = find(world, undated=False)
    assert all("inspect-2" not in names for names in programs(undated)) and undated["left_out"]["programs_without_dates_or_hours"] == 1


def test_costs_of_other_currencies_need_a_rate(world):
    world.call("program.create", code="yen", name={"en": "yen"}, provider="school", teaches=levels({"FS-FAB-03": 2}), cost=3000,
               currency="JPY", hours=8)
    try:
        with_rate = find(world, held=levels({"FS-FAB-01": 3}), rates=[{"currency": "JPY", "rate": 0.0066}])
        assert (programs(with_rate)[0], with_rate["routes"][0]["cost"], with_rate["routes"][0]["unpriced"]) == (["yen"], 20, 0)
        without = find(world, held=levels({"FS-FAB-01": 3}), unpriced=10)
        assert without["routes"][0]["cost"] is None
    finally:
        world.call("program.update", ref="yen", status="ended")


def cheapest(have, requires, courses):
    """The least cost by trying every order of every set of programs, each at any time."""
    best = None
    for size in range(len(courses) + 1):
        for order in itertools.permutations(courses, size):
            got, cost = dict(have), 0
            for teaches, needs, price in order:
                if any(got.get(skill, 0) < level for skill, level in needs.items()):
                    break
                cost += price
                for skill, level in teaches.items():
                    got[skill] = max(got.get(skill, 0), level)
            else:
                if all(got.get(skill, 0) >= level for skill, level in requires.items()) and (best is None or cost < best):
                    best = cost
    return best


def test_the_cheapest_route_is_that_of_brute_force(world):
    dice = random.Random(6)
    framework = "FS"
    found = 0
    for number in range(WORLDS):
        # Skills of its own, so that no other world's programs lead there.
        own = [f"W{number}-{place}" for place in range(3)]
        for code in own:
            world.call("skill.create", code=code, framework=framework, name={"en": code})
        def some(most):
            return {skill: dice.randint(1, 3) for skill in dice.sample(own, dice.randint(0, most))}
        requires = some(2) or {own[0]: 2}
        role(world, f"role-{number}", requires)
        courses = [(some(2) or {own[1]: 1}, some(1), dice.randint(1, 9) * 10) for _ in range(4)]
        for place, (teaches, needs, price) in enumerate(courses):
            program(world, f"course-{number}-{place}", teaches, needs, cost=price, hours=8)
        have = some(1)
        answer = world.call("pathway.find", role=f"role-{number}", held=levels(have), starts=START, lang="en")
        least = cheapest(have, requires, courses)
        if least is None:
            assert answer["outcome"] in ("untaught", "no_route")
        elif least == 0:
            assert answer["outcome"] == "nothing_missing"
        else:
            assert answer["routes"][0]["cost"] == least, (have, requires, courses)
            found += 1
    assert found > WORLDS / 4


def test_neighbors_are_ranked_by_what_they_bring(world):
    answer = world.call("pathway.neighbors", role="welder", framework="OCC", lang="en")
    assert [(item["occupation"]["code"], item["coverage"], item["met"], item["missing"], item["carries"]) for item in answer["items"]] == \
        [("shipwright", 0.9, 1, 1, 2), ("clerk", 0, 0, 5, 0)]
    role(world, "fitter", {"FS-FAB-01": 3})
    everybody = [item["occupation"]["code"] for item in world.call("pathway.neighbors", role="welder", lang="en", top=2)["items"]]
    assert everybody == ["shipwright", "fitter"]


@pytest.mark.skipif(not ONET.exists(), reason="the O*NET tables are not on this machine")
def test_an_occupation_of_onet_is_a_role_in_another_framework(world):
    """Welders and clerks as O*NET 29.3 rates them, on its scale of 0 to 7 turned into levels."""
    bounds = [(item["onet_low"], item["level"]) for item in world.call("level.list")["items"]]
    wanted = {"51-4121.00": {}, "43-9061.00": {}, "51-8011.00": {}}
    with ONET.open(encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            if row["O*NET-SOC Code"] in wanted and row["Scale ID"] == "LV" and float(row["Data Value"]) >= bounds[0][0]:
                at = max(level for low, level in bounds if low <= float(row["Data Value"]))
                wanted[row["O*NET-SOC Code"]][row["Element ID"]] = (row["Element Name"], at)
    assert all(len(profile) > 20 for profile in wanted.values())
    world.call("framework.create", code="ONET", name={"en": "O*NET"}, publisher="U.S. Department of Labor", edition="29.3")
    for element, name in sorted({(element, name) for profile in wanted.values() for element, (name, _) in profile.items()}):
        world.call("skill.create", code=f"ONET-{element}", framework="ONET", name={"en": name})
    for occupation, profile in wanted.items():
        role(world, f"ONET-{occupation}", {f"ONET-{element}": level for element, (_, level) in profile.items()})
    # Quality control analysis is broader than the inspection of welds.
    control = next(element for element, (name, _) in wanted["51-4121.00"].items() if name == "Quality Control Analysis")
    world.call("skill.map", **{"from": f"ONET-{control}", "to": "FS-FAB-03", "match": "narrow"})
    answer = world.call("pathway.neighbors", role="welder", framework="ONET", strengths={"narrow": 1}, lang="en")
    assert len(answer["items"]) == 3 and answer["items"][0]["coverage"] > 0
    level = wanted["51-4121.00"][control][1]
    carried = {item["skill"]["code"]: item for item in find(world, from_role="ONET-51-4121.00", strengths={"narrow": 1})["skills"]}
    assert carried["FS-FAB-03"]["carried"] == level and carried["FS-FAB-03"]["source"]["name"] == "Quality Control Analysis"


# A person ------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wires(world):
    world.call("person.create", code="P-one", career_stage="mid")
    world.call("affiliation.create", person="P-one", organization="school", starts="2020-01-01")
    world.call("holding.create", person="P-one", skill="FS-FAB-01", level=3, starts="2020-01-01", evidence="assessment")
    world.call("holding.create", person="P-one", skill="FS-FAB-03", level=2, starts="2020-01-01", evidence="self_declared")
    found = {}
    for name, kind, organization, country in (("home", "coordinator", "school", None), ("abroad", "coordinator", "abroad", None),
                                              ("analyst", "analyst", None, None), ("office", "secretariat", None, "US")):
        principal = world.call("principal.create", {"name": name, "kind": "person", "role": kind,
                                                    **({"organization": organization} if organization else {}),
                                                    **({"country": country} if country else {})})["id"]
        found[name] = world.connect()
        found[name].call("access.sign_in", {"token": world.call("token.create", principal=principal)["token"]})
    yield found
    for wire in found.values():
        wire.close()


def test_a_person_s_holdings_are_where_a_way_may_begin_for_who_may_see_them(world, wires):
    asked = {"role": "welder", "person": "P-one", "starts": START, "lang": "en"}
    answer = wires["home"].call("pathway.find", {**asked, "purpose": "training"})
    own = {item["skill"]["code"]: (item["own"], item["missing"]) for item in answer["skills"]}
    assert own == {"FS-FAB-01": (3, 0), "FS-FAB-03": (0, 2)} and answer["person"]["code"] == "P-one" and "name" not in answer["person"]
    assert wires["home"].call("pathway.find", {**asked, "self_declared": True})["outcome"] == "nothing_missing"
    read = world.sql("select purpose, form from core.access_read where method = 'pathway.find' order by purpose nulls last")
    assert read[0] == ("training", "personal")
    for who in ("abroad", "analyst"):
        with pytest.raises(Exception) as caught:
            wires[who].call("pathway.find", asked)
        assert (caught.value.name, caught.value.data["parameter"]) == ("not_found", "person")


def test_a_person_abroad_is_shown_under_a_ground_alone(world, wires):
    with pytest.raises(Exception) as caught:
        wires["office"].call("pathway.find", {"role": "welder", "person": "P-one", "purpose": "training"})
    assert caught.value.name == "consent_required"
    world.call("consent.give", person="P-one", purpose="training", recipient_country="US", notice_version="1", notice_lang="en")
    assert wires["office"].call("pathway.find", {"role": "welder", "person": "P-one", "purpose": "training", "lang": "en"})["coverage"] > 0
    assert world.sql("select method, to_country from core.disclosure where method = 'pathway.find'") == [("pathway.find", "US")]


# Bad input -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method, params, name, parameter", [
    ("pathway.find", {"role": "empty"}, "invalid_params", "role"),
    ("pathway.find", {"role": "nothing"}, "not_found", "role"),
    ("pathway.find", {}, "invalid_params", "role"),
    ("pathway.find", {"role": "welder", "from_role": "nothing"}, "not_found", "from_role"),
    ("pathway.find", {"role": "welder", "person": "nobody"}, "not_found", "person"),
    ("pathway.find", {"role": "welder", "held": [{"skill": "FS-FAB-01", "level": 9}]}, "invalid_params", "held[0].level"),
    ("pathway.find", {"role": "welder", "held": [{"skill": "FS-NOT-99", "level": 1}]}, "not_found", "held[0].skill"),
    ("pathway.find", {"role": "welder", "held": [{"skill": "FS-FAB", "level": 1}]}, "invalid_params", "held[0].skill"),
    ("pathway.find", {"role": "welder", "starts": "2030-01-02", "latest": "2030-01-01"}, "invalid_params", "latest"),
    ("pathway.find", {"role": "welder", "strengths": {"broad": 2}}, "invalid_params", "strengths.broad"),
    ("pathway.find", {"role": "welder", "unpriced": -1}, "invalid_params", "unpriced"),
    ("pathway.find", {"role": "welder", "routes": 0}, "invalid_params", "routes"),
    ("pathway.neighbors", {"role": "empty"}, "invalid_params", "role"),
    ("pathway.neighbors", {"role": "welder", "framework": "nothing"}, "not_found", "framework"),
    ("pathway.neighbors", {"role": "welder", "top": 0}, "invalid_params", "top"),
])
def test_what_makes_no_sense_is_refused_by_its_parameter(world, method, params, name, parameter):
    error = world.refused(method, params)
    assert (error.name, error.data["parameter"]) == (name, parameter)
