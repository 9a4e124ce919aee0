"""How the application proves who it is, checked against the RFCs' own words and by joserfc."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import Key, OctKey

from flask_social.errors import ConfigurationError
from flask_social.http import Request
from flask_social.protocols import credentials
from flask_social.values import Client

from .paper import CLIENT, ISSUER, NOW, ec, okp, rsa, token

REQUEST = Request(method="POST", url="https://op.example/token", purpose="testing", form={"a": "b"})


def test_post_puts_id_and_secret_into_the_body() -> None:
    request = credentials.post(REQUEST, CLIENT, ISSUER)
    assert request.form == {"a": "b", "client_id": CLIENT.id, "client_secret": CLIENT.secret}
    assert "Authorization" not in request.headers


def test_basic_is_the_example_of_rfc_6749_section_2_3_1() -> None:
    client = Client(id="s6BhdRkqt3", secret="7Fjfp0ZBr1KtDRbnfVdmIw")
    request = credentials.basic(REQUEST, client, ISSUER)
    assert request.headers["Authorization"] == (
        "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"
    )
    assert request.form == {"a": "b"}


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("a:b", "a%3Ab"),
        ("100%", "100%25"),
        ("a b+c", "a+b%2Bc"),
        ("pässwörd", "p%C3%A4ssw%C3%B6rd"),
    ],
)
def test_basic_form_encodes_id_and_secret_first(text: str, encoded: str) -> None:
    request = credentials.basic(REQUEST, Client(id=text, secret=text), ISSUER)
    scheme, _, sent = request.headers["Authorization"].partition(" ")
    one, _, two = base64.b64decode(sent).decode("ascii").partition(":")
    assert (scheme, one, two) == ("Basic", encoded, encoded)
    assert unquote_plus(one) == text


def test_a_public_client_sends_its_id_alone() -> None:
    assert credentials.public(REQUEST, CLIENT, ISSUER).form == {"a": "b", "client_id": CLIENT.id}


def test_the_methods_go_by_their_registered_names() -> None:
    assert set(credentials.METHODS) == {
        "client_secret_post",
        "client_secret_basic",
        "private_key_jwt",
        "none",
    }


KEYS = [
    (rsa(), "RS256"),
    (ec("P-256"), "ES256"),
    (ec("P-384"), "ES384"),
    (ec("P-521"), "ES512"),
    (okp(), "Ed25519"),
]


@pytest.mark.parametrize("form", ["PEM", "JWK"])
@pytest.mark.parametrize(("key", "algorithm"), KEYS, ids=[name for _, name in KEYS])
def test_an_assertion_is_for_the_issuer_alone_and_soon_over(
    key: Any, algorithm: str, form: str
) -> None:
    text = key.as_pem(private=True).decode() if form == "PEM" else json.dumps(key.as_dict(True))
    client = Client(id="our-id", private_key=text, key_id="registered")
    forms = [credentials.signed(REQUEST, client, ISSUER).form or {} for _ in range(2)]
    assert forms[0]["client_id"] == "our-id"
    assert forms[0]["client_assertion_type"] == credentials.ASSERTION_TYPE
    assert "client_secret" not in forms[0]
    one, two = (jwt.decode(f["client_assertion"], key, algorithms=[algorithm]) for f in forms)
    assert (one.header["alg"], one.header["kid"]) == (algorithm, "registered")
    assert one.claims["iss"] == one.claims["sub"] == "our-id"
    assert one.claims["aud"] == ISSUER
    assert one.claims["iat"] == NOW
    assert NOW < one.claims["exp"] <= NOW + 300
    assert one.claims["jti"] != two.claims["jti"]


def test_an_assertion_for_an_endpoint_is_for_the_very_one_that_it_is_sent_to() -> None:
    client = Client(id="our-id", private_key=json.dumps(rsa().as_dict(private=True)))
    for url in (REQUEST.url, "https://evil.example/revoke"):
        form = credentials.signed_for_endpoint(replace(REQUEST, url=url), client, ISSUER).form or {}
        told = jwt.decode(form["client_assertion"], rsa(), algorithms=["RS256"])
        assert told.claims["aud"] == url


def test_a_statement_may_be_somebody_elses_about_the_client() -> None:
    client = Client(id="our-id", private_key=json.dumps(ec().as_dict(private=True)), key_id="k")
    text = credentials.assertion(client, ISSUER, issuer="the-team", lifetime=300)
    told = jwt.decode(text, ec(), algorithms=["ES256"])
    names = ("iss", "sub", "aud", "iat", "exp")
    wanted = ["the-team", "our-id", ISSUER, NOW, NOW + 300]
    assert [told.claims[name] for name in names] == wanted
    assert text not in repr(text)


def _header(client: Client) -> dict[str, Any]:
    form = credentials.signed(REQUEST, client, ISSUER).form or {}
    part = form["client_assertion"].partition(".")[0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return found


def test_an_assertion_names_the_key_as_the_key_names_itself() -> None:
    text = json.dumps(rsa("by-its-own-name").as_dict(private=True))
    assert _header(Client(id="our-id", private_key=text))["kid"] == "by-its-own-name"


def test_an_assertion_by_a_nameless_key_names_none() -> None:
    text = ec("P-256").as_pem(private=True).decode()
    assert "kid" not in _header(Client(id="our-id", private_key=text))


def _unsuitable() -> dict[str, str]:
    secret = OctKey.generate_key(256)
    keys: dict[str, Key] = {"a secret": secret, "a curve for exchange": okp("X25519")}
    texts = {name: json.dumps(key.as_dict(private=True)) for name, key in keys.items()}
    return texts | {
        "no key": "certainly not",
        "broken JSON": '{"kty": ',
        "a JWK without members": '{"kty": "RSA"}',
        "a list": '{"kty": ["RSA"]}',
        "the public half": json.dumps(rsa().as_dict(private=False)),
        "the public PEM": rsa().as_pem(private=False).decode(),
    }


@pytest.mark.parametrize("text", _unsuitable().values(), ids=_unsuitable().keys())
def test_a_private_key_that_cannot_sign_is_the_operators_mistake(text: str) -> None:
    with pytest.raises(ConfigurationError, match="private_key of the client our-id") as stopped:
        credentials.signed(REQUEST, Client(id="our-id", private_key=text), ISSUER)
    assert text not in str(stopped.value)


def test_a_missing_secret_is_the_operators_mistake() -> None:
    with pytest.raises(ConfigurationError, match="consumer_secret"):
        credentials.post(REQUEST, Client(id="our-id"), ISSUER)
    with pytest.raises(ConfigurationError, match="private_key"):
        credentials.signed(REQUEST, Client(id="our-id"), ISSUER)


def test_a_bearer_token_goes_into_the_header_and_not_into_the_address() -> None:
    request = credentials.bearer(
        Request(url="https://api.example/me", purpose="x"), token(), CLIENT
    )
    assert request.headers == {"Authorization": "Bearer the-access-token"}
    assert request.url == "https://api.example/me"


def test_a_token_goes_under_another_scheme_in_place_of_what_was_there() -> None:
    use = credentials.scheme("token")
    request = use(REQUEST.with_headers(authorization="Basic x"), token(), CLIENT)
    assert request.headers == {"Authorization": "token the-access-token"}


def test_a_token_goes_into_a_header_of_its_own() -> None:
    use = credentials.in_header("X-Token")
    kept = REQUEST.with_headers(Accept="*/*")
    kept = replace(kept, headers={**kept.headers, "x-token": "an old one"})
    request = use(kept, token(), CLIENT)
    assert request.headers == {"Accept": "*/*", "X-Token": "the-access-token"}
    assert "the-access-token" not in repr(request.headers)


def test_what_goes_with_a_token_in_the_query_may_be_the_clients() -> None:
    use = credentials.in_query("token", key="{client_id}", team="{team_id}")
    request = use(replace(REQUEST, url="https://op.example/me"), token(), CLIENT)
    assert request.url == "https://op.example/me?key=our-id&token=the-access-token"


def test_a_token_in_the_query_keeps_the_rest_of_the_query() -> None:
    use = credentials.in_query("oauth_token", v="20231010")
    request = use(Request(url="https://api.example/me?a=1", purpose="x"), token(), CLIENT)
    assert parse_qs(urlsplit(request.url).query) == {
        "a": ["1"],
        "oauth_token": ["the-access-token"],
        "v": ["20231010"],
    }
    assert request.headers == {}


def test_no_secret_shows_in_what_is_printed() -> None:
    client = Client(id="our-id", secret="s3cret", private_key="k3y")
    request = credentials.post(REQUEST, client, ISSUER)
    sent = credentials.bearer(request, token(access_token="t0ken"), client)
    shown = repr(client) + repr(sent) + repr(token(access_token="t0ken"))
    assert not any(each in shown for each in ("s3cret", "k3y", "t0ken"))
