"""Bluesky in an application: the document it serves, and a trip against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from flask_social.errors import ConfigurationError, ProviderError
from flask_social.http import Request
from flask_social.protocols.bond import Bond
from flask_social.providers import bluesky
from flask_social.testing import ServedSandbox, sandbox
from flask_social.values import Client, Token
from tests.bed import Bed, Browser, make_app, query_of, served
from tests.protocols.paper import Paper, answer, ec
from tests.protocols.proofs import with_nonce
from tests.protocols.test_atproto import held

APP = "https://app.example"
DOCUMENT = "/client-metadata/bluesky.json"
U1 = "one@example.org"
AT_HOME = "http://127.0.0.1:5000"


def app(**config: Any) -> Any:
    bed = make_app({"SOCIAL_APP_URL": APP, "SOCIAL_BLUESKY": {}, **config})
    return bed.app


def client_of(found: Any) -> Client:
    client: Client = found.extensions["social"].bluesky.client
    return client


# The document


def test_the_application_serves_the_document_that_is_its_id() -> None:
    found = app()
    response = found.test_client().get(DOCUMENT)
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.json == {
        "client_id": f"{APP}{DOCUMENT}",
        "client_name": "app.example",
        "client_uri": APP,
        "application_type": "web",
        "redirect_uris": [f"{APP}/login/bluesky", f"{APP}/connect/bluesky"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "atproto transition:generic transition:email",
        "dpop_bound_access_tokens": True,
        "token_endpoint_auth_method": "none",
    }
    assert client_of(found).id == response.json["client_id"]


def test_the_document_follows_the_configuration() -> None:
    given = {
        "private_key": ec().as_pem(private=True).decode(),
        "scopes": ["atproto", "transition:email"],
        "client_name": "Acme",
    }
    found = app(SOCIAL_BLUESKY=given, SOCIAL_SINGLE_CALLBACK=True, SOCIAL_URL_PREFIX="/social")
    response = found.test_client().get(f"/social{DOCUMENT}")
    assert response.json["client_id"] == f"{APP}/social{DOCUMENT}" == client_of(found).id
    assert response.json["client_name"] == "Acme"
    assert response.json["redirect_uris"] == [f"{APP}/social/callback/bluesky"]
    assert response.json["scope"] == "atproto transition:email"
    assert response.json["token_endpoint_auth_method"] == "private_key_jwt"
    [key] = response.json["jwks"]["keys"]
    assert key["kid"] == ec().thumbprint() == client_of(found).key_id
    assert "d" not in key


def test_each_server_has_a_document_of_its_own() -> None:
    acme = {"provider": "bluesky", "authorization_server": "pds.acme.example"}
    found = app(SOCIAL_ACME_SKY=acme)
    response = found.test_client().get("/client-metadata/acme_sky.json")
    assert response.json["client_id"] == f"{APP}/client-metadata/acme_sky.json"
    assert response.json["redirect_uris"][0] == f"{APP}/login/acme_sky"
    assert found.extensions["social"].acme_sky.provider.issuer == "https://pds.acme.example"


@pytest.mark.parametrize("provider_id", ["github", "nobody", "bluesky.json"])
def test_others_have_none(provider_id: str) -> None:
    keys = {"consumer_key": "k", "consumer_secret": "s"}
    found = app(SOCIAL_GITHUB=keys).test_client().get(f"/client-metadata/{provider_id}.json")
    assert found.status_code == 404


def test_a_server_name_is_an_address_too() -> None:
    found = make_app({"SERVER_NAME": "app.example", "SOCIAL_BLUESKY": {}}).app
    assert client_of(found).id == f"{APP}{DOCUMENT}"


def test_an_id_that_is_given_is_the_id() -> None:
    other = "https://static.example/us.json"
    assert client_of(app(SOCIAL_BLUESKY={"consumer_key": other})).id == other


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"SOCIAL_APP_URL": None}, "SOCIAL_BLUESKY: .*Set SOCIAL_APP_URL"),
        ({"SOCIAL_APP_URL": "https://app.example:8443"}, "SOCIAL_BLUESKY: .*without a port"),
        ({"SOCIAL_APP_URL": "http://localhost:5000"}, "http://127.0.0.1:5000"),
        ({"SOCIAL_BLUESKY": {"private_key": "nonsense"}}, "SOCIAL_BLUESKY: private_key must be"),
        ({"SOCIAL_BLUESKY": {"authorization_server": "https://x"}}, "authorization_server"),
    ],
)
def test_what_cannot_work_stops_the_start(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        app(**config)


def test_a_providers_table_may_name_it_too() -> None:
    found = app(
        SOCIAL_BLUESKY=None,
        SOCIAL_PROVIDER_SOURCE=lambda name: {"provider": "bluesky"} if name == "theirs" else None,
    )
    response = found.test_client().get("/client-metadata/theirs.json")
    assert response.json["client_id"] == f"{APP}/client-metadata/theirs.json"


# A profile


@pytest.mark.parametrize(
    "away", [answer({"error": "InvalidRequest"}, 400), ProviderError("x", "y")]
)
def test_somebody_who_is_not_at_bluesky_has_a_handle_for_a_name(away: Any) -> None:
    there = "https://pds.example.net/xrpc/"
    token = held()
    session = {"did": "did:plc:ewvi7nxzyoun6zhxrhs64oiz", "handle": "ada.example.net"}
    send = Paper({
        f"{there}com.atproto.server.getSession": with_nonce(answer(session)),
        f"{there}app.bsky.actor.getProfile": away,
    })  # fmt: skip
    sky = replace(bluesky.provider, issuer="https://auth.example.org", api_url=there)
    identity = sky.read_identity(Client(id="x"), token, send)
    assert (identity.name, identity.username) == ("ada.example.net", "ada.example.net")
    assert (identity.email, identity.image_url) == (None, None)
    assert parse_qs(urlsplit(send.sent[1].url).query) == {"actor": [session["did"]]}


# A whole connection


@pytest.fixture(scope="module")
def box() -> Iterator[ServedSandbox]:
    with sandbox() as box:
        box.login_as("ada")
        yield box


@pytest.fixture(scope="module")
def bed(box: ServedSandbox) -> Iterator[Bed]:
    """An application on its developer's machine, as far as the sandbox can tell."""
    config = {"SOCIAL_SANDBOX": box.url, "SOCIAL_APP_URL": AT_HOME, "SOCIAL_BLUESKY": {}}
    bed = make_app(config)
    bed.sandbox = box
    with served(bed) as bed:
        bed.add_user(U1)
        yield bed


