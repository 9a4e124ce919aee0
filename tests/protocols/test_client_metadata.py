"""The document by whose address an application is known."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flask_social.errors import ConfigurationError
from flask_social.protocols import client_metadata
from flask_social.protocols.client_metadata import Site
from flask_social.values import Client

from .paper import ec, okp, rsa

SCOPES = ("atproto", "transition:generic")
URL = "https://app.example/client-metadata/sky.json"


def known_as(address: str | None, **changes: Any) -> str:
    return client_metadata.client_id("sky", SCOPES, Site(address=address, **changes))


@pytest.mark.parametrize(
    ("address", "changes", "found"),
    [
        ("https://app.example", {}, URL),
        ("https://app.example/", {"prefix": "/social/"}, URL.replace("/client", "/social/client")),
        ("https://app.example/shop/", {"mount": "/x"}, URL.replace("/client", "/shop/client")),
        ("https://app.example", {"mount": "/shop/"}, URL.replace("/client", "/shop/client")),
        ("app.example", {}, URL),
        ("app.example", {"mount": "/", "develops": True}, URL),
    ],
)
def test_an_application_is_known_by_the_address_of_its_document(
    address: str, changes: Any, found: str
) -> None:
    assert known_as(address, **changes) == found


@pytest.mark.parametrize("address", [None, ""])
def test_without_an_address_the_operator_is_told_what_to_set(address: str | None) -> None:
    with pytest.raises(ConfigurationError, match=r"SOCIAL_APP_URL \(or SERVER_NAME\)"):
        known_as(address)


def test_a_prefix_with_a_place_is_no_address() -> None:
    with pytest.raises(ConfigurationError, match="SOCIAL_URL_PREFIX"):
        known_as("https://app.example", prefix="/<tenant>")


@pytest.mark.parametrize("address", ["http://app.example", "https://app.example:8443"])
def test_no_server_takes_plain_http_or_a_port(address: str) -> None:
    with pytest.raises(ConfigurationError, match="must be an https address without a port"):
        known_as(address, develops=True)


@pytest.mark.parametrize(
    ("address", "develops"),
    [
        ("http://127.0.0.1:5000", False),
        ("http://localhost:5000", True),
        ("https://localhost:5000", True),
        ("https://127.0.0.1:5000", True),
    ],
)
def test_who_develops_is_told_the_one_address_that_works(address: str, develops: bool) -> None:
    with pytest.raises(ConfigurationError, match=r"take http://127\.0\.0\.1:5000 and debug mode"):
        known_as(address, develops=develops)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:5000", "127.0.0.1:5000", "http://[::1]:5000"]
)
def test_at_home_the_id_holds_the_document(address: str) -> None:
    found = urlsplit(known_as(address, develops=True, prefix="/social"))
    root = address if "//" in address else f"http://{address}"
    assert (found.scheme, found.netloc, found.path) == ("http", "localhost", "")
    assert parse_qs(found.query) == {
        "redirect_uri": [f"{root}/social/login/sky", f"{root}/social/connect/sky"],
        "scope": ["atproto transition:generic"],
    }


def test_at_home_it_holds_the_one_callback_where_there_is_one() -> None:
    found = known_as("http://127.0.0.1:5000", develops=True, single_callback=True)
    uris = parse_qs(urlsplit(found).query)["redirect_uri"]
    assert uris == ["http://127.0.0.1:5000/callback/sky"]


URIS = ("https://app.example/login/sky", "https://app.example/connect/sky")


def test_the_document_of_an_application_without_a_key() -> None:
    found = client_metadata.document(Client(id=URL), SCOPES, URIS, None)
    assert found == {
        "client_id": URL,
        "client_name": "app.example",
        "client_uri": "https://app.example",
        "application_type": "web",
        "redirect_uris": list(URIS),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "atproto transition:generic",
        "dpop_bound_access_tokens": True,
        "token_endpoint_auth_method": "none",
    }


@pytest.mark.parametrize(
    ("key_id", "kid"), [("ours", "ours"), (None, "P-256")], ids=["configured", "the key's own"]
)
def test_the_document_shows_the_public_half_of_a_key(key_id: str | None, kid: str) -> None:
    private = json.dumps(ec().as_dict(private=True))
    client = Client(id=URL, private_key=private, key_id=key_id)
    found = client_metadata.document(client, SCOPES, URIS, "Acme")
    assert found["client_name"] == "Acme"
    assert found["token_endpoint_auth_method"] == "private_key_jwt"
    assert found["token_endpoint_auth_signing_alg"] == "ES256"
    [key] = found["jwks"]["keys"]
    public = {name: ec().as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}
    assert key == {**public, "kid": kid, "use": "sig", "alg": "ES256"}
    assert str(ec().as_dict(private=True)["d"]) not in json.dumps(found)


def test_a_key_without_a_name_is_called_by_its_thumbprint() -> None:
    client = Client(id=URL, private_key=ec().as_pem(private=True).decode())
    assert client_metadata.public_key(client)["kid"] == ec().thumbprint()
    assert client_metadata.with_key_id(client).key_id == ec().thumbprint()


def test_without_a_key_nothing_is_called() -> None:
    client = Client(id=URL)
    assert client_metadata.with_key_id(client) is client


@pytest.mark.parametrize(
    "key",
    [
        "nonsense",
        json.dumps(rsa().as_dict(private=True)),
        json.dumps(ec("P-384").as_dict(private=True)),
        json.dumps(okp().as_dict(private=True)),
        json.dumps(ec().as_dict(private=False)),
    ],
)
def test_another_kind_of_key_is_refused(key: str) -> None:
    with pytest.raises(ConfigurationError, match="private_key must be one on the curve P-256"):
        client_metadata.public_key(Client(id=URL, private_key=key))
