"""The code of the 1.6.2 documentation works as printed, but for the lines that are excepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from flask_social.testing import ServedSandbox
from tests import doccommands
from tests.bed import PASSWORD, Bed, Browser, served
from tests.docpages import trip
from tests.doctables import names as code
from tests.doctables import rows
from tests.documented.excepted import EXCEPTED, Excepted
from tests.documented.forms import forms, forms_of, press
from tests.documented.snippets import (
    CONFIGURATION,
    EMAIL,
    TEMPLATES,
    USER,
    as_of_today,
    names,
    with_api,
    with_profile,
)

PROVIDERS = {"twitter": "Twitter", "facebook": "Facebook", "foursquare": "foursquare"}
"""The three of the documented templates, with the names that these give them."""


@pytest.fixture
def documented(box: ServedSandbox, tmp_path: Path) -> Iterator[Bed]:
    """The documented application, served."""
    with served(with_profile(tmp_path, box)) as bed:
        yield bed


@pytest.fixture
def ada(documented: Bed) -> Browser:
    """The application's user, who has signed in by the documented form."""
    browser = documented.browser()
    sign_in(browser)
    return browser


def sign_in(browser: Browser, **typed: str) -> requests.Response:
    """Fill in the documented login form."""
    return press(
        browser, browser.get("/sign-in"), "Login", username=USER, password=PASSWORD, **typed
    )


def arrive(browser: Browser, answer: requests.Response) -> requests.Response:
    """Say yes at the provider that *answer* leads to, and come back."""
    assert answer.status_code == 303, (answer.status_code, answer.text)
    return browser.get(browser.at_provider(answer.headers["Location"]))


# The application, chapter by chapter.


def test_the_configuration_makes_four_providers(documented: Bed) -> None:
    remotes = documented.app.extensions["social"].providers
    assert {name: remotes[name].consumer_key for name in sorted(remotes)} == {
        "facebook": "facebook app id",
        "foursquare": "client id",
        "google": "xxxx",
        "twitter": "twitter consumer key",
    }


def test_a_visitor_of_the_profile_is_sent_to_log_in(documented: Bed) -> None:
    answer = documented.browser().get("/profile")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=/profile"


def test_the_login_form_takes_a_user_name_and_leads_to_the_profile(documented: Bed) -> None:
    browser = documented.browser()
    answer = sign_in(browser)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/profile")
    assert forms(browser.get("/profile")).keys() == {
        "Connect Twitter",
        "Connect Facebook",
        "Connect foursquare",
    }


def test_the_login_form_refuses_a_wrong_password(documented: Bed) -> None:
    browser = documented.browser()
    page = browser.get("/sign-in")
    answer = press(browser, page, "Login", username=USER, password="not the password")
    assert answer.status_code == 200
    assert browser.get("/profile").status_code == 302


def test_the_box_of_the_login_form_remembers(documented: Bed) -> None:
    browser = documented.browser()
    sign_in(browser, remember="y")
    assert "remember_token" in browser.http.cookies
    assert "remember" not in forms(documented.browser().get("/sign-in"))["Login"].fields


@pytest.mark.parametrize("name", PROVIDERS.values(), ids=PROVIDERS)
def test_the_buttons_connect_and_disconnect(ada: Browser, documented: Bed, name: str) -> None:
    back = arrive(ada, press(ada, ada.get("/profile"), f"Connect {name}"))
    assert back.status_code == 303
    page = ada.get("/profile")
    assert f"Disconnect {name}" in forms(page)
    assert f"Connect {name}" not in forms(page)

    question = press(ada, page, f"Disconnect {name}")
    assert [row.provider_id for row in documented.rows()] == [name.lower()]
    [button] = forms(question)
    removed = press(ada, question, button)
    assert removed.status_code == 303
    assert documented.rows() == []
    assert f"Connect {name}" in forms(ada.get("/profile"))


@pytest.mark.parametrize("name", PROVIDERS.values(), ids=PROVIDERS)
def test_a_connected_account_logs_in_by_its_button(
    ada: Browser, documented: Bed, name: str
) -> None:
    arrive(ada, press(ada, ada.get("/profile"), f"Connect {name}"))

    stranger = documented.browser()
    back = arrive(stranger, press(stranger, stranger.get("/sign-in"), f"Login with {name}"))
    assert (back.status_code, back.headers["Location"]) == (303, "/profile")
    assert f"Disconnect {name}" in forms(stranger.get("/profile"))


