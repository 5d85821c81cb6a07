# SPDX-License-Identifier: Apache-2.0
"""The log: every change is in it once, in one order that puts no effect before its cause, and it shows what was tampered with."""

import hashlib
import itertools
import json
import random
import signal
import threading
import time
import uuid

import psycopg2
import pytest

from conftest import RpcError, wait_for

number = itertools.count(1)
ZEROS = bytes(32)
QUICK = "[daemon]\nfold_interval_ms = 50\n[pool]\nbackoff_ms = 20\nbackoff_max_ms = 200\n"


def named(prefix):
    """A code that no other test uses."""
    return f"{prefix}-{next(number)}"


def organization(server, code):
    return server.call("organization.create", code=code, name={"en": "Organization"}, kind="university", country="JP")


def sealed(server):
    """Waits until the background pass has sealed all that is committed."""
    wait_for(lambda: server.sql("select count(*) from derive.event_inbox") == [(0,)], "the sealing")


def log(server):
    """The log in its order: (position, inbox id, noun, record, action, fields)."""
    return server.sql("select position, inbox_id, noun, record_id::text, action, fields from derive.event_log order by position")


def check_order(server):
    """Positions without gaps, batches that follow one another, no event twice."""
    rows = log(server)
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert len({row[1] for row in rows}) == len(rows)
    last = 0
    for batch, (at, first, end) in enumerate(server.sql(
            "select batch, first_position, last_position from derive.event_batch order by batch"), start=1):
        assert (at, first) == (batch, last + 1)
        last = end
    assert last == len(rows)
    return rows


# What is in it -----------------------------------------------------------------------------------


def test_every_kind_of_write_is_in_the_log_once_with_who_did_it_and_no_values(server):
    host, home = named("org"), named("org")
    made = {"organization": organization(server, host)["id"]}
    organization(server, home)
    writes = [
        ("facility", "create", {"code": named("fac"), "operator": host, "name": {"en": "Facility"}}),
        ("skill", "create", {"code": named("FS-T"), "framework": "FS", "parent": "FS-MAG", "name": {"en": "Skill"}}),
        ("person", "create", {"career_stage": "mid", "name": "秘密 の名前"}),
        ("program", "create", {"code": named("prog"), "provider": host, "name": {"en": "Program"}, "mode": "in_person"}),
    ]
    for noun, verb, params in writes:
        made[noun] = server.call(f"{noun}.{verb}", params)["id"]
    person = made["person"]
    made["affiliation"] = server.call("affiliation.create", person=person, organization=home, starts="2020-04-01")["id"]
    made["holding"] = server.call("holding.create", person=person, skill="FS-MAG-01", level=3, starts="2020-04-01",
                                  evidence="assessment", note="secret-note")["id"]
    server.call("person.update", ref=person, name="別の 名前", career_stage="senior")
    server.call("organization.update", ref=host, note="secret-note")
    sealed(server)
    rows = check_order(server)
    reference = server.sql("select log_reference::text from core.person where id = %s", person)[0][0]
    assert reference != person
    for noun, record in made.items():
        key = reference if noun == "person" else record
        assert [row[4] for row in rows if row[2] == noun and row[3] == key][:1] == ["created"], noun
    assert [(row[4], row[5]) for row in rows if row[3] == reference] == [("created", []), ("updated", ["career_stage", "name"])]
    assert [(row[4], row[5]) for row in rows if row[3] == made["organization"]] == [("created", []), ("updated", ["note"])]
    whole = "\n".join(row[0] for row in server.sql("select e::text from derive.event_log e"))
    code = server.sql("select code from core.person where id = %s", person)[0][0]
    for secret in ("秘密", "別の", "secret-note", person, code):
        assert secret not in whole, secret
    assert server.sql("select count(*) from derive.event_log where principal_id is null and record_id = any (%s::uuid[])",
                      list(made.values())) == [(0,)]


