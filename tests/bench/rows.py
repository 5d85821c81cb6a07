# SPDX-License-Identifier: Apache-2.0
"""The rows of the table: what is asked of whom, and what is held against what."""

import functools
import json
import os
import pathlib
import re
import resource
import secrets
import socket
import statistics
import subprocess
import tempfile
import threading
import time
import uuid

import psycopg2

from cluster import BUILD, HERE, MONTH, own, wait_for, writers_of
from measure import Load, PgBench, Row, Sample, WrongAnswers, alternate, compare
from servers import Django, Jinzaid, NodePg, PgBouncer, PostGraphile

SKILL_FIRST = 100001
GATHER_S = 0.05  # as GATHER_MS of daemon/store/notify.c
PERSON_FIRST = 2000001

SKILL_QUERY = ("query($code: Code!) { skillByCode(code: $code) { rowId code kind nameEn nameJa definitionEn definitionJa pillars retired note "
               "source unverified synthetic version createdAt updatedAt frameworkByFrameworkId { rowId code nameEn nameJa } "
               "skillByParentIdAndFrameworkId { rowId code nameEn nameJa } } }")
PERSON_QUERY = ("query($code: Code!) { personByCode(code: $code) { rowId code name careerStage birthCohort researcherId verified synthetic "
                "version createdAt updatedAt affiliationsByPersonId { nodes { rowId fte valid { start { value } } "
                "organizationByOrganizationId { rowId code nameEn nameJa } } } "
                "holdingsByPersonId { nodes { rowId level evidence confidence valid { start { value } end { value } } "
                "skillBySkillId { rowId code nameEn nameJa } } } } }")


def rpc(method, **params):
    return json.dumps({"jsonrpc": "2.0", "id": "ID", "method": method, "params": params}).replace('"ID"', "%{id}")


class Bench:
    """One run: its cluster, its servers, its settings."""

    def __init__(self, cluster, say, rounds, seconds, only):
        self.cluster = cluster
        self.say = say
        self.rounds = rounds
        self.seconds = seconds
        self.only = only
        self.idle = int(os.environ.get("BENCH_IDLE", IDLE))
        self.rows = []
        self.running = []
        self.jinzaid = None

    def wants(self, name):
        return not self.only or any(word in name or word.startswith(name) for word in self.only)

    def begin(self):
        # The tables of keys and the like are tended once; that is not to fall into a measurement.
        self.jinzaid = self.serve(Jinzaid(self.cluster))
        self.caller, = self.cluster.sql("select id::text from core.principal where name = 'unix:root'")[0]
        self.skills = (SKILL_FIRST, SKILL_FIRST + self.cluster.skills - 1)
        self.people = (PERSON_FIRST, PERSON_FIRST + self.cluster.people - 1)
        self.writers = (self.people[1] + 1, self.people[1] + writers_of(self.cluster.people))

    def serve(self, server):
        server.start()
        self.running.append(server)
        return server

    def end(self):
        for server in reversed(self.running):
            server.stop()

    def add(self, row):
        self.rows.append(row)

    def variables(self, span):
        return {"first": span[0], "last": span[1], "caller": self.caller}


# Point reads ---------------------------------------------------------------------------------------------------------------

class Question:
    """A point read, as each of the contestants is asked it, and how its answer is known to be right."""

    def __init__(self, method, noun, span, query, targets, fetches, api_fetches, holdings):
        self.method = method
        self.noun = noun
        self.range = f"key={span[0]}:{span[1]}"
        self.span = span
        self.query = query
        self.targets = targets
        self.fetches = fetches
        self.api_fetches = api_fetches
        self.holdings = holdings

    def rpc_flags(self):
        flags = ["--range", self.range, "--request", rpc(self.method, ref="%{key}"), "--holds", '"code" : "%{key}"']
        return flags + (["--count", '10:"evidence" :'] if self.holdings else [])

    def http_flags(self):
        flags = ["--range", self.range, "--get", f"/{self.noun}/%{{key}}", "--holds", '"code":"%{key}"']
        return flags + (["--count", '10:"evidence":'] if self.holdings else [])

    def graphql_flags(self):
        body = json.dumps({"query": self.query, "variables": {"code": "%{key}"}})
        flags = ["--range", self.range, "--post", "/graphql", "--request", body, "--holds", '"code":"%{key}"', "--holds", '"data":{']
        return flags + (["--count", '10:"evidence":'] if self.holdings else [])


