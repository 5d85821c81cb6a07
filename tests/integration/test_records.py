# SPDX-License-Identifier: Apache-2.0
"""Reference lists, facilities, skills, roles, qualifications; people, where they are and what they can do."""

import contextlib
import itertools
import uuid

import pytest

from conftest import words

MISSING = "01900000-0000-7000-8000-00000000dead"
number = itertools.count(1)


def named(prefix):
    """A code that no other test uses."""
    return f"{prefix}-{next(number)}"


def codes(page):
    return [item["code"] for item in page["items"]]


def event_count(server, noun, record):
    return server.sql("select count(*) from derive.event where noun = %s and record_id = %s", noun, record)[0][0]


@pytest.fixture(scope="module")
def organizations(server):
    """Three organizations, a, b and c."""
    made = {}
    for name, country in (("a", "JP"), ("b", "US"), ("c", "JP")):
        code = named("org")
        server.call("organization.create", code=code, name={"en": f"Organization {name}"}, kind="university", country=country)
        made[name] = code
    return made


@pytest.fixture
def person(server):
    return server.call("person.create", career_stage="mid", birth_cohort=1985)["code"]


@pytest.fixture
def skill(server):
    """A skill of its own in the category FS-MAG."""
    code = named("FS-T")
    server.call("skill.create", code=code, framework="FS", parent="FS-MAG", name={"en": "A skill", "ja": "ある技能"})
    return code


# Reference ---------------------------------------------------------------------------------------


def test_the_six_pillars_come_in_the_order_of_the_announcement_in_both_languages(server):
    items = server.call("pillar.list")["items"]
    assert codes({"items": items}) == ["science", "facilities", "regulation", "supply-chain", "engagement", "workforce"]
    assert all(item["name"]["en"] and item["name"]["ja"] and item["source"] for item in items)


def test_the_levels_cover_the_onet_scale_without_holes(server):
    items = server.call("level.list", lang="en")["items"]
    assert [item["level"] for item in items] == [1, 2, 3, 4, 5]
    assert [item["onet_high"] for item in items[:-1]] == [item["onet_low"] for item in items[1:]]
    assert items[-1]["onet_high"] == 7


def test_a_committee_shows_its_abbreviation_its_parent_and_its_agreement(server):
    committee = server.call("committee.get", ref="ccfe", lang="en")
    assert committee["abbreviation"] == "CCFE" and committee["name"] == "Coordinating Committee on Fusion Energy"
    assert committee["agreement"]["code"] == "ccfe-2013"
    below = server.call("committee.list", parent="ccfe")["items"]
    assert {"fppc", "ftpc", "jift"} <= {item["code"] for item in below}
    assert all(item["parent"]["code"] == "ccfe" for item in below)


def test_an_agreement_can_be_asked_for_by_day_and_by_what_it_stands_under(server):
    assert "iter" in codes(server.call("agreement.list", in_force_on="2026-01-01"))
    assert "iter" not in codes(server.call("agreement.list", in_force_on="2007-10-23"))
    assert codes(server.call("agreement.list", parent="sta")) == ["ccfe-2013"]
    assert server.call("agreement.get", ref="iter")["starts"] == "2007-10-24"


def test_a_scheme_shows_its_calendar_as_data(server):
    scheme = server.call("scheme.get", ref="jp-us-fusion")
    assert (scheme["plan_months_before"], scheme["report_days_after"], scheme["ends_by_month"]) == (2, 20, 2)
    assert codes(server.call("scheme.list", committee="ccfe")) == ["jp-us-fusion"]


@pytest.mark.parametrize("method", ["agreement", "committee", "scheme", "facility", "framework", "skill", "role",
                                    "qualification", "person"])
def test_what_does_not_exist_is_not_found_by_code_or_uuid(server, method):
    for ref in ("no-such-record", MISSING):
        error = server.refused(f"{method}.get", ref=ref)
        assert (error.name, error.data["parameter"]) == ("not_found", "ref")


