"""An application's own views set out to a provider, and answer when somebody comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import sqlalchemy as sa
from flask import get_flashed_messages, request, session, url_for
from flask.typing import ResponseReturnValue

from flask_social import Denied, clock
from flask_social.testing import ServedSandbox
from flask_social.utils import (
    get_connection_values_from_oauth_response,
    get_provider_or_404,
    get_token_pair_from_oauth_response,
)
from flask_social.views import connect_handler
from tests.bed import Bed, Browser, query_of

U1, U2 = "one@example.org", "two@example.org"
CROSS = {"Sec-Fetch-Site": "cross-site"}


def with_own_views(bed: Bed) -> Bed:
    """*bed* with views as 1.6's applications wrote them, and users U1 and U2."""
    app = bed.app

    @app.post("/out/<provider_id>")
    def out(provider_id: str) -> ResponseReturnValue:
        provider = get_provider_or_404(provider_id)
        callback = url_for("home_again", provider_id=provider_id)
        return provider.authorize(callback=request.form.get("callback", callback))

    @app.post("/stock/<provider_id>")
    def stock(provider_id: str) -> ResponseReturnValue:
        return get_provider_or_404(provider_id).authorize()

    @app.route("/back/<provider_id>", methods=["GET", "POST"])
    def home_again(provider_id: str) -> ResponseReturnValue:
        provider = get_provider_or_404(provider_id)
        return provider.authorized_handler(told)(provider, mark="kept")

    def told(oauth_response: Any, provider: Any, *, mark: str) -> dict[str, Any]:
        values = get_connection_values_from_oauth_response(provider, oauth_response)
        pair = get_token_pair_from_oauth_response(provider, oauth_response)
        return {"answer": oauth_response, "values": values, "pair": pair, "mark": mark}

    @app.get("/keep")
    def keep() -> ResponseReturnValue:
        return bed.social.plain.authorized_handler(
            lambda answer: connect_handler(
                get_connection_values_from_oauth_response(bed.social.plain, answer) or {}
            )
        )()

    bed.add_user(U1)
    bed.add_user(U2)
    return bed


@pytest.fixture
def own(bed: Bed) -> Bed:
    return with_own_views(bed)


def come_back(browser: Browser, callback: str | None = None) -> requests.Response:
    form = {} if callback is None else {"callback": callback}
    return browser.get(browser.at_provider(browser.set_out("/out/plain", **form)))


def flow_cookies(browser: Browser) -> list[str]:
    return [cookie.name for cookie in browser.http.cookies if "social-flow" in cookie.name]


# There and back.


@pytest.mark.parametrize("provider_id", ["plain", "acme"])
def test_an_own_view_gets_the_answer_as_it_came_and_its_own_arguments(
    own: Bed, provider_id: str
) -> None:
    browser = own.browser()
    url = browser.set_out(f"/out/{provider_id}")
    assert query_of(url)["redirect_uri"] == f"{own.url}/back/{provider_id}"
    told = browser.get(browser.at_provider(url)).json()
    assert told["mark"] == "kept"
    token = told["answer"]["access_token"]
    assert told["pair"] == {"access_token": token, "secret": None}
    assert told["values"]["access_token"] == token
    assert told["values"]["provider_id"] == provider_id
    assert told["values"]["full_name"] == "Ada Lovelace"
    assert own.told == []
    assert browser.who() is None


def test_the_flow_s_cookie_comes_and_goes_with_answers_of_own_views(own: Bed) -> None:
    browser = own.browser()
    start = browser.post("/out/plain")
    assert len(flow_cookies(browser)) == 1
    assert "no-store" in start.headers["Cache-Control"]
    done = browser.get(browser.at_provider(start.headers["Location"]))
    assert flow_cookies(browser) == []
    assert done.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in done.headers["Cache-Control"]


