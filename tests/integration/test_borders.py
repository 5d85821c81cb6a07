# SPDX-License-Identifier: Apache-2.0
"""Personal data at a border: who is shown what, under which basis, and what is kept of it."""

import time

import pytest

from conftest import Cluster, RpcError, Server, words

NAME = "田中花子 Tanaka Hanako"
ORCID = "0000-0002-1825-0097"
NUMBER = "Licence-JP-4711"
CERTIFICATE = "Certificate-0815"
PERSONAL = (NAME, ORCID, NUMBER, CERTIFICATE, "1985")


def people(server):
    """A Japanese and an American organization, a person of each; the Japanese one goes to the American one."""
    call = server.call
    for code, country in (("jp", "JP"), ("jp-two", "JP"), ("us", "US"), ("us-two", "US")):
        call("organization.create", code=code, name={"en": f"Organization {code}"}, kind="university", country=country)
    call("qualification.create", code="q-jp", name={"en": "Licence"}, kind="licence", country="JP")
    call("person.create", code="P-jp", name=NAME, career_stage="mid", birth_cohort=1985, researcher_id=ORCID)
    call("person.create", code="P-us", name="Jane Doe", career_stage="mid", birth_cohort=1990)
    call("affiliation.create", person="P-jp", organization="jp", starts="2020-01-01")
    call("affiliation.create", person="P-us", organization="us", starts="2020-01-01")
    made = {"certification": call("certification.create", person="P-jp", qualification="q-jp", number=NUMBER, starts="2024-01-01")["id"]}
    call("program.create", code="PR-us", name={"en": "Course"}, provider="us")
    call("session.create", code="SE-us", program="PR-us", starts="2025-01-10", ends="2025-01-20")
    made["enrollment"] = call("enrollment.create", session="SE-us", person="P-jp", applied_on="2025-01-05")["code"]
    for step in ("admit", "start"):
        call(f"enrollment.{step}", ref=made["enrollment"])
    call("enrollment.complete", ref=made["enrollment"], completed_on="2025-01-20", certificate_number=CERTIFICATE)
    call("exchange.create", code="EX-1", kind="visit", person="P-jp", home="jp", host="us", starts="2027-01-01", ends="2027-01-10")
    return made


def principal(server, name, role, organization=None, country=None, kind="person"):
    return str(server.sql(
        "insert into core.principal (name, kind, role, organization_id, country) "
        "select %s, %s, %s, (select id from core.organization where code = %s), %s returning id",
        name, kind, role, organization, country)[0][0])


@pytest.fixture(scope="module")
def world(server):
    return people(server)


@pytest.fixture(scope="module")
def as_(server, world):
    """as_("us", "coordinator")("person.get", …): calls as a principal of that role and organization or country."""
    wires = {}

    def sign_in(where, role):
        if (where, role) not in wires:
            organization = where if where.islower() else None
            made = principal(server, f"{role} of {where}", role, organization, None if organization or where == "-" else where)
            wire = server.connect()
            wire.call("access.sign_in", {"token": server.call("token.create", principal=made)["token"]})
            wires[where, role] = wire
        return lambda method, **params: wires[where, role].call(method, params)

    yield sign_in
    for wire in wires.values():
        wire.close()


def refused(call, method, **params):
    with pytest.raises(RpcError) as caught:
        call(method, **params)
    return caught.value


def rows(server, table):
    return server.sql(f"select count(*) from core.{table}")[0][0]


def silent(answer):
    """Whether nothing personal stands anywhere in the answer."""
    return not any(value in words(answer) for value in PERSONAL)


@pytest.fixture
def basis(server):
    """Records a legal basis for one test."""
    made = []

    def make(**params):
        code = f"LB-{rows(server, 'legal_basis') + 1}"
        made.append(code)
        server.call("legal_basis.create", **{"code": code, "kind": "agreement", "law": "appi", "provision": "APPI 28(1)",
                                             "purpose": "exchange", "recipient_country": "US", "starts": "2020-01-01", **params})
        return code

    yield make
    for code in made:
        if server.call("legal_basis.get", ref=code)["ends"] is None:
            server.call("legal_basis.end", ref=code)


# In the country ----------------------------------------------------------------------------------


def test_at_home_a_person_is_shown_and_who_read_it_for_what_is_kept(server, as_):
    call = as_("jp", "coordinator")
    shown = call("person.get", ref="P-jp", purpose="administration")
    assert (shown["name"], shown["pseudonymous"]) == (NAME, False)
    assert call("person.get", ref="P-jp", form="personal")["researcher_id"] == ORCID  # at home no purpose is asked for
    assert server.sql("""
        select r.name, a.method, a.purpose, a.form from core.access_read a join core.principal r on r.id = a.principal_id
        where a.people = array[(select log_reference from core.person where code = 'P-jp')] order by a.id desc limit 2""") == [
            ("coordinator of jp", "person.get", None, "personal"), ("coordinator of jp", "person.get", "administration", "personal")]
    assert rows(server, "disclosure") == 0


