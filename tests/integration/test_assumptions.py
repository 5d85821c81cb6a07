# SPDX-License-Identifier: Apache-2.0
"""What projections assume: recorded with range, source and date, and marked when stale."""

import datetime

import pytest

GOOD = {"code": "A-1", "kind": "quit_rate", "mode": 0.03, "low": 0.01, "high": 0.08, "source": "Survey", "source_date": "2026-01-15"}


def test_an_assumption_is_recorded_changed_and_removed(server):
    made = server.call("assumption.create", GOOD, country="JP", skill="FS-TRI", scenario="high", level=3)
    got = server.call("assumption.get", ref="A-1", lang="ja")
    assert (got["kind"], got["country"], got["skill"]["code"], got["level"], got["scenario"]) == ("quit_rate", "JP", "FS-TRI", 3, "high")
    assert (got["low"], got["mode"], got["high"], got["unit"]) == (0.01, 0.03, 0.08, "per year") and not got["unverified"]
    server.call("assumption.update", ref="A-1", high=0.1, note="wider", if_version=1)
    assert server.refused("assumption.update", ref="A-1", high=0.2, if_version=1).name == "stale_version"
    again = server.call("assumption.get", ref=made["id"])
    assert again["high"] == 0.1 and again["note"] == "wider" and again["version"] == 2
    server.call("assumption.delete", ref="A-1")
    assert server.refused("assumption.get", ref="A-1").name == "not_found"
    assert server.sql("select action from derive.event where noun = 'assumption' and record_code = 'A-1' order by inbox_id") == [
        ("created",), ("updated",), ("deleted",)]


def test_what_is_known_beforehand_has_a_source_and_is_marked_as_a_judgement(server):
    rows = server.call("assumption.list", limit=1000)["items"]
    known = [row for row in rows if row["kind"] == "retirement_rate" and row["country"] == "JP"]
    assert [row["age"] for row in known] == [55, 60, 65, 70] and all(row["unverified"] and row["source"] for row in known)
    assert {row["kind"] for row in rows} == {
        "quit_rate", "retirement_rate", "expiry_rate", "move_rate", "replacement_share", "completion_rate", "return_rate", "fill_rate",
        "retention_rate", "session_lag", "entry_age", "demand_growth", "visit_months", "secondment_months", "seat_months",
        "facility_months", "visit_cost", "secondment_cost", "facility_cost", "travel_cost", "seat_cost", "visit_gain",
        "secondment_gain", "facility_gain", "mentored", "mentor_share", "facility_places", "approval_time", "language_ease",
        "currency_rate"}


def test_what_is_older_than_it_should_be_is_stale(server):
    old = (datetime.date.today() - datetime.timedelta(days=400)).isoformat()
    server.call("assumption.create", {**GOOD, "code": "A-old", "country": "FR", "source_date": old}, stale_after_months=12)
    server.call("assumption.create", {**GOOD, "code": "A-young", "country": "DE", "source_date": old}, stale_after_months=24)
    stale = {row["code"] for row in server.call("assumption.list", stale=True, limit=1000)["items"]}
    assert "A-old" in stale and "A-young" not in stale
    assert "A-young" in {row["code"] for row in server.call("assumption.list", stale=False, limit=1000)["items"]}


def test_what_an_installation_has_changed_survives_the_next_start(server):
    server.call("assumption.update", ref="quit.US", mode=0.06)
    server.sql("delete from jinzai_meta.whole where name = 'sql/reference'")
    server.stop()
    server.start()
    assert server.call("assumption.get", ref="quit.US")["mode"] == 0.06


@pytest.mark.parametrize("change, name, parameter", [
    ({"low": 0.04}, "invalid_params", "mode"),
    ({"high": 1.5}, "invalid_params", "low"),
    ({"low": -0.1}, "invalid_params", "low"),
    ({"kind": "session_lag", "high": 41}, "invalid_params", "low"),
    ({"kind": "demand_growth"}, "invalid_params", "high"),
    ({"kind": "retirement_rate", "level": 2}, "invalid_params", "level"),
    ({"kind": "move_rate", "level": 5}, "invalid_params", "level"),
    ({"age": 60}, "invalid_params", "age"),
    ({"country": "Jp"}, "invalid_params", "country"),
    ({"scenario": "High Growth"}, "invalid_params", "scenario"),
    ({"skill": "no-such"}, "not_found", "skill"),
    ({"kind": "no_such"}, "invalid_params", "kind"),
    ({"code": "quit.JP"}, "conflict", "code"),
    ({"country": "JP"}, "conflict", "kind"),
    ({"source": ""}, "invalid_params", "source"),
])
def test_nonsense_is_refused_and_changes_nothing(server, change, name, parameter):
    before = server.sql("select count(*) from core.assumption")
    error = server.refused("assumption.create", {**GOOD, "code": "A-bad", **change})
    assert (error.name, error.data["parameter"]) == (name, parameter)
    assert server.sql("select count(*) from core.assumption") == before
