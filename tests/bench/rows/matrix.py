# SPDX-License-Identifier: Apache-2.0
"""The gap matrix, against a plain GROUP BY and against itself on a hundredth of the people."""

import json
import statistics
import time

import psycopg2

from cluster import HERE, MONTH
from measure import WrongAnswers, compare
from rows.bench import settle
from rows.caller import Caller
from servers import Jinzaid


def matrix_cells(text):
    answer = json.loads(text)
    if "error" in answer:
        raise WrongAnswers(str(answer["error"]))
    return {(item["subject"]["code"], item["group"], item["level"]): (item["headcount"], float(item["fte"]))
            for item in answer["result"]["items"] if item["headcount"]}


# What may have changed any figure: all that was computed before is computed anew.
ANY = "update core.organization set name_en = name_en where false"


def change_one(cluster, database, number):
    """Changes one statement of demand, another with each number."""
    cluster.sql("""update core.demand set fte_high = fte_high + 1 where id = (
        select id from core.demand where as_of = date_trunc('year', %s::date) order by id offset %s limit 1)""", MONTH, number,
                database=database)


ASKED = {"of": "skill", "by": "country", "as_of": MONTH[:7], "lang": "en"}


AGAIN = 3  # how often the same is asked in a row: a few milliseconds are soon disturbed


def asked(times, name, caller, often=1):
    """The answer, with the median of its times."""
    taken = []
    for _ in range(often):
        start = time.monotonic()
        answer = caller.ask("gap.matrix", **ASKED)
        taken.append(1000 * (time.monotonic() - start))
    times[name].append(statistics.median(taken))
    return answer


def measure_matrix(bench):
    if not bench.wants("gap.matrix"):
        return
    bench.say("gap.matrix")
    small = bench.serve(Jinzaid(bench.cluster, 1, "jinzai_small"))
    text = (HERE / "matrix.sql").read_text()
    names = ("large", "small", "large changed", "small changed", "large again", "small again", "group by")
    times = {name: [] for name in names}
    callers = {"large": Caller(bench.jinzaid), "small": Caller(small)}
    connection = psycopg2.connect(bench.cluster.conninfo())
    with connection.cursor() as cursor:
        cursor.execute("set work_mem = '512MB'")
        for number in range(bench.rounds + 1):
            for name, database in (("large", "jinzai"), ("small", "jinzai_small")):
                change_one(bench.cluster, database, number)
                changed = asked(times, f"{name} changed", callers[name])
                bench.cluster.sql(ANY, database=database)
                answer = asked(times, name, callers[name])
                again = asked(times, f"{name} again", callers[name], AGAIN)
                if not changed == answer == again:
                    raise WrongAnswers("the answers to the same question differ")
                if name == "large":
                    ours = answer
            start = time.monotonic()
            cursor.execute(text, {"day": MONTH})
            theirs = cursor.fetchall()
            times["group by"].append(1000 * (time.monotonic() - start))
            if number == 0:
                settle(bench)
                compare_cells(bench, matrix_cells(ours), theirs)
                times = {name: [] for name in names}
            bench.say(f"round {number} of {bench.rounds}: " + ", ".join(f"{name} {v[-1]:,.0f} ms" for name, v in times.items() if v))
    connection.close()
    for caller in callers.values():
        caller.close()
    small.stop()
    cells = len(json.loads(ours)["result"]["items"])
    sizes = f"on {bench.cluster.people * bench.cluster.holdings:,} holdings against {bench.cluster.small() * bench.cluster.holdings:,}"
    for title, kind in ((", after a change of demand", " changed"), (", with nothing changed", " again"), (", all computed anew", "")):
        bench.add(compare(f"gap.matrix, {cells:,} cells{title}, against GROUP BY", "ms", times["large" + kind], times["group by"], 100,
                          less=True, note="both read to the end, cells compared"))
        bench.add(compare(f"gap.matrix{title}, {sizes}", "ms", times["large" + kind], times["small" + kind], 1.2, at_most=True))


def compare_cells(bench, ours, theirs):
    """Their answer is of the population as it was built; what holding.create added since is in ours as well."""
    added = bench.cluster.sql("select exists (select from core.once)")[0][0]
    wrong = [(code, country, level, heads, fte, ours.get((code, country, level)))
             for code, country, level, heads, fte in theirs
             if (code, country, level) not in ours or
             not added and ours[code, country, level] != (heads, float(fte))]
    if wrong or not theirs:
        raise WrongAnswers(f"gap.matrix and GROUP BY differ: {wrong[:3]}")
