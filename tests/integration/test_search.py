# SPDX-License-Identifier: Apache-2.0
"""Search as people search: both languages, names past and present, misspellings; nothing of what the caller may not see."""

import collections
import csv
import json
import pathlib
import threading
import time

import pytest

from conftest import RpcError, Server

ESCO = pathlib.Path("/work/shared/data/esco/skills_en-us.csv")
MANY = 100_000

ORGANIZATIONS = [
    ("culham", {"en": "Culham Centre for Fusion Energy"}, "national_laboratory", "GB",
     [{"name": "CCFE", "kind": "abbreviation"}, {"name": "Culham Laboratory", "kind": "former", "to": "2009-10-31"}]),
    ("nifs", {"en": "National Institute for Fusion Science", "ja": "核融合科学研究所"}, "national_laboratory", "JP",
     [{"name": "NIFS", "kind": "abbreviation"}]),
    ("qst", {"en": "National Institutes for Quantum Science and Technology", "ja": "量子科学技術研究開発機構"},
     "national_laboratory", "JP", [{"name": "日本原子力研究所", "kind": "former", "lang": "ja", "to": "2005-09-30"}]),
    ("kyushu-u", {"en": "Kyūshū University", "ja": "九州大学"}, "university", "JP", []),
    ("magnet-co", {"en": "JT-60SA High-Temperature Magnets 100%_Ltd", "ja": "ジェーティー・マグネット"}, "company", "JP", []),
    ("nuclear-old", {"en": "Japan Atomic Energy", "ja": "日本原子力研究所"}, "agency", "JP", []),
]


@pytest.fixture(scope="module")
def world(server):
    call = server.call
    for code, name, kind, country, others in ORGANIZATIONS:
        call("organization.create", code=code, name=name, kind=kind, country=country, other_names=others)
    for code in ("ours", "theirs", "abroad"):
        call("organization.create", code=code, name={"en": f"Place {code}"}, kind="university", country="US" if code == "abroad" else "JP")
    call("program.create", code="SUMMER", name={"en": "Plasma Summer School", "ja": "プラズマ夏の学校"}, provider="nifs")
    call("program.create", code="TRI-BASIC", name={"en": "Tritium handling, basic course"}, provider="qst", pillars=["workforce"])
    for code, name, organization in (("P-ours", "佐藤 花子 Satō Hanako", "ours"), ("P-theirs", "佐藤 太郎 Sato Taro", "theirs"),
                                     ("P-abroad", "Sato Sam", "abroad"), ("P-nameless", None, "ours")):
        call("person.create", **{"code": code, "career_stage": "mid", **({"name": name} if name else {})})
        call("affiliation.create", person=code, organization=organization, starts="2020-01-01")
    made = {}
    for name, role, organization, country in (
            ("member", "member", "ours", None), ("coordinator", "coordinator", "ours", None), ("secretariat", "secretariat", None, "JP"),
            ("abroad", "secretariat", None, "US"), ("analyst", "analyst", "ours", None), ("auditor", "auditor", None, "JP")):
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


def codes(page):
    return [item["code"] for item in page["items"]]


def refused(call, method, **params):
    with pytest.raises(RpcError) as caught:
        call(method, **params)
    return caught.value


# What is found ------------------------------------------------------------------------------------


@pytest.mark.parametrize("query, code", [
    ("nifs", "nifs"), ("ＮＩＦＳ", "nifs"), ("national institute for fusion", "nifs"), ("fusion institute", "nifs"),
    ("核融合科学", "nifs"), ("科学研", "nifs"), ("核", "nifs"), ("融合", "nifs"), ("核融合 研究所", "nifs"), ("核融合　研究所", "nifs"),
    ("natonal institute fusion", "nifs"), ("instiutte fusion", "nifs"), ("Kyushu", "kyushu-u"), ("KYŪSHŪ UNIVERSITY", "kyushu-u"),
    ("jt60sa", "magnet-co"), ("JT-60SA", "magnet-co"), ("high temperature magnet", "magnet-co"), ("temperatur magnet", "magnet-co"),
    ("ジエーテイー", "magnet-co"), ("じぇーてぃー", "magnet-co"), ("ｼﾞｪｰﾃｨｰ", "magnet-co"), ("まぐねっと", "magnet-co"),
    ("マ", "magnet-co"), ("100%_l", "magnet-co"), ("日本原子力", "qst"), ("Culham Laboratory", "culham"), ("k", "kyushu-u")])
