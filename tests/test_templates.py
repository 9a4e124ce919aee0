"""The shipped templates: what they show, what they post, and what they never contain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, flash, render_template, render_template_string
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

import flask_social
from tests.bed import Bed, make_app

TEMPLATES = Path(flask_social.__file__).parent / "templates" / "social"
KEYS = {"consumer_key": "key", "consumer_secret": "secret"}
CONFIG: dict[str, Any] = {
    "SOCIAL_SANDBOX": "http://localhost:1/",
    "SOCIAL_GITHUB": KEYS,
    "SOCIAL_GOOGLE": KEYS,
    "SOCIAL_ACME": {**KEYS, "issuer": "http://localhost:1/acme"},
}
MACROS = '{% from "social/_macros.html" import show_provider_button, social_login %}'


class Page(HTMLParser):
    """The tags of a page, and its forms with what they would post."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.forms: list[dict[str, Any]] = []
        self.text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag == "form":
            self.forms.append({**attributes, "fields": {}})
        elif tag == "input":
            self.forms[-1]["fields"][attributes["name"]] = attributes["value"]

    def handle_data(self, text: str) -> None:
        if self.tags and self.tags[-1][0] == "button" and text.strip():
            self.forms[-1].setdefault("label", text.strip())

    def form(self, label: str) -> dict[str, Any]:
        """The one form whose button says *label*."""
        [found] = [form for form in self.forms if form.get("label") == label]
        return found

    def labels(self) -> list[str]:
        return [form["label"] for form in self.forms]


@pytest.fixture(scope="module")
def bed() -> Bed:
    bed = make_app(CONFIG)
    bed.app.jinja_env.undefined = StrictUndefined
    return bed


@pytest.fixture
def app(bed: Bed) -> Iterator[Flask]:
    with bed.app.test_request_context():
        yield bed.app


def row(provider_id: str = "github", subject: str = "42", **columns: Any) -> SimpleNamespace:
    """A connection of the documented model, with nothing that it lacks."""
    return SimpleNamespace(
        provider_id=provider_id,
        provider_user_id=subject,
        **{"display_name": "ada", **columns},
    )


def shown(template: str, **values: Any) -> Page:
    return Page(render_template(f"social/{template}", **values))


def listed(app: Flask, *rows: Any) -> Page:
    providers = app.extensions["social"].providers.values()
    return shown("connections.html", connections=list(rows), providers=providers)


def asked_about(connection: Any, next_url: str | None = None) -> Page:
    values = {"connection": connection, "provider_name": "GitHub", "next_url": next_url}
    return shown("confirm.html", **values)


def rendered(source: str, **values: Any) -> Page:
    return Page(render_template_string(MACROS + source, **values))


# The documented macros.


def test_the_documented_button_connects_where_there_is_no_connection(app: Flask) -> None:
    form = rendered('{{ show_provider_button("github", "GitHub", none) }}').form("Connect GitHub")
    assert (form["method"], form["action"]) == ("post", "/connect/github")
    assert form["fields"] == {}


def test_the_documented_button_disconnects_the_account_that_is_connected(app: Flask) -> None:
    page = rendered('{{ show_provider_button("github", "GitHub", conn) }}', conn=row())
    form = page.form("Disconnect GitHub")
    assert (form["method"], form["action"]) == ("post", "/connect/github/42")


def test_the_documented_login_button_posts_to_the_login(app: Flask) -> None:
    form = rendered('{{ social_login("github", "GitHub") }}').form("Login with GitHub")
    assert (form["method"], form["action"]) == ("post", "/login/github")


def test_buttons_carry_where_to_go_next(app: Flask) -> None:
    source = """
      {{ social_login("github", "GitHub", next="/a?b=1&c=2") }}
      {{ show_provider_button("github", "GitHub", none, next="/a?b=1&c=2") }}
      {{ show_provider_button("github", "GitHub", conn, next="/a?b=1&c=2") }}
    """
    page = rendered(source, conn=row())
    assert [form["fields"] for form in page.forms] == [{"next": "/a?b=1&c=2"}] * 3


@pytest.mark.parametrize("subject", ["https://id.example/ada", "a//b", "/a", "a/", ".", ".."])
def test_an_id_that_a_path_would_not_keep_goes_in_the_body(app: Flask, subject: str) -> None:
    page = rendered(
        '{{ show_provider_button("github", "GitHub", conn) }}', conn=row(subject=subject)
    )
    form = page.form("Disconnect GitHub")
    assert form["action"] == "/disconnect/github"
    assert form["fields"] == {"provider_user_id": subject}


