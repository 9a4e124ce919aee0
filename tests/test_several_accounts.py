"""Several accounts of one user at one provider: listed, told apart, and each looked after."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import render_template_string
from jinja2 import StrictUndefined

from flask_social.testing import ServedSandbox
from tests.bed import Bed, Browser, make_app, usual_config
from tests.revocable import U1, connected
from tests.test_templates import CONFIG, Page

SOURCE = """
{% from "social/_macros.html" import show_provider_accounts %}
{{ show_provider_accounts("acme", "Acme", conns, next="/home") }}
"""


def row(subject: str, provider_id: str = "acme", **columns: Any) -> SimpleNamespace:
    """A connection of the documented model, with nothing that it lacks."""
    return SimpleNamespace(
        provider_id=provider_id,
        provider_user_id=subject,
        **{"display_name": f"name of {subject}", **columns},
    )


@pytest.fixture(scope="module")
def app() -> Any:
    app = make_app(CONFIG).app
    app.jinja_env.undefined = StrictUndefined
    return app


def rendered(app: Any, *conns: Any) -> Page:
    with app.test_request_context():
        return Page(render_template_string(SOURCE, conns=conns))


def test_each_account_has_buttons_of_its_own_and_one_connects_another(app: Any) -> None:
    page = rendered(app, row("1"), row("9", "github"), row("2", full_name="Ada <b>"))
    assert page.labels() == ["Reconnect", "Disconnect"] * 2 + ["Connect another Acme account"]
    first, second = [form for form in page.forms if form["label"] == "Reconnect"]
    assert first["action"] == second["action"] == "/reconnect/acme"
    assert first["fields"] == {"provider_user_id": "1", "next": "/home"}
    assert second["fields"] == {"provider_user_id": "2", "next": "/home"}
    gone = [form["action"] for form in page.forms if form["label"] == "Disconnect"]
    assert gone == ["/connect/acme/1", "/connect/acme/2"]
    another = page.form("Connect another Acme account")
    assert (another["action"], another["fields"]) == ("/connect/acme", {"next": "/home"})
    assert "name of 1" in page.text
    assert "Ada &lt;b&gt;" in page.text


def test_without_an_account_there_is_one_button_to_connect(app: Any) -> None:
    page = rendered(app, row("9", "github"))
    assert page.labels() == ["Connect Acme"]
    assert [tag for tag, _ in page.tags if tag in ("ul", "li")] == []


def test_the_one_that_is_broken_says_so(app: Any) -> None:
    page = rendered(app, row("1", needs_reauth=True), row("2", needs_reauth=False))
    assert page.text.count("Acme asks for your consent again.") == 1


def test_an_id_that_a_path_would_not_keep_is_looked_after_too(app: Any) -> None:
    page = rendered(app, row("a/b"))
    assert page.form("Disconnect")["fields"] == {"provider_user_id": "a/b", "next": "/home"}
    assert page.form("Reconnect")["fields"]["provider_user_id"] == "a/b"


# In an application.


@pytest.fixture
def bed(make_bed: Callable[..., Bed], box: ServedSandbox) -> Bed:
    acme = {**usual_config(box.url)["SOCIAL_ACME"], "api_url": f"{box.url}acme/api/"}
    bed = make_bed(SOCIAL_ACME=acme)
    bed.add_user(U1)

    @bed.app.get("/accounts")
    def accounts() -> str:
        return render_template_string(SOURCE, conns=bed.social.connections())

    return bed


def press(browser: Browser, label: str, number: int) -> Any:
    """Press the button *label* of the account *number*."""
    found = [form for form in Page(browser.get("/accounts").text).forms if form["label"] == label]
    return browser.post(found[number]["action"], data=found[number]["fields"])


def test_one_of_several_is_renewed_and_one_removed_by_its_button(
    bed: Bed, box: ServedSandbox
) -> None:
    browser = connected(bed, "acme", "ada", "grace", "alan")
    before = bed.rows()

    box.login_as("grace")
    there = press(browser, "Reconnect", 1).headers["Location"]
    assert browser.get(browser.at_provider(there)).headers["Location"] == "/home"
    after = bed.rows()
    changed = [new.access_token != old.access_token for new, old in zip(after, before, strict=True)]
    assert changed == [False, True, False]

    assert press(browser, "Disconnect", 0).headers["Location"] == "/home"
    left = [row.provider_user_id for row in bed.rows()]
    assert left == [row.provider_user_id for row in before[1:]]


def test_another_account_than_the_one_of_the_button_is_refused(
    bed: Bed, box: ServedSandbox
) -> None:
    browser = connected(bed, "acme", "ada", "grace")
    before = [row.access_token for row in bed.rows()]
    box.login_as("ada")
    there = press(browser, "Reconnect", 1).headers["Location"]
    browser.get(browser.at_provider(there))
    assert "That was another Acme account" in browser.get("/connections").text
    assert [row.access_token for row in bed.rows()] == before


def test_an_application_calls_the_api_as_each_of_them(bed: Bed, box: ServedSandbox) -> None:
    connected(bed, "acme", "ada", "grace")
    first, second = (row.provider_user_id for row in bed.rows())
    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id(U1))
        acme = bed.social.acme
        mine = acme.get_connections(user)
        assert [row.provider_user_id for row in mine] == [first, second]
        assert [row.rank for row in mine] == [1, 2]
        mine[0].rank, mine[1].rank = 2, 1
        bed.db.session.commit()
        assert [row.provider_user_id for row in acme.get_connections(user)] == [second, first]
        assert acme.get_connection(user).provider_user_id == second
        assert acme.get_connection(user, provider_user_id=first).provider_user_id == first
        assert acme.get_connection(user, provider_user_id="another") is None
        box.reset_counters()
        for connection in acme.get_connections(user):
            assert acme.get_api(connection=connection).get("me").status_code == 200
        sent = [each.headers["Authorization"] for each in box.requests]
        assert sent == [f"Bearer {row.access_token}" for row in acme.get_connections(user)]
