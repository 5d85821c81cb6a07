# SPDX-License-Identifier: Apache-2.0
"""Gaps over time: expected against actual, trends, and projections that are recorded."""

import datetime

import pytest

from conftest import RpcError

TODAY = datetime.date.today()
PROJECTION = {"p10": 2, "p50": 5.5, "p90": 9, "probability": 0.95, "as_of": TODAY.strftime("%Y-%m"), "years": 5, "seed": 3, "draws": 500}


def day(offset):
    return (TODAY + datetime.timedelta(days=offset)).isoformat()


@pytest.fixture(scope="module")
def world(server):
    call = server.call
    call("organization.create", code="rv", name={"en": "Review"}, kind="university", country="JP")
    call("program.create", code="RV-1", name={"en": "One"}, provider="rv", teaches=[{"skill": "FS-TRI-01", "level": 3}])
    call("program.create", code="RV-2", name={"en": "Two"}, provider="rv", teaches=[{"skill": "FS-TRI-02", "level": 3}])
    call("gap.create", code="G-rv", skill="FS-TRI-01", level=3, organization="rv", owner="rv", year=TODAY.year + 2, size_fte=10, severity="high")
    return server


def test_a_review_compares_what_was_expected_by_a_day_with_what_had_come_by_then(world):
    call = world.call
    late = call("gap.add_action", gap="G-rv", program="RV-1", contribution_fte=4, expected_on=day(-10))["id"]
    call("gap.add_action", gap="G-rv", program="RV-2", contribution_fte=3, expected_on=day(100))
    call("gap.update_action", action=late, actual_fte=1)
    call("gap.update_action", action=late, actual_fte=1.5, note="counted again")
    call("gap.update_action", action=late, note="only the note")
    world.sql("update core.gap_progress set recorded_at = recorded_at - interval '3 days' where actual_fte = 1")
    world.sql("update core.gap set created_at = created_at - interval '30 days' where code = 'G-rv'")
    now, = call("gap.review", ref="G-rv")["items"]
    assert (now["planned_fte"], now["expected_fte"], now["actual_fte"], now["shortfall_fte"], now["remaining_fte"], now["late"]) == (
        7, 4, 1.5, 2.5, 8.5, 1)
    assert [row["actual_fte"] for row in now["actions"][0]["history"]] == [1, 1.5] and now["actions"][0]["late"]
    before, = call("gap.review", ref="G-rv", as_of=day(-2))["items"]
    assert (before["actual_fte"], before["shortfall_fte"]) == (1, 3)
    long_ago, = call("gap.review", ref="G-rv", as_of=day(-20))["items"]
    assert (long_ago["expected_fte"], long_ago["actual_fte"], long_ago["late"]) == (0, 0, 0)
    assert call("gap.review", ref="G-rv", as_of=day(-60))["items"] == []


def test_reviews_are_filtered_and_paged(world):
    assert [row["code"] for row in world.call("gap.review", late=True, owner="rv")["items"]] == ["G-rv"]
    assert world.call("gap.review", late=False, owner="rv")["items"] == []
    for number in range(3):
        world.call("gap.create", code=f"G-page-{number}", skill="FS-TRI-01", level=3, country="JP", year=2030, size_fte=1, severity="low")
    first = world.call("gap.review", country="JP", limit=2)
    assert len(first["items"]) == 2
    assert [row["code"] for row in world.call("gap.review", country="JP", limit=2, cursor=first["next"])["items"]] == ["G-page-2"]
    assert world.refused("gap.review", ref="no-such").name == "not_found"


