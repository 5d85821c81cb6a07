# SPDX-License-Identifier: Apache-2.0
"""The conversation: JSON-RPC 2.0 as its specification has it, framing, and what bad input gets."""

import json
import re
import socket

import pytest

SKILL, OTHER = "FS-MAG-01", "FS-TRI-01"

# What no error may show: SQL, names of files and of what is inside the database.
INSIDE = re.compile(r"\b(select|insert into|update core|core\.|derive\.|api\.|pg_|sqlstate|relation|constraint|function"
                    r"|plpgsql|null value|violates|syntax error)\b|\.(sql|c|h)\b|/(tmp|usr|work|var)\b", re.IGNORECASE)


def request(method, params=None, ident=1):
    message = {"jsonrpc": "2.0", "method": method, "id": ident}
    if params is not None:
        message["params"] = params
    return json.dumps(message, ensure_ascii=False)


def by_id(answers):
    return {json.dumps(answer["id"]): answer for answer in answers}


def error_of(answer):
    """The error of an answer, after a look at what every error must have and must not have."""
    assert set(answer) == {"jsonrpc", "id", "error"} and answer["jsonrpc"] == "2.0"
    error = answer["error"]
    assert set(error) == {"code", "message", "data"}
    assert error["message"] and not error["message"].endswith(".")
    assert re.fullmatch(r"[0-9a-f]{16}", error["data"]["trace"])
    assert re.fullmatch(r"[a-z_]+", error["data"]["name"])
    assert not INSIDE.search(json.dumps(error)), error
    return error


# The examples of the specification, with this server's methods -----------------------------------------------------


def test_the_specifications_example_of_positional_parameters(server):
    first, = server.exchange(f'{{"jsonrpc": "2.0", "method": "skill.get", "params": ["{SKILL}", "en"], "id": 1}}')
    second, = server.exchange(f'{{"jsonrpc": "2.0", "method": "skill.get", "params": ["{OTHER}", "en"], "id": 2}}')
    assert set(first) == {"jsonrpc", "id", "result"} and first["jsonrpc"] == "2.0" and first["id"] == 1
    assert first["result"]["code"] == SKILL
    assert second["id"] == 2 and second["result"]["code"] == OTHER


def test_the_specifications_example_of_named_parameters(server):
    first, = server.exchange(f'{{"jsonrpc": "2.0", "method": "skill.get", "params": {{"lang": "en", "ref": "{SKILL}"}}, "id": 3}}')
    second, = server.exchange(f'{{"jsonrpc": "2.0", "method": "skill.get", "params": {{"ref": "{SKILL}", "lang": "en"}}, "id": 3}}')
    assert first == second and first["id"] == 3
    assert isinstance(first["result"]["name"], str)


def test_the_specifications_example_of_notifications(server):
    assert server.exchange('{"jsonrpc": "2.0", "method": "level.list", "params": ["en"]}') == []
    assert server.exchange('{"jsonrpc": "2.0", "method": "foobar"}') == []


def test_a_notification_that_writes_does_write(server):
    assert server.exchange('{"jsonrpc": "2.0", "method": "organization.create", "params": {"code": "notified", '
                           '"name": {"en": "Notified"}, "kind": "international"}}') == []
    assert server.call("organization.get", ref="notified")["name"] == {"en": "Notified"}


def test_the_specifications_example_of_a_method_that_does_not_exist(server):
    answer, = server.exchange('{"jsonrpc": "2.0", "method": "foobar", "id": "1"}')
    assert answer["id"] == "1" and error_of(answer)["code"] == -32601


def test_the_specifications_example_of_invalid_json(server):
    answer, = server.exchange('{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]')
    assert answer["id"] is None and error_of(answer)["code"] == -32700


def test_the_specifications_example_of_an_invalid_request(server):
    answer, = server.exchange('{"jsonrpc": "2.0", "method": 1, "params": "bar"}')
    assert answer["id"] is None and error_of(answer)["code"] == -32600


def test_the_specifications_example_of_a_batch_of_invalid_json(server):
    answer, = server.exchange('[\n  {"jsonrpc": "2.0", "method": "level.list", "params": ["en"], "id": "1"},\n'
                              '  {"jsonrpc": "2.0", "method"\n]')
    assert answer["id"] is None and error_of(answer)["code"] == -32700


