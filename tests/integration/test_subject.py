# SPDX-License-Identifier: Apache-2.0
"""The rights of the people whom records are about: to see, correct, restrict and erase; and how long records are kept."""

import datetime
import json
import pathlib
import re
import subprocess
import uuid

import pytest

from conftest import POSTGRES_BIN, RpcError, as_user, wait_for
from test_supply import GROUPS, RECOUNT

# Each stands in another column, and in no other record of the test.
NAME = "消去太郎 Erased Taro"
CODE = "Pseudonym-to-go"
ORCID = "0000-0003-1415-9265"
WORDS = {name: f"word-{name}-{uuid.uuid4().hex[:12]}" for name in (
    "number", "certificate", "result", "waived", "holding", "reversed", "title", "note", "outcome", "approval", "reference",
    "publication", "consent", "basis", "correction", "restriction", "notice", "step")}
VALUES = [NAME, CODE, ORCID, *WORDS.values()]


@pytest.fixture(scope="module")
def world(server):
    call = server.call
    for code, country in (("jp", "JP"), ("us", "US"), ("other", "JP")):
        call("organization.create", code=code, name={"en": code}, kind="university", country=country)
    call("qualification.create", code="q", name={"en": "Licence"}, kind="licence", country="JP")
    call("program.create", code="PR", name={"en": "Course"}, provider="jp", teaches=[{"skill": "FS-MAG-02", "level": 3}],
         requires=[{"skill": "FS-MAG-03", "level": 2}])
    call("session.create", code="SE", program="PR", starts="2025-01-10", ends="2025-01-20")
    call("session.create", code="SE-open", program="PR", starts="2030-01-10", ends="2030-01-20")
    for stays in range(3):
        call("person.create", code=f"P-stays-{stays}", name=f"Stays {stays}", career_stage="mid", birth_cohort=1980)
        call("affiliation.create", person=f"P-stays-{stays}", organization="jp", starts="2019-01-01")
        call("holding.create", person=f"P-stays-{stays}", skill="FS-MAG-01", level=stays + 1, starts="2019-06-01", evidence="assessment")
    made = {}
    for name, role, organization, country in (("coordinator", "coordinator", "jp", None), ("other", "coordinator", "other", None),
                                              ("member", "member", "jp", None), ("secretariat", "secretariat", None, "JP"),
                                              ("abroad", "secretariat", None, "US"), ("auditor", "auditor", None, "JP")):
        made[name] = str(server.sql(
            "insert into core.principal (name, kind, role, organization_id, country) select %s, 'person', %s, "
            "(select id from core.organization where code = %s), %s returning id", name, role, organization, country)[0][0])
    return made


@pytest.fixture(scope="module")
def as_(server, world):
    wires = {}

    def sign_in(name):
        if name not in wires:
            wires[name] = server.connect()
            wires[name].call("access.sign_in", {"token": server.call("token.create", principal=world[name])["token"]})
        return lambda method, **params: wires[name].call(method, params)

    yield sign_in
    for wire in wires.values():
        wire.close()


def refused(call, method, **params):
    with pytest.raises(RpcError) as caught:
        call(method, **params)
    return caught.value


def plain(server, code, **more):
    """A person at jp with a skill."""
    server.call("person.create", **{"code": code, "name": f"Name of {code}", "career_stage": "mid", **more})
    server.call("affiliation.create", person=code, organization="jp", starts="2020-01-01")
    server.call("holding.create", person=code, skill="FS-MAG-01", level=3, starts="2020-01-01", evidence="assessment")
    return code


