# SPDX-License-Identifier: Apache-2.0
"""Supply, kept as appended changes, against a plain recount of the record."""

import datetime
import random
import threading

import psycopg2
import psycopg2.errors

from conftest import wait_for

PEOPLE = 40
SKILLS = 12
ORGANIZATIONS = 6
WRITERS = 6
CHANGES = 500  # by each writer

# The recount knows nothing of timelines, movements or folds: for one month it looks at the record person by person.
RECOUNT = """
with recursive tree (skill_id, node_id) as (
    select id, id from core.skill where kind = 'skill'
    union select t.skill_id, s.parent_id from tree t join core.skill s on s.id = t.node_id where s.parent_id is not null
), subject as (
    select t.skill_id, n.id as subject_id from tree t join core.skill n on n.id = t.node_id
    where n.id = t.skill_id or n.kind = 'category'
    union select s.id, p.id from core.skill s join core.pillar p on p.code = any (s.pillars) where s.kind = 'skill'
), held as (
    select h.person_id, s.subject_id, max(h.level) as level
    from core.holding h join subject s on s.skill_id = h.skill_id
    where h.valid @> %(month)s::date and h.reversed_on is null and (%(declared)s or h.evidence <> 'self_declared')
    group by 1, 2
), post as (
    select a.*, row_number() over (partition by a.person_id order by a.fte desc, lower(a.valid), a.id) = 1 as home
    from core.affiliation a where a.valid @> %(month)s::date
), away as (
    select e.person_id, e.home_id, e.host_id, trunc(e.fte * least(1, p.fte / (
        select sum(f.fte) from core.exchange f where f.person_id = e.person_id and f.home_id = e.home_id
            and f.held @> %(month)s::date and f.status in ('approved', 'active', 'completed'))), 3) as fte
    from core.exchange e join post p on p.person_id = e.person_id and p.organization_id = e.home_id
    where e.held @> %(month)s::date and e.status in ('approved', 'active', 'completed')
), place as (
    select person_id, organization_id, home::integer as heads, fte from post
    union all select person_id, home_id, 0, -fte from away
    union all select person_id, host_id, 0, fte from away
)
select {group}, h.subject_id::text, h.level, sum(p.heads), sum(p.fte), sum(p.heads * x.record_key)
from held h join place p using (person_id)
join core.person x on x.id = h.person_id and (x.verified or not %(assured)s)
join core.organization o on o.id = p.organization_id
group by 1, 2, 3 having sum(p.heads) <> 0 or sum(p.fte) <> 0
"""
GROUPS = {"country": "coalesce(o.country, 'international')", "kind": "o.kind", "organization": "o.id::text"}
MONTHS = [datetime.date(1998, 6, 1)] + [datetime.date(year, month, 1) for year in range(2019, 2032, 2) for month in (1, 2, 9)]


def compare(server):
    """Every month, every grouping, with and without self-declared holdings, and of verified people: reading and recount agree."""
    connection = server.cluster.connect(server.database)
    counted = 0
    with connection.cursor() as cursor:
        for month in MONTHS:
            for grouping, expression in GROUPS.items():
                for classes in (["verified"], ["verified", "declared"], ["assured"]):
                    cursor.execute(RECOUNT.format(group=expression), {"month": month, "declared": "declared" in classes,
                                                                      "assured": "assured" in classes})
                    recount = {row[:3]: row[3:] for row in cursor.fetchall()}
                    cursor.execute("select group_key, subject_id::text, level, heads, fte, keys"
                                   " from derive.supply_classes(%s, %s, %s, null)", (month, grouping, classes))
                    reading = {row[:3]: row[3:] for row in cursor.fetchall()}
                    assert reading == recount, (month, grouping, classes)
                    counted += len(recount)
    connection.close()
    return counted


def prepare(server):
    server.sql("""
        insert into core.framework (code, name_en) values ('T', 'Test');
        insert into core.skill (code, framework_id, kind, name_en) select 'TC' || n, f.id, 'category', 'c'
            from core.framework f, generate_series(1, 3) n where f.code = 'T';
        insert into core.organization (code, name_en, kind, country) select 'o' || n, 'o',
            (array['university', 'company'])[1 + n %% 2], (array['JP', 'US'])[1 + n / 2 %% 2] from generate_series(1, %s) n;
        insert into core.person (code, career_stage, birth_cohort)
            select 'p' || n, 'mid', case when n %% 5 > 0 then 1950 + n %% 10 * 5 end from generate_series(1, %s) n
    """, ORGANIZATIONS, PEOPLE)
    server.sql("""
        insert into core.skill (code, framework_id, parent_id, name_en, pillars)
        select 'T' || n, c.framework_id, c.id, 's',
            case n %% 3 when 0 then '{science}' when 1 then '{science,workforce}' else '{}' end::text[]
        from generate_series(1, %s) n join core.skill c on c.code = 'TC' || 1 + n %% 3
    """, SKILLS)


