# SPDX-License-Identifier: Apache-2.0
"""Everything is bounded by a named limit that the configuration can change, and each of them acts."""

import json
import re
import select
import subprocess
import time

import pytest

from conftest import BUILD, ROOT, wait_for

SKILL, OTHER = "FS-MAG-01", "FS-TRI-01"


def request(method, params=None, ident=1):
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": params or {}, "id": ident})


class Lock:
    """Holds tables or rows back, as somebody else's long transaction would."""

    def __init__(self, server, statement):
        self.server = server
        self.connection = server.cluster.connect(server.database)
        self.connection.autocommit = False
        self.connection.cursor().execute(statement)

    def waiting(self, count):
        """Waits until so many statements wait for the lock."""
        def enough():
            return self.server.sql("select count(*) from pg_stat_activity where datname = current_database() "
                                   "and wait_event_type = 'Lock'")[0][0] >= count
        wait_for(enough, f"the waiting of {count} statements")

    def __enter__(self):
        return self

    def release(self):
        self.connection.rollback()

    def __exit__(self, *_):
        self.connection.close()


SKILLS = "lock table core.skill, derive.skill_answer in access exclusive mode"
ORGANIZATION = "select from core.organization where code = 'locked' for update"


def make_organization(server):
    server.call("organization.create", code="locked", name={"en": "Locked"}, kind="international")


def all_connected(server, lane, count):
    """Waits until so many connections of a lane have their statements, so that requests spread over all of them."""
    wait_for(lambda: server.sql("select count(*) from pg_stat_activity where datname = current_database() and state = 'idle' "
                                "and application_name = %s and query like 'select api.%%'", f"jinzaid {lane}")[0][0] == count,
             f"{count} connections of the lane {lane}")


def settled(server):
    """Gives the daemon turns enough to take up what it was sent before: several answers on another connection."""
    with server.connect() as wire:
        for _ in range(5):
            wire.call("server.info")


def test_each_limit_has_its_key_variable_default_and_help():
    names = re.search(r"struct limits \{(.*?)\};", (ROOT / "daemon" / "config.h").read_text(), re.DOTALL).group(1)
    names = re.findall(r"(\w+);", re.sub(r"/\*.*?\*/", "", names))
    text = subprocess.run([BUILD / "jinzaid", "--help"], check=True, capture_output=True, text=True).stdout
    assert len(names) >= 12
    for name in names + [f"{lane}_{what}" for lane in ("fast", "write", "slow", "stream") for what in ("backends", "timeout_ms")]:
        assert re.search(rf"^  {name} +JINZAID_{name.upper()}\n      \S.*\(\d+[KMG]?\)$", text, re.MULTILINE), name


def test_request_bytes_bounds_one_text_and_the_connection_goes_on(own_server):
    server = own_server(config="[limits]\nrequest_bytes = 2K\n")
    with server.connect() as wire:
        for size, fits in ((2048, True), (2049, False), (10000, False)):
            text = request("skill.get", {"ref": SKILL, "lang": ""}, "x")
            text = text.replace('"lang": ""', '"lang": "en"' + " " * (size - len(text) - 2))
            assert len(text) == size
            answer = wire.ask(text)
            if fits:
                assert answer["result"]["code"] == SKILL
            else:
                assert answer["id"] is None and answer["error"]["data"]["name"] == "limit_exceeded"
                assert "2048 bytes" in answer["error"]["message"]
        assert wire.call("skill.get", {"ref": SKILL})["code"] == SKILL


def test_a_text_that_never_ends_is_not_kept(own_server):
    server = own_server(config="[limits]\nrequest_bytes = 4K\n")
    resident = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{server.process.pid}/status").read()).group(1))
    with server.connect() as wire:
        wire.send('{"jsonrpc": "2.0", "method": "' + "x" * (64 << 20))
        wire.taken()
        after = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{server.process.pid}/status").read()).group(1))
        wire.send('"}' + request("server.info", None, "next"))
        assert wire.answer()["error"]["data"]["name"] == "limit_exceeded"
        assert wire.answer()["id"] == "next"
    assert after - resident < 8 << 10  # KiB