def trip(browser: Browser, path: str) -> Any:
    """Out and back; the served port is another than the one in the addresses."""
    back = browser.at_provider(browser.set_out(path))
    assert back.startswith(f"{AT_HOME}{path}?")
    return browser.get(back.removeprefix(AT_HOME))


def token_of(bed: Bed) -> tuple[Any, Any]:
    """The row, and its bond."""
    [row] = bed.rows()
    return row, Bond.of(Token(access_token="", secret=row.secret), "testing")


def test_a_connection_at_home_from_its_beginning_to_its_end(bed: Bed, box: ServedSandbox) -> None:
    browser = bed.browser().sign_in(U1)
    url = browser.set_out("/connect/bluesky")
    assert query_of(url).keys() == {"client_id", "request_uri"}
    assert query_of(url)["client_id"].startswith("http://localhost?redirect_uri=")
    assert trip(browser, "/connect/bluesky").status_code == 303
    row, bond = token_of(bed)
    assert row.provider_user_id.startswith("did:plc:")
    assert (row.display_name, row.full_name) == ("ada", "Ada Lovelace")
    assert (row.email, row.email_verified, row.issuer) == ("ada@example.com", False, None)
    assert (row.token_type, bond.server) == ("DPoP", "https://pds.example")

    stranger = bed.browser()
    assert trip(stranger, "/login/bluesky").status_code == 303
    assert stranger.who() == U1
    stranger.hang_up()

    remote = bed.app.extensions["social"].bluesky
    with bed.app.app_context():
        [row] = bed.db.session.scalars(sa.select(bed.Connection))
        box["bluesky"].counts.clear()
        api = remote.get_api(connection=row)
        for _ in range(3):
            assert api.get("com.atproto.server.getSession").json()["did"] == row.provider_user_id
        assert box["bluesky"].counts["api"] == 4, "one for the nonce"
        with pytest.raises(ValueError, match="not where this token may go"):
            api.get("https://elsewhere.example/xrpc/x")
        before, key = row.access_token, Bond.of(remote.get_token(connection=row), "t").key
        row.expires_at = 1
        bed.db.session.commit()
        token = remote.get_token(connection=row)
        assert token.access_token != before
        assert json.loads(Bond.of(token, "t").key) == json.loads(key)
        assert api.get("com.atproto.server.getSession").status_code == 200

    played = box["bluesky"]
    granted = played.access_tokens[token_of(bed)[0].access_token].grant
    assert browser.post("/disconnect/bluesky", headers={"Accept": "application/json"}).ok
    assert granted.revoked
    assert bed.rows() == []
    browser.hang_up()


def test_who_says_no_comes_back_and_is_told_so(bed: Bed, box: ServedSandbox) -> None:
    browser = bed.browser()
    box.deny()
    try:
        back = browser.at_provider(browser.set_out("/login/bluesky")).removeprefix(AT_HOME)
        answer = browser.get(back, headers={"Accept": "application/json"})
    finally:
        box.login_as("ada")
    assert (answer.status_code, answer.json()["response"]["code"]) == (403, "denied")
    browser.hang_up()


def test_no_secret_of_a_token_reaches_a_repr() -> None:
    token = held()
    there = Request(url="https://pds.example.net/xrpc/a", purpose="x")
    request = bluesky.provider.as_person(there, token, Client(id="x"))
    shown = repr(request) + repr(token) + repr(request.headers)
    assert "old-access" not in shown
    assert str(request.headers["DPoP"]) not in shown
