# SPDX-License-Identifier: Apache-2.0
"""Import and export of everything: the same bytes again, all or nothing, every bad row named, flat memory."""

import json
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import time

import pytest

from conftest import BUILD, DEADLINE, RpcError, wait_for
from test_subject import recount_with_residue

USAGE, DATA = 64, 65


def files(directory):
    return {path.name: path.read_bytes() for path in pathlib.Path(directory).iterdir()}


def rows(directory, name):
    return [json.loads(line) for line in (directory / f"{name}.jsonl").read_text().splitlines()]


def histories(call):
    """What keeps a history, or grants something, or freezes figures."""
    call("session.create", code="SE-full", program="PR", starts="2024-01-10", ends="2024-01-20", capacity=2)
    codes = [call("enrollment.create", session="SE-full", person=f"P{number:03}", applied_on="2024-01-01")["code"] for number in range(10, 14)]
    for code in codes:
        call("enrollment.admit", ref=code, or_wait=True)
    call("enrollment.start", ref=codes[0])
    call("enrollment.complete", ref=codes[0], completed_on="2024-01-20", certificate_number="C-1")
    call("enrollment.withdraw", ref=codes[1])
    call("certification.create", person="P014", qualification=call(
        "qualification.create", code="Q", name={"en": "Licence"}, kind="licence", country="JP")["code"], number="N-1", starts="2023-01-01",
         ends="2026-01-01")
    call("person.create", code="P-twice", name="Name, 15", career_stage="mid", birth_cohort=1980)
    call("person.merge", ref="P015", duplicate="P-twice", reason="registered twice")
    for number in range(16, 28):
        code = f"EX-{number}"
        call("exchange.create", code=code, kind="visit", person=f"P{number:03}", home="ours" if number % 3 else "theirs",
             host="theirs" if number % 3 else "ours", starts="2023-05-01", ends="2023-06-30", days_proposed=40,
             costs=[{"part": "travel", "payer": "home", "amount": 1000, "currency": "USD"}])
        call("exchange.submit", ref=code)
        for side in ("home", "host"):
            call("exchange.decide", ref=code, approval=side, decision="granted", decided_on="2023-04-01")
        call("exchange.approve", ref=code, days_approved=35)
        call("exchange.activate", ref=code, started_on="2023-05-01")
        call("exchange.complete", ref=code, started_on="2023-05-01", ended_on="2023-06-20", days_actual=30, returned=True,
             gains=[{"skill": "FS-MAG-02", "level": 2}], publications=["https://doi.org/10.1000/1"])
    call("exchange.correct", ref="EX-16", reason="not learnt", gains=[])
    action = call("gap.add_action", gap="GAP", exchange="EX-17", contribution_fte=1, expected_on="2024-01-01")["id"]
    call("gap.update_action", action=action, actual_fte=0.5)


def fill(server, people=40):
    """A record with something of most nouns in it."""
    call = server.call
    for code, country in (("ours", "JP"), ("theirs", "US")):
        call("organization.create", code=code, name={"en": f'The "{code}", one', "ja": "核融合\n研究所"}, kind="university", country=country)
    call("program.create", code="PR", name={"en": "Course"}, provider="ours", teaches=[{"skill": "FS-MAG-01", "level": 3}])
    call("session.create", code="SE", program="PR", starts="2024-01-10", ends="2024-01-20", capacity=50)
    for number in range(people):
        code = f"P{number:03}"
        call("person.create", code=code, name=f"Name, {number}", career_stage="mid", birth_cohort=1980, verified=number % 2 == 0)
        call("affiliation.create", person=code, organization="ours" if number % 3 else "theirs", starts="2020-01-01", fte=0.8)
        call("holding.create", person=code, skill="FS-MAG-01", level=number % 5 + 1, starts="2021-01-01", evidence="assessment")
    enrolled = call("enrollment.create", session="SE", person="P001")["id"]
    call("enrollment.admit", ref=enrolled)
    call("person.update", ref="P002", career_stage="senior")
    call("demand.create", organization="ours", skill="FS-MAG-01", level=2, fte=5, year=2030, source="test")
    call("gap.create", code="GAP", organization="ours", skill="FS-MAG-01", level=2, year=2030, size_fte=2, severity="low")
    call("consent.give", person="P003", purpose="exchange", recipient_country="US", notice_version="1", notice_lang="ja", given_on="2024-01-01")
    call("subject.restrict", ref="P004", reason="asked")
    call("subject.erase", ref="P005", confirm="P005", cause="request")
    if people >= 28:
        histories(call)
    principal = call("principal.create", name="someone", kind="person", role="auditor")["id"]
    call("token.create", principal=principal)
    call("release.create", month="2024-02")
    call("release.create")  # or the daemon would cut this month's at any moment


