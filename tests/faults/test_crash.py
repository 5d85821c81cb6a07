# SPDX-License-Identifier: Apache-2.0
"""What is left when the daemon or the database dies in the middle of writes: each acknowledged write, once."""

import json
import random
import signal
import threading
import time
import uuid

import pytest

from conftest import Cluster, RpcError, wait_for

WRITERS = 6
QUICK = "[pool]\nbackoff_ms = 20\nbackoff_max_ms = 200\n"
PROMPT = 5.0  # seconds in which a refusal is prompt


@pytest.fixture(scope="module")
def cluster():
    """One of its own, since it is killed."""
    cluster = Cluster()
    yield cluster
    cluster.stop()


class Writer(threading.Thread):
    """Creates organizations and updates the one of its own, and tries each call with one key until it has a receipt."""

    def __init__(self, servers, number, stop):
        super().__init__()
        self.servers, self.number, self.stop = servers, number, stop
        self.dice = random.Random(number)
        self.done = []       # (method, parameters with the key, receipt)
        self.surprises = []  # what went wrong otherwise than it may
        self.retries = 0
        self.wire = None

    def try_once(self, method, params):
        """The receipt, or None where it is to be tried again."""
        try:
            if self.wire is None:
                self.wire = self.dice.choice(self.servers).connect()
            return self.wire.call(method, params)
        except RpcError as error:
            if error.name != "unavailable":
                raise
        except (OSError, AssertionError):
            self.wire = None  # the connection is gone, and nobody knows whether the call was carried out
        self.retries += 1
        time.sleep(0.005)
        return None

    def write(self, method, **params):
        params["idempotency_key"] = str(uuid.uuid4())
        end = time.monotonic() + 60
        while (receipt := self.try_once(method, params)) is None:
            assert time.monotonic() < end, "no receipt within a minute"
        self.done.append((method, params, receipt))

    def run(self):
        try:
            own = f"own-{self.number}"
            self.write("organization.create", code=own, name={"en": "Own"}, kind="international")
            turn = 0
            while not self.stop.is_set():
                turn += 1
                self.write("organization.create", code=f"w{self.number}-{turn}", name={"en": "x"}, kind="international")
                self.write("organization.update", ref=own, note=f"turn {turn}")
        except Exception as surprise:  # pylint: disable=broad-except
            self.surprises.append(surprise)


