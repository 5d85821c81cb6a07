# SPDX-License-Identifier: Apache-2.0
"""report.briefing: a committee meeting's document, in two languages and two formats, of what the reader may see."""

import html.parser
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from conftest import RpcError

DAY, MONTH = "2026-06-15", "2026-06"
HOSTILE = "<script>alert(1)</script> & | `Institute` \"*\" [x](y)"
SECRET = "Secret Person"
SECTIONS = {
    "en": ["In brief", "Pillar by pillar", "The largest gaps", "The fastest-growing gaps", "Fragile skills", "Exchange balance",
           "Program outcomes", "Due dates of exchanges", "Priority opportunities", "Recorded gaps and what came of their actions",
           "Assumptions and their age", "What cannot be said"],
    "ja": ["概要", "柱ごとの状況", "大きな不足", "速く広がる不足", "脆弱な技能", "人材交流の均衡", "研修プログラムの成果", "人材交流の期限",
           "優先すべき機会", "登録された不足と対策の実績", "前提とその古さ", "分からないこと"],
}
SYNTHETIC = {"en": "Contains synthetic data", "ja": "合成データを含む"}
EVERY = [(lang, form) for lang in ("en", "ja") for form in ("markdown", "html")]


def people(server, organization, skill, heads, synthetic=True):
    """So many more verified people of one organization with a skill at level 4."""
    server.sql("""
        with people as (insert into core.person (id, code, name, career_stage, verified, synthetic, birth_cohort)
            select x.id, 'x-' || left(x.id::text, 23), %s, 'mid', true, %s, 1970
            from (select gen_random_uuid() as id from generate_series(1, %s)) x returning id),
        placed as (insert into core.affiliation (person_id, organization_id, fte, valid)
            select p.id, o.id, 1, '[2015-01-01,)' from people p, core.organization o where o.code = %s returning id)
        insert into core.holding (person_id, skill_id, level, valid, evidence)
        select p.id, s.id, 4, '[2015-01-01,)', 'assessment' from people p, core.skill s
        where s.code = %s and (select count(*) from placed) > 0
    """, SECRET, synthetic, heads, organization, skill)


class World:
    def __init__(self, server):
        self.server, call = server, server.call
        for code, name, country in (("kyoto", HOSTILE, "JP"), ("oak", "Oak Laboratory", "US")):
            call("organization.create", code=code, name={"en": name, "ja": name}, kind="university", country=country)
        people(server, "kyoto", "FS-TRI-01", 20)
        people(server, "oak", "FS-TRI-01", 60)
        people(server, "oak", "FS-MAG-01", 40)
        for year in range(2026, 2031):
            for organization, fte in (("kyoto", 40), ("oak", 30)):
                call("demand.create", organization=organization, skill="FS-TRI-01", level=3, fte=fte + 5 * (year - 2026),
                     fte_low=fte - 10, fte_high=fte + 50, year=year, source="Plan", synthetic=True)
        call("person.create", code="NOBODY-7", name=SECRET, career_stage="mid", synthetic=True)
        call("affiliation.create", person="NOBODY-7", organization="kyoto", starts="2020-01-01", synthetic=True)
        call("exchange.create", code="EX-late", kind="visit", person="NOBODY-7", home="kyoto", host="oak", starts="2026-06-20",
             ends="2026-07-20", scheme="jp-us-fusion", category="personal-exchange", synthetic=True)
        call("program.create", code="PR-1", name={"en": "Tritium course", "ja": "トリチウム講座"}, provider="oak", pillars=["workforce"],
             teaches=[{"skill": "FS-TRI-01", "level": 3}], capacity=12, synthetic=True)
        call("gap.create", code="GAP-1", skill="FS-TRI", level=3, year=2030, size_fte=20, severity="high", country="JP", synthetic=True)
        server.sql("update core.gap set created_at = '2026-01-05'")
        server.fold()
        self.wires = {}
        for role in ("analyst", "secretariat"):
            principal = call("principal.create", name=role, kind="person", role=role)["id"]
            self.wires[role] = server.connect()
            self.wires[role].call("access.sign_in", {"token": call("token.create", principal=principal)["token"]})
        self.release = self.wires["secretariat"].call("release.create", {"month": MONTH})["code"]

    def ask(self, who="admin", **more):
        params = {"as_of": DAY, "years": 4, **more}
        return self.wires[who].call("report.briefing", params) if who in self.wires else self.server.call("report.briefing", params)


@pytest.fixture(scope="module")
def world(server):
    world = World(server)
    yield world
    for wire in world.wires.values():
        wire.close()