@pytest.fixture(scope="module")
def filled(server):
    fill(server)
    return server


@pytest.fixture(scope="module")
def exported(filled, tmp_path_factory):
    directory = tmp_path_factory.mktemp("export") / "all"
    said = filled.cli("export", directory)
    assert re.search(r"\d+ rows in \d+ files", said.stdout) and said.stderr == ""
    return directory


def bad_rows(done):
    return [line for line in done.stderr.splitlines() if re.match(r".*:\d+: ", line)]


def census_but_events(server):
    return {table: what for table, what in server.census().items() if table not in (
        "derive.event", "core.setting", "core.once", "core.token", "core.access_read", "core.scrub_due")}


# Export ---------------------------------------------------------------------------------------------------------------

def test_export_import_and_export_again_give_the_same_bytes(filled, exported, own_server, tmp_path):
    other = own_server()
    other.cli("import", exported)
    other.cli("export", tmp_path / "again")
    assert files(tmp_path / "again") == files(exported)
    assert census_but_events(other) == census_but_events(filled)
    # Supply was derived by the triggers, and a recount finds the same; erased people are counted by their residue.
    figures = "select * from derive.supply('2024-03-01', 'organization', true) order by 1, 2, 3"
    assert other.sql(figures) == filled.sql(figures) != []
    other.fold()
    assert other.sql(figures) == filled.sql(figures)
    # The daemon knows its callers by their imported identifiers, and the log tells of every row.
    other.call("organization.create", code="later", name={"en": "Later"}, kind="university", country="JP")
    assert other.call("audit.verify")["intact"] is True
    assert other.sql("select count(*) from derive.event where noun = 'person' and action = 'created'")[0][0] == \
        filled.sql("select count(*) from core.person")[0][0]


def test_supply_after_an_import_equals_a_recount(own_server, tmp_path):
    first, second = own_server(), own_server()
    fill(first, people=12)
    first.call("organization.create", code="third", name={"en": "x"}, kind="university", country="JP")
    first.cli("export", tmp_path / "out")
    second.cli("import", tmp_path / "out")
    assert recount_with_residue(second) > 100


def test_csv_and_json_lines_give_the_same_record(exported, filled, own_server, tmp_path):
    filled.cli("export", tmp_path / "csv", "--csv")
    kinds = {path.suffix for path in (tmp_path / "csv").iterdir()}
    assert kinds == {".csv", ".jsonl", ".json"} and (tmp_path / "csv" / "affiliation.csv").exists()
    other = own_server()
    other.cli("import", tmp_path / "csv")
    other.cli("export", tmp_path / "again")
    again, before = files(tmp_path / "again"), files(exported)
    for name in ("manifest.json", "access_read.jsonl"):  # the second export of the first database noted the first
        again.pop(name), before.pop(name)
    assert again == before