def full(server):
    """A person with something in every table and every free text, whose values are VALUES."""
    call = server.call
    call("person.create", code=CODE, name=NAME, career_stage="senior", birth_cohort=1970, researcher_id=ORCID,
         idempotency_key=str(uuid.uuid4()))
    call("affiliation.create", person=CODE, organization="jp", starts="2018-04-01", fte=0.8)
    call("affiliation.create", person=CODE, organization="other", starts="2018-04-01", ends="2022-03-31", fte=0.2)
    call("holding.create", person=CODE, skill="FS-MAG-01", level=4, starts="2019-01-01", evidence="assessment", note=WORDS["holding"])
    call("holding.create", person=CODE, skill="FS-DIA-01", level=5, starts="2019-01-01", evidence="self_declared")
    wrong = call("holding.create", person=CODE, skill="FS-MAG-04", level=2, starts="2019-01-01", evidence="badge")["id"]
    call("holding.reverse", ref=wrong, reason=WORDS["reversed"])
    call("certification.create", person=CODE, qualification="q", number=WORDS["number"], starts="2024-01-01")
    enrollment = call("enrollment.create", session="SE", person=CODE, applied_on="2025-01-05")["code"]
    call("enrollment.admit", ref=enrollment, prerequisites_waived=WORDS["waived"])
    call("enrollment.start", ref=enrollment)
    call("enrollment.complete", ref=enrollment, completed_on="2025-01-20", result=WORDS["result"], certificate_number=WORDS["certificate"])
    call("enrollment.create", session="SE-open", person=CODE)
    call("exchange.create", code="EX-full", kind="visit", person=CODE, counterpart="P-stays-1", home="jp", host="us", starts="2025-03-01", ends="2025-03-31",
         days_proposed=20, title={"en": WORDS["title"]}, note=WORDS["note"], objectives=[{"skill": "FS-MAG-01", "level": 5}])
    call("exchange.submit", ref="EX-full")
    for side in ("home", "host"):
        call("exchange.decide", ref="EX-full", approval=side, decision="granted", decided_on="2025-02-01", reference=WORDS["reference"],
             note=WORDS["approval"])
    call("exchange.approve", ref="EX-full", days_approved=15)
    call("exchange.activate", ref="EX-full")
    call("exchange.complete", ref="EX-full", started_on="2025-03-01", ended_on="2025-03-31", days_actual=12, returned=True, outcome=WORDS["outcome"],
         gains=[{"skill": "FS-MAG-01", "level": 5}], publications=[f"https://doi.org/10.1000/{WORDS['publication']}"])
    call("exchange.create", code="EX-counter", kind="visit", person="P-stays-2", counterpart=CODE, home="us", host="jp",
         starts="2027-01-01", ends="2027-01-31")
    call("exchange.create", code="EX-plan", kind="visit", person=CODE, home="jp", host="us", starts="2031-01-01", ends="2031-01-10")
    call("consent.give", person=CODE, purpose="exchange", recipient_country="US", notice_version="1", notice_lang="ja", note=WORDS["consent"])
    call("legal_basis.create", code="LB-full", kind="contract", law="appi", provision="APPI 28(1)", purpose="planning", person=CODE,
         recipient_country="US", starts="2020-01-01", document=WORDS["basis"])
    call("subject.correct", ref=CODE, reason=WORDS["correction"], birth_cohort=1975)
    # No method of this version files a notice, or gives a reason for a step: they are there all the same.
    server.sql("insert into core.exchange_notice (exchange_id, kind, filed_on, note) select id, 'report', '2025-04-10', %s "
               "from core.exchange where code = 'EX-full'", WORDS["notice"])
    server.sql("update core.exchange_step set reason = %s where exchange_id = (select id from core.exchange where code = 'EX-full')", WORDS["step"])
    call("subject.restrict", ref=CODE, reason=WORDS["restriction"])


# Seeing ------------------------------------------------------------------------------------------


def test_an_export_holds_what_every_table_has_on_the_person(server, as_):
    code = plain(server, "P-export", researcher_id="0000-0001-5109-3700")
    server.call("certification.create", person=code, qualification="q", number="N-1", starts="2024-01-01")
    export = as_("coordinator")("subject.export", ref=code)
    assert export["person"][0]["name"] == f"Name of {code}" and "record_key" not in export["person"][0]
    assert export["records"]["holding"][0]["skill"] == "FS-MAG-01" and export["records"]["affiliation"][0]["organization"] == "jp"
    assert export["records"]["person_qualification"][0]["number"] == "N-1"
    assert export["records"]["derived_timeline"][0]["level"] == 3 and "record_key" not in json.dumps(export)
    assert export["changes"][0]["action"] == "created" and export["changes"][0]["by"].startswith("unix:")
    assert export["accesses"][0]["method"] == "subject.export"
    # Every table that refers to people is in it, so that one that comes later is too.
    tables = {name for name, in server.sql("""
        select t.relname from pg_constraint c join pg_class t on t.oid = c.conrelid
        where c.contype = 'f' and c.confrelid = 'core.person'::regclass and c.conrelid <> c.confrelid""")}
    assert tables <= set(export["records"])