def test_the_specifications_example_of_an_empty_array(server):
    answer, = server.exchange("[]")
    assert answer["id"] is None and error_of(answer)["code"] == -32600


@pytest.mark.parametrize("batch", ["[1]", "[1,2,3]"])
def test_the_specifications_examples_of_invalid_batches(server, batch):
    answers, = server.exchange(batch)
    assert len(answers) == len(json.loads(batch))
    assert all(answer["id"] is None and error_of(answer)["code"] == -32600 for answer in answers)


def test_the_specifications_example_of_a_mixed_batch(server):
    answers, = server.exchange(f"""[
        {{"jsonrpc": "2.0", "method": "level.list", "params": ["en"], "id": "1"}},
        {{"jsonrpc": "2.0", "method": "pillar.list", "params": ["ja"]}},
        {{"jsonrpc": "2.0", "method": "skill.get", "params": ["{SKILL}","en"], "id": "2"}},
        {{"foo": "boo"}},
        {{"jsonrpc": "2.0", "method": "foo.get", "params": {{"name": "myself"}}, "id": "5"}},
        {{"jsonrpc": "2.0", "method": "server.info", "id": "9"}}
    ]""")
    assert len(answers) == 5
    answers = by_id(answers)
    assert len(answers['"1"']["result"]["items"]) == 5
    assert answers['"2"']["result"]["code"] == SKILL
    assert error_of(answers["null"])["code"] == -32600
    assert error_of(answers['"5"'])["code"] == -32601
    assert answers['"9"']["result"]["name"] == "jinzaid"


def test_the_specifications_example_of_a_batch_of_notifications(server):
    assert server.exchange('[{"jsonrpc": "2.0", "method": "level.list", "params": ["en"]}, '
                           '{"jsonrpc": "2.0", "method": "pillar.list", "params": []}]') == []


# Ids and parameters -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ident", ["1", "-7", "0", "1.50", "1e2", "-0.0", "12345678901234567890123", '""', '"人材"',
                                   r'"\u4eba\u6750"', r'"a\"b\\c\/d"', '"\\ud83d\\ude80"', '"' + "x" * 3000 + '"', "null"])
@pytest.mark.parametrize("call", ['"method":"server.info"', '"method":"level.list"', '"method":"no.such"'])
def test_an_id_comes_back_exactly_as_it_was_sent(server, ident, call):
    with server.connect() as wire:
        for text in (f'{{"jsonrpc":"2.0",{call},"id":{ident}}}', f'{{ "id" : {ident} , "jsonrpc":"2.0", {call} }}',
                     f'{{"\\u0069d":{ident},"jsonrpc":"2.0",{call}}}'):
            wire.send(text)
            line = wire.line()
            assert f'"id":{ident},'.encode() in line
            json.loads(line)


@pytest.mark.parametrize("ident", ["{}", "[]", "true", '{"id": 5}'])
def test_an_id_of_another_type_is_an_invalid_request(server, ident):
    answer, = server.exchange(f'{{"jsonrpc": "2.0", "method": "server.info", "id": {ident}}}')
    assert answer["id"] is None and error_of(answer)["code"] == -32600


def test_the_id_is_that_of_the_message_and_not_of_something_inside(server):
    answer, = server.exchange('{"jsonrpc": "2.0", "method": "skill.get", "params": {"id": 7, "ref": {"id": 8}}, "id": 9}')
    assert answer["id"] == 9
    error_of(answer)


def test_a_parameter_that_is_null_is_as_good_as_absent(server):
    named = server.call("skill.get", ref=SKILL, lang=None)
    with server.connect() as wire:
        assert wire.call("skill.get", [SKILL, None]) == named == wire.call("skill.get", [SKILL])
    assert set(named["name"]) == {"en", "ja"}


def test_positions_begin_with_what_is_required(server):
    for method in server.call("rpc.discover")["methods"]:
        required = [param["required"] for param in method["params"]]
        assert required == sorted(required, reverse=True), method["name"]


# Framing ------------------------------------------------------------------------------------------------------------


