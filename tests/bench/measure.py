# SPDX-License-Identifier: Apache-2.0
"""Runs of a load generator, and what is made of them: pairs measured alternately, medians, a table."""

import dataclasses
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
import pathlib

from cluster import BUILD, HERE, POSTGRES_BIN

LOAD = BUILD / "bench" / "load"
SAMPLING_RATE = "0.1"


class WrongAnswers(Exception):
    """A server, ours or theirs, did not answer what was asked."""


@dataclasses.dataclass
class Sample:
    """One run: right answers a second, and the latency that 99 of 100 stay below."""
    rate: float
    p99_ms: float | None = None


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else None


def read_log(paths, not_before=0.0):
    """The latencies in milliseconds of a log in pgbench's format, from that second of the epoch on."""
    latencies = []
    for path in paths:
        for line in path.read_text().splitlines():
            fields = line.split()
            if int(fields[4]) + int(fields[5]) / 1e6 >= not_before:
                latencies.append(int(fields[2]) / 1000)
    return latencies


class Load:
    """Our load generator, for JSON-RPC and for HTTP."""

    def __init__(self, address, *flags, connections=32, pipeline=1, warm_up=0.5, log=False):
        addresses = [address] if isinstance(address, str) else address
        self.flags = [word for one in addresses for word in ("--connect", one)] + [str(flag) for flag in flags]
        self.flags += ["--connections", str(connections), "--pipeline", str(pipeline), "--warm-up", str(warm_up)]
        self.log = log
        self.answered = 0

    def run(self, seconds):
        with tempfile.TemporaryDirectory() as directory:
            log = pathlib.Path(directory) / "log"
            flags = ["--log", log, "--sampling-rate", SAMPLING_RATE] if self.log else []
            done = subprocess.run([LOAD, *self.flags, "--seconds", str(seconds), *flags], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise WrongAnswers(done.stderr.strip())
            tally = json.loads(done.stdout)
            if tally["wrong"] or tally["lost"] or not tally["right"]:
                raise WrongAnswers(f"{tally['right']} right, {tally['wrong']} wrong, {tally['lost']} lost: {done.stderr.strip()[:600]}")
            self.answered = tally["answered"]
            return Sample(tally["right"] / tally["seconds"], percentile(read_log([log]), 0.99) if self.log else None)


class PgBench:
    """pgbench, whose first second does not count: its connections are new then.

    pgbench reads answers and looks at none. So the server is asked what it did: fetches are how many rows each question
    fetches from a table, changes how many it inserts or updates, and all of pgbench's questions together must have done that
    often as many. Rows that are not found are not fetched.

    With several hosts, each has a pgbench of its own with its part of the clients."""

    def __init__(self, cluster, script, clients, mode="prepared", hosts=None, port=None, variables=None, fetches=None, changes=None,
                 log=False):
        self.cluster = cluster
        self.script = HERE / "pgbench" / script
        self.fetches = fetches or {}
        self.changes = changes or {}
        self.log = log
        self.answered = 0
        hosts = hosts or [cluster.sockets]
        each = clients // len(hosts)
        words = ["-n", "-M", mode, "-c", each, "-j", 1 if len(hosts) > 1 else min(2, each), "-U", "postgres", "-P", 1, "-f", self.script]
        words += ["-p", port] if port else []
        words += [word for name, value in (variables or {}).items() for word in ("-D", f"{name}={value}")]
        self.commands = [[POSTGRES_BIN / "pgbench", *words, "-h", host] for host in hosts]

    def done(self):
        """How many rows were fetched, and how many changed, of each table that counts."""
        def counted(columns, tables):
            return {table: self.cluster.sql(f"select {columns} from pg_stat_all_tables t where t.relid = %s::regclass", table)[0][0]
                    for table in tables}
        return [counted("coalesce(t.idx_tup_fetch, 0) + coalesce(t.seq_tup_read, 0)", self.fetches),
                counted("t.n_tup_ins + t.n_tup_upd", self.changes)]

    def run(self, seconds):
        whole = max(1, round(seconds)) + 1
        with tempfile.TemporaryDirectory() as directory:
            flags = ["--log", f"--log-prefix={directory}/log", f"--sampling-rate={SAMPLING_RATE}"] if self.log else []
            before = self.done()
            start = time.time()
            running = [subprocess.Popen([str(word) for word in (*command, "-T", whole, *flags, "jinzai")], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True) for command in self.commands]
            said = [process.communicate() for process in running]
            for process, (_, error) in zip(running, said):
                if process.returncode != 0:
                    raise WrongAnswers(error.strip()[-600:])
            self.answered = sum(int(re.search(r"transactions actually processed: (\d+)", out).group(1)) for out, _ in said)
            for out, _ in said:
                failed = re.search(r"failed transactions: (\d+)", out)
                if failed and int(failed.group(1)):
                    raise WrongAnswers(f"{failed.group(1)} of pgbench's transactions failed")
            self.check(before)
            latencies = read_log(pathlib.Path(directory).glob("log*"), start + 1.2) if self.log else []
            return Sample(sum(middle_rate(error, whole) for _, error in said), percentile(latencies, 0.99) if self.log else None)

    def check(self, before):
        """What backends did is counted when they are gone, a moment after pgbench is."""
        end = time.monotonic() + 10
        while True:
            short = [table for expected, was, now in zip((self.fetches, self.changes), before, self.done())
                     for table, times in expected.items() if now[table] - was[table] < times * self.answered]
            if not short:
                return
            if time.monotonic() > end:
                raise WrongAnswers(f"{self.script.name}: {self.answered} answers, but too few rows of {short[0]}")
            time.sleep(0.05)


def middle_rate(progress, whole):
    """Of pgbench's progress second by second: without the first, and without the last where that is a sliver."""
    rates = [float(rate) for rate in re.findall(r"progress: [\d.]+ s, ([\d.]+) tps", progress)]
    return statistics.mean(rates[1:whole] or rates)


def alternate(contestants, rounds, seconds, say):
    """Runs every contestant once a round; a list of samples for each. One that answers wrongly is left out, and said."""
    samples = {name: [] for name in contestants}
    faults = {}
    for number in range(rounds):
        for name, contestant in contestants.items():
            if name in faults:
                continue
            try:
                samples[name].append(contestant(seconds))
            except (WrongAnswers, OSError, subprocess.SubprocessError) as fault:
                faults[name] = str(fault)
                samples[name] = []
                say(f"{name}: {fault}")
        say(f"round {number + 1} of {rounds}: " + ", ".join(
            f"{name} {values[-1].rate:,.0f}" for name, values in samples.items() if values))
    return samples, faults


@dataclasses.dataclass
class Row:
    """A line of the table. ratio is ours to theirs, or theirs to ours where less is better; at_most: it is a ceiling."""
    name: str
    unit: str
    ours: float | None = None
    theirs: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    target: float | None = None
    at_most: bool = False
    note: str = ""

    def met(self):
        if self.target is None or self.ratio is None:
            return None
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target

    def as_json(self):
        return {"name": self.name, "ours": self.ours, "theirs": self.theirs, "ratio": self.ratio, "target": self.target,
                "met": self.met(), "unit": self.unit, "low": self.low, "high": self.high, "at_most": self.at_most, "note": self.note}


def compare(name, unit, ours, theirs, target=None, less=False, at_most=False, note=""):
    """A row from the values of each round; with less, less is better and the ratio is theirs to ours."""
    pairs = [(b / a if less else a / b) for a, b in zip(ours, theirs) if a and b]
    if not pairs:
        return Row(name, unit, target=target, note=note or "not measured")
    return Row(name, unit, statistics.median(ours), statistics.median(theirs), statistics.median(pairs), min(pairs), max(pairs),
               target, at_most, note)


def number(value):
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def print_table(rows, out):
    lines = [("measured", "ours", "theirs", "unit", "ratio", "spread", "target", "")]
    for row in rows:
        target = "-" if row.target is None else ("≤ " if row.at_most else "≥ ") + number(row.target)
        met = {None: "", True: "met", False: "NOT MET"}[row.met()]
        spread = "-" if row.low is None else f"{row.low:.2f}–{row.high:.2f}"
        ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append((row.name, number(row.ours), number(row.theirs), row.unit, ratio, spread, target,
                      " ".join(word for word in (met, f"({row.note})" if row.note else "") if word)))
    widths = [max(len(line[i]) for line in lines) for i in range(7)]
    for line in lines:
        cells = [line[i].ljust(widths[i]) if i in (0, 3) else line[i].rjust(widths[i]) for i in range(7)]
        out.write("  ".join(cells + [line[7]]).rstrip() + "\n")


def write_results(rows, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([row.as_json() for row in rows], indent=1, ensure_ascii=False) + "\n")
    if os.geteuid() == 0:
        path.chmod(0o644)
