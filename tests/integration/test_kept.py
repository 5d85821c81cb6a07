# SPDX-License-Identifier: Apache-2.0
"""Answers of gap.matrix that the daemon keeps: given again while nothing has changed, and never when something has."""

import json

import psycopg2
import pytest

from conftest import wait_for

ASKED = {"of": "skill", "by": "country", "as_of": "2025-06", "lang": "en"}
FRESH = """select api.gap_matrix_answer(p_caller => (select id from core.principal where name = 'unix:root'), p_as_of => '2025-06-01',
    p_scenario => null, p_of => 'skill', p_by => 'country', p_level => null, p_skill => null, p_category => null, p_pillar => null,
    p_country => null, p_organization => null, p_evidence => null, p_associations => null, p_release => null, p_order => null,
    p_top => null, p_lang => 'en')"""


@pytest.fixture(scope="module")
def world(server):
    call = server.call
    for code, country in (("kept-jp", "JP"), ("kept-us", "US")):
        call("organization.create", code=code, name={"en": code}, kind="company", country=country)
    call("framework.create", code="KF", name={"en": "Framework"})
    call("skill.create", code="KF-CAT", framework="KF", kind="category", name={"en": "Category"}, pillars=["science"])
    for number in range(3):
        call("skill.create", code=f"KF-{number}", framework="KF", kind="skill", name={"en": f"Skill {number}"}, parent="KF-CAT")
    call("role.create", code="KR", name={"en": "Role"}, requires=[{"skill": "KF-1", "level": 2}])
    call("demand.create", organization="kept-jp", skill="KF-0", level=3, fte=10, year=2025, source="Plan")
    call("demand.create", organization="kept-us", role="KR", fte=4, year=2025, source="Plan")
    for number in range(3):
        call("person.create", code=f"K-{number}", career_stage="mid")
        call("affiliation.create", person=f"K-{number}", organization="kept-jp", fte=0.5, starts="2020-01-01")
        call("holding.create", person=f"K-{number}", skill="KF-0", level=number + 1, starts="2021-01-01", evidence="training")
    return server


def reused(server):
    return server.call("server.status")["kept"]["reused"]


def ask(server, **more):
    """The answer, and whether it was the one that was kept."""
    before = reused(server)
    answer = server.call("gap.matrix", {**ASKED, **more})
    return answer, reused(server) > before


def settled(server):
    """Asks until the answer is kept: nothing that the tests before changed is on its way any more."""
    wait_for(lambda: server.sql("select not exists (select from derive.supply_change)") == [(True,)], "the folding of what was written")
    wait_for(lambda: ask(server)[1], "an answer that is kept")


def fresh(server):
    return json.loads(server.sql(FRESH)[0][0])


def test_the_same_question_gets_the_answer_that_is_kept_and_another_does_not(world):
    settled(world)
    answer, kept = ask(world)
    assert kept and answer == fresh(world)
    other, kept = ask(world, lang="ja")
    assert not kept and other != answer
    assert ask(world, lang="ja") == (other, True)


def test_answers_that_are_replaced_are_given_back(world):
    settled(world)
    with world.connect() as wire:
        def heap():
            return wire.call("server.status")["memory"]["heap_bytes"]

        before, times, size = heap(), 100, 0
        for _ in range(times):
            world.sql("update core.demand set fte = fte where false")
            size += len(json.dumps(wire.call("gap.matrix", ASKED)))
        assert size > 100 * 1000 and heap() - before < size / 4


def test_two_in_one_batch_both_get_it_whole(world):
    settled(world)
    with world.connect() as wire:
        answers = wire.ask([{"jsonrpc": "2.0", "id": number, "method": "gap.matrix", "params": ASKED} for number in (1, 2)])
    assert [answer["result"] for answer in answers] == [fresh(world)] * 2


def imported(server, row):
    path = server.directory / "organization.jsonl"
    path.write_text(json.dumps(row) + "\n")
    server.cli("import", path)


CHANGES = {
    "demand.create": lambda s: s.call("demand.create", organization="kept-us", skill="KF-1", level=1, fte=2, year=2025, source="Plan"),
    "demand.update": lambda s: s.call("demand.update", ref=s.call("demand.list", organization="kept-jp")["items"][0]["id"], fte=11, fte_high=11),
    "organization renamed": lambda s: s.call("organization.update", ref="kept-us", name={"en": "Other"}),
    "organization moved": lambda s: s.call("organization.update", ref="kept-us", country="GB"),
    "skill renamed": lambda s: s.call("skill.update", ref="KF-0", name={"en": "Other"}),
    "skill created": lambda s: s.call("skill.create", code="KF-NEW", framework="KF", kind="skill", name={"en": "New"}, parent="KF-CAT"),
    "role": lambda s: s.call("role.update", ref="KR", requires=[{"skill": "KF-1", "level": 4}]),
    "holding": lambda s: s.call("holding.create", person="K-0", skill="KF-1", level=5, starts="2022-01-01", evidence="badge"),
    "affiliation": lambda s: s.call("affiliation.create", person="K-1", organization="kept-us", fte=0.3, starts="2021-01-01"),
    "merge": lambda s: s.call("person.merge", ref="K-0", duplicate="K-2", reason="one and the same"),
    "by SQL": lambda s: s.sql("update core.demand set fte = fte + 1, fte_high = fte_high + 1 where scenario = 'baseline'"),
    "an import": lambda s: imported(s, {"code": "kept-imported", "name_en": "Imported", "kind": "company", "country": "JP"}),
    "erasure": lambda s: s.call("subject.erase", ref="K-1", confirm="K-1"),
}