def questions(bench):
    return [
        Question("skill.get", "skill", bench.skills, SKILL_QUERY,
                 {"pgbench 32": 1.5, "pgbench best": 1.2, "p99": 1.0, "pipelined": 2.5, "node": 5, "postgraphile": 12, "django": 40,
                  "pgbouncer": 3}, {"core.skill": 2, "core.framework": 1}, {"derive.skill_answer": 1}, False),
        Question("person.get", "person", bench.people, PERSON_QUERY,
                 {"pgbench 32": 1.3, "pgbench best": 1.0, "p99": 1.0, "node": 2.5, "postgraphile": 6, "django": 25, "pgbouncer": 2},
                 {"core.person": 1, "core.holding": 10}, {"core.person": 1, "core.holding": 10}, True),
    ]


def first_answer(server, flags):
    """Waits until a server that gets ready at its first question has done so."""
    end = time.monotonic() + 60
    while True:
        try:
            return Load(server.address(), *flags, connections=1, warm_up=0).run(1)
        except WrongAnswers as fault:
            if time.monotonic() > end or " 0 wrong, 0 lost" not in str(fault):
                raise


def best_of(bench, make, flags, settings):
    """Of a server with so many processes: the one that answers most in a short run. It alone is left running."""
    best, rate = None, 0
    for processes in settings:
        server = make(bench.cluster, processes)
        missing = server.available()
        if missing:
            return None, missing
        try:
            server.start()
            first_answer(server, flags)
            got = Load(server.address(), *flags, warm_up=1.5).run(min(1.0, bench.seconds)).rate
        except (WrongAnswers, RuntimeError) as fault:
            server.stop()
            return None, f"answered wrongly: {fault}"
        if got > rate:
            if best is not None:
                best.stop()
            best, rate = server, got
        else:
            server.stop()
    bench.running.append(best)
    return best, None


HTTP_PEERS = [
    ("node", "node + pg", NodePg, "http_flags", (1, 2), "HTTP on a unix socket"),
    ("postgraphile", "PostGraphile", PostGraphile, "graphql_flags", (1, 2), "HTTP on a unix socket"),
    ("django", "Django REST framework, gunicorn", Django, "http_flags", (2, 3),
     "HTTP on a unix socket; gunicorn's sync workers close each connection"),
]


def read_contestants(bench, question, servers, missing):
    """What is asked in each round, by name."""
    plain = functools.partial(PgBench, bench.cluster, f"{question.noun}_plain.sql", variables=bench.variables(question.span),
                              fetches=question.fetches)
    api = functools.partial(PgBench, bench.cluster, f"{question.noun}_api.sql", variables=bench.variables(question.span),
                            fetches=question.api_fetches)
    contestants = {
        "jinzaid": Load(bench.jinzaid.address(), *question.rpc_flags(), log=True).run,
        "pgbench 32": plain(clients=32, log=True).run,
        "pgbench 8": plain(clients=8).run,
    }
    if bench.wants(f"{question.method} pipelined") and "pipelined" in question.targets:
        contestants["pipelined"] = Load(bench.jinzaid.address(), *question.rpc_flags(), pipeline=16).run
    if bench.wants(f"{question.method} api"):
        contestants["api 32"] = api(clients=32).run
        contestants["api 8"] = api(clients=8).run
    if bench.wants(f"{question.method} pgbouncer"):
        if "pgbouncer" in servers:
            contestants["pgbouncer"] = plain(clients=32, mode="simple", host=servers["pgbouncer"].socket.parent, port=6432).run
    for name, _, _, flags, _, _ in HTTP_PEERS:
        if name in servers and bench.wants(f"{question.method} {name}"):
            contestants[name] = Load(servers[name].address(), *getattr(question, flags)()).run
    return contestants


def start_peers(bench):
    servers, missing = {}, {}
    asked = questions(bench)
    if any(bench.wants(f"{question.method} pgbouncer") for question in asked):
        server = PgBouncer(bench.cluster)
        missing["pgbouncer"] = server.available()
        if missing["pgbouncer"] is None:
            servers["pgbouncer"] = bench.serve(server)
    for name, title, make, flags, settings, _ in HTTP_PEERS:
        if not any(bench.wants(f"{question.method} {name}") for question in asked):
            continue
        bench.say(f"{title}: trying {' and '.join(map(str, settings))} processes")
        server, missing[name] = best_of(bench, make, getattr(asked[0], flags)(), settings)
        if server is not None:
            servers[name] = server
    return servers, missing