def test_a_json_client_is_told_the_address(own: Bed) -> None:
    answer = own.browser().post("/out/plain", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    url = answer.json()["response"]["authorization_url"]
    assert query_of(url)["redirect_uri"] == f"{own.url}/back/plain"


def test_without_a_callback_a_visitor_ends_at_the_stock_login(own: Bed) -> None:
    own.sandbox["plain"].set("api", id=7)
    own.connect(U1, "plain", "7")
    browser = own.browser()
    answer = browser.trip("/stock/plain")
    assert answer.headers["Location"] == "/home"
    assert browser.who() == U1
    [completed] = own.signals("login_completed")
    assert completed["email"] == U1


def test_without_a_callback_a_user_ends_at_the_stock_connect(own: Bed) -> None:
    browser = own.browser().sign_in(U1)
    assert browser.trip("/stock/plain").headers["Location"] == "/connections"
    assert [row[:2] for row in own.accounts()] == [(U1, "plain")]


def test_an_own_callback_can_keep_the_connection_of_the_user_who_set_out(own: Bed) -> None:
    browser = own.browser().sign_in(U1)
    answer = come_back(browser, "/keep")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    assert [row[:2] for row in own.accounts()] == [(U1, "plain")]
    [created] = own.signals("connection_created")
    assert (created["email"], created["account"][0]) == (U1, "plain")


@pytest.mark.parametrize(
    ("user", "signal"),
    [(None, "login_denied"), (U1, "connection_denied")],
    ids=["login", "connect"],
)
def test_cancelling_gives_an_own_view_none(own: Bed, user: str | None, signal: str) -> None:
    browser = own.browser()
    if user:
        browser.sign_in(user)
    own.sandbox.deny()
    told = come_back(browser).json()
    assert told == {"answer": None, "values": None, "pair": None, "mark": "kept"}
    assert [name for name, _ in own.told] == [signal]
    assert flow_cookies(browser) == []


# What does not belong to the trip is not for the view.


def test_an_answer_in_another_browser_is_refused(own: Bed) -> None:
    first = own.browser()
    url = first.at_provider(first.set_out("/out/plain"))
    answer = own.browser().get(url)
    assert answer.status_code == 400
    assert "Start again" in answer.text or "start again" in answer.text
    assert own.calls("plain") == 0
    assert own.signals("flow_rejected")[0]["reason"] == "missing"


def test_an_answer_counts_once(own: Bed) -> None:
    browser = own.browser()
    url = browser.at_provider(browser.set_out("/out/plain"))
    assert browser.get(url).status_code == 200
    assert browser.get(url).status_code == 400
    assert own.calls("plain") == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("/out/plain", "/login/plain"),
        ("/out/plain", "/keep"),
        ("/out/plain", "/back/acme"),
        ("/stock/plain", "/back/plain"),
        ("/login/plain", "/back/plain"),
    ],
)
def test_an_answer_at_another_address_than_the_flow_s_is_refused(
    own: Bed, start: str, end: str
) -> None:
    browser = own.browser()
    callback = urlsplit(browser.at_provider(browser.set_out(start)))
    assert browser.get(f"{end}?{callback.query}").status_code == 400
    assert own.calls("plain") == 0
    assert own.signals("flow_rejected")[0]["reason"] == "foreign"


def test_a_user_s_flow_ends_for_that_user_alone(own: Bed) -> None:
    browser = own.browser().sign_in(U1)
    url = browser.at_provider(browser.set_out("/out/plain", callback="/keep"))
    browser.sign_out()
    answer = browser.get(url)
    assert answer.headers["Location"].startswith("/login")
    browser.sign_in(U2)
    assert browser.get(url).status_code == 400
    assert own.accounts() == []
    assert [each["reason"] for each in own.signals("flow_rejected")] == ["not_signed_in", "foreign"]


def test_a_login_that_ends_where_somebody_signed_in_meanwhile_goes_home(own: Bed) -> None:
    browser = own.browser()
    url = browser.at_provider(browser.set_out("/out/plain", next="/after"))
    browser.sign_in(U1)
    answer = browser.get(url)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/after")
    other = own.browser()
    url = other.at_provider(other.set_out("/out/plain"))
    other.sign_in(U2)
    assert other.get(url).headers["Location"] == "/home"


def test_a_fetch_ahead_ends_nothing(own: Bed) -> None:
    browser = own.browser()
    url = browser.at_provider(browser.set_out("/out/plain"))
    assert browser.get(url, headers={"Sec-Purpose": "prefetch"}).status_code == 425
    assert browser.get(url).status_code == 200


