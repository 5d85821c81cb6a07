# SPDX-License-Identifier: Apache-2.0
"""Reads that arrive together go to PostgreSQL as one statement, and nobody who asks can tell."""

import json
import re

import pytest

from conftest import wait_for
from test_limits import OTHER, SKILL, SKILLS, Lock, all_connected, request

ONE = "[pool]\nfast_backends = 1\n"


def together(wire, asked):
    """The answers to what is sent at once, in the order of what was asked."""
    wire.send("".join(request(method, params, ident) for ident, (method, params) in enumerate(asked)))
    answers = {answer["id"]: answer for answer in (wire.answer() for _ in asked)}
    return [answers[ident] for ident in range(len(asked))]


def alone(wire, asked):
    return [together(wire, [each])[0] for each in asked]


def same(answers, others):
    """Whether these are the same answers, but for what is drawn for each."""
    def kept(answer):
        return answer["result"] if "result" in answer else {**answer["error"], "data": {**answer["error"]["data"], "trace": None}}
    return [kept(answer) for answer in answers] == [kept(other) for other in others]


def calls_at_last(server, function):
    """How often the backend's last statement calls the function, or how many calls it looks up at once."""
    query, = server.sql("select query from pg_stat_activity where application_name = 'jinzaid fast' and datname = current_database()")[0]
    each = re.search(rf"api\.{function}_each\(.*?array\[(.*?)\]", query)
    return each[1].count("$") if each else query.count(f"api.{function}(")


def ask_until_shared(server, wire, function, asked):
    """Asks together until it is one statement twice in a row: what only reads is learnt while serving, and what is asked so
    for the first time is prepared for the next, which looks the same from here. How often it had to ask. Not every number of
    calls is a statement: 2, 3, 4 and 6 are; of what is looked up at once 12 and 16, of which some may be null."""
    times = seen = 0

    def shared():
        nonlocal times, seen
        times += 1
        assert all("result" in answer for answer in together(wire, asked))
        seen = seen + 1 if calls_at_last(server, function) >= len(asked) else 0
        return seen > 1

    wait_for(shared, f"{len(asked)} calls of {function} in one statement")
    return times


@pytest.fixture(scope="module")
def codes(server):
    return [skill["code"] for skill in server.call("skill.list", kind="skill", limit=40)["items"]]


def test_calls_of_one_function_are_one_statement_and_each_gets_its_own_answer(own_server, codes):
    server = own_server(config=ONE)
    with server.connect() as wire:
        for count in (2, 3, 6, 11, 12, 15, 16):
            asked = [("skill.get", {"ref": code, "lang": "ja"} if number % 5 == 3 else {"ref": code})
                     for number, code in enumerate(codes[:count])]
            ask_until_shared(server, wire, "skill_get", asked)
            assert [answer["result"]["code"] for answer in together(wire, asked)] == codes[:count]


def test_more_than_a_statement_holds_are_several(own_server, codes):
    server = own_server(config=ONE)
    asked = [("skill.get", {"ref": codes[n % len(codes)]}) for n in range(100)]
    with server.connect() as wire:
        for _ in range(3):
            assert [answer["result"]["code"] for answer in together(wire, asked)] == [params["ref"] for _, params in asked]


def test_what_is_mixed_comes_back_to_who_asked_it(own_server, codes):
    server = own_server(config=ONE)
    asked = [("skill.get", {"ref": codes[0]}), ("level.list", {}), ("skill.get", {"ref": codes[1], "lang": "ja"}),
             ("skill.list", {"limit": 200}), ("pillar.list", {"lang": "en"}), ("skill.get", {"ref": codes[2], "lang": "en"}),
             ("level.list", {"lang": "ja"}), ("skill.list", {"limit": 3}), ("pillar.list", {}), ("skill.get", {"ref": codes[0].lower()}),
             ("skill.list", {"limit": 200, "kind": "skill"}), ("organization.list", {})]
    with server.connect() as wire:
        expected = alone(wire, asked)
        for _ in range(5):
            assert same(together(wire, asked), expected)


def test_one_that_fails_takes_none_with_it(own_server, codes):
    server = own_server(config=ONE)
    capitals = server.call("skill.get", ref=codes[9])["id"].upper()
    asked = [("skill.get", {"ref": ref}) for ref in (codes[0], "nothing", *codes[1:5], "nowhere", capitals, codes[7])]
    with server.connect() as wire:
        expected = alone(wire, asked)
        assert expected[7]["result"]["code"] == codes[9]
        assert sum("error" in answer for answer in expected) == 2
        for _ in range(5):
            assert same(together(wire, asked), expected)
        ask_until_shared(server, wire, "skill_get", [each for each in asked if each[1]["ref"] in codes])
        for _ in range(3):
            assert same(together(wire, asked), expected)