@pytest.mark.parametrize("lang, heading", [("ja", "# 保有している個人データ"), ("en", "# What is recorded about you")])
def test_an_export_can_be_read(server, as_, lang, heading):
    code = plain(server, f"P-read-{lang}")
    text = as_("coordinator")("subject.export", ref=code, format="markdown", lang=lang)["text"]
    assert text.startswith(heading) and f"- name: Name of {code}" in text and "- skill: FS-MAG-01" in text


def test_an_export_that_is_read_has_a_table_for_each_kind_of_record_and_no_uuids_in_it(server):
    plain(server, "P-tables")
    text = server.cli("subject", "export", "P-tables").stdout
    tables = text[text.index("\n\n"):]
    assert "\nholding: 1\n" in tables and "\naffiliation: 1\n" in tables and "FS-MAG-01" in tables
    assert "certification" not in tables and not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", tables)


def test_a_subject_can_be_told_who_read_the_record_when_and_for_what(server, as_):
    code = plain(server, "P-watched")
    as_("member")("person.get", ref=code, purpose="training")
    as_("secretariat")("person.list", purpose="planning", limit=1000)
    server.call("legal_basis.create", code="LB-watched", kind="law", law="appi", provision="APPI 28(1)", purpose="research",
                person=code, recipient_country="US", starts="2020-01-01")
    as_("abroad")("person.get", ref=code, purpose="research")
    for reader in ("coordinator", "auditor", "secretariat"):
        log = as_(reader)("subject.access_log", ref=code)["items"]
        assert {(row["kind"], row["by"], row["purpose"], row["method"], row["country"], row["legal_basis"]) for row in log} == {
            ("read", "member", "training", "person.get", "JP", None), ("read", "secretariat", "planning", "person.list", "JP", None),
            ("read", "abroad", "research", "person.get", "US", None),
            ("disclosure", "abroad", "research", "person.get", "US", "LB-watched")}
    assert refused(as_("other"), "subject.access_log", ref=code).name in ("not_found", "denied")


def test_only_who_keeps_the_record_serves_the_persons_rights(server, as_):
    code = plain(server, "P-kept")
    server.call("exchange.create", kind="visit", person=code, home="jp", host="other", starts="2028-01-01", ends="2028-01-10")
    for method, params in (("export", {}), ("access_log", {}), ("correct", {"reason": "x", "name": "y"}), ("restrict", {"reason": "x"}),
                           ("erase", {"confirm": code})):
        assert refused(as_("other"), f"subject.{method}", ref=code, **params).name == "denied", method
        assert refused(as_("member"), f"subject.{method}", ref=code, **params).name == "denied", method
    assert refused(as_("abroad"), "subject.export", ref=code).name == "consent_required"


# Correcting and restricting ----------------------------------------------------------------------


def test_a_correction_changes_the_fields_and_keeps_the_request(server, as_):
    code = plain(server, "P-wrong", birth_cohort=1980)
    call = as_("coordinator")
    version = call("person.get", ref=code)["version"]
    assert refused(call, "subject.correct", ref=code, reason="nothing").name == "invalid_params"
    assert refused(call, "subject.correct", ref=code, if_version=version + 5, reason="x", name="y").name == "stale_version"
    call("subject.correct", ref=code, if_version=version, reason="her letter", name="Right Name", birth_cohort=None, refused=["career_stage"])
    shown = call("person.get", ref=code)
    assert (shown["name"], shown["birth_cohort"], shown["career_stage"]) == ("Right Name", None, "mid")
    assert {(row["outcome"], tuple(row["fields"]), row["reason"]) for row in call("subject.export", ref=code)["records"]["correction"]} == {
        ("corrected", ("name", "birth_cohort"), "her letter"), ("refused", ("career_stage",), "her letter")}


def test_a_restricted_record_is_left_alone_but_counted(server, as_):
    code = plain(server, "P-disputed")
    figures = reading(server)
    as_("coordinator")("subject.restrict", ref=code, reason="accuracy disputed")
    assert refused(as_("coordinator"), "subject.restrict", ref=code, reason="again").name == "conflict"
    for name in ("member", "secretariat"):
        assert refused(as_(name), "person.get", ref=code).name == "denied"
        assert code not in {item["code"] for item in as_(name)("person.list", limit=1000)["items"]}
    assert as_("coordinator")("person.get", ref=code)["code"] == code
    assert code in {item["code"] for item in server.call("person.list", limit=1000)["items"]}
    error = refused(server.call, "holding.create", person=code, skill="FS-MAG-02", level=3, starts="2020-01-01", evidence="badge")
    assert error.name == "conflict"
    assert reading(server) == figures
    as_("coordinator")("subject.restrict", ref=code, reason="settled", lift=True)
    assert as_("member")("person.get", ref=code)["name"] == f"Name of {code}"
    assert refused(as_("coordinator"), "subject.restrict", ref=code, reason="x", lift=True).name == "invalid_transition"


