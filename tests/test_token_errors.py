"""What a view of the application's own answers when it asks for a token and there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from flask_social import signals
from flask_social.errors import (
    FlowStopped,
    ProviderError,
    ProviderUnavailable,
    ReconnectNeeded,
    SocialError,
    StoreUnavailable,
)
from flask_social.sandbox import Status
from flask_social.testing import ServedSandbox
from tests.bed import PASSWORD, Bed
from tests.freshness import EMAIL, Connected, config

JSON = {"Accept": "application/json"}


@pytest.fixture
def asking(make_bed: Callable[..., Bed], box: ServedSandbox) -> Connected:
    return made(make_bed, box)


def made(
    make_bed: Callable[..., Bed], box: ServedSandbox, prepare: Callable[[Bed], Any] | None = None
) -> Connected:
    """Ada, at an application with a view that asks the API for whoever is named, or is there."""
    bed = make_bed(**config(box))
    view(bed)
    if prepare:
        prepare(bed)
    return Connected(bed)


def view(bed: Bed) -> None:
    @bed.app.route("/whose", methods=["GET", "POST"])
    def whose() -> str:
        from flask import request

        user = None
        if email := request.args.get("email"):
            user = bed.app.extensions["security"].datastore.find_user(email=email)
        api = bed.social.acme.get_api(user)
        return str(api.get("whatever").json()["account"])


def broken(ada: Connected) -> Connected:
    ada.expire()
    ada.revoke()
    return ada


def test_the_person_reconnects_and_is_back_where_they_were(asking: Connected) -> None:
    broken(asking)
    page = asking.browser.get("/whose?a=ü%20b")
    assert page.status_code == 409
    assert "Acme asks for your consent again. Please reconnect your account." in page.text
    subject = asking.row().provider_user_id
    assert f'action="/reconnect/acme?provider_user_id={subject}"' in page.text
    assert 'name="next" value="/whose?a=%C3%BC%20b"' in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "Retry-After" not in page.headers
    back = asking.browser.trip(
        f"/reconnect/acme?provider_user_id={subject}", next="/whose?a=%C3%BC%20b"
    )
    assert back.headers["Location"] == "/whose?a=%C3%BC%20b"
    assert asking.browser.get(back.headers["Location"]).text == "Ada Lovelace"
    assert not asking.row().needs_reauth


def test_a_client_of_json_is_told_where_to_post(asking: Connected) -> None:
    broken(asking)
    answer = asking.browser.post("/whose", headers=JSON)
    assert answer.status_code == 409
    said = answer.json()["response"]
    url = f"/reconnect/acme?provider_user_id={asking.row().provider_user_id}"
    assert (said["code"], said["reconnect_url"]) == ("reconnect_needed", url)
    assert said["errors"] == ["Acme asks for your consent again. Please reconnect your account."]
    out = asking.browser.post(url, headers=JSON).json()["response"]
    assert out["authorization_url"].startswith(f"{asking.bed.sandbox.url}acme/authorize?")


def test_a_page_that_was_posted_to_is_none_to_come_back_to(asking: Connected) -> None:
    page = broken(asking).browser.post("/whose")
    assert (page.status_code, 'name="next"' in page.text) == (409, False)


def test_nobody_else_is_offered_to_reconnect_it(asking: Connected) -> None:
    broken(asking)
    asking.bed.add_user("other@example.org")
    other = asking.bed.browser().sign_in("other@example.org", PASSWORD)
    for browser in (other, asking.bed.browser()):
        page = browser.get(f"/whose?email={EMAIL}")
        assert (page.status_code, "<form" in page.text) == (409, False)
        answer = browser.get(f"/whose?email={EMAIL}", headers=JSON)
        assert answer.json()["response"]["reconnect_url"] is None


def test_a_connection_whose_session_ended_is_nobodys(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    def prepare(bed: Bed) -> None:
        @bed.app.get("/nested")
        def nested() -> str:
            with bed.app.app_context():
                user = bed.app.extensions["security"].datastore.find_user(email=EMAIL)
                return str(bed.social.acme.get_api(user).get("whatever").text)

        @bed.app.get("/mine")
        def mine() -> str:
            raise ReconnectNeeded("acme", "1", "a reason of the application's own")

    ada = broken(made(make_bed, box, prepare))
    assert ada.browser.get("/nested").status_code == 409
    for path in ("/nested", "/mine"):
        page = ada.browser.get(path)
        assert (page.status_code, "<form" in page.text) == (409, False), page.text


def test_a_row_that_vanishes_leads_to_connecting(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    ada = made(make_bed, box, gone_view)
    page = ada.browser.get("/gone")
    assert page.status_code == 409
    assert 'action="/connect/acme"' in page.text
    ada.browser.trip("/connect/acme")
    assert ada.row().access_token


def gone_view(bed: Bed) -> None:
    @bed.app.get("/gone")
    def gone() -> str:
        api = bed.social.acme.get_api()
        with bed.db.engine.begin() as connection:
            connection.execute(sa.delete(bed.Connection))
        for held in bed.sandbox["acme"].access_tokens.values():
            held.grant.revoked = True
        return str(api.get("whatever").text)


@pytest.mark.parametrize(
    ("fault", "status", "words", "wait"),
    [
        (Status(503, headers={"Retry-After": "7"}), 503, "is not available at the moment", "7"),
        (Status(429, headers={"Retry-After": "99"}), 503, "is busy", "99"),
        (Status(500), 502, "is not available at the moment", "10"),
        (Status(200, "<html>"), 502, "is not available at the moment", "10"),
    ],
)
def test_a_provider_that_is_away_is_told_with_when_to_come_again(
    asking: Connected, fault: Status, status: int, words: str, wait: str
) -> None:
    asking.expire()
    asking.provider.fail("token", fault)
    page = asking.browser.get("/whose")
    assert (page.status_code, words in page.text) == (status, True), page.text
    assert page.headers["Retry-After"] == wait
    assert 'href="/whose">Start again' in page.text
    answer = asking.browser.get("/whose", headers=JSON)
    assert answer.status_code == status
    assert int(answer.headers["Retry-After"]) <= int(wait)
    [first, _] = asking.bed.signals("provider_failed")
    assert first["provider"].id == "acme"
    assert asking.asked() == (1, 0)
    assert asking.row().refresh_token


def test_a_database_that_is_away_gets_the_page_that_stands_alone(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    def prepare(bed: Bed) -> None:
        @bed.app.get("/away")
        def away() -> str:
            raise StoreUnavailable("the server closed the connection")

    ada = made(make_bed, box, prepare)
    page = ada.browser.get("/away")
    assert (page.status_code, "cannot get at its data" in page.text) == (503, True)
    [told] = ada.bed.signals("store_failed")
    assert told["provider"] is None


# The application's own handlers.

RAISED = {
    "reconnect": lambda: ReconnectNeeded("acme", "1", "removed"),
    "unavailable": lambda: ProviderUnavailable("refreshing the token", "busy"),
    "store": lambda: StoreUnavailable("away"),
}


def raising(bed: Bed) -> None:
    @bed.app.get("/raises/<name>")
    def raises(name: str) -> str:
        raise RAISED[name]()


@pytest.mark.parametrize(
    ("kind", "wins"),
    [
        (ReconnectNeeded, {"reconnect"}),
        (ProviderUnavailable, {"unavailable"}),
        (StoreUnavailable, {"store"}),
        (ProviderError, {"unavailable"}),
        (FlowStopped, {"reconnect", "unavailable", "store"}),
        (SocialError, {"reconnect", "unavailable", "store"}),
        (Exception, set()),
    ],
)
def test_a_handler_of_the_applications_own_wins(
    make_bed: Callable[..., Bed], box: ServedSandbox, kind: type[Exception], wins: set[str]
) -> None:
    def prepare(bed: Bed) -> None:
        raising(bed)

        @bed.app.errorhandler(kind)
        def mine(error: Exception) -> tuple[str, int]:
            return f"mine: {type(error).__name__}", 418

    ada = made(make_bed, box, prepare)
    answers = {name: ada.browser.get(f"/raises/{name}") for name in RAISED}
    assert {name for name, each in answers.items() if each.status_code == 418} == wins


def test_one_of_a_subclass_and_one_that_was_there_before(asking: Connected) -> None:
    from flask import Flask

    from flask_social import token_errors as module

    class Mine(ReconnectNeeded):
        pass

    app = Flask(__name__)

    def before(error: Exception) -> str:
        return "before"

    app.register_error_handler(ReconnectNeeded, before)
    app.register_error_handler(Mine, before)
    module.install(app)
    handlers = app.error_handler_spec[None][None]
    assert handlers[ReconnectNeeded] is handlers[Mine] is before
    assert handlers[ProviderUnavailable] is handlers[StoreUnavailable] is module.answer


@pytest.mark.parametrize("signal", ["connection_broken", "provider_failed"])
def test_a_receiver_that_leaves_the_session_unusable_changes_nothing(
    asking: Connected, signal: str
) -> None:
    bed = asking.bed

    def spoil(sender: Any, **_: Any) -> None:
        bed.db.session.add(bed.Connection(provider_id="acme"))  # of nobody
        bed.db.session.flush()

    getattr(signals, signal).connect(spoil, bed.app)
    asking.expire()
    if signal == "connection_broken":
        asking.revoke()
    else:
        asking.provider.fail("token", Status(503))
    page = asking.browser.get("/whose")
    assert page.status_code == (409 if signal == "connection_broken" else 503)
    assert "If you ask for help" in page.text
    assert len(bed.rows()) == 1


def test_our_own_pages_name_the_account_that_is_meant(asking: Connected) -> None:
    page = asking.browser.get("/reconnect/acme?provider_user_id=7%22%3E&next=/home")
    assert page.status_code == 200
    assert 'name="provider_user_id" value="7&#34;&gt;"' in page.text
    assert 'name="next" value="/home"' in page.text
    assert 'name="provider_user_id"' not in asking.browser.get("/reconnect/acme").text


def test_the_list_of_connections_shows_it_with_a_button(asking: Connected) -> None:
    broken(asking).browser.get("/whose")
    page = asking.browser.get("/connections").text
    assert "reconnect needed" in page
    assert asking.row().provider_user_id in page