def test_the_manifest_names_every_file_with_its_rows_and_digest(exported):
    import hashlib
    manifest = json.loads((exported / "manifest.json").read_text())
    assert manifest["format"] == "jinzai export 1" and manifest["schema_version"] >= 15
    listed = {row["name"]: row for row in manifest["files"]}
    assert set(listed) | {"manifest.json"} == set(files(exported))
    for name, row in listed.items():
        content = (exported / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"] and content.count(b"\n") == row["rows"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (exported, *exported.iterdir()))


def test_tokens_and_idempotency_keys_stay_and_principals_go(exported):
    names = {path.stem for path in exported.iterdir()}
    assert not names & {"token", "once", "setting"} and "principal" in names
    assert "someone" in {row["name"] for row in rows(exported, "principal")}
    assert not any(b"digest" in content for content in files(exported).values())


def test_every_table_is_exported_or_left_out_by_a_recorded_decision(server):
    tables = server.sql("""
        select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('core', 'derive') and c.relkind in ('r', 'p') and not c.relispartition""")
    goes = {f"{row[0]}" for row in server.sql("select relation::regclass::text from bulk.tables()")}
    decided = {table: (goes, reason) for table, goes, reason in server.sql("select * from bulk.decisions()")}
    for table, in tables:
        if table.startswith("core."):
            assert table in goes or (not decided[table][0] and decided[table][1]), f"{table}: decide in bulk.decisions()"
        else:
            assert (table in goes) == (table in decided), table
    assert {table for table, (go, _) in decided.items() if go} <= goes and len(decided) == len(set(decided))


def test_each_table_comes_after_those_that_it_refers_to(server):
    place = dict(server.sql("select relation::regclass::text, place from bulk.tables()"))
    for table, target in server.sql("""
            select conrelid::regclass::text, confrelid::regclass::text from pg_constraint where contype = 'f' and conrelid <> confrelid"""):
        if table in place and target in place:
            assert place[table] > place[target], (table, target)


def test_an_export_is_noted_for_every_person_that_it_holds(filled, tmp_path):
    before = filled.sql("select coalesce(max(id), 0) from core.access_read")[0][0]
    filled.cli("export", tmp_path / "out")
    people = filled.sql("select count(*) from core.person")[0][0]
    assert filled.sql("select sum(cardinality(people)), min(method) from core.access_read where id > %s", before) == [(people, "bulk.export")]


def test_an_export_is_one_snapshot_whatever_is_written_meanwhile(filled):
    with filled.connect() as wire:
        stream = wire.call("bulk.export")["stream"]
        filled.call("organization.create", code="meanwhile", name={"en": "x"}, kind="university", country="JP")
        text, done = "", False
        while not done:
            piece = wire.call("bulk.read", {"stream": stream, "file": "organization", "bytes": 100})
            text, done = text + piece["text"], piece["done"]
        assert "meanwhile" not in text and '"ours"' in text
        assert wire.call("bulk.close", {"stream": stream}) == {"closed": True}


def test_an_export_into_a_directory_that_is_there_is_refused(filled, exported):
    before = files(exported)
    done = filled.cli("export", exported, check=False)
    assert done.returncode == 74 and "File exists" in done.stderr and files(exported) == before


# Streams --------------------------------------------------------------------------------------------------------------

def test_only_administrators_open_streams_and_only_on_their_own_connection(filled):
    with filled.connect() as wire, filled.connect() as other:
        stream = wire.call("bulk.export")["stream"]
        with pytest.raises(RpcError) as caught:
            other.call("bulk.read", {"stream": stream, "file": "organization"})
        assert caught.value.name == "not_found" and caught.value.data["parameter"] == "stream"
        with pytest.raises(RpcError) as caught:
            wire.call("bulk.read", {"stream": stream, "file": "token"})
        assert caught.value.name == "not_found" and caught.value.data["parameter"] == "file"
        # An error ends a stream.
        with pytest.raises(RpcError):
            wire.call("bulk.read", {"stream": stream, "file": "organization"})


def test_the_role_of_imports_may_do_nothing_else(filled):
    for statement in ("update core.organization set code = code", "delete from core.organization", "select * from core.token",
                      "select * from core.setting", "truncate core.person", "select api.person_get(p_caller => null, p_ref => 'x')",
                      "create table core.x (y int)"):
        with pytest.raises(Exception) as caught:
            filled.sql(statement, user="jinzai_bulk")
        assert "permission denied" in str(caught.value), statement
    assert filled.sql("select count(*) from core.person", user="jinzai_bulk") == [(0,)]  # nobody has entered


def test_every_method_of_a_stream_has_its_function_and_only_the_role_of_imports_may_call_it(server):
    functions = {name: set(names) for name, names in server.sql(
        "select proname, proargnames[1:pronargs] from pg_proc where pronamespace = 'bulk'::regnamespace and proargnames is not null")}
    for method in server.call("rpc.discover")["methods"]:
        noun, _, verb = method["name"].partition(".")
        if noun == "bulk" and verb != "close":  # which is the daemon's own
            assert functions[verb] == {"p_caller", *("p_" + param["name"] for param in method["params"])}, method["name"]
    assert server.sql("""select p.proname from pg_proc p where p.pronamespace = 'bulk'::regnamespace
        and (has_function_privilege('jinzai_daemon', p.oid, 'execute') or obj_description(p.oid, 'pg_proc') is null)""") == []


def test_more_streams_than_the_limit_are_refused_and_one_that_idles_or_lasts_is_ended(own_server):
    server = own_server(config="[limits]\nbulk_streams = 1\nbulk_idle_ms = 300\nbulk_hold_ms = 1500\n")
    with server.connect() as wire:
        stream = wire.call("bulk.export")["stream"]
        assert server.refused("bulk.export").name == "limit_exceeded"
        server.logged("longer than bulk_idle_ms")
        with pytest.raises(RpcError) as caught:
            wire.call("bulk.read", {"stream": stream, "file": "organization"})
        assert caught.value.name == "not_found"
        stream = wire.call("bulk.export")["stream"]
        with pytest.raises(RpcError):
            while True:
                wire.call("bulk.read", {"stream": stream, "file": "pillar"})
        server.logged("longer than bulk_hold_ms")
    assert server.sql("select count(*) from pg_stat_activity where application_name = 'jinzaid bulk' and datname = current_database()") == [(0,)]


def rss(server):
    """Of the daemon, in KiB, whoever wraps it."""
    pid = server.process.pid
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


def test_the_daemons_memory_stays_flat_while_a_slow_reader_drains_a_large_table(own_server):
    server = own_server()
    server.sql("""insert into core.access_read (principal_id, method, form, people)
        select gen_random_uuid(), repeat('x', 400), 'personal', '{}' from generate_series(1, 200000)""")
    with server.connect() as wire:
        stream = wire.call("bulk.export")["stream"]
        request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "bulk.read", "params": {"stream": stream, "file": "access_read", "bytes": 1 << 20}}) + "\n"
        for _ in range(8):
            wire.ask(request)
        before, read, most = rss(server), 0, 0
        done = False
        while not done:
            # Asked for three at once, and taken a little at a time.
            wire.send(request * 3)
            for _ in range(3):
                answer = wire.answer()
                assert "result" in answer, answer
                done = done or answer["result"]["done"]
                read += len(answer["result"]["text"])
                if done:
                    break
            time.sleep(0.01)
            most = max(most, rss(server))
        assert read > 80 << 20 and most - before < 12 << 10, (before, most, read)