def rates(samples):
    return [sample.rate for sample in samples]


def best(samples, *names):
    """Of several settings of one peer, the one with the higher median."""
    there = [name for name in names if samples.get(name)]
    return max(there, key=lambda name: statistics.median(rates(samples[name]))) if there else None


def read_rows(bench, question, samples, faults, servers, missing):
    ours, targets, method = rates(samples["jinzaid"]), question.targets, question.method
    unit = "answers/s"

    def against(name, title, key, target, note=""):
        theirs = rates(samples.get(key) or [])
        note = faults.get(key) or note
        bench.add(compare(f"{method} against {title}", unit, ours, theirs, targets.get(target), note=note if theirs else f"not measured: {note}"))

    against("pgbench 32", "pgbench, 32 clients", "pgbench 32", "pgbench 32")
    key = best(samples, "pgbench 32", "pgbench 8")
    against("pgbench best", "pgbench at its best", key, "pgbench best", f"{key.split()[-1]} clients" if key else "")
    bench.add(compare(f"{method} p99 against pgbench, 32 clients", "ms", [s.p99_ms for s in samples["jinzaid"]],
                      [s.p99_ms for s in samples["pgbench 32"]], targets["p99"], less=True))
    if samples.get("pipelined"):
        bench.add(compare(f"{method}, 16 pipelined, against pgbench, 32 clients", unit, rates(samples["pipelined"]),
                          rates(samples["pgbench 32"]), targets["pipelined"]))
    key = best(samples, "api 32", "api 8")
    if key:
        against("api", "pgbench on the same function", key, "api", f"{key.split()[-1]} clients")
    if bench.wants(f"{method} pgbouncer"):
        against("pgbouncer", "PgBouncer", "pgbouncer", "pgbouncer",
                missing.get("pgbouncer") or "unprepared: version 1.18 keeps no prepared statements in transaction mode")
    for name, title, _, _, _, note in HTTP_PEERS:
        if bench.wants(f"{method} {name}"):
            processes = f"{servers[name].processes} processes; {note}" if name in servers else note
            against(name, title, name, name, missing.get(name) or processes)


def measure_reads(bench):
    asked = [question for question in questions(bench) if bench.wants(question.method)]
    if not asked:
        return
    servers, missing = start_peers(bench)
    for question in asked:
        bench.say(question.method)
        samples, faults = alternate(read_contestants(bench, question, servers, missing), bench.rounds, bench.seconds, bench.say)
        read_rows(bench, question, samples, faults, servers, missing)
    for server in servers.values():
        server.stop()


# Writes --------------------------------------------------------------------------------------------------------------------

def settle(bench):
    """Folds and seals what was written, so that nobody's measurement pays for another's."""
    def settled():
        bench.cluster.sql("notify jinzai_change")
        return not bench.cluster.sql("select where exists (select from derive.supply_change) or exists (select from derive.event_inbox)")
    wait_for(settled, "the folding of what was written", 300)


