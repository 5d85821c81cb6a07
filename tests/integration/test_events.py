# SPDX-License-Identifier: Apache-2.0
"""The log as a stream: one order for all subscribers, no gap and no repeat, and nobody sees what they may not."""

import itertools
import json
import os
import random
import signal
import subprocess
import threading
import time

import pytest

from conftest import BUILD, DEADLINE, RpcError, Wire, wait_for

number = itertools.count(1)
QUICK = "[daemon]\nfold_interval_ms = 50\n[pool]\nbackoff_ms = 20\nbackoff_max_ms = 200\n"


def named(prefix):
    """A code that no other test uses."""
    return f"{prefix}-{next(number)}"


def organization(server, code=None):
    code = code or named("org")
    server.call("organization.create", code=code, name={"en": "Organization"}, kind="university", country="JP")
    return code


def sealed(server):
    """Waits until the background pass has sealed all that is committed."""
    wait_for(lambda: server.sql("select count(*) from derive.event_inbox") == [(0,)], "the sealing")


def head(server):
    return server.sql("select coalesce(max(last_position), 0) from derive.event_batch")[0][0]


class Subscriber:
    """A connection with one subscription, and what it was sent. It checks at each page that nothing is missing or twice."""

    def __init__(self, server, token=None, **params):
        self.wire = server.connect()
        if token:
            self.wire.call("access.sign_in", {"token": token})
        self.answer = self.wire.call("event.subscribe", params)
        self.number = self.answer["subscription"]
        self.position = self.answer["position"]
        self.cursor = self.answer["cursor"]
        self.events = []
        self.ended = None

    def take(self, message):
        assert "id" not in message, message
        params = message["params"]
        assert params["subscription"] == self.number
        if message["method"] == "event.ended":
            self.ended = params["error"]
            assert params["cursor"] == self.cursor
            return
        assert message["method"] == "event.notify"
        assert params["after"] >= self.position and params["count"] == len(params["events"])
        for event in params["events"]:
            assert event["position"] > self.position
            self.position = event["position"]
            self.events.append(event)
        assert params["position"] >= self.position
        self.position, self.cursor = params["position"], params["cursor"]

    def until(self, condition, deadline=DEADLINE):
        end = time.monotonic() + deadline
        while not condition():
            self.wire.socket.settimeout(max(0.01, end - time.monotonic()))
            line = self.wire.line()
            assert line is not None, "the daemon closed the connection"
            self.take(json.loads(line))
        return self

    def until_position(self, position):
        return self.until(lambda: self.position >= position)

    def until_ended(self):
        return self.until(lambda: self.ended)

    def close(self):
        self.wire.close()


@pytest.fixture
def subscribe(server):
    made = []

    def make(on=server, **params):
        made.append(Subscriber(on, **params))
        return made[-1]

    yield make
    for subscriber in made:
        subscriber.close()


def principal(server, role, code=None):
    """A principal of that role; its UUID and a token."""
    made = server.call("principal.create", name=named(role), kind="person", role=role,
                       **({"organization": code} if code else {"country": "JP"}))["id"]
    return made, server.call("token.create", principal=made)["token"]


# Listing -----------------------------------------------------------------------------------------


