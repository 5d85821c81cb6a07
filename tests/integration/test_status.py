# SPDX-License-Identifier: Apache-2.0
"""What the daemon says of itself: its state, its limits, figures on its methods; and when it says that it is ready."""

import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from conftest import BUILD, RpcError, Server, scratch, wait_for

QUICK = "[daemon]\nfold_interval_ms = 50\n[pool]\nbackoff_ms = 20\nbackoff_max_ms = 200\n"


def principal(server, role):
    made = server.call("principal.create", name=f"status-{role}", kind="person", role=role, country="JP")["id"]
    return server.call("token.create", principal=made)["token"]


def test_the_status_names_lanes_limits_lag_schema_connections_and_memory(server):
    wait_for(lambda: server.sql("select count(*) from derive.event_inbox") == [(0,)], "the sealing")
    # A lane serves with its first backend, and the others follow.
    wait_for(lambda: all(lane["ready"] == lane["backends"] for lane in server.call("server.status")["pool"].values()), "all backends")
    status = server.call("server.status")
    assert set(status["pool"]) == {"fast", "write", "slow", "stream"}
    for lane in status["pool"].values():
        assert lane["ready"] == lane["backends"] > 0 and lane["queued"] == 0 and lane["timeout_ms"] > 0
    assert status["limits"]["request_bytes"] == 1 << 20 and status["limits"]["subscriptions_connection"] == 16
    assert status["connections"] >= 1 and status["uptime_s"] >= 0
    assert status["subscriptions"] == {"open": 0, "feeds": 0, "waiting": 0}
    # A sanitizer's allocator does not tell what is in use.
    assert 0 < status["memory"]["peak_bytes"] < 1 << 30 and (
        0 < status["memory"]["heap_bytes"] < status["memory"]["peak_bytes"] or "sanitize" in str(BUILD))
    database = status["database"]
    assert database["reachable"] is True and database["standby"] is False
    assert database["schema_version"] == server.call("server.info")["schema_version"]
    assert (database["unsealed"], database["seal_lag_ms"]) == (0, 0)
    assert database["head"]["position"] == server.sql("select max(last_position) from derive.event_batch")[0][0]
    assert re.match(r"\d+\.\d+", database["version"])


def test_the_seal_lag_is_the_age_of_the_oldest_event_that_waits(own_server):
    server = own_server(config=QUICK)
    blocker = server.cluster.connect(server.database)
    blocker.autocommit = False
    with blocker.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('jinzai seal', 0))")
        server.call("organization.create", code="waits", name={"en": "x"}, kind="university", country="JP")
        time.sleep(0.3)
        database = server.call("server.status")["database"]
        assert database["unsealed"] >= 1 and database["seal_lag_ms"] >= 300
    blocker.close()
    wait_for(lambda: server.call("server.status")["database"]["unsealed"] == 0, "the sealing")


def test_status_and_statistics_are_for_auditors_the_secretariat_and_administrators(server):
    for role, allowed in (("analyst", False), ("auditor", True), ("secretariat", True)):
        token = principal(server, role)
        for method in ("server.status", "server.methods"):
            with server.connect() as wire:
                wire.call("access.sign_in", {"token": token})
                if allowed:
                    assert wire.call(method)
                    continue
                with pytest.raises(RpcError) as caught:
                    wire.call(method)
                assert caught.value.name == "denied"


def test_methods_are_counted_with_their_errors_by_name_times_and_bytes_and_nothing_personal(own_server):
    server = own_server(config=QUICK)

    def figures():
        return {item["method"]: item for item in server.call("server.methods")["items"]}

    before = figures()["level.list"]["calls"]
    with server.connect() as wire:
        for _ in range(50):
            result = wire.call("level.list")
        for _ in range(3):
            with pytest.raises(RpcError):
                wire.call("person.get", {"ref": "secret-person"})
        with pytest.raises(RpcError):
            wire.call("person.get", {"unknown": "secret-person"})
        with pytest.raises(RpcError):
            wire.call("no.such.secret", {})
    after = figures()
    assert after["level.list"]["calls"] == before + 50
    assert after["level.list"]["errors"] == {} and after["level.list"]["bytes"] >= 50 * len(json.dumps(result, separators=(",", ":"), ensure_ascii=False))
    assert 0 < after["level.list"]["p50_ms"] <= after["level.list"]["p99_ms"] < 60000
    assert (after["person.get"]["calls"], after["person.get"]["errors"]) == (4, {"not_found": 3, "invalid_params": 1})
    assert after["person.get"]["error_count"] == 4
    assert after[None]["errors"] == {"method_not_found": 1}
    assert "secret" not in json.dumps(after, ensure_ascii=False)


def test_a_reload_shows_in_the_status_and_in_rpc_discover(own_server):
    server = own_server(config=QUICK)

    def most(document):
        (method,) = [method for method in document["methods"] if method["name"] == "skill.list"]
        (limit,) = [param for param in method["params"] if param["name"] == "limit"]
        return limit["schema"]["maximum"]

    assert most(server.call("rpc.discover")) == 1000
    server.config.write_text(QUICK + "[limits]\npage_size = 77\n")
    with server.connect() as wire:
        wire.send('{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}\n' * 5)  # texts that are under way stay whole
        server.process.send_signal(signal.SIGHUP)
        server.logged("configuration read again")
        assert all(wire.answer()["result"]["openrpc"] for _ in range(5))
    assert most(server.call("rpc.discover")) == 77
    assert server.call("server.status")["limits"]["page_size"] == 77


@pytest.mark.parametrize("params", [{"unknown": 1}, [1]])
@pytest.mark.parametrize("method", ["server.status", "server.methods"])
def test_they_take_no_parameters(server, method, params):
    with server.connect() as wire:
        answer = wire.ask(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n")
    assert answer["error"]["data"]["name"] == "invalid_params"


def test_ready_is_said_when_every_lane_has_prepared_its_statements(cluster):
    directory = scratch()
    address = str(directory / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(address)
        os.chmod(address, 0o777)
        heard.settimeout(60)
        database = cluster.copy_database()
        server = Server.__new__(Server)
        server.start = lambda: None
        Server.__init__(server, cluster, database=database, config=QUICK, environment={"NOTIFY_SOCKET": address})
        del server.start
        server.process = subprocess.Popen(server.command(), stdout=subprocess.DEVNULL, stderr=open(server.log, "a"),
                                          env={**os.environ, **server.environment})
        try:
            while "READY=1" not in heard.recv(4096).decode():
                pass
            log = server.log.read_text()
            for lane in ("fast", "write", "slow", "stream"):
                assert f"database is ready lane={lane}" in log, lane
            began = time.monotonic()
            lanes = server.call("server.status")["pool"]
            assert time.monotonic() - began < 2 and all(lane["ready"] >= 1 for lane in lanes.values())
        finally:
            server.stop()
            cluster.drop_database(database)


# The last one, since it takes the database from under the other tests' daemon too.
def test_without_a_database_the_status_is_answered_all_the_same(cluster, own_server):
    server = own_server(config=QUICK)
    cluster.kill()
    try:
        began = time.monotonic()
        status = server.call("server.status")
        assert time.monotonic() - began < 10
        assert status["database"] == {"reachable": False}
        assert status["limits"] and status["version"]
    finally:
        cluster.start()
    wait_for(server.ready, "the daemon's reconnection")
    assert server.call("server.status")["database"]["reachable"] is True