def test_messages_need_no_newline_and_no_space_between_them(server):
    text = "".join(request("skill.get", {"ref": SKILL}, n) for n in range(5))
    assert "\n" not in text
    assert {answer["id"] for answer in server.exchange(text)} == set(range(5))


def test_a_message_without_a_newline_is_answered_while_the_connection_stays_open(server):
    with server.connect() as wire:
        for _ in range(3):
            assert wire.ask(request("server.info"))["result"]["name"] == "jinzaid"


@pytest.mark.parametrize("space", ["\n", "\r\n", " ", "\t", "\n\n \n"])
def test_any_space_may_stand_between_messages(server, space):
    text = space + space.join(request("server.info", None, n) for n in range(4)) + space
    assert {answer["id"] for answer in server.exchange(text)} == set(range(4))


def test_a_message_may_be_split_at_every_byte(server):
    text = (f'{{"jsonrpc": "2.0", "id": "人材\\"\\u4eba{{", "method": "skill.get", "params": {{"ref": "{SKILL}", "lang": "ja"}}}}'
            ' [{"jsonrpc":"2.0","id":-1.5e3,"method":"server.info"}]').encode()
    whole = by_id(answer for answer in server.exchange(text) if isinstance(answer, dict))
    with server.connect() as wire:
        for cut in range(1, len(text)):
            wire.send(text[:cut])
            wire.taken()
            wire.send(text[cut:])
            single, batch = sorted((wire.answer() for _ in range(2)), key=lambda answer: isinstance(answer, list))
            assert by_id([single]) == whole
            assert batch[0]["id"] == -1.5e3 and batch[0]["result"]["name"] == "jinzaid"


def test_messages_may_come_byte_by_byte(server):
    text = request("skill.get", {"ref": SKILL, "lang": "ja"}, "人材").encode() + b"\n" + request("server.info").encode()
    with server.connect() as wire:
        for byte in text:
            wire.send(bytes([byte]))
            wire.taken()
        assert {wire.answer()["id"], wire.answer()["id"]} == {"人材", 1}


def test_many_messages_in_one_write_are_all_answered(server):
    wanted = {n: SKILL if n % 2 else OTHER for n in range(500)}
    answers = server.exchange("\n".join(request("skill.get", {"ref": code}, n) for n, code in wanted.items()))
    assert {answer["id"]: answer["result"]["code"] for answer in answers} == wanted


def test_answers_may_come_in_another_order_than_the_questions(server):
    blocker = server.cluster.connect(server.database)
    blocker.autocommit = False
    with server.connect() as wire:
        blocker.cursor().execute("lock table core.skill, derive.skill_answer in access exclusive mode")
        wire.send(request("skill.get", {"ref": SKILL}, "slow") + request("level.list", None, "fast"))
        assert wire.answer()["id"] == "fast"
        assert wire.silent()
        blocker.rollback()
        answer = wire.answer()
        assert answer["id"] == "slow" and answer["result"]["code"] == SKILL
    blocker.close()


def test_what_was_asked_before_half_close_is_still_answered(server):
    blocker = server.cluster.connect(server.database)
    blocker.autocommit = False
    blocker.cursor().execute("lock table core.skill, derive.skill_answer in access exclusive mode")
    with server.connect() as wire:
        wire.send("".join(request("skill.get", {"ref": SKILL}, n) for n in range(20)))
        wire.half_close()
        wire.taken()
        assert server.call("server.info")["name"] == "jinzaid"  # the daemon has had its turn, and the lock still holds
        assert wire.silent()
        blocker.rollback()
        assert sorted(json.loads(line)["id"] for line in wire.rest()) == list(range(20))
    blocker.close()


def test_a_client_that_leaves_in_the_middle_disturbs_nobody(server):
    wires = [server.connect() for _ in range(20)]
    for wire in wires:
        wire.send(request("skill.list", {"limit": 500}) * 3 + '{"jsonrpc": "2.0", "meth')
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        wire.close()
    assert server.call("skill.get", ref=SKILL)["code"] == SKILL


def test_a_value_that_is_cut_off_by_the_end_is_a_parse_error(server):
    first, second = server.exchange(request("server.info") + '{"jsonrpc": "2.0", "method": "server.info"')
    assert first["id"] == 1 and error_of(second)["code"] == -32700


