# SPDX-License-Identifier: Apache-2.0
"""Answers of gap.matrix that the daemon keeps: given again while nothing has changed, and never when something has."""

import json
import uuid
from random import Random

import psycopg2
import pytest

from conftest import wait_for

ASKED = {"of": "skill", "by": "country", "as_of": "2025-06", "lang": "en"}
FRESH = """select api.gap_matrix_answer(p_caller => (select id from core.principal where name = 'unix:root'), p_as_of => '2025-06-01',
    p_scenario => %s, p_of => %s, p_by => %s, p_level => %s, p_skill => %s, p_category => %s, p_pillar => %s,
    p_country => %s, p_organization => %s, p_evidence => %s, p_associations => null, p_release => %s, p_order => %s,
    p_top => %s, p_lang => 'en')"""
FRESH_PARAMETERS = ("scenario", "of", "by", "level", "skill", "category", "pillar", "country", "organization", "evidence", "release",
                    "order", "top")


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
    # After the first release of all the daemon cuts the present month's by itself, at any moment, and that changes figures.
    call("release.create")
    return server


def counted(server, what):
    return server.call("server.status")["kept"][what]


def reused(server):
    return counted(server, "reused")


def ask(server, **more):
    """The answer, and whether it was the one that was kept."""
    before = reused(server)
    answer = server.call("gap.matrix", {**ASKED, **more})
    return answer, reused(server) > before


def settled(server):
    """Asks until the answer is kept: nothing that the tests before changed is on its way any more."""
    wait_for(lambda: server.sql("select not exists (select from derive.supply_change)") == [(True,)], "the folding of what was written")
    wait_for(lambda: ask(server)[1], "an answer that is kept")


def fresh(server, **more):
    """What the database composes without knowing of any answer before."""
    return server.sql(FRESH, *[{**ASKED, **more}.get(name) for name in FRESH_PARAMETERS])[0][0]


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
            world.sql("update core.demand set fte = fte")
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


def comes(world, organization="kept-jp", skill="KF-0", level=3, evidence="training"):
    """Somebody new with a skill."""
    name = f"K-{uuid.uuid4()}"
    world.call("person.create", code=name, career_stage="early")
    world.call("affiliation.create", person=name, organization=organization, fte=0.5, starts="2020-01-01")
    world.call("holding.create", person=name, skill=skill, level=level, starts="2021-01-01", evidence=evidence)


def test_what_has_changed_is_mended_and_nothing_else_is_composed(world):
    """A change of what the answer is about is mended; of what it rests on altogether, it is composed anew."""
    changes = {**CHANGES, "somebody comes": comes, "organization moved": lambda s: s.call("organization.update", ref="kept-us", country="FR"),
               "skill renamed": lambda s: s.call("skill.update", ref="KF-0", name={"en": "Another"})}
    for change, how in (("demand.update", 1), ("somebody comes", 1), ("by SQL", 1), ("organization moved", 0), ("skill renamed", 0)):
        settled(world)
        before = counted(world, "mended")
        changes[change](world)
        assert ask(world) == (fresh(world), False), change
        assert counted(world, "mended") == before + how, change


def test_an_update_of_no_row_changes_nothing(world):
    settled(world)
    world.sql("update core.demand set fte = fte where false")
    world.sql("delete from core.demand where false")
    assert ask(world)[1]


def test_a_role_that_requires_nothing_counts_among_the_statements(world):
    settled(world)
    before = ask(world)[0]["demand"]["statements"]
    world.call("role.create", code="KR-EMPTY", name={"en": "Nothing"})
    settled(world)
    world.call("demand.create", organization="kept-us", role="KR-EMPTY", fte=1, year=2025, source="Plan")
    after, kept = ask(world)
    assert not kept and after == fresh(world) and after["demand"]["statements"] == before + 1


def test_which_are_the_largest_is_never_mended(world):
    settled(world)
    ask(world, top=2)
    comes(world)
    before = counted(world, "mended")
    assert ask(world, top=2) == (fresh(world, top=2), False) and counted(world, "mended") == before