def test_an_organization_is_found_as_people_write_it(server, world, query, code):
    assert code in codes(server.call("organization.search", query=query))


@pytest.mark.parametrize("query", ["%", "_", "%%", "n%fs", "n_fs", "nif%", "\\", "*", "' or true --", "核%学", "k.*", "x"])
def test_signs_stand_for_themselves_alone(server, world, query):
    found = codes(server.call("organization.search", query=query))
    assert found == (["magnet-co"] if query in ("%", "_") else [])


def test_an_abbreviation_shows_all_its_meanings(server, world):
    found = {(item["noun"], item["code"]): item["match"] for item in server.call("organization.search", query="CCFE")["items"]}
    assert found[("organization", "culham")] == {"how": "exact", "field": "abbreviation", "text": "CCFE", "former": False}
    assert found[("committee", "ccfe")]["how"] == "exact"
    server.call("organization.create", code="fast", name={"en": "Fusion Plasma Physics Center"}, kind="university", country="US",
                other_names=[{"name": "FPPC", "kind": "abbreviation"}, {"name": "JIFT", "kind": "abbreviation"}])
    for abbreviation in ("FPPC", "jift"):
        found = {(item["noun"], item["code"]) for item in server.call("organization.search", query=abbreviation)["items"]}
        assert {("organization", "fast"), ("committee", abbreviation.lower())} <= found
    # A filter that only organizations have leaves the others out.
    assert codes(server.call("organization.search", query="CCFE", country="GB")) == ["culham"]


def test_an_answer_says_why_and_puts_the_present_before_the_past(server, world):
    items = server.call("organization.search", query="日本原子力研究所")["items"]
    assert [(item["code"], item["match"]) for item in items] == [
        ("nuclear-old", {"how": "exact", "field": "name", "text": "日本原子力研究所", "former": False}),
        ("qst", {"how": "exact", "field": "former", "text": "日本原子力研究所", "former": True})]
    assert server.call("organization.search", query="nifs")["items"][0]["match"]["field"] == "code"
    assert server.call("organization.search", query="natoinal")["items"][0]["match"]["how"] == "similar"


def test_the_best_comes_first(server, world):
    call = server.call
    call("framework.create", code="RANK", name={"en": "Rank"})
    for code, name in (("R-9", "Blanket"), ("R-8", "Blanket design"), ("R-7", "The blanket"), ("R-6", "Superblankets"),
                       ("R-5", "Blenket"), ("R-4", "Blanket design"), ("Blanket", "Something else")):
        call("skill.create", code=code, framework="RANK", name={"en": name})
    found = call("skill.search", query="blanket", framework="RANK")["items"]
    assert [(item["code"], item["match"]["how"]) for item in found] == [
        ("Blanket", "exact"), ("R-9", "exact"), ("R-4", "prefix"), ("R-8", "prefix"), ("R-7", "substring"), ("R-6", "substring"),
        ("R-5", "similar")]


def test_a_search_follows_every_change_at_once(server, world):
    call = server.call
    call("skill.create", code="CHG-1", framework="FS", parent="FS-TRI", name={"en": "Quench zyxwation", "ja": "変更前"})
    assert codes(call("skill.search", query="zyxwation")) == codes(call("skill.search", query="変更前")) == ["CHG-1"]
    call("skill.update", ref="CHG-1", name={"en": "Renamed", "ja": "変更後"})
    assert codes(call("skill.search", query="zyxwation")) == codes(call("skill.search", query="変更前")) == []
    assert codes(call("skill.search", query="変更後")) == ["CHG-1"]
    call("organization.update", ref="kyushu-u", other_names=[{"name": "Fukuoka Imperial", "kind": "alias"}])
    assert codes(call("organization.search", query="imperial")) == ["kyushu-u"]
    call("organization.update", ref="kyushu-u", other_names=[])
    assert codes(call("organization.search", query="imperial")) == []
    # What fails leaves nothing.
    refused(call, "skill.create", code="CHG-1", framework="FS", name={"en": "Zyxwation again"})
    assert codes(call("skill.search", query="zyxwation")) == []