def test_a_pseudonym_is_given_where_no_more_is_wanted(server, as_):
    shown = as_("jp", "coordinator")("person.get", ref="P-jp", form="pseudonymous")
    assert shown["code"] == "P-jp" and shown["pseudonymous"] and silent(shown)
    assert server.sql("select form from core.access_read order by id desc limit 1") == [("pseudonymous",)]


# Across ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where, role", [("us", "coordinator"), ("us", "member"), ("US", "secretariat"), ("US", "auditor"),
                                         ("US", "admin"), ("-", "admin")])
def test_abroad_without_a_basis_there_is_a_pseudonym_or_consent_is_required(server, world, as_, where, role):
    call = as_(where, role)
    before = rows(server, "disclosure")
    for params in ({}, {"purpose": "exchange"}, {"form": "pseudonymous", "purpose": "exchange"}):
        shown = call("person.get", ref="P-jp", **params)
        assert shown["pseudonymous"] and set(shown) <= {"id", "code", "pseudonymous", "synthetic", "version"}
        assert silent(call("person.list", **params)["items"][0])
        assert silent(call("certification.get", ref=world["certification"], **params))
        assert silent(call("certification.list", person="P-jp", **params))
    assert silent(call("enrollment.get", ref=world["enrollment"]))
    error = refused(call, "person.get", ref="P-jp", form="personal")
    assert (error.name, error.data["parameter"]) == ("consent_required", "purpose")
    for method, params in (("person.get", {"ref": "P-jp"}), ("person.list", {}), ("certification.get", {"ref": world["certification"]}),
                           ("certification.list", {"person": "P-jp"})):
        error = refused(call, method, form="personal", purpose="exchange", **params)
        assert error.name == "consent_required" and silent(str(error))
    assert rows(server, "disclosure") == before


def test_a_basis_for_the_purpose_and_country_lets_it_pass_and_the_transfer_is_kept(server, world, as_, basis):
    code = basis(organization="jp")
    call = as_("us", "coordinator")
    shown = call("person.get", ref="P-jp", purpose="exchange", form="personal")
    assert (shown["name"], shown["birth_cohort"], shown["pseudonymous"]) == (NAME, 1985, False)
    assert server.sql("""
        select d.from_country, p.code, d.to_country, r.code, d.recipient_name, n.name, d.purpose, b.code, d.consent_id, d.method,
            'researcher_id' = any (d.categories), d.person = (select log_reference from core.person where code = 'P-jp')
        from core.disclosure d join core.organization p on p.id = d.provider_id join core.organization r on r.id = d.recipient_id
        join core.principal n on n.id = d.principal_id join core.legal_basis b on b.id = d.legal_basis_id
        order by d.at desc limit 1""") == [
            ("JP", "jp", "US", "us", "Organization us", "coordinator of us", "exchange", code, None, "person.get", True, True)]
    assert call("certification.get", ref=world["certification"], purpose="exchange")["number"] == NUMBER
    assert call("person.get", ref="P-jp")["pseudonymous"]
    assert call("person.get", ref="P-jp", purpose="planning")["pseudonymous"]
    assert refused(call, "person.get", ref="P-jp", purpose="planning", form="personal").name == "consent_required"
    assert as_("US", "secretariat")("person.get", ref="P-jp", purpose="exchange")["name"] == NAME
    server.call("legal_basis.end", ref=code)
    assert call("person.get", ref="P-jp", purpose="exchange")["pseudonymous"]


@pytest.mark.parametrize("params, passes", [
    ({"from_country": "JP"}, True),
    ({"from_country": "US"}, False),
    ({"person": "P-jp"}, True),
    ({"person": "P-us"}, False),
    ({"organization": "jp-two"}, False),
    ({"organization": "jp", "recipient": "us"}, True),
    ({"organization": "jp", "recipient": "us-two"}, False),
    ({"organization": "jp", "recipient_country": "FR"}, False),
    ({"organization": "jp", "starts": "2040-01-01"}, False),
    ({"organization": "jp", "ends": "2021-01-01"}, False),
    ({"organization": "jp", "purpose": "training"}, False),
])
def test_a_basis_covers_whom_and_what_it_names(as_, basis, params, passes):
    basis(**params)
    assert as_("us", "coordinator")("person.get", ref="P-jp", purpose="exchange")["pseudonymous"] is not passes