def test_a_trend_shows_demand_supply_and_gap_at_months_of_the_past(world):
    call = world.call
    for code, since in (("P-rv-1", TODAY.year - 3), ("P-rv-2", TODAY.year - 1)):
        call("person.create", code=code, career_stage="mid")
        call("affiliation.create", person=code, organization="rv", starts=f"{since}-01-01")
        call("holding.create", person=code, skill="FS-TRI-01", level=3, starts=f"{since}-01-01", evidence="assessment")
    for year in (TODAY.year - 2, TODAY.year - 1, TODAY.year):
        call("demand.create", organization="rv", skill="FS-TRI-01", level=3, fte=5, year=year, source="test")
    answer = call("gap.trend", skill="FS-TRI-01", level=3, starts=f"{TODAY.year - 3}-01", ends=f"{TODAY.year}-01", step_months=12,
                  organization="rv")
    assert [(row["month"][:4], row["demand"], row["fte"], row["gap"], row["change"]) for row in answer["items"]] == [
        (str(TODAY.year - 3), None, 1, None, None), (str(TODAY.year - 2), 5, 1, 4, None),
        (str(TODAY.year - 1), 5, 2, 3, -1), (str(TODAY.year), 5, 2, 3, 0)]
    error = world.refused("gap.trend", skill="FS-TRI-01", level=3, starts="2026-02", ends="2026-01")
    assert (error.name, error.data["parameter"]) == ("invalid_params", "starts")
    error = world.refused("gap.trend", skill="FS-TRI-01", level=3, starts="1960-01", ends="2026-01", step_months=1)
    assert (error.name, error.data["parameter"]) == ("invalid_params", "step_months")


def test_a_projection_is_recorded_with_what_it_was_projected_from(world):
    world.call("gap.record_projection", code="G-proj", skill="FS-TRI-01", level=3, year=TODAY.year + 5, country="JP", projection=PROJECTION)
    got = world.call("gap.get", ref="G-proj")
    assert (got["size_fte"], got["basis"], got["severity"]) == (5.5, "computed", "high")
    assert got["parameters"]["seed"] == 3 and got["parameters"]["method"] == "gap.project"
    assumed = {row["code"]: row for row in got["parameters"]["assumed"]}
    assert assumed["quit.JP"]["mode"] == 0.03 and "quit.US" not in assumed
    world.call("assumption.update", ref="quit.JP", mode=0.04)
    assert {row["code"]: row for row in world.call("gap.get", ref="G-proj")["parameters"]["assumed"]}["quit.JP"]["mode"] == 0.03


def test_who_sees_no_live_figures_names_the_release_that_was_projected_from(world):
    world.call("principal.create", name="rv-office", kind="person", role="secretariat")
    token = world.call("token.create", principal="rv-office")["token"]
    with world.connect() as wire:
        wire.call("access.sign_in", {"token": token})
        params = {"skill": "FS-TRI-01", "level": 3, "year": TODAY.year + 5, "country": "US", "projection": PROJECTION}
        with pytest.raises(RpcError) as caught:
            wire.call("gap.record_projection", params)
        assert caught.value.data["parameter"] == "projection.release"
        release = world.call("release.create")["code"]
        code = wire.call("gap.record_projection", {**params, "projection": {**PROJECTION, "release": release}})["code"]
        assert wire.call("gap.get", {"ref": code})["size_fte"] == 5.5
        assert wire.call("gap.get", {"ref": "G-proj"})["size_fte"] is None


@pytest.mark.parametrize("change, name, parameter", [
    ({"p10": 6}, "invalid_params", "projection.p50"),
    ({"p90": 5}, "invalid_params", "projection.p50"),
    ({"p10": -3, "p50": 0}, "conflict", "projection.p50"),
    ({"probability": 1.5}, "invalid_params", "projection.probability"),
    ({"years": 0}, "invalid_params", "projection.years"),
    ({"release": "no-such"}, "not_found", "projection.release"),
])
def test_a_projection_that_makes_no_sense_is_not_recorded(world, change, name, parameter):
    error = world.refused("gap.record_projection", skill="FS-TRI-01", level=3, year=2031, country="JP", projection={**PROJECTION, **change})
    assert (error.name, error.data["parameter"]) == (name, parameter)