class Waking:
    """Wakes the daemon's background pass as often as its own writes do, so that whoever writes, it folds and seals beside."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        connection = self.cluster.connect()
        with connection.cursor() as cursor:
            while not self.ended.wait(GATHER_S):
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
    upsert = functools.partial(PgBench, bench.cluster, "holding_upsert.sql", variables=bench.variables(bench.writers))
    contestants = {
        "jinzaid": counted(Load(bench.jinzaid.address(), *write_flags(bench), log=True), "core.once"),
        "api 32": counted(api(clients=32, log=True), "core.once"),
        "api 8": counted(api(clients=8), "core.once"),
        "upsert 32": upsert(clients=32).run,
        "upsert 8": upsert(clients=8).run,
    }
    samples, faults = alternate(contestants, bench.rounds, bench.seconds, bench.say)
    ours = rates(samples["jinzaid"])
    for title, target, keys in (("pgbench on the same function", 1.2, ("api 32", "api 8")),
                                ("a bare upsert by pgbench", None, ("upsert 32", "upsert 8"))):
        key = best(samples, *keys)
        bench.add(compare(f"holding.create, durable, against {title}", "writes/s", ours, rates(samples[key]) if key else [], target,
                          note=f"{key.split()[-1]} clients" if key else "; ".join(faults.values())))


# The matrix ----------------------------------------------------------------------------------------------------------------

class Caller:
    """One connection that asks and reads whole answers."""

    def __init__(self, server):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(600)
        self.socket.connect(str(server.socket))

    def ask(self, method, **params):
        self.socket.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
        pieces = []
        while not pieces or not pieces[-1].endswith(b"\n"):
            piece = self.socket.recv(1 << 20)
            if not piece:
                raise WrongAnswers("the connection ended")
            pieces.append(piece)
        return b"".join(pieces)

    def close(self):
        self.socket.close()


def matrix_cells(text):
    answer = json.loads(text)
    if "error" in answer:
        raise WrongAnswers(str(answer["error"]))
    return {(item["subject"]["code"], item["group"], item["level"]): (item["headcount"], float(item["fte"]))
            for item in answer["result"]["items"] if item["headcount"]}


def measure_matrix(bench):
    if not bench.wants("gap.matrix"):
        return
    bench.say("gap.matrix")
    small = bench.serve(Jinzaid(bench.cluster, 1, "jinzai_small"))
    text = (HERE / "matrix.sql").read_text()
    times = {"large": [], "small": [], "group by": []}
    callers = {"large": Caller(bench.jinzaid), "small": Caller(small)}
    connection = psycopg2.connect(bench.cluster.conninfo())
    with connection.cursor() as cursor:
        cursor.execute("set work_mem = '512MB'")
        for number in range(bench.rounds + 1):
            for name, caller in callers.items():
                start = time.monotonic()
                answer = caller.ask("gap.matrix", of="skill", by="country", as_of=MONTH[:7], lang="en")
                times[name].append(time.monotonic() - start)
                if name == "large":
                    ours = answer
            start = time.monotonic()
            cursor.execute(text, {"day": MONTH})
            theirs = cursor.fetchall()
            times["group by"].append(time.monotonic() - start)
            if number == 0:
                settle(bench)
                compare_cells(bench, matrix_cells(ours), theirs)
                times = {name: [] for name in times}
            bench.say(f"round {number} of {bench.rounds}: " + ", ".join(f"{name} {v[-1] * 1000:,.0f} ms" for name, v in times.items() if v))
    connection.close()
    for caller in callers.values():
        caller.close()
    small.stop()
    cells = len(json.loads(ours)["result"]["items"])
    in_ms = {name: [1000 * value for value in values] for name, values in times.items()}
    bench.add(compare(f"gap.matrix, {cells:,} cells, against GROUP BY", "ms", in_ms["large"], in_ms["group by"], 100, less=True,
                      note="both read to the end, cells compared"))
    bench.add(compare(f"gap.matrix on {bench.cluster.people * 10:,} holdings against {bench.cluster.small() * 10:,}", "ms", in_ms["large"],
                      in_ms["small"], 1.2, at_most=True))


def compare_cells(bench, ours, theirs):
    """Their answer is of the population as it was built; what holding.create added since is in ours as well."""
    added = bench.cluster.sql("select exists (select from core.once)")[0][0]
    wrong = [(code, country, level, heads, fte, ours.get((code, country, level)))
             for code, country, level, heads, fte in theirs
             if (code, country, level) not in ours or
             not added and ours[code, country, level] != (heads, float(fte))]
    if wrong or not theirs:
        raise WrongAnswers(f"gap.matrix and GROUP BY differ: {wrong[:3]}")


# Memory and start ------------------------------------------------------------------------------------------------------------

IDLE = 10000  # how many the limit allows, and how many are to be held
IDLE_LIMIT_BYTES = 20 * 1024


def measure_memory(bench):
    if not bench.wants("memory"):
        return
    bench.say("memory of idle connections")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    idle = min(bench.idle, hard - 200)
    server = bench.serve(Jinzaid(bench.cluster, 2))
    question = b'{"jsonrpc":"2.0","id":1,"method":"skill.get","params":{"ref":"100001"}}\n'
    callers = []

    def ask(caller):
        caller.socket.sendall(question)
        answer = caller.socket.recv(65536)
        if b'"code" : "100001"' not in answer:
            raise WrongAnswers(answer[:300].decode(errors="replace"))

    try:
        for _ in range(50):
            ask(Caller(server))
        before = server.memory_bytes()
        for _ in range(idle):
            callers.append(Caller(server))
            ask(callers[-1])
        each = (server.memory_bytes() - before) / idle
        for caller in callers:
            ask(caller)
        bench.add(Row("memory: an idle connection against 20 KB", "bytes", each, IDLE_LIMIT_BYTES, each / IDLE_LIMIT_BYTES, target=1.0,
                      at_most=True, note="private memory of the daemon, each connection asked once"))
        bench.add(Row("memory: idle connections held, all of which still answer", "connections", idle, bench.idle, idle / bench.idle, target=1.0))
    finally:
        for caller in callers:
            caller.close()
        server.stop()


START_LIMIT_MS = 50


def measure_start(bench):
    if not bench.wants("start"):
        return
    bench.say("start to READY")
    values = []
    for number in range(max(bench.rounds, 5)):
        server = Jinzaid(bench.cluster, 3 + number).start()
        values.append(server.ready_s * 1000)
        server.stop()
    middle = statistics.median(values)
    bench.add(Row("start to READY against 50 ms", "ms", middle, START_LIMIT_MS, middle / START_LIMIT_MS, min(values) / START_LIMIT_MS,
                  max(values) / START_LIMIT_MS, 1.0, True, "on an existing schema"))


# Import ----------------------------------------------------------------------------------------------------------------------

IMPORT_ROWS = 2000
HOLDING_COLUMNS = "id, person_id, skill_id, level, valid, evidence"


def write_holdings(bench, path, rows, turn):
    """A file of holdings that are not there yet, in the order of their keys."""
    people = bench.cluster.sql("select p.id from core.person p where p.code between %s::text and %s::text order by p.code limit %s",
                               *map(str, bench.writers), rows)
    skills = [skill for skill, in bench.cluster.sql("select s.id from core.skill s where s.code ~ '^1[0-9]{5}$' order by s.code")]
    with open(path, "w", encoding="utf-8") as file:
        file.write(HOLDING_COLUMNS.replace(" ", "") + "\n")
        for number in range(rows):
            file.write(f"{uuid7()},{people[number % len(people)][0]},{skills[(number * 7 + turn) % len(skills)]},{number % 5 + 1},"
                       '"[2026-01-01,)",assessment\n')
    own(path.parent)
    own(path)


def uuid7():
    bits = time.time_ns() // 1000000 << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=bits))


def import_rows(bench, path):
    subprocess.run([BUILD / "jinzai", "import", path.parent], check=True, capture_output=True,
                   env={**os.environ, "JINZAI_CONNECT": bench.jinzaid.address()})


def copy_rows(bench, path):
    with psycopg2.connect(bench.cluster.conninfo()) as connection, connection.cursor() as cursor, open(path, encoding="utf-8") as file:
        cursor.execute("select core.enter(%s)", (bench.caller,))
        cursor.copy_expert(f"copy core.holding ({HOLDING_COLUMNS}) from stdin with (format csv, header)", file)


def measure_import(bench):
    if not bench.wants("import"):
        return
    name = "import of holdings against COPY"
    done = subprocess.run([BUILD / "jinzai", "--help"], capture_output=True, text=True, check=False)
    if not re.search(r"^ *import\b", done.stdout, re.MULTILINE):
        bench.add(Row(name, "rows/s", target=0.8, note="not measured: no importer"))
        return
    bench.say("import")
    rates_of = {"import": [], "copy": []}
    for number in range(bench.rounds):
        for turn, (how, load) in enumerate((("import", import_rows), ("copy", copy_rows))):
            path = pathlib.Path(tempfile.mkdtemp(dir=bench.cluster.sockets)) / "holding.csv"
            write_holdings(bench, path, IMPORT_ROWS, number * 2 + turn)
            before, = bench.cluster.sql("select count(*) from core.holding where created_at > now() - interval '1 hour'")[0]
            start = time.monotonic()
            try:
                load(bench, path)
            except (subprocess.CalledProcessError, psycopg2.Error) as fault:
                bench.add(Row(name, "rows/s", target=0.8, note=f"not measured: {getattr(fault, 'stderr', None) or fault}"))
                return
            rates_of[how].append(IMPORT_ROWS / (time.monotonic() - start))
            after, = bench.cluster.sql("select count(*) from core.holding where created_at > now() - interval '1 hour'")[0]
            if after - before != IMPORT_ROWS:
                raise WrongAnswers(f"{how}: {after - before} of {IMPORT_ROWS} rows are there")
            settle(bench)
    bench.add(compare(name, "rows/s", rates_of["import"], rates_of["copy"], 0.8, note="the same rows in key order, the same triggers"))


def measure_all(bench):
    for measure in (measure_matrix, measure_reads, measure_writes, measure_import, measure_memory, measure_start):
        measure(bench)