def random_days(dice):
    start = datetime.date(2018, 1, 1) + datetime.timedelta(days=dice.randrange(4000))
    if dice.random() < 0.3:
        return f"[{start},)"
    return f"[{start},{start + datetime.timedelta(days=1 + dice.randrange(1500))})"


def change(cursor, dice):
    """One random change of the record: present, past or future; new, corrected or deleted."""
    person = f"(select id from core.person where code = 'p{dice.randint(1, PEOPLE)}')"
    skill = f"(select id from core.skill where code = 'T{dice.randint(1, SKILLS)}')"
    one, two = dice.sample(range(1, ORGANIZATIONS + 1), 2)
    home = f"(select id from core.organization where code = 'o{one}')"
    host = f"(select id from core.organization where code = 'o{two}')"
    days = random_days(dice)
    some = "order by random() limit 1"
    evidence = dice.choice(["training", "assessment", "self_declared", "experience"])
    fte = dice.choice([0.2, 0.333, 0.5, 1])
    status = dice.choice(["proposed", "approved", "active", "completed", "cancelled"])
    statement = dice.choices([
        f"insert into core.holding (person_id, skill_id, level, valid, evidence)"
        f" values ({person}, {skill}, {dice.randint(1, 5)}, '{days}', '{evidence}')",
        f"update core.holding set level = {dice.randint(1, 5)}, valid = '{days}', evidence = '{evidence}'"
        f" where id = (select id from core.holding {some})",
        f"update core.holding set skill_id = {skill}, person_id = {person} where id = (select id from core.holding {some})",
        f"update core.holding set reversed_on = current_date, reversed_reason = 'test' where id = (select id from core.holding {some})",
        f"delete from core.holding where id = (select id from core.holding {some})",
        f"insert into core.affiliation (person_id, organization_id, fte, valid) values ({person}, {home}, {fte}, '{days}')",
        f"update core.affiliation set valid = '{days}', fte = {fte} where id = (select id from core.affiliation {some})",
        f"delete from core.affiliation where id = (select id from core.affiliation {some})",
        f"insert into core.exchange (kind, person_id, home_id, host_id, planned, fte, in_person, status)"
        f" values ('visit', {person}, {home}, {host}, '{days}', {fte}, {dice.random() < 0.5}, '{status}')",
        f"update core.exchange set status = '{status}', actual = '{days}' where id = (select id from core.exchange {some})",
        f"delete from core.exchange where id = (select id from core.exchange {some})",
        f"update core.person set birth_cohort = {dice.choice(['null', '1960', '1985'])} where id = {person}",
        f"update core.person set verified = {dice.random() < 0.7} where id = {person}",
        f"delete from core.holding where person_id in ({person}, {person.replace('p', 'p', 1)}) and level = {dice.randint(1, 5)}",
        f"update core.skill set pillars = '{dice.choice(['{}', '{science}', '{workforce,engagement}'])}' where id = {skill}",
        f"update core.skill set parent_id = (select id from core.skill where code = 'TC{dice.randint(1, 3)}') where id = {skill}",
        f"update core.organization set country = '{dice.choice(['JP', 'US'])}', kind = '{dice.choice(['university', 'company'])}'"
        f" where id = {home}",
        "select derive.fold(50)",
    ], weights=[30, 8, 4, 3, 6, 14, 5, 3, 12, 8, 2, 2, 5, 2, 1, 1, 1, 6])[0]
    cursor.execute(statement)


def write(server, seed, counts, problems):
    dice = random.Random(seed)
    connection = server.cluster.connect(server.database)
    connection.autocommit = False
    try:
        for _ in range(CHANGES):
            try:
                with connection.cursor() as cursor:
                    for _ in range(dice.choice([1, 1, 1, 2, 3])):
                        change(cursor, dice)
                if dice.random() < 0.05:
                    connection.rollback()
                    continue
                connection.commit()
                counts[seed] = counts.get(seed, 0) + 1
            except (psycopg2.errors.ExclusionViolation, psycopg2.errors.DeadlockDetected) as refused:
                connection.rollback()
                kind = type(refused).__name__
                counts[kind] = counts.get(kind, 0) + 1
            except psycopg2.Error as error:
                connection.rollback()
                if error.pgcode != "JZ002":  # more than 1.0 FTE
                    raise
                counts["JZ002"] = counts.get("JZ002", 0) + 1
    except Exception as problem:  # pylint: disable=broad-except
        problems.append(problem)
    finally:
        connection.close()


