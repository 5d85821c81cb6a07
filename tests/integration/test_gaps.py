# SPDX-License-Identifier: Apache-2.0
"""Demand, and gaps: declared, computed and frozen, and the actions meant to close them."""

import itertools
import uuid

import pytest

NUMBER = itertools.count(1)
SKILL, CATEGORY = "FS-BLK-01", "FS-BLK"


def organization(server, country="JP"):
    code = f"blanket-works-{next(NUMBER)}"
    server.call("organization.create", code=code, name={"en": code}, kind="company", country=country)
    return code


def demand(server, where, **more):
    return server.call("demand.create", {"organization": where, "skill": SKILL, "level": 3, "fte": 10, "year": 2025,
                                         "source": "Staffing plan", **more})["id"]


def holder(server, where, level=3, evidence="assessment", fte=1):
    code = server.call("person.create", career_stage="mid")["code"]
    server.call("affiliation.create", person=code, organization=where, fte=fte, starts="2020-01-01")
    server.call("holding.create", person=code, skill=SKILL, level=level, starts="2020-01-01", evidence=evidence)
    return code


def gap(server, **more):
    return server.call("gap.create", {"skill": SKILL, "level": 3, "year": 2027, "size_fte": 12, "severity": "high",
                                      "country": "JP", **more})["code"]


@pytest.fixture(scope="module")
def program(server):
    server.call("program.create", code="blanket-school", name={"en": "Blanket school"}, provider=organization(server))
    return "blanket-school"


# Demand ------------------------------------------------------------------------------------------------------


def test_a_demand_holds_from_the_first_day_of_its_year_whichever_year_it_is(server):
    where = organization(server)
    for kind, day in (("calendar", "2025-01-01"), ("jp_fiscal", "2025-04-01"), ("us_fiscal", "2024-10-01")):
        got = server.call("demand.get", ref=demand(server, where, year_kind=kind))
        assert got["as_of"] == day
        assert (got["fte_low"], got["fte"], got["fte_high"], got["scenario"]) == (10, 10, 10, "baseline")


@pytest.mark.parametrize("change, name, parameter", [
    ({"role": "none"}, "not_found", "role"),
    ({"skill": None, "level": None}, "invalid_params", "skill"),
    ({"level": None}, "invalid_params", "level"),
    ({"fte_low": 11}, "invalid_params", "fte"),
    ({"fte_high": 9}, "invalid_params", "fte"),
    ({"scenario": "With Spaces"}, "invalid_params", "scenario"),
    ({"organization": "nowhere"}, "not_found", "organization"),
])
def test_a_demand_that_cannot_be_names_the_parameter(server, change, name, parameter):
    error = server.refused("demand.create", {"organization": organization(server), "skill": SKILL, "level": 3, "fte": 10,
                                             "year": 2025, "source": "Staffing plan", **change})
    assert (error.name, error.data["parameter"]) == (name, parameter) and error.data["expected"]


def test_one_organization_states_a_demand_once_for_a_year_and_scenario(server):
    where = organization(server)
    demand(server, where)
    error = server.refused("demand.create", organization=where, skill=SKILL, level=3, fte=4, year=2025, source="Another")
    assert error.name == "conflict" and error.data["parameter"] == "year"
    demand(server, where, scenario="growth")


def test_a_demand_is_changed_within_its_bounds_and_only_at_the_version_read(server):
    ref = demand(server, organization(server), fte_low=8, fte_high=14)
    assert server.refused("demand.update", ref=ref, fte=15).name == "invalid_params"
    assert server.call("demand.update", ref=ref, if_version=1, fte=12)["version"] == 2
    assert server.refused("demand.update", ref=ref, if_version=1, fte=13).name == "stale_version"
    assert server.refused("demand.get", ref=str(uuid.uuid4())).name == "not_found"


def test_demands_are_found_by_category_and_paged(server):
    where = organization(server)
    refs = [demand(server, where, year=year) for year in range(2030, 2035)]
    first = server.call("demand.list", organization=where, skill=CATEGORY, limit=3)
    second = server.call("demand.list", organization=where, skill=CATEGORY, limit=3, cursor=first["next"])
    assert [item["id"] for item in first["items"] + second["items"]] == sorted(refs) and second["next"] is None
    assert server.call("demand.list", organization=where, skill="FS-MAG")["items"] == []
    assert server.refused("demand.list", cursor="Z2Fw").data["parameter"] == "cursor"


# Computed gaps -----------------------------------------------------------------------------------------------


def test_a_computed_gap_is_demand_less_supply_at_the_level_or_above_and_stays_as_it_was(server):
    where = organization(server)
    demand(server, where, fte=3, fte_high=5)
    demand(server, where, level=4, fte=1)
    holder(server, where, level=5, fte=0.5)
    holder(server, where, level=2)
    ref = server.call("gap.record", skill=SKILL, level=3, organization=where, as_of="2025-06")["code"]
    got = server.call("gap.get", ref=ref)
    assert (got["size_fte"], got["basis"], got["year"], got["severity"]) == (3.5, "computed", 2025, "critical")
    frozen = got["parameters"]
    assert (frozen["demand"], frozen["demand_high"], frozen["supply"], frozen["scenario"]) == (4, 6, 0.5, "baseline")
    holder(server, where)
    assert server.call("gap.get", ref=ref) == got
    assert server.refused("gap.update", ref=ref, size_fte=1).data["parameter"] == "size_fte"