def page(document):
    """The HTML, parsed as XML, which it is too; the names of its elements are bare."""
    head, body = document.split("\n", 1)
    assert head == "<!DOCTYPE html>"
    tree = ElementTree.fromstring(body)
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    return tree


def text_of(element):
    return "".join(element.itertext())


def headings(document, form):
    if form == "html":
        return [text_of(h) for h in page(document).iter("h2")]
    return re.findall(r"^## (.*)$", document, re.M)


@pytest.mark.parametrize("lang, form", EVERY)
def test_every_section_is_there_and_marked_where_data_is_synthetic(world, lang, form):
    answer = world.ask(lang=lang, format=form)
    assert (answer["lang"], answer["format"], answer["date"], answer["synthetic"]) == (lang, form, DAY, True)
    document = answer["document"]
    assert headings(document, form) == SECTIONS[lang]
    if form == "html":
        tree = page(document)
        marks = [text_of(p) for p in tree.iter("p") if p.get("class") == "mark"]
        assert len(marks) == len(SECTIONS[lang]) and all(SYNTHETIC[lang] in mark for mark in marks)
        for where in ("running", "foot"):  # on every printed page
            assert [SYNTHETIC[lang] in text_of(d) for d in tree.iter("div") if d.get("class") == where] == [True]
    else:
        for section in re.split(r"^## ", document, flags=re.M)[1:]:
            assert SYNTHETIC[lang] in section.split("\n")[2]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_html_needs_nothing_from_outside_and_its_charts_can_be_read_aloud(world, lang):
    document = world.ask(lang=lang, format="html")["document"]
    tree = page(document)
    assert tree.get("lang") == lang
    names = {element.tag for element in tree.iter()}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "image", "use", "foreignObject"}
    for element in tree.iter():
        assert not [name for name in element.attrib if name in ("src", "href") or name.startswith("on")], element.tag
    assert "url(" not in document and "@import" not in document
    charts = list(tree.iter("svg"))
    assert len(charts) >= 3
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for chart in charts:
        assert chart.get("role") == "img" and all(name in ids for name in chart.get("aria-labelledby").split())
        assert text_of(chart.find("title")) and text_of(chart.find("desc"))
    for table in tree.iter("table"):
        columns = len(table.find("thead").find("tr"))
        assert all(len(row) == columns for row in table.find("tbody")) and len(table.find("tbody")) > 0

    class Reader(html.parser.HTMLParser):
        depth = 0

        def handle_starttag(self, tag, attributes):
            self.depth += 1

        def handle_endtag(self, tag):
            self.depth -= 1

        def handle_startendtag(self, tag, attributes):
            pass
    reader = Reader()
    reader.feed(document)
    reader.close()
    assert reader.depth == 0


def test_a_hostile_name_is_shown_as_it_is(world):
    assert HOSTILE in text_of(page(world.ask(lang="en", format="html")["document"]))
    document = world.ask(lang="en")["document"]
    assert "<script" not in document and "&lt;script&gt;" in document
    for table in re.findall(r"(?:^\|.*\n)+", document, re.M):  # no name adds a column
        assert len({re.sub(r"\\.", "", line).count("|") for line in table.splitlines()}) == 1


def test_sentences_say_what_the_figures_are(world):
    document = world.ask(lang="en")["document"]
    assert "In Japan supply covers 50% of demand: 20 FTE against 40 FTE, a gap of 20 FTE." in document
    assert "The largest gap today is in Tritium in Japan: 20 FTE of a demand of 40 FTE." in document
    assert re.search(r"Tritium in Japan: by 2030 the middle of the futures drawn is a gap of [0-9.]+ FTE; eight of ten futures lie "
                     r"between [0-9.]+ and [0-9.]+ FTE, and [a-z ]+ show a gap\.", document)
    assert "One gap is on record, of which one is open or being closed." in document
    assert "One running program serves it." in document
    document = world.ask(lang="ja")["document"]
    assert "日本では需要40 FTEに対して供給は20 FTEで、充足率は50%、不足は20 FTEです。" in document
    assert "2026年6月15日" in document


@pytest.mark.parametrize("lang, form", EVERY)
def test_nobody_is_named(world, lang, form):
    for who in ("admin", "secretariat", "analyst"):
        assert SECRET not in world.ask(who, lang=lang, format=form)["document"]
        assert "NOBODY-7" not in world.ask(who, lang=lang, format=form)["document"]