@pytest.mark.parametrize("text", ['{"jsonrpc": "2.0", "method": "server.in', "?{}[]", '{]{"jsonrpc": "2.0", "id": 5'])
def test_reading_resumes_at_the_newline_after_malformed_text(server, text):
    bad, good = server.exchange(text + "\n" + request("server.info"))
    assert bad["id"] is None and error_of(bad)["code"] == -32700
    assert good["result"]["name"] == "jinzaid"


@pytest.mark.parametrize("text", ["1", "-1.5e3", '"text"', "true", "false", "null"])
def test_a_value_that_is_no_object_is_an_invalid_request(server, text):
    answer, after = server.exchange(text + "\n" + request("server.info"))
    assert answer["id"] is None and error_of(answer)["code"] == -32600
    assert after["result"]["name"] == "jinzaid"


# Bad input ----------------------------------------------------------------------------------------------------------

GOOD = {"code": "good", "name": {"en": "Good"}, "kind": "university", "country": "JP"}
DEEP = "[" * 40 + "]" * 40

# Texts that are no message, or none that can be read: what stands in the answer's error, and the name of the error.
TEXTS = {
    "words": ("hello there", "parse_error", "JSON"),
    "an HTTP request": ("GET / HTTP/1.1", "parse_error", "JSON"),
    "a stray bracket": ("}", "parse_error", "JSON"),
    "a missing colon": ('{"jsonrpc" "2.0"}', "parse_error", "JSON"),
    "a trailing comma": ('{"jsonrpc": "2.0",}', "parse_error", "JSON"),
    "single quotes": ("{'jsonrpc': '2.0'}", "parse_error", "JSON"),
    "a wrong word": ('{"jsonrpc": nil}', "parse_error", "JSON"),
    "a number that is none": ('{"jsonrpc": 01}', "parse_error", "JSON"),
    "an escape that is none": (r'{"jsonrpc": "\x"}', "parse_error", "JSON"),
    "half a surrogate pair": (r'{"jsonrpc": "\ud800"}', "parse_error", "JSON"),
    "invalid UTF-8": (b'{"jsonrpc": "2.0", "method": "level.list", "params": {"lang": "\xff\xfe"}, "id": 1}', "parse_error", "UTF-8"),
    "UTF-8 that is too long": (b'{"jsonrpc": "2.0", "method": "\xc0\xaf", "id": 1}', "parse_error", "UTF-8"),
    "half a character": (b'{"jsonrpc": "2.0", "method": "\xe4\xba", "id": 1}', "parse_error", "UTF-8"),
    "UTF-16": ('{"jsonrpc": "2.0"}'.encode("utf-16"), "parse_error", "JSON"),
    "NUL in text": (r'{"jsonrpc": "2.0", "method": "organization.get", "params": {"ref": "a\u0000b"}, "id": 1}',
                    "parse_error", "NUL"),
    "NUL in a name": (r'{"jsonrpc": "2.0", "method": "organization.get", "params": {"re\u0000f": "a"}, "id": 1}',
                      "parse_error", "NUL"),
    "a NUL byte": (b'{"jsonrpc": "2.0", "method": "a\0b", "id": 1}', "parse_error", "JSON"),
    "duplicate keys": ('{"jsonrpc": "2.0", "method": "organization.get", "params": {"ref": "a", "ref": "b"}, "id": 1}',
                       "parse_error", "once"),
    "two ids": ('{"jsonrpc": "2.0", "method": "server.info", "id": 1, "id": 2}', "parse_error", "once"),
    "a number past all numbers": ('{"jsonrpc": "2.0", "method": "organization.list", "params": {"limit": 1e999}, "id": 1}',
                                  "parse_error", "number"),
    "too deep": (f'{{"jsonrpc": "2.0", "method": "server.info", "params": {DEEP}, "id": 1}}', "limit_exceeded", "levels"),
    "far too deep": ("[" * 100000 + "]" * 100000, "limit_exceeded", "levels"),
    "too long": (request("organization.get", {"ref": "x" * (1 << 20)}), "limit_exceeded", "shorter"),
    "no version": ('{"method": "server.info", "id": null}', "invalid_request", "jsonrpc"),
    "another version": ('{"jsonrpc": "1.0", "method": "server.info", "id": null}', "invalid_request", "2.0"),
    "a version that is a number": ('{"jsonrpc": 2.0, "method": "server.info", "id": null}', "invalid_request", "2.0"),
    "no method": ('{"jsonrpc": "2.0", "id": null}', "invalid_request", "method"),
    "params that are a text": ('{"jsonrpc": "2.0", "method": "server.info", "params": "x", "id": null}', "invalid_request",
                               "object"),
}


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_that_cannot_be_read_is_refused_and_the_connection_goes_on(server, what):
    text, name, expected = TEXTS[what]
    text = text if isinstance(text, bytes) else text.encode()
    before = server.census()
    with server.connect() as wire:
        wire.send(request("skill.get", {"ref": SKILL}, "before").encode() + b"\n" + text + b"\n")
        answers = by_id(wire.answer() for _ in range(2))
        assert answers['"before"']["result"]["code"] == SKILL
        error = error_of(answers["null"])
        assert error["data"]["name"] == name
        assert expected in error["message"] + error["data"]["expected"]
        assert wire.ask(request("skill.get", {"ref": OTHER}, "after") + "\n")["result"]["code"] == OTHER
    assert server.census() == before


