# SPDX-License-Identifier: Apache-2.0
"""The command where the daemon is far away, slow or gone; and its tables, for every method that lists."""

import json
import os
import subprocess
import unicodedata

import pytest

from conftest import BUILD, Server


@pytest.fixture(scope="module")
def server(cluster):
    server = Server(cluster, listen=["tcp:127.0.0.1:0"])
    server.call("organization.create", code="wide", name={"ja": "量子科学技術研究開発機構"}, kind="national_laboratory", country="JP")
    server.call("organization.create", code="narrow", name={"ja": "ﾌﾟﾗｽﾞﾏ研"}, kind="university", country="JP")
    server.call("organization.create", code="accents", name={"ja": "Instituto Superior Te\u0301cnico"}, kind="university", country="PT")
    server.call("organization.create", code="emoji", name={"ja": "核融合🚀"}, kind="university", country="JP")
    yield server
    server.close()


def width(text):
    return sum(0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def test_the_address_comes_from_the_variable_and_an_option_goes_before_it(server):
    assert json.loads(server.cli("server", "info", "--json").stdout)["caller"]["role"] == "admin"
    over_tcp = server.cli("server", "info", "--json", environment={"JINZAI_CONNECT": server.tcp()})
    assert json.loads(over_tcp.stdout)["caller"]["role"] == "stranger"
    for words in (["--connect", server.tcp(), "server", "info"], ["server", "--connect", server.tcp(), "info"],
                  ["server", "info", f"--connect={server.tcp()}"]):
        assert json.loads(server.cli(*words, "--json").stdout)["caller"]["role"] == "stranger"


def test_a_stranger_is_told_so_with_an_exit_code_of_its_own(server):
    done = server.cli("--connect", server.tcp(), "organization", "list", check=False)
    assert done.returncode == 5 and done.stdout == ""
    assert done.stderr.startswith("jinzai: organization.list is only for callers that the daemon knows")


@pytest.mark.parametrize("address", ["tcp:127.0.0.1:1", "unix:/nowhere/jinzai.sock"])
def test_a_daemon_out_of_reach_is_one_line_that_names_the_address(server, address):
    done = server.cli("--connect", address, "organization", "list", check=False)
    assert done.returncode == 69 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and address.partition(":")[2] in done.stderr


def test_an_address_that_is_none_is_one_line(server):
    for address in ("nowhere", "tcp:host", "http://localhost", "unix:"):
        done = server.cli("--connect", address, "organization", "list", check=False)
        assert done.returncode in (64, 69) and done.stderr.count("\n") == 1, address


def test_an_answer_that_does_not_come_in_time_has_an_exit_code_of_its_own(server):
    lock = server.cluster.connect(server.database)
    lock.autocommit = False
    lock.cursor().execute("lock table core.organization in access exclusive mode")
    done = server.cli("--timeout", "0.3", "organization", "get", "wide", check=False)
    lock.close()
    assert done.returncode == 75 and done.stderr.count("\n") == 1


def test_output_that_cannot_be_written_is_an_error(server):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([BUILD / "jinzai", "skill", "list", "--all"], stdout=full, stderr=subprocess.PIPE, text=True, check=False,
                              env={**os.environ, "JINZAI_CONNECT": server.address})
    assert done.returncode == 74 and "cannot write the output" in done.stderr


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_columns_of_every_table_line_up_by_the_width_of_their_characters(server, locale, lang):
    tables = 0
    for method in server.call("rpc.discover")["methods"]:
        if not method["name"].endswith(".list"):
            continue
        noun, verb = method["name"].split(".")
        done = server.cli(noun, verb, "--lang", lang, environment={"LC_ALL": locale})
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        if len(lines) < 2:
            continue
        tables += 1
        assert "\\x" not in done.stdout and "\\u" not in done.stdout
        columns = [[(letter, cell) for letter in line for cell in range(width(letter))] for line in lines]
        # Where two blanks stand in the heading, a column ends: each line has a blank there too, and begins after it.
        heading = columns[0]
        starts = [at for at in range(2, len(heading)) if heading[at][0] != " " and heading[at - 1][0] == " " and heading[at - 2][0] == " "]
        for line in columns[1:]:
            for start in starts:
                if start < len(line):
                    assert line[start][1] == 0, f"{method['name']}: a character stands across column {start}"
                    assert line[start - 1][0] == " ", f"{method['name']}: column {start} is not kept"
    assert tables >= 6


def test_nothing_in_a_record_steers_the_terminal(server):
    server.call("organization.create", code="escape", name={"en": "\u001b[31mred\u001b]0;title\u0007\u009b2J"}, kind="international")
    for words in (["organization", "list"], ["organization", "get", "escape"]):
        done = server.cli(*words, "--lang", "en")
        assert not set("\x1b\x07\x9b") & set(done.stdout), words
        assert "red" in done.stdout


def test_every_option_of_a_method_can_be_completed(server):
    for method in server.call("rpc.discover")["methods"]:
        noun, verb = method["name"].replace("_", "-").split(".")
        offered = {row.split("\t")[0] for row in server.cli("completion", "candidates", noun, verb, "--").stdout.splitlines()}
        assert {"--" + param["name"].replace("_", "-") for param in method["params"]} <= offered, method["name"]