def test_a_refusal_by_the_application_is_answered_as_anywhere(own: Bed) -> None:
    @own.social.grant_checker
    def refuse(grant: Any) -> None:
        raise Denied("refused")

    answer = come_back(own.browser())
    assert answer.headers["Location"] == "/login"
    assert own.signals("login_failed")[0]["oauth_response"] is None


def test_a_provider_that_is_down_is_answered_with_a_page(own: Bed) -> None:
    browser = own.browser()
    url = browser.at_provider(browser.set_out("/out/plain"))
    own.sandbox.go_down()
    try:
        answer, start = browser.get(url), own.browser().post("/out/acme")
    finally:
        own.sandbox.come_up()
    assert answer.status_code == 503
    assert "plain" in answer.text.lower()
    assert start.status_code == 503


def test_an_unknown_provider_is_not_found(own: Bed) -> None:
    assert own.browser().post("/out/nobody").status_code == 404


# Answers that come from the provider's own site.


def test_a_strict_session_takes_the_detour_at_an_own_address(make_bed: Callable[..., Bed]) -> None:
    own = with_own_views(make_bed(SESSION_COOKIE_SAMESITE="Strict"))
    browser = own.browser().sign_in(U1)
    url = browser.at_provider(browser.set_out("/out/plain", callback="/keep"))
    page = browser.get(url)
    state = query_of(url)["state"]
    assert f"?state={state}" in page.text
    assert own.calls("plain") == 0
    assert browser.get(f"/keep?state={state}").headers["Location"] == "/connections"
    assert [row[:2] for row in own.accounts()] == [(U1, "plain")]