def test_a_mistake_inside_a_batch_is_answered_in_its_place(server):
    for what in ("duplicate keys", "NUL in text", "invalid UTF-8", "a number past all numbers"):
        bad = TEXTS[what][0]
        bad = bad if isinstance(bad, bytes) else bad.encode()
        batch = b"[" + request("server.info", None, "a").encode() + b"," + bad + b"," + request("level.list", None, "b").encode() + b"]"
        answers, = server.exchange(batch)
        answers = by_id(answers)
        assert set(answers) == {'"a"', '"b"', "null"}, what
        assert error_of(answers["null"])["code"] == -32700
        assert len(answers['"b"']["result"]["items"]) == 5


# Calls that are refused: method, parameters, the name of the error, the path of the parameter, and a part of what was expected.
CALLS = {
    "an unknown method": ("organisation.get", {"ref": "x"}, "method_not_found", None, "rpc.discover"),
    "an unknown parameter": ("organization.create", {**GOOD, "contry": "JP"}, "invalid_params", "contry", "country"),
    "an unknown parameter of a method without any": ("server.info", {"x": 1}, "invalid_params", "x", "no parameters"),
    "an unknown field": ("organization.create", {**GOOD, "other_names": [{"name": "x", "kind": "alias", "form": "y"}]},
                         "invalid_params", "other_names[0].form", "from"),
    "too many positions": ("skill.get", [SKILL, "en", "more"], "invalid_params", None, "2 values"),
    "a missing parameter": ("organization.create", {"code": "x", "kind": "company"}, "invalid_params", "name", "en"),
    "a missing field": ("organization.create", {**GOOD, "other_names": [{"name": "x", "kind": "alias"}, {"kind": "alias"}]},
                        "invalid_params", "other_names[1].name", "text"),
    "a number for a text": ("organization.create", {**GOOD, "code": 5}, "invalid_params", "code", "text"),
    "a text for a number": ("organization.list", {"limit": "5"}, "invalid_params", "limit", "whole number"),
    "a fraction for a whole number": ("organization.list", {"limit": 1.5}, "invalid_params", "limit", "whole number"),
    "a number for a truth": ("organization.create", {**GOOD, "unverified": 1}, "invalid_params", "unverified", "true or false"),
    "an object for a list": ("organization.create", {**GOOD, "other_names": {}}, "invalid_params", "other_names", "array"),
    "a text for an object": ("organization.create", {**GOOD, "other_names": ["x"]}, "invalid_params", "other_names[0]", "object"),
    "a text for a label": ("organization.create", {**GOOD, "name": "x"}, "invalid_params", "name", "en"),
    "an empty label": ("organization.create", {**GOOD, "name": {}}, "invalid_params", "name", "at least one"),
    "a label in a third language": ("organization.create", {**GOOD, "name": {"en": "x", "fr": "y"}}, "invalid_params", "name", "ja"),
    "a label that is no text": ("organization.create", {**GOOD, "name": {"en": "x", "ja": 5}}, "invalid_params", "name.ja", "text"),
    "an empty text": ("organization.create", {**GOOD, "code": ""}, "invalid_params", "code", "1 to 63"),
    "a text that is too long": ("organization.create", {**GOOD, "name": {"en": "x" * 301}}, "invalid_params", "name.en", "300"),
    "a choice that is none": ("organization.create", {**GOOD, "kind": "univercity"}, "invalid_params", "kind", "university"),
    "a language that is none": ("skill.get", {"ref": SKILL, "lang": "fr"}, "invalid_params", "lang", "ja"),
    "a number below its bounds": ("organization.list", {"limit": 0}, "invalid_params", "limit", "from 1"),
    "a number past 2^53": ("organization.update", {"ref": "x", "if_version": 9007199254740993}, "invalid_params", "if_version",
                           "whole number"),
    "a huge number": ("organization.list", {"limit": 10**40}, "invalid_params", "limit", "whole number"),
    "a date that does not exist": ("agreement.list", {"in_force_on": "2026-02-29"}, "invalid_params", "in_force_on", "calendar"),
    "a date in another form": ("agreement.list", {"in_force_on": "1.4.2026"}, "invalid_params", "in_force_on", "2026-04-01"),
    "a date inside that does not exist": (
        "organization.create", {**GOOD, "other_names": [{"name": "x", "kind": "former", "to": "2025-06-31"}]},
        "invalid_params", "other_names[0].to", "calendar"),
    "a month that does not exist": ("gap.matrix", {"as_of": "2026-13"}, "invalid_params", "as_of", "month"),
    "an end before a start": (
        "organization.create",
        {**GOOD, "other_names": [{"name": "x", "kind": "alias"},
                                 {"name": "x", "kind": "former", "from": "2026-04-01", "to": "2026-03-31"}]},
        "invalid_params", "other_names[1].to", "start"),
    "a session that ends before it starts": (
        "session.create", {"program": "program-1", "starts": "2027-04-02", "ends": "2027-04-01"}, "invalid_params", "ends", "start"),
    "a key that is no UUID": ("organization.create", {**GOOD, "idempotency_key": "1"}, "invalid_params", "idempotency_key", "UUID"),
    "a cursor that is none": ("organization.list", {"cursor": "???"}, "invalid_params", "cursor", "next"),
    "a code that cannot be one": ("organization.create", {**GOOD, "code": "no spaces"}, "invalid_params", "code", "letters"),
    "a rule of the record": ("organization.create", {**GOOD, "country": "jp"}, "invalid_params", "country", "ISO 3166"),
    "a rule on two parameters": ("organization.create", {"code": "x", "name": {"en": "x"}, "kind": "company"}, "invalid_params",
                                 "country", "international"),
    "a code that is taken": ("skill.create", {"code": SKILL, "framework": "FS", "name": {"en": "x"}}, "conflict", "code", "taken"),
    "a reference to nothing": ("skill.create", {"code": "x", "framework": "nothing", "name": {"en": "x"}}, "not_found", "framework",
                               "record"),
    "a UUID of nothing": ("skill.get", {"ref": "0190a5c4-7e1b-7c3d-8a2f-5b6c7d8e9f01"}, "not_found", "ref", "record"),
    "a reference to nothing in a list": (
        "role.create", {"code": "x", "name": {"en": "x"}, "requires": [{"skill": SKILL, "level": 2}, {"skill": "nothing", "level": 2}]},
        "not_found", "requires[1].skill", "record"),
    "a stale version": ("organization.update", {"ref": "fixed", "if_version": 7, "note": "x"}, "stale_version", "if_version", "read last"),
    "a transition that is not allowed": ("exchange.activate", {"ref": "EX-fixed", "started_on": "2026-04-01"}, "invalid_transition",
                                         "ref", "submit"),
}