@pytest.mark.parametrize("method", ["affiliation.get", "holding.get", "certification.get"])
def test_records_without_a_code_are_not_found_by_an_unknown_uuid(server, method):
    error = server.refused(method, ref=MISSING)
    assert (error.name, error.data["parameter"]) == ("not_found", "ref")


def test_a_list_pages_through_all_records_once_also_when_some_come_between(server):
    seen, cursor = [], None
    before = codes(server.call("skill.list", framework="FS", limit=1000))
    while True:
        page = server.call("skill.list", framework="FS", limit=50, **({"cursor": cursor} if cursor else {}))
        seen += codes(page)
        cursor = page["next"]
        if cursor is None:
            break
        server.call("skill.create", code=named("FS-AAA"), framework="FS", name={"en": "Comes before all"})
    assert [code for code in seen if not code.startswith("FS-AAA")] == before
    assert len(seen) == len(set(seen))


def test_a_cursor_of_another_list_is_refused(server):
    cursor = server.call("skill.list", limit=1)["next"]
    for bad in (cursor, "!"):
        error = server.refused("affiliation.list", cursor=bad)
        assert (error.name, error.data["parameter"]) == ("invalid_params", "cursor")


# Facilities --------------------------------------------------------------------------------------


def test_a_facility_is_found_by_what_can_be_learnt_there_or_by_its_category(server, organizations, skill):
    code = named("hall")
    server.call("facility.create", code=code, name={"ja": "試験棟"}, operator=organizations["a"], country="JP",
                kind="test stand", status="operating", skills=[skill], pillars=["facilities"])
    other = named("hall")
    server.call("facility.create", code=other, name={"en": "Other"}, country="US")
    assert code in codes(server.call("facility.list", skill=skill))
    assert code in codes(server.call("facility.list", skill="FS-MAG", operator=organizations["a"], status="operating",
                                     country="JP", pillar="facilities"))
    assert other not in codes(server.call("facility.list", skill="FS-MAG"))
    shown = server.call("facility.get", ref=code, lang="en")
    assert shown["name"] == "試験棟 [ja]" and shown["operator"]["code"] == organizations["a"]
    assert [item["code"] for item in shown["skills"]] == [skill]


def test_changing_only_a_list_of_a_record_makes_a_new_version_and_an_event(server, skill):
    made = server.call("facility.create", code=named("hall"), name={"en": "Hall"})
    changed = server.call("facility.update", ref=made["id"], if_version=1, skills=[skill])
    assert changed["version"] == 2
    assert event_count(server, "facility", made["id"]) == 2
    assert server.refused("facility.update", ref=made["id"], if_version=1, skills=[]).name == "stale_version"
    assert len(server.call("facility.get", ref=made["id"])["skills"]) == 1


def test_null_empties_what_may_be_empty_and_leaves_the_rest(server, organizations):
    made = server.call("facility.create", code=named("hall"), name={"en": "Hall"}, operator=organizations["a"],
                       country="JP", access={"en": "Ask", "ja": "要問合せ"}, note="n")
    server.call("facility.update", ref=made["id"], operator=None, access=None, note=None)
    shown = server.call("facility.get", ref=made["id"])
    assert (shown["operator"], shown["access"], shown["note"], shown["country"]) == (None, None, None, "JP")


@pytest.mark.parametrize("params, name, parameter", [
    ({"skills": ["FS-MAG-01", "FS-MAG-01"]}, "invalid_params", "skills[1]"),
    ({"skills": ["FS-MAG-01", "no-such-skill"]}, "not_found", "skills[1]"),
    ({"operator": "no-such-organization"}, "not_found", "operator"),
    ({"country": "jp"}, "invalid_params", "country"),
    ({"status": "burning"}, "invalid_params", "status"),
    ({"pillars": ["fun"]}, "invalid_params", "pillars[0]"),
])
def test_a_wrong_facility_is_refused_naming_the_parameter_and_leaves_nothing(server, params, name, parameter):
    code = named("hall")
    error = server.refused("facility.create", code=code, name={"en": "Hall"}, **params)
    assert (error.name, error.data["parameter"]) == (name, parameter)
    assert server.refused("facility.get", ref=code).name == "not_found"


