# SPDX-License-Identifier: Apache-2.0
"""Signing in: tokens, users and groups of the machine, what ends a sign-in, and what guessing costs."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time
import uuid

import pytest

from conftest import Cluster, RpcError, Server, Wire, jinzaid, scratch, wait_for

PEER = ("import socket, sys\n"
        "s = socket.socket(socket.AF_UNIX)\n"
        "s.connect(sys.argv[1])\n"
        "s.sendall(sys.stdin.buffer.read())\n"
        "s.shutdown(socket.SHUT_WR)\n"
        "while (part := s.recv(65536)):\n"
        "    sys.stdout.buffer.write(part)\n")
DENIAL = "The token does not let anyone in"
QUICK = "[limits]\nsign_in_delay_max_ms = 20\n"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


def principal(server, role="analyst", **more):
    name = "p-" + uuid.uuid4().hex[:8]
    return server.call("principal.create", {"name": name, "kind": "person", "role": role, **more})["id"]


def token(server, principal_id=None, **more):
    return server.call("token.create", {"principal": principal_id or principal(server), **more})


def organization(server):
    code = "o-" + uuid.uuid4().hex[:8]
    server.call("organization.create", {"code": code, "name": {"en": code}, "kind": "university", "country": "JP"})
    return code


def signed_in(server, secret, address=None):
    wire = Wire(address or server.tcp())
    while True:
        try:
            wire.call("access.sign_in", {"token": secret})
            return wire
        except RpcError as error:
            # A change of a token by SQL may be heard of while a sign-in is under way, and then one is told to try again.
            if error.name != "unavailable":
                raise


def refused(wire, method, params=None):
    with pytest.raises(RpcError) as caught:
        wire.call(method, params)
    return caught.value


def ends(wire, method="organization.list"):
    """Waits until a sign-in is over."""
    def over():
        try:
            wire.call(method)
        except RpcError as error:
            assert error.name == "unauthenticated" and error.message == "The sign-in has ended"
            return True
    wait_for(over, "the end of the sign-in", 10)


@pytest.fixture(scope="module")
def server(cluster):
    server = Server(cluster, listen=["tcp:127.0.0.1:0"], config=QUICK)
    yield server
    server.close()


def test_a_token_lets_its_principal_in(server):
    code = organization(server)
    made = token(server, principal(server, "coordinator", organization=code), days=30)
    assert re.fullmatch(r"jz_[A-Za-z0-9_-]{43}", made["token"])
    with Wire(server.tcp()) as wire:
        assert refused(wire, "organization.list").name == "unauthenticated"
        answer = wire.call("access.sign_in", {"token": made["token"]})
        assert answer["role"] == "coordinator" and answer["organization"]["code"] == code and answer["country"] == "JP"
        assert answer["token"] == made["id"] and 29 * 86400 < answer["expires_in"] <= 30 * 86400
        assert wire.call("access.whoami")["principal"] == answer["principal"]
        assert wire.call("server.info")["caller"]["role"] == "coordinator"
        assert wire.call("organization.list")["items"]
        assert refused(wire, "principal.list").name == "denied"
        assert wire.call("access.sign_out") == {"signed_out": True}
        assert refused(wire, "organization.list").name == "unauthenticated"
    (row,) = [row for row in server.call("token.list", {"valid": True})["items"] if row["id"] == made["id"]]
    assert row["last_used_on"] is not None and "token" not in row


def test_only_the_digest_of_a_token_is_kept_and_none_is_logged(server):
    made = token(server)
    signed_in(server, made["token"]).close()
    with Wire(server.tcp()) as wire:
        refused(wire, "access.sign_in", {"token": made["token"] + "x"})
    (digest,), = server.sql("select encode(digest, 'hex') from core.token where id = %s", made["id"])
    import hashlib
    assert digest == hashlib.sha256(made["token"].encode()).hexdigest()
    assert made["token"] not in server.log.read_text()
    assert server.sql("select count(*) from core.token t where t::text ~ %s", made["token"][3:])[0][0] == 0


def test_a_repeated_call_does_not_show_the_token_again(server):
    who, key = principal(server), str(uuid.uuid4())
    first = server.call("token.create", {"principal": who, "idempotency_key": key})
    again = server.call("token.create", {"principal": who, "idempotency_key": key})
    assert again["id"] == first["id"] and "token" not in again
    assert len(server.call("token.list", {"principal": who})["items"]) == 1


def test_every_wrong_token_gets_the_same_plain_denial(server):
    expired, revoked, disabled = token(server), token(server), token(server)
    server.sql("update core.token set expires_at = now() - interval '1 s' where id = %s", expired["id"])
    server.call("token.revoke", {"id": revoked["id"]})
    server.call("principal.disable", {"ref": disabled["principal"]["id"]})
    seen = set()
    for secret in (expired["token"], revoked["token"], disabled["token"], "jz_" + "A" * 43, "", "x", "jz_", "\u4eba\u6750",
                   "x" * 100000, "' or true --"):
        with Wire(server.tcp()) as wire:
            error = refused(wire, "access.sign_in", {"token": secret})
        seen.add((error.name, error.message, error.data["expected"]))
    assert len(seen) == 1 and seen.pop()[:2] == ("unauthenticated", DENIAL)
    with Wire(server.tcp()) as wire:
        for wrong in ({}, {"token": 7}, {"token": None}, {"token": ["x"]}):
            assert refused(wire, "access.sign_in", wrong).name == "invalid_params"


def test_what_was_asked_before_the_answer_is_asked_by_who_it_was(server):
    made = token(server)
    with Wire(server.tcp()) as wire:
        wire.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "access.sign_in", "params": {"token": made["token"]}})
                  + json.dumps({"jsonrpc": "2.0", "id": 2, "method": "access.whoami"}))
        answers = {answer["id"]: answer for answer in (wire.answer(), wire.answer())}
        assert "result" in answers[1] and answers[2]["error"]["data"]["name"] == "unauthenticated"
        assert wire.call("access.whoami")["role"] == "analyst"


def test_a_token_for_reading_writes_nothing(server):
    code = organization(server)
    with signed_in(server, token(server, principal(server, "secretariat", organization=code), scopes=["read"])["token"]) as wire:
        wire.call("organization.list")
        error = refused(wire, "organization.create", {"code": "x" + code, "name": {"en": "x"}, "kind": "university"})
        assert error.name == "denied"
    with signed_in(server, token(server, principal(server, "secretariat", organization=code))["token"]) as wire:
        wire.call("organization.create", {"code": "y" + code, "name": {"en": "y"}, "kind": "university", "country": "JP"})


def test_expiry_ends_a_sign_in_that_is_under_way(server):
    made = token(server)
    server.sql("update core.token set expires_at = now() + interval '1500 ms' where id = %s", made["id"])
    with signed_in(server, made["token"]) as wire:
        wire.call("organization.list")
        ends(wire)


@pytest.fixture
def second(cluster, server):
    second = Server(cluster, listen=["tcp:127.0.0.1:0"], config=QUICK, database=server.database)
    yield second
    second.close()


def test_daemons_are_told_of_an_end_and_do_not_wait_for_their_next_question(server, second):
    waits = []
    for _ in range(7):
        made = token(server)
        with signed_in(second, made["token"]) as there:
            there.call("organization.list")
            began = time.monotonic()
            server.call("token.revoke", {"id": made["id"]})
            ends(there)
            waits.append(time.monotonic() - began)
    # A question is asked every two seconds: without being told, half of the ends would take more than one.
    assert sorted(waits)[3] < 0.5, waits


@pytest.mark.parametrize("end", ["revoke", "disable", "role"])
def test_the_end_of_a_sign_in_reaches_every_daemon_and_open_connection(server, second, end):
    made = token(server)
    other = token(server)
    with signed_in(server, made["token"]) as here, signed_in(second, made["token"]) as there, \
            signed_in(second, other["token"]) as neighbour:
        here.call("organization.list")
        there.call("organization.list")
        if end == "revoke":
            server.call("token.revoke", {"id": made["id"]})
        elif end == "disable":
            server.call("principal.disable", {"ref": made["principal"]["id"]})
        else:
            server.call("principal.update", {"ref": made["principal"]["id"], "role": "auditor"})
        ends(here)
        ends(there)
        neighbour.call("organization.list")
        if end == "role":
            time.sleep(2.5)  # the next answers hold the change still
            with signed_in(second, made["token"]) as again:
                time.sleep(2.5)
                assert again.call("access.whoami")["role"] == "auditor"
        else:
            assert refused(there, "access.sign_in", {"token": made["token"]}).name == "unauthenticated"


def test_a_note_on_a_principal_ends_nothing(server):
    made = token(server)
    with signed_in(server, made["token"]) as wire:
        server.call("principal.update", {"ref": made["principal"]["id"], "note": "in the office until May"})
        time.sleep(2.5)
        wire.call("organization.list")


def test_a_sign_in_is_not_trusted_while_nobody_can_say_whether_it_ended(tmp_path):
    cluster = Cluster()
    server = None
    try:
        server = Server(cluster, listen=["tcp:127.0.0.1:0"], config=QUICK)
        made = token(server)
        with signed_in(server, made["token"]) as wire:
            wire.call("organization.list")
            cluster.kill()

            def stale():
                try:
                    wire.call("organization.list")
                except RpcError as error:
                    assert error.name == "unavailable"
                    return "token is still good" in error.message
            wait_for(stale, "the refusal", 15)
            cluster.start()
            cluster.sql("update core.token set revoked_at = now() where id = %s", made["id"], database=server.database)

            def over():
                try:
                    wire.call("organization.list")
                except RpcError as error:
                    return error.name == "unauthenticated"
            wait_for(over, "the end of the sign-in that was revoked meanwhile", 20)
    finally:
        if server is not None:
            server.stop()
        cluster.stop()


def test_guessing_is_delayed_counted_and_logged_with_its_address(own_server):
    server = own_server(listen=["tcp:127.0.0.1:0"], config="[limits]\nsign_in_delay_max_ms = 1000\n")
    made = token(server)
    took = []
    for _ in range(4):
        with Wire(server.tcp()) as wire:
            began = time.monotonic()
            refused(wire, "access.sign_in", {"token": "jz_guess"})
            took.append(time.monotonic() - began)
    assert took[0] >= 0.24 and took[1] >= 0.48 and took[2] >= 0.95 and 0.95 <= took[3] < 2.0
    assert "a sign-in was refused address=127.0.0.1 by=token failures=4" in server.log.read_text()
    assert "jz_guess" not in server.log.read_text()
    # The daemon waits, nobody else does; and who has a token is not held up by a neighbour who guesses.
    with Wire(server.tcp()) as wire:
        wire.send(json.dumps({"jsonrpc": "2.0", "id": "g", "method": "access.sign_in", "params": {"token": "x"}}))
        began = time.monotonic()
        signed_in(server, made["token"]).close()
        server.call("organization.list")
        assert time.monotonic() - began < 0.9


def test_attempts_beyond_those_that_wait_are_refused_at_once(own_server):
    server = own_server(listen=["tcp:127.0.0.1:0"], config="[limits]\nsign_in_delay_max_ms = 60000\n")
    ask = "".join(json.dumps({"jsonrpc": "2.0", "id": i, "method": "access.sign_in", "params": {"token": "x"}}) for i in range(40))
    with Wire(server.tcp()) as wire:
        wire.send(ask)
        names = [wire.answer()["error"]["data"]["name"] for _ in range(24)]
    assert names == ["limit_exceeded"] * 24
    server.stop()


def test_a_daemon_stops_while_failed_sign_ins_wait(own_server):
    server = own_server(listen=["tcp:127.0.0.1:0"], config="[limits]\nsign_in_delay_max_ms = 600000\ndrain_ms = 300\n")
    with Wire(server.tcp()) as wire:
        for _ in range(12):
            wire.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "access.sign_in", "params": {"token": "x"}}))
        server.logged("failures=12")
        server.stop()


# Principals ---------------------------------------------------------------------------------------------------------


def test_a_principal_can_be_recorded_changed_disabled_and_let_in_again(server):
    code = organization(server)
    assert server.refused("principal.create", {"name": "lonely", "kind": "person", "role": "member"}).name == "invalid_params"
    assert server.refused("principal.create", {"name": "unix:root2", "kind": "person", "role": "admin"}).name == "invalid_params"
    name = "q-" + uuid.uuid4().hex[:8]
    made = server.call("principal.create", {"name": name, "kind": "program", "role": "member", "organization": code})
    assert server.refused("principal.create", {"name": name, "kind": "program", "role": "analyst"}).name == "conflict"
    assert server.call("principal.get", {"ref": name, "lang": "en"})["organization"]["code"] == code
    server.call("principal.update", {"ref": name, "country": "US", "if_version": made["version"]})
    assert server.call("principal.get", {"ref": name})["country"] == "US"
    assert server.refused("principal.update", {"ref": name, "role": "admin", "if_version": made["version"]}).name == "stale_version"
    server.call("principal.disable", {"ref": name})
    assert server.refused("token.create", {"principal": name}).name == "conflict"
    assert name in [row["name"] for row in server.call("principal.list", {"disabled": True})["items"]]
    server.call("principal.enable", {"ref": name})
    with signed_in(server, server.call("token.create", {"principal": name})["token"]) as wire:
        assert wire.call("access.whoami")["principal"]["name"] == name
    assert server.refused("principal.get", {"ref": "nobody-of-that-name"}).name == "not_found"
    assert server.refused("token.revoke", {"id": str(uuid.uuid4())}).name == "not_found"


def test_administrators_cannot_disable_themselves(server):
    me = server.call("access.whoami")["principal"]["id"]
    assert server.refused("principal.disable", {"ref": me}).name == "conflict"


# Users and groups of the machine -------------------------------------------------------------------------------------


def ask_as(user, server, *methods):
    text = "\n".join(json.dumps({"jsonrpc": "2.0", "id": method, "method": method}) for method in methods)
    done = subprocess.run(["runuser", "-u", user, "--", "/usr/bin/python3", "-c", PEER, server.address.removeprefix("unix:")],
                          input=text.encode(), capture_output=True, check=True, cwd="/")
    return {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}


def role_of(user, server):
    return ask_as(user, server, "server.info")["server.info"]["result"]["caller"]["role"]


@as_root
def test_users_and_groups_are_who_the_configuration_says(own_server):
    server = own_server(config="[access]\npeer = user:daemon analyst JP\npeer = group:games auditor\npeer = user:bin coordinator rook\n"
                               "peer = user:no-such-user admin\n")
    assert role_of("daemon", server) == "analyst"
    assert role_of("games", server) == "auditor"
    assert role_of("man", server) == "stranger"
    # Its organization is not recorded yet.
    assert role_of("bin", server) == "stranger"
    server.logged("a peer's organization is not recorded")
    server.logged("a peer does not exist on this machine peer=unix:no-such-user")
    server.call("organization.create", {"code": "rook", "name": {"en": "Rook"}, "kind": "university", "country": "US"})
    server.config.write_text("[access]\npeer = user:bin coordinator rook\npeer = user:man,member,rook\n")
    size = len(server.log.read_text())
    server.process.send_signal(signal.SIGHUP)
    server.logged("configuration read again", size)
    wait_for(lambda: role_of("bin", server) == "coordinator", "the reload", 10)
    assert role_of("man", server) == "member" and role_of("daemon", server) == "stranger"
    answer = ask_as("bin", server, "access.whoami")["access.whoami"]["result"]
    assert answer["organization"]["code"] == "rook" and answer["principal"]["name"] == "unix:bin"


@pytest.mark.parametrize("line, sentence", [
    ("alice admin", "must begin with user:NAME or group:NAME"), ("user: admin", "1 to 63 bytes"), ("user:alice king", "second word"),
    ("user:alice", "second word"), ("user:alice member", "needs the code of an organization"),
    ("user:alice admin a b", "two organizations"), ("user:alice stranger", "second word")])
def test_a_peer_that_makes_no_sense_is_refused_at_the_start(line, sentence):
    directory = scratch()
    conf = directory / "c"
    conf.write_text(f"[access]\npeer = {line}\n")
    done = subprocess.run(jinzaid("--config", conf, "--check-config"), capture_output=True, text=True)
    assert done.returncode == 78 and sentence in done.stderr


# Plain TCP -----------------------------------------------------------------------------------------------------------


def start_refused(cluster, *flags, config=""):
    directory = scratch()
    conf = directory / "c"
    conf.write_text(config)
    done = subprocess.run(jinzaid("--config", conf, "--state-directory", directory / "s",
                                  "--database", cluster.conninfo("postgres", "jinzai_daemon"), *flags),
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 78, done.stderr
    return done.stderr


@pytest.mark.parametrize("address", ["tcp:0.0.0.0:0", "tcp:*:0"])
def test_plain_tcp_beyond_loopback_needs_the_words(cluster, own_server, address):
    said = start_refused(cluster, "--listen", address)
    assert "is reached from other machines, and on the way tokens can be read" in said
    assert "must be the words" in start_refused(cluster, "--listen", address, config="[access]\nplaintext_beyond_loopback = yes\n")
    server = own_server(listen=["tcp:0.0.0.0:0"],
                        config="[access]\nplaintext_beyond_loopback = I know that tokens can be read on the way\n")
    with Wire("tcp:127.0.0.1:" + server.tcp().rpartition(":")[2]) as wire:
        wire.call("server.info")


# Limits --------------------------------------------------------------------------------------------------------------


def test_a_caller_makes_no_more_requests_a_second_than_allowed(own_server):
    server = own_server(listen=["tcp:127.0.0.1:0"], config=QUICK + "requests_per_second = 50\n")
    made, other = token(server), token(server)
    with signed_in(server, made["token"]) as wire, signed_in(server, made["token"]) as same, signed_in(server, other["token"]) as neighbour:
        wire.send("".join(json.dumps({"jsonrpc": "2.0", "id": i, "method": "server.info"}) for i in range(80)))
        answers = [wire.answer() for _ in range(80)]
        errors = [answer["error"] for answer in answers if "error" in answer]
        assert 20 <= len(errors) <= 31 and {error["data"]["name"] for error in errors} == {"limit_exceeded"}
        assert "try again in" in errors[0]["message"] and errors[0]["data"]["expected"].startswith("a pause of")
        # The caller is counted, not the connection.
        same.send("".join(json.dumps({"jsonrpc": "2.0", "id": i, "method": "server.info"}) for i in range(30)))
        assert sum("error" in same.answer() for _ in range(30)) >= 20
        neighbour.call("server.info")
        time.sleep(0.3)
        wire.call("server.info")


def test_a_caller_sends_no_more_bytes_a_second_than_allowed(own_server):
    server = own_server(listen=["tcp:127.0.0.1:0"], config=QUICK + "bytes_per_second = 20K\n")
    with Wire(server.tcp()) as wire:
        wire.call("server.info")
        assert refused(wire, "server.info", {"x": "y" * 40000}).name in ("limit_exceeded", "invalid_params")
        assert "bytes a second" in refused(wire, "server.info").message
    server.call("server.info", )  # the machine's administrators are not counted


def test_strangers_cannot_shut_administrators_out(own_server):
    server = own_server(listen=["tcp:127.0.0.1:0"], config="[limits]\nconnections = 8\nconnections_reserved = 3\n")
    wires = [Wire(server.tcp()) for _ in range(5)]
    for wire in wires:
        wire.call("server.info")
    with Wire(server.tcp()) as sixth:
        assert sixth.answer()["error"]["data"]["name"] == "limit_exceeded"
    for _ in range(3):
        assert server.call("server.info")["caller"]["role"] == "admin"
    for wire in wires:
        wire.close()


def test_a_stranger_that_asks_nothing_is_cut_off_and_who_has_signed_in_is_not(own_server):
    server = own_server(listen=["tcp:127.0.0.1:0"], config=QUICK + "stranger_idle_ms = 800\n")
    made = token(server)
    with Wire(server.tcp()) as idle, signed_in(server, made["token"]) as known, server.connect() as local:
        began = time.monotonic()
        idle.send(' {"jsonrpc"')
        while time.monotonic() - began < 0.6:
            time.sleep(0.1)
            idle.send(" ")  # a byte now and then is no request
        assert idle.line() is None and time.monotonic() - began < 5
        known.call("organization.list")
        local.call("organization.list")


def test_no_secret_can_be_had_from_a_core_dump(server):
    limits = pathlib.Path(f"/proc/{server.process.pid}/limits").read_text()
    assert re.search(r"Max core file size\s+0\s+0", limits)
