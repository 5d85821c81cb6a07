# SPDX-License-Identifier: Apache-2.0
"""Point reads: one record by its code, against whoever else can answer the same."""

from measure import Load, PgBench, alternate, compare
from rows.bench import best, rates
from rows.peers import peers
from rows.questions import questions

UNIT = "answers/s"


def contestants(bench, question, asked_peers):
    """What is asked in each round, by name; and what is to be said of each peer."""
    def plain(clients, log=False):
        return PgBench(bench.cluster, f"{question.noun}_plain.sql", clients, variables=bench.variables(question.span),
                       fetches=question.fetches, log=log).run

    asked = {
        "jinzaid": Load(bench.jinzaid.address(), *question.rpc_flags(), log=True).run,
        "pgbench 32": plain(32, log=True),
        "pgbench 8": plain(8),
    }
    if bench.wants(f"{question.method} pipelined") and "pipelined" in question.targets:
        asked["pipelined"] = Load(bench.jinzaid.address(), *question.rpc_flags(), pipeline=16).run
    notes = {}
    for peer in asked_peers:
        option, notes[peer.name] = peer.choose(bench, question)
        if option is not None:
            asked[peer.name] = option.run
    return asked, notes


def read_rows(bench, question, samples, faults, asked_peers, notes):
    targets, method = question.targets, question.method

    def against(title, key, target, note="", name="jinzaid"):
        ours, theirs = rates(samples.get(name) or []), rates(samples.get(key) or [])
        fault = faults.get(name) or faults.get(key)
        bench.add(compare(f"{method}{title}", UNIT, ours, theirs, targets.get(target),
                          note=note if ours and theirs else f"not measured: {fault or note}"))

    against(" against pgbench, 32 clients", "pgbench 32", "pgbench 32")
    key = best(samples, "pgbench 32", "pgbench 8")
    against(" against pgbench at its best", key, "pgbench best", f"{key.split()[-1]} clients" if key else "")
    bench.add(compare(f"{method} p99 against pgbench, 32 clients", "ms", [s.p99_ms for s in samples["jinzaid"]],
                      [s.p99_ms for s in samples["pgbench 32"]], targets["p99"], less=True))
    if "pipelined" in samples:
        against(", 16 pipelined, against pgbench, 32 clients", "pgbench 32", "pipelined", name="pipelined")
    for peer in asked_peers:
        against(f" against {peer.title}", peer.name, peer.name, notes[peer.name])


def measure_reads(bench):
    asked = [question for question in questions(bench) if bench.wants(question.method)]
    if not asked:
        return
    there = []
    for peer in peers():
        wanting = [question for question in asked if bench.wants(f"{question.method} {peer.name}")]
        if wanting:
            peer.start(bench, wanting[0])
            there.append(peer)
    for question in asked:
        bench.say(f"{question.method}: trying the settings of each peer")
        asked_peers = [peer for peer in there if bench.wants(f"{question.method} {peer.name}")]
        contesting, notes = contestants(bench, question, asked_peers)
        samples, faults = alternate(contesting, bench.rounds, bench.seconds, bench.say)
        read_rows(bench, question, samples, faults, asked_peers, notes)
    bench.stop_peers()