# Import ---------------------------------------------------------------------------------------------------------------

def write(directory, name, lines):
    directory.mkdir(exist_ok=True)
    (directory / name).write_bytes("".join(line + "\n" for line in lines).encode() if isinstance(lines, list) else lines)
    return directory / name


def organization(code, **more):
    return json.dumps({"code": code, "name_en": code, "kind": "university", "country": "JP", **more})


def count(server, table="organization"):
    return server.sql(f"select count(*) from core.{table}")[0][0]


def test_every_bad_row_is_named_and_nothing_is_kept(own_server, tmp_path):
    server = own_server()
    write(tmp_path, "organization.jsonl", [
        organization("good"), organization("no-kind", kind="shop"), "{", organization("no-column", colour="red"), organization("good"),
        '{"name_en": "x"}', organization("date", created_at="not a time"), "[]", organization("fine")])
    before = server.census()
    done = server.cli("import", tmp_path / "organization.jsonl", check=False)
    assert done.returncode == DATA and "nothing was kept" in done.stderr
    path = tmp_path / "organization.jsonl"
    said = {int(line[len(str(path)) + 1:].split(":")[0]): line for line in bad_rows(done)}
    assert set(said) == {2, 3, 4, 5, 6, 7, 8}
    assert "kind" in said[2] and "no JSON" in said[3] and "colour: no such column" in said[4]
    assert "code: another record has the same key; expected: must not be taken" in said[5]
    assert "must be given" in said[6] and "created_at: the value cannot be understood; expected: a value of type timestamp" in said[7]
    assert server.census() == before