@pytest.mark.parametrize("method, more", [
    ("facility", {}), ("framework", {}), ("role", {}), ("skill", {"framework": "FS"}), ("qualification", {"kind": "badge"})])
def test_a_code_is_taken_once_and_has_its_form(server, method, more):
    code = named("taken")
    server.call(f"{method}.create", code=code, name={"en": "First"}, **more)
    error = server.refused(f"{method}.create", code=code, name={"en": "Second"}, **more)
    assert (error.name, error.data["parameter"]) == ("conflict", "code")
    for bad in ("with blank", "-begins", str(uuid.uuid4())):
        error = server.refused(f"{method}.create", code=bad, name={"en": "Third"}, **more)
        assert (error.name, error.data["parameter"]) == ("invalid_params", "code")


# Skills ------------------------------------------------------------------------------------------


def test_a_skill_shows_its_framework_its_parent_and_the_nearest_category(server, skill):
    below = named("FS-T")
    server.call("skill.create", code=below, framework="FS", parent=skill, name={"en": "Below"})
    shown = server.call("skill.get", ref=below, lang="ja")
    assert shown["name"] == "Below [en]" and shown["framework"]["code"] == "FS"
    assert (shown["parent"]["code"], shown["category"]["code"]) == (skill, "FS-MAG")
    assert server.call("skill.get", ref=skill)["children"] == 1
    assert {skill, below} <= set(codes(server.call("skill.list", category="FS-MAG", kind="skill", limit=1000)))
    assert codes(server.call("skill.list", parent=skill)) == [below]
    assert "FS-MAG" not in codes(server.call("skill.list", category="FS-MAG", limit=1000))


def test_a_skill_is_never_put_below_itself_or_into_another_framework(server, skill):
    below = named("FS-T")
    server.call("skill.create", code=below, framework="FS", parent=skill, name={"en": "Below"})
    framework, stranger = named("framework"), named("stranger")
    server.call("framework.create", code=framework, name={"en": "Other"})
    server.call("skill.create", code=stranger, framework=framework, name={"en": "Stranger"})
    for parent in (skill, below, stranger):
        error = server.refused("skill.update", ref=skill, parent=parent)
        assert error.name in ("invalid_params", "not_found") and error.data["parameter"] == "parent"
    assert server.call("skill.get", ref=skill)["parent"]["code"] == "FS-MAG"


def test_only_a_category_can_be_listed_by_category(server, skill):
    error = server.refused("skill.list", category=skill)
    assert (error.name, error.data["parameter"]) == ("invalid_params", "category")


def test_a_retired_skill_is_listed_apart_and_can_come_back(server, skill):
    server.call("skill.update", ref=skill, retired="2020-01-01")
    assert skill in codes(server.call("skill.list", retired=True))
    assert skill not in codes(server.call("skill.list", retired=False, limit=1000))
    server.call("skill.update", ref=skill, retired=None)
    assert skill in codes(server.call("skill.list", retired=False, limit=1000))


