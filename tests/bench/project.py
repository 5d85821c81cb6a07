#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""gap.project's arithmetic at full size, its scaling over threads, and its ratio to a straightforward numpy version of the
same model. `make bench-project`; no part of the tests.

Both get the same input. numpy's cost is proportional to the number of series, so it is compared on a few of them, in
alternating pairs of runs, by the clock (ours without reading and writing JSON) and by the processor's time (ours with it), which
other work on the machine changes less; medians are printed.
"""

import argparse
import json
import math
import os
import pathlib
import random
import statistics
import subprocess
import tempfile
import time

import numpy

DRIVER = pathlib.Path(os.environ.get("JINZAI_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build")) / "tests" / "project_driver"
START, YEARS = 2026, 20
LEVELS = range(1, 6)
COUNTRIES = ("JP", "US")
RATES = {"quit.1": (.03, .06, .12), "quit": (.02, .04, .09), "move": (.04, .08, .15), "expire": (.01, .02, .05), "retire.55": (.01, .03, .06),
         "retire.60": (.03, .08, .2), "retire.65": (.2, .4, .7), "retire.70": (.3, .6, .9), "retire.unknown": (.01, .025, .05),
         "replace": (.3, .6, .9), "complete": (.7, .88, .97), "retain": (.6, .8, .95), "lag": (0, .25, 1), "fill": (.4, .7, .9)}


def question(series, draws):
    """A made-up input of that many series, half in each country; between 5 and 500 people in each, the median 45."""
    dice = random.Random(5)
    asked = {"start_year": START, "years": YEARS, "draws": draws, "seed": 1, "shape": "pert", "parameters": [], "regimes": [], "series": []}
    for country in COUNTRIES:
        asked["parameters"] += [{"code": f"{code}.{country}", "low": low, "mode": mode, "high": high}
                                for code, (low, mode, high) in RATES.items()]
        asked["regimes"].append({
            "code": country, "quit": [f"quit.1.{country}"] + [f"quit.{country}"] * 4, "move": f"move.{country}", "expire": f"expire.{country}",
            "expiry_drop": 1, "retire": [{"age": age, "parameter": f"retire.{age}.{country}"} for age in (55, 60, 65, 70)],
            "retire_unknown": f"retire.unknown.{country}", "replace": f"replace.{country}", "entry_age": 28})
    for number in range(series):
        country = COUNTRIES[number % 2]
        people = min(500, max(5, round(dice.lognormvariate(math.log(45), 1))))
        stock = {}
        for _ in range(people):
            who = dice.choice(range(1955, 2005, 5)), dice.choices(LEVELS, (3, 4, 3, 2, 1))[0]
            stock[who] = stock.get(who, 0) + 1
        arrivals = [{"kind": "completion", "at": year + .5, "level": 2, "cohort": 2000, "heads": 1 + people // 40, "probability": f"complete.{country}",
                     "retention": f"retain.{country}", "lag": f"lag.{country}"} for year in range(3)]
        arrivals += [{"kind": "hire", "at": year, "level": 1, "cohort": 2000, "heads": 1 + people // 50, "probability": f"fill.{country}"}
                     for year in range(1, 6)]
        demand = [[START + year, level, share * people * .8, share * people * (1 + .02 * year), share * people * 1.5]
                  for year in range(YEARS + 1) for level, share in zip(LEVELS, (1, .8, .5, .25, .08))]
        asked["series"].append({"code": f"S{number:04}/{country}", "regime": country, "fte": .9,
                                "stock": [[cohort, level, heads] for (cohort, level), heads in sorted(stock.items())],
                                "arrivals": arrivals, "demand": demand})
    return asked


def ours(asked, threads):
    """Seconds, seconds of processor, which a busy machine changes less, and peak kilobytes."""
    with tempfile.TemporaryFile("w+") as text, tempfile.TemporaryFile("w+") as errors:
        json.dump(asked, text)
        text.seek(0)
        child = subprocess.Popen([DRIVER, str(threads), "1", "3"], stdin=text, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        assert child.returncode == 0, errors.read()
        return float(errors.read()), usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def by_numpy(asked):
    """The same model as one would write it with numpy: arrays of draws by cohorts by levels, a series at a time. Returns seconds,
    seconds of processor, and the P50 of the last year's gap at level 1 or above of each series."""
    begin, worked, answers = time.monotonic(), time.process_time(), []
    rng, draws = numpy.random.default_rng(1), asked["draws"]
    values = {one["code"]: one["low"] + (one["high"] - one["low"]) * rng.beta(
        1 + 4 * (one["mode"] - one["low"]) / (one["high"] - one["low"]),
        1 + 4 * (one["high"] - one["mode"]) / (one["high"] - one["low"]), draws) for one in asked["parameters"]}
    regimes = {regime["code"]: regime for regime in asked["regimes"]}
    cohorts = list(range(1955, 2025, 5))
    nothing = numpy.zeros(draws)
    for series in asked["series"]:
        regime, fte = regimes[series["regime"]], series["fte"]
        stock = numpy.zeros((draws, len(cohorts), 5), dtype=numpy.int64)
        for cohort, level, heads in series["stock"]:
            stock[:, cohorts.index(cohort), level - 1] += heads
        quit_rate = numpy.stack([values[code] for code in regime["quit"]], axis=1)[:, None, :]
        expire, move = values[regime["expire"]][:, None, None], values[regime["move"]][:, None, None]
        supply = numpy.zeros((YEARS + 1, 5, draws))
        flows = numpy.zeros((YEARS + 1, 4, 5))
        supply[0] = numpy.cumsum(stock.sum(axis=1)[:, ::-1], axis=1)[:, ::-1].T
        left_before = numpy.zeros((draws, 5), dtype=numpy.int64)
        lags = values[f"lag.{series['regime']}"]
        for year in range(1, YEARS + 1):
            hazard = numpy.zeros((draws, len(cohorts)))
            for c, cohort in enumerate(cohorts):
                for born in range(cohort, cohort + 5):
                    reached = [band for band in regime["retire"] if START + year - born >= band["age"]]
                    if reached:
                        hazard[:, c] += values[reached[-1]["parameter"]] / 5
            retired = rng.binomial(stock, hazard[:, :, None])
            stock -= retired
            gone = rng.binomial(stock, quit_rate)
            stock -= gone
            expired = rng.binomial(stock, expire)
            stock -= expired
            moved = rng.binomial(stock[:, :, :4], move)
            stock[:, :, :4] -= moved
            stock[:, :, 1:] += moved
            stock[:, :, :4] += expired[:, :, 1:]
            for arrival in series["arrivals"]:
                lag = values[arrival["lag"]] if "lag" in arrival else nothing
                due = numpy.maximum(1, numpy.ceil(arrival["at"] + lag)) == year
                if due.any():
                    chance = values[arrival["probability"]] * (values[arrival["retention"]] if "retention" in arrival else 1)
                    stock[:, cohorts.index(arrival["cohort"]), arrival["level"] - 1] += numpy.where(due, rng.binomial(arrival["heads"], chance), 0)
            born = START + year - regime["entry_age"]
            stock[:, cohorts.index(born - born % 5)] += rng.binomial(left_before, values[regime["replace"]][:, None])
            left_before = (retired + gone).sum(axis=1)
            flows[year] = [x.sum(axis=1).mean(axis=0) for x in (retired, gone, expired, numpy.pad(moved, ((0, 0), (0, 0), (0, 1))))]
            supply[year] = numpy.cumsum(stock.sum(axis=1)[:, ::-1], axis=1)[:, ::-1].T
        position = rng.random(draws)
        for year, level, low, mode, high in series["demand"]:
            demand = numpy.where(position < (mode - low) / (high - low), low + numpy.sqrt(position * (high - low) * (mode - low)),
                                 high - numpy.sqrt((1 - position) * (high - low) * (high - mode)))
            there = supply[year - START, level - 1] * fte
            gap = demand - there
            for figure in (demand, there, gap):
                quantiles = numpy.quantile(figure, (.1, .5, .9), method="inverted_cdf")
                figure.mean()
            (gap > 0).mean()
            if year == START + YEARS:
                ranks = gap.argsort().argsort()
                for code, value in values.items():
                    if code.endswith(series["regime"]):
                        numpy.corrcoef(ranks, value.argsort().argsort())
                if level == 1:
                    answers.append(quantiles[1])
    return time.monotonic() - begin, time.process_time() - worked, answers


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=1000, help="skills x countries of the full size")
    parser.add_argument("--draws", type=int, default=10000)
    parser.add_argument("--sample", type=int, default=4, help="series that numpy is compared on")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="*", default=sorted({1, 2, os.cpu_count()}))
    options = parser.parse_args()

    few = question(options.sample, options.draws)
    _, _, answers = by_numpy(few)
    text = subprocess.run([DRIVER, "1", "1"], input=json.dumps(few), capture_output=True, text=True, check=True).stdout
    last = [item["gap"]["p50"] for item in json.loads(text)["items"] if item["year"] == START + YEARS]
    print("P50 of the last gap, ours and numpy's:", ", ".join(f"{a:.2f} {b:.2f}" for a, b in zip(last, answers)), flush=True)
    pairs = [(ours(few, 1), by_numpy(few)) for _ in range(options.pairs)]
    print(f"{options.sample} series x 5 levels x {YEARS} years x {options.draws} draws, one thread, medians of {options.pairs} pairs")
    for place, what in enumerate(("by the clock", "of processor")):
        ratios = [peer[place] / mine[place] for mine, peer in pairs]
        print(f"    {what}: ours {statistics.median(mine[place] for mine, _ in pairs):.2f} s, numpy "
              f"{statistics.median(peer[place] for _, peer in pairs):.2f} s, ratio {statistics.median(ratios):.1f} "
              f"({min(ratios):.1f} to {max(ratios):.1f})", flush=True)

    full = question(options.series, options.draws)
    first = None
    print(f"{options.series} series x 5 levels x {YEARS} years x {options.draws} draws")
    for threads in options.threads:
        seconds, processor, kilobytes = ours(full, threads)
        first = first or seconds
        print(f"    {threads} thread{'s' if threads > 1 else ''}: {seconds:.1f} s, {first / seconds:.2f} times as fast as the first, "
              f"{processor:.1f} s of processor, at most {kilobytes / 1024:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