def test_what_is_looked_up_goes_together_but_not_behind_another(own_server, codes):
    server = own_server(config="[pool]\nfast_backends = 2\nspread = 2\n")
    all_connected(server, "fast", 2)
    asked = [("skill.get", {"ref": code}) for code in codes[:24]]
    with server.connect() as wire, server.connect() as other:
        for _ in range(8):
            with Lock(server, "lock table core.role in access exclusive mode") as lock:
                other.send(request("role.list", {}, "role"))
                lock.waiting(1)
                assert all("result" in answer for answer in together(wire, asked))
                assert other.silent()
                lock.release()
                assert other.answer()["id"] == "role"


def test_a_statement_that_takes_too_long_is_asked_again_call_by_call(own_server):
    server = own_server(config=ONE + "fast_timeout_ms = 300\n")
    asked = [("skill.get", {"ref": SKILL}), ("skill.get", {"ref": OTHER})]
    with server.connect() as wire:
        ask_until_shared(server, wire, "skill_get", asked)
        with Lock(server, SKILLS):
            assert [answer["error"]["data"]["name"] for answer in together(wire, asked)] == ["timeout"] * 2
        for _ in range(3):  # for some time each alone
            assert [answer["result"]["code"] for answer in together(wire, asked)] == [SKILL, OTHER]
            assert calls_at_last(server, "skill_get") == 1


def test_of_people_who_are_read_together_each_reading_is_on_record_once(own_server, codes):
    server = own_server(config=ONE)
    people = [f"P-{number}" for number in range(6)]
    for code in people:
        server.call("person.create", code=code, career_stage="mid")
    for skill in codes[:30]:  # so much that a text of its own would not be copied
        server.call("holding.create", person="P-0", skill=skill, level=1, starts="2026-01-01", evidence="training")
    asked = [("person.get", {"ref": code}) for code in (*people[:3], "P-none", *people[3:])]

    def read():
        return server.sql("select p.code, count(*)::integer from core.access_read a join core.person p on p.log_reference = any (a.people) "
                          "where a.method = 'person.get' group by p.code order by p.code")

    with server.connect() as wire:
        for times in range(1, 4):
            answers = together(wire, asked)
            assert [answer["result"]["code"] for answer in answers if "result" in answer] == people
            assert answers[3]["error"]["data"]["name"] == "not_found"
            assert read() == [(code, times) for code in people]
        expected = alone(wire, [("person.get", {"ref": code}) for code in people])
        assert len(json.dumps(expected[0])) > 10_000
        times += ask_until_shared(server, wire, "person_get", [("person.get", {"ref": code}) for code in people])
        assert same(together(wire, [("person.get", {"ref": code}) for code in people]), expected)
        assert read() == [(code, times + 2) for code in people]


def test_a_person_read_beside_skills_that_do_not_exist_is_on_record_once(own_server, codes):
    server = own_server(config=ONE)
    server.call("person.create", code="P-beside", career_stage="mid")
    skills = [("skill.get", {"ref": code}) for code in (*codes[:8], "nothing")]
    with server.connect() as wire:
        ask_until_shared(server, wire, "skill_get", skills[:8])
        for times in range(1, 9):
            answers = together(wire, [skills[0], skills[1], ("person.get", {"ref": "P-beside"}), *skills[2:]])
            assert [("error" in answer) for answer in answers] == [False] * 9 + [True]
            assert server.sql("select count(*) from core.access_read where method = 'person.get'") == [(times,)]


def test_who_asks_is_never_taken_for_another(own_server):
    server = own_server(config=ONE)
    wires = [server.connect()]
    for name in ("first", "second"):
        who = server.call("principal.create", name=name, kind="program", role="analyst")["id"]
        wires.append(server.connect())
        wires[-1].call("access.sign_in", {"token": server.call("token.create", principal=who)["token"]})
    names = [wire.call("access.whoami")["principal"]["name"] for wire in wires]
    assert len(set(names)) == 3
    for _ in range(20):
        for wire in wires:
            wire.send("".join(request("access.whoami", {}, n) for n in range(4)))
        for wire, name in zip(wires, names):
            assert [wire.answer()["result"]["principal"]["name"] for _ in range(4)] == [name] * 4
    for wire in wires:
        wire.close()


def test_a_connection_that_is_lost_loses_its_statements_too(own_server, codes):
    server = own_server(config=ONE)
    asked = [("skill.get", {"ref": code}) for code in codes[:4]]

    def backend():
        return server.sql("select pid from pg_stat_activity where application_name = 'jinzaid fast' and datname = current_database()")

    with server.connect() as wire:
        ask_until_shared(server, wire, "skill_get", asked)
        before = backend()
        server.sql("select pg_terminate_backend(%s)", before[0][0])
        wait_for(lambda: backend() not in ([], before) and "result" in alone(wire, asked[:1])[0], "another connection")
        ask_until_shared(server, wire, "skill_get", asked)
        assert [answer["result"]["code"] for answer in together(wire, asked)] == codes[:4]


def test_the_longest_timeouts_are_no_reason_to_take_the_server_for_dead(own_server):
    longest = 24 * 3600 * 1000
    server = own_server(config="[pool]\n" + "".join(f"{lane}_timeout_ms = {longest}\n" for lane in ("fast", "write", "slow", "stream")))
    assert server.call("skill.get", ref=SKILL)["code"] == SKILL
    assert "does not answer" not in server.log.read_text()