@pytest.fixture(scope="module")
def record(server):
    """What the refused calls refer to."""
    server.call("organization.create", code="fixed", name={"en": "Fixed"}, kind="university", country="JP")
    server.call("organization.create", code="other", name={"en": "Other"}, kind="university", country="US")
    server.call("program.create", code="program-1", provider="fixed", name={"en": "Program"})
    server.call("person.create", code="somebody", career_stage="mid")
    server.call("affiliation.create", person="somebody", organization="fixed", fte=1, starts="2020-01-01")
    server.call("exchange.create", code="EX-fixed", kind="visit", person="somebody", home="fixed", host="other",
                starts="2026-04-01", ends="2026-04-30")
    return server


@pytest.mark.parametrize("what", CALLS)
def test_a_refused_call_names_the_parameter_and_what_was_expected_and_changes_nothing(record, what):
    method, params, name, path, expected = CALLS[what]
    before = record.census()
    with record.connect() as wire:
        wire.send(request("skill.get", {"ref": SKILL}, "before") + request(method, params, "bad")
                  + request("skill.get", {"ref": OTHER}, "after"))
        answers = by_id(wire.answer() for _ in range(3))
    assert answers['"before"']["result"]["code"] == SKILL and answers['"after"']["result"]["code"] == OTHER
    error = error_of(answers['"bad"'])
    assert error["data"]["name"] == name
    assert error["data"].get("parameter") == path
    if expected is not None:
        assert expected in error["message"] + " " + error["data"]["expected"]
    assert record.census() == before