def test_request_depth_bounds_nesting(own_server):
    server = own_server(config="[limits]\nrequest_depth = 5\n")
    with server.connect() as wire:
        for depth, name in ((3, "invalid_params"), (4, "invalid_params"), (5, "limit_exceeded"), (50, "limit_exceeded")):
            error = wire.ask(request("skill.get", {"ref": "@"}).replace('"@"', "[" * (depth - 1) + "]" * (depth - 1)))["error"]
            assert error["data"]["name"] == name, depth
        assert wire.call("skill.get", {"ref": SKILL})["code"] == SKILL


def test_requests_in_flight_pauses_reading(own_server):
    server = own_server(config="[limits]\nrequests_in_flight = 4\n[pool]\nspread = 4\n")
    all_connected(server, "fast", 4)
    for before, answered in ((3, True), (4, False)):
        with Lock(server, SKILLS) as lock, server.connect() as wire:
            wire.send("".join(request("skill.list", {"limit": 1}, n) for n in range(before)))
            lock.waiting(before)
            wire.send(request("server.info", None, "last"))
            settled(server)
            assert wire.silent() != answered
            lock.release()
            answers = [wire.answer() for _ in range(before + 1)]
            assert (answers[0]["id"] == "last") == answered
            assert {answer["id"] for answer in answers} == {*range(before), "last"}


def test_connections_turns_newcomers_away_with_a_word_until_there_is_room(own_server):
    server = own_server(config="[limits]\nconnections = 3\n")
    # The harness's own connection has to be noticed as gone first.
    wires = [wait_for(lambda: admitted(server), "a place") for _ in range(3)]
    for _ in range(5):
        with server.connect() as wire:
            answer = wire.answer()
            assert answer["id"] is None and answer["error"]["data"]["name"] == "limit_exceeded"
            assert "3 connections" in answer["error"]["message"]
            assert wire.line() is None
    assert all(wire.call("server.info")["name"] == "jinzaid" for wire in wires)
    wires.pop().close()
    wires.append(wait_for(lambda: admitted(server), "a place"))
    for wire in wires:
        wire.close()


def admitted(server):
    """A connection that the daemon serves, or None."""
    wire = server.connect()
    try:
        answer = wire.ask(request("server.info"))
    except (BrokenPipeError, ConnectionResetError):
        answer = {}
    if "result" in answer:
        return wire
    wire.close()
    return None


def test_batch_items_bounds_a_batch(own_server):
    server = own_server(config="[limits]\nbatch_items = 3\n")
    with server.connect() as wire:
        assert len(wire.ask(f"[{','.join(request('server.info', None, n) for n in range(3))}]")) == 3
        answer = wire.ask(f"[{','.join(request('server.info', None, n) for n in range(4))}]")
        assert answer["id"] is None and answer["error"]["data"]["name"] == "limit_exceeded"
        assert "1 to 3" in answer["error"]["data"]["expected"]
        assert wire.call("server.info")["name"] == "jinzaid"


def pump(wire, data, most):
    """Sends data again and again until the daemon takes no more; how many bytes it took."""
    wire.socket.setblocking(False)
    sent = 0
    while sent < most:
        try:
            sent += wire.socket.send(data)
        except BlockingIOError:
            # Taken for good is what is not taken within a second.
            if not select.select([], [wire.socket], [], 1)[1]:
                break
    wire.socket.settimeout(60)
    return sent


def test_output_bytes_pauses_reading_and_loses_nothing(own_server):
    server = own_server(config="[limits]\noutput_bytes = 64K\n")
    one = request("rpc.discover", None, "discover").encode() + b"\n"
    most = 32 << 20
    with server.connect() as wire:
        sent = pump(wire, one, most)
        assert sent < most / 4
        assert server.call("skill.get", ref=SKILL)["code"] == SKILL  # others are served meanwhile
        resident = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{server.process.pid}/status").read()).group(1))
        assert resident < 100 << 10
        wire.half_close()
        answers = wire.rest()
        assert len(answers) * len(one) == sent
        assert all(json.loads(answer)["id"] == "discover" for answer in (answers[0], answers[-1]))