def test_a_mapping_is_seen_from_both_ends_and_can_be_taken_back(server, skill):
    framework, other = named("framework"), named("other")
    server.call("framework.create", code=framework, name={"en": "Other"})
    server.call("skill.create", code=other, framework=framework, name={"en": "Wider"})
    server.call("skill.map", {"from": skill, "to": other, "match": "broad"})
    assert [(m["skill"]["code"], m["match"]) for m in server.call("skill.get", ref=skill)["mappings"]] == [(other, "broad")]
    assert [(m["skill"]["code"], m["match"]) for m in server.call("skill.get", ref=other)["mappings"]] == [(skill, "narrow")]
    assert len(server.call("skill.mappings", to_framework=framework)["items"]) == 1
    assert server.refused("skill.map", {"from": other, "to": skill, "match": "exact"}).name == "conflict"
    error = server.refused("skill.map", {"from": skill, "to": "FS-MAG-01", "match": "exact"})
    assert (error.name, error.data["parameter"]) == ("invalid_params", "to")
    server.call("skill.unmap", {"from": skill, "to": other})
    assert server.call("skill.get", ref=skill)["mappings"] == []
    assert server.refused("skill.unmap", {"from": skill, "to": other}).name == "not_found"


def test_a_framework_counts_its_categories_and_skills(server):
    framework, category = named("framework"), named("category")
    server.call("framework.create", code=framework, name={"en": "Counted"}, publisher="Somebody")
    server.call("skill.create", code=category, framework=framework, kind="category", name={"en": "Category"})
    server.call("skill.create", code=named("in"), framework=framework, parent=category, name={"en": "Skill"})
    server.call("framework.update", ref=framework, edition="2", publisher=None)
    shown = server.call("framework.get", ref=framework)
    assert (shown["categories"], shown["skills"], shown["edition"], shown["publisher"]) == (1, 1, "2", None)
    assert framework in codes(server.call("framework.list", limit=1000))


# Roles and qualifications ------------------------------------------------------------------------


def test_a_role_requires_skills_at_levels_and_is_found_by_them(server, skill):
    code = named("role")
    server.call("role.create", code=code, name={"en": "Role"}, requires=[{"skill": skill, "level": 4}], pillars=["workforce"])
    assert [(r["skill"]["code"], r["level"]) for r in server.call("role.get", ref=code)["requires"]] == [(skill, 4)]
    assert code in codes(server.call("role.list", skill="FS-MAG", pillar="workforce"))
    server.call("role.update", ref=code, requires=[{"skill": "FS-CRY-01", "level": 2}])
    assert code not in codes(server.call("role.list", skill=skill))


@pytest.mark.parametrize("requires, parameter", [
    ([{"skill": "FS-MAG", "level": 3}], "requires[0].skill"),
    ([{"skill": "FS-MAG-01", "level": 3}, {"skill": "FS-MAG-01", "level": 2}], "requires[1].skill"),
    ([{"skill": "FS-MAG-01", "level": 6}], "requires[0].level"),
    ([{"skill": "FS-MAG-01"}], "requires[0].level"),
])
def test_a_role_cannot_require_a_category_a_skill_twice_or_a_level_out_of_range(server, requires, parameter):
    error = server.refused("role.create", code=named("role"), name={"en": "Role"}, requires=requires)
    assert (error.name, error.data["parameter"]) == ("invalid_params", parameter)


def test_a_qualification_shows_its_counterparts_from_both_sides(server):
    here, there = named("licence"), named("licence")
    server.call("qualification.create", code=here, name={"ja": "免許"}, kind="licence", country="JP")
    server.call("qualification.create", code=there, name={"en": "Licence"}, kind="licence", country="US",
                counterparts=[{"qualification": here, "extent": "full"}])
    counterpart, = server.call("qualification.get", ref=there)["counterparts"]
    assert (counterpart["qualification"]["code"], counterpart["extent"], counterpart["country"]) == (here, "full", "JP")
    assert server.call("qualification.get", ref=here)["counterpart_of"][0]["qualification"]["code"] == there
    for bad in ([{"qualification": there}], [{"qualification": here}, {"qualification": here}], [{"qualification": "none"}]):
        assert server.refused("qualification.update", ref=there, counterparts=bad).data["parameter"].startswith("counterparts")
    server.call("qualification.update", ref=there, counterparts=[])
    assert server.call("qualification.get", ref=here)["counterpart_of"] == []
    assert there in codes(server.call("qualification.list", country="US", kind="licence"))