def test_what_a_failed_write_would_have_said_is_not_in_the_log(server):
    before = server.sql("select count(*) from derive.event")
    server.refused("organization.create", code=named("org"), name={"en": "x"}, kind="university", country="japan")
    server.refused("affiliation.create", person="no-such", organization="no-such", starts="2020-04-01")
    assert server.sql("select count(*) from derive.event") == before


def test_the_log_is_listed_by_noun_record_principal_organization_action_and_day(server):
    code = named("org")
    made = organization(server, code)["id"]
    server.call("organization.update", ref=code, website="https://example.org")
    person = server.call("person.create", career_stage="mid")
    sealed(server)

    def listed(**filters):
        return [(item["noun"], item["action"]) for item in server.call("audit.list", filters)["items"]]

    both = [("organization", "created"), ("organization", "updated")]
    for filters in ({"record": made}, {"record": code}, {"organization": code}, {"record": code, "from": "2020-01-01"},
                    {"record": code, "noun": "organization", "principal": "unix:root", "to": "2199-12-31"}):
        assert listed(**filters) == both, filters
    assert listed(record=code, action="updated") == both[1:]
    for filters in ({"record": code, "noun": "skill"}, {"record": code, "to": "2020-01-01"}, {"record": code, "from": "2199-01-01"},
                    {"record": code, "principal": str(uuid.uuid4())}):
        assert listed(**filters) == [], filters
    for ref in (person["id"], person["code"]):
        (item,) = server.call("audit.list", record=ref)["items"]
        assert (item["noun"], item["code"]) == ("person", None) and item["record"] != person["id"]
    item = server.call("audit.list", record=code, lang="en")["items"][1]
    assert item["fields"] == ["website"] and item["organizations"][0]["code"] == code
    assert item["principal"]["name"] == "unix:root"
    error = server.refused("audit.list", principal="nobody-of-that-name")
    assert (error.name, error.data["parameter"]) == ("not_found", "principal")
    assert server.refused("audit.list", **{"from": "2026-02-01", "to": "2026-01-01"}).data["parameter"] == "to"
    assert server.refused("audit.list", cursor="LTE").data["parameter"] == "cursor"