def test_more_subjects_than_are_named_one_by_one_are_any(world):
    world.call("framework.create", code="KMANY", name={"en": "Many"})
    for number in range(66):
        world.call("skill.create", code=f"KMANY-{number}", framework="KMANY", kind="skill", name={"en": f"Many {number}"})
    settled(world)
    before = counted(world, "mended")
    world.sql("""insert into core.demand (organization_id, skill_id, level, fte_low, fte, fte_high, year, source)
        select o.id, s.id, 1, 1, 1, 1, 2025, 'Many'
        from core.organization o, core.skill s where o.code = 'kept-us' and s.code like 'KMANY-%'""")
    assert ask(world) == (fresh(world), False) and counted(world, "mended") == before
    assert world.sql("select count(*) from derive.figure_change c where c.about_id is null") != [(0,)]


QUESTIONS = (
    {}, {"by": "kind"}, {"by": "organization"}, {"by": "all"}, {"of": "category"}, {"of": "pillar", "by": "kind"},
    {"order": "code"}, {"level": 2}, {"skill": "KF-0"}, {"category": "KF-CAT", "country": "JP"}, {"organization": "kept-jp"},
    {"evidence": "all"}, {"scenario": "other"},
)


def demand(world, organization, skill, level, low, scenario="baseline"):
    """States it, or more than what is stated already."""
    world.sql("""insert into core.demand (organization_id, skill_id, level, fte_low, fte, fte_high, year, source, scenario)
        select o.id, s.id, %s, %s, %s, %s, 2025, 'Random', %s
        from core.organization o, core.skill s where o.code = %s and s.code = %s
        on conflict on constraint demand_once do update set fte_high = excluded.fte_high + 9""",
              level, low, low + 1, low + 2, scenario, organization, skill)


def changed_at_random(world, random):
    """One change of demand or of what somebody holds, as the record allows it."""
    skill, level = f"KF-{random.randrange(3)}", random.randint(1, 5)
    organization = random.choice(("kept-jp", "kept-us"))
    kind = random.randrange(4)
    if kind == 0:
        low, scenario = random.randint(0, 9), random.choice(("baseline", "other"))
        demand(world, organization, skill, level, low, scenario)
    elif kind == 1:
        some = world.sql("select id from core.demand order by id")
        world.sql("delete from core.demand where id = %s", random.choice(some)[0])
    elif kind == 2:
        comes(world, organization, skill, level, random.choice(("training", "self_declared")))
    else:
        world.fold()


def test_after_any_changes_what_is_mended_is_what_would_be_composed(world):
    random = Random(20261130)
    settled(world)
    before = counted(world, "mended")
    for _ in range(60):
        changed_at_random(world, random)
        for question in random.sample(QUESTIONS, 3):
            assert ask(world, **question)[0] == fresh(world, **question), question
    assert counted(world, "mended") > before + 60


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


def test_demand_that_was_under_way_while_its_role_changed_is_not_missed(world):
    """What the role requires by now is what has changed, and not what it required when the demand was stated."""
    for skill, category in (("KF-A", "KF-CAT"), ("KF-B", "KF-CAT")):
        world.call("skill.create", code=skill, framework="KF", kind="skill", name={"en": skill}, parent=category)
    world.call("role.create", code="KR-LATE", name={"en": "Late"}, requires=[{"skill": "KF-A", "level": 2}])
    settled(world)
    writer = psycopg2.connect(world.cluster.conninfo(world.database))
    try:
        with writer.cursor() as cursor:
            cursor.execute("""insert into core.demand (organization_id, role_id, fte_low, fte, fte_high, year, source)
                select o.id, r.id, 5, 5, 5, 2025, 'Late' from core.organization o, core.role r
                where o.code = 'kept-us' and r.code = 'KR-LATE'""")
            world.call("role.update", ref="KR-LATE", requires=[{"skill": "KF-A", "level": 2}, {"skill": "KF-B", "level": 2}])
            assert ask(world)[0] == fresh(world) and ask(world)[1]
            writer.commit()
    finally:
        writer.close()
    before = counted(world, "mended")
    assert ask(world) == (fresh(world), False) and counted(world, "mended") == before + 1