def test_output_stall_ms_cuts_a_reader_off_that_takes_nothing(own_server):
    server = own_server(config="[limits]\noutput_bytes = 64K\noutput_stall_ms = 300\n")
    one = request("rpc.discover").encode()
    with server.connect() as wire, server.connect() as neighbour:
        wire.send(one * 50)
        server.logged("a reader took nothing for too long")
        assert len(wire.rest_so_far()) < 50
        assert neighbour.call("skill.get", {"ref": SKILL})["code"] == SKILL


def test_a_reader_that_is_slow_but_reads_is_not_cut_off(own_server):
    server = own_server(config="[limits]\noutput_bytes = 64K\noutput_stall_ms = 1000\n")
    with server.connect() as wire:
        wire.send(request("rpc.discover").encode() * 40)
        wire.half_close()
        end, lines = time.monotonic() + 3, 0
        while time.monotonic() < end:  # three times as long as the limit
            lines += wire.line() is not None
            select.select([], [], [], 0.1)
        assert lines + len(wire.rest()) == 40


@pytest.mark.parametrize("limit, method, params", [
    ("queue_requests = 1", "skill.get", {"ref": SKILL}),
    ("queue_bytes = 1K", "role.list", {"cursor": "x" * 1500}),
])
def test_a_full_queue_answers_unavailable_at_once(own_server, limit, method, params):
    server = own_server(config=f"[limits]\n{limit}\n[pool]\nfast_backends = 1\npipeline_depth = 1\nfast_timeout_ms = 30000\n")
    with Lock(server, "lock table core.skill, derive.skill_answer, core.role in access exclusive mode") as lock, server.connect() as wire:
        wire.send(request("skill.get", {"ref": SKILL}, "works"))
        lock.waiting(1)
        wire.send("".join(request(method, params, n) for n in range(5)))
        refused = [wire.answer() for _ in range(4)]
        assert [answer["id"] for answer in refused] == [1, 2, 3, 4]
        assert {answer["error"]["data"]["name"] for answer in refused} == {"unavailable"}
        assert wire.silent()
        lock.release()
        assert {wire.answer()["id"] for _ in range(2)} == {"works", 0}
        assert wire.call("skill.get", {"ref": SKILL})["code"] == SKILL


def test_page_size_bounds_a_page_and_is_its_size_where_none_is_asked_for(own_server):
    server = own_server(config="[limits]\npage_size = 5\n")
    assert len(server.call("skill.list")["items"]) == 5
    assert len(server.call("skill.list", limit=5)["items"]) == 5
    error = server.refused("skill.list", limit=6)
    assert error.data["parameter"] == "limit" and "from 1 to 5" in error.data["expected"]
    schema = next(param for method in server.call("rpc.discover")["methods"] if method["name"] == "skill.list"
                  for param in method["params"] if param["name"] == "limit")["schema"]
    assert schema["maximum"] == 5


def test_list_items_bounds_a_list_parameter(own_server):
    server = own_server(config="[limits]\nlist_items = 2\n")
    names = [{"name": "x", "kind": "alias"}] * 3
    params = {"code": "x", "name": {"en": "x"}, "kind": "international"}
    error = server.refused("organization.create", params, other_names=names)
    assert error.data["parameter"] == "other_names" and "up to 2" in error.data["expected"]
    server.call("organization.create", params, other_names=names[:2])


def test_a_limit_may_come_from_the_environment(own_server):
    server = own_server(config="[limits]\npage_size = 7\n")
    server.stop()
    server.environment = {"JINZAID_PAGE_SIZE": "3"}
    server.start()
    assert len(server.call("skill.list")["items"]) == 3


def test_a_write_that_takes_too_long_gets_timeout_and_changes_nothing(own_server):
    server = own_server(config="[pool]\nwrite_timeout_ms = 300\n")
    make_organization(server)
    before = server.census()
    with Lock(server, ORGANIZATION) as lock:
        assert server.refused("organization.update", ref="locked", note="late").name == "timeout"
        lock.release()
    assert server.census() == before
    server.call("organization.update", ref="locked", note="in time")
    assert server.call("organization.get", ref="locked")["note"] == "in time"


