"""The main job, over HTTP: connect, log in, call the provider's API, disconnect."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.bed import Bed, query_of

EMAIL = "user@example.org"


@pytest.fixture(params=["acme", "plain"])
def provider_id(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_user_connects_and_then_logs_in_with_the_provider(bed: Bed, provider_id: str) -> None:
    bed.add_user(EMAIL)
    browser = bed.browser().sign_in(EMAIL)

    answer = browser.trip(f"/connect/{provider_id}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    [row] = bed.rows()
    assert row.provider_id == provider_id
    assert row.display_name in ("ada", "Ada Lovelace")
    assert row.full_name == "Ada Lovelace"
    [created] = bed.signals("connection_created")
    assert created["account"] == (row.provider_id, row.provider_user_id)
    assert created["email"] == EMAIL

    stranger = bed.browser()
    answer = stranger.trip(f"/login/{provider_id}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home")
    assert stranger.who() == EMAIL
    assert [told["provider"].id for told in bed.signals("login_completed")] == [provider_id]


def test_an_unknown_visitor_is_refused(bed: Bed, provider_id: str) -> None:
    browser = bed.browser()

    answer = browser.trip(f"/login/{provider_id}")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "No account here is connected" in browser.get("/login").text
    assert browser.who() is None
    assert bed.rows() == []
    [failed] = bed.signals("login_failed")
    assert failed["provider"].id == provider_id
    assert failed["oauth_response"]["token_type"] == "Bearer"


def test_cancelling_leads_back_without_a_trace(bed: Bed, provider_id: str) -> None:
    bed.sandbox.deny()
    browser = bed.browser()

    answer = browser.trip(f"/login/{provider_id}")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "You cancelled at" in browser.get("/login").text
    assert bed.calls(provider_id, "token") == 0
    assert len(bed.signals("login_denied")) == 1


def test_a_connection_is_removed_by_post_and_by_delete(bed: Bed, provider_id: str) -> None:
    bed.add_user(EMAIL)
    browser = bed.browser().sign_in(EMAIL)
    for remove in (browser.post, browser.delete):
        browser.trip(f"/connect/{provider_id}")
        [row] = bed.rows()

        answer = remove(f"/connect/{provider_id}/{row.provider_user_id}")

        assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
        assert bed.rows() == []
    assert [
        (told["provider_id"], told["provider_user_id"])
        for told in bed.signals("connection_removed")
    ] == [(provider_id, row.provider_user_id)] * 2


def test_the_stored_token_calls_the_api(bed: Bed, provider_id: str) -> None:
    bed.add_user(EMAIL)
    bed.browser().sign_in(EMAIL).trip(f"/connect/{provider_id}")
    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id(EMAIL))
        remote = getattr(bed.social, provider_id)
        assert remote.get_api() is None, "nobody is signed in here"
        api = remote.get_api(user=user)
        path = "me" if provider_id == "plain" else f"{bed.sandbox.url}acme/userinfo"
        answer = api.get(path)
        assert answer.status_code == 200
        assert answer.json()["name"] == "Ada Lovelace"
        [connection] = bed.social.connections(user=user)
        assert remote.get_connection(user=user) is connection
        assert list(remote.get_connections(user=user)) == [connection]


def test_the_start_asks_for_what_it_must(bed: Bed, provider_id: str) -> None:
    url = bed.browser().set_out(f"/login/{provider_id}")

    asked = query_of(url)
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{bed.url}/login/{provider_id}"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) == 43


def test_a_json_client_gets_addresses_and_codes(bed: Bed, provider_id: str) -> None:
    json = {"Accept": "application/json"}
    browser = bed.browser()
    start = browser.post(f"/login/{provider_id}", json={"next": "/there"}, headers=json)
    assert start.status_code == 200

    callback = browser.at_provider(start.json()["response"]["authorization_url"])
    answer = browser.get(callback, headers=json)

    assert answer.status_code == 403
    assert answer.json()["response"]["code"] == "not_linked"
    assert answer.json()["response"]["errors"]
    assert answer.json()["response"]["correlation_id"]


def test_a_newcomer_is_welcomed_when_the_application_says_who_it_is(bed: Bed) -> None:
    @bed.social.newcomer_handler
    def sign_up(grant):  # type: ignore[no-untyped-def]
        security = bed.app.extensions["security"]
        return security.datastore.create_user(
            email=grant.identity.email, confirmed_at=security.datetime_factory()
        )

    browser = bed.browser()
    answer = browser.trip("/login/acme", next="/there?x=1")

    assert answer.headers["Location"] == "/there?x=1"
    assert browser.who() == "ada@example.com"
    assert [row[:2] for row in bed.accounts()] == [("ada@example.com", "acme")]


def test_everything_works_on_postgresql(
    make_bed: Callable[..., Bed], postgres_database: str, provider_id: str
) -> None:
    bed = make_bed(database=postgres_database)
    bed.add_user(EMAIL)
    bed.browser().sign_in(EMAIL).trip(f"/connect/{provider_id}")
    browser = bed.browser()
    browser.trip(f"/login/{provider_id}")
    assert browser.who() == EMAIL