def test_when_the_changes_are_tidied_away_nothing_that_is_kept_holds(world):
    settled(world)
    world.sql("select derive.figure_change_tidy(0)")
    assert world.sql("select count(*) from derive.figure_change") == [(1,)]
    assert not ask(world)[1]
    assert ask(world)[1]


def test_changes_that_came_with_the_backup_of_another_server_do_not_stand_in_the_way(world):
    settled(world)
    other_server, holds = "9000000000000000", "select derive.figures_changed(derive.figures_stamp('x'), 'x', true) = '{}'"
    writer = psycopg2.connect(world.cluster.conninfo(world.database))
    try:
        # Before it is committed the daemon, which may tidy at any moment, does not see it.
        with writer.cursor() as cursor:
            cursor.execute(holds)
            assert cursor.fetchone() == (True,)
            cursor.execute("insert into derive.figure_change values (%s, false)", (other_server,))
            cursor.execute(holds)
            assert cursor.fetchone() == (None,)
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


def test_what_was_released_is_mended_by_groups_that_are_there_no_more(world):
    """A release may have a country that no organization is in by now; the places of all groups stay the same."""
    countries = world.sql("select code::text, country from core.organization where country is not null")
    world.call("release.create", month="2025-06")
    world.sql("""insert into derive.release_cell (release_id, grouping, group_key, subject_id, level, heads, fte)
        select r.id, 'country', 'JP', s.id, 1, 40, 20 from core.skill s, (select id from core.release order by id desc limit 1) r
        where s.code like 'KF-_'""")
    for code, _ in countries:
        world.call("organization.update", ref=code, country="ZA")
    with signed_in(world, "kept-mender") as wire:
        for skill in ("KF-0", "KF-1", "KF-2"):
            for order in ("code", "gap"):
                wire.call("gap.matrix", {**ASKED, "order": order})
            before = counted(world, "mended")
            demand(world, "kept-us", skill, 4, 7)
            mended = [wire.call("gap.matrix", {**ASKED, "order": order}) for order in ("code", "gap")]
            assert counted(world, "mended") == before + 2
            world.sql("insert into derive.figure_change (live) values (false)")
            assert mended == [wire.call("gap.matrix", {**ASKED, "order": order}) for order in ("code", "gap")]
            assert {"JP", "ZA"} <= {item["group"] for item in mended[0]["items"]}
    for code, country in countries:
        world.call("organization.update", ref=code, country=country)


def test_nobody_gets_what_another_may_see(world):
    """What is kept is kept for its caller; and even of the caller the database must know the same as when it was computed."""
    settled(world)
    live, _ = ask(world)
    with signed_in(world, "kept-other") as wire:
        before = reused(world)
        assert wire.call("gap.matrix", ASKED)["live"] == "none" != live["live"] and reused(world) == before
    for_whom = "caller|admin|-|- 2025-06-01 f"
    stamp, = world.sql("select derive.figures_stamp(%s)", for_whom)[0]
    assert world.sql("select derive.figures_changed(%s, %s, true)", stamp, for_whom) == [("{}",)]
    for other in (for_whom.replace("admin", "member"), for_whom.replace("06", "07"), for_whom.replace(" f", " t")):
        assert world.sql("select derive.figures_changed(%s, %s, true)", stamp, other) == [(None,)]


def test_a_server_that_comes_back_from_a_crash_is_asked_anew(own_server):
    # With two, the second might only just be on its way when the first is ended, and a lane that has one stays in reach.
    server = own_server(config="[pool]\nslow_backends = 1\n")
    assert ask(server) == (fresh(server), False) and ask(server)[1]
    since = len(server.log.read_text())
    server.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'jinzaid%%'")
    server.logged("database is out of reach lane=slow", since)
    wait_for(lambda: server.ready() and server.call("server.status")["kept"]["answers"] == 0, "an empty store")
    assert not ask(server)[1]


def test_with_no_room_nothing_is_kept(own_server):
    server = own_server(config="[limits]\nkept_bytes = 0\n")
    assert not ask(server)[1] and not ask(server)[1]
    assert server.call("server.status")["kept"] == {"answers": 0, "bytes": 0, "reused": 0, "mended": 0}
