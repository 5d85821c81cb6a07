# SPDX-License-Identifier: Apache-2.0
"""The command jinzai and the library under it, against a real daemon."""

import csv
import io
import json
import os
import subprocess
import unicodedata

from conftest import BUILD, DEADLINE


def width(text):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def organization(server, code, country="JP", **more):
    words = [word for name, value in more.items() for word in (f"--{name.replace('_', '-')}", value)]
    return server.cli("organization", "create", code, "--kind", "company", "--country", country, "--synthetic", *words)


def test_the_library_keeps_its_promises(server):
    done = subprocess.run([BUILD / "tests" / "test_libjinzai"], capture_output=True, text=True, timeout=DEADLINE,
                          check=False, env={**os.environ, "JINZAI_CONNECT": server.address})
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_of_integrating_runs(server):
    organization(server, "example-jp", name_en="Example of Japan", country="JP")
    done = subprocess.run([BUILD / "tests" / "c_example"], capture_output=True, text=True, timeout=DEADLINE, check=False,
                          env={**os.environ, "JINZAI_CONNECT": server.address})
    assert done.returncode == 0, done.stderr
    assert "Example of Japan" in done.stdout.splitlines()


def test_help_exists_for_every_method_in_both_languages(server):
    methods = json.loads(server.cli("methods", "--json").stdout)["items"]
    assert len(methods) > 50
    for method in methods:
        noun, verb = method["method"].split(".", 1)
        for lang in "en", "ja":
            shown = server.cli(noun, verb.replace("_", "-"), "--help", "--lang", lang).stdout
            assert method["method"] in shown
            assert f"jinzai {noun.replace('_', '-')} {verb.replace('_', '-')}" in shown
        assert verb.replace("_", "-") in server.cli(noun, "--help").stdout
        assert noun.replace("_", "-") in server.cli("--help").stdout


def test_a_write_answers_in_one_line(server):
    done = organization(server, "one-line", name_en="One", name_ja="一")
    assert done.stdout.startswith("one-line, version 1 (")
    assert done.stdout.count("\n") == 1
    shown = server.call("organization.get", ref="one-line")
    assert shown["name"] == {"en": "One", "ja": "一"}
    assert shown["synthetic"] is True


def test_a_table_of_wide_characters_lines_up_where_the_locale_is_c(server):
    organization(server, "wide-1", name_ja="核融合科学研究所", country="KR")
    organization(server, "wide-2", name_ja="人材", country="KR")
    done = server.cli("organization", "list", "--country", "KR", "--lang", "ja", environment={"LC_ALL": "C"})
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    column = width(lines[0][:lines[0].index("種別")])
    for line in lines[1:]:
        assert width(line[:line.index("company")]) == column


def test_the_language_comes_from_the_locale(server):
    assert server.cli("pillar", "list", environment={"LC_ALL": "ja_JP.UTF-8"}).stdout.startswith("コード")
    assert server.cli("pillar", "list", environment={"LC_ALL": "", "LANG": "en_US"}).stdout.startswith("Code")


def test_pages_are_followed_to_the_end_in_every_form(server):
    wanted = len(server.call("skill.list", limit=1000)["items"])
    assert wanted > 100
    table = server.cli("skill", "list", "--limit", 40, "--all")
    assert len(table.stdout.splitlines()) == wanted + 1
    assert table.stderr == ""
    rows = list(csv.reader(io.StringIO(server.cli("skill", "list", "--limit", 40, "--all", "--csv").stdout, newline="")))
    assert len(rows) == wanted + 1
    assert len({len(row) for row in rows}) == 1
    listed = json.loads(server.cli("skill", "list", "--limit", 40, "--all", "--json").stdout)
    assert len(listed["items"]) == wanted
    assert listed["next"] is None


def test_a_page_that_is_not_the_last_says_so_on_standard_error(server):
    done = server.cli("skill", "list", "--limit", 3)
    assert len(done.stdout.splitlines()) == 4
    assert "--all" in done.stderr and "--cursor" in done.stderr
    cursor = json.loads(server.cli("skill", "list", "--limit", 3, "--json").stdout)["next"]
    assert f"'{cursor}'" in done.stderr
    assert len(server.cli("skill", "list", "--limit", 3, "--cursor", cursor).stdout.splitlines()) == 4


def test_an_empty_list_says_so_on_standard_error(server):
    done = server.cli("organization", "list", "--country", "AQ")
    assert done.stdout == ""
    assert done.stderr == "nothing found\n"


def test_csv_quotes_what_must_be_quoted(server):
    organization(server, "quotes", name_en='A "b", c', country="IS")
    done = subprocess.run([BUILD / "jinzai", "organization", "list", "--country", "IS", "--csv"], capture_output=True,
                          check=True, env={**os.environ, "JINZAI_CONNECT": server.address, "LC_ALL": "C"})
    lines = done.stdout.split(b"\r\n")
    assert lines[0].startswith(b"Code,Name,")
    assert lines[1].startswith(b'quotes,"A ""b"", c",company,IS')
    assert lines[2:] == [b""]


def test_json_holds_both_languages_unless_one_is_asked_for(server):
    organization(server, "both", name_en="Both", name_ja="両方")
    assert json.loads(server.cli("organization", "get", "both", "--json").stdout)["name"] == {"en": "Both", "ja": "両方"}
    assert json.loads(server.cli("organization", "get", "both", "--json", "--lang", "ja").stdout)["name"] == "両方"


def test_nothing_after_the_equals_sign_empties_a_field(server):
    organization(server, "cleared", name_en="Cleared", website="https://example.org")
    server.cli("organization", "update", "cleared", "--website=")
    assert server.call("organization.get", ref="cleared")["website"] is None


