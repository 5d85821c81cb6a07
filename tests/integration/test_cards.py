# SPDX-License-Identifier: Apache-2.0
"""Cards of people, made ready for person.get: never another answer than the record itself gives, and for nobody else."""

import random
import threading

import psycopg2
import psycopg2.errors
import pytest

from conftest import RpcError, wait_for

PEOPLE = 12
WRITERS = 3
CHANGES = 60  # by each writer

# Cards that are not what is composed from the record, as a superuser sees it.
WRONG = """select c.person_id from derive.person_card c join core.person p on p.id = c.person_id
    where (c.code, c.answer) is distinct from (p.code::text, (select t.answer from api.person_text(c.person_id, current_date, null) t))"""


@pytest.fixture(scope="module")
def world(server):
    call = server.call
    for number, country in enumerate(("JP", "US")):
        call("organization.create", code=f"org-{number}", name={"en": f"Organization {number}", "ja": f"組織{number}"}, kind="university",
             country=country)
    call("framework.create", code="CF", name={"en": "Framework"})
    for number in range(6):
        call("skill.create", code=f"CF-{number}", framework="CF", kind="skill", name={"en": f"Skill \"{number}\"", "ja": f"技能{number}"})
    call("qualification.create", code="CQ", name={"en": "Licence"}, kind="licence", country="JP")
    for number in range(PEOPLE):
        call("person.create", code=f"C-{number}", name=f"Name {number}", career_stage="mid")
        call("affiliation.create", person=f"C-{number}", organization=f"org-{number % 2}", fte=0.8, starts="2020-01-01")
        call("holding.create", person=f"C-{number}", skill=f"CF-{number % 6}", level=3, starts="2021-01-01", evidence="training")
    made(server)
    return server


def made(server):
    """Waits until everybody has a card."""
    def ready():
        server.sql("notify jinzai_change")
        return server.sql("select 1 where not exists (select from derive.person_card_due) and not exists (select from core.person p "
                          "where p.merged_into_id is null and not exists (select from derive.person_card c where c.person_id = p.id))")
    wait_for(ready, "a card for everybody")


def has_card(server, code):
    return server.sql("select count(*) from derive.person_card where code = %s", code) == [(1,)]


def test_a_card_is_what_the_record_gives_byte_for_byte(world):
    assert world.sql("select count(*) >= %s from derive.person_card", PEOPLE) == [(True,)]
    assert world.sql(WRONG) == []
    with world.connect() as wire:
        asked = '{"jsonrpc":"2.0","id":1,"method":"person.get","params":{"ref":"C-1"}}'
        wire.send(asked.encode())
        by_card = wire.line()
        world.sql("delete from derive.person_card where code = 'C-1'")
        wire.send(asked.encode())
        assert wire.line() == by_card
    world.sql("insert into derive.person_card_due select id from core.person where code = 'C-1'")
    made(world)


@pytest.mark.parametrize("change", [
    lambda call, tag: call("person.update", ref="C-2", name=f"Other {tag}"),
    lambda call, tag: call("person.update", ref="C-2", verified=True),
    lambda call, tag: call("affiliation.create", person="C-2", organization="org-1", fte=0.1, starts="2022-01-01", ends="2022-02-01"),
    lambda call, tag: call("holding.create", person="C-2", skill="CF-5", level=1, starts="2022-01-01", evidence="badge"),
    lambda call, tag: call("certification.create", person="C-2", qualification="CQ", number=tag, starts="2024-01-01"),
    lambda call, tag: call("skill.update", ref="CF-2", name={"en": tag}),
    lambda call, tag: call("organization.update", ref="org-0", name={"en": tag}),
    lambda call, tag: call("qualification.update", ref="CQ", name={"en": tag}),
    lambda call, tag: call("person.create", code="C-double", career_stage="mid") and call("person.merge", ref="C-2", duplicate="C-double", reason="one and the same"),
], ids=["name", "verified", "affiliation", "holding", "certification", "skill", "organization", "qualification", "merge"])
def test_what_was_changed_is_read_at_once_and_the_card_that_follows_has_it(world, change):
    made(world)
    assert has_card(world, "C-2")
    before = world.call("person.get", ref="C-2")
    change(world.call, f"tag-{random.random()}")
    assert not has_card(world, "C-2") or world.sql(WRONG) == []
    after = world.call("person.get", ref="C-2")
    assert after != before
    made(world)
    assert world.call("person.get", ref="C-2") == after
    assert world.sql(WRONG) == []


def test_a_uuid_a_code_and_another_day_or_language_find_the_same_person(world):
    made(world)
    by_code = world.call("person.get", ref="C-3")
    assert world.call("person.get", ref=by_code["id"]) == by_code
    assert world.call("person.get", ref="C-3", as_of="2020-06-01")["skills"] == []
    assert world.call("person.get", ref="C-3", lang="ja")["skills"][0]["skill"]["name"] == "技能3"
    with pytest.raises(RpcError, match="no such person"):
        world.call("person.get", ref="C-none")


def test_a_card_ends_on_the_day_on_which_a_level_does(world):
    world.sql("""insert into core.holding (person_id, skill_id, level, valid, evidence)
        select p.id, s.id, 5, daterange(current_date - 10, current_date + 1), 'badge' from core.person p, core.skill s
        where p.code = 'C-4' and s.code = 'CF-5'""")
    made(world)
    assert world.sql("select ends_on - current_date from derive.person_card where code = 'C-4'") == [(1,)]
    # As if it had been made two days ago.
    world.sql("update derive.person_card set made_on = current_date - 2, ends_on = current_date, answer = 'old' where code = 'C-4'")
    assert len(world.call("person.get", ref="C-4")["skills"]) == 2
    wait_for(lambda: world.sql("notify jinzai_change") or world.sql("select made_on = current_date from derive.person_card where code = 'C-4'")
             == [(True,)], "a card of today")
    assert world.sql(WRONG) == []