def test_events_are_listed_by_page_in_their_order_and_by_noun_record_organization_and_position(server):
    codes = [organization(server) for _ in range(5)]
    server.call("organization.update", ref=codes[0], website="https://example.org")
    sealed(server)
    cursor, seen = None, []
    while True:
        page = server.call("event.list", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert [event["position"] for event in seen] == list(range(1, head(server) + 1))
    mine = [event for event in server.call("event.list", record=codes[0])["items"]]
    assert [(event["noun"], event["action"], event["fields"]) for event in mine] == [
        ("organization", "created", []), ("organization", "updated", ["website"])]
    assert server.call("event.list", organization=codes[0])["items"] == mine
    assert server.call("event.list", record=codes[0], since=mine[0]["cursor"])["items"] == mine[1:]
    assert server.call("event.list", record=codes[0], since=str(mine[0]["position"]))["items"] == mine[1:]
    assert server.call("event.list", record=codes[0], noun="facility")["items"] == []
    assert mine[0]["principal"]["name"].startswith("unix:")
    assert mine[0]["organizations"] == [{"id": mine[0]["record"], "code": codes[0]}]


@pytest.mark.parametrize("method", ["event.list", "event.subscribe"])
@pytest.mark.parametrize("params, name, parameter", [
    ({"noun": "unicorn"}, "invalid_params", "noun"),
    ({"noun": ""}, "invalid_params", "noun"),
    ({"organization": "no-such"}, "not_found", "organization"),
    ({"since": "999999999"}, "invalid_params", "since"),
    ({"since": "-1"}, "invalid_params", "since"),
    ({"since": "yesterday"}, "invalid_params", "since"),
    ({"since": "1:zz"}, "invalid_params", "since"),
    ({"since": "1:0123456789abcdef0"}, "diverged", "since"),
    ({"since": "999999999:0123456789abcdef"}, "diverged", "since"),
    ({"since": "9" * 19}, "invalid_params", "since"),
    ({"since": 5}, "invalid_params", "since"),
    ({"unknown": 1}, "invalid_params", "unknown"),
])
def test_what_makes_no_sense_is_refused_by_name(server, method, params, name, parameter):
    organization(server)
    sealed(server)
    error = server.refused(method, params)
    assert (error.name, error.data["parameter"]) == (name, parameter)
    assert error.data["expected"]


def test_a_cursor_that_no_page_ended_with_is_refused(server):
    for cursor in ("x", "MQ", "!!!"):
        error = server.refused("event.list", cursor=cursor)
        assert (error.name, error.data["parameter"]) == ("invalid_params", "cursor")


# Subscribing -------------------------------------------------------------------------------------


def test_a_subscriber_from_now_is_sent_what_comes_and_one_from_0_is_sent_all(server, subscribe):
    before = organization(server)
    sealed(server)
    new, all_of_it = subscribe(), subscribe(since="0")
    after = organization(server)
    sealed(server)
    end = head(server)
    assert [event["code"] for event in new.until_position(end).events] == [after]
    events = all_of_it.until_position(end).events
    assert [event["position"] for event in events] == list(range(1, end + 1))
    assert {before, after} <= {event["code"] for event in events}
    assert events[-1] == new.events[-1]


def test_an_event_arrives_soon_after_its_commit_without_polling(server, subscribe):
    one = subscribe()
    waits = []
    for _ in range(5):
        code, began = organization(server), time.monotonic()
        one.until(lambda: any(event["code"] == code for event in one.events))
        waits.append(time.monotonic() - began)
    assert sorted(waits)[2] < 2.0, waits


def test_an_idle_subscription_reads_nothing_and_asks_for_the_log_s_end_at_most_every_5_seconds(own_server):
    server = own_server(config=QUICK)
    Subscriber(server, since="0").until_position(head(server))
    time.sleep(1)

    def asked():
        """When each connection of the lanes that subscriptions use was asked something last."""
        return dict(server.sql("select pid, query_start from pg_stat_activity where datname = %s "
                               "and application_name in ('jinzaid stream', 'jinzaid fast')", server.database))

    before, heads = asked(), 0
    assert len(before) == 5
    for _ in range(65):
        time.sleep(0.1)
        after = asked()
        heads += sum(after[pid] != before[pid] for pid in after)
        before = after
    assert heads <= 2, heads


def test_filters_pass_only_what_was_asked_for_and_the_cursor_goes_on_over_the_rest(server, subscribe):
    own, other = organization(server), organization(server)
    sealed(server)
    nouns, organizations = subscribe(noun="facility"), subscribe(organization=own)
    server.call("facility.create", code=named("fa"), operator=other, name={"en": "Facility"})
    server.call("organization.update", ref=own, website="https://example.org")
    server.call("facility.create", code=named("fa"), operator=own, name={"en": "Facility"})
    sealed(server)
    end = head(server)
    assert [event["noun"] for event in nouns.until_position(end).events] == ["facility", "facility"]
    assert [event["noun"] for event in organizations.until_position(end).events] == ["organization", "facility"]


def test_a_subscription_is_ended_by_its_number_and_only_on_its_connection(server, subscribe):
    one, other = subscribe(), subscribe()
    with pytest.raises(RpcError) as caught:
        other.wire.call("event.unsubscribe", {"subscription": one.number})
    assert (caught.value.name, caught.value.data["parameter"]) == ("not_found", "subscription")
    answer = one.wire.call("event.unsubscribe", {"subscription": one.number})
    assert answer == {"subscription": one.number, "cursor": one.cursor}
    code = organization(server)
    other.until(lambda: any(event["code"] == code for event in other.events))
    assert one.wire.silent()


def test_a_connection_and_the_daemon_have_so_many_subscriptions_and_no_more(own_server):
    server = own_server(config=QUICK + "[limits]\nsubscriptions_connection = 2\nsubscriptions = 3\n")
    with server.connect() as wire, server.connect() as other:
        first = wire.call("event.subscribe")["subscription"]
        wire.call("event.subscribe")
        with pytest.raises(RpcError) as caught:
            wire.call("event.subscribe")
        assert caught.value.name == "limit_exceeded" and "2 subscriptions" in caught.value.message
        other.call("event.subscribe")
        with pytest.raises(RpcError) as caught:
            other.call("event.subscribe")
        assert caught.value.name == "limit_exceeded" and "3 subscriptions" in caught.value.message
        wire.call("event.unsubscribe", {"subscription": first})
        other.call("event.subscribe")


def test_subscribers_with_equal_filters_share_a_read(own_server):
    server = own_server(config=QUICK)
    subscribers = [Subscriber(server) for _ in range(40)]
    code = organization(server)
    for subscriber in subscribers:
        subscriber.until(lambda: any(event["code"] == code for event in subscriber.events))
    wait_for(lambda: server.call("server.status")["subscriptions"] == {"open": 40, "feeds": 1, "waiting": 0}, "the joining of feeds")
    code = organization(server)
    for subscriber in subscribers:
        subscriber.until(lambda: any(event["code"] == code for event in subscriber.events))
        subscriber.close()
    wait_for(lambda: server.call("server.status")["subscriptions"]["open"] == 0, "the end of the subscriptions")


# Who sees what -----------------------------------------------------------------------------------


def test_each_caller_is_sent_what_they_may_see_and_nothing_else(server, subscribe):
    ours, theirs = organization(server), organization(server)
    tokens = {role: principal(server, role, ours if role in ("coordinator", "member") else None)[1]
              for role in ("coordinator", "member", "analyst", "auditor", "secretariat")}
    foreign = principal(server, "coordinator", theirs)[1]
    sealed(server)
    subscribers = {role: subscribe(token=token) for role, token in tokens.items()}
    subscribers["foreign"] = subscribe(token=foreign)
    peeking = subscribe(token=foreign, organization=ours)
    with server.connect() as wire:  # whose organization keeps the record, and so sees it from the first event on
        wire.call("access.sign_in", {"token": tokens["coordinator"]})
        person = wire.call("person.create", {"career_stage": "mid", "name": "秘密"})
    server.call("affiliation.create", person=person["id"], organization=ours, starts="2020-04-01")
    server.call("holding.create", person=person["id"], skill="FS-MAG-01", level=3, starts="2020-04-01", evidence="assessment")
    server.call("organization.update", ref=ours, website="https://example.org")
    sealed(server)
    end = head(server)
    seen = {name: [event["noun"] for event in one.until_position(end).events] for name, one in subscribers.items()}
    all_of_it = ["person", "affiliation", "holding", "organization"]
    assert seen == {"coordinator": all_of_it, "member": all_of_it, "analyst": ["organization"], "auditor": all_of_it,
                    "secretariat": all_of_it, "foreign": ["organization"]}
    assert [event["noun"] for event in peeking.until_position(end).events] == ["organization"]
    for name, one in subscribers.items():
        told = json.dumps(one.events, ensure_ascii=False)
        assert "秘密" not in told and person["id"] not in told and person["code"] not in told, name
        assert all((event["principal"] is not None) == (name in ("auditor", "secretariat")) for event in one.events), name
    with server.connect() as wire:
        wire.call("access.sign_in", {"token": foreign})
        listed = wire.call("event.list", {"organization": ours})["items"]
        assert {event["noun"] for event in listed} == {"organization"}


def test_a_stranger_is_not_let_in(own_server):
    server = own_server(listen=["tcp:127.0.0.1:0"])
    for method in ("event.list", "event.subscribe", "server.status", "server.methods"):
        with server.connect(server.tcp()) as wire, pytest.raises(RpcError) as caught:
            wire.call(method)
        assert caught.value.name == "unauthenticated"


@pytest.mark.parametrize("how", ["revoke", "disable", "role", "sign out", "sign in as another"])
def test_a_subscription_ends_at_once_with_the_sign_in_it_was_made_by(server, subscribe, how):
    code = organization(server)
    who, token = principal(server, "coordinator", code)
    sealed(server)
    one, other = subscribe(token=token), subscribe()
    if how == "revoke":
        (made,) = server.call("token.list", principal=who)["items"]
        server.call("token.revoke", id=made["id"])
    elif how == "disable":
        server.call("principal.disable", ref=who)
    elif how == "role":
        server.call("principal.update", ref=who, role="member")
    elif how == "sign out":
        one.wire.send('{"jsonrpc":"2.0","method":"access.sign_out"}\n')
    else:
        another = principal(server, "member", code)[1]
        one.wire.send(json.dumps({"jsonrpc": "2.0", "method": "access.sign_in", "params": {"token": another}}) + "\n")
    one.until_ended()
    assert one.ended["data"]["name"] == "unauthenticated"
    change = organization(server)
    other.until(lambda: any(event["code"] == change for event in other.events))
    assert change not in [event["code"] for event in one.events] and one.wire.silent()


# One order, no gap, no repeat --------------------------------------------------------------------


def write_much(server, writers, writes, shared):
    """So many connections write at once, on records of their own and on shared ones; what was acknowledged, in the order of each."""
    done, errors = [[] for _ in range(writers)], []

    def write(place):
        try:
            with server.connect() as wire:
                own = f"w{next(number)}-{place}"
                wire.call("organization.create", {"code": own, "name": {"en": own}, "kind": "university", "country": "JP"})
                done[place].append((own, "created"))
                for step in range(writes):
                    ref = own if step % 2 else random.choice(shared)
                    wire.call("organization.update", {"ref": ref, "note": f"{place} {step}"})
                    done[place].append((ref, "updated"))
        except Exception as error:  # shown by the test, which waits for all of them
            errors.append(error)

    threads = [threading.Thread(target=write, args=(place,)) for place in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert not errors, errors[0]
    return done


def test_all_subscribers_see_one_order_without_gap_or_repeat_under_50_writers_on_same_and_different_records(own_server):
    server = own_server(config=QUICK + "[limits]\nrequests_per_second = 0\n")
    shared = [organization(server) for _ in range(3)]
    sealed(server)
    subscribers = [Subscriber(server) for _ in range(3)] + [Subscriber(server, noun="organization"), Subscriber(server, since="0")]
    begin = subscribers[0].position
    done = write_much(server, 50, 6, shared)
    sealed(server)
    late = Subscriber(server, since=subscribers[0].answer["cursor"])
    end = head(server)
    seen = [[event for event in one.until_position(end).events if event["position"] > begin] for one in subscribers + [late]]
    assert all(events == seen[0] for events in seen)
    assert [event["position"] for event in seen[0]] == list(range(begin + 1, end + 1))
    told = [(event["code"], event["action"]) for event in seen[0]]
    assert sorted(told) == sorted(itertools.chain(*done))
    # No effect before its cause: a record is made before it is changed, and what one writer did comes in the order it was done,
    # each having waited for the answer to the one before.
    for writes in done:
        place = -1
        for own in [write for write in writes if write[0] == writes[0][0]]:
            place = told.index(own, place + 1)
    assert [event for event in seen[0] if event["position"] > begin] == server.call("event.list", since=str(begin), limit=1000)["items"]


def test_an_effect_on_another_record_never_comes_before_its_cause(own_server):
    server = own_server(config=QUICK)
    one = Subscriber(server)
    stop, chains = threading.Event(), []

    def chain(place):
        with server.connect() as wire:
            for step in range(8):
                code, facility = f"c{place}-{step}", f"f{place}-{step}"
                wire.call("organization.create", {"code": code, "name": {"en": code}, "kind": "university", "country": "JP"})
                with server.connect() as other:  # another connection, which has read what the first has committed
                    other.call("facility.create", {"code": facility, "operator": code, "name": {"en": facility}})
                chains.append((code, facility))

    threads = [threading.Thread(target=chain, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    stop.set()
    sealed(server)
    places = {event["code"]: event["position"] for event in one.until_position(head(server)).events if event["action"] == "created"}
    assert len(chains) == 64
    assert all(places[cause] < places[effect] for cause, effect in chains)


@pytest.mark.parametrize("victim", ["daemon", "database", "both"])
def test_killing_it_loses_repeats_and_reorders_nothing_for_a_subscriber_that_resumes(cluster, own_server, victim):
    server = own_server(config=QUICK)
    stop, acknowledged = threading.Event(), []

    def write():
        while not stop.is_set():
            code = f"k-{victim}-{next(number)}"
            try:
                server.call("organization.create", code=code, name={"en": code}, kind="university", country="JP")
                acknowledged.append(code)
            except (OSError, RpcError, AssertionError):
                time.sleep(0.02)

    seen, cursor = [], "0"

    def follow(until):
        """Takes events until there are enough or the connection breaks; where it stopped."""
        nonlocal cursor
        try:
            one = Subscriber(server, since=cursor)
        except (OSError, RpcError, AssertionError):
            return
        try:
            one.until(lambda: until(one), deadline=20)
        except (OSError, AssertionError):
            pass
        one.close()
        assert one.ended is None or one.ended["data"]["name"] in ("unavailable", "limit_exceeded"), one.ended
        seen.extend(one.events)
        cursor = one.cursor

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        enough = len(acknowledged) + 20
        reader = threading.Thread(target=follow, args=(lambda one: stop.is_set(),))
        reader.start()
        wait_for(lambda: len(acknowledged) >= enough, "more writes")
        if victim in ("daemon", "both"):
            server.stop(signal.SIGKILL)
        if victim in ("database", "both"):
            cluster.kill()
            cluster.start()
        if victim in ("daemon", "both"):
            server.start()
            reader.join(DEADLINE)
        else:  # the connection to the daemon stands, and goes on when the database is there again
            enough = len(acknowledged) + 20
            wait_for(lambda: len(acknowledged) >= enough, "writes after the restart")
            break
    stop.set()
    for thread in threads:
        thread.join(DEADLINE)
    organization(server)  # what the reader of the last round, where it still reads, ends by
    sealed(server)
    end = head(server)
    reader.join(DEADLINE)
    follow(lambda one: one.position >= end)
    assert [event["position"] for event in seen] == list(range(1, end + 1))
    codes = [event["code"] for event in seen if event["action"] == "created"]
    assert len(codes) == len(set(codes)) and set(acknowledged) <= set(codes)
    assert seen == [event for event in all_events(server)]


def all_events(server):
    cursor = {}
    while cursor is not None:
        page = server.call("event.list", limit=1000, **cursor)
        yield from page["items"]
        cursor = {"cursor": page["next"]} if page["next"] else None


def test_after_a_restore_that_lost_batches_the_answer_is_diverged_and_never_a_repeat(cluster, own_server):
    server = own_server(config=QUICK)
    organization(server)
    sealed(server)
    old = Subscriber(server, since="0").until_position(head(server))
    backup = "jinzai_" + os.urandom(6).hex()
    server.stop()
    cluster.sql(f"create database {backup} owner jinzai_owner template {server.database}")
    server.start()
    for _ in range(3):
        organization(server)
    sealed(server)
    one = Subscriber(server, since=old.cursor).until_position(head(server))
    # The database is put back under the running daemon, and goes another way from there.
    cluster.sql(f"alter database {server.database} allow_connections false")
    cluster.sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", server.database)
    cluster.sql(f"alter database {server.database} rename to {backup}_lost")
    cluster.sql(f"alter database {backup} rename to {server.database}")
    one.until_ended()
    assert one.ended["data"]["name"] == "diverged" and "lost batches" in one.ended["message"]
    wait_for(server.ready, "the daemon's way to the restored database")
    for _ in range(5):
        organization(server)
    sealed(server)
    error = server.refused("event.subscribe", since=one.cursor)
    assert (error.name, error.code, error.data["parameter"]) == ("diverged", -32011, "since")
    assert Subscriber(server, since=old.cursor).until_position(head(server)).events  # what both have is no divergence
    cluster.drop_database(f"{backup}_lost")


# Slow subscribers --------------------------------------------------------------------------------


def test_a_slow_subscriber_is_cut_off_with_a_clear_error_and_resumes_where_it_was(own_server):
    server = own_server(config=QUICK + "[limits]\nsubscription_bytes = 4096\nsubscription_stall_ms = 300\nrequests_per_second = 0\n")
    sealed(server)  # both begin at the same place
    slow, quick = Subscriber(server), Subscriber(server)
    code, last = organization(server), named("last")
    reader = threading.Thread(target=quick.until, args=(lambda: any(event["code"] == last for event in quick.events),))
    reader.start()
    with server.connect() as wire:
        for step in range(1500):
            wire.send(json.dumps({"jsonrpc": "2.0", "method": "organization.update", "params": {"ref": code, "note": str(step)}}) + "\n")
            if step % 100 == 99:
                wire.call("level.list")
    updates = "select count(*) from derive.event where noun = 'organization' and action = 'updated'"
    wait_for(lambda: server.sql(updates) == [(1500,)], "the writes")
    organization(server, last)
    sealed(server)
    end = head(server)
    reader.join(DEADLINE)
    assert quick.position == end
    server.logged("a slow subscriber is cut off")
    assert server.call("server.status")["memory"]["heap_bytes"] < 64 << 20
    slow.until_ended()
    assert slow.ended["data"]["name"] == "limit_exceeded" and "subscribe again from the cursor" in slow.ended["message"]
    assert slow.position < end
    resumed = Subscriber(server, since=slow.cursor).until_position(end)
    assert slow.events + resumed.events == quick.events
    assert slow.wire.call("server.info")["name"] == "jinzaid"  # the connection itself goes on


def test_a_stop_of_the_daemon_is_said_to_subscribers(own_server):
    server = own_server(config=QUICK)
    one = Subscriber(server)
    server.stop()
    one.until_ended()
    assert one.ended["data"]["name"] == "unavailable"
    server.start()


# Retention ---------------------------------------------------------------------------------------


@pytest.fixture
def aged(own_server):
    """A log whose first batches are years old, made as the sealer makes it."""
    server = own_server(config=QUICK)
    for _ in range(3):
        organization(server)
        sealed(server)
    server.stop()
    server.sql("""
        alter table derive.event_batch disable trigger append_only;
        do $$
        declare
            v_batch derive.event_batch;
            v_hash bytea := decode(repeat('00', 32), 'hex');
        begin
            for v_batch in select * from derive.event_batch order by batch loop
                v_batch.sealed_at := case when v_batch.batch <= 2 then v_batch.sealed_at - interval '5 years' else v_batch.sealed_at end;
                v_batch.hash := derive.batch_hash(v_batch.batch, v_batch.first_position, v_batch.last_position, v_batch.sealed_at, v_hash,
                    v_batch.events_hash);
                update derive.event_batch b set sealed_at = v_batch.sealed_at, previous_hash = v_hash, hash = v_batch.hash
                where b.batch = v_batch.batch;
                v_hash := v_batch.hash;
            end loop;
        end
        $$;
        alter table derive.event_batch enable always trigger append_only;""")
    server.start()
    assert server.call("audit.verify")["intact"]
    return server


def swept(server, **params):
    return [item for item in server.call("retention.sweep", params)["items"] if item["noun"] == "event"]


def test_events_past_their_period_are_retired_and_the_chain_goes_on_proving_the_rest(aged):
    old = aged.sql("select last_position from derive.event_batch where batch = 2")[0][0]
    before = head(aged)
    assert swept(aged, dry_run=True) == []  # no period, no retirement
    aged.call("retention.set", noun="event", months=24)
    assert [(item["records"], item["done"]) for item in swept(aged)] == [(old, False)]
    assert aged.call("audit.verify")["retired"] == 0
    assert [(item["records"], item["done"]) for item in swept(aged, dry_run=False, limit=1)] == [
        (aged.sql("select last_position from derive.event_batch where batch = 1")[0][0], True)]
    swept(aged, dry_run=False)
    assert [item["records"] for item in swept(aged, dry_run=False)] == [0]
    assert aged.sql("select min(position) from derive.event_log") == [(old + 1,)]
    assert aged.sql("select count(*) from derive.event_batch where batch <= 2") == [(2,)]
    sealed(aged)
    proof = aged.call("audit.verify")
    assert (proof["intact"], proof["retired"], proof["events"]) == (True, old, head(aged) - old)
    assert aged.call("server.status")["database"]["retired_position"] == old
    marks = aged.call("event.list", noun="event_log")["items"]
    assert [event["action"] for event in marks] == ["deleted", "deleted"] and all(event["position"] > before for event in marks)
    # Who asks for what is gone is told the oldest there is; who was there goes on.
    error = aged.refused("event.subscribe", since="0")
    assert (error.name, error.data["parameter"]) == ("not_found", "since")
    assert str(old) in error.message and f"the oldest event is {old + 1}" in error.data["expected"]
    assert aged.refused("event.list", since=str(old - 1)).name == "not_found"
    assert [event["position"] for event in all_events(aged)] == list(range(old + 1, head(aged) + 1))
    assert Subscriber(aged, since=str(old)).until_position(head(aged)).events[0]["position"] == old + 1


def test_nobody_can_take_younger_events_out_of_the_log(aged):
    aged.call("retention.set", noun="event", months=24)
    for role in ("jinzai_daemon", "jinzai_api", "jinzai_derive", "jinzai_owner", "postgres"):
        prepare = "" if role in ("jinzai_daemon", "postgres") else f"set role {role}; "
        login = "jinzai_daemon" if role == "jinzai_daemon" else "postgres"
        for statement in ("delete from derive.event_log", "delete from derive.event_log where position = 1",
                          "delete from derive.event_retired", "update derive.event_retired set months = 12",
                          "insert into derive.event_retired select 1, 1, last_position, batch, 24, now() - interval '24 months', now(), "
                          "decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex') from derive.event_batch where batch = 3"):
            with pytest.raises(Exception) as caught:
                aged.sql(prepare + statement, user=login)
            assert caught.value.pgcode == "42501", (role, statement)
    assert aged.refused("retention.set", noun="event", months=11).name == "invalid_params"
    with pytest.raises(Exception) as caught:
        aged.sql("select derive.event_retire(false, 10)", user="jinzai_daemon")
    assert caught.value.pgcode == "42501"


@pytest.mark.parametrize("tamper, reason", [
    ("delete from derive.event_log where position = (select first_position from derive.event_batch where batch = 3)", "missing"),
    ("update derive.event_retired set last_position = last_position + 1", "does not agree with its hash"),
    ("delete from derive.event_log where noun = 'event_log'", "the log does not know of the mark"),
    ("update derive.event_batch set sealed_at = sealed_at + interval '1 day' where batch = 1", "does not agree with its hash"),
])
def test_what_was_taken_beyond_the_rule_shows(aged, tamper, reason):
    aged.call("retention.set", noun="event", months=24)
    swept(aged, dry_run=False)
    sealed(aged)
    assert aged.call("audit.verify")["intact"]
    aged.sql("set session_replication_role = replica; alter table derive.event_log disable trigger user; "
             "alter table derive.event_batch disable trigger user; alter table derive.event_retired disable trigger user; " + tamper)
    proof = aged.call("audit.verify")
    assert proof["intact"] is False and reason in proof["first_bad"]["reason"], proof


# jinzai watch ------------------------------------------------------------------------------------


class Watch:
    def __init__(self, server, *words):
        self.process = subprocess.Popen([BUILD / "jinzai", "watch", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env={**os.environ, "JINZAI_CONNECT": server.address, "LANG": "C.UTF-8"})
        self.lines = []
        self.thread = threading.Thread(target=lambda: [self.lines.append(line.rstrip("\n")) for line in self.process.stdout], daemon=True)
        self.thread.start()

    def until(self, condition):
        wait_for(lambda: condition(self.lines) or self.process.poll() is not None, "what jinzai watch should print")
        assert condition(self.lines), (self.lines[-3:], self.process.stderr.read())

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(DEADLINE)
        self.thread.join(DEADLINE)
        return code


def test_watch_prints_a_line_of_json_for_each_event_and_resumes_over_kills_without_gap_or_repeat(cluster, own_server):
    server = own_server(config=QUICK)
    watch = Watch(server, "--json", "--since", "0")
    for kill in ("nothing", "daemon", "database"):
        code = organization(server)
        watch.until(lambda lines: any(code in line for line in lines))
        if kill == "daemon":
            server.stop(signal.SIGKILL)
            server.start()
        elif kill == "database":
            cluster.kill()
            cluster.start()
            wait_for(server.ready, "the daemon's reconnection")
    last = organization(server)
    watch.until(lambda lines: any(last in line for line in lines))
    assert watch.interrupt() == 0
    events = [json.loads(line) for line in watch.lines]
    assert [event["position"] for event in events] == list(range(1, head(server) + 1))
    again = Watch(server, "--json", "--since", events[1]["cursor"], "--noun", "organization")
    again.until(lambda lines: any(last in line for line in lines))
    assert again.interrupt() == 0
    assert [json.loads(line) for line in again.lines] == [event for event in events[2:] if event["noun"] == "organization"]


def test_watch_prints_a_table_for_eyes(server):
    watch = Watch(server)
    watch.until(lambda lines: len(lines) == 1 and "Position" in lines[0] and "Fields" in lines[0])
    code = organization(server)
    server.call("organization.update", ref=code, website="https://example.org")
    watch.until(lambda lines: any(code in line and "updated" in line and "website" in line for line in lines))
    assert watch.interrupt() == 0


@pytest.mark.parametrize("words, code, said", [
    (["--since", "tomorrow"], 2, "no position"),
    (["--since", "99999999"], 2, "the log ends"),
    (["--noun", "unicorn"], 2, "unicorn"),
    (["--unknown"], 64, "--unknown"),
    (["--since"], 64, "missing"),
    (["--csv"], 64, "--json"),
])
def test_watch_says_what_is_wrong(server, words, code, said):
    done = server.cli("watch", *words, check=False)
    assert done.returncode == code and said in done.stderr, done.stderr