# They change the record, but no cell of this matrix.
NO_FIGURE = ("skill created", "organization renamed", "an import", "erasure")


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_in_the_next_answer(world, change):
    settled(world)
    before, _ = ask(world)
    CHANGES[change](world)
    after, kept = ask(world)
    assert not kept and after == fresh(world)
    assert change in NO_FIGURE or after != before


def test_folding_and_what_has_nothing_to_do_with_it_let_it_stand(world):
    settled(world)
    world.call("facility.create", code="kept-hall", name={"en": "Hall"}, operator="kept-jp")
    world.fold()
    assert ask(world)[1]


def test_a_transaction_that_was_under_way_is_not_missed(world):
    """It is seen by nobody while the answer is computed, and ends afterwards: a time or the largest number would not tell."""
    settled(world)
    writer = psycopg2.connect(world.cluster.conninfo(world.database))
    try:
        with writer.cursor() as cursor:
            cursor.execute("update core.demand set fte = fte + 1, fte_high = fte_high + 1 where scenario = 'baseline'")
            world.call("demand.create", organization="kept-us", skill="KF-2", level=1, fte=2, year=2025, source="Later", scenario="late")
            during, _ = ask(world)
            assert during == fresh(world) and ask(world)[1]
            writer.commit()
    finally:
        writer.close()
    after, kept = ask(world)
    assert not kept and after == fresh(world) and after != during


def test_when_the_changes_are_tidied_away_nothing_that_is_kept_holds(world):
    settled(world)
    world.sql("select derive.figure_change_tidy(0)")
    assert world.sql("select count(*) from derive.figure_change") == [(1,)]
    assert not ask(world)[1]
    assert ask(world)[1]


def test_changes_that_came_with_the_backup_of_another_server_do_not_stand_in_the_way(world):
    settled(world)
    other_server, holds = "9000000000000000", "select derive.figures_hold(derive.figures_stamp('x'), 'x', true)"
    writer = psycopg2.connect(world.cluster.conninfo(world.database))
    try:
        # Before it is committed the daemon, which may tidy at any moment, does not see it.
        with writer.cursor() as cursor:
            cursor.execute(holds)
            assert cursor.fetchone() == (True,)
            cursor.execute("insert into derive.figure_change values (%s, false)", (other_server,))
            cursor.execute(holds)
            assert cursor.fetchone() == (False,)
        writer.commit()
    finally:
        writer.close()
    world.sql("notify jinzai_change")
    wait_for(lambda: world.sql("select count(*) from derive.figure_change where number = %s::xid8", other_server) == [(0,)], "tidying")
    settled(world)


def signed_in(world, name):
    who = world.call("principal.create", name=name, kind="program", role="analyst")["id"]
    wire = world.connect()
    wire.call("access.sign_in", {"token": world.call("token.create", principal=who)["token"]})
    return wire


def test_who_sees_releases_is_not_disturbed_by_who_writes_about_people(world):
    world.call("release.create", month="2025-06")
    with signed_in(world, "kept-analyst") as wire:
        released = wire.call("gap.matrix", ASKED)
        world.call("holding.create", person="K-0", skill="KF-2", level=5, starts="2022-01-01", evidence="badge")
        before = reused(world)
        assert wire.call("gap.matrix", ASKED) == released and reused(world) == before + 1
        world.call("demand.create", organization="kept-us", skill="KF-2", level=4, fte=2, year=2025, source="More")
        assert wire.call("gap.matrix", ASKED) != released and reused(world) == before + 1


def test_nobody_gets_what_another_may_see(world):
    """What is kept is kept for its caller; and even of the caller the database must know the same as when it was computed."""
    settled(world)
    live, _ = ask(world)
    with signed_in(world, "kept-other") as wire:
        before = reused(world)
        assert wire.call("gap.matrix", ASKED)["live"] == "none" != live["live"] and reused(world) == before
    for_whom = "caller|admin|-|- 2025-06-01 f"
    stamp, = world.sql("select derive.figures_stamp(%s)", for_whom)[0]
    assert world.sql("select derive.figures_hold(%s, %s, true)", stamp, for_whom) == [(True,)]
    for other in (for_whom.replace("admin", "member"), for_whom.replace("06", "07"), for_whom.replace(" f", " t")):
        assert world.sql("select derive.figures_hold(%s, %s, true)", stamp, other) == [(False,)]


def test_a_server_that_comes_back_from_a_crash_is_asked_anew(own_server):
    server = own_server()
    assert ask(server) == (fresh(server), False) and ask(server)[1]
    since = len(server.log.read_text())
    server.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'jinzaid%%'")
    server.logged("database is out of reach lane=slow", since)
    wait_for(lambda: server.ready() and server.call("server.status")["kept"]["answers"] == 0, "an empty store")
    assert not ask(server)[1]


def test_with_no_room_nothing_is_kept(own_server):
    server = own_server(config="[limits]\nkept_bytes = 0\n")
    assert not ask(server)[1] and not ask(server)[1]
    assert server.call("server.status")["kept"] == {"answers": 0, "bytes": 0, "reused": 0}