@pytest.mark.parametrize("subject", ["a b", "a?b", "a#b", "a%2Fb", "ü", "a\\b", 'a"><b'])
def test_any_other_id_survives_the_path(app: Flask, subject: str) -> None:
    page = rendered(
        '{{ show_provider_button("github", "GitHub", conn) }}', conn=row(subject=subject)
    )
    action = page.form("Disconnect GitHub")["action"]
    with app.test_request_context(action, method="POST") as context:
        assert context.request.endpoint == "social.remove_connection"
        assert context.request.view_args == {"provider_id": "github", "provider_user_id": subject}


def test_buttons_carry_the_token_of_csrf_protect() -> None:
    bed = make_app({**CONFIG, "WTF_CSRF_ENABLED": True})
    CSRFProtect(bed.app)
    source = (
        '{{ social_login("github", "GitHub") }}{{ show_provider_button("github", "GitHub", c) }}'
    )
    with bed.app.test_request_context():
        page = rendered(source, c=row(subject="a/b"))
        token = render_template_string("{{ csrf_token() }}")
    assert [form["fields"]["csrf_token"] for form in page.forms] == [token, token]


def test_macros_and_stylesheet_follow_the_blueprint_s_name_and_prefix() -> None:
    bed = make_app({**CONFIG, "SOCIAL_BLUEPRINT_NAME": "people", "SOCIAL_URL_PREFIX": "/social"})
    with bed.app.test_request_context():
        page = rendered('{{ social_login("github", "GitHub") }}')
        sheets = [tag["href"] for name, tag in listed(bed.app).tags if name == "link"]
    assert page.form("Login with GitHub")["action"] == "/social/login/github"
    with bed.app.test_client().get(str(sheets[0])) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "text/css")
        assert not answer.cache_control.no_store


# The page of connections.


def test_a_connection_of_the_documented_model_is_listed(app: Flask) -> None:
    page = listed(app, row())
    assert "GitHub ada" in page.text
    assert "Connected on" not in page.text
    assert page.form("Disconnect")["action"] == "/connect/github/42"
    assert page.form("Reconnect")["fields"] == {"provider_user_id": "42"}


def test_a_connection_without_a_name_is_listed_by_its_id(app: Flask) -> None:
    assert "GitHub 42" in listed(app, row(display_name=None)).text


def test_a_connection_shows_since_when_it_is_there(app: Flask) -> None:
    assert "Connected on 2027-01-15" in listed(app, row(created_at=1_800_000_000)).text


def test_a_connection_that_needs_a_new_consent_says_so(app: Flask) -> None:
    assert "reconnect needed" in listed(app, row(needs_reauth=True)).text
    assert "reconnect needed" not in listed(app, row(needs_reauth=False)).text


def test_a_provider_that_is_gone_can_be_disconnected_but_not_reconnected(app: Flask) -> None:
    page = listed(app, row("old_place"))
    assert "Old Place is not available here any more." in page.text
    assert page.form("Disconnect")["action"] == "/connect/old_place/42"
    assert "Reconnect" not in page.labels()


def test_every_provider_can_be_connected(app: Flask) -> None:
    page = listed(app)
    assert "No account is connected yet." in page.text
    assert page.labels() == ["Connect GitHub", "Connect Google", "Connect Acme"]


def test_a_second_account_at_a_provider_can_be_connected(app: Flask) -> None:
    form = listed(app, row()).form("Connect another GitHub account")
    assert (form["method"], form["action"]) == ("post", "/connect/github")


def test_what_is_not_connected_yet_is_offered_first(app: Flask) -> None:
    offered = [label for label in listed(app, row()).labels() if label.startswith("Connect")]
    assert offered == ["Connect Google", "Connect Acme", "Connect another GitHub account"]


def test_only_a_provider_that_can_confirm_who_it_is_offers_to(app: Flask) -> None:
    page = listed(app, row("google"), row("acme"), row("acme", "43"))
    assert [label for label in page.labels() if label.startswith("Confirm")] == [
        "Confirm with Acme"
    ]
    assert page.form("Confirm with Acme")["action"] == "/verify/acme"
    assert "Confirm it is you" not in listed(app, row("google")).text


def test_what_a_provider_says_of_a_person_is_text_and_not_markup(app: Flask) -> None:
    name = "<script>alert(1)</script>"
    page = asked_about(row(full_name=name))
    assert "script" not in [tag for tag, _ in page.tags]
    assert "&lt;script&gt;" in page.text


# The other pages.


def test_the_confirmation_removes_by_post_and_leads_back(app: Flask) -> None:
    page = asked_about(row(full_name="Ada Lovelace"))
    assert page.form("Disconnect GitHub")["action"] == "/connect/github/42"
    assert page.form("Disconnect GitHub")["fields"] == {}
    assert ("a", "/connections") in [(name, tag.get("href")) for name, tag in page.tags]
    assert "Ada Lovelace" in page.text