def test_a_certification_without_an_end_is_valid_as_long_as_its_qualification_says(server, person):
    code = named("certificate")
    server.call("qualification.create", code=code, name={"en": "Certificate"}, kind="certificate", valid_months=24)
    made = server.call("certification.create", person=person, qualification=code, starts="2024-04-01", number="N 1")
    assert server.call("certification.get", ref=made["id"])["ends"] == "2026-03-31"
    error = server.refused("certification.create", person=person, qualification=code, starts="2025-01-01")
    assert (error.name, error.data["parameter"]) == ("conflict", "starts")
    server.call("certification.update", ref=made["id"], ends="2028-03-31", number=None)
    assert len(server.call("certification.list", person=person, as_of="2028-01-01")["items"]) == 1
    assert server.call("certification.list", qualification=code, as_of="2029-01-01")["items"] == []
    assert server.refused("certification.update", ref=made["id"], starts="2030-01-01").data["parameter"] == "starts"


# People ------------------------------------------------------------------------------------------


def test_a_person_without_a_code_gets_the_next_pseudonym_that_is_free(server):
    first = server.call("person.create", career_stage="student")["code"]
    taken = f"P-{int(first[2:]) + 1:06d}"
    server.call("person.create", code=taken, career_stage="student")
    assert server.call("person.create", career_stage="student")["code"] == f"P-{int(first[2:]) + 2:06d}"


@pytest.mark.parametrize("params, name, parameter", [
    ({"career_stage": "wizard"}, "invalid_params", "career_stage"),
    ({"career_stage": "mid", "birth_cohort": 1986}, "invalid_params", "birth_cohort"),
    ({"career_stage": "mid", "researcher_id": "0000000000000000000"}, "invalid_params", "researcher_id"),
    ({"career_stage": "mid", "birth_date": "1986-01-01"}, "invalid_params", "birth_date"),
])
def test_a_wrong_person_is_refused_naming_the_parameter_and_never_the_value(server, params, name, parameter):
    error = server.refused("person.create", name="Secret Name", **params)
    assert (error.name, error.data["parameter"]) == (name, parameter)
    assert "Secret" not in str(error) and "1986" not in words(str(error))


def test_a_researcher_identifier_belongs_to_one_person(server):
    server.call("person.create", career_stage="senior", researcher_id="0000-0002-1825-0097")
    error = server.refused("person.create", career_stage="senior", researcher_id="0000-0002-1825-0097")
    assert (error.name, error.data["parameter"]) == ("conflict", "researcher_id")
    assert "1825" not in words(str(error))


def test_a_day_that_began_with_few_idempotency_keys_is_not_read_from_end_to_end_when_it_has_many(own_server):
    server = own_server()
    caller = server.sql("select id from core.principal where name = 'unix:root'")[0][0]
    partition, = server.sql("select format('core.once_%s', to_char(now() at time zone 'UTC', 'YYYYMMDD'))")[0]
    begin = "select core.write_begin(%s, core.uuid7(), '\\x5a')"
    with contextlib.closing(server.cluster.connect(server.database)) as session, session.cursor() as cursor:
        server.sql(f"""insert into {partition} (day, principal_id, key, digest, record_id, record_version)
            select (now() at time zone 'UTC')::date, %s, core.uuid7(), decode(repeat('5a', 32), 'hex'), gen_random_uuid(), 1 from generate_series(1, 5)""", caller)
        server.sql("analyze core.once")
        cursor.execute("load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; "
                       "set auto_explain.log_level = notice")
        for _ in range(10):  # by then the session has a plan to keep
            session.notices.clear()
            cursor.execute(begin, (caller,))
        looked, = [notice for notice in session.notices if "o.key = p_once_key and o.day" in notice]
    assert f"{partition.removeprefix('core.')}" in looked and "Index Scan" in looked and "Seq Scan" not in looked