def test_a_dry_run_checks_everything_and_keeps_nothing(own_server, tmp_path, exported):
    server = own_server()
    before = server.census()
    done = server.cli("import", exported, "--dry-run")
    assert "all rows are good" in done.stderr and server.census() == before
    write(tmp_path, "organization.jsonl", [organization("a"), organization("b", kind="shop")])
    done = server.cli("import", tmp_path / "organization.jsonl", "--dry-run", check=False)
    assert done.returncode == DATA and len(bad_rows(done)) == 1 and server.census() == before


def test_with_keep_going_the_good_rows_stay_and_the_bad_ones_can_be_mended(own_server, tmp_path):
    server = own_server()
    source = write(tmp_path, "organization.jsonl", [organization(f"o{i}") if i % 10 else organization(f"o{i}", kind="shop") for i in range(50)])
    done = server.cli("import", source, "--keep-going", "--rejects", tmp_path / "bad", check=False)
    assert done.returncode == DATA and len(bad_rows(done)) == 5
    kept = count(server)
    assert server.sql("select count(*) from core.organization where code ~ '^o[0-9]+$'") == [(45,)]
    rejected = (tmp_path / "bad" / "organization.jsonl").read_text()
    assert rejected.count("\n") == 5 and rejected.splitlines()[1] == organization("o10", kind="shop")
    # Again: the good rows are there already.
    done = server.cli("import", source, "--keep-going", "--rejects", tmp_path / "bad", check=False)
    assert count(server) == kept and re.search(r"organization\s+0\s+45\s+5", done.stdout), done.stdout
    (tmp_path / "bad" / "organization.jsonl").write_text(rejected.replace("shop", "university"))
    server.cli("import", tmp_path / "bad")
    assert count(server) == kept + 5


def test_with_keep_going_a_killed_import_keeps_the_files_before_and_goes_on_when_it_is_run_again(own_server, tmp_path):
    server = own_server()
    write(tmp_path, "organization.jsonl", [organization(f"k{i}") for i in range(30)])
    people = [json.dumps({"code": f"KP{i}", "career_stage": "mid"}) for i in range(20)]
    os.mkfifo(tmp_path / "person.jsonl")
    command = subprocess.Popen([BUILD / "jinzai", "import", tmp_path, "--keep-going"], env={**os.environ, "JINZAI_CONNECT": server.address})
    with open(tmp_path / "person.jsonl", "w") as pipe:  # which waits until the command has come so far
        pipe.write("\n".join(people[:10]) + "\n")
        pipe.flush()
        command.kill()
        command.wait()
    kept = "select count(*) from core.organization where code ~ '^k[0-9]+$'"
    assert server.sql(kept) == [(30,)] and server.sql("select count(*) from core.person") == [(0,)]
    os.unlink(tmp_path / "person.jsonl")
    write(tmp_path, "person.jsonl", people)
    done = server.cli("import", tmp_path, "--keep-going")
    assert re.search(r"organization\s+0\s+30\s+0", done.stdout) and re.search(r"person\s+20\s+0\s+0", done.stdout), done.stdout
    assert server.sql(kept) == [(30,)] and server.sql("select count(*) from core.person") == [(20,)]