def test_a_form_post_answer_ends_at_an_own_address(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    here = "https://127.0.0.1:8443"
    keys = {"consumer_key": "k", "consumer_secret": "s", "issuer": f"{box.url}posty"}
    own = with_own_views(
        make_bed(SOCIAL_POSTY={**keys, "response_mode": "form_post"}, SOCIAL_APP_URL=here)
    )
    client = own.app.test_client()
    start = client.post("/out/posty", base_url=here)
    assert query_of(start.headers["Location"])["redirect_uri"] == f"{here}/back/posty"
    state = query_of(start.headers["Location"])["state"]
    page = requests.get(start.headers["Location"], timeout=60).text
    code = page.partition('name="code" value="')[2].partition('"')[0]
    form = {"code": code, "state": state, "iss": f"{box.url}posty"}
    bounce = client.post("/back/posty", base_url=here, data=form, headers=CROSS)
    assert f"?state={state}" in bounce.text
    done = client.get(f"/back/posty?state={state}", base_url=here)
    assert done.json["values"]["full_name"] == "Ada Lovelace"  # type: ignore[index]


def test_a_post_to_the_callback_of_a_provider_that_answers_by_get_is_refused(own: Bed) -> None:
    assert own.browser().post("/back/plain", data={"state": "s", "code": "c"}).status_code == 405


# Setting out.


def test_another_site_cannot_make_a_visitor_set_out(own: Bed) -> None:
    browser = own.browser()
    answer = browser.post("/out/plain", headers=CROSS)
    assert answer.status_code == 403
    assert flow_cookies(browser) == []


def test_a_get_view_cannot_set_out(own: Bed) -> None:
    with (
        own.app.test_request_context("/out/plain"),
        pytest.raises(RuntimeError, match="sets out from a POST view"),
    ):
        own.social.plain.authorize()


@pytest.mark.parametrize(
    "callback", ["https://evil.example/back", "//evil.example/back", "back", "/back?next=/", ""]
)
def test_a_callback_that_is_not_a_path_of_this_site_is_an_error(own: Bed, callback: str) -> None:
    with own.app.test_request_context("/x", method="POST"), pytest.raises(ValueError, match="call"):
        own.social.plain.authorize(callback)


@pytest.mark.parametrize(
    ("app_url", "base_url", "expected"),
    [
        (None, "http://127.0.0.1:8000", "http://127.0.0.1:8000/back/plain"),
        (None, "http://127.0.0.1:8000/m", "http://127.0.0.1:8000/m/back/plain"),
        ("https://127.0.0.1", "http://127.0.0.1:8000", "https://127.0.0.1/back/plain"),
        ("https://127.0.0.1", "http://127.0.0.1:8000/m", "https://127.0.0.1/m/back/plain"),
        ("https://127.0.0.1/m", "http://127.0.0.1:8000/m", "https://127.0.0.1/m/back/plain"),
        ("https://127.0.0.1/m", "http://127.0.0.1:8000", "https://127.0.0.1/m/back/plain"),
    ],
)
def test_an_own_callback_has_the_outside_s_root_and_its_mount_once_and_ends_there(
    make_bed: Callable[..., Bed], app_url: str | None, base_url: str, expected: str
) -> None:
    own = with_own_views(make_bed(SOCIAL_APP_URL=app_url))
    client = own.app.test_client()
    # On https the cookies are for https alone, as they are behind a proxy that ends TLS.
    base_url = base_url.replace("http:", "https:") if app_url else base_url
    start = client.post("/out/plain", base_url=base_url)
    assert query_of(start.headers["Location"])["redirect_uri"] == expected
    outside = own.browser().at_provider(start.headers["Location"])
    assert outside.startswith(f"{expected}?")
    done = client.get(f"/back/plain?{urlsplit(outside).query}", base_url=base_url)
    assert done.json["values"]["full_name"] == "Ada Lovelace"  # type: ignore[index]


# connect_handler().


VALUES = {"provider_id": "plain", "provider_user_id": "7", "access_token": "t"}


def with_register(bed: Bed) -> Bed:
    """*bed* with a view that hands values, out of the session or the form, to connect_handler."""

    @bed.app.post("/hand-over")
    def hand_over() -> ResponseReturnValue:
        values: dict[str, Any] = dict(request.form)
        if to := values.pop("to", None):
            session["post_oauth_connect_url"] = to
        if "user_id" in values:
            values["user_id"] = int(values["user_id"])
        return connect_handler(values, bed.social.plain)

    return bed


def test_connect_handler_ties_an_account_to_the_user_it_is_told(own: Bed) -> None:
    with_register(own)
    values = {**VALUES, "user_id": own.user_id(U2), "display_name": "ada", "secret": "s"}
    answer = own.browser().post("/hand-over", data={**values, "scopes": "a b", "to": "/after"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/after")
    assert own.accounts() == [(U2, "plain", "7")]
    [row] = own.rows()
    assert (row.access_token, row.secret, row.display_name, row.scopes) == ("t", "s", "ada", "a b")
    assert [(name, told["email"]) for name, told in own.told] == [("connection_created", U2)]


def test_connect_handler_without_a_user_takes_the_visitor_and_has_connect_s_outcomes(
    own: Bed,
) -> None:
    with_register(own)
    own.connect(U1, "plain", "7")
    mine = own.browser().sign_in(U1).post("/hand-over", data=VALUES)
    assert mine.headers["Location"] == "/connections"
    assert own.rows()[0].access_token == "t"
    as_json = {"Accept": "application/json"}
    theirs = own.browser().sign_in(U2).post("/hand-over", data=VALUES, headers=as_json)
    assert (theirs.status_code, theirs.json()["response"]["code"]) == (409, "somebody_elses")
    assert [(name, told["email"]) for name, told in own.told] == [
        ("connection_failed", U1),
        ("connection_updated", U1),
        ("connection_failed", U2),
    ]
    assert own.accounts() == [(U1, "plain", "7")]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "no provider_id and no provider_user_id and no access_token"),
        ({**VALUES, "access_token": None}, "no access_token"),
        ({**VALUES, "provider_id": "acme"}, "not from Plain"),
        (VALUES, "no user to connect to"),
        ({**VALUES, "user_id": 4711}, "no user to connect to"),
    ],
)
def test_connect_handler_says_what_is_missing(own: Bed, values: dict[str, Any], said: str) -> None:
    with own.app.test_request_context("/"), pytest.raises(ValueError, match=said):
        connect_handler(values, own.social.plain)