def test_any_method_can_be_called_by_its_name(server):
    assert json.loads(server.cli("call", "server.info").stdout)["name"] == "jinzaid"
    done = server.cli("call", "organization.list", "-", text='{"country": "AQ"}')
    assert json.loads(done.stdout)["items"] == []


def test_exit_codes_tell_failures_apart(server, tmp_path):
    organization(server, "codes", name_en="Codes")
    rows = [
        (2, "organization", "create"),
        (3, "organization", "get", "no-such-code"),
        (4, "organization", "create", "codes", "--kind", "company", "--country", "JP", "--name-en", "Codes"),
        (4, "organization", "update", "codes", "--if-version", 99, "--website", "https://example.org"),
        (64, "organization", "lst"),
        (64, "organisation", "list"),
        (64, "organization", "get", "codes", "--bogus", "x"),
        (64, "organization", "get", "codes", "another"),
        (64, "organization", "list", "--limit", "many"),
        (64, "organization"),
        (64, "--timeout", "soon", "server", "info"),
        (65, "call", "organization.list", "{"),
        (66, "load", tmp_path / "nothing"),
        (69, "--connect", f"unix:{tmp_path}/nothing", "server", "info"),
        (1, "call", "no.such_method"),
    ]
    for code, *words in rows:
        done = server.cli(*words, check=False)
        assert done.returncode == code, (words, done.stderr)
        assert done.stdout == ""
        if len(words) > 1:
            assert done.stderr.startswith("jinzai: ") and done.stderr.count("\n") == 1, words


def test_an_error_is_one_line_with_the_name_of_the_parameter(server):
    done = server.cli("organization", "get", "no-such-code", check=False)
    assert '(parameter "ref"; expected ' in done.stderr
    done = server.cli("organization", "get", "no-such-code", "--lang", "ja", check=False)
    assert 'パラメータ "ref"' in done.stderr


def test_what_was_mistyped_is_guessed(server):
    assert 'did you mean "organization"?' in server.cli("organisation", "list", check=False).stderr
    assert 'did you mean "list"?' in server.cli("organization", "lst", check=False).stderr
    assert "did you mean --country?" in server.cli("organization", "list", "--contry", "JP", check=False).stderr
    assert 'did you mean "load"?' in server.cli("laod", check=False).stderr


def loaded(done):
    return {row["noun"]: (row["loaded"], row["present"], row["failed"]) for row in json.loads(done.stdout)["items"]}


def line(code, **more):
    return json.dumps({"method": "organization.create",
                       "params": {"code": code, "name": {"en": code}, "kind": "company", "country": "JP",
                                  "synthetic": True, **more}}) + "\n"


def test_loading_twice_changes_nothing(server, tmp_path):
    (tmp_path / "10.jsonl").write_text("".join(line(f"load-{i}") for i in range(300)))
    (tmp_path / "20.jsonl").write_text("\n" + json.dumps({
        "method": "facility.create", "params": {"code": "load-hall", "name": {"en": "Hall"}, "operator": "load-299"}}) + "\n")
    assert loaded(server.cli("load", tmp_path, "--json")) == {"organization": (300, 0, 0), "facility": (1, 0, 0)}
    before = server.census()
    assert loaded(server.cli("load", tmp_path, "--json")) == {"organization": (300, 0, 0), "facility": (1, 0, 0)}
    assert server.census() == before


def test_what_other_lines_made_counts_as_already_there(server, tmp_path):
    (tmp_path / "a.jsonl").write_text(line("present-1"))
    (tmp_path / "b.jsonl").write_text(line("present-1") + line("present-2"))
    assert loaded(server.cli("load", tmp_path, "--json")) == {"organization": (2, 1, 0)}


def test_loading_stops_at_the_line_that_fails_unless_told_to_go_on(server, tmp_path):
    (tmp_path / "1.jsonl").write_text(line("stop-1") + line("stop-2", kind="nonsense"))
    (tmp_path / "2.jsonl").write_text(line("stop-3") + "{\n")
    done = server.cli("load", tmp_path, "--json", check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"jinzai: {tmp_path}/1.jsonl:2: ") and '"kind"' in done.stderr
    assert done.stderr.count("\n") == 1
    assert loaded(done) == {"organization": (1, 0, 1)}
    done = server.cli("load", tmp_path, "--json", "--keep-going", check=False)
    assert done.returncode == 2
    assert f"{tmp_path}/2.jsonl:2: " in done.stderr
    assert loaded(done) == {"organization": (2, 0, 1)}


def test_the_shell_runs_one_command_a_line(server):
    done = server.cli("shell", text="pillar list --csv\n# a comment\norganization get 'no such'\nserver info\nexit\nrubbish\n")
    assert done.stdout.startswith("Code,Name")
    assert "jinzaid" in done.stdout
    assert "there is no such organization" in done.stderr
    assert "rubbish" not in done.stderr


def test_completion_knows_what_may_follow(server):
    def candidates(*words):
        return [row.split("\t")[0] for row in server.cli("completion", "candidates", *words).stdout.splitlines()]

    assert "organization" in candidates("org")
    assert candidates("organization", "li") == ["list"]
    assert candidates("organization", "list", "--coun") == ["--country"]
    assert "university" in candidates("organization", "list", "--kind", "")
    assert candidates("--lang", "") == ["en", "ja"]
    for shell in "bash", "zsh":
        assert "jinzai completion candidates" in server.cli("completion", shell).stdout


def test_the_reference_names_every_method(server):
    page = server.cli("reference").stdout
    for method in json.loads(server.cli("methods", "--json").stdout)["items"]:
        assert f"### {method['method']}\n" in page