# Erasing -----------------------------------------------------------------------------------------

THIS_MONTH = datetime.date.today().replace(day=1)
MONTHS = [datetime.date(year, month, 1) for year in range(2018, THIS_MONTH.year + 4) for month in (1, 4, 11)] + [THIS_MONTH]


def reading(server, until=datetime.date.max):
    """All figures of supply, up to a month."""
    return {(month, grouping, declared): sorted(server.sql("select * from derive.supply(%s, %s, %s)", month, grouping, declared))
            for month in MONTHS if month <= until for grouping in GROUPS for declared in (False, True)}


def recount_with_residue(server):
    """What derive.supply says equals a plain recount of the record with the residue added."""
    connection = server.cluster.connect(server.database)
    counted = 0
    with connection.cursor() as cursor:
        for month in MONTHS:
            for grouping, expression in GROUPS.items():
                for declared in (False, True):
                    cursor.execute(f"""
                        select key, subject, level, sum(heads), sum(fte), sum(keys) from (
                            select * from ({RECOUNT.format(group=expression)}) x (key, subject, level, heads, fte, keys)
                            union all
                            select {expression}, r.subject_id::text, r.level, r.heads, r.fte, r.keys
                            from derive.supply_residue r join core.organization o on o.id = r.organization_id
                            where r.month <= %(month)s and (r.evidence = 'verified' or %(declared)s and r.evidence = 'declared')) y
                        group by 1, 2, 3 having sum(heads) <> 0 or sum(fte) <> 0""", {"month": month, "declared": declared, "assured": False})
                    recount = {row[:3]: row[3:] for row in cursor.fetchall()}
                    cursor.execute("select group_key, subject_id::text, level, heads, fte, keys from derive.supply(%s, %s, %s)",
                                   (month, grouping, declared))
                    assert {row[:3]: row[3:] for row in cursor.fetchall()} == recount, (month, grouping, declared)
                    counted += len(recount)
    connection.close()
    return counted


def scrubbed(server):
    wait_for(lambda: server.sql("select count(*) from core.scrub_due") == [(0,)], "the clearing of dead rows")


def found_in_files(server, values):
    """Which of the values stand in the database's files, dead rows and all; the log of changes before them (WAL) aside."""
    server.sql("checkpoint")
    oid = server.sql("select oid from pg_database where datname = current_database()")[0][0]
    found = set()
    for path in pathlib.Path(server.cluster.data, "base", str(oid)).iterdir():
        content = path.read_bytes()
        found |= {(value, path.name) for value in values if value.encode() in content}
    return found


def dump(server):
    return subprocess.run(as_user(POSTGRES_BIN / "pg_dump", "-d", server.cluster.conninfo(server.database)), capture_output=True,
                          check=True).stdout.decode()