def test_the_same_idempotency_key_answers_the_first_receipt_and_another_call_is_a_conflict(server):
    key = str(uuid.uuid4())
    first = server.call("person.create", career_stage="mid", idempotency_key=key)
    assert server.call("person.create", career_stage="mid", idempotency_key=key) == first
    error = server.refused("person.create", career_stage="early", idempotency_key=key)
    assert (error.name, error.data["parameter"]) == ("conflict", "idempotency_key")


def test_a_person_shows_affiliations_skills_holdings_and_certifications_of_the_day(server, person, organizations, skill):
    server.call("affiliation.create", person=person, organization=organizations["a"], fte=0.4, starts="2015-04-01",
                ends="2019-03-31")
    server.call("affiliation.create", person=person, organization=organizations["b"], fte=0.6, starts="2018-04-01")
    server.call("holding.create", person=person, skill=skill, level=2, starts="2016-01-01", evidence="training")
    server.call("holding.create", person=person, skill=skill, level=4, starts="2016-01-01", evidence="self_declared")
    shown = server.call("person.get", ref=person, as_of="2016-06-01")
    assert shown["organization"]["code"] == organizations["a"] and len(shown["affiliations"]) == 2
    assert shown["affiliations"][0]["organization"]["code"] == organizations["b"], "the latest first"
    level, = shown["skills"]
    assert (level["skill"]["code"], level["level"], level["level_with_self_declared"]) == (skill, 2, 4)
    assert len(shown["holdings"]) == 2 and shown["certifications"] == []
    assert server.call("person.get", ref=person, as_of="2018-06-01")["organization"]["code"] == organizations["b"]
    assert server.call("person.get", ref=person, as_of="2010-01-01")["skills"] == []


def test_people_are_found_by_organization_and_skill_as_of_a_day(server, person, organizations, skill):
    server.call("affiliation.create", person=person, organization=organizations["a"], starts="2020-04-01", ends="2022-03-31")
    server.call("holding.create", person=person, skill=skill, level=3, starts="2020-04-01", ends="2021-03-31",
                evidence="assessment")
    server.call("holding.create", person=person, skill=skill, level=5, starts="2020-04-01", evidence="self_declared")

    def found(**filters):
        return person in codes(server.call("person.list", limit=1000, **filters))

    assert found(organization=organizations["a"], as_of="2022-03-31")
    assert not found(organization=organizations["a"], as_of="2022-04-01")
    assert found(skill=skill, level=3, as_of="2021-03-31") and not found(skill=skill, level=4, as_of="2021-03-31")
    assert found(skill="FS-MAG", as_of="2021-03-31")
    assert not found(skill=skill, as_of="2021-04-01"), "the evidence has expired"
    assert found(skill=skill, level=5, self_declared=True, as_of="2021-04-01")
    assert found(career_stage="mid", synthetic=False) and not found(synthetic=True)
    assert server.refused("person.list", level=3).data["parameter"] == "level"


def test_an_update_of_a_person_changes_what_is_given_and_nulls_what_is_null(server):
    made = server.call("person.create", career_stage="postdoc", name="山田", birth_cohort=1990)
    server.call("person.update", ref=made["code"], career_stage="early", name=None, if_version=1)
    shown = server.call("person.get", ref=made["id"])
    assert (shown["career_stage"], shown["name"], shown["birth_cohort"], shown["version"]) == ("early", None, 1990, 2)
    assert server.refused("person.update", ref=made["id"], name="佐藤", if_version=1).name == "stale_version"


# Affiliations ------------------------------------------------------------------------------------


