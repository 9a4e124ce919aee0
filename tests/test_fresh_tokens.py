"""``get_api()`` and the like give a token that is fresh, with or without a request."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import requests
from sqlalchemy.exc import OperationalError

from flask_social import clock
from flask_social.api import ApiSession
from flask_social.datastore.memory import MemoryConnection
from flask_social.datastore.tokens import StoredToken
from flask_social.errors import ProviderUnavailable, ReconnectNeeded, StoreUnavailable
from flask_social.sandbox import Status
from flask_social.testing import ServedSandbox
from flask_social.token_source import advice, reconnect_url, tell_broken
from tests.bed import Bed, make_app
from tests.freshness import Connected, MakeConnected


@pytest.fixture(params=["acme", "plain"])
def by_each(request: pytest.FixtureRequest, make_connected: MakeConnected) -> Connected:
    return make_connected(request.param)


def test_a_token_that_is_good_is_used_as_it_is(by_each: Connected) -> None:
    before = by_each.row()
    assert by_each.account() == "Ada Lovelace"
    assert by_each.asked() == (0, 1)
    after = by_each.row()
    assert (after.access_token, after.version) == (before.access_token, before.version)


def test_one_that_expired_is_refreshed_and_written_before_it_is_used(by_each: Connected) -> None:
    before = by_each.row()
    by_each.expire()
    assert by_each.account() == "Ada Lovelace"
    assert by_each.asked() == (1, 1)
    after = by_each.row()
    assert after.access_token != before.access_token
    assert after.refresh_token != before.refresh_token
    assert after.access_token in by_each.provider.access_tokens
    assert after.expires_at > clock.now() + 3000
    assert (after.lease_until, after.needs_reauth) == (None, False)
    assert by_each.bed.told == []


def test_the_row_in_memory_shows_the_new_token(ada: Connected) -> None:
    ada.expire()
    with ada.bed.app.app_context():
        connection = ada.remote.get_connection(ada.user())
        assert connection is not None
        before = connection.access_token
        token = ada.remote.get_token(connection=connection)
        assert token is not None
        assert connection.access_token == token.access_token != before
        assert connection.expires_at == token.expires_at
        assert connection not in ada.bed.db.session.dirty
        assert ada.remote.get_token(connection=connection) == token
    assert ada.asked() == (1, 0)


def test_a_session_asks_again_with_each_request(ada: Connected) -> None:
    with ada.api() as api:
        first = api.token()
        ada.expire()
        with clock.replaced(lambda: first.expires_at - 60):
            assert api.get("whatever").status_code == 200
            second = api.token()
        assert second.access_token == ada.row().access_token != first.access_token
        assert second.refresh_token is first.refresh_token is None
    assert ada.asked() == (1, 1)


def test_a_token_that_lives_for_a_minute_is_not_refreshed_for_each_request(ada: Connected) -> None:
    ada.provider.script = replace(ada.provider.script, access_token_lifetime=60)
    ada.expire()
    with ada.api() as api:
        for _ in range(3):
            assert api.get("whatever").status_code == 200
    assert ada.asked() == (1, 3)


def test_seconds_are_the_limit_of_a_call(make_connected: MakeConnected) -> None:
    with make_connected(SOCIAL_CALL_TIMEOUT=7).api() as api:
        assert api.seconds == 7


def test_none_without_a_connection_or_a_token(ada: Connected) -> None:
    with ada.bed.app.app_context():
        plain = ada.bed.app.extensions["social"].plain
        assert plain.get_api(ada.user()) is None
        assert plain.get_token(ada.user()) is None
    for none in (None, ""):
        ada.write(access_token=none, refresh_token=none, expires_at=None)
        with ada.api() as api:
            assert api is None
            connection = ada.remote.get_connection(ada.user())
            assert ada.remote.fresh_token(connection) is None


def test_a_refresh_token_alone_is_enough(ada: Connected) -> None:
    ada.write(access_token=None)
    assert ada.account() == "Ada Lovelace"
    assert ada.asked() == (1, 1)


def test_a_row_that_was_marked_without_any_token_is_to_be_reconnected(ada: Connected) -> None:
    ada.write(access_token=None, refresh_token=None, needs_reauth=True)
    with pytest.raises(ReconnectNeeded, match="needs_reauth"), ada.api():
        pass


def test_none_for_a_row_that_is_gone_at_that_very_moment(ada: Connected) -> None:
    ada.expire()
    with ada.bed.app.app_context():
        connection = ada.remote.get_connection(ada.user())
        ada.bed.db.session.expunge(connection)
        ada.bed.db.session.rollback()
        ada.bed.social.datastore.delete_connections(user=ada.user())
        ada.bed.social.datastore.commit()
        assert ada.remote.get_api(connection=connection) is None
        assert ada.remote.get_token(connection=connection) is None


def test_a_session_whose_row_vanishes_says_so(ada: Connected) -> None:
    with ada.api() as api:
        ada.bed.social.datastore.delete_connections(user=ada.user())
        ada.bed.social.datastore.commit()
        ada.revoke()
        with pytest.raises(ReconnectNeeded, match="removed"):
            api.get("whatever")


def test_another_providers_connection_is_refused_with_its_token_unsent(ada: Connected) -> None:
    with ada.bed.app.app_context():
        connection = ada.remote.get_connection(ada.user())
        plain = ada.bed.app.extensions["social"].plain
        asked = (
            lambda: plain.get_api(connection=connection),
            lambda: plain.get_token(connection=connection),
            lambda: plain.fresh_token(connection),
            lambda: plain.revoke(connection),
        )
        for ask in asked:
            with pytest.raises(ValueError, match="plain was given a connection to acme"):
                ask()
    assert ada.bed.calls("plain", "api") == ada.bed.calls("plain", "revoke") == 0


def test_where_no_tokens_are_kept_those_of_former_days_are_not_spent(ada: Connected) -> None:
    before = ada.row()
    ada.expire()
    with ada.bed.app.app_context():
        ada.remote.datastore.sealing.keeps = False
        connection = ada.remote.get_connection(ada.user())
        assert ada.remote.get_api(connection=connection) is None
        assert ada.remote.get_token(connection=connection) is None
        assert ada.remote.fresh_token(connection) is None
    assert ada.asked() == (0, 0)
    assert ada.broken() == []
    assert ada.row().refresh_token == before.refresh_token


# Ahead of time.


def test_a_job_may_refresh_ahead_of_time(ada: Connected) -> None:
    before = ada.row()
    with ada.bed.app.app_context():
        connection = ada.remote.get_connection(ada.user())
        kept = ada.remote.fresh_token(connection, within=60)
        assert kept is not None
        assert kept.access_token == before.access_token
        new = ada.remote.fresh_token(connection, within=4000)
        assert new is not None
        assert new.access_token not in (None, before.access_token)
    assert ada.asked() == (1, 0)


def test_a_job_is_told_of_a_failure_that_others_make_do_with(ada: Connected) -> None:
    ada.write(expires_at=clock.now() + 50)
    ada.provider.fail("token", Status(503))
    with ada.bed.app.app_context():
        connection = ada.remote.get_connection(ada.user())
        with pytest.raises(ProviderUnavailable) as raised:
            ada.remote.fresh_token(connection)
        assert raised.value.provider_id == "acme"
    assert ada.account() == "Ada Lovelace"
    assert ada.asked() == (1, 1)


# Without a request, and in other threads.


def test_a_client_library_may_ask_from_threads_of_its_own(ada: Connected) -> None:
    with ada.api() as api:
        held: ApiSession = api
    ada.provider.access_tokens.clear()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(held.get, "whatever").result()
    assert answer.status_code == 200
    assert ada.asked() == (1, 2)


def test_a_session_stays_with_its_application(ada: Connected) -> None:
    with ada.api() as api:
        held: ApiSession = api
    ada.provider.access_tokens.clear()
    other = make_app({})
    with other.app.app_context():
        assert held.get("whatever").status_code == 200
    assert ada.row().access_token in ada.provider.access_tokens


def test_work_of_the_application_is_neither_committed_nor_lost(ada: Connected) -> None:
    ada.expire()
    with ada.bed.app.app_context():
        connection = ada.remote.get_connection(ada.user())
        user = ada.user()
        user.username = "ada"
        assert ada.remote.get_token(connection=connection) is not None
        assert user.username == "ada"
        ada.bed.db.session.rollback()
        assert ada.user().username is None
    assert ada.row().access_token in ada.provider.access_tokens


LACKING = [("version",), ("lease_until",), ("version", "lease_until", "needs_reauth")]


@pytest.mark.parametrize("missing", LACKING, ids=" and ".join)
def test_a_model_that_lacks_columns_is_refreshed_all_the_same(
    make_connected: MakeConnected, missing: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    def declare(db: Any) -> Any:
        class Connection(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            user_id = db.Column(db.Integer, db.ForeignKey("user.id"), nullable=False)
            user = db.relationship("User")
            provider_id = db.Column(db.String(64), nullable=False)
            provider_user_id = db.Column(db.String(255), nullable=False)
            access_token = db.Column(db.Text)
            secret = db.Column(db.Text)
            refresh_token = db.Column(db.Text)
            expires_at = db.Column(db.BigInteger)
            __table_args__ = (db.UniqueConstraint("provider_id", "provider_user_id"),)
            if "version" not in missing:
                version = db.Column(db.Integer, nullable=False, default=1)
            if "lease_until" not in missing:
                lease_until = db.Column(db.BigInteger)
            if "needs_reauth" not in missing:
                needs_reauth = db.Column(db.Boolean, nullable=False, default=False)

        return Connection

    ada = make_connected(declare=declare)
    assert f"no {' and no '.join(missing)}: a token may be refreshed late" in caplog.text
    before = ada.row()
    ada.expire()
    assert ada.account() == "Ada Lovelace"
    after = ada.row()
    assert after.access_token != before.access_token
    assert after.refresh_token != before.refresh_token
    ada.expire()
    ada.revoke()
    for _ in range(2):
        with pytest.raises(ReconnectNeeded), ada.api():
            pass
    assert ada.asked() == ((3, 1) if "needs_reauth" in missing else (2, 1))
    assert ada.broken() == ([] if "needs_reauth" in missing else ["invalid_grant"])


# An API that says no.


def test_a_401_is_answered_by_one_refresh(by_each: Connected) -> None:
    del by_each.provider.access_tokens[str(by_each.row().access_token)]
    assert by_each.account() == "Ada Lovelace"
    assert by_each.asked() == (1, 2)
    assert by_each.row().access_token in by_each.provider.access_tokens


@pytest.mark.parametrize(
    ("body", "arrives"), [(None, ""), (b"octets", "octets"), ("text", "text"), ({"a": "b"}, "a=b")]
)
def test_the_request_is_the_same_once_more(ada: Connected, body: Any, arrives: str) -> None:
    del ada.provider.access_tokens[str(ada.row().access_token)]
    with ada.api() as api:
        answer = api.post("whatever?x=1", data=body, headers={"X-Mine": "y"})
    assert answer.status_code == 200
    assert (answer.json()["method"], answer.json()["query"]) == ("POST", {"x": "1"})
    assert answer.json()["body"] == arrives
    sent = [each for each in ada.bed.sandbox.requests if each.endpoint == "api"]
    assert [each.headers["X-Mine"] for each in sent] == ["y", "y"]


def test_a_body_that_is_gone_is_not_sent_again_but_the_next_is_right(ada: Connected) -> None:
    del ada.provider.access_tokens[str(ada.row().access_token)]
    with ada.api() as api:
        answer = api.post("whatever", data=iter([b"once"]))
        assert answer.status_code == 401
        assert api.post("whatever", data=BytesIO(b"next")).status_code == 200
    assert ada.asked() == (1, 2)


def test_a_streamed_refusal_is_closed(ada: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    del ada.provider.access_tokens[str(ada.row().access_token)]
    closed: list[int] = []
    close = requests.Response.close

    def noted(response: requests.Response) -> None:
        closed.append(response.status_code)
        close(response)

    with ada.api() as api:
        monkeypatch.setattr(requests.Response, "close", noted)
        with api.get("whatever", stream=True) as answer:
            assert closed == [401]
            assert answer.json()["account"] == "Ada Lovelace"
    assert ada.asked() == (1, 2)


def test_a_second_401_is_the_end(ada: Connected) -> None:
    ada.provider.fail("api", Status(401))
    with ada.api() as api, pytest.raises(ReconnectNeeded) as raised:
        api.get("whatever", stream=True)
    assert raised.value.reason == "unauthorized"
    assert ada.asked() == (1, 2)
    assert ada.row().needs_reauth
    assert ada.broken() == ["unauthorized"]
    with pytest.raises(ReconnectNeeded, match="needs_reauth"), ada.api():
        pass
    assert ada.asked() == (1, 2)


def test_what_another_process_refreshed_is_used_without_a_refresh(ada: Connected) -> None:
    with ada.api() as api:
        old = str(ada.row().access_token)
        held = ada.provider.access_tokens.pop(old)
        ada.provider.access_tokens["theirs"] = held
        ada.write(access_token="theirs")
        assert api.get("whatever").status_code == 200
    assert ada.asked() == (0, 2)


@pytest.mark.parametrize("error", ["insufficient_scope", "invalid_request"])
def test_a_challenge_that_names_another_reason_is_the_answer(ada: Connected, error: str) -> None:
    challenge = {"WWW-Authenticate": f'Bearer realm="x", error="{error}"'}
    ada.provider.fail("api", Status(401, "no", challenge))
    with ada.api() as api:
        assert api.get("whatever").text == "no"
    assert ada.asked() == (0, 1)
    assert not ada.row().needs_reauth


@pytest.mark.parametrize("can_refresh", [True, False])
def test_an_api_that_means_other_things_by_401(
    make_connected: MakeConnected, can_refresh: bool
) -> None:
    ada = make_connected(breaks_on_401=False)
    if not can_refresh:
        ada.write(refresh_token=None)
    ada.provider.fail("api", Status(401, "not for you"))
    with ada.api() as api:
        answer = api.get("whatever")
    assert (answer.status_code, answer.text) == (401, "not for you")
    assert ada.asked() == ((1, 2) if can_refresh else (0, 1))
    assert (ada.row().needs_reauth, ada.broken()) == (False, [])


def test_a_401_behind_a_redirect_is_answered_once(ada: Connected) -> None:
    token = str(ada.row().access_token)
    home = f"{ada.bed.sandbox.url}acme/api/there"
    ada.provider.fail("api", Status(302, "", {"Location": home}, times=1))
    del ada.provider.access_tokens[token]
    with ada.api() as api:
        answer = api.get("whatever")
    assert (answer.status_code, answer.json()["path"]) == (200, "there")
    assert ada.asked() == (1, 3)


def test_a_session_of_ones_own_leaves_a_401_alone(ada: Connected) -> None:
    ada.provider.fail("api", Status(401))
    with ada.bed.app.app_context():
        remote = ada.remote
        token = remote.get_token(ada.user())
        assert token is not None
        session = ApiSession(
            base_url=remote.api_url,
            token=token,
            client=remote.client,
            token_use=remote.provider.token_use,  # type: ignore[attr-defined]
            options=remote.transport,
        )
        assert session.get("whatever").status_code == 401
        with ada.api() as api:
            prepared = requests.Request("GET", api.url_for("whatever")).prepare()
            assert api.send(prepared).status_code == 401  # it carried no token of ours
    assert ada.asked() == (0, 2)


def test_oauth_1_has_nothing_to_refresh(make_bed: Callable[..., Bed], box: ServedSandbox) -> None:
    home = f"{box.url}classic"
    classic = {
        "consumer_key": "classic key",
        "consumer_secret": "classic secret",
        "request_token_url": f"{home}/request_token",
        "authorize_url": f"{home}/authorize",
        "token_url": f"{home}/access_token",
        "api_url": f"{home}/api/",
        "profile_call": "me",
        "identity": {"subject": "id"},
    }
    ada = Connected(make_bed(SOCIAL_CLASSIC=classic), "classic")
    assert ada.account() == "Ada Lovelace"
    ada.provider.fail("api", Status(401, "a signature, or a clock"))
    with ada.api() as api:
        answer = api.get("whatever")
    assert (answer.status_code, answer.text) == (401, "a signature, or a clock")
    assert not ada.row().needs_reauth


# The database breaks.


def test_a_database_that_is_away_is_told_as_that(
    ada: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = OperationalError("SELECT secret", {}, Exception("server closed the connection"))
    error.connection_invalidated = True

    def away(store: Any, connection: Any) -> Any:
        raise error

    ada.expire()
    with ada.bed.app.app_context():
        store = ada.remote.datastore
        connection = ada.remote.get_connection(ada.user())
        monkeypatch.setattr(type(store), "read_token", away)
        with pytest.raises(StoreUnavailable) as raised:
            ada.remote.get_api(connection=connection)
        assert "secret" not in str(raised.value)
        monkeypatch.setattr(type(store), "trouble", lambda store, error: None)
        with pytest.raises(OperationalError):  # a mistake is told as it is
            ada.remote.get_api(connection=connection)


# Broken connections.


def test_where_to_reconnect_is_told_wherever_that_is_known(ada: Connected) -> None:
    app, subject = ada.bed.app, ada.row().provider_user_id
    state, path = app.extensions["social"], f"/reconnect/acme?provider_user_id={subject}"

    def url(app_url: str | None = None) -> str | None:
        settings = replace(state.settings, app_url=app_url)
        app.extensions["social"] = replace(state, settings=settings)
        with pytest.raises(ReconnectNeeded) as raised, ada.api():
            pass
        assert isinstance(raised.value.connection, ada.bed.Connection)
        return raised.value.reconnect_url

    ada.expire()
    ada.revoke()
    assert url() is None
    assert url("https://app.example") == f"https://app.example{path}"
    app.config["APPLICATION_ROOT"] = "/mount"
    assert url("https://app.example") == f"https://app.example/mount{path}"
    assert url("https://app.example/outside/") == f"https://app.example/outside{path}"
    app.config["SERVER_NAME"] = "app.example"
    assert url() == f"http://app.example/mount{path}"
    with app.test_request_context():
        assert reconnect_url(ReconnectNeeded("acme", subject, "expired")) == f"/mount{path}"
        assert reconnect_url(ReconnectNeeded("acme", subject, "removed")) == "/mount/connect/acme"


def test_a_prefix_with_a_place_to_fill_may_leave_it_untold() -> None:
    app = make_app({"SOCIAL_URL_PREFIX": "/<lang>/me", "SOCIAL_APP_URL": "https://a.example"}).app
    with app.app_context():
        assert reconnect_url(ReconnectNeeded("acme", "1", "expired")) is None


def test_a_connection_that_breaks_is_told_with_its_user(ada: Connected) -> None:
    ada.expire()
    ada.revoke()
    for _ in range(3):
        with pytest.raises(ReconnectNeeded), ada.api():
            pass
    [told] = ada.bed.signals("connection_broken")
    assert (told["reason"], told["email"]) == ("invalid_grant", "ada@example.org")
    assert told["account"] == ("acme", ada.row().provider_user_id)
    assert ada.asked() == (1, 0)


def test_the_log_tells_it_too_even_if_the_database_breaks_then(
    ada: Connected, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = OperationalError("SELECT secret", {}, Exception("gone away"))

    def away(store: Any, **filters: Any) -> Any:
        raise error

    ada.expire()
    ada.revoke()
    with ada.bed.app.app_context():
        connection = ada.remote.get_connection(ada.user())
        monkeypatch.setattr(type(ada.remote.datastore), "find_connection", away)
        with pytest.raises(ReconnectNeeded):
            ada.remote.get_api(connection=connection)
    told = [each.getMessage() for each in caplog.records if each.name == "flask_social"]
    assert "acme: a connection is broken: invalid_grant" in told
    assert any(each.startswith("Nobody could be told of it: ") for each in told)
    assert not any("SELECT" in each for each in told)
    assert ada.broken() == []


def test_a_row_that_vanishes_after_it_broke_is_nobodys(ada: Connected) -> None:
    with ada.bed.app.app_context():
        row = StoredToken(key=99, provider_id="acme", provider_user_id="nobody")
        tell_broken(ada.remote.datastore)(row, "invalid_grant")
    assert ada.broken() == []


@pytest.mark.parametrize("path", ["/login/acme", "/connect/acme", "/reconnect/acme"])
def test_a_later_trip_mends_it(ada: Connected, path: str) -> None:
    ada.expire()
    ada.revoke()
    with pytest.raises(ReconnectNeeded), ada.api():
        pass
    assert ada.row().needs_reauth
    browser = ada.bed.browser() if path.startswith("/login") else ada.browser
    assert browser.trip(path).status_code == 303
    assert (ada.row().needs_reauth, ada.row().lease_until) == (False, None)
    assert ada.account() == "Ada Lovelace"


def test_a_model_that_keeps_refresh_tokens_is_told_what_it_lacks() -> None:
    class Connection:
        refresh_token, expires_at = "", 0

    told = advice(Connection)
    assert told is not None
    assert "no version and no lease_until and no needs_reauth" in told
    assert advice(MemoryConnection) is None
    del Connection.refresh_token
    assert advice(Connection) is None