def test_after_an_erasure_nothing_of_the_person_is_found_anywhere_and_the_past_stands(server, world):
    full(server)
    person, log = server.sql("select id::text, log_reference::text from core.person where code = %s", CODE)[0]
    server.call("person.get", ref=CODE)
    server.sql("analyze")
    before = dump(server)
    assert [value for value in VALUES if value not in before] == [], "the test's own values are not all in the record"
    assert {value for value, _ in found_in_files(server, VALUES)} == set(VALUES)
    figures = reading(server, THIS_MONTH)
    fields = "days_actual, days_approved, home_id, host_id, status, actual"
    exchange = server.sql(f"select {fields} from core.exchange where code = 'EX-full'")

    receipt = server.call("subject.erase", ref=CODE, confirm=CODE)

    assert receipt["id"] == log and receipt["code"] is None
    assert refused(server.call, "person.get", ref=CODE).name == "not_found"
    # Every figure up to this month is what it was; a recount agrees, in the months to come as well.
    assert reading(server, THIS_MONTH) == figures
    assert recount_with_residue(server) > 500
    server.fold()
    assert reading(server, THIS_MONTH) == figures
    assert recount_with_residue(server) > 500
    # Exchanges and enrollments stay as figures, and what was still to come does not.
    assert server.sql(f"select {fields} from core.exchange where code = 'EX-full'") == exchange
    assert server.sql("select status, person_id from core.exchange where code = 'EX-plan'") == [("cancelled", None)]
    assert server.call("exchange.get", ref="EX-full")["person"] is None
    assert sorted(server.sql("select status from core.enrollment where erased")) == [("completed",), ("withdrawn",)]
    enrollment = server.sql("select code from core.enrollment where erased and status = 'completed'")[0][0]
    assert server.call("enrollment.get", ref=enrollment)["person"] is None
    assert len(server.call("enrollment.list", session="SE")["items"]) == 1
    # The log goes on, and proves itself.
    assert server.sql("select action from derive.event_inbox where record_id = %s union all "
                      "select action from derive.event_log where record_id = %s", log, log)[-1] == ("deleted",)
    verified = server.call("audit.verify")
    assert verified["intact"], verified

    scrubbed(server)
    after = dump(server)
    assert [value for value in [*VALUES, person] if value in after] == []
    assert log in after  # by which the log names nobody in particular
    assert found_in_files(server, VALUES) == set()
    assert server.sql("""select count(*) from pg_stats where array_to_string(most_common_vals::text::text[], ' ') || ' '
        || array_to_string(histogram_bounds::text::text[], ' ') like any (%s)""", [f"%{value}%" for value in VALUES]) == [(0,)]


def test_columns_with_personal_text_have_no_statistics(server):
    with_statistics = {f"{table}.{column}" for table, column in server.sql("""
        select c.oid::regclass::text, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'core'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
            and a.atttypid in ('text'::regtype, 'core.code'::regtype) and a.attstattarget <> 0
            and c.relname in ('person', 'person_qualification', 'holding', 'enrollment', 'exchange', 'exchange_approval', 'exchange_step',
                'exchange_notice', 'exchange_publication', 'exchange_assignment', 'consent', 'restriction', 'correction')""")}
    assert {name.split(".")[-1] for name in with_statistics} <= {
        "code", "status", "kind", "career_stage", "evidence", "confidence", "category", "funding", "decision", "field", "was", "became",
        "purpose", "recipient_country", "notice_version", "notice_lang", "means", "outcome"}
    assert not with_statistics & {"core.person.code", "core.person.name", "core.exchange.outcome"}


def test_an_erasure_has_to_be_meant(server, as_):
    code = plain(server, "P-careful")
    assert refused(as_("coordinator"), "subject.erase", ref=code, confirm="P-careless").name == "invalid_params"
    assert server.call("person.get", ref=code)["code"] == code


def test_a_retried_write_makes_nobody_anew_and_a_retried_erasure_answers_the_same(server):
    key, erase = str(uuid.uuid4()), str(uuid.uuid4())
    person = {"code": "P-retried", "name": "Retried", "career_stage": "mid", "idempotency_key": key}
    server.call("person.create", **person)
    first = server.call("subject.erase", ref="P-retried", confirm="P-retried", idempotency_key=erase)
    assert server.call("subject.erase", ref="P-retried", confirm="P-retried", idempotency_key=erase) == first
    assert refused(server.call, "person.create", **person).name == "conflict"
    assert server.sql("select count(*) from core.person where code = 'P-retried'") == [(0,)]


def test_who_was_recorded_twice_goes_with_both_records(server):
    one, two = plain(server, "P-twice-1"), plain(server, "P-twice-2")
    server.sql("update core.person set merged_into_id = (select id from core.person where code = %s) where code = %s", one, two)
    figures = reading(server, THIS_MONTH)
    server.call("subject.erase", ref=two, confirm=one)  # it went into the other, whose code is asked for
    assert server.sql("select count(*) from core.person where code like 'P-twice-%%'") == [(0,)]
    assert reading(server, THIS_MONTH) == figures and recount_with_residue(server) > 0


def test_a_workshop_keeps_the_number_of_its_participants(server):
    code = plain(server, "P-workshop")
    server.call("exchange.create", code="EX-workshop", kind="workshop", home="jp", host="us", starts="2027-05-01", ends="2027-05-05",
                participants=[{"person": code, "organization": "jp", "days": 3}, {"person": "P-stays-0", "organization": "jp", "days": 2}])
    server.call("subject.erase", ref=code, confirm=code)
    assert server.sql("select participants_erased, participant_days_erased, (select count(*) from core.exchange_participant p "
                      "where p.exchange_id = e.id) from core.exchange e where code = 'EX-workshop'") == [(1, 3, 1)]


