"""People of the sandbox, put into the samples of the catalogue."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from flask_social.sandbox import PEOPLE, Person, Sandbox, catalogue
from flask_social.sandbox.people import SAMPLE
from flask_social.sandbox.samples import document, look, steps_of

from .played_facts import IDS, description
from .played_walk import PlayedWalk
from .test_catalogue import walk_at

BARBARA, RADIA = PEOPLE[3], PEOPLE[4]


@pytest.fixture
def box() -> Sandbox:
    return Sandbox()


def profile_of(walk: PlayedWalk) -> Any:
    answer = walk.tokens()
    return json.loads(walk.call(0, walk.member(answer, "access_token"), answer).text)


@pytest.mark.parametrize("provider_id", ["gitlab", "cognito", "zoom", "freshbooks", "gitee"])
def test_an_address_that_nobody_checked_is_told_in_the_samples_way(provider_id: str) -> None:
    script = catalogue.find(provider_id)
    assert script
    assert script.play
    name = "emails" if provider_id == "gitee" else "profile"
    [path] = script.play.person[name]["verified"]
    said = look(document(script.play, name, BARBARA), steps_of(path))
    expected = {"cognito": "false", "zoom": 0, "gitee": "unconfirmed"}
    assert said == expected.get(provider_id)
    checked = look(document(script.play, name, PEOPLE[0]), steps_of(path))
    assert checked == look(script.play.samples[name], steps_of(path))


CHECKED = [
    each
    for each in IDS
    if any("checked" in roles for roles in description(each).get("person", {}).values())
]


@pytest.mark.parametrize("provider_id", CHECKED)
def test_an_address_that_nobody_checked_is_not_told_where_only_checked_ones_are(
    provider_id: str,
) -> None:
    script = catalogue.find(provider_id)
    assert script
    assert script.play
    told = [
        json.dumps([document(script.play, name, person) for name in script.play.samples])
        for person in (PEOPLE[0], BARBARA)
    ]
    assert ["ada@example.com" in told[0], "barbara@example.com" in told[1]] == [True, False]


@pytest.mark.parametrize("provider_id", ["twitch", "paypal", "yandex", "bitbucket", "hubspot"])
def test_somebody_without_an_address_has_none(provider_id: str) -> None:
    script = catalogue.find(provider_id)
    assert script
    assert script.play
    for name in script.play.samples:
        assert "@example.com" not in json.dumps(document(script.play, name, RADIA))
    left = document(script.play, "profile", RADIA)
    assert {"twitch": len, "yandex": lambda found: found["emails"] == []}.get(
        provider_id, lambda found: found
    )(left)


def test_a_field_that_somebody_lacks_is_null_to_graphql(box: Sandbox) -> None:
    assert profile_of(walk_at(box, "linear", "radia"))["data"]["viewer"]["email"] is None


def test_ids_differ_by_person_and_are_the_same_in_every_run(box: Sandbox) -> None:
    script = catalogue.find("dropbox")
    assert script
    assert script.play
    ids = {document(script.play, "profile", person)["account_id"] for person in PEOPLE}
    assert len(ids) == len(PEOPLE)
    assert all(each.startswith("dbid:") and len(each) == 40 for each in ids)
    again = document(script.play, "profile", replace(PEOPLE[0]))
    assert again["account_id"] in ids


@pytest.mark.parametrize("provider_id", IDS)
def test_nobody_has_the_id_of_another(provider_id: str) -> None:
    script = catalogue.find(provider_id)
    assert script
    assert script.play
    for name, roles in script.play.person.items():
        for path in [*roles.get("id", []), *roles.get("handle", [])]:
            told = [document(script.play, name, person) for person in (SAMPLE, *PEOPLE)]
            ids = [str(look(each, steps_of(path))) for each in told]
            assert len({each.lower() for each in ids}) == len(ids), ids


def test_further_claims_of_a_person_are_told_too() -> None:
    person = Person(key="eve", name="Eve X", username="eve", claims={"hd": "example.com"})
    box = Sandbox(people=[person])
    assert profile_of(walk_at(box, "gitlab", "eve"))["hd"] == "example.com"


def test_the_person_of_the_samples_is_on_no_page(box: Sandbox) -> None:
    box.login_as("sample")
    box.ask()
    page = PlayedWalk(box, "discord").authorize().text
    assert "Ada Lovelace" in page
    assert "Ada Example" not in page