def test_supply_equals_a_recount_after_thousands_of_random_changes_from_several_connections(server):
    prepare(server)
    counts, problems = {}, []
    writers = [threading.Thread(target=write, args=(server, seed, counts, problems)) for seed in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not problems
    assert sum(counts[seed] for seed in range(WRITERS)) > WRITERS * CHANGES / 3, counts

    assert compare(server) > 1000  # with changes that are not folded yet
    server.fold()
    assert server.sql("select count(*) from derive.supply_change")[0][0] == 0
    assert compare(server) > 1000  # and from rollups and balances alone


def test_a_holding_that_goes_to_another_person_while_its_skill_moves_counts_where_it_came_to(server):
    server.sql("insert into core.person (code, career_stage) values ('giver', 'mid'), ('taker', 'mid')")
    server.sql("""insert into core.affiliation (person_id, organization_id, valid)
        select p.id, o.id, '[2020-01-01,)' from core.person p, core.organization o where p.code in ('giver', 'taker') and o.code = 'o1'""")
    server.sql("""insert into core.holding (person_id, skill_id, level, valid, evidence)
        select p.id, s.id, 3, '[2020-01-01,)', 'training' from core.person p, core.skill s where p.code = 'giver' and s.code = 'T2'""")
    giving = server.cluster.connect(server.database)
    giving.autocommit = False
    cursor = giving.cursor()
    # Its person alone changes, as when two records are merged, and so nobody looks at the skill.
    cursor.execute("""update core.holding set person_id = (select id from core.person where code = 'taker')
        where person_id = (select id from core.person where code = 'giver')""")
    moving = threading.Thread(target=server.sql, args=("update core.skill set pillars = '{facilities}' where code = 'T2'",))
    moving.start()
    wait_for(lambda: server.sql("select count(*) from pg_stat_activity where datname = %s and wait_event_type = 'Lock'", server.database)
             == [(1,)], "the skill's wait for the person")
    giving.commit()
    giving.close()
    moving.join()
    compare(server)


def test_who_writes_for_many_people_looks_for_each_in_the_own_skills_alone(own_server):
    """As an import does: all people with all skills of a statement would be its square."""
    server = own_server()
    skills = [row for row, in server.sql("select id from core.skill where kind = 'skill' order by code limit 80")]
    server.sql("insert into core.person (code, career_stage) select 'wide-' || i, 'mid' from generate_series(1, 80) i")
    connection = server.cluster.connect(server.database)
    connection.autocommit = False
    with connection, connection.cursor() as cursor:
        cursor.execute("select core.enter(id) from core.principal where name = 'unix:root'")
        cursor.execute("set enable_seqscan = off; set enable_bitmapscan = off")  # as with many rows, and so that look-ups are counted
        cursor.execute("""insert into core.holding (person_id, skill_id, level, valid, evidence)
            select p.id, (%s::uuid[])[row_number() over ()], 3, '[2024-01-01,)', 'training' from core.person p where p.code like 'wide-%%'""", (skills,))
        cursor.execute("select sum(idx_scan) from pg_stat_xact_all_tables where relname in ('timeline', 'holding')")
        looked, = cursor.fetchone()
        cursor.execute("select count(*) from derive.timeline")
        assert cursor.fetchone() == (80,)
    connection.close()
    assert 80 <= looked <= 80 * 4


def test_nothing_is_left_of_supply_when_all_holdings_are_deleted(server):
    server.sql("delete from core.holding")
    for grouping in GROUPS:
        assert server.sql("select * from derive.supply('2026-01-01', %s, true)", grouping) == []


def test_a_new_year_opens_with_what_the_old_one_closed_with(server):
    server.sql("insert into core.person (code, career_stage) values ('new-year', 'mid')")
    server.sql("""insert into core.affiliation (person_id, organization_id, valid)
        select p.id, o.id, '[2020-01-01,)' from core.person p, core.organization o where p.code = 'new-year' and o.code = 'o1'""")
    server.sql("""insert into core.holding (person_id, skill_id, level, valid, evidence)
        select p.id, s.id, 3, '[2020-01-01,2025-06-01)', 'training' from core.person p, core.skill s
        where p.code = 'new-year' and s.code = 'T1'""")
    server.fold()
    # As if the last fold had been years ago.
    server.sql("delete from derive.supply_opening where year > 2022; update derive.supply_years set last_year = 2022")
    compare(server)
    server.sql("select derive.open_years()")
    assert server.sql("select last_year from derive.supply_years")[0][0] > 2025
    compare(server)