def test_rows_are_added_to_a_database_in_use_but_none_is_changed(filled, exported, tmp_path):
    same = filled.cli("import", exported / "organization.jsonl")
    assert re.search(r"organization\s+0\s+[1-9]", same.stdout)
    changed = rows(exported, "organization")[0]
    changed["name_en"] = "Another name"
    write(tmp_path, "organization.jsonl", [json.dumps(changed)])
    done = filled.cli("import", tmp_path / "organization.jsonl", check=False)
    assert done.returncode == DATA and "another record has the same key" in done.stderr
    whole = filled.cli("import", exported, "--dry-run", check=False)
    assert "nothing was kept" in whole.stderr or whole.returncode == 0


@pytest.mark.parametrize("content, line, what", [
    (b"code,name_en,kind\nx,\xe9,university\n", 2, "not UTF-8"),
    ("code,name_en,kind\nx,大学,university\n".encode("shift_jis"), 2, "not UTF-8"),
    (b"code,name_en,kind\na,b,university\nx,y\n", 3, "2 fields, and the head line 3"),
    (b"code,name_en,kind\nx,y,university,z\n", 2, "4 fields"),
    (b'code,name_en,kind\nx,a"b,university\n', 2, "quote within a field"),
    (b'code,name_en,kind\nx,"a"b,university\n', 2, "after a closing quote"),
    (b'code,name_en,kind\na,b,university\nx,"a\nb,university\n', 3, "never closed"),
    (b"code,name_en,kind\nx,y\rz,university\n", 2, "CR without its LF"),
    (b"code,name_en,kind\nx,y\0,university\n", 2, "NUL"),
    (b"code,colour\nx,red\n", 1, 'field 2, "colour", is no column'),
    (b"code,code\nx,x\n", 1, "stands there twice"),
    (b"", 1, "no head line"),
], ids=["latin-1", "shift-jis", "short", "long", "quote-inside", "after-quote", "open-quote", "lone-cr", "nul", "unknown-column", "twice", "empty"])
def test_a_broken_csv_is_named_by_line_and_leaves_nothing(server, tmp_path, content, line, what):
    before = count(server)
    source = write(tmp_path, "organization.csv", content)
    done = server.cli("import", source, check=False)
    assert done.returncode == DATA and f"{source}:{line}: " in done.stderr and what in done.stderr, done.stderr
    assert count(server) == before


def test_a_byte_order_mark_crlf_and_a_missing_last_line_end_do_no_harm(own_server, tmp_path):
    server = own_server()
    source = write(tmp_path, "organization.csv",
                   '\ufeffcode,name_en,name_ja,kind,country\r\na,"x ""y"", z",大学,university,JP\r\nb,"two\nlines",,university,US'.encode())
    server.cli("import", source)
    assert server.sql("select code, name_en, name_ja from core.organization where code in ('a', 'b') order by 1") == [
        ("a", 'x "y", z', "大学"), ("b", "two\nlines", None)]
    write(tmp_path, "facility.jsonl", b"\xef\xbb\xbf" + json.dumps({"code": "f", "name_en": "F", "operator_id": str(
        server.sql("select id from core.organization where code = 'a'")[0][0])}).encode() + b"\r\n\r\n")
    done = server.cli("import", tmp_path / "facility.jsonl", check=False)
    assert done.returncode == 0, done.stderr


def test_a_file_that_differs_from_its_manifest_is_refused_unless_it_is_said(exported, own_server, tmp_path):
    shutil.copytree(exported, tmp_path / "copy")
    with open(tmp_path / "copy" / "demand.jsonl", "a") as file:
        file.write("\n")
    server = own_server()
    done = server.cli("import", tmp_path / "copy", check=False)
    assert done.returncode == DATA and "demand.jsonl: is not what the manifest says" in done.stderr
    server.cli("import", tmp_path / "copy", "--changed")