def test_a_consent_lets_it_pass_until_it_is_withdrawn_which_holds_at_once(server, as_):
    home, abroad = as_("jp", "coordinator"), as_("us", "coordinator")
    given = home("consent.give", person="P-jp", purpose="exchange", recipient_country="US", notice_version="2026-04", notice_lang="ja")
    assert abroad("person.get", ref="P-jp", purpose="exchange", form="personal")["name"] == NAME
    assert server.sql("select consent_id::text, legal_basis_id from core.disclosure order by at desc limit 1") == [(given["id"], None)]
    shown = home("consent.get", ref=given["id"])
    assert (shown["notice_version"], shown["notice_lang"], shown["holds"]) == ("2026-04", "ja", True)
    home("consent.withdraw", ref=given["id"])
    assert refused(abroad, "person.get", ref="P-jp", purpose="exchange", form="personal").name == "consent_required"
    assert refused(home, "consent.withdraw", ref=given["id"]).name == "invalid_transition"
    assert [item["holds"] for item in home("consent.list", person="P-jp")["items"]] == [False]


def test_of_a_list_each_person_is_shown_as_far_as_their_data_may_go(server, as_, basis):
    call = as_("US", "secretariat")
    items = {item["code"]: item for item in call("person.list", purpose="exchange")["items"]}
    assert items["P-us"]["name"] == "Jane Doe" and items["P-jp"]["pseudonymous"] and silent(items["P-jp"])
    basis(from_country="JP")
    before = rows(server, "disclosure")
    items = {item["code"]: item for item in call("person.list", purpose="exchange", form="personal")["items"]}
    assert (items["P-us"]["name"], items["P-jp"]["name"]) == ("Jane Doe", NAME)
    assert rows(server, "disclosure") == before + 1  # P-us did not cross


def test_who_receives_does_not_allow_it_to_themselves(server, as_):
    abroad = as_("US", "secretariat")
    row = {"kind": "agreement", "law": "other", "provision": "x", "purpose": "exchange", "recipient_country": "US", "starts": "2020-01-01"}
    for scope in ({"from_country": "JP"}, {"organization": "jp"}, {"person": "P-jp"}):
        assert refused(abroad, "legal_basis.create", code="LB-mine", **row, **scope).name == "denied"
    consent = {"person": "P-jp", "purpose": "exchange", "recipient_country": "US", "notice_version": "1", "notice_lang": "en"}
    assert refused(abroad, "consent.give", **consent).name == "denied"
    assert refused(as_("us", "coordinator"), "consent.give", **consent).name == "denied"
    assert refused(as_("jp-two", "coordinator"), "legal_basis.create", code="LB-mine", **row, organization="jp").name == "denied"
    assert server.sql("select count(*) from core.legal_basis where code = 'LB-mine'") == [(0,)]
    assert refused(server.call, "legal_basis.create", code="LB-two", **row, from_country="JP", person="P-jp").name == "invalid_params"


def test_home_is_where_the_person_is_most(server, as_):
    call = server.call
    call("person.create", code="P-moves", name="Moving Person", career_stage="early")
    abroad = as_("US", "secretariat")
    assert abroad("person.get", ref="P-moves")["pseudonymous"]  # nobody knows where that is
    call("affiliation.create", person="P-moves", organization="us", starts="2020-01-01", fte=0.4)
    assert abroad("person.get", ref="P-moves")["name"] == "Moving Person"
    call("affiliation.create", person="P-moves", organization="jp", starts="2020-01-01", fte=0.6)
    assert abroad("person.get", ref="P-moves")["pseudonymous"]
    assert as_("JP", "secretariat")("person.get", ref="P-moves")["name"] == "Moving Person"


# What is on disk before the answer ----------------------------------------------------------------


def test_a_disclosure_outlives_a_crash_right_after_its_answer_and_a_read_one_a_second_later():
    cluster = Cluster()
    server = Server(cluster)
    try:
        people(server)
        server.call("legal_basis.create", code="LB", kind="agreement", law="appi", provision="APPI 28(1)", purpose="exchange",
                    recipient_country="US", starts="2020-01-01", organization="jp")
        made = principal(server, "abroad", "coordinator", "us")
        with server.connect() as wire:
            wire.call("access.sign_in", {"token": server.call("token.create", principal=made)["token"]})
            server.call("person.get", ref="P-us", purpose="audit")
            time.sleep(1)
            assert wire.call("person.get", {"ref": "P-jp", "purpose": "exchange"})["name"] == NAME
            cluster.kill()
        cluster.start()
        assert server.sql("select purpose, method from core.disclosure") == [("exchange", "person.get")]
        assert server.sql("select count(*) from core.access_read where purpose = 'audit'") == [(1,)]
    finally:
        server.stop(9)
        cluster.stop()