def test_the_confirmation_leads_where_it_was_told_to_either_way(app: Flask) -> None:
    page = asked_about(row(), next_url="/profile")
    assert page.form("Disconnect GitHub")["fields"] == {"next": "/profile"}
    assert ("a", "/profile") in [(name, tag.get("href")) for name, tag in page.tags]


@pytest.mark.parametrize("action", ["login", "connect", "reconnect", "verify"])
def test_the_continue_page_is_one_button_that_posts(app: Flask, action: str) -> None:
    remote = app.extensions["social"].providers["github"]
    page = shown("continue.html", action=action, provider=remote, next_url="/here")
    assert page.labels() == ["Continue to GitHub"]
    assert page.forms[0]["action"] == f"/{action}/github"
    assert page.forms[0]["fields"] == {"next": "/here"}


def test_the_error_page_has_a_button_only_where_there_is_something_to_start(app: Flask) -> None:
    values = {"message": "No.", "provider_name": "GitHub", "correlation_id": "c0ffee"}
    page = shown("error.html", retry_url="/login/github", **values)
    assert ("a", "/login/github") in [(name, tag.get("href")) for name, tag in page.tags]
    assert "No." in page.text
    assert "c0ffee" in page.text
    assert "Start again" not in shown("error.html", retry_url=None, **values).text


def test_the_error_page_tells_other_ways_in_where_there_are_some(app: Flask) -> None:
    values = {"message": "No.", "provider_name": "GitHub", "correlation_id": "c0ffee"}
    page = shown("error.html", retry_url="/login/github", login_url="/login", **values)
    assert ("a", "/login") in [(name, tag.get("href")) for name, tag in page.tags]
    assert "Other ways to sign in" in page.text
    page = shown("error.html", retry_url="/login/github", login_url=None, **values)
    assert "Other ways" not in page.text


def test_the_bounce_leads_to_its_own_address_with_the_state_alone(app: Flask) -> None:
    page = shown("bounce.html", provider_name="GitHub", state="a+b&c=d")
    refresh = [tag for name, tag in page.tags if tag.get("http-equiv") == "refresh"]
    assert [tag["content"] for tag in refresh] == ["0; url=?state=a%2Bb%26c%3Dd"]
    assert [tag["href"] for name, tag in page.tags if name == "a"] == ["?state=a%2Bb%26c%3Dd"]


def test_flashed_messages_are_announced(app: Flask) -> None:
    flash("All went well.", "success")
    flash("All went wrong.", "error")
    page = listed(app)
    assert "All went well. All went wrong." in page.text
    roles = [tag["role"] for name, tag in page.tags if "role" in tag]
    assert roles == ["status", "alert"]


def all_pages(app: Flask) -> dict[str, Page]:
    remotes = app.extensions["social"].providers
    values = {"message": "No.", "retry_url": "/", "correlation_id": "1"}
    return {
        "connections": listed(app, row("acme"), row("old_place")),
        "confirm": asked_about(row()),
        "continue": shown(
            "continue.html", action="login", provider=remotes["github"], next_url=None
        ),
        "error": shown("error.html", provider_name="GitHub", **values),
        "reconnect": shown(
            "reconnect.html", provider_name="GitHub", reconnect_url="/reconnect/github", **values
        ),
        "away": shown("away.html", **values),
        "bounce": shown("bounce.html", provider_name="GitHub", state="s"),
    }


def test_pages_have_a_language_a_title_a_heading_and_a_main_landmark(app: Flask) -> None:
    for name, page in all_pages(app).items():
        tags = [tag for tag, _ in page.tags]
        assert ("html", {"lang": "en"}) in page.tags, name
        assert [tags.count(tag) for tag in ("title", "main", "h1")] == [1, 1, 1], name


def test_pages_have_no_inline_script_or_style_and_load_nothing_from_elsewhere(app: Flask) -> None:
    for name, page in all_pages(app).items():
        for tag, attributes in page.tags:
            assert tag not in ("script", "style", "iframe", "img"), name
            assert not [each for each in attributes if each.startswith("on") or each == "style"]
            for each in ("href", "src", "action"):
                address = attributes.get(each) or "/"
                assert "//" not in address, (name, address)


def test_every_template_that_is_shipped_is_looked_at_here(app: Flask) -> None:
    shipped = {path.stem for path in TEMPLATES.iterdir()} - {"_macros", "base"}
    assert shipped == set(all_pages(app))


def test_an_application_s_own_frame_takes_the_place_of_ours(tmp_path: Path) -> None:
    bed = make_app(CONFIG)
    frame = tmp_path / "social" / "base.html"
    frame.parent.mkdir()
    frame.write_text("<p>Ours</p>{% block title %}{% endblock %}{% block content %}{% endblock %}")
    bed.app.template_folder = str(tmp_path)
    with bed.app.test_request_context():
        page = listed(bed.app, row())
    assert "Ours" in page.text
    assert page.form("Disconnect")["action"] == "/connect/github/42"
