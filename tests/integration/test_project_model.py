# SPDX-License-Identifier: Apache-2.0
"""The projection of supply and gaps against a slow implementation of the same model, person by person, with another
generator. It shares no code with the daemon's, and follows the description in daemon/model/project.h."""

import bisect
import json
import math
import random
import subprocess

import pytest

from conftest import BUILD

YEARS = 8
START = 2026
SLOW_DRAWS = 1200
FAST_DRAWS = 20000
LEVELS = (1, 2, 3, 4, 5)
SIGMAS = 5  # of some 1,000 figures that are compared, each with seeds that never change


def parameter(code, low, mode, high, **more):
    return {"code": code, "low": low, "mode": mode, "high": high, **more}


def question(shape, drop):
    """Two regimes and three series in which every flow runs."""
    parameters = [
        parameter("quit.low", 0.03, 0.08, 0.2), parameter("quit.high", 0.01, 0.03, 0.05), parameter("expire", 0.0, 0.04, 0.1),
        parameter("move", 0.05, 0.1, 0.4, factor=0.8), parameter("retire.55", 0.02, 0.05, 0.1), parameter("retire.62", 0.3, 0.5, 0.9),
        parameter("unknown", 0.02, 0.02, 0.02), parameter("replace", 0.2, 0.6, 0.9), parameter("complete", 0.5, 0.8, 0.95),
        parameter("stay", 0.7, 0.9, 1.0), parameter("lag", 0.0, 0.4, 2.5), parameter("fill", 0.3, 0.3, 0.8)]
    one = {"code": "one", "quit": ["quit.low", "quit.low", "quit.high", "quit.high", "quit.high"], "expire": "expire", "move": "move",
           "expiry_drop": drop, "retire": [{"age": 55, "parameter": "retire.55"}, {"age": 62, "parameter": "retire.62"}],
           "retire_unknown": "unknown", "replace": "replace", "entry_age": 28}
    two = {"code": "two", "quit": "quit.low", "retire": [{"age": 60, "parameter": "retire.62"}], "entry_age": 52, "replace": "fill"}
    arrivals = [
        {"kind": "completion", "at": 0.5, "level": 2, "cohort": 2000, "heads": 12, "probability": "complete", "retention": "stay", "lag": "lag"},
        {"kind": "completion", "at": 3.5, "level": 1, "cohort": 1965, "heads": 6, "probability": "complete", "lag": "lag"},
        {"kind": "return", "at": 1.2, "level": 4, "cohort": 1975, "heads": 3, "retention": "stay"},
        {"kind": "hire", "at": 5, "level": 1, "cohort": None, "heads": 9, "probability": "fill"},
        {"kind": "departure", "at": 2, "level": 3, "cohort": 1985, "heads": 2}]
    stock = [[cohort, level, (cohort // 5 * 7 + level * 3) % 5] for cohort in range(1955, 2005, 5) for level in LEVELS] + [[None, 2, 8]]
    demand = [[START + year, level, 50 / level, 70 / level + year, 100 / level + 2 * year] for year in range(YEARS + 1)
              for level in LEVELS if (year, level) != (3, 2)]
    series = [
        {"code": "first", "regime": "one", "fte": 0.8, "stock": stock, "arrivals": arrivals, "demand": demand},
        {"code": "second", "regime": "two", "stock": [[1965, 3, 80], [1970, 1, 5]], "demand": [[START + YEARS, 1, 30, 30, 30]]},
        {"code": "third", "regime": "two", "supply_known": False, "demand": demand[:7]}]
    return {"start_year": START, "years": YEARS, "draws": FAST_DRAWS, "seed": 5, "shape": shape, "demand_growth": 0.01,
            "parameters": parameters, "regimes": [one, two], "series": series}


def fast(text, threads=2):
    """The daemon's own implementation."""
    done = subprocess.run([BUILD / "tests" / "project_driver", str(threads)], input=json.dumps(text), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def triangular(u, low, mode, high):
    if high == low:
        return low
    turn = (mode - low) / (high - low)
    if u < turn:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1 - u) * (high - low) * (high - mode))


def drawn(dice, asked):
    """Every parameter's value in one draw."""
    values = {}
    lags = {arrival.get("lag") for series in asked["series"] for arrival in series.get("arrivals", [])}
    for one in asked["parameters"]:
        low, mode, high = one["low"], one["mode"], one["high"]
        if asked["shape"] == "pert" and high > low:
            value = low + (high - low) * dice.betavariate(1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low))
        else:
            value = dice.triangular(low, high, mode) if high > low else low
        value *= one.get("factor", 1)
        values[one["code"]] = value if one["code"] in lags else min(value, 1)
    return values


def rate(regime, name, level, values):
    given = regime.get(name)
    if isinstance(given, list):
        given = given[level - 1] if level <= len(given) else None
    if given is None or name == "move" and level == 5:
        return 0.0
    return values[given]


def retirement(regime, cohort, year, values):
    if cohort is None:
        return values[regime["retire_unknown"]] if "retire_unknown" in regime else 0.0
    total = 0.0
    for born in range(cohort, cohort + 5):
        hazard = 0.0
        for band in regime["retire"]:
            if START + year - born >= band["age"]:
                hazard = values[band["parameter"]]
        total += hazard / 5
    return total


def one_history(dice, asked, series, values):
    """The people by year, as lists of [cohort, level], of one draw, and what went out and came in."""
    regime = next(r for r in asked["regimes"] if r["code"] == series["regime"])
    people = [[cohort, level] for cohort, level, heads in series.get("stock", []) for _ in range(heads)]
    due = {}
    for arrival in series.get("arrivals", []):
        when = max(1, math.ceil(arrival["at"] + (values[arrival["lag"]] if "lag" in arrival else 0)))
        due.setdefault(when, []).append(arrival)
    left_before = []
    years, flows = [[level for _, level in people]], [None]
    for year in range(1, YEARS + 1):
        stay, left, flow = [], [], {"retired": [], "quit": []}
        for person in people:
            cohort, level = person
            if dice.random() < retirement(regime, cohort, year, values):
                left.append(level)
                flow["retired"].append(level)
            elif dice.random() < rate(regime, "quit", level, values):
                left.append(level)
                flow["quit"].append(level)
            elif dice.random() < rate(regime, "expire", level, values):
                if level > regime.get("expiry_drop", 5):
                    stay.append([cohort, level - regime.get("expiry_drop", 5)])
            elif dice.random() < rate(regime, "move", level, values):
                stay.append([cohort, level + 1])
            else:
                stay.append(person)
        people = stay
        for arrival in due.get(year, []):
            if arrival["kind"] == "departure":
                continue
            chance = values.get(arrival.get("probability"), 1) * values.get(arrival.get("retention"), 1)
            people += [[arrival["cohort"], arrival["level"]] for _ in range(arrival["heads"]) if dice.random() < chance]
        for arrival in due.get(year, []):
            if arrival["kind"] == "departure":
                for _ in range(arrival["heads"]):
                    if [arrival["cohort"], arrival["level"]] in people:
                        people.remove([arrival["cohort"], arrival["level"]])
        born = START + year - regime["entry_age"]
        people += [[born - born % 5, level] for level in left_before if dice.random() < values.get(regime.get("replace"), 0)]
        left_before = left
        years.append([level for _, level in people])
        flows.append(flow)
    return years, flows


def slow(asked):
    """Samples of supply, gap, retired and quit, by series, year and level."""
    dice = random.Random(99)
    samples = {}
    for _ in range(SLOW_DRAWS):
        values = drawn(dice, asked)
        for series in asked["series"]:
            if not series.get("supply_known", True):
                continue
            years, flows = one_history(dice, asked, series, values)
            position, fte = dice.random(), series.get("fte", 1)
            demand = {(year - START, level): triangular(position, low, mode, high) * (1 + asked["demand_growth"]) ** (year - START)
                      for year, level, low, mode, high in series.get("demand", [])}
            for year in range(YEARS + 1):
                for level in LEVELS:
                    cell = samples.setdefault((series["code"], START + year, level), {"supply": [], "gap": [], "retired": [], "quit": []})
                    supply = fte * sum(1 for at in years[year] if at >= level)
                    cell["supply"].append(supply)
                    if (year, level) in demand:
                        cell["gap"].append(demand[year, level] - supply)
                    if year > 0:
                        for name in ("retired", "quit"):
                            cell[name].append(fte * sum(1 for at in flows[year][name] if at >= level))
    return samples


def mean_agrees(sample, mean):
    average = sum(sample) / len(sample)
    variance = sum((x - average) ** 2 for x in sample) / len(sample)
    return abs(average - mean) <= SIGMAS * math.sqrt(variance * (1 / SLOW_DRAWS + 1 / FAST_DRAWS)) + 0.0015


def quantile_agrees(sample, share, x):
    """Whether the share of the sample below x, and up to x, has the quantile's share between them, but for chance."""
    ordered = sorted(sample)
    off = SIGMAS * math.sqrt(share * (1 - share) * (1 / SLOW_DRAWS + 1 / FAST_DRAWS))
    return bisect.bisect_right(ordered, x + 0.0015) / SLOW_DRAWS >= share - off and bisect.bisect_left(ordered, x - 0.0015) / SLOW_DRAWS <= share + off


@pytest.mark.parametrize("shape, drop", [("triangular", 1), ("pert", 5)])
def test_the_projection_agrees_with_one_that_follows_each_person(shape, drop):
    asked = question(shape, drop)
    samples = slow(asked)
    compared, wrong = 0, []
    for item in json.loads(fast(asked))["items"]:
        sample = samples.get((item["code"], item["year"], item["level"]))
        if sample is None:
            assert item["supply"] is None and item["state"] in ("no_supply", "no_supply_no_demand")
            continue
        assert (item["gap"] is None) == (not sample["gap"])
        for name in ("supply", "gap"):
            if item[name] is None:
                continue
            checks = [mean_agrees(sample[name], item[name]["mean"])]
            checks += [quantile_agrees(sample[name], share, item[name][quantile])
                       for share, quantile in ((0.1, "p10"), (0.5, "p50"), (0.9, "p90"))]
            compared += len(checks)
            if not all(checks):
                wrong.append((item["code"], item["year"], item["level"], name, checks, item[name], sum(sample[name]) / SLOW_DRAWS))
        if item["gap"] is not None:
            if not mean_agrees([x > 0 for x in sample["gap"]], item["gap_probability"]):
                wrong.append((item["code"], item["year"], item["level"], "probability"))
        for name in ("retired", "quit"):
            if sample[name] and not mean_agrees(sample[name], item[name]):
                wrong.append((item["code"], item["year"], item["level"], name, item[name], sum(sample[name]) / SLOW_DRAWS))
    assert not wrong, wrong[:10]
    assert compared > 500


def test_the_same_seed_gives_the_same_text_for_any_number_of_threads():
    asked = {**question("pert", 1), "draws": 3000}
    answers = {fast(asked, threads) for threads in (1, 2, 7)}
    assert len(answers) == 1
    assert fast({**asked, "seed": 6}) not in answers


def test_what_makes_no_sense_is_refused_with_its_path():
    asked = question("pert", 1)
    asked["parameters"][3]["low"] = -0.1
    done = subprocess.run([BUILD / "tests" / "project_driver"], input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "out_of_range parameters[3].low: 0 or more\n")
