# SPDX-License-Identifier: Apache-2.0
"""jinzai import against psql's \\copy: the same rows into the same tables with the same triggers, in turns, on databases of
their own. Prints the ratio of the medians; 0.5 is what is asked for. usage: tests/bench/bulk.py [ROWS [PAIRS]]"""

import csv
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from conftest import BUILD, POSTGRES_BIN, Cluster, Server

COLUMNS = {
    "organization": ("id", "code", "name_en", "kind", "country"),
    "person": ("id", "code", "name", "career_stage", "birth_cohort"),
    "affiliation": ("id", "person_id", "organization_id", "fte", "valid"),
}


def make(directory, rows):
    """Organizations, people and their affiliations, so many rows in all."""
    organizations = [str(uuid.uuid4()) for _ in range(max(rows // 100, 1))]
    people = [str(uuid.uuid4()) for _ in range(rows // 2)]
    tables = {
        "organization": [(key, f"o{i}", f"Organization {i}", "university", "JP") for i, key in enumerate(organizations)],
        "person": [(key, f"p{i}", f"Name of {i}", "mid", "1980") for i, key in enumerate(people)],
        "affiliation": [(str(uuid.uuid4()), key, organizations[i % len(organizations)], "0.8", "[2020-01-01,)") for i, key in enumerate(people)],
    }
    for name, lines in tables.items():
        with open(directory / f"{name}.csv", "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS[name])
            writer.writerows(lines)
    return sum(map(len, tables.values()))


def highest_rss(pid):
    try:
        return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])
    except (FileNotFoundError, TypeError):
        return 0


def by_import(server, directory):
    begun = time.monotonic()
    command = subprocess.Popen([BUILD / "jinzai", "import", directory], env={**os.environ, "JINZAI_CONNECT": server.address},
                               stdout=subprocess.DEVNULL)
    memory = 0
    while command.poll() is None:
        memory = max(memory, highest_rss(command.pid))
        time.sleep(0.05)
    assert command.returncode == 0
    return time.monotonic() - begun, memory, highest_rss(server.process.pid)


def by_copy(server, directory):
    begun = time.monotonic()
    # In one transaction, by the superuser: COPY FROM refuses tables with row-level security to everybody who is under it.
    script = "begin;\nselect core.enter(id) from core.principal where name = 'unix:root';\n" + "".join(
        f"\\copy core.{name} ({', '.join(COLUMNS[name])}) from '{directory}/{name}.csv' with (format csv, header)\n" for name in COLUMNS) + "commit;\n"
    subprocess.run([POSTGRES_BIN / "psql", "-Xq", "-v", "ON_ERROR_STOP=1", server.cluster.conninfo(server.database)],
                   input=script, text=True, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    directory = pathlib.Path(tempfile.mkdtemp())
    directory.chmod(0o755)
    count = make(directory, rows)
    cluster = Cluster()
    times = {"import": [], "copy": []}
    try:
        for pair in range(pairs):
            for how in ("import", "copy") if pair % 2 == 0 else ("copy", "import"):
                server = Server(cluster)
                if how == "import":
                    seconds, command, daemon = by_import(server, directory)
                    print(f"import {seconds:7.2f} s {count / seconds:9.0f} rows/s   command {command / 1024:.0f} MiB, daemon {daemon / 1024:.0f} MiB")
                else:
                    seconds = by_copy(server, directory)
                    print(f"\\copy  {seconds:7.2f} s {count / seconds:9.0f} rows/s")
                times[how].append(seconds)
                assert server.sql("select count(*) from core.affiliation")[0][0] == rows // 2
                server.close()
    finally:
        cluster.stop()
    medians = {how: statistics.median(seconds) for how, seconds in times.items()}
    print(f"{count} rows, medians of {pairs}: import {medians['import']:.2f} s, \\copy {medians['copy']:.2f} s, "
          f"speed of import against \\copy {medians['copy'] / medians['import']:.2f}")


main()
