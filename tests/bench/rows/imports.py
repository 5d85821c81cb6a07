# SPDX-License-Identifier: Apache-2.0
"""Bulk import, against COPY of the same rows."""

import os
import pathlib
import re
import secrets
import subprocess
import tempfile
import time
import uuid

import psycopg2

from cluster import BUILD, own
from measure import Row, WrongAnswers, compare
from rows.bench import settle

IMPORT_ROWS = 1500
HOLDING_COLUMNS = "id, person_id, skill_id, level, valid, evidence"


def write_holdings(bench, path, rows, turn):
    """A file of holdings that are not there yet, in the order of their keys, which are answered."""
    people = bench.cluster.sql("select p.id from core.person p where p.code between %s::text and %s::text order by p.code limit %s",
                               *map(str, bench.writers), rows)
    skills = [skill for skill, in bench.cluster.sql("select s.id from core.skill s where s.code ~ '^1[0-9]{5}$' order by s.code")]
    keys = sorted(uuid7() for _ in range(rows))
    with open(path, "w", encoding="utf-8") as file:
        file.write(HOLDING_COLUMNS.replace(" ", "") + "\n")
        for number, key in enumerate(keys):
            file.write(f"{key},{people[number % len(people)][0]},{skills[(number * 7 + turn) % len(skills)]},{number % 5 + 1},"
                       '"[2026-01-01,)",assessment\n')
    own(path.parent)
    own(path)
    return keys


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
    ways = [("import", import_rows), ("copy", copy_rows)]
    rows = min(IMPORT_ROWS, bench.writers[1] - bench.writers[0] + 1)
    for turn in range(2 * bench.rounds):
        # The people get one holding more with each turn, so neither always comes first.
        how, load = ways[(turn + turn // 2) % 2]
        path = pathlib.Path(tempfile.mkdtemp(dir=bench.cluster.sockets)) / "holding.csv"
        keys = write_holdings(bench, path, rows, turn)
        start = time.monotonic()
        try:
            load(bench, path)
        except (subprocess.CalledProcessError, psycopg2.Error) as fault:
            bench.add(Row(name, "rows/s", target=0.8, note=f"not measured: {getattr(fault, 'stderr', None) or fault}"))
            return
        rates_of[how].append(rows / (time.monotonic() - start))
        there, = bench.cluster.sql("select count(*) from core.holding h where h.id = any (%s::uuid[])", keys)[0]
        if there != rows:
            raise WrongAnswers(f"{how}: {there} of {rows} rows are there")
        settle(bench)
        bench.say(f"{how}: {rates_of[how][-1]:,.0f} rows/s")
    bench.add(compare(name, "rows/s", rates_of["import"], rates_of["copy"], 0.8,
                      note=f"{rows:,} rows in key order, the same triggers"))