def test_connect_handler_looks_the_provider_up_where_it_is_not_told(own: Bed) -> None:
    with own.app.test_request_context("/"):
        with pytest.raises(ValueError, match="provider_id is configured"):
            connect_handler({**VALUES, "provider_id": "gone", "user_id": 1}, None)
        connect_handler({**VALUES, "user_id": own.user_id(U1)}, None)
    assert own.accounts() == [(U1, "plain", "7")]


@pytest.mark.parametrize(
    ("age", "category"), [(1_800, "success"), (1_801, "error")], ids=["half an hour", "longer"]
)
def test_values_that_waited_too_long_connect_nothing(own: Bed, age: int, category: str) -> None:
    @own.app.post("/register")
    def register() -> ResponseReturnValue:
        values = {**VALUES, "user_id": own.user_id(U1), "granted_at": 5_000_000}
        with clock.replaced(lambda: 5_000_000 + age):
            return connect_handler(values)

    @own.app.get("/told")
    def told() -> list[Any]:
        return get_flashed_messages(with_categories=True)

    browser = own.browser()
    assert browser.post("/register").headers["Location"] == "/connections"
    assert [each[0] for each in browser.get("/told").json()] == [category]
    assert own.accounts() == ([(U1, "plain", "7")] if category == "success" else [])


def test_values_whose_time_is_none_are_a_mistake_of_the_view_s(own: Bed) -> None:
    with own.app.test_request_context("/", method="POST"):
        values = {**VALUES, "user_id": own.user_id(U1), "granted_at": "yesterday"}
        with pytest.raises(ValueError, match="granted_at among the values is no time"):
            connect_handler(values)
    assert own.accounts() == []


def test_connect_handler_answers_when_the_database_refuses(own: Bed) -> None:
    @own.app.post("/conflict")
    def conflict() -> ResponseReturnValue:
        twin = own.User(email=U2, password="x", fs_uniquifier="x", active=True)
        own.db.session.add(twin)
        with own.db.session.no_autoflush:
            user_id = own.db.session.scalar(sa.select(own.User.id).where(own.User.email == U1))
            return connect_handler({**VALUES, "user_id": user_id})

    assert own.browser().post("/conflict").status_code == 400
    assert own.accounts() == []
    assert own.users() == [U1, U2]


def test_the_names_are_where_1_6_had_them() -> None:
    from flask_social import core, utils, views
    from flask_social.own_views import OAuthRemoteApp

    assert core.OAuthRemoteApp is OAuthRemoteApp  # type: ignore[attr-defined]
    assert views.connect_handler is connect_handler
    assert utils.get_provider_or_404 is get_provider_or_404


def test_a_view_is_decorated_where_no_application_is_current_yet(own: Bed) -> None:
    plain = own.app.extensions["social"].plain

    @own.app.get("/landing/<int:number>")
    @plain.authorized_handler
    def landing(oauth_response: Any, number: int) -> ResponseReturnValue:
        return f"{number} {'access_token' in oauth_response}"

    assert landing.__name__ == "landing"
    assert come_back(own.browser(), "/landing/7").text == "7 True"


def test_a_view_that_two_applications_share_uses_the_keys_of_the_present_one(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    keys = {"consumer_key": "another key", "consumer_secret": "another secret"}
    first = make_bed()
    second = make_bed(SOCIAL_PLAIN={**first.app.config["SOCIAL_PLAIN"], **keys})
    third = make_bed(SOCIAL_PLAIN=None)
    with first.app.app_context():
        plain = first.social.plain

    def shared() -> ResponseReturnValue:
        return plain.authorize(callback="/back")

    @plain.authorized_handler
    def back(oauth_response: Any) -> Any:
        return oauth_response

    for each in (second, third):
        each.app.add_url_rule("/shared", view_func=shared, methods=["POST"])
        each.app.add_url_rule("/back", view_func=back)
    browser = second.browser()
    url = browser.set_out("/shared")
    assert query_of(url)["client_id"] == "another key"
    assert browser.get(browser.at_provider(url)).json()["token_type"] == "Bearer"
    for answer in (third.browser().post("/shared"), third.browser().get("/back?state=s&code=c")):
        assert answer.status_code == 404