def test_words_and_files_that_make_no_sense_are_refused(server, tmp_path):
    assert server.cli("import", check=False).returncode == USAGE
    assert server.cli("import", "--what", check=False).returncode == USAGE
    assert server.cli("import", tmp_path / "none.csv", check=False).returncode == 66
    source = write(tmp_path, "nothing.csv", b"a\n")
    assert "no table of this name" in server.cli("import", source, check=False).stderr
    source = write(tmp_path, "token.jsonl", ["{}"])
    assert "no table of this name" in server.cli("import", source, check=False).stderr
    for word in ("import", "export", "backup", "restore"):
        for lang in ("en", "ja"):
            assert f"jinzai {word}" in server.cli(word, "--help", "--lang", lang).stdout


# Killed ---------------------------------------------------------------------------------------------------------------

def begin_import(server, lines=2000):
    """An import that has handed over and loaded rows, and is not committed."""
    wire = server.connect()
    stream = wire.call("bulk.import")["stream"]
    wire.call("bulk.write", {"stream": stream, "text": "".join(f"{i}\t{organization(f'half-{i}')}\n" for i in range(1, lines + 1))})
    assert wire.call("bulk.load", {"stream": stream, "file": "organization", "rejects": 10})["rows"] == lines
    return wire, stream


def sessions(server):
    return server.sql("select count(*) from pg_stat_activity where application_name = 'jinzaid bulk' and datname = current_database()")[0][0]


def test_a_command_that_is_killed_in_the_middle_leaves_nothing(own_server, tmp_path):
    server = own_server()
    before = server.census()
    wire, _ = begin_import(server)
    wire.close()
    wait_for(lambda: sessions(server) == 0, "the stream's end")
    assert server.census() == before
    source = write(tmp_path, "organization.jsonl", [organization(f"o{i}") for i in range(30000)])
    command = subprocess.Popen([BUILD / "jinzai", "import", source], env={**os.environ, "JINZAI_CONNECT": server.address},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: sessions(server) == 1 or command.poll() is not None, "the import")
    command.kill()
    command.wait()
    wait_for(lambda: sessions(server) == 0, "the stream's end")
    assert server.census() == before


def test_a_daemon_that_is_killed_in_the_middle_leaves_nothing(own_server):
    server = own_server()
    before = server.census()
    wire, _ = begin_import(server)
    server.stop(signal.SIGKILL)
    server.start()
    wait_for(lambda: sessions(server) == 0, "the end of the killed daemon's stream")
    assert server.census() == before
    wire.close()


def test_a_database_session_that_is_killed_in_the_middle_leaves_nothing(own_server):
    server = own_server()
    before = server.census()
    wire, stream = begin_import(server)
    server.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'jinzaid bulk' and datname = current_database()")
    with pytest.raises(RpcError) as caught:
        wire.call("bulk.commit", {"stream": stream})
    assert caught.value.name in ("unavailable", "not_found")
    wire.close()
    assert server.census() == before
    # And the daemon goes on.
    wire, stream = begin_import(server, 3)
    assert wire.call("bulk.commit", {"stream": stream})["committed"] is True
    wire.close()


# What a person sees ---------------------------------------------------------------------------------------------------

def test_a_bar_is_shown_on_a_terminal_and_nowhere_else(own_server, tmp_path):
    server = own_server()
    source = write(tmp_path, "organization.jsonl", [organization(f"o{i}") for i in range(3000)])
    leader, follower = pty.openpty()
    command = subprocess.Popen([BUILD / "jinzai", "import", source], stdout=subprocess.DEVNULL, stderr=follower,
                               env={**os.environ, "JINZAI_CONNECT": server.address})
    os.close(follower)
    seen = b""
    try:
        while piece := os.read(leader, 4096):
            seen += piece
    except OSError:
        pass
    assert command.wait(timeout=DEADLINE) == 0 and b"[###" in seen and b"100% organization" in seen
    os.close(leader)