def test_programs_are_found_and_filtered(server, world):
    call = server.call
    assert codes(call("program.search", query="夏")) == codes(call("program.search", query="sumer school")) == ["SUMMER"]
    assert codes(call("program.search", query="tritium", provider="qst", pillar="workforce")) == ["TRI-BASIC"]
    assert codes(call("program.search", query="tritium", provider="nifs")) == []
    assert call("program.search", query="夏", lang="en")["items"][0]["provider"]["name"] == "National Institute for Fusion Science"


def test_the_frameworks_own_skills_are_found_in_both_languages(server, world):
    call = server.call
    for query in ("トリチウム", "とりちうむ", "ﾄﾘﾁｳﾑ", "tritium", "tritum", "TRITIUM"):
        assert "FS-TRI-01" in codes(call("skill.search", query=query)), query
    assert codes(call("skill.search", query="fs-tri"))[0] == "FS-TRI"
    assert call("skill.search", query="炉", lang="ja")["items"][0]["name"].startswith("炉")
    assert set(codes(call("skill.search", query="トリチウム", kind="category"))) == {"FS-TRI"}


# Pages --------------------------------------------------------------------------------------------


def walk(call, method, limit, **params):
    found, cursor = [], None
    while True:
        page = call(method, limit=limit, **({"cursor": cursor} if cursor else {}), **params)
        found += [(item.get("noun"), item["code"]) for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return found


@pytest.mark.parametrize("method, query", [("skill.search", "e"), ("skill.search", "の"), ("skill.search", "plasma"),
                                           ("organization.search", "CCFE"), ("organization.search", "nat")])
def test_pages_hold_each_record_once_in_the_order_of_the_whole(server, world, method, query):
    whole = walk(server.call, method, 1000, query=query)
    assert len(set(whole)) == len(whole)
    for limit in (1, 2, 7):
        assert walk(server.call, method, limit, query=query) == whole


def test_a_cursor_stays_right_while_records_come_and_go(server, world):
    call = server.call
    call("framework.create", code="PAGES", name={"en": "Pages"})
    for number in range(6):
        call("skill.create", code=f"PG-{number}", framework="PAGES", name={"en": "Turning pages"})
    first = call("skill.search", query="turning pages", framework="PAGES", limit=3)
    assert codes(first) == ["PG-0", "PG-1", "PG-2"]
    call("skill.update", ref="PG-2", name={"en": "Gone"})
    call("skill.create", code="PG-1a", framework="PAGES", name={"en": "Turning pages"})
    call("skill.create", code="PG-9", framework="PAGES", name={"en": "Turning pages"})
    assert codes(call("skill.search", query="turning pages", framework="PAGES", cursor=first["next"])) == ["PG-3", "PG-4", "PG-5", "PG-9"]


# People -------------------------------------------------------------------------------------------


def test_people_are_found_by_those_who_may_see_them(as_, world):
    for name, expected in (("member", ["P-ours"]), ("coordinator", ["P-ours"]), ("secretariat", ["P-ours", "P-theirs"]),
                           ("auditor", ["P-ours", "P-theirs"])):
        for query in ("佐藤", "佐", "sato", "SATO"):
            assert codes(as_(name)("person.search", query=query)) == expected, (name, query)
    assert refused(as_("analyst"), "person.search", query="佐藤").name == "denied"
    assert codes(as_("member")("person.search", query="Hanako Sato")) == codes(as_("member")("person.search", query="佐藤花子")) == ["P-ours"]
    assert codes(as_("member")("person.search", query="hanaok")) == ["P-ours"]
    found = as_("member")("person.search", query="花子", lang="en")["items"][0]
    assert (found["name"], found["organization"]["code"], found["match"]["field"]) == ("佐藤 花子 Satō Hanako", "ours", "name")


def test_a_hidden_person_moves_nothing_in_a_search(server, as_, world):
    """Counts, ranks and pages are the same whether hidden namesakes exist or not."""
    ask = as_("member")
    for code in ("P-n2", "P-n4", "P-n6"):
        server.call("person.create", code=code, name="Namesake", career_stage="mid")
        server.call("affiliation.create", person=code, organization="ours", starts="2020-01-01")
    before = [ask("person.search", query=query, limit=limit) for query in ("namesake", "namesak", "P-n", "n") for limit in (1, 2, 3, 100)]
    for number in range(20):
        server.call("person.create", code=f"P-n{number}x", name="Namesake", career_stage="mid")
    after = [ask("person.search", query=query, limit=limit) for query in ("namesake", "namesak", "P-n", "n") for limit in (1, 2, 3, 100)]
    assert before == after
    assert walk(ask, "person.search", 1, query="namesake") == [(None, "P-n2"), (None, "P-n4"), (None, "P-n6")]
    assert ask("person.search", query="P-n3x") == {"items": [], "next": None}


def test_a_name_finds_nobody_whose_name_may_not_be_shown(server, as_, world):
    ask = as_("abroad")
    assert codes(ask("person.search", query="佐藤")) == [] and codes(ask("person.search", query="sato")) == ["P-abroad"]
    found = ask("person.search", query="P-ours")["items"]
    assert [(item["code"], item["pseudonymous"], item["match"]["field"]) for item in found] == [("P-ours", True, "code")]
    assert "name" not in found[0] and "佐藤" not in json.dumps(found, ensure_ascii=False)
    assert codes(as_("secretariat")("person.search", query="佐藤", form="pseudonymous")) == []
    server.call("consent.give", person="P-ours", purpose="exchange", recipient_country="US", notice_version="1", notice_lang="ja")
    assert codes(ask("person.search", query="佐藤")) == []
    assert codes(ask("person.search", query="佐藤", purpose="exchange")) == ["P-ours"]
    shown = server.sql("select method, categories from core.disclosure where method = 'person.search'")
    assert shown == [("person.search", ["name", "career_stage", "birth_cohort", "affiliation"])]
    assert refused(ask, "person.search", query="P-theirs", form="personal", purpose="exchange").name == "consent_required"


def test_a_search_of_people_is_recorded_as_a_reading(server, as_, world):
    as_("coordinator")("person.search", query="花子", purpose="training")
    log = as_("coordinator")("subject.access_log", ref="P-ours")["items"]
    assert ("person.search", "training", "coordinator") in {(row["method"], row["purpose"], row["by"]) for row in log}


def test_a_restricted_person_is_found_by_who_keeps_the_record_alone(server, as_, world):
    server.call("person.create", code="P-quiet", name="Quiet Qwerty", career_stage="mid")
    server.call("affiliation.create", person="P-quiet", organization="ours", starts="2020-01-01")
    server.call("subject.restrict", ref="P-quiet", reason="disputed")
    assert [codes(as_(name)("person.search", query="qwerty")) for name in ("member", "secretariat", "coordinator")] == [[], [], ["P-quiet"]]


def test_erasing_a_person_empties_the_search_too(server, world):
    server.call("person.create", code="P-goes", name="Zaphodine 消去子", career_stage="mid", researcher_id="0000-0002-1825-0097")
    assert codes(server.call("person.search", query="zaphodine")) == codes(server.call("person.search", query="0000-0002-1825-0097")) == ["P-goes"]
    person, = server.sql("select id from core.person where code = 'P-goes'")[0]
    server.call("subject.erase", ref="P-goes", confirm="P-goes")
    assert server.sql("select count(*) from derive.search_name where record_id = %s or code = 'P-goes'", person) == [(0,)]
    for query in ("zaphodine", "消去子", "P-goes", "0000-0002-1825-0097"):
        assert codes(server.call("person.search", query=query)) == []


def test_nobody_but_the_owner_reads_the_table_of_names(server, world):
    tables = [name for name, in server.sql("select oid::regclass::text from pg_class where relname like 'search\\_%%' and relkind in ('r', 'p')")]
    assert len(tables) == 7
    for table in tables:
        assert server.sql("select has_table_privilege('jinzai_api', %s, 'select'), has_table_privilege('jinzai_daemon', %s, 'select'), "
                          "pg_get_userbyid(relowner) from pg_class where oid = %s::regclass", table, table, table) == [(False, False, "jinzai_derive")]
    # Nor do the planner's statistics keep names.
    assert server.sql("select count(*) from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relname like 'search\\_%%' "
                      "and c.relkind = 'r' and a.attname in ('code', 'name', 'folded') and a.attstattarget <> 0") == [(0,)]


# Bad input ----------------------------------------------------------------------------------------

SEARCHES = ("skill.search", "organization.search", "program.search", "person.search")


@pytest.mark.parametrize("method", SEARCHES)
@pytest.mark.parametrize("query", ["", " ", "　　 ", "\t\n", "-", "ー", "・", "\u0001\u0002", "\u200b", "()", "a" * 201, "核" * 10_000, 5, None, ["x"], {}])
def test_a_query_that_is_none_is_refused_with_its_name(server, world, method, query):
    error = server.refused(method, query=query)
    assert (error.name, error.data["parameter"]) == ("invalid_params", "query")


@pytest.mark.parametrize("method", SEARCHES)
def test_odd_queries_find_nothing_and_break_nothing(server, world, method):
    for query in ("zq\u0001qz\u007f", "\ufffd\ufeffx", "𠮷", "e\u0301" * 50, "zq xq " * 33, "w" * 200, "核" * 200, " ".join("abcdefghij" * 10),
                  "word wording worded wordy words wort", "\U0001f600"):
        assert server.call(method, query=query) == {"items": [], "next": None}, query


@pytest.mark.parametrize("method", SEARCHES)
def test_a_lone_surrogate_is_no_text(server, world, method):
    with server.connect() as wire:
        answer = wire.ask('{"jsonrpc": "2.0", "id": 1, "method": "%s", "params": {"query": "\\ud800"}}\n' % method)
    assert "error" in answer and answer["error"]["code"] in (-32700, -32602)


def test_what_a_search_does_not_know_it_names(server, world):
    call = server.call
    for method, params, name, parameter in (
            ("skill.search", {"query": "x", "framework": "nowhere"}, "not_found", "framework"),
            ("program.search", {"query": "x", "provider": "nobody"}, "not_found", "provider"),
            ("skill.search", {"query": "x", "kind": "animal"}, "invalid_params", "kind"),
            ("skill.search", {"query": "x", "cursor": "bm9uc2Vuc2U"}, "invalid_params", "cursor"),
            ("person.search", {"query": "x", "cursor": "!!"}, "invalid_params", "cursor"),
            ("skill.search", {"query": "x", "limit": 0}, "invalid_params", "limit"),
            ("skill.search", {}, "invalid_params", "query"),
            ("skill.tree", {}, "invalid_params", "framework"),
            ("skill.tree", {"framework": "FS", "category": "FS-MAG"}, "invalid_params", "framework"),
            ("skill.tree", {"framework": "nowhere"}, "not_found", "framework"),
            ("skill.tree", {"category": "nowhere"}, "not_found", "category"),
            ("skill.tree", {"framework": "FS", "depth": 0}, "invalid_params", "depth"),
            ("report.untranslated", {"noun": "person"}, "invalid_params", "noun"),
            ("report.untranslated", {"missing": "fr"}, "invalid_params", "missing"),
            ("report.untranslated", {"cursor": "bm9uc2Vuc2U"}, "invalid_params", "cursor")):
        error = refused(call, method, **params)
        assert (error.name, error.data["parameter"]) == (name, parameter), (method, params)


# Trees, mappings, what is not translated ----------------------------------------------------------


def test_a_tree_is_indented_and_in_order(server, world):
    items = server.call("skill.tree", category="FS-MAG", lang="ja")["items"]
    assert items[0]["tree"].startswith("FS-MAG  ") and items[1]["tree"].startswith("    FS-MAG-01  ")
    assert [item["code"] for item in items] == sorted(item["code"] for item in items)
    whole = server.call("skill.tree", framework="FS")["items"]
    assert {item["code"] for item in items} <= {item["code"] for item in whole}
    assert len(whole) == server.sql("select count(*) from core.skill s join core.framework f on f.id = s.framework_id where f.code = 'FS'")[0][0]
    top = server.call("skill.tree", framework="FS", depth=1)["items"]
    assert {item["depth"] for item in top} == {0} and all(item["parent_id"] is None for item in top)
    assert "    FS-MAG-01  " in server.cli("skill", "tree", "--category", "FS-MAG").stdout


@pytest.fixture(scope="module")
def frameworks(server, world):
    for code in ("FA", "FB", "FC"):
        server.call("framework.create", code=code, name={"en": code})
        for number in range(1, 9):
            server.call("skill.create", code=f"{code}-{number}", framework=code, name={"en": f"{code} skill {number}"})


def test_a_mapping_that_closes_a_circle_is_refused_however_long(server, frameworks):
    call = server.call
    call("skill.map", {"from": "FA-1", "to": "FB-1", "match": "broad"})
    call("skill.map", {"from": "FB-1", "to": "FC-1", "match": "exact"})
    for match in ("broad", "exact"):
        error = refused(call, "skill.map", **{"from": "FC-1", "to": "FA-1", "match": match})
        assert (error.name, error.data["parameter"]) == ("conflict", "match")
    assert refused(call, "skill.map", **{"from": "FA-1", "to": "FC-1", "match": "narrow"}).name == "conflict"
    assert refused(call, "skill.map", **{"from": "FB-1", "to": "FA-1", "match": "broad"}).name == "conflict"
    call("skill.map", {"from": "FC-1", "to": "FA-1", "match": "narrow"})
    # A longer one, over a narrower skill seen from the other end.
    call("skill.map", {"from": "FC-2", "to": "FA-2", "match": "narrow"})
    call("skill.map", {"from": "FC-2", "to": "FB-2", "match": "broad"})
    assert refused(call, "skill.map", **{"from": "FB-2", "to": "FA-2", "match": "broad"}).name == "conflict"
    call("skill.unmap", {"from": "FC-2", "to": "FB-2"})
    call("skill.map", {"from": "FB-2", "to": "FA-2", "match": "broad"})


def test_exact_mappings_agree_with_each_other_and_with_the_rest(server, frameworks):
    call = server.call
    call("skill.map", {"from": "FA-3", "to": "FB-3", "match": "exact"})
    call("skill.map", {"from": "FB-3", "to": "FC-3", "match": "exact"})
    call("skill.map", {"from": "FA-3", "to": "FC-3", "match": "exact"})
    error = refused(call, "skill.map", **{"from": "FA-4", "to": "FC-3", "match": "exact"})
    assert error.name == "conflict" and "FA-3" in error.message
    call("skill.unmap", {"from": "FA-3", "to": "FC-3"})
    assert refused(call, "skill.map", **{"from": "FA-3", "to": "FC-3", "match": "broad"}).name == "conflict"
    # Its own mapping may change its kind.
    call("skill.map", {"from": "FA-3", "to": "FB-3", "match": "broad"})
    assert {(item["from"]["code"], item["to"]["code"], item["match"]) for item in call("skill.mappings", skill="FB-3")["items"]} == {
        ("FA-3", "FB-3", "broad"), ("FB-3", "FC-3", "exact")}
    assert refused(call, "skill.unmap", **{"from": "FA-3", "to": "FC-3"}).name == "not_found"
    assert refused(call, "skill.map", **{"from": "FA-3", "to": "FA-4", "match": "exact"}).name == "invalid_params"


def test_two_mappings_at_once_close_no_circle(server, frameworks):
    for attempt in range(10):
        server.sql("delete from core.skill_mapping m using core.skill s where s.id = m.from_id and s.code in ('FA-5', 'FB-5', 'FC-5')")
        server.call("skill.map", {"from": "FA-5", "to": "FB-5", "match": "broad"})
        done = []

        def attempt_to_map(first, second):
            try:
                server.call("skill.map", {"from": first, "to": second, "match": "broad"})
                done.append(first)
            except RpcError as error:
                assert error.name == "conflict"
        threads = [threading.Thread(target=attempt_to_map, args=pair) for pair in (("FB-5", "FC-5"), ("FC-5", "FA-5"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == 1


def test_what_lacks_a_language_is_reported_by_noun_and_page(server, world):
    call = server.call
    found = walk(call, "report.untranslated", 3)
    assert found == walk(call, "report.untranslated", 1000) and found == sorted(found)
    assert ("organization", "culham") in found and ("organization", "nifs") not in found and ("program", "TRI-BASIC") in found
    assert walk(call, "report.untranslated", 2, noun="program") == [("program", "TRI-BASIC")]
    assert walk(call, "report.untranslated", 2, noun="program", missing="en") == []
    call("program.update", ref="TRI-BASIC", name={"ja": "トリチウム基礎"})
    assert walk(call, "report.untranslated", 2, noun="program") == []
    assert call("report.untranslated", noun="organization", lang="ja")["items"][0]["name"].endswith(" [en]")


# Many ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not ESCO.exists(), reason="the ESCO table is not on this machine")
def test_words_of_a_real_framework_are_found_whole_in_part_and_misspelt(server, world):
    with ESCO.open(encoding="utf-8") as table:
        labels = [row["preferredLabel"] for row in csv.DictReader(table)][:4000]
    server.sql("insert into core.framework (code, name_en) values ('ESCO', 'ESCO')")
    server.sql("insert into core.skill (code, framework_id, name_en) select 'ESCO-' || x.n, f.id, x.label "
               "from core.framework f, unnest(%s) with ordinality as x (label, n) where f.code = 'ESCO'", labels)
    for number in range(0, 4000, 97):
        label = labels[number]
        assert f"ESCO-{number + 1}" in codes(server.call("skill.search", query=label[:200], framework="ESCO")), label
        words = [word for word in label.split() if word.isascii() and word.isalpha() and len(word) >= 6]
        if words:
            word = max(words, key=len)
            for spelt in (word[:2] + word[3:], word[:3] + word[4] + word[3] + word[5:], word[:3] + "x" + word[3:], word[:4].upper() + "q" + word[5:]):
                found = walk(server.call, "skill.search", 1000, query=spelt, framework="ESCO")
                assert (None, f"ESCO-{number + 1}") in found, (label, spelt)


@pytest.fixture(scope="module")
def many(cluster):
    """100,000 skills, 100,000 people, of whom 1,000 are of the organization that asks."""
    server = Server(cluster)
    server.sql("""
        -- What follows from skills and people besides is not what is looked at here.
        alter table core.skill disable trigger user; alter table core.skill enable trigger search_insert;
        alter table core.person disable trigger user; alter table core.person enable trigger search_insert;
        set gin_pending_list_limit = '256MB';
        insert into core.organization (code, name_en, kind, country) values ('ours', 'Ours', 'university', 'JP'), ('theirs', 'Theirs', 'university', 'JP');
        insert into core.framework (code, name_en) values ('MANY', 'Many');
        insert into core.skill (code, framework_id, name_en, name_ja)
        select 'M-' || i, f.id, (array['tritium', 'vacuum', 'neutron', 'plasma', 'laser'])[1 + i / 10 %% 5] || ' '
            || (array['magnets', 'pumps', 'valves', 'mirrors'])[1 + i / 100 %% 4] || ' ' || i,
            (array['極低温', '真空', '中性子', '光学', '遠隔'])[1 + i / 10 %% 5] || (array['磁石', 'ポンプ', '弁', '鏡'])[1 + i / 100 %% 4]
                || (array['評価', '設計', '運転', '保守', '検査'])[1 + i %% 5]
        from generate_series(1, %s) i, core.framework f where f.code = 'MANY';
        insert into core.person (code, name, career_stage, keeper_id)
        select 'M-' || i, (array['佐藤', '鈴木', '高橋', '田中', '伊藤'])[1 + i %% 5] || ' ' || (array['花子', '太郎', '一郎'])[1 + i / 5 %% 3] || ' '
            || (array['Sato', 'Suzuki', 'Takahashi', 'Tanaka', 'Ito'])[1 + i %% 5] || i, 'mid', o.id
        from generate_series(1, %s) i, core.organization o where o.code = case when i %% 100 = 0 then 'ours' else 'theirs' end;
        insert into derive.belonging (organization_id, person_id, kept_until) select keeper_id, id, 'infinity' from core.person;
        insert into core.principal (name, kind, role, organization_id) select 'coordinator', 'person', 'coordinator', id from core.organization where code = 'ours';
        insert into core.principal (name, kind, role, country) values ('secretariat', 'person', 'secretariat', 'JP')""", MANY, MANY)
    server.sql("vacuum analyze")
    yield server
    server.close()


def nodes(plan):
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def plans(server, function, caller, **given):
    """Calls a search as the daemon's role; its answer, and the plans of every statement inside it, as they were run."""
    connection = server.cluster.connect(server.database)
    try:
        with connection.cursor() as cursor:
            # auto_explain may be loaded by a superuser alone; from then on the session is the daemon's.
            cursor.execute("load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; "
                           "set auto_explain.log_format = json; set auto_explain.log_level = notice; "
                           "set session authorization jinzai_daemon")
            names = {"person_search": "p_purpose p_form", "skill_search": "p_framework p_kind"}[function].split()
            words = ", ".join(f"{name} => null" for name in [*names, "p_synthetic", "p_cursor", "p_lang"])
            connection.notices = collections.deque()  # a list would be cut to 50
            cursor.execute(f"select api.{function}(p_caller => %s::uuid, p_query => %s, p_limit => 50, {words})", (caller, given["query"]))
            answer = cursor.fetchone()[0]
            texts = [notice[notice.index("{"):notice.rindex("}") + 1] for notice in connection.notices if "Query Text" in notice]
            return answer, [json.loads(text)["Plan"] for text in texts]
    finally:
        connection.close()


@pytest.mark.parametrize("role", ["coordinator", "secretariat"])
@pytest.mark.parametrize("function, query", [
    ("skill_search", "磁"), ("skill_search", "磁石"), ("skill_search", "magnets 4242"), ("skill_search", "tritum"), ("skill_search", "M-4242"),
    ("skill_search", "nowhere"), ("person_search", "佐"), ("person_search", "佐藤"), ("person_search", "Sato4200"), ("person_search", "takahashy 花子"),
    ("person_search", "M-4200"), ("person_search", "nobody")])
def test_no_table_is_read_from_end_to_end(many, role, function, query):
    caller = str(many.sql("select id from core.principal where name = %s", role)[0][0])
    answer, found = plans(many, function, caller, query=query)
    seen = [node for plan in found for node in nodes(plan)]
    assert {node.get("Index Name") for node in seen} & {"search_skill_grams", "search_person_grams"}
    large = {"search_skill", "search_person", "skill", "person", "belonging"}
    assert [node for node in seen if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large] == []
    if not query.startswith("no"):
        assert answer["items"] or function == "person_search" and role == "coordinator" and query.startswith("takahashy")


def test_a_search_among_many_takes_milliseconds(many):
    with many.connect() as wire:
        for method, query, bound in (("skill.search", "magnets 4242", 0.2), ("skill.search", "磁石", 2), ("person.search", "Sato4200", 0.2),
                                     ("person.search", "佐藤", 2)):
            wire.call(method, {"query": query})
            times = []
            for _ in range(5):
                start = time.monotonic()
                wire.call(method, {"query": query})
                times.append(time.monotonic() - start)
            print(method, query, f"{min(times) * 1000:.1f} ms")
            assert min(times) < bound, (method, query)
