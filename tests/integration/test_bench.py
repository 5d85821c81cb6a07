# SPDX-License-Identifier: Apache-2.0
"""The benchmark: its load generator counts right answers only, its population is sound, and all of it runs at a tiny size."""

import json
import os
import shutil
import socketserver
import subprocess
import threading

import pytest

from conftest import BUILD, DEADLINE, ROOT, scratch

BENCH = ROOT / "tests" / "bench"
LOAD = BUILD / "bench" / "load"
PEOPLE = 200


class Answers(socketserver.ThreadingUnixStreamServer):
    """A server on a unix socket that answers every line, or every HTTP request, with what answer(request) says."""

    daemon_threads = True

    def __init__(self, answer, http):
        self.directory = scratch()
        self.address = f"unix:{self.directory}/socket"

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                while line := self.rfile.readline():
                    request = line
                    while http and line not in (b"\r\n", b""):
                        line = self.rfile.readline()
                    said = answer(request.decode())
                    self.wfile.write(said if isinstance(said, bytes) else said.encode())

        super().__init__(f"{self.directory}/socket", Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        shutil.rmtree(self.directory, ignore_errors=True)


def load(address, *flags):
    done = subprocess.run([LOAD, "--connect", address, "--connections", "2", "--seconds", "0.3", *flags], capture_output=True,
                          text=True, timeout=DEADLINE, check=True)
    return json.loads(done.stdout)


def http(body, status="200 OK", more=""):
    return f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}"


GET = ["--range", "key=100:999", "--get", "/skill/%{key}", "--holds", '"code":"%{key}"']
CALL = ["--range", "key=100:999", "--request", '{"jsonrpc":"2.0","id":%{id},"method":"skill.get","params":{"ref":"%{key}"}}',
        "--holds", '"code" : "%{key}"']


def call_answer(result):
    """A server of JSON-RPC that answers {key} in result with what it was asked for."""
    def answer(request):
        asked = json.loads(request)
        return f'{{"jsonrpc":"2.0","id":{asked["id"]},' + result.replace("{key}", asked["params"]["ref"]) + "}\n"
    return answer


def test_a_right_answer_counts_over_http_and_json_rpc():
    with Answers(lambda request: http(f'{{"code":"{request.split()[1][7:]}"}}'), True) as server:
        tally = load(server.address, *GET)
    assert tally["right"] > 0 and tally["wrong"] == tally["lost"] == 0
    with Answers(call_answer('"result":{"code" : "{key}"}'), False) as server:
        tally = load(server.address, *CALL, "--pipeline", "4")
    assert tally["right"] > 0 and tally["wrong"] == tally["lost"] == 0


def test_chunks_are_joined_and_a_closed_connection_is_opened_again():
    def chunked(request):
        half = f'"code":"{request.split()[1][7:]}"'
        return ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                f"1\r\n{{\r\n{len(half):x}\r\n{half}\r\n1\r\n}}\r\n0\r\n\r\n")
    with Answers(chunked, True) as server:
        tally = load(server.address, *GET)
    assert tally["right"] > 0 and tally["wrong"] == tally["lost"] == 0


@pytest.mark.parametrize("answer", [
    '{"errors":[{"message":"Cannot read properties of undefined"}],"data":null}',
    '{"code":"1000"}',
    "",
])
def test_an_error_with_status_200_does_not_count(answer):
    with Answers(lambda request: http(answer), True) as server:
        tally = load(server.address, *GET)
    assert tally["right"] == 0 and tally["wrong"] > 0


def test_a_right_body_with_another_status_does_not_count():
    with Answers(lambda request: http(f'{{"code":"{request.split()[1][7:]}"}}', "500 Internal Server Error"), True) as server:
        tally = load(server.address, *GET)
    assert tally["right"] == 0 and tally["wrong"] > 0


@pytest.mark.parametrize("result", ['"error":{"code":-32001,"message":"no {key}","data":{"code" : "{key}"}}', '"result":{"code" : "12"}',
                                    '"result":null'])
def test_an_error_or_another_record_does_not_count_as_an_answer(result):
    with Answers(call_answer(result), False) as server:
        tally = load(server.address, *CALL)
    assert tally["right"] == 0 and tally["wrong"] > 0


