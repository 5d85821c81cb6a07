# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL cluster with a made-up population of any size, built by COPY and kept for the next run."""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import time

import psycopg2

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build"))
POSTGRES_BIN = pathlib.Path(os.environ.get("POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
DEADLINE = 120.0
WORTH_SAYING_S = 5

# PostgreSQL does not run as root, so as root the cluster and the daemons belong to this user.
USER = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name

MONTH = "2026-04-01"  # the month whose figures are asked for; the population ends before it
SKILLS = 500
HOLDINGS = 10         # a person
SMALL_PART = 100      # the small database has so many times fewer people

# What the cluster needs for building and what it needs for measuring. Measured is what a careful administrator would set
# on such a machine; everything is on disk before it is acknowledged.
BUILDING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal",
            "max_wal_senders": "0", "autovacuum": "off", "maintenance_work_mem": "1GB", "work_mem": "256MB",
            "max_wal_size": "32GB", "checkpoint_timeout": "1h"}
MEASURING = {"work_mem": "64MB", "max_wal_size": "8GB", "checkpoint_timeout": "30min", "max_parallel_workers_per_gather": "2",
             "random_page_cost": "1.1", "autovacuum_naptime": "1h"}

# The tables in the order in which they are filled; those of one step two at once, the longest first, so that neither is
# waited for. A table of which others hold foreign keys is emptied with them, so it stands before them.
STEPS = [["core.person"], ["core.holding", "core.affiliation"],
         ["derive.supply_balance", "derive.timeline", "derive.supply_rollup", "derive.supply_opening", "derive.location",
          "derive.belonging"]]
WARMED = ["core.person", "core.affiliation", "core.holding", "derive.person_card"]
COLUMNS = {
    "core.person": "id, code, career_stage, birth_cohort, record_key, verified, synthetic",
    "core.affiliation": "person_id, organization_id, fte, valid, synthetic",
    "core.holding": "id, person_id, skill_id, level, valid, evidence, synthetic",
    "derive.timeline": "person_id, skill_id, starts, days, level_verified, level",
    "derive.location": "person_id, organization_id, starts, months, heads, fte, birth_cohort, record_key, verified",
    "derive.belonging": "organization_id, person_id, kept_until",
    "derive.supply_balance": "organization_id, subject_id, evidence, level, birth_cohort, month, heads, fte, keys",
    "derive.supply_rollup": "grouping, group_key, month, subject_id, evidence, level, heads, fte, keys",
    "derive.supply_opening": "grouping, group_key, year, subject_id, evidence, level, heads, fte, keys",
}


def as_user(*argv):
    """The command line that runs argv as USER."""
    words = [str(word) for word in argv]
    return ["runuser", "-u", USER, "--", *words] if os.geteuid() == 0 else words


def as_daemon(*flags):
    """The command line of a daemon that runs as USER."""
    root = ["--user", USER] if os.geteuid() == 0 else []
    return [str(word) for word in (BUILD / "jinzaid", *flags, *root)]


def wait_for(condition, what, deadline=DEADLINE):
    """Waits until condition() is true and returns what it returned."""
    end = time.monotonic() + deadline
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not happen within {deadline:.0f} s")
        time.sleep(0.01)


def own(path):
    """Gives a file to USER."""
    if os.geteuid() == 0:
        shutil.chown(path, USER)
    return path


def memory_bytes():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def writers_of(people):
    """How many further people there are, without holdings, for what is written."""
    return min(max(people // 10, 2000), 100000)


class Cluster:
    """Two databases, jinzai and jinzai_small, with the same organizations, skills and demand."""

    def __init__(self, people, sockets, directory=None, skills=SKILLS):
        self.people = people
        self.holdings = int(os.environ.get("BENCH_HOLDINGS", HOLDINGS))
        self.skills = skills
        self.sockets = sockets
        self.directory = pathlib.Path(directory or BUILD / "bench" / "cluster") / "-".join([str(people)] + [
            f"{count}-{what}" for count, usual, what in ((skills, SKILLS, "skills"), (self.holdings, HOLDINGS, "holdings")) if count != usual])
        self.data = self.directory / "data"
        self.process = None
        self.built_s = None

    def small(self):
        return max(self.people // SMALL_PART, 50)

    def checksum(self):
        """Of all that decides what is in the databases."""
        digest = hashlib.sha256()
        for path in sorted([*(ROOT / "sql").glob("*.sql"), *(ROOT / "sql/schema").glob("*.sql"),
                            *(ROOT / "sql/reference").glob("*.sql"), *(HERE / "population").iterdir(),
                            HERE / "world.sql", HERE / "cluster.py"]):
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()

    def mark(self):
        return self.directory / "built.json"

    def is_built(self):
        try:
            return json.loads(self.mark().read_text())["checksum"] == self.checksum()
        except (OSError, ValueError, KeyError):
            return False

    # The server ------------------------------------------------------------------------------------------------------

    def start(self, settings):
        buffers = max(128, min(memory_bytes() // 4, self.people * 8192) >> 20)
        flags = {"listen_addresses": "", "unix_socket_directories": self.sockets, "jit": "off", "max_connections": "400",
                 "shared_buffers": f"{buffers}MB", "effective_cache_size": f"{memory_bytes() * 3 // 4 >> 20}MB",
                 "huge_pages": "off", "logging_collector": "off", **settings}
        words = [word for name, value in flags.items() for word in ("-c", f"{name}={value}")]
        with open(self.directory / "postgres.log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(as_user(POSTGRES_BIN / "postgres", "-D", self.data, *words),
                                            stdout=subprocess.DEVNULL, stderr=log)
        wait_for(self.answers, "PostgreSQL's start")

    def answers(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start; {self.directory / 'postgres.log'} says why")
        try:
            self.connect("postgres").close()
            return True
        except psycopg2.OperationalError:
            return False

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        subprocess.run(as_user(POSTGRES_BIN / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "600", "stop"), check=True,
                       stdout=subprocess.DEVNULL)
        self.process.wait()

    def conninfo(self, database="jinzai", user="postgres"):
        return f"host={self.sockets} dbname={database} user={user}"

    def connect(self, database="jinzai", user="postgres"):
        connection = psycopg2.connect(self.conninfo(database, user))
        connection.autocommit = True
        return connection

    def sql(self, text, *values, database="jinzai"):
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, values or None)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    # What is in it ---------------------------------------------------------------------------------------------------

    def prepare(self, say):
        """Builds what is not there and leaves a server for measuring."""
        if not self.is_built():
            start = time.monotonic()
            self.build(say)
            self.built_s = time.monotonic() - start
            say(f"built in {self.built_s:.0f} s")
        self.start(MEASURING)
        self.warm()

    def warm(self):
        """Reads what point reads touch into memory, so that who is measured first does not read it for the others."""
        self.sql("create extension if not exists pg_prewarm")
        self.sql("""select sum(pg_prewarm(c.oid)) from unnest(%s::regclass[]) t (oid)
                    cross join lateral (select t.oid union select i.indexrelid from pg_index i where i.indrelid = t.oid) c (oid)""",
                 WARMED)

    def build(self, say):
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        own(self.directory)
        subprocess.run(as_user(POSTGRES_BIN / "initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8",
                               "--locale=C.UTF-8", "--no-sync"), check=True, stdout=subprocess.DEVNULL, cwd="/")
        own(shutil.copy(BUILD / "bench" / "population", self.directory))
        self.start(BUILDING)
        try:
            self.sql((ROOT / "sql/roles.sql").read_text(), database="postgres")
            self.sql("create database jinzai_template owner jinzai_owner", database="postgres")
            subprocess.run(as_daemon("--migrate", "--database", self.conninfo("jinzai_template", "jinzai_owner")), check=True,
                           stdout=subprocess.DEVNULL)
            self.sql(f"set bench.skills = {self.skills}; " + (HERE / "world.sql").read_text(), database="jinzai_template")
            for database, people in (("jinzai_small", self.small()), ("jinzai", self.people)):
                self.sql(f"create database {database} owner jinzai_owner template jinzai_template", database="postgres")
                say(f"filling {database}: {people} people, {people * self.holdings} holdings")
                self.fill(database, people, say)
            say("checking what was derived")
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda database: check(self, database), ("jinzai_small", "jinzai")))
        finally:
            self.stop()
        subprocess.run(["sync"], check=True)
        self.mark().write_text(json.dumps({"checksum": self.checksum(), "people": self.people}))

    def fill(self, database, people, say):
        world = own_file(self.directory / "world", "\n".join(line for line, in self.sql("select line from bench_world()",
                                                                                         database=database)) + "\n")
        last_year, = self.sql("select last_year from derive.supply_years", database=database)[0]

        def copy(table):
            start = time.monotonic()
            program = f"{self.directory}/population {table.partition('.')[2]} {people} {self.holdings} {writers_of(people)} {last_year} < {world}"
            connection = psycopg2.connect(self.conninfo(database))
            with connection, connection.cursor() as cursor:
                # As a load of old data would be: without what triggers derive, and that in bulk beside it. Emptied in the
                # same transaction, so that rows are written once and frozen.
                cursor.execute("set session_replication_role = replica")
                cursor.execute(f"truncate {table} cascade")
                cursor.execute(f"copy {table} ({COLUMNS[table]}) from program %s with (freeze)", (program,))
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"analyze {table}")
            connection.close()
            if time.monotonic() - start > WORTH_SAYING_S:
                say(f"{table}: {time.monotonic() - start:.0f} s")

        def make_cards(_):
            # As the background pass of a daemon does, but without its pauses.
            while self.sql("select made from derive.person_card_make(20000)", database=database) != [(0,)]:
                pass

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for step in STEPS:
                list(pool.map(copy, step))
            self.sql("insert into derive.person_card_due (person_id) select p.id from core.person p", database=database)
            list(pool.map(make_cards, range(2)))
        self.sql("vacuum (analyze) derive.person_card, derive.person_card_due", database=database)


def own_file(path, text):
    path.write_text(text)
    return own(path)


# A recount of a sample by the functions of the schema, against what was filled in bulk. ----------------------------------

def check(cluster, database):
    """Ends with an error where what was filled differs from what the schema derives."""
    connection = psycopg2.connect(cluster.conninfo(database))
    with connection.cursor() as cursor:
        cursor.execute((HERE / "recount.sql").read_text())
        differences = cursor.fetchall()
    connection.rollback()
    connection.close()
    if differences:
        raise RuntimeError(f"{database}: what was filled is not what the schema derives: {differences[:5]}")
