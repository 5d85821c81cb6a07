# SPDX-License-Identifier: Apache-2.0
"""A durable write, against the same function and against a bare upsert."""

import functools
import threading

from measure import Load, PgBench, WrongAnswers, alternate, compare
from rows.bench import best, rates, rpc, settle

WAKING_S = 0.01  # shorter than BUSY_MS of daemon/store/notify.c, so that the daemon sees writers who go on


class Waking:
    """Wakes the daemon's background pass as often as its own writes do, so that whoever writes, it folds and seals beside."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        connection = self.cluster.connect()
        with connection.cursor() as cursor:
            while not self.ended.wait(WAKING_S):
                cursor.execute("notify jinzai_change")
        connection.close()

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def write_flags(bench):
    """What our load generator asks to write, and how its answer is known to be right."""
    request = rpc("holding.create", person="%{person}", skill="%{skill}", level="LEVEL", starts="2026-01-01", evidence="assessment",
                  idempotency_key="%{uuid7}").replace('"LEVEL"', "%{level}")
    return ["--range", f"person={bench.writers[0]}:{bench.writers[1]}", "--range", f"skill={bench.skills[0]}:{bench.skills[1]}",
            "--range", "level=1:5", "--request", request, "--holds", '"version" : 1', "--holds", '"id" : "']


def measure_writes(bench):
    if not bench.wants("holding.create"):
        return
    bench.say("holding.create")

    def counted(contestant, table):
        """The run, and whether the table has grown by as many rows as were acknowledged."""
        def run(seconds):
            # Here too: the pass that waits for writers to pause is to be as long ago for each.
            settle(bench)
            before, = bench.cluster.sql(f"select count(*) from {table}")[0]
            with Waking(bench.cluster):
                sample = contestant.run(seconds)
            after, = bench.cluster.sql(f"select count(*) from {table}")[0]
            if after - before != contestant.answered:
                raise WrongAnswers(f"{contestant.answered} writes acknowledged, {after - before} there")
            settle(bench)
            return sample
        return run

    api = functools.partial(PgBench, bench.cluster, "holding_api.sql", variables=bench.variables(bench.writers))
    upsert = functools.partial(PgBench, bench.cluster, "holding_upsert.sql", variables=bench.variables(bench.writers),
                               changes={"bench_upsert": 1})
    contestants = {
        "jinzaid": counted(Load(bench.jinzaid.address(), *write_flags(bench), log=True), "core.once"),
        "api 32": counted(api(clients=32, log=True), "core.once"),
        "api 8": counted(api(clients=8), "core.once"),
        "upsert 32": upsert(clients=32).run,
        "upsert 8": upsert(clients=8).run,
    }
    samples, faults = alternate(contestants, bench.rounds, bench.seconds, bench.say)
    ours = rates(samples["jinzaid"])
    why = "not measured: " + "; ".join(faults.values())
    for title, target, keys in (("pgbench on the same function", 1.2, ("api 32", "api 8")),
                                ("a bare upsert by pgbench", None, ("upsert 32", "upsert 8"))):
        key = best(samples, *keys)
        bench.add(compare(f"holding.create, durable, against {title}", "writes/s", ours, rates(samples[key]) if key else [], target,
                          note=f"{key.split()[-1]} clients" if key and ours else why))
    bench.add(compare("holding.create p99 against pgbench on the same function, 32 clients", "ms", [s.p99_ms for s in samples["jinzaid"]],
                      [s.p99_ms for s in samples["api 32"]], less=True, note="" if ours and samples["api 32"] else why))