def test_pages_of_the_log_hold_each_event_once(server):
    for _ in range(5):
        organization(server, named("org"))
    sealed(server)
    whole, cursor = [], None
    while True:
        page = server.call("audit.list", noun="organization", limit=2, cursor=cursor)
        whole += [item["position"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert whole == [row[0] for row in log(server) if row[2] == "organization"]


# Order -------------------------------------------------------------------------------------------


class Writer(threading.Thread):
    """Creates records of its own and updates them and a shared one; knows the receipts in the order in which they came."""

    def __init__(self, server, shared, seed, turns):
        super().__init__()
        self.server, self.shared, self.turns = server, shared, turns
        self.dice = random.Random(seed)
        self.receipts = []
        self.surprises = []

    def call(self, method, **params):
        params["idempotency_key"] = str(uuid.uuid4())
        end = time.monotonic() + 60
        while True:
            try:
                receipt = self.server.call(method, params)
                break
            except RpcError as error:
                if error.name != "unavailable":
                    raise
            except (OSError, AssertionError):
                pass  # the daemon is being killed; the key makes the retry safe
            assert time.monotonic() < end, "no receipt within a minute"
            time.sleep(0.01)
        self.receipts.append((receipt["id"], receipt["version"]))
        return receipt

    def run(self):
        try:
            for _ in range(self.turns):
                made = self.call("organization.create", code="w" + uuid.uuid4().hex[:12], name={"en": "x"}, kind="international")
                for turn in range(self.dice.randrange(3)):
                    self.call("organization.update", ref=made["id"], note=f"turn {turn}")
                self.call("organization.update", ref=self.shared, note=uuid.uuid4().hex)
        except Exception as surprise:  # pylint: disable=broad-except
            self.surprises.append(surprise)


def write_at_once(server, count, turns, meanwhile=None):
    """So many writers at once; all of their receipts."""
    shared = organization(server, named("shared"))["id"]
    writers = [Writer(server, shared, seed, turns) for seed in range(count)]
    for writer in writers:
        writer.start()
    if meanwhile:
        meanwhile(writers)
    for writer in writers:
        writer.join()
    assert [writer.surprises for writer in writers] == [[]] * count
    return writers, shared


def check_writers(server, writers, shared):
    """Each receipt has its one event; the events of a record and those of a writer stand in the order in which they happened."""
    sealed(server)
    position, versions = {}, {}
    for row in check_order(server):
        if row[2] != "organization":
            continue
        assert (row[4] == "created") == (row[3] not in versions), "an update before its creation"
        versions[row[3]] = versions.get(row[3], 0) + 1
        position[row[3], versions[row[3]]] = row[0]
    receipts = [receipt for writer in writers for receipt in writer.receipts]
    assert len(set(receipts)) == len(receipts)
    for record in {record for record, _ in receipts}:
        known = server.sql("select version from core.organization where id = %s", record)[0][0]
        assert versions[record] == known
    assert versions[shared] == 1 + sum(record == shared for record, _ in receipts)
    for writer in writers:
        # What a writer did later, it did knowing the answer to what it had done before.
        mine = [position[receipt] for receipt in writer.receipts]
        assert mine == sorted(mine)
    assert server.call("audit.verify")["intact"] is True


def test_of_24_writers_at_once_every_write_is_in_the_log_once_and_in_order_while_sealers_compete(own_server):
    server = own_server(config=QUICK)
    over = threading.Event()

    def seal_on():
        connection = server.cluster.connect(server.database)
        with connection.cursor() as cursor:
            while not over.is_set():
                cursor.execute("select derive.seal(%s)", (random.randrange(1, 8),))
        connection.close()

    sealers = [threading.Thread(target=seal_on) for _ in range(2)]
    for sealer in sealers:
        sealer.start()
    try:
        writers, shared = write_at_once(server, 24, 8)
    finally:
        over.set()
        for sealer in sealers:
            sealer.join()
    assert server.sql("select count(*) from derive.event_batch")[0][0] > 20
    check_writers(server, writers, shared)


def test_a_daemon_that_is_killed_while_it_seals_loses_and_repeats_nothing(own_server):
    server = own_server(config=QUICK)

    def kill_now_and_then(writers):
        for _ in range(3):
            before = sum(len(writer.receipts) for writer in writers)
            wait_for(lambda: sum(len(writer.receipts) for writer in writers) >= before + 40
                     or not any(writer.is_alive() for writer in writers), "the writers' progress")
            server.stop(signal.SIGKILL)
            server.start()

    writers, shared = write_at_once(server, 8, 12, kill_now_and_then)
    check_writers(server, writers, shared)


def insert(connection, code):
    with connection.cursor() as cursor:
        cursor.execute("insert into core.organization (code, name_en, kind) values (%s, 'x', 'international')", (code,))


def test_a_transaction_that_commits_late_comes_later_whole_and_nothing_waits_for_it(own_server):
    server = own_server(config=QUICK)
    late = server.cluster.connect(server.database)
    late.autocommit = False
    names = [named("late") for _ in range(3)]
    insert(late, names[0])
    early = [named("early") for _ in range(3)]
    organization(server, early[0])
    sealed(server)
    insert(late, names[1])
    organization(server, early[1])
    sealed(server)
    insert(late, names[2])
    late.commit()
    late.close()
    organization(server, early[2])  # its daemon seals soon, and with it what the other transaction left
    sealed(server)
    order = [code for code, in server.sql("select record_code from derive.event_log where record_code = any (%s) order by position",
                                          names + early)]
    assert order == early[:2] + names + early[2:]
    check_order(server)
    assert server.call("audit.verify")["intact"] is True


def test_events_of_two_transactions_that_interleave_stand_together_by_the_last_of_each(own_server):
    server = own_server(config=QUICK)
    server.stop()
    one, two = (server.cluster.connect(server.database) for _ in range(2))
    one.autocommit = two.autocommit = False
    names = {one: [named("one") for _ in range(3)], two: [named("two") for _ in range(3)]}
    for place in range(3):
        insert(one, names[one][place])
        insert(two, names[two][place])
    two.commit()
    one.commit()
    for limit in (1, 1):
        server.sql("select derive.seal(%s)", limit)
    order = [code for code, in server.sql("select record_code from derive.event_log where record_code = any (%s) order by position",
                                          names[one] + names[two])]
    while len(order) < 6:
        assert server.sql("select derive.seal(1)") != [(0,)]
        order = [code for code, in server.sql(
            "select record_code from derive.event_log where record_code = any (%s) order by position", names[one] + names[two])]
    assert order == names[one] + names[two]
    one.close()
    two.close()


def test_a_transaction_larger_than_a_pass_is_one_batch(own_server):
    server = own_server()
    server.stop()
    while server.sql("select derive.seal(1000)") != [(0,)]:
        pass
    server.sql("insert into core.organization (code, name_en, kind) select 'big-' || n, 'x', 'international' from generate_series(1, 500) n")
    organization_events = server.sql("select derive.seal(7)")
    assert organization_events == [(500,)]
    assert server.sql("select derive.seal(7)") == [(0,)]


def test_the_sealer_tells_the_last_position_and_writers_tell_nothing(own_server):
    server = own_server(config=QUICK)
    sealed(server)
    listener = server.cluster.connect(server.database)
    listener.cursor().execute("listen jinzai_event")
    organization(server, named("org"))

    def told():
        listener.poll()
        return listener.notifies
    wait_for(told, "the notification")
    sealed(server)
    listener.poll()
    assert int(listener.notifies[-1].payload) == server.call("audit.head")["position"]
    assert {notification.channel for notification in listener.notifies} == {"jinzai_event"}
    listener.close()


def test_a_pass_that_fails_is_said_and_tried_again_and_the_other_steps_go_on(own_server):
    server = own_server(config=QUICK)
    sealed(server)
    server.sql("revoke insert on derive.event_log from jinzai_derive")
    organization(server, named("org"))
    server.logged("events cannot be sealed and will be tried again sqlstate=42501")
    assert "supply changes cannot be folded" not in server.log.read_text()
    server.sql("grant insert on derive.event_log to jinzai_derive")
    server.logged("events are sealed again")
    sealed(server)
    assert server.call("audit.verify")["intact"] is True


# Its proof ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(cluster):
    """A log of several batches, without a sealer, to copy and to tamper with."""
    from conftest import Server
    server = Server(cluster)
    for turn in range(4):
        code = named("org")
        organization(server, code)
        server.call("organization.update", ref=code, note=f"turn {turn}", website="https://example.org")
        sealed(server)
    server.call("person.create", career_stage="mid", name="名前")
    sealed(server)
    yield server
    server.close()


@pytest.fixture
def tampered(kept):
    """Runs statements as a superuser with the guards off; what audit.verify then says. The log is put back afterwards."""
    connection = kept.cluster.connect(kept.database)
    with connection.cursor() as cursor:
        cursor.execute("create table public.kept_log as select * from derive.event_log")
        cursor.execute("create table public.kept_batch as select * from derive.event_batch")

    def tamper(statements, **params):
        with connection.cursor() as cursor:
            cursor.execute("alter table derive.event_log disable trigger append_only, disable trigger retired_only;"
                           "alter table derive.event_batch disable trigger append_only;" + statements)
        return kept.call("audit.verify", params)

    yield tamper
    tamper("delete from derive.event_log; delete from derive.event_batch;"
           "insert into derive.event_batch select * from public.kept_batch; insert into derive.event_log select * from public.kept_log;"
           "drop table public.kept_log, public.kept_batch;"
           "alter table derive.event_log enable always trigger append_only, enable always trigger retired_only;"
           "alter table derive.event_batch enable always trigger append_only;")
    connection.close()
    assert kept.call("audit.verify")["intact"] is True


B3 = "(select first_position from derive.event_batch where batch = 3)"
TAMPERINGS = {
    "a code": (f"update derive.event_log set record_code = 'other' where position = {B3}", 3),
    "a record": (f"update derive.event_log set record_id = gen_random_uuid() where position = {B3}", 3),
    "the time": (f"update derive.event_log set at = at + interval '1 microsecond' where position = {B3}", 3),
    "who": (f"update derive.event_log set principal_id = null where position = {B3}", 3),
    "the noun": (f"update derive.event_log set noun = 'skill' where position = {B3}", 3),
    "the action": (f"update derive.event_log set action = 'deleted' where position = {B3}", 3),
    "the fields": (f"update derive.event_log set fields = fields || '{{code}}' where position = {B3}", 3),
    "the organizations": (f"update derive.event_log set organization_ids = '{{}}' where position = {B3}", 3),
    "the inbox id": (f"update derive.event_log set inbox_id = inbox_id + 1000 where position = {B3}", 3),
    "the batch of an event": (f"update derive.event_log set batch = 2 where position = {B3}", 3),
    "an event removed": (f"delete from derive.event_log where position = {B3}", 3),
    "the last event removed": ("delete from derive.event_log where position = (select max(position) from derive.event_log)", -1),
    "an event added": ("insert into derive.event_log select (select max(position) + 1 from derive.event_log), batch, inbox_id + 1000000, "
                       "at, principal_id, noun, record_id, record_code, action, fields, organization_ids from derive.event_log "
                       "where position = 1", 0),
    "an event before the first": ("insert into derive.event_log select 0, batch, 0, at, principal_id, noun, record_id, record_code, "
                                  "action, fields, organization_ids from derive.event_log where position = 1", 1),
    "two events that changed places": (
        "update derive.event_log set position = -1 where position = 1; update derive.event_log set position = 1 where position = 2;"
        "update derive.event_log set position = 2 where position = -1", 1),
    "events and positions moved up": (
        f"delete from derive.event_log where position = {B3};"
        f"update derive.event_log e set position = e.position - 1 where e.position > {B3};", 3),
    "the seal's time": ("update derive.event_batch set sealed_at = sealed_at - interval '1 day' where batch = 3", 3),
    "a batch's hash": ("update derive.event_batch set hash = sha256('x') where batch = 3", 3),
    "the hash before": ("update derive.event_batch set previous_hash = sha256('x') where batch = 3", 3),
    "the events' hash": ("update derive.event_batch set events_hash = sha256('x') where batch = 3", 3),
    "a batch's end": ("update derive.event_batch set last_position = last_position + 1 where batch = 3", 3),
    "a batch removed": ("delete from derive.event_batch where batch = 3", 3),
    "a batch removed with its events": (
        "delete from derive.event_log where batch = 3; delete from derive.event_batch where batch = 3", 3),
    "the last batch removed": ("delete from derive.event_batch where batch = (select max(batch) from derive.event_batch)", -1),
    "batches with other numbers": ("update derive.event_batch set batch = batch + 100 where batch >= 3", 3),
    "a batch made anew": (
        f"update derive.event_log set record_code = 'other' where position = {B3};"
        "update derive.event_batch b set events_hash = (select sha256(string_agg(derive.event_hash(e), ''::bytea order by e.position))"
        " from derive.event_log e where e.batch = 3) where batch = 3;"
        "update derive.event_batch b set hash = derive.batch_hash(batch, first_position, last_position, sealed_at, previous_hash,"
        " events_hash) where batch = 3", 4),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_verify_names_the_first_batch_when_somebody_tampers_with(kept, tampered, what):
    statements, first_bad = TAMPERINGS[what]
    head = kept.call("audit.head")["batch"]
    assert head >= 5
    answer = tampered(statements)
    assert answer["intact"] is False
    assert answer["first_bad"]["batch"] == {0: head + 1, -1: head}.get(first_bad, first_bad), answer
    assert answer["first_bad"]["reason"] and answer["next_batch"] is None


REMAKE = """
do $$
declare
    v_batch derive.event_batch;
    v_hash bytea;
begin
    update derive.event_log set record_code = 'other'
    where position = (select first_position from derive.event_batch where batch = 3);
    for v_batch in select * from derive.event_batch order by batch loop
        update derive.event_batch b set previous_hash = coalesce(v_hash, b.previous_hash),
            events_hash = (select sha256(string_agg(derive.event_hash(e), ''::bytea order by e.position)) from derive.event_log e
                where e.position between b.first_position and b.last_position)
        where b.batch = v_batch.batch;
        update derive.event_batch b set hash = derive.batch_hash(b.batch, b.first_position, b.last_position, b.sealed_at,
            b.previous_hash, b.events_hash) where b.batch = v_batch.batch returning b.hash into v_hash;
    end loop;
end
$$"""


def test_a_log_made_anew_agrees_with_itself_but_not_with_a_head_that_was_kept(kept, tampered):
    head = kept.call("audit.head")
    given = {"head_batch": head["batch"], "head_hash": head["hash"]}
    assert kept.call("audit.verify", given)["continues"] is True
    assert tampered(REMAKE)["intact"] is True
    answer = kept.call("audit.verify", given)
    assert (answer["intact"], answer["continues"], answer["first_bad"]["batch"]) == (False, False, head["batch"])


def test_a_log_whose_end_was_cut_off_does_not_continue_a_head_that_was_kept(kept, tampered):
    head = kept.call("audit.head")
    answer = tampered(f"delete from derive.event_log where batch = {head['batch']};"
                      f"delete from derive.event_batch where batch = {head['batch']}",
                      head_batch=head["batch"], head_hash=head["hash"])
    assert (answer["intact"], answer["continues"], answer["first_bad"]["batch"]) == (False, False, head["batch"])
    assert "ends before" in answer["first_bad"]["reason"]


def test_a_log_that_grew_continues_an_earlier_head_and_an_empty_one(kept):
    hashes = dict(kept.sql("select batch, encode(hash, 'hex') from derive.event_batch"))
    for batch, digest in {**hashes, 0: ZEROS.hex()}.items():
        answer = kept.call("audit.verify", head_batch=batch, head_hash=digest.upper())
        assert (answer["intact"], answer["continues"]) == (True, True), batch


def test_verify_goes_in_ranges(kept):
    head = kept.call("audit.head")
    part = kept.call("audit.verify", events=1)
    assert (part["batches"], part["next_batch"], part["intact"]) == (1, 2, True)
    rest = kept.call("audit.verify", from_batch=2)
    assert part["events"] + rest["events"] == head["position"] and rest["next_batch"] is None
    middle = kept.call("audit.verify", from_batch=2, to_batch=3)
    assert (middle["batches"], middle["next_batch"], middle["head"]["batch"]) == (2, None, head["batch"])
    for params, parameter in (({"from_batch": head["batch"] + 1}, "from_batch"), ({"to_batch": head["batch"] + 1}, "to_batch"),
                              ({"from_batch": 3, "to_batch": 2}, "to_batch"), ({"head_batch": 1}, "head_hash"),
                              ({"head_hash": "0" * 64}, "head_batch"), ({"head_batch": 1, "head_hash": "g" * 64}, "head_hash")):
        error = kept.refused("audit.verify", params)
        assert (error.name, error.data["parameter"]) == ("invalid_params", parameter)


def test_the_head_is_one_line_and_its_json_has_each_part(kept):
    head = kept.call("audit.head")
    assert head["unsealed"] == 0
    line = kept.cli("audit", "head").stdout
    assert line.count("\n") == 1 and line.rstrip("\n") == head["line"]
    assert head["hash"] in line and f"batch {head['batch']}," in line and f"position {head['position']}," in line
    assert json.loads(kept.cli("audit", "head", "--json").stdout) == head


def net(value):
    """A field of what is hashed."""
    if value is None:
        return b"-"
    data = str(value).encode()
    return b"%d:%s," % (len(data), data)


def instant(value):
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def strings(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def test_the_hashes_follow_from_the_rows_by_what_is_documented(kept):
    kept.sql("""
        insert into derive.event_inbox (noun, record_id, record_code, action, fields)
        values ('odd', gen_random_uuid(), E'人材 "1:x,-\\\\', 'updated', array['a b', 'c"d', 'e,f', '材'])""")
    kept.sql("select derive.seal(10)")
    sealed(kept)
    events = kept.sql("""
        select position, batch, inbox_id, at at time zone 'UTC', principal_id::text, noun, record_id::text, record_code, action,
            fields, organization_ids::text[] from derive.event_log order by position""")
    previous = ZEROS
    for batch, first, last, sealed_at, before, digest, content in kept.sql("""
            select batch, first_position, last_position, sealed_at at time zone 'UTC', previous_hash, hash, events_hash
            from derive.event_batch order by batch"""):
        hashes = b""
        for event in events[first - 1:last]:
            fields = [*event[:3], instant(event[3]), *event[4:9], strings(event[9]), strings(event[10])]
            hashes += hashlib.sha256(b"".join(map(net, fields))).digest()
        assert hashlib.sha256(hashes).digest() == bytes(content)
        assert bytes(before) == previous
        fields = ["jinzai log 1", batch, first, last, instant(sealed_at), previous.hex(), bytes(content).hex()]
        previous = hashlib.sha256(b"".join(map(net, fields))).digest()
        assert previous == bytes(digest)
    assert previous.hex() == kept.call("audit.head")["hash"]


def test_the_hash_does_not_depend_on_the_settings_of_a_session(kept):
    hashes = set()
    for settings in ("set timezone = 'Asia/Tokyo'; set datestyle = 'SQL, DMY'", "set timezone = 'UTC'; set bytea_output = 'escape'"):
        hashes.update(kept.sql(settings + "; select encode(sha256(string_agg(derive.event_hash(e), ''::bytea order by position)), 'hex')"
                               " from derive.event_log e"))
    assert len(hashes) == 1


# Who can change it -------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["jinzai_daemon", "jinzai_api", "jinzai_derive", "jinzai_owner", "postgres"])
@pytest.mark.parametrize("table", ["event_log", "event_batch"])
@pytest.mark.parametrize("statement", ["update derive.{} set batch = batch", "delete from derive.{}", "truncate derive.{}",
                                       "update derive.{} set batch = 1 where false"])
def test_no_role_can_change_the_log(kept, role, table, statement):
    login = {"jinzai_daemon": "jinzai_daemon"}.get(role, "postgres")
    prepare = "" if role in (login, "postgres") else f"set role {role}; "
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        kept.sql(prepare + statement.format(table), user=login)


def test_the_guard_holds_for_a_session_that_replicates_too(kept):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        kept.sql("set session_replication_role = replica; delete from derive.event_log")


@pytest.mark.parametrize("role", ["jinzai_daemon", "jinzai_api"])
def test_only_the_sealer_can_add_to_the_log(kept, role):
    login = "jinzai_daemon" if role == "jinzai_daemon" else "postgres"
    prepare = "" if role == login else f"set role {role}; "
    for statement in ("insert into derive.event_log select * from derive.event_log", "drop trigger append_only on derive.event_log",
                      "insert into derive.event_batch select * from derive.event_batch",
                      "alter table derive.event_log disable trigger append_only", "delete from derive.event_inbox"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            kept.sql(prepare + statement, user=login)


def test_a_transaction_of_very_many_events_is_sealed_whole_and_in_time(own_server):
    server = own_server()
    server.sql("insert into derive.event_inbox (noun, record_id, action) select 'skill', gen_random_uuid(), 'updated' "
               "from generate_series(1, 50000)")
    server.call("organization.create", code="wakes", name={"en": "It"}, kind="university", country="JP")
    # Compared with one another they would take minutes; the limit is far from what they take.
    wait_for(lambda: server.sql("select count(*) from derive.event_inbox") == [(0,)], "the seal", 60)
    assert server.sql("select max(last_position - first_position) >= 49999 from derive.event_batch") == [(True,)]
    assert server.call("audit.verify")["intact"]