def test_an_exchange_under_way_ends_with_the_erasure_and_counts_its_days_so_far(server):
    code = plain(server, "P-away")
    today = datetime.date.today()
    starts = today - datetime.timedelta(days=40)
    server.call("exchange.create", code="EX-away", kind="visit", person=code, home="jp", host="us", starts=str(starts),
                ends=str(today + datetime.timedelta(days=100)))
    server.call("exchange.submit", ref="EX-away")
    for side in ("home", "host"):
        server.call("exchange.decide", ref="EX-away", approval=side, decision="granted", decided_on=str(starts))
    server.call("exchange.approve", ref="EX-away")
    server.call("exchange.activate", ref="EX-away")
    figures = reading(server, THIS_MONTH)
    server.call("subject.erase", ref=code, confirm=code)
    assert server.sql("select status, lower(actual), upper(actual) from core.exchange where code = 'EX-away'") == [
        ("completed", starts, today + datetime.timedelta(days=1))]
    assert reading(server, THIS_MONTH) == figures and recount_with_residue(server) > 0


def test_what_a_table_too_large_to_rewrite_holds_is_left_to_vacuum(server):
    code = plain(server, "P-large")
    server.sql("update core.setting set value = '0' where name = 'scrub_rewrite_bytes'")
    try:
        server.call("subject.erase", ref=code, confirm=code)
        wait_for(lambda: "vacuum_index_cleanup=on" in str(server.sql("select reloptions from pg_class where oid = 'core.person'::regclass")),
                 "the call for autovacuum")
        for table, in server.sql("select table_name from core.scrub_due"):
            server.sql(f"vacuum {table}")
        wait_for(lambda: server.sql("select api.scrub()", user="jinzai_daemon")[0][0]["left"] == 0, "the end of it")
        assert server.sql("select reloptions from pg_class where oid = 'core.person'::regclass") == [(None,)]
    finally:
        server.sql("update core.setting set value = '67108864' where name = 'scrub_rewrite_bytes'")


# Retention ---------------------------------------------------------------------------------------


def test_a_sweep_says_first_what_it_would_do(server, as_):
    for code in ("P-long-gone", "P-returned", "P-restricted"):
        server.call("person.create", code=code, name=f"Name of {code}", career_stage="emeritus")
        server.call("affiliation.create", person=code, organization="jp", starts="2000-01-01", ends="2010-12-31")
    server.call("affiliation.create", person="P-returned", organization="other", starts="2020-01-01")
    server.call("subject.restrict", ref="P-restricted", reason="a claim")
    server.sql("alter table core.person disable trigger touch; update core.person set updated_at = '2011-01-01' where code in "
               "('P-long-gone', 'P-returned', 'P-restricted'); alter table core.person enable trigger touch")
    server.sql("insert into core.access_read (at, principal_id, method, form, people) select '2011-01-01', id, 'person.get', 'personal', '{}' "
               "from core.principal where name = 'member'")
    call = as_("secretariat")
    call("retention.set", noun="person", months=120)
    said = {row["noun"]: row for row in call("retention.sweep")["items"]}
    assert (said["person"]["codes"], said["person"]["done"]) == (["P-long-gone"], False)
    assert said["access_read"]["records"] == 1
    assert server.call("person.get", ref="P-long-gone")["code"] == "P-long-gone"
    done = {row["noun"]: row for row in call("retention.sweep", dry_run=False)["items"]}
    assert (done["person"]["records"], done["person"]["done"], done["access_read"]["records"]) == (1, True, 1)
    assert refused(server.call, "person.get", ref="P-long-gone").name == "not_found"
    assert server.sql("select cause from core.erasure order by at desc limit 1") == [("retention",)]
    again = {row["noun"]: row for row in call("retention.sweep")["items"]}
    assert again["person"]["records"] == again["access_read"]["records"] == 0


def test_what_the_law_wants_kept_is_not_kept_shorter(server, as_):
    error = refused(as_("secretariat"), "retention.set", noun="disclosure", months=12)
    assert (error.name, error.data["parameter"]) == ("invalid_params", "months")
    assert {row["noun"]: row["months"] for row in as_("member")("retention.list")["items"]}["disclosure"] == 36