def test_a_read_that_takes_too_long_gets_timeout(own_server):
    server = own_server(config="[pool]\nfast_timeout_ms = 200\n")
    with Lock(server, SKILLS):
        assert server.refused("skill.get", ref=SKILL).name == "timeout"
    assert server.call("skill.get", ref=SKILL)["code"] == SKILL


def test_a_timeout_does_not_reach_the_neighbour_behind_it(own_server):
    server = own_server(config="[pool]\nfast_backends = 1\nfast_timeout_ms = 300\n")
    with Lock(server, SKILLS), server.connect() as wire:
        wire.send(request("skill.get", {"ref": SKILL}, "late") + request("level.list", {}, "next") + request("pillar.list", {}, "last"))
        answers = {answer["id"]: answer for answer in (wire.answer() for _ in range(3))}
    assert answers["late"]["error"]["data"]["name"] == "timeout"
    assert len(answers["next"]["result"]["items"]) == 5 and len(answers["last"]["result"]["items"]) == 6


def test_an_error_does_not_reach_the_neighbour_in_the_pipeline(own_server):
    server = own_server(config="[pool]\nfast_backends = 1\nwrite_backends = 1\n")
    make_organization(server)
    with server.connect() as wire:
        asked = []
        for n in range(60):
            asked += [request("skill.get", {"ref": SKILL if n % 3 else "nothing"}, n),
                      request("organization.update", {"ref": "locked", "if_version": 1 if n % 2 else None, "note": f"n{n}"}, 1000 + n)]
        wire.send("".join(asked))
        answers = {answer["id"]: answer for answer in (wire.answer() for _ in range(120))}
    for n in range(60):
        if n % 3:
            assert answers[n]["result"]["code"] == SKILL
        else:
            assert answers[n]["error"]["data"]["name"] == "not_found"
        if n % 2:
            assert answers[1000 + n]["error"]["data"]["name"] == "stale_version"
        else:
            assert answers[1000 + n]["result"]["code"] == "locked"
    assert server.call("organization.get", ref="locked")["note"] == "n58"


def test_reads_that_share_a_transaction_are_asked_again_alone_where_one_fails(own_server):
    server = own_server(config="[pool]\nfast_backends = 1\n")
    codes = [SKILL, OTHER, "nothing", SKILL, "nowhere", OTHER, SKILL]
    with server.connect() as wire:
        for _ in range(20):
            wire.send("".join(request("skill.get", {"ref": code}, n) for n, code in enumerate(codes)))
            answers = {answer["id"]: answer for answer in (wire.answer() for _ in codes)}
            for n, code in enumerate(codes):
                if code in (SKILL, OTHER):
                    assert answers[n]["result"]["code"] == code
                else:
                    assert answers[n]["error"]["data"]["name"] == "not_found"


def test_a_lane_that_is_full_of_waiting_writes_does_not_delay_a_read(own_server):
    server = own_server(config="[pool]\nwrite_backends = 1\npipeline_depth = 2\n")
    make_organization(server)
    with Lock(server, ORGANIZATION) as lock, server.connect() as wire:
        wire.send("".join(request("organization.update", {"ref": "locked", "note": str(n)}, n) for n in range(10)))
        lock.waiting(1)
        wire.send(request("skill.get", {"ref": SKILL}, "read") + request("gap.matrix", {"top": 1}, "matrix"))
        assert {wire.answer()["id"], wire.answer()["id"]} == {"read", "matrix"}
        assert wire.silent()
        lock.release()
        assert {wire.answer()["id"] for _ in range(10)} == set(range(10))


def test_a_slow_request_does_not_hold_up_the_others_of_its_lane_while_a_backend_is_free(own_server):
    server = own_server(config="[pool]\nslow_backends = 2\n")
    with Lock(server, "lock table core.demand in access exclusive mode") as lock, server.connect() as wire:
        wire.send(request("gap.matrix", {"top": 1}, "slow"))
        lock.waiting(1)
        slow = {method["name"] for method in server.call("rpc.discover")["methods"] if method["x-cost"] == "slow"}
        assert "gap.matrix" in slow
        wire.send(request("skill.get", {"ref": SKILL}, "read"))
        assert wire.answer()["id"] == "read"
        lock.release()
        assert wire.answer()["id"] == "slow"