def test_a_record_with_too_few_parts_does_not_count():
    with Answers(call_answer('"result":{"code" : "{key}", "holdings" : [{"level" : 1}]}'), False) as server:
        assert load(server.address, *CALL, "--count", '1:"level" :')["right"] > 0
        assert load(server.address, *CALL, "--count", '10:"level" :')["right"] == 0


def test_an_answer_to_no_request_ends_the_connection():
    with Answers(lambda request: '{"jsonrpc":"2.0","id":77,"result":{}}\n', False) as server:
        tally = load(server.address, *CALL)
    assert tally["right"] == 0 and tally["lost"] > 0


def test_the_log_has_the_form_of_pgbench(tmp_path):
    with Answers(call_answer('"result":{"code" : "{key}"}'), False) as server:
        tally = load(server.address, *CALL, "--log", tmp_path / "log")
    lines = (tmp_path / "log").read_text().splitlines()
    assert len(lines) == tally["right"] and all(len(line.split()) == 6 for line in lines)
    assert all(0 <= int(line.split()[2]) < 5e6 for line in lines)


# The whole ------------------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def clusters():
    """Where the benchmark keeps its cluster, short enough for nobody to mind."""
    path = scratch()
    yield path
    shutil.rmtree(path, ignore_errors=True)


def bench(clusters, output, **more):
    done = subprocess.run([BENCH / "run"], capture_output=True, text=True, timeout=300, check=False,
                          env={**os.environ, "BUILD": str(BUILD), "BENCH_PEOPLE": str(PEOPLE), "BENCH_ROUNDS": "1", "BENCH_SECONDS": "0.3",
                               "BENCH_IDLE": "50", "BENCH_CLUSTERS": str(clusters), "BENCH_OUTPUT": str(output), **more})
    assert done.returncode == 0, done.stderr[-4000:]
    return done, {row["name"]: row for row in json.loads((output / "results.json").read_text())}


def test_the_benchmark_runs_at_a_tiny_size_and_names_who_is_missing(clusters, tmp_path):
    done, rows = bench(clusters, tmp_path, BENCH_ONLY="skill.get pgbench,skill.get pgbouncer,person.get pgbench,holding.create,gap.matrix,"
                                                      "import,memory,start")
    measured = [name for name, row in rows.items() if row["ratio"] is not None]
    for name in ("skill.get against pgbench, 32 clients", "person.get p99 against pgbench, 32 clients",
                 "holding.create, durable, against pgbench on the same function", "start to READY against 50 ms",
                 "memory: idle connections held, all of which still answer"):
        assert name in measured, done.stdout
    assert any(name.startswith("gap.matrix") for name in measured)
    for row in rows.values():
        assert row.keys() >= {"name", "ours", "theirs", "ratio", "target", "met"}
        assert row["ratio"] is not None or "not measured: " in row["note"]
    assert rows["memory: idle connections held, all of which still answer"]["ratio"] == 1


def test_a_second_run_takes_the_cluster_that_is_there(clusters, tmp_path):
    done, rows = bench(clusters, tmp_path, BENCH_ONLY="start")
    assert list(rows) == ["start to READY against 50 ms"] and "filling" not in done.stderr


def test_the_recount_finds_a_wrong_figure_in_what_was_filled(clusters, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    monkeypatch.setenv("BUILD", str(BUILD))
    import cluster as bench_cluster  # pylint: disable=import-outside-toplevel
    sockets = scratch()
    there = bench_cluster.Cluster(PEOPLE, sockets, clusters)
    there.start(bench_cluster.MEASURING)
    try:
        bench_cluster.check(there, "jinzai_small")
        for change in ("update derive.supply_balance set heads = heads + 1 where ctid = (select min(ctid) from derive.supply_balance)",
                       "update derive.supply_opening set fte = fte + 1 where ctid = (select min(ctid) from derive.supply_opening)",
                       "delete from derive.timeline where ctid = (select min(ctid) from derive.timeline)"):
            there.sql("create database kept template jinzai_small", database="postgres")
            there.sql(change, database="kept")
            with pytest.raises(RuntimeError, match="not what the schema derives"):
                bench_cluster.check(there, "kept")
            there.sql("drop database kept with (force)", database="postgres")
    finally:
        there.stop()