@pytest.mark.parametrize("what", ["an unknown method", "an unknown parameter", "a choice that is none"])
def test_a_misspelt_name_is_met_with_the_one_that_was_meant(record, what):
    method, params, *_ = CALLS[what]
    meant = {"an unknown method": "organization.get", "an unknown parameter": "country", "a choice that is none": "university"}
    assert f'did you mean "{meant[what]}"?' in record.refused(method, params).message


def test_a_refused_call_leaves_its_idempotency_key_free(record):
    key = "0190a5c4-7e1b-4c3d-8a2f-5b6c7d8e9f01"
    record.refused("organization.create", {**GOOD, "code": "key-free", "country": None, "idempotency_key": key})
    receipt = record.call("organization.create", {**GOOD, "code": "key-free", "idempotency_key": key})
    assert record.call("organization.create", {**GOOD, "code": "key-free", "idempotency_key": key}) == receipt
    assert record.refused("organization.create", {**GOOD, "code": "key-again", "idempotency_key": key}).name == "conflict"
    assert record.sql("select count(*) from core.organization where code like 'key-%%'") == [(1,)]


def test_a_stale_version_changes_nothing_and_the_right_one_does(record):
    version = record.call("organization.get", ref="other")["version"]
    assert record.call("organization.update", ref="other", if_version=version, note="first")["version"] == version + 1
    assert record.refused("organization.update", ref="other", if_version=version, note="second").name == "stale_version"
    assert record.call("organization.get", ref="other")["note"] == "first"


def test_null_empties_a_field_and_absence_keeps_it(record):
    record.call("organization.update", ref="other", note="kept", website="https://example.org")
    record.call("organization.update", ref="other", website=None)
    after = record.call("organization.get", ref="other")
    assert after["note"] == "kept" and after["website"] is None


def test_a_cursor_stays_right_while_rows_come_and_go(record):
    for n in range(10):
        record.call("organization.create", code=f"page-{n}", name={"en": "x"}, kind="international")
    seen, cursor = [], None
    while True:
        page = record.call("organization.list", limit=3, cursor=cursor)
        seen += [item["code"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        if len(seen) == 6:
            record.call("organization.create", code="0-before", name={"en": "x"}, kind="international")
            record.call("organization.create", code="z-behind", name={"en": "x"}, kind="international")
            record.sql("delete from core.organization where code in ('page-0', 'page-9')")
    everything = {code for code, in record.sql("select code from core.organization")}
    assert seen == sorted(set(seen))
    assert everything - set(seen) == {"0-before"}
    assert set(seen) - everything <= {"page-0"}


def test_a_label_is_marked_where_only_the_other_language_exists(record):
    record.call("organization.update", ref="fixed", name={"en": "Only English"})
    assert record.call("organization.get", ref="fixed", lang="ja")["name"] == "Only English [en]"
    assert record.call("organization.get", ref="fixed", lang="en")["name"] == "Only English"
    assert record.call("organization.get", ref="fixed")["name"] == {"en": "Only English"}