class Writers:
    """Several at once, whose work is checked at the end."""

    def __init__(self, *servers):
        self.server = servers[-1]
        self.ended = threading.Event()
        self.threads = [Writer(servers, number, self.ended) for number in range(WRITERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def progress(self, count):
        """Waits until every writer has so many more receipts."""
        before = [len(thread.done) for thread in self.threads]

        def enough():
            for thread in self.threads:
                assert not thread.surprises, thread.surprises
            return all(len(thread.done) >= start + count for thread, start in zip(self.threads, before))
        wait_for(enough, "the writers' progress")

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def check(self):
        """Every acknowledged write is there once, nothing else is, and each key gets its first receipt again."""
        assert [thread.surprises for thread in self.threads] == [[]] * WRITERS
        assert sum(thread.retries for thread in self.threads) > 0, "nobody was disturbed"
        created, updates = {}, {}
        for thread in self.threads:
            for method, params, receipt in thread.done:
                if method == "organization.create":
                    assert params["code"] not in created
                    created[params["code"]] = receipt["id"]
                else:
                    updates.setdefault(params["ref"], []).append(receipt["version"])
        rows = self.server.sql("select code, id::text, version from core.organization")
        assert {code: ident for code, ident, _ in rows} == created
        for code, _, version in rows:
            assert updates.get(code, []) == list(range(2, version + 1)), code
        assert self.server.sql("select action, count(*) from derive.event where noun = 'organization' group by 1 order by 1") == [
            ("created", len(created)), ("updated", sum(map(len, updates.values())))]
        assert self.server.sql("select count(*) from core.once") == [(sum(len(thread.done) for thread in self.threads),)]
        before = self.server.census()
        with self.server.connect() as wire:
            for thread in self.threads:
                for method, params, receipt in thread.done:
                    assert wire.call(method, params) == receipt
        assert self.server.census() == before


def test_after_kill_9_of_the_daemon_each_acknowledged_write_is_there_once(own_server):
    server = own_server(config=QUICK)
    with Writers(server) as writers:
        for _ in range(4):
            writers.progress(25)
            server.stop(signal.SIGKILL)
            server.start()
        writers.progress(25)
    writers.check()


@pytest.fixture
def forgetful(cluster):
    """The cluster, in which nobody but a commit that waits for it writes the log: a kill takes what is not flushed along."""
    cluster.sql("alter system set wal_writer_delay = '10s'")
    cluster.kill()
    cluster.start()
    yield cluster
    cluster.sql("alter system reset wal_writer_delay")
    cluster.kill()
    cluster.start()


def test_a_kill_loses_commits_that_did_not_wait_so_that_the_next_test_means_something(forgetful, own_server):
    server = own_server()
    server.sql("create table public.unflushed (n integer)")
    server.sql("checkpoint")
    server.sql("set synchronous_commit = off; insert into public.unflushed select generate_series(1, 100)")
    forgetful.kill()
    forgetful.start()
    assert server.sql("select count(*) from public.unflushed") == [(0,)]


def test_no_acknowledged_write_is_among_what_was_not_flushed_when_the_database_is_killed(forgetful, own_server):
    server = own_server(config=QUICK + "write_backends = 2\n")
    with Writers(server) as writers:
        for _ in range(6):
            writers.progress(15)
            forgetful.kill()
            forgetful.start()
        writers.progress(15)
    writers.check()


def test_after_kill_9_of_the_database_each_acknowledged_write_is_there_once(cluster, own_server):
    server = own_server(config=QUICK)
    daemon = server.process.pid
    with Writers(server) as writers:
        for _ in range(3):
            writers.progress(25)
            cluster.kill()
            cluster.start()
        writers.progress(25)
    writers.check()
    assert server.process.pid == daemon and server.process.poll() is None  # it came back by itself


def test_after_kill_9_of_both_at_once_each_acknowledged_write_is_there_once(cluster, own_server):
    server = own_server(config=QUICK)
    with Writers(server) as writers:
        writers.progress(25)
        server.process.kill()
        cluster.kill()
        server.process.wait()
        cluster.start()
        server.start()
        writers.progress(25)
    writers.check()


def test_with_two_daemons_on_one_database_the_other_takes_over_with_the_same_keys(cluster, own_server):
    survivor = own_server(config=QUICK)
    victim = own_server(config=QUICK, database=survivor.database)
    with Writers(victim, survivor) as writers:
        writers.progress(5)
        for _ in range(2):
            victim.stop(signal.SIGKILL)
            writers.progress(5)
            victim.start()
            writers.progress(5)
    writers.check()


def test_a_session_that_the_database_ends_harms_nobody_but_itself(own_server):
    server = own_server(config=QUICK)
    with Writers(server) as writers:
        for _ in range(5):
            writers.progress(5)
            server.sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
                       "and application_name = 'jinzaid write'")
        writers.progress(5)
    writers.check()


def test_without_a_database_requests_are_refused_promptly_and_with_it_they_are_served_again(cluster, own_server):
    server = own_server(config=QUICK)
    server.call("organization.create", code="before", name={"en": "x"}, kind="international")
    cluster.kill()
    try:
        with server.connect() as wire:
            for method, params in (("organization.get", {"ref": "before"}), ("gap.matrix", {}),
                                   ("organization.create", {"code": "while", "name": {"en": "x"}, "kind": "international"})):
                begun = time.monotonic()
                with pytest.raises(RpcError) as refused:
                    wire.call(method, params)
                assert refused.value.name == "unavailable" and time.monotonic() - begun < PROMPT
            assert wire.call("server.info")["name"] == "jinzaid"
            assert wire.call("rpc.discover")["methods"]
    finally:
        cluster.start()
    wait_for(server.ready, "the daemon's return")
    assert [item["code"] for item in server.call("organization.list")["items"]] == ["before"]


def locked_row(server):
    """An organization that somebody else's transaction holds; the connection, whose rollback lets it go."""
    server.call("organization.create", code="locked", name={"en": "x"}, kind="international")
    lock = server.cluster.connect(server.database)
    lock.autocommit = False
    lock.cursor().execute("select from core.organization where code = 'locked' for update")
    return lock


def updates(count):
    return "".join(json.dumps({"jsonrpc": "2.0", "method": "organization.update", "params": {"ref": "locked", "note": f"n{n}"},
                               "id": n}) for n in range(count))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_stop_answers_what_is_in_flight_and_what_waits_and_takes_nothing_more(own_server, how):
    server = own_server(config="[pool]\nwrite_backends = 1\npipeline_depth = 2\n")
    lock = locked_row(server)
    with server.connect() as wire, server.connect() as idle:
        wire.send(updates(30))
        wire.taken()
        assert idle.call("server.info")["name"] == "jinzaid"
        server.process.send_signal(how)
        server.logged("stopping signal=")
        assert idle.line() is None  # who asked nothing is let go at once
        with pytest.raises(OSError):
            server.connect()
        assert server.process.poll() is None
        lock.rollback()
        answers = [json.loads(line) for line in wire.rest()]
    assert sorted(answer["id"] for answer in answers) == list(range(30))
    assert all("result" in answer for answer in answers)
    assert server.process.wait(60) == 0
    assert server.sql("select version from core.organization where code = 'locked'") == [(31,)]
    lock.close()


def test_what_waits_past_the_drain_deadline_is_cut_off(own_server):
    server = own_server(config="[limits]\ndrain_ms = 300\n")
    lock = locked_row(server)
    with server.connect() as wire:
        wire.send(updates(3))
        wire.taken()
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert wire.rest() == []
        assert server.process.wait(60) == 0
        assert 0.3 <= time.monotonic() - begun < PROMPT
    assert "drain deadline passed" in server.log.read_text()
    lock.close()


def test_a_second_signal_stops_without_waiting(own_server):
    server = own_server(config="[limits]\ndrain_ms = 600000\n")
    lock = locked_row(server)
    with server.connect() as wire:
        wire.send(updates(1))
        wire.taken()
        server.process.send_signal(signal.SIGTERM)
        server.logged("stopping signal=")
        assert server.process.poll() is None
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
    lock.close()