def test_nobody_is_shown_a_card_whose_record_they_do_not_see(world):
    made(world)
    world.sql("insert into core.principal (name, kind, role, organization_id) select 'card ' || code, 'person', 'coordinator', id "
              "from core.organization where code in ('org-0', 'org-1')")
    seen = {}
    for code in ("org-0", "org-1"):
        caller, = world.sql("select id from core.principal where name = %s", f"card {code}")[0]
        connection = world.cluster.connect(world.database)
        connection.autocommit = False
        cursor = connection.cursor()
        cursor.execute("set local role jinzai_api")
        cursor.execute("select count(*) from derive.person_card")
        assert cursor.fetchone() == (0,)
        cursor.execute("select core.enter(%s)", (caller,))
        cursor.execute("select code from derive.person_card")
        seen[code] = {row[0] for row in cursor.fetchall()}
        connection.close()
    assert "C-0" in seen["org-0"] - seen["org-1"] and "C-1" in seen["org-1"] - seen["org-0"]


def test_an_erased_person_leaves_no_card(world):
    world.call("person.create", code="C-gone", name="Somebody", career_stage="mid")
    made(world)
    assert has_card(world, "C-gone")
    world.call("subject.erase", ref="C-gone", confirm="C-gone")
    assert not has_card(world, "C-gone")
    made(world)
    assert world.sql("select count(*) from derive.person_card where answer like '%%Somebody%%'") == [(0,)]
    with pytest.raises(RpcError, match="no such person"):
        world.call("person.get", ref="C-gone")


def write(server, seed, problems):
    dice = random.Random(seed)
    connection = server.cluster.connect(server.database)
    connection.autocommit = False
    cursor = connection.cursor()
    changes = [
        "insert into core.holding (person_id, skill_id, level, valid, evidence) select p.id, s.id, {n} %% 5 + 1, '[2022-01-01,2022-02-01)',"
        " 'badge' from core.person p, core.skill s where p.code = '{p}' and s.code = 'CF-{s}'",
        "delete from core.holding where id = (select h.id from core.holding h join core.person p on p.id = h.person_id where p.code = '{p}'"
        " order by random() limit 1)",
        "update core.person set name = '{n}' where code = '{p}'",
        "update core.skill set name_en = '{n}' where code = 'CF-{s}'",
        "update core.organization set name_ja = '{n}' where code = 'org-{o}'",
        "update core.holding set person_id = (select id from core.person where code = '{q}') where id = (select h.id from core.holding h"
        " join core.person p on p.id = h.person_id where p.code = '{p}' order by random() limit 1)",
    ]
    for number in range(CHANGES):
        names = {"n": dice.randrange(1000), "s": dice.randrange(6), "o": dice.randrange(2), "p": f"C-{dice.randrange(PEOPLE)}",
                 "q": f"C-{dice.randrange(PEOPLE)}"}
        try:
            cursor.execute(dice.choice(changes).format(**names).replace("%%", "%"))
            connection.commit()
        except (psycopg2.errors.DeadlockDetected, psycopg2.errors.SerializationFailure):
            connection.rollback()
            continue
        except psycopg2.Error as fault:
            problems.append(fault)
            connection.rollback()
        if number % 5 == 0:
            cursor.execute(WRONG)
            problems.extend(cursor.fetchall())
            connection.commit()
    connection.close()


def test_no_card_is_ever_older_than_the_record_however_many_write_and_make(world):
    problems, ended = [], threading.Event()

    def make():
        connection = world.cluster.connect(world.database)
        with connection.cursor() as cursor:
            while not ended.is_set():
                try:
                    cursor.execute("select derive.person_card_make(3)")
                except psycopg2.errors.DeadlockDetected:
                    pass
        connection.close()

    makers = [threading.Thread(target=make) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(world, seed, problems)) for seed in range(WRITERS)]
    for thread in makers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    ended.set()
    for thread in makers:
        thread.join()
    assert problems == []
    made(world)
    assert world.sql(WRONG) == []


def test_a_disclosure_in_a_shared_transaction_is_on_disk_before_any_answer_of_it(world):
    """What else was read in it says that it need not wait; that holds neither before nor after a disclosure."""
    caller, = world.sql("insert into core.principal (name, kind, role, country) values ('card abroad', 'person', 'secretariat', 'US') returning id")[0]
    world.call("legal_basis.create", code="LB-card", kind="agreement", law="appi", provision="APPI 28(1)", from_country="JP",
               recipient_country="US", purpose="exchange", starts="2020-01-01")
    connection = world.cluster.connect(world.database)
    connection.autocommit = False
    cursor = connection.cursor()
    read = "select api.person_get(%s, %s, null, 'exchange', null, null)::json ->> 'name'"
    for order in (("C-1", "C-0", "C-3"), ("C-0", "C-1", "C-3")):  # of even numbers the home is in Japan
        waits = []
        for code in order:
            cursor.execute(read, (caller, code))
            assert cursor.fetchone()[0] is not None
            cursor.execute("select current_setting('synchronous_commit')")
            waits.append(cursor.fetchone()[0])
        assert waits == ["off" if at < order.index("C-0") else "on" for at in range(3)]
        connection.rollback()
        cursor.execute("select current_setting('synchronous_commit')")
        assert cursor.fetchone() == ("on",)
        connection.rollback()
    connection.close()