def test_affiliations_are_never_together_above_one_fte(server, person, organizations):
    server.call("affiliation.create", person=person, organization=organizations["a"], fte=0.7, starts="2020-04-01")
    for fte, starts in ((0.4, "2021-04-01"), (0.301, "2019-04-01")):
        error = server.refused("affiliation.create", person=person, organization=organizations["b"], fte=fte, starts=starts)
        assert (error.name, error.data["parameter"]) == ("conflict", "fte")
    server.call("affiliation.create", person=person, organization=organizations["b"], fte=0.3, starts="2021-04-01")
    assert len(server.call("affiliation.list", person=person)["items"]) == 2


def test_a_new_job_ends_one_affiliation_the_day_before_and_begins_another(server, person, organizations):
    first = server.call("affiliation.create", person=person, organization=organizations["a"], fte=0.8, starts="2020-04-01")
    second = server.call("affiliation.move", ref=first["id"], organization=organizations["b"], starts="2024-10-01")
    assert server.call("affiliation.get", ref=first["id"])["ends"] == "2024-09-30"
    shown = server.call("affiliation.get", ref=second["id"])
    assert (shown["starts"], shown["ends"], shown["fte"]) == ("2024-10-01", None, 0.8)
    for starts in ("2020-04-01", "2024-10-02"):
        error = server.refused("affiliation.move", ref=first["id"], organization=organizations["c"], starts=starts)
        assert (error.name, error.data["parameter"]) == ("invalid_params", "starts")
    as_of = server.call("affiliation.list", person=person, as_of="2024-09-30")["items"]
    assert [item["organization"]["code"] for item in as_of] == [organizations["a"]]


def test_a_move_that_cannot_begin_ends_nothing(server, person, organizations):
    first = server.call("affiliation.create", person=person, organization=organizations["a"], fte=0.5, starts="2020-04-01")
    server.call("affiliation.create", person=person, organization=organizations["b"], fte=0.5, starts="2020-04-01")
    error = server.refused("affiliation.move", ref=first["id"], organization=organizations["c"], starts="2024-10-01", fte=0.6)
    assert (error.name, error.data["parameter"]) == ("conflict", "fte")
    error = server.refused("affiliation.move", ref=first["id"], organization=organizations["b"], starts="2024-10-01")
    assert (error.name, error.data["parameter"]) == ("conflict", "starts")
    shown = server.call("affiliation.get", ref=first["id"])
    assert (shown["ends"], shown["version"]) == (None, 1)


def test_an_affiliation_ends_on_a_day_on_which_it_holds(server, person, organizations):
    made = server.call("affiliation.create", person=person, organization=organizations["a"], starts="2020-04-01")
    assert server.call("affiliation.end", ref=made["id"], ends="2023-03-31", if_version=1)["version"] == 2
    for ends in ("2020-03-31", "2023-04-01"):
        error = server.refused("affiliation.end", ref=made["id"], ends=ends)
        assert (error.name, error.data["parameter"]) == ("invalid_params", "ends")


@pytest.mark.parametrize("change, parameter", [
    ({"starts": "2022-04-01"}, "starts"),
    ({"ends": "2020-03-31"}, "ends"),
    ({"starts": "2021-06-01", "ends": "2021-05-31"}, "ends"),
])
def test_a_correction_that_ends_before_it_starts_names_what_was_given(server, person, organizations, change, parameter):
    made = server.call("affiliation.create", person=person, organization=organizations["a"], starts="2020-04-01",
                       ends="2022-03-31")
    error = server.refused("affiliation.update", ref=made["id"], **change)
    assert (error.name, error.data["parameter"]) == ("invalid_params", parameter)
    server.call("affiliation.update", ref=made["id"], ends=None, fte=0.5)
    shown = server.call("affiliation.get", ref=made["id"])
    assert (shown["starts"], shown["ends"], shown["fte"]) == ("2020-04-01", None, 0.5)


# Holdings ----------------------------------------------------------------------------------------