def test_an_account_that_is_not_connected_does_not_log_in(documented: Bed) -> None:
    stranger = documented.browser()
    arrive(stranger, press(stranger, stranger.get("/sign-in"), "Login with Facebook"))
    assert stranger.get("/profile").status_code == 302
    assert documented.rows() == []


def test_the_documented_model_keeps_what_it_has_columns_for(
    ada: Browser, documented: Bed, box: ServedSandbox
) -> None:
    arrive(ada, press(ada, ada.get("/profile"), "Connect Twitter"))
    [row] = documented.rows()
    assert row.user_id == documented.user_id(EMAIL)
    assert row.provider_user_id
    assert row.access_token
    assert row.secret
    assert row.display_name.startswith("@")


def test_the_api_example_posts_to_twitter(box: ServedSandbox, tmp_path: Path) -> None:
    with served(with_api(tmp_path, box)) as bed:
        ada = bed.browser()
        sign_in(ada)
        arrive(ada, ada.post("/connect/twitter"))
        assert ada.get("/profile").text == "Posted."
    assert posts(box) == ["hello from my Flask app!"]


@pytest.mark.answers_500("the printed view returns nothing, as Flask says")
def test_the_call_of_the_api_example_posts_as_printed(box: ServedSandbox, tmp_path: Path) -> None:
    [call] = [each for each in EXCEPTED if "PostUpdate" in each.printed]
    with pytest.raises(TypeError, match="did not return a valid response"):
        walk_through_api(box, tmp_path, call)
    assert posts(box) == ["hello from my Flask app!"]


def posts(box: ServedSandbox) -> list[str]:
    """What was posted to the sandbox's Twitter."""
    return [post.text for post in box["twitter"].posts]


# The list of excepted lines.


def test_what_is_left_of_the_installation_works(tmp_path: Path) -> None:
    lines = [line for line in as_of_today("install").splitlines() if line]
    assert len(lines) > 3
    for line in lines:
        doccommands.check(line.removeprefix("$ "), tmp_path, "")


@pytest.mark.answers_500("it is shown to fail, in the application's own code")
@pytest.mark.parametrize("excepted", EXCEPTED, ids=lambda each: each.printed[:40])
def test_an_excepted_line_fails_as_printed(
    excepted: Excepted, box: ServedSandbox, tmp_path: Path
) -> None:
    with pytest.raises(excepted.fails) as caught:
        WALKS.get(excepted.snippet, walk_through_profile)(box, tmp_path, excepted)
    assert not isinstance(caught.value, AssertionError) or excepted.snippet == "install"


def walk_through_installation(box: ServedSandbox, folder: Path, keep: Excepted) -> None:
    for command in as_of_today("install", keep).splitlines():
        if command == keep.printed:
            doccommands.check(command.removeprefix("$ "), folder, "")


def walk_through_profile(box: ServedSandbox, folder: Path, keep: Excepted | None) -> None:
    client = signed_in(with_profile(folder, box, keep).app)
    assert "Connect Twitter" in client.get("/profile").text


def walk_through_api(box: ServedSandbox, folder: Path, keep: Excepted | None) -> None:
    client = signed_in(with_api(folder, box, keep).app)
    trip(client, "/connect/twitter")
    assert client.get("/profile").text == "Posted."


def signed_in(app: Flask) -> FlaskClient:
    """A client that has seen the documented login form and is signed in."""
    client = app.test_client()
    form = forms_of(client.get("/sign-in").text)["Login"]
    typed = {"username": USER, "password": PASSWORD}
    assert client.post(form.action, data={**form.fields, **typed}).status_code == 302
    return client


Walk = Callable[[ServedSandbox, Path, Excepted], None]
WALKS: dict[str, Walk] = {"install": walk_through_installation, "api": walk_through_api}


@pytest.mark.parametrize("walk", [walk_through_profile, walk_through_api])
def test_nothing_fails_once_they_are_replaced(
    walk: Callable[[ServedSandbox, Path, None], None], box: ServedSandbox, tmp_path: Path
) -> None:
    walk(box, tmp_path, None)


def test_every_snippet_is_used_somewhere() -> None:
    used = {*CONFIGURATION, *TEMPLATES.values(), "setup", "profile_view", "api", "install"}
    assert set(names()) == used
    assert {each.snippet for each in EXCEPTED} <= used


def test_the_excepted_lines_are_those_of_the_page_on_migrating() -> None:
    table = rows("migrating.md", "## The lines that changed")
    told = [(code(row[0])[0], tuple(code(row[1]))) for row in table]
    assert told == [(each.printed, each.today) for each in EXCEPTED]