@pytest.mark.parametrize("lang, form", EVERY)
def test_the_same_question_gives_the_same_bytes(world, lang, form):
    assert world.ask(lang=lang, format=form) == world.ask(lang=lang, format=form)


def test_an_analyst_reads_a_release_and_no_exchange_one_by_one(world):
    mine, live = world.ask("analyst", lang="en"), world.ask(lang="en")
    assert mine["perturbed"] and mine["release"] == world.release and not live["perturbed"] and live["release"] is None
    assert "Counts of people changed by up to 6" in mine["document"] and "Counts of people changed" not in live["document"]
    assert world.release in mine["document"]
    assert "EX-late" in live["document"] and "EX-late" not in mine["document"]
    assert "their due dates are left out" in mine["document"]


def test_one_person_more_after_the_release_changes_no_byte_of_an_analysts_document(world):
    before = [world.ask("analyst", lang=lang, format=form) for lang, form in EVERY]
    people(world.server, "kyoto", "FS-TRI-01", 1)
    world.server.fold()
    try:
        assert [world.ask("analyst", lang=lang, format=form) for lang, form in EVERY] == before
    finally:
        world.server.sql("delete from core.holding where person_id = (select id from core.person where code like 'x-%%' order by created_at desc limit 1)")
        world.server.fold()


def test_a_document_can_be_about_one_country_pillar_or_organization(world):
    document = world.ask(lang="en", country="JP", pillar="workforce")["document"]
    assert re.findall(r"^### (.*)$", document, re.M) == ["Skills and workforce development"]
    assert "about Japan alone" in document
    assert "United States" not in document.split("## The largest gaps")[1].split("## Fragile skills")[0]
    document = world.ask(lang="en", organization="oak")["document"]
    assert "The document is about Oak Laboratory alone." in document and "at Oak Laboratory" in document.replace("At Oak", "at Oak")
    assert headings(document, "markdown") == SECTIONS["en"]


@pytest.mark.parametrize("lang, form", EVERY)
def test_an_empty_record_gives_a_short_and_honest_document(own_server, lang, form):
    answer = own_server().call("report.briefing", lang=lang, format=form)
    document = answer["document"]
    assert headings(document, form) == SECTIONS[lang] and not answer["synthetic"]
    assert {"en": "Nothing can be said about gaps.", "ja": "何も述べられません。"}[lang] in document
    assert SYNTHETIC[lang] not in document and "<svg" not in document
    without = re.split({"en": "Assumptions and their age", "ja": "前提とその古さ"}[lang], document)[0]
    assert len(re.sub(r"<style>.*?</style>", "", without)) < 6000


@pytest.mark.parametrize("wrong, parameter", [
    ({"format": "pdf"}, "format"), ({"lang": "fr"}, "lang"), ({"years": 0}, "years"), ({"years": 21}, "years"), ({"top": 0}, "top"),
    ({"level": 6}, "level"), ({"pillar": "money"}, "pillar"), ({"seed": -1}, "seed"), ({"as_of": "2026-02-30"}, "as_of"),
    ({"organization": "nobody"}, "organization"), ({"committee": "nobody"}, "committee"),
])
def test_bad_input_is_named(world, wrong, parameter):
    with pytest.raises(RpcError) as caught:
        world.ask(**wrong)
    assert caught.value.data["parameter"] == parameter and caught.value.data["expected"]


def test_without_assumptions_the_projection_is_left_out_with_a_sentence(own_server):
    server = own_server()
    server.sql("delete from core.assumption")
    document = server.call("report.briefing", lang="en")["document"]
    assert "No assumptions are recorded, so nothing is projected." in document and "No assumptions are recorded." in document


def test_the_table_of_a_projection_shows_the_last_year_that_has_a_gap(world):
    shown = world.server.cli("gap", "project", "--years", 8, "--as-of", MONTH, "--lang", "en").stdout
    rows = [line.split() for line in shown.splitlines() if line.startswith("FS-TRI ") and "level" not in line]
    assert rows and all("2030" in row and "known" in row for row in rows)
    assert "2034" in shown.split("gap in FTE")[1]  # the fan goes on to where it cannot be said


def test_the_command_prints_just_the_document(world):
    for form in ("markdown", "html"):
        printed = world.server.cli("report", "briefing", "--lang", "ja", "--format", form, "--as-of", DAY, "--years", 4).stdout
        assert printed == world.ask(lang="ja", format=form)["document"]
    everything = json.loads(world.server.cli("report", "briefing", "--as-of", DAY, "--json").stdout)
    assert everything["format"] == "markdown" and everything["lang"] == "en"