def test_self_declared_holdings_count_only_where_the_caller_asks(server):
    where = organization(server)
    demand(server, where, fte=3)
    holder(server, where, evidence="self_declared")
    given = {"skill": SKILL, "level": 3, "organization": where, "as_of": "2025-06"}
    sizes = [server.call("gap.get", ref=server.call("gap.record", given, **more)["code"])["size_fte"]
             for more in ({}, {"evidence": "all"})]
    assert sizes == [3, 2]


def test_where_no_demand_is_recorded_no_gap_can_be_said(server):
    where = organization(server)
    holder(server, where)
    error = server.refused("gap.record", skill=SKILL, level=3, organization=where, as_of="2025-06")
    assert error.name == "not_found" and "no demand" in error.message


def test_where_supply_meets_demand_there_is_no_gap_to_record(server):
    where = organization(server)
    demand(server, where, fte=1)
    holder(server, where)
    assert server.refused("gap.record", skill=SKILL, level=3, organization=where, as_of="2025-06").name == "conflict"


def test_a_country_s_gap_is_of_that_country(server):
    here, there = organization(server, "KR"), organization(server, "FR")
    demand(server, here, fte=5)
    demand(server, there, fte=9)
    holder(server, there)
    ref = server.call("gap.record", skill=CATEGORY, level=1, country="KR", as_of="2025-06")["code"]
    assert server.call("gap.get", ref=ref)["size_fte"] == 5


# Declared gaps and their actions -------------------------------------------------------------------------------


def test_a_gap_goes_its_way_and_is_opened_again_only_for_a_reason(server):
    ref = gap(server)
    error = server.refused("gap.update", ref=ref, status="closed")
    assert error.name == "invalid_transition" and "being_closed" in error.data["expected"]
    server.call("gap.update", ref=ref, status="being_closed")
    server.call("gap.update", ref=ref, status="closed", reason="Twelve were hired")
    assert server.refused("gap.update", ref=ref, status="open").data["parameter"] == "reason"
    server.call("gap.update", ref=ref, status="open", reason="Four have left")
    got = server.call("gap.get", ref=ref)
    assert (got["status"], got["status_reason"]) == ("open", "Four have left")


def test_a_gap_is_in_a_country_or_at_an_organization_but_not_both(server):
    error = server.refused("gap.create", skill=SKILL, level=3, year=2027, size_fte=1, severity="low", country="JP",
                           organization=organization(server))
    assert error.name == "invalid_params" and error.data["parameter"] == "organization"


def test_a_gap_shows_what_its_actions_are_expected_to_close_and_what_they_did(server, program):
    ref, sender, host = gap(server), organization(server), organization(server, "US")
    who = server.call("person.create", career_stage="early")["code"]
    exchange = server.call("exchange.create", kind="secondment", person=who, home=sender, host=host,
                           starts="2026-01-01", ends="2026-06-30", title={"en": "Blanket tests"})["code"]
    action = server.call("gap.add_action", gap=ref, program=program, contribution_fte=7, expected_on="2026-09-30")["id"]
    server.call("gap.add_action", gap=ref, exchange=exchange, contribution_fte=1.5)
    server.call("gap.update_action", action=action, actual_fte=4)
    got = server.call("gap.get", ref=ref, lang="en")
    assert [(a["program"] or a["exchange"])["name"] for a in got["actions"]] == ["Blanket school", "Blanket tests"]
    assert (got["expected_fte"], got["actual_fte"], got["uncovered_fte"], got["remaining_fte"]) == (8.5, 4, 3.5, 8)
    server.call("gap.remove_action", action=action)
    assert server.call("gap.get", ref=ref)["uncovered_fte"] == 10.5
    assert server.refused("gap.remove_action", action=action).name == "not_found"


def test_an_action_is_a_program_or_an_exchange_once_and_on_an_open_gap(server, program):
    ref = gap(server)
    assert server.refused("gap.add_action", gap=ref, contribution_fte=1).data["parameter"] == "program"
    server.call("gap.add_action", gap=ref, program=program, contribution_fte=1)
    assert server.refused("gap.add_action", gap=ref, program=program, contribution_fte=2).name == "conflict"
    server.call("gap.update", ref=ref, status="accepted")
    assert server.refused("gap.add_action", gap=ref, program=program, contribution_fte=2).name == "invalid_transition"


def test_gaps_are_found_by_what_a_person_would_ask(server):
    owner = organization(server)
    ref = gap(server, owner=owner, year=2031, severity="low")

    def found(**filters):
        return ref in [item["code"] for item in server.call("gap.list", {"limit": 1000, **filters})["items"]]
    for filters in ({"skill": CATEGORY}, {"country": "JP"}, {"owner": owner}, {"year": 2031}, {"status": "open"},
                    {"severity": "low"}, {"basis": "declared"}, {"synthetic": False}):
        assert found(**filters), filters
    for filters in ({"skill": "FS-MAG"}, {"country": "US"}, {"organization": owner}, {"status": "closed"}, {"basis": "computed"}):
        assert not found(**filters), filters
