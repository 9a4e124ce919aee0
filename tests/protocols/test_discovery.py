"""A provider's metadata."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social.errors import ProviderUnavailable
from flask_social.http import Response
from flask_social.protocols import discovery
from flask_social.protocols.endpoints import Endpoints

from .paper import ISSUER, answer

GOOD = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth?x=1",
    "token_endpoint": "https://tokens.example:8443/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "userinfo_endpoint": f"{ISSUER}/me",
    "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"],
    "something_new": {"of": ["any", "shape"]},
}


def read(changes: Any = None, issuer: str = ISSUER, **given: str) -> Endpoints:
    members = {n: v for n, v in {**GOOD, **(changes or {})}.items() if v is not ...}
    return discovery.read_metadata(answer(members), issuer, given)


def refusal(changes: Any, issuer: str = ISSUER, **given: str) -> str:
    with pytest.raises(ProviderUnavailable) as stopped:
        read(changes, issuer, **given)
    assert stopped.value.step == "reading the metadata"
    return stopped.value.code


def test_endpoints_are_taken_from_the_document() -> None:
    assert read() == Endpoints(
        authorize_url=f"{ISSUER}/auth?x=1",
        token_url="https://tokens.example:8443/token",
        jwks_url=f"{ISSUER}/jwks",
        userinfo_url=f"{ISSUER}/me",
        iss_required=False,
    )


def test_userinfo_may_be_missing_and_iss_may_be_announced() -> None:
    changes = {
        "userinfo_endpoint": ...,
        "authorization_response_iss_parameter_supported": True,
    }
    endpoints = read(changes)
    assert endpoints.userinfo_url is None
    assert endpoints.iss_required


@pytest.mark.parametrize(
    "issuer",
    [
        "https://evil.example",
        f"{ISSUER}/",
        ISSUER.upper(),
        "http://op.example",
        ...,
        None,
        [ISSUER],
        {},
        7,
        ISSUER + "\n",
        ISSUER[:-1],
    ],
)
def test_a33_a_document_that_speaks_for_somebody_else_is_refused(issuer: Any) -> None:
    assert refusal({"issuer": issuer}) == "wrong_issuer"


def test_a33_the_operators_log_names_the_mismatch_within_bounds() -> None:
    with pytest.raises(ProviderUnavailable, match=r"https://evil\.example") as stopped:
        read({"issuer": "https://evil.example/\n" + "x" * 999})
    assert "\n" not in str(stopped.value)
    assert len(str(stopped.value)) < 300


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("value", [..., None])
def test_what_is_required_must_be_there(name: str, value: Any) -> None:
    assert refusal({name: value}) == "bad_metadata"


def test_an_address_that_is_given_wins_and_need_not_be_in_the_document() -> None:
    endpoints = read({"token_endpoint": ...}, token_url="https://given.example/t")
    assert endpoints.token_url == "https://given.example/t"
    assert read(userinfo_url="https://given.example/u").userinfo_url == "https://given.example/u"


@pytest.mark.parametrize("name", discovery.MEMBERS.values())
@pytest.mark.parametrize(
    "value",
    [
        7,
        [],
        {},
        True,
        "",
        "/token",
        "op.example/token",
        "file:///etc/passwd",
        "javascript:x",
        "http://op.example/token",
        "https:///token",
        "https://localhost@evil.example/",
        "https://u:p@op.example/",
        "https://op.example:99999/",
        "https://op.example:0/",
        "https://op.example/#f",
        "https://op.example/ x",
        "https://op.example\\@evil.example/",
        "https://öp.example/",
        "https://[::1/",
        "https://op.example/\r\n",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://op.example.0x1/",
        "https://op.8example/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://localhost/",
        "https://localhost./",
        "https://LOCALHOST/",
        "https://op.localhost/",
        "https://op%2eexample/",
        "https://op..example/",
        "https://-op.example/",
        "https://op.example../",
        "https://./",
        f"https://{'o' * 64}.example/",
        f"https://{'op.' * 90}example/",
        "https://op.example/" + "x" * 1_982,
        "https://tokens/",
        "https://tokens./",
        "https://localhost.localdomain/",
        "https://ip6-localhost/",
        "https://ip6-loopback/",
        "https://op.localhost./",
        "https://OP.LOCALDOMAIN/",
        "https://metadata.google.internal/",
        "https://printer.local/",
    ],
)
def test_a34_an_endpoint_that_is_no_plain_https_address_is_refused(name: str, value: Any) -> None:
    assert refusal({name: value}) == "bad_metadata"


@pytest.mark.parametrize(
    "url",
    [
        "https://tokens.local.example/",
        "https://tokens.example./",
        "https://TOKENS.example/",
        "https://1tokens.example/",
        "https://a_b.xn--p1ai/",
        f"https://{'o' * 63}.example/",
        "https://op.example/" + "x" * 1_981,
    ],
)
def test_an_endpoint_may_have_any_public_name(url: str) -> None:
    assert read({"token_endpoint": url}).token_url == url


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "[fd00::1]", "localhost", "op.localhost", "op", "op.internal"]
)
def test_a34_what_the_operator_typed_is_the_operators_affair(host: str) -> None:
    """A private issuer has endpoints beside it, and an address that is given wins unread."""
    home = f"https://{host}:8443"
    endpoints = {name: f"{home}/x" for name in GOOD if name.endswith(("_endpoint", "_uri"))}
    assert read({"issuer": home, **endpoints}, home).token_url == f"{home}/x"
    assert refusal({"jwks_uri": f"{home}/x"}) == "bad_metadata"
    assert read({"jwks_uri": f"{home}/x"}, jwks_url=f"{home}/y").jwks_url == f"{home}/y"


def test_an_issuer_on_plain_http_may_have_endpoints_on_plain_http() -> None:
    local = "http://localhost:5001/op"
    changes = {
        "issuer": local,
        "authorization_endpoint": f"{local}/auth",
        "token_endpoint": f"{local}/token",
        "jwks_uri": f"{local}/jwks",
        "userinfo_endpoint": "https://op.example/me",
    }
    assert read(changes, local).token_url == f"{local}/token"
    assert refusal({**changes, "token_endpoint": "ftp://localhost/"}, local) == "bad_metadata"


@pytest.mark.parametrize("value", ["true", 1, None, []])
def test_a_member_of_the_wrong_type_is_an_error(value: Any) -> None:
    name = "authorization_response_iss_parameter_supported"
    assert refusal({name: value}) == "bad_metadata"


@pytest.mark.parametrize(
    "response",
    [answer(GOOD, 404), answer([GOOD]), answer(b"{"), answer(GOOD, media="text/html")],
)
def test_what_is_no_document_is_refused(response: Response) -> None:
    with pytest.raises(ProviderUnavailable) as stopped:
        discovery.read_metadata(response, ISSUER, {})
    assert (stopped.value.code, stopped.value.status) == ("bad_metadata", 503)


@pytest.mark.parametrize(
    ("issuer", "address"),
    [
        ("https://op.example", "https://op.example/.well-known/openid-configuration"),
        ("https://op.example/", "https://op.example/.well-known/openid-configuration"),
        ("https://op.example/t/1", "https://op.example/t/1/.well-known/openid-configuration"),
    ],
)
def test_the_document_stands_below_the_issuer(issuer: str, address: str) -> None:
    assert discovery.address_of(issuer) == address