def test_a_holding_is_listed_by_person_skill_category_evidence_and_day(server, person, organizations, skill):
    made = server.call("holding.create", person=person, skill=skill, level=3, starts="2020-04-01", ends="2025-03-31",
                       evidence="badge", confidence="high", assessor=organizations["a"], note="n")
    shown = server.call("holding.get", ref=made["id"])
    assert (shown["person"]["code"], shown["skill"]["code"], shown["assessor"]["code"]) == (person, skill, organizations["a"])
    assert (shown["ends"], shown["confidence"], shown["reversed_on"]) == ("2025-03-31", "high", None)

    def listed(**filters):
        return [item["id"] for item in server.call("holding.list", person=person, **filters)["items"]]

    for filters in ({"skill": skill}, {"skill": "FS-MAG"}, {"evidence": "badge"}, {"as_of": "2025-03-31"}, {"level": 3},
                    {"assessor": organizations["a"]}, {"reversed": False}):
        assert listed(**filters) == [made["id"]], filters
    for filters in ({"skill": "FS-CRY"}, {"evidence": "training"}, {"as_of": "2025-04-01"}, {"level": 4},
                    {"assessor": organizations["b"]}, {"reversed": True}):
        assert listed(**filters) == [], filters


@pytest.mark.parametrize("change, name, parameter", [
    ({"skill": "FS-MAG"}, "invalid_params", "skill"),
    ({"skill": "no-such-skill"}, "not_found", "skill"),
    ({"person": "no-such-person"}, "not_found", "person"),
    ({"assessor": "no-such-organization"}, "not_found", "assessor"),
    ({"level": 0}, "invalid_params", "level"),
    ({"ends": "2020-03-31"}, "invalid_params", "ends"),
    ({"starts": "2020-02-30"}, "invalid_params", "starts"),
    ({"evidence": "hearsay"}, "invalid_params", "evidence"),
])
def test_a_wrong_holding_is_refused_naming_the_parameter_and_leaves_nothing(server, person, change, name, parameter):
    params = {"person": person, "skill": "FS-MAG-01", "level": 3, "starts": "2020-04-01", "evidence": "assessment"}
    error = server.refused("holding.create", {**params, **change})
    assert (error.name, error.data["parameter"]) == (name, parameter)
    assert server.call("holding.list", person=person)["items"] == []


def test_a_reversed_holding_stays_with_its_reason_but_counts_no_more_and_changes_no_more(server, person, skill):
    low = server.call("holding.create", person=person, skill=skill, level=2, starts="2020-04-01", evidence="training")
    high = server.call("holding.create", person=person, skill=skill, level=5, starts="2020-04-01", evidence="assessment")
    assert server.call("person.get", ref=person)["skills"][0]["level"] == 5
    server.call("holding.reverse", ref=high["id"], reason="recorded for another person")
    assert server.call("person.get", ref=person)["skills"][0]["level"] == 2
    shown = server.call("holding.get", ref=high["id"])
    assert shown["reversed_reason"] == "recorded for another person" and shown["reversed_on"]
    for method, more in (("holding.update", {"level": 1}), ("holding.reverse", {"reason": "again"})):
        assert server.refused(method, ref=high["id"], **more).name == "invalid_transition"
    server.call("holding.update", ref=low["id"], level=3, if_version=1)
    assert server.call("person.get", ref=person)["skills"][0]["level"] == 3
    assert server.refused("holding.update", ref=low["id"], level=4, if_version=1).name == "stale_version"


def test_a_holding_falls_back_to_the_next_highest_level_when_evidence_expires(server, person, skill):
    server.call("holding.create", person=person, skill=skill, level=2, starts="2020-04-01", evidence="training")
    server.call("holding.create", person=person, skill=skill, level=4, starts="2021-04-01", ends="2022-03-31",
                evidence="badge")
    levels = [server.call("person.get", ref=person, as_of=day)["skills"][0]["level"]
              for day in ("2021-03-31", "2021-04-01", "2022-03-31", "2022-04-01")]
    assert levels == [2, 4, 4, 2]
